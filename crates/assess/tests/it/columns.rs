//! The columns against the cases of the pack and against the plain evaluator, on random worlds of
//! which parts are hidden.

use assess::{Engine, case::run_case};
use card::{Outcome, Question, Ternary, Verdict};
use fastrand::Rng;
use law::{
    Branch, Condition, Dated, Measure, Pack, Period,
    port::{AssessError, Assessor},
    tree::{Expr, MeasureId, Node, Type},
};

use crate::{
    kz,
    plain::Plain,
    small::{Mask, World, expressions, pack},
    soundness,
};

#[test]
fn every_case_of_the_pack_holds_in_columns() {
    let pack = kz::pack();
    let engine = Engine::new();
    let results: Vec<_> = pack
        .measures
        .iter()
        .flat_map(|measure| &measure.cases)
        .map(|case| run_case(&pack, &engine, case))
        .collect();
    assert!(!results.is_empty(), "the pack has no cases");
    let mut told: Vec<String> = Vec::new();
    let mut more_is_asked = 0;
    for result in results.iter().filter(|result| !result.holds()) {
        // The columns may ask for a fact that the plain evaluator's reasons leave out.
        if result.differences.iter().all(|difference| difference.starts_with("missing:")) {
            more_is_asked += 1;
            continue;
        }
        told.push(format!("{}: {}\n  {}", result.place, result.name, result.differences.join("\n  ")));
    }
    assert!(told.is_empty(), "{} of {} cases fail\n{}", told.len(), results.len(), told.join("\n"));
    assert!(more_is_asked <= 1, "{more_is_asked} cases name other deciding facts");
}

/// An answer to compare, and whether it names deciding facts and contradictions: which ones, the two
/// evaluators find on different ways, and may tell more or less of them.
fn bare(answer: Result<Verdict, AssessError>) -> (Result<Verdict, String>, bool) {
    match answer {
        Err(error) => (Err(error.to_string()), true),
        Ok(verdict) => {
            let told = !verdict.missing.is_empty() || !verdict.conflicts.is_empty();
            (
                Ok(Verdict {
                    missing: Vec::new(),
                    missing_free: Vec::new(),
                    conflicts: Vec::new(),
                    ..verdict
                }),
                told,
            )
        }
    }
}

/// How two evaluators differ, if they do.
fn difference(
    plain: &(Result<Verdict, String>, bool),
    columns: &(Result<Verdict, String>, bool),
) -> Option<String> {
    let silent = plain.1 && !columns.1;
    (plain.0 != columns.0 || silent).then(|| format!("plain   {plain:?}\n  columns {columns:?}"))
}

/// Do the columns know less, and nothing else? They take numbers for less sure that were read of some rows
/// which a filter dropped, and somebody for a possible recipient whom two doubts together rule out. That
/// holds back an offer and never makes one.
fn knows_less(plain: &(Result<Verdict, String>, bool), columns: &(Result<Verdict, String>, bool)) -> bool {
    let (Ok(more), Ok(less)) = (&plain.0, &columns.0) else { return false };
    let mut alike = less.clone();
    alike.standing = more.standing;
    let named = |person| more.pays_to.iter().any(|other| other.person == person);
    alike.pays_to.retain(|one| one.certain != Ternary::Unknown || named(one.person));
    alike != *less && less.standing >= more.standing && difference(plain, &(Ok(alike), columns.1)).is_none()
}

/// A world from a seed, of which some seeds hide a part.
pub fn world(seed: u64) -> World {
    let mut rng = Rng::with_seed(seed);
    let mut world = World::random(&mut rng);
    for _ in 0..rng.usize(0..8) {
        let mask = Mask::random(&mut rng, &world);
        world = mask.apply(&mut rng, &world);
    }
    world
}

