//! Paths: from a row to its fields, relations and words, and values seen from other rows.

use card::{EntityId, FieldId, FieldType};
use law::{
    Arity, Silence,
    tree::{Expr, LinkId, Type, WordId},
};

use super::{Ctx, Is, List, Lower, Lowered, Number, Row, Val, Which, refuse};
use crate::{
    facts::LARGEST,
    plan::{Dom, N, Op, Place},
    types::{NO, UNKNOWN, YES},
};

impl<'p> Lower<'p> {
    fn row(val: &Val) -> Lowered<&Row> {
        if let Is::Row(row) = &val.is { Ok(row) } else { refuse("a row is expected") }
    }

    /// Is something of a row read for all rows of its entity at once? Only where the day of the
    /// context is the same for everybody, and not what the graph reads sparingly.
    fn for_all_rows(&self, ctx: &Ctx, entity: EntityId, months: bool) -> bool {
        self.graph.dom(ctx.day) == Dom::One && !self.spares(months, entity)
    }

    /// A field of a row.
    pub(super) fn field(&mut self, ctx: &Ctx<'p>, of: &Val, field: FieldId) -> Lowered<Val> {
        let entity = Self::row(of)?.entity;
        if self.for_all_rows(ctx, entity, false) {
            return self.field_of_all(ctx, of, field);
        }
        let level = self.level(ctx, ctx.day)?;
        self.through(ctx, of, level, |lower, ctx, row| {
            let (rows, day) = lower.rows_and_days(ctx, row)?;
            let dom = lower.graph.dom(rows);
            Ok(lower.field_at(entity, field, Place { rows: Some(rows), day }, dom))
        })
    }

    /// A field of a row, read for all rows of its entity on one day.
    pub(super) fn field_of_all(&mut self, ctx: &Ctx<'p>, of: &Val, field: FieldId) -> Lowered<Val> {
        let entity = Self::row(of)?.entity;
        let place = Place { rows: None, day: ctx.day };
        let val = self.field_at(entity, field, place, Dom::Rows(entity));
        self.taken(ctx, of, &val)
    }

    /// Rows and the days on which they are read, on one level.
    fn rows_and_days(&mut self, ctx: &Ctx<'p>, row: N) -> Lowered<(N, N)> {
        self.align(ctx, row, ctx.day)
    }

    fn field_at(&mut self, entity: EntityId, field: FieldId, place: Place, dom: Dom) -> Val {
        let declared = self.pack.schema.at(entity).at(field);
        if let FieldType::Person | FieldType::Row(_) = declared.ty {
            let to = if let FieldType::Row(to) = declared.ty { to } else { card::Schema::PERSON };
            let edges = self.graph.node(Op::FieldRow(entity, field, place), dom);
            let mut val = self.val(Is::Row(Row { entity: to, which: Which::Doubt(edges, None) }));
            if declared.optional {
                val.exists = Some(self.graph.node(Op::FieldExists(entity, field, place), dom));
            }
            return val;
        }
        let n = self.graph.node(Op::Field(entity, field, place), dom);
        let number = |den| Number { n, den, most: LARGEST, unsigned: !declared.signed };
        let is = match declared.ty {
            FieldType::Bool => Is::Truth(n),
            FieldType::Integer => Is::Number(number(1)),
            FieldType::Decimal => Is::Number(number(1_000_000)),
            FieldType::Money => Is::Number(number(100)),
            FieldType::Date => Is::Day(n),
            FieldType::Month => Is::Month(n),
            FieldType::Enum(_) => Is::Enum(n),
            _ => Is::Code(n),
        };
        let mut val = self.val(is);
        if declared.optional {
            val.exists = Some(self.graph.node(Op::FieldExists(entity, field, place), dom));
        }
        val
    }

    /// The first day of a row, or the first on which it is true no more.
    pub(super) fn validity(&mut self, ctx: &Ctx<'p>, of: &Val, first: bool) -> Lowered<Val> {
        let entity = Self::row(of)?.entity;
        let dom = Dom::Rows(entity);
        let n = self.graph.node(if first { Op::ValidFrom(entity) } else { Op::ValidUntil(entity) }, dom);
        let mut val = self.val(Is::Day(n));
        if !first {
            val.exists = Some(self.graph.node(Op::Ends(entity), dom));
        }
        self.taken(ctx, of, &val)
    }

