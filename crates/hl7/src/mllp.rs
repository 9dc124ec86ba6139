//! The minimal lower layer protocol: VT, a message, FS, CR (HL7 v2.5.1 appendix C).
//!
//! Without any input or output of its own: bytes go in as they come, frames come out. A frame
//! ends with its FS, so that nobody waits for a CR that some systems never send. VT and FS
//! cannot stand inside of a message; a VT there means that the message before it was cut off.

/// Most bytes of a frame unless the settings say less or more.
pub const FRAME_BYTES_MAX: usize = 1_048_576;
/// Bytes kept of a frame at its beginning; it grows with what comes.
const FRAME_BYTES_FIRST: usize = 4_096;

const VT: u8 = 0x0b;
const FS: u8 = 0x1c;
const CR: u8 = 0x0d;
const LF: u8 = 0x0a;

/// What a decoder found.
#[derive(Clone, PartialEq, Eq)]
pub enum Found {
    /// A whole frame, without VT, FS and CR.
    Frame(Vec<u8>),
    /// A frame that began, and another that began before it had ended. Its bytes are dropped.
    Cut,
    /// A frame with more bytes than may be. It is dropped up to its end.
    TooLarge,
}

/// Takes frames out of bytes.
pub struct Decoder {
    frame: Vec<u8>,
    place: Place,
    frame_bytes_max: usize,
    noise_bytes: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Inside,
    /// Inside of a frame that is too large.
    Dropping,
}

impl Decoder {
    /// A decoder that takes no frame with more bytes.
    pub fn new(frame_bytes_max: usize) -> Decoder {
        Decoder { frame: Vec::new(), place: Place::Outside, frame_bytes_max, noise_bytes: 0 }
    }

    /// Takes bytes off the front of `input` until something is found, or none are left.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Found> {
        while let Some((byte, rest)) = input.split_first() {
            match self.place {
                Place::Outside => {
                    *input = rest;
                    self.outside(*byte);
                }
                Place::Inside | Place::Dropping => {
                    if let Some(found) = self.inside(input) {
                        return Some(found);
                    }
                }
            }
        }
        None
    }

    /// Whether a frame has begun and not ended.
    pub fn is_inside(&self) -> bool {
        self.place != Place::Outside
    }

    /// Bytes that belonged to no frame, and were no end of a line.
    pub fn noise_bytes(&self) -> u64 {
        self.noise_bytes
    }

    fn outside(&mut self, byte: u8) {
        match byte {
            VT => self.begin(),
            CR | LF => {}
            _ => self.noise_bytes = self.noise_bytes.saturating_add(1),
        }
    }

    fn begin(&mut self) {
        self.frame = Vec::with_capacity(FRAME_BYTES_FIRST.min(self.frame_bytes_max));
        self.place = Place::Inside;
    }

    /// Takes all bytes up to the next sign of a frame at once.
    fn inside(&mut self, input: &mut &[u8]) -> Option<Found> {
        let end = input.iter().position(|byte| matches!(*byte, VT | FS));
        let (text, rest) = input.split_at(end.unwrap_or(input.len()));
        if self.place == Place::Inside {
            if self.frame.len().saturating_add(text.len()) > self.frame_bytes_max {
                self.frame = Vec::new();
                self.place = Place::Dropping;
            } else {
                self.frame.extend_from_slice(text);
            }
        }
        let Some((sign, rest)) = rest.split_first() else {
            *input = rest;
            return None;
        };
        *input = rest;
        let was = self.place;
        if *sign == VT {
            self.begin();
        } else {
            self.place = Place::Outside;
        }
        match (was, *sign) {
            (Place::Dropping, _) => Some(Found::TooLarge),
            (_, VT) => Some(Found::Cut),
            _ => Some(Found::Frame(std::mem::take(&mut self.frame))),
        }
    }
}

/// A message as a frame.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(message.len().saturating_add(3));
    framed.push(VT);
    framed.extend_from_slice(message);
    framed.extend_from_slice(&[FS, CR]);
    framed
}
