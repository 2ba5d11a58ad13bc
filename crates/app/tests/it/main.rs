//! Tests of the house as a whole, and of whole flows through the real binary.

mod birth;
mod browser;
mod desk;
mod house;
mod identity;
mod paid_already;
mod simulation;
mod take;

// The very modules of the binary that the simulation and the identity run without a process.
#[path = "../../src/evaluator.rs"]
mod evaluator;
#[path = "../../src/failure.rs"]
mod failure;
#[path = "../../src/law_files.rs"]
mod law_files;
#[path = "../../src/settings.rs"]
mod settings;
#[path = "../../src/sweep.rs"]
mod sweep;
