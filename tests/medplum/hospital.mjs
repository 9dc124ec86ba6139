// Two programs at work. `cauda demo --ehr` brings the EHR with its invented patients. `cauda serve`
// is the department that is tried: its settings register us as an EHR, with a key of our own.

import { spawn } from "node:child_process";
import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";

const START_MS = 60_000;
const STOP_MS = 10_000;
const SAID_CHARACTERS_MAX = 4_000;
const TOKEN_SECONDS = 60;
const ISSUER = "https://medplum-client.invalid";
const NUMBERS = "https://ehr-stand-in.invalid/patient-number";
const HOOKS =
  ["patient-view", "order-select", "order-sign", "encounter-start", "encounter-discharge"];
/** What a chart is read with. */
const SCOPES = ["Patient.r", "Encounter.r", "Condition.rs", "Observation.rs",
  "MedicationRequest.rs", "MedicationStatement.rs", "AllergyIntolerance.rs", "Procedure.rs",
  "Device.rs", "ServiceRequest.rs", "DiagnosticReport.rs", "CarePlan.rs", "Task.rs",
  "Provenance.rs", "GuidanceResponse.rs"].map((scope) => `patient/${scope}`).join(" ");

const base64 = (value) => Buffer.from(value).toString("base64url");

/** A signed token (RFC 7519) by ES384. */
function jwt(key, kid, claims) {
  const header = { alg: "ES384", kid, typ: "JWT" };
  const text = `${base64(JSON.stringify(header))}.${base64(JSON.stringify(claims))}`;
  const signature = sign("sha384", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${base64(signature)}`;
}

const now = () => Math.floor(Date.now() / 1_000);

/** Starts the program and waits for the words it says when it answers. */
async function start(cauda, args, folder, words) {
  mkdirSync(folder);
  const address = join(folder, "address");
  const all = [...args, "--listen", "127.0.0.1:0", "--address-file", address];
  const options = { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, TMPDIR: folder } };
  const program = spawn(cauda, all, options);
  let said = "";
  let watcher;
  await new Promise((found, failed) => {
    const read = () => {
      if (existsSync(address) && readFileSync(address, "utf8").trim() && words.test(said)) found();
    };
    for (const pipe of [program.stdout, program.stderr]) {
      pipe.on("data", (data) => {
        said = (said + data).slice(-SAID_CHARACTERS_MAX);
        read();
      });
    }
    watcher = watch(folder, read);
    program.once("error", failed);
    program.once("exit", (code) => failed(new Error(`${cauda} ended with ${code}: ${said}`)));
    const late = () => failed(new Error(`${cauda} did not answer in time: ${said}`));
    setTimeout(late, START_MS).unref();
  }).finally(() => watcher?.close());
  const at = `http://${readFileSync(address, "utf8").trim()}`;
  return { program, at, found: words.exec(said)[1], said: () => said };
}

function settings(fhir, keys, appKey) {
  const text = (value) => JSON.stringify(value);
  return `[ehr]
url = ""
hooks = ${text(HOOKS)}

[[ehr.registered]]
name = "Medplum"
tenant = "medplum"
fhir_base = ${text(fhir)}
issuers = [${text(ISSUER)}]
keys = ${text(keys)}
number_system = ${text(NUMBERS)}
rating = true
private_addresses = true

[[ehr.smart]]
tenant = "medplum"
client_id = "cauda"
key = ${text(appKey)}
`;
}

/** Where what the demonstration keeps for itself lies, of which the key of its app is wanted: the
 *  stand-in knows that one app, and whoever reads a chart there does so by its leave. */
function appKeyOf(folder) {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name, "app.key");
    if (existsSync(file)) return file;
  }
  throw new Error("the demonstration has no key of its app");
}

export class Hospital {
  /** Opens both, each with a folder of its own below this one. */
  static async open(cauda, folder) {
    const hospital = new Hospital();
    hospital.programs = [];
    try {
      await hospital.#open(cauda, folder);
    } catch (error) {
      await hospital.close();
      throw error;
    }
    return hospital;
  }

  async #open(cauda, folder) {
    const words = /An EHR stands beside it at (http:\/\/127\.0\.0\.1:\d+)/;
    const demo = await start(cauda, ["demo", "--ehr"], join(folder, "demo"), words);
    this.programs.push(demo.program);
    this.demo = demo.at;
    this.ehr = demo.found;
    this.fhir = `${this.ehr}/fhir`;
    const appKey = appKeyOf(join(folder, "demo"));
    this.appKey = createPrivateKey(readFileSync(appKey));
    const pair = generateKeyPairSync("ec", { namedCurve: "P-384" });
    this.key = pair.privateKey;
    this.stranger = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
    this.kid = "medplum-1";
    const keys = join(folder, "keys.json");
    const jwk = pair.publicKey.export({ format: "jwk" });
    const published = { ...jwk, kid: this.kid, alg: "ES384", use: "sig" };
    writeFileSync(keys, JSON.stringify({ keys: [published] }));
    const config = join(folder, "settings.toml");
    writeFileSync(config, settings(this.fhir, keys, appKey));
    const args = ["serve", "--config", config, "--database", join(folder, "record.sqlite")];
    const served = await start(cauda, args, join(folder, "department"), /(Cauda answers)/);
    this.programs.push(served.program);
    this.department = served.at;
    this.said = served.said;
  }

  /** A token for that address, as CDS Hooks wants one ("Trusting CDS Clients"). */
  token(url, { key = this.key, ...change } = {}) {
    const claims = { iss: ISSUER, tenant: "medplum", aud: url, jti: randomUUID() };
    const times = { iat: now(), exp: now() + TOKEN_SECONDS };
    return jwt(key, this.kid, { ...claims, ...times, ...change });
  }

  /** Leave to read a patient's chart (SMART App Launch 2, standalone). */
  async leave(patient) {
    const answer = await fetch(`${this.fhir}/.well-known/smart-configuration`);
    const { authorization_endpoint: authorize, token_endpoint: tokens } = await answer.json();
    const verifier = base64(randomUUID() + randomUUID());
    const back = `${this.demo}/ehr/back`;
    const asked = new URLSearchParams({
      response_type: "code", client_id: "cauda", redirect_uri: back, aud: this.fhir,
      scope: `launch/patient ${SCOPES}`, state: randomUUID(), picked: patient,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    });
    const sent = await fetch(`${authorize}?${asked}`, { redirect: "manual" });
    const code = new URL(sent.headers.get("location")).searchParams.get("code");
    const keys = await (await fetch(`${this.demo}/.well-known/jwks.json`)).json();
    const claims = {
      iss: "cauda", sub: "cauda", aud: tokens, exp: now() + TOKEN_SECONDS, jti: randomUUID(),
    };
    const form = new URLSearchParams({
      grant_type: "authorization_code", code, redirect_uri: back, code_verifier: verifier,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: jwt(this.appKey, keys.keys[0].kid, claims),
    });
    const given = await fetch(tokens, { method: "POST", body: form });
    const leave = await given.json();
    if (!given.ok) throw new Error(`no leave for ${patient}: ${JSON.stringify(leave)}`);
    return leave;
  }

  async close() {
    for (const program of this.programs) {
      program.removeAllListeners("exit");
      if (program.exitCode !== null || program.signalCode !== null) continue;
      const ended = once(program, "exit");
      program.kill("SIGINT");
      const late = setTimeout(() => program.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(late);
    }
  }
}
