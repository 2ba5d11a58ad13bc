//! The room against the world: intake on real files, the simulators of `trial`, and programs that are
//! not ours.

mod bank;
mod circle;
mod crash;
mod events;
mod extracts;
mod history;
mod parquet;
mod smpp;
mod snapshot;
mod vault;
mod witness;
mod world;
