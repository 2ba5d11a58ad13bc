//! Rows in, changes or quarantine out: manifests, checks, corrections, coverage, precedence between
//! registries.
//!
//! **Invariant:** no clock, no randomness, no database, no file. Time is an argument; rows come
//! through [`Records`], and what is decided goes through [`Vault`], [`Chunk`] and [`FactStore`].

mod cell;
mod check;
mod concern;
mod digest;
mod event;
mod fault;
mod landmarks;
mod manifest;
mod merge;
mod port;
mod record;
mod take;

pub use concern::{ChangedRow, LinkedRows, Step, subjects_of};
pub use digest::{Digest, Root, added_leaf, closed_leaf, mark, row_digest};
pub use event::{Event, EventError};
pub use fault::Fault;
pub use landmarks::{Landmarks, persons_of};
pub use manifest::{Extent, Manifest, ManifestError};
pub use merge::{merged, validity_of};
pub use port::{
    Change, Changes, Chunk, Coming, Counts, FactStore, Head, Key, NewEntry, NewFacts, Progress, Quarantined,
    Seen, Vault,
};
pub use record::{Header, HeaderError, Record, Records};
pub use take::{EventFault, EventTaken, Refused, TakeError, take_event, take_extract};
