//! Arrival: who is it, and is it a return.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use cauda_pages::staff::Sending;
use cauda_pages::staff::arrival::{ArrivalPage, Earlier, page, sex_id};
use cauda_pathway::command::{Action, Found};
use cauda_pathway::event::FindingSaid;
use cauda_pathway::identity::{Actor, CommandId, PatientId, Text, VisitId};
use cauda_pathway::patient::{Day, Patient, Person, Sex};
use cauda_post::Address;

use super::{InVisit, away};
use crate::department::{ActError, Arrival};
use crate::ids;
use crate::web::App;
use crate::web::forms;
use crate::web::guard::Asked;
use crate::web::reply::{Shown, to};

/// Longest number of a hospital.
const NUMBER_BYTES_MAX: usize = 120;
/// Earlier visits that are shown.
const EARLIER_MAX: usize = 8;

type Faults = BTreeMap<String, String>;

/// The page, with the patient of a number that was looked for.
pub async fn show(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    shown(&app, &asked, &Faults::new()).await
}

async fn shown(app: &App, asked: &Asked, faults: &Faults) -> Response {
    let number = asked.form.get("number").unwrap_or("");
    let found = match app.department.patient_of_number(number).await {
        Ok(found) => found,
        Err(error) => return away(app, asked, &error.into()),
    };
    let earlier = match &found {
        Some(patient) => earlier(app, &patient.id).await,
        None => Vec::new(),
    };
    let command = ids::new_id();
    let calendar = app.local_time.now(&app.clock);
    let main = page(&ArrivalPage {
        entered: &asked.form.entered(),
        faults,
        found: found.as_ref(),
        earlier: &earlier,
        not_found: !number.is_empty() && found.is_none() && faults.is_empty(),
        sending: Sending { csrf: &asked.session.csrf, command: &command, seen: 0 },
        calendar: &calendar,
    });
    let status = (!faults.is_empty()).then_some(StatusCode::UNPROCESSABLE_ENTITY);
    app.show(
        asked,
        &Shown { title: "Arrival", here: "/arrival", status, ..Shown::default() },
        &main,
    )
}

async fn earlier(app: &App, patient: &PatientId) -> Vec<Earlier> {
    let visits = app.department.visits_of(patient).await.unwrap_or_default();
    let mut earlier = Vec::new();
    for id in visits.iter().rev().take(EARLIER_MAX) {
        let Ok(entry) = app.department.entry(id).await else { continue };
        earlier.push(Earlier {
            visit: id.to_string(),
            at: entry.visit.arrived_at.unwrap_or(entry.visit.latest),
            phase: entry.visit.phase.words(),
            is_live: entry.visit.phase.is_live(),
            tier: entry.visit.tier().id(),
        });
    }
    earlier
}

/// The patient is here.
pub async fn save(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    let Some(actor) = asked.actor() else { return to("/waiting") };
    let form = &asked.form;
    let known = form.get("patient").and_then(|id| PatientId::new(id).ok());
    let (person, age) = match (&known, registration(&asked)) {
        (Some(_), _) => (None, None),
        (None, Ok((person, age))) => (Some(person), age),
        (None, Err(faults)) => return shown(&app, &asked, &faults).await,
    };
    if let Some(number) = person.as_ref().and_then(|person: &Person| person.number.as_deref())
        && let Ok(Some(_)) = app.department.patient_of_number(number).await
    {
        let text = "another patient has this number".to_string();
        return shown(&app, &asked, &Faults::from([("number".to_string(), text)])).await;
    }
    let command = asked.command_once();
    // The ids follow from the command, so that a form sent twice is one arrival.
    let (Ok(patient), Ok(visit)) =
        (PatientId::new(format!("p-{command}")), VisitId::new(format!("v-{command}")))
    else {
        return to("/waiting");
    };
    if let Some(known) = &known
        && !matches!(crate::streams::patient(app.department.record(), known).await, Ok(Some(_)))
    {
        return shown(&app, &asked, &Faults::new()).await;
    }
    let patient = known.unwrap_or(patient);
    let returns_from =
        form.get("returns").filter(|id| *id != "no").and_then(|id| VisitId::new(id).ok());
    let born = match &person {
        Some(person) => person.born,
        None => born(&app, &patient).await,
    };
    let arrival = Arrival { patient, person, visit: visit.clone(), returns_from };
    let arrived = app.department.arrive(&actor, &command, arrival).await;
    match arrived {
        Ok(_) => {}
        Err(ActError::Refused(refusal)) => {
            let faults = Faults::from([("name".to_string(), refusal.message)]);
            return shown(&app, &asked, &faults).await;
        }
        // Somebody else took the number in this moment.
        Err(error) if is_taken(&error) => {
            let text = "another patient has this number".to_string();
            return shown(&app, &asked, &Faults::from([("number".to_string(), text)])).await;
        }
        Err(error) => return not_saved(&app, &asked, &error),
    }
    let now = app.department.now();
    let today = Day::read(cauda_guideline::time::write(now).get(..10).unwrap_or_default()).ok();
    let years = born.zip(today).and_then(|(born, today)| born.years_to(today));
    if let Some(age) = years.map(|years| years.to_string()).or(age) {
        say_age(&app, &actor, &visit, &command, &age).await;
    }
    match actor.role.is_nurse() || actor.role.is_physician() {
        true => to(&format!("/visit/{visit}/triage")),
        false => to("/waiting"),
    }
}

