//! Whether a measure runs in a region: in shadow, offering, or halted; whether it took over what today's
//! systems pay there; and the brake.

use card::{Actor, Moment, Month, Role, Tenge};
use serde::{Deserialize, Serialize};

use crate::{Machine, Refusal, right::require};

/// How a measure runs in a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Assessed; nobody is told, nothing is paid.
    #[default]
    Shadow,
    /// Offered and paid.
    Offering,
    /// Offers, reminders and payments stand still; whoever writes is heard and answered, and nothing is
    /// lost: what waits leaves when two stewards start it again.
    Halted,
}

/// What takes two stewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposal {
    /// To run in another way.
    Mode(Mode),
    /// To pay from a month on what today's systems pay.
    TakeOver {
        /// The first month that is ours.
        from: Month,
    },
    /// To let today's systems pay again what was taken over.
    GiveBack {
        /// The first month that is not ours any more.
        from: Month,
    },
}

/// The switch of one measure in one region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// The measure.
    pub measure: String,
    /// The region's KATO code; `None` for the whole country.
    pub region: Option<String>,
    /// How it runs.
    pub mode: Mode,
    /// The first month for which we pay what today's systems paid; `None` while they pay it.
    #[serde(default)]
    pub taken_over: Option<Month>,
    /// The first month that they pay again, after it was given back.
    #[serde(default)]
    pub given_back: Option<Month>,
    /// What one steward proposed and a second has not confirmed.
    pub proposed: Option<(Proposal, Actor)>,
}

/// What may be asked of a switch.
#[derive(Clone, Debug)]
pub enum Command {
    /// It exists: the country's in shadow, a region's as the country's stands.
    Install {
        /// The measure.
        measure: String,
        /// The region.
        region: Option<String>,
        /// How it runs.
        mode: Mode,
        /// The first month for which we pay what today's systems paid.
        taken_over: Option<Month>,
    },
    /// A steward proposes something.
    Propose {
        /// What.
        what: Proposal,
        /// The steward.
        by: Actor,
    },
    /// Another steward confirms what was proposed.
    Confirm {
        /// The steward.
        by: Actor,
    },
    /// One steward, or the brake, halts at once.
    Halt {
        /// Who.
        by: Actor,
        /// Why.
        why: String,
    },
}

/// What has happened to a switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It exists.
    Installed {
        /// The measure.
        measure: String,
        /// The region.
        region: Option<String>,
        /// How it runs.
        mode: Mode,
        /// The first month for which we pay what today's systems paid.
        taken_over: Option<Month>,
    },
    /// Something was proposed.
    Proposed {
        /// What.
        what: Proposal,
        /// By.
        by: Actor,
    },
    /// It was switched by two.
    Switched {
        /// To what.
        what: Proposal,
        /// Proposed by.
        first: Actor,
        /// Confirmed by.
        second: Actor,
    },
    /// It was halted.
    Halted {
        /// By.
        by: Actor,
        /// Why.
        why: String,
    },
}

impl Switch {
    /// Is it so already?
    fn is(&self, what: Proposal) -> bool {
        match what {
            Proposal::Mode(mode) => self.mode == mode,
            Proposal::TakeOver { from } => self.taken_over == Some(from),
            Proposal::GiveBack { .. } => self.taken_over.is_none(),
        }
    }

    /// What is not paid is not taken over.
    fn refuses(&self, what: Proposal) -> Option<Refusal> {
        let pays = self.mode == Mode::Offering || !matches!(what, Proposal::TakeOver { .. });
        (!pays).then(|| Refusal::stage("take over", self.mode))
    }
}

impl Machine for Switch {
    type Command = Command;
    type Event = Event;

