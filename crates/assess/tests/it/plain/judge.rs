//! Judging: comparisons, `and`, `or`, and functions of values that may be nothing.

use card::Ternary;
use law::tree::Comparison;

use super::{
    Stop,
    value::{Is, Value, Why},
};

/// Through a function of values that are there: with nothing, nothing.
pub(crate) fn lift<const N: usize>(
    parts: [Value; N],
    f: impl FnOnce([Is; N]) -> Result<Is, Stop>,
) -> Result<Value, Stop> {
    let mut why = Why::default();
    let mut nothing = false;
    for part in &parts {
        why.add(&part.why);
        nothing |= part.nothing;
    }
    if parts.iter().any(|part| part.some.is_none()) {
        return Ok(Value::nothing(why));
    }
    let is = f(parts.map(|part| part.some.expect("looked at just before")))?;
    Ok(Value { some: Some(is), nothing, why }.settle())
}

/// The smaller or larger of two values.
pub(crate) fn extreme(a: Is, b: Is, least: bool) -> Result<Is, Stop> {
    Ok(match (a, b) {
        (Is::Number(a), Is::Number(b)) => Is::Number(if least { a.smaller(b) } else { a.larger(b) }),
        (Is::Date(a), Is::Date(b)) => Is::Date(if least { a.smaller(b) } else { a.larger(b) }),
        (Is::Month(a), Is::Month(b)) => Is::Month(if least { a.smaller(b) } else { a.larger(b) }),
        _ => return Err(Stop::Wrong("the least of what is not ordered")),
    })
}

/// `and` of truth values: of a no, what decided it; of a doubt, what is in doubt.
pub(crate) fn conjoined(values: Vec<Value>) -> Value {
    let outcome = values.iter().fold(Ternary::Yes, |all, value| all & value.ternary());
    let mut why = Why::default();
    for value in values {
        let ternary = value.ternary();
        if outcome != Ternary::No || ternary == Ternary::No {
            why.add(&value.why);
        }
    }
    Value::truth(outcome, why)
}

/// `or` of truth values, as [`conjoined`].
pub(crate) fn disjoined(values: Vec<Value>) -> Value {
    let negated = values.into_iter().map(|value| Value::truth(!value.ternary(), value.why)).collect();
    let neither = conjoined(negated);
    Value::truth(!neither.ternary(), neither.why)
}

/// A comparison; with a side that is nothing it is false.
pub(crate) fn compare(how: Comparison, a: &Value, b: &Value) -> Value {
    let why = a.why.clone().and(&b.why);
    let (Some(x), Some(y)) = (&a.some, &b.some) else { return Value::truth(Ternary::No, why) };
    let less = |x: &Is, y: &Is| match (x, y) {
        (Is::Number(x), Is::Number(y)) => x.less(y),
        (Is::Date(x), Is::Date(y)) => x.less(y),
        (Is::Month(x), Is::Month(y)) => x.less(y),
        (Is::Duration(x), Is::Duration(y)) => shorter(x, y),
        _ => Ternary::Unknown,
    };
    let outcome = match how {
        Comparison::Equal => equal(x, y),
        Comparison::NotEqual => !equal(x, y),
        Comparison::Less => less(x, y),
        Comparison::Greater => less(y, x),
        Comparison::AtMost => !less(y, x),
        Comparison::AtLeast => !less(x, y),
    };
    let outcome = if a.nothing || b.nothing { outcome & Ternary::Unknown } else { outcome };
    Value::truth(outcome, why)
}

fn shorter(x: &[card::Span], y: &[card::Span]) -> Ternary {
    use card::Span::{Days, Months};
    let mut each = x.iter().flat_map(|x| y.iter().map(move |y| (x, y))).map(|pair| match pair {
        (Months(x), Months(y)) | (Days(x), Days(y)) => Ternary::known(x < y),
        _ => Ternary::Unknown,
    });
    let first = each.next().unwrap_or(Ternary::Unknown);
    if each.all(|next| next == first) { first } else { Ternary::Unknown }
}

fn equal(one: &Is, other: &Is) -> Ternary {
    match (one, other) {
        (Is::Bool(x), Is::Bool(y)) => (*x & *y) | (!*x & !*y),
        (Is::Number(x), Is::Number(y)) => x.equal(y),
        (Is::Date(x), Is::Date(y)) => x.equal(y),
        (Is::Month(x), Is::Month(y)) => x.equal(y),
        (Is::Window(a, b), Is::Window(c, d)) => a.equal(c) & b.equal(d),
        (Is::Duration(x), Is::Duration(y)) => match (&x[..], &y[..]) {
            ([x], [y]) => Ternary::known(x == y),
            _ if x.iter().any(|span| y.contains(span)) => Ternary::Unknown,
            _ => Ternary::No,
        },
        (Is::Enum(x), Is::Enum(y)) => x.equal(y),
        (Is::Code(x), Is::Code(y)) => x.equal(y),
        (Is::Row(x), Is::Row(y)) => x.equal(y),
        _ => Ternary::Unknown,
    }
}
