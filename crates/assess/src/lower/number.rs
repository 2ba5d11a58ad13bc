//! Numbers, days and tables of the law.

#![allow(clippy::many_single_char_names, reason = "operands are a and b, their nodes x and y")]

use card::Span;
use law::tree::{Comparison, Exact, Expr, Node};
use num_rational::Ratio;

use super::{Ctx, Is, Lower, Lowered, Number, Val, refuse};
use crate::{
    plan::{Arithmetic, Dom, N, Op},
    types::{NO, UNKNOWN, YES},
};

impl<'p> Lower<'p> {
    /// A constant number.
    pub(super) fn number(&mut self, exact: Exact) -> Number {
        let (n, den) = (*exact.numer(), *exact.denom());
        let node = self.graph.node(Op::Int(n, n), Dom::One);
        Number { n: node, den, most: n.saturating_abs(), unsigned: n >= 0 }
    }

    /// A constant length of time.
    pub(super) fn length(&mut self, span: Span) -> Is {
        let (n, months) = match span {
            Span::Months(n) => (n, true),
            Span::Days(n) => (n, false),
        };
        Is::Length(self.graph.node(Op::Int(i128::from(n), i128::from(n)), Dom::One), months)
    }

    fn scaled(&mut self, number: Number, by: i128) -> Lowered<Number> {
        if by == 1 {
            return Ok(number);
        }
        let Some(most) = number.most.checked_mul(by.abs()).filter(|most| *most < i128::MAX / 8) else {
            return refuse("a number may leave 128 bits");
        };
        let n = match *self.graph.op(number.n) {
            Op::Int(lo, hi) if lo == hi => self.graph.node(Op::Int(lo * by, lo * by), Dom::One),
            _ => self.graph.over(|a| Op::Scale(a, by), number.n),
        };
        Ok(Number { n, most, unsigned: number.unsigned && by >= 0, ..number })
    }

    /// Two numbers over their common denominator.
    pub(super) fn common(&mut self, a: Number, b: Number) -> Lowered<(Number, Number)> {
        let den = least_common(a.den, b.den);
        let (x, y) = (self.scaled(a, den / a.den)?, self.scaled(b, den / b.den)?);
        Ok((Number { den, ..x }, Number { den, ..y }))
    }

    /// Two numbers as ratios, if one of them has no static denominator.
    pub(super) fn ratios(&mut self, a: &Is, b: &Is) -> Option<(N, N)> {
        match (a, b) {
            (Is::Ratio(_), Is::Ratio(_) | Is::Number(_)) | (Is::Number(_), Is::Ratio(_)) => {
                Some((self.as_ratio(a)?, self.as_ratio(b)?))
            }
            _ => None,
        }
    }

    pub(super) fn as_ratio(&mut self, is: &Is) -> Option<N> {
        match is {
            Is::Ratio(n) => Some(*n),
            Is::Number(number) => Some(self.graph.over(|n| Op::ToRatio(n, number.den), number.n)),
            _ => None,
        }
    }

    /// An operation over two numbers of which one has no static denominator.
    fn exact(&mut self, ctx: &Ctx<'p>, how: Arithmetic, a: &Val, b: &Val) -> Lowered<Option<Val>> {
        let Some((x, y)) = self.ratios(&a.is, &b.is) else { return Ok(None) };
        let n = self.pair(ctx, |x, y| Op::Exact(how, x, y), x, y)?;
        self.both_of(ctx, Is::Ratio(n), a, b).map(Some)
    }

    pub(super) fn as_number(val: &Val) -> Lowered<Number> {
        if let Is::Number(number) = val.is { Ok(number) } else { refuse("a number is expected") }
    }

    pub(super) fn as_day(val: &Val) -> Lowered<N> {
        if let Is::Day(n) = val.is { Ok(n) } else { refuse("a day is expected") }
    }

    pub(super) fn both_of(&mut self, ctx: &Ctx<'p>, is: Is, a: &Val, b: &Val) -> Lowered<Val> {
        let exists = self.both(ctx, a.exists, b.exists)?;
        let standing = self.worse(ctx, a.standing, b.standing)?;
        Ok(Val { is, exists, standing })
    }

