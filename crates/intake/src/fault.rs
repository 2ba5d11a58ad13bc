use card::{DateError, IbanError, IinError, MsisdnError, TengeError};

/// Why a record is not taken. The message never repeats what the cell says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Neither true nor false.
    #[error("neither true nor false")]
    Bool,
    /// Not a whole number.
    #[error("not a whole number")]
    Integer,
    /// Not a decimal.
    #[error("not a decimal number with at most six places")]
    Decimal,
    /// Not an amount.
    #[error("{0}")]
    Money(TengeError),
    /// Not a day or month.
    #[error("{0}")]
    Date(DateError),
    /// Not a value of the enumeration.
    #[error("not a value of {name}")]
    Enum {
        /// The enumeration.
        name: String,
        /// Its values.
        values: String,
    },
    /// A code that is too long or holds control characters.
    #[error("a code has at most 64 characters, none of them a control character")]
    Code,
    /// Not an IIN.
    #[error("{0}")]
    Iin(IinError),
    /// Not an account number.
    #[error("{0}")]
    Iban(IbanError),
    /// Not a phone number.
    #[error("{0}")]
    Phone(MsisdnError),
    /// Below zero where that is not possible.
    #[error("a number below zero")]
    Negative,
    /// A field that tells rows apart, or says since when, is empty.
    #[error("empty, though rows are told apart by it")]
    KeyEmpty,
    /// The record has another number of cells than the header.
    #[error("{found} cells where the header has {expected}")]
    Width {
        /// In the record.
        found: usize,
        /// In the header.
        expected: usize,
    },
    /// A period that ends before it begins.
    #[error("the period ends before it begins")]
    EndsBeforeBegins,
    /// A date that lies after the day on which the registry spoke.
    #[error("{what} after the day on which the registry said so")]
    Future {
        /// A birth, or a death.
        what: &'static str,
    },
    /// A death before the birth.
    #[error("the death lies before the birth")]
    DeadBeforeBorn,
    /// A child older than its parent.
    #[error("the child is not younger than the parent")]
    ChildOlder,
    /// A person tied to themselves.
    #[error("both persons of the tie are the same")]
    SamePerson,
    /// The same key twice in one file or event, with other values.
    #[error("the same {key} stands {place} already, with other values")]
    Duplicate {
        /// The fields of the key.
        key: String,
        /// Where: `in line 4`, or `earlier in this file`.
        place: String,
    },
    /// A row of another entity that nobody delivered.
    #[error("no {entity} of that key was delivered")]
    UnknownRow {
        /// Which entity.
        entity: String,
    },
    /// Another row of the same event is at fault.
    #[error("row {row} of the same event is in quarantine, and an event is taken whole or not at all")]
    Together {
        /// Which row.
        row: u64,
    },
    /// The same event id came with another body.
    #[error("an event of this source and id came before with another body")]
    OtherBody,
}

impl Fault {
    /// What the sender or the official at the quarantine is to do.
    pub fn mend(&self) -> String {
        match self {
            Self::Bool => "write true or false".into(),
            Self::Integer => "write digits only".into(),
            Self::Decimal => "write a point before the places, such as 12.5".into(),
            Self::Money(_) => "write tenge with a point before the tiyn, without blanks".into(),
            Self::Date(_) => "write the date as ISO 8601 does".into(),
            Self::Enum { values, .. } => format!("write one of {values}"),
            Self::Code => "write the code of the register".into(),
            Self::Iin(_) => "compare the IIN with the document and send the row again".into(),
            Self::Iban(_) => "compare the account number with the bank and send the row again".into(),
            Self::Phone(_) => "compare the number with the operator and send the row again".into(),
            Self::Negative => "send a correction of the row instead of a negative one".into(),
            Self::KeyEmpty => "fill the field and send the row again".into(),
            Self::Width { .. } => "put cells that hold a comma into quotes".into(),
            Self::EndsBeforeBegins => "correct the first or the last day".into(),
            Self::Future { .. } => "correct the date, or the day on which the extract was made".into(),
            Self::DeadBeforeBorn => "correct one of the two dates".into(),
            Self::ChildOlder => "correct a birth date, or exchange child and parent".into(),
            Self::SamePerson => "name the other person".into(),
            Self::Duplicate { .. } => "send one row with the values that are right".into(),
            Self::UnknownRow { entity } => format!("deliver the {entity} first, then this row again"),
            Self::Together { row } => format!("mend row {row} and send the event again with a new id"),
            Self::OtherBody => "send what is right as a new event with a new id".into(),
        }
    }
}
