//! The property that everything rests on: what is certain stays so in every completion of what is
//! not known. A world and what is left of it when a part is hidden are asked the same; every answer
//! of the world must be among the answers of the rest, along whole chains of knowing less.

pub mod kz;
mod verdicts;

use card::Ternary;
use fastrand::Rng;
use law::{
    Pack,
    tree::{Expr, MeasureId},
};

use crate::{
    plain::{Chosen, Fault, Plain, Value, Workings},
    small::{Mask, World, expressions, pack},
};

/// What a run found.
#[derive(Default)]
struct Tally {
    /// Answers compared.
    results: u64,
    /// Answers that were certain where less was known.
    certain: u64,
    /// The first wrong certainty, told in full.
    wrong: Option<String>,
    /// How many were wrong.
    violations: u64,
}

impl Tally {
    fn check(&mut self, sound: bool, certain: bool, tell: impl FnOnce() -> String) {
        self.results += 1;
        self.certain += u64::from(certain);
        if !sound {
            self.violations += 1;
            self.wrong.get_or_insert_with(tell);
        }
    }

    fn add(&mut self, other: Self) {
        self.results += other.results;
        self.certain += other.certain;
        self.violations += other.violations;
        self.wrong = self.wrong.take().or(other.wrong);
    }
}

/// A law, what is asked of it, how its worlds are made, and how a part of one is hidden.
struct Trial {
    pack: Pack,
    asked: Vec<(String, Expr)>,
    make: fn(&mut Rng, &Pack) -> World,
    hide: fn(&mut Rng, &Pack, &World) -> (World, String),
}

impl Trial {
    fn small() -> Self {
        let pack = pack();
        let asked = expressions(&pack).into_iter().map(|(name, expr)| (name.to_owned(), expr)).collect();
        let hide = |rng: &mut Rng, _: &Pack, world: &World| {
            let mask = Mask::random(rng, world);
            (mask.apply(rng, world), format!("{mask:?}"))
        };
        Self { pack, asked, make: |rng, _| World::random(rng), hide }
    }

    fn kz() -> Self {
        let pack = crate::kz::pack();
        let asked = kz::words(&pack);
        Self { pack, asked, make: kz::make, hide: kz::hide }
    }
}

/// One world and a chain of ever less knowledge of it.
fn chain(plain: Plain, trial: &Trial, seed: u64, tally: &mut Tally) {
    let Trial { pack, asked, make, hide } = trial;
    let mut rng = Rng::with_seed(seed);
    let mut known = make(&mut rng, pack);
    let mut answers = answers(plain, pack, asked, &known);
    for link in 0..4 {
        let mut less = known.clone();
        let mut masks = Vec::new();
        for _ in 0..rng.usize(1..5) {
            let (rest, hidden) = hide(&mut rng, pack, &less);
            less = rest;
            masks.push(hidden);
        }
        let fewer = self::answers(plain, pack, asked, &less);
        let told = |what: &str, more: &dyn std::fmt::Debug, rest: &dyn std::fmt::Debug| {
            format!(
                "seed {seed}, link {link}: {what}\n  with more known {more:?}\n  with less {rest:?}\n  hidden by {masks:?}\n  about {:?}",
                less.question
            )
        };
        for (((name, _), more), rest) in asked.iter().zip(&answers.values).zip(&fewer.values) {
            match (more, rest) {
                (Ok(more), Ok(rest)) => {
                    tally.check(rest.includes(more), rest.decided(), || told(name, more, rest));
                }
                (Ok(more), Err(error)) => tally.check(false, true, || told(name, more, error)),
                // An error of the pack is no answer: nothing to be sound about.
                (Err(_), _) => {}
            }
        }
        for (more, rest) in answers.workings.iter().zip(&fewer.workings) {
            match (more, rest) {
                (Ok(more), Ok(rest)) => verdicts::compare(more, rest, tally, &told),
                (Ok(more), Err(error)) => tally.check(false, true, || told("a verdict", more, error)),
                (Err(_), _) => {}
            }
        }
        for (more, rest) in answers.choices.iter().zip(&fewer.choices) {
            verdicts::compare_choices(more, rest, tally, &told);
        }
        (known, answers) = (less, fewer);
    }
}

/// Everything that is asked of one circle.
struct Answers {
    values: Vec<Result<Value, law::port::AssessError>>,
    workings: Vec<Result<Workings, law::port::AssessError>>,
    choices: Vec<Chosen>,
}

fn answers(plain: Plain, pack: &Pack, asked: &[(String, Expr)], world: &World) -> Answers {
    let (question, circle) = (world.question, &world.circle);
    let exprs: Vec<&Expr> = asked.iter().map(|(_, expr)| expr).collect();
    let values = plain.evaluate_all(pack, MeasureId(0), &exprs, question, circle);
    let workings: Vec<_> =
        (0..pack.measures.len()).map(|at| plain.work(pack, MeasureId(at as u16), question, circle)).collect();
    let verdicts: Option<Vec<_>> =
        workings.iter().map(|w| w.as_ref().ok().map(|w| w.verdict.clone())).collect();
    let choices = verdicts
        .and_then(|verdicts| plain.choose(pack, question, question.subject, circle, &verdicts).ok())
        .unwrap_or_default();
    Answers { values, workings, choices }
}

/// Runs chains from as many seeds, on all cores.
fn run(plain: Plain, trial: &Trial, chains: u64) -> Tally {
    let threads = std::thread::available_parallelism().map_or(2, usize::from) as u64;
    let mut total = Tally::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                scope.spawn(move || {
                    let mut tally = Tally::default();
                    for seed in (0..chains).filter(|seed| seed % threads == worker) {
                        chain(plain, trial, seed, &mut tally);
                    }
                    tally
                })
            })
            .collect();
        for worker in workers {
            total.add(worker.join().expect("a chain panicked"));
        }
    });
    total
}

#[test]
fn what_is_certain_stays_certain_in_every_completion() {
    let tally = run(Plain::new(), &Trial::small(), 700);
    assert!(
        tally.wrong.is_none(),
        "{} of {} wrong; {}",
        tally.violations,
        tally.results,
        tally.wrong.unwrap_or_default()
    );
    assert!(tally.results >= 200_000, "only {} results were compared", tally.results);
    // A sound evaluator that knows nothing would be sound too: most answers stay certain.
    assert!(tally.certain * 2 > tally.results, "only {} of {} are certain", tally.certain, tally.results);
}

#[test]
fn the_law_of_kazakhstan_is_sound_for_random_families() {
    let tally = run(Plain::new(), &Trial::kz(), 60);
    assert!(
        tally.wrong.is_none(),
        "{} of {} wrong; {}",
        tally.violations,
        tally.results,
        tally.wrong.unwrap_or_default()
    );
    assert!(tally.certain * 4 > tally.results, "only {} of {} are certain", tally.certain, tally.results);
}

#[test]
fn every_planted_mistake_is_seen() {
    let trial = Trial::small();
    for fault in [
        Fault::FilterDropsUnknown,
        Fault::IfTakesElse,
        Fault::CountIgnoresOpen,
        Fault::SumIgnoresOpen,
        Fault::QuantifierIgnoresOpen,
    ] {
        let tally = run(Plain::with_fault(fault), &trial, 40);
        assert!(tally.violations > 0, "{fault:?} was not seen in {} results", tally.results);
    }
}

/// Is a truth with less known compatible with the one with more known?
fn agrees(more: Ternary, less: Ternary) -> bool {
    less == Ternary::Unknown || less == more
}
