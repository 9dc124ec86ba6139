//! The same paper gives the same bytes.

use cauda_paper::{Paper, Size, pdf};

use crate::papers::{MORNING, letter, sheet};
use crate::poppler;

#[test]
fn the_same_paper_gives_the_same_bytes() {
    let first = pdf(&letter()).unwrap();
    for _ in 0..20 {
        assert!(pdf(&letter()).unwrap() == first);
    }
    // Another thread has another seed for its maps.
    let elsewhere = std::thread::spawn(|| pdf(&letter()).unwrap()).join().unwrap();
    assert!(elsewhere == first);
}

#[test]
fn another_moment_or_size_gives_other_bytes() {
    let later = Paper { created_seconds: MORNING + 1, ..sheet() };
    assert_ne!(pdf(&sheet()).unwrap(), pdf(&later).unwrap());
    assert_ne!(pdf(&sheet()).unwrap(), pdf(&Paper { size: Size::Large, ..sheet() }).unwrap());
}

#[test]
fn the_moment_is_the_one_given() {
    let info = poppler::ask(&sheet(), "pdfinfo", &["-isodates"], &[]);
    assert!(info.contains("CreationDate:    2026-11-26T09:20:00Z"), "{info}");
}
