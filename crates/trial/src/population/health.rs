//! What the medical and social examination finds: disabilities, and how much of their work capacity
//! people lost who had worked.

use card::Date;

use super::{
    kin::Who,
    records::{CapacityLoss, Disability},
    weave::{Weaver, after},
    work::pension_day,
};

/// From this age a child's disability has a group.
const WITH_A_GROUP: i32 = 7;

/// Causes of disabilities of the grown, with their weights.
const CAUSES: &[(&str, u32)] = &[
    ("general_illness", 695),
    ("since_childhood", 215),
    ("work_injury", 35),
    ("occupational", 15),
    ("service_unrelated", 8),
    ("conscript", 5),
    ("line_of_duty", 5),
    ("nuclear_ecological", 22),
];

impl Weaver<'_> {
    /// Disabilities of the living and of those who died lately.
    pub fn health(&mut self) {
        for who in self.kin.everybody() {
            let person = self.kin.at(who);
            let alive = person.lives_on(self.day);
            let age = person.age_on(self.day);
            let lately = person.died.is_some_and(|died| died > after(self.day, -1_300));
            let per_mille = match age {
                _ if lately => 130,
                _ if !alive => 0,
                ..WITH_A_GROUP => 10,
                WITH_A_GROUP..31 => 22,
                31..46 => 36,
                46..62 => 66,
                _ => 92,
            };
            if self.dice.chance(per_mille) {
                self.disability(who, age);
            }
        }
    }

    fn disability(&mut self, who: Who, age: i32) {
        let (born, died) = (self.kin.at(who).born, self.kin.at(who).died);
        let seen = died.map_or(self.day, |died| died.min(self.day));
        let child = age < 18;
        let of_children: &[_] = &[("since_childhood", 980), ("nuclear_ecological", 20)];
        let cause = self.dice.weighted(if child { of_children } else { CAUSES });
        let group = match age {
            ..WITH_A_GROUP => self.dice.weighted(&[("child_without_group", 930), ("group_1", 70)]),
            WITH_A_GROUP..18 => self.dice.weighted(&[
                ("group_1", 440),
                ("group_2", 140),
                ("group_3", 380),
                ("child_without_group", 40),
            ]),
            _ => self.dice.weighted(&[("group_1", 130), ("group_2", 390), ("group_3", 480)]),
        };
        let earliest = match cause {
            "since_childhood" if !child => after(born, 18 * 365),
            "since_childhood" | "nuclear_ecological" => after(born, 60),
            _ => after(born, 20 * 365),
        };
        let latest = (seen.days() - earliest.days()).max(1);
        let back = if self.dice.chance(760) { 1_650 } else { 9_000 };
        let since = after(seen, -self.dice.between(0, back.min(latest) - 1));
        let ended = self.term(since, child);
        let of_movement = self.dice.chance(130);
        let late = since > after(self.day, -30) && self.dice.chance(200);
        let group = if self.dice.chance(8) { "" } else { group };
        self.kin.disabilities.push(Disability { who, group, cause, of_movement, since, ended, late });
        let had_worked = !child && !matches!(cause, "since_childhood");
        if had_worked && self.dice.chance(430) && since < pension_day(self.kin.at(who)) {
            self.capacity_loss(who, group, since, ended);
        }
    }

    /// For how long a disability is established: of some for ever, of others for a year or two, and
    /// of a few the term is over and nobody has examined them again.
    fn term(&mut self, since: Date, child: bool) -> Option<Date> {
        match self.dice.between(0, 99) {
            0..=3 => Some(after(self.day, -self.dice.between(0, 120)).max(after(since, 1))),
            4..=45 => Some(after(self.day, self.dice.between(1, if child { 1_400 } else { 700 }))),
            _ => None,
        }
    }

    /// What somebody lost of the capacity to work; of some it has changed since.
    fn capacity_loss(&mut self, who: Who, group: &str, established_on: Date, ended: Option<Date>) {
        let (low, high) = match group {
            "group_1" => (80, 100),
            "group_2" => (60, 79),
            _ => (24, 59),
        };
        let degree = self.dice.between(low, high).max(self.dice.between(low, high));
        let degree = Some(degree).filter(|_| !self.dice.chance(8));
        let pension = pension_day(self.kin.at(who));
        // The term ends with pension age; of a few the register goes on.
        let ended = match ended {
            None if self.dice.chance(960) => Some(pension),
            other => other,
        };
        let first = after(established_on, self.dice.between(200, 900));
        let changed = self.dice.chance(180) && first < self.day && ended.is_none_or(|ended| first < ended);
        let mut since = established_on;
        if changed {
            let (degree, ended) = (Some(self.dice.between(30, 100)), Some(first));
            self.kin.capacity_losses.push(CapacityLoss { who, established_on, degree, since, ended });
            since = first;
        }
        self.kin.capacity_losses.push(CapacityLoss { who, established_on, degree, since, ended });
    }

    /// Has somebody a disability today, and of which group?
    pub fn disabled(&self, who: Who) -> Option<&Disability> {
        self.kin
            .disabilities
            .iter()
            .find(|one| one.who == who && one.ended.is_none_or(|ended| self.day < ended))
    }
}
