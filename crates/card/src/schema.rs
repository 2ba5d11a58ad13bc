use crate::{Span, Text};

/// Which entity of the [`Schema`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId(pub u16);

/// Which field of an [`Entity`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(pub u16);

/// Which enumeration of the [`Schema`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnumId(pub u16);

/// Which registry of the [`Schema`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistryId(pub u16);

/// All facts that the system knows how to hold, declared once in `law/kz/entities/`. From it come
/// the tables, the columns, the readers of extracts and the checks of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// The entities; `person` is the first.
    pub entities: Vec<Entity>,
    /// The enumerations.
    pub enums: Vec<EnumType>,
    /// The registries that own facts.
    pub registries: Vec<Registry>,
}

impl Schema {
    /// The entity of persons, on which everything hangs.
    pub const PERSON: EntityId = EntityId(0);

    /// The entity of that name.
    pub fn entity(&self, name: &str) -> Option<EntityId> {
        self.entities.iter().position(|e| e.name == name).map(|at| EntityId(at as u16))
    }

    /// The registry of that name.
    pub fn registry(&self, name: &str) -> Option<RegistryId> {
        self.registries.iter().position(|r| r.name == name).map(|at| RegistryId(at as u16))
    }

    /// The entity at a position.
    pub fn at(&self, id: EntityId) -> &Entity {
        &self.entities[id.0 as usize]
    }

    /// The enumeration at a position.
    pub fn enumeration(&self, id: EnumId) -> &EnumType {
        &self.enums[id.0 as usize]
    }
}

/// A registry of the state, the owner of some facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    /// The name in manifests and events, such as `civil_acts`.
    pub name: String,
    /// What a person calls it.
    pub title: Text,
    /// How long what it said, or its silence, is believed after the last day that it covered.
    pub stands_for: Span,
}

/// One kind of fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// The name in extracts, events, cases and expressions.
    pub name: String,
    /// Names that it had before; extracts and cases may still use them.
    pub aliases: Vec<String>,
    /// What a person calls it.
    pub title: Text,
    /// The registry whose rows these are; rows of other registries are kept and shown as conflicts.
    pub registry: RegistryId,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The fields that tell one row from another. For `person`, its own `id`.
    pub key: Vec<FieldId>,
    /// Which fields say when a row is true.
    pub validity: Validity,
}

impl Entity {
    /// The field of that name or alias.
    pub fn field(&self, name: &str) -> Option<FieldId> {
        self.fields
            .iter()
            .position(|f| f.name == name || f.aliases.iter().any(|a| a == name))
            .map(|at| FieldId(at as u16))
    }

    /// The field at a position.
    pub fn at(&self, id: FieldId) -> &Field {
        &self.fields[id.0 as usize]
    }
}

/// One field of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in extracts, events, cases and expressions.
    pub name: String,
    /// Names that it had before.
    pub aliases: Vec<String>,
    /// What a person calls it.
    pub title: Text,
    /// Its type.
    pub ty: FieldType,
    /// The registry may say *nothing*, which is not *unknown*.
    pub optional: bool,
    /// Numbers below zero are possible. All others are checked at intake, since bounds of sums rest on it.
    pub signed: bool,
    /// The date may be known by its year alone.
    pub year_only: bool,
    /// The registry that owns this field, where it is not the entity's.
    pub registry: Option<RegistryId>,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// True or false.
    Bool,
    /// A whole number.
    Integer,
    /// An exact decimal, kept in millionths.
    Decimal,
    /// Tenge, exact to the tiyn.
    Money,
    /// A day.
    Date,
    /// A month.
    Month,
    /// One of named values.
    Enum(EnumId),
    /// An opaque code that is only compared: a region, an address, a number of an award.
    Code,
    /// A person: an IIN in extracts and events, a [`crate::PersonId`] inside.
    Person,
    /// A bank account: an IBAN in extracts, an [`crate::AccountId`] inside.
    Account,
    /// A phone number in extracts, a [`crate::PhoneId`] inside.
    Phone,
    /// A row of another entity, by the code that is its key.
    Row(EntityId),
}

/// An enumeration: values that are compared, never computed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumType {
    /// Its name.
    pub name: String,
    /// Its values, as expressions and extracts write them.
    pub values: Vec<String>,
    /// What a person calls each value.
    pub titles: Vec<Text>,
}

impl EnumType {
    /// The position of a value.
    pub fn value(&self, name: &str) -> Option<u16> {
        self.values.iter().position(|v| v == name).map(|at| at as u16)
    }
}

/// When a row is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Always: a row about a person as such.
    Always,
    /// From one field's day until another's, where it is not nothing.
    Period {
        /// The field of the first day.
        from: FieldId,
        /// The field of the end; `None` where rows never end.
        until: Option<FieldId>,
        /// How the end is meant. Readers convert to half-open periods.
        until_is: UntilIs,
    },
    /// Something of one month, such as a contribution.
    Month(FieldId),
}

/// How a registry means the end of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UntilIs {
    /// The last day on which it is true.
    LastDay,
    /// The first day on which it is true no more.
    FirstDayAfter,
}
