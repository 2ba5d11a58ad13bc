//! The evaluator of every service that opens: the real one, but that of somebody it can say nothing.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use card::{Circle, Lang, Question, Scored, Told, Verdict};
use law::{
    Pack,
    port::{AssessError, Assessor, Explainer, Names, ScoreExplainer, Scorer},
    tree::{MeasureId, ScoreId},
};

use super::Shared;

/// One evaluator for every service that opens.
pub struct Judge {
    pub shared: Arc<Shared>,
    /// Nobody can say anything about this subject, where it is not nobody's number.
    pub dumb: Arc<AtomicU64>,
}

impl Assessor for Judge {
    fn assess(
        &self,
        pack: &Pack,
        id: MeasureId,
        question: Question,
        circle: &Circle,
    ) -> Result<Verdict, AssessError> {
        if question.subject.0 == self.dumb.load(Ordering::Relaxed) {
            return Err(AssessError::NoBranch { measure: pack.measures[id.0 as usize].name.clone() });
        }
        self.shared.evaluator.assess(pack, id, question, circle)
    }
}

impl Explainer for Judge {
    fn explain(
        &self,
        pack: &Pack,
        id: MeasureId,
        question: Question,
        circle: &Circle,
        lang: Lang,
        names: Names,
    ) -> Result<Told, AssessError> {
        self.shared.evaluator.explain(pack, id, question, circle, lang, names)
    }
}

impl Scorer for Judge {
    fn score(
        &self,
        pack: &Pack,
        id: ScoreId,
        question: Question,
        circle: &Circle,
    ) -> Result<Scored, AssessError> {
        self.shared.evaluator.score(pack, id, question, circle)
    }
}

impl ScoreExplainer for Judge {
    fn explain_score(
        &self,
        pack: &Pack,
        id: ScoreId,
        question: Question,
        circle: &Circle,
        lang: Lang,
        names: Names,
    ) -> Result<Told, AssessError> {
        self.shared.evaluator.explain_score(pack, id, question, circle, lang, names)
    }
}
