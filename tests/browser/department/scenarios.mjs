// The ten acceptance scenarios of the department and a plain strain, through the real forms.

/** What a triage nurse measures in a patient who is well. */
export const VITAL = {
  history_reliability: "good", temperature: "36.7", heart_rate: "78", systolic_pressure: "128",
  respiratory_rate: "14", oxygen_saturation: "98", pain_score: "6",
};
export const ASKED = ["bladder_as_before", "bowel_as_before", "saddle_as_before", "sexual_feeling_as_before"];
export const RISKS = "no_infection_or_cancer_risk";
export const EXAMINED = ["legs_examined", "no_trauma_or_fragile_spine", "no_vascular_or_other_sign"];
export const HOME = { pain_controlled: "present", home_safe: "present" };
const PRESSING = ["Emergency", "Immediate"];
const YEAR = new Date().getFullYear();

let numbers = 0;

/** Somebody of that age; name and number of their own. */
export function person(name, age, sex = "male") {
  numbers += 1;
  return { name, born: `${YEAR - age}-01-02`, sex, number: `T-${numbers}` };
}

/** Arrived, and triaged as a strain. */
async function strained(crew, who) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(who);
  await nurse.triages(visit, 4, VITAL, ...ASKED, RISKS);
  return visit;
}

/** Orders the first scan the page asks for; its name. Who looked at another says who it is. */
async function orders(doctor, visit, identity = null) {
  await doctor.see(visit, "decision");
  const button = doctor.page.locator("button").filter({ hasText: /^Order: / }).first();
  const name = (await button.innerText()).replace("Order: ", "");
  await doctor.send(button);
  if (identity && doctor.reads(await doctor.text(), "Which patient?", "an order after another visit was open")) {
    await doctor.answer("identity", identity);
    await doctor.press("It is this patient");
  }
  doctor.reads(await doctor.text(), /Ordered .*start by/i, "the decision after the order");
  return name;
}

/** Screened, begun and ended, by the coordinator. */
async function scanned(crew, visit) {
  const coordinator = await crew.as("MRI coordinator");
  await coordinator.screens(visit);
  // Both MRI scanners may have somebody on the table; of another picture nobody asks which.
  if (await coordinator.page.locator('[name="scanner"]').count()) await coordinator.answer("scanner", "");
  await coordinator.press("Scan begins");
  await coordinator.press("Scan ended, complete");
  coordinator.reads(await coordinator.text(), "Ended", "the results after the scan");
}

/** A report, written down by the radiologist. */
async function reported(crew, visit, state, words, emergency = false) {
  const radiologist = await crew.as("Radiologist");
  await radiologist.see(visit, "results");
  const form = radiologist.page.locator("form").filter({ hasText: "What it says" }).first();
  await radiologist.answer("state", state, form);
  await radiologist.answer("words", words, form);
  if (emergency) await radiologist.answer("emergency", true, form);
  await radiologist.press("Save the report", form);
  radiologist.reads(await radiologist.text(), words, "the results after the report");
}

/** The physician reads it and says what it means. */
async function acknowledged(crew, visit, facts = {}) {
  const doctor = await crew.as("Physician");
  await doctor.see(visit, "results");
  const form = doctor.page.locator("form").filter({ hasText: "I have read it" }).first();
  await doctor.answers(facts, form);
  await doctor.press("I have read it", form);
  return doctor;
}

/** There is no plain way home on the decision page. */
async function isNotHome(doctor, visit, when) {
  await doctor.see(visit, "decision");
  const plain = doctor.page.locator("button", { hasText: "Send home" }).and(doctor.page.locator(":visible"));
  doctor.faults.expect(await plain.count() === 0, `${when}: “Send home” stands there in plain sight`);
  const other = doctor.page.locator("summary", { hasText: "although the guideline does not say so" });
  doctor.faults.expect(await other.count() === 1, `${when}: no way home with a reason`);
}

