//! Kernels of truth values, comparisons and choice.

use law::tree::Comparison;

use super::zip;
use crate::types::{ANY_CODE, Bits, Column, Edges, End, NO, Span, UNKNOWN, YES};

/// Kleene's and: true where both are, false where one is.
pub(crate) fn and(a: &[Bits], b: &[Bits]) -> Vec<Bits> {
    zip(a, b, |a, b| (a & b & YES) | ((a | b) & NO))
}

/// Kleene's or.
pub(crate) fn or(a: &[Bits], b: &[Bits]) -> Vec<Bits> {
    zip(a, b, |a, b| ((a | b) & YES) | (a & b & NO))
}

/// Kleene's not: the two bits swapped.
pub(crate) fn not(a: &[Bits]) -> Vec<Bits> {
    a.iter().map(|a| (a & YES) << 1 | (a & NO) >> 1).collect()
}

/// False where an operand is nothing.
pub(crate) fn guard(value: &[Bits], exists: &[Bits]) -> Vec<Bits> {
    zip(value, exists, |value, exists| if exists & YES == 0 { NO } else { value | (exists & NO) })
}

/// Unknown where true, false where false.
pub(crate) fn doubt(a: &[Bits]) -> Vec<Bits> {
    a.iter().map(|a| if a & YES == 0 { NO } else { UNKNOWN }).collect()
}

/// True where it may be true.
pub(crate) fn doubtless(a: &[Bits]) -> Vec<Bits> {
    a.iter().map(|a| known(a & YES != 0)).collect()
}

/// A certain answer from a bit.
pub(crate) const fn known(truth: bool) -> Bits {
    if truth { YES } else { NO }
}

/// `may` gathers two possibilities.
const fn may(truth: bool, falsity: bool) -> Bits {
    (truth as Bits) | (falsity as Bits) << 1
}

/// A comparison of intervals.
pub(crate) fn compare<T: Copy + Ord>(how: Comparison, a: &Span<T>, b: &Span<T>) -> Vec<Bits> {
    match how {
        Comparison::Equal => equal(a, b),
        Comparison::NotEqual => not(&equal(a, b)),
        Comparison::Less => less(a, b),
        Comparison::Greater => less(b, a),
        Comparison::AtLeast => not(&less(a, b)),
        Comparison::AtMost => not(&less(b, a)),
    }
}

fn less<T: Copy + Ord>(a: &Span<T>, b: &Span<T>) -> Vec<Bits> {
    match (&a.hi, &b.hi) {
        (None, None) => zip(&a.lo, &b.lo, |a, b| known(a < b)),
        _ => zip(&zip(&a.lo, b.hi(), |lo, hi| lo < hi), &zip(a.hi(), &b.lo, |hi, lo| hi >= lo), may),
    }
}

fn equal<T: Copy + Ord>(a: &Span<T>, b: &Span<T>) -> Vec<Bits> {
    if let (None, None) = (&a.hi, &b.hi) {
        zip(&a.lo, &b.lo, |a, b| known(a == b))
    } else {
        let overlap =
            zip(&zip(&a.lo, b.hi(), |a, b| a <= b), &zip(&b.lo, a.hi(), |b, a| b <= a), |x, y| x && y);
        let points =
            zip(&zip(&a.lo, a.hi(), |lo, hi| lo == hi), &zip(&b.lo, b.hi(), |lo, hi| lo == hi), |x, y| {
                x && y
            });
        zip(&overlap, &points, |overlap, points| may(overlap, !(overlap && points)))
    }
}

/// Equality of truth values.
pub(crate) fn equal_bits(a: &[Bits], b: &[Bits]) -> Vec<Bits> {
    zip(a, b, |a, b| match (a, b) {
        (YES, YES) | (NO, NO) => YES,
        (YES, NO) | (NO, YES) => NO,
        _ => UNKNOWN,
    })
}

/// Equality of sets of values: the same one, disjoint, or not known.
pub(crate) fn equal_sets(a: &[u64], b: &[u64]) -> Vec<Bits> {
    zip(a, b, |a, b| may(a & b != 0, !(a == b && a.is_power_of_two())))
}

