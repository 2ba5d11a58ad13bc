//! The turns of lives that make circles awkward: divorces and second unions, half-siblings and
//! stepparents, mothers alone, guardians, adoptive parents, parents without rights.

use card::{Date, Sex};

use super::{
    kin::{Home, Rights, Stay, Tie, TieKind, Who},
    names::Custom,
    weave::{Couple, Weaver, after},
};

impl Weaver<'_> {
    /// A couple parts: most children stay with the mother; both may live with somebody else later.
    pub fn part(&mut self, couple: Couple, day: Date, children: &[Who]) {
        let Couple { woman, man, home, wish, depth, .. } = couple;
        let with_mother = self.dice.chance(930);
        let goes = if self.dice.chance(650) { man } else { woman };
        let keeps = if with_mother { woman } else { man };
        let new_home = self.new_home(home);
        self.settle(goes, new_home, day);
        if keeps == goes {
            self.move_along(children, new_home, day);
        }
        // An only child may be registered with neither parent: with whom it lives is declared, or asked.
        if let [child] = children
            && self.dice.chance(60)
            && self.kin.at(*child).age_on(self.day) < 18
            && self.kin.at(*child).lives_on(day)
        {
            let (elsewhere, since) = (self.new_home(home), after(day, 30).min(self.day));
            self.settle(*child, elsewhere, since);
            if self.dice.chance(400) {
                self.kin.declared_homes.push((*child, keeps, since));
            }
        }
        let left = wish - children.len() as i32;
        if self.kin.at(woman).age_on(day) < 45 && self.dice.chance(330) {
            let again = after(day, self.dice.around_middle(200, 2_500));
            self.join_again(woman, again, left, depth);
            if with_mother {
                let home = self.kin.at(woman).home;
                self.move_along(children, home, again);
                self.stepparent(woman, children, again);
            }
        }
        if self.dice.chance(380) {
            let again = after(day, self.dice.around_middle(200, 2_500));
            self.new_wife(man, again, depth);
        }
    }

    /// The children who still live at home move with their parent.
    fn move_along(&mut self, children: &[Who], home: Home, day: Date) {
        for child in children {
            if self.kin.at(*child).leaves > day {
                self.settle(*child, home, day);
            }
        }
    }

    /// A woman lives with another man: their children are half-siblings of hers.
    pub fn join_again(&mut self, woman: Who, since: Date, wish: i32, depth: u32) {
        let person = self.kin.at(woman);
        if since > self.day || !person.lives_on(since) {
            return;
        }
        let (born, custom, old_home) = (person.born, person.custom, person.home);
        let man_born = after(born, -self.dice.around_middle(-5 * 365, 12 * 365)).min(after(since, -18 * 365));
        let home = if self.dice.chance(500) { old_home } else { self.new_home(old_home) };
        let man = self.newcomer(Sex::Male, man_born, since, home, custom);
        let wish = wish.max(i32::from(self.dice.chance(400)));
        self.couple(Couple { woman, man, since, home, wish, depth: depth + 1 });
    }

    /// A man lives with another woman, who may bring children of her own.
    fn new_wife(&mut self, man: Who, since: Date, depth: u32) {
        let person = self.kin.at(man);
        if since > self.day || !person.lives_on(since) {
            return;
        }
        let (man_born, custom, old_home) = (person.born, person.custom, person.home);
        let born = after(man_born, self.dice.around_middle(-2 * 365, 14 * 365)).min(after(since, -20 * 365));
        let home = self.new_home(old_home);
        let woman = self.newcomer(Sex::Female, born, since, home, custom);
        if self.dice.chance(350) && self.kin.at(woman).age_on(since) >= 24 {
            self.settle(woman, home, after(born, 20 * 365));
            for _ in 0..self.dice.between(1, 2) {
                let before = (since.days() - born.days() - 200).min(44 * 365);
                let birth = after(born, self.dice.between(20 * 365, before));
                if self.spaced(woman, birth) {
                    self.child(woman, None, birth, 1, home);
                }
            }
        }
        let wish = self.dice.weighted(&[(0, 35), (1, 35), (2, 20), (3, 10)]);
        self.couple(Couple { woman, man, since, home, wish, depth: depth + 1 });
    }

    /// No other birth of the woman lies within ten months of a day.
    fn spaced(&self, woman: Who, birth: Date) -> bool {
        let children = self.kin.children_of(woman, self.day);
        birth <= self.day && children.iter().all(|c| (self.kin.at(*c).born.days() - birth.days()).abs() > 320)
    }

    /// Some stepfathers are recorded as stepparents; in whose family the child counts is declared, or not.
    fn stepparent(&mut self, woman: Who, children: &[Who], since: Date) {
        let Some(husband) = self.kin.spouse_of(woman, self.day) else { return };
        if !self.dice.chance(350) {
            return;
        }
        for child in children {
            let person = self.kin.at(*child);
            if person.age_on(since) < 18 && person.lives_on(since) {
                let counted_in = self.dice.chance(500).then_some(husband);
                let (kind, rights) = (TieKind::Step, Rights::Full);
                self.kin.ties.push(Tie {
                    child: *child,
                    parent: husband,
                    kind,
                    rights,
                    since,
                    ended: None,
                    counted_in,
                });
            }
        }
    }

    /// A woman has a child or more without living with a man; half of the fathers acknowledge theirs.
    pub fn mother_alone(&mut self, woman: Who, depth: u32) {
        let person = self.kin.at(woman);
        let (born, custom, home) = (person.born, person.custom, person.home);
        let father = self.dice.chance(500).then(|| {
            let man_born = after(born, -self.dice.around_middle(-2 * 365, 10 * 365));
            let apart = self.new_home(home);
            let man = self.newcomer(
                Sex::Male,
                man_born,
                after(born, 32 * 365).min(self.day).max(man_born),
                apart,
                custom,
            );
            self.settle(man, apart, after(man_born, 20 * 365));
            man
        });
        for _ in 0..self.dice.weighted(&[(1, 60), (2, 28), (3, 12)]) {
            let birth = after(born, self.dice.around_middle(19 * 365, 40 * 365));
            let alive = self.kin.at(woman).lives_on(birth);
            let father = father
                .filter(|man| self.kin.at(*man).lives_on(birth) && self.kin.at(*man).age_on(birth) >= 17);
            if alive && depth <= 3 && self.spaced(woman, birth) {
                self.child(woman, father, birth, 1, home);
            }
        }
    }

    /// Children whose parents died, or lost their rights, get a guardian; a few live in an institution.
    pub fn guardians(&mut self) {
        let mothers: Vec<Who> =
            self.kin.everybody().filter(|who| self.kin.at(*who).sex == Sex::Female).collect();
        for mother in mothers {
            let wards: Vec<Who> = (self.kin.children_of(mother, self.day).into_iter())
                .filter(|child| {
                    self.kin.at(*child).age_on(self.day) < 18 && self.kin.at(*child).lives_on(self.day)
                })
                .collect();
            if wards.is_empty() {
                continue;
            }
            let orphaned = wards.iter().all(|ward| {
                !self.kin.ties.iter().any(|tie| {
                    tie.child == *ward && tie.holds_on(self.day) && self.kin.at(tie.parent).lives_on(self.day)
                })
            });
            if orphaned || self.dice.chance(4) {
                self.entrust(&wards, orphaned);
            }
        }
    }

    fn entrust(&mut self, wards: &[Who], orphaned: bool) {
        let youngest = wards.iter().map(|ward| self.kin.at(*ward).born).max().unwrap_or(self.day);
        let deaths = self
            .kin
            .ties
            .iter()
            .filter(|t| wards.contains(&t.child))
            .filter_map(|t| self.kin.at(t.parent).died);
        let earliest = deaths.max().filter(|_| orphaned).unwrap_or(youngest).max(youngest);
        let since = after(earliest, self.dice.between(0, (self.day.days() - earliest.days()).max(1) - 1))
            .min(self.day);
        if !orphaned {
            self.take_rights(wards, since);
        }
        if self.dice.chance(120) {
            for ward in wards {
                let stay = Stay { who: *ward, kind: "full_state_support", since, ended: None };
                self.kin.stays.push(stay);
            }
            return;
        }
        let guardian = self.grandmother(wards[0], since).unwrap_or_else(|| {
            let near = self.kin.at(wards[0]).home;
            let home = self.new_home(near);
            let born = after(since, -self.dice.between(30 * 365, 58 * 365));
            let guardian = self.newcomer(Sex::Female, born, self.day.max(since), home, Custom::Kazakh);
            self.settle(guardian, home, after(born, 25 * 365));
            guardian
        });
        let home = self.kin.at(guardian).home;
        for ward in wards {
            let (kind, rights) = (TieKind::Guardianship, Rights::Full);
            let tie =
                Tie { child: *ward, parent: guardian, kind, rights, since, ended: None, counted_in: None };
            self.kin.ties.push(tie);
            self.settle(*ward, home, since);
        }
    }

    /// A court removes or limits the rights of living parents: their ties end and go on without them.
    fn take_rights(&mut self, wards: &[Who], since: Date) {
        let rights = if self.dice.chance(800) { Rights::Removed } else { Rights::Limited };
        let mut changed = Vec::new();
        for tie in &mut self.kin.ties {
            if wards.contains(&tie.child) && tie.holds_on(since) && tie.kind != TieKind::Step {
                if tie.since == since {
                    tie.rights = rights;
                } else {
                    tie.ended = Some(since);
                    changed.push(Tie { rights, since, ended: None, ..tie.clone() });
                }
            }
        }
        self.kin.ties.extend(changed);
    }

    fn grandmother(&self, child: Who, day: Date) -> Option<Who> {
        let parents = |of: Who| self.kin.ties.iter().filter(move |tie| tie.child == of).map(|tie| tie.parent);
        parents(child).flat_map(parents).find(|who| {
            let person = self.kin.at(*who);
            person.sex == Sex::Female && person.lives_on(self.day) && person.age_on(day) < 75
        })
    }

    /// Leases and stays end with a life; some in prison or conscript service.
    pub fn closing(&mut self) {
        for residence in &mut self.kin.residences {
            let died = self.kin.persons[residence.who.0].died;
            if let (None, Some(died)) = (residence.ended, died) {
                residence.ended = Some(after(died, 1));
            }
        }
        for who in self.kin.everybody() {
            let person = self.kin.at(who);
            let (age, man, alive) =
                (person.age_on(self.day), person.sex == Sex::Male, person.lives_on(self.day));
            let kind = match age {
                18..=26 if man && self.dice.chance(18) => "conscript",
                20..=60 if man && self.dice.chance(5) => "prison",
                _ => continue,
            };
            if alive {
                let since = after(self.day, -self.dice.between(10, 330));
                self.kin.stays.push(Stay { who, kind, since, ended: None });
            }
        }
        self.registrations();
    }

    /// Deaths of the last three years, with who registered them.
    fn registrations(&mut self) {
        for who in self.kin.everybody() {
            let Some(died) = self.kin.at(who).died.filter(|died| *died >= after(self.day, -1_095)) else {
                continue;
            };
            let near =
                self.kin.spouse_of(who, died).or_else(|| self.kin.children_of(who, died).first().copied());
            let informant = near
                .filter(|near| self.kin.at(*near).lives_on(died) && self.kin.at(*near).age_on(died) >= 18);
            let on = after(died, self.dice.between(1, 6)).min(self.day);
            self.kin.death_registrations.push((who, informant, on));
        }
    }
}
