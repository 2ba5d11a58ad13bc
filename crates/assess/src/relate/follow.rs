//! From rows to the rows that a relation links them with, and whether there may be others.

use card::{FieldId, FieldType, PersonId};
use law::{Arity, Group, Link, LinkFrom, Silence};

use super::{Ends, Relation, asked_for, covers, from_field};
use crate::{
    facts::{ANY, Cell, Cells, Facts, Key, Keys, Places, Table, is_within},
    types::{Bits, Edges, NO, UNKNOWN, YES},
};

/// Where a relation leads from each of some rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Followed {
    /// The rows, with their membership.
    pub edges: Edges,
    /// May there be rows that are not here?
    pub open: Vec<Bits>,
    /// To one: may there be something, may there be nothing?
    pub exists: Vec<Bits>,
}

/// Follows one relation, in one batch.
pub(crate) struct Follow<'r, 'f, 'a> {
    facts: &'f Facts<'a>,
    link: &'a Link,
    relation: &'r Relation<'f, 'a>,
    optional: bool,
    ends: Ends<'f>,
    near: usize,
    done: Followed,
}

impl<'r, 'f, 'a> Follow<'r, 'f, 'a> {
    /// A relation and the rows that it leads to.
    pub fn new(relation: &'r Relation<'f, 'a>, optional: bool, ends: Ends<'f>) -> Self {
        let mut done = Followed::default();
        done.edges.offsets.push(0);
        done.edges.member = Some(Vec::new());
        Self { facts: relation.facts, link: relation.link, relation, optional, ends, near: 0, done }
    }

    /// From things on days.
    pub fn all(mut self, from: &Places) -> Followed {
        let done = &mut self.done;
        done.edges.offsets.reserve(from.len);
        done.edges.rows.reserve(from.len);
        done.open.reserve(from.len);
        done.exists.reserve(from.len);
        if let Some(member) = &mut done.edges.member {
            member.reserve(from.len);
        }
        let told = self.told_keys();
        for (thing, day) in from.iter() {
            match told.as_ref().and_then(|told| told.of(thing as usize)) {
                Some(key) => self.told(thing, key, day),
                None => self.one(thing as usize, day),
            }
        }
        let members = &mut self.done.edges.member;
        if members.as_ref().is_some_and(|members| members.iter().all(|bits| *bits == YES)) {
            *members = None;
        }
        self.done
    }

    /// The keys that the relation follows, where nothing but these matters: no groups, no doubt about
    /// what was loaded or is covered for whom.
    fn told_keys(&self) -> Option<ToldKeys<'f, 'a>> {
        let facts = self.facts;
        let plain = self.relation.grouped.is_none() && facts.is_whole();
        let certain = self.ends.index.anybodys.is_empty() && self.ends.on_day.is_some();
        let covered = self.relation.covered.is_everywhere() || self.relation.names_a_person;
        let field = from_field(facts.pack, self.link)?;
        let table = facts.table(self.link.of);
        let is_name = self.link.from == LinkFrom::Key && table.named() == Some(field);
        (plain && certain && covered).then(|| ToldKeys { table, keys: table.keys(field), is_name })
    }

    /// From a thing that tells its key.
    fn told(&mut self, thing: u32, key: u64, day: i32) {
        let start = self.done.edges.rows.len();
        let said = match self.link.silence {
            Silence::Declared => true,
            Silence::Open | Silence::Unknown | Silence::ThroughMonth => false,
            Silence::Nothing | Silence::ClosedByRegistry => is_within(
                if self.relation.of_person {
                    self.relation.covered.about_place(thing)
                } else {
                    self.relation.covered.about(self.relation.names_a_person.then_some(PersonId(key)))
                },
                day,
            ),
        };
        self.find(key, day, said);
        let closed = said && !self.relation.hidden.may_have(key);
        if self.many() {
            self.end(if closed { NO } else { YES }, YES);
        } else {
            self.the_one(start, closed);
        }
        self.done.edges.offsets.push(self.done.edges.rows.len() as u32);
    }

