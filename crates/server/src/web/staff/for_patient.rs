//! What the patient may see, and the links that lead there.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use cauda_guideline::Guideline;
use cauda_guideline::decision::{AdviceState, Decision};
use cauda_pages::patient::home::id;
use cauda_pages::staff::for_patient::{Choice, ForPatient, page};
use cauda_pathway::command::Action;
use cauda_pathway::releasing::{Part, Released, SIGNED, words};
use cauda_pathway::visit::Visit;

use super::{InVisit, act};
use crate::access::Act;
use crate::links::Purpose;
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::Shown;

/// The page.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let guideline = app.department.guideline();
    let visit = &of.entry.visit;
    let role = asked.session.account.role;
    let choices = choices(guideline, visit, &of.decision(&app, None));
    let main = page(&ForPatient {
        here: format!("/visit/{}", of.id),
        choices: &choices,
        waiting: app.link(visit, Purpose::Waiting).filter(|_| visit.phase.is_live()),
        home: app.link(visit, Purpose::Home),
        has_links: app.config.patient_url.is_some(),
        sending: of.sending(&asked),
        releases: role.may(Act::Triage),
        gives: role.may(Act::FollowUp),
    });
    let visit = Some((&*of.entry, None));
    app.show(&asked, &Shown { title: "For the patient", visit, ..Shown::default() }, &main)
}

/// What can be shared: what was asked and signed, why a scan or none, what comes next. What was
/// shared and no longer holds stays to be taken back.
fn choices(guideline: &Guideline, visit: &Visit, decision: &Decision) -> Vec<Choice> {
    let of = |part: Part, list: &str, id: &str| Released {
        part,
        list: list.to_string(),
        id: id.to_string(),
    };
    let signed = decision.signed.iter().filter(|signed| signed.not_covered.is_empty());
    let mut can: Vec<Released> =
        signed.map(|signed| of(Part::Checked, SIGNED, &signed.attestation)).collect();
    let images = decision.imaging.iter();
    can.extend(images.map(|image| of(Part::Scan, "image", &image.spoken.id)));
    let none = decision.no_imaging_because.iter();
    can.extend(none.map(|spoken| of(Part::Scan, "reason", &spoken.id)));
    let given = decision.follow_up.iter().filter(|a| a.state == AdviceState::Given);
    let about_scans = given.flat_map(|advised| &advised.says).filter(|line| {
        let phrase = guideline.vocabulary.get("action", &line.spoken.id);
        phrase.is_some_and(|phrase| phrase.instead_of_scan)
    });
    can.extend(about_scans.map(|line| of(Part::Scan, "action", &line.spoken.id)));
    let go = decision.disposition.iter();
    can.extend(go.map(|spoken| of(Part::Next, "disposition", &spoken.id)));
    let actions = decision.actions.iter().filter(|action| {
        // Whom staff call is not what happens to the patient.
        guideline.vocabulary.get("call", &action.spoken.id).is_none()
    });
    can.extend(actions.map(|action| of(Part::Next, "action", &action.spoken.id)));
    let old: Vec<Released> =
        visit.released.iter().filter(|released| !can.contains(released)).cloned().collect();
    let mut choices: Vec<Choice> = Vec::new();
    for (released, is_old) in
        can.into_iter().map(|can| (can, false)).chain(old.into_iter().map(|old| (old, true)))
    {
        let known = choices.iter().any(|choice| choice.released == released);
        let words = words(guideline, &released.list, &released.id);
        if let Some(words) = words.filter(|_| !known) {
            let is_out = visit.released.contains(&released);
            choices.push(Choice { words: words.to_string(), is_out, is_old, released });
        }
    }
    choices
}

/// Shares what is ticked, and nothing else.
pub async fn release(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let mut phrases = Vec::new();
    for part in Part::ALL {
        let name = format!("share.{}", id(part));
        let ticked = asked.form.fields().iter().filter(|(known, _)| *known == name);
        let ticked = ticked.filter_map(|(_, value)| value.split_once('/'));
        phrases.extend(ticked.map(|(list, id)| Released {
            part: *part,
            list: list.to_string(),
            id: id.to_string(),
        }));
    }
    act(&app, &asked, &of, Action::Release { phrases }, &of.path("patient")).await
}

/// Links that were given out end.
pub async fn revoke(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    act(&app, &asked, &of, Action::RevokeLinks, &of.path("patient")).await
}

impl App {
    /// The whole link of a patient; nothing where patients get none.
    pub(in crate::web) fn link(&self, visit: &Visit, purpose: Purpose) -> Option<String> {
        let url = self.config.patient_url.as_ref()?;
        let token = self.links.give(visit, purpose)?;
        Some(format!("{url}{}{token}", purpose.path()))
    }
}
