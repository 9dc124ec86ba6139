// Pictures of the pages, as a person sees them first: the window, not the whole page.

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

import { Crew, Faults } from "./staff.mjs";

const SIZES = {
  desktop: { width: 1280, height: 720 },
  tablet: { width: 820, height: 1100 },
  phone: { width: 390, height: 844 },
};
/** Name, who looks, and the address. */
const SHOTS = [
  ["sign-in", "Physician", "/sign-in"],
  ["check", "Physician", "/check"],
  ["check-about", "Physician", "/check/about"],
  ["sheet", "Physician", "/visit/demo-v4/sheet"],
  ["waiting", "Triage nurse", "/waiting"],
  ["arrival", "Triage nurse", "/arrival?number=D-1007"],
  ["triage", "Triage nurse", "/visit/demo-v0/triage"],
  ["examination", "Physician", "/visit/demo-v7/examination"],
  ["body-map", "Physician", "/visit/demo-v2/examination#f.leg_pain_left"],
  ["decision-emergency", "Physician", "/visit/demo-v2/decision"],
  ["decision-home", "Physician", "/visit/demo-v4/decision"],
  ["results", "Physician", "/visit/demo-v6/results"],
  ["tasks", "Physician", "/tasks"],
  ["timeline", "Physician", "/visit/demo-v6/timeline"],
  ["handover", "Physician", "/visit/demo-v6/handover"],
  ["follow-up", "Follow-up nurse", "/follow-up"],
  ["at-home", "Physician", "/visit/demo-v12/at-home"],
  ["for-the-patient", "Physician", "/visit/demo-v4/patient"],
  ["leaving", "Physician", "/visit/demo-v2/leaving"],
  ["mri-board", "MRI coordinator", "/mri"],
  ["mri-wall", "MRI coordinator", "/mri/wall"],
  ["mri-day", "MRI coordinator", "/mri/day"],
];
/** What the documents show. */
const DOCS = [
  "waiting-desktop", "triage-desktop", "decision-emergency-desktop", "examination-desktop",
  "decision-emergency-phone", "triage-phone", "follow-up-desktop",
];

/** All of them into a folder, and those of the documents into theirs. */
export async function takeShots(browser, base, dir, docs) {
  mkdirSync(dir, { recursive: true });
  const faults = new Faults();
  const crew = new Crew(browser, base, faults);
  for (const [name, role, path] of SHOTS) {
    const hand = await crew.as(role);
    for (const [kind, size] of Object.entries(SIZES)) {
      await hand.page.setViewportSize(size);
      await hand.page.goto(base + path, { waitUntil: "load" });
      await hand.page.evaluate(() => document.fonts.ready.then(() => 1));
      const file = `${name}-${kind}.png`;
      await hand.page.screenshot({ path: join(dir, file), animations: "disabled" });
      if (!docs || !DOCS.includes(`${name}-${kind}`)) continue;
      mkdirSync(resolve(docs), { recursive: true });
      await hand.page.screenshot({ path: join(resolve(docs), file), animations: "disabled" });
    }
  }
  await crew.home();
  for (const fault of faults.list) console.error(fault);
  console.log(`${SHOTS.length * Object.keys(SIZES).length} pictures in ${dir}`);
}
