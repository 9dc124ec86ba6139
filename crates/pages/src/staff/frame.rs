//! The frame of every staff page: bar, patient, tabs, footer.

use cauda_guideline::Guideline;
use cauda_pathway::patient::{Patient, Sex};
use cauda_pathway::visit::Visit;
use maud::{Markup, PreEscaped, html};

use crate::document::document;

/// Local time of the department, in words.
pub trait Calendar {
    /// `14:05`, with the day before it when it is another day than today: `25-Nov 23:50`.
    fn clock(&self, second: i64) -> String;
    /// `14:05`, whichever day it was.
    fn time(&self, second: i64) -> String;
    /// `26-Nov-2026`
    fn day(&self, second: i64) -> String;
    /// `2026-11-26T14:05:00+01:00`
    fn iso(&self, second: i64) -> String;
    /// The moment the page is made, in seconds since 1970 UTC.
    fn now(&self) -> i64;
}

/// Who looks at the page.
#[derive(Clone, Debug)]
pub struct Who<'a> {
    /// The name.
    pub name: &'a str,
    /// The role, in words.
    pub role: &'a str,
    /// Goes into every form.
    pub csrf: &'a str,
    /// May see visits.
    pub sees_visits: bool,
    /// May follow up patients at home.
    pub follows_up: bool,
    /// May register arrivals.
    pub registers: bool,
    /// May review who looked at visits that were over.
    pub reviews: bool,
    /// Keeps the accounts.
    pub keeps_accounts: bool,
    /// Works with patients at all.
    pub is_staff: bool,
    /// The department has a scanner, and this person may see its board.
    pub sees_scanner: bool,
}

/// A page of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// Triage.
    Triage,
    /// Examination.
    Examination,
    /// Decision.
    Decision,
    /// Orders, scans, reports.
    Results,
    /// Every event.
    Timeline,
    /// What the next one must know.
    Handover,
    /// After the visit.
    AtHome,
}

impl Tab {
    /// All, in order.
    pub const ALL: [Tab; 7] = [
        Tab::Triage,
        Tab::Examination,
        Tab::Decision,
        Tab::Results,
        Tab::Timeline,
        Tab::Handover,
        Tab::AtHome,
    ];

    /// The last part of its address.
    pub fn path(self) -> &'static str {
        match self {
            Tab::Triage => "triage",
            Tab::Examination => "examination",
            Tab::Decision => "decision",
            Tab::Results => "results",
            Tab::Timeline => "timeline",
            Tab::Handover => "handover",
            Tab::AtHome => "at-home",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Tab::Triage => "Triage",
            Tab::Examination => "Examination",
            Tab::Decision => "Decision",
            Tab::Results => "Results",
            Tab::Timeline => "Timeline",
            Tab::Handover => "Handover",
            Tab::AtHome => "At home",
        }
    }
}

/// The visit a page is about.
#[derive(Clone, Copy)]
pub struct InVisit<'a> {
    /// The visit.
    pub visit: &'a Visit,
    /// Its patient; nothing once erased.
    pub patient: Option<&'a Patient>,
    /// Which page of it; nothing for one that has no tab.
    pub tab: Option<Tab>,
    /// Names of others who have the visit open at this moment.
    pub others: &'a [String],
}

/// Everything around the content of a page.
pub struct Frame<'a> {
    /// Heading of the window.
    pub title: &'a str,
    /// Name of the department.
    pub department: &'a str,
    /// Who looks.
    pub who: Option<Who<'a>>,
    /// Invented patients.
    pub demo: bool,
    /// Which of the links on top is this page, by its address.
    pub here: &'a str,
    /// The visit it is about.
    pub visit: Option<InVisit<'a>>,
    /// It answers a form, so it is not replaced by itself: what was entered may stand in it.
    pub is_answer: bool,
    /// It shows more than one visit, and follows all of them.
    pub follows_all: bool,
    /// Seconds without input after which the page locks itself.
    pub idle_seconds: i64,
    /// What could not be saved, and what to do.
    pub not_saved: Option<&'a str>,
    /// What was just done, or must be known first.
    pub notice: Option<&'a str>,
    /// The guideline everything is decided by.
    pub guideline: &'a Guideline,
    /// Local time.
    pub calendar: &'a dyn Calendar,
}

