//! The answers of a sweep as Parquet: one flat table that any analyst's tool reads. Persons are
//! numbers; nothing in it names anybody.

use std::{io::Write, sync::Arc};

use ::parquet::{
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::parser::parse_message_type,
};
use card::{Date, Standing, Ternary, Verdict};

/// The columns. Amounts are in tiyn; an amount that is not known is an interval, an end that is not
/// there has no limit.
const COLUMNS: &str = "message answers {
    REQUIRED BYTE_ARRAY measure (UTF8);
    REQUIRED INT64 subject;
    REQUIRED INT32 day (DATE);
    REQUIRED BYTE_ARRAY outcome (UTF8);
    REQUIRED BYTE_ARRAY free (UTF8);
    OPTIONAL INT64 amount_lo;
    OPTIONAL INT64 amount_hi;
    OPTIONAL BYTE_ARRAY branch (UTF8);
    REQUIRED BOOLEAN preliminary;
}";

/// Rows of one group.
const GROUP: usize = 100_000;

/// The table could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the answers: {0}; free space there, or name another file")]
pub struct AnswersError(#[from] ParquetError);

/// Writes the answers of a sweep on a day.
pub fn write_answers<W: Write + Send>(out: W, day: Date, verdicts: &[&Verdict]) -> Result<(), AnswersError> {
    let schema = Arc::new(parse_message_type(COLUMNS)?);
    let mut writer = SerializedFileWriter::new(out, schema, Arc::new(WriterProperties::builder().build()))?;
    for group in verdicts.chunks(GROUP) {
        let mut columns = writer.next_row_group()?;
        let text = |say: fn(&Verdict) -> &str| -> Vec<ByteArray> {
            group.iter().map(|verdict| ByteArray::from(say(verdict))).collect()
        };
        all::<ByteArrayType, _>(&mut columns, &text(|v| &v.measure))?;
        let subjects: Vec<i64> = group.iter().map(|v| v.question.subject.0 as i64).collect();
        all::<Int64Type, _>(&mut columns, &subjects)?;
        all::<Int32Type, _>(&mut columns, &vec![day.days(); group.len()])?;
        all::<ByteArrayType, _>(&mut columns, &text(outcome))?;
        all::<ByteArrayType, _>(&mut columns, &text(free))?;
        some::<Int64Type, _>(&mut columns, group.iter().map(|v| Some(v.amount?.lo.tiyn())))?;
        some::<Int64Type, _>(&mut columns, group.iter().map(|v| Some(v.amount?.hi?.tiyn())))?;
        let branches = group.iter().map(|v| v.branch.as_deref().map(ByteArray::from));
        some::<ByteArrayType, _>(&mut columns, branches)?;
        let preliminary: Vec<bool> = group.iter().map(|v| v.standing == Standing::Preliminary).collect();
        all::<BoolType, _>(&mut columns, &preliminary)?;
        columns.close()?;
    }
    writer.close()?;
    Ok(())
}

fn outcome(verdict: &Verdict) -> &str {
    match verdict.outcome {
        card::Outcome::NotConcerned => "not_concerned",
        card::Outcome::NotEligible => "not_eligible",
        card::Outcome::Unknown => "unknown",
        card::Outcome::Eligible => "eligible",
    }
}

fn free(verdict: &Verdict) -> &str {
    match verdict.free {
        Ternary::No => "no",
        Ternary::Unknown => "unknown",
        Ternary::Yes => "yes",
    }
}

fn next<'g, W: Write + Send>(
    columns: &'g mut SerializedRowGroupWriter<'_, W>,
) -> Result<SerializedColumnWriter<'g>, ParquetError> {
    columns.next_column()?.ok_or_else(|| ParquetError::General("a column more than declared".to_owned()))
}

/// The next column, of values that are all there.
fn all<T: DataType, W: Write + Send>(
    columns: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let mut column = next(columns)?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

/// The next column, of values that may be missing.
fn some<T: DataType, W: Write + Send>(
    columns: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let (mut there, mut levels) = (Vec::new(), Vec::new());
    for value in values {
        levels.push(i16::from(value.is_some()));
        there.extend(value);
    }
    let mut column = next(columns)?;
    column.typed::<T>().write_batch(&there, Some(&levels), None)?;
    column.close()
}

#[cfg(test)]
mod tests {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use card::{Amount, Outcome, PersonId, Question, Tenge};

    use super::*;

    fn verdict(subject: u64, amount: Option<Amount>) -> Verdict {
        let day = Date::from_days(20_000);
        Verdict {
            measure: "birth_grant".to_owned(),
            question: Question { subject: PersonId(subject), day, asked_on: day },
            outcome: if amount.is_some() { Outcome::Eligible } else { Outcome::NotEligible },
            free: Ternary::Yes,
            amount,
            withheld: vec![],
            branch: amount.map(|_| "first_children".to_owned()),
            conditions: vec![],
            missing: vec![],
            missing_free: vec![],
            pays_to: vec![],
            claims: vec![],
            right_on: None,
            pays_from: None,
            pays_until: None,
            standing: Standing::Confirmed,
            conflicts: vec![],
        }
    }

    #[test]
    fn answers_read_back_as_they_were_given() {
        let open = Amount { lo: Tenge::whole(1), hi: None };
        let given = [
            verdict(1, Some(Amount::exactly(Tenge::whole(164_350)))),
            verdict(2, None),
            verdict(3, Some(open)),
        ];
        let mut file = Vec::new();
        write_answers(&mut file, Date::from_days(20_000), &given.iter().collect::<Vec<_>>()).unwrap();
        let reader = SerializedFileReader::new(bytes(file)).unwrap();
        let rows: Vec<String> =
            reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(rows.len(), 3);
        for part in ["subject: 1", "outcome: \"eligible\"", "amount_lo: 16435000", "amount_hi: 16435000"] {
            assert!(rows[0].contains(part), "{part}: {}", rows[0]);
        }
        assert!(rows[1].contains("amount_lo: null") && rows[1].contains("branch: null"), "{}", rows[1]);
        assert!(rows[2].contains("amount_lo: 100") && rows[2].contains("amount_hi: null"), "{}", rows[2]);
    }

    /// A file on disk, since the reader wants one that it may read from several places.
    fn bytes(content: Vec<u8>) -> std::fs::File {
        let path = std::env::temp_dir().join(format!("answers-{}.parquet", std::process::id()));
        std::fs::write(&path, content).unwrap();
        let file = std::fs::File::open(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        file
    }
}
