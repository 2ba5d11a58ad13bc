//! The facts of a batch: the rows of its circles, without duplicates, as columns per entity.
//!
//! A column has one element per *thing*: a person, an award, a row that nobody else names. Several
//! rows may speak of one thing (two registries, two periods); which of them counts is decided
//! here, by precedence, for a day. The first thing of every entity is [`ANY`]: a row of which
//! nothing is known. It stands wherever a path may lead to any row at all.

use std::{
    cell::{Cell as Counter, RefCell},
    collections::HashMap,
};

use card::{
    Cell, Circle, Coverage, Date, EntityId, FOREVER, FieldId, FieldType, LONG_AGO, PersonId, Row, Schema,
    Span, Validity,
};
use law::{LinkFrom, Pack};

use crate::{
    calendar,
    types::{ANY_CODE, Bits, Column, Days, ENDLESS, EVER_AFTER, EVER_BEFORE, Ints, NEVER, NO, UNKNOWN, YES},
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

/// The rows of group entities: one for every combination of keys that a grouped row has.
#[derive(Default)]
pub(crate) struct Groups(Vec<Row>);

impl Groups {
    /// The groups of some circles.
    pub fn of(pack: &Pack, circles: &[&Circle]) -> Self {
        let mut groups = Vec::new();
        for group in &pack.groups {
            let rows = circles.iter().flat_map(|circle| &circle.rows).filter(|row| row.entity == group.rows);
            let mut keys: Vec<Box<[Cell]>> = rows
                .filter(|row| group.by.iter().all(|field| *row.cell(*field) != Cell::Unknown))
                .map(|row| group.by.iter().map(|field| row.cell(*field).clone()).collect())
                .collect();
            keys.sort_unstable();
            keys.dedup();
            let registry = pack.schema.at(group.entity).registry;
            groups.extend(keys.into_iter().enumerate().map(|(id, cells)| Row {
                id: id as u64,
                entity: group.entity,
                cells,
                from: LONG_AGO,
                until: FOREVER,
                registry,
            }));
        }
        Self(groups)
    }
}

/// The rows of some circles.
pub(crate) struct Facts<'a> {
    /// What the rows mean.
    pub pack: &'a Pack,
    tables: Vec<Table<'a>>,
    named: Vec<bool>,
    region: Option<FieldId>,
    codes: RefCell<Codes>,
    coverage: &'a [Coverage],
    /// The keys by which rows were asked for, in order; `None`: every row that exists is here.
    loaded: Option<HashMap<(EntityId, FieldId), Vec<u64>>>,
    beyond: Counter<bool>,
}

/// The things of one entity in the order of their keys.
#[derive(Default)]
struct Table<'a> {
    /// The rows, thing by thing.
    rows: Vec<&'a Row>,
    /// Where each thing's rows begin; one more at the end.
    starts: Vec<u32>,
    /// The name of each thing that others name.
    names: Vec<Option<&'a Cell>>,
}

/// Codes as numbers.
#[derive(Default)]
struct Codes(HashMap<Box<str>, u32>);

impl Codes {
    fn of(&mut self, code: &str) -> u32 {
        if let Some(&known) = self.0.get(code) {
            return known;
        }
        let next = self.0.len() as u32 + 1;
        self.0.insert(code.into(), next);
        next
    }
}

