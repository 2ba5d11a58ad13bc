use std::{collections::BTreeSet, fs, path::Path};

use card::{
    Bucket, Column, Coverage, Entity, EntityId, Field, FieldId, FieldType, PersonId, RegistryId, Said,
    Schema, Table, Values,
};

use sha2::{Digest, Sha256};

use super::{
    SnapshotError,
    columns::{Draft, Kind, Sheet, named},
    hex, validity,
};

/// Fields that are wanted of a bucket.
pub type Fields = BTreeSet<(EntityId, FieldId)>;

const ROW: &str = "row";
const FROM: &str = "valid_from";
const UNTIL: &str = "valid_until";
const REGISTRY: &str = "registry";
/// The files that are no entity's. Tools that read a folder pass over names that begin so.
const SUBJECTS: &str = "_subjects.parquet";
const CODES: &str = "_codes.parquet";

const BEYOND: &str = "points beyond the codes of its bucket";

/// What was written of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// How many rows of all entities.
    pub rows: u64,
    /// How large all files are.
    pub bytes: u64,
    /// SHA-256 of all files in the order of the schema, in hexadecimal.
    pub sha256: String,
}

/// Writes a bucket into a folder, made if need be: a file for each entity. Coverage is the same for
/// all buckets and is not in it.
pub fn write_bucket(folder: &Path, schema: &Schema, bucket: &Bucket) -> Result<Written, SnapshotError> {
    fs::create_dir_all(folder).map_err(|error| SnapshotError::Io { file: named(folder), error })?;
    let mut subjects = Draft::default();
    let numbers: Vec<i64> = bucket.subjects.iter().map(|subject| subject.0 as i64).collect();
    subjects.longs("person", Kind::Key, numbers);
    let mut codes = Draft::default();
    codes.texts("code", bucket.codes.iter().map(|code| &**code));
    let tables = schema.entities.iter().zip(&bucket.tables).map(|(entity, table)| draft(entity, table));
    let (mut bytes, mut hash) = (0, Sha256::new());
    for (name, draft) in files(schema).zip([subjects, codes].into_iter().chain(tables)) {
        let path = folder.join(name);
        let content = draft.content().map_err(|error| SnapshotError::Write { file: named(&path), error })?;
        hash.update(&content);
        bytes += content.len() as u64;
        fs::write(&path, content).map_err(|error| SnapshotError::Io { file: named(&path), error })?;
    }
    let rows = bucket.tables.iter().map(|table| table.len() as u64).sum();
    Ok(Written { rows, bytes, sha256: hex(&hash.finalize()) })
}

/// The SHA-256 of a bucket's files, as it was when they were written.
pub(super) fn sha256_of(folder: &Path, schema: &Schema) -> Result<String, SnapshotError> {
    let mut hash = Sha256::new();
    for name in files(schema) {
        let path = folder.join(name);
        hash.update(fs::read(&path).map_err(|error| SnapshotError::Io { file: named(&path), error })?);
    }
    Ok(hex(&hash.finalize()))
}

/// The files of a bucket, in their order.
fn files(schema: &Schema) -> impl Iterator<Item = String> {
    [SUBJECTS, CODES].into_iter().map(str::to_owned).chain(schema.entities.iter().map(file_of))
}

/// Whom a bucket answers for, ascending.
pub(super) fn subjects_of(folder: &Path) -> Result<Vec<PersonId>, SnapshotError> {
    let persons = Sheet::open(&folder.join(SUBJECTS))?.longs("person", Kind::Key)?;
    Ok(persons.into_iter().map(|person| PersonId(person as u64)).collect())
}

fn file_of(entity: &Entity) -> String {
    format!("{}.parquet", entity.name)
}

