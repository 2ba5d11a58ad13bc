//! Writes facts down as rows, numbered so that a family's rows are the same in every bucket that holds them.

use card::{Cell, Date, EntityId, FOREVER, LONG_AGO, Month, RegistryId, Row, Schema};

/// The entities of the benchmark's pack.
#[derive(Clone, Copy)]
pub enum Of {
    Person,
    Tie,
    Residence,
    Study,
    Care,
    Contribution,
    Capacity,
    Disability,
    Award,
}

const NAMES: [&str; 9] = [
    "person",
    "parent_link",
    "residence",
    "study",
    "care",
    "contribution",
    "capacity_loss",
    "disability",
    "running_award",
];

/// What is written.
pub struct Scribe {
    pub rows: Vec<Row>,
    entities: [(EntityId, RegistryId); 9],
    declared: RegistryId,
    next: u64,
}

impl Scribe {
    /// Of nothing yet.
    pub fn of(schema: &Schema) -> Self {
        let entity = |name: &str| schema.entity(name).expect("an entity of the benchmark's pack");
        let entities = NAMES.map(|name| (entity(name), schema.at(entity(name)).registry));
        let declared = schema.registry("declared").expect("a registry of the benchmark's pack");
        Self { rows: Vec::new(), entities, declared, next: 0 }
    }

    /// From here on rows are a family's, whose numbers begin with its own.
    pub fn turn_to(&mut self, family: u64) {
        self.next = (family + 1) << 12;
    }

    /// The number of the next row.
    pub const fn number(&self) -> u64 {
        self.next
    }

    /// What the registry says that owns such rows.
    pub fn owner(&mut self, of: Of, (from, until): (Date, Date), cells: Vec<Cell>) {
        let registry = self.entities[of as usize].1;
        self.write(of, registry, (from, until), cells);
    }

    /// What another registry says of the same.
    pub fn declared(&mut self, of: Of, (from, until): (Date, Date), cells: Vec<Cell>) {
        self.write(of, self.declared, (from, until), cells);
    }

    fn write(&mut self, of: Of, registry: RegistryId, (from, until): (Date, Date), cells: Vec<Cell>) {
        let (entity, _) = self.entities[of as usize];
        self.rows.push(Row { id: self.next, entity, cells: cells.into(), from, until, registry });
        self.next += 1;
    }
}

/// From a day on.
pub const fn since(day: Date) -> (Date, Date) {
    (day, FOREVER)
}

/// At all times.
pub const fn always() -> (Date, Date) {
    (LONG_AGO, FOREVER)
}

/// During a month.
pub fn during(month: Month) -> (Date, Date) {
    (month.first_day(), Month(month.0 + 1).first_day())
}

/// The last cell of a period: nothing while it lasts.
pub fn ended((_, until): (Date, Date)) -> Cell {
    if until == FOREVER { Cell::Nothing } else { Cell::Date(until) }
}
