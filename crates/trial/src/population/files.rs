//! Which files a delivery has: of which entity, by which registry, with which columns.

use card::{Date, Month};

use super::{figures, sheet::Scope, weave::after};

/// One file of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Persons, as the population register tells them.
    Population,
    /// Births and deaths of persons.
    CivilActs,
    /// What status persons live here by.
    Migration,
    /// Ties of parents and children.
    Ties,
    /// In whose family a stepchild was declared to count.
    Counted,
    /// Marriages.
    Marriages,
    /// Residences.
    Residences,
    /// With whom a child was declared to live.
    Homes,
    /// Studies.
    Studies,
    /// Stays in institutions.
    Stays,
    /// Registrations of deaths.
    Deaths,
    /// Accounts.
    Accounts,
    /// Phones.
    Phones,
    /// Awards.
    Awards,
    /// Children of awards.
    AwardChildren,
    /// Who takes part in social insurance.
    Insured,
    /// Contributions.
    Contributions,
    /// Jobs.
    Jobs,
    /// Registrations of the unemployed.
    Unemployment,
    /// Disabilities.
    Disabilities,
    /// Losses of work capacity.
    CapacityLosses,
    /// Veterans of the war among pensioners.
    Veterans,
    /// Pensions.
    Pensions,
    /// State social benefits.
    Benefits,
    /// Awards of mothers.
    Honours,
    /// Property.
    Property,
    /// Social contracts.
    Contracts,
    /// Incomes.
    Incomes,
    /// Figures of the line of poverty.
    Poverty,
    /// Declared care.
    Care,
    /// Declared burials.
    Burials,
    /// Declared dependencies.
    Dependencies,
    /// Deaths in service, as declared.
    ServiceDeaths,
    /// Alimony, as declared.
    Alimony,
    /// Loans.
    Loans,
    /// Businesses.
    Businesses,
    /// Records at clinics.
    HealthRecords,
    /// Animals.
    Livestock,
}

/// What a file looks like.
pub struct Form {
    /// Which one.
    pub part: Part,
    /// The entity.
    pub entity: &'static str,
    /// Whose word it is.
    pub registry: &'static str,
    /// The columns that tell rows apart.
    pub key: &'static [&'static str],
    /// All columns.
    pub columns: &'static [&'static str],
}

/// The registries went over to digital records about fifteen years ago.
const SINCE_DIGITAL_DAYS: i32 = 15 * 365;

/// How far back the payment system tells what was paid once: over the three years in which a burial
/// may be asked for.
pub const PAID_TOLD_FOR_DAYS: i32 = 1_160;

/// How far back a partial extract looks for what came late.
const LATE_DAYS: i32 = 60;

const fn form(
    part: Part,
    entity: &'static str,
    registry: &'static str,
    key: &'static [&'static str],
    columns: &'static [&'static str],
) -> Form {
    Form { part, entity, registry, key, columns }
}

