//! The guideline in this repository, read once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cauda_guideline::{Folder, Guideline, load_checked};

/// Where the guideline lies.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guidelines/back_pain")
}

/// Its files.
pub fn folder() -> &'static Folder {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let mut folder = Folder::default();
        collect(&root(), &root(), &mut folder);
        folder
    })
}

/// The guideline of those files.
pub fn guideline() -> &'static Guideline {
    static GUIDELINE: OnceLock<Guideline> = OnceLock::new();
    GUIDELINE.get_or_init(|| load_checked(folder()).expect("the shipped guideline loads"))
}

fn collect(root: &Path, from: &Path, folder: &mut Folder) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, folder);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        if Folder::takes(&name) {
            folder.files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}
