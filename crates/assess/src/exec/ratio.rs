//! Kernels of exact ratios, for divisions by what differs from row to row. Slower than integers over a
//! static denominator. What leaves 128 bits is not known.

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, Zero};

use crate::{
    plan::{Arithmetic, Way},
    types::{Bits, ENDLESS, Edges, End, Ints, NEVER, NO, Ratios, YES},
};

type Interval = (End, End);

const ANY: Interval = (End::Low, End::High);

fn end(at: i128, den: i128) -> End {
    match at {
        NEVER => End::Low,
        ENDLESS => End::High,
        _ => End::At(Ratio::new(at, den)),
    }
}

/// Numbers over their denominator.
pub(crate) fn of_ints(ints: &Ints, den: i128) -> Ratios {
    let each = |ends: &[i128]| ends.iter().map(|at| end(*at, den)).collect();
    Ratios { lo: each(&ints.lo), hi: ints.hi.as_deref().map(each) }
}

/// An operation over two columns.
pub(crate) fn apply(how: Arithmetic, a: &Ratios, b: &Ratios) -> Ratios {
    let n = if a.lo.len() == 1 { b.lo.len() } else { a.lo.len() };
    let (lo, hi) = (0..n).map(|at| one(how, pick(a, at), pick(b, at))).unzip();
    Ratios::of(lo, hi)
}

fn pick(ratios: &Ratios, at: usize) -> Interval {
    if ratios.lo.len() == 1 { ratios.at(0) } else { ratios.at(at) }
}

fn one(how: Arithmetic, a: Interval, b: Interval) -> Interval {
    match how {
        Arithmetic::Add => (plus(a.0, b.0, End::Low), plus(a.1, b.1, End::High)),
        Arithmetic::Sub => (plus(a.0, minus(b.1), End::Low), plus(a.1, minus(b.0), End::High)),
        Arithmetic::Mul => product(a, b),
        Arithmetic::Div => quotient(a, b),
        Arithmetic::Min => (a.0.min(b.0), a.1.min(b.1)),
        Arithmetic::Max => (a.0.max(b.0), a.1.max(b.1)),
    }
}

fn plus(a: End, b: End, otherwise: End) -> End {
    match (a, b) {
        (End::At(a), End::At(b)) => a.checked_add(&b).map_or(otherwise, End::At),
        _ => otherwise,
    }
}

fn minus(a: End) -> End {
    match a {
        End::Low => End::High,
        End::At(a) => End::At(-a),
        End::High => End::Low,
    }
}

fn sign(a: End) -> i32 {
    match a {
        End::Low => -1,
        End::High => 1,
        End::At(a) => i32::from(a > Ratio::zero()) - i32::from(a < Ratio::zero()),
    }
}

fn product(a: Interval, b: Interval) -> Interval {
    let mut hull: Option<Interval> = None;
    for x in [a.0, a.1] {
        for y in [b.0, b.1] {
            let corner = match (x, y) {
                (End::At(x), End::At(y)) => match x.checked_mul(&y) {
                    Some(product) => End::At(product),
                    None => return ANY,
                },
                _ => match sign(x) * sign(y) {
                    0 => End::At(Ratio::zero()),
                    1 => End::High,
                    _ => End::Low,
                },
            };
            hull = Some(hull.map_or((corner, corner), |(lo, hi)| (lo.min(corner), hi.max(corner))));
        }
    }
    hull.unwrap_or(ANY)
}

/// Unbounded where the divisor may be zero.
fn quotient(a: Interval, b: Interval) -> Interval {
    if sign(b.0) <= 0 && sign(b.1) >= 0 {
        return ANY;
    }
    let inverse = |end: End| match end {
        End::At(x) => Ratio::from_integer(1).checked_div(&x),
        _ => Some(Ratio::zero()),
    };
    match (inverse(b.1), inverse(b.0)) {
        (Some(lo), Some(hi)) => product(a, (End::At(lo), End::At(hi))),
        _ => ANY,
    }
}

fn ints(a: &Ratios, f: impl Fn(Ratio<i128>) -> i128) -> Ints {
    let each = |end: &End| match end {
        End::Low => NEVER,
        End::High => ENDLESS,
        End::At(x) => f(*x),
    };
    let (lo, hi) = (a.lo.iter().map(each).collect(), a.hi().iter().map(each).collect());
    Ints::of(lo, hi)
}

/// The floor.
pub(crate) fn floor(a: &Ratios) -> Ints {
    ints(a, |x| x.floor().to_integer())
}

/// Tiyn of tenge.
pub(crate) fn tiyn(a: &Ratios, way: Option<Way>) -> Ints {
    let half = Ratio::new(1, 2);
    ints(a, |x| match way {
        Some(Way::Up) => x.ceil().to_integer() * 100,
        Some(Way::Nearest) => (x + half).floor().to_integer() * 100,
        None => (x * Ratio::from_integer(100) + half).floor().to_integer(),
    })
}

/// The sum over members, as of numbers. Of a list that may be open the checker lets only terms pass that
/// are never negative.
pub(crate) fn sum(edges: &Edges, member: &[Bits], open: &[Bits], values: &Ratios) -> Ratios {
    let zero = End::At(Ratio::zero());
    let bits = |column: &[Bits], at: usize| if column.len() == 1 { column[0] } else { column[at] };
    let (mut los, mut his) = (Vec::new(), Vec::new());
    for owner in 0..edges.owners() {
        let mut total = (zero, zero);
        for edge in edges.run(owner) {
            let member = bits(member, edge);
            if member & YES == 0 {
                continue;
            }
            let mut value = pick(values, edge);
            if member & NO != 0 {
                value = (value.0.min(zero), value.1.max(zero));
            }
            total = one(Arithmetic::Add, total, value);
        }
        if bits(open, owner) & YES != 0 {
            total.1 = End::High;
        }
        los.push(total.0);
        his.push(total.1);
    }
    Ratios::of(los, his)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(lo: i128, hi: i128) -> Ratios {
        of_ints(&Ints::of(vec![lo], vec![hi]), 1)
    }

    #[test]
    fn a_divisor_that_may_be_zero_bounds_nothing() {
        let seven = span(7, 7);
        assert_eq!(apply(Arithmetic::Div, &seven, &span(0, 2)).at(0), ANY);
        let half = apply(Arithmetic::Div, &seven, &span(2, 4)).at(0);
        assert_eq!(half, (End::At(Ratio::new(7, 4)), End::At(Ratio::new(7, 2))));
        assert_eq!(apply(Arithmetic::Div, &seven, &span(2, ENDLESS)).at(0).0, End::At(Ratio::zero()));
    }

    #[test]
    fn tiyn_round_the_exact_ratio() {
        let third = apply(Arithmetic::Div, &span(10, 10), &span(3, 3));
        assert_eq!(tiyn(&third, None), Ints::known(vec![333]));
        assert_eq!(tiyn(&third, Some(Way::Up)), Ints::known(vec![400]));
        assert_eq!(tiyn(&third, Some(Way::Nearest)), Ints::known(vec![300]));
    }
}
