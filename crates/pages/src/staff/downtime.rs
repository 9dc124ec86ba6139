//! Sheets of paper for when nothing else works: blank, or with what is on record of a patient. What
//! is written on them is entered later, with the time at which it was found.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{By, Fact, FactIndex, Kind, Role, Sort, Stage};
use cauda_pathway::patient::Patient;
use maud::{Markup, html};

use super::findings::{Asking, Grid, pairs, row_label, unit_words};
use super::paper::paper;

/// Groups in the order in which they are asked, with their headings; others follow.
const GROUPS: [(&str, &str); 8] = [
    ("bladder", "Bladder, bowel, between the legs"),
    ("gate", "Heart, lungs, belly"),
    ("vascular", "Vessels"),
    ("trauma", "Injury and bone"),
    ("legs", "Legs, as told"),
    ("infection", "Infection"),
    ("cancer", "Cancer"),
    ("bleeding", "Bleeding"),
];

/// What a sheet is made of.
pub struct Downtime<'a> {
    /// The guideline whose questions it holds.
    pub guideline: &'a Guideline,
    /// Name of the department.
    pub department: &'a str,
    /// Patient and what is on record; nothing on a blank sheet.
    pub of: Option<(Option<&'a Patient>, Asking<'a>)>,
    /// The moment, in words.
    pub made: String,
    /// The way back.
    pub back: String,
    /// A demonstration.
    pub demo: bool,
}

