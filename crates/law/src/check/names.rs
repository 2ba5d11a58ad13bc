use std::ops::Range;

use card::{EntityId, EnumId, FieldId, FieldType};

use super::{Book, Checked, Fault, Scope};
use crate::{
    diagnostic::did_you_mean,
    pack::{Arity, Silence},
    tree::{Expr, LinkId, Node, Slot, Type},
    walk,
};

/// What a name means on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    Field(FieldId),
    Link(LinkId),
    /// A derived word, by its draft.
    Word(usize),
}

impl Book {
    /// A bare name: a field of the innermost row, a variable, the subject, a `let`, a parameter, a
    /// word of the language.
    pub(super) fn name(&mut self, scope: &Scope, name: &str, at: &Range<usize>) -> Checked<Expr> {
        let own = scope.row.filter(|(_, of)| self.has(*of, name));
        let var = scope.vars.iter().rev().find(|(var, ..)| var == name).cloned();
        let subject = scope.subject.filter(|_| scope.names.iter().any(|n| n == name));
        if let Some((slot, of)) = own {
            if var.is_some() || (subject.is_some() && slot != Slot(0)) {
                return Err(Fault::new(
                    at,
                    format!("`{name}` is a field of `{}` and a name around it", self.schema.at(of).name),
                )
                .mend("write `some x in list satisfies …`, whose fields are written `x.field`"));
            }
            let row = Expr { node: Node::Var(slot), ty: Type::Row(of), at: at.clone() };
            return self.member(scope, row, of, name, at);
        }
        if let Some((_, slot, ty)) = var {
            return Ok(settle(scope, Expr { node: Node::Var(slot), ty, at: at.clone() }));
        }
        if let Some(of) = subject {
            return Ok(Expr { node: Node::Var(Slot(0)), ty: Type::Row(of), at: at.clone() });
        }
        if scope.lets
            && let Some(draft) = self.bench.drafts.iter().position(|d| d.name == name)
        {
            let (id, ty) = self.let_of(draft, at)?;
            return Ok(settle(scope, Expr { node: Node::Let(id), ty, at: at.clone() }));
        }
        if let Some(id) = self.parameter_named(name) {
            return self.parameter_call(scope, id, name, &[], at);
        }
        let (node, ty) = match name {
            "day" => (Node::Day, Type::Date),
            "asked_on" => (Node::AskedOn, Type::Date),
            _ => return Err(self.no_name(scope, name, at)),
        };
        Ok(Expr { node, ty, at: at.clone() })
    }

    fn no_name(&self, scope: &Scope, name: &str, at: &Range<usize>) -> Fault {
        if self.broken.iter().any(|broken| broken == name) {
            return Fault::Reported;
        }
        let fault = Fault::new(at, format!("there is no `{name}`"));
        if let Some(of) = scope.subject.filter(|of| self.has(*of, name)) {
            let subject = scope.names.first().map_or("subject", String::as_str);
            let place = scope.row.map_or("this row", |(_, row)| self.schema.at(row).name.as_str());
            return Fault::new(
                at,
                format!(
                    "`{name}` is no field of `{place}`, it belongs to `{}` around it",
                    self.schema.at(of).name
                ),
            )
            .mend(format!("write `{subject}.{name}`"));
        }
        if self.rule_drafts.iter().any(|r| r.name == name) {
            return fault.mend(format!("`{name}` is a rule: write its arguments in brackets"));
        }
        let mut known: Vec<&str> = Vec::new();
        if let Some((_, of)) = scope.row {
            known.extend(self.members[of.0 as usize].keys().map(String::as_str));
        }
        known.extend(scope.vars.iter().map(|(var, ..)| var.as_str()));
        if scope.lets {
            known.extend(self.bench.drafts.iter().map(|d| d.name.as_str()));
        }
        known.extend(scope.names.iter().map(String::as_str));
        known.extend(self.visible_parameters().map(|p| p.name.as_str()));
        known.extend(["day", "asked_on"]);
        fault.maybe_mend(did_you_mean(name, known))
    }