    pub(super) fn sum_of(&mut self, ctx: &Ctx<'p>, a: &Val, b: &Val, minus: bool) -> Lowered<Val> {
        if let Some(exact) = self.exact(ctx, if minus { Arithmetic::Sub } else { Arithmetic::Add }, a, b)? {
            return Ok(exact);
        }
        let is = match (&a.is, &b.is) {
            (Is::Number(x), Is::Number(y)) => {
                let (x, y) = self.common(*x, *y)?;
                let Some(most) = x.most.checked_add(y.most).filter(|most| *most < i128::MAX / 8) else {
                    return refuse("a sum may leave 128 bits");
                };
                let n = self.pair(ctx, if minus { Op::Sub } else { Op::Add }, x.n, y.n)?;
                Is::Number(Number { n, den: x.den, most, unsigned: !minus && x.unsigned && y.unsigned })
            }
            (Is::Day(day), Is::Length(by, months)) | (Is::Length(by, months), Is::Day(day)) => {
                let by = if minus { self.graph.over(|a| Op::Scale(a, -1), *by) } else { *by };
                Is::Day(self.pair(ctx, |a, b| Op::Shift(a, b, *months), *day, by)?)
            }
            (Is::Length(x, m), Is::Length(y, n)) if m == n => {
                Is::Length(self.pair(ctx, if minus { Op::Sub } else { Op::Add }, *x, *y)?, *m)
            }
            _ => return refuse("a sum of what does not add"),
        };
        self.both_of(ctx, is, a, b)
    }

    pub(super) fn product(&mut self, ctx: &Ctx<'p>, a: &Val, b: &Val) -> Lowered<Val> {
        if let Some(exact) = self.exact(ctx, Arithmetic::Mul, a, b)? {
            return Ok(exact);
        }
        let (x, y) = (Self::as_number(a)?, Self::as_number(b)?);
        let (Some(most), Some(den)) = (x.most.checked_mul(y.most), x.den.checked_mul(y.den)) else {
            return refuse("a product may leave 128 bits");
        };
        if most >= i128::MAX / 8 {
            return refuse("a product may leave 128 bits");
        }
        let n = match (self.graph.op(x.n).clone(), self.graph.op(y.n).clone()) {
            (Op::Int(k, l), Op::Int(m, n)) if k == l && m == n => {
                self.graph.node(Op::Int(k * m, k * m), Dom::One)
            }
            (Op::Int(k, l), _) if k == l => self.graph.over(|a| Op::Scale(a, k), y.n),
            (_, Op::Int(k, l)) if k == l => self.graph.over(|a| Op::Scale(a, k), x.n),
            _ => self.pair(ctx, Op::Mul, x.n, y.n)?,
        };
        let is = Is::Number(Number { n, den, most, unsigned: x.unsigned && y.unsigned });
        self.both_of(ctx, is, a, b)
    }

    fn ratio(&mut self, ctx: &Ctx<'p>, a: &Val, b: &Val) -> Lowered<Val> {
        if let Some(exact) = self.exact(ctx, Arithmetic::Div, a, b)? {
            return Ok(exact);
        }
        let (x, y) = (Self::as_number(a)?, Self::as_number(b)?);
        let by = match *self.graph.op(y.n) {
            Op::Int(0, 0) => return refuse("a division by zero"),
            Op::Int(by, same) if by == same => by,
            _ => {
                let (Some(x), Some(y)) = (self.as_ratio(&a.is), self.as_ratio(&b.is)) else {
                    return refuse("a number is expected");
                };
                let n = self.pair(ctx, |x, y| Op::Exact(Arithmetic::Div, x, y), x, y)?;
                return self.both_of(ctx, Is::Ratio(n), a, b);
            }
        };
        let inverse = Ratio::new(y.den, by);
        let scaled = self.scaled(x, *inverse.numer())?;
        let Some(den) = scaled.den.checked_mul(*inverse.denom()) else {
            return refuse("a quotient may leave 128 bits");
        };
        self.both_of(ctx, Is::Number(Number { den, ..scaled }), a, b)
    }

