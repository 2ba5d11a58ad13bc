//! Readers of the extracts that registries deliver, in CSV and in Parquet.
//!
//! **Invariant:** the one place that knows how registries write their files.

mod csv;
mod parquet;

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use card::Schema;
use intake::{Header, HeaderError, Manifest, Record, Records};
use sha2::{Digest, Sha256};

pub use self::{csv::CsvExtract, parquet::ParquetExtract};

/// An extract of either format.
pub enum Extract {
    /// Text.
    Csv(CsvExtract),
    /// Columns.
    Parquet(ParquetExtract),
}

impl Extract {
    /// Opens the extract of a manifest; the first bytes of the file tell the format. A file that is
    /// wrong as a whole is refused before anything of it is taken.
    pub fn open(path: impl AsRef<Path>, manifest: &Manifest, schema: &Schema) -> Result<Self, ExtractError> {
        let path = path.as_ref();
        let mut first = Vec::new();
        File::open(path)
            .and_then(|file| file.take(4).read_to_end(&mut first))
            .map_err(|error| ExtractError::Io { file: name_of(path), error })?;
        if first == b"PAR1" {
            ParquetExtract::open(path, manifest, schema).map(Self::Parquet)
        } else {
            CsvExtract::open(path, manifest, schema).map(Self::Csv)
        }
    }
}

impl Records for Extract {
    type Error = ExtractError;

    fn file(&self) -> &str {
        match self {
            Self::Csv(extract) => extract.file(),
            Self::Parquet(extract) => extract.file(),
        }
    }

    fn header(&self) -> &Header {
        match self {
            Self::Csv(extract) => extract.header(),
            Self::Parquet(extract) => extract.header(),
        }
    }

    fn next(&mut self, record: &mut Record) -> Result<bool, ExtractError> {
        match self {
            Self::Csv(extract) => extract.next(record),
            Self::Parquet(extract) => extract.next(record),
        }
    }
}

/// Why an extract is not taken. Nothing of the file is repeated, since it holds personal data.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// The file cannot be read.
    #[error("{file}: {error}")]
    Io {
        /// Which file.
        file: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// It is not the file of the manifest.
    #[error("{file}: its SHA-256 is not the one in the manifest; deliver file and manifest of one extract")]
    Sha256 {
        /// Which file.
        file: String,
    },
    /// It holds another number of rows than the manifest says.
    #[error("{file}: the manifest says {told} rows and the file holds {found}; deliver both again")]
    Rows {
        /// Which file.
        file: String,
        /// In the manifest.
        told: u64,
        /// In the file.
        found: u64,
    },
    /// It has no header.
    #[error("{file}: line 1: the file is empty; a header with the names of the fields is expected")]
    Empty {
        /// Which file.
        file: String,
    },
    /// Its header fits no entity.
    #[error("{file}: {error}")]
    Header {
        /// Which file.
        file: String,
        /// What is wrong.
        error: HeaderError,
    },
    /// A record with too many or too few cells.
    #[error(
        "{file}: line {line}, column {column}: not CSV: {found} cells where the header has {expected}; put cells that hold a comma or a line break into quotes"
    )]
    Width {
        /// Which file.
        file: String,
        /// Which line.
        line: u64,
        /// The first cell that is missing or too many.
        column: u64,
        /// In the record.
        found: u64,
        /// In the header.
        expected: u64,
    },
    /// Not UTF-8.
    #[error("{file}: line {line}, column {column}: not CSV in UTF-8; save the file in UTF-8")]
    Utf8 {
        /// Which file.
        file: String,
        /// Which line.
        line: u64,
        /// Which cell.
        column: u64,
    },
    /// Not a Parquet file that can be read.
    #[error("{file}: not a Parquet file that is plain or compressed with snappy; write it so, or as CSV")]
    Parquet {
        /// Which file.
        file: String,
    },
    /// A column of Parquet whose type says nothing exact.
    #[error(
        "{file}: column {column}: a text, a whole number, a decimal, a date or a truth value is expected; {mend}"
    )]
    ColumnType {
        /// Which file.
        file: String,
        /// Which column.
        column: u64,
        /// What to do.
        mend: &'static str,
    },
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn check_rows(file: &str, manifest: &Manifest, found: u64) -> Result<(), ExtractError> {
    if found == manifest.rows {
        return Ok(());
    }
    Err(ExtractError::Rows { file: file.to_owned(), told: manifest.rows, found })
}

/// A file whose hash is made while it is read.
struct Hashed {
    file: File,
    sha: Sha256,
}

impl Hashed {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::open(path)?, sha: Sha256::new() })
    }

    /// The hash of the whole file, with what nobody read of it.
    fn finish(mut self) -> io::Result<[u8; 32]> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.sha.finalize().into())
    }
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.sha.update(&buffer[..read]);
        Ok(read)
    }
}
