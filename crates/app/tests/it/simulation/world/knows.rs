//! What a world knows by itself of the law, and of what is so on a day.

use super::*;

impl World {
    /// What a measure gives a subject, by the facts known now.
    pub fn law(&self, measure: &str, subject: PersonId, day: Date, asked_on: Date) -> Gives {
        let Some(who) = self.ids.get(&subject).copied() else { return Gives::Nothing };
        let person = &self.people[who.0];
        let family = person.family;
        if measure == FAMILY {
            if self.lead(family, day) != Some(who) {
                return Gives::Nothing;
            }
            let count = self.counted(family, day).len() as i64;
            let hundredths = match count {
                ..=3 => return Gives::Nothing,
                4 => 1603,
                5 => 2004,
                6 => 2405,
                7 => 2806,
                more => 400 * more,
            };
            // Hundredths of the index in tenge are tiyn; since 2025 up to a whole tenge.
            let tiyn = hundredths * index(day);
            return Gives::Exactly(Tenge::from_tiyn((tiyn + 99) / 100 * 100));
        }
        let late = asked_on > person.born.plus(Span::Months(18)) || person.born.age_on(asked_on) >= 2;
        let parent = self.lead(family, day).is_some();
        if !self.families[family].children.contains(&who)
            || !self.alive(who, day)
            || asked_on < person.born
            || late
            || !parent
        {
            return Gives::Nothing;
        }
        let elder = |other: &&Who| {
            self.untied != Some(**other)
                && self.people[other.0].born < person.born
                && self.tied_on(**other) <= day
        };
        let order = 1 + self.families[family].children.iter().filter(elder).count();
        Gives::Exactly(Tenge::whole(index(asked_on) * if order <= 3 { 38 } else { 63 }))
    }

    /// The last day on which a right can be asked for, if waiting loses it.
    pub fn last_day_to_ask(&self, measure: &str, subject: PersonId) -> Option<Date> {
        let child = &self.people[self.ids.get(&subject)?.0];
        (measure == GRANT).then(|| child.born.plus(Span::Months(18)))
    }

    /// May somebody receive what is given for a subject, as far as a death is known? The mother comes
    /// first while she lives; of a subject who does not live any more nobody is asked.
    pub fn may_receive(&self, subject: PersonId, recipient: PersonId, day: Date) -> bool {
        let (Some(subject), Some(who)) = (self.ids.get(&subject), self.ids.get(&recipient)) else {
            return true;
        };
        self.alive(*who, day) || !self.alive(*subject, day)
    }

    /// Is it paid by today's system on a day?
    pub fn paid(&self, measure: &str, subject: PersonId, on: Date) -> bool {
        let Some(who) = self.ids.get(&subject).copied() else { return false };
        let claims = if measure == FAMILY { self.counted(self.people[who.0].family, on) } else { vec![who] };
        self.awards.iter().filter(|award| award.measure == measure).any(|award| {
            let runs = award.since <= on && award.ended.is_none_or(|ended| ended > on);
            let about = award.subject == who || award.children.iter().any(|child| claims.contains(child));
            about && runs
        })
    }

    /// Does today's system pay a month about a subject, by what it told?
    pub fn pays_elsewhere(&self, measure: &str, subject: PersonId, month: card::Month) -> bool {
        let Some(who) = self.ids.get(&subject).copied() else { return false };
        self.awards.iter().filter(|award| award.measure == measure && award.subject == who).any(|award| {
            let begun = measure == GRANT || award.since.month() <= month;
            begun && award.ended.is_none_or(|ended| ended > month.first_day())
        })
    }

    /// Has a registry been silent for longer than it is believed?
    pub fn silent(&self, registry: &str, day: Date) -> bool {
        let stands = STANDS.iter().find(|(known, _)| *known == registry).map_or(0, |(_, days)| *days);
        self.covered.get(registry).is_some_and(|through| through.plus(Span::Days(stands)) < day)
    }

    /// Might anything that the law reads be unknown on a day?
    pub fn any_silent(&self, day: Date) -> bool {
        STANDS.iter().any(|(registry, _)| self.silent(registry, day))
    }

    /// Is it unknown on a day who is in a family, and who of them is on full state support? Studies
    /// are not asked of children under 18, nor addresses of a couple and of a lone parent.
    pub fn families_unknown(&self, day: Date) -> bool {
        self.silent("civil_acts", day) || self.silent("stays", day)
    }

    /// The parents in somebody's family.
    pub fn family_of(&self, person: PersonId) -> Vec<PersonId> {
        let Some(who) = self.ids.get(&person) else { return vec![] };
        let family = &self.families[self.people[who.0].family];
        let parents: Vec<Who> = family.mother.into_iter().chain(family.father).collect();
        self.ids.iter().filter(|(_, who)| parents.contains(who)).map(|(id, _)| *id).collect()
    }

    /// An event comes with two bodies: what it is about is in quarantine, and no list is complete.
    pub fn doubt(&mut self, event: &str) {
        let named = self.people.iter().filter(|person| event.contains(&person.iin.expose()));
        self.doubted.extend(named.map(|person| person.family));
    }

    /// Is somebody of a family in doubt?
    pub fn doubted(&self, person: PersonId) -> bool {
        self.ids.get(&person).is_some_and(|who| self.doubted.contains(&self.people[who.0].family))
    }

    /// May numbers of that day neither be offered nor granted?
    pub fn blocked(&self, day: Date) -> bool {
        !self.released && day >= self::day(2027, 1, 1)
    }

    /// Whose number a phone is on a day.
    pub fn bond(&self, phone: PhoneId, day: Date) -> Option<Who> {
        let number = self.phones.get(&phone)?;
        let holds = |bond: &&Bond| {
            bond.number == *number && bond.since <= day && bond.ended.is_none_or(|ended| ended > day)
        };
        self.bonds.iter().rev().find(holds).map(|bond| bond.who)
    }

    /// The accounts that ever were a person's.
    pub fn own(&self, who: Who) -> BTreeSet<Iban> {
        self.accounts.iter().filter(|account| account.who == who).map(|account| account.iban).collect()
    }
}
