use super::keys::KeysError;

/// Why the store did not do something. Messages hold no personal data.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// `SQLite` says so.
    #[error("the store: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The keys are not those of this store, or are not readable.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A sealed value does not open: it was changed, or moved from another row.
    #[error("{table} {id}: the sealed value does not open; it was changed outside the store")]
    Seal {
        /// Which table.
        table: &'static str,
        /// Which row.
        id: u64,
    },
    /// The store was made by a newer program.
    #[error("the store has version {found} and this program knows {known}; use the newer program")]
    Newer {
        /// In the file.
        found: u32,
        /// Of the program.
        known: u32,
    },
    /// Rows are asked for by a field that has no index.
    #[error(
        "{entity}: rows are not looked up by {field}; links are fields of persons, phones, accounts and rows, the first of a key and the region of a person"
    )]
    NoLink {
        /// Of which entity.
        entity: String,
        /// By which field.
        field: String,
    },
    /// A cell is not what the schema says.
    #[error("{entity} row {row}, {field}: the stored value is not of the declared type")]
    Cell {
        /// Of which entity.
        entity: String,
        /// Which row.
        row: u64,
        /// Which field.
        field: String,
    },
    /// A row that must be there is not.
    #[error("{what} {id} is not in the store")]
    Missing {
        /// What.
        what: &'static str,
        /// Which.
        id: u64,
    },
    /// A state of the book is not there, or does not open.
    #[error("{table} {id}: the state is missing or does not open; its person may have been erased")]
    State {
        /// Which table.
        table: &'static str,
        /// Which state.
        id: String,
    },
    /// A child would count in two granted rights of a measure.
    #[error("a child of this right counts in another granted right of the measure")]
    Claimed,
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Chance(getrandom::Error),
    /// An armed crash point was reached (tests only).
    #[error("crash point reached: {0}")]
    Crash(&'static str),
}
