//! The columns of a bucket under their names, and where rows of a person lie in them.

use std::collections::{HashMap, HashSet};

use card::{Bucket, EntityId, FieldId, RegistryId, Said, Schema, Table, Values};

/// One table of a bucket.
#[derive(Clone, Copy)]
pub struct Rows<'b> {
    table: &'b Table,
    schema: &'b Schema,
    entity: EntityId,
    owner: RegistryId,
}

/// A column whose values are told, or not.
#[derive(Clone, Copy)]
pub struct Told<'b, T> {
    pub values: &'b [T],
    pub said: Option<&'b [Said]>,
}

impl<T: Copy> Told<'_, T> {
    pub fn said(&self, at: usize) -> Said {
        self.said.map_or(Said::Told, |said| said[at])
    }

    /// The value, if it is told.
    pub fn get(&self, at: usize) -> Option<T> {
        (self.said(at) == Said::Told).then(|| self.values[at])
    }
}

macro_rules! columns {
    ($($name:ident: $kind:ident, $ty:ty;)*) => {
        $(pub fn $name(&self, field: &str) -> Told<'b, $ty> {
            let column = &self.table.fields[self.field(field).0 as usize];
            let Values::$kind(values) = &column.values else { panic!("{field}: of another kind") };
            Told { values, said: column.said.as_deref() }
        })*
    };
}

impl<'b> Rows<'b> {
    pub fn of(schema: &'b Schema, bucket: &'b Bucket, name: &str) -> Self {
        let entity = schema.entity(name).expect("an entity of the benchmark's pack");
        let owner = schema.at(entity).registry;
        Self { table: &bucket.tables[entity.0 as usize], schema, entity, owner }
    }

    fn field(&self, name: &str) -> FieldId {
        self.schema.at(self.entity).field(name).expect("a field of the benchmark's pack")
    }

    columns! {
        bools: Bools, bool;
        numbers: Numbers, i64;
        days: Days, i32;
        enums: Enums, u16;
        codes: Codes, u32;
        keys: Keys, u64;
    }

    pub fn len(&self) -> usize {
        self.table.len()
    }

    pub fn from(&self) -> &'b [i32] {
        &self.table.from
    }

    pub fn holds(&self, at: usize, day: i32) -> bool {
        self.table.from[at] <= day && day < self.table.until[at]
    }

    /// Is a row of the registry that owns such rows?
    pub fn is_owned(&self, at: usize) -> bool {
        self.table.registries.as_ref().is_none_or(|registries| registries[at] == self.owner)
    }

    /// Is a row of the registry that owns a field?
    pub fn owns(&self, at: usize, field: &str) -> bool {
        let owner = self.schema.at(self.entity).at(self.field(field)).registry.unwrap_or(self.owner);
        self.table.registries.as_ref().map_or(self.owner, |registries| registries[at]) == owner
    }
}

/// Where some codes are among those of a bucket.
pub struct Codes<'b>(HashMap<&'b str, u32>);

impl<'b> Codes<'b> {
    /// Of those that are wanted.
    pub fn of(bucket: &'b Bucket, wanted: &HashSet<&str>) -> Self {
        let all = bucket.codes.iter().zip(0..).map(|(code, at)| (&**code, at));
        Self(all.filter(|(code, _)| wanted.contains(code)).collect())
    }

    /// Of one; no row has a code that is not there.
    pub fn find(&self, code: &str) -> Option<u32> {
        self.0.get(code).copied()
    }
}

/// Finds the rows of keys that are mostly asked for near the last ones.
pub struct Finder<'b> {
    keys: &'b [u64],
    near: usize,
}

impl<'b> Finder<'b> {
    /// In a column in rising order.
    pub const fn of(keys: &'b [u64]) -> Self {
        Self { keys, near: 0 }
    }

    /// The rows of a key.
    pub fn find(&mut self, key: u64) -> std::ops::Range<usize> {
        let start = self.first(key);
        let many = self.keys[start..].iter().take_while(|here| **here == key).count();
        self.near = start;
        start..start + many
    }

    /// The first row that is not before a key: in steps that double, forward or back, then by halves.
    fn first(&self, key: u64) -> usize {
        let (mut first, mut last) = (self.near, self.near);
        let mut step = 1;
        while last < self.keys.len() && self.keys[last] < key {
            first = last + 1;
            last += step;
            step *= 2;
        }
        step = 1;
        while first > 0 && self.keys[first - 1] >= key {
            last = first - 1;
            first = first.saturating_sub(step);
            step *= 2;
        }
        let last = last.min(self.keys.len());
        first + self.keys[first..last].partition_point(|here| *here < key)
    }
}
