use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use ::csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use card::Schema;
use intake::{Header, Manifest, Record, Records};

use super::{ExtractError, Hashed};

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
    pub fn open(path: &Path, manifest: &Manifest, schema: &Schema) -> Result<Self, ExtractError> {
        let file = super::name_of(path);
        let failed = |error| ExtractError::Io { file: file.clone(), error };
        let mut hashed = Hashed::open(path).map_err(failed)?;
        let form = Self::form(&file, reader(&mut hashed), manifest, schema);
        if hashed.finish().map_err(failed)? != manifest.sha256 {
            return Err(ExtractError::Sha256 { file });
        }
        let (header, rows) = form?;
        super::check_rows(&file, manifest, rows)?;
        let mut again = reader(File::open(path).map_err(failed)?);
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
