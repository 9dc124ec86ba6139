// Every staff page at every width: accessible, inside its width, light, quiet, without scripts
// too; and the keyboard alone.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const WIDTHS = [390, 820, 1280];
const NARROWEST = 320;
const HEIGHT = 800;
const PAGE_BYTES_MAX = 80_000;
const TARGET_PX = 44;

/** A visit with a report to read, one that may go home, one that is not triaged. */
const REPORT = "demo-v6", HOME = "demo-v4", NEW = "demo-v0";
const tabs = ["triage", "examination", "decision", "results", "timeline", "handover", "leaving"];
const DOCTOR = [
  ...tabs.map((tab) => `/visit/${REPORT}/${tab}`), `/visit/${HOME}/decision`,
  "/tasks",
];
const NURSE = [
  "/sign-in", "/waiting", "/tasks", "/arrival?number=D-1007", "/arrival?number=nobody",
  `/visit/${NEW}/triage`, `/visit/${NEW}/decision`, `/visit/${REPORT}/timeline?tasks=1`,
  "/visit/nobody/triage", "/check/about",
];
/** What looks much like one of the above, and is looked at without axe. */
const ALIKE = [`/visit/${NEW}/examination`, `/visit/${REPORT}/results`, "/arrival"];

/** What is wrong with a page as it is laid out now. */
function layoutFaults([narrow, least]) {
  const faults = [];
  const root = document.documentElement;
  const over = root.scrollWidth - root.clientWidth;
  if (over > 0) {
    const wide = [...document.querySelectorAll("body *")]
      .find((node) => node.getBoundingClientRect().right > root.clientWidth + 1 && !node.closest(".unseen, .skip"));
    faults.push(`${over} px too wide, ${wide?.tagName.toLowerCase()}.${wide?.className}: ${wide?.textContent.slice(0, 40)}`);
  }
  if (narrow) return faults;
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  const twice = [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
  if (twice.length) faults.push(`ids stand twice: ${twice.slice(0, 4).join(", ")}${twice.length > 4 ? ` and ${twice.length - 4} more` : ""}`);
  const small = [];
  for (const node of document.querySelectorAll("main :is(button, a.button, input, select, summary), nav a")) {
    const shown = (node.matches("[type=radio], [type=checkbox]") && node.closest("label")) || node;
    const box = shown.getBoundingClientRect();
    if (box.width === 0 || node.type === "hidden") continue;
    if (box.height < least - 0.5 || box.width < least - 0.5) small.push(`${shown.textContent.trim().slice(0, 30) || node.name} ${Math.round(box.width)} × ${Math.round(box.height)}`);
  }
  if (small.length) faults.push(`${small.length} targets under ${least} px: ${small.slice(0, 3).join("; ")}`);
  const cut = [...document.querySelectorAll("main *")].filter((node) =>
    node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX === "hidden" && getComputedStyle(node).clipPath === "none");
  if (cut.length) faults.push(`cut off: ${cut[0].textContent.slice(0, 60)}`);
  return faults;
}

/** Widths one after the other: axe, and nothing sideways. */
export async function lookedAt(hand, name, { scripts = true } = {}) {
  const { page } = hand;
  const found = new Map();
  const note = (fault, width) => found.set(fault, [...(found.get(fault) ?? []), width]);
  if (scripts) await page.evaluate(AXE);
  for (const width of [NARROWEST, ...WIDTHS]) {
    await page.setViewportSize({ width, height: HEIGHT });
    const laid = await page.evaluate(layoutFaults, [width === NARROWEST, TARGET_PX]);
    for (const fault of laid) note(fault, width);
    if (!scripts || width === NARROWEST) continue;
    const axe = await page.evaluate((tags) =>
      window.axe.run(document, { runOnly: tags, preload: false, resultTypes: ["violations"], iframes: false }), AXE_TAGS);
    for (const violation of axe.violations) {
      const { html } = violation.nodes[0];
      note(`axe ${violation.id}: ${violation.help} (${violation.nodes.length}×): ${html.slice(0, 140)}`, width);
    }
  }
  for (const [fault, widths] of found) hand.faults.expect(false, `${name}, ${widths.join(", ")} px: ${fault}`);
}

/** Bytes of a cold load as they come over the line, and what they would be compressed. */
class Scales {
  async over(page) {
    this.line = await page.context().newCDPSession(page);
    await this.line.send("Network.enable");
    await this.line.send("Network.setCacheDisabled", { cacheDisabled: true });
    this.line.on("Network.responseReceived", ({ requestId, response, type }) => {
      const coding = response.headers["content-encoding"] ?? response.headers["Content-Encoding"];
      if (type !== "EventSource") this.parts.set(requestId, { coding, mime: response.mimeType });
    });
    this.line.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      const part = this.parts.get(requestId);
      if (part) part.bytes = encodedDataLength;
    });
    this.clear();
    return this;
  }

  clear() {
    this.parts = new Map();
  }

  /** Now, and with gzip where nothing is compressed yet. */
  async weigh() {
    let now = 0, packed = 0, coded = false;
    for (const [requestId, part] of this.parts) {
      now += part.bytes ?? 0;
      coded ||= Boolean(part.coding);
      const text = !part.coding && /html|css|javascript|svg/.test(part.mime);
      if (!text) {
        packed += part.bytes ?? 0;
        continue;
      }
      const { body, base64Encoded } = await this.line.send("Network.getResponseBody", { requestId });
      packed += gzipSync(base64Encoded ? Buffer.from(body, "base64") : body, { level: 6 }).length + 400;
    }
    return { now, packed, coded };
  }
}

