// Two people at one visit, pauses, sessions, forged requests, and the whole way without scripts.

import { spotOf } from "./staff.mjs";
import { ASKED, RISKS, VITAL, person } from "./scenarios.mjs";

const TOLD_MS_MAX = 3_000;
const TABS = 9;

/** A visit that a nurse has triaged as a strain. */
async function triaged(nurse, who) {
  const visit = await nurse.registers(who);
  await nurse.triages(visit, 3, VITAL, ...ASKED, RISKS);
  return visit;
}

/** A danger sign, recorded by the nurse on the triage page. */
async function dangerSign(nurse, visit) {
  await nurse.see(visit, "triage");
  await nurse.answers({ saddle_numbness: "new" });
  await nurse.press("Save, 2");
  return performance.now();
}

export async function two_people_edit_one_visit(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await triaged(nurse, person("Hugo Brandt", 52));
  const doctor = await crew.as("Physician");
  await doctor.see(visit, "examination");
  await doctor.answers({ power_hip_flexion_right: "4", post_void_residual: "180", midline_tenderness: "present" });
  const line = doctor.page.waitForFunction(() => document.querySelector(".changed")?.textContent);
  const recorded = await dangerSign(nurse, visit);
  const told = await (await line).jsonValue();
  const waited = Math.round(performance.now() - recorded);
  doctor.reads(told, /changed by somebody else/, "the line of the physician's open examination");
  doctor.faults.expect(waited <= TOLD_MS_MAX, `told after ${waited} ms, ${TOLD_MS_MAX} at most`);
  const typed = await doctor.page.locator('[name="f.power_hip_flexion_right"], [name="f.post_void_residual"]')
    .evaluateAll((all) => all.map((field) => field.value).sort().join(" "));
  doctor.faults.expect(typed === "180 4", `typed input is lost when somebody else saves: “${typed}”`);
  doctor.faults.expect(await doctor.page.locator('[name="f.midline_tenderness"][value="present"]').isChecked(),
    "a chosen answer is lost when somebody else saves");
  const save = doctor.page.locator(".savebar button");
  const { covered } = await save.evaluate(spotOf);
  doctor.faults.expect(!covered, `the line that tells of the change lies over “Save and decide”: ${covered}`);
  if (covered) {
    await doctor.page.locator('[name="f.post_void_residual"]').focus();
    const there = doctor.page.waitForNavigation({ waitUntil: "domcontentloaded" });
    await doctor.page.keyboard.press("Control+Enter");
    await there;
  } else await doctor.send(save);
  await doctor.decided(visit, ["Emergency", "Immediate"], /MRI now/, "both findings");
  const why = await doctor.everything();
  doctor.reads(why, /Numbness between the legs/, "the decision after both saved");
  await doctor.see(visit, "timeline");
  const timeline = await doctor.everything();
  for (const finding of [/Numbness between the legs, told: Yes, new/, /hip flexion \(L2\), 0 to 5: 4/, /residual.*180/, /Midline spinal tenderness: Yes/]) {
    doctor.reads(timeline, finding, "the timeline after both saved");
  }
  return `told ${waited} ms after the nurse's page had come back`;
}

export async function a_decision_brings_itself_up_to_date(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await triaged(nurse, person("Hugo Brand", 52));
  const doctor = await crew.as("Physician");
  await doctor.see(visit, "decision");
  const fresh = doctor.page.locator(".verdict .word", { hasText: /Emergency|Immediate/ }).waitFor();
  const recorded = await dangerSign(nurse, visit);
  await fresh;
  const waited = Math.round(performance.now() - recorded);
  doctor.faults.expect(waited <= TOLD_MS_MAX, `the verdict follows after ${waited} ms, ${TOLD_MS_MAX} at most`);
  doctor.reads(await doctor.text(".live"), "Live", "the mark in the bar");
  doctor.reads(await doctor.text(".patient"), /Also open: .*triage nurse/i, "the patient's bar while the nurse has the visit open");
}

export async function a_refused_form_outlives_a_change(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Tove Dahl", 36, "female"));
  await nurse.see(visit, "triage");
  await nurse.answers({ saddle_numbness: "new", heart_rate: "96", temperature: "warm" });
  await nurse.press("Save, 2");
  nurse.reads(await nurse.refusal(), "nothing is lost", "a mistyped temperature");
  // An answer that holds a form follows no changes, so that nothing can empty it.
  nurse.faults.expect(await nurse.page.evaluate(() => !document.body.dataset.live),
    "a page with what was refused follows changes, which would empty it");
  const doctor = await crew.as("Physician");
  await doctor.examines(visit, { power_hip_flexion_right: "5" });
  await nurse.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const rate = await nurse.page.locator('[name="f.heart_rate"]').inputValue();
  const numb = await nurse.page.locator('[name="f.saddle_numbness"][value="new"]').isChecked();
  nurse.faults.expect(rate === "96" && numb,
    "a triage that was sent back for one mistyped number is emptied when a physician saves something: the danger sign is gone");
}

