//! Reports: OBR and OBX of ORU (HL7 v2.5.1 chapter 7, IHE RAD-28). The text of a report is not
//! read: the board shows that there is one, how final it is, and whether it is critical.

use crate::data_types::{Coded, EntityId, masked};
use crate::fit;
use crate::structure::{Gather, Segment};
use crate::writing::Line;
use crate::{Code, Delimiters, Reject, When};

/// Most reports of a message.
pub(crate) const REPORTS_MAX: usize = 256;
/// DICOM's code for the study that a report is about, which IHE puts into OBX-3.
const STUDY_CODE: &str = "113014";
/// Written in place of a report's text.
const TEXT: &str = "The text is in the reporting system.";

/// A report of one order.
#[derive(Clone, PartialEq, Eq)]
pub struct Report {
    /// OBR-2.
    pub placer: Option<EntityId>,
    /// OBR-3.
    pub filler: Option<EntityId>,
    /// OBR-18.
    pub accession: Option<String>,
    /// From the OBX that names the study.
    pub study_uid: Option<String>,
    /// OBR-4.
    pub service: Option<Coded>,
    /// OBR-22.
    pub at: Option<When>,
    /// OBR-25 and OBX-11: the less final of what they say.
    pub stage: Stage,
    /// OBX-8.
    pub critical: Critical,
}

masked!(Report);

/// How final a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It does not say, or in no code of the tables. Never taken for final.
    Unknown,
    /// None yet.
    Pending,
    /// Preliminary, partial or not verified.
    Preliminary,
    /// Final.
    Final,
    /// Final, and other than it was before.
    Corrected,
    /// Taken back: cancelled, deleted, or posted for the wrong patient.
    Withdrawn,
}

/// Whether a finding is marked as critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Critical {
    /// One is.
    Marked,
    /// None is. That is no statement that nothing is critical.
    NotMarked,
}

impl Stage {
    /// OBR-25, HL7 table 0123.
    fn of_order(code: &str) -> Option<Stage> {
        match code {
            "O" | "I" | "S" => Some(Stage::Pending),
            "A" | "P" | "R" => Some(Stage::Preliminary),
            "F" => Some(Stage::Final),
            "C" => Some(Stage::Corrected),
            "X" => Some(Stage::Withdrawn),
            _ => None,
        }
    }

    /// OBX-11, HL7 table 0085.
    fn of_observation(code: &str) -> Option<Stage> {
        match code {
            "I" => Some(Stage::Pending),
            "P" | "R" | "S" => Some(Stage::Preliminary),
            "F" | "U" => Some(Stage::Final),
            "C" => Some(Stage::Corrected),
            "D" | "W" | "X" => Some(Stage::Withdrawn),
            _ => None,
        }
    }

    /// The less final of two.
    fn and(self, other: Stage) -> Stage {
        use Stage::{Corrected, Final, Pending, Preliminary, Unknown, Withdrawn};
        match (self, other) {
            (Unknown, one) | (one, Unknown) => one,
            (one, two) if one == two => one,
            (Pending | Preliminary, _) | (_, Pending | Preliminary) => Preliminary,
            (Withdrawn | Corrected | Final, _) => Corrected,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Stage::Unknown => "",
            Stage::Pending => "I",
            Stage::Preliminary => "P",
            Stage::Final => "F",
            Stage::Corrected => "C",
            Stage::Withdrawn => "X",
        }
    }
}

impl Report {
    /// OBR, which begins a report. An ORC before it may hold its numbers.
    pub(crate) fn begin(
        obr: &Segment<'_>,
        orc: Option<&Segment<'_>>,
        gather: &mut Gather<'_>,
    ) -> Report {
        let of_orc = |field| orc.and_then(|orc| EntityId::read(&orc.parts(field)));
        let accession = obr.text(18);
        gather.fits(obr.place(18), fit::ACCESSION, accession.as_deref());
        Report {
            placer: EntityId::read(&obr.parts(2)).or_else(|| of_orc(2)),
            filler: EntityId::read(&obr.parts(3)).or_else(|| of_orc(3)),
            accession,
            study_uid: None,
            service: Coded::read(&obr.parts(4)),
            at: gather.time(obr, 22, 1),
            stage: gather.code(obr, 25, Stage::of_order).unwrap_or(Stage::Unknown),
            critical: Critical::NotMarked,
        }
    }

    /// OBX of the report.
    pub(crate) fn observe(&mut self, obx: &Segment<'_>, gather: &mut Gather<'_>) {
        let flags = obx.repetitions(8, gather);
        let critical = |code: &String| gather.critical.contains(code);
        if flags.iter().filter_map(|parts| parts.text(1)).any(|code| critical(&code)) {
            self.critical = Critical::Marked;
        }
        if obx.text(3).as_deref() == Some(STUDY_CODE) {
            self.study_uid = obx.text(5);
            gather.fits(obx.place(5), fit::STUDY_UID, self.study_uid.as_deref());
            return;
        }
        // Asked and not answered, or detail of the order: neither is a result.
        if obx.text(11).is_some_and(|code| matches!(code.as_str(), "N" | "O")) {
            return;
        }
        match gather.code(obx, 11, Stage::of_observation) {
            // An order that was cancelled has no results, whatever else is sent along.
            Some(_) if self.stage == Stage::Withdrawn => {}
            Some(stage) => self.stage = self.stage.and(stage),
            None => {}
        }
    }

    /// What a report cannot do without.
    pub(crate) fn check(&self, obr: &Segment<'_>) -> Result<(), Reject> {
        let known = self.placer.is_some()
            || self.filler.is_some()
            || self.accession.is_some()
            || self.study_uid.is_some();
        if known {
            return Ok(());
        }
        let why = "the report does not say which order it belongs to";
        Err(Reject::new(Code::RequiredField, Some(obr.place(2)), why))
    }

    pub(crate) fn write(
        &self,
        number: usize,
        delimiters: Delimiters,
        zone: &jiff::tz::TimeZone,
    ) -> Vec<Line> {
        let mut obr = Line::new("OBR", delimiters);
        obr.set(1, number.to_string());
        for (field, id) in [(2, &self.placer), (3, &self.filler)] {
            if let Some(id) = id {
                obr.one(field, |out| id.write(out));
            }
        }
        if let Some(service) = &self.service {
            obr.one(4, |out| service.write(out));
        }
        obr.option(18, self.accession.as_deref());
        obr.option(22, self.at.and_then(|at| at.write(zone)).as_deref());
        obr.text(25, self.stage.code());
        let mut lines = vec![obr];
        if let Some(uid) = &self.study_uid {
            let mut obx = Line::new("OBX", delimiters);
            obx.set(1, "1".to_string());
            obx.set(2, "HD".to_string());
            obx.one(3, |out| {
                out.plain(1, STUDY_CODE);
                out.plain(2, "DICOM Study");
                out.plain(3, "DCM");
            });
            obx.set(4, "1".to_string());
            obx.text(5, uid);
            obx.set(11, "O".to_string());
            lines.push(obx);
        }
        let mut obx = Line::new("OBX", delimiters);
        obx.set(1, lines.len().to_string());
        obx.set(2, "TX".to_string());
        obx.one(3, |out| {
            out.plain(1, "18748-4");
            out.plain(2, "Diagnostic imaging study");
            out.plain(3, "LN");
        });
        obx.set(4, "1".to_string());
        obx.text(5, TEXT);
        if self.critical == Critical::Marked {
            obx.set(8, "AA".to_string());
        }
        obx.set(11, self.stage.code().to_string());
        lines.push(obx);
        lines
    }
}
