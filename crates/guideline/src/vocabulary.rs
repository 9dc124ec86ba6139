//! The phrases pages may use after a key, with wording for staff and patients,
//! and the sources they may cite.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::facts::{Code, is_id, tables};
use crate::page::PageKind;

/// Urgency, least first (CR1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// No scan.
    None,
    /// On the outpatient list.
    Outpatient,
    /// Within seven days.
    Booked,
    /// Within 24 hours, staying.
    Urgent,
    /// Within four hours.
    Emergency,
    /// Next on the table.
    Immediate,
}

impl Tier {
    /// All, least urgent first.
    pub const ALL: [Tier; 6] = [
        Tier::None,
        Tier::Outpatient,
        Tier::Booked,
        Tier::Urgent,
        Tier::Emergency,
        Tier::Immediate,
    ];

    /// Its id in pages and JSON.
    pub fn id(self) -> &'static str {
        match self {
            Tier::None => "none",
            Tier::Outpatient => "outpatient",
            Tier::Booked => "booked",
            Tier::Urgent => "urgent",
            Tier::Emergency => "emergency",
            Tier::Immediate => "immediate",
        }
    }

    /// The tier with that id.
    pub fn of_id(id: &str) -> Option<Tier> {
        Tier::ALL.into_iter().find(|tier| tier.id() == id)
    }
}

/// What is done first for a concern, the most far-reaching first (E6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstStep {
    /// MRI.
    Mri,
    /// CT first.
    Ct,
    /// X-ray first.
    Xray,
    /// Laboratory first.
    Laboratory,
    /// Another team.
    OtherTeam,
    /// Nothing.
    None,
}

impl FirstStep {
    /// All, in order.
    pub const ALL: [FirstStep; 6] = [
        FirstStep::Mri,
        FirstStep::Ct,
        FirstStep::Xray,
        FirstStep::Laboratory,
        FirstStep::OtherTeam,
        FirstStep::None,
    ];

    /// Its id in pages and JSON.
    pub fn id(self) -> &'static str {
        match self {
            FirstStep::Mri => "mri",
            FirstStep::Ct => "ct",
            FirstStep::Xray => "xray",
            FirstStep::Laboratory => "laboratory",
            FirstStep::OtherTeam => "other_team",
            FirstStep::None => "none",
        }
    }
}

/// One phrase.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrase {
    /// For staff.
    pub staff: String,
    /// For patients.
    pub patient: String,
    /// Of an image: `mri`, `ct`, `xray`, `none`.
    pub modality: Option<String>,
    /// Of an image.
    pub region: Option<String>,
    /// Of an image.
    pub contrast: Option<String>,
    /// Of an image: expected minutes, least and most.
    pub minutes: Option<[u32; 2]>,
    /// Of a tier: what pages must say after `within`.
    pub deadline: Option<String>,
    /// Of a disposition: the tier it stands for.
    pub urgency: Option<Tier>,
    /// Of a disposition: whether it tells the patient that no emergency was found.
    pub reassuring: Option<bool>,
    /// Of a disposition: whether the patient leaves the hospital.
    #[serde(default)]
    pub leaves: bool,
    /// Of an image: the least sequences.
    pub protocol: Option<String>,
    /// Of an image: what it cannot show.
    pub limits: Option<String>,
    /// Of an image: other images it answers too.
    #[serde(default)]
    pub covers: Vec<String>,
    /// Of an offer: offers of one group are alternatives.
    pub group: Option<String>,
    /// Of an offer: hard stops, as tests in the words of a page. SP7 proves that
    /// no patient has one while the offer stands. Of an image: what a patient must
    /// not go into the scanner with. SP7 proves that a concern's scan is held then.
    #[serde(default)]
    pub never_with: Vec<String>,
    /// Of an offer or a word on the scanner: phrases never ordered together with it.
    #[serde(default)]
    pub conflicts: Vec<String>,
    /// Of a word on the scanner: no MRI until it is resolved.
    #[serde(default)]
    pub blocks: bool,
    /// Said where no scan is made: what one would cost, or show by chance.
    #[serde(default)]
    pub instead_of_scan: bool,
    /// Of a referral: how soon.
    pub within: Option<String>,
    /// Of a line of the return list: the facts a patient can notice.
    #[serde(default)]
    pub facts: Vec<String>,
    /// Ids of sources.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Codes, only where sure.
    #[serde(default)]
    pub codes: Vec<Code>,
}

/// An id, where it stands, and its phrase.
pub type Entry = (String, Range<usize>, Phrase);

