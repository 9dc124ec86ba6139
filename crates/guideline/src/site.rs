//! Local policy (E14): which numbers of the pages a site may choose, inside
//! which range, which options it may turn on; and a site's choices put into a
//! copy of the folder, which is hashed and proved like any other.

use std::ops::Range;

use serde::Deserialize;

use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::facts::{is_id, tables};
use crate::guideline::{Folder, Guideline};
use crate::page::{Group, Page, Test, TestKind, format, parse};
use crate::{cases, load_changed};

/// The file of a guideline folder that declares what a site may choose.
pub const POLICY_FILE: &str = "local_policy.toml";
/// The name a site's choices have inside the folder they are put into.
pub const SITE_FILE: &str = "site.toml";
/// Folder of the pages of options.
pub const OPTIONS: &str = "options";
/// Most choices a guideline declares.
pub const POLICIES_MAX: usize = 100;

/// Something a site may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its id in `site.toml`.
    pub id: String,
    /// Where its id stands in the file.
    pub span: Range<usize>,
    /// What it is, in one sentence.
    pub what: String,
    /// Why a site may differ.
    pub why: String,
    /// The number or the option.
    pub choice: Choice,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// What there is to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A number of the pages, each time marked `(local policy)`.
    Number {
        /// Pages that have it.
        pages: Vec<String>,
        /// Facts it is compared with.
        facts: Vec<String>,
        /// As the pages write it.
        value: String,
        /// Least and greatest choice.
        range: [String; 2],
    },
    /// Pages in `options/<id>/` that take the place of others or are added, with
    /// the facts that they alone ask and their cases; off until a site turns it on.
    Option,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    what: String,
    why: String,
    #[serde(default)]
    pages: Vec<String>,
    #[serde(default)]
    facts: Vec<String>,
    value: Option<String>,
    range: Option<[String; 2]>,
    #[serde(default)]
    option: bool,
    #[serde(default)]
    sources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Site {
    guideline: String,
    /// The site's name, shown with every decision.
    #[serde(default)]
    #[expect(dead_code, reason = "part of the file and of its hash")]
    site: String,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    constants: toml::Table,
}

/// Reads the declarations.
pub(crate) fn read(source: &str, faults: &mut Vec<Diagnostic>) -> Vec<Policy> {
    let found = tables::<Raw>(POLICY_FILE, source, faults).unwrap_or_default();
    if found.len() > POLICIES_MAX {
        let message = format!("more than {POLICIES_MAX} choices");
        faults.push(Diagnostic::error("too-large", POLICY_FILE, 0..0, message));
    }
    let mut policies = Vec::new();
    for (id, span, raw) in found {
        let number = (raw.value.clone(), raw.range.clone());
        let choice = match number {
            (None, None) if raw.option => Choice::Option,
            (Some(value), Some(range)) if !raw.option => {
                Choice::Number { pages: raw.pages, facts: raw.facts, value, range }
            }
            _ => {
                let message = format!("`{id}` is neither a number nor an option");
                let fault = Diagnostic::error("bad-policy", POLICY_FILE, span, message);
                faults.push(fault.help(
                    "a number has `pages`, `facts`, `value` and `range`; an option has `option = true`",
                ));
                continue;
            }
        };
        if !is_id(&id) {
            let message = format!("`{id}` is not an id");
            faults.push(Diagnostic::error("bad-id", POLICY_FILE, span.clone(), message));
        }
        let (what, why, sources) = (raw.what, raw.why, raw.sources);
        policies.push(Policy { id, span, what, why, choice, sources });
    }
    policies
}

