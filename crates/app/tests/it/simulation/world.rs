//! Families, what registries tell of them, and what the law gives them: computed here by hand,
//! apart from the pack and its evaluator, so that a wrong amount is noticed.

mod knows;

use std::collections::{BTreeMap, BTreeSet};

use card::{Date, Iban, Iin, PersonId, PhoneId, Sex, Span, Tenge};
use fastrand::Rng;
use serde_json::{Value, json};

pub const GRANT: &str = "birth_grant";
pub const FAMILY: &str = "multi_child";

/// A person by their place in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who(pub usize);

pub struct Person {
    pub iin: Iin,
    pub sex: Sex,
    /// As the population register says now.
    pub born: Date,
    /// As the civil registry says now.
    pub died: Option<Date>,
    pub lang: Option<&'static str>,
    pub family: usize,
}

pub struct Family {
    pub mother: Option<Who>,
    pub father: Option<Who>,
    pub children: Vec<Who>,
}

/// A payment of today's system.
pub struct Award {
    pub number: String,
    pub measure: &'static str,
    pub recipient: Who,
    pub subject: Who,
    pub children: Vec<Who>,
    pub since: Date,
    pub ended: Option<Date>,
}

/// A number and whose it is.
pub struct Bond {
    pub number: String,
    pub who: Who,
    pub since: Date,
    pub ended: Option<Date>,
}

pub struct Account {
    pub iban: Iban,
    pub who: Who,
    pub since: Date,
    pub ended: Option<Date>,
}

/// What the law gives, by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    Exactly(Tenge),
    Nothing,
}

pub struct World {
    pub begun: Date,
    pub people: Vec<Person>,
    pub families: Vec<Family>,
    pub awards: Vec<Award>,
    pub bonds: Vec<Bond>,
    pub accounts: Vec<Account>,
    /// The last day that a registry covers.
    pub covered: BTreeMap<&'static str, Date>,
    /// The store's numbers of persons and phones.
    pub ids: BTreeMap<PersonId, Who>,
    pub phones: BTreeMap<PhoneId, String>,
    /// Are preliminary numbers released?
    pub released: bool,
    /// A newborn whose ties are not told yet.
    pub untied: Option<Who>,
    /// Families of whom a registry contradicts itself.
    doubted: BTreeSet<usize>,
    serial: u16,
    told: u64,
}

/// Registries, and for how many days their silence is believed.
pub const STANDS: [(&str, i32); 5] =
    [("civil_acts", 30), ("residence_register", 30), ("payments", 31), ("stays", 30), ("nobd", 90)];

/// The extracts of a world in the order of their intake: entity, registry, columns.
pub const EXTRACTS: [(&str, &str, &[&str]); 12] = [
    ("person", "gbd_fl", &["iin", "name", "birth_date", "sex", "citizenship", "region", "language"]),
    ("person", "civil_acts", &["iin", "death_date", "birth_registered", "birth_sequence"]),
    ("person", "migration", &["iin", "treaty_right", "permanent_resident"]),
    ("parent_link", "civil_acts", &["child", "parent", "kind", "rights", "since", "ended"]),
    ("marriage", "civil_acts", &["first", "second", "since", "ended"]),
    ("residence", "residence_register", &["person", "address", "since", "ended"]),
    ("study", "nobd", &["person", "form", "level", "since", "ended"]),
    ("stay", "stays", &["person", "kind", "since", "ended"]),
    ("account", "accounts", &["account", "holder", "holder_checked", "since", "ended"]),
    ("phone", "bmg", &["phone", "person", "since", "ended"]),
    (
        "running_award",
        "payments",
        &["number", "measure", "recipient", "subject", "since", "ended", "amount", "monthly", "paid_on"],
    ),
    ("running_award_child", "payments", &["award", "child"]),
];

const BANKS: [&str; 4] = ["551", "563", "601", "722"];

