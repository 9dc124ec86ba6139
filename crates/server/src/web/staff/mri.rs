//! The MRI board, an order on it, and what is done about it.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::vocabulary::Tier;
use cauda_pages::staff::Sending;
use cauda_pages::staff::mri::{self, Board, OrderPage, TierDay};
use cauda_pathway::identity::{ActorId, Text};
use cauda_pathway::patient::{Day, Sex};
use cauda_queue::{Down, Entry as Queued, Plan, Tier as Urgency, plan, what_if};
use cauda_scans::{
    About, Action, Catalogue, Chip, Kind, Known, Numbers, Request, Scan, ScannerWhat, Source, Step,
    Will,
};

use super::results::limited;
use crate::access::{AccountRole, Act};
use crate::department::ActError;
use crate::ids;
use crate::scans::{ScanActError, ScanList, deadline};
use crate::web::App;
use crate::web::forms::Form;
use crate::web::guard::Asked;
use crate::web::reply::{Shown, to};

/// How long a move counts when nobody says otherwise, in minutes.
const MOVE_MINUTES: i64 = 120;

/// The list, or the page of a department without a scanner.
fn list<'a>(app: &'a App, asked: &Asked) -> Result<&'a ScanList, Box<Response>> {
    app.scans.as_deref().ok_or_else(|| {
        let text = "This department has no scanner in its settings: [[scanner]] in the file of \
                    settings, docs/radiology.md.";
        let back = Some(("/waiting", "To the waiting list"));
        Box::new(app.say(asked, StatusCode::NOT_FOUND, "No scanner", text, back))
    })
}

/// The board.
pub async fn board(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    let letters = app.messages.as_ref().map(|taking| taking.letters());
    let letters = letters.or(app.telling.as_ref().map(|telling| telling.letters()));
    let messages = match letters {
        Some(letters) => Some(letters.open().await.unwrap_or_default()),
        None => None,
    };
    let messages = messages.map(|open| (open.heads.len() + open.more, open.full));
    shown(&app, &asked, mri::board, "MRI board", "/mri", messages).await
}

/// The same for a wall, without names.
pub async fn wall(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    shown(&app, &asked, mri::wall, "MRI, next", "/mri/wall", None).await
}

async fn shown(
    app: &App,
    asked: &Asked,
    view: fn(&Board) -> maud::Markup,
    title: &str,
    here: &str,
    messages: Option<(usize, Vec<String>)>,
) -> Response {
    let list = match list(app, asked) {
        Ok(list) => list,
        Err(answer) => return *answer,
    };
    let mut scans = list.scans();
    let people = people(app, &mut scans).await;
    let queue = list.queue_of(&scans);
    let planned = plan(&queue);
    let moved = what_if(&queue, &stroke(app.department.now()));
    let moved: Vec<_> = moved.into_iter().filter(|one| one.id.as_str() != STROKE).collect();
    let down = |down: Option<Down>| down.map(|down| down.until);
    let scanners: Vec<_> = queue
        .scanners
        .iter()
        .map(|one| (one.id.as_str().to_string(), one.name.clone(), down(one.down)))
        .collect();
    let faults: Vec<(String, String)> = app
        .scan_faults
        .read()
        .map(|all| all.iter().map(|(id, why)| (id.clone(), why.clone())).collect())
        .unwrap_or_default();
    let silent = app.telling.as_ref().map(|telling| telling.silent()).unwrap_or_default();
    let now = app.department.now();
    let untold = silent.into_iter().map(|one| mri::Untold {
        name: one.name,
        minutes: (now - one.since).div_euclid(60),
        waiting: one.waiting,
        why: one.why,
    });
    let untold: Vec<mri::Untold> = untold.collect();
    let calendar = app.local_time.now(&app.clock);
    let command = ids::new_id();
    let (messages, full) = match messages {
        Some((count, full)) => (Some(count), full),
        None => (None, Vec::new()),
    };
    let board = Board {
        scans: &scans,
        plan: &planned,
        scanners: &scanners,
        moved: &moved,
        faults: &faults,
        messages,
        full: &full,
        untold: &untold,
        sites: list.config().sites.len(),
        may: asked.session.account.role.may(Act::Scan),
        reads: reads(asked),
        people: &people,
        sending: Sending { csrf: &asked.session.csrf, command: &command, seen: 0 },
        calendar: &calendar,
    };
    let main = view(&board);
    app.show(asked, &Shown { title, here, follows_all: true, ..Shown::default() }, &main)
}

