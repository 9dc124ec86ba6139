//! Six cards as they are sent. `CAUDA_WRITE=1` writes them anew.

use std::fs;
use std::path::Path;

use crate::musts;
use crate::world::samples;

#[test]
fn six_cards_are_as_they_were() {
    let shown =
        ["not indicated", "danger, low priority", "danger, X-ray", "undecided", "held", "leaves"];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots");
    let write = std::env::var("CAUDA_WRITE").is_ok();
    for name in shown {
        let (_, answer) = samples().iter().find(|(known, _)| *known == name).unwrap();
        musts::hold(answer);
        let path =
            folder.join(format!("{}.json", name.replace(", ", "_").replace([' ', '-'], "_")));
        let text = serde_json::to_string_pretty(answer).unwrap() + "\n";
        if write {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &text).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "{name}");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), shown.len(), "an unreferenced snapshot");
}
