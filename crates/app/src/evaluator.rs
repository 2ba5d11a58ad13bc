//! The evaluator behind the port of the law.

use assess::{Engine, explain};
use card::{Circle, Lang, Question, Told, Verdict};
use law::{
    Pack,
    port::{AssessError, Assessor, Explainer, Names},
    tree::MeasureId,
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
