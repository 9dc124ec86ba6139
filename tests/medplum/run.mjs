// The real program, called by Medplum's client of CDS Hooks and asked as a FHIR server.
//
//   node run.mjs CAUDA [--out DIR] [--only WORD]
//
// One line a test, its reasons below; exits 1 when one failed. With --out, every resource that was
// answered is written there, for tests/fhir/validate.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import * as app from "./app.mjs";
import * as forms from "./forms.mjs";
import * as hooks from "./hooks.mjs";
import { Hospital } from "./hospital.mjs";
import { World } from "./world.mjs";

/** What follows a name on the command line. */
function option(name) {
  const at = process.argv.indexOf(name);
  return at > 0 ? process.argv[at + 1] : undefined;
}

/** One test: a line, its reasons when it failed. */
async function run(world, name, test) {
  world.faults = [];
  try {
    await test(world);
  } catch (error) {
    world.faults.push(String(error.stack ?? error).split("\n").slice(0, 6).join("\n      "));
  }
  const failed = world.faults.length > 0;
  console.log(`test ${name} ... ${failed ? "FAILED" : "ok"}`);
  for (const fault of [...new Set(world.faults)].slice(0, 40)) console.log(`    ${fault}`);
  return !failed;
}

const cauda = resolve(process.argv[2] ?? "");
if (!process.argv[2] || !existsSync(cauda)) {
  console.error("usage: node run.mjs CAUDA [--out DIR] [--only WORD]");
  process.exit(2);
}
const began = performance.now();
const folder = mkdtempSync(join(tmpdir(), "cauda-medplum-"));
const out = option("--out");
if (out) mkdirSync(out, { recursive: true });
const keep = (name, resource) => {
  if (out) writeFileSync(join(out, `served-${name}.json`), JSON.stringify(resource, null, 2));
};
let failed = 0;
let hospital;
try {
  hospital = await Hospital.open(cauda, folder);
  const world = new World(hospital, keep);
  const tests = Object.entries({ ...hooks, ...forms, ...app })
    .filter(([name, test]) => typeof test === "function" && /^[a-z]+(_[a-z0-9]+)+$/.test(name))
    .filter(([name]) => name.includes(option("--only") ?? ""));
  for (const [name, test] of tests) failed += await run(world, name, test) ? 0 : 1;
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`${tests.length - failed} passed, ${failed} failed, in ${seconds} s`);
  if (tests.length === 0) failed = 1;
  const warned = hospital.said().split("\n").filter((line) => /"(WARN|ERROR)"/.test(line));
  if (failed > 0 && warned.length > 0) console.log(`the department said:\n${warned.join("\n")}`);
} finally {
  await hospital?.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);
