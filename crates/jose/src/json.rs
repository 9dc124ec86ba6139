//! JSON from outside, of which only so much nesting is read (RFC 8259).

use serde::de::DeserializeOwned;

/// Deepest nesting of arrays and objects.
const DEPTH_MAX: usize = 16;

/// Reads an object, if it has the form wanted and nests no deeper than 16 levels. How many bytes
/// there may be is the caller's. A list is refused: serde would take its items as members in the
/// order of the struct, and look at none of their names.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins != Some(&b'{') || depth(bytes) > DEPTH_MAX {
        return None;
    }
    serde_json::from_slice(bytes).ok()
}

/// How deep it nests, looked at before any of it is taken apart. Of what is no JSON the number is
/// any; the parser refuses that.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest): (usize, usize) = (0, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in bytes {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{depth, read};

    #[derive(Deserialize, PartialEq, Debug)]
    struct One {
        name: String,
    }

    #[test]
    fn a_list_is_no_object() {
        assert_eq!(read::<One>(b" \n{\"name\":\"a\"}"), Some(One { name: "a".into() }));
        assert_eq!(read::<One>(br#"["a"]"#), None);
        assert_eq!(read::<One>(b""), None);
    }

    #[test]
    fn brackets_in_a_text_are_none() {
        for (text, expect) in
            [("", 0), ("[[]]", 2), (r#"{"[[\"[[":[]}"#, 2), (r#"["\\",[{}]]"#, 3), ("]]][", 1)]
        {
            assert_eq!(depth(text.as_bytes()), expect, "{text}");
        }
    }
}
