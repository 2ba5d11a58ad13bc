//! The bank, by files of ISO 20022: payment orders out (pain.001.001.09), answers (pain.002) and
//! statements (camt.054) in.
//!
//! Files are written and read in one pass; a file of a million entries needs no more memory than one
//! entry. Errors name file, line, element and what to do, never a person: an order is named by its
//! own id.

mod camt054;
mod pain001;
mod pain002;
mod problem;
mod walk;

pub use camt054::{Statement, statement};
pub use pain001::{BatchError, write_batch};
pub use pain002::{StatusReports, status_reports};
pub use problem::BankFileError;
