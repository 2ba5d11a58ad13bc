//! A small country: its schema, its people, and the extracts that registries deliver.

use std::{
    fs,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use card::{
    Cell, Date, Entity, EntityId, EnumId, EnumType, Field, FieldId, FieldType, Iin, Moment, PersonId,
    Registry, RegistryId, Row, Schema, Sex, Span, Text, UntilIs, Validity,
};
use intake::{Event, EventTaken, FactStore, Manifest, Progress, take_event, take_extract};
use law::{Reach, ReachFrom};
use outside::{
    extract::Extract,
    sqlite::{Keys, Store, StoreError},
};
use sha2::{Digest, Sha256};

pub const POPULATION: RegistryId = RegistryId(0);
pub const CIVIL_ACTS: RegistryId = RegistryId(1);
pub const PERSON: EntityId = EntityId(0);
pub const PARENT_LINK: EntityId = EntityId(1);
pub const RESIDENCE: EntityId = EntityId(2);
pub const AWARD: EntityId = EntityId(3);
pub const AWARD_CHILD: EntityId = EntityId(4);
pub const PHONE: EntityId = EntityId(6);

fn field(name: &str, ty: FieldType) -> Field {
    let title = Text::default();
    let (optional, signed, year_only) = (false, false, false);
    Field { name: name.into(), aliases: vec![], title, ty, optional, signed, year_only, registry: None }
}

fn optional(name: &str, ty: FieldType) -> Field {
    Field { optional: true, ..field(name, ty) }
}

fn entity(name: &str, registry: u16, key: &[u16], validity: Validity, fields: Vec<Field>) -> Entity {
    let key = key.iter().map(|at| FieldId(*at)).collect();
    let registry = RegistryId(registry);
    Entity { name: name.into(), aliases: vec![], title: Text::default(), registry, fields, key, validity }
}

fn period(from: u16, until: u16) -> Validity {
    Validity::Period { from: FieldId(from), until: Some(FieldId(until)), until_is: UntilIs::FirstDayAfter }
}

pub fn schema() -> Schema {
    use FieldType::{Code, Date, Enum, Money, Month, Person, Phone, Row};
    let registry =
        |name: &str| Registry { name: name.into(), title: Text::default(), stands_for: Span::Days(30) };
    let values = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let enumeration = |name: &str, all: &[&str]| EnumType {
        name: name.into(),
        values: values(all),
        titles: vec![Text::default(); all.len()],
    };
    Schema {
        entities: vec![
            entity(
                "person",
                0,
                &[0],
                Validity::Always,
                vec![
                    field("id", Person),
                    Field { year_only: true, ..field("birth_date", Date) },
                    field("sex", Enum(EnumId(0))),
                    Field { registry: Some(CIVIL_ACTS), ..optional("death_date", Date) },
                    field("region", Code),
                ],
            ),
            entity(
                "parent_link",
                1,
                &[0, 1, 3],
                period(3, 4),
                vec![
                    field("child", Person),
                    field("parent", Person),
                    field("kind", Enum(EnumId(1))),
                    field("since", Date),
                    optional("ended", Date),
                ],
            ),
            entity(
                "residence",
                0,
                &[0, 2],
                period(2, 3),
                vec![
                    field("person", Person),
                    field("address", Code),
                    field("since", Date),
                    optional("ended", Date),
                ],
            ),
            entity(
                "running_award",
                2,
                &[0],
                period(2, 3),
                vec![
                    field("number", Code),
                    field("recipient", Person),
                    field("since", Date),
                    optional("ended", Date),
                    field("amount", Money),
                ],
            ),
            entity(
                "running_award_child",
                2,
                &[0, 1],
                Validity::Always,
                vec![field("award", Row(AWARD)), field("child", Person)],
            ),
            entity(
                "income",
                2,
                &[0, 1],
                Validity::Month(FieldId(1)),
                vec![field("person", Person), field("month", Month), field("amount", Money)],
            ),
            entity(
                "phone",
                0,
                &[0, 1, 2],
                period(2, 3),
                vec![
                    field("phone", Phone),
                    field("person", Person),
                    field("since", Date),
                    optional("ended", Date),
                ],
            ),
        ],
        enums: vec![enumeration("sex", &["female", "male"]), enumeration("tie", &["birth", "guardianship"])],
        registries: ["population", "civil_acts", "payments"].map(registry).to_vec(),
    }
}

/// The IIN of the `n`th person born on a day.
pub fn iin(born: &str, sex: Sex, n: u16) -> String {
    let born = day(born);
    (0..10).find_map(|skip| Iin::compose(born, sex, n * 10 + skip)).unwrap().expose()
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn at(text: &str, hour: u32) -> Moment {
    Moment::local(day(text), hour, 0)
}

/// As `sha256sum` prints it.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// An extract as a registry delivers it.
#[derive(Clone)]
pub struct Delivery {
    pub file: String,
    pub entity: &'static str,
    pub registry: &'static str,
    pub regions: Vec<&'static str>,
    pub extent: &'static str,
    pub made_on: &'static str,
    pub from: &'static str,
    pub text: String,
}

impl Delivery {
    pub fn full(entity: &'static str, registry: &'static str, made_on: &'static str, text: &str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let file = format!("{entity}-{}.csv", NUMBER.fetch_add(1, Ordering::Relaxed));
        let (regions, from) = (vec![], "1900-01-01");
        Self { file, entity, registry, regions, extent: "full", made_on, from, text: text.to_owned() }
    }

    pub fn partial(self) -> Self {
        Self { extent: "partial", ..self }
    }

    pub fn of(self, region: &'static str) -> Self {
        Self { regions: vec![region], ..self }
    }

    pub fn manifest(&self) -> String {
        let rows = self.text.lines().count().saturating_sub(1);
        let sha = sha256(self.text.as_bytes());
        let regions: Vec<String> = self.regions.iter().map(|region| format!("{region:?}")).collect();
        format!(
            r#"{{"entity": "{}", "registry": "{}", "regions": [{}], "extent": "{}", "from": "{}",
               "through": "{}", "made_on": "{}", "rows": {rows}, "sha256": "{sha}"}}"#,
            self.entity,
            self.registry,
            regions.join(","),
            self.extent,
            self.from,
            self.made_on,
            self.made_on
        )
    }
}

