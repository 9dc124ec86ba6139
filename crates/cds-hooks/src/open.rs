//! What is open: groups that one signature answers (CR6), and what has to be asked alone.

use cauda_guideline::decision::{AdviceState, Missing, OpenGroup, asked_alone, open_groups};

use crate::markdown::{escape, first};
use crate::situation::{Kind, Situation};
use crate::summary::fit;

/// Most characters of what a group covers.
const GROUP_MAX: usize = 130;
/// Most questions that are listed.
const ALONE_MAX: usize = 6;

/// How many signatures and single answers are open, in words; `None` if nothing is.
pub(crate) fn counted(situation: &Situation) -> Option<String> {
    let (groups, alone) = (groups(situation).len(), alone(situation).len());
    let plural = |count: usize, one: &str, more: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {more}"),
    };
    let groups_words = plural(groups, "group to sign", "groups to sign");
    let alone_words = plural(alone, "question", "questions");
    match (groups, alone) {
        (0, 0) => None,
        (0, _) => Some(alone_words),
        (_, 0) => Some(groups_words),
        _ => Some(format!("{groups_words} and {alone_words}")),
    }
}

/// The groups, each with what it covers and who may sign it.
pub(crate) fn signatures(situation: &Situation) -> Vec<String> {
    let line = |group: &OpenGroup| {
        let roles: Vec<&str> = group.attestation.of.iter().map(|role| role.words()).collect();
        let answers = match group.open.len() {
            1 => "1 answer".to_string(),
            count => format!("{count} answers"),
        };
        let staff = fit(&group.attestation.staff, GROUP_MAX);
        format!("{} ({answers}; {})", escape(&staff), escape(&roles.join(" or ")))
    };
    groups(situation).iter().map(line).collect()
}

/// The questions that no signature answers, those that matter most first. A card that only asks
/// lists the groups above; any other says how many there are.
pub(crate) fn questions(situation: &Situation, kind: Kind) -> Vec<String> {
    let names = alone(situation).into_iter().map(|name| escape(&name));
    let mut items = first(names.collect(), ALONE_MAX);
    let groups = groups(situation).len();
    if kind != Kind::Questions && groups > 0 {
        let words = if groups == 1 { "group" } else { "groups" };
        items.push(format!(
            "{groups} {words} of questions that one signature each answers in Cauda"
        ));
    }
    items
}

fn groups<'a>(situation: &Situation<'a>) -> Vec<OpenGroup<'a>> {
    open_groups(situation.guideline, situation.decision)
}

/// Names of what is asked alone. Where the answer stands, of what a picture after the visit
/// waits for.
fn alone(situation: &Situation) -> Vec<String> {
    let decision = situation.decision;
    let alone = asked_alone(situation.guideline, decision);
    // A value of the chart that counts only where it is dangerous is known, and still to be taken.
    let name = |missing: &&Missing| {
        let read = situation.used.iter().find(|used| used.fact == missing.fact);
        read.map_or_else(
            || missing.name.clone(),
            |used| format!("{} (in the chart {}, not counted as normal)", missing.name, used.value),
        )
    };
    let mut names: Vec<String> = alone.iter().map(name).collect();
    if decision.missing.iter().all(|missing| missing.detail_only) {
        let waiting = decision.follow_up.iter().filter(|page| {
            page.state == AdviceState::Waits && page.says.iter().any(|line| line.key == "image")
        });
        names.extend(waiting.flat_map(|page| &page.waits_for).map(|fact| fact.name.clone()));
        names.sort_unstable();
        names.dedup();
    }
    names
}
