//! Fields of things as columns.

use card::{FieldId, FieldType, Said, Values};

use super::{Cell, Cells, Facts, LARGEST, Places, Table, hidden, hull};
use crate::types::{
    ANY_CODE, Bits, Column, Days, ENDLESS, EVER_AFTER, EVER_BEFORE, Ints, NEVER, NO, UNKNOWN, YES,
};

const ANY_DAY: (i32, i32) = (EVER_BEFORE, EVER_AFTER);

impl Facts<'_> {
    /// A field of things on days. `either` makes one code of two that contradict each other.
    pub fn field(&self, field: FieldId, at: &Places, either: impl FnMut(u32, u32) -> u32) -> Column {
        let declared = self.pack.schema.at(at.entity).at(field);
        let (signed, ty) = (declared.signed, declared.ty);
        let table = self.table(at.entity);
        let values = table.rows_alone(field).map(|column| &column.values);
        match ty {
            FieldType::Bool => {
                if let Some(Values::Bools(values)) = values {
                    return Column::Bits(table.told_only(values, at, truth, UNKNOWN));
                }
                let join = |a, b| a | b;
                Column::Bits(self.each(field, at, join, |cell| match cell {
                    Some(Cell::Is(value)) => truth(value != 0),
                    _ => UNKNOWN,
                }))
            }
            FieldType::Integer | FieldType::Decimal | FieldType::Money => {
                let least = if signed { NEVER } else { 0 };
                if let Some(Values::Numbers(values)) = values {
                    let lo = table.told_only(values, at, i128::from, least);
                    let hi = table.told_only(values, at, i128::from, ENDLESS);
                    let large = |number: &i128| number.abs() > LARGEST && *number != ENDLESS;
                    self.beyond.set(self.beyond.get() || hi.iter().any(large));
                    return Column::Ints(Ints::of(lo, hi));
                }
                let ends = self.each(field, at, hull, |cell| {
                    let Some(Cell::Is(number)) = cell else { return (least, ENDLESS) };
                    let number = i128::from(number);
                    self.beyond.set(self.beyond.get() || number.abs() > LARGEST);
                    (number, number)
                });
                let (lo, hi) = ends.into_iter().unzip();
                Column::Ints(Ints::of(lo, hi))
            }
            FieldType::Date | FieldType::Month => {
                if let Some(Values::Days(values)) = values {
                    let lo = table.told_only(values, at, |day| day, EVER_BEFORE);
                    let hi = table.told_only(values, at, |day| day, EVER_AFTER);
                    return Column::Days(Days::of(lo, hi));
                }
                let ends = self.each(field, at, hull, |cell| match cell {
                    Some(Cell::Is(day)) => (day as i32, day as i32),
                    Some(cell) => hidden(cell).unwrap_or(ANY_DAY),
                    None => ANY_DAY,
                });
                let (lo, hi) = ends.into_iter().unzip();
                Column::Days(Days::of(lo, hi))
            }
            FieldType::Enum(_) => {
                if let Some(Values::Enums(values)) = values {
                    return Column::Sets(table.told_only(values, at, |value| 1 << value, !0));
                }
                let join = |a, b| a | b;
                Column::Sets(self.each(field, at, join, |cell| match cell {
                    Some(Cell::Is(value)) => 1 << value,
                    _ => !0,
                }))
            }
            _ => {
                if let Some(Values::Codes(values)) = values {
                    return Column::Codes(table.told_only(values, at, |code| code + 1, ANY_CODE));
                }
                Column::Codes(self.each(field, at, either, |cell| match cell {
                    Some(Cell::Is(code)) => code as u32,
                    _ => ANY_CODE,
                }))
            }
        }
    }

    /// May a field of things on days be something, may it be nothing?
    pub fn exists(&self, field: FieldId, at: &Places) -> Vec<Bits> {
        let table = self.table(at.entity);
        if let Some(said) = table.one_row_each(field).and_then(|column| column.said.as_ref()) {
            let bits = |said| match said {
                Said::Told | Said::Year => YES,
                Said::Nothing => NO,
                Said::Unknown => UNKNOWN,
            };
            return table.told_only(said, at, bits, UNKNOWN);
        }
        let join = |a, b| a | b;
        self.each(field, at, join, |cell| match cell {
            Some(Cell::Nothing) => NO,
            Some(Cell::Unknown) | None => UNKNOWN,
            Some(_) => YES,
        })
    }

    /// One value per thing and day, from the cells that count; where they are several and nothing is
    /// said by some of them, those do not widen what is said by the others.
    fn each<T: Copy>(
        &self,
        field: FieldId,
        at: &Places,
        mut join: impl FnMut(T, T) -> T,
        value: impl Fn(Option<Cell>) -> T,
    ) -> Vec<T> {
        let one = |(thing, day): (u32, i32)| match self.cells(at.entity, thing as usize, field, day) {
            Cells::One(cell) => value(cell),
            Cells::Many(cells) => {
                let cells = cells.into_iter().map(Some);
                cells.map(&value).reduce(&mut join).expect("precedence keeps at least one row")
            }
        };
        at.iter().map(one).collect()
    }
}

impl Table<'_> {
    /// A column of which every thing with rows has one, and of which no name says anything more.
    fn one_row_each(&self, field: FieldId) -> Option<&card::Column> {
        let by_name = self.named() == Some(field) && self.absent() > 0;
        (self.is_dense() && !by_name).then(|| self.column(field))
    }

    /// Such a column where all is told.
    fn rows_alone(&self, field: FieldId) -> Option<&card::Column> {
        self.one_row_each(field).filter(|column| column.said.is_none())
    }

    /// What is told of things, and what stands where there are no rows.
    fn told_only<V: Copy, T: Copy>(
        &self,
        values: &[V],
        at: &Places,
        told: impl Fn(V) -> T,
        untold: T,
    ) -> Vec<T> {
        match at.things {
            None => {
                let rows = values.iter().map(|value| told(*value));
                let absent = std::iter::repeat_n(untold, self.absent());
                std::iter::once(untold).chain(rows).chain(absent).collect()
            }
            Some(things) => {
                let one = |thing: &u32| {
                    let row = (*thing as usize).wrapping_sub(1);
                    values.get(row).map_or(untold, |value| told(*value))
                };
                things.iter().map(one).collect()
            }
        }
    }
}

const fn truth(value: bool) -> Bits {
    if value { YES } else { NO }
}
