//! Mutants of what a page says and does: phrases, tiers, images, whole
//! sections.

use cauda_guideline::Guideline;
use cauda_guideline::page::{Clock, Line, Page, Saying, TIME_UNITS, Word};
use cauda_guideline::vocabulary::{RESULT_KEYS, Tier};

use super::rules::Variant;

/// The lines of one section of a page.
type Lines = fn(&mut Page) -> &mut Vec<Line>;

/// Every single change of the sections of a page that are no rules.
pub(super) fn of_sections(guideline: &Guideline, page: &Page) -> Vec<Variant<Page>> {
    let mut found = of_removals(page);
    let sections: [(&str, Lines); 3] = [
        ("If it cannot be known", |page| &mut page.stuck),
        ("Then", |page| &mut page.then),
        ("After the scan", |page| &mut page.results),
    ];
    for (name, lines) in sections {
        let count = lines(&mut page.clone()).len();
        for at in 0..count {
            let line = lines(&mut page.clone())[at].clone();
            let Saying::Phrases(words) = &line.saying else { continue };
            match line.key.text.as_str() {
                "tier" | "settle" => {
                    for tier in tiers_beside(words) {
                        let mut changed = page.clone();
                        lines(&mut changed)[at].saying = one(tier.id());
                        if line.key.text == "tier" {
                            set_deadline(guideline, lines(&mut changed), tier);
                        }
                        let what = format!("{}: {}", line.key.text, tier.id());
                        found.push(("tier", what, changed));
                    }
                }
                "image" | "concern" | "go" | "closes" | "answered" | "row" => {
                    found.extend(of_choice(guideline, page, lines, at));
                    if line.key.text == "image" {
                        found.extend(of_phrases(page, lines, at, name));
                    }
                }
                _ => found.extend(of_phrases(page, lines, at, name)),
            }
        }
    }
    for at in 0..page.never.len() {
        let mut changed = page.clone();
        let gone = changed.never.remove(at);
        let text = cauda_guideline::page::test_text(&gone);
        found.push(("never-cleared", format!("Never cleared by: delete {text}"), changed));
    }
    found
}

fn one(text: &str) -> Saying {
    Saying::Phrases(vec![word(text)])
}

fn word(text: &str) -> Word {
    Word { text: text.to_string(), span: 0..0 }
}

fn of_removals(page: &Page) -> Vec<Variant<Page>> {
    let mut found = Vec::new();
    let mut remove = |has: bool, name: &str, changed: Page| {
        if has {
            found.push(("remove-section", format!("remove ## {name}"), changed));
        }
    };
    let with = |change: fn(&mut Page)| {
        let mut changed = page.clone();
        change(&mut changed);
        changed
    };
    remove(page.excluded.is_some(), "Excluded when", with(|page| page.excluded = None));
    remove(!page.stuck.is_empty(), "If it cannot be known", with(|page| page.stuck.clear()));
    remove(!page.results.is_empty(), "After the scan", with(|page| page.results.clear()));
    remove(!page.never.is_empty(), "Never cleared by", with(|page| page.never.clear()));
    found
}

fn tiers_beside(words: &[Word]) -> Vec<Tier> {
    let Some(tier) = words.first().and_then(|word| Tier::of_id(&word.text)) else {
        return Vec::new();
    };
    let at = tier as usize;
    let below = at.checked_sub(1).and_then(|below| Tier::ALL.get(below));
    below.into_iter().chain(Tier::ALL.get(at + 1)).copied().collect()
}

/// The deadline that belongs to the tier, in its place behind it.
fn set_deadline(guideline: &Guideline, lines: &mut Vec<Line>, tier: Tier) {
    lines.retain(|line| line.key.text != "within");
    let deadline = guideline.vocabulary.get("tier", tier.id());
    let Some(saying) = deadline.and_then(|phrase| within(phrase.deadline.as_deref()?)) else {
        return;
    };
    let place =
        lines.iter().position(|line| line.key.text == "tier").map_or(lines.len(), |at| at + 1);
    lines.insert(place, Line { key: word("within"), saying });
}

fn within(text: &str) -> Option<Saying> {
    let mut words = text.splitn(4, ' ');
    let (count, unit) = (words.next()?, words.next()?);
    TIME_UNITS.iter().find(|(known, _)| *known == unit)?;
    let clocks = [Clock::Request, Clock::Suspicion, Clock::Arrival, Clock::Discharge];
    let told = words.nth(1)?;
    let clock = clocks.into_iter().find(|clock| clock.words() == told)?;
    Some(Saying::Within { count: word(count), unit: word(unit), clock })
}

/// Another image, concern or disposition: the next one of the vocabulary.
fn of_choice(guideline: &Guideline, page: &Page, lines: Lines, at: usize) -> Vec<Variant<Page>> {
    let line = lines(&mut page.clone())[at].clone();
    let Saying::Phrases(words) = &line.saying else { return Vec::new() };
    let (operator, list) = match line.key.text.as_str() {
        "image" => ("image", "image"),
        "go" => ("another-disposition", "disposition"),
        "row" => ("another-row", "row"),
        _ => ("another-concern", "concern"),
    };
    let rows: Vec<String> = RESULT_KEYS.iter().map(|(key, _)| key.replace(' ', "_")).collect();
    let known: Vec<&str> = match list {
        "row" => rows.iter().map(String::as_str).collect(),
        _ => guideline.vocabulary.ids(list).collect(),
    };
    let mut found = Vec::new();
    for (place, named) in words.iter().enumerate() {
        let Some(here) = known.iter().position(|id| *id == named.text) else { continue };
        let mut following = known.iter().cycle().skip(here + 1).take(known.len());
        let Some(other) = following.find(|id| words.iter().all(|word| word.text != **id)) else {
            continue;
        };
        let mut changed = page.clone();
        if let Saying::Phrases(words) = &mut lines(&mut changed)[at].saying {
            words[place] = word(other);
        }
        let what = format!("{}: {other} instead of {}", line.key.text, named.text);
        found.push((operator, what, changed));
    }
    found
}

/// Each phrase of a line dropped; with the last one goes the line.
fn of_phrases(page: &Page, lines: Lines, at: usize, section: &str) -> Vec<Variant<Page>> {
    let line = lines(&mut page.clone())[at].clone();
    let Saying::Phrases(words) = &line.saying else { return Vec::new() };
    let dropped = (0..words.len()).map(|place| {
        let mut changed = page.clone();
        match &mut lines(&mut changed)[at].saying {
            Saying::Phrases(words) if words.len() > 1 => drop(words.remove(place)),
            _ => drop(lines(&mut changed).remove(at)),
        }
        let operator = match section {
            "After the scan" => "drop-result",
            _ if line.key.text == "image" => "image",
            _ => "drop-phrase",
        };
        (operator, format!("{section}: {} without {}", line.key.text, words[place].text), changed)
    });
    dropped.collect()
}
