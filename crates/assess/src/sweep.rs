//! The sweep: many subjects with all measures, answers out as columns.

use card::{
    Amount, Bucket, Cell, Circle, Date, EntityId, Outcome, PersonId, Question, Schema, Standing, Ternary,
    Verdict,
};
use law::{Pack, port::AssessError, tree::MeasureId};

use crate::{
    engine::{Engine, run},
    facts::{Facts, Groups},
    verdict::{Line, Reader},
};

/// The answers of one measure to many subjects, column by column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// The subjects, in the order in which they were given.
    pub subjects: Vec<PersonId>,
    /// The answers.
    pub outcomes: Vec<Outcome>,
    /// Is nobody paid for this already?
    pub free: Vec<Ternary>,
    /// The gross amounts, if the outcome is not a certain no.
    pub amounts: Vec<Option<Amount>>,
    /// Two bits for each condition and refusal, the first 32 in the order of the measure: 1 it may
    /// hold, 2 it may fail.
    pub conditions: Vec<u64>,
    /// How sure the numbers of the law are.
    pub standings: Vec<Standing>,
    /// A hash of each answer, the same on every machine and for every batch.
    pub hashes: Vec<u64>,
    /// Subjects to whom the pack gives no answer. Their outcome is `Unknown` in the columns.
    pub faults: Vec<(PersonId, AssessError)>,
}

impl Swept {
    /// The hash of an answer, for whoever found the same in another way.
    pub fn hash(
        subject: PersonId,
        outcome: Outcome,
        free: Ternary,
        amount: Option<Amount>,
        conditions: u64,
        standing: Standing,
    ) -> u64 {
        hash(subject, &Line { outcome, free, amount, conditions, standing })
    }

    fn push(&mut self, subject: PersonId, line: Line) {
        self.subjects.push(subject);
        self.outcomes.push(line.outcome);
        self.free.push(line.free);
        self.amounts.push(line.amount);
        self.conditions.push(line.conditions);
        self.standings.push(line.standing);
        self.hashes.push(hash(subject, &line));
    }
}

impl Engine {
    /// Sweeps subjects on a day, as if each asked on it: one column set for each measure. The circles
    /// know the same coverage; rows that several of them hold count once.
    pub fn sweep(
        &self,
        pack: &Pack,
        measures: &[MeasureId],
        day: Date,
        subjects: &[PersonId],
        circles: &[&Circle],
    ) -> Result<Vec<Swept>, AssessError> {
        let groups = Groups::of(pack, circles);
        let facts = Facts::of(pack, circles, &groups);
        let plan = self.plan(pack, measures, day, Some(day))?;
        let questions: Vec<Question> =
            subjects.iter().map(|subject| Question { subject: *subject, day, asked_on: day }).collect();
        let columns = run(&plan, &facts, &questions, false)?;
        let sweep = |(id, measured): (&MeasureId, _)| {
            let reader = Reader::new(&plan.graph, &pack.measures[id.0 as usize], measured, &columns, &facts);
            let mut swept = Swept::default();
            for (at, question) in questions.iter().enumerate() {
                let line = reader.line(at, *question).unwrap_or_else(|fault| {
                    swept.faults.push((question.subject, fault));
                    Line::without_answer()
                });
                swept.push(question.subject, line);
            }
            swept
        };
        Ok(plan.measures.iter().zip(&plan.outputs).map(sweep).collect())
    }
}

impl Engine {
    /// Sweeps the subjects of a bucket on a day, as if each asked on it: one column set for each measure.
    pub fn sweep_bucket(
        &self,
        pack: &Pack,
        measures: &[MeasureId],
        day: Date,
        bucket: &Bucket,
    ) -> Result<Vec<Swept>, AssessError> {
        let entities = (0..bucket.tables.len()).map(|at| EntityId(at as u16));
        let rows = entities.flat_map(|entity| {
            let table = &bucket.tables[entity.0 as usize];
            (0..table.len()).map(move |at| bucket.row(&pack.schema, entity, at))
        });
        let circle = Circle { rows: rows.collect(), coverage: bucket.coverage.clone(), loaded: None };
        self.sweep(pack, measures, day, &bucket.subjects, &[&circle])
    }

    /// Asks every measure about every person of a circle, as if each asked on the day.
    pub fn assess_everybody(
        &self,
        pack: &Pack,
        day: Date,
        circle: &Circle,
    ) -> Result<Vec<(MeasureId, Verdict)>, AssessError> {
        let key = pack.schema.at(Schema::PERSON).key[0];
        let persons = circle.rows.iter().filter(|row| row.entity == Schema::PERSON);
        let questions: Vec<Question> = persons
            .filter_map(|row| match row.cell(key) {
                Cell::Person(subject) => Some(Question { subject: *subject, day, asked_on: day }),
                _ => None,
            })
            .collect();
        let measures: Vec<MeasureId> = (0..pack.measures.len()).map(|at| MeasureId(at as u16)).collect();
        let answers = self.assess_many(pack, &measures, day, &questions, &[circle])?;
        let named = |verdicts: Vec<Verdict>| measures.iter().copied().zip(verdicts).collect::<Vec<_>>();
        Ok(answers.into_iter().flat_map(named).collect())
    }
}

impl Line {
    const fn without_answer() -> Self {
        Self {
            outcome: Outcome::Unknown,
            free: Ternary::Unknown,
            amount: None,
            conditions: 0,
            standing: Standing::Preliminary,
        }
    }
}

/// Eight words of an answer, each folded in and mixed down: cheap beside finding the answer, and the
/// same on every machine.
fn hash(subject: PersonId, line: &Line) -> u64 {
    let amount = match line.amount {
        None => [0, 0, 0],
        Some(amount) => [1, amount.lo.tiyn() as u64, amount.hi.map_or(u64::MAX, |hi| hi.tiyn() as u64)],
    };
    let words = [subject.0, line.outcome as u64, line.free as u64, line.conditions, line.standing as u64];
    words.iter().chain(&amount).fold(0xcbf2_9ce4_8422_2325, |hash, word| {
        let mixed = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ mixed >> 32
    })
}
