//! A pay run: every due month of one payer is assessed again, the orders are shown, a second person
//! approves them, and they leave in one bank file.
//!
//! The orders themselves are in the ledgers of the rights; the run holds what is added up from them.
//! A national run has a million orders, so they come in chunks, each in one transaction with the
//! ledgers that it changes.

use std::collections::BTreeMap;

use card::{Actor, Moment, Month, Role, Tenge};
use serde::{Deserialize, Serialize};

use crate::{
    Machine, Refusal, RunId,
    right::{self, require},
};

/// What a run, or a chunk of it, adds up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Rights that were asked about.
    pub rights: u64,
    /// Rights that were not asked about, since their measure stands still.
    pub halted: u64,
    /// Orders made.
    pub orders: u64,
    /// What they send.
    pub sum: Tenge,
    /// Orders of earlier months.
    pub arrears: u64,
    /// Orders made again after they came back.
    pub reissues: u64,
    /// Months carried, because nobody could say.
    pub carried: u64,
    /// Rights suspended.
    pub suspended: u64,
    /// Rights that ended.
    pub ended: u64,
    /// Overpayments found.
    pub recoveries: u64,
    /// Rights that could not be asked about, and why is in the tasks.
    pub failed: u64,
}

impl Sums {
    /// What the events of one right add. `month` is the month of the run.
    pub fn of(month: Month, events: &[right::Event]) -> Self {
        use crate::ledger::{Basis, Cause};
        let mut sums = Self { rights: 1, ..Self::default() };
        for event in events {
            match event {
                right::Event::Ordered { order } => {
                    sums.orders += 1;
                    sums.sum += order.amount;
                    match order.cause {
                        Cause::Reissue { .. } => sums.reissues += 1,
                        _ if order.month < month => sums.arrears += 1,
                        _ => {}
                    }
                }
                right::Event::OwedSet { owed, .. } if owed.basis != Basis::Assessed => sums.carried += 1,
                right::Event::Suspended { .. } => sums.suspended += 1,
                right::Event::Ended { .. } => sums.ended += 1,
                right::Event::RecoveryOpened { .. } => sums.recoveries += 1,
                _ => {}
            }
        }
        sums
    }
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.rights += other.rights;
        self.halted += other.halted;
        self.orders += other.orders;
        self.sum += other.sum;
        self.arrears += other.arrears;
        self.reissues += other.reissues;
        self.carried += other.carried;
        self.suspended += other.suspended;
        self.ended += other.ended;
        self.recoveries += other.recoveries;
        self.failed += other.failed;
    }
}

/// The law of a run: measures, each with the hash of everything that it reads.
pub type Laws = BTreeMap<String, String>;

/// Which part of the journal a run looks at for facts that changed: they put rights in doubt before it
/// asks about them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// After this entry.
    pub after: u64,
    /// Until this one; what comes later is the next run's.
    pub until: u64,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Rights are being asked about.
    Preparing,
    /// Ready to be approved.
    Prepared,
    /// Approved by a second person.
    Approved {
        /// Who.
        by: Actor,
    },
    /// With the bank.
    Released {
        /// The id of the bank file.
        batch: String,
        /// Orders in it.
        orders: u64,
        /// Its control sum.
        sum: Tenge,
        /// When it left: the file says so, and that the bank is to execute it on that day.
        at: Moment,
    },
    /// Given up; its orders were withdrawn.
    Discarded,
}

/// A pay run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayRun {
    /// Its number.
    pub id: RunId,
    /// Who pays, by the key of the pack.
    pub payer: String,
    /// The month.
    pub month: Month,
    /// Who prepares it.
    pub prepared_by: Actor,
    /// The most that it may send.
    pub limit: Tenge,
    /// How many chunks are in.
    pub chunks: u32,
    /// What they add up to.
    pub sums: Sums,
    /// What was paid in the run before, for comparison.
    pub before: Option<Sums>,
    /// The facts that it looks at anew.
    pub changes: Changes,
    /// The law by which it asks: the closure of each measure.
    #[serde(default)]
    pub laws: Laws,
    /// Who approved it.
    pub approved_by: Option<Actor>,
    /// Where it stands.
    pub stage: Stage,
}

