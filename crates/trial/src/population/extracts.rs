//! The extracts that registries deliver of a world: first everything, then what came late or was
//! corrected.

use std::path::Path;

use card::Date;

use super::{
    Options, Population,
    awards::GRANTS_TOLD_FOR_DAYS,
    figures,
    kin::{Award, Kin, Person, TieKind, Told, Who},
    means::sex_word,
    registrar::Registrar,
    sheet::{Extract, Scope, Sheet, WriteError, error},
    weave::{Weaver, after},
};

/// A world on disk.
#[derive(Debug)]
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
    population: Sheet,
    civil_acts: Sheet,
    migration: Sheet,
    ties: Sheet,
    counted: Sheet,
    marriages: Sheet,
    residences: Sheet,
    homes: Sheet,
    studies: Sheet,
    stays: Sheet,
    deaths: Sheet,
    accounts: Sheet,
    phones: Sheet,
    awards: Sheet,
    award_children: Sheet,
    /// The number of the last award.
    cases: u64,
}

impl Delivery {
    fn open(dir: &Path, full: bool, made_on: Date) -> Result<Self, WriteError> {
        std::fs::create_dir_all(dir).map_err(|source| error(dir, source))?;
        let everywhere: Vec<&'static str> = Vec::new();
        let covered = figures::REGIONS
            .iter()
            .map(|region| region.code)
            .filter(|code| *code != figures::WITHOUT_STUDIES);
        let sheet = |entity, registry, regions: &Vec<&'static str>, told_for_days: i32, columns: &[&str]| {
            let from = after(made_on, if full { -told_for_days } else { -60 });
            let days = (from, if full { made_on } else { after(made_on, -1) });
            Sheet::create(
                dir,
                Scope { entity, registry, full, regions: regions.clone(), days, made_on },
                columns,
            )
        };
        // The registries went over to digital records about fifteen years ago.
        let years = 15 * 365;
        let period = ["since", "ended"];
        let with_period = |columns: &[&'static str]| [columns, &period].concat();
        Ok(Self {
            population: sheet("person", "gbd_fl", &everywhere, years, &POPULATION)?,
            civil_acts: sheet("person", "civil_acts", &everywhere, years, &CIVIL_ACTS)?,
            migration: sheet("person", "migration", &everywhere, years, &MIGRATION)?,
            ties: sheet(
                "parent_link",
                "civil_acts",
                &everywhere,
                years,
                &with_period(&["child", "parent", "kind", "rights"]),
            )?,
            counted: sheet(
                "parent_link",
                "declared",
                &everywhere,
                years,
                &["child", "parent", "kind", "since", "counted_in"],
            )?,
            marriages: sheet(
                "marriage",
                "civil_acts",
                &everywhere,
                years,
                &with_period(&["first", "second"]),
            )?,
            residences: sheet(
                "residence",
                "residence_register",
                &everywhere,
                years,
                &with_period(&["person", "address"]),
            )?,
            homes: sheet("lives_with", "declared", &everywhere, years, &with_period(&["child", "parent"]))?,
            studies: sheet(
                "study",
                "nobd",
                &covered.collect(),
                years,
                &with_period(&["person", "form", "level"]),
            )?,
            stays: sheet("stay", "stays", &everywhere, years, &with_period(&["person", "kind"]))?,
            deaths: sheet(
                "death_registration",
                "civil_acts",
                &everywhere,
                1_000,
                &["deceased", "registered_by", "registered_on"],
            )?,
            accounts: sheet(
                "account",
                "accounts",
                &everywhere,
                years,
                &with_period(&["account", "holder", "holder_checked"]),
            )?,
            phones: sheet("phone", "bmg", &everywhere, years, &with_period(&["phone", "person"]))?,
            awards: sheet("running_award", "payments", &everywhere, GRANTS_TOLD_FOR_DAYS - 60, &AWARDS)?,
            award_children: sheet(
                "running_award_child",
                "payments",
                &everywhere,
                GRANTS_TOLD_FOR_DAYS - 60,
                &["award", "child"],
            )?,
            cases: 0,
        })
    }

    fn close(self) -> Result<Vec<Extract>, WriteError> {
        [
            self.population,
            self.civil_acts,
            self.migration,
            self.ties,
            self.counted,
            self.marriages,
            self.residences,
            self.homes,
            self.studies,
            self.stays,
            self.deaths,
            self.accounts,
            self.phones,
            self.awards,
            self.award_children,
        ]
        .into_iter()
        .filter_map(|sheet| sheet.close().transpose())
        .collect()
    }

    fn person(&mut self, person: &Person, iin: &str, late: bool) -> Result<(), WriteError> {
        let birth_date = match person.told {
            Told::Wrongly(wrong) if !late => wrong.to_string(),
            Told::Day | Told::Wrongly(_) => person.born.to_string(),
            Told::Year => person.born.ymd().0.to_string(),
            Told::Never => String::new(),
        };
        let region = if person.region_told { person.home.region.code } else { "" };
        let settlement = person.home.settlement();
        let language = person.language.map(|_| after(person.born, 16 * 365).to_string()).unwrap_or_default();
        let source = if person.language.is_some() { "egov" } else { "" };
        let status = person.status.map_or("", |status| status.word());
        let name = person.name();
        let tongue = person.language.map_or("", card::Lang::code);
        self.population.row(&[
            iin,
            &name,
            &birth_date,
            sex_word(person.sex),
            status,
            region,
            &settlement,
            tongue,
            source,
            &language,
        ])?;
        self.civil_acts(person, iin, late)?;
        self.migration.row(&[iin, truth(person.treaty_right), truth(person.permanent)])
    }

