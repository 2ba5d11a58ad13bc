//! On what an answer rests: from a part of a measure down the graph to the rows and cells that took
//! part. Of an `and` that is certainly false those are its false parts, of a choice the condition and
//! what was taken, of a sum or a count the members; what a filter left out does not count.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use card::{Circle, EntityId, FieldId};
use law::{Arity, LinkFrom, tree::LinkId};

use super::RowRead;
use crate::{
    facts::{ANY, Key, Row},
    kept::Kept,
    plan::{N, Op, Place, inputs},
    types::{Bits, Column, NO, YES},
};

/// What is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Of {
    /// What a value was made of.
    Value,
    /// How a list was reached, whoever is in it.
    List,
    /// How a row was reached that may be one of several.
    Row,
    /// Why a row is in a list that was built.
    Member,
}

/// A walk over the columns of one run, all of which were kept.
pub(super) struct Rests<'w, 'a> {
    kept: Kept<'w, 'a>,
    seen: HashSet<(N, u32, Of)>,
    /// The rows by entity and number, each with its thing and the fields that mattered.
    read: BTreeMap<(EntityId, u64), (usize, BTreeSet<FieldId>)>,
}

impl<'w, 'a> Rests<'w, 'a> {
    /// A walk that read nothing yet.
    pub fn new(kept: Kept<'w, 'a>) -> Self {
        Self { kept, seen: HashSet::new(), read: BTreeMap::new() }
    }

    /// The rows that were read, in the order of the circle.
    pub fn rows(&self, circle: &Circle) -> Vec<RowRead> {
        let read = |row: &card::Row| {
            let (thing, fields) = self.read.get(&(row.entity, row.id))?;
            Some(RowRead {
                entity: row.entity,
                id: row.id,
                registry: row.registry,
                from: row.from,
                until: row.until,
                person: self.kept.facts.about(row.entity, *thing),
                cells: fields.iter().map(|field| (*field, row.cell(*field).clone())).collect(),
            })
        };
        circle.rows.iter().filter_map(read).collect()
    }

    fn first(&mut self, node: N, at: usize, of: Of) -> bool {
        self.seen.insert((node, at as u32, of))
    }

    /// On what does a value rest?
    pub fn value(&mut self, node: N, at: usize) {
        let kept = self.kept;
        let at = kept.element(node, at);
        if !self.first(node, at, Of::Value) {
            return;
        }
        match kept.graph.op(node) {
            Op::Field(entity, field, place) | Op::FieldExists(entity, field, place) => {
                self.cell(*entity, *field, *place, at);
            }
            Op::ValidFrom(entity) | Op::ValidUntil(entity) | Op::Ends(entity) => {
                for row in kept.facts.rows(*entity, at) {
                    self.note(*entity, at, row.id(), None);
                }
            }
            Op::Gather(column, rows) => self.value(*column, kept.row(*rows, at)),
            Op::And(a, b) => self.junction(*a, *b, kept.bits(node, at), NO, at),
            Op::Or(a, b) => self.junction(*a, *b, kept.bits(node, at), YES, at),
            Op::Join(parts) => {
                for (when, value) in parts {
                    if kept.bits(*when, at) & YES != 0 {
                        self.value(*when, at);
                        self.value(*value, at);
                    }
                }
            }
            Op::Hull(edges, member, values) => {
                self.row(*edges, at);
                self.members(*edges, *member, Some(*values), at);
            }
            Op::Count(edges, member, _) | Op::OnlyExists(edges, member, _) => {
                self.list(*edges, at);
                self.members(*edges, *member, None, at);
            }
            Op::Sum(edges, member, _, values) => {
                self.list(*edges, at);
                self.members(*edges, *member, Some(*values), at);
            }
            Op::Unbounded(sum, _, _) => self.value(*sum, at),
            Op::AnyOf(edges, member, bits) => self.any_of(*edges, *member, *bits, at),
            Op::Member(edges) => self.member(*edges, at),
            Op::Sure(edges, exists) => {
                let owner = kept.owner(*edges, at);
                self.row(*edges, owner);
                if let Some(exists) = exists {
                    self.value(*exists, owner);
                }
            }
            Op::First { edges, member, order, .. } => self.first_of(*edges, *member, order, at),
            Op::Open(edges) | Op::TooMany(edges) => self.list(*edges, at),
            Op::Exists(edges) | Op::MayBeAny(edges) => self.row(*edges, at),
            Op::FlattenOpen { outer, member, inner_open } => {
                for edge in kept.edges(*outer).run(at) {
                    if kept.bits(*member, edge) & YES != 0 {
                        self.value(*inner_open, edge);
                    }
                }
            }
            Op::Contains(rows, edges, member, via) => {
                if let Op::Members(row) = kept.graph.op(*rows) {
                    self.row(*row, kept.owner(*row, at));
                }
                let owner = via.map_or(at, |via| kept.row(via, at));
                let row = kept.column(*rows).rows()[kept.element(*rows, at)];
                self.list(*edges, owner);
                let edges = kept.edges(*edges);
                if let Some(edge) = edges.run(owner).find(|edge| edges.rows[*edge] == row) {
                    self.value(*member, edge);
                }
            }
            Op::EqualRows(a, b) => {
                for side in [*a, *b] {
                    if matches!(kept.column(side), Column::Edges(_)) {
                        self.row(side, at);
                    }
                }
            }
            Op::StretchDay(edges) | Op::StretchDays(edges) => self.list(*edges, kept.owner(*edges, at)),
            // Row numbers are no facts, and what silence means stands in no row.
            Op::Subject
            | Op::Own(_)
            | Op::Members(_)
            | Op::Owners(_)
            | Op::Back(_)
            | Op::MonthsCovered(..) => {}
            op => inputs(op).into_iter().for_each(|input| self.value(input, at)),
        }
    }

