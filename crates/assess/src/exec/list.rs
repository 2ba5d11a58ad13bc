//! Kernels of lists: runs of edges with a membership.

use crate::{
    facts::ANY,
    types::{Bits, Column, ENDLESS, Edges, Ints, NEVER, NO, UNKNOWN, YES},
};

/// A list seen from other rows: `via` names the owner whose run each element repeats.
pub(crate) fn gather(edges: &Edges, via: &[u32]) -> Edges {
    let mut seen = Edges { offsets: vec![0], ..Edges::default() };
    let mut back = Vec::new();
    for &owner in via {
        let run = edges.run(owner as usize);
        seen.rows.extend_from_slice(&edges.rows[run.clone()]);
        back.extend(run.start as u32..run.end as u32);
        seen.offsets.push(seen.rows.len() as u32);
    }
    if let Some(member) = &edges.member {
        seen.member = Some(back.iter().map(|at| member[*at as usize]).collect());
    }
    seen.back = Some(back);
    seen
}

/// The owner of each edge.
pub(crate) fn owners(edges: &Edges) -> Vec<u32> {
    let mut owners = Vec::with_capacity(edges.len());
    for owner in 0..edges.owners() {
        owners.resize(edges.offsets[owner + 1] as usize, owner as u32);
    }
    owners
}

/// One certain row for each element.
pub(crate) fn single(rows: &[u32]) -> Edges {
    Edges { offsets: (0..=rows.len() as u32).collect(), rows: rows.to_vec(), ..Edges::default() }
}

/// The members of the members, as a set: certain if certain through one owner. Where the outer list
/// is one row in doubt (`either`: does each of its possibilities exist), certain is only what is
/// certain of every row that it may be.
pub(crate) fn flatten(
    outer: &Edges,
    member: &[Bits],
    via: Option<&[u32]>,
    inner: &Edges,
    inner_member: &[Bits],
    either: Option<&[Bits]>,
    rows: bool,
) -> Edges {
    let mut sets = Sets::new();
    sets.edges.offsets.reserve(outer.owners());
    for owner in 0..outer.owners() {
        let ways = outer.run(owner).len();
        for edge in outer.run(owner) {
            let is_in = at(member, edge);
            if is_in & YES == 0 {
                continue;
            }
            let from = via.map_or(edge, |via| via[edge] as usize);
            for leaf in inner.run(from) {
                let leaf_in = at(inner_member, leaf);
                if rows || inner.rows[leaf] != ANY {
                    sets.add(inner.rows[leaf], (is_in & leaf_in & YES) | ((is_in | leaf_in) & NO));
                }
            }
        }
        if let Some(exists) = either {
            sets.only_common(if at(exists, owner) == YES { ways } else { usize::MAX });
        }
        sets.close();
    }
    sets.edges
}

/// Is one of the owner's possible members open itself?
pub(crate) fn flatten_open(outer: &Edges, member: &[Bits], inner_open: &[Bits]) -> Vec<Bits> {
    (0..outer.owners())
        .map(|owner| {
            let open = outer.run(owner).any(|e| at(member, e) & YES != 0 && at(inner_open, e) & YES != 0);
            if open { YES } else { NO }
        })
        .collect()
}

/// Lists of the same owners as one set.
pub(crate) fn union(parts: &[(&Edges, &[Bits])]) -> Edges {
    let mut sets = Sets::new();
    for owner in 0..parts[0].0.owners() {
        for (edges, member) in parts {
            for edge in edges.run(owner) {
                sets.add(edges.rows[edge], at(member, edge));
            }
        }
        sets.close();
    }
    sets.edges
}

/// Builds sets of rows, owner by owner: a row that comes twice is a member if either way makes it one.
struct Sets {
    edges: Edges,
    open: Vec<(u32, Bits)>,
}

impl Sets {
    fn new() -> Self {
        let edges = Edges { offsets: vec![0], member: Some(Vec::new()), ..Edges::default() };
        Self { edges, open: Vec::new() }
    }