    fn one(&mut self, thing: usize, day: i32) {
        let link = self.link;
        if let Some(group) = self.relation.grouped {
            self.rows_of_group(group, thing);
            self.done.edges.offsets.push(self.done.edges.rows.len() as u32);
            return;
        }
        let keys = match link.from {
            LinkFrom::Key => {
                let field = self.facts.pack.schema.at(link.of).key.first();
                let first = self.facts.rows(link.of, thing).next();
                let own = first.map(|row| row.cell(*field.unwrap_or(&FieldId(0))));
                let named = field.map(|field| self.facts.cells(link.of, thing, *field, day));
                match (own, named) {
                    (_, Some(Cells::One(cell))) => Cells::One(cell),
                    (own, _) => Cells::One(own),
                }
            }
            LinkFrom::Field(field) => self.facts.cells(link.of, thing, field, day),
        };
        match keys {
            Cells::One(cell) => self.at_key(thing, cell, day),
            Cells::Many(mut cells) => {
                cells.dedup();
                if let [cell] = cells[..] {
                    self.at_key(thing, Some(cell), day);
                } else {
                    self.contradiction(thing, &cells, day);
                }
            }
        }
        self.done.edges.offsets.push(self.done.edges.rows.len() as u32);
    }

    /// The very rows that a group row groups.
    fn rows_of_group(&mut self, group: &Group, thing: usize) {
        let Some(keys) = self.facts.rows(group.entity, thing).next() else {
            return self.end(YES, YES);
        };
        let (members, rows) = (self.facts.members(group.entity), self.facts.table(group.rows));
        let start = self.done.edges.rows.len();
        for row in members.of(thing - 1) {
            self.add(rows.thing_of(row as usize), YES);
        }
        // A row that does not tell all keys may be of this group, too: then in the order of the rows.
        let agrees = |row: &u32| {
            group.by.iter().enumerate().all(|(nth, field)| {
                let cell = rows.cell(*row as usize, *field);
                cell == Cell::Unknown || cell == keys.cell(FieldId(nth as u16))
            })
        };
        let doubted: Vec<u32> = members.hidden.iter().copied().filter(agrees).collect();
        if !doubted.is_empty() {
            for row in doubted {
                self.add(rows.thing_of(row as usize), UNKNOWN);
            }
            let edges = &mut self.done.edges;
            let member = edges.member.as_mut().expect("made with the first edge");
            let mut all: Vec<(u32, Bits)> = edges.rows.drain(start..).zip(member.drain(start..)).collect();
            all.sort_unstable();
            edges.rows.extend(all.iter().map(|(row, _)| *row));
            member.extend(all.iter().map(|(_, bits)| *bits));
        }
        let declared = self.facts.pack.schema.at(group.rows);
        let month =
            group.by.iter().enumerate().find_map(|(nth, field)| match keys.cell(FieldId(nth as u16)) {
                Cell::Is(month) if declared.at(*field).ty == FieldType::Month => Some(month as i32),
                _ => None,
            });
        let person = self.facts.about(group.entity, thing);
        let whole = month.is_some_and(|month| covers(self.relation.told_through.about(person), month, month));
        let closed = whole || self.link.silence == Silence::Declared;
        self.end(if closed { NO } else { YES }, YES);
    }

    /// Rows that contradict each other name different keys: it is one of them.
    fn contradiction(&mut self, thing: usize, cells: &[Cell], day: i32) {
        let start = self.done.edges.rows.len();
        let (mut open, mut exists) = (NO, 0);
        for cell in cells {
            self.at_key(thing, Some(*cell), day);
            open |= self.done.open.pop().unwrap_or(NO) & YES;
            exists |= self.done.exists.pop().unwrap_or(0);
        }
        let edges = &mut self.done.edges;
        let mut rows = edges.rows.split_off(start);
        rows.sort_unstable();
        rows.dedup();
        let member = edges.member.as_mut().expect("made with the first edge");
        member.truncate(start);
        member.resize(start + rows.len(), UNKNOWN);
        edges.rows.extend(rows);
        self.done.open.push(if open == YES { YES } else { NO });
        self.done.exists.push(exists);
    }

    fn many(&self) -> bool {
        matches!(self.link.arity, Arity::ManyOnDay | Arity::ManyAll)
    }

