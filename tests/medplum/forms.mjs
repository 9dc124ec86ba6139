// The department asked as a FHIR server: forms, the next question, answers, the plan.

import { PATIENTS } from "./world.mjs";

const TURNS_MAX = 8;
const DANGER_TURN = 3;

const parameters = (parameter) => ({ resourceType: "Parameters", parameter });
const named = ({ parameter = [] }, name) =>
  parameter.find((one) => one.name === name)?.resource;

/** The chart as the EHR gave it to Medplum: `data` of an operation. */
async function data(world, patient) {
  const { body } = await world.request(await world.service("order-sign"), patient);
  const found = Object.values(body.prefetch).filter((one) => one !== null);
  return found.filter(({ resourceType }) => resourceType !== "OperationOutcome")
    .map((resource) => ({ name: "data", resource }));
}

async function forms(world) {
  const { resource } = await world.fhir("questionnaires", "/Questionnaire");
  return resource.entry;
}

export async function it_says_what_it_can(world) {
  const { status, resource } = await world.fhir("metadata", "/metadata");
  world.expect(status === 200 && resource.fhirVersion === "4.0.1", `${status}`);
  const operations = JSON.stringify(resource.rest);
  for (const name of ["populate", "next-question", "extract", "apply"]) {
    world.expect(operations.includes(name), `it does not say that it can ${name}`);
  }
  const open = await fetch(`${world.hospital.department}/fhir/metadata`);
  world.expect(open.status === 200, `without a token: ${open.status}`);
  for (const path of ["Questionnaire", "Questionnaire/x"]) {
    const closed = await fetch(`${world.hospital.department}/fhir/${path}`);
    world.expect(closed.status === 401, `${path} without a token: ${closed.status}`);
  }
}

export async function each_form_is_listed_read_and_filled_in(world) {
  const all = await forms(world);
  world.expect(all.length > 1, "there are no forms");
  const patient = await data(world, "infection");
  for (const { fullUrl, resource: listed } of all) {
    const path = `/Questionnaire/${listed.id}`;
    const { status, resource } = await world.fhir(`form-${listed.id}`, path);
    world.expect(status === 200 && resource.url === listed.url, `${listed.id}: ${status}`);
    world.expect(fullUrl.startsWith(world.hospital.department), fullUrl);
    const asked = parameters([
      { name: "questionnaire", valueUri: resource.url },
      { name: "subject", valueReference: { reference: "Patient/infection" } },
      ...patient,
    ]);
    const filled = await world.fhir(`populated-${listed.id}`, "/Questionnaire/$populate", asked);
    const response = named(filled.resource, "response");
    world.expect(response?.subject?.reference === "Patient/infection", `${listed.id}: no response`);
    world.expect(response?.questionnaire?.startsWith(listed.url), `${response?.questionnaire}`);
  }
  const others = new URLSearchParams({ url: "https://other.invalid/x" });
  const found = await world.fhir("none", `/Questionnaire?${others}`);
  const none = found.resource.total === 0 && !found.resource.entry;
  world.expect(none, "a form of others is ours");
}

export async function questions_come_until_a_danger_is_certain(world) {
  let response = {
    resourceType: "QuestionnaireResponse", status: "in-progress",
    subject: { reference: "Patient/strain" },
  };
  const known = await data(world, "strain");
  for (let turn = 0; turn < TURNS_MAX && response.status === "in-progress"; turn += 1) {
    const asked = parameters([{ name: "questionnaire-response", resource: response }, ...known]);
    const { status, resource } =
      await world.fhir(`next-question-${turn}`, "/Questionnaire/$next-question", asked);
    world.expect(status === 200, `turn ${turn}: ${status}`);
    response = named(resource, "return");
    const answered = (response.item ?? []).map(({ linkId }) => linkId);
    const next = response.contained[0].item.find(({ linkId }) => !answered.includes(linkId));
    if (!next) break;
    // "No" to all before the last, "yes, new" to that.
    const wanted = turn < DANGER_TURN ? "absent" : "new";
    const answer = next.answerOption.find(({ valueCoding: { code } }) => code === wanted);
    response.item = [...(response.item ?? []), { linkId: next.linkId, answer: [answer] }];
  }
  world.expect(response.status === "completed", `it is ${response.status} after a danger`);
  world.expect(response.item?.length === DANGER_TURN + 1, `${response.item?.length} questions`);
  response = { ...response, id: "r1", status: "completed", authored: "2026-11-26T09:00:00Z" };
  const asked = parameters([{ name: "questionnaire-response", resource: response }]);
  const { status, resource } =
    await world.fhir("extracted", "/QuestionnaireResponse/$extract", asked);
  const bundle = named(resource, "return");
  world.expect(status === 200 && bundle?.type === "transaction", `${status}: ${bundle?.type}`);
  const kinds = bundle.entry.map(({ resource: { resourceType } }) => resourceType);
  const seen = kinds.filter((kind) => kind === "Observation");
  world.expect(seen.length === response.item.length, `${seen.length} observations`);
}

export async function the_plan_of_every_patient_is_a_plan(world) {
  for (const patient of PATIENTS) {
    const asked = parameters([
      { name: "subject", valueString: `Patient/${patient}` },
      { name: "encounter", valueString: `Encounter/${patient}-visit` },
      ...await data(world, patient),
    ]);
    const path = "/PlanDefinition/$apply";
    const plan = await world.fhir(`plan-${patient}`, path, asked);
    world.expect(plan.resource.resourceType === "CarePlan", `${patient}: ${plan.status}`);
    const subject = plan.resource.subject?.reference;
    world.expect(subject === `Patient/${patient}`, `${patient}: of ${subject}`);
    const guiding = `${path}?return=GuidanceResponse`;
    const guided = await world.fhir(`guidance-${patient}`, guiding, asked);
    const { status, dataRequirement = [] } = guided.resource;
    // Every chart here lacks what only an examination can say.
    world.expect(status === "data-required", `${patient}: ${status}`);
    world.expect(dataRequirement.length > 0, `${patient}: nothing is required`);
  }
}

export async function what_is_odd_is_refused_in_words(world) {
  const none = parameters([{ name: "nothing", valueString: "x" }]);
  const other = parameters([
    { name: "planDefinition", valueUri: "https://other.invalid/PlanDefinition/x" },
    { name: "subject", valueString: "Patient/strain" },
  ]);
  for (const [name, path, body, wanted] of [
    ["populate", "/Questionnaire/$populate", none, 422],
    ["next", "/Questionnaire/$next-question", none, 422],
    ["extract", "/QuestionnaireResponse/$extract", none, 422],
    ["apply", "/PlanDefinition/$apply", none, 422],
    ["other", "/PlanDefinition/$apply", other, 404],
    ["form", "/Questionnaire/none", undefined, 404],
    ["structure", "/PlanDefinition/$apply", { resourceType: "Patient" }, 422],
  ]) {
    const { status, resource } = await world.fhir(`refused-${name}`, path, body);
    const right = status === wanted && resource.resourceType === "OperationOutcome";
    world.expect(right, `${path}: ${status} ${resource.resourceType}`);
  }
}
