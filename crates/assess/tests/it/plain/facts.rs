//! The rows of a circle, read as facts: what a row is, what its cells may be, who is covered.

use std::collections::{BTreeMap, BTreeSet};

use card::{
    Cell, Circle, Date, Entity, EntityId, Field, FieldId, FieldType, LONG_AGO, Lookup, PersonId, RegistryId,
    Row, Schema, Span, Ternary, Validity,
};
use law::{Group, Pack};
use num_rational::Ratio;

use super::{
    Stop,
    interval::{Exact, Interval},
    value::{Is, Key, Leaf, Set, Thing, Value, Why},
};

/// A circle, indexed by row.
pub struct Facts<'a> {
    /// The pack that says what the rows mean.
    pub pack: &'a Pack,
    /// The rows and their coverage.
    pub circle: &'a Circle,
    /// Whether reads are noted for an explanation.
    pub noting: bool,
    things: BTreeMap<Thing, Vec<usize>>,
    named: BTreeSet<EntityId>,
    region: Option<FieldId>,
}

impl<'a> Facts<'a> {
    /// Reads a circle.
    pub fn of(pack: &'a Pack, circle: &'a Circle, noting: bool) -> Self {
        let fields = pack.schema.entities.iter().flat_map(|entity| &entity.fields);
        let mut named: BTreeSet<EntityId> = fields
            .filter_map(|field| match field.ty {
                FieldType::Row(entity) => Some(entity),
                _ => None,
            })
            .filter(|entity| pack.schema.at(*entity).key.len() == 1)
            .collect();
        named.insert(Schema::PERSON);
        let region = pack.schema.at(Schema::PERSON).field("region");
        let mut facts = Self { pack, circle, noting, things: BTreeMap::new(), named, region };
        for (at, row) in circle.rows.iter().enumerate() {
            facts.things.entry(facts.thing(row)).or_default().push(at);
        }
        facts
    }

