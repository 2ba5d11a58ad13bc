//! Many circles at once: each step of their paths is one question for all subjects.

use std::collections::{HashMap, HashSet};

use card::{Cell, EntityId, FieldId, Moment, PersonId, Row, Schema};
use law::{Reach, ReachFrom};

use super::{Reading, StoreError, rows};

/// Keys that one statement looks up at most.
const KEYS: usize = 400;

impl Reading<'_> {
    /// The circles of many subjects, without duplicates: each step in one question for all of them.
    pub fn circles(
        &self,
        subjects: &[PersonId],
        reads: &[Reach],
        known_on: Option<Moment>,
    ) -> Result<Vec<Row>, StoreError> {
        let mut walk = Walk {
            reading: self,
            known_on,
            mixed: rows::mixed(self.store, self)?,
            rows: Vec::new(),
            places: HashMap::new(),
            answers: HashMap::new(),
        };
        let person = self.store.schema.at(Schema::PERSON).key[0];
        let keys: Vec<Cell> = subjects.iter().map(|subject| Cell::Person(*subject)).collect();
        let here = walk.ask(Schema::PERSON, person, &keys)?;
        for step in reads {
            // Links start at the id, also of those of whom only others speak.
            let keys = match step.from {
                ReachFrom::Key => keys.clone(),
                ReachFrom::Field(field) => walk.keys(&here, field),
            };
            walk.step(step, &keys)?;
        }
        Ok(walk.rows)
    }

    /// As [`rows::look_up`], for many keys, each once.
    fn look_up_all(
        &self,
        entity: EntityId,
        field: FieldId,
        keys: &[Cell],
        known_on: Option<Moment>,
        mixed: bool,
        found: &mut Vec<Row>,
    ) -> Result<(), StoreError> {
        let (store, declared) = (self.store, self.store.schema.at(entity));
        let table = store.tables.at(entity);
        if table.by_now[field.0 as usize].is_none() {
            let field = declared.at(field).name.clone();
            return Err(StoreError::NoLink { entity: declared.name.clone(), field });
        }
        let first = found.len();
        for keys in keys.chunks(KEYS) {
            // Few lengths, so that few statements are prepared: the last key stands for those left.
            let length = keys.len().next_power_of_two().min(KEYS);
            let mut statement = self.prepare_cached(&table.by_any(field, length, known_on.is_some()))?;
            for at in 0..length {
                let key = keys.get(at).unwrap_or(&keys[keys.len() - 1]);
                rows::bind(&mut statement, at + 1, key, entity, field, store)?;
            }
            if let Some(moment) = known_on {
                statement.raw_bind_parameter(length + 1, moment.0)?;
            }
            rows::read(store, entity, &mut statement, found)?;
        }
        if !mixed {
            return Ok(());
        }
        let mut hit = found.split_off(first);
        let key_of =
            |row: &Row| declared.key.iter().map(|field| row.cell(*field).clone()).collect::<Vec<_>>();
        hit.sort_by_cached_key(key_of);
        // Where the field is part of the key, all that is said of a thing was hit.
        let all_hit = declared.key.contains(&field);
        while let Some(last) = hit.last() {
            let key = key_of(last);
            let first = hit.partition_point(|row| key_of(row) < key);
            let told = hit.split_off(first);
            if all_hit {
                found.extend(rows::one_of(store, entity, told));
            } else {
                // Another registry may say otherwise of the field that was looked up.
                let said: HashSet<Cell> = told.iter().map(|row| row.cell(field).clone()).collect();
                found.extend(
                    rows::by_key(store, self, entity, &key, known_on)?
                        .filter(|row| said.contains(row.cell(field))),
                );
            }
        }
        Ok(())
    }
}

struct Walk<'r> {
    reading: &'r Reading<'r>,
    known_on: Option<Moment>,
    mixed: Vec<bool>,
    rows: Vec<Row>,
    /// Where in `rows` a row is, by its number.
    places: HashMap<u64, u32>,
    /// What was asked already.
    answers: HashMap<(EntityId, FieldId), HashMap<Cell, Vec<u32>>>,
}

impl Walk<'_> {
    /// The rows of an entity whose field equals one of some keys.
    fn ask(&mut self, entity: EntityId, field: FieldId, keys: &[Cell]) -> Result<Vec<u32>, StoreError> {
        let known = self.answers.entry((entity, field)).or_default();
        let new: Vec<Cell> = keys.iter().filter(|key| !known.contains_key(key)).cloned().collect();
        if !new.is_empty() {
            let mut found = Vec::new();
            let mixed = self.mixed[entity.0 as usize];
            self.reading.look_up_all(entity, field, &new, self.known_on, mixed, &mut found)?;
            known.extend(new.into_iter().map(|key| (key, Vec::new())));
            for row in found {
                let next = self.rows.len() as u32;
                let place = *self.places.entry(row.id).or_insert(next);
                if let Some(answer) = known.get_mut(row.cell(field)) {
                    answer.push(place);
                }
                if place == next {
                    self.rows.push(row);
                }
            }
        }
        let mut rows: Vec<u32> = keys.iter().filter_map(|key| known.get(key)).flatten().copied().collect();
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }

    /// What a field of some rows says, each once, but for what is unknown or nothing.
    fn keys(&self, rows: &[u32], field: FieldId) -> Vec<Cell> {
        let cells = rows.iter().map(|row| self.rows[*row as usize].cell(field));
        let mut keys: Vec<Cell> =
            cells.filter(|cell| !matches!(cell, Cell::Unknown | Cell::Nothing)).cloned().collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn step(&mut self, step: &Reach, keys: &[Cell]) -> Result<(), StoreError> {
        let found = self.ask(step.entity, step.by, keys)?;
        for next in &step.then {
            let from = match next.from {
                ReachFrom::Field(field) => field,
                ReachFrom::Key => match self.reading.store.schema.at(step.entity).key[..] {
                    [own] => own,
                    _ => continue,
                },
            };
            let keys = self.keys(&found, from);
            self.step(next, &keys)?;
        }
        Ok(())
    }
}
