//! Runs the program in the repository, without the terminal settings of the
//! person who runs the tests.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Variables of the person who runs the tests that no test means.
const ENVIRONMENT: [&str; 7] =
    ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "CI", "CAUDA_DATABASE", "CAUDA_KEY_FILE"];

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code().expect("an exit code"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails with all that was printed when the code is another.
    #[track_caller]
    pub fn expect(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }
}

/// The program.
pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_cauda")
}

/// Where the repository begins.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The command, ready to run.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cauda"));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    for name in ENVIRONMENT {
        command.env_remove(name);
    }
    command
}

/// Runs it.
pub fn cauda(arguments: &[&str]) -> Ran {
    Ran::of(command(arguments).output().unwrap())
}

/// Runs it with environment variables.
pub fn cauda_with(arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    Ran::of(command(arguments).envs(variables.iter().copied()).output().unwrap())
}

/// Runs it with something on standard input.
pub fn cauda_reading(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that has read enough closes the pipe: that is its right.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let ran = Ran::of(child.wait_with_output().unwrap());
    writer.join().unwrap();
    ran
}

/// A folder of this test alone, gone when the test ends.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(test: &str) -> Scratch {
        let name = format!("{test}-{}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    /// A path in it, as the command line takes it.
    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_string()
    }

    /// Writes a file into it.
    pub fn write(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.0.join(name), bytes).unwrap();
        self.path(name)
    }

    /// A copy of the shipped guideline in it.
    pub fn guideline(&self) -> String {
        copy(&root().join("guidelines/back_pain"), &self.0.join("guideline"));
        self.path("guideline")
    }

    /// Changes a text, found once, of that copy.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.0.join("guideline").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
        fs::write(&path, text.replace(from, to)).unwrap();
    }

    /// A copy that checks clean and is not safe: a full bladder is an emergency
    /// that no list of danger signs knows.
    pub fn unsafe_guideline(&self) -> String {
        let dir = self.guideline();
        self.edit("facts/bladder.toml", "alarm = \"200\"\n", "");
        dir
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