async function open(hand, path, scales) {
  scales?.clear();
  const page = await hand.page.goto(hand.base + path, { waitUntil: "load" });
  // A browser keeps the first of two and drops the other without a word.
  const twice = (await page.text()).match(/<[^>]*\sclass="[^"]*"[^>]*\sclass="[^"]*"[^>]*>/);
  hand.faults.expect(!twice, `${path}: an element has two class attributes: ${twice}`);
  await hand.page.evaluate(() => document.fonts.ready.then(() => 1));
}

/** The page that a mistyped temperature leads to, the locked page, and “Which patient?”. */
async function inBetween(nurse, doctor) {
  await nurse.see(NEW, "triage");
  await nurse.answers({ temperature: "warm" });
  await nurse.press("Save, 3");
  nurse.reads(await nurse.refusal(), "Nothing was saved yet; nothing is lost", "a mistyped temperature");
  await lookedAt(nurse, "triage with a mistyped temperature");
  await doctor.see(HOME, "decision");
  await doctor.see(REPORT, "decision");
  await doctor.press("Keep", doctor.page.locator("form[action$='/decide/observe']"));
  doctor.reads(await doctor.text(), "Which patient?", "a decision after another visit was open");
  await lookedAt(doctor, "Which patient?");
  await nurse.page.evaluate(() => document.querySelector("#lock").submit());
  await nurse.page.locator("h1", { hasText: "Still you?" }).waitFor();
  await lookedAt(nurse, "Still you?");
}

export async function every_page_at_every_width(crew) {
  crew.provoked = /status of (401|404|409|422)/;
  const nurse = await crew.as("Triage nurse");
  const doctor = await crew.as("Physician");
  const weights = [];
  await Promise.all([[nurse, NURSE], [doctor, DOCTOR]].map(async ([hand, paths]) => {
    const scales = await new Scales().over(hand.page);
    for (const path of paths) {
      await open(hand, path, scales);
      const weight = await scales.weigh();
      const name = `${hand.role}, ${path}`;
      weights.push({ name, ...weight });
      const counted = weight.coded ? weight.now : weight.packed;
      hand.faults.expect(counted <= PAGE_BYTES_MAX, `${name}: ${counted} bytes transferred, ${PAGE_BYTES_MAX} at most`);
      await lookedAt(hand, name);
    }
  }));
  await inBetween(nurse, doctor);
  weights.sort((one, other) => other.now - one.now);
  const shown = weights.slice(0, 4).map(({ name, now, packed }) => `${name} ${now} (gzip ${packed})`);
  const state = weights.some(({ coded }) => coded) ? "compressed" : "NOT compressed by the server";
  return `heaviest cold loads, ${state}: ${shown.join("; ")}; lightest ${weights.at(-1).now}`;
}

export async function every_page_without_scripts(crew) {
  crew.options = { javaScriptEnabled: false };
  crew.provoked = /status of 404/;
  const nurse = await crew.as("Triage nurse");
  const doctor = await crew.as("Physician");
  await Promise.all([[nurse, [...NURSE, ...ALIKE]], [doctor, DOCTOR]].map(async ([hand, paths]) => {
    for (const path of paths) {
      await open(hand, path);
      const name = `${hand.role}, ${path} without scripts`;
      await lookedAt(hand, name, { scripts: false });
      const dead = await hand.page.locator("[data-copy]:visible, [data-print]:visible").count();
      hand.faults.expect(dead === 0, `${name}: ${dead} buttons that do nothing`);
    }
  }));
}

