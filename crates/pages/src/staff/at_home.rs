//! A patient at home: what was answered, what another look may lead to, the call, the booking.

use cauda_guideline::decision::{AdviceState, Advised};
use cauda_guideline::facts::FactIndex;
use cauda_pathway::check_in::{RoundState, Stop};
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::visit::Visit;
use cauda_words::Says;
use maud::{Markup, html};

use super::findings::{Asking, error_summary};
use super::frame::{Calendar, Sending, left, time};
use crate::patient::home::{Form, questions, told_words};

/// What the page is made of.
pub struct AtHomePage<'a> {
    /// The questions that only a clinician answers, and everything around them.
    pub asking: Asking<'a>,
    /// Those questions.
    pub open: &'a [FactIndex],
    /// What the guideline would say if an examination finds nothing new.
    pub prospect: &'a [Advised],
    /// Referrals of the guideline: id and words.
    pub referrals: &'a [(&'a str, &'a str)],
    /// Images it books for outpatients: id and words.
    pub images: &'a [(String, String)],
    /// Hidden fields.
    pub sending: Sending<'a>,
    /// The answers of a call that were not taken.
    pub call: Form<'a>,
    /// Whom patients call when every minute counts.
    pub emergency_number: Option<&'a str>,
    /// How the patient is reached: telephone, and where they agreed to be written to.
    pub reach: (Option<&'a str>, Option<&'a str>),
    /// May order and refer.
    pub decides: bool,
    /// May call and book.
    pub calls: bool,
    /// Local time.
    pub calendar: &'a dyn Calendar,
}

/// The page.
pub fn page(page: &AtHomePage) -> Markup {
    let visit = page.asking.visit;
    let Some(identity) = &visit.identity else { return html! {} };
    let here = format!("/visit/{}", identity.visit);
    html! {
        h1 { "At home" }
        @if !page.asking.faults.is_empty() { (error_summary(page.asking.guideline, page.asking.faults)) }
        @if visit.to_reach {
            section.panel.warn role="alert" {
                h2 { "This patient has to be reached" }
                p { b { "Speaking with them? Say now: call " (page.emergency_number.unwrap_or("the emergency number"))
                    ", or come at once; do not drive." } " Then tell the physician." }
            }
        }
        div.grid2 {
            div {
                (rounds(page, visit))
                (answers(page, visit))
                (booked(page, visit))
            }
            div {
                @if !is_pressing(visit) { (another_look(page, &here)) }
                @if page.calls { (call(page, &here)) (book(page, &here)) (stop(page, visit, &here)) }
            }
        }
        p.links { a href={ (here) "/patient" } { "What the patient sees, and links" } " "
            a href={ (here) "/letter" } { "Letter to the next clinician" } }
    }
}

/// While a sign is open nothing is said about a plan for the weeks to come.
fn is_pressing(visit: &Visit) -> bool {
    visit.to_reach || visit.open_tasks().any(|task| task.kind == TaskKind::CallAboutSigns)
}

fn rounds(page: &AtHomePage, visit: &Visit) -> Markup {
    let home = &visit.at_home;
    let tasks: Vec<_> = visit.open_tasks().collect();
    html! {
        section.panel {
            h2 { "Check-ins" }
            @if let Some(why) = home.stopped { p { b { "Stopped: " } (why.words()) } }
            @if home.rounds.is_empty() { p { "None: they begin when the patient goes home." } }
            ul { @for round in &home.rounds {
                li { (round.planned.round.words()) ", " (page.calendar.day(round.planned.at)) ": "
                    @match round.state {
                        RoundState::Ahead if home.stopped.is_some() => "not asked any more",
                        RoundState::Ahead => "ahead",
                        RoundState::Asked => b { "asked, not answered" },
                        RoundState::Over => "over",
                    }
                    @if let Some(message) = home.messages.iter().find(|m| m.round == round.planned.round) {
                        ", message " (message.sending.words())
                    } }
            } }
            @if !tasks.is_empty() {
                h3 { "Open" }
                ul { @for task in tasks { li { (task.kind.words()) ", " (task.holder.words()) ", by "
                    (time(page.calendar, task.due)) " (" (left(page.calendar, task.due)) ")" } } }
            }
        }
    }
}

fn answers(page: &AtHomePage, visit: &Visit) -> Markup {
    let guideline = page.asking.guideline;
    html! {
        section.panel {
            h2 { "Answers" }
            @if visit.at_home.answers.is_empty() { p { "None yet." } }
            @for answer in visit.at_home.answers.iter().rev() {
                h3 { (time(page.calendar, answer.at)) ", " @match answer.round { Some(round) => { (round.words()) } None => "between check-ins" }
                    ", " @if answer.by.id.as_str() == "patient" { "by the patient" } @else { "on the telephone, " (answer.by.role.words()) } }
                dl.answered { @for (question, said) in told_words(guideline, &answer.told) {
                    div { dt { (question) } dd { @if answer.danger && question == "Danger signs" { b { (said) } } @else { (said) } } }
                } }
            }
        }
    }
}

fn booked(page: &AtHomePage, visit: &Visit) -> Markup {
    html! {
        @if !visit.booked.is_empty() {
            section.panel { h2 { "Booked" } ul {
                @for booked in &visit.booked { li { (time(page.calendar, booked.on)) ": " (booked.with.as_str()) } }
            } }
        }
    }
}