    fn handle(state: Option<&Self>, command: Command, _now: Moment) -> Result<Vec<Event>, Refusal> {
        match (state, command) {
            (None, Command::Install { measure, region, mode, taken_over }) => {
                Ok(vec![Event::Installed { measure, region, mode, taken_over }])
            }
            (None, _) => Err(Refusal::absent("switch")),
            (Some(switch), Command::Install { measure, region, .. }) => {
                if switch.measure == measure && switch.region == region {
                    Ok(vec![])
                } else {
                    Err(Refusal::Exists("switch".into()))
                }
            }
            (Some(switch), Command::Propose { what, by }) => {
                require(&by, Role::Steward)?;
                if let Some(refusal) = switch.refuses(what) {
                    return Err(refusal);
                }
                Ok(if switch.is(what) { vec![] } else { vec![Event::Proposed { what, by }] })
            }
            (Some(switch), Command::Confirm { by }) => {
                require(&by, Role::Steward)?;
                match &switch.proposed {
                    Some((_, first)) if *first == by => Err(Refusal::SamePerson),
                    Some((what, first)) => match switch.refuses(*what) {
                        Some(refusal) => Err(refusal),
                        None => Ok(vec![Event::Switched { what: *what, first: first.clone(), second: by }]),
                    },
                    None => Err(Refusal::absent("proposal")),
                }
            }
            (Some(switch), Command::Halt { by, why }) => {
                if by != Actor::System {
                    require(&by, Role::Steward)?;
                }
                Ok(if switch.mode == Mode::Halted { vec![] } else { vec![Event::Halted { by, why }] })
            }
        }
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        match (state, event) {
            (None, Event::Installed { measure, region, mode, taken_over }) => Some(Self {
                measure: measure.clone(),
                region: region.clone(),
                mode: *mode,
                taken_over: *taken_over,
                given_back: None,
                proposed: None,
            }),
            (Some(switch), Event::Proposed { what, by }) => {
                Some(Self { proposed: Some((*what, by.clone())), ..switch })
            }
            (Some(switch), Event::Switched { what, .. }) => {
                let switch = Self { proposed: None, ..switch };
                Some(match what {
                    Proposal::Mode(mode) => Self { mode: *mode, ..switch },
                    Proposal::TakeOver { from } => {
                        Self { taken_over: Some(*from), given_back: None, ..switch }
                    }
                    Proposal::GiveBack { from } => {
                        Self { taken_over: None, given_back: Some(*from), ..switch }
                    }
                })
            }
            (Some(switch), Event::Halted { .. }) => {
                Some(Self { mode: Mode::Halted, proposed: None, ..switch })
            }
            (state, _) => state,
        }
    }
}

/// How much a new pack or a day of a registry may change before offers and runs stop by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Of a thousand recipients, how many may come or go.
    pub recipients_permille: u32,
    /// Of a thousand tenge, how many the sum may rise or fall by.
    pub money_permille: u32,
    /// Below so many recipients nothing stops by itself.
    pub from_recipients: u64,
}

/// Why the brake stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// Too many recipients came or went.
    #[error("recipients went from {from} to {to}: more than the limit")]
    Recipients {
        /// Before.
        from: u64,
        /// After.
        to: u64,
    },
    /// The sum rose or fell by too much.
    #[error("the sum went from {from} to {to}: more than the limit")]
    Money {
        /// Before.
        from: Tenge,
        /// After.
        to: Tenge,
    },
}

