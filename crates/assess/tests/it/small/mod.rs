//! A small law of its own, built by hand, that uses every construct of the language.

mod law;
mod measures;
pub mod schema;
pub mod terms;
mod world;

pub use law::{dated, pack};
pub use measures::expressions;

pub use world::{Mask, World};
