use serde::{Deserialize, Serialize};

use crate::PersonId;

/// Who does something. Every use case takes one, and every journal entry names one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The system itself, by a rule of the pack or of the configuration.
    System,
    /// A registry that reports facts, by its name.
    Registry(String),
    /// The person whom the card serves, over their own phone.
    Citizen(PersonId),
    /// The operator of the phone network.
    PhoneOperator,
    /// A bank that answers our files.
    Bank,
    /// A named official.
    Officer {
        /// The official's name in the directory of the ministry; not a citizen's datum.
        name: String,
        /// What they may do.
        role: Role,
    },
}

/// What an official may do. One official has one role at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers calls at 1414: sees cards with a reason, records what the caller says.
    Operator,
    /// Decides applications and prepares pay runs.
    Officer,
    /// Approves pay runs that somebody else prepared.
    Approver,
    /// Releases law packs and switches modes, two together.
    Steward,
    /// Reads the journal.
    Auditor,
}
