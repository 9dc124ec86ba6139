//! Reasons: structured parts, and the plain sentence made of them.

use std::fmt;

use crate::arrange;
use crate::department::Department;
use crate::entry::{Entry, State};
use crate::names::{Reason, ScannerId};
use crate::overriding::{Override, Will};
use crate::rank;
use crate::readiness::Readiness;
use crate::scanner::Scanner;
use crate::tier::Tier;

/// Why an order has its place, or why a scanner does what it does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// The parts, the weightiest first.
    pub parts: Vec<Part>,
}

/// One part of a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The scan is running and is not interrupted.
    OnTable {
        /// Minutes since its start.
        minutes: i64,
    },
    /// A person holds it.
    Held {
        /// Who.
        by: String,
        /// Why.
        reason: Option<Reason>,
        /// Minutes until the hold ends.
        minutes: i64,
    },
    /// A person moved it.
    Moved {
        /// What they decided.
        will: Will,
        /// Who.
        by: String,
        /// Why.
        reason: Option<Reason>,
        /// Minutes until the move ends.
        minutes: i64,
    },
    /// Somebody immediate or prepared goes before it, in spite of the move.
    GivesWay,
    /// A person allows one scanner alone.
    Only {
        /// Which.
        scanner: ScannerId,
        /// Minutes until that ends.
        minutes: i64,
    },
    /// A person set another tier than the decision.
    Set {
        /// The decision's tier.
        decided: Tier,
    },
    /// How urgent.
    Tier(Tier),
    /// Prepared, sedated or with contrast running.
    Committed(&'static str),
    /// An emergency with so little slack that age passes it no more.
    Protected,
    /// Its wait made it count as much as a more urgent one.
    Aged {
        /// Hours since the order.
        hours: i64,
    },
    /// When it must start to be done by its deadline; negative when that is over.
    Slack {
        /// Minutes until then.
        minutes: i64,
        /// What started the clock; nothing where the tier's window counts.
        clock: Option<String>,
    },
    /// The coil it needs is on the table.
    CoilOn,
    /// The scanner must be made fit for it first.
    Change {
        /// Minutes that takes.
        minutes: i64,
    },
    /// It fits in before an immediate patient who is expected.
    FitsBefore {
        /// Minutes until that patient is expected.
        minutes: i64,
    },
    /// It is expected to be ready then.
    Expected {
        /// In minutes.
        minutes: i64,
    },
    /// Nobody said when it is ready; the forecast assumes then.
    Assumed {
        /// In minutes.
        minutes: i64,
    },
    /// What it waits for.
    Waits {
        /// Names of the items.
        items: Vec<String>,
        /// An item is *no* and nobody expects it to change.
        stuck: bool,
    },
    /// No scanner here can do it.
    NoScanner,
}

