//! The benchmark of a nation: `cargo bench -p app --bench nation -- --people 2000000`. What it measures and how
//! to read it: `docs/speed.md`.

mod answers;
mod awards;
mod contender;
mod duck;
mod files;
mod hand;
mod population;
mod report;
mod store;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use answers::Tally;
use app::{failure::Failure, law_files};
use card::Date;
use clap::Parser;
use contender::{Split, Sweep, Who};
use duck::Duck;
use files::Files;
use population::Nation;
use report::Series;
use serde_json::json;

/// Sweeps a synthetic nation with five measures: the evaluator, a loop written by hand, and `DuckDB`.
#[derive(Parser)]
struct Cli {
    /// About so many people.
    #[arg(long, default_value_t = 200_000)]
    people: u64,
    /// About so many of them in a bucket. A sweep needs memory for one bucket in each thread.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u64).range(1000..))]
    bucket: u64,
    /// Each contender sweeps so many times; they take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where buckets and answers lie; kept between runs.
    #[arg(long, default_value = env!("CARGO_TARGET_TMPDIR"))]
    folder: PathBuf,
    /// Sweeps in so many threads, a bucket in each.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Leaves `DuckDB` out.
    #[arg(long)]
    without_duckdb: bool,
    /// A Python that has the package `duckdb`.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// So many people of the trial go through the real store; 0 leaves it out.
    #[arg(long, default_value_t = 200_000)]
    store: u32,
    /// One sweep in this process, told as a line of JSON.
    #[arg(long, value_enum, hide = true)]
    alone: Option<Who>,
    /// The store alone, in this process.
    #[arg(long, hide = true)]
    store_alone: bool,
    /// What cargo says to every benchmark.
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

fn run(cli: &Cli) -> Result<(), Failure> {
    if cli.store_alone {
        return store::run(&cli.folder, cli.store, cli.threads);
    }
    let pack = law_files::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/nation/law"))?;
    let day: Date = DAY.parse().map_err(Failure::of)?;
    let nation = Nation::of(&pack.schema, day, cli.people, cli.bucket);
    let files = Files::of(&cli.folder, &nation);
    let coverage = nation.coverage();
    let wanted = pack.fields();
    let threads = cli.threads;
    let sweep = Sweep { pack: &pack, day, coverage: &coverage, wanted: &wanted, files: &files, threads };
    match cli.alone {
        Some(who) => {
            println!("{}", sweep.run(who)?.told());
            Ok(())
        }
        None => compare(cli, &sweep, &nation),
    }
}

fn compare(cli: &Cli, sweep: &Sweep, nation: &Nation) -> Result<(), Failure> {
    let start = Instant::now();
    sweep.files.make(nation, cli.threads)?;
    let people = sweep.people()?;
    println!(
        "{people} people in {} buckets, five measures, {} threads, {} rounds; made or found in {} s",
        sweep.files.buckets(),
        cli.threads,
        cli.rounds,
        report::seconds(start.elapsed())
    );
    let mut engine = Series { name: Who::Engine.name().to_owned(), rounds: Vec::new() };
    let mut hand = Series { name: Who::Hand.name().to_owned(), rounds: Vec::new() };
    let mut duckdb = Series { name: duck::NAME.to_owned(), rounds: Vec::new() };
    let python = Duck::of(cli.python.clone());
    for _ in 0..cli.rounds.max(1) {
        engine.rounds.push(alone(cli, Who::Engine)?);
        hand.rounds.push(alone(cli, Who::Hand)?);
        if !cli.without_duckdb {
            let (split, version) = python.run(sweep)?;
            duckdb.name = format!("{} {version}", duck::NAME);
            duckdb.rounds.push(split);
        }
    }
    report::head();
    report::contender(&engine, people);
    report::contender(&hand, people);
    report::ratio("engine / hand", &engine, &hand);
    let mut by = vec![Who::Engine.name(), Who::Hand.name()];
    if !cli.without_duckdb {
        report::contender(&duckdb, people);
        report::ratio("duckdb / engine", &duckdb, &engine);
        by.push(duck::NAME);
    }
    let tallies: Vec<Tally> = by.iter().map(|who| tally(sweep.files, who)).collect::<Result<_, _>>()?;
    if let Some(other) = tallies.iter().position(|tally| *tally != tallies[0]) {
        differences(sweep.files, by[0], by[other])?;
        return Err(Failure(format!(
            "{} and {} answer differently:\n{:?}\n{:?}",
            by[0], by[other], tallies[0], tallies[other]
        )));
    }
    report::answers(&tallies[0], &by);
    let (facts, written) = sweep.files.sizes(Who::Engine.name())?;
    println!("disk: facts {} MiB, answers {} MiB", facts >> 20, written >> 20);
    report::line(&json!({"result": "disk", "facts_bytes": facts, "answers_bytes": written}));
    awards::check(sweep)?;
    if cli.store > 0 {
        through_the_store(cli)?;
    }
    Ok(())
}

/// This program again, over the same nation.
fn again(cli: &Cli) -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe().map_err(Failure::of)?);
    command.args(["--people", &cli.people.to_string(), "--threads", &cli.threads.to_string()]);
    command
        .args(["--bucket", &cli.bucket.to_string(), "--store", &cli.store.to_string()])
        .arg("--folder")
        .arg(&cli.folder);
    Ok(command)
}

/// The trial's people through the real store, in a process of its own.
fn through_the_store(cli: &Cli) -> Result<(), Failure> {
    let ended = again(cli)?.arg("--store-alone").status().map_err(Failure::of)?;
    if ended.success() { Ok(()) } else { Err(Failure("the way through the store failed".to_owned())) }
}

/// One sweep in a process of its own.
fn alone(cli: &Cli, who: Who) -> Result<Split, Failure> {
    let told =
        again(cli)?.args(["--alone", who.name()]).stderr(Stdio::inherit()).output().map_err(Failure::of)?;
    if !told.status.success() {
        return Err(Failure(format!("the sweep by {} failed", who.name())));
    }
    Split::read(&told.stdout)
}

fn tally(files: &Files, who: &str) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    for nth in 0..files.buckets() {
        for (measure, answer) in files.read_answers(who, nth)? {
            tally.add(measure, &answer);
        }
    }
    Ok(tally)
}

/// Shows the first answers in which two differ.
fn differences(files: &Files, one: &str, other: &str) -> Result<(), Failure> {
    const SHOWN: usize = 10;
    let mut shown = 0;
    for nth in 0..files.buckets() {
        let sorted = |who: &str| -> Result<Vec<_>, Failure> {
            let mut answers = files.read_answers(who, nth)?;
            answers.sort_unstable_by_key(|(measure, answer)| (*measure as usize, answer.subject));
            Ok(answers)
        };
        let (ours, theirs) = (sorted(one)?, sorted(other)?);
        for (nth_answer, (a, b)) in ours.iter().zip(&theirs).enumerate() {
            if a != b && shown < SHOWN {
                eprintln!("bucket {nth}, answer {nth_answer}:\n  {one}: {a:?}\n  {other}: {b:?}");
                shown += 1;
            }
        }
    }
    Ok(())
}
