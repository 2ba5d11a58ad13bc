//! What a command fails with.

use std::path::Path;

/// Why a command stopped, in words for whoever called it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl Failure {
    /// Something went wrong with a file.
    pub fn file(path: &Path, error: &impl std::fmt::Display) -> Self {
        Self(format!("{}: {error}", path.display()))
    }

    /// Something went wrong, in its own words.
    pub fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}
