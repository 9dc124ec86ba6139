//! Counts over many patients.

use std::collections::{BTreeMap, BTreeSet};

use cauda_guideline::decide::{State, Verdict};
use cauda_guideline::vocabulary::Tier;
use cauda_guideline::{Guideline, facts::FactIndex};

use super::draw::Person;
use super::visit::Visit;
use super::{Counts, Population};

/// Counts of the patients seen.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Patients.
    pub patients: u64,
    /// By tier acted on.
    pub tiers: [u64; 6],
    /// By disposition, in the order of the program's rows.
    pub rows: Vec<u64>,
    /// Without a disposition.
    pub no_row: u64,
    /// With at least one danger sign, whatever it is.
    pub any_sign: u64,
    /// By ceiling.
    pub ceilings: Vec<u64>,
    /// By ceiling, the concern that alone makes patients count, or `several`.
    pub causes: Vec<BTreeMap<String, u64>>,
    /// By ceiling and fact, of patients who count and have nothing that is due
    /// at urgent or above: those in whom the fact is a danger sign.
    pub signs: Vec<Vec<u64>>,
    /// By concern page.
    pub pages: Vec<PageTally>,
    /// By condition.
    pub conditions: Vec<ConditionTally>,
}

/// Counts of one concern page.
#[derive(Clone, Debug, Default)]
pub struct PageTally {
    /// Patients it is raised in.
    pub raised: u64,
    /// Of those, the ones with a condition that is due at urgent or above.
    pub serious: u64,
    /// Patients whose urgency and first step are this page's alone: without it
    /// they would be less urgent or begin elsewhere.
    pub alone: u64,
    /// Patients in whom it stays open and nothing more can be learnt.
    pub stuck: u64,
}

/// Counts of one condition.
#[derive(Clone, Debug, Default)]
pub struct ConditionTally {
    /// Patients who have it.
    pub patients: u64,
    /// Acted on at the tier that is due or above.
    pub found: u64,
    /// Below it, and still in the department with a disposition.
    pub stays: u64,
    /// Below it, and no disposition stands: a senior physician decides.
    pub undecided: u64,
    /// Below it, and leaves the department.
    pub leaves: u64,
    /// Whose first step is a scan by MRI within 24 hours.
    pub mri: u64,
}

impl Tally {
    /// Nobody yet.
    pub fn new(guideline: &Guideline, population: &Population) -> Tally {
        Tally {
            rows: vec![0; guideline.program.rows.len()],
            ceilings: vec![0; population.ceilings.len()],
            causes: vec![BTreeMap::new(); population.ceilings.len()],
            signs: vec![vec![0; guideline.facts.len()]; population.ceilings.len()],
            pages: vec![PageTally::default(); guideline.program.concerns.len()],
            conditions: vec![ConditionTally::default(); population.conditions.len()],
            ..Tally::default()
        }
    }

    /// Counts one more.
    pub fn add(
        &mut self,
        guideline: &Guideline,
        population: &Population,
        who: &Person,
        end: &Visit,
    ) {
        let verdict = &end.verdict;
        self.patients += 1;
        self.tiers[verdict.acted as usize] += 1;
        match verdict.row {
            Some(row) => self.rows[row] += 1,
            None => self.no_row += 1,
        }
        let signs: Vec<FactIndex> = danger_signs(guideline, end).collect();
        self.any_sign += u64::from(!signs.is_empty());
        let serious = population.conditions[who.condition].due >= Some(Tier::Urgent);
        for (at, ceiling) in population.ceilings.iter().enumerate() {
            if counts(guideline, &ceiling.counts, end) {
                self.ceilings[at] += 1;
                for fact in signs.iter().filter(|_| !serious) {
                    self.signs[at][*fact] += 1;
                }
                if let Counts::FirstStep(..) = ceiling.counts {
                    *self.causes[at].entry(cause(guideline, verdict)).or_default() += 1;
                }
            }
        }
        self.pages(guideline, verdict, serious);
        self.condition(guideline, population, who.condition, verdict);
    }

    fn pages(&mut self, guideline: &Guideline, verdict: &Verdict, serious: bool) {
        let leads = |index: usize| leads(guideline, verdict, index);
        let leading = (0..self.pages.len()).filter(|index| leads(*index)).count();
        for (index, page) in self.pages.iter_mut().enumerate() {
            page.stuck += verdict.stuck >> index & 1;
            if verdict.state(index) == State::Raised {
                page.raised += 1;
                page.serious += u64::from(serious);
                page.alone += u64::from(leading == 1 && leads(index));
            }
        }
    }

    fn condition(
        &mut self,
        guideline: &Guideline,
        population: &Population,
        condition: usize,
        verdict: &Verdict,
    ) {
        use cauda_guideline::vocabulary::FirstStep::Mri;
        let count = &mut self.conditions[condition];
        count.patients += 1;
        count.mri += u64::from(verdict.first_step == Mri && verdict.acted >= Tier::Urgent);
        let due = population.conditions[condition].due.unwrap_or(Tier::None);
        let row = verdict.row.map(|row| &guideline.program.rows[row].go);
        let place = match row {
            _ if verdict.acted >= due => &mut count.found,
            None => &mut count.undecided,
            Some(go) if population.leaves.contains(go) => &mut count.leaves,
            Some(_) => &mut count.stays,
        };
        *place += 1;
    }
}

/// Whether urgency and first step are those of this concern page.
fn leads(guideline: &Guideline, verdict: &Verdict, index: usize) -> bool {
    let concern = &guideline.program.concerns[index];
    let settled = verdict.settled >> index & 1 == 1;
    let tier = if settled { concern.settle } else { Some(concern.tier) };
    (settled || verdict.state(index) == State::Raised)
        && (tier, concern.first_step) == (Some(verdict.acted), verdict.first_step)
}

/// The concern all leading pages belong to, or `several`.
fn cause(guideline: &Guideline, verdict: &Verdict) -> String {
    let concerns = &guideline.program.concerns;
    let leading = (0..concerns.len()).filter(|index| leads(guideline, verdict, *index));
    let names: BTreeSet<&str> = leading
        .filter_map(|index| {
            let page = &guideline.pages[concerns[index].page].page;
            page.then_phrases("concern").next().map(|word| word.text.as_str())
        })
        .collect();
    match names.len() {
        1 => names.into_iter().collect(),
        _ => "several".to_string(),
    }
}

/// Whether the patient counts towards a ceiling.
pub fn counts(guideline: &Guideline, who: &Counts, end: &Visit) -> bool {
    match who {
        Counts::FirstStep(step, tiers) => {
            end.verdict.first_step == *step && tiers.contains(&end.verdict.acted)
        }
        Counts::Needs(page) => {
            let of_page = |fact: &FactIndex| guideline.facts[*fact].needed.as_ref() == Some(page);
            let fact = (0..guideline.facts.len()).find(of_page);
            let place = fact.and_then(|fact| guideline.program.needed[fact]);
            place.is_some_and(|place| end.truths.is_true(place))
        }
        Counts::Undecided => !end.verdict.decided,
    }
}

/// Facts whose answer, for certain, is a danger sign by itself.
fn danger_signs<'a>(
    guideline: &'a Guideline,
    end: &'a Visit,
) -> impl Iterator<Item = FactIndex> + 'a {
    let asked = guideline.entered_facts().filter(|(_, fact)| fact.assumed().is_none());
    asked.map(|(fact, _)| fact).filter(|fact| {
        let dangerous = guideline.program.cells[*fact].dangerous;
        dangerous != 0 && end.patient.cells[*fact] & !dangerous == 0
    })
}