fn is_taken(error: &ActError) -> bool {
    use cauda_store::StoreError::Taken;
    matches!(error, ActError::Failed(crate::ServerError::Store(Taken { .. })))
}

async fn born(app: &App, patient: &PatientId) -> Option<Day> {
    let patient = crate::streams::patient(app.department.record(), patient).await.ok()??;
    patient.person.born
}

fn not_saved(app: &App, asked: &Asked, error: &ActError) -> Response {
    tracing::error!(%error, "an arrival was not saved");
    let mut fields = asked.form.kept();
    fields.push(("csrf".to_string(), asked.session.csrf.clone()));
    let text = "The record cannot be reached, so nobody is registered yet. Nothing you entered is lost: \
                try again, and tell the triage nurse by word of mouth meanwhile.";
    let main = cauda_pages::staff::message::again(
        "Not saved",
        text,
        &asked.path,
        &fields,
        "Try again",
        ("/waiting", "To the waiting list"),
    );
    let shown = Shown {
        title: "NOT SAVED",
        not_saved: Some("the arrival is not in the record.".to_string()),
        status: Some(StatusCode::SERVICE_UNAVAILABLE),
        ..Shown::default()
    };
    app.show(asked, &shown, &main)
}

/// The registration of a visit's patient, to be corrected.
pub async fn person(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    person_shown(&app, &asked, &of, &Faults::new())
}

fn person_shown(app: &App, asked: &Asked, of: &InVisit, faults: &Faults) -> Response {
    let mut entered = asked.form.entered();
    if let Some(patient) = of.entry.patient.as_deref().filter(|_| faults.is_empty()) {
        let known = &patient.person;
        entered = BTreeMap::from([
            ("name".to_string(), known.name.as_str().to_string()),
            ("born".to_string(), known.born.map(String::from).unwrap_or_default()),
            ("sex".to_string(), sex_id(known.sex)),
            ("number".to_string(), known.number.clone().unwrap_or_default()),
            (
                "allergies".to_string(),
                known.allergies.as_ref().map_or(String::new(), |a| a.as_str().to_string()),
            ),
            ("telephone".to_string(), known.telephone.clone().unwrap_or_default()),
            ("write_to".to_string(), known.write_to.clone().unwrap_or_default()),
        ]);
    }
    let main =
        cauda_pages::staff::arrival::person(of.id.as_str(), &entered, faults, of.sending(asked));
    let status = (!faults.is_empty()).then_some(StatusCode::UNPROCESSABLE_ENTITY);
    let visit = Some((&*of.entry, None));
    app.show(
        asked,
        &Shown { title: "Correct the registration", visit, status, ..Shown::default() },
        &main,
    )
}

