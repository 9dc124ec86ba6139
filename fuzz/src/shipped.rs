//! What is shipped, read from the disk once: the guideline, the table of codes, the codes of orders.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cauda_cds_hooks::Codes;
use cauda_chart::Table;
use cauda_guideline::{Folder, Guideline, load_checked};
use serde_json::Value;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of the guideline.
pub fn folder() -> &'static Folder {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    FOLDER.get_or_init(read)
}

/// The guideline.
pub fn guideline() -> &'static Guideline {
    static GUIDELINE: OnceLock<Guideline> = OnceLock::new();
    GUIDELINE.get_or_init(|| load_checked(folder()).expect("the shipped guideline loads"))
}

/// The table of what codes in a chart say.
pub fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::shipped(guideline()).expect("the shipped table fits"))
}

/// The codes of orders.
pub fn codes() -> &'static Codes {
    static CODES: OnceLock<Codes> = OnceLock::new();
    CODES.get_or_init(|| Codes::shipped().expect("the shipped codes are read"))
}

fn read() -> Folder {
    let start = root().join("guidelines/back_pain");
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

/// Seeds say `VERSION` where the shipped guideline's own stands.
pub fn with_version(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains("VERSION") => {
            let version = format!("{}+{}", guideline().version, guideline().sha256);
            Value::String(text.replace("VERSION", &version))
        }
        Value::Array(list) => list.iter().map(with_version).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, field)| (name.clone(), with_version(field))).collect()
        }
        other => other.clone(),
    }
}