/// Names of those who report: who said so, or has the role whose task it is. Who follows the result
/// for the patient is somebody else, and is not shown as who reports.
async fn people(app: &App, scans: &mut [Scan]) -> Vec<(ActorId, String)> {
    let now = app.department.now();
    let mut people: Vec<(ActorId, String)> = Vec::new();
    for scan in scans {
        let Some(due) = scan.report_due(now) else { continue };
        let Some(id) = due.named else { continue };
        // Without its name the role is shown.
        let account = app.accounts.get(&id).await.ok().flatten();
        let reports = |role| role == AccountRole::Staff(due.holder);
        let account =
            account.filter(|account| scan.reporter.as_ref() == Some(&id) || reports(account.role));
        match (account, &mut scan.visit_report) {
            (Some(account), _) => people.push((id, account.name)),
            (None, Some(report)) => report.named = None,
            (None, None) => {}
        }
    }
    people.sort_unstable();
    people.dedup();
    people
}

/// Who reports, and says that a deficit is explained.
fn reads(asked: &Asked) -> bool {
    matches!(asked.session.account.role, AccountRole::Staff(role) if role.is_physician())
}

const STROKE: &str = "a stroke";

/// A stroke that comes now.
fn stroke(now: i64) -> Queued {
    Queued {
        id: STROKE.into(),
        tier: Urgency::Immediate,
        deadline: None,
        protocol: cauda_queue::Protocol {
            name: "brain".to_string(),
            minutes_p50: 20,
            minutes_p90: 30,
            coil: Some("head".to_string()),
            ..Default::default()
        },
        readiness: Vec::new(),
        state: cauda_queue::State::Waiting,
        ordered_at: now,
        not_before: None,
        place_now: String::new(),
        overrides: Vec::new(),
    }
}

/// One order.
pub async fn order(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path(id): Path<String>,
) -> Response {
    one(&app, &asked, &id, None).await
}

/// What the guideline says instead of the scan, while something may keep the patient out of the
/// scanner. Of orders that no visit decided about it says nothing.
async fn instead(app: &App, scan: &Scan) -> Vec<String> {
    let source = scan.request.as_ref().map(|request| &request.source);
    let (Some(Source::Visit { visit, .. }), Some(_)) = (source, scan.in_the_way_words()) else {
        return Vec::new();
    };
    let Ok(entry) = app.department.entry(visit).await else { return Vec::new() };
    let now = app.clock.now().max(entry.visit.latest);
    let decision = cauda_pathway::explained(&entry.visit, app.department.guideline(), now, None);
    let mri = decision.imaging.into_iter().filter(|image| image.modality == "mri");
    let mut said: Vec<String> = Vec::new();
    for spoken in mri.flat_map(|image| image.patient_cannot_be_scanned) {
        if !said.contains(&spoken.staff) {
            said.push(spoken.staff);
        }
    }
    said
}