impl World {
    pub fn new(rng: &mut Rng, begun: Date) -> Self {
        let mut world = Self {
            begun,
            people: vec![],
            families: vec![],
            awards: vec![],
            bonds: vec![],
            accounts: vec![],
            covered: BTreeMap::new(),
            ids: BTreeMap::new(),
            phones: BTreeMap::new(),
            released: rng.u8(..4) > 0,
            untied: None,
            doubted: BTreeSet::new(),
            serial: 0,
            told: 0,
        };
        for (registry, _) in STANDS {
            let silent = rng.u8(..12) == 0;
            world.covered.insert(registry, begun.plus(Span::Days(if silent { 0 } else { 400 })));
        }
        // Mostly a handful of families; sometimes fifty.
        let families = match rng.u8(..60) {
            0 => 50,
            1 => rng.usize(20..50),
            _ => rng.usize(1..=7),
        };
        for _ in 0..families {
            world.family(rng);
        }
        world
    }

    fn person(&mut self, born: Date, sex: Sex, lang: Option<&'static str>, family: usize) -> Who {
        let iin = loop {
            self.serial = (self.serial + 1) % 10_000;
            if let Some(iin) = Iin::compose(born, sex, self.serial) {
                break iin;
            }
        };
        self.people.push(Person { iin, sex, born, died: None, lang, family });
        Who(self.people.len() - 1)
    }

    fn family(&mut self, rng: &mut Rng) {
        let at = self.families.len();
        let lang = *rng.choice(&[Some("kk"), Some("ru"), Some("en"), None]).expect("not empty");
        let adult = |rng: &mut Rng| Date::from_ymd(rng.i32(1984..1994), 3, 5).expect("a day");
        let kind = rng.u8(..8);
        let mother = (kind > 0).then(|| {
            let born = adult(rng);
            self.person(born, Sex::Female, lang, at)
        });
        let father = (kind != 1).then(|| {
            let born = adult(rng);
            self.person(born, Sex::Male, lang, at)
        });
        let mut children: Vec<Who> = vec![];
        for _ in 0..if rng.bool() { rng.usize(0..4) } else { rng.usize(3..10) } {
            let days = if rng.u8(..4) == 0 { rng.i32(1..600) } else { rng.i32(200..19 * 365) };
            let born = self.begun.minus(Span::Days(days));
            if born < day(2010, 1, 1) || children.iter().any(|child| self.people[child.0].born == born) {
                continue;
            }
            let sex = if rng.bool() { Sex::Female } else { Sex::Male };
            children.push(self.person(born, sex, None, at));
        }
        self.families.push(Family { mother, father, children: children.clone() });
        let parents: Vec<Who> = mother.into_iter().chain(father).collect();
        for parent in &parents {
            if rng.u8(..12) > 0 {
                let number = format!("+7701{:07}", self.bonds.len());
                self.bonds.push(Bond { number, who: *parent, since: day(2020, 1, 1), ended: None });
            }
            for _ in 0..rng.usize(..4) {
                self.account(rng, *parent, day(2020, 1, 1));
            }
        }
        // What today's systems pay and paid already.
        let lead = parents[0];
        if rng.u8(..4) == 0 {
            self.award(FAMILY, lead, lead, children.clone(), day(2024, 2, 1));
        }
        for child in children {
            let born = self.people[child.0].born;
            if rng.bool() && born > day(2023, 1, 1) {
                self.award(GRANT, lead, child, vec![child], born);
            }
        }
    }

    fn award(
        &mut self,
        measure: &'static str,
        recipient: Who,
        subject: Who,
        children: Vec<Who>,
        since: Date,
    ) {
        let number = format!("P-{:06}", self.awards.len());
        self.awards.push(Award { number, measure, recipient, subject, children, since, ended: None });
    }

    fn account(&mut self, rng: &mut Rng, who: Who, since: Date) {
        let bank = *rng.choice(&BANKS).expect("not empty");
        let iban = Iban::compose(bank, &format!("{:013}", self.accounts.len() + 1)).expect("it is shaped so");
        self.accounts.push(Account { iban, who, since, ended: None });
    }

