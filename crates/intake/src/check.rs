use std::collections::{HashMap, HashSet};

use card::{
    Cell, Date, Entity, EntityId, FieldId, FieldType, Lookup, Moment, PersonId, RegistryId, Schema, UntilIs,
    Validity,
};

use crate::{
    cell::{Told, read},
    digest::{Digest, mark, row_digest},
    fault::Fault,
    landmarks::{Landmarks, persons_of},
    merge::validity_of,
    port::{Change, Chunk, Counts, Head, Key, Quarantined},
    record::{Column, Header, Record},
};

/// Who speaks, and since when that is their word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speaker {
    pub registry: RegistryId,
    pub said_at: Moment,
    pub extract: Option<u64>,
    /// Older than the newest full extract: it adds, and neither changes nor revives.
    pub late: bool,
}

/// Records of one entity under one header.
pub(crate) struct Batch<'a> {
    pub entity: EntityId,
    pub header: &'a Header,
    pub records: &'a [Record],
}

/// What became of the records of some batches.
#[derive(Default)]
pub(crate) struct Judged {
    pub changes: Vec<Change>,
    pub met: Vec<u64>,
    pub quarantined: Vec<Quarantined>,
    pub counts: Counts,
    /// Keys of sound records of which an older record is in quarantine.
    pub settled: Vec<(EntityId, i64)>,
    /// Every record of an event, should they have to be held together.
    pub about: Vec<About>,
}

/// A record of an event, as quarantine would keep it.
pub(crate) struct About {
    pub entity: EntityId,
    pub line: u64,
    pub persons: Vec<PersonId>,
    pub key: Option<i64>,
    pub raw: String,
}

impl About {
    /// The record in quarantine although nothing is wrong with it.
    pub fn held(self, fault: &Fault) -> Quarantined {
        Quarantined {
            entity: self.entity,
            line: self.line,
            column: None,
            reason: fault.to_string(),
            mend: fault.mend(),
            persons: self.persons,
            key: self.key,
            raw: self.raw,
        }
    }
}

/// A record whose cells are read and whose identifiers are sealed.
struct Draft {
    cells: Box<[Cell]>,
    fault: Option<(Option<FieldId>, Fault)>,
}

/// Judges records against each other and against what is known.
pub(crate) struct Judge<'s> {
    pub schema: &'s Schema,
    pub landmarks: Landmarks,
    pub speaker: Speaker,
    buffer: Vec<u8>,
    /// What rows of this chunk say, by entity and key: their line and digest.
    said: HashMap<(EntityId, Key), (u64, Digest)>,
    /// Births told in this chunk.
    births: HashMap<PersonId, Cell>,
}

impl<'s> Judge<'s> {
    pub fn new(schema: &'s Schema, speaker: Speaker) -> Self {
        Self {
            schema,
            landmarks: Landmarks::of(schema),
            speaker,
            buffer: Vec::new(),
            said: HashMap::new(),
            births: HashMap::new(),
        }
    }

