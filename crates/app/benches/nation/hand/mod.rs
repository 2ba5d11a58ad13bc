//! The measures of the benchmark's pack as a hand would write them: one loop, the columns of a bucket, nothing
//! general. What is not known is treated as the law's meaning has it, so that every answer must be the
//! evaluator's own.

mod bits;
mod columns;
mod kin;
mod life;
mod people;

use card::{Amount, Bucket, Date, Outcome, Schema, Span, Tenge, Ternary};

use crate::answers::{Answer, Answers, Measure};
use bits::{Bits, NO, UNKNOWN, YES, and, at_least, known, less, may, not, or};
use columns::{Codes, Rows, Told};
use kin::{Holder, Kin};
use life::{Awards, Contributions, ENDLESS, One, Studies, Which, more_than};
use people::{People, Silence, after};

/// Tenge in tiyn.
const TENGE: i64 = 100;
/// The monthly calculation index of 2026, in hundredths of a tenge.
const MRP: i64 = 4325 * TENGE;

/// Answers every measure about every subject of a bucket whom it may concern.
pub fn sweep(schema: &Schema, bucket: &Bucket, day: Date) -> Answers {
    let people = People::of(schema, bucket, day.days());
    let kin = Kin::of(schema, bucket, &people, day.days());
    let homes = Rows::of(schema, bucket, "residence");
    let findings = [Rows::of(schema, bucket, "capacity_loss"), Rows::of(schema, bucket, "disability")];
    let cares = Rows::of(schema, bucket, "care");
    let regions = bucket.coverage.iter().filter_map(|coverage| coverage.region.as_deref());
    let codes = Codes::of(bucket, &regions.chain(Measure::ALL.map(Measure::name)).collect());
    let silence = |entity: &str| Silence::of(schema, bucket, &codes, entity, true);
    let mut sweep = Sweep {
        people: &people,
        kin: &kin,
        day: day.days(),
        born_after: std::array::from_fn(|years| day.minus(Span::Months(12 * years as i32)).days()),
        homes: One::of(homes, "person", day.days()),
        address: homes.codes("address"),
        studies: Studies::of(schema, bucket, day.days()),
        study_silence: silence("study"),
        capacities: One::of(findings[0], "person", day.days()),
        degree: findings[0].numbers("degree"),
        established: findings[0].days("established_on"),
        capacity_silence: silence("capacity_loss"),
        disabilities: One::of(findings[1], "person", day.days()),
        severity: findings[1].enums("severity"),
        disability_silence: silence("disability"),
        cares: One::of(cares, "carer", day.days()),
        nursed: cares.keys("child"),
        contributions: Contributions::of(schema, bucket, &codes),
        awards: Awards::of(schema, bucket, &codes, day.days()),
        measures: Measure::ALL.map(|measure| codes.find(measure.name()).unwrap_or(u32::MAX)),
        answers: Answers::default(),
        holders: Vec::new(),
        others: Vec::new(),
    };
    let mut person = 0;
    for subject in &bucket.subjects {
        while people.ids[person] < subject.0 {
            person += 1;
        }
        sweep.infant(person);
        sweep.carer(person);
        sweep.mother(person);
        sweep.worker(person);
        sweep.disabled(person);
    }
    sweep.answers
}

struct Sweep<'b> {
    people: &'b People,
    kin: &'b Kin,
    day: i32,
    /// Who is younger than so many years was born after this day.
    born_after: [i32; 64],
    homes: One<'b>,
    address: Told<'b, u32>,
    studies: Studies<'b>,
    study_silence: Silence,
    capacities: One<'b>,
    degree: Told<'b, i64>,
    established: Told<'b, i32>,
    capacity_silence: Silence,
    disabilities: One<'b>,
    severity: Told<'b, u16>,
    disability_silence: Silence,
    cares: One<'b>,
    nursed: Told<'b, u64>,
    contributions: Contributions<'b>,
    awards: Awards<'b>,
    /// The code of each measure in the awards.
    measures: [u32; 5],
    answers: Answers,
    holders: Vec<Holder>,
    others: Vec<Holder>,
}

