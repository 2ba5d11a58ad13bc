//! The sweep: many subjects with all measures, answers out as columns.

use card::{Amount, Bucket, Circle, Date, Outcome, PersonId, Question, Standing, Ternary};
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

/// The answers of one measure to those subjects whom it concerns or may concern, column by column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Those subjects, in the order in which they were given.
    pub subjects: Vec<PersonId>,
    /// The answers.
    pub outcomes: Vec<Outcome>,
    /// Is nobody paid for this already?
    pub free: Vec<Ternary>,
    /// The gross amounts, if the outcome is not a certain no.
    pub amounts: Vec<Option<Amount>>,
    /// Of a notice that is to be told: the day that it speaks of.
    pub days: Vec<Option<Date>>,
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
    /// The hash of a measure's answer, for whoever found the same in another way.
    pub fn hash(
        subject: PersonId,
        outcome: Outcome,
        free: Ternary,
        amount: Option<Amount>,
        conditions: u64,
        standing: Standing,
    ) -> u64 {
        hash(subject, &Line { outcome, free, amount, day: None, conditions, standing })
    }

    /// Puts what was answered to one subject alone in the place of what is said of that subject here,
    /// where subjects are in order.
    pub fn correct(&mut self, subject: PersonId, alone: &Self) {
        let place = match self.subjects.binary_search(&subject) {
            Ok(place) => {
                self.subjects.remove(place);
                self.outcomes.remove(place);
                self.free.remove(place);
                self.amounts.remove(place);
                self.days.remove(place);
                self.conditions.remove(place);
                self.standings.remove(place);
                self.hashes.remove(place);
                place
            }
            Err(place) => place,
        };
        if let Some(own) = alone.subjects.iter().position(|theirs| *theirs == subject) {
            self.subjects.insert(place, subject);
            self.outcomes.insert(place, alone.outcomes[own]);
            self.free.insert(place, alone.free[own]);
            self.amounts.insert(place, alone.amounts[own]);
            self.days.insert(place, alone.days[own]);
            self.conditions.insert(place, alone.conditions[own]);
            self.standings.insert(place, alone.standings[own]);
            self.hashes.insert(place, alone.hashes[own]);
        }
        self.faults.retain(|(faulty, _)| *faulty != subject);
        self.faults.extend(alone.faults.iter().filter(|(faulty, _)| *faulty == subject).cloned());
    }

    fn push(&mut self, subject: PersonId, line: Line) {
        self.subjects.push(subject);
        self.outcomes.push(line.outcome);
        self.free.push(line.free);
        self.amounts.push(line.amount);
        self.days.push(line.day);
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
        let mut swept = vec![Swept::default(); measures.len()];
        let all = places(facts, subjects.iter().copied())?;
        for (chunk, here) in subjects.chunks(CHUNK).zip(all.chunks(CHUNK)) {
            let first = run.ask(&stages.concerned, here.to_vec(), vec![day.days(); chunk.len()]);
            let each = plan.measures.iter().zip(&plan.outputs).zip(&stages.alone);
            for (((id, measured), alone), swept) in each.zip(&mut swept) {
                let measure = &pack.measures[id.0 as usize];
                let concerned = measured.concerned(&first, chunk.len());
                if concerned.is_empty() {
                    continue;
                }
                let places = concerned.iter().map(|at| here[*at]).collect();
                let columns = run.ask(alone, places, vec![day.days(); concerned.len()]);
                let reader = Reader::new(&plan.graph, measure, measured, &columns, facts, rolls.as_ref());
                for (nth, at) in concerned.iter().enumerate() {
                    let subject = chunk[*at];
                    let line = reader.line(nth, Question { subject, day, asked_on: day });
                    let line = line.unwrap_or_else(|fault| {
                        swept.faults.push((subject, fault));
                        Line::without_answer()
                    });
                    swept.push(subject, line);
                }
            }
        }
        plan.proven(facts)?;
        Ok(swept)
    }
}

impl Line {
    const fn without_answer() -> Self {
        Self {
            outcome: Outcome::Unknown,
            free: Ternary::Unknown,
            amount: None,
            day: None,
            conditions: 0,
            standing: Standing::Preliminary,
        }
    }
}

/// Eight words of an answer, and the day of a notice, each folded in and mixed down: cheap beside finding the answer, and the
/// same on every machine.
fn hash(subject: PersonId, line: &Line) -> u64 {
    let amount = match line.amount {
        None => [0, 0, 0],
        Some(amount) => [1, amount.lo.tiyn() as u64, amount.hi.map_or(u64::MAX, |hi| hi.tiyn() as u64)],
    };
    let words = [subject.0, line.outcome as u64, line.free as u64, line.conditions, line.standing as u64];
    let day = line.day.map(|day| day.days() as u64);
    words.iter().chain(&amount).chain(&day).fold(0xcbf2_9ce4_8422_2325, |hash, word| {
        let mixed = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ mixed >> 32
    })
}