    fn at_key(&mut self, thing: usize, cell: Option<Cell>, day: i32) {
        let key = match Key::of(cell) {
            Key::Nothing => return self.end(NO, NO),
            Key::Unknown if self.many() => return self.end(YES, YES),
            Key::Unknown => {
                self.add(ANY, YES);
                return self.end(NO, if self.optional { UNKNOWN } else { YES });
            }
            Key::Is(key) => key,
        };
        let start = self.done.edges.rows.len();
        let said = self.closed(thing, key, day);
        self.find(key, day, said);
        let (entity, by) = asked_for(self.facts, self.link);
        if !self.facts.was_asked(entity, by, key) {
            return self.not_loaded(start);
        }
        let closed = said && !self.relation.hidden.may_have(key);
        if self.many() {
            return self.end(if closed { NO } else { YES }, YES);
        }
        self.the_one(start, closed);
    }

    /// Rows that were never asked for may be any: what reads them is not certain, and the walk to the
    /// deciding facts tells that they were not loaded.
    fn not_loaded(&mut self, start: usize) {
        if !self.many() {
            let edges = &mut self.done.edges;
            edges.rows.truncate(start);
            edges.member.as_mut().expect("made with the first edge").truncate(start);
            self.add(ANY, YES);
        }
        self.end(YES, UNKNOWN);
    }

