//! The world: stores, extracts, phones, banks.

pub mod extract;
pub mod sqlite;
