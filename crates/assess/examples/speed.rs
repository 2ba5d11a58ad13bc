//! How fast the law is asked: one circle, its explanation, and many circles in batches and buckets.
//! `cargo run --release -p assess --example speed [families [buckets]]`; a few seconds.

use std::{fs, hint::black_box, path::Path, time::Instant};

use assess::Engine;
use card::{
    Bucket, Cell, Circle, Coverage, Date, EntityId, FOREVER, FieldType, LONG_AGO, PersonId, Question, Row,
    Schema, Span,
};
use law::{Pack, Source, port::Assessor, tree::MeasureId};

fn main() {
    let families: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let pack = pack();
    let day: Date = "2026-06-15".parse().expect("a day");
    let circles: Vec<Circle> = (0..families).map(|family| circle(&pack.schema, family, day)).collect();
    let rows: usize = circles.iter().map(|circle| circle.rows.len()).sum();
    println!("{families} families, {} rows each", rows as u64 / families);
    if std::env::args().nth(2).is_some_and(|only| only == "buckets") {
        return buckets(&pack, day, &circles);
    }
    for at in 0..pack.measures.len() {
        one(&pack, MeasureId(at as u16), day, &circles);
    }
    batches(&pack, day, &circles);
    buckets(&pack, day, &circles);
}

/// The subject of each measure in a family: the youngest child, the mother.
fn subject(pack: &Pack, measure: MeasureId, family: u64) -> PersonId {
    let about_child = pack.measures[measure.0 as usize].subject.name == "child";
    PersonId(family * 100 + if about_child { 3 } else { 1 })
}

fn one(pack: &Pack, measure: MeasureId, day: Date, circles: &[Circle]) {
    let name = &pack.measures[measure.0 as usize].name;
    let engine = Engine::new();
    let times = |ask: &dyn Fn(Question, &Circle)| {
        let time = |(family, circle): (usize, &Circle)| {
            let question = Question { subject: subject(pack, measure, family as u64), day, asked_on: day };
            let start = Instant::now();
            ask(question, circle);
            start.elapsed().as_nanos()
        };
        // The first asks for the plan too.
        time((0, &circles[0]));
        let mut times: Vec<u128> = circles.iter().enumerate().map(time).collect();
        times.sort_unstable();
        (times[times.len() / 2], times[times.len() * 99 / 100])
    };
    let (median, p99) = times(&|question, circle| {
        black_box(engine.assess(pack, measure, question, circle).expect("an answer"));
    });
    println!("{name}: one circle {median} ns, p99 {p99} ns");
    let (median, p99) = times(&|question, circle| {
        black_box(engine.explain(pack, measure, question, circle, true).expect("an explanation"));
    });
    println!("{name}: its explanation {median} ns, p99 {p99} ns");
}

fn batches(pack: &Pack, day: Date, circles: &[Circle]) {
    let measures: Vec<MeasureId> = (0..pack.measures.len()).map(|at| MeasureId(at as u16)).collect();
    let engine = Engine::new();
    for size in [100, 500, 2_000] {
        let mut times = Vec::new();
        for _ in 0..5 {
            let start = on_core();
            for (nth, batch) in circles.chunks(size).enumerate() {
                let refs: Vec<&Circle> = batch.iter().collect();
                let first = (nth * size) as u64;
                let subjects: Vec<PersonId> = (first..first + batch.len() as u64)
                    .flat_map(|family| [PersonId(family * 100 + 1), PersonId(family * 100 + 3)])
                    .collect();
                black_box(engine.sweep(pack, &measures, day, &subjects, &refs).expect("answers"));
            }
            times.push(on_core() - start);
        }
        times.sort_unstable();
        let each = times[2] / circles.len() as u128;
        println!(
            "batches of {size}: all measures of a circle {each} ns, {} circles a second on one thread",
            1_000_000_000 / each
        );
    }
}

/// How long this thread was on a core, in nanoseconds: what else the machine does is left out.
fn on_core() -> u128 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").expect("a Linux");
    told.split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("nanoseconds")
}

