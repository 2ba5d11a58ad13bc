//! A delivery of all registries: one file for each of [`FORMS`], and the rows of kin in them.

mod kin;
mod lives;

use std::path::Path;

use card::Date;

use super::{
    files::{FORMS, Form, Part},
    kin::{Award, Kin, Person, Status, Told, Who},
    means::sex_word,
    sheet::{Extract, Scope, Sheet, WriteError, error},
    weave::{GROWN_DAYS, after},
};

/// Writes what registries know of a kin: what they tell in time, and what comes late or is corrected.
pub fn deliver(
    kin: &Kin,
    iins: &[String],
    full: &mut Delivery,
    late: &mut Delivery,
) -> Result<(), WriteError> {
    kin::deliver(kin, iins, full, late)?;
    lives::deliver(kin, iins, full, late)
}

/// One delivery of all registries.
pub struct Delivery {
    /// In the order of [`FORMS`].
    sheets: Vec<Sheet>,
    /// The number of the last award.
    cases: u64,
}

impl Delivery {
    /// Opens the files.
    pub fn open(dir: &Path, scope: impl Fn(&Form) -> Scope) -> Result<Self, WriteError> {
        std::fs::create_dir_all(dir).map_err(|failed| error(dir, failed))?;
        let sheets = FORMS.iter().map(|form| Sheet::create(dir, scope(form), form.columns));
        Ok(Self { sheets: sheets.collect::<Result<_, _>>()?, cases: 0 })
    }

    /// Writes a row.
    fn row<T: AsRef<[u8]>>(&mut self, part: Part, cells: &[T]) -> Result<(), WriteError> {
        self.sheets[part as usize].row(cells)
    }

    /// Closes the files, with their manifests.
    pub fn close(self) -> Result<Vec<Extract>, WriteError> {
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
        let (since, extended_to) = (day(person.qandas.map(|q| q.0)), day(person.qandas.and_then(|q| q.1)));
        let (treaty_right, permanent) = (truth(person.treaty_right), truth(person.permanent));
        self.row(Part::Migration, &[iin, treaty_right, permanent, &since, &extended_to])
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
