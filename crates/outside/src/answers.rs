//! The answers of a sweep as Parquet: one flat table that any analyst's tool reads. Persons are
//! numbers; nothing in it names anybody.

use std::{fs::File, io::Write, path::Path, sync::Arc};

use ::parquet::{
    column::reader::ColumnReader,
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        reader::{FileReader, RowGroupReader, SerializedFileReader},
        writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::parser::parse_message_type,
};
use card::{Amount, Date, Outcome, PersonId, Standing, Tenge, Ternary};

/// The columns. Amounts are in tiyn; an amount that is not known is an interval, an end that is not
/// there has no limit. Of each condition and refusal, in the order of the measure, two bits: 1 it may
/// hold, 2 it may fail. `speaks_of` is the day of which a notice tells. The hash is of the whole answer, the same on every machine.
const COLUMNS: &str = "message answers {
    REQUIRED BYTE_ARRAY measure (UTF8);
    REQUIRED INT64 subject;
    REQUIRED INT32 day (DATE);
    REQUIRED BYTE_ARRAY outcome (UTF8);
    REQUIRED BYTE_ARRAY free (UTF8);
    OPTIONAL INT64 amount_lo;
    OPTIONAL INT64 amount_hi;
    REQUIRED BOOLEAN preliminary;
    REQUIRED INT64 conditions;
    REQUIRED INT64 hash;
    OPTIONAL INT32 speaks_of (DATE);
}";

/// The table could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("the answers: {0}; free space there, or name another file")]
pub struct AnswersError(#[from] pub(crate) ParquetError);

/// The answers of one measure to some subjects, column by column, in one order.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The measure.
    pub measure: &'a str,
    /// The subjects.
    pub subjects: &'a [PersonId],
    /// The answers.
    pub outcomes: &'a [Outcome],
    /// Is nobody paid for this already?
    pub free: &'a [Ternary],
    /// The gross amounts.
    pub amounts: &'a [Option<Amount>],
    /// How sure the numbers of the law are.
    pub standings: &'a [Standing],
    /// Two bits for each condition.
    pub conditions: &'a [u64],
    /// Of a notice that is to be told: the day that it speaks of.
    pub days: &'a [Option<Date>],
    /// A hash of each answer.
    pub hashes: &'a [u64],
}

/// A table of answers that is being written.
pub struct AnswersWriter<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    day: Date,
}

impl<W: Write + Send> AnswersWriter<W> {
    /// A table of answers on a day.
    pub fn new(out: W, day: Date) -> Result<Self, AnswersError> {
        let schema = Arc::new(parse_message_type(COLUMNS)?);
        let properties = Arc::new(WriterProperties::builder().build());
        Ok(Self { writer: SerializedFileWriter::new(out, schema, properties)?, day })
    }

    /// Writes answers of some measures as one group of rows.
    pub fn write(&mut self, answers: &[Answered<'_>]) -> Result<(), AnswersError> {
        let rows = answers.iter().map(|one| one.subjects.len()).sum();
        let mut columns = self.writer.next_row_group()?;
        let measures = answers.iter().flat_map(|one| {
            let measure = ByteArray::from(one.measure);
            one.subjects.iter().map(move |_| measure.clone())
        });
        all::<ByteArrayType, _>(&mut columns, measures)?;
        all::<Int64Type, _>(&mut columns, each(answers, |one| one.subjects).map(|who| who.0 as i64))?;
        all::<Int32Type, _>(&mut columns, std::iter::repeat_n(self.day.days(), rows))?;
        all::<ByteArrayType, _>(
            &mut columns,
            each(answers, |one| one.outcomes).map(|one| text(outcome(*one))),
        )?;
        all::<ByteArrayType, _>(&mut columns, each(answers, |one| one.free).map(|one| text(free(*one))))?;
        let amounts = || each(answers, |one| one.amounts);
        some::<Int64Type, _>(&mut columns, amounts().map(|amount| Some(amount.as_ref()?.lo.tiyn())))?;
        some::<Int64Type, _>(&mut columns, amounts().map(|amount| Some(amount.as_ref()?.hi?.tiyn())))?;
        let preliminary = each(answers, |one| one.standings).map(|one| *one == Standing::Preliminary);
        all::<BoolType, _>(&mut columns, preliminary)?;
        all::<Int64Type, _>(&mut columns, each(answers, |one| one.conditions).map(|bits| *bits as i64))?;
        all::<Int64Type, _>(&mut columns, each(answers, |one| one.hashes).map(|hash| *hash as i64))?;
        some::<Int32Type, _>(
            &mut columns,
            each(answers, |one| one.days).map(|day| Some(day.as_ref()?.days())),
        )?;
        columns.close()?;
        Ok(())
    }

    /// Ends the table.
    pub fn close(self) -> Result<(), AnswersError> {
        self.writer.close()?;
        Ok(())
    }
}

fn each<'a, T: 'a>(
    answers: &'a [Answered<'a>],
    column: impl Fn(&Answered<'a>) -> &'a [T],
) -> impl Iterator<Item = &'a T> {
    answers.iter().flat_map(column)
}

