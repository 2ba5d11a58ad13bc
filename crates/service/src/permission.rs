//! Which roles may use which use case. Every use case of officials states one permission.

use card::{Actor, Role};

use crate::ServiceError;

/// What an official may be permitted to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// See a person's card, their messages and why the law answers as it does.
    SeePerson,
    /// Record what a caller says: an answer, or that a fact is wrong.
    SpeakForCaller,
    /// Decide an application that is not decided by rule.
    Decide,
    /// See pay runs.
    SeeRuns,
    /// Prepare a pay run.
    PrepareRun,
    /// Approve a pay run that somebody else prepared.
    ApproveRun,
    /// Give up a pay run that nobody approved.
    DiscardRun,
    /// See tasks and finish them.
    Tasks,
    /// See the records that were not taken.
    Quarantine,
    /// See how measures run, and how the law and today's systems differ, in numbers.
    SeeSwitches,
    /// Switch how a measure runs, take over or give back.
    Switch,
    /// See of whom the law and today's systems say different things.
    SeeDifferences,
}

impl Permission {
    /// The roles that have it.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::SeePerson => &[Role::Operator, Role::Officer, Role::Approver],
            Self::SpeakForCaller => &[Role::Operator, Role::Officer],
            Self::Decide | Self::PrepareRun | Self::SeeDifferences => &[Role::Officer],
            Self::ApproveRun => &[Role::Approver],
            Self::DiscardRun => &[Role::Officer, Role::Approver],
            Self::SeeRuns | Self::SeeSwitches => {
                &[Role::Officer, Role::Approver, Role::Steward, Role::Auditor]
            }
            Self::Tasks => &[Role::Operator, Role::Officer, Role::Approver, Role::Steward],
            Self::Quarantine => &[Role::Officer, Role::Steward, Role::Auditor],
            Self::Switch => &[Role::Steward],
        }
    }

    /// Does somebody have it?
    pub fn is_given_to(self, actor: &Actor) -> bool {
        matches!(actor, Actor::Officer { role, .. } if self.roles().contains(role))
    }

    /// Refuses whoever does not have it.
    pub(crate) fn require(self, by: &Actor) -> Result<(), ServiceError> {
        if self.is_given_to(by) { Ok(()) } else { Err(ServiceError::NotPermitted(self)) }
    }
}