async fn one(app: &App, asked: &Asked, id: &str, refused: Option<String>) -> Response {
    let list = match list(app, asked) {
        Ok(list) => list,
        Err(answer) => return *answer,
    };
    let mut scans = list.scans();
    let people = match scans.iter_mut().find(|scan| scan.id == id) {
        Some(scan) => people(app, std::slice::from_mut(scan)).await,
        None => Vec::new(),
    };
    let Some(scan) = scans.iter().find(|scan| scan.id == id) else {
        let back = Some(("/mri", "To the board"));
        let text = "It may have left the list more than a day ago.";
        return app.say(asked, StatusCode::NOT_FOUND, "There is no such order", text, back);
    };
    let queue = list.queue_of(&scans);
    let planned: Plan = plan(&queue);
    let name = |scan: &Scan| {
        let about = scan.request.as_ref().map(|request| &request.about);
        about.and_then(|about| about.name.as_ref()).map_or("?".into(), |it| it.as_str().to_string())
    };
    let waiting = planned.entries.iter().filter(|one| one.place.is_some());
    let others = waiting.filter_map(|one| {
        let scan = scans.iter().find(|scan| scan.id == one.id.as_str())?;
        Some((scan.id.clone(), name(scan)))
    });
    let others: Vec<_> = others.collect();
    let placed = planned.entries.iter().find(|one| one.id.as_str() == id);
    let mut why = placed.map(|one| one.why.sentence()).unwrap_or_default();
    for (id, name) in &others {
        why = why.replace(id, name);
    }
    let calendar = app.local_time.now(&app.clock);
    let command = ids::new_id();
    let status = refused.as_ref().map(|_| StatusCode::UNPROCESSABLE_ENTITY);
    let page = OrderPage {
        scan,
        planned: placed,
        why,
        others,
        scanners: queue
            .scanners
            .iter()
            .map(|one| (one.id.as_str().to_string(), one.name.clone()))
            .collect(),
        catalogue: list.catalogue(),
        sites: list
            .config()
            .sites
            .iter()
            .map(|site| (site.name.clone(), site.telephone.clone(), site.minutes))
            .collect(),
        accession: scan.accession(),
        instead: instead(app, scan).await,
        refused,
        may: asked.session.account.role.may(Act::Scan),
        reads: reads(asked),
        decides: asked.session.account.role.may(Act::Decide),
        people: &people,
        sending: Sending { csrf: &asked.session.csrf, command: &command, seen: scan.events },
        calendar: &calendar,
    };
    let main = mri::order(&page);
    let shown = Shown {
        title: "Order",
        here: "/mri",
        status,
        follows_all: !asked.writes,
        ..Shown::default()
    };
    app.show(asked, &shown, &main)
}

/// Something is done with an order.
pub async fn change(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path((id, what)): Path<(String, String)>,
) -> Response {
    let (Some(by), Some(list)) = (asked.actor(), app.scans.clone()) else { return to("/mri") };
    let now = app.department.now();
    let mut done = Ok(());
    let actions = match actions(&app, &list, &asked.form, &id, &what, now) {
        Ok(actions) => actions,
        Err(why) => return one(&app, &asked, &id, Some(why)).await,
    };
    for (at, action) in actions.into_iter().enumerate() {
        let command = asked.command();
        let Ok(command) =
            cauda_pathway::identity::CommandId::new(format!("{}-{at}", short(command.as_str())))
        else {
            continue;
        };
        done = list.act(&by, &id, &command, action).await;
        if done.is_err() {
            break;
        }
    }
    match done {
        Ok(()) if ["called", "prepared", "start", "end", "up", "take"].contains(&what.as_str()) => {
            to("/mri")
        }
        Ok(()) if asked.form.get("back") == Some("board") => to("/mri"),
        Ok(()) => to(&format!("/mri/order/{id}")),
        Err(error) => one(&app, &asked, &id, Some(said(&error))).await,
    }
}

fn short(command: &str) -> String {
    ids::kept(command).chars().take(40).collect()
}

pub(super) fn said(error: &ScanActError) -> String {
    let text = match error {
        ScanActError::Refused(why) => why.to_string(),
        ScanActError::Visit(why) => match &**why {
            ActError::Refused(refusal) => refusal.message.clone(),
            _ => "the record cannot be reached, so nothing was done; try again".to_string(),
        },
        ScanActError::NoSuchScan => "it is no longer on the list".to_string(),
        ScanActError::Failed(error) => {
            tracing::error!(%error, "an order was not changed");
            "the record cannot be reached, so nothing was done; try again".to_string()
        }
    };
    format!("Not done: {text}.")
}