    fn add(&mut self, row: u32, bits: Bits) {
        if bits & YES != 0 {
            self.open.push((row, bits));
        }
    }

    /// Certain is only what so many ways make certain.
    fn only_common(&mut self, ways: usize) {
        self.open.sort_unstable();
        let runs = self.open.chunk_by_mut(|a, b| a.0 == b.0);
        for run in runs {
            let certain = run.len() == ways && run.iter().all(|(_, bits)| *bits == YES);
            for (_, bits) in run {
                *bits = if certain { YES } else { UNKNOWN };
            }
        }
    }

    fn close(&mut self) {
        if self.open.is_empty() {
            self.edges.offsets.push(self.edges.rows.len() as u32);
            return;
        }
        if !self.open.is_sorted_by(|a, b| a.0 < b.0) {
            self.open.sort_unstable_by_key(|(row, bits)| (*row, bits & NO));
        }
        let member = self.edges.member.as_mut().expect("made with the sets");
        let mut last = None;
        for (row, bits) in self.open.drain(..) {
            // A certain way sorts before a possible one.
            if last != Some(row) {
                self.edges.rows.push(row);
                member.push(bits);
                last = Some(row);
            }
        }
        self.edges.offsets.push(self.edges.rows.len() as u32);
    }
}

/// How many members: certain ones, and with possible ones; no end if the list is open.
pub(crate) fn count(edges: &Edges, member: &[Bits], open: &[Bits]) -> Ints {
    let ends = |owner| {
        let (mut certain, mut possible) = (0u32, 0u32);
        for edge in edges.run(owner) {
            let bits = at(member, edge);
            certain += u32::from(bits == YES);
            possible += u32::from(bits & YES);
        }
        let hi = if at(open, owner) & YES == 0 { i128::from(possible) } else { ENDLESS };
        (i128::from(certain), hi)
    };
    (0..edges.owners()).map(ends).collect()
}

/// The sum over members: certain ones add their interval, possible ones what they may.
pub(crate) fn sum(edges: &Edges, member: &[Bits], open: &[Bits], values: &Ints) -> Ints {
    let add = |sum: i128, more: i128, end: i128| if sum == end || more == end { end } else { sum + more };
    let ends = |owner| {
        let (mut lo, mut hi) = (0, 0);
        for edge in edges.run(owner) {
            let bits = at(member, edge);
            if bits & YES == 0 {
                continue;
            }
            let (mut from, mut to) = if values.lo.len() == 1 { values.at(0) } else { values.at(edge) };
            if bits & NO != 0 {
                (from, to) = (from.min(0), to.max(0));
            }
            (lo, hi) = (add(lo, from, NEVER), add(hi, to, ENDLESS));
        }
        (lo, if at(open, owner) & YES == 0 { hi } else { ENDLESS })
    };
    (0..edges.owners()).map(ends).collect()
}

/// A sum that may take any value where its list is open and the value of any row may be negative.
pub(crate) fn unbounded(sum: &Ints, open: &[Bits], values: &Ints) -> Ints {
    let any_negative = values.lo[ANY as usize] < 0;
    let lo = (0..sum.lo.len())
        .map(|at| if any_negative && self::at(open, at) & YES != 0 { NEVER } else { sum.lo[at] })
        .collect();
    Ints::of(lo, sum.hi().to_vec())
}

/// Is any element true?
pub(crate) fn any_of(edges: &Edges, bits: &[Bits]) -> Vec<Bits> {
    (0..edges.owners())
        .map(|owner| {
            edges.run(owner).fold(NO, |all, edge| {
                let bits = at(bits, edge);
                ((all | bits) & YES) | (all & bits & NO)
            })
        })
        .collect()
}

/// May `only` be something, may it be nothing?
pub(crate) fn only_exists(edges: &Edges, member: &[Bits], open: &[Bits]) -> Vec<Bits> {
    (0..edges.owners())
        .map(|owner| {
            let open = at(open, owner) & YES != 0;
            let (mut some, mut none) = (open, true);
            for edge in edges.run(owner) {
                let bits = at(member, edge);
                some |= bits & YES != 0;
                none &= bits != YES;
            }
            Bits::from(some) | Bits::from(none) << 1
        })
        .collect()
}

