//! Tests of the house as a whole, and of whole flows through the real binary.

mod birth;
mod browser;
mod desk;
mod house;
mod identity;
mod paid_already;
mod take;