/// What a form asks for.
fn actions(
    app: &App,
    list: &ScanList,
    form: &Form,
    id: &str,
    what: &str,
    now: i64,
) -> Result<Vec<Action>, String> {
    let words = form.text("words");
    let scanner = || form.get("scanner").unwrap_or_default().to_string();
    let need = |text: Option<Text>, what: &str| text.ok_or_else(|| format!("Write {what}."));
    let step = if what == "step" { form.get("step").unwrap_or_default() } else { what };
    if let Some(step) = Step::of_id(step) {
        return Ok(vec![Action::Bring { step, scanner: scanner() }]);
    }
    Ok(match step {
        "start" => {
            let despite = form.text("despite");
            vec![Action::Start { scanner: scanner(), began: now, performed: None, despite }]
        }
        "end" => vec![Action::End { ended: now, complete: true, performed: None }],
        "stopped" => vec![Action::End { ended: now, complete: false, performed: None }],
        "return" => vec![Action::Return { reason: words }],
        "free" => vec![Action::Free],
        "ready" => readiness(list, form, id),
        "expect" => vec![expected(app, form, now)?],
        "limited" => {
            let shows = limited(form).ok_or("Choose what the limited pictures show.")?;
            let scan = list.find(id);
            let whole = scan.as_ref().and_then(|scan| list.catalogue().whole_of(scan));
            let whole = whole.cloned().map(Box::new);
            vec![Action::ReadLimited { shows, words, whole }]
        }
        "take" => vec![Action::TakeReport],
        "report" => {
            let state = form.get("state").filter(|state| REPORTS.contains(state));
            let state = state.ok_or("Choose how final the report is.")?;
            let critical = form.get("critical").is_some();
            let is_final = state != "preliminary";
            vec![Action::Report { state: state.to_string(), critical, is_final }]
        }
        "up" => vec![up(list, id, now)?],
        "move" => vec![moved(form, now)?],
        "protocol" => {
            let chosen = form.get("protocol").and_then(|id| list.catalogue().get(id));
            let protocol = chosen.ok_or("Choose a protocol of the list.")?.clone();
            vec![Action::Convert { protocol: Box::new(protocol), reason: words }]
        }
        "transfer" => {
            let named = form.get("site").unwrap_or_default();
            let site = list.config().sites.iter().find(|site| site.name == named);
            let site = site.ok_or("Choose a site of the list.")?;
            let text = |text: &str| Text::new(text).map_err(|error| error.to_string());
            vec![Action::Transfer {
                site: text(&site.name)?,
                telephone: text(&site.telephone)?,
                accepted_by: need(form.text("accepted_by"), "who accepted there")?,
            }]
        }
        "wait" => vec![Action::AcceptWait {
            consultant: need(form.text("consultant"), "which consultant says so")?,
            reason: need(words, "why")?,
        }],
        "cancel" => vec![Action::Cancel { reason: need(words, "why")? }],
        _ => return Err("Choose a step of the page.".to_string()),
    })
}

/// States of a report that is written down here.
const REPORTS: [&str; 3] = ["preliminary", "final", "corrected"];

/// When an item will be in order: by a button in minutes, or at a time of the day.
fn expected(app: &App, form: &Form, now: i64) -> Result<Action, String> {
    let chip = form.get("chip").and_then(Chip::of_id).ok_or("Choose what is expected.")?;
    let at = match (form.get("minutes"), form.get("at")) {
        (Some("none"), _) => None,
        (Some(minutes), _) => {
            let minutes: i64 = minutes.parse().map_err(|_| "Choose one of the minutes.")?;
            Some(now.saturating_add(minutes.saturating_mul(60)))
        }
        (None, Some(at)) => {
            let wrong = "Write the time as hours and minutes, 14:20.";
            Some(app.local_time.next(at.trim(), now).ok_or(wrong)?)
        }
        (None, None) => return Err("Write a time, or press one of the minutes.".to_string()),
    };
    Ok(Action::Expect { chip, at })
}

