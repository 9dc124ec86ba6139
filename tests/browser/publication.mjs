// The publication as a reader meets it: real pages in a real browser, from
// files, without a server. Every page is opened; what a person would notice is
// checked: accessibility, width, links, size, printing, nothing from elsewhere.
//
//   node publication.mjs PUBLICATION_DIR [--shots DIR]
//
// Axe and the widths take most of the time, and pages of one kind are written by the same code: a
// run looks so closely at a fifth of the pages, and at those that have no like. CAUDA_SHARD says
// which fifth; CAUDA_LONG=1 takes all.

import { readdirSync, readFileSync, statSync, existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const PAGE_BYTES_MAX = 80_000;
const WIDTHS = { phone: 360, tablet: 768, desktop: 1280 };
const NARROWEST = 320;
/** A4 between its margins, in CSS pixels. */
const PAPER_WIDTH = 703;
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const SHARDS = 5;
const shard = Number(process.env.CAUDA_SHARD ?? 0) % SHARDS;
const root = resolve(process.argv[2] ?? "");
const shots = process.argv[3] === "--shots" ? resolve(process.argv[4]) : null;
const browserPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const faults = [];
let checks = 0;

function expect(holds, what) {
  checks += 1;
  if (!holds) faults.push(what);
}

function filesBelow(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** Faults of the charts as they stand: too wide without a way to see the rest. */
function chartFaults() {
  const faults = [];
  for (const box of document.querySelectorAll(".chart")) {
    const name = box.getAttribute("aria-label") ?? "a chart";
    const svg = box.querySelector("svg");
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    if (scale < 0.75) faults.push(`${name}: drawn at ${Math.round(scale * 100)} %, too small to read`);
    if (svg.getBoundingClientRect().width <= box.clientWidth + 1) continue;
    const hint = box.parentElement.querySelector(".hint");
    const scrolls = ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
    if (!scrolls) faults.push(`${name}: wider than its box, and cut off`);
    if (box.tabIndex !== 0 || box.getAttribute("role") !== "region" || !box.getAttribute("aria-label")) {
      faults.push(`${name}: wider than its box, and the keyboard cannot scroll it`);
    }
    if (!hint || getComputedStyle(hint).display === "none") {
      faults.push(`${name}: wider than its box, and nothing says so`);
    }
  }
  return faults;
}

/** Faults of a page that is part of a chapter: no way to the parts beside it. */
function partFaults() {
  const title = document.querySelector("h1")?.textContent ?? "";
  const [, at, of] = title.match(/, part (\d+) of (\d+)$/) ?? [];
  const bars = [...document.querySelectorAll(".parts")];
  if (!at) return bars.length > 0 ? ["part links without a part in the title"] : [];
  const faults = bars.length === 2 ? [] : [`${bars.length} of 2 bars of part links`];
  for (const bar of bars) {
    if (!bar.textContent.startsWith(`Part ${at} of ${of}`)) faults.push("another part in the bar");
    if (+at > 1 && !bar.querySelector('a[rel="prev"]')) faults.push("no link to the part before");
    if (+at < +of && !bar.querySelector('a[rel="next"]')) faults.push("no link to the part after");
  }
  return faults;
}

/** Words of a table that are broken inside, ids and hashes aside. */
function splitWords() {
  const split = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let left = 4_000;
  while (walker.nextNode() && left > 0) {
    const node = walker.currentNode;
    if (!node.parentElement.closest("td, th") || node.parentElement.closest("code")) continue;
    for (const word of node.data.matchAll(/[\p{L}]{2,}/gu)) {
      left -= 1;
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((rect) => Math.round(rect.top)));
      if (lines.size > 1) split.push(word[0]);
    }
  }
  return split;
}

/** Everything about one page that does not need another width. */
async function readPage(page, file, ids, wanted) {
  const name = relative(root, file);
  expect(statSync(file).size <= PAGE_BYTES_MAX, `${name}: larger than ${PAGE_BYTES_MAX} bytes`);
  await page.goto(pathToFileURL(file).href);
  const seen = await page.evaluate(() => ({
    title: document.title,
    lang: document.documentElement.lang,
    ids: [...document.querySelectorAll("[id]")].map((node) => node.id),
    links: [...document.querySelectorAll("a[href]")].map((node) => node.href),
    headings: [...document.querySelectorAll("h1, h2, h3, h4")].map((node) => +node.tagName[1]),
    inline: document.querySelectorAll("[style], style, [onclick], body script").length,
    scripts: document.scripts.length,
    styled: getComputedStyle(document.querySelector("header")).borderBottomWidth,
    landmarks: ["header", "nav", "main", "footer"].filter((tag) => !document.querySelector(tag)),
    // A text that runs out of its box in a chart.
    spilt: [...document.querySelectorAll(".chart .drawing > g")].flatMap((group) => {
      const box = group.querySelector("rect").getBBox();
      return [...group.querySelectorAll("text")].filter((text) => {
        const own = text.getBBox();
        return own.x < box.x || own.x + own.width > box.x + box.width ||
          own.y < box.y || own.y + own.height > box.y + box.height;
      }).map((text) => text.textContent);
    }),
    // Boxes of a chart on top of each other.
    overlapping: [...document.querySelectorAll(".chart svg")].flatMap((svg) => {
      const boxes = [...svg.querySelectorAll("g > rect:first-child")].map((rect) => rect.getBBox());
      return boxes.filter((one, at) => boxes.slice(at + 1).some((other) =>
        one.x < other.x + other.width && other.x < one.x + one.width &&
        one.y < other.y + other.height && other.y < one.y + one.height)).map((box) => box.y);
    }),
  }));
  expect(seen.title.length > 0 && seen.lang === "en", `${name}: no title or language`);
  expect(seen.styled === "2px", `${name}: the style sheet is not applied`);
  expect(seen.landmarks.length === 0, `${name}: no ${seen.landmarks.join(", ")}`);
  expect(seen.scripts === 0 && seen.inline === 0, `${name}: a script or an inline style`);
  expect(seen.headings[0] === 1, `${name}: does not begin with a first heading`);
  const jump = seen.headings.find((level, at) => at > 0 && level > seen.headings[at - 1] + 1);
  expect(jump === undefined, `${name}: a heading of level ${jump} too deep`);
  expect(new Set(seen.ids).size === seen.ids.length, `${name}: an id stands twice`);
  expect(seen.spilt.length === 0, `${name}: text out of its box: ${seen.spilt.join(" | ")}`);
  expect(seen.overlapping.length === 0, `${name}: boxes of a chart overlap`);
  for (const fault of await page.evaluate(partFaults)) expect(false, `${name}: ${fault}`);
  const title = await page.evaluate(() => document.querySelector("h1").textContent);
  expect(/, part \d+ of \d+$/.test(title) === isPart(file), `${name}: the title says which part, or not`);
  checks += 1;
  ids.set(file, new Set(seen.ids));
  for (const link of seen.links) wanted.push([name, link]);
}

/** What a machine sees of how accessible the page is. */
async function accessible(page, file) {
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const axe = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags, preload: false }), AXE_TAGS);
  for (const violation of axe.violations) {
    const where = violation.nodes[0]?.html.slice(0, 160);
    expect(false, `${relative(root, file)}: axe ${violation.id}: ${violation.help}: ${where}`);
  }
  checks += axe.passes.length;
}