const OUTCOMES: [(Outcome, &str); 4] = [
    (Outcome::NotConcerned, "not_concerned"),
    (Outcome::NotEligible, "not_eligible"),
    (Outcome::Unknown, "unknown"),
    (Outcome::Eligible, "eligible"),
];

const FREE: [(Ternary, &str); 3] =
    [(Ternary::No, "no"), (Ternary::Unknown, "unknown"), (Ternary::Yes, "yes")];

fn outcome(outcome: Outcome) -> &'static str {
    OUTCOMES.iter().find(|(known, _)| *known == outcome).map_or("", |(_, name)| name)
}

fn free(free: Ternary) -> &'static str {
    FREE.iter().find(|(known, _)| *known == free).map_or("", |(_, name)| name)
}

fn text(text: &'static str) -> ByteArray {
    ByteArray::from(text)
}

fn next<'g, W: Write + Send>(
    columns: &'g mut SerializedRowGroupWriter<'_, W>,
) -> Result<SerializedColumnWriter<'g>, ParquetError> {
    columns.next_column()?.ok_or_else(|| ParquetError::General("a column more than declared".to_owned()))
}

/// The next column, of values that are all there.
pub(crate) fn all<T: DataType, W: Write + Send>(
    columns: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = T::T>,
) -> Result<(), ParquetError> {
    let values: Vec<T::T> = values.collect();
    let mut column = next(columns)?;
    column.typed::<T>().write_batch(&values, None, None)?;
    column.close()
}

/// The next column, of values that may be missing.
pub(crate) fn some<T: DataType, W: Write + Send>(
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

/// What counts of an answer: where it differs from the last one, that is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The outcome.
    pub outcome: Outcome,
    /// Is nobody paid for this already?
    pub free: Ternary,
    /// The gross amount.
    pub amount: Option<Amount>,
    /// Of a notice that is to be told: the day that it speaks of, since another day is told of anew.
    pub day: Option<Date>,
    /// Does it rest on a number of the law that nobody has confirmed?
    pub preliminary: bool,
}

/// Reads a table of answers: the measure, the subject and the answer of each row.
pub fn read_answers(path: &Path) -> Result<Vec<(Arc<str>, PersonId, Answer)>, AnswersError> {
    let file = File::open(path).map_err(|error| ParquetError::External(Box::new(error)))?;
    let reader = SerializedFileReader::new(file)?;
    let mut answers = Vec::new();
    for at in 0..reader.num_row_groups() {
        group(&*reader.get_row_group(at)?, &mut answers)?;
    }
    Ok(answers)
}

fn group(
    group: &dyn RowGroupReader,
    answers: &mut Vec<(Arc<str>, PersonId, Answer)>,
) -> Result<(), ParquetError> {
    let rows = group.metadata().num_rows() as usize;
    let (measures, subjects) = (texts(group, 0, rows)?, numbers(group, 1, rows)?);
    let (outcomes, free) = (texts(group, 3, rows)?, texts(group, 4, rows)?);
    let (least, most) = (numbers(group, 5, rows)?, numbers(group, 6, rows)?);
    let mut preliminary = Vec::with_capacity(rows);
    match group.get_column_reader(7)? {
        ColumnReader::BoolColumnReader(mut column) => {
            column.read_records(rows, None, None, &mut preliminary)?;
        }
        _ => return Err(strange()),
    }
    let days = days(group, 10, rows)?;
    let mut measure: Arc<str> = Arc::from("");
    for at in 0..rows {
        let told = measures[at].as_utf8()?;
        if *measure != *told {
            measure = Arc::from(told);
        }
        let of = |name: &ByteArray| OUTCOMES.iter().find(|(_, known)| known.as_bytes() == name.data());
        let is_free = |name: &ByteArray| FREE.iter().find(|(_, known)| known.as_bytes() == name.data());
        let (Some((outcome, _)), Some((free, _))) = (of(&outcomes[at]), is_free(&free[at])) else {
            return Err(strange());
        };
        let amount =
            least[at].map(|lo| Amount { lo: Tenge::from_tiyn(lo), hi: most[at].map(Tenge::from_tiyn) });
        let subject = PersonId(subjects[at].ok_or_else(strange)? as u64);
        let (day, preliminary) = (days[at], preliminary[at]);
        let answer = Answer { outcome: *outcome, free: *free, amount, day, preliminary };
        answers.push((Arc::clone(&measure), subject, answer));
    }
    Ok(())
}

