use card::{Cell, EntityId, Field, FieldId, FieldType, Schema};

/// What the checks must know by name: births, deaths, regions and ties. A schema without them is
/// checked less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Landmarks {
    /// `person.birth_date`
    pub birth: Option<FieldId>,
    /// `person.death_date`
    pub death: Option<FieldId>,
    /// `person.region`
    pub region: Option<FieldId>,
    /// `parent_link` with its `child` and `parent`
    pub tie: Option<(EntityId, FieldId, FieldId)>,
}

impl Landmarks {
    /// Finds them.
    pub fn of(schema: &Schema) -> Self {
        let Some(person) = schema.entities.first() else { return Self::default() };
        let tie = schema.entity("parent_link").and_then(|id| {
            let entity = schema.at(id);
            Some((id, entity.field("child")?, entity.field("parent")?))
        });
        Self {
            birth: person.field("birth_date"),
            death: person.field("death_date"),
            region: person.field("region"),
            tie,
        }
    }
}

/// The fields whose persons a row is about: those of its key, else all.
pub fn persons_of(schema: &Schema, entity: EntityId) -> Vec<FieldId> {
    let declared = schema.at(entity);
    let is_person = |id: &FieldId| matches!(declared.at(*id).ty, FieldType::Person);
    let in_key: Vec<FieldId> = declared.key.iter().copied().filter(is_person).collect();
    if in_key.is_empty() {
        (0..declared.fields.len()).map(|at| FieldId(at as u16)).filter(is_person).collect()
    } else {
        in_key
    }
}

/// What an empty cell says: nothing, where the registry may say that, else not told.
pub(crate) fn empty(field: &Field) -> Cell {
    if field.optional { Cell::Nothing } else { Cell::Unknown }
}

#[cfg(test)]
pub(crate) mod tests {
    use card::{Entity, EnumId, EnumType, Registry, RegistryId, Span, Text, UntilIs, Validity};

    use super::*;

    pub(crate) fn field(name: &str, ty: FieldType) -> Field {
        Field {
            name: name.into(),
            aliases: vec![],
            title: Text::default(),
            ty,
            optional: false,
            signed: false,
            year_only: false,
            registry: None,
        }
    }

    pub(crate) fn optional(name: &str, ty: FieldType) -> Field {
        Field { optional: true, ..field(name, ty) }
    }

    fn entity(name: &str, registry: u16, key: &[u16], validity: Validity, fields: Vec<Field>) -> Entity {
        Entity {
            name: name.into(),
            aliases: vec![],
            title: Text::default(),
            registry: RegistryId(registry),
            fields,
            key: key.iter().map(|at| FieldId(*at)).collect(),
            validity,
        }
    }

    /// Persons, ties and awards, enough for the checks.
    pub(crate) fn schema() -> Schema {
        let registry =
            |name: &str| Registry { name: name.into(), title: Text::default(), stands_for: Span::Days(30) };
        let values = ["female", "male"].map(String::from).to_vec();
        Schema {
            entities: vec![
                entity(
                    "person",
                    0,
                    &[0],
                    Validity::Always,
                    vec![
                        field("id", FieldType::Person),
                        Field { year_only: true, ..field("birth_date", FieldType::Date) },
                        field("sex", FieldType::Enum(EnumId(0))),
                        Field { registry: Some(RegistryId(1)), ..optional("death_date", FieldType::Date) },
                        field("region", FieldType::Code),
                        field("children_told", FieldType::Integer),
                    ],
                ),
                entity(
                    "parent_link",
                    1,
                    &[0, 1, 2],
                    Validity::Period {
                        from: FieldId(2),
                        until: Some(FieldId(3)),
                        until_is: UntilIs::FirstDayAfter,
                    },
                    vec![
                        field("child", FieldType::Person),
                        field("parent", FieldType::Person),
                        field("since", FieldType::Date),
                        optional("ended", FieldType::Date),
                    ],
                ),
                entity(
                    "award",
                    1,
                    &[0],
                    Validity::Always,
                    vec![
                        field("number", FieldType::Code),
                        field("recipient", FieldType::Person),
                        field("amount", FieldType::Money),
                    ],
                ),
                entity(
                    "award_child",
                    1,
                    &[0, 1],
                    Validity::Always,
                    vec![field("award", FieldType::Row(EntityId(2))), field("child", FieldType::Person)],
                ),
            ],
            enums: vec![EnumType { name: "sex".into(), values, titles: vec![Text::default(); 2] }],
            registries: vec![registry("population"), registry("civil_acts")],
        }
    }

    #[test]
    fn finds_what_it_needs_by_name() {
        let schema = schema();
        let landmarks = Landmarks::of(&schema);
        assert_eq!(landmarks.birth, Some(FieldId(1)));
        assert_eq!(landmarks.tie, Some((EntityId(1), FieldId(0), FieldId(1))));
        assert_eq!(persons_of(&schema, EntityId(1)), [FieldId(0), FieldId(1)]);
        assert_eq!(persons_of(&schema, EntityId(2)), [FieldId(1)]);
        assert_eq!(Landmarks::of(&Schema::default()), Landmarks::default());
    }
}