/// What `only` leaves: the possible rows, or any row where the list is open.
pub(crate) fn only(edges: &Edges, member: &[Bits], open: &[Bits]) -> Edges {
    let mut left = Edges { offsets: vec![0], ..Edges::default() };
    for owner in 0..edges.owners() {
        if at(open, owner) & YES != 0 {
            left.rows.push(ANY);
        } else {
            left.rows.extend(edges.run(owner).filter(|e| at(member, *e) & YES != 0).map(|e| edges.rows[e]));
        }
        left.offsets.push(left.rows.len() as u32);
    }
    left
}

/// A row in doubt as members of a list: certain if it is the only one and exists.
pub(crate) fn sure(edges: &Edges, exists: Option<&[Bits]>) -> Vec<Bits> {
    let mut sure = Vec::with_capacity(edges.len());
    for owner in 0..edges.owners() {
        let run = edges.run(owner);
        let certain = run.len() == 1 && exists.is_none_or(|exists| at(exists, owner) == YES);
        sure.extend(run.map(|edge| match edges.rows[edge] {
            ANY => NO,
            _ if certain => YES,
            _ => UNKNOWN,
        }));
    }
    sure
}

/// May a row in doubt be any row?
pub(crate) fn may_be_any(edges: &Edges) -> Vec<Bits> {
    (0..edges.owners())
        .map(|owner| if edges.run(owner).any(|edge| edges.rows[edge] == ANY) { YES } else { NO })
        .collect()
}

/// The least sure of the numbers that a list's members rest on.
pub(crate) fn worst(edges: &Edges, standings: &[Bits]) -> Vec<Bits> {
    (0..edges.owners())
        .map(|owner| edges.run(owner).map(|edge| at(standings, edge)).max().unwrap_or(0))
        .collect()
}

/// The rows that one row may be.
fn of(rows: &Column, owner: usize) -> &[u32] {
    match rows {
        Column::Rows(rows) => std::slice::from_ref(&rows[owner]),
        other => &other.edges().rows[other.edges().run(owner)],
    }
}

/// Are two rows the same, each certain or one of some?
pub(crate) fn equal_rows(a: &Column, b: &Column) -> Vec<Bits> {
    let same = |a: &[u32], b: &[u32]| {
        if a.contains(&ANY) || b.contains(&ANY) {
            UNKNOWN
        } else if !a.iter().any(|row| b.contains(row)) {
            NO
        } else if a.len() == 1 && b.len() == 1 {
            YES
        } else {
            UNKNOWN
        }
    };
    let owners = |c: &Column| match c {
        Column::Rows(rows) => rows.len(),
        other => other.edges().owners(),
    };
    (0..owners(a)).map(|owner| same(of(a, owner), of(b, owner))).collect()
}

/// Is a certain row a member? False if it is absent; the list's openness is added by lowering.
pub(crate) fn contains(rows: &[u32], edges: &Edges, member: &[Bits], via: Option<&[u32]>) -> Vec<Bits> {
    let n = via.map_or(rows.len(), <[u32]>::len);
    (0..n)
        .map(|element| {
            let owner = via.map_or(element, |via| via[element] as usize);
            let row = at(rows, element);
            if row == ANY {
                let empty = edges.run(owner).all(|e| at(member, e) & YES == 0);
                return if empty { NO } else { UNKNOWN };
            }
            edges.run(owner).find(|e| edges.rows[*e] == row).map_or(NO, |e| at(member, e))
        })
        .collect()
}