impl Why {
    /// The reason as one sentence.
    pub fn sentence(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(Part::to_string).collect();
        let mut text = parts.join("; ");
        if let Some(first) = text.get(..1) {
            let first = first.to_uppercase();
            text.replace_range(..1, &first);
        }
        text.push('.');
        text
    }
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::OnTable { minutes } => write!(out, "on the table for {}", Minutes(*minutes)),
            Part::Held { by, reason, minutes } => {
                write!(out, "held by {by} for {}{}", Minutes(*minutes), Because(reason))
            }
            Part::Moved { will, by, reason, minutes } => {
                let until = Minutes(*minutes);
                write!(out, "{} by {by} for {until}{}", moved(will), Because(reason))
            }
            Part::GivesWay => out.write_str("an immediate or prepared patient goes first even so"),
            Part::Only { scanner, minutes } => {
                write!(out, "only on {scanner} for {}", Minutes(*minutes))
            }
            Part::Set { decided } => write!(out, "a person set this; decided was {decided}"),
            Part::Tier(tier) => write!(out, "{tier}"),
            Part::Committed(what) => write!(out, "{what}, so only an immediate patient passes"),
            Part::Protected => out.write_str("too little time left for a lower tier to pass"),
            Part::Aged { hours } => write!(out, "moved up for waiting {hours} h"),
            Part::Slack { minutes, clock } => {
                match *minutes {
                    late if late < 0 => write!(out, "late to start by {}", Minutes(-late))?,
                    left => write!(out, "must start within {}", Minutes(left))?,
                }
                match clock {
                    Some(clock) => write!(out, " (clock from {clock})"),
                    None => out.write_str(" (usual time of its tier)"),
                }
            }
            Part::CoilOn => out.write_str("its coil is on the table"),
            Part::Change { minutes } => write!(out, "{} to change over", Minutes(*minutes)),
            Part::FitsBefore { minutes } => {
                write!(out, "done before the immediate patient due in {}", Minutes(*minutes))
            }
            Part::Expected { minutes } => write!(out, "expected ready in {}", Minutes(*minutes)),
            Part::Assumed { minutes } => {
                write!(out, "nobody said when it is ready, {} assumed", Minutes(*minutes))
            }
            Part::Waits { items, stuck } => {
                write!(out, "waits for {}", items.join(", "))?;
                if *stuck {
                    out.write_str(", and nobody says when")?;
                }
                Ok(())
            }
            Part::NoScanner => out.write_str("no scanner here can do it"),
        }
    }
}

fn moved(will: &Will) -> &'static str {
    match will {
        Will::First => "moved to the front",
        Will::Last => "moved to the end",
        Will::Before(_) => "moved up before another",
        Will::After(_) => "moved behind another",
        Will::Place(_) => "locked in its place",
        Will::Only(_) => "kept to one scanner",
        Will::Hold => "held",
        Will::Tier(_) => "given another tier",
    }
}

/// Minutes as a person says them.
struct Minutes(i64);

impl fmt::Display for Minutes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => out.write_str("1 minute"),
            few if few < 120 => write!(out, "{few} minutes"),
            many if many < 48 * 60 && many % 60 == 0 => write!(out, "{} h", many / 60),
            many if many < 48 * 60 => write!(out, "{} h {} min", many / 60, many % 60),
            many => write!(out, "{} days", many / (24 * 60)),
        }
    }
}

struct Because<'a>(&'a Option<Reason>);

impl fmt::Display for Because<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(reason) => write!(out, " ({})", reason.as_str()),
            None => Ok(()),
        }
    }
}

/// Why an entry has its place at an instant.
pub(crate) fn placed(department: &Department, entry: &Entry, at: i64) -> Why {
    let mut parts = Vec::with_capacity(4);
    if let State::OnTable { since, .. } = entry.state {
        parts.push(Part::OnTable { minutes: whole(at.saturating_sub(since)) });
        return Why { parts };
    }
    if let Some(hold) = entry.held(at) {
        let minutes = whole(hold.until.saturating_sub(at));
        let (by, reason) = (hold.by.clone(), hold.reason.clone());
        parts.push(Part::Held { by, reason, minutes });
    }
    standing(department, entry, at, &mut parts);
    if parts.iter().any(raised) && passed(department, entry, at) {
        parts.insert(1, Part::GivesWay);
    }
    waiting(department, entry, at, &mut parts);
    Why { parts }
}

/// A move to the front, or nearer to it.
fn raised(part: &Part) -> bool {
    let Part::Moved { will, .. } = part else { return false };
    matches!(will, Will::First | Will::Before(_) | Will::Place(_))
}

/// Whether somebody is in a group that goes before, whatever people move.
fn passed(department: &Department, entry: &Entry, at: i64) -> bool {
    let group = |one: &Entry| rank::key(one, &department.settings, at, 0).group;
    let own = group(entry);
    let others = department.entries.iter().filter(|one| one.waits() && one.held(at).is_none());
    others.into_iter().any(|one| group(one) < own)
}

