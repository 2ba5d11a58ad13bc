//! Records that were not taken, until somebody mends them.

use std::collections::HashSet;

use card::{Cell, EntityId, FieldId, Moment, PersonId, RegistryId};
use intake::Quarantined;
use rusqlite::{Connection, params};

use super::{
    Store, StoreError, rows,
    seal::{self, Chance},
};

/// Where held records come from.
pub(super) struct Place<'a> {
    pub entry: u64,
    pub registry: i64,
    pub extract: Option<i64>,
    pub file: &'a str,
    pub at: Moment,
    /// Since when it is the registry's word.
    pub said_at: Moment,
}

/// Holds a record.
pub(super) fn hold(
    tx: &Connection,
    place: &Place<'_>,
    entity: i64,
    held: &Quarantined,
    records: &[u8; 32],
    chance: &mut Chance,
) -> Result<(), StoreError> {
    let sealed = seal::seal(records, "quarantine", held.raw.as_bytes(), chance)?;
    tx.prepare_cached(
        "INSERT INTO quarantine (entry, entity, registry, file, line, field, reason, mend, raw, known_from, key,
            extract, said_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        place.entry as i64,
        entity,
        place.registry,
        place.file,
        held.line as i64,
        held.column,
        held.reason,
        held.mend,
        sealed,
        place.at.0,
        held.key,
        place.extract,
        place.said_at.0,
    ])?;
    let id = tx.last_insert_rowid();
    for person in &held.persons {
        tx.prepare_cached("INSERT INTO quarantine_person VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute([person.0 as i64, id])?;
    }
    Ok(())
}

/// The marks of keys of which a record is held.
pub(super) fn held_keys(
    tx: &Connection,
    entity: i64,
    registry: i64,
    extract: Option<i64>,
) -> Result<HashSet<i64>, StoreError> {
    let mut held = tx.prepare_cached(
        "SELECT key FROM quarantine
         WHERE entity = ?1 AND registry = ?2 AND key IS NOT NULL AND settled_at IS NULL
           AND (?3 IS NULL OR extract IS NOT ?3)",
    )?;
    Ok(held.query_map(params![entity, registry, extract], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// A sound record of the same key settles what was held of it before, if the registry did not say that
/// later.
pub(super) fn settle(tx: &Connection, place: &Place<'_>, entity: i64, key: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE quarantine SET settled_at = ?5
         WHERE entity = ?1 AND registry = ?2 AND key = ?3 AND settled_at IS NULL AND entry < ?4
           AND (?6 IS NULL OR extract IS NOT ?6) AND said_at <= ?7",
    )?
    .execute(params![
        entity,
        place.registry,
        key,
        place.entry as i64,
        place.at.0,
        place.extract,
        place.said_at.0
    ])?;
    Ok(())
}

/// A full extract that is taken whole, and is not late, says everything anew: what a registry sent amiss
/// before it was made is settled. What it said later is not, though it came earlier.
pub(super) fn settle_before(
    tx: &Connection,
    entity: i64,
    registry: i64,
    extract: u64,
    (said_at, at): (Moment, Moment),
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE quarantine SET settled_at = ?4
         WHERE entity = ?1 AND registry = ?2 AND settled_at IS NULL
           AND extract IS NOT ?3
           AND (SELECT regions FROM extract WHERE id = ?3) = ''
           AND known_from < ?4 AND said_at <= ?5",
    )?
    .execute(params![entity, registry, extract as i64, at.0, said_at.0])?;
    Ok(())
}

/// Everybody about whom a record waits.
pub(super) fn all_held(
    connection: &Connection,
    known_on: Option<Moment>,
) -> Result<Vec<PersonId>, StoreError> {
    let mut held = connection.prepare_cached(
        "SELECT DISTINCT p.person FROM quarantine_person p JOIN quarantine q ON q.id = p.quarantine
         WHERE q.known_from <= ?1 AND (q.settled_at IS NULL OR q.settled_at > ?1)",
    )?;
    let moment = known_on.map_or(i64::MAX - 1, |moment| moment.0);
    let persons = held.query_map([moment], |row| row.get::<_, i64>(0))?;
    Ok(persons.map(|person| person.map(|id| PersonId(id as u64))).collect::<Result<_, _>>()?)
}

/// Of which entities a registry has a record about a person in quarantine.
pub(super) fn held_of(
    store: &Store,
    connection: &Connection,
    person: PersonId,
    known_on: Option<Moment>,
) -> Result<Vec<(EntityId, RegistryId)>, StoreError> {
    let mut held = connection.prepare_cached(
        "SELECT q.entity, q.registry FROM quarantine_person p JOIN quarantine q ON q.id = p.quarantine
         WHERE p.person = ?1 AND q.known_from <= ?2 AND (q.settled_at IS NULL OR q.settled_at > ?2)",
    )?;
    let moment = known_on.map_or(i64::MAX - 1, |moment| moment.0);
    let mut rows = held.query([person.0 as i64, moment])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (entity, registry) = (row.get(0)?, row.get(1)?);
        found.extend(store.words.entity_of(entity).zip(store.words.registry_of(registry)));
    }
    Ok(found)
}

