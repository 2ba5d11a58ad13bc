//! How fast extracts become rows, and rows become circles: `cargo bench -p outside --bench facts -- 100000`
//! (families of four).

#[path = "../tests/it/world.rs"]
#[allow(dead_code)]
mod world;

use std::{fmt::Write, time::Instant};

use card::{Iin, Sex};
use law::port::Circles;

use world::{Delivery, PERSON, World, at, day, family_paths};

fn number(born: &str, sex: Sex, n: usize) -> String {
    let born = day(born).plus(card::Span::Days((n / 900) as i32 * 3));
    let serial = (n % 900 * 11) as u16;
    (0..11)
        .find_map(|skip| Iin::compose(born, sex, serial + skip))
        .expect("one of eleven serials exists")
        .expose()
}

/// Time that this thread has run, where the system tells it: other work on the machine is not in it.
fn cpu_ns() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or_default()
}

fn main() {
    let families: usize = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(25_000);
    let world = World::new();
    let (mut persons, mut ties, mut homes, mut incomes) = (
        String::from("id,birth_date,sex,death_date,region,name\n"),
        String::from("child,parent,kind,since,ended\n"),
        String::from("person,address,since,ended\n"),
        String::from("person,month,amount\n"),
    );
    for n in 0..families {
        let mother = number("1900-01-01", Sex::Female, n);
        let father = number("1900-01-01", Sex::Male, n);
        let children = [number("2000-01-01", Sex::Female, n), number("2000-01-01", Sex::Male, n)];
        for (person, sex) in
            [(&mother, "female"), (&father, "male"), (&children[0], "female"), (&children[1], "male")]
        {
            let born = person.parse::<Iin>().expect("composed").born();
            writeln!(persons, "{person},{born},{sex},,{},Name {n}", 10 + n % 20).expect("text grows");
            writeln!(homes, "{person},address-{n},2020-01-01,").expect("text grows");
        }
        for child in &children {
            for parent in [&mother, &father] {
                writeln!(ties, "{child},{parent},birth,2020-01-01,").expect("text grows");
            }
        }
        for month in 1..=6 {
            writeln!(incomes, "{father},2026-{month:02},{}.50", 100_000 + n).expect("text grows");
        }
    }
    let now = at("2026-07-01", 9);
    for (entity, registry, text) in [
        ("person", "population", &persons),
        ("parent_link", "civil_acts", &ties),
        ("residence", "population", &homes),
        ("income", "payments", &incomes),
    ] {
        for (round, made_on) in ["2026-06-30", "2026-07-01"].into_iter().enumerate() {
            let delivery = Delivery::full(entity, registry, made_on, text);
            let (start, cpu) = (Instant::now(), cpu_ns());
            let taken = world.deliver(&delivery, now);
            let (seconds, cpu) = (start.elapsed(), cpu_ns() - cpu);
            println!(
                "{entity:<12} {} {:>9} rows {:>9} rows/s {:>9} rows/CPU s  {:?}",
                if round == 0 { "new      " } else { "unchanged" },
                taken.counts.read,
                u128::from(taken.counts.read) * 1_000_000 / seconds.as_micros().max(1),
                taken.counts.read * 1_000_000 / (cpu / 1000).max(1),
                taken.counts
            );
        }
    }
    let paths = family_paths();
    let (subjects, _) = world.store.rows_after(PERSON, None, 0, 20_000).expect("rows");
    for known_on in [None, Some(now)] {
        let mut micros: Vec<u128> = subjects
            .iter()
            .map(|row| {
                let card::Cell::Person(person) = row.cells[0] else { unreachable!("the key of a person") };
                let start = Instant::now();
                let circle = world.store.circle(person, &paths, known_on).expect("a circle");
                assert!(!circle.rows.is_empty());
                start.elapsed().as_nanos() / 1000
            })
            .collect();
        micros.sort_unstable();
        println!(
            "circle {} p50 {} us, p99 {} us, most {} us",
            if known_on.is_some() { "then" } else { "now " },
            micros[micros.len() / 2],
            micros[micros.len() * 99 / 100],
            micros[micros.len() - 1]
        );
    }
    let size = std::fs::metadata(world.dir.join("store.db")).expect("the store").len();
    println!("store {} MiB for {} persons", size >> 20, families * 4);
}
