//! Many small worlds of families on the real service, store, law and evaluator, each from a seed,
//! with everything that goes wrong around them. `docs/simulation.md` tells how to run them.

mod audit;
#[path = "../../../../deliver/tests/it/bank.rs"]
mod bank;
mod count;
mod extract;
mod life;
#[path = "../../../../deliver/tests/it/network.rs"]
mod network;
mod told;
mod watched;
mod world;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use law::{Pack, Source};
use outside::sqlite::crash;
use service::Law;

use count::{Counts, EXPECTED};
use life::Shared;
use world::{FAMILY, GRANT};

/// So many worlds in a run of all tests; together they come to everything that is expected of them.
const SEEDS: u64 = 1_000;
/// After so many broken worlds no other one is tried.
const MOST_FAILED: u64 = 12;
/// A long run ends with the first seed after so much time.
const LONG: Duration = Duration::from_mins(10);

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Memory, where there is a folder in it: a crash of the process is what is simulated, not of the power.
fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let root = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    root.join(format!("family-card-simulation-{}", std::process::id()))
}

/// The pack, of its measures those two about which worlds tell facts, and a notice of the worlds' own: to ask the
/// others of people of whom nothing is known is most of the work, and says nothing.
fn pack() -> Pack {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz");
    let mut sources = app::law_files::sources(&root).expect("the pack is there");
    let told = [GRANT, FAMILY].map(|measure| root.join("measures").join(format!("{measure}.yaml")));
    sources.retain(|source| {
        let path = Path::new(&source.path);
        let other = path.starts_with(root.join("measures")) && told.iter().all(|told| path != told);
        let notice = path.starts_with(root.join("notices"));
        !other && !notice && path != root.join("choices.yaml")
    });
    sources.push(Source { path: "notices/grown.yaml".to_owned(), text: told::NOTICE.to_owned() });
    law::load(&sources).expect("the pack loads")
}

#[test]
fn many_worlds_hold() {
    let shared = Arc::new(Shared {
        law: Arc::new(Law::new(pack())),
        evaluator: app::evaluator::Evaluator::default(),
        engine: assess::Engine::new(),
    });
    let long = from_env("LONG").is_some();
    let alone = from_env("SEED");
    let (first, end) = match alone {
        Some(seed) => (seed, seed + 1),
        None if long => (0, u64::MAX),
        None => (0, from_env("SEEDS").unwrap_or(SEEDS)),
    };
    let (next, failed) = (AtomicU64::new(first), AtomicU64::new(0));
    let total = Mutex::new((0, Counts::default()));
    let (begun, dir) = (Instant::now(), folder());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while failed.load(Ordering::Relaxed) < MOST_FAILED && !(long && begun.elapsed() > LONG) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    let dir = dir.join(seed.to_string());
                    let came = catch_unwind(AssertUnwindSafe(|| life::live(seed, &shared, dir)));
                    let Ok(came) = came else {
                        crash::disarm();
                        failed.fetch_add(1, Ordering::Relaxed);
                        println!("seed {seed} fails; again alone: SEED={seed} cargo test -p app --test it simulation");
                        continue;
                    };
                    let mut total = total.lock().expect("nobody panics with it");
                    total.0 += 1;
                    total.1.sum(&came);
                }
            });
        }
    });
    let _ = std::fs::remove_dir_all(&dir);
    assert_eq!(failed.into_inner(), 0, "worlds broke; their seeds are printed above");
    let (seeds, counts) = total.into_inner().expect("nobody panics with it");
    println!("{seeds} worlds in {} seconds", begun.elapsed().as_secs());
    for (what, count) in &counts.0 {
        println!("  {what}: {count}");
    }
    for point in crash::POINTS {
        println!("  crash point \"{point}\": {}", crash::hits(point));
    }
    if end - first < SEEDS {
        return;
    }
    for what in EXPECTED {
        assert!(counts.0.contains_key(what), "no world ever came to: {what}");
    }
    for point in crash::POINTS {
        assert!(crash::hits(point) > 0, "no world ever crashed at: {point}");
    }
}