impl Frame<'_> {
    /// A whole page.
    pub fn page(&self, main: &Markup) -> String {
        let body = html! {
            body data-live=[self.live()] data-visit=[self.followed()] data-idle=[self.idle()] {
                a.skip href="#main" { "Skip to the page" }
                (self.bar())
                @if let Some(not_saved) = self.not_saved {
                    p.not-saved role="alert" { b { "NOT SAVED: " } (not_saved) }
                }
                @if let Some(visit) = &self.visit { (self.patient(visit)) (self.tabs(visit)) }
                main id="main" tabindex="-1" { (self.main(main)) }
                (self.footer())
            }
        };
        document(self.title, true, &body)
    }

    /// What stands inside `<main>`, for a page that brings itself up to date.
    pub fn main(&self, main: &Markup) -> Markup {
        html! {
            @if let Some(notice) = self.notice { p.panel role="status" { (notice) } }
            (self.told_at_home())
            (main)
        }
    }

    fn may_correct(&self) -> bool {
        self.who.as_ref().is_some_and(|who| who.registers)
    }

    fn live(&self) -> Option<&'static str> {
        let follows = self.who.is_some() && !self.is_answer;
        (follows && (self.visit.is_some() || self.follows_all)).then_some("/live")
    }

    fn followed(&self) -> Option<String> {
        if self.follows_all {
            return Some("*".to_string());
        }
        let identity = self.visit.as_ref()?.visit.identity.as_ref()?;
        Some(identity.visit.to_string())
    }

    fn idle(&self) -> Option<String> {
        self.who.is_some().then(|| self.idle_seconds.to_string())
    }

    fn bar(&self) -> Markup {
        html! {
            header.bar {
                a.name href="/" { "Cauda" }
                @if let Some(who) = &self.who {
                    nav aria-label="Cauda" { ul {
                        @if who.is_staff {
                            (self.link("/waiting", "Waiting"))
                            (self.link("/tasks", "My tasks"))
                            @if who.sees_scanner { (self.link("/mri", "MRI")) }
                            @if who.follows_up { (self.link("/follow-up", "Follow-up")) }
                        }
                        @if who.registers { (self.link("/arrival", "Arrival")) }
                        @if who.reviews { (self.link("/reviews", "Reviews")) }
                        @if who.keeps_accounts { (self.link("/accounts", "Accounts")) }
                        (self.link("/guideline", "Guideline"))
                    } }
                }
                @if self.demo { p.demo-mark { "DEMO: invented patients" } }
                @if self.live().is_some() { p.live role="status" { "Live" } }
                @if let Some(who) = &self.who {
                    form.who method="post" action="/sign-out" {
                        (csrf(who))
                        span { b { (who.name) } (who.role) }
                        " "
                        button.button.quiet { "Sign out" }
                    }
                    form id="lock" method="post" action="/lock" hidden { (csrf(who)) }
                }
            }
        }
    }

    fn link(&self, to: &str, words: &str) -> Markup {
        let current = (self.here == to).then_some("page");
        html! { li { a href=(to) aria-current=[current] { (words) } } }
    }

    fn patient(&self, visit: &InVisit) -> Markup {
        let Some(patient) = visit.patient else {
            return html! { section.patient aria-label="Patient" { p.name { "Name erased" } } };
        };
        let person = &patient.person;
        let age = patient.age_on(self.calendar.now());
        html! {
            section.patient aria-label="Patient" {
                p.name { (person.name.as_str()) }
                dl {
                    div { dt { "Born" } dd {
                        @match person.born {
                            Some(born) => { (born.words()) @if let Some(age) = age { " (" (age) " y)" } }
                            None => { "not known" }
                        }
                    } }
                    div { dt { "Sex" } dd { (sex(person.sex)) } }
                    div { dt { "Number" } dd { (person.number.as_deref().unwrap_or("none")) } }
                    @match &person.allergies {
                        Some(allergies) => {
                            div class=(if allergies.as_str().eq_ignore_ascii_case("none") { "allergy none" } else { "allergy" }) { dt { "Allergies" } dd { (allergies.as_str()) } }
                        }
                        None => div { dt { "Allergies" } dd { "not asked" } }
                    }
                }
                @if let Some(identity) = visit.visit.identity.as_ref().filter(|_| self.may_correct()) {
                    a href={ "/visit/" (identity.visit) "/person" } { "Correct" span.unseen { " name, birth, allergies" } }
                }
                @if !visit.others.is_empty() {
                    p { "Also open: " (visit.others.join(", ")) }
                }
            }
        }
    }

    fn tabs(&self, visit: &InVisit) -> Markup {
        tabs(visit, self.who.as_ref().is_some_and(|who| who.follows_up))
    }

    /// A danger sign that was told at home, until somebody examined or settled it.
    fn told_at_home(&self) -> Markup {
        let Some(visit) = self.visit.as_ref().map(|visit| visit.visit) else { return html! {} };
        let brought = visit.returning.as_ref().and_then(|carried| carried.danger.clone());
        let brought = brought.filter(|_| visit.examined_at.is_none());
        let Some(told) = brought.or_else(|| visit.at_home.danger()) else { return html! {} };
        let lines =
            told.lines.iter().filter_map(|line| self.guideline.vocabulary.get("return", line));
        let lines: Vec<&str> = lines.map(|phrase| phrase.staff.as_str()).collect();
        html! {
            p.panel.warn role="status" {
                b { "Danger sign told at home, " (time(self.calendar, told.at)) ": " }
                @if lines.is_empty() { "not said which" } @else { (lines.join("; ")) }
                ". Ask and examine; nothing of it is entered as a finding yet."
            }
        }
    }

    fn footer(&self) -> Markup {
        let guideline = self.guideline;
        html! {
            footer.foot {
                p {
                    (self.department) ". Guideline “" (guideline.title) "” " (guideline.version) ", "
                    (guideline.sha256.get(..12).unwrap_or("")) ": " (guideline.status)
                    ". The clinician decides."
                }
            }
        }
    }
}

