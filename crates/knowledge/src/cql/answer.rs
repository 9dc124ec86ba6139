//! What becomes of each concern, and of all of them together: urgency, first
//! step, disposition. The same sentences as the engine's `decide`, in CQL.

use cauda_guideline::decide::State;
use cauda_guideline::facts::{Kind, Quantity, Sort};
use cauda_guideline::page::{Comparison, PageKind, Test, TestKind};
use cauda_guideline::program::{Concern, FactCells, all_cells};
use cauda_guideline::vocabulary::{FirstStep, Tier};
use cauda_guideline::{Guideline, LoadedPage};

use super::define_of;
use super::facts::fact_name;
use super::rules::{Rules, unresolved};
use super::words::{identifier, list, text};
use crate::error::KnowledgeError;

/// The defines of one concern that follow its rules.
pub(super) fn concern(
    out: &mut String,
    rules: &Rules,
    loaded: &LoadedPage,
) -> Result<(), KnowledgeError> {
    let guideline = rules.guideline;
    let mut known = guideline.program.concerns.iter();
    let concern = known
        .find(|concern| guideline.pages[concern.page].id == loaded.id)
        .ok_or_else(|| unresolved(loaded, "the concern"))?;
    let name = |part: &str| identifier(&define_of(&loaded.id, part));
    let mut define = |part: &str, body: String| {
        out.push_str(&format!("define {}:\n  {body}\n", name(part)));
    };
    let closed = rules.reports(loaded, "closes").join(" or ");
    let own = match loaded.page.excluded {
        Some(_) => name("excluded when"),
        None => format!("not {}", name("when")),
    };
    if closed.is_empty() {
        define("raised", name("when"));
        define("excluded", own);
    } else {
        define("raised", format!("{} and not ({closed})", name("when")));
        define("excluded", format!("({own}) or {closed}"));
    }
    define("state", format!("\"state\"({}, {})", name("raised"), name("excluded")));
    define("open", format!("{} = 'open'", name("state")));
    let answered = rules.reports(loaded, "answered").join(" or ");
    let step = concern.first_step as usize;
    let waits = step.max(FirstStep::OtherTeam as usize);
    define(
        "first step",
        match answered.as_str() {
            "" => step.to_string(),
            _ => format!("if ({answered}) is true then {waits} else {step}"),
        },
    );
    if let Some(settle) = concern.settle {
        let facts: Vec<String> =
            concern.facts.iter().map(|fact| text(&fact_name(&guideline.facts[*fact]))).collect();
        define("looks at", list(&facts, 2));
        let signs = signs(rules, loaded)?;
        let related = match signs.as_slice() {
            [] => "false".to_string(),
            _ => format!("({}) is true", signs.join("\n    or ")),
        };
        define("related sign", related);
        define(
            "settles at",
            format!(
                "if {} and {} then\n    if exists ({looks} intersect \"not known\")\n      \
                 and not exists ({looks} intersect \"never asked\") then {} else null\n  \
                 else null",
                name("open"),
                name("related sign"),
                settle as usize,
                looks = name("looks at"),
            ),
        );
    }
    Ok(())
}

/// The lines of a concern's rule that are a sign by themselves when they hold.
fn signs(rules: &Rules, loaded: &LoadedPage) -> Result<Vec<String>, KnowledgeError> {
    let Some(when) = &loaded.page.when else { return Ok(Vec::new()) };
    let tests = when.tests().into_iter().filter(|test| is_sign(rules.guideline, test));
    let mut found: Vec<String> = Vec::new();
    for test in tests {
        let line = rules.test(loaded, test)?;
        if !found.contains(&line) {
            found.push(line);
        }
    }
    Ok(found)
}

