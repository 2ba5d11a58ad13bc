use std::{collections::HashSet, num::NonZeroU32, sync::MutexGuard};

use card::{
    AccountId, Actor, Cell, EntityId, FieldId, Iban, Iin, Lookup, Moment, Msisdn, PersonId, PhoneId,
    RegistryId,
};
use intake::{
    Change, Chunk, Coming, Counts, Digest, Extent, FactStore, Head, Key, Manifest, NewEntry, NewFacts,
    Progress, Seen, Vault,
};
use rusqlite::{Connection, OptionalExtension, Statement, params};

use super::{
    Store, StoreError, cells, crash, ending, journal,
    keys::hex,
    quarantine, rows, seal,
    vault::{self, Sealing},
};

/// One transaction of intake on the store's writer.
#[derive(Debug)]
pub struct SqliteChunk<'s> {
    store: &'s Store,
    tx: MutexGuard<'s, Connection>,
    at: Moment,
    /// The number that its journal entry will have.
    entry: u64,
    /// Rows numbered in it: the first, and how many.
    numbered: (u64, u64),
    sealing: Sealing,
    open: bool,
}

impl FactStore for Store {
    type Error = StoreError;
    type Chunk<'s> = SqliteChunk<'s>;

    fn chunk_rows(&self) -> NonZeroU32 {
        self.chunk_rows
    }

    fn begin(&self, now: Moment) -> Result<SqliteChunk<'_>, StoreError> {
        let tx = self.writer();
        tx.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut chunk = SqliteChunk {
            store: self,
            tx,
            at: now,
            entry: 0,
            numbered: (0, 0),
            sealing: Sealing::new(),
            open: true,
        };
        // A clock that was set back does not bring what we know into disorder.
        chunk.at = Moment(now.0.max(chunk.counter("known")?));
        chunk.entry = journal::next(&chunk.tx)?;
        crash::point("chunk: begun")?;
        Ok(chunk)
    }
}

impl Drop for SqliteChunk<'_> {
    fn drop(&mut self) {
        if self.open {
            // A connection that cannot roll back is in no transaction any more.
            let _ = self.tx.execute_batch("ROLLBACK");
        }
    }
}

impl Vault for SqliteChunk<'_> {
    type Error = StoreError;

    fn persons(&mut self, numbers: &[Iin]) -> Result<Vec<PersonId>, StoreError> {
        let ids = vault::PERSON.ids(
            &self.tx,
            &self.store.keys,
            &mut self.sealing,
            numbers.iter().map(Iin::expose),
        )?;
        Ok(ids.into_iter().map(PersonId).collect())
    }

    fn phones(&mut self, numbers: &[Msisdn]) -> Result<Vec<PhoneId>, StoreError> {
        let ids = vault::PHONE.ids(
            &self.tx,
            &self.store.keys,
            &mut self.sealing,
            numbers.iter().map(Msisdn::expose),
        )?;
        Ok(ids.into_iter().map(PhoneId).collect())
    }

    fn accounts(&mut self, numbers: &[Iban]) -> Result<Vec<AccountId>, StoreError> {
        let ids = vault::ACCOUNT.ids(
            &self.tx,
            &self.store.keys,
            &mut self.sealing,
            numbers.iter().map(Iban::expose),
        )?;
        Ok(ids.into_iter().map(AccountId).collect())
    }

    fn names(&mut self, names: &[(PersonId, &str)]) -> Result<(), StoreError> {
        vault::keep_names(&self.tx, &self.store.keys, &mut self.sealing, names)
    }
}

