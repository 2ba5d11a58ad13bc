//! The points of methodologies: for one subject with the deciding facts, for a bucket as columns.

use card::{Bucket, Circle, Date, PersonId, Points, Question, Scored, Standing, Ternary};
use law::{
    Pack, Score,
    port::{AssessError, Scorer},
    tree::ScoreId,
};

use crate::{
    engine::{Engine, Plan, places, run},
    exec::{Columns, Run},
    facts::Facts,
    free::ternary,
    kept::Kept,
    lower::{Found, Reach, Scoring},
    missing::{self, Walk},
    plan::N,
    types::NO,
    verdict::{not_loaded, pick, standing},
};

/// So many subjects are counted at once: their columns stay in the fastest memory.
const CHUNK: usize = 2048;

/// What a methodology says of those subjects whom it is or may be about, column by column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// Those subjects, in the order in which they were given.
    pub subjects: Vec<PersonId>,
    /// Is it certainly about the subject?
    pub certain: Vec<bool>,
    /// The sums of their points.
    pub points: Vec<Points>,
    /// The places of the best and the worst level that is possible.
    pub levels: Vec<(u16, u16)>,
    /// How sure the numbers are.
    pub standings: Vec<Standing>,
}

impl Levels {
    /// Puts what was said to one subject alone in the place of what is said of that subject here, where
    /// subjects are in order.
    pub fn correct(&mut self, subject: PersonId, alone: &Self) {
        let place = self.subjects.binary_search(&subject);
        if let Ok(place) = place {
            self.subjects.remove(place);
            self.certain.remove(place);
            self.points.remove(place);
            self.levels.remove(place);
            self.standings.remove(place);
        }
        let (Ok(place) | Err(place)) = place;
        if let Some(own) = alone.subjects.iter().position(|theirs| *theirs == subject) {
            self.subjects.insert(place, subject);
            self.certain.insert(place, alone.certain[own]);
            self.points.insert(place, alone.points[own]);
            self.levels.insert(place, alone.levels[own]);
            self.standings.insert(place, alone.standings[own]);
        }
    }
}

impl Scorer for Engine {
    fn score(
        &self,
        pack: &Pack,
        id: ScoreId,
        question: Question,
        circle: &Circle,
    ) -> Result<Scored, AssessError> {
        let plan = self.scoring(pack, id, question.day, Some(question.asked_on), Reach::AllRows, None)?;
        let facts = Facts::of_circles(pack, &[circle]);
        let columns = run(&plan, &facts, &[question], true)?;
        scored(pack.score_at(id), &plan, &columns, &facts, question)
    }
}

impl Engine {
    /// Counts the points of the subjects of a bucket on a day.
    pub fn levels_of_bucket(
        &self,
        pack: &Pack,
        id: ScoreId,
        day: Date,
        bucket: &Bucket,
    ) -> Result<Levels, AssessError> {
        self.levels(&Facts::of_bucket(pack, bucket), id, day, &bucket.subjects)
    }

    /// Counts the points of one subject over their own circle, as of a bucket.
    pub fn level_alone(
        &self,
        pack: &Pack,
        id: ScoreId,
        day: Date,
        subject: PersonId,
        circle: &Circle,
    ) -> Result<Levels, AssessError> {
        self.levels(&Facts::of_circles(pack, &[circle]), id, day, &[subject])
    }

    fn levels(
        &self,
        facts: &Facts,
        id: ScoreId,
        day: Date,
        subjects: &[PersonId],
    ) -> Result<Levels, AssessError> {
        let score = facts.pack.score_at(id);
        let plan = self.scoring(facts.pack, id, day, Some(day), Reach::AskedMonths, None)?;
        let all = places(facts, subjects.iter().copied())?;
        let mut run = Run::over(&plan.graph, facts, &plan.schedule, false);
        let mut levels = Levels::default();
        for (chunk, here) in subjects.chunks(CHUNK).zip(all.chunks(CHUNK)) {
            let columns = run.ask(&plan.schedule, here.to_vec(), vec![day.days(); chunk.len()]);
            for (at, subject) in chunk.iter().enumerate() {
                let concerned = pick(columns.at(plan.outputs.concerned).bits(), at);
                if ternary(concerned) == Ternary::No {
                    continue;
                }
                let points = points(&columns, plan.outputs.sum, at);
                let mut possible = score.levels(points.lo, points.hi);
                let best = possible.next().unwrap_or_default();
                let worst = possible.last().unwrap_or(best);
                levels.subjects.push(*subject);
                levels.certain.push(concerned & NO == 0);
                levels.points.push(points);
                levels.levels.push((best as u16, worst as u16));
                levels.standings.push(standing(pick(columns.at(plan.outputs.standing).bits(), at)));
            }
        }
        plan.proven(facts)?;
        Ok(levels)
    }
}

/// The answer to the one question of a run that kept all columns.
pub(crate) fn scored(
    score: &Score,
    plan: &Plan<Scoring>,
    columns: &Columns,
    facts: &Facts,
    question: Question,
) -> Result<Scored, AssessError> {
    let outputs = &plan.outputs;
    let concerned = ternary(pick(columns.at(outputs.concerned).bits(), 0));
    let mut answer = Scored {
        score: score.name.clone(),
        edition: score.in_force.0,
        question,
        concerned,
        points: Vec::new(),
        levels: Vec::new(),
        missing: Vec::new(),
        standing: standing(pick(columns.at(outputs.standing).bits(), 0)),
        conflicts: Vec::new(),
    };
    if concerned == Ternary::No {
        return Ok(answer);
    }
    let indicators =
        |found: &Vec<Found>| found.iter().map(|found| points(columns, found.points, 0)).collect();
    answer.points = outputs.directions.iter().map(indicators).collect();
    let sum = answer.sum();
    answer.levels = score.levels(sum.lo, sum.hi).map(|at| score.levels[at].name.clone()).collect();
    let mut walk = Walk::new(Kept { graph: &plan.graph, columns, facts });
    walk.value(outputs.concerned, 0);
    walk.value(outputs.sum, 0);
    let schema = &facts.pack.schema;
    if let Some((entity, field)) = walk.unloaded {
        return Err(not_loaded(schema, &score.name, entity, field));
    }
    if answer.levels.len() == 1 && concerned == Ternary::Yes {
        return Ok(answer);
    }
    answer.missing = missing::named(schema, &walk.leaves);
    answer.conflicts = walk.conflicts.iter().map(|id| schema.at(*id).name.clone()).collect();
    Ok(answer)
}

/// Points of one question: tables hold few digits, so they fit.
fn points(columns: &Columns, node: N, at: usize) -> Points {
    let ints = columns.at(node).ints();
    let (lo, hi) = if ints.lo.len() == 1 { ints.at(0) } else { ints.at(at) };
    let end = |end: i128| i64::try_from(end).unwrap_or(if end < 0 { i64::MIN } else { i64::MAX });
    Points { lo: end(lo), hi: end(hi) }
}
