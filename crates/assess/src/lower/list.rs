//! Lists: filters, quantifiers, paths, counts and sums on the edges of lists.

#![allow(clippy::many_single_char_names, reason = "operands are a and b, their nodes x and y")]

use law::{
    Silence,
    tree::{Comparison, Expr, Node},
};

use super::{Ctx, Is, List, Lower, Lowered, Number, Row, Unseen, Val, Which, refuse};
use crate::{
    plan::{Dom, N, Op},
    types::{NO, YES},
};

/// The largest number of rows that bounds of sums allow for.
const MANY: i128 = 1 << 24;

impl<'p> Lower<'p> {
    fn list(val: &Val) -> Lowered<&List> {
        if let Is::Rows(list) = &val.is { Ok(list) } else { refuse("a list of rows is expected") }
    }

    fn members(&mut self, list: &List) -> N {
        self.graph.node(Op::Members(list.edges), Dom::Edges(list.edges))
    }

    /// A value of the rows of a list, on its edges, and the list that it belongs to.
    pub(super) fn on_edges(
        &mut self,
        ctx: &Ctx<'p>,
        list: &List,
        slot: usize,
        body: &'p Expr,
    ) -> Lowered<(List, Val, Unseen)> {
        if self.is_about_rows_alone(ctx, body, list.entity, slot) {
            return self.on_all_rows(ctx, list, slot, body);
        }
        let level = self.level_of(ctx, body, Some(slot))?;
        let level = level.max(self.level(ctx, list.via.unwrap_or(list.edges))?).max(1);
        let list = self.seat(ctx, list, level)?;
        let edges = list.edges;
        let owners = self.graph.node(Op::Owners(edges), Dom::Edges(edges));
        let members = self.members(&list);
        let row = self.val(Is::Row(Row { entity: list.entity, which: Which::Exact(members) }));
        let inner = ctx.onto(level, edges, owners).with(slot, row);
        let val = self.expr(&inner, body)?;
        let val = self.lift_val(&inner, &val, level + 1)?;
        Ok((list, val, Unseen::Unknown))
    }

    /// A value of the rows of a list that depends on the row alone, from one for all rows.
    fn on_all_rows(
        &mut self,
        ctx: &Ctx<'p>,
        list: &List,
        slot: usize,
        body: &'p Expr,
    ) -> Lowered<(List, Val, Unseen)> {
        let about = self.about_rows(list.entity, slot, ctx.day, ctx.asked);
        let val = self.expr(&Ctx { days: ctx.days, ..about }, body)?;
        let members = self.members(list);
        let unseen = Unseen::Any(Box::new(val.clone()));
        Ok((list.clone(), self.view(&val, members), unseen))
    }

    /// A node on a list's owners, seen from where the list is seen.
    fn seen(&mut self, list: &List, node: N) -> N {
        match list.via {
            Some(via) => self.gather(node, via),
            None => node,
        }
    }

    /// The standing of a list and of what was read of its members: whoever is certainly none of them
    /// does not count.
    fn standing_over(&mut self, ctx: &Ctx<'p>, list: &List, own: N, members: N) -> Lowered<N> {
        let none = self.graph.truth(0);
        if self.graph.as_truth(members) == Some(0) {
            return self.worse(ctx, own, none);
        }
        let members = self.graph.node(Op::Either(list.member, members, none), Dom::Edges(list.edges));
        let dom = self.graph.dom(list.edges);
        let worst = self.graph.node(Op::Worst(list.edges, members), dom);
        let worst = self.seen(list, worst);
        self.worse(ctx, own, worst)
    }

    /// A truth of the members, nothing being not true; all on the list's edges.
    pub(super) fn truth_on_edges(&mut self, when: &Val) -> Lowered<N> {
        let Is::Truth(n) = when.is else { return refuse("a truth value is expected") };
        Ok(match when.exists {
            None => n,
            Some(exists) => self.graph.pair(Op::Guard, n, exists),
        })
    }

