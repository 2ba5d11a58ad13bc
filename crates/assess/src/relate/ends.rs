//! The rows at the ends of relations: by what they name, and whether they are true on a day.

use std::{borrow::Cow, ops::Range, rc::Rc};

use card::{EntityId, FieldId};

use crate::{
    facts::{ANY, Cells, Facts, Key, gallop},
    types::{Bits, NO, YES},
};

/// The things of an entity by a field.
pub(crate) struct Index<'f> {
    /// The keys in order: a column of facts where its rows come in that order, else sorted.
    keys: Cow<'f, [u64]>,
    /// The thing of each key; those of the rows in their order if `None`.
    things: Option<Vec<u32>>,
    /// Things that do not tell the field, and may belong to any key.
    pub(super) anybodys: Vec<u32>,
}

impl<'f> Index<'f> {
    /// Indexes a field.
    pub fn of(facts: &'f Facts, entity: EntityId, field: FieldId) -> Self {
        let table = facts.table(entity);
        let plain = table.is_dense() && table.absent() == 0;
        let keys = table.keys(field);
        if let Some(keys) = keys.told().filter(|keys| plain && keys.is_sorted()) {
            return Self { keys: Cow::Borrowed(keys), things: None, anybodys: Vec::new() };
        }
        let mut pairs = Vec::with_capacity(facts.len(entity));
        let mut anybodys = Vec::new();
        for thing in 1..facts.len(entity) {
            let mut add = |key: Key| match key {
                Key::Is(key) => pairs.push((key, thing as u32)),
                Key::Unknown => anybodys.push(thing as u32),
                Key::Nothing => {}
            };
            let rows = table.run(thing);
            if rows.is_empty() {
                if let Cells::One(name @ Some(_)) = facts.cells(entity, thing, field, 0) {
                    add(Key::of(name));
                }
            } else {
                rows.for_each(|row| add(keys.of(row)));
            }
        }
        sort(&mut pairs);
        pairs.dedup();
        anybodys.dedup();
        let (keys, things): (Vec<u64>, Vec<u32>) = pairs.into_iter().unzip();
        Self { keys: Cow::Owned(keys), things: Some(things), anybodys }
    }

    /// The first thing that has a key, or any.
    pub fn first(&self, key: u64, near: &mut usize) -> u32 {
        self.find(key, near).next().map_or(ANY, |at| self.thing(at))
    }

    /// Where a key is, the things of which are in order. `near` is where the last search ended.
    pub(super) fn find(&self, key: u64, near: &mut usize) -> Range<usize> {
        let start = gallop(&self.keys, key, near);
        let mut end = start;
        while self.keys.get(end) == Some(&key) {
            end += 1;
        }
        start..end
    }

    pub(super) fn thing(&self, at: usize) -> u32 {
        self.things.as_ref().map_or(at as u32 + 1, |things| things[at])
    }
}

/// Sorts keys with their things. Both mostly fit into one word, which sorts twice as fast.
fn sort(pairs: &mut [(u64, u32)]) {
    let fits = |(key, thing): &(u64, u32)| *key < 1 << 40 && *thing < 1 << 24;
    if !pairs.iter().all(fits) {
        return pairs.sort_unstable();
    }
    let mut words: Vec<u64> = pairs.iter().map(|(key, thing)| key << 24 | u64::from(*thing)).collect();
    words.sort_unstable();
    for (pair, word) in pairs.iter_mut().zip(words) {
        *pair = (word >> 24, word as u32 & 0xff_ffff);
    }
}

/// What is true of the rows of an entity on a day, worked out for all of them at once.
pub(crate) struct OnDay {
    /// Of every row: is it true? Of rows of any time, which all are, none.
    rows: Vec<Bits>,
}

impl OnDay {
    /// On a day; of rows of any time if `None`.
    pub fn of(facts: &Facts, entity: EntityId, on: Option<i32>) -> Self {
        let Some(day) = on else { return Self { rows: Vec::new() } };
        let table = facts.table(entity);
        let days = table.from().iter().zip(table.until());
        let mut rows: Vec<Bits> =
            days.map(|(from, until)| if *from <= day && day < *until { YES } else { NO }).collect();
        for row in facts.undated(entity) {
            rows[row] = facts.holds(facts.row(entity, row), day);
        }
        Self { rows }
    }

    /// Is a row true?
    pub(super) fn row(&self, row: usize) -> Bits {
        self.rows.get(row).copied().unwrap_or(YES)
    }
}

/// What following a relation needs to know of the rows at its end.
#[derive(Clone)]
pub(crate) struct Ends<'f> {
    /// Their index by the field that the relation goes by.
    pub index: Rc<Index<'f>>,
    /// Are they true on the day, where it is one day for all?
    pub on_day: Option<Rc<OnDay>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_any_width_come_in_order() {
        for wide in [0, 1 << 45] {
            let mut pairs = vec![(7, 2), (wide + 3, 9), (7, 1), (0, 5)];
            sort(&mut pairs);
            assert!(pairs.is_sorted(), "{pairs:?}");
            assert_eq!(pairs.len(), 4);
        }
    }
}
