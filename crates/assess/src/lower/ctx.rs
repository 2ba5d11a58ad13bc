//! Where an expression is lowered: on which level, with what in its slots, on which day.

use law::Let;

use super::value::Val;
use crate::plan::{Dom, N};

/// One level of a context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    /// What it has one element for.
    pub dom: Dom,
    /// For each element, its owner on the level below.
    pub up: Option<N>,
}

/// Where an expression is lowered.
#[derive(Clone, Debug)]
pub(super) struct Ctx<'p> {
    /// The levels from the bottom.
    pub levels: Vec<Level>,
    /// What each slot is bound to.
    pub slots: Vec<Option<Val>>,
    /// `day` as one day of each element, on which facts are read.
    pub day: N,
    /// `day` as a value.
    pub days: N,
    /// The day of the request.
    pub asked: N,
    /// The local names that can be read.
    pub lets: Option<&'p [Let]>,
}

impl Ctx<'_> {
    /// What a level has one element for; constants are below all levels.
    pub fn dom_at(&self, level: usize) -> Dom {
        if level == 0 { Dom::One } else { self.levels[level - 1].dom }
    }

    /// With one slot bound.
    pub fn with(&self, slot: usize, val: Val) -> Self {
        let mut ctx = self.clone();
        if ctx.slots.len() <= slot {
            ctx.slots.resize(slot + 1, None);
        }
        ctx.slots[slot] = Some(val);
        ctx
    }

    /// The levels up to one, and the edges of a list above it.
    pub fn onto(&self, level: usize, edges: N, owners: N) -> Self {
        let mut ctx = self.clone();
        ctx.levels.truncate(level);
        ctx.levels.push(Level { dom: Dom::Edges(edges), up: Some(owners) });
        ctx
    }
}
