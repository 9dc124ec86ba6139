//! Numbers of few bits, one after the other, written with letters and digits that nobody mixes up.

/// Crockford's base 32: no I, L, O, U.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Bits being written.
#[derive(Default)]
pub(crate) struct Writer {
    bits: Vec<bool>,
}

impl Writer {
    pub(crate) fn put(&mut self, value: u32, width: u32) {
        self.bits.extend((0..width).rev().map(|at| value >> at & 1 == 1));
    }

    pub(crate) fn text(&self) -> String {
        let of = |five: &[bool]| {
            let value = (0..5).fold(0, |value, at| {
                value << 1 | usize::from(five.get(at).copied().unwrap_or(false))
            });
            char::from(SIGNS[value])
        };
        self.bits.chunks(5).map(of).collect()
    }

    /// A checksum of twelve bits over what was written.
    pub(crate) fn check(&self) -> u32 {
        checksum(&self.bits)
    }
}

/// Bits being read.
pub(crate) struct Reader {
    bits: Vec<bool>,
    at: usize,
}

impl Reader {
    /// Reads signs, whatever blanks, dashes and small letters stand among them.
    pub(crate) fn new(text: &str) -> Option<Reader> {
        let mut bits = Vec::new();
        for sign in text.chars().filter(|sign| !sign.is_whitespace() && *sign != '-') {
            let plain = match sign.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = SIGNS.iter().position(|known| char::from(*known) == plain)?;
            bits.extend((0..5).rev().map(|at| value >> at & 1 == 1));
        }
        Some(Reader { bits, at: 0 })
    }

    pub(crate) fn take(&mut self, width: u32) -> Option<u32> {
        let end = self.at + width as usize;
        let bits = self.bits.get(self.at..end)?;
        self.at = end;
        Some(bits.iter().fold(0, |value, bit| value << 1 | u32::from(*bit)))
    }

    /// The checksum of everything that was taken so far.
    pub(crate) fn check(&self) -> u32 {
        checksum(&self.bits[..self.at])
    }

    /// Whether nothing is left but the filling of the last sign.
    pub(crate) fn is_over(&self) -> bool {
        self.bits.len() - self.at < 5 && self.bits[self.at..].iter().all(|bit| !bit)
    }
}

/// CRC-12/UMTS without reflection: polynomial 0x80F.
fn checksum(bits: &[bool]) -> u32 {
    bits.iter().fold(0, |sum, bit| {
        let top = (sum >> 11 & 1 == 1) != *bit;
        let shifted = sum << 1 & 0xFFF;
        if top { shifted ^ 0x80F } else { shifted }
    })
}