impl Sweep<'_> {
    fn younger(&self, person: usize, years: usize) -> Bits {
        after(self.people.born[person], self.born_after[years])
    }

    /// The birth grant, of a child.
    fn infant(&mut self, child: usize) {
        let born = self.people.born[child];
        let concerned = and(self.younger(child, 2), self.people.alive[child]);
        if concerned == NO {
            return;
        }
        let order = self.birth_order(child);
        let entitled = self.entitled(&self.holders);
        let last = (add_months(born.0, 18), add_months(born.1, 18));
        let today = (self.day, self.day);
        let in_time = and(at_least(today, born), not(less(last, today)));
        self.answer(
            Measure::BirthGrant,
            child,
            concerned,
            &[self.people.registered[child], entitled, in_time],
            Some(born.0),
            || {
                let first = and(at_least(order, (1, 1)), not(less((3, 3), order)));
                let later = at_least(order, (4, 4));
                branches([(first, (38 * MRP, 38 * MRP)), (later, (63 * MRP, 63 * MRP))])
            },
        );
    }

    /// The place of a child among its siblings; leaves its holders behind.
    fn birth_order(&mut self, child: usize) -> (i64, i64) {
        let (mut holders, mut elder) = (std::mem::take(&mut self.holders), std::mem::take(&mut self.others));
        self.kin.holders(child, &mut holders);
        let order = self.kin.birth_order(self.people, child, &holders, &mut elder);
        (self.holders, self.others) = (holders, elder);
        order
    }

    /// The payment for care, of who cares.
    fn carer(&mut self, carer: usize) {
        let Which::Is(care) = self.cares.find(self.people.ids[carer], true) else { return };
        let concerned = self.people.alive[carer];
        if concerned == NO {
            return;
        }
        let nursed = self.nursed.get(care).and_then(|child| self.people.ids.binary_search(&child).ok());
        let (born, order) = match nursed {
            Some(child) => (self.people.born[child], self.birth_order(child)),
            None => (people::ANY_DAY, (1, ENDLESS)),
        };
        let right = (month_of(born.0), month_of(born.1));
        let paid = self.contributions.window(self.people, carer, right);
        let young = less((self.day, self.day), (add_months(born.0, 18), add_months(born.1, 18)));
        let insured = more_than(paid.count, 0);
        self.answer(Measure::ChildCare, carer, concerned, &[young, insured], None, || {
            // In parts of a tenge: forty hundredths of a sum of tiyn, over 24 months.
            const PARTS: i64 = 6000;
            let least = |order: i64| match order {
                ..2 => 576 * MRP / TENGE,
                2 => 681 * MRP / TENGE,
                3 => 785 * MRP / TENGE,
                _ => 890 * MRP / TENGE,
            };
            let most = 238_000 * PARTS;
            let end = |sum: i64, order: i64| {
                let parts = sum.max(least(order) * (PARTS / TENGE)).min(most);
                parts.div_euclid(PARTS) + i64::from(parts % PARTS > 0)
            };
            Some((end(paid.sum.0, order.0) * TENGE, end(paid.sum.1, order.1) * TENGE))
        });
    }

    /// The benefit of a family with many children, of a mother.
    fn mother(&mut self, mother: usize) {
        let grown = and(not(self.younger(mother, 18)), self.people.alive[mother]);
        let role = and(self.people.female[mother], grown);
        if role == NO {
            return;
        }
        let concerned = and(role, self.kin.is_parent(mother));
        if concerned == NO {
            return;
        }
        let mut children = std::mem::take(&mut self.others);
        self.kin.children(mother, &mut children);
        let home = self.home(mother);
        let (mut certain, mut possible) = (0, 0);
        for (child, is_one) in &children {
            let child = *child as usize;
            let dependent = self.dependent(child);
            if dependent == NO {
                continue;
            }
            let with_her = match (self.home(child), home) {
                (Some(here), Some(there)) => known(here == there),
                _ => UNKNOWN,
            };
            let counts = and(*is_one, and(dependent, with_her));
            certain += i64::from(counts == YES);
            possible += i64::from(counts & YES != 0);
        }
        self.others = children;
        let many = (certain, possible);
        let conditions = [at_least(many, (4, 4)), self.people.entitled[mother]];
        self.answer(Measure::MultiChild, mother, concerned, &conditions, None, || {
            let rate = |many: i64| {
                whole(match many {
                    ..5 => 1603 * MRP / TENGE,
                    5 => 2004 * MRP / TENGE,
                    6 => 2405 * MRP / TENGE,
                    _ => 2806 * MRP / TENGE,
                })
            };
            let few = less(many, (8, 8));
            branches([
                (few, (rate(many.0), rate(many.1))),
                (not(few), (whole(4 * many.0 * MRP), whole(4 * many.1 * MRP))),
            ])
        });
    }

    fn home(&mut self, person: usize) -> Option<u32> {
        match self.homes.find(self.people.ids[person], false) {
            Which::Is(at) => self.address.get(at),
            _ => None,
        }
    }

    fn dependent(&mut self, child: usize) -> Bits {
        let (minor, young) = (self.younger(child, 18), self.younger(child, 23));
        if minor == YES || young == NO {
            return and(self.people.alive[child], or(minor, young));
        }
        let heard = self.people.is_heard(&self.study_silence, child, self.day);
        let studies = self.studies.full_time(self.people.ids[child], heard);
        and(self.people.alive[child], or(minor, and(young, studies)))
    }

    /// The payment for loss of work capacity.
    fn worker(&mut self, person: usize) {
        let heard = self.people.is_heard(&self.capacity_silence, person, self.day);
        let capacity = self.capacities.find(self.people.ids[person], heard);
        let concerned = and(capacity.exists(), self.people.alive[person]);
        if concerned == NO {
            return;
        }
        let (degree, right) = match capacity {
            Which::Is(at) => (self.degree.get(at), self.established.get(at)),
            _ => (None, None),
        };
        let degree = degree.map_or((0, ENDLESS), |degree| (degree, degree));
        let right = right.map_or(people::ANY_DAY, |day| (month_of(day), month_of(day)));
        let months = self.contributions.before(self.people, person, right).count;
        let average = self.contributions.window(self.people, person, right).sum;
        let enough = and(at_least(degree, (300_000, 300_000)), not(less((1_000_000, 1_000_000), degree)));
        let born = self.people.born[person];
        let (man, woman) = (self.born_after[63], self.born_after[61]);
        let works = match self.people.female[person] {
            YES => after(born, woman),
            NO => after(born, man),
            _ => may(born.1 > man, born.0 <= woman),
        };
        let conditions = [enough, more_than(months, 0), works];
        self.answer(Measure::WorkCapacity, person, concerned, &conditions, None, || {
            Some((lost(average.0, degree.0, months.0), lost(average.1, degree.1, months.1)))
        });
    }

    /// The benefit for a child with a disability.
    fn disabled(&mut self, child: usize) {
        let role = self.younger(child, 24);
        if role == NO {
            return;
        }
        let heard = self.people.is_heard(&self.disability_silence, child, self.day);
        let disability = self.disabilities.find(self.people.ids[child], heard);
        let concerned = and(role, and(disability.exists(), self.people.alive[child]));
        if concerned == NO {
            return;
        }
        let mut holders = std::mem::take(&mut self.holders);
        self.kin.holders(child, &mut holders);
        let conditions = [self.younger(child, 18), self.entitled(&holders)];
        self.holders = holders;
        let severity = match disability {
            Which::Is(at) => self.severity.get(at),
            _ => None,
        };
        let heavy = severity.map_or(UNKNOWN, |severity| known(severity == 0));
        self.answer(Measure::DisabledChild, child, concerned, &conditions, None, || {
            let rate = |hundredths: i64| whole(hundredths * 50_851);
            branches([(heavy, (rate(192), rate(192))), (not(heavy), (rate(161), rate(161)))])
        });
    }

    /// Is one of the holders alive and entitled?
    fn entitled(&self, holders: &[Holder]) -> Bits {
        holders.iter().fold(NO, |any, (holder, is_one)| {
            let holder = *holder as usize;
            or(any, and(*is_one, and(self.people.alive[holder], self.people.entitled[holder])))
        })
    }

    /// Writes an answer down; what it pays is asked for only where it may be due.
    fn answer(
        &mut self,
        measure: Measure,
        subject: usize,
        concerned: Bits,
        conditions: &[Bits],
        once: Option<i32>,
        pays: impl FnOnce() -> Option<(i64, i64)>,
    ) {
        let decided = conditions.iter().fold(concerned, |all, next| and(all, *next));
        let bits = conditions.iter().rev().fold(0, |bits, next| bits << 2 | u64::from(*next));
        let id = self.people.ids[subject];
        let (outcome, free, amount) = match decided {
            NO => (Outcome::NotEligible, YES, None),
            decided => {
                let outcome = if decided == YES { Outcome::Eligible } else { Outcome::Unknown };
                (outcome, self.awards.free(self.measures[measure as usize], id, once), pays())
            }
        };
        let free = match free {
            YES => Ternary::Yes,
            NO => Ternary::No,
            _ => Ternary::Unknown,
        };
        let amount = amount.map(|(lo, hi)| Amount {
            lo: Tenge::from_tiyn(lo),
            hi: (hi != ENDLESS).then_some(Tenge::from_tiyn(hi)),
        });
        self.answers.push(measure, &Answer { subject: id, outcome, free, amount, conditions: bits });
    }
}

