//! The deciding facts: from an answer that is not certain down the graph, through what is not certain
//! itself, to the facts that nobody told. Each names who owes it: that is the question to ask.

use std::collections::{BTreeSet, HashSet};

use card::{EntityId, FieldId, Missing, PersonId, RegistryId, Schema, Validity};
use law::{Arity, LinkFrom, tree::LinkId};

use crate::{
    facts::{ANY, Cell, Cells, Key},
    kept::Kept,
    plan::{N, Op, Place, inputs},
    relate::asked_for,
    types::{ANY_CODE, Column, UNKNOWN, YES},
};

/// A fact that is not known: who owes which field, or which rows, about whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Leaf {
    /// Of which entity.
    pub entity: EntityId,
    /// Which field; `None` where it is not known which rows there are.
    pub field: Option<FieldId>,
    /// Who owes it.
    pub registry: RegistryId,
    /// About whom.
    pub person: Option<PersonId>,
}

/// Leaves by name, as verdicts tell them.
pub(crate) fn named(schema: &Schema, leaves: &BTreeSet<Leaf>) -> Vec<Missing> {
    let mut missing: Vec<Missing> = leaves
        .iter()
        .map(|leaf| Missing {
            registry: schema.registries[leaf.registry.0 as usize].name.clone(),
            entity: schema.at(leaf.entity).name.clone(),
            field: leaf.field.map(|field| schema.at(leaf.entity).at(field).name.clone()),
            person: leaf.person,
        })
        .collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// What is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Why {
    /// Why a value is not certain.
    Value,
    /// Why a list may have further rows.
    Open,
    /// Why it is not certain which row a row in doubt is.
    Row,
}

/// A walk over the columns of one run, all of which were kept.
pub(crate) struct Walk<'w, 'a> {
    kept: Kept<'w, 'a>,
    seen: HashSet<(N, u32, Why)>,
    /// The facts that were found.
    pub leaves: BTreeSet<Leaf>,
    /// Entities whose rows contradict each other.
    pub conflicts: BTreeSet<EntityId>,
    /// Rows of an entity by a field that were read and never asked for.
    pub unloaded: Option<(EntityId, FieldId)>,
}

impl<'w, 'a> Walk<'w, 'a> {
    /// A walk that found nothing yet.
    pub fn new(kept: Kept<'w, 'a>) -> Self {
        let (seen, leaves, conflicts) = Default::default();
        Self { kept, seen, leaves, conflicts, unloaded: None }
    }

    fn is_decided(&self, node: N, at: usize) -> bool {
        let at = self.kept.element(node, at);
        match self.kept.column(node) {
            Column::Bits(bits) => bits[at] != UNKNOWN,
            Column::Ints(ints) => ints.at(at).0 == ints.at(at).1,
            Column::Ratios(ratios) => ratios.at(at).0 == ratios.at(at).1,
            Column::Days(days) => days.at(at).0 == days.at(at).1,
            Column::Sets(sets) => sets[at].is_power_of_two(),
            Column::Codes(codes) => codes[at] != ANY_CODE && codes[at] < 1 << 31,
            Column::Rows(_) | Column::Edges(_) => true,
        }
    }

    /// Why is a value not certain?
    pub fn value(&mut self, node: N, at: usize) {
        let at = self.kept.element(node, at);
        if !self.is_decided(node, at) && self.seen.insert((node, at as u32, Why::Value)) {
            self.undecided(node, at);
        }
    }

