//! The pages as one `PlanDefinition`: an action a page, applied when the define
//! of that page in the CQL library is true. A concern that nobody can exclude
//! yet is an action of its own, so that null is never read as "no".

use cauda_fhir_service::{Base, priority_of_tier};
use cauda_guideline::page::{Line, PageKind, Saying};
use cauda_guideline::program::Concern;
use cauda_guideline::vocabulary::{THEN_KEYS, Tier};
use cauda_guideline::{Guideline, LoadedPage};
use serde_json::{Value, json};

use super::activity::LISTS;
use super::ids::activity_url;
use super::words::{citations, put};
use super::{Beside, head, library_canonical};
use crate::cql::{define_of, identifier, library_name};

/// Language of the conditions. R4 knows no `text/cql-identifier` yet, so each is a
/// CQL expression: the name of a define after the name of the library.
const LANGUAGE: &str = "text/cql";

/// Keys of `## Then` that a person has to choose between: never applied by themselves.
const CHOICES: [&str; 2] = ["no scanner in time", "patient cannot be scanned"];

pub(super) fn plan(base: &Base, guideline: &Guideline, beside: Beside) -> Value {
    let id = guideline.id.replace('_', "-");
    let name = library_name(guideline);
    let about = ("PlanDefinition", id.as_str(), name.as_str(), guideline.title.as_str());
    let mut plan = head(base, guideline, beside, about);
    plan["type"] = json!({ "coding": [{
        "system": "http://terminology.hl7.org/CodeSystem/plan-definition-type",
        "code": "clinical-protocol",
    }] });
    plan["description"] = json!(format!(
        "{}. Conditions name defines of the library; true means that the rule of the page holds \
         for certain. Null is unknown: an action that does not apply is no reassurance, and each \
         concern that is still open has an action that says so. The clinician decides.",
        guideline.status
    ));
    if let Some(day) = last_review(guideline) {
        plan["lastReviewDate"] = json!(day);
    }
    plan["library"] = json!([library_canonical(base, guideline)]);
    let ids = guideline.sources.keys().map(String::as_str);
    put(&mut plan, "relatedArtifact", citations(guideline, ids));
    let groups = PageKind::ALL.into_iter().filter_map(|kind| group(base, guideline, kind));
    put(&mut plan, "action", groups.collect());
    plan
}

/// The day of the last review of any page.
fn last_review(guideline: &Guideline) -> Option<&str> {
    let days = guideline.pages.iter().filter_map(|loaded| loaded.page.reviewed.as_ref());
    days.map(|word| word.text.as_str()).max()
}

/// The pages of one kind; definitions only serve other pages.
fn group(base: &Base, guideline: &Guideline, kind: PageKind) -> Option<Value> {
    let title = match kind {
        PageKind::Definition => return None,
        PageKind::Scope => "Whom the guideline is for",
        PageKind::Gate => "Emergencies outside the spine",
        PageKind::RedFlag => "Concerns of the spine",
        PageKind::Test => "Tests that are needed",
        PageKind::Result => "What a report means",
        PageKind::Disposition => "Where the patient goes",
        PageKind::Treatment => "Treatment",
        PageKind::Scanner => "What the scanner must know",
        PageKind::FollowUp => "After the visit",
    };
    let pages = guideline.pages.iter().enumerate().filter(|(_, loaded)| loaded.kind == kind);
    let mut actions: Vec<Value> = Vec::new();
    for (index, loaded) in pages {
        let concern = guideline.program.concerns.iter().find(|concern| concern.page == index);
        actions.push(action(base, guideline, loaded, concern));
        actions.extend(concern.map(|concern| open(base, guideline, loaded, concern)));
    }
    if actions.is_empty() {
        return None;
    }
    Some(json!({ "title": title, "action": actions }))
}

/// The action of a page.
fn action(
    base: &Base,
    guideline: &Guideline,
    loaded: &LoadedPage,
    concern: Option<&Concern>,
) -> Value {
    let part = match loaded.kind {
        _ if concern.is_some() => "raised",
        PageKind::Disposition => "chosen",
        _ => "",
    };
    let page = &loaded.page;
    let mut action = begin(guideline, loaded, &page.title, &define_of(&loaded.id, part));
    let why = page.why.split_whitespace().collect::<Vec<_>>().join(" ");
    if !why.is_empty() {
        action["description"] = json!(why);
    }
    if let Some(concern) = concern {
        action["priority"] = json!(priority_of_tier(concern.tier));
    }
    let told = said(guideline, &page.then);
    if !told.is_empty() {
        action["textEquivalent"] = json!(told.join(" "));
    }
    put(&mut action, "input", concern.map_or(Vec::new(), |it| inputs(base, guideline, it)));
    put(&mut action, "action", activities(base, guideline, &page.then));
    action
}

