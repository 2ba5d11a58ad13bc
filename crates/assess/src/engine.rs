//! The evaluator: plans per day, one question or many through the same graph.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use card::{Circle, Date, Outcome, PersonId, Question, Ternary, Verdict};
use law::{
    Pack,
    port::{AssessError, Assessor},
    tree::{MeasureId, ScoreId},
};

use crate::{
    exec::{Columns, Run, Schedule},
    facts::Facts,
    free::Rolls,
    lower::{Lower, Measured, Outputs, Reach, Scoring, ToldPart},
    plan::{Graph, N},
    verdict::Reader,
};

/// So many plans are kept; a month of arrears and the day itself need few.
const PLANS: usize = 64;

/// Up to so many questions are answered in one pass that keeps all columns.
const KEPT: usize = 100;

/// A graph for a page of the law, or several, on one day.
pub(crate) struct Plan<O = Outputs> {
    /// Of measures, which.
    pub measures: Vec<MeasureId>,
    pub graph: Graph,
    pub outputs: O,
    /// What an explanation tells of the first measure, where the plan is made for one.
    pub told: Vec<ToldPart>,
    pub schedule: Schedule,
}

/// A plan for many subjects: first whom each measure concerns, then each measure for those alone.
pub(crate) struct Stages {
    pub plan: Plan,
    pub concerned: Schedule,
    pub alone: Vec<Schedule>,
}

impl Stages {
    fn of(plan: Plan) -> Self {
        let concerned: Vec<N> = plan.outputs.iter().map(|measured| measured.concerned).collect();
        let concerned = Schedule::of(&plan.graph, &concerned);
        let alone = plan.outputs.iter().map(|measured| Schedule::of(&plan.graph, &measured.nodes()));
        Self { concerned, alone: alone.collect(), plan }
    }
}

