use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Date, EntityId, FieldId, Month, PersonId, PhoneId, RegistryId, Tenge};

/// The first day of a row that was always true.
pub const LONG_AGO: Date = Date::from_days(i32::MIN / 4);

/// The end of a row that is true until something changes.
pub const FOREVER: Date = Date::from_days(i32::MAX / 4);

/// What one field of one row says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cell {
    /// The registry did not tell: anything is possible.
    Unknown,
    /// The registry says that there is nothing, such as no date of death.
    Nothing,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// An exact decimal in millionths.
    Decimal(i64),
    /// An amount.
    Money(Tenge),
    /// A day.
    Date(Date),
    /// Some day of that year.
    Year(i32),
    /// A month.
    Month(Month),
    /// A value of the field's enumeration, by position.
    Enum(u16),
    /// An opaque code; also the key of a row of another entity.
    Code(Box<str>),
    /// A person.
    Person(PersonId),
    /// A bank account.
    Account(AccountId),
    /// A phone.
    Phone(PhoneId),
}

/// One fact: what one registry says of one thing, and when that is true. When we knew it is the
/// store's business; a row that reaches the law was known at the moment asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The store's number of the row, by which an explanation names it; unique over all entities.
    pub id: u64,
    /// Of which entity.
    pub entity: EntityId,
    /// One cell per field of the entity.
    pub cells: Box<[Cell]>,
    /// The first day on which it is true; [`LONG_AGO`] if always.
    pub from: Date,
    /// The first day on which it is true no more; [`FOREVER`] if open.
    pub until: Date,
    /// Who said so.
    pub registry: RegistryId,
}

impl Row {
    /// The cell of a field.
    pub fn cell(&self, field: FieldId) -> &Cell {
        &self.cells[field.0 as usize]
    }

    /// Is it true on that day?
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && day < self.until
    }
}

/// What silence of a registry means: for whom and for which days its rows of an entity are all here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Of which entity.
    pub entity: EntityId,
    /// Whose coverage.
    pub registry: RegistryId,
    /// Only persons known to be in this region, by its code; everybody if `None`.
    pub region: Option<Box<str>>,
    /// The first day covered.
    pub from: Date,
    /// The last day covered; after it the registry's word stands for as long as it declares.
    pub through: Date,
}

/// One step of loading: all rows of an entity, of any time, whose field equals a key. Links in both
/// directions are this one question: the children of a person are the `parent_link` rows whose
/// `parent` is the person; the person of a link is the `person` row whose `id` is in the link.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lookup {
    /// Rows of this entity,
    pub entity: EntityId,
    /// whose field
    pub field: FieldId,
    /// equals this.
    pub key: Cell,
}

/// Every row that the law of a subject may read, with the coverage that says what silence means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circle {
    /// The rows, without duplicates, of any time.
    pub rows: Vec<Row>,
    /// What silence means.
    pub coverage: Vec<Coverage>,
    /// Which questions were put to the store. To follow a link whose question was never put is an
    /// error and not *nothing*. `None`: every row that exists is here, as in a case of the pack.
    pub loaded: Option<BTreeSet<Lookup>>,
}