    // ── What registries tell ─────────────────────────────────────────────────────────────────────

    /// The rows of an extract, as the registry would write them now.
    pub fn rows(&self, entity: &str, registry: &str) -> Vec<Vec<String>> {
        let iin = |who: &Who| self.people[who.0].iin.expose();
        let until = |day: Option<Date>| day.map_or(String::new(), |day| day.to_string());
        let of = |who: Who| self.families[self.people[who.0].family].children.contains(&who);
        match (entity, registry) {
            ("person", "gbd_fl") => self
                .people
                .iter()
                .map(|p| {
                    vec![
                        p.iin.expose(),
                        "Тест Тестова".to_owned(),
                        p.born.to_string(),
                        sex(p.sex).to_owned(),
                        "citizen".to_owned(),
                        "75".to_owned(),
                        p.lang.unwrap_or_default().to_owned(),
                    ]
                })
                .collect(),
            ("person", "civil_acts") => self
                .people
                .iter()
                .map(|p| vec![p.iin.expose(), until(p.died), "true".to_owned(), "1".to_owned()])
                .collect(),
            ("person", _) => self
                .people
                .iter()
                .map(|p| vec![p.iin.expose(), "false".to_owned(), "true".to_owned()])
                .collect(),
            ("parent_link", _) => (0..self.people.len())
                .map(Who)
                .filter(|who| of(*who))
                .flat_map(|child| self.ties(child).into_iter().map(move |parent| (child, parent)))
                .map(|(child, parent)| {
                    let since = self.tied_on(child).to_string();
                    vec![
                        iin(&child),
                        iin(&parent),
                        "birth".to_owned(),
                        "full".to_owned(),
                        since,
                        String::new(),
                    ]
                })
                .collect(),
            ("marriage", _) => self
                .families
                .iter()
                .filter_map(|family| Some((family.mother?, family.father?)))
                .map(|(wife, husband)| {
                    vec![iin(&wife), iin(&husband), "2009-06-01".to_owned(), String::new()]
                })
                .collect(),
            ("residence", _) => (0..self.people.len())
                .map(Who)
                .map(|who| {
                    let since = self.tied_on(who).to_string();
                    vec![iin(&who), self.address(who), since, String::new()]
                })
                .collect(),
            ("account", _) => self
                .accounts
                .iter()
                .map(|account| {
                    vec![
                        account.iban.expose(),
                        iin(&account.who),
                        "true".to_owned(),
                        account.since.to_string(),
                        until(account.ended),
                    ]
                })
                .collect(),
            ("phone", _) => self
                .bonds
                .iter()
                .map(|bond| {
                    vec![bond.number.clone(), iin(&bond.who), bond.since.to_string(), until(bond.ended)]
                })
                .collect(),
            ("running_award", _) => self
                .awards
                .iter()
                .map(|award| {
                    let once = award.measure == GRANT;
                    vec![
                        award.number.clone(),
                        award.measure.to_owned(),
                        iin(&award.recipient),
                        iin(&award.subject),
                        award.since.to_string(),
                        until(award.ended),
                        "50000".to_owned(),
                        (!once).to_string(),
                        until(once.then_some(award.since)),
                    ]
                })
                .collect(),
            ("running_award_child", _) => self
                .awards
                .iter()
                .flat_map(|award| award.children.iter().map(|child| vec![award.number.clone(), iin(child)]))
                .collect(),
            _ => vec![],
        }
    }

    /// The day of birth as the number of the person has it: ties and homes are told from then.
    fn tied_on(&self, who: Who) -> Date {
        self.people[who.0].iin.born()
    }

    fn address(&self, who: Who) -> String {
        format!("A{:06}", self.people[who.0].family)
    }

    fn ties(&self, child: Who) -> Vec<Who> {
        let family = &self.families[self.people[child.0].family];
        family.mother.into_iter().chain(family.father).collect()
    }

