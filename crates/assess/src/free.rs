//! *Free*: whether nobody is paid for this already, by any system. It stands beside the verdict, so
//! that entitlement never reads the payments of its own measure.

use card::{Cell, EntityId, FieldId, PersonId, Row, Schema, Ternary};
use law::{Measure, Pack};

use crate::{
    facts::Facts,
    types::{Bits, EVER_BEFORE, NO, YES},
};

/// Where what is paid already is written down.
struct Awards {
    award: EntityId,
    number: FieldId,
    measure: FieldId,
    recipient: FieldId,
    subject: Option<FieldId>,
    children: Option<Children>,
}

/// Where the children of an award are named.
struct Children {
    entity: EntityId,
    award: FieldId,
    child: FieldId,
}

impl Awards {
    fn of(schema: &Schema) -> Option<Self> {
        let award = schema.entity("running_award")?;
        let declared = schema.at(award);
        let children = schema.entity("running_award_child").and_then(|entity| {
            let declared = schema.at(entity);
            Some(Children { entity, award: declared.field("award")?, child: declared.field("child")? })
        });
        Some(Self {
            award,
            number: *declared.key.first()?,
            measure: declared.field("measure")?,
            recipient: declared.field("recipient")?,
            subject: declared.field("subject"),
            children,
        })
    }
}

/// What is asked: for whom, on which day, of a right that arose on which day at the earliest.
pub(crate) struct Asked<'q> {
    /// The subject.
    pub subject: PersonId,
    /// The day.
    pub day: i32,
    /// The first day on which the right may have arisen.
    pub right: i32,
    /// The children that the right is about, with their membership, and may there be others?
    pub claims: Option<(&'q [(PersonId, Bits)], bool)>,
    /// Those among whom the amount is divided.
    pub members: &'q [(PersonId, Bits)],
}

