//! Looking up tables of the law by keys and days that may not be certain.

use std::rc::Rc;

use law::KeyTest;
use num_rational::Ratio;

use crate::{
    plan::{KeyType, Kind, Row, Table},
    types::{ANY_CODE, Bits, Column, Days, ENDLESS, End, Ints, NEVER, NO, Shared, YES},
};

/// More combinations of keys than this are not told apart.
const COMBINATIONS: usize = 4096;

/// So many elements with different keys are remembered of a table.
const REMEMBERED: usize = 256;

/// Of tables of so many keys.
const KEYS: usize = 3;

/// Up to so many elements are looked up one by one.
const FEW: usize = 16;

/// One value of a key that stands for all which the tests of its column do not tell apart.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Point {
    Truth(bool),
    Number(Ratio<i128>),
    Enum(u16),
    Code(u32),
}

/// What keys and days may mean.
#[derive(Clone)]
pub(crate) struct Looked {
    /// The values.
    pub values: Shared,
    /// May there be one, may there be none?
    pub exists: Shared,
    /// How sure they are.
    pub standing: Shared,
}

/// The keys and the days of one element.
#[derive(Clone, Copy, PartialEq)]
struct Asked {
    keys: [(i128, i128); KEYS],
    days: (i32, i32),
}

/// What was found in a table: values, whether there may be one, how sure.
type Found = ((i128, i128, u64), Bits, Bits);

/// What was found in one table for some keys and days. Elements mostly differ little: each is kept at a
/// place that its keys and days tell.
#[derive(Default)]
pub(crate) struct Memory(Vec<Option<(Asked, Found)>>);

impl Memory {
    fn place(&mut self, asked: &Asked) -> &mut Option<(Asked, Found)> {
        // Made when it is first needed: a few elements are looked up sooner than remembered.
        self.0.resize(REMEMBERED, None);
        let fold = |mixed: u32, word: u32| (mixed.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9);
        let keys =
            asked.keys.iter().fold(fold(0, asked.days.0 as u32), |mixed, key| fold(mixed, key.0 as u32));
        &mut self.0[(keys >> 16 ^ keys) as usize % REMEMBERED]
    }
}

/// Looks up the keys and days of `n` elements.
pub(crate) fn look_up(
    table: &Table,
    keys: &[&Column],
    days: &Days,
    n: usize,
    code: &dyn Fn(&str) -> u32,
    memory: &mut Memory,
) -> Looked {
    let mut found = Vec::with_capacity(n);
    let (mut exists, mut standings) = (Vec::with_capacity(n), Vec::with_capacity(n));
    for at in 0..n {
        let asked = (n > FEW).then(|| asked(keys, days, at)).flatten();
        let place = asked.as_ref().map(|asked| memory.place(asked));
        let (value, is_there, standing) = match place {
            Some(Some((same, known))) if Some(*same) == asked => *known,
            place => {
                let new = find(table, keys, days, at, code);
                if let (Some(place), Some(asked)) = (place, asked) {
                    *place = Some((asked, new));
                }
                new
            }
        };
        found.push(value);
        exists.push(is_there);
        standings.push(standing);
    }
    let column = match table.kind {
        Kind::Truth => {
            Column::Bits(found.iter().map(|v| (v.2 >> 1 & 1) as Bits | ((v.2 & 1) as Bits) << 1).collect())
        }
        Kind::Enum => Column::Sets(found.iter().map(|v| v.2).collect()),
        Kind::Number => {
            Column::Ints(Ints::of(found.iter().map(|v| v.0).collect(), found.iter().map(|v| v.1).collect()))
        }
        Kind::Day => {
            let day = |v: i128| v as i32;
            Column::Days(Days::of(
                found.iter().map(|v| day(v.0)).collect(),
                found.iter().map(|v| day(v.1)).collect(),
            ))
        }
    };
    let [exists, standing] = [exists, standings].map(|bits| Rc::new(Column::Bits(bits)));
    Looked { values: Rc::new(column), exists, standing }
}