    /// An event of a registry.
    fn tell(&mut self, registry: &str, at: card::Moment, parts: &[(&str, Value)]) -> String {
        self.told += 1;
        let data: Vec<Value> =
            parts.iter().map(|(entity, row)| json!({"entity": entity, "rows": row})).collect();
        json!({
            "specversion": "1.0", "id": format!("{registry}-{}", self.told),
            "source": format!("/registries/{registry}"), "type": format!("kz.{registry}.news.v1"),
            "time": at.to_string(), "datacontenttype": "application/json", "data": data,
        })
        .to_string()
    }

    /// Something happens to somebody, or becomes known: the world as it is from now on, and the
    /// events that tell it.
    pub fn happens(&mut self, rng: &mut Rng, now: card::Moment) -> Vec<String> {
        let today = now.day();
        let at = rng.usize(..self.families.len());
        match rng.u8(..20) {
            0..=5 => self.birth(rng, at, now),
            6..=8 => self.birth_date_corrected(rng, at, now),
            9..=10 => self.death(rng, at, now),
            11..=13 => self.number_moves(rng, now),
            14..=15 => {
                let Some(who) = self.any_parent(rng) else { return vec![] };
                self.account(rng, who, today);
                let rows = self.rows("account", "accounts");
                self.last_row("account", "accounts", &rows, now)
            }
            16 => {
                let open: Vec<usize> =
                    (0..self.accounts.len()).filter(|at| self.accounts[*at].ended.is_none()).collect();
                let Some(at) = rng.choice(open) else { return vec![] };
                self.accounts[at].ended = Some(today.max(self.accounts[at].since.plus(Span::Days(1))));
                let row = self.rows("account", "accounts").swap_remove(at);
                self.last_row("account", "accounts", &[row], now)
            }
            17..=18 => self.paid_elsewhere(rng, at, now),
            _ => {
                let Some(award) = self.awards.iter().position(|a| a.measure == FAMILY && a.ended.is_none())
                else {
                    return vec![];
                };
                self.awards[award].ended = Some(today);
                let row = self.rows("running_award", "payments").swap_remove(award);
                self.last_row("running_award", "payments", &[row], now)
            }
        }
    }

    /// The last of some rows, as an event.
    fn last_row(
        &mut self,
        entity: &str,
        registry: &str,
        rows: &[Vec<String>],
        now: card::Moment,
    ) -> Vec<String> {
        let Some(row) = rows.last() else { return vec![] };
        let columns =
            EXTRACTS.iter().find(|e| e.0 == entity && e.1 == registry).expect("a declared extract").2;
        let row: serde_json::Map<String, Value> = columns
            .iter()
            .zip(row)
            .map(|(column, cell)| {
                ((*column).to_owned(), if cell.is_empty() { Value::Null } else { json!(cell) })
            })
            .collect();
        vec![self.tell(registry, now, &[(entity, json!([row]))])]
    }

    fn birth(&mut self, rng: &mut Rng, at: usize, now: card::Moment) -> Vec<String> {
        let today = now.day();
        let born = today.minus(Span::Days(rng.i32(0..12)));
        let family = &self.families[at];
        let living = |who: &Who| self.people[who.0].died.is_none();
        let taken = family.children.iter().any(|child| self.people[child.0].born == born);
        if taken || !family.mother.iter().any(living) {
            return vec![];
        }
        let sex_of = if rng.bool() { Sex::Female } else { Sex::Male };
        let child = self.person(born, sex_of, None, at);
        self.families[at].children.push(child);
        self.untied = Some(child);
        let iin = self.people[child.0].iin.expose();
        let since = born.to_string();
        let ties: Vec<Value> = self.ties(child).iter().map(|parent| json!({
            "child": iin, "parent": self.people[parent.0].iin.expose(), "kind": "birth", "rights": "full",
            "since": since, "ended": null,
        })).collect();
        let word = sex(sex_of);
        let address = self.address(child);
        let mut events = vec![
            self.tell("gbd_fl", now, &[("person", json!([{
                "iin": iin, "name": "Тест Тестова", "birth_date": since, "sex": word, "citizenship": "citizen",
                "region": "75", "language": null,
            }]))]),
            self.tell("migration", now, &[("person", json!([{"iin": iin, "treaty_right": false, "permanent_resident": true}]))]),
            self.tell("residence_register", now, &[("residence", json!([{"person": iin, "address": address, "since": since, "ended": null}]))]),
        ];
        let acts = json!([{"iin": iin, "death_date": null, "birth_registered": true, "birth_sequence": 1}]);
        events.push(self.tell("civil_acts", now, &[("person", acts), ("parent_link", Value::Array(ties))]));
        events
    }

