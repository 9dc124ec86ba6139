//! The guideline that comes with Cauda, as it is and with other words.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use cauda_guideline::{Folder, Guideline, load_checked};

/// As it is.
pub fn shipped() -> &'static Guideline {
    static SHIPPED: OnceLock<Guideline> = OnceLock::new();
    SHIPPED.get_or_init(|| load_checked(&folder()).unwrap())
}

/// With one file changed.
pub fn with(file: &str, change: impl FnOnce(&str) -> String) -> Guideline {
    let mut folder = folder();
    let text = folder.files.get_mut(file).unwrap();
    let changed = change(text);
    assert_ne!(*text, changed);
    *text = changed;
    load_checked(&folder).unwrap()
}

fn folder() -> Folder {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guidelines/back_pain");
    let mut files = BTreeMap::new();
    collect(&root, &root, &mut files);
    Folder { files }
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
