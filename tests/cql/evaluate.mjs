// One worker: runs the library for its share of the patients in cql-execution,
// and sends what differs from the engine's answer.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

const { place, elm, patients, assumed, share, shares, stopAtFirst } = workerData;
const cql = createRequire(join(place, 'package.json'))('cql-execution');
const library = new cql.Library(JSON.parse(readFileSync(elm, 'utf8')));
// In the order of the text: whatever a define looks at has mostly been worked out.
const names = Object.keys(library.expressions);
const FIELDS = [
  'at_least', 'at_most', 'acted_on', 'first_step', 'disposition', 'conflict', 'in_scope', 'decided',
];

/// A parameter as the engine takes it: a word, a list, or an interval of quantities.
function parameter(given) {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) return given;
  const end = (number) => new cql.Quantity(Number(number), given.unit);
  return new cql.Interval(end(given.low), end(given.high), given.low_closed, given.high_closed);
}

/// Leaves out what the library assumes anyway.
function leaveUnsaid(parameters) {
  for (const [given, word] of Object.entries(assumed)) {
    if (parameters[given] === word) parameters[given] = null;
  }
}

/// The value of every define for one patient.
async function evaluate(parameters) {
  const entries = Object.entries(parameters).map(([name, given]) => [name, parameter(given)]);
  const patient = { id: () => 'one' };
  const context =
    new cql.PatientContext(library, patient, undefined, Object.fromEntries(entries));
  const found = {};
  for (const name of names) found[name] = await library.expressions[name].execute(context);
  return found;
}

/// What differs between an answer and the engine's.
function differences(found, expected) {
  const told = [];
  const same = (what, ours, theirs) => {
    if ((ours ?? null) !== (theirs ?? null)) told.push(`${what}: ${theirs}, CQL says ${ours}`);
  };
  const decision = found.Decision;
  for (const field of FIELDS) same(field, decision[field], expected[field]);
  same('concerns', decision.concerns.length, Object.keys(expected.concerns).length);
  for (const { page, state, settles } of decision.concerns) {
    same(page, state, expected.concerns[page]?.state);
    same(`${page} settles`, settles, expected.concerns[page]?.settles);
  }
  for (const [page, holds] of Object.entries(expected.pages)) {
    if (!(page in found)) told.push(`${page}: it is not in the library`);
    same(page, found[page], holds);
  }
  return told;
}

const lines = readFileSync(patients, 'utf8').trimEnd().split('\n');
const begun = performance.now();
let compared = 0;
for (let at = share; at < lines.length; at += shares) {
  const { name, parameters, expected } = JSON.parse(lines[at]);
  // By pairs, so that each worker has both kinds.
  if (at % 4 < 2) leaveUnsaid(parameters);
  let told;
  try {
    told = differences(await evaluate(parameters), expected);
  } catch (error) {
    told = [`no answer: ${error.message}`];
  }
  compared += 1;
  if (told.length > 0) parentPort.postMessage({ differs: { name, told } });
  if (told.length > 0 && stopAtFirst) break;
}
parentPort.postMessage({ done: { compared, seconds: (performance.now() - begun) / 1000 } });
