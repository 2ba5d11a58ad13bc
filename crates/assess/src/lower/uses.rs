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
        for (nth, part) in expr.parts().into_iter().enumerate() {
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
