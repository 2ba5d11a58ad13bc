use std::collections::HashMap;

use crate::{
    AccountId, Cell, Coverage, Date, EntityId, FieldType, Month, PersonId, PhoneId, RegistryId, Row, Schema,
    Tenge,
};

/// The facts about some subjects as columns: every row of their circles, once. The nation is many
/// buckets; a row that several of them need lies in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Whom the bucket answers for, in ascending order. Others are here because the law of a subject
    /// reads about them.
    pub subjects: Vec<PersonId>,
    /// One table for each entity of the schema.
    pub tables: Vec<Table>,
    /// The texts of all codes: a code in a column is a position here.
    pub codes: Vec<Box<str>>,
    /// What silence means, the same for every row here.
    pub coverage: Vec<Coverage>,
}

/// The rows of one entity, in the order of the first field of its key, then of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The store's number of each row.
    pub ids: Vec<u64>,
    /// Who said each row; `None` where all are of the registry that owns the entity.
    pub registries: Option<Vec<RegistryId>>,
    /// The first day on which each row is true, in days since 1970.
    pub from: Vec<i32>,
    /// The first day on which each row is true no more.
    pub until: Vec<i32>,
    /// One column for each field.
    pub fields: Vec<Column>,
}

/// What one field says in every row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The values; where nothing is told, any value stands.
    pub values: Values,
    /// What kind of answer each one is; `None` where all are told.
    pub said: Option<Vec<Said>>,
}

/// The values of a field, by the kind of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// The law of no measure reads the field.
    Unread,
    /// Truth values.
    Bools(Vec<bool>),
    /// Whole numbers; decimals in millionths; amounts in tiyn.
    Numbers(Vec<i64>),
    /// Days since 1970; months as year × 12 + month − 1; for [`Said::Year`], the year.
    Days(Vec<i32>),
    /// Positions in an enumeration.
    Enums(Vec<u16>),
    /// Positions in [`Bucket::codes`].
    Codes(Vec<u32>),
    /// Numbers of persons, accounts or phones.
    Keys(Vec<u64>),
}

/// What kind of answer a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Said {
    /// The value.
    Told,
    /// See [`Cell::Nothing`].
    Nothing,
    /// See [`Cell::Unknown`].
    Unknown,
    /// See [`Cell::Year`].
    Year,
}

impl Bucket {
    /// A bucket of rows, each given once.
    pub fn of<'r>(
        schema: &Schema,
        mut subjects: Vec<PersonId>,
        rows: impl IntoIterator<Item = &'r Row>,
        coverage: Vec<Coverage>,
    ) -> Self {
        subjects.sort_unstable();
        let mut by_entity: Vec<Vec<&Row>> = vec![Vec::new(); schema.entities.len()];
        for row in rows {
            by_entity[row.entity.0 as usize].push(row);
        }
        let mut codes = Codes::default();
        let tables = schema.entities.iter().zip(by_entity).map(|(declared, mut rows)| {
            let first = declared.key.first().copied();
            rows.sort_unstable_by_key(|row| (first.map(|field| row.cell(field)), row.id));
            let columns = declared.fields.iter().enumerate();
            Table {
                ids: rows.iter().map(|row| row.id).collect(),
                registries: (rows.iter().any(|row| row.registry != declared.registry))
                    .then(|| rows.iter().map(|row| row.registry).collect()),
                from: rows.iter().map(|row| row.from.days()).collect(),
                until: rows.iter().map(|row| row.until.days()).collect(),
                fields: columns
                    .map(|(at, field)| {
                        Column::of(field.ty, rows.iter().map(|row| &row.cells[at]), &mut codes)
                    })
                    .collect(),
            }
        });
        let tables = tables.collect();
        Self { subjects, tables, codes: codes.texts, coverage }
    }

    /// A row as it was given. The cells of fields that no law reads are [`Cell::Unknown`].
    pub fn row(&self, schema: &Schema, entity: EntityId, at: usize) -> Row {
        let table = &self.tables[entity.0 as usize];
        let declared = schema.at(entity);
        let cells = declared.fields.iter().zip(&table.fields);
        Row {
            id: table.ids[at],
            entity,
            cells: cells.map(|(field, column)| column.cell(field.ty, at, &self.codes)).collect(),
            from: Date::from_days(table.from[at]),
            until: Date::from_days(table.until[at]),
            registry: table.registries.as_ref().map_or(declared.registry, |registries| registries[at]),
        }
    }
}

