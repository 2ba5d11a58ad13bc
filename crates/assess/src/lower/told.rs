//! What an explanation tells of a measure, as nodes: the truth of every part, and for each list that
//! it looks through its rows, their membership, and the truth of every part of its filter.

use card::{Date, EntityId};
use law::{
    Dated, Measure,
    tree::{Expr, Node, Slot, Type},
};

use super::{Ctx, Is, List, Lower, Lowered, Val, refuse};
use crate::{
    explain::{ListName, PartKind},
    plan::{N, Op},
    types::NO,
};

/// A part of a measure.
#[derive(Debug)]
pub(crate) struct ToldPart {
    /// Which kind of part.
    pub kind: PartKind,
    /// Its key in the measure.
    pub name: String,
    /// Its articles.
    pub sources: Vec<String>,
    /// Does it hold?
    pub holds: N,
    /// What has to be true for that, in this order; of a refusal, for the opposite.
    pub parts: Vec<N>,
    /// The lists that decide whether it holds, outermost first.
    pub lists: Vec<ToldList>,
    /// The lists behind what is paid, of which nothing is told where it certainly does not hold.
    pub paid: Vec<ToldList>,
}

/// A list, as it is told of.
#[derive(Debug)]
pub(crate) struct ToldList {
    /// What it is called.
    pub name: ListName,
    /// The row whose word is opened. Its list can be told only where that row is known.
    pub of: Option<OneRow>,
    /// The list, one element for the question, or for every row that the word may be read of.
    pub list: Sifted,
    /// What is told instead where it is not known whose word it is.
    pub unopened: Option<Sifted>,
}

/// What one row may be, as a list of the question.
#[derive(Clone, Debug)]
pub(crate) struct OneRow {
    /// The rows that it may be.
    pub edges: N,
    /// May it be something, may it be nothing, where that matters?
    pub exists: Option<N>,
}

/// A list, and a condition on its rows if it has one.
#[derive(Debug)]
pub(crate) struct Sifted {
    /// Of which entity.
    pub entity: EntityId,
    /// The rows, before the condition.
    pub edges: N,
    /// Is each in it?
    pub member: N,
    /// May there be rows that are not here?
    pub open: N,
    /// The condition on the edges.
    pub when: Option<Sieve>,
}

/// A condition on the rows of a list.
#[derive(Debug)]
pub(crate) struct Sieve {
    /// Does it hold?
    pub whole: N,
    /// Its parts, each with whether it holds.
    pub parts: Vec<(Expr, N)>,
}

impl ToldPart {
    /// Every node that an explanation reads.
    pub fn nodes(&self) -> Vec<N> {
        let mut nodes = vec![self.holds];
        nodes.extend(&self.parts);
        nodes.extend(self.lists.iter().chain(&self.paid).flat_map(ToldList::nodes));
        nodes
    }
}

impl ToldList {
    /// Every node that is told of it.
    pub fn nodes(&self) -> Vec<N> {
        let mut nodes = Vec::new();
        nodes.extend(self.of.iter().flat_map(|row| [row.edges].into_iter().chain(row.exists)));
        for list in std::iter::once(&self.list).chain(&self.unopened) {
            nodes.extend([list.edges, list.member, list.open]);
            let sieve = list.when.iter();
            nodes.extend(sieve.flat_map(|s| s.parts.iter().map(|(_, n)| *n).chain(std::iter::once(s.whole))));
        }
        nodes
    }
}

/// The form that holds on the day of a context.
fn form<'p>(lower: &Lower, ctx: &Ctx, dated: &'p Dated<Expr>) -> Option<&'p Expr> {
    let Op::Day(day, _) = *lower.graph.op(ctx.day) else { return None };
    dated.on(Date::from_days(day))
}