export async function plain_strain_in_few_taps(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Ines Duarte", 34, "female"));
  nurse.taps = 0;
  await nurse.sign(...ASKED, RISKS);
  await nurse.answers(VITAL);
  await nurse.press("Save, 4");
  const taps = nurse.taps;
  nurse.faults.expect(taps <= 8, `triage of a strain needs ${taps} taps, 8 at most`);
  nurse.reads(await nurse.row("Ines Duarte"), "acuity 4", "the waiting list after triage");
  const doctor = await crew.as("Physician");
  await doctor.see(visit, "examination");
  doctor.taps = 0;
  await doctor.sign(...EXAMINED);
  await doctor.answers(HOME);
  await doctor.press("Save and decide");
  const actions = doctor.taps;
  doctor.faults.expect(actions <= 12, `a safe “home” needs ${actions} actions, 12 at most`);
  await doctor.decided(visit, "Home", /Home/, "after the examination of a strain");
  const missing = await doctor.text("section.panel:has(> h2:text-is('Missing'))");
  await doctor.answer("card", "given");
  await doctor.press("Send home");
  doctor.faults.expect((await doctor.refusal()) === "", `sending home: ${await doctor.refusal()}`);
  doctor.faults.expect(await doctor.row("Ines Duarte") === null, "the patient sent home still waits");
  return `triage ${taps} taps and ${nurse.keys} keys; home ${actions} actions; missing then: ${missing.replace(/\s+/g, " ").slice(8, 90)}`;
}

export async function scenario_01_an_old_residual_is_no_emergency(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Walter Simms", 68));
  await nurse.triages(visit, 3, { ...VITAL, urinary_stream_change: "longstanding" });
  const doctor = await crew.as("Physician");
  await doctor.examines(visit, { post_void_residual: "240", post_void_residual_onset: "longstanding" });
  const calm = await doctor.verdict();
  doctor.faults.expect(!["Emergency", "Immediate", "Urgent"].includes(calm.word), `a known residual: “${calm.all}”`);
  doctor.faults.expect(await doctor.page.locator("button", { hasText: /^Order: / }).count() === 0, "a known residual: a scan is asked for");
  await doctor.hasNoTask("Walter Simms", /danger sign/, "a known residual");
  // The twin says that the stream is worse since yesterday.
  await nurse.see(visit, "triage");
  await nurse.answers({ urinary_stream_change: "new" });
  await nurse.press("Save, 3");
  await doctor.decided(visit, "Emergency", /MRI now/, "stream worse since yesterday");
  await doctor.hasTask("Walter Simms", /physician to a (danger sign|worsening)/, "stream worse since yesterday");
  // The other twin: nobody knows since when the residual is raised.
  const twin = await nurse.registers(person("Walter Sims", 68));
  await nurse.triages(twin, 3, { urinary_stream_change: "longstanding" });
  await doctor.examines(twin, { post_void_residual: "240" });
  await doctor.decided(twin, "Emergency", /MRI now/, "a residual of 240 mL of unknown onset");
}

export async function scenario_02_a_clear_limited_scan_leaves_it_open(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Nadia Khan", 34, "female"));
  await nurse.triages(visit, 2, { saddle_numbness: "new" });
  await nurse.decided(visit, "Emergency", null, "saddle numbness at triage");
  nurse.reads(await nurse.text(), "A physician orders", "the nurse's decision page");
  const doctor = await crew.as("Physician");
  await doctor.examines(visit, { post_void_residual: "450" });
  const first = await orders(doctor, visit);
  await scanned(crew, visit);
  const radiologist = await crew.as("Radiologist");
  await radiologist.hasTask("Nadia Khan", /report the scan/, "after the scan");
  await reported(crew, visit, "final", "Limited lumbar MRI: no compression.");
  await (await crew.as("Physician")).hasTask("Nadia Khan", /acknowledge the report/, "after the report");
  const again = await acknowledged(crew, visit, { cauda_equina_scan: "clear_sign_remains" });
  await again.decided(visit, [...PRESSING, "Urgent"], /whole spine/i, "scan clear, retention remains");
  again.reads(await again.everything(), /neurolog/i, "the decision, scan clear and retention remains");
  await isNotHome(again, visit, "scan clear, retention remains");
  await again.answer("reason", "patientdeclines", again.page.locator("form[action$='/decide/discharge']"));
  return `first scan: ${first}`;
}

