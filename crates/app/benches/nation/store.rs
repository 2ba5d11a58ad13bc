//! People of the trial through the real store: extracts, intake, snapshot, sweep; and one circle at a time.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, Instant},
};

use app::{
    failure::Failure,
    law_files,
    sweep::{Sweep, columns},
};
use assess::Engine;
use card::{Cell, Date, Moment, Question, Schema};
use intake::{Manifest, take_extract};
use law::{
    Pack,
    port::{Assessor, Circles},
    tree::MeasureId,
};
use outside::{
    answers::AnswersWriter,
    extract::Extract,
    snapshot::Making,
    sqlite::{Keys, Store},
};
use serde_json::json;
use trial::population::{Options, Population};

use crate::{
    contender::peak_kib,
    files::size_of,
    report::{self, millis, seconds},
};

/// The day on which the registries make their extracts.
const DAY: &str = "2026-11-24";

/// Circles that are asked about one by one.
const CIRCLES: usize = 2_000;

/// So many people of the trial, as if delivered anew: figures of each stage.
pub fn run(folder: &Path, people: u32, threads: usize) -> Result<(), Failure> {
    let pack = law_files::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz"))?;
    let day: Date = DAY.parse().map_err(Failure::of)?;
    let folder = folder.join("store");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    }
    fs::create_dir_all(folder.join("database")).map_err(|error| Failure::file(&folder, &error))?;
    let written = Population::generate(Options { people, seed: 1, day })
        .write(&folder.join("registries"))
        .map_err(Failure::of)?;
    let store = Store::open(
        folder.join("database/card.sqlite"),
        &stored(&pack),
        Keys::generate().map_err(Failure::of)?,
    )
    .map_err(Failure::of)?;
    let start = Instant::now();
    let mut rows = 0;
    for extract in &written.extracts {
        rows += take(&pack, &store, extract, day)?;
    }
    let took = start.elapsed();
    println!(
        "store: {} people, {rows} rows taken in {} s, {} rows/s, {} MiB",
        written.living,
        seconds(took),
        per_second(rows, took),
        size_of(&folder.join("database"))? >> 20
    );
    let engine = Engine::new();
    let making = Making { threads, ..Making::default() };
    let sweep = Sweep { store: &store, pack: &pack, engine: &engine, day, known_on: None, making };
    let start = Instant::now();
    let (snapshot, brought) = sweep.bring_up(&folder.join("snapshot"), &|_, _| {})?;
    let snapped = start.elapsed();
    let start = Instant::now();
    sweep.ask(&snapshot, &|_, _| {}, &|asked| {
        let path = folder.join(format!("answers-{}.parquet", asked.bucket));
        let file = File::create(&path).map_err(|error| Failure::file(&path, &error))?;
        let mut writer = AnswersWriter::new(file, day).map_err(Failure::of)?;
        writer.write(&columns(&pack, &asked.answers)).map_err(Failure::of)?;
        writer.close().map_err(Failure::of)
    })?;
    let swept = start.elapsed();
    let disk = size_of(&folder.join("snapshot"))?;
    println!(
        "snapshot: {} subjects in {} buckets in {} s, {} people/s, {} MiB",
        snapshot.subjects(),
        brought.buckets,
        seconds(snapped),
        per_second(snapshot.subjects(), snapped),
        disk >> 20
    );
    println!(
        "sweep from it: {} s, {} people/s, all measures of law/kz; peak memory since the start {} MiB",
        seconds(swept),
        per_second(snapshot.subjects(), swept),
        peak_kib()? / 1024
    );
    report::line(&json!({
        "result": "store",
        "people": snapshot.subjects(),
        "rows": rows,
        "take_ms": millis(took),
        "snapshot_ms": millis(snapped),
        "snapshot_bytes": disk,
        "sweep_ms": millis(swept),
        "peak_kib": peak_kib()?,
    }));
    circles(&pack, &store, &engine, day)
}

/// Group entities are computed; only those before them are stored.
fn stored(pack: &Pack) -> Schema {
    let mut schema = pack.schema.clone();
    let stored = pack.groups.iter().map(|group| group.entity.0 as usize).min();
    schema.entities.truncate(stored.unwrap_or(schema.entities.len()));
    schema
}

/// Takes an extract in; how many rows it has.
fn take(pack: &Pack, store: &Store, extract: &trial::population::Extract, day: Date) -> Result<u64, Failure> {
    let schema = &pack.schema;
    let text =
        fs::read_to_string(&extract.manifest).map_err(|error| Failure::file(&extract.manifest, &error))?;
    let manifest = Manifest::parse(&text, schema).map_err(Failure::of)?;
    let mut records = Extract::open(&extract.csv, &manifest, schema).map_err(Failure::of)?;
    let now = Moment::local(day, 18, 0);
    let taken =
        take_extract(schema, store, &manifest, &mut records, now, &mut |_| {}).map_err(Failure::of)?;
    Ok(taken.counts.read)
}

/// One circle at a time: loaded from the store, then asked about, by measure.
fn circles(pack: &Pack, store: &Store, engine: &Engine, day: Date) -> Result<(), Failure> {
    let subjects = store.rows_after(Schema::PERSON, None, 0, CIRCLES).map_err(Failure::of)?.0;
    for (at, measure) in (0..).map(MeasureId).zip(&pack.measures) {
        let reads = pack.reads(at);
        let (mut alone, mut with_reads) = (Vec::new(), Vec::new());
        for row in &subjects {
            let Cell::Person(subject) = row.cells[0] else { continue };
            let question = Question { subject, day, asked_on: day };
            let start = Instant::now();
            let circle = store.circle(subject, &reads, None).map_err(Failure::of)?;
            let loaded = Instant::now();
            engine.assess(pack, at, question, &circle).map_err(Failure::of)?;
            alone.push(loaded.elapsed());
            with_reads.push(start.elapsed());
        }
        let [alone, with_reads] = [alone, with_reads].map(|mut times| {
            times.sort_unstable();
            [times[times.len() / 2], times[times.len() * 99 / 100]].map(|time| time.as_micros() as u64)
        });
        println!(
            "one circle, {}: evaluation {} us, p99 {} us; reads of the store included {} us, p99 {} us",
            measure.name, alone[0], alone[1], with_reads[0], with_reads[1]
        );
        report::line(&json!({
            "result": "circle",
            "measure": measure.name,
            "evaluate_us": alone[0],
            "evaluate_p99_us": alone[1],
            "stored_us": with_reads[0],
            "stored_p99_us": with_reads[1],
        }));
    }
    Ok(())
}

fn per_second(many: u64, time: Duration) -> u128 {
    u128::from(many) * 1_000_000 / time.as_micros().max(1)
}
