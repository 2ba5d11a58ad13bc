use std::{collections::HashSet, num::NonZeroU32};

use card::{
    AccountId, Cell, Date, EntityId, FieldId, Iban, Iin, Lookup, Moment, Msisdn, PersonId, PhoneId,
    RegistryId,
};

use crate::{digest::Digest, manifest::Manifest};

/// The cells of a natural key, in the order that the entity declares.
pub type Key = Box<[Cell]>;

/// Seals identifiers: whose they are is known to the vault alone.
pub trait Vault {
    /// The failure of the store.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The persons of these numbers; a number never seen gets a new person.
    fn persons(&mut self, numbers: &[Iin]) -> Result<Vec<PersonId>, Self::Error>;

    /// The phones of these numbers.
    fn phones(&mut self, numbers: &[Msisdn]) -> Result<Vec<PhoneId>, Self::Error>;

    /// The accounts of these numbers.
    fn accounts(&mut self, numbers: &[Iban]) -> Result<Vec<AccountId>, Self::Error>;

    /// Keeps the names of persons.
    fn names(&mut self, names: &[(PersonId, &str)]) -> Result<(), Self::Error>;
}

/// What is known now under one key from one registry, without its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The row.
    pub row: u64,
    /// The first eight bytes of its digest.
    pub mark: i64,
    /// When the registry said so.
    pub said_at: Moment,
    /// The extract that brought it, if one did.
    pub extract: Option<u64>,
}

/// One change: a row that is added, in place of an older one or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of which entity.
    pub entity: EntityId,
    /// The row that it replaces: that one is known no more.
    pub closes: Option<u64>,
    /// The number of the new row.
    pub row: u64,
    /// What it says; [`Cell::Unknown`] where this registry has not told.
    pub cells: Box<[Cell]>,
    /// The first day on which it is true.
    pub from: Date,
    /// The first day on which it is true no more.
    pub until: Date,
    /// The hash of what it says.
    pub digest: Digest,
}

/// A record that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Of which entity.
    pub entity: EntityId,
    /// The line of the file, or the row of the event.
    pub line: u64,
    /// The field, where one is at fault.
    pub column: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub mend: String,
    /// Whom it is about, as far as it could be read: silence about them means nothing until mended.
    pub persons: Vec<PersonId>,
    /// The mark of its key, as far as it could be read: a sound record of that key settles it.
    pub key: Option<i64>,
    /// The record as it came. It holds identifiers: the store seals it.
    pub raw: String,
}

/// How many records went where. What was read is accepted, unchanged or quarantined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records read.
    pub read: u64,
    /// Of them, changes.
    pub accepted: u64,
    /// Of them, what we knew already, or what a newer word of the same registry has overtaken.
    pub unchanged: u64,
    /// Of those unchanged, the overtaken ones.
    pub overtaken: u64,
    /// Of them, in quarantine.
    pub quarantined: u64,
    /// Rows that a full extract ended by leaving them out; they were not read.
    pub ended: u64,
}

impl Counts {
    /// Do they close?
    pub fn close(&self) -> bool {
        self.read == self.accepted + self.unchanged + self.quarantined && self.overtaken <= self.unchanged
    }

    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            read: self.read + other.read,
            accepted: self.accepted + other.accepted,
            unchanged: self.unchanged + other.unchanged,
            overtaken: self.overtaken + other.overtaken,
            quarantined: self.quarantined + other.quarantined,
            ended: self.ended + other.ended,
        }
    }
}

/// How far the intake of an extract has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The store's number of the extract.
    pub extract: u64,
    /// Records in a chunk; the same in every run, so that chunks can be told apart.
    pub chunk_rows: u32,
    /// Chunks that are taken.
    pub chunks: u32,
    /// What became of their records.
    pub counts: Counts,
    /// Is the whole file taken?
    pub finished: bool,
}

/// What brings a chunk.
#[derive(Clone, Copy, Debug)]
pub enum Coming<'a> {
    /// A part of an extract.
    Extract {
        /// As [`Chunk::extract`] gave it.
        extract: u64,
        /// The last part: from now on the extract is taken, and covers what its manifest says.
        whole: Option<&'a Manifest>,
        /// As [`Chunk::is_late`] said: an older word settles nothing.
        late: bool,
    },
    /// An event.
    Event {
        /// Its id, unique in its source.
        id: &'a str,
        /// The hash of its body.
        body_digest: Digest,
        /// Its body, which the store seals: a contradiction shows both.
        body: &'a str,
        /// Did an event of this id come before with another body?
        contradicts: bool,
    },
}

/// Was an event seen before?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Its id is new.
    New,
    /// It came before, word for word.
    Same {
        /// The journal entry that took it.
        entry: u64,
    },
    /// Its id came with another body.
    Other,
    /// Its id came with another body, and this body was refused already.
    OtherAgain,
}

