//! Proofs over the stored tree. Nodes of 64 leaves and more are stored; smaller ones are worked
//! out from their leaves, so a proof costs a few dozen look-ups whatever the size of the log.

use std::iter::once;
use std::ops::Range;

use sqlx::AnyConnection;

use crate::merkle::{
    Frontier, Hash, consistency_ranges, fold, inclusion_ranges, perfect, verify_consistency,
    verify_inclusion,
};
use crate::read::hash;
use crate::value::{Val, row, rows};
use crate::{Record, StoreError, live};

/// The lowest level of nodes that are stored.
pub(crate) const STORED_LEVEL: u32 = 6;

/// That an event is in the log a head was signed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// Position of the event.
    pub position: u64,
    /// Size of the log it is proved for.
    pub size: u64,
    /// The event's leaf.
    pub leaf: Hash,
    /// The hashes beside the way from the leaf to the root.
    pub path: Vec<Hash>,
}

impl InclusionProof {
    /// Whether it proves the event to a head with this root and the proof's size.
    pub fn verify(&self, root: Hash) -> bool {
        verify_inclusion(self.leaf, self.position, self.size, &self.path, root)
    }
}

/// That a log is the beginning of a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// Size of the earlier log.
    pub old: u64,
    /// Size of the later log.
    pub new: u64,
    /// The hashes from which both roots follow.
    pub path: Vec<Hash>,
}

impl ConsistencyProof {
    /// Whether it proves that the log with the one root became the one with the other.
    pub fn verify(&self, old_root: Hash, new_root: Hash) -> bool {
        verify_consistency((self.old, old_root), (self.new, new_root), &self.path)
    }
}

impl Record {
    /// The root over the first `size` events.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] when the log is shorter, [`StoreError::Damaged`] when a part of
    /// the tree is missing, [`StoreError::Gone`] when the database does not answer.
    pub async fn root(&self, size: u64) -> Result<Hash, StoreError> {
        let hashes = self.hashes(size, once(0..size)).await?;
        Ok(hashes[0])
    }

    /// Proves that the event at `position` is among the first `size`.
    ///
    /// # Errors
    /// As [`Record::root`].
    pub async fn inclusion_proof(
        &self,
        position: u64,
        size: u64,
    ) -> Result<InclusionProof, StoreError> {
        if position >= size {
            return Err(StoreError::Malformed("the position is not in a log of that size"));
        }
        let leaf = once(position..position + 1);
        let ranges = leaf.chain(inclusion_ranges(position, size));
        let mut path = self.hashes(size, ranges).await?;
        let leaf = path.remove(0);
        Ok(InclusionProof { position, size, leaf, path })
    }

    /// Proves that the first `old` events are the beginning of the first `new`.
    ///
    /// # Errors
    /// As [`Record::root`].
    pub async fn consistency_proof(
        &self,
        old: u64,
        new: u64,
    ) -> Result<ConsistencyProof, StoreError> {
        if old > new {
            return Err(StoreError::Malformed("the earlier log is the longer one"));
        }
        let path = self.hashes(new, consistency_ranges(old, new)).await?;
        Ok(ConsistencyProof { old, new, path })
    }

    /// The hashes over ranges of leaves, as a proof names them, of a log of at least `size`.
    async fn hashes(
        &self,
        size: u64,
        ranges: impl IntoIterator<Item = Range<u64>>,
    ) -> Result<Vec<Hash>, StoreError> {
        let failed = self.engine().error("reading the tree");
        let mut connection = self.readers().acquire().await.map_err(&failed)?;
        if size > live::size_on(&mut connection).await.map_err(&failed)? {
            return Err(StoreError::Malformed("the log is shorter than that"));
        }
        let mut hashes = Vec::new();
        for range in ranges {
            let mut parts = Vec::new();
            for (level, index) in perfect(range) {
                let found = subtree(&mut connection, level, index).await.map_err(&failed)?;
                let (position, what) = (index << level, "a part of the tree is missing");
                parts.push(found.ok_or(StoreError::Damaged { position, what })?);
            }
            hashes.push(fold(&parts));
        }
        Ok(hashes)
    }
}

/// The hash of a perfect subtree.
async fn subtree(
    connection: &mut AnyConnection,
    level: u32,
    index: u64,
) -> sqlx::Result<Option<Hash>> {
    let (from, ends) = (index << level, (index + 1) << level);
    if level >= STORED_LEVEL {
        let values = [Val::count(ends), Val::count(u64::from(level))];
        return row(connection, NODE, values).await?.map(|row| hash(&row.blob(0)?)).transpose();
    }
    let leaves = rows(connection, LEAVES, [Val::count(from), Val::count(ends)]).await?;
    let mut frontier = Frontier::default();
    for leaf in &leaves {
        frontier.push(hash(&leaf.blob(0)?)?, |_| ());
    }
    Ok((frontier.size() == ends - from).then(|| frontier.root()))
}

const NODE: &str = "SELECT hash FROM tree_node WHERE ends = $1 AND level = $2";
const LEAVES: &str =
    "SELECT leaf FROM event WHERE position >= $1 AND position < $2 ORDER BY position";
