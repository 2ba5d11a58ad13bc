use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Refusal;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// A right. Permanent: corrections, refusals and lapses keep it.
    RightId
}
number! {
    /// An offer.
    OfferId
}
number! {
    /// A question put to a phone.
    QuestionId
}
number! {
    /// An attempt of the outbox; travels in the message.
    AttemptId
}
number! {
    /// A record of consent.
    ConsentId
}
number! {
    /// A pay run.
    RunId
}
number! {
    /// A task for an official.
    TaskId
}

/// A payment order: the n-th of its right. What the bank calls the end-to-end id says both, so an
/// answer of the bank finds its right without a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrderId {
    /// Whose order.
    pub right: RightId,
    /// Counted from 1 within the right.
    pub number: u32,
}

/// The end-to-end id, at most 33 characters, the same in every attempt.
impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FC{}-{}", self.right, self.number)
    }
}

impl FromStr for OrderId {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let read = || {
            let (right, number) = text.strip_prefix("FC")?.split_once('-')?;
            let id = Self { right: RightId(right.parse().ok()?), number: number.parse().ok()? };
            (id.to_string() == text).then_some(id)
        };
        read().ok_or(Refusal::UnknownOrder)
    }
}

/// A payment file: that of a run. Its name is the message id of the file, so an answer of the bank
/// about all of it finds its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchId(pub RunId);

/// At most 25 characters, the same in every attempt.
impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FCRUN{}", self.0)
    }
}

impl FromStr for BatchId {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let run = text.strip_prefix("FCRUN").and_then(|run| run.parse().ok()).map(RunId);
        run.map(Self).filter(|id| id.to_string() == text).ok_or_else(|| Refusal::absent("payment file"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_that_a_bank_sees_read_back() {
        for (right, number) in [(1, 1), (u64::MAX, u32::MAX)] {
            let id = OrderId { right: RightId(right), number };
            assert!(id.to_string().len() <= 35, "{id}");
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for run in [1, u64::MAX] {
            let id = BatchId(RunId(run));
            assert!(id.to_string().len() <= 35, "{id}");
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert!("FCRUN01".parse::<BatchId>().is_err() && "FCRUN".parse::<BatchId>().is_err());
        for foreign in ["", "FC", "FC1", "FC01-1", "FC1-1x", "fc1-1", "NOTPROVIDED"] {
            assert_eq!(foreign.parse::<OrderId>(), Err(Refusal::UnknownOrder), "{foreign}");
        }
    }
}