    /// Adds the rows that have a key, or may have it. `said`: the registry that owns them has told all.
    fn find(&mut self, key: u64, day: i32, said: bool) {
        let Ends { index, on_day } = &self.ends;
        let known = index.find(key, &mut self.near);
        let on = matches!(self.link.arity, Arity::ManyOnDay | Arity::OneOnDay).then_some(day);
        if index.anybodys.is_empty()
            && let Some(on_day) = on_day
        {
            let table = self.facts.table(self.link.to);
            let owner = self.facts.pack.schema.at(self.link.to).registry;
            let mut all: Option<Vec<u32>> = None;
            for at in known.clone() {
                let thing = index.thing(at);
                let rows = table.run(thing as usize);
                let belongs = match rows.len() {
                    0 => YES,
                    // What the registry that owns it says nobody outranks.
                    1 if table.registry(rows.start) == owner => on_day.row(rows.start),
                    _ => {
                        let all =
                            all.get_or_insert_with(|| known.clone().map(|at| index.thing(at)).collect());
                        self.belongs(thing as usize, all, key, on, said)
                    }
                };
                if belongs & YES != 0 {
                    self.done.edges.rows.push(thing);
                    self.done.edges.member.as_mut().expect("made with the first edge").push(belongs);
                }
            }
            return;
        }
        let mut all: Vec<u32> =
            known.map(|at| index.thing(at)).chain(index.anybodys.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        for thing in &all {
            let belongs = self.belongs(*thing as usize, &all, key, on, said);
            if belongs & YES != 0 {
                self.add(*thing, belongs);
            }
        }
    }

    /// To one: among rows that are there, one of them; where none is certain, silence decides.
    fn the_one(&mut self, start: usize, closed: bool) {
        let edges = &mut self.done.edges;
        let member = edges.member.as_mut().expect("made with the first edge");
        let certain = member[start..].contains(&YES);
        let unloaded = self.link.arity == Arity::OneByKey
            && (edges.rows.len() == start
                || edges.rows[start..].iter().all(|r| self.facts.is_absent(self.link.to, *r as usize)));
        if unloaded {
            if self.link.silence == Silence::Nothing && closed {
                edges.rows.truncate(start);
                member.truncate(start);
                return self.end(NO, NO);
            }
            if edges.rows.len() == start {
                self.add(ANY, YES);
            }
            let person = self.link.silence != Silence::Nothing && self.link.to == card::Schema::PERSON;
            let sure = self.link.silence != Silence::Nothing && (person || !self.optional);
            return self.end(NO, if sure { YES } else { UNKNOWN });
        }
        if !certain && !closed {
            edges.rows.truncate(start);
            member.truncate(start);
            self.add(ANY, YES);
            return self.end(NO, if self.optional { UNKNOWN } else { YES });
        }
        if edges.rows.len() == start {
            return self.end(NO, NO);
        }
        self.end(NO, if certain || !self.optional { YES } else { UNKNOWN });
    }

    /// Does a thing belong: its key, its validity, and no row of the registry that owns it outranks it?
    fn belongs(&self, thing: usize, all: &[u32], key: u64, on: Option<i32>, said: bool) -> Bits {
        let rows = self.facts.table(self.link.to).run(thing);
        if rows.is_empty() {
            return YES;
        }
        rows.map(|row| self.row_belongs(row, all, key, on, said))
            .fold(NO, |any, next| ((any | next) & YES) | (any & next & NO))
    }

    fn row_belongs(&self, row: usize, all: &[u32], key: u64, on: Option<i32>, said: bool) -> Bits {
        let table = self.facts.table(self.link.to);
        let owner = self.facts.pack.schema.at(self.link.to).registry;
        let mut belongs = self.is_here(row, key, on);
        if table.registry(row) != owner && belongs & YES != 0 {
            if !said {
                // The registry that owns such rows may still say otherwise.
                belongs = and(belongs, UNKNOWN);
            }
            for other in all.iter().flat_map(|other| table.run(*other as usize)) {
                if table.registry(other) == owner {
                    let same = if self.many() { self.same_key(row, other) } else { YES };
                    let outranks = and(self.is_here(other, key, on), same);
                    belongs = and(belongs, not(outranks));
                }
            }
        }
        belongs
    }

    /// Has a row the key, and is it true?
    fn is_here(&self, row: usize, key: u64, on: Option<i32>) -> Bits {
        let here = match self.facts.table(self.link.to).keys(self.link.by).of(row) {
            Key::Is(theirs) if theirs == key => YES,
            Key::Unknown => UNKNOWN,
            _ => return NO,
        };
        let holds = match &self.ends.on_day {
            Some(on_day) => on_day.row(row),
            None => on.map_or(YES, |day| self.facts.holds(self.facts.row(self.link.to, row), day)),
        };
        and(here, holds)
    }

    /// Do two rows have the same natural key? What tells rows of one owner apart comes last in a key.
    fn same_key(&self, a: usize, b: usize) -> Bits {
        let [a, b] = [a, b].map(|row| self.facts.row(self.link.to, row));
        let mut same = YES;
        for field in self.facts.pack.schema.at(a.entity).key.iter().rev() {
            match (a.cell(*field), b.cell(*field)) {
                (Cell::Unknown, _) | (_, Cell::Unknown) => same = UNKNOWN,
                (x, y) if x == y => {}
                _ => return NO,
            }
        }
        same
    }

    /// Does silence mean that there are no further rows?
    fn closed(&self, thing: usize, key: u64, day: i32) -> bool {
        match self.link.silence {
            Silence::Declared => true,
            Silence::Open | Silence::Unknown | Silence::ThroughMonth => false,
            Silence::Nothing | Silence::ClosedByRegistry => {
                let person = if self.relation.covered.is_everywhere() {
                    None
                } else if self.relation.names_a_person {
                    Some(PersonId(key))
                } else {
                    self.facts.about(self.link.of, thing)
                };
                is_within(self.relation.covered.about(person), day)
            }
        }
    }

    fn add(&mut self, row: u32, bits: Bits) {
        self.done.edges.rows.push(row);
        self.done.edges.member.as_mut().expect("made with the first edge").push(bits);
    }

    fn end(&mut self, open: Bits, exists: Bits) {
        self.done.open.push(open);
        self.done.exists.push(exists);
    }
}

/// The keys that the things of a table tell in a field.
struct ToldKeys<'f, 'a> {
    table: &'f Table<'a>,
    keys: Keys<'f>,
    /// Is it the name of the things? Then all rows of one tell the same.
    is_name: bool,
}

impl ToldKeys<'_, '_> {
    /// The key of a thing, if it is beyond doubt.
    fn of(&self, thing: usize) -> Option<u64> {
        let run = self.table.run(thing);
        let row = if run.len() == 1 || self.is_name { run.start } else { return None };
        if run.is_empty() {
            return None;
        }
        match self.keys.of(row) {
            Key::Is(key) => Some(key),
            _ => None,
        }
    }
}

const fn and(a: Bits, b: Bits) -> Bits {
    (a & b & YES) | ((a | b) & NO)
}

const fn not(a: Bits) -> Bits {
    (a & YES) << 1 | (a & NO) >> 1
}
