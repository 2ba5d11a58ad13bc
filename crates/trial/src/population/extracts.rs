//! The extracts that registries deliver of a world: first everything, then what came late or was
//! corrected.

use std::path::Path;

use card::Date;

use super::{
    Population,
    files::{FORMS, Form, Part},
    kin::{Award, Kin, Person, Status, TieKind, Told, Who},
    means::sex_word,
    news::{News, news_in},
    registrar::Registrar,
    sheet::{Extract, Scope, Sheet, WriteError, error},
    weave::{GROWN_DAYS, Weaver, after},
};

/// A world on disk.
pub struct Written {
    /// The files in the order in which they are to be taken in: persons before all that names them,
    /// full extracts before late ones.
    pub extracts: Vec<Extract>,
    /// Living people.
    pub living: u32,
    /// The office that tells what happens from now on.
    pub registrar: Registrar,
}

/// One delivery of all registries.
struct Delivery {
    /// In the order of [`FORMS`].
    sheets: Vec<Sheet>,
    /// The number of the last award.
    cases: u64,
}

impl Delivery {
    fn open(dir: &Path, scope: impl Fn(&Form) -> Scope) -> Result<Self, WriteError> {
        std::fs::create_dir_all(dir).map_err(|failed| error(dir, failed))?;
        let sheets = FORMS.iter().map(|form| Sheet::create(dir, scope(form), form.columns));
        Ok(Self { sheets: sheets.collect::<Result<_, _>>()?, cases: 0 })
    }

    fn row<T: AsRef<[u8]>>(&mut self, part: Part, cells: &[T]) -> Result<(), WriteError> {
        self.sheets[part as usize].row(cells)
    }

    fn close(self) -> Result<Vec<Extract>, WriteError> {
        self.sheets.into_iter().filter_map(|sheet| sheet.close().transpose()).collect()
    }

    /// What three registries tell of a person, before any correction.
    fn person(&mut self, person: &Person, iin: &str) -> Result<(), WriteError> {
        let birth_date = match person.told {
            Told::Day => person.born.to_string(),
            Told::Year => person.born.ymd().0.to_string(),
            Told::Wrongly(wrong) => wrong.to_string(),
            Told::Never => String::new(),
        };
        self.population(person, iin, &birth_date)?;
        self.civil_acts(person, iin, person.died.filter(|_| !person.death_late))?;
        self.row(Part::Migration, &[iin, truth(person.treaty_right), truth(person.permanent)])
    }

    fn population(&mut self, person: &Person, iin: &str, birth_date: &str) -> Result<(), WriteError> {
        let (name, settlement) = (person.name(), person.home.settlement());
        let (sex, status) = (sex_word(person.sex), person.status.map_or("", Status::word));
        let region = if person.region_told { person.home.region.code } else { "" };
        let since = day(person.language.map(|_| after(person.born, GROWN_DAYS)));
        let (language, source) = person.language.map_or(("", ""), |language| (language.code(), "egov"));
        let row = [iin, &name, birth_date, sex, status, region, &settlement, language, source, &since];
        self.row(Part::Population, &row)
    }

    fn civil_acts(&mut self, person: &Person, iin: &str, died: Option<Date>) -> Result<(), WriteError> {
        let sequence = person.sequence.map(|sequence| sequence.to_string()).unwrap_or_default();
        self.row(Part::CivilActs, &[iin, &day(died), truth(person.registered), &sequence])
    }

    fn award(&mut self, award: &Award, iins: &[String]) -> Result<(), WriteError> {
        self.cases += 1;
        let number = format!("P-{:08}", self.cases);
        let of = |who: Who| iins[who.0].as_str();
        let (since, ended, paid_on) = (award.since.to_string(), day(award.ended), day(award.paid_on));
        let amount = award.amount.to_string();
        let subject = award.subject.map_or("", of);
        let monthly = truth(Some(award.paid_on.is_none()));
        let (case, recipient) = (number.as_str(), of(award.recipient));
        self.row(
            Part::Awards,
            &[case, award.measure, recipient, subject, &since, &ended, &amount, monthly, &paid_on],
        )?;
        award
            .children
            .iter()
            .try_for_each(|child| self.row(Part::AwardChildren, &[number.as_str(), of(*child)]))
    }
}

fn truth(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "true",
        Some(false) => "false",
        None => "",
    }
}

fn day(value: Option<Date>) -> String {
    value.map(|day| day.to_string()).unwrap_or_default()
}

