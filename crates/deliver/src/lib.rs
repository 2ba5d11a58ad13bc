//! From a right to the money.
//!
//! **Invariant:** pure state machines. No clock, no randomness, no database: time and chance are
//! arguments.

pub mod port;
