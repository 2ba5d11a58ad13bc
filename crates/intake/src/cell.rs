use card::{Cell, DateError, Field, FieldType, Iban, Iin, Msisdn, Schema, Tenge};

use crate::{fault::Fault, landmarks::empty};

/// What one cell of a record tells, before the vault has sealed identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Cell(Cell),
    Person(Iin),
    Account(Iban),
    Phone(Msisdn),
}

/// Reads one cell of a field.
pub(crate) fn read(text: &str, field: &Field, schema: &Schema) -> Result<Told, Fault> {
    if text.is_empty() {
        return Ok(Told::Cell(empty(field)));
    }
    let cell = match field.ty {
        FieldType::Person => return text.parse().map(Told::Person).map_err(Fault::Iin),
        FieldType::Account => return text.parse().map(Told::Account).map_err(Fault::Iban),
        FieldType::Phone => return text.parse().map(Told::Phone).map_err(Fault::Phone),
        FieldType::Bool => match text {
            "true" => Cell::Bool(true),
            "false" => Cell::Bool(false),
            _ => return Err(Fault::Bool),
        },
        FieldType::Integer => Cell::Integer(whole(text)?),
        FieldType::Decimal => Cell::Decimal(millionths(text)?),
        FieldType::Money => Cell::Money(text.parse().map_err(Fault::Money)?),
        FieldType::Date => match text.parse() {
            Ok(date) => Cell::Date(date),
            Err(_) if field.year_only && text.len() == 4 => {
                Cell::Year(whole(text).map_err(|_| Fault::Date(DateError::Date))? as i32)
            }
            Err(error) => return Err(Fault::Date(error)),
        },
        FieldType::Month => Cell::Month(text.parse().map_err(Fault::Date)?),
        FieldType::Enum(id) => {
            let names = schema.enumeration(id);
            let value = names
                .value(text)
                .ok_or_else(|| Fault::Enum { name: names.name.clone(), values: names.values.join(", ") })?;
            Cell::Enum(value)
        }
        FieldType::Code | FieldType::Row(_) => {
            if text.chars().count() > 64 || text.chars().any(char::is_control) {
                return Err(Fault::Code);
            }
            Cell::Code(text.into())
        }
    };
    let negative = match cell {
        Cell::Integer(n) | Cell::Decimal(n) => n < 0,
        Cell::Money(amount) => amount < Tenge::ZERO,
        _ => false,
    };
    if negative && !field.signed { Err(Fault::Negative) } else { Ok(Told::Cell(cell)) }
}

fn whole(text: &str) -> Result<i64, Fault> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::Integer);
    }
    text.parse().map_err(|_| Fault::Integer)
}

fn millionths(text: &str) -> Result<i64, Fault> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (units, places) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(units) || !all_digits(places) || places.len() > 6 {
        return Err(Fault::Decimal);
    }
    let value: i64 = format!("{units}{places:0<6}").parse().map_err(|_| Fault::Decimal)?;
    Ok(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use card::{Date, EnumId, Month};

    use super::*;
    use crate::landmarks::tests::{field, optional, schema};

    fn cell(text: &str, field: &Field) -> Result<Cell, Fault> {
        match read(text, field, &schema())? {
            Told::Cell(cell) => Ok(cell),
            told => panic!("{told:?} is no cell"),
        }
    }

    #[test]
    fn reads_every_type() {
        let day: Date = "2026-06-15".parse().unwrap();
        for (text, ty, expected) in [
            ("true", FieldType::Bool, Cell::Bool(true)),
            ("12", FieldType::Integer, Cell::Integer(12)),
            ("12.5", FieldType::Decimal, Cell::Decimal(12_500_000)),
            ("0.000001", FieldType::Decimal, Cell::Decimal(1)),
            ("104017.50", FieldType::Money, Cell::Money(Tenge::from_tiyn(10_401_750))),
            ("2026-06-15", FieldType::Date, Cell::Date(day)),
            ("2026-06", FieldType::Month, Cell::Month(Month(2026 * 12 + 5))),
            ("male", FieldType::Enum(EnumId(0)), Cell::Enum(1)),
            ("750000000", FieldType::Code, Cell::Code("750000000".into())),
        ] {
            assert_eq!(cell(text, &field("x", ty)), Ok(expected), "{text}");
            assert_eq!(cell("", &field("x", ty)), Ok(Cell::Unknown));
            assert_eq!(cell("", &optional("x", ty)), Ok(Cell::Nothing));
        }
    }

    #[test]
    fn names_every_fault_without_the_value() {
        let says = |text: &str, ty: FieldType| {
            let fault = read(text, &field("x", ty), &schema()).unwrap_err();
            format!("{fault}: {}", fault.mend())
        };
        for (text, ty, expected) in [
            ("yes", FieldType::Bool, "neither true nor false: write true or false"),
            ("1.5", FieldType::Integer, "not a whole number: write digits only"),
            ("99999999999999999999", FieldType::Integer, "not a whole number: write digits only"),
            (
                "1,5",
                FieldType::Decimal,
                "not a decimal number with at most six places: write a point before the places, such as 12.5",
            ),
            (
                "1,5",
                FieldType::Money,
                "an amount is a decimal number with a point and at most two places, such as 104017 or \
                 24912.50: write tenge with a point before the tiyn, without blanks",
            ),
            (
                "15.06.2026",
                FieldType::Date,
                "a date is written YYYY-MM-DD and exists in the calendar: write the date as ISO 8601 does",
            ),
            (
                "1985",
                FieldType::Date,
                "a date is written YYYY-MM-DD and exists in the calendar: write the \
             date as ISO 8601 does",
            ),
            ("06.2026", FieldType::Month, "a month is written YYYY-MM: write the date as ISO 8601 does"),
            ("f", FieldType::Enum(EnumId(0)), "not a value of sex: write one of female, male"),
            (
                "a\tb",
                FieldType::Code,
                "a code has at most 64 characters, none of them a control character: write the code of the \
                 register",
            ),
            (
                "010203600013",
                FieldType::Person,
                "the control digit of the IIN is wrong: one of its digits was mistyped: compare the IIN with \
                 the document and send the row again",
            ),
            (
                "KZ87125KZT5004100100",
                FieldType::Account,
                "the check digits of the IBAN are wrong: one of its characters was mistyped: compare the \
                 account number with the bank and send the row again",
            ),
            (
                "1414",
                FieldType::Phone,
                "a mobile number of Kazakhstan is +7 7XX XXX XX XX: compare the number with the operator and \
                 send the row again",
            ),
            (
                "-1",
                FieldType::Money,
                "a number below zero: send a correction of the row instead of a negative one",
            ),
        ] {
            assert_eq!(says(text, ty), expected, "{text}");
        }
    }

    #[test]
    fn signed_numbers_and_years_where_declared() {
        let signed = Field { signed: true, ..field("x", FieldType::Integer) };
        assert_eq!(cell("-3", &signed), Ok(Cell::Integer(-3)));
        let birth = Field { year_only: true, ..field("x", FieldType::Date) };
        assert_eq!(cell("1985", &birth), Ok(Cell::Year(1985)));
    }
}
