//! The self-check: one page of questions after the other, then where to go.

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use cauda_guideline::decision::Spoken;
use cauda_guideline::facts::{Fact, FactIndex, Kind, Sort};
use cauda_patient::vignette::Figures;
use cauda_patient::{Answers, Level, Mri, Outcome, Topic, UNSURE, code, options};
use maud::{Markup, html};

use super::PatientFrame;
use super::qr;

/// The first page.
pub fn start(frame: &PatientFrame) -> Markup {
    html! {
        h1 { "Will the ER do an MRI for my back pain?" }
        p { "Most back pain needs no scan. A few signs need one today." }
        p { "We ask what a nurse would ask. Then we say where to go, and why." }
        ul {
            li { "It takes about 3 minutes." }
            li { "It is for adults: 18 and over." }
            li { "We do not ask your name. We do not keep your answers." }
            li { "Not sure? Say so. We take that as a reason to be careful." }
        }
        p.panel.warn { b { "Call " (frame.number()) " now" } " if you have bad chest pain, cannot breathe well, or passed out." }
        form method="post" action="/check" { p.actions { button.button { "Start" } } }
    }
}

/// The questions are others than on the page that was sent.
pub fn changed(frame: &PatientFrame) -> Markup {
    html! {
        p.panel.warn role="alert" { b { "The questions have changed." } " Please start again." }
        (start(frame))
    }
}

/// Too many people ask at once.
pub fn busy(frame: &PatientFrame) -> Markup {
    html! {
        h1 { "Many people ask at once" }
        p.panel.warn { b { "In danger now? Call " (frame.number()) "." } " Do not wait for this page." }
        p { "Wait a moment. Then go back and try again, or " a href="/check" { "start again" } "." }
    }
}

/// A page of questions, with what was said on the pages before it.
pub fn topic(
    guideline: &Guideline,
    topic: Topic,
    answers: &Answers,
    faults: &BTreeMap<String, String>,
) -> Markup {
    let facts = topic.facts(guideline);
    let here = |name: &str| {
        let id = name.strip_prefix("f.");
        id.is_some_and(|id| facts.iter().any(|fact| guideline.facts[*fact].id == id))
            || name.strip_prefix("t.") == Some(topic.id())
    };
    let carried = answers.fields().into_iter().filter(|(name, _)| !here(name));
    let carried: Vec<_> = carried.collect();
    let place = Topic::ALL.iter().position(|known| *known == topic).unwrap_or(0);
    let before = place.checked_sub(1).map(|before| Topic::ALL[before]);
    let edition = code::edition(guideline).to_string();
    html! {
        form.questions method="post" action="/check" autocomplete="off" {
            @for (name, value) in &carried { input type="hidden" name=(name) value=(value); }
            input type="hidden" name="edition" value=(edition);
            p.hint { "Page " (place + 1) " of " (Topic::ALL.len()) }
            h1 { (topic.question()) }
            @if !faults.is_empty() {
                p.panel.warn role="alert" { "One answer could not be read. Look below." }
            }
            @if topic != Topic::You { p { "Tap what fits you. Leave the rest." } }
            @for fact in &facts { (question(&guideline.facts[*fact], answers, faults)) }
            p.actions {
                button.button name={ "t." (topic.id()) } value="1" {
                    @if topic == Topic::You { "Next" } @else { "The rest is no. Next" }
                }
                @if let Some(before) = before {
                    " " button.button.quiet name="back" value=(before.id()) formnovalidate { "Back" }
                }
            }
        }
    }
}

fn question(fact: &Fact, answers: &Answers, faults: &BTreeMap<String, String>) -> Markup {
    match &fact.kind {
        Kind::Named { .. } => choice(fact, answers),
        Kind::Quantity(quantity) if quantity.unit == "1" => scale(fact, answers),
        Kind::Quantity(quantity) => number(fact, &quantity.accepts, answers, faults),
    }
}

fn choice(fact: &Fact, answers: &Answers) -> Markup {
    let name = format!("f.{}", fact.id);
    let said = answers.of(&fact.id);
    let clear = match &fact.kind {
        Kind::Named { values, clear, .. } => values[*clear].as_str(),
        Kind::Quantity(_) => "",
    };
    let mut options = options(fact);
    if options.iter().all(|(value, _)| value != clear) {
        options.push((clear.to_string(), "No".to_string()));
    }
    options.push((UNSURE.to_string(), "I am not sure".to_string()));
    html! {
        fieldset.choice3 {
            legend { (fact.patient) "?" }
            div.options {
                @for (value, words) in &options {
                    label { input type="radio" name=(name) value=(value) checked[said == Some(value)]; " " (words) }
                }
            }
        }
    }
}

