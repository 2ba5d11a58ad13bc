//! How fast a store becomes a snapshot, follows what changed, and is read again:
//! `cargo bench -p outside --bench snapshot -- 200000` (people).

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use card::{Date, Moment};
use intake::{Event, Manifest, take_event, take_extract};
use law::{Pack, Source, tree::MeasureId};
use outside::{
    extract::Extract,
    snapshot::{Fields, Making, Snapshot},
    sqlite::{Keys, Store},
};
use trial::population::{Options, Population};

fn main() {
    let people = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(20_000);
    let folder = std::env::temp_dir().join(format!("family-card-snapshot-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    measure(&folder, people);
    if std::env::var_os("KEEP").is_none() {
        fs::remove_dir_all(&folder).expect("the folder goes");
    }
}

fn measure(folder: &Path, people: u32) {
    let pack =
        law::load(&texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz"))).expect("the law");
    let store = Store::open(folder.join("card.sqlite"), &pack.schema, Keys::generate().expect("chance"));
    let store = store.expect("a store");
    let day: Date = "2026-11-24".parse().expect("a day");
    let now = Moment::local(day, 9, 0);
    let options = Options { people, seed: 1, day };
    let written = Population::generate(options).write(&folder.join("registries")).expect("extracts");
    let mut registrar = written.registrar;
    let started = Instant::now();
    let mut rows = 0;
    for one in &written.extracts {
        let manifest = fs::read_to_string(&one.manifest).expect("a manifest");
        let manifest = Manifest::parse(&manifest, &pack.schema).expect("a manifest");
        let mut records = Extract::open(&one.csv, &manifest, &pack.schema).expect("an extract");
        let taken = take_extract(&pack.schema, &store, &manifest, &mut records, now, &mut |_| {});
        rows += taken.expect("it is taken").counts.accepted;
    }
    println!("{} people, {rows} rows taken in {:.1} s", written.living, started.elapsed().as_secs_f64());

    forget_the_peak();
    let snapshot = bring_up(folder, &store, &pack, "made");
    let disk: u64 = size(&folder.join("snapshot"));
    println!("  {:.1} MB on disk, at most {} MB in memory", disk as f64 / 1e6, peak_mb());
    read(&snapshot, None, "all fields");
    read(&snapshot, Some(&pack.fields()), "fields that the law reads");
    drop(snapshot);
    drop(bring_up(folder, &store, &pack, "brought up after nothing"));

    let mothers = registrar.mothers().to_vec();
    let births = people as usize / 100;
    for (n, mother) in mothers.iter().cycle().step_by(7).take(births).enumerate() {
        let at = Moment::local(day, 10, 0).plus_ms(n as i64);
        let Ok(birth) = registrar.birth(mother, at) else { continue };
        for event in &birth.events {
            let event = Event::parse(event, &pack.schema).expect("an event");
            take_event(&pack.schema, &store, &event, at.plus_ms(1)).expect("it is taken");
        }
    }
    drop(bring_up(folder, &store, &pack, &format!("brought up after {births} births")));
}

fn bring_up(folder: &Path, store: &Store, pack: &Pack, what: &str) -> Snapshot {
    let measures = (0..).zip(&pack.measures);
    let paths: Vec<_> =
        measures.map(|(at, measure)| (measure.name.clone(), pack.reads(MeasureId(at)))).collect();
    let started = Instant::now();
    let brought =
        Snapshot::bring_up(&folder.join("snapshot"), store, &paths, None, Making::default(), &|_, _| {});
    let (snapshot, brought) = brought.expect("a snapshot");
    let seconds = started.elapsed().as_secs_f64();
    println!("{what}: {seconds:.2} s, {} of {} buckets written", brought.written, brought.buckets);
    snapshot
}

/// Reads every bucket on one thread, the median of five.
fn read(snapshot: &Snapshot, wanted: Option<&Fields>, what: &str) {
    let mut seconds: Vec<f64> = (0..5)
        .map(|_| {
            let started = Instant::now();
            for at in 0..snapshot.buckets() {
                std::hint::black_box(snapshot.bucket(at, wanted).expect("a bucket"));
            }
            started.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    let rows: usize = (0..snapshot.buckets())
        .map(|at| {
            snapshot.bucket(at, wanted).expect("a bucket").tables.iter().map(card::Table::len).sum::<usize>()
        })
        .sum();
    println!(
        "  read, {what}: {rows} rows in {:.3} s, {:.1} million rows a second",
        seconds[2],
        rows as f64 / seconds[2] / 1e6
    );
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    entries
        .map(|entry| {
            let about = entry.metadata().expect("a file");
            if about.is_dir() { size(&entry.path()) } else { about.len() }
        })
        .sum()
}

/// Counts the largest memory from here on, where the system knows it.
fn forget_the_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn peak_mb() -> u64 {
    let told = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

fn texts(folder: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).expect("the law").flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "yaml") {
                let text = fs::read_to_string(&path).expect("a page");
                found.push(Source { path: path.display().to_string(), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
