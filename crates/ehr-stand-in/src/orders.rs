//! Orders on their way: drafted, advised, signed. One screen each.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ehr::Ehr;
use crate::fhir::answer::address;
use crate::hooks::call::{self, Answered, Happening};
use crate::hooks::card::Card;
use crate::hooks::feedback::{self, Outcome};
use crate::hooks::{rating, suggestion};
use crate::imaging::{self, Choice, Reason};
use crate::samples;
use crate::time;

/// Most screens that are kept; the oldest goes.
const SCREENS_MAX: usize = 500;
/// Most notices of a screen.
const NOTICES_MAX: usize = 30;

/// All screens.
#[derive(Default)]
pub(crate) struct Orders {
    kept: BTreeMap<u64, Screen>,
    last: u64,
    drafts: u64,
}

/// One screen: the drafts, the cards, what has happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Screen {
    pub(crate) patient: String,
    pub(crate) encounter: Option<String>,
    /// The hook that opened it.
    pub(crate) hook: String,
    pub(crate) drafts: Vec<Value>,
    pub(crate) cards: Vec<Shown>,
    pub(crate) notices: Vec<String>,
    /// Advice came on signing and was shown, so signing again keeps the order.
    pub(crate) warned: bool,
    pub(crate) signed: bool,
    cards_ever: usize,
}

/// A card on a screen.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) key: usize,
    pub(crate) service: String,
    pub(crate) card: Card,
    /// Which suggestions were taken.
    pub(crate) taken: Vec<usize>,
    /// Why it was set aside.
    pub(crate) set_aside: Option<String>,
}

impl Orders {
    pub(crate) fn get(&self, id: u64) -> Option<Screen> {
        self.kept.get(&id).cloned()
    }

    fn open(&mut self, screen: Screen) -> u64 {
        self.last += 1;
        while self.kept.len() >= SCREENS_MAX {
            self.kept.pop_first();
        }
        self.kept.insert(self.last, screen);
        self.last
    }

    /// Takes a suggestion, once. The card comes back when something was done.
    fn take(&mut self, number: u64, key: usize, at: usize) -> Option<Option<Shown>> {
        let Orders { kept, drafts, .. } = self;
        let screen = kept.get_mut(&number).filter(|screen| !screen.signed)?;
        let place = screen.cards.iter().position(|shown| shown.key == key)?;
        let shown = screen.cards.get(place)?;
        let suggestion = shown.card.suggestions.get(at)?;
        let one = shown.card.selection.as_deref() != Some("any") && !shown.taken.is_empty();
        if one || shown.taken.contains(&at) || shown.set_aside.is_some() {
            return Some(None);
        }
        let mut new_id = || draft_id(drafts);
        let (actions, patient) = (&suggestion.actions, &screen.patient);
        match suggestion::apply(&screen.drafts, actions, patient, &mut new_id) {
            Ok(after) => (screen.drafts, screen.warned) = (after, false),
            Err(why) => {
                screen.notice(format!("the suggestion was not taken: {why}"));
                return Some(None);
            }
        }
        let shown = screen.cards.get_mut(place)?;
        shown.taken.push(at);
        Some(Some(shown.clone()))
    }

    fn change<T>(&mut self, id: u64, change: impl FnOnce(&mut Screen) -> T) -> Option<T> {
        self.kept.get_mut(&id).map(change)
    }
}

impl Screen {
    fn notice(&mut self, text: impl Into<String>) {
        if self.notices.len() < NOTICES_MAX {
            self.notices.push(text.into());
        }
    }

    /// Puts answers on the screen. A later answer of a service takes the place of its earlier one,
    /// whatever the hook.
    fn show(&mut self, answers: Result<Vec<Answered>, String>) {
        let answers = match answers {
            Ok(answers) => answers,
            Err(missing) => return self.notice(missing),
        };
        for answer in answers {
            match &answer.missing {
                Some(missing) => self.notice(missing.clone()),
                None => self.cards.retain(|shown| shown.service != answer.service),
            }
            for card in answer.cards {
                self.cards_ever += 1;
                let (key, service) = (self.cards_ever, answer.service.clone());
                self.cards.push(Shown { key, service, card, taken: vec![], set_aside: None });
            }
            self.cards.sort_by_key(|shown| match shown.card.indicator.as_str() {
                "critical" => 0,
                "info" => 2,
                _ => 1,
            });
            for refused in rating::apply(&mut self.drafts, &answer.system_actions) {
                self.notice(refused);
            }
        }
    }
}

fn draft_id(drafts: &mut u64) -> String {
    *drafts += 1;
    format!("order-{drafts}")
}

/// An examination was chosen: `order-select`. The screen's number comes back.
pub(crate) async fn choose(
    ehr: &Ehr,
    patient: &str,
    choice: &Choice,
    reason: Option<&Reason>,
) -> Option<u64> {
    let encounter = known(ehr, patient)?;
    let id = draft_id(&mut ehr.orders().drafts);
    let now = ehr.now();
    let draft = imaging::draft(&id, patient, encounter.as_deref(), choice, reason, now);
    let patient = patient.to_owned();
    let hook = "order-select".to_owned();
    let drafts = vec![draft];
    let screen = Screen { patient, encounter, hook, drafts, ..Screen::default() };
    let number = ehr.orders().open(screen);
    fire(ehr, number, "order-select").await;
    Some(number)
}

