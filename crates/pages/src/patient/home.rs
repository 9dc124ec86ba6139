//! How it goes at home: six questions by a link, and what to do then. The danger signs come first,
//! and a sign is answered by "call now", not by a promise that somebody reads it.

use std::borrow::Cow;

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Fact, FactIndex, Kind, Role};
use cauda_pathway::check_in::{Course, Daily, Signs, Told, Tried, Work};
use cauda_patient::{UNSURE, options};
use cauda_words::Says;
use maud::{Markup, html};

use super::PatientFrame;
use super::frame::line;
use super::waiting::return_list;

/// What the form is made of.
pub struct Form<'a> {
    /// Where it is sent to.
    pub to: &'a str,
    /// Id of the answer, so that sending it twice is one answer.
    pub command: &'a str,
    /// What was answered before, by field; of a phone call as well.
    pub entered: &'a [(String, String)],
    /// The first question was left out.
    pub fault: bool,
}

impl Form<'_> {
    fn said(&self, name: &str, value: &str) -> bool {
        self.entered.iter().any(|(known, said)| known == name && said == value)
    }
}

/// A value's id in forms.
pub fn id(value: impl serde::Serialize) -> String {
    let json = serde_json::to_value(value).ok();
    json.and_then(|json| json.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The page with the questions.
pub fn ask(frame: &PatientFrame, form: &Form) -> Markup {
    html! {
        h1 { (frame.say("ask-heading")) }
        p.panel.warn { b { (frame.calling("ask-signs-now")) } " " (frame.say("ask-do-not-fill")) }
        p { (frame.say("ask-about")) }
        form.questions method="post" action={ (form.to) (frame.query) } autocomplete="off" {
            input type="hidden" name="command" value=(form.command);
            (questions(&frame.says, form))
            p.actions { button.button { (frame.say("send")) } }
        }
        (leave(frame, form.to))
    }
}

/// The questions alone, for a patient or for the nurse on the telephone.
pub fn questions(says: &Says, form: &Form) -> Markup {
    html! {
        @if form.fault {
            p.panel.warn role="alert" { b { (says.say("fault")) } " " (says.say("fault-none")) }
        }
        (signs(says, form))
        fieldset.scale {
            legend { (says.say("pain-question")) }
            @for value in 0..=10 {
                @let text = value.to_string();
                label { input type="radio" name="pain" value=(text) checked[form.said("pain", &text)]; (text) }
            }
        }
        (choice(says, form, "course", "course-question", Course::ALL.iter().map(|course| (id(course), match course {
            Course::Better => "course-better", Course::Same => "course-same", Course::Worse => "course-worse",
        }))))
        (choice(says, form, "daily", "daily-question", Daily::ALL.iter().map(|daily| (id(daily), match daily {
            Daily::AsUsual => "daily-usual", Daily::Some => "daily-some", Daily::Most => "daily-most",
        }))))
        (choice(says, form, "work", "work-question", Work::ALL.iter().map(|work| (id(work), match work {
            Work::AsUsual => "work-usual", Work::Less => "work-less", Work::Off => "work-off", Work::NoWork => "work-none",
        }))))
        fieldset.choice3 {
            legend { (says.say("tried-question")) }
            div.options {
                @for tried in Tried::ALL {
                    label { input type="checkbox" name="tried" value=(id(tried)) checked[form.said("tried", &id(tried))]; " " (says.say(match tried {
                        Tried::Moving => "tried-moving", Tried::Medicine => "tried-medicine", Tried::Warmth => "tried-warmth",
                        Tried::Physiotherapy => "tried-physiotherapy", Tried::Injection => "tried-injection",
                    })) }
                }
                label { input type="checkbox" name="tried" value="nothing" checked[form.said("tried", "nothing")]; " " (says.say("tried-nothing")) }
            }
        }
    }
}

fn signs(says: &Says, form: &Form) -> Markup {
    let ids = says.guideline().vocabulary.ids("return");
    let lines = ids.filter_map(|id| Some((id, says.phrase("return", id)?)));
    html! {
        fieldset.choice3.signs {
            legend { (says.say("signs-question")) }
            div.lines {
                @for (id, words) in lines {
                    label { input type="checkbox" name="line" value=(id) checked[form.said("line", id)]; " " (line(&words)) }
                }
            }
            div.options {
                label { input type="radio" name="signs" value="none" checked[form.said("signs", "none")]; " " (says.say("signs-none")) }
                label { input type="radio" name="signs" value="unsure" checked[form.said("signs", "unsure")]; " " (says.say("unsure")) }
            }
            p.hint { (says.say("signs-ticked")) " " button.button.alarm { (says.say("send-now")) } }
        }
    }
}

fn choice(
    says: &Says,
    form: &Form,
    name: &str,
    question: &str,
    options: impl Iterator<Item = (String, &'static str)>,
) -> Markup {
    html! {
        fieldset.choice3 {
            legend { (says.say(question)) }
            div.options {
                @for (value, words) in options {
                    label { input type="radio" name=(name) value=(value) checked[form.said(name, &value)]; " " (says.say(words)) }
                }
            }
        }
    }
}

/// Two ways out: no more questions, and the wrong person.
fn leave(frame: &PatientFrame, to: &str) -> Markup {
    html! {
        details.panel {
            summary { (frame.say("stop-summary")) }
            form method="post" action={ (to) "/stop" (frame.query) } {
                p { (frame.say("stop-hint")) }
                p.actions { button.button.quiet name="why" value="asks" { (frame.say("stop-asks")) } }
            }
            form method="post" action={ (to) "/stop" (frame.query) } {
                p { (frame.say("stop-wrong-hint")) }
                p.actions { button.button.quiet name="why" value="wrong" { (frame.say("stop-wrong")) } }
            }
        }
    }
}

/// A danger sign was told. Its details help whoever sees the patient next, and wait for nothing.
pub fn danger(frame: &PatientFrame, told: &Told, to: &str, command: &str, is_kept: bool) -> Markup {
    let guideline = frame.says.guideline();
    let lines = told.lines.iter().filter_map(|line| frame.says.phrase("return", line));
    let facts = details(guideline, &told.lines);
    html! {
        section.panel.outcome.call role="alert" {
            h1 { (frame.calling("call-now")) }
            p { b { (frame.say("danger-come")) } }
            p { (frame.say("danger-say")) }
        }
        section.panel {
            h2 { (frame.say("told-heading")) }
            ul { @for sign in lines { li { (line(&sign)) } } }
            p { @if is_kept { (frame.say("danger-known")) " " }
                @else { b { (frame.say("danger-not-passed")) " " } }
                (frame.say("danger-do-not-wait")) }
        }
        @if is_kept && !facts.is_empty() {
            form.questions method="post" action={ (to) "/more" (frame.query) } autocomplete="off" {
                input type="hidden" name="command" value=(command);
                h2 { (frame.say("more-heading")) }
                @for index in facts { (detail(&frame.says, &guideline.facts[index])) }
                p.actions { button.button { (frame.say("send")) } }
            }
        }
    }
}

/// What is asked of a sign once help is called: what a patient can know, in the guideline's words.
pub fn details(guideline: &Guideline, lines: &[String]) -> Vec<FactIndex> {
    let chosen = lines.iter().filter_map(|line| guideline.vocabulary.get("return", line));
    let facts = chosen.flat_map(|phrase| &phrase.facts).filter_map(|id| guideline.fact(id));
    let asked = facts.filter(|index| {
        let fact = &guideline.facts[*index];
        fact.asked_of.contains(&Role::Patient) && matches!(fact.kind, Kind::Named { .. })
    });
    asked.collect()
}

fn detail(says: &Says, fact: &Fact) -> Markup {
    let clear = match &fact.kind {
        Kind::Named { values, clear, .. } => values[*clear].as_str(),
        Kind::Quantity(_) => "",
    };
    let known = options(fact).into_iter();
    let mut options: Vec<(String, Cow<str>)> =
        known.map(|(value, words)| (value.clone(), answer(says, fact, &value, words))).collect();
    if options.iter().all(|(value, _)| value != clear) {
        options.push((clear.to_string(), says.say("answer-no")));
    }
    options.push((UNSURE.to_string(), says.say("unsure")));
    let question = says.phrase("fact", &fact.id).map_or(fact.patient.as_str(), |one| one.text);
    html! {
        fieldset.choice3 {
            legend { (says.with("as-question", "question", question)) }
            div.options { @for (value, words) in &options {
                label { input type="radio" name={ "f." (fact.id) } value=(value); " " (words) }
            } }
        }
    }
}

/// An answer: the fact's own words, or what all findings share.
fn answer<'a>(says: &Says<'a>, fact: &Fact, value: &str, words: String) -> Cow<'a, str> {
    if fact.patient_values.contains_key(value) {
        let own = says.phrase("fact", &format!("{}--{value}", fact.id));
        return own.map_or(Cow::Owned(words), |own| Cow::Borrowed(own.text));
    }
    match value {
        "new" => says.say("answer-new"),
        "longstanding" => says.say("answer-longstanding"),
        "present" => says.say("answer-present"),
        _ => Cow::Owned(words),
    }
}

/// What happens after an answer without a sign. Each promise has its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Not sure of a sign: somebody calls today.
    CallToday,
    /// Worse: somebody calls.
    Call,
    /// No better after four weeks: a doctor looks again.
    LookAgain,
    /// No better after two weeks: the own doctor.
    SeeDoctor,
    /// Better, and no more questions come.
    Better,
    /// On with the plan.
    GoOn,
    /// A child, or somebody whom no doctor sent home: nothing reassures.
    NotChecked,
}

