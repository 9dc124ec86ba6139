//! Where the answers lead.
//!
//! Four patients are decided, and the highest level counts.
//! 1. As told. An examination would find more.
//! 2. As told, and nothing else can be had at home: what the guideline does "if it cannot be known",
//!    where two signs of one concern are told and a test of it is due.
//! 3. As told, and everything that was not sure at its worst, so that "I am not sure" is never a "no".
//! 4. As told, after an examination that finds nothing: what would be said and advised then.

use cauda_guideline::Guideline;
use cauda_guideline::decide::{decide, decide_with_truths};
use cauda_guideline::decision::{AdviceState, Decision, Spoken, explain};
use cauda_guideline::facts::{By, FactIndex, Kind, Sort};
use cauda_guideline::resolve::{Finding, Findings, Patient, Said};
use cauda_guideline::visit::read_value;
use cauda_guideline::vocabulary::Tier;

use crate::answers::Answers;
use crate::topic::Topic;

/// What to do, the least urgent first. None of them says that no care is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Look after it, and watch for the danger signs.
    SelfCare,
    /// See somebody this week.
    Soon,
    /// Go to an emergency department today.
    Emergency,
    /// Call the emergency number now.
    Call,
}

impl Level {
    /// All of them.
    pub const ALL: [Level; 4] = [Level::SelfCare, Level::Soon, Level::Emergency, Level::Call];

    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            Level::SelfCare => "self_care",
            Level::Soon => "soon",
            Level::Emergency => "emergency",
            Level::Call => "call",
        }
    }

    /// What an urgency means at home.
    fn of(tier: Tier) -> Level {
        match tier {
            Tier::Immediate => Level::Call,
            Tier::Emergency | Tier::Urgent => Level::Emergency,
            Tier::Booked | Tier::Outpatient => Level::Soon,
            Tier::None => Level::SelfCare,
        }
    }
}

/// Whether a scan is likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mri {
    /// The guideline asks for an MRI by what was told.
    Likely,
    /// It asks for another picture first.
    OtherFirst,
    /// It hangs on what an examination finds, or on what the patient is not sure of.
    Depends,
    /// Not if an examination finds nothing new.
    Unlikely,
}

/// What the patient is told. All texts are the guideline's, for patients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What to do.
    pub level: Level,
    /// Under 18, or without an age: nothing here may reassure.
    pub for_adults_only: bool,
    /// Answers that matter most: the question and what was answered.
    pub because: Vec<(String, String)>,
    /// Questions the patient is not sure of and that could raise the level.
    pub unsure: Vec<String>,
    /// No sign at all was told, old or new, and nothing was unsure.
    pub no_sign: bool,
    /// Whether an MRI is likely.
    pub mri: Mri,
    /// The pictures that are likely, in order.
    pub pictures: Vec<Spoken>,
    /// Why no scan is made if an examination finds nothing, and what one would cost.
    pub instead_of_scan: Vec<Spoken>,
    /// What the department will do first.
    pub department: Vec<Spoken>,
    /// When to call for help at once.
    pub return_list: Vec<Spoken>,
    /// Some pages were not finished, as the answer was certain before.
    pub stopped_early: bool,
}

/// The guideline's word for one's own doctor.
const PRIMARY_CARE: &str = "primary_care";
/// How long the pain has been there, and what the guideline asks weeks later instead.
const LASTED: &str = "pain_duration";
const SINCE: &str = "weeks_since_first_visit";
const COURSE: &str = "course_since_visit";
const SAME: &str = "same";
/// Pages before an emergency ends the check.
const EARLY: [Topic; 5] = [Topic::You, Topic::Sudden, Topic::Injury, Topic::Bladder, Topic::Legs];
/// Signs of one line of the return list that bring a patient in.
const SIGNS_OF_A_LINE: usize = 3;
/// Most answers given as reasons.
const BECAUSE_MAX: usize = 4;
/// Most steps of the department that are told.
const DEPARTMENT_MAX: usize = 4;

