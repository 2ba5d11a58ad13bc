//! What today's systems pay for health, work, loss and honour already. Who has a right and is not
//! here, never asked for it: them the card is to find.

use card::{Date, Sex, Tenge};

use super::{
    kin::{Award, TieKind, Who},
    records::CapacityLoss,
    weave::{Weaver, after},
};

/// Sums of 2026, about as the payment systems print them: facts of their extracts, not rules.
const CARE_STATE: [i64; 4] = [24_912, 29_454, 33_952, 38_493];
const RAISING: i64 = 81_871;
const DISABILITY: [(&str, i64); 4] =
    [("group_1", 111_873), ("group_2", 89_498), ("group_3", 61_022), ("child_without_group", 81_871)];
const SURVIVORS: [i64; 6] = [46_783, 86_447, 114_415, 132_213, 139_841, 152_553];
const PENDANTS: [i64; 2] = [27_680, 32_005];
const BURIAL: i64 = 151_375;

/// Until so many days after a birth care is paid for.
const CARE_DAYS: i32 = 548;

/// An award of a month, from a day on, about somebody.
fn monthly(measure: &'static str, (recipient, subject): (Who, Who), since: Date, amount: i64) -> Award {
    Award {
        measure,
        recipient,
        subject: Some(subject),
        since,
        ended: None,
        amount: Tenge::whole(amount),
        paid_on: None,
        children: Vec::new(),
    }
}

