use std::io;

use ::parquet::errors::ParquetError;

use crate::sqlite::StoreError;

/// A snapshot cannot be written or read. It is never the truth: where it is damaged, delete it.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The store does not give its facts.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Columns cannot be put into a file.
    #[error("{file}: {error}")]
    Write {
        /// Which file.
        file: String,
        /// What went wrong.
        error: ParquetError,
    },
    /// A file or folder cannot be read, written or moved.
    #[error("{file}: {error}")]
    Io {
        /// Which one.
        file: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// A file is not what was written.
    #[error("{file}: damaged ({error}); delete the snapshot, it is made again from the store")]
    Damaged {
        /// Which file.
        file: String,
        /// What its reader says.
        error: ParquetError,
    },
    /// A column does not fit the facts that the law declares.
    #[error("{file}: column {column} {what}; delete the snapshot, it is made again from the store")]
    Column {
        /// Which file.
        file: String,
        /// Which column.
        column: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The manifest is not one that this program reads.
    #[error("{file}: {error}; delete the snapshot, it is made again from the store")]
    Manifest {
        /// Which file.
        file: String,
        /// What is wrong.
        error: String,
    },
    /// A bucket is not the one of the manifest.
    #[error("{file}: changed since it was written; delete the snapshot, it is made again from the store")]
    Changed {
        /// Which bucket.
        file: String,
    },
}
