//! The key file, and addresses of databases.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use cauda_store::{Options, Record, SigningKey, StoreError};

use crate::home::{fill, runtime, sqlite};

#[test]
fn a_key_is_made_once_and_only_its_owner_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let key = SigningKey::open(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(SigningKey::open(&path).unwrap().public(), key.public());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(!format!("{key:?}").contains("302e"), "the key itself is not printed");

    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = SigningKey::open(&path).unwrap_err();
    assert!(refused.to_string().contains("chmod 600"), "{refused}");
}

#[test]
fn what_is_no_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    fs::write(&path, "not a key").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(SigningKey::open(&path).unwrap_err(), StoreError::Key { .. }));
    let nowhere = SigningKey::open(&folder.path().join("none/key")).unwrap_err();
    assert!(matches!(nowhere, StoreError::Io { .. }), "{nowhere}");
}

#[test]
fn a_file_of_any_name_is_made_and_only_its_owner_reads_it() {
    let home = sqlite();
    let file = home.folder().join("a folder?#%20 ü").join("record;x=1.db");
    fs::create_dir(file.parent().unwrap()).unwrap();
    let options = Options::new(file.to_str().unwrap(), home.folder().join("key"));
    runtime().block_on(async {
        let record = Record::open(&options).await.unwrap();
        fill(&record, 10).await;
        for file in fs::read_dir(file.parent().unwrap()).unwrap() {
            assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        record.close().await;
    });
    assert!(file.exists());
}

#[test]
fn an_address_is_not_repeated_in_errors() {
    let home = sqlite();
    for address in [
        "postgres://user:hunter2@localhost:notaport/db",
        "postgres://user:hunter2@localhost/db?host=/nonexistent",
        "/nonexistent/hunter2/record.db",
    ] {
        let options = Options::new(address, home.folder().join("key"));
        let Err(refused) = runtime().block_on(Record::open(&options)) else {
            panic!("{address} was opened");
        };
        let told = format!("{refused} {refused:?}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}
