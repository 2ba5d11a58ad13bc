//! Relations: from a row to the rows that it is linked with, and what silence means there.

use std::collections::BTreeMap;

use card::{Cell, Date, EntityId, FieldId, RegistryId, Row, Schema, Span, Ternary, Validity};
use law::{Arity, Group, Link, LinkFrom, Silence};

use super::{
    Stop,
    facts::Facts,
    value::{Is, Key, Member, Open, Rows, Set, Thing, Value, Why},
};

/// The rows at the other end of a relation, as far as the circle tells.
struct Found {
    members: BTreeMap<Thing, Member>,
    /// Rows that lack the very field that would say whether they belong may be others' too.
    more: bool,
}

impl Facts<'_> {
    /// The rows that a relation leads to from one row, with facts of one day.
    pub(crate) fn follow(
        &self,
        link: &Link,
        thing: &Thing,
        day: Date,
        optional: bool,
    ) -> Result<Value, Stop> {
        if let (Some(group), Key::Group(keys)) = (self.group(link.of), &thing.key)
            && group.rows == link.to
        {
            return Ok(self.grouped(link, group, keys, thing));
        }
        let keys = match link.from {
            LinkFrom::Key => vec![(None, self.own_key(thing))],
            LinkFrom::Field(field) => {
                let cells = self.cells(thing, field, day);
                if cells.is_empty() && !matches!(thing.key, Key::Group(_)) {
                    return Ok(self.nobody_knows(link, thing, Some(field)));
                }
                if let Key::Group(cells) = &thing.key {
                    vec![(None, cells[field.0 as usize].clone())]
                } else {
                    cells.into_iter().map(|(at, cell)| (Some((at, field)), cell.clone())).collect()
                }
            }
        };
        let mut result: Option<Value> = None;
        let contradict = keys.iter().any(|(_, key)| *key != keys[0].1);
        for (read, key) in keys {
            let mut value = self.at_key(link, thing, &key, day, optional)?;
            if let (true, Some((at, field))) = (self.noting, read) {
                value.why.reads.insert((at, Some(field)));
            }
            result = Some(match result {
                None => value,
                Some(result) => result.or(value),
            });
        }
        let mut value = result.expect("there is at least one key");
        if contradict && !value.decided() {
            value.why.conflicts.insert(thing.entity);
        }
        Ok(value)
    }

    fn at_key(
        &self,
        link: &Link,
        thing: &Thing,
        key: &Cell,
        day: Date,
        optional: bool,
    ) -> Result<Value, Stop> {
        let many = matches!(link.arity, Arity::ManyOnDay | Arity::ManyAll);
        match key {
            Cell::Nothing if many => return Ok(Value::of(Is::Rows(Rows::none()), Why::default())),
            Cell::Nothing => return Ok(Value::nothing(Why::default())),
            Cell::Unknown => {
                let field = match link.from {
                    LinkFrom::Field(field) => Some(field),
                    LinkFrom::Key => None,
                };
                return Ok(self.nobody_knows(link, thing, field));
            }
            _ => {}
        }
        let group = self.group(link.to);
        let (entity, by) = match group {
            Some(group) => (group.rows, group.by[link.by.0 as usize]),
            None => (link.to, link.by),
        };
        self.asked(entity, by, key)?;
        let person = self.covers_whom(link, thing, key);
        let mut open = self.silence(link, entity, person, day);
        let on_day = matches!(link.arity, Arity::ManyOnDay | Arity::OneOnDay).then_some(day);
        let found = match group {
            Some(group) => self.groups(group, link.by, key),
            None => self.found(link, key, on_day, open == Open::Closed),
        };
        if found.more {
            open = Open::Everywhere;
        }
        let leaf = super::value::Leaf { entity, field: None, registry: link.registry, person };
        if many {
            let why = if open == Open::Closed { Why::default() } else { Why::leaf(leaf) };
            let rows = Rows { members: found.members, open, order: link.order.clone() };
            return Ok(Value::of(Is::Rows(rows), why));
        }
        if link.arity == Arity::OneByKey && found.members.is_empty() {
            let named = Value::of(Is::Row(Set::just(Thing::named(link.to, key))), Why::default());
            return Ok(match (link.silence, open) {
                (Silence::Nothing, Open::Closed) => Value::nothing(Why::default()),
                (Silence::Nothing, _) => Value { why: Why::leaf(leaf), ..named.or_nothing() },
                _ if link.to == Schema::PERSON || !optional => named,
                _ => Value { why: Why::leaf(leaf), ..named.or_nothing() },
            });
        }
        Ok(one_of(link.to, found.members, &open, optional, &Why::leaf(leaf)))
    }

    /// The row's own key, as other rows name it.
    fn own_key(&self, thing: &Thing) -> Cell {
        match &thing.key {
            Key::Named(cell) => cell.clone(),
            Key::Group(cells) => cells[0].clone(),
            Key::Stored(_) => {
                let row = self.stored(thing).first().map(|at| &self.circle.rows[*at]);
                let field = self.entity(thing.entity).key.first();
                row.zip(field).map_or(Cell::Unknown, |(row, field)| row.cell(*field).clone())
            }
        }
    }

    /// A relation from a field that is not known.
    fn nobody_knows(&self, link: &Link, thing: &Thing, field: Option<FieldId>) -> Value {
        let why = Why::leaf(self.leaf(thing, field));
        match link.arity {
            Arity::ManyAll | Arity::ManyOnDay => {
                let open = Open::Everywhere;
                Value::of(Is::Rows(Rows { open, order: link.order.clone(), ..Rows::none() }), why)
            }
            Arity::OneByKey | Arity::OneOnDay => {
                let declared = field.map(|field| self.entity(thing.entity).at(field));
                let value = Value::of(Is::Row(Set::Any), why);
                let always = link.silence == Silence::Unknown && declared.is_none_or(|field| !field.optional);
                if always { value } else { value.or_nothing() }
            }
        }
    }

    /// The person whose coverage decides what silence of a relation means.
    fn covers_whom(&self, link: &Link, thing: &Thing, key: &Cell) -> Option<card::PersonId> {
        match key {
            Cell::Person(id) => Some(*id),
            _ => self.person(thing).or_else(|| self.person(&Thing::named(link.to, key))),
        }
    }

    /// Whether there may be rows that are not here.
    fn silence(&self, link: &Link, entity: EntityId, person: Option<card::PersonId>, day: Date) -> Open {
        match link.silence {
            Silence::Declared => Open::Closed,
            Silence::Open | Silence::Unknown => Open::Everywhere,
            Silence::Nothing | Silence::ClosedByRegistry => {
                let covered = self.covered(entity, link.registry, person, true);
                let here = covered.iter().any(|(from, through)| *from <= day && day <= *through);
                if here { Open::Closed } else { Open::Everywhere }
            }
            Silence::ThroughMonth => match self.month_field(link.to) {
                None => Open::Everywhere,
                Some(field) => {
                    Open::Outside { field, covered: self.covered(entity, link.registry, person, false) }
                }
            },
        }
    }

    /// The field of an entity, stored or grouped, that holds its month.
    fn month_field(&self, entity: EntityId) -> Option<FieldId> {
        let (rows, group) = match self.group(entity) {
            Some(group) => (group.rows, Some(group)),
            None => (entity, None),
        };
        let Validity::Month(field) = self.entity(rows).validity else { return None };
        match group {
            None => Some(field),
            Some(group) => group.by.iter().position(|by| *by == field).map(|at| FieldId(at as u16)),
        }
    }

    /// The stored rows whose field equals a key, after precedence between registries. With a day,
    /// only those that are true on it. `all_here`: no row of the owner is missing, so that another
    /// registry's word stands where the owner says nothing.
    fn found(&self, link: &Link, key: &Cell, day: Option<Date>, all_here: bool) -> Found {
        let mut rows: Vec<(usize, &Row, Ternary)> = Vec::new();
        for (at, row) in self.rows(link.to) {
            let here = match row.cell(link.by) {
                cell if cell == key => Ternary::Yes,
                Cell::Unknown => Ternary::Unknown,
                _ => Ternary::No,
            };
            let belongs = here & day.map_or(Ternary::Yes, |day| self.holds(row, day));
            if belongs != Ternary::No {
                rows.push((at, row, belongs));
            }
        }
        let owner = self.entity(link.to).registry;
        let one = matches!(link.arity, Arity::OneByKey | Arity::OneOnDay);
        let mut members = Rows::none();
        for (at, row, mut belongs) in rows.iter().copied() {
            if row.registry != owner {
                let outranked =
                    rows.iter().filter(|(_, other, _)| other.registry == owner).map(|(_, other, theirs)| {
                        *theirs & if one { Ternary::Yes } else { self.same_key(row, other) }
                    });
                let unsaid = if all_here { Ternary::No } else { Ternary::Unknown };
                belongs = belongs & !outranked.fold(unsaid, |a, b| a | b);
            }
            if belongs == Ternary::No {
                continue;
            }
            let mut why = Why::leaf(self.doubt(row, link.by));
            if self.noting {
                why.reads.insert((at, None));
            }
            members.insert(self.thing(row), belongs == Ternary::Yes, why);
        }
        Found { members: members.members, more: false }
    }

    /// Do two rows of an entity have the same natural key?
    fn same_key(&self, a: &Row, b: &Row) -> Ternary {
        self.entity(a.entity).key.iter().fold(Ternary::Yes, |same, field| {
            same & match (a.cell(*field), b.cell(*field)) {
                (Cell::Unknown, _) | (_, Cell::Unknown) => Ternary::Unknown,
                (x, y) => Ternary::known(x == y),
            }
        })
    }

    /// The fact that leaves open whether a row belongs: its link, else the days of its validity.
    fn doubt(&self, row: &Row, by: FieldId) -> super::value::Leaf {
        let thing = self.thing(row);
        let period = match &self.entity(row.entity).validity {
            Validity::Period { from, until, .. } => vec![Some(*from), *until],
            _ => Vec::new(),
        };
        let fields = std::iter::once(by).chain(period.into_iter().flatten());
        let hidden = fields.into_iter().find(|f| matches!(row.cell(*f), Cell::Unknown | Cell::Year(_)));
        self.leaf(&thing, Some(hidden.unwrap_or(by)))
    }

    /// The group rows of a key.
    fn groups(&self, group: &Group, by: FieldId, key: &Cell) -> Found {
        let mut members = Rows::none();
        let mut more = false;
        for (at, row) in self.rows(group.rows) {
            let cells: Vec<Cell> = group.by.iter().map(|field| row.cell(*field).clone()).collect();
            match &cells[by.0 as usize] {
                cell if cell == key => {}
                Cell::Unknown => {
                    more = true;
                    continue;
                }
                _ => continue,
            }
            if cells.contains(&Cell::Unknown) {
                more = true;
                continue;
            }
            let mut why = Why::default();
            if self.noting {
                why.reads.insert((at, None));
            }
            members.insert(Thing { entity: group.entity, key: Key::Group(cells.into()) }, true, why);
        }
        Found { members: members.members, more }
    }

    /// The very rows that a group row groups.
    fn grouped(&self, link: &Link, group: &Group, keys: &[Cell], thing: &Thing) -> Value {
        let mut rows = Rows { order: link.order.clone(), ..Rows::none() };
        for (at, row) in self.rows(group.rows) {
            let same = group.by.iter().zip(keys).fold(Ternary::Yes, |same, (field, key)| {
                same & match row.cell(*field) {
                    Cell::Unknown => Ternary::Unknown,
                    cell => Ternary::known(cell == key),
                }
            });
            if same != Ternary::No {
                let hidden = group.by.iter().find(|field| *row.cell(**field) == Cell::Unknown);
                let mut why = Why::leaf(self.leaf(&self.thing(row), hidden.copied()));
                if self.noting {
                    why.reads.insert((at, None));
                }
                rows.insert(self.thing(row), same == Ternary::Yes, why);
            }
        }
        let person = self.person(thing);
        let month = keys.iter().find_map(|key| match key {
            Cell::Month(month) => Some(*month),
            _ => None,
        });
        let covered = self.covered(group.rows, link.registry, person, false);
        let whole = month.is_some_and(|month| {
            covered.iter().any(|(from, through)| *from <= month.first_day() && month.last_day() <= *through)
        });
        let mut why = Why::default();
        if !whole && link.silence != Silence::Declared {
            rows.open = Open::Everywhere;
            why = Why::leaf(super::value::Leaf {
                entity: group.rows,
                field: None,
                registry: link.registry,
                person,
            });
        }
        Value::of(Is::Rows(rows), why)
    }

    /// The days on which a row, or what silence means, begins or ceases to be true.
    pub(crate) fn borders(&self) -> Vec<Date> {
        let mut days = Vec::new();
        for row in &self.circle.rows {
            let (from, until) = self.valid(row);
            for day in [from.lo, from.hi, until.lo, until.hi].into_iter().flatten() {
                days.extend([day, day.plus(Span::Days(1))]);
            }
        }
        for coverage in &self.circle.coverage {
            let RegistryId(registry) = coverage.registry;
            let stands_for = self.pack.schema.registries[registry as usize].stands_for;
            days.extend([coverage.from, coverage.through.plus(stands_for).plus(Span::Days(1))]);
        }
        days
    }
}

/// The one row of a relation to one, or what keeps that open.
fn one_of(
    entity: EntityId,
    members: BTreeMap<Thing, Member>,
    open: &Open,
    optional: bool,
    unsaid: &Why,
) -> Value {
    let certain: Vec<&Thing> = members.iter().filter(|(_, m)| m.certain).map(|(thing, _)| thing).collect();
    let mut why = Why::default();
    for member in members.values() {
        why.add(&member.why);
    }
    if let [first, second, ..] = certain[..] {
        debug_assert_ne!(first, second);
        why.conflicts.insert(entity);
        why.add(unsaid);
    }
    if certain.is_empty() && *open != Open::Closed {
        let value = Value::of(Is::Row(Set::Any), why.and(unsaid));
        return if optional { value.or_nothing() } else { value };
    }
    if members.is_empty() {
        return Value::nothing(why);
    }
    let none = certain.is_empty() && optional;
    let value = Value { some: Some(Is::Row(Set::Of(members.into_keys().collect()))), nothing: none, why };
    value.settle()
}