/// A listed danger sign, a definition or another concern; not an age, nor a value
/// assumed until told otherwise.
fn is_sign(guideline: &Guideline, test: &Test) -> bool {
    let index = guideline.fact(&test.subject.text);
    let Some((fact, cells)) =
        index.map(|index| (&guideline.facts[index], &guideline.program.cells[index]))
    else {
        return test.kind == TestKind::Suspected;
    };
    match (&test.kind, &fact.kind) {
        (TestKind::Suspected, _) => true,
        (TestKind::Is(words), Kind::Named { sort, dangerous, assume, .. }) => {
            let danger = words.iter().all(|word| {
                let value = fact.value_index(&word.text);
                value.is_some_and(|value| dangerous.get(value) == Some(&true))
            });
            danger && (*sort == Sort::Derived || assume.is_none())
        }
        (TestKind::Compares { comparison, number, unit }, Kind::Quantity(of)) => {
            let unit = unit.as_ref().map(|unit| unit.text.as_str());
            let place = of.place(&number.text, unit);
            place.is_ok_and(|place| alarms(of, cells, *comparison, place))
        }
        _ => false,
    }
}

/// Whether every number that compares so is a danger sign.
fn alarms(of: &Quantity, cells: &FactCells, comparison: Comparison, place: i64) -> bool {
    let (low, high) = of.range;
    let held = match comparison {
        Comparison::AtLeast => cells.between(place, high),
        Comparison::Above => cells.between(place + 1, high),
        Comparison::AtMost => cells.between(low, place),
        Comparison::Below => cells.between(low, place - 1),
    };
    held & all_cells(cells.count) & !cells.dangerous == 0
}

/// Everything that needs all pages.
pub(super) fn together(out: &mut String, guideline: &Guideline) {
    let concerns: Vec<String> =
        guideline.program.concerns.iter().map(|concern| tuple(guideline, concern)).collect();
    let rows: Vec<String> = guideline
        .program
        .rows
        .iter()
        .map(|row| {
            format!(
                "if {} is true then Tuple {{ go: {}, reassuring: {} }} else null",
                identifier(&guideline.pages[row.page].id),
                text(&row.go),
                row.reassuring
            )
        })
        .collect();
    let tier = choices(&Tier::ALL.map(Tier::id));
    let step = choices(&FirstStep::ALL.map(FirstStep::id));
    out.push_str(&format!(
        "// Urgency from 0, no scan, to {}; first steps from 0, the most far-reaching.\n\
         define function \"tier\"(rank Integer):\n  {tier}\n\
         define function \"step\"(rank Integer):\n  {step}\n\n\
         define \"every concern\":\n  {}\n\n",
        Tier::ALL.len() - 1,
        list(&concerns, 2)
    ));
    out.push_str(
        &include_str!("together.cql")
            .replace("@dispositions", &list(&rows, 3))
            .replace("@chosen", &chosen(guideline))
            .replace("@none", &(FirstStep::None as usize).to_string())
            .replace("@top", &(Tier::Emergency as usize).to_string())
            .replace("@raised", &text(state(State::Raised)))
            .replace("@open", &text(state(State::Open)))
            .replace("@excluded", &text(state(State::Excluded))),
    );
}

/// A disposition that stands: its rule holds, alone, and it need not wait.
fn chosen(guideline: &Guideline) -> String {
    let rows = guideline.program.rows.iter().map(|row| {
        let id = &guideline.pages[row.page].id;
        let (page, name) = (identifier(id), identifier(&define_of(id, "chosen")));
        format!("define {name}:\n  \"disposition\" is not null and {page} is true\n")
    });
    rows.collect()
}

fn state(state: State) -> &'static str {
    match state {
        State::Raised => "raised",
        State::Open => "open",
        State::Excluded => "excluded",
    }
}

fn tuple(guideline: &Guideline, concern: &Concern) -> String {
    let id = &guideline.pages[concern.page].id;
    let settles = match concern.settle {
        Some(_) => identifier(&define_of(id, "settles at")),
        None => "null as Integer".to_string(),
    };
    let kind = match concern.kind {
        PageKind::Scope => "scope",
        PageKind::Gate => "elsewhere",
        _ => "spine",
    };
    format!(
        "Tuple {{ page: {}, kind: {}, state: {}, tier: {}, step: {}, settles: {settles} }}",
        text(id),
        text(kind),
        identifier(&define_of(id, "state")),
        concern.tier as usize,
        identifier(&define_of(id, "first step")),
    )
}

fn choices(names: &[&str]) -> String {
    let mut out = String::new();
    for (rank, name) in names.iter().enumerate() {
        out.push_str(&format!("if rank = {rank} then {} else ", text(name)));
    }
    out.push_str("null");
    out
}
