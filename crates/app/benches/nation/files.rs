//! Where the nation's buckets and the answers lie.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use app::failure::Failure;
use outside::snapshot::write_bucket;
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::{
    answers::{Answer, Answers, Measure},
    population::Nation,
};

/// A folder of one nation. It is kept between runs: making 20 million people takes minutes.
pub struct Files {
    folder: PathBuf,
    buckets: u64,
}

/// Another population must not be taken for this one: whatever makes it is part of its name.
const MADE_BY: &[&str] = &[
    include_str!("population/mod.rs"),
    include_str!("population/family.rs"),
    include_str!("population/scribe.rs"),
    include_str!("law/entities/life.yaml"),
    include_str!("law/entities/person.yaml"),
    include_str!("law/entities/values.yaml"),
];

impl Files {
    /// In a folder.
    pub fn of(folder: &Path, nation: &Nation) -> Self {
        let name = format!("nation-{}-buckets-of-{}-families", nation.buckets(), nation.families());
        Self { folder: folder.join(name), buckets: nation.buckets() }
    }

    pub const fn buckets(&self) -> u64 {
        self.buckets
    }

    pub fn bucket(&self, nth: u64) -> PathBuf {
        self.facts().join(format!("{nth:05}"))
    }

    /// The folder of all buckets.
    pub fn facts(&self) -> PathBuf {
        self.folder.join("facts")
    }

    pub fn answers(&self, who: &str) -> PathBuf {
        self.folder.join("answers").join(who)
    }

    pub fn answers_of(&self, who: &str, nth: u64) -> PathBuf {
        self.answers(who).join(format!("{nth:05}.parquet"))
    }

    /// Makes the nation, unless it is there.
    pub fn make(&self, nation: &Nation, threads: usize) -> Result<(), Failure> {
        let mark = self.folder.join("made_by");
        let made_by = format!("{:016x}", fingerprint(MADE_BY));
        if fs::read_to_string(&mark).is_ok_and(|found| found == made_by) {
            return Ok(());
        }
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).map_err(|error| Failure::file(&self.folder, &error))?;
        }
        let next = AtomicU64::new(0);
        let worker = || -> Result<(), Failure> {
            loop {
                let nth = next.fetch_add(1, Ordering::Relaxed);
                if nth >= self.buckets {
                    return Ok(());
                }
                let bucket = nation.bucket(nth);
                write_bucket(&self.bucket(nth), nation.schema(), &bucket).map_err(Failure::of)?;
            }
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().try_for_each(|worker| worker.join().expect("no worker panics"))
        })?;
        fs::write(&mark, made_by).map_err(|error| Failure::file(&mark, &error))
    }

    /// How many subjects a bucket has.
    pub fn subjects(&self, nth: u64) -> Result<u64, Failure> {
        let path = self.bucket(nth).join("_subjects.parquet");
        let told = |error: &dyn std::fmt::Display| Failure::file(&path, &error);
        let file = fs::File::open(&path).map_err(|error| told(&error))?;
        let reader = SerializedFileReader::new(file).map_err(|error| told(&error))?;
        Ok(reader.metadata().file_metadata().num_rows() as u64)
    }

    /// How large the facts are, in bytes, and the answers of one contender.
    pub fn sizes(&self, who: &str) -> Result<(u64, u64), Failure> {
        Ok((size_of(&self.facts())?, size_of(&self.answers(who))?))
    }

    /// Reads the answers that a contender wrote about one bucket.
    pub fn read_answers(&self, who: &str, nth: u64) -> Result<Vec<(Measure, Answer)>, Failure> {
        let path = self.answers_of(who, nth);
        let answers = Answers::read(&path).map_err(|error| Failure::file(&path, &error))?;
        Ok(answers.list())
    }
}

/// How large a file is, or all that lies in a folder, in bytes.
pub fn size_of(path: &Path) -> Result<u64, Failure> {
    let told = |error| Failure::file(path, &error);
    if path.is_file() {
        return Ok(fs::metadata(path).map_err(told)?.len());
    }
    let mut size = 0;
    for entry in fs::read_dir(path).map_err(told)? {
        size += size_of(&entry.map_err(told)?.path())?;
    }
    Ok(size)
}

fn fingerprint(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
