//! The tree against a naive reading of RFC 6962, section 2.1, and against its known answers.

use cauda_store::merkle::{
    Frontier, Hash, consistency_ranges, empty_root, fold, inclusion_ranges, leaf_hash, node_hash,
    perfect, verify_consistency, verify_inclusion,
};
use sha2::{Digest, Sha256};

/// MTH(D[n]) of the RFC, word by word.
fn naive(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [] => Hash(Sha256::digest([]).into()),
        [leaf] => Hash(Sha256::digest([&[0], leaf.as_slice()].concat()).into()),
        _ => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            let (left, right) = (naive(&leaves[..k]), naive(&leaves[k..]));
            Hash(Sha256::digest([&[1], &left.0[..], &right.0[..]].concat()).into())
        }
    }
}

/// PATH(m, D[n]) of the RFC.
fn naive_path(m: usize, leaves: &[Vec<u8>]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (mut path, other) = match m < k {
        true => (naive_path(m, &leaves[..k]), naive(&leaves[k..])),
        false => (naive_path(m - k, &leaves[k..]), naive(&leaves[..k])),
    };
    path.push(other);
    path
}

/// SUBPROOF(m, D[n], b) of the RFC.
fn naive_subproof(m: usize, leaves: &[Vec<u8>], known: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if known { Vec::new() } else { vec![naive(leaves)] };
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (mut path, other) = match m <= k {
        true => (naive_subproof(m, &leaves[..k], known), naive(&leaves[k..])),
        false => (naive_subproof(m - k, &leaves[k..], false), naive(&leaves[..k])),
    };
    path.push(other);
    path
}

fn leaves(number: usize) -> Vec<Vec<u8>> {
    (0..number).map(|n| format!("leaf {n}").into_bytes()).collect()
}

fn frontier(leaves: &[Vec<u8>]) -> Frontier {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(leaf_hash(leaf), |_| ()));
    frontier
}

/// A range's hash as the record works it out.
fn range_hash(leaves: &[Vec<u8>], range: std::ops::Range<u64>) -> Hash {
    let parts = perfect(range).into_iter().map(|(level, index)| {
        let (from, to) = ((index << level) as usize, ((index + 1) << level) as usize);
        naive(&leaves[from..to])
    });
    fold(&parts.collect::<Vec<_>>())
}

#[test]
fn known_answers() {
    // SHA-256 of nothing, and of one zero byte: the empty tree, and the leaf without bytes.
    let hex = |text| Hash::from_hex(text).unwrap();
    assert_eq!(
        empty_root(),
        hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    assert_eq!(
        leaf_hash(b""),
        hex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
    );
    assert_eq!(Frontier::default().root(), empty_root());
}

/// The eight leaves that the certificate-transparency tests use, of 0 to 16 bytes. Their roots
/// are worked out by `naive`, which shares no code with the tree.
#[test]
fn the_eight_leaves_of_certificate_transparency() {
    let all: Vec<Vec<u8>> = vec![
        vec![],
        vec![0x00],
        vec![0x10],
        vec![0x20, 0x21],
        vec![0x30, 0x31],
        vec![0x40, 0x41, 0x42, 0x43],
        (0x50..=0x57).collect(),
        (0x60..=0x6f).collect(),
    ];
    for size in 0..=all.len() {
        assert_eq!(frontier(&all[..size]).root(), naive(&all[..size]), "size {size}");
    }
    let whole = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
    assert_eq!(naive(&all).to_string(), whole);
}

#[test]
fn roots_are_those_of_the_rfc() {
    let all = leaves(130);
    for size in 0..=all.len() {
        assert_eq!(frontier(&all[..size]).root(), naive(&all[..size]), "size {size}");
    }
}

#[test]
fn finished_nodes_are_perfect_subtrees() {
    let all = leaves(64);
    let (mut frontier, mut nodes) = (Frontier::default(), Vec::new());
    all.iter().for_each(|leaf| frontier.push(leaf_hash(leaf), |node| nodes.push(node)));
    assert_eq!(nodes.len(), 63);
    for node in nodes {
        let (from, to) = (node.index << node.level, (node.index + 1) << node.level);
        assert_eq!(node.hash, naive(&all[from as usize..to as usize]));
    }
    assert_eq!(Frontier::new(3, vec![node_hash(&empty_root(), &empty_root())]), None);
}

#[test]
fn inclusion_proofs_are_those_of_the_rfc() {
    let all = leaves(40);
    for size in 1..=all.len() {
        let part = &all[..size];
        for (index, bytes) in part.iter().enumerate() {
            let ranges = inclusion_ranges(index as u64, size as u64);
            let path: Vec<Hash> = ranges.into_iter().map(|range| range_hash(part, range)).collect();
            assert_eq!(path, naive_path(index, part), "leaf {index} of {size}");
            let (leaf, at, of) = (leaf_hash(bytes), index as u64, size as u64);
            assert!(verify_inclusion(leaf, at, of, &path, naive(part)));
            assert!(!verify_inclusion(leaf_hash(b"other"), at, of, &path, naive(part)));
            assert!(!verify_inclusion(leaf, at + 1, of, &path, naive(part)));
            assert!(!verify_inclusion(leaf, at, of, &path, empty_root()));
            if let Some((_, short)) = path.split_last() {
                assert!(!verify_inclusion(leaf, at, of, short, naive(part)));
            }
        }
    }
    assert!(!verify_inclusion(leaf_hash(b""), 0, 0, &[], empty_root()));
}

#[test]
fn consistency_proofs_are_those_of_the_rfc() {
    let all = leaves(40);
    for new in 0..=all.len() {
        for old in 0..=new {
            let ranges = consistency_ranges(old as u64, new as u64);
            let part = &all[..new];
            let path: Vec<Hash> = ranges.into_iter().map(|range| range_hash(part, range)).collect();
            if old > 0 && old < new {
                assert_eq!(path, naive_subproof(old, part, true), "{old} in {new}");
            }
            let was = (old as u64, naive(&all[..old]));
            let is = (new as u64, naive(part));
            assert!(verify_consistency(was, is, &path), "{old} in {new}");
            let other = leaf_hash(b"other");
            assert!(!verify_consistency((was.0, other), is, &path), "{old} in {new}");
            if old > 0 {
                assert!(!verify_consistency(was, (is.0, other), &path), "{old} in {new}");
            }
            if let Some((_, short)) = path.split_last() {
                assert!(!verify_consistency(was, is, short), "{old} in {new}");
            }
        }
    }
    assert!(!verify_consistency((2, empty_root()), (1, empty_root()), &[]));
}
