//! Relations: from rows to the rows that they are linked with, and what silence means there.

use std::{collections::HashMap, rc::Rc};

use card::{Cell, EntityId, FieldId, PersonId, Row};
use law::{Arity, Link, LinkFrom, Silence};

use crate::{
    facts::{ANY, Cells, Facts, Key},
    types::{Bits, EVER_AFTER, EVER_BEFORE, Edges, NO, UNKNOWN, YES},
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

/// The things of an entity by a field.
pub(crate) struct Index {
    things: HashMap<u64, Vec<u32>>,
    anybodys: Vec<u32>,
}

impl Index {
    /// Indexes a field. A row that does not tell it may belong to any.
    pub fn of(facts: &Facts, entity: EntityId, field: FieldId) -> Self {
        let mut index = Self { things: HashMap::new(), anybodys: Vec::new() };
        for thing in 1..facts.len(entity) {
            for row in facts.rows(entity, thing) {
                match facts.key(Some(row.cell(field))) {
                    Key::Is(key) => index.things.entry(key).or_default().push(thing as u32),
                    Key::Unknown => index.anybodys.push(thing as u32),
                    Key::Nothing => {}
                }
            }
            if facts.rows(entity, thing).is_empty()
                && let Cells::One(Some(name)) = facts.cells(entity, thing, field, 0)
                && let Key::Is(key) = facts.key(Some(name))
            {
                index.things.entry(key).or_default().push(thing as u32);
            }
        }
        index
    }

    /// The first thing that has a key, or any.
    pub fn first(&self, key: u64) -> u32 {
        self.things.get(&key).and_then(|things| things.first()).copied().unwrap_or(ANY)
    }

    /// The things that have a key or may have it, each once, in order.
    fn find(&self, key: u64, into: &mut Vec<u32>) {
        into.clear();
        into.extend(self.things.get(&key).into_iter().flatten());
        if !self.anybodys.is_empty() {
            into.extend(&self.anybodys);
            into.sort_unstable();
        }
        into.dedup();
    }
}

/// Follows one relation, in one batch.
pub(crate) struct Follow<'f, 'a> {
    facts: &'f Facts<'a>,
    link: &'a Link,
    optional: bool,
    index: Rc<Index>,
    everywhere: Option<Vec<(i32, i32)>>,
    found: Vec<u32>,
    done: Followed,
}

impl<'f, 'a> Follow<'f, 'a> {
    /// A relation and an index of the rows that it leads to.
    pub fn new(facts: &'f Facts<'a>, link: &'a Link, optional: bool, index: Rc<Index>) -> Self {
        let by_region = facts.covered_by_region(link.to, link.registry);
        let everywhere = (!by_region).then(|| facts.covered(link.to, link.registry, None, true));
        let mut done = Followed::default();
        done.edges.offsets.push(0);
        done.edges.member = Some(Vec::new());
        Self { facts, link, optional, index, everywhere, found: Vec::new(), done }
    }

    /// From things on days.
    pub fn all(mut self, from: &[(u32, i32)]) -> Followed {
        for (thing, day) in from {
            self.one(*thing as usize, *day);
        }
        self.done
    }

    fn one(&mut self, thing: usize, day: i32) {
        let link = self.link;
        let keys = match link.from {
            LinkFrom::Key => {
                let field = self.facts.pack.schema.at(link.of).key.first();
                let own = self
                    .facts
                    .rows(link.of, thing)
                    .first()
                    .map(|row| row.cell(*field.unwrap_or(&FieldId(0))));
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

    /// Rows that contradict each other name different keys: it is one of them.
    fn contradiction(&mut self, thing: usize, cells: &[&Cell], day: i32) {
        let start = self.done.edges.rows.len();
        let (mut open, mut exists) = (NO, 0);
        for cell in cells {
            self.at_key(thing, Some(cell), day);
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

    fn at_key(&mut self, thing: usize, cell: Option<&Cell>, day: i32) {
        let key = match self.facts.key(cell) {
            Key::Nothing => return self.end(NO, NO),
            Key::Unknown if self.many() => return self.end(YES, YES),
            Key::Unknown => {
                self.add(ANY, YES);
                return self.end(NO, if self.optional { UNKNOWN } else { YES });
            }
            Key::Is(key) => key,
        };
        let mut found = std::mem::take(&mut self.found);
        self.index.find(key, &mut found);
        let start = self.done.edges.rows.len();
        let on = (self.link.arity == Arity::ManyOnDay || self.link.arity == Arity::OneOnDay).then_some(day);
        for other in &found {
            let belongs = self.belongs(*other as usize, &found, key, on);
            if belongs & YES != 0 {
                self.add(*other, belongs);
            }
        }
        self.found = found;
        let closed = self.closed(thing, cell, key, day);
        if self.many() {
            return self.end(if closed { NO } else { YES }, YES);
        }
        self.to_one(start, closed);
    }

    /// To one: among rows that are there, one of them; where none is certain, silence decides.
    fn to_one(&mut self, start: usize, closed: bool) {
        let edges = &mut self.done.edges;
        let member = edges.member.as_mut().expect("made with the first edge");
        let certain = member[start..].contains(&YES);
        let unloaded = self.link.arity == Arity::OneByKey
            && (edges.rows.len() == start
                || edges.rows[start..].iter().all(|r| self.facts.rows(self.link.to, *r as usize).is_empty()));
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
    fn belongs(&self, thing: usize, all: &[u32], key: u64, on: Option<i32>) -> Bits {
        let rows = self.facts.rows(self.link.to, thing);
        if rows.is_empty() {
            return YES;
        }
        rows.iter()
            .map(|row| self.row_belongs(row, all, key, on))
            .fold(NO, |any, next| ((any | next) & YES) | (any & next & NO))
    }

    fn row_belongs(&self, row: &Row, all: &[u32], key: u64, on: Option<i32>) -> Bits {
        let owner = self.facts.pack.schema.at(self.link.to).registry;
        let mut belongs = self.is_here(row, key, on);
        if row.registry != owner && belongs & YES != 0 {
            for other in all.iter().flat_map(|other| self.facts.rows(self.link.to, *other as usize)) {
                if other.registry == owner {
                    let same = if self.many() { self.same_key(row, other) } else { YES };
                    let outranks = and(self.is_here(other, key, on), same);
                    belongs = and(belongs, not(outranks));
                }
            }
        }
        belongs
    }

    fn is_here(&self, row: &Row, key: u64, on: Option<i32>) -> Bits {
        let here = match self.facts.key(Some(row.cell(self.link.by))) {
            Key::Is(theirs) if theirs == key => YES,
            Key::Unknown => UNKNOWN,
            _ => NO,
        };
        and(here, on.map_or(YES, |day| self.facts.holds(row, day)))
    }

    /// Do two rows have the same natural key?
    fn same_key(&self, a: &Row, b: &Row) -> Bits {
        self.facts.pack.schema.at(a.entity).key.iter().fold(YES, |same, field| {
            let here = match (a.cell(*field), b.cell(*field)) {
                (Cell::Unknown, _) | (_, Cell::Unknown) => UNKNOWN,
                (x, y) if x == y => YES,
                _ => NO,
            };
            and(same, here)
        })
    }

    /// Does silence mean that there are no further rows?
    fn closed(&self, thing: usize, cell: Option<&Cell>, key: u64, day: i32) -> bool {
        match self.link.silence {
            Silence::Declared => true,
            Silence::Open | Silence::Unknown | Silence::ThroughMonth => false,
            Silence::Nothing | Silence::ClosedByRegistry => {
                let within =
                    |periods: &[(i32, i32)]| periods.iter().any(|(from, to)| *from <= day && day <= *to);
                if let Some(everywhere) = &self.everywhere {
                    return within(everywhere);
                }
                let person = match cell {
                    Some(Cell::Person(_)) => Some(PersonId(key)),
                    _ => self.facts.about(self.link.of, thing),
                };
                within(&self.facts.covered(self.link.to, self.link.registry, person, true))
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

/// The months of which every row about the person of a thing is here, for a list that is closed
/// through months: periods of whole days.
pub(crate) fn months_covered(facts: &Facts, link: &Link, thing: usize) -> Vec<(i32, i32)> {
    let person = facts.about(link.of, thing);
    facts.covered(link.to, link.registry, person, false)
}

/// Does one period cover all days of the months from `lo` to `hi`?
pub(crate) fn covers(periods: &[(i32, i32)], lo: i32, hi: i32) -> bool {
    if hi == EVER_AFTER {
        return false;
    }
    let first = if lo == EVER_BEFORE { card::LONG_AGO.days() } else { crate::calendar::first_day(lo) };
    let last = crate::calendar::last_day(hi);
    lo > hi || periods.iter().any(|(from, through)| *from <= first && last <= *through)
}

const fn and(a: Bits, b: Bits) -> Bits {
    (a & b & YES) | ((a | b) & NO)
}

const fn not(a: Bits) -> Bits {
    (a & YES) << 1 | (a & NO) >> 1
}