/// Those that were answered otherwise than they stand.
fn readiness(list: &ScanList, form: &Form, id: &str) -> Vec<Action> {
    let scan = list.find(id);
    let stands = |chip: Chip| scan.as_ref().map(|scan| scan.known(chip));
    let answers = Chip::ALL.into_iter().filter_map(|chip| {
        let known = Known::of_id(form.get(&format!("c.{}", chip.id()))?)?;
        (stands(chip) != Some(known)).then_some((chip, known))
    });
    let answer = |(chip, known)| Action::Answer {
        chip,
        known,
        expected_at: None,
        words: form.text("words"),
    };
    answers.map(answer).collect()
}

/// One place up: before whoever is in front.
fn up(list: &ScanList, id: &str, now: i64) -> Result<Action, String> {
    let planned = plan(&list.queue());
    let waiting: Vec<&str> = planned
        .entries
        .iter()
        .filter(|one| one.place.is_some())
        .map(|one| one.id.as_str())
        .collect();
    let at = waiting.iter().position(|one| *one == id).filter(|at| *at > 0);
    let before = at.and_then(|at| waiting.get(at - 1)).ok_or("It is the first already.")?;
    let will = Will::Before((*before).to_string());
    Ok(Action::Will { will, reason: None, until: now + MOVE_MINUTES * 60 })
}

fn moved(form: &Form, now: i64) -> Result<Action, String> {
    let chosen = form.get("will").unwrap_or_default();
    let will = match chosen.split_once(':') {
        None => match chosen {
            "first" => Some(Will::First),
            "last" => Some(Will::Last),
            "hold" => Some(Will::Hold),
            _ => None,
        },
        Some(("before", id)) => Some(Will::Before(id.to_string())),
        Some(("after", id)) => Some(Will::After(id.to_string())),
        Some(("only", id)) => Some(Will::Only(id.to_string())),
        Some(("tier", id)) => Tier::of_id(id).map(Will::Tier),
        Some(_) => None,
    };
    let will = will.ok_or("Choose a move of the list.")?;
    let minutes = form.get("minutes").and_then(|text| text.parse().ok()).unwrap_or(MOVE_MINUTES);
    Ok(Action::Will { will, reason: form.text("words"), until: now + minutes * 60 })
}

/// The form of a new order.
pub async fn new(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    new_page(&app, &asked, None)
}

fn new_page(app: &App, asked: &Asked, refused: Option<&str>) -> Response {
    let list = match list(app, asked) {
        Ok(list) => list,
        Err(answer) => return *answer,
    };
    let command = ids::new_id();
    let sending = Sending { csrf: &asked.session.csrf, command: &command, seen: 0 };
    let status = refused.map(|_| StatusCode::UNPROCESSABLE_ENTITY);
    let main = mri::new(list.catalogue(), sending, refused);
    app.show(
        asked,
        &Shown { title: "Order a scan", here: "/mri", status, ..Shown::default() },
        &main,
    )
}

/// A new order.
pub async fn ordered(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    let (Some(by), Some(list)) = (asked.actor(), app.scans.clone()) else { return to("/mri") };
    let request = match request(&app, list.catalogue(), &asked.form) {
        Ok(request) => request,
        Err(why) => return new_page(&app, &asked, Some(&why)),
    };
    match list.request(&by, &asked.command(), request).await {
        Ok(id) => to(&format!("/mri/order/{id}")),
        Err(error) => new_page(&app, &asked, Some(&said(&error))),
    }
}

