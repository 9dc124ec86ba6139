// The MRI board, as a coordinator and a radiologist use it, while two scanners scan beside it.

import { lookedAt } from "./pages.mjs";

export async function the_board_is_read_on_every_screen(crew) {
  const hand = await crew.as("MRI coordinator");
  for (const [path, words] of [["/mri", "MRI board"], ["/mri/wall", "MRI, next"], ["/mri/day", "last 24 hours"], ["/mri/new", "Order a scan"]]) {
    await hand.go(path);
    hand.reads(await hand.text("h1"), words, path);
    await lookedAt(hand, path);
  }
  await hand.go("/mri/wall");
  const wall = await hand.everything();
  await hand.go("/mri");
  const names = await hand.page.locator("tbody th a").allInnerTexts();
  for (const name of names) hand.faults.expect(!wall.includes(name), `${name} is on the wall`);
}

export async function an_order_is_followed_from_the_decision_to_the_scanner(crew) {
  const doctor = await crew.as("Physician");
  await doctor.see("demo-v2", "decision");
  await doctor.press(/Order/);
  const hand = await crew.as("MRI coordinator");
  await hand.go("/mri");
  await hand.send(hand.page.locator('a[href="/mri/order/demo-v2.1"]').first());
  hand.reads(await hand.text(), "MRI lumbar spine", "the order");
  await lookedAt(hand, "the page of an order");
  await hand.answer("c.screening", "yes");
  await hand.press("Save");
  hand.reads(await hand.everything(), "safety screening signed", "the order after screening");
  await hand.answer("will", "hold");
  await hand.press("Move");
  hand.reads(await hand.text(), "needs a reason", "a hold without a reason");
  await hand.page.setViewportSize({ width: 1280, height: 900 });
  await hand.go("/mri/order/demo-v2.1");
  await hand.answer("scanner", "mr2");
  const prepared = hand.page.locator("main button", { hasText: "Here and prepared" });
  await hand.send(prepared);
  // When the scanner is free it begins by itself, which may take a scan's time; a server test waits for it.
  await hand.go("/mri");
  const row = hand.page.locator("tr").filter({ has: hand.page.locator('a[href="/mri/order/demo-v2.1"]') });
  const text = (await row.first().innerText()).replace(/\s+/g, " ");
  hand.faults.expect(/Begin|Ended/.test(text), `the row of the prepared patient says “${text}”`);
  await doctor.see("demo-v2", "timeline");
  doctor.reads(await doctor.everything(), /screened/i, "the timeline of the visit");
}

export async function a_scan_is_ordered_by_keyboard_without_scripts(crew) {
  crew.options = { javaScriptEnabled: false };
  const hand = await crew.as("MRI coordinator");
  await hand.go("/mri/new");
  await hand.page.locator("input[name=kind]").first().focus();
  const type = async (text) => hand.page.keyboard.type(text);
  await hand.page.keyboard.press("Space");
  for (const text of [null, "Keyboard, Kim", "K-1", "1970-01-02", "Bay 2", "Dr Keys", "4711", "weak arm"]) {
    await hand.page.keyboard.press("Tab");
    if (text) await type(text);
  }
  const there = hand.page.waitForNavigation({ waitUntil: "domcontentloaded" });
  await hand.page.keyboard.press("Enter");
  await there;
  hand.reads(await hand.text(), "Keyboard, Kim", "the order");
  hand.reads(await hand.text(), "immediate", "its tier");
}