    fn birth_date_corrected(&mut self, rng: &mut Rng, at: usize, now: card::Moment) -> Vec<String> {
        let Some(child) = rng.choice(self.families[at].children.clone()) else { return vec![] };
        let born = self.people[child.0].born.minus(Span::Days(rng.i32(1..60)));
        if self.families[at].children.iter().any(|other| self.people[other.0].born == born) {
            return vec![];
        }
        self.people[child.0].born = born;
        let row = self.rows("person", "gbd_fl").swap_remove(child.0);
        self.last_row("person", "gbd_fl", &[row], now)
    }

    /// A death becomes known, or turns out to be a mistake.
    fn death(&mut self, rng: &mut Rng, at: usize, now: card::Moment) -> Vec<String> {
        let family = &self.families[at];
        let mut mortal = family.children.clone();
        // Of two parents one may die; a lone one stays.
        if family.mother.is_some() && family.father.is_some() && rng.u8(..4) == 0 {
            mortal
                .extend(family.mother.filter(|_| self.people[family.father.expect("both").0].died.is_none()));
        }
        let Some(who) = rng.choice(mortal) else { return vec![] };
        let known = &mut self.people[who.0];
        let late = now.day().minus(Span::Days(rng.i32(0..90)));
        known.died =
            if known.died.is_some() { None } else { Some(late.max(known.born.max(known.iin.born()))) };
        let row = self.rows("person", "civil_acts").swap_remove(who.0);
        self.last_row("person", "civil_acts", &[row], now)
    }

    /// Whoever receives for a subject dies, and somebody else of the family may receive.
    pub fn recipient_dies(&mut self, recipient: PersonId, now: card::Moment) -> Vec<String> {
        let Some(who) = self.ids.get(&recipient).copied() else { return vec![] };
        let family = &self.families[self.people[who.0].family];
        let other = family.father.filter(|father| family.mother == Some(who) && *father != who);
        match other {
            Some(other) if self.people[other.0].died.is_none() && self.people[who.0].died.is_none() => {
                self.told_of_death(who, Some(now.day().minus(Span::Days(1))), now)
            }
            _ => vec![],
        }
    }

    /// The deaths of a family's children turn out to be mistakes.
    pub fn children_live(&mut self, subject: PersonId, now: card::Moment) -> Vec<String> {
        let Some(who) = self.ids.get(&subject).copied() else { return vec![] };
        let children = self.families[self.people[who.0].family].children.clone();
        let dead = children.into_iter().filter(|child| self.people[child.0].died.is_some());
        dead.collect::<Vec<_>>().into_iter().flat_map(|child| self.told_of_death(child, None, now)).collect()
    }

    fn told_of_death(&mut self, who: Who, died: Option<Date>, now: card::Moment) -> Vec<String> {
        self.people[who.0].died = died;
        let row = self.rows("person", "civil_acts").swap_remove(who.0);
        self.last_row("person", "civil_acts", &[row], now)
    }

