//! What a person has to do: calls, checks, cases. Nothing waits without an owner and a day.

use card::{Actor, Date, Moment, PersonId, PhoneId};
use serde::{Deserialize, Serialize};

use crate::{Machine, OfferId, Refusal, RightId, TaskId};

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Call: nobody answered, and a right is about to be lost for good.
    CallBeforeLoss(OfferId),
    /// Call: the person asked for it.
    CallBack,
    /// Check a fact that the person disputes.
    Disputed,
    /// Call: the reply could not be read, twice.
    Unclear,
    /// Call: which account? A person has another one, or none, or typed one.
    Account(RightId),
    /// Call: the money did not come, says the person.
    NotReceived(RightId),
    /// A made payment came back a second time.
    BouncedAgain(RightId),
    /// No phone, no bond, or no message arrives: find the person.
    Unreachable(OfferId),
    /// A number that is bonded to somebody says that it is not theirs.
    WrongNumber,
    /// A reply came from a phone whose bond is with another person.
    ForeignReply,
    /// A message came from a number that is nobody's: read it.
    UnknownNumber(PhoneId),
    /// Decide an application.
    Decide(RightId),
    /// A month can be assessed no more: get the fact.
    MissingFact(RightId),
    /// The law's no that ended a right was a mistake, and another right goes on since.
    MistakenEnd(RightId),
    /// More was paid than is owed.
    Recovery(RightId),
    /// Today's system pays what we granted: one of the two has to stop.
    PaidTwice(RightId),
    /// The bank named what we do not know, contradicted itself, refused a whole file, or sent what nobody
    /// can read.
    Bank {
        /// What it was about and what was wrong, without personal data.
        said: String,
    },
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its number.
    pub id: TaskId,
    /// What.
    pub kind: TaskKind,
    /// About whom.
    pub person: Option<PersonId>,
    /// To be done by.
    pub due: Date,
    /// Who works on it.
    pub taken_by: Option<Actor>,
    /// Who did it, and when.
    pub done: Option<(Actor, Moment)>,
}

/// What may be asked of a task.
#[derive(Clone, Debug)]
pub enum Command {
    /// There is something to do. The same open task is not made twice: see [`same`].
    Open {
        /// Its number.
        id: TaskId,
        /// What.
        kind: TaskKind,
        /// About whom.
        person: Option<PersonId>,
        /// To be done by.
        due: Date,
    },
    /// An official works on it; nobody else then does.
    Take(Actor),
    /// It is done.
    Finish(Actor),
}

/// What has happened to a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was opened.
    Opened {
        /// Its number.
        id: TaskId,
        /// What.
        kind: TaskKind,
        /// About whom.
        person: Option<PersonId>,
        /// To be done by.
        due: Date,
    },
    /// It was taken.
    Taken {
        /// By.
        by: Actor,
    },
    /// It was done.
    Finished {
        /// By.
        by: Actor,
        /// When.
        at: Moment,
    },
}

/// Would the new task repeat an open one?
pub fn same(open: &Task, kind: &TaskKind, person: Option<PersonId>) -> bool {
    open.done.is_none() && open.kind == *kind && open.person == person
}

impl Machine for Task {
    type Command = Command;
    type Event = Event;

    fn handle(state: Option<&Self>, command: Command, now: Moment) -> Result<Vec<Event>, Refusal> {
        let official = |by: &Actor| match by {
            Actor::Officer { .. } => Ok(()),
            _ => Err(Refusal::Role("an official".into())),
        };
        match (state, command) {
            (None, Command::Open { id, kind, person, due }) => {
                Ok(vec![Event::Opened { id, kind, person, due }])
            }
            (None, _) => Err(Refusal::absent("task")),
            (Some(task), Command::Open { id, .. }) if task.id == id => Ok(vec![]),
            (Some(_), Command::Open { .. }) => Err(Refusal::Exists("task".into())),
            (Some(task), Command::Take(by)) => {
                official(&by)?;
                match &task.taken_by {
                    _ if task.done.is_some() => Err(Refusal::stage("take it", "done")),
                    Some(owner) if *owner != by => {
                        Err(Refusal::stage("take it", "taken by another official"))
                    }
                    Some(_) => Ok(vec![]),
                    None => Ok(vec![Event::Taken { by }]),
                }
            }
            (Some(task), Command::Finish(by)) => {
                official(&by)?;
                match &task.taken_by {
                    _ if task.done.is_some() => Ok(vec![]),
                    Some(owner) if *owner != by => {
                        Err(Refusal::stage("finish it", "taken by another official"))
                    }
                    _ => Ok(vec![Event::Finished { by, at: now }]),
                }
            }
        }
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        match (state, event) {
            (None, Event::Opened { id, kind, person, due }) => Some(Self {
                id: *id,
                kind: kind.clone(),
                person: *person,
                due: *due,
                taken_by: None,
                done: None,
            }),
            (Some(task), Event::Taken { by }) => Some(Self { taken_by: Some(by.clone()), ..task }),
            (Some(task), Event::Finished { by, at }) => Some(Self { done: Some((by.clone(), *at)), ..task }),
            (state, _) => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use card::Role;

    use super::*;
    use crate::{apply, replay};

    fn operator(name: &str) -> Actor {
        Actor::Officer { name: name.into(), role: Role::Operator }
    }

    #[test]
    fn one_official_works_on_it_at_a_time() {
        let (now, due) = (Moment(0), Date::from_days(3));
        let open = Command::Open { id: TaskId(1), kind: TaskKind::CallBack, person: None, due };
        let task: Option<Task> = replay(&Task::handle(None, open, now).unwrap());
        let taken = Task::handle(task.as_ref(), Command::Take(operator("Aset")), now).unwrap();
        let task = apply(task, &taken);
        assert!(Task::handle(task.as_ref(), Command::Take(operator("Dana")), now).is_err());
        assert!(Task::handle(task.as_ref(), Command::Finish(operator("Dana")), now).is_err());
        let done = Task::handle(task.as_ref(), Command::Finish(operator("Aset")), now).unwrap();
        let task = apply(task, &done).unwrap();
        assert!(!same(&task, &TaskKind::CallBack, None));
        assert!(Task::handle(None, Command::Take(operator("Aset")), now).is_err());
    }
}
