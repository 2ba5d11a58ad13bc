//! Numbers of the law: dated tables by keys, indexes, and dates that a table says are reached.

use card::{Date, Schema, Ternary};
use law::{
    Constant, Entry, KeyTest, Step,
    tree::{Expr, ParameterId, Type},
};
use num_rational::Ratio;
use num_traits::CheckedMul;

use super::{
    Stop,
    eval::{Eval, Scope},
    interval::{Exact, Interval},
    value::{Is, Set, Value, Why},
};

/// More combinations of keys than this are not told apart.
const COMBINATIONS: usize = 4096;

impl Eval<'_> {
    /// A parameter's value: of all entries that may be meant, where keys or day are not certain.
    pub(crate) fn parameter(
        &self,
        id: ParameterId,
        keys: &[Expr],
        day: Option<Value>,
        scope: &Scope,
    ) -> Result<Value, Stop> {
        let parameter = self.pack.parameter(id);
        let mut why = Why::default();
        let mut nothing = false;
        let days = match day {
            None => Interval::point(scope.some_day()),
            Some(day) => {
                why.add(&day.why);
                nothing |= day.nothing;
                let Some(days) = day.date() else { return Ok(Value::nothing(why)) };
                days
            }
        };
        let mut columns = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            let key = self.eval(key, scope)?;
            why.add(&key.why);
            nothing |= key.nothing;
            let Some(is) = key.some else { return Ok(Value::nothing(why)) };
            let tests = parameter.steps.iter().flat_map(|step| &step.entries).map(|entry| &entry.tests[at]);
            columns.push(classes(&is, &parameter.keys[at], tests, &self.pack.schema));
        }
        let mut result: Option<Value> = None;
        let mut join = |next: Value| {
            result = Some(match result.take() {
                None => next,
                Some(result) => result.or(next),
            });
        };
        let (steps, before) = active(&parameter.steps, days);
        if before {
            join(Value::nothing(Why::default()));
        }
        let many: usize = columns.iter().map(Vec::len).product();
        for step in steps {
            if many > COMBINATIONS {
                step.entries.iter().for_each(|entry| join(constant(&entry.value, step)));
                join(Value::nothing(Why::default()));
                continue;
            }
            for nth in 0..many {
                let mut rest = nth;
                let keys: Vec<&Point> = columns
                    .iter()
                    .map(|column| {
                        let point = &column[rest % column.len()];
                        rest /= column.len();
                        point
                    })
                    .collect();
                let entry = step.entries.iter().find(|entry| passes(entry, &keys));
                join(entry.map_or_else(|| nothing_in(step), |entry| constant(&entry.value, step)));
            }
        }
        let mut value = result.unwrap_or_else(|| Value::nothing(Why::default()));
        value.nothing |= nothing;
        Ok(value.because(&why))
    }

    /// The product of an index's factors in (from..to].
    pub(crate) fn index(&self, id: ParameterId, from: &Value, to: &Value) -> Result<Value, Stop> {
        let mut why = from.why.clone().and(&to.why);
        let (Some(from_days), Some(to_days)) = (from.date(), to.date()) else {
            return Ok(Value::nothing(why));
        };
        let one = Ratio::from_integer(1);
        let (mut lo, mut hi) = (one, one);
        for step in &self.pack.parameter(id).steps {
            let day = Interval::point(step.from);
            let inside = from_days.less(&day) & day.at_most(&to_days);
            let Some(Constant::Number(factor)) = step.entries.first().map(|entry| &entry.value) else {
                return Err(Stop::Wrong("an index of what are no factors"));
            };
            let (least, most) = match inside {
                Ternary::No => continue,
                Ternary::Yes => (*factor, *factor),
                Ternary::Unknown => (one.min(*factor), one.max(*factor)),
            };
            why.standing = why.standing.max(step.standing);
            lo = lo.checked_mul(&least).ok_or(Stop::TooLarge)?;
            hi = hi.checked_mul(&most).ok_or(Stop::TooLarge)?;
        }
        let value = Value::of(Is::Number(Interval::between(lo, hi)), why);
        Ok(if from.nothing || to.nothing { value.or_nothing() } else { value })
    }

    /// `reached_on(p, keys…, day)`: the first day t on which `day + p(keys, t)` has passed. A later
    /// day and a longer duration never make it earlier, so the ends of both give its ends.
    pub(crate) fn reached_on(
        &self,
        id: ParameterId,
        keys: &[Expr],
        day: &Value,
        scope: &Scope,
    ) -> Result<Value, Stop> {
        let mut why = day.why.clone();
        let mut nothing = day.nothing;
        let Some(days) = day.date() else { return Ok(Value::nothing(why)) };
        let (mut lo, mut hi) = (None, None);
        let steps = &self.pack.parameter(id).steps;
        for (at, step) in steps.iter().enumerate() {
            let from = Value::of(Is::Date(Interval::point(step.from)), Why::default());
            let spans = self.parameter(id, keys, Some(from), scope)?;
            why.add(&spans.why);
            let Some(Is::Duration(lengths)) = &spans.some else { continue };
            let next = steps.get(at + 1).map(|next| next.from);
            let reached = |day: Date, length: card::Span| {
                let reached = day.plus(length).max(step.from);
                next.is_none_or(|next| reached < next).then_some(reached)
            };
            if lo.is_none() {
                lo = match days.lo {
                    Some(day) => lengths.iter().filter_map(|length| reached(day, *length)).min().map(Some),
                    None => Some(None),
                };
            }
            if hi.is_none() && !spans.nothing {
                let all: Option<Vec<Date>> =
                    days.hi.and_then(|day| lengths.iter().map(|length| reached(day, *length)).collect());
                hi = all.and_then(|all| all.into_iter().max());
            }
        }
        let Some(lo) = lo else { return Ok(Value::nothing(why)) };
        nothing |= hi.is_none() && days.hi.is_some();
        let value = Value::of(Is::Date(Interval { lo, hi }), why);
        Ok(if nothing { value.or_nothing() } else { value })
    }
}

