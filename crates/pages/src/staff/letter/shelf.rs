//! Where on the letter a fact stands: a danger sign, known, a no, or not to be had.

use cauda_guideline::decide::State;
use cauda_guideline::decision::ConcernAnswer;
use cauda_guideline::facts::{Danger, Fact, FactIndex, Kind, Sort, Stage};
use cauda_guideline::resolve::{Finding, Reason, Said};
use cauda_guideline::vocabulary::Tier;

use super::Letter;
use crate::staff::findings::{Grid, pairs};

/// The grids of the legs, with their titles.
pub(super) const GRIDS: [(Grid, &str); 3] =
    [(Grid::Power, "Power, 0 to 5"), (Grid::Reflex, "Reflexes"), (Grid::Touch, "Touch")];

/// Where on the letter a fact stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shelf {
    /// A danger sign.
    Danger,
    /// A danger sign that no raised concern looks at.
    Noted,
    /// Known, and no danger sign.
    Known,
    /// Asked one by one, and no.
    Asked,
    /// Part of a group that somebody signed as clear.
    Signed,
    /// Asked, and not to be had, or no longer to be relied on.
    NotHad,
}

impl Letter<'_> {
    fn shelf(&self, index: FactIndex) -> Option<Shelf> {
        let fact = &self.asking.guideline.facts[index];
        let finding = &self.asking.known.by_fact[index];
        self.asking.record(index)?;
        // Of a report that closes nothing any more the notes speak.
        if self.asking.known.taken_back.contains(&index) {
            return None;
        }
        let danger = match self.raises(&fact.id) {
            true => Shelf::Danger,
            false => Shelf::Noted,
        };
        let shelf = match (finding.said, &fact.kind) {
            (Said::Unknown(Reason::KnownInPart), _) => Shelf::Known,
            (Said::Unknown(_), _) => Shelf::NotHad,
            (Said::Value(value), Kind::Named { sort, dangerous, clear, .. }) => {
                let is_plain = matches!(sort, Sort::Finding | Sort::FindingWithOnset);
                match dangerous.get(value) {
                    Some(true) => danger,
                    _ if finding.partly.is_some() => Shelf::NotHad,
                    // What is assumed until somebody says otherwise was perhaps never answered.
                    _ if fact.assumed() == Some(value) => return None,
                    _ if value == *clear && finding.group.is_some() => Shelf::Signed,
                    _ if value == *clear && is_plain => Shelf::Asked,
                    _ => Shelf::Known,
                }
            }
            _ if is_alarming(fact, finding) => danger,
            _ if finding.partly.is_some() => Shelf::NotHad,
            _ => Shelf::Known,
        };
        Some(shelf)
    }

    /// Whether a concern that is raised, or acted on, looks at this sign.
    fn raises(&self, fact: &str) -> bool {
        let concerns = self.decision.concerns.iter();
        let acted =
            concerns.filter(|concern| concern.state == State::Raised || is_settled(concern));
        let mut shown = acted.flat_map(|concern| concern.because.iter().chain(&concern.also));
        shown.any(|shown| shown.fact == fact)
    }

    /// What is on record of a fact, and what about it no longer reassures.
    pub(super) fn record(&self, index: FactIndex) -> String {
        let record = self.asking.record(index).unwrap_or_default();
        match self.asking.known.by_fact[index].partly {
            Some(reason) => format!("{record}; {}", reason.words()),
            None => record,
        }
    }

    pub(super) fn legs_of(&self, sort: Grid) -> Vec<(FactIndex, FactIndex)> {
        let facts = self.asking.guideline.entered_facts();
        let legs = facts.filter(|(_, fact)| fact.asked_at.contains(&Stage::Examination));
        let legs: Vec<FactIndex> = legs.map(|(index, _)| index).collect();
        pairs(self.asking.guideline, &legs, sort)
    }

    /// The facts of a shelf. What is well in a leg stands in its grid.
    pub(super) fn on(&self, wanted: Shelf) -> Vec<FactIndex> {
        let in_grid: Vec<FactIndex> = match wanted {
            Shelf::Known | Shelf::Asked | Shelf::Signed => {
                let rows = GRIDS.iter().flat_map(|(sort, _)| self.legs_of(*sort));
                rows.flat_map(|(right, left)| [right, left]).collect()
            }
            Shelf::Danger | Shelf::Noted | Shelf::NotHad => Vec::new(),
        };
        let facts = self.asking.guideline.entered_facts().map(|(index, _)| index);
        let facts = facts.filter(|index| !in_grid.contains(index));
        facts.filter(|index| self.shelf(*index) == Some(wanted)).collect()
    }
}

/// Whether it is acted on although it is open, because nothing more can be learnt of it.
pub(super) fn is_settled(concern: &ConcernAnswer) -> bool {
    concern.state == State::Open && concern.settles_at.is_some_and(|tier| tier > Tier::None)
}

/// Whether a number lies on the dangerous side of its alarm; of one that has grown old only what it
/// still says counts.
fn is_alarming(fact: &Fact, finding: &Finding) -> bool {
    let Some(alarm) = fact.quantity().and_then(|quantity| quantity.alarm) else { return false };
    let Said::Between(low, high) = finding.said else { return false };
    match (fact.danger, finding.partly.is_some()) {
        (Danger::Rising, false) => high >= alarm,
        (Danger::Rising, true) => low >= alarm,
        (Danger::Falling, false) => low <= alarm,
        (Danger::Falling, true) => high <= alarm,
        (Danger::None, _) => false,
    }
}