/// The outcome, once every page is finished or an emergency is certain; nothing before.
pub fn outcome(guideline: &Guideline, answers: &Answers, now: i64) -> Option<Outcome> {
    let program = &guideline.program;
    let findings = answers.findings(guideline, now);
    let patient = findings.patient();
    let told = decide(program, &patient);
    let is_over = answers.next().is_none();
    let certain = match told.acted {
        _ if calls(guideline, answers) => answers.is_done(Topic::You),
        Tier::Immediate => answers.is_done(Topic::You),
        // An ambulance is not missed because a page was left out.
        Tier::Emergency => EARLY.iter().all(|topic| answers.is_done(*topic)),
        _ => false,
    };
    if !is_over && !certain {
        return None;
    }
    let worst = decide(program, &at_worst(guideline, answers, &patient));
    let mut level = Level::of(told.acted);
    if calls(guideline, answers) {
        level = Level::Call;
    }
    // What the patient is not sure of is looked at today, and not by an ambulance.
    level = level.max(Level::of(worst.acted).min(Level::Emergency));
    level = level.max(cannot_wait(guideline, answers, &findings));
    if is_on_the_return_list(guideline, answers) {
        level = level.max(Level::Emergency);
    }
    let mut examined = clear_examination(guideline, answers, &findings);
    has_lasted(guideline, answers, &mut examined);
    let then = explain(guideline, &examined, None);
    level = level.max(Level::of(then.urgency.acted_on));
    let for_adults_only = !told.in_scope;
    let unsure: Vec<FactIndex> = answers.unsure(guideline);
    let any_sign = is_any_sign_told(guideline, answers);
    if for_adults_only || any_sign || !unsure.is_empty() || is_referred(&then) {
        level = level.max(Level::Soon);
    }
    let told = explain(guideline, &findings, None);
    let first = told.imaging.first().map(|image| image.modality.as_str());
    let mri = match first {
        Some(_) if told.imaging.iter().any(|image| image.modality == "mri") => Mri::Likely,
        Some(_) => Mri::OtherFirst,
        // Nothing reassures whom the guideline is not for.
        None if level >= Level::Emergency || !unsure.is_empty() || for_adults_only => Mri::Depends,
        None => Mri::Unlikely,
    };
    Some(Outcome {
        level,
        for_adults_only,
        because: because(guideline, answers, &told),
        unsure: unsure.iter().map(|fact| guideline.facts[*fact].patient.clone()).collect(),
        mri,
        pictures: told.imaging.iter().map(|image| image.spoken.clone()).collect(),
        no_sign: !any_sign && unsure.is_empty(),
        instead_of_scan: match for_adults_only {
            true => Vec::new(),
            false => instead_of_scan(guideline, &then, any_sign || !unsure.is_empty()),
        },
        department: told
            .actions
            .iter()
            .map(|action| action.spoken.clone())
            // Whom the staff call is not what happens to the patient.
            .filter(|spoken| guideline.vocabulary.get("call", &spoken.id).is_none())
            .take(DEPARTMENT_MAX)
            .collect(),
        return_list: return_list(guideline),
        stopped_early: !is_over,
    })
}

/// A sign for an ambulance is told, or the patient is not sure of one.
fn calls(guideline: &Guideline, answers: &Answers) -> bool {
    let told: Vec<FactIndex> = dangers_told(guideline, answers).collect();
    let unsure = answers.unsure(guideline);
    let mut signs = guideline.ambulance.iter().filter_map(|id| guideline.fact(id));
    signs.any(|sign| told.contains(&sign) || unsure.contains(&sign))
}

/// Several signs of one line of the return list, for which somebody who was sent home comes back
/// at once.
fn is_on_the_return_list(guideline: &Guideline, answers: &Answers) -> bool {
    let told: Vec<FactIndex> = dangers_told(guideline, answers).collect();
    let lines = guideline.vocabulary.lists().filter(|(list, _)| *list == "return");
    let mut lines = lines.flat_map(|(_, entries)| entries);
    lines.any(|(_, _, phrase)| {
        let facts = phrase.facts.iter().filter_map(|id| guideline.fact(id));
        facts.filter(|fact| told.contains(fact)).count() >= SIGNS_OF_A_LINE
    })
}

