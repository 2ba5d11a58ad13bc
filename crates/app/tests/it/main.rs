//! Tests of the house as a whole, and of whole flows through the real binary.

mod birth;
mod browser;
mod desk;
mod house;
mod identity;
mod nation;
mod paid_already;
mod simulation;
mod take;

// The nation of the benchmark, and the loop over it.
#[path = "../../benches/nation/answers.rs"]
#[allow(dead_code, reason = "the benchmark writes and counts them")]
mod answers;
#[path = "../../benches/nation/hand/mod.rs"]
mod hand;
#[path = "../../benches/nation/population/mod.rs"]
#[allow(dead_code, reason = "the benchmark makes larger ones")]
mod population;

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
