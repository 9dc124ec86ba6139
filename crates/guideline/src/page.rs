//! A rule page: what its Markdown says, as a tree. The page is the program.
//!
//! `parse` reads a page and keeps the place of every word; `format` prints the
//! one canonical form; `markdown` proves that a Markdown reader sees the same
//! lists as the program does.

mod format;
mod lexer;
mod markdown;
mod parse;

use std::ops::Range;

pub use format::{case_line, format, test_text};
pub use markdown::differs_from_markdown;
pub use parse::{parse, parse_case, parse_test};

/// Bytes of the page a word stands at.
pub type Span = Range<usize>;

/// A word of the page and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text without its marks.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// What a folder's pages are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageKind {
    /// Whom the guideline is for.
    Scope,
    /// Emergencies outside the spine, looked for first.
    Gate,
    /// Concerns of the spine.
    RedFlag,
    /// A derived fact.
    Definition,
    /// When a test is needed.
    Test,
    /// What a report of a scan does to its concern.
    Result,
    /// Where the patient goes.
    Disposition,
    /// What may be offered, and when it may not.
    Treatment,
    /// What the scanner must know first.
    Scanner,
    /// What happens after the visit.
    FollowUp,
}

impl PageKind {
    /// The kind of the pages in `folder`.
    pub fn of_folder(folder: &str) -> Option<PageKind> {
        PageKind::ALL.into_iter().find(|kind| kind.folder() == folder)
    }

    /// All kinds in reading order.
    pub const ALL: [PageKind; 10] = [
        PageKind::Scope,
        PageKind::Gate,
        PageKind::RedFlag,
        PageKind::Definition,
        PageKind::Test,
        PageKind::Result,
        PageKind::Disposition,
        PageKind::Treatment,
        PageKind::Scanner,
        PageKind::FollowUp,
    ];

    /// The folder its pages live in.
    pub fn folder(self) -> &'static str {
        match self {
            PageKind::Scope => "scope",
            PageKind::Gate => "gate",
            PageKind::RedFlag => "red_flags",
            PageKind::Definition => "definitions",
            PageKind::Test => "tests",
            PageKind::Result => "results",
            PageKind::Disposition => "disposition",
            PageKind::Treatment => "treatment",
            PageKind::Scanner => "scanner",
            PageKind::FollowUp => "follow_up",
        }
    }

    /// Whether its pages raise a concern.
    pub fn is_concern(self) -> bool {
        matches!(self, PageKind::Scope | PageKind::Gate | PageKind::RedFlag)
    }

    /// Whether its pages only advise: they change neither urgency nor disposition.
    pub fn is_advice(self) -> bool {
        matches!(self, PageKind::Treatment | PageKind::Scanner | PageKind::FollowUp)
    }

    /// Whether its pages are read once all concerns are decided, and so may look
    /// at the engine's own facts.
    pub fn is_late(self) -> bool {
        self == PageKind::Disposition || self.is_advice()
    }
}

/// How many children of a group must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Every one.
    All,
    /// One is enough.
    Any,
    /// This many.
    AtLeast(u32),
}

/// A comparison sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `≥`
    AtLeast,
    /// `>`
    Above,
    /// `≤`
    AtMost,
    /// `<`
    Below,
}

impl Comparison {
    /// The sign as pages write it.
    pub fn sign(self) -> &'static str {
        match self {
            Comparison::AtLeast => "≥",
            Comparison::Above => ">",
            Comparison::AtMost => "≤",
            Comparison::Below => "<",
        }
    }
}

/// What a test asks of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestKind {
    /// The fact has one of these values.
    Is(Vec<Word>),
    /// The quantity compares so.
    Compares {
        /// The sign.
        comparison: Comparison,
        /// The constant as written.
        number: Word,
        /// Its UCUM unit as written.
        unit: Option<Word>,
    },
    /// The concern of that page is raised.
    Suspected,
    /// The concern of that page is excluded.
    Excluded,
}

/// One line of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// The fact or page it looks at.
    pub subject: Word,
    /// What it asks.
    pub kind: TestKind,
    /// `(local policy, source-id)`.
    pub notes: Vec<Word>,
    /// The whole line without the dash.
    pub span: Span,
}

/// A test or a nested list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A test.
    Test(Test),
    /// A nested list.
    Group(Group),
}

/// A list and how many of its items must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// How many.
    pub need: Need,
    /// The items.
    pub items: Vec<Item>,
    /// The words `all of`.
    pub span: Span,
}

impl Group {
    /// All its tests, in reading order.
    pub fn tests(&self) -> Vec<&Test> {
        let mut found = Vec::new();
        for item in &self.items {
            match item {
                Item::Test(test) => found.push(test),
                Item::Group(group) => found.extend(group.tests()),
            }
        }
        found
    }
}