    fn extreme(&mut self, ctx: &Ctx<'p>, a: &Val, b: &Val, least: bool) -> Lowered<Val> {
        if let Some(exact) = self.exact(ctx, if least { Arithmetic::Min } else { Arithmetic::Max }, a, b)? {
            return Ok(exact);
        }
        let op = if least { Op::Min } else { Op::Max };
        let is = match (&a.is, &b.is) {
            (Is::Number(x), Is::Number(y)) => {
                let (x, y) = self.common(*x, *y)?;
                let n = self.pair(ctx, op, x.n, y.n)?;
                let unsigned = if least { x.unsigned && y.unsigned } else { x.unsigned || y.unsigned };
                // A cap bounds what it caps, which keeps the products behind it within 128 bits.
                let most = if least && unsigned { x.most.min(y.most) } else { x.most.max(y.most) };
                Is::Number(Number { n, den: x.den, most, unsigned })
            }
            (Is::Day(x), Is::Day(y)) => Is::Day(self.pair(ctx, op, *x, *y)?),
            (Is::Month(x), Is::Month(y)) => Is::Month(self.pair(ctx, op, *x, *y)?),
            _ => return refuse("the least of what is not ordered"),
        };
        self.both_of(ctx, is, a, b)
    }

    /// The smaller or larger of two values.
    pub(super) fn bounded(&mut self, ctx: &Ctx<'p>, a: &Val, b: &Val, least: bool) -> Lowered<Val> {
        self.extreme(ctx, a, b, least)
    }

    /// If, then, else.
    pub(super) fn choose(&mut self, ctx: &Ctx<'p>, when: N, a: Val, b: Val) -> Lowered<Val> {
        match self.graph.as_truth(when) {
            Some(YES) => return Ok(a),
            Some(NO) => return Ok(b),
            _ => {}
        }
        let not = self.graph.not(when);
        // A value that is nothing does not widen the hull.
        let (a_taken, b_taken) = (self.taken_if(ctx, when, a.exists)?, self.taken_if(ctx, not, b.exists)?);
        let is = match (&a.is, &b.is) {
            (Is::Truth(x), Is::Truth(y)) => Is::Truth(self.joins(ctx, [(a_taken, *x), (b_taken, *y)])?),
            (Is::Number(x), Is::Number(y)) => {
                let (x, y) = self.common(*x, *y)?;
                let n = self.joins(ctx, [(a_taken, x.n), (b_taken, y.n)])?;
                let unsigned = x.unsigned && y.unsigned;
                Is::Number(Number { n, den: x.den, most: x.most.max(y.most), unsigned })
            }
            (Is::Ratio(_), _) | (_, Is::Ratio(_)) => {
                let Some((x, y)) = self.ratios(&a.is, &b.is) else {
                    return refuse("a choice between values of different kinds");
                };
                Is::Ratio(self.joins(ctx, [(a_taken, x), (b_taken, y)])?)
            }
            (Is::Day(x), Is::Day(y)) => Is::Day(self.joins(ctx, [(a_taken, *x), (b_taken, *y)])?),
            (Is::Month(x), Is::Month(y)) => Is::Month(self.joins(ctx, [(a_taken, *x), (b_taken, *y)])?),
            (Is::Window(x, u), Is::Window(y, v)) => Is::Window(
                self.joins(ctx, [(a_taken, *x), (b_taken, *y)])?,
                self.joins(ctx, [(a_taken, *u), (b_taken, *v)])?,
            ),
            (Is::Length(x, m), Is::Length(y, n)) if m == n => {
                Is::Length(self.joins(ctx, [(a_taken, *x), (b_taken, *y)])?, *m)
            }
            (Is::Enum(x), Is::Enum(y)) => Is::Enum(self.joins(ctx, [(a_taken, *x), (b_taken, *y)])?),
            (Is::Code(x), Is::Code(y)) => Is::Code(self.joins(ctx, [(a_taken, *x), (b_taken, *y)])?),
            (Is::Row(_), Is::Row(_)) => self.choose_row(ctx, when, &a, &b)?,
            (Is::Rows(_), Is::Rows(_)) => self.choose_list(ctx, when, &a, &b)?,
            _ => return refuse("a choice between values of different kinds"),
        };
        let exists = match (a.exists, b.exists) {
            (None, None) => None,
            (x, y) => {
                let yes = self.graph.truth(YES);
                Some(self.joins(ctx, [(when, x.unwrap_or(yes)), (not, y.unwrap_or(yes))])?)
            }
        };
        let standing = match (self.graph.as_truth(a.standing), self.graph.as_truth(b.standing)) {
            (Some(x), Some(y)) if x == y => a.standing,
            _ => {
                let level = self.level(ctx, when)?.max(self.level(ctx, a.standing)?);
                let level = level.max(self.level(ctx, b.standing)?);
                let (when, x) = (self.lift(ctx, when, level)?, self.lift(ctx, a.standing, level)?);
                let y = self.lift(ctx, b.standing, level)?;
                let dom = ctx.dom_at(level);
                self.graph.node(Op::Either(when, x, y), dom)
            }
        };
        Ok(Val { is, exists, standing })
    }

