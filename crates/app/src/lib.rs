//! The one binary `family-card`: commands, configuration, wiring. It decides nothing.
//!
//! What is public here is what tests and the benchmark run without a process.

mod ask;
mod awards;
mod demo;
pub mod evaluator;
mod everybody;
pub mod failure;
pub mod law_book;
mod law_check;
pub mod law_files;
pub mod levels;
mod notices;
mod operators;
pub mod settings;
mod store_files;
pub mod sweep;
mod take;

use std::{path::PathBuf, process::ExitCode};

use card::{Date, Lang};
use clap::{Parser, Subcommand};

use failure::Failure;

/// Pays people what the law already owes them, without an application.
#[derive(Parser)]
#[command(name = "family-card", version)]
struct Cli {
    /// The folder of the law pack.
    #[arg(long, global = true, default_value = "law/kz")]
    law: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Tries everything: a synthetic population, phones, an operator, a bank and the service between them.
    Demo(demo::Demo),
    /// Works on the law pack.
    #[command(subcommand)]
    Law(LawCommand),
    /// Takes extracts and events of registries in.
    Take(take::Take),
    /// Asks the law about one person.
    Assess(ask::Assess),
    /// Says why the law answers as it does about one person.
    Explain(ask::Explain),
    /// Asks the law about everybody, and says what came out.
    Sweep(everybody::Everybody),
    /// Says how what today's systems pay differs from what the law gives.
    Awards(awards::Awards),
    /// Counts the families of each level of well-being, by region.
    Levels(levels::Counting),
    /// Runs the simulated operator of phones alone: real SMPP on a socket.
    Smsc(operators::SmscAlone),
    /// Runs the simulated bank alone: answers files with files.
    Bank(operators::BankAlone),
}

#[derive(Subcommand)]
enum LawCommand {
    /// Loads the pack by all its rules and runs every case.
    Check {
        /// Also runs the cases of the YAML files in this folder, in the format of the pack.
        #[arg(long)]
        cases: Option<PathBuf>,
    },
    /// Writes the law as pages for people, in three languages.
    Book {
        /// The folder of the pages.
        #[arg(long, default_value = "docs/law")]
        out: PathBuf,
    },
}

/// Does what the command line says; a failure is told on the standard error.
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command {
        Command::Demo(demo) => demo.run(&cli.law),
        Command::Law(LawCommand::Check { cases }) => law_check::check(&cli.law, cases.as_deref()),
        Command::Law(LawCommand::Book { out }) => law_book::write(&cli.law, &out),
        Command::Take(take) => take.run(&cli.law),
        Command::Assess(ask) => ask.run(&cli.law),
        Command::Explain(ask) => ask.run(&cli.law),
        Command::Sweep(everybody) => everybody.run(&cli.law),
        Command::Awards(awards) => awards.run(&cli.law),
        Command::Levels(levels) => levels.run(&cli.law),
        Command::Smsc(smsc) => smsc.run(),
        Command::Bank(bank) => bank.run(),
    }
}

fn parse_date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|error: card::DateError| error.to_string())
}

fn parse_lang(text: &str) -> Result<Lang, String> {
    text.parse().map_err(|error: card::UnknownLang| error.to_string())
}
