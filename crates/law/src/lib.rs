//! The law language and the pack.
//!
//! **Invariant:** pure. Text comes in as text and the compiled pack goes out; nothing here opens a
//! file, and nothing here evaluates.

pub mod cases;
mod diagnostic;
mod pack;
pub mod port;
mod reads;
pub mod syntax;
pub mod tree;
mod yaml;

pub use diagnostic::Diagnostic;
pub use pack::*;
pub use reads::{Reach, ReachFrom};
pub use yaml::Source;