fn draft<'t>(entity: &Entity, table: &'t Table) -> Draft<'t> {
    let mut draft = Draft::default();
    draft.longs(ROW, Kind::Key, signed(&table.ids));
    for (field, column) in entity.fields.iter().zip(&table.fields) {
        match &column.values {
            // A bucket that was read in part is not the whole.
            Values::Unread => continue,
            Values::Bools(values) => draft.bools(&field.name, values),
            Values::Numbers(values) => draft.longs(&field.name, Kind::Number, values),
            Values::Days(values) => draft.ints(&field.name, kind(field.ty), values),
            Values::Enums(values) => draft.ints(
                &field.name,
                Kind::Small,
                values.iter().map(|value| i32::from(*value)).collect::<Vec<_>>(),
            ),
            Values::Codes(values) => draft.ints(
                &field.name,
                Kind::Code,
                values.iter().map(|value| *value as i32).collect::<Vec<_>>(),
            ),
            Values::Keys(values) => draft.longs(&field.name, Kind::Key, signed(values)),
        }
        if let Some(said) = &column.said {
            draft.ints(said_of(field), Kind::Small, said.iter().map(|said| *said as i32).collect::<Vec<_>>());
        }
    }
    let (from, until) = validity::derived(entity, &table.fields, table.len());
    if (&from, &until) != (&table.from, &table.until) {
        draft.ints(FROM, Kind::Date, &table.from);
        draft.ints(UNTIL, Kind::Date, &table.until);
    }
    if let Some(registries) = &table.registries {
        let numbers: Vec<i32> = registries.iter().map(|registry| i32::from(registry.0)).collect();
        draft.ints(REGISTRY, Kind::Small, numbers);
    }
    draft
}

const fn kind(ty: FieldType) -> Kind {
    match ty {
        FieldType::Bool => Kind::Bool,
        FieldType::Integer | FieldType::Decimal | FieldType::Money => Kind::Number,
        FieldType::Date => Kind::Date,
        FieldType::Month | FieldType::Enum(_) => Kind::Small,
        FieldType::Code | FieldType::Row(_) => Kind::Code,
        FieldType::Person | FieldType::Account | FieldType::Phone => Kind::Key,
    }
}

fn said_of(field: &Field) -> String {
    format!("{}_said", field.name)
}

fn signed(numbers: &[u64]) -> Vec<i64> {
    numbers.iter().map(|number| *number as i64).collect()
}

/// Reads a bucket from its folder: all fields, or those that are wanted and what tells when rows are
/// true. Every position, number and kind of answer is checked against what the schema declares.
pub fn read_bucket(
    folder: &Path,
    schema: &Schema,
    wanted: Option<&Fields>,
    coverage: Vec<Coverage>,
) -> Result<Bucket, SnapshotError> {
    let subjects = subjects_of(folder)?;
    let codes = Sheet::open(&folder.join(CODES))?.texts("code")?;
    let mut tables = Vec::with_capacity(schema.entities.len());
    for (at, entity) in schema.entities.iter().enumerate() {
        let sheet = Sheet::open(&folder.join(file_of(entity)))?;
        let timed: Vec<FieldId> = validity::fields(entity).collect();
        let is_read = |field: FieldId| {
            wanted.is_none_or(|wanted| wanted.contains(&(EntityId(at as u16), field)))
                || timed.contains(&field)
        };
        let reader = Reader { schema, sheet, codes: codes.len() };
        tables.push(reader.table(entity, is_read)?);
    }
    Ok(Bucket { subjects, tables, codes, coverage })
}

struct Reader<'s> {
    schema: &'s Schema,
    sheet: Sheet,
    /// How many there are.
    codes: usize,
}

