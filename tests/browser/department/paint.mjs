// How long a page takes to its first paint on a slow line and a slow processor: a measurement,
// not a test.

import { Crew, Faults } from "./staff.mjs";

/** A phone on a poor mobile line, as Lighthouse takes it: 1.6 Mbit/s, 150 ms, a quarter of the speed. */
const LINE = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 };
const SLOWER = 4;
const TIMES = 5;
const PAGES = [
  ["Triage nurse", "/waiting"],
  ["Triage nurse", "/visit/demo-v0/triage"],
  ["Physician", "/visit/demo-v7/examination"],
  ["Physician", "/visit/demo-v2/decision"],
  ["Physician", "/visit/demo-v6/results"],
];

/** Milliseconds to the first content, cold: nothing of the page is kept from before. */
async function firstPaint(hand, path) {
  const line = await hand.page.context().newCDPSession(hand.page);
  await line.send("Network.enable");
  await line.send("Network.clearBrowserCache");
  await line.send("Network.emulateNetworkConditions", LINE);
  await line.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await hand.page.goto(hand.base + path, { waitUntil: "load" });
  const paint = await hand.page.evaluate(() => new Promise((found) => {
    new PerformanceObserver((list) => {
      const first = list.getEntriesByName("first-contentful-paint")[0];
      if (first) found(first.startTime);
    }).observe({ type: "paint", buffered: true });
  }));
  await line.detach();
  return paint;
}

/** Prints each page with the middle and the slowest of its times. */
export async function measurePaint(browser, base) {
  const crew = new Crew(browser, base, new Faults());
  for (const [role, path] of PAGES) {
    const hand = await crew.as(role);
    await hand.page.setViewportSize({ width: 390, height: 844 });
    const times = [];
    for (let turn = 0; turn < TIMES; turn += 1) times.push(Math.round(await firstPaint(hand, path)));
    times.sort((one, other) => one - other);
    console.log(`${path}: first paint ${times[TIMES >> 1]} ms, slowest of ${TIMES} ${times.at(-1)} ms`);
  }
  await crew.home();
}
