//! The plain evaluator: one measure, one question, one circle, one row at a time.
//!
//! A value is the set of what it may still be ([`Value`]); every construct of the language maps sets
//! to sets, so that what is certain here is certain in every completion of what is not known. It
//! reads the tree as it is, indexes nothing and shares nothing between questions: slow, short, and
//! the reference that the columns are tested against. It knows of the product no more than the law,
//! the facts and the shape of answers.

mod amount;
mod choose;
mod eval;
pub mod explain;
mod facts;
mod free;
mod interval;
mod judge;
mod lists;
mod measure;
mod parameters;
mod period;
mod relate;
mod score;
mod time;
mod value;

use card::{Circle, EntityId, FieldId, Question, Verdict};
use law::{
    Pack,
    port::{AssessError, Assessor},
    tree::{Expr, MeasureId},
};

pub(crate) use eval::{Eval, Scope};
pub(crate) use facts::Facts;
pub(crate) use judge::conjoined;

pub use choose::{Chosen, Decision};
pub use interval::Interval;
pub use measure::Workings;
pub use value::{Is, Key, Open, Rows, Set, Thing, Value, Why};

/// The evaluator that reads one row at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain {
    fault: Option<Fault>,
}

/// A mistake made on purpose, so that the tests of soundness can prove that they would see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A filter drops the rows of which it is not known whether they stay, as FEEL does.
    FilterDropsUnknown,
    /// `if` takes the else branch where its condition is not known.
    IfTakesElse,
    /// `count` takes an open list for complete.
    CountIgnoresOpen,
    /// `sum` takes an open list for complete.
    SumIgnoresOpen,
    /// `some` and `every` take an open list for complete.
    QuantifierIgnoresOpen,
}

impl Plain {
    /// The evaluator.
    pub const fn new() -> Self {
        Self { fault: None }
    }

    /// One that makes a mistake.
    pub const fn with_fault(fault: Fault) -> Self {
        Self { fault: Some(fault) }
    }

    /// The verdict of a measure, with its shares, kinds and the days that its period may have.
    pub fn work(
        self,
        pack: &Pack,
        measure: MeasureId,
        question: Question,
        circle: &Circle,
    ) -> Result<Workings, AssessError> {
        let facts = Facts::of(pack, circle, false);
        let measure = &pack.measures[measure.0 as usize];
        Eval::new(pack, measure, question, &facts, self.fault).work()
    }

    /// What one expression of a measure, about its subject in slot 0, may be.
    pub fn evaluate(
        self,
        pack: &Pack,
        measure: MeasureId,
        expr: &Expr,
        question: Question,
        circle: &Circle,
    ) -> Result<Value, AssessError> {
        let mut values = self.evaluate_all(pack, measure, &[expr], question, circle);
        values.pop().expect("one expression has one value")
    }

    /// What each of several expressions of a measure may be.
    pub fn evaluate_all(
        self,
        pack: &Pack,
        measure: MeasureId,
        exprs: &[&Expr],
        question: Question,
        circle: &Circle,
    ) -> Vec<Result<Value, AssessError>> {
        let facts = Facts::of(pack, circle, false);
        let measure = &pack.measures[measure.0 as usize];
        let eval = Eval::new(pack, measure, question, &facts, self.fault);
        let scope = eval.about_subject();
        let told = |stop: Stop| stop.told(pack, &measure.name, "an expression");
        exprs.iter().map(|expr| eval.eval(expr, &scope).map_err(told)).collect()
    }
}

impl Assessor for Plain {
    fn assess(
        &self,
        pack: &Pack,
        measure: MeasureId,
        question: Question,
        circle: &Circle,
    ) -> Result<Verdict, AssessError> {
        self.work(pack, measure, question, circle).map(|workings| workings.verdict)
    }
}

/// Why an expression has no value at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The circle was never asked for these rows.
    NotLoaded { entity: EntityId, field: FieldId },
    /// A divisor is certainly zero.
    DividesByZero,
    /// A number does not fit into 128 bits.
    TooLarge,
    /// The tree is not what the checker promises.
    Wrong(&'static str),
}

impl Stop {
    /// As an error of a measure; `what` it was computing.
    pub(crate) fn told(self, pack: &Pack, measure: &str, what: &str) -> AssessError {
        let measure = measure.to_owned();
        match self {
            Self::NotLoaded { entity, field } => {
                let entity = pack.schema.at(entity);
                let field = entity.at(field).name.clone();
                AssessError::NotLoaded { measure, entity: entity.name.clone(), field }
            }
            Self::DividesByZero => AssessError::DividesByZero { measure, what: what.to_owned() },
            Self::TooLarge => {
                AssessError::Pack { measure, what: format!("{what} computes a number beyond 128 bits") }
            }
            Self::Wrong(why) => AssessError::Pack { measure, what: format!("{what}: {why}") },
        }
    }
}
