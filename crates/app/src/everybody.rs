//! `sweep`: asks the law about everybody, says what came out, and finds cases in it.

use std::{
    fs::File,
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use assess::{Engine, Swept};
use card::{Actor, Date, Moment, Outcome, Ternary};
use clap::Args;
use law::Pack;
use outside::{
    answers::AnswersWriter,
    snapshot::{Brought, Making, Snapshot},
};
use service::{Clock, Law, Service};

use crate::{
    ask::Over,
    evaluator::Evaluator,
    failure::Failure,
    notices,
    operators::machine_clock,
    settings,
    sweep::{self, Difference, Sweep},
};

/// `sweep`
#[derive(Args)]
pub struct Everybody {
    /// Writes every answer to this Parquet file.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Makes cases of what differs from the last sweep that did: who came to have a right, if only by
    /// time, is offered it. Today alone.
    #[arg(long, conflicts_with = "known_on")]
    cases: bool,
    /// The folder of the snapshot of the store [default: `snapshot` in the folder of the store]
    #[arg(long)]
    snapshot: Option<PathBuf>,
    /// How many threads [default: all]
    #[arg(long)]
    threads: Option<usize>,
    #[command(flatten)]
    over: Over,
}

impl Everybody {
    /// Prints what came out, by measure.
    pub fn run(&self, law: &Path) -> Result<ExitCode, Failure> {
        let (pack, store) = self.over.open(law)?;
        let (day, known_on) = (self.over.day, self.over.moment());
        if self.cases && day != machine_clock().day() {
            return Err(Failure(format!("cases are found today; {day} is another day")));
        }
        // Cases are made as the demo makes them: other settings there are not yet.
        let settings = settings::trial()?;
        let clock = Arc::new(MachineClock);
        let law = Arc::new(Law::new(pack));
        let judge = Box::new(Evaluator::default());
        let service = Service::new(store, Arc::clone(&law), judge, clock, settings);
        let mut making = Making::default();
        making.threads = self.threads.unwrap_or(making.threads);
        let engine = Engine::new();
        let sweep = Sweep { store: service.store(), pack: &law.pack, engine: &engine, day, known_on, making };
        // What was known then is looked at once, and not kept.
        let past = known_on.map(|_| Passing::new()).transpose()?;
        let folder = match (&past, &self.snapshot) {
            (_, Some(folder)) => folder.clone(),
            (Some(past), None) => past.0.clone(),
            (None, None) => self.over.store.join("snapshot"),
        };
        let tally = Tally::begin(&law.pack, self.out.as_deref(), day)?;
        let (snapshot, brought) = sweep.bring_up(&folder, &progress("snapshot"))?;
        say(&snapshot, brought);
        let each = |swept: &[Swept]| tally.take(&law.pack, swept);
        if self.cases {
            let cause = machine_clock().0 as u64;
            let find = |differences: Vec<Difference>| {
                let concerned = differences.iter().map(Difference::now);
                service.find_changed(&Actor::System, concerned, cause).map_err(Failure::of)
            };
            let found = sweep.differences(&snapshot, &progress("asked"), &each, find)?;
            println!("{} answers differ from the last time; {} new rights", found.asked, found.found);
            let left = service.offer_unasked(&Actor::System, cause).map_err(Failure::of)?;
            let reached = service.reach_again().map_err(Failure::of)?;
            let told = found.told + service.tell_waiting().map_err(Failure::of)?;
            println!(
                "{} rights that nobody was asked about; {reached} people can be reached again",
                left.asked
            );
            println!("{told} notices told");
            notices::print(service.store())?;
        } else {
            sweep.ask(&snapshot, &progress("asked"), &|asked| each(&asked.answers))?;
        }
        tally.end(&law.pack, self.out.as_deref())
    }
}

/// Beside the answers, as progress is.
pub(crate) fn say(snapshot: &Snapshot, brought: Brought) {
    let (people, Brought { written, buckets }) = (snapshot.subjects(), brought);
    eprintln!("{people} people in {buckets} buckets, {written} of them written anew");
}

/// Shows on a terminal how far it is.
pub(crate) fn progress(what: &'static str) -> impl Fn(usize, usize) + Sync {
    let shown = std::io::stderr().is_terminal();
    move |done, all| {
        if shown {
            let end = if done == all { "\n" } else { "" };
            eprint!("\r{what}: {done} of {all} buckets{end}");
            let _ = std::io::stderr().flush();
        }
    }
}

/// The clock of this machine.
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Moment {
        machine_clock()
    }
}

/// A folder that goes away with its owner.
pub(crate) struct Passing(pub(crate) PathBuf);

impl Passing {
    pub(crate) fn new() -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("family-card-sweep-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
        Ok(Self(folder))
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What came out, counted and written as it comes.
struct Tally(Mutex<Counted>);

struct Counted {
    by_measure: Vec<[u64; 4]>,
    answers: u64,
    faults: Vec<String>,
    table: Option<AnswersWriter<File>>,
}

/// Questions without an answer that are shown.
const SHOWN: usize = 5;

impl Tally {
    fn begin(pack: &Pack, out: Option<&Path>, day: Date) -> Result<Self, Failure> {
        let table = out.map(|path| {
            let file = File::create(path).map_err(|error| Failure::file(path, &error))?;
            AnswersWriter::new(file, day).map_err(Failure::of)
        });
        Ok(Self(Mutex::new(Counted {
            by_measure: vec![[0; 4]; pack.measures.len()],
            answers: 0,
            faults: Vec::new(),
            table: table.transpose()?,
        })))
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, pack: &Pack, answers: &[Swept]) -> Result<(), Failure> {
        let mut counted = self.counted();
        for (swept, sums) in answers.iter().zip(&mut counted.by_measure) {
            for (outcome, free) in swept.outcomes.iter().zip(&swept.free) {
                match outcome {
                    Outcome::Eligible => {
                        sums[0] += 1;
                        sums[1] += u64::from(*free == Ternary::Yes);
                    }
                    Outcome::Unknown => sums[2] += 1,
                    Outcome::NotEligible => sums[3] += 1,
                    Outcome::NotConcerned => {}
                }
            }
        }
        for swept in answers {
            counted.answers += swept.subjects.len() as u64;
            let told = swept.faults.iter().map(|(person, fault)| format!("person {}: {fault}", person.0));
            counted.faults.extend(told);
        }
        if let Some(table) = &mut counted.table {
            table.write(&sweep::columns(pack, answers)).map_err(Failure::of)?;
        }
        Ok(())
    }

    fn end(self, pack: &Pack, out: Option<&Path>) -> Result<ExitCode, Failure> {
        let counted = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        println!(
            "{:24} {:>12} {:>12} {:>12} {:>12}",
            "measure", "eligible", "free", "unknown", "not eligible"
        );
        for (measure, [eligible, free, unknown, not]) in pack.measures.iter().zip(&counted.by_measure) {
            // Of a word nobody asks whether it is paid already.
            let free = measure.delivery().map_or("-".to_owned(), |_| free.to_string());
            println!("{:24} {eligible:>12} {free:>12} {unknown:>12} {not:>12}", measure.name);
        }
        if let (Some(table), Some(path)) = (counted.table, out) {
            table.close().map_err(Failure::of)?;
            println!("{} answers in {}", counted.answers, path.display());
        }
        for fault in counted.faults.iter().take(SHOWN) {
            eprintln!("{fault}");
        }
        if counted.faults.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!("{} questions have no answer; mend the law", counted.faults.len());
        Ok(ExitCode::FAILURE)
    }
}
