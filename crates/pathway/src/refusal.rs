//! Why a command is refused: one sentence, and how to mend it. The sentence may
//! repeat the word at fault, so it is for the screen and never for a log; the
//! kind is for both.

use std::fmt;

use crate::closed_list::closed_list;

closed_list! {
    /// Kind of a refusal.
    Why {
        NotNow = "not in this phase",
        NotYourRole = "not for this role",
        ReasonNeeded = "a reason is needed",
        DecisionNeeded = "no decision yet",
        NotHome = "the guideline does not say home",
        OwnerNeeded = "a named owner is needed",
        NotReliable = "the history is not reliable",
        Unreadable = "the guideline cannot read it",
        NoSuchThing = "there is no such number",
        TooLarge = "a limit is reached",
    }
}

/// A command that changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind.
    pub why: Why,
    /// One sentence: what is missing, and how to mend it.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(why: Why, message: impl Into<String>) -> Refusal {
        Refusal { why, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.why.words(), self.message)
    }
}

impl std::error::Error for Refusal {}
