//! Notices: a person is told once per cause, and no answer is expected.

use card::{Moment, PersonId};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, Machine, Refusal};

/// What one person has been told of one notice of the pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Who.
    pub person: PersonId,
    /// The notice, such as `pension_age`.
    pub notice: String,
    /// Each cause and the message that told of it.
    pub causes: Vec<(String, AttemptId)>,
}

/// The law says that a person is to be told something.
#[derive(Clone, Debug)]
pub struct Tell {
    /// Who.
    pub person: PersonId,
    /// The notice.
    pub notice: String,
    /// Its cause, such as the day that it speaks of.
    pub cause: String,
    /// The message.
    pub message: AttemptId,
}

/// A person was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WasTold {
    /// Who.
    pub person: PersonId,
    /// The notice.
    pub notice: String,
    /// The cause.
    pub cause: String,
    /// The message.
    pub message: AttemptId,
}

impl Machine for Told {
    type Command = Tell;
    type Event = WasTold;

    /// Empty if the person was told of this cause already: no second message is then to be written.
    fn handle(state: Option<&Self>, tell: Tell, _now: Moment) -> Result<Vec<WasTold>, Refusal> {
        if let Some(told) = state {
            if told.person != tell.person || told.notice != tell.notice {
                return Err(Refusal::WrongPerson);
            }
            if told.causes.iter().any(|(cause, _)| *cause == tell.cause) {
                return Ok(vec![]);
            }
        }
        let Tell { person, notice, cause, message } = tell;
        Ok(vec![WasTold { person, notice, cause, message }])
    }

    fn evolve(state: Option<Self>, event: &WasTold) -> Option<Self> {
        let blank = || Self { person: event.person, notice: event.notice.clone(), causes: vec![] };
        let mut told = state.unwrap_or_else(blank);
        told.causes.push((event.cause.clone(), event.message));
        Some(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay;

    #[test]
    fn a_cause_is_told_once() {
        let tell = |cause: &str, message| Tell {
            person: PersonId(1),
            notice: "pension_age".into(),
            cause: cause.into(),
            message: AttemptId(message),
        };
        let events = Told::handle(None, tell("2027-03-01", 1), Moment(0)).unwrap();
        let told: Option<Told> = replay(&events);
        assert_eq!(Told::handle(told.as_ref(), tell("2027-03-01", 2), Moment(1)), Ok(vec![]));
        assert_eq!(Told::handle(told.as_ref(), tell("2027-09-01", 3), Moment(1)).unwrap().len(), 1);
    }
}
