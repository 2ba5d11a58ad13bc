//! Flat Parquet files of whole columns, written and read in one go.

use std::{borrow::Cow, path::Path, sync::Arc};

use ::parquet::{
    basic::{Compression, Encoding, Type as Physical},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
        reader::{FileReader, SerializedFileReader},
        writer::SerializedFileWriter,
    },
    schema::{parser::parse_message_type, types::ColumnPath},
};
use bytes::Bytes;

use super::SnapshotError;

/// Rows of a page: more than any bucket has, since a page of its own costs time.
const PAGE_ROWS: usize = 1 << 24;

/// What a column holds, as other tools read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    /// A day.
    Date,
    /// A small number: an enumeration, a month, a kind of answer.
    Small,
    /// A position among the codes.
    Code,
    /// An amount or number.
    Number,
    /// A person, account, phone or row.
    Key,
    Text,
}

impl Kind {
    const fn declared(self) -> &'static str {
        match self {
            Self::Bool => "BOOLEAN",
            Self::Date | Self::Small | Self::Code => "INT32",
            Self::Number | Self::Key => "INT64",
            Self::Text => "BYTE_ARRAY",
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Date => " (DATE)",
            Self::Text => " (UTF8)",
            _ => "",
        }
    }

    const fn physical(self) -> Physical {
        match self {
            Self::Bool => Physical::BOOLEAN,
            Self::Date | Self::Small | Self::Code => Physical::INT32,
            Self::Number | Self::Key => Physical::INT64,
            Self::Text => Physical::BYTE_ARRAY,
        }
    }
}

/// Values of a column on their way to a file.
enum Values<'v> {
    Bools(&'v [bool]),
    Ints(Cow<'v, [i32]>),
    Longs(Cow<'v, [i64]>),
    Texts(Vec<ByteArray>),
}

/// A file to be written.
#[derive(Default)]
pub(super) struct Draft<'v> {
    columns: Vec<(String, Kind, Values<'v>)>,
}

impl<'v> Draft<'v> {
    pub fn bools(&mut self, name: impl Into<String>, values: &'v [bool]) {
        self.columns.push((name.into(), Kind::Bool, Values::Bools(values)));
    }

    pub fn ints(&mut self, name: impl Into<String>, kind: Kind, values: impl Into<Cow<'v, [i32]>>) {
        self.columns.push((name.into(), kind, Values::Ints(values.into())));
    }

    pub fn longs(&mut self, name: impl Into<String>, kind: Kind, values: impl Into<Cow<'v, [i64]>>) {
        self.columns.push((name.into(), kind, Values::Longs(values.into())));
    }

    pub fn texts<'t>(&mut self, name: impl Into<String>, values: impl IntoIterator<Item = &'t str>) {
        let values = values.into_iter().map(ByteArray::from).collect();
        self.columns.push((name.into(), Kind::Text, Values::Texts(values)));
    }

    /// The content of the file.
    pub fn content(self) -> Result<Vec<u8>, ParquetError> {
        let column = |(name, kind, _): &(String, Kind, _)| {
            format!("REQUIRED {} {name}{};", kind.declared(), kind.meaning())
        };
        let declared = self.columns.iter().map(column).collect::<Vec<_>>().join("\n");
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::UNCOMPRESSED)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_data_page_size_limit(PAGE_ROWS);
        for (name, kind, _) in &self.columns {
            properties = encoded(properties, ColumnPath::from(name.as_str()), *kind);
        }
        let schema = Arc::new(parse_message_type(&format!("message facts {{\n{declared}\n}}"))?);
        let mut content = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut content, schema, Arc::new(properties.build()))?;
        let mut group = writer.next_row_group()?;
        for (_, _, values) in &self.columns {
            let Some(mut column) = group.next_column()? else { break };
            match values {
                Values::Bools(values) => column.typed::<BoolType>().write_batch(values, None, None)?,
                Values::Ints(values) => column.typed::<Int32Type>().write_batch(values, None, None)?,
                Values::Longs(values) => column.typed::<Int64Type>().write_batch(values, None, None)?,
                Values::Texts(values) => column.typed::<ByteArrayType>().write_batch(values, None, None)?,
            };
            column.close()?;
        }
        group.close()?;
        writer.close()?;
        Ok(content)
    }
}

