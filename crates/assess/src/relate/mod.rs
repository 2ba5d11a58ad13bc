//! Relations: from rows to the rows that they are linked with, and what silence means there.

mod ends;
mod follow;

use card::{EntityId, FieldId, FieldType, Schema, Validity};
use law::{Group, Link, LinkFrom};

pub(crate) use ends::{Ends, Index, OnDay};
pub(crate) use follow::{Follow, Followed};

use crate::{
    facts::{Covered, Facts, Key},
    types::{EVER_AFTER, EVER_BEFORE},
};

/// What is the same of a relation for all rows and questions of a batch.
pub(crate) struct Relation<'f, 'a> {
    facts: &'f Facts<'a>,
    link: &'a Link,
    /// Is what it follows a person?
    names_a_person: bool,
    /// Is it the person from whom it leads?
    of_person: bool,
    covered: Covered<'f, 'a>,
    /// Without the days that are only believed.
    told_through: Covered<'f, 'a>,
    /// The group whose very rows the relation leads to.
    grouped: Option<&'a Group>,
    hidden: Hidden,
}

impl<'f, 'a> Relation<'f, 'a> {
    /// Of some facts.
    pub fn of(facts: &'f Facts<'a>, link: &'a Link) -> Self {
        let stored = stored(facts, link);
        let field = from_field(facts.pack, link);
        Self {
            facts,
            link,
            names_a_person: field
                .is_some_and(|field| facts.pack.schema.at(link.of).at(field).ty == FieldType::Person),
            of_person: link.of == Schema::PERSON && link.from == LinkFrom::Key,
            covered: Covered::of(facts, stored, link.registry, true),
            told_through: Covered::of(facts, stored, link.registry, false),
            grouped: group_of(facts, link.of).filter(|group| group.rows == link.to),
            hidden: Hidden::of(facts, link),
        }
    }

    /// Of a relation that is closed through months: is every row of the months from `lo` to `hi`, as
    /// days, about a thing here?
    pub fn covers(&self, thing: usize, lo: i32, hi: i32) -> bool {
        let person = self.facts.about(self.link.of, thing);
        let known = person.is_some_and(|person| !self.hidden.may_have(person.0));
        let place = self.of_person.then_some(thing as u32);
        let told =
            || place.map_or_else(|| self.told_through.about(person), |at| self.told_through.about_place(at));
        known && covers(told(), lo, hi)
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

/// The keys that a relation to groups follows, of the stored rows whose keys are not all known: such a
/// row may be a group of its own.
#[derive(Default)]
struct Hidden {
    /// Does one of them hide this very key?
    any: bool,
    /// Those that are told, in order.
    keys: Vec<u64>,
}

impl Hidden {
    fn of(facts: &Facts, link: &Link) -> Self {
        let Some(group) = group_of(facts, link.to) else { return Self::default() };
        let rows = facts.table(group.rows).keys(group.by[link.by.0 as usize]);
        let mut hidden = Self::default();
        for row in &facts.members(group.entity).hidden {
            match rows.of(*row as usize) {
                Key::Is(key) => hidden.keys.push(key),
                Key::Unknown => hidden.any = true,
                Key::Nothing => {}
            }
        }
        hidden.keys.sort_unstable();
        hidden
    }

    /// May there be a further group that has a key?
    fn may_have(&self, key: u64) -> bool {
        self.any || self.keys.binary_search(&key).is_ok()
    }
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

/// Does one period cover all days of the months from `lo` to `hi`?
fn covers(periods: &[(i32, i32)], lo: i32, hi: i32) -> bool {
    if hi == EVER_AFTER {
        return false;
    }
    let first = if lo == EVER_BEFORE { card::LONG_AGO.days() } else { crate::calendar::first_day(lo) };
    let last = crate::calendar::last_day(hi);
    lo > hi || periods.iter().any(|(from, through)| *from <= first && last <= *through)
}
