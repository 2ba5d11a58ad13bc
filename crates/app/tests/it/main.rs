//! Tests of the house as a whole, and of whole flows through the real binary.

mod birth;
mod browser;
mod house;
mod identity;
mod paid_already;
mod take;

// The very sweep of the binary.
#[expect(dead_code, reason = "the binary says more kinds of failure than the sweep")]
#[path = "../../src/failure.rs"]
mod failure;
#[path = "../../src/sweep.rs"]
mod sweep;