impl<'p> Lower<'p> {
    /// The parts of a measure on a day, about requests of one day. `open_words`: the lists inside
    /// derived words too, one level deep.
    pub fn told(
        &mut self,
        measure: &'p Measure,
        day: i32,
        asked: i32,
        open_words: bool,
    ) -> Lowered<Vec<ToldPart>> {
        let ctx = self.about_subject(measure.subject.of, &measure.lets, day, Some(asked));
        if !measure.in_force_on(Date::from_days(day)) {
            let no = self.graph.truth(NO);
            let role = &measure.subject.name;
            return Ok(vec![part(PartKind::Concerned, role, &measure.sources, no, Vec::new())]);
        }
        let mut parts = vec![self.told_concerned(&ctx, measure, open_words)?];
        for one in &measure.conditions {
            let holds = self.holds(&ctx, &one.holds)?;
            let lists = self.lists_of(&ctx, [&one.holds], open_words)?;
            parts.push(part(PartKind::Condition, &one.name, &one.sources, holds, lists));
        }
        for one in &measure.refusals {
            let refuses = self.refuses(&ctx, one)?;
            let refuses = self.truth_of(&ctx, &refuses)?;
            let passes = self.graph.not(refuses);
            let lists = self.lists_of(&ctx, std::iter::once(&one.when).chain(&one.unless), open_words)?;
            let mut grounds = vec![self.holds(&ctx, &one.when)?];
            if let Some(unless) = &one.unless {
                let unless = self.holds(&ctx, unless)?;
                grounds.push(self.graph.not(unless));
            }
            let part = part(PartKind::Refusal, &one.name, &one.sources, passes, lists);
            parts.push(ToldPart { parts: grounds, ..part });
        }
        let branches = measure.branches.iter().map(|one| (PartKind::Branch, one));
        for (kind, one) in branches.chain(measure.additions.iter().map(|one| (PartKind::Addition, one))) {
            let applies = self.holds(&ctx, &one.when)?;
            let lists = self.lists_of(&ctx, [&one.when], open_words)?;
            let paid = self.lists_of(&ctx, [&one.pays], open_words)?;
            parts.push(ToldPart { paid, ..part(kind, &one.name, &one.sources, applies, lists) });
        }
        for one in measure.kinds.iter().filter(|_| measure.says().is_some()) {
            let applies = self.expr(&ctx, &one.when)?;
            let applies = self.truth_of(&ctx, &applies)?;
            let mut lists = Vec::new();
            self.lists(&ctx, &one.when, open_words, &mut lists)?;
            parts.push(part(PartKind::Kind, &one.name, &one.sources, applies, lists));
        }
        Ok(parts)
    }

    fn told_concerned(&mut self, ctx: &Ctx<'p>, measure: &'p Measure, open_words: bool) -> Lowered<ToldPart> {
        let role = &measure.subject;
        let mut concerned = vec![self.expr(ctx, &role.when)?];
        let mut lists = Vec::new();
        self.lists(ctx, &role.when, open_words, &mut lists)?;
        if let Some(among) = &measure.among
            && let Some(among) = form(self, ctx, among)
        {
            concerned.push(self.expr(ctx, among)?);
            self.lists(ctx, among, open_words, &mut lists)?;
        }
        let parts: Lowered<Vec<N>> = concerned.iter().map(|part| self.truth_of(ctx, part)).collect();
        let concerned = self.conjoin(ctx, &concerned, true)?;
        let concerned = self.truth_of(ctx, &concerned)?;
        let part = part(PartKind::Concerned, &role.name, &measure.sources, concerned, lists);
        Ok(ToldPart { parts: parts?, ..part })
    }

    fn holds(&mut self, ctx: &Ctx<'p>, dated: &'p Dated<Expr>) -> Lowered<N> {
        let val = self.dated(ctx, dated, &Type::Bool)?;
        self.truth_of(ctx, &val)
    }

    fn lists_of(
        &mut self,
        ctx: &Ctx<'p>,
        forms: impl IntoIterator<Item = &'p Dated<Expr>>,
        open_words: bool,
    ) -> Lowered<Vec<ToldList>> {
        let mut lists = Vec::new();
        for dated in forms {
            if let Some(form) = form(self, ctx, dated) {
                self.lists(ctx, form, open_words, &mut lists)?;
            }
        }
        Ok(lists)
    }

    /// The lists that an expression looks through, outermost first. What stands under a filter or a
    /// quantifier is about one row of it and is told by the parts that are false of that row.
    pub(super) fn lists(
        &mut self,
        ctx: &Ctx<'p>,
        expr: &'p Expr,
        open_words: bool,
        found: &mut Vec<ToldList>,
    ) -> Lowered<()> {
        match &expr.node {
            Node::Count(list) | Node::Sum(list) | Node::Only(list) | Node::OnlyFirst(list) => {
                found.push(self.told_list(ctx, list, open_words)?);
            }
            Node::Some { list, slot, when } | Node::Every { list, slot, when } => {
                let name = ListName::Expr(list.clone());
                let list = self.sifted(ctx, list, *slot, when)?;
                found.push(ToldList { name, of: None, list, unopened: None });
            }
            Node::Let(id) => {
                let local = ctx.lets.and_then(|lets| lets.get(id.0 as usize));
                if let Some(form) = local.and_then(|local| form(self, ctx, &local.is)) {
                    if matches!(expr.ty, Type::List(_)) {
                        found.push(self.told_list(ctx, expr, open_words)?);
                    } else {
                        self.lists(ctx, form, open_words, found)?;
                    }
                }
            }
            Node::Word(row, id) if open_words => {
                if let Some(form) = form(self, ctx, &self.pack.word(*id).is) {
                    let (row, inner) = self.word_opened(ctx, row, self.pack.word(*id).of)?;
                    let row = OneRow { exists: None, ..row };
                    let mut inside = Vec::new();
                    self.lists(&inner, form, false, &mut inside)?;
                    found.extend(inside.into_iter().map(|told| ToldList { of: Some(row.clone()), ..told }));
                }
            }
            _ => {
                for part in direct(expr) {
                    self.lists(ctx, part, open_words, found)?;
                }
            }
        }
        Ok(())
    }

