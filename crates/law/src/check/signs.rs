use card::FieldId;

use super::Book;
use crate::{
    pack::{Constant, Silence},
    tree::{Exact, Expr, Node},
};

/// Is the value certainly not below zero? `rows` says which arguments of a rule are not.
pub(super) fn non_negative(book: &Book, expr: &Expr, arguments: &[bool]) -> bool {
    let all = |parts: &[Expr]| parts.iter().all(|part| non_negative(book, part, arguments));
    let both = |a: &Expr, b: &Expr| non_negative(book, a, arguments) && non_negative(book, b, arguments);
    match &expr.node {
        Node::Number(number) => *number >= Exact::from_integer(0),
        Node::Count(_) => true,
        Node::Var(slot) => arguments.get(slot.0 as usize).copied().unwrap_or(false),
        Node::Field(row, field) => match &row.ty {
            crate::tree::Type::Row(of) => !signed(book, *of, *field),
            _ => false,
        },
        Node::Guarded(of) | Node::Floor(of) | Node::Sum(of) | Node::AsOf(_, of) => {
            non_negative(book, of, arguments)
        }
        Node::Each { body, .. } | Node::Through { body, .. } => non_negative(book, body, &[]),
        Node::Filter { list, .. } => non_negative(book, list, arguments),
        Node::Add(a, b) | Node::Mul(a, b) | Node::Div(a, b) | Node::If(_, a, b) => both(a, b),
        Node::Min(parts) => all(parts),
        Node::Max(parts) => parts.iter().any(|part| non_negative(book, part, arguments)),
        Node::Word(_, id) => {
            book.words[id.0 as usize].is.0.iter().all(|(_, form)| non_negative(book, form, &[]))
        }
        Node::Let(id) => book
            .bench
            .lets
            .get(id.0 as usize)
            .is_some_and(|l| l.is.0.iter().all(|(_, form)| non_negative(book, form, &[]))),
        Node::Rule(id, parts) => {
            let signs: Vec<bool> = parts.iter().map(|part| non_negative(book, part, arguments)).collect();
            book.rules[id.0 as usize].is.0.iter().all(|(_, form)| non_negative(book, form, &signs))
        }
        Node::Parameter(id, ..) | Node::Index(id, ..) => {
            let values = book.parameters[id.0 as usize].steps.iter().flat_map(|step| &step.entries);
            values.into_iter().all(|entry| match &entry.value {
                Constant::Number(number) => *number >= Exact::from_integer(0),
                _ => false,
            })
        }
        _ => false,
    }
}

fn signed(book: &Book, of: card::EntityId, field: FieldId) -> bool {
    book.schema.at(of).at(field).signed
}

/// May the list be open: may it have rows that nobody told us of? Only what was declared is not.
pub(super) fn may_be_open(book: &Book, list: &Expr) -> bool {
    match &list.node {
        Node::Link(_, id) => book.links[id.0 as usize].silence != Silence::Declared,
        Node::Filter { list, .. } | Node::OnlyFirst(list) => may_be_open(book, list),
        Node::Each { list, body, .. } => {
            may_be_open(book, list)
                || (matches!(body.ty, crate::tree::Type::List(_)) && may_be_open(book, body))
        }
        Node::Union(parts) => parts.iter().any(|part| may_be_open(book, part)),
        _ => true,
    }
}
