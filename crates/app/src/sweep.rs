//! The sweep: everybody, asked at once.

use assess::Engine;
use card::{Cell, Circle, Date, EntityId, Moment, PersonId, Question, Schema, Verdict};
use law::{Pack, tree::MeasureId};
use outside::sqlite::Store;

use crate::failure::Failure;

/// Rows that one read of the store fetches.
const ROWS: usize = 50_000;

/// Everything that was known at a moment (`None`: now), as one circle.
fn everybody(store: &Store, known_on: Option<Moment>) -> Result<Circle, Failure> {
    let mut rows = Vec::new();
    for entity in 0..store.schema().entities.len() {
        let mut after = 0;
        loop {
            let (found, next) =
                store.rows_after(EntityId(entity as u16), known_on, after, ROWS).map_err(Failure::of)?;
            rows.extend(found);
            match next {
                Some(row) => after = row,
                None => break,
            }
        }
    }
    let coverage = store.coverage(known_on).map_err(Failure::of)?;
    Ok(Circle { rows, coverage, loaded: None })
}

/// Asks every measure about every person, as it stands on a day.
pub fn nation(
    store: &Store,
    pack: &Pack,
    engine: &Engine,
    day: Date,
    known_on: Option<Moment>,
) -> Result<Vec<(MeasureId, Verdict)>, Failure> {
    let circle = everybody(store, known_on)?;
    let key = pack.schema.at(Schema::PERSON).key[0];
    let persons: Vec<PersonId> = circle
        .rows
        .iter()
        .filter(|row| row.entity == Schema::PERSON)
        .filter_map(|row| match row.cell(key) {
            Cell::Person(person) => Some(*person),
            _ => None,
        })
        .collect();
    let questions: Vec<Question> =
        persons.iter().map(|person| Question { subject: *person, day, asked_on: day }).collect();
    let measures: Vec<MeasureId> = (0..pack.measures.len()).map(|at| MeasureId(at as u16)).collect();
    let answers = engine.assess_many(pack, &measures, day, &questions, &[&circle]).map_err(Failure::of)?;
    Ok(answers
        .into_iter()
        .flat_map(|verdicts| measures.iter().copied().zip(verdicts).collect::<Vec<_>>())
        .collect())
}