/// The steps that apply on some of these days, and whether some day lies before the first.
fn active(steps: &[Step], days: Interval<Date>) -> (Vec<&Step>, bool) {
    let begins = |at: usize| days.hi.is_none_or(|hi| steps[at].from <= hi);
    let lasts = |at: usize| steps.get(at + 1).is_none_or(|next| days.lo.is_none_or(|lo| lo < next.from));
    let active = (0..steps.len()).filter(|at| begins(*at) && lasts(*at)).map(|at| &steps[at]).collect();
    let before = steps.first().is_none_or(|first| days.lo.is_none_or(|lo| lo < first.from));
    (active, before)
}

fn constant(constant: &Constant, step: &Step) -> Value {
    let is = match constant {
        Constant::Bool(value) => Is::Bool(Ternary::known(*value)),
        Constant::Number(number) => Is::Number(Interval::point(*number)),
        Constant::Date(day) => Is::Date(Interval::point(*day)),
        Constant::Duration(span) => Is::Duration(vec![*span]),
        Constant::Enum(value) => Is::Enum(Set::just(*value)),
    };
    Value::of(is, Why { standing: step.standing, ..Why::default() })
}

fn nothing_in(step: &Step) -> Value {
    Value::nothing(Why { standing: step.standing, ..Why::default() })
}

/// One value of a key that stands for all values which the tests of its column do not tell apart.
#[derive(Clone, Debug, PartialEq)]
enum Point {
    Bool(bool),
    Number(Exact),
    Enum(u16),
    /// A code of the table, or one that no entry names.
    Code(Option<Box<str>>),
}

