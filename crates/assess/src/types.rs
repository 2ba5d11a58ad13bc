//! What a column holds.
//!
//! Every value is the set of what it may still be: a truth value two bits, a number or a day an
//! interval, an enumeration a bit set, a code an interned number. Whether an optional value may be
//! *nothing* is a column of its own.

use std::rc::Rc;

use num_rational::Ratio;

/// A truth value: [`YES`] it may be true, [`NO`] it may be false.
pub(crate) type Bits = u8;

/// Certainly true; as a bit, may be true.
pub(crate) const YES: Bits = 1;
/// Certainly false; as a bit, may be false.
pub(crate) const NO: Bits = 2;
/// Not known.
pub(crate) const UNKNOWN: Bits = 3;

/// The end of an interval of numbers that has no end; [`NEVER`] is the lower one.
pub(crate) const ENDLESS: i128 = i128::MAX;
/// See [`ENDLESS`].
pub(crate) const NEVER: i128 = i128::MIN;
/// The end of an interval of days that has no end; [`EVER_BEFORE`] is the lower one.
pub(crate) const EVER_AFTER: i32 = i32::MAX;
/// See [`EVER_AFTER`].
pub(crate) const EVER_BEFORE: i32 = i32::MIN;

/// A code that may be any.
pub(crate) const ANY_CODE: u32 = 0;

/// Closed intervals; without `hi` each is one point, which most facts are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span<T> {
    /// Lower ends.
    pub lo: Vec<T>,
    /// Upper ends, if any interval is more than a point.
    pub hi: Option<Vec<T>>,
}

impl<T: Copy + PartialEq> Span<T> {
    /// Drops the upper ends where they repeat the lower ones.
    pub fn of(lo: Vec<T>, hi: Vec<T>) -> Self {
        let hi = (lo != hi).then_some(hi);
        Self { lo, hi }
    }

    /// Points.
    pub fn known(lo: Vec<T>) -> Self {
        Self { lo, hi: None }
    }

    /// The upper ends.
    pub fn hi(&self) -> &[T] {
        self.hi.as_deref().unwrap_or(&self.lo)
    }

    /// The interval of one element.
    pub fn at(&self, at: usize) -> (T, T) {
        (self.lo[at], self.hi()[at])
    }
}

impl<T: Copy + PartialEq> FromIterator<(T, T)> for Span<T> {
    fn from_iter<I: IntoIterator<Item = (T, T)>>(ends: I) -> Self {
        let ends = ends.into_iter();
        let many = ends.size_hint().0;
        let mut span = Self { lo: Vec::with_capacity(many), hi: None };
        for (lo, hi) in ends {
            if let Some(his) = &mut span.hi {
                his.push(hi);
            } else if lo != hi {
                let mut his = Vec::with_capacity(many);
                his.extend_from_slice(&span.lo);
                his.push(hi);
                span.hi = Some(his);
            }
            span.lo.push(lo);
        }
        span
    }
}

/// Numbers, scaled by the static denominator of their node.
pub(crate) type Ints = Span<i128>;
/// Days since 1970, or months as year × 12 + month − 1.
pub(crate) type Days = Span<i32>;

/// An end of an interval of exact ratios.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// No lower end.
    Low,
    /// This.
    At(Ratio<i128>),
    /// No upper end.
    High,
}

/// Exact ratios.
pub(crate) type Ratios = Span<End>;

/// Lists of rows: for every owner a run of members.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Edges {
    /// Where each owner's run begins; one more at the end.
    pub offsets: Vec<u32>,
    /// The members, as row numbers of their entity.
    pub rows: Vec<u32>,
    /// May each member be in, may it be out; all certain if absent.
    pub member: Option<Vec<Bits>>,
    /// May each owner have members that are not here?
    pub open: Option<Vec<Bits>>,
    /// Of a relation to one: may there be something, may there be nothing?
    pub exists: Option<Vec<Bits>>,
    /// For edges seen through other rows: the number of the edge that each one repeats.
    pub back: Option<Vec<u32>>,
}

impl Edges {
    /// How many edges.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many owners.
    pub fn owners(&self) -> usize {
        self.offsets.len() - 1
    }

    /// May an edge's member be in, may it be out?
    pub fn member_at(&self, edge: usize) -> Bits {
        self.member.as_ref().map_or(YES, |member| member[edge])
    }

    /// Has each owner exactly one edge?
    pub fn one_each(&self) -> bool {
        self.offsets.iter().enumerate().all(|(owner, offset)| *offset as usize == owner)
    }

    /// The edges of one owner.
    pub fn run(&self, owner: usize) -> std::ops::Range<usize> {
        self.offsets[owner] as usize..self.offsets[owner + 1] as usize
    }
}

/// A column of one kind of value. A column of one element stands for any number of equal ones
/// where its node lives on no rows at all.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column {
    /// Truth values.
    Bits(Vec<Bits>),
    /// Numbers.
    Ints(Ints),
    /// Days or months.
    Days(Days),
    /// Sets of values of an enumeration.
    Sets(Vec<u64>),
    /// Codes: [`ANY_CODE`], one interned code, or a set of them kept by [`Codes`].
    Codes(Vec<u32>),
    /// Numbers without a common denominator, as a division by a column gives them.
    Ratios(Ratios),
    /// Row numbers, each certain.
    Rows(Vec<u32>),
    /// Lists.
    Edges(Edges),
}

/// A column that several hold.
pub(crate) type Shared = Rc<Column>;

macro_rules! reads_as {
    ($name:ident, $variant:ident, $ty:ty) => {
        pub(crate) fn $name(&self) -> &$ty {
            match self {
                Self::$variant(values) => values,
                other => unreachable!("lowering typed the graph: {} is {other:?}", stringify!($variant)),
            }
        }
    };
}

impl Column {
    reads_as!(bits, Bits, Vec<Bits>);
    reads_as!(ints, Ints, Ints);
    reads_as!(days, Days, Days);
    reads_as!(ratios, Ratios, Ratios);
    reads_as!(sets, Sets, Vec<u64>);
    reads_as!(codes, Codes, Vec<u32>);
    reads_as!(rows, Rows, Vec<u32>);
    reads_as!(edges, Edges, Edges);
}
