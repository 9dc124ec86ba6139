// What every test has at hand: Medplum's clients, the patients of the EHR, and a list of faults.

import { createRequire } from "node:module";
import { join } from "node:path";

import { faultsOf } from "./card.mjs";

// Medplum wants one to be there when it is loaded; nothing here listens to anything.
globalThis.WebSocket ??= class {};
const need = createRequire(join(process.env.MEDPLUM, "package.json"));
const { MedplumClient, buildCdsRequest } = need("@medplum/core");

/** All patients that the stand-in has. */
export const PATIENTS =
  ["strain", "cauda-equina", "cancer", "infection", "fall", "child", "already-right"];
export const IMAGING = "back-pain-imaging";
const USER = { resourceType: "Practitioner", id: "dr-lind" };

/** Orders of an order screen, by LOINC: MR and X-ray of the lumbar spine. */
export const MRI = "30679-5";
export const XRAY = "24972-2";

export function draft(patient, code, priority = "routine") {
  return {
    resourceType: "ServiceRequest", id: "d1", status: "draft", intent: "order", priority,
    code: { coding: [{ system: "http://loinc.org", code }] },
    subject: { reference: `Patient/${patient}` },
    encounter: { reference: `Encounter/${patient}-visit` },
    reasonCode: [{ coding: [{ system: "http://hl7.org/fhir/sid/icd-10-cm", code: "M54.50" }] }],
  };
}

export class World {
  constructor(hospital, keep) {
    this.hospital = hospital;
    this.keep = keep;
    this.faults = [];
    this.charts = new Map();
    this.cds = this.client((url) => hospital.token(url));
  }

  expect(right, fault) {
    if (!right) this.faults.push(fault);
  }

  /** Medplum's client at the department, with a token of its own for each address; the status
   *  of its latest answer stands in `status`. */
  client(token) {
    const told = {};
    const signed = async (url, options = {}) => {
      const with_ = token(url);
      const headers = { ...options.headers, ...(with_ && { authorization: `Bearer ${with_}` }) };
      const answer = await fetch(url, { ...options, headers });
      told.status = answer.status;
      return answer;
    };
    const options = { baseUrl: this.hospital.department, fetch: signed, maxRetries: 0 };
    const client = new MedplumClient(options);
    return Object.assign(client, { told });
  }

  /** Medplum's client at the EHR's FHIR server, by leave for one patient, and who that is. */
  async chart(patient) {
    if (!this.charts.has(patient)) {
      const leave = await this.hospital.leave(patient);
      const options = { baseUrl: this.hospital.ehr, fhirUrlPath: "fhir", maxRetries: 0 };
      const client = new MedplumClient({ ...options, accessToken: leave.access_token });
      this.charts.set(patient, { client, leave, cache: new Map() });
    }
    return this.charts.get(patient);
  }

  async services() {
    this.listed ??= (await this.cds.getCdsServices()).services;
    return this.listed;
  }

  async service(hook) {
    return (await this.services()).find((one) => one.hook === hook);
  }

  /** A call as Medplum builds it, its prefetch read from the chart. What the EHR refuses stands
   *  there as the refusal, and its key in `refused`. */
  async request(service, patient, orders = []) {
    const { client, leave, cache } = await this.chart(patient);
    const context =
      { userId: "Practitioner/dr-lind", patientId: patient, encounterId: leave.encounter };
    if (service.hook.startsWith("order-")) {
      const entry = orders.map((resource) => ({ resource }));
      context.draftOrders = { resourceType: "Bundle", type: "collection", entry };
    }
    if (service.hook === "order-select") {
      context.selections = orders.map(({ id }) => `ServiceRequest/${id}`);
    }
    const bare = await buildCdsRequest(client, USER, { ...service, prefetch: undefined }, context);
    const refused = [];
    for (const [key, query] of Object.entries(service.prefetch)) {
      if (!cache.has(key)) {
        const one = { ...service, prefetch: { [key]: query } };
        const built = buildCdsRequest(client, USER, one, context);
        cache.set(key, await built.then(({ prefetch }) => prefetch[key], ({ outcome }) => outcome));
      }
      bare.prefetch[key] = cache.get(key);
      if (bare.prefetch[key]?.resourceType === "OperationOutcome") refused.push(key);
    }
    return { body: bare, refused };
  }

  /** Leave for the service to read the chart by itself (CDS Hooks 2.0, "Passing the Access
   *  Token"). */
  async access(patient) {
    const { leave } = await this.chart(patient);
    const { access_token, token_type, expires_in, scope } = leave;
    const fhirAuthorization =
      { access_token, token_type, expires_in, scope, subject: "cauda", patient };
    return { fhirServer: this.hospital.fhir, fhirAuthorization };
  }

  /** Calls a service; every fault of its answer is a fault of the test. */
  async call(hook, patient, orders = [], change = {}) {
    const service = await this.service(hook);
    const { body } = await this.request(service, patient, orders);
    const answer = await this.cds.callCdsService(service.id, { ...body, ...change });
    for (const fault of faultsOf(answer, orders)) {
      this.faults.push(`${hook} of ${patient}: ${fault}`);
    }
    return answer;
  }

  /** A call of the department as a FHIR server; its status, and its body which is kept too. */
  async fhir(name, path, body) {
    const url = `${this.hospital.department}/fhir${path}`;
    const headers = {
      // The token is for the address without its query.
      authorization: `Bearer ${this.hospital.token(url.split("?")[0])}`,
      "content-type": "application/fhir+json",
    };
    const options = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
    const answer = await fetch(url, options);
    const resource = await answer.json();
    this.expect(answer.headers.get("content-type").startsWith("application/fhir+json"),
      `${path}: it says ${answer.headers.get("content-type")}`);
    this.keep(name, resource);
    return { status: answer.status, resource };
  }
}
