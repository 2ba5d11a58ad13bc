//! *Free*: whether nobody is paid for this already, by any system. It stands beside the verdict, so
//! that entitlement never reads the payments of its own measure.

use std::cell::OnceCell;

use card::{EntityId, FieldId, FieldType, PersonId, RegistryId, Schema, Ternary};
use law::{Measure, Once};

use crate::{
    facts::{Cell, Covered, Facts, Row, gallop},
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

/// What is asked: for whom, on which day, of a right that arose when.
pub(crate) struct Asked<'q> {
    /// The subject.
    pub subject: PersonId,
    /// The day.
    pub day: i32,
    /// The first and the last day on which the right may have arisen.
    pub right: (i32, i32),
    /// The children that the right is about, with their membership, and may there be others?
    pub claims: Option<(&'q [(PersonId, Bits)], bool)>,
    /// Those among whom the amount is divided.
    pub members: &'q [(PersonId, Bits)],
}

/// Rows of an entity by what they name; those of which it is not known may name anything.
struct By<'f> {
    facts: &'f Facts<'f>,
    entity: EntityId,
    keys: Vec<u64>,
    rows: Vec<u32>,
    unknown: Vec<u32>,
}

impl<'f> By<'f> {
    fn of(facts: &'f Facts<'f>, entity: EntityId, name: impl Fn(Row<'f>) -> Cell) -> Self {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for (at, row) in facts.all_rows(entity).enumerate() {
            match name(row) {
                Cell::Is(key) => known.push((key as u64, at as u32)),
                Cell::Unknown => unknown.push(at as u32),
                _ => {}
            }
        }
        // Rows mostly come in the order of what they name: a sort that sees runs.
        known.sort_by_key(|pair| *pair);
        let (keys, rows) = known.into_iter().unzip();
        Self { facts, entity, keys, rows, unknown }
    }

    /// The rows that name something, and do they certainly?
    fn find(&self, key: Cell) -> impl Iterator<Item = (Row<'f>, Ternary)> {
        let run = if let Cell::Is(key) = key {
            let start = gallop(&self.keys, key as u64, &mut (self.keys.len() / 2));
            let many = self.keys[start..].iter().take_while(|here| **here == key as u64).count();
            start..start + many
        } else {
            0..0
        };
        let known = self.rows[run].iter().map(|row| (*row, Ternary::Yes));
        let all = known.chain(self.unknown.iter().map(|row| (*row, Ternary::Unknown)));
        all.map(|(row, named)| (self.facts.row(self.entity, row as usize), named))
    }

    /// All rows that name something or may.
    fn all(&self) -> impl Iterator<Item = Row<'f>> {
        self.rows.iter().chain(&self.unknown).map(|row| self.facts.row(self.entity, *row as usize))
    }
}

const fn person(id: PersonId) -> Cell {
    Cell::Is(id.0 as i64)
}

/// Rows of an entity by a field that nobody asked for.
pub(crate) struct Unloaded {
    /// Of which entity.
    pub entity: EntityId,
    /// By which field.
    pub field: FieldId,
}

/// The awards of a batch, ready to be asked about one measure.
pub(crate) struct Free<'r, 'f> {
    facts: &'f Facts<'f>,
    measure: &'r Measure,
    /// The codes of the measures that exclude each other with this one, and of this one.
    joined: Vec<i64>,
    rolls: Option<&'r Rolls<'f>>,
}

/// Awards, their children and ties to children, by whom they name.
pub(crate) struct Rolls<'f> {
    awards: Awards,
    about: By<'f>,
    to: By<'f>,
    numbered: By<'f>,
    named: Option<By<'f>>,
    ties: Option<Ties<'f>>,
    /// The coverage of awards, and of their children.
    covered: [Covered<'f, 'f>; 2],
}

/// Ties of parents and children, sorted by child once somebody asks.
struct Ties<'f> {
    entity: EntityId,
    child: FieldId,
    parent: FieldId,
    by_child: OnceCell<By<'f>>,
}