/// A hook without an order.
pub(crate) async fn without_order(ehr: &Ehr, patient: &str, hook: &str) -> Option<u64> {
    let encounter = known(ehr, patient)?;
    let (patient, hook) = (patient.to_owned(), hook.to_owned());
    let screen = Screen { patient, encounter, hook: hook.clone(), ..Screen::default() };
    let number = ehr.orders().open(screen);
    fire(ehr, number, &hook).await;
    Some(number)
}

/// Signs: `order-sign`. When advice came that nobody has answered, it is shown first and signing
/// once more keeps the order; without advice in time the order goes on.
pub(crate) async fn sign(ehr: &Ehr, number: u64) -> Option<()> {
    let screen = ehr.orders().get(number)?;
    if screen.signed || screen.drafts.is_empty() {
        return Some(());
    }
    if !screen.warned {
        fire(ehr, number, "order-sign").await;
        let waits = ehr.orders().change(number, |screen| {
            let open = |shown: &Shown| shown.taken.is_empty() && shown.set_aside.is_none();
            let loud = |shown: &Shown| shown.card.indicator != "info";
            screen.warned = screen.cards.iter().any(|shown| open(shown) && loud(shown));
            screen.warned
        });
        if waits? {
            return Some(());
        }
    }
    // Only one of two that sign at once finds it unsigned.
    let drafts = ehr.orders().change(number, |screen| {
        (!std::mem::replace(&mut screen.signed, true)).then(|| screen.drafts.clone())
    })?;
    let Some(drafts) = drafts else { return Some(()) };
    let kept = keep(ehr, &drafts);
    ehr.orders().change(number, |screen| match kept {
        Ok(kept) => screen.drafts = kept,
        Err(why) => {
            screen.signed = false;
            screen.notice(format!("not signed: {why}"));
        }
    })
}

fn keep(ehr: &Ehr, drafts: &[Value]) -> Result<Vec<Value>, String> {
    let now = ehr.now();
    let mut store = ehr.store();
    let mut copy = store.clone();
    let mut kept = Vec::new();
    for draft in drafts {
        let mut order = draft.clone();
        if order.get("status").and_then(Value::as_str) == Some("draft") {
            order["status"] = "active".into();
        }
        order["authoredOn"] = time::instant(now).into();
        let order = copy.put(order, now).map_err(|refusal| refusal.text)?.0;
        kept.push(order);
    }
    *store = copy;
    Ok(kept)
}

/// Takes a suggestion of a card, and tells the service.
pub(crate) async fn accept(ehr: &Ehr, number: u64, key: usize, at: usize) -> Option<()> {
    let taken = ehr.orders().take(number, key, at)?;
    let Some(shown) = taken else { return Some(()) };
    let uuid = |at: &usize| shown.card.suggestions.get(*at)?.uuid.clone();
    let ids: Vec<String> = shown.taken.iter().filter_map(uuid).collect();
    if let (Some(card), false) = (&shown.card.uuid, ids.is_empty()) {
        let sent = feedback::send(ehr, &shown.service, card, &Outcome::Accepted(ids)).await;
        told(ehr, number, sent);
    }
    Some(())
}

/// Sets a card aside, and tells the service.
pub(crate) async fn set_aside(
    ehr: &Ehr,
    number: u64,
    key: usize,
    reason: &str,
    comment: &str,
) -> Option<()> {
    let shown = card(ehr, number, key)?;
    let code = |one: &&Value| one.get("code").and_then(Value::as_str) == Some(reason);
    let reason = shown.card.override_reasons.iter().find(code).cloned();
    let words = reason.as_ref().and_then(|one| one.get("display")).and_then(Value::as_str);
    let comment = Some(comment.trim().to_owned()).filter(|text| !text.is_empty());
    let parts: Vec<&str> = words.into_iter().chain(comment.as_deref()).collect();
    let why = if parts.is_empty() { "no reason given".to_owned() } else { parts.join(": ") };
    ehr.orders().change(number, |screen| {
        if let Some(shown) = screen.cards.iter_mut().find(|shown| shown.key == key) {
            shown.set_aside = Some(why);
        }
    })?;
    if let Some(card) = &shown.card.uuid {
        let outcome = Outcome::Overridden { reason, comment };
        let sent = feedback::send(ehr, &shown.service, card, &outcome).await;
        told(ehr, number, sent);
    }
    Some(())
}

fn told(ehr: &Ehr, number: u64, status: Option<u16>) {
    if status != Some(200) {
        let text = "the service did not take the feedback";
        ehr.orders().change(number, |screen| screen.notice(text));
    }
}

fn card(ehr: &Ehr, number: u64, key: usize) -> Option<Shown> {
    let screen = ehr.orders().get(number).filter(|screen| !screen.signed)?;
    screen.cards.iter().find(|shown| shown.key == key).cloned()
}

/// The visit of a patient, if there is such a patient.
#[allow(clippy::option_option)]
fn known(ehr: &Ehr, patient: &str) -> Option<Option<String>> {
    let store = ehr.store();
    store.get("Patient", patient).ok()?;
    Some(samples::open_visit(&store, patient))
}

async fn fire(ehr: &Ehr, number: u64, hook: &str) {
    let Some(screen) = ehr.orders().get(number) else { return };
    let happening = Happening {
        hook: hook.to_owned(),
        patient: screen.patient,
        encounter: screen.encounter,
        selections: screen.drafts.iter().filter_map(address).collect(),
        drafts: screen.drafts,
    };
    let answers = call::fire(ehr, &happening).await;
    ehr.orders().change(number, |screen| screen.show(answers));
}
