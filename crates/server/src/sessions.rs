//! Who is signed in: a secret in a cookie, what is kept of it here and in the record.
//!
//! Sessions live in memory, so that a page is shown while the database is away; the record knows
//! them too, so that they outlive a start and another server takes them on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use cauda_pathway::identity::ActorId;
use serde::{Deserialize, Serialize};

use crate::accounts::{Account, Accounts};
use crate::clock::Clock;
use crate::{ServerError, ids};

/// How long a session lasts at most, in seconds: a long shift.
const SHIFT_SECONDS: i64 = 14 * 60 * 60;
/// After that long an account is looked up again, in seconds.
const FRESH_SECONDS: i64 = 30;
/// Visits for which a session remembers a reason.
const REASONS_MAX: usize = 50;
/// How long somebody is sure of a patient, in seconds.
const SURE_SECONDS: i64 = 600;
/// How long after a request a page counts as open, in seconds.
const OPEN_SECONDS: i64 = 120;
/// A time before any request.
const LONG_AGO: i64 = i64::MIN / 4;
/// Most sessions in memory; the longest unused goes first.
const SESSIONS_MAX: usize = 10_000;

/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose.
    pub account: Account,
    /// Goes into every form and comes back with it.
    pub csrf: String,
    /// What is kept of the secret.
    pub kept: String,
    since: i64,
    seen: i64,
    checked: i64,
    /// The record knows it too.
    noted: bool,
    /// The visit last looked at.
    looked_at: Option<String>,
    /// The visit whose patient the person is sure of, and since when.
    sure_of: Option<(String, i64)>,
    /// Visits that were over and for which a reason was given, and when.
    reasons: Vec<(String, i64)>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    account: String,
    since: i64,
}

/// What the record says of a session.
enum Checked {
    Good(Account),
    Over,
    Away,
}

/// How a request stands.
#[derive(Clone, Debug)]
pub enum Standing {
    /// Nobody is signed in.
    Nobody,
    /// Signed in, and idle for too long: the password is asked again.
    Locked(Session),
    /// Signed in.
    SignedIn(Session),
}

/// All sessions.
pub struct Sessions {
    accounts: Arc<Accounts>,
    clock: Clock,
    idle_seconds: i64,
    live: Mutex<HashMap<String, Session>>,
}

impl Sessions {
    /// No session yet.
    pub fn new(accounts: Arc<Accounts>, clock: Clock, idle_minutes: u32) -> Sessions {
        let idle_seconds = i64::from(idle_minutes) * 60;
        Sessions { accounts, clock, idle_seconds, live: Mutex::default() }
    }

    /// Signs a person in; the secret is for the cookie.
    ///
    /// # Errors
    /// When the machine has no random numbers. A record that is away is no error: the session
    /// then lives in memory alone.
    pub async fn sign_in(&self, account: Account) -> Result<String, ServerError> {
        let secret = ids::secret()?;
        let now = self.clock.now();
        let kept = ids::kept(&secret);
        let value = Kept { account: account.id.to_string(), since: now };
        let value = serde_json::to_string(&value).unwrap_or_default();
        let noted = self.accounts.signed_in(&account, &kept, value).await;
        if let Err(error) = &noted {
            tracing::warn!(%error, "a session is known to this server only");
        }
        let mut session = self.session(account, kept, now, now);
        session.noted = noted.is_ok();
        self.keep(session);
        Ok(secret)
    }

    fn session(&self, account: Account, kept: String, since: i64, now: i64) -> Session {
        let csrf = ids::kept(&format!("csrf {kept}"));
        Session {
            account,
            csrf,
            kept,
            since,
            seen: now,
            checked: now,
            noted: true,
            looked_at: None,
            sure_of: None,
            reasons: Vec::new(),
        }
    }

    fn keep(&self, session: Session) {
        let Ok(mut live) = self.live.lock() else { return };
        if live.len() >= SESSIONS_MAX {
            let oldest = live.values().min_by_key(|session| session.seen);
            if let Some(kept) = oldest.map(|session| session.kept.clone()) {
                live.remove(&kept);
            }
        }
        live.insert(session.kept.clone(), session);
    }

    /// How whoever sends that secret stands now.
    pub async fn standing(&self, secret: &str) -> Standing {
        if secret.len() != 64 {
            return Standing::Nobody;
        }
        let kept = ids::kept(secret);
        let now = self.clock.now();
        let known = self.live.lock().ok().and_then(|live| live.get(&kept).cloned());
        let session = match known {
            Some(session) => session,
            None => match self.of_record(&kept, now).await {
                Some(session) => {
                    self.keep(session.clone());
                    session
                }
                None => return Standing::Nobody,
            },
        };
        if now - session.since > SHIFT_SECONDS {
            self.forget(&kept);
            return Standing::Nobody;
        }
        if now - session.checked > FRESH_SECONDS {
            match self.still_good(&session).await {
                Checked::Good(account) => self.change(&kept, |session| {
                    session.account = account;
                    session.checked = now;
                }),
                Checked::Over => {
                    self.forget(&kept);
                    return Standing::Nobody;
                }
                // The record is away: who was signed in stays so.
                Checked::Away => {}
            }
        }
        // Looked up once more: meanwhile the person may have signed out, or locked it.
        let idle_seconds = self.idle_seconds;
        let Ok(mut live) = self.live.lock() else { return Standing::Nobody };
        let Some(session) = live.get_mut(&kept) else { return Standing::Nobody };
        if now.saturating_sub(session.seen) > idle_seconds {
            return Standing::Locked(session.clone());
        }
        session.seen = now;
        Standing::SignedIn(session.clone())
    }