/// The keys and days of an element, unless they are more than are remembered.
fn asked(keys: &[&Column], days: &Days, at: usize) -> Option<Asked> {
    let days = if days.lo.len() == 1 { days.at(0) } else { days.at(at) };
    let mut asked = Asked { keys: [(0, 0); KEYS], days };
    for (nth, key) in keys.iter().enumerate() {
        let word = |word: i128| (word, word);
        *asked.keys.get_mut(nth)? = match key {
            Column::Bits(bits) => word(pick(bits, at).into()),
            Column::Sets(sets) => word(pick(sets, at).into()),
            Column::Codes(codes) => word(pick(codes, at).into()),
            Column::Ints(ints) if ints.lo.len() == 1 => ints.at(0),
            Column::Ints(ints) => ints.at(at),
            _ => return None,
        };
    }
    Some(asked)
}

/// Looks up the keys and days of one element.
fn find(table: &Table, keys: &[&Column], days: &Days, at: usize, code: &dyn Fn(&str) -> u32) -> Found {
    let day = if days.lo.len() == 1 { days.at(0) } else { days.at(at) };
    let mut values: Option<(i128, i128, u64)> = None;
    let (mut none, mut standing) = (table.steps.first().is_none_or(|first| day.0 < first.0), 0);
    let points: Vec<Vec<Point>> = keys
        .iter()
        .enumerate()
        .map(|(nth, key)| {
            let tests = table.steps.iter().flat_map(|step| &step.1).map(|row| &row.tests[nth]);
            points(key, at, table.keys[nth], tests, code)
        })
        .collect();
    for (nth, (from, rows, sure)) in table.steps.iter().enumerate() {
        let next = table.steps.get(nth + 1).map(|next| next.0);
        if *from > day.1 || next.is_some_and(|next| next <= day.0) {
            continue;
        }
        standing = standing.max(*sure);
        each_entry(rows, &points, code, &mut |row| match row {
            None => none = true,
            Some(row) => {
                let (value, bit) = (row.value, 1 << (row.value.clamp(0, 63)));
                values =
                    Some(values.map_or((value, value, bit), |(lo, hi, set)| {
                        (lo.min(value), hi.max(value), set | bit)
                    }));
            }
        });
    }
    let some = values.is_some();
    none |= !some;
    let exists = (if some { YES } else { 0 }) | (if none { NO } else { 0 });
    (values.unwrap_or((0, 0, 0)), exists, standing)
}

/// The entry of each combination of keys; `None` where the table has none.
fn each_entry<'t>(
    rows: &'t [Row],
    points: &[Vec<Point>],
    code: &dyn Fn(&str) -> u32,
    take: &mut dyn FnMut(Option<&'t Row>),
) {
    let many: usize = points.iter().map(Vec::len).product();
    if many > COMBINATIONS {
        for row in rows {
            take(Some(row));
        }
        return take(None);
    }
    for nth in 0..many {
        let mut rest = nth;
        let keys: Vec<Point> = points
            .iter()
            .map(|column| {
                let point = column[rest % column.len()];
                rest /= column.len();
                point
            })
            .collect();
        take(rows.iter().find(|row| row.tests.iter().zip(&keys).all(|(test, key)| passes(test, *key, code))));
    }
}

fn passes(test: &KeyTest, key: Point, code: &dyn Fn(&str) -> u32) -> bool {
    match (test, key) {
        (KeyTest::Any, _) => true,
        (KeyTest::OneOf(values), Point::Enum(value)) => values.contains(&value),
        (KeyTest::Codes(codes), Point::Code(key)) => codes.iter().any(|named| code(named) == key),
        (KeyTest::Range(lo, hi), Point::Number(x)) => {
            lo.is_none_or(|(end, included)| if included { end <= x } else { end < x })
                && hi.is_none_or(|(end, included)| if included { x <= end } else { x < end })
        }
        (KeyTest::Is(wanted), Point::Truth(value)) => *wanted == value,
        _ => false,
    }
}

