//! What households own, and the contracts of families that were assisted.

use super::{
    kin::Who,
    records::{Contract, Ownership},
    weave::{Weaver, after},
};

impl Weaver<'_> {
    /// Most households own a dwelling and half of them a car; a few own more, of which some sold it.
    pub fn property(&mut self) {
        let mut seen = Vec::new();
        for who in self.kin.everybody() {
            let person = self.kin.at(who);
            let grown = person.lives_on(self.day) && person.age_on(self.day) >= 22;
            if !grown || seen.contains(&person.home.address) {
                continue;
            }
            seen.push(person.home.address);
            self.dwellings(who);
            self.vehicles(who);
            self.lands(who);
        }
    }

    fn dwellings(&mut self, who: Who) {
        if self.dice.chance(840) {
            let home = self.building(who, "dwelling");
            self.kin.ownerships.push(home);
            if self.dice.chance(75) {
                let mut second = self.building(who, "dwelling");
                // One that was sold counts for five years more.
                if self.dice.chance(330) {
                    let sold = after(self.day, -self.dice.between(10, 3_000));
                    second.ended = (second.since < sold).then_some(sold);
                }
                self.kin.ownerships.push(second);
            }
        }
        if self.dice.chance(14) {
            let mut premises = self.building(who, "premises");
            premises.for_profit = self.dice.chance(600);
            self.kin.ownerships.push(premises);
        }
    }

    fn vehicles(&mut self, who: Who) {
        for _ in 0..self.dice.weighted(&[(0, 46), (1, 46), (2, 7), (3, 1)]) {
            let mut car = self.thing(who, "car");
            car.fit = self.dice.chance(930);
            self.kin.ownerships.push(car);
        }
        if self.dice.chance(22) {
            let mut machine = self.thing(who, "machinery");
            machine.fit = self.dice.chance(850);
            self.kin.ownerships.push(machine);
        }
    }

    fn lands(&mut self, who: Who) {
        if self.dice.chance(40) {
            let mut plot = self.thing(who, "building_plot");
            plot.granted_free = self.dice.chance(400);
            self.kin.ownerships.push(plot);
        }
    }

    pub fn building(&mut self, who: Who, kind: &'static str) -> Ownership {
        let mut building = self.thing(who, kind);
        building.area = (!self.dice.chance(6)).then(|| self.dice.around_middle(250, 1_150));
        building.condemned = self.dice.chance(9);
        building.fit = self.dice.chance(975);
        building
    }

    pub fn thing(&mut self, who: Who, kind: &'static str) -> Ownership {
        let object = self.numbers.object();
        let born = self.kin.at(who).born;
        let since = after(self.day, -self.dice.between(5, 7_000)).max(after(born, 18 * 365));
        Ownership {
            who,
            object,
            kind,
            since: since.min(self.day),
            ended: None,
            area: None,
            fit: true,
            condemned: false,
            for_profit: false,
            granted_free: false,
            machine: "",
        }
    }

    /// The social contracts of the grown of families that were assisted; some came to nothing.
    pub fn contracts(&mut self) {
        for who in self.kin.everybody() {
            let person = self.kin.at(who);
            let of_age = person.lives_on(self.day) && (20..58).contains(&person.age_on(self.day));
            if !of_age || !self.dice.chance(11) {
                continue;
            }
            let since = after(self.day, -self.dice.between(30, 400));
            let until = self.day.days() - since.days();
            let then = after(since, self.dice.between(1, until));
            let (broken_on, refused_on, false_data_on) = match self.dice.between(0, 99) {
                0..=14 => (Some(then), None, None),
                15..=29 => (None, Some(then), None),
                30..=37 => (None, None, Some(then)),
                _ => (None, None, None),
            };
            self.kin.contracts.push(Contract { who, since, broken_on, refused_on, false_data_on });
        }
    }
}
