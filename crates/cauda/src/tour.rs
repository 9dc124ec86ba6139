//! `cauda tour`: eight patients from the article's own sentences, each decided
//! and explained.

use anstyle::Style;
use cauda_guideline::Guideline;

use crate::args::Tour;
use crate::error::CliError;
use crate::{assess, guideline, page};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

struct Patient {
    title: &'static str,
    story: &'static str,
    /// Words of the article this patient stands for.
    article: &'static str,
    file: &'static str,
    visit: &'static str,
}

macro_rules! patient {
    ($file:literal, $title:literal, $story:literal, $article:literal) => {
        Patient {
            title: $title,
            story: $story,
            article: $article,
            file: concat!("examples/visits/", $file),
            visit: include_str!(concat!("../../../examples/visits/", $file)),
        }
    };
}

const PATIENTS: [Patient; 8] = [
    patient!(
        "1_strain.json",
        "A strain",
        "A man of 34 bent to lift a box two days ago. Everything was asked and examined; nothing was found.",
        "Most acute low back pain cases are non-specific"
    ),
    patient!(
        "2_cauda_equina.json",
        "Cauda equina syndrome",
        "A woman of 41 with pain in both legs. Since this morning she leaks urine, and the toilet paper feels different.",
        "new-onset loss of bladder or bowel control … and numbness in the groin or perianal area"
    ),
    patient!(
        "3_abscess.json",
        "Epidural abscess",
        "A man of 55 who injects drugs, 38.4 °C, tender in the middle of his back; his left leg has become weak.",
        "a fever, recent infection, or a history of intravenous drug use"
    ),
    patient!(
        "4_metastasis.json",
        "Known cancer",
        "A woman of 63, breast cancer four years ago, new pain between the shoulder blades; her legs are strong.",
        "a known history of cancer who develop new or worsening back pain"
    ),
    patient!(
        "5_progressive_weakness.json",
        "Worsening weakness",
        "A man of 58: his right foot lifted with grade 4 at noon and with grade 2 at three.",
        "severe, progressive neurological deficits, such as rapidly worsening leg weakness"
    ),
    patient!(
        "6_fall_from_ladder.json",
        "A fall from a ladder",
        "A man of 47 fell three metres onto his feet. He lies immobilised; his back is tender at the waist.",
        "Significant trauma resulting in a suspected unstable fracture or dislocation"
    ),
    patient!(
        "7_aneurysm.json",
        "Not the spine",
        "A man of 72 with sudden back pain who collapsed at home; 88/50.",
        "rule out immediate life threats"
    ),
    patient!(
        "8_cannot_decide_yet.json",
        "Cannot decide yet",
        "A woman of 29 at the triage desk. No fever, no fall; nobody has asked about bladder and saddle yet.",
        "a nurse gathers a focused patient history"
    ),
];

/// Runs the command; the number is the exit code.
///
/// # Errors
/// Only a fault of the program: the visits are part of it.
pub fn run(args: &Tour) -> Result<u8, CliError> {
    let proved = guideline::shipped()?;
    let wanted = args.patient.map(usize::from);
    for (at, patient) in PATIENTS.iter().enumerate() {
        if wanted.is_none_or(|wanted| wanted == at + 1) {
            show(proved.guideline(), at + 1, patient)?;
        }
    }
    if wanted.is_none() {
        crate::out::line(&format!(
            "{BOLD}That was the tour.{BOLD:#} Change an answer and see what happens:\n  \
             cauda assess examples/visits/1_strain.json --set saddle_numbness=new\n  \
             cauda assess examples/visits/8_cannot_decide_yet.json --at triage --all\n  \
             cauda verify"
        ));
    }
    Ok(0)
}

fn show(guideline: &Guideline, number: usize, patient: &Patient) -> Result<(), CliError> {
    let rule = "─".repeat(96);
    crate::out::line(&format!(
        "{DIM}{rule}{DIM:#}\n{BOLD}{number} of 8: {}{BOLD:#}",
        patient.title
    ));
    for line in page::wrapped(patient.story, 96) {
        crate::out::line(&line);
    }
    crate::out::line(&format!(
        "{DIM}The article: “{}”.\nVisit: {}{DIM:#}\n",
        patient.article, patient.file
    ));
    let visit = assess::read_text(guideline, patient.file, patient.visit)?;
    let (_, decision) = assess::decide_visit(guideline, &visit);
    crate::out::line(&page::write(guideline, &decision, false));
    Ok(())
}
