//! *Free*: whether nobody is paid for this already, by any system. It stands beside the verdict, so
//! that entitlement never reads the payments of its own measure.

use card::{Cell, Date, EntityId, FieldId, PersonId, Row, Ternary};
use law::{Once, tree::MeasureId};

use super::{
    Eval, Stop,
    interval::Interval,
    judge::conjoined,
    value::{Leaf, Open, Rows, Thing, Value, Why},
};

/// The entities of what is paid already.
struct Awards {
    award: EntityId,
    number: FieldId,
    measure: FieldId,
    recipient: FieldId,
    subject: Option<FieldId>,
    children: Option<Children>,
}

/// The entity that names the children of an award.
struct Children {
    entity: EntityId,
    award: FieldId,
    child: FieldId,
}

impl Eval<'_> {
    /// Is there certainly no running award of this measure, or of one that a choice joins to it, for
    /// the same subject, the same child or the same member? Paid once: none ever, and certain only if
    /// coverage reaches from the day of the right to the day.
    pub(crate) fn free(
        &self,
        claimed: &Rows,
        right: Interval<Date>,
        members: Option<&Rows>,
    ) -> Result<Value, Stop> {
        let Some(awards) = self.awards() else {
            return Ok(Value::truth(Ternary::Unknown, Why::default()));
        };
        let subject = self.question.subject;
        let mut parts = vec![self.covered(&awards, subject, right)];
        let about_subject = |row: &Row| match awards.subject.map(|field| row.cell(field)) {
            Some(Cell::Person(id)) => Ternary::known(*id == subject),
            Some(Cell::Unknown) => Ternary::Unknown,
            _ => Ternary::known(*row.cell(awards.recipient) == Cell::Person(subject)),
        };
        if let Some(field) = awards.subject {
            self.facts.asked(awards.award, field, &Cell::Person(subject))?;
        }
        for (_, row) in self.facts.rows(awards.award) {
            parts.push(self.untaken(&awards, row, about_subject(row), right));
        }
        for (member, standing) in members.iter().flat_map(|rows| &rows.members) {
            let Some(person) = member.as_person() else { continue };
            let here = if standing.certain { Ternary::Yes } else { Ternary::Unknown };
            parts.push(self.covered(&awards, person, right));
            self.facts.asked(awards.award, awards.recipient, &Cell::Person(person))?;
            for (_, row) in self.facts.rows(awards.award) {
                let theirs = match row.cell(awards.recipient) {
                    Cell::Person(id) => Ternary::known(*id == person),
                    _ => Ternary::Unknown,
                };
                let about = about_subject(row) | Ternary::known(awards.subject.is_none());
                parts.push(self.untaken(&awards, row, here & theirs & about, right));
            }
        }
        if self.measure.claims.is_some() {
            if claimed.open != Open::Closed {
                let why = claimed.members.values().fold(Why::default(), |why, m| why.and(&m.why));
                parts.push(Value::truth(Ternary::Unknown, why));
            }
            for (child, member) in &claimed.members {
                let Some(child) = child.as_person() else { continue };
                let here = if member.certain { Ternary::Yes } else { Ternary::Unknown };
                self.child_is_free(&awards, child, here, right, &mut parts)?;
            }
        }
        Ok(conjoined(parts))
    }

    /// Is no award paid for a child? Where the children of an award are not known, it may be paid for
    /// every child with whom its recipient has or had a tie.
    fn child_is_free(
        &self,
        awards: &Awards,
        child: PersonId,
        claimed: Ternary,
        right: Interval<Date>,
        parts: &mut Vec<Value>,
    ) -> Result<(), Stop> {
        let Some(children) = &awards.children else { return Ok(()) };
        self.facts.asked(children.entity, children.child, &Cell::Person(child))?;
        for (_, named) in self.facts.rows(children.entity) {
            let this = match named.cell(children.child) {
                Cell::Person(id) => Ternary::known(*id == child),
                _ => Ternary::Unknown,
            };
            if this == Ternary::No {
                continue;
            }
            let number = named.cell(children.award);
            if *number != Cell::Unknown {
                self.facts.asked(awards.award, awards.number, number)?;
            }
            let mut here = false;
            for (_, row) in self.facts.rows(awards.award) {
                here |= row.cell(awards.number) == number;
                let its = match (row.cell(awards.number), number) {
                    (Cell::Unknown, _) | (_, Cell::Unknown) => Ternary::Unknown,
                    (x, y) => Ternary::known(x == y),
                };
                parts.push(self.untaken(awards, row, claimed & this & its, right));
            }
            if !here {
                // An award that names the child and that is not here may be of this measure.
                let award = Thing::named(awards.award, number);
                let why = Why::leaf(self.facts.leaf(&award, Some(awards.measure)));
                parts.push(Value::truth(Ternary::Unknown, why));
            }
        }
        let schema = &self.pack.schema;
        let registry = schema.at(children.entity).registry;
        let leaf =
            |person| Why::leaf(Leaf { entity: children.entity, field: None, registry, person: Some(person) });
        let known = self.facts.covered(children.entity, registry, Some(child), true);
        if self.reaches(&known, right) {
            return Ok(());
        }
        let Some(ties) = schema.entity("parent_link") else {
            parts.push(Value::truth(Ternary::Unknown, leaf(child)));
            return Ok(());
        };
        let Some((of, to)) = schema.at(ties).field("child").zip(schema.at(ties).field("parent")) else {
            return Err(Stop::Wrong("parent_link has no child and parent"));
        };
        self.facts.asked(ties, of, &Cell::Person(child))?;
        for (_, tie) in self.facts.rows(ties) {
            if !matches!(tie.cell(of), Cell::Unknown) && *tie.cell(of) != Cell::Person(child) {
                continue;
            }
            let Cell::Person(parent) = *tie.cell(to) else {
                parts.push(Value::truth(Ternary::Unknown, leaf(child)));
                continue;
            };
            self.facts.asked(awards.award, awards.recipient, &Cell::Person(parent))?;
            parts.push(self.covered(awards, parent, right));
            for (_, row) in self.facts.rows(awards.award) {
                let theirs = match row.cell(awards.recipient) {
                    Cell::Person(id) => Ternary::known(*id == parent),
                    _ => Ternary::Unknown,
                };
                let mut part = self.untaken(awards, row, theirs & Ternary::Unknown, right);
                if part.ternary() == Ternary::Unknown {
                    part.why.add(&leaf(parent));
                }
                parts.push(part);
            }
        }
        Ok(())
    }

    /// Does an award leave this free: is it of another measure, over, or about somebody else?
    fn untaken(&self, awards: &Awards, row: &Row, about: Ternary, right: Interval<Date>) -> Value {
        let measure = match row.cell(awards.measure) {
            Cell::Code(code) => Ternary::known(self.joined(code)),
            _ => Ternary::Unknown,
        };
        let runs = self.facts.holds(row, self.question.day);
        let counts = match self.measure.once {
            None => runs,
            Some(Once::Ever) => Ternary::Yes,
            Some(Once::Right) => runs | right.at_most(&self.facts.valid(row).0),
        };
        let mut why = Why::default();
        let thing = self.facts.thing(row);
        for (field, cell) in row.cells.iter().enumerate() {
            if matches!(cell, Cell::Unknown | Cell::Year(_)) {
                let field = FieldId(field as u16);
                let validity = counts == Ternary::Unknown;
                let decides =
                    field == awards.measure || Some(field) == awards.subject || field == awards.recipient;
                if decides || validity {
                    why.add(&Why::leaf(self.facts.leaf(&thing, Some(field))));
                }
            }
        }
        Value::truth(!(measure & counts & about), why)
    }

    /// Is a code the name of this measure, or of one that excludes it?
    fn joined(&self, code: &str) -> bool {
        let pack = self.pack;
        let name = |id: &MeasureId| pack.measures[id.0 as usize].name.as_str();
        code == self.measure.name
            || pack.choices.iter().any(|choice| {
                let names: Vec<&str> = choice.between.iter().map(name).collect();
                names.contains(&self.measure.name.as_str()) && names.contains(&code)
            })
    }

    /// Is it known which awards a person has?
    fn covered(&self, awards: &Awards, person: PersonId, right: Interval<Date>) -> Value {
        let registry = self.pack.schema.at(awards.award).registry;
        let known = self.facts.covered(awards.award, registry, Some(person), true);
        let leaf = Leaf { entity: awards.award, field: None, registry, person: Some(person) };
        let reaches = self.reaches(&known, right);
        Value::truth(if reaches { Ternary::Yes } else { Ternary::Unknown }, Why::leaf(leaf))
    }

    fn reaches(&self, covered: &[(Date, Date)], right: Interval<Date>) -> bool {
        let day = self.question.day;
        let since =
            if self.measure.once.is_some() { right.lo.map(|right| right.min(day)) } else { Some(day) };
        since.is_some_and(|since| covered.iter().any(|(from, through)| *from <= since && day <= *through))
    }

    fn awards(&self) -> Option<Awards> {
        let schema = &self.pack.schema;
        let award = schema.entity("running_award")?;
        let declared = schema.at(award);
        let children = schema.entity("running_award_child").and_then(|entity| {
            let declared = schema.at(entity);
            Some(Children { entity, award: declared.field("award")?, child: declared.field("child")? })
        });
        Some(Awards {
            award,
            number: *declared.key.first()?,
            measure: declared.field("measure")?,
            recipient: declared.field("recipient")?,
            subject: declared.field("subject"),
            children,
        })
    }
}
