//! The shipped folder, read from the disk once.

use std::fs;
use std::path::Path;

use cauda_guideline::Folder;

pub fn folder() -> Folder {
    let start = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guidelines/back_pain");
    let mut folder = Folder::default();
    let mut open = vec![start.clone()];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(&place).expect("the guideline is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name =
                path.strip_prefix(&start).expect("inside").to_string_lossy().replace('\\', "/");
            if Folder::takes(&name) {
                folder.files.insert(name, fs::read_to_string(&path).expect("it is text"));
            }
        }
    }
    folder
}
