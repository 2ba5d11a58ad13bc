//! Families, and what is known of them. The law of this world is two small measures in the shape
//! of the real ones; its verdicts are the oracle of the audit.

use std::collections::{BTreeMap, BTreeSet};

use card::{
    AccountId, Amount, Condition, Date, Lang, Missing, Moment, Outcome, PersonId, PhoneId, Question,
    Recipient, Span, Standing, Tenge, Ternary, Verdict, Withheld,
};
use fastrand::Rng;

pub const GRANT: &str = "birth_grant";
pub const FAMILY: &str = "multi_child";

pub struct Person {
    pub phone: Option<PhoneId>,
    pub accounts: Vec<AccountId>,
    pub lang: Option<Lang>,
}

pub struct Child {
    pub id: PersonId,
    pub born: Date,
    /// As the registry knows it now.
    pub died: Option<Date>,
}

pub struct Family {
    pub mother: Option<PersonId>,
    pub father: PersonId,
    pub children: Vec<Child>,
    /// The registry that knows whether the children live with them is silent.
    pub silent: bool,
}

pub struct World {
    pub people: BTreeMap<PersonId, Person>,
    pub families: Vec<Family>,
    /// Whose number each phone is, by the citizens' mobile database.
    pub bonds: BTreeMap<PhoneId, PersonId>,
    /// Running awards: measure and subject or child.
    pub paid: BTreeSet<(String, PersonId)>,
    /// The numbers of the law are from memory and not released.
    pub preliminary: bool,
    next: u64,
}