export async function scenario_03_aorta_and_spine_are_both_looked_at(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Ronan Doyle", 55));
  await nurse.triages(visit, 2, { ...VITAL, heart_rate: "118", temperature: "37.4", fever_history: "present", injection_drug_use: "present" });
  const doctor = await crew.as("Physician");
  await doctor.examines(visit, { midline_tenderness: "present" });
  await doctor.decided(visit, "Urgent", /whole spine/i, "injects drugs, heart rate 118");
  const page = await doctor.text();
  for (const wanted of [/ultrasound/i, /culture/i, /C-reactive|CRP|inflammation/i, /contrast/i]) {
    doctor.reads(page, wanted, "the decision, injects drugs and heart rate 118");
  }
  await doctor.hasTask("Ronan Doyle", /ultrasound of the aorta/, "heart rate 118");
  const bedside = await crew.as("Bedside nurse");
  const tasks = await bedside.hasTask("Ronan Doyle", /send the cultures/, "injects drugs");
  bedside.faults.expect(tasks.some((task) => /blood tests/.test(task)), "injects drugs: no task for the blood tests");
}

export async function scenario_04_influenza_gets_a_call_and_a_line_an_mri(crew) {
  const flu = { ...VITAL, temperature: "38.6" };
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Mina Park", 29, "female"));
  await nurse.triages(visit, 4, flu, ...ASKED, RISKS);
  const doctor = await crew.as("Physician");
  await doctor.examines(visit, { ...HOME, fever_attributed_elsewhere: "present", psoas_sign: "absent" }, ...EXAMINED);
  await doctor.decided(visit, "Home", /call within 48 hours/, "proven influenza");
  await doctor.answer("card", "given");
  await doctor.press("Send home");
  doctor.faults.expect(await doctor.row("Mina Park") === null, "influenza: still waits after being sent home");
  // The call is the follow-up nurse's, whom the demonstration does not have: the handover names it.
  await doctor.see(visit, "handover");
  doctor.reads(await doctor.text(), /call within 48 hours/, "the handover after influenza went home");
  await nurse.see(visit, "decision");
  const contact = nurse.page.locator("form[action$='/contact']");
  await nurse.answer("reached", "settled", contact);
  await nurse.answer("words", "better, no fever", contact);
  await nurse.send(contact.locator("button"));
  nurse.faults.expect((await nurse.refusal()) === "", `the call was made: ${await nurse.refusal()}`);
  await nurse.see(visit, "handover");
  const open = await nurse.text("section.panel:has(> h2:text-is('Open, and whose'))");
  nurse.faults.expect(!/call within 48 hours/.test(open), `the call was made and still stands open: ${open.replace(/\s+/g, " ")}`);
  // The twin has had a central line three weeks ago.
  const twin = await nurse.registers(person("Mina Parker", 29, "female"));
  await nurse.triages(twin, 3, { ...flu, indwelling_line: "present" }, ...ASKED, RISKS);
  await doctor.examines(twin, { ...HOME, fever_attributed_elsewhere: "present", psoas_sign: "absent" }, ...EXAMINED);
  await doctor.decided(twin, "Urgent", /MRI within 24 hours/, "influenza and a central line");
  await doctor.examines(twin, { leg_weakness_left: "new" });
  await doctor.decided(twin, "Emergency", /MRI now/, "influenza, a central line and weakness");
}