impl SqliteChunk<'_> {
    /// The connection of the transaction.
    pub(super) fn connection(&self) -> &Connection {
        &self.tx
    }

    /// From when on its rows are known.
    pub(super) const fn moment(&self) -> Moment {
        self.at
    }

    /// The connection, and the randomness fetched for it.
    pub(super) fn parts(&mut self) -> (&Connection, &mut seal::Chance) {
        (&self.tx, &mut self.sealing.chance)
    }

    /// Ends the transaction without an entry of intake: what it wrote stands.
    pub(super) fn close_transaction(mut self) -> Result<(), StoreError> {
        self.set_counter("known", self.at.0)?;
        self.tx.prepare_cached("COMMIT")?.execute([])?;
        self.open = false;
        Ok(())
    }

    fn counter(&self, name: &str) -> Result<i64, StoreError> {
        let mut value = self.tx.prepare_cached("SELECT value FROM counter WHERE name = ?1")?;
        Ok(value.query_row([name], |row| row.get(0))?)
    }

    fn set_counter(&self, name: &str, value: i64) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("UPDATE counter SET value = ?2 WHERE name = ?1")?
            .execute(params![name, value])?;
        Ok(())
    }

    fn bind_key(
        &self,
        statement: &mut Statement<'_>,
        entity: EntityId,
        first: usize,
        key: &[Cell],
    ) -> Result<(), StoreError> {
        let declared = self.store.schema.at(entity);
        for (at, (field, cell)) in declared.key.iter().zip(key).enumerate() {
            let value = cells::encode(cell, declared.at(*field).ty, &self.store.words);
            statement.raw_bind_parameter(first + at, value)?;
        }
        Ok(())
    }

    fn bind_row(
        &self,
        statement: &mut Statement<'_>,
        first: usize,
        facts: &NewFacts<'_>,
        change: &Change,
    ) -> Result<(), StoreError> {
        let own: [Option<i64>; super::tables::OWN.len()] = [
            Some(change.row as i64),
            Some(self.store.words.registry(facts.registry)),
            Some(i64::from(change.from.days())),
            Some(i64::from(change.until.days())),
            Some(self.at.0),
            None,
            Some(facts.said_at.0),
            facts.extract.map(|extract| extract as i64),
            Some(intake::mark(&change.digest)),
            None,
        ];
        for (value, at) in own.iter().zip(first..) {
            statement.raw_bind_parameter(at, value)?;
        }
        let types = &self.store.tables.at(change.entity).types;
        for ((cell, ty), at) in change.cells.iter().zip(types).zip(first + own.len()..) {
            statement.raw_bind_parameter(at, cells::encode(cell, *ty, &self.store.words))?;
        }
        Ok(())
    }

    /// Adds rows of one entity, many in a statement.
    fn add(&self, facts: &NewFacts<'_>, changes: &[Change]) -> Result<(), StoreError> {
        let Some(first) = changes.first() else { return Ok(()) };
        let table = self.store.tables.at(first.entity);
        let width = super::tables::OWN.len() + table.columns.len();
        let mut many = self.tx.prepare_cached(&table.insert_many)?;
        let mut one = self.tx.prepare_cached(&table.insert_one)?;
        let batches = changes.chunks_exact(table.many);
        let rest = batches.remainder();
        for batch in batches {
            for (at, change) in batch.iter().enumerate() {
                self.bind_row(&mut many, at * width + 1, facts, change)?;
            }
            many.raw_execute()?;
        }
        for change in rest {
            self.bind_row(&mut one, 1, facts, change)?;
            one.raw_execute()?;
        }
        Ok(())
    }

    /// Ends a row: from now on nobody says it.
    pub(super) fn close(&self, entity: EntityId, row: u64) -> Result<(), StoreError> {
        let table = self.store.tables.at(entity);
        self.tx.prepare_cached(&table.close)?.execute(params![self.at.0, self.entry as i64, row as i64])?;
        Ok(())
    }
}