    /// Judges batches in order; a later one may refer to an earlier one.
    pub fn judge<C: Chunk>(&mut self, batches: &[Batch<'_>], chunk: &mut C) -> Result<Judged, C::Error> {
        let mut judged = Judged::default();
        for batch in batches {
            self.judge_batch(batch, chunk, &mut judged)?;
        }
        let first = chunk.reserve(judged.changes.len() as u64)?;
        for (row, change) in (first..).zip(&mut judged.changes) {
            change.row = row;
        }
        Ok(judged)
    }

    fn judge_batch<C: Chunk>(
        &mut self,
        batch: &Batch<'_>,
        chunk: &mut C,
        judged: &mut Judged,
    ) -> Result<(), C::Error> {
        let declared = self.schema.at(batch.entity);
        let registry = self.speaker.registry;
        let mut drafts = self.drafts(batch, chunk)?;
        let untold: Vec<usize> = (0..declared.fields.len())
            .filter(|at| !batch.header.columns.contains(&Column::Field(FieldId(*at as u16))))
            .collect();
        let keys: Vec<Key> = drafts
            .iter()
            .map(|draft| declared.key.iter().map(|field| draft.cells[field.0 as usize].clone()).collect())
            .collect();
        let heads = chunk.heads(batch.entity, registry, &keys)?;
        let held = chunk.held(batch.entity, registry, self.speaker.extract)?;
        for (((mut draft, key), head), record) in drafts.drain(..).zip(keys).zip(heads).zip(batch.records) {
            judged.counts.read += 1;
            // A row in the file is not missing from it, be it at fault or not.
            judged.met.extend(head.map(|head| head.row));
            if self.speaker.extract.is_none() {
                judged.about.push(About {
                    entity: batch.entity,
                    line: record.line,
                    persons: persons_in(self.schema, batch.entity, &draft.cells),
                    key: self.key_mark(batch.entity, &key),
                    raw: raw(declared, batch.header, record),
                });
            }
            if let (None, Some(head), false) = (&draft.fault, head, untold.is_empty()) {
                let before = chunk.cells(batch.entity, head.row)?;
                for at in &untold {
                    draft.cells[*at] = before[*at].clone();
                }
            }
            let digest = row_digest(self.schema, batch.entity, registry, &draft.cells, &mut self.buffer);
            let same = head.is_some_and(|head| head.mark == mark(&digest));
            if draft.fault.is_none() && !same {
                draft.fault = self.fault_of(batch.entity, &draft.cells, head.is_some(), chunk)?;
            }
            if draft.fault.is_none() {
                draft.fault = self.duplicate(batch.entity, &key, head, digest, chunk)?;
            }
            if let Some((field, fault)) = draft.fault {
                judged.counts.quarantined += 1;
                judged.quarantined.push(Quarantined {
                    entity: batch.entity,
                    line: record.line,
                    column: field.map(|field| declared.at(field).name.clone()),
                    reason: fault.to_string(),
                    mend: fault.mend(),
                    persons: persons_in(self.schema, batch.entity, &draft.cells),
                    key: self.key_mark(batch.entity, &key),
                    raw: raw(declared, batch.header, record),
                });
                continue;
            }
            let overtaken = match head {
                Some(head) => !same && (head.said_at > self.speaker.said_at || self.speaker.late),
                None => self.speaker.late && chunk.was(batch.entity, registry, &key)?,
            };
            if !held.is_empty() && !overtaken {
                let key = self.key_mark(batch.entity, &key).filter(|key| held.contains(key));
                judged.settled.extend(key.map(|key| (batch.entity, key)));
            }
            let repeated = self.said.insert((batch.entity, key), (record.line, digest)).is_some();
            if repeated || same || overtaken {
                judged.counts.unchanged += 1;
                judged.counts.overtaken += u64::from(overtaken && !repeated);
                continue;
            }
            judged.counts.accepted += 1;
            let (from, until) = validity_of(self.schema, batch.entity, &draft.cells);
            let closes = head.map(|head| head.row);
            judged.changes.push(Change {
                entity: batch.entity,
                closes,
                row: 0,
                cells: draft.cells,
                from,
                until,
                digest,
            });
        }
        Ok(())
    }

    /// The mark of a key; `None` if it could not be read.
    fn key_mark(&mut self, entity: EntityId, key: &Key) -> Option<i64> {
        if key.iter().any(|cell| matches!(cell, Cell::Unknown | Cell::Nothing)) {
            return None;
        }
        let declared = self.schema.at(entity);
        let mut cells = vec![Cell::Unknown; declared.fields.len()];
        for (field, cell) in declared.key.iter().zip(key) {
            cells[field.0 as usize] = cell.clone();
        }
        Some(mark(&row_digest(self.schema, entity, self.speaker.registry, &cells, &mut self.buffer)))
    }

    /// Reads the cells, then seals the identifiers of all records together.
    fn drafts<C: Chunk>(&mut self, batch: &Batch<'_>, chunk: &mut C) -> Result<Vec<Draft>, C::Error> {
        let declared = self.schema.at(batch.entity);
        let (mut iins, mut ibans, mut phones) = (Sealed::default(), Sealed::default(), Sealed::default());
        let mut names: Vec<(usize, &str)> = Vec::new();
        let mut drafts = Vec::with_capacity(batch.records.len());
        for (at, record) in batch.records.iter().enumerate() {
            let mut cells = vec![Cell::Unknown; declared.fields.len()].into_boxed_slice();
            let mut fault = None;
            let width = record.cells().count();
            if width != batch.header.width() {
                fault = Some((None, Fault::Width { found: width, expected: batch.header.width() }));
            }
            for (column, text) in batch.header.columns.iter().zip(record.cells()) {
                let field = match column {
                    Column::Field(field) => *field,
                    Column::Name => {
                        names.push((at, text));
                        continue;
                    }
                };
                match read(text, declared.at(field), self.schema) {
                    Ok(Told::Cell(cell)) => cells[field.0 as usize] = cell,
                    Ok(Told::Person(iin)) => iins.push(at, field, iin),
                    Ok(Told::Account(iban)) => ibans.push(at, field, iban),
                    Ok(Told::Phone(phone)) => phones.push(at, field, phone),
                    Err(found) => fault = fault.or(Some((Some(field), found))),
                }
            }
            drafts.push(Draft { cells, fault });
        }
        iins.seal(&mut drafts, |numbers| {
            Ok(chunk.persons(numbers)?.into_iter().map(Cell::Person).collect())
        })?;
        ibans.seal(&mut drafts, |numbers| {
            Ok(chunk.accounts(numbers)?.into_iter().map(Cell::Account).collect())
        })?;
        phones
            .seal(&mut drafts, |numbers| Ok(chunk.phones(numbers)?.into_iter().map(Cell::Phone).collect()))?;
        for draft in &mut drafts {
            let empty = declared
                .key
                .iter()
                .find(|field| matches!(draft.cells[field.0 as usize], Cell::Unknown | Cell::Nothing));
            if let (None, Some(field)) = (&draft.fault, empty) {
                draft.fault = Some((Some(*field), Fault::KeyEmpty));
            }
        }
        if !names.is_empty() {
            let key = declared.key[0].0 as usize;
            let named: Vec<(PersonId, &str)> = names
                .into_iter()
                .filter(|(at, name)| drafts[*at].fault.is_none() && !name.is_empty())
                .filter_map(|(at, name)| match drafts[at].cells[key] {
                    Cell::Person(person) => Some((person, name)),
                    _ => None,
                })
                .collect();
            chunk.names(&named)?;
        }
        if let (Schema::PERSON, Some(birth)) = (batch.entity, self.landmarks.birth) {
            for draft in &drafts {
                let born = &draft.cells[birth.0 as usize];
                if let (Cell::Person(person), Cell::Date(_) | Cell::Year(_)) =
                    (&draft.cells[declared.key[0].0 as usize], born)
                {
                    self.births.insert(*person, born.clone());
                }
            }
        }
        Ok(drafts)
    }

    /// What cannot be, about one row.
    fn fault_of<C: Chunk>(
        &mut self,
        entity: EntityId,
        cells: &[Cell],
        corrects: bool,
        chunk: &mut C,
    ) -> Result<Option<(Option<FieldId>, Fault)>, C::Error> {
        let declared = self.schema.at(entity);
        if let Some((field, fault)) =
            impossible_dates(self.schema, self.landmarks, entity, cells, self.speaker)
        {
            return Ok(Some((Some(field), fault)));
        }
        for (at, field) in declared.fields.iter().enumerate() {
            let (FieldType::Row(to), cell @ Cell::Code(_)) = (field.ty, &cells[at]) else { continue };
            let key: Key = Box::new([cell.clone()]);
            let named = self.schema.at(to);
            if !self.said.contains_key(&(to, key.clone())) && chunk.told(to, &key, named.key[0])?.is_none() {
                let fault = Fault::UnknownRow { entity: named.name.clone() };
                return Ok(Some((Some(FieldId(at as u16)), fault)));
            }
        }
        match self.landmarks.tie {
            Some((tie, child, parent)) if tie == entity => self.tie_fault(child, parent, cells, chunk),
            _ if corrects && entity == Schema::PERSON => self.corrected_birth_fault(cells, chunk),
            _ => Ok(None),
        }
    }

    fn tie_fault<C: Chunk>(
        &mut self,
        child: FieldId,
        parent: FieldId,
        cells: &[Cell],
        chunk: &mut C,
    ) -> Result<Option<(Option<FieldId>, Fault)>, C::Error> {
        let (Cell::Person(younger), Cell::Person(elder)) =
            (&cells[child.0 as usize], &cells[parent.0 as usize])
        else {
            return Ok(None);
        };
        if younger == elder {
            return Ok(Some((Some(parent), Fault::SamePerson)));
        }
        let Some(birth) = self.landmarks.birth else { return Ok(None) };
        let mut born = |person: PersonId| -> Result<Option<(Date, Date)>, C::Error> {
            if let Some(told) = self.births.get(&person) {
                return Ok(days_of(told));
            }
            let told = chunk.told(Schema::PERSON, &[Cell::Person(person)], birth)?.unwrap_or(Cell::Unknown);
            let days = days_of(&told);
            self.births.insert(person, told);
            Ok(days)
        };
        // Known by the year alone, both may still be right in the same year.
        let (Some((_, child_last)), Some((parent_first, _))) = (born(*younger)?, born(*elder)?) else {
            return Ok(None);
        };
        Ok((child_last <= parent_first).then_some((Some(child), Fault::ChildOlder)))
    }

    /// A corrected birth date against the ties that are known.
    fn corrected_birth_fault<C: Chunk>(
        &mut self,
        cells: &[Cell],
        chunk: &mut C,
    ) -> Result<Option<(Option<FieldId>, Fault)>, C::Error> {
        let (Some((tie, child, parent)), Some(birth)) = (self.landmarks.tie, self.landmarks.birth) else {
            return Ok(None);
        };
        let key = &cells[self.schema.at(Schema::PERSON).key[0].0 as usize];
        for field in [child, parent] {
            for row in chunk.linked(&Lookup { entity: tie, field, key: key.clone() })? {
                if self.tie_fault(child, parent, &row, chunk)?.is_some() {
                    return Ok(Some((Some(birth), Fault::ChildOlder)));
                }
            }
        }
        Ok(None)
    }

    /// The same key again with other values, in this chunk or earlier in this extract.
    fn duplicate<C: Chunk>(
        &mut self,
        entity: EntityId,
        key: &Key,
        head: Option<Head>,
        digest: Digest,
        chunk: &mut C,
    ) -> Result<Option<(Option<FieldId>, Fault)>, C::Error> {
        let place = match (self.said.get(&(entity, key.clone())), head, self.speaker.extract) {
            (Some((_, before)), ..) if *before == digest => return Ok(None),
            (Some((line, _)), _, Some(_)) => format!("in line {line}"),
            (Some((row, _)), _, None) => format!("in row {row}"),
            (None, Some(head), Some(extract))
                if head.mark != mark(&digest)
                    && (head.extract == Some(extract) || chunk.met(extract, head.row)?) =>
            {
                "earlier in this file".to_owned()
            }
            _ => return Ok(None),
        };
        let declared = self.schema.at(entity);
        let key = declared.key.iter().map(|field| declared.at(*field).name.as_str()).collect::<Vec<_>>();
        Ok(Some((None, Fault::Duplicate { key: key.join(", "), place })))
    }
}

/// A record with the names of its columns, as JSON.
fn raw(declared: &Entity, header: &Header, record: &Record) -> String {
    let names = header.columns.iter().map(|column| match column {
        Column::Field(field) => declared.at(*field).name.as_str(),
        Column::Name => "name",
    });
    let cells: serde_json::Map<_, _> =
        names.zip(record.cells()).map(|(name, cell)| (name.to_owned(), cell.into())).collect();
    serde_json::Value::Object(cells).to_string()
}

fn persons_in(schema: &Schema, entity: EntityId, cells: &[Cell]) -> Vec<PersonId> {
    persons_of(schema, entity)
        .into_iter()
        .filter_map(|field| match cells[field.0 as usize] {
            Cell::Person(person) => Some(person),
            _ => None,
        })
        .collect()
}

/// The first and last day that a date may be.
fn days_of(cell: &Cell) -> Option<(Date, Date)> {
    match cell {
        Cell::Date(day) => Some((*day, *day)),
        Cell::Year(year) => Some((Date::from_ymd(*year, 1, 1)?, Date::from_ymd(*year, 12, 31)?)),
        _ => None,
    }
}

fn impossible_dates(
    schema: &Schema,
    landmarks: Landmarks,
    entity: EntityId,
    cells: &[Cell],
    speaker: Speaker,
) -> Option<(FieldId, Fault)> {
    if entity == Schema::PERSON {
        let days = |field: Option<FieldId>| field.and_then(|field| days_of(&cells[field.0 as usize]));
        let (birth, death) = (days(landmarks.birth), days(landmarks.death));
        let said_on = speaker.said_at.day();
        match (birth, death, landmarks.birth, landmarks.death) {
            (Some((first, _)), _, Some(field), _) if first > said_on => {
                return Some((field, Fault::Future { what: "born" }));
            }
            (_, Some((first, _)), _, Some(field)) if first > said_on => {
                return Some((field, Fault::Future { what: "died" }));
            }
            (Some((born, _)), Some((_, died)), _, Some(field)) if died < born => {
                return Some((field, Fault::DeadBeforeBorn));
            }
            _ => {}
        }
    }
    if let Validity::Period { until: Some(until), until_is, .. } = &schema.at(entity).validity {
        let (from, end) = validity_of(schema, entity, cells);
        let shortest = i32::from(*until_is == UntilIs::LastDay);
        if end.days() < from.days() + shortest {
            return Some((*until, Fault::EndsBeforeBegins));
        }
    }
    None
}

/// Identifiers of one kind, waiting to be sealed together.
struct Sealed<T> {
    places: Vec<(usize, FieldId, T)>,
}

impl<T> Default for Sealed<T> {
    fn default() -> Self {
        Self { places: Vec::new() }
    }
}

impl<T: Copy + Eq + std::hash::Hash> Sealed<T> {
    fn push(&mut self, record: usize, field: FieldId, number: T) {
        self.places.push((record, field, number));
    }

    fn seal<E>(self, drafts: &mut [Draft], ids: impl FnOnce(&[T]) -> Result<Vec<Cell>, E>) -> Result<(), E> {
        if self.places.is_empty() {
            return Ok(());
        }
        let mut known = HashSet::new();
        let numbers: Vec<T> =
            self.places.iter().map(|(_, _, number)| *number).filter(|number| known.insert(*number)).collect();
        let ids: HashMap<T, Cell> = numbers.iter().copied().zip(ids(&numbers)?).collect();
        for (record, field, number) in self.places {
            drafts[record].cells[field.0 as usize] = ids[&number].clone();
        }
        Ok(())
    }
}
