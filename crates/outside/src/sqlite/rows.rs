//! Rows of facts as they are known at a moment, with what all registries say of a thing merged.

use card::{Cell, Coverage, Date, EntityId, FieldId, Lookup, Moment, RegistryId, Row};
use intake::{ChangedRow, Manifest, merged, validity_of};
use rusqlite::{Connection, OptionalExtension, Statement, params};

use super::{Conflict, Store, StoreError, cells, words::Words};

/// Columns before the fields in every statement that reads rows.
const BEFORE: usize = 4;

/// Of which entities more than one registry ever spoke: only there rows must be merged.
pub(super) fn mixed(store: &Store, connection: &Connection) -> Result<Vec<bool>, StoreError> {
    let mut mixed = vec![false; store.schema.entities.len()];
    let mut speakers =
        connection.prepare_cached("SELECT entity FROM speaker GROUP BY entity HAVING count(*) > 1")?;
    let mut rows = speakers.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(entity) = store.words.entity_of(row.get(0)?) {
            mixed[entity.0 as usize] = true;
        }
    }
    Ok(mixed)
}

/// Reads all rows of a bound statement.
pub(super) fn read(
    store: &Store,
    entity: EntityId,
    statement: &mut Statement<'_>,
    found: &mut Vec<Row>,
) -> Result<(), StoreError> {
    read_each(store, entity, statement, |row| {
        found.push(row);
        Ok(())
    })
}

/// Reads the rows of a bound statement one by one.
pub(super) fn read_each(
    store: &Store,
    entity: EntityId,
    statement: &mut Statement<'_>,
    mut each: impl FnMut(Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let types = &store.tables.at(entity).types;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let id = row.get::<_, i64>(0)? as u64;
        // A registry that the schema no longer knows does not speak any more.
        let Some(registry) = store.words.registry_of(row.get(1)?) else { continue };
        let mut cells = Vec::with_capacity(types.len());
        for (at, ty) in types.iter().enumerate() {
            let cell = cells::decode(row.get_ref(BEFORE + at)?, *ty, &store.words);
            cells.push(cell.ok_or_else(|| {
                let declared = store.schema.at(entity);
                let field = declared.at(FieldId(at as u16)).name.clone();
                StoreError::Cell { entity: declared.name.clone(), row: id, field }
            })?);
        }
        let (from, until) = (Date::from_days(row.get(2)?), Date::from_days(row.get(3)?));
        each(Row { id, entity, cells: cells.into(), from, until, registry })?;
    }
    Ok(())
}

pub(super) fn bind(
    statement: &mut Statement<'_>,
    at: usize,
    cell: &Cell,
    entity: EntityId,
    field: FieldId,
    store: &Store,
) -> Result<(), StoreError> {
    let ty = store.schema.at(entity).at(field).ty;
    statement.raw_bind_parameter(at, cells::encode(cell, ty, &store.words))?;
    Ok(())
}

/// The rows that a lookup finds, merged, appended to `found`.
pub(super) fn look_up(
    store: &Store,
    connection: &Connection,
    lookup: &Lookup,
    known_on: Option<Moment>,
    mixed: &[bool],
    found: &mut Vec<Row>,
) -> Result<(), StoreError> {
    let table = store.tables.at(lookup.entity);
    let statements = if known_on.is_some() { &table.by_then } else { &table.by_now };
    let Some(sql) = &statements[lookup.field.0 as usize] else {
        let declared = store.schema.at(lookup.entity);
        let field = declared.at(lookup.field).name.clone();
        return Err(StoreError::NoLink { entity: declared.name.clone(), field });
    };
    if matches!(lookup.key, Cell::Unknown | Cell::Nothing) {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, 1, &lookup.key, lookup.entity, lookup.field, store)?;
    if let Some(moment) = known_on {
        statement.raw_bind_parameter(2, moment.0)?;
    }
    let first = found.len();
    read(store, lookup.entity, &mut statement, found)?;
    if !mixed[lookup.entity.0 as usize] {
        return Ok(());
    }
    let hit = found.split_off(first);
    let declared = store.schema.at(lookup.entity);
    let mut keys: Vec<Vec<Cell>> =
        hit.iter().map(|row| declared.key.iter().map(|field| row.cell(*field).clone()).collect()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        // Another registry may say otherwise of the field that was looked up.
        found.extend(
            by_key(store, connection, lookup.entity, &key, known_on)?
                .filter(|row| *row.cell(lookup.field) == lookup.key),
        );
    }
    Ok(())
}

/// The one row of a key, merged from what all registries say.
pub(super) fn by_key(
    store: &Store,
    connection: &Connection,
    entity: EntityId,
    key: &[Cell],
    known_on: Option<Moment>,
) -> Result<Option<Row>, StoreError> {
    let table = store.tables.at(entity);
    let sql = if known_on.is_some() { &table.by_key_then } else { &table.by_key_now };
    let mut statement = connection.prepare_cached(sql)?;
    for ((cell, field), at) in key.iter().zip(&store.schema.at(entity).key).zip(1..) {
        bind(&mut statement, at, cell, entity, *field, store)?;
    }
    if let Some(moment) = known_on {
        statement.raw_bind_parameter(key.len() + 1, moment.0)?;
    }
    let mut told = Vec::new();
    read(store, entity, &mut statement, &mut told)?;
    Ok(one_of(store, entity, told))
}