/// Sex in words.
pub fn sex(sex: Sex) -> &'static str {
    sex.words()
}

fn tabs(visit: &InVisit, follows_up: bool) -> Markup {
    let Some(identity) = &visit.visit.identity else { return html! {} };
    let shown = |tab: &Tab| *tab != Tab::AtHome || follows_up && was_home(visit.visit);
    html! {
        nav.tabs aria-label="Visit" { ul {
            @for tab in Tab::ALL.into_iter().filter(shown) {
                @let current = (visit.tab == Some(tab)).then_some("page");
                li { a href={ "/visit/" (identity.visit) "/" (tab.path()) } aria-current=[current] {
                    (tab.words())
                } }
            }
        } }
    }
}

/// The time at home has a tab once the patient has gone.
fn was_home(visit: &Visit) -> bool {
    visit.phase.is_gone() || !visit.at_home.rounds.is_empty()
}

fn csrf(who: &Who) -> Markup {
    html! { input type="hidden" name="csrf" value=(who.csrf); }
}

/// What every form sends along, unseen: who it is from, that it counts once, and what of the
/// visit had been seen.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// Of the session.
    pub csrf: &'a str,
    /// Id of the command.
    pub command: &'a str,
    /// Events of the visit when the page was made.
    pub seen: usize,
}

impl Sending<'_> {
    /// The hidden fields.
    pub fn fields(&self) -> Markup {
        html! {
            input type="hidden" name="csrf" value=(self.csrf);
            input type="hidden" name="command" value=(self.command);
            input type="hidden" name="seen" value=(self.seen);
        }
    }

    /// The hidden fields of a further form of the same page; each counts by itself.
    pub fn also(&self, which: &str) -> Markup {
        html! {
            input type="hidden" name="csrf" value=(self.csrf);
            input type="hidden" name="command" value={ (self.command) "-" (which) };
            input type="hidden" name="seen" value=(self.seen);
        }
    }
}

/// A moment.
pub fn time(calendar: &dyn Calendar, second: i64) -> Markup {
    html! { time datetime=(calendar.iso(second)) { (calendar.clock(second)) } }
}

/// From three days on the minutes tell nobody anything.
const DAYS_FROM: i64 = 3 * 1_440;

/// How long until a moment, or since.
pub fn left(calendar: &dyn Calendar, due: i64) -> Markup {
    let minutes = (due - calendar.now()).div_euclid(60);
    let far = minutes.abs();
    let length = match far {
        0..100 => format!("{far} min"),
        100..DAYS_FROM => format!("{} h {} min", far / 60, far % 60),
        _ => format!("{} days", far / 1_440),
    };
    let word = if minutes < 0 { "late" } else { "left" };
    html! { time datetime=(calendar.iso(due)) data-countdown { (length) " " (word) } }
}

/// Markup that is known to be safe: a drawing of our own.
pub fn drawing(svg: &'static str) -> Markup {
    PreEscaped(svg.to_string())
}
