//! The pages that can be had in several languages, and the words each needs.

/// A page for patients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Page {
    /// Where a patient who waits is, and what was shared.
    Waiting,
    /// The questions at home and what follows them.
    Home,
    /// The sheet that goes home, as page and PDF.
    Sheet,
    /// The message that asks.
    Message,
}

impl Page {
    /// All of them.
    pub const ALL: &[Page] = &[Page::Waiting, Page::Home, Page::Sheet, Page::Message];

    /// Its name in addresses.
    pub fn id(self) -> &'static str {
        match self {
            Page::Waiting => "waiting",
            Page::Home => "home",
            Page::Sheet => "sheet",
            Page::Message => "message",
        }
    }

    /// The page of that name.
    pub fn of_id(id: &str) -> Option<Page> {
        Page::ALL.iter().copied().find(|known| known.id() == id)
    }

    /// In words, for staff.
    pub fn words(self) -> &'static str {
        match self {
            Page::Waiting => "While waiting",
            Page::Home => "Questions at home",
            Page::Sheet => "The sheet to take home",
            Page::Message => "The message that asks",
        }
    }

    /// Its files in `assets/<language>`.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            Page::Waiting => &["shared", "waiting"],
            Page::Home => &["shared", "home"],
            Page::Sheet => &["shared", "sheet"],
            Page::Message => &["message"],
        }
    }

    /// The lists of the guideline whose phrases can stand on it.
    pub fn lists(self) -> &'static [&'static str] {
        match self {
            Page::Waiting => {
                &["guideline", "return", "attestation", "reason", "disposition", "image", "action"]
            }
            Page::Home => &["guideline", "return", "fact"],
            Page::Sheet => &["guideline", "return", "reason", "action", "refer", "offer"],
            Page::Message => &[],
        }
    }
}
