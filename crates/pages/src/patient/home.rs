//! How it goes at home: six questions by a link, and what to do then. The danger signs come first,
//! and a sign is answered by "call now", not by a promise that somebody reads it.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Fact, FactIndex, Kind, Role};
use cauda_pathway::check_in::{Course, Daily, Signs, Told, Tried, Work};
use cauda_patient::{UNSURE, options};
use maud::{Markup, html};

use super::PatientFrame;

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
        h1 { "How is your back?" }
        p.panel.warn { b { "One of these signs right now? Call " (frame.number()) "." } " Do not fill in this page." }
        p { "Six questions. It takes two minutes." }
        form.questions method="post" action=(form.to) autocomplete="off" {
            input type="hidden" name="command" value=(form.command);
            (questions(frame.guideline, form))
            p.actions { button.button { "Send" } }
        }
        (leave(form.to))
    }
}

/// The questions alone, for a patient or for the nurse on the telephone.
pub fn questions(guideline: &Guideline, form: &Form) -> Markup {
    html! {
        @if form.fault {
            p.panel.warn role="alert" { b { "Please answer the first question." } " None of these? Then say so." }
        }
        (signs(guideline, form))
        fieldset.scale {
            legend { "How bad is your pain now? 0 is none, 10 is the worst" }
            @for value in 0..=10 {
                @let text = value.to_string();
                label { input type="radio" name="pain" value=(text) checked[form.said("pain", &text)]; (text) }
            }
        }
        (choice(form, "course", "Since you came to us, how is the pain?", Course::ALL.iter().map(|course| (id(course), match course {
            Course::Better => "Better", Course::Same => "The same", Course::Worse => "Worse",
        }))))
        (choice(form, "daily", "Can you do what you need to do?", Daily::ALL.iter().map(|daily| (id(daily), match daily {
            Daily::AsUsual => "Yes, as before", Daily::Some => "Some things are hard", Daily::Most => "Most things are hard",
        }))))
        (choice(form, "work", "How about work?", Work::ALL.iter().map(|work| (id(work), match work {
            Work::AsUsual => "I work as before", Work::Less => "I work less", Work::Off => "I am off work for the pain", Work::NoWork => "I have no paid work",
        }))))
        fieldset.choice3 {
            legend { "What did you try? Tap all that fit" }
            div.options {
                @for tried in Tried::ALL {
                    label { input type="checkbox" name="tried" value=(id(tried)) checked[form.said("tried", &id(tried))]; " " (match tried {
                        Tried::Moving => "Kept moving", Tried::Medicine => "Pain pills", Tried::Warmth => "Heat",
                        Tried::Physiotherapy => "Moves from a physio", Tried::Injection => "A shot in the back",
                    }) }
                }
                label { input type="checkbox" name="tried" value="nothing" checked[form.said("tried", "nothing")]; " Nothing" }
            }
        }
    }
}

fn signs(guideline: &Guideline, form: &Form) -> Markup {
    let lists = guideline.vocabulary.lists().filter(|(list, _)| *list == "return");
    html! {
        fieldset.choice3.signs {
            legend { "Is one of these new or worse since you left us?" }
            div.lines {
                @for (line, _, phrase) in lists.flat_map(|(_, entries)| entries) {
                    label { input type="checkbox" name="line" value=(line) checked[form.said("line", line)]; " " (phrase.patient) }
                }
            }
            div.options {
                label { input type="radio" name="signs" value="none" checked[form.said("signs", "none")]; " None of these" }
                label { input type="radio" name="signs" value="unsure" checked[form.said("signs", "unsure")]; " I am not sure" }
            }
            p.hint { "You ticked a sign? Do not go on. " button.button.alarm { "Send now" } }
        }
    }
}