    /// The entity at a position.
    pub fn entity(&self, id: EntityId) -> &'a Entity {
        self.pack.schema.at(id)
    }

    /// What a stored row is a row of.
    pub fn thing(&self, row: &Row) -> Thing {
        let key = self.key_field(row.entity).map(|field| row.cell(field).clone());
        let key = match key {
            Some(cell) if !matches!(cell, Cell::Unknown | Cell::Nothing) => Key::Named(cell),
            _ => Key::Stored(row.id),
        };
        Thing { entity: row.entity, key }
    }

    /// The one field by which other rows name rows of this entity.
    pub fn key_field(&self, entity: EntityId) -> Option<FieldId> {
        self.named.contains(&entity).then(|| self.entity(entity).key[0])
    }

    /// The stored rows of an entity, with their places.
    pub fn rows(&self, entity: EntityId) -> impl Iterator<Item = (usize, &'a Row)> {
        self.circle.rows.iter().enumerate().filter(move |(_, row)| row.entity == entity)
    }

    /// The stored rows that speak of one thing.
    pub fn stored(&self, thing: &Thing) -> &[usize] {
        self.things.get(thing).map_or(&[], Vec::as_slice)
    }

    /// The group that an entity is, if it is one.
    pub fn group(&self, entity: EntityId) -> Option<&'a Group> {
        self.pack.groups.iter().find(|group| group.entity == entity)
    }

    /// May the row be true on that day? Where the day it rests on is itself not known, it may be.
    pub fn holds(&self, row: &Row, day: Date) -> Ternary {
        let (from, until) = self.valid(row);
        from.at_most(&Interval::point(day)) & Interval::point(day).less(&until)
    }

    /// The first day on which a row is true, and the first on which it is true no more.
    pub fn valid(&self, row: &Row) -> (Interval<Date>, Interval<Date>) {
        let (mut from, mut until) = (Interval::point(row.from), Interval::point(row.until));
        match &self.entity(row.entity).validity {
            Validity::Always => {}
            Validity::Period { from: first, until: end, .. } => {
                from = hidden(row.cell(*first)).unwrap_or(from);
                if let Some(end) = end {
                    until = hidden(row.cell(*end)).map_or(until, |year| Interval {
                        lo: year.lo,
                        hi: year.hi.map(|day| day.plus(Span::Days(1))),
                    });
                }
            }
            Validity::Month(month) => {
                if hidden(row.cell(*month)).is_some() {
                    (from, until) = (Interval::ANY, Interval::ANY);
                }
            }
        }
        (from, until)
    }

    /// The cells of one field of a thing after precedence, each with the row that says so: rows true
    /// on the day before others, the owner of the field before others, the known before the unknown.
    pub fn cells(&self, thing: &Thing, field: FieldId, day: Date) -> Vec<(usize, &'a Cell)> {
        let entity = self.entity(thing.entity);
        let owner = entity.at(field).registry.unwrap_or(entity.registry);
        let mut rows: Vec<usize> = self.stored(thing).to_vec();
        let row = |at: &usize| &self.circle.rows[*at];
        let mut prefer = |keep: &dyn Fn(&Row) -> bool| {
            if rows.iter().any(|at| keep(row(at))) {
                rows.retain(|at| keep(row(at)));
            }
        };
        prefer(&|row| self.holds(row, day) != Ternary::No);
        prefer(&|row| *row.cell(field) != Cell::Unknown);
        prefer(&|row| row.registry == owner);
        rows.into_iter().map(|at| (at, self.circle.rows[at].cell(field))).collect()
    }

    /// What a field of a thing may be on a day. A thing of which the circle was never asked is an error.
    pub fn read(&self, thing: &Thing, field: FieldId, day: Date) -> Result<Value, Stop> {
        let entity = self.entity(thing.entity);
        if let Key::Group(cells) = &thing.key {
            return Ok(cell_of(&entity.fields[field.0 as usize], &cells[field.0 as usize], Why::default()));
        }
        let cells = self.cells(thing, field, day);
        let declared = entity.at(field);
        if cells.is_empty() {
            if let (Some(key), Key::Named(cell)) = (self.key_field(thing.entity), &thing.key) {
                if key == field {
                    return Ok(cell_of(declared, cell, Why::default()));
                }
                self.asked(thing.entity, key, cell)?;
            }
            return Ok(cell_of(declared, &Cell::Unknown, Why::leaf(self.leaf(thing, Some(field)))));
        }
        let mut value: Option<Value> = None;
        for (at, cell) in cells {
            let mut why = Why::leaf(self.leaf(thing, Some(field)));
            if self.noting {
                why.reads.insert((at, Some(field)));
            }
            let next = cell_of(declared, cell, why);
            value = Some(match value {
                None => next,
                Some(value) if value.some == next.some && value.nothing == next.nothing => value.or(next),
                Some(value) => {
                    let mut both = value.or(next);
                    both.why.add(&Why::leaf(self.leaf(thing, Some(field))));
                    both.why.conflicts.insert(thing.entity);
                    both
                }
            });
        }
        Ok(value.expect("there is at least one cell"))
    }

    /// The unknown fact that a field, or a further row, of a thing is.
    pub fn leaf(&self, thing: &Thing, field: Option<FieldId>) -> Leaf {
        let entity = self.entity(thing.entity);
        let registry = field.and_then(|field| entity.at(field).registry).unwrap_or(entity.registry);
        Leaf { entity: thing.entity, field, registry, person: self.person(thing) }
    }

    /// The person whom a thing is about.
    pub fn person(&self, thing: &Thing) -> Option<PersonId> {
        if let Some(person) = thing.as_person() {
            return Some(person);
        }
        let person = |cell: &Cell| match cell {
            Cell::Person(id) => Some(*id),
            _ => None,
        };
        if let Key::Group(cells) = &thing.key {
            return cells.iter().find_map(person);
        }
        let row = &self.circle.rows[*self.stored(thing).first()?];
        let keys = self.entity(thing.entity).key.iter().map(|field| row.cell(*field));
        keys.chain(row.cells.iter()).find_map(person)
    }

    /// The days on which silence of a registry about a person's rows of an entity means that there
    /// are none, as first and last days in order. `standing`: each period is believed for as long
    /// after its end as the registry declares.
    pub fn covered(
        &self,
        entity: EntityId,
        registry: RegistryId,
        person: Option<PersonId>,
        standing: bool,
    ) -> Vec<(Date, Date)> {
        let stands_for = self.pack.schema.registries[registry.0 as usize].stands_for;
        let mut periods: Vec<(Date, Date)> = self
            .circle
            .coverage
            .iter()
            .filter(|coverage| coverage.entity == entity && coverage.registry == registry)
            .filter(|coverage| coverage.region.as_deref().is_none_or(|region| self.lives_in(person, region)))
            .map(|coverage| {
                let through = if standing { coverage.through.plus(stands_for) } else { coverage.through };
                (coverage.from, through)
            })
            .collect();
        periods.sort_unstable();
        let mut merged: Vec<(Date, Date)> = Vec::new();
        for (from, through) in periods {
            match merged.last_mut() {
                Some(last) if from <= last.1.plus(Span::Days(1)) => last.1 = last.1.max(through),
                _ => merged.push((from, through)),
            }
        }
        merged
    }

    /// Is a person known to be in a region?
    fn lives_in(&self, person: Option<PersonId>, region: &str) -> bool {
        let Some((person, field)) = person.zip(self.region) else { return false };
        let cells = self.cells(&Thing::person(person), field, LONG_AGO);
        !cells.is_empty()
            && cells.iter().all(|(_, cell)| matches!(cell, Cell::Code(code) if **code == *region))
    }

    /// Was the question put to the store?
    pub fn asked(&self, entity: EntityId, field: FieldId, key: &Cell) -> Result<(), Stop> {
        let Some(loaded) = &self.circle.loaded else { return Ok(()) };
        if loaded.contains(&Lookup { entity, field, key: key.clone() }) {
            Ok(())
        } else {
            Err(Stop::NotLoaded { entity, field })
        }
    }

    /// What any row of an entity may hold in a field.
    pub fn anything(&self, entity: EntityId, field: FieldId) -> Value {
        let declared = self.entity(entity).at(field);
        let value = Value { some: Some(unknown(declared)), nothing: false, why: Why::default() };
        if declared.optional { value.or_nothing() } else { value }
    }
}

