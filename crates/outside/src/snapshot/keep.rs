//! Keeping a snapshot: made from the store, and brought up bucket by bucket after that.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use card::{Bucket, Coverage, Moment, PersonId, Schema};
use law::Reach;
use sha2::{Digest, Sha256};

use super::{
    Fields, SnapshotError,
    bucket::{self, read_bucket, write_bucket},
    hex,
    manifest::{FORM, Manifest, Place, io},
};
use crate::sqlite::{Reading, Store, steps};

/// Above so many changed rows, and an eighth of all, it is quicker to write every bucket again than
/// to ask whom they concern.
const MANY: u64 = 10_000;

/// How a snapshot is made.
#[derive(Clone, Copy, Debug)]
pub struct Making {
    /// Threads that read the store and write buckets.
    pub threads: usize,
    /// Subjects of a bucket, about. A sweep needs memory for one bucket in each thread.
    pub subjects: usize,
}

impl Default for Making {
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        Self { threads, subjects: 8_000 }
    }
}

/// What bringing up a snapshot came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// Buckets that were written.
    pub written: usize,
    /// Buckets in all.
    pub buckets: usize,
}

/// A snapshot of a store in a folder. Nobody else brings it up while it is held.
#[derive(Debug)]
pub struct Snapshot {
    folder: PathBuf,
    schema: Schema,
    manifest: Manifest,
    coverage: Vec<Coverage>,
    _held: File,
}

impl Snapshot {
    /// Brings the snapshot in a folder to what the store knows now, or knew at a moment. Only the
    /// buckets are written whose subjects are concerned by what changed; where there is no snapshot,
    /// or one of other facts, other paths or another moment, all are. `paths` are what each measure
    /// may read, by its name; `told` hears how many of how many buckets are written.
    pub fn bring_up(
        folder: &Path,
        store: &Store,
        paths: &[(String, Vec<Reach>)],
        known_on: Option<Moment>,
        making: Making,
        told: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<(Self, Brought), SnapshotError> {
        fs::create_dir_all(folder).map_err(|error| io(folder, error))?;
        let lock = folder.join("snapshot.lock");
        let held = File::create(&lock).and_then(|file| file.lock().map(|()| file));
        let held = held.map_err(|error| io(&lock, error))?;
        let schema = store.schema();
        let reads = Reach::merged(paths.iter().flat_map(|(_, reads)| reads.iter().cloned()));
        let facts = hex(&Sha256::digest(format!("{schema:?}{paths:?}")));
        let last = Manifest::read(folder)?.filter(|last| last.form == FORM);
        if let Some(last) = &last {
            // What a crash left.
            sweep_out(folder, last);
        }
        let (readings, tip) = store.readings(making.threads)?;
        let first = &readings[0];
        let work = match &last {
            None => divided(first, known_on, making.subjects)?,
            Some(last) => {
                let same = last.facts == facts && last.known_on.is_none() && known_on.is_none();
                let rows: u64 = last.buckets.iter().map(|place| place.rows).sum();
                if !same || first.changes_since(last.tip)? > MANY + rows / 8 {
                    kept(first, folder, last, known_on)?
                } else {
                    concerned(first, folder, last, &reads)?
                }
            }
        };
        let mut next = Manifest::new(schema, facts, known_on);
        next.tip = tip;
        next.generation = last.as_ref().map_or(1, |last| last.generation + 1);
        let walked: Vec<_> = (0..).zip(paths.iter().map(|(_, reads)| steps(reads))).collect();
        for (measure, person) in first.doubted::<usize>(&walked, known_on)? {
            next.doubted.entry(paths[measure].0.clone()).or_default().insert(person.0);
        }
        let coverage = first.coverage(known_on)?;
        next.cover(schema, &coverage);
        let brought = Brought { written: work.iter().flatten().count(), buckets: work.len() };
        let maker = Maker { folder, schema, reads: &reads, known_on, generation: next.generation, told };
        let written = maker.write(readings, &work)?;
        let before = last.map(|last| last.buckets).unwrap_or_default();
        next.buckets = written
            .into_iter()
            .enumerate()
            .map(|(at, place)| place.unwrap_or_else(|| before[at].clone()))
            .collect();
        next.write(folder)?;
        sweep_out(folder, &next);
        Ok((
            Self { folder: folder.to_owned(), schema: schema.clone(), manifest: next, coverage, _held: held },
            brought,
        ))
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many buckets.
    pub fn buckets(&self) -> usize {
        self.manifest.buckets.len()
    }

    /// How many subjects.
    pub fn subjects(&self) -> u64 {
        self.manifest.buckets.iter().map(|place| place.subjects).sum()
    }

    /// Reads one of the buckets: all fields, or those that are wanted.
    pub fn bucket(&self, at: usize, wanted: Option<&Fields>) -> Result<Bucket, SnapshotError> {
        let folder = self.folder.join(&self.manifest.buckets[at].folder);
        read_bucket(&folder, &self.schema, wanted, self.coverage.clone())
    }

    /// Whoever has a record in quarantine near them, for a measure: silence means nothing there, so
    /// they are asked alone, from the store.
    pub fn doubted(&self, measure: &str) -> BTreeSet<PersonId> {
        self.manifest.doubted_of(measure).collect()
    }

    /// Are the files those that were written? Reads all of them.
    pub fn verify(&self) -> Result<(), SnapshotError> {
        for place in &self.manifest.buckets {
            if bucket::sha256_of(&self.folder.join(&place.folder), &self.schema)? != place.sha256 {
                return Err(SnapshotError::Changed { file: place.folder.clone() });
            }
        }
        Ok(())
    }
}

/// The subjects of every bucket; `None` where a bucket stays as it is.
type Work = Vec<Option<Vec<PersonId>>>;

/// In which of so many buckets somebody new lies: with those at their address.
fn place_of(person: PersonId, address: Option<&str>, buckets: usize) -> usize {
    let own = person.0.to_le_bytes();
    let bytes = address.map_or(&own[..], str::as_bytes);
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash % buckets as u64) as usize
}

/// Everybody, in buckets of about so many subjects.
fn divided(reading: &Reading<'_>, known_on: Option<Moment>, subjects: usize) -> Result<Work, SnapshotError> {
    let mut count = 0_usize;
    reading.persons(known_on, |_, _| count += 1)?;
    let mut buckets = vec![Vec::new(); count.div_ceil(subjects.max(1)).max(1)];
    let many = buckets.len();
    reading.persons(known_on, |person, address| buckets[place_of(person, address, many)].push(person))?;
    Ok(buckets.into_iter().map(Some).collect())
}

/// Everybody, in the buckets in which they were; who is new, in that of their address.
fn kept(
    reading: &Reading<'_>,
    folder: &Path,
    last: &Manifest,
    known_on: Option<Moment>,
) -> Result<Work, SnapshotError> {
    let many = last.buckets.len();
    let (mut persons, mut places) = (Vec::new(), Vec::new());
    reading.persons(known_on, |person, address| {
        persons.push(person);
        places.push(place_of(person, address, many) as u32);
    })?;
    for (at, place) in last.buckets.iter().enumerate() {
        for person in bucket::subjects_of(&folder.join(&place.folder))? {
            if let Ok(found) = persons.binary_search(&person) {
                places[found] = at as u32;
            }
        }
    }
    let mut buckets = vec![Vec::new(); many];
    for (person, place) in persons.into_iter().zip(places) {
        buckets[place as usize].push(person);
    }
    Ok(buckets.into_iter().map(Some).collect())
}

/// The buckets of those whom what changed since the last time concerns.
fn concerned(
    reading: &Reading<'_>,
    folder: &Path,
    last: &Manifest,
    reads: &[Reach],
) -> Result<Work, SnapshotError> {
    let mut work = vec![None; last.buckets.len()];
    if reading.tip()? == last.tip {
        return Ok(work);
    }
    let concerned = reading.concerned_since(last.tip, &[((), steps(reads))])?;
    let mut unplaced: BTreeSet<PersonId> = concerned.into_iter().map(|((), person)| person).collect();
    for (place, work) in last.buckets.iter().zip(&mut work) {
        if unplaced.is_empty() {
            break;
        }
        let mut subjects = bucket::subjects_of(&folder.join(&place.folder))?;
        let found: Vec<PersonId> =
            subjects.iter().filter(|subject| unplaced.remove(subject)).copied().collect();
        if found.is_empty() {
            continue;
        }
        for person in found {
            if !reading.knows(person)? {
                subjects.retain(|subject| *subject != person);
            }
        }
        *work = Some(subjects);
    }
    for person in unplaced {
        if !reading.knows(person)? {
            continue;
        }
        let at = place_of(person, reading.home(person)?.as_deref(), work.len());
        let subjects = match &mut work[at] {
            Some(subjects) => subjects,
            none => none.insert(bucket::subjects_of(&folder.join(&last.buckets[at].folder))?),
        };
        subjects.push(person);
    }
    Ok(work)
}

/// Removes folders that the manifest does not name. What cannot be removed is tried again next time.
fn sweep_out(folder: &Path, manifest: &Manifest) {
    let Ok(found) = fs::read_dir(folder) else { return };
    let named: BTreeSet<&str> = manifest.buckets.iter().map(|place| place.folder.as_str()).collect();
    for entry in found.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| name.starts_with("bucket-")) else { continue };
        if !named.contains(name) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Writes buckets, each thread with a reading of its own.
struct Maker<'m> {
    folder: &'m Path,
    schema: &'m Schema,
    reads: &'m [Reach],
    known_on: Option<Moment>,
    generation: u64,
    told: &'m (dyn Fn(usize, usize) + Sync),
}

