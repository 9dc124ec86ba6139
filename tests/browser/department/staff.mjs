// People at the staff pages: they sign in, tap, type and read as a person does.

const OPEN_PAGES_MAX = 2;
const WAIT_MS = 8_000;

/** Where to tap an element: what is closed around it, or the place, and what lies over it. */
export function spotOf(node) {
  const summaries = [...document.querySelectorAll("summary")];
  const closed = [];
  for (let up = node.parentElement; up; up = up.parentElement) {
    if (!up.matches("details:not([open])")) continue;
    const summary = up.querySelector(":scope > summary");
    if (!summary.contains(node)) closed.unshift(summaries.indexOf(summary));
  }
  if (closed.length) return { closed };
  node.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  const box = node.getClientRects()[0] ?? node.getBoundingClientRect();
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const hit = document.elementFromPoint(at.x, at.y);
  const meant = hit && (node.contains(hit) || hit.closest("label") === node);
  const name = node.textContent.trim().slice(0, 60) || node.name;
  return { ...at, name, covered: meant ? null : `<${hit?.tagName.toLowerCase()} class="${hit?.className}">` };
}

/** Where to tap for an answer: the label of a radio, else the field itself. */
function spotOfAnswer(node, [spot, value]) {
  const spotOf = eval(`(${spot})`);
  if (!["radio", "checkbox"].includes(node.type)) return { ...spotOf(node), kind: node.type };
  const named = [...(node.form ?? document).querySelectorAll(`[name="${node.name}"]`)];
  const one = value === "true" ? node : named.find((other) => other.value === value);
  if (!one) throw new Error(`${node.name} has no answer ${value}`);
  return { ...spotOf(one.closest("label")), kind: node.type };
}

/** Faults of the test that runs now. */
export class Faults {
  constructor() {
    this.list = [];
  }

  /** Notes what a person would have missed. */
  expect(holds, what) {
    if (!holds) this.list.push(what);
    return Boolean(holds);
  }

  /** As `expect`, and shows what stood there instead. */
  reads(text, pattern, where) {
    const plain = text.replace(/\s+/g, " ").trim();
    const found = pattern instanceof RegExp ? pattern.test(plain) : plain.includes(pattern);
    const shown = plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
    return this.expect(found, `${where} does not say ${pattern}: “${shown}”`);
  }
}

/** One person at one page. */
export class Hand {
  constructor(page, base, faults, role) {
    Object.assign(this, { page, base, faults, role, taps: 0, keys: 0 });
  }

  async go(path) {
    await this.page.goto(this.base + path, { waitUntil: "domcontentloaded" });
    return this;
  }

  /** A page of a visit. */
  see(visit, tab) {
    return this.go(`/visit/${visit}/${tab}`);
  }

  /**
   * A tap where a finger would: in sight, and on nothing that lies over it. Faster than
   * `click`, which waits for frames.
   */
  async tap(locator) {
    this.taps += 1;
    const at = await locator.evaluate(spotOf);
    if (at.closed) {
      for (const place of at.closed) await this.tap(this.page.locator("summary").nth(place));
      this.taps -= 1;
      return this.tap(locator);
    }
    if (at.covered) throw new Error(`${at.name} is covered by ${at.covered} on ${this.page.url()}`);
    await this.page.mouse.click(at.x, at.y);
  }

  /** A tap that leads to another page. */
  async send(locator) {
    const there = this.page.waitForNavigation({ waitUntil: "domcontentloaded" });
    there.catch(() => {});
    await this.tap(locator);
    return there;
  }

  /** Sends with the button of that name, in the whole page or a part of it. */
  press(name, within = this.page.locator("main")) {
    const text = within.locator("button, a.button").filter({ hasText: name });
    return this.send(text.first());
  }

  /** Answers one question: a radio is tapped, a number is typed, a list is chosen from. */
  async answer(name, value, within = this.page.locator("main")) {
    const field = within.locator(`[name="${name}"]`).first();
    const at = await field.evaluate(spotOfAnswer, [spotOf.toString(), String(value)]);
    if (at.closed) {
      for (const place of at.closed) await this.tap(this.page.locator("summary").nth(place));
      return this.answer(name, value, within);
    }
    if (at.covered) throw new Error(`${name} is covered by ${at.covered} on ${this.page.url()}`);
    if (["text", "textarea"].includes(at.kind)) {
      this.keys += String(value).length;
      return field.fill(String(value));
    }
    this.taps += 1;
    if (at.kind === "select-one") return field.selectOption(String(value));
    return this.page.mouse.click(at.x, at.y);
  }

  /** Answers questions about facts. */
  async answers(facts, within) {
    for (const [fact, value] of Object.entries(facts)) await this.answer(`f.${fact}`, value, within);
  }

  /** Signs groups. */
  async sign(...groups) {
    for (const group of groups) await this.answer(`a.${group}`, "signed");
  }

  /** Screens the first scan of a visit: on the page of its results, and on that of its order for
   * what the magnet needs beside it. */
  async screens(visit) {
    await this.see(visit, "results");
    await this.press("Screened: safe to scan");
    if (!(await this.everything()).includes("Not to begin")) return;
    await this.go(`/mri/order/${visit}.1`);
    await this.answer("c.implants", "yes");
    await this.answer("c.eye_metal", "yes");
    await this.press("Save", this.page.locator("form[action$='/ready']"));
    await this.see(visit, "results");
  }

  text(selector = "main") {
    return this.page.locator(selector).first().innerText();
  }

  /** Everything there is to read, also what is folded away. */
  async everything(selector = "main") {
    return (await this.page.locator(selector).first().textContent()).replace(/\s+/g, " ");
  }

  reads(text, pattern, where = `the ${this.role}'s page`) {
    return this.faults.reads(text, pattern, where);
  }

