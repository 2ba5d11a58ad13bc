//! One state of the store, read by several threads: what the snapshot is made from.

use std::{collections::BTreeSet, ops::Deref};

use card::{Cell, Coverage, EntityId, FieldId, Lookup, Moment, PersonId, Schema};
use intake::{ChangedRow, LinkedRows, Step};
use rusqlite::Connection;

use super::{Store, StoreError, quarantine, rows};

/// Changed rows that are looked at together.
const CHANGED: usize = 20_000;

/// How far a store had come: everything later has a larger number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Tip {
    /// The last journal entry.
    pub entry: u64,
    /// The number of the next row.
    pub row: u64,
}

/// A read transaction. It sees one state of the store for as long as it lives.
pub(crate) struct Reading<'s> {
    pub(super) store: &'s Store,
    connection: Option<Connection>,
}

impl Deref for Reading<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("taken only when dropped")
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // A connection that cannot end its transaction is not used again.
            let ended = connection.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
            if ended.is_ok() {
                self.store.give_back(connection);
            }
        }
    }
}

impl Store {
    /// As many readings of one and the same state.
    pub(crate) fn readings(&self, count: usize) -> Result<(Vec<Reading<'_>>, Tip), StoreError> {
        loop {
            let readings = (0..count.max(1)).map(|_| self.reading()).collect::<Result<Vec<_>, _>>()?;
            let tips = readings.iter().map(Reading::tip).collect::<Result<Vec<_>, _>>()?;
            // Somebody may have written between two of them.
            if tips.iter().all(|tip| *tip == tips[0]) {
                return Ok((readings, tips[0]));
            }
        }
    }

    pub(super) fn reading(&self) -> Result<Reading<'_>, StoreError> {
        let connection = self.reader()?;
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Reading { store: self, connection: Some(connection) })
    }
}

