//! What was decided about an application, by whom, and by which facts and law.

use card::{Actor, Date, Moment, Question, Tenge, Text};
use serde::{Deserialize, Serialize};

/// What a grant gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The gross amount of one payment.
    pub gross: Tenge,
    /// What is withheld from it.
    pub withheld: Tenge,
    /// The first day paid for.
    pub from: Date,
    /// The first day not paid for; `None` while the conditions hold.
    pub until: Option<Date>,
}

/// A decision. With the facts known at `known_on` and the pack of `closure` it can be computed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Granted or refused.
    pub outcome: Decided,
    /// Who decided.
    pub by: DecidedBy,
    /// What the law was asked.
    pub question: Question,
    /// The hash of the law's closure.
    pub closure: String,
    /// Facts known until this moment were read.
    pub known_on: Moment,
    /// When it was decided.
    pub at: Moment,
}

/// Granted or refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decided {
    /// Granted.
    Granted(Terms),
    /// Refused by an officer.
    Refused {
        /// What it rests on.
        ground: Ground,
    },
}

/// What a refusal rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// A condition or refusal of the measure, by its name in the pack.
    Condition(String),
    /// Somebody is paid for it already.
    Paid,
    /// A child of it counts in another right of the measure.
    Claimed,
    /// The commission to which the law gives it.
    Commission,
}

/// Who decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// The law applied itself, in the name of a body and by an order that allows it.
    Automatic {
        /// The body.
        body: Text,
        /// The order, as `act:article`.
        order: String,
    },
    /// An officer, in the name of a body.
    Officer {
        /// The body.
        body: Text,
        /// The officer.
        officer: Actor,
    },
}

impl DecidedBy {
    /// The body in whose name it was decided.
    pub const fn body(&self) -> &Text {
        match self {
            Self::Automatic { body, .. } | Self::Officer { body, .. } => body,
        }
    }
}
