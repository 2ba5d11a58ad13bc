//! The world: stores, extracts, phones, banks.

pub mod answers;
pub mod bank;
pub mod extract;
pub mod levels;
pub mod smpp;
pub mod snapshot;
pub mod sqlite;