impl Weaver<'_> {
    /// Awards in payment and payments made, besides those for births, large families and the poor.
    pub fn paid(&mut self) {
        self.paid_for_disability();
        self.paid_for_capacity();
        self.paid_for_care();
        self.paid_for_job_loss();
        self.paid_for_loss();
        self.paid_for_honours();
    }

    /// The mother; else the other holder of rights.
    fn parent_paid(&self, child: Who) -> Option<Who> {
        let ties = self.kin.ties.iter().filter(|tie| tie.child == child && tie.holds_on(self.day));
        let mut holders: Vec<Who> = (ties.filter(|tie| tie.kind != TieKind::Step).map(|tie| tie.parent))
            .filter(|parent| self.kin.at(*parent).lives_on(self.day))
            .collect();
        holders.sort_by_key(|parent| self.kin.at(*parent).sex == Sex::Male);
        holders.first().copied()
    }

    fn paid_for_disability(&mut self) {
        for at in 0..self.kin.disabilities.len() {
            let one = self.kin.disabilities[at].clone();
            let person = self.kin.at(one.who);
            let (alive, child) = (person.lives_on(self.day), person.age_on(self.day) < 18);
            if !alive || one.ended.is_some_and(|ended| ended <= self.day) || one.late {
                continue;
            }
            let since = after(one.since, self.dice.between(5, 60));
            if since >= self.day {
                continue;
            }
            let parent = self.parent_paid(one.who);
            let recipient = if child { parent } else { Some(one.who) };
            let paid = self.kin.benefits.iter().any(|b| b.who == one.who && b.kind == "disability");
            if let (Some(recipient), true) = (recipient, paid) {
                let sum =
                    DISABILITY.iter().find(|(group, _)| *group == one.group).map_or(RAISING, |(_, sum)| *sum);
                self.kin.awards.push(monthly("disability", (recipient, one.who), since, sum));
            }
            if let (Some(parent), true) = (parent, child && self.dice.chance(920)) {
                let award = monthly("raising_disabled_child", (parent, one.who), since, RAISING);
                self.kin.awards.push(Award { children: vec![one.who], ..award });
            }
        }
    }

    fn paid_for_capacity(&mut self) {
        for at in 0..self.kin.capacity_losses.len() {
            let CapacityLoss { who, established_on, degree, ended, .. } = self.kin.capacity_losses[at];
            let in_force = ended.is_none_or(|ended| self.day < ended) && self.kin.at(who).lives_on(self.day);
            let insured =
                self.kin.contributions.iter().any(|c| c.who == who && c.month < established_on.month());
            let since = after(established_on, self.dice.between(3, 60));
            if in_force && insured && since < self.day && self.dice.chance(900) {
                let sum = 1_000 * i64::from(degree.unwrap_or(50)) + 300 * i64::from(self.dice.between(0, 99));
                self.kin.awards.push(monthly("sif_work_capacity", (who, who), since, sum));
            }
        }
    }

    fn paid_for_care(&mut self) {
        for child in self.kin.everybody() {
            let person = self.kin.at(child);
            let age = self.day.days() - person.born.days();
            if !person.lives_on(self.day) || !(20..CARE_DAYS).contains(&age) || person.late {
                continue;
            }
            let Some(parent) = self.parent_paid(child) else { continue };
            let since = person.born;
            let insured = self.kin.insured.iter().any(|(who, insured)| *who == parent && *insured);
            if !self.dice.chance(if age < 120 { 750 } else { 950 }) {
                continue;
            }
            let order = self.kin.children_of(parent, self.day).len().clamp(1, 4);
            let (measure, sum) = if insured {
                ("sif_child_care", i64::from(self.dice.between(25_000, 230_000)))
            } else {
                ("state_child_care", CARE_STATE[order - 1])
            };
            let award = monthly(measure, (parent, child), since, sum);
            self.kin.awards.push(Award { children: vec![child], ..award });
        }
    }

    fn paid_for_job_loss(&mut self) {
        for at in 0..self.kin.unemployment.len() {
            let one = self.kin.unemployment[at].clone();
            let months = self.kin.contributions.iter().filter(|c| c.who == one.who).count();
            let paid_from = after(one.registered_on, self.dice.between(4, 25));
            let asked = one.status != "job_seeker" && months >= 6 && !one.late && paid_from < self.day;
            if asked && self.dice.chance(820) {
                let times = (months / 12).clamp(1, 6) as i32;
                let over = after(paid_from, 30 * times);
                let sum = 1_000 * i64::from(self.dice.around_middle(30, 190));
                let award = monthly("sif_job_loss", (one.who, one.who), one.registered_on, sum);
                self.kin.awards.push(Award { ended: (over <= self.day).then_some(over), ..award });
            }
        }
    }

    /// Survivors' payments of the state and of the Fund, and burials.
    fn paid_for_loss(&mut self) {
        for at in 0..self.kin.death_registrations.len() {
            let (deceased, informant, on) = self.kin.death_registrations[at];
            let state_paid = self.kin.pensions.iter().any(|p| p.who == deceased)
                || self.kin.benefits.iter().any(|b| b.who == deceased);
            let paid_on = after(on, self.dice.between(3, 60));
            // Who declared a burial to the card has mostly not been paid for it elsewhere.
            let declared = self.kin.burials.iter().any(|burial| burial.deceased == deceased);
            if let Some(recipient) = informant
                && state_paid
                && paid_on < self.day
                && self.dice.chance(if declared { 400 } else { 900 })
            {
                let award = monthly("burial", (recipient, deceased), on, BURIAL);
                let (ended, paid_on) = (Some(after(paid_on, 1)), Some(paid_on));
                self.kin.awards.push(Award { ended, paid_on, ..award });
            }
        }
        for deceased in self.kin.everybody() {
            let Some(died) = self.kin.at(deceased).died else { continue };
            let mut children = self.kin.children_of(deceased, died);
            children.retain(|c| self.kin.at(*c).lives_on(self.day) && self.kin.at(*c).age_on(self.day) < 18);
            let since = after(died, self.dice.between(1, 30));
            let Some(recipient) = children.first().and_then(|child| self.parent_paid(*child)) else {
                continue;
            };
            if since >= self.day {
                continue;
            }
            if self.dice.chance(900) {
                let sum = SURVIVORS[children.len().min(6) - 1];
                let award = monthly("state_survivor", (recipient, deceased), since, sum);
                self.kin.awards.push(Award { children: children.clone(), ..award });
            }
            let insured = self.kin.contributions.iter().any(|c| c.who == deceased);
            if insured && self.dice.chance(860) {
                let sum = 1_000 * i64::from(self.dice.around_middle(20, 160));
                let award = monthly("sif_survivor", (recipient, deceased), since, sum);
                self.kin.awards.push(Award { children, ..award });
            }
        }
    }

    fn paid_for_honours(&mut self) {
        for at in 0..self.kin.honours.len() {
            let honour = self.kin.honours[at].clone();
            let alive = self.kin.at(honour.who).lives_on(self.day);
            let since = after(honour.given_on, self.dice.between(10, 90));
            if alive && honour.withdrawn_on.is_none() && since < self.day && self.dice.chance(950) {
                let sum = PENDANTS[usize::from(honour.kind != "kumis_alqa")];
                self.kin.awards.push(monthly("awarded_mother", (honour.who, honour.who), since, sum));
            }
        }
    }

    /// Assistance of this quarter: about two thirds of whoever is poor ask for it.
    pub fn paid_assistance(&mut self) {
        let quarter = card::Month(self.day.month().0.div_euclid(3) * 3).first_day();
        for (eldest, household) in std::mem::take(&mut self.poor) {
            if self.dice.chance(640) {
                let since = quarter.max(after(self.day, -self.dice.between(0, 80)));
                let sum = 1_000 * i64::from(self.dice.around_middle(10, 150));
                let award = monthly("targeted_assistance", (eldest, eldest), since, sum);
                self.kin.awards.push(Award { children: household, ..award });
            }
        }
    }
}
