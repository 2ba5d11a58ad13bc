//! How fast a store becomes a snapshot, follows what changed, and is read again:
//! `cargo bench -p outside --bench snapshot -- 200000` (people).

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use ::parquet::{
    basic::{Compression, Encoding},
    column::reader::get_typed_column_reader,
    data_type::{DataType, Int32Type, Int64Type},
    file::{
        properties::WriterProperties,
        reader::{FileReader, SerializedFileReader},
        writer::SerializedFileWriter,
    },
    schema::parser::parse_message_type,
};
use card::{Date, Moment, Values};
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
    fs::remove_dir_all(&folder).expect("the folder goes");
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
    println!("{} people, {rows} rows taken in {} s", written.living, started.elapsed().as_secs());

    forget_the_peak();
    let snapshot = bring_up(folder, &store, &pack, "made");
    let disk: u64 = size(&folder.join("snapshot"));
    println!("  {} MB on disk, at most {} MB in memory", disk / 1_000_000, peak_mb());
    read(&snapshot, None, "all fields");
    read(&snapshot, Some(&pack.fields()), "fields that the law reads");
    encodings(&snapshot);
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
    let ms = started.elapsed().as_millis();
    println!("{what}: {ms} ms, {} of {} buckets written", brought.written, brought.buckets);
    snapshot
}

/// Reads every bucket on one thread, the median of five.
fn read(snapshot: &Snapshot, wanted: Option<&Fields>, what: &str) {
    let mut rows = 0;
    let us = median(|| {
        rows = 0;
        for at in 0..snapshot.buckets() {
            let bucket = snapshot.bucket(at, wanted).expect("a bucket");
            rows += bucket.tables.iter().map(card::Table::len).sum::<usize>();
        }
    });
    println!("  read, {what}: {rows} rows in {} ms, {} rows a ms", us / 1_000, rows as u128 * 1_000 / us);
}

/// Microseconds, at least one.
fn median(mut run: impl FnMut()) -> u128 {
    let mut times: Vec<u128> = (0..5)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed().as_micros().max(1)
        })
        .collect();
    times.sort_unstable();
    times[2]
}

/// How columns of the buckets would lie in other encodings: bytes of a thousand values, and values
/// decoded in a millisecond.
fn encodings(snapshot: &Snapshot) {
    let (mut rows, mut keys, mut days, mut codes, mut small) = <(Vec<i64>, Vec<i64>, _, _, _)>::default();
    for at in 0..snapshot.buckets() {
        for table in snapshot.bucket(at, None).expect("a bucket").tables {
            rows.extend(table.ids.iter().map(|id| *id as i64));
            for column in table.fields {
                match column.values {
                    Values::Keys(values) => keys.extend(values.into_iter().map(|key| key as i64)),
                    Values::Days(values) => Vec::extend(&mut days, values),
                    Values::Codes(values) => {
                        Vec::extend(&mut codes, values.into_iter().map(|code| code as i32));
                    }
                    Values::Enums(values) => Vec::extend(&mut small, values.into_iter().map(i32::from)),
                    _ => {}
                }
            }
        }
    }
    compare::<Int64Type>("row numbers", "INT64", &rows);
    compare::<Int64Type>("persons", "INT64", &keys);
    compare::<Int32Type>("days", "INT32", &days);
    compare::<Int32Type>("codes", "INT32", &codes);
    compare::<Int32Type>("enumerations", "INT32", &small);
}

fn compare<T: DataType>(what: &str, ty: &str, values: &[T::T]) {
    let plain = WriterProperties::builder().set_dictionary_enabled(false);
    let dictionary = WriterProperties::builder().set_dictionary_enabled(true);
    let delta = plain.clone().set_encoding(Encoding::DELTA_BINARY_PACKED);
    for (how, form) in [
        ("plain", plain.clone()),
        ("plain, snappy", plain.set_compression(Compression::SNAPPY)),
        ("dictionary", dictionary.clone()),
        ("dictionary, snappy", dictionary.set_compression(Compression::SNAPPY)),
        ("delta", delta.clone()),
        ("delta, snappy", delta.set_compression(Compression::SNAPPY)),
    ] {
        let schema = parse_message_type(&format!("message one {{ REQUIRED {ty} one; }}")).expect("a schema");
        let mut content = Vec::new();
        let form = Arc::new(form.set_data_page_row_count_limit(1 << 24).build());
        let mut writer = SerializedFileWriter::new(&mut content, Arc::new(schema), form).expect("a file");
        // As large as the columns of a bucket.
        for some in values.chunks(10_000) {
            let mut group = writer.next_row_group().expect("a group");
            let mut column = group.next_column().expect("a column").expect("a column");
            column.typed::<T>().write_batch(some, None, None).expect("values");
            column.close().expect("a column");
            group.close().expect("a group");
        }
        writer.close().expect("a file");
        let bytes = content.len();
        let reader = SerializedFileReader::new(bytes::Bytes::from(content)).expect("a file");
        let us = median(|| {
            for at in 0..reader.num_row_groups() {
                let group = reader.get_row_group(at).expect("a group");
                let column = group.get_column_reader(0).expect("a column");
                let mut read = Vec::with_capacity(10_000);
                get_typed_column_reader::<T>(column)
                    .read_records(10_000, None, None, &mut read)
                    .expect("values");
                std::hint::black_box(read);
            }
        });
        let count = values.len();
        let (size, rate) = (bytes * 1_000 / count.max(1), count as u128 * 1_000 / us);
        println!("  {what}, {how}: {size} bytes a thousand, {rate} decoded a ms");
    }
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
