//! Turns of life that statistics alone would show once in a large city: an awarded mother in prison, a
//! child whose guardian may not be paid. Each is dealt to a few kin, the first whom it suits, so that
//! every condition of the law meets somebody in a small world and a large one stays as it is counted.

use card::{Date, Sex};

use super::{
    kin::{Status, Stay, Who},
    records::{CapacityLoss, Comes, Contract, Unemployment},
    weave::{Weaver, after},
    work::pension_day,
};

/// Changes the kin, if somebody is there whom it suits.
type Turn = fn(&mut Weaver<'_>) -> Option<()>;

const TURNS: [Turn; 28] = [
    |kin| kin.honoured().map(|who| kin.stays_in(who, "prison")),
    |kin| kin.honoured().map(|who| kin.stays_in(who, "full_state_support")),
    |kin| kin.honoured().map(|who| kin.left_the_country(who)),
    |kin| kin.honoured().map(|who| kin.not_told_whether_settled(who)),
    |kin| kin.honoured().map(|who| kin.honour_taken_back(who)),
    |kin| kin.disabled_of(18, 60).map(|who| kin.stays_in(who, "prison")),
    |kin| kin.disabled_of(18, 90).map(|who| kin.stays_in(who, "full_state_support")),
    |kin| kin.disabled_of(0, 90).map(|who| kin.left_the_country(who)),
    |kin| kin.disabled_of(0, 90).map(|who| kin.not_told_whether_settled(who)),
    |kin| kin.disabled_of(8, 17).map(|who| kin.group_of(who, "child_without_group")),
    |kin| kin.disabled_of(0, 17).map(|who| kin.stays_in(who, "full_state_support")),
    |kin| kin.disabled_of(0, 17).map(|who| kin.parents_are_guests(who)),
    |kin| kin.disabled_of(0, 17).map(|who| kin.parents_are_not_told(who)),
    |kin| kin.infant().map(|who| kin.parents_are_guests(who)),
    |kin| kin.infant().map(|who| kin.parents_are_not_told(who)),
    |kin| kin.infant().map(|who| kin.stays_in(who, "full_state_support")),
    |kin| kin.infant().map(|who| kin.kin.persons[who.0].registered = Some(false)),
    |kin| kin.of_age(Sex::Male, 63, 65).map(|who| kin.registered(who, "unemployed", 60)),
    |kin| kin.of_age(Sex::Male, 25, 50).map(|who| kin.registered(who, "unemployed", 420)),
    |kin| kin.jobless().map(|who| kin.status_is_not_told(who)),
    |kin| kin.of_age(Sex::Male, 25, 50).map(|who| kin.refused_work(who)),
    |kin| kin.jobless().map(|who| kin.is_a_guest(who)),
    |kin| kin.lost_capacity().map(|who| kin.is_a_guest(who)),
    |kin| kin.lost_capacity().map(|who| kin.lost_little(who)),
    |kin| kin.of_age(Sex::Female, 62, 66).map(|who| kin.term_without_end(who)),
    |kin| kin.breadwinner().map(|who| kin.contributions_in_doubt(who)),
    |kin| kin.buried().map(|(burier, _)| kin.dies(burier)),
    |kin| kin.buried().map(|(_, deceased)| kin.fought(deceased)),
];

/// In a world, so many times each.
const TIMES: u8 = 3;

/// How often each turn was dealt in a world.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dealt([u8; TURNS.len()]);

impl Weaver<'_> {
    /// Deals one turn that suits, of those that were dealt least.
    pub fn rare(&mut self, dealt: &mut Dealt) {
        for times in 0..TIMES {
            let waiting = (0..TURNS.len()).filter(|turn| dealt.0[*turn] == times).collect::<Vec<usize>>();
            if let Some(turn) = waiting.into_iter().find(|turn| TURNS[*turn](self).is_some()) {
                dealt.0[turn] += 1;
                return;
            }
        }
    }

    fn living(&self, suits: impl Fn(Who) -> bool) -> Option<Who> {
        self.kin.everybody().find(|who| self.kin.at(*who).lives_on(self.day) && suits(*who))
    }

    fn honoured(&self) -> Option<Who> {
        self.living(|who| self.kin.honours.iter().any(|one| one.who == who && one.withdrawn_on.is_none()))
    }

    fn disabled_of(&self, from: i32, through: i32) -> Option<Who> {
        let of_age = |who| (from..=through).contains(&self.kin.at(who).age_on(self.day));
        self.living(|who| of_age(who) && self.disabled(who).is_some())
    }

    fn infant(&self) -> Option<Who> {
        self.living(|who| self.kin.at(who).age_on(self.day) < 2)
    }

    fn of_age(&self, sex: Sex, from: i32, through: i32) -> Option<Who> {
        self.living(|who| {
            let person = self.kin.at(who);
            person.sex == sex && (from..=through).contains(&person.age_on(self.day))
        })
    }

    fn jobless(&self) -> Option<Who> {
        self.living(|who| {
            self.kin.unemployment.iter().any(|one| {
                let paid = self.kin.contributions.iter().filter(|paid| paid.who == who).count();
                one.who == who && one.status == "unemployed" && one.ended.is_none() && paid > 20
            })
        })
    }

    fn lost_capacity(&self) -> Option<Who> {
        self.living(|who| {
            let in_force = |ended: Option<Date>| ended.is_none_or(|ended| self.day < ended);
            self.kin.capacity_losses.iter().any(|one| one.who == who && in_force(one.ended))
        })
    }

    fn stays_in(&mut self, who: Who, kind: &'static str) {
        let since = after(self.day, -self.dice.between(10, 300)).max(self.kin.at(who).born);
        if self.kin.stays.iter().all(|stay| stay.who != who) {
            self.kin.stays.push(Stay { who, kind, since, ended: None });
        }
    }

    fn left_the_country(&mut self, who: Who) {
        self.kin.persons[who.0].permanent = Some(false);
    }

    /// A citizen of another state who lives here for a time.
    fn is_a_guest(&mut self, who: Who) {
        let person = &mut self.kin.persons[who.0];
        person.status = Some(Status::Foreigner);
        (person.permanent, person.treaty_right) = (Some(false), Some(false));
    }

    fn parents_are_guests(&mut self, child: Who) {
        let ties = self.kin.ties.iter().filter(|tie| tie.child == child);
        for parent in ties.map(|tie| tie.parent).collect::<Vec<Who>>() {
            self.is_a_guest(parent);
        }
    }

    fn honour_taken_back(&mut self, who: Who) {
        let day = after(self.day, -self.dice.between(5, 900));
        for one in self.kin.honours.iter_mut().filter(|one| one.who == who && one.given_on < day) {
            one.withdrawn_on = Some(day);
        }
    }

    fn registered(&mut self, who: Who, status: &'static str, days: i32) {
        let registered_on = after(self.day, -days - self.dice.between(0, 40));
        self.kin.unemployment.retain(|one| one.who != who);
        self.kin.unemployment.push(Unemployment { who, status, registered_on, ended: None, late: false });
    }

    /// The register forgot that a loss of capacity ends with pension age.
    fn term_without_end(&mut self, who: Who) {
        let established_on = after(pension_day(self.kin.at(who)), -self.dice.between(30, 700));
        self.kin.capacity_losses.retain(|one| one.who != who);
        let (degree, since, ended) = (Some(70), established_on, None);
        self.kin.capacity_losses.push(CapacityLoss { who, established_on, degree, since, ended });
    }

    /// A burial that was declared: by whom, and of whom.
    fn buried(&self) -> Option<(Who, Who)> {
        let living = |who: Who| self.kin.at(who).lives_on(self.day);
        let of_age = |who: Who| self.kin.pensions.iter().any(|pension| pension.who == who);
        let mut burials = self.kin.burials.iter().map(|burial| (burial.buried_by, burial.deceased));
        burials.rfind(|(burier, deceased)| living(*burier) && of_age(*deceased))
    }

    /// Somebody who was insured, died since 2022 and left children.
    fn breadwinner(&self) -> Option<Who> {
        self.kin.everybody().find(|who| {
            let Some(died) = self.kin.at(*who).died else { return false };
            let left = self.kin.children_of(*who, died);
            let minors = left.iter().any(|child| self.kin.at(*child).age_on(self.day) < 18);
            minors && self.kin.contributions.iter().any(|one| one.who == *who)
        })
    }

    fn dies(&mut self, who: Who) {
        let died = after(self.day, -self.dice.between(1, 20));
        self.kin.persons[who.0].died = Some(died);
        self.kin.death_registrations.push((who, None, after(died, 1).min(self.day)));
    }

    fn fought(&mut self, who: Who) {
        self.kin.veterans.retain(|(other, _)| *other != who);
        self.kin.veterans.push((who, true));
    }

    fn contributions_in_doubt(&mut self, who: Who) {
        for one in self.kin.contributions.iter_mut().filter(|one| one.who == who) {
            (one.paid, one.comes) = (None, Comes::InTime);
        }
    }

    fn lost_little(&mut self, who: Who) {
        for one in self.kin.capacity_losses.iter_mut().filter(|one| one.who == who) {
            one.degree = Some(25);
        }
    }

    fn group_of(&mut self, who: Who, group: &'static str) {
        for one in self.kin.disabilities.iter_mut().filter(|one| one.who == who) {
            one.group = group;
        }
    }

    /// Somebody without work who signed a social contract and then wanted none.
    fn refused_work(&mut self, who: Who) {
        self.kin.jobs.retain(|job| job.who != who);
        let (since, refused_on) = (after(self.day, -120), Some(after(self.day, -self.dice.between(5, 90))));
        self.kin.contracts.retain(|one| one.who != who);
        self.kin.contracts.push(Contract { who, since, broken_on: None, refused_on, false_data_on: None });
    }

    fn not_told_whether_settled(&mut self, who: Who) {
        self.kin.persons[who.0].permanent = None;
    }

    fn parents_are_not_told(&mut self, child: Who) {
        let ties = self.kin.ties.iter().filter(|tie| tie.child == child);
        for parent in ties.map(|tie| tie.parent).collect::<Vec<Who>>() {
            self.not_told_whether_settled(parent);
            self.kin.insured.retain(|(who, _)| *who != parent);
        }
    }

    fn status_is_not_told(&mut self, who: Who) {
        for one in self.kin.unemployment.iter_mut().filter(|one| one.who == who && one.ended.is_none()) {
            one.status = "";
        }
    }
}
