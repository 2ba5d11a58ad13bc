use serde::{Deserialize, Serialize};

/// Why a command changes nothing. It may be kept in the journal: it carries no personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The thing does not exist.
    #[error("there is no such {0}: check the number")]
    Absent(String),
    /// It exists already, with other contents.
    #[error("this {0} exists already, and says something else: look at the first before sending another")]
    Exists(String),
    /// Its stage does not allow it.
    #[error("cannot {action} while it is {stage}")]
    Stage {
        /// What was to be done.
        action: String,
        /// Where it stands.
        stage: String,
    },
    /// The verdict answers another question than the one that decides here.
    #[error(
        "the verdict answers another question: ask again with the measure, subject, day and asked-on day"
    )]
    WrongQuestion,
    /// The verdict does not allow an offer.
    #[error("only a certain right, certainly free, with one amount and released numbers may be offered")]
    NotOfferable,
    /// The verdict does not allow a grant.
    #[error("only a certain right, certainly free, with a known amount and released numbers may be granted")]
    NotGrantable,
    /// The verdict does not allow a refusal.
    #[error("an unknown or a yes of the law is not refused: get the missing facts first")]
    NotRefusable,
    /// Running awards of today's systems are never offered.
    #[error("a running award is never offered")]
    AlreadyPaid,
    /// A child or person is counted by another right of the measure in that month.
    #[error("a child of this right already counts in another right of the measure")]
    ClaimTaken,
    /// This role may not do it.
    #[error("this takes the role of {0}")]
    Role(String),
    /// One person may not do both.
    #[error("the same person may not do both: a second one has to")]
    SamePerson,
    /// The sum is above the limit.
    #[error("the run is above the payer's limit: raise the limit or split the run")]
    AboveLimit,
    /// The bank names an order that we never released.
    #[error("no released order has this end-to-end id")]
    UnknownOrder,
    /// The bank says something that cannot be true together with what it said before.
    #[error("the bank contradicts what it said before, or names another amount: ask the bank")]
    Contradiction,
    /// What came cannot be read; the words say where, and what to do.
    #[error("{0}")]
    Unreadable(String),
    /// A sum that is not positive, or more than there is.
    #[error("the sum must be positive and no more than is open")]
    WrongSum,
    /// Two people were told to be the same, or a person takes part in what is not theirs.
    #[error("this person is not one of those whom it concerns")]
    WrongPerson,
    /// Something that was required is missing.
    #[error("{0} is missing")]
    Missing(String),
}

impl Refusal {
    /// Its stage does not allow it.
    pub fn stage(action: &str, stage: impl std::fmt::Debug) -> Self {
        Self::Stage { action: action.to_owned(), stage: format!("{stage:?}") }
    }

    pub(crate) fn absent(what: &str) -> Self {
        Self::Absent(what.to_owned())
    }
}
