//! Mutants of rules: every list, every line and every constant of a page, each
//! slipped in the ways a hand slips.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Fact, Kind, Quantity};
use cauda_guideline::page::{Comparison, Group, Item, Need, Test, TestKind, Word, test_text};

/// A changed item, the operator and what was done.
pub(super) type Variant<T> = (&'static str, String, T);

/// Every single change of a rule.
pub(super) fn of_rule(guideline: &Guideline, stem: &str, rule: &Group) -> Vec<Variant<Group>> {
    let mut found = of_needs(rule);
    for at in 0..rule.items.len() {
        if rule.items.len() > 1 {
            let mut fewer = rule.clone();
            let gone = fewer.items.remove(at);
            found.push(("delete-item", format!("delete {}", item_text(&gone)), fitted(fewer)));
        }
        for (operator, what, item) in of_item(guideline, stem, &rule.items[at]) {
            let mut changed = rule.clone();
            changed.items[at] = item;
            found.push((operator, what, changed));
        }
    }
    found
}

fn of_item(guideline: &Guideline, stem: &str, item: &Item) -> Vec<Variant<Item>> {
    match item {
        Item::Test(test) => of_test(guideline, stem, test)
            .into_iter()
            .map(|(operator, what, test)| (operator, what, Item::Test(test)))
            .collect(),
        Item::Group(group) => of_rule(guideline, stem, group)
            .into_iter()
            .map(|(operator, what, group)| (operator, what, lone(group)))
            .collect(),
    }
}

/// A nested list of one item is that item.
fn lone(mut group: Group) -> Item {
    match group.items.len() {
        1 => group.items.remove(0),
        _ => Item::Group(group),
    }
}

/// `at least N of` that still fits its items.
fn fitted(mut group: Group) -> Group {
    group.need = needed(group.need, group.items.len());
    group
}

fn needed(need: Need, items: usize) -> Need {
    match need {
        Need::AtLeast(count) if count < 2 => Need::Any,
        Need::AtLeast(count) if count as usize >= items => Need::All,
        other => other,
    }
}

fn of_needs(group: &Group) -> Vec<Variant<Group>> {
    if group.items.len() < 2 {
        return Vec::new();
    }
    let others = match group.need {
        Need::All => vec![Need::Any],
        Need::Any => vec![Need::All],
        Need::AtLeast(count) => vec![Need::AtLeast(count - 1), Need::AtLeast(count + 1)],
    };
    let changed = others.into_iter().map(|other| {
        let other = needed(other, group.items.len());
        let what = format!("{} instead of {}", need_text(other), group_text(group));
        ("swap-need", what, Group { need: other, ..group.clone() })
    });
    changed.collect()
}

fn need_text(need: Need) -> String {
    match need {
        Need::All => "all of".into(),
        Need::Any => "any of".into(),
        Need::AtLeast(count) => format!("at least {count} of"),
    }
}

fn group_text(group: &Group) -> String {
    let items: Vec<String> = group.items.iter().take(2).map(item_text).collect();
    let more = if group.items.len() > 2 { ", …" } else { "" };
    format!("{} [{}{more}]", need_text(group.need), items.join(", "))
}

fn item_text(item: &Item) -> String {
    match item {
        Item::Test(test) => test_text(&Test { notes: Vec::new(), ..test.clone() }),
        Item::Group(group) => group_text(group),
    }
}

/// Every single change of one line.
pub(super) fn of_test(guideline: &Guideline, stem: &str, test: &Test) -> Vec<Variant<Test>> {
    let line = test_text(&Test { notes: Vec::new(), ..test.clone() });
    let mut found: Vec<(&'static str, Test)> = Vec::new();
    let fact = guideline.fact(&test.subject.text).map(|fact| (fact, &guideline.facts[fact]));
    match (&test.kind, fact) {
        (TestKind::Compares { .. }, Some((index, fact))) => {
            if let Some(quantity) = fact.quantity() {
                let cuts = &guideline.program.cells[index].cuts;
                found.extend(of_comparison(quantity, cuts, test));
            }
        }
        (TestKind::Is(words), Some((_, fact))) => found.extend(of_values(fact, words, test)),
        (TestKind::Suspected | TestKind::Excluded, _) => {
            let other = next_concern(guideline, stem, &test.subject.text);
            found.extend(other.map(|other| ("another-concern", with_subject(test, &other))));
        }
        _ => {}
    }
    if let Some((_, fact)) = fact {
        let others = [twin(guideline, fact), sibling(guideline, fact)];
        let others = others.into_iter().flatten();
        found.extend(others.map(|other| ("another-fact", with_subject(test, &other))));
    }
    let told = found.into_iter().map(|(operator, changed)| {
        let to = test_text(&Test { notes: Vec::new(), ..changed.clone() });
        (operator, format!("{line} becomes {to}"), changed)
    });
    told.collect()
}

fn word(text: impl Into<String>) -> Word {
    Word { text: text.into(), span: 0..0 }
}

fn with_subject(test: &Test, subject: &str) -> Test {
    Test { subject: word(subject), ..test.clone() }
}

fn of_comparison(quantity: &Quantity, cuts: &[i64], test: &Test) -> Vec<(&'static str, Test)> {
    let TestKind::Compares { comparison, number, unit } = &test.kind else { return Vec::new() };
    let with = |comparison: Comparison, number: Word, unit: Option<Word>| Test {
        kind: TestKind::Compares { comparison, number, unit },
        ..test.clone()
    };
    let signs = match comparison {
        Comparison::AtLeast => [Comparison::Below, Comparison::Above],
        Comparison::Above => [Comparison::AtMost, Comparison::AtLeast],
        Comparison::AtMost => [Comparison::Above, Comparison::Below],
        Comparison::Below => [Comparison::AtLeast, Comparison::AtMost],
    };
    let signs = signs.map(|sign| ("sign", with(sign, number.clone(), unit.clone())));
    let mut found = signs.to_vec();
    let Ok(place) = quantity.place(&number.text, unit.as_ref().map(|unit| unit.text.as_str()))
    else {
        return found;
    };
    let grid = |cut: &i64| cut - cut.rem_euclid(2);
    let mut places = vec![place - 2, place + 2];
    places.extend(cuts.iter().rev().map(grid).find(|other| *other < place - 2));
    places.extend(cuts.iter().map(grid).find(|other| *other > place + 2));
    for other in places.into_iter().filter(|at| (quantity.range.0..=quantity.range.1).contains(at))
    {
        let text = quantity.text(other);
        let (number, unit) = match text.split_once(' ') {
            Some((number, unit)) => (word(number), Some(word(unit))),
            None => (word(text), None),
        };
        found.push(("constant", with(*comparison, number, unit)));
    }
    found
}

fn of_values(fact: &Fact, words: &[Word], test: &Test) -> Vec<(&'static str, Test)> {
    let Kind::Named { values, .. } = &fact.kind else { return Vec::new() };
    let with = |words: Vec<Word>| Test { kind: TestKind::Is(words), ..test.clone() };
    let mut found = Vec::new();
    for at in (0..words.len()).filter(|_| words.len() > 1) {
        let mut fewer = words.to_vec();
        fewer.remove(at);
        found.push(("drop-value", with(fewer)));
    }
    let missing = values.iter().filter(|value| words.iter().all(|word| word.text != **value));
    for value in missing {
        // Every value at once would be true of everybody: then it stands instead.
        let mut more = if words.len() + 1 < values.len() { words.to_vec() } else { Vec::new() };
        more.push(word(value));
        found.push(("add-value", with(more)));
    }
    found
}

/// The same fact of the other side.
fn twin(guideline: &Guideline, fact: &Fact) -> Option<String> {
    let other = if fact.id.contains("left") {
        fact.id.replace("left", "right")
    } else {
        fact.id.replace("right", "left")
    };
    (other != fact.id && guideline.fact(&other).is_some()).then_some(other)
}

/// The next fact of its file of the same kind, values and unit.
fn sibling(guideline: &Guideline, fact: &Fact) -> Option<String> {
    let alike = |other: &Fact| match (&other.kind, &fact.kind) {
        (Kind::Named { sort, values, .. }, Kind::Named { sort: own, values: named, .. }) => {
            sort == own && values == named
        }
        (Kind::Quantity(other), Kind::Quantity(own)) => {
            other.unit == own.unit && other.range == own.range
        }
        _ => false,
    };
    let twin = twin(guideline, fact);
    let group: Vec<&Fact> =
        guideline.facts.iter().filter(|other| other.group == fact.group && alike(other)).collect();
    let at = group.iter().position(|other| other.id == fact.id)?;
    let mut following = group.iter().cycle().skip(at + 1).take(group.len());
    let other = following.find(|other| other.id != fact.id && Some(&other.id) != twin.as_ref())?;
    Some(other.id.clone())
}

/// The next concern page after the one named, but not the page itself.
fn next_concern(guideline: &Guideline, own: &str, named: &str) -> Option<String> {
    let stems: Vec<&str> = guideline
        .pages
        .iter()
        .filter(|page| page.kind.is_concern())
        .map(|page| page.stem())
        .collect();
    let at = stems.iter().position(|stem| *stem == named)?;
    let mut following = stems.iter().cycle().skip(at + 1).take(stems.len());
    following.find(|stem| **stem != own && **stem != named).map(|stem| (*stem).to_string())
}