    /// A relation of a row.
    pub(super) fn link(&mut self, ctx: &Ctx<'p>, of: &Val, link: LinkId, optional: bool) -> Lowered<Val> {
        let law::Link { of: entity, to, .. } = *self.pack.link(link);
        if self.for_all_rows(ctx, entity, self.known.is_monthly(to)) {
            let place = Place { rows: None, day: ctx.day };
            let val = self.link_at(link, optional, place, Dom::Rows(entity));
            return self.taken(ctx, of, &val);
        }
        let level = self.level(ctx, ctx.day)?;
        self.through(ctx, of, level, |lower, ctx, row| {
            let (rows, day) = lower.rows_and_days(ctx, row)?;
            let dom = lower.graph.dom(rows);
            Ok(lower.link_at(link, optional, Place { rows: Some(rows), day }, dom))
        })
    }

    fn link_at(&mut self, id: LinkId, optional: bool, place: Place, dom: Dom) -> Val {
        let link = self.pack.link(id);
        let edges = self.graph.node(Op::Follow(id, optional, place), dom);
        let is = match link.arity {
            Arity::ManyAll | Arity::ManyOnDay => Is::Rows(List {
                entity: link.to,
                edges,
                member: self.graph.node(Op::Member(edges), Dom::Edges(edges)),
                open: self.graph.node(Op::Open(edges), dom),
                via: None,
                order: link.order.clone(),
                months: (link.silence == Silence::ThroughMonth).then_some(id),
            }),
            Arity::OneByKey | Arity::OneOnDay => {
                Is::Row(Row { entity: link.to, which: Which::Doubt(edges, None) })
            }
        };
        let mut val = self.val(is);
        if matches!(val.is, Is::Row(_)) {
            val.exists = Some(self.graph.node(Op::Exists(edges), dom));
        }
        val
    }

    /// A derived word of a row: lowered once for all rows of its entity, unless it depends on more.
    pub(super) fn word(&mut self, ctx: &Ctx<'p>, of: &Val, id: WordId) -> Lowered<Val> {
        let word = self.pack.word(id);
        let super::uses::Reads { asked, months } = self.known.word(id);
        if self.for_all_rows(ctx, word.of, months) && (!asked || self.graph.dom(ctx.asked) == Dom::One) {
            let key = (id, ctx.days, ctx.asked, None);
            let val = if let Some(known) = self.words.get(&key) {
                known.clone()
            } else {
                let about = self.about_rows(word.of, 0, ctx.day, ctx.asked);
                let about = Ctx { days: ctx.days, ..about };
                let val = self.dated(&about, &word.is, &word.ty)?;
                self.words.insert(key, val.clone());
                val
            };
            return self.taken(ctx, of, &val);
        }
        let mut level = self.level(ctx, ctx.day)?;
        if asked {
            level = level.max(self.level(ctx, ctx.asked)?);
        }
        let entity = word.of;
        self.through(ctx, of, level, |lower, ctx, row| {
            // What rows stand on tells all the levels below them, and so what the word becomes.
            let key = (id, ctx.days, ctx.asked, Some(row));
            if let Some(known) = lower.words.get(&key) {
                return Ok(known.clone());
            }
            let about = lower.val(Is::Row(Row { entity, which: Which::Exact(row) }));
            let inner = Ctx { slots: vec![Some(about)], lets: None, ..ctx.clone() };
            let val = lower.dated(&inner, &word.is, &word.ty)?;
            lower.words.insert(key, val.clone());
            Ok(val)
        })
    }

    /// `body` of an optional row in a slot.
    pub(super) fn path_through(
        &mut self,
        ctx: &Ctx<'p>,
        of: &Val,
        slot: usize,
        body: &'p Expr,
    ) -> Lowered<Val> {
        let entity = Self::row(of)?.entity;
        if self.is_about_rows_alone(ctx, body, entity, slot) {
            let about = self.about_rows(entity, slot, ctx.day, ctx.asked);
            let val = self.expr(&Ctx { days: ctx.days, ..about }, body)?;
            return self.taken(ctx, of, &val);
        }
        let level = self.level_of(ctx, body, Some(slot))?;
        self.through(ctx, of, level, |lower, ctx, row| {
            let row = lower.val(Is::Row(Row { entity, which: Which::Exact(row) }));
            lower.expr(&ctx.with(slot, row), body)
        })
    }

