//! Days, months and windows; and `as_of`, which reads everything on another day.

use card::{Date, Month, Span, Ternary};
use law::tree::Expr;
use num_rational::Ratio;

use super::{
    Stop,
    eval::{Eval, Scope, anything_or_nothing},
    interval::{Exact, Interval},
    value::{Is, Value, Why},
};

/// Into more segments than this an uncertain day is not split: what is read then is not known.
const SEGMENTS: usize = 512;

impl Eval<'_> {
    /// `as_of(day, body)`. Where the day is not certain: the hull over the stretches of days between
    /// which a row, a number, a form of a rule or coverage changes.
    pub(crate) fn as_of(&self, day: &Value, body: &Expr, scope: &Scope) -> Result<Value, Stop> {
        let mut result = match day.date() {
            None => None,
            Some(days) => {
                let mut joined: Option<Value> = None;
                match self.segments(days) {
                    None => joined = Some(anything_or_nothing(&body.ty).because(&day.why)),
                    Some(segments) => {
                        for segment in segments {
                            let next = self.eval(body, &scope.on(segment))?;
                            joined = Some(match joined {
                                None => next,
                                Some(joined) => joined.or(next),
                            });
                        }
                    }
                }
                joined
            }
        };
        if day.nothing || result.is_none() {
            let none = match &body.ty {
                ty @ law::tree::Type::List(_) => super::eval::empty(ty),
                _ => Value::nothing(Why::default()),
            };
            result = Some(match result {
                None => none,
                Some(result) => result.or(none),
            });
        }
        Ok(result.expect("set just before").because(&day.why))
    }

    /// Splits days into stretches in which nothing begins or ends; `None` if there are too many.
    pub(crate) fn segments(&self, days: Interval<Date>) -> Option<Vec<Interval<Date>>> {
        if days.single().is_some() {
            return Some(vec![days]);
        }
        let mut borders = self.facts.borders();
        borders.extend(self.changes());
        borders.retain(|border| days.admits(*border) && days.lo != Some(*border));
        borders.sort_unstable();
        borders.dedup();
        if borders.len() >= SEGMENTS {
            return None;
        }
        let mut segments = Vec::new();
        let mut from = days.lo;
        for border in borders {
            segments.push(Interval { lo: from, hi: Some(border.plus(Span::Days(-1))) });
            from = Some(border);
        }
        segments.push(Interval { lo: from, hi: days.hi });
        Some(segments)
    }

    /// The days on which a number or a form of the pack changes.
    fn changes(&self) -> Vec<Date> {
        let pack = self.pack;
        let numbers = pack.parameters.iter().flat_map(|p| p.steps.iter().map(|step| step.from));
        let words = pack.words.iter().flat_map(|word| word.is.0.iter().map(|(from, _)| *from));
        let rules = pack.rules.iter().flat_map(|rule| rule.is.0.iter().map(|(from, _)| *from));
        let lets = self.measure.lets.iter().flat_map(|local| local.is.0.iter().map(|(from, _)| *from));
        numbers.chain(words).chain(rules).chain(lets).collect()
    }
}

/// `-a`.
pub(crate) fn negated(a: Is) -> Result<Is, Stop> {
    match a {
        Is::Number(a) => Interval::zero().minus(a).map(Is::Number),
        Is::Duration(spans) => Ok(Is::Duration(spans.into_iter().map(Span::negated).collect())),
        _ => Err(Stop::Wrong("minus of what is no number")),
    }
}

/// `a + b`.
pub(crate) fn plus(a: Is, b: Is) -> Result<Is, Stop> {
    match (a, b) {
        (Is::Number(a), Is::Number(b)) => a.plus(b).map(Is::Number),
        (Is::Date(day), Is::Duration(spans)) | (Is::Duration(spans), Is::Date(day)) => Ok(moved(day, &spans)),
        (Is::Duration(a), Is::Duration(b)) => added(&a, &b),
        _ => Err(Stop::Wrong("a sum of what does not add")),
    }
}