/// `only_first`: every possible row before the first certain one is possible; that one is certain
/// only if none precedes it and the list is closed. `before` orders two edges; `None` if unknown.
pub(crate) fn first(
    edges: &Edges,
    member: &[Bits],
    open: &[Bits],
    before: impl Fn(usize, usize) -> Bits,
) -> Vec<Bits> {
    let mut left = vec![NO; edges.len()];
    for owner in 0..edges.owners() {
        let open = at(open, owner) & YES != 0;
        for edge in edges.run(owner) {
            let bits = at(member, edge);
            if bits & YES == 0 {
                continue;
            }
            let others = || edges.run(owner).filter(|other| *other != edge);
            let beaten = others().any(|o| at(member, o) == YES && before(o, edge) == YES);
            let doubted = bits != YES
                || open
                || others().any(|o| at(member, o) & YES != 0 && before(o, edge) & YES != 0);
            left[edge] = if beaten {
                NO
            } else if doubted {
                UNKNOWN
            } else {
                YES
            };
        }
    }
    left
}

/// The element of a column, or its only one.
fn at<T: Copy>(column: &[T], at: usize) -> T {
    if column.len() == 1 { column[0] } else { column[at] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(runs: &[&[u32]]) -> Edges {
        let mut edges = Edges { offsets: vec![0], ..Edges::default() };
        for run in runs {
            edges.rows.extend_from_slice(run);
            edges.offsets.push(edges.rows.len() as u32);
        }
        edges
    }

    #[test]
    fn a_member_reached_twice_counts_once() {
        let flat = flatten(
            &edges(&[&[0, 1], &[2]]),
            &[UNKNOWN, YES, YES],
            Some(&[0, 1, 2]),
            &edges(&[&[7, 8], &[8, 9], &[]]),
            &[YES],
            None,
            false,
        );
        assert_eq!((flat.offsets, flat.rows), (vec![0, 3, 3], vec![7, 8, 9]));
        assert_eq!(flat.member, Some(vec![UNKNOWN, YES, YES]));
    }

    #[test]
    fn counts_have_two_ends() {
        let list = edges(&[&[1, 2, 3], &[4], &[]]);
        let counted = count(&list, &[YES, UNKNOWN, NO, YES], &[NO, YES, NO]);
        assert_eq!(counted, Ints::of(vec![1, 1, 0], vec![2, ENDLESS, 0]));
        let values = Ints::of(vec![10, -5, 99, 2], vec![10, 7, 99, 3]);
        assert_eq!(
            sum(&list, &[YES, UNKNOWN, NO, YES], &[NO], &values),
            Ints::of(vec![5, 2, 0], vec![17, 3, 0])
        );
    }

    #[test]
    fn only_may_be_nothing_until_a_row_is_certain() {
        let list = edges(&[&[1, 2], &[3], &[]]);
        assert_eq!(only_exists(&list, &[UNKNOWN, UNKNOWN, YES], &[NO, NO, YES]), [UNKNOWN, YES, UNKNOWN]);
    }

    #[test]
    fn the_first_is_certain_when_nothing_precedes_it() {
        let list = edges(&[&[5, 6, 7]]);
        let order = |a: usize, b: usize| if a < b { YES } else { NO };
        assert_eq!(first(&list, &[UNKNOWN, YES, YES], &[NO], order), [UNKNOWN, UNKNOWN, NO]);
        assert_eq!(first(&list, &[YES, YES, YES], &[NO], order), [YES, NO, NO]);
        assert_eq!(first(&list, &[YES, NO, NO], &[YES], order), [UNKNOWN, NO, NO]);
    }

    #[test]
    fn a_list_seen_from_elsewhere_repeats_its_runs() {
        let seen = gather(&edges(&[&[1, 2], &[3]]), &[1, 0, 1]);
        assert_eq!((seen.offsets.as_slice(), seen.rows.as_slice()), (&[0, 1, 3, 4][..], &[3, 1, 2, 3][..]));
        assert_eq!(seen.back, Some(vec![2, 0, 1, 2]));
        assert_eq!(contains(&[3, 3, 1], &edges(&[&[1, 2], &[3]]), &[YES], Some(&[1, 0, 0])), [YES, NO, YES]);
    }
}
