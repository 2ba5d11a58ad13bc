use std::{io, path::PathBuf};

use ::parquet::errors::ParquetError;

/// A snapshot cannot be written or read. It is never the truth: where it is damaged, delete it.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// A file cannot be written.
    #[error("{}: {error}; free space there, or name another folder", file.display())]
    Write {
        /// Which file.
        file: PathBuf,
        /// What went wrong.
        error: ParquetError,
    },
    /// A file or folder cannot be read, made or moved.
    #[error("{file}: {error}")]
    Read {
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
}