impl<'a> Facts<'a> {
    /// The union of circles, which know the same coverage, and their groups.
    pub fn of(pack: &'a Pack, circles: &[&'a Circle], groups: &'a Groups) -> Self {
        let schema = &pack.schema;
        let mut named = vec![false; schema.entities.len()];
        named[Schema::PERSON.0 as usize] = true;
        for field in schema.entities.iter().flat_map(|entity| &entity.fields) {
            if let FieldType::Row(entity) = field.ty {
                named[entity.0 as usize] = schema.at(entity).key.len() == 1;
            }
        }
        let mut rows: Vec<Vec<(Option<&'a Cell>, &'a Row)>> = vec![Vec::new(); schema.entities.len()];
        for row in circles.iter().flat_map(|circle| &circle.rows).chain(&groups.0) {
            let at = row.entity.0 as usize;
            let key = named[at].then(|| row.cell(schema.entities[at].key[0]));
            rows[at].push((key.filter(|cell| !matches!(cell, Cell::Unknown | Cell::Nothing)), row));
        }
        let absent = unloaded(pack, &rows);
        let tables = rows
            .into_iter()
            .zip(absent)
            .map(|(mut rows, absent)| {
                rows.sort_unstable_by_key(|(name, row)| (name.is_none(), *name, row.id));
                if circles.len() > 1 {
                    rows.dedup_by_key(|(_, row)| row.id);
                }
                Table::of(&rows, &absent)
            })
            .collect();
        let mut facts = Self {
            pack,
            tables,
            named,
            region: schema.at(Schema::PERSON).field("region"),
            codes: RefCell::default(),
            coverage: circles.first().map_or(&[], |circle| &circle.coverage),
            loaded: None,
            beyond: Counter::new(false),
        };
        facts.loaded = facts.asked(circles);
        facts
    }

    /// The questions that were put to the store for all circles together.
    fn asked(&self, circles: &[&Circle]) -> Option<HashMap<(EntityId, FieldId), Vec<u64>>> {
        let mut loaded: HashMap<_, Vec<u64>> = HashMap::new();
        for circle in circles {
            for lookup in circle.loaded.as_ref()? {
                if let Key::Is(key) = self.key(Some(&lookup.key)) {
                    loaded.entry((lookup.entity, lookup.field)).or_default().push(key);
                }
            }
        }
        for keys in loaded.values_mut() {
            keys.sort_unstable();
        }
        Some(loaded)
    }

    /// Were the rows of an entity by a field asked for under a key?
    pub fn was_asked(&self, entity: EntityId, field: FieldId, key: u64) -> bool {
        let Some(loaded) = &self.loaded else { return true };
        loaded.get(&(entity, field)).is_some_and(|keys| keys.binary_search(&key).is_ok())
    }

    /// How many things of an entity.
    pub fn len(&self, entity: EntityId) -> usize {
        self.tables[entity.0 as usize].names.len()
    }

    /// The rows of a thing.
    pub fn rows(&self, entity: EntityId, thing: usize) -> &[&'a Row] {
        let table = &self.tables[entity.0 as usize];
        &table.rows[table.starts[thing] as usize..table.starts[thing + 1] as usize]
    }

    /// Did a number turn up that is larger than the proof of exactness allows?
    pub fn beyond(&self) -> bool {
        self.beyond.get()
    }

    /// The place of a person of whom there are facts.
    pub fn person(&self, person: PersonId) -> Option<u32> {
        let names = &self.tables[Schema::PERSON.0 as usize].names;
        let wanted = Cell::Person(person);
        let at = 1 + names[1..].partition_point(|name| name.is_some_and(|name| *name < wanted));
        let here = names.get(at)? == &Some(&wanted) && !self.rows(Schema::PERSON, at).is_empty();
        here.then_some(at as u32)
    }

    /// The person at a place.
    pub fn person_at(&self, thing: u32) -> Option<PersonId> {
        match self.tables[Schema::PERSON.0 as usize].names[thing as usize] {
            Some(Cell::Person(person)) => Some(*person),
            _ => None,
        }
    }

    /// The number of a code.
    pub fn code(&self, code: &str) -> u32 {
        self.codes.borrow_mut().of(code)
    }

    /// The field by which others name rows of an entity.
    pub fn key_field(&self, entity: EntityId) -> Option<FieldId> {
        self.named[entity.0 as usize].then(|| self.pack.schema.at(entity).key[0])
    }

    /// What the rows of a thing say of a field on a day, after precedence; nothing where there are
    /// no rows that could say it.
    pub fn cells(&self, entity: EntityId, thing: usize, field: FieldId, day: i32) -> Cells<'a> {
        let table = &self.tables[entity.0 as usize];
        let run = table.starts[thing] as usize..table.starts[thing + 1] as usize;
        match &table.rows[run] {
            [row] => Cells::One(Some(row.cell(field))),
            [] => Cells::One(table.names[thing].filter(|_| self.key_field(entity) == Some(field))),
            rows => {
                let said = self.preferred(entity, rows, field, day);
                Cells::Many(said.into_iter().map(|row| row.cell(field)).collect())
            }
        }
    }

    /// Rows true on the day before others, the known before the unknown, the owner before others.
    fn preferred(&self, entity: EntityId, rows: &[&'a Row], field: FieldId, day: i32) -> Vec<&'a Row> {
        let declared = self.pack.schema.at(entity);
        let owner = declared.at(field).registry.unwrap_or(declared.registry);
        let mut rows = rows.to_vec();
        let mut prefer = |keep: &dyn Fn(&Row) -> bool| {
            if rows.iter().any(|row| keep(row)) {
                rows.retain(|row| keep(row));
            }
        };
        prefer(&|row| self.holds(row, day) != NO);
        prefer(&|row| *row.cell(field) != Cell::Unknown);
        prefer(&|row| row.registry == owner);
        rows
    }

    /// The rows that say what a field of a thing is on a day.
    pub fn said_by(&self, entity: EntityId, thing: usize, field: FieldId, day: i32) -> Vec<&'a Row> {
        match self.rows(entity, thing) {
            rows @ ([] | [_]) => rows.to_vec(),
            rows => self.preferred(entity, rows, field, day),
        }
    }

    /// Is a thing one that others name?
    pub fn is_named(&self, entity: EntityId, thing: usize) -> bool {
        self.tables[entity.0 as usize].names[thing].is_some()
    }

    /// Is a row true on a day?
    pub fn holds(&self, row: &Row, day: i32) -> Bits {
        let ((from_lo, from_hi), (until_lo, until_hi)) = self.valid_of(row);
        let (begun, may_begin) = (from_hi <= day, from_lo <= day);
        let (lasts, may_last) = (day < until_lo, day < until_hi);
        Bits::from(may_begin && may_last) | Bits::from(!(begun && lasts)) << 1
    }

    /// The first day on which a row is true, and the first on which it is true no more.
    fn valid_of(&self, row: &Row) -> ((i32, i32), (i32, i32)) {
        let (mut from, mut until) =
            ((row.from.days(), row.from.days()), (row.until.days(), row.until.days()));
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

    /// The first day of every thing; what it is if several rows speak of it, together.
    pub fn valid_from(&self, entity: EntityId) -> Days {
        let of = |thing| {
            let rows = self.rows(entity, thing).iter().map(|row| self.valid_of(row).0);
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
            let untils = || self.rows(entity, thing).iter().map(|row| self.valid_of(row).1);
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

    /// A field of things on days. `either` makes one code of two that contradict each other.
    pub fn field(
        &self,
        entity: EntityId,
        field: FieldId,
        at: &[(u32, i32)],
        either: impl FnMut(u32, u32) -> u32,
    ) -> Column {
        let declared = self.pack.schema.at(entity).at(field);
        let (signed, ty) = (declared.signed, declared.ty);
        match ty {
            FieldType::Bool => Column::Bits(self.each(
                entity,
                field,
                at,
                |a, b| a | b,
                |cell| match cell {
                    Some(Cell::Bool(b)) => truth(*b),
                    _ => UNKNOWN,
                },
            )),
            FieldType::Integer | FieldType::Decimal | FieldType::Money => {
                let least = if signed { NEVER } else { 0 };
                let ends = self.each(entity, field, at, hull, |cell| {
                    let number = match cell {
                        Some(Cell::Integer(n) | Cell::Decimal(n)) => i128::from(*n),
                        Some(Cell::Money(sum)) => i128::from(sum.tiyn()),
                        _ => return (least, ENDLESS),
                    };
                    self.beyond.set(self.beyond.get() || number.abs() > LARGEST);
                    (number, number)
                });
                let (lo, hi) = ends.into_iter().unzip();
                Column::Ints(Ints::of(lo, hi))
            }
            FieldType::Date | FieldType::Month => {
                let ends = self.each(entity, field, at, hull, |cell| match cell {
                    Some(Cell::Date(day)) => (day.days(), day.days()),
                    Some(Cell::Month(month)) => (month.0, month.0),
                    Some(cell) => hidden(cell).unwrap_or((EVER_BEFORE, EVER_AFTER)),
                    None => (EVER_BEFORE, EVER_AFTER),
                });
                let (lo, hi) = ends.into_iter().unzip();
                Column::Days(Days::of(lo, hi))
            }
            FieldType::Enum(_) => Column::Sets(self.each(
                entity,
                field,
                at,
                |a, b| a | b,
                |cell| match cell {
                    Some(Cell::Enum(value)) => 1 << value,
                    _ => !0,
                },
            )),
            _ => Column::Codes(self.each(entity, field, at, either, |cell| match self.key(cell) {
                Key::Is(code) => code as u32,
                _ => ANY_CODE,
            })),
        }
    }

    /// May a field of things on days be something, may it be nothing?
    pub fn exists(&self, entity: EntityId, field: FieldId, at: &[(u32, i32)]) -> Vec<Bits> {
        self.each(
            entity,
            field,
            at,
            |a, b| a | b,
            |cell| match cell {
                Some(Cell::Nothing) => NO,
                Some(Cell::Unknown) | None => UNKNOWN,
                Some(_) => YES,
            },
        )
    }

    /// One value per thing and day, from the cells that count; where they are several and nothing is
    /// said by some of them, those do not widen what is said by the others.
    fn each<T: Copy>(
        &self,
        entity: EntityId,
        field: FieldId,
        at: &[(u32, i32)],
        mut join: impl FnMut(T, T) -> T,
        value: impl Fn(Option<&'a Cell>) -> T,
    ) -> Vec<T> {
        at.iter()
            .map(|(thing, day)| match self.cells(entity, *thing as usize, field, *day) {
                Cells::One(cell) => value(cell),
                Cells::Many(cells) => {
                    let cells = cells.into_iter().map(Some);
                    cells.map(&value).reduce(&mut join).expect("precedence keeps at least one row")
                }
            })
            .collect()
    }

    /// What a cell says as a key.
    pub fn key(&self, cell: Option<&Cell>) -> Key {
        match cell {
            Some(Cell::Person(person)) => Key::Is(person.0),
            Some(Cell::Code(code)) => Key::Is(u64::from(self.code(code))),
            Some(Cell::Account(account)) => Key::Is(account.0),
            Some(Cell::Phone(phone)) => Key::Is(phone.0),
            Some(Cell::Integer(number)) => Key::Is(*number as u64),
            Some(Cell::Month(month)) => Key::Is(month.0 as u64),
            Some(Cell::Date(day)) => Key::Is(day.days() as u64),
            Some(Cell::Enum(value)) => Key::Is(u64::from(*value)),
            Some(Cell::Nothing) => Key::Nothing,
            _ => Key::Unknown,
        }
    }

    /// The person whom a thing is about: itself, or the first that its key, then its fields name.
    pub fn about(&self, entity: EntityId, thing: usize) -> Option<PersonId> {
        let person = |cell: &Cell| if let Cell::Person(id) = cell { Some(*id) } else { None };
        let name = self.tables[entity.0 as usize].names[thing];
        if let Some(person) = name.and_then(person) {
            return Some(person);
        }
        let row = self.rows(entity, thing).first()?;
        let keys = self.pack.schema.at(entity).key.iter().map(|field| row.cell(*field));
        keys.chain(row.cells.iter()).find_map(person)
    }

    /// The days on which silence of a registry about a person's rows of an entity means that there
    /// are none, as first and last days, in order and apart. With `standing`, each period is
    /// believed for as long after its end as the registry declares.
    pub fn covered(
        &self,
        entity: EntityId,
        registry: card::RegistryId,
        person: Option<PersonId>,
        standing: bool,
    ) -> Vec<(i32, i32)> {
        let stands_for = self.pack.schema.registries[registry.0 as usize].stands_for;
        let mut periods: Vec<(i32, i32)> = self
            .coverage
            .iter()
            .filter(|coverage| coverage.entity == entity && coverage.registry == registry)
            .filter(|coverage| coverage.region.as_deref().is_none_or(|region| self.lives_in(person, region)))
            .map(|coverage| {
                let through = if standing { coverage.through.plus(stands_for) } else { coverage.through };
                (coverage.from.days(), through.days())
            })
            .collect();
        periods.sort_unstable();
        let mut merged: Vec<(i32, i32)> = Vec::new();
        for (from, through) in periods {
            match merged.last_mut() {
                Some(last) if from <= calendar::plus_days(last.1, 1) => last.1 = last.1.max(through),
                _ => merged.push((from, through)),
            }
        }
        merged
    }

    /// Does coverage of an entity depend on where a person lives?
    pub fn covered_by_region(&self, entity: EntityId, registry: card::RegistryId) -> bool {
        let mut rows = self.coverage.iter();
        rows.any(|c| c.entity == entity && c.registry == registry && c.region.is_some())
    }

    fn lives_in(&self, person: Option<PersonId>, region: &str) -> bool {
        let known = |cell: &Cell| matches!(cell, Cell::Code(code) if **code == *region);
        let Some((place, field)) = person.and_then(|p| self.person(p)).zip(self.region) else { return false };
        match self.cells(Schema::PERSON, place as usize, field, LONG_AGO.days()) {
            Cells::One(cell) => cell.is_some_and(known),
            Cells::Many(cells) => cells.into_iter().all(known),
        }
    }

    /// Every day on which a row, or what silence means, begins or ceases to be true.
    pub fn borders(&self) -> Vec<i32> {
        let mut days = Vec::new();
        for row in self.tables.iter().flat_map(|table| &table.rows) {
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
pub(crate) enum Cells<'a> {
    /// The usual case: one row, or none.
    One(Option<&'a Cell>),
    /// Several rows of equal precedence.
    Many(Vec<&'a Cell>),
}

impl<'a> Table<'a> {
    /// Rows in the order of their names, and names without rows.
    fn of(rows: &[(Option<&'a Cell>, &'a Row)], absent: &[&'a Cell]) -> Self {
        // ANY has neither rows nor a name.
        let mut table = Self { rows: Vec::with_capacity(rows.len()), starts: vec![0], names: vec![None] };
        let mut absent = absent.iter().copied().peekable();
        for (name, row) in rows {
            while let Some(before) = absent.next_if(|absent| name.is_none_or(|name| *absent < name)) {
                table.starts.push(table.rows.len() as u32);
                table.names.push(Some(before));
            }
            if name.is_none() || table.names.last() != Some(name) {
                table.starts.push(table.rows.len() as u32);
                table.names.push(*name);
            }
            table.rows.push(row);
        }
        for name in absent {
            table.starts.push(table.rows.len() as u32);
            table.names.push(Some(name));
        }
        table.starts.push(table.rows.len() as u32);
        table
    }
}

/// For each entity, the names that rows give to things of it and under which there are no rows.
fn unloaded<'a>(pack: &'a Pack, rows: &[Vec<(Option<&'a Cell>, &'a Row)>]) -> Vec<Vec<&'a Cell>> {
    let mut absent: Vec<Vec<&'a Cell>> = vec![Vec::new(); rows.len()];
    for link in &pack.links {
        let LinkFrom::Field(field) = link.from else { continue };
        if link.arity == law::Arity::OneByKey {
            let cells = rows[link.of.0 as usize].iter().map(|(_, row)| row.cell(field));
            absent[link.to.0 as usize]
                .extend(cells.filter(|cell| matches!(cell, Cell::Person(_) | Cell::Code(_))));
        }
    }
    for (names, rows) in absent.iter_mut().zip(rows) {
        if names.is_empty() {
            continue;
        }
        let mut here: Vec<&Cell> = rows.iter().filter_map(|(name, _)| *name).collect();
        here.sort_unstable();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| here.binary_search(name).is_err());
    }
    absent
}

/// The days that a cell which does not tell its day may mean; `None` if it tells.
fn hidden(cell: &Cell) -> Option<(i32, i32)> {
    match cell {
        Cell::Unknown => Some((EVER_BEFORE, EVER_AFTER)),
        Cell::Year(year) => {
            let end = |month, day| Date::from_ymd(*year, month, day).map(Date::days);
            Some((end(1, 1).unwrap_or(EVER_BEFORE), end(12, 31).unwrap_or(EVER_AFTER)))
        }
        _ => None,
    }
}

fn hull<T: Ord>(a: (T, T), b: (T, T)) -> (T, T) {
    (a.0.min(b.0), a.1.max(b.1))
}

const fn truth(value: bool) -> Bits {
    if value { YES } else { NO }
}
