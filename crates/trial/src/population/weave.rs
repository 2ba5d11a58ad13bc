//! How a kin comes to be: a couple or a person of some age, their children, whom the grown children
//! married and where they moved, down to the children born this week.

use card::{Date, Lang, Sex, Span};

use super::{
    dice::Dice,
    figures,
    kin::{Home, Kin, Marriage, Person, Residence, Rights, Status, Tie, TieKind, Told, Who},
    names::{self, Custom, Stem},
    numbers::Numbers,
};

/// Great-grandchildren are the last whose own households are followed.
const GENERATIONS: u32 = 3;

/// From this age a person has an identity card, and so a language and perhaps a phone of their own.
pub const GROWN_DAYS: i32 = 16 * 365;

/// A day so many days later.
pub fn after(day: Date, days: i32) -> Date {
    day.plus(Span::Days(days))
}

/// Weaves one kin.
pub struct Weaver<'a> {
    pub dice: Dice,
    pub numbers: &'a mut Numbers,
    /// Today, the last day on which anything has happened.
    pub day: Date,
    pub kin: Kin,
    /// Households whose known incomes lie below the line of poverty: the eldest who leads, and all.
    pub poor: Vec<(Who, Vec<Who>)>,
    /// Of whom the kin is: most founders are citizens, some came from abroad.
    origin: Status,
    /// The day on which a kin from abroad arrived.
    arrived: Date,
}

/// A couple that lives together.
#[derive(Clone, Copy)]
pub struct Couple {
    pub woman: Who,
    pub man: Who,
    pub since: Date,
    pub home: Home,
    /// Births that the woman still wants.
    pub wish: i32,
    /// Generations below the founders.
    pub depth: u32,
}

/// Wished children by cohort: born before 1970, before 1985, later.
const WISHES: [&[(i32, u32)]; 3] = [
    &[(0, 5), (1, 11), (2, 30), (3, 26), (4, 16), (5, 7), (6, 3), (7, 1), (8, 1)],
    &[(0, 4), (1, 6), (2, 17), (3, 23), (4, 27), (5, 13), (6, 6), (7, 3), (8, 1)],
    &[(0, 4), (1, 5), (2, 12), (3, 18), (4, 31), (5, 17), (6, 8), (7, 3), (8, 2)],
];

/// Ages of founders in years, by fives; founders of a later generation come with their elders.
const FOUNDERS: &[((i32, i32), u32)] = &[
    ((19, 24), 30),
    ((25, 29), 45),
    ((30, 34), 75),
    ((35, 39), 75),
    ((40, 44), 90),
    ((45, 49), 90),
    ((50, 54), 110),
    ((55, 59), 120),
    ((60, 64), 135),
    ((65, 69), 155),
    ((70, 74), 135),
    ((75, 79), 80),
    ((80, 84), 75),
    ((85, 92), 40),
];

impl<'a> Weaver<'a> {
    /// The weaver of the kin of that number.
    pub fn new(seed: u64, kin: u64, day: Date, numbers: &'a mut Numbers) -> Self {
        let mut dice = Dice::of(seed, kin);
        let origin = dice.weighted(&[
            (Status::Citizen, 970),
            (Status::Qandas, 12),
            (Status::Foreigner, 14),
            (Status::Stateless, 2),
            (Status::Refugee, 2),
        ]);
        let arrived = after(day, -dice.between(200, 2_500));
        Self { dice, numbers, day, kin: Kin::default(), poor: Vec::new(), origin, arrived }
    }

