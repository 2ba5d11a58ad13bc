//! outside

pub mod smpp;