/// The values of a key that the tests of its column can tell apart.
fn classes<'t>(key: &Is, ty: &Type, tests: impl Iterator<Item = &'t KeyTest>, schema: &Schema) -> Vec<Point> {
    match key {
        Is::Bool(value) => {
            let may = [(true, value.may_be_true()), (false, value.may_be_false())];
            may.into_iter().filter(|(_, may)| *may).map(|(value, _)| Point::Bool(value)).collect()
        }
        Is::Enum(Set::Of(values)) => values.iter().copied().map(Point::Enum).collect(),
        Is::Enum(Set::Any) => {
            let many = match ty {
                Type::Enum(id) => schema.enumeration(*id).values.len(),
                _ => 0,
            };
            (0..many as u16).map(Point::Enum).collect()
        }
        Is::Code(Set::Of(codes)) => codes.iter().cloned().map(Some).map(Point::Code).collect(),
        Is::Code(Set::Any) => {
            let mut named: Vec<Point> = vec![Point::Code(None)];
            for test in tests {
                let KeyTest::Codes(codes) = test else { continue };
                named.extend(codes.iter().map(|code| Point::Code(Some(code.clone().into_boxed_str()))));
            }
            named
        }
        Is::Number(number) => {
            let whole = *ty == Type::Integer;
            numbers(*number, whole, tests).into_iter().map(Point::Number).collect()
        }
        _ => Vec::new(),
    }
}

/// One number of every stretch that the ends of ranges cut an interval into.
fn numbers<'t>(key: Interval<Exact>, whole: bool, tests: impl Iterator<Item = &'t KeyTest>) -> Vec<Exact> {
    if let Some(number) = key.single() {
        return vec![number];
    }
    let mut cuts: Vec<Exact> = Vec::new();
    for test in tests {
        if let KeyTest::Range(lo, hi) = test {
            cuts.extend(lo.iter().chain(hi).map(|(end, _)| *end));
        }
    }
    cuts.extend(key.lo);
    cuts.extend(key.hi);
    cuts.sort_unstable();
    cuts.dedup();
    let one = Ratio::from_integer(1);
    let mut points: Vec<Exact> = Vec::new();
    if whole {
        points.extend(
            cuts.iter().flat_map(|cut| [cut.floor() - one, cut.floor(), cut.ceil(), cut.ceil() + one]),
        );
    } else {
        points.extend(cuts.windows(2).map(|pair| (pair[0] + pair[1]) / Ratio::from_integer(2)));
        points.extend(cuts.first().map(|first| first - one));
        points.extend(cuts.last().map(|last| last + one));
        points.extend(&cuts);
    }
    if points.is_empty() {
        points.push(Ratio::from_integer(0));
    }
    points.retain(|point| key.admits(*point));
    points.sort_unstable();
    points.dedup();
    points
}

/// Does every key pass its test?
fn passes(entry: &Entry, keys: &[&Point]) -> bool {
    entry.tests.iter().zip(keys).all(|(test, key)| match (test, key) {
        (KeyTest::Any, _) => true,
        (KeyTest::OneOf(values), Point::Enum(value)) => values.contains(value),
        (KeyTest::Codes(codes), Point::Code(Some(code))) => codes.iter().any(|c| **c == **code),
        (KeyTest::Range(lo, hi), Point::Number(x)) => {
            lo.is_none_or(|(end, included)| if included { end <= *x } else { end < *x })
                && hi.is_none_or(|(end, included)| if included { *x <= end } else { *x < end })
        }
        (KeyTest::Is(wanted), Point::Bool(value)) => wanted == value,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_number_is_tried_in_every_stretch_of_the_table() {
        let seven = Ratio::from_integer(7);
        let tests = [KeyTest::Range(Some((seven, true)), None)];
        let from_three = Interval { lo: Some(Ratio::from_integer(3)), hi: None };
        let tried = numbers(from_three, true, tests.iter());
        assert!(tried.iter().all(|x| *x >= Ratio::from_integer(3)));
        assert!(tried.contains(&Ratio::from_integer(6)) && tried.contains(&seven));
    }

    #[test]
    fn of_decimals_the_gap_between_two_ends_is_tried_too() {
        let at = |n: i128| Some((Ratio::from_integer(n), true));
        let tests = [KeyTest::Range(at(0), at(1)), KeyTest::Range(at(2), at(3))];
        let tried = numbers(Interval::ANY, false, tests.iter());
        assert!(tried.iter().any(|x| *x > Ratio::from_integer(1) && *x < Ratio::from_integer(2)));
    }
}