export async function scenario_05_an_unreliable_no_is_asked_again(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Jan Kowalski", 45));
  const no = { history_reliability: "intoxicated", saddle_numbness: "absent", urinary_retention: "absent" };
  await nurse.triages(visit, 3, no);
  nurse.reads(await nurse.row("Jan Kowalski"), "Not decided", "the waiting list, unreliable history");
  await nurse.see(visit, "triage");
  await nurse.sign("bladder_as_before");
  await nurse.answers({ pain_score: "4" });
  await nurse.press("Save, 3");
  nurse.reads(await nurse.refusal(), /relia/i, "a signature over an unreliable history");
  nurse.faults.expect(await nurse.page.locator('[name="f.pain_score"][value="4"]').isChecked(), "what was entered beside the refused signature is lost");
  const doctor = await crew.as("Physician");
  await doctor.examines(visit, { power_hip_flexion_right: "5" });
  await doctor.decided(visit, "Not decided", null, "an unreliable history, examined");
  const tasks = await doctor.hasTask("Jan Kowalski", /finish the assessment/, "an unreliable history");
  doctor.faults.expect(tasks.some((task) => /ask again, with an interpreter/.test(task)), `no task to ask again: ${tasks.join(" | ")}`);
  await (await crew.as("Bedside nurse")).hasTask("Jan Kowalski", /bladder scan/, "an unreliable history");
}

export async function scenario_06_ct_first_and_a_new_deficit_is_an_emergency(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Pedro Alves", 40));
  await nurse.triages(visit, 2, { high_energy_trauma: "present", spine_immobilised: "present" });
  const doctor = await crew.as("Physician");
  await doctor.see(visit, "examination");
  const asked = await doctor.page.locator('[name="f.gait_unsteady"]:visible, [name="f.walking_as_before"]:visible').count();
  doctor.faults.expect(asked === 0, "an immobilised patient is asked to walk");
  doctor.reads(await doctor.text(), /Not safe to test now/, "the examination of an immobilised patient");
  await doctor.answers({ midline_tenderness: "present" });
  await doctor.press("Save and decide");
  await doctor.decided(visit, PRESSING, /CT or X-ray first/, "a ladder fall");
  doctor.faults.expect(!/walk|gait/i.test(await doctor.row("Pedro Alves")), "the waiting list asks for walking");
  const scan = await orders(doctor, visit);
  doctor.faults.expect(/^CT/.test(scan), `the first scan of a ladder fall is ${scan}`);
  await scanned(crew, visit);
  await reported(crew, visit, "final", "CT: no fracture.");
  await acknowledged(crew, visit, { spinal_fracture_scan: "clear_ct" });
  const again = await crew.as("Physician");
  await again.examines(visit, { power_knee_extension_left: "3" });
  const verdict = await again.decided(visit, PRESSING, /MRI/, "CT clear, new 3 of 5");
  again.faults.expect(!/CT or X-ray first/.test(verdict.all), `CT clear, new 3 of 5: ${verdict.all}`);
}

/** Suspected cauda equina, examined; that it is night and the scanner closed nobody can enter. */
async function suspected(crew, who) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(who);
  await nurse.triages(visit, 2, { urinary_retention: "new", leg_pain_left: "new" });
  await nurse.see(visit, "results");
  nurse.faults.expect(!/Asked for/.test(await nurse.text()), "triage alone ordered a scan");
  const doctor = await crew.as("Physician");
  await doctor.examines(visit, { leg_pain_right: "new" });
  await doctor.decided(visit, PRESSING, /MRI/, "retention and pain in both legs");
  await orders(doctor, visit);
  return visit;
}

