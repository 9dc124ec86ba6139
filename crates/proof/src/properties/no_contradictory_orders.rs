//! SP7: no contradictory orders. An offer stands only while each of its hard
//! stops (`never_with`) is known to be absent; a picture is asked for beside one
//! of its own only while a word on the scanner holds it; and no two phrases that
//! conflict are ordered together: offers, interim actions, words on the scanner,
//! pictures.
//! Stops and conflicts stand in the vocabulary, apart from the rules.

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use cauda_guideline::decide::decide_with_truths;
use cauda_guideline::page::{Line, PageKind, Saying};
use cauda_guideline::program::Place;
use cauda_guideline::resolve::Patient;

use super::{Model, Outcome};
use crate::circuit::Literal;
use crate::single::Draft;

/// Where a phrase is ordered: on a page that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Raised(usize),
    Settled(usize),
    Holds(Place),
    Stands(usize),
}

pub(super) fn check(model: &mut Model) -> Outcome {
    let guideline = model.guideline;
    let mut draft = Draft::new(guideline);
    let orders = orders(guideline);
    let mut literals: BTreeMap<&str, Literal> = BTreeMap::new();
    for (phrase, orders) in &orders {
        let places: Vec<Literal> = orders
            .iter()
            .map(|order| match *order {
                Order::Raised(concern) => draft.copy.raised[concern],
                Order::Settled(concern) => draft.copy.settled[concern],
                Order::Holds(place) => draft.copy.places[place].yes,
                Order::Stands(row) => draft.copy.stands[row],
            })
            .collect();
        literals.insert(phrase, draft.circuit.or(&places));
    }
    let mut single = match draft.finish(&model.which) {
        Ok(single) => single,
        Err(why) => return Outcome::Failed(why),
    };
    let mut found = Outcome::Holds;
    let blocking: Vec<&str> = blocking(guideline);
    for (phrase, stop) in &guideline.program.stops {
        let Some(ordered) = literals.get(phrase.as_str()) else { continue };
        let is_image = guideline.vocabulary.get("image", phrase).is_some();
        let question: Vec<Literal> = match is_image {
            false => vec![*ordered, -single.copy.places[*stop].no],
            true => {
                let held = blocking.iter().filter_map(|word| literals.get(word));
                let free = held.map(|literal| -*literal);
                [*ordered, single.copy.places[*stop].yes].into_iter().chain(free).collect()
            }
        };
        let breaks = |guideline: &Guideline, patient: &Patient| {
            let (_, truths) = decide_with_truths(&guideline.program, patient);
            let is_said = |word: &&str| {
                orders.get(word).is_some_and(|orders| is_ordered(guideline, patient, orders))
            };
            is_ordered(guideline, patient, &orders[phrase.as_str()])
                && match is_image {
                    false => !truths.is_false(*stop),
                    true => truths.is_true(*stop) && !blocking.iter().any(is_said),
                }
        };
        let what = match is_image {
            false => {
                format!("`{phrase}` is offered, and a hard stop of it is not known to be absent")
            }
            true => {
                format!("`{phrase}` is asked for beside a hard stop of it, and nothing holds it")
            }
        };
        if let Some(outcome) = single.ask("SP7", &question, &breaks, what) {
            found = outcome;
            break;
        }
    }
    for (left, right) in conflicts(guideline) {
        let (Some(first), Some(second)) = (literals.get(left), literals.get(right)) else {
            continue;
        };
        if found != Outcome::Holds {
            break;
        }
        let breaks = |guideline: &Guideline, patient: &Patient| {
            [left, right].iter().all(|phrase| is_ordered(guideline, patient, &orders[phrase]))
        };
        let what = format!("`{left}` and `{right}` are ordered together");
        if let Some(outcome) = single.ask("SP7", &[*first, *second], &breaks, what) {
            found = outcome;
        }
    }
    model.questions += single.questions;
    found
}

fn is_ordered(guideline: &Guideline, patient: &Patient, orders: &[Order]) -> bool {
    let (verdict, truths) = decide_with_truths(&guideline.program, patient);
    orders.iter().any(|order| match *order {
        Order::Raised(concern) => verdict.raised >> concern & 1 == 1,
        Order::Settled(concern) => verdict.settled >> concern & 1 == 1,
        Order::Holds(place) => truths.is_true(place),
        Order::Stands(row) => verdict.row == Some(row),
    })
}

/// Where each phrase is ordered.
fn orders(guideline: &Guideline) -> BTreeMap<&str, Vec<Order>> {
    let mut found: BTreeMap<&str, Vec<Order>> = BTreeMap::new();
    let mut add = |lines: &'static str, page: usize, order: Order| {
        let page = &guideline.pages[page].page;
        let lines: &[Line] = if lines == "then" { &page.then } else { &page.stuck };
        // A picture weeks from now is screened for when its day comes.
        let later = |line: &&Line| matches!(order, Order::Holds(_)) && line.key.text == "image";
        for line in lines.iter().filter(|line| !later(line)) {
            if let Saying::Phrases(words) = &line.saying {
                for word in words {
                    let orders = found.entry(word.text.as_str()).or_default();
                    if !orders.contains(&order) {
                        orders.push(order);
                    }
                }
            }
        }
    };
    let program = &guideline.program;
    for (index, concern) in program.concerns.iter().enumerate() {
        add("then", concern.page, Order::Raised(index));
        // A concern that settles upward is acted on as if it were raised.
        if concern.settle.is_some() && concern.kind != PageKind::Scope {
            add("then", concern.page, Order::Settled(index));
            add("stuck", concern.page, Order::Settled(index));
        }
    }
    for advice in program.advice.iter().chain(&program.reports) {
        add("then", advice.page, Order::Holds(advice.holds));
    }
    for (index, row) in program.rows.iter().enumerate() {
        add("then", row.page, Order::Stands(index));
    }
    found
}

/// Words on the scanner that hold a scan.
fn blocking(guideline: &Guideline) -> Vec<&str> {
    let words = guideline.vocabulary.lists().filter(|(list, _)| *list == "scan");
    let words = words.flat_map(|(_, entries)| entries);
    words.filter(|(_, _, phrase)| phrase.blocks).map(|(id, _, _)| id.as_str()).collect()
}

/// Pairs of phrases that are never ordered together, each once.
fn conflicts(guideline: &Guideline) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (_, entries) in guideline.vocabulary.lists() {
        for (id, _, phrase) in entries {
            for other in &phrase.conflicts {
                let (id, other) = (id.as_str(), other.as_str());
                let pair = if id < other { (id, other) } else { (other, id) };
                if id != other && !found.contains(&pair) {
                    found.push(pair);
                }
            }
        }
    }
    found
}