    fn change(&self, kept: &str, change: impl FnOnce(&mut Session)) {
        if let Ok(mut live) = self.live.lock()
            && let Some(session) = live.get_mut(kept)
        {
            change(session);
        }
    }

    /// Whether a session was ended, or its account closed or given another password, on this
    /// server or another.
    async fn still_good(&self, session: &Session) -> Checked {
        match self.accounts.get(&session.account.id).await {
            Ok(Some(account)) if !account.disabled && account.same_password(&session.account) => {
                match session.noted && self.accounts.is_signed_out(&session.kept).await {
                    true => Checked::Over,
                    false => Checked::Good(account),
                }
            }
            Ok(_) => Checked::Over,
            Err(_) => Checked::Away,
        }
    }

    async fn of_record(&self, kept: &str, now: i64) -> Option<Session> {
        let note = self.accounts.session_note(kept).await?;
        let value: Kept = serde_json::from_str(&note).ok()?;
        let account = self.accounts.get(&ActorId::new(value.account).ok()?).await.ok()??;
        let mut session = self.session(account, kept.to_string(), value.since, now);
        // How long nobody was there is not known, nor whether it was locked: ask once.
        session.seen = LONG_AGO;
        (!session.account.disabled).then_some(session)
    }

    /// The person is there again.
    pub fn unlock(&self, kept: &str) {
        let now = self.clock.now();
        self.change(kept, |session| session.seen = now);
    }

    /// Locks a session at once.
    pub fn lock(&self, kept: &str) {
        self.change(kept, |session| session.seen = LONG_AGO);
    }

    /// Notes which patient is looked at. The first one is sure; after a switch the next is not.
    pub fn look_at(&self, kept: &str, visit: &str) {
        let Ok(mut live) = self.live.lock() else { return };
        let Some(session) = live.get_mut(kept) else { return };
        match &session.looked_at {
            Some(known) if known == visit => {}
            known => {
                if known.is_none() {
                    session.sure_of = Some((visit.to_string(), self.clock.now()));
                } else if session.sure_of.as_ref().is_some_and(|(sure, _)| sure != visit) {
                    session.sure_of = None;
                }
                session.looked_at = Some(visit.to_string());
            }
        }
    }

    /// The person said who the patient is, or has just written about them.
    pub fn be_sure(&self, kept: &str, visit: &str) {
        let now = self.clock.now();
        if let Ok(mut live) = self.live.lock()
            && let Some(session) = live.get_mut(kept)
        {
            session.sure_of = Some((visit.to_string(), now));
        }
    }

    /// Whether the person is sure of the patient: since no longer than ten minutes, and with no
    /// other looked at in between.
    pub fn is_sure(&self, kept: &str, visit: &str) -> bool {
        let now = self.clock.now();
        let Ok(live) = self.live.lock() else { return false };
        let sure = live.get(kept).and_then(|session| session.sure_of.as_ref());
        sure.is_some_and(|(known, at)| known == visit && now - at <= SURE_SECONDS)
    }

    /// A reason was given to look at a visit that is over.
    pub fn give_reason(&self, kept: &str, visit: &str) {
        let now = self.clock.now();
        if let Ok(mut live) = self.live.lock()
            && let Some(session) = live.get_mut(kept)
        {
            session.reasons.retain(|(known, _)| known != visit);
            let over = session.reasons.len().saturating_sub(REASONS_MAX - 1);
            session.reasons.drain(..over);
            session.reasons.push((visit.to_string(), now));
        }
    }

    /// Whether one was given, since no longer than so many seconds.
    pub fn has_reason(&self, kept: &str, visit: &str, seconds: i64) -> bool {
        let now = self.clock.now();
        let Ok(live) = self.live.lock() else { return false };
        let given = live.get(kept).map(|session| session.reasons.iter());
        given.into_iter().flatten().any(|(known, at)| known == visit && now - at <= seconds)
    }

    /// Names of others who have that visit open at this moment.
    pub fn others(&self, visit: &str, kept: &str) -> Vec<String> {
        let now = self.clock.now();
        let Ok(live) = self.live.lock() else { return Vec::new() };
        let mine = live.get(kept).map(|session| session.account.id.clone());
        let mut names: Vec<String> = live
            .values()
            .filter(|session| session.looked_at.as_deref() == Some(visit))
            .filter(|session| now - session.seen <= OPEN_SECONDS)
            .filter(|session| Some(&session.account.id) != mine.as_ref())
            .map(|session| format!("{} ({})", session.account.name, session.account.role.words()))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// How a session stands, without counting as a sign of life.
    pub fn peek(&self, kept: &str) -> Standing {
        let live = self.live.lock().ok().and_then(|live| live.get(kept).cloned());
        live.map_or(Standing::Nobody, Standing::SignedIn)
    }

    /// Ends all sessions of an account here; other servers notice within half a minute.
    pub fn forget_account(&self, id: &ActorId) {
        if let Ok(mut live) = self.live.lock() {
            live.retain(|_, session| session.account.id != *id);
        }
    }

    /// Signs out everywhere.
    pub async fn sign_out(&self, session: &Session) {
        self.forget(&session.kept);
        if let Err(error) = self.accounts.signed_out(&session.account, &session.kept).await {
            tracing::warn!(%error, "a session was ended on this server only");
        }
    }

    fn forget(&self, kept: &str) {
        if let Ok(mut live) = self.live.lock() {
            live.remove(kept);
        }
    }

    /// How many there are in memory.
    pub fn count(&self) -> usize {
        self.live.lock().map_or(0, |live| live.len())
    }
}
