//! `DuckDB`: the same measures as SQL over the same files, run by Python.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use app::failure::Failure;
use card::{Date, Span};
use serde_json::{Map, Value, json};

use crate::contender::{Split, Sweep};

/// The name of its answers.
pub const NAME: &str = "duckdb";

/// A Python that has `DuckDB`.
pub struct Duck {
    python: PathBuf,
}

impl Duck {
    /// The Python of that path.
    pub const fn of(python: PathBuf) -> Self {
        Self { python }
    }

    /// Sweeps all buckets; the version that did, too.
    pub fn run(&self, sweep: &Sweep) -> Result<(Split, String), Failure> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/nation/duck/sweep.py");
        let failed = |error| Failure::file(&self.python, &error);
        let mut child = Command::new(&self.python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut into = child.stdin.take().expect("it was piped");
        into.write_all(asked(sweep).to_string().as_bytes()).map_err(failed)?;
        drop(into);
        let told = child.wait_with_output().map_err(failed)?;
        if !told.status.success() {
            return Err(Failure("DuckDB failed; see docs/speed.md for the version that is meant".to_owned()));
        }
        let told: Value = serde_json::from_slice(&told.stdout).map_err(Failure::of)?;
        let number = |name: &str| told[name].as_u64().unwrap_or_default();
        let split = Split {
            wall: Duration::from_nanos(number("wall_ns")),
            peak_kib: number("peak_kib"),
            ..Split::default()
        };
        Ok((split, told["version"].as_str().unwrap_or_default().to_owned()))
    }
}

/// Everything that the script must know of the pack, the day and the files.
fn asked(sweep: &Sweep) -> Value {
    let schema = &sweep.pack.schema;
    let mut constants = Map::new();
    let literal = |day: Date| json!(format!("DATE '{day}'"));
    constants.insert("day".to_owned(), literal(sweep.day));
    for years in [2, 18, 23, 24, 61, 63] {
        constants.insert(format!("born_{years}"), literal(sweep.day.minus(Span::Months(12 * years))));
    }
    for (at, registry) in schema.registries.iter().enumerate() {
        constants.insert(registry.name.clone(), json!(at));
    }
    let (mut entities, mut owners) = (Map::new(), Map::new());
    for entity in &schema.entities {
        let fields: Vec<&str> = entity.fields.iter().map(|field| field.name.as_str()).collect();
        entities.insert(entity.name.clone(), json!(fields));
        owners.insert(entity.name.clone(), json!(entity.registry.0));
    }
    let heard: Vec<Value> = sweep
        .coverage
        .iter()
        .filter_map(|coverage| {
            let region = coverage.region.as_deref()?;
            let last_month = coverage.through.plus(Span::Days(1)).month().0 - 1;
            Some(json!([schema.at(coverage.entity).name, region, last_month]))
        })
        .collect();
    json!({
        "facts": sweep.files.facts(),
        "answers": sweep.files.answers(NAME),
        "threads": sweep.threads,
        "constants": constants,
        "entities": entities,
        "owners": owners,
        "heard": heard,
    })
}