    fn taken_if(&mut self, ctx: &Ctx<'p>, when: N, exists: Option<N>) -> Lowered<N> {
        exists.map_or(Ok(when), |exists| self.and(ctx, when, exists))
    }

    /// A hull of two values by their conditions, on one level.
    fn joins(&mut self, ctx: &Ctx<'p>, parts: [(N, N); 2]) -> Lowered<N> {
        let mut level = 0;
        for (when, value) in parts {
            level = level.max(self.level(ctx, when)?).max(self.level(ctx, value)?);
        }
        let mut lifted = Vec::new();
        for (when, value) in parts {
            lifted.push((self.lift(ctx, when, level)?, self.lift(ctx, value, level)?));
        }
        if lifted[0].1 == lifted[1].1 && self.graph.dom(lifted[0].1) == Dom::One {
            return Ok(lifted[0].1);
        }
        let dom = ctx.dom_at(level);
        Ok(self.graph.node(Op::Join(lifted), dom))
    }

    /// A comparison; with a side that is nothing it is false.
    pub(super) fn compare(&mut self, ctx: &Ctx<'p>, how: Comparison, a: &Val, b: &Val) -> Lowered<Val> {
        let n = match (&a.is, &b.is) {
            (Is::Number(x), Is::Number(y)) => {
                let (x, y) = self.common(*x, *y)?;
                self.pair(ctx, |a, b| Op::CompareInts(how, a, b), x.n, y.n)?
            }
            (Is::Ratio(_), _) | (_, Is::Ratio(_)) => {
                let Some((x, y)) = self.ratios(&a.is, &b.is) else {
                    return refuse("a comparison of values of different kinds");
                };
                self.pair(ctx, |a, b| Op::CompareInts(how, a, b), x, y)?
            }
            (Is::Day(x), Is::Day(y)) | (Is::Month(x), Is::Month(y)) => {
                self.pair(ctx, |a, b| Op::CompareDays(how, a, b), *x, *y)?
            }
            (Is::Length(x, m), Is::Length(y, n)) if m == n => {
                self.pair(ctx, |a, b| Op::CompareInts(how, a, b), *x, *y)?
            }
            _ if !matches!(how, Comparison::Equal | Comparison::NotEqual) => self.graph.truth(UNKNOWN),
            _ => {
                let equal = self.equal(ctx, &a.is, &b.is)?;
                if how == Comparison::Equal { equal } else { self.graph.not(equal) }
            }
        };
        let exists = self.both(ctx, a.exists, b.exists)?;
        let n = self.guard(ctx, n, exists)?;
        let standing = self.worse(ctx, a.standing, b.standing)?;
        Ok(Val::truth(n, standing))
    }

