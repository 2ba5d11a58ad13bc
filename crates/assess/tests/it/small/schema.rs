//! The facts of the small law.

use card::{
    Entity, EntityId, EnumId, EnumType, Field, FieldId, FieldType, Registry, RegistryId, Schema, Span, Text,
    UntilIs, Validity,
};

pub const PERSON: EntityId = EntityId(0);
pub const TIE: EntityId = EntityId(1);
pub const STUDY: EntityId = EntityId(2);
pub const HOME: EntityId = EntityId(3);
pub const INCOME: EntityId = EntityId(4);
pub const AWARD: EntityId = EntityId(5);
pub const AWARD_CHILD: EntityId = EntityId(6);
pub const INSURED_MONTH: EntityId = EntityId(7);

pub const SEX: EnumId = EnumId(0);
pub const KIND: EnumId = EnumId(1);
pub const ROUNDING: EnumId = EnumId(2);

/// The registry of everything, and one that is outranked by it.
pub const OWNER: RegistryId = RegistryId(0);
pub const OTHER: RegistryId = RegistryId(1);

fn text(name: &str) -> Text {
    Text { kk: format!("{name} (kk)"), ru: format!("{name} (ru)"), en: name.to_owned() }
}

fn field(name: &str, ty: FieldType) -> Field {
    let (optional, signed, year_only, registry) = (false, false, false, None);
    Field {
        name: name.into(),
        aliases: Vec::new(),
        title: text(name),
        ty,
        optional,
        signed,
        year_only,
        registry,
    }
}

fn optional(name: &str, ty: FieldType) -> Field {
    Field { optional: true, ..field(name, ty) }
}

fn entity(name: &str, fields: Vec<Field>, key: &[u16], validity: Validity) -> Entity {
    let key = key.iter().map(|at| FieldId(*at)).collect();
    Entity {
        name: name.into(),
        aliases: Vec::new(),
        title: text(name),
        registry: OWNER,
        fields,
        key,
        validity,
    }
}

fn period(from: u16, until: u16) -> Validity {
    Validity::Period { from: FieldId(from), until: Some(FieldId(until)), until_is: UntilIs::FirstDayAfter }
}

fn enumeration(name: &str, values: &[&str]) -> EnumType {
    let titles = values.iter().map(|value| text(value)).collect();
    EnumType { name: name.into(), values: values.iter().map(|v| (*v).to_owned()).collect(), titles }
}

pub fn schema() -> Schema {
    use FieldType::{Bool, Code, Date, Decimal, Enum, Integer, Money, Month, Person, Row};
    let registry = |name: &str| Registry { name: name.into(), title: text(name), stands_for: Span::Days(20) };
    Schema {
        entities: vec![
            entity(
                "person",
                vec![
                    field("id", Person),
                    Field { year_only: true, ..field("birth_date", Date) },
                    field("sex", Enum(SEX)),
                    optional("death_date", Date),
                    field("resident", Bool),
                    field("region", Code),
                    field("rank", Integer),
                    Field { signed: true, ..field("balance", Money) },
                    field("share", Decimal),
                ],
                &[0],
                Validity::Always,
            ),
            entity(
                "parent_link",
                vec![
                    field("child", Person),
                    field("parent", Person),
                    field("kind", Enum(KIND)),
                    field("since", Date),
                    optional("ended", Date),
                ],
                &[0, 1, 2, 3],
                period(3, 4),
            ),
            entity(
                "study",
                vec![
                    field("person", Person),
                    field("full_time", Bool),
                    field("since", Date),
                    optional("ended", Date),
                    optional("grant", Money),
                ],
                &[0, 2],
                period(2, 3),
            ),
            entity(
                "home",
                vec![
                    field("person", Person),
                    field("address", Code),
                    field("since", Date),
                    optional("ended", Date),
                ],
                &[0, 2],
                period(2, 3),
            ),
            entity(
                "income",
                vec![
                    field("person", Person),
                    field("month", Month),
                    field("kind", Enum(KIND)),
                    field("amount", Money),
                ],
                &[0, 1, 2],
                Validity::Month(FieldId(1)),
            ),
            entity(
                "running_award",
                vec![
                    field("number", Code),
                    field("measure", Code),
                    field("recipient", Person),
                    optional("subject", Person),
                    field("since", Date),
                    optional("ended", Date),
                ],
                &[0],
                period(4, 5),
            ),
            entity(
                "running_award_child",
                vec![field("award", Row(AWARD)), field("child", Person)],
                &[0, 1],
                Validity::Always,
            ),
            entity(
                "insured_month",
                vec![field("person", Person), field("month", Month)],
                &[0, 1],
                Validity::Always,
            ),
        ],
        enums: vec![
            enumeration("sex", &["female", "male"]),
            enumeration("kind", &["birth", "adoption", "step"]),
            enumeration("rounding", &["up", "nearest", "none"]),
        ],
        registries: vec![registry("state"), registry("other")],
    }
}
