//! Tests of the house as a whole, and of whole flows through the real binary.

mod birth;
mod browser;
mod desk;
#[path = "../../src/evaluator.rs"]
mod evaluator;
#[path = "../../src/failure.rs"]
mod failure;
mod house;
mod identity;
#[path = "../../src/law_files.rs"]
mod law_files;
mod paid_already;
#[path = "../../src/settings.rs"]
mod settings;
mod simulation;
#[path = "../../src/sweep.rs"]
mod sweep;
mod take;

// The very sweep of the binary.
#[expect(dead_code, reason = "the binary says more kinds of failure than the sweep")]
#[path = "../../src/failure.rs"]
mod failure;
#[path = "../../src/sweep.rs"]
mod sweep;
