//! Kernels of days and months.

use super::{ANY_DAY, zip};
use crate::{
    calendar,
    types::{Bits, Days, ENDLESS, EVER_AFTER, EVER_BEFORE, Edges, Ints, NEVER, NO, YES},
};

/// Into more stretches than this an uncertain day is not cut.
const STRETCHES: usize = 512;

fn rising(a: &Days, f: impl Fn(i32) -> i32) -> Days {
    Days {
        lo: a.lo.iter().map(|a| f(*a)).collect(),
        hi: a.hi.as_ref().map(|hi| hi.iter().map(|a| f(*a)).collect()),
    }
}

/// The earlier of both ends.
pub(crate) fn min(a: &Days, b: &Days) -> Days {
    ends(a, b, i32::min)
}

/// The later of both ends.
pub(crate) fn max(a: &Days, b: &Days) -> Days {
    ends(a, b, i32::max)
}

fn ends(a: &Days, b: &Days, f: impl Fn(i32, i32) -> i32) -> Days {
    let hi = (a.hi.is_some() || b.hi.is_some()).then(|| zip(a.hi(), b.hi(), &f));
    Days { lo: zip(&a.lo, &b.lo, f), hi }
}

/// Completed years: least for the latest birth on the earliest day.
pub(crate) fn age(born: &Days, day: &Days) -> Ints {
    match (&day.lo[..], &day.hi) {
        // In a time in which people lived.
        ([on], None) if (-40_000..100_000).contains(on) => {
            let on = Birthdays::until(*on);
            ages(born, day, |born, _| on.age(born))
        }
        _ => ages(born, day, calendar::age),
    }
}

fn ages(born: &Days, day: &Days, age: impl Fn(i32, i32) -> i32) -> Ints {
    let known = born.hi.is_none() && day.hi.is_none();
    let lo = zip(born.hi(), &day.lo, |born, day| {
        if born == EVER_AFTER || day == EVER_BEFORE { NEVER } else { i128::from(age(born, day)) }
    });
    let hi = (!known).then(|| {
        zip(&born.lo, day.hi(), |born, day| {
            if born == EVER_BEFORE || day == EVER_AFTER { ENDLESS } else { i128::from(age(born, day)) }
        })
    });
    Ints { lo, hi }
}

/// The last days of birth at which each age is reached on one day: a nation's ages without its calendar.
struct Birthdays {
    on: i32,
    /// By age, from 0 on.
    last: [i32; 131],
}

impl Birthdays {
    fn until(on: i32) -> Self {
        let last = std::array::from_fn(|years| {
            let mut born = calendar::plus_months(on, -12 * years as i32);
            while calendar::age(born, on) < years as i32 {
                born -= 1;
            }
            while calendar::age(born + 1, on) >= years as i32 {
                born += 1;
            }
            born
        });
        Self { on, last }
    }

    fn age(&self, born: i32) -> i32 {
        let lived = i64::from(self.on) - i64::from(born);
        // A year of 365 days never comes out too short, so the search only goes down.
        let years = lived / 365;
        match usize::try_from(years) {
            Ok(years) if lived >= 0 && years < self.last.len() => {
                let mut age = years;
                while age > 0 && born > self.last[age] {
                    age -= 1;
                }
                age as i32
            }
            _ => calendar::age(born, self.on),
        }
    }
}

/// The month of each day.
pub(crate) fn month_of(a: &Days) -> Days {
    rising(a, calendar::month_of)
}

/// The first day of each month.
pub(crate) fn first_day(a: &Days) -> Days {
    rising(a, calendar::first_day)
}

/// The last day of each month.
pub(crate) fn last_day(a: &Days) -> Days {
    rising(a, calendar::last_day)
}

/// Days and so many months, or days.
pub(crate) fn shift(day: &Days, by: &Ints, months: bool) -> Days {
    let step = |day: i32, by: i128| match by {
        NEVER => EVER_BEFORE,
        ENDLESS => EVER_AFTER,
        _ if months => calendar::plus_months(day, by as i32),
        _ => calendar::plus_days(day, by as i32),
    };
    let hi = (day.hi.is_some() || by.hi.is_some()).then(|| zip(day.hi(), by.hi(), step));
    Days { lo: zip(&day.lo, &by.lo, step), hi }
}

/// Months and so many months forward or back.
pub(crate) fn shift_month(month: &Days, by: &Ints, forward: bool) -> Days {
    let step = |month: i32, by: i128| {
        let by = if forward { by } else { by.checked_neg().unwrap_or(ENDLESS) };
        if month == EVER_BEFORE || month == EVER_AFTER {
            month
        } else if by == ENDLESS {
            EVER_AFTER
        } else if by <= NEVER + 1 {
            EVER_BEFORE
        } else {
            month.saturating_add(by.clamp(-120_000, 120_000) as i32)
        }
    };
    let (least, most) = if forward { (&by.lo[..], by.hi()) } else { (by.hi(), &by.lo[..]) };
    let hi = (month.hi.is_some() || by.hi.is_some()).then(|| zip(month.hi(), most, step));
    Days { lo: zip(&month.lo, least, step), hi }
}

/// A day, or any day where it may be nothing.
pub(crate) fn day_or_any(day: &Days, exists: &[Bits]) -> Days {
    let lo = zip(&day.lo, exists, |lo, exists| if exists == YES { lo } else { EVER_BEFORE });
    let hi = zip(day.hi(), exists, |hi, exists| if exists == YES { hi } else { EVER_AFTER });
    Days::of(lo, hi)
}

/// One step of a table of lengths of time.
pub(crate) struct Step<'c> {
    /// Its first day.
    pub from: i32,
    /// The lengths.
    pub length: &'c Ints,
    /// May the table have one, may it have none?
    pub exists: &'c [Bits],
}