fn another_look(page: &AtHomePage, here: &str) -> Markup {
    html! {
        section.panel id="again" {
            h2 { "Another look" }
            p.hint { "Only if somebody asks and examines again and finds nothing new. New signs go before all of it." }
            @if page.prospect.is_empty() { p { "Nothing beyond the plan of the visit." } }
            @for advised in page.prospect { (prospect(advised)) }
            form method="post" action={ (here) "/at-home/again" } {
                (page.sending.also("again"))
                (page.asking.questions(page.open))
                p.actions { button.button.secondary { "Save these" }
                    " " a href={ (here) "/triage" } { "Ask again" }
                    " " a href={ (here) "/examination" } { "Examine again" } }
            }
            @if page.decides {
                form method="post" action={ (here) "/at-home/order" } {
                    (page.sending.also("order"))
                    div.field { label for="image" { "Outpatient scan" }
                        p.hint { "It is booked with its own date and takes no place in tonight's queue." }
                        select id="image" name="image" { @for (id, words) in page.images { option value=(id) { (words) } } } }
                    button.button { "Order as an outpatient" }
                }
                form method="post" action={ (here) "/at-home/refer" } {
                    (page.sending.also("refer"))
                    div.field { label for="to" { "Refer to" }
                        select id="to" name="to" { @for (id, words) in page.referrals { option value=(id) { (words) } } } }
                    button.button.secondary { "Refer, and have it booked" }
                }
            }
        }
    }
}

fn prospect(advised: &Advised) -> Markup {
    let waits: Vec<&str> = advised.waits_for.iter().map(|shown| shown.name.as_str()).collect();
    html! {
        div.advice {
            h3 { (advised.title) }
            ul { @for line in &advised.says { li { (line.spoken.staff)
                @if let Some(within) = &line.within { ", within " (within) } } } }
            @if advised.state == AdviceState::Waits && !waits.is_empty() {
                p { b { "Waits for: " } (waits.join("; ")) }
            }
        }
    }
}

/// What was asked on the telephone, the same six questions.
fn call(page: &AtHomePage, here: &str) -> Markup {
    html! {
        details.panel open[page.call.fault] {
            summary { "Call: ask the six questions, or note that nobody answered" }
            p { "Telephone: " b { (page.reach.0.unwrap_or("not known")) }
                @if let Some(write_to) = page.reach.1 { ", written to at " (write_to) } }
            form.for-call id="call" method="post" action={ (here) "/at-home/answer" } autocomplete="off" {
                (page.sending.also("call"))
                (questions(&Says::english(page.asking.guideline), &page.call))
                p.actions { button.button { "Save the answers" } }
            }
            form method="post" action={ (here) "/contact" } {
                (page.sending.also("contact"))
                input type="hidden" name="next" value="at-home";
                fieldset.choice3 { legend { "The call" } div.options {
                    label { input type="radio" name="reached" value="no" required; " Not reached" }
                    label { input type="radio" name="reached" value="coming" required; " Reached; is coming in" }
                    label { input type="radio" name="reached" value="reached" required; " Reached; call again" }
                    label { input type="radio" name="reached" value="settled" required; " Reached; settled" }
                } }
                div.field { label for="contact-words" { "What was said" } input id="contact-words" name="words" maxlength="500"; }
                button.button.secondary { "Save the call" }
            }
        }
    }
}

fn book(page: &AtHomePage, here: &str) -> Markup {
    html! {
        details.panel {
            summary { "Book an appointment" }
            form id="book" method="post" action={ (here) "/at-home/book" } {
                (page.sending.also("book"))
                div.field { label for="on" { "Day" } p.hint { "Year-month-day, 2026-12-14." }
                    input id="on" name="on" inputmode="numeric" maxlength="10" required; }
                div.field { label for="time" { "Time" } p.hint { "Hours and minutes, 09:30." }
                    input id="time" name="time" inputmode="numeric" maxlength="5" required; }
                div.field { label for="with" { "With whom, and where" } input id="with" name="with" maxlength="300" required; }
                button.button.secondary { "Book" }
            }
        }
    }
}

fn stop(page: &AtHomePage, visit: &Visit, here: &str) -> Markup {
    let can = visit.at_home.stopped.is_none() && !visit.at_home.rounds.is_empty();
    html! {
        @if visit.at_home.stopped.is_some() && visit.at_home.next().is_some() {
            form.panel method="post" action={ (here) "/at-home/resume" } {
                (page.sending.also("resume"))
                p { "The check-ins have stopped. Those that are ahead can go on." }
                button.button.secondary { "Ask again" }
            }
        }
        @if can {
            details.panel {
                summary { "Stop the check-ins" }
                form method="post" action={ (here) "/at-home/stop" } {
                    (page.sending.also("stop"))
                    fieldset.choice3 { legend { "Why" } div.options {
                        @for why in [Stop::Admitted, Stop::PatientAsks, Stop::Settled] {
                            label { input type="radio" name="why" value=(crate::patient::home::id(why)) required; " " (why.words()) }
                        }
                    } }
                    div.field { label for="stop-words" { "In your words" } p.hint { "Needed if somebody else looks after the patient: who." }
                        input id="stop-words" name="words" maxlength="500"; }
                    button.button.secondary { "Stop them" }
                }
                p.hint { "A death is noted under “The patient leaves”." }
            }
        }
    }
}
