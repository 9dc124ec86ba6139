//! A guideline of seven facts, small enough to try every state of it: a test
//! that may not be needed, an assumed value, a concern that settles upward,
//! two pages of one concern, a scope, a reassuring disposition.

use cauda_guideline::decision::{Decision, explain};
use cauda_guideline::facts::Kind;
use cauda_guideline::resolve::{Finding, Findings, Patient, Reason, Said};
use cauda_guideline::{Folder, Guideline, load_checked};

const FILES: [(&str, &str); 16] = [
    (
        "guideline.toml",
        "id = \"small\"\nversion = \"1\"\ntitle = \"Small\"\nstatus = \"a test\"\n\
         exceptions = [\"explained\"]\n",
    ),
    ("sources.toml", "[s]\ntitle = \"S\"\nkind = \"policy\"\nread = \"source\"\nsays = \"So.\"\n"),
    (
        "facts/all.toml",
        r#"
[numb]
kind = "finding"
onset = true
danger = ["new"]
clear = "absent"
by = "ask"
asked = { at = ["triage"], of = ["patient"] }
keep = "worst"
carries = "visit"
staff = "Numb"
patient = "Numb"

[residual]
kind = "quantity"
unit = "mL"
accepts = ["mL"]
step = "1"
range = ["0", "5000"]
danger = "higher"
alarm = "200"
clear = "30"
by = "test"
needed = "tests/residual"
asked = { at = ["examination"], of = ["nurse"] }
keep = "worst"
carries = "visit"
staff = "Residual"
patient = "Residual"

[fever]
kind = "finding"
danger = ["present"]
clear = "absent"
by = "ask"
asked = { at = ["triage"], of = ["patient"] }
keep = "worst"
carries = "visit"
staff = "Fever"
patient = "Fever"

[explained]
kind = "finding"
danger = "none"
clear = "absent"
assume = "absent"
by = "record"
asked = { at = ["examination"], of = ["physician"] }
keep = "latest"
carries = "visit"
staff = "Fever explained"
patient = "Fever explained"

[age]
kind = "quantity"
unit = "a"
accepts = ["a"]
step = "1"
range = ["0", "120"]
danger = "none"
clear = "40"
by = "record"
asked = { at = ["triage"], of = ["patient"] }
keep = "latest"
carries = "visit"
staff = "Age"
patient = "Age"

[fall]
kind = "choice"
values = ["none", "low", "high"]
danger = ["high"]
clear = "none"
by = "ask"
asked = { at = ["triage"], of = ["patient"] }
keep = "worst"
carries = "visit"
staff = "Fall"
patient = "Fall"

[pain_controlled]
kind = "finding"
danger = "none"
clear = "present"
assume = "present"
by = "ask"
asked = { at = ["discharge"], of = ["patient"] }
keep = "latest"
carries = "visit"
staff = "Pain controlled"
patient = "Pain controlled"
"#,
    ),
    (
        "vocabulary/tier.toml",
        "[emergency]\nstaff = \"E\"\npatient = \"E\"\n[urgent]\nstaff = \"U\"\npatient = \"U\"\n\
         [booked]\nstaff = \"B\"\npatient = \"B\"\n[none]\nstaff = \"N\"\npatient = \"N\"\n",
    ),
    (
        "vocabulary/image.toml",
        "[mri]\nstaff = \"MRI\"\npatient = \"MRI\"\nmodality = \"mri\"\n\
         [mri_whole]\nstaff = \"MRI whole\"\npatient = \"MRI\"\nmodality = \"mri\"\n\
         [ct]\nstaff = \"CT\"\npatient = \"CT\"\nmodality = \"ct\"\n",
    ),
    (
        "vocabulary/concern.toml",
        "[nerves]\nstaff = \"Nerves\"\npatient = \"N\"\n[bone]\nstaff = \"Bone\"\npatient = \"B\"\n\
         [outside]\nstaff = \"Outside\"\npatient = \"O\"\n",
    ),
    (
        "vocabulary/disposition.toml",
        "[scan]\nstaff = \"Scan\"\npatient = \"S\"\nurgency = \"emergency\"\n\
         [picture]\nstaff = \"Picture\"\npatient = \"P\"\nurgency = \"urgent\"\n\
         [home]\nstaff = \"Home\"\npatient = \"H\"\nurgency = \"none\"\nreassuring = true\n\
         [watch]\nstaff = \"Watch\"\npatient = \"W\"\nurgency = \"none\"\n\
         [clinic]\nstaff = \"Clinic\"\npatient = \"C\"\nurgency = \"booked\"\n",
    ),
    ("vocabulary/call.toml", "[senior]\nstaff = \"Senior\"\npatient = \"S\"\n"),
    (
        "scope/adults.md",
        "# Adults\n\nSources: s.\n\nWhy.\n\n## When any of\n- `age` < 18 a\n\n\
         ## Excluded when all of\n- `age` ≥ 18 a\n\n## Then\n- concern: outside\n- tier: none\n",
    ),
    (
        "red_flags/nerves.md",
        "# Nerves\n\nSources: s.\n\nWhy.\n\n## When any of\n- `numb` is new\n\
         - `residual` ≥ 200 mL\n\n## Excluded when all of\n- `numb` is absent or longstanding\n\
         - `residual` < 200 mL\n- `fall` is none or low\n\n\
         ## If it cannot be known\n- ask: senior\n- settle: emergency\n\n\
         ## Then\n- concern: nerves\n- image: mri\n- tier: emergency\n",
    ),
    (
        "red_flags/nerves_later.md",
        "# Nerves, later\n\nSources: s.\n\nWhy.\n\n## When at least 2 of\n\
         - `numb` is longstanding\n- `fever` is present\n- `fall` is low or high\n\n\
         ## Then\n- concern: nerves\n- image: mri_whole\n- tier: booked\n",
    ),
    (
        "red_flags/bone.md",
        "# Bone\n\nSources: s.\n\nWhy.\n\n## When any of\n- `fall` is high\n- all of\n\
         \x20 - `fever` is present\n  - `explained` is absent\n\n\
         ## If it cannot be known\n- ask: senior\n- settle: urgent\n\n\
         ## Then\n- concern: bone\n- image: ct\n- tier: urgent\n",
    ),
    (
        "tests/residual.md",
        "# Residual\n\nSources: s.\n\nWhy.\n\n## Needed when any of\n\
         - `numb` is new or longstanding\n- `fever` is present\n",
    ),
    (
        "disposition/scan.md",
        "# Scan\n\nSources: s.\n\nWhy.\n\n## When all of\n- `urgency` is emergency\n\n\
         ## Then\n- go: scan\n",
    ),
    (
        "disposition/picture.md",
        "# Picture\n\nSources: s.\n\nWhy.\n\n## When all of\n- `first_step` is ct\n\
         - `urgency` is urgent\n\n## Then\n- go: picture\n",
    ),
    (
        "disposition/home.md",
        "# Home\n\nSources: s.\n\nWhy.\n\n## When all of\n- `concerns` is excluded\n\
         - `age` ≥ 18 a\n- `pain_controlled` is present\n\n## Then\n- go: home\n",
    ),
];

