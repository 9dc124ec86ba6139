//! Accounts of people: a stream each, a password as argon2id, a link that is good once.

use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use cauda_pathway::identity::{Actor, ActorId, StaffRole};
use cauda_store::{Append, Expected, Note, Record, StoreError, StreamAppend, StreamName};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::access::AccountRole;
use crate::clock::Clock;
use crate::streams::{self, ACCOUNT, PERSON, SESSION};
use crate::{ServerError, ids};

/// Shortest and longest password, in bytes.
pub const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 10..=200;
/// Most bytes of a name.
const NAME_BYTES_MAX: usize = 60;
/// Most characters of it that are taken from a provider, and most people of one name.
const NAME_CHARACTERS: usize = 50;
const NAMESAKES_MAX: u32 = 99;
/// How long a link to set a password is good, in seconds.
const LINK_SECONDS: i64 = 72 * 60 * 60;
/// Version of the form of an account's event. 2 brought people of an identity provider.
const VERSION: u32 = 2;
/// How long somebody at the door waits for others, in seconds.
const DOOR_SECONDS: u64 = 5;
/// Passwords that are checked at the same time; each takes 19 MiB.
const HASHING_MAX: usize = 2;

/// One event of an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountEvent {
    version: u32,
    at: i64,
    by: ActorId,
    what: What,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum What {
    /// There is such a person.
    Created {
        name: String,
        role: AccountRole,
    },
    /// A link to set the password; only what is kept of its secret.
    Invited {
        kept: String,
        until: i64,
    },
    /// The password, as argon2id.
    PasswordSet {
        hash: String,
    },
    /// Nobody signs in with it any more.
    Disabled {},
    SignedIn {},
    SignedOut {},
    /// It is of somebody the hospital's identity provider knows; what is kept of issuer and subject.
    Linked {
        person: String,
    },
    /// The person is something else from now on.
    RoleChanged {
        role: AccountRole,
    },
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id, which the record names as who did something.
    pub id: ActorId,
    /// The name to sign in with.
    pub name: String,
    /// What the person is.
    pub role: AccountRole,
    hash: Option<String>,
    invited: Option<(String, i64)>,
    /// Its person signs in by the identity provider.
    pub linked: bool,
    /// Nobody signs in with it any more.
    pub disabled: bool,
}

impl Account {
    fn fold(id: &ActorId, events: &[AccountEvent]) -> Option<Account> {
        let mut account: Option<Account> = None;
        for event in events {
            match (&event.what, &mut account) {
                (What::Created { name, role }, None) => {
                    let (name, role) = (name.clone(), *role);
                    let id = id.clone();
                    let (hash, invited) = (None, None);
                    let (linked, disabled) = (false, false);
                    account = Some(Account { id, name, role, hash, invited, linked, disabled });
                }
                (What::Invited { kept, until }, Some(account)) => {
                    account.invited = Some((kept.clone(), *until));
                }
                (What::PasswordSet { hash }, Some(account)) => {
                    account.hash = Some(hash.clone());
                    account.invited = None;
                }
                (What::Disabled {}, Some(account)) => account.disabled = true,
                (What::Linked { .. }, Some(account)) => account.linked = true,
                (What::RoleChanged { role }, Some(account)) => account.role = *role,
                _ => {}
            }
        }
        account
    }

    /// Whether it has the password that another view of it has.
    pub fn same_password(&self, other: &Account) -> bool {
        self.hash == other.hash
    }

    /// Whether a password was ever set.
    pub fn has_password(&self) -> bool {
        self.hash.is_some()
    }

    /// Who it is in a visit; nobody for who works with no patient.
    pub fn actor(&self) -> Option<Actor> {
        match self.role {
            AccountRole::Staff(role) => Some(Actor { id: self.id.clone(), role }),
            AccountRole::Administrator => None,
        }
    }
}

/// All accounts of a record.
pub struct Accounts {
    record: Record,
    clock: Clock,
    hashing: Semaphore,
    /// For people who are signed in already: strangers do not hold them up.
    unlocking: Semaphore,
}

