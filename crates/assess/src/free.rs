//! *Free*: whether nobody is paid for this already, by any system. It stands beside the verdict, so
//! that entitlement never reads the payments of its own measure.

use std::collections::HashMap;

use card::{Cell, EntityId, FieldId, PersonId, RegistryId, Row, Schema, Ternary};
use law::{Measure, Pack};

use crate::{
    facts::{Facts, Key},
    missing::Leaf,
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

/// Rows by what one field of them names; those of which it is not known may name anything.
struct By<'f> {
    known: HashMap<&'f Cell, Vec<&'f Row>>,
    unknown: Vec<&'f Row>,
}

impl<'f> By<'f> {
    fn of(rows: &[&'f Row], name: impl Fn(&'f Row) -> &'f Cell) -> Self {
        let mut by = Self { known: HashMap::new(), unknown: Vec::new() };
        for row in rows {
            match name(row) {
                Cell::Unknown => by.unknown.push(row),
                cell => by.known.entry(cell).or_default().push(row),
            }
        }
        by
    }

    /// The rows that name something, and do they certainly?
    fn find(&self, cell: &Cell) -> impl Iterator<Item = (&'f Row, Ternary)> {
        let known = self.known.get(cell).into_iter().flatten().map(|row| (*row, Ternary::Yes));
        known.chain(self.unknown.iter().map(|row| (*row, Ternary::Unknown)))
    }
}

/// Rows of an entity by a field that nobody asked for.
pub(crate) struct Unloaded {
    /// Of which entity.
    pub entity: EntityId,
    /// By which field.
    pub field: FieldId,
}

/// The awards of a batch, ready to be asked about.
pub(crate) struct Free<'f, 'a> {
    facts: &'f Facts<'a>,
    measure: &'f Measure,
    joined: Vec<&'f str>,
    rolls: Option<Rolls<'f>>,
}

/// Awards, their children and ties to children, by whom they name.
struct Rolls<'f> {
    awards: Awards,
    about: By<'f>,
    to: By<'f>,
    numbered: By<'f>,
    named: By<'f>,
    ties: Option<(By<'f>, EntityId, FieldId, FieldId)>,
    /// The coverage of awards, and of their children, where it is the same for everybody.
    everywhere: [Option<Vec<(i32, i32)>>; 2],
}

impl<'f> Rolls<'f> {
    fn of(pack: &'f Pack, facts: &'f Facts) -> Option<Self> {
        let awards = Awards::of(&pack.schema)?;
        let all = |entity: EntityId| -> Vec<&'f Row> {
            (1..facts.len(entity)).flat_map(|thing| facts.rows(entity, thing)).copied().collect()
        };
        let rows = all(awards.award);
        let named = awards.children.as_ref().map_or_else(Vec::new, |children| all(children.entity));
        let ties = pack.schema.entity("parent_link").and_then(|ties| {
            let declared = pack.schema.at(ties);
            let (child, parent) = declared.field("child").zip(declared.field("parent"))?;
            Some((By::of(&all(ties), |row| row.cell(child)), ties, child, parent))
        });
        // An award without a subject is about whoever receives it.
        let about = |row: &'f Row| match awards.subject.map(|field| row.cell(field)) {
            Some(cell @ (Cell::Person(_) | Cell::Unknown)) => cell,
            _ => row.cell(awards.recipient),
        };
        let everywhere = |entity: EntityId| {
            let registry = pack.schema.at(entity).registry;
            (!facts.covered_by_region(entity, registry)).then(|| facts.covered(entity, registry, None, true))
        };
        Some(Self {
            about: By::of(&rows, about),
            to: By::of(&rows, |row| row.cell(awards.recipient)),
            numbered: By::of(&rows, |row| row.cell(awards.number)),
            named: By::of(&named, |row| {
                row.cell(awards.children.as_ref().expect("rows of children have an entity").child)
            }),
            ties,
            everywhere: [
                everywhere(awards.award),
                awards.children.as_ref().and_then(|children| everywhere(children.entity)),
            ],
            awards,
        })
    }
}

