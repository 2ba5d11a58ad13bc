use card::{EntityId, FieldId, FieldType, Schema};
use intake::Landmarks;
use rusqlite::Connection;

use super::StoreError;

/// Columns before those of the fields.
pub(super) const OWN: [&str; 10] = [
    "_row",
    "_registry",
    "_valid_from",
    "_valid_to",
    "_known_from",
    "_known_to",
    "_said_at",
    "_extract",
    "_mark",
    "_ended_by",
];

/// Values that one statement binds at most.
const BOUND_MAX: usize = 2_000;

/// The statements over the tables of facts, one table per entity.
#[derive(Debug)]
pub(super) struct Tables(Vec<Table>);

#[derive(Debug)]
pub(super) struct Table {
    /// The quoted name.
    pub name: String,
    /// The columns of the fields, quoted.
    pub columns: Vec<String>,
    pub types: Vec<FieldType>,
    pub insert_one: String,
    pub insert_many: String,
    /// Rows of `insert_many`.
    pub many: usize,
    /// `?1` registry, then the key.
    pub head: String,
    pub was: String,
    /// Registry and fields of all current rows of a key.
    pub by_key_now: String,
    pub by_key_then: String,
    pub cells: String,
    pub close: String,
    /// By field: rows as known now, and as known at `?2`; `None` where there is no index.
    pub by_now: Vec<Option<String>>,
    pub by_then: Vec<Option<String>>,
    pub after_now: String,
    pub after_then: String,
}

impl Tables {
    pub fn of(schema: &Schema) -> Self {
        Self((0..schema.entities.len()).map(|at| Table::of(schema, EntityId(at as u16))).collect())
    }

    pub fn at(&self, id: EntityId) -> &Table {
        &self.0[id.0 as usize]
    }
}

impl Table {
    /// Rows whose field is one of `?1` to as many keys, as known now or at the moment after them.
    pub fn by_any(&self, field: FieldId, keys: usize, then: bool) -> String {
        let marks: Vec<String> = (1..=keys).map(|at| format!("?{at}")).collect();
        let known = if then { known_at(keys + 1) } else { "_known_to IS NULL".to_owned() };
        format!(
            "SELECT _row, _registry, _valid_from, _valid_to, {} FROM {} WHERE {} IN ({}) AND {known}",
            self.columns.join(", "),
            self.name,
            self.columns[field.0 as usize],
            marks.join(",")
        )
    }
}

