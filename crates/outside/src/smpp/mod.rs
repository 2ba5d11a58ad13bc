//! The link to the mobile operator: SMPP 3.4, as a transceiver, through `rusmppc`.
//!
//! What it promises:
//! - A message is submitted at most once. Where the answer is lost the outcome is
//!   [`Submitted::Uncertain`](deliver::port::Submitted::Uncertain), and only a receipt resolves it.
//! - A receipt or a reply is acknowledged to the operator only after the handler has said that it is
//!   stored; what is not acknowledged comes again.
//! - A reply that comes again because its acknowledgement was lost has the id that it had.
//! - Replies of one phone reach the handler one after the other, in the order in which they came.
//!
//! Nothing here logs. `rusmpp` and `rusmppc` emit whole messages as `tracing` events of level debug
//! and trace: whoever installs a subscriber silences the targets `rusmpp` and `rusmppc`.

mod again;
mod alphabet;
mod config;
mod incoming;
mod link;
mod memory;
mod parts;
mod receipt;
mod session;

pub use config::{Answers, Binds, ConfigError, Limits, LinkConfig, Password, Profile, Sender};
pub use link::{Health, Link, LinkState, NotStored};
pub use parts::Coding;
pub use receipt::IdForm;
