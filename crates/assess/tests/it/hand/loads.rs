//! Circles: what a measure declares to read is enough, and reading anything else is an error.

use std::collections::BTreeSet;

use card::{Cell, Circle, Lookup, Row, Schema};
use fastrand::Rng;
use law::{
    Pack, Reach, ReachFrom,
    port::{AssessError, Assessor},
    tree::MeasureId,
};

use super::{GRANT, family, question};
use crate::{plain::Plain, small::pack, soundness};

/// What a store would load: the subject's row, and everything that the reaches lead to.
pub fn load(pack: &Pack, all: &Circle, subject: card::PersonId, reads: &[Reach]) -> Circle {
    let mut loaded = BTreeSet::new();
    let mut ids = BTreeSet::new();
    let key = pack.schema.at(Schema::PERSON).key[0];
    let start = Lookup { entity: Schema::PERSON, field: key, key: Cell::Person(subject) };
    for row in put(all, start, &mut loaded, &mut ids) {
        follow(pack, all, row, reads, &mut loaded, &mut ids);
    }
    let rows = all.rows.iter().filter(|row| ids.contains(&row.id)).cloned().collect();
    Circle { rows, coverage: all.coverage.clone(), loaded: Some(loaded) }
}

fn put<'c>(
    all: &'c Circle,
    lookup: Lookup,
    loaded: &mut BTreeSet<Lookup>,
    ids: &mut BTreeSet<u64>,
) -> Vec<&'c Row> {
    let found: Vec<&Row> = all
        .rows
        .iter()
        .filter(|row| row.entity == lookup.entity && *row.cell(lookup.field) == lookup.key)
        .collect();
    ids.extend(found.iter().map(|row| row.id));
    loaded.insert(lookup);
    found
}

fn follow(
    pack: &Pack,
    all: &Circle,
    row: &Row,
    reads: &[Reach],
    loaded: &mut BTreeSet<Lookup>,
    ids: &mut BTreeSet<u64>,
) {
    for reach in reads {
        let key = match reach.from {
            ReachFrom::Key => row.cell(pack.schema.at(row.entity).key[0]),
            ReachFrom::Field(field) => row.cell(field),
        };
        let lookup = Lookup { entity: reach.entity, field: reach.by, key: key.clone() };
        for next in put(all, lookup, loaded, ids) {
            follow(pack, all, next, &reach.then, loaded, ids);
        }
    }
}

#[test]
fn a_loaded_circle_answers_as_all_rows_do() {
    let pack = crate::kz::pack();
    let mut rng = Rng::with_seed(7);
    for _ in 0..40 {
        let world = soundness::kz::make(&mut rng, &pack);
        for at in 0..pack.measures.len() {
            let id = MeasureId(at as u16);
            let circle = load(&pack, &world.circle, world.question.subject, &pack.reads(id));
            let all = Plain::new().assess(&pack, id, world.question, &world.circle);
            assert_eq!(Plain::new().assess(&pack, id, world.question, &circle), all);
        }
    }
}

#[test]
fn reading_what_was_never_asked_for_is_an_error() {
    let (pack, mut facts) = (pack(), family().all_covered());
    facts.0.loaded = Some(BTreeSet::new());
    let error = Plain::new().assess(&pack, GRANT, question(3, "2025-02-01"), &facts.0);
    let expected = AssessError::NotLoaded {
        measure: "grant".into(),
        entity: "parent_link".into(),
        field: "child".into(),
    };
    assert_eq!(error, Err(expected));
}