impl Downtime<'_> {
    /// The whole page.
    pub fn page(&self) -> String {
        paper("Downtime sheet", "paper", &self.back, &[], &self.main())
    }

    fn main(&self) -> Markup {
        let facts = self.guideline.entered_facts();
        let asked: Vec<FactIndex> = facts
            .filter(|(_, fact)| fact.by == By::Ask && fact.asked_at.contains(&Stage::Triage))
            .filter(|(_, fact)| fact.group != "scanner" && fact.quantity().is_none())
            .filter(|(_, fact)| fact.asked_of.contains(&Role::Nurse))
            .map(|(index, _)| index)
            .collect();
        let known = |group: &str| GROUPS.iter().any(|(known, _)| *known == group);
        let of = |group: &str| -> Vec<FactIndex> {
            let here = asked.iter().filter(|fact| self.guideline.facts[**fact].group == group);
            here.copied().collect()
        };
        let rest = asked.iter().filter(|fact| !known(&self.guideline.facts[**fact].group));
        let rest: Vec<FactIndex> = rest.copied().collect();
        html! {
            @if self.demo { p { b { "DEMO: invented patients" } } }
            h1 { "Back pain: downtime sheet" }
            p { (self.department) ". Printed " (self.made) ". Write the time beside what you find; enter it later with that time." }
            (self.who())
            p.warn.panel { b { "Any ▲ that is new, or a yes: a physician now." } " Blank is not asked, and never a no. Nobody goes home on a question that was not asked." }
            div.sheet-columns {
                @for (group, title) in GROUPS { (self.group(title, &of(group))) }
                (self.group("Also", &rest))
            }
            (self.measured())
            (self.grids())
            table.lines { caption { "What was done, when, by whom" } tbody {
                @for _ in 0..5 { tr { td { " " } td { " " } td { " " } } }
            } }
            p.hint { (self.guideline.title) " " (self.guideline.version) ", " (self.guideline.status) }
        }
    }

    fn who(&self) -> Markup {
        let patient = self.of.as_ref().and_then(|(patient, _)| *patient);
        let person = patient.map(|patient| &patient.person);
        let line = |name: &str, value: Option<String>| {
            html! { div { dt { (name) } dd { (value.unwrap_or_default()) } } }
        };
        html! {
            dl.who-lines {
                (line("Name", person.map(|person| person.name.as_str().to_string())))
                (line("Born", person.and_then(|person| person.born).map(|born| born.words())))
                (line("Number", person.and_then(|person| person.number.clone())))
                (line("Allergies", person.and_then(|p| p.allergies.as_ref()).map(|a| a.as_str().to_string())))
                (line("Time", None)) (line("Signed", None)) (line("Acuity", None))
            }
        }
    }

    /// What brings somebody back at once who was sent home, and what is for an ambulance.
    fn is_alarm(&self, fact: &Fact) -> bool {
        let lines = self.guideline.vocabulary.lists().filter(|(list, _)| *list == "return");
        let mut lines = lines.flat_map(|(_, entries)| entries);
        // A choice is a detail of a sign, as the course of the pain.
        let is_choice = matches!(fact.kind, Kind::Named { sort: Sort::Choice, .. });
        !is_choice
            && (self.guideline.ambulance.contains(&fact.id)
                || lines.any(|(_, _, phrase)| phrase.facts.contains(&fact.id)))
    }

    fn on_record(&self, fact: FactIndex) -> Option<String> {
        self.of.as_ref().and_then(|(_, asking)| asking.record(fact))
    }

    fn group(&self, title: &str, facts: &[FactIndex]) -> Markup {
        html! {
            @if !facts.is_empty() {
                table.boxes {
                    caption { (title) }
                    thead { tr { th scope="col" { "" span.unseen { "Question" } } th scope="col" { "Yes, new" } th scope="col" { "As before" } th scope="col" { "No" } th scope="col" { "?" } } }
                    tbody { @for fact in facts { (self.row(*fact)) } }
                }
            }
        }
    }

    fn row(&self, index: FactIndex) -> Markup {
        let fact = &self.guideline.facts[index];
        let (has_onset, is_choice) = match &fact.kind {
            Kind::Named { sort, .. } => (*sort == Sort::FindingWithOnset, *sort == Sort::Choice),
            Kind::Quantity(_) => (false, false),
        };
        html! {
            tr {
                th scope="row" {
                    @if self.is_alarm(fact) { "▲ " } (fact.staff)
                    @if let Some(record) = self.on_record(index) { " " small { "(" (record) ")" } }
                }
                @if is_choice { td colspan="4" { (choices(fact)) } }
                @else {
                    td { "☐" }
                    td { @if has_onset { "☐" } @else { "–" } }
                    td { "☐" }
                    td { "☐" }
                }
            }
        }
    }

    fn measured(&self) -> Markup {
        let facts = self.guideline.entered_facts();
        let measured = facts.filter(|(_, fact)| {
            let scale = fact.id == "pain_score";
            (fact.by == By::Measure || scale) && fact.quantity().is_some()
        });
        html! {
            table.boxes {
                caption { "Measured" }
                tbody { @for (index, fact) in measured {
                    tr { th scope="row" { (fact.staff) @if let Some(record) = self.on_record(index) { " " small { "(" (record) ")" } } }
                        td.blank { (unit_words(fact.quantity().map_or("1", |quantity| &quantity.unit))) } }
                } }
            }
        }
    }

    fn grids(&self) -> Markup {
        let facts = self.guideline.entered_facts();
        let legs: Vec<FactIndex> = facts
            .filter(|(_, fact)| fact.asked_at.contains(&Stage::Examination))
            .map(|(index, _)| index)
            .collect();
        let grids = [(Grid::Power, "Power"), (Grid::Reflex, "Reflexes"), (Grid::Touch, "Touch")];
        html! {
            div.sheet-columns { @for (sort, title) in grids {
                table.boxes {
                    caption { (title) " " small { (sort.legend()) } }
                    thead { tr { th scope="col" { span.unseen { "Where" } } th scope="col" { "Right" } th scope="col" { "Left" } } }
                    tbody { @for (right, left) in pairs(self.guideline, &legs, sort) {
                        tr { th scope="row" { (row_label(&self.guideline.facts[right])) }
                            td { (self.on_record(right).unwrap_or_default()) }
                            td { (self.on_record(left).unwrap_or_default()) } }
                    } }
                }
            } }
        }
    }
}

fn choices(fact: &Fact) -> String {
    let Kind::Named { values, .. } = &fact.kind else { return String::new() };
    let boxes = values.iter().map(|value| format!("☐ {}", value.replace('_', " ")));
    boxes.collect::<Vec<_>>().join("  ")
}