/// What may be asked of a run.
#[derive(Clone, Debug)]
pub enum Command {
    /// It is begun.
    Open {
        /// Its number.
        id: RunId,
        /// Who pays.
        payer: String,
        /// The month.
        month: Month,
        /// The officer.
        by: Actor,
        /// The most that it may send.
        limit: Tenge,
        /// The run before it.
        before: Option<Sums>,
        /// The facts that it looks at anew.
        changes: Changes,
        /// The law by which it asks: the closure of each measure.
        laws: Laws,
    },
    /// A chunk of rights was assessed. Chunks are counted from 0, and each comes once.
    Add {
        /// Which.
        chunk: u32,
        /// What it adds.
        sums: Sums,
    },
    /// All rights were assessed.
    Close,
    /// A second person approves, and says what they saw.
    Approve {
        /// Who.
        by: Actor,
        /// The sum that they saw.
        sum: Tenge,
        /// How many orders they saw.
        orders: u64,
    },
    /// The orders left.
    Release {
        /// The id of the bank file.
        batch: String,
        /// Orders in it: those that were not withdrawn since.
        orders: u64,
        /// Its control sum.
        sum: Tenge,
    },
    /// It is given up before the bank saw it.
    Discard {
        /// Who.
        by: Actor,
    },
}

/// What has happened to a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was begun.
    Opened {
        /// Its number.
        id: RunId,
        /// Who pays.
        payer: String,
        /// The month.
        month: Month,
        /// The officer.
        by: Actor,
        /// The most that it may send.
        limit: Tenge,
        /// The run before it.
        before: Option<Sums>,
        /// The facts that it looks at anew.
        changes: Changes,
        /// The law by which it asks: the closure of each measure.
        #[serde(default)]
        laws: Laws,
    },
    /// A chunk came.
    Added {
        /// Which.
        chunk: u32,
        /// What it adds.
        sums: Sums,
    },
    /// It can be approved.
    Prepared,
    /// It was approved.
    Approved {
        /// By.
        by: Actor,
    },
    /// It left.
    Released {
        /// The id of the bank file.
        batch: String,
        /// Orders in it.
        orders: u64,
        /// Its control sum.
        sum: Tenge,
        /// When.
        at: Moment,
    },
    /// It was given up.
    Discarded {
        /// By.
        by: Actor,
    },
}

impl Machine for PayRun {
    type Command = Command;
    type Event = Event;

    fn handle(state: Option<&Self>, command: Command, now: Moment) -> Result<Vec<Event>, Refusal> {
        let run = match (state, command) {
            (None, Command::Open { id, payer, month, by, limit, before, changes, laws }) => {
                require(&by, Role::Officer)?;
                return Ok(vec![Event::Opened { id, payer, month, by, limit, before, changes, laws }]);
            }
            (None, _) => return Err(Refusal::absent("pay run")),
            (Some(run), command) => (run, command),
        };
        let (run, command) = run;
        let refuse = |action: &str| Err(Refusal::stage(action, &run.stage));
        match (command, &run.stage) {
            (Command::Open { id, .. }, _) if id == run.id => Ok(vec![]),
            (Command::Open { .. }, _) => Err(Refusal::Exists("pay run".into())),
            (Command::Add { chunk, .. }, _) if chunk < run.chunks => Ok(vec![]),
            (Command::Add { chunk, sums }, Stage::Preparing) if chunk == run.chunks => {
                Ok(vec![Event::Added { chunk, sums }])
            }
            (Command::Add { .. }, Stage::Preparing) => {
                Err(Refusal::Missing("a chunk before this one".into()))
            }
            (Command::Close, Stage::Preparing) => Ok(vec![Event::Prepared]),
            (Command::Approve { by, sum, orders }, Stage::Prepared) => {
                require(&by, Role::Approver)?;
                if same_person(&by, &run.prepared_by) {
                    return Err(Refusal::SamePerson);
                }
                if (sum, orders) != (run.sums.sum, run.sums.orders) {
                    return Err(Refusal::WrongSum);
                }
                if run.sums.sum > run.limit {
                    return Err(Refusal::AboveLimit);
                }
                Ok(vec![Event::Approved { by }])
            }
            (Command::Release { batch, orders, sum }, Stage::Approved { .. }) => {
                // Orders may have been withdrawn since; none may have come.
                if sum > run.sums.sum || orders > run.sums.orders {
                    return Err(Refusal::WrongSum);
                }
                Ok(vec![Event::Released { batch, orders, sum, at: now }])
            }
            (Command::Release { batch, .. }, Stage::Released { batch: known, .. }) if batch == *known => {
                Ok(vec![])
            }
            // An approved run leaves, and some of its orders may have left already.
            (Command::Discard { .. }, Stage::Approved { .. } | Stage::Released { .. }) => {
                refuse("discard it")
            }
            (Command::Discard { .. }, Stage::Discarded) => Ok(vec![]),
            (Command::Discard { by }, _) => match by {
                // What a stop left half prepared is given up by the system itself.
                Actor::System => Ok(vec![Event::Discarded { by }]),
                Actor::Officer { role: Role::Officer | Role::Approver, .. } => {
                    Ok(vec![Event::Discarded { by }])
                }
                _ => Err(Refusal::Role("Officer".into())),
            },
            (Command::Add { .. }, _) => refuse("add a chunk"),
            (Command::Close, _) => refuse("close it"),
            (Command::Approve { .. }, _) => refuse("approve it"),
            (Command::Release { .. }, _) => refuse("release it"),
        }
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        let Some(mut run) = state else {
            let Event::Opened { id, payer, month, by, limit, before, changes, laws } = event else {
                return None;
            };
            return Some(Self {
                id: *id,
                payer: payer.clone(),
                month: *month,
                prepared_by: by.clone(),
                limit: *limit,
                chunks: 0,
                sums: Sums::default(),
                before: *before,
                changes: *changes,
                laws: laws.clone(),
                approved_by: None,
                stage: Stage::Preparing,
            });
        };
        match event {
            Event::Opened { .. } => {}
            Event::Added { chunk, sums } => {
                run.chunks = chunk + 1;
                run.sums += *sums;
            }
            Event::Prepared => run.stage = Stage::Prepared,
            Event::Approved { by } => {
                run.approved_by = Some(by.clone());
                run.stage = Stage::Approved { by: by.clone() };
            }
            Event::Released { batch, orders, sum, at } => {
                let batch = batch.clone();
                run.stage = Stage::Released { batch, orders: *orders, sum: *sum, at: *at };
            }
            Event::Discarded { .. } => run.stage = Stage::Discarded,
        }
        Some(run)
    }
}

