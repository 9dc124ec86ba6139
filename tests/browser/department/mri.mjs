// The MRI board, as a coordinator and a radiologist use it, while two scanners scan beside it.

import { connect } from "node:net";

import { lookedAt } from "./pages.mjs";
import { person } from "./scenarios.mjs";

/** A patient whose nerves may be pressed, with an order on the board that is screened; the visit. */
async function suspected(crew, name) {
  const nurse = await crew.as("Triage nurse");
  const visit = await nurse.registers(person(name, 34, "female"));
  await nurse.triages(visit, 2, { saddle_numbness: "new" });
  const doctor = await crew.as("Physician");
  await doctor.examines(visit, { post_void_residual: "450" });
  await doctor.see(visit, "decision");
  await doctor.press(/^Order: /);
  return visit;
}

async function desktop(hand) {
  await hand.page.setViewportSize({ width: 1280, height: 900 });
}

export async function when_somebody_is_ready_is_said_on_the_board(crew) {
  const visit = await suspected(crew, "Rosa Ready");
  const hand = await crew.as("MRI coordinator");
  await desktop(hand);
  await hand.go("/mri");
  const form = () => hand.page.locator(`form[action="/mri/order/${visit}.1/expect"]`);
  const open = async () => {
    await hand.tap(hand.page.locator(`details[id="expect-${visit}.1"] > summary`));
    await form().locator("select").focus();
  };
  await open();
  await hand.answer("chip", "transport", form());
  await hand.press("20 min", form());
  const row = hand.page.locator("tr").filter({ has: hand.page.locator(`a[href="/mri/order/${visit}.1"]`) }).first();
  hand.reads(await row.innerText(), /transport, expected \d\d:\d\d, in 20 min/, "the row after a button");
  await lookedAt(hand, "the board with a time of readiness");
  await desktop(hand);
  await open();
  await hand.answer("at", "25:99", form());
  await hand.press("At that time", form());
  hand.reads(await hand.text(), "Write the time as hours and minutes", "a time that is none");
  crew.provoked = /status of 422/;
  await hand.go("/mri");
  hand.reads(await hand.text(), /Reserved/, "the lanes");
  hand.reads(await hand.text(), /kept for emergency and above; everybody's from|it is everybody's now/, "reserved time in words");
  const drawn = await hand.page.locator(".lanes .gap title").first().textContent();
  hand.reads(drawn, /reserved, (kept for|released at)/, "reserved time in the drawing");
}

export async function a_time_of_readiness_is_said_by_keyboard_without_scripts(crew) {
  const visit = await suspected(crew, "Kay Keys");
  crew.options = { javaScriptEnabled: false };
  const hand = await crew.as("MRI coordinator");
  await hand.go(`/mri/order/${visit}.1`);
  const form = hand.page.locator(`form[action="/mri/order/${visit}.1/expect"]`);
  await form.locator("select").focus();
  await hand.page.keyboard.type("can");
  await hand.page.keyboard.press("Tab");
  await hand.page.keyboard.press("Tab");
  await hand.page.keyboard.press("Tab");
  const there = hand.page.waitForNavigation({ waitUntil: "domcontentloaded" });
  await hand.page.keyboard.press("Enter");
  await there;
  await hand.go("/mri");
  const row = hand.page.locator("tr").filter({ has: hand.page.locator(`a[href="/mri/order/${visit}.1"]`) }).first();
  hand.reads(await row.innerText(), /expected \d\d:\d\d, in 10 min/, "the row after the keyboard");
  await lookedAt(hand, "the board without scripts", { scripts: false });
}

