//! The sweep: everybody, asked bucket by bucket from a snapshot of the store; alone, from the store
//! itself, whoever has a record in quarantine near them.

use std::{
    collections::{BTreeSet, HashMap},
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use assess::{Engine, Swept};
use card::{Bucket, Date, Moment, Outcome, PersonId, Standing};
use law::{Pack, Reach, port::Circles, tree::MeasureId};
use outside::{
    answers::{Answer, Answered, AnswersWriter, read_answers},
    snapshot::{Brought, Fields, Making, Snapshot},
    sqlite::Store,
};

use crate::{failure::Failure, levels};

/// What is asked: every measure about everybody, as it stands on a day by what was known at a moment
/// (`None`: now).
#[derive(Clone, Copy)]
pub struct Sweep<'s> {
    /// The facts.
    pub store: &'s Store,
    /// The law.
    pub pack: &'s Pack,
    /// The evaluator.
    pub engine: &'s Engine,
    /// On which day.
    pub day: Date,
    /// By what was known.
    pub known_on: Option<Moment>,
    /// Threads and the size of buckets.
    pub making: Making,
}

/// Hears how many of how many buckets are done.
pub type Told<'t> = &'t (dyn Fn(usize, usize) + Sync);

/// An answer that is not the one of the sweep before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of which measure.
    pub measure: MeasureId,
    /// About whom.
    pub subject: PersonId,
    /// The answer before; `None` where there was no right.
    pub before: Option<Answer>,
    /// The answer now; `None` where there is no right.
    pub after: Option<Answer>,
}

impl Difference {
    /// Of which measure, about whom, and what the answer is now.
    pub fn now(&self) -> (MeasureId, PersonId, Outcome) {
        (self.measure, self.subject, self.after.map_or(Outcome::NotEligible, |answer| answer.outcome))
    }
}

impl Sweep<'_> {
    /// Brings the snapshot in a folder up to the store.
    pub fn bring_up(&self, folder: &Path, told: Told<'_>) -> Result<(Snapshot, Brought), Failure> {
        let names = self.pack.measures.iter().map(|measure| measure.name.clone());
        let mut paths: Vec<_> = names.zip(self.reads()).collect();
        paths.extend(levels::paths(self.pack));
        Snapshot::bring_up(folder, self.store, &paths, self.known_on, self.making, told).map_err(Failure::of)
    }

    /// What each measure may read.
    fn reads(&self) -> impl Iterator<Item = Vec<Reach>> {
        (0..self.pack.measures.len()).map(|at| self.pack.reads(MeasureId(at as u16)))
    }

    /// Asks about everybody of a snapshot, bucket by bucket.
    pub fn ask(
        &self,
        snapshot: &Snapshot,
        told: Told<'_>,
        each: &(dyn Fn(Asked) -> Result<(), Failure> + Sync),
    ) -> Result<(), Failure> {
        let asking = Asking::new(self, snapshot);
        self.through(snapshot, told, &|at| asking.bucket(at).and_then(each))
    }

    /// Does something with every bucket of a snapshot, on all threads.
    pub(crate) fn through(
        &self,
        snapshot: &Snapshot,
        told: Told<'_>,
        each: &(dyn Fn(usize) -> Result<(), Failure> + Sync),
    ) -> Result<(), Failure> {
        let (next, done, failed) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        let work = || -> Result<(), Failure> {
            while !failed.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= snapshot.buckets() {
                    break;
                }
                each(at).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
                told(done.fetch_add(1, Ordering::Relaxed) + 1, snapshot.buckets());
            }
            Ok(())
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..self.making.threads.max(1)).map(|_| scope.spawn(work)).collect();
            let mut ends = threads.into_iter().map(thread::ScopedJoinHandle::join);
            ends.try_for_each(|end| end.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }

    /// Asks about everybody of a snapshot, and gives `take` what differs from the answers of the last
    /// time, which lie beside it. Only when it has taken all are these the answers of the last time:
    /// what is cut off between is found again.
    pub fn differences<T>(
        &self,
        snapshot: &Snapshot,
        told: Told<'_>,
        each: &(dyn Fn(&[Swept]) -> Result<(), Failure> + Sync),
        take: impl FnOnce(Vec<Difference>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let last = Last::of(snapshot.folder())?;
        let found = Mutex::new(Vec::new());
        self.ask(snapshot, told, &|asked| {
            each(&asked.answers)?;
            let new = last.compare(self, &asked)?;
            found.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
            Ok(())
        })?;
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_unstable_by_key(|difference| (difference.measure, difference.subject));
        let taken = take(found)?;
        last.replace(snapshot.buckets())?;
        Ok(taken)
    }
}