impl Reader<'_> {
    fn table(&self, entity: &Entity, is_read: impl Fn(FieldId) -> bool) -> Result<Table, SnapshotError> {
        let mut fields = Vec::with_capacity(entity.fields.len());
        for (at, field) in entity.fields.iter().enumerate() {
            fields.push(if is_read(FieldId(at as u16)) {
                self.field(field)?
            } else {
                Column { values: Values::Unread, said: None }
            });
        }
        let (from, until) = if self.sheet.has(FROM) {
            (self.sheet.ints(FROM, Kind::Date)?, self.sheet.ints(UNTIL, Kind::Date)?)
        } else {
            validity::derived(entity, &fields, self.sheet.rows())
        };
        let registries = if self.sheet.has(REGISTRY) {
            let count = self.schema.registries.len();
            let numbers =
                self.positions(REGISTRY, Kind::Small, count, "names a registry that is not declared")?;
            Some(numbers.into_iter().map(|number| RegistryId(number as u16)).collect())
        } else {
            None
        };
        let ids = self.sheet.longs(ROW, Kind::Key)?.into_iter().map(|id| id as u64).collect();
        Ok(Table { ids, registries, from, until, fields })
    }

    fn field(&self, field: &Field) -> Result<Column, SnapshotError> {
        let (sheet, name) = (&self.sheet, field.name.as_str());
        let values = match field.ty {
            FieldType::Bool => Values::Bools(sheet.bools(name)?),
            FieldType::Integer | FieldType::Decimal | FieldType::Money => {
                let numbers = sheet.longs(name, Kind::Number)?;
                if !field.signed && numbers.iter().any(|number| *number < 0) {
                    return Err(sheet.wrong(name, "holds a number below zero"));
                }
                Values::Numbers(numbers)
            }
            FieldType::Date | FieldType::Month => Values::Days(sheet.ints(name, kind(field.ty))?),
            FieldType::Enum(id) => {
                let count = self.schema.enumeration(id).values.len().max(1);
                let places =
                    self.positions(name, Kind::Small, count, "holds a value that is not declared")?;
                Values::Enums(places.into_iter().map(|place| place as u16).collect())
            }
            FieldType::Code | FieldType::Row(_) => {
                // Where nothing is told, a position stands for nothing and is 0, codes or not.
                let places = self.positions(name, Kind::Code, self.codes.max(1), BEYOND)?;
                Values::Codes(places.into_iter().map(|place| place as u32).collect())
            }
            FieldType::Person | FieldType::Account | FieldType::Phone => {
                Values::Keys(sheet.longs(name, Kind::Key)?.into_iter().map(|key| key as u64).collect())
            }
        };
        let said = said_of(field);
        let said = if sheet.has(&said) {
            let kinds = [Said::Told, Said::Nothing, Said::Unknown, Said::Year];
            let places = self.positions(&said, Kind::Small, kinds.len(), "holds no kind of answer")?;
            Some(places.into_iter().map(|place| kinds[place as usize]).collect())
        } else {
            None
        };
        let column = Column { values, said };
        self.check(field, &column)?;
        Ok(column)
    }

    /// Kinds of answer that a field of that type cannot give.
    fn check(&self, field: &Field, column: &Column) -> Result<(), SnapshotError> {
        let said = column.said.as_deref();
        if field.ty != FieldType::Date && said.is_some_and(|said| said.contains(&Said::Year)) {
            return Err(self.sheet.wrong(&said_of(field), "tells a year where no day is"));
        }
        let tells = said.map_or(self.sheet.rows() > 0, |said| said.contains(&Said::Told));
        if tells && self.codes == 0 && matches!(column.values, Values::Codes(_)) {
            return Err(self.sheet.wrong(&field.name, BEYOND));
        }
        Ok(())
    }

    /// Positions, each below a count.
    fn positions(
        &self,
        column: &str,
        kind: Kind,
        count: usize,
        otherwise: &'static str,
    ) -> Result<Vec<i32>, SnapshotError> {
        let places = self.sheet.ints(column, kind)?;
        // A negative number is a large position.
        let largest = places.iter().map(|place| *place as u32).max();
        match largest {
            Some(largest) if largest as usize >= count => Err(self.sheet.wrong(column, otherwise)),
            _ => Ok(places),
        }
    }
}
