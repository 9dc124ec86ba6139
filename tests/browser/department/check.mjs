// The self-check as a patient meets it: on a phone, without an account, with and without scripts.

import { lookedAt } from "./pages.mjs";

/** Somebody who signed in nowhere. */
async function patient(crew) {
  const hand = await crew.as("Physician");
  await hand.page.context().clearCookies();
  await hand.page.setViewportSize({ width: 390, height: 844 });
  return hand.go("/check");
}

const heading = (hand) => hand.text("h1");
const next = (hand) => hand.press("Next");

export async function a_patient_checks_at_home(crew) {
  const hand = await patient(crew);
  await lookedAt(hand, "/check");
  await hand.press("Start");
  await lookedAt(hand, "the first page of the check");
  await hand.answer("f.age", "forty");
  crew.provoked = /status of 422/;
  await next(hand);
  hand.reads(await hand.text(), "write a whole number", "a mistyped age");
  await hand.answer("f.age", "41");
  await hand.answer("f.pain_score", "7");
  const taps = hand.taps;
  await next(hand);
  hand.reads(await heading(hand), "right now", "the second page");
  await lookedAt(hand, "the second page of the check");
  await next(hand);
  await next(hand);
  hand.reads(await heading(hand), "pee or poo", "the page on the bladder");
  await hand.answers({ saddle_numbness: "new", urinary_stream_change: "not_known" });
  await next(hand);
  await hand.press("Back");
  const kept = await hand.page.locator("[name='f.saddle_numbness']:checked").getAttribute("value");
  hand.faults.expect(kept === "new", "going back loses an answer");
  await next(hand);
  await next(hand);
  hand.reads(await heading(hand), "Go to the ER today", "the result");
  hand.reads(await hand.text(), "An MRI is likely", "the result");
  await lookedAt(hand, "the result of the check");
  const cookies = await hand.page.context().cookies();
  hand.faults.expect(cookies.length === 0, "the check sets a cookie");
  const code = await hand.text(".code");
  const nurse = await crew.as("Triage nurse");
  await nurse.see("demo-v1", "triage");
  await nurse.answer("code", code);
  await nurse.press("Show the answers");
  nurse.reads(await nurse.text(), /Answered at home/i, "the nurse's page");
  nurse.reads(await nurse.everything(), "At home: Yes, this is new", "the nurse's page");
  const entered = await nurse.page.locator("main fieldset input:checked").count();
  nurse.faults.expect(entered === 0, `${entered} answers are filled in for the nurse`);
  await lookedAt(nurse, "triage with answers from home");
  return `${hand.taps - taps} taps from the second page to the result`;
}

export async function a_plain_strain_checks_at_home_without_scripts(crew) {
  crew.options = { javaScriptEnabled: false };
  const hand = await patient(crew);
  await hand.press("Start");
  await hand.answer("f.age", "34");
  for (let page = 1; page <= 8; page += 1) {
    hand.reads(await hand.text(), `Page ${page} of 8`, `page ${page}`);
    if (page === 4) await lookedAt(hand, "a page of the check without scripts", { scripts: false });
    await next(hand);
  }
  hand.reads(await heading(hand), "watch for danger signs", "the result");
  await lookedAt(hand, "the result without scripts", { scripts: false });
  hand.faults.expect(hand.taps <= 10, `${hand.taps} taps`);
  return `${hand.taps} taps`;
}

export async function the_sheet_a_patient_takes_home_is_one_page(crew) {
  const doctor = await crew.as("Physician");
  for (const large of ["", "?large=1"]) {
    await doctor.go(`/visit/demo-v4/sheet${large}`);
    await lookedAt(doctor, `the sheet ${large}`);
    const pdf = await doctor.page.pdf({ format: "A4", tagged: true, margin: { top: "12mm", bottom: "12mm", left: "14mm", right: "14mm" } });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    const most = large ? 3 : 1;
    doctor.faults.expect(pages <= most, `the sheet ${large} takes ${pages} pages, ${most} at most`);
  }
}

export async function downtime_sheets_fit_on_paper(crew) {
  const doctor = await crew.as("Physician");
  for (const path of ["/downtime", "/visit/demo-v2/downtime"]) {
    await doctor.go(path);
    doctor.reads(await heading(doctor), "downtime sheet", path);
    await lookedAt(doctor, path);
    const margin = { top: "10mm", bottom: "10mm", left: "12mm", right: "12mm" };
    const pdf = await doctor.page.pdf({ format: "A4", tagged: true, margin });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    doctor.faults.expect(pages <= 3, `${path} takes ${pages} pages, 3 at most`);
  }
}

export async function the_letter_to_the_next_clinician_fits_on_two_pages(crew) {
  const doctor = await crew.as("Physician");
  for (const visit of ["demo-v0", "demo-v2", "demo-v4"]) {
    await doctor.go(`/visit/${visit}/letter`);
    doctor.reads(await heading(doctor), "letter to the next clinician", visit);
    doctor.reads(await doctor.text(), "never a no", visit);
    await lookedAt(doctor, `the letter of ${visit}`);
    const margin = { top: "10mm", bottom: "10mm", left: "12mm", right: "12mm" };
    const pdf = await doctor.page.pdf({ format: "A4", tagged: true, margin });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    doctor.faults.expect(pages <= 2, `the letter of ${visit} takes ${pages} pages, 2 at most`);
  }
}