fn scale(fact: &Fact, answers: &Answers) -> Markup {
    let name = format!("f.{}", fact.id);
    let said = answers.of(&fact.id);
    html! {
        fieldset.scale {
            legend { (fact.patient) "?" }
            @for value in 0..=10 {
                @let text = value.to_string();
                label { input type="radio" name=(name) value=(text) checked[said == Some(&text)]; (text) }
            }
        }
    }
}

fn number(
    fact: &Fact,
    units: &[String],
    answers: &Answers,
    faults: &BTreeMap<String, String>,
) -> Markup {
    let name = format!("f.{}", fact.id);
    let (value, unit) = match answers.of(&fact.id).and_then(|said| said.split_once(' ')) {
        Some((value, unit)) => (Some(value), Some(unit)),
        None => (None, None),
    };
    let fault = faults.get(&fact.id);
    html! {
        div.field {
            label for=(name) { (fact.patient) "?" }
            @if let Some(fault) = fault { p.error id={ (name) "-error" } { (fault) } }
            span.number {
                input id=(name) name=(name) inputmode="numeric" maxlength="6" value=[value]
                    aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| format!("{name}-error"))];
                " "
                @if units.len() > 1 {
                    select name={ "u." (fact.id) } aria-label={ "Unit: " (fact.patient) } {
                        option value="" { "choose" }
                        @for known in units { option value=(known) selected[unit == Some(known)] { (unit_words(known)) } }
                    }
                } @else { (units.first().map_or("", |unit| unit_words(unit))) }
            }
        }
    }
}

fn unit_words(unit: &str) -> &str {
    match unit {
        "a" => "years",
        "h" => "hours",
        "d" => "days",
        "wk" => "weeks",
        "mo" => "months",
        other => other,
    }
}

/// Where the answers lead, with the code for the nurse.
pub fn result(frame: &PatientFrame, outcome: &Outcome, answers: &Answers, code: &str) -> Markup {
    let edition = code::edition(frame.says.guideline()).to_string();
    html! {
        section class={ "panel outcome " (outcome.level.id()) } {
            h1 { (headline(frame, outcome)) }
            (then(frame, outcome))
        }
        (why(outcome))
        section.panel {
            h2 { "Will I get an MRI?" }
            (mri(outcome))
        }
        @if outcome.level >= Level::Emergency && !outcome.department.is_empty() {
            section.panel { h2 { "What they will do first" } (list(&outcome.department)) }
        }
        @if !outcome.return_list.is_empty() {
            section.panel.warn {
                h2 { "Call " (frame.number()) " or go at once if" }
                (list(&outcome.return_list))
            }
        }
        section.panel {
            h2 { "Show this to the nurse" }
            p { "The code holds your answers, and no name. It is good for one day." }
            p.code { (code) }
            (qr::picture(code))
        }
        form method="post" action="/check" {
            @for (name, value) in answers.fields() { input type="hidden" name=(name) value=(value); }
            input type="hidden" name="edition" value=(edition);
            p.actions {
                button.button.quiet name="back" value=(last(answers).id()) { "Change an answer" }
                " " a href="/check" { "Start again" }
            }
        }
    }
}

fn last(answers: &Answers) -> Topic {
    let mut done = Topic::ALL.into_iter().rev().filter(|topic| answers.is_done(*topic));
    done.next().unwrap_or(Topic::You)
}

fn headline(frame: &PatientFrame, outcome: &Outcome) -> String {
    match outcome.level {
        Level::Soon | Level::SelfCare if outcome.for_adults_only => {
            "Ask a doctor today".to_string()
        }
        Level::Call => format!("Call {} now", frame.number()),
        Level::Emergency => "Go to the ER today".to_string(),
        Level::Soon => "See a doctor or physio this week".to_string(),
        Level::SelfCare => "Look after it, and watch for danger signs".to_string(),
    }
}

