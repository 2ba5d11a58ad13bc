//! Why a measure answers as it does: from the tree, not from a log.
//!
//! Of every condition: its outcome, its articles, the very rows and cells that it rests on; of every
//! list that it counts, who counts, who may, and of who does not which part was false; of what is
//! not known, the deciding facts and who owes them. An [`Explanation`] has no language: [`render`]
//! says it in one, with the words of the pack.

mod acts;
mod figures;
mod gather;
mod page;
mod phrases;
mod reading;
mod render;
mod rests;
mod score;

use card::{
    Cell, Circle, Date, EntityId, FieldId, Missing, PersonId, Question, RegistryId, Ternary, Verdict,
};
use law::{
    Pack,
    port::AssessError,
    tree::{Expr, LetId, MeasureId, WordId},
};

use crate::{
    engine::{Engine, run},
    facts::Facts,
    free::Rolls,
    kept::Kept,
    verdict::Reader,
};
use gather::Gathering;

pub use page::{contents, page};
pub use reading::reading;
pub use render::render;
pub use score::{IndicatorRead, Looked, ScoreExplanation, page_of_score, render_score};

/// Why a measure answers a question as it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The measure.
    pub measure: MeasureId,
    /// The answer.
    pub verdict: Verdict,
    /// Whom it concerns, its conditions and refusals, its branches and additions, the kinds of a notice, in
    /// this order.
    pub parts: Vec<Part>,
}

/// One part of a measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Which kind of part.
    pub kind: PartKind,
    /// Its key in the measure; for [`PartKind::Concerned`], the subject's role.
    pub name: String,
    /// Does it hold? For a refusal: does it *not* refuse? For a branch, an addition or a kind: does it
    /// apply?
    pub outcome: Ternary,
    /// Its articles, as `act:article`.
    pub sources: Vec<String>,
    /// What it rests on.
    pub evidence: Evidence,
}

/// What a part of the law rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The rows, with the cells that mattered.
    pub rows: Vec<RowRead>,
    /// The lists that are counted, added or looked through.
    pub lists: Vec<ListRead>,
    /// The facts that would decide.
    pub missing: Vec<Missing>,
}

/// A kind of part of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// Whether the measure is about this subject at all.
    Concerned,
    /// A condition.
    Condition,
    /// A ground of refusal.
    Refusal,
    /// A branch of the amount.
    Branch,
    /// A sum on top.
    Addition,
    /// Something that a notice speaks of.
    Kind,
}

/// A row that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowRead {
    /// Of which entity.
    pub entity: EntityId,
    /// The store's number of the row.
    pub id: u64,
    /// Who said so.
    pub registry: RegistryId,
    /// The first day on which it is true.
    pub from: Date,
    /// The first day on which it is true no more.
    pub until: Date,
    /// About whom.
    pub person: Option<PersonId>,
    /// The cells that mattered.
    pub cells: Vec<(FieldId, Cell)>,
}

/// A list that was looked through.
#[derive(Clone, Debug, PartialEq)]
pub struct ListRead {
    /// What it is called.
    pub name: ListName,
    /// The rows that count.
    pub counted: Vec<Item>,
    /// The rows that may count, with the facts that would decide.
    pub possible: Vec<(Item, Vec<Missing>)>,
    /// The rows that do not count, with the parts that are false of them.
    pub left_out: Vec<(Item, Vec<Expr>)>,
    /// May there be rows that nobody told of?
    pub open: bool,
}

/// What a list is called.
#[derive(Clone, Debug, PartialEq)]
pub enum ListName {
    /// By a name of the measure.
    Let(LetId),
    /// By a word of the pack.
    Word(WordId),
    /// By nothing but its expression.
    Expr(Box<Expr>),
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Of which entity.
    pub entity: EntityId,
    /// The person that it is, or is about.
    pub person: Option<PersonId>,
    /// The store's number of the row, if it is one stored row.
    pub row: Option<u64>,
}

impl Engine {
    /// Explains a measure's answer: the same columns that answer, all of them kept. `open_words`: the
    /// lists inside derived words are told too, one level deep.
    pub fn explain(
        &self,
        pack: &Pack,
        measure: MeasureId,
        question: Question,
        circle: &Circle,
        open_words: bool,
    ) -> Result<Explanation, AssessError> {
        let plan = self.plan_of_explanation(pack, measure, question, open_words)?;
        let facts = Facts::of_circles(pack, &[circle]);
        let columns = run(&plan, &facts, &[question], true)?;
        let rules = &pack.measures[measure.0 as usize];
        let rolls = Rolls::of(&facts);
        let reader = Reader::new(&plan.graph, rules, &plan.outputs[0], &columns, &facts, rolls.as_ref());
        let verdict = reader.verdict(0, question, true)?;
        let kept = Kept { graph: &plan.graph, columns: &columns, facts: &facts };
        let parts = Gathering { kept, circle, measure: &rules.name }.parts(&plan.told)?;
        Ok(Explanation { measure, verdict, parts })
    }
}
