use card::{Moment, Schema};
use intake::{Landmarks, Manifest, persons_of};
use rusqlite::Connection;

use super::{Store, StoreError};

/// Ends the rows that a full extract left out, `now` being the moment and the number of the journal
/// entry; each row is handed to `ended`.
pub(super) fn end_missing(
    store: &Store,
    tx: &Connection,
    now: (Moment, u64),
    extract: u64,
    manifest: &Manifest,
    ended: &mut dyn FnMut(u64),
) -> Result<(), StoreError> {
    let table = &store.tables.at(manifest.entity).name;
    let there = if manifest.regions.is_empty() { String::new() } else { in_regions(store, manifest) };
    let mut ending = tx.prepare(&format!(
        "UPDATE {table} SET _known_to = ?1, _ended_by = ?2
         WHERE _known_to IS NULL AND _registry = ?3 AND _said_at <= ?4 AND _extract IS NOT ?5
           AND _valid_from <= ?6 AND _valid_to > ?7
           AND NOT EXISTS (SELECT 1 FROM met WHERE met.extract = ?5 AND met.row = {table}._row){there}
         RETURNING _row"
    ))?;
    let own: [i64; 7] = [
        now.0.0,
        now.1 as i64,
        store.words.registry(manifest.registry),
        manifest.said_at().0,
        extract as i64,
        i64::from(manifest.through.days()),
        i64::from(manifest.from.days()),
    ];
    for (value, at) in own.iter().zip(1..) {
        ending.raw_bind_parameter(at, value)?;
    }
    if !manifest.regions.is_empty() {
        let regions = serde_json::to_string(&manifest.regions).expect("texts are JSON");
        ending.raw_bind_parameter(8, regions)?;
    }
    let mut rows = ending.raw_query();
    while let Some(row) = rows.next()? {
        ended(row.get::<_, i64>(0)? as u64);
    }
    Ok(())
}

/// Only rows all of whose persons are known to be in the regions of the extract (`?8`), by the word
/// of the registry that owns regions; no row, where nobody says who is where.
fn in_regions(store: &Store, manifest: &Manifest) -> String {
    let persons = persons_of(&store.schema, manifest.entity);
    let (Some(region), false) = (Landmarks::of(&store.schema).region, persons.is_empty()) else {
        return " AND FALSE AND ?8 IS NOT NULL".to_owned();
    };
    let person = store.schema.at(Schema::PERSON);
    let owner = store.words.registry(person.at(region).registry.unwrap_or(person.registry));
    let persons_table = store.tables.at(Schema::PERSON);
    let (id, region) =
        (&persons_table.columns[person.key[0].0 as usize], &persons_table.columns[region.0 as usize]);
    let table = store.tables.at(manifest.entity);
    let columns: Vec<String> =
        persons.iter().map(|field| format!("{}.{}", table.name, table.columns[field.0 as usize])).collect();
    let there = columns.iter().map(|column| {
        format!(
            " AND (typeof({column}) <> 'integer' OR EXISTS (
                SELECT 1 FROM {} p WHERE p.{id} = {column} AND p._known_to IS NULL AND p._registry = {owner}
                AND p.{region} IN (SELECT value FROM json_each(?8))))",
            persons_table.name
        )
    });
    let somebody = columns.iter().map(|column| format!("typeof({column}) = 'integer'")).collect::<Vec<_>>();
    there.chain([format!(" AND ({})", somebody.join(" OR "))]).collect()
}