  /** The verdict of the page: its word, and all of it. */
  async verdict() {
    const box = this.page.locator(".verdict");
    return { word: await box.locator(".word").textContent(), all: (await box.innerText()).replace(/\s+/g, " ") };
  }

  /** Expects a verdict on the decision page of a visit. */
  async decided(visit, word, pattern, when) {
    await this.see(visit, "decision");
    const verdict = await this.verdict();
    const words = Array.isArray(word) ? word : [word];
    this.faults.expect(words.includes(verdict.word),
      `${when}: the verdict is “${verdict.all}”, not ${words.join(" or ")}`);
    if (pattern) this.faults.reads(verdict.all, pattern, `${when}: the verdict`);
    return verdict;
  }

  /** Tasks of a patient in this person's list, one text each. */
  async tasksOf(name) {
    await this.go("/tasks");
    const rows = this.page.locator("tbody tr").filter({ hasText: name });
    return (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
  }

  async hasTask(name, pattern, when) {
    const tasks = await this.tasksOf(name);
    const found = tasks.some((task) => pattern.test(task));
    this.faults.expect(found, `${when}: the ${this.role} has no task ${pattern} for ${name}, only: ${tasks.join(" | ") || "none"}`);
    return tasks;
  }

  async hasNoTask(name, pattern, when) {
    const tasks = await this.tasksOf(name);
    this.faults.expect(!tasks.some((task) => pattern.test(task)), `${when}: the ${this.role} has a task ${pattern} for ${name}`);
  }

  /** The row of the waiting list, or nothing. */
  async row(name) {
    await this.go("/waiting");
    const row = this.page.locator("tbody tr").filter({ hasText: name });
    return (await row.count()) ? (await row.first().innerText()).replace(/\s+/g, " ") : null;
  }

  /** Registers a patient who is here; the visit's id. */
  async registers(person) {
    await this.go("/arrival");
    const form = this.page.locator("form").filter({ hasText: "Register" }).last();
    for (const [name, value] of Object.entries({ allergies: "none", ...person })) {
      await this.answer(name, value, form);
    }
    await this.press("Register, and the patient is here");
    return this.visit();
  }

  /** The visit this page is about. */
  visit() {
    const [, visit] = new URL(this.page.url()).pathname.match(/^\/visit\/([^/]+)\//) ?? [];
    if (!visit) throw new Error(`no visit's page but ${this.page.url()}`);
    return visit;
  }

  /** Triage on one page; saved with an acuity. */
  async triages(visit, acuity, facts, ...groups) {
    await this.see(visit, "triage");
    await this.sign(...groups);
    await this.answers(facts);
    await this.press(`Save, ${acuity}`);
  }

  /** The examination; saved. */
  async examines(visit, facts, ...groups) {
    await this.see(visit, "examination");
    await this.sign(...groups);
    await this.answers(facts);
    await this.press(/^Save/);
  }

  /** What the page says when something was not possible. */
  async refusal() {
    const alert = this.page.locator("main [role=alert]");
    return (await alert.count()) ? (await alert.first().innerText()).replace(/\s+/g, " ") : "";
  }
}

/** The people of one test: a context each, two pages at most at once. */
export class Crew {
  constructor(browser, base, faults, options = {}) {
    Object.assign(this, { browser, base, faults, options, cookies: new Map(), open: new Map() });
    /** Console messages that do not count, because the test provokes them. */
    this.provoked = /status of (401|403|404|409|422|429)/;
  }

  /** The page of that person, who signs in when first needed. */
  async as(role, options = {}) {
    const known = this.open.get(role);
    if (known) {
      this.open.delete(role);
      this.open.set(role, known);
      return known;
    }
    const cookies = this.cookies.get(role);
    const page = await this.place(options);
    const hand = new Hand(page, this.base, this.faults, role);
    this.open.set(role, hand);
    if (cookies) await page.context().addCookies(cookies);
    else await this.signIn(hand, role);
    return hand;
  }

  /** A page nobody sits at: a new one, or that of who was away the longest, who stays signed in. */
  async place(options) {
    if (this.open.size < OPEN_PAGES_MAX) {
      const context = await this.browser.newContext({ ...this.options, ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(WAIT_MS);
      this.watch(page);
      return page;
    }
    const [role, { page }] = this.open.entries().next().value;
    this.open.delete(role);
    this.cookies.set(role, await page.context().cookies());
    await page.context().clearCookies();
    return page;
  }

  /** Signs in without the page; how that looks has a test of its own. */
  async signIn(hand, role) {
    const { request } = hand.page.context();
    this.accounts ??= await (await request.get(`${this.base}/sign-in`)).text();
    const [, account] = this.accounts.match(new RegExp(`value="([^"]+)">${role} <`)) ?? [];
    if (!account) throw new Error(`nobody is ${role} in the demonstration`);
    await request.post(`${this.base}/sign-in`, { form: { account, next: "/" }, maxRedirects: 0 });
  }

  /** Complaints of the browser, and whom it asks. */
  watch(page) {
    page.on("console", (message) => {
      const text = message.text();
      if (!["error", "warning"].includes(message.type()) || this.provoked.test(text)) return;
      this.faults.expect(false, `${new URL(page.url()).pathname}: console: ${text}`);
    });
    page.on("pageerror", (error) => this.faults.expect(false, `${page.url()}: ${error}`));
    page.on("request", (request) => {
      const url = request.url();
      const known = url.startsWith(this.base) || (this.ehr && url.startsWith(this.ehr)) || url.startsWith("data:") || url.startsWith("http://evil.test/");
      this.faults.expect(known, `a request to ${url}`);
    });
  }

  async home() {
    for (const hand of this.open.values()) await hand.page.context().close();
    this.open.clear();
  }
}