/// Units of a span of time, as pages write them, with their seconds.
pub const TIME_UNITS: [(&str, i64); 4] =
    [("minutes", 60), ("hours", 3_600), ("days", 86_400), ("weeks", 604_800)];

/// Where a deadline starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// When the scan is asked for.
    Request,
    /// When somebody first suspected it.
    Suspicion,
    /// When the patient came.
    Arrival,
    /// When the patient leaves.
    Discharge,
}

impl Clock {
    /// The word after `of`.
    pub fn words(self) -> &'static str {
        match self {
            Clock::Request => "the request",
            Clock::Suspicion => "suspicion",
            Clock::Arrival => "arrival",
            Clock::Discharge => "discharge",
        }
    }
}

/// What a line of `## Then` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saying {
    /// Entries of the vocabulary.
    Phrases(Vec<Word>),
    /// A deadline.
    Within {
        /// How many.
        count: Word,
        /// Minutes, hours, days or weeks.
        unit: Word,
        /// Where it starts.
        clock: Clock,
    },
}

/// One line `key: value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The key.
    pub key: Word,
    /// What it says.
    pub saying: Saying,
}

/// What a case expects of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// `fires`
    Fires,
    /// `does not fire`
    DoesNotFire,
    /// `cannot tell`
    CannotTell,
}

impl Expect {
    /// The words of the page.
    pub fn words(self) -> &'static str {
        match self {
            Expect::Fires => "fires",
            Expect::DoesNotFire => "does not fire",
            Expect::CannotTell => "cannot tell",
        }
    }
}

/// A value given to a fact in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// A named value.
    Value(Word),
    /// A number, perhaps with a comparison (`≥ 4`) and a unit.
    Number {
        /// `≥ 4` means known only to be at least 4.
        comparison: Option<Comparison>,
        /// As written.
        number: Word,
        /// As written.
        unit: Option<Word>,
    },
    /// `not asked`, `not known`, `declined` or `unable`.
    Unknown(Word),
}

/// One fact of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The fact.
    pub fact: Word,
    /// Its value.
    pub given: Given,
    /// Who says so, as in `by patient`.
    pub by: Option<Word>,
    /// How long ago: how many, and minutes, hours, days or weeks.
    pub ago: Option<(Word, Word)>,
}

impl Setting {
    /// Whether it says who or when.
    pub fn is_timed(&self) -> bool {
        self.by.is_some() || self.ago.is_some()
    }
}

/// What a case says of every fact it does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllElse {
    /// At its clear value.
    Clear,
    /// Not asked.
    Unknown,
}

/// A patient and what the page makes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What is expected.
    pub expect: Expect,
    /// The facts named.
    pub settings: Vec<Setting>,
    /// The rest.
    pub all_else: AllElse,
    /// What the page should then ask for.
    pub asks: Vec<Word>,
    /// The whole line without the dash.
    pub span: Span,
}

impl Case {
    /// Whether any fact of it says who or when, so that it is about time, too.
    pub fn is_timed(&self) -> bool {
        self.settings.iter().any(Setting::is_timed)
    }
}

/// A whole page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The heading.
    pub title: String,
    /// Ids of its sources.
    pub sources: Vec<Word>,
    /// Date of the last review as written.
    pub reviewed: Option<Word>,
    /// Why, in prose.
    pub why: String,
    /// The rule; of a test page, when the test is needed.
    pub when: Option<Group>,
    /// Whether the heading was `## Needed when`.
    pub needed: bool,
    /// What closes the concern.
    pub excluded: Option<Group>,
    /// If it cannot be known.
    pub stuck: Vec<Line>,
    /// What to do.
    pub then: Vec<Line>,
    /// After the scan.
    pub results: Vec<Line>,
    /// What never closes it.
    pub never: Vec<Test>,
    /// Its cases.
    pub cases: Vec<Case>,
}

impl Page {
    /// The phrases under `key` of `## Then`.
    pub fn then_phrases(&self, key: &str) -> impl Iterator<Item = &Word> {
        phrases(&self.then, key)
    }

    /// The phrases under `key` of `## If it cannot be known`.
    pub fn stuck_phrases(&self, key: &str) -> impl Iterator<Item = &Word> {
        phrases(&self.stuck, key)
    }
}

fn phrases<'a>(lines: &'a [Line], key: &str) -> impl Iterator<Item = &'a Word> {
    lines.iter().filter(move |line| line.key.text == key).flat_map(|line| match &line.saying {
        Saying::Phrases(words) => words.as_slice(),
        Saying::Within { .. } => &[],
    })
}
