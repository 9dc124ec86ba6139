//! The letter to the next clinician: a receiving hospital, a ward, the family physician.
//!
//! What was found stands with who found it and when; what nobody knows stands beside it, because
//! a reader takes what a letter leaves out for absent.

mod shelf;
mod travels;

use cauda_guideline::decision::Decision;
use cauda_guideline::facts::FactIndex;
use cauda_pathway::patient::Patient;
use cauda_pathway::views::Handover;
use cauda_pathway::visit::Pending;
use maud::{Markup, html};

use self::shelf::{GRIDS, Shelf, is_settled};
use super::findings::{Asking, on_record, row_label};
use super::frame::time;
use super::paper::paper;
use super::verdict::{because, headline};

/// Most names of what is not known; the rest is counted.
const UNKNOWN_MAX: usize = 24;

/// What a letter is made of.
pub struct Letter<'a> {
    /// Everything on record.
    pub asking: Asking<'a>,
    /// What is open, and whose.
    pub handover: &'a Handover,
    /// The answer, explained.
    pub decision: &'a Decision,
    /// Patient.
    pub patient: Option<&'a Patient>,
    /// Name of the department.
    pub department: &'a str,
    /// Who prints it: name and role.
    pub by: (&'a str, &'a str),
    /// The moment, in words.
    pub made: String,
    /// The way back.
    pub back: String,
    /// A demonstration.
    pub demo: bool,
}

