//! Who works where, for what wage, and what the Fund received for it month by month: with gaps, leaves,
//! second employers, sums that came late or were corrected.

use card::{Date, Month, Sex, Tenge};

use super::{
    kin::{Person, Who},
    records::{Comes, Contribution, Job, Unemployment},
    sums,
    weave::{Weaver, after},
};

/// So many months of contributions the Fund tells of everybody.
const MONTHS_TOLD: i32 = 36;

/// Of those whose payments rest on how long they took part, it tells all since its law of 2019 took
/// effect: January 2020.
const SINCE_THE_LAW: Month = Month(2020 * 12);

/// Whoever died before this day left no payment of the Fund that the law of today counts.
const COUNTED_SINCE: Date = Date::from_days(18_993);

/// The day on which a person reaches pension age, as of 2026.
pub fn pension_day(person: &Person) -> Date {
    let years = if person.sex == Sex::Male { 63 } else { 61 };
    after(person.born, years * 36_525 / 100)
}

/// A working life, as far as the registries tell it.
struct Career {
    /// The jobs: employer, first day, first day after.
    spells: Vec<(u32, Date, Option<Date>)>,
    /// The wage of 2025.
    wage: i64,
    /// The first month whose contributions are told.
    told_since: Month,
    /// On whose account contributions are missing now and then.
    irregular: bool,
}

