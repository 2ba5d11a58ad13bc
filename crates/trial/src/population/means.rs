//! What registries know of grown people besides kin: studies, phones, accounts; and where they know
//! too little, too late or wrongly.

use card::{Date, Sex};

use super::{
    kin::{Account, Home, Phone, Study, Told, Who},
    weave::{GROWN_DAYS, Weaver, after},
};

impl Weaver<'_> {
    /// Studies of those between school and the middle twenties. Children under 18 count without them.
    pub fn studies(&mut self) {
        for who in self.kin.everybody() {
            let person = self.kin.at(who);
            let age = person.age_on(self.day);
            if !(17..=26).contains(&age) || !person.lives_on(self.day) {
                continue;
            }
            let studies = self.dice.chance(match age {
                17 => 900,
                18 => 700,
                19..=20 => 600,
                21 => 480,
                22 => 280,
                _ => 90,
            });
            let (year, month, _) = self.day.ymd();
            let school_year = if month >= 9 { year } else { year - 1 };
            let begun = |years: i32| Date::from_ymd(school_year - years, 9, 1).unwrap_or(self.day);
            let born = person.born;
            if !studies {
                // Some were students, and their study ended: graduated, or left.
                if self.dice.chance(350) && age >= 19 {
                    let since = begun(self.dice.between(2, 5)).max(after(born, 16 * 365));
                    let ended = after(self.day, -self.dice.between(3, 500)).max(after(since, 30));
                    let study = Study {
                        who,
                        form: "full_time",
                        level: "vocational",
                        since,
                        ended: Some(ended),
                        late: false,
                    };
                    self.kin.studies.push(study);
                }
                continue;
            }
            let years = self.dice.between(0, 3);
            let (level, years) = match age {
                17 | 18 if self.dice.chance(if age == 17 { 650 } else { 120 }) => ("school", 11),
                17..=19 if self.dice.chance(420) => ("vocational", years.min(age - 15)),
                17..=22 => ("higher", years.min(age - 17)),
                _ => ("postgraduate", years.min(1)),
            };
            let form = self.dice.weighted(&[("full_time", 86), ("part_time", 4), ("distance", 10)]);
            let form = if level == "school" { "full_time" } else { form };
            let since = begun(years).max(after(born, 6 * 365));
            let late = level != "school" && years == 0 && self.dice.chance(120);
            self.kin.studies.push(Study { who, form, level, since, ended: None, late });
            let away =
                age >= 18 && level != "school" && form == "full_time" && self.kin.at(who).leaves > self.day;
            if away && self.dice.chance(300) {
                let home = self.kin.at(who).home;
                let hostel: Home = self.new_home(home);
                self.settle(who, hostel, since.max(after(born, 17 * 365)));
            }
        }
    }

    /// Phones and accounts of grown people, with the bonds that are not what one expects.
    pub fn reach(&mut self) {
        for who in self.kin.everybody() {
            let person = self.kin.at(who);
            let age = person.age_on(self.day);
            if age < 16 {
                continue;
            }
            let (born, died) = (person.born, person.died);
            let grown = after(born, GROWN_DAYS);
            let opened = |dice: &mut super::dice::Dice, day: Date| {
                after(day, -dice.between(0, (day.days() - grown.days()).clamp(1, 4_000)))
            };
            self.phones_of(who, age, died, opened);
            if age < 18 {
                continue;
            }
            let number = match age {
                18..70 => self.dice.weighted(&[(0, 60), (1, 560), (2, 290), (3, 90)]),
                _ => self.dice.weighted(&[(0, 80), (1, 780), (2, 140)]),
            };
            for _ in 0..number {
                let since = opened(&mut self.dice, self.day).max(grown);
                let closed = self
                    .dice
                    .chance(40)
                    .then(|| after(self.day, -self.dice.between(1, 600)))
                    .filter(|day| *day > since);
                let iban = self.numbers.account(&mut self.dice);
                let checked = self.dice.chance(970);
                self.kin.accounts.push(Account { iban, who, checked, since, ended: closed });
            }
        }
    }

    fn phones_of(
        &mut self,
        who: Who,
        age: i32,
        died: Option<Date>,
        opened: impl Fn(&mut super::dice::Dice, Date) -> Date,
    ) {
        let has = self.dice.chance(match age {
            ..18 => 700,
            18..60 => 930,
            60..75 => 820,
            _ => 520,
        });
        if !has {
            return;
        }
        let number = self.numbers.phone();
        let since = opened(&mut self.dice, self.day).min(died.unwrap_or(self.day));
        let ended =
            died.map(|died| after(died, self.dice.between(10, 200))).filter(|ended| *ended <= self.day);
        // The number that a person uses may be bonded with the spouse or a grown child.
        let holder = if self.dice.chance(25) { self.relative_of(who) } else { None };
        match holder {
            Some(holder) => self.kin.phones.push(Phone { number, who: holder, since, ended }),
            None if self.dice.chance(20) && since < after(self.day, -60) => {
                // A number given back and sold again: two bonds, one after the other.
                let changed = after(since, self.dice.between(30, self.day.days() - since.days() - 1));
                self.kin.phones.push(Phone { number, who, since, ended: Some(changed) });
                if let Some(next) = self.relative_of(who) {
                    self.kin.phones.push(Phone { number, who: next, since: changed, ended: None });
                }
            }
            None => self.kin.phones.push(Phone { number, who, since, ended }),
        }
    }

    fn relative_of(&self, who: Who) -> Option<Who> {
        let grown = |other: &Who| {
            self.kin.at(*other).age_on(self.day) >= 18 && self.kin.at(*other).lives_on(self.day)
        };
        let spouse = self.kin.spouse_of(who, self.day);
        spouse.filter(grown).or_else(|| self.kin.children_of(who, self.day).into_iter().find(grown))
    }

    /// One to two in a hundred facts are missing; births of the last weeks come late at times.
    pub fn gaps(&mut self) {
        let day = self.day;
        for who in self.kin.everybody() {
            let dice = &mut self.dice;
            let person = &mut self.kin.persons[who.0];
            if dice.chance(8) {
                person.registered = None;
            }
            if dice.chance(3) {
                person.sequence = None;
            }
            let fresh = person.born > after(day, -25);
            person.late = fresh && dice.chance(150);
            if fresh {
                person.told = Told::Day;
            }
            person.death_late = person.died.is_some_and(|died| died > after(day, -25)) && dice.chance(300);
        }
        let dice = &mut self.dice;
        self.kin.residences.retain(|_| !dice.chance(12));
    }
}

/// The names of sexes, as extracts write them.
pub const fn sex_word(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
    }
}
