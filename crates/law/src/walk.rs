//! Walks over typed trees: children, substitution, and the form in which two expressions are the same.

use crate::tree::{Expr, Node, Slot, Type};

/// The direct parts of an expression, in the order in which they are written.
pub(crate) fn children(expr: &Expr) -> Vec<&Expr> {
    use Node as N;
    match &expr.node {
        N::Bool(_) | N::Number(_) | N::Date(_) | N::Duration(_) | N::Enum(..) | N::Code(_) => Vec::new(),
        N::Day | N::AskedOn | N::Var(_) | N::Let(_) => Vec::new(),
        N::Field(a, _) | N::ValidFrom(a) | N::ValidUntil(a) | N::Link(a, _) | N::Word(a, _) => vec![a],
        N::Each { list: a, body: b, .. }
        | N::Through { row: a, body: b, .. }
        | N::Filter { list: a, when: b, .. }
        | N::Some { list: a, when: b, .. }
        | N::Every { list: a, when: b, .. } => vec![a, b],
        N::Neg(a) | N::Not(a) | N::Count(a) | N::Sum(a) | N::Exists(a) | N::Guarded(a) | N::Floor(a) => {
            vec![a]
        }
        N::Only(a) | N::OnlyFirst(a) | N::MonthOf(a) | N::FirstDay(a) | N::LastDay(a) => vec![a],
        N::QuarterBefore(a) | N::QuarterOf(a) => vec![a],
        N::Add(a, b) | N::Sub(a, b) | N::Mul(a, b) | N::Div(a, b) | N::Compare(_, a, b) => vec![a, b],
        N::InWindow(a, b) | N::InRows(a, b) | N::AgeOn(a, b) | N::MonthsBefore(a, b) => vec![a, b],
        N::AsOf(a, b) | N::Index(_, a, b) => vec![a, b],
        N::And(parts) | N::Or(parts) | N::Min(parts) | N::Max(parts) | N::Union(parts) => {
            parts.iter().collect()
        }
        N::Rule(_, parts) => parts.iter().collect(),
        N::InValues(a, parts) => std::iter::once(&**a).chain(parts).collect(),
        N::InRange { value, lo, hi, .. } => vec![value, lo, hi],
        N::If(a, b, c) => vec![a, b, c],
        N::ReachedOn(_, parts, d) => parts.iter().chain(std::iter::once(&**d)).collect(),
        N::Parameter(_, parts, on) => parts.iter().chain(on.as_deref()).collect(),
    }
}

/// As [`children`], to change them.
pub(crate) fn children_mut(expr: &mut Expr) -> Vec<&mut Expr> {
    use Node as N;
    match &mut expr.node {
        N::Bool(_) | N::Number(_) | N::Date(_) | N::Duration(_) | N::Enum(..) | N::Code(_) => Vec::new(),
        N::Day | N::AskedOn | N::Var(_) | N::Let(_) => Vec::new(),
        N::Field(a, _) | N::ValidFrom(a) | N::ValidUntil(a) | N::Link(a, _) | N::Word(a, _) => vec![a],
        N::Each { list: a, body: b, .. }
        | N::Through { row: a, body: b, .. }
        | N::Filter { list: a, when: b, .. }
        | N::Some { list: a, when: b, .. }
        | N::Every { list: a, when: b, .. } => vec![a, b],
        N::Neg(a) | N::Not(a) | N::Count(a) | N::Sum(a) | N::Exists(a) | N::Guarded(a) | N::Floor(a) => {
            vec![a]
        }
        N::Only(a) | N::OnlyFirst(a) | N::MonthOf(a) | N::FirstDay(a) | N::LastDay(a) => vec![a],
        N::QuarterBefore(a) | N::QuarterOf(a) => vec![a],
        N::Add(a, b) | N::Sub(a, b) | N::Mul(a, b) | N::Div(a, b) | N::Compare(_, a, b) => vec![a, b],
        N::InWindow(a, b) | N::InRows(a, b) | N::AgeOn(a, b) | N::MonthsBefore(a, b) => vec![a, b],
        N::AsOf(a, b) | N::Index(_, a, b) => vec![a, b],
        N::And(parts) | N::Or(parts) | N::Min(parts) | N::Max(parts) | N::Union(parts) => {
            parts.iter_mut().collect()
        }
        N::Rule(_, parts) => parts.iter_mut().collect(),
        N::InValues(a, parts) => std::iter::once(&mut **a).chain(parts).collect(),
        N::InRange { value, lo, hi, .. } => vec![value, lo, hi],
        N::If(a, b, c) => vec![a, b, c],
        N::ReachedOn(_, parts, d) => parts.iter_mut().chain(std::iter::once(&mut **d)).collect(),
        N::Parameter(_, parts, on) => parts.iter_mut().chain(on.as_deref_mut()).collect(),
    }
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
