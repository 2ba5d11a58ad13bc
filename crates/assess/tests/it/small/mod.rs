//! A small law of its own, built by hand, that uses every construct of the language.

mod law;
mod measures;
mod schema;
mod terms;
mod world;

pub use law::pack;
pub use measures::expressions;
pub use schema::*;
pub use terms::*;
pub use world::{Mask, World};
