//! The evaluator, and a loop that was written by hand for the same measures, over the benchmark's nation.

use std::path::Path;

use app::law_files;
use assess::Engine;
use card::{Bucket, Date};
use law::{Pack, tree::MeasureId};

use crate::{
    answers::{Answer, Measure, each_of},
    hand,
    population::Nation,
};

fn pack() -> Pack {
    law_files::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/nation/law")).unwrap()
}

fn day() -> Date {
    "2026-06-15".parse().unwrap()
}

/// What the evaluator answers, in the order of measures and subjects.
fn by_the_engine(pack: &Pack, bucket: &Bucket) -> Vec<(Measure, Answer)> {
    let measures: Vec<MeasureId> =
        Measure::ALL.iter().map(|measure| pack.measure(measure.name()).unwrap()).collect();
    let swept = Engine::new().sweep_bucket(pack, &measures, day(), bucket).unwrap();
    each_of(&swept).collect()
}

#[test]
fn the_evaluator_answers_as_a_loop_written_by_hand() {
    let pack = pack();
    let nation = Nation::in_buckets(&pack.schema, day(), 3, 400);
    let mut eligible = [0; Measure::ALL.len()];
    for nth in 0..nation.buckets() {
        let bucket = nation.bucket(nth);
        let engine = by_the_engine(&pack, &bucket);
        let mut by_hand = hand::sweep(&pack.schema, &bucket, day()).list();
        by_hand.sort_by_key(|(measure, answer)| (*measure as usize, answer.subject));
        for (one, other) in engine.iter().zip(&by_hand) {
            assert_eq!(one, other, "bucket {nth}");
        }
        assert_eq!(engine.len(), by_hand.len());
        for (measure, answer) in engine {
            eligible[measure as usize] += usize::from(answer.outcome == card::Outcome::Eligible);
        }
    }
    assert!(eligible.iter().all(|many| *many > 0), "{eligible:?}");
}

#[test]
fn a_family_is_the_same_in_every_bucket_that_holds_it() {
    let pack = pack();
    let nation = Nation::in_buckets(&pack.schema, day(), 4, 400);
    let person = card::Schema::PERSON;
    let rows = |bucket: &Bucket| -> Vec<card::Row> {
        (0..bucket.tables[0].len()).map(|at| bucket.row(&pack.schema, person, at)).collect()
    };
    let (one, next) = (rows(&nation.bucket(1)), rows(&nation.bucket(2)));
    let shared: Vec<_> = one.iter().filter(|row| next.iter().any(|other| other.id == row.id)).collect();
    assert!(shared.len() > 20);
    for row in shared {
        assert!(next.contains(row), "{row:?}");
    }
}
