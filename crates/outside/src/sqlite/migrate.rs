use rusqlite::Connection;

use super::{StoreError, book_tables};

/// Steps from one version of the fixed tables to the next. The tables of facts follow the schema
/// instead (`tables`).
const STEPS: [&str; 4] = [
    // Everything that is done and decided, in order.
    "CREATE TABLE entry (
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL,
        aggregate TEXT NOT NULL, payload BLOB NOT NULL);
     CREATE INDEX entry_aggregate ON entry (aggregate, id) WHERE aggregate <> '';
     -- Names of registries, entities and enumerated values, by number.
     CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
     -- The next number of a row, and the latest moment from which rows are known.
     CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
     INSERT INTO counter VALUES ('row', 1), ('known', 0);
     -- Which rows an entry brought: `first` and as many as `rows`.
     CREATE TABLE fact_entry (entry INTEGER PRIMARY KEY, first INTEGER NOT NULL, rows INTEGER NOT NULL);
     -- Which registries ever spoke of an entity.
     CREATE TABLE speaker (entity INTEGER NOT NULL, registry INTEGER NOT NULL, PRIMARY KEY (entity, registry))
        WITHOUT ROWID;
     CREATE TABLE coverage (
        id INTEGER PRIMARY KEY, entity INTEGER NOT NULL, registry INTEGER NOT NULL, region TEXT,
        first INTEGER NOT NULL, through INTEGER NOT NULL, known_from INTEGER NOT NULL, known_to INTEGER);
     CREATE INDEX coverage_entity ON coverage (entity, known_to);
     CREATE TABLE extract (
        id INTEGER PRIMARY KEY, identity BLOB NOT NULL UNIQUE, sha256 BLOB NOT NULL, file TEXT NOT NULL, entity INTEGER NOT NULL,
        registry INTEGER NOT NULL, regions TEXT NOT NULL, extent TEXT NOT NULL, first INTEGER NOT NULL,
        through INTEGER NOT NULL, made_on INTEGER NOT NULL, rows INTEGER NOT NULL,
        chunk_rows INTEGER NOT NULL, chunks INTEGER NOT NULL, finished INTEGER NOT NULL,
        read INTEGER NOT NULL, accepted INTEGER NOT NULL, unchanged INTEGER NOT NULL,
        overtaken INTEGER NOT NULL, quarantined INTEGER NOT NULL, ended INTEGER NOT NULL);
     -- Rows that an extract under way has confirmed; emptied when it is taken.
     CREATE TABLE met (extract INTEGER NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (extract, row)) WITHOUT ROWID;
     -- Bodies of events, sealed; those refused for contradicting an earlier one too.
     CREATE TABLE event (
        source INTEGER NOT NULL, id TEXT NOT NULL, digest BLOB NOT NULL, refused INTEGER NOT NULL,
        body BLOB NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (source, id, digest));
     CREATE TABLE quarantine (
        id INTEGER PRIMARY KEY, entry INTEGER NOT NULL, entity INTEGER NOT NULL, registry INTEGER NOT NULL,
        file TEXT NOT NULL, line INTEGER NOT NULL, field TEXT, reason TEXT NOT NULL, mend TEXT NOT NULL,
        raw BLOB NOT NULL, key INTEGER, extract INTEGER, said_at INTEGER NOT NULL, known_from INTEGER NOT NULL, settled_at INTEGER);
     CREATE INDEX quarantine_open ON quarantine (entity, registry, key) WHERE settled_at IS NULL;
     CREATE TABLE quarantine_person (
        person INTEGER NOT NULL, quarantine INTEGER NOT NULL, PRIMARY KEY (person, quarantine)) WITHOUT ROWID;
     -- Whose an id is: numbers and names sealed under a key of their own, that key sealed by the
     -- master key; without the key, nobody can read them.
     CREATE TABLE vault_person (
        id INTEGER PRIMARY KEY, blind BLOB UNIQUE, key BLOB, number BLOB);
     CREATE TABLE vault_name (person INTEGER PRIMARY KEY, name BLOB NOT NULL, blind BLOB NOT NULL);
     CREATE TABLE vault_phone (id INTEGER PRIMARY KEY, blind BLOB UNIQUE, key BLOB, number BLOB);
     CREATE TABLE vault_account (id INTEGER PRIMARY KEY, blind BLOB UNIQUE, key BLOB, number BLOB);
     CREATE TABLE vault_check (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL, blind BLOB NOT NULL);",
    // What delivery decides.
    book_tables::TABLES,
    book_tables::BESIDE,
    // How many causes of notices were told, wait, and passed untold.
    book_tables::NOTICES,
];

/// Brings the fixed tables to the newest version.
pub(super) fn bring_up(tx: &Connection) -> Result<(), StoreError> {
    let found: u32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = STEPS.len() as u32;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for step in &STEPS[found as usize..] {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", known)?;
    Ok(())
}
