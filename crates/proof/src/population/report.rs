//! What came out of a population, beside the ceilings, with 95 percent limits.

use cauda_guideline::Guideline;
use cauda_guideline::decide::Verdict;
use cauda_guideline::vocabulary::Tier;
use serde::Serialize;

use super::draw::{self, Source};
use super::interview::{Groups, Interview, interview};
use super::tally::Tally;
use super::visit::visit;
use super::{Population, rate};

/// How much to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Patients decided.
    pub patients: u64,
    /// Of those, the first ones are interviewed question by question.
    pub interviews: u64,
    /// Seed of the patients.
    pub seed: u64,
}

/// A share with its 95 percent limits (Wilson), in percent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The share, in percent.
    pub percent: f64,
    /// Lower limit, in percent.
    pub low: f64,
    /// Upper limit, in percent.
    pub high: f64,
}

/// One ceiling.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CeilingLine {
    /// Its id.
    pub id: String,
    /// For people.
    pub what: String,
    /// How many counted.
    pub share: Share,
    /// The most, in percent.
    pub most: f64,
    /// Whether the share is not above it.
    pub holds: bool,
    /// Of a scan: the concern that alone makes patients count, or `several`.
    pub causes: Vec<Line>,
    /// The commonest danger signs of those who count and have nothing that is
    /// due at urgent or above; one patient may have several.
    pub signs: Vec<Line>,
}

/// A named share.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What it is the share of.
    pub id: String,
    /// The share.
    pub share: Share,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConditionLine {
    /// Its id.
    pub id: String,
    /// For people.
    pub what: String,
    /// The tier that is due.
    pub due: Option<Tier>,
    /// How many had it.
    pub patients: u64,
    /// Acted on at that tier or above; of everybody where none is due.
    pub found: Share,
    /// Below it, still in the department.
    pub stays: u64,
    /// Below it, a senior physician decides.
    pub undecided: u64,
    /// Below it, and left the department: missed.
    pub leaves: u64,
    /// MRI within 24 hours first.
    pub mri: Share,
}

/// One concern page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PageLine {
    /// Its id.
    pub id: String,
    /// Its tier.
    pub tier: Tier,
    /// What it does first.
    pub first_step: String,
    /// Raised in.
    pub raised: Share,
    /// The only cause of urgency and first step.
    pub alone: Share,
    /// Of those raised, with a condition due at urgent or above.
    pub serious: Share,
    /// Stays open with nothing left to learn.
    pub stuck: Share,
}

/// Questions and actions up to the decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EffortLine {
    /// The disposition, `all` or `cannot_decide_yet`.
    pub id: String,
    /// Patients interviewed who ended there.
    pub patients: u64,
    /// Facts answered: median, 90th, 99th percentile.
    pub questions: [u32; 3],
    /// Things done: the same.
    pub actions: [u32; 3],
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Id of the model.
    pub population: String,
    /// Its edition.
    pub edition: u32,
    /// Its SHA-256.
    pub population_sha256: String,
    /// SHA-256 of the guideline.
    pub guideline_sha256: String,
    /// Seed.
    pub seed: u64,
    /// Patients decided.
    pub patients: u64,
    /// Ceilings.
    pub ceilings: Vec<CeilingLine>,
    /// Tiers acted on, the most urgent first.
    pub tiers: Vec<Line>,
    /// Dispositions.
    pub dispositions: Vec<Line>,
    /// Patients with at least one danger sign.
    pub any_danger_sign: Share,
    /// Conditions.
    pub conditions: Vec<ConditionLine>,
    /// Concern pages.
    pub pages: Vec<PageLine>,
    /// Patients interviewed, and of those the ones decided before the questions ended.
    pub interviews: Share,
    /// Questions and actions, over all and by disposition.
    pub effort: Vec<EffortLine>,
    /// Facts that can be entered and that the model does not name.
    pub not_in_the_model: Vec<String>,
}

