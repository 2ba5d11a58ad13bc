//! Readers of the extracts that registries deliver.

mod csv;

pub use self::csv::{CsvExtract, ExtractError};
