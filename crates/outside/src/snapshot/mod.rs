//! The snapshot of facts as Parquet: flat tables that any analyst's tool reads, by buckets of
//! subjects. It is derived from the store, and nothing in it names anybody.
//!
//! **Invariant:** the one place that knows how facts lie in files.

mod bucket;
mod columns;
mod error;
mod keep;
mod manifest;
mod validity;

pub use bucket::{Fields, Written, read_bucket, write_bucket};
pub use error::SnapshotError;
pub use keep::{Brought, Making, Snapshot};

use std::fmt::Write;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
