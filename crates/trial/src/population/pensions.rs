//! Pensions, and the state social benefits that the pension system pays: what decides whether a
//! disability benefit tops a pension up, and whether a burial is paid for.

use card::Date;

use super::{
    kin::Who,
    records::{Pension, SocialBenefit},
    sums,
    weave::{Weaver, after},
    work::pension_day,
};

/// Who fought in the war was born in 1928 at the latest.
const WAR_BORN: i32 = 1928;

impl Weaver<'_> {
    /// Pensions of those of age, early ones of those who served, benefits of the disabled.
    pub fn pensions(&mut self) {
        for who in self.kin.everybody() {
            let person = self.kin.at(who);
            let (born, died, age) = (person.born, person.died, person.age_on(self.day));
            let seen = died.unwrap_or(self.day);
            let since = pension_day(person);
            // It is paid through the day of death.
            let ended = died.map(|died| after(died, 1));
            if since < seen && self.dice.chance(985) {
                let applied = after(since, self.dice.between(0, 40)).min(after(seen, -1)).max(since);
                if self.dice.chance(950) {
                    let amount = sums::age_pension(&mut self.dice);
                    self.pension(who, "age", amount, applied, ended);
                }
                let amount = sums::base_pension(&mut self.dice);
                self.pension(who, "base", amount, applied, ended);
                let fought = born.ymd().0 <= WAR_BORN && self.dice.chance(300);
                self.kin.veterans.push((who, fought));
            } else if (45..63).contains(&age) && self.dice.chance(9) {
                let since = after(seen, -self.dice.between(100, 3_000));
                let amount = sums::age_pension(&mut self.dice);
                self.pension(who, "service", amount, since, ended);
            }
        }
        self.disability_benefits();
    }

    fn pension(
        &mut self,
        who: Who,
        kind: &'static str,
        amount: card::Tenge,
        since: Date,
        ended: Option<Date>,
    ) {
        let amount = Some(amount).filter(|_| !self.dice.chance(3));
        self.kin.pensions.push(Pension { who, kind, amount, since, ended });
    }

    fn disability_benefits(&mut self) {
        for at in 0..self.kin.disabilities.len() {
            let one = &self.kin.disabilities[at];
            let (who, since, term) = (one.who, one.since, one.ended);
            let person = self.kin.at(who);
            let ended = term.filter(|term| *term <= self.day).or(person.died.map(|died| after(died, 1)));
            let pensioner = pension_day(person) < self.day;
            if self.dice.chance(if pensioner { 120 } else { 930 }) {
                let since = after(since, self.dice.between(0, 30)).min(self.day);
                let ended = ended.filter(|ended| since < *ended);
                self.kin.benefits.push(SocialBenefit { who, kind: "disability", since, ended });
            }
        }
    }
}