    fn undecided(&mut self, node: N, at: usize) {
        let graph = self.kept.graph;
        match graph.op(node) {
            Op::Field(entity, field, place) | Op::FieldExists(entity, field, place) => {
                self.cell(*entity, *field, *place, at);
            }
            Op::ValidFrom(entity) | Op::ValidUntil(entity) | Op::Ends(entity) => {
                if at != ANY as usize {
                    self.leaf(*entity, at, None);
                }
            }
            Op::Gather(column, rows) => {
                let row = self.kept.column(*rows).rows()[at];
                self.value(*column, row as usize);
            }
            Op::Hull(edges, member, values) => {
                let run = self.kept.column(*edges).edges().run(at);
                for edge in run {
                    self.value(*member, edge);
                    if self.kept.bits(*member, edge) & YES != 0 {
                        self.value(*values, edge);
                    }
                }
                self.row(*edges, at);
            }
            Op::Join(parts) => {
                for (when, value) in parts {
                    self.condition(*when, at);
                    if self.kept.bits(*when, at) & YES != 0 {
                        self.value(*value, at);
                    }
                }
            }
            Op::Count(edges, member, open) | Op::OnlyExists(edges, member, open) => {
                self.members(*edges, *member, at);
                self.openness(*open, at);
            }
            Op::Sum(edges, member, open, values) => {
                self.members(*edges, *member, at);
                self.openness(*open, at);
                for edge in self.kept.column(*edges).edges().run(at) {
                    if self.kept.bits(*member, edge) & YES != 0 {
                        self.value(*values, edge);
                    }
                }
            }
            Op::Unbounded(sum, open, _) => {
                self.value(*sum, at);
                self.openness(*open, at);
            }
            Op::AnyOf(edges, _, bits) => self.members(*edges, *bits, at),
            Op::Doubt(open) => self.openness(*open, at),
            Op::Member(edges) => self.membership(*edges, at),
            Op::Exists(edges) => self.existence(*edges, at),
            Op::Sure(edges, exists) => {
                let owner = self.kept.owner(*edges, at);
                self.row(*edges, owner);
                if let Some(exists) = exists {
                    self.value(*exists, owner);
                }
            }
            Op::First { edges, member, open, order } => {
                let owner = self.kept.owner(*edges, at);
                self.members(*edges, *member, owner);
                self.openness(*open, owner);
                for edge in self.kept.column(*edges).edges().run(owner) {
                    for column in order {
                        self.value(*column, edge);
                    }
                }
            }
            Op::Contains(rows, edges, member, via) => {
                let owner = via.map_or(at, |via| self.kept.column(via).rows()[at] as usize);
                let row = self.kept.column(*rows).rows()[self.kept.element(*rows, at)];
                let edges = self.kept.column(*edges).edges();
                if let Some(edge) = edges.run(owner).find(|edge| edges.rows[*edge] == row) {
                    self.value(*member, edge);
                }
            }
            Op::EqualRows(a, b) => {
                for side in [*a, *b] {
                    if matches!(self.kept.column(side), Column::Edges(_)) {
                        self.row(side, at);
                    }
                }
            }
            Op::StretchDays(edges) => {
                let owner = self.kept.owner(*edges, at);
                if let Op::Stretches(days) = graph.op(*edges) {
                    self.value(*days, owner);
                }
            }
            op => inputs(op).into_iter().for_each(|input| self.value(input, at)),
        }
    }

    /// Why is it not certain whether a value is taken?
    fn condition(&mut self, when: N, at: usize) {
        match self.kept.graph.op(when) {
            Op::Applies(whens, _) => {
                let certain = whens.iter().filter(|when| self.kept.bits(**when, at) == YES).count();
                if certain != 1 {
                    for when in whens {
                        self.value(*when, at);
                    }
                }
            }
            Op::And(a, b) if self.is_decided(when, at) => {
                self.condition(*a, at);
                self.condition(*b, at);
            }
            _ => self.value(when, at),
        }
    }

    /// Why are values on the edges of an owner not certain?
    pub fn members(&mut self, edges: N, bits: N, owner: usize) {
        for edge in self.kept.column(edges).edges().run(owner) {
            self.value(bits, edge);
        }
    }

