//! A patient comes in: who it is, and whether it is a return.

use std::collections::BTreeMap;

use cauda_pathway::event::Capacity;
use cauda_pathway::patient::{Patient, Sex};
use maud::{Markup, html};

use super::frame::{Calendar, Sending};

/// An earlier visit of the patient.
pub struct Earlier {
    /// Its id.
    pub visit: String,
    /// When it was.
    pub at: i64,
    /// Where it stands.
    pub phase: &'static str,
    /// It is not over.
    pub is_live: bool,
    /// What was left open, in words.
    pub tier: &'static str,
}

/// What the page is made of.
pub struct ArrivalPage<'a> {
    /// What was entered before.
    pub entered: &'a BTreeMap<String, String>,
    /// What is wrong with it.
    pub faults: &'a BTreeMap<String, String>,
    /// The patient who has the number that was asked for.
    pub found: Option<&'a Patient>,
    /// Earlier visits of that patient, newest first.
    pub earlier: &'a [Earlier],
    /// A number was looked for and nobody has it.
    pub not_found: bool,
    /// Hidden fields.
    pub sending: Sending<'a>,
    /// Local time.
    pub calendar: &'a dyn Calendar,
}

/// The page.
pub fn page(page: &ArrivalPage) -> Markup {
    let value = |name: &str| page.entered.get(name).map(String::as_str);
    html! {
        h1 { "Arrival" }
        form.panel method="post" action="/arrival/look" {
            (page.sending.also("look"))
            div.field { label for="look" { "Number in this hospital" }
                p.hint { "Look first: who was here before keeps danger signs and open results." }
                input id="look" name="number" maxlength="120" value=[value("number")]; }
            p.actions { button.button.secondary { "Look" } }
        }
        @match page.found {
            Some(patient) => {
                // Somebody was to be registered under the number of this patient.
                @if let Some(fault) = page.faults.get("number") {
                    p.panel.warn role="alert" { "Nobody was registered: " (fault)
                        ". If it is the same patient, go on here; if not, mend the number below." }
                }
                (known(page, patient))
                @if !page.faults.is_empty() { (unknown(page)) }
            }
            None => {
                @if page.not_found { p.panel role="status" { "Nobody here has this number yet. Register below." } }
                (unknown(page))
            }
        }
    }
}

fn known(page: &ArrivalPage, patient: &Patient) -> Markup {
    let person = &patient.person;
    html! {
        section.panel {
            h2 { (person.name.as_str()) }
            p { @match person.born { Some(born) => { "Born " (born.words()) } None => "Birth not known" } ", " (person.sex.words()) }
            @for earlier in page.earlier.iter().filter(|earlier| earlier.is_live) {
                p.panel.warn { "Is here already: " a href={ "/visit/" (earlier.visit) "/decision" } { (earlier.phase) } }
            }
            form method="post" action="/arrival" {
                (page.sending.fields())
                input type="hidden" name="patient" value=(patient.id);
                @if !page.earlier.is_empty() {
                    fieldset.choice3 { legend { "Is it a return?" }
                        div.options {
                            @for earlier in page.earlier.iter().filter(|earlier| !earlier.is_live).take(5) {
                                label { input type="radio" name="returns" value=(earlier.visit) required; " Return of "
                                    (page.calendar.day(earlier.at)) ", " (earlier.phase)
                                    @if earlier.tier != "none" { ", left open: " (earlier.tier) } }
                            }
                            label { input type="radio" name="returns" value="no" required; " Something new" }
                        }
                    }
                }
                p.actions { button.button { "The patient is here" } }
            }
        }
    }
}

fn unknown(page: &ArrivalPage) -> Markup {
    html! {
        form.panel method="post" action="/arrival" autocomplete="off" {
            (page.sending.fields())
            h2 { "Register" }
            (person_fields(page.entered, page.faults))
            p.actions { button.button { "Register, and the patient is here" } }
        }
    }
}

/// A registration that is corrected; every event before it stays as it is.
pub fn person(
    visit: &str,
    entered: &BTreeMap<String, String>,
    faults: &BTreeMap<String, String>,
    sending: Sending,
) -> Markup {
    html! {
        h1 { "Correct the registration" }
        p.hint { "What was registered before stays in the record. A corrected birth also says the age anew." }
        p.links { a href={ "/visit/" (visit) "/merge" } { "This visit was registered twice" } }
        form.panel method="post" action={ "/visit/" (visit) "/person" } autocomplete="off" {
            (sending.fields())
            (person_fields(entered, faults))
            p.actions { button.button { "Save" } }
        }
    }
}