/// What a cell of a field may be. A field that names a row is compared as a code; rows are
/// reached through links.
fn cell_of(field: &Field, cell: &Cell, why: Why) -> Value {
    let code = |text: String| Is::Code(Set::just(text.into_boxed_str()));
    let is = match cell {
        Cell::Nothing if field.optional => return Value::nothing(why),
        Cell::Unknown | Cell::Nothing => unknown(field),
        Cell::Bool(value) => Is::Bool(Ternary::known(*value)),
        Cell::Integer(value) => Is::Number(Interval::whole(i128::from(*value))),
        Cell::Decimal(millionths) => {
            Is::Number(Interval::point(Ratio::new(i128::from(*millionths), 1_000_000)))
        }
        Cell::Money(sum) => Is::Number(Interval::point(Ratio::new(i128::from(sum.tiyn()), 100))),
        Cell::Date(day) => Is::Date(Interval::point(*day)),
        Cell::Year(year) => Is::Date(days_of(*year)),
        Cell::Month(month) => Is::Month(Interval::point(*month)),
        Cell::Enum(value) => Is::Enum(Set::just(*value)),
        Cell::Code(text) => Is::Code(Set::just(text.clone())),
        Cell::Person(id) => Is::Row(Set::just(Thing::person(*id))),
        Cell::Account(id) => code(format!("account {id}")),
        Cell::Phone(id) => code(format!("phone {id}")),
    };
    let value = Value::of(is, why);
    if field.optional && *cell == Cell::Unknown { value.or_nothing() } else { value }
}

/// The days that a cell which does not tell its day may mean; `None` if it tells.
fn hidden(cell: &Cell) -> Option<Interval<Date>> {
    match cell {
        Cell::Unknown => Some(Interval::ANY),
        Cell::Year(year) => Some(days_of(*year)),
        _ => None,
    }
}

/// The days of a year.
fn days_of(year: i32) -> Interval<Date> {
    Interval { lo: Date::from_ymd(year, 1, 1), hi: Date::from_ymd(year, 12, 31) }
}

/// Everything that a field may hold.
fn unknown(field: &Field) -> Is {
    match field.ty {
        FieldType::Bool => Is::Bool(Ternary::Unknown),
        FieldType::Integer | FieldType::Decimal | FieldType::Money => {
            Is::Number(Interval { lo: (!field.signed).then(|| Exact::from_integer(0)), hi: None })
        }
        FieldType::Date => Is::Date(Interval::ANY),
        FieldType::Month => Is::Month(Interval::ANY),
        FieldType::Enum(_) => Is::Enum(Set::Any),
        FieldType::Code | FieldType::Account | FieldType::Phone => Is::Code(Set::Any),
        FieldType::Person | FieldType::Row(_) => Is::Row(Set::Any),
    }
}
