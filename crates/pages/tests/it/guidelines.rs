//! Guidelines to publish: the one that comes with Cauda, and a small one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use cauda_guideline::{Folder, Guideline, load_checked};
use cauda_pages::{Proofs, Publication, publication};
use cauda_proof::{Effort, accept, check_all};

/// The guideline that comes with Cauda, read from its folder.
pub fn shipped() -> &'static Guideline {
    static SHIPPED: OnceLock<Guideline> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guidelines/back_pain");
        let mut files = BTreeMap::new();
        collect(&root, &root, &mut files);
        load_checked(&Folder { files }).unwrap()
    })
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        if Folder::takes(&name) {
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

/// The publication of the guideline that comes with Cauda, with its proofs.
pub fn shipped_publication() -> &'static Publication {
    static MADE: OnceLock<Publication> = OnceLock::new();
    MADE.get_or_init(|| {
        let guideline = shipped();
        let effort = Effort::default();
        let report = check_all(guideline, &effort, &mut |_| {});
        let proved = accept(guideline.clone(), &report).ok();
        publication(guideline, &Proofs::new(&report, &effort, proved.as_ref(), Vec::new()), None)
            .unwrap()
    })
}

/// The publication of a guideline that was refused.
pub fn refused(guideline: &Guideline) -> Publication {
    let effort = Effort { random_patients: 10, ..Effort::default() };
    let report = check_all(guideline, &effort, &mut |_| {});
    publication(guideline, &Proofs::new(&report, &effort, None, Vec::new()), None).unwrap()
}

/// A small guideline, with `changes` of its files: path, what stands there, what
/// shall stand there.
pub fn small(changes: &[(&str, &str, &str)]) -> Guideline {
    let mut files: BTreeMap<String, String> =
        SMALL.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
    for (path, from, to) in changes {
        let text = files.get_mut(*path).unwrap();
        assert!(text.contains(from), "{from} in {path}");
        *text = text.replace(from, to);
    }
    load_checked(&Folder { files }).unwrap_or_else(|faults| panic!("{faults:?}"))
}

