//! The words everybody speaks: identifiers that cannot be invalid, exact money, dates, languages,
//! the schema of facts, the facts themselves, and verdicts.
//!
//! **Invariant:** no input or output, no clock, no randomness, no async. A value of a type of this
//! room that exists is valid; parsing is the only way to make one from text.

mod actor;
mod bucket;
mod fact;
mod iban;
mod iin;
mod msisdn;
mod person;
mod possible;
mod schema;
mod scored;
mod sms;
mod tenge;
mod text;
mod time;
mod told;
mod verdict;

pub use actor::{Actor, Role};
pub use bucket::{Bucket, Column, Said, Table, Values};
pub use fact::{Cell, Circle, Coverage, FOREVER, LONG_AGO, Lookup, Row};
pub use iban::{Iban, IbanError};
pub use iin::{Iin, IinError, Sex};
pub use msisdn::{Msisdn, MsisdnError};
pub use person::{AccountId, PersonId, PhoneId};
pub use possible::Ternary;
pub use schema::{
    Entity, EntityId, EnumId, EnumType, Field, FieldId, FieldType, Registry, RegistryId, Schema, UntilIs,
    Validity,
};
pub use scored::{Points, Scored};
pub use sms::{MOST_PARTS, SmsError, SmsText};
pub use tenge::{Tenge, TengeError};
pub use text::{Lang, Text, UnknownLang};
pub use time::{Date, DateError, Moment, Month, Span};
pub use told::{Sentence, Told};
pub use verdict::{
    Amount, Condition, Kind, Missing, Outcome, Question, Recipient, Standing, Verdict, Withheld,
};
