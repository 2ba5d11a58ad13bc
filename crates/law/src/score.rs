//! Methodologies that count points: indicators of some directions, each a table from what a family is
//! or has to points, and levels by the sum. A level is shown, searched and counted. It has no name in
//! any expression, so nothing that decides a payment can read it.

use card::{Date, PersonId, Standing, Text};

use crate::{
    cases::Case,
    pack::{KeyTest, Let, Pack, Role},
    tree::{Exact, Expr, ParameterId, ScoreId},
};

/// One edition of a methodology. Slot 0 of every expression is the subject.
#[derive(Clone, Debug)]
pub struct Score {
    /// Its name, such as `well_being`: that of all its editions.
    pub name: String,
    /// What a person calls it.
    pub title: Text,
    /// Its hash over everything that decides it.
    pub closure: String,
    /// The first day of this edition, and that of the next one which the pack knows.
    pub in_force: (Date, Option<Date>),
    /// The subject's role.
    pub subject: Role,
    /// Local names, each after those that it reads.
    pub lets: Vec<Let>,
    /// What is looked at.
    pub directions: Vec<Direction>,
    /// The levels, the best one first; every sum of points has one.
    pub levels: Vec<Level>,
    /// Articles of the methodology as a whole.
    pub sources: Vec<String>,
    /// Cases beside it.
    pub cases: Vec<Case<ScoreExpectation>>,
}

/// A direction of a methodology, such as housing.
#[derive(Clone, Debug)]
pub struct Direction {
    /// Its name.
    pub name: String,
    /// What a person calls it.
    pub title: Text,
    /// What is counted.
    pub indicators: Vec<Indicator>,
}

/// An indicator: what is looked at, and the points for it.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Its name.
    pub name: String,
    /// What a person calls it.
    pub title: Text,
    /// What is looked at.
    pub on: Expr,
    /// The points for it: a table of one key without gaps, whose name no expression knows.
    pub points: ParameterId,
    /// Articles.
    pub sources: Vec<String>,
}

/// A level.
#[derive(Clone, Debug)]
pub struct Level {
    /// Its name, such as `a`.
    pub name: String,
    /// What a person calls it.
    pub title: Text,
    /// What it says of a family, in a sentence for a person.
    pub told: Text,
    /// For which sums of points.
    pub points: KeyTest,
}

/// What a case of a methodology expects. What it does not mention it does not check.
#[derive(Clone, Debug)]
pub struct ScoreExpectation {
    /// About whom.
    pub subject: PersonId,
    /// The levels that are possible, the best one first; none, if it is not about the subject.
    pub levels: Option<Vec<String>>,
    /// The least and the most points.
    pub points: Option<(i64, i64)>,
    /// The least and the most points of some indicators, by their names.
    pub indicators: Vec<(String, (i64, i64))>,
    /// The deciding facts, as [`crate::cases::Expectation::missing`] writes them.
    pub missing: Vec<String>,
    /// How sure the numbers are.
    pub standing: Option<Standing>,
}

impl Score {
    /// All its indicators, in order.
    pub fn indicators(&self) -> impl Iterator<Item = &Indicator> {
        self.directions.iter().flat_map(|direction| &direction.indicators)
    }

    /// The levels of whatever sums lie between two, by their places.
    pub fn levels(&self, least: i64, most: i64) -> impl Iterator<Item = usize> {
        let ends = [least, most].map(|end| Exact::from_integer(end.into()));
        let meets = move |level: &Level| match &level.points {
            KeyTest::Range(lo, hi) => {
                lo.is_none_or(|(lo, included)| lo < ends[1] || (included && lo == ends[1]))
                    && hi.is_none_or(|(hi, included)| ends[0] < hi || (included && hi == ends[0]))
            }
            _ => false,
        };
        self.levels.iter().enumerate().filter(move |(_, level)| meets(level)).map(|(at, _)| at)
    }
}

impl Pack {
    /// The edition of a methodology that is in force on a day.
    pub fn score(&self, name: &str, day: Date) -> Option<ScoreId> {
        self.editions(day).find(|id| self.score_at(*id).name == name)
    }

    /// The editions of all methodologies that are in force on a day.
    pub fn editions(&self, day: Date) -> impl Iterator<Item = ScoreId> {
        let on_day =
            move |score: &Score| score.in_force.0 <= day && score.in_force.1.is_none_or(|next| day < next);
        self.scores.iter().zip(0..).filter(move |(score, _)| on_day(score)).map(|(_, at)| ScoreId(at))
    }

    /// The edition at a position.
    pub fn score_at(&self, id: ScoreId) -> &Score {
        &self.scores[id.0 as usize]
    }
}
