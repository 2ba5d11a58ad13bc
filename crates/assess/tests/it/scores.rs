//! Methodologies in columns: against the cases of the pack, against the plain evaluator, sound in every
//! completion of what is not known, and the same in a bucket as alone.

use assess::{Engine, case::run_score_case};
use card::{Cell, Lang, Question, Row, Scored, Standing, Ternary};
use fastrand::Rng;
use law::{
    Pack,
    port::{AssessError, Scorer},
    tree::ScoreId,
};

use crate::{
    hand::loads::load,
    kz,
    plain::{Fault, Plain},
    small::World,
    soundness::kz::{hide, make},
};

const WELL_BEING: ScoreId = ScoreId(0);

/// A family under the law of Kazakhstan, asked on a day that the methodology knows, with some facts
/// hidden.
fn world(pack: &Pack, rng: &mut Rng, hidden: usize) -> World {
    let mut world = make(rng, pack);
    let day = pack.score_at(WELL_BEING).in_force.0.plus(card::Span::Days(rng.i32(0..60)));
    world.question = Question { day, asked_on: day, ..world.question };
    for _ in 0..hidden {
        world = hide(rng, pack, &world).0;
    }
    world
}

fn score(scorer: &dyn Scorer, pack: &Pack, world: &World) -> Result<Scored, AssessError> {
    scorer.score(pack, WELL_BEING, world.question, &world.circle)
}

