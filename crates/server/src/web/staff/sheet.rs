//! The sheet a patient takes home.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::decision::{AdviceState, Advised, Spoken};
use cauda_pages::patient::{PageSize, Sheet};
use cauda_pages::staff::Calendar;
use cauda_pathway::table::{EventKind, Phase};
use cauda_words::{Language, Line, Page, Says};

use super::InVisit;
use crate::access::Act;
use crate::links::Purpose;
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply;

/// The page, in two sizes and every language that is offered; of a patient who has gone as it was at that moment.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    reply::page(StatusCode::OK, with_sheet(&app, &asked, &of, |sheet, _| sheet.page()))
}

/// The same as PDF, on A4 or on US letter paper.
pub async fn pdf(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let page = match asked.form.get("paper") {
        Some("letter") => PageSize::Letter,
        _ => PageSize::A4,
    };
    match with_sheet(&app, &asked, &of, |sheet, moment| sheet.pdf(page, moment)) {
        Ok(bytes) => reply::pdf("going-home.pdf", bytes),
        Err(error) => {
            tracing::error!(visit = %of.id, %error, "a sheet could not be printed");
            let text = "The sheet could not be made as PDF. Print the page instead.";
            let path = of.path("sheet");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            app.say(&asked, status, "No PDF", text, Some((&path, "To the sheet")))
        }
    }
}

fn with_sheet<T>(app: &App, asked: &Asked, of: &InVisit, make: impl FnOnce(&Sheet, i64) -> T) -> T {
    let guideline = app.department.guideline();
    let visit = &of.entry.visit;
    let gone = visit.phase == Phase::Discharged;
    let moment = of.on_paper(app);
    let decision = cauda_pathway::explained(visit, guideline, moment, None);
    let of_scans = |id: &str| {
        guideline.vocabulary.get("action", id).is_some_and(|phrase| phrase.instead_of_scan)
    };
    // What belongs to an offer that was not made is not said either.
    let is_offered = |advised: &&Advised| {
        let mut offers = advised.says.iter().filter(|line| line.key == "offer").peekable();
        offers.peek().is_none() || offers.any(|line| visit.offers.contains(&line.spoken.id))
    };
    let treatment: Vec<Advised> = decision.treatment.iter().filter(is_offered).cloned().collect();
    let asked_for = app.languages.asked(Page::Sheet, asked.form.get("lang"));
    let says = app.languages.says(guideline, asked_for.unwrap_or(Language::English));
    let line = |list: &str, spoken| in_words(&says, list, spoken);
    let mut found: Vec<Line> =
        decision.no_imaging_because.iter().map(|spoken| line("reason", spoken)).collect();
    let after = lines(&decision.follow_up, "advise");
    let (about_scans, rest): (Vec<&Spoken>, Vec<&Spoken>) =
        after.into_iter().partition(|spoken| of_scans(&spoken.id));
    found.extend(about_scans.into_iter().map(|spoken| line("action", spoken)).take(SCANS_MAX));
    let advice = lines(&treatment, "advise").into_iter().chain(rest);
    let sheet = Sheet {
        says,
        languages: app.languages.of(Page::Sheet),
        department: &app.config.department,
        emergency_number: app.config.emergency_number.as_deref(),
        demo: app.config.demo,
        name: of.entry.patient.as_deref().map(|patient| patient.person.name.as_str()),
        day: says.day(&of.calendar.iso(moment)),
        is_draft: !gone,
        against: visit.overrides.iter().any(|less| less.kind == EventKind::Discharged),
        found,
        offers: visit.offers.iter().filter_map(|id| says.phrase("offer", id)).collect(),
        advice: advice.map(|spoken| line("action", spoken)).collect(),
        follow_up: lines(&decision.follow_up, "refer")
            .into_iter()
            .map(|s| line("refer", s))
            .collect(),
        telephone: app.config.telephone.as_deref(),
        home: app
            .link(visit, Purpose::Home)
            .filter(|_| asked.session.account.role.may(Act::FollowUp))
            .map(|link| in_language(app, link, &says)),
        large: asked.form.get("large").is_some(),
        edition: edition(&says),
        back: of.path("decision"),
    };
    make(&sheet, moment)
}

/// Most lines about scans: the sheet is one page.
const SCANS_MAX: usize = 2;

/// What stands under a key on pages that hold, each once.
fn lines<'a>(pages: &'a [Advised], key: &str) -> Vec<&'a Spoken> {
    let given = pages.iter().filter(|advised| advised.state == AdviceState::Given);
    let mut all: Vec<&Spoken> = Vec::new();
    for line in given.flat_map(|advised| &advised.says).filter(|line| line.key == key) {
        if all.iter().all(|known| known.id != line.spoken.id) {
            all.push(&line.spoken);
        }
    }
    all
}

/// A link that opens the questions in the language of the sheet.
fn in_language(app: &App, link: String, says: &Says) -> String {
    let offered = app.languages.asked(Page::Home, Some(says.language().code()));
    match offered.filter(|language| *language != Language::English) {
        Some(language) => format!("{link}?lang={}", language.code()),
        None => link,
    }
}

/// In the language of the sheet; what it has no words for stays English.
fn in_words<'a>(says: &Says<'a>, list: &str, spoken: &'a Spoken) -> Line<'a> {
    let foreign = (!says.is_english()).then_some(Language::English);
    says.phrase(list, &spoken.id).unwrap_or(Line { text: &spoken.patient, foreign })
}

/// Which edition of the guideline it is from.
fn edition(says: &Says) -> String {
    let guideline = says.guideline();
    let title = says.phrase("guideline", "title").map_or(guideline.title.as_str(), |one| one.text);
    let device = says.say("sheet-not-a-device");
    let version = &guideline.version;
    match (says.is_english(), guideline.status.as_str()) {
        (true, status) if status.contains("not a certified medical device") => {
            format!("{title} {version}, {status}.")
        }
        (true, status) => format!("{title} {version}, {status}. {device}"),
        // A status is written by whoever writes the guideline, in English.
        (false, status) if status.starts_with("draft") => {
            format!("{title} {version}, {}. {device}", says.say("draft-edition"))
        }
        (false, _) => format!("{title} {version}. {device}"),
    }
}
