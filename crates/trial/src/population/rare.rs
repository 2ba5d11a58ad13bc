//! Turns of life that statistics alone would show once in a large city: an awarded mother in prison, a
//! child whose guardian may not be paid. They are dealt to kin one after the other, so that every
//! condition of the law meets somebody in a small world too.

use card::{Date, Sex};

use super::{
    kin::{Status, Stay, Who},
    records::{CapacityLoss, Unemployment},
    weave::{Weaver, after},
    work::pension_day,
};

type Turn = fn(&mut Weaver<'_>) -> Option<()>;

const TURNS: &[Turn] = &[
    |kin| kin.honoured().map(|who| kin.stays_in(who, "prison")),
    |kin| kin.honoured().map(|who| kin.stays_in(who, "full_state_support")),
    |kin| kin.honoured().map(|who| kin.left_the_country(who)),
    |kin| kin.honoured().map(|who| kin.honour_taken_back(who)),
    |kin| kin.disabled_of(18, 60).map(|who| kin.stays_in(who, "prison")),
    |kin| kin.disabled_of(18, 90).map(|who| kin.stays_in(who, "full_state_support")),
    |kin| kin.disabled_of(0, 90).map(|who| kin.left_the_country(who)),
    |kin| kin.disabled_of(0, 17).map(|who| kin.stays_in(who, "full_state_support")),
    |kin| kin.disabled_of(0, 17).map(|who| kin.parents_are_guests(who)),
    |kin| kin.infant().map(|who| kin.parents_are_guests(who)),
    |kin| kin.infant().map(|who| kin.stays_in(who, "full_state_support")),
    |kin| kin.infant().map(|who| kin.kin.persons[who.0].registered = Some(false)),
    |kin| kin.of_age(Sex::Male, 63, 65).map(|who| kin.registered_long_ago(who, 60)),
    |kin| kin.of_age(Sex::Male, 25, 50).map(|who| kin.registered_long_ago(who, 420)),
    |kin| kin.jobless().map(|who| kin.is_a_guest(who)),
    |kin| kin.lost_capacity().map(|who| kin.is_a_guest(who)),
    |kin| kin.of_age(Sex::Female, 62, 66).map(|who| kin.term_without_end(who)),
    |kin| kin.buried_by_one_who_died(),
    |kin| kin.veteran_dies(),
];

impl Weaver<'_> {
    /// Deals the next turn, if somebody is there whom it suits.
    pub fn rare(&mut self, number: u64) {
        // A kin to whom a turn does not happen keeps a common life.
        let _suits = TURNS[number as usize % TURNS.len()](self);
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
        self.living(|who| self.kin.unemployment.iter().any(|one| one.who == who && one.ended.is_none()))
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

    fn registered_long_ago(&mut self, who: Who, days: i32) {
        let registered_on = after(self.day, -days - self.dice.between(0, 40));
        let status = "unemployed";
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

    fn buried_by_one_who_died(&mut self) -> Option<()> {
        let (deceased, died) = (self.kin.burials.iter())
            .find_map(|burial| Some((burial.deceased, self.kin.at(burial.deceased).died?)))?;
        let later = |who: &Who| self.kin.at(*who).died.is_some_and(|day| died < day);
        let other = self.kin.everybody().find(later)?;
        let burial = self.kin.burials.iter_mut().find(|burial| burial.deceased == deceased)?;
        burial.buried_by = other;
        Some(())
    }

    fn veteran_dies(&mut self) -> Option<()> {
        let buried = self.kin.burials.iter().map(|burial| burial.deceased).collect::<Vec<Who>>();
        let veteran = self.kin.veterans.iter_mut().find(|(who, _)| buried.contains(who))?;
        veteran.1 = true;
        Some(())
    }
}
