//! One measure as nodes: conditions, amount, recipients and days.

#![allow(clippy::many_single_char_names, reason = "operands are a and b, their nodes x and y")]

use card::{Date, EntityId};
use law::{
    Branch, Let, Measure, Refusal,
    tree::{Expr, Type},
};

use super::{Ctx, Is, Level, Lower, Lowered, Number, Refused, Row, Val, Which, refuse};
use crate::{
    plan::{Dom, N, Op, Rounding, Way},
    types::{NO, YES},
};

/// The nodes of a measure's answers, one element per question.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// Is it about the subject at all?
    pub concerned: N,
    /// Every condition, then of every refusal whether it does not refuse.
    pub conditions: Vec<N>,
    /// All of it together.
    pub decided: N,
    /// How sure the numbers are on which that rests: if concerned at all, and together.
    pub standing: (N, N),
    /// Which classifications apply.
    pub kinds: Vec<N>,
    /// Of a notice: how sure the numbers are on which its day rests, and the kinds that it may speak of.
    pub said: Option<N>,
    /// What is paid; `None` for a page without money.
    pub amount: Option<Paid>,
    /// The sums withheld.
    pub withheld: Vec<(N, N)>,
    /// Who receives, in order.
    pub pays_to: Vec<(N, N)>,
    /// The children that the right is about: list, membership, openness.
    pub claims: Option<(N, N, N)>,
    /// Among whom it is divided: list, membership, openness.
    pub divided: Option<Shares>,
    /// The day of the right, the first day paid for, the first not paid for.
    pub days: [N; 3],
    /// May there be a day until which it is paid, may there be none?
    pub ends: N,
}

/// The nodes of an amount.
#[derive(Clone, Debug)]
pub(crate) struct Paid {
    /// When each branch applies.
    pub whens: Vec<N>,
    /// Tiyn after rounding.
    pub tiyn: N,
    /// Before rounding, for its sign.
    pub exact: N,
    /// May there be an amount, may there be none?
    pub exists: Option<N>,
    /// How sure its numbers are.
    pub standing: N,
}

/// The nodes of a division.
#[derive(Clone, Debug)]
pub(crate) struct Shares {
    /// The list of members.
    pub edges: N,
    /// Its membership.
    pub member: N,
    /// Is it open?
    pub open: N,
    /// The weight of each, on the list's edges.
    pub weight: N,
}

/// The nodes of all measures of a plan.
pub(crate) type Outputs = Vec<Measured>;

impl Measured {
    /// Every node that a verdict reads.
    pub fn nodes(&self) -> Vec<N> {
        let mut nodes = vec![self.concerned, self.decided, self.standing.0, self.standing.1, self.ends];
        nodes.extend(&self.conditions);
        nodes.extend(&self.kinds);
        nodes.extend(self.said);
        nodes.extend(&self.days);
        if let Some(paid) = &self.amount {
            nodes.extend([paid.tiyn, paid.exact, paid.standing]);
            nodes.extend(paid.exists);
            nodes.extend(&paid.whens);
        }
        nodes.extend(self.withheld.iter().chain(&self.pays_to).flat_map(|(a, b)| [*a, *b]));
        nodes.extend(self.claims.iter().flat_map(|(a, b, c)| [*a, *b, *c]));
        nodes.extend(self.divided.iter().flat_map(|d| [d.edges, d.member, d.open, d.weight]));
        nodes
    }
}

impl<'p> Lower<'p> {
    /// A measure on a day. `asked`: the day of every request, or `None` where they differ.
    pub fn measure(&mut self, measure: &'p Measure, day: i32, asked: Option<i32>) -> Lowered<Measured> {
        let ctx = self.about_subject(measure.subject.of, &measure.lets, day, asked);
        self.measured(&ctx, measure, day).map_err(|Refused(why)| Refused(format!("{}: {why}", measure.name)))
    }