/// Corrects it, and says the age anew.
pub async fn correct(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let (person, age) = match registration(&asked) {
        Ok(read) => read,
        Err(faults) => return person_shown(&app, &asked, &of, &faults),
    };
    let Some(identity) = of.entry.visit.identity.clone() else { return to("/waiting") };
    if let Some(number) = person.number.as_deref()
        && let Ok(Some(other)) = app.department.patient_of_number(number).await
        && other.id != identity.patient
    {
        let text = "another patient has this number".to_string();
        return person_shown(&app, &asked, &of, &Faults::from([("number".to_string(), text)]));
    }
    let now = app.department.now();
    let today = Day::read(cauda_guideline::time::write(now).get(..10).unwrap_or_default()).ok();
    let years = person.born.zip(today).and_then(|(born, today)| born.years_to(today));
    let command = asked.command();
    let known = of.entry.patient.as_deref().and_then(|known| known.person.write_to.clone());
    let mut new_way = Vec::new();
    if known != person.write_to {
        new_way = app.department.visits_of(&identity.patient).await.unwrap_or_default();
        new_way.reverse();
        new_way.truncate(EARLIER_MAX);
    }
    let patient = Patient { id: identity.patient, person };
    match app.department.register(&of.actor, &command, patient, &new_way).await {
        Ok(()) => {}
        Err(ActError::Refused(refusal)) => {
            let faults = Faults::from([("name".to_string(), refusal.message)]);
            return person_shown(&app, &asked, &of, &faults);
        }
        Err(error) if is_taken(&error) => {
            let text = "another patient has this number".to_string();
            return person_shown(&app, &asked, &of, &Faults::from([("number".to_string(), text)]));
        }
        Err(error) => return not_saved(&app, &asked, &error),
    }
    if let Some(age) = years.map(|years| years.to_string()).or(age) {
        say_age(&app, &of.actor, &of.id, &command, &age).await;
    }
    to(&of.path("decision"))
}

/// The age as a finding of the visit. One that the guideline does not take is left out.
async fn say_age(app: &App, actor: &Actor, visit: &VisitId, command: &CommandId, age: &str) {
    let said = FindingSaid {
        fact: "age".to_string(),
        value: format!("{age} a"),
        said_by: forms::role(actor.role),
        at: app.department.now(),
        limited_by_pain: false,
    };
    let found = Found { findings: vec![said], signed: Vec::new() };
    if let Ok(id) = CommandId::new(format!("{command}-age")) {
        drop(app.department.act(actor, visit, &id, Action::Record { found }).await);
    }
}

/// A person as registered, and an age that was estimated.
fn registration(asked: &Asked) -> Result<(Person, Option<String>), Faults> {
    let form = &asked.form;
    let mut faults = Faults::new();
    let name = form.get("name").and_then(|name| Text::new(name).ok());
    if name.is_none() {
        let text = "write a name, or what the patient is called for now";
        faults.insert("name".to_string(), text.to_string());
    }
    let born = match form.get("born").map(Day::read) {
        Some(Err(fault)) => {
            faults.insert("born".to_string(), fault);
            None
        }
        born => born.and_then(Result::ok),
    };
    let age = form.get("age").map(str::to_string);
    if age.as_ref().is_some_and(|age| !age.parse::<u16>().is_ok_and(|age| age <= 120)) {
        faults.insert("age".to_string(), "write whole years, 0 to 120".to_string());
    }
    let number = form.get("number");
    let fits = |number: &str| {
        let key = crate::streams::number_key(number);
        !key.is_empty() && key.len() <= NUMBER_BYTES_MAX && number.len() <= NUMBER_BYTES_MAX
    };
    if number.is_some_and(|number| !fits(number)) {
        let text = "write the letters and digits of the number, at most 120";
        faults.insert("number".to_string(), text.to_string());
    }
    if let Some(Err(fault)) = form.get("write_to").map(Address::parse) {
        faults.insert("write_to".to_string(), fault.to_string());
    }
    let sex =
        form.get("sex").and_then(|id| Sex::ALL.iter().copied().find(|sex| sex_id(*sex) == id));
    let person = name.map(|name| Person {
        name,
        born,
        sex: sex.unwrap_or(Sex::Unknown),
        number: form.get("number").map(str::to_string),
        allergies: form.text("allergies"),
        telephone: form.get("telephone").map(str::to_string),
        write_to: form.get("write_to").map(str::to_string),
    });
    match person {
        Some(person) if faults.is_empty() => Ok((person, age)),
        _ => Err(faults),
    }
}
