//! From a right to the money.
//!
//! Every part is a pure state machine ([`Machine`]): `handle` answers a command with events or with
//! a [`Refusal`], `evolve` folds events into state. The journal keeps the events; the state can
//! always be had again from them.
//!
//! **Invariant:** no clock, no randomness, no database: time and chance are arguments.
//!
//! **Invariant:** no event and no state carries a citizen's number, phone, account or name in clear:
//! only [`card::PersonId`], [`card::PhoneId`] and [`card::AccountId`]. The text of an SMS may carry
//! a bank's name, the last four characters of an account and amounts. [`port`] alone speaks in
//! clear, to the outside.

pub mod application;
pub mod archive;
pub mod book;
pub mod consent;
pub mod conversation;
pub mod decision;
pub mod elsewhere;
mod id;
pub mod ledger;
mod machine;
pub mod message;
pub mod mode;
pub mod notice;
pub mod offer;
pub mod outbox;
pub mod payrun;
pub mod port;
mod refusal;
pub mod reply;
pub mod right;
pub mod task;
pub mod timing;
mod totals;

pub use id::{AttemptId, BatchId, ConsentId, OfferId, OrderId, QuestionId, RightId, RunId, TaskId};
pub use machine::{Machine, apply, replay};
pub use refusal::Refusal;
pub use totals::{Broken, Totals};
