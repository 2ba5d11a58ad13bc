//! The demo: a synthetic population, phones, an operator, a bank, and the service between them.
//! The service meets all of it through the sockets and files by which it meets the real thing.

mod auto;
mod clock;
mod differences;
mod happened;
mod money;
mod report;
mod stage;
mod world;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use card::{Date, Role};
use clap::Args;
use web::Officers;

use crate::{failure::Failure, operators, parse_date};
use world::World;

/// The officials of the demo: name and role.
pub const OFFICERS: [(&str, Role); 5] = [
    ("Айгерім Сапарова", Role::Operator),
    ("Ерлан Жүнісов", Role::Officer),
    ("Динара Ахметова", Role::Approver),
    ("Нұрлан Оспанов", Role::Steward),
    ("Светлана Ким", Role::Steward),
];

/// `demo`
#[derive(Args, Clone)]
pub struct Demo {
    /// How many people live in the demo.
    #[arg(long, default_value_t = 50_000)]
    people: u32,
    /// The same seed makes the same people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The day on which the demo begins, YYYY-MM-DD; today unless told.
    #[arg(long, value_parser = parse_date)]
    day: Option<Date>,
    /// The folder of the store and of the files; it goes on where it stopped.
    #[arg(long, default_value = "demo-data")]
    dir: PathBuf,
    /// The port of the pages.
    #[arg(long, default_value_t = 8014)]
    port: u16,
    /// Simulated citizens answer, months pass, and a table of what came out is printed.
    #[arg(long)]
    auto: bool,
    /// How many days pass with --auto.
    #[arg(long, default_value_t = 45)]
    days: i32,
}

impl Demo {
    /// Runs the demo until it is interrupted; with `--auto`, until its table is printed.
    pub fn run(self, law: &Path) -> Result<ExitCode, Failure> {
        let runtime = operators::runtime()?;
        let law = law.to_owned();
        let day = self.day.unwrap_or_else(|| operators::machine_clock().day());
        runtime.block_on(async move {
            let world = World::start(&self, &law, day).await?;
            if self.auto {
                return auto::run(&world, &self).await;
            }
            serve(world, self.port).await
        })
    }
}

async fn serve(world: Arc<World>, port: u16) -> Result<ExitCode, Failure> {
    let officers = Officers::new(OFFICERS[0], &OFFICERS[1..]);
    let phones = trial::phones::router(Arc::clone(&world));
    let desk = web::router(Arc::clone(&world.service), officers);
    let interrupted = async {
        // Without the signal the pages are served until the process ends.
        let _ = tokio::signal::ctrl_c().await;
        println!("finishing what is under way; Ctrl-C again stops at once, and the store still opens again");
        tokio::spawn(async {
            let _ = tokio::signal::ctrl_c().await;
            std::process::exit(130);
        });
    };
    let listening = |address| println!("Open http://{address}   (Ctrl-C stops; the same command goes on)");
    web::serve(phones.merge(desk), port, listening, interrupted)
        .await
        .map_err(|error| Failure(format!("port {port}: {error}; name another one with --port")))?;
    println!("stopped; the store in {} opens again", world.dir.display());
    Ok(ExitCode::SUCCESS)
}
