//! Numbers, days and tables of the law.

use card::{Span, Standing};
use law::{
    Constant, Parameter,
    tree::{Comparison, Exact, Expr, Node, ParameterId, Type},
};
use num_rational::Ratio;

use super::{Ctx, Is, Lower, Lowered, Number, Val, refuse};
use crate::{
    plan::{Arithmetic, Dom, KeyType, Kind, N, Op, Row, Table},
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
                Some((self.to_ratio(a)?, self.to_ratio(b)?))
            }
            _ => None,
        }
    }

    pub(super) fn to_ratio(&mut self, is: &Is) -> Option<N> {
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

    fn as_number(val: &Val) -> Lowered<Number> {
        if let Is::Number(number) = val.is { Ok(number) } else { refuse("a number is expected") }
    }

    fn as_day(val: &Val) -> Lowered<N> {
        if let Is::Day(n) = val.is { Ok(n) } else { refuse("a day is expected") }
    }

    fn both_of(&mut self, ctx: &Ctx<'p>, is: Is, a: &Val, b: &Val) -> Lowered<Val> {
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
                let (Some(x), Some(y)) = (self.to_ratio(&a.is), self.to_ratio(&b.is)) else {
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
                Is::Number(Number { n, den: x.den, most: x.most.max(y.most), unsigned })
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
                let dom = self.dom_at(ctx, level);
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
        let dom = self.dom_at(ctx, level);
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
        Ok(self.truth(n, standing))
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
                let dom = self.dom_at(ctx, level);
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
                Ok(self.truth(n, standing))
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

    /// The value of a parameter by keys on a day.
    pub(super) fn parameter(
        &mut self,
        ctx: &Ctx<'p>,
        id: ParameterId,
        keys: &[Val],
        day: Option<&Val>,
    ) -> Lowered<Val> {
        let days = match day {
            None => ctx.day,
            Some(day) => Self::as_day(day)?,
        };
        let parameter = self.pack.parameter(id);
        let mut val = if let (Op::Day(lo, hi), true) = (self.graph.op(days).clone(), keys.is_empty())
            && lo == hi
        {
            self.on_one_day(ctx, parameter, lo)?
        } else {
            self.look_up(ctx, id, keys, days)?
        };
        for other in keys.iter().chain(day) {
            val.exists = self.both(ctx, val.exists, other.exists)?;
            val.standing = self.worse(ctx, val.standing, other.standing)?;
        }
        Ok(val)
    }

    fn on_one_day(&mut self, ctx: &Ctx<'p>, parameter: &'p Parameter, day: i32) -> Lowered<Val> {
        let step = parameter.steps.iter().rev().find(|step| step.from.days() <= day);
        let Some((step, entry)) = step.and_then(|step| step.entries.first().map(|entry| (step, entry)))
        else {
            return self.nothing_of(ctx, &parameter.ty);
        };
        let is = match &entry.value {
            Constant::Bool(value) => Is::Truth(self.graph.truth(if *value { YES } else { NO })),
            Constant::Number(number) => Is::Number(self.number(*number)),
            Constant::Date(day) => Is::Day(self.graph.node(Op::Day(day.days(), day.days()), Dom::One)),
            Constant::Duration(span) => self.length(*span),
            Constant::Enum(value) => Is::Enum(self.graph.node(Op::Set(1 << value), Dom::One)),
        };
        let standing = self.graph.truth(standing(step.standing));
        Ok(Val { is, exists: None, standing })
    }

    fn look_up(&mut self, ctx: &Ctx<'p>, id: ParameterId, keys: &[Val], days: N) -> Lowered<Val> {
        let parameter = self.pack.parameter(id);
        let mut key_nodes = Vec::new();
        let mut types = Vec::new();
        for (key, ty) in keys.iter().zip(&parameter.keys) {
            let (node, key_type) = match &key.is {
                Is::Truth(n) => (*n, KeyType::Truth),
                Is::Number(number) => (number.n, KeyType::Number(number.den, *ty == Type::Integer)),
                Is::Enum(n) => {
                    let Type::Enum(id) = ty else { return refuse("a key of the wrong type") };
                    (*n, KeyType::Enum(self.pack.schema.enumeration(*id).values.len() as u32))
                }
                Is::Code(n) => (*n, KeyType::Code),
                _ => return refuse("a key that no table can test"),
            };
            key_nodes.push(node);
            types.push(key_type);
        }
        let (kind, den, months) = kind_of(parameter)?;
        let at = match self.tables.get(&id.0) {
            Some(at) if self.graph.tables[*at as usize].keys == types => *at,
            _ => {
                let table = table(parameter, kind, den, types);
                self.graph.tables.push(table);
                let at = self.graph.tables.len() as u32 - 1;
                self.tables.insert(id.0, at);
                at
            }
        };
        let mut level = self.level(ctx, days)?;
        for key in &key_nodes {
            level = level.max(self.level(ctx, *key)?);
        }
        let days = self.lift(ctx, days, level)?;
        for key in &mut key_nodes {
            *key = self.lift(ctx, *key, level)?;
        }
        let dom = self.dom_at(ctx, level);
        let n = self.graph.node(Op::Table(at, key_nodes.clone(), days), dom);
        let exists = self.graph.node(Op::TableExists(at, key_nodes.clone(), days), dom);
        let values = || parameter.steps.iter().flat_map(|step| &step.entries).map(|entry| &entry.value);
        let is = match kind {
            Kind::Truth => Is::Truth(n),
            Kind::Day => Is::Day(n),
            Kind::Enum => Is::Enum(n),
            Kind::Number => match months {
                Some(months) => Is::Length(n, months),
                None => {
                    let numbers =
                        values().filter_map(|v| if let Constant::Number(n) = v { Some(*n) } else { None });
                    let most = numbers.map(|n| (n * Ratio::from_integer(den)).to_integer().abs()).max();
                    let unsigned = values().all(|v| !matches!(v, Constant::Number(n) if *n.numer() < 0));
                    Is::Number(Number { n, den, most: most.unwrap_or(0), unsigned })
                }
            },
        };
        let sure = parameter.steps.iter().map(|step| standing(step.standing)).max().unwrap_or(0);
        let standing = if sure == 0 {
            self.graph.truth(0)
        } else {
            self.graph.node(Op::TableStanding(at, key_nodes, days), dom)
        };
        Ok(Val { is, exists: Some(exists), standing })
    }

    /// The product of an index's factors in (from..to].
    fn index(&mut self, ctx: &Ctx<'p>, id: ParameterId, from: &Val, to: &Val) -> Lowered<Val> {
        let one = self.number(Ratio::from_integer(1));
        let mut product = self.val(Is::Number(one));
        for step in &self.pack.parameter(id).steps {
            let Some(Constant::Number(factor)) = step.entries.first().map(|entry| &entry.value) else {
                return refuse("an index of what are no factors");
            };
            let day = self.graph.node(Op::Day(step.from.days(), step.from.days()), Dom::One);
            let (lo, hi) = (Self::as_day(from)?, Self::as_day(to)?);
            let after = self.pair(ctx, |a, b| Op::CompareDays(Comparison::Less, a, b), lo, day)?;
            let before = self.pair(ctx, |a, b| Op::CompareDays(Comparison::AtMost, a, b), day, hi)?;
            let inside = self.and(ctx, after, before)?;
            let factor = self.number(*factor);
            let standing = self.graph.truth(standing(step.standing));
            let factor = Val { is: Is::Number(factor), exists: None, standing };
            let unchanged = self.val(Is::Number(one));
            let factor = self.choose(ctx, inside, factor, unchanged)?;
            product = self.product(ctx, &product, &factor)?;
        }
        let Is::Number(number) = product.is else { return refuse("an index of what are no factors") };
        let standing = product.standing;
        let mut val = self.both_of(ctx, Is::Number(number), from, to)?;
        val.standing = self.worse(ctx, val.standing, standing)?;
        Ok(val)
    }

    /// The first day t on which `day + p(keys, t)` has passed.
    fn reached_on(&mut self, ctx: &Ctx<'p>, id: ParameterId, keys: &[Val], day: &Val) -> Lowered<Val> {
        let parameter = self.pack.parameter(id);
        let mut spans = Vec::new();
        let mut standing = day.standing;
        let mut level = self.level(ctx, Self::as_day(day)?)?;
        let mut months = true;
        for step in &parameter.steps {
            let from = self.graph.node(Op::Day(step.from.days(), step.from.days()), Dom::One);
            let from = self.val(Is::Day(from));
            let span = self.parameter(ctx, id, keys, Some(&from))?;
            standing = self.worse(ctx, standing, span.standing)?;
            let Is::Length(n, unit) = span.is else { return refuse("a length of time is expected") };
            months = unit;
            let exists = span.exists.unwrap_or_else(|| self.graph.truth(YES));
            level = level.max(self.level(ctx, n)?).max(self.level(ctx, exists)?);
            spans.push((step.from.days(), n, exists));
        }
        let mut lifted = Vec::new();
        for (from, n, exists) in spans {
            lifted.push((from, self.lift(ctx, n, level)?, self.lift(ctx, exists, level)?));
        }
        let days = self.lift(ctx, Self::as_day(day)?, level)?;
        let dom = self.dom_at(ctx, level);
        let n = self.graph.node(Op::Reached(days, lifted.clone(), months), dom);
        let reached = self.graph.node(Op::ReachedExists(days, lifted, months), dom);
        let exists = self.both(ctx, Some(reached), day.exists)?;
        Ok(Val { is: Is::Day(n), exists, standing })
    }
}

pub(super) const fn standing(standing: Standing) -> u8 {
    match standing {
        Standing::Confirmed => 0,
        Standing::SingleSource => 1,
        Standing::Preliminary => 2,
    }
}

fn least_common(a: i128, b: i128) -> i128 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}

/// What a parameter's values are, their common denominator, and the unit of lengths of time.
fn kind_of(parameter: &Parameter) -> Lowered<(Kind, i128, Option<bool>)> {
    let mut values = parameter.steps.iter().flat_map(|step| &step.entries).map(|entry| &entry.value);
    let den = values.clone().fold(1, |den, value| match value {
        Constant::Number(number) => least_common(den, *number.denom()),
        _ => den,
    });
    Ok(match values.next() {
        Some(Constant::Bool(_)) => (Kind::Truth, 1, None),
        Some(Constant::Number(_)) => (Kind::Number, den, None),
        Some(Constant::Date(_)) => (Kind::Day, 1, None),
        Some(Constant::Enum(_)) => (Kind::Enum, 1, None),
        Some(Constant::Duration(first)) => {
            let unit = |span: &Span| matches!(span, Span::Months(_));
            let mixed = values.any(|v| matches!(v, Constant::Duration(span) if unit(span) != unit(first)));
            if mixed {
                return refuse("a table of lengths of time in months and in days");
            }
            (Kind::Number, 1, Some(unit(first)))
        }
        None => return refuse("a parameter without values"),
    })
}

fn table(parameter: &Parameter, kind: Kind, den: i128, keys: Vec<KeyType>) -> Table {
    let row = |entry: &law::Entry| Row {
        tests: entry.tests.clone(),
        value: match &entry.value {
            Constant::Bool(value) => i128::from(*value),
            Constant::Number(number) => (number * Ratio::from_integer(den)).to_integer(),
            Constant::Date(day) => i128::from(day.days()),
            Constant::Duration(Span::Months(n) | Span::Days(n)) => i128::from(*n),
            Constant::Enum(value) => i128::from(*value),
        },
    };
    let steps = parameter
        .steps
        .iter()
        .map(|step| (step.from.days(), step.entries.iter().map(row).collect(), standing(step.standing)))
        .collect();
    Table { steps, keys, kind }
}
