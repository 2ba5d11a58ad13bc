//! The snapshot of facts as Parquet: flat tables that any analyst's tool reads, by buckets of
//! subjects. It is derived from the store, and nothing in it names anybody.
//!
//! **Invariant:** the one place that knows how facts lie in files.

mod bucket;
mod columns;
mod error;
mod validity;

pub use bucket::{Fields, read_bucket, write_bucket};
pub use error::SnapshotError;