/** Whether a chapter goes over several files and this is one of them. */
function isPart(file) {
  const stem = file.replace(/(_\d+)?\.html$/, "");
  const name = relative(root, stem);
  const splits = /^(facts|vocabulary|cases|sources|signature|changes)\b|\.cases$/.test(name);
  return splits && existsSync(`${stem}_2.html`);
}

/** The checks themselves: faults planted on a page are found. */
async function findsPlantedFaults(page) {
  await page.setContent('<html lang="en"><title>t</title><main><h1>t</h1>' +
    '<p style="color:#bbb">pale</p><img src="data:,"><input>' +
    '<div style="width:2000px">wide</div></main></html>');
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const found = await page.evaluate((tags) =>
    window.axe.run(document, { runOnly: tags, preload: false }), AXE_TAGS);
  const names = found.violations.map((violation) => violation.id);
  for (const planted of ["color-contrast", "image-alt", "label"]) {
    expect(names.includes(planted), `axe does not find a planted ${planted}`);
  }
  const wide = await page.evaluate(() =>
    document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(wide, "a page that is too wide is not found");
  await page.setViewportSize({ width: 390, height: 800 });
  const svg = '<svg viewBox="0 0 900 20" width="900" height="20"></svg>';
  const figure = (box, hint) => page.setContent(`<main><figure>${hint}<div class="chart" ${box}>${svg}</div></figure></main>`);
  const count = () => page.evaluate(chartFaults).then((faults) => faults.length);
  await figure('style="overflow:hidden"', "");
  expect(await count() === 3, "a chart that is cut off is not found");
  const region = 'style="overflow-x:auto" tabindex="0" role="region" aria-label="Chart"';
  await figure(region, "");
  expect(await count() === 1, "a chart without its hint is not found");
  await figure(region, '<p class="hint">scroll</p>');
  expect(await count() === 0, "a chart that scrolls is taken for a fault");
  const parts = async (html) => {
    await page.setContent(`<main><h1>Sources, part 2 of 3</h1>${html}</main>`);
    return page.evaluate(partFaults).then((faults) => faults.length);
  };
  const links = '<p class="parts">Part 2 of 3 <a rel="prev" href="#">1</a> <a rel="next" href="#">3</a></p>';
  expect(await parts("") > 0, "a part without its links is not found");
  expect(await parts(links + links.replace("next", "")) > 0, "a missing link to the next part is not found");
  expect(await parts(links + links) === 0, "a part with its links is taken for a fault");
  await page.setContent('<main><table><tr><td style="width:3rem;max-width:3rem;overflow-wrap:anywhere">unknown</td></table></main>');
  expect((await page.evaluate(splitWords)).length === 1, "a word broken inside is not found");
}

/** No page scrolls sideways, from 320 px up. */
async function fits(page, file) {
  for (const width of [NARROWEST, ...Object.values(WIDTHS)]) {
    await page.setViewportSize({ width, height: 800 });
    const over = await page.evaluate(() =>
      document.documentElement.scrollWidth - document.documentElement.clientWidth);
    const name = relative(root, file);
    expect(over <= 0, `${name}: ${over} px too wide at ${width} px`);
    for (const fault of await page.evaluate(chartFaults)) expect(false, `${name}, ${width} px: ${fault}`);
    if (width !== WIDTHS.phone) continue;
    const split = await page.evaluate(splitWords);
    expect(split.length === 0, `${name}: words broken at ${width} px: ${split.slice(0, 5).join(", ")}`);
  }
}

function resolveLinks(ids, wanted) {
  for (const [name, link] of wanted) {
    const url = new URL(link);
    if (url.protocol !== "file:") {
      expect(false, `${name}: leads elsewhere: ${link}`);
      continue;
    }
    const anchor = decodeURIComponent(url.hash.slice(1));
    url.hash = "";
    const target = fileURLToPath(url);
    expect(existsSync(target), `${name}: no file ${relative(root, target)}`);
    const known = ids.get(target);
    if (anchor && known) expect(known.has(anchor), `${name}: no #${anchor} in ${relative(root, target)}`);
  }
}

/** The keyboard reaches the skip link, the chapters, every link and every chart. */
async function keyboard(page, file) {
  const name = relative(root, file);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(pathToFileURL(file).href);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => {
    const at = document.activeElement;
    const box = at.getBoundingClientRect();
    return { text: at.textContent, visible: box.left >= 0 && box.top >= 0 };
  });
  expect(first.text === "Skip to the page" && first.visible, `${name}: the skip link does not show`);
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement.id === "main"), `${name}: skip does not skip`);
  await page.goto(pathToFileURL(file).href);
  const stops = await page.evaluate(() =>
    document.querySelectorAll('a[href], [tabindex="0"]').length);
  const reached = new Set();
  for (let tab = 0; tab < stops; tab += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const all = [...document.querySelectorAll('a[href], [tabindex="0"]')];
      const style = getComputedStyle(document.activeElement);
      return { place: all.indexOf(document.activeElement), outline: style.outlineStyle };
    });
    reached.add(at.place);
    expect(at.outline !== "none", `${name}: focus ${at.place} is not visible`);
  }
  reached.delete(-1);
  expect(reached.size === stops, `${name}: the keyboard reaches ${reached.size} of ${stops}`);
}

