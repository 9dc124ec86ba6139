//! Frames are found in whatever comes, in whatever pieces.

use cauda_hl7::mllp::{Decoder, Found, frame};
use proptest::prelude::*;

fn all(decoder: &mut Decoder, mut bytes: &[u8]) -> Vec<Found> {
    std::iter::from_fn(|| decoder.next(&mut bytes)).collect()
}

fn check(bytes: &[u8], expect: &[&str]) {
    for piece in [1, 3, bytes.len().max(1)] {
        let mut decoder = Decoder::new(16);
        let found: Vec<Found> =
            bytes.chunks(piece).flat_map(|chunk| all(&mut decoder, chunk)).collect();
        let told: Vec<String> = found
            .into_iter()
            .map(|found| match found {
                Found::Frame(bytes) => String::from_utf8(bytes).unwrap(),
                Found::Cut => "<cut>".to_string(),
                Found::TooLarge => "<too large>".to_string(),
            })
            .collect();
        assert_eq!(told, expect, "in pieces of {piece}");
    }
}

#[test]
fn frames_are_found_in_pieces_and_after_noise() {
    check(b"\x0bone\x1c\r\x0btwo\x1c\r", &["one", "two"]);
    check(b"GET / HTTP/1.1\r\n\r\n\x0bone\x1c\r", &["one"]);
    check(b"\x1c\r\x1c\r\x0bone\x1c\r", &["one"]);
    check(b"\x0b\x1c\r", &[""]);
}

#[test]
fn a_frame_ends_with_its_first_sign() {
    // Some systems send no CR, or a line feed more: the frame is whole before it.
    check(b"\x0bone\x1c", &["one"]);
    check(b"\x0bone\x1c\x0btwo\x1c\r\n", &["one", "two"]);
}

#[test]
fn a_cut_frame_and_a_large_one_are_dropped_and_the_next_is_whole() {
    check(b"\x0bhalf a\x0bone\x1c\r", &["<cut>", "one"]);
    check(b"\x0bmore than sixteen bytes\x1c\r\x0bone\x1c\r", &["<too large>", "one"]);
    check(b"\x0bmore than sixteen bytes\x0bone\x1c\r", &["<too large>", "one"]);
    check(b"\x0bsixteen bytes ok\x1c\r", &["sixteen bytes ok"]);
}

#[test]
fn noise_is_counted_and_an_open_frame_is_known() {
    let mut decoder = Decoder::new(16);
    assert!(all(&mut decoder, b"noise\r\n").is_empty());
    assert_eq!((decoder.noise_bytes(), decoder.is_inside()), (5, false));
    assert!(all(&mut decoder, b"\x0bpart").is_empty());
    assert!(decoder.is_inside());
}

fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![Just(0x0b), Just(0x1c), Just(0x0d), any::<u8>()]
}

fn text_byte() -> impl Strategy<Value = u8> {
    any::<u8>().prop_filter("a sign of a frame", |byte| !matches!(byte, 0x0b | 0x1c))
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_are_the_same(
        bytes in proptest::collection::vec(byte(), 0..200),
        piece in 1_usize..50,
    ) {
        let mut whole = Decoder::new(32);
        let expected = all(&mut whole, &bytes);
        let mut pieces = Decoder::new(32);
        let found: Vec<Found> =
            bytes.chunks(piece).flat_map(|chunk| all(&mut pieces, chunk)).collect();
        prop_assert!(found == expected);
        prop_assert_eq!(whole.noise_bytes(), pieces.noise_bytes());
    }

    #[test]
    fn what_is_framed_is_found_after_any_noise(
        noise in proptest::collection::vec(any::<u8>(), 0..64),
        message in proptest::collection::vec(text_byte(), 0..64),
    ) {
        let mut decoder = Decoder::new(1_024);
        let mut bytes = noise;
        bytes.extend(frame(&message));
        let found = all(&mut decoder, &bytes);
        prop_assert!(found.last() == Some(&Found::Frame(message)));
    }
}