/// What a chunk writes of facts.
#[derive(Clone, Copy, Debug)]
pub struct NewFacts<'a> {
    /// Whose word it is.
    pub registry: RegistryId,
    /// Since when it is their word.
    pub said_at: Moment,
    /// The extract that brings it, if one does.
    pub extract: Option<u64>,
    /// The name of the file, or the type of the event.
    pub file: &'a str,
    /// Rows added and replaced.
    pub changes: &'a [Change],
    /// Rows that the extract confirmed.
    pub met: &'a [u64],
    /// Records not taken.
    pub quarantined: &'a [Quarantined],
    /// Keys of sound records of which an older record is in quarantine.
    pub settled: &'a [(EntityId, i64)],
}

/// The journal entry of a chunk.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    /// What brought it.
    pub coming: Coming<'a>,
    /// Whose word it is.
    pub registry: RegistryId,
    /// The name of the file, or the type of the event.
    pub file: &'a str,
    /// Of this chunk.
    pub counts: Counts,
    /// The root over what changed, in order.
    pub root: Digest,
}

/// One transaction of intake: it reads what is known, and writes everything with [`Chunk::commit`].
/// Dropped without that, it has not been.
pub trait Chunk: Vault + Sized {
    /// The extract of that hash, known or new.
    fn extract(&mut self, manifest: &Manifest, file: &str, chunk_rows: u32) -> Result<Progress, Self::Error>;

    /// Is an extract late: was a full one of its entity and registry, of any of its regions and any
    /// of its days, made after it and taken whole?
    fn is_late(&mut self, manifest: &Manifest) -> Result<bool, Self::Error>;

    /// Was an event seen before?
    fn event(&mut self, source: RegistryId, id: &str, digest: &Digest) -> Result<Seen, Self::Error>;

    /// What is known now from one registry under these keys, in their order.
    fn heads(
        &mut self,
        entity: EntityId,
        registry: RegistryId,
        keys: &[Key],
    ) -> Result<Vec<Option<Head>>, Self::Error>;

    /// Was a row of this key ever known that is not now?
    fn was(&mut self, entity: EntityId, registry: RegistryId, key: &[Cell]) -> Result<bool, Self::Error>;

    /// The marks of keys of which a record of that registry is in quarantine, unless the extract
    /// under way brought it: a file does not settle its own contradictions.
    fn held(
        &mut self,
        entity: EntityId,
        registry: RegistryId,
        extract: Option<u64>,
    ) -> Result<HashSet<i64>, Self::Error>;

    /// The cells of a row that is known now.
    fn cells(&mut self, entity: EntityId, row: u64) -> Result<Box<[Cell]>, Self::Error>;

    /// What one field of a row says, all registries merged; `None` if there is no row.
    fn told(&mut self, entity: EntityId, key: &[Cell], field: FieldId) -> Result<Option<Cell>, Self::Error>;

    /// The cells of all rows, of any time, that a lookup finds, as they are known now.
    fn linked(&mut self, lookup: &Lookup) -> Result<Vec<Box<[Cell]>>, Self::Error>;

    /// Has this extract brought or confirmed the row already?
    fn met(&mut self, extract: u64, row: u64) -> Result<bool, Self::Error>;

    /// Numbers for new rows: the first of so many.
    fn reserve(&mut self, rows: u64) -> Result<u64, Self::Error>;

    /// Writes facts and quarantine.
    fn write(&mut self, facts: NewFacts<'_>) -> Result<(), Self::Error>;

    /// Ends the rows that a full extract left out, after its last rows are written: rows of its
    /// entity and registry, true on some day that it covers, not said since it was made, neither
    /// brought nor confirmed by it, about persons whose region is one of its regions. Each is handed
    /// to `ended` by number.
    fn end_missing(
        &mut self,
        extract: u64,
        manifest: &Manifest,
        ended: &mut dyn FnMut(u64),
    ) -> Result<(), Self::Error>;

    /// Writes the journal entry and makes everything last; the entry's number.
    fn commit(self, entry: NewEntry<'_>) -> Result<u64, Self::Error>;
}

/// Somebody who knows what an entry of intake changed, and whom that concerns.
pub trait Changes {
    /// The failure of the store.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Whom the rows that an entry changed concern, as [`crate::subjects_of`] walks to them.
    fn concerned<M: Copy + Ord>(
        &self,
        entry: u64,
        reads: &[(M, Vec<crate::Step>)],
    ) -> Result<std::collections::BTreeSet<(M, PersonId)>, Self::Error>;

    /// The number of the last journal entry.
    fn journal_end(&self) -> Result<u64, Self::Error>;

    /// Whom everything concerns that came or ended after an entry of the journal.
    fn concerned_since<M: Copy + Ord>(
        &self,
        entry: u64,
        reads: &[(M, Vec<crate::Step>)],
    ) -> Result<std::collections::BTreeSet<(M, PersonId)>, Self::Error>;
}

/// Where facts are kept.
pub trait FactStore {
    /// The failure of the store.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Its transaction.
    type Chunk<'s>: Chunk<Error = Self::Error>
    where
        Self: 's;

    /// Records in a chunk: one transaction and one journal entry. Memory holds one chunk.
    fn chunk_rows(&self) -> NonZeroU32;

    /// Begins a chunk at a moment.
    fn begin(&self, now: Moment) -> Result<Self::Chunk<'_>, Self::Error>;
}
