//! Explanations from the columns against those that the plain evaluator gathers with its answers.

use assess::{
    Engine,
    explain::{Explanation, Item, ListName, ListRead, Part},
};
use card::{Cell, Circle, Question, Schema, Ternary};
use fastrand::Rng;
use law::{
    Pack,
    tree::{Expr, MeasureId},
};

use crate::{columns::world, kz, plain::explain, small, soundness};

/// What the two tell of the same questions.
#[derive(Default)]
struct Compared {
    explanations: usize,
    parts: usize,
    /// Parts that are decided and that the two rest on other rows or cells.
    other_rows: Vec<String>,
    wrong: Vec<String>,
}

impl Compared {
    fn ask(&mut self, engine: &Engine, pack: &Pack, id: MeasureId, question: Question, circle: &Circle) {
        self.explanations += 1;
        let name = &pack.measures[id.0 as usize].name;
        let plain = explain::explain(pack, id, question, circle, true);
        let told = engine.explain(pack, id, question, circle, true);
        match (plain, told) {
            (Ok(plain), Ok(told)) => self.compare(name, &plain, &told),
            (plain, told) => {
                let (plain, told) = (plain.map_err(|e| e.to_string()), told.map_err(|e| e.to_string()));
                if plain.is_ok() || told.is_ok() || plain != told {
                    self.wrong.push(format!("{name}: plain {plain:?}, columns {told:?}"));
                }
            }
        }
    }

    fn compare(&mut self, name: &str, plain: &Explanation, told: &Explanation) {
        if plain.parts.len() != told.parts.len() {
            self.wrong.push(format!("{name}: {} parts and {}", plain.parts.len(), told.parts.len()));
        }
        for (plain, told) in plain.parts.iter().zip(&told.parts) {
            self.parts += 1;
            let name = format!("{name}, {}", plain.name);
            let heads = [plain, told].map(|part| (part.kind, &part.name, part.outcome, &part.sources));
            if heads[0] != heads[1] {
                self.wrong.push(format!("{name}: {:?} and {:?}", heads[0], heads[1]));
            }
            if plain.missing.is_empty() != told.missing.is_empty() {
                self.wrong.push(format!("{name} lacks {:?} and {:?}", plain.missing, told.missing));
            }
            let lists = [plain, told].map(|part| part.lists.iter().map(bare).collect::<Vec<_>>());
            if lists[0] != lists[1] {
                self.wrong.push(format!("{name} counts\n  {:?}\n  {:?}", lists[0], lists[1]));
            }
            self.rows(&name, plain, told);
        }
    }

    /// What is decided rests on the same rows. What is not may rest on more: the plain evaluator's
    /// reasons leave out conditions of choices that it could not decide.
    fn rows(&mut self, name: &str, plain: &Part, told: &Part) {
        let here = |row: &assess::explain::RowRead| {
            let same = told.rows.iter().find(|other| (other.entity, other.id) == (row.entity, row.id));
            same.is_some_and(|other| row.cells.iter().all(|cell| other.cells.contains(cell)))
        };
        if plain.outcome == Ternary::Unknown {
            if !plain.rows.iter().all(here) {
                self.wrong.push(format!("{name} rests on\n  {:?}\n  {:?}", plain.rows, told.rows));
            }
        } else if plain.rows != told.rows {
            self.other_rows.push(format!("{name} rests on\n  {:?}\n  {:?}", plain.rows, told.rows));
        }
    }

    fn check(&self, explanations: usize, other_rows: usize) {
        assert!(self.wrong.is_empty(), "{} differ: {}", self.wrong.len(), self.wrong[0]);
        assert!(self.explanations >= explanations, "only {} were compared", self.explanations);
        assert!(self.parts >= 3_000, "only {} parts were compared", self.parts);
        assert!(self.other_rows.len() <= other_rows, "{}", self.other_rows.join("\n"));
    }
}

/// Who counts, who may, who was left out and why; and, of a list with any of them, whether it is open:
/// what no row stands for the plain evaluator takes for open where a guard shuts it out.
type Bare<'l> = (&'l ListName, &'l [Item], Vec<&'l Item>, &'l [(Item, Vec<Expr>)], bool);

fn bare(list: &ListRead) -> Bare<'_> {
    let possible: Vec<&Item> = list.possible.iter().map(|(item, _)| item).collect();
    let told = list.counted.len() + possible.len() + list.left_out.len() > 0;
    (&list.name, &list.counted, possible, &list.left_out, told && list.open)
}

#[test]
fn the_cases_of_the_pack_are_explained_as_the_plain_evaluator_does() {
    let pack = kz::pack();
    let engine = Engine::new();
    let mut compared = Compared::default();
    for case in pack.measures.iter().flat_map(|measure| &measure.cases) {
        for (_, subject) in &case.persons {
            let about =
                |row: &card::Row| row.entity == Schema::PERSON && row.cells.contains(&Cell::Person(*subject));
            if !case.circle.rows.iter().any(about) {
                continue;
            }
            let question = Question { subject: *subject, day: case.day, asked_on: case.asked_on };
            for at in 0..pack.measures.len() {
                compared.ask(&engine, &pack, MeasureId(at as u16), question, &case.circle);
            }
        }
    }
    // On a day before the law a number of it is nothing, and the plain evaluator reads the date with
    // which it would have been compared (2); a tie that is certain rests on where it was looked up (1).
    compared.check(1_500, 3);
}

#[test]
fn random_worlds_are_explained_as_the_plain_evaluator_does() {
    let pack = kz::pack();
    let engine = Engine::new();
    let mut compared = Compared::default();
    let mut rng = Rng::with_seed(11);
    for _ in 0..150 {
        let world = soundness::kz::make(&mut rng, &pack);
        for at in 0..pack.measures.len() {
            compared.ask(&engine, &pack, MeasureId(at as u16), world.question, &world.circle);
        }
    }
    let mut pack = small::pack();
    for measure in &mut pack.measures {
        measure.closure = measure.name.clone();
    }
    for seed in 0..200 {
        let world = world(seed);
        for at in 0..pack.measures.len() {
            compared.ask(&engine, &pack, MeasureId(at as u16), world.question, &world.circle);
        }
    }
    compared.check(900, 1);
}