/// Thanks, and what comes next; whether more questions come.
pub fn thanks(frame: &PatientFrame, then: Then, asks_again: bool) -> Markup {
    let class = match then {
        Then::Better | Then::GoOn => "panel outcome self_care",
        _ => "panel outcome soon",
    };
    html! {
        section class=(class) role="status" {
            h1 { (frame.say("thanks-heading")) }
            @match then {
                Then::CallToday => {
                    p { b { (frame.say("then-call-today")) } }
                    p { b { (frame.calling("then-call-today-real")) } " " (frame.say("then-do-not-wait")) }
                }
                Then::Call => {
                    p { b { (frame.say("then-call")) } }
                    p { (frame.say("then-call-doctor")) }
                }
                Then::LookAgain => {
                    p { b { (frame.say("then-look-again")) } }
                    p { (frame.say("then-look-again-plan")) }
                    p { (frame.say("then-look-again-silent")) }
                }
                Then::SeeDoctor => {
                    p { b { (frame.say("then-see-doctor")) } }
                    p { (frame.say("then-see-doctor-plan")) }
                }
                Then::Better => {
                    p { b { (frame.say("then-better")) } }
                    p { (frame.say("then-better-later")) }
                }
                Then::GoOn => p { b { (frame.say("then-go-on")) } },
                Then::NotChecked => {
                    p { b { (frame.say("then-not-checked")) } }
                    p { (frame.say("then-not-checked-come")) }
                }
            }
            p { (frame.say(if asks_again { "asks-again" } else { "asks-no-more" })) }
        }
        (come_back(frame))
    }
}

