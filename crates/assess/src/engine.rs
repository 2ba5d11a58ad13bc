//! The evaluator: plans per day, one question or many through the same graph.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use card::{Circle, Date, Outcome, Question, Ternary, Verdict};
use law::{
    Pack,
    port::{AssessError, Assessor},
    tree::MeasureId,
};

use crate::{
    exec::{self, Batch, Schedule},
    facts::{Facts, Groups},
    lower::{Lower, Measured, Outputs, ToldPart},
    plan::Graph,
    verdict::Reader,
};

/// So many plans are kept; a month of arrears and the day itself need few.
const PLANS: usize = 64;

/// Up to so many questions are answered in one pass that keeps all columns.
const KEPT: usize = 100;

/// A graph for some measures of a pack on one day.
pub(crate) struct Plan {
    pub measures: Vec<MeasureId>,
    pub graph: Graph,
    pub outputs: Outputs,
    /// What an explanation tells of the first measure, where the plan is made for one.
    pub told: Vec<ToldPart>,
    pub schedule: Schedule,
}

impl Plan {
    /// Compiles measures for a day. `asked`: the day of every request, or `None` where they differ.
    fn compile(
        pack: &Pack,
        measures: &[MeasureId],
        day: Date,
        asked: Option<Date>,
    ) -> Result<Self, AssessError> {
        let mut lower = Lower::new(pack);
        let mut outputs = Vec::new();
        for id in measures {
            let measure = &pack.measures[id.0 as usize];
            let lowered = lower.measure(measure, day.days(), asked.map(Date::days));
            outputs.push(lowered.map_err(|refused| refused.of(&measure.name))?);
        }
        let results: Vec<_> = outputs.iter().flat_map(Measured::nodes).collect();
        let schedule = Schedule::of(&lower.graph, &results);
        Ok(Self { measures: measures.to_vec(), graph: lower.graph, outputs, told: Vec::new(), schedule })
    }

