//! The clients of other people: where they are, and how they are run.

use std::path::Path;
use std::process::{Command, Output};

const PYTHON: &str = "these tests call pynetdicom: run crates/dicom/tests/install, or name a \
    Python that has it in CAUDA_DICOM_PYTHON";

/// Runs a program of DCMTK. Debian's, because pynetdicom brings some of the same name.
pub async fn dcmtk(tool: &'static str, arguments: Vec<String>) -> (bool, String) {
    let path = format!("/usr/bin/{tool}");
    assert!(Path::new(&path).exists(), "missing: {tool} (apt-get install dcmtk)");
    let mut command = Command::new(path);
    command.args(arguments);
    let output = run(command).await;
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// Runs the scanner made of pynetdicom; the lines of JSON that it printed.
pub async fn pynetdicom(
    port: u16,
    calling: &str,
    called: &str,
    what: &str,
) -> Vec<serde_json::Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pynetdicom_scu.py");
    let mut command = Command::new(python());
    command.args(["-I", "-W", "ignore", script, "127.0.0.1"]);
    command.args([&port.to_string(), calling, called, what]);
    let output = run(command).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{PYTHON}\n{errors}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().expect(PYTHON)).await.unwrap()
}

fn python() -> String {
    std::env::var("CAUDA_DICOM_PYTHON").unwrap_or_else(|_| {
        let cache = std::env::var("XDG_CACHE_HOME")
            .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cache")))
            .expect(PYTHON);
        format!("{cache}/cauda/dicom/bin/python")
    })
}