/// Why a scanner takes an entry.
pub(crate) fn taken(
    department: &Department,
    entry: &Entry,
    at: i64,
    scanner: &Scanner,
    change: i64,
    before: Option<i64>,
) -> Why {
    let mut parts = Vec::with_capacity(4);
    if let Some(expected) = before {
        parts.push(Part::FitsBefore { minutes: whole(expected.saturating_sub(at)) });
    }
    standing(department, entry, at, &mut parts);
    if change > 0 {
        parts.push(Part::Change { minutes: whole(change) });
    } else if entry.protocol.coil.is_some() && entry.protocol.coil == scanner.coil {
        parts.push(Part::CoilOn);
    }
    Why { parts }
}

/// Why a scanner stays free for an entry.
pub(crate) fn expected(department: &Department, entry: &Entry, at: i64) -> Why {
    let mut parts = vec![Part::Tier(entry.tier_at(at))];
    waiting(department, entry, at, &mut parts);
    Why { parts }
}

fn standing(department: &Department, entry: &Entry, at: i64, parts: &mut Vec<Part>) {
    let settings = &department.settings;
    if let Some(made) = arrange::newest(entry, at) {
        parts.push(move_of(made, at));
    }
    let tier = entry.tier_at(at);
    parts.push(Part::Tier(tier));
    if tier != entry.tier {
        parts.push(Part::Set { decided: entry.tier });
    }
    match entry.state {
        State::ContrastRunning { .. } => parts.push(Part::Committed("contrast is running")),
        State::Sedated { .. } => parts.push(Part::Committed("sedated")),
        State::Prepared { .. } => parts.push(Part::Committed("prepared")),
        _ => {}
    }
    let base = i64::from(tier.of(&settings.ageing.base)) * rank::POINT;
    let points = rank::points(entry, settings, at);
    if tier < Tier::Emergency && rank::band(points, settings) > rank::band(base, settings) {
        let hours = at.saturating_sub(entry.ordered_at).max(0) / 3600;
        parts.push(Part::Aged { hours });
    }
    let slack = rank::latest_start(entry, settings, at).saturating_sub(at);
    let clock = entry.deadline.as_ref().map(|deadline| deadline.started_by.clone());
    parts.push(Part::Slack { minutes: slack.div_euclid(60), clock });
    if tier == Tier::Emergency && rank::protected(entry, settings, at) {
        parts.push(Part::Protected);
    }
}

fn move_of(made: &Override, at: i64) -> Part {
    Part::Moved {
        will: made.will.clone(),
        by: made.by.clone(),
        reason: made.reason.clone(),
        minutes: whole(made.until.saturating_sub(at)),
    }
}

fn waiting(department: &Department, entry: &Entry, at: i64, parts: &mut Vec<Part>) {
    if let Some(scanner) = entry.only_on(at) {
        let ends = entry.overrides.iter().filter(|one| one.will == Will::Only(scanner.clone()));
        let until = ends.map(|one| one.until).max().unwrap_or(at);
        let minutes = whole(until.saturating_sub(at));
        parts.push(Part::Only { scanner: scanner.clone(), minutes });
    }
    if !department.scanners.iter().any(|scanner| scanner.suits(&entry.protocol)) {
        parts.push(Part::NoScanner);
    }
    let readiness = entry.readiness(at, &department.settings);
    let items: Vec<String> = entry.waits_for(at).map(str::to_string).collect();
    if !items.is_empty() {
        parts.push(Part::Waits { items, stuck: readiness == Readiness::Never });
    }
    match readiness {
        Readiness::Expected(then) => {
            parts.push(Part::Expected { minutes: whole(then.saturating_sub(at)) });
        }
        Readiness::Assumed(then) => {
            parts.push(Part::Assumed { minutes: whole(then.saturating_sub(at)) });
        }
        Readiness::Ready | Readiness::Never => {}
    }
}

/// Seconds as whole minutes, begun ones counted.
fn whole(seconds: i64) -> i64 {
    seconds.saturating_add(59).div_euclid(60)
}
