//! The sweep: many subjects with all measures, answers out as columns.

use card::{
    Amount, Bucket, Cell, Circle, Date, Outcome, PersonId, Question, Schema, Standing, Ternary, Verdict,
};
use law::{Pack, port::AssessError, tree::MeasureId};

use crate::{
    engine::{Engine, places},
    exec::Run,
    facts::Facts,
    free::Rolls,
    verdict::{Line, Reader},
};

/// So many subjects are asked about at once: their columns stay in the fastest memory.
const CHUNK: usize = 2048;

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

    fn with_room_for(many: usize) -> Self {
        Self {
            subjects: Vec::with_capacity(many),
            outcomes: Vec::with_capacity(many),
            free: Vec::with_capacity(many),
            amounts: Vec::with_capacity(many),
            conditions: Vec::with_capacity(many),
            standings: Vec::with_capacity(many),
            hashes: Vec::with_capacity(many),
            faults: Vec::new(),
        }
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
        self.sweep_facts(&Facts::of_circles(pack, circles), measures, day, subjects)
    }

    /// Sweeps the subjects of a bucket on a day, as if each asked on it: one column set for each measure.
    pub fn sweep_bucket(
        &self,
        pack: &Pack,
        measures: &[MeasureId],
        day: Date,
        bucket: &Bucket,
    ) -> Result<Vec<Swept>, AssessError> {
        self.sweep_facts(&Facts::of_bucket(pack, bucket), measures, day, &bucket.subjects)
    }

    fn sweep_facts(
        &self,
        facts: &Facts,
        measures: &[MeasureId],
        day: Date,
        subjects: &[PersonId],
    ) -> Result<Vec<Swept>, AssessError> {
        let pack = facts.pack;
        let stages = self.stages(pack, measures, day)?;
        let plan = &stages.plan;
        let rolls = Rolls::of(facts);
        let mut run = Run::over(&plan.graph, facts, &plan.schedule, false);
        let mut swept = vec![Swept::with_room_for(subjects.len()); measures.len()];
        let all = places(facts, subjects.iter().copied())?;
        for (chunk, here) in subjects.chunks(CHUNK).zip(all.chunks(CHUNK)) {
            let first = run.ask(&stages.concerned, here.to_vec(), vec![day.days(); chunk.len()]);
            let each = plan.measures.iter().zip(&plan.outputs).zip(&stages.alone);
            for (((id, measured), alone), swept) in each.zip(&mut swept) {
                let measure = &pack.measures[id.0 as usize];
                let whether = Reader::new(&plan.graph, measure, measured, &first, facts, rolls.as_ref());
                let concerned: Vec<usize> = (0..chunk.len()).filter(|at| whether.concerns(*at)).collect();
                let columns = (!concerned.is_empty()).then(|| {
                    let places = concerned.iter().map(|at| here[*at]).collect();
                    run.ask(alone, places, vec![day.days(); concerned.len()])
                });
                let reader = columns.as_ref().map(|columns| {
                    Reader::new(&plan.graph, measure, measured, columns, facts, rolls.as_ref())
                });
                let mut next = concerned.iter().enumerate().peekable();
                for (at, subject) in chunk.iter().enumerate() {
                    let question = Question { subject: *subject, day, asked_on: day };
                    let answer = match (next.next_if(|(_, theirs)| **theirs == at), &reader) {
                        (Some((nth, _)), Some(reader)) => reader.line(nth, question),
                        _ => whether.line(at, question),
                    };
                    let line = answer.unwrap_or_else(|fault| {
                        swept.faults.push((*subject, fault));
                        Line::without_answer()
                    });
                    swept.push(*subject, line);
                }
            }
        }
        plan.proven(facts)?;
        Ok(swept)
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