export async function a_stale_order_says_changed_meanwhile(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Amara Nwosu", 47, "female"));
  await nurse.triages(visit, 2, { urinary_retention: "new" });
  // Without scripts the page cannot bring itself up to date.
  const doctor = await crew.as("Physician", { javaScriptEnabled: false });
  await doctor.see(visit, "decision");
  await dangerSign(nurse, visit);
  await doctor.press(/^Order: /);
  doctor.reads(await doctor.text(), /Changed meanwhile.*nothing was done yet/i, "a stale order");
  await nurse.see(visit, "results");
  nurse.faults.expect(!/Asked for/.test(await nurse.text()), "the stale order was carried out");
  await doctor.press("It is still right");
  doctor.reads(await doctor.text(), /Ordered .*start by/i, "the order once more");
  // Another patient in between: who is it?
  const other = await nurse.registers(person("Bodil Aas", 61, "female"));
  await nurse.triages(other, 2, { urinary_retention: "new" });
  await doctor.see(visit, "decision");
  await doctor.see(other, "decision");
  const button = doctor.page.locator("button").filter({ hasText: /^Order: / }).first();
  await doctor.send(button);
  doctor.reads(await doctor.text(), "Which patient?", "an order after a switch");
  await doctor.answer("identity", "AN 1979");
  await doctor.press("It is this patient");
  doctor.reads(await doctor.text(), "That is not this patient", "the initials of the other patient");
  await doctor.answer("identity", `ba ${new Date().getFullYear() - 61}`);
  await doctor.press("It is this patient");
  doctor.reads(await doctor.text(), /Ordered .*start by/i, "the order once it is clear who it is");
}

export async function many_tabs_of_one_person_still_answer(crew) {
  const doctor = await crew.as("Physician");
  const context = doctor.page.context();
  await doctor.see("demo-v4", "decision");
  // One tab a patient, as physicians keep them. A tab behind another is hidden, which headless
  // Chromium does not say by itself.
  for (let tab = 2; tab <= TABS; tab += 1) {
    for (const page of context.pages()) await page.evaluate(hide).catch(() => {});
    const page = await context.newPage();
    const opened = await page.goto(`${doctor.base}/waiting`, { waitUntil: "domcontentloaded", timeout: 4_000 })
      .catch(() => null);
    const words = `tab ${tab} of one person does not open: the lines of the others to /live take every connection`;
    if (!doctor.faults.expect(opened, words)) break;
  }
  const saved = await doctor.page.goto(`${doctor.base}/visit/demo-v4/timeline`, { timeout: 4_000, waitUntil: "domcontentloaded" })
    .catch(() => null);
  doctor.faults.expect(saved, "and the first tab can open or save nothing any more");
}

/** The browser's word to a tab that another one covers. */
function hide() {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}

/** What is filled in of a triage; nothing of it may be lost. */
async function halfDone(nurse, visit) {
  await nurse.see(visit, "triage");
  await nurse.sign("bowel_as_before");
  await nurse.answers({ saddle_numbness: "new", temperature: "37.9", heart_rate: "104", pain_score: "8" });
}

async function isAllSaved(nurse, visit, when) {
  await nurse.see(visit, "timeline");
  const text = await nurse.everything();
  for (const finding of [/Numbness between the legs, told: Yes, new/, /37\.9/, /104/, /control of stool/, /Triage, acuity 2/]) {
    nurse.reads(text, finding, when);
  }
}

export async function a_pause_loses_nothing_that_is_sent(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Piet Vos", 38));
  await halfDone(nurse, visit);
  const csrf = await nurse.page.locator("#lock [name=csrf]").inputValue();
  await nurse.page.context().request.post(`${nurse.base}/lock`, { form: { csrf } });
  await nurse.press("Save, 2");
  nurse.reads(await nurse.text(), /Still you\?.*What you entered is kept/, "a form sent after the pause");
  await nurse.press("Go on");
  nurse.reads(await nurse.text(), /You are back/, "the page after the pause");
  await nurse.press("Send it");
  await isAllSaved(nurse, visit, "the timeline after the pause");
}

export async function a_page_that_locks_itself_loses_nothing(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Piet de Vos", 38));
  await nurse.page.clock.install();
  await halfDone(nurse, visit);
  // Long at a bedside: the page's own clock locks it.
  const idle = Number(await nurse.page.locator("body").getAttribute("data-idle"));
  const locked = nurse.page.locator("h1", { hasText: "Still you?" }).waitFor();
  await nurse.page.clock.fastForward((idle + 60) * 1_000);
  await locked;
  await nurse.press("Go on");
  const back = nurse.page.locator("main form button", { hasText: "Send it" });
  if (await back.count()) await nurse.send(back);
  else if (nurse.faults.expect(nurse.page.url().endsWith("/triage"),
    "after the page locked itself, “Go on” leads to the waiting list, and the half-filled triage is gone")) {
    const kept = await nurse.page.locator('[name="f.temperature"]').inputValue();
    nurse.faults.expect(kept === "37.9", "after the page locked itself the half-filled triage is empty");
  }
}