    /// What is known for all rows of an entity, taken of one row.
    fn taken(&mut self, ctx: &Ctx<'p>, of: &Val, val: &Val) -> Lowered<Val> {
        let row = Self::row(of)?;
        if let (Which::Doubt(_, Some(_)), Is::Rows(_), Some(_)) = (row.which, &val.is, of.exists) {
            // Whether the row exists decides what is certain of its lists: both on one level.
            return self.through(ctx, of, 1, |lower, _, rows| Ok(lower.view(val, rows)));
        }
        let mut taken = match row.which {
            Which::Exact(rows) => self.view(val, rows),
            Which::Doubt(edges, via) => {
                let members = self.graph.node(Op::Members(edges), Dom::Edges(edges));
                let each = self.view(val, members);
                let mut joined = self.joined(edges, &each, of.exists.filter(|_| via.is_none()))?;
                if let Some(via) = via {
                    joined = self.view(&joined, via);
                }
                joined
            }
        };
        taken.exists = match taken.exists {
            None if matches!(taken.is, Is::Rows(_) | Is::Values(..)) => None,
            None => of.exists,
            Some(_) if of.exists.is_none() => taken.exists,
            Some(theirs) => Some(self.guard(ctx, theirs, of.exists)?),
        };
        taken.standing = self.worse(ctx, taken.standing, of.standing)?;
        Ok(taken)
    }

    /// Everything that a value of a type may be, on a level.
    fn anything_at(&mut self, ctx: &Ctx<'p>, ty: &Type, level: usize) -> Lowered<Val> {
        let dom = ctx.dom_at(level);
        match ty {
            Type::Row(entity) => {
                let rows = self.graph.node(Op::Anybody(dom), dom);
                Ok(self.val(Is::Row(Row { entity: *entity, which: Which::Exact(rows) })))
            }
            Type::List(_) => {
                let mut val = self.nobody(dom, ty)?;
                if let Is::Rows(list) = &mut val.is {
                    list.open = self.graph.truth(YES);
                }
                Ok(val)
            }
            Type::Optional(of) => {
                let mut val = self.anything_at(ctx, of, level)?;
                val.exists = Some(self.graph.truth(UNKNOWN));
                Ok(val)
            }
            _ => self.anything(ty),
        }
    }

    /// A list of nothing, or a row that certainly is nothing.
    pub(super) fn nobody(&mut self, dom: Dom, ty: &Type) -> Lowered<Val> {
        let (row, of) = match ty {
            Type::Row(of) => (true, *of),
            Type::List(of) => match **of {
                Type::Row(of) => (false, of),
                _ => return refuse("a list of values before its first form"),
            },
            _ => return refuse("nothing of this type"),
        };
        let edges = self.graph.node(Op::Nobody(dom), dom);
        let no = self.graph.truth(NO);
        if row {
            let mut val = self.val(Is::Row(Row { entity: of, which: Which::Doubt(edges, None) }));
            val.exists = Some(no);
            return Ok(val);
        }
        Ok(self.val(Is::Rows(List {
            entity: of,
            edges,
            member: no,
            open: no,
            via: None,
            order: Vec::new(),
            months: None,
        })))
    }

