//! `cauda publish`: a folder holds one whole edition, and nothing of somebody
//! else's is touched.

use std::fs;

use crate::run::{Scratch, cauda};

#[test]
fn writes_a_publication_and_replaces_its_own() {
    let scratch = Scratch::new("publish-own");
    let out = scratch.path("site");
    let ran = cauda(&["publish", &out]).expect(0);
    assert!(ran.out.contains("begin with index.html"), "{}", ran.out);
    let index = fs::read_to_string(scratch.path("site/index.html")).unwrap();
    assert!(index.contains("Back pain in the emergency department"));
    assert!(index.contains("every safety property holds"));
    fs::write(scratch.path("site/index.html"), "an older edition").unwrap();
    cauda(&["publish", &out]).expect(0);
    assert_eq!(fs::read_to_string(scratch.path("site/index.html")).unwrap(), index);
    let beside: Vec<_> = fs::read_dir(scratch.path("")).unwrap().collect();
    assert_eq!(beside.len(), 1, "{beside:?}");
}

#[test]
fn a_publication_tells_what_changed_since_an_older_edition() {
    let old = Scratch::new("publish-since-old");
    let before = old.guideline();
    let page = "red_flags/fracture_low_energy.md";
    old.edit(page, "  - `spinal_bruise` is present\n", "");
    let scratch = Scratch::new("publish-since");
    let out = scratch.path("site");
    cauda(&["publish", &out, "--since", &before]).expect(0);
    let index = fs::read_to_string(scratch.path("site/index.html")).unwrap();
    assert!(index.contains("changes.html"), "{index}");
    let changes = fs::read_to_string(scratch.path("site/changes.html")).unwrap();
    for words in [page, "`spinal_bruise` is present", "nobody less urgently", "more urgent"] {
        assert!(changes.to_lowercase().contains(words), "{words}: {changes}");
    }
}

#[test]
fn adds_cql_and_fhir_when_asked_and_replaces_them() {
    let scratch = Scratch::new("publish-knowledge");
    let out = scratch.path("site");
    let base = "https://ed.example.org/fhir";
    cauda(&["publish", &out, "--cql", &format!("--fhir={base}")]).expect(0);
    let library = fs::read_to_string(scratch.path("site/cql/BackPain.cql")).unwrap();
    assert!(library.contains("define \"red_flags/cauda_equina raised\":"));
    let plan = scratch.path("site/fhir/PlanDefinition-back-pain.json");
    let plan = fs::read_to_string(plan).unwrap();
    assert!(plan.contains(&format!("\"url\": \"{base}/PlanDefinition/back-pain\"")));
    cauda(&["publish", &out]).expect(0);
    assert!(!fs::exists(scratch.path("site/cql")).unwrap());
    let ran = cauda(&["publish", &out, "--fhir=nowhere"]).expect(3);
    assert!(ran.err.contains("--fhir=https://"), "{}", ran.err);
}

#[test]
fn an_empty_folder_will_do() {
    let scratch = Scratch::new("publish-empty");
    fs::create_dir(scratch.path("site")).unwrap();
    cauda(&["publish", &scratch.path("site")]).expect(0);
    assert!(fs::metadata(scratch.path("site/style.css")).is_ok());
}

#[test]
fn what_it_did_not_make_is_left_alone() {
    let scratch = Scratch::new("publish-foreign");
    fs::create_dir(scratch.path("site")).unwrap();
    let kept = scratch.write("site/letter.txt", b"mine");
    let ran = cauda(&["publish", &scratch.path("site")]).expect(3);
    assert!(ran.err.contains("did not make"), "{}", ran.err);
    assert_eq!(fs::read(&kept).unwrap(), b"mine");
    assert_eq!(fs::read_dir(scratch.path("site")).unwrap().count(), 1);
}

#[test]
fn a_file_laid_into_a_publication_keeps_it_from_being_replaced() {
    let scratch = Scratch::new("publish-added");
    let out = scratch.path("site");
    cauda(&["publish", &out]).expect(0);
    let kept = scratch.write("site/red_flags/note.txt", b"mine");
    let ran = cauda(&["publish", &out]).expect(3);
    assert!(ran.err.contains("red_flags/note.txt"), "{}", ran.err);
    assert_eq!(fs::read(&kept).unwrap(), b"mine");
}

#[test]
fn a_list_of_files_by_somebody_else_is_no_permission() {
    let scratch = Scratch::new("publish-list");
    fs::create_dir(scratch.path("site")).unwrap();
    scratch.write("site/publication.json", br#"{"made_by": "me", "files": {"a.txt": ""}}"#);
    scratch.write("site/a.txt", b"mine");
    cauda(&["publish", &scratch.path("site")]).expect(3);
    assert!(fs::metadata(scratch.path("site/a.txt")).is_ok());
}

#[test]
fn a_folder_with_faults_leaves_the_old_edition() {
    let scratch = Scratch::new("publish-faults");
    let (dir, out) = (scratch.guideline(), scratch.path("site"));
    cauda(&["publish", &out, "--guideline", &dir]).expect(0);
    let before = fs::read(scratch.path("site/publication.json")).unwrap();
    scratch.edit("gate/shock.md", "Sources: ", "Source: ");
    cauda(&["publish", &out, "--guideline", &dir]).expect(3);
    assert_eq!(fs::read(scratch.path("site/publication.json")).unwrap(), before);
}

#[test]
fn an_unsafe_guideline_is_published_as_not_proved() {
    let scratch = Scratch::new("publish-unsafe");
    let (dir, out) = (scratch.unsafe_guideline(), scratch.path("site"));
    let ran = cauda(&["publish", &out, "--guideline", &dir]).expect(1);
    assert!(ran.err.contains("not proved"), "{}", ran.err);
    for page in ["index.html", "proofs.html", "red_flags/cauda_equina.html"] {
        let text = fs::read_to_string(scratch.path(&format!("site/{page}"))).unwrap();
        assert!(text.contains("This guideline may not be used"), "{page}");
    }
    let proofs = fs::read_to_string(scratch.path("site/proofs.html")).unwrap();
    assert!(proofs.contains("is broken by this patient"));
    assert!(!proofs.contains("Every property holds"));
}

#[test]
fn a_goal_without_a_parent_is_refused() {
    let scratch = Scratch::new("publish-parent");
    cauda(&["publish", &scratch.path("missing/site")]).expect(3);
    let file = scratch.write("file", b"");
    cauda(&["publish", &file]).expect(3);
}