impl Accounts {
    /// Accounts in that record.
    pub fn new(record: Record, clock: Clock) -> Accounts {
        Accounts {
            record,
            clock,
            hashing: Semaphore::new(HASHING_MAX),
            unlocking: Semaphore::new(HASHING_MAX),
        }
    }

    /// The account of that id.
    ///
    /// # Errors
    /// As the record's.
    pub async fn get(&self, id: &ActorId) -> Result<Option<Account>, ServerError> {
        Ok(Account::fold(id, &streams::all(&self.record, &stream(id)?).await?))
    }

    /// The account with that name.
    ///
    /// # Errors
    /// As the record's.
    pub async fn named(&self, name: &str) -> Result<Option<Account>, ServerError> {
        let key = key(name);
        if key.is_empty() || key.len() > cauda_store::NAME_BYTES_MAX {
            return Ok(None);
        }
        let note = self.record.note(ACCOUNT, &key).await?;
        match note.and_then(|note| note.value).and_then(|id| ActorId::new(id).ok()) {
            Some(id) => self.get(&id).await,
            None => Ok(None),
        }
    }

    /// All accounts by name, at most [`cauda_store::PAGE_MAX`].
    ///
    /// # Errors
    /// As the record's.
    pub async fn all(&self) -> Result<Vec<Account>, ServerError> {
        let mut accounts = Vec::new();
        for note in self.record.notes(ACCOUNT, "").await? {
            let Some(Ok(id)) = note.value.map(ActorId::new) else { continue };
            accounts.extend(self.get(&id).await?);
        }
        Ok(accounts)
    }

    /// Makes an account; nothing if the name is taken or does not fit.
    ///
    /// # Errors
    /// As the record's.
    pub async fn create(
        &self,
        by: &ActorId,
        name: &str,
        role: AccountRole,
    ) -> Result<Option<Account>, ServerError> {
        let name = name.trim();
        let fits =
            !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.chars().any(char::is_control);
        if !fits || self.record.note(ACCOUNT, &key(name)).await?.is_some() {
            return Ok(None);
        }
        let id = ActorId::new(ids::new_id()).map_err(|_| ServerError::NoRandom)?;
        let note = Note {
            list: ACCOUNT.to_string(),
            key: key(name),
            stream: stream(&id)?,
            value: Some(id.to_string()),
            sole: true,
        };
        let what = What::Created { name: name.to_string(), role };
        match self.append(&id, by, "created", what, vec![note]).await {
            Err(ServerError::Store(StoreError::Taken { .. })) => Ok(None),
            Err(error) => Err(error),
            Ok(()) => self.get(&id).await,
        }
    }

    /// The account of somebody the identity provider vouches for, made at the first time. Known
    /// again by issuer and subject, never by name: an account with a password stays its person's.
    /// Nothing if the account was closed.
    ///
    /// # Errors
    /// As the record's.
    pub async fn signed_on(
        &self,
        issuer: &str,
        subject: &str,
        name: &str,
        role: AccountRole,
    ) -> Result<Option<Account>, ServerError> {
        let person = ids::kept(&format!("{issuer}\n{subject}"));
        let by = ActorId::new("cauda").map_err(|_| ServerError::NoRandom)?;
        let note = self.record.note(PERSON, &person).await?;
        let known = note.and_then(|note| note.value).and_then(|id| ActorId::new(id).ok());
        let account = match known {
            Some(id) => self.get(&id).await?,
            None => self.made_for(&by, name, role, person).await?,
        };
        let Some(account) = account.filter(|account| !account.disabled) else { return Ok(None) };
        if account.role == role {
            return Ok(Some(account));
        }
        let what = What::RoleChanged { role };
        self.append(&account.id, &by, "role_changed", what, Vec::new()).await?;
        self.get(&account.id).await
    }