/// Of what was known at the moment `?at`.
fn known_at(at: usize) -> String {
    format!("_known_from <= ?{at} AND (_known_to IS NULL OR _known_to > ?{at})")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Fields by which rows are looked up: links, the first field of a key, and the region of a person,
/// since figures of a region concern whoever lives there.
fn is_link(schema: &Schema, entity: EntityId, field: FieldId) -> bool {
    let declared = schema.at(entity);
    declared.key.first() == Some(&field)
        || (entity == Schema::PERSON && Landmarks::of(schema).region == Some(field))
        || matches!(
            declared.at(field).ty,
            FieldType::Person | FieldType::Account | FieldType::Phone | FieldType::Row(_)
        )
}

impl Table {
    fn of(schema: &Schema, entity: EntityId) -> Self {
        let declared = schema.at(entity);
        let name = quoted(&format!("fact_{}", declared.name));
        let columns: Vec<String> = declared.fields.iter().map(|f| quoted(&f.name)).collect();
        let all = OWN.iter().map(|own| (*own).to_owned()).chain(columns.iter().cloned()).collect::<Vec<_>>();
        let width = all.len();
        let row = format!("({})", vec!["?"; width].join(","));
        let many = (BOUND_MAX / width).max(1);
        let insert = |rows: usize| {
            format!("INSERT INTO {name} ({}) VALUES {}", all.join(","), vec![row.as_str(); rows].join(","))
        };
        let key = |first: usize| {
            let parts = declared.key.iter().zip(first..);
            parts
                .map(|(f, at)| format!("{} = ?{at}", columns[f.0 as usize]))
                .collect::<Vec<_>>()
                .join(" AND ")
        };
        let told = format!("_row, _registry, _valid_from, _valid_to, {}", columns.join(", "));
        let keys = declared.key.len();
        let by = |field: usize, when: &str| {
            is_link(schema, entity, FieldId(field as u16))
                .then(|| format!("SELECT {told} FROM {name} WHERE {} = ?1 AND {when}", columns[field]))
        };
        Self {
            insert_one: insert(1),
            insert_many: insert(many),
            many,
            head: format!(
                "SELECT _row, _mark, _said_at, _extract FROM {name} WHERE {} AND _registry = ?1 AND _known_to IS NULL",
                key(2)
            ),
            was: format!(
                "SELECT 1 FROM {name} WHERE {} AND _registry = ?1 AND _known_to IS NOT NULL LIMIT 1",
                key(2)
            ),
            by_key_now: format!("SELECT {told} FROM {name} WHERE {} AND _known_to IS NULL", key(1)),
            by_key_then: format!("SELECT {told} FROM {name} WHERE {} AND {}", key(1), known_at(keys + 1)),
            cells: format!("SELECT {told} FROM {name} WHERE _row = ?1"),
            close: format!("UPDATE {name} SET _known_to = ?1, _ended_by = ?2 WHERE _row = ?3"),
            by_now: (0..columns.len()).map(|at| by(at, "_known_to IS NULL")).collect(),
            by_then: (0..columns.len()).map(|at| by(at, &known_at(2))).collect(),
            after_now: format!(
                "SELECT {told} FROM {name} WHERE _row > ?1 AND _known_to IS NULL ORDER BY _row LIMIT ?2"
            ),
            after_then: format!(
                "SELECT {told} FROM {name} WHERE _row > ?1 AND {} ORDER BY _row LIMIT ?2",
                known_at(3)
            ),
            types: declared.fields.iter().map(|f| f.ty).collect(),
            name,
            columns,
        }
    }
}

/// Makes and alters the tables of facts as the schema says. A renamed field takes its column along
/// by its former name; a field that is gone leaves its column, unread.
pub(super) fn bring_up(tx: &Connection, schema: &Schema, tables: &Tables) -> Result<(), StoreError> {
    for (at, declared) in schema.entities.iter().enumerate() {
        let table = tables.at(EntityId(at as u16));
        let bare = format!("fact_{}", declared.name);
        for alias in &declared.aliases {
            let former = format!("fact_{alias}");
            if !columns_of(tx, &former)?.is_empty() && columns_of(tx, &bare)?.is_empty() {
                tx.execute_batch(&format!("ALTER TABLE {} RENAME TO {}", quoted(&former), table.name))?;
            }
        }
        let own = OWN.map(|own| match own {
            "_row" => "_row INTEGER PRIMARY KEY".to_owned(),
            "_known_to" | "_extract" | "_ended_by" => format!("{own} INTEGER"),
            _ => format!("{own} INTEGER NOT NULL"),
        });
        tx.execute_batch(&format!("CREATE TABLE IF NOT EXISTS {} ({})", table.name, own.join(", ")))?;
        let found = columns_of(tx, &bare)?;
        for (field, column) in declared.fields.iter().zip(&table.columns) {
            if found.contains(&field.name) {
                continue;
            }
            let former = field.aliases.iter().find(|alias| found.contains(alias));
            let change = former.map_or_else(
                || match field.ty {
                    FieldType::Code | FieldType::Row(_) => format!("ADD COLUMN {column} TEXT"),
                    _ => format!("ADD COLUMN {column} INTEGER"),
                },
                |former| format!("RENAME COLUMN {} TO {column}", quoted(former)),
            );
            tx.execute_batch(&format!("ALTER TABLE {} {change}", table.name))?;
        }
        let index = |what: &str| quoted(&format!("{bare}_{what}"));
        let key: Vec<&str> = declared.key.iter().map(|f| table.columns[f.0 as usize].as_str()).collect();
        tx.execute_batch(&format!(
            "CREATE UNIQUE INDEX IF NOT EXISTS {} ON {} ({}, _registry) WHERE _known_to IS NULL;
             CREATE INDEX IF NOT EXISTS {} ON {} (_ended_by) WHERE _ended_by IS NOT NULL;",
            index("_key"),
            table.name,
            key.join(", "),
            index("_ended"),
            table.name,
        ))?;
        for (at, field) in declared.fields.iter().enumerate() {
            if table.by_now[at].is_some() {
                tx.execute_batch(&format!(
                    "CREATE INDEX IF NOT EXISTS {} ON {} ({})",
                    index(&field.name),
                    table.name,
                    table.columns[at]
                ))?;
            }
        }
    }
    Ok(())
}

fn columns_of(tx: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut columns = tx.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = columns.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(names)
}