    /// Takes something of a row that depends on more than the row, on a level that knows it all.
    pub(super) fn through(
        &mut self,
        ctx: &Ctx<'p>,
        of: &Val,
        level: usize,
        take: impl FnOnce(&mut Self, &Ctx<'p>, N) -> Lowered<Val>,
    ) -> Lowered<Val> {
        let row = Self::row(of)?.clone();
        let mut taken = match row.which {
            Which::Exact(rows) => take(self, ctx, rows)?,
            Which::Doubt(..) => {
                let level = level.max(self.level_of_val(ctx, of)?).max(1);
                let edges = self.seat_row(ctx, &row, level)?;
                let owners = self.graph.node(Op::Owners(edges), Dom::Edges(edges));
                let inner = ctx.onto(level, edges, owners);
                let members = self.graph.node(Op::Members(edges), Dom::Edges(edges));
                let each = take(self, &inner, members)?;
                let each = self.lift_val(&inner, &each, level + 1)?;
                let exists = of.exists.map(|exists| self.lift(ctx, exists, level)).transpose()?;
                self.joined(edges, &each, exists)?
            }
        };
        taken.exists = match taken.exists {
            None if matches!(taken.is, Is::Rows(_) | Is::Values(..)) => None,
            None => of.exists,
            Some(_) if of.exists.is_none() => taken.exists,
            Some(theirs) => Some(self.guard(ctx, theirs, of.exists)?),
        };
        taken.standing = self.worse(ctx, taken.standing, of.standing)?;
        Ok(taken)
    }

    /// The hull over the rows that one row may be, of a value on their edges. Its `exists` says
    /// nothing yet of the row itself being nothing.
    pub(super) fn joined(&mut self, edges: N, each: &Val, row_exists: Option<N>) -> Lowered<Val> {
        let yes = self.graph.truth(YES);
        let member = each.exists.unwrap_or(yes);
        let owner = self.graph.dom(edges);
        let mut hull = |n: N, member: N| {
            if self.graph.dom(n) == Dom::One && self.graph.dom(member) == Dom::One {
                return n;
            }
            self.graph.node(Op::Hull(edges, member, n), owner)
        };
        let is = match &each.is {
            Is::Truth(n) => Is::Truth(hull(*n, member)),
            Is::Number(number) => Is::Number(Number { n: hull(number.n, member), ..*number }),
            Is::Ratio(n) => Is::Ratio(hull(*n, member)),
            Is::Day(n) => Is::Day(hull(*n, member)),
            Is::Month(n) => Is::Month(hull(*n, member)),
            Is::Window(a, b) => Is::Window(hull(*a, member), hull(*b, member)),
            Is::Length(n, months) => Is::Length(hull(*n, member), *months),
            Is::Enum(n) => Is::Enum(hull(*n, member)),
            Is::Code(n) => Is::Code(hull(*n, member)),
            Is::Row(row) => {
                let entity = row.entity;
                let (inner, via) = self.row_edges(row);
                let flat = Op::Flatten {
                    outer: edges,
                    member: yes,
                    via,
                    inner,
                    inner_member: yes,
                    either: None,
                    rows: true,
                };
                let flat = self.graph.node(flat, owner);
                Is::Row(Row { entity, which: Which::Doubt(flat, None) })
            }
            Is::Rows(list) => {
                let via = self.list_via(list, edges);
                let either = row_exists.unwrap_or(yes);
                let flat = Op::Flatten {
                    outer: edges,
                    member: yes,
                    via,
                    inner: list.edges,
                    inner_member: list.member,
                    either: Some(either),
                    rows: false,
                };
                let flat = self.graph.node(flat, owner);
                let inner_open = match via {
                    Some(via) => self.gather(list.open, via),
                    None => list.open,
                };
                let open = Op::FlattenOpen { outer: edges, member: yes, inner_open };
                let open = self.graph.node(open, owner);
                Is::Rows(List {
                    entity: list.entity,
                    edges: flat,
                    member: self.graph.node(Op::Member(flat), Dom::Edges(flat)),
                    open,
                    via: None,
                    order: list.order.clone(),
                    months: None,
                })
            }
            Is::Values(..) => return refuse("values of the rows of a list of a row in doubt"),
        };
        let exists = each.exists.map(|exists| self.hull_of_bits(edges, exists));
        let standing = match self.graph.as_truth(each.standing) {
            Some(_) => each.standing,
            None => self.graph.node(Op::Worst(edges, each.standing), owner),
        };
        Ok(Val { is, exists, standing })
    }

    fn hull_of_bits(&mut self, edges: N, bits: N) -> N {
        if self.graph.dom(bits) == Dom::One {
            return bits;
        }
        let (yes, owner) = (self.graph.truth(YES), self.graph.dom(edges));
        self.graph.node(Op::Hull(edges, yes, bits), owner)
    }

    /// From each edge of an outer list to the owner of an inner one.
    pub(super) fn list_via(&mut self, list: &List, outer: N) -> Option<N> {
        match list.via {
            Some(via) => Some(via),
            None if self.graph.dom(list.edges) == Dom::Edges(outer) => None,
            None => unreachable!("an inner list is lifted to the outer list's edges before"),
        }
    }

    /// A row as a list of what it may be, and the list's owner for each element.
    pub(super) fn row_edges(&mut self, row: &Row) -> (N, Option<N>) {
        match row.which {
            Which::Doubt(edges, via) => (edges, via),
            Which::Exact(rows) => {
                let dom = self.graph.dom(rows);
                (self.graph.node(Op::Single(rows), dom), None)
            }
        }
    }

    /// A row as a list on a level.
    pub(super) fn seat_row(&mut self, ctx: &Ctx<'p>, row: &Row, level: usize) -> Lowered<N> {
        let (edges, via) = match row.which {
            Which::Exact(rows) => {
                let rows = self.lift(ctx, rows, level)?;
                let dom = self.graph.dom(rows);
                return Ok(self.graph.node(Op::Single(rows), dom));
            }
            Which::Doubt(edges, via) => (edges, via),
        };
        self.seat_edges(ctx, edges, via, level)
    }

    /// A list's edges on a level.
    pub(super) fn seat_edges(&mut self, ctx: &Ctx<'p>, edges: N, via: Option<N>, level: usize) -> Lowered<N> {
        Ok(match self.seat_path(ctx, edges, via, level)? {
            None => edges,
            Some(path) => {
                let dom = self.graph.dom(path);
                self.graph.node(Op::GatherEdges(edges, path), dom)
            }
        })
    }

    /// For each element of a level, the owner of a list; `None` if they are the same.
    pub(super) fn seat_path(
        &mut self,
        ctx: &Ctx<'p>,
        edges: N,
        via: Option<N>,
        level: usize,
    ) -> Lowered<Option<N>> {
        if let Some(via) = via {
            return self.lift(ctx, via, level).map(Some);
        }
        let from = self.level(ctx, edges)?;
        Ok(self.path(ctx, from, level))
    }

    /// A list on a level, as its own list.
    pub(super) fn seat(&mut self, ctx: &Ctx<'p>, list: &List, level: usize) -> Lowered<List> {
        let Some(path) = self.seat_path(ctx, list.edges, list.via, level)? else { return Ok(list.clone()) };
        let dom = self.graph.dom(path);
        let edges = self.graph.node(Op::GatherEdges(list.edges, path), dom);
        let back = self.graph.node(Op::Back(edges), Dom::Edges(edges));
        let member = self.gather(list.member, back);
        let open = self.gather(list.open, path);
        Ok(List { edges, member, open, via: None, order: list.order.clone(), ..*list })
    }

    /// A value seen from other rows.
    pub(super) fn view(&mut self, val: &Val, from: N) -> Val {
        let is = match &val.is {
            Is::Truth(n) => Is::Truth(self.gather(*n, from)),
            Is::Number(number) => Is::Number(Number { n: self.gather(number.n, from), ..*number }),
            Is::Ratio(n) => Is::Ratio(self.gather(*n, from)),
            Is::Day(n) => Is::Day(self.gather(*n, from)),
            Is::Month(n) => Is::Month(self.gather(*n, from)),
            Is::Window(a, b) => Is::Window(self.gather(*a, from), self.gather(*b, from)),
            Is::Length(n, months) => Is::Length(self.gather(*n, from), *months),
            Is::Enum(n) => Is::Enum(self.gather(*n, from)),
            Is::Code(n) => Is::Code(self.gather(*n, from)),
            Is::Row(row) => Is::Row(self.view_row(row, from)),
            Is::Rows(list) => Is::Rows(self.view_list(list, from)),
            Is::Values(list, each, unseen) => {
                Is::Values(self.view_list(list, from), each.clone(), unseen.clone())
            }
        };
        let exists = val.exists.map(|exists| self.gather(exists, from));
        Val { is, exists, standing: self.gather(val.standing, from) }
    }

    fn is_own(&self, rows: N) -> bool {
        matches!(self.graph.op(rows), Op::Own(_))
    }

    fn view_row(&mut self, row: &Row, from: N) -> Row {
        let which = match row.which {
            Which::Exact(rows) => Which::Exact(self.gather(rows, from)),
            Which::Doubt(..) if self.is_own(from) => row.which,
            Which::Doubt(edges, None) => Which::Doubt(edges, Some(from)),
            Which::Doubt(edges, Some(via)) => Which::Doubt(edges, Some(self.gather(via, from))),
        };
        Row { entity: row.entity, which }
    }

    fn view_list(&mut self, list: &List, from: N) -> List {
        if self.is_own(from) {
            return list.clone();
        }
        let via = match list.via {
            None => from,
            Some(via) => self.gather(via, from),
        };
        List { via: Some(via), order: list.order.clone(), ..*list }
    }

    /// A value on a level.
    pub(super) fn lift_val(&mut self, ctx: &Ctx<'p>, val: &Val, level: usize) -> Lowered<Val> {
        let is = match &val.is {
            Is::Truth(n) => Is::Truth(self.lift(ctx, *n, level)?),
            Is::Number(number) => Is::Number(Number { n: self.lift(ctx, number.n, level)?, ..*number }),
            Is::Ratio(n) => Is::Ratio(self.lift(ctx, *n, level)?),
            Is::Day(n) => Is::Day(self.lift(ctx, *n, level)?),
            Is::Month(n) => Is::Month(self.lift(ctx, *n, level)?),
            Is::Window(a, b) => Is::Window(self.lift(ctx, *a, level)?, self.lift(ctx, *b, level)?),
            Is::Length(n, months) => Is::Length(self.lift(ctx, *n, level)?, *months),
            Is::Enum(n) => Is::Enum(self.lift(ctx, *n, level)?),
            Is::Code(n) => Is::Code(self.lift(ctx, *n, level)?),
            Is::Row(row) => Is::Row(match row.which {
                Which::Exact(rows) => {
                    Row { entity: row.entity, which: Which::Exact(self.lift(ctx, rows, level)?) }
                }
                Which::Doubt(edges, via) => {
                    let path = self.seat_path(ctx, edges, via, level)?;
                    Row { entity: row.entity, which: Which::Doubt(edges, path) }
                }
            }),
            Is::Rows(list) => Is::Rows(self.lift_list(ctx, list, level)?),
            Is::Values(list, each, unseen) => {
                Is::Values(self.lift_list(ctx, list, level)?, each.clone(), unseen.clone())
            }
        };
        let exists = val.exists.map(|exists| self.lift(ctx, exists, level)).transpose()?;
        Ok(Val { is, exists, standing: self.lift(ctx, val.standing, level)? })
    }

    fn lift_list(&mut self, ctx: &Ctx<'p>, list: &List, level: usize) -> Lowered<List> {
        let via = self.seat_path(ctx, list.edges, list.via, level)?;
        Ok(List { via, order: list.order.clone(), ..*list })
    }

    /// `as_of`: the same on another day; where that day is not certain, over every stretch of days.
    pub(super) fn as_of(&mut self, ctx: &Ctx<'p>, day: &Val, body: &'p Expr) -> Lowered<Val> {
        let Is::Day(days) = day.is else { return refuse("as_of takes a day") };
        let mut val = if let Op::Day(lo, hi) = *self.graph.op(days)
            && lo == hi
        {
            self.expr(&Ctx { day: days, days, ..ctx.clone() }, body)?
        } else if matches!(self.graph.op(days), Op::AskedOn) {
            self.expr(&Ctx { day: days, days, ..ctx.clone() }, body)?
        } else {
            let level = self.level_of(ctx, body, None)?.max(self.level(ctx, days)?).max(1);
            let days = self.lift(ctx, days, level)?;
            let dom = ctx.dom_at(level);
            let edges = self.graph.node(Op::Stretches(days), dom);
            let on = Dom::Edges(edges);
            let owners = self.graph.node(Op::Owners(edges), on);
            let mut inner = ctx.onto(level, edges, owners);
            inner.day = self.graph.node(Op::StretchDay(edges), on);
            inner.days = self.graph.node(Op::StretchDays(edges), on);
            let each = self.expr(&inner, body)?;
            let each = self.lift_val(&inner, &each, level + 1)?;
            let told_apart = self.joined(edges, &each, None)?;
            let too_many = self.graph.node(Op::TooMany(edges), dom);
            let anything = self.anything_at(ctx, &body.ty, level)?;
            self.choose(ctx, too_many, anything, told_apart)?
        };
        val.exists = match (val.exists, day.exists) {
            (_, Some(exists)) if self.graph.as_truth(exists) == Some(NO) => Some(exists),
            (None, exists) if !matches!(val.is, Is::Rows(_)) => exists,
            (theirs, None) => theirs,
            (theirs, exists) => {
                let Some(theirs) = theirs else { return refuse("a list as of a day that may be nothing") };
                Some(self.guard(ctx, theirs, exists)?)
            }
        };
        val.standing = self.worse(ctx, val.standing, day.standing)?;
        Ok(val)
    }
}
