//! The append-only journal: one table for everything that was done and decided.

use card::{Actor, Moment};
use rusqlite::{Connection, params};

use super::StoreError;

/// Appends an entry inside the transaction of what it tells; its number.
pub fn append(
    tx: &Connection,
    at: Moment,
    actor: &Actor,
    kind: &str,
    payload: &[u8],
) -> Result<u64, StoreError> {
    append_about(tx, at, actor, kind, "", payload)
}

/// As [`append`], about one aggregate, such as `right 17`.
pub fn append_about(
    tx: &Connection,
    at: Moment,
    actor: &Actor,
    kind: &str,
    aggregate: &str,
    payload: &[u8],
) -> Result<u64, StoreError> {
    let actor = serde_json::to_string(actor).expect("an actor is plain data");
    tx.prepare_cached("INSERT INTO entry (at, actor, kind, aggregate, payload) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![at.0, actor, kind, aggregate, payload])?;
    Ok(tx.last_insert_rowid() as u64)
}

/// The number that the next entry of this transaction gets.
pub(super) fn next(tx: &Connection) -> Result<u64, StoreError> {
    let last: i64 =
        tx.prepare_cached("SELECT coalesce(max(id), 0) FROM entry")?.query_row([], |row| row.get(0))?;
    Ok(last as u64 + 1)
}
