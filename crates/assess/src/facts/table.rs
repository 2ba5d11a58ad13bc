//! The rows of one entity as columns, and the things that they speak of.

use std::{borrow::Cow, ops::Range};

use card::{FieldId, RegistryId, Said, Values};

use super::{ANY, Key, gallop};

/// What one field of one row says. Values are bits that mean what the type of the field says: a
/// number, tiyn, days, months, a position in an enumeration, the number of a code, of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Cell {
    /// See [`card::Cell::Unknown`].
    Unknown,
    /// See [`card::Cell::Nothing`].
    Nothing,
    /// See [`card::Cell::Year`].
    Year(i32),
    /// This value.
    Is(i64),
}

impl Cell {
    /// What kind of answer it is.
    pub fn said(self) -> Said {
        match self {
            Self::Unknown => Said::Unknown,
            Self::Nothing => Said::Nothing,
            Self::Year(_) => Said::Year,
            Self::Is(_) => Said::Told,
        }
    }
}

/// The rows of one entity, and its things: [`ANY`], those of which there are rows in the order of
/// the rows, those that are only named.
pub(crate) struct Table<'a> {
    rows: Cow<'a, card::Table>,
    owner: RegistryId,
    /// The field by which others name its things; without one every row is a thing.
    named: Option<FieldId>,
    /// Where each thing's rows begin, and one more at the end; `None`: one row each.
    starts: Option<Vec<u32>>,
    /// The thing of each row; `None`: one row each.
    things: Option<Vec<u32>>,
    /// How many rows do not tell their name: they come first.
    nameless: usize,
    /// The names under which there are no rows, in order.
    absent: Vec<u64>,
    /// The names of things in order, where the rows are not in that order themselves.
    names: Vec<(u64, u32)>,
}

impl<'a> Table<'a> {
    /// Rows that belong to a registry.
    pub fn of(rows: Cow<'a, card::Table>, owner: RegistryId, named: Option<FieldId>) -> Self {
        let mut table = Self {
            rows,
            owner,
            named,
            starts: None,
            things: None,
            nameless: 0,
            absent: Vec::new(),
            names: Vec::new(),
        };
        let Some(named) = named.filter(|_| table.rows() > 0) else { return table };
        let name = |row: usize| match table.cell(row, named) {
            Cell::Is(name) => Some(name as u64),
            _ => None,
        };
        let again = |row: usize| name(row).is_some() && name(row) == name(row - 1);
        let nameless = (0..table.rows()).find(|row| name(*row).is_some()).unwrap_or(table.rows());
        if (1..table.rows()).any(again) {
            let first = |row: &usize| *row == 0 || !again(*row);
            let starts: Vec<u32> = (0..table.rows()).filter(first).map(|row| row as u32).collect();
            let mut thing = 0;
            let things = (0..table.rows()).map(|row| {
                thing += u32::from(first(&row));
                thing
            });
            table.things = Some(things.collect());
            table.starts = Some(starts.into_iter().chain([table.rows() as u32]).collect());
        }
        table.nameless = nameless;
        if !matches!(table.rows.fields[named.0 as usize].values, Values::Keys(_)) {
            let things = 1..=table.told();
            let mut names: Vec<(u64, u32)> =
                things.filter_map(|thing| Some((table.name(thing)?, thing as u32))).collect();
            names.sort_unstable();
            table.names = names;
        }
        table
    }

    /// Adds things that are only named.
    pub fn add_absent(&mut self, mut names: Vec<u64>) {
        names.sort_unstable();
        names.dedup();
        self.absent = names;
    }

    /// The store's number of a row.
    pub fn id(&self, row: usize) -> u64 {
        self.rows.ids[row]
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows.ids.len()
    }

    /// How many things of which there are rows.
    pub fn told(&self) -> usize {
        self.starts.as_ref().map_or(self.rows(), |starts| starts.len() - 1)
    }

    /// How many things are only named.
    pub fn absent(&self) -> usize {
        self.absent.len()
    }

    /// How many things.
    pub fn len(&self) -> usize {
        1 + self.told() + self.absent.len()
    }

    /// Is there one row of every thing that has any?
    pub fn is_dense(&self) -> bool {
        self.starts.is_none()
    }

    /// The rows of a thing.
    pub fn run(&self, thing: usize) -> Range<usize> {
        if thing == ANY as usize || thing > self.told() {
            return 0..0;
        }
        match &self.starts {
            None => thing - 1..thing,
            Some(starts) => starts[thing - 1] as usize..starts[thing] as usize,
        }
    }