    /// Where the own expressions of a measure are read: of the subject of each question, on the day, with
    /// its local names.
    pub(super) fn about_subject(
        &mut self,
        of: EntityId,
        lets: &'p [Let],
        day: i32,
        asked: Option<i32>,
    ) -> Ctx<'p> {
        let days = self.graph.node(Op::Day(day, day), Dom::One);
        let asked = match asked {
            Some(asked) => self.graph.node(Op::Day(asked, asked), Dom::One),
            None => self.graph.node(Op::AskedOn, Dom::Questions),
        };
        let subject = self.graph.node(Op::Subject, Dom::Questions);
        let ctx = Ctx {
            levels: vec![Level { dom: Dom::Questions, up: None }],
            slots: Vec::new(),
            day: days,
            days,
            asked,
            lets: Some(lets),
        };
        let row = Row { entity: of, which: Which::Exact(subject) };
        let row = self.val(Is::Row(row));
        ctx.with(0, row)
    }

    fn measured(&mut self, ctx: &Ctx<'p>, measure: &'p Measure, day: i32) -> Lowered<Measured> {
        let in_force = measure.in_force_on(Date::from_days(day));
        let known = self.graph.truth(if in_force { YES } else { NO });
        let standing = self.graph.truth(0);
        let mut concerned = vec![Val::truth(known, standing)];
        if in_force {
            let role = self.expr(ctx, &measure.subject.when)?;
            if let Some(among) = &measure.among {
                let among = self.dated(ctx, among, &Type::Bool)?;
                // Who has not the role is not asked further.
                let (plays, none) = (self.truth_of(ctx, &role)?, self.graph.truth(0));
                let standing = self.graph.node(Op::Either(plays, among.standing, none), Dom::Questions);
                concerned.push(Val { standing, ..among });
            }
            concerned.push(role);
        }
        let concerned = self.conjoin(ctx, &concerned, true)?;
        let mut parts = vec![concerned.clone()];
        for condition in &measure.conditions {
            parts.push(self.dated(ctx, &condition.holds, &Type::Bool)?);
        }
        for refusal in &measure.refusals {
            let refuses = self.refuses(ctx, refusal)?;
            let n = self.truth_of(ctx, &refuses)?;
            let n = self.graph.not(n);
            parts.push(Val::truth(n, refuses.standing));
        }
        let decided = self.conjoin(ctx, &parts, true)?;
        let conditions: Lowered<Vec<N>> = parts[1..].iter().map(|part| self.truth_of(ctx, part)).collect();
        let (kinds, said) = self.kinds(ctx, measure)?;
        let (amount, paid) = match self.amount(ctx, measure)? {
            Some((amount, paid)) => (Some(amount), Some(paid)),
            None => (None, None),
        };
        let (paid, withheld) = match paid {
            Some(paid) => {
                let (withheld, standing) = self.withheld(ctx, measure, paid.tiyn)?;
                let standing = self.worse(ctx, paid.standing, standing)?;
                (Some(Paid { standing, ..paid }), withheld)
            }
            None => (None, Vec::new()),
        };
        let mut pays_to = Vec::new();
        for to in &measure.pays_to {
            let list = self.persons(ctx, to)?;
            pays_to.push((list.edges, list.member));
        }
        let claims = match &measure.claims {
            Some(claims) => {
                let list = self.persons(ctx, claims)?;
                Some((list.edges, list.member, list.open))
            }
            None => None,
        };
        let divided = match (&measure.divided, &amount) {
            (Some(divided), Some(_)) => Some(self.divided(ctx, divided)?),
            _ => None,
        };
        let (days, ends) = self.period(ctx, measure)?;
        Ok(Measured {
            concerned: self.truth_of(ctx, &concerned)?,
            conditions: conditions?,
            decided: self.truth_of(ctx, &decided)?,
            standing: (concerned.standing, decided.standing),
            kinds,
            said,
            amount: paid,
            withheld,
            pays_to,
            claims,
            divided,
            days,
            ends,
        })
    }

    /// Which kinds apply; and of a notice how sure the numbers are of what it says: its day, and the kinds that
    /// may apply.
    fn kinds(&mut self, ctx: &Ctx<'p>, measure: &'p Measure) -> Lowered<(Vec<N>, Option<N>)> {
        let (mut kinds, none) = (Vec::new(), self.graph.truth(0));
        let mut said = match (measure.says(), &measure.period.right) {
            (Some(_), Some(day)) => self.expr(ctx, day)?.standing,
            _ => none,
        };
        for kind in &measure.kinds {
            let when = self.expr(ctx, &kind.when)?;
            let applies = self.truth_of(ctx, &when)?;
            if self.graph.as_truth(when.standing) != Some(0) {
                let standing = self.lift(ctx, when.standing, 1)?;
                let applies = self.lift(ctx, applies, 1)?;
                let standing = self.graph.node(Op::Either(applies, standing, none), ctx.dom_at(1));
                said = self.worse(ctx, said, standing)?;
            }
            kinds.push(applies);
        }
        Ok((kinds, measure.says().map(|_| said)))
    }

    /// Does a ground of refusal refuse?
    pub(super) fn refuses(&mut self, ctx: &Ctx<'p>, refusal: &'p Refusal) -> Lowered<Val> {
        let mut refuses = vec![self.dated(ctx, &refusal.when, &Type::Bool)?];
        if let Some(unless) = &refusal.unless {
            let unless = self.dated(ctx, unless, &Type::Bool)?;
            let n = self.truth_of(ctx, &unless)?;
            let n = self.graph.not(n);
            refuses.push(Val::truth(n, unless.standing));
        }
        self.conjoin(ctx, &refuses, true)
    }

    fn persons(&mut self, ctx: &Ctx<'p>, expr: &'p Expr) -> Lowered<super::List> {
        let val = self.expr(ctx, expr)?;
        self.as_list(ctx, &val, 1)
    }

    fn amount(&mut self, ctx: &Ctx<'p>, measure: &'p Measure) -> Lowered<Option<(Val, Paid)>> {
        if measure.branches.is_empty() {
            return Ok(None);
        }
        let mut whens = Vec::new();
        let mut standing = self.graph.truth(0);
        for branch in &measure.branches {
            let when = self.dated(ctx, &branch.when, &Type::Bool)?;
            standing = self.worse(ctx, standing, when.standing)?;
            let n = self.truth_of(ctx, &when)?;
            whens.push(self.lift(ctx, n, 1)?);
        }
        let mut amount = self.branches(ctx, &measure.branches, &whens)?;
        amount.standing = self.worse(ctx, amount.standing, standing)?;
        for addition in &measure.additions {
            let when = self.dated(ctx, &addition.when, &Type::Bool)?;
            let n = self.truth_of(ctx, &when)?;
            let pays = self.dated(ctx, &addition.pays, &Type::Money)?;
            let none = self.number(0.into());
            let none = self.val(Is::Number(none));
            let mut more = self.choose(ctx, n, pays, none)?;
            more.standing = self.worse(ctx, more.standing, when.standing)?;
            amount = self.sum_of(ctx, &amount, &more, false)?;
        }
        for (bound, least) in [(&measure.at_least, false), (&measure.at_most, true)] {
            if let Some(bound) = bound {
                let bound = self.expr(ctx, bound)?;
                amount = self.bounded(ctx, &amount, &bound, least)?;
            }
        }
        if let Some(index) = &measure.indexed {
            let index = self.expr(ctx, index)?;
            amount = self.product(ctx, &amount, &index)?;
        }
        let (tiyn, standing) = self.rounded(ctx, measure, &amount.is)?;
        let standing = self.worse(ctx, amount.standing, standing)?;
        let exact = match amount.is {
            Is::Ratio(n) => self.graph.over(Op::RatioFloor, n),
            Is::Number(number) => number.n,
            _ => return refuse("an amount is money"),
        };
        let paid = Paid { whens, tiyn, exact, exists: amount.exists, standing };
        Ok(Some((amount, paid)))
    }

    /// The hull of the branches that may apply.
    fn branches(&mut self, ctx: &Ctx<'p>, branches: &'p [Branch], whens: &[N]) -> Lowered<Val> {
        let mut joined: Option<(Val, N)> = None;
        for (at, branch) in branches.iter().enumerate() {
            let pays = self.dated(ctx, &branch.pays, &Type::Money)?;
            let dom = ctx.dom_at(1);
            let applies = self.graph.node(Op::Applies(whens.to_vec(), at as u16), dom);
            joined = Some(match joined {
                None => (pays, applies),
                Some((before, when)) => self.either_pays(ctx, &(before, when), &(pays, applies))?,
            });
        }
        joined.map(|(val, _)| val).ok_or_else(|| Refused("a measure without branches".into()))
    }

    /// The hull of two amounts of which each, or neither, may be paid.
    fn either_pays(&mut self, ctx: &Ctx<'p>, a: &(Val, N), b: &(Val, N)) -> Lowered<(Val, N)> {
        let (is, x, y) = match (&a.0.is, &b.0.is) {
            (Is::Number(x), Is::Number(y)) => {
                let (x, y) = self.common(*x, *y)?;
                let most = x.most.max(y.most);
                (Some(Number { most, unsigned: x.unsigned && y.unsigned, ..x }), x.n, y.n)
            }
            (x, y) => {
                let Some((x, y)) = self.ratios(x, y) else { return refuse("an amount is money") };
                (None, x, y)
            }
        };
        let yes = self.graph.truth(YES);
        let mut values = Vec::new();
        let mut exists = Vec::new();
        for (value, (val, when)) in [(x, a), (y, b)] {
            let here = val.exists.map_or(Ok(*when), |exists| self.and(ctx, *when, exists))?;
            values.push((self.lift(ctx, here, 1)?, self.lift(ctx, value, 1)?));
            let there = val.exists.unwrap_or(yes);
            exists.push((*when, self.lift(ctx, there, 1)?));
        }
        let dom = ctx.dom_at(1);
        let n = self.graph.node(Op::Join(values), dom);
        let exists = match (a.0.exists, b.0.exists) {
            (None, None) => None,
            _ => Some(self.graph.node(Op::Join(exists), dom)),
        };
        let (mut a_standing, mut b_standing) = (a.0.standing, b.0.standing);
        let none = self.graph.truth(0);
        for (standing, when) in [(&mut a_standing, a.1), (&mut b_standing, b.1)] {
            if self.graph.as_truth(*standing) != Some(0) {
                let lifted = self.lift(ctx, *standing, 1)?;
                *standing = self.graph.node(Op::Either(when, lifted, none), dom);
            }
        }
        let standing = self.worse(ctx, a_standing, b_standing)?;
        let is = match is {
            Some(number) => Is::Number(Number { n, ..number }),
            None => Is::Ratio(n),
        };
        let when = self.graph.or(a.1, b.1);
        Ok((Val { is, exists, standing }, when))
    }

    /// Tiyn after the rounding that the law names, never below zero.
    fn rounded(&mut self, ctx: &Ctx<'p>, measure: &'p Measure, amount: &Is) -> Lowered<(N, N)> {
        let mut standing = self.graph.truth(0);
        let mut way = None;
        if let Some(id) = measure.rounding {
            let Type::Enum(names) = self.pack.parameter(id).ty else {
                return refuse("the rounding is no value of an enumeration");
            };
            let val = self.parameter(ctx, id, &[], None)?;
            standing = val.standing;
            let nothing = val.exists.is_some_and(|exists| self.graph.as_truth(exists) == Some(NO));
            if let (Is::Enum(n), false) = (&val.is, nothing) {
                let Op::Set(set) = *self.graph.op(*n) else { return refuse("the rounding is not one") };
                let name = self.pack.schema.enumeration(names).values.get(set.trailing_zeros() as usize);
                way = match name.map(String::as_str) {
                    Some("up") => Some(Way::Up),
                    Some("nearest") => Some(Way::Nearest),
                    Some("none") => None,
                    _ => return refuse("the rounding is up, nearest or none"),
                };
            }
        }
        let n = match (amount, way) {
            (Is::Ratio(n), way) => self.graph.over(|n| Op::RatioTiyn(n, way), *n),
            (Is::Number(number), Some(way)) => {
                let tenge = self.graph.over(|n| Op::Round(n, Rounding { unit: number.den, way }), number.n);
                self.graph.over(|n| Op::Scale(n, 100), tenge)
            }
            (Is::Number(number), None) => self.tiyn(*number)?,
            _ => return refuse("an amount is money"),
        };
        let zero = self.graph.node(Op::Int(0, 0), Dom::One);
        Ok((self.graph.pair(Op::Max, n, zero), standing))
    }

    /// To the nearest tiyn.
    fn tiyn(&mut self, number: Number) -> Lowered<N> {
        let hundred = self.over(number, number.den)?;
        let n = self.graph.over(|n| Op::Scale(n, 100), hundred.n);
        Ok(self.graph.over(|n| Op::Round(n, Rounding { unit: number.den, way: Way::Nearest }), n))
    }

    /// The sums withheld, each with whether it is; and how sure their numbers are.
    fn withheld(&mut self, ctx: &Ctx<'p>, measure: &'p Measure, tiyn: N) -> Lowered<(Vec<(N, N)>, N)> {
        let (mut all, mut standing) = (Vec::new(), self.graph.truth(0));
        let amount = Number { n: tiyn, den: 100, most: crate::facts::LARGEST, unsigned: true };
        let amount = self.val(Is::Number(amount));
        for withhold in &measure.withholds {
            let applies = match &withhold.when {
                None => self.graph.truth(YES),
                Some(when) => {
                    let when = self.expr(ctx, when)?;
                    standing = self.worse(ctx, standing, when.standing)?;
                    self.truth_of(ctx, &when)?
                }
            };
            let share = self.expr(ctx, &withhold.share)?;
            let none = self.number(0.into());
            let none = self.val(Is::Number(none));
            let there = match share.exists {
                Some(exists) => self.graph.over(Op::Doubtless, exists),
                None => self.graph.truth(YES),
            };
            let share = self.choose(ctx, there, Val { exists: None, ..share }, none.clone())?;
            let part = self.product(ctx, &share, &amount)?;
            let part = self.choose(ctx, applies, part, none)?;
            standing = self.worse(ctx, standing, part.standing)?;
            let n = match part.is {
                Is::Number(part) => self.tiyn(part)?,
                Is::Ratio(n) => self.graph.over(|n| Op::RatioTiyn(n, None), n),
                _ => return refuse("a share is a number"),
            };
            let zero = self.graph.node(Op::Int(0, 0), Dom::One);
            let n = self.graph.pair(Op::Max, n, zero);
            all.push((applies, n));
        }
        Ok((all, standing))
    }

    fn divided(&mut self, ctx: &Ctx<'p>, divided: &'p law::Divided) -> Lowered<Shares> {
        let list = self.persons(ctx, &divided.among)?;
        let owners = self.graph.node(Op::Owners(list.edges), Dom::Edges(list.edges));
        let members = self.graph.node(Op::Members(list.edges), Dom::Edges(list.edges));
        let row = self.val(Is::Row(Row { entity: list.entity, which: Which::Exact(members) }));
        let inner = ctx.onto(1, list.edges, owners).with(1, row);
        let weight = self.expr(&inner, &divided.each)?;
        let Is::Number(number) = weight.is else { return refuse("a weight is a number") };
        let weight = self.lift(&inner, number.n, 2)?;
        Ok(Shares { edges: list.edges, member: list.member, open: list.open, weight })
    }

    /// The day of the right, the first day paid for, the first not paid for; may there be an end?
    fn period(&mut self, ctx: &Ctx<'p>, measure: &'p Measure) -> Lowered<([N; 3], N)> {
        let period = &measure.period;
        let asked = ctx.asked;
        let right = match &period.right {
            Some(right) => self.certain_day(ctx, right)?,
            None => asked,
        };
        let from = match (&period.from, &period.back_to) {
            (Some(from), _) => self.certain_day(ctx, from)?,
            (None, Some(back_to)) => {
                let back_to = self.certain_day(ctx, back_to)?;
                self.pair(ctx, Op::Max, right, back_to)?
            }
            (None, None) => self.pair(ctx, Op::Max, right, asked)?,
        };
        let mut until =
            self.graph.node(Op::Day(crate::types::EVER_BEFORE, crate::types::EVER_AFTER), Dom::One);
        let mut ends = self.graph.truth(NO);
        if let Some(end) = &period.until {
            let end = self.expr(ctx, end)?;
            let Is::Day(n) = end.is else { return refuse("a day is expected") };
            (until, ends) = (n, end.exists.unwrap_or_else(|| self.graph.truth(YES)));
        }
        if let Some(months) = &period.months {
            let months = self.expr(ctx, months)?;
            let Is::Number(number) = months.is else { return refuse("a number of months is expected") };
            let mut count = self.graph.over(|n| Op::FloorDiv(n, number.den), number.n);
            for (bound, least) in [(0, false), (12_000, true)] {
                let bound = self.graph.node(Op::Int(bound, bound), Dom::One);
                count = self.graph.pair(if least { Op::Min } else { Op::Max }, count, bound);
            }
            let mut month = self.graph.over(Op::MonthOf, from);
            if period.next_month {
                let one = self.graph.node(Op::Int(1, 1), Dom::One);
                month = self.graph.pair(|a, b| Op::ShiftMonth(a, b, true), month, one);
            }
            let month = self.pair(ctx, |a, b| Op::ShiftMonth(a, b, true), month, count)?;
            let end = self.graph.over(Op::FirstDay, month);
            let end = self.day_or_any(ctx, end, months.exists)?;
            let earlier = self.pair(ctx, Op::Min, until, end)?;
            let day = |lower: &mut Self, n: N| lower.val(Is::Day(n));
            let (earlier, end) = (day(self, earlier), day(self, end));
            let chosen = self.choose(ctx, ends, earlier, end)?;
            let Is::Day(n) = chosen.is else { return refuse("a day is expected") };
            (until, ends) = (n, months.exists.unwrap_or_else(|| self.graph.truth(YES)));
        }
        Ok(([right, from, until], ends))
    }

    fn certain_day(&mut self, ctx: &Ctx<'p>, expr: &'p Expr) -> Lowered<N> {
        let day = self.expr(ctx, expr)?;
        let Is::Day(n) = day.is else { return refuse("a day is expected") };
        self.day_or_any(ctx, n, day.exists)
    }

    /// A day, or any day where it may be nothing.
    fn day_or_any(&mut self, ctx: &Ctx<'p>, day: N, exists: Option<N>) -> Lowered<N> {
        match exists {
            None => Ok(day),
            Some(exists) => self.pair(ctx, Op::DayOrAny, day, exists),
        }
    }

    fn over(&mut self, number: Number, den: i128) -> Lowered<Number> {
        let unit = Number { n: self.graph.node(Op::Int(0, 0), Dom::One), den, most: 0, unsigned: true };
        self.common(number, unit).map(|(number, _)| number)
    }
}
