//! Homes, studies, care, findings, contributions and awards of a person on a day.

use card::{Bucket, Schema, Tenge};

use super::{
    bits::{Bits, NO, UNKNOWN, YES, known, less, may, not, or},
    columns::{Codes, Finder, Rows, Told},
    people::{People, Silence, covers},
};

/// Rows of which a person has one on a day, if any.
pub struct One<'b> {
    rows: Rows<'b>,
    finder: Finder<'b>,
    day: i32,
}

/// The row that a person has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// This one.
    Is(usize),
    /// None.
    None,
    /// One of which nothing is known.
    Any,
}

impl<'b> One<'b> {
    pub fn of(rows: Rows<'b>, key: &str, day: i32) -> Self {
        Self { rows, finder: Finder::of(rows.keys(key).values), day }
    }

    /// The row of a key; `heard`: the registry that owns such rows has told everything about it.
    pub fn find(&mut self, key: u64, heard: bool) -> Which {
        let mut second = None;
        for at in self.finder.find(key) {
            if self.rows.holds(at, self.day) {
                if self.rows.is_owned(at) {
                    return Which::Is(at);
                }
                second = Some(at);
            }
        }
        match second {
            Some(at) if heard => Which::Is(at),
            None if heard => Which::None,
            _ => Which::Any,
        }
    }
}

impl Which {
    /// May there be one, may there be none?
    pub const fn exists(self) -> Bits {
        match self {
            Self::Is(_) => YES,
            Self::None => NO,
            Self::Any => UNKNOWN,
        }
    }
}

/// Who studies full time.
pub struct Studies<'b> {
    rows: Rows<'b>,
    form: Told<'b, u16>,
    finder: Finder<'b>,
    day: i32,
}

impl<'b> Studies<'b> {
    pub fn of(schema: &'b Schema, bucket: &'b Bucket, day: i32) -> Self {
        let rows = Rows::of(schema, bucket, "study");
        Self { rows, form: rows.enums("form"), finder: Finder::of(rows.keys("person").values), day }
    }

    /// Does a person? `heard`: the registry has told everything about them.
    pub fn full_time(&mut self, person: u64, heard: bool) -> Bits {
        let some = if heard { NO } else { UNKNOWN };
        let held = self.finder.find(person).filter(|at| self.rows.holds(*at, self.day));
        held.fold(some, |some, at| or(some, self.form.get(at).map_or(UNKNOWN, |form| known(form == 0))))
    }
}

/// What was paid in for whom.
pub struct Contributions<'b> {
    rows: Rows<'b>,
    month: &'b [i32],
    job: &'b [u16],
    object: Told<'b, i64>,
    finder: Finder<'b>,
    silence: Silence,
}

/// A number, and a sum in tiyn: at least, at most; without an end, the largest number.
#[derive(Clone, Copy, Default)]
pub struct Paid {
    pub count: (i64, i64),
    pub sum: (i64, i64),
}

/// What has no end.
pub const ENDLESS: i64 = i64::MAX;

impl<'b> Contributions<'b> {
    pub fn of(schema: &'b Schema, bucket: &'b Bucket, codes: &Codes) -> Self {
        let rows = Rows::of(schema, bucket, "contribution");
        Self {
            rows,
            month: rows.days("month").values,
            job: rows.enums("job").values,
            object: rows.numbers("object"),
            finder: Finder::of(rows.keys("person").values),
            silence: Silence::of(schema, bucket, codes, "contribution", false),
        }
    }

    /// Of a person in 24 months before a month that lies between two.
    pub fn window(&mut self, people: &People, person: usize, right: (i32, i32)) -> Paid {
        let (first, last) = ((back(right.0, 24), back(right.1, 24)), (back(right.0, 1), back(right.1, 1)));
        let within = |month| {
            let month = (month, month);
            super::bits::and(not(less(month, first)), not(less(last, month)))
        };
        self.among(people, person, (first.0, last.1), within)
    }