/// The same batches as buckets: facts that are columns already.
fn buckets(pack: &Pack, day: Date, circles: &[Circle]) {
    let measures: Vec<MeasureId> = (0..pack.measures.len()).map(|at| MeasureId(at as u16)).collect();
    let engine = Engine::new();
    for size in [500, 5_000, 50_000] {
        let buckets: Vec<Bucket> = circles
            .chunks(size)
            .enumerate()
            .map(|(nth, batch)| {
                let first = (nth * size) as u64;
                let subjects = (first..first + batch.len() as u64)
                    .flat_map(|family| [PersonId(family * 100 + 1), PersonId(family * 100 + 3)])
                    .collect();
                let rows = batch.iter().flat_map(|circle| &circle.rows);
                Bucket::of(&pack.schema, subjects, rows, batch[0].coverage.clone())
            })
            .collect();
        let mut times = Vec::new();
        for _ in 0..5 {
            let start = on_core();
            for bucket in &buckets {
                black_box(engine.sweep_bucket(pack, &measures, day, bucket).expect("answers"));
            }
            times.push(on_core() - start);
        }
        times.sort_unstable();
        let each = times[2] / circles.len() as u128;
        println!(
            "buckets of {size}: all measures of a circle {each} ns, {} circles a second on one thread",
            1_000_000_000 / each
        );
    }
}

/// The pack beside the crates.
fn pack() -> Pack {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz");
    let mut sources = Vec::new();
    gather(&root, &root, &mut sources);
    sources.sort_by(|a: &Source, b| a.path.cmp(&b.path));
    law::load(&sources).unwrap_or_else(|errors| panic!("the pack does not load: {}", errors[0]))
}

fn gather(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("the pack is there") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            gather(root, &path, sources);
        } else if path.extension().is_some_and(|ext| ext == "yaml") {
            let text = fs::read_to_string(&path).expect("a readable file");
            let path = path.strip_prefix(root).expect("a file of the pack").display().to_string();
            sources.push(Source { path, text });
        }
    }
}

/// Two married parents and two to six children at one address.
fn circle(schema: &Schema, family: u64, day: Date) -> Circle {
    let person = |nth: u64| Cell::Person(PersonId(family * 100 + nth));
    let mut rows = Vec::new();
    let mut row = |entity: &str, cells: &[(&str, Cell)], from: Date| {
        let id = schema.entity(entity).expect("an entity of the pack");
        let declared = schema.at(id);
        let cells = declared
            .fields
            .iter()
            .map(|field| match cells.iter().find(|(name, _)| *name == field.name) {
                Some((_, cell)) => cell.clone(),
                None if field.optional => Cell::Nothing,
                None => plausible(field.ty),
            })
            .collect();
        let registry = declared.registry;
        rows.push(Row {
            id: family * 1000 + rows.len() as u64,
            entity: id,
            cells,
            from,
            until: FOREVER,
            registry,
        });
    };
    let value = |of: &str, name: &str| {
        let enumeration = schema.enums.iter().find(|e| e.name == of).expect("an enumeration of the pack");
        Cell::Enum(enumeration.value(name).expect("a value of it"))
    };
    let children = 2 + family % 5;
    for nth in 1..=2 + children {
        let born = match nth {
            1 | 2 => day.minus(Span::Days(12_000 + (family % 1000) as i32)),
            _ => day.minus(Span::Days(90 + 900 * (nth as i32 - 3) + (family % 400) as i32)),
        };
        let sex = if nth % 2 == 1 { "female" } else { "male" };
        let cells = [
            ("id", person(nth)),
            ("birth_date", Cell::Date(born)),
            ("sex", value("sex", sex)),
            ("citizenship", value("legal_status", "citizen")),
        ];
        row("person", &cells, LONG_AGO);
        let home = Cell::Code(format!("home {family}").into());
        row("residence", &[("person", person(nth)), ("address", home), ("since", Cell::Date(born))], born);
        if nth > 2 {
            for parent in 1..=2 {
                let cells = [
                    ("child", person(nth)),
                    ("parent", person(parent)),
                    ("kind", value("tie", "birth")),
                    ("rights", value("parental_rights", "full")),
                    ("since", Cell::Date(born)),
                ];
                row("parent_link", &cells, born);
            }
        }
    }
    let wed = day.minus(Span::Days(5_000));
    row("marriage", &[("first", person(1)), ("second", person(2)), ("since", Cell::Date(wed))], wed);
    let coverage = (0..schema.entities.len())
        .map(|at| Coverage {
            entity: EntityId(at as u16),
            registry: schema.entities[at].registry,
            region: None,
            from: LONG_AGO,
            through: day,
        })
        .collect();
    Circle { rows, coverage, loaded: None }
}

fn plausible(ty: FieldType) -> Cell {
    match ty {
        FieldType::Bool => Cell::Bool(true),
        FieldType::Integer => Cell::Integer(1),
        FieldType::Enum(_) => Cell::Enum(0),
        FieldType::Code => Cell::Code("code".into()),
        _ => Cell::Unknown,
    }
}