impl Plan {
    /// Compiles measures for a day. `asked`: the day of every request, or `None` where they differ.
    fn compile(
        pack: &Pack,
        measures: &[MeasureId],
        day: Date,
        asked: Option<Date>,
        reach: Reach,
    ) -> Result<Self, AssessError> {
        let mut lower = Lower::new(pack, reach);
        let mut outputs = Vec::new();
        for id in measures {
            let measure = &pack.measures[id.0 as usize];
            let lowered = lower.measure(measure, day.days(), asked.map(Date::days));
            outputs.push(lowered.map_err(|refused| refused.of(&measure.name))?);
        }
        let results: Vec<_> = outputs.iter().flat_map(Measured::nodes).collect();
        let schedule = Schedule::of(&lower.graph, &results);
        let measures = measures.to_vec();
        Ok(Self { measures, graph: lower.graph, outputs, told: Vec::new(), schedule })
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
        let mut lower = Lower::new(pack, Reach::AllRows);
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

impl Plan<Scoring> {
    /// Compiles a methodology for a day. `told`: with all that an explanation tells, of words too if true.
    fn scoring(
        pack: &Pack,
        id: ScoreId,
        day: Date,
        asked: Option<Date>,
        reach: Reach,
        told: Option<bool>,
    ) -> Result<Self, AssessError> {
        let score = pack.score_at(id);
        let mut lower = Lower::new(pack, reach);
        let outputs = lower.score(score, day.days(), asked.map(Date::days), told);
        let outputs = outputs.map_err(|refused| refused.of(&score.name))?;
        let schedule = Schedule::of(&lower.graph, &outputs.nodes());
        Ok(Self { measures: Vec::new(), graph: lower.graph, outputs, told: Vec::new(), schedule })
    }
}

impl<O> Plan<O> {
    /// Was no number read that is larger than the proof of exactness allows for?
    pub fn proven(&self, facts: &Facts) -> Result<(), AssessError> {
        if !facts.beyond() {
            return Ok(());
        }
        let name = |id: &MeasureId| facts.pack.measures[id.0 as usize].name.clone();
        Err(AssessError::Pack {
            measure: self.measures.first().map_or_else(String::new, name),
            what: "a fact holds a number larger than any proof allows for".into(),
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PlanKey {
    layout: String,
    closures: Vec<(u16, String)>,
    /// Of a sweep, which reads fewer months?
    reach: Reach,
    day: Date,
    asked: Option<Date>,
    /// For an explanation: are the words opened?
    told: Option<bool>,
}

impl PlanKey {
    fn of(pack: &Pack, measures: &[MeasureId], day: Date, asked: Option<Date>) -> Self {
        let closure = |id: &MeasureId| (id.0, pack.measures[id.0 as usize].closure.clone());
        let closures = measures.iter().map(closure).collect();
        Self { layout: pack.layout.clone(), closures, reach: Reach::AllRows, day, asked, told: None }
    }

    fn of_score(pack: &Pack, id: ScoreId, day: Date, asked: Option<Date>) -> Self {
        let closures = vec![(id.0, pack.score_at(id).closure.clone())];
        Self { layout: pack.layout.clone(), closures, reach: Reach::AllRows, day, asked, told: None }
    }
}

/// Plans that were made, by what they are for.
type Plans<P> = Mutex<HashMap<PlanKey, Arc<P>>>;

/// The evaluator. It keeps the plans of the days that were asked about, by the closures of the
/// measures and the layout of the pack: where both are equal, two packs compute the same.
#[derive(Default)]
pub struct Engine {
    plans: Plans<Plan>,
    stages: Plans<Stages>,
    scorings: Plans<Plan<Scoring>>,
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
        kept(&self.plans, PlanKey::of(pack, measures, day, asked), || {
            Plan::compile(pack, measures, day, asked, Reach::AllRows)
        })
    }

    /// The plan of a sweep, in which everybody asks on the day.
    pub(crate) fn stages(
        &self,
        pack: &Pack,
        measures: &[MeasureId],
        day: Date,
    ) -> Result<Arc<Stages>, AssessError> {
        let asked = Some(day);
        kept(&self.stages, PlanKey::of(pack, measures, day, asked), || {
            Plan::compile(pack, measures, day, asked, Reach::AskedMonths).map(Stages::of)
        })
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
        let key = PlanKey::of(pack, &[measure], day, Some(asked_on));
        let key = PlanKey { told: Some(open_words), ..key };
        kept(&self.plans, key, || Plan::explaining(pack, measure, day, asked_on, open_words))
    }

    /// The plan of a methodology; `reach`, and what is told, as in [`Plan::scoring`].
    pub(crate) fn scoring(
        &self,
        pack: &Pack,
        id: ScoreId,
        day: Date,
        asked: Option<Date>,
        reach: Reach,
        told: Option<bool>,
    ) -> Result<Arc<Plan<Scoring>>, AssessError> {
        let key = PlanKey { reach, told, ..PlanKey::of_score(pack, id, day, asked) };
        kept(&self.scorings, key, || Plan::scoring(pack, id, day, asked, reach, told))
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
        let facts = Facts::of_circles(pack, circles);
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

/// A plan that is kept, made if it is new.
fn kept<P>(
    plans: &Plans<P>,
    key: PlanKey,
    make: impl FnOnce() -> Result<P, AssessError>,
) -> Result<Arc<P>, AssessError> {
    let plans = || plans.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(plan) = plans().get(&key) {
        return Ok(Arc::clone(plan));
    }
    let plan = Arc::new(make()?);
    let mut plans = plans();
    if plans.len() >= PLANS {
        plans.clear();
    }
    plans.insert(key, Arc::clone(&plan));
    Ok(plan)
}

/// Nothing about a verdict waits for a fact.
fn is_decided(verdict: &Verdict) -> bool {
    match verdict.outcome {
        Outcome::NotConcerned | Outcome::NotEligible => true,
        Outcome::Unknown => false,
        Outcome::Eligible => {
            let known = match verdict.amount {
                Some(amount) => amount.point().is_some(),
                None => verdict.right_on.is_some(),
            };
            known && verdict.free != Ternary::Unknown
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
    let rolls = Rolls::of(facts);
    let readers: Vec<Reader> = plan
        .measures
        .iter()
        .zip(&plan.outputs)
        .map(|(id, measured)| {
            Reader::new(
                &plan.graph,
                &facts.pack.measures[id.0 as usize],
                measured,
                &columns,
                facts,
                rolls.as_ref(),
            )
        })
        .collect();
    let answer = |(at, question): (usize, &Question)| {
        readers.iter().map(|reader| reader.verdict(at, *question, keep)).collect()
    };
    questions.iter().enumerate().map(answer).collect()
}

/// Runs a plan for some questions; `keep` all columns, for a walk to the deciding facts.
pub(crate) fn run<O>(
    plan: &Plan<O>,
    facts: &Facts,
    questions: &[Question],
    keep: bool,
) -> Result<Columns, AssessError> {
    let subjects = places(facts, questions.iter().map(|question| question.subject))?;
    let asked_on = questions.iter().map(|question| question.asked_on.days()).collect();
    let mut run = Run::over(&plan.graph, facts, &plan.schedule, keep);
    let columns = run.ask(&plan.schedule, subjects, asked_on);
    plan.proven(facts)?;
    Ok(columns)
}

/// The places of subjects among the persons.
pub(crate) fn places(
    facts: &Facts,
    subjects: impl Iterator<Item = PersonId>,
) -> Result<Vec<u32>, AssessError> {
    let mut near = 0;
    let place = |subject| facts.person(subject, &mut near).ok_or(AssessError::NoSubject);
    subjects.map(place).collect()
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
