// The app beside the chart, opened as a browser opens it in a frame without cookies; and what it
// writes into the chart, read again by Medplum.

const REDIRECTIONS_MAX = 8;
const WRITTEN = ["ServiceRequest", "CarePlan", "Task", "Provenance", "GuidanceResponse"];

const plain = (html) => html.replaceAll("&amp;", "&");

/** Asks as a frame does. */
function framed(url, form) {
  const site = form ? "same-origin" : "cross-site";
  const headers = { "sec-fetch-dest": "iframe", "sec-fetch-site": site };
  const body = form && new URLSearchParams(form);
  return fetch(url, { method: form ? "POST" : "GET", headers, body, redirect: "manual" });
}

/** Follows redirections, of whichever side, to the page. */
async function opened(url) {
  let at = url;
  for (let step = 0; step < REDIRECTIONS_MAX; step += 1) {
    const answer = await framed(at);
    const next = answer.headers.get("location");
    if (!next) return { at, status: answer.status, text: await answer.text() };
    at = new URL(next, at).href;
  }
  throw new Error(`it goes round in circles: ${at}`);
}

export async function a_decision_made_in_the_app_stands_in_the_chart_once(world) {
  const { demo, ehr } = world.hospital;
  const asked = new URLSearchParams({ patient: "strain", url: `${demo}/ehr/launch` });
  const screen = await (await fetch(`${ehr}/app?${asked}`)).text();
  const frame = /<iframe[^>]* src="([^"]+)"/.exec(screen);
  const app = await opened(plain(frame[1]));
  world.expect(app.status === 200, `the app: ${app.status}`);
  const findings = {
    as: "physician", command: "c1", "f.saddle_numbness": "new", "f.urinary_retention": "new",
  };
  const saved = await framed(`${app.at}/answers`, findings);
  world.expect(saved.status === 303, `answers: ${saved.status}`);
  const count = async () => {
    const { client } = await world.chart("strain");
    const found = [];
    for (const kind of WRITTEN) {
      const bundle = await client.search(kind, "patient=strain", { cache: "reload" });
      found.push(...(bundle.entry ?? []).map(({ resource }) => resource));
    }
    return found;
  };
  const before = await count();
  for (const command of ["w1", "w2"]) {
    const written = await framed(`${app.at}/write-back`, { command });
    world.expect(written.status === 303, `write-back: ${written.status}`);
  }
  const after = await count();
  const added = after.filter(({ id }) => !before.some((known) => known.id === id));
  const kinds = added.map(({ resourceType }) => resourceType);
  world.expect(kinds.filter((kind) => kind === "CarePlan").length === 1, `written: ${kinds}`);
  world.expect(kinds.includes("ServiceRequest"), `written: ${kinds}`);
  for (const resource of added) {
    world.keep(`written-${resource.resourceType}-${resource.id}`, resource);
    const subject = (resource.subject ?? resource.for ?? resource.patient)?.reference;
    const right = !subject || subject === "Patient/strain";
    world.expect(right, `${resource.resourceType} of ${subject}`);
  }
}