export async function limited_pictures_are_read_on_the_table_and_the_report_has_an_hour(crew) {
  const visit = await suspected(crew, "Lena Limited");
  const hand = await crew.as("MRI coordinator");
  await desktop(hand);
  await hand.go(`/mri/order/${visit}.1`);
  await hand.page.locator("#protocol").focus();
  await hand.answer("protocol", "mri_lumbar_limited");
  await hand.answer("words", "15 minutes are free", hand.page.locator("form[action$='/protocol']"));
  await hand.press("Change the protocol");
  hand.reads(await hand.text(), "10 to 15 min, limited", "the order");
  await hand.screens(visit);
  // Both scanners may have somebody on the table by now.
  await hand.answer("scanner", "");
  await hand.press("Scan begins");
  hand.reads(await hand.text(), "Began", "the results after the begin");
  await lookedAt(hand, "the results while limited pictures are taken");
  await desktop(hand);
  await hand.go("/mri");
  hand.reads(await hand.text(), "Limited pictures to read", "the board while a limited protocol runs");
  await lookedAt(hand, "the board that asks for limited pictures");
  await lookedAt(await hand.go("/mri/wall"), "the wall that asks for limited pictures");
  await desktop(hand);
  await hand.go("/mri");
  await hand.press("Compression seen", hand.page.locator(`form[action="/mri/order/${visit}.1/limited"]`));
  const row = hand.page.locator("tr").filter({ has: hand.page.locator(`a[href="/mri/order/${visit}.1"]`) }).first();
  hand.reads(await row.innerText(), /MRI whole spine[^]*extended: compression seen/, "the row after the answer");
  await hand.see(visit, "timeline");
  hand.reads(await hand.everything(), "Extended: MRI whole spine", "the timeline");
  await hand.see(visit, "results");
  await hand.press("Scan ended, complete");
  await hand.go("/mri");
  hand.reads(await hand.text(), "Reports that are awaited", "the board after the scan");
  await lookedAt(hand, "the board with a report that is awaited");
  await lookedAt(await hand.go("/mri/day"), "the day with a report that is awaited");
  const radiologist = await crew.as("Radiologist");
  await desktop(radiologist);
  await radiologist.go("/mri");
  await radiologist.press("I report it", radiologist.page.locator(`form[action="/mri/order/${visit}.1/take"]`));
  const mine = radiologist.page.locator("section[aria-labelledby='h-reports'] tr").filter({ hasText: "Lena Limited" });
  radiologist.reads(await mine.innerText(), /radiologist; named: Dr /, "whose report it is");
  await radiologist.see(visit, "results");
  const form = radiologist.page.locator("form").filter({ hasText: "What it says" }).first();
  await radiologist.answer("words", "Disc at L4/5 presses the cauda equina.", form);
  await radiologist.answer("emergency", true, form);
  await radiologist.press("Save the report", form);
  await radiologist.go("/mri");
  const still = await radiologist.page.locator("section[aria-labelledby='h-reports']").filter({ hasText: "Lena Limited" }).count();
  radiologist.faults.expect(still === 0, "the report is there and is still awaited");
}

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

/** Sends a message as another system does, in its frame; the answer. */
async function tell(kind, control, segments) {
  const [host, port] = process.env.CAUDA_HL7.split(" ");
  const head = `MSH|^~\\&|SYNEHR|GENERAL|CAUDA|ED|20261126090000+0000||${kind}|${control}|P|2.3`;
  const frame = `\x0b${[head, ...segments].join("\r")}\r\x1c\r`;
  return new Promise((answered, failed) => {
    let said = "";
    const line = connect(Number(port), host, () => line.write(frame));
    line.on("data", (data) => {
      said += data;
      if (said.includes("\x1c")) { line.end(); answered(said); }
    });
    line.on("error", failed);
  });
}

export async function a_message_that_was_refused_is_looked_at_and_closed(crew) {
  crew.provoked = /status of 422/;
  const pid = "PID|||B-77^^^HOSP^MR||BROWSER^BEA||19720304|F";
  const order = ["ORC|NW|P-77", "OBR|1|P-77||MRB^MRI brain"];
  const taken = await tell("ORM^O01", "b1", [pid, "PV1||E|ED^B9", ...order]);
  const hand = await crew.as("MRI coordinator");
  hand.faults.expect(taken.includes("MSA|AA|b1"), `an order was answered ${taken}`);
  await hand.go("/mri");
  hand.reads(await hand.text(), "BROWSER, BEA", "the board");
  const refused = await tell("ORM^O01", "b2", ["ORC|XO|P-78", "OBR|1|P-78||MRB^MRI brain"]);
  hand.faults.expect(refused.includes("MSA|AR|b2"), `a change of nothing was answered ${refused}`);
  await hand.go("/mri");
  hand.reads(await hand.text(), "Messages of other systems were refused", "the board");
  await hand.send(hand.page.locator("a", { hasText: "Look at them" }));
  hand.reads(await hand.text(), "is not known here", "the list of messages");
  await lookedAt(hand, "refused messages");
  await hand.page.setViewportSize({ width: 1280, height: 900 });
  await hand.send(hand.page.locator("tbody a").first());
  hand.reads(await hand.text(), "ORC|XO|P-78", "the message");
  await lookedAt(hand, "a refused message");
  await hand.page.setViewportSize({ width: 1280, height: 900 });
  await hand.press("Try it again");
  hand.reads(await hand.text(), "Not done", "tried again in vain");
  await hand.answer("words", "asked the ward, it was a test");
  await hand.press("Close it");
  hand.reads(await hand.text(), "Every HL7 message that came was taken", "the list after it");
}