/// `bad-policy`: every choice is on its pages, its value lies in its range, and
/// an option has pages.
pub(crate) fn check(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    for policy in &guideline.policies {
        let mut refuse = |message: String, help: &str| {
            let span = policy.span.clone();
            faults.push(Diagnostic::error("bad-policy", POLICY_FILE, span, message).help(help));
        };
        let Choice::Number { pages, facts, value, range } = &policy.choice else {
            let start = format!("{OPTIONS}/{}/", policy.id);
            let own = guideline.folder.files.keys().filter_map(|path| path.strip_prefix(&start));
            if own.clone().next().is_none() {
                refuse(format!("`{}` has no page in {start}", policy.id), "add its pages");
            }
            // A folder with a site's choices holds the files of its options twice.
            let is_chosen = guideline.folder.files.contains_key(SITE_FILE);
            for path in own.filter(|path| path.starts_with("facts/") || path.starts_with("cases/"))
            {
                if !is_chosen && guideline.folder.files.contains_key(path) {
                    let message = format!("`{}` takes the place of {path}", policy.id);
                    refuse(message, "an option replaces pages only; give its file another name");
                }
            }
            continue;
        };
        for id in pages {
            let page = guideline.pages.iter().find(|page| page.id == *id);
            if page.is_none_or(|page| numbers(&page.page, facts, value).is_empty()) {
                let message = format!("`{id}` has no `{value}` marked `(local policy)`");
                refuse(message, "name a page, fact and number as the page has them");
            }
        }
        for fact in facts {
            let quantity =
                guideline.fact(fact).and_then(|fact| guideline.facts[fact].quantity().cloned());
            let Some(quantity) = quantity else {
                refuse(format!("`{fact}` is no number"), "correct the name");
                continue;
            };
            let unit = unit_on(guideline, pages, fact, value);
            let place = |text: &str| quantity.place(text, unit.as_deref()).ok();
            let places = (place(&range[0]), place(value), place(&range[1]));
            if !matches!(places, (Some(least), Some(own), Some(most)) if least <= own && own <= most)
            {
                refuse(
                    format!("`{}`: {value} is not from {} to {}", policy.id, range[0], range[1]),
                    "mend the range; its ends are numbers of the fact",
                );
            }
        }
        if pages.is_empty() || facts.is_empty() {
            refuse(format!("`{}` names no page or no fact", policy.id), "fill the lists");
        }
    }
}

/// Unit that a page writes after the number.
fn unit_on(guideline: &Guideline, pages: &[String], fact: &str, value: &str) -> Option<String> {
    let facts = [fact.to_string()];
    let pages = guideline.pages.iter().filter(|page| pages.contains(&page.id));
    let tests = pages.flat_map(|page| numbers(&page.page, &facts, value));
    tests.into_iter().find_map(|test| match &test.kind {
        TestKind::Compares { unit, .. } => unit.as_ref().map(|unit| unit.text.clone()),
        _ => None,
    })
}

/// Tests of a page that compare one of the facts with that number as local policy.
fn numbers<'a>(page: &'a Page, facts: &[String], value: &str) -> Vec<&'a Test> {
    let rules = [&page.when, &page.excluded].into_iter().flatten();
    let tests = rules.flat_map(Group::tests).chain(&page.never);
    tests
        .filter(|test| facts.contains(&test.subject.text))
        .filter(|test| test.notes.iter().any(|note| note.text == "local policy"))
        .filter(
            |test| matches!(&test.kind, TestKind::Compares { number, .. } if number.text == value),
        )
        .collect()
}

/// A copy of the folder with a site's choices in it. Load it with
/// [`crate::load_checked`] and prove it: the cases of its pages were written
/// for the edition as it is.
///
/// # Errors
/// Every choice that the guideline does not allow, with its place.
pub fn apply(guideline: &Guideline, source: &str) -> Result<Folder, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let site: Site = match toml::from_str(source) {
        Ok(site) => site,
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let fault = Diagnostic::error("bad-toml", SITE_FILE, span, error.message().to_string());
            let help = "it holds `guideline`, `site`, `options` and `[constants]`";
            return Err(vec![fault.help(help)]);
        }
    };
    if site.guideline != guideline.id {
        let message = format!("this is for `{}`, not for `{}`", site.guideline, guideline.id);
        faults.push(at(source, &site.guideline, message));
    }
    let mut folder = guideline.folder.clone();
    for id in &site.options {
        let known = guideline.policies.iter().find(|policy| policy.id == *id);
        match known.map(|policy| &policy.choice) {
            Some(Choice::Option) => turn_on(&mut folder, id),
            _ => faults.push(unknown(guideline, source, id)),
        }
    }
    for (id, chosen) in &site.constants {
        let known = guideline.policies.iter().find(|policy| policy.id == *id);
        match known.map(|policy| &policy.choice) {
            Some(choice @ Choice::Number { .. }) => {
                if let Err(message) = choose(guideline, &mut folder, choice, chosen) {
                    faults.push(at(source, id, format!("`{id}`: {message}")));
                }
            }
            _ => faults.push(unknown(guideline, source, id)),
        }
    }
    folder.files.insert(SITE_FILE.to_string(), source.to_string());
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        return Err(faults);
    }
    Ok(folder)
}

