//! The guideline in this repository, read once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cauda_guideline::{Folder, Guideline, load};

/// Where the repository begins.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of `guidelines/back_pain`.
pub fn folder() -> &'static Folder {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let start = root().join("guidelines/back_pain");
        let mut folder = Folder::default();
        let mut open = vec![start.clone()];
        while let Some(place) = open.pop() {
            for entry in fs::read_dir(&place).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                    continue;
                }
                let parts = path.strip_prefix(&start).unwrap().components();
                let parts: Vec<&str> =
                    parts.map(|part| part.as_os_str().to_str().unwrap()).collect();
                let name = parts.join("/");
                if Folder::takes(&name) {
                    folder.files.insert(name, fs::read_to_string(&path).unwrap());
                }
            }
        }
        folder
    })
}

/// The guideline of that folder.
pub fn guideline() -> &'static Guideline {
    static GUIDELINE: OnceLock<Guideline> = OnceLock::new();
    GUIDELINE.get_or_init(|| match load(folder()) {
        Ok((guideline, _)) => guideline,
        Err(faults) => panic!("the shipped guideline does not load: {faults:#?}"),
    })
}
