// The guideline's CQL library, translated and run for every patient, beside the
// engine's answers; then with faults planted in it, each of which must be found.
//
//   node run.mjs PLACE WORK [--planted N] [--seed S]
//
// PLACE holds the programs (tests/cql/install); WORK holds the library, the
// patients and the engine's speed (see crates/knowledge/tests/it/comparison.rs).
import { availableParallelism } from 'node:os';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { PLANTED } from './planted.mjs';
import { translator } from './translate.mjs';

const WORKERS = Math.min(2, availableParallelism());
const SHOWN_MAX = 5;

const [place, work, ...flags] = process.argv.slice(2);
const flag = (name) => {
  const at = flags.indexOf(name);
  return at < 0 ? 0 : Number(flags[at + 1]);
};
const patients = join(work, 'patients.ndjson');

/// What the library assumes of a fact until told otherwise. The engine's findings say so much
/// aloud; for every second patient it is left unsaid, so that the library assumes it by itself.
function assumptions(text) {
  const lines = /Coalesce\("one of"\("([^"]+)", \{[^}]*\}\), '([^']+)'\)/g;
  return Object.fromEntries([...text.matchAll(lines)].map(([, given, word]) => [given, word]));
}

/// Compares every patient, or stops at the first that differs.
async function compare(elm, stopAtFirst) {
  const all = { differs: [], compared: 0, seconds: 0 };
  const workers = Array.from({ length: WORKERS }, (_, share) => {
    const workerData = { place, elm, patients, assumed, share, shares: WORKERS, stopAtFirst };
    return new Worker(new URL('./evaluate.mjs', import.meta.url), { workerData });
  });
  await Promise.all(workers.map((worker) => new Promise((resolve, reject) => {
    let done = false;
    worker.on('error', reject);
    worker.on('exit', () => (done ? resolve() : reject(new Error('a worker ended too early'))));
    worker.on('message', (told) => {
      if (told.differs) all.differs.push(told.differs);
      if (told.differs && stopAtFirst) {
        for (const other of workers) other.emit('message', { done: { compared: 0, seconds: 0 } });
        for (const other of workers) other.terminate();
      }
      if (told.done) {
        done = true;
        all.compared += told.done.compared;
        all.seconds += told.done.seconds;
      }
    });
  })));
  return all;
}

/// The next planted edits, so that every one has its turn.
function chosen(count, seed) {
  const some = Math.min(count, PLANTED.length);
  return Array.from({ length: some }, (_, at) => PLANTED[(seed * some + at) % PLANTED.length]);
}

const file = readdirSync(work).find((name) => name.endsWith('.cql'));
const text = readFileSync(join(work, file), 'utf8');
const assumed = assumptions(text);
if (Object.keys(assumed).length === 0) throw new Error('the library assumes nothing any more');
const translate = await translator(place);
const begun = performance.now();
const { elm, errors, warnings } = translate(text);
const seconds = ((performance.now() - begun) / 1000).toFixed(1);
for (const told of [...errors, ...warnings].slice(0, SHOWN_MAX)) console.log(told);
console.log(
  `${file}: ${elm.library.statements?.def?.length ?? 0} definitions translated in ${seconds} s, ` +
    `${errors.length} errors, ${warnings.length} warnings`,
);
if (errors.length > 0 || warnings.length > 0) process.exit(1);
const elmFile = join(work, file.replace(/\.cql$/, '.json'));
writeFileSync(elmFile, JSON.stringify(elm));

const all = await compare(elmFile, false);
for (const { name, told } of all.differs.slice(0, SHOWN_MAX)) {
  console.log(`${name}\n  ${told.slice(0, SHOWN_MAX).join('\n  ')}`);
}
const engine = JSON.parse(readFileSync(join(work, 'engine.json'), 'utf8'));
const speed = all.compared / all.seconds;
console.log(
  `${all.compared} patients, ${all.differs.length} answered otherwise; the engine decides ` +
    `${engine.decisions_per_second} patients a second, cql-execution ${speed.toFixed(1)}: ` +
    `${Math.round(engine.decisions_per_second / speed)} times as many`,
);
let failed = all.differs.length > 0 || all.compared === 0;

for (const [name, from, to] of chosen(flag('--planted'), flag('--seed'))) {
  const edited = text.replace(from, () => to);
  const found = edited === text ? { errors: ['its line is not in the library'] } : translate(edited);
  if (found.errors.length > 0) {
    console.log(`planted, ${name}: ${found.errors[0]}`);
    failed = true;
    continue;
  }
  const planted = join(work, 'planted.elm');
  writeFileSync(planted, JSON.stringify(found.elm));
  const { differs } = await compare(planted, true);
  console.log(`planted, ${name}: ${differs.length > 0 ? `found, ${differs[0].name}` : 'NOT FOUND'}`);
  failed ||= differs.length === 0;
}
process.exit(failed ? 1 : 0);
