//! Recomputes everything: positions, streams, bodies, leaves, inner nodes, commands, heads.
//!
//! Every row is looked at, every fault is told with its position. What a fault costs is bounded:
//! a changed row is named by its position; a leaf that was changed with its row, by the 64 leaves
//! of the node it no longer gives.

use std::collections::BTreeMap;
use std::ops::Range;

use sqlx::AnyConnection;

use crate::erase::{ERASED_KIND, erased_stream};
use crate::event::StoredEvent;
use crate::head::{PublicKey, SignedHead};
use crate::merkle::{Frontier, Hash, Node, hex};
use crate::read::{hash, page};
use crate::tree::STORED_LEVEL;
use crate::value::{Val, one, rows};
use crate::{Event, FAULTS_MAX, PAGE_MAX, Record, StoreError, write};

/// Whom to believe beside the record's own key.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Keys that signed heads of this record elsewhere or earlier.
    pub keys: Vec<PublicKey>,
    /// Heads that were carried away: the record must still have been so then.
    pub heads: Vec<SignedHead>,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Position in the log; for a head, its size.
    pub position: u64,
    /// What is wrong there.
    pub what: &'static str,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Events looked at.
    pub events: u64,
    /// Events of which only the commitment is left.
    pub erased: u64,
    /// Signed heads looked at, with those that were brought along.
    pub heads: u64,
    /// The root over all events.
    pub root: Hash,
    /// The first [`FAULTS_MAX`] faults.
    pub faults: Vec<Fault>,
    /// How many faults there are.
    pub fault_count: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.fault_count == 0
    }
}

/// A verification that is under way.
struct Check {
    keys: Vec<PublicKey>,
    /// Heads that were brought along, by size.
    brought: BTreeMap<u64, Vec<SignedHead>>,
    frontier: Frontier,
    /// Streams with a missing body, and where the last one is.
    missing: BTreeMap<String, u64>,
    report: Report,
}

impl Record {
    /// Looks at everything that was in the record when it was called. `progress` is told how many
    /// events are done and how many there are.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when the database does not answer, [`StoreError::Database`] when rows
    /// cannot even be read. What is wrong with the record is not an error but in the report.
    pub async fn verify(
        &self,
        trust: &Trust,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Report, StoreError> {
        let failed = self.engine().error("verifying the record");
        let mut connection = self.readers().acquire().await.map_err(&failed)?;
        let mut check = Check::new(trust, self.public_key());
        check.all(&mut connection, progress).await.map_err(&failed)?;
        Ok(check.report)
    }
}

impl Check {
    fn new(trust: &Trust, own: PublicKey) -> Check {
        let mut brought: BTreeMap<u64, Vec<SignedHead>> = BTreeMap::new();
        for head in &trust.heads {
            brought.entry(head.size).or_default().push(head.clone());
        }
        let mut keys = trust.keys.clone();
        keys.push(own);
        let frontier = Frontier::default();
        let (events, erased, heads, fault_count) = (0, 0, 0, 0);
        let (root, faults) = (frontier.root(), Vec::new());
        let report = Report { events, erased, heads, root, faults, fault_count };
        Check { keys, brought, frontier, missing: BTreeMap::new(), report }
    }

