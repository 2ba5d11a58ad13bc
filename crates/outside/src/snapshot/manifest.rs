//! What a snapshot is of: the page that makes its files one snapshot.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::Write,
    path::Path,
};

use card::{Coverage, Moment, PersonId, Schema};
use serde::{Deserialize, Serialize};

use super::{SnapshotError, columns::named};
use crate::sqlite::Tip;

/// The form of the files. Another form is made again from the store.
pub(super) const FORM: u32 = 1;

const FILE: &str = "snapshot.json";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub form: u32,
    /// Hash of the declared facts and of the paths that every measure may read.
    pub facts: String,
    /// As known at this moment; `None`: as known at the tip.
    pub known_on: Option<i64>,
    /// How far the store had come.
    pub tip: Tip,
    /// Counts the times it was brought up: names of folders are not used twice.
    pub generation: u64,
    pub buckets: Vec<Place>,
    /// By measure: whoever has a record in quarantine near them.
    pub doubted: BTreeMap<String, BTreeSet<u64>>,
    coverage: Vec<Covered>,
    /// The names of positions in the files.
    enums: BTreeMap<String, Vec<String>>,
    registries: Vec<String>,
    said: [String; 4],
}

/// One bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub folder: String,
    pub subjects: u64,
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Covered {
    entity: String,
    registry: String,
    region: Option<String>,
    from: String,
    through: String,
}

impl Manifest {
    pub fn new(schema: &Schema, facts: String, known_on: Option<Moment>) -> Self {
        let enums = schema.enums.iter().map(|one| (one.name.clone(), one.values.clone()));
        Self {
            form: FORM,
            facts,
            known_on: known_on.map(|moment| moment.0),
            tip: Tip::default(),
            generation: 0,
            buckets: Vec::new(),
            doubted: BTreeMap::new(),
            coverage: Vec::new(),
            enums: enums.collect(),
            registries: schema.registries.iter().map(|registry| registry.name.clone()).collect(),
            said: ["told", "nothing", "unknown", "year"].map(str::to_owned),
        }
    }

    /// The manifest of a folder, if there is one.
    pub fn read(folder: &Path) -> Result<Option<Self>, SnapshotError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).map_err(|error| io(&path, error))?;
        let unreadable = |error: serde_json::Error| SnapshotError::Manifest {
            file: named(&path),
            error: error.to_string(),
        };
        serde_json::from_str(&text).map(Some).map_err(unreadable)
    }

    /// Puts it in the place of the one before, in one step.
    pub fn write(&self, folder: &Path) -> Result<(), SnapshotError> {
        let (path, beside) = (folder.join(FILE), folder.join("snapshot.json.next"));
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| SnapshotError::Manifest { file: named(&path), error: error.to_string() })?;
        File::create(&beside)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&beside, &path))
            .and_then(|()| File::open(folder)?.sync_all())
            .map_err(|error| io(&path, error))
    }

    pub fn cover(&mut self, schema: &Schema, coverage: &[Coverage]) {
        let covered = |one: &Coverage| Covered {
            entity: schema.at(one.entity).name.clone(),
            registry: schema.registries[one.registry.0 as usize].name.clone(),
            region: one.region.as_deref().map(str::to_owned),
            from: one.from.to_string(),
            through: one.through.to_string(),
        };
        self.coverage = coverage.iter().map(covered).collect();
    }

    pub fn doubted_of(&self, measure: &str) -> impl Iterator<Item = PersonId> + '_ {
        self.doubted.get(measure).into_iter().flatten().map(|person| PersonId(*person))
    }
}

pub(super) fn io(path: &Path, error: std::io::Error) -> SnapshotError {
    SnapshotError::Io { file: named(path), error }
}