    pub(super) fn has(&self, of: EntityId, name: &str) -> bool {
        self.members[of.0 as usize].contains_key(name)
            || (matches!(name, "valid_from" | "valid_until")
                && !matches!(self.schema.at(of).validity, card::Validity::Always))
    }

    /// `of.name`, where `of` is one row that is there.
    pub(super) fn member(
        &mut self,
        scope: &Scope,
        row: Expr,
        of: EntityId,
        name: &str,
        at: &Range<usize>,
    ) -> Checked<Expr> {
        let span = row.at.start.min(at.start)..at.end;
        let make = |node, ty| Expr { node, ty, at: span.clone() };
        let Some(member) = self.members[of.0 as usize].get(name).copied() else {
            if self.has(of, name) {
                return Ok(settle(
                    scope,
                    match name {
                        "valid_from" => make(Node::ValidFrom(Box::new(row)), Type::Date),
                        _ => make(Node::ValidUntil(Box::new(row)), Type::Optional(Box::new(Type::Date))),
                    },
                ));
            }
            if self.broken.iter().any(|broken| broken == name) {
                return Err(Fault::Reported);
            }
            let entity = &self.schema.at(of).name;
            return Err(Fault::new(at, format!("`{entity}` has no `{name}`"))
                .maybe_mend(did_you_mean(name, self.members[of.0 as usize].keys().map(String::as_str))));
        };
        let expr = match member {
            Member::Field(field) => {
                let declared = self.schema.at(of).at(field);
                let ty = scalar_type(declared.ty);
                let ty = if declared.optional { Type::Optional(Box::new(ty)) } else { ty };
                make(Node::Field(Box::new(row), field), ty)
            }
            Member::Link(link) => {
                let ty = self.link_type(link);
                make(Node::Link(Box::new(row), link), ty)
            }
            Member::Word(draft) => {
                let (id, ty) = self.word(draft, at)?;
                make(Node::Word(Box::new(row), id), ty)
            }
        };
        Ok(settle(scope, expr))
    }

    fn link_type(&self, id: LinkId) -> Type {
        let link = &self.links[id.0 as usize];
        let row = Type::Row(link.to);
        match (link.arity, link.silence) {
            (Arity::ManyAll | Arity::ManyOnDay, _) => Type::List(Box::new(row)),
            (_, Silence::Nothing) => Type::Optional(Box::new(row)),
            _ => row,
        }
    }

    /// The enumeration of that name, else the only one that has all the values.
    pub(super) fn enumeration_of(&self, name: &str, values: &[&str]) -> Option<EnumId> {
        let fits = |at: &usize| values.iter().all(|value| self.schema.enums[*at].value(value).is_some());
        let all: Vec<usize> = (0..self.schema.enums.len()).filter(fits).collect();
        let named = all.iter().copied().find(|at| self.schema.enums[*at].name == name);
        let single = if let [one] = all[..] { Some(one) } else { None };
        named.or(single).map(|at| EnumId(at as u16))
    }
}

/// An optional value that a guard proves is read as the value.
pub(super) fn settle(scope: &Scope, expr: Expr) -> Expr {
    let Type::Optional(inner) = &expr.ty else { return expr };
    if !scope.guards.contains(&walk::key(&expr)) {
        return expr;
    }
    let (ty, at) = ((**inner).clone(), expr.at.clone());
    Expr { node: Node::Guarded(Box::new(expr)), ty, at }
}

/// The type of a field's value; a field that names a row is read through its link.
pub(crate) fn scalar_type(ty: FieldType) -> Type {
    match ty {
        FieldType::Bool => Type::Bool,
        FieldType::Integer => Type::Integer,
        FieldType::Decimal => Type::Decimal,
        FieldType::Money => Type::Money,
        FieldType::Date => Type::Date,
        FieldType::Month => Type::Month,
        FieldType::Enum(id) => Type::Enum(id),
        FieldType::Code | FieldType::Account | FieldType::Phone => Type::Code,
        FieldType::Person => Type::Row(card::Schema::PERSON),
        FieldType::Row(of) => Type::Row(of),
    }
}
