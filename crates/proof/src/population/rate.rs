//! Shares as whole parts in a million, so that a draw never rounds.

use cauda_guideline::decimal::{Decimal, Rational};

/// Parts in a million.
pub type Millionths = u32;

/// All of them.
pub const WHOLE: Millionths = 1_000_000;

/// Parts in a million of a percentage as written, `"2.5"`. `None` when it is no
/// plain number, not from 0 to 100, or finer than four decimals.
pub fn percent(text: &str) -> Option<Millionths> {
    let grid = Decimal::parse(text)?.rational().over(Rational::new(1, 10_000))?;
    let doubled = grid.doubled_floor().filter(|_| grid.is_whole())?;
    u32::try_from(doubled / 2).ok().filter(|parts| *parts <= WHOLE)
}

/// The percentage as people write it.
pub fn text(parts: Millionths) -> String {
    let (whole, rest) = (parts / 10_000, parts % 10_000);
    let decimals = format!("{rest:04}");
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() { whole.to_string() } else { format!("{whole}.{decimals}") }
}

#[cfg(test)]
mod tests {
    use super::{percent, text};

    #[test]
    fn percentages_are_exact_and_bounded() {
        for (written, parts) in
            [("0", 0), ("100", 1_000_000), ("2.5", 25_000), ("0.0001", 1), ("33.3333", 333_333)]
        {
            assert_eq!(percent(written), Some(parts));
            assert_eq!(text(parts), written);
        }
        for written in ["", "100.1", "-1", "0.00001", "1e2", "1,5", "5 %"] {
            assert_eq!(percent(written), None, "{written}");
        }
    }
}