    /// A filter. The months of a row in doubt are filtered for each row that it may be: which of them
    /// a filter admits, and so whether it closes the list, is known for one row at a time.
    pub(super) fn filtered(
        &mut self,
        ctx: &Ctx<'p>,
        list: &'p Expr,
        slot: usize,
        when: &'p Expr,
    ) -> Lowered<Val> {
        if let Node::Link(row, id) = &list.node
            && self.pack.link(*id).silence == Silence::ThroughMonth
        {
            let of = self.expr(ctx, row)?;
            let level = self.level_of(ctx, when, Some(slot))?;
            let entity = self.pack.link(*id).of;
            return self.through(ctx, &of, level, |lower, ctx, rows| {
                let row = lower.val(Is::Row(Row { entity, which: Which::Exact(rows) }));
                let months = lower.link(ctx, &row, *id, false)?;
                lower.filter(ctx, &months, slot, when)
            });
        }
        let list = self.expr(ctx, list)?;
        self.filter(ctx, &list, slot, when)
    }

    /// `list[when]`.
    fn filter(&mut self, ctx: &Ctx<'p>, of: &Val, slot: usize, when: &'p Expr) -> Lowered<Val> {
        let (mut list, val, _) = self.on_edges(ctx, Self::list(of)?, slot, when)?;
        let standing = self.standing_over(ctx, &list, of.standing, val.standing)?;
        let keep = self.truth_on_edges(&val)?;
        list.member = self.graph.and(list.member, keep);
        if let Some(link) = list.months {
            self.close_months(ctx, &mut list, link, slot, when)?;
        }
        Ok(Val { is: Is::Rows(list), exists: None, standing })
    }

    /// Closes a list of months where a conjunct admits only months of which every row is here.
    fn close_months(
        &mut self,
        ctx: &Ctx<'p>,
        list: &mut List,
        link: law::tree::LinkId,
        slot: usize,
        when: &'p Expr,
    ) -> Lowered<()> {
        let Some(month) = crate::relate::month_field(self.pack, self.pack.link(link)) else { return Ok(()) };
        let parts = if let Node::And(parts) = &when.node { &parts[..] } else { std::slice::from_ref(when) };
        let is_month = |e: &Expr| {
            matches!(&e.node, Node::Field(row, field) if *field == month
                && matches!(row.node, Node::Var(var) if var.0 as usize == slot))
        };
        for part in parts {
            let (bound, how) = match &part.node {
                Node::InWindow(m, window) if is_month(m) => (window, Comparison::Equal),
                Node::Compare(Comparison::Equal, m, other) if is_month(m) => (other, Comparison::Equal),
                Node::Compare(Comparison::Equal, other, m) if is_month(m) => (other, Comparison::Equal),
                Node::Compare(Comparison::Less, m, limit) if is_month(m) => (limit, Comparison::Less),
                _ => continue,
            };
            if super::Uses::of(bound, &mut self.known).slots.iter().any(|used| used.0 as usize == slot) {
                continue;
            }
            let bound = self.expr(ctx, bound)?;
            let (lo, hi) = match (bound.is, how) {
                (Is::Month(m), Comparison::Equal) => (Some(m), m),
                (Is::Month(m), _) => {
                    let one = self.graph.node(Op::Int(1, 1), Dom::One);
                    (None, self.pair(ctx, |m, one| Op::ShiftMonth(m, one, false), m, one)?)
                }
                (Is::Window(from, to), _) => (Some(from), to),
                _ => continue,
            };
            let level = self.level(ctx, hi)?.max(self.level(ctx, list.via.unwrap_or(list.edges))?);
            let level = level.max(lo.map_or(Ok(0), |lo| self.level(ctx, lo))?).max(1);
            *list = self.seat(ctx, list, level)?;
            let owner = self.owner_rows(ctx, list, link, level)?;
            let hi = self.lift(ctx, hi, level)?;
            let lo = lo.map(|lo| self.lift(ctx, lo, level)).transpose()?;
            let dom = ctx.dom_at(level);
            let covered = self.graph.node(Op::MonthsCovered(link, owner, lo, hi), dom);
            let uncovered = self.graph.not(covered);
            list.open = self.graph.and(list.open, uncovered);
        }
        Ok(())
    }

