use card::{EntityId, FieldId, Schema};

/// One record of an extract or one row of an event, as text, with its place.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The line of the file on which it begins, or the row of the event, from 1.
    pub line: u64,
    text: String,
    ends: Vec<usize>,
}

impl Record {
    /// Forgets the cells, to be filled again.
    pub fn begin(&mut self, line: u64) {
        self.line = line;
        self.text.clear();
        self.ends.clear();
    }

    /// Adds a cell.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// The text of a cell; empty where the record is too short.
    pub fn cell(&self, at: usize) -> &str {
        let Some(end) = self.ends.get(at) else { return "" };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..*end]
    }

    /// The cells in order.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|at| self.cell(at))
    }
}

/// A reader of the records of an extract, whatever the format of the file.
pub trait Records {
    /// Why it cannot be read on.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The name of the file.
    fn file(&self) -> &str;

    /// Which column is which field.
    fn header(&self) -> &Header;

    /// Reads the next record into `record`; `false` at the end.
    fn next(&mut self, record: &mut Record) -> Result<bool, Self::Error>;
}

/// Which column of a file is which field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub(crate) columns: Vec<Column>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Field(FieldId),
    /// The name of a person: it goes to the vault and is no fact.
    Name,
}

/// Why a header fits no entity. Names found in the file are not repeated: a file without a header
/// has a person's data in its first line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// A column that the entity does not have.
    #[error("line 1, column {column}: this names no field of {entity}; its fields are {fields}")]
    Unknown {
        /// Which column, from 1.
        column: usize,
        /// Of which entity.
        entity: String,
        /// What is expected.
        fields: String,
    },
    /// A field twice.
    #[error("line 1, column {column}: {field} stands in column {first} already; remove one of them")]
    Twice {
        /// Which column, from 1.
        column: usize,
        /// Where it came first.
        first: usize,
        /// Which field.
        field: String,
    },
    /// A field of the natural key is missing.
    #[error("line 1: {field} is missing; the rows of {entity} are told apart by {key}")]
    KeyMissing {
        /// Which field.
        field: String,
        /// Of which entity.
        entity: String,
        /// The whole key.
        key: String,
    },
}

impl Header {
    /// Finds the fields of an entity that the names of columns mean. Fields without a column are
    /// not told by the file. A column `name` of persons goes to the vault.
    pub fn bind<'n>(
        schema: &Schema,
        entity: EntityId,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<Self, HeaderError> {
        let declared = schema.at(entity);
        let list = |ids: &mut dyn Iterator<Item = FieldId>| {
            ids.map(|id| declared.at(id).name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let mut columns = Vec::new();
        for name in names {
            let column = match declared.field(name) {
                Some(field) => Column::Field(field),
                None if entity == Schema::PERSON && name == "name" => Column::Name,
                // Registries know a person by the IIN; inside, the key is the person's id.
                None if entity == Schema::PERSON && name == "iin" => Column::Field(declared.key[0]),
                None => {
                    return Err(HeaderError::Unknown {
                        column: columns.len() + 1,
                        entity: declared.name.clone(),
                        fields: list(&mut (0..declared.fields.len()).map(|at| FieldId(at as u16))),
                    });
                }
            };
            if let Some(first) = columns.iter().position(|c| *c == column) {
                let field = match column {
                    Column::Field(field) => declared.at(field).name.clone(),
                    Column::Name => "name".to_owned(),
                };
                return Err(HeaderError::Twice { column: columns.len() + 1, first: first + 1, field });
            }
            columns.push(column);
        }
        let missing = declared.key.iter().find(|key| !columns.contains(&Column::Field(**key)));
        match missing {
            Some(field) => Err(HeaderError::KeyMissing {
                field: declared.at(*field).name.clone(),
                entity: declared.name.clone(),
                key: list(&mut declared.key.iter().copied()),
            }),
            None => Ok(Self { columns }),
        }
    }

    /// How many columns a record has.
    pub fn width(&self) -> usize {
        self.columns.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landmarks::tests::schema;

    #[test]
    fn a_record_gives_back_its_cells() {
        let mut record = Record::default();
        record.begin(7);
        for cell in ["a", "", "бв"] {
            record.push(cell);
        }
        assert_eq!(record.cells().collect::<Vec<_>>(), ["a", "", "бв"]);
        assert_eq!((record.line, record.cell(3)), (7, ""));
    }

    #[test]
    fn a_wrong_header_is_named_by_place_and_never_repeated() {
        let schema = schema();
        let says =
            |names: &str| Header::bind(&schema, Schema::PERSON, names.split(',')).unwrap_err().to_string();
        assert_eq!(
            says("id,010203600012"),
            "line 1, column 2: this names no field of person; its fields are id, birth_date, sex, \
             death_date, region, children_told"
        );
        assert_eq!(says("iin,sex,id"), "line 1, column 3: id stands in column 1 already; remove one of them");
        assert_eq!(says("sex"), "line 1: id is missing; the rows of person are told apart by id");
        assert_eq!(Header::bind(&schema, Schema::PERSON, ["id", "name", "sex"]).unwrap().width(), 3);
    }
}
