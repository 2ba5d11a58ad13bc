//! The rows of group entities: one for every combination of keys that a grouped row has.

use std::{borrow::Cow, cmp::Ordering};

use card::{Column, FOREVER, FieldType, LONG_AGO, Said, Schema, Values};
use law::Group;

use super::{Cell, Table};

/// The rows that the rows of a group entity group, as places among the rows of the grouped entity.
pub(crate) struct Members {
    /// In the order of the groups; the rows themselves if they lie in that order.
    rows: Option<Vec<u32>>,
    /// Where each group begins, and one more at the end.
    starts: Vec<u32>,
    /// Rows that do not tell all keys: each may be of any group that agrees in the others, or of one
    /// of its own.
    pub hidden: Vec<u32>,
}

impl Members {
    /// The rows of a group, by the place of its row.
    pub fn of(&self, group: usize) -> impl Iterator<Item = u32> {
        let run = self.starts[group]..self.starts[group + 1];
        run.map(|at| self.rows.as_ref().map_or(at, |rows| rows[at as usize]))
    }
}

/// The groups of the rows of an entity, and what they group.
pub(super) fn of<'a>(schema: &Schema, group: &Group, rows: &Table) -> (Table<'a>, Members) {
    let is_hidden = |row: usize| group.by.iter().any(|field| rows.cell(row, *field) == Cell::Unknown);
    let may_hide = group.by.iter().any(|field| {
        let column = rows.column(*field);
        column.said.as_ref().is_some_and(|said| said.contains(&Said::Unknown))
            || column.values == Values::Unread
    });
    let all = 0..rows.rows() as u32;
    let (hidden, mut order): (Vec<u32>, Vec<u32>) =
        if may_hide { all.partition(|row| is_hidden(*row as usize)) } else { (Vec::new(), all.collect()) };
    let keys: Vec<&Column> = group.by.iter().map(|field| rows.column(*field)).collect();
    let compare = |a: u32, b: u32| {
        let each = keys.iter().map(|column| compare(column, a as usize, b as usize));
        each.fold(Ordering::Equal, Ordering::then)
    };
    let in_order = order.is_sorted_by(|a, b| compare(*a, *b) != Ordering::Greater);
    if !in_order {
        order.sort_by(|a, b| compare(*a, *b));
    }
    let mut starts = Vec::with_capacity(order.len() / 2);
    for (at, row) in order.iter().enumerate() {
        if at == 0 || compare(order[at - 1], *row) != Ordering::Equal {
            starts.push(at as u32);
        }
    }
    let firsts: Vec<usize> = starts.iter().map(|at| order[*at as usize] as usize).collect();
    starts.push(order.len() as u32);
    let fields = group.by.iter().map(|field| {
        let cells = firsts.iter().map(|row| rows.cell(*row, *field));
        column(schema.at(group.rows).at(*field).ty, cells)
    });
    let table = card::Table {
        ids: (0..firsts.len() as u64).collect(),
        registries: None,
        from: vec![LONG_AGO.days(); firsts.len()],
        until: vec![FOREVER.days(); firsts.len()],
        fields: fields.collect(),
    };
    let rows = (!in_order || !hidden.is_empty()).then_some(order);
    let table = Table::of(Cow::Owned(table), schema.at(group.entity).registry, None);
    (table, Members { rows, starts, hidden })
}

/// Orders two rows by what they say in a column, any order being as good: only equals must meet.
fn compare(column: &Column, a: usize, b: usize) -> Ordering {
    if let Some(said) = &column.said {
        let kind = (said[a] as u8).cmp(&(said[b] as u8));
        if kind != Ordering::Equal || said[a] == Said::Nothing {
            return kind;
        }
    }
    match &column.values {
        Values::Unread => Ordering::Equal,
        Values::Bools(values) => values[a].cmp(&values[b]),
        Values::Numbers(values) => values[a].cmp(&values[b]),
        Values::Days(values) => values[a].cmp(&values[b]),
        Values::Enums(values) => values[a].cmp(&values[b]),
        Values::Codes(values) => values[a].cmp(&values[b]),
        Values::Keys(values) => values[a].cmp(&values[b]),
    }
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
