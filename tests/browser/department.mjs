// The department as its people meet it: `cauda demo` in a real browser. Nurses and physicians
// enter findings through the real forms; what a person would notice is asserted.
//
//   node department.mjs CAUDA [--only WORD] [--shots DIR [--docs DIR]] [--paint]
//
// One line a test, its reasons below; exits 1 when one failed. TIMES=1 prints seconds too. `--shots` takes the pictures instead,
// `--paint` measures the time to the first paint on a slow line.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

import { Crew, Faults } from "./department/staff.mjs";
import * as check from "./department/check.mjs";
import * as ehr from "./department/ehr.mjs";
import * as home from "./department/home.mjs";
import * as mri from "./department/mri.mjs";
import * as pages from "./department/pages.mjs";
import { measurePaint } from "./department/paint.mjs";
import * as safety from "./department/safety.mjs";
import * as scenarios from "./department/scenarios.mjs";
import { takeShots } from "./department/shots.mjs";

const START_MS = 20_000;
const RUN_SECONDS_MAX = 150;

/** What follows a name on the command line. */
function option(name) {
  const at = process.argv.indexOf(name);
  return at > 0 ? process.argv[at + 1] : null;
}

/** Starts the demonstration with an EHR beside it; both addresses once they answer. */
async function serve(cauda, dir) {
  const file = join(dir, "address");
  const server = spawn(cauda, ["demo", "--ehr", "--listen", "127.0.0.1:0", "--address-file", file],
    { stdio: ["ignore", "pipe", "pipe"] });
  let said = "", told = "";
  const beside = new Promise((found) => {
    server.stdout.on("data", (data) => {
      told = (told + data).slice(-2_000);
      const hl7 = told.match(/HL7 of this machine is taken at ([\d.]+):(\d+)/);
      if (hl7) process.env.CAUDA_HL7 = `${hl7[1]} ${hl7[2]}`;
      const ehr = told.match(/An EHR stands beside it at (http:\S+)/);
      if (ehr) found(ehr[1]);
    });
  });
  server.stderr.on("data", (data) => { said = (said + data).slice(-2_000); });
  const address = await new Promise((found, failed) => {
    const read = () => {
      const text = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
      if (text) found(text);
    };
    watch(dir, read);
    server.on("exit", (code) => failed(new Error(`${cauda} ended with ${code}: ${said}`)));
    setTimeout(() => failed(new Error(`${cauda} did not answer in time: ${said}`)), START_MS).unref();
    read();
  });
  return { server, base: `http://${address}`, beside: await beside };
}

/** One test: a line, its reasons when it failed. */
async function run(browser, base, beside, name, test) {
  const faults = new Faults();
  const crew = new Crew(browser, base, faults);
  crew.ehr = beside;
  const began = performance.now();
  let note;
  try {
    note = await test(crew);
  } catch (error) {
    faults.expect(false, `${String(error.stack ?? error).split("\n").slice(0, 8).join("\n      ")}`);
  }
  await crew.home();
  const failed = faults.list.length > 0;
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`test ${name} ... ${failed ? "FAILED" : "ok"}`);
  for (const fault of [...new Set(faults.list)].slice(0, 40)) console.log(`    ${fault}`);
  if (note) console.log(`    ${note}`);
  if (process.env.TIMES) console.log(`    ${seconds} s`);
  return !failed;
}

const cauda = resolve(process.argv[2] ?? "");
if (!process.argv[2] || !existsSync(cauda)) {
  console.error("usage: node department.mjs CAUDA [--only WORD] [--shots DIR [--docs DIR]] [--paint]");
  process.exit(2);
}
const began = performance.now();
const dir = mkdtempSync(join(tmpdir(), "cauda-department-"));
const { server, base, beside } = await serve(cauda, dir);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-lcd-text"],
});
let failed = 0;
try {
  if (process.argv.includes("--paint")) {
    await measurePaint(browser, base);
  } else if (option("--shots")) {
    await takeShots(browser, base, resolve(option("--shots")), option("--docs"));
  } else {
    const tests = Object.entries({ ...pages, ...check, ...home, ...ehr, ...mri, ...safety, ...scenarios })
      .filter(([name, test]) => typeof test === "function" && /^[a-z]+(_[a-z0-9]+)+$/.test(name))
      .filter(([name]) => name.includes(option("--only") ?? ""));
    for (const [name, test] of tests) failed += await run(browser, base, beside, name, test) ? 0 : 1;
    const seconds = Math.round((performance.now() - began) / 1_000);
    console.log(`${tests.length - failed} passed, ${failed} failed, in ${seconds} s`);
    // A busy machine is no fault of the pages.
    if (seconds > RUN_SECONDS_MAX) console.log(`longer than ${RUN_SECONDS_MAX} s`);
  }
} finally {
  await browser.close();
  server.removeAllListeners("exit");
  const ended = once(server, "exit");
  server.kill("SIGINT");
  await ended;
  rmSync(dir, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);
