//! What is wrong with a bank's file, and where.

/// A place in a bank's file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}, {element}: {what}; {mend}")]
pub struct BankFileError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The path of the element.
    pub element: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub mend: &'static str,
    /// Whether nothing after this place could be read.
    pub fatal: bool,
}
