//! `take`: extracts and events of registries into the store of a folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use intake::{Event, EventTaken, Manifest};
use law::Pack;
use outside::{extract::Extract, sqlite::Store};

use crate::{failure::Failure, law_files, operators::machine_clock, store_files};

/// `take`
#[derive(Args)]
pub struct Take {
    /// The folder of the store.
    #[arg(long, default_value = "demo-data")]
    store: PathBuf,
    /// Extracts (CSV or Parquet, each with its manifest beside it as .json) and events (.event.json),
    /// taken in this order.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl Take {
    /// Takes the files in and prints what became of their records.
    pub fn run(&self, law: &Path) -> Result<ExitCode, Failure> {
        let pack = law_files::load(law)?;
        let store = store_files::open(&self.store, &pack)?;
        let mut sound = true;
        for file in &self.files {
            sound &= if file.to_string_lossy().ends_with(".event.json") {
                event(&store, &pack, file)?
            } else {
                extract(&store, &pack, file)?
            };
        }
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Takes one extract; true if nothing of it is in quarantine.
fn extract(store: &Store, pack: &Pack, path: &Path) -> Result<bool, Failure> {
    let beside = path.with_extension("json");
    let text = fs::read_to_string(&beside).map_err(|error| Failure::file(&beside, &error))?;
    let manifest = Manifest::parse(&text, &pack.schema).map_err(|error| Failure::file(&beside, &error))?;
    let mut records = Extract::open(path, &manifest, &pack.schema).map_err(Failure::of)?;
    let taken =
        intake::take_extract(&pack.schema, store, &manifest, &mut records, machine_clock(), &mut |_| {})
            .map_err(Failure::of)?;
    let counts = taken.counts;
    println!(
        "{}: {} read = {} accepted + {} unchanged + {} quarantined",
        path.display(),
        counts.read,
        counts.accepted,
        counts.unchanged,
        counts.quarantined
    );
    if counts.quarantined > 0 {
        for held in store.quarantine(0, usize::MAX).map_err(Failure::of)? {
            let field = held.field.map(|field| format!(", {field}")).unwrap_or_default();
            println!("  {}:{}{field}: {}; {}", held.file, held.line, held.reason, held.mend);
        }
    }
    Ok(counts.quarantined == 0)
}

/// Takes one event; true if its rows are facts.
fn event(store: &Store, pack: &Pack, path: &Path) -> Result<bool, Failure> {
    let body = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let event = Event::parse(&body, &pack.schema).map_err(|error| Failure::file(path, &error))?;
    let taken = intake::take_event(&pack.schema, store, &event, machine_clock()).map_err(Failure::of)?;
    let place = path.display();
    match taken {
        EventTaken::Taken { counts, .. } => {
            println!("{place}: {} rows accepted, {} unchanged", counts.accepted, counts.unchanged);
            Ok(true)
        }
        EventTaken::Repeated { .. } => {
            println!("{place}: came before; nothing changed");
            Ok(true)
        }
        EventTaken::Quarantined { faults, .. } => {
            for fault in faults {
                let field = fault.field.map(|field| format!(", {field}")).unwrap_or_default();
                println!("{place}: row {}{field}: {}; {}", fault.row, fault.reason, fault.mend);
            }
            Ok(false)
        }
        EventTaken::Contradicted { reason, mend, .. } => {
            println!("{place}: {reason}; {mend}");
            Ok(false)
        }
    }
}