export async function cookies_and_forged_requests(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Sven Holm", 44));
  const context = nurse.page.context();
  const [cookie, ...more] = await context.cookies();
  nurse.faults.expect(more.length === 0 && cookie?.httpOnly && cookie.sameSite === "Strict",
    `the cookie: ${JSON.stringify([cookie, ...more].map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })))}`);
  await nurse.see(visit, "triage");
  const hidden = (name) => nurse.page.locator(`main form [name=${name}]`).first().inputValue();
  const form = { csrf: await hidden("csrf"), command: await hidden("command"), seen: await hidden("seen"),
    "f.saddle_numbness": "new", acuity: "1" };
  const foreign = { headers: { "sec-fetch-site": "cross-site" }, maxRedirects: 0 };
  for (const site of ["cross-site", "same-site"]) {
    const reply = await context.request.post(`${nurse.base}/visit/${visit}/triage`,
      { form, headers: { "sec-fetch-site": site }, maxRedirects: 0 });
    nurse.faults.expect(reply.status() === 403, `a ${site} triage is answered with ${reply.status()}`);
  }
  const { csrf, ...without } = form;
  const forged = await context.request.post(`${nurse.base}/visit/${visit}/triage`, { form: without, maxRedirects: 0 });
  nurse.faults.expect(csrf.length > 20 && forged.status() === 409, `a triage without the form's secret is answered with ${forged.status()}`);
  // A page of another site that sends the form by itself.
  await context.route("http://evil.test/**", (route) => route.fulfill({ contentType: "text/html",
    body: `<form method="post" action="${nurse.base}/visit/${visit}/triage">
      <input name="csrf" value="${form.csrf}"><input name="f.saddle_numbness" value="new"><input name="acuity" value="1"></form>` }));
  await nurse.page.goto("http://evil.test/");
  const sent = nurse.page.waitForNavigation();
  await nurse.page.evaluate(() => document.querySelector("form").submit());
  await sent;
  await nurse.see(visit, "timeline");
  const timeline = await nurse.everything();
  nurse.faults.expect(!/Numbness between the legs|Triage, acuity/.test(timeline), "a request of another site was carried out");
  // A page of another site ends no session either, and locks none.
  for (const path of ["/lock", "/sign-out"]) {
    const reply = await context.request.post(nurse.base + path, { form, ...foreign });
    const taken = reply.headers()["set-cookie"];
    nurse.faults.expect(!taken, `a cross-site ${path} takes the cookie away: ${taken}`);
    await nurse.see(visit, "triage");
    nurse.reads(await nurse.text("h1"), "Triage", `the page after a cross-site ${path}`);
  }
}

export async function the_whole_way_without_scripts(crew) {
  crew.options = { javaScriptEnabled: false };
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Luca Ferri", 58));
  await nurse.triages(visit, 2, { ...VITAL, saddle_numbness: "new" }, "bowel_as_before");
  nurse.reads((await nurse.verdict()).all, /Emergency|Immediate/i, "the nurse's page after triage");
  const doctor = await crew.as("Physician");
  await doctor.go("/waiting");
  await doctor.send(doctor.page.locator("a", { hasText: "Luca Ferri" }));
  await doctor.send(doctor.page.locator("nav.tabs a", { hasText: "Examination" }));
  await doctor.answers({ power_ankle_dorsiflexion_right: "9", power_ankle_dorsiflexion_left: "4", post_void_residual: "310" });
  await doctor.press("Save and decide");
  doctor.reads(await doctor.refusal(), /use one of 012345N/, "a wrong key without scripts");
  const kept = await doctor.page.locator('[name="f.post_void_residual"]').inputValue();
  doctor.faults.expect(kept === "310", `beside a wrong key the residual is now “${kept}”`);
  await doctor.answers({ power_ankle_dorsiflexion_right: "3" });
  await doctor.press("Save and decide");
  doctor.reads(new URL(doctor.page.url()).pathname, /decision$/, "the address after the examination");
  const verdict = await doctor.verdict();
  doctor.reads(verdict.all, /MRI now/, "the verdict without scripts");
  await doctor.press(/^Order: /);
  doctor.reads(await doctor.text(), /Ordered .*start by/i, "the order without scripts");
  await doctor.see(visit, "results");
  doctor.reads(await doctor.text(), /Start by/, "the results without scripts");
}