/// Compares recipients and money before and after a change with the limits.
pub fn brake(limits: &Limits, before: (u64, Tenge), after: (u64, Tenge)) -> Option<Breach> {
    if before.0.max(after.0) < limits.from_recipients {
        return None;
    }
    let beyond =
        |from: i128, to: i128, permille: u32| (to - from).abs() * 1000 > from.abs() * i128::from(permille);
    if beyond(before.0.into(), after.0.into(), limits.recipients_permille) {
        return Some(Breach::Recipients { from: before.0, to: after.0 });
    }
    beyond(before.1.tiyn().into(), after.1.tiyn().into(), limits.money_permille)
        .then_some(Breach::Money { from: before.1, to: after.1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{apply, replay};

    fn steward(name: &str) -> Actor {
        Actor::Officer { name: name.into(), role: Role::Steward }
    }

    fn then(state: Option<Switch>, command: Command) -> Result<Option<Switch>, Refusal> {
        let events = Switch::handle(state.as_ref(), command, Moment(0))?;
        Ok(apply(state, &events))
    }

    fn installed() -> Option<Switch> {
        let measure = "birth_grant".to_owned();
        let install = Command::Install { measure, region: None, mode: Mode::Shadow, taken_over: None };
        replay(&Switch::handle(None, install, Moment(0)).unwrap())
    }

    #[test]
    fn two_stewards_switch_and_one_halts() {
        let propose = Command::Propose { what: Proposal::Mode(Mode::Offering), by: steward("A") };
        let proposed = then(installed(), propose.clone()).unwrap();
        assert_eq!(proposed.as_ref().unwrap().mode, Mode::Shadow);
        assert_eq!(then(proposed.clone(), Command::Confirm { by: steward("A") }), Err(Refusal::SamePerson));
        let officer = Actor::Officer { name: "B".into(), role: Role::Officer };
        assert!(then(proposed.clone(), Command::Confirm { by: officer }).is_err());
        let offering = then(proposed, Command::Confirm { by: steward("B") }).unwrap();
        assert_eq!(offering.as_ref().unwrap().mode, Mode::Offering);
        let halted = then(offering, Command::Halt { by: Actor::System, why: "brake".into() }).unwrap();
        assert_eq!(halted.as_ref().unwrap().mode, Mode::Halted);
        let again = then(halted, propose).unwrap();
        assert_eq!(again.as_ref().unwrap().mode, Mode::Halted, "one alone does not start it again");
    }

    #[test]
    fn only_what_is_offered_is_taken_over_and_by_two() {
        let propose = |what| Command::Propose { what, by: steward("A") };
        let take = Proposal::TakeOver { from: Month(2027 * 12) };
        assert!(then(installed(), propose(take)).is_err(), "in shadow nothing is paid");
        let offering = then(installed(), propose(Proposal::Mode(Mode::Offering))).unwrap();
        let offering = then(offering, Command::Confirm { by: steward("B") }).unwrap();
        let proposed = then(offering, propose(take)).unwrap();
        assert_eq!(proposed.as_ref().unwrap().taken_over, None);
        assert_eq!(then(proposed.clone(), Command::Confirm { by: steward("A") }), Err(Refusal::SamePerson));
        let halted = Command::Halt { by: steward("B"), why: "a fault".into() };
        assert!(
            then(then(proposed.clone(), halted).unwrap(), Command::Confirm { by: steward("B") }).is_err()
        );
        let taken = then(proposed, Command::Confirm { by: steward("B") }).unwrap();
        assert_eq!(taken.as_ref().unwrap().taken_over, Some(Month(2027 * 12)));
        let back = then(taken, propose(Proposal::GiveBack { from: Month(2027 * 12 + 1) })).unwrap();
        assert_eq!(then(back, Command::Confirm { by: steward("B") }).unwrap().unwrap().taken_over, None);
    }

    #[test]
    fn a_jump_beyond_the_limit_stops() {
        let limits = Limits { recipients_permille: 50, money_permille: 50, from_recipients: 100 };
        let sum = Tenge::whole;
        assert_eq!(brake(&limits, (1000, sum(1000)), (1050, sum(1050))), None);
        assert!(matches!(
            brake(&limits, (1000, sum(1000)), (949, sum(1000))),
            Some(Breach::Recipients { .. })
        ));
        assert!(matches!(brake(&limits, (1000, sum(1000)), (1000, sum(1051))), Some(Breach::Money { .. })));
        assert_eq!(brake(&limits, (10, sum(10)), (20, sum(20))), None);
        assert!(brake(&limits, (0, sum(0)), (100, sum(1))).is_some());
    }
}