/// A record in quarantine, without what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantinedRow {
    /// Its number.
    pub id: u64,
    /// Of which entity.
    pub entity: EntityId,
    /// Who sent it.
    pub registry: RegistryId,
    /// The name of the file, or the type of the event.
    pub file: String,
    /// The line of the file, or the row of the event.
    pub line: u64,
    /// The field, where one is at fault.
    pub field: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub mend: String,
    /// Since when it is held.
    pub since: Moment,
}

/// What two registries say differently of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Of which entity.
    pub entity: EntityId,
    /// Which field.
    pub field: FieldId,
    /// Whose word counts, the row and what it says.
    pub counts: (RegistryId, u64, Cell),
    /// Whose word is set aside, the row and what it says.
    pub set_aside: (RegistryId, u64, Cell),
}

impl Store {
    /// Records in quarantine that nobody has settled, the oldest first, after a number.
    pub fn quarantine(&self, after: u64, limit: usize) -> Result<Vec<QuarantinedRow>, StoreError> {
        self.read(|reader| {
            let mut held = reader.prepare_cached(
                "SELECT id, entity, registry, file, line, field, reason, mend, known_from FROM quarantine
                 WHERE settled_at IS NULL AND id > ?1 ORDER BY id LIMIT ?2",
            )?;
            let mut rows = held.query([after as i64, limit as i64])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let known = self.words.entity_of(row.get(1)?).zip(self.words.registry_of(row.get(2)?));
                let Some((entity, registry)) = known else { continue };
                found.push(QuarantinedRow {
                    id: row.get::<_, i64>(0)? as u64,
                    entity,
                    registry,
                    file: row.get(3)?,
                    line: row.get::<_, i64>(4)? as u64,
                    field: row.get(5)?,
                    reason: row.get(6)?,
                    mend: row.get(7)?,
                    since: Moment(row.get(8)?),
                });
            }
            Ok(found)
        })
    }

    /// What a record in quarantine says, as JSON. It holds identifiers: who asks and why is written
    /// down by the caller.
    pub fn reveal_quarantined(&self, id: u64) -> Result<String, StoreError> {
        let raw: Vec<u8> = self.read(|reader| {
            Ok(reader
                .prepare_cached("SELECT raw FROM quarantine WHERE id = ?1")?
                .query_row([id as i64], |row| row.get(0))?)
        })?;
        seal::open(&seal::records_key(&self.keys), "quarantine", &raw)
            .and_then(|plain| String::from_utf8(plain).ok())
            .ok_or(StoreError::Seal { table: "quarantine", id })
    }

    /// The bodies that came under one id of an event, the one that was taken first. They hold
    /// identifiers.
    pub fn reveal_event(&self, source: RegistryId, id: &str) -> Result<Vec<String>, StoreError> {
        let sealed: Vec<Vec<u8>> = self.read(|reader| {
            let mut bodies = reader.prepare_cached(
                "SELECT body FROM event WHERE source = ?1 AND id = ?2 ORDER BY refused, entry",
            )?;
            let bodies = bodies.query_map(params![self.words.registry(source), id], |row| row.get(0))?;
            Ok(bodies.collect::<Result<_, _>>()?)
        })?;
        let name = &self.schema.registries[source.0 as usize].name;
        let place = format!("event {name} {id}");
        sealed
            .iter()
            .map(|sealed| {
                seal::open(&seal::records_key(&self.keys), &place, sealed)
                    .and_then(|plain| String::from_utf8(plain).ok())
                    .ok_or(StoreError::Seal { table: "event", id: 0 })
            })
            .collect()
    }

    /// An official has dealt with a record in quarantine.
    pub fn settle_quarantined(&self, id: u64, at: Moment) -> Result<(), StoreError> {
        self.write(|tx| {
            let settled = tx.execute(
                "UPDATE quarantine SET settled_at = ?2 WHERE id = ?1 AND settled_at IS NULL",
                params![id as i64, at.0],
            )?;
            if settled == 0 {
                Err(StoreError::Missing { what: "open quarantine record", id })
            } else {
                Ok(())
            }
        })
    }

    /// Where registries contradict each other about rows of an entity, now.
    pub fn conflicts(&self, entity: EntityId) -> Result<Vec<Conflict>, StoreError> {
        self.read(|reader| rows::conflicts(self, reader, entity))
    }
}
