// CDS Hooks as Medplum speaks it.

import { ratingOf } from "./card.mjs";
import { IMAGING, MRI, PATIENTS, XRAY, draft } from "./world.mjs";

const HOOKS =
  ["encounter-discharge", "encounter-start", "order-select", "order-sign", "patient-view"];
/** Of what is said to somebody in danger. */
const URGENT = ["warning", "critical"];

/** What a refused call was told: Medplum throws, and the status is seen by its fetch. */
async function refused(client, calling) {
  const error = await calling().then(() => null, (error) => error);
  return { status: client.told.status, text: String(error?.message ?? "") };
}

export async function nobody_is_let_in_without_a_token_of_ours(world) {
  const { hospital } = world;
  const service = await world.service("order-sign");
  const { body } = await world.request(service, "strain", [draft("strain", MRI)]);
  const other = `${hospital.department}/cds-services`;
  const strangers = {
    "no token": () => undefined,
    "a token of another key": (url) => hospital.token(url, { key: hospital.stranger }),
    "a token for another address": () => hospital.token(`${other}/else`),
    "a token of another issuer": (url) => hospital.token(url, { iss: "https://other.invalid" }),
    "a token that has run out": (url) => hospital.token(url, { exp: 1 }),
    "an unsigned token": (url) => {
      const [, claims] = hospital.token(url).split(".");
      return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.${claims}.`;
    },
  };
  for (const [what, token] of Object.entries(strangers)) {
    const client = world.client(token);
    const feedback = `cds-services/${IMAGING}/feedback`;
    const calls = {
      discovery: () => client.getCdsServices(),
      service: () => client.callCdsService(IMAGING, body),
      feedback: () => client.post(feedback, { feedback: [] }, "application/json"),
    };
    for (const [name, calling] of Object.entries(calls)) {
      const { status } = await refused(client, calling);
      world.expect(status === 401, `${name} with ${what}: ${status}`);
    }
  }
  const once = hospital.token(`${other}/${IMAGING}`);
  const client = world.client(() => once);
  await client.callCdsService(IMAGING, body);
  const { status } = await refused(client, () => client.callCdsService(IMAGING, body));
  world.expect(status === 401, `the same token twice: ${status}`);
}

export async function every_hook_is_listed_with_what_it_wants(world) {
  const services = await world.services();
  const hooks = services.map(({ hook }) => hook).sort();
  world.expect(String(hooks) === String(HOOKS), `hooks: ${hooks}`);
  for (const { id, title, description, prefetch, version } of services) {
    world.expect([id, title, description, version].every((text) => text), `${id} is not whole`);
    const { patient } = prefetch;
    world.expect(patient === "Patient/{{context.patientId}}", `${id}: ${patient}`);
    for (const query of Object.values(prefetch)) {
      world.expect(!/draftOrders|selections/.test(query), `${query} uses what is no token`);
    }
  }
  const of = (hook) => services.find((one) => one.hook === hook)?.id;
  world.expect(of("order-select") === of("order-sign"), "the two order hooks are two services");
}

export async function all_that_is_asked_for_may_be_read(world) {
  const service = await world.service("order-sign");
  const { refused } = await world.request(service, "fall", [draft("fall", MRI)]);
  world.expect(refused.length === 0, `the app has no leave to read ${refused.join(", ")}`);
}

export async function every_patient_is_answered_at_every_hook(world) {
  for (const patient of PATIENTS) {
    for (const { hook } of await world.services()) {
      const orders = hook.startsWith("order-") ? [draft(patient, MRI)] : [];
      const answer = await world.call(hook, patient, orders);
      for (const [at, card] of answer.cards.entries()) {
        for (const { actions } of card.suggestions ?? []) {
          for (const [index, { resource }] of (actions ?? []).entries()) {
            if (resource) world.keep(`${hook}-${patient}-${at}-${index}`, resource);
          }
        }
        world.expect(card.links?.some(({ type }) => type === "smart"), `${hook}: no app to open`);
        // What only informs asks for nothing that could be set aside.
        const may = card.indicator === "info" || card.overrideReasons?.length > 1;
        world.expect(may, `${hook} of ${patient}: no override reasons`);
      }
      for (const { resource } of answer.systemActions ?? []) {
        world.keep(`${hook}-${patient}-rated`, resource);
      }
    }
  }
}

export async function what_is_known_decides_what_is_said(world) {
  const said = async (patient, hook, code) => {
    const orders = code ? [draft(patient, code)] : [];
    const { cards } = await world.call(hook, patient, orders);
    return cards.map(({ indicator, summary }) => `${indicator}: ${summary}`).join("; ");
  };
  for (const [patient, hook, code, wanted] of [
    ["strain", "order-sign", MRI, /^info: Cannot decide yet/],
    ["cauda-equina", "order-sign", XRAY, /^critical: .*emergency.*cauda equina/i],
    ["cauda-equina", "patient-view", undefined, /^critical: /],
    ["cauda-equina", "encounter-discharge", undefined, /^critical: Not to leave yet/],
    ["infection", "order-sign", XRAY, /^warning: MRI within 24 hours/],
    ["infection", "encounter-discharge", undefined, /^warning: Not to leave yet/],
    ["cancer", "order-sign", XRAY, /^warning: .*Suspected: spinal metastasis/],
  ]) {
    const told = await said(patient, hook, code);
    world.expect(wanted.test(told), `${hook} of ${patient}: ${told || "nothing"}`);
  }
}

export async function nobody_in_doubt_or_in_danger_is_rated_down(world) {
  for (const patient of PATIENTS) {
    for (const code of [MRI, XRAY]) {
      const answer = await world.call("order-sign", patient, [draft(patient, code)]);
      for (const { resource } of answer.systemActions ?? []) {
        world.expect(ratingOf(resource) !== "not-appropriate", `${patient}: ${code} is rated down`);
      }
      const undecided = answer.cards.some(({ summary }) => summary.startsWith("Cannot decide"));
      world.expect(!undecided || !answer.systemActions, `${patient}: undecided and rated`);
    }
  }
}

export async function a_better_order_is_taken_as_it_is_offered(world) {
  const order = draft("cauda-equina", XRAY);
  const { cards } = await world.call("order-sign", "cauda-equina", [order]);
  const offered = cards[0].suggestions.find(({ isRecommended }) => isRecommended);
  const { resource } = offered.actions[0];
  world.expect(resource.priority === "stat", `priority ${resource.priority}`);
  world.expect(resource.code.coding[0].code !== XRAY, "it is still the X-ray");
  // Signed as it was offered, the order is right, and nothing warns any more.
  const again = await world.call("order-sign", "cauda-equina", [resource]);
  const warns = again.cards.filter(({ indicator, suggestions }) =>
    URGENT.includes(indicator) && suggestions);
  world.expect(warns.length === 0, `it warns of its own order: ${warns[0]?.summary}`);
}

export async function what_was_not_sent_is_read_from_the_ehr(world) {
  const orders = [draft("infection", XRAY)];
  const sent = await world.call("order-sign", "infection", orders);
  const access = await world.access("infection");
  const read = await world.call("order-sign", "infection", orders, { prefetch: {}, ...access });
  const words = ({ indicator, summary }) => `${indicator}: ${summary}`;
  const of = ({ cards }) => cards.map(words).join();
  world.expect(of(sent) === of(read), `sent: ${of(sent)}; read: ${of(read)}`);
  const without = world.client((url) => world.hospital.token(url));
  // Of a visit that was asked about before something is known, so another one is asked about.
  const { body } = await world.request(await world.service("order-sign"), "infection", orders);
  body.context = { ...body.context, encounterId: "never-asked-about" };
  const { status, text } =
    await refused(without, () => without.callCdsService(IMAGING, { ...body, prefetch: {} }));
  world.expect(status === 412 && /patient/i.test(text), `without both: ${status} ${text}`);
}

export async function what_failed_or_was_not_found_never_reassures(world) {
  const orders = [draft("infection", XRAY)];
  const { body } = await world.request(await world.service("order-sign"), "infection", orders);
  const issue = [{ severity: "error", code: "exception" }];
  const failed = { resourceType: "OperationOutcome", issue };
  for (const [what, value] of [["null", null], ["failed", failed], ["absent", undefined]]) {
    const prefetch = Object.fromEntries(Object.entries(body.prefetch)
      .map(([key, known]) => [key, ["patient", "encounter"].includes(key) ? known : value])
      .filter(([, known]) => known !== undefined));
    const answer = await world.call("order-sign", "infection", orders, { prefetch });
    const told = answer.cards.map(({ summary }) => summary).join("; ");
    world.expect(/^Cannot decide yet/.test(told), `${what}: ${told || "nothing"}`);
    world.expect(!answer.systemActions, `${what}: rated`);
  }
}

export async function feedback_is_taken_as_it_comes(world) {
  const { cards } = await world.call("order-sign", "cancer", [draft("cancer", XRAY)]);
  const [card] = cards;
  const path = `cds-services/${IMAGING}/feedback`;
  const at = (seconds) => ({ card: card.uuid, outcomeTimestamp: `2026-11-26T09:00:0${seconds}Z` });
  const acceptedSuggestions = [{ id: card.suggestions[0].uuid }];
  const taken = { ...at(1), outcome: "accepted", acceptedSuggestions };
  const { code, system } = card.overrideReasons[0];
  const items = [
    [{ ...at(0), outcome: "overridden" }, 200],
    [taken, 200],
    [taken, 200],
    [{ ...at(2), outcome: "overridden", overrideReason: { reason: { code, system } } }, 200],
    [{ ...at(3), outcome: "overridden", overrideReason: { userComment: "seen by surgery" } }, 200],
    [{ ...at(4), outcome: "accepted" }, 400],
    [{ ...at(5), outcome: "ignored" }, 400],
  ];
  for (const [item, wanted] of items) {
    const sending = () => world.cds.post(path, { feedback: [item] }, "application/json");
    const { status, text } = await refused(world.cds, sending);
    world.expect(status === wanted, `${JSON.stringify(item)}: ${status} ${text}`);
  }
}