/// A measure that answers with one expression, as a condition, an amount, a day or recipients.
fn probe(pack: &Pack, name: &str, expr: &Expr) -> Pack {
    let mut probed = pack.clone();
    let model = &pack.measures[0];
    let always = |expr: Expr| Dated(vec![(card::LONG_AGO, expr)]);
    let yes = Expr { node: Node::Bool(true), ty: Type::Bool, at: 0..0 };
    let mut measure = Measure {
        name: name.to_owned(),
        closure: name.to_owned(),
        among: None,
        conditions: Vec::new(),
        refusals: Vec::new(),
        branches: Vec::new(),
        additions: Vec::new(),
        at_least: None,
        at_most: None,
        rounding: None,
        period: Period::default(),
        pays_to: Vec::new(),
        claims: None,
        ..model.clone()
    };
    measure.subject.when = yes.clone();
    let ty = if let Type::Optional(of) = &expr.ty { of } else { &expr.ty };
    match ty {
        Type::Bool => measure.conditions.push(Condition {
            name: name.to_owned(),
            holds: always(expr.clone()),
            sources: Vec::new(),
            told: law::ConditionTold::default(),
        }),
        Type::Integer | Type::Decimal | Type::Money => measure.branches.push(Branch {
            name: name.to_owned(),
            when: always(yes),
            pays: always(expr.clone()),
            sources: Vec::new(),
            title: card::Text::default(),
        }),
        Type::Date => {
            measure.period.right = Some(expr.clone());
            measure.period.until = Some(expr.clone());
        }
        Type::Row(card::Schema::PERSON) => measure.pays_to.push(expr.clone()),
        Type::List(of) if **of == Type::Row(card::Schema::PERSON) => measure.pays_to.push(expr.clone()),
        Type::List(_) => {
            let count = Node::Count(Box::new(expr.clone()));
            return probe(pack, name, &Expr { node: count, ty: Type::Integer, at: 0..0 });
        }
        other => panic!("{name}: no probe for {other:?}"),
    }
    probed.measures = vec![measure];
    probed.choices.clear();
    probed
}

