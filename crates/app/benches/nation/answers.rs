//! Answers as they are written and compared, whoever found them.

use std::{fs::File, io::BufWriter, path::Path, sync::Arc};

use assess::Swept;
use card::{Amount, Outcome, PersonId, Standing, Tenge, Ternary};
use parquet::{
    basic::{Compression, Encoding},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{DataType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::{EnabledStatistics, WriterProperties},
        reader::{FileReader, RowGroupReader, SerializedFileReader},
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::{parser::parse_message_type, types::ColumnPath},
};

/// The measures of the benchmark's pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    BirthGrant,
    ChildCare,
    MultiChild,
    WorkCapacity,
    DisabledChild,
}

impl Measure {
    pub const ALL: [Self; 5] =
        [Self::BirthGrant, Self::ChildCare, Self::MultiChild, Self::WorkCapacity, Self::DisabledChild];

    pub const fn name(self) -> &'static str {
        match self {
            Self::BirthGrant => "birth_grant",
            Self::ChildCare => "child_care",
            Self::MultiChild => "multi_child",
            Self::WorkCapacity => "work_capacity",
            Self::DisabledChild => "disabled_child",
        }
    }
}

/// One answer. All numbers of the benchmark's pack are confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub subject: u64,
    pub outcome: Outcome,
    pub free: Ternary,
    pub amount: Option<Amount>,
    /// Two bits for each condition: may hold, may fail.
    pub conditions: u64,
}

/// The answers about those whom a measure concerns or may concern, column by column.
#[derive(Default)]
pub struct Answers {
    measure: Vec<i32>,
    subject: Vec<i64>,
    outcome: Vec<i32>,
    free: Vec<i32>,
    /// The amounts; none where there is none.
    lo: Vec<i64>,
    has_lo: Vec<i16>,
    hi: Vec<i64>,
    has_hi: Vec<i16>,
    conditions: Vec<i64>,
}

const COLUMNS: &str = "message answers {
    REQUIRED INT32 measure;
    REQUIRED INT64 subject;
    REQUIRED INT32 outcome;
    REQUIRED INT32 free;
    OPTIONAL INT64 lo;
    OPTIONAL INT64 hi;
    REQUIRED INT64 conditions;
}";

impl Answers {
    pub fn push(&mut self, measure: Measure, answer: &Answer) {
        self.measure.push(measure as i32);
        self.subject.push(answer.subject as i64);
        self.outcome.push(answer.outcome as i32);
        self.free.push(answer.free as i32);
        let (lo, hi) = (answer.amount.map(|amount| amount.lo), answer.amount.and_then(|amount| amount.hi));
        self.lo.extend(lo.map(Tenge::tiyn));
        self.has_lo.push(i16::from(lo.is_some()));
        self.hi.extend(hi.map(Tenge::tiyn));
        self.has_hi.push(i16::from(hi.is_some()));
        self.conditions.push(answer.conditions as i64);
    }

    /// What the evaluator answered.
    pub fn of(swept: &[Swept]) -> Self {
        let mut answers = Self::default();
        each_of(swept).for_each(|(measure, answer)| answers.push(measure, &answer));
        answers
    }

    /// All of them, in the order in which they were found.
    pub fn list(&self) -> Vec<(Measure, Answer)> {
        let (mut lo, mut hi) = (self.lo.iter(), self.hi.iter());
        let next = |ends: &mut std::slice::Iter<i64>, there: i16| {
            (there == 1).then(|| Tenge::from_tiyn(*ends.next().expect("as many as are there")))
        };
        let answer = |at: usize| {
            let (lo, hi) = (next(&mut lo, self.has_lo[at]), next(&mut hi, self.has_hi[at]));
            let answer = Answer {
                subject: self.subject[at] as u64,
                outcome: OUTCOMES[self.outcome[at] as usize],
                free: TERNARIES[self.free[at] as usize],
                amount: lo.map(|lo| Amount { lo, hi }),
                conditions: self.conditions[at] as u64,
            };
            (Measure::ALL[self.measure[at] as usize], answer)
        };
        (0..self.measure.len()).map(answer).collect()
    }

    /// Writes them into a file.
    pub fn write(&self, path: &Path) -> Result<(), ParquetError> {
        let schema = Arc::new(parse_message_type(COLUMNS)?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::UNCOMPRESSED)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_column_dictionary_enabled(ColumnPath::from("subject"), false)
            .set_column_encoding(ColumnPath::from("subject"), Encoding::DELTA_BINARY_PACKED);
        let out = BufWriter::new(File::create(path)?);
        let mut writer = SerializedFileWriter::new(out, schema, Arc::new(properties.build()))?;
        let mut group = writer.next_row_group()?;
        column::<Int32Type>(&mut group, &self.measure, None)?;
        column::<Int64Type>(&mut group, &self.subject, None)?;
        column::<Int32Type>(&mut group, &self.outcome, None)?;
        column::<Int32Type>(&mut group, &self.free, None)?;
        column::<Int64Type>(&mut group, &self.lo, Some(&self.has_lo))?;
        column::<Int64Type>(&mut group, &self.hi, Some(&self.has_hi))?;
        column::<Int64Type>(&mut group, &self.conditions, None)?;
        group.close()?;
        writer.close()?;
        Ok(())
    }

