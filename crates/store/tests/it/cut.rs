//! A connection that is cut at the worst moment: while the commit is under way.
//!
//! Between the record and PostgreSQL stands a relay that cuts the line when it sees `COMMIT`,
//! before it has passed that on or after the server has done it. Only a command's id can tell the
//! one from the other.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use cauda_store::{Options, Record, StoreError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::home::{append, postgres, runtime, whole};

/// What the relay does with the next commit, or with everybody.
const PASS: u8 = 0;
const CUT_BEFORE: u8 = 1;
const CUT_AFTER: u8 = 2;
/// As the ones above, and nobody is connected any more afterwards.
const END_BEFORE: u8 = 3;
const END_AFTER: u8 = 4;
const REFUSE: u8 = 5;

/// Appends through a relay in this mode; what the caller is told, and the record once the line
/// is up again.
fn cut(mode: u8, check: impl AsyncFnOnce(Result<cauda_store::Appended, StoreError>, Record)) {
    let home = postgres();
    let folder = tempfile::tempdir().unwrap();
    let (database, real) = home.database.split_once("?host=").unwrap();
    let real = PathBuf::from(real).join(".s.PGSQL.5432");
    let address = format!("{database}?host={}", folder.path().display());
    runtime().block_on(async {
        let now = Arc::new(AtomicU8::new(PASS));
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        tokio::spawn(relay(listener, real, now.clone()));
        let options = Options::new(address, folder.path().join("key"));
        let record = Record::open(&options).await.unwrap();
        append(&record, "c0", "visit/a", 0, &["{}"]).await.unwrap();
        now.store(mode, Ordering::SeqCst);
        let told = append(&record, "c1", "visit/a", 1, &["{}", "{}"]).await;
        now.store(PASS, Ordering::SeqCst);
        check(told, record.clone()).await;
        assert_eq!(record.size().await.unwrap(), 3, "written once");
        append(&record, "c2", "visit/a", 3, &["{}"]).await.unwrap();
        whole(&record).await;
        record.close().await;
    });
}

async fn relay(listener: UnixListener, real: PathBuf, mode: Arc<AtomicU8>) {
    while let Ok((client, _)) = listener.accept().await {
        if mode.load(Ordering::SeqCst) != REFUSE {
            let server = UnixStream::connect(&real).await.unwrap();
            tokio::spawn(pass(client, server, mode.clone()));
        }
    }
}

/// Passes on what either side says until one ends, or the line is cut.
async fn pass(mut client: UnixStream, mut server: UnixStream, mode: Arc<AtomicU8>) {
    let (mut up, mut down) = ([0; 64 * 1024], [0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(said @ 1..) = read else { return };
                let commits = up[..said].windows(7).any(|bytes| bytes == b"COMMIT\0");
                let now = if commits { mode.load(Ordering::SeqCst) } else { PASS };
                if now == END_BEFORE || now == END_AFTER {
                    mode.store(REFUSE, Ordering::SeqCst);
                } else if now != PASS {
                    mode.store(PASS, Ordering::SeqCst);
                }
                if now == CUT_BEFORE || now == END_BEFORE {
                    return;
                }
                if server.write_all(&up[..said]).await.is_err() {
                    return;
                }
                if now == CUT_AFTER || now == END_AFTER {
                    // The server answers once it has committed; nobody hears it.
                    assert!(server.read(&mut down).await.unwrap() > 0);
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(said @ 1..) = read else { return };
                if client.write_all(&down[..said]).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[test]
fn a_commit_that_did_not_arrive_is_done_again() {
    cut(CUT_BEFORE, async |told, _| {
        let told = told.unwrap();
        assert_eq!((told.positions, told.already), (1..3, false));
    });
}

#[test]
fn a_commit_whose_answer_was_lost_is_found() {
    cut(CUT_AFTER, async |told, _| {
        let told = told.unwrap();
        assert_eq!((told.positions, told.already), (1..3, true));
    });
}

#[test]
fn nobody_is_told_what_nobody_knows() {
    for (mode, already) in [(END_BEFORE, false), (END_AFTER, true)] {
        cut(mode, async |told, record: Record| {
            let told = told.unwrap_err();
            assert!(matches!(told, StoreError::OutcomeUnknown(_)), "{told}");
            let again = append(&record, "c1", "visit/a", 1, &["{}", "{}"]).await.unwrap();
            assert_eq!((again.positions, again.already), (1..3, already));
        });
    }
}
