//! The facts of a batch as columns: of a bucket as it is, of circles after they became one.
//!
//! A column has one element per *thing*: a person, an award, a row that nobody else names. Several
//! rows may speak of one thing (two registries, two periods); which of them counts is decided
//! here, by precedence, for a day. The first thing of every entity is [`ANY`]: a row of which
//! nothing is known. It stands wherever a path may lead to any row at all.

mod covered;
mod groups;
mod read;
mod table;

use std::{
    borrow::Cow,
    cell::{Cell as Counter, OnceCell, RefCell},
    collections::HashMap,
};

use card::{
    Bucket, Circle, Coverage, Date, EntityId, FOREVER, FieldId, FieldType, PersonId, RegistryId, Schema,
    Span, Validity,
};
use law::{LinkFrom, Pack};

pub(crate) use covered::{Covered, is_within};
pub(crate) use table::{Cell, Keys, Table};

use crate::{
    calendar,
    types::{Bits, Days, EVER_AFTER, EVER_BEFORE, NO, UNKNOWN, YES},
};

/// The thing of every entity that may be any of its rows.
pub(crate) const ANY: u32 = 0;

/// The largest number that a fact may hold; bounds of results rest on it.
pub(crate) const LARGEST: i128 = 1_000_000_000_000_000_000;

/// What a cell says as a key that another row may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    /// This one.
    Is(u64),
    /// Any.
    Unknown,
    /// None.
    Nothing,
}

impl Key {
    /// What a cell says as a key.
    pub fn of(cell: Option<Cell>) -> Self {
        match cell {
            Some(Cell::Is(value)) => Self::Is(value as u64),
            Some(Cell::Nothing) => Self::Nothing,
            _ => Self::Unknown,
        }
    }
}

/// One row of an entity.
#[derive(Clone, Copy)]
pub(crate) struct Row<'f> {
    /// Of which entity.
    pub entity: EntityId,
    table: &'f Table<'f>,
    at: usize,
}

impl Row<'_> {
    /// The store's number of it.
    pub fn id(&self) -> u64 {
        self.table.id(self.at)
    }

    /// What a field says.
    pub fn cell(&self, field: FieldId) -> Cell {
        self.table.cell(self.at, field)
    }

    /// Who said it.
    pub fn registry(&self) -> RegistryId {
        self.table.registry(self.at)
    }
}

/// Things of an entity and the days on which they are read: every thing on one day, or given ones.
pub(crate) struct Places<'p> {
    /// Of which entity.
    pub entity: EntityId,
    /// These; every thing if `None`.
    pub things: Option<&'p [u32]>,
    /// One day for all, or a day for each.
    pub days: &'p [i32],
    /// How many.
    pub len: usize,
}

impl Places<'_> {
    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = (u32, i32)> {
        (0..self.len).map(|at| {
            let thing =
                self.things.map_or(at as u32, |things| things[if things.len() == 1 { 0 } else { at }]);
            (thing, self.days[if self.days.len() == 1 { 0 } else { at }])
        })
    }
}

/// The rows of a bucket, or of some circles.
pub(crate) struct Facts<'a> {
    /// What the rows mean.
    pub pack: &'a Pack,
    tables: Vec<Table<'a>>,
    /// What the rows of group entities group.
    members: HashMap<EntityId, groups::Members>,
    region: Option<FieldId>,
    /// Where each person is known to live, worked out when it is first asked for.
    regions: OnceCell<covered::Regions>,
    texts: Cow<'a, [Box<str>]>,
    /// The numbers of codes that were asked for by their texts.
    codes: RefCell<HashMap<Box<str>, u32>>,
    coverage: &'a [Coverage],
    /// The keys by which rows were asked for, in order; `None`: every row that exists is here.
    loaded: Option<HashMap<(EntityId, FieldId), Vec<u64>>>,
    beyond: Counter<bool>,
}

