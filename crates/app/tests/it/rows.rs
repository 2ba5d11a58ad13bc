//! An extract in memory, read as a file would be.

use std::{convert::Infallible, vec};

use intake::{Header, Record, Records};

pub struct Rows {
    file: String,
    header: Header,
    left: vec::IntoIter<Vec<String>>,
    line: u64,
}

impl Records for Rows {
    type Error = Infallible;

    fn file(&self) -> &str {
        &self.file
    }

    fn header(&self) -> &Header {
        &self.header
    }

    fn next(&mut self, record: &mut Record) -> Result<bool, Infallible> {
        let Some(row) = self.left.next() else { return Ok(false) };
        self.line += 1;
        record.begin(self.line);
        for cell in &row {
            record.push(cell);
        }
        Ok(true)
    }
}

impl Rows {
    /// Rows under a header, as a file of that name holds them.
    pub fn new(file: String, header: Header, rows: Vec<Vec<String>>) -> Self {
        Self { file, header, left: rows.into_iter(), line: 1 }
    }
}
