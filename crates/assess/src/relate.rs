//! Relations: from rows to the rows that they are linked with, and what silence means there.

use std::{borrow::Cow, rc::Rc};

use card::{EntityId, FieldId, FieldType, PersonId, Validity};
use law::{Arity, Group, Link, LinkFrom, Silence};

use crate::{
    facts::{ANY, Cell, Cells, Covered, Facts, Key, Places, Row, Table, gallop},
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
pub(crate) struct Index<'f> {
    /// The keys in order: a column of facts where its rows come in that order, else sorted.
    keys: Cow<'f, [u64]>,
    /// The thing of each key; those of the rows in their order if `None`.
    things: Option<Vec<u32>>,
    /// Things that do not tell the field, and may belong to any key.
    anybodys: Vec<u32>,
}

impl<'f> Index<'f> {
    /// Indexes a field.
    pub fn of(facts: &'f Facts, entity: EntityId, field: FieldId) -> Self {
        let table = facts.table(entity);
        let plain = table.is_dense() && table.absent() == 0;
        if let Some(keys) = table.keys(field).filter(|keys| plain && keys.is_sorted()) {
            return Self { keys: Cow::Borrowed(keys), things: None, anybodys: Vec::new() };
        }
        let mut pairs = Vec::with_capacity(facts.len(entity));
        let mut anybodys = Vec::new();
        for thing in 1..facts.len(entity) {
            let mut add = |cell: Cell| match Key::of(Some(cell)) {
                Key::Is(key) => pairs.push((key, thing as u32)),
                Key::Unknown => anybodys.push(thing as u32),
                Key::Nothing => {}
            };
            if facts.is_absent(entity, thing) {
                if let Cells::One(Some(name)) = facts.cells(entity, thing, field, 0) {
                    add(name);
                }
            } else {
                facts.rows(entity, thing).for_each(|row| add(row.cell(field)));
            }
        }
        // Rows mostly come in the order of what they name: a sort that sees runs.
        pairs.sort_by_key(|pair| *pair);
        pairs.dedup();
        anybodys.dedup();
        let (keys, things): (Vec<u64>, Vec<u32>) = pairs.into_iter().unzip();
        Self { keys: Cow::Owned(keys), things: Some(things), anybodys }
    }

    /// The first thing that has a key, or any.
    pub fn first(&self, key: u64, near: &mut usize) -> u32 {
        self.find(key, near).next().unwrap_or(ANY)
    }

    /// The things that have a key, in order. `near` is where the last search ended.
    fn find(&self, key: u64, near: &mut usize) -> impl Iterator<Item = u32> + Clone {
        let start = gallop(&self.keys, key, near);
        let many = self.keys[start..].iter().take_while(|here| **here == key).count();
        (start..start + many).map(|at| self.things.as_ref().map_or(at as u32 + 1, |things| things[at]))
    }
}

/// Of every thing: is it true on a day (`None`: of any time), where it is one row of the registry
/// that owns it? [`MIXED`] where more is to be looked at.
pub(crate) fn on_day(facts: &Facts, entity: EntityId, on: Option<i32>) -> Vec<Bits> {
    let owner = facts.pack.schema.at(entity).registry;
    let table = facts.table(entity);
    if table.is_dense() && table.is_of_owner() && facts.tells_validity(entity) {
        let holds = |(from, until): (&i32, &i32)| match on {
            Some(day) if day < *from || *until <= day => NO,
            _ => YES,
        };
        let rows = table.from().iter().zip(table.until()).map(holds);
        let absent = std::iter::repeat_n(YES, table.absent());
        return std::iter::once(YES).chain(rows).chain(absent).collect();
    }
    let one = |thing| {
        let mut rows = facts.rows(entity, thing);
        match (rows.next(), rows.next()) {
            (None, _) => YES,
            (Some(row), None) if row.registry() == owner => on.map_or(YES, |day| facts.holds(row, day)),
            _ => MIXED,
        }
    };
    (0..facts.len(entity)).map(one).collect()
}