impl<'a> Facts<'a> {
    /// The union of circles, which know the same coverage.
    pub fn of_circles(pack: &'a Pack, circles: &[&'a Circle]) -> Self {
        let mut rows: Vec<&card::Row> = circles.iter().flat_map(|circle| &circle.rows).collect();
        if circles.len() > 1 {
            rows.sort_by_key(|row| row.id);
            rows.dedup_by_key(|row| row.id);
        }
        let Bucket { tables, codes, .. } = Bucket::of(&pack.schema, Vec::new(), rows, Vec::new());
        let coverage = circles.first().map_or(&[][..], |circle| &circle.coverage);
        let mut facts = Self::over(pack, tables.into_iter().map(Cow::Owned), Cow::Owned(codes), coverage);
        facts.loaded = facts.asked(circles);
        facts
    }

    /// A bucket.
    pub fn of_bucket(pack: &'a Pack, bucket: &'a Bucket) -> Self {
        let tables = bucket.tables.iter().map(Cow::Borrowed);
        Self::over(pack, tables, Cow::Borrowed(&bucket.codes), &bucket.coverage)
    }

    fn over(
        pack: &'a Pack,
        rows: impl Iterator<Item = Cow<'a, card::Table>>,
        texts: Cow<'a, [Box<str>]>,
        coverage: &'a [Coverage],
    ) -> Self {
        let schema = &pack.schema;
        let mut named = vec![None; schema.entities.len()];
        named[Schema::PERSON.0 as usize] = Some(schema.at(Schema::PERSON).key[0]);
        for field in schema.entities.iter().flat_map(|entity| &entity.fields) {
            if let FieldType::Row(entity) = field.ty
                && let [key] = schema.at(entity).key[..]
            {
                named[entity.0 as usize] = Some(key);
            }
        }
        let declared = schema.entities.iter().zip(named);
        let tables =
            rows.zip(declared).map(|(rows, (entity, named))| Table::of(rows, entity.registry, named));
        let mut tables: Vec<Table> = tables.collect();
        let mut members = HashMap::new();
        for group in &pack.groups {
            let (table, grouped) = groups::of(schema, group, &tables[group.rows.0 as usize]);
            tables[group.entity.0 as usize] = table;
            members.insert(group.entity, grouped);
        }
        for (table, names) in absent(pack, &tables).into_iter().enumerate() {
            tables[table].add_absent(names);
        }
        Self {
            pack,
            tables,
            members,
            region: schema.at(Schema::PERSON).field("region"),
            regions: OnceCell::new(),
            texts,
            codes: RefCell::default(),
            coverage,
            loaded: None,
            beyond: Counter::new(false),
        }
    }

    /// The questions that were put to the store for all circles together.
    fn asked(&self, circles: &[&Circle]) -> Option<HashMap<(EntityId, FieldId), Vec<u64>>> {
        let mut loaded: HashMap<_, Vec<u64>> = HashMap::new();
        for circle in circles {
            for lookup in circle.loaded.as_ref()? {
                let key = match &lookup.key {
                    card::Cell::Person(person) => person.0,
                    card::Cell::Code(code) => u64::from(self.code(code)),
                    card::Cell::Account(account) => account.0,
                    card::Cell::Phone(phone) => phone.0,
                    card::Cell::Integer(number) => *number as u64,
                    card::Cell::Month(month) => month.0 as u64,
                    card::Cell::Date(day) => day.days() as u64,
                    card::Cell::Enum(value) => u64::from(*value),
                    _ => continue,
                };
                loaded.entry((lookup.entity, lookup.field)).or_default().push(key);
            }
        }
        for keys in loaded.values_mut() {
            keys.sort_unstable();
        }
        Some(loaded)
    }

    /// Is every row that exists here?
    pub fn is_whole(&self) -> bool {
        self.loaded.is_none()
    }

    /// Were the rows of an entity by a field asked for under a key?
    pub fn was_asked(&self, entity: EntityId, field: FieldId, key: u64) -> bool {
        let Some(loaded) = &self.loaded else { return true };
        loaded.get(&(entity, field)).is_some_and(|keys| keys.binary_search(&key).is_ok())
    }

    /// The rows of an entity and its things.
    pub fn table(&self, entity: EntityId) -> &Table<'a> {
        &self.tables[entity.0 as usize]
    }

    /// What the rows of a group entity group.
    pub fn members(&self, entity: EntityId) -> &groups::Members {
        &self.members[&entity]
    }

    /// How many things of an entity.
    pub fn len(&self, entity: EntityId) -> usize {
        self.table(entity).len()
    }

    /// The rows of a thing.
    pub fn rows(&self, entity: EntityId, thing: usize) -> impl DoubleEndedIterator<Item = Row<'_>> + Clone {
        let table = self.table(entity);
        table.run(thing).map(move |at| Row { entity, table, at })
    }

    /// Every row of an entity.
    pub fn all_rows(&self, entity: EntityId) -> impl Iterator<Item = Row<'_>> {
        let table = self.table(entity);
        (0..table.rows()).map(move |at| Row { entity, table, at })
    }

    /// A row by its place among all rows of its entity.
    pub fn row(&self, entity: EntityId, at: usize) -> Row<'_> {
        Row { entity, table: self.table(entity), at }
    }

    /// Are there no rows of a thing?
    pub fn is_absent(&self, entity: EntityId, thing: usize) -> bool {
        self.table(entity).run(thing).is_empty()
    }

    /// Did a number turn up that is larger than the proof of exactness allows?
    pub fn beyond(&self) -> bool {
        self.beyond.get()
    }

    /// The place of a person of whom there are facts. `near` is where the last search ended.
    pub fn person(&self, person: PersonId, near: &mut usize) -> Option<u32> {
        self.table(Schema::PERSON).thing(person.0, near)
    }

    /// The person at a place.
    pub fn person_at(&self, thing: u32) -> Option<PersonId> {
        self.table(Schema::PERSON).name(thing as usize).map(PersonId)
    }

    /// The number of a code.
    pub fn code(&self, code: &str) -> u32 {
        let mut codes = self.codes.borrow_mut();
        if let Some(&known) = codes.get(code) {
            return known;
        }
        // 0 is any code; codes that no row has come after those of the rows.
        let here = self.texts.iter().position(|text| **text == *code);
        let number = here.unwrap_or(self.texts.len() + codes.len()) as u32 + 1;
        codes.insert(code.into(), number);
        number
    }

    /// The field by which others name rows of an entity.
    pub fn key_field(&self, entity: EntityId) -> Option<FieldId> {
        self.table(entity).named()
    }

    /// What the rows of a thing say of a field on a day, after precedence; nothing where there are
    /// no rows that could say it.
    pub fn cells(&self, entity: EntityId, thing: usize, field: FieldId, day: i32) -> Cells {
        let table = self.table(entity);
        let run = table.run(thing);
        match run.len() {
            1 => Cells::One(Some(table.cell(run.start, field))),
            0 => {
                let name = || table.name(thing).map(|name| Cell::Is(name as i64));
                Cells::One(if table.named() == Some(field) { name() } else { None })
            }
            _ => {
                let said = self.preferred(self.rows(entity, thing).collect(), field, day);
                Cells::Many(said.into_iter().map(|row| row.cell(field)).collect())
            }
        }
    }

    /// Rows true on the day before others, the known before the unknown, the owner before others.
    fn preferred<'f>(&'f self, mut rows: Vec<Row<'f>>, field: FieldId, day: i32) -> Vec<Row<'f>> {
        let declared = self.pack.schema.at(rows[0].entity);
        let owner = declared.at(field).registry.unwrap_or(declared.registry);
        let mut prefer = |keep: &dyn Fn(&Row) -> bool| {
            if rows.iter().any(keep) {
                rows.retain(keep);
            }
        };
        prefer(&|row| self.holds(*row, day) != NO);
        prefer(&|row| row.cell(field) != Cell::Unknown);
        prefer(&|row| row.registry() == owner);
        rows
    }

    /// The rows that say what a field of a thing is on a day.
    pub fn said_by(&self, entity: EntityId, thing: usize, field: FieldId, day: i32) -> Vec<Row<'_>> {
        let rows: Vec<Row> = self.rows(entity, thing).collect();
        if rows.len() > 1 { self.preferred(rows, field, day) } else { rows }
    }

    /// Is a thing one that others name?
    pub fn is_named(&self, entity: EntityId, thing: usize) -> bool {
        self.table(entity).name(thing).is_some()
    }

    /// Is a row true on a day?
    pub fn holds(&self, row: Row, day: i32) -> Bits {
        let ((from_lo, from_hi), (until_lo, until_hi)) = self.valid_of(row);
        let (begun, may_begin) = (from_hi <= day, from_lo <= day);
        let (lasts, may_last) = (day < until_lo, day < until_hi);
        Bits::from(may_begin && may_last) | Bits::from(!(begun && lasts)) << 1
    }

    /// Does a row begin on a day or after it, of which the first and the last possible are known?
    pub fn begins_from(&self, row: Row, (first, last): (i32, i32)) -> Bits {
        let (from_lo, from_hi) = self.valid_of(row).0;
        Bits::from(first <= from_hi) | Bits::from(from_lo < last) << 1
    }

    /// The first day on which a row is true, and the first on which it is true no more.
    fn valid_of(&self, row: Row) -> ((i32, i32), (i32, i32)) {
        let (from, until) = (row.table.from()[row.at], row.table.until()[row.at]);
        let (mut from, mut until) = ((from, from), (until, until));
        match &self.pack.schema.at(row.entity).validity {
            Validity::Always => {}
            Validity::Period { from: first, until: end, .. } => {
                from = hidden(row.cell(*first)).unwrap_or(from);
                if let Some(hidden) = end.and_then(|end| hidden(row.cell(end))) {
                    until = (hidden.0, calendar::plus_days(hidden.1, 1));
                }
            }
            Validity::Month(month) => {
                if hidden(row.cell(*month)).is_some() {
                    (from, until) = ((EVER_BEFORE, EVER_AFTER), (EVER_BEFORE, EVER_AFTER));
                }
            }
        }
        (from, until)
    }

    /// The rows of an entity that do not tell on which days they are true.
    pub fn undated(&self, entity: EntityId) -> impl Iterator<Item = usize> {
        let table = self.table(entity);
        let (first, end) = match self.pack.schema.at(entity).validity {
            Validity::Always => (None, None),
            Validity::Period { from, until, .. } => (Some(from), until),
            Validity::Month(month) => (Some(month), None),
        };
        let mut rows: Vec<usize> =
            first.into_iter().chain(end).flat_map(|field| table.tell_no_day(field)).collect();
        rows.sort_unstable();
        rows.dedup();
        rows.into_iter()
    }

    /// The first day of every thing; what it is if several rows speak of it, together.
    pub fn valid_from(&self, entity: EntityId) -> Days {
        let of = |thing| {
            let rows = self.rows(entity, thing).map(|row| self.valid_of(row).0);
            rows.reduce(hull).unwrap_or((EVER_BEFORE, EVER_AFTER))
        };
        let (lo, hi) = (0..self.len(entity)).map(of).unzip();
        Days::of(lo, hi)
    }

    /// The first day on which every thing is true no more, and may there be one, may there be none?
    pub fn valid_until(&self, entity: EntityId) -> (Days, Vec<Bits>) {
        let open = (FOREVER.days(), FOREVER.days());
        let (mut los, mut his, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for thing in 0..self.len(entity) {
            let untils = || self.rows(entity, thing).map(|row| self.valid_of(row).1);
            let until = untils().filter(|until| *until != open).reduce(hull);
            let may_be_open = untils().any(|(lo, hi)| (lo, hi) == open || lo != hi);
            let (lo, hi) = match until {
                None if untils().next().is_some() => open,
                until => until.unwrap_or((EVER_BEFORE, EVER_AFTER)),
            };
            los.push(lo);
            his.push(hi);
            ends.push(match (untils().next(), until) {
                (None, _) => UNKNOWN,
                (_, None) => NO,
                _ => YES | Bits::from(may_be_open) << 1,
            });
        }
        (Days::of(los, his), ends)
    }

    /// The person whom a thing is about: itself, or the first that its key, then its fields name.
    pub fn about(&self, entity: EntityId, thing: usize) -> Option<PersonId> {
        if entity == Schema::PERSON
            && let Some(person) = self.person_at(thing as u32)
        {
            return Some(person);
        }
        self.rows(entity, thing).next().and_then(|row| self.person_of(row))
    }

    /// The first person whom a row's key, then its fields name.
    pub fn person_of(&self, row: Row) -> Option<PersonId> {
        let declared = self.pack.schema.at(row.entity);
        let all = (0..declared.fields.len()).map(|at| FieldId(at as u16));
        let mut fields = declared.key.iter().copied().chain(all);
        fields.find_map(|field| match row.cell(field) {
            Cell::Is(person) if declared.at(field).ty == FieldType::Person => Some(PersonId(person as u64)),
            _ => None,
        })
    }

    /// Every day on which a row, or what silence means, begins or ceases to be true.
    pub fn borders(&self) -> Vec<i32> {
        let mut days = Vec::new();
        let entities = (0..self.tables.len()).map(|at| EntityId(at as u16));
        for row in entities.flat_map(|entity| self.all_rows(entity)) {
            let (from, until) = self.valid_of(row);
            for day in [from.0, from.1, until.0, until.1] {
                days.extend([day, calendar::plus_days(day, 1)]);
            }
        }
        for coverage in self.coverage {
            let stands_for = self.pack.schema.registries[coverage.registry.0 as usize].stands_for;
            days.extend([coverage.from.days(), coverage.through.plus(stands_for).plus(Span::Days(1)).days()]);
        }
        days.retain(|day| (EVER_BEFORE + 1..EVER_AFTER).contains(day));
        days.sort_unstable();
        days.dedup();
        days
    }
}
/// The cells that count for a field.
pub(crate) enum Cells {
    /// The usual case: one row, or none.
    One(Option<Cell>),
    /// Several rows of equal precedence.
    Many(Vec<Cell>),
}