fn strange() -> ParquetError {
    ParquetError::General("this is no table of answers".to_owned())
}

fn texts(group: &dyn RowGroupReader, at: usize, rows: usize) -> Result<Vec<ByteArray>, ParquetError> {
    let mut values = Vec::with_capacity(rows);
    match group.get_column_reader(at)? {
        ColumnReader::ByteArrayColumnReader(mut column) => {
            column.read_records(rows, None, None, &mut values)?;
        }
        _ => return Err(strange()),
    }
    if values.len() == rows { Ok(values) } else { Err(strange()) }
}

/// Days, of which most are missing. Tables that were written before there were notices have none.
fn days(group: &dyn RowGroupReader, at: usize, rows: usize) -> Result<Vec<Option<Date>>, ParquetError> {
    if at >= group.num_columns() {
        return Ok(vec![None; rows]);
    }
    let ColumnReader::Int32ColumnReader(mut column) = group.get_column_reader(at)? else {
        return Err(strange());
    };
    let (mut values, mut levels) = (Vec::new(), Vec::with_capacity(rows));
    column.read_records(rows, Some(&mut levels), None, &mut values)?;
    let mut there = values.into_iter().map(Date::from_days);
    Ok(levels.iter().map(|level| if *level == 0 { None } else { there.next() }).collect())
}

/// Numbers, some of which may be missing.
fn numbers(group: &dyn RowGroupReader, at: usize, rows: usize) -> Result<Vec<Option<i64>>, ParquetError> {
    let ColumnReader::Int64ColumnReader(mut column) = group.get_column_reader(at)? else {
        return Err(strange());
    };
    let (mut values, mut levels) = (Vec::with_capacity(rows), Vec::new());
    let optional = group.metadata().column(at).column_descr().max_def_level() > 0;
    column.read_records(rows, optional.then_some(&mut levels), None, &mut values)?;
    if !optional {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut there = values.into_iter();
    Ok(levels.iter().map(|level| if *level == 0 { None } else { there.next() }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_read_back_as_they_were_given() {
        let exactly = Some(Amount::exactly(Tenge::whole(164_350)));
        let open = Some(Amount { lo: Tenge::whole(1), hi: None });
        let subjects = [1, 2, u64::MAX].map(PersonId);
        let (outcomes, frees) = (
            [Outcome::Eligible, Outcome::NotConcerned, Outcome::Unknown],
            [Ternary::Yes, Ternary::No, Ternary::Unknown],
        );
        let amounts = [exactly, None, open];
        let days = [None, Some(Date::from_days(20_100)), None];
        let standings = [Standing::Confirmed, Standing::Preliminary, Standing::SingleSource];
        let grant = Answered {
            measure: "birth_grant",
            subjects: &subjects,
            outcomes: &outcomes,
            free: &frees,
            amounts: &amounts,
            standings: &standings,
            conditions: &[3, 1, 2],
            days: &days,
            hashes: &[u64::MAX, 0, 7],
        };
        let care = Answered { measure: "birth_care", ..grant };
        let path = std::env::temp_dir().join(format!("answers-{}.parquet", std::process::id()));
        let day = Date::from_days(20_000);
        let mut writer = AnswersWriter::new(File::create(&path).unwrap(), day).unwrap();
        writer.write(&[grant, care]).unwrap();
        writer.write(&[grant]).unwrap();
        writer.close().unwrap();
        let read = read_answers(&path).unwrap();
        let rows: Vec<String> = SerializedFileReader::new(File::open(&path).unwrap())
            .unwrap()
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().to_string())
            .collect();
        std::fs::remove_file(&path).unwrap();
        let measures: Vec<&str> = read.iter().map(|(measure, ..)| &**measure).collect();
        assert_eq!(measures, [["birth_grant"; 3], ["birth_care"; 3], ["birth_grant"; 3]].concat());
        for (at, (_, subject, answer)) in read.iter().enumerate() {
            let at = at % 3;
            let preliminary = standings[at] == Standing::Preliminary;
            let (outcome, free, amount, day) = (outcomes[at], frees[at], amounts[at], days[at]);
            assert_eq!(
                (*subject, *answer),
                (subjects[at], Answer { outcome, free, amount, day, preliminary })
            );
        }
        for part in ["subject: 1,", "outcome: \"eligible\"", "amount_lo: 16435000", "conditions: 3"] {
            assert!(rows[0].contains(part), "{part}: {}", rows[0]);
        }
        assert!(rows[1].contains("amount_lo: null"), "{}", rows[1]);
        assert!(rows[2].contains("amount_lo: 100") && rows[2].contains("amount_hi: null"), "{}", rows[2]);
    }
}
