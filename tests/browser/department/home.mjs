// Patients with a link, on their own telephone: waiting, and six weeks at home; and the staff who
// call, look again, and share what the patient may read.

import { lookedAt } from "./pages.mjs";

/** The patient's links of a visit, as paths. */
async function linksOf(hand, visit) {
  await hand.see(visit, "patient");
  const links = await hand.page.locator("p.link a").allInnerTexts();
  return links.map((link) => new URL(link).pathname);
}

/** The telephone of somebody who signed in nowhere. */
async function telephone(crew, options = {}) {
  const context = await crew.browser.newContext({ viewport: { width: 390, height: 844 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  crew.watch(page);
  const hand = new (await crew.as("Physician")).constructor(page, crew.base, crew.faults, "patient");
  crew.open.set(`patient ${crew.open.size}`, hand);
  return hand;
}

const heading = (hand) => hand.text("h1");

export async function a_patient_waits_and_reads_what_is_shared_as_it_is_shared(crew) {
  const doctor = await crew.as("Physician");
  const [waiting] = await linksOf(doctor, "demo-v4");
  await lookedAt(doctor, "what the patient may read");
  const patient = await telephone(crew);
  await patient.go(waiting);
  patient.reads(await patient.text(), "A doctor looks after you", "the waiting page");
  await lookedAt(patient, "the waiting page");
  await patient.page.setViewportSize({ width: 390, height: 844 });
  await doctor.see("demo-v4", "patient");
  const choice = doctor.page.locator("label.check").last();
  const words = (await choice.innerText()).trim();
  await choice.click();
  await doctor.press("Share what is ticked");
  await patient.page.locator("main", { hasText: words }).waitFor();
  patient.reads(await patient.text(), "What comes next", "the waiting page after sharing");
  await lookedAt(patient, "the waiting page with what was shared");
  const cookies = await patient.page.context().cookies();
  patient.faults.expect(cookies.length === 0, "a patient's page sets a cookie");
}

export async function a_patient_answers_at_home_without_scripts(crew) {
  crew.provoked = /status of 422/;
  const nurse = await crew.as("Follow-up nurse");
  const link = (await linksOf(nurse, "demo-v10")).at(-1);
  const patient = await telephone(crew, { javaScriptEnabled: false });
  await patient.go(link);
  await lookedAt(patient, "the questions at home", { scripts: false });
  await patient.press("Send");
  patient.reads(await patient.text(), "Please answer the first question", "an empty answer");
  await patient.answer("signs", "none");
  await patient.answer("pain", "3");
  await patient.answer("course", "same");
  await patient.answer("daily", "some");
  await patient.answer("work", "less");
  await patient.page.locator("label", { hasText: "Kept moving" }).click();
  await patient.press("Send");
  patient.reads(await heading(patient), "Thank you", "the answer");
  await lookedAt(patient, "thanks", { scripts: false });
  await nurse.see("demo-v10", "at-home");
  nurse.reads(await nurse.text(), /by the patient/, "the page at home");
  nurse.reads(await nurse.text(), "3 of 10", "the page at home");
  return `${patient.taps} taps`;
}

export async function a_danger_sign_at_home_says_call_by_keyboard_alone(crew) {
  const doctor = await crew.as("Physician");
  const link = (await linksOf(doctor, "demo-v13")).at(-1);
  const patient = await telephone(crew);
  await patient.go(link);
  await lookedAt(patient, "the questions at home with scripts");
  const at = () => patient.page.evaluate(() => document.activeElement?.value ?? "");
  for (let keys = 0; keys < 12 && (await at()) !== "fever_or_very_ill"; keys += 1) {
    await patient.page.keyboard.press("Tab");
  }
  await patient.page.keyboard.press("Space");
  const sent = patient.page.waitForNavigation();
  await patient.page.keyboard.press("Enter");
  await sent;
  patient.reads(await heading(patient), "Call 112 now", "the answer to a danger sign");
  await lookedAt(patient, "the answer to a danger sign");
  await patient.press("Send");
  patient.reads(await heading(patient), "Call 112 now", "after the details");
  await doctor.go("/follow-up");
  const first = await doctor.page.locator("tbody tr").first().innerText();
  doctor.reads(first, "must be reached now", "the first row of the list");
}

export async function a_patient_reads_spanish_from_the_question_to_the_danger_sign(crew) {
  crew.provoked = /status of 422/;
  const doctor = await crew.as("Physician");
  const [waiting] = await linksOf(doctor, "demo-v4");
  const patient = await telephone(crew, { locale: "es-MX" });
  await patient.go(waiting);
  patient.reads(await patient.text(), "Un médico le atiende", "the waiting page by the browser's language");
  await lookedAt(patient, "the waiting page in Spanish");
  const home = (await linksOf(doctor, "demo-v11")).at(-1);
  const english = await telephone(crew);
  await english.go(home);
  await english.send(english.page.locator("a[hreflang=es]"));
  english.reads(await heading(english), "¿Cómo está su espalda?", "the questions after a tap on Español");
  english.reads(await english.text("aside"), "has not been checked", "the warning");
  await lookedAt(english, "the questions in Spanish");
  await english.press("Enviar");
  english.reads(await english.text(), "conteste la primera pregunta", "an empty answer in Spanish");
  await english.page.locator("label", { hasText: "Tiene adormecida la zona" }).click();
  await english.press("Enviar ahora");
  english.reads(await heading(english), "Llame al 112 ahora", "the answer to a danger sign in Spanish");
  await lookedAt(english, "the answer to a danger sign in Spanish");
  await english.press("Enviar");
  english.reads(await heading(english), "Llame al 112 ahora", "after the details in Spanish");
  await doctor.go("/visit/demo-v4/sheet");
  await doctor.send(doctor.page.locator("a[hreflang=es]"));
  doctor.reads(await heading(doctor), "Ir a casa con dolor de espalda", "the sheet in Spanish");
  await lookedAt(doctor, "the sheet in Spanish");
  await doctor.send(doctor.page.locator("a", { hasText: "Large letters" }));
  doctor.reads(await heading(doctor), "Ir a casa", "the sheet in Spanish, large");
  await lookedAt(doctor, "the sheet in Spanish, large");
}

export async function the_follow_up_list_leads_to_the_call_and_the_outpatient_scan(crew) {
  const nurse = await crew.as("Follow-up nurse");
  await nurse.go("/follow-up");
  await lookedAt(nurse, "the follow-up list");
  const row = nurse.page.locator("tbody tr", { hasText: "Marta Kowalska" });
  await nurse.send(row.locator("a.button"));
  nurse.reads(await heading(nurse), "At home", "the page at home");
  await nurse.answer("signs", "unsure");
  await nurse.press("Save the answers");
  nurse.reads(await nurse.text(), "call today: not sure of a danger sign", "an answer that is not sure");
  await lookedAt(nurse, "the page at home");
  const doctor = await crew.as("Physician");
  await doctor.go("/follow-up");
  const look = doctor.page.locator("tbody tr", { hasText: "Hye-jin Park" });
  doctor.reads(await look.innerText(), "outpatient MRI may be due", "the row of six weeks");
  await doctor.send(look.locator("a.button"));
  doctor.reads(await doctor.text(), "Outpatient MRI at six weeks", "another look");
  await doctor.answers({ conservative_care_documented: "present", surgery_or_injection_candidate: "present" });
  await doctor.press("Save these");
  await doctor.press("Order as an outpatient");
  await doctor.see("demo-v12", "results");
  doctor.reads(await doctor.text(), "MRI lumbar spine, outpatient", "the order");
  await lookedAt(doctor, "results of a patient at home");
}
