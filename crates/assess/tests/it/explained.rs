//! Explanations from the columns against those that the plain evaluator gathers with its answers.

use std::collections::BTreeSet;

use assess::{
    Engine,
    explain::{Explanation, Item, ListName, ListRead, Part, RowRead},
};
use card::{Cell, Circle, Question, Schema, Ternary};
use fastrand::Rng;
use law::{
    Pack,
    tree::{Expr, MeasureId, Node},
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
            // Where the law divides by zero behind another condition, the plain evaluator looks no further.
            let stopped = plain.outcome == Ternary::Unknown && plain.evidence.rows.is_empty();
            if plain.evidence.missing.is_empty() != told.evidence.missing.is_empty() && !stopped {
                self.wrong.push(format!(
                    "{name} lacks {:?} and {:?}",
                    plain.evidence.missing, told.evidence.missing
                ));
            }
            let lists = [plain, told].map(|part| part.evidence.lists.iter().map(bare).collect::<Vec<_>>());
            let alike = plain.evidence.lists.len() == told.evidence.lists.len()
                && plain
                    .evidence
                    .lists
                    .iter()
                    .zip(&told.evidence.lists)
                    .all(|(plain, told)| left_out_alike(plain, told));
            if lists[0] != lists[1] || !alike {
                self.wrong.push(format!(
                    "{name} counts\n  {:?}\n  {:?}",
                    plain.evidence.lists, told.evidence.lists
                ));
            }
            self.rows(&name, plain, told);
        }
    }

    /// What is decided rests on the same rows. What is not may rest on more: the plain evaluator's
    /// reasons leave out conditions of choices that it could not decide.
    fn rows(&mut self, name: &str, plain: &Part, told: &Part) {
        let here = |row: &RowRead| {
            let same =
                told.evidence.rows.iter().find(|other| (other.entity, other.id) == (row.entity, row.id));
            same.is_some_and(|other| row.cells.iter().all(|cell| other.cells.contains(cell)))
        };
        let alike = match plain.outcome {
            Ternary::Unknown => plain.evidence.rows.iter().all(here),
            _ => plain.evidence.rows == told.evidence.rows,
        };
        if !alike {
            self.other_rows
                .push(format!("{name} rests on {}", apart(&plain.evidence.rows, &told.evidence.rows)));
        }
    }

    /// `one_in`: how many parts there are at least to one that rests on other rows.
    fn check(&self, explanations: usize, one_in: usize) {
        let first: Vec<_> = self.wrong.iter().take(10).cloned().collect();
        assert!(self.wrong.is_empty(), "{} differ:\n{}", self.wrong.len(), first.join("\n"));
        assert!(self.explanations >= explanations, "only {} were compared", self.explanations);
        assert!(self.parts >= 3_000, "only {} parts were compared", self.parts);
        let (others, parts) = (self.other_rows.len(), self.parts);
        assert!(others * one_in <= parts, "{others} of {parts}:\n{}", self.other_rows.join("\n"));
    }
}

/// Who counts, who may, who was left out; and, of a list with any of them, whether it is open: what no
/// row stands for the plain evaluator takes for open where a guard shuts it out.
type Bare<'l> = (&'l ListName, Vec<&'l Item>, Vec<&'l Item>, Vec<&'l Item>, bool);

fn bare(list: &ListRead) -> Bare<'_> {
    let possible = in_order(list.possible.iter().map(|(item, _)| item));
    let left_out = in_order(list.left_out.iter().map(|(item, _)| item));
    let told = list.counted.len() + possible.len() + left_out.len() > 0;
    (&list.name, in_order(&list.counted), possible, left_out, told && list.open)
}

/// Rows of a list without an order of its own come as the evaluator finds them.
fn in_order<'l>(items: impl IntoIterator<Item = &'l Item>) -> Vec<&'l Item> {
    let mut items: Vec<&Item> = items.into_iter().collect();
    items.sort_by_key(|item| (item.entity, item.person, item.row));
    items
}

/// Was each left out for the same reasons? Where a guard is false, any value of what it guards will do:
/// the plain evaluator takes none in particular, the columns may find one that is false as well.
fn left_out_alike(plain: &ListRead, told: &ListRead) -> bool {
    plain.left_out.iter().all(|(item, plain)| {
        let mut others = told.left_out.iter();
        let told = others.find(|(other, _)| other == item).map_or(&[][..], |(_, parts)| parts);
        plain.iter().all(|part| told.contains(part))
            && told.iter().all(|part| plain.contains(part) || is_guarded(part))
    })
}

/// What only one of them read.
fn apart(plain: &[RowRead], told: &[RowRead]) -> String {
    let cells = |rows: &[RowRead]| -> BTreeSet<String> {
        let of = |row: &RowRead| format!("entity {} row {} ({:?})", row.entity.0, row.id, row.person);
        let read = |row: &RowRead| {
            let cells =
                row.cells.iter().map(|(field, cell)| format!("{} field {} {cell:?}", of(row), field.0));
            cells.chain([of(row)]).collect::<Vec<_>>()
        };
        rows.iter().flat_map(read).collect()
    };
    let (plain, told) = (cells(plain), cells(told));
    let only = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect::<Vec<_>>().join("; ");
    format!("(plain alone) {} (columns alone) {}", only(&plain, &told), only(&told, &plain))
}

fn is_guarded(expr: &Expr) -> bool {
    matches!(expr.node, Node::Guarded(_)) || expr.parts().into_iter().any(is_guarded)
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
    // which it would have been compared; a tie that is certain rests on where it was looked up; and who
    // is kin of kin rests for the plain evaluator on whatever was looked through on the way.
    compared.check(30_000, 400);
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
    compared.check(2_500, 200);
}
