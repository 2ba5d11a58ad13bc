//! Tests of the house as a whole, and of whole flows through the real binary.

#[path = "../../src/evaluator.rs"]
mod evaluator;
#[path = "../../src/failure.rs"]
mod failure;
mod house;
#[path = "../../src/law_files.rs"]
mod law_files;
#[path = "../../src/settings.rs"]
mod settings;
mod simulation;
#[path = "../../src/sweep.rs"]
mod sweep;