export async function scenario_07_waiting_needs_a_consultant_and_transfer_a_receiver(crew) {
  // The order's form takes no time at which the scanner opens, so that “transfer now” cannot
  // come up by itself in the pages; everything after it is here.
  const visit = await suspected(crew, person("Greta Lund", 45, "female"));
  const doctor = await crew.as("Physician");
  await doctor.see(visit, "results");
  const wait = doctor.page.locator("form[action$='/wait']");
  if (await wait.count()) {
    await doctor.answer("words", "unstable for transport", wait);
    await doctor.press("Accept the wait", wait);
    doctor.reads(await doctor.refusal(), /senior|consultant/i, "a wait accepted by a physician who is no consultant");
  }
  const senior = await crew.as("Senior physician");
  await senior.see(visit, "results");
  const late = senior.page.locator("form[action$='/wait']");
  await senior.answer("words", "unstable for transport", late);
  await senior.press("Accept the wait", late);
  await senior.see(visit, "results");
  senior.reads(await senior.text(), /consultant accepted a late start/, "the results after the consultant's reason");
  // A place is found all the same.
  await doctor.see(visit, "handover");
  await doctor.answer("words", "City hospital, 020 7946 0000", doctor.page.locator("form[action$='/transfer/ask']"));
  await doctor.press("A place was asked for");
  await doctor.answer("words", "call if weaker", doctor.page.locator("form[action$='/transfer/depart']"));
  await doctor.press("The patient leaves for it");
  doctor.reads(await doctor.refusal(), /accept/i, "leaving for a hospital that has not accepted");
  await doctor.see(visit, "handover");
  await doctor.answer("words", "Dr Ruiz", doctor.page.locator("form[action$='/transfer/accepted']"));
  await doctor.press("It was accepted");
  await doctor.answer("words", "call if weaker", doctor.page.locator("form[action$='/transfer/depart']"));
  await doctor.press("The patient leaves for it");
  doctor.reads(await doctor.text(), "on the way to another hospital", "the handover on the way");
  await doctor.hasTask("Greta Lund", /confirm the arrival/, "on the way");
  await doctor.see(visit, "handover");
  await doctor.answer("words", "Dr Ruiz", doctor.page.locator("form[action$='/transfer/arrived']"));
  await doctor.press("The receiver has the patient");
  doctor.reads(await doctor.text(), "transferred, arrival confirmed", "the handover after the arrival");
}

export async function scenario_08_who_leaves_is_called_and_comes_back_at_once(crew) {
  const who = { ...person("Olga Petrova", 45, "female"), born: "1981-01-02" };
  const visit = await suspected(crew, who);
  const doctor = await crew.as("Physician");
  await doctor.see(visit, "leaving");
  await doctor.answer("how", "against-advice");
  await doctor.press("Save");
  doctor.faults.expect((await doctor.refusal()).length > 0, "leaves with an open concern, nobody named to call, and it is taken");
  await doctor.see(visit, "leaving");
  doctor.reads(await doctor.text(), "A concern is open", "the page of leaving");
  await doctor.answer("how", "against-advice");
  await doctor.answer("capacity", "present");
  await doctor.answer("words", "what may happen, and when to come back at once");
  await doctor.answer("card", "given");
  const caller = doctor.page.locator('select[name="owner"] option', { hasText: "Rosa Diaz" });
  await doctor.answer("owner", await caller.getAttribute("value"));
  await doctor.press("Save");
  doctor.faults.expect((await doctor.refusal()) === "", `leaving against advice: ${await doctor.refusal()}`);
  await doctor.see(visit, "handover");
  doctor.reads(await doctor.text(), "left against advice", "the handover after leaving");
  doctor.reads(await doctor.text(), /call the patient back/, "the handover after leaving");
  await doctor.see(visit, "results");
  doctor.reads(await doctor.text(), /Held/, "the order of who left");
  await (await crew.as("Bedside nurse")).hasTask("Olga Petrova", /call the patient back/, "named to call back");
  // Back the next day; the pages know only today, so it is the same day here.
  const nurse = await crew.as("Triage nurse");
  await nurse.go("/arrival");
  await nurse.answer("number", who.number, nurse.page.locator("main form").first());
  await nurse.press("Look");
  nurse.reads(await nurse.text(), /left against advice, left open: (emergency|immediate)/, "the arrival of who comes back");
  await nurse.answer("returns", visit);
  await nurse.press("The patient is here");
  const back = nurse.visit();
  nurse.reads(await nurse.row("Olga Petrova"), /Emergency|Immediate/, "the waiting list, back and not triaged");
  const again = await crew.as("Physician");
  await again.hasTask("Olga Petrova", /physician to a danger sign/, "back");
  await orders(again, back, "OP 1981");
  again.reads(await again.row("Olga Petrova"), "waiting for the scan", "the waiting list, without a second triage");
  await (await crew.as("Bedside nurse")).hasNoTask("Olga Petrova", /call the patient back/, "back already");
}

