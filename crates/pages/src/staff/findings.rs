//! Questions as a form: three-state answers, numbers, the grid of the legs, signatures.
//!
//! Nothing is filled in beforehand. A blank answer changes nothing, and what is on record stands
//! beside the question with who said it and when.

use std::collections::{BTreeMap, BTreeSet};

use cauda_guideline::Guideline;
use cauda_guideline::decision::said_text;
use cauda_guideline::facts::{By, Danger, Fact, FactIndex, Kind, Quantity, Role, Sort, Stage};
use cauda_guideline::resolve::{Findings, Reason, Said};
use cauda_pathway::visit::Visit;
use maud::{Markup, html};

use super::frame::Calendar;

/// Largest value of a scale that is shown as buttons.
const SCALE_MAX: i64 = 10;

/// What a form of questions is made of.
pub struct Asking<'a> {
    /// The guideline whose facts are asked.
    pub guideline: &'a Guideline,
    /// The visit.
    pub visit: &'a Visit,
    /// What is known of the patient now.
    pub known: &'a Findings,
    /// As whom the person answers.
    pub role: Role,
    /// What was entered and not taken, by the name of its field.
    pub entered: &'a BTreeMap<String, String>,
    /// What is wrong with it, by the name of its field.
    pub faults: &'a BTreeMap<String, String>,
    /// Facts that could still change the answer.
    pub matters: &'a BTreeSet<FactIndex>,
    /// What the patient said of it at home, before anybody asked (a self-check).
    pub told: &'a BTreeMap<FactIndex, String>,
    /// Facts that are unsafe to ask now.
    pub withheld: &'a BTreeSet<FactIndex>,
    /// Questions can be linked to; off where one stands twice on a page.
    pub anchors: bool,
    /// Local time.
    pub calendar: &'a dyn Calendar,
}

/// Name of the field of a fact.
pub fn field(fact: &Fact) -> String {
    format!("f.{}", fact.id)
}

/// The values a named fact can be given, each with its words.
pub fn options(fact: &Fact) -> Vec<(String, String)> {
    let Kind::Named { sort, values, .. } = &fact.kind else { return Vec::new() };
    let mut options: Vec<(String, String)> =
        values.iter().map(|value| (value.clone(), value_words(*sort, value))).collect();
    // The dangerous answer first: it is what the question is for.
    if matches!(sort, Sort::Finding | Sort::FindingWithOnset) && fact.danger == Danger::Rising {
        options.reverse();
    }
    let (id, words) = match fact.by {
        By::Ask | By::Record => ("not_known", "Not known"),
        _ => ("unable", "Not possible"),
    };
    options.push((id.to_string(), words.to_string()));
    options
}

fn value_words(sort: Sort, value: &str) -> String {
    match (sort, value) {
        (Sort::Finding, "present") => "Yes".to_string(),
        (Sort::Finding | Sort::FindingWithOnset, "absent") => "No".to_string(),
        (Sort::FindingWithOnset, "new") => "Yes, new".to_string(),
        (Sort::FindingWithOnset, "longstanding") => "Yes, as before".to_string(),
        _ => {
            let mut words = value.replace('_', " ");
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            words
        }
    }
}

/// What is on record of a fact, in the words of its options.
pub fn on_record(fact: &Fact, finding: &cauda_guideline::resolve::Finding) -> String {
    match (finding.said, &fact.kind) {
        (Said::Value(value), Kind::Named { sort, values, .. }) => {
            values.get(value).map_or(String::new(), |value| value_words(*sort, value))
        }
        _ => {
            let text = said_text(fact, finding);
            match fact.quantity().map(|quantity| quantity.unit.as_str()) {
                Some(unit) if unit != "1" => {
                    text.replace(&format!(" {unit}"), &format!(" {}", unit_words(unit)))
                }
                _ => text,
            }
        }
    }
}