fn person_fields(entered: &BTreeMap<String, String>, faults: &BTreeMap<String, String>) -> Markup {
    let value = |name: &str| entered.get(name).map(String::as_str);
    let fault = |name: &str| faults.get(name);
    html! {
            div.field { label for="name" { "Name" }
                @if let Some(fault) = fault("name") { p.error { (fault) } }
                input id="name" name="name" maxlength="120" required value=[value("name")]; }
            div.field { label for="born" { "Date of birth" } p.hint { "Year-month-day, 1981-03-04. Leave it empty if it is not known." }
                @if let Some(fault) = fault("born") { p.error { (fault) } }
                input id="born" name="born" inputmode="numeric" maxlength="10" value=[value("born")]; }
            div.field { label for="age" { "Or the age in years, estimated" }
                @if let Some(fault) = fault("age") { p.error { (fault) } }
                input id="age" name="age" inputmode="numeric" maxlength="3" value=[value("age")]; }
            fieldset.choice3 { legend { "Sex" } div.options {
                @for sex in Sex::ALL { label { input type="radio" name="sex" value=(sex_id(*sex)) checked[value("sex") == Some(sex_id(*sex).as_str())]; " " (sex.words()) } }
            } }
            div.field { label for="number" { "Number in this hospital" }
                @if let Some(fault) = fault("number") { p.error { (fault) } }
                input id="number" name="number" maxlength="120" value=[value("number")]; }
            div.field { label for="allergies" { "Allergies" } p.hint { "Write “none” if you asked and there are none." }
                input id="allergies" name="allergies" maxlength="200" value=[value("allergies")]; }
            div.field { label for="telephone" { "Telephone of the patient" } p.hint { "Where we call, if nobody answers at home." }
                @if let Some(fault) = fault("telephone") { p.error { (fault) } }
                input id="telephone" name="telephone" maxlength="40" value=[value("telephone")]; }
            div.field { label for="write_to" { "May we write to the patient? E-mail or mobile telephone" }
                p.hint { "Only if the patient agrees. The message says that we ask how it goes, and nothing about the illness. A telephone begins with + and the country." }
                @if let Some(fault) = fault("write_to") { p.error { (fault) } }
                input id="write_to" name="write_to" maxlength="200" value=[value("write_to")]; }
    }
}

/// A sex's id in forms.
pub fn sex_id(sex: Sex) -> String {
    format!("{sex:?}").to_lowercase()
}

/// How a patient left who was not sent.
pub fn leaving(
    visit: &str,
    sending: Sending,
    open: bool,
    colleagues: &[(String, String)],
) -> Markup {
    html! {
        h1 { "The patient leaves" }
        @if open { p.panel.warn { "A concern is open. Say what could happen, give the card, and name who calls back." } }
        form.panel method="post" action={ "/visit/" (visit) "/leaving" } {
            (sending.fields())
            fieldset.choice3 { legend { "How" } div.options {
                label { input type="radio" name="how" value="before-seen" required; " Before a physician" }
                label { input type="radio" name="how" value="against-advice" required; " Against advice" }
                label { input type="radio" name="how" value="gone" required; " Gone without a word" }
                label { input type="radio" name="how" value="died" required; " Died" }
            } }
            fieldset.choice3 { legend { "Capacity" } div.options {
                @for capacity in Capacity::ALL { label { input type="radio" name="capacity" value=(capacity_id(*capacity)) checked[*capacity == Capacity::NotAssessed]; " " (capacity.words()) } }
            } }
            div.field { label for="explained" { "What was explained" } textarea id="explained" name="words" rows="2" maxlength="1500" {} }
            label.check { input type="checkbox" name="card" value="given"; " The warning card was given" }
            div.field { label for="caller" { "Who calls back" } select id="caller" name="owner" {
                option value="" { "Nobody named" }
                @for (id, name) in colleagues { option value=(id) { (name) } }
            } }
            p.actions { button.button { "Save" } }
        }
    }
}

/// A capacity's id in forms.
pub fn capacity_id(capacity: Capacity) -> String {
    format!("{capacity:?}").to_lowercase()
}
