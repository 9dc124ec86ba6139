// A physician at the order screen of an EHR, and Cauda inside it: in a frame 400 px wide, without
// cookies, without scripts, and by keyboard alone.

import { lookedAt } from "./pages.mjs";

const FRAME_PX = 400;

/** Somebody at the EHR, who signed in nowhere. */
async function physician(crew, options = {}) {
  const context = await crew.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  crew.watch(page);
  const hand = new (await crew.as("Physician")).constructor(page, crew.ehr, crew.faults, "physician at the EHR");
  crew.open.set(`EHR ${crew.open.size}`, hand);
  return hand;
}

/** Chooses an examination for a patient; what the screen says then. */
async function orders(hand, patient, choice = "mr-lumbar", reason = null) {
  await hand.go(`/patients/${patient}`);
  await hand.answer("choice", choice);
  if (reason) await hand.answer("reason", reason);
  await hand.press("Choose");
  return hand.text();
}

/** Opens the app of the first card, in its frame. */
async function opens(hand) {
  await hand.send(hand.page.locator("main a").filter({ hasText: "in Cauda" }).first());
  const holder = await hand.page.waitForSelector("iframe");
  const frame = await holder.contentFrame();
  await frame.waitForSelector("h1");
  const { width } = await holder.boundingBox();
  hand.faults.expect(Math.abs(width - FRAME_PX) <= 2, `the frame is ${width} px wide`);
  return frame;
}

const inFrame = async (frame) => (await frame.locator("body").innerText()).replace(/\s+/g, " ");

/** Nothing of the page stands beyond the frame. */
async function fits(hand, frame, name) {
  const over = await frame.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  hand.faults.expect(over <= 0, `${name}: ${over} px too wide for its frame`);
}

/** The same page in a window of its own, as the frame has it. */
async function closely(crew, frame, name) {
  const hand = await physician(crew);
  await hand.page.goto(frame.url());
  await lookedAt(hand, name);
}

export async function an_order_brings_questions_and_the_answers_change_it(crew) {
  const hand = await physician(crew);
  const began = performance.now();
  hand.reads(await orders(hand, "strain"), "Cannot decide yet", "the card of an empty chart");
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  await lookedAt(hand, "the order screen");
  await hand.page.setViewportSize({ width: 1280, height: 900 });
  const frame = await opens(hand);
  await fits(hand, frame, "the app with questions");
  hand.reads(await inFrame(frame), "Nothing that is left open counts as no", "the app");
  const cookies = await hand.page.context().cookies(crew.base);
  hand.faults.expect(cookies.length === 0, "the app sets a cookie");
  await closely(crew, frame, "the app with questions");
  await frame.locator('[name="as"][value="physician"]').check();
  const saddle = frame.locator('[name="f.saddle_numbness"][value="new"]');
  await frame.locator("details", { has: saddle }).locator("summary").click();
  await saddle.check();
  await frame.getByRole("button", { name: "Save the answers" }).click();
  await frame.waitForSelector(".verdict >> text=MRI now");
  await fits(hand, frame, "the app with a verdict");
  await closely(crew, frame, "the app with a verdict");
  await frame.getByRole("button", { name: "Write the decision into the chart" }).click();
  await frame.waitForSelector("text=This decision stands in the chart");
  await hand.go("/patients/strain");
  hand.reads(await hand.text(), "MRI lumbar spine", "the chart after the decision was written");
  hand.reads(await orders(hand, "strain"), "MRI now (emergency)", "the card after the answers");
  return `${seconds} s from the patient to the card`;
}

export async function without_scripts_and_cookies_an_emergency_is_ordered(crew) {
  crew.options = { javaScriptEnabled: false };
  const hand = await physician(crew, { javaScriptEnabled: false });
  hand.reads(await orders(hand, "cauda-equina"), "The priority of this order is too low", "the card");
  const frame = await opens(hand);
  hand.reads(await inFrame(frame), "Call: Spinal surgery, now", "the app");
  await hand.page.goBack();
  await hand.press("make it stat");
  hand.reads(await hand.text(), "stat", "the order after the suggestion");
  await hand.press("Sign");
  hand.reads(await hand.text(), "Order signed", "the order screen");
}

export async function a_card_is_answered_by_keyboard_alone(crew) {
  const hand = await physician(crew);
  await orders(hand, "infection");
  const words = () => hand.page.evaluate(() => document.activeElement?.innerText ?? "");
  for (let keys = 0; keys < 40 && !(await words()).startsWith("Set aside"); keys += 1) {
    await hand.page.keyboard.press("Tab");
  }
  hand.reads(await words(), "Set aside", "what the keyboard reaches");
  await hand.page.keyboard.press("Enter");
  await hand.page.keyboard.press("Tab");
  await hand.page.keyboard.press("ArrowDown");
  for (let keys = 0; keys < 10 && !/aside/i.test(await words()); keys += 1) {
    await hand.page.keyboard.press("Tab");
  }
  const there = hand.page.waitForNavigation({ waitUntil: "domcontentloaded" });
  await hand.page.keyboard.press("Enter");
  await there;
  hand.reads(await hand.text(), "Set aside:", "the card that was set aside");
}

export async function a_child_gets_no_advice_but_every_alarm(crew) {
  const hand = await physician(crew);
  const text = await orders(hand, "child");
  hand.faults.expect(!/No picture of the spine is recommended/.test(text), "a child is reassured");
  hand.reads(text, "Under 18: the guideline is for adults", "the card of a child");
}

export async function where_the_advice_comes_from_can_be_read(crew) {
  const hand = await physician(crew);
  await hand.page.goto(`${crew.base}/ehr/source`);
  hand.reads(await hand.text(), "13. Use of health status assessments data", "the source page");
  await lookedAt(hand, "the source page");
  await hand.go("/traffic");
  await lookedAt(hand, "the traffic between the two");
}