    /// The row whose relation a list is, on a level.
    fn owner_rows(
        &mut self,
        ctx: &Ctx<'p>,
        list: &List,
        link: law::tree::LinkId,
        level: usize,
    ) -> Lowered<N> {
        // The relation was followed from all rows of its entity, or from rows of some level.
        let mut edges = list.edges;
        let mut path: Option<N> = None;
        loop {
            match self.graph.op(edges).clone() {
                Op::GatherEdges(inner, via) => {
                    path = Some(match path {
                        None => via,
                        Some(path) => self.gather(via, path),
                    });
                    edges = inner;
                }
                Op::Follow(_, _, place) => {
                    let rows = if let Some(rows) = place.rows {
                        rows
                    } else {
                        let of = self.pack.link(link).of;
                        self.graph.node(Op::Own(of), Dom::Rows(of))
                    };
                    return match path {
                        Some(path) => Ok(self.gather(rows, path)),
                        None => self.lift(ctx, rows, level),
                    };
                }
                _ => return refuse("a list of months that is no relation"),
            }
        }
    }

    /// `some` and `every` (which is that none is not).
    pub(super) fn some(
        &mut self,
        ctx: &Ctx<'p>,
        of: &Val,
        slot: usize,
        when: &'p Expr,
        some: bool,
    ) -> Lowered<Val> {
        let (list, val, _) = self.on_edges(ctx, Self::list(of)?, slot, when)?;
        let mut holds = self.truth_on_edges(&val)?;
        if !some {
            holds = self.graph.not(holds);
        }
        let bits = self.graph.and(list.member, holds);
        let dom = self.graph.dom(list.edges);
        let any = self.graph.node(Op::AnyOf(list.edges, list.member, bits), dom);
        let doubt = self.graph.doubt(list.open);
        let any = self.graph.or(any, doubt);
        let mut any = self.seen(&list, any);
        if !some {
            any = self.graph.not(any);
        }
        let standing = self.standing_over(ctx, &list, of.standing, val.standing)?;
        Ok(Val::truth(any, standing))
    }

    /// A path over a list: rows as one flat set, values as one per row.
    pub(super) fn each(&mut self, ctx: &Ctx<'p>, of: &Val, slot: usize, body: &'p Expr) -> Lowered<Val> {
        let (mut list, mut val, mut unseen) = self.on_edges(ctx, Self::list(of)?, slot, body)?;
        if matches!(val.is, Is::Number(number) if !number.unsigned)
            && let uses = super::Uses::of(body, &mut self.known)
            && self.rests_on_row_alone(ctx, &uses, slot)
        {
            // What a row that is not here may add to a sum is read off the row that may be any.
            (list, val, unseen) = self.on_all_rows(ctx, Self::list(of)?, slot, body)?;
        }
        let standing = self.standing_over(ctx, &list, of.standing, val.standing)?;
        let (entity, inner, via, inner_member, inner_open, order) = match &val.is {
            Is::Row(row) => {
                let (edges, via) = self.row_edges(row);
                let exists = val.exists.filter(|exists| self.graph.as_truth(*exists) != Some(YES));
                let sure = match exists {
                    // Whether the row exists is known where it is seen from, not where it is made.
                    Some(exists) if via.is_some() => {
                        let via = via.expect("looked at just before");
                        let dom = self.graph.dom(via);
                        let seen = self.graph.node(Op::GatherEdges(edges, via), dom);
                        let sure = self.graph.node(Op::Sure(seen, Some(exists)), Dom::Edges(seen));
                        let any = self.graph.node(Op::MayBeAny(seen), dom);
                        (seen, None, sure, any)
                    }
                    exists => {
                        let sure = self.graph.node(Op::Sure(edges, exists), Dom::Edges(edges));
                        let dom = self.graph.dom(edges);
                        let any = self.graph.node(Op::MayBeAny(edges), dom);
                        (edges, via, sure, any)
                    }
                };
                let (edges, via, sure, any) = sure;
                let any = via.map_or(any, |via| self.gather(any, via));
                (row.entity, edges, via, sure, any, Vec::new())
            }
            Is::Rows(inner) => {
                let via = self.list_via(inner, list.edges);
                let open = via.map_or(inner.open, |via| self.gather(inner.open, via));
                (inner.entity, inner.edges, via, inner.member, open, inner.order.clone())
            }
            Is::Values(..) => return refuse("values of the rows of a list of lists"),
            _ => {
                return Ok(Val { is: Is::Values(list, Box::new(val), unseen), exists: None, standing });
            }
        };
        let dom = self.graph.dom(list.edges);
        let flat = Op::Flatten {
            outer: list.edges,
            member: list.member,
            via,
            inner,
            inner_member,
            either: None,
            rows: false,
        };
        let edges = self.graph.node(flat, dom);
        let inner_open =
            self.graph.node(Op::FlattenOpen { outer: list.edges, member: list.member, inner_open }, dom);
        let open = self.graph.or(list.open, inner_open);
        let member = self.graph.node(Op::Member(edges), Dom::Edges(edges));
        let is = Is::Rows(List { entity, edges, member, open, via: list.via, order, months: None });
        Ok(Val { is, exists: None, standing })
    }

