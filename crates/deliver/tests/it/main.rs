//! Drives many small worlds of families from the found right to the money on the account, through
//! lost messages, doubled, late and foreign replies, payments that come back and a jumping clock,
//! and checks after every transaction what must never happen.
//!
//! One seed makes one world. `SEED=17 cargo test -p deliver --test it` runs one alone; `SEEDS=5000`
//! runs as many.

mod asking;
mod audit;
mod bank;
mod deciding;
mod driver;
mod memory;
mod month;
mod network;
mod simulate;
mod world;
