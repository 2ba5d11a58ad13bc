//! What today's systems pay already: most families of four children, a grant for most births. Who is
//! left is whom the card finds: children born this week, families that never applied.

use card::{Date, Sex, Tenge};

use super::{
    files::PAID_TOLD_FOR_DAYS,
    kin::{Award, Kin, Who},
    weave::{Weaver, after},
};

/// What the payment system orders a month, in tenge, by the number of children from four; beyond
/// the list for each child. Published for 2026 by the ministry of labour: facts of its extract, not rules.
const MONTHLY: [i64; 4] = [69_330, 86_673, 104_017, 121_360];
const MONTHLY_EACH: i64 = 17_300;

/// The monthly benefit of families of four has been paid since 2020.
const FIRST_DAY_OF_MONTHLY: Date = Date::from_days(18_262);

/// What it paid once for a birth, first to third child and later ones, in 2026, 2025 and before.
const GRANTS: [(i32, i64, i64); 3] =
    [(2026, 164_350, 272_475), (2025, 149_416, 247_716), (0, 140_296, 232_596)];

impl Weaver<'_> {
    /// Awards in payment, ended ones and grants paid.
    pub fn awards(&mut self) {
        let women: Vec<Who> =
            self.kin.everybody().filter(|who| self.kin.at(*who).sex == Sex::Female).collect();
        for woman in women {
            self.grants(woman);
            self.monthly(woman);
        }
    }

    fn grants(&mut self, woman: Who) {
        let mut children = self.kin.children_of(woman, self.day);
        children.sort_by_key(|child| self.kin.at(*child).born);
        for (order, child) in children.iter().enumerate() {
            let born = self.kin.at(*child).born;
            let age = self.day.days() - born.days();
            // The young ones may have been asked for and not yet be paid; a few never are asked for.
            if age > PAID_TOLD_FOR_DAYS || self.dice.chance(35) {
                continue;
            }
            let paid_on = after(born, self.dice.around_middle(8, 75));
            if paid_on >= self.day || self.kin.at(*child).late {
                continue;
            }
            let alive = self.kin.at(woman).lives_on(paid_on);
            let Some(recipient) = (if alive { Some(woman) } else { self.kin.spouse_of(woman, self.day) })
            else {
                continue;
            };
            let (_, first, later) =
                GRANTS[GRANTS.iter().position(|(year, ..)| paid_on.ymd().0 >= *year).unwrap_or(2)];
            self.kin.awards.push(Award {
                measure: "birth_grant",
                recipient,
                subject: Some(*child),
                since: after(paid_on, -3).max(born),
                ended: Some(after(paid_on, 1)),
                amount: Tenge::whole(if order < 3 { first } else { later }),
                paid_on: Some(paid_on),
                children: vec![*child],
            });
        }
    }

    fn monthly(&mut self, woman: Who) {
        if !self.kin.at(woman).lives_on(self.day) {
            return;
        }
        let children = self.kin.qualifying(woman, self.day);
        if children.len() < 4 {
            self.ended_award(woman);
            return;
        }
        let mut births: Vec<Date> = children.iter().map(|child| self.kin.at(*child).born).collect();
        births.sort();
        let right = births[3];
        let since = after(right, self.dice.around_middle(20, 150)).max(FIRST_DAY_OF_MONTHLY);
        let never_applied = self.dice.chance(55);
        if since >= self.day || never_applied {
            return;
        }
        let husband = self.kin.spouse_of(woman, self.day);
        let recipient = match self.dice.between(0, 999) {
            0..=4 => self.unrelated_payee(woman),
            5..=129 => husband.unwrap_or(woman),
            _ => woman,
        };
        // The youngest may have been born after the last recount.
        let counted: Vec<Who> = children
            .iter()
            .copied()
            .filter(|child| self.kin.at(*child).born < after(self.day, -40) || self.dice.chance(500))
            .collect();
        let counted = if counted.len() < 4 { children } else { counted };
        let amount = match counted.len() {
            number @ 4..=7 => MONTHLY[number - 4],
            number => MONTHLY_EACH * number as i64,
        };
        let told = !self.dice.chance(25);
        self.kin.awards.push(Award {
            measure: "multi_child",
            recipient,
            subject: self.dice.chance(900).then_some(woman),
            since,
            ended: None,
            amount: Tenge::whole(amount),
            paid_on: None,
            children: if told { counted } else { Vec::new() },
        });
    }

    /// A family whose children have grown had an award once.
    fn ended_award(&mut self, woman: Who) {
        let three_years_ago = after(self.day, -1_095);
        let children = self.kin.qualifying(woman, three_years_ago);
        if children.len() < 4 || !self.dice.chance(850) {
            return;
        }
        let ended = after(self.day, -self.dice.between(5, 1_000));
        let since = after(ended, -self.dice.between(400, 1_800));
        let amount = Tenge::whole(63_030);
        let subject = Some(woman);
        self.kin.awards.push(Award {
            measure: "multi_child",
            recipient: woman,
            subject,
            since,
            ended: Some(ended),
            amount,
            paid_on: None,
            children,
        });
    }

    /// A payee who is no kin: somebody who once had the children in care and still gets the money.
    fn unrelated_payee(&mut self, woman: Who) -> Who {
        let near = self.kin.at(woman).home;
        let (home, custom) = (self.new_home(near), self.kin.at(woman).custom);
        let born = after(self.day, -self.dice.between(35 * 365, 65 * 365));
        let payee = self.newcomer(Sex::Female, born, self.day, home, custom);
        self.settle(payee, home, after(born, 25 * 365));
        payee
    }
}

impl Kin {
    /// The children whom the payment system would count for a woman: alive, under 18 or a full-time
    /// student under 23, unmarried, hers or her husband's, at her address unless they study.
    pub fn qualifying(&self, woman: Who, day: Date) -> Vec<Who> {
        let home = self.at(woman).home.address;
        let mut children = self.children_of(woman, day);
        if let Some(husband) = self.spouse_of(woman, day) {
            children.extend(self.children_of(husband, day));
        }
        children.sort();
        children.dedup();
        children.retain(|child| {
            let person = self.at(*child);
            let age = person.age_on(day);
            let student = age < 23
                && self.studies.iter().any(|s| {
                    s.who == *child
                        && s.form == "full_time"
                        && s.since <= day
                        && s.ended.is_none_or(|e| day < e)
                });
            let supported = self.stays.iter().any(|s| s.who == *child && s.kind == "full_state_support");
            person.lives_on(day)
                && !supported
                && self.spouse_of(*child, day).is_none()
                && (student || (age < 18 && person.home.address == home))
        });
        children
    }
}
