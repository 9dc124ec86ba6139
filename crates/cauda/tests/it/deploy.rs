//! What stands in `deploy/` is taken by the program as it is.

use std::process::Command;

use crate::run::{Scratch, cauda, program, root};

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join("deploy").join(name)).unwrap()
}

#[test]
fn the_unit_and_the_container_start_the_program_with_flags_it_has() {
    let help =
        cauda(&["serve", "--help"]).expect(0).out + &cauda(&["doctor", "--help"]).expect(0).out;
    let (unit, container) = (read("cauda.service"), read("Containerfile"));
    let starts = unit.lines().filter(|line| line.starts_with("ExecStart"));
    let starts = starts.chain(container.lines().filter(|line| line.starts_with("CMD")));
    let mut flags = 0;
    for start in starts {
        for flag in start.split(['"', ' ', ',']).filter(|word| word.starts_with("--")) {
            assert!(help.contains(flag), "{flag}");
            flags += 1;
        }
    }
    assert!(flags >= 5);
    let toolchain = std::fs::read_to_string(root().join("rust-toolchain.toml")).unwrap();
    let version = toolchain.split('"').nth(1).unwrap();
    let short = version.rsplit_once('.').unwrap().0;
    assert!(container.contains(&format!("rust:{short}")), "{version}");
}

#[test]
fn the_settings_are_read_whole() {
    let scratch = Scratch::new("deploy-settings");
    let settings = scratch.path("settings.toml");
    // The commented part as well, so that none of it grows old.
    let text: String = read("settings.toml")
        .lines()
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|l| l.contains('=') || l.starts_with('['))
                .unwrap_or(line)
        })
        .filter(|line| !line.starts_with("login"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(text.contains("[messages.smtp]"), "{text}");
    std::fs::write(&settings, &text).unwrap();
    let database = scratch.path("record.sqlite");
    let ran = cauda(&[
        "doctor",
        "--config",
        &settings,
        "--database",
        &database,
        "--listen",
        "127.0.0.1:0",
    ]);
    assert!(ran.out.contains("links lead to https://ed.example.org"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_backup_is_brought_back_and_verified() {
    let scratch = Scratch::new("deploy-drill");
    let database = crate::record::filled(&scratch);
    let key = format!("{database}.key");
    let drill = |database: &str, to: &str| {
        Command::new(root().join("deploy/backup-drill"))
            .args([database, &key, to])
            .env("CAUDA", program())
            .env_remove("CAUDA_DATABASE")
            .output()
            .unwrap()
    };
    let done = drill(&database, &scratch.path("backups"));
    let said = String::from_utf8_lossy(&done.stdout).to_string();
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("restored and verified: "), "{said}");
    assert_eq!(std::fs::read_dir(scratch.path("backups")).unwrap().count(), 2);
    // A record that is not there is an error, and no backup.
    let none = drill(&scratch.path("nothing.db"), &scratch.path("none"));
    assert!(!none.status.success());
}
