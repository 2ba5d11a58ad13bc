//! Fields of things as columns.

use card::{FieldId, FieldType, Said, Values};

use super::{Cell, Cells, Facts, LARGEST, Places, hidden, hull};
use crate::types::{
    ANY_CODE, Bits, Column, Days, ENDLESS, EVER_AFTER, EVER_BEFORE, Ints, NEVER, NO, UNKNOWN, YES,
};

const ANY_DAY: (i32, i32) = (EVER_BEFORE, EVER_AFTER);

impl Facts<'_> {
    /// A field of things on days. `either` makes one code of two that contradict each other.
    pub fn field(&self, field: FieldId, at: &Places, either: impl FnMut(u32, u32) -> u32) -> Column {
        let declared = self.pack.schema.at(at.entity).at(field);
        match (declared.ty, &self.table(at.entity).column(field).values) {
            (FieldType::Bool, values) => {
                let values = if let Values::Bools(values) = values { &values[..] } else { &[] };
                Column::Bits(self.each(
                    field,
                    at,
                    values,
                    |a, b| a | b,
                    truth,
                    |cell| match cell {
                        Some(Cell::Is(value)) => truth(value != 0),
                        _ => UNKNOWN,
                    },
                ))
            }
            (FieldType::Integer | FieldType::Decimal | FieldType::Money, values) => {
                let least = if declared.signed { NEVER } else { 0 };
                let values = if let Values::Numbers(values) = values { &values[..] } else { &[] };
                let point = |number: i64| {
                    let number = i128::from(number);
                    self.beyond.set(self.beyond.get() || number.abs() > LARGEST);
                    (number, number)
                };
                Column::Ints(self.each::<_, _, Ints>(field, at, values, hull, point, |cell| match cell {
                    Some(Cell::Is(number)) => point(number),
                    _ => (least, ENDLESS),
                }))
            }
            (FieldType::Date | FieldType::Month, values) => {
                let values = if let Values::Days(values) = values { &values[..] } else { &[] };
                let point = |day: i32| (day, day);
                Column::Days(self.each::<_, _, Days>(field, at, values, hull, point, |cell| match cell {
                    Some(Cell::Is(day)) => point(day as i32),
                    Some(cell) => hidden(cell).unwrap_or(ANY_DAY),
                    None => ANY_DAY,
                }))
            }
            (FieldType::Enum(_), values) => {
                let values = if let Values::Enums(values) = values { &values[..] } else { &[] };
                Column::Sets(self.each(
                    field,
                    at,
                    values,
                    |a, b| a | b,
                    |value| 1 << value,
                    |cell| match cell {
                        Some(Cell::Is(value)) => 1 << value,
                        _ => !0,
                    },
                ))
            }
            (_, values) => {
                let values = if let Values::Codes(values) = values { &values[..] } else { &[] };
                Column::Codes(self.each(
                    field,
                    at,
                    values,
                    either,
                    |code| code + 1,
                    |cell| match cell {
                        Some(Cell::Is(code)) => code as u32,
                        _ => ANY_CODE,
                    },
                ))
            }
        }
    }

    /// May a field of things on days be something, may it be nothing?
    pub fn exists(&self, field: FieldId, at: &Places) -> Vec<Bits> {
        let said = self.table(at.entity).column(field).said.as_deref().unwrap_or(&[]);
        let table = self.table(at.entity);
        let one = |(thing, day): (u32, i32)| match said.get(table.only_row(thing as usize)) {
            Some(Said::Told | Said::Year) => YES,
            Some(Said::Nothing) => NO,
            Some(Said::Unknown) => UNKNOWN,
            None => self.counted(
                field,
                at,
                thing,
                day,
                |a, b| a | b,
                |cell| match cell {
                    Some(Cell::Nothing) => NO,
                    Some(Cell::Unknown) | None => UNKNOWN,
                    Some(_) => YES,
                },
            ),
        };
        at.iter().map(one).collect()
    }

    /// One value per thing and day: of the one row that speaks of a thing and tells its value, read off
    /// the column, as nearly all do; else from the cells that count.
    fn each<V: Copy, T: Copy, C: FromIterator<T>>(
        &self,
        field: FieldId,
        at: &Places,
        values: &[V],
        mut join: impl FnMut(T, T) -> T,
        told: impl Fn(V) -> T,
        value: impl Fn(Option<Cell>) -> T,
    ) -> C {
        let table = self.table(at.entity);
        let said = table.column(field).said.as_deref();
        let one = |(thing, day): (u32, i32)| {
            let row = table.only_row(thing as usize);
            match values.get(row) {
                Some(known) if said.is_none_or(|said| said[row] == Said::Told) => told(*known),
                _ => self.counted(field, at, thing, day, &mut join, &value),
            }
        };
        at.iter().map(one).collect()
    }

    /// One value from the cells that count; where they are several and nothing is said by some of
    /// them, those do not widen what is said by the others.
    fn counted<T>(
        &self,
        field: FieldId,
        at: &Places,
        thing: u32,
        day: i32,
        join: impl FnMut(T, T) -> T,
        value: impl Fn(Option<Cell>) -> T,
    ) -> T {
        match self.cells(at.entity, thing as usize, field, day) {
            Cells::One(cell) => value(cell),
            Cells::Many(cells) => {
                let cells = cells.into_iter().map(Some);
                cells.map(value).reduce(join).expect("precedence keeps at least one row")
            }
        }
    }
}

const fn truth(value: bool) -> Bits {
    if value { YES } else { NO }
}
