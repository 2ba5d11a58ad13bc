//! The embedded store: one `SQLite` file with facts, vault and journal.
//!
//! **Invariant:** one writer at a time; readers never wait for it (write-ahead log). Every write is
//! one transaction, and a store opens again after a crash between any two of them.

mod archive;
mod award;
mod book;
mod book_tables;
mod cells;
mod chunk;
mod circle;
mod circles;
pub mod crash;
mod elsewhere;
mod ending;
mod error;
pub mod journal;
mod keys;
mod migrate;
mod quarantine;
mod reading;
mod rows;
mod seal;
mod tables;
mod vault;
mod words;

use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use card::Schema;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

pub use chunk::SqliteChunk;
pub use circle::steps;
pub use error::StoreError;
pub use keys::{Keys, KeysError};
pub use quarantine::{Conflict, QuarantinedRow};

pub(crate) use reading::{Reading, Tip};

use tables::Tables;
use words::Words;

/// Rows in a chunk of intake: some tens of milliseconds in which the writer is taken.
const CHUNK_ROWS: NonZeroU32 = NonZeroU32::new(10_000).expect("not zero");

/// The store.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    schema: Schema,
    tables: Tables,
    words: Words,
    keys: Keys,
    chunk_rows: NonZeroU32,
    writer: Mutex<Connection>,
    /// Numbers of the book taken from the counter and not used yet: the next, and the end.
    numbers: Mutex<(u64, u64)>,
    /// Connections that wait for the next reader.
    readers: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens the store in a file, or makes it; brings its tables to what the schema declares.
    pub fn open(path: impl AsRef<Path>, schema: &Schema, keys: Keys) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let tables = Tables::of(schema);
        let mut writer = connect(&path)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        migrate::bring_up(&tx)?;
        tables::bring_up(&tx, schema, &tables)?;
        let words = Words::bring_up(&tx, schema)?;
        vault::check_keys(&tx, &keys)?;
        tx.commit()?;
        let (writer, readers) = (Mutex::new(writer), Mutex::default());
        Ok(Self {
            path,
            schema: schema.clone(),
            tables,
            words,
            keys,
            chunk_rows: CHUNK_ROWS,
            writer,
            numbers: Mutex::default(),
            readers,
        })
    }

    /// As the store with chunks of so many rows; 10,000 unless told.
    #[must_use]
    pub fn with_chunks_of(self, rows: NonZeroU32) -> Self {
        Self { chunk_rows: rows, ..self }
    }

    /// The facts that it knows how to hold.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Does something in one transaction of the writer: all of it or, on an error, nothing.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut writer = self.writer();
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&tx)?;
        crash::point("write: before commit")?;
        tx.commit()?;
        crash::point("write: after commit")?;
        Ok(done)
    }

    /// Reads one consistent state, beside the writer.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        work(&*self.reading()?)
    }

    /// A connection that only reads.
    fn reader(&self) -> Result<Connection, StoreError> {
        let waiting = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(reader) = waiting {
            return Ok(reader);
        }
        let reader = connect(&self.path)?;
        reader.pragma_update(None, "query_only", true)?;
        Ok(reader)
    }

    /// Keeps a connection for the next reader.
    fn give_back(&self, reader: Connection) {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere has rolled its transaction back: the connection is sound.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.pragma_update(None, "mmap_size", 1_i64 << 30)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // Checkpoints cost twice the writing: every 64 MiB, not every chunk.
    connection.pragma_update(None, "wal_autocheckpoint", 16_384)?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(connection)
}
