//! What only the methodology of well-being looks at: loans, businesses, clinics, schools of the young,
//! animals and farm land. It has dice of its own, so that the rest of the world stays as it is.

use card::{Date, Tenge};

use super::{
    dice::Dice,
    kin::{Study, Who},
    numbers::REGION,
    records::{Business, HealthRecord, Livestock, Loan},
    weave::{Weaver, after},
};

/// What chance would show once in a large city.
type Turn = fn(&mut Weaver<'_>, Who);

const TURNS: [Turn; 6] = [
    |kin, who| kin.owns(who, "dwelling", 4),
    |kin, who| kin.owns(who, "dwelling", 7),
    |kin, who| kin.owns(who, "dwelling", 12),
    |kin, who| kin.farms(who, &["tractor", "harvester", "farm_machine"]),
    |kin, who| kin.has_only_debts(who),
    |kin, who| kin.herd(who, 2_400_000),
];

/// In a world, so many times each.
const TIMES: u8 = 4;

/// How often each turn was dealt in a world.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dealt([u8; TURNS.len()]);

impl Weaver<'_> {
    /// Everything that indicators of well-being look at and no benefit does.
    pub fn well_being(&mut self, seed: u64, number: u64, dealt: &mut Dealt) {
        self.dice = Dice::of(seed.rotate_left(32), number);
        self.machines();
        for who in self.kin.everybody() {
            if !self.kin.at(who).lives_on(self.day) {
                continue;
            }
            let age = self.kin.at(who).age_on(self.day);
            self.clinic(who, age);
            self.schooling(who, age);
            if age >= 20 {
                self.loans(who, age);
                self.businesses(who, age);
                self.farm(who);
            }
        }
        let least = (0..TURNS.len()).min_by_key(|turn| dealt.0[*turn]).filter(|turn| dealt.0[*turn] < TIMES);
        if let (Some(turn), Some(who)) = (least, self.alone()) {
            TURNS[turn](self, who);
            dealt.0[turn] += 1;
        }
    }

    /// Of what kind a machine is.
    fn machines(&mut self) {
        for at in 0..self.kin.ownerships.len() {
            if self.kin.ownerships[at].kind == "machinery" {
                let kinds = [
                    ("tractor", 28),
                    ("harvester", 8),
                    ("farm_machine", 16),
                    ("lorry", 28),
                    ("bus", 10),
                    ("special", 9),
                    ("craft", 1),
                ];
                self.kin.ownerships[at].machine = self.dice.weighted(&kinds);
            }
        }
    }

    /// Most people are at a clinic and four of five are insured.
    fn clinic(&mut self, who: Who, age: i32) {
        if !self.dice.chance(985) {
            return;
        }
        let ill = match age {
            ..18 => 25,
            18..45 => 60,
            45..63 => 190,
            _ => 420,
        };
        let since = after(self.day, -self.dice.between(30, 4_000)).max(self.kin.at(who).born);
        let attached = self.dice.chance(988);
        let covered = self.dice.chance(if (18..63).contains(&age) { 760 } else { 985 });
        let (chronic, dispensary) = (self.dice.chance(ill), self.dice.chance(ill * 2 / 3));
        self.kin.health_records.push(HealthRecord { who, since, attached, covered, chronic, dispensary });
    }

    /// The young at preschool and school; whoever is 17 and more studies by `studies`.
    fn schooling(&mut self, who: Who, age: i32) {
        let (level, per_mille, begun) = match age {
            2 => ("preschool", 430, 2),
            3..=5 => ("preschool", 880, 2),
            6..=16 => ("school", 988, 6),
            _ => return,
        };
        if self.dice.chance(per_mille) {
            let (year, month, _) = self.kin.at(who).born.ymd();
            let first = Date::from_ymd(year + begun + i32::from(month > 8), 9, 1).unwrap_or(self.day);
            let since = first.min(after(self.day, -20));
            self.kin.schooling.push(Study { who, form: "full_time", level, since, ended: None, late: false });
        }
    }

    fn loans(&mut self, who: Who, age: i32) {
        let borrows = if age < 65 { 560 } else { 170 };
        if !self.dice.chance(borrows) {
            return;
        }
        let since = after(self.day, -self.dice.between(5, 1_400)).max(after(self.kin.at(who).born, 20 * 365));
        let mut loan =
            Loan { who, contract: self.numbers.object(), since, overdue_since: None, overdue: None };
        loan.overdue = Some(Tenge::ZERO);
        if self.dice.chance(95) {
            self.falls_behind(&mut loan);
        }
        if self.dice.chance(6) {
            loan.overdue = None;
        }
        self.kin.loans.push(loan);
    }

    fn falls_behind(&mut self, loan: &mut Loan) {
        let days = self.dice.weighted(&[(20, 5), (70, 2), (140, 2), (700, 3)]);
        let behind = after(self.day, -self.dice.between(1, days)).max(loan.since);
        let sum = if self.dice.chance(120) { 700 } else { i64::from(self.dice.between(5, 900)) * 1_000 };
        (loan.overdue_since, loan.overdue) = (Some(behind), Some(Tenge::whole(sum)));
    }

    fn businesses(&mut self, who: Who, age: i32) {
        let working = if age < 63 { 1 } else { 5 };
        for (kind, per_mille) in [("sole_trader", 125), ("company", 34)] {
            if self.dice.chance(per_mille / working) {
                let since = after(self.day, -self.dice.between(20, 3_500));
                let since = since.max(after(self.kin.at(who).born, 20 * 365));
                let closed = self.dice.chance(60).then(|| after(self.day, -self.dice.between(1, 400)));
                let ended = closed.filter(|closed| *closed > since);
                let number = self.numbers.object();
                self.kin.businesses.push(Business { who, number, kind, since, ended });
            }
        }
    }

    /// Animals and land, mostly of those who live in a village.
    fn farm(&mut self, who: Who) {
        let rural = matches!(place(self.kin.at(who).home.address), "village" | "rural_district");
        if self.dice.chance(if rural { 300 } else { 12 }) {
            let most = self.dice.weighted(&[(450, 55), (1_000, 20), (2_000, 15), (6_000, 10)]);
            let value = i64::from(self.dice.between(30, most)) * 1_000;
            self.herd(who, value);
        }
        if self.dice.chance(if rural { 45 } else { 4 }) {
            self.owns(who, "farm_land", 1);
        }
    }

    fn herd(&mut self, who: Who, value: i64) {
        let kind =
            self.dice.weighted(&[("cattle", 5), ("sheep", 4), ("horses", 3), ("other", 2), ("camels", 1)]);
        let heads = i32::try_from(value / 90_000).unwrap_or(1).max(1);
        let since =
            after(self.day, -self.dice.between(20, 2_000)).max(after(self.kin.at(who).born, 18 * 365));
        let value = (!self.dice.chance(8)).then(|| Tenge::whole(value));
        self.kin.livestock.retain(|one| one.who != who || one.kind != kind);
        self.kin.livestock.push(Livestock { who, kind, heads, value, since });
    }

    /// Somebody grown with a home, on whom a rare turn falls.
    fn alone(&self) -> Option<Who> {
        let suits = |who: &Who| {
            let person = self.kin.at(*who);
            person.lives_on(self.day) && (30..60).contains(&person.age_on(self.day))
        };
        self.kin.everybody().find(suits)
    }

    fn owns(&mut self, who: Who, kind: &'static str, many: usize) {
        for _ in 0..many {
            let thing = if kind == "dwelling" { self.building(who, kind) } else { self.thing(who, kind) };
            self.kin.ownerships.push(thing);
        }
    }

    fn farms(&mut self, who: Who, machines: &[&'static str]) {
        for machine in machines {
            let mut thing = self.thing(who, "machinery");
            thing.machine = machine;
            self.kin.ownerships.push(thing);
        }
    }

    /// Nothing is left but a debt that is long overdue; of the partner too.
    fn has_only_debts(&mut self, who: Who) {
        let pair: Vec<Who> = [Some(who), self.kin.spouse_of(who, self.day)].into_iter().flatten().collect();
        self.kin.ownerships.retain(|one| !pair.contains(&one.who));
        self.kin.loans.retain(|one| !pair.contains(&one.who));
        for who in pair {
            let since = after(self.day, -900);
            let (behind, overdue) = (Some(after(self.day, -400)), Some(Tenge::whole(380_000)));
            let contract = self.numbers.object();
            self.kin.loans.push(Loan { who, contract, since, overdue_since: behind, overdue });
        }
    }
}

/// What kind of settlement an address is in: three cities are of republican rank; elsewhere half of the
/// addresses are in a city, and most others in villages.
pub fn place(address: u64) -> &'static str {
    if address / REGION / 10 == 7 {
        return "republican_city";
    }
    match address % 12 {
        0..=5 => "regional_city",
        6..=7 => "district",
        8 => "rural_district",
        _ => "village",
    }
}
