//! A search over the resources of one type (FHIR R4, "Search"). What is not understood is refused,
//! never passed over: a parameter that is ignored gives a patient too many answers.

use serde_json::Value;

use crate::fhir::answer::Refusal;
use crate::fhir::parameters::{self, Way};
use crate::fhir::store::Store;
use crate::time;

/// Most parameters of a search, and most values between commas.
const PARAMETERS_MAX: usize = 50;
const VALUES_MAX: usize = 200;
/// Matches of a page, when nobody says and at most.
pub(crate) const PAGE: usize = 50;
pub(crate) const PAGE_MAX: usize = 500;

/// A search taken apart.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) kind: String,
    /// Which matches: after so many, at most so many.
    pub(crate) offset: usize,
    pub(crate) count: usize,
    /// Whether somebody said how many.
    pub(crate) counted: bool,
    sort: Vec<(bool, &'static [&'static str])>,
    wanted: Vec<Wanted>,
    /// The pairs that make the same search, without the page.
    pub(crate) pairs: Vec<(String, String)>,
}

#[derive(Debug)]
struct Wanted {
    way: Way,
    paths: &'static [&'static str],
    not: bool,
    values: Vec<String>,
}

impl Search {
    /// Reads the parameters of a search for a type.
    pub(crate) fn read(kind: &str, pairs: &[(String, String)]) -> Result<Search, Refusal> {
        if pairs.len() > PARAMETERS_MAX {
            return Err(Refusal::new(400, "too-costly", "more than 50 parameters"));
        }
        let mut search = Search {
            kind: kind.to_owned(),
            offset: 0,
            count: PAGE,
            counted: false,
            sort: Vec::new(),
            wanted: Vec::new(),
            pairs: Vec::new(),
        };
        for (name, value) in pairs {
            search.take(name, value)?;
        }
        Ok(search)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let whole = || {
            let wrong = || invalid(format!("{name} is no whole number"));
            value.parse::<usize>().map_err(|_| wrong())
        };
        match name {
            "_offset" => {
                self.offset = whole()?;
                return Ok(());
            }
            "_count" | "_maxresults" => {
                (self.count, self.counted) = (whole()?.min(PAGE_MAX), true);
            }
            "_sort" => self.sort = self.order(value)?,
            "_format" if !value.contains("json") => {
                return Err(Refusal::new(406, "not-supported", "this server speaks JSON alone"));
            }
            "_format" | "_total" | "_pretty" => {}
            _ => {
                let wanted = self.wanted(name, value)?;
                self.wanted.push(wanted);
            }
        }
        self.pairs.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    fn order(&self, value: &str) -> Result<Vec<(bool, &'static [&'static str])>, Refusal> {
        let one = |text: &str| {
            let name = text.trim_start_matches('-');
            let paths = parameters::sort_by(&self.kind, name);
            let paths = paths.ok_or_else(|| invalid(format!("{} has no date {name}", self.kind)));
            Ok((text.starts_with('-'), paths?))
        };
        value.split(',').take(PARAMETERS_MAX).map(one).collect()
    }

    fn wanted(&self, name: &str, value: &str) -> Result<Wanted, Refusal> {
        let (stem, modifier) = name.split_once(':').unwrap_or((name, ""));
        let Some((_, way, paths)) = parameters::find(&self.kind, stem) else {
            return Err(invalid(format!("{} has no search parameter {stem:?}", self.kind)));
        };
        let not = match (modifier, way) {
            ("", _) | ("Patient", Way::Reference) | ("exact", Way::Text) => false,
            ("not", Way::Token) => true,
            _ => return Err(invalid(format!("the modifier of {name:?} is not supported"))),
        };
        let typed = modifier == "Patient";
        let values: Vec<String> = commas(value)
            .into_iter()
            .map(|one| if typed { format!("Patient/{one}") } else { one })
            .collect();
        if values.is_empty() || values.len() > VALUES_MAX || values.iter().any(String::is_empty) {
            return Err(invalid(format!("{name} needs 1 to {VALUES_MAX} values")));
        }
        if way == Way::Date {
            for one in &values {
                date(one).ok_or_else(|| invalid(format!("{name} holds no date")))?;
            }
        }
        Ok(Wanted { way, paths, not, values })
    }

    /// The patients that the search names.
    pub(crate) fn patients(&self) -> Vec<String> {
        let named = self
            .pairs
            .iter()
            .filter(|(name, _)| matches!(name.as_str(), "patient" | "subject" | "subject:Patient"));
        named
            .flat_map(|(_, value)| commas(value))
            .map(|one| one.strip_prefix("Patient/").unwrap_or(&one).to_owned())
            .collect()
    }

    /// All matches, in order.
    pub(crate) fn run(&self, store: &Store, base: &str) -> Vec<Value> {
        let matches = |resource: &&Value| self.wanted.iter().all(|one| one.fits(resource, base));
        let mut found: Vec<&Value> = store.all(&self.kind).filter(matches).collect();
        for (falling, paths) in self.sort.iter().rev() {
            // What has no date comes last, whichever way the order goes.
            let key = |resource: &Value| moment(resource, paths);
            found.sort_by(|one, other| match (key(one), key(other)) {
                (Some(one), Some(other)) if *falling => other.cmp(&one),
                (Some(one), Some(other)) => one.cmp(&other),
                (one, other) => other.is_some().cmp(&one.is_some()),
            });
        }
        found.into_iter().cloned().collect()
    }
}