/// How a column lies in the file. Packed differences take a tenth to a half of plain numbers, and decode
/// a third as fast as plain ones are copied, which is still a thousand million in a second; Snappy over plain
/// ones takes five times as long as that. (`cargo bench -p outside --bench snapshot`)
fn encoded(properties: WriterPropertiesBuilder, column: ColumnPath, kind: Kind) -> WriterPropertiesBuilder {
    let encoding = match kind {
        Kind::Small => return properties.set_column_dictionary_enabled(column, true),
        Kind::Bool | Kind::Text => Encoding::PLAIN,
        Kind::Date | Kind::Code | Kind::Number | Kind::Key => Encoding::DELTA_BINARY_PACKED,
    };
    properties.set_column_dictionary_enabled(column.clone(), false).set_column_encoding(column, encoding)
}

/// A file that is read.
pub(super) struct Sheet {
    name: String,
    reader: SerializedFileReader<Bytes>,
    rows: usize,
}

impl Sheet {
    pub fn open(path: &Path) -> Result<Self, SnapshotError> {
        let name = named(path);
        let content = std::fs::read(path).map_err(|error| SnapshotError::Io { file: name.clone(), error })?;
        let damaged = |error| SnapshotError::Damaged { file: name.clone(), error };
        let reader = SerializedFileReader::new(Bytes::from(content)).map_err(damaged)?;
        let rows = reader.metadata().file_metadata().num_rows();
        let rows = usize::try_from(rows)
            .map_err(|_| damaged(ParquetError::General("a negative number of rows".to_owned())))?;
        Ok(Self { name, reader, rows })
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn has(&self, column: &str) -> bool {
        self.place(column).is_some()
    }

    fn place(&self, column: &str) -> Option<usize> {
        let columns = self.reader.metadata().file_metadata().schema_descr().columns();
        columns.iter().position(|found| found.name() == column)
    }

    pub fn wrong(&self, column: &str, what: &'static str) -> SnapshotError {
        SnapshotError::Column { file: self.name.clone(), column: column.to_owned(), what }
    }

    fn damaged(&self, error: ParquetError) -> SnapshotError {
        SnapshotError::Damaged { file: self.name.clone(), error }
    }

    pub fn bools(&self, column: &str) -> Result<Vec<bool>, SnapshotError> {
        self.column(column, Kind::Bool, |reader| match reader {
            ColumnReader::BoolColumnReader(reader) => Some(reader),
            _ => None,
        })
    }

    pub fn ints(&self, column: &str, kind: Kind) -> Result<Vec<i32>, SnapshotError> {
        self.column(column, kind, |reader| match reader {
            ColumnReader::Int32ColumnReader(reader) => Some(reader),
            _ => None,
        })
    }

    pub fn longs(&self, column: &str, kind: Kind) -> Result<Vec<i64>, SnapshotError> {
        self.column(column, kind, |reader| match reader {
            ColumnReader::Int64ColumnReader(reader) => Some(reader),
            _ => None,
        })
    }

    pub fn texts(&self, column: &str) -> Result<Vec<Box<str>>, SnapshotError> {
        let values = self.column(column, Kind::Text, |reader| match reader {
            ColumnReader::ByteArrayColumnReader(reader) => Some(reader),
            _ => None,
        })?;
        let text = |value: &ByteArray| value.as_utf8().map(Box::from).map_err(|error| self.damaged(error));
        values.iter().map(text).collect()
    }

    fn column<T: DataType>(
        &self,
        column: &str,
        kind: Kind,
        typed: fn(ColumnReader) -> Option<ColumnReaderImpl<T>>,
    ) -> Result<Vec<T::T>, SnapshotError> {
        let place = self.place(column).ok_or_else(|| self.wrong(column, "is not there"))?;
        let described = self.reader.metadata().file_metadata().schema_descr().column(place);
        if described.physical_type() != kind.physical() || described.max_def_level() > 0 {
            return Err(self.wrong(column, "is of another type"));
        }
        let mut values = Vec::with_capacity(self.rows);
        for group in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(group).map_err(|error| self.damaged(error))?;
            let reader = group.get_column_reader(place).map_err(|error| self.damaged(error))?;
            let Some(mut reader) = typed(reader) else {
                return Err(self.wrong(column, "is of another type"));
            };
            reader
                .read_records(self.rows - values.len(), None, None, &mut values)
                .map_err(|error| self.damaged(error))?;
        }
        if values.len() == self.rows {
            Ok(values)
        } else {
            Err(self.wrong(column, "ends before the last row"))
        }
    }
}

/// The last two parts of a path: which file of which bucket.
pub(super) fn named(path: &Path) -> String {
    let parts: Vec<_> = path.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}