    /// Of `and` and `or`: the parts that decide it, or both.
    fn junction(&mut self, a: N, b: N, whole: Bits, deciding: Bits, at: usize) {
        for part in [a, b] {
            if whole != deciding || self.kept.bits(part, at) == deciding {
                self.value(part, at);
            }
        }
    }

    /// The members that are or may be in a list, and their values.
    fn members(&mut self, edges: N, member: N, values: Option<N>, owner: usize) {
        for edge in self.kept.edges(edges).run(owner) {
            if self.kept.bits(member, edge) & YES != 0 {
                self.value(member, edge);
                if let Some(values) = values {
                    self.value(values, edge);
                }
            }
        }
    }

    /// Of a quantifier: the members of which it is true, or all.
    fn any_of(&mut self, edges: N, member: N, bits: N, owner: usize) {
        let run = self.kept.edges(edges).run(owner);
        let hit = run.clone().any(|edge| self.kept.bits(bits, edge) == YES);
        if !hit {
            self.list(edges, owner);
        }
        for edge in run {
            let taken = if hit { self.kept.bits(bits, edge) == YES } else { true };
            if taken && self.kept.bits(member, edge) & YES != 0 {
                self.value(member, edge);
                self.value(bits, edge);
            }
        }
    }

    /// Of the first of a list: itself, and in doubt what orders it among the others.
    fn first_of(&mut self, edges: N, member: N, order: &[N], edge: usize) {
        self.value(member, edge);
        let kept = self.kept;
        let run = kept.edges(edges).run(kept.owner(edges, edge));
        for other in run.filter(|other| kept.bits(member, *other) & YES != 0) {
            for column in order {
                self.value(*column, other);
            }
        }
    }

    /// How was a list reached?
    fn list(&mut self, node: N, at: usize) {
        if !self.first(node, at, Of::List) {
            return;
        }
        let kept = self.kept;
        match kept.graph.op(node) {
            Op::Follow(id, _, place) => {
                let link = kept.facts.pack.link(*id);
                if let LinkFrom::Field(field) = link.from {
                    self.cell(link.of, field, *place, at);
                }
                if matches!(link.arity, Arity::OneByKey | Arity::OneOnDay) {
                    for edge in kept.edges(node).run(at) {
                        self.member(node, edge);
                    }
                }
            }
            Op::GatherEdges(inner, via) => self.list(*inner, kept.row(*via, at)),
            Op::Flatten { outer, member, via, inner, either, rows, .. } => {
                match either {
                    Some(exists) => {
                        self.row(*outer, at);
                        self.value(*exists, at);
                    }
                    None if *rows => self.row(*outer, at),
                    None => self.list(*outer, at),
                }
                for from in kept.edges(*outer).run(at) {
                    if kept.bits(*member, from) & YES != 0 {
                        self.list(*inner, via.map_or(from, |via| kept.row(via, from)));
                    }
                }
            }
            Op::Union(parts, when) => {
                for part in self.taken(parts, *when, at) {
                    self.list(part, at);
                }
            }
            Op::FieldRow(..) | Op::Only(..) => self.row(node, at),
            Op::Stretches(days) => self.value(*days, at),
            _ => {}
        }
    }

    /// The lists that a union is made of: of a choice between two, the condition is read and what is
    /// not taken is left out.
    fn taken(&mut self, parts: &[(N, N)], when: Option<N>, at: usize) -> Vec<N> {
        let Some(when) = when else { return parts.iter().map(|(part, _)| *part).collect() };
        self.value(when, at);
        let bits = self.kept.bits(when, at);
        let taken = [bits & YES, bits & NO];
        parts.iter().zip(taken).filter(|(_, taken)| *taken != 0).map(|((part, _), _)| *part).collect()
    }

    /// How was a row reached?
    fn row(&mut self, node: N, at: usize) {
        if !self.first(node, at, Of::Row) {
            return;
        }
        let kept = self.kept;
        match kept.graph.op(node) {
            Op::FieldRow(entity, field, place) => self.cell(*entity, *field, *place, at),
            Op::Only(inner, member, _) => {
                self.list(*inner, at);
                self.members(*inner, *member, None, at);
            }
            Op::GatherEdges(inner, via) => self.row(*inner, kept.row(*via, at)),
            Op::Flatten { outer, via, inner, .. } => {
                self.row(*outer, at);
                for from in kept.edges(*outer).run(at) {
                    self.row(*inner, via.map_or(from, |via| kept.row(via, from)));
                }
            }
            Op::Union(parts, when) => {
                for part in self.taken(parts, *when, at) {
                    self.row(part, at);
                }
            }
            _ => self.list(node, at),
        }
    }

