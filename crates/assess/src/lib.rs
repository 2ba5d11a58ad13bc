//! The one evaluator: columns in, verdicts out, for one subject or a nation.
//!
//! **Invariant:** it computes; it neither loads nor keeps facts.

mod calendar;
pub mod case;
mod engine;
mod exec;
pub mod explain;
mod facts;
mod free;
mod kept;
mod lower;
mod missing;
mod plan;
mod relate;
mod score;
mod sweep;
mod types;
mod verdict;

pub use engine::Engine;
pub use score::Levels;
pub use sweep::Swept;
