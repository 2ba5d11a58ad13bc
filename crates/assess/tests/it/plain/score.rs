//! Methodologies: points are looked up one indicator at a time, and a level for every sum that is possible.

use card::{Circle, Points, Question, Scored, Ternary};
use law::{
    KeyTest, Measure, Pack, Score,
    port::{AssessError, Scorer},
    tree::{Exact, ScoreId},
};

use super::{Eval, Facts, Plain, Stop, Why};

/// The names of a methodology, as those of a measure that decides nothing.
fn names_of(pack: &Pack, score: &Score) -> Measure {
    let (name, subject, lets) = (score.name.clone(), score.subject.clone(), score.lets.clone());
    Measure { name, subject, lets, ..pack.measures[0].clone() }
}

impl Scorer for Plain {
    fn score(
        &self,
        pack: &Pack,
        id: ScoreId,
        question: Question,
        circle: &Circle,
    ) -> Result<Scored, AssessError> {
        let score = pack.score_at(id);
        let facts = Facts::of(pack, circle, false);
        let names = names_of(pack, score);
        let eval = Eval::new(pack, &names, question, &facts, self.fault);
        let told = |stop: Stop| stop.told(pack, &score.name, "points");
        let scope = eval.about_subject();
        let concerned = eval.eval(&score.subject.when, &scope).map_err(told)?;
        let mut answer = Scored {
            score: score.name.clone(),
            edition: score.in_force.0,
            question,
            concerned: concerned.ternary(),
            points: Vec::new(),
            levels: Vec::new(),
            missing: Vec::new(),
            standing: concerned.why.standing,
            conflicts: Vec::new(),
        };
        if answer.concerned == Ternary::No {
            return Ok(answer);
        }
        let mut why = if answer.concerned == Ternary::Unknown { concerned.why } else { Why::default() };
        for direction in &score.directions {
            let mut all = Vec::new();
            for indicator in &direction.indicators {
                let on = std::slice::from_ref(&indicator.on);
                let value = eval.parameter(indicator.points, on, None, &scope).map_err(told)?;
                let number = value.number().and_then(|number| Some((number.lo?, number.hi?)));
                let (lo, hi) = number.ok_or_else(|| told(Stop::Wrong("points without ends")))?;
                all.push(Points { lo: whole(lo), hi: whole(hi) });
                why.add(&value.why);
                answer.standing = answer.standing.max(value.why.standing);
            }
            answer.points.push(all);
        }
        let sum = answer.sum();
        for level in &score.levels {
            if (sum.lo..=sum.hi).any(|points| falls(&level.points, points)) {
                answer.levels.push(level.name.clone());
            }
        }
        if answer.levels.len() > 1 || answer.concerned == Ternary::Unknown {
            answer.missing = eval.missing(&why.missing);
            answer.conflicts = why.conflicts.iter().map(|id| pack.schema.at(*id).name.clone()).collect();
        }
        Ok(answer)
    }
}

fn whole(number: Exact) -> i64 {
    i64::try_from(number.to_integer()).expect("points of a table")
}

fn falls(range: &KeyTest, points: i64) -> bool {
    let points = Exact::from_integer(points.into());
    let KeyTest::Range(lo, hi) = range else { return false };
    lo.is_none_or(|(end, included)| end < points || (included && end == points))
        && hi.is_none_or(|(end, included)| points < end || (included && end == points))
}
