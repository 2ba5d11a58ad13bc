//! What no registry knows and people say about the dead and the weak: who depended on whom, who buried
//! whom, who cares for whom. Some say it, most are never asked.

use card::{Date, Sex};

use super::{
    kin::{TieKind, Who},
    records::{Burial, Care, Dependency, SocialBenefit},
    weave::{Weaver, after},
    work::pension_day,
};

/// A burial may be paid for within three years.
const BURIAL_DAYS: i32 = 1_095;

impl Weaver<'_> {
    /// What was declared about the deaths of the last years, and what the state pays for them.
    pub fn loss(&mut self) {
        for who in self.kin.everybody() {
            let Some(died) = self.kin.at(who).died.filter(|died| *died > after(self.day, -6 * 365)) else {
                continue;
            };
            self.dependencies(who, died);
            self.survivors(who, died);
            if self.dice.chance(3) {
                self.kin.service_deaths.push(who);
            }
        }
        for at in 0..self.kin.death_registrations.len() {
            let (deceased, informant, on) = self.kin.death_registrations[at];
            let buried_by = informant.filter(|_| on > after(self.day, -BURIAL_DAYS));
            if let Some(buried_by) = buried_by
                && self.dice.chance(300)
            {
                let since = after(on, self.dice.between(2, 200)).min(self.day);
                self.kin.burials.push(Burial { deceased, buried_by, since });
            }
        }
    }

    /// Widowed spouses, parents and grandchildren of whom it was said that they lived from the dead.
    fn dependencies(&mut self, breadwinner: Who, died: Date) {
        let parents = |of: Who| {
            let ties = self.kin.ties.iter().filter(move |tie| tie.child == of && tie.kind != TieKind::Step);
            ties.map(|tie| tie.parent).collect::<Vec<Who>>()
        };
        let spouse = self.kin.spouse_of(breadwinner, after(died, -1));
        let elders: Vec<Who> = parents(breadwinner).into_iter().flat_map(parents).collect();
        let grandchildren = (self.kin.children_of(breadwinner, died).into_iter())
            .flat_map(|child| self.kin.children_of(child, died))
            .filter(|child| self.kin.at(*child).age_on(self.day) < 18);
        let near: Vec<Who> = spouse.into_iter().chain(parents(breadwinner)).chain(elders).collect();
        let mut dependants: Vec<Who> = near
            .into_iter()
            .filter(|one| pension_day(self.kin.at(*one)) < self.day)
            .chain(grandchildren)
            .filter(|one| self.kin.at(*one).lives_on(self.day) && *one != breadwinner)
            .collect();
        dependants.sort();
        dependants.dedup();
        for dependant in dependants {
            if self.dice.chance(220) {
                let without_others = (!self.dice.chance(150)).then(|| self.dice.chance(500));
                self.kin.dependencies.push(Dependency { dependant, breadwinner, without_others });
            }
        }
    }

    /// The survivor benefits of the children of a dead parent.
    fn survivors(&mut self, breadwinner: Who, died: Date) {
        for child in self.kin.children_of(breadwinner, died) {
            let minor = self.kin.at(child).age_on(self.day) < 18 && self.kin.at(child).lives_on(self.day);
            let twice = self.kin.benefits.iter().any(|one| one.who == child);
            if minor && !twice && self.dice.chance(900) {
                let since = after(died, 1).min(self.day);
                self.kin.benefits.push(SocialBenefit { who: child, kind: "survivor", since, ended: None });
            }
        }
    }

    /// Who really cares for a small child, where it is not the mother, and for the weak.
    pub fn care(&mut self) {
        for who in self.kin.everybody() {
            let person = self.kin.at(who);
            if !person.lives_on(self.day) {
                continue;
            }
            let (age, born, home) = (person.age_on(self.day), person.born, person.home.address);
            let weak = self.disabled(who).is_some_and(|one| age < 18 || one.group == "group_1") || age >= 80;
            let known = match age {
                ..2 => self.dice.chance(60),
                2..8 => self.dice.chance(12),
                _ => weak && self.dice.chance(250),
            };
            if !known {
                continue;
            }
            let carer = self.kin.everybody().find(|other| {
                let one = self.kin.at(*other);
                let near = one.home.address == home && (19..72).contains(&one.age_on(self.day));
                near && one.lives_on(self.day) && *other != who && (age >= 2 || one.sex == Sex::Male)
            });
            if let Some(carer) = carer {
                let since = after(self.day, -self.dice.between(20, 600)).max(born);
                self.kin.cares.push(Care { carer, cared: who, since });
            }
        }
    }

    /// Whether children of parents who live apart receive alimony, where somebody said so.
    pub fn alimony(&mut self) {
        let step: Vec<Who> =
            self.kin.ties.iter().filter(|tie| tie.kind == TieKind::Step).map(|tie| tie.child).collect();
        for child in self.kin.everybody() {
            if step.contains(&child) && self.dice.chance(600) {
                let receives = self.dice.chance(400);
                self.kin.alimony.push((child, receives));
            }
        }
    }
}