fn then(frame: &PatientFrame, outcome: &Outcome) -> Markup {
    html! {
        @if outcome.for_adults_only {
            p { b { "This check is for adults who tell their age." } " It cannot say that it is safe to wait." }
        }
        @match outcome.level {
            Level::Soon | Level::SelfCare if outcome.for_adults_only => {
                p { "Go at once if one of the signs below comes." }
            }
            Level::Call => p { "Do not drive. Say that you have back pain and what you told us here." },
            Level::Emergency => {
                p { "ER is short for emergency room. Go now. Do not wait for your own doctor." }
                p { "Call " (frame.number()) " if you cannot get there, or if it gets worse." }
            }
            Level::Soon => p { "Your answers need a look, but not tonight. Go at once if one of the signs below comes." },
            Level::SelfCare => {
                @if outcome.no_sign { p { "You told us of no danger sign. We did not examine you." } }
                p { "See a doctor if it does not get better, or if you are worried." }
            }
        }
        @if outcome.stopped_early { p { "We stopped here, as this is clear. The nurse will ask the rest." } }
    }
}

fn why(outcome: &Outcome) -> Markup {
    html! {
        @if !outcome.because.is_empty() || !outcome.unsure.is_empty() {
            section.panel {
                h2 { "Why" }
                @if !outcome.because.is_empty() {
                    ul { @for (question, said) in &outcome.because { li { (question) "? " b { (said) } } } }
                }
                @if !outcome.unsure.is_empty() {
                    p { "You are not sure about these, and they can matter:" }
                    ul { @for question in &outcome.unsure { li { (question) "?" } } }
                }
            }
        }
    }
}

fn mri(outcome: &Outcome) -> Markup {
    html! {
        @match outcome.mri {
            Mri::Likely => { p { b { "An MRI is likely." } } (list(&outcome.pictures)) }
            Mri::OtherFirst => { p { b { "Another test comes first." } } (list(&outcome.pictures)) }
            Mri::Depends => p { b { "It depends." } " A nurse and a doctor check you first." },
            Mri::Unlikely => {
                p { b { "No, if the doctor finds nothing new." } }
                (list(&outcome.instead_of_scan))
            }
        }
    }
}

fn list(said: &[Spoken]) -> Markup {
    html! { ul { @for spoken in said { li { (spoken.patient) } } } }
}

/// What it is, what it is not, and how well it does.
pub fn about(frame: &PatientFrame, figures: Option<&Figures>) -> Markup {
    html! {
        h1 { "What this check is" }
        p { "It asks about signs that need care today. It does not name an illness." }
        p { "It uses the same rules as the nurses and doctors of " (frame.department) "." }
        p { "It never says that you need no care. If you are worried, go." }
        p { "It keeps nothing. Your answers travel from page to page and end when you close it." }
        @if let Some(figures) = figures {
            h2 { "How well it does" }
            p { "We wrote " (figures.all()) " test patients, each with the right place to go." }
            p { "Then we changed the rules until none went to a place that is not safe." }
            p { "So the numbers say how careful it is. They do not say how it does with new people." }
            table {
                tbody {
                    tr { th scope="row" { "The same place" } td { (figures.right) } }
                    tr { th scope="row" { "A more urgent place: too careful" } td { (figures.too_cautious.len()) } }
                    tr { th scope="row" { "A less urgent place: not safe" } td { (figures.too_low.len()) } }
                }
            }
        }
        p { "Real people have not tested it yet." }
        p { a href="/check" { "To the check" } }
    }
}

fn is_sign(fact: &Fact) -> bool {
    let sort = match &fact.kind {
        Kind::Named { sort, .. } => sort,
        Kind::Quantity(_) => return false,
    };
    matches!(sort, Sort::Finding | Sort::FindingWithOnset)
}

/// What a patient said at home, for the nurse who asks again: by fact, in words.
pub fn told(guideline: &Guideline, answers: &Answers) -> BTreeMap<FactIndex, String> {
    let mut told = BTreeMap::new();
    for topic in Topic::ALL {
        for index in topic.facts(guideline) {
            let fact = &guideline.facts[index];
            let words = match answers.of(&fact.id) {
                Some(UNSURE) => "not sure".to_string(),
                Some(value) => {
                    let option = options(fact).into_iter().find(|(known, _)| known == value);
                    option.map_or_else(|| value.to_string(), |(_, words)| words)
                }
                // A choice that was left out was not answered.
                None if answers.is_done(topic) && is_sign(fact) => "no".to_string(),
                None => continue,
            };
            told.insert(index, words);
        }
    }
    told
}