    /// The founders and all who descend from them.
    pub fn found(&mut self) {
        let regions: Vec<_> = figures::REGIONS.iter().map(|region| (region, region.thousands)).collect();
        let region = self.dice.weighted(&regions);
        let custom = if self.dice.chance(region.kazakh_names) { Custom::Kazakh } else { Custom::Russian };
        let home = Home { region, address: self.numbers.address(region.code) };
        let (low, high) = self.dice.weighted(FOUNDERS);
        let age = self.dice.between(low * 365, high * 365 + 364);
        let born = after(self.day, -age);
        // Founders lived three years ago at least; who died before left no fresh trace.
        let seen = after(self.day, -(3 * 365)).max(after(born, 19 * 365));
        // Of the old many live alone, and the registries do not tell of their grown children.
        let alone = if age > 66 * 365 { 420 } else { 90 };
        match (self.dice.chance(alone), self.dice.chance(600)) {
            (false, _) => {
                let woman = self.newcomer(Sex::Female, born, seen, home, custom);
                let since = after(born, self.dice.around_middle(18 * 365, 31 * 365));
                let partner_born =
                    after(born, -self.dice.around_middle(-3 * 365, 8 * 365)).min(after(since, -18 * 365));
                let man = self.newcomer(Sex::Male, partner_born, since.min(self.day), home, custom);
                if since > self.day {
                    self.settle(woman, home, born);
                    let apart = self.new_home(home);
                    self.settle(man, apart, partner_born);
                    return;
                }
                let wish = self.wish(born, home, custom);
                self.couple(Couple { woman, man, since, home, wish, depth: 0 });
            }
            (true, true) => {
                let woman = self.newcomer(Sex::Female, born, seen, home, custom);
                self.settle(woman, home, after(born, 20 * 365));
                if self.dice.chance(250) {
                    self.mother_alone(woman, 0);
                }
            }
            (true, false) => {
                let man = self.newcomer(Sex::Male, born, seen, home, custom);
                self.settle(man, home, after(born, 20 * 365));
            }
        }
    }

    /// A grown person of whose parents the registries know nothing, alive on a day.
    pub fn newcomer(&mut self, sex: Sex, born: Date, seen: Date, home: Home, custom: Custom) -> Who {
        let stem = names::stem(custom, &mut self.dice);
        let father = names::given(custom, Sex::Male, &mut self.dice);
        let status =
            if self.kin.persons.is_empty() || self.dice.chance(600) { self.origin } else { Status::Citizen };
        let from_abroad = status != Status::Citizen;
        let who = self.person(sex, born, seen, home, (custom, stem, father), status);
        self.kin.persons[who.0].registered = Some(!from_abroad);
        who
    }

