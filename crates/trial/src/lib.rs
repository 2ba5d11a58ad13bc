//! What lets anybody try the card: a synthetic population, phones with an operator, and a bank.
//!
//! **Invariant:** the service meets everything here through the sockets and files by which it meets
//! the real thing.

pub mod bank;
pub mod citizens;
pub mod phones;
pub mod population;
pub mod smsc;