    /// An account of that name, or with a number behind it where somebody else has the name.
    async fn made_for(
        &self,
        by: &ActorId,
        name: &str,
        role: AccountRole,
        person: String,
    ) -> Result<Option<Account>, ServerError> {
        let plain: String = name.trim().chars().filter(|sign| !sign.is_control()).collect();
        let mut plain: String = plain.chars().take(NAME_CHARACTERS).collect();
        while plain.len() > NAME_BYTES_MAX - 6 {
            plain.pop();
        }
        for number in 1..=NAMESAKES_MAX {
            let wanted = if number == 1 { plain.clone() } else { format!("{plain} ({number})") };
            let Some(account) = self.create(by, &wanted, role).await? else { continue };
            let note = Note {
                list: PERSON.to_string(),
                key: person.clone(),
                stream: stream(&account.id)?,
                value: Some(account.id.to_string()),
                sole: true,
            };
            let what = What::Linked { person };
            return match self.append(&account.id, by, "linked", what, vec![note]).await {
                // The same person came in by another server in this moment.
                Err(ServerError::Store(StoreError::Taken { .. })) => Ok(None),
                Err(error) => Err(error),
                Ok(()) => self.get(&account.id).await,
            };
        }
        Ok(None)
    }

    /// A secret with which the person sets a password, once, within three days.
    ///
    /// # Errors
    /// As the record's.
    pub async fn invite(&self, by: &ActorId, account: &Account) -> Result<String, ServerError> {
        let secret = ids::secret()?;
        let until = self.clock.now() + LINK_SECONDS;
        let what = What::Invited { kept: ids::kept(&secret), until };
        self.append(&account.id, by, "invited", what, Vec::new()).await?;
        Ok(format!("{}.{secret}", account.id))
    }

    /// The account whose link that is, while it is good.
    ///
    /// # Errors
    /// As the record's.
    pub async fn invited(&self, link: &str) -> Result<Option<Account>, ServerError> {
        let Some((id, secret)) = link.split_once('.') else { return Ok(None) };
        let Ok(id) = ActorId::new(id) else { return Ok(None) };
        let account = self.get(&id).await?;
        let good = |account: &Account| {
            let good = account.invited.as_ref();
            good.is_some_and(|(kept, until)| {
                *kept == ids::kept(secret) && self.clock.now() <= *until && !account.disabled
            })
        };
        Ok(account.filter(good))
    }

    /// Sets a password; whether it fits.
    ///
    /// # Errors
    /// As the record's.
    pub async fn set_password(
        &self,
        account: &Account,
        password: &str,
    ) -> Result<bool, ServerError> {
        if !PASSWORD_BYTES.contains(&password.len()) {
            return Ok(false);
        }
        let _place = self.hashing.acquire().await.map_err(|_| ServerError::NoRandom)?;
        let password = password.to_string();
        let hashed = tokio::task::spawn_blocking(move || {
            let hashed = Argon2::default().hash_password(password.as_bytes());
            hashed.map(|hash| hash.to_string())
        });
        let hash = hashed.await.ok().and_then(Result::ok).ok_or(ServerError::NoRandom)?;
        let what = What::PasswordSet { hash };
        self.append(&account.id, &account.id, "password_set", what, Vec::new()).await?;
        Ok(true)
    }

    /// Whether that is the password, of somebody at the door. Takes as long for nobody as for
    /// somebody; nothing when too many are at the door.
    pub async fn opens(&self, account: Option<&Account>, password: &str) -> Option<bool> {
        let limit = std::time::Duration::from_secs(DOOR_SECONDS);
        let place = tokio::time::timeout(limit, self.hashing.acquire()).await;
        let _place = place.ok()?.ok()?;
        Some(self.is_password(account, password).await)
    }

    /// Whether that is the password of somebody who is signed in and was away.
    pub async fn unlocks(&self, account: &Account, password: &str) -> bool {
        let Ok(_place) = self.unlocking.acquire().await else { return false };
        self.is_password(Some(account), password).await
    }

    async fn is_password(&self, account: Option<&Account>, password: &str) -> bool {
        let usable = account.filter(|account| !account.disabled);
        let hash = usable.and_then(|account| account.hash.clone());
        let known = hash.is_some();
        let password = password.get(..*PASSWORD_BYTES.end()).unwrap_or(password).to_string();
        let checked = tokio::task::spawn_blocking(move || {
            let hash = hash.unwrap_or_else(|| NOBODY.clone());
            let parsed = PasswordHash::new(&hash);
            parsed.is_ok_and(|hash| {
                Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
            })
        });
        checked.await.unwrap_or(false) && known
    }

