//! Kernels of numbers. Lowering proved that nothing finite leaves 128 bits; the ends of an interval
//! may be infinite.

use super::zip;
use crate::{
    plan::{Rounding, Way},
    types::{ENDLESS, Ints, NEVER},
};

const fn infinite(a: i128) -> bool {
    a == ENDLESS || a == NEVER
}

fn plus(a: i128, b: i128) -> i128 {
    if infinite(a) {
        a
    } else if infinite(b) {
        b
    } else {
        a + b
    }
}

fn minus(a: i128) -> i128 {
    match a {
        ENDLESS => NEVER,
        NEVER => ENDLESS,
        _ => -a,
    }
}

fn times(a: i128, b: i128) -> i128 {
    if a == 0 || b == 0 {
        0
    } else if infinite(a) || infinite(b) {
        if (a < 0) == (b < 0) { ENDLESS } else { NEVER }
    } else {
        a * b
    }
}

fn ends(a: &Ints, b: &Ints, lo: impl Fn(i128, i128) -> i128, hi: impl Fn(i128, i128) -> i128) -> Ints {
    match (&a.hi, &b.hi) {
        (None, None) => Ints::known(zip(&a.lo, &b.lo, lo)),
        _ => Ints { lo: zip(&a.lo, &b.lo, lo), hi: Some(zip(a.hi(), b.hi(), hi)) },
    }
}

fn each(a: &Ints, f: impl Fn(i128) -> i128) -> Ints {
    Ints {
        lo: a.lo.iter().map(|a| f(*a)).collect(),
        hi: a.hi.as_ref().map(|hi| hi.iter().map(|a| f(*a)).collect()),
    }
}

/// `a + b`
pub(crate) fn add(a: &Ints, b: &Ints) -> Ints {
    ends(a, b, plus, plus)
}

/// `a − b`
pub(crate) fn sub(a: &Ints, b: &Ints) -> Ints {
    match (&a.hi, &b.hi) {
        (None, None) => Ints::known(zip(&a.lo, &b.lo, |a, b| plus(a, minus(b)))),
        _ => Ints {
            lo: zip(&a.lo, b.hi(), |a, b| plus(a, minus(b))),
            hi: Some(zip(a.hi(), &b.lo, |a, b| plus(a, minus(b)))),
        },
    }
}

/// `a × b`
pub(crate) fn mul(a: &Ints, b: &Ints) -> Ints {
    if let (None, None) = (&a.hi, &b.hi) {
        Ints::known(zip(&a.lo, &b.lo, times))
    } else {
        let corners = [
            zip(&a.lo, &b.lo, times),
            zip(&a.lo, b.hi(), times),
            zip(a.hi(), &b.lo, times),
            zip(a.hi(), b.hi(), times),
        ];
        let fold = |f: fn(i128, i128) -> i128| {
            (0..corners[0].len())
                .map(|at| f(f(corners[0][at], corners[1][at]), f(corners[2][at], corners[3][at])))
                .collect()
        };
        Ints::of(fold(i128::min), fold(i128::max))
    }
}

/// `a × k`
pub(crate) fn scale(a: &Ints, k: i128) -> Ints {
    let scaled = each(a, |a| times(a, k));
    match scaled.hi {
        Some(hi) if k < 0 => Ints { lo: hi, hi: Some(scaled.lo) },
        hi => Ints { lo: scaled.lo, hi },
    }
}

/// The smaller of both ends.
pub(crate) fn min(a: &Ints, b: &Ints) -> Ints {
    ends(a, b, i128::min, i128::min)
}

/// The larger of both ends.
pub(crate) fn max(a: &Ints, b: &Ints) -> Ints {
    ends(a, b, i128::max, i128::max)
}

/// The floor of a division by a positive constant.
pub(crate) fn floor(a: &Ints, by: i128) -> Ints {
    each(a, |a| if infinite(a) { a } else { a.div_euclid(by) })
}

/// Rounds to a multiple of a unit; the result counts units.
pub(crate) fn round(a: &Ints, how: Rounding) -> Ints {
    each(a, |a| {
        if infinite(a) {
            return a;
        }
        let (down, rest) = (a.div_euclid(how.unit), a.rem_euclid(how.unit));
        let up = match how.way {
            Way::Up => rest > 0,
            Way::Nearest => rest * 2 >= how.unit,
        };
        down + i128::from(up)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(a: i64, b: i64) -> Ints {
        Ints::of(vec![i128::from(a.min(b))], vec![i128::from(a.max(b))])
    }

    proptest! {
        #[test]
        fn an_interval_holds_what_its_points_give(a in -50i64..50, b in -50i64..50, c in -50i64..50, d in -50i64..50, k in -7i128..7) {
            let (x, y) = (span(a, b), span(c, d));
            for (p, q) in [(a, c), (b, d), (a, d), (b, c)] {
                let (p, q) = (i128::from(p), i128::from(q));
                let holds = |s: Ints, v: i128| s.lo[0] <= v && v <= s.hi()[0];
                prop_assert!(holds(add(&x, &y), p + q));
                prop_assert!(holds(sub(&x, &y), p - q));
                prop_assert!(holds(mul(&x, &y), p * q));
                prop_assert!(holds(scale(&x, k), p * k));
                prop_assert!(holds(min(&x, &y), p.min(q)));
            }
        }
    }

    #[test]
    fn rounds_to_units() {
        let round = |a, way| super::round(&Ints::known(vec![a]), Rounding { unit: 100, way }).lo[0];
        assert_eq!((round(10_401_625, Way::Up), round(10_401_600, Way::Up)), (104_017, 104_016));
        assert_eq!((round(150, Way::Nearest), round(149, Way::Nearest)), (2, 1));
        assert_eq!((round(-150, Way::Nearest), round(-151, Way::Nearest)), (-1, -2));
    }

    #[test]
    fn infinite_ends_stay_infinite() {
        let open = Ints::of(vec![2], vec![ENDLESS]);
        assert_eq!(add(&open, &open), Ints::of(vec![4], vec![ENDLESS]));
        assert_eq!(sub(&open, &open), Ints::of(vec![NEVER], vec![ENDLESS]));
        assert_eq!(mul(&open, &Ints::known(vec![0])), Ints { lo: vec![0], hi: None });
        assert_eq!(scale(&open, -3), Ints::of(vec![NEVER], vec![-6]));
    }
}
