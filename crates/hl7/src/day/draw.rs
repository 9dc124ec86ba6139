//! Numbers that look random and come again with the same seed: SplitMix64.

/// Draws numbers.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(seed: u64) -> Draw {
        Draw(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From the first to the last, both of them included.
    pub(super) fn between(&mut self, first: i64, last: i64) -> i64 {
        let width = u64::try_from(last.saturating_sub(first)).unwrap_or(0).saturating_add(1);
        let drawn = self.next().checked_rem(width).unwrap_or(0);
        first.saturating_add(i64::try_from(drawn).unwrap_or(0))
    }

    pub(super) fn minutes(&mut self, first: i64, last: i64) -> i64 {
        self.between(first * 60, last * 60)
    }

    /// True so often in a thousand.
    pub(super) fn often(&mut self, per_mille: u16) -> bool {
        self.between(0, 999) < i64::from(per_mille)
    }

    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(of.len()).unwrap_or(0).saturating_sub(1);
        of.get(usize::try_from(self.between(0, last)).unwrap_or(0))
    }
}