/** What is wrong with where the focus is: out of sight, or under something that sticks. */
function focusFault() {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const shown = (at.matches("[type=radio], [type=checkbox]") && at.closest("label")) || at;
  const box = shown.getBoundingClientRect();
  const name = (shown.getAttribute("aria-label") || shown.textContent.trim() || at.name || at.id).slice(0, 50);
  const inside = box.top >= -1 && box.bottom <= innerHeight + 1 && box.left >= -1 && box.right <= innerWidth + 1;
  if (!inside && box.height < innerHeight) return `“${name}” has the focus outside the window (${Math.round(box.top)} to ${Math.round(box.bottom)} of ${innerHeight})`;
  for (const [x, y] of [[0.5, 0.5], [0.02, 0.1], [0.98, 0.1], [0.02, 0.9], [0.98, 0.9]]) {
    const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    for (let over = hit; over && !over.contains(at); over = over.parentElement) {
      if (!["sticky", "fixed"].includes(getComputedStyle(over).position)) continue;
      const least = Math.round(over.getBoundingClientRect().height);
      return `“${name}” has the focus under .${over.className.split(" ")[0]} (${least} px of ${innerHeight})`;
    }
  }
  const { outlineStyle, boxShadow } = getComputedStyle(at);
  const ring = outlineStyle !== "none" || boxShadow !== "none";
  return ring || shown !== at ? null : `“${name}” has the focus and nothing shows it`;
}

/** Tabs until a place has the focus; every stop on the way is in sight. The number of stops. */
async function tabTo(hand, isThere, limit = 400) {
  const look = `[(${focusFault})(), (${isThere})()]`;
  const where = `${new URL(hand.page.url()).pathname} at ${hand.page.viewportSize().width} px`;
  for (let stop = 1; stop <= limit; stop += 1) {
    await hand.page.keyboard.press("Tab");
    const [fault, there] = await hand.page.evaluate(look);
    if (fault) hand.faults.expect(false, `${where}: ${fault}`);
    if (there) return stop;
  }
  throw new Error(`the keyboard does not reach it on ${where}: ${isThere}`);
}

async function enters(hand, key = "Enter") {
  const there = hand.page.waitForNavigation({ waitUntil: "domcontentloaded" });
  await hand.page.keyboard.press(key);
  await there;
}

export async function keyboard_alone(crew) {
  const who = await crew.as("Physician");
  await who.page.context().clearCookies();
  await who.page.setViewportSize({ width: 1280, height: 720 });
  await who.go("/sign-in");
  await tabTo(who, () => document.activeElement.textContent.startsWith("Physician"));
  await enters(who);
  who.reads(await who.text("h1"), "Waiting", "the page after signing in");
  await tabTo(who, () => document.activeElement.textContent.includes("Per Hansen"));
  await enters(who);
  await tabTo(who, () => document.activeElement.textContent === "Examination");
  await enters(who);
  const before = await tabTo(who, () => document.activeElement.matches("input.cell"));
  const cells = await who.page.locator("input.cell").evaluateAll((all) => all.map((cell) => cell.dataset.keys));
  const normal = (keys) => (keys.startsWith("012345") ? "5" : "2");
  await who.page.keyboard.press("9");
  who.reads(await who.text("#exam-status"), /9 is not used here/, "the line under the grid after a wrong key");
  let pressed = 0;
  for (const keys of cells) {
    await who.page.keyboard.press(normal(keys));
    pressed += 1;
    const fault = await who.page.evaluate(focusFault);
    if (fault) who.faults.expect(false, `in the grid: ${fault}`);
  }
  const filled = await who.page.locator("input.cell").evaluateAll((all) => all.filter((cell) => cell.value).length);
  who.faults.expect(filled === cells.length && pressed === cells.length, `${pressed} keys filled ${filled} of ${cells.length} cells`);
  const again = await who.page.locator("input.cell").evaluateAll((all) => all.map((cell) => cell.value).join(""));
  who.faults.expect(again === cells.map(normal).join(""), `the grid holds ${again}`);
  await enters(who, "Control+Enter");
  who.reads(new URL(who.page.url()).pathname, /decision$/, "the address after Ctrl Enter");
  await who.see("demo-v3", "timeline");
  who.reads(await who.text(), /Power, right hip flexion \(L2\), 0 to 5: 5/, "the timeline after Ctrl Enter");
  const stops = [], forms = ["demo-v0/triage", "demo-v3/examination"];
  const footer = () => document.activeElement === document.body || document.activeElement.matches(".skip");
  for (const [width, height] of [[1280, 720], [390, 760]]) {
    await who.page.setViewportSize({ width, height });
    for (const path of width < 700 ? forms : [...forms, "demo-v4/decision", "demo-v6/results"]) {
      await who.go(`/visit/${path}`);
      await tabTo(who, footer, 1);
      stops.push(`${path} ${await tabTo(who, footer)}`);
    }
  }
  return `${cells.length} cells of power, reflexes and touch with ${pressed} keys, after ${before} tab stops; stops: ${stops.join(", ")}`;
}