export async function scenario_09_an_amended_report_recalls_the_patient(crew) {
  const visit = await strained(crew, person("Colin Reid", 50));
  const doctor = await crew.as("Physician");
  await doctor.examines(visit, HOME, ...EXAMINED);
  await doctor.decided(visit, "Home", null, "a strain that is scanned all the same");
  const form = doctor.page.locator("form").filter({ hasText: "How urgent" });
  await doctor.answer("image", "mri_lumbar_with_sagittal_screen", form);
  await doctor.press(/^Order$/, form);
  doctor.faults.expect((await doctor.refusal()) === "", `more care than asked for: ${await doctor.refusal()}`);
  await scanned(crew, visit);
  await reported(crew, visit, "preliminary", "No compression.");
  const reader = await acknowledged(crew, visit);
  await reader.decided(visit, "Home", null, "a preliminary report without compression");
  const leave = reader.page.locator("form[action$='/decide/discharge']").first();
  await reader.answer("card", "given", leave);
  const owner = leave.locator("option", { hasText: "Dr Ivo Marek" });
  reader.faults.expect(await owner.count() === 1, "no place to name who follows the pending report");
  await reader.answer("owner", await owner.getAttribute("value"), leave);
  await reader.press("Send home", leave);
  reader.faults.expect((await reader.refusal()) === "", `home with a report awaited: ${await reader.refusal()}`);
  reader.faults.expect(await reader.row("Colin Reid") === null, "sent home and still on the waiting list");
  const radiologist = await crew.as("Radiologist");
  await radiologist.go("/tasks");
  await reported(crew, visit, "final", "Epidural collection at L3.", true);
  const again = await crew.as("Physician");
  const tasks = await again.hasTask("Colin Reid", /recall the patient/, "epidural collection after discharge");
  const recall = tasks.find((task) => /recall/.test(task)) ?? "";
  again.faults.expect(/(2\d|30) min left/.test(recall), `the recall has no clock of 30 minutes: ${recall}`);
  const senior = await crew.as("Senior physician");
  await senior.hasTask("Colin Reid", /acknowledge an emergency report|recall the patient/,
    "named at the discharge to follow the pending report, when the emergency report comes");
  await again.see(visit, "decision");
  again.reads(await again.text(), /has to be reached/, "the decision page of a recalled patient");
  const contact = again.page.locator("form[action$='/contact']");
  await again.answer("reached", "no", contact);
  await again.send(contact.locator("button"));
  again.faults.expect((await again.refusal()) === "", `nobody answers the recall: ${await again.refusal()}`);
  await (await crew.as("Senior physician")).hasTask("Colin Reid", /welfare check/, "nobody answers the recall");
}

export async function scenario_10_not_ready_is_not_home(crew) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person("Edith Crane", 81, "female"));
  await nurse.triages(visit, 3, { ...VITAL, pain_score: "9", anticoagulant: "present" }, ...ASKED, RISKS);
  const doctor = await crew.as("Physician");
  await doctor.examines(visit, { pain_controlled: "absent", walking_as_before: "absent", home_safe: "absent", psoas_sign: "absent" }, ...EXAMINED);
  await doctor.decided(visit, "Stays", /Observe and re-examine/, "81 years, apixaban, all clear, cannot walk");
  doctor.faults.expect(await doctor.page.locator("button", { hasText: /^Order: / }).count() === 0, "a scan is asked for without a reason");
  await isNotHome(doctor, visit, "not ready to leave");
  const keep = doctor.page.locator("form[action$='/decide/observe']");
  await doctor.answer("minutes", "120", keep);
  await doctor.press("Keep", keep);
  doctor.reads(await doctor.row("Edith Crane"), "under observation", "the waiting list");
  await doctor.hasTask("Edith Crane", /examine again.*|1\d\d min left/, "under observation");
  // A missed re-check alarms after hours, which no page can make pass.
  await doctor.examines(visit, { gait_unsteady: "new" });
  await doctor.decided(visit, "Immediate", /whole spine/i, "newly unsteady on apixaban");
  await doctor.hasTask("Edith Crane", /anticoagulants, and decide on reversal/, "newly unsteady on apixaban");
}