impl Letter<'_> {
    /// The whole page.
    pub fn page(&self) -> String {
        let forms = [("letter.pdf", "As PDF"), ("letter.json", "As FHIR")];
        paper("Letter", "paper", &self.back, &forms, &self.main())
    }

    fn main(&self) -> Markup {
        let guideline = self.asking.guideline;
        html! {
            @if self.demo { p { b { "DEMO: invented patients" } } }
            h1 { "Back pain: letter to the next clinician" }
            p { (self.department) ". On record " (self.made) ", printed by " (self.by.0) ", " (self.by.1) "." }
            (self.who())
            (self.now())
            div.sheet-columns {
                (self.list("Danger signs", Shelf::Danger))
                (self.reports())
                (self.to_do())
                (self.not_known())
                (self.list("Danger signs that raise no concern yet", Shelf::Noted))
                (self.list("Also found", Shelf::Known))
                (self.names("Asked one by one: no, or normal", Shelf::Asked))
                (self.names("Signed as clear, as a group", Shelf::Signed))
                (self.legs())
                (self.given())
            }
            p.hint { (guideline.title) " " (guideline.version) ", " (guideline.status) ". Cauda is not a certified medical device; the clinician decides." }
            dl.who-lines {
                div { dt { "Signed" } dd {} } div { dt { "Time" } dd {} } div { dt { "Call back" } dd {} }
            }
        }
    }

    fn who(&self) -> Markup {
        let person = self.patient.map(|patient| &patient.person);
        let transfer = &self.asking.visit.transfer;
        let line = |name: &str, value: Option<&str>| {
            html! { div { dt { (name) } dd { (value.unwrap_or_default()) } } }
        };
        let born = person.and_then(|person| person.born).map(|born| born.words());
        let allergies = person.and_then(|person| person.allergies.as_ref());
        html! {
            dl.who-lines {
                (line("Name", person.map(|person| person.name.as_str())))
                (line("Born", born.as_deref()))
                (line("Number", person.and_then(|person| person.number.as_deref())))
                (line("Allergies", Some(allergies.map_or("not on record", |allergies| allergies.as_str()))))
                (line("To", transfer.site.as_ref().map(|site| site.as_str())))
                @if let Some(telephone) = &transfer.telephone { (line("Telephone", Some(telephone.as_str()))) }
                @if let Some(by) = &transfer.accepted_by { (line("Accepted by", Some(by.as_str()))) }
            }
        }
    }

    fn now(&self) -> Markup {
        let (handover, calendar) = (self.handover, self.asking.calendar);
        let settled = self.decision.concerns.iter().filter(|concern| is_settled(concern));
        let settled: Vec<&str> = settled.map(|concern| concern.title.as_str()).collect();
        let unreadable = self.asking.visit.answer.iter().flat_map(|answer| &answer.unreadable);
        let unreadable: Vec<&str> = unreadable.map(String::as_str).collect();
        html! {
            section.panel {
                h2 { (headline(self.decision)) }
                @if let Some(because) = because(self.decision) { p { b { "Because of" } " " (because) "." } }
                @else if let Some(reason) = self.decision.no_imaging_because.first() { p { (reason.staff) } }
                @if !settled.is_empty() { p { b { "Acted on, because it cannot be settled" } ": " (settled.join("; ")) "." } }
                @if self.decision.clinician_review || !unreadable.is_empty() {
                    p { b { "A clinician has to review this" } ": the guideline or an entry cannot be read"
                        @if !unreadable.is_empty() { " (" (unreadable.join(", ")) ")" } "." }
                }
                @for note in &self.decision.notes { p { (note) "." } }
                p { "Now: " (handover.phase.words()) "; urgency " (handover.tier.id())
                    ". Came " (time(calendar, handover.arrived_at))
                    @if let Some(at) = handover.suspected_at { ", danger suspected " (time(calendar, at)) }
                    @match handover.examined_at { Some(at) => { ", examined " (time(calendar, at)) } None => ", not examined by a physician" } "." }
                @if let Some(returning) = &handover.returning { p { "Came back; left open then: " (returning.tier.id()) "." } }
                @for less in &handover.overrides {
                    p { b { "Less was done than the guideline says" } ": " (less.kind.words()) ": " (less.less.reason.words()) ", “" (less.less.words.as_str())
                        "”, " (less.by.role.words()) ", " (time(calendar, less.at)) "." }
                }
            }
        }
    }

    /// What is asked for and has not happened yet, and what this department had still to do.
    fn to_do(&self) -> Markup {
        let calendar = self.asking.calendar;
        let awaited = &self.handover.pending;
        let is_ordered = |image: &str| {
            awaited.iter().any(|p| p.order.as_ref().is_some_and(|order| order.image == image))
        };
        let scans = self.decision.imaging.iter().filter(|scan| !is_ordered(&scan.spoken.id));
        let scans: Vec<_> = scans.collect();
        let (tasks, teams) = (&self.handover.tasks, &self.handover.referrals);
        let actions: Vec<&str> =
            self.decision.actions.iter().map(|action| action.spoken.staff.as_str()).collect();
        html! {
            section {
                h2 { "Still to be done" }
                @if scans.is_empty() && awaited.is_empty() && teams.is_empty() { p { "No scan, test or answer is awaited." } }
                @else { ul {
                    @for scan in scans { li { b { (scan.spoken.staff) } ", " (scan.tier.id()) ", not ordered here"
                        @if let Some(within) = &scan.within { ", within " (within) }
                        @for held in &scan.held_by { ". " b { "Not as it stands" } ": " (held.staff) } } }
                    @for pending in awaited { li { (self.awaited(pending)) } }
                    @for referral in teams { li { (referral.to.as_str()) " was asked " (time(calendar, referral.at)) ", no answer yet" } }
                } }
                @if !actions.is_empty() { p { b { "The guideline asks for" } ": " (actions.join("; ")) "." } }
                @if !tasks.is_empty() { p { b { "Open in this department" } ": "
                    @for (place, task) in tasks.iter().enumerate() { @if place > 0 { "; " } (task.kind.words()) ", by " (time(calendar, task.due)) } "." } }
            }
        }
    }

    fn name<'n>(&'n self, pending: &'n Pending) -> &'n str {
        let phrase = self.asking.guideline.vocabulary.get("image", pending.name());
        phrase.map_or(pending.name(), |phrase| phrase.staff.as_str())
    }

    fn awaited(&self, pending: &Pending) -> Markup {
        let calendar = self.asking.calendar;
        html! {
            b { (self.name(pending)) }
            @if let Some(report) = &pending.report { ", reported " (time(calendar, report.at)) ", not acknowledged here" }
            @else { @match &pending.order {
                None => { ", asked for " (time(calendar, pending.at)) }
                Some(order) => {
                    ", " (order.tier.id()) ", "
                    @if order.held { b { "held: the patient has left, and nobody does it until it is asked for again" } }
                    @else if let Some(ended) = order.ended { "done " (time(calendar, ended)) ", report awaited" }
                    @else if let Some(began) = order.started { "began " (time(calendar, began)) }
                    @else { "ordered, start by " (time(calendar, order.deadline)) }
                    @match order.cleared { None => "; not screened for the scanner", Some(true) => "; screened: safe", Some(false) => { "; " b { "screened: not safe" } } }
                }
            } }
        }
    }

    fn staff(&self, index: FactIndex) -> &str {
        &self.asking.guideline.facts[index].staff
    }

    fn list(&self, title: &str, shelf: Shelf) -> Markup {
        let facts = self.on(shelf);
        html! {
            @if !facts.is_empty() {
                section { h2 { (title) } ul { @for fact in facts {
                    li { (self.staff(fact)) ": " (self.record(fact)) }
                } } }
            }
        }
    }

    fn names(&self, title: &str, shelf: Shelf) -> Markup {
        let names: Vec<&str> = self.on(shelf).into_iter().map(|fact| self.staff(fact)).collect();
        html! {
            @if !names.is_empty() { section { h2 { (title) } p { (names.join("; ")) "." } } }
        }
    }

    fn not_known(&self) -> Markup {
        // Of the moment the letter is about, which for who has gone is not the summary's.
        let missing: Vec<&str> = self.decision.missing.iter().map(|m| m.name.as_str()).collect();
        let asked = self.on(Shelf::NotHad);
        html! {
            section {
                h2 { "Not known, and never a no" }
                @if missing.is_empty() && asked.is_empty() { p { "Nothing that could change the answer." } }
                @if !missing.is_empty() {
                    p { (missing.iter().take(UNKNOWN_MAX).copied().collect::<Vec<_>>().join("; "))
                        @if missing.len() > UNKNOWN_MAX { "; and " (missing.len() - UNKNOWN_MAX) " more" } "." }
                }
                @if !asked.is_empty() { ul { @for fact in asked {
                    li { (self.staff(fact)) ": " (self.record(fact)) }
                } } }
            }
        }
    }

    fn legs(&self) -> Markup {
        let said = |index: FactIndex| -> String {
            let finding = &self.asking.known.by_fact[index];
            if self.asking.record(index).is_none() {
                return "not tested".to_string();
            }
            if finding.group.is_some() {
                return "signed as clear".to_string();
            }
            let value = on_record(&self.asking.guideline.facts[index], finding);
            match finding.conflict {
                true => value + ", disputed",
                false => value,
            }
        };
        let is_signed = |index: &FactIndex| self.asking.known.by_fact[*index].group.is_some();
        let is_blank = |index: &FactIndex| self.asking.record(*index).is_none();
        html! {
            @for (sort, title) in GRIDS {
                @let rows = self.legs_of(sort);
                @let sides: Vec<FactIndex> = rows.iter().flat_map(|(right, left)| [*right, *left]).collect();
                @if sides.iter().all(is_blank) { p { b { (title) } ": not tested." } }
                @else if sides.iter().all(is_signed) {
                    p { b { (title) } ": signed as clear, as a group; not graded one by one." }
                } @else {
                    table.boxes {
                        caption { (title) }
                        thead { tr { th scope="col" { span.unseen { "Where" } } th scope="col" { "Right" } th scope="col" { "Left" } } }
                        tbody { @for (right, left) in rows {
                            tr { th scope="row" { (row_label(&self.asking.guideline.facts[right])) } td { (said(right)) } td { (said(left)) } }
                        } }
                    }
                }
            }
        }
    }

    fn reports(&self) -> Markup {
        let calendar = self.asking.calendar;
        let pending = self.asking.visit.pending.iter();
        let reported = pending.filter_map(|p| p.report.as_ref().map(|report| (p, report)));
        let reported: Vec<_> = reported.collect();
        html! {
            @if !reported.is_empty() {
                section { h2 { "Reports" } ul { @for (pending, report) in reported {
                    li { b { (self.name(pending)) } ", " (report.state.words()) ", " (time(calendar, report.at))
                        @if report.emergency { ", " b { "emergency" } } ": " (report.words.as_str()) }
                } } }
            }
        }
    }

    fn given(&self) -> Markup {
        let visit = self.asking.visit;
        let vocabulary = &self.asking.guideline.vocabulary;
        let offers = visit.offers.iter().filter_map(|id| vocabulary.get("offer", id));
        html! {
            @if let Some(plan) = &visit.plan {
                section { h2 { "Plan, as signed" }
                    p { (plan.as_str()) }
                    ul { @for phrase in offers { li { (phrase.staff) } } }
                    @if visit.taught_back { p { "The patient said in own words when to come back." } }
                }
            }
        }
    }
}
