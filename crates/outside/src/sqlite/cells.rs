use card::{AccountId, Cell, Date, FieldType, Month, PersonId, PhoneId, Tenge};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use super::words::Words;

/// A cell as `SQLite` holds it. NULL: not told. An empty blob: nothing. `Y` and digits: some day of
/// that year. All else in the column's own type; days are counted from 1 January 1970, amounts in
/// tiyn, decimals in millionths.
pub(super) fn encode<'c>(cell: &'c Cell, ty: FieldType, words: &Words) -> ToSqlOutput<'c> {
    let number = |n: i64| ToSqlOutput::Owned(Value::Integer(n));
    match cell {
        Cell::Unknown => ToSqlOutput::Owned(Value::Null),
        Cell::Nothing => ToSqlOutput::Borrowed(ValueRef::Blob(&[])),
        Cell::Bool(value) => number(i64::from(*value)),
        Cell::Integer(n) | Cell::Decimal(n) => number(*n),
        Cell::Money(amount) => number(amount.tiyn()),
        Cell::Date(day) => number(i64::from(day.days())),
        Cell::Year(year) => ToSqlOutput::Owned(Value::Text(format!("Y{year}"))),
        Cell::Month(month) => number(i64::from(month.0)),
        Cell::Enum(value) => match ty {
            FieldType::Enum(id) => number(words.value(id, *value)),
            _ => number(i64::from(*value)),
        },
        Cell::Code(code) => ToSqlOutput::Borrowed(ValueRef::Text(code.as_bytes())),
        Cell::Person(id) => number(id.0 as i64),
        Cell::Account(id) => number(id.0 as i64),
        Cell::Phone(id) => number(id.0 as i64),
    }
}

/// The other way; `None` if the value is not of the type.
pub(super) fn decode(value: ValueRef<'_>, ty: FieldType, words: &Words) -> Option<Cell> {
    let n = match value {
        ValueRef::Null => return Some(Cell::Unknown),
        ValueRef::Blob([]) => return Some(Cell::Nothing),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).ok()?;
            return match ty {
                FieldType::Code | FieldType::Row(_) => Some(Cell::Code(text.into())),
                FieldType::Date => text.strip_prefix('Y')?.parse().ok().map(Cell::Year),
                _ => None,
            };
        }
        ValueRef::Integer(n) => n,
        _ => return None,
    };
    Some(match ty {
        FieldType::Bool => Cell::Bool(n != 0),
        FieldType::Integer => Cell::Integer(n),
        FieldType::Decimal => Cell::Decimal(n),
        FieldType::Money => Cell::Money(Tenge::from_tiyn(n)),
        FieldType::Date => Cell::Date(Date::from_days(n.try_into().ok()?)),
        FieldType::Month => Cell::Month(Month(n.try_into().ok()?)),
        FieldType::Enum(id) => Cell::Enum(words.value_of(id, n)?),
        FieldType::Person => Cell::Person(PersonId(n as u64)),
        FieldType::Account => Cell::Account(AccountId(n as u64)),
        FieldType::Phone => Cell::Phone(PhoneId(n as u64)),
        FieldType::Code | FieldType::Row(_) => return None,
    })
}