fn come_back(frame: &PatientFrame) -> Markup {
    return_list(frame, &frame.calling("come-back-heading"))
}

/// Details were sent, and written down or not.
pub fn noted(frame: &PatientFrame, is_kept: bool) -> Markup {
    html! {
        section.panel.outcome.call role="alert" {
            h1 { (frame.calling("noted-heading")) }
            @if is_kept { p { (frame.say("noted-kept")) } }
            @else { p { b { (frame.say("danger-not-passed")) } " " (frame.say("noted-tell")) } }
        }
    }
}

/// The questions have ended.
pub fn stopped(frame: &PatientFrame, wrong_person: bool) -> Markup {
    html! {
        section.panel role="status" {
            @if wrong_person {
                h1 { (frame.say("stopped-wrong-heading")) }
                p { (frame.say("stopped-wrong")) }
            } @else {
                h1 { (frame.say("stopped-heading")) }
                p { (frame.say("stopped")) }
            }
        }
        @if !wrong_person { (come_back(frame)) }
    }
}

/// Nothing is asked by this link any more.
pub fn closed(frame: &PatientFrame) -> Markup {
    html! {
        h1 { (frame.say("closed-heading")) }
        p { (frame.say("closed")) }
    }
}

/// The patient is still in the department.
pub fn still_here(frame: &PatientFrame) -> Markup {
    html! {
        h1 { (frame.say("here-heading")) }
        p { (frame.say("here")) }
    }
}

/// The link is of nobody, or no longer good. Always the same words.
pub fn no_link(frame: &PatientFrame) -> Markup {
    html! {
        h1 { (frame.say("no-link-heading")) }
        p { (frame.say("no-link")) }
        (come_back(frame))
    }
}

/// Too many pages at once.
pub fn busy(frame: &PatientFrame) -> Markup {
    html! {
        h1 { (frame.say("busy-heading")) }
        p.panel.warn { b { (frame.calling("in-danger")) } " " (frame.say("busy-do-not-wait")) }
        p { (frame.say("busy-wait")) }
    }
}

/// The record is away: what was told stands here, and what to do.
pub fn away(frame: &PatientFrame, to: &str, fields: &[(String, String)]) -> Markup {
    html! {
        section.panel.warn role="alert" {
            h1 { (frame.say("away-heading")) }
            p { b { (frame.calling("away-sign")) } }
            form method="post" action={ (to) (frame.query) } {
                @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
                p.actions { button.button { (frame.say("away-send")) } }
            }
        }
    }
}

/// An answer in words, for staff: question and what was said.
pub fn told_words(guideline: &Guideline, told: &Told) -> [(&'static str, String); 6] {
    let lines = told.lines.iter().filter_map(|line| guideline.vocabulary.get("return", line));
    let lines: Vec<&str> = lines.map(|phrase| phrase.staff.as_str()).collect();
    let signs = match told.signs {
        _ if !lines.is_empty() => lines.join("; "),
        Signs::None => "none".to_string(),
        Signs::Unsure => "not sure".to_string(),
        Signs::Some => "told, not which".to_string(),
    };
    let open = || "not answered".to_string();
    let tried = told.tried.as_ref().map(|tried| {
        let words: Vec<&str> = tried.iter().map(|tried| tried.words()).collect();
        if words.is_empty() { "nothing".to_string() } else { words.join(", ") }
    });
    let words = |said: Option<&str>| said.map_or_else(open, str::to_string);
    [
        ("Danger signs", signs),
        ("Pain", told.pain.map_or_else(open, |pain| format!("{pain} of 10"))),
        ("Course", words(told.course.map(Course::words))),
        ("Daily life", words(told.daily.map(Daily::words))),
        ("Work", words(told.work.map(Work::words))),
        ("Tried", tried.unwrap_or_else(open)),
    ]
}