/// The files in the order in which they are to be taken in: a row is named only after it is there.
pub const FORMS: &[Form] = &[
    form(
        Part::Population,
        "person",
        "gbd_fl",
        &["iin"],
        &[
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
        ],
    ),
    form(
        Part::CivilActs,
        "person",
        "civil_acts",
        &["iin"],
        &["iin", "death_date", "birth_registered", "birth_sequence"],
    ),
    form(
        Part::Migration,
        "person",
        "migration",
        &["iin"],
        &["iin", "treaty_right", "permanent_resident", "qandas_since", "qandas_extended_to"],
    ),
    form(
        Part::Ties,
        "parent_link",
        "civil_acts",
        &["child", "parent", "kind", "since"],
        &["child", "parent", "kind", "rights", "since", "ended"],
    ),
    form(
        Part::Counted,
        "parent_link",
        "declared",
        &["child", "parent", "kind", "since"],
        &["child", "parent", "kind", "since", "counted_in"],
    ),
    form(
        Part::Marriages,
        "marriage",
        "civil_acts",
        &["first", "second", "since"],
        &["first", "second", "since", "ended"],
    ),
    form(
        Part::Residences,
        "residence",
        "residence_register",
        &["person", "since"],
        &["person", "address", "place", "since", "ended"],
    ),
    form(Part::Homes, "lives_with", "declared", &["child", "since"], &["child", "parent", "since", "ended"]),
    form(
        Part::Studies,
        "study",
        "nobd",
        &["person", "level", "since"],
        &["person", "form", "level", "since", "ended"],
    ),
    form(Part::Stays, "stay", "stays", &["person", "kind", "since"], &["person", "kind", "since", "ended"]),
    form(
        Part::Deaths,
        "death_registration",
        "civil_acts",
        &["deceased"],
        &["deceased", "registered_by", "registered_on"],
    ),
    form(
        Part::Accounts,
        "account",
        "accounts",
        &["account"],
        &["account", "holder", "holder_checked", "since", "ended"],
    ),
    form(Part::Phones, "phone", "bmg", &["phone", "person", "since"], &["phone", "person", "since", "ended"]),
    form(
        Part::Awards,
        "running_award",
        "payments",
        &["number"],
        &["number", "measure", "recipient", "subject", "since", "ended", "amount", "monthly", "paid_on"],
    ),
    form(Part::AwardChildren, "running_award_child", "payments", &["award", "child"], &["award", "child"]),
    form(Part::Insured, "person", "sif", &["iin"], &["iin", "insured"]),
    form(
        Part::Contributions,
        "contribution",
        "sif",
        &["person", "month", "payer"],
        &["person", "month", "payer", "paid"],
    ),
    form(
        Part::Jobs,
        "job",
        "enbek",
        &["person", "employer", "since"],
        &["person", "employer", "since", "ended"],
    ),
    form(
        Part::Unemployment,
        "unemployment",
        "enbek",
        &["person", "registered_on"],
        &["person", "status", "registered_on", "ended"],
    ),
    form(
        Part::Disabilities,
        "disability",
        "cbdi",
        &["person", "since"],
        &["person", "group", "cause", "of_movement", "since", "ended"],
    ),
    form(
        Part::CapacityLosses,
        "capacity_loss",
        "cbdi",
        &["person", "since"],
        &["person", "established_on", "degree", "since", "ended"],
    ),
    form(Part::Veterans, "person", "pensions", &["iin"], &["iin", "war_veteran"]),
    form(
        Part::Pensions,
        "pension",
        "pensions",
        &["person", "kind", "since"],
        &["person", "kind", "amount", "since", "ended"],
    ),
    form(
        Part::Benefits,
        "social_benefit_paid",
        "pensions",
        &["person", "kind", "since"],
        &["person", "kind", "since", "ended"],
    ),
    form(
        Part::Honours,
        "honour",
        "honours",
        &["person", "kind", "given_on"],
        &["person", "kind", "given_on", "withdrawn_on"],
    ),
    form(
        Part::Property,
        "ownership",
        "property",
        &["person", "object"],
        &[
            "person",
            "object",
            "kind",
            "since",
            "ended",
            "area",
            "fit",
            "unsafe",
            "for_profit",
            "granted_free",
            "machine",
        ],
    ),
    form(
        Part::Contracts,
        "social_contract",
        "assistance",
        &["person", "since"],
        &["person", "since", "broken_on", "refused_on", "false_data_on"],
    ),
    form(
        Part::Incomes,
        "income",
        "incomes",
        &["person", "month", "kind"],
        &["person", "month", "kind", "amount"],
    ),
    form(
        Part::Poverty,
        "poverty_figure",
        "statistics",
        &["region", "since"],
        &["region", "since", "ended", "minimum", "median", "line"],
    ),
    form(Part::Care, "care", "declared", &["carer", "cared", "since"], &["carer", "cared", "since", "ended"]),
    form(Part::Burials, "burial", "declared", &["deceased", "since"], &["deceased", "buried_by", "since"]),
    form(
        Part::Dependencies,
        "dependency",
        "declared",
        &["dependant", "breadwinner"],
        &["dependant", "breadwinner", "without_others"],
    ),
    form(Part::ServiceDeaths, "service_death", "declared", &["deceased"], &["deceased"]),
    form(Part::Alimony, "person", "declared", &["iin"], &["iin", "receives_alimony"]),
    form(
        Part::Loans,
        "loan",
        "credit_bureau",
        &["person", "contract"],
        &["person", "contract", "since", "ended", "overdue_since", "overdue"],
    ),
    form(
        Part::Businesses,
        "business",
        "tax",
        &["person", "number"],
        &["person", "number", "kind", "since", "ended"],
    ),
    form(
        Part::HealthRecords,
        "health_record",
        "health",
        &["person", "since"],
        &["person", "since", "ended", "attached", "covered", "chronic", "dispensary"],
    ),
    form(
        Part::Livestock,
        "livestock",
        "livestock",
        &["person", "kind", "since"],
        &["person", "kind", "heads", "value", "since", "ended"],
    ),
];

impl Form {
    /// The name of the file.
    pub fn name(&self) -> String {
        format!("{}.{}.csv", self.entity, self.registry)
    }

    /// What a full extract says of itself: it was made at the end of a day and covers that day.
    pub fn full(&self, made_on: Date) -> Scope {
        let codes = figures::REGIONS.iter().map(|region| region.code);
        let heard = codes.filter(|code| !figures::is_silent(self.registry, code)).collect::<Vec<_>>();
        let regions = if heard.len() < figures::REGIONS.len() { heard } else { Vec::new() };
        let back = |days: i32| Some(after(made_on, -days));
        let from = match self.part {
            Part::Awards | Part::AwardChildren => back(PAID_TOLD_FOR_DAYS - 60),
            Part::Deaths => back(1_000),
            // Who took part for how long is only known from all months there ever were.
            Part::Contributions => None,
            Part::Incomes => Some(Month(made_on.month().0.div_euclid(3) * 3 - 3).first_day()),
            Part::Poverty => back(2 * 365 - 100),
            _ => back(SINCE_DIGITAL_DAYS),
        };
        let days = (from, made_on);
        Scope { entity: self.entity, registry: self.registry, full: true, regions, days, made_on }
    }

    /// Where the month of a row stands, of what is told month by month.
    pub fn month(&self) -> Option<usize> {
        self.columns.iter().position(|column| *column == "month")
    }

    /// What a partial extract of late and corrected rows says of itself.
    pub fn late(&self, made_on: Date) -> Scope {
        let days = (Some(after(made_on, -LATE_DAYS)), after(made_on, -1));
        Scope { full: false, days, made_on, ..self.full(made_on) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_stands_where_it_is_looked_for_and_has_its_key() {
        for (at, form) in FORMS.iter().enumerate() {
            assert_eq!(form.part as usize, at);
            assert!(form.key.iter().all(|column| form.columns.contains(column)), "{}", form.name());
        }
    }
}