/// Any sign told, also one that is there for a long time: nobody has looked at it yet, and what is
/// long for one patient is new for a physician.
fn is_any_sign_told(guideline: &Guideline, answers: &Answers) -> bool {
    let mut told = answers.said().filter_map(|(id, value)| {
        let fact = &guideline.facts[guideline.fact(id)?];
        let Kind::Named { sort, clear, .. } = &fact.kind else { return None };
        let is_sign = matches!(sort, Sort::Finding | Sort::FindingWithOnset);
        let value = fact.value_index(value).filter(|_| is_sign)?;
        Some(value != *clear)
    });
    told.any(|told| told)
}

/// Danger signs that were told.
fn dangers_told<'a>(
    guideline: &'a Guideline,
    answers: &'a Answers,
) -> impl Iterator<Item = FactIndex> + 'a {
    answers.said().filter_map(|(id, value)| {
        let fact = guideline.fact(id)?;
        // A choice is a detail of a sign, as when an operation was.
        let is_sign = matches!(
            guideline.facts[fact].kind,
            Kind::Named { sort: Sort::Finding | Sort::FindingWithOnset, .. }
        );
        let value = guideline.facts[fact].value_index(value).filter(|_| is_sign)?;
        (guideline.program.cells[fact].dangerous >> value & 1 == 1).then_some(fact)
    })
}

/// Everybody who goes home is told to see their own doctor; what counts is a team beyond that.
fn is_referred(then: &Decision) -> bool {
    let given = then.follow_up.iter().filter(|advised| advised.state == AdviceState::Given);
    let mut teams = given.flat_map(|advised| &advised.says).filter(|line| line.key == "refer");
    teams.any(|line| line.spoken.id != PRIMARY_CARE)
}

/// Two signs of one concern, and a test of it that is due and that nobody can do at home: what the
/// guideline does "if it cannot be known".
fn cannot_wait(guideline: &Guideline, answers: &Answers, findings: &Findings) -> Level {
    let program = &guideline.program;
    let (_, truths) = decide_with_truths(program, &findings.patient());
    let verdict = decide(program, &at_home(guideline, findings));
    let told: Vec<FactIndex> = dangers_told(guideline, answers).collect();
    let settled = program.concerns.iter().enumerate().filter(|(index, concern)| {
        let due =
            |fact: &&FactIndex| program.needed[**fact].is_some_and(|test| truths.is_true(test));
        let signs = concern.facts.iter().filter(|fact| told.contains(fact)).count();
        verdict.settled >> index & 1 == 1
            && signs >= 2
            && concern.facts.iter().any(|fact| due(&fact))
    });
    let levels = settled.map(|(_, concern)| Level::of(concern.settle.unwrap_or(Tier::None)));
    levels.max().unwrap_or(Level::SelfCare).min(Level::Emergency)
}

/// Nothing but what was told can be had at home.
fn at_home(guideline: &Guideline, findings: &Findings) -> Patient {
    let mut patient = findings.patient();
    for (index, fact) in guideline.entered_facts() {
        let unknown = matches!(findings.by_fact[index].said, Said::Unknown(_));
        patient.cannot_be_had[index] |= unknown && fact.assumed().is_none();
    }
    patient
}

/// The patient with everything that was not sure at its most dangerous.
fn at_worst(guideline: &Guideline, answers: &Answers, patient: &Patient) -> Patient {
    dangerous(guideline, patient, &answers.unsure(guideline))
}

fn dangerous(guideline: &Guideline, patient: &Patient, facts: &[FactIndex]) -> Patient {
    let mut worst = patient.clone();
    for fact in facts {
        let cells = &guideline.program.cells[*fact];
        if let Some(cell) = cells.by_danger().last() {
            worst.cells[*fact] = 1 << cell;
            worst.cannot_be_had[*fact] = false;
        }
    }
    worst
}

