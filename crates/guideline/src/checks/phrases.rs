//! `unknown-key`, `unknown-phrase`, `deadline-differs`: lines `key: phrase` use
//! the closed keys in their order and phrases of the vocabulary, and a page's
//! deadline is that of its tier.

use crate::diagnostic::{Diagnostic, nearest};
use crate::guideline::Guideline;
use crate::guideline::LoadedPage;
use crate::page::{Line, PageKind, Saying};
use crate::vocabulary::{RESULT_KEYS, STUCK_KEYS, THEN_KEYS, Tier, keys_of, result_key};

pub(super) fn check(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    for loaded in &guideline.pages {
        let page = &loaded.page;
        lines(guideline, loaded, &page.then, THEN_KEYS, faults);
        keys(loaded, faults);
        lines(guideline, loaded, &page.stuck, STUCK_KEYS, faults);
        lines(guideline, loaded, &page.results, RESULT_KEYS, faults);
        if loaded.kind.is_concern() {
            concern(guideline, loaded, faults);
        }
    }
    tiers(guideline, faults);
}

fn lines(
    guideline: &Guideline,
    loaded: &LoadedPage,
    lines: &[Line],
    keys: &[(&str, &str)],
    faults: &mut Vec<Diagnostic>,
) {
    let file = loaded.file();
    let mut last = None;
    for line in lines {
        let Some(at) = keys.iter().position(|(key, _)| *key == line.key.text) else {
            let known: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
            let help = nearest(&line.key.text, known.iter().copied()).map_or_else(
                || format!("the keys are {}", known.join(", ")),
                |guess| format!("did you mean `{guess}`?"),
            );
            let message = format!("`{}` is not a key", line.key.text);
            faults.push(
                Diagnostic::error("unknown-key", &file, line.key.span.clone(), message).help(help),
            );
            continue;
        };
        if last.is_some_and(|last| at <= last) {
            let message = format!("`{}` stands out of order or twice", line.key.text);
            let order: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
            let fault = Diagnostic::error("key-order", &file, line.key.span.clone(), message);
            faults.push(fault.help(format!("the order is {}", order.join(", "))));
        }
        last = Some(at);
        let list = keys[at].1;
        let Saying::Phrases(phrases) = &line.saying else {
            continue;
        };
        for phrase in phrases.iter().filter(|_| !list.is_empty()) {
            if guideline.vocabulary.get(list, &phrase.text).is_none() {
                let message =
                    format!("`{}` is not a phrase of vocabulary/{list}.toml", phrase.text);
                let fault =
                    Diagnostic::error("unknown-phrase", &file, phrase.span.clone(), message);
                faults.push(match nearest(&phrase.text, guideline.vocabulary.ids(list)) {
                    Some(guess) => fault.help(format!("did you mean `{guess}`?")),
                    None => fault.help("add it with its wording for staff and patients"),
                });
            }
        }
    }
}

/// `wrong-key`: the keys of `## Then` that belong to the folder, and one of
/// those it cannot do without.
fn keys(loaded: &LoadedPage, faults: &mut Vec<Diagnostic>) {
    let (allowed, needed) = keys_of(loaded.kind);
    let file = loaded.file();
    let then = &loaded.page.then;
    for line in then {
        let key = line.key.text.as_str();
        let known = THEN_KEYS.iter().any(|(known, _)| *known == key);
        if known && !allowed.contains(&key) {
            let message = format!("`{key}` does not belong into {}/", loaded.kind.folder());
            let fault = Diagnostic::error("wrong-key", &file, line.key.span.clone(), message);
            faults.push(fault.help(format!("the keys here are {}", allowed.join(", "))));
        }
        if let (Saying::Phrases(words), "row") = (&line.saying, key) {
            for word in words.iter().filter(|word| result_key(&word.text).is_none()) {
                let rows: Vec<String> =
                    RESULT_KEYS.iter().map(|(key, _)| key.replace(' ', "_")).collect();
                let message = format!("`{}` is no row of `## After the scan`", word.text);
                let fault = Diagnostic::error("unknown-phrase", &file, word.span.clone(), message);
                faults.push(fault.help(format!("the rows are {}", rows.join(", "))));
            }
        }
    }
    let has = |key: &str| then.iter().any(|line| line.key.text == key);
    if !needed.is_empty() && !needed.iter().any(|key| has(key)) {
        let message = format!("`## Then` has no `{}`", needed.join("` or `"));
        let fault = Diagnostic::error("page-shape", &file, 0..0, message);
        faults.push(fault.help("say what the page does"));
    }
}

