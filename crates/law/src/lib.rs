//! The law language and the pack.
//!
//! **Invariant:** pure. Text comes in as text and the compiled pack goes out; nothing here opens a
//! file, and nothing here evaluates.

pub mod cases;
mod check;
mod closure;
mod diagnostic;
mod fields;
mod load;
mod pack;
pub mod port;
mod reading;
mod reads;
mod says;
mod score;
pub mod syntax;
pub mod tree;
mod walk;
mod yaml;

pub use closure::{EVALUATOR, Named};
pub use diagnostic::Diagnostic;
pub use load::{Loaded, Strictness, load, load_cases, read};
pub use pack::*;
pub use reading::reading;
pub use reads::{Reach, ReachFrom};
pub use says::Says;
pub use score::{Direction, Indicator, Level, Score, ScoreExpectation};
pub use yaml::Source;
