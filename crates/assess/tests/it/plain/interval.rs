//! Closed intervals of what a number, a day or a month may still be.

use card::Ternary;
use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Zero};

use super::Stop;

/// An exact number.
pub type Exact = Ratio<i128>;

/// Everything from `lo` to `hi`, both included; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval<T> {
    /// The least that it may be.
    pub lo: Option<T>,
    /// The most that it may be.
    pub hi: Option<T>,
}

impl<T: Copy + Ord> Interval<T> {
    /// Anything.
    pub const ANY: Self = Self { lo: None, hi: None };

    /// Exactly this.
    pub const fn point(value: T) -> Self {
        Self { lo: Some(value), hi: Some(value) }
    }

    /// From one known end to another.
    pub const fn between(lo: T, hi: T) -> Self {
        Self { lo: Some(lo), hi: Some(hi) }
    }

    /// The value, if only one is possible.
    pub fn single(&self) -> Option<T> {
        if self.lo == self.hi { self.lo } else { None }
    }

    /// May it be this?
    pub fn admits(&self, value: T) -> bool {
        self.lo.is_none_or(|lo| lo <= value) && self.hi.is_none_or(|hi| value <= hi)
    }

    /// Is everything that `other` may be something that this may be?
    pub fn includes(&self, other: &Self) -> bool {
        let low = self.lo.is_none_or(|lo| other.lo.is_some_and(|theirs| lo <= theirs));
        low && self.hi.is_none_or(|hi| other.hi.is_some_and(|theirs| theirs <= hi))
    }

    /// The smallest interval that holds both.
    pub fn hull(self, other: Self) -> Self {
        Self {
            lo: self.lo.zip(other.lo).map(|(a, b)| a.min(b)),
            hi: self.hi.zip(other.hi).map(|(a, b)| a.max(b)),
        }
    }

    /// Through a function that never falls where its argument grows.
    pub fn rising<U>(self, f: impl Fn(T) -> U) -> Interval<U> {
        Interval { lo: self.lo.map(&f), hi: self.hi.map(f) }
    }

    /// `self < other`.
    pub fn less(&self, other: &Self) -> Ternary {
        match (self.lo, self.hi, other.lo, other.hi) {
            (_, Some(hi), Some(lo), _) if hi < lo => Ternary::Yes,
            (Some(lo), _, _, Some(hi)) if lo >= hi => Ternary::No,
            _ => Ternary::Unknown,
        }
    }

    /// `self <= other`.
    pub fn at_most(&self, other: &Self) -> Ternary {
        !other.less(self)
    }

    /// `self = other`.
    pub fn equal(&self, other: &Self) -> Ternary {
        if self.single().is_some() && self.single() == other.single() {
            return Ternary::Yes;
        }
        let apart = self.less(other) == Ternary::Yes || other.less(self) == Ternary::Yes;
        if apart { Ternary::No } else { Ternary::Unknown }
    }

    /// The smaller of two values.
    pub fn smaller(self, other: Self) -> Self {
        Self {
            lo: self.lo.zip(other.lo).map(|(a, b)| a.min(b)),
            hi: match (self.hi, other.hi) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }

    /// The larger of two values.
    pub fn larger(self, other: Self) -> Self {
        Self {
            lo: match (self.lo, other.lo) {
                (Some(a), Some(b)) => Some(a.max(b)),
                (a, b) => a.or(b),
            },
            hi: self.hi.zip(other.hi).map(|(a, b)| a.max(b)),
        }
    }
}

/// An end of an interval in the extended line, ordered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Low,
    At(Exact),
    High,
}

impl End {
    fn times(self, other: Self) -> Result<Self, Stop> {
        let sign = |end: Self| match end {
            Self::Low => -1,
            Self::High => 1,
            Self::At(x) => i32::from(x > Exact::zero()) - i32::from(x < Exact::zero()),
        };
        Ok(match (self, other) {
            (Self::At(a), Self::At(b)) => Self::At(a.checked_mul(&b).ok_or(Stop::TooLarge)?),
            _ => match sign(self) * sign(other) {
                0 => Self::At(Exact::zero()),
                1 => Self::High,
                _ => Self::Low,
            },
        })
    }

    fn known(self) -> Option<Exact> {
        match self {
            Self::At(x) => Some(x),
            Self::Low | Self::High => None,
        }
    }
}

/// Applies an operation to two ends where both are known.
fn ends(
    a: Option<Exact>,
    b: Option<Exact>,
    f: impl Fn(&Exact, &Exact) -> Option<Exact>,
) -> Result<Option<Exact>, Stop> {
    a.zip(b).map(|(a, b)| f(&a, &b).ok_or(Stop::TooLarge)).transpose()
}

impl Interval<Exact> {
    /// Exactly zero.
    pub fn zero() -> Self {
        Self::point(Exact::zero())
    }