impl World {
    pub fn new(rng: &mut Rng, today: Date) -> Self {
        let mut world = Self {
            people: BTreeMap::new(),
            families: vec![],
            bonds: BTreeMap::new(),
            paid: BTreeSet::new(),
            preliminary: rng.u8(..8) == 0,
            next: 0,
        };
        for _ in 0..rng.usize(1..6) {
            world.family(rng, today);
        }
        world
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn person(&mut self, rng: &mut Rng) -> PersonId {
        let id = PersonId(self.number());
        let phone = (rng.u8(..10) > 0).then(|| PhoneId(self.number()));
        if let Some(phone) = phone {
            self.bonds.insert(phone, id);
        }
        let accounts = (0..rng.usize(..4)).map(|_| AccountId(self.number())).collect();
        let lang = [Some(Lang::Kk), Some(Lang::Ru), Some(Lang::En), None][rng.usize(..4)];
        self.people.insert(id, Person { phone, accounts, lang });
        id
    }

    fn family(&mut self, rng: &mut Rng, today: Date) {
        let mother = (rng.u8(..8) > 0).then(|| self.person(rng));
        let father = self.person(rng);
        let mut family = Family { mother, father, children: vec![], silent: rng.u8(..6) == 0 };
        for _ in 0..rng.usize(1..7) {
            let born = today.minus(Span::Days(rng.i32(0..18 * 365)));
            family.children.push(Child { id: PersonId(self.number()), born, died: None });
        }
        // Some are paid by today's systems already.
        if rng.u8(..4) == 0 {
            self.paid.insert((FAMILY.into(), mother.unwrap_or(father)));
        }
        for child in &family.children {
            if rng.bool() {
                self.paid.insert((GRANT.into(), child.id));
            }
        }
        self.families.push(family);
    }

    /// Whose number a phone is now.
    pub fn bond(&self, phone: PhoneId) -> Option<PersonId> {
        self.bonds.get(&phone).copied()
    }

    /// Something happens to somebody, or becomes known.
    pub fn happens(&mut self, rng: &mut Rng, today: Date) {
        let at = rng.usize(..self.families.len());
        match rng.u8(..6) {
            0 => {
                let id = PersonId(self.number());
                let born = today.minus(Span::Days(rng.i32(0..20)));
                self.families[at].children.push(Child { id, born, died: None });
            }
            1 => {
                // Often learned late; sometimes it was a mistake.
                let late = Span::Days(rng.i32(0..90));
                let count = self.families[at].children.len();
                let child = &mut self.families[at].children[rng.usize(..count)];
                child.died =
                    if child.died.is_some() { None } else { Some(today.minus(late).max(child.born)) };
            }
            2 | 3 => self.families[at].silent = !self.families[at].silent,
            4 => {
                // A number changes hands.
                let phones: Vec<PhoneId> = self.bonds.keys().copied().collect();
                let people: Vec<PersonId> = self.people.keys().copied().collect();
                if let (Some(phone), Some(person)) = (rng.choice(phones), rng.choice(people)) {
                    if rng.bool() {
                        self.bonds.remove(&phone)
                    } else {
                        self.bonds.insert(phone, person)
                    };
                }
            }
            _ => self.preliminary = rng.u8(..4) == 0,
        }
    }

    /// What the law says by the facts known now.
    pub fn law(&self, measure: &str, question: Question) -> Verdict {
        let mut verdict = blank(measure, question);
        if self.preliminary {
            verdict.standing = Standing::Preliminary;
        }
        let alive =
            |child: &Child| child.born <= question.day && child.died.is_none_or(|died| died > question.day);
        for family in &self.families {
            let lead = family.mother.unwrap_or(family.father);
            let order = family.mother.into_iter().chain([family.father]);
            let to = order.map(|person| Recipient { person, certain: Ternary::Yes });
            if measure == FAMILY && lead == question.subject {
                let minor = |c: &&Child| alive(c) && c.born.age_on(question.day) < 18;
                let counted: Vec<PersonId> = family.children.iter().filter(minor).map(|c| c.id).collect();
                let number = counted.len() as i64;
                decide(&mut verdict, number >= 4, family.silent);
                let gross =
                    Tenge::from_tiyn(if number < 8 { number * 1_733_400 } else { number * 1_730_000 });
                verdict.amount = Some(Amount::exactly(gross));
                let tenth = Amount::exactly(Tenge::from_tiyn(gross.tiyn() / 10));
                verdict.withheld = vec![Withheld { name: "pension".into(), amount: tenth }];
                verdict.pays_to = to.collect();
                verdict.claims = counted;
            } else if let Some(child) =
                family.children.iter().find(|c| measure == GRANT && c.id == question.subject)
            {
                let within = question.asked_on <= child.born.plus(Span::Months(18));
                decide(&mut verdict, alive(child) && within, family.silent);
                verdict.amount = Some(Amount::exactly(Tenge::whole(164_350)));
                verdict.pays_to = to.collect();
                verdict.claims = vec![child.id];
            }
        }
        if verdict.outcome == Outcome::Unknown {
            let about = Some(question.subject);
            let field = Some("address".into());
            verdict.missing = vec![Missing {
                registry: "residence".into(),
                entity: "residence".into(),
                field,
                person: about,
            }];
        }
        let taken = |person: &PersonId| self.paid.contains(&(measure.to_owned(), *person));
        let paid = taken(&question.subject) || verdict.claims.iter().any(taken);
        verdict.free = Ternary::known(!paid);
        verdict.pays_from = Some(question.asked_on);
        verdict
    }

    /// Every question that a sweep asks on a day.
    pub fn questions(&self, day: Date) -> Vec<(&'static str, Question)> {
        let question = |subject| Question { subject, day, asked_on: day };
        let mut all = vec![];
        for family in &self.families {
            all.push((FAMILY, question(family.mother.unwrap_or(family.father))));
            all.extend(family.children.iter().map(|child| (GRANT, question(child.id))));
        }
        all
    }

    /// The last day on which a right can be asked for.
    pub fn lost_after(&self, measure: &str, subject: PersonId) -> Option<Date> {
        let child = self.families.iter().flat_map(|f| &f.children).find(|c| c.id == subject)?;
        (measure == GRANT).then(|| child.born.plus(Span::Months(18)))
    }

    pub fn phone_of(&self, person: PersonId) -> Option<PhoneId> {
        let phone = self.people.get(&person)?.phone?;
        (self.bond(phone) == Some(person)).then_some(phone)
    }
}

fn decide(verdict: &mut Verdict, holds: bool, silent: bool) {
    verdict.outcome = match (holds, silent) {
        (false, _) => Outcome::NotEligible,
        (true, true) => Outcome::Unknown,
        (true, false) => Outcome::Eligible,
    };
    let outcome = verdict.outcome.ternary();
    verdict.conditions = vec![Condition { name: "holds".into(), outcome, sources: vec![] }];
}

fn blank(measure: &str, question: Question) -> Verdict {
    Verdict {
        measure: measure.to_owned(),
        question,
        outcome: Outcome::NotConcerned,
        free: Ternary::Unknown,
        amount: None,
        withheld: vec![],
        branch: None,
        conditions: vec![],
        kinds: vec![],
        missing: vec![],
        missing_free: vec![],
        pays_to: vec![],
        claims: vec![],
        right_on: None,
        pays_from: None,
        pays_until: None,
        standing: Standing::Confirmed,
        conflicts: vec![],
    }
}

/// A moment of the simulation's first day.
pub fn morning() -> Moment {
    Moment::local(Date::from_ymd(2026, 12, 1).unwrap(), 10, 0)
}