    fn civil_acts(&mut self, person: &Person, iin: &str, late: bool) -> Result<(), WriteError> {
        let died = day(person.died.filter(|_| late || !person.death_late));
        let sequence = person.sequence.map(|sequence| sequence.to_string()).unwrap_or_default();
        self.civil_acts.row(&[iin, &died, truth(person.registered), &sequence])
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
        self.awards.row(&[
            case,
            award.measure,
            recipient,
            subject,
            &since,
            &ended,
            &amount,
            monthly,
            &paid_on,
        ])?;
        award.children.iter().try_for_each(|child| self.award_children.row(&[number.as_str(), of(*child)]))
    }
}

const POPULATION: [&str; 10] = [
    "iin",
    "name",
    "birth_date",
    "sex",
    "citizenship",
    "region",
    "settlement",
    "language",
    "language_source",
    "language_since",
];
const CIVIL_ACTS: [&str; 4] = ["iin", "death_date", "birth_registered", "birth_sequence"];
const MIGRATION: [&str; 3] = ["iin", "treaty_right", "permanent_resident"];
const AWARDS: [&str; 9] =
    ["number", "measure", "recipient", "subject", "since", "ended", "amount", "monthly", "paid_on"];

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
    /// world's, `late/` made on its day. Each file has its manifest beside it.
    pub fn write(mut self, dir: &Path) -> Result<Written, WriteError> {
        let Options { day, .. } = self.options;
        let mut full = Delivery::open(&dir.join("full"), true, after(day, -1))?;
        let mut late = Delivery::open(&dir.join("late"), false, day)?;
        let mut registrar = Registrar::new(day);
        for kin in self.by_ref() {
            let iins: Vec<String> = kin.persons.iter().map(|person| person.iin.expose()).collect();
            deliver(&kin, &iins, &mut full, &mut late)?;
            registrar.meet(&kin);
        }
        let mut extracts = full.close()?;
        extracts.extend(late.close()?);
        Ok(Written { extracts, living: self.living, registrar })
    }
}

fn deliver(kin: &Kin, iins: &[String], full: &mut Delivery, late: &mut Delivery) -> Result<(), WriteError> {
    let of = |who: Who| iins[who.0].as_str();
    for (person, iin) in kin.persons.iter().zip(iins) {
        let delivery = if person.late { &mut *late } else { &mut *full };
        delivery.person(person, iin, false)?;
        if matches!(person.told, Told::Wrongly(_)) && !person.late {
            late.person(person, iin, true)?;
        } else if person.death_late {
            late.civil_acts(person, iin, true)?;
        }
    }
    for tie in &kin.ties {
        let delivery = if kin.at(tie.child).late { &mut *late } else { &mut *full };
        let (child, parent, kind) = (of(tie.child), of(tie.parent), tie.kind.word());
        let (since, ended) = (tie.since.to_string(), day(tie.ended));
        delivery.ties.row(&[child, parent, kind, tie.rights.word(), &since, &ended])?;
        if tie.kind == TieKind::Step {
            delivery.counted.row(&[child, parent, kind, &since, tie.counted_in.map_or("", of)])?;
        }
    }
    for marriage in &kin.marriages {
        let (since, ended) = (marriage.since.to_string(), day(marriage.ended));
        full.marriages.row(&[of(marriage.first), of(marriage.second), &since, &ended])?;
    }
    for residence in &kin.residences {
        let delivery = if kin.at(residence.who).late { &mut *late } else { &mut *full };
        let (address, since) = (format!("A{:012}", residence.address), residence.since.to_string());
        delivery.residences.row(&[of(residence.who), &address, &since, &day(residence.ended)])?;
    }
    for (child, parent, since) in &kin.declared_homes {
        full.homes.row(&[of(*child), of(*parent), &since.to_string(), ""])?;
    }
    for study in kin.studies.iter().filter(|study| !Weaver::is_silent_about_studies(kin.at(study.who).home)) {
        let delivery = if study.late { &mut *late } else { &mut *full };
        let (since, ended) = (study.since.to_string(), day(study.ended));
        delivery.studies.row(&[of(study.who), study.form, study.level, &since, &ended])?;
    }
    for stay in &kin.stays {
        full.stays.row(&[of(stay.who), stay.kind, &stay.since.to_string(), &day(stay.ended)])?;
    }
    for (deceased, informant, on) in &kin.death_registrations {
        let delivery = if kin.at(*deceased).death_late { &mut *late } else { &mut *full };
        delivery.deaths.row(&[of(*deceased), informant.map_or("", of), &on.to_string()])?;
    }
    for account in &kin.accounts {
        let (iban, since) = (account.iban.expose(), account.since.to_string());
        full.accounts.row(&[
            &iban,
            of(account.who),
            truth(Some(account.checked)),
            &since,
            &day(account.ended),
        ])?;
    }
    for phone in &kin.phones {
        let (number, since) = (format!("+{}", phone.number.expose()), phone.since.to_string());
        full.phones.row(&[&number, of(phone.who), &since, &day(phone.ended)])?;
    }
    kin.awards.iter().try_for_each(|award| full.award(award, iins))
}
