use super::{Book, Scope, Written};
use crate::{
    tree::{Comparison, Exact, Expr, Node, Slot, Type},
    walk::{self, key},
    yaml::Problem,
};

impl Book {
    /// What is there, or not empty, where the expression is true. Optional values are named by
    /// their [`key`], a list that has rows by the key of its count.
    pub(super) fn truths(&self, expr: &Expr) -> Vec<Expr> {
        match &expr.node {
            Node::Exists(of) => existing(of),
            Node::And(parts) => parts.iter().flat_map(|part| self.truths(part)).collect(),
            Node::Or(parts) => common(parts.iter().map(|part| self.truths(part))),
            Node::Not(of) => self.falsities(of),
            Node::Compare(comparison, left, right) => {
                has_rows(*comparison, left, right).into_iter().collect()
            }
            Node::Some { list, .. } => vec![count_of(list)],
            Node::Let(id) => match self.bench.lets.get(id.0 as usize).map(|l| l.is.0.as_slice()) {
                Some([(_, only)]) => self.truths(only),
                _ => Vec::new(),
            },
            Node::Word(row, id) => match self.words[id.0 as usize].is.0.as_slice() {
                [(_, only)] => self.truths(only).into_iter().map(|fact| about(fact, row)).collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// As [`Book::truths`], where the expression is false.
    pub(super) fn falsities(&self, expr: &Expr) -> Vec<Expr> {
        match &expr.node {
            Node::Not(of) => self.truths(of),
            Node::Or(parts) => parts.iter().flat_map(|part| self.falsities(part)).collect(),
            Node::And(parts) => common(parts.iter().map(|part| self.falsities(part))),
            Node::Compare(comparison, left, right) => {
                let opposite = match comparison {
                    Comparison::Equal => Comparison::NotEqual,
                    Comparison::NotEqual => Comparison::Equal,
                    Comparison::Less => Comparison::AtLeast,
                    Comparison::AtMost => Comparison::Greater,
                    Comparison::Greater => Comparison::AtMost,
                    Comparison::AtLeast => Comparison::Less,
                };
                has_rows(opposite, left, right).into_iter().collect()
            }
            Node::Let(id) => match self.bench.lets.get(id.0 as usize).map(|l| l.is.0.as_slice()) {
                Some([(_, only)]) => self.falsities(only),
                _ => Vec::new(),
            },
            Node::Word(row, id) => match self.words[id.0 as usize].is.0.as_slice() {
                [(_, only)] => self.falsities(only).into_iter().map(|fact| about(fact, row)).collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// What is there for every row of a list, the row being in `slot`: what its filters prove.
    pub(super) fn facts_of_rows(&self, list: &Expr, slot: Slot) -> Vec<Expr> {
        match &list.node {
            Node::Filter { list: inner, slot: bound, when } => {
                let row = Expr { node: Node::Var(slot), ty: Type::Bool, at: 0..0 };
                let renamed = self.truths(when).into_iter().map(|mut fact| {
                    walk::substitute(&mut fact, *bound, &row);
                    fact
                });
                renamed.chain(self.facts_of_rows(inner, slot)).collect()
            }
            Node::Let(id) => match self.bench.lets.get(id.0 as usize).map(|l| l.is.0.as_slice()) {
                Some([(_, only)]) => self.facts_of_rows(only, slot),
                _ => Vec::new(),
            },
            Node::Union(parts) => common(parts.iter().map(|part| self.facts_of_rows(part, slot))),
            _ => Vec::new(),
        }
    }

    /// Warns of `every` and of `count = 0` over a filtered list that may have had no rows at all.
    pub(super) fn warn_of_emptiness(&mut self, scope: &Scope, written: &Written, expr: &Expr) {
        let mut found = Vec::new();
        self.emptiness(expr, &scope.guards, &mut found);
        for (at, message) in found {
            let place = written.scalar.locate(&self.sources, &at);
            self.warnings.push(
                Problem::at(&place, message)
                    .mend("add `count(list) > 0 and …`, unless an empty list is meant"),
            );
        }
    }

    fn emptiness(
        &self,
        expr: &Expr,
        known: &[Expr],
        found: &mut Vec<(std::ops::Range<usize>, &'static str)>,
    ) {
        match &expr.node {
            Node::And(parts) => {
                let mut known = known.to_vec();
                for part in parts {
                    self.emptiness(part, &known, found);
                    known.extend(self.truths(part));
                }
                return;
            }
            Node::Or(parts) => {
                let mut known = known.to_vec();
                for part in parts {
                    self.emptiness(part, &known, found);
                    known.extend(self.falsities(part));
                }
                return;
            }
            Node::If(when, yes, no) => {
                self.emptiness(when, known, found);
                self.emptiness(yes, &[known, &self.truths(when)].concat(), found);
                self.emptiness(no, &[known, &self.falsities(when)].concat(), found);
                return;
            }
            Node::Every { list, .. } if !known.contains(&count_of(list)) => {
                found.push((expr.at.clone(), "`every` is true of an empty list"));
            }
            Node::Compare(Comparison::Equal, left, right) if is_number(right, 0) => {
                if let Node::Count(list) = &left.node
                    && let Node::Filter { list: whole, .. } = &list.node
                    && !known.contains(&count_of(whole))
                {
                    found.push((
                        expr.at.clone(),
                        "`count = 0` is also true where the list had no rows before the filter",
                    ));
                }
            }
            _ => {}
        }
        for child in expr.parts() {
            self.emptiness(child, known, found);
        }
    }
}

/// An optional value that is there, and the rows on the way to it.
fn existing(of: &Expr) -> Vec<Expr> {
    let mut facts = vec![key(of)];
    let mut on = of;
    loop {
        on = match &on.node {
            Node::Guarded(inner) => inner,
            Node::Through { row, .. } => {
                facts.push(key(row));
                row
            }
            _ => return facts,
        };
    }
}

fn common(mut all: impl Iterator<Item = Vec<Expr>>) -> Vec<Expr> {
    let first = all.next().unwrap_or_default();
    all.fold(first, |kept, other| kept.into_iter().filter(|fact| other.contains(fact)).collect())
}

/// A fact about slot 0 becomes one about that row.
fn about(mut fact: Expr, row: &Expr) -> Expr {
    let row = key(row);
    if row.node != Node::Var(Slot(0)) {
        walk::substitute(&mut fact, Slot(0), &row);
    }
    fact
}

fn count_of(list: &Expr) -> Expr {
    key(&Expr { node: Node::Count(Box::new(list.clone())), ty: Type::Integer, at: 0..0 })
}

fn is_number(expr: &Expr, number: i128) -> bool {
    expr.node == Node::Number(Exact::from_integer(number))
}

/// `count(list) > 0` and its kin say that the list has rows.
fn has_rows(comparison: Comparison, left: &Expr, right: &Expr) -> Option<Expr> {
    let Node::Count(list) = &left.node else { return None };
    let Node::Number(number) = &right.node else { return None };
    let zero = Exact::from_integer(0);
    let proves = match comparison {
        Comparison::Greater => *number >= zero,
        Comparison::AtLeast | Comparison::Equal => *number > zero,
        Comparison::NotEqual => *number == zero,
        Comparison::Less | Comparison::AtMost => false,
    };
    proves.then(|| count_of(list))
}