impl Weaver<'_> {
    /// Careers of the living and of those who died since 2022.
    pub fn work(&mut self) {
        for who in self.kin.everybody() {
            let seeking = self.seeks_work(who);
            if let Some(career) = self.career(who, seeking) {
                self.jobs(who, &career);
                self.contributions(who, &career);
                if let Some(lost) = career.spells.first().and_then(|(.., ended)| *ended)
                    && seeking
                {
                    self.unemployed(who, lost);
                }
            } else if seeking && self.dice.chance(250) {
                // Some are registered who never had a job.
                let lost = after(self.day, -self.dice.between(20, 300));
                self.unemployed(who, lost);
            }
            self.insurance(who);
        }
    }

    fn seeks_work(&mut self, who: Who) -> bool {
        let person = self.kin.at(who);
        let of_age = person.age_on(self.day) >= 18 && self.day < pension_day(person);
        let alive = person.lives_on(self.day);
        let whole = !self.kin.capacity_losses.iter().any(|loss| loss.who == who);
        self.dice.chance(36) && of_age && alive && whole && self.kin.stays.iter().all(|stay| stay.who != who)
    }

    fn career(&mut self, who: Who, seeking: bool) -> Option<Career> {
        let person = self.kin.at(who);
        let (born, died, sex, region) = (person.born, person.died, person.sex, person.home.region);
        let grown = after(born, self.dice.around_middle(18 * 365, 25 * 365));
        let last = died.unwrap_or(self.day).min(pension_day(person));
        if last <= grown || last < COUNTED_SINCE {
            return None;
        }
        let lost = self.kin.capacity_losses.iter().find(|loss| loss.who == who).map(|l| l.established_on);
        let studies =
            self.kin.studies.iter().any(|s| {
                s.who == who && s.form == "full_time" && s.ended.is_none() && s.level != "postgraduate"
            });
        let ill = self.disabled(who).is_some_and(|one| matches!(one.group, "group_1" | "group_2"));
        let formal = self.dice.chance(match sex {
            _ if seeking => 850,
            _ if lost.is_some() => 930,
            _ if died.is_some() => 860,
            _ if studies => 60,
            _ if ill => 150,
            Sex::Male => 800,
            Sex::Female => 730,
        });
        if !formal {
            return None;
        }
        let gone = match (seeking, lost, last < self.day) {
            (true, ..) => {
                let ago =
                    self.dice.weighted(&[((3, 14), 18), ((15, 120), 40), ((121, 360), 34), ((361, 900), 8)]);
                Some(after(self.day, -self.dice.between(ago.0, ago.1)))
            }
            (_, Some(lost), _) if self.dice.chance(560) => {
                Some(after(lost, self.dice.between(-500, 40)).min(last))
            }
            (_, _, true) => Some(after(last, -self.dice.one_of(&[0, 0, 0, 0, 200, 700]))),
            _ => self.dice.chance(70).then(|| after(self.day, -self.dice.between(20, 900))),
        };
        let wage = sums::wage(region, &mut self.dice);
        let begun = if seeking && self.dice.chance(150) {
            after(self.day, -self.dice.between(40, 260))
        } else {
            grown
        };
        let spells = self.spells(begun, gone);
        let told = if seeking || lost.is_some() || died.is_some() {
            SINCE_THE_LAW
        } else {
            Month(self.day.month().0 - MONTHS_TOLD)
        };
        let irregular = self.dice.chance(100);
        (!spells.is_empty()).then_some(Career { spells, wage, told_since: told, irregular })
    }

    /// Jobs back from the last one to the first, or to where nothing is told any more.
    fn spells(&mut self, begun: Date, gone: Option<Date>) -> Vec<(u32, Date, Option<Date>)> {
        let mut spells = Vec::new();
        let mut end = gone;
        loop {
            let until = end.unwrap_or(self.day);
            let since = after(until, -self.dice.between(70, 2_600)).max(begun);
            if since >= until {
                return spells;
            }
            spells.push((self.employer(), since, end));
            let pause =
                if self.dice.chance(600) { self.dice.between(0, 20) } else { self.dice.between(30, 420) };
            let before = after(since, -pause);
            if before <= begun || before.month() < SINCE_THE_LAW {
                return spells;
            }
            end = Some(before);
        }
    }

    fn employer(&mut self) -> u32 {
        // Few are large and many small.
        let (low, high) = self.dice.weighted(&[((1, 60), 40), ((61, 2_000), 35), ((2_001, 60_000), 25)]);
        self.dice.between(low, high) as u32
    }

    fn jobs(&mut self, who: Who, career: &Career) {
        for (employer, since, ended) in &career.spells {
            if ended.is_none_or(|ended| ended > after(self.day, -3 * 365)) {
                let (employer, since, ended) = (*employer, *since, *ended);
                self.kin.jobs.push(Job { who, employer, since, ended });
            }
        }
    }

    fn contributions(&mut self, who: Who, career: &Career) {
        let leaves = self.leaves(who);
        let second = self.dice.chance(45).then(|| {
            let from = self.day.month().0 - self.dice.between(2, 30);
            (self.employer(), Month(from), Month(from + self.dice.between(2, 20)))
        });
        for (at, (employer, since, ended)) in career.spells.iter().enumerate() {
            let last = ended.unwrap_or(self.day).month();
            // The month that has not ended is not paid for yet, nor is that of a job's last day if it was the first.
            let last = if ended.is_none_or(|ended| ended.ymd().2 == 1) { last.previous() } else { last };
            let last = last.min(self.day.month().previous());
            // One who goes from one employer to another has both in that month.
            let mut month = since.month().max(career.told_since);
            while month <= last {
                let on_leave = leaves.iter().any(|(from, until)| *from <= month && month < *until);
                let missed = !on_leave && career.irregular && self.dice.chance(130);
                if !on_leave && !missed {
                    let wage = sums::in_year(career.wage, month.0.div_euclid(12));
                    self.contribution(who, month, *employer, wage);
                    if let Some((other, from, until)) = second
                        && at == 0
                        && other != *employer
                        && (from..until).contains(&month)
                    {
                        self.contribution(who, month, other, wage * 2 / 5);
                    }
                }
                month = month.next();
            }
        }
        self.once_for_a_month(who);
    }

    /// Two jobs at one employer may meet in a month: one contribution.
    fn once_for_a_month(&mut self, who: Who) {
        let own = self.kin.contributions.partition_point(|one| one.who < who);
        let rows = &mut self.kin.contributions;
        let mut of_person = rows.split_off(own);
        of_person.sort_by_key(|one| (one.month, one.payer));
        of_person.dedup_by_key(|one| (one.month, one.payer));
        rows.append(&mut of_person);
    }

    fn contribution(&mut self, who: Who, month: Month, payer: u32, wage: i64) {
        let sum = sums::contribution(wage, month);
        let comes = match self.dice.between(0, 9_999) {
            0..=99 => {
                Comes::Corrected(Tenge::from_tiyn(sum.tiyn() * i64::from(self.dice.between(40, 160)) / 100))
            }
            100..=399 if month == self.day.month().previous() => Comes::Late,
            _ => Comes::InTime,
        };
        let paid = Some(sum).filter(|_| !self.dice.chance(1) || self.dice.chance(500));
        let wage = Tenge::whole(wage);
        self.kin.contributions.push(Contribution { who, month, payer, wage, paid, comes });
    }

    /// The months in which a mother is at home with a small child, and nobody pays contributions for her.
    fn leaves(&mut self, who: Who) -> Vec<(Month, Month)> {
        if self.kin.at(who).sex == Sex::Male {
            return Vec::new();
        }
        let children = self.kin.children_of(who, self.day);
        let births =
            children.iter().map(|child| self.kin.at(*child).born).filter(|born| *born > COUNTED_SINCE);
        let dice = &mut self.dice;
        births.map(|born| (Month(born.month().0 - 2), Month(born.month().0 + dice.between(6, 24)))).collect()
    }

    /// Registers somebody who lost a job: as one who seeks another, and some days later as unemployed.
    fn unemployed(&mut self, who: Who, lost: Date) {
        let day = self.day;
        let until_now = (day.days() - lost.days()).max(1);
        let sought = after(lost, self.dice.between(0, (until_now - 1).min(40)));
        let registered = after(sought, self.dice.between(3, 9));
        let waits = registered >= day || self.dice.chance(60);
        let late = sought > after(day, -10) && self.dice.chance(200);
        let status = if self.dice.chance(8) { "" } else { "unemployed" };
        let seeker = Unemployment { who, status: "job_seeker", registered_on: sought, ended: None, late };
        if waits {
            self.kin.unemployment.push(seeker);
            return;
        }
        self.kin.unemployment.push(Unemployment { ended: Some(registered), ..seeker });
        // Some have found a job again, and of a few the career centre does not know it yet.
        let found = after(registered, self.dice.between(20, 400));
        let works = found < day && self.dice.chance(700);
        let known = works && self.dice.chance(930);
        let ended = known.then_some(found);
        self.kin.unemployment.push(Unemployment { who, status, registered_on: registered, ended, late });
        if works {
            let employer = self.employer();
            self.kin.jobs.push(Job { who, employer, since: found, ended: None });
        }
    }

    /// Whether the Fund knows somebody as a participant.
    fn insurance(&mut self, who: Who) {
        let person = self.kin.at(who);
        if !person.lives_on(self.day) || person.age_on(self.day) < 16 || self.dice.chance(4) {
            return;
        }
        let lately = Month(self.day.month().0 - 24);
        let paid = self.kin.contributions.iter().any(|one| one.who == who && one.month >= lately);
        self.kin.insured.push((who, paid && self.day < pension_day(self.kin.at(who))));
    }
}