    /// `count(list)`.
    pub(super) fn count(&mut self, _: &Ctx<'p>, of: &Val) -> Lowered<Val> {
        let (Is::Rows(list) | Is::Values(list, ..)) = &of.is else { return refuse("a list is expected") };
        let dom = self.graph.dom(list.edges);
        let n = self.graph.node(Op::Count(list.edges, list.member, list.open), dom);
        let n = self.seen(list, n);
        let is = Is::Number(Number { n, den: 1, most: MANY, unsigned: true });
        Ok(Val { is, exists: None, standing: of.standing })
    }

    /// `sum(values)`: a value that is nothing adds nothing.
    pub(super) fn sum(&mut self, _: &Ctx<'p>, of: &Val) -> Lowered<Val> {
        let Is::Values(list, each, unseen) = &of.is else { return refuse("a sum is of values") };
        if let Is::Ratio(values) = each.is {
            let member = match each.exists {
                Some(exists) => self.graph.and(list.member, exists),
                None => list.member,
            };
            let dom = self.graph.dom(list.edges);
            let n = self.graph.node(Op::Sum(list.edges, member, list.open, values), dom);
            let n = self.seen(list, n);
            return Ok(Val { is: Is::Ratio(n), exists: None, standing: of.standing });
        }
        let Is::Number(number) = each.is else { return refuse("a sum is of numbers") };
        let Some(most) = number.most.checked_mul(MANY).filter(|most| *most < i128::MAX / 8) else {
            return refuse("a sum may leave 128 bits");
        };
        let member = match each.exists {
            Some(exists) => self.graph.and(list.member, exists),
            None => list.member,
        };
        if self.graph.as_truth(list.open) != Some(NO) && !number.unsigned && !matches!(unseen, Unseen::Any(_))
        {
            return refuse("a sum over a list that may be open, of a term that may be negative");
        }
        let dom = self.graph.dom(list.edges);
        let n = self.graph.node(Op::Sum(list.edges, member, list.open, number.n), dom);
        let n = match unseen {
            Unseen::Any(any) => self.beyond_the_seen(list, n, any)?,
            Unseen::Unknown => n,
        };
        let n = self.seen(list, n);
        let is = Is::Number(Number { n, most, ..number });
        Ok(Val { is, exists: None, standing: of.standing })
    }

    /// A sum of an open list where the value of a row that is not here is not simply "any number
    /// that is not negative": certainly zero adds nothing, one that may be negative takes any amount.
    fn beyond_the_seen(&mut self, list: &List, sum: N, any: &Val) -> Lowered<N> {
        let Is::Number(number) = any.is else { return refuse("a sum is of numbers") };
        if number.unsigned {
            return Ok(sum);
        }
        let everyone = self.graph.dom(number.n);
        if everyone == Dom::One {
            return refuse("a sum over a list that may be open, of a term that may be negative");
        }
        let dom = self.graph.dom(list.edges);
        Ok(self.graph.node(Op::Unbounded(sum, list.open, number.n), dom))
    }