impl Maker<'_> {
    fn write(&self, readings: Vec<Reading<'_>>, work: &Work) -> Result<Vec<Option<Place>>, SnapshotError> {
        let (next, done, failed) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        let all = work.iter().flatten().count();
        let one = |reading: Reading<'_>| -> Result<Vec<(usize, Place)>, SnapshotError> {
            let mut places = Vec::new();
            while !failed.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(subjects) = work.get(at) else { break };
                let Some(subjects) = subjects else { continue };
                let place = self
                    .bucket(&reading, at, subjects)
                    .inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
                places.push((at, place));
                (self.told)(done.fetch_add(1, Ordering::Relaxed) + 1, all);
            }
            Ok(places)
        };
        let mut places = vec![None; work.len()];
        thread::scope(|scope| {
            let threads: Vec<_> = readings.into_iter().map(|reading| scope.spawn(|| one(reading))).collect();
            for thread in threads {
                let written = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
                for (at, place) in written {
                    places[at] = Some(place);
                }
            }
            Ok(places)
        })
    }

    fn bucket(
        &self,
        reading: &Reading<'_>,
        at: usize,
        subjects: &[PersonId],
    ) -> Result<Place, SnapshotError> {
        let rows = reading.circles(subjects, self.reads, self.known_on)?;
        let bucket = Bucket::of(self.schema, subjects.to_vec(), &rows, Vec::new());
        let folder = format!("bucket-{at:05}-{}", self.generation);
        let written = write_bucket(&self.folder.join(&folder), self.schema, &bucket)?;
        Ok(Place {
            folder,
            subjects: subjects.len() as u64,
            rows: written.rows,
            bytes: written.bytes,
            sha256: written.sha256,
        })
    }
}