fn choice(
    form: &Form,
    name: &str,
    question: &str,
    options: impl Iterator<Item = (String, &'static str)>,
) -> Markup {
    html! {
        fieldset.choice3 {
            legend { (question) }
            div.options {
                @for (value, words) in options {
                    label { input type="radio" name=(name) value=(value) checked[form.said(name, &value)]; " " (words) }
                }
            }
        }
    }
}

/// Two ways out: no more questions, and the wrong person.
fn leave(to: &str) -> Markup {
    html! {
        details.panel {
            summary { "Stop these questions" }
            form method="post" action={ (to) "/stop" } {
                p { "You can still come back to this page, or call us." }
                p.actions { button.button.quiet name="why" value="asks" { "Do not ask me again" } }
            }
            form method="post" action={ (to) "/stop" } {
                p { "Is this not about you? Then the link came to the wrong person." }
                p.actions { button.button.quiet name="why" value="wrong" { "This is not me" } }
            }
        }
    }
}

/// A danger sign was told. Its details help whoever sees the patient next, and wait for nothing.
pub fn danger(frame: &PatientFrame, told: &Told, to: &str, command: &str, is_kept: bool) -> Markup {
    let guideline = frame.guideline;
    let lines = told.lines.iter().filter_map(|line| guideline.vocabulary.get("return", line));
    let facts = details(guideline, &told.lines);
    html! {
        section.panel.outcome.call role="alert" {
            h1 { "Call " (frame.number()) " now" }
            p { b { "Or come back to the ER at once. Do not drive yourself." } }
            p { "Say that you have back pain, and what is new." }
        }
        section.panel {
            h2 { "You told us" }
            ul { @for line in lines { li { (line.patient) } } }
            p { @if is_kept { "The ER knows. " } @else { b { "We could not pass this on. " } }
                "Do not wait for us to call you." }
        }
        @if is_kept && !facts.is_empty() {
            form.questions method="post" action={ (to) "/more" } autocomplete="off" {
                input type="hidden" name="command" value=(command);
                h2 { "While you wait for help: what is it?" }
                @for index in facts { (detail(&guideline.facts[index])) }
                p.actions { button.button { "Send" } }
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

fn detail(fact: &Fact) -> Markup {
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
            div.options { @for (value, words) in &options {
                label { input type="radio" name={ "f." (fact.id) } value=(value); " " (words) }
            } }
        }
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
            h1 { "Thank you" }
            @match then {
                Then::CallToday => {
                    p { b { "You are not sure about a danger sign. We try to call you today." } }
                    p { b { "You think it is real? Call " (frame.number()) " now." } " Do not wait for us." }
                }
                Then::Call => {
                    p { b { "We try to call you within a day." } }
                    p { "See your own doctor in the next days, too." }
                }
                Then::LookAgain => {
                    p { b { "Your back is not better yet. A doctor should look at it again." } }
                    p { "We plan this with you. You hear from us within a week." }
                    p { "Did you hear nothing? Call us." }
                }
                Then::SeeDoctor => {
                    p { b { "See your own doctor this week." } }
                    p { "Ask about a physio. Go on with the plan on your sheet." }
                }
                Then::Better => {
                    p { b { "Good that it is better." } }
                    p { "Back pain often comes back and gets better again. Keep your sheet." }
                }
                Then::GoOn => p { b { "Go on with the plan on your sheet." } },
                Then::NotChecked => {
                    p { b { "No doctor has told you that you can wait." } }
                    p { "You can come back at any time. See a doctor this week." }
                }
            }
            p { @if asks_again { "We ask you again. You can also use this link before." }
                @else { "We ask no more. You can still use this link." } }
        }
        (come_back(frame))
    }
}

fn come_back(frame: &PatientFrame) -> Markup {
    html! {
        section.panel.warn {
            h2 { "Call " (frame.number()) " or come back at once if" }
            ul { @for line in super::waiting::return_list(frame.guideline) { li { (line) } } }
        }
    }
}

/// Details were sent, and written down or not.
pub fn noted(frame: &PatientFrame, is_kept: bool) -> Markup {
    html! {
        section.panel.outcome.call role="alert" {
            h1 { "Call " (frame.number()) " now, if you have not" }
            @if is_kept { p { "We have your answers. Say them again to whoever sees you." } }
            @else { p { b { "We could not pass this on." } " Tell it to whoever sees you." } }
        }
    }
}

/// The questions have ended.
pub fn stopped(frame: &PatientFrame, wrong_person: bool) -> Markup {
    html! {
        section.panel role="status" {
            h1 { @if wrong_person { "Thank you for telling us" } @else { "We ask no more" } }
            @if wrong_person { p { "The link no longer works. You get no more messages from us." } }
            @else { p { "You can still use this link if something changes." } }
        }
        @if !wrong_person { (come_back(frame)) }
    }
}

/// Nothing is asked by this link any more.
pub fn closed() -> Markup {
    html! {
        h1 { "This page is closed" }
        p { "Do you have a question? Please call us." }
    }
}

/// The patient is still in the department.
pub fn still_here() -> Markup {
    html! {
        h1 { "You are still with us" }
        p { "These questions are for later, at home. Ask your nurse if something changes now." }
    }
}

/// The link is of nobody, or no longer good. Always the same words.
pub fn no_link(frame: &PatientFrame) -> Markup {
    html! {
        h1 { "This link does not work" }
        p { "It may be too old, or a letter is missing. Ask us for a new one." }
        (come_back(frame))
    }
}

/// Too many pages at once.
pub fn busy(frame: &PatientFrame) -> Markup {
    html! {
        h1 { "Many people ask at once" }
        p.panel.warn { b { "In danger now? Call " (frame.number()) "." } " Do not wait for this page." }
        p { "Wait a moment. Then load this page again." }
    }
}

/// The record is away: what was told stands here, and what to do.
pub fn away(frame: &PatientFrame, to: &str, fields: &[(String, String)]) -> Markup {
    html! {
        section.panel.warn role="alert" {
            h1 { "We could not save this" }
            p { b { "Is a danger sign new? Call " (frame.number()) " now." } }
            form method="post" action=(to) {
                @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
                p.actions { button.button { "Send again" } }
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