fn concern(guideline: &Guideline, loaded: &LoadedPage, faults: &mut Vec<Diagnostic>) {
    let file = loaded.file();
    let page = &loaded.page;
    for key in ["concern", "tier"] {
        if page.then_phrases(key).count() != 1 {
            let message = format!("`## Then` must name one {key}");
            faults.push(
                Diagnostic::error("page-shape", &file, 0..0, message)
                    .help(format!("add `- {key}:`")),
            );
        }
    }
    let Some(tier) = page.then_phrases("tier").next().and_then(|word| Tier::of_id(&word.text))
    else {
        return;
    };
    let wanted =
        guideline.vocabulary.get("tier", tier.id()).and_then(|phrase| phrase.deadline.as_deref());
    let within = page.then.iter().find_map(|line| match &line.saying {
        Saying::Within { count, unit, clock } => {
            Some((count.span.clone(), format!("{} {} of {}", count.text, unit.text, clock.words())))
        }
        Saying::Phrases(_) => None,
    });
    let found = within.as_ref().map(|(_, text)| text.as_str());
    if found != wanted {
        let span = within.as_ref().map_or(0..0, |(span, _)| span.clone());
        let fault = Diagnostic::error(
            "deadline-differs",
            &file,
            span,
            "the deadline is not that of the tier",
        );
        faults.push(match wanted {
            Some(wanted) => {
                fault.help(format!("`{}` is `within: {wanted}`, vocabulary/tier.toml", tier.id()))
            }
            None => fault.help(format!("`{}` has no deadline", tier.id())),
        });
    }
    let settle = page.stuck_phrases("settle").next();
    if let Some(word) = settle
        && Tier::of_id(&word.text).is_some_and(|settle| settle > tier)
    {
        let fault = Diagnostic::error(
            "settles-too-high",
            &file,
            word.span.clone(),
            "it settles above its own tier",
        );
        faults.push(fault.help("raise the tier, or settle lower"));
    }
    let low = settle.is_none_or(|word| Tier::of_id(&word.text).is_none_or(|at| at < Tier::Urgent));
    if tier >= Tier::Emergency && low && !page.stuck.is_empty() {
        let span = settle.map_or(0..0, |word| word.span.clone());
        let message = "an emergency that cannot be known settles below urgent";
        let fault = Diagnostic::error("settles-too-low", &file, span, message);
        faults.push(fault.help("write `- settle: urgent` or higher"));
    }
    if matches!(loaded.kind, PageKind::RedFlag | PageKind::Gate)
        && page.stuck.is_empty()
        && tier > Tier::Outpatient
    {
        let fault = Diagnostic::error(
            "page-shape",
            &file,
            0..0,
            "the page does not say what to do if it cannot be known",
        );
        faults.push(fault.help("add `## If it cannot be known` with `- ask:` and `- settle:`"));
    }
}

/// Longest deadline of a tier in minutes, and whether its clock may start at
/// discharge (CR1).
fn longest(tier: Tier) -> (u64, bool) {
    match tier {
        Tier::Immediate => (60, false),
        Tier::Emergency => (4 * 60, false),
        Tier::Urgent => (24 * 60, false),
        Tier::Booked => (7 * 24 * 60, true),
        Tier::Outpatient | Tier::None => (6 * 7 * 24 * 60, true),
    }
}

/// `deadline-too-long`, `bad-modality`: no wording of the vocabulary stretches
/// a tier, and an image is what its id says.
fn wording(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    for tier in Tier::ALL {
        let Some(phrase) = guideline.vocabulary.get("tier", tier.id()) else {
            let message = format!("the tier `{}` has no wording", tier.id());
            faults.push(Diagnostic::error("unknown-phrase", "vocabulary/tier.toml", 0..0, message));
            continue;
        };
        let Some(deadline) = &phrase.deadline else { continue };
        let (most, at_discharge) = longest(tier);
        let words: Vec<&str> = deadline.split(' ').collect();
        let length = minutes(&words);
        let late = words.last() == Some(&"discharge") && !at_discharge;
        if late || length.is_none_or(|length| length > most) {
            let message = format!("`{deadline}` is longer than `{}` allows", tier.id());
            let fault =
                Diagnostic::error("deadline-too-long", "vocabulary/tier.toml", 0..0, message);
            faults.push(fault.help("see CR1: the tiers are defined once"));
        }
    }
    let images = guideline.vocabulary.lists().find(|(list, _)| *list == "image");
    for (id, span, phrase) in images.into_iter().flat_map(|(_, images)| images) {
        let modality = phrase.modality.as_deref().unwrap_or_default();
        let known = ["mri", "ct", "xray", "none"].contains(&modality);
        if !known || (modality != "none" && id.split('_').next() != Some(modality)) {
            let message = format!("`{id}` is not an image of modality `{modality}`");
            let file = "vocabulary/image.toml";
            let fault = Diagnostic::error("bad-modality", file, span.clone(), message);
            faults.push(fault.help("begin the id with its modality: mri, ct or xray"));
        }
    }
}

fn minutes(words: &[&str]) -> Option<u64> {
    let unit = match *words.get(1)? {
        "minutes" => 1,
        "hours" => 60,
        "days" => 24 * 60,
        "weeks" => 7 * 24 * 60,
        _ => return None,
    };
    words.first()?.parse::<u64>().ok()?.checked_mul(unit)
}

fn tiers(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    wording(guideline, faults);
    for id in guideline.vocabulary.ids("tier").filter(|id| Tier::of_id(id).is_none()) {
        let message = format!("`{id}` is not a tier");
        faults.push(Diagnostic::error("unknown-phrase", "vocabulary/tier.toml", 0..0, message));
    }
}