/// For each entity, the names that rows give to things of it and under which there are no rows.
fn absent(pack: &Pack, tables: &[Table]) -> Vec<Vec<u64>> {
    let mut absent = vec![Vec::new(); tables.len()];
    let mut seen = Vec::new();
    for link in &pack.links {
        let LinkFrom::Field(field) = link.from else { continue };
        let (from, to) = (&tables[link.of.0 as usize], &tables[link.to.0 as usize]);
        if link.arity != law::Arity::OneByKey
            || to.named().is_none()
            || seen.contains(&(link.of, field, link.to))
        {
            continue;
        }
        seen.push((link.of, field, link.to));
        let mut near = 0;
        let (mut last, names) = (None, &mut absent[link.to.0 as usize]);
        let keys = from.keys(field);
        for row in 0..from.rows() {
            let Key::Is(name) = keys.of(row) else { continue };
            if last.replace(name) != Some(name) && to.thing(name, &mut near).is_none() {
                names.push(name);
            }
        }
    }
    absent
}

/// Where a key is, or would be, among keys in order. `near` is where the last search ended: keys that
/// are asked for in order, or close to each other, are found at once.
pub(crate) fn gallop(keys: &[u64], key: u64, near: &mut usize) -> usize {
    let (mut from, mut to, mut step) = ((*near).min(keys.len()), (*near).min(keys.len()), 1);
    if keys.get(from).is_some_and(|here| *here < key) {
        to += 1;
        while to < keys.len() && keys[to] < key {
            (from, to, step) = (to, (to + step).min(keys.len()), step * 2);
        }
        from += 1;
    } else {
        while from > 0 && keys[from - 1] >= key {
            to = from - 1;
            (from, step) = (to.saturating_sub(step), step * 2);
        }
    }
    *near = from + keys[from..to].partition_point(|here| *here < key);
    *near
}

/// The days that a cell which does not tell its day may mean; `None` if it tells.
fn hidden(cell: Cell) -> Option<(i32, i32)> {
    match cell {
        Cell::Unknown => Some((EVER_BEFORE, EVER_AFTER)),
        Cell::Year(year) => {
            let end = |month, day| Date::from_ymd(year, month, day).map(Date::days);
            Some((end(1, 1).unwrap_or(EVER_BEFORE), end(12, 31).unwrap_or(EVER_AFTER)))
        }
        _ => None,
    }
}

fn hull<T: Ord>(a: (T, T), b: (T, T)) -> (T, T) {
    (a.0.min(b.0), a.1.max(b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_a_key_from_wherever_the_last_one_ended() {
        let keys = [2, 3, 3, 5, 8, 8, 8, 13, 21];
        for start in 0..=keys.len() {
            for key in 0..25 {
                let found = gallop(&keys, key, &mut start.clone());
                assert_eq!(found, keys.partition_point(|here| *here < key), "{key} from {start}");
            }
        }
    }
}
