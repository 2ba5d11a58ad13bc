//! Tests of the house as a whole, and of whole flows through the real binary.

mod house;