impl<'f> Rolls<'f> {
    /// Of all facts; `None` where the pack knows no awards.
    pub fn of(facts: &'f Facts<'f>) -> Option<Self> {
        let schema = &facts.pack.schema;
        let awards = Awards::of(schema)?;
        let ties = schema.entity("parent_link").and_then(|entity| {
            let declared = schema.at(entity);
            let (child, parent) = declared.field("child").zip(declared.field("parent"))?;
            Some(Ties { entity, child, parent, by_child: OnceCell::new() })
        });
        // An award without a subject is about whoever receives it.
        let about = |row: Row| match awards.subject.map(|field| row.cell(field)) {
            Some(cell @ (Cell::Is(_) | Cell::Unknown)) => cell,
            _ => row.cell(awards.recipient),
        };
        let covered = |entity: EntityId| Covered::of(facts, entity, schema.at(entity).registry, true);
        let of_award = |field: FieldId| By::of(facts, awards.award, move |row| row.cell(field));
        let children = awards.children.as_ref();
        Some(Self {
            about: By::of(facts, awards.award, about),
            to: of_award(awards.recipient),
            numbered: of_award(awards.number),
            named: children.map(|named| By::of(facts, named.entity, |row| row.cell(named.child))),
            ties,
            covered: [
                covered(awards.award),
                covered(children.map_or(awards.award, |children| children.entity)),
            ],
            awards,
        })
    }
}