    /// Compiles one measure with all that an explanation of a question tells.
    fn explaining(
        pack: &Pack,
        id: MeasureId,
        day: Date,
        asked: Date,
        open_words: bool,
    ) -> Result<Self, AssessError> {
        let measure = &pack.measures[id.0 as usize];
        let mut lower = Lower::new(pack);
        let measured = lower.measure(measure, day.days(), Some(asked.days()));
        let measured = measured.map_err(|refused| refused.of(&measure.name))?;
        let told = lower.told(measure, day.days(), asked.days(), open_words);
        let told = told.map_err(|refused| refused.of(&measure.name))?;
        let mut results = measured.nodes();
        results.extend(told.iter().flat_map(ToldPart::nodes));
        let schedule = Schedule::of(&lower.graph, &results);
        Ok(Self { measures: vec![id], graph: lower.graph, outputs: vec![measured], told, schedule })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PlanKey {
    closures: Vec<(u16, String)>,
    day: Date,
    asked: Option<Date>,
    /// For an explanation: are the words opened?
    told: Option<bool>,
}

/// The evaluator. It keeps the plans of the days that were asked about, by the closures of the
/// measures: two packs whose measures have equal closures compute the same.
#[derive(Default)]
pub struct Engine {
    plans: Mutex<HashMap<PlanKey, Arc<Plan>>>,
}

impl Engine {
    /// An evaluator without plans.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn plan(
        &self,
        pack: &Pack,
        measures: &[MeasureId],
        day: Date,
        asked: Option<Date>,
    ) -> Result<Arc<Plan>, AssessError> {
        let key = PlanKey { closures: closures(pack, measures), day, asked, told: None };
        self.kept(key, || Plan::compile(pack, measures, day, asked))
    }

    /// The plan of an explanation.
    pub(crate) fn plan_of_explanation(
        &self,
        pack: &Pack,
        measure: MeasureId,
        question: Question,
        open_words: bool,
    ) -> Result<Arc<Plan>, AssessError> {
        let Question { day, asked_on, .. } = question;
        let closures = closures(pack, &[measure]);
        let key = PlanKey { closures, day, asked: Some(asked_on), told: Some(open_words) };
        self.kept(key, || Plan::explaining(pack, measure, day, asked_on, open_words))
    }

    fn kept(
        &self,
        key: PlanKey,
        compile: impl FnOnce() -> Result<Plan, AssessError>,
    ) -> Result<Arc<Plan>, AssessError> {
        let plans = || self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans().get(&key) {
            return Ok(Arc::clone(plan));
        }
        let plan = Arc::new(compile()?);
        let mut plans = plans();
        if plans.len() >= PLANS {
            plans.clear();
        }
        plans.insert(key, Arc::clone(&plan));
        Ok(plan)
    }

    /// Answers questions of one day with several measures, over the union of some circles that know
    /// the same coverage: for each question the verdicts in the order of the measures.
    ///
    /// The walk to the deciding facts needs every column: where there are many questions, only those
    /// that are not decided are computed again with all columns kept.
    pub fn assess_many(
        &self,
        pack: &Pack,
        measures: &[MeasureId],
        day: Date,
        questions: &[Question],
        circles: &[&Circle],
    ) -> Result<Vec<Vec<Verdict>>, AssessError> {
        let groups = Groups::of(pack, circles);
        let facts = Facts::of(pack, circles, &groups);
        let asked = questions.iter().all(|question| question.asked_on == day).then_some(day);
        let plan = self.plan(pack, measures, day, asked)?;
        if questions.len() <= KEPT {
            return answers(&plan, &facts, questions, true);
        }
        let mut verdicts = answers(&plan, &facts, questions, false)?;
        let open: Vec<usize> =
            (0..questions.len()).filter(|at| !verdicts[*at].iter().all(is_decided)).collect();
        if !open.is_empty() {
            let again: Vec<Question> = open.iter().map(|at| questions[*at]).collect();
            for (at, answer) in open.iter().zip(answers(&plan, &facts, &again, true)?) {
                verdicts[*at] = answer;
            }
        }
        Ok(verdicts)
    }
}

fn closures(pack: &Pack, measures: &[MeasureId]) -> Vec<(u16, String)> {
    measures.iter().map(|id| (id.0, pack.measures[id.0 as usize].closure.clone())).collect()
}

/// Nothing about a verdict waits for a fact.
fn is_decided(verdict: &Verdict) -> bool {
    match verdict.outcome {
        Outcome::NotConcerned | Outcome::NotEligible => true,
        Outcome::Unknown => false,
        Outcome::Eligible => {
            verdict.free != Ternary::Unknown && verdict.amount.is_none_or(|amount| amount.point().is_some())
        }
    }
}

fn answers(
    plan: &Plan,
    facts: &Facts,
    questions: &[Question],
    keep: bool,
) -> Result<Vec<Vec<Verdict>>, AssessError> {
    let columns = run(plan, facts, questions, keep)?;
    let readers: Vec<Reader> = plan
        .measures
        .iter()
        .zip(&plan.outputs)
        .map(|(id, measured)| {
            Reader::new(&plan.graph, &facts.pack.measures[id.0 as usize], measured, &columns, facts)
        })
        .collect();
    let answer = |(at, question): (usize, &Question)| {
        readers.iter().map(|reader| reader.verdict(at, *question, keep)).collect()
    };
    questions.iter().enumerate().map(answer).collect()
}

/// Runs a plan for some questions; `keep` all columns, for a walk to the deciding facts.
pub(crate) fn run(
    plan: &Plan,
    facts: &Facts,
    questions: &[Question],
    keep: bool,
) -> Result<exec::Columns, AssessError> {
    let subjects: Option<Vec<u32>> =
        questions.iter().map(|question| facts.person(question.subject)).collect();
    let batch = Batch {
        facts,
        subjects: subjects.ok_or(AssessError::NoSubject)?,
        asked: questions.iter().map(|question| question.asked_on.days()).collect(),
    };
    let columns = exec::run(&plan.graph, &plan.schedule, &batch, keep);
    if facts.beyond() {
        let measure = plan
            .measures
            .first()
            .map_or_else(String::new, |id| facts.pack.measures[id.0 as usize].name.clone());
        return Err(AssessError::Pack {
            measure,
            what: "a fact holds a number larger than any proof allows for".into(),
        });
    }
    Ok(columns)
}

impl Assessor for Engine {
    fn assess(
        &self,
        pack: &Pack,
        measure: MeasureId,
        question: Question,
        circle: &Circle,
    ) -> Result<Verdict, AssessError> {
        let answers = self.assess_many(pack, &[measure], question.day, &[question], &[circle])?;
        let verdict = answers.into_iter().flatten().next();
        Ok(verdict.expect("one question and one measure have one answer"))
    }
}