    fn equal(&mut self, ctx: &Ctx<'p>, a: &Is, b: &Is) -> Lowered<N> {
        match (a, b) {
            (Is::Truth(x), Is::Truth(y)) => self.pair(ctx, Op::EqualBits, *x, *y),
            (Is::Enum(x), Is::Enum(y)) => self.pair(ctx, Op::EqualSets, *x, *y),
            (Is::Code(x), Is::Code(y)) => self.pair(ctx, Op::EqualCodes, *x, *y),
            (Is::Window(u, v), Is::Window(x, y)) => {
                let from = self.pair(ctx, |a, b| Op::CompareDays(Comparison::Equal, a, b), *u, *x)?;
                let to = self.pair(ctx, |a, b| Op::CompareDays(Comparison::Equal, a, b), *v, *y)?;
                self.and(ctx, from, to)
            }
            (Is::Length(..), Is::Length(..)) => Ok(self.graph.truth(NO)),
            (Is::Row(x), Is::Row(y)) => {
                let level_of = |lower: &Self, row: &super::Row| match row.which {
                    super::Which::Exact(n) => lower.level(ctx, n),
                    super::Which::Doubt(edges, via) => lower.level(ctx, via.unwrap_or(edges)),
                };
                let level = level_of(self, x)?.max(level_of(self, y)?).max(1);
                let mut seated = Vec::new();
                for row in [x, y] {
                    seated.push(match row.which {
                        super::Which::Exact(rows) => self.lift(ctx, rows, level)?,
                        super::Which::Doubt(..) => self.seat_row(ctx, row, level)?,
                    });
                }
                let dom = ctx.dom_at(level);
                Ok(self.graph.node(Op::EqualRows(seated[0], seated[1]), dom))
            }
            _ => refuse("a comparison of values of different kinds"),
        }
    }

