//! Walks over typed trees: children, substitution, and the form in which two expressions are the same.

use crate::tree::{Expr, Node, Slot, Type};

/// The direct parts of a node, in the order in which they are written.
macro_rules! parts {
    ($node:expr, $iter:ident, $as_deref:ident) => {{
        use Node as N;
        match $node {
            N::Bool(_)
            | N::Number(_)
            | N::Date(_)
            | N::Duration(_)
            | N::Enum(..)
            | N::Code(_)
            | N::Day
            | N::AskedOn
            | N::Var(_)
            | N::Let(_) => Vec::new(),
            N::Field(a, _)
            | N::ValidFrom(a)
            | N::ValidUntil(a)
            | N::Link(a, _)
            | N::Word(a, _)
            | N::Neg(a)
            | N::Not(a)
            | N::Count(a)
            | N::Sum(a)
            | N::Exists(a)
            | N::Guarded(a)
            | N::Floor(a)
            | N::Only(a)
            | N::OnlyFirst(a)
            | N::MonthOf(a)
            | N::FirstDay(a)
            | N::LastDay(a)
            | N::QuarterBefore(a)
            | N::QuarterOf(a) => vec![a],
            N::Each { list: a, body: b, .. }
            | N::Through { row: a, body: b, .. }
            | N::Filter { list: a, when: b, .. }
            | N::Some { list: a, when: b, .. }
            | N::Every { list: a, when: b, .. }
            | N::Add(a, b)
            | N::Sub(a, b)
            | N::Mul(a, b)
            | N::Div(a, b)
            | N::Compare(_, a, b)
            | N::InWindow(a, b)
            | N::InRows(a, b)
            | N::AgeOn(a, b)
            | N::MonthsBefore(a, b)
            | N::AsOf(a, b)
            | N::Index(_, a, b) => vec![a, b],
            N::InRange { value: a, lo: b, hi: c, .. } | N::If(a, b, c) => vec![a, b, c],
            N::And(all) | N::Or(all) | N::Min(all) | N::Max(all) | N::Union(all) | N::Rule(_, all) => {
                all.$iter().collect()
            }
            N::InValues(first, all) => {
                let mut parts: Vec<_> = all.$iter().collect();
                parts.insert(0, first);
                parts
            }
            N::ReachedOn(_, all, last) => {
                let mut parts: Vec<_> = all.$iter().collect();
                parts.push(last);
                parts
            }
            N::Parameter(_, all, last) => all.$iter().chain(last.$as_deref()).collect(),
        }
    }};
}

impl Expr {
    /// Its direct parts, in the order in which they are written: of a filter and its like the list, then
    /// what is asked of each row.
    pub fn parts(&self) -> Vec<&Expr> {
        parts!(&self.node, iter, as_deref)
    }
}

/// As [`Expr::parts`], to change them.
pub(crate) fn children_mut(expr: &mut Expr) -> Vec<&mut Expr> {
    parts!(&mut expr.node, iter_mut, as_deref_mut)
}

/// Puts an expression in the place of a variable.
pub(crate) fn substitute(expr: &mut Expr, slot: Slot, with: &Expr) {
    if expr.node == Node::Var(slot) {
        *expr = with.clone();
        return;
    }
    for child in children_mut(expr) {
        substitute(child, slot, with);
    }
}

/// The form in which two expressions that read the same are equal: without places, types and
/// guards, and with paths through optional rows written as plain paths.
pub(crate) fn key(expr: &Expr) -> Expr {
    let mut form = expr.clone();
    normalise(&mut form);
    form
}

fn normalise(expr: &mut Expr) {
    expr.at = 0..0;
    expr.ty = Type::Bool;
    for child in children_mut(expr) {
        normalise(child);
    }
    match &mut expr.node {
        Node::Guarded(inner) => *expr = (**inner).clone(),
        Node::Through { row, slot, body } => {
            let (row, slot, mut body) = ((**row).clone(), *slot, (**body).clone());
            substitute(&mut body, slot, &row);
            *expr = body;
        }
        _ => {}
    }
}

/// A list that is reached through an optional row reads as a list: of nothing it is empty.
pub(crate) fn settle_lists(expr: &mut Expr) {
    if let Type::Optional(inner) = &expr.ty
        && matches!(**inner, Type::List(_))
    {
        expr.ty = (**inner).clone();
    }
    for child in children_mut(expr) {
        settle_lists(child);
    }
}