    fn person(
        &mut self,
        sex: Sex,
        born: Date,
        seen: Date,
        home: Home,
        named: (Custom, Stem, &'static str),
        status: Status,
    ) -> Who {
        let (custom, stem, father) = named;
        let living = figures::survivors(sex, seen.days() - born.days());
        let death = after(born, figures::age_at_survivors(sex, self.dice.between(1, living.max(1))));
        let age = self.day.days() - born.days();
        let told = match () {
            () if status != Status::Citizen && self.dice.chance(60) => Told::Year,
            () if age > 70 * 365 && self.dice.chance(25) => Told::Year,
            () if self.dice.chance(2) => Told::Never,
            () if self.dice.chance(4) => {
                Told::Wrongly(after(born, -self.dice.one_of(&[1, 9, 30, 31, 61, 365, 366])))
            }
            () => Told::Day,
        };
        let permanent = match status {
            Status::Citizen | Status::Qandas => true,
            _ => self.dice.chance(700),
        };
        let treaty = status == Status::Foreigner && self.dice.chance(300);
        let known = |dice: &mut Dice, gaps: u32| !dice.chance(gaps);
        let language = match custom {
            Custom::Kazakh => self.dice.weighted(&[(Some(Lang::Kk), 75), (Some(Lang::Ru), 17), (None, 8)]),
            Custom::Russian => self.dice.weighted(&[(Some(Lang::Ru), 90), (None, 10)]),
        };
        self.kin.persons.push(Person {
            iin: self.numbers.iin(born, sex),
            sex,
            born,
            told,
            died: (death <= self.day).then_some(death),
            status: known(&mut self.dice, 4).then_some(status),
            qandas: None,
            treaty_right: known(&mut self.dice, if status == Status::Foreigner { 150 } else { 0 })
                .then_some(treaty),
            permanent: known(&mut self.dice, 6).then_some(permanent),
            registered: Some(true),
            sequence: Some(1),
            home,
            region_told: known(&mut self.dice, 5),
            language: language.filter(|_| age >= GROWN_DAYS),
            custom,
            stem,
            given: names::given(custom, sex, &mut self.dice),
            father,
            leaves: born,
            late: false,
            death_late: false,
        });
        Who(self.kin.persons.len() - 1)
    }

    /// How many children a woman wishes.
    pub fn wish(&mut self, born: Date, home: Home, custom: Custom) -> i32 {
        let cohort = match born.ymd().0 {
            ..1970 => 0,
            1970..1985 => 1,
            _ => 2,
        };
        let wish = self.dice.weighted(WISHES[cohort]);
        let lean = home.region.fertility - 1000 - if custom == Custom::Russian { 350 } else { -60 };
        let moved = i32::from(self.dice.chance(lean.unsigned_abs().min(900)));
        (wish + moved * lean.signum()).max(0)
    }

    /// An address nobody has had, in the same region or, for some, another.
    pub fn new_home(&mut self, near: Home) -> Home {
        let region = if self.dice.chance(90) {
            figures::region_of(self.dice.weighted(figures::DESTINATIONS))
        } else {
            near.region
        };
        Home { region, address: self.numbers.address(region.code) }
    }

    /// Moves a person to an address on a day, if alive and elsewhere.
    pub fn settle(&mut self, who: Who, home: Home, since: Date) {
        let person = &mut self.kin.persons[who.0];
        if since > self.day || !person.lives_on(since) {
            return;
        }
        person.home = home;
        let open = self.kin.residences.iter_mut().rev().find(|r| r.who == who && r.ended.is_none());
        if let Some(open) = open {
            if open.address == home.address {
                return;
            }
            if open.since >= since {
                open.address = home.address;
                return;
            }
            open.ended = Some(since);
        }
        self.kin.residences.push(Residence { who, address: home.address, since, ended: None });
    }

    /// Two people live together from a day: their children until one dies, they divorce, or today
    /// comes; then what becomes of all of them.
    pub fn couple(&mut self, couple: Couple) {
        let Couple { woman, man, since, home, depth, .. } = couple;
        self.settle(woman, home, since);
        self.settle(man, home, since);
        let married = self.dice.chance(900);
        if married {
            self.kin.marriages.push(Marriage { first: man, second: woman, since, ended: None });
        }
        let breach = self.dice.chance(260).then(|| after(since, self.dice.around_middle(300, 22 * 365)));
        let deaths = [self.kin.at(woman).died, self.kin.at(man).died.map(|died| after(died, 250))];
        let end = deaths.into_iter().flatten().chain(breach).min().unwrap_or_else(|| after(self.day, 1));
        let children = self.births(couple, end, married);

        let parted = breach.filter(|breach| *breach == end && *breach <= self.day);
        if let Some(day) = parted {
            if married && let Some(marriage) = self.kin.marriages.last_mut() {
                marriage.ended = Some(day);
            }
            self.part(couple, day, &children);
        } else if let Some(died) = self.kin.at(man).died
            && self.kin.at(woman).lives_on(self.day)
            && self.kin.at(woman).age_on(died) < 45
            && self.dice.chance(150)
        {
            self.join_again(woman, after(died, 700), couple.wish - children.len() as i32, depth);
        }
        for child in children {
            self.leave_home(child, woman, man, depth + 1);
        }
    }

    /// The children that a couple has until a day.
    fn births(&mut self, couple: Couple, end: Date, married: bool) -> Vec<Who> {
        let Couple { woman, man, since, home, wish, .. } = couple;
        let acknowledged = married || self.dice.chance(750);
        let mut children = Vec::new();
        let mut next = after(since, self.dice.around_middle(120, 1_000));
        let slower = if home.region.fertility > 1_050 { 1_400 } else { 1_700 };
        while (children.len() as i32) < wish && next < end && next <= self.day {
            let age = self.kin.at(woman).age_on(next);
            if age >= 46
                || self.dice.chance(match age {
                    ..35 => 0,
                    35..40 => 250,
                    _ => 600,
                })
            {
                break;
            }
            if self.puts_off(next, children.len()) {
                next = after(next, self.dice.between(300, 1_000));
                continue;
            }
            let together = if self.dice.chance(11) { 2 } else { 1 };
            for sequence in 1..=together {
                let father = acknowledged.then_some(man);
                children.push(self.child(woman, father, next, sequence, home));
            }
            next = after(next, 400 + self.dice.around_middle(0, slower));
        }
        children
    }

    /// Does a couple put a birth off? Births fell to a half in the nineties and again, from 23 a
    /// thousand in 2021 to 16 in 2025, mostly of first and second children.
    fn puts_off(&mut self, birth: Date, children: usize) -> bool {
        let young = children < 2;
        let per_mille = match (self.day.days() - birth.days(), birth.ymd().0) {
            (..550, _) => {
                if young {
                    330
                } else {
                    200
                }
            }
            (550..1_100, _) => {
                if young {
                    150
                } else {
                    100
                }
            }
            (_, 1994..2005) => 500,
            _ => 0,
        };
        self.dice.chance(per_mille)
    }

    /// A child is born, and registered with its parents.
    pub fn child(&mut self, woman: Who, man: Option<Who>, born: Date, sequence: u8, home: Home) -> Who {
        let sex = if self.dice.chance(516) { Sex::Male } else { Sex::Female };
        let mother = self.kin.at(woman);
        let elder = man.map_or(mother, |man| self.kin.at(man));
        let father = if man.is_some() { elder.given } else { elder.father };
        let named = (elder.custom, elder.stem, father);
        let parents = [mother.status, elder.status];
        let status = parents.into_iter().flatten().find(|s| *s == Status::Citizen || *s == Status::Qandas);
        let status = match status.or(mother.status) {
            Some(Status::Qandas) if born > self.arrived => Status::Citizen,
            other => other.unwrap_or(Status::Citizen),
        };
        let who = self.person(sex, born, born, home, named, status);
        let leaves = match sex {
            Sex::Female => self.dice.around_middle(18 * 365, 31 * 365),
            Sex::Male => self.dice.around_middle(19 * 365, 35 * 365),
        };
        let abroad = self.origin != Status::Citizen && born < self.arrived;
        let person = &mut self.kin.persons[who.0];
        person.leaves = after(born, leaves);
        person.sequence = Some(sequence);
        person.registered = Some(!abroad);
        let kind = if self.dice.chance(3) { TieKind::Adoption } else { TieKind::Birth };
        let since = if kind == TieKind::Adoption { after(born, self.dice.between(30, 700)) } else { born };
        let parents: Vec<Who> = [Some(woman), man].into_iter().flatten().collect();
        for parent in parents {
            if since <= self.day {
                let rights = Rights::Full;
                self.kin.ties.push(Tie {
                    child: who,
                    parent,
                    kind,
                    rights,
                    since,
                    ended: None,
                    counted_in: None,
                });
            }
        }
        self.settle(who, home, born);
        who
    }

    /// A grown child leaves, or does not.
    fn leave_home(&mut self, child: Who, woman: Who, man: Who, depth: u32) {
        let person = self.kin.at(child);
        let (leaves, sex, custom, born) = (person.leaves, person.sex, person.custom, person.born);
        if leaves > self.day || !person.lives_on(leaves) || depth > GENERATIONS {
            return;
        }
        let parents_home =
            [woman, man].into_iter().find(|p| self.kin.at(*p).lives_on(leaves)).map(|p| self.kin.at(p).home);
        let old_home = parents_home.unwrap_or(person.home);
        if !self.dice.chance(850) {
            if self.dice.chance(350) {
                let home = self.new_home(old_home);
                self.settle(child, home, leaves);
            }
            if sex == Sex::Female && self.dice.chance(280) {
                self.mother_alone(child, depth);
            }
            return;
        }
        // A young couple in the country often lives with the man's parents; most youngest sons do.
        let stays = sex == Sex::Male && parents_home.is_some() && self.dice.chance(500);
        let home = if stays { old_home } else { self.new_home(old_home) };
        let custom = if self.dice.chance(950) { custom } else { Custom::Kazakh };
        let difference = self.dice.around_middle(-3 * 365, 8 * 365);
        let (woman, man, wife_born) = if sex == Sex::Female {
            let born = after(born, -difference).min(after(leaves, -18 * 365));
            let husband = self.newcomer(Sex::Male, born, leaves, home, custom);
            (child, husband, self.kin.at(child).born)
        } else {
            let born = after(born, difference).min(after(leaves, -18 * 365));
            let wife = self.newcomer(Sex::Female, born, leaves, home, custom);
            (wife, child, born)
        };
        let wish = self.wish(wife_born, home, custom);
        self.couple(Couple { woman, man, since: leaves, home, wish, depth });
    }
}