/// Is a value one of some? Certain only where the value is one.
pub(crate) fn among_sets(a: &[u64], these: u64) -> Vec<Bits> {
    a.iter().map(|a| may(a & these != 0, a & these == 0 || !a.is_power_of_two())).collect()
}

/// Equality of codes.
pub(crate) fn equal_codes(a: &[u32], b: &[u32], sets: &CodeSets) -> Vec<Bits> {
    zip(a, b, |a, b| {
        if a == ANY_CODE || b == ANY_CODE {
            return UNKNOWN;
        }
        match (sets.members(a), sets.members(b)) {
            (None, None) => known(a == b),
            (None, Some(set)) => may(set.contains(&a), true),
            (Some(set), None) => may(set.contains(&b), true),
            (Some(a), Some(b)) => may(a.iter().any(|code| b.contains(code)), true),
        }
    })
}

/// Sets of codes, which only a doubt between two rows makes.
#[derive(Debug, Default)]
pub(crate) struct CodeSets(Vec<Vec<u32>>);

impl CodeSets {
    /// From this number on a code is a set.
    const FIRST: u32 = 1 << 31;

    /// The members of a set; `None` for a single code.
    fn members(&self, code: u32) -> Option<&[u32]> {
        code.checked_sub(Self::FIRST).map(|at| self.0[at as usize].as_slice())
    }

    /// The union of two codes or sets: what is one of them.
    pub fn union(&mut self, a: u32, b: u32) -> u32 {
        if a == b || a == ANY_CODE {
            return a;
        }
        if b == ANY_CODE {
            return b;
        }
        let mut all: Vec<u32> = [a, b]
            .iter()
            .flat_map(|code| self.members(*code).map_or_else(|| vec![*code], <[u32]>::to_vec))
            .collect();
        all.sort_unstable();
        all.dedup();
        if let Some(at) = self.0.iter().position(|set| *set == all) {
            return Self::FIRST + at as u32;
        }
        self.0.push(all);
        Self::FIRST + (self.0.len() - 1) as u32
    }
}

/// The hull of the values whose condition may be true.
pub(crate) fn join(n: usize, parts: &[(&[Bits], &Column)], sets: &mut CodeSets) -> Column {
    hulls(n, |at| at..at + 1, parts, sets)
}

/// The hull of the values of each owner's possible members.
pub(crate) fn hull(edges: &Edges, member: &[Bits], values: &Column, sets: &mut CodeSets) -> Column {
    let possible = |owner| edges.run(owner).filter(|edge| pick(member, *edge) & YES != 0);
    let owners = 0..edges.owners();
    match values {
        Column::Bits(bits) => {
            Column::Bits(owners.map(|o| possible(o).fold(0, |all, at| all | pick(bits, at))).collect())
        }
        Column::Sets(sets) => {
            Column::Sets(owners.map(|o| possible(o).fold(0, |all, at| all | pick(sets, at))).collect())
        }
        Column::Ints(ints) => {
            let of = |o| possible(o).map(|at| end(ints, at)).reduce(hull_of).unwrap_or((0, 0));
            Column::Ints(owners.map(of).collect())
        }
        Column::Days(days) => {
            let of = |o| possible(o).map(|at| end(days, at)).reduce(hull_of).unwrap_or((0, 0));
            Column::Days(owners.map(of).collect())
        }
        _ => hulls(edges.owners(), |owner| edges.run(owner), &[(member, values)], sets),
    }
}

/// May one branch's amount be paid? Where exactly one branch certainly applies, it alone; else each
/// that may apply.
pub(crate) fn applies(whens: &[&[Bits]], which: usize, n: usize) -> Vec<Bits> {
    (0..n)
        .map(|at| {
            let certain = whens.iter().filter(|when| pick(when, at) == YES).count();
            let this = pick(whens[which], at);
            known(if certain == 1 { this == YES } else { this & YES != 0 })
        })
        .collect()
}

/// The element of a column, or its only one.
fn pick<T: Copy>(column: &[T], at: usize) -> T {
    if column.len() == 1 { column[0] } else { column[at] }
}

