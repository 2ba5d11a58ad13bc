//! Tests of the house as a whole, and of whole flows through the real binary.

mod birth;
mod browser;
mod case;
mod desk;
mod from_today;
mod house;
mod identity;
mod kinds;
mod law_book;
mod levels;
mod life_of_award;
mod nation;
mod notice;
mod paid_already;
mod people;
mod rows;
mod simulation;
mod take;
mod told;
mod town;

// The nation of the benchmark, and the loop over it.
#[path = "../../benches/nation/answers.rs"]
#[allow(dead_code, reason = "the benchmark writes and counts them")]
mod answers;
#[path = "../../benches/nation/hand/mod.rs"]
mod hand;
#[path = "../../benches/nation/population/mod.rs"]
#[allow(dead_code, reason = "the benchmark makes larger ones")]
mod population;
