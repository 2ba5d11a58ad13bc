//! The store with everything that intake does, on real files.

mod circle;
mod crash;
mod events;
mod extracts;
mod history;
mod parquet;
mod vault;
mod world;
