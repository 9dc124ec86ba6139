//! A PostgreSQL server of our own: in a new folder, on a Unix socket in it, gone with us.
//!
//! No port is opened. A watcher process holds the other end of a pipe to this one, so the server
//! is stopped and its folder removed however this process ends, killed included.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};

const NEEDED: &str = "the tests of the record need PostgreSQL: install Debian's package \
    `postgresql`, or put initdb and pg_ctl on the PATH";

pub struct Server {
    folder: PathBuf,
    bin: PathBuf,
    user: Option<&'static str>,
    /// Closed when this process ends, which the watcher waits for.
    _watched: ChildStdin,
}

impl Server {
    /// A server with these settings beside the usual ones. Killing a process loses nothing that
    /// the kernel has, so most tests set `fsync = off` and need not wait for the disk.
    pub fn start(settings: &str) -> Server {
        let bin = found().expect(NEEDED);
        // PostgreSQL refuses to run as root.
        let user = is_root().then_some("postgres");
        let folder = as_user(user, "mktemp").args(["-d", "/tmp/cauda-pg-XXXXXX"]).output();
        let folder = folder.expect("a temporary folder");
        assert!(folder.status.success(), "{NEEDED} (there is no user `postgres`)");
        let folder = PathBuf::from(String::from_utf8(folder.stdout).unwrap().trim());
        let data = folder.join("data");
        let mut initdb = as_user(user, bin.join("initdb"));
        initdb.args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"]);
        succeed(initdb.arg("-D").arg(&data));
        let settings = format!(
            "listen_addresses = ''\nunix_socket_directories = '{}'\n{settings}\n\
             max_connections = 200\nautovacuum = off\n",
            folder.display()
        );
        fs::write(data.join("postgresql.auto.conf"), settings).unwrap();
        let script = format!(
            "cat >/dev/null; '{}' -D '{}' -m immediate -w stop; rm -rf '{}'",
            bin.join("pg_ctl").display(),
            data.display(),
            folder.display()
        );
        let mut watcher = as_user(user, "sh");
        watcher.args(["-c", &script]).stdin(Stdio::piped());
        // Its own group, so that an interrupt from the keyboard does not end it first.
        let watcher = watcher.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn();
        let watched = watcher.unwrap().stdin.take().unwrap();
        let server = Server { folder, bin, user, _watched: watched };
        server.start_again();
        server
    }

    /// Starts it, and returns when it answers.
    pub fn start_again(&self) {
        let log = self.folder.join("log");
        succeed(self.control().arg("-l").arg(&log).args(["-w", "start"]));
    }

    /// Ends it as a crash would.
    pub fn crash(&self) {
        succeed(self.control().args(["-m", "immediate", "-w", "stop"]));
    }

    pub fn address(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder.display())
    }

    fn control(&self) -> Command {
        let mut command = as_user(self.user, self.bin.join("pg_ctl"));
        command.arg("-D").arg(self.folder.join("data"));
        command
    }
}

/// Where PostgreSQL's programs are.
pub fn found() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    found.extend(versions.map(|version| version.path().join("bin")));
    found.retain(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists());
    found.into_iter().next()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("the command `id`");
    id.stdout.trim_ascii() == b"0"
}

fn as_user(user: Option<&str>, program: impl AsRef<Path>) -> Command {
    let program = program.as_ref();
    let mut command = match user {
        None => Command::new(program),
        Some(user) => {
            let mut command = Command::new("setpriv");
            let user = [format!("--reuid={user}"), format!("--regid={user}")];
            command.args(user).args(["--init-groups", "--"]).arg(program);
            command
        }
    };
    command.current_dir("/tmp");
    command
}

/// Output goes nowhere: a server that is started would keep a pipe open for ever.
fn succeed(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect(NEEDED).success(), "{command:?} failed");
}