/// Who was asked about in one bucket, and what was answered.
pub struct Asked {
    /// Which bucket.
    pub bucket: usize,
    /// All its subjects, in order.
    pub subjects: Vec<PersonId>,
    /// The answers of each measure of the pack.
    pub answers: Vec<Swept>,
}

/// What all buckets share.
struct Asking<'s> {
    sweep: &'s Sweep<'s>,
    measures: Vec<MeasureId>,
    /// By measure: what it may read.
    reads: Vec<Vec<Reach>>,
    /// By measure: who is asked alone.
    doubted: Vec<BTreeSet<PersonId>>,
    buckets: Buckets<'s>,
}

/// The buckets of a snapshot, with all that the law reads.
pub(crate) struct Buckets<'s> {
    snapshot: &'s Snapshot,
    wanted: Fields,
    /// Group entities are computed, and empty in every bucket.
    nothing: Bucket,
}

impl<'s> Buckets<'s> {
    pub(crate) fn new(pack: &Pack, snapshot: &'s Snapshot) -> Self {
        let nothing = Bucket::of(&pack.schema, Vec::new(), [], Vec::new());
        Self { snapshot, wanted: pack.fields(), nothing }
    }

    pub(crate) fn read(&self, at: usize) -> Result<Bucket, Failure> {
        let mut bucket = self.snapshot.bucket(at, Some(&self.wanted)).map_err(Failure::of)?;
        bucket.tables.extend_from_slice(&self.nothing.tables[bucket.tables.len()..]);
        Ok(bucket)
    }
}

impl<'s> Asking<'s> {
    fn new(sweep: &'s Sweep<'s>, snapshot: &'s Snapshot) -> Self {
        let pack = sweep.pack;
        Self {
            sweep,
            measures: (0..pack.measures.len()).map(|at| MeasureId(at as u16)).collect(),
            reads: sweep.reads().collect(),
            doubted: pack.measures.iter().map(|measure| snapshot.doubted(&measure.name)).collect(),
            buckets: Buckets::new(pack, snapshot),
        }
    }

    fn bucket(&self, at: usize) -> Result<Asked, Failure> {
        let Sweep { pack, engine, day, .. } = *self.sweep;
        let bucket = self.buckets.read(at)?;
        let mut answers = engine.sweep_bucket(pack, &self.measures, day, &bucket).map_err(Failure::of)?;
        for ((measure, doubted), swept) in self.measures.iter().zip(&self.doubted).zip(&mut answers) {
            for subject in doubted {
                if bucket.subjects.binary_search(subject).is_ok() {
                    self.alone(*measure, *subject, swept)?;
                }
            }
        }
        Ok(Asked { bucket: at, subjects: bucket.subjects, answers })
    }

    /// Asks one subject over their own circle, in which silence counts for less.
    fn alone(&self, measure: MeasureId, subject: PersonId, swept: &mut Swept) -> Result<(), Failure> {
        let Sweep { store, pack, engine, day, known_on, .. } = *self.sweep;
        let circle = store.circle(subject, &self.reads[measure.0 as usize], known_on).map_err(Failure::of)?;
        let alone = engine.sweep(pack, &[measure], day, &[subject], &[&circle]).map_err(Failure::of)?;
        swept.correct(subject, &alone[0]);
        Ok(())
    }
}

