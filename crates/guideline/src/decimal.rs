//! Exact decimals and rationals: no value of a patient passes through a float.
//!
//! In binary floating point 1.001 L × 1000 is 1000.9999… mL, and a threshold at
//! 1001 mL would be missed. Everything here is integer arithmetic with checked
//! overflow; a number too long to be exact is refused, never rounded.

use std::fmt;

/// Most digits a written number may have, before and after the point together.
pub const DIGITS_MAX: usize = 18;

/// A decimal number as written: `mantissa × 10^-scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

impl Decimal {
    /// Reads `digits ["." digits]` with an optional leading minus.
    ///
    /// Returns `None` for anything else: a comma, an exponent, a missing digit,
    /// more than [`DIGITS_MAX`] digits.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        if whole.len() + fraction.len() > DIGITS_MAX {
            return None;
        }
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa * 10 + i128::from(byte - b'0');
        }
        let scale = fraction.len() as u32;
        Some(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }

    /// The same number as a fraction.
    pub fn rational(self) -> Rational {
        Rational { numerator: self.mantissa, denominator: 10_i128.pow(self.scale) }
    }
}

/// A fraction with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rational {
    numerator: i128,
    denominator: i128,
}

impl Rational {
    /// `numerator / denominator`; the denominator must be positive.
    pub const fn new(numerator: i128, denominator: i128) -> Rational {
        Rational { numerator, denominator }
    }

    /// Exact sum, or `None` when it would overflow.
    pub fn plus(self, other: Rational) -> Option<Rational> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Rational {
            numerator: left.checked_add(right)?,
            denominator: self.denominator.checked_mul(other.denominator)?,
        }
        .reduced()
    }

    /// Exact product, or `None` when it would overflow.
    pub fn times(self, other: Rational) -> Option<Rational> {
        Rational {
            numerator: self.numerator.checked_mul(other.numerator)?,
            denominator: self.denominator.checked_mul(other.denominator)?,
        }
        .reduced()
    }

    /// Exact quotient, or `None` for division by zero or overflow.
    pub fn over(self, other: Rational) -> Option<Rational> {
        if other.numerator == 0 {
            return None;
        }
        let sign = if other.numerator < 0 { -1 } else { 1 };
        self.times(Rational {
            numerator: other.denominator.checked_mul(sign)?,
            denominator: other.numerator.checked_mul(sign)?,
        })
    }

    /// Zero minus this.
    pub fn negated(self) -> Rational {
        Rational { numerator: -self.numerator, denominator: self.denominator }
    }

    fn reduced(self) -> Option<Rational> {
        let divisor =
            greatest_common_divisor(self.numerator.unsigned_abs(), self.denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?.max(1);
        Some(Rational {
            numerator: self.numerator / divisor,
            denominator: self.denominator / divisor,
        })
    }

    /// The place of this number on a grid of whole steps, doubled: an even
    /// number is a grid point, an odd one lies strictly between two points.
    ///
    /// Thresholds lie on the grid, so every comparison with one is exact even
    /// for a value off it (100.3 °F on a grid of 0.1 °C).
    pub fn doubled_floor(self) -> Option<i64> {
        let floor = self.numerator.div_euclid(self.denominator);
        let exact = self.numerator.rem_euclid(self.denominator) == 0;
        let doubled = floor.checked_mul(2)?.checked_add(i128::from(!exact))?;
        i64::try_from(doubled).ok()
    }

    /// Whether it is above zero.
    pub fn is_positive(self) -> bool {
        self.numerator > 0
    }

    /// Whether the number is whole.
    pub fn is_whole(self) -> bool {
        self.numerator.rem_euclid(self.denominator) == 0
    }
}

impl fmt::Display for Rational {
    /// Decimal notation, at most four places after the point; a `≈` in front
    /// says that more were cut.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.numerator < 0 { "-" } else { "" };
        let (numerator, denominator) =
            (self.numerator.unsigned_abs(), self.denominator.unsigned_abs());
        let whole = numerator / denominator;
        let mut rest = numerator % denominator;
        let mut places = String::new();
        while rest != 0 && places.len() < 4 {
            rest *= 10;
            places.push(char::from(b'0' + (rest / denominator) as u8));
            rest %= denominator;
        }
        let cut = if rest != 0 { "≈" } else { "" };
        let point = if places.is_empty() { "" } else { "." };
        write!(out, "{cut}{sign}{whole}{point}{places}")
    }
}

fn greatest_common_divisor(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, doubled_tenths: i64) {
        let value = Decimal::parse(text).expect("a number").rational();
        let place = value.over(Rational::new(1, 10)).and_then(Rational::doubled_floor);
        assert_eq!(place, Some(doubled_tenths), "{text}");
    }

    #[test]
    fn places_on_a_grid_are_exact() {
        check("38", 760);
        check("38.0", 760);
        check("37.94", 759);
        check("-0.05", -1);
    }

    #[test]
    fn refuses_what_is_not_a_plain_number() {
        for text in ["", ".", "1.", ".5", "1,5", "1e3", "--1", "+1", " 1", "1234567890123456789"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }
}