    async fn all(
        &mut self,
        connection: &mut AnyConnection,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> sqlx::Result<()> {
        let head = one(connection, HEAD, []).await?;
        let (size, peaks) = (head.count(0)?, head.blob_or_none(1)?.unwrap_or_default());
        let found = head.count(2)?;
        if found != size {
            self.fault(size, "the log has not as many rows as its head says");
        }
        if head.count(3)? > size {
            self.fault(head.count(3)?, "a signed head says the log was longer than it is");
        }
        if head.count(4)? > size {
            self.fault(head.count(4)?, "a node of the tree has no place in it");
        }
        // A head that somebody set to a number out of the air is not counted up to.
        let end = size.min(found + FAULTS_MAX as u64);
        self.heads(connection, 0..0).await?;
        let mut from = 0;
        while from < end {
            let to = end.min(from + PAGE_MAX as u64);
            self.events(connection, from..to).await?;
            from = to;
            progress(from, end);
        }
        match write::frontier(size, &peaks) {
            Ok(stored) if stored == self.frontier => {}
            _ => self.fault(size, "the head of the log does not follow from its leaves"),
        }
        for brought in std::mem::take(&mut self.brought).into_keys() {
            self.fault(brought, "a signed head says the log was longer than it is");
        }
        self.erased_meanwhile(connection, size).await?;
        for position in std::mem::take(&mut self.missing).into_values() {
            self.fault(position, "a body is missing and no audit event says it was erased");
        }
        self.listed(connection, STREAM_ENDS, "a stream lacks an event").await?;
        self.listed(connection, STREAM_ORDER, "a stream goes backwards").await?;
        self.listed(connection, COMMANDS, "a command does not fit its events").await?;
        self.listed(connection, UNCLAIMED, "an event belongs to no command").await?;
        self.report.root = self.frontier.root();
        Ok(())
    }

    /// The rows from one position to before another, with the nodes and heads in between.
    async fn events(
        &mut self,
        connection: &mut AnyConnection,
        range: Range<u64>,
    ) -> sqlx::Result<()> {
        let mut nodes = BTreeMap::new();
        let ends = [Val::count(range.start), Val::count(range.end)];
        for row in rows(connection, NODES, ends).await? {
            nodes.insert((row.count(0)?, row.count(1)?), hash(&row.blob(2)?)?);
        }
        let mut heads = self.stored_heads(connection, range.clone()).await?;
        for stored in page(connection, range.start, range.end).await? {
            while self.frontier.size() < stored.event.position {
                self.fault(self.frontier.size(), "the event is missing");
                self.grow(Hash([0; 32]), &mut nodes, &mut heads);
            }
            self.event(&stored);
            self.grow(stored.leaf, &mut nodes, &mut heads);
        }
        while self.frontier.size() < range.end {
            self.fault(self.frontier.size(), "the event is missing");
            self.grow(Hash([0; 32]), &mut nodes, &mut heads);
        }
        for (ends, _) in nodes.into_keys() {
            self.fault(ends, "a node of the tree has no place in it");
        }
        Ok(())
    }

    fn event(&mut self, stored: &StoredEvent) {
        let event = &stored.event;
        self.report.events += 1;
        if !stored.keeps_commitment() {
            self.fault(event.position, "the body is not the one that was written");
        }
        if stored.leaf != stored.leaf_of_row() {
            self.fault(event.position, "the row does not give its leaf");
        }
        if event.body.is_none() {
            self.report.erased += 1;
            self.missing.insert(event.stream.clone(), event.position);
        }
        self.note_erasure(event);
    }

    /// An audit event explains why the bodies of a stream before it are missing.
    fn note_erasure(&mut self, event: &Event) {
        if event.kind == ERASED_KIND
            && event.stream.starts_with("audit/")
            && let Some(erased) = event.body.as_deref().and_then(erased_stream)
        {
            self.missing.remove(&erased);
        }
    }

    /// A body that was erased while the log was read has its audit event past the end.
    async fn erased_meanwhile(
        &mut self,
        connection: &mut AnyConnection,
        mut from: u64,
    ) -> sqlx::Result<()> {
        while !self.missing.is_empty() {
            let later = page(connection, from, from + PAGE_MAX as u64).await?;
            if later.is_empty() {
                break;
            }
            from += later.len() as u64;
            later.iter().for_each(|stored| self.note_erasure(&stored.event));
        }
        Ok(())
    }

    fn grow(
        &mut self,
        leaf: Hash,
        nodes: &mut BTreeMap<(u64, u64), Hash>,
        heads: &mut BTreeMap<u64, SignedHead>,
    ) {
        let mut finished = Vec::new();
        self.frontier.push(leaf, |node| finished.push(node));
        for Node { level, index, hash } in finished.into_iter().filter(|n| n.level >= STORED_LEVEL)
        {
            let ends = (index + 1) << level;
            if nodes.remove(&(ends, u64::from(level))) != Some(hash) {
                self.fault(index << level, "the leaves from here do not give their node");
            }
        }
        let size = self.frontier.size();
        let brought = self.brought.remove(&size).unwrap_or_default();
        for head in heads.remove(&size).into_iter().chain(brought) {
            self.head(&head);
        }
    }

    /// Heads over the empty log.
    async fn heads(
        &mut self,
        connection: &mut AnyConnection,
        range: Range<u64>,
    ) -> sqlx::Result<()> {
        let before = self.brought.remove(&0).unwrap_or_default();
        let stored = self.stored_heads(connection, range).await?;
        stored.into_values().chain(before).for_each(|head| self.head(&head));
        Ok(())
    }

    fn head(&mut self, head: &SignedHead) {
        self.report.heads += 1;
        if head.root_hash() != Some(self.frontier.root()) {
            self.fault(head.size, "the log before here is not the one that was signed");
        }
        match head.key().filter(|key| self.keys.contains(key)) {
            None => self.fault(head.size, "the head is signed with a key nobody vouches for"),
            Some(key) if !head.is_signed_by(&key) => {
                self.fault(head.size, "the signature of the head is wrong");
            }
            Some(_) => {}
        }
    }

    /// The stored heads whose size is past the start and not past the end; over an empty log
    /// where both are 0.
    async fn stored_heads(
        &self,
        connection: &mut AnyConnection,
        range: Range<u64>,
    ) -> sqlx::Result<BTreeMap<u64, SignedHead>> {
        let after = if range.end == 0 { -1 } else { range.start.cast_signed() };
        let found = rows(connection, HEADS, [Val::Int(after), Val::count(range.end)]).await?;
        found.iter().map(|row| Ok((row.count(0)?, signed_head(row)?))).collect()
    }

    /// Faults that a statement lists by position.
    async fn listed(
        &mut self,
        connection: &mut AnyConnection,
        sql: &'static str,
        what: &'static str,
    ) -> sqlx::Result<()> {
        for row in rows(connection, sql, [Val::count(FAULTS_MAX as u64)]).await? {
            self.fault(row.count(0)?, what);
        }
        Ok(())
    }

    fn fault(&mut self, position: u64, what: &'static str) {
        self.report.fault_count += 1;
        if self.report.faults.len() < FAULTS_MAX {
            self.report.faults.push(Fault { position, what });
        }
    }
}

/// A head as its row says.
pub(crate) fn signed_head(row: &crate::value::Row) -> sqlx::Result<SignedHead> {
    Ok(SignedHead {
        size: row.count(0)?,
        root: hex(&row.blob(1)?),
        signed_at: row.int(2)?,
        public_key: hex(&row.blob(3)?),
        signature: hex(&row.blob(4)?),
    })
}

/// One statement, so that all of it is of the same moment.
const HEAD: &str = "SELECT size, peaks, (SELECT count(*) FROM event), \
    (SELECT coalesce(max(size), 0) FROM signed_head), \
    (SELECT coalesce(max(ends), 0) FROM tree_node) FROM log_head WHERE id = 1";
const NODES: &str = "SELECT ends, level, hash FROM tree_node WHERE ends > $1 AND ends <= $2";
pub(crate) const HEADS: &str = "SELECT size, root, signed_at, public_key, signature \
    FROM signed_head WHERE size > $1 AND size <= $2 ORDER BY size";
const STREAM_ENDS: &str = "SELECT max(position) FROM event GROUP BY stream \
    HAVING count(*) <> max(sequence) OR min(sequence) <> 1 ORDER BY 1 LIMIT $1";
const STREAM_ORDER: &str = "SELECT position FROM event AS later WHERE position <= \
    (SELECT position FROM event AS earlier WHERE earlier.stream = later.stream \
    AND earlier.sequence = later.sequence - 1) ORDER BY 1 LIMIT $1";
const COMMANDS: &str = "SELECT first FROM command WHERE events <> (SELECT count(*) FROM event \
    WHERE position >= first AND position < first + events AND event.command = command.id) \
    OR events < 1 ORDER BY 1 LIMIT $1";
const UNCLAIMED: &str = "SELECT position FROM event WHERE NOT EXISTS (SELECT 1 FROM command \
    WHERE id = event.command AND position >= first AND position < first + events) \
    ORDER BY 1 LIMIT $1";