impl Table {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

impl Column {
    fn of<'c>(ty: FieldType, cells: impl Iterator<Item = &'c Cell> + Clone, codes: &mut Codes) -> Self {
        let told = cells.clone().map(Said::of);
        let said = told.clone().any(|said| said != Said::Told).then(|| told.collect());
        let number = |cell: &Cell| match cell {
            Cell::Integer(number) | Cell::Decimal(number) => *number,
            Cell::Money(sum) => sum.tiyn(),
            _ => 0,
        };
        let day = |cell: &Cell| match cell {
            Cell::Date(day) => day.days(),
            Cell::Month(month) => month.0,
            Cell::Year(year) => *year,
            _ => 0,
        };
        let key = |cell: &Cell| match cell {
            Cell::Person(PersonId(id)) | Cell::Account(AccountId(id)) | Cell::Phone(PhoneId(id)) => *id,
            _ => 0,
        };
        let values = match ty {
            FieldType::Bool => Values::Bools(cells.map(|cell| *cell == Cell::Bool(true)).collect()),
            FieldType::Integer | FieldType::Decimal | FieldType::Money => {
                Values::Numbers(cells.map(number).collect())
            }
            FieldType::Date | FieldType::Month => Values::Days(cells.map(day).collect()),
            FieldType::Enum(_) => {
                Values::Enums(cells.map(|cell| if let Cell::Enum(at) = cell { *at } else { 0 }).collect())
            }
            FieldType::Code | FieldType::Row(_) => {
                Values::Codes(cells.map(|cell| codes.position(cell)).collect())
            }
            FieldType::Person | FieldType::Account | FieldType::Phone => {
                Values::Keys(cells.map(key).collect())
            }
        };
        Self { values, said }
    }

    fn cell(&self, ty: FieldType, at: usize, codes: &[Box<str>]) -> Cell {
        let said = self.said.as_ref().map_or(Said::Told, |said| said[at]);
        match (said, &self.values) {
            (Said::Unknown, _) | (_, Values::Unread) => Cell::Unknown,
            (Said::Nothing, _) => Cell::Nothing,
            (Said::Year, Values::Days(years)) => Cell::Year(years[at]),
            (_, Values::Bools(values)) => Cell::Bool(values[at]),
            (_, Values::Numbers(values)) => match ty {
                FieldType::Money => Cell::Money(Tenge::from_tiyn(values[at])),
                FieldType::Decimal => Cell::Decimal(values[at]),
                _ => Cell::Integer(values[at]),
            },
            (_, Values::Days(values)) if ty == FieldType::Month => Cell::Month(Month(values[at])),
            (_, Values::Days(values)) => Cell::Date(Date::from_days(values[at])),
            (_, Values::Enums(values)) => Cell::Enum(values[at]),
            (_, Values::Codes(values)) => Cell::Code(codes[values[at] as usize].clone()),
            (_, Values::Keys(values)) => match ty {
                FieldType::Account => Cell::Account(AccountId(values[at])),
                FieldType::Phone => Cell::Phone(PhoneId(values[at])),
                _ => Cell::Person(PersonId(values[at])),
            },
        }
    }
}

impl Said {
    const fn of(cell: &Cell) -> Self {
        match cell {
            Cell::Unknown => Self::Unknown,
            Cell::Nothing => Self::Nothing,
            Cell::Year(_) => Self::Year,
            _ => Self::Told,
        }
    }
}