    /// A number goes to somebody else, of another family or of the same.
    fn number_moves(&mut self, rng: &mut Rng, now: card::Moment) -> Vec<String> {
        let today = now.day();
        let open: Vec<usize> = (0..self.bonds.len()).filter(|at| self.bonds[*at].ended.is_none()).collect();
        let (Some(at), Some(who)) = (rng.choice(open), self.any_parent(rng)) else { return vec![] };
        let (number, since) = (self.bonds[at].number.clone(), self.bonds[at].since);
        let again = self.bonds.iter().any(|bond| bond.number == number && bond.who == who);
        if since >= today || again {
            return vec![];
        }
        self.bonds[at].ended = Some(today);
        let row = self.rows("phone", "bmg").swap_remove(at);
        let mut events = self.last_row("phone", "bmg", &[row], now);
        if rng.u8(..5) > 0 {
            self.bonds.push(Bond { number, who, since: today, ended: None });
            let rows = self.rows("phone", "bmg");
            events.extend(self.last_row("phone", "bmg", &rows, now));
        }
        events
    }

    /// Today's system turns out to pay somebody already.
    fn paid_elsewhere(&mut self, rng: &mut Rng, at: usize, now: card::Moment) -> Vec<String> {
        let today = now.day();
        let Some(lead) = self.lead(at, today) else { return vec![] };
        let children = self.families[at].children.clone();
        let since = today.minus(Span::Days(rng.i32(0..40)));
        if rng.bool() {
            self.award(FAMILY, lead, lead, children, since);
        } else {
            let Some(child) = rng.choice(children) else { return vec![] };
            self.award(GRANT, lead, child, vec![child], since);
        }
        let rows = self.rows("running_award", "payments");
        let mut events = self.last_row("running_award", "payments", &rows, now);
        let number = self.awards.last().expect("just made").number.clone();
        let children: Vec<Vec<String>> =
            self.rows("running_award_child", "payments").into_iter().filter(|row| row[0] == number).collect();
        for row in children {
            events.extend(self.last_row("running_award_child", "payments", &[row], now));
        }
        events
    }

    /// Today's system ends what it pays a family: from a day on it is not its own to pay.
    pub fn lets_go(&mut self, subject: PersonId, from: Date, now: card::Moment) -> Vec<String> {
        let Some(who) = self.ids.get(&subject).copied() else { return vec![] };
        let of = |award: &Award| award.measure == FAMILY && award.subject == who && award.ended.is_none();
        let open: Vec<usize> = (0..self.awards.len()).filter(|at| of(&self.awards[*at])).collect();
        let mut events = vec![];
        for at in open {
            self.awards[at].ended = Some(from.max(self.awards[at].since));
            let row = self.rows("running_award", "payments").swap_remove(at);
            events.extend(self.last_row("running_award", "payments", &[row], now));
        }
        events
    }

    fn any_parent(&self, rng: &mut Rng) -> Option<Who> {
        let parents = self.families.iter().flat_map(|family| family.mother.into_iter().chain(family.father));
        rng.choice(parents.collect::<Vec<_>>())
    }

    // ── What the law gives ───────────────────────────────────────────────────────────────────────

    fn alive(&self, who: Who, day: Date) -> bool {
        self.people[who.0].died.is_none_or(|died| died >= day)
    }

    /// The mother while she lives, then the father.
    fn lead(&self, family: usize, day: Date) -> Option<Who> {
        let family = &self.families[family];
        family.mother.into_iter().chain(family.father).find(|who| self.alive(*who, day))
    }

    /// The children who count in a family on a day.
    fn counted(&self, family: usize, day: Date) -> Vec<Who> {
        let counts = |child: &Who| {
            let born = self.people[child.0].born;
            self.untied != Some(*child)
                && self.alive(*child, day)
                && self.tied_on(*child) <= day
                && born.age_on(day) < 18
        };
        self.families[family].children.iter().copied().filter(counts).collect()
    }
}

/// The monthly calculation index.
fn index(day: Date) -> i64 {
    let (year, ..) = day.ymd();
    match year {
        ..=2025 => 3932,
        2026 => 4325,
        _ => 4606,
    }
}

const fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
    }
}

fn day(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd(year, month, day).expect("a day of the calendar")
}