/// See [`on_day`].
const MIXED: Bits = 0;

/// What following a relation needs to know of the rows at its end.
#[derive(Clone)]
pub(crate) struct Ends<'f> {
    /// Their index by the field that the relation goes by.
    pub index: Rc<Index<'f>>,
    /// Are they true on the day, where it is one day for all?
    pub on_day: Option<Rc<Vec<Bits>>>,
}

/// Follows one relation, in one batch.
pub(crate) struct Follow<'f, 'a> {
    facts: &'f Facts<'a>,
    link: &'a Link,
    optional: bool,
    ends: Ends<'f>,
    near: usize,
    /// Is what it follows a person?
    names_a_person: bool,
    covered: Covered<'f, 'a>,
    /// For a relation that leads to the rows of a group: without the days that are only believed.
    told_through: Covered<'f, 'a>,
    /// The group whose very rows the relation leads to.
    grouped: Option<&'a Group>,
    /// Of grouped rows whose keys are not all known, the key that the relation follows.
    hidden: Vec<Key>,
    done: Followed,
}

impl<'f, 'a> Follow<'f, 'a> {
    /// A relation and the rows that it leads to.
    pub fn new(facts: &'f Facts<'a>, link: &'a Link, optional: bool, ends: Ends<'f>) -> Self {
        let stored = stored(facts, link);
        let covered = Covered::of(facts, stored, link.registry, true);
        let told_through = Covered::of(facts, stored, link.registry, false);
        let grouped = group_of(facts, link.of).filter(|group| group.rows == link.to);
        let hidden = hidden(facts, link);
        let names_a_person = from_field(facts.pack, link)
            .is_some_and(|field| facts.pack.schema.at(link.of).at(field).ty == FieldType::Person);
        let mut done = Followed::default();
        done.edges.offsets.push(0);
        done.edges.member = Some(Vec::new());
        Self {
            facts,
            link,
            optional,
            ends,
            near: 0,
            names_a_person,
            covered,
            told_through,
            grouped,
            hidden,
            done,
        }
    }

    /// From things on days.
    pub fn all(mut self, from: &Places) -> Followed {
        let done = &mut self.done;
        done.edges.offsets.reserve(from.len);
        done.open.reserve(from.len);
        done.exists.reserve(from.len);
        let told = self.told_keys();
        let keys = told.and_then(|(field, table)| table.keys(field));
        for (thing, day) in from.iter() {
            let row = (thing as usize).wrapping_sub(1);
            let key = match (keys, told) {
                (Some(keys), _) => keys.get(row).copied(),
                (None, Some((field, table))) => told_key(table, field, row),
                (None, None) => None,
            };
            match key {
                Some(key) => self.told(key, day),
                None => self.one(thing as usize, day),
            }
        }
        let members = &mut self.done.edges.member;
        if members.as_ref().is_some_and(|members| members.iter().all(|bits| *bits == YES)) {
            *members = None;
        }
        self.done
    }

    /// The field that the relation follows, where nothing but its value in the one row of each thing
    /// matters: no groups, no doubt about what was loaded or is covered for whom.
    fn told_keys(&self) -> Option<(FieldId, &'f Table<'a>)> {
        let facts = self.facts;
        let plain = self.grouped.is_none() && self.hidden.is_empty() && facts.is_whole();
        let (field, table) = (from_field(facts.pack, self.link)?, facts.table(self.link.of));
        let certain = self.ends.index.anybodys.is_empty() && self.ends.on_day.is_some();
        let covered = self.covered.is_everywhere() || self.names_a_person;
        (plain && certain && covered && table.is_dense()).then_some((field, table))
    }

