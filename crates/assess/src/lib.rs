//! The one evaluator: columns in, verdicts out, for one subject or a nation.
//!
//! **Invariant:** it computes; it neither loads nor keeps facts.

mod calendar;
mod engine;
mod exec;
mod facts;
mod free;
mod lower;
mod plan;
mod relate;
mod types;
mod verdict;

pub use engine::Engine;