impl Report {
    /// Whether no ceiling is broken.
    pub fn holds(&self) -> bool {
        self.ceilings.iter().all(|ceiling| ceiling.holds)
    }
}

/// Takes patients through the guideline and counts.
pub fn run(guideline: &Guideline, population: &Population, size: Size) -> Report {
    let source = Source::new(guideline, population, size.seed);
    let groups = Groups::new(guideline, population);
    let mut tally = Tally::new(guideline, population);
    let mut interviews = Vec::new();
    for number in 0..size.patients.min(super::PATIENTS_MAX) {
        let person = source.person(number);
        tally.add(guideline, population, &person, &visit(guideline, &person));
        if number < size.interviews {
            interviews.push(interview(guideline, &groups, &person));
        }
    }
    let of = |count: u64| share(count, tally.patients);
    let line = |id: &str, count: u64| Line { id: id.to_string(), share: of(count) };
    let rows = &guideline.program.rows;
    let mut dispositions: Vec<Line> = names(guideline)
        .into_iter()
        .map(|go| {
            let of_it = rows.iter().zip(&tally.rows).filter(|(row, _)| row.go == go);
            line(go, of_it.map(|(_, count)| count).sum())
        })
        .collect();
    dispositions.push(line("cannot_decide_yet", tally.no_row));
    let tiers = Tier::ALL.iter().rev();
    let decided = interviews.iter().filter(|one| one.verdict.decided).count() as u64;
    let not_in_the_model = draw::unnamed(guideline, population);
    Report {
        population: population.id.clone(),
        edition: population.edition,
        population_sha256: population.sha256.clone(),
        guideline_sha256: guideline.sha256.clone(),
        seed: size.seed,
        patients: tally.patients,
        ceilings: ceilings(guideline, population, &tally),
        tiers: tiers.map(|tier| line(tier.id(), tally.tiers[*tier as usize])).collect(),
        dispositions,
        any_danger_sign: of(tally.any_sign),
        conditions: conditions(population, &tally),
        pages: pages(guideline, &tally),
        interviews: share(decided, interviews.len() as u64),
        effort: effort(guideline, &interviews),
        not_in_the_model: not_in_the_model.map(|fact| guideline.facts[fact].id.clone()).collect(),
    }
}

/// Most danger signs told of one ceiling.
const SIGNS_MAX: usize = 12;

fn signs(guideline: &Guideline, tally: &Tally, at: usize) -> Vec<Line> {
    let counts = tally.signs[at].iter().enumerate().filter(|(_, count)| **count > 0);
    let mut signs: Vec<Line> = counts
        .map(|(fact, count)| Line {
            id: guideline.facts[fact].id.clone(),
            share: share(*count, tally.patients),
        })
        .collect();
    signs.sort_by_key(|sign| std::cmp::Reverse(sign.share.count));
    signs.truncate(SIGNS_MAX);
    signs
}

fn ceilings(guideline: &Guideline, population: &Population, tally: &Tally) -> Vec<CeilingLine> {
    let lines = population.ceilings.iter().enumerate().map(|(at, ceiling)| {
        let count = &tally.ceilings[at];
        let parts = u128::from(*count) * u128::from(rate::WHOLE);
        let mut causes: Vec<Line> = tally.causes[at]
            .iter()
            .map(|(id, count)| Line { id: id.clone(), share: share(*count, tally.patients) })
            .collect();
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.share.count));
        CeilingLine {
            id: ceiling.id.clone(),
            what: ceiling.what.clone(),
            share: share(*count, tally.patients),
            most: f64::from(ceiling.most) / 10_000.0,
            holds: parts <= u128::from(ceiling.most) * u128::from(tally.patients),
            causes,
            signs: signs(guideline, tally, at),
        }
    });
    lines.collect()
}