    /// Of a person in all months before a month that lies between two.
    pub fn before(&mut self, people: &People, person: usize, right: (i32, i32)) -> Paid {
        self.among(people, person, (i32::MIN, back(right.1, 1)), |month| less((month, month), right))
    }

    fn among(
        &mut self,
        people: &People,
        person: usize,
        months: (i32, i32),
        within: impl Fn(i32) -> Bits,
    ) -> Paid {
        let mut paid = Paid::default();
        let run = self.finder.find(people.ids[person]);
        for at in run.clone() {
            let mut member = within(self.month[at]);
            if member & YES == 0 {
                continue;
            }
            if !self.rows.is_owned(at) {
                let known_better = run.clone().any(|other| {
                    self.rows.is_owned(other)
                        && self.month[other] == self.month[at]
                        && self.job[other] == self.job[at]
                });
                if known_better {
                    continue;
                }
                // Months are closed by what the owner told; of this one it told nothing.
                member |= NO;
            }
            let (lo, hi) = counted(self.object.get(at), self.month[at]);
            paid.count.1 += 1;
            paid.sum.1 += hi;
            if member == YES {
                paid.count.0 += 1;
                paid.sum.0 += lo;
            }
        }
        if !covers(people.heard(&self.silence, person), months) {
            (paid.count.1, paid.sum.1) = (ENDLESS, ENDLESS);
        }
        paid
    }
}

/// So many months earlier; what has no end keeps none.
const fn back(month: i32, by: i32) -> i32 {
    if month == i32::MIN || month == i32::MAX { month } else { month - by }
}

/// What counts of a contribution: up to seven minimum wages of its month.
fn counted(object: Option<i64>, month: i32) -> (i64, i64) {
    let wage = match month.div_euclid(12) {
        ..2022 => 42_500,
        2022 => 60_000,
        2023 => 70_000,
        _ => 85_000,
    };
    let cap = Tenge::whole(7 * wage).tiyn();
    object.map_or((0, cap), |object| (object.min(cap), object.min(cap)))
}

/// What is paid already.
pub struct Awards<'b> {
    rows: Rows<'b>,
    measure: Told<'b, u32>,
    /// The awards by whom they are about, in order.
    about: Vec<(u64, u32)>,
    covered: Option<(i32, i32)>,
    day: i32,
}

impl<'b> Awards<'b> {
    pub fn of(schema: &'b Schema, bucket: &'b Bucket, codes: &Codes, day: i32) -> Self {
        let rows = Rows::of(schema, bucket, "running_award");
        let (recipient, subject) = (rows.keys("recipient"), rows.keys("subject"));
        let mut about: Vec<(u64, u32)> =
            (0..rows.len()).map(|at| (subject.get(at).unwrap_or(recipient.values[at]), at as u32)).collect();
        about.sort_unstable();
        let covered = Silence::of(schema, bucket, codes, "running_award", true).everywhere();
        Self { rows, measure: rows.codes("measure"), about, covered, day }
    }

    /// Is a subject not paid by a measure? `once`: it is paid once, of a right that arose on a day.
    pub fn free(&self, measure: u32, subject: u64, once: Option<i32>) -> Bits {
        let since = once.map_or(self.day, |right| right.min(self.day));
        let heard = since != i32::MIN
            && self.covered.is_some_and(|(from, through)| from <= since && self.day <= through);
        let mut free = if heard { YES } else { UNKNOWN };
        let first = self.about.partition_point(|(about, _)| *about < subject);
        for (_, at) in self.about[first..].iter().take_while(|(about, _)| *about == subject) {
            let at = *at as usize;
            if once.is_some() || self.rows.holds(at, self.day) {
                let this = self.measure.get(at).map_or(UNKNOWN, |code| known(code == measure));
                free = super::bits::and(free, not(this));
            }
        }
        free
    }
}

/// More than so many?
pub fn more_than((lo, hi): (i64, i64), than: i64) -> Bits {
    may(hi > than, lo <= than)
}
