//! When a measure is paid.

use card::{Date, Month};
use law::tree::Expr;

use super::{Eval, Scope, Stop, interval::Interval, value::Value};

/// The days of a right, as far as they are known.
pub(crate) struct Period {
    /// The day on which it arose.
    pub(crate) right: Interval<Date>,
    /// The first day paid for.
    pub(crate) from: Interval<Date>,
    /// The first day not paid for, where there is one.
    pub(crate) until: Interval<Date>,
    /// May it go on while the conditions hold?
    pub(crate) may_be_open: bool,
}

impl Eval<'_> {
    /// The period of a right. A division by zero or a day that is nothing leaves the day unknown.
    pub(crate) fn period(&self, scope: &Scope) -> Result<Period, Stop> {
        let asked_on = Interval::point(self.question.asked_on);
        let period = &self.measure.period;
        let day = |expr: &Expr| -> Result<Interval<Date>, Stop> {
            let value = self.eval(expr, scope)?;
            Ok(certain_day(&value).unwrap_or(Interval::ANY))
        };
        let right = period.right.as_ref().map_or(Ok(asked_on), day)?;
        let from = match (&period.from, &period.back_to) {
            (Some(from), _) => day(from)?,
            (None, Some(back_to)) => right.larger(day(back_to)?),
            (None, None) => right.larger(asked_on),
        };
        let mut until: Option<Interval<Date>> = None;
        let mut may_be_open = true;
        if let Some(end) = &period.until {
            let end = self.eval(end, scope)?;
            if let Some(days) = end.date() {
                until = Some(days);
                may_be_open = end.nothing;
            }
        }
        if let Some(months) = &period.months {
            let months = self.eval(months, scope)?;
            let end = match months.number() {
                Some(number) if !months.nothing => {
                    let first = from.rising(|day| day.month().0 + i32::from(period.next_month));
                    let count = number.rising(|n| n.floor().to_integer().clamp(0, 12_000) as i32);
                    let after = |a: i32, n: i32| Month(a + n).first_day();
                    Interval {
                        lo: first.lo.zip(count.lo).map(|(a, n)| after(a, n)),
                        hi: first.hi.zip(count.hi).map(|(a, n)| after(a, n)),
                    }
                }
                _ => Interval::ANY,
            };
            until = Some(match until {
                Some(until) if !may_be_open => until.smaller(end),
                Some(until) => until.smaller(end).hull(end),
                None => end,
            });
            may_be_open = months.nothing;
        }
        Ok(Period { right, from, until: until.unwrap_or(Interval::ANY), may_be_open })
    }
}

fn certain_day(value: &Value) -> Option<Interval<Date>> {
    value.date().filter(|_| !value.nothing)
}
