//! The columns of one run, all of which were kept, for a walk back from an answer to the facts.

use law::{LinkFrom, tree::LinkId};

use crate::{
    exec::Columns,
    facts::{Cells, Facts, Key},
    plan::{Dom, Graph, N, Place},
    types::{Bits, Column, Edges},
};

/// A graph, what its nodes became, and the facts below.
#[derive(Clone, Copy)]
pub(crate) struct Kept<'w, 'a> {
    /// The graph.
    pub graph: &'w Graph,
    /// The columns of its nodes.
    pub columns: &'w Columns,
    /// What they were computed of.
    pub facts: &'w Facts<'a>,
}

impl<'w> Kept<'w, '_> {
    /// The column of a node.
    pub fn column(&self, node: N) -> &'w Column {
        self.columns.at(node)
    }

    /// The list that a node is.
    pub fn edges(&self, node: N) -> &'w Edges {
        self.column(node).edges()
    }

    /// The place of an element in a node's column: a constant has one for all.
    pub fn element(&self, node: N, at: usize) -> usize {
        if self.graph.dom(node) == Dom::One { 0 } else { at }
    }

    /// A truth value.
    pub fn bits(&self, node: N, at: usize) -> Bits {
        self.column(node).bits()[self.element(node, at)]
    }

    /// A row number of a column of rows.
    pub fn row(&self, node: N, at: usize) -> usize {
        self.column(node).rows()[at] as usize
    }

    /// The owner of an edge.
    pub fn owner(&self, edges: N, edge: usize) -> usize {
        self.edges(edges).offsets.partition_point(|start| *start as usize <= edge) - 1
    }

    /// The thing that is read, and the day on which.
    pub fn place(&self, place: Place, at: usize) -> (usize, i32) {
        let thing = place.rows.map_or(at, |rows| self.row(rows, at));
        let days = &self.column(place.day).days().lo;
        (thing, days[self.element(place.day, at)])
    }

    /// The key that a relation follows from a thing; `None` where several rows say it.
    pub fn key(&self, id: LinkId, thing: usize, day: i32) -> Option<Key> {
        let link = self.facts.pack.link(id);
        let field = match link.from {
            LinkFrom::Field(field) => field,
            LinkFrom::Key => *self.facts.pack.schema.at(link.of).key.first()?,
        };
        match self.facts.cells(link.of, thing, field, day) {
            Cells::One(cell) => Some(Key::of(cell)),
            Cells::Many(_) => None,
        }
    }
}