impl<'f, 'a> Free<'f, 'a> {
    /// For one measure.
    pub fn of(pack: &'f Pack, facts: &'f Facts<'a>, measure: &'f Measure) -> Self {
        let names = |choice: &'f law::Choice| {
            choice.between.iter().map(|id| pack.measures[id.0 as usize].name.as_str())
        };
        let mut joined = vec![measure.name.as_str()];
        for choice in &pack.choices {
            if names(choice).any(|name| name == measure.name) {
                joined.extend(names(choice));
            }
        }
        Self { facts, measure, joined, rolls: Rolls::of(pack, facts) }
    }

    /// Is it free? `why` is told each fact that keeps it open.
    pub fn answer(&self, asked: &Asked, why: &mut dyn FnMut(Leaf)) -> Result<Ternary, Unloaded> {
        let Some(rolls) = &self.rolls else { return Ok(Ternary::Unknown) };
        if let Some(field) = rolls.awards.subject {
            self.was_asked(rolls.awards.award, field, &Cell::Person(asked.subject))?;
        }
        let subject = Cell::Person(asked.subject);
        let mut free = self.covered(rolls, asked.subject, asked, why);
        for (row, about) in rolls.about.find(&subject) {
            // Whom it is about is known of an award without a subject, even if its recipient is not.
            if about == Ternary::Yes
                || rolls.awards.subject.is_some_and(|field| *row.cell(field) == Cell::Unknown)
            {
                free = free & self.untaken(rolls, row, about, asked.day, why);
            }
        }
        for (member, bits) in asked.members {
            free = free & self.covered(rolls, *member, asked, why);
            self.was_asked(rolls.awards.award, rolls.awards.recipient, &Cell::Person(*member))?;
            for (row, theirs) in rolls.to.find(&Cell::Person(*member)) {
                let about = match rolls.awards.subject.map(|field| row.cell(field)) {
                    None => Ternary::Yes,
                    Some(Cell::Person(id)) => Ternary::known(*id == asked.subject),
                    Some(Cell::Unknown) => Ternary::Unknown,
                    Some(_) => Ternary::known(*row.cell(rolls.awards.recipient) == subject),
                };
                free = free & self.untaken(rolls, row, ternary(*bits) & theirs & about, asked.day, why);
            }
        }
        if let Some((claims, open)) = asked.claims {
            if open {
                free = free & Ternary::Unknown;
            }
            for (child, bits) in claims {
                free = free & self.child_is_free(rolls, *child, ternary(*bits), asked, why)?;
            }
        }
        Ok(free)
    }

    /// Is no award paid for a child? Where the children of an award are not known, it may be paid for
    /// every child with whom its recipient has or had a tie.
    fn child_is_free(
        &self,
        rolls: &Rolls,
        child: PersonId,
        claimed: Ternary,
        asked: &Asked,
        why: &mut dyn FnMut(Leaf),
    ) -> Result<Ternary, Unloaded> {
        let Some(children) = &rolls.awards.children else { return Ok(Ternary::Yes) };
        self.was_asked(children.entity, children.child, &Cell::Person(child))?;
        let mut free = Ternary::Yes;
        for (named, this) in rolls.named.find(&Cell::Person(child)) {
            let number = named.cell(children.award);
            let mut here = false;
            if *number == Cell::Unknown {
                // It may be any award of the circle.
                for row in rolls.numbered.known.values().flatten().chain(&rolls.numbered.unknown) {
                    here |= row.cell(rolls.awards.number) == number;
                    free = free & self.untaken(rolls, row, claimed & this & Ternary::Unknown, asked.day, why);
                }
            } else {
                self.was_asked(rolls.awards.award, rolls.awards.number, number)?;
                for (row, its) in rolls.numbered.find(number) {
                    here |= row.cell(rolls.awards.number) == number;
                    free = free & self.untaken(rolls, row, claimed & this & its, asked.day, why);
                }
            }
            if !here {
                // An award that names the child and that is not here may be of this measure.
                let field = Some(rolls.awards.measure);
                why(Leaf {
                    entity: rolls.awards.award,
                    field,
                    registry: self.owner(rolls.awards.award, field),
                    person: None,
                });
                free = free & Ternary::Unknown;
            }
        }
        if self.reaches(rolls, 1, children.entity, child, asked) {
            return Ok(free);
        }
        let registry = self.owner(children.entity, None);
        let of = |person| Leaf { entity: children.entity, field: None, registry, person: Some(person) };
        let Some((ties, tied, by, parent)) = &rolls.ties else {
            why(of(child));
            return Ok(free & Ternary::Unknown);
        };
        self.was_asked(*tied, *by, &Cell::Person(child))?;
        for (tie, _) in ties.find(&Cell::Person(child)) {
            let Cell::Person(parent) = *tie.cell(*parent) else {
                why(of(child));
                free = free & Ternary::Unknown;
                continue;
            };
            self.was_asked(rolls.awards.award, rolls.awards.recipient, &Cell::Person(parent))?;
            free = free & self.covered(rolls, parent, asked, why);
            for (row, theirs) in rolls.to.find(&Cell::Person(parent)) {
                let untaken = self.untaken(rolls, row, theirs & Ternary::Unknown, asked.day, why);
                if untaken == Ternary::Unknown {
                    why(of(parent));
                }
                free = free & untaken;
            }
        }
        Ok(free)
    }

    /// Were these rows asked for? To read others is an error.
    fn was_asked(&self, entity: EntityId, field: FieldId, key: &Cell) -> Result<(), Unloaded> {
        match self.facts.key(Some(key)) {
            Key::Is(key) if !self.facts.was_asked(entity, field, key) => Err(Unloaded { entity, field }),
            _ => Ok(()),
        }
    }

    /// Who owes a field, or the rows, of an entity?
    fn owner(&self, entity: EntityId, field: Option<FieldId>) -> RegistryId {
        let declared = self.facts.pack.schema.at(entity);
        field.and_then(|field| declared.at(field).registry).unwrap_or(declared.registry)
    }

    /// Does an award leave this free: is it of another measure, over, or about somebody else?
    fn untaken(
        &self,
        rolls: &Rolls,
        row: &Row,
        about: Ternary,
        day: i32,
        why: &mut dyn FnMut(Leaf),
    ) -> Ternary {
        let measure = match row.cell(rolls.awards.measure) {
            Cell::Code(code) => Ternary::known(self.joined.contains(&&**code)),
            _ => Ternary::Unknown,
        };
        let runs = if self.measure.once { Ternary::Yes } else { ternary(self.facts.holds(row, day)) };
        let untaken = !(measure & runs & about);
        if untaken == Ternary::Unknown {
            let awards = &rolls.awards;
            let person =
                row.cells.iter().find_map(|cell| if let Cell::Person(id) = cell { Some(*id) } else { None });
            for (at, cell) in row.cells.iter().enumerate() {
                let field = FieldId(at as u16);
                let decides =
                    field == awards.measure || Some(field) == awards.subject || field == awards.recipient;
                if matches!(cell, Cell::Unknown | Cell::Year(_)) && (decides || runs == Ternary::Unknown) {
                    let registry = self.owner(awards.award, Some(field));
                    why(Leaf { entity: awards.award, field: Some(field), registry, person });
                }
            }
        }
        untaken
    }

    /// Is it known which awards a person has?
    fn covered(&self, rolls: &Rolls, person: PersonId, asked: &Asked, why: &mut dyn FnMut(Leaf)) -> Ternary {
        if self.reaches(rolls, 0, rolls.awards.award, person, asked) {
            return Ternary::Yes;
        }
        let entity = rolls.awards.award;
        why(Leaf { entity, field: None, registry: self.owner(entity, None), person: Some(person) });
        Ternary::Unknown
    }

    /// Does coverage reach the day, and if it is paid once, from the day of the right on?
    fn reaches(
        &self,
        rolls: &Rolls,
        which: usize,
        entity: EntityId,
        person: PersonId,
        asked: &Asked,
    ) -> bool {
        let since = if self.measure.once { asked.right.min(asked.day) } else { asked.day };
        let within = |covered: &[(i32, i32)]| {
            since != EVER_BEFORE
                && covered.iter().any(|(from, through)| *from <= since && asked.day <= *through)
        };
        if let Some(everywhere) = &rolls.everywhere[which] {
            within(everywhere)
        } else {
            let registry = self.facts.pack.schema.at(entity).registry;
            within(&self.facts.covered(entity, registry, Some(person), true))
        }
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