    /// `union`: a set of rows.
    pub(super) fn union(&mut self, ctx: &Ctx<'p>, parts: &[Val]) -> Lowered<Val> {
        let mut level = 1;
        for part in parts {
            level = level.max(self.level_of_val(ctx, part)?);
        }
        let mut open = self.graph.truth(NO);
        let mut standing = self.graph.truth(0);
        let (mut lists, mut entity) = (Vec::new(), card::Schema::PERSON);
        for part in parts {
            standing = self.worse(ctx, standing, part.standing)?;
            let list = self.as_list(ctx, part, level)?;
            entity = list.entity;
            open = self.graph.or(open, list.open);
            lists.push((list.edges, list.member));
        }
        let dom = ctx.dom_at(level);
        let edges = self.graph.node(Op::Union(lists, None), dom);
        let member = self.graph.node(Op::Member(edges), Dom::Edges(edges));
        let is = Is::Rows(List { entity, edges, member, open, via: None, order: Vec::new(), months: None });
        Ok(Val { is, exists: None, standing })
    }

    /// A list or a row as a list on a level.
    pub(super) fn as_list(&mut self, ctx: &Ctx<'p>, val: &Val, level: usize) -> Lowered<List> {
        match &val.is {
            Is::Rows(list) => self.seat(ctx, list, level),
            Is::Row(row) => {
                let edges = self.seat_row(ctx, row, level)?;
                let exists = val.exists.map(|exists| self.lift(ctx, exists, level)).transpose()?;
                let dom = self.graph.dom(edges);
                Ok(List {
                    entity: row.entity,
                    edges,
                    member: self.graph.node(Op::Sure(edges, exists), Dom::Edges(edges)),
                    open: self.graph.node(Op::MayBeAny(edges), dom),
                    via: None,
                    order: Vec::new(),
                    months: None,
                })
            }
            _ => refuse("a list or a row is expected"),
        }
    }

    /// `only(list)`.
    pub(super) fn only(&mut self, _: &Ctx<'p>, of: &Val) -> Lowered<Val> {
        let list = Self::list(of)?;
        let dom = self.graph.dom(list.edges);
        let edges = self.graph.node(Op::Only(list.edges, list.member, list.open), dom);
        let exists = self.graph.node(Op::OnlyExists(list.edges, list.member, list.open), dom);
        let exists = self.seen(list, exists);
        let row = Row { entity: list.entity, which: Which::Doubt(edges, list.via) };
        Ok(Val { is: Is::Row(row), exists: Some(exists), standing: of.standing })
    }

    /// `only_first(list)`.
    pub(super) fn only_first(&mut self, ctx: &Ctx<'p>, of: &Val) -> Lowered<Val> {
        let mut list = Self::list(of)?.clone();
        if self.graph.dom(ctx.day) != Dom::One {
            return refuse("only_first on a day that differs from subject to subject");
        }
        let members = self.members(&list);
        let row = self.val(Is::Row(Row { entity: list.entity, which: Which::Exact(members) }));
        let mut order = Vec::new();
        for field in list.order.clone() {
            let val = self.field_of_all(ctx, &row, field)?;
            order.push(match val.is {
                Is::Day(n) | Is::Month(n) | Is::Enum(n) => n,
                Is::Number(number) => number.n,
                _ => return refuse("an order by what is not ordered"),
            });
        }
        let first = Op::First { edges: list.edges, member: list.member, open: list.open, order };
        list.member = self.graph.node(first, Dom::Edges(list.edges));
        Ok(Val { is: Is::Rows(list), ..of.clone() })
    }

