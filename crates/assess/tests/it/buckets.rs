//! Columns against circles: what a bucket of many worlds answers, each world answers alone, and each
//! subject one by one.

use assess::{Engine, Swept};
use card::{Bucket, Cell, Circle, Date, FieldType, Outcome, PersonId, Question, Schema, Ternary, Verdict};
use fastrand::Rng;
use law::{Measure, Pack, port::Assessor, tree::MeasureId};

use crate::small::{Mask, World, pack};

/// A world as another one: other persons, other numbers of awards, other rows.
fn moved(pack: &Pack, circle: &Circle, nth: u64) -> Circle {
    let mut circle = circle.clone();
    for row in &mut circle.rows {
        row.id += nth * 10_000;
        let declared = pack.schema.at(row.entity);
        for (at, cell) in row.cells.iter_mut().enumerate() {
            let names = matches!(declared.fields[at].ty, FieldType::Row(_))
                || declared.key.iter().any(|key| key.0 as usize == at);
            match cell {
                Cell::Person(person) => person.0 += nth * 1_000,
                Cell::Code(code) if names => *code = format!("{nth}-{code}").into(),
                _ => {}
            }
        }
    }
    circle
}

/// Some worlds that know the same coverage; `hidden`: of which parts are hidden.
fn worlds(pack: &Pack, seed: u64, hidden: bool) -> (Question, Vec<Circle>) {
    let mut rng = Rng::with_seed(seed);
    let worlds: Vec<World> = (0..6)
        .map(|_| {
            let mut world = World::random(&mut rng);
            for _ in 0..if hidden { rng.usize(1..6) } else { 0 } {
                let mask = Mask::random(&mut rng, &world);
                world = mask.apply(&mut rng, &world);
            }
            world
        })
        .collect();
    let coverage = worlds[0].circle.coverage.clone();
    let circles = worlds.iter().zip(0..).map(|(world, nth)| {
        let circle = moved(pack, &world.circle, nth);
        Circle { coverage: coverage.clone(), loaded: None, ..circle }
    });
    (worlds[0].question, circles.collect())
}

/// Everybody of whom a circle has a row.
fn subjects(circle: &Circle) -> Vec<PersonId> {
    let persons = circle.rows.iter().filter(|row| row.entity == Schema::PERSON);
    let mut subjects: Vec<PersonId> = persons
        .filter_map(|row| {
            row.cells.iter().find_map(|cell| if let Cell::Person(id) = cell { Some(*id) } else { None })
        })
        .collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

/// Does a sweep say of a subject what a verdict of a page says?
fn says(swept: &Swept, page: &Measure, subject: PersonId, verdict: &Verdict) -> bool {
    let Some(at) = swept.subjects.iter().position(|theirs| *theirs == subject) else {
        return verdict.outcome == Outcome::NotConcerned;
    };
    let bits = |outcome| match outcome {
        Ternary::Yes => 1,
        Ternary::No => 2,
        Ternary::Unknown => 3,
    };
    let conditions = verdict.conditions.iter().enumerate();
    let conditions = conditions.map(|(nth, condition)| bits(condition.outcome) << (2 * nth)).sum::<u64>();
    let day = page.says().and(verdict.tellable(true));
    swept.days[at] == day
        && (swept.outcomes[at], swept.free[at], swept.amounts[at], swept.conditions[at], swept.standings[at])
            == (verdict.outcome, verdict.free, verdict.amount, conditions, verdict.standing)
}

/// What a bucket of circles answers, which their union answers too.
fn of_bucket(engine: &Engine, pack: &Pack, day: Date, circles: &[&Circle]) -> Vec<Swept> {
    let measures = measures(pack);
    let everybody: Vec<PersonId> = circles.iter().flat_map(|circle| subjects(circle)).collect();
    let rows = circles.iter().flat_map(|circle| &circle.rows);
    let bucket = Bucket::of(&pack.schema, everybody.clone(), rows, circles[0].coverage.clone());
    let swept = engine.sweep_bucket(pack, &measures, day, &bucket).expect("a sweep");
    assert_eq!(engine.sweep(pack, &measures, day, &everybody, circles).expect("a sweep"), swept);
    swept
}

fn measures(pack: &Pack) -> Vec<MeasureId> {
    (0..pack.measures.len()).map(|at| MeasureId(at as u16)).collect()
}

#[test]
fn a_bucket_of_one_circle_answers_as_each_subject_asked_alone() {
    let pack = pack();
    let engine = Engine::new();
    let mut compared = 0;
    for seed in 0..60 {
        let (Question { day, .. }, circles) = worlds(&pack, seed, true);
        for circle in &circles {
            let all = of_bucket(&engine, &pack, day, &[circle]);
            for subject in &subjects(circle) {
                let question = Question { subject: *subject, day, asked_on: day };
                for (id, swept) in measures(&pack).iter().zip(&all) {
                    match engine.assess(&pack, *id, question, circle) {
                        Ok(verdict) => {
                            let page = &pack.measures[id.0 as usize];
                            assert!(
                                says(swept, page, *subject, &verdict),
                                "seed {seed}: {swept:?}, {verdict:?}"
                            );
                        }
                        Err(fault) => assert!(swept.faults.contains(&(*subject, fault)), "seed {seed}"),
                    }
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 3_000, "only {compared} answers were compared");
}

/// Of complete worlds: a row that hides whom it names may belong to anybody in its bucket.
#[test]
fn a_bucket_of_many_circles_answers_as_each_circle_alone() {
    let pack = pack();
    let engine = Engine::new();
    for seed in 0..60 {
        let (Question { day, .. }, circles) = worlds(&pack, seed, false);
        let together = of_bucket(&engine, &pack, day, &circles.iter().collect::<Vec<_>>());
        let alone: Vec<Vec<Swept>> =
            circles.iter().map(|circle| of_bucket(&engine, &pack, day, &[circle])).collect();
        for (at, together) in together.iter().enumerate() {
            let hashes: Vec<u64> = alone.iter().flat_map(|alone| &alone[at].hashes).copied().collect();
            assert_eq!(together.hashes, hashes, "seed {seed}");
        }
    }
}
