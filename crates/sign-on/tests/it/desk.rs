//! What every test has at hand: an issuer, a provider that asks it, a clock, random numbers.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use cauda_sign_on::{
    AuthorizationResponse, Clock, Person, Provider, RandomSource, Settings, SignOnError,
};
use ring::digest::{SHA256, digest};

use crate::issuer::{CODE, GROUP, Issuer, Manner, NAME, SECRET, SUBJECT};

/// 2026-11-23 12:00:00 UTC.
pub const NOON: i64 = 1_795_435_200;

pub struct Desk {
    pub issuer: Issuer,
    pub hand: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

impl Desk {
    pub async fn new() -> Desk {
        Desk::of(Issuer::start(NOON).await)
    }

    pub fn of(issuer: Issuer) -> Desk {
        let hand = Arc::new(AtomicI64::new(NOON));
        Desk { issuer, hand, folder: tempfile::tempdir().unwrap() }
    }

    /// Those of a client with a secret.
    pub fn settings(&self) -> Settings {
        let issuer = self.issuer.name();
        let back = "https://cauda.example.org/sign-in/back";
        let mut settings = Settings::new(&issuer, "cauda-client", back);
        settings.client_secret = Some(self.write("secret", SECRET, 0o600));
        settings.roles.insert(GROUP.to_string(), "physician".to_string());
        settings
    }

    pub fn provider(&self) -> Provider {
        self.open(&self.settings())
    }

    pub fn open(&self, settings: &Settings) -> Provider {
        Provider::open(settings, self.clock()).unwrap()
    }

    pub fn clock(&self) -> Clock {
        let hand = self.hand.clone();
        Arc::new(move || hand.load(Ordering::SeqCst))
    }

    /// Moves the clocks of both sides on.
    pub fn pass(&self, seconds: i64) {
        self.hand.fetch_add(seconds, Ordering::SeqCst);
        self.issuer.manner().now += seconds;
    }

    /// Writes a file, and says where.
    pub fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    /// All the way, as a browser goes it.
    pub async fn sign_in(&self, provider: &Provider) -> Result<Person, SignOnError> {
        let begun = provider.begin(&Numbers::new()).await?;
        let query = self.issuer.authorize(&begun.url);
        provider.finish(&begun.kept, &AuthorizationResponse::read(&query)?).await
    }

    /// An error that shows nothing.
    pub fn is_silent(&self, error: &SignOnError) {
        let shown = format!("{error} {error:?}");
        for canary in ["canary", "Canary", SECRET, SUBJECT, NAME, GROUP, CODE] {
            assert!(!shown.contains(canary), "{shown}");
        }
        for token in &self.issuer.manner().given {
            let parts = token.split('.').filter(|part| part.len() > 8);
            parts.for_each(|part| assert!(!shown.contains(part), "{shown}"));
        }
    }
}

/// Signs in at an issuer spoilt like that, which must be refused like this, silently.
pub async fn refused(what: &str, spoil: impl Fn(&mut Manner), expect: impl Into<SignOnError>) {
    let desk = Desk::new().await;
    spoil(&mut desk.issuer.manner());
    let signed_in = desk.sign_in(&desk.provider()).await;
    let error = signed_in.expect_err(what);
    assert_eq!(error, expect.into(), "{what}");
    desk.is_silent(&error);
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
    fn fill(&self, bytes: &mut [u8]) -> Result<(), SignOnError> {
        for chunk in bytes.chunks_mut(32) {
            let next = self.0.fetch_add(1, Ordering::SeqCst);
            let block = digest(&SHA256, &next.to_be_bytes());
            chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
        }
        Ok(())
    }
}