/// Merges rows of one key. The row keeps the number and registry of the registry that owns the
/// entity, where it spoke.
pub(super) fn one_of(store: &Store, entity: EntityId, mut told: Vec<Row>) -> Option<Row> {
    if told.len() < 2 {
        return told.pop();
    }
    let owner = store.schema.at(entity).registry;
    told.sort_by_key(|row| (row.registry != owner, row.registry));
    let words: Vec<(RegistryId, &[Cell])> = told.iter().map(|row| (row.registry, &*row.cells)).collect();
    let cells = merged(&store.schema, entity, &words);
    let (from, until) = validity_of(&store.schema, entity, &cells);
    let first = told.swap_remove(0);
    Some(Row { cells, from, until, ..first })
}

/// The cells of one registry's row.
pub(super) fn told_by_row(
    store: &Store,
    connection: &Connection,
    entity: EntityId,
    row: u64,
) -> Result<Box<[Cell]>, StoreError> {
    let mut statement = connection.prepare_cached(&store.tables.at(entity).cells)?;
    statement.raw_bind_parameter(1, row as i64)?;
    let mut found = Vec::new();
    read(store, entity, &mut statement, &mut found)?;
    found.pop().map(|row| row.cells).ok_or(StoreError::Missing { what: "row", id: row })
}

/// One field of the row of a key, as all registries together say now.
pub(super) fn told_by_key(
    store: &Store,
    connection: &Connection,
    entity: EntityId,
    key: &[Cell],
    field: FieldId,
) -> Result<Option<Cell>, StoreError> {
    Ok(by_key(store, connection, entity, key, None)?.map(|row| row.cell(field).clone()))
}

