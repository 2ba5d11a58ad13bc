//! The rows of group entities: one for every combination of keys that a grouped row has.

use std::borrow::Cow;

use card::{Column, FOREVER, FieldType, LONG_AGO, Schema, Values};
use law::Group;

use super::{Cell, Table};

/// The groups of the rows of an entity.
pub(super) fn of<'a>(schema: &Schema, group: &Group, rows: &Table) -> Table<'a> {
    let keys = |row: usize| -> Vec<Cell> { group.by.iter().map(|field| rows.cell(row, *field)).collect() };
    let mut all: Vec<Vec<Cell>> = (0..rows.rows()).map(keys).collect();
    all.retain(|keys| !keys.contains(&Cell::Unknown));
    all.sort_unstable();
    all.dedup();
    let fields = group.by.iter().enumerate().map(|(at, field)| {
        let cells = all.iter().map(|keys| keys[at]);
        column(schema.at(group.rows).at(*field).ty, cells)
    });
    let table = card::Table {
        ids: (0..all.len() as u64).collect(),
        registries: None,
        from: vec![LONG_AGO.days(); all.len()],
        until: vec![FOREVER.days(); all.len()],
        fields: fields.collect(),
    };
    Table::of(Cow::Owned(table), schema.at(group.entity).registry, None)
}

fn column(ty: FieldType, cells: impl Iterator<Item = Cell> + Clone) -> Column {
    let said = cells.clone().map(Cell::said);
    let said = said.clone().any(|said| said != card::Said::Told).then(|| said.collect());
    let bits = cells.map(|cell| match cell {
        Cell::Is(value) => value,
        Cell::Year(year) => i64::from(year),
        _ => 0,
    });
    let values = match ty {
        FieldType::Bool => Values::Bools(bits.map(|value| value != 0).collect()),
        FieldType::Integer | FieldType::Decimal | FieldType::Money => Values::Numbers(bits.collect()),
        FieldType::Date | FieldType::Month => Values::Days(bits.map(|value| value as i32).collect()),
        FieldType::Enum(_) => Values::Enums(bits.map(|value| value as u16).collect()),
        FieldType::Code | FieldType::Row(_) => {
            Values::Codes(bits.map(|value| (value - 1).max(0) as u32).collect())
        }
        FieldType::Person | FieldType::Account | FieldType::Phone => {
            Values::Keys(bits.map(|value| value as u64).collect())
        }
    };
    Column { values, said }
}