    /// Constructs of numbers, time and parameters.
    pub(super) fn arithmetic(&mut self, ctx: &Ctx<'p>, expr: &'p Expr) -> Lowered<Val> {
        match &expr.node {
            Node::Neg(a) => {
                let a = self.expr(ctx, a)?;
                let is = match a.is {
                    Is::Number(number) => Is::Number(self.scaled(number, -1)?),
                    Is::Ratio(_) => {
                        let none = self.number(0.into());
                        let none = self.val(Is::Number(none));
                        return self.sum_of(ctx, &none, &a, true);
                    }
                    Is::Length(n, months) => Is::Length(self.graph.over(|a| Op::Scale(a, -1), n), months),
                    _ => return refuse("minus of what is no number"),
                };
                Ok(Val { is, ..a })
            }
            Node::Add(a, b) | Node::Sub(a, b) => {
                let (a, b) = (self.expr(ctx, a)?, self.expr(ctx, b)?);
                self.sum_of(ctx, &a, &b, matches!(expr.node, Node::Sub(..)))
            }
            Node::Mul(a, b) => {
                let (a, b) = (self.expr(ctx, a)?, self.expr(ctx, b)?);
                self.product(ctx, &a, &b)
            }
            Node::Div(a, b) => {
                let (a, b) = (self.expr(ctx, a)?, self.expr(ctx, b)?);
                self.ratio(ctx, &a, &b)
            }
            Node::Min(parts) | Node::Max(parts) => {
                let mut parts = parts.iter();
                let Some(first) = parts.next() else { return refuse("the least of nothing") };
                let mut all = self.expr(ctx, first)?;
                for part in parts {
                    let part = self.expr(ctx, part)?;
                    all = self.extreme(ctx, &all, &part, matches!(expr.node, Node::Min(_)))?;
                }
                Ok(all)
            }
            Node::Floor(a) => {
                let a = self.expr(ctx, a)?;
                if let Is::Ratio(n) = a.is {
                    let n = self.graph.over(Op::RatioFloor, n);
                    let is = Is::Number(Number { n, den: 1, most: crate::facts::LARGEST, unsigned: false });
                    return Ok(Val { is, ..a });
                }
                let number = Self::as_number(&a)?;
                let n = self.graph.over(|n| Op::FloorDiv(n, number.den), number.n);
                let most = number.most / number.den + 1;
                Ok(Val { is: Is::Number(Number { n, den: 1, most, ..number }), ..a })
            }
            Node::AgeOn(born, day) => {
                let (born, day) = (self.expr(ctx, born)?, self.expr(ctx, day)?);
                let n = self.pair(ctx, Op::AgeOn, Self::as_day(&born)?, Self::as_day(&day)?)?;
                let is = Is::Number(Number { n, den: 1, most: 100_000, unsigned: false });
                self.both_of(ctx, is, &born, &day)
            }
            Node::MonthOf(day) => {
                let day = self.expr(ctx, day)?;
                let n = self.graph.over(Op::MonthOf, Self::as_day(&day)?);
                Ok(Val { is: Is::Month(n), ..day })
            }
            Node::FirstDay(of) | Node::LastDay(of) => {
                let of = self.expr(ctx, of)?;
                let first = matches!(expr.node, Node::FirstDay(_));
                let month = match of.is {
                    Is::Month(month) => month,
                    Is::Window(from, to) => {
                        if first {
                            from
                        } else {
                            to
                        }
                    }
                    _ => return refuse("a month or window is expected"),
                };
                let n = self.graph.over(if first { Op::FirstDay } else { Op::LastDay }, month);
                Ok(Val { is: Is::Day(n), ..of })
            }
            Node::MonthsBefore(day, many) => {
                let (day, many) = (self.expr(ctx, day)?, self.expr(ctx, many)?);
                let number = Self::as_number(&many)?;
                let whole = self.graph.over(|n| Op::FloorDiv(n, number.den), number.n);
                let month = self.graph.over(Op::MonthOf, Self::as_day(&day)?);
                let from = self.pair(ctx, |a, b| Op::ShiftMonth(a, b, false), month, whole)?;
                let to = self.months_on(month, -1);
                self.both_of(ctx, Is::Window(from, to), &day, &many)
            }
            Node::QuarterBefore(day) | Node::QuarterOf(day) => {
                let day = self.expr(ctx, day)?;
                let month = self.graph.over(Op::MonthOf, Self::as_day(&day)?);
                let mut from = self.graph.over(Op::QuarterStart, month);
                if matches!(expr.node, Node::QuarterBefore(_)) {
                    from = self.months_on(from, -3);
                }
                let to = self.months_on(from, 2);
                Ok(Val { is: Is::Window(from, to), ..day })
            }
            Node::InWindow(month, window) => {
                let (month, window) = (self.expr(ctx, month)?, self.expr(ctx, window)?);
                let (Is::Month(m), Is::Window(from, to)) = (&month.is, &window.is) else {
                    return refuse("a month and a window are expected");
                };
                let after = self.pair(ctx, |a, b| Op::CompareDays(Comparison::AtMost, a, b), *from, *m)?;
                let before = self.pair(ctx, |a, b| Op::CompareDays(Comparison::AtMost, a, b), *m, *to)?;
                let n = self.and(ctx, after, before)?;
                let exists = self.both(ctx, month.exists, window.exists)?;
                let n = self.guard(ctx, n, exists)?;
                let standing = self.worse(ctx, month.standing, window.standing)?;
                Ok(Val::truth(n, standing))
            }
            Node::Parameter(id, keys, day) => {
                let keys: Lowered<Vec<Val>> = keys.iter().map(|key| self.expr(ctx, key)).collect();
                let day = day.as_deref().map(|day| self.expr(ctx, day)).transpose()?;
                self.parameter(ctx, *id, &keys?, day.as_ref())
            }
            Node::Index(id, from, to) => {
                let (from, to) = (self.expr(ctx, from)?, self.expr(ctx, to)?);
                self.index(ctx, *id, &from, &to)
            }
            Node::ReachedOn(id, keys, day) => {
                let day = self.expr(ctx, day)?;
                let keys: Lowered<Vec<Val>> = keys.iter().map(|key| self.expr(ctx, key)).collect();
                self.reached_on(ctx, *id, &keys?, &day)
            }
            _ => refuse("a construct that lowering does not know"),
        }
    }

    fn months_on(&mut self, month: N, by: i128) -> N {
        let by = self.graph.node(Op::Int(by, by), Dom::One);
        self.graph.pair(|a, b| Op::ShiftMonth(a, b, true), month, by)
    }
}

pub(super) fn least_common(a: i128, b: i128) -> i128 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}