fn hulls(
    n: usize,
    run: impl Fn(usize) -> std::ops::Range<usize>,
    parts: &[(&[Bits], &Column)],
    sets: &mut CodeSets,
) -> Column {
    let possible = |owner: usize| {
        run(owner).flat_map(|at| {
            parts
                .iter()
                .filter(move |(when, _)| pick(when, at) & YES != 0)
                .map(move |(_, values)| (*values, at))
        })
    };
    match parts[0].1 {
        Column::Bits(_) => Column::Bits(
            (0..n).map(|o| possible(o).fold(0, |all, (c, at)| all | pick(c.bits(), at))).collect(),
        ),
        Column::Sets(_) => Column::Sets(
            (0..n).map(|o| possible(o).fold(0, |all, (c, at)| all | pick(c.sets(), at))).collect(),
        ),
        Column::Codes(_) => Column::Codes(
            (0..n)
                .map(|o| {
                    let codes = possible(o).map(|(c, at)| pick(c.codes(), at));
                    codes.reduce(|a, b| sets.union(a, b)).unwrap_or(ANY_CODE)
                })
                .collect(),
        ),
        Column::Ints(_) => {
            let of = |o| possible(o).map(|(c, at)| end(c.ints(), at)).reduce(hull_of).unwrap_or((0, 0));
            Column::Ints((0..n).map(of).collect())
        }
        Column::Ratios(_) => {
            let zero = End::At(num_rational::Ratio::from_integer(0));
            let of =
                |o| possible(o).map(|(c, at)| end(c.ratios(), at)).reduce(hull_of).unwrap_or((zero, zero));
            Column::Ratios((0..n).map(of).collect())
        }
        Column::Days(_) => {
            let of = |o| possible(o).map(|(c, at)| end(c.days(), at)).reduce(hull_of).unwrap_or((0, 0));
            Column::Days((0..n).map(of).collect())
        }
        other => unreachable!("lowering takes hulls of values only, not of {other:?}"),
    }
}

fn end<T: Copy + PartialEq>(span: &Span<T>, at: usize) -> (T, T) {
    if span.lo.len() == 1 { span.at(0) } else { span.at(at) }
}

fn hull_of<T: Ord>(a: (T, T), b: (T, T)) -> (T, T) {
    (a.0.min(b.0), a.1.max(b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_is_kleenes() {
        let (all, each) =
            ([NO, UNKNOWN, YES], |f: fn(&[Bits], &[Bits]) -> Vec<Bits>, a| f(&[a], &[NO, UNKNOWN, YES]));
        assert_eq!(each(and, UNKNOWN), [NO, UNKNOWN, UNKNOWN]);
        assert_eq!(each(or, UNKNOWN), [UNKNOWN, UNKNOWN, YES]);
        assert_eq!(and(&all, &all), all);
        assert_eq!(not(&all), [YES, UNKNOWN, NO]);
        assert_eq!(guard(&[YES, YES, YES], &[YES, UNKNOWN, NO]), [YES, UNKNOWN, NO]);
    }

    #[test]
    fn intervals_compare_by_their_ends() {
        let a = Span { lo: vec![1, 1, 5, 2], hi: Some(vec![3, 3, 5, 2]) };
        let b = Span { lo: vec![4, 3, 5, 2], hi: Some(vec![6, 3, 9, 2]) };
        assert_eq!(compare(Comparison::Less, &a, &b), [YES, UNKNOWN, UNKNOWN, NO]);
        assert_eq!(compare(Comparison::Equal, &a, &b), [NO, UNKNOWN, UNKNOWN, YES]);
        assert_eq!(compare(Comparison::AtMost, &a, &b), [YES, YES, YES, YES]);
    }

    #[test]
    fn codes_in_doubt_are_sets() {
        let mut sets = CodeSets::default();
        let parts = [(&[YES][..], &Column::Codes(vec![1])), (&[UNKNOWN][..], &Column::Codes(vec![2]))];
        let both = join(1, &parts, &mut sets);
        let equal = |b| equal_codes(both.codes(), &[b], &sets)[0];
        assert_eq!((equal(1), equal(3), equal(ANY_CODE)), (UNKNOWN, NO, UNKNOWN));
    }
}
