//! What households live from, month by month: wages, pensions, benefits, what the self-employed and the
//! farms earn. Few are poor in money alone, and the register knows less than all of it.

use card::{Month, Sex, Tenge};

use super::{
    kin::Who,
    records::Income,
    sums,
    weave::{Weaver, after},
};

/// Incomes of a household without a wage that the register knows, by kind.
const OTHER_KINDS: &[(&str, u32)] =
    &[("business", 46), ("farm", 22), ("transfer", 16), ("other", 10), ("property", 4), ("gift", 2)];

impl Weaver<'_> {
    /// The months of which incomes are told: of the quarter before, and of this one as far as it is over.
    fn months_of_incomes(&self) -> (Month, Month) {
        let now = self.day.month();
        (Month(now.0.div_euclid(3) * 3 - 3), now.previous())
    }

    /// The incomes of all households.
    pub fn incomes(&mut self) {
        let mut homes: Vec<u64> = Vec::new();
        for who in self.kin.everybody() {
            let person = self.kin.at(who);
            if person.lives_on(self.day) && !homes.contains(&person.home.address) {
                homes.push(person.home.address);
            }
        }
        for home in homes {
            self.household(home);
        }
    }

    fn household(&mut self, home: u64) {
        let members: Vec<Who> = (self.kin.everybody())
            .filter(|who| self.kin.at(*who).home.address == home && self.kin.at(*who).lives_on(self.day))
            .collect();
        let (from, last) = self.months_of_incomes();
        let before = self.kin.incomes.len();
        for who in &members {
            self.wages(*who, from, last);
            self.benefits(*who, from, last);
        }
        let known: i64 = (self.kin.incomes[before..].iter())
            .filter(|income| income.month < Month(from.0 + 3) && income.kind != "child_disability")
            .map(|income| income.amount.map_or(0, |amount| amount.tiyn() / 100))
            .sum();
        let region = self.kin.at(members[0]).home.region;
        let line = sums::poverty_line(region, self.day.month());
        let needed = line * members.len() as i64;
        let grown = |who: &&Who| (18..64).contains(&self.kin.at(**who).age_on(self.day));
        // The fit of working age earn something, and the register knows most of it.
        if known / 3 < needed * 11 / 10 && !self.dice.chance(25) {
            let earner =
                members.iter().find(grown).or_else(|| members.first()).copied().unwrap_or(members[0]);
            let kind = self.dice.weighted(OTHER_KINDS);
            let lack = needed * i64::from(self.dice.around_middle(112, 260)) / 100 - known / 3;
            self.each_month(earner, kind, lack.max(10_000), (from, last));
        } else if known / 3 < needed {
            let leads = |who: &&Who| {
                let person = self.kin.at(**who);
                let alone = self.kin.spouse_of(**who, self.day).is_none();
                person.age_on(self.day) >= 18 && (person.sex == Sex::Female || alone)
            };
            // A household is asked about at the eldest who leads a family in it.
            let eldest = members.iter().filter(leads).min_by_key(|who| self.kin.at(**who).born).copied();
            self.poor.extend(eldest.map(|eldest| (eldest, members)));
        }
    }

    fn each_month(&mut self, who: Who, kind: &'static str, amount: i64, (from, last): (Month, Month)) {
        let mut month = from;
        while month <= last {
            let told = (!self.dice.chance(1) || self.dice.chance(600)).then_some(Tenge::whole(amount));
            self.kin.incomes.push(Income { who, month, kind, amount: told });
            month = month.next();
        }
    }

    fn wages(&mut self, who: Who, from: Month, last: Month) {
        let own = self.kin.contributions.partition_point(|one| one.who < who);
        let months = self.kin.contributions[own..].iter().take_while(|one| one.who == who);
        let mut wages: Vec<(Month, Tenge)> = Vec::new();
        for one in months.filter(|one| from <= one.month && one.month <= last) {
            match wages.last_mut() {
                Some((month, sum)) if *month == one.month => *sum += one.wage,
                _ => wages.push((one.month, one.wage)),
            }
        }
        for (month, sum) in wages {
            let amount = Some(sum).filter(|_| !self.dice.chance(1));
            self.kin.incomes.push(Income { who, month, kind: "wage", amount });
        }
    }

    /// What the state pays to somebody, as the register of incomes has it.
    fn benefits(&mut self, who: Who, from: Month, last: Month) {
        let in_force = |ended: Option<card::Date>| ended.is_none_or(|ended| self.day < ended);
        let pensions: i64 = (self.kin.pensions.iter())
            .filter(|pension| pension.who == who && in_force(pension.ended))
            .filter_map(|pension| pension.amount.map(|amount| amount.tiyn() / 100))
            .sum();
        let awards = self.kin.awards.iter().filter(|award| award.recipient == who && in_force(award.ended));
        let mut by_kind =
            [("social_payment", pensions), ("multi_child", 0), ("child_care", 0), ("child_disability", 0)];
        for award in awards.filter(|award| award.paid_on.is_none() && award.since < after(self.day, -60)) {
            let at = match award.measure {
                "multi_child" => 1,
                "state_child_care" | "sif_child_care" => 2,
                "raising_disabled_child" => 3,
                _ => 0,
            };
            by_kind[at].1 += award.amount.tiyn() / 100;
        }
        for (kind, amount) in by_kind.into_iter().filter(|(_, amount)| *amount > 0) {
            self.each_month(who, kind, amount, (from, last));
        }
    }
}
