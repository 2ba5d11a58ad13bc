use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use ::csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use card::Schema;
use intake::{Header, HeaderError, Manifest, Record, Records};
use sha2::{Digest, Sha256};

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
}

/// An extract in CSV (RFC 4180): UTF-8, comma, a header of field names.
///
/// Opening it reads the file once and refuses it whole if anything about its form is wrong; the
/// records come in a second reading.
pub struct CsvExtract {
    file: String,
    header: Header,
    reader: Reader<File>,
    record: StringRecord,
}

impl CsvExtract {
    /// Opens the extract of a manifest: hash, rows, header and the form of every record are checked.
    pub fn open(path: impl AsRef<Path>, manifest: &Manifest, schema: &Schema) -> Result<Self, ExtractError> {
        let path: PathBuf = path.as_ref().to_owned();
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let failed = |error| ExtractError::Io { file: file.clone(), error };
        let mut hashed = Hashed { file: File::open(&path).map_err(failed)?, sha: Sha256::new() };
        let form = Self::form(&file, reader(&mut hashed), manifest, schema);
        // What the reader left behind when it stopped belongs to the hash as well.
        io::copy(&mut hashed, &mut io::sink()).map_err(failed)?;
        let sha256: [u8; 32] = hashed.sha.finalize().into();
        if sha256 != manifest.sha256 {
            return Err(ExtractError::Sha256 { file });
        }
        let (header, rows) = form?;
        if rows != manifest.rows {
            return Err(ExtractError::Rows { file, told: manifest.rows, found: rows });
        }
        let mut again = reader(File::open(&path).map_err(failed)?);
        again.headers().map_err(|error| refusal(&file, &error))?;
        Ok(Self { file, header, reader: again, record: StringRecord::new() })
    }

    /// Reads everything for its form only: the header, and the number of records.
    fn form<R: Read>(
        file: &str,
        mut reader: Reader<R>,
        manifest: &Manifest,
        schema: &Schema,
    ) -> Result<(Header, u64), ExtractError> {
        let names = reader.headers().map_err(|error| refusal(file, &error))?;
        if names.is_empty() {
            return Err(ExtractError::Empty { file: file.to_owned() });
        }
        let header = Header::bind(schema, manifest.entity, names.iter())
            .map_err(|error| ExtractError::Header { file: file.to_owned(), error })?;
        let mut record = StringRecord::new();
        let mut rows = 0;
        while reader.read_record(&mut record).map_err(|error| refusal(file, &error))? {
            rows += 1;
        }
        Ok((header, rows))
    }
}

impl Records for CsvExtract {
    type Error = ExtractError;

    fn file(&self) -> &str {
        &self.file
    }

    fn header(&self) -> &Header {
        &self.header
    }

    fn next(&mut self, record: &mut Record) -> Result<bool, ExtractError> {
        if !self.reader.read_record(&mut self.record).map_err(|error| refusal(&self.file, &error))? {
            return Ok(false);
        }
        record.begin(self.record.position().map_or(0, ::csv::Position::line));
        self.record.iter().for_each(|cell| record.push(cell));
        Ok(true)
    }
}

fn reader<R: Read>(source: R) -> Reader<R> {
    ReaderBuilder::new().buffer_capacity(1 << 18).from_reader(source)
}

fn refusal(file: &str, error: &::csv::Error) -> ExtractError {
    let file = file.to_owned();
    let line = |position: &Option<::csv::Position>| position.as_ref().map_or(1, ::csv::Position::line);
    match error.kind() {
        ErrorKind::Utf8 { pos, err } => {
            ExtractError::Utf8 { file, line: line(pos), column: err.field() as u64 + 1 }
        }
        ErrorKind::UnequalLengths { pos, expected_len, len } => ExtractError::Width {
            file,
            line: line(pos),
            column: (*len).min(*expected_len) + 1,
            found: *len,
            expected: *expected_len,
        },
        ErrorKind::Io(error) => {
            ExtractError::Io { file, error: io::Error::new(error.kind(), error.to_string()) }
        }
        _ => ExtractError::Io { file, error: io::Error::other("the CSV reader stopped") },
    }
}

/// A file whose hash is made while it is read.
struct Hashed {
    file: File,
    sha: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.sha.update(&buffer[..read]);
        Ok(read)
    }
}
