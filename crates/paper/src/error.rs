//! Why there is no PDF. No variant carries a word of the text.

use thiserror::Error;

/// An error of printing.
#[derive(Debug, Error)]
pub enum PaperError {
    /// More of something than is printed at once.
    #[error("{found} {what} are too many to print; the most is {most}")]
    TooMuch {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A screen reader names a paper by its title.
    #[error("a paper needs a title")]
    Untitled,
    /// The moment lies outside the years 0 to 9999.
    #[error("the moment of printing lies outside the years 0 to 9999")]
    Moment,
    /// A font of the program cannot be read.
    #[error("a font of the program cannot be read")]
    Font,
    /// The versions of the standards do not fit each other.
    #[error("PDF 1.7 and PDF/UA-1 do not fit each other")]
    Standard,
    /// The PDF would break PDF/UA-1, or could not be written.
    #[error("the PDF cannot be written")]
    Pdf(#[source] krilla::error::KrillaError),
}