#[test]
fn every_case_of_a_methodology_holds_through_both_evaluators() {
    let pack = kz::pack();
    let engine = Engine::new();
    let scorers: [&dyn Scorer; 2] = [&Plain::new(), &engine];
    let mut told = Vec::new();
    for scorer in scorers {
        for case in pack.scores.iter().flat_map(|score| &score.cases) {
            let result = run_score_case(&pack, scorer, case);
            if !result.holds() {
                told.push(format!(
                    "{}: {}\n  {}",
                    result.place,
                    result.name,
                    result.differences.join("\n  ")
                ));
            }
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(pack.score_at(WELL_BEING).cases.len() > 100);
}

#[test]
fn the_columns_count_as_the_plain_evaluator_does() {
    let pack = kz::pack();
    let engine = Engine::new();
    let (mut concerned, mut uncertain) = (0, 0);
    for seed in 0..400 {
        let mut rng = Rng::with_seed(seed);
        let hidden = rng.usize(0..8);
        let world = world(&pack, &mut rng, hidden);
        match (score(&Plain::new(), &pack, &world), score(&engine, &pack, &world)) {
            (Ok(plain), Ok(columns)) => {
                concerned += usize::from(plain.concerned != Ternary::No);
                uncertain += usize::from(plain.levels.len() > 1);
                assert_eq!(plain.concerned, columns.concerned, "seed {seed}");
                assert_eq!(plain.points, columns.points, "seed {seed}");
                assert_eq!(plain.levels, columns.levels, "seed {seed}");
                // They may take numbers for less sure that were read of rows which a filter dropped.
                assert!(columns.standing >= plain.standing, "seed {seed}");
                if !plain.missing.is_empty() {
                    assert!(!columns.missing.is_empty(), "seed {seed}: {plain:?}");
                }
            }
            (plain, columns) => {
                let told = |answer: Result<Scored, AssessError>| answer.err().map(|e| e.to_string());
                assert_eq!(told(plain), told(columns), "seed {seed}");
            }
        }
    }
    assert!(concerned > 100 && uncertain > 30, "{concerned} leads, {uncertain} in doubt");
}

/// The first way in which an answer with more known does not lie in one with less.
fn unsound(more: &Scored, less: &Scored) -> Option<&'static str> {
    let truth = less.concerned == Ternary::Unknown || less.concerned == more.concerned;
    let inside = more.concerned == Ternary::No
        || more
            .points
            .iter()
            .flatten()
            .zip(less.points.iter().flatten())
            .all(|(more, less)| less.lo <= more.lo && more.hi <= less.hi);
    let levels = more.concerned == Ternary::No || more.levels.iter().all(|level| less.levels.contains(level));
    let named = less.concerned == Ternary::No
        || (less.concerned == Ternary::Yes && less.levels.len() == 1)
        || !(less.missing.is_empty() && less.conflicts.is_empty());
    [(truth, "about whom"), (inside, "points"), (levels, "levels"), (named, "deciding facts")]
        .into_iter()
        .find_map(|(sound, what)| (!sound).then_some(what))
}

/// Chains of ever less knowledge; how many answers were wrong, how many had one level only.
fn chains(scorer: &dyn Scorer, seeds: u64) -> (Vec<String>, usize) {
    let pack = kz::pack();
    let (mut wrong, mut certain) = (Vec::new(), 0);
    for seed in 0..seeds {
        let mut rng = Rng::with_seed(seed);
        let mut known = world(&pack, &mut rng, 0);
        let mut more = score(scorer, &pack, &known);
        for link in 0..5 {
            for _ in 0..rng.usize(1..4) {
                known = hide(&mut rng, &pack, &known).0;
            }
            let less = score(scorer, &pack, &known);
            match (&more, &less) {
                (Ok(more), Ok(less)) => {
                    certain += usize::from(less.level().is_some());
                    wrong.extend(
                        unsound(more, less)
                            .map(|what| format!("seed {seed}, link {link}: {what}\n  {more:?}\n  {less:?}")),
                    );
                }
                (Ok(more), Err(error)) => wrong.push(format!("seed {seed}: {more:?}\n  {error}")),
                (Err(_), _) => {}
            }
            more = less;
        }
    }
    (wrong, certain)
}

#[test]
fn what_is_certain_of_a_level_stays_certain_in_every_completion() {
    let (wrong, certain) = chains(&Engine::new(), 120);
    assert!(wrong.is_empty(), "{} wrong; {}", wrong.len(), wrong[0]);
    assert!(certain > 30, "only {certain} levels were certain");
}

#[test]
fn a_planted_mistake_is_seen_in_points() {
    let (wrong, _) = chains(&Plain::with_fault(Fault::FilterDropsUnknown), 60);
    assert!(!wrong.is_empty());
}

#[test]
fn a_loaded_circle_counts_as_all_rows_do() {
    let pack = kz::pack();
    let engine = Engine::new();
    let reads = pack.reads_of_score(WELL_BEING);
    for seed in 0..60 {
        let mut rng = Rng::with_seed(seed);
        let mut all = world(&pack, &mut rng, 2);
        // Intake takes no row whose key is not told: it could be anybody's.
        let keyed =
            |row: &Row| pack.schema.at(row.entity).key.iter().all(|key| *row.cell(*key) != Cell::Unknown);
        all.circle.rows.retain(keyed);
        let circle = load(&pack, &all.circle, all.question.subject, &reads);
        let loaded = engine.score(&pack, WELL_BEING, all.question, &circle);
        assert_eq!(loaded, score(&engine, &pack, &all), "seed {seed}");
    }
}

#[test]
fn what_was_never_loaded_is_an_error_and_not_nothing() {
    let pack = kz::pack();
    let case = &pack.score_at(WELL_BEING).cases[0];
    let question = Question { subject: case.expect.subject, day: case.day, asked_on: case.asked_on };
    let mut circle = case.circle.clone();
    circle.loaded = Some(std::collections::BTreeSet::new());
    let answer = Engine::new().score(&pack, WELL_BEING, question, &circle);
    assert!(matches!(answer, Err(AssessError::NotLoaded { .. })), "{answer:?}");
}

#[test]
fn many_are_counted_as_each_alone() {
    let pack = kz::pack();
    let engine = Engine::new();
    let mut compared = 0;
    for case in &pack.score_at(WELL_BEING).cases {
        let question = Question { subject: case.expect.subject, day: case.day, asked_on: case.day };
        let one = engine.score(&pack, WELL_BEING, question, &case.circle).expect("an answer");
        let swept = engine.level_alone(&pack, WELL_BEING, case.day, question.subject, &case.circle);
        let swept = swept.expect("levels");
        if one.concerned == Ternary::No {
            assert!(swept.subjects.is_empty(), "{}", case.name);
            continue;
        }
        compared += 1;
        assert_eq!(swept.points, [one.sum()], "{}", case.name);
        assert_eq!(swept.standings, [one.standing]);
        let levels = &pack.score_at(WELL_BEING).levels;
        let place = |name: &String| levels.iter().position(|level| level.name == *name).expect("a level");
        let ends = (place(&one.levels[0]) as u16, place(&one.levels[one.levels.len() - 1]) as u16);
        assert_eq!(swept.levels, [ends], "{}", case.name);
    }
    assert!(compared > 90, "{compared}");
}

#[test]
fn before_the_first_edition_there_is_no_level() {
    let pack = kz::pack();
    let (from, until) = pack.score_at(WELL_BEING).in_force;
    assert_eq!(until, None);
    assert_eq!(pack.score("well_being", from), Some(WELL_BEING));
    assert_eq!(pack.score("well_being", from.plus(card::Span::Days(-1))), None);
}

#[test]
fn an_explanation_tells_level_points_and_facts_in_three_languages() {
    let pack = kz::pack();
    let engine = Engine::new();
    let score = pack.score_at(WELL_BEING);
    let named = |name: &str| score.cases.iter().find(|case| case.name == name).expect("a case");
    let case = named("one of two adults is behind");
    let question = Question { subject: case.expect.subject, day: case.day, asked_on: case.day };
    let found = engine.explain_score(&pack, WELL_BEING, question, &case.circle, true).expect("why");
    assert_eq!(Ok(&found.scored), engine.score(&pack, WELL_BEING, question, &case.circle).as_ref());
    assert_eq!(found.scored.standing, Standing::Preliminary);
    for (lang, parts) in [
        (Lang::Kk, ["деңгейі E (төтенше)", "Табыс және несие: −200", "кейбір ересектерде → −250", "Несие №"]),
        (
            Lang::Ru,
            ["уровень E (экстренный)", "Доходы и кредиты: −200", "у части взрослых → −250", "Кредит №"],
        ),
        (Lang::En, ["level E (emergency)", "Income and credit: −200", "some adults → −250", "Loan №"]),
    ] {
        let told = assess::explain::render_score(&pack, &found, lang, &|_| None).to_string();
        for part in parts {
            assert!(told.contains(part), "{part}\n{told}");
        }
    }
    let case = named("the credit bureau is silent");
    let found = engine.explain_score(&pack, WELL_BEING, question, &case.circle, true).expect("why");
    let told = assess::explain::render_score(&pack, &found, Lang::En, &|_| None).to_string();
    assert!(told.contains("possible levels: D (crisis), E (emergency)"), "{told}");
    assert!(told.contains("deciding fact: Loan: rows, person 1 (Credit bureau)"), "{told}");
}