/** What of a question is answered. */
const answered = (hand, fact) =>
  hand.page.locator(`[name="f.${fact}"]:checked`).evaluateAll((all) => all.map((one) => one.value).join());

/** A tap inside a region, whose middle may be in its neighbour. */
async function tapRegion(hand, region) {
  const at = await region.evaluate((path) => {
    path.scrollIntoView({ block: "center", behavior: "instant" });
    const box = path.getBoundingClientRect(), parts = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];
    const spots = parts.flatMap((x) => parts.map((y) => ({ x: box.x + box.width * x, y: box.y + box.height * y })));
    return spots.find(({ x, y }) => document.elementFromPoint(x, y) === path);
  });
  if (!at) throw new Error("a region cannot be tapped");
  await hand.page.mouse.click(at.x, at.y);
}

export async function the_body_map_answers_questions(crew) {
  const doctor = await crew.as("Physician");
  await doctor.see(HOME, "examination");
  const { page } = doctor;
  const shin = page.locator("#front-left-outer-shin"), saddle = page.locator("#saddle");
  const drawn = (region) => region.getAttribute("class");
  await tapRegion(doctor, shin);
  doctor.reads(await answered(doctor, "leg_pain_left"), "new", "one tap on the left shin");
  doctor.reads(await drawn(shin), "pain", "the left shin");
  await doctor.tap(page.locator("[data-draw=numb]"));
  await tapRegion(doctor, shin);
  doctor.reads(await answered(doctor, "leg_numbness_told_left"), "new", "a tap for numbness");
  doctor.reads(await drawn(page.locator("#back-left-calf")), "numb", "the left calf");
  doctor.reads(await drawn(shin), /pain.*numb/, "the left shin with both");
  await tapRegion(doctor, saddle);
  doctor.reads(await answered(doctor, "saddle_numbness"), "new", "a tap on the saddle");
  await tapRegion(doctor, saddle);
  doctor.reads(await answered(doctor, "saddle_numbness"), "longstanding", "a second tap");
  await tapRegion(doctor, saddle);
  doctor.faults.expect(await answered(doctor, "saddle_numbness") === "", "a third tap takes it back");
  doctor.faults.expect(await drawn(saddle) === "region", "the saddle is still drawn in");
  // The list answers the picture as well, and what was tapped is saved like any answer.
  await doctor.answers({ leg_pain_right: "longstanding" });
  doctor.reads(await drawn(page.locator("#front-right-foot")), "pain", "the right foot");
  await doctor.press("Save and decide");
  await doctor.see(HOME, "examination");
  doctor.reads(await drawn(page.locator("#front-left-foot")), /pain.*numb/, "the left foot as recorded");
  doctor.faults.expect(await answered(doctor, "leg_pain_left") === "", "nothing is filled in beforehand");
}

export async function the_body_map_without_scripts_leads_to_the_question(crew) {
  crew.options = { javaScriptEnabled: false };
  const doctor = await crew.as("Physician");
  await doctor.see(NEW, "examination");
  await tapRegion(doctor, doctor.page.locator("#back-right-flank"));
  await doctor.page.waitForURL(/#f\.flank_pain$/);
  doctor.reads(await doctor.text(":target"), "flank", "the question that a tap leads to");
  const pens = await doctor.page.locator("[data-draw]:visible").count();
  doctor.faults.expect(pens === 0, `${pens} buttons that do nothing`);
}
