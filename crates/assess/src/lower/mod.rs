//! From the typed trees of a pack to a graph of column operations.
//!
//! An expression is lowered at a *level*: the questions of a batch or all rows of an entity at the
//! bottom, and on top of it the edges of every list whose filter, quantifier or path is being read.
//! What depends on one row alone is lowered once for all rows of its entity, and gathered from there;
//! in the graph of a sweep, what leads to the rows of months only from those whom a measure concerns.

mod ctx;
mod list;
mod measure;
mod number;
mod path;
mod score;
mod table;
mod told;
mod uses;
mod value;

use std::collections::HashMap;

use card::{Date, EntityId};
use law::{
    Dated, Pack,
    port::AssessError,
    tree::{Comparison, Expr, Node, Type, WordId},
};

use crate::{
    plan::{Dom, Graph, N, Op},
    types::{NO, UNKNOWN, YES},
};

use ctx::{Ctx, Level};
pub(crate) use measure::{Measured, Outputs, Paid};
pub(crate) use score::{Found, Scoring};
pub(crate) use told::{OneRow, Sifted, ToldList, ToldPart};
use uses::{Known, Uses};
pub(crate) use value::{Is, List, Number, Row, Unseen, Val, Which};

/// Why a pack cannot be computed in columns, in words for the one who writes packs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub String);

impl Refused {
    /// As an error of a measure.
    pub fn of(self, measure: &str) -> AssessError {
        AssessError::Pack { measure: measure.to_owned(), what: self.0 }
    }
}

type Lowered<T> = Result<T, Refused>;

fn refuse<T>(why: &str) -> Lowered<T> {
    Err(Refused(why.to_owned()))
}

/// For which rows a graph computes what depends on a row alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reach {
    /// For every row of its entity, once.
    AllRows,
    /// The same, but what leads to rows that are told month by month only from where the questions
    /// lead: those are most of all rows, and of few persons.
    AskedMonths,
}

/// Lowers the expressions of one pack into one graph.
pub(crate) struct Lower<'p> {
    pack: &'p Pack,
    reach: Reach,
    /// The graph so far.
    pub graph: Graph,
    words: HashMap<(WordId, N, N, Option<N>), Val>,
    tables: HashMap<u16, u32>,
    lets: HashMap<(usize, u16, N, N), Val>,
    known: Known<'p>,
}

impl<'p> Lower<'p> {
    /// Into a new graph.
    pub fn new(pack: &'p Pack, reach: Reach) -> Self {
        let mut graph = Graph::default();
        let numbers = pack.parameters.iter().flat_map(|p| p.steps.iter().map(|step| step.from));
        let words = pack.words.iter().flat_map(|word| word.is.0.iter().map(|(from, _)| *from));
        let rules = pack.rules.iter().flat_map(|rule| rule.is.0.iter().map(|(from, _)| *from));
        graph.changes = numbers.chain(words).chain(rules).map(Date::days).collect();
        let known = Known::new(pack);
        Self {
            pack,
            reach,
            graph,
            words: HashMap::new(),
            tables: HashMap::new(),
            lets: HashMap::new(),
            known,
        }
    }

