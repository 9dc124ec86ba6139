//! The verdict, large, and as a tag in lists: shape, word and colour together.

use cauda_guideline::decision::{Classification, Decision};
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::skeleton::VerdictClass;
use cauda_pathway::visit::Visit;
use maud::{Markup, html};

use super::frame::{Calendar, left, time};

/// How a visit stands, as pages colour it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Next on the table.
    Immediate,
    /// Within four hours.
    Emergency,
    /// Within 24 hours.
    Urgent,
    /// Stays, or a lesser scan.
    Observe,
    /// Home.
    Home,
    /// Not decided.
    Undecided,
}

impl Level {
    /// How a visit stands.
    pub fn of(visit: &Visit) -> Level {
        match (visit.tier(), visit.class()) {
            (Tier::Immediate, _) => Level::Immediate,
            (Tier::Emergency, _) => Level::Emergency,
            (Tier::Urgent, _) => Level::Urgent,
            (_, VerdictClass::Home) => Level::Home,
            (_, VerdictClass::Undecided) => Level::Undecided,
            _ => Level::Observe,
        }
    }

    /// Its class.
    pub fn class(self) -> &'static str {
        match self {
            Level::Immediate => "immediate",
            Level::Emergency => "emergency",
            Level::Urgent => "urgent",
            Level::Observe => "observe",
            Level::Home => "home",
            Level::Undecided => "undecided",
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Level::Immediate => "Immediate",
            Level::Emergency => "Emergency",
            Level::Urgent => "Urgent",
            Level::Observe => "Stays",
            Level::Home => "Home",
            Level::Undecided => "Not decided",
        }
    }

    /// As a tag.
    pub fn tag(self) -> Markup {
        html! { span class={ "tag " (self.class()) } { (self.word()) } }
    }
}

/// The first line of an answer: what to do.
pub fn headline(decision: &Decision) -> String {
    let scan = decision.imaging.first();
    match (&decision.disposition, scan) {
        (Some(disposition), Some(scan)) => format!("{}: {}", disposition.staff, scan.spoken.staff),
        (Some(disposition), None) => disposition.staff.clone(),
        (None, _) if decision.classification == Classification::OutsideGuideline => {
            "Outside the guideline: adults of known age only".to_string()
        }
        (None, _) => match decision.missing.iter().find(|missing| !missing.detail_only) {
            Some(missing) => format!("Ask next: {}", missing.name),
            None => "A senior physician decides".to_string(),
        },
    }
}

/// The reason in one line: the concerns that are raised.
pub fn because(decision: &Decision) -> Option<String> {
    let concerns = decision.concerns.iter();
    let concerns =
        concerns.filter(|concern| concern.state == cauda_guideline::decide::State::Raised);
    let mut raised: Vec<&str> = Vec::new();
    for claim in concerns.map(cauda_guideline::decision::ConcernAnswer::claim) {
        if !raised.contains(&claim) {
            raised.push(claim);
        }
    }
    (!raised.is_empty()).then(|| raised.join("; "))
}

/// The verdict of a visit, large.
pub fn verdict(
    visit: &Visit,
    decision: &Decision,
    calendar: &dyn Calendar,
    more: &Markup,
) -> Markup {
    let level = Level::of(visit);
    let order = visit.pending.iter().filter(|pending| pending.is_open_order());
    let deadline =
        order.filter_map(|pending| pending.order.as_ref()).map(|order| order.deadline).min();
    let within = decision.imaging.first().and_then(|scan| scan.within.clone());
    html! {
        section class={ "verdict " (level.class()) } aria-label="Verdict" {
            span.shape aria-hidden="true" {}
            p.word { (level.word()) }
            h2.line { (headline(decision)) }
            @if let Some(deadline) = deadline {
                p.deadline { "Start by " (time(calendar, deadline)) " (" (left(calendar, deadline)) ")" }
            } @else if let Some(within) = within {
                p.deadline { "Within " (within) }
            }
            @if let Some(because) = because(decision) { p.because { (because) } }
            @else if let Some(reason) = decision.no_imaging_because.first() {
                p.because { (reason.staff) }
            }
            @if decision.clinician_review {
                p.because { "A clinician has to review this: the guideline or an entry cannot be read." }
            }
            (more)
        }
    }
}