impl Asking<'_> {
    fn fact(&self, fact: FactIndex) -> &Fact {
        &self.guideline.facts[fact]
    }

    fn anchor<'n>(&self, name: &'n str) -> Option<&'n str> {
        self.anchors.then_some(name)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.entered.get(name).map(String::as_str)
    }

    /// Whether nothing was ever said of it.
    pub fn is_unasked(&self, fact: FactIndex) -> bool {
        self.known.by_fact[fact].said == Said::Unknown(Reason::NotAsked)
    }

    fn is_danger_sign(&self, fact: FactIndex) -> bool {
        // What is asked only weeks later asks for more care, and is no sign of danger.
        if self.fact(fact).asked_at.iter().all(|stage| *stage == Stage::FollowUp) {
            return false;
        }
        match &self.fact(fact).kind {
            Kind::Named { dangerous, .. } => dangerous.contains(&true),
            Kind::Quantity(quantity) => quantity.alarm.is_some(),
        }
    }

    /// Why it is unsafe to ask now, as the engine says.
    fn withheld_by(&self, fact: FactIndex) -> Option<String> {
        if !self.withheld.contains(&fact) {
            return None;
        }
        let guards = self.fact(fact).withheld_while.iter();
        let names = guards.filter_map(|id| self.guideline.fact(id));
        let names: Vec<&str> = names.map(|guard| self.fact(guard).staff.as_str()).collect();
        Some(names.join(", or "))
    }

    /// What is on record, with who and when; nothing if nobody was asked.
    pub fn record(&self, fact: FactIndex) -> Option<String> {
        let finding = &self.known.by_fact[fact];
        if finding.said == Said::Unknown(Reason::NotAsked)
            || finding.by.is_none() && finding.group.is_none()
        {
            return None;
        }
        let mut text = on_record(self.fact(fact), finding);
        if let Some(by) = finding.by {
            text += &format!(", {}", by.words());
        }
        if let Some(at) = finding.at {
            text += &format!(", {}", self.calendar.clock(at));
        }
        if finding.group.is_some() {
            text += ", screened as a group";
        }
        if finding.conflict {
            text += "; two people disagree, the more dangerous answer counts";
        }
        Some(text)
    }

    /// The question about a fact, whatever its kind.
    pub fn question(&self, fact: FactIndex) -> Markup {
        match self.withheld_by(fact) {
            None => self.plain(fact),
            // Never asked for; what was seen all the same has a place.
            Some(because) => html! {
                div.choice3.withheld {
                    p { b { (self.fact(fact).staff) } }
                    p.hint { "Not safe to test now; first make sure there is none of: " (because) "." }
                    details { summary { "It was seen all the same: write it down" }
                        div { (self.plain(fact)) } }
                }
            },
        }
    }

    fn plain(&self, fact: FactIndex) -> Markup {
        match &self.fact(fact).kind {
            Kind::Named { .. } => self.choice(fact),
            Kind::Quantity(quantity) if is_scale(quantity) => self.scale(fact, quantity),
            Kind::Quantity(quantity) => self.number(fact, quantity),
        }
    }

    fn choice(&self, index: FactIndex) -> Markup {
        let fact = self.fact(index);
        let (name, options) = (field(fact), options(fact));
        let danger = if self.is_danger_sign(index) { "choice3 danger" } else { "choice3" };
        html! {
            fieldset class=(danger) id=[self.anchor(&name)] {
                legend { (fact.staff) @if let Some(record) = self.record(index) {
                    " " span.hint { (record) }
                } }
                @if let Some(told) = self.told.get(&index) { p.told { "At home: " (told) } }
                @if let Some(fault) = self.faults.get(&name) { p.error { (fault) } }
                div.options {
                    @for (value, words) in &options {
                        @let checked = self.value(&name) == Some(value.as_str());
                        label { input type="radio" name=(name) value=(value) checked[checked]; " " (words) }
                    }
                }
            }
        }
    }

    fn number(&self, index: FactIndex, quantity: &Quantity) -> Markup {
        let fact = self.fact(index);
        let name = field(fact);
        let fault = self.faults.get(&name);
        let (fault_id, unit_name) = (format!("{name}-error"), format!("u.{}", fact.id));
        html! {
            div.field {
                label for=(name) { (fact.staff) }
                @if let Some(record) = self.record(index) { p.hint { (record) } }
                @if let Some(fault) = fault { p.error id=(fault_id) { (fault) } }
                span.number {
                    input id=(name) name=(name) inputmode="decimal" autocomplete="off" maxlength="12"
                        value=[self.value(&name)] aria-invalid=[fault.map(|_| "true")]
                        aria-describedby=[fault.map(|_| fault_id.as_str())];
                    " "
                    @if quantity.accepts.len() > 1 {
                        select name=(unit_name) aria-label={ "Unit: " (fact.staff) } {
                            @for unit in &quantity.accepts {
                                option value=(unit) selected[self.value(&unit_name) == Some(unit)] { (unit_words(unit)) }
                            }
                        }
                    } @else { (unit_words(&quantity.unit)) }
                }
            }
        }
    }

    fn scale(&self, index: FactIndex, quantity: &Quantity) -> Markup {
        let fact = self.fact(index);
        let name = field(fact);
        html! {
            fieldset.scale id=[self.anchor(&name)] {
                legend { (fact.staff) @if let Some(record) = self.record(index) {
                    " " span.hint { (record) }
                } }
                @if let Some(fault) = self.faults.get(&name) { p.error { (fault) } }
                @for value in quantity.range.0 / 2..=quantity.range.1 / 2 {
                    @let text = value.to_string();
                    label { input type="radio" name=(name) value=(text)
                        checked[self.value(&name) == Some(text.as_str())]; (text) }
                }
            }
        }
    }

    /// Several questions, numbers side by side.
    pub fn questions(&self, facts: &[FactIndex]) -> Markup {
        let is_number = |fact: &&FactIndex| {
            self.fact(**fact).quantity().is_some_and(|quantity| !is_scale(quantity))
        };
        let (numbers, rest): (Vec<&FactIndex>, Vec<&FactIndex>) = facts.iter().partition(is_number);
        html! {
            @for fact in rest { (self.question(*fact)) }
            @if !numbers.is_empty() {
                div.numbers { @for fact in numbers { (self.question(*fact)) } }
            }
        }
    }

    /// One signature that says of a group of facts that each is clear (CR6).
    pub fn signature(&self, attestation: usize) -> Markup {
        let known = &self.guideline.attestations[attestation];
        let name = format!("a.{}", known.id);
        let open = known.covers.iter().filter(|fact| self.is_unasked(**fact)).count();
        let said: Vec<&str> = known
            .covers
            .iter()
            .filter(|fact| !self.is_unasked(**fact) && self.known.by_fact[**fact].group.is_none())
            .map(|fact| self.fact(*fact).staff.as_str())
            .collect();
        let signed = self.visit.signatures.iter().rev();
        let signed = signed.clone().find(|s| s.attestation == known.id && !s.withdrawn);
        html! {
            div.bulk {
                label.check { input type="checkbox" name=(name) value="signed" id=(name)
                    checked[self.value(&name).is_some()]; " " (known.staff) }
                @if let Some(fault) = self.faults.get(&name) { p.error { (fault) } }
                p.hint {
                    @if let Some(signed) = signed {
                        "Signed " (self.calendar.clock(signed.at)) " by " (signed.said_by.words()) ". "
                    }
                    "One signature for " (known.covers.len()) @if known.covers.len() == 1 { " answer" } @else { " answers" }
                    @if open > 0 && open < known.covers.len() { ", " (open) " still open" }
                    @if !said.is_empty() { ". Not covered, because something was said: " (said.join("; ")) }
                    "."
                }
            }
        }
    }

    /// The grid of what is examined on both sides: one key a finding.
    pub fn grid(&self, title: &str, sort: Grid, pairs: &[(FactIndex, FactIndex)]) -> Markup {
        html! {
            table.exam {
                caption { (title) " " span.hint { (sort.legend()) } }
                thead { tr {
                    th scope="col" { span.unseen { "Where" } }
                    th scope="col" { "Right" } th scope="col" { "Left" }
                    th.before scope="col" { "Before " small { "R / L" } }
                    @if sort == Grid::Power { th scope="col" { "Held back by pain " small { "R / L" } } }
                } }
                tbody { @for (right, left) in pairs { (self.grid_row(title, sort, *right, *left)) } }
            }
        }
    }

    fn grid_row(&self, title: &str, sort: Grid, right: FactIndex, left: FactIndex) -> Markup {
        let label = row_label(self.fact(right));
        html! {
            tr {
                th scope="row" { (label) }
                @for (side, fact) in [("right", right), ("left", left)] {
                    td {
                        @let name = field(self.fact(fact));
                        @let fault = self.faults.get(&name);
                        @if let Some(because) = self.withheld_by(fact) {
                            span.hint title=(because) { "not safe" }
                        } @else {
                            input.cell name=(name) id=(name) maxlength="1" autocomplete="off"
                                autocapitalize="characters" data-keys=(sort.keys())
                                aria-label={ (title) ", " (side) " " (label) }
                                aria-invalid=[fault.map(|_| "true")] value=[self.value(&name)];
                            @if let Some(fault) = fault { p.error { (fault) } }
                        }
                    }
                }
                td.before { (self.before(sort, right)) " / " (self.before(sort, left)) }
                @if sort == Grid::Power {
                    td.held {
                        @for (side, fact) in [("right", right), ("left", left)] {
                            @let name = format!("p.{}", self.fact(fact).id);
                            label.check { input type="checkbox" name=(name) value="1"
                                checked[self.value(&name).is_some()];
                                span.unseen { "Pain held back " (side) " " (label) } }
                        }
                    }
                }
            }
        }
    }

    /// What was found before, most recent last; what changed stands out.
    fn before(&self, sort: Grid, fact: FactIndex) -> Markup {
        let id = &self.fact(fact).id;
        let said = self.visit.findings.iter().filter(|f| !f.withdrawn && f.said.fact == *id);
        let mut texts: Vec<String> = said
            .map(|finding| {
                let key = sort.short(&finding.said.value);
                if finding.said.limited_by_pain { format!("{key}, pain") } else { key }
            })
            .collect();
        texts.dedup();
        let last = texts.len().saturating_sub(2);
        let shown = texts.split_off(last);
        let normal = sort.normal();
        html! {
            @if shown.is_empty() { @if self.known.by_fact[fact].group.is_some() { "clear" } @else { "–" } }
            @for (at, text) in shown.iter().enumerate() {
                @if at > 0 { " → " }
                @if text == normal { (text) } @else { b { (text) } }
            }
        }
    }
}

