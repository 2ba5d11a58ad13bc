//! The levels of a sweep as Parquet, beside the answers: one row for each family, by its lead.

use std::{io::Write, sync::Arc};

use ::parquet::{
    data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use card::{Date, PersonId, Points, Standing};

use crate::answers::{AnswersError, all, some};

/// The columns. Points that are not known are an interval; the level is there if only one is possible, the
/// best and the worst always are. `leads` says whether it is certain that the subject leads a family.
const COLUMNS: &str = "message levels {
    REQUIRED BYTE_ARRAY score (UTF8);
    REQUIRED INT32 edition (DATE);
    REQUIRED INT64 subject;
    REQUIRED INT32 day (DATE);
    REQUIRED BOOLEAN leads;
    OPTIONAL BYTE_ARRAY region (UTF8);
    OPTIONAL BYTE_ARRAY level (UTF8);
    REQUIRED BYTE_ARRAY best (UTF8);
    REQUIRED BYTE_ARRAY worst (UTF8);
    REQUIRED INT64 points_lo;
    REQUIRED INT64 points_hi;
    REQUIRED BOOLEAN preliminary;
}";

/// What a methodology says of one family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family<'a> {
    /// Its lead.
    pub subject: PersonId,
    /// Does the lead certainly lead one?
    pub leads: bool,
    /// Where the lead lives, if it is told.
    pub region: Option<Arc<str>>,
    /// The best level that is possible.
    pub best: &'a str,
    /// The worst one.
    pub worst: &'a str,
    /// Its points.
    pub points: Points,
    /// How sure the numbers are.
    pub standing: Standing,
}

/// A table of levels that is being written.
pub struct LevelsWriter<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    score: ByteArray,
    edition: Date,
    day: Date,
}

impl<W: Write + Send> LevelsWriter<W> {
    /// A table of the levels of one edition of a methodology on a day.
    pub fn new(out: W, score: &str, edition: Date, day: Date) -> Result<Self, AnswersError> {
        let schema = Arc::new(parse_message_type(COLUMNS)?);
        let properties = Arc::new(WriterProperties::builder().build());
        let writer = SerializedFileWriter::new(out, schema, properties)?;
        Ok(Self { writer, score: ByteArray::from(score), edition, day })
    }

    /// Writes some families as one group of rows.
    pub fn write(&mut self, families: &[Family<'_>]) -> Result<(), AnswersError> {
        let rows = families.len();
        let text = |text: &str| ByteArray::from(text);
        let each = || families.iter();
        let mut columns = self.writer.next_row_group()?;
        all::<ByteArrayType, _>(&mut columns, std::iter::repeat_n(self.score.clone(), rows))?;
        all::<Int32Type, _>(&mut columns, std::iter::repeat_n(self.edition.days(), rows))?;
        all::<Int64Type, _>(&mut columns, each().map(|one| one.subject.0 as i64))?;
        all::<Int32Type, _>(&mut columns, std::iter::repeat_n(self.day.days(), rows))?;
        all::<BoolType, _>(&mut columns, each().map(|one| one.leads))?;
        some::<ByteArrayType, _>(&mut columns, each().map(|one| one.region.as_deref().map(text)))?;
        let level = |one: &Family<'_>| (one.best == one.worst).then(|| text(one.best));
        some::<ByteArrayType, _>(&mut columns, each().map(level))?;
        all::<ByteArrayType, _>(&mut columns, each().map(|one| text(one.best)))?;
        all::<ByteArrayType, _>(&mut columns, each().map(|one| text(one.worst)))?;
        all::<Int64Type, _>(&mut columns, each().map(|one| one.points.lo))?;
        all::<Int64Type, _>(&mut columns, each().map(|one| one.points.hi))?;
        all::<BoolType, _>(&mut columns, each().map(|one| one.standing == Standing::Preliminary))?;
        columns.close()?;
        Ok(())
    }

    /// Ends the table.
    pub fn close(self) -> Result<(), AnswersError> {
        self.writer.close()?;
        Ok(())
    }
}