/// All phrases, by file and id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    entries: BTreeMap<String, Vec<Entry>>,
    /// Places of the entries of each list, by id.
    places: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Vocabulary {
    /// The phrase `id` of `list` (`image`, `tier` …).
    pub fn get(&self, list: &str, id: &str) -> Option<&Phrase> {
        let place = *self.places.get(list)?.get(id)?;
        self.entries.get(list)?.get(place).map(|(_, _, phrase)| phrase)
    }

    /// Ids of a list in their order.
    pub fn ids(&self, list: &str) -> impl Iterator<Item = &str> {
        self.entries.get(list).into_iter().flatten().map(|(id, ..)| id.as_str())
    }

    /// Every list with its entries and their places.
    pub fn lists(&self) -> impl Iterator<Item = (&str, &[Entry])> {
        self.entries.iter().map(|(list, entries)| (list.as_str(), entries.as_slice()))
    }

    /// Reads `vocabulary/<list>.toml` into it.
    pub(crate) fn read(&mut self, file: &str, source: &str, faults: &mut Vec<Diagnostic>) {
        let list = file.trim_start_matches("vocabulary/").trim_end_matches(".toml").to_string();
        let entries = tables::<Phrase>(file, source, faults).unwrap_or_default();
        for (id, span, _) in &entries {
            if !is_id(id) {
                let fault =
                    Diagnostic::error("bad-id", file, span.clone(), format!("`{id}` is not an id"));
                faults.push(fault.help("use lower-case letters, digits and `_`"));
            }
        }
        let ids = entries.iter().enumerate();
        let places = ids.map(|(place, (id, ..))| (id.clone(), place)).collect();
        self.places.insert(list.clone(), places);
        self.entries.insert(list, entries);
    }
}

/// The keys of `key: phrase` lines, in their order, and the list each draws from.
pub const THEN_KEYS: &[(&str, &str)] = &[
    ("concern", "concern"),
    ("closes", "concern"),
    ("answered", "concern"),
    ("row", ""),
    ("go", "disposition"),
    ("offer", "offer"),
    ("scan", "scan"),
    ("refer", "refer"),
    ("image", "image"),
    ("no scan because", "reason"),
    ("tier", "tier"),
    ("within", ""),
    ("do", "action"),
    ("first", "action"),
    ("meanwhile", "action"),
    ("advise", "action"),
    ("call", "call"),
    ("no scanner in time", "fallback"),
    ("patient cannot be scanned", "fallback"),
];

/// Keys of `## If it cannot be known`.
pub const STUCK_KEYS: &[(&str, &str)] = &[("ask", "call"), ("settle", "tier"), ("do", "action")];

/// Keys of `## After the scan` (CR17).
pub const RESULT_KEYS: &[(&str, &str)] = &[
    ("positive", "result"),
    ("negative and adequate", "result"),
    ("negative but signs remain", "result"),
    ("inadequate or stopped", "result"),
    ("other cause found", "result"),
    ("preliminary", "result"),
    ("amended", "result"),
];

/// The keys of `## Then` that pages of a kind may use, and those of which they
/// must use one.
pub fn keys_of(kind: PageKind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        PageKind::Definition => (&[], &[]),
        PageKind::Test => (&["do"], &["do"]),
        PageKind::Result => (&["closes", "answered", "row", "do", "advise", "call"], &["row"]),
        PageKind::Disposition => {
            (&["go", "no scan because", "do", "first", "meanwhile", "advise", "call"], &["go"])
        }
        PageKind::Treatment => (&["offer", "do", "advise", "call"], &["offer", "advise"]),
        PageKind::Scanner => (&["scan", "do", "advise", "call"], &["scan"]),
        PageKind::FollowUp => {
            (&["refer", "image", "do", "advise", "call"], &["refer", "image", "advise"])
        }
        PageKind::Scope | PageKind::Gate | PageKind::RedFlag => (
            &[
                "concern",
                "image",
                "tier",
                "within",
                "do",
                "first",
                "meanwhile",
                "advise",
                "call",
                "no scanner in time",
                "patient cannot be scanned",
            ],
            &["concern"],
        ),
    }
}

/// The key of `## After the scan` that a results page names after `row:`, where
/// it is written with `_` for each blank.
pub fn result_key(row: &str) -> Option<&'static str> {
    RESULT_KEYS.iter().map(|(key, _)| *key).find(|key| key.replace(' ', "_") == row)
}

/// How well a source was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Read {
    /// The source itself.
    Source,
    /// Its abstract.
    Abstract,
    /// A page that reports it.
    SecondHand,
    /// Not read; a clinician has to confirm it.
    Unverified,
}

impl Read {
    /// As shown beside a citation.
    pub fn words(self) -> &'static str {
        match self {
            Read::Source => "read",
            Read::Abstract => "abstract read",
            Read::SecondHand => "second-hand",
            Read::Unverified => "unverified",
        }
    }
}

/// A source.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Title.
    pub title: String,
    /// Authors, where known.
    pub authors: Option<String>,
    /// Year, where known.
    pub year: Option<u16>,
    /// Meta-analysis, guideline, cohort, case report, article, policy.
    pub kind: String,
    /// How well it was read.
    pub read: Read,
    /// What it says, in one sentence.
    pub says: String,
}

/// Reads `sources.toml`.
pub(crate) fn read_sources(
    file: &str,
    source: &str,
    faults: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Source> {
    let entries = tables::<Source>(file, source, faults).unwrap_or_default();
    entries.into_iter().map(|(id, _, source)| (id, source)).collect()
}