    /// Reads a file, whoever wrote it.
    pub fn read(path: &Path) -> Result<Self, ParquetError> {
        let reader = SerializedFileReader::new(File::open(path)?)?;
        let mut all = Self::default();
        let mut there = Vec::new();
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group)?;
            for (at, into) in [(0, &mut all.measure), (2, &mut all.outcome), (3, &mut all.free)] {
                let ColumnReader::Int32ColumnReader(column) = group.get_column_reader(at)? else {
                    return Err(other_type());
                };
                values(&*group, at, column, into, &mut there)?;
            }
            for (at, into, levels) in [
                (1, &mut all.subject, &mut there),
                (4, &mut all.lo, &mut all.has_lo),
                (5, &mut all.hi, &mut all.has_hi),
                (6, &mut all.conditions, &mut Vec::new()),
            ] {
                let ColumnReader::Int64ColumnReader(column) = group.get_column_reader(at)? else {
                    return Err(other_type());
                };
                values(&*group, at, column, into, levels)?;
            }
        }
        Ok(all)
    }
}

fn other_type() -> ParquetError {
    ParquetError::General("a column of another type".to_owned())
}

/// Reads a column of a group of rows, and which of its values are there: another writer may have declared
/// every column optional.
fn values<T: DataType>(
    group: &dyn RowGroupReader,
    at: usize,
    mut column: ColumnReaderImpl<T>,
    into: &mut Vec<T::T>,
    levels: &mut Vec<i16>,
) -> Result<(), ParquetError> {
    let rows = group.metadata().num_rows() as usize;
    if group.metadata().column(at).column_descr().max_def_level() == 0 {
        levels.resize(levels.len() + rows, 1);
        column.read_records(rows, None, None, into)?;
    } else {
        column.read_records(rows, Some(levels), None, into)?;
    }
    Ok(())
}

const OUTCOMES: [Outcome; 4] =
    [Outcome::NotConcerned, Outcome::NotEligible, Outcome::Unknown, Outcome::Eligible];
const TERNARIES: [Ternary; 3] = [Ternary::No, Ternary::Unknown, Ternary::Yes];

/// What the evaluator answered.
pub fn each_of(swept: &[Swept]) -> impl Iterator<Item = (Measure, Answer)> {
    Measure::ALL.into_iter().zip(swept).flat_map(|(measure, swept)| {
        assert!(swept.faults.is_empty(), "the pack gives no answer: {:?}", swept.faults[0]);
        (0..swept.subjects.len()).map(move |at| {
            assert_eq!(swept.standings[at], Standing::Confirmed, "a number that is not confirmed");
            let answer = Answer {
                subject: swept.subjects[at].0,
                outcome: swept.outcomes[at],
                free: swept.free[at],
                amount: swept.amounts[at],
                conditions: swept.conditions[at],
            };
            (measure, answer)
        })
    })
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let next = group.next_column()?;
    let mut column = next.ok_or_else(|| ParquetError::General("a column too many".to_owned()))?;
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}

/// Counts, sums and hashes of answers, in whatever order they come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// By measure: not eligible, unknown, eligible.
    pub outcomes: [[u64; 3]; 5],
    /// Certain rights that are certainly free, with one amount.
    pub offerable: u64,
    /// The least that all rights together may be, in tiyn.
    pub lo: i128,
    /// The most, and how many amounts have no end.
    pub hi: i128,
    pub endless: u64,
    /// The sum of the hashes of all answers.
    pub hash: u64,
}

impl Tally {
    pub fn add(&mut self, measure: Measure, answer: &Answer) {
        let outcome = answer.outcome as usize;
        assert!(outcome > 0, "those who are not concerned are not written down");
        self.outcomes[measure as usize][outcome - 1] += 1;
        if let Some(amount) = answer.amount {
            self.lo += i128::from(amount.lo.tiyn());
            match amount.hi {
                Some(hi) => self.hi += i128::from(hi.tiyn()),
                None => self.endless += 1,
            }
        }
        let one = answer.amount.is_some_and(|amount| amount.point().is_some());
        if answer.outcome == Outcome::Eligible && answer.free == Ternary::Yes && one {
            self.offerable += 1;
        }
        let hash = Swept::hash(
            PersonId(answer.subject),
            answer.outcome,
            answer.free,
            answer.amount,
            answer.conditions,
            Standing::Confirmed,
        );
        // The measure is no part of an answer's hash: of each its own.
        self.hash = self.hash.wrapping_add(hash.wrapping_mul(2 * measure as u64 + 1));
    }

    pub fn rows(&self) -> u64 {
        self.outcomes.iter().flatten().sum()
    }
}
