//! A sweep in a process of its own, so that its memory is its own: decode, answer, write, bucket by bucket,
//! over some threads.

use std::{
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use app::failure::Failure;
use assess::Engine;
use card::{Bucket, Coverage, Date};
use law::{Pack, tree::MeasureId};
use outside::snapshot::{Fields, read_bucket};
use serde_json::{Value, json};

use crate::{
    answers::{Answers, Measure},
    files::Files,
    hand,
};

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Who {
    /// The evaluator.
    Engine,
    /// The loop.
    Hand,
}

/// Where the time of all threads together went, and how long it took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Split {
    pub wall: Duration,
    pub decode: Duration,
    pub evaluate: Duration,
    pub write: Duration,
    /// The most memory that the process ever held, in KiB.
    pub peak_kib: u64,
}

impl Split {
    /// As a line from one process to another.
    pub fn told(&self) -> Value {
        let nanos = |time: Duration| time.as_nanos() as u64;
        json!([nanos(self.wall), nanos(self.decode), nanos(self.evaluate), nanos(self.write), self.peak_kib])
    }

    /// From such a line.
    pub fn read(line: &[u8]) -> Result<Self, Failure> {
        let [wall, decode, evaluate, write, peak_kib]: [u64; 5] =
            serde_json::from_slice(line).map_err(Failure::of)?;
        let [wall, decode, evaluate, write] = [wall, decode, evaluate, write].map(Duration::from_nanos);
        Ok(Self { wall, decode, evaluate, write, peak_kib })
    }
}

/// What every bucket of a sweep shares.
pub struct Sweep<'s> {
    pub pack: &'s Pack,
    pub day: Date,
    pub coverage: &'s [Coverage],
    /// The fields that an answer may rest on.
    pub wanted: &'s Fields,
    pub files: &'s Files,
    pub threads: usize,
}

impl Sweep<'_> {
    /// Sweeps all buckets and writes the answers down.
    pub fn run(&self, who: Who) -> Result<Split, Failure> {
        let start = Instant::now();
        let answerer = Answerer::of(who, self.pack, self.day);
        let out = self.files.answers(who.name());
        fs::create_dir_all(&out).map_err(|error| Failure::file(&out, &error))?;
        let (next, total) = (AtomicU64::new(0), Mutex::new(Split::default()));
        let worker = || -> Result<(), Failure> {
            let mut mine = Split::default();
            loop {
                let nth = next.fetch_add(1, Ordering::Relaxed);
                if nth >= self.files.buckets() {
                    break;
                }
                let began = Instant::now();
                let bucket = self.read(nth)?;
                let decoded = Instant::now();
                let answers = answerer.answers(&bucket)?;
                let answered = Instant::now();
                answers.write(&self.files.answers_of(who.name(), nth)).map_err(Failure::of)?;
                mine.decode += decoded - began;
                mine.evaluate += answered - decoded;
                mine.write += answered.elapsed();
            }
            let mut total = total.lock().expect("no thread panics while it adds");
            total.decode += mine.decode;
            total.evaluate += mine.evaluate;
            total.write += mine.write;
            Ok(())
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().try_for_each(|worker| worker.join().expect("no worker panics"))
        })?;
        let total = *total.lock().expect("all threads are done");
        Ok(Split { wall: start.elapsed(), peak_kib: peak_kib()?, ..total })
    }

    /// How many subjects all buckets have together.
    pub fn people(&self) -> Result<u64, Failure> {
        (0..self.files.buckets()).map(|nth| self.files.subjects(nth)).sum()
    }

    /// A bucket, without the columns that no measure reads.
    pub fn read(&self, nth: u64) -> Result<Bucket, Failure> {
        let folder = self.files.bucket(nth);
        read_bucket(&folder, &self.pack.schema, Some(self.wanted), self.coverage.to_vec())
            .map_err(Failure::of)
    }
}

impl Who {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Hand => "hand",
        }
    }
}

/// One who answers, ready.
struct Answerer<'p> {
    who: Who,
    pack: &'p Pack,
    day: Date,
    engine: Engine,
    measures: Vec<MeasureId>,
}

impl<'p> Answerer<'p> {
    fn of(who: Who, pack: &'p Pack, day: Date) -> Self {
        Self { who, pack, day, engine: Engine::new(), measures: measures(pack) }
    }

    fn answers(&self, bucket: &Bucket) -> Result<Answers, Failure> {
        match self.who {
            Who::Engine => {
                let swept = self.engine.sweep_bucket(self.pack, &self.measures, self.day, bucket);
                Ok(Answers::of(&swept.map_err(Failure::of)?))
            }
            Who::Hand => Ok(hand::sweep(&self.pack.schema, bucket, self.day)),
        }
    }
}

/// The measures in the order of their answers.
pub fn measures(pack: &Pack) -> Vec<MeasureId> {
    let id = |measure: Measure| pack.measure(measure.name()).expect("a measure of the benchmark's pack");
    Measure::ALL.map(id).to_vec()
}

/// The most memory that this process ever held.
pub fn peak_kib() -> Result<u64, Failure> {
    let path = Path::new("/proc/self/status");
    let status = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kib.ok_or_else(|| Failure("the system does not tell how much memory was used".to_owned()))
}
