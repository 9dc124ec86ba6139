//! The one task that writes. It takes what waits in the queue and commits it together.
//!
//! A caller is answered only after the commit. What one caller did wrong never fails another: a
//! conflict is found before anything of it is written, and where the database refuses a group,
//! each member is tried by itself.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AnyConnection, Connection as _};
use tokio::sync::{mpsc, oneshot, watch};

use crate::engine::{Engine, Kind, Trouble, fault};
use crate::erase::Erasure;
use crate::head::{SignedHead, SigningKey};
use crate::notes::Note;
use crate::write::{Batch, Stop};
use crate::{Append, Appended, GROUP_MAX, StoreError};

/// How long a group may take before its connection counts as lost, in seconds.
const WRITE_SECONDS: u64 = 30;

/// What the writer is asked for.
pub(crate) enum Work {
    Append(Append, Vec<Note>),
    Note(Vec<Note>),
    Erase(Erasure),
    Sign { at: i64 },
}

/// What it answers.
pub(crate) enum Done {
    Appended(Appended),
    Noted,
    Signed(SignedHead),
}

pub(crate) type Answer = Result<Done, StoreError>;

pub(crate) enum Job {
    Write(Work, oneshot::Sender<Answer>),
    /// The log has this size by other means.
    Tell(u64),
    Stop(oneshot::Sender<()>),
}

/// How a whole transaction failed.
struct Failure {
    trouble: Trouble,
    /// The commit had been sent.
    confirming: bool,
    error: sqlx::Error,
}

pub(crate) struct Writer {
    pub engine: Engine,
    pub key: Arc<SigningKey>,
    pub queue: mpsc::Receiver<Job>,
    pub size: watch::Sender<u64>,
    pub connection: Option<AnyConnection>,
    /// The commit of the current transaction has been sent.
    pub confirming: bool,
    /// A commit failed in a way that may have left it on the disk or not.
    pub suspect: bool,
}

impl Writer {
    /// Writes until the record is closed or nobody is left who could ask.
    pub async fn run(mut self) {
        let mut jobs = Vec::with_capacity(GROUP_MAX);
        let mut stop = None;
        while stop.is_none() && self.queue.recv_many(&mut jobs, GROUP_MAX).await > 0 {
            let mut works = Vec::with_capacity(jobs.len());
            let mut replies = Vec::with_capacity(jobs.len());
            for job in jobs.drain(..) {
                match job {
                    Job::Write(work, reply) if stop.is_none() => {
                        works.push(work);
                        replies.push(reply);
                    }
                    Job::Write(_, reply) => drop(reply.send(Err(StoreError::Closed))),
                    Job::Tell(size) => crate::live::tell(&self.size, size),
                    Job::Stop(reply) => stop = Some(reply),
                }
            }
            for (answer, reply) in self.write(&works).await.into_iter().zip(replies) {
                // Who no longer waits is not told; the same command sent again will be.
                drop(reply.send(answer));
            }
        }
        if let Some(connection) = self.connection.take() {
            drop(connection.close().await);
        }
        if let Some(reply) = stop {
            reply.send(()).ok();
        }
    }

    async fn write(&mut self, works: &[Work]) -> Vec<Answer> {
        if works.is_empty() {
            return Vec::new();
        }
        match self.attempt(works).await {
            Ok(answers) => answers,
            Err(failure) if works.len() > 1 && failure.trouble != Trouble::Gone => {
                let mut answers = Vec::with_capacity(works.len());
                for work in works.chunks(1) {
                    answers.extend(match self.attempt(work).await {
                        Ok(answers) => answers,
                        Err(failure) => vec![Err(self.error(&failure))],
                    });
                }
                answers
            }
            Err(failure) => works.iter().map(|_| Err(self.error(&failure))).collect(),
        }
    }

    /// One transaction; once more on a new connection when the old one turns out to be lost.
    /// What the first try may have written, the second finds by its command; where there is no
    /// second, nobody knows.
    async fn attempt(&mut self, works: &[Work]) -> Result<Vec<Answer>, Failure> {
        let was_connected = self.connection.is_some();
        match self.transaction(works).await {
            Err(first) if first.trouble == Trouble::Gone && (was_connected || first.confirming) => {
                let again = self.transaction(works).await;
                again.map_err(|second| if first.confirming { first } else { second })
            }
            other => other,
        }
    }