/// The first day on which a day and a length of time have passed, and whether there is one. A later
/// day and a longer length never make it earlier, so the ends of both give its ends.
pub(crate) fn reached(day: &Days, steps: &[Step], months: bool, n: usize) -> (Days, Vec<Bits>) {
    let pick = |bits: &[Bits], at: usize| if bits.len() == 1 { bits[0] } else { bits[at] };
    let (mut los, mut his, mut exists) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..n {
        let (from, to) = if day.lo.len() == 1 { day.at(0) } else { day.at(at) };
        let (mut lo, mut hi) = (None, None);
        for (nth, step) in steps.iter().enumerate() {
            let there = pick(step.exists, at);
            if there & YES == 0 {
                continue;
            }
            let (least, most) =
                if step.length.lo.len() == 1 { step.length.at(0) } else { step.length.at(at) };
            let next = steps.get(nth + 1).map(|next| next.from);
            let reach = |day: i32, by: i128| {
                let day = if months {
                    calendar::plus_months(day, by as i32)
                } else {
                    calendar::plus_days(day, by as i32)
                };
                let day = day.max(step.from);
                next.is_none_or(|next| day < next).then_some(day)
            };
            if lo.is_none() {
                lo = if from == EVER_BEFORE { Some(EVER_BEFORE) } else { reach(from, least) };
            }
            if hi.is_none() && there == YES && to != EVER_AFTER {
                hi = reach(to, most);
            }
        }
        let none = lo.is_none() || (hi.is_none() && to != EVER_AFTER);
        exists.push(Bits::from(lo.is_some()) | Bits::from(none) << 1);
        los.push(lo.unwrap_or(EVER_BEFORE));
        his.push(hi.unwrap_or(EVER_AFTER));
    }
    (Days::of(los, his), exists)
}

/// The first month of each month's quarter.
pub(crate) fn quarter_start(a: &Days) -> Days {
    rising(
        a,
        |month| if month == EVER_AFTER || month == EVER_BEFORE { month } else { month.div_euclid(3) * 3 },
    )
}

/// The stretches of days in which no fact and no form of the law begins or ends. Each edge holds
/// the first day of its stretch, and `back` the last one.
pub(crate) fn stretches(days: &Days, n: usize, borders: &[i32], changes: &[i32]) -> Edges {
    let mut cut = Edges { offsets: vec![0], ..Edges::default() };
    let mut lasts = Vec::new();
    for at in 0..n {
        let (lo, hi) = if days.lo.len() == 1 { days.at(0) } else { days.at(at) };
        let mut inside: Vec<i32> =
            borders.iter().chain(changes).copied().filter(|d| *d > lo && *d <= hi).collect();
        inside.sort_unstable();
        inside.dedup();
        if lo == hi || inside.len() < STRETCHES {
            let mut from = lo;
            for border in inside {
                cut.rows.push(from as u32);
                lasts.push((border - 1) as u32);
                from = border;
            }
            cut.rows.push(from as u32);
            lasts.push(hi as u32);
        }
        cut.offsets.push(cut.rows.len() as u32);
    }
    cut.back = Some(lasts);
    cut
}

/// Are there more stretches than are told apart?
pub(crate) fn too_many(cut: &Edges) -> Vec<Bits> {
    (0..cut.owners()).map(|owner| if cut.run(owner).is_empty() { YES } else { NO }).collect()
}

/// All days of each stretch.
pub(crate) fn all_days(cut: &Edges) -> Days {
    let lasts = cut.back.as_ref().expect("stretches have a last day");
    Days::of(cut.rows.iter().map(|day| *day as i32).collect(), lasts.iter().map(|day| *day as i32).collect())
}

/// Some day of each stretch, which stands for all of them.
pub(crate) fn some_day(cut: &Edges) -> Days {
    let all = all_days(cut);
    Days::known(zip(&all.lo, all.hi(), |lo, hi| match (lo, hi) {
        ANY_DAY => 0,
        (EVER_BEFORE, hi) => hi,
        (lo, _) => lo,
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ages_on_one_day_are_those_of_the_calendar(born in -90_000i32..60_000, on in -40_000i32..60_000) {
            prop_assert_eq!(Birthdays::until(on).age(born), calendar::age(born, on));
        }
    }

    #[test]
    fn an_age_of_a_year_has_two_values() {
        let born = Days::of(vec![calendar::days(2008, 1, 1)], vec![calendar::days(2008, 12, 31)]);
        let day = Days::known(vec![calendar::days(2026, 6, 15)]);
        assert_eq!(age(&born, &day), Ints::of(vec![17], vec![18]));
        let unknown = Days::of(vec![EVER_BEFORE], vec![EVER_AFTER]);
        assert_eq!(age(&unknown, &day), Ints::of(vec![NEVER], vec![ENDLESS]));
    }

    #[test]
    fn an_uncertain_day_is_cut_where_something_changes() {
        let cut = stretches(&Days::of(vec![10, 5], vec![20, 5]), 2, &[12, 15, 30], &[15]);
        assert_eq!(cut.offsets, [0, 3, 4]);
        assert_eq!(all_days(&cut), Days::of(vec![10, 12, 15, 5], vec![11, 14, 20, 5]));
        assert_eq!(some_day(&cut), Days::known(vec![10, 12, 15, 5]));
    }

    #[test]
    fn months_before_go_back_by_the_most_first() {
        let by = Ints::of(vec![3], vec![6]);
        assert_eq!(shift_month(&Days::known(vec![100]), &by, false), Days::of(vec![94], vec![97]));
        assert_eq!(quarter_start(&Days::known(vec![101, 99])), Days::known(vec![99, 99]));
    }
}
