//! A guideline of three facts whose words try to break out of every quote.

use cauda_guideline::{Folder, Guideline, load};

const FILES: [(&str, &str); 9] = [
    (
        "guideline.toml",
        "id = \"odd_words\"\nversion = \"1\"\ntitle = \"Odd \\\"words\\\" // */\\ndefine x: true\"\n\
         status = \"signed by two\"\nexceptions = [\"explained\"]\n",
    ),
    (
        "sources.toml",
        "[s]\ntitle = \"It's a \\\"source\\\"\"\nkind = \"policy\"\nread = \"abstract\"\nsays = \"So.\"\n",
    ),
    (
        "facts/all.toml",
        r#"
[warm]
kind = "quantity"
unit = "Cel"
accepts = ["Cel"]
step = "0.1"
range = ["25", "45"]
danger = "higher"
alarm = "38.0"
clear = "36.5"
by = "measure"
asked = { at = ["triage"], of = ["nurse"] }
keep = "worst"
carries = "visit"
staff = "Warm, it's \"hot\""
patient = "Warm"

[shiver]
kind = "finding"
danger = ["present"]
clear = "absent"
by = "ask"
asked = { at = ["triage"], of = ["patient"] }
keep = "worst"
carries = "visit"
staff = "Shiver"
patient = "Shiver"

[explained]
kind = "finding"
danger = "none"
clear = "absent"
assume = "absent"
by = "record"
asked = { at = ["examination"], of = ["physician"] }
keep = "latest"
carries = "visit"
staff = "Explained"
patient = "Explained"
"#,
    ),
    (
        "vocabulary/tier.toml",
        "[immediate]\nstaff = \"I\"\npatient = \"I\"\n[emergency]\nstaff = \"E\"\npatient = \"E\"\n\
         [urgent]\nstaff = \"U\"\npatient = \"U\"\n[booked]\nstaff = \"B\"\npatient = \"B\"\n\
         [outpatient]\nstaff = \"O\"\npatient = \"O\"\n[none]\nstaff = \"N\"\npatient = \"N\"\n",
    ),
    (
        "vocabulary/image.toml",
        "[mri]\nstaff = \"MRI\"\npatient = \"MRI\"\nmodality = \"mri\"\n\
         codes = [{ system = \"LOINC\", code = \"1-2\", display = \"D\" }, \
         { system = \"OTHER\", code = \"9\", display = \"D\" }]\n",
    ),
    ("vocabulary/concern.toml", "[heat]\nstaff = \"Heat\"\npatient = \"H\"\n"),
    ("vocabulary/call.toml", "[senior]\nstaff = \"Senior\"\npatient = \"S\"\n"),
    (
        "vocabulary/disposition.toml",
        "[scan]\nstaff = \"Scan\"\npatient = \"S\"\nurgency = \"urgent\"\n\
         [home]\nstaff = \"Home\"\npatient = \"H\"\nurgency = \"none\"\nreassuring = true\n",
    ),
    (
        "red_flags/heat.md",
        "# Heat\n\nSources: s.\n\nWhy.\n\n## When any of\n- all of\n  - `warm` ≥ 38.0 Cel\n  \
         - `explained` is absent\n- `shiver` is present\n\n## If it cannot be known\n- ask: senior\n- settle: urgent\n\n## Then\n- concern: heat\n- image: mri\n\
         - tier: urgent\n\n## Cases\n- fires: `shiver` present; all else clear\n\
         - does not fire: `warm` 37.9 Cel; all else clear\n\
         - does not fire: `warm` 38.0 Cel, `explained` present; all else clear\n\
         - cannot tell: `shiver` not known; all else clear → asks for `shiver`\n",
    ),
];

/// That guideline; only its form counts here, so its cases are not run.
pub fn guideline() -> Guideline {
    let files = FILES.iter().map(|(path, text)| (path.to_string(), text.to_string()));
    load(&Folder { files: files.collect() }).unwrap().0
}