impl Reading<'_> {
    pub fn tip(&self) -> Result<Tip, StoreError> {
        let number = |sql: &str| -> Result<u64, StoreError> {
            Ok(self.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0))? as u64)
        };
        Ok(Tip {
            entry: number("SELECT coalesce(max(id), 0) FROM entry")?,
            row: number("SELECT value FROM counter WHERE name = 'row'")?,
        })
    }

    /// How far the store had come at an entry of its journal.
    pub fn tip_of(&self, entry: u64) -> Result<Tip, StoreError> {
        let next = self
            .prepare_cached("SELECT min(first) FROM fact_entry WHERE entry > ?1 AND rows > 0")?
            .query_row([entry as i64], |row| row.get::<_, Option<i64>>(0))?;
        let row = next.map_or_else(|| self.tip().map(|tip| tip.row), |row| Ok(row as u64))?;
        Ok(Tip { entry, row })
    }

    /// All coverage as known at a moment (`None`: now).
    pub fn coverage(&self, known_on: Option<Moment>) -> Result<Vec<Coverage>, StoreError> {
        let mut covered = Vec::new();
        for at in 0..self.store.schema.entities.len() {
            rows::coverage(self, &self.store.words, EntityId(at as u16), known_on, &mut covered)?;
        }
        Ok(covered)
    }

    /// As [`Store::doubted`].
    pub fn doubted<M: Copy + Ord>(
        &self,
        reads: &[(M, Vec<Step>)],
        known_on: Option<Moment>,
    ) -> Result<BTreeSet<(M, PersonId)>, StoreError> {
        let mut persons = Vec::new();
        for person in quarantine::all_held(self, known_on)? {
            let row = rows::by_key(self.store, self, Schema::PERSON, &[Cell::Person(person)], known_on)?;
            persons.extend(row.map(|row| ChangedRow {
                entity: Schema::PERSON,
                before: None,
                after: Some(row.cells),
            }));
        }
        self.concerned(&persons, reads, known_on)
    }

    /// Whom changed rows concern, over the links known at a moment.
    pub fn concerned<M: Copy + Ord>(
        &self,
        changed: &[ChangedRow],
        reads: &[(M, Vec<Step>)],
        known_on: Option<Moment>,
    ) -> Result<BTreeSet<(M, PersonId)>, StoreError> {
        let mixed = rows::mixed(self.store, self)?;
        intake::subjects_of(&self.store.schema, changed, reads, &mut Links { reading: self, known_on, mixed })
    }

    /// Whom everything concerns that changed since a tip, as known now: whoever reads a row that came
    /// or ended.
    pub fn concerned_since<M: Copy + Ord>(
        &self,
        tip: Tip,
        reads: &[(M, Vec<Step>)],
    ) -> Result<BTreeSet<(M, PersonId)>, StoreError> {
        let mut concerned = BTreeSet::new();
        for at in 0..self.store.schema.entities.len() {
            let entity = EntityId(at as u16);
            let table = self.store.tables.at(entity);
            let fields = format!("_row, _registry, _valid_from, _valid_to, {}", table.columns.join(", "));
            for (condition, since) in [("_row >= ?1", tip.row), ("_ended_by > ?1", tip.entry)] {
                let sql = format!("SELECT {fields} FROM {} WHERE {condition}", table.name);
                let mut statement = self.prepare_cached(&sql)?;
                statement.raw_bind_parameter(1, since as i64)?;
                let mut some = Vec::new();
                let mut ask = |some: &mut Vec<ChangedRow>| -> Result<(), StoreError> {
                    concerned.extend(self.concerned(some, reads, None)?);
                    some.clear();
                    Ok(())
                };
                rows::read_each(self.store, entity, &mut statement, |row| {
                    some.push(ChangedRow { entity, before: None, after: Some(row.cells) });
                    if some.len() < CHANGED { Ok(()) } else { ask(&mut some) }
                })?;
                ask(&mut some)?;
            }
        }
        Ok(concerned)
    }

    /// How many rows came or ended since a tip.
    pub fn changes_since(&self, tip: Tip) -> Result<u64, StoreError> {
        Ok(self.tip()?.row - tip.row)
    }

    /// Every person of whom there is a row, ascending, with where they last came to live, if that is
    /// known.
    pub fn persons(
        &self,
        known_on: Option<Moment>,
        mut each: impl FnMut(PersonId, Option<&str>),
    ) -> Result<(), StoreError> {
        let schema = &self.store.schema;
        let known = match known_on {
            None => "_known_to IS NULL".to_owned(),
            Some(Moment(at)) => format!("_known_from <= {at} AND (_known_to IS NULL OR _known_to > {at})"),
        };
        let person = self.store.tables.at(Schema::PERSON);
        let id = &person.columns[schema.at(Schema::PERSON).key[0].0 as usize];
        let persons = format!("SELECT DISTINCT {id} FROM {} WHERE {known} ORDER BY {id}", person.name);
        let mut persons = self.prepare(&persons)?;
        let mut persons = persons.query([])?;
        let mut homes = match homes(schema) {
            None => None,
            Some((entity, of, address)) => {
                let table = self.store.tables.at(entity);
                let (of, address) = (&table.columns[of.0 as usize], &table.columns[address.0 as usize]);
                let latest = format!(
                    "SELECT {of}, {address} FROM {} WHERE {known} ORDER BY {of}, _valid_from, _row",
                    table.name
                );
                Some(self.prepare(&latest)?)
            }
        };
        let mut homes = homes.as_mut().map(|homes| homes.query([])).transpose()?;
        let mut ahead: Option<(i64, Option<String>)> = None;
        let mut next = || -> Result<Option<(i64, Option<String>)>, StoreError> {
            let Some(homes) = &mut homes else { return Ok(None) };
            let Some(row) = homes.next()? else { return Ok(None) };
            let address = row.get_ref(1)?.as_str().ok().map(str::to_owned);
            Ok(Some((row.get(0)?, address)))
        };
        ahead = next()?.or(ahead);
        while let Some(row) = persons.next()? {
            let person: i64 = row.get(0)?;
            let mut address = None;
            while let Some((of, told)) = &mut ahead {
                if *of > person {
                    break;
                }
                if *of == person {
                    address = told.take().or(address);
                }
                ahead = next()?;
            }
            each(PersonId(person as u64), address.as_deref());
        }
        Ok(())
    }

    /// Is there a row of a person?
    pub fn knows(&self, person: PersonId) -> Result<bool, StoreError> {
        let key = [Cell::Person(person)];
        Ok(rows::by_key(self.store, self, Schema::PERSON, &key, None)?.is_some())
    }

    /// Where a person last came to live, if that is known.
    pub fn home(&self, person: PersonId) -> Result<Option<Box<str>>, StoreError> {
        let store = self.store;
        let Some((entity, of, address)) = homes(&store.schema) else { return Ok(None) };
        let mut homes = Vec::new();
        let lookup = Lookup { entity, field: of, key: Cell::Person(person) };
        rows::look_up(store, self, &lookup, None, &rows::mixed(store, self)?, &mut homes)?;
        homes.sort_by_key(|row| (row.from, row.id));
        Ok(homes.iter().rev().find_map(|row| match row.cell(address) {
            Cell::Code(code) => Some(code.clone()),
            _ => None,
        }))
    }
}

/// Where addresses are told: of whom, and which.
fn homes(schema: &Schema) -> Option<(EntityId, FieldId, FieldId)> {
    let entity = schema.entity("residence")?;
    let declared = schema.at(entity);
    Some((entity, declared.field("person")?, declared.field("address")?))
}

/// Links as they were known at a moment.
struct Links<'r> {
    reading: &'r Reading<'r>,
    known_on: Option<Moment>,
    mixed: Vec<bool>,
}

impl LinkedRows for Links<'_> {
    type Error = StoreError;

    fn rows(&mut self, lookup: &Lookup) -> Result<Vec<Box<[Cell]>>, StoreError> {
        let mut found = Vec::new();
        rows::look_up(self.reading.store, self.reading, lookup, self.known_on, &self.mixed, &mut found)?;
        Ok(found.into_iter().map(|row| row.cells).collect())
    }
}