/// What a grid's cells hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grid {
    /// 0 to 5.
    Power,
    /// 0 lost to 3 brisk.
    Reflex,
    /// 2 normal, 1 less and new, L less as before.
    Touch,
}

impl Grid {
    /// The grid that a fact belongs in.
    pub fn of(fact: &Fact) -> Option<Grid> {
        match &fact.kind {
            Kind::Quantity(quantity) if fact.by == By::Examine && quantity.unit == "1" => {
                (quantity.range == (0, 10)).then_some(Grid::Power)
            }
            Kind::Named { values, .. } if *values == ["normal", "reduced", "lost", "brisk"] => {
                Some(Grid::Reflex)
            }
            Kind::Named { sort: Sort::FindingWithOnset, .. } if fact.by == By::Examine => {
                Some(Grid::Touch)
            }
            _ => None,
        }
    }

    /// The keys its cells take.
    pub fn keys(self) -> &'static str {
        match self {
            Grid::Power => "012345N",
            Grid::Reflex => "0123N",
            Grid::Touch => "12LN",
        }
    }

    /// What each key stands for.
    pub fn legend(self) -> &'static str {
        match self {
            Grid::Power => "0 to 5; N not testable",
            Grid::Reflex => "0 lost, 1 weak, 2 normal, 3 brisk; N not testable",
            Grid::Touch => "2 normal, 1 less, L less as before; N not testable",
        }
    }

    fn normal(self) -> &'static str {
        if self == Grid::Power { "5" } else { "2" }
    }

    /// The value a key stands for, as the guideline reads it.
    pub fn value(self, key: &str) -> Option<&'static str> {
        Some(match (self, key.trim().to_uppercase().as_str()) {
            (_, "N") => "unable",
            (Grid::Power, "0") => "0",
            (Grid::Power, "1") => "1",
            (Grid::Power, "2") => "2",
            (Grid::Power, "3") => "3",
            (Grid::Power, "4") => "4",
            (Grid::Power, "5") => "5",
            (Grid::Reflex, "0") => "lost",
            (Grid::Reflex, "1") => "reduced",
            (Grid::Reflex, "2") => "normal",
            (Grid::Reflex, "3") => "brisk",
            (Grid::Touch, "2") => "absent",
            (Grid::Touch, "1") => "new",
            (Grid::Touch, "L") => "longstanding",
            _ => return None,
        })
    }

    fn short(self, value: &str) -> String {
        let known = self.keys().chars().find(|key| self.value(&key.to_string()) == Some(value));
        known.map_or_else(|| value.replace('_', " "), |key| key.to_string())
    }
}

