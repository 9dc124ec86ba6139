//! The Merkle tree of RFC 6962, section 2.1, as pure functions over SHA-256 hashes.
//!
//! A [`Frontier`] is all that appending needs: the roots of the perfect subtrees that the leaves
//! so far fall into, one for each bit of their number. Proofs are lists of ranges of leaves whose
//! hashes whoever keeps the leaves looks up.

use std::fmt;
use std::ops::Range;

use sha2::{Digest, Sha256};

/// A SHA-256 hash: of a leaf, of an inner node, or the root of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// A hash from its 32 bytes; `None` for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Hash> {
        bytes.try_into().ok().map(Hash)
    }

    /// A hash from 64 hexadecimal digits in lower case; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Hash> {
        Hash::from_bytes(&unhex(text)?)
    }
}

/// Prints 64 hexadecimal digits.
impl fmt::Display for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// The root of a tree without leaves.
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// The hash of a leaf over its bytes.
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
}

/// The hash of an inner node over its two children.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let digest = Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0);
    Hash(digest.finalize().into())
}

/// A finished perfect subtree: the leaves `index << level .. (index + 1) << level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Height over the leaves, which are at level 0.
    pub level: u32,
    /// Place among the nodes of its level.
    pub index: u64,
    /// Its hash.
    pub hash: Hash,
}

/// The right edge of a growing tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree with `size` leaves and these peaks, the largest first; `None` when
    /// there are not as many peaks as bits in `size`.
    pub fn new(size: u64, peaks: Vec<Hash>) -> Option<Frontier> {
        (peaks.len() == size.count_ones() as usize).then_some(Frontier { size, peaks })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the perfect subtrees, the largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf and hands every inner node that this finishes to `finished`.
    pub fn push(&mut self, leaf: Hash, mut finished: impl FnMut(Node)) {
        let mut hash = leaf;
        let mut index = self.size;
        let mut level = 0;
        while index & 1 == 1 {
            // INVARIANT: one peak for each bit of `size`, so a set bit has its peak.
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            index >>= 1;
            level += 1;
            finished(Node { level, index, hash });
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root over all leaves so far.
    pub fn root(&self) -> Hash {
        fold(&self.peaks)
    }
}

/// The root over perfect subtrees that stand side by side, the largest first.
pub fn fold(peaks: &[Hash]) -> Hash {
    let mut from_right = peaks.iter().rev();
    let Some(last) = from_right.next() else { return empty_root() };
    from_right.fold(*last, |right, left| node_hash(left, &right))
}

/// Splits leaves into the perfect subtrees, as level and index, that fold to their hash. The
/// range must begin where a tree of its size may begin, as every range of a proof does.
pub fn perfect(range: Range<u64>) -> Vec<(u32, u64)> {
    let mut parts = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let level = (range.end - at).ilog2();
        parts.push((level, at >> level));
        at += 1 << level;
    }
    parts
}

/// The ranges whose hashes prove that leaf `index` is in the tree of `size` leaves
/// (RFC 6962, 2.1.1), from the leaf upwards. Empty when the leaf is not in it.
pub fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let mut ranges = Vec::new();
    if index >= size {
        return ranges;
    }
    let mut all = 0..size;
    while all.end - all.start > 1 {
        let middle = all.start + split(all.end - all.start);
        if index < middle {
            ranges.push(middle..all.end);
            all.end = middle;
        } else {
            ranges.push(all.start..middle);
            all.start = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The ranges whose hashes prove that the tree of `old` leaves is the beginning of the one of
/// `new` leaves (RFC 6962, 2.1.2). Empty when `old` is 0, equal to `new`, or greater.
pub fn consistency_ranges(old: u64, new: u64) -> Vec<Range<u64>> {
    let mut ranges = Vec::new();
    if old == 0 || old >= new {
        return ranges;
    }
    let mut all = 0..new;
    while old != all.end {
        let middle = all.start + split(all.end - all.start);
        if old <= middle {
            ranges.push(middle..all.end);
            all.end = middle;
        } else {
            ranges.push(all.start..middle);
            all.start = middle;
        }
    }
    // Whoever checks knows the old root, so it is left out where the old tree is whole.
    if all.start > 0 {
        ranges.push(all);
    }
    ranges.reverse();
    ranges
}

/// Whether `proof` shows that `leaf` stands at `index` in the tree with this size and root.
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> bool {
    let ranges = inclusion_ranges(index, size);
    if index >= size || ranges.len() != proof.len() {
        return false;
    }
    let hash = ranges.iter().zip(proof).fold(leaf, |hash, (range, other)| {
        if range.start > index { node_hash(&hash, other) } else { node_hash(other, &hash) }
    });
    hash == root
}

/// Whether `proof` shows that the tree of `old` leaves is the beginning of that of `new` leaves.
pub fn verify_consistency(
    (old, old_root): (u64, Hash),
    (new, new_root): (u64, Hash),
    proof: &[Hash],
) -> bool {
    if old == 0 || old >= new {
        let whole = old < new || old_root == new_root;
        return old <= new && proof.is_empty() && whole && (old > 0 || old_root == empty_root());
    }
    let ranges = consistency_ranges(old, new);
    if ranges.len() != proof.len() {
        return false;
    }
    // The first hash is the part both trees share at the old one's edge.
    let (first, rest) = match ranges[0].end == old {
        true => (proof[0], 1),
        false => (old_root, 0),
    };
    let mut was = first;
    let mut is = first;
    for (range, other) in ranges.iter().zip(proof).skip(rest) {
        if range.start >= old {
            is = node_hash(&is, other);
        } else {
            was = node_hash(other, &was);
            is = node_hash(other, &is);
        }
    }
    was == old_root && is == new_root
}

/// The largest power of two smaller than `leaves`, which must be at least 2.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// Bytes as hexadecimal digits in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// The bytes of hexadecimal digits in lower case; `None` for anything else.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}