    /// Why is a row in a list?
    fn member(&mut self, node: N, edge: usize) {
        if !self.first(node, edge, Of::Member) {
            return;
        }
        let kept = self.kept;
        let edges = kept.edges(node);
        let (row, owner) = (edges.rows[edge], kept.owner(node, edge));
        // Where a row comes in several ways, a certain one is enough.
        let mut ways: Vec<(Bits, [(N, usize); 2])> = Vec::new();
        match kept.graph.op(node) {
            Op::Follow(id, _, place) => self.found(*id, *place, owner, row as usize),
            Op::GatherEdges(inner, _) => {
                let back = edges.back.as_ref().expect("a gathered list knows what it repeats");
                self.member(*inner, back[edge] as usize);
            }
            Op::Flatten { outer, member, via, inner, inner_member, .. } => {
                let leaves = kept.edges(*inner);
                for from in kept.edges(*outer).run(owner) {
                    let at = via.map_or(from, |via| kept.row(via, from));
                    for leaf in leaves.run(at).filter(|leaf| leaves.rows[*leaf] == row) {
                        let (outside, inside) = (kept.bits(*member, from), kept.bits(*inner_member, leaf));
                        if outside & inside & YES != 0 {
                            let bits = (outside | inside) & NO | YES;
                            ways.push((bits, [(*member, from), (*inner_member, leaf)]));
                        }
                    }
                }
            }
            Op::Union(parts, _) => {
                for (part, member) in parts {
                    let list = kept.edges(*part);
                    if let Some(edge) = list.run(owner).find(|edge| list.rows[*edge] == row) {
                        ways.push((kept.bits(*member, edge), [(*member, edge); 2]));
                    }
                }
            }
            _ => {}
        }
        let certain = ways.iter().any(|(bits, _)| *bits == YES);
        for (bits, way) in ways {
            if bits & YES != 0 && (!certain || bits == YES) {
                for (node, at) in way {
                    self.value(node, at);
                }
            }
        }
    }

    /// The rows by which a relation leads to a thing.
    fn found(&mut self, id: LinkId, place: Place, at: usize, thing: usize) {
        if thing == ANY as usize {
            return;
        }
        let facts = self.kept.facts;
        let link = facts.pack.link(id);
        let groups = &facts.pack.groups;
        if let Some(group) = groups.iter().find(|group| group.entity == link.to) {
            let Some(keys) = facts.rows(link.to, thing).next() else { return };
            for other in 1..facts.len(group.rows) {
                for row in facts.rows(group.rows, other) {
                    let mut by = group.by.iter().enumerate();
                    if by.all(|(at, field)| row.cell(*field) == keys.cell(FieldId(at as u16))) {
                        self.note(group.rows, other, row.id(), None);
                    }
                }
            }
            return;
        }
        let (from, day) = self.kept.place(place, at);
        let on_day = matches!(link.arity, Arity::ManyOnDay | Arity::OneOnDay);
        let key = if groups.iter().any(|group| group.entity == link.of) {
            None
        } else {
            self.kept.key(id, from, day)
        };
        let belongs = |row: Row| {
            let here = match (key, Key::of(Some(row.cell(link.by)))) {
                (Some(Key::Is(key)), Key::Is(theirs)) if key != theirs => NO,
                (Some(Key::Is(_)), Key::Nothing) => NO,
                (Some(Key::Is(_)), Key::Unknown) => YES | NO,
                _ => YES,
            };
            let then = if on_day { facts.holds(row, day) } else { YES };
            (here & then & YES) | ((here | then) & NO)
        };
        let mut rows: Vec<(Row, Bits)> = facts.rows(link.to, thing).map(|row| (row, belongs(row))).collect();
        let owner = facts.pack.schema.at(link.to).registry;
        let mut prefer = |keep: &dyn Fn(Row, Bits) -> bool| {
            if rows.iter().any(|(row, bits)| keep(*row, *bits)) {
                rows.retain(|(row, bits)| keep(*row, *bits));
            }
        };
        prefer(&|_, bits| bits & YES != 0);
        prefer(&|_, bits| bits == YES);
        prefer(&|row, _| row.registry() == owner);
        for (row, _) in rows {
            self.note(link.to, thing, row.id(), None);
        }
    }

    fn cell(&mut self, entity: EntityId, field: FieldId, place: Place, at: usize) {
        let (thing, day) = self.kept.place(place, at);
        for row in self.kept.facts.said_by(entity, thing, field, day) {
            self.note(entity, thing, row.id(), Some(field));
        }
    }

    fn note(&mut self, entity: EntityId, thing: usize, row: u64, field: Option<FieldId>) {
        let (_, fields) = self.read.entry((entity, row)).or_insert_with(|| (thing, BTreeSet::new()));
        fields.extend(field);
    }
}