/// What an extract's silence means from now on. Days that touch days covered already become one
/// period, so that coverage does not grow with the number of extracts.
pub(super) fn cover(
    tx: &Connection,
    entity: i64,
    registry: i64,
    manifest: &Manifest,
    at: Moment,
) -> Result<(), StoreError> {
    let everybody = [None];
    let regions: Vec<Option<&str>> = manifest.regions.iter().map(|region| Some(region.as_str())).collect();
    for region in if regions.is_empty() { &everybody[..] } else { &regions[..] } {
        let (mut first, mut through) = (manifest.from.days(), manifest.through.days());
        let touching: Vec<(i64, i32, i32)> = tx
            .prepare_cached(
                "SELECT id, first, through FROM coverage
                 WHERE entity = ?1 AND registry = ?2 AND region IS ?3 AND known_to IS NULL
                   AND first <= ?5 + 1 AND through >= ?4 - 1",
            )?
            .query_map(params![entity, registry, region, first, through], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<Result<_, _>>()?;
        if touching.iter().any(|(_, from, until)| *from <= first && *until >= through) {
            continue;
        }
        for (id, from, until) in touching {
            (first, through) = (first.min(from), through.max(until));
            tx.prepare_cached("UPDATE coverage SET known_to = ?2 WHERE id = ?1")?
                .execute(params![id, at.0])?;
        }
        tx.prepare_cached(
            "INSERT INTO coverage (entity, registry, region, first, through, known_from)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![entity, registry, region, first, through, at.0])?;
    }
    Ok(())
}

/// The coverage of an entity, as known at a moment.
pub(super) fn coverage(
    connection: &Connection,
    words: &Words,
    entity: EntityId,
    known_on: Option<Moment>,
    covered: &mut Vec<Coverage>,
) -> Result<(), StoreError> {
    let sql = match known_on {
        None => {
            "SELECT registry, region, first, through FROM coverage WHERE entity = ?1 AND known_to IS NULL"
        }
        Some(_) => {
            "SELECT registry, region, first, through FROM coverage
             WHERE entity = ?1 AND known_from <= ?2 AND (known_to IS NULL OR known_to > ?2)"
        }
    };
    let mut statement = connection.prepare_cached(sql)?;
    statement.raw_bind_parameter(1, words.entity(entity))?;
    if let Some(moment) = known_on {
        statement.raw_bind_parameter(2, moment.0)?;
    }
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let Some(registry) = words.registry_of(row.get(0)?) else { continue };
        let region: Option<String> = row.get(1)?;
        covered.push(Coverage {
            entity,
            registry,
            region: region.map(Into::into),
            from: Date::from_days(row.get(2)?),
            through: Date::from_days(row.get(3)?),
        });
    }
    Ok(())
}

/// Where registries contradict each other about one thing.
pub(super) fn conflicts(
    store: &Store,
    connection: &Connection,
    entity: EntityId,
) -> Result<Vec<Conflict>, StoreError> {
    let (table, declared) = (store.tables.at(entity), store.schema.at(entity));
    let key: Vec<&str> = declared.key.iter().map(|f| table.columns[f.0 as usize].as_str()).collect();
    let key = key.join(", ");
    let sql = format!(
        "SELECT _row, _registry, _valid_from, _valid_to, {} FROM {2} WHERE _known_to IS NULL AND ({1}) IN
            (SELECT {1} FROM {2} WHERE _known_to IS NULL GROUP BY {1} HAVING count(*) > 1) ORDER BY {1}",
        table.columns.join(", "),
        key,
        table.name,
    );
    let mut told = Vec::new();
    read(store, entity, &mut connection.prepare(&sql)?, &mut told)?;
    let mut conflicts = Vec::new();
    for of_one in told.chunk_by(|a, b| declared.key.iter().all(|f| a.cell(*f) == b.cell(*f))) {
        let words: Vec<(RegistryId, &[Cell])> =
            of_one.iter().map(|row| (row.registry, &*row.cells)).collect();
        let counts = merged(&store.schema, entity, &words);
        for at in 0..declared.fields.len() {
            let field = FieldId(at as u16);
            let Some(right) = of_one.iter().find(|row| *row.cell(field) == counts[at]) else { continue };
            for other in of_one {
                let says = other.cell(field);
                if *says != Cell::Unknown && *says != counts[at] {
                    conflicts.push(Conflict {
                        entity,
                        field,
                        counts: (right.registry, right.id, counts[at].clone()),
                        set_aside: (other.registry, other.id, says.clone()),
                    });
                }
            }
        }
    }
    Ok(conflicts)
}

/// Facts for the sweep, the snapshot and whoever asks what changed.
impl Store {
    /// Rows of an entity as known at a moment (`None`: now), merged, of any valid time: those after
    /// a row number, about `limit` of them, and the number to go on from, `None` at the end.
    pub fn rows_after(
        &self,
        entity: EntityId,
        known_on: Option<Moment>,
        after: u64,
        limit: usize,
    ) -> Result<(Vec<Row>, Option<u64>), StoreError> {
        self.read(|reader| {
            let table = self.tables.at(entity);
            let sql = if known_on.is_some() { &table.after_then } else { &table.after_now };
            let mut statement = reader.prepare_cached(sql)?;
            statement.raw_bind_parameter(1, after as i64)?;
            statement.raw_bind_parameter(2, limit as i64)?;
            if let Some(moment) = known_on {
                statement.raw_bind_parameter(3, moment.0)?;
            }
            let mut told = Vec::with_capacity(limit);
            read(self, entity, &mut statement, &mut told)?;
            let next = told.last().map(|row| row.id);
            if !mixed(self, reader)?[entity.0 as usize] {
                return Ok((told, next));
            }
            let mut rows = Vec::with_capacity(told.len());
            for row in told {
                let key: Vec<Cell> =
                    self.schema.at(entity).key.iter().map(|field| row.cell(*field).clone()).collect();
                // Each key once: with the row by whose number it goes.
                rows.extend(by_key(self, reader, entity, &key, known_on)?.filter(|one| one.id == row.id));
            }
            Ok((rows, next))
        })
    }

    /// All coverage as known at a moment (`None`: now).
    pub fn coverage(&self, known_on: Option<Moment>) -> Result<Vec<Coverage>, StoreError> {
        self.reading()?.coverage(known_on)
    }

    /// The rows that a journal entry of intake changed, before and after.
    pub fn changed_by(&self, entry: u64) -> Result<Vec<ChangedRow>, StoreError> {
        self.read(|reader| {
            let numbered: Option<(i64, i64)> = reader
                .prepare_cached("SELECT first, rows FROM fact_entry WHERE entry = ?1")?
                .query_row([entry as i64], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((first, rows)) = numbered else { return Ok(Vec::new()) };
            let mut changed = Vec::new();
            for at in 0..self.schema.entities.len() {
                let entity = EntityId(at as u16);
                let table = self.tables.at(entity);
                let fields = format!("_row, _registry, _valid_from, _valid_to, {}", table.columns.join(", "));
                let told = |condition: &str, bound: &[i64]| -> Result<Vec<Row>, StoreError> {
                    let sql = format!("SELECT {fields} FROM {} WHERE {condition}", table.name);
                    let mut statement = reader.prepare_cached(&sql)?;
                    for (value, at) in bound.iter().zip(1..) {
                        statement.raw_bind_parameter(at, value)?;
                    }
                    let mut found = Vec::new();
                    read(self, entity, &mut statement, &mut found)?;
                    Ok(found)
                };
                let mut before = told("_ended_by = ?1", &[entry as i64])?;
                for after in told("_row >= ?1 AND _row < ?1 + ?2", &[first, rows])? {
                    let key = &self.schema.at(entity).key;
                    let same = |row: &Row| {
                        row.registry == after.registry && key.iter().all(|f| row.cell(*f) == after.cell(*f))
                    };
                    let replaced = before.iter().position(same).map(|at| before.swap_remove(at).cells);
                    changed.push(ChangedRow { entity, before: replaced, after: Some(after.cells) });
                }
                changed.extend(before.into_iter().map(|row| ChangedRow {
                    entity,
                    before: Some(row.cells),
                    after: None,
                }));
            }
            Ok(changed)
        })
    }
}
