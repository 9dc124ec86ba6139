//! Answers: ACK with MSA and ERR, written and read (HL7 v2.5.1 section 2.9).
//!
//! Original mode answers AA, AE or AR. Enhanced mode, which MSH-15 or MSH-16 asks for, has an
//! accept answer CA, CE or CR. What is answered here is on the disk and has been looked at, so one
//! answer says both; if MSH-15 wants none, MSH-16 decides about AA, AE or AR.

use jiff::tz::TimeZone;

use crate::header::{Acknowledge, Party, Processing, Version};
use crate::structure::Text;
use crate::write::second;
use crate::writing::Line;
use crate::{Charset, Code, Delimiters, Encoding, Header, Place};

/// Most characters of a reason.
const WHY_CHARACTERS_MAX: usize = 200;

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Taken: AA or CA.
    Taken,
    /// Not now; the same message may do later: AE or CE.
    Later,
    /// It will never do: AR or CR.
    Never,
}

/// An answer about to be written.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// What becomes of the message.
    pub verdict: Verdict,
    /// Why it was not taken, one sentence without anything of a patient.
    pub why: &'a str,
    /// The kind of error.
    pub code: Option<Code>,
    /// Where in the message.
    pub place: Option<Place>,
    /// Now, in seconds since 1970 UTC.
    pub now: i64,
    /// The zone to write it in.
    pub zone: &'a TimeZone,
    /// The control id of the answer.
    pub control_id: &'a str,
}

/// An answer that came.
#[derive(Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// What became of the message.
    pub verdict: Verdict,
    /// MSA-2: the control id of the message it answers.
    pub answers: Option<String>,
    /// MSA-3, ERR-8 or the text of ERR: the reason. It may hold anything; keep it out of logs.
    pub why: Option<String>,
}

crate::data_types::masked!(Acknowledgement);

/// Writes the answer to a message; nothing if its sender wants none. Without a header, of what was
/// no message, it is an answer to nothing.
pub fn answer(header: Option<&Header>, answer: &Answer<'_>) -> Option<Vec<u8>> {
    let nothing = no_header();
    let header = header.unwrap_or(&nothing);
    let code = code(header.acknowledge, answer.verdict)?;
    let reply = Header {
        sender: header.receiver.clone(),
        receiver: header.sender.clone(),
        at: None,
        kind: ("ACK".to_string(), header.kind.1.clone()),
        control_id: answer.control_id.to_string(),
        processing: header.processing.or(Some(Processing::Production)),
        version: header.version.or(Some(Version::V2_5_1)),
        acknowledge: Acknowledge::default(),
        ..header.clone()
    };
    let structure = reply.version.filter(|version| *version >= Version::V2_4).map(|_| "ACK");
    let mut msh = reply.write(structure, answer.zone);
    msh.option(7, second(answer.now, answer.zone).as_deref());
    let mut msa = Line::new("MSA", reply.delimiters);
    msa.set(1, code.to_string());
    msa.text(2, &header.control_id);
    let mut text = msh.finish();
    if answer.verdict == Verdict::Taken {
        text.push_str(&msa.finish());
    } else {
        let why: String = answer.why.chars().take(WHY_CHARACTERS_MAX).collect();
        msa.text(3, &why);
        text.push_str(&msa.finish());
        text.push_str(&err(&reply, answer, &why).finish());
    }
    // An answer is never left out for want of a character.
    let bytes = reply.charset.encoding.encode(&text);
    bytes.or_else(|| Encoding::Latin1.encode(&text)).or_else(|| Encoding::Utf8.encode(&text))
}

/// MSA-1, or nothing if no answer is wanted.
fn code(wanted: Acknowledge, verdict: Verdict) -> Option<&'static str> {
    let success = verdict == Verdict::Taken;
    let (original, enhanced) = match verdict {
        Verdict::Taken => ("AA", "CA"),
        Verdict::Later => ("AE", "CE"),
        Verdict::Never => ("AR", "CR"),
    };
    match (wanted.accept, wanted.application) {
        (None, None) => Some(original),
        (Some(accept), _) if accept.wants(success) => Some(enhanced),
        (_, Some(application)) if application.wants(success) => Some(original),
        _ => None,
    }
}

fn err(reply: &Header, answer: &Answer<'_>, why: &str) -> Line {
    let mut line = Line::new("ERR", reply.delimiters);
    let code = answer.code.unwrap_or(Code::Internal);
    let number = code.number().to_string();
    let place = answer.place.map(|place| {
        (place.name(), place.number.to_string(), (place.field > 0).then(|| place.field.to_string()))
    });
    if reply.version < Some(Version::V2_5) {
        line.one(1, |out| {
            if let Some((name, sequence, field)) = place {
                out.plain(1, &name);
                out.plain(2, &sequence);
                out.text(3, &field);
            }
            out.sub(4, 1, &Some(number));
            out.sub(4, 2, &Some(code.text().to_string()));
            out.sub(4, 3, &Some("HL70357".to_string()));
        });
        return line;
    }
    if let Some((name, sequence, field)) = place {
        line.one(2, |out| {
            out.plain(1, &name);
            out.plain(2, &sequence);
            out.text(3, &field);
        });
    }
    line.one(3, |out| {
        out.plain(1, &number);
        out.plain(2, code.text());
        out.plain(3, "HL70357");
    });
    line.set(4, "E".to_string());
    line.text(8, why);
    line
}

fn no_header() -> Header {
    Header {
        delimiters: Delimiters::USUAL,
        sender: Party::default(),
        receiver: Party::default(),
        at: None,
        kind: (String::new(), String::new()),
        control_id: String::new(),
        processing: None,
        version: None,
        acknowledge: Acknowledge::default(),
        charset: Charset::undeclared(),
    }
}

impl Acknowledgement {
    /// Reads an answer of any kind that has an MSA, such as ACK, ORR or ORI. Nothing for what has
    /// none, or whose code is none of HL7 table 0008.
    pub fn read(bytes: &[u8]) -> Option<Acknowledgement> {
        let text = Text::read(bytes).ok()?;
        let message = text.parse().ok()?;
        let segments = text.segments(&message);
        let named = |name: &str| segments.iter().find(|segment| segment.name() == name);
        let msa = named("MSA")?;
        let verdict = match msa.text(1)?.as_str() {
            "AA" | "CA" => Verdict::Taken,
            "AE" | "CE" => Verdict::Later,
            "AR" | "CR" => Verdict::Never,
            _ => return None,
        };
        let of_err = |err: &crate::structure::Segment<'_>| {
            err.free_text(8)
                .or_else(|| err.parts(3).text(2))
                .or_else(|| err.parts(1).sub(4, 2))
                .or_else(|| err.free_text(7))
        };
        let why = msa.free_text(3).or_else(|| named("ERR").and_then(of_err));
        Some(Acknowledgement { verdict, answers: msa.text(2), why })
    }
}

/// Whether a message is itself an answer, which is never answered.
pub(crate) fn is_answer(header: &Header) -> bool {
    header.kind.0 == "ACK" || matches!(header.kind.0.as_str(), "ORR" | "ORI" | "MCF")
}