    /// Why is a row only possibly in a list that was built?
    fn membership(&mut self, node: N, edge: usize) {
        let edges = self.kept.column(node).edges();
        let (row, owner) = (edges.rows[edge], self.kept.owner(node, edge));
        match self.kept.graph.op(node) {
            Op::Follow(link, _, _) => self.doubtful_row(*link, row),
            Op::GatherEdges(inner, _) => {
                let back = edges.back.as_ref().expect("a gathered list knows what it repeats");
                self.membership(*inner, back[edge] as usize);
            }
            Op::Flatten { outer, member, via, inner, inner_member, either, .. } => {
                let leaves = self.kept.column(*inner).edges();
                for from in self.kept.column(*outer).edges().run(owner) {
                    let at = via.map_or(from, |via| self.kept.column(via).rows()[from] as usize);
                    for leaf in leaves.run(at).filter(|leaf| leaves.rows[*leaf] == row) {
                        self.value(*member, from);
                        self.value(*inner_member, leaf);
                    }
                }
                if let Some(exists) = either {
                    self.row(*outer, owner);
                    self.value(*exists, owner);
                }
            }
            Op::Union(parts, _) => {
                for (part, member) in parts {
                    let part = self.kept.column(*part).edges();
                    if let Some(edge) = part.run(owner).find(|edge| part.rows[*edge] == row) {
                        self.value(*member, edge);
                    }
                }
            }
            _ => {}
        }
    }

    /// Why may a list have rows that are not here?
    pub fn openness(&mut self, node: N, at: usize) {
        let at = self.kept.element(node, at);
        let open = self.kept.bits(node, at) & YES != 0;
        if !open || !self.seen.insert((node, at as u32, Why::Open)) {
            return;
        }
        match self.kept.graph.op(node) {
            Op::Open(edges) => self.unsaid(*edges, at),
            Op::Gather(column, rows) => {
                let row = self.kept.column(*rows).rows()[at];
                self.openness(*column, row as usize);
            }
            Op::FlattenOpen { outer, member, inner_open } => {
                for edge in self.kept.column(*outer).edges().run(at) {
                    if self.kept.bits(*member, edge) & YES != 0 {
                        self.openness(*inner_open, edge);
                    }
                }
                // The list of any row is open: why may it be any?
                let edges = self.kept.column(*outer).edges();
                if edges.rows[edges.run(at)].contains(&ANY) {
                    self.row(*outer, at);
                }
            }
            Op::MayBeAny(edges) => self.row(*edges, at),
            Op::And(a, b) => {
                for part in [*a, *b] {
                    self.openness(part, at);
                    self.value(part, at);
                }
            }
            Op::Or(a, b) => {
                self.openness(*a, at);
                self.openness(*b, at);
            }
            Op::Join(parts) => {
                for (when, open) in parts {
                    self.value(*when, at);
                    if self.kept.bits(*when, at) & YES != 0 {
                        self.openness(*open, at);
                    }
                }
            }
            _ => {}
        }
    }

    /// Why is it not certain which row a row is?
    fn row(&mut self, node: N, at: usize) {
        if !self.seen.insert((node, at as u32, Why::Row)) {
            return;
        }
        let edges = self.kept.column(node).edges();
        let rows = &edges.rows[edges.run(at)];
        if rows.len() <= 1 && *rows != [ANY] {
            return;
        }
        match self.kept.graph.op(node) {
            Op::Follow(..) => self.followed_row(node, at),
            Op::FieldRow(entity, field, place) if edges.rows[at] == ANY => {
                self.cell(*entity, *field, *place, at);
            }
            Op::Only(inner, member, open) => {
                self.openness(*open, at);
                self.members(*inner, *member, at);
                let list = self.kept.column(*inner).edges();
                let certain: Vec<usize> =
                    list.run(at).filter(|edge| self.kept.bits(*member, *edge) == YES).collect();
                if certain.len() > 1
                    && let Some(entity) = self.entity_of(*inner)
                {
                    self.conflicts.insert(entity);
                }
            }
            Op::GatherEdges(inner, via) => {
                let owner = self.kept.column(*via).rows()[at];
                self.row(*inner, owner as usize);
            }
            Op::Stretches(days) => self.value(*days, at),
            Op::Flatten { outer, via, inner, .. } => {
                self.row(*outer, at);
                for from in self.kept.column(*outer).edges().run(at) {
                    let owner = via.map_or(from, |via| self.kept.column(via).rows()[from] as usize);
                    self.row(*inner, owner);
                }
            }
            Op::Union(parts, _) => {
                for (part, member) in parts {
                    let run = self.kept.column(*part).edges().run(at);
                    let mut possible = false;
                    for edge in run {
                        self.value(*member, edge);
                        possible |= self.kept.bits(*member, edge) & YES != 0;
                    }
                    if possible {
                        self.row(*part, at);
                    }
                }
            }
            _ => {}
        }
    }