pub struct World {
    pub dir: Scratch,
    pub schema: Schema,
    pub keys: Keys,
    pub store: Store,
}

fn open(dir: &Path, schema: &Schema, keys: &Keys) -> Store {
    Store::open(dir.join("store.db"), schema, keys.clone()).unwrap()
}

/// A folder that goes away with its owner.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("family-card-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl std::ops::Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl World {
    pub fn new() -> Self {
        let dir = Scratch::new();
        let (schema, keys) = (schema(), Keys::generate().unwrap());
        let store = open(&dir, &schema, &keys);
        Self { dir, schema, keys, store }
    }

    /// Takes files in many chunks.
    pub fn with_chunks_of(mut self, rows: u32) -> Self {
        self.store = open(&self.dir, &self.schema, &self.keys).with_chunks_of(NonZeroU32::new(rows).unwrap());
        self
    }

    /// As after a crash: the store is dropped and opened again.
    pub fn reopen(&mut self) {
        let chunk_rows = self.store.chunk_rows();
        self.store = open(&self.dir, &self.schema, &self.keys).with_chunks_of(chunk_rows);
    }

    pub fn try_deliver(&self, delivery: &Delivery, now: Moment) -> Result<Progress, String> {
        self.try_deliver_as(delivery, &delivery.manifest(), now)
    }

    pub fn try_deliver_as(
        &self,
        delivery: &Delivery,
        manifest: &str,
        now: Moment,
    ) -> Result<Progress, String> {
        let manifest = Manifest::parse(manifest, &self.schema).map_err(|error| error.to_string())?;
        let path = self.dir.join(&delivery.file);
        fs::write(&path, &delivery.text).unwrap();
        let mut extract = Extract::open(&path, &manifest, &self.schema).map_err(|error| error.to_string())?;
        take_extract(&self.schema, &self.store, &manifest, &mut extract, now, &mut |_| {})
            .map_err(|error| error.to_string())
    }

    pub fn deliver(&self, delivery: &Delivery, now: Moment) -> Progress {
        let progress = self.try_deliver(delivery, now).unwrap();
        assert!(progress.finished);
        assert!(progress.counts.close(), "{:?}", progress.counts);
        progress
    }

    pub fn event(&self, body: &str, now: Moment) -> Result<EventTaken, StoreError> {
        let event = Event::parse(body, &self.schema).unwrap();
        take_event(&self.schema, &self.store, &event, now).map_err(|error| match error {
            intake::TakeError::Store(error) => error,
            other => panic!("{other}"),
        })
    }

    pub fn person(&self, iin: &str) -> PersonId {
        self.store.person(&iin.parse().unwrap()).unwrap().expect("a person of that number")
    }

    /// All rows of an entity, as known at a moment, in pages.
    pub fn rows(&self, entity: EntityId, known_on: Option<Moment>) -> Vec<Row> {
        let (mut rows, mut after) = (Vec::new(), 0);
        loop {
            let (page, next) = self.store.rows_after(entity, known_on, after, 250).unwrap();
            rows.extend(page);
            match next {
                Some(next) => after = next,
                None => return rows,
            }
        }
    }

    /// What is known of every entity, without row numbers, in one order.
    pub fn facts(&self, known_on: Option<Moment>) -> Vec<(EntityId, Vec<Cell>, Date, Date, RegistryId)> {
        let mut facts: Vec<_> = (0..self.schema.entities.len() as u16)
            .flat_map(|at| self.rows(EntityId(at), known_on))
            .map(|row| (row.entity, row.cells.to_vec(), row.from, row.until, row.registry))
            .collect();
        facts.sort();
        facts
    }

    /// Reason and mend of what is in quarantine, with their places.
    pub fn held(&self) -> Vec<String> {
        let held = self.store.quarantine(0, 1000).unwrap();
        held.into_iter()
            .map(|row| {
                let field = row.field.map(|field| format!(", {field}")).unwrap_or_default();
                format!("line {}{field}: {}; {}", row.line, row.reason, row.mend)
            })
            .collect()
    }
}

/// Children, their parents, and all their residences and awards.
pub fn family_paths() -> Vec<Reach> {
    let reach = |from, entity, by, then| Reach { from, entity, by: FieldId(by), then };
    let person_of = |field, then| reach(ReachFrom::Field(FieldId(field)), PERSON, 0, then);
    let home = || reach(ReachFrom::Key, RESIDENCE, 0, vec![]);
    let siblings = reach(ReachFrom::Key, PARENT_LINK, 1, vec![person_of(0, vec![home()])]);
    let award = reach(ReachFrom::Field(FieldId(0)), AWARD, 0, vec![]);
    vec![
        home(),
        reach(ReachFrom::Key, PARENT_LINK, 0, vec![person_of(1, vec![home(), siblings])]),
        reach(ReachFrom::Key, AWARD_CHILD, 1, vec![award]),
    ]
}