const SMALL: &[(&str, &str)] = &[
    ("guideline.toml", "id = \"small\"\nversion = \"1\"\ntitle = \"Small\"\nstatus = \"draft\"\n"),
    (
        "sources.toml",
        "[a-source]\ntitle = \"A source\"\nkind = \"cohort\"\nread = \"unverified\"\nsays = \"Something.\"\n",
    ),
    (
        "facts/signs.toml",
        "[numb]\nkind = \"finding\"\ndanger = [\"present\"]\nclear = \"absent\"\nby = \"ask\"\n\
         asked = { at = [\"triage\"], of = [\"nurse\"] }\nfresh = \"4 h\"\n\
         staff = \"Numb\"\npatient = \"Are you numb\"\n\n\
         [residual]\nkind = \"quantity\"\nunit = \"mL\"\naccepts = [\"mL\", \"L\"]\nstep = \"1\"\n\
         range = [\"0\", \"5000\"]\ndanger = \"higher\"\nalarm = \"200\"\nclear = \"30\"\n\
         by = \"test\"\nasked = { at = [\"examination\"], of = [\"nurse\"] }\n\
         staff = \"Residual\"\npatient = \"What is left\"\n\n\
         [pressed_scan]\nkind = \"choice\"\nvalues = [\"not_done\", \"clear\", \"positive\"]\n\
         danger = \"none\"\nclear = \"not_done\"\nassume = \"not_done\"\nby = \"record\"\n\
         asked = { at = [\"results\"], of = [\"physician\"] }\nkeep = \"latest\"\n\
         staff = \"Report\"\npatient = \"The report\"\n",
    ),
    (
        "vocabulary/concern.toml",
        "[pressed]\nstaff = \"Pressed nerves\"\npatient = \"Nerves may be pressed\"\n",
    ),
    (
        "vocabulary/tier.toml",
        "[emergency]\nstaff = \"Emergency\"\npatient = \"Soon\"\ndeadline = \"4 hours of the request\"\n\
         [none]\nstaff = \"No deadline\"\npatient = \"No set time\"\n",
    ),
    (
        "vocabulary/disposition.toml",
        "[home]\nstaff = \"Home\"\npatient = \"Home\"\nurgency = \"none\"\n\
         [scan]\nstaff = \"Scan\"\npatient = \"Scan\"\nurgency = \"emergency\"\n",
    ),
    (
        "red_flags/pressed.md",
        "# Pressed nerves\n\nSources: a-source.\n\nIt harms.\n\n## When any of\n\
         - `numb` is present\n- `residual` ≥ 200 mL (local policy)\n\n\
         ## Then\n- concern: pressed\n- tier: emergency\n- within: 4 hours of the request\n\n\
         ## Cases\n- fires: `numb` present; all else unknown\n- does not fire: all else clear\n\
         - cannot tell: `numb` declined; all else clear → asks for `numb`\n",
    ),
    (
        "disposition/home.md",
        "# Home\n\nSources: a-source.\n\nNothing is wrong.\n\n## When all of\n\
         - `pressed` is excluded\n\n## Then\n- go: home\n\n## Cases\n- fires: all else clear\n",
    ),
    (
        "disposition/scan.md",
        "# Scan\n\nSources: a-source.\n\nSomething is wrong.\n\n## When all of\n\
         - `pressed` is suspected\n\n## Then\n- go: scan\n\n## Cases\n- does not fire: all else clear\n",
    ),
    (
        "results/pressed_clear.md",
        "# The scan is clear\n\nSources: a-source.\n\nNothing is pressed.\n\n## When any of\n\
         - `pressed_scan` is clear\n\n## Then\n- closes: pressed\n\
         - row: negative_and_adequate\n\n## Cases\n- does not fire: all else clear\n",
    ),
    (
        "treatment/tablet.md",
        "# A tablet\n\nSources: a-source.\n\nIt eases pain.\n\n## When all of\n\
         - `residual` < 200 mL (local policy)\n- `urgency` is none\n\n\
         ## Then\n- offer: tablet\n\n## Cases\n- fires: all else clear\n",
    ),
    (
        "options/early/red_flags/pressed.md",
        "# Pressed nerves, early\n\nSources: a-source.\n\nIt harms.\n\n## When any of\n\
         - `numb` is present\n- `residual` ≥ 100 mL\n\n## Then\n- concern: pressed\n\
         - tier: emergency\n- within: 4 hours of the request\n\n\
         ## Cases\n- fires: `residual` 100 mL; all else clear\n",
    ),
    (
        "options/early/disposition/early.md",
        "# Early\n\nSources: a-source.\n\nA page that only the option has.\n\n\
         ## When all of\n- `urgency` is outpatient\n- `pressed` is suspected\n\n\
         ## Then\n- go: scan\n\n## Cases\n- does not fire: all else clear\n",
    ),
    (
        "vocabulary/offer.toml",
        "[tablet]\nstaff = \"One tablet\"\npatient = \"A tablet\"\ngroup = \"pills\"\n\
         never_with = [\"`residual` ≥ 200 mL\"]\nconflicts = [\"fasting\"]\n\
         sources = [\"a-source\"]\n",
    ),
    (
        "vocabulary/action.toml",
        "[fasting]\nstaff = \"Nothing by mouth\"\npatient = \"Do not eat\"\n",
    ),
    (
        "vocabulary/return.toml",
        "[numb_again]\nstaff = \"Numb again\"\npatient = \"You are numb\"\nfacts = [\"numb\"]\n",
    ),
    (
        "attestations.toml",
        "[feels_as_before]\nstaff = \"Feels as before\"\npatient = \"You feel as before\"\n\
         of = [\"nurse\"]\nat = [\"triage\"]\ncovers = [\"numb\"]\nsources = [\"a-source\"]\n",
    ),
    (
        "local_policy.toml",
        "[large_residual]\nwhat = \"A large residual\"\npages = [\"red_flags/pressed\"]\n\
         facts = [\"residual\"]\nvalue = \"200\"\nrange = [\"150\", \"200\"]\n\
         why = \"Lower finds more.\"\nsources = [\"a-source\"]\n\n\
         [early]\nwhat = \"Scan early\"\nwhy = \"Some do.\"\noption = true\n",
    ),
    (
        "cases/some.md",
        "# Some patients\n\nWho they are.\n\n## One\n\n- `numb` present; all else clear → scan, emergency\n",
    ),
];
