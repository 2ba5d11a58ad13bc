//! The room against the world: the simulators of `trial`, and programs that are not ours.

mod bank;
mod smpp;
mod witness;
