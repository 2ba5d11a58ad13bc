//! Which fields the answers may rest on: all that need be decoded for a sweep.

use std::collections::BTreeSet;

use card::{EntityId, FieldId, FieldType, Schema, Validity};

use crate::{
    pack::{LinkFrom, Pack},
    reads::{PAID, counted, spoken},
    tree::{Expr, Node, Type},
};

impl Pack {
    /// The fields that some answer may rest on: what expressions read, what links and groups go by,
    /// keys, what says when a row is true, where a person is, and all of who is paid already.
    pub fn fields(&self) -> BTreeSet<(EntityId, FieldId)> {
        let mut fields = BTreeSet::new();
        let entities = (0..self.schema.entities.len() as u16).map(EntityId);
        for (entity, declared) in entities.zip(&self.schema.entities) {
            fields.extend(declared.key.iter().map(|field| (entity, *field)));
            let timed = match declared.validity {
                Validity::Always => [None, None],
                Validity::Month(month) => [Some(month), None],
                Validity::Period { from, until, .. } => [Some(from), until],
            };
            fields.extend(timed.into_iter().flatten().map(|field| (entity, field)));
            // Whoever names a row or a person may be followed, to know who is paid.
            let paid = PAID.contains(&declared.name.as_str());
            for (field, at) in declared.fields.iter().zip(0..) {
                if paid || matches!(field.ty, FieldType::Person | FieldType::Row(_)) {
                    fields.insert((entity, FieldId(at)));
                }
            }
        }
        fields.extend(self.schema.at(Schema::PERSON).field("region").map(|region| (Schema::PERSON, region)));
        for link in &self.links {
            fields.insert((link.to, link.by));
            if let LinkFrom::Field(field) = link.from {
                fields.insert((link.of, field));
            }
        }
        for group in &self.groups {
            fields.extend(group.by.iter().map(|field| (group.rows, *field)));
        }
        for expr in self.expressions() {
            note(expr, &mut fields);
        }
        fields
    }

    fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let defined = self.words.iter().map(|word| &word.is).chain(self.rules.iter().map(|rule| &rule.is));
        let measured = self.measures.iter().flat_map(|measure| {
            let divided = measure.divided.iter().flat_map(|divided| [&divided.among, &divided.each]);
            spoken(measure).chain(&measure.pays_to).chain(&measure.claims).chain(divided)
        });
        let chosen =
            self.choices.iter().flat_map(|choice| choice.person.iter().chain(choice.unless.as_ref()));
        let counted = self.scores.iter().flat_map(counted);
        defined.flat_map(|dated| &dated.0).map(|form| &form.1).chain(measured).chain(chosen).chain(counted)
    }
}

fn note(expr: &Expr, fields: &mut BTreeSet<(EntityId, FieldId)>) {
    if let Node::Field(row, field) = &expr.node {
        let mut ty = &row.ty;
        while let Type::Optional(inner) | Type::List(inner) = ty {
            ty = inner;
        }
        if let Type::Row(entity) = ty {
            fields.insert((*entity, *field));
        }
    }
    for child in expr.parts() {
        note(child, fields);
    }
}
