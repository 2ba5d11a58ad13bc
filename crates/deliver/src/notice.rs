//! Notices: a person is told once per cause, and no answer is expected. The day that a notice speaks of is
//! its cause.
//!
//! **Invariant:** of one cause a second message is written only if the first one certainly never arrived.

use card::{Date, Moment, PersonId, PhoneId};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, Machine, Refusal};

/// What one person has been told of one notice of the pack, and what they are to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Who.
    pub person: PersonId,
    /// The notice, such as `pension_age`.
    pub notice: String,
    /// Its causes, in the order in which they were found.
    pub causes: Vec<Cause>,
}

/// A day that a notice speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The day.
    pub day: Date,
    /// Is it told?
    pub stage: Stage,
    /// Phones that took the message in vain.
    pub dead: Vec<PhoneId>,
}

/// How far the telling of a cause has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Found, and not told yet: nobody can be reached, or the notice is not told at all for now.
    Waiting,
    /// Told by this message.
    Told(AttemptId),
    /// The law does not want it told any more, and it never was.
    Passed,
}

/// What may be asked of it.
#[derive(Clone, Debug)]
pub enum Command {
    /// The law wants a person told of a day.
    Find {
        /// Who.
        person: PersonId,
        /// The notice.
        notice: String,
        /// The day.
        day: Date,
    },
    /// A message about the day is written.
    Tell {
        /// The day.
        day: Date,
        /// The message.
        message: AttemptId,
    },
    /// A message was taken back before it left.
    TakeBack {
        /// The message.
        message: AttemptId,
    },
    /// A message will never arrive.
    Lose {
        /// The message.
        message: AttemptId,
        /// The phone that it went to.
        phone: PhoneId,
    },
    /// The law does not want the day told any more.
    Pass {
        /// The day.
        day: Date,
    },
}

/// What has happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A day was found.
    Found {
        /// About whom.
        person: PersonId,
        /// By which notice.
        notice: String,
        /// The day.
        day: Date,
    },
    /// The person is told of it.
    Told {
        /// The day.
        day: Date,
        /// The message.
        message: AttemptId,
    },
    /// The message stayed here.
    TakenBack {
        /// The day.
        day: Date,
    },
    /// The message did not arrive.
    Lost {
        /// The day.
        day: Date,
        /// The phone that it went to.
        phone: PhoneId,
    },
    /// It is told no more.
    Passed {
        /// The day.
        day: Date,
    },
}

impl Told {
    /// The days that wait to be told of.
    pub fn waiting(&self) -> impl Iterator<Item = &Cause> {
        self.causes.iter().filter(|cause| cause.stage == Stage::Waiting)
    }

    /// How many of its causes are told, wait, and passed untold.
    pub fn counts(&self) -> [u64; 3] {
        let mut counts = [0; 3];
        for cause in &self.causes {
            counts[match cause.stage {
                Stage::Told(_) => 0,
                Stage::Waiting => 1,
                Stage::Passed => 2,
            }] += 1;
        }
        counts
    }

    /// What is known of a day.
    pub fn of(&self, day: Date) -> Option<&Cause> {
        self.causes.iter().find(|cause| cause.day == day)
    }

    /// The day of which a message tells.
    pub fn by(&self, message: AttemptId) -> Option<Date> {
        self.causes.iter().find(|cause| cause.stage == Stage::Told(message)).map(|cause| cause.day)
    }
}

impl Machine for Told {
    type Command = Command;
    type Event = Event;