    /// The entity of a list's members, where the list was built of relations.
    fn entity_of(&self, node: N) -> Option<EntityId> {
        match self.kept.graph.op(node) {
            Op::Follow(link, ..) => Some(self.kept.facts.pack.link(*link).to),
            Op::GatherEdges(inner, _) | Op::Flatten { inner, .. } | Op::Only(inner, ..) => {
                self.entity_of(*inner)
            }
            Op::Union(parts, _) => parts.first().and_then(|(part, _)| self.entity_of(*part)),
            Op::Single(rows) => match self.kept.graph.op(*rows) {
                Op::Subject => Some(Schema::PERSON),
                Op::Own(entity) => Some(*entity),
                Op::Members(edges) => self.entity_of(*edges),
                Op::Gather(_, rows) => match self.kept.graph.op(*rows) {
                    Op::Members(edges) => self.entity_of(*edges),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// Why is it not certain whether a relation to one leads to something?
    fn existence(&mut self, node: N, at: usize) {
        match self.kept.graph.op(node) {
            Op::GatherEdges(inner, via) => {
                let owner = self.kept.column(*via).rows()[at];
                self.existence(*inner, owner as usize);
            }
            _ => self.followed_row(node, at),
        }
    }

    /// Why a relation to one leads to a row in doubt, to any row, or perhaps to nothing.
    fn followed_row(&mut self, node: N, at: usize) {
        let Op::Follow(id, _, place) = self.kept.graph.op(node) else { return };
        let link = self.kept.facts.pack.link(*id);
        let edges = self.kept.column(node).edges();
        let certain = edges.exists.as_ref().is_some_and(|exists| exists[at] != UNKNOWN);
        let run = edges.run(at);
        if certain && run.len() <= 1 && run.clone().all(|edge| edges.rows[edge] != ANY) {
            return;
        }
        if let Some(key) = self.key_in_doubt(*id, *place, at) {
            self.leaves.insert(key);
            return;
        }
        let rows = edges.rows[run.clone()].to_vec();
        if rows.iter().all(|row| *row == ANY) || link.arity == Arity::OneByKey || run.is_empty() {
            self.unsaid(node, at);
            self.possible_rows(*id, *place, at);
            return;
        }
        let sure = run.clone().filter(|edge| edges.member_at(*edge) == YES).count();
        if sure > 1 {
            self.conflicts.insert(link.to);
            self.unsaid(node, at);
        }
        for edge in run {
            if edges.member_at(edge) != YES {
                self.doubtful_row(*id, edges.rows[edge]);
            }
        }
    }

    /// The rows that may be the one of a relation that found none for certain.
    fn possible_rows(&mut self, id: LinkId, place: Place, at: usize) {
        let link = self.kept.facts.pack.link(id);
        let (thing, day) = self.kept.place(place, at);
        let Some(Key::Is(key)) = self.kept.key(id, thing, day) else { return };
        for other in 1..self.kept.facts.len(link.to) {
            for row in self.kept.facts.rows(link.to, other) {
                let here = match Key::of(Some(row.cell(link.by))) {
                    Key::Is(theirs) => theirs == key,
                    Key::Unknown => true,
                    Key::Nothing => false,
                };
                let on = link.arity != Arity::OneOnDay || self.kept.facts.holds(row, day) & YES != 0;
                let doubtful =
                    matches!(row.cell(link.by), Cell::Unknown) || self.kept.facts.holds(row, day) == UNKNOWN;
                if here && on && doubtful {
                    self.doubtful_row(id, other as u32);
                }
            }
        }
    }

    /// The field from which a relation starts, where it does not tell.
    fn key_in_doubt(&self, id: LinkId, place: Place, at: usize) -> Option<Leaf> {
        let link = self.kept.facts.pack.link(id);
        let LinkFrom::Field(field) = link.from else { return None };
        let (thing, day) = self.kept.place(place, at);
        (thing != ANY as usize && self.kept.key(id, thing, day) == Some(Key::Unknown))
            .then(|| self.leaf_of(link.of, thing, Some(field)))
    }

    /// A registry that does not say whether there are further rows.
    fn unsaid(&mut self, node: N, at: usize) {
        match self.kept.graph.op(node) {
            Op::Follow(id, _, place) => {
                let link = self.kept.facts.pack.link(*id);
                let (thing, day) = self.kept.place(*place, at);
                if thing == ANY as usize {
                    return;
                }
                if let Some(key) = self.key_in_doubt(*id, *place, at) {
                    self.leaves.insert(key);
                    return;
                }
                let asked_for = asked_for(self.kept.facts, link);
                if let Some(Key::Is(key)) = self.kept.key(*id, thing, day)
                    && !self.kept.facts.was_asked(asked_for.0, asked_for.1, key)
                {
                    self.unloaded = Some(asked_for);
                }
                let person = match self.kept.key(*id, thing, day) {
                    Some(Key::Is(key)) if self.names_a_person(*id) => Some(PersonId(key)),
                    _ => self.kept.facts.about(link.of, thing),
                };
                let entity = self.kept.facts.pack.groups.iter().find(|group| group.entity == link.to);
                let entity = entity.map_or(link.to, |group| group.rows);
                self.leaves.insert(Leaf { entity, field: None, registry: link.registry, person });
            }
            Op::GatherEdges(inner, via) => {
                let owner = self.kept.column(*via).rows()[at];
                self.unsaid(*inner, owner as usize);
            }
            _ => {}
        }
    }

    fn names_a_person(&self, id: LinkId) -> bool {
        let link = self.kept.facts.pack.link(id);
        let entity = self.kept.facts.pack.schema.at(link.of);
        let field = match link.from {
            LinkFrom::Field(field) => Some(field),
            LinkFrom::Key => entity.key.first().copied(),
        };
        field.is_some_and(|field| entity.at(field).ty == card::FieldType::Person)
    }

    /// A row of which it is not known whether it belongs: its link, else the days of its validity.
    fn doubtful_row(&mut self, id: LinkId, row: u32) {
        let link = self.kept.facts.pack.link(id);
        let period = match self.kept.facts.pack.schema.at(link.to).validity {
            Validity::Period { from, until, .. } => vec![Some(from), until],
            _ => Vec::new(),
        };
        for stored in self.kept.facts.rows(link.to, row as usize) {
            let mut fields = std::iter::once(link.by).chain(period.iter().copied().flatten());
            let hidden = fields.find(|field| matches!(stored.cell(*field), Cell::Unknown | Cell::Year(_)));
            self.leaf(link.to, row as usize, Some(hidden.unwrap_or(link.by)));
        }
    }

    fn cell(&mut self, entity: EntityId, field: FieldId, place: Place, at: usize) {
        let (thing, day) = self.kept.place(place, at);
        if thing == ANY as usize {
            return;
        }
        if self.kept.facts.is_absent(entity, thing)
            && let Some(by) = self.kept.facts.key_field(entity)
            && let Cells::One(name) = self.kept.facts.cells(entity, thing, by, day)
            && let Key::Is(key) = Key::of(name)
            && !self.kept.facts.was_asked(entity, by, key)
        {
            self.unloaded = Some((entity, by));
        }
        self.leaf(entity, thing, Some(field));
        if let Cells::Many(cells) = self.kept.facts.cells(entity, thing, field, day)
            && cells.iter().any(|cell| *cell != cells[0])
        {
            self.conflicts.insert(entity);
        }
    }

    fn leaf(&mut self, entity: EntityId, thing: usize, field: Option<FieldId>) {
        let leaf = self.leaf_of(entity, thing, field);
        self.leaves.insert(leaf);
    }

    fn leaf_of(&self, entity: EntityId, thing: usize, field: Option<FieldId>) -> Leaf {
        let declared = self.kept.facts.pack.schema.at(entity);
        let registry = field.and_then(|field| declared.at(field).registry).unwrap_or(declared.registry);
        Leaf { entity, field, registry, person: self.kept.facts.about(entity, thing) }
    }
}
