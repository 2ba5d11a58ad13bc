use deliver::Refusal;
use law::port::AssessError;

use crate::Permission;

/// Why a use case did not happen. Holds no personal data.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The store failed; nothing was written.
    #[error("the store: {0}")]
    Store(String),
    /// The state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The law has no answer.
    #[error(transparent)]
    Law(#[from] AssessError),
    /// A message could not be written.
    #[error("the message: {0}")]
    Message(#[from] deliver::message::SmsError),
    /// There is no such thing.
    #[error("there is no {0}")]
    Absent(String),
    /// What came in is refused as a whole.
    #[error("{0}")]
    Intake(String),
    /// The role may not do this.
    #[error("this takes the role of {}", .0.roles().iter().map(|role| format!("{role:?}")).collect::<Vec<_>>().join(" or "))]
    NotPermitted(Permission),
    /// A consent by call is recorded, and its number was not given.
    #[error("the number of the recording is required: it is the evidence of a consent by call")]
    Recording,
    /// A reason is required and was not given.
    #[error("a reason is required: every look at personal data is an entry")]
    Reason,
}

impl ServiceError {
    pub(crate) fn store(error: impl std::error::Error) -> Self {
        Self::Store(error.to_string())
    }
}