fn points<'t>(
    key: &Column,
    at: usize,
    ty: KeyType,
    tests: impl Iterator<Item = &'t KeyTest>,
    code: &dyn Fn(&str) -> u32,
) -> Vec<Point> {
    match (key, ty) {
        (Column::Bits(bits), _) => {
            let bits = pick(bits, at);
            let may = [(true, bits & YES != 0), (false, bits & NO != 0)];
            may.into_iter().filter(|(_, may)| *may).map(|(value, _)| Point::Truth(value)).collect()
        }
        (Column::Sets(sets), KeyType::Enum(many)) => {
            let set = pick(sets, at);
            (0..many.min(64) as u16).filter(|value| set >> value & 1 == 1).map(Point::Enum).collect()
        }
        (Column::Codes(codes), _) if pick(codes, at) != ANY_CODE => vec![Point::Code(pick(codes, at))],
        (Column::Codes(_), _) => {
            let named =
                tests.flat_map(|test| if let KeyTest::Codes(codes) = test { &codes[..] } else { &[] });
            named.map(|named| Point::Code(code(named))).chain([Point::Code(ANY_CODE)]).collect()
        }
        (Column::Ints(ints), KeyType::Number(den, whole)) => {
            let (lo, hi) = if ints.lo.len() == 1 { ints.at(0) } else { ints.at(at) };
            let end = |end: i128| (end != NEVER && end != ENDLESS).then(|| Ratio::new(end, den));
            numbers(end(lo), end(hi), whole, tests).into_iter().map(Point::Number).collect()
        }
        (Column::Ratios(ratios), _) => {
            let (lo, hi) = if ratios.lo.len() == 1 { ratios.at(0) } else { ratios.at(at) };
            let end = |end: End| if let End::At(ratio) = end { Some(ratio) } else { None };
            numbers(end(lo), end(hi), false, tests).into_iter().map(Point::Number).collect()
        }
        _ => Vec::new(),
    }
}

/// One number of every stretch that the ends of ranges cut an interval into.
fn numbers<'t>(
    lo: Option<Ratio<i128>>,
    hi: Option<Ratio<i128>>,
    whole: bool,
    tests: impl Iterator<Item = &'t KeyTest>,
) -> Vec<Ratio<i128>> {
    if let (Some(point), true) = (lo, lo == hi) {
        return vec![point];
    }
    let mut cuts: Vec<Ratio<i128>> = lo.into_iter().chain(hi).collect();
    for test in tests {
        if let KeyTest::Range(from, to) = test {
            cuts.extend(from.iter().chain(to).map(|(end, _)| *end));
        }
    }
    cuts.sort_unstable();
    cuts.dedup();
    let one = Ratio::from_integer(1);
    let mut points = Vec::new();
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
    points.retain(|point| lo.is_none_or(|lo| lo <= *point) && hi.is_none_or(|hi| *point <= hi));
    points.sort_unstable();
    points.dedup();
    points
}

fn pick<T: Copy>(column: &[T], at: usize) -> T {
    if column.len() == 1 { column[0] } else { column[at] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{EVER_AFTER, EVER_BEFORE};

    fn rates() -> Table {
        let entry = |from: i128, to: Option<i128>, value| Row {
            tests: vec![KeyTest::Range(
                Some((Ratio::from_integer(from), true)),
                to.map(|to| (Ratio::from_integer(to), true)),
            )],
            value,
        };
        let rows = vec![entry(4, Some(4), 1603), entry(5, Some(5), 2004), entry(6, None, 2405)];
        Table { steps: vec![(100, rows, 0)], keys: vec![KeyType::Number(1, true)], kind: Kind::Number }
    }

    #[test]
    fn a_key_in_doubt_joins_what_it_may_mean() {
        let key = Column::Ints(Ints::of(vec![4, 3, 5, 1], vec![4, 4, ENDLESS, 2]));
        let day = Days::known(vec![100]);
        let looked = look_up(&rates(), &[&key], &day, 4, &|_| 0, &mut Memory::default());
        let values = Column::Ints(Ints::of(vec![1603, 1603, 2004, 0], vec![1603, 1603, 2405, 0]));
        assert_eq!(*looked.values, values);
        assert_eq!(looked.exists.bits()[..], [YES, YES | NO, YES, NO]);
    }

    #[test]
    fn before_the_first_step_there_is_nothing() {
        let key = Column::Ints(Ints::known(vec![4, 4]));
        let days = Days::of(vec![99, EVER_BEFORE], vec![99, EVER_AFTER]);
        let looked = look_up(&rates(), &[&key], &days, 2, &|_| 0, &mut Memory::default());
        assert_eq!(looked.exists.bits()[..], [NO, YES | NO]);
    }
}
