//! By what a message is known again when it comes twice.
//!
//! A sender whose answer was lost sends the same message again: the same MSH-3, MSH-4 and
//! MSH-10. A person who sends an order again gives it a new control id: the same content.

use std::fmt::Write as _;

use ring::digest::{Context, SHA256};

use crate::Header;
use crate::data_types::Designator;
use crate::structure::Segment;

/// Two keys, each 64 hexadecimal digits of SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Keys {
    /// The sender and the control id. A message under it that was taken is never taken again.
    pub message: String,
    /// All that it says beyond its head: equal however it was delimited, encoded and numbered.
    /// Compare it with the last message about the same order and no further: to change something
    /// and to change it back are two changes, the second equal to one before.
    pub content: String,
}

impl Keys {
    pub(crate) fn of(header: &Header, segments: &[Segment<'_>]) -> Keys {
        let mut message = Hash::new();
        for party in [&header.sender.application, &header.sender.facility] {
            message.designator(party.as_ref());
        }
        message.text(&header.control_id);
        let mut content = Hash::new();
        for party in [&header.sender.application, &header.sender.facility] {
            content.designator(party.as_ref());
        }
        content.text(&header.kind.0);
        content.text(&header.kind.1);
        for (at, segment) in segments.iter().enumerate().skip(1) {
            content.segment(at, segment);
        }
        Keys { message: message.hex(), content: content.hex() }
    }
}

struct Hash(Context);

impl Hash {
    fn new() -> Hash {
        Hash(Context::new(&SHA256))
    }

    fn number(&mut self, number: usize) {
        self.0.update(&u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.update(text.as_bytes());
    }

    fn designator(&mut self, designator: Option<&Designator>) {
        let none = Designator::default();
        let found = designator.unwrap_or(&none);
        for part in [&found.namespace, &found.universal_id, &found.universal_id_type] {
            self.text(part.as_deref().unwrap_or_default());
        }
    }

    /// Every value with its place; empty ones have none.
    fn segment(&mut self, at: usize, segment: &Segment<'_>) {
        self.number(at);
        self.text(segment.name());
        // EVN-2 says when the message was made, which differs from one sending to the next.
        let skipped = |field: usize| segment.name() == "EVN" && field == 2;
        for (field, found) in segment.raw().fields.iter().enumerate() {
            if skipped(field + 1) {
                continue;
            }
            for (repetition, found) in found.repeats.iter().enumerate() {
                for (component, found) in found.components.iter().enumerate() {
                    for (subcomponent, found) in found.subcomponents.iter().enumerate() {
                        if !found.value.is_empty() {
                            let place = [field, repetition, component, subcomponent];
                            place.into_iter().for_each(|number| self.number(number));
                            self.text(&segment.unescaped(found.value));
                        }
                    }
                }
            }
        }
    }

    fn hex(self) -> String {
        let digest = self.0.finish();
        digest.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}