    /// `row in list`.
    pub(super) fn in_rows(&mut self, ctx: &Ctx<'p>, row: &Val, list: &Val) -> Lowered<Val> {
        let Is::Row(which) = &row.is else { return refuse("a row is expected") };
        let all = Self::list(list)?;
        let level = self.level_of_val(ctx, row)?.max(self.level_of_val(ctx, list)?).max(1);
        let edges = self.seat_row(ctx, which, level)?;
        let members = self.graph.node(Op::Members(edges), Dom::Edges(edges));
        let owners = self.graph.node(Op::Owners(edges), Dom::Edges(edges));
        let via = match self.seat_path(ctx, all.edges, all.via, level)? {
            Some(path) => self.gather(path, owners),
            None => owners,
        };
        let here = Op::Contains(members, all.edges, all.member, Some(via));
        let here = self.graph.node(here, Dom::Edges(edges));
        let here = self.hull_of(edges, here);
        let open = match self.seat_path(ctx, all.edges, all.via, level)? {
            Some(path) => self.gather(all.open, path),
            None => all.open,
        };
        let doubt = self.graph.doubt(open);
        let n = self.graph.or(here, doubt);
        let n = self.guard(ctx, n, row.exists)?;
        let standing = self.worse(ctx, row.standing, list.standing)?;
        Ok(Val::truth(n, standing))
    }

    fn hull_of(&mut self, edges: N, bits: N) -> N {
        let (yes, dom) = (self.graph.truth(YES), self.graph.dom(edges));
        self.graph.node(Op::Hull(edges, yes, bits), dom)
    }

    /// If, then, else of lists: a row is certain if it is in the list that is taken, or in both.
    pub(super) fn choose_list(&mut self, ctx: &Ctx<'p>, when: N, a: &Val, b: &Val) -> Lowered<Is> {
        let level = self.level_of_val(ctx, a)?.max(self.level_of_val(ctx, b)?);
        let level = level.max(self.level(ctx, when)?).max(1);
        let (a, b) = (self.as_list(ctx, a, level)?, self.as_list(ctx, b, level)?);
        let when = self.lift(ctx, when, level)?;
        let dom = ctx.dom_at(level);
        let both = vec![(a.edges, a.member), (b.edges, b.member)];
        let edges = self.graph.node(Op::Union(both, Some(when)), dom);
        let on = Dom::Edges(edges);
        let members = self.graph.node(Op::Members(edges), on);
        let owners = self.graph.node(Op::Owners(edges), on);
        let in_a = self.graph.node(Op::Contains(members, a.edges, a.member, Some(owners)), on);
        let in_b = self.graph.node(Op::Contains(members, b.edges, b.member, Some(owners)), on);
        let taken = self.gather(when, owners);
        let member = self.either(taken, in_a, in_b, on);
        let open = self.either(when, a.open, b.open, dom);
        let order = if a.order.is_empty() { b.order } else { a.order };
        Ok(Is::Rows(List { entity: a.entity, edges, member, open, via: None, order, months: None }))
    }

    /// One of two truths; what both say where it is not known which.
    fn either(&mut self, when: N, a: N, b: N, dom: Dom) -> N {
        if a == b {
            return a;
        }
        let not = self.graph.not(when);
        self.graph.node(Op::Join(vec![(when, a), (not, b)]), dom)
    }

    /// If, then, else of rows.
    pub(super) fn choose_row(&mut self, ctx: &Ctx<'p>, when: N, a: &Val, b: &Val) -> Lowered<Is> {
        let (Is::Row(x), Is::Row(y)) = (&a.is, &b.is) else { return refuse("a row is expected") };
        let level = self.level_of_val(ctx, a)?.max(self.level_of_val(ctx, b)?);
        let level = level.max(self.level(ctx, when)?).max(1);
        let (left, right) = (self.seat_row(ctx, x, level)?, self.seat_row(ctx, y, level)?);
        let when = self.lift(ctx, when, level)?;
        let not = self.graph.not(when);
        let mut parts = Vec::new();
        for (edges, taken) in [(left, when), (right, not)] {
            let owners = self.graph.node(Op::Owners(edges), Dom::Edges(edges));
            parts.push((edges, self.gather(taken, owners)));
        }
        let dom = ctx.dom_at(level);
        let edges = self.graph.node(Op::Union(parts, Some(when)), dom);
        Ok(Is::Row(Row { entity: x.entity, which: Which::Doubt(edges, None) }))
    }
}