    /// One list by its name, with what stands behind that name.
    fn told_list(&mut self, ctx: &Ctx<'p>, list: &'p Expr, open_words: bool) -> Lowered<ToldList> {
        let name = match &list.node {
            Node::Let(id) => ListName::Let(*id),
            Node::Word(_, id) => ListName::Word(*id),
            _ => ListName::Expr(Box::new(list.clone())),
        };
        let named = self.behind_lets(ctx, list);
        if let (Node::Word(row, id), true) = (&named.node, open_words)
            && let Some(form) = form(self, ctx, &self.pack.word(*id).is)
        {
            let (row, inner) = self.word_opened(ctx, row, self.pack.word(*id).of)?;
            let form = self.behind_lets(&inner, form);
            let list = self.form_sifted(&inner, form)?;
            let unopened = Some(self.form_sifted(ctx, named)?);
            return Ok(ToldList { name, of: Some(row), list, unopened });
        }
        Ok(ToldList { name, of: None, list: self.form_sifted(ctx, named)?, unopened: None })
    }

    /// The expression behind names of the measure. Values of rows are told by their rows.
    fn behind_lets(&self, ctx: &Ctx<'p>, list: &'p Expr) -> &'p Expr {
        let values = |ty: &Type| !matches!(ty, Type::List(of) if matches!(**of, Type::Row(_)));
        let mut list = list;
        loop {
            list = match &list.node {
                Node::Let(id) => {
                    let local = ctx.lets.and_then(|lets| lets.get(id.0 as usize));
                    match local.and_then(|local| form(self, ctx, &local.is)) {
                        Some(form) => form,
                        None => return list,
                    }
                }
                Node::Each { list: rows, .. } if values(&list.ty) => rows,
                _ => return list,
            };
        }
    }

    /// The row whose word is opened, and where the word is read: once for all rows of its entity.
    fn word_opened(&mut self, ctx: &Ctx<'p>, row: &'p Expr, of: EntityId) -> Lowered<(OneRow, Ctx<'p>)> {
        let val = self.expr(ctx, row)?;
        let Is::Row(row) = &val.is else { return refuse("a row is expected") };
        let edges = self.seat_row(ctx, row, 1)?;
        let exists = val.exists.map(|exists| self.lift(ctx, exists, 1)).transpose()?;
        let about = self.about_rows(of, 0, ctx.day, ctx.asked);
        Ok((OneRow { edges, exists }, about))
    }

    fn form_sifted(&mut self, ctx: &Ctx<'p>, form: &'p Expr) -> Lowered<Sifted> {
        if let Node::Filter { list, slot, when } = &form.node {
            return self.sifted(ctx, list, *slot, when);
        }
        let val = self.expr(ctx, form)?;
        let List { entity, edges, member, open, .. } = self.seated(ctx, &val)?;
        Ok(Sifted { entity, edges, member, open, when: None })
    }

    /// A list and a condition on its rows.
    fn sifted(&mut self, ctx: &Ctx<'p>, list: &'p Expr, slot: Slot, when: &'p Expr) -> Lowered<Sifted> {
        let val = self.expr(ctx, list)?;
        let list = self.seated(ctx, &val)?;
        let whole = self.on_each(ctx, &list, slot, when)?;
        let parts = if let Node::And(parts) = &when.node { &parts[..] } else { std::slice::from_ref(when) };
        let each: Lowered<Vec<(Expr, N)>> =
            parts.iter().map(|part| Ok((part.clone(), self.on_each(ctx, &list, slot, part)?))).collect();
        let List { entity, edges, member, open, .. } = list;
        Ok(Sifted { entity, edges, member, open, when: Some(Sieve { whole, parts: each? }) })
    }

    /// A list with one element for each of the context's own rows, so that all that is read of its
    /// rows stands on the same edges.
    fn seated(&mut self, ctx: &Ctx<'p>, val: &Val) -> Lowered<List> {
        let (Is::Rows(list) | Is::Values(list, ..)) = &val.is else { return refuse("a list is expected") };
        self.seat(ctx, list, 1)
    }

    fn on_each(&mut self, ctx: &Ctx<'p>, list: &List, slot: Slot, when: &'p Expr) -> Lowered<N> {
        let (there, val, _) = self.on_edges(ctx, list, slot.0 as usize, when)?;
        if there.edges != list.edges {
            return refuse("a filter whose rows are seen from more than one place");
        }
        self.truth_on_edges(&val)
    }
}

fn part(kind: PartKind, name: &str, sources: &[String], holds: N, lists: Vec<ToldList>) -> ToldPart {
    let (name, sources) = (name.to_owned(), sources.to_vec());
    ToldPart { kind, name, sources, holds, parts: vec![holds], lists, paid: Vec::new() }
}

/// The parts of an expression that are read of the same rows on the same day. What stands in `as_of` is
/// not as it is today.
fn direct(expr: &Expr) -> Vec<&Expr> {
    let mut parts = expr.parts();
    if let Node::Each { .. } | Node::Filter { .. } | Node::Through { .. } | Node::AsOf(..) = expr.node {
        parts.truncate(1);
    }
    parts
}