/// One official has one role at a time, but may change it: the name decides.
fn same_person(one: &Actor, other: &Actor) -> bool {
    match (one, other) {
        (Actor::Officer { name, .. }, Actor::Officer { name: second, .. }) => name == second,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{apply, replay};

    fn official(name: &str, role: Role) -> Actor {
        Actor::Officer { name: name.into(), role }
    }

    fn then(state: Option<PayRun>, command: Command) -> Result<Option<PayRun>, Refusal> {
        let events = PayRun::handle(state.as_ref(), command, Moment(0))?;
        Ok(apply(state, &events))
    }

    fn prepared(limit: i64) -> Option<PayRun> {
        let open = Command::Open {
            id: RunId(1),
            payer: "republic".into(),
            month: Month(2027 * 12),
            by: official("A", Role::Officer),
            limit: Tenge::whole(limit),
            before: None,
            changes: Changes::default(),
            laws: Laws::new(),
        };
        let run = replay(&PayRun::handle(None, open, Moment(0)).unwrap());
        let sums = Sums { rights: 2, orders: 2, sum: Tenge::whole(100), ..Sums::default() };
        let run = then(run, Command::Add { chunk: 0, sums }).unwrap();
        let run = then(run, Command::Add { chunk: 0, sums }).unwrap();
        assert_eq!(run.as_ref().unwrap().sums, sums, "a repeated chunk counts once");
        assert!(then(run.clone(), Command::Add { chunk: 2, sums }).is_err());
        then(run, Command::Close).unwrap()
    }

    fn approve(name: &str, role: Role) -> Command {
        Command::Approve { by: official(name, role), sum: Tenge::whole(100), orders: 2 }
    }

    fn release() -> Command {
        Command::Release { batch: "b".into(), orders: 2, sum: Tenge::whole(100) }
    }

    #[test]
    fn the_approver_is_never_the_preparer() {
        assert_eq!(then(prepared(100), approve("A", Role::Approver)), Err(Refusal::SamePerson));
        assert!(then(prepared(100), approve("B", Role::Officer)).is_err());
        assert!(then(prepared(100), release()).is_err(), "not without approval");
        let approved = then(prepared(100), approve("B", Role::Approver)).unwrap();
        assert!(then(approved, release()).is_ok());
    }

    #[test]
    fn nobody_approves_another_sum_than_they_saw_or_above_the_limit() {
        let by = official("B", Role::Approver);
        let other = Command::Approve { by, sum: Tenge::whole(99), orders: 2 };
        assert_eq!(then(prepared(100), other), Err(Refusal::WrongSum));
        assert_eq!(then(prepared(99), approve("B", Role::Approver)), Err(Refusal::AboveLimit));
    }

    #[test]
    fn an_approved_run_is_not_given_up() {
        let discard = || Command::Discard { by: official("A", Role::Officer) };
        assert!(then(prepared(100), discard()).is_ok());
        let approved = then(prepared(100), approve("B", Role::Approver)).unwrap();
        assert!(then(approved, discard()).is_err(), "some of its orders may have left");
    }

    #[test]
    fn a_run_is_released_once() {
        let approved = then(prepared(100), approve("B", Role::Approver)).unwrap();
        let released = then(approved, release()).unwrap();
        assert_eq!(PayRun::handle(released.as_ref(), release(), Moment(0)), Ok(vec![]));
        let another = Command::Release { batch: "c".into(), orders: 2, sum: Tenge::whole(100) };
        assert!(then(released.clone(), another).is_err());
        assert!(then(released, Command::Discard { by: official("A", Role::Officer) }).is_err());
    }
}