impl Chunk for SqliteChunk<'_> {
    fn extract(&mut self, manifest: &Manifest, file: &str, chunk_rows: u32) -> Result<Progress, StoreError> {
        let words = &self.store.words;
        let identity = manifest.identity(&self.store.schema);
        let progress = |row: &rusqlite::Row<'_>| {
            let n = |at| row.get::<_, i64>(at).map(|n| n as u64);
            let counts = Counts {
                read: n(4)?,
                accepted: n(5)?,
                unchanged: n(6)?,
                overtaken: n(7)?,
                quarantined: n(8)?,
                ended: n(9)?,
            };
            let (chunk_rows, chunks, finished) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(Progress { extract: n(0)?, chunk_rows, chunks, counts, finished })
        };
        let known = self
            .tx
            .prepare_cached(
                "SELECT id, chunk_rows, chunks, finished, read, accepted, unchanged, overtaken, quarantined, ended
                 FROM extract WHERE identity = ?1",
            )?
            .query_row([&identity[..]], progress)
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        let extent = if manifest.extent == Extent::Full { "full" } else { "partial" };
        self.tx
            .prepare_cached(
                "INSERT INTO extract (identity, sha256, file, entity, registry, regions, extent, first, through, made_on,
                    rows, chunk_rows, chunks, finished, read, accepted, unchanged, overtaken, quarantined, ended)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 0, 0, 0, 0, 0, 0, 0)",
            )?
            .execute(params![
                &identity[..],
                &manifest.sha256[..],
                file,
                words.entity(manifest.entity),
                words.registry(manifest.registry),
                manifest.regions.join(","),
                extent,
                manifest.from.days(),
                manifest.through.days(),
                manifest.made_on.days(),
                manifest.rows as i64,
                chunk_rows,
            ])?;
        Ok(Progress {
            extract: self.tx.last_insert_rowid() as u64,
            chunk_rows,
            chunks: 0,
            counts: Counts::default(),
            finished: false,
        })
    }

    fn is_late(&mut self, manifest: &Manifest) -> Result<bool, StoreError> {
        let words = &self.store.words;
        let regions: Vec<String> = self
            .tx
            .prepare_cached(
                "SELECT regions FROM extract
                 WHERE entity = ?1 AND registry = ?2 AND extent = 'full' AND finished AND made_on > ?3
                   AND first <= ?5 AND through >= ?4",
            )?
            .query_map(
                params![
                    words.entity(manifest.entity),
                    words.registry(manifest.registry),
                    manifest.made_on.days(),
                    manifest.from.days(),
                    manifest.through.days(),
                ],
                |row| row.get(0),
            )?
            .collect::<Result<_, _>>()?;
        // No regions are all regions.
        let ours = &manifest.regions;
        Ok(regions.iter().any(|theirs| {
            ours.is_empty()
                || theirs.is_empty()
                || theirs.split(',').any(|region| ours.iter().any(|our| our == region))
        }))
    }

    fn event(&mut self, source: RegistryId, id: &str, digest: &Digest) -> Result<Seen, StoreError> {
        let mut bodies = self
            .tx
            .prepare_cached("SELECT digest, refused, entry FROM event WHERE source = ?1 AND id = ?2")?;
        let mut rows = bodies.query(params![self.store.words.registry(source), id])?;
        let mut seen = Seen::New;
        while let Some(row) = rows.next()? {
            let (body, refused): (Vec<u8>, bool) = (row.get(0)?, row.get(1)?);
            if body == digest {
                let entry = row.get::<_, i64>(2)? as u64;
                return Ok(if refused { Seen::OtherAgain } else { Seen::Same { entry } });
            }
            seen = Seen::Other;
        }
        Ok(seen)
    }

    fn heads(
        &mut self,
        entity: EntityId,
        registry: RegistryId,
        keys: &[Key],
    ) -> Result<Vec<Option<Head>>, StoreError> {
        let mut head = self.tx.prepare_cached(&self.store.tables.at(entity).head)?;
        let registry = self.store.words.registry(registry);
        let mut heads = Vec::with_capacity(keys.len());
        for key in keys {
            head.raw_bind_parameter(1, registry)?;
            self.bind_key(&mut head, entity, 2, key)?;
            let mut found = head.raw_query();
            heads.push(match found.next()? {
                Some(row) => Some(Head {
                    row: row.get::<_, i64>(0)? as u64,
                    mark: row.get(1)?,
                    said_at: Moment(row.get(2)?),
                    extract: row.get::<_, Option<i64>>(3)?.map(|extract| extract as u64),
                }),
                None => None,
            });
        }
        Ok(heads)
    }

    fn was(&mut self, entity: EntityId, registry: RegistryId, key: &[Cell]) -> Result<bool, StoreError> {
        let mut was = self.tx.prepare_cached(&self.store.tables.at(entity).was)?;
        was.raw_bind_parameter(1, self.store.words.registry(registry))?;
        self.bind_key(&mut was, entity, 2, key)?;
        Ok(was.raw_query().next()?.is_some())
    }

    fn held(
        &mut self,
        entity: EntityId,
        registry: RegistryId,
        extract: Option<u64>,
    ) -> Result<HashSet<i64>, StoreError> {
        let words = &self.store.words;
        let extract = extract.map(|extract| extract as i64);
        quarantine::held_keys(&self.tx, words.entity(entity), words.registry(registry), extract)
    }

    fn cells(&mut self, entity: EntityId, row: u64) -> Result<Box<[Cell]>, StoreError> {
        rows::told_by_row(self.store, &self.tx, entity, row)
    }

    fn told(&mut self, entity: EntityId, key: &[Cell], field: FieldId) -> Result<Option<Cell>, StoreError> {
        rows::told_by_key(self.store, &self.tx, entity, key, field)
    }

    fn linked(&mut self, lookup: &Lookup) -> Result<Vec<Box<[Cell]>>, StoreError> {
        let mut found = Vec::new();
        rows::look_up(self.store, &self.tx, lookup, None, &rows::mixed(self.store, &self.tx)?, &mut found)?;
        Ok(found.into_iter().map(|row| row.cells).collect())
    }

    fn met(&mut self, extract: u64, row: u64) -> Result<bool, StoreError> {
        let mut met = self.tx.prepare_cached("SELECT 1 FROM met WHERE extract = ?1 AND row = ?2")?;
        Ok(met.exists([extract as i64, row as i64])?)
    }

    fn reserve(&mut self, rows: u64) -> Result<u64, StoreError> {
        let first = self.counter("row")?;
        self.set_counter("row", first + rows as i64)?;
        self.numbered = (first as u64, rows);
        Ok(first as u64)
    }

    fn write(&mut self, facts: NewFacts<'_>) -> Result<(), StoreError> {
        for change in facts.changes {
            if let Some(row) = change.closes {
                self.close(change.entity, row)?;
            }
        }
        for of_one in facts.changes.chunk_by(|a, b| a.entity == b.entity) {
            self.add(&facts, of_one)?;
            self.tx.prepare_cached("INSERT INTO speaker VALUES (?1, ?2) ON CONFLICT DO NOTHING")?.execute(
                [self.store.words.entity(of_one[0].entity), self.store.words.registry(facts.registry)],
            )?;
        }
        crash::point("chunk: facts written")?;
        if let Some(extract) = facts.extract {
            let mut met = self.tx.prepare_cached("INSERT INTO met VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
            for row in facts.met {
                met.execute([extract as i64, *row as i64])?;
            }
        }
        let records = seal::records_key(&self.store.keys);
        let place = quarantine::Place {
            entry: self.entry,
            registry: self.store.words.registry(facts.registry),
            extract: facts.extract.map(|extract| extract as i64),
            file: facts.file,
            at: self.at,
            said_at: facts.said_at,
        };
        for (entity, key) in facts.settled {
            quarantine::settle(&self.tx, &place, self.store.words.entity(*entity), *key)?;
        }
        for held in facts.quarantined {
            let word = self.store.words.entity(held.entity);
            quarantine::hold(&self.tx, &place, word, held, &records, &mut self.sealing.chance)?;
        }
        Ok(())
    }

    fn end_missing(
        &mut self,
        extract: u64,
        manifest: &Manifest,
        ended: &mut dyn FnMut(u64),
    ) -> Result<(), StoreError> {
        ending::end_missing(self.store, &self.tx, (self.at, self.entry), extract, manifest, ended)
    }

    fn commit(mut self, entry: NewEntry<'_>) -> Result<u64, StoreError> {
        let store = self.store;
        let (registry, entity) = (store.words.registry(entry.registry), |id| store.words.entity(id));
        let name = &store.schema.registries[entry.registry.0 as usize].name;
        let (kind, aggregate) = match entry.coming {
            Coming::Extract { extract, whole, late } => {
                let counts = entry.counts;
                self.tx
                    .prepare_cached(
                        "UPDATE extract SET chunks = chunks + 1, finished = ?2, read = read + ?3,
                            accepted = accepted + ?4, unchanged = unchanged + ?5, overtaken = overtaken + ?6,
                            quarantined = quarantined + ?7, ended = ended + ?8 WHERE id = ?1",
                    )?
                    .execute(params![
                        extract as i64,
                        whole.is_some(),
                        counts.read as i64,
                        counts.accepted as i64,
                        counts.unchanged as i64,
                        counts.overtaken as i64,
                        counts.quarantined as i64,
                        counts.ended as i64,
                    ])?;
                if let Some(manifest) = whole {
                    self.tx
                        .prepare_cached("DELETE FROM met WHERE extract = ?1")?
                        .execute([extract as i64])?;
                    if manifest.extent == Extent::Full {
                        rows::cover(&self.tx, entity(manifest.entity), registry, manifest, self.at)?;
                        if !late {
                            let moments = (manifest.said_at(), self.at);
                            let entity = entity(manifest.entity);
                            quarantine::settle_before(&self.tx, entity, registry, extract, moments)?;
                        }
                    }
                }
                ("intake.chunk", format!("extract {extract}"))
            }
            Coming::Event { id, body_digest, body, contradicts } => {
                let records = seal::records_key(&store.keys);
                let sealed = seal::seal(
                    &records,
                    &format!("event {name} {id}"),
                    body.as_bytes(),
                    &mut self.sealing.chance,
                )?;
                self.tx
                    .prepare_cached(
                        "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                    )?
                    .execute(params![
                        registry,
                        id,
                        &body_digest[..],
                        contradicts,
                        sealed,
                        self.entry as i64
                    ])?;
                ("intake.event", format!("event {name} {id}"))
            }
        };
        let (first, rows) = self.numbered;
        let payload = serde_json::json!({
            "registry": name, "file": entry.file,
            "read": entry.counts.read, "accepted": entry.counts.accepted, "unchanged": entry.counts.unchanged,
            "overtaken": entry.counts.overtaken, "quarantined": entry.counts.quarantined,
            "ended": entry.counts.ended,
            "root": hex(&entry.root),
        });
        let actor = Actor::Registry(name.clone());
        let payload = payload.to_string();
        let number = journal::append_about(&self.tx, self.at, &actor, kind, &aggregate, payload.as_bytes())?;
        let rows = if entry.counts.accepted == 0 { 0 } else { rows };
        self.tx.prepare_cached("INSERT INTO fact_entry VALUES (?1, ?2, ?3)")?.execute([
            number as i64,
            first as i64,
            rows as i64,
        ])?;
        self.set_counter("known", self.at.0)?;
        crash::point("chunk: before commit")?;
        self.tx.prepare_cached("COMMIT")?.execute([])?;
        self.open = false;
        crash::point("chunk: after commit")?;
        Ok(number)
    }
}