/// The awards of a batch, ready to be asked about.
pub(crate) struct Free<'f, 'a> {
    facts: &'f Facts<'a>,
    measure: &'f Measure,
    joined: Vec<&'f str>,
    awards: Option<Awards>,
    rows: Vec<&'f Row>,
    named: Vec<&'f Row>,
    ties: Option<(Vec<&'f Row>, FieldId, FieldId)>,
}

impl<'f, 'a> Free<'f, 'a> {
    /// For one measure.
    pub fn of(pack: &'f Pack, facts: &'f Facts<'a>, measure: &'f Measure) -> Self {
        let awards = Awards::of(&pack.schema);
        let all = |entity: EntityId| -> Vec<&'f Row> {
            let mut rows: Vec<&Row> =
                (1..facts.len(entity)).flat_map(|thing| facts.rows(entity, thing)).copied().collect();
            rows.sort_unstable_by_key(|row| row.id);
            rows
        };
        let rows = awards.as_ref().map_or_else(Vec::new, |awards| all(awards.award));
        let children = awards.as_ref().and_then(|awards| awards.children.as_ref());
        let named = children.map_or_else(Vec::new, |children| all(children.entity));
        let ties = pack.schema.entity("parent_link").and_then(|ties| {
            let declared = pack.schema.at(ties);
            Some((all(ties), declared.field("child")?, declared.field("parent")?))
        });
        let names = |choice: &'f law::Choice| {
            choice.between.iter().map(|id| pack.measures[id.0 as usize].name.as_str())
        };
        let mut joined = vec![measure.name.as_str()];
        for choice in &pack.choices {
            if names(choice).any(|name| name == measure.name) {
                joined.extend(names(choice));
            }
        }
        Self { facts, measure, joined, awards, rows, named, ties }
    }

    /// Is it free?
    pub fn answer(&self, asked: &Asked) -> Ternary {
        let Some(awards) = &self.awards else { return Ternary::Unknown };
        let mut free = self.covered(awards, asked.subject, asked);
        let about = |row: &Row| match awards.subject.map(|field| row.cell(field)) {
            Some(Cell::Person(id)) => Ternary::known(*id == asked.subject),
            Some(Cell::Unknown) => Ternary::Unknown,
            _ => Ternary::known(*row.cell(awards.recipient) == Cell::Person(asked.subject)),
        };
        for row in &self.rows {
            free = free & self.untaken(awards, row, about(row), asked.day);
        }
        for (member, bits) in asked.members {
            free = free & self.covered(awards, *member, asked);
            for row in &self.rows {
                let theirs = names(row.cell(awards.recipient), *member);
                let about = about(row) | Ternary::known(awards.subject.is_none());
                free = free & self.untaken(awards, row, ternary(*bits) & theirs & about, asked.day);
            }
        }
        if let Some((claims, open)) = asked.claims {
            if open {
                free = free & Ternary::Unknown;
            }
            for (child, bits) in claims {
                free = free & self.child_is_free(awards, *child, ternary(*bits), asked);
            }
        }
        free
    }

    /// Is no award paid for a child? Where the children of an award are not known, it may be paid for
    /// every child with whom its recipient has or had a tie.
    fn child_is_free(&self, awards: &Awards, child: PersonId, claimed: Ternary, asked: &Asked) -> Ternary {
        let Some(children) = &awards.children else { return Ternary::Yes };
        let mut free = Ternary::Yes;
        for named in &self.named {
            let this = names(named.cell(children.child), child);
            if this == Ternary::No {
                continue;
            }
            for row in &self.rows {
                let its = match (row.cell(awards.number), named.cell(children.award)) {
                    (Cell::Unknown, _) | (_, Cell::Unknown) => Ternary::Unknown,
                    (x, y) => Ternary::known(x == y),
                };
                free = free & self.untaken(awards, row, claimed & this & its, asked.day);
            }
        }
        let registry = self.facts.pack.schema.at(children.entity).registry;
        let known = self.facts.covered(children.entity, registry, Some(child), true);
        if self.reaches(&known, asked) {
            return free;
        }
        let Some((ties, of, to)) = &self.ties else { return free & Ternary::Unknown };
        for tie in ties {
            if !matches!(tie.cell(*of), Cell::Unknown) && *tie.cell(*of) != Cell::Person(child) {
                continue;
            }
            let Cell::Person(parent) = *tie.cell(*to) else {
                free = free & Ternary::Unknown;
                continue;
            };
            free = free & self.covered(awards, parent, asked);
            for row in &self.rows {
                let theirs = names(row.cell(awards.recipient), parent);
                free = free & self.untaken(awards, row, theirs & Ternary::Unknown, asked.day);
            }
        }
        free
    }

    /// Does an award leave this free: is it of another measure, over, or about somebody else?
    fn untaken(&self, awards: &Awards, row: &Row, about: Ternary, day: i32) -> Ternary {
        if about == Ternary::No {
            return Ternary::Yes;
        }
        let measure = match row.cell(awards.measure) {
            Cell::Code(code) => Ternary::known(self.joined.contains(&&**code)),
            _ => Ternary::Unknown,
        };
        let runs = if self.measure.once { Ternary::Yes } else { ternary(self.facts.holds(row, day)) };
        !(measure & runs & about)
    }

    /// Is it known which awards a person has?
    fn covered(&self, awards: &Awards, person: PersonId, asked: &Asked) -> Ternary {
        let registry = self.facts.pack.schema.at(awards.award).registry;
        let known = self.facts.covered(awards.award, registry, Some(person), true);
        if self.reaches(&known, asked) { Ternary::Yes } else { Ternary::Unknown }
    }

    fn reaches(&self, covered: &[(i32, i32)], asked: &Asked) -> bool {
        let since = if self.measure.once { asked.right.min(asked.day) } else { asked.day };
        since != EVER_BEFORE && covered.iter().any(|(from, through)| *from <= since && asked.day <= *through)
    }
}

fn names(cell: &Cell, person: PersonId) -> Ternary {
    match cell {
        Cell::Person(id) => Ternary::known(*id == person),
        _ => Ternary::Unknown,
    }
}

/// A truth value from its bits.
pub(crate) const fn ternary(bits: Bits) -> Ternary {
    match bits {
        YES => Ternary::Yes,
        NO => Ternary::No,
        _ => Ternary::Unknown,
    }
}