/// `a - b`.
pub(crate) fn minus(a: Is, b: Is) -> Result<Is, Stop> {
    let back = |spans: Vec<Span>| spans.into_iter().map(Span::negated).collect::<Vec<_>>();
    match (a, b) {
        (Is::Number(a), Is::Number(b)) => a.minus(b).map(Is::Number),
        (Is::Date(day), Is::Duration(spans)) => Ok(moved(day, &back(spans))),
        (Is::Duration(a), Is::Duration(b)) => added(&a, &back(b)),
        _ => Err(Stop::Wrong("a difference of what does not subtract")),
    }
}

fn moved(day: Interval<Date>, spans: &[Span]) -> Is {
    let each = spans.iter().map(|span| day.rising(|day| day.plus(*span)));
    Is::Date(each.reduce(Interval::hull).unwrap_or(Interval::ANY))
}

fn added(a: &[Span], b: &[Span]) -> Result<Is, Stop> {
    let mut sums = Vec::new();
    for x in a {
        for y in b {
            let sum = match (x, y) {
                (Span::Months(x), Span::Months(y)) => Span::Months(x + y),
                (Span::Days(x), Span::Days(y)) => Span::Days(x + y),
                _ => return Err(Stop::Wrong("months and days do not add")),
            };
            if !sums.contains(&sum) {
                sums.push(sum);
            }
        }
    }
    Ok(Is::Duration(sums))
}

/// `age_on(born, day)`: least for the latest birth on the earliest day.
pub(crate) fn age(born: &Is, day: &Is) -> Result<Is, Stop> {
    let (Is::Date(born), Is::Date(day)) = (born, day) else {
        return Err(Stop::Wrong("an age of what are no days"));
    };
    let years = |born: Option<Date>, day: Option<Date>| {
        born.zip(day).map(|(born, day)| Exact::from_integer(i128::from(born.age_on(day))))
    };
    Ok(Is::Number(Interval { lo: years(born.hi, day.lo), hi: years(born.lo, day.hi) }))
}

/// `month_of(day)`.
pub(crate) fn month_of(day: &Is) -> Result<Interval<Month>, Stop> {
    match day {
        Is::Date(day) => Ok(day.rising(Date::month)),
        _ => Err(Stop::Wrong("the month of what is no day")),
    }
}

/// `first_day` or `last_day` of a month or a window.
pub(crate) fn edge_day(of: &Is, first: bool) -> Result<Is, Stop> {
    let months = match of {
        Is::Month(month) => *month,
        Is::Window(from, _) if first => *from,
        Is::Window(_, to) => *to,
        _ => return Err(Stop::Wrong("a day of what is no month")),
    };
    Ok(Is::Date(months.rising(if first { Month::first_day } else { Month::last_day })))
}

/// `months_before(day, n)`.
pub(crate) fn months_before(day: &Is, n: &Is) -> Result<Is, Stop> {
    let month = month_of(day)?;
    let Is::Number(n) = n else { return Err(Stop::Wrong("a number of months is expected")) };
    let back = |month: Month, n: Ratio<i128>| Month(month.0.saturating_sub(n.floor().to_integer() as i32));
    let from = Interval {
        lo: month.lo.zip(n.hi).map(|(month, n)| back(month, n)),
        hi: month.hi.zip(n.lo).map(|(month, n)| back(month, n)),
    };
    Ok(Is::Window(from, month.rising(Month::previous)))
}

/// The quarter of a day, or one so many quarters later.
pub(crate) fn quarter(day: &Is, later: i32) -> Result<Is, Stop> {
    let month = month_of(day)?;
    let first = move |month: Month| Month((month.0.div_euclid(3) + later) * 3);
    Ok(Is::Window(month.rising(first), month.rising(|month| Month(first(month).0 + 2))))
}

/// `month in window`.
pub(crate) fn in_window(month: &Value, window: &Value) -> Value {
    let why = month.why.clone().and(&window.why);
    let (Some(Is::Month(m)), Some(Is::Window(from, to))) = (&month.some, &window.some) else {
        return Value::truth(Ternary::No, why);
    };
    let inside = from.at_most(m) & m.at_most(to);
    Value::truth(if month.nothing || window.nothing { inside & Ternary::Unknown } else { inside }, why)
}
