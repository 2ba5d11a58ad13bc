//! Which files a delivery has: of which entity, by which registry, with which columns.

use card::Date;

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
    /// How many days back a full extract tells.
    told_for_days: i32,
}

/// The registries went over to digital records about fifteen years ago.
const SINCE_DIGITAL_DAYS: i32 = 15 * 365;

/// How far back the payment system tells grants paid once: well over the 18 months in which one may ask.
pub const GRANTS_TOLD_FOR_DAYS: i32 = 900;

/// How far back a partial extract looks for what came late.
const LATE_DAYS: i32 = 60;

const fn form(
    part: Part,
    entity: &'static str,
    registry: &'static str,
    key: &'static [&'static str],
    columns: &'static [&'static str],
) -> Form {
    let told_for_days = match part {
        Part::Awards | Part::AwardChildren => GRANTS_TOLD_FOR_DAYS - 60,
        Part::Deaths => 1_000,
        _ => SINCE_DIGITAL_DAYS,
    };
    Form { part, entity, registry, key, columns, told_for_days }
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
    form(Part::Migration, "person", "migration", &["iin"], &["iin", "treaty_right", "permanent_resident"]),
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
        &["person", "address", "since", "ended"],
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
];

impl Form {
    /// The name of the file.
    pub fn name(&self) -> String {
        format!("{}.{}.csv", self.entity, self.registry)
    }

    /// What a full extract says of itself: it was made at the end of a day and covers that day.
    pub fn full(&self, made_on: Date) -> Scope {
        let regions = match self.part {
            Part::Studies => {
                let codes = figures::REGIONS.iter().map(|region| region.code);
                codes.filter(|code| *code != figures::WITHOUT_STUDIES).collect()
            }
            _ => Vec::new(),
        };
        let days = (after(made_on, -self.told_for_days), made_on);
        Scope { entity: self.entity, registry: self.registry, full: true, regions, days, made_on }
    }

    /// What a partial extract of late and corrected rows says of itself.
    pub fn late(&self, made_on: Date) -> Scope {
        let days = (after(made_on, -LATE_DAYS), after(made_on, -1));
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