    /// Nobody signs in with it any more.
    ///
    /// # Errors
    /// As the record's.
    pub async fn disable(&self, by: &ActorId, account: &Account) -> Result<(), ServerError> {
        self.append(&account.id, by, "disabled", What::Disabled {}, Vec::new()).await
    }

    /// Notes a session, so that another server and the time after a start know it.
    ///
    /// # Errors
    /// As the record's.
    pub async fn signed_in(
        &self,
        account: &Account,
        kept: &str,
        value: String,
    ) -> Result<(), ServerError> {
        let note = session(&account.id, kept, Some(value))?;
        self.append(&account.id, &account.id, "signed_in", What::SignedIn {}, vec![note]).await
    }

    /// What is noted of a session, if the record knows it.
    pub async fn session_note(&self, kept: &str) -> Option<String> {
        self.record.note(SESSION, kept).await.ok()??.value
    }

    /// Whether the record knows that the session has ended.
    pub async fn is_signed_out(&self, kept: &str) -> bool {
        matches!(self.record.note(SESSION, kept).await, Ok(None))
    }

    /// Ends a session everywhere.
    ///
    /// # Errors
    /// As the record's.
    pub async fn signed_out(&self, account: &Account, kept: &str) -> Result<(), ServerError> {
        let note = session(&account.id, kept, None)?;
        self.append(&account.id, &account.id, "signed_out", What::SignedOut {}, vec![note]).await
    }

    async fn append(
        &self,
        id: &ActorId,
        by: &ActorId,
        kind: &str,
        what: What,
        notes: Vec<Note>,
    ) -> Result<(), ServerError> {
        let event = AccountEvent { version: VERSION, at: self.clock.now(), by: by.clone(), what };
        let append = Append {
            command: ids::new_id(),
            actor: by.to_string(),
            recorded_at: self.clock.micros(),
            streams: vec![StreamAppend {
                stream: stream(id)?,
                expected: Expected::Any,
                events: vec![streams::row(kind, VERSION, &event)?],
            }],
        };
        self.record.append_noting(append, notes).await?;
        Ok(())
    }
}

/// A hash of a password nobody has, so that an unknown name takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let secret = ids::secret().unwrap_or_default();
    let hash = Argon2::default().hash_password(secret.as_bytes());
    hash.map(|hash| hash.to_string()).unwrap_or_default()
});

fn session(id: &ActorId, kept: &str, value: Option<String>) -> Result<Note, StoreError> {
    let (list, key, stream) = (SESSION.to_string(), kept.to_string(), stream(id)?);
    Ok(Note { list, key, stream, value, sole: false })
}

fn stream(id: &ActorId) -> Result<StreamName, StoreError> {
    StreamName::new(format!("account/{id}"))
}

fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The notes an account's row leads to, when notes are made anew.
pub(crate) fn notes(id: &str, row: &cauda_store::Event) -> Result<Vec<Note>, ServerError> {
    let Ok(id) = ActorId::new(id) else { return Ok(Vec::new()) };
    let Some(event) = streams::read::<AccountEvent>(row)? else { return Ok(Vec::new()) };
    let (list, key) = match event.what {
        What::Created { name, .. } => (ACCOUNT, key(&name)),
        What::Linked { person } => (PERSON, person),
        _ => return Ok(Vec::new()),
    };
    let (list, stream) = (list.to_string(), stream(&id)?);
    Ok(vec![Note { list, key, stream, value: Some(id.to_string()), sole: true }])
}

/// The role of an account in a demonstration, by its button.
pub fn demo_roles() -> [StaffRole; 7] {
    [
        StaffRole::TriageNurse,
        StaffRole::BedsideNurse,
        StaffRole::Physician,
        StaffRole::SeniorPhysician,
        StaffRole::MriCoordinator,
        StaffRole::Radiologist,
        StaffRole::FollowUpNurse,
    ]
}

/// Shared.
pub type SharedAccounts = Arc<Accounts>;
