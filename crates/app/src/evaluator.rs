//! The evaluator behind the port of the law.

use assess::{Engine, explain};
use card::{Circle, Lang, Question, Scored, Told, Verdict};
use law::{
    Pack,
    port::{AssessError, Assessor, Explainer, Names, ScoreExplainer, Scorer},
    tree::{MeasureId, ScoreId},
};

/// One engine for every question of the binary.
#[derive(Default)]
pub struct Evaluator(Engine);

impl Assessor for Evaluator {
    fn assess(
        &self,
        pack: &Pack,
        measure: MeasureId,
        question: Question,
        circle: &Circle,
    ) -> Result<Verdict, AssessError> {
        self.0.assess(pack, measure, question, circle)
    }
}

impl Explainer for Evaluator {
    fn explain(
        &self,
        pack: &Pack,
        measure: MeasureId,
        question: Question,
        circle: &Circle,
        lang: Lang,
        names: Names,
    ) -> Result<Told, AssessError> {
        let found = self.0.explain(pack, measure, question, circle, true)?;
        Ok(explain::render(pack, &found, lang, names))
    }
}

impl Scorer for Evaluator {
    fn score(
        &self,
        pack: &Pack,
        score: ScoreId,
        question: Question,
        circle: &Circle,
    ) -> Result<Scored, AssessError> {
        self.0.score(pack, score, question, circle)
    }
}

impl ScoreExplainer for Evaluator {
    fn explain_score(
        &self,
        pack: &Pack,
        score: ScoreId,
        question: Question,
        circle: &Circle,
        lang: Lang,
        names: Names,
    ) -> Result<Told, AssessError> {
        let found = self.0.explain_score(pack, score, question, circle, true)?;
        Ok(explain::render_score(pack, &found, lang, names))
    }
}
