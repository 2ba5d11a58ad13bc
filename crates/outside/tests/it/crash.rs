use card::{Sex, Span};
use outside::sqlite::crash;

use crate::world::{Delivery, World, at, day, iin};

/// 220 persons, some of them at fault, then the same file without some of them.
fn files() -> [Delivery; 2] {
    let row = |n: u16| {
        let born = day("1990-02-03").plus(Span::Days(i32::from(n / 90))).to_string();
        let told = if n % 20 == 7 { "2030-01-01" } else { &born };
        format!("{},{told},female,75\n", iin(&born, Sex::Female, n % 90))
    };
    let head = "id,birth_date,sex,region\n".to_owned();
    let first: String = (0..220).map(row).collect();
    let second: String = (5..210).map(row).collect();
    [
        Delivery::full("person", "population", "2026-06-15", &(head.clone() + &first)),
        Delivery::full("person", "population", "2026-06-20", &(head + &second)),
    ]
}

fn undisturbed(files: &[Delivery; 2]) -> World {
    let world = World::new().with_chunks_of(50);
    world.deliver(&files[0], at("2026-06-16", 9));
    world.deliver(&files[1], at("2026-06-21", 9));
    world
}

#[test]
fn dying_at_any_point_and_going_on_gives_the_rows_of_an_undisturbed_run() {
    let files = files();
    let calm = undisturbed(&files);
    let (facts, held) = (calm.facts(None), calm.held());
    let past = calm.facts(Some(at("2026-06-18", 9)));
    assert!(facts.len() < past.len() && !held.is_empty());
    let points: Vec<&'static str> =
        crash::POINTS.into_iter().filter(|point| point.starts_with("chunk")).collect();
    for point in points {
        let before = crash::hits(point);
        let mut world = World::new().with_chunks_of(50);
        let mut deaths = 0;
        for (delivery, now) in files.iter().zip([at("2026-06-16", 9), at("2026-06-21", 9)]) {
            // The transaction that asks how far intake has come begins as well, and is no chunk.
            for pass in [0, 1, 1, 2, 1, 1, 1] {
                crash::arm(Some(point), pass);
                let taken = world.try_deliver(delivery, now);
                if crash::disarm() {
                    assert!(taken.is_ok_and(|progress| progress.counts.close()));
                    continue;
                }
                assert_eq!(taken.unwrap_err(), format!("crash point reached: {point}"));
                deaths += 1;
                world.reopen();
            }
            let done = world.deliver(delivery, now);
            assert_eq!(
                done.counts.read,
                done.counts.accepted + done.counts.unchanged + done.counts.quarantined
            );
        }
        assert!(deaths >= 6, "{point}: {deaths}");
        assert!(crash::hits(point) >= before + deaths);
        assert_eq!(world.facts(None), facts, "{point}");
        assert_eq!(world.facts(Some(at("2026-06-18", 9))), past, "{point}");
        assert_eq!(world.held(), held, "{point}");
    }
}

#[test]
fn an_official_settles_all_or_nothing() {
    let mut world = World::new();
    let wrong = "id,birth_date,sex,region\n123,1990-01-01,female,75\n";
    world.deliver(&Delivery::full("person", "population", "2026-06-15", wrong), at("2026-06-16", 9));
    let held = world.store.quarantine(0, 10).unwrap()[0].id;
    for (point, open) in [("write: before commit", 1), ("write: after commit", 0)] {
        crash::arm(Some(point), 0);
        assert!(world.store.settle_quarantined(held, at("2026-06-17", 9)).is_err());
        world.reopen();
        assert_eq!(world.held().len(), open, "{point}");
        assert!(crash::hits(point) > 0);
    }
}