    /// What the first level of every context and all of its slots are made for one entity.
    fn about_rows(&mut self, entity: EntityId, slot: usize, day: N, asked: N) -> Ctx<'p> {
        let dom = Dom::Rows(entity);
        let own = self.graph.node(Op::Own(entity), dom);
        let ctx = Ctx {
            levels: vec![Level { dom, up: None }],
            slots: Vec::new(),
            day,
            days: day,
            asked,
            lets: None,
        };
        let row = self.val(Is::Row(Row { entity, which: Which::Exact(own) }));
        ctx.with(slot, row)
    }

    fn val(&mut self, is: Is) -> Val {
        let standing = self.graph.truth(0);
        Val { is, exists: None, standing }
    }

    fn nothing_of(&mut self, ctx: &Ctx<'p>, ty: &Type) -> Lowered<Val> {
        let of = if let Type::Optional(of) = ty { of } else { ty };
        if matches!(of, Type::Row(_) | Type::List(_)) {
            let level = self.level(ctx, ctx.day)?.max(1);
            return self.nobody(ctx.dom_at(level), of);
        }
        let mut val = self.anything(ty)?;
        val.exists = Some(self.graph.truth(NO));
        Ok(val)
    }

    /// Everything that a value of a type may be.
    fn anything(&mut self, ty: &Type) -> Lowered<Val> {
        use crate::types::{ENDLESS, EVER_AFTER, EVER_BEFORE, NEVER};
        let days = self.graph.node(Op::Day(EVER_BEFORE, EVER_AFTER), Dom::One);
        let is = match ty {
            Type::Bool => Is::Truth(self.graph.truth(UNKNOWN)),
            Type::Integer | Type::Decimal | Type::Money => {
                let n = self.graph.node(Op::Int(NEVER, ENDLESS), Dom::One);
                Is::Number(Number { n, den: 1, most: 0, unsigned: false })
            }
            Type::Date => Is::Day(days),
            Type::Month => Is::Month(days),
            Type::Window => Is::Window(days, days),
            Type::Duration => Is::Length(self.graph.node(Op::Int(NEVER, ENDLESS), Dom::One), true),
            Type::Enum(_) => Is::Enum(self.graph.node(Op::Set(!0), Dom::One)),
            Type::Code => Is::Code(self.graph.node(Op::AnyCode, Dom::One)),
            Type::Optional(of) => {
                let mut val = self.anything(of)?;
                val.exists = Some(self.graph.truth(UNKNOWN));
                return Ok(val);
            }
            Type::Row(_) | Type::List(_) => return refuse("any row or list"),
        };
        Ok(self.val(is))
    }

    // Levels.

    fn level(&self, ctx: &Ctx, node: N) -> Lowered<usize> {
        let dom = self.graph.dom(node);
        if dom == Dom::One {
            return Ok(0);
        }
        let found = ctx.levels.iter().rposition(|level| level.dom == dom);
        found
            .map(|at| at + 1)
            .ok_or_else(|| Refused("a value is read outside the rows that it belongs to".into()))
    }

    /// For each element of a level, its owner on a lower one; `None` if they are the same.
    fn path(&mut self, ctx: &Ctx, from: usize, to: usize) -> Option<N> {
        let mut path = None;
        for level in &ctx.levels[from.max(1)..to.max(1)] {
            let up = level.up.expect("every level but the first has one below");
            path = Some(match path {
                None => up,
                Some(path) => self.gather(path, up),
            });
        }
        path
    }

    fn gather(&mut self, node: N, rows: N) -> N {
        if self.graph.dom(node) == Dom::One || matches!(self.graph.op(rows), Op::Own(_)) {
            return node;
        }
        if matches!(self.graph.op(node), Op::Own(_)) {
            return rows;
        }
        let dom = self.graph.dom(rows);
        self.graph.node(Op::Gather(node, rows), dom)
    }

    /// A node on a higher level.
    fn lift(&mut self, ctx: &Ctx, node: N, to: usize) -> Lowered<N> {
        let from = self.level(ctx, node)?;
        if from == 0 || from == to {
            return Ok(node);
        }
        Ok(match self.path(ctx, from, to) {
            Some(path) => self.gather(node, path),
            None => node,
        })
    }

    /// Two nodes on the higher of their levels.
    fn align(&mut self, ctx: &Ctx, a: N, b: N) -> Lowered<(N, N)> {
        let level = self.level(ctx, a)?.max(self.level(ctx, b)?);
        Ok((self.lift(ctx, a, level)?, self.lift(ctx, b, level)?))
    }

    /// A binary operation of nodes that may stand on different levels.
    fn pair(&mut self, ctx: &Ctx, op: impl FnOnce(N, N) -> Op, a: N, b: N) -> Lowered<N> {
        let (a, b) = self.align(ctx, a, b)?;
        Ok(self.graph.pair(op, a, b))
    }

    fn and(&mut self, ctx: &Ctx, a: N, b: N) -> Lowered<N> {
        let (a, b) = self.align(ctx, a, b)?;
        Ok(self.graph.and(a, b))
    }

    fn or(&mut self, ctx: &Ctx, a: N, b: N) -> Lowered<N> {
        let (a, b) = self.align(ctx, a, b)?;
        Ok(self.graph.or(a, b))
    }

    fn worse(&mut self, ctx: &Ctx, a: N, b: N) -> Lowered<N> {
        match (self.graph.as_truth(a), self.graph.as_truth(b)) {
            (Some(0), _) => Ok(b),
            (_, Some(0)) => Ok(a),
            (Some(a), Some(b)) => Ok(self.graph.truth(a.max(b))),
            _ if a == b => Ok(a),
            _ => self.pair(ctx, Op::Worse, a, b),
        }
    }

    /// May both be something; may one be nothing?
    fn both(&mut self, ctx: &Ctx, a: Option<N>, b: Option<N>) -> Lowered<Option<N>> {
        Ok(match (a, b) {
            (None, other) | (other, None) => other,
            (Some(a), Some(b)) => Some(self.and(ctx, a, b)?),
        })
    }

    /// A truth; nothing is not true.
    fn truth_of(&mut self, ctx: &Ctx, val: &Val) -> Lowered<N> {
        let Is::Truth(n) = val.is else { return refuse("a truth value is expected") };
        self.guard(ctx, n, val.exists)
    }

    fn guard(&mut self, ctx: &Ctx, n: N, exists: Option<N>) -> Lowered<N> {
        match exists {
            None => Ok(n),
            Some(exists) => match self.graph.as_truth(exists) {
                Some(YES) => Ok(n),
                Some(NO) => Ok(self.graph.truth(NO)),
                _ => self.pair(ctx, Op::Guard, n, exists),
            },
        }
    }

    // Expressions.

    /// The form of an expression that applies on the day of a context.
    fn dated(&mut self, ctx: &Ctx<'p>, dated: &'p Dated<Expr>, ty: &Type) -> Lowered<Val> {
        if let Op::Day(day, _) = *self.graph.op(ctx.day) {
            return match dated.on(Date::from_days(day)) {
                Some(form) => self.expr(ctx, form),
                None => self.nothing_of(ctx, ty),
            };
        }
        match &dated.0[..] {
            [(from, form)] if *from <= card::LONG_AGO || *from <= Date::from_days(-365_000) => {
                self.expr(ctx, form)
            }
            forms => {
                let mut parts = Vec::new();
                let mut before = self.graph.truth(YES);
                for (from, form) in forms.iter().rev() {
                    let from = self.graph.node(Op::Day(from.days(), from.days()), Dom::One);
                    let begun =
                        self.pair(ctx, |a, b| Op::CompareDays(Comparison::AtLeast, a, b), ctx.day, from)?;
                    let here = self.and(ctx, before, begun)?;
                    let later = self.graph.not(begun);
                    before = self.and(ctx, before, later)?;
                    parts.push((here, self.expr(ctx, form)?));
                }
                parts.push((before, self.nothing_of(ctx, ty)?));
                self.join(ctx, parts)
            }
        }
    }

    /// The hull of the values whose condition may be true.
    fn join(&mut self, ctx: &Ctx<'p>, parts: Vec<(N, Val)>) -> Lowered<Val> {
        let mut parts = parts.into_iter();
        let Some((when, mut joined)) = parts.next() else { return refuse("no form at all") };
        let mut before = when;
        for (when, val) in parts {
            let either = self.or(ctx, before, when)?;
            joined = self.choose(ctx, before, joined, val)?;
            before = either;
        }
        Ok(joined)
    }

    /// Lowers an expression.
    fn expr(&mut self, ctx: &Ctx<'p>, expr: &'p Expr) -> Lowered<Val> {
        Ok(match &expr.node {
            Node::Bool(value) => {
                let n = self.graph.truth(if *value { YES } else { NO });
                self.val(Is::Truth(n))
            }
            Node::Number(number) => {
                let number = self.number(*number);
                self.val(Is::Number(number))
            }
            Node::Date(day) => {
                let n = self.graph.node(Op::Day(day.days(), day.days()), Dom::One);
                self.val(Is::Day(n))
            }
            Node::Duration(span) => {
                let is = self.length(*span);
                self.val(is)
            }
            Node::Enum(_, value) => {
                let n = self.graph.node(Op::Set(1 << value), Dom::One);
                self.val(Is::Enum(n))
            }
            Node::Code(code) => {
                let n = self.graph.node(Op::Code(code.clone()), Dom::One);
                self.val(Is::Code(n))
            }
            Node::Day => self.val(Is::Day(ctx.days)),
            Node::AskedOn => self.val(Is::Day(ctx.asked)),
            Node::Var(slot) => match ctx.slots.get(slot.0 as usize) {
                Some(Some(val)) => val.clone(),
                _ => return refuse("a slot is read before it is bound"),
            },
            Node::Let(id) => self.local(ctx, id.0)?,
            Node::Field(row, field) => {
                let row = self.expr(ctx, row)?;
                self.field(ctx, &row, *field)?
            }
            Node::ValidFrom(row) => {
                let row = self.expr(ctx, row)?;
                self.validity(ctx, &row, true)?
            }
            Node::ValidUntil(row) => {
                let row = self.expr(ctx, row)?;
                self.validity(ctx, &row, false)?
            }
            Node::Link(row, link) => {
                let optional = matches!(expr.ty, Type::Optional(_));
                let row = self.expr(ctx, row)?;
                self.link(ctx, &row, *link, optional)?
            }
            Node::Word(row, id) => {
                let row = self.expr(ctx, row)?;
                self.word(ctx, &row, *id)?
            }
            Node::Through { row, slot, body } => {
                let row = self.expr(ctx, row)?;
                self.path_through(ctx, &row, slot.0 as usize, body)?
            }
            Node::Each { list, slot, body } => {
                let list = self.expr(ctx, list)?;
                self.each(ctx, &list, slot.0 as usize, body)?
            }
            Node::Filter { list, slot, when } => self.filtered(ctx, list, slot.0 as usize, when)?,
            Node::Some { list, slot, when } => {
                let list = self.expr(ctx, list)?;
                self.some(ctx, &list, slot.0 as usize, when, true)?
            }
            Node::Every { list, slot, when } => {
                let list = self.expr(ctx, list)?;
                self.some(ctx, &list, slot.0 as usize, when, false)?
            }
            Node::Count(list) => {
                let list = self.expr(ctx, list)?;
                self.count(ctx, &list)?
            }
            Node::Sum(list) => {
                let list = self.expr(ctx, list)?;
                self.sum(ctx, &list)?
            }
            Node::Union(parts) => {
                let parts: Lowered<Vec<Val>> = parts.iter().map(|part| self.expr(ctx, part)).collect();
                self.union(ctx, &parts?)?
            }
            Node::Only(list) => {
                let list = self.expr(ctx, list)?;
                self.only(ctx, &list)?
            }
            Node::OnlyFirst(list) => {
                let list = self.expr(ctx, list)?;
                self.only_first(ctx, &list)?
            }
            Node::InRows(row, list) => {
                let (row, list) = (self.expr(ctx, row)?, self.expr(ctx, list)?);
                self.in_rows(ctx, &row, &list)?
            }
            Node::And(parts) => self.all(ctx, parts, true)?,
            Node::Or(parts) => self.all(ctx, parts, false)?,
            Node::Not(a) => {
                let a = self.expr(ctx, a)?;
                let n = self.truth_of(ctx, &a)?;
                let n = self.graph.not(n);
                Val::truth(n, a.standing)
            }
            Node::Compare(how, a, b) => {
                let (a, b) = (self.expr(ctx, a)?, self.expr(ctx, b)?);
                self.compare(ctx, *how, &a, &b)?
            }
            Node::InValues(value, options) => {
                let value = self.expr(ctx, value)?;
                let mut any = self.graph.truth(NO);
                let mut standing = value.standing;
                let sets = options.iter().try_fold(0u64, |all, option| match option.node {
                    Node::Enum(_, value) => Some(all | 1 << value),
                    _ => None,
                });
                if let (Is::Enum(n), Some(these)) = (&value.is, sets) {
                    let n = self.graph.over(|a| Op::AmongSets(a, these), *n);
                    let n = self.guard(ctx, n, value.exists)?;
                    return Ok(Val::truth(n, standing));
                }
                for option in options {
                    let option = self.expr(ctx, option)?;
                    let equal = self.compare(ctx, Comparison::Equal, &value, &option)?;
                    let n = self.truth_of(ctx, &equal)?;
                    any = self.or(ctx, any, n)?;
                    standing = self.worse(ctx, standing, equal.standing)?;
                }
                Val::truth(any, standing)
            }
            Node::InRange { value, lo, lo_included, hi, hi_included } => {
                let (value, lo, hi) = (self.expr(ctx, value)?, self.expr(ctx, lo)?, self.expr(ctx, hi)?);
                let above = if *lo_included { Comparison::AtLeast } else { Comparison::Greater };
                let below = if *hi_included { Comparison::AtMost } else { Comparison::Less };
                let above = self.compare(ctx, above, &value, &lo)?;
                let below = self.compare(ctx, below, &value, &hi)?;
                self.conjoin(ctx, &[above, below], true)?
            }
            Node::If(condition, yes, no) => {
                let condition = self.expr(ctx, condition)?;
                let when = self.truth_of(ctx, &condition)?;
                match self.graph.as_truth(when) {
                    Some(YES) => self.expr(ctx, yes)?,
                    Some(NO) => self.expr(ctx, no)?,
                    _ => {
                        let (yes, no) = (self.expr(ctx, yes)?, self.expr(ctx, no)?);
                        let mut chosen = self.choose(ctx, when, yes, no)?;
                        chosen.standing = self.worse(ctx, chosen.standing, condition.standing)?;
                        chosen
                    }
                }
            }
            Node::Exists(a) => {
                let a = self.expr(ctx, a)?;
                let n = a.exists.unwrap_or_else(|| self.graph.truth(YES));
                Val::truth(n, a.standing)
            }
            Node::Guarded(a) => Val { exists: None, ..self.expr(ctx, a)? },
            Node::AsOf(day, body) => {
                let day = self.expr(ctx, day)?;
                self.as_of(ctx, &day, body)?
            }
            Node::Rule(id, with) => {
                let rule = self.pack.rule(*id);
                let mut inner = ctx.clone();
                let with: Lowered<Vec<Val>> = with.iter().map(|arg| self.expr(ctx, arg)).collect();
                inner.slots = with?.into_iter().map(Some).collect();
                inner.lets = None;
                self.dated(&inner, &rule.is, &rule.ty)?
            }
            Node::Neg(_)
            | Node::Add(..)
            | Node::Sub(..)
            | Node::Mul(..)
            | Node::Div(..)
            | Node::Min(_)
            | Node::Max(_)
            | Node::Floor(_)
            | Node::AgeOn(..)
            | Node::MonthOf(_)
            | Node::FirstDay(_)
            | Node::LastDay(_)
            | Node::MonthsBefore(..)
            | Node::QuarterBefore(_)
            | Node::QuarterOf(_)
            | Node::InWindow(..)
            | Node::Parameter(..)
            | Node::Index(..)
            | Node::ReachedOn(..) => self.arithmetic(ctx, expr)?,
        })
    }

    fn all(&mut self, ctx: &Ctx<'p>, parts: &'p [Expr], and: bool) -> Lowered<Val> {
        let parts: Lowered<Vec<Val>> = parts.iter().map(|part| self.expr(ctx, part)).collect();
        self.conjoin(ctx, &parts?, and)
    }

    /// `and` or `or` of truths, each with the standing of the parts that decide it.
    fn conjoin(&mut self, ctx: &Ctx<'p>, parts: &[Val], and: bool) -> Lowered<Val> {
        let mut whole = self.graph.truth(if and { YES } else { NO });
        let mut truths = Vec::new();
        for part in parts {
            let n = self.truth_of(ctx, part)?;
            whole = if and { self.and(ctx, whole, n)? } else { self.or(ctx, whole, n)? };
            truths.push(n);
        }
        let mut standing = self.graph.truth(0);
        let decided = if and { whole } else { self.graph.not(whole) };
        for (part, n) in parts.iter().zip(truths) {
            if self.graph.as_truth(part.standing) == Some(0) {
                continue;
            }
            let n = if and { n } else { self.graph.not(n) };
            let level =
                self.level(ctx, decided)?.max(self.level(ctx, n)?).max(self.level(ctx, part.standing)?);
            let nodes = [decided, n, part.standing].map(|node| self.lift(ctx, node, level));
            let [whole, n, theirs] = nodes;
            let (whole, n, theirs) = (whole?, n?, theirs?);
            let dom = ctx.dom_at(level);
            let blamed = self.graph.node(Op::Blame(whole, n, theirs), dom);
            standing = self.worse(ctx, standing, blamed)?;
        }
        Ok(Val::truth(whole, standing))
    }

    fn local(&mut self, ctx: &Ctx<'p>, id: u16) -> Lowered<Val> {
        let Some(lets) = ctx.lets else { return refuse("a let outside its measure") };
        let Some(local) = lets.get(id as usize) else {
            return refuse("a let that the measure has not");
        };
        let mut bottom = ctx.clone();
        bottom.slots.truncate(1);
        if self.level(ctx, ctx.day)? <= 1 {
            bottom.levels.truncate(1);
            let key = (lets.as_ptr() as usize, id, ctx.days, ctx.asked);
            if let Some(known) = self.lets.get(&key) {
                return Ok(known.clone());
            }
            let val = self.dated(&bottom, &local.is, &local.ty)?;
            self.lets.insert(key, val.clone());
            return Ok(val);
        }
        self.dated(&bottom, &local.is, &local.ty)
    }

    /// The highest level of what an expression reads from around it, but for some slot.
    fn level_of(&mut self, ctx: &Ctx, expr: &Expr, but: Option<usize>) -> Lowered<usize> {
        let uses = Uses::of(expr, &mut self.known);
        let mut level = self.level(ctx, ctx.day)?.max(self.level(ctx, ctx.days)?);
        if uses.reads.asked {
            level = level.max(self.level(ctx, ctx.asked)?);
        }
        if uses.lets {
            level = level.max(1);
        }
        for slot in uses.slots {
            if Some(slot.0 as usize) == but {
                continue;
            }
            let Some(Some(val)) = ctx.slots.get(slot.0 as usize) else {
                return refuse("a slot is read before it is bound");
            };
            level = level.max(self.level_of_val(ctx, val)?);
        }
        Ok(level)
    }

    /// Is what leads to rows of months, or is about such rows, not lowered for all rows at once?
    fn spares(&self, months: bool, entity: EntityId) -> bool {
        self.reach == Reach::AskedMonths && (months || self.known.is_monthly(entity))
    }

    /// Is an expression about one row lowered for all rows of its entity at once?
    fn is_about_rows_alone(&mut self, ctx: &Ctx, expr: &Expr, entity: EntityId, slot: usize) -> bool {
        let uses = Uses::of(expr, &mut self.known);
        !self.spares(uses.reads.months, entity) && self.rests_on_row_alone(ctx, &uses, slot)
    }

    /// Does an expression read nothing around it but one row and the day?
    fn rests_on_row_alone(&self, ctx: &Ctx, uses: &Uses, slot: usize) -> bool {
        self.graph.dom(ctx.day) == Dom::One
            && !uses.lets
            && (!uses.reads.asked || self.graph.dom(ctx.asked) == Dom::One)
            && uses.slots.iter().all(|used| used.0 as usize == slot)
    }

    fn level_of_val(&self, ctx: &Ctx, val: &Val) -> Lowered<usize> {
        let mut level = self.level(ctx, val.standing)?;
        if let Some(exists) = val.exists {
            level = level.max(self.level(ctx, exists)?);
        }
        let is = match &val.is {
            Is::Truth(n)
            | Is::Ratio(n)
            | Is::Day(n)
            | Is::Month(n)
            | Is::Length(n, _)
            | Is::Enum(n)
            | Is::Code(n) => self.level(ctx, *n)?,
            Is::Number(number) => self.level(ctx, number.n)?,
            Is::Window(a, b) => self.level(ctx, *a)?.max(self.level(ctx, *b)?),
            Is::Row(row) => match row.which {
                Which::Exact(n) => self.level(ctx, n)?,
                Which::Doubt(edges, via) => self.level(ctx, via.unwrap_or(edges))?,
            },
            Is::Rows(list) | Is::Values(list, ..) => self.level(ctx, list.via.unwrap_or(list.edges))?,
        };
        Ok(level.max(is))
    }
}