    /// The thing of which a row speaks.
    pub fn thing_of(&self, row: usize) -> u32 {
        self.things.as_ref().map_or(row as u32 + 1, |things| things[row])
    }

    /// The row of a thing of which there is one alone; else a place where no row is.
    pub fn only_row(&self, thing: usize) -> usize {
        let run = self.run(thing);
        if run.len() == 1 { run.start } else { usize::MAX }
    }

    /// The name of a thing that others can name.
    pub fn name(&self, thing: usize) -> Option<u64> {
        let named = self.named?;
        if thing > self.told() {
            return Some(self.absent[thing - 1 - self.told()]);
        }
        match self.cell(self.run(thing).next()?, named) {
            Cell::Is(name) => Some(name as u64),
            _ => None,
        }
    }

    /// The field by which others name its things.
    pub fn named(&self) -> Option<FieldId> {
        self.named
    }

    /// The thing of a name of which there are rows. `near` is where the last search ended.
    pub fn thing(&self, name: u64, near: &mut usize) -> Option<u32> {
        let named = self.named?;
        let column = self.rows.fields.get(named.0 as usize)?;
        let Values::Keys(keys) = &column.values else {
            let at = self.names.binary_search_by_key(&name, |(name, _)| *name).ok()?;
            return Some(self.names[at].1);
        };
        let row = self.nameless + gallop(&keys[self.nameless..], name, near);
        if keys.get(row) != Some(&name) {
            return None;
        }
        Some(self.things.as_ref().map_or(row as u32 + 1, |things| things[row]))
    }

    /// What a field of a row says.
    pub fn cell(&self, row: usize, field: FieldId) -> Cell {
        let column = &self.rows.fields[field.0 as usize];
        let value = match &column.values {
            Values::Unread => return Cell::Unknown,
            Values::Bools(values) => i64::from(values[row]),
            Values::Numbers(values) => values[row],
            Values::Days(values) => i64::from(values[row]),
            Values::Enums(values) => i64::from(values[row]),
            // 0 is any code.
            Values::Codes(values) => i64::from(values[row]) + 1,
            Values::Keys(values) => values[row] as i64,
        };
        match column.said.as_ref().map_or(Said::Told, |said| said[row]) {
            Said::Told => Cell::Is(value),
            Said::Nothing => Cell::Nothing,
            Said::Unknown => Cell::Unknown,
            Said::Year => Cell::Year(value as i32),
        }
    }

    /// What the rows say in a field, as keys.
    pub fn keys(&self, field: FieldId) -> Keys<'_> {
        let column = self.column(field);
        let values = if let Values::Keys(keys) = &column.values { Some(&keys[..]) } else { None };
        Keys { table: self, field, values, said: column.said.as_deref() }
    }

    /// The rows that neither tell a day in a field nor that there is none.
    pub fn tell_no_day(&self, field: FieldId) -> Vec<usize> {
        let column = self.column(field);
        let untold = |row: &usize| match (&column.values, &column.said) {
            (Values::Unread, _) => true,
            (_, None) => false,
            (_, Some(said)) => matches!(said[*row], Said::Unknown | Said::Year),
        };
        (0..self.rows()).filter(untold).collect()
    }

    /// The column of a field.
    pub fn column(&self, field: FieldId) -> &card::Column {
        &self.rows.fields[field.0 as usize]
    }

    /// The first day on which each row is true.
    pub fn from(&self) -> &[i32] {
        &self.rows.from
    }

    /// The first day on which each row is true no more.
    pub fn until(&self) -> &[i32] {
        &self.rows.until
    }

    /// Who said a row.
    pub fn registry(&self, row: usize) -> RegistryId {
        self.rows.registries.as_ref().map_or(self.owner, |registries| registries[row])
    }
}

/// What the rows of a table say in a field, as keys.
#[derive(Clone, Copy)]
pub(crate) struct Keys<'t> {
    table: &'t Table<'t>,
    field: FieldId,
    values: Option<&'t [u64]>,
    said: Option<&'t [Said]>,
}

impl<'t> Keys<'t> {
    /// What a row says.
    pub fn of(&self, row: usize) -> Key {
        let Some(values) = self.values else { return Key::of(Some(self.table.cell(row, self.field))) };
        match self.said.map_or(Said::Told, |said| said[row]) {
            Said::Told => Key::Is(values[row]),
            Said::Nothing => Key::Nothing,
            Said::Unknown | Said::Year => Key::Unknown,
        }
    }

    /// All of them, if every row tells one.
    pub fn told(&self) -> Option<&'t [u64]> {
        self.values.filter(|_| self.said.is_none())
    }
}