/// Pairs of facts, right and left, of one grid.
pub fn pairs(
    guideline: &Guideline,
    facts: &[FactIndex],
    sort: Grid,
) -> Vec<(FactIndex, FactIndex)> {
    let of = facts.iter().filter_map(|right| {
        let fact = &guideline.facts[*right];
        let stem = fact.id.strip_suffix("_right")?;
        let left = guideline.fact(&format!("{stem}_left"))?;
        (Grid::of(fact) == Some(sort) && facts.contains(&left)).then_some((*right, left))
    });
    of.collect()
}

/// A row's name: the fact's without its side.
/// A row of a grid, without its side.
pub fn row_label(fact: &Fact) -> String {
    let plain = fact.staff.replace("right ", "").replace(", 0 to 5", "");
    match plain.split_once(", ") {
        Some((_, rest)) => rest.to_string(),
        None => plain,
    }
}

fn is_scale(quantity: &Quantity) -> bool {
    quantity.unit == "1" && quantity.range == (0, 2 * SCALE_MAX)
}

/// A UCUM unit as people write it.
pub fn unit_words(unit: &str) -> &str {
    match unit {
        "Cel" => "°C",
        "[degF]" => "°F",
        "mm[Hg]" => "mmHg",
        "a" => "years",
        "d" => "days",
        "h" => "hours",
        "wk" => "weeks",
        "mo" => "months",
        "mL/min/{1.73_m2}" => "mL/min/1.73 m²",
        "1" => "",
        "%" => "%",
        other => other,
    }
}

/// A summary of what was not taken, each with a way to it.
pub fn error_summary(guideline: &Guideline, faults: &BTreeMap<String, String>) -> Markup {
    html! {
        @if !faults.is_empty() {
            div.error-summary role="alert" aria-labelledby="h-errors" {
                h2 id="h-errors" { "Nothing was saved yet; nothing is lost" }
                ul {
                    @for (name, fault) in faults {
                        @let fact = name.strip_prefix("f.").and_then(|id| guideline.fact(id));
                        li { a href={ "#" (name) } {
                            @if let Some(fact) = fact { (guideline.facts[fact].staff) ": " }
                            (fault)
                        } }
                    }
                }
            }
        }
    }
}