/** Paper: a PDF of some pages, and black on white. */
async function prints(page, file, format) {
  await page.goto(pathToFileURL(file).href);
  const pdf = await page.pdf({ format, tagged: true });
  expect(pdf.subarray(0, 5).toString() === "%PDF-" && pdf.length > 5_000, `${relative(root, file)}: no PDF`);
  await page.emulateMedia({ media: "print" });
  const nav = await page.evaluate(() => getComputedStyle(document.querySelector("nav")).display);
  expect(nav === "none", `${relative(root, file)}: the chapters are printed`);
  // The charts go over the sheets in slices, each as wide as the paper at most.
  await page.setViewportSize({ width: PAPER_WIDTH, height: 1000 });
  const slices = await page.evaluate(() => [...document.querySelectorAll(".slices svg")].map((svg) => {
    const box = svg.getBoundingClientRect();
    return { wide: box.right - document.documentElement.clientWidth, high: box.height };
  }));
  const charts = await page.evaluate(() => document.querySelectorAll(".chart").length);
  expect(charts === 0 || slices.length >= charts, `${relative(root, file)}: a chart is not printed`);
  expect(slices.every((slice) => slice.wide <= 0 && slice.high > 0 && slice.high <= 400),
    `${relative(root, file)}: a slice of a chart does not fit the paper`);
  await page.emulateMedia({ media: null });
  return pdf;
}