    async fn transaction(&mut self, works: &[Work]) -> Result<Vec<Answer>, Failure> {
        self.confirming = false;
        let limit = Duration::from_secs(WRITE_SECONDS);
        let done = tokio::time::timeout(limit, self.steps(works)).await;
        done.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| {
            // A transaction that failed is not trusted to be rolled back: its connection goes,
            // and the next one starts with what the database itself recovered.
            self.connection = None;
            self.suspect |= self.confirming;
            let trouble = self.engine.trouble(&error);
            Failure { trouble, confirming: self.confirming, error }
        })
    }

    async fn steps(&mut self, works: &[Work]) -> sqlx::Result<Vec<Answer>> {
        if self.connection.is_none() {
            let mut connection = self.engine.connect().await?;
            if self.suspect {
                self.engine.settle(&mut connection).await?;
                self.suspect = false;
            }
            self.connection = Some(connection);
        }
        let Some(connection) = &mut self.connection else { return Ok(Vec::new()) };
        let mut transaction = connection.begin_with(self.engine.begin()).await?;
        let hoped = works.iter().map(Work::event_count).sum();
        let mut batch = match Batch::open(&mut transaction, hoped).await {
            Ok(batch) => batch,
            Err(Stop::Broken(error)) => return Err(error),
            Err(Stop::Refused(error)) => {
                transaction.rollback().await?;
                return Ok(works.iter().map(|_| Err(refused_again(&error))).collect());
            }
        };
        let mut answers = Vec::with_capacity(works.len());
        for work in works {
            let done = match work {
                Work::Append(append, notes) => {
                    batch.append(append, notes).await.map(Done::Appended).map(Some)
                }
                Work::Erase(erasure) => batch.erase(erasure).await.map(Done::Appended).map(Some),
                Work::Note(notes) => batch.note(notes).await.map(|()| Some(Done::Noted)),
                Work::Sign { at } => {
                    batch.sign(*at);
                    Ok(None)
                }
            };
            answers.push(match done {
                Ok(done) => Ok(done),
                Err(Stop::Refused(error)) => Err(error),
                Err(Stop::Broken(error)) => return Err(error),
            });
        }
        let mut head = None;
        if batch.is_changed() {
            let (size, signed) = batch.close(&self.engine, &self.key).await?;
            self.confirming = true;
            transaction.commit().await?;
            head = signed;
            crate::live::tell(&self.size, size);
        } else {
            transaction.rollback().await?;
        }
        Ok(answers.into_iter().map(|answer| with_head(answer?, &head)).collect())
    }

    fn error(&self, failure: &Failure) -> StoreError {
        // A server that answered the commit with an error has rolled it back. SQLite has not
        // said so when the disk itself failed.
        if failure.confirming && failure.trouble == Trouble::Gone {
            return StoreError::OutcomeUnknown(fault(&failure.error));
        }
        let doing = match self.engine.kind {
            Kind::Sqlite => "writing to the record's file",
            Kind::Postgres => "writing to the record",
        };
        self.engine.error_of(doing, &failure.error)
    }
}

impl Work {
    fn event_count(&self) -> usize {
        match self {
            Work::Append(append, _) => append.event_count(),
            Work::Erase(_) => 1,
            Work::Note(_) | Work::Sign { .. } => 0,
        }
    }
}

fn with_head(done: Option<Done>, head: &Option<SignedHead>) -> Answer {
    match (done, head) {
        (Some(done), _) => Ok(done),
        (None, Some(head)) => Ok(Done::Signed(head.clone())),
        (None, None) => Err(StoreError::Closed),
    }
}

/// The same refusal for everybody in a group: the head of the log is unreadable.
fn refused_again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Damaged { position, what } => StoreError::Damaged { position: *position, what },
        _ => StoreError::Closed,
    }
}
