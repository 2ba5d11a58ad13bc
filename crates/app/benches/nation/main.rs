//! The benchmark of a nation: `cargo bench -p app --bench nation -- --people 2000000`. What it measures and how
//! to read it: `docs/speed.md`.

mod answers;
mod contender;
mod files;
mod hand;
mod population;

#[path = "../../src/failure.rs"]
mod failure;
#[path = "../../src/law_files.rs"]
mod law_files;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use card::Date;
use clap::Parser;
use law::Pack;

use contender::{Sweep, Who};
use failure::Failure;
use files::Files;
use population::Nation;

/// Sweeps a synthetic nation with five measures: the evaluator, a loop written by hand, DuckDB.
#[derive(Parser)]
struct Cli {
    /// About so many people.
    #[arg(long, default_value_t = 200_000)]
    people: u64,
    /// Each contender sweeps so many times; they take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where buckets and answers lie; kept between runs.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Sweeps in so many threads, a bucket in each.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Leaves DuckDB out.
    #[arg(long)]
    without_duckdb: bool,
    /// One sweep in this process, told as a line of JSON.
    #[arg(long, value_enum, hide = true)]
    alone: Option<Who>,
    #[arg(long, hide = true)]
    bench: bool,
}

/// The day of the sweep.
const DAY: &str = "2026-06-15";

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn pack() -> Result<Pack, Failure> {
    law_files::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/nation/law"))
}

fn run(cli: &Cli) -> Result<(), Failure> {
    let pack = pack()?;
    let day: Date = DAY.parse().map_err(Failure::of)?;
    let nation = Nation::of(&pack.schema, day, cli.people);
    let folder = cli.folder.clone().unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")));
    let files = Files::of(&folder, nation.buckets());
    files.make(&nation, cli.threads)?;
    let coverage = nation.coverage();
    let sweep = Sweep { pack: &pack, day, coverage: &coverage, files: &files, threads: cli.threads };
    for who in [Who::Engine, Who::Hand] {
        let split = sweep.run(who)?;
        println!("{who:?} {split:?}");
    }
    let mut wrong = 0;
    for nth in 0..files.buckets() {
        let mut ours = files.read_answers("engine", nth)?;
        let mut theirs = files.read_answers("hand", nth)?;
        ours.sort_by_key(|(m, a)| (*m as usize, a.subject));
        theirs.sort_by_key(|(m, a)| (*m as usize, a.subject));
        println!("{} {}", ours.len(), theirs.len());
        let mut tally = answers::Tally::default();
        ours.iter().for_each(|(m, a)| tally.add(*m, a));
        println!("{tally:?}");
        for (a, b) in ours.iter().zip(&theirs) {
            if a != b {
                wrong += 1;
                if wrong < 12 {
                    println!("ours {a:?}\nhand {b:?}");
                }
            }
        }
    }
    println!("wrong {wrong}");
    Ok(())
}
