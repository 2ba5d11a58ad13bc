//! What an expression depends on besides the rows that it binds itself.

use std::collections::{BTreeSet, HashMap};

use card::{EntityId, Validity};
use law::{
    Dated, Pack,
    tree::{Expr, Node, RuleId, Slot, WordId},
};

/// What words and rules use, themselves or through others: each is looked through once, however many
/// expressions name it.
pub(crate) struct Known<'p> {
    pack: &'p Pack,
    words: HashMap<WordId, Reads>,
    rules: HashMap<RuleId, Reads>,
    /// Of each entity: are its rows, or those that it groups, told month by month?
    monthly: Vec<bool>,
}

/// What is read wherever an expression stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reads {
    /// The day of the request.
    pub asked: bool,
    /// A relation to rows that are told month by month.
    pub months: bool,
}

impl<'p> Known<'p> {
    pub fn new(pack: &'p Pack) -> Self {
        let entities = &pack.schema.entities;
        let mut monthly: Vec<bool> =
            entities.iter().map(|entity| matches!(entity.validity, Validity::Month(_))).collect();
        for group in &pack.groups {
            monthly[group.entity.0 as usize] = monthly[group.rows.0 as usize];
        }
        Self { pack, words: HashMap::new(), rules: HashMap::new(), monthly }
    }

    /// Are the rows of an entity told month by month?
    pub fn is_monthly(&self, entity: EntityId) -> bool {
        self.monthly[entity.0 as usize]
    }

    pub fn word(&mut self, id: WordId) -> Reads {
        if let Some(known) = self.words.get(&id) {
            return *known;
        }
        let reads = self.any(&self.pack.word(id).is);
        self.words.insert(id, reads);
        reads
    }

    fn rule(&mut self, id: RuleId) -> Reads {
        if let Some(known) = self.rules.get(&id) {
            return *known;
        }
        let reads = self.any(&self.pack.rule(id).is);
        self.rules.insert(id, reads);
        reads
    }

    fn any(&mut self, forms: &Dated<Expr>) -> Reads {
        forms.0.iter().map(|(_, form)| Uses::of(form, self).reads).fold(Reads::default(), Reads::or)
    }
}

impl Reads {
    const fn or(self, other: Self) -> Self {
        Self { asked: self.asked | other.asked, months: self.months | other.months }
    }
}

/// What an expression reads from around it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses {
    /// Slots that it does not bind itself.
    pub slots: BTreeSet<Slot>,
    /// What it reads itself, and through words and rules.
    pub reads: Reads,
    /// A local name of the measure.
    pub lets: bool,
}

impl Uses {
    /// Of an expression.
    pub fn of(expr: &Expr, known: &mut Known<'_>) -> Self {
        let mut uses = Self::default();
        uses.add(expr, known);
        uses
    }

    fn add(&mut self, expr: &Expr, known: &mut Known<'_>) {
        match &expr.node {
            Node::Var(slot) => {
                self.slots.insert(*slot);
            }
            Node::AskedOn => self.reads.asked = true,
            Node::Let(_) => self.lets = true,
            Node::Word(_, id) => self.reads = self.reads.or(known.word(*id)),
            Node::Rule(id, _) => self.reads = self.reads.or(known.rule(*id)),
            Node::Link(_, id) => self.reads.months |= known.is_monthly(known.pack.link(*id).to),
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
        for (nth, part) in expr.parts().into_iter().enumerate() {
            match bound {
                // The second part is the one inside which the slot is bound.
                Some(slot) if nth == 1 => {
                    let inner = Self::of(part, known);
                    self.reads = self.reads.or(inner.reads);
                    self.lets |= inner.lets;
                    self.slots.extend(inner.slots.into_iter().filter(|used| *used != slot));
                }
                _ => self.add(part, known),
            }
        }
    }
}