    /// From a thing that tells its key.
    fn told(&mut self, key: u64, day: i32) {
        let start = self.done.edges.rows.len();
        let closed = match self.link.silence {
            Silence::Declared => true,
            Silence::Open | Silence::Unknown | Silence::ThroughMonth => false,
            Silence::Nothing | Silence::ClosedByRegistry => {
                self.covered.on(self.names_a_person.then_some(PersonId(key)), day)
            }
        };
        self.find(key, day, closed);
        if self.many() {
            self.end(if closed { NO } else { YES }, YES);
        } else {
            self.the_one(start, closed);
        }
        self.done.edges.offsets.push(self.done.edges.rows.len() as u32);
    }

    fn one(&mut self, thing: usize, day: i32) {
        let link = self.link;
        if let Some(group) = self.grouped {
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
        for other in 1..self.facts.len(group.rows) {
            for row in self.facts.rows(group.rows, other) {
                let same = group.by.iter().enumerate().fold(YES, |same, (nth, field)| {
                    and(
                        same,
                        match row.cell(*field) {
                            Cell::Unknown => UNKNOWN,
                            cell if cell == keys.cell(FieldId(nth as u16)) => YES,
                            _ => NO,
                        },
                    )
                });
                if same & YES != 0 {
                    self.add(other as u32, same);
                }
            }
        }
        let declared = self.facts.pack.schema.at(group.rows);
        let month =
            group.by.iter().enumerate().find_map(|(nth, field)| match keys.cell(FieldId(nth as u16)) {
                Cell::Is(month) if declared.at(*field).ty == FieldType::Month => Some(month as i32),
                _ => None,
            });
        let person = self.facts.about(group.entity, thing);
        let whole = month.is_some_and(|month| covers(self.told_through.about(person), month, month));
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
        let closed = said && !may_be_more(&self.hidden, key);
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
            && known.clone().all(|thing| on_day[thing as usize] != MIXED)
        {
            let edges = &mut self.done.edges;
            let member = edges.member.as_mut().expect("made with the first edge");
            for thing in known {
                let belongs = on_day[thing as usize];
                if belongs & YES != 0 {
                    edges.rows.push(thing);
                    member.push(belongs);
                }
            }
            return;
        }
        let mut all: Vec<u32> = known.chain(index.anybodys.iter().copied()).collect();
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
        if self.facts.is_absent(self.link.to, thing) {
            return YES;
        }
        self.facts
            .rows(self.link.to, thing)
            .map(|row| self.row_belongs(row, all, key, on, said))
            .fold(NO, |any, next| ((any | next) & YES) | (any & next & NO))
    }

    fn row_belongs(&self, row: Row, all: &[u32], key: u64, on: Option<i32>, said: bool) -> Bits {
        let owner = self.facts.pack.schema.at(self.link.to).registry;
        let mut belongs = self.is_here(row, key, on);
        if row.registry() != owner && belongs & YES != 0 {
            if !said {
                // The registry that owns such rows may still say otherwise.
                belongs = and(belongs, UNKNOWN);
            }
            for other in all.iter().flat_map(|other| self.facts.rows(self.link.to, *other as usize)) {
                if other.registry() == owner {
                    let same = if self.many() { self.same_key(row, other) } else { YES };
                    let outranks = and(self.is_here(other, key, on), same);
                    belongs = and(belongs, not(outranks));
                }
            }
        }
        belongs
    }

    fn is_here(&self, row: Row, key: u64, on: Option<i32>) -> Bits {
        let here = match Key::of(Some(row.cell(self.link.by))) {
            Key::Is(theirs) if theirs == key => YES,
            Key::Unknown => UNKNOWN,
            _ => NO,
        };
        and(here, on.map_or(YES, |day| self.facts.holds(row, day)))
    }

    /// Do two rows have the same natural key?
    fn same_key(&self, a: Row, b: Row) -> Bits {
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
    fn closed(&self, thing: usize, key: u64, day: i32) -> bool {
        match self.link.silence {
            Silence::Declared => true,
            Silence::Open | Silence::Unknown | Silence::ThroughMonth => false,
            Silence::Nothing | Silence::ClosedByRegistry => {
                let person = if self.covered.is_everywhere() {
                    None
                } else if self.names_a_person {
                    Some(PersonId(key))
                } else {
                    self.facts.about(self.link.of, thing)
                };
                self.covered.on(person, day)
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

/// The field whose value a relation follows.
fn from_field(pack: &law::Pack, link: &Link) -> Option<FieldId> {
    match link.from {
        LinkFrom::Field(field) => Some(field),
        LinkFrom::Key => pack.schema.at(link.of).key.first().copied(),
    }
}

/// The stored entity behind the end of a relation.
fn stored(facts: &Facts, link: &Link) -> EntityId {
    group_of(facts, link.to).map_or(link.to, |group| group.rows)
}

/// The stored rows that a relation asks for: of which entity, by which field.
pub(crate) fn asked_for(facts: &Facts, link: &Link) -> (EntityId, FieldId) {
    match group_of(facts, link.to) {
        Some(group) => (group.rows, group.by[link.by.0 as usize]),
        None => (link.to, link.by),
    }
}

fn group_of<'a>(facts: &Facts<'a>, entity: EntityId) -> Option<&'a Group> {
    facts.pack.groups.iter().find(|group| group.entity == entity)
}

/// The key that a relation to groups follows, of every stored row whose keys are not all known: such
/// a row may be a group of its own.
fn hidden(facts: &Facts, link: &Link) -> Vec<Key> {
    let Some(group) = group_of(facts, link.to) else { return Vec::new() };
    let by = group.by[link.by.0 as usize];
    let rows = facts.all_rows(group.rows);
    rows.filter(|row| group.by.iter().any(|field| row.cell(*field) == Cell::Unknown))
        .map(|row| Key::of(Some(row.cell(by))))
        .collect()
}

fn may_be_more(hidden: &[Key], key: u64) -> bool {
    hidden.iter().any(|hidden| matches!(hidden, Key::Unknown) || *hidden == Key::Is(key))
}

/// The field of the end of a relation that holds its month.
pub(crate) fn month_field(pack: &law::Pack, link: &Link) -> Option<FieldId> {
    let group = pack.groups.iter().find(|group| group.entity == link.to);
    let Validity::Month(month) = pack.schema.at(group.map_or(link.to, |group| group.rows)).validity else {
        return None;
    };
    match group {
        None => Some(month),
        Some(group) => group.by.iter().position(|by| *by == month).map(|at| FieldId(at as u16)),
    }
}

/// The months of which every row that a relation finds is here, for some things: periods of days.
pub(crate) struct Months<'f, 'a> {
    facts: &'f Facts<'a>,
    link: &'a Link,
    covered: Covered<'f, 'a>,
    hidden: Vec<Key>,
}

impl<'f, 'a> Months<'f, 'a> {
    /// Of a relation that is closed through months.
    pub fn of(facts: &'f Facts<'a>, link: &'a Link) -> Self {
        let covered = Covered::of(facts, stored(facts, link), link.registry, false);
        Self { facts, link, covered, hidden: hidden(facts, link) }
    }

    /// Is every row of the months from `lo` to `hi` about a thing here?
    pub fn cover(&self, thing: usize, lo: i32, hi: i32) -> bool {
        let person = self.facts.about(self.link.of, thing);
        let known = person.is_some_and(|person| !may_be_more(&self.hidden, person.0));
        known && covers(self.covered.about(person), lo, hi)
    }
}

/// The key that a row tells.
fn told_key(table: &Table, field: FieldId, row: usize) -> Option<u64> {
    match (row < table.rows()).then(|| table.cell(row, field))? {
        Cell::Is(key) => Some(key as u64),
        _ => None,
    }
}

/// Does one period cover all days of the months from `lo` to `hi`?
fn covers(periods: &[(i32, i32)], lo: i32, hi: i32) -> bool {
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