/// Its files.
pub fn folder() -> Folder {
    let files = FILES.iter().map(|(path, text)| (path.to_string(), text.to_string()));
    Folder { files: files.collect() }
}

/// The guideline of those files.
pub fn guideline() -> Guideline {
    edited(&[])
}

/// The same with texts, found once, replaced.
pub fn edited(edits: &[(&str, &str, &str)]) -> Guideline {
    let mut folder = folder();
    for (path, from, to) in edits {
        let text = folder.files.get_mut(*path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from} in {path}");
        *text = text.replace(from, to);
    }
    load_checked(&folder).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The whole answer to a patient, as people read it.
pub fn answer(guideline: &Guideline, patient: &Patient) -> Decision {
    let by_fact = guideline.facts.iter().enumerate().map(|(fact, described)| {
        let cells = patient.cells[fact];
        let one = cells.count_ones() == 1 && guideline.program.cells[fact].count > 1;
        let said = match &described.kind {
            _ if patient.cannot_be_had[fact] => Said::Unknown(Reason::NotKnown),
            _ if !one => Said::Unknown(Reason::NotAsked),
            Kind::Named { .. } => Said::Value(cells.trailing_zeros() as usize),
            Kind::Quantity(quantity) => Said::Between(quantity.clear, quantity.clear),
        };
        let (at, by, conflict, partly, is_vague) = (None, None, false, None, patient.vague[fact]);
        Finding { said, cells, at, by, conflict, partly, is_vague, group: None }
    });
    let findings = Findings {
        as_of: None,
        valid_until: None,
        by_fact: by_fact.collect(),
        taken_back: Vec::new(),
    };
    assert_eq!(findings.patient(), *patient);
    explain(guideline, &findings, None)
}

/// Calls `each` with every state, as the value of every axis.
pub fn every_state(values: &[usize], each: &mut dyn FnMut(&[usize])) {
    let mut state = vec![0; values.len()];
    loop {
        each(&state);
        let Some(axis) = (0..values.len()).find(|axis| state[*axis] + 1 < values[*axis]) else {
            return;
        };
        state[axis] += 1;
        state[..axis].fill(0);
    }
}
