//! What every test has at hand: an EHR, launches that ask it, a clock, random numbers.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use cauda_jose::SigningKey;
use cauda_smart::{
    Begun, KeySet, Launched, Launches, RandomSource, Settings, Shown, SmartError, Tie,
};
use ring::digest::{SHA256, digest};

use crate::ehr::{BACK, CLIENT, Ehr, LAUNCH, Manner};

/// 2026-11-23 12:00:00 UTC.
pub const NOON: i64 = 1_795_435_200;

pub struct Desk {
    pub ehr: Ehr,
    hand: AtomicI64,
    folder: tempfile::TempDir,
    pub numbers: Numbers,
}

impl Desk {
    pub async fn new() -> Desk {
        Desk::of(Ehr::start(NOON).await)
    }

    pub fn of(ehr: Ehr) -> Desk {
        let (hand, numbers) = (AtomicI64::new(NOON), Numbers::new());
        Desk { ehr, hand, folder: tempfile::tempdir().unwrap(), numbers }
    }

    /// Those of a public client.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::new("st-elsewhere", &self.ehr.iss(), CLIENT, BACK);
        settings.private_addresses = true;
        settings
    }

    /// Those of a client with this key, which the EHR has read.
    pub fn keyed(&self, pem: &str) -> Settings {
        let mut settings = self.settings();
        settings.key = Some(self.write("key.pem", pem, 0o600));
        let published = KeySet::read(std::slice::from_ref(&settings)).unwrap();
        self.ehr.manner().client_keys = Some(published.json);
        settings
    }

    pub fn keyed_es384(&self) -> Settings {
        self.keyed(&SigningKey::new_es384_pem().unwrap())
    }

    pub fn launches(&self) -> Launches {
        self.open(&self.settings())
    }

    pub fn open(&self, settings: &Settings) -> Launches {
        Launches::open(std::slice::from_ref(settings)).unwrap()
    }

    pub fn now(&self) -> i64 {
        self.hand.load(Ordering::SeqCst)
    }

    /// Moves the clocks of both sides on.
    pub fn pass(&self, seconds: i64) {
        self.hand.fetch_add(seconds, Ordering::SeqCst);
        self.ehr.manner().now += seconds;
    }

    /// Writes a file, and says where.
    pub fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    /// The EHR opens us.
    pub async fn begin(&self, launches: &Launches) -> Result<Begun, SmartError> {
        let iss = self.ehr.iss();
        launches.begin(&iss, Some(LAUNCH), Tie::Handle, &self.numbers, self.now()).await
    }

    /// A browser that kept its handle comes back with that query.
    pub async fn finish(
        &self,
        launches: &Launches,
        begun: &Begun,
        query: &str,
    ) -> Result<Launched, SmartError> {
        let shown = Shown::Handle(begun.handle.as_ref().unwrap().reveal());
        launches.finish(query, shown, &self.numbers, self.now()).await
    }

    /// All the way, as a browser goes it that the EHR opened.
    pub async fn launch(&self, launches: &Launches) -> Result<Launched, SmartError> {
        let begun = self.begin(launches).await?;
        let query = self.ehr.authorize(&begun.redirect_to);
        self.finish(launches, &begun, &query).await
    }

    /// Something shown that shows no secret.
    pub fn is_silent(&self, shown: impl std::fmt::Debug) {
        let shown = format!("{shown:?}");
        for canary in ["canary", "Canary", "PRIVATE", "/auth", "/fhir"] {
            assert!(!shown.contains(canary), "{shown}");
        }
        let manner = self.ehr.manner();
        for token in manner.given.iter().chain(&manner.assertions) {
            let parts = token.split('.').filter(|part| part.len() > 8);
            parts.for_each(|part| assert!(!shown.contains(part), "{shown}"));
        }
    }
}

/// A launch from an EHR spoilt like that, which must be refused like this, silently.
pub async fn refused(what: &str, spoil: impl Fn(&mut Manner), expect: impl Into<SmartError>) {
    let desk = Desk::new().await;
    spoil(&mut desk.ehr.manner());
    let launched = desk.launch(&desk.launches()).await;
    let error = launched.expect_err(what);
    desk.is_silent((error.to_string(), &error));
    assert_eq!(error, expect.into(), "{what}");
}

/// Random numbers without chance, and never the same twice in a run.
pub struct Numbers(AtomicU64);

static STREAMS: AtomicU64 = AtomicU64::new(0);

impl Numbers {
    pub fn new() -> Numbers {
        Numbers(AtomicU64::new(STREAMS.fetch_add(1 << 32, Ordering::SeqCst)))
    }
}

impl RandomSource for Numbers {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), SmartError> {
        for chunk in bytes.chunks_mut(32) {
            let next = self.0.fetch_add(1, Ordering::SeqCst);
            let block = digest(&SHA256, &next.to_be_bytes());
            chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
        }
        Ok(())
    }
}