/// The action of a concern that is neither raised nor excluded.
fn open(base: &Base, guideline: &Guideline, loaded: &LoadedPage, concern: &Concern) -> Value {
    let title = format!("Not excluded yet: {}", loaded.page.title);
    let mut action = begin(guideline, loaded, &title, &define_of(&loaded.id, "open"));
    // While it is open it may be as urgent as it can get.
    let urgent = concern.tier >= Tier::Urgent;
    action["priority"] = json!(if urgent { "urgent" } else { "routine" });
    action["textEquivalent"] =
        json!("Nobody can tell yet. Ask for what is missing; this is not a no.");
    put(&mut action, "input", inputs(base, guideline, concern));
    action
}

fn begin(guideline: &Guideline, loaded: &LoadedPage, title: &str, define: &str) -> Value {
    let mut action = json!({
        "title": title,
        "condition": [{
            "kind": "applicability",
            "expression": {
                "language": LANGUAGE,
                "expression": format!("{}.{}", library_name(guideline), identifier(define)),
            },
        }],
    });
    let sources = loaded.page.sources.iter().map(|source| source.text.as_str());
    put(&mut action, "documentation", citations(guideline, sources));
    action
}

/// The facts a concern looks at, as codes of the form's code system.
fn inputs(base: &Base, guideline: &Guideline, concern: &Concern) -> Vec<Value> {
    let facts = concern.facts.iter().filter_map(|fact| guideline.facts.get(*fact));
    let codes: Vec<Value> = facts
        .map(|fact| json!({ "system": base.findings(), "code": fact.id, "display": fact.staff }))
        .collect();
    if codes.is_empty() {
        return Vec::new();
    }
    vec![json!({ "type": "Observation", "codeFilter": [{ "path": "code", "code": codes }] })]
}

/// What a page says that is nothing to do by itself: urgency, deadline, choices.
fn said(guideline: &Guideline, lines: &[Line]) -> Vec<String> {
    let words = |list: &str, line: &Line| match &line.saying {
        Saying::Phrases(phrases) => {
            let staff = phrases.iter().map(|word| {
                let known = guideline.vocabulary.get(list, &word.text);
                known.map_or(word.text.clone(), |phrase| phrase.staff.clone())
            });
            staff.collect::<Vec<_>>().join("; ")
        }
        Saying::Within { count, unit, clock } => {
            format!("{} {} of {}", count.text, unit.text, clock.words())
        }
    };
    let told = lines.iter().filter_map(|line| {
        let key = line.key.text.as_str();
        let (_, list) = THEN_KEYS.iter().find(|(known, _)| *known == key)?;
        let choice = CHOICES.contains(&key);
        let shown = choice || matches!(key, "tier" | "within" | "go" | "no scan because" | "row");
        shown.then(|| format!("{}: {}.", capital(key), words(list, line)))
    });
    told.collect()
}

/// What a page asks for, in the order of its lines.
fn activities(base: &Base, guideline: &Guideline, lines: &[Line]) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for line in lines {
        let key = line.key.text.as_str();
        let known = THEN_KEYS.iter().find(|(known, _)| *known == key);
        let Some((_, list)) = known.filter(|(_, list)| LISTS.contains(list)) else { continue };
        let Saying::Phrases(phrases) = &line.saying else { continue };
        for word in phrases {
            let phrase = guideline.vocabulary.get(list, &word.text);
            let title = phrase.map_or(word.text.as_str(), |phrase| phrase.staff.as_str());
            let url = activity_url(base, list, &word.text);
            let version = cauda_fhir_service::version(guideline);
            let action = json!({
                "prefix": key,
                "title": title,
                "definitionCanonical": format!("{url}|{version}"),
            });
            found.push(action);
        }
    }
    found
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first: String =
        letters.next().map_or(String::new(), |first| first.to_uppercase().collect());
    format!("{first}{}", letters.as_str())
}