    /// A whole number.
    pub fn whole(value: i128) -> Self {
        Self::point(Exact::from_integer(value))
    }

    /// `self + other`.
    pub(crate) fn plus(self, other: Self) -> Result<Self, Stop> {
        Ok(Self {
            lo: ends(self.lo, other.lo, CheckedAdd::checked_add)?,
            hi: ends(self.hi, other.hi, CheckedAdd::checked_add)?,
        })
    }

    /// `self - other`.
    pub(crate) fn minus(self, other: Self) -> Result<Self, Stop> {
        Ok(Self {
            lo: ends(self.lo, other.hi, CheckedSub::checked_sub)?,
            hi: ends(self.hi, other.lo, CheckedSub::checked_sub)?,
        })
    }

    /// `self * other`: the least and the most of the four products of ends.
    pub(crate) fn times(self, other: Self) -> Result<Self, Stop> {
        let both = |x: Self| [x.lo.map_or(End::Low, End::At), x.hi.map_or(End::High, End::At)];
        let (mut lo, mut hi) = (End::High, End::Low);
        for a in both(self) {
            for b in both(other) {
                let product = a.times(b)?;
                (lo, hi) = (lo.min(product), hi.max(product));
            }
        }
        Ok(Self { lo: lo.known(), hi: hi.known() })
    }

    /// `self / other`: unbounded where the divisor may be zero, an error where it certainly is.
    pub(crate) fn over(self, other: Self) -> Result<Self, Stop> {
        if other.single().is_some_and(|x| x.is_zero()) {
            return Err(Stop::DividesByZero);
        }
        if other.admits(Exact::zero()) {
            return Ok(Self::ANY);
        }
        let one = Exact::from_integer(1);
        let inverse = |end: Option<Exact>| match end {
            Some(x) => one.checked_div(&x).ok_or(Stop::TooLarge),
            None => Ok(Exact::zero()),
        };
        self.times(Self { lo: Some(inverse(other.hi)?), hi: Some(inverse(other.lo)?) })
    }

    /// `floor(self)`.
    pub(crate) fn floor(self) -> Self {
        self.rising(|x| x.floor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(lo: i128, hi: i128) -> Interval<Exact> {
        Interval::between(Exact::from_integer(lo), Exact::from_integer(hi))
    }

    #[test]
    fn comparisons_decide_only_where_the_ends_do() {
        assert_eq!(q(1, 2).less(&q(3, 4)), Ternary::Yes);
        assert_eq!(q(3, 4).less(&q(1, 3)), Ternary::No);
        assert_eq!(q(1, 3).less(&q(3, 4)), Ternary::Unknown);
        assert_eq!(q(1, 3).at_most(&q(3, 4)), Ternary::Yes);
        assert_eq!(Interval::ANY.less(&q(1, 1)), Ternary::Unknown);
        assert_eq!(q(1, 2).equal(&q(3, 3)), Ternary::No);
        assert_eq!(q(3, 3).equal(&q(3, 3)), Ternary::Yes);
        assert_eq!(q(3, 4).equal(&q(4, 4)), Ternary::Unknown);
    }

    #[test]
    fn products_take_the_outer_corners() {
        assert_eq!(q(-2, 3).times(q(-5, 1)), Ok(q(-15, 10)));
        let from_two = Interval { lo: Some(Exact::from_integer(2)), hi: None };
        assert_eq!(from_two.times(q(0, 0)), Ok(q(0, 0)));
        assert_eq!(from_two.times(q(-1, 1)), Ok(Interval::ANY));
        assert_eq!(from_two.times(q(3, 4)), Ok(Interval { lo: Some(Exact::from_integer(6)), hi: None }));
    }

    #[test]
    fn a_divisor_that_may_be_zero_bounds_nothing() {
        assert_eq!(q(1, 2).over(q(0, 1)), Ok(Interval::ANY));
        assert_eq!(q(1, 2).over(q(0, 0)), Err(Stop::DividesByZero));
        assert_eq!(q(4, 8).over(q(2, 4)), Ok(q(1, 4)));
        let from_two = Interval { lo: Some(Exact::from_integer(2)), hi: None };
        assert_eq!(q(4, 8).over(from_two), Ok(q(0, 4)));
    }

    #[test]
    fn a_number_beyond_128_bits_is_told() {
        let huge = Interval::point(Exact::from_integer(i128::MAX));
        assert_eq!(huge.plus(q(1, 1)), Err(Stop::TooLarge));
        assert_eq!(huge.times(huge), Err(Stop::TooLarge));
    }

    #[test]
    fn the_smaller_of_an_open_value_is_bounded_by_the_other() {
        let open = Interval { lo: Some(Exact::from_integer(2)), hi: None };
        assert_eq!(open.smaller(q(5, 6)), q(2, 6));
        assert_eq!(open.larger(q(5, 6)), Interval { lo: Some(Exact::from_integer(5)), hi: None });
    }
}