/// What is paid for a lost capacity, from a sum of tiyn over 24 months, in whole tenge up: at one end.
fn lost(sum: i64, degree: i64, months: i64) -> i64 {
    let step = match months {
        0 => 0,
        1..6 => 10,
        6..12 => 70,
        12..24 => 75,
        24..36 => 85,
        36..48 => 90,
        48..60 => 95,
        _ => 100,
    };
    let above = if sum == ENDLESS { ENDLESS } else { (sum - 24 * 42_500 * TENGE).max(0) };
    if above == 0 || degree == 0 || step == 0 {
        return 0;
    }
    if above == ENDLESS {
        return ENDLESS;
    }
    let exact = i128::from(above) * 60 * i128::from(degree.min(1_000_000)) * step;
    let tenge = 24 * 100 * 1_000_000 * 100 * i128::from(TENGE);
    let up = exact / tenge + i128::from(exact % tenge > 0);
    up as i64 * TENGE
}

/// Up to a whole tenge.
fn whole(tiyn: i64) -> i64 {
    (tiyn / TENGE + i64::from(tiyn % TENGE > 0)) * TENGE
}

/// The hull of the amounts that may be paid, of two of which one applies.
fn branches(both: [(Bits, (i64, i64)); 2]) -> Option<(i64, i64)> {
    let certain = both.iter().filter(|(when, _)| *when == YES).count();
    let applies = |when: Bits| if certain == 1 { when == YES } else { when & YES != 0 };
    let paid = both.iter().filter(|(when, _)| applies(*when)).map(|(_, amount)| *amount);
    paid.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

fn add_months(day: i32, months: i32) -> i32 {
    if day == i32::MIN || day == i32::MAX {
        return day;
    }
    Date::from_days(day).plus(Span::Months(months)).days()
}

fn month_of(day: i32) -> i32 {
    if day == i32::MIN || day == i32::MAX { day } else { Date::from_days(day).month().0 }
}