/// The columns of answers, ready to be written.
pub fn columns<'a>(pack: &'a Pack, answers: &'a [Swept]) -> Vec<Answered<'a>> {
    let named = pack.measures.iter().zip(answers);
    named
        .map(|(measure, swept)| Answered {
            measure: &measure.name,
            subjects: &swept.subjects,
            outcomes: &swept.outcomes,
            free: &swept.free,
            amounts: &swept.amounts,
            standings: &swept.standings,
            conditions: &swept.conditions,
            days: &swept.days,
            hashes: &swept.hashes,
        })
        .collect()
}

/// The answers of the last sweep that became cases, a table for each bucket: those that are no
/// certain no.
struct Last {
    folder: PathBuf,
}

impl Last {
    fn of(folder: &Path) -> Result<Self, Failure> {
        let folder = folder.join("last");
        fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
        Ok(Self { folder })
    }

    fn file(&self, bucket: usize, end: &str) -> PathBuf {
        self.folder.join(format!("{bucket:05}.{end}"))
    }

    /// What differs in a bucket. Its answers are written beside those of the last time.
    fn compare(&self, sweep: &Sweep<'_>, asked: &Asked) -> Result<Vec<Difference>, Failure> {
        let Asked { bucket, ref subjects, ref answers } = *asked;
        let mut before = HashMap::new();
        let path = self.file(bucket, "parquet");
        if path.exists() {
            for (measure, subject, answer) in read_answers(&path).map_err(Failure::of)? {
                // What a law said that is no more, nobody compares with.
                if let Some(measure) = sweep.pack.measure(&measure) {
                    before.insert((measure, subject), answer);
                }
            }
        }
        let open: Vec<Swept> = answers.iter().map(open).collect();
        let mut differences = Vec::new();
        for (at, swept) in open.iter().enumerate() {
            for place in 0..swept.subjects.len() {
                let (measure, subject) = (MeasureId(at as u16), swept.subjects[place]);
                // The pack gives no answer; it is counted and shown, and is nobody's case.
                if answers[at].faults.iter().any(|(faulty, _)| *faulty == subject) {
                    before.remove(&(measure, subject));
                    continue;
                }
                let after = Some(answer(swept, place));
                let before = before.remove(&(measure, subject));
                if before != after {
                    differences.push(Difference { measure, subject, before, after });
                }
            }
        }
        // Of whom no row is left, nobody can be asked.
        let closed = before.into_iter().filter(|((_, subject), _)| subjects.binary_search(subject).is_ok());
        differences.extend(closed.map(|((measure, subject), before)| Difference {
            measure,
            subject,
            before: Some(before),
            after: None,
        }));
        let next = self.file(bucket, "next");
        let file = File::create(&next).map_err(|error| Failure::file(&next, &error))?;
        let mut writer = AnswersWriter::new(file, sweep.day).map_err(Failure::of)?;
        writer.write(&columns(sweep.pack, &open)).map_err(Failure::of)?;
        writer.close().map_err(Failure::of)?;
        Ok(differences)
    }

    /// The answers written beside become those of the last time.
    fn replace(&self, buckets: usize) -> Result<(), Failure> {
        for bucket in 0..buckets {
            let (next, last) = (self.file(bucket, "next"), self.file(bucket, "parquet"));
            fs::rename(&next, &last).map_err(|error| Failure::file(&next, &error))?;
        }
        Ok(())
    }
}

/// The answers that are no certain no.
fn open(swept: &Swept) -> Swept {
    let mut open = Swept::default();
    for (place, outcome) in swept.outcomes.iter().enumerate() {
        if *outcome == Outcome::NotEligible {
            continue;
        }
        open.subjects.push(swept.subjects[place]);
        open.outcomes.push(*outcome);
        open.free.push(swept.free[place]);
        open.amounts.push(swept.amounts[place]);
        open.days.push(swept.days[place]);
        open.conditions.push(swept.conditions[place]);
        open.standings.push(swept.standings[place]);
        open.hashes.push(swept.hashes[place]);
    }
    open
}

fn answer(swept: &Swept, place: usize) -> Answer {
    Answer {
        outcome: swept.outcomes[place],
        free: swept.free[place],
        amount: swept.amounts[place],
        day: swept.days[place],
        preliminary: swept.standings[place] == Standing::Preliminary,
    }
}