    fn handle(state: Option<&Self>, command: Command, _now: Moment) -> Result<Vec<Event>, Refusal> {
        let absent = || Refusal::absent("notice");
        match command {
            Command::Find { person, notice, day } => {
                if state.is_some_and(|told| told.person != person || told.notice != notice) {
                    return Err(Refusal::WrongPerson);
                }
                let known = state.and_then(|told| told.of(day));
                let new = known.is_none_or(|cause| cause.stage == Stage::Passed);
                Ok(if new { vec![Event::Found { person, notice, day }] } else { vec![] })
            }
            Command::Tell { day, message } => {
                match state.and_then(|told| told.of(day)).ok_or_else(absent)?.stage {
                    Stage::Waiting => Ok(vec![Event::Told { day, message }]),
                    Stage::Told(_) => Ok(vec![]),
                    Stage::Passed => Err(Refusal::stage("tell of it", "passed")),
                }
            }
            Command::TakeBack { message } => {
                let day = state.and_then(|told| told.by(message));
                Ok(day.map(|day| Event::TakenBack { day }).into_iter().collect())
            }
            Command::Lose { message, phone } => {
                let day = state.and_then(|told| told.by(message));
                Ok(day.map(|day| Event::Lost { day, phone }).into_iter().collect())
            }
            Command::Pass { day } => {
                let waits = state.is_some_and(|told| told.waiting().any(|cause| cause.day == day));
                Ok(if waits { vec![Event::Passed { day }] } else { vec![] })
            }
        }
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        let (day, stage) = match event {
            Event::Found { person, notice, day } => {
                let blank = || Self { person: *person, notice: notice.clone(), causes: vec![] };
                let mut told = state.unwrap_or_else(blank);
                match told.causes.iter_mut().find(|cause| cause.day == *day) {
                    Some(cause) => cause.stage = Stage::Waiting,
                    None => told.causes.push(Cause { day: *day, stage: Stage::Waiting, dead: vec![] }),
                }
                return Some(told);
            }
            Event::Told { day, message } => (day, Stage::Told(*message)),
            Event::TakenBack { day } | Event::Lost { day, .. } => (day, Stage::Waiting),
            Event::Passed { day } => (day, Stage::Passed),
        };
        let mut told = state?;
        if let Some(cause) = told.causes.iter_mut().find(|cause| cause.day == *day) {
            cause.stage = stage;
            if let Event::Lost { phone, .. } = event {
                cause.dead.push(*phone);
            }
        }
        Some(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply;

    fn day(number: i32) -> Date {
        Date::from_days(number)
    }

    fn then(state: Option<Told>, command: Command) -> Option<Told> {
        let events = Told::handle(state.as_ref(), command, Moment(0)).unwrap();
        apply(state, &events)
    }

    fn find(number: i32) -> Command {
        Command::Find { person: PersonId(1), notice: "pension_age".into(), day: day(number) }
    }

    fn tell(number: i32, message: u64) -> Command {
        Command::Tell { day: day(number), message: AttemptId(message) }
    }

    fn stage(told: Option<&Told>, number: i32) -> Stage {
        told.unwrap().of(day(number)).unwrap().stage
    }

    #[test]
    fn a_cause_is_told_once() {
        let told = then(then(None, find(100)), tell(100, 1));
        assert_eq!(Told::handle(told.as_ref(), find(100), Moment(1)), Ok(vec![]));
        assert_eq!(Told::handle(told.as_ref(), tell(100, 2), Moment(1)), Ok(vec![]));
        assert!(Told::handle(told.as_ref(), tell(101, 2), Moment(1)).is_err());
        let other = then(then(told, find(101)), tell(101, 2));
        assert_eq!(stage(other.as_ref(), 100), Stage::Told(AttemptId(1)));
        assert_eq!(stage(other.as_ref(), 101), Stage::Told(AttemptId(2)));
        let foreign = Command::Find { person: PersonId(2), notice: "pension_age".into(), day: day(1) };
        assert_eq!(Told::handle(other.as_ref(), foreign, Moment(1)), Err(Refusal::WrongPerson));
    }

    #[test]
    fn what_certainly_never_arrived_is_told_again() {
        let told = then(then(None, find(100)), tell(100, 1));
        let (message, phone) = (AttemptId(1), PhoneId(7));
        let lost = then(told.clone(), Command::Lose { message, phone });
        assert_eq!(stage(lost.as_ref(), 100), Stage::Waiting);
        assert_eq!(lost.as_ref().unwrap().of(day(100)).unwrap().dead, [phone]);
        let again = then(lost, tell(100, 2));
        // The first message is none of its any more.
        assert_eq!(Told::handle(again.as_ref(), Command::Lose { message, phone }, Moment(1)), Ok(vec![]));
        let back = then(told, Command::TakeBack { message });
        assert_eq!(stage(back.as_ref(), 100), Stage::Waiting);
    }

    #[test]
    fn what_passed_untold_is_found_anew() {
        let passed = then(then(None, find(100)), Command::Pass { day: day(100) });
        assert_eq!(stage(passed.as_ref(), 100), Stage::Passed);
        assert!(Told::handle(passed.as_ref(), tell(100, 1), Moment(1)).is_err());
        assert_eq!(stage(then(passed, find(100)).as_ref(), 100), Stage::Waiting);
        let told = then(then(None, find(100)), tell(100, 1));
        assert_eq!(Told::handle(told.as_ref(), Command::Pass { day: day(100) }, Moment(1)), Ok(vec![]));
    }
}
