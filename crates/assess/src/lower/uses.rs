//! What an expression depends on besides the rows that it binds itself.

use std::collections::{BTreeSet, HashMap};

use law::{
    Dated, Pack,
    tree::{Expr, Node, RuleId, Slot, WordId},
};

/// Which words and rules read the day of the request, themselves or through others: each is looked
/// through once, however many expressions name it.
pub(crate) struct Asking<'p> {
    pack: &'p Pack,
    words: HashMap<WordId, bool>,
    rules: HashMap<RuleId, bool>,
}

impl<'p> Asking<'p> {
    pub fn new(pack: &'p Pack) -> Self {
        Self { pack, words: HashMap::new(), rules: HashMap::new() }
    }

    pub fn word(&mut self, id: WordId) -> bool {
        if let Some(known) = self.words.get(&id) {
            return *known;
        }
        let asked = self.any(&self.pack.word(id).is);
        self.words.insert(id, asked);
        asked
    }

    fn rule(&mut self, id: RuleId) -> bool {
        if let Some(known) = self.rules.get(&id) {
            return *known;
        }
        let asked = self.any(&self.pack.rule(id).is);
        self.rules.insert(id, asked);
        asked
    }

    fn any(&mut self, forms: &Dated<Expr>) -> bool {
        forms.0.iter().any(|(_, form)| Uses::of(form, self).asked)
    }
}

/// What an expression reads from around it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses {
    /// Slots that it does not bind itself.
    pub slots: BTreeSet<Slot>,
    /// The day of the request, also through words and rules.
    pub asked: bool,
    /// A local name of the measure.
    pub lets: bool,
}

impl Uses {
    /// Of an expression.
    pub fn of(expr: &Expr, asking: &mut Asking<'_>) -> Self {
        let mut uses = Self::default();
        uses.add(expr, asking);
        uses
    }

    fn add(&mut self, expr: &Expr, asking: &mut Asking<'_>) {
        match &expr.node {
            Node::Var(slot) => {
                self.slots.insert(*slot);
            }
            Node::AskedOn => self.asked = true,
            Node::Let(_) => self.lets = true,
            Node::Word(_, id) => self.asked |= asking.word(*id),
            Node::Rule(id, _) => self.asked |= asking.rule(*id),
            _ => {}
        }
        let bound = match &expr.node {
            Node::Each { slot, .. }
            | Node::Through { slot, .. }
            | Node::Filter { slot, .. }
            | Node::Some { slot, .. }
            | Node::Every { slot, .. } => Some(*slot),
            _ => None,
        };
        for (nth, part) in parts(expr).into_iter().enumerate() {
            match bound {
                // The second part is the one inside which the slot is bound.
                Some(slot) if nth == 1 => {
                    let inner = Self::of(part, asking);
                    self.asked |= inner.asked;
                    self.lets |= inner.lets;
                    self.slots.extend(inner.slots.into_iter().filter(|used| *used != slot));
                }
                _ => self.add(part, asking),
            }
        }
    }
}

/// The direct parts of an expression.
fn parts(expr: &Expr) -> Vec<&Expr> {
    match &expr.node {
        Node::Bool(_)
        | Node::Number(_)
        | Node::Date(_)
        | Node::Duration(_)
        | Node::Enum(..)
        | Node::Code(_)
        | Node::Day
        | Node::AskedOn
        | Node::Var(_)
        | Node::Let(_) => Vec::new(),
        Node::Field(a, _)
        | Node::ValidFrom(a)
        | Node::ValidUntil(a)
        | Node::Link(a, _)
        | Node::Word(a, _)
        | Node::Neg(a)
        | Node::Not(a)
        | Node::Count(a)
        | Node::Sum(a)
        | Node::Exists(a)
        | Node::Guarded(a)
        | Node::Floor(a)
        | Node::Only(a)
        | Node::OnlyFirst(a)
        | Node::MonthOf(a)
        | Node::FirstDay(a)
        | Node::LastDay(a)
        | Node::QuarterBefore(a)
        | Node::QuarterOf(a) => vec![a],
        Node::Each { list: a, body: b, .. }
        | Node::Through { row: a, body: b, .. }
        | Node::Filter { list: a, when: b, .. }
        | Node::Some { list: a, when: b, .. }
        | Node::Every { list: a, when: b, .. }
        | Node::Add(a, b)
        | Node::Sub(a, b)
        | Node::Mul(a, b)
        | Node::Div(a, b)
        | Node::Compare(_, a, b)
        | Node::InWindow(a, b)
        | Node::InRows(a, b)
        | Node::AgeOn(a, b)
        | Node::MonthsBefore(a, b)
        | Node::AsOf(a, b)
        | Node::Index(_, a, b) => vec![a, b],
        Node::And(parts)
        | Node::Or(parts)
        | Node::Min(parts)
        | Node::Max(parts)
        | Node::Union(parts)
        | Node::Rule(_, parts) => parts.iter().collect(),
        Node::InValues(a, parts) => std::iter::once(&**a).chain(parts).collect(),
        Node::InRange { value, lo, hi, .. } => vec![value, lo, hi],
        Node::If(a, b, c) => vec![a, b, c],
        Node::ReachedOn(_, parts, day) => parts.iter().chain([&**day]).collect(),
        Node::Parameter(_, parts, day) => parts.iter().chain(day.as_deref()).collect(),
    }
}