fn request(app: &App, catalogue: &Catalogue, form: &Form) -> Result<Request, String> {
    let kind = form.get("kind").and_then(Kind::of_id).filter(|kind| *kind != Kind::BackPain);
    let kind = kind.ok_or("Choose what the scan is for.")?;
    let protocol = form.get("protocol").and_then(|id| catalogue.get(id));
    let protocol = protocol.ok_or("Choose what is scanned.")?.clone();
    let born = form.get("born").map(Day::read).transpose()?;
    let not_before = match form.get("not_before") {
        None => None,
        Some(text) => {
            let wrong = "Write the appointment as year-month-day hours:minutes, 2026-12-01 09:30.";
            let (day, time) = text.split_once(' ').ok_or(wrong)?;
            Some(app.local_time.on(Day::read(day)?, time.trim()).ok_or(wrong)?)
        }
    };
    let now = app.department.now();
    let sex = Sex::ALL.iter().copied().find(|sex| Some(sex.words()) == form.get("sex"));
    Ok(Request {
        kind,
        about: About {
            name: Some(form.text("name").ok_or("Write the name.")?),
            number: form.text("number"),
            born,
            sex: sex.unwrap_or(Sex::Unknown),
            place: form.text("place"),
        },
        tier: kind.tier(),
        deadline: deadline(app.department.guideline(), kind.tier(), now),
        protocol,
        not_before,
        ordered_at: now,
        asked_by: form.get("asked_by").ok_or("Write who asks for the scan.")?.to_string(),
        telephone: form.text("telephone"),
        why: form.text("why"),
        source: Source::Board,
        numbers: Numbers::default(),
    })
}

/// A scanner fails, or works again.
pub async fn scanner(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path((id, what)): Path<(String, String)>,
) -> Response {
    let (Some(by), Some(list)) = (asked.actor(), app.scans.clone()) else { return to("/mri") };
    let now = app.department.now();
    let event = match what.as_str() {
        "down" => {
            let until = asked.form.get("until").and_then(|text| app.local_time.next(text, now));
            ScannerWhat::Down { until, reason: asked.form.text("words") }
        }
        _ => ScannerWhat::Up,
    };
    match list.scanner(&by, &asked.command(), &id, event).await {
        Ok(()) => to("/mri"),
        Err(error) => {
            let back = Some(("/mri", "To the board"));
            app.say(&asked, StatusCode::UNPROCESSABLE_ENTITY, "Not done", &said(&error), back)
        }
    }
}

/// The last 24 hours.
pub async fn day(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    let list = match list(&app, &asked) {
        Ok(list) => list,
        Err(answer) => return *answer,
    };
    let (scans, now) = (list.scans(), app.department.now());
    let tiers: Vec<TierDay> =
        Urgency::ALL.iter().rev().map(|tier| tier_day(&scans, *tier, now)).collect();
    let main = mri::day(&tiers);
    let shown = Shown { title: "MRI, the last 24 hours", here: "/mri", ..Shown::default() };
    app.show(&asked, &shown, &main)
}

fn tier_day(scans: &[Scan], tier: Urgency, now: i64) -> TierDay {
    let of = |scan: &&Scan| scan.request.as_ref().is_some_and(|one| one.tier.id() == tier.id());
    let mut waits = Vec::new();
    let (mut with_deadline, mut in_time, mut other, mut late) = (0, 0, 0, 0);
    let (mut reported, mut unreported) = ((0, 0), 0);
    for scan in scans.iter().filter(of) {
        let Some(request) = &scan.request else { continue };
        let due = request.deadline.as_ref().map(|deadline| deadline.at);
        match scan.times.0 {
            Some(began) => {
                waits.push((began - request.ordered_at).max(0) / 60);
                if let Some(due) = due {
                    with_deadline += 1;
                    in_time += usize::from(began <= due);
                }
            }
            None if scan.has_left() => other += 1,
            None => late += usize::from(due.is_some_and(|due| due < now)),
        }
    }
    for scan in scans.iter().filter(of) {
        let Some(by) = scan.report_by() else { continue };
        let there = scan.report_due(now).is_none();
        let in_time = there && scan.report.as_ref().is_some_and(|report| report.at <= by);
        reported.0 += usize::from(there || by < now);
        reported.1 += usize::from(in_time);
        unreported += usize::from(!there && by < now);
    }
    waits.sort_unstable();
    let share =
        |tenths: usize| waits.get((waits.len() * tenths / 10).min(waits.len().saturating_sub(1)));
    TierDay {
        tier: tier.id(),
        begun: waits.len(),
        waited: share(5).copied().zip(share(9).copied()),
        in_time: (with_deadline, in_time),
        other,
        late,
        reported,
        unreported,
    }
}