/// What would be known after an examination that finds nothing: everything that is open is clear.
/// What the patient is not sure of stays so.
fn clear_examination(guideline: &Guideline, answers: &Answers, findings: &Findings) -> Findings {
    let mut examined = findings.clone();
    let clear = Patient::clear(guideline);
    let unsure = answers.unsure(guideline);
    for (index, finding) in examined.by_fact.iter_mut().enumerate() {
        let entered = guideline.facts[index].by != By::Derived;
        let open = matches!(finding.said, Said::Unknown(_)) && !unsure.contains(&index);
        if entered && open {
            let said = match &guideline.facts[index].kind {
                Kind::Named { clear, .. } => Said::Value(*clear),
                Kind::Quantity(quantity) => Said::Between(quantity.clear, quantity.clear),
            };
            *finding = Finding { said, cells: clear.cells[index], ..*finding };
        }
    }
    examined
}

/// The pain is no better since it began, so what the guideline does after so many weeks is due.
fn has_lasted(guideline: &Guideline, answers: &Answers, examined: &mut Findings) {
    let told = answers.of(LASTED);
    let (Some(told), Some(since), Some(course)) =
        (told, guideline.fact(SINCE), guideline.fact(COURSE))
    else {
        return;
    };
    let same = guideline.facts[course].value_index(SAME).map(Said::Value);
    let read = |fact: FactIndex, text: &str| read_value(&guideline.facts[fact], text).ok();
    for (fact, said) in [(since, read(since, told)), (course, same)] {
        if let Some(said) = said {
            let cells = cells_of(guideline, fact, said);
            examined.by_fact[fact] = Finding { said, cells, ..examined.by_fact[fact] };
        }
    }
}

fn cells_of(guideline: &Guideline, fact: FactIndex, said: Said) -> u16 {
    let cells = &guideline.program.cells[fact];
    match said {
        Said::Value(value) => 1 << value,
        Said::Between(low, high) => cells.between(low, high),
        Said::Unknown(_) => cells.all(),
    }
}

/// Answers that force the urgency, else every dangerous one.
fn because(guideline: &Guideline, answers: &Answers, told: &Decision) -> Vec<(String, String)> {
    let said = |id: &str| {
        let value = answers.of(id).filter(|value| *value != crate::UNSURE)?;
        let fact = &guideline.facts[guideline.fact(id)?];
        let words = crate::options(fact).into_iter().find(|(known, _)| known == value);
        let words = words.map_or_else(|| value.to_string(), |(_, words)| words);
        let is_clear =
            matches!(&fact.kind, Kind::Named { values, clear, .. } if values[*clear] == value);
        (!is_clear && fact.id != "age").then(|| (fact.patient.clone(), words))
    };
    let forcing: Vec<_> = told.why.iter().filter_map(|shown| said(&shown.fact)).collect();
    let all = answers.said().filter_map(|(id, _)| said(id));
    let mut because = if forcing.is_empty() { all.collect() } else { forcing };
    because.truncate(BECAUSE_MAX);
    because
}

/// When to call at once: every line, as nobody has examined the patient yet.
fn return_list(guideline: &Guideline) -> Vec<Spoken> {
    let lines = guideline.vocabulary.lists().filter(|(list, _)| *list == "return");
    let lines = lines.flat_map(|(_, entries)| entries).map(|(id, _, phrase)| Spoken {
        id: id.clone(),
        staff: phrase.staff.clone(),
        patient: phrase.patient.clone(),
    });
    lines.collect()
}

/// Why no scan, and what one would cost or show by chance.
fn instead_of_scan(guideline: &Guideline, then: &Decision, told: bool) -> Vec<Spoken> {
    let given = then.follow_up.iter().filter(|advised| advised.state == AdviceState::Given);
    let of_scans = given.flat_map(|advised| &advised.says).map(|line| &line.spoken);
    let of_scans = of_scans.filter(|spoken| {
        let phrase = guideline.vocabulary.get("action", &spoken.id);
        phrase.is_some_and(|phrase| phrase.instead_of_scan)
    });
    // "We found none" is not said to somebody who told of one.
    let none = then.no_imaging_because.iter().filter(|_| !told);
    none.chain(of_scans).cloned().collect()
}
