//! One family: who is in it, and what the registries say of each.

use card::{Cell, Date, Month, PersonId, Span, Tenge};
use fastrand::Rng;

use super::{
    LATE, Nation, REGIONS, SILENT,
    scribe::{Of, Scribe, always, during, ended, since},
};

/// No family has more persons.
pub const MOST: u64 = 16;

/// In order of their rows.
const FEMALE: u16 = 0;
const MALE: u16 = 1;
const BIRTH: u16 = 0;
const GUARDIANSHIP: u16 = 2;
const FULL: u16 = 0;
const REMOVED: u16 = 1;

/// A family of the nation and its own chance.
pub struct Family<'n> {
    nation: &'n Nation<'n>,
    bucket: u64,
    slot: u64,
    chance: Rng,
    region: usize,
}

struct Member {
    id: PersonId,
    born: Date,
    sex: u16,
}

/// Who makes a family, by how many families in a hundred are made so.
enum Kind {
    Couple { children: u64 },
    OneParent { children: u64 },
    Alone,
    WithGrandmother { children: u64 },
}

impl<'n> Family<'n> {
    /// The family of a slot of a bucket.
    pub fn of(nation: &'n Nation<'n>, bucket: u64, slot: u64) -> Self {
        let mut chance = Rng::with_seed((bucket << 20 | slot).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let region = match chance.u32(0..1000) {
            0..10 => SILENT,
            10..30 => LATE,
            n => n as usize % LATE,
        };
        Self { nation, bucket, slot, chance, region }
    }

    fn one_in(&mut self, many: u32) -> bool {
        self.chance.u32(0..many) == 0
    }

    fn percent(&mut self, share: u32) -> bool {
        self.chance.u32(0..100) < share
    }

    /// A cell, or so many in a thousand times nothing that anybody told.
    fn told(&mut self, cell: Cell, unknown: u32) -> Cell {
        if self.chance.u32(0..1000) < unknown { Cell::Unknown } else { cell }
    }

    fn years_ago(&mut self, years: std::ops::Range<i32>) -> Date {
        let days = self.chance.i32(years.start * 365..years.end * 365);
        self.nation.day.minus(Span::Days(days))
    }

    fn kind(&mut self) -> Kind {
        let children = match self.chance.u32(0..100) {
            0..30 => 1,
            30..63 => 2,
            63..83 => 3,
            83..93 => 4,
            93..97 => 5,
            97..99 => 6,
            _ => self.chance.u64(7..=10),
        };
        // Those with ties to other buckets are of the kinds that have such ties.
        match if self.slot < self.nation.bound() {
            0
        } else if self.slot < 2 * self.nation.bound() {
            60
        } else {
            self.chance.u32(0..100)
        } {
            0..45 => Kind::Couple { children },
            45..59 => Kind::Couple { children: 0 },
            59..71 => Kind::OneParent { children: children.min(3) },
            71..93 => Kind::Alone,
            _ => Kind::WithGrandmother { children: children.min(4) },
        }
    }

    /// Writes everything that is said of the family, and returns its persons.
    pub fn write(mut self, scribe: &mut Scribe) -> Vec<PersonId> {
        scribe.turn_to(self.bucket * self.nation.families + self.slot);
        let kind = self.kind();
        let mut members = Vec::new();
        let mut join = |born: Date, sex: u16| {
            let id = self.nation.person(self.bucket, self.slot, members.len() as u64);
            members.push(Member { id, born, sex });
        };
        let (adults, children) = match kind {
            Kind::Couple { children } => (2, children),
            Kind::OneParent { children } => (1, children),
            Kind::Alone => (1, 0),
            Kind::WithGrandmother { children } => (3, children),
        };
        let years = if children > 0 { 20..46 } else { 20..80 };
        for nth in 0..adults {
            let days = self.chance.i32(years.start * 365..years.end * 365) + if nth == 2 { 9_000 } else { 0 };
            let born = self.nation.day.minus(Span::Days(days));
            let sex = match (&kind, nth) {
                (Kind::Couple { .. } | Kind::WithGrandmother { .. }, 0) => MALE,
                (Kind::OneParent { .. }, _) if self.chance.u32(0..10) == 0 => MALE,
                (Kind::Alone, _) => self.chance.u16(FEMALE..=MALE),
                _ => FEMALE,
            };
            join(born, sex);
        }
        for _ in 0..children {
            let oldest = if self.chance.u32(0..8) == 0 { 24 } else { 18 };
            let days = self.chance.i32(0..oldest * 365);
            join(self.nation.day.minus(Span::Days(days)), self.chance.u16(FEMALE..=MALE));
        }
        let address = format!("{:010}", self.bucket * self.nation.families + self.slot);
        for member in &members {
            self.person(scribe, member);
            self.home(scribe, member, &address);
            self.work(scribe, member);
            self.health(scribe, member);
        }
        let (grown, young) = members.split_at(adults);
        for (nth, child) in young.iter().enumerate() {
            self.ties(scribe, &kind, grown, child);
            if nth == 0 && (self.nation.bound()..2 * self.nation.bound()).contains(&self.slot) {
                self.tie_to_another_bucket(scribe, child);
            }
            self.infancy(scribe, grown, child);
        }
        self.care(scribe, grown, young);
        if young.len() > 3 {
            let mother = grown.iter().find(|parent| parent.sex == FEMALE);
            if let Some(mother) = mother.filter(|_| self.percent(60)) {
                let when = self.years_ago(0..4);
                self.award(scribe, "multi_child", mother.id, None, since(when));
            }
        }
        members.into_iter().map(|member| member.id).collect()
    }

    fn person(&mut self, scribe: &mut Scribe, member: &Member) {
        let died = if self.one_in(150) { Cell::Date(self.years_ago(0..5)) } else { Cell::Nothing };
        let citizen = match self.chance.u32(0..100) {
            0..93 => 0,
            93..96 => 1,
            _ => 2,
        };
        let resident = self.percent(97);
        let registered = !self.one_in(60);
        let born = match self.chance.u32(0..1000) {
            0..6 => Cell::Year(member.born.ymd().0),
            6..10 => Cell::Unknown,
            _ => Cell::Date(member.born),
        };
        let cells = vec![
            Cell::Person(member.id),
            born,
            self.told(Cell::Enum(member.sex), 5),
            self.told(died, 3),
            self.told(Cell::Enum(citizen), 10),
            self.told(Cell::Bool(resident), 15),
            self.told(Cell::Bool(registered), 10),
            self.told(Cell::Code(REGIONS[self.region].into()), 5),
        ];
        scribe.owner(Of::Person, always(), cells.clone());
        if self.one_in(50) {
            // What the owner told stands; what it did not tell is taken from here.
            let mut second = cells;
            second[1] = Cell::Date(member.born.minus(Span::Days(1)));
            second[4] = Cell::Enum(citizen);
            second[5] = Cell::Bool(!resident);
            scribe.declared(Of::Person, always(), second);
        }
    }

    fn home(&mut self, scribe: &mut Scribe, member: &Member, address: &str) {
        let (person, moved) = (Cell::Person(member.id), self.years_ago(0..3));
        let here = if self.one_in(40) { format!("{address}x") } else { address.to_owned() };
        let here = self.told(Cell::Code(here.into()), 10);
        let lived = |scribe: &mut Scribe, when: (Date, Date), where_to: Cell| {
            let cells = vec![person.clone(), where_to, Cell::Date(when.0), ended(when)];
            scribe.owner(Of::Residence, when, cells);
        };
        if self.one_in(100) {
            return;
        }
        if member.born < moved && self.one_in(12) {
            lived(scribe, (member.born, moved), Cell::Code("elsewhere".into()));
            lived(scribe, since(moved), here);
        } else {
            lived(scribe, since(member.born), here);
        }
        if self.one_in(50) {
            let when = since(member.born);
            let cells = vec![person, Cell::Code("declared".into()), Cell::Date(when.0), ended(when)];
            scribe.declared(Of::Residence, when, cells);
        }
    }

    fn work(&mut self, scribe: &mut Scribe, member: &Member) {
        let age = member.born.age_on(self.nation.day);
        if (18..23).contains(&age) && self.percent(55) {
            let when = since(member.born.plus(Span::Months(18 * 12)));
            let form = self.chance.u16(0..=1);
            let cells = vec![
                Cell::Person(member.id),
                self.told(Cell::Enum(form), 20),
                Cell::Date(when.0),
                Cell::Nothing,
            ];
            scribe.owner(Of::Study, when, cells);
        }
        if !(20..63).contains(&age) || !self.percent(36) {
            return;
        }
        let last = self.nation.day.month().0 - 1 - if self.percent(12) { self.chance.i32(0..12) } else { 0 };
        let first = self.nation.day.month().0 - 24 - self.chance.i32(0..9);
        let payer = self.percent(5).then(|| {
            let bucket = self.chance.u64(0..self.nation.buckets);
            self.nation.person(bucket, self.chance.u64(0..self.nation.families), 0)
        });
        for job in 0..=u16::from(self.percent(4)) {
            let mut wage = self.chance.i64(85..450) * 1000;
            for month in first..=last {
                if month % 12 == 0 {
                    wage += wage / 10;
                }
                if self.one_in(30) {
                    continue;
                }
                let object = wage + if self.one_in(5) { self.chance.i64(0..40_000) } else { 0 };
                let cells = vec![
                    Cell::Person(member.id),
                    Cell::Month(Month(month)),
                    Cell::Enum(job),
                    payer.map_or(Cell::Nothing, Cell::Person),
                    self.told(Cell::Money(Tenge::whole(object)), 15),
                ];
                let when = during(Month(month));
                // Some months a person declares too, some nobody else knows of.
                match self.chance.u32(0..1000) {
                    0..2 => scribe.declared(Of::Contribution, when, cells),
                    2..45 => {
                        scribe.owner(Of::Contribution, when, cells.clone());
                        scribe.declared(Of::Contribution, when, cells);
                    }
                    _ => scribe.owner(Of::Contribution, when, cells),
                }
            }
        }
    }

    fn health(&mut self, scribe: &mut Scribe, member: &Member) {
        let age = member.born.age_on(self.nation.day);
        if (20..66).contains(&age) && self.one_in(60) {
            let first = self.years_ago(0..2);
            let again = first.plus(Span::Months(6));
            let degree = self.chance.i64(20..=100) * 10_000;
            let periods = if self.one_in(4) && again < self.nation.day {
                vec![(first, again), since(again)]
            } else {
                vec![since(first)]
            };
            for when in periods {
                let cells = vec![
                    Cell::Person(member.id),
                    self.told(Cell::Decimal(degree), 20),
                    self.told(Cell::Date(first), 10),
                    Cell::Date(when.0),
                    ended(when),
                ];
                if self.one_in(40) {
                    scribe.declared(Of::Capacity, when, cells);
                } else {
                    scribe.owner(Of::Capacity, when, cells);
                }
            }
            if self.percent(55) {
                self.award(scribe, "work_capacity", member.id, None, since(first.plus(Span::Days(40))));
            }
        }
        if self.one_in(if age < 24 { 70 } else { 40 }) {
            let when = since(self.years_ago(0..2).max(member.born));
            let heavy = u16::from(!self.one_in(3));
            let cells = vec![
                Cell::Person(member.id),
                self.told(Cell::Enum(heavy), 20),
                Cell::Date(when.0),
                Cell::Nothing,
            ];
            scribe.owner(Of::Disability, when, cells.clone());
            if self.one_in(25) {
                scribe.declared(Of::Disability, when, cells);
            }
            if age < 18 && self.percent(55) {
                let family = self.nation.first_of(self.bucket, self.slot);
                let when = since(when.0.plus(Span::Days(40)));
                self.award(scribe, "disabled_child", family, Some(member.id), when);
            }
        }
    }

    fn ties(&mut self, scribe: &mut Scribe, kind: &Kind, grown: &[Member], child: &Member) {
        let orphan = matches!(kind, Kind::WithGrandmother { .. }) && self.one_in(3);
        for (nth, parent) in grown.iter().enumerate() {
            let grandmother = nth == 2;
            if grandmother && !orphan {
                continue;
            }
            let (tie, rights) = match (grandmother, orphan) {
                (true, _) => (GUARDIANSHIP, FULL),
                (false, true) => (BIRTH, REMOVED),
                (false, false) => (BIRTH, if self.one_in(200) { REMOVED } else { FULL }),
            };
            let when = if self.one_in(300) {
                (child.born, self.nation.day.minus(Span::Days(30)).max(child.born))
            } else {
                since(child.born)
            };
            self.tie(scribe, child.id, parent.id, (tie, rights), when);
        }
    }

    /// A father who lives in another family, or now and then a guardian: half-siblings there share him.
    fn tie_to_another_bucket(&mut self, scribe: &mut Scribe, child: &Member) {
        let before = (self.bucket + self.nation.buckets - 1) % self.nation.buckets;
        let parent = self.nation.first_of(before, self.slot - self.nation.bound());
        let tie = if self.one_in(8) { GUARDIANSHIP } else { BIRTH };
        self.tie(scribe, child.id, parent, (tie, FULL), since(child.born));
    }

    fn tie(
        &mut self,
        scribe: &mut Scribe,
        child: PersonId,
        parent: PersonId,
        (tie, rights): (u16, u16),
        when: (Date, Date),
    ) {
        let cells = vec![
            Cell::Person(child),
            Cell::Person(parent),
            Cell::Enum(tie),
            self.told(Cell::Enum(rights), 10),
            Cell::Date(when.0),
            ended(when),
        ];
        scribe.owner(Of::Tie, when, cells.clone());
        if self.one_in(50) {
            // The same tie, and now and then one that the registry has under another kind.
            let mut second = cells;
            second[2] = Cell::Enum(if self.one_in(4) { GUARDIANSHIP } else { tie });
            second[3] = Cell::Enum(FULL);
            scribe.declared(Of::Tie, when, second);
        }
    }

    fn infancy(&mut self, scribe: &mut Scribe, grown: &[Member], child: &Member) {
        if self.nation.day.minus(Span::Months(26)) > child.born {
            return;
        }
        let (asked, parent) = (child.born.plus(Span::Days(40)), grown[0].id);
        if self.percent(45) {
            let once = (asked, asked.plus(Span::Days(1)));
            self.award(scribe, "birth_grant", parent, Some(child.id), once);
        }
    }

    /// Who looks after the youngest while it is small.
    fn care(&mut self, scribe: &mut Scribe, grown: &[Member], young: &[Member]) {
        let Some(child) = young.iter().max_by_key(|child| child.born) else { return };
        if self.nation.day.minus(Span::Months(26)) > child.born || !self.percent(85) {
            return;
        }
        let carer = &grown[self.chance.usize(0..grown.len())];
        let when = since(child.born);
        let cells = vec![
            Cell::Person(carer.id),
            self.told(Cell::Person(child.id), 15),
            Cell::Date(when.0),
            Cell::Nothing,
        ];
        if self.one_in(40) {
            scribe.declared(Of::Care, when, cells);
        } else {
            scribe.owner(Of::Care, when, cells);
            if self.one_in(40) {
                let other = young[0].id;
                let cells =
                    vec![Cell::Person(carer.id), Cell::Person(other), Cell::Date(when.0), Cell::Nothing];
                scribe.declared(Of::Care, when, cells);
            }
        }
        if self.percent(45) {
            self.award(scribe, "child_care", carer.id, None, since(child.born.plus(Span::Days(40))));
        }
    }

    fn award(
        &mut self,
        scribe: &mut Scribe,
        measure: &str,
        recipient: PersonId,
        about: Option<PersonId>,
        when: (Date, Date),
    ) {
        let number = format!("{:016}", scribe.number());
        let cells = vec![
            Cell::Code(number.into()),
            self.told(Cell::Code(measure.into()), 10),
            Cell::Person(recipient),
            about.map_or(Cell::Nothing, Cell::Person),
            Cell::Date(when.0),
            ended(when),
        ];
        scribe.owner(Of::Award, when, cells);
    }
}
