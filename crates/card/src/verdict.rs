use serde::{Deserialize, Serialize};

use crate::{Date, PersonId, Tenge, Ternary};

/// What is asked of the law: about whom, on which day, as if asked for on which day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Question {
    /// The subject of the measure: a child, a deceased, the lead of a family.
    pub subject: PersonId,
    /// The day asked about.
    pub day: Date,
    /// The day of the request or of the consent; in a sweep, the day.
    pub asked_on: Date,
}

/// What the law answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The measure is not about this subject. For soundness and choices a certain no.
    NotConcerned,
    /// Certainly no right.
    NotEligible,
    /// Nobody can say with what is known; the verdict names the deciding facts.
    Unknown,
    /// Certainly a right.
    Eligible,
}

impl Outcome {
    /// Its three-valued truth.
    pub const fn ternary(self) -> Ternary {
        match self {
            Self::NotConcerned | Self::NotEligible => Ternary::No,
            Self::Unknown => Ternary::Unknown,
            Self::Eligible => Ternary::Yes,
        }
    }
}

/// How sure the numbers of the law are that a result rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Two independent sources, or one and exact arithmetic.
    Confirmed,
    /// One source; shown as such, may be offered.
    SingleSource,
    /// From memory: shown, and neither offered nor granted until two officials release the measure.
    Preliminary,
}

/// What an amount may still be, after the rounding that the law names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Amount {
    /// The least that it may be.
    pub lo: Tenge,
    /// The most that it may be; `None` without a limit.
    pub hi: Option<Tenge>,
}

impl Amount {
    /// A known amount.
    pub const fn exactly(amount: Tenge) -> Self {
        Self { lo: amount, hi: Some(amount) }
    }

    /// The amount, if only one is possible.
    pub fn point(&self) -> Option<Tenge> {
        (self.hi == Some(self.lo)).then_some(self.lo)
    }
}

/// The outcome of one condition or refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Its key in the measure.
    pub name: String,
    /// For a condition: does it hold? For a refusal: does it *not* refuse?
    pub outcome: Ternary,
    /// The articles, as `act:article`.
    pub sources: Vec<String>,
}

/// A fact that would decide: the question to ask, and who owes the answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Missing {
    /// The registry that owes it.
    pub registry: String,
    /// Of which entity.
    pub entity: String,
    /// Which field; `None` where it is not known which rows there are.
    pub field: Option<String>,
    /// About whom.
    pub person: Option<PersonId>,
}

/// One who may receive the money, in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recipient {
    /// Who.
    pub person: PersonId,
    /// Do they certainly qualify?
    pub certain: Ternary,
}

/// A classification of the subject: duties that a benefit brings, or something that a notice tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// Its key on the page.
    pub name: String,
    /// Does it apply?
    pub applies: Ternary,
}

/// A sum withheld from an amount, such as the pension contribution that leaves for the Fund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// Its key in the measure.
    pub name: String,
    /// How much of the amount.
    pub amount: Amount,
}

/// The answer of one page of the law, a measure or a notice, to one [`Question`], with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The measure or the notice.
    pub measure: String,
    /// The question.
    pub question: Question,
    /// The answer.
    pub outcome: Outcome,
    /// Is nobody paid for this already, by any system?
    pub free: Ternary,
    /// The gross amount for one payment, if the outcome is not a certain no.
    pub amount: Option<Amount>,
    /// What is withheld from it.
    pub withheld: Vec<Withheld>,
    /// The branch that applies, if certainly one does.
    pub branch: Option<String>,
    /// Every condition and refusal, in the order of the measure.
    pub conditions: Vec<Condition>,
    /// Every classification, in the order of the page.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// The deciding facts, if the outcome, the amount or freedom is not certain.
    pub missing: Vec<Missing>,
    /// The deciding facts of freedom alone.
    pub missing_free: Vec<Missing>,
    /// Who receives, in order.
    pub pays_to: Vec<Recipient>,
    /// The children that the right is about, each of whom may count once per measure and month.
    pub claims: Vec<PersonId>,
    /// The day on which the right arose, if known; of a notice the day that it speaks of, which names its cause.
    pub right_on: Option<Date>,
    /// The first day paid for, if known.
    pub pays_from: Option<Date>,
    /// The first day not paid for; `None` while the conditions hold.
    pub pays_until: Option<Date>,
    /// How sure the numbers of the law are that it rests on.
    pub standing: Standing,
    /// Contradictions between rows that leave it undecided, by entity.
    pub conflicts: Vec<String>,
}

impl Verdict {
    /// May it be offered: certain right, certainly free, one amount, and numbers that are sure or
    /// `released`?
    pub fn offerable(&self, released: bool) -> bool {
        self.outcome == Outcome::Eligible
            && self.free == Ternary::Yes
            && self.amount.is_some_and(|a| a.point().is_some_and(|sum| sum > Tenge::ZERO))
            && (self.standing < Standing::Preliminary || released)
    }

    /// Of a notice: the day that may be told of, if it is certain that it is to be told and which day it is.
    /// Where it rests on a number from memory, only if it is `released`.
    pub fn tellable(&self, released: bool) -> Option<Date> {
        let told = self.outcome == Outcome::Eligible && (self.standing < Standing::Preliminary || released);
        self.right_on.filter(|_| told)
    }

    /// Does a classification certainly apply?
    pub fn is(&self, kind: &str) -> bool {
        self.kinds.iter().any(|known| known.name == kind && known.applies == Ternary::Yes)
    }

    /// The first who is certainly entitled to receive.
    pub fn recipient(&self) -> Option<PersonId> {
        self.pays_to.iter().find(|r| r.certain == Ternary::Yes).map(|r| r.person)
    }

    /// May this person receive? Whoever is not among those who possibly may, certainly may not.
    pub fn receives(&self, person: PersonId) -> Ternary {
        self.pays_to.iter().find(|r| r.person == person).map_or(Ternary::No, |r| r.certain)
    }
}
