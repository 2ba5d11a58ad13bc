use serde::{Deserialize, Serialize};

use crate::{Date, Missing, Question, Standing, Ternary};

/// What points may still be. Tables end, so there is always a least and a most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Points {
    /// The least.
    pub lo: i64,
    /// The most.
    pub hi: i64,
}

impl Points {
    /// The points, if only one number is possible.
    pub fn point(self) -> Option<i64> {
        (self.lo == self.hi).then_some(self.lo)
    }
}

impl std::ops::Add for Points {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { lo: self.lo + other.lo, hi: self.hi + other.hi }
    }
}

impl std::iter::Sum for Points {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, points| sum + points)
    }
}

/// What a methodology says of one subject on one day. No payment rests on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// The methodology.
    pub score: String,
    /// The first day of its edition.
    pub edition: Date,
    /// The question.
    pub question: Question,
    /// Is it about the subject?
    pub concerned: Ternary,
    /// By direction and indicator, in the order of the methodology; empty if it is not about the subject.
    pub points: Vec<Vec<Points>>,
    /// The levels that are possible, the best one first.
    pub levels: Vec<String>,
    /// The deciding facts, if more than one level is possible.
    pub missing: Vec<Missing>,
    /// How sure the numbers are that it rests on.
    pub standing: Standing,
    /// Contradictions between rows that leave it undecided, by entity.
    pub conflicts: Vec<String>,
}

impl Scored {
    /// The sum of all points.
    pub fn sum(&self) -> Points {
        self.points.iter().flatten().copied().sum()
    }

    /// The level, if only one is possible.
    pub fn level(&self) -> Option<&str> {
        match &self.levels[..] {
            [level] => Some(level),
            _ => None,
        }
    }
}
