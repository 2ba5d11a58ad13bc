//! A case of the pack as registries would write it: its people with numbers, its cells as text.

use std::collections::BTreeMap;

use card::{Cell, Date, FieldType, Iin, PersonId, Schema, Sex};
use law::cases::Case;

/// Numbers that fit what a case says of its people, in their order.
pub fn numbers(case: &Case, schema: &Schema) -> BTreeMap<PersonId, Iin> {
    let person = schema.at(Schema::PERSON);
    let (born, sex) = (person.field("birth_date").unwrap(), person.field("sex").unwrap());
    let FieldType::Enum(sexes) = person.at(sex).ty else { panic!("sex is an enumeration") };
    let female = schema.enumeration(sexes).value("female");
    let mut serials = 5_000..;
    let numbers = case.persons.iter().map(|(_, id)| {
        let row = case.circle.rows.iter().find(|row| row.entity == Schema::PERSON && row.id == id.0);
        let born = match row.map(|row| row.cell(born)) {
            Some(Cell::Date(day)) => *day,
            _ => Date::from_ymd(1980, 1, 1).unwrap(),
        };
        let sex = match row.map(|row| row.cell(sex)) {
            Some(Cell::Enum(value)) if Some(*value) == female => Sex::Female,
            _ => Sex::Male,
        };
        (*id, serials.find_map(|serial| Iin::compose(born, sex, serial)).unwrap())
    });
    numbers.collect()
}

/// A cell as extracts and events write it; `None` where it tells no value.
pub fn text(
    cell: &Cell,
    ty: FieldType,
    schema: &Schema,
    numbers: &BTreeMap<PersonId, Iin>,
) -> Option<String> {
    Some(match (cell, ty) {
        (Cell::Unknown | Cell::Nothing, _) => return None,
        (Cell::Bool(told), _) => told.to_string(),
        (Cell::Integer(number), _) => number.to_string(),
        (Cell::Decimal(millionths), _) => {
            format!("{}.{:06}", millionths / 1_000_000, millionths.rem_euclid(1_000_000))
        }
        (Cell::Money(sum), _) => format!("{}.{:02}", sum.tiyn() / 100, sum.tiyn().rem_euclid(100)),
        (Cell::Date(day), _) => day.to_string(),
        (Cell::Year(year), _) => year.to_string(),
        (Cell::Month(month), _) => month.to_string(),
        (Cell::Enum(value), FieldType::Enum(of)) => {
            schema.enumeration(of).values[usize::from(*value)].clone()
        }
        (Cell::Code(code), _) => code.to_string(),
        (Cell::Person(person), _) => numbers[person].expose(),
        (other, _) => panic!("a case tells no {other:?}"),
    })
}