impl Wanted {
    fn fits(&self, resource: &Value, base: &str) -> bool {
        let values: Vec<&Value> = self.paths.iter().flat_map(|path| look(resource, path)).collect();
        let one = |wanted: &String| match self.way {
            Way::Token => values.iter().any(|value| token(value, wanted)),
            Way::Reference => values.iter().any(|value| refers(value, wanted, base)),
            Way::Date => values.iter().any(|value| dated(value, wanted)),
            Way::Uri => values.iter().any(|value| {
                let said = value.as_str().unwrap_or_default();
                said == wanted || said.split('|').next() == Some(wanted)
            }),
            Way::Text => values.iter().any(|value| {
                let said = value.as_str().unwrap_or_default().to_lowercase();
                said.starts_with(&wanted.to_lowercase())
            }),
        };
        self.values.iter().any(one) != self.not
    }
}

/// Values between commas; `\,` is a comma of a value.
fn commas(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match (sign, all.last_mut()) {
            (',', _) => all.push(String::new()),
            ('\\', Some(last)) => last.extend(signs.next()),
            (sign, Some(last)) => last.push(sign),
            (_, None) => {}
        }
    }
    all
}

/// The values under a path of names, through lists.
pub(crate) fn look<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut at = vec![value];
    for name in path.split('.') {
        at = at.into_iter().filter_map(|one| one.get(name)).flat_map(each).collect();
    }
    at
}

fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    }
}

/// `code`, `system|code`, `|code` or `system|` against a code, `Coding`, concept or `Identifier`.
fn token(value: &Value, wanted: &str) -> bool {
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let codings: Vec<(Option<String>, String)> = match value {
        Value::String(code) => vec![(None, code.clone())],
        Value::Bool(said) => vec![(None, said.to_string())],
        Value::Object(_) => {
            let inner = value.get("coding").map_or_else(|| vec![value], each);
            let code = |one| text(one, "code").or_else(|| text(one, "value"));
            inner.into_iter().filter_map(|one| Some((text(one, "system"), code(one)?))).collect()
        }
        _ => Vec::new(),
    };
    codings.iter().any(|(system, code)| match wanted.split_once('|') {
        None => code == wanted,
        Some(("", wanted)) => system.is_none() && code == wanted,
        // A plain code has the system of its element, which is not known here.
        Some((of, wanted)) => {
            let same = system.as_deref().is_none_or(|system| system == of);
            let plain = value.is_string() || system.is_some();
            same && plain && (wanted.is_empty() || code == wanted)
        }
    })
}

fn refers(value: &Value, wanted: &str, base: &str) -> bool {
    let text = value.get("reference").and_then(Value::as_str).unwrap_or_default();
    let local = |text: &str| {
        let own = text.strip_prefix(base).and_then(|rest| rest.strip_prefix('/'));
        own.unwrap_or(text).split("/_history/").next().unwrap_or_default().to_owned()
    };
    let (text, wanted) = (local(text), local(wanted));
    match wanted.contains('/') {
        true => text == wanted,
        false => text.rsplit('/').next() == Some(&wanted) && !wanted.is_empty(),
    }
}

/// A prefix, and the span of the date after it.
fn date(text: &str) -> Option<(&str, (i64, i64))> {
    let known = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"];
    let prefix = text.get(..2).filter(|prefix| known.contains(prefix));
    let rest = if prefix.is_some() { text.get(2..)? } else { text };
    Some((prefix.unwrap_or("eq"), time::span(rest)?))
}

fn dated(value: &Value, wanted: &str) -> bool {
    let Some((prefix, (first, last))) = date(wanted) else { return false };
    let Some((earliest, latest)) = extent(value) else { return false };
    match prefix {
        "eq" => first <= earliest && latest <= last,
        "ne" => earliest < first || latest > last,
        "gt" => latest > last,
        "sa" => earliest > last,
        "lt" => earliest < first,
        "eb" => latest < first,
        "ge" => latest >= first,
        "le" => earliest <= last,
        _ => false,
    }
}

/// A date, or a `Period`, of which a missing end is open.
fn extent(value: &Value) -> Option<(i64, i64)> {
    if let Some(text) = value.as_str() {
        return time::span(text);
    }
    let end = |name: &str| value.get(name).and_then(Value::as_str).map(time::span);
    match (end("start"), end("end")) {
        (None, None) => None,
        (start, end) => Some((
            start.map_or(Some(i64::MIN), |span| span.map(|span| span.0))?,
            end.map_or(Some(i64::MAX), |span| span.map(|span| span.1))?,
        )),
    }
}

fn moment(resource: &Value, paths: &[&str]) -> Option<i64> {
    let mut values = paths.iter().flat_map(|path| look(resource, path));
    values.find_map(extent).map(|(first, _)| first)
}

fn invalid(text: String) -> Refusal {
    Refusal::new(400, "invalid", text)
}