fn conditions(population: &Population, tally: &Tally) -> Vec<ConditionLine> {
    let lines = population.conditions.iter().zip(&tally.conditions).map(|(condition, count)| {
        ConditionLine {
            id: condition.id.clone(),
            what: condition.what.clone(),
            due: condition.due,
            patients: count.patients,
            found: share(count.found, count.patients),
            stays: count.stays,
            undecided: count.undecided,
            leaves: count.leaves,
            mri: share(count.mri, count.patients),
        }
    });
    lines.collect()
}

fn pages(guideline: &Guideline, tally: &Tally) -> Vec<PageLine> {
    let lines =
        guideline.program.concerns.iter().zip(&tally.pages).map(|(concern, count)| PageLine {
            id: guideline.pages[concern.page].id.clone(),
            tier: concern.tier,
            first_step: concern.first_step.id().to_string(),
            raised: share(count.raised, tally.patients),
            alone: share(count.alone, tally.patients),
            serious: share(count.serious, count.raised),
            stuck: share(count.stuck, tally.patients),
        });
    lines.collect()
}

fn effort(guideline: &Guideline, interviews: &[Interview]) -> Vec<EffortLine> {
    let go = |verdict: &Verdict| {
        verdict.row.map_or("cannot_decide_yet", |row| guideline.program.rows[row].go.as_str())
    };
    let mut ends = names(guideline);
    ends.insert(0, "all");
    ends.push("cannot_decide_yet");
    let lines = ends.into_iter().filter_map(|name| {
        let ended = |one: &&Interview| name == "all" || go(&one.verdict) == name;
        let here: Vec<&Interview> = interviews.iter().filter(ended).collect();
        (!here.is_empty()).then(|| EffortLine {
            id: name.to_string(),
            patients: here.len() as u64,
            questions: percentiles(here.iter().map(|one| one.questions)),
            actions: percentiles(here.iter().map(|one| one.actions)),
        })
    });
    lines.collect()
}

/// Every disposition once, in the order of its first page.
fn names(guideline: &Guideline) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for row in &guideline.program.rows {
        if !names.contains(&row.go.as_str()) {
            names.push(&row.go);
        }
    }
    names
}

/// Median, 90th and 99th percentile: the least number that reaches that share.
fn percentiles(numbers: impl Iterator<Item = u32>) -> [u32; 3] {
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    [50, 90, 99].map(|percent| {
        let at = (numbers.len() * percent).div_ceil(100).saturating_sub(1);
        numbers.get(at).copied().unwrap_or_default()
    })
}

/// `count` of `of` with Wilson's 95 percent limits; all zero of nobody.
pub fn share(count: u64, of: u64) -> Share {
    if of == 0 {
        return Share { count, of, percent: 0.0, low: 0.0, high: 0.0 };
    }
    const Z: f64 = 1.959_964;
    let (n, share) = (of as f64, count as f64 / of as f64);
    let middle = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + Z * Z / n;
    let percent = |share: f64| (share.clamp(0.0, 1.0) * 1e6).round() / 1e4;
    Share {
        count,
        of,
        percent: percent(share),
        low: percent((middle - spread) / whole),
        high: percent((middle + spread) / whole),
    }
}

#[cfg(test)]
mod tests {
    use super::{percentiles, share};

    #[test]
    fn limits_are_wilsons() {
        // Newcombe 1998: 81 of 263 gives 0.2553 to 0.3662, none of 20 gives 0 to 0.1611.
        let published = |count, of| {
            let share = share(count, of);
            [share.low, share.high].map(|limit| (limit * 100.0).round() / 100.0)
        };
        assert_eq!(published(81, 263), [25.53, 36.62]);
        assert_eq!(published(0, 20), [0.0, 16.11]);
        assert_eq!(share(0, 0).high, 0.0);
    }

    #[test]
    fn percentiles_are_members_of_the_list() {
        assert_eq!(percentiles((1..=100).rev()), [50, 90, 99]);
        assert_eq!(percentiles([7].into_iter()), [7, 7, 7]);
        assert_eq!(percentiles(std::iter::empty()), [0, 0, 0]);
    }
}
