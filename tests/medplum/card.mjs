// What CDS Hooks 2.0 and Argonaut PAMA ask of an answer, written from the standards alone: every
// fault of it in words.

import { isDeepStrictEqual } from "node:util";

const SUMMARY_CHARACTERS = 140;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const CARD = ["uuid", "summary", "detail", "indicator", "source", "suggestions",
  "selectionBehavior", "overrideReasons", "links", "extension"];
const PAMA = "http://fhir.org/argonaut/Extension/pama-rating";
const RATINGS = ["appropriate", "not-appropriate", "no-criteria-apply"];

const isText = (value) => typeof value === "string" && value.trim() !== "";
const isUrl = (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

/** Nothing is null, and nothing but `cards` is empty. */
function* empties(value, path) {
  if (value === null || value === "") yield `${path} is empty`;
  if (value === null || typeof value !== "object") return;
  const entries = Object.entries(value);
  if (entries.length === 0 && path !== "answer.cards") yield `${path} is empty`;
  for (const [name, inner] of entries) yield* empties(inner, `${path}.${name}`);
}

function* source({ label, url, icon, topic } = {}) {
  if (!isText(label)) yield "source.label is missing";
  if (url !== undefined && !isUrl(url)) yield "source.url is not absolute";
  if (icon !== undefined && !isUrl(icon)) yield "source.icon is not absolute";
  if (!isText(topic?.code) || !isText(topic?.system)) yield "source.topic has no code or system";
}

function* action(one, asked, path) {
  const { type, description, resource, resourceId } = one;
  if (!["create", "update", "delete"].includes(type)) yield `${path}.type is ${type}`;
  if (!isText(description)) yield `${path}.description is missing`;
  if (type === "delete" && (!isText(resourceId) || resource)) yield `${path} deletes nothing`;
  if (type === "delete") return;
  if (!isText(resource?.resourceType)) yield `${path}.resource is missing`;
  if (type !== "update") return;
  // The whole resource: nothing that the order screen sent is lost.
  const of = asked.find((order) => order.id === resource?.id);
  if (!of) yield `${path} updates what is no order of this call`;
  for (const name of Object.keys(of ?? {})) {
    if (!(name in resource)) yield `${path} loses ${name}`;
  }
  if (of && JSON.stringify(of.subject) !== JSON.stringify(resource.subject)) {
    yield `${path} is about somebody else`;
  }
}

function* suggestions({ suggestions: all, selectionBehavior }, asked) {
  if (all === undefined) {
    if (selectionBehavior !== undefined) yield "selectionBehavior stands without suggestions";
    return;
  }
  if (!["at-most-one", "any"].includes(selectionBehavior)) yield "selectionBehavior is missing";
  const recommended = all.filter((one) => one.isRecommended).length;
  if (selectionBehavior === "at-most-one" && recommended > 1) yield "two are recommended";
  for (const [at, one] of all.entries()) {
    const path = `suggestions[${at}]`;
    if (!isText(one.label)) yield `${path}.label is missing`;
    if (!UUID.test(one.uuid)) yield `${path}.uuid is missing`;
    for (const [index, doing] of (one.actions ?? []).entries()) {
      yield* action(doing, asked, `${path}.actions[${index}]`);
    }
  }
}

function* links(all = []) {
  for (const { label, url, type, appContext } of all) {
    if (!isText(label) || !isUrl(url)) yield "a link has no label or no absolute url";
    if (!["absolute", "smart"].includes(type)) yield `a link is of type ${type}`;
    if (appContext !== undefined && (type !== "smart" || !isText(appContext))) {
      yield "appContext stands where it may not";
    }
  }
}

function* card(one, asked) {
  for (const name of Object.keys(one)) if (!CARD.includes(name)) yield `${name} is not of a card`;
  if (!isText(one.summary)) yield "summary is missing";
  if ([...(one.summary ?? "")].length >= SUMMARY_CHARACTERS) yield "summary is too long";
  if (!["info", "warning", "critical"].includes(one.indicator)) yield `indicator ${one.indicator}`;
  if (!UUID.test(one.uuid)) yield "uuid is missing";
  if (/<\/?[a-z]/i.test(one.detail ?? "")) yield "detail holds HTML";
  yield* source(one.source);
  yield* suggestions(one, asked);
  yield* links(one.links);
  for (const { code, system, display } of one.overrideReasons ?? []) {
    if (![code, system, display].every(isText)) yield "an override reason is not whole";
  }
}

/** The code of the rating that an order carries. */
export function ratingOf(order) {
  const rating = order?.extension?.find(({ url }) => url === PAMA);
  return rating?.valueCodeableConcept?.coding?.[0]?.code;
}

/** A system action adds a rating and changes nothing else of the order. */
function* rating(one, asked) {
  yield* action({ description: "as it may be left out", ...one }, asked, "systemActions");
  if (one.type !== "update") yield `a system action is of type ${one.type}`;
  const bare = ({ extension, ...rest } = {}) => rest;
  const of = asked.find((order) => order.id === one.resource?.id);
  if (!isDeepStrictEqual(bare(of), bare(one.resource))) yield "a rating changes what is ordered";
  const extensions = one.resource?.extension ?? [];
  const has = (url, value) => extensions.some((known) => known.url === url && isText(known[value]));
  if (!RATINGS.includes(ratingOf(one.resource))) yield `rating ${ratingOf(one.resource)}`;
  if (!has(`${PAMA}-qcdsm-consulted`, "valueString")) yield "nobody was consulted";
  if (!has(`${PAMA}-consult-id`, "valueUri")) yield "the consultation has no id";
}

/** All faults of an answer to a call with these orders. */
export function faultsOf(answer, asked) {
  const faults = [...empties(answer, "answer")];
  if (!Array.isArray(answer?.cards)) return [...faults, "there is no list of cards"];
  for (const [at, one] of answer.cards.entries()) {
    faults.push(...[...card(one, asked)].map((fault) => `card ${at + 1}: ${fault}`));
  }
  const told = [...(answer.systemActions ?? []), ...(answer.extension?.systemActions ?? [])];
  for (const one of told) faults.push(...rating(one, asked));
  return faults;
}
