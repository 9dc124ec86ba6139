//! Papers to test with: the sheet of a patient and a letter, as a department would print them.

use cauda_paper::{Block, Language, Level, PageSize, Paper, Size, Text};

/// 26 November 2026, 09:20 UTC.
pub const MORNING: i64 = 1_795_684_800;

/// A paper of some blocks.
pub fn paper(blocks: Vec<Block<'_>>) -> Paper<'_> {
    Paper {
        title: "Back pain: going home",
        language: Language::English,
        author: "Emergency department, Example Hospital",
        created_seconds: MORNING,
        page: PageSize::A4,
        size: Size::Normal,
        blocks,
        footer: Some(
            "Example Hospital, telephone 555 0100. Guideline back_pain 1.4, edition 7f3a.",
        ),
    }
}

fn heading(text: &str) -> Block<'_> {
    Block::Heading(Level::Two, text.into())
}

fn list<'a>(items: &[&'a str]) -> Block<'a> {
    Block::List(items.iter().map(|item| Text::from(*item)).collect())
}

fn cells<'a>(rows: &[&[&'a str]]) -> Vec<Vec<Text<'a>>> {
    rows.iter().map(|row| row.iter().map(|cell| Text::from(*cell)).collect()).collect()
}

/// What a patient takes home.
pub fn sheet() -> Paper<'static> {
    paper(vec![
        Block::Heading(Level::One, "Your back pain: going home".into()),
        Block::Paragraph(
            Text::from("For ").bold("Maria Núñez-Ødegård").plain(", 26 November 2026."),
        ),
        Block::Box {
            heading: "Come back at once, or call 112, if".into(),
            lines: [
                "you cannot pass water, or you leak urine or stool",
                "the skin between your legs, around your bottom or your sex organs becomes numb",
                "a leg becomes weak or numb, or pain goes down both legs",
                "you have fever of 38 °C or more, or shake with cold",
                "the pain becomes so bad that the medicine does not help",
            ]
            .map(Text::from)
            .to_vec(),
        },
        heading("What we found"),
        Block::Paragraph(
            "We asked about every danger sign and examined you. We found none. \
             A scan today would not change what helps you."
                .into(),
        ),
        heading("What to take and do"),
        Block::List(vec![
            Text::default()
                .bold("Ibuprofen 400 mg")
                .plain(": one tablet with food, up to 3 times a day, for at most 7 days."),
            Text::default()
                .bold("Paracetamol 1 g")
                .plain(": up to 4 times a day. Leave at least 4 hours between doses."),
            "Move as you can, and a little more each day. Bed rest makes it last longer.".into(),
            "Go to work when you can do most of it. You need not be free of pain.".into(),
        ]),
        heading("Whom to see"),
        list(&[
            "Your family physician within 2 weeks",
            "A physiotherapist, if you are not better in 6 weeks",
        ]),
        Block::Rule,
        Block::Note(
            "This sheet is made from sentences of the guideline. Ask us if anything is unclear."
                .into(),
        ),
    ])
}

/// The same in Spanish.
pub fn hoja() -> Paper<'static> {
    let blocks = vec![
        Block::Heading(Level::One, "Su dolor de espalda: vuelta a casa".into()),
        Block::Box {
            heading: "Vuelva enseguida, o llame al 112, si".into(),
            lines: vec![
                "no puede orinar, o se le escapa la orina".into(),
                "¿tiene fiebre? ¡38 °C o más!".into(),
            ],
        },
        Block::Paragraph("Mañana camine un poco más; “poco a poco” – así mejora.".into()),
    ];
    let title = "Dolor de espalda: vuelta a casa";
    Paper { title, language: Language::Spanish, ..paper(blocks) }
}

/// A letter of two pages.
pub fn letter() -> Paper<'static> {
    let mut paper = paper(vec![
        Block::Heading(Level::One, "Back pain: letter to the next clinician".into()),
        Block::Paragraph("Emergency department, Example Hospital. On record 26 November 2026 09:20, printed by A. Okafor, physician.".into()),
        Block::Table { head: Vec::new(), rows: who() },
        Block::Box {
            heading: "MRI now, emergency".into(),
            lines: vec![
                Text::default().bold("Because of").plain(" saddle numbness new; urinary incontinence new, 09:15."),
                "Now: scan ordered; urgency emergency. Came 08:40, danger suspected 09:15, examined 09:18.".into(),
            ],
        },
        heading("Danger signs"),
        list(&[
            "Saddle numbness: new, 09:15, told to triage nurse",
            "Urinary incontinence: new, 09:15, told to triage nurse",
            "Leg pain on both sides: new, 09:16, told to physician",
        ]),
        heading("Still to be done"),
        Block::List(vec![
            Text::default().bold("MRI of the lumbar spine with sagittal screen").plain(", emergency, ordered, start by 11:20; screened: safe"),
            "Spine surgery was asked 09:40, no answer yet".into(),
        ]),
        heading("Not known, and never a no"),
        Block::Paragraph("Anal tone; reflexes of the ankle; whether a blood thinner was taken this week; CRP; ESR.".into()),
        heading("Strength of the legs"),
        Block::Table { head: ["Where", "Right", "Left"].map(Text::from).to_vec(), rows: legs() },
        heading("Also found"),
        list(&[
            "Post-void residual: 30 mL, bladder scan, 09:31; ≥ 200 mL would be retention",
            "Pain now: 7 of 10",
            "Creatinine: 84 µmol/L",
        ]),
        heading("Given and done"),
        Block::Table {
            head: ["Time", "What", "By"].map(Text::from).to_vec(),
            rows: cells(&[
                &["09:20", "Bladder scan asked for", "A. Okafor, physician"],
                &["09:31", "Bladder scan 30 mL", "T. Lindqvist, nurse"],
                &["09:35", "Morphine 5 mg by mouth; the patient was told why it is given and what it does to the bladder", "T. Lindqvist, nurse"],
            ]),
        },
        Block::Paragraph("The patient and her sister were told what is suspected and why the scan is done tonight. She has understood, and wants to be treated here or wherever it is quickest.".into()),
        Block::Note("back_pain 1.4, draft. Cauda is not a certified medical device; the clinician decides.".into()),
        Block::Table { head: Vec::new(), rows: cells(&[&["Signed", ""], &["Time", ""], &["Call back", ""]]) },
    ]);
    paper.title = "Back pain: letter to the next clinician";
    paper
}

fn who() -> Vec<Vec<Text<'static>>> {
    cells(&[
        &["Name", "Maria Núñez-Ødegård"],
        &["Born", "3 February 1985"],
        &["Number", "0412-7781"],
        &["Allergies", "not on record"],
        &["To", "Spine surgery, University Hospital, telephone 555 0142"],
    ])
}

fn legs() -> Vec<Vec<Text<'static>>> {
    cells(&[
        &["Hip bending (L2)", "5", "5"],
        &["Knee stretching (L3)", "5", "5"],
        &["Foot lifting (L4)", "4, disputed", "5"],
        &["Big toe lifting (L5)", "3", "4"],
        &["Foot pushing down (S1)", "4", "not tested"],
    ])
}
