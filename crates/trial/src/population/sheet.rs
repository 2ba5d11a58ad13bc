//! One file of an extract and the manifest beside it.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use card::Date;
use serde_json::json;
use sha2::{Digest, Sha256};

/// What an extract is about, as its manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The entity.
    pub entity: &'static str,
    /// Whose word it is.
    pub registry: &'static str,
    /// Every row of its regions and days, or some.
    pub full: bool,
    /// Of persons in these regions; of everybody if empty.
    pub regions: Vec<&'static str>,
    /// The first and the last day covered; without a first one, all that the registry ever knew.
    pub days: (Option<Date>, Date),
    /// Made on that day.
    pub made_on: Date,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extract {
    /// What it is about.
    pub scope: Scope,
    /// The rows.
    pub csv: PathBuf,
    /// The manifest.
    pub manifest: PathBuf,
    /// How many rows.
    pub rows: u64,
}

/// Writing failed; the disk is full, or the folder is not ours.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}; free space there, or name another folder")]
pub struct WriteError {
    /// Which file.
    pub path: String,
    /// What the system says.
    pub source: io::Error,
}

/// Hashes what passes to the file.
struct Hashed {
    file: BufWriter<File>,
    sha: Sha256,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sha.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file being written.
pub struct Sheet {
    scope: Scope,
    csv: PathBuf,
    rows: u64,
    writer: csv::Writer<Hashed>,
}

impl Sheet {
    /// Opens `ENTITY.REGISTRY.csv` in a folder and writes its header.
    pub fn create(dir: &Path, scope: Scope, columns: &[&str]) -> Result<Self, WriteError> {
        let csv = dir.join(format!("{}.{}.csv", scope.entity, scope.registry));
        let file = File::create(&csv).map_err(|source| error(&csv, source))?;
        let hashed = Hashed { file: BufWriter::with_capacity(1 << 16, file), sha: Sha256::new() };
        let mut sheet = Self { scope, csv, rows: 0, writer: csv::Writer::from_writer(hashed) };
        sheet.row(columns)?;
        sheet.rows = 0;
        Ok(sheet)
    }

    /// Writes a row.
    pub fn row<T: AsRef<[u8]>>(&mut self, cells: &[T]) -> Result<(), WriteError> {
        self.rows += 1;
        self.writer.write_record(cells).map_err(|failed| error(&self.csv, failed.into()))
    }

    /// Closes the file and writes its manifest. A partial extract without rows says nothing and is
    /// dropped.
    pub fn close(self) -> Result<Option<Extract>, WriteError> {
        let Self { scope, csv, rows, writer } = self;
        let mut hashed = writer.into_inner().map_err(|failed| error(&csv, failed.into_error()))?;
        hashed.flush().map_err(|source| error(&csv, source))?;
        if rows == 0 && !scope.full {
            std::fs::remove_file(&csv).map_err(|source| error(&csv, source))?;
            return Ok(None);
        }
        let mut sha256 = String::with_capacity(64);
        for byte in hashed.sha.finalize() {
            sha256
                .extend([byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16).unwrap_or('0')));
        }
        let mut text = json!({
            "entity": scope.entity,
            "registry": scope.registry,
            "regions": scope.regions,
            "extent": if scope.full { "full" } else { "partial" },
            "through": scope.days.1.to_string(),
            "made_on": scope.made_on.to_string(),
            "rows": rows,
            "sha256": sha256,
        });
        if let Some(from) = scope.days.0 {
            text["from"] = json!(from.to_string());
        }
        let manifest = csv.with_extension("json");
        std::fs::write(&manifest, format!("{text:#}\n")).map_err(|source| error(&manifest, source))?;
        Ok(Some(Extract { scope, csv, manifest, rows }))
    }
}

/// The error of a path.
pub fn error(path: &Path, source: io::Error) -> WriteError {
    WriteError { path: path.display().to_string(), source }
}