const pages = filesBelow(root).filter((file) => file.endsWith(".html")).sort();
if (pages.length === 0) {
  console.error(`no page in ${root}`);
  process.exit(2);
}
const browser = await chromium.launch({
  executablePath: browserPath,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run"],
});

/** A page of the browser whose complaints are faults. */
async function openPage() {
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      expect(false, `${relative(root, page.url())}: console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => expect(false, `${page.url()}: ${error}`));
  page.on("request", (request) => {
    const url = request.url();
    expect(url.startsWith("file:") || url.startsWith("data:"), `a request to ${url}`);
  });
  return page;
}

const some = ["index.html", "overview.html", "red_flags/cauda_equina.html", "signature.html"]
  .map((name) => join(root, name)).filter(existsSync);
/** Looked at closely: this shard's, and every page at the root that is no further part. */
const closely = new Set(pages.filter((file, at) => process.env.CAUDA_LONG || at % SHARDS === shard
  || some.includes(file) || (dirname(file) === root && !/_\d+\.html$/.test(file))));
const page = await openPage();
await findsPlantedFaults(page);
const ids = new Map();
const wanted = [];
const waiting = pages.values();
await Promise.all([page, await openPage()].map(async (reader) => {
  for (const file of waiting) {
    await readPage(reader, file, ids, wanted);
    if (!closely.has(file)) continue;
    await accessible(reader, file);
    await fits(reader, file);
  }
}));
resolveLinks(ids, wanted);
const style = readFileSync(join(root, "style.css"), "utf8");
const edition = JSON.parse(readFileSync(join(root, "publication.json"), "utf8"));
expect(style.includes(edition.guideline_sha256.slice(0, 12)) && style.includes("counter(pages)"),
  "style.css: the sheets do not name edition and number");
for (const file of some) {
  await keyboard(page, file);
  for (const format of ["A4", "Letter"]) {
    const pdf = await prints(page, file, format);
    if (shots && format === "A4") {
      mkdirSync(shots, { recursive: true });
      const { writeFileSync } = await import("node:fs");
      writeFileSync(join(shots, `${relative(root, file).replaceAll("/", "-")}.pdf`), pdf);
    }
  }
}
if (shots) {
  mkdirSync(shots, { recursive: true });
  const shown = process.env.SHOTS ? process.env.SHOTS.split(",").map((name) => join(root, name)) : some;
  for (const [kind, width] of Object.entries(WIDTHS)) {
    await page.setViewportSize({ width, height: 900 });
    for (const file of shown) {
      await page.goto(pathToFileURL(file).href);
      const name = relative(root, file).replaceAll("/", "-").replace(".html", "");
      await page.screenshot({ path: join(shots, `${name}-${kind}.png`), fullPage: true });
    }
  }
}
await browser.close();
for (const fault of faults.slice(0, 60)) console.error(fault);
if (faults.length > 60) console.error(`… and ${faults.length - 60} more`);
const manifest = JSON.parse(readFileSync(join(root, "publication.json"), "utf8"));
console.log(`${pages.length} pages, ${closely.size} of them closely, of ${manifest.guideline} ${manifest.version}`);
console.log(`${checks - faults.length} passed, ${faults.length} failed`);
process.exit(faults.length === 0 ? 0 : 1);