#[derive(Default)]
struct Codes {
    texts: Vec<Box<str>>,
    known: HashMap<Box<str>, u32>,
}

impl Codes {
    /// The position of a code; 0 where there is none.
    fn position(&mut self, cell: &Cell) -> u32 {
        let Cell::Code(text) = cell else { return 0 };
        if let Some(&known) = self.known.get(text) {
            return known;
        }
        let next = self.texts.len() as u32;
        self.texts.push(text.clone());
        self.known.insert(text.clone(), next);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entity, EnumId, Field, FieldId, LONG_AGO, Text, Validity};

    fn schema(types: &[FieldType]) -> Schema {
        let field = |(at, ty): (usize, &FieldType)| Field {
            name: format!("field_{at}"),
            aliases: Vec::new(),
            title: Text::default(),
            ty: *ty,
            optional: true,
            signed: true,
            year_only: true,
            registry: None,
        };
        let entity = Entity {
            name: "thing".into(),
            aliases: Vec::new(),
            title: Text::default(),
            registry: RegistryId(0),
            fields: types.iter().enumerate().map(field).collect(),
            key: vec![FieldId(0)],
            validity: Validity::Always,
        };
        Schema { entities: vec![entity], ..Schema::default() }
    }

    fn row(id: u64, registry: u16, cells: Vec<Cell>) -> Row {
        Row {
            id,
            entity: EntityId(0),
            cells: cells.into(),
            from: LONG_AGO,
            until: Date::from_days(20_000),
            registry: RegistryId(registry),
        }
    }

    #[test]
    fn rows_come_back_as_they_were_given_in_the_order_of_their_keys() {
        let schema = schema(&[
            FieldType::Person,
            FieldType::Bool,
            FieldType::Integer,
            FieldType::Decimal,
            FieldType::Money,
            FieldType::Date,
            FieldType::Month,
            FieldType::Enum(EnumId(0)),
            FieldType::Code,
            FieldType::Account,
            FieldType::Phone,
        ]);
        let told = |person, day: Cell| {
            vec![
                Cell::Person(PersonId(person)),
                Cell::Bool(true),
                Cell::Integer(-3),
                Cell::Decimal(1_500_000),
                Cell::Money(Tenge::from_tiyn(4_325_001)),
                day,
                Cell::Month(Month(24_320)),
                Cell::Enum(2),
                Cell::Code("750000000".into()),
                Cell::Account(AccountId(7)),
                Cell::Phone(PhoneId(8)),
            ]
        };
        let rows = [
            row(4, 0, told(9, Cell::Date(Date::from_days(-400)))),
            row(2, 1, told(3, Cell::Year(1985))),
            row(1, 0, [vec![Cell::Person(PersonId(9))], vec![Cell::Unknown; 10]].concat()),
            row(3, 0, vec![Cell::Nothing; 11]),
        ];
        let bucket = Bucket::of(&schema, vec![PersonId(9), PersonId(3)], &rows, Vec::new());
        assert_eq!(bucket.subjects, [PersonId(3), PersonId(9)]);
        let back: Vec<Row> = (0..4).map(|at| bucket.row(&schema, EntityId(0), at)).collect();
        let [first, second, third, fourth] = rows;
        assert_eq!(back, [fourth, second, third, first]);
    }

    #[test]
    fn what_all_rows_share_is_kept_once() {
        let schema = schema(&[FieldType::Person, FieldType::Code]);
        let of = |id| row(id, 0, vec![Cell::Person(PersonId(id)), Cell::Code("same".into())]);
        let rows = [of(1), of(2)];
        let bucket = Bucket::of(&schema, vec![PersonId(1)], &rows, Vec::new());
        assert_eq!(bucket.codes, ["same".into()]);
        assert_eq!(bucket.tables[0].registries, None);
        assert_eq!(bucket.tables[0].fields.iter().filter(|column| column.said.is_some()).count(), 0);
        assert_eq!(bucket.tables[0].len(), 2);
    }
}