/// With each option alone, the folder passes every check, and the cases on the
/// pages of the option and its whole patients hold. The cases of the other pages
/// were written for the edition as it is. The proofs are asked by `cauda verify`.
pub(crate) fn check_options(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    for policy in guideline.policies.iter().filter(|policy| policy.choice == Choice::Option) {
        let start = format!("{OPTIONS}/{}/", policy.id);
        let mut found = Vec::new();
        let is_own = |file: &str| guideline.folder.files.contains_key(&format!("{start}{file}"));
        let folder = option_folder(guideline, &policy.id);
        match folder.map(|folder| load_changed(&folder, &guideline.folder)) {
            Ok(Ok(with)) => {
                for (index, loaded) in with.pages.iter().enumerate() {
                    if is_own(&loaded.file()) {
                        cases::run_page(&with, index, &mut found);
                    }
                }
                let mut told = Vec::new();
                cases::run_stories(&with, &mut told);
                found.extend(told.into_iter().filter(|fault| is_own(&fault.file)));
            }
            Ok(Err(faults)) | Err(faults) => found.extend(faults),
        }
        faults.extend(found.into_iter().map(|mut fault| {
            let path = format!("{start}{}", fault.file);
            if guideline.folder.files.contains_key(&path) {
                fault.file = path;
            }
            fault
        }));
    }
}

/// The folder with one option turned on and nothing else chosen.
///
/// # Errors
/// When there is no such option.
pub fn option_folder(guideline: &Guideline, id: &str) -> Result<Folder, Vec<Diagnostic>> {
    apply(guideline, &format!("guideline = \"{}\"\noptions = [\"{id}\"]\n", guideline.id))
}

fn turn_on(folder: &mut Folder, id: &str) {
    let start = format!("{OPTIONS}/{id}/");
    let pages: Vec<(String, String)> = folder
        .files
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix(&start)?.to_string(), text.clone())))
        .collect();
    folder.files.extend(pages);
}

fn choose(
    guideline: &Guideline,
    folder: &mut Folder,
    choice: &Choice,
    chosen: &toml::Value,
) -> Result<(), String> {
    let Choice::Number { pages, facts, value, range } = choice else {
        return Err("this is an option".to_string());
    };
    let chosen = chosen.as_str().ok_or("write the number between quotation marks")?;
    for fact in facts {
        let quantity = guideline.fact(fact).and_then(|fact| guideline.facts[fact].quantity());
        let quantity = quantity.ok_or("the fact is no number")?;
        let unit = unit_on(guideline, pages, fact, value);
        let place = |text: &str| quantity.place(text, unit.as_deref());
        let (own, least, most) = (place(chosen)?, place(&range[0])?, place(&range[1])?);
        if own % 2 != 0 {
            return Err(format!("{chosen} is not a whole number of steps of {}", quantity.step));
        }
        if own < least || own > most {
            return Err(format!("{chosen} is not from {} to {}", range[0], range[1]));
        }
    }
    for id in pages {
        let path = format!("{id}.md");
        let Some(text) = folder.files.get_mut(&path) else {
            return Err(format!("an option took {path} away"));
        };
        let (page, _) = parse(&path, text);
        let mut spans: Vec<Range<usize>> = numbers(&page, facts, value)
            .into_iter()
            .filter_map(|test| match &test.kind {
                TestKind::Compares { number, .. } => Some(number.span.clone()),
                _ => None,
            })
            .collect();
        spans.sort_by_key(|span| std::cmp::Reverse(span.start));
        for span in spans {
            text.replace_range(span, chosen);
        }
        *text = format(&parse(&path, text).0);
    }
    Ok(())
}

fn unknown(guideline: &Guideline, source: &str, id: &str) -> Diagnostic {
    let known = || guideline.policies.iter().map(|policy| policy.id.as_str());
    let fault = at(source, id, format!("`{id}` is nothing a site may choose"));
    fault.help(match nearest(id, known()) {
        Some(guess) => format!("did you mean `{guess}`?"),
        None => format!("{POLICY_FILE} declares {}", known().collect::<Vec<_>>().join(", ")),
    })
}

/// A fault at the first place the word stands.
fn at(source: &str, word: &str, message: String) -> Diagnostic {
    let start = source.find(word).unwrap_or(0);
    let end = if source[start..].starts_with(word) { start + word.len() } else { start };
    Diagnostic::error("bad-site", SITE_FILE, start..end, message)
}
