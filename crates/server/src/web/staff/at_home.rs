//! A patient at home: the call, another look, an outpatient scan, a referral, a booking.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::Guideline;
use cauda_guideline::facts::{FactIndex, Kind, Role, Stage};
use cauda_guideline::vocabulary::Tier;
use cauda_pages::patient::home::{Form as Call, id};
use cauda_pages::staff::Tab;
use cauda_pages::staff::at_home::{AtHomePage, page};
use cauda_pathway::check_in::Stop;
use cauda_pathway::command::{Action, Found};
use cauda_pathway::identity::Text;
use cauda_pathway::patient::Day;
use cauda_pathway::views::prospect;

use super::decision::needs;
use super::{InVisit, Questions, act};
use crate::access::Act;
use crate::web::App;
use crate::web::forms;
use crate::web::guard::Asked;
use crate::web::home::told;
use crate::web::reply::{Shown, nothing_here};

type Faults = BTreeMap<String, String>;

/// The page.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    shown(&app, &asked, &of, Faults::new(), false)
}

fn shown(app: &App, asked: &Asked, of: &InVisit, faults: Faults, no_signs: bool) -> Response {
    let guideline = app.department.guideline();
    let decision = of.decision(app, Some(Stage::FollowUp));
    let refused = !faults.is_empty() || no_signs;
    let mut questions = Questions::new(app, of, &decision);
    if !faults.is_empty() {
        questions = questions.refused(&asked.form, faults);
    }
    let role = asked.session.account.role;
    let advised = prospect(&of.entry.visit, guideline, app.department.now());
    let open = asked_of_clinicians(guideline, forms::role(of.actor.role));
    let referrals = guideline.vocabulary.lists().filter(|(list, _)| *list == "refer");
    let referrals: Vec<(&str, &str)> = referrals
        .flat_map(|(_, entries)| entries)
        .map(|(id, _, phrase)| (id.as_str(), phrase.staff.as_str()))
        .collect();
    let images = images(guideline, &advised);
    let person = of.entry.patient.as_deref().map(|patient| &patient.person);
    let entered = if no_signs { asked.form.fields() } else { &[] };
    let main = page(&AtHomePage {
        asking: questions.asking(app, of),
        open: &open,
        prospect: &advised,
        referrals: &referrals,
        images: &images,
        sending: of.sending(asked),
        call: Call { to: "", command: "", entered, fault: no_signs },
        emergency_number: app.config.emergency_number.as_deref(),
        reach: (
            person.and_then(|person| person.telephone.as_deref()),
            person.and_then(|person| person.write_to.as_deref()),
        ),
        decides: role.may(Act::Decide),
        calls: role.may(Act::FollowUp),
        calendar: &of.calendar,
    });
    let status = refused.then_some(StatusCode::UNPROCESSABLE_ENTITY);
    let visit = Some((&*of.entry, Some(Tab::AtHome)));
    app.show(asked, &Shown { title: "At home", visit, status, ..Shown::default() }, &main)
}

/// What only a clinician answers weeks later, and only by choosing.
fn asked_of_clinicians(guideline: &Guideline, role: Role) -> Vec<FactIndex> {
    let facts = guideline.entered_facts().filter(|(_, fact)| {
        let later = fact.asked_at.iter().all(|stage| *stage == Stage::FollowUp);
        let mine = fact.asked_of.contains(&role) && !fact.asked_of.contains(&Role::Patient);
        later && mine && matches!(fact.kind, Kind::Named { .. })
    });
    facts.map(|(index, _)| index).collect()
}

/// Images that are booked for outpatients: those the guideline names in its follow-up first.
fn images(
    guideline: &Guideline,
    advised: &[cauda_guideline::decision::Advised],
) -> Vec<(String, String)> {
    let lines = advised.iter().flat_map(|advised| &advised.says);
    let named = lines.filter(|line| line.key == "image").map(|line| &line.spoken);
    let mut images: Vec<(String, String)> =
        named.map(|spoken| (spoken.id.clone(), spoken.staff.clone())).collect();
    let all = guideline.vocabulary.lists().filter(|(list, _)| *list == "image");
    for (id, _, phrase) in all.flat_map(|(_, entries)| entries) {
        if images.iter().all(|(known, _)| known != id) {
            images.push((id.clone(), phrase.staff.clone()));
        }
    }
    images
}

/// What a form of the page asks for.
pub async fn save(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path((_, what)): Path<(String, String)>,
    of: InVisit,
) -> Response {
    let form = &asked.form;
    let guideline = app.department.guideline();
    let missing = |text: &'static str| needs(&app, &asked, &of, text);
    let action = match what.as_str() {
        "answer" => {
            if form.get("signs").is_none() && form.get("line").is_none() {
                return shown(&app, &asked, &of, Faults::new(), true);
            }
            Action::AnswerCheckIn { told: told(guideline, form), found: Found::default() }
        }
        "again" => {
            let now = app.department.now();
            match forms::found(guideline, form, forms::role(of.actor.role), now) {
                Ok(found) if found.findings.is_empty() => {
                    return missing("Answer one of the questions.");
                }
                Ok(found) => Action::Record { found },
                Err(faults) => return shown(&app, &asked, &of, faults, false),
            }
        }
        "order" => {
            let image = form.get("image").unwrap_or_default().to_string();
            let tier = Some(Tier::Outpatient);
            Action::OrderImaging { image, tier, less: form.less(), earliest_start: None }
        }
        "refer" => {
            let to = form.get("to").and_then(|id| guideline.vocabulary.get("refer", id));
            match to.and_then(|phrase| Text::new(phrase.staff.clone()).ok()) {
                Some(to) => Action::Refer { to },
                None => return missing("Choose to whom."),
            }
        }
        "book" => {
            let day = form.get("on").and_then(|day| Day::read(day).ok());
            let on = day.zip(form.get("time")).and_then(|(day, time)| app.local_time.on(day, time));
            match (on, form.text("with")) {
                (Some(on), Some(with)) => Action::BookFollowUp { on, with },
                _ => {
                    return missing(
                        "Write the day as 2026-12-14, the time as 09:30, and with whom.",
                    );
                }
            }
        }
        "resume" => Action::ResumeCheckIns,
        "stop" => {
            let why = Stop::ALL.iter().copied().find(|why| form.get("why") == Some(&id(why)));
            match why {
                Some(why) => Action::StopCheckIns { why, words: form.text("words") },
                None => return missing("Say why the check-ins stop."),
            }
        }
        _ => return nothing_here(State(app.clone()), axum::http::Uri::default()).await,
    };
    act(&app, &asked, &of, action, &of.path("at-home")).await
}
