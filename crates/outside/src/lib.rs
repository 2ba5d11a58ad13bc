//! outside

pub mod bank;
pub mod smpp;
