use std::{fs::File, path::Path};

use ::parquet::{
    basic::Type as Physical,
    data_type::Decimal,
    file::reader::{FileReader, SerializedFileReader},
    record::{Field, reader::RowIter},
};
use card::{Date, Schema};
use intake::{Header, Manifest, Record, Records};

use super::{ExtractError, Hashed};

/// An extract in Parquet: flat columns named as the fields, of texts, whole numbers, decimals, dates
/// and truth values. Months and enumerated values are texts, as in CSV.
pub struct ParquetExtract {
    file: String,
    header: Header,
    rows: RowIter<'static>,
    read: u64,
}

impl ParquetExtract {
    /// Opens the extract of a manifest: hash, rows, header and types of columns are checked.
    pub fn open(path: &Path, manifest: &Manifest, schema: &Schema) -> Result<Self, ExtractError> {
        let file = super::name_of(path);
        let failed = |error| ExtractError::Io { file: file.clone(), error };
        let sha256 = Hashed::open(path).and_then(Hashed::finish).map_err(failed)?;
        if sha256 != manifest.sha256 {
            return Err(ExtractError::Sha256 { file });
        }
        let unreadable = |_| ExtractError::Parquet { file: file.clone() };
        let reader = SerializedFileReader::new(File::open(path).map_err(failed)?).map_err(unreadable)?;
        let described = reader.metadata().file_metadata();
        let columns = described.schema().get_fields();
        for (of, column) in columns.iter().zip(1..) {
            let refused = |mend| ExtractError::ColumnType { file: file.clone(), column, mend };
            match of.is_primitive().then(|| of.get_physical_type()) {
                None => return Err(refused("take nested columns apart")),
                Some(Physical::FLOAT | Physical::DOUBLE) => {
                    return Err(refused("write amounts as decimals, a binary fraction is not exact"));
                }
                Some(Physical::INT96) => return Err(refused("write days as dates without a time")),
                Some(_) => {}
            }
        }
        let header = Header::bind(schema, manifest.entity, columns.iter().map(|column| column.name()))
            .map_err(|error| ExtractError::Header { file: file.clone(), error })?;
        super::check_rows(&file, manifest, described.num_rows() as u64)?;
        for group in 0..reader.num_row_groups() {
            reader.get_row_group(group).map_err(unreadable)?;
        }
        let rows = RowIter::from_file_into(Box::new(reader));
        Ok(Self { file, header, rows, read: 0 })
    }
}

impl Records for ParquetExtract {
    type Error = ExtractError;

    fn file(&self) -> &str {
        &self.file
    }

    fn header(&self) -> &Header {
        &self.header
    }

    fn next(&mut self, record: &mut Record) -> Result<bool, ExtractError> {
        let Some(row) = self.rows.next() else { return Ok(false) };
        let row = row.map_err(|_| ExtractError::Parquet { file: self.file.clone() })?;
        self.read += 1;
        record.begin(self.read);
        for ((_, field), column) in row.get_column_iter().zip(1..) {
            let text = text_of(field).ok_or_else(|| ExtractError::ColumnType {
                file: self.file.clone(),
                column,
                mend: "give the column one of these logical types",
            })?;
            record.push(&text);
        }
        Ok(true)
    }
}

/// A value as CSV writes it; `None` if its type says nothing exact.
fn text_of(field: &Field) -> Option<String> {
    Some(match field {
        Field::Null => String::new(),
        Field::Bool(value) => value.to_string(),
        Field::Byte(n) => n.to_string(),
        Field::Short(n) => n.to_string(),
        Field::Int(n) => n.to_string(),
        Field::Long(n) => n.to_string(),
        Field::UByte(n) => n.to_string(),
        Field::UShort(n) => n.to_string(),
        Field::UInt(n) => n.to_string(),
        Field::ULong(n) => n.to_string(),
        Field::Decimal(decimal) => decimal_text(decimal)?,
        Field::Str(text) => text.clone(),
        Field::Date(days) => Date::from_days(*days).to_string(),
        _ => return None,
    })
}

/// Exactly, without places that are zero.
fn decimal_text(decimal: &Decimal) -> Option<String> {
    let bytes = decimal.data();
    let sign = if bytes.first()? & 0x80 == 0 { 0 } else { 0xff };
    let mut wide = [sign; 16];
    wide[16_usize.checked_sub(bytes.len())?..].copy_from_slice(bytes);
    let unscaled = i128::from_be_bytes(wide);
    let places = usize::try_from(decimal.scale()).ok()?;
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{}{whole}{point}{fraction}", if unscaled < 0 { "-" } else { "" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_exactly() {
        let text = |value, scale| decimal_text(&Decimal::from_i64(value, 18, scale)).unwrap();
        assert_eq!(text(10_401_750, 2), "104017.5");
        assert_eq!(text(10_401_700, 2), "104017");
        assert_eq!(text(-5, 2), "-0.05");
        assert_eq!(text(7, 0), "7");
        assert_eq!(decimal_text(&Decimal::from_bytes(vec![1; 17].into(), 40, 0)), None);
    }
}