#[test]
fn every_expression_agrees_with_the_plain_evaluator() {
    let pack = pack();
    let engine = Engine::new();
    let mut told = Vec::new();
    for (name, expr) in expressions(&pack) {
        let probed = probe(&pack, name, &expr);
        let mut differ = 0;
        for seed in 0..150 {
            let world = world(seed);
            let ask = |assessor: &dyn Assessor| {
                bare(assessor.assess(&probed, MeasureId(0), world.question, &world.circle))
            };
            let (plain, columns) = (ask(&Plain::new()), ask(&engine));
            if let Some(difference) = difference(&plain, &columns) {
                differ += 1;
                if differ == 1 {
                    told.push(format!("{name}, seed {seed}\n  {difference}"));
                }
            }
        }
        if differ > 1 {
            told.push(format!("{name}: {differ} of 150 differ"));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn every_measure_agrees_with_the_plain_evaluator() {
    let mut pack = pack();
    for measure in &mut pack.measures {
        measure.closure = measure.name.clone();
    }
    let engine = Engine::new();
    let mut told = Vec::new();
    for (at, measure) in pack.measures.iter().enumerate() {
        let mut differ = 0;
        for seed in 0..700 {
            let world = world(seed);
            let ask = |assessor: &dyn Assessor| {
                bare(assessor.assess(&pack, MeasureId(at as u16), world.question, &world.circle))
            };
            let (plain, columns) = (ask(&Plain::new()), ask(&engine));
            if let Some(difference) = difference(&plain, &columns) {
                differ += 1;
                if differ == 1 {
                    told.push(format!("{}, seed {seed}\n  {difference}", measure.name));
                }
            }
        }
        if differ > 1 {
            told.push(format!("{}: {differ} of 700 differ", measure.name));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn the_law_of_kazakhstan_agrees_with_the_plain_evaluator() {
    let pack = kz::pack();
    let engine = Engine::new();
    let (mut told, mut differ, mut less, mut asked) = (Vec::new(), 0, 0, 0);
    for seed in 0..600 {
        let mut rng = Rng::with_seed(seed);
        let mut world = soundness::kz::make(&mut rng, &pack);
        for _ in 0..rng.usize(0..8) {
            world = soundness::kz::hide(&mut rng, &pack, &world).0;
        }
        for (at, measure) in pack.measures.iter().enumerate() {
            asked += 1;
            let ask = |assessor: &dyn Assessor| {
                bare(assessor.assess(&pack, MeasureId(at as u16), world.question, &world.circle))
            };
            let (plain, columns) = (ask(&Plain::new()), ask(&engine));
            if knows_less(&plain, &columns) {
                less += 1;
            } else if let Some(difference) = difference(&plain, &columns) {
                differ += 1;
                if told.len() < 10 {
                    told.push(format!("{}, seed {seed}\n  {difference}", measure.name));
                }
            }
        }
    }
    assert!(told.is_empty(), "{differ} of {asked} differ\n{}", told.join("\n"));
    assert!(less * 500 <= asked, "of {less} of {asked} answers the columns know less");
}

#[test]
fn a_batch_of_many_answers_as_many_batches_of_one() {
    let mut pack = kz::pack();
    for measure in &mut pack.measures {
        measure.closure = measure.name.clone();
    }
    let engine = Engine::new();
    let measures = [MeasureId(0), MeasureId(1)];
    let cases = || pack.measures.iter().flat_map(|measure| &measure.cases);
    let mut answered = 0;
    for case in cases().filter(|case| case.day == case.asked_on) {
        let questions: Vec<Question> = case
            .persons
            .iter()
            .map(|(_, subject)| Question { subject: *subject, day: case.day, asked_on: case.day })
            .filter(|question| {
                case.circle.rows.iter().any(|row| {
                    row.entity == card::Schema::PERSON
                        && row.cells.contains(&card::Cell::Person(question.subject))
                })
            })
            .collect();
        let one = |question: &Question| -> Result<Vec<Verdict>, AssessError> {
            measures.iter().map(|id| engine.assess(&pack, *id, *question, &case.circle)).collect()
        };
        let ones: Result<Vec<Vec<Verdict>>, AssessError> = questions.iter().map(one).collect();
        let many = engine.assess_many(&pack, &measures, case.day, &questions, &[&case.circle, &case.circle]);
        assert_eq!(many, ones, "{}", case.name);
        let subjects: Vec<_> = questions.iter().map(|question| question.subject).collect();
        let swept = engine.sweep(&pack, &measures, case.day, &subjects, &[&case.circle]).expect("a sweep");
        if let Ok(ones) = ones {
            for verdicts in ones {
                for (verdict, swept) in verdicts.iter().zip(&swept) {
                    let subject = verdict.question.subject;
                    let at = swept.subjects.iter().position(|theirs| *theirs == subject);
                    let line = at.map(|at| {
                        (swept.outcomes[at], swept.free[at], swept.amounts[at], swept.standings[at])
                    });
                    let said = (verdict.outcome, verdict.free, verdict.amount, verdict.standing);
                    assert_eq!(line, (verdict.outcome != Outcome::NotConcerned).then_some(said));
                    answered += 1;
                }
            }
        }
    }
    assert!(answered > 500, "only {answered} answers were compared");
}

#[test]
fn many_questions_name_the_same_deciding_facts() {
    let pack = kz::pack();
    let engine = Engine::new();
    let case = pack.measures[1].cases.iter().find(|case| case.expect.outcome == Outcome::Unknown);
    let case = case.expect("a case of an unknown verdict");
    let question = Question { subject: case.expect.subject, day: case.day, asked_on: case.day };
    let one = engine.assess(&pack, MeasureId(1), question, &case.circle).expect("an answer");
    assert!(!one.missing.is_empty());
    let questions = vec![question; 300];
    let many = engine.assess_many(&pack, &[MeasureId(1)], case.day, &questions, &[&case.circle]);
    assert!(many.expect("answers").iter().flatten().all(|verdict| *verdict == one));
}

#[test]
fn what_was_never_loaded_is_an_error_and_not_nothing() {
    let pack = kz::pack();
    let engine = Engine::new();
    let mut refused = 0;
    // Who asks for nothing but what their own row says, has all of it.
    let asks = |measure: &&Measure| !pack.reads(pack.measure(&measure.name).expect("a page")).is_empty();
    for measure in pack.measures.iter().filter(asks) {
        for case in measure.cases.iter().filter(|case| case.expect.outcome == Outcome::Eligible) {
            let question = Question { subject: case.expect.subject, day: case.day, asked_on: case.asked_on };
            let id = pack.measure(&measure.name).expect("a measure of the pack");
            let mut circle = case.circle.clone();
            circle.loaded = Some(std::collections::BTreeSet::new());
            let answer = engine.assess(&pack, id, question, &circle);
            assert!(matches!(answer, Err(AssessError::NotLoaded { .. })), "{}: {answer:?}", case.name);
            refused += 1;
        }
    }
    assert!(refused > 20, "only {refused} circles were tried");
}

#[test]
fn a_loaded_circle_answers_as_all_rows_do() {
    let mut pack = kz::pack();
    for measure in &mut pack.measures {
        measure.closure = measure.name.clone();
    }
    let engine = Engine::new();
    let mut rng = Rng::with_seed(11);
    for _ in 0..60 {
        let world = crate::soundness::kz::make(&mut rng, &pack);
        for at in 0..pack.measures.len() {
            let id = MeasureId(at as u16);
            let reads = pack.reads(id);
            let circle = crate::hand::loads::load(&pack, &world.circle, world.question.subject, &reads);
            let all = engine.assess(&pack, id, world.question, &world.circle);
            assert_eq!(engine.assess(&pack, id, world.question, &circle), all);
            let plain = bare(Plain::new().assess(&pack, id, world.question, &world.circle));
            let all = bare(all);
            assert!(knows_less(&plain, &all) || difference(&plain, &all).is_none());
        }
    }
}