impl Population {
    /// Writes the world as its registries would deliver it: `full/` made on the day before the
    /// world's, `late/` made on its day. Each file has its manifest beside it. News of an earlier
    /// world in the folder are forgotten.
    pub fn write(mut self, dir: &Path) -> Result<Written, WriteError> {
        let day = self.options.day;
        let made_on = after(day, -1);
        let mut full = Delivery::open(&dir.join("full"), |form| form.full(made_on))?;
        let mut late = Delivery::open(&dir.join("late"), |form| form.late(day))?;
        let news = news_in(dir);
        if news.exists() {
            std::fs::remove_file(&news).map_err(|failed| error(&news, failed))?;
        }
        let mut registrar = Registrar::new(self.options.day, News::open(dir, after(self.options.day, -1))?);
        for kin in self.by_ref() {
            let iins: Vec<String> = kin.persons.iter().map(|person| person.iin.expose()).collect();
            deliver(&kin, &iins, &mut full, &mut late)?;
            registrar.meet(&kin);
        }
        let mut extracts = full.close()?;
        extracts.extend(late.close()?);
        Ok(Written { extracts, living: self.living, registrar })
    }

    /// The office of a world that was written earlier, going on where its news end: the same options
    /// and folder are expected.
    pub fn reopen(mut self, dir: &Path) -> Result<Registrar, WriteError> {
        let mut registrar = Registrar::new(self.options.day, News::open(dir, after(self.options.day, -1))?);
        self.by_ref().for_each(|kin| registrar.meet(&kin));
        Ok(registrar)
    }
}

fn deliver(kin: &Kin, iins: &[String], full: &mut Delivery, late: &mut Delivery) -> Result<(), WriteError> {
    let of = |who: Who| iins[who.0].as_str();
    for (person, iin) in kin.persons.iter().zip(iins) {
        let delivery = if person.late { &mut *late } else { &mut *full };
        delivery.person(person, iin)?;
        if matches!(person.told, Told::Wrongly(_)) {
            late.population(person, iin, &person.born.to_string())?;
        }
        if person.death_late {
            late.civil_acts(person, iin, person.died)?;
        }
    }
    for tie in &kin.ties {
        let delivery = if kin.at(tie.child).late { &mut *late } else { &mut *full };
        let (child, parent, kind) = (of(tie.child), of(tie.parent), tie.kind.word());
        let (since, ended) = (tie.since.to_string(), day(tie.ended));
        delivery.row(Part::Ties, &[child, parent, kind, tie.rights.word(), &since, &ended])?;
        if tie.kind == TieKind::Step {
            delivery.row(Part::Counted, &[child, parent, kind, &since, tie.counted_in.map_or("", of)])?;
        }
    }
    for marriage in &kin.marriages {
        let (since, ended) = (marriage.since.to_string(), day(marriage.ended));
        full.row(Part::Marriages, &[of(marriage.first), of(marriage.second), &since, &ended])?;
    }
    for residence in &kin.residences {
        let delivery = if kin.at(residence.who).late { &mut *late } else { &mut *full };
        let (address, since) = (format!("A{:012}", residence.address), residence.since.to_string());
        delivery.row(Part::Residences, &[of(residence.who), &address, &since, &day(residence.ended)])?;
    }
    for (child, parent, since) in &kin.declared_homes {
        full.row(Part::Homes, &[of(*child), of(*parent), &since.to_string(), ""])?;
    }
    for study in kin.studies.iter().filter(|study| !Weaver::is_silent_about_studies(kin.at(study.who).home)) {
        let delivery = if study.late { &mut *late } else { &mut *full };
        let (since, ended) = (study.since.to_string(), day(study.ended));
        delivery.row(Part::Studies, &[of(study.who), study.form, study.level, &since, &ended])?;
    }
    for stay in &kin.stays {
        full.row(Part::Stays, &[of(stay.who), stay.kind, &stay.since.to_string(), &day(stay.ended)])?;
    }
    for (deceased, informant, on) in &kin.death_registrations {
        let delivery = if kin.at(*deceased).death_late { &mut *late } else { &mut *full };
        delivery.row(Part::Deaths, &[of(*deceased), informant.map_or("", of), &on.to_string()])?;
    }
    for account in &kin.accounts {
        let (iban, since) = (account.iban.expose(), account.since.to_string());
        full.row(
            Part::Accounts,
            &[&iban, of(account.who), truth(Some(account.checked)), &since, &day(account.ended)],
        )?;
    }
    for phone in &kin.phones {
        let (number, since) = (format!("+{}", phone.number.expose()), phone.since.to_string());
        full.row(Part::Phones, &[&number, of(phone.who), &since, &day(phone.ended)])?;
    }
    kin.awards.iter().try_for_each(|award| full.award(award, iins))
}
