//! What was told after the extracts were made: kept in one file beside them, so that a restart gives
//! no number out twice, and so that the next full extracts hold it too.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use card::{Date, Month};
use serde_json::Value;

use super::{
    files::{FORMS, Form},
    sheet::{Extract, Scope, Sheet, WriteError, error},
};

/// The events told so far, one a line.
#[derive(Debug)]
pub struct News {
    dir: PathBuf,
    /// The day on which the first full extracts were made.
    first: Date,
    told: u64,
}

/// Cells by column, of one row.
type Cells = BTreeMap<String, String>;

impl News {
    /// Goes on with the news in a folder of extracts.
    pub fn open(dir: &Path, first: Date) -> Result<Self, WriteError> {
        let news = Self { dir: dir.to_owned(), first, told: 0 };
        let told = news.events()?.len() as u64;
        Ok(Self { told, ..news })
    }

    /// How many were told.
    pub fn told(&self) -> u64 {
        self.told
    }

    /// Keeps an event.
    pub fn keep(&mut self, event: &str) -> Result<(), WriteError> {
        let path = self.path();
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|failed| error(&path, failed))?;
        writeln!(file, "{event}").map_err(|failed| error(&path, failed))?;
        self.told += 1;
        Ok(())
    }

    /// Writes the full extracts of a later day into a folder `DAY/`: the first ones, with what came
    /// late, what was told since, and months like the last. `silent` registries deliver nothing.
    pub fn renew(&self, silent: &[&str], day: Date) -> Result<Vec<Extract>, WriteError> {
        let dir = self.dir.join(day.to_string());
        fs::create_dir_all(&dir).map_err(|failed| error(&dir, failed))?;
        let events = self.events()?;
        let mut extracts = Vec::new();
        for form in FORMS.iter().filter(|form| !silent.contains(&form.registry)) {
            let mut rows = self.changed(form, &events)?;
            let since = form.full(self.first).days.0;
            let scope = Scope { days: (since, day), ..form.full(day) };
            let mut sheet = Sheet::create(&dir, scope, form.columns)?;
            let mut write = |cells: Vec<&str>| {
                sheet.row(&cells)?;
                self.goes_on(form, day, &cells, |cells| sheet.row(cells))
            };
            let path = self.dir.join("full").join(form.name());
            each_row(&path, |record| {
                let Some(changed) = rows.remove(&key(form, |column| record.get(column))) else {
                    return write(record.iter().collect());
                };
                let cells = form.columns.iter().zip(record);
                write(cells.map(|(column, cell)| changed.get(*column).map_or(cell, String::as_str)).collect())
            })?;
            for cells in rows.values() {
                let row = form.columns.iter().map(|column| cells.get(*column).map_or("", String::as_str));
                write(row.collect())?;
            }
            extracts.extend(sheet.close()?);
        }
        Ok(extracts)
    }

    /// What is told month by month goes on as in the last month that the first extracts told, through
    /// the last one that is over on a day.
    fn goes_on(
        &self,
        form: &Form,
        day: Date,
        cells: &[&str],
        mut write: impl FnMut(&[&str]) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let last = self.first.month().previous();
        let Some(at) = form.month().filter(|at| cells[*at] == last.to_string()) else { return Ok(()) };
        for month in last.next().0..day.month().0 {
            let month = Month(month).to_string();
            write(
                &cells
                    .iter()
                    .enumerate()
                    .map(|(n, cell)| if n == at { &*month } else { cell })
                    .collect::<Vec<_>>(),
            )?;
        }
        Ok(())
    }

    /// By key, the cells of an extract that came late or were told since.
    fn changed(&self, form: &Form, events: &[Value]) -> Result<BTreeMap<Vec<String>, Cells>, WriteError> {
        let mut rows: BTreeMap<Vec<String>, Cells> = BTreeMap::new();
        let late = self.dir.join("late").join(form.name());
        if late.exists() {
            each_row(&late, |record| {
                let cells = form.columns.iter().zip(record);
                let cells = cells.map(|(column, cell)| ((*column).to_owned(), cell.to_owned())).collect();
                rows.insert(key(form, |column| record.get(column)), cells);
                Ok(())
            })?;
        }
        let source = format!("/registries/{}", form.registry);
        let parts = events.iter().filter(|event| event["source"] == source.as_str());
        let parts = parts.flat_map(|event| event["data"].as_array().into_iter().flatten());
        for part in parts.filter(|part| part["entity"] == form.entity) {
            for row in part["rows"].as_array().into_iter().flatten().filter_map(Value::as_object) {
                let cells: Cells = row.iter().map(|(column, value)| (column.clone(), plain(value))).collect();
                let by_name = |at: usize| cells.get(form.columns[at]).map(String::as_str);
                rows.entry(key(form, by_name)).or_default().extend(cells);
            }
        }
        Ok(rows)
    }

    fn events(&self) -> Result<Vec<Value>, WriteError> {
        let path = self.path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(failed) if failed.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(failed) => return Err(error(&path, failed)),
        };
        text.lines()
            .map(|line| serde_json::from_str(line).map_err(|failed| error(&path, failed.into())))
            .collect()
    }

    fn path(&self) -> PathBuf {
        news_in(&self.dir)
    }
}

/// Where the news of a folder of extracts are kept.
pub fn news_in(dir: &Path) -> PathBuf {
    dir.join("news.jsonl")
}

/// Hands the rows of a file on, one by one.
fn each_row(
    path: &Path,
    mut take: impl FnMut(&csv::StringRecord) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    let failed = |failed: csv::Error| error(path, failed.into());
    let mut reader = csv::Reader::from_path(path).map_err(failed)?;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(failed)? {
        take(&record)?;
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The cells that tell rows apart; `cell` finds one by the position of its column.
fn key<'c>(form: &Form, cell: impl Fn(usize) -> Option<&'c str>) -> Vec<String> {
    let position = |name: &&str| form.columns.iter().position(|column| column == name);
    let cells = form.key.iter().filter_map(position).map(|at| cell(at).unwrap_or_default().to_owned());
    cells.collect()
}