impl<'r, 'f> Free<'r, 'f> {
    /// For one measure.
    pub fn of(facts: &'f Facts<'f>, rolls: Option<&'r Rolls<'f>>, measure: &'r Measure) -> Self {
        let pack = facts.pack;
        let names = |choice: &'f law::Choice| {
            choice.between.iter().map(|id| pack.measures[id.0 as usize].name.as_str())
        };
        let excluding = pack.choices.iter().filter(|choice| names(choice).any(|name| name == measure.name));
        let joined = excluding.flat_map(names).chain([measure.name.as_str()]);
        Self { facts, measure, joined: joined.map(|name| i64::from(facts.code(name))).collect(), rolls }
    }

    /// Is it free? `why` is told each fact that keeps it open.
    pub fn answer(&self, asked: &Asked, why: &mut dyn FnMut(Leaf)) -> Result<Ternary, Unloaded> {
        let Some(rolls) = self.rolls else { return Ok(Ternary::Unknown) };
        if let Some(field) = rolls.awards.subject {
            self.was_asked(rolls.awards.award, field, person(asked.subject))?;
        }
        let subject = person(asked.subject);
        let mut free = self.covered(rolls, asked.subject, asked, why);
        for (row, about) in rolls.about.find(subject) {
            // Whom it is about is known of an award without a subject, even if its recipient is not.
            if about == Ternary::Yes
                || rolls.awards.subject.is_some_and(|field| row.cell(field) == Cell::Unknown)
            {
                free = free & self.untaken(rolls, row, about, asked, why);
            }
        }
        for (member, bits) in asked.members {
            free = free & self.covered(rolls, *member, asked, why);
            self.was_asked(rolls.awards.award, rolls.awards.recipient, person(*member))?;
            for (row, theirs) in rolls.to.find(person(*member)) {
                let about = match rolls.awards.subject.map(|field| row.cell(field)) {
                    None => Ternary::Yes,
                    Some(named @ Cell::Is(_)) => Ternary::known(named == subject),
                    Some(Cell::Unknown) => Ternary::Unknown,
                    Some(_) => Ternary::known(row.cell(rolls.awards.recipient) == subject),
                };
                free = free & self.untaken(rolls, row, ternary(*bits) & theirs & about, asked, why);
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
        rolls: &Rolls<'f>,
        child: PersonId,
        claimed: Ternary,
        asked: &Asked,
        why: &mut dyn FnMut(Leaf),
    ) -> Result<Ternary, Unloaded> {
        let Some((children, named)) = rolls.awards.children.as_ref().zip(rolls.named.as_ref()) else {
            return Ok(Ternary::Yes);
        };
        self.was_asked(children.entity, children.child, person(child))?;
        let mut free = Ternary::Yes;
        for (named, this) in named.find(person(child)) {
            let number = named.cell(children.award);
            let mut here = false;
            if number == Cell::Unknown {
                // It may be any award of the circle.
                for row in rolls.numbered.all() {
                    here |= row.cell(rolls.awards.number) == number;
                    free = free & self.untaken(rolls, row, claimed & this & Ternary::Unknown, asked, why);
                }
            } else {
                self.was_asked(rolls.awards.award, rolls.awards.number, number)?;
                for (row, its) in rolls.numbered.find(number) {
                    here |= row.cell(rolls.awards.number) == number;
                    free = free & self.untaken(rolls, row, claimed & this & its, asked, why);
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
        if self.reaches(&rolls.covered[1], child, asked) {
            return Ok(free);
        }
        let registry = self.owner(children.entity, None);
        let of = |person| Leaf { entity: children.entity, field: None, registry, person: Some(person) };
        let Some(ties) = &rolls.ties else {
            why(of(child));
            return Ok(free & Ternary::Unknown);
        };
        self.was_asked(ties.entity, ties.child, person(child))?;
        let by_child =
            ties.by_child.get_or_init(|| By::of(self.facts, ties.entity, |row| row.cell(ties.child)));
        for (tie, _) in by_child.find(person(child)) {
            let Cell::Is(parent) = tie.cell(ties.parent) else {
                why(of(child));
                free = free & Ternary::Unknown;
                continue;
            };
            let parent = PersonId(parent as u64);
            self.was_asked(rolls.awards.award, rolls.awards.recipient, person(parent))?;
            free = free & self.covered(rolls, parent, asked, why);
            for (row, theirs) in rolls.to.find(person(parent)) {
                let untaken = self.untaken(rolls, row, theirs & Ternary::Unknown, asked, why);
                if untaken == Ternary::Unknown {
                    why(of(parent));
                }
                free = free & untaken;
            }
        }
        Ok(free)
    }

    /// Were these rows asked for? To read others is an error.
    fn was_asked(&self, entity: EntityId, field: FieldId, key: Cell) -> Result<(), Unloaded> {
        match key {
            Cell::Is(key) if !self.facts.was_asked(entity, field, key as u64) => {
                Err(Unloaded { entity, field })
            }
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
        rolls: &Rolls<'f>,
        row: Row,
        about: Ternary,
        asked: &Asked,
        why: &mut dyn FnMut(Leaf),
    ) -> Ternary {
        let measure = match row.cell(rolls.awards.measure) {
            Cell::Is(code) => Ternary::known(self.joined.contains(&code)),
            _ => Ternary::Unknown,
        };
        let runs = ternary(self.facts.holds(row, asked.day));
        let counts = match self.measure.once {
            None => runs,
            Some(Once::Ever) => Ternary::Yes,
            Some(Once::Right) => runs | ternary(self.facts.begins_from(row, asked.right)),
        };
        let untaken = !(measure & counts & about);
        if untaken == Ternary::Unknown {
            let awards = &rolls.awards;
            let declared = self.facts.pack.schema.at(awards.award);
            let all = || (0..declared.fields.len()).map(|at| FieldId(at as u16));
            let person = all().find_map(|field| match row.cell(field) {
                Cell::Is(id) if declared.at(field).ty == FieldType::Person => Some(PersonId(id as u64)),
                _ => None,
            });
            for field in all() {
                let decides =
                    field == awards.measure || Some(field) == awards.subject || field == awards.recipient;
                let hidden = matches!(row.cell(field), Cell::Unknown | Cell::Year(_));
                if hidden && (decides || counts == Ternary::Unknown) {
                    let registry = self.owner(awards.award, Some(field));
                    why(Leaf { entity: awards.award, field: Some(field), registry, person });
                }
            }
        }
        untaken
    }

    /// Is it known which awards a person has?
    fn covered(
        &self,
        rolls: &Rolls<'f>,
        person: PersonId,
        asked: &Asked,
        why: &mut dyn FnMut(Leaf),
    ) -> Ternary {
        if self.reaches(&rolls.covered[0], person, asked) {
            return Ternary::Yes;
        }
        let entity = rolls.awards.award;
        why(Leaf { entity, field: None, registry: self.owner(entity, None), person: Some(person) });
        Ternary::Unknown
    }

    /// Does coverage reach the day, and if it is paid once, from the day of the right on?
    fn reaches(&self, covered: &Covered, person: PersonId, asked: &Asked) -> bool {
        let since = if self.measure.once.is_some() { asked.right.0.min(asked.day) } else { asked.day };
        let mut periods = covered.about(Some(person)).iter();
        since != EVER_BEFORE && periods.any(|(from, through)| *from <= since && asked.day <= *through)
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
