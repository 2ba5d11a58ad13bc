//! What this room needs of others: somebody who evaluates, and somebody who loads circles.

use card::{Circle, Lang, Moment, PersonId, Question, Scored, Told, Verdict};

use crate::{
    pack::Pack,
    reads::Reach,
    tree::{MeasureId, ScoreId},
};

/// The one evaluator.
pub trait Assessor: Send + Sync {
    /// Answers one question with one measure.
    fn assess(
        &self,
        pack: &Pack,
        measure: MeasureId,
        question: Question,
        circle: &Circle,
    ) -> Result<Verdict, AssessError>;
}

/// The name of a person for the eyes that read an explanation; `None`: they are called by their number.
pub type Names<'n> = &'n dyn Fn(PersonId) -> Option<String>;

/// The evaluator, with words for its answers.
pub trait Explainer: Assessor {
    /// Says why, in sentences for a person: each condition, its outcome, the rows read with registry
    /// and date, the article; for an unknown, the deciding facts and who owes them.
    fn explain(
        &self,
        pack: &Pack,
        measure: MeasureId,
        question: Question,
        circle: &Circle,
        lang: Lang,
        names: Names,
    ) -> Result<Told, AssessError>;
}

/// Who counts the points of methodologies, and says why. Apart from [`Assessor`]: what decides a payment
/// asks only that.
pub trait Scorer: Send + Sync {
    /// Counts the points of one subject.
    fn score(
        &self,
        pack: &Pack,
        score: ScoreId,
        question: Question,
        circle: &Circle,
    ) -> Result<Scored, AssessError>;
}

/// Who counts points, with words for the answers.
pub trait ScoreExplainer: Scorer {
    /// Says why: the level, the points of each indicator with what was found, the rows read, and of what
    /// is not known who owes it.
    fn explain_score(
        &self,
        pack: &Pack,
        score: ScoreId,
        question: Question,
        circle: &Circle,
        lang: Lang,
        names: Names,
    ) -> Result<Told, AssessError>;
}

/// Everything that a service asks of an evaluator.
pub trait Evaluator: Explainer + ScoreExplainer {}

impl<E: Explainer + ScoreExplainer> Evaluator for E {}

/// Why a question has no answer, not even *unknown*.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssessError {
    /// A relation was read that the circle did not load.
    #[error(
        "{measure}: the circle did not load {entity} by {field}; the paths of the measure do not name it"
    )]
    NotLoaded {
        /// Which measure.
        measure: String,
        /// Rows of which entity.
        entity: String,
        /// By which field.
        field: String,
    },
    /// Two branches of a measure both certainly apply.
    #[error(
        "{measure}: branches {first} ({first_source}) and {second} ({second_source}) both apply; exactly one may"
    )]
    TwoBranches {
        /// Which measure.
        measure: String,
        /// One branch.
        first: String,
        /// Its article.
        first_source: String,
        /// The other branch.
        second: String,
        /// Its article.
        second_source: String,
    },
    /// No branch may apply although the conditions hold.
    #[error("{measure}: the conditions hold and no branch applies; the pack leaves this case out")]
    NoBranch {
        /// Which measure.
        measure: String,
    },
    /// A number that the law divides by is certainly zero.
    #[error("{measure}: {what} divides by zero")]
    DividesByZero {
        /// Which measure.
        measure: String,
        /// Which condition, branch or word.
        what: String,
    },
    /// The pack computes a negative or missing amount, or a number beyond 128 bits.
    #[error("{measure}: {what}")]
    Pack {
        /// Which measure.
        measure: String,
        /// What is wrong.
        what: String,
    },
    /// The subject is not a row of the circle.
    #[error("the circle holds no row of its subject")]
    NoSubject,
}

/// Somebody who loads what a measure may read.
pub trait Circles {
    /// The failure of the store.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Everything that `reads` reaches from `subject`, as known at a moment (`None`: now).
    fn circle(
        &self,
        subject: PersonId,
        reads: &[Reach],
        known_on: Option<Moment>,
    ) -> Result<Circle, Self::Error>;
}
