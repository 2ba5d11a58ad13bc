use std::collections::{BTreeSet, HashMap, HashSet};

use card::{Cell, Circle, EntityId, Lookup, Moment, PersonId, Row, Schema};
use intake::{Changes, Landmarks, LinkedRows, Step};
use law::{Reach, ReachFrom, port::Circles};
use rusqlite::Connection;

use super::{Store, StoreError, quarantine, rows};

impl Circles for Store {
    type Error = StoreError;

    fn circle(
        &self,
        subject: PersonId,
        reads: &[Reach],
        known_on: Option<Moment>,
    ) -> Result<Circle, StoreError> {
        self.read(|reader| load(self, reader, subject, reads, known_on))
    }
}

/// Loads a circle on any connection, the writer's included.
pub(super) fn load(
    store: &Store,
    connection: &Connection,
    subject: PersonId,
    reads: &[Reach],
    known_on: Option<Moment>,
) -> Result<Circle, StoreError> {
    let mut walk = Walk {
        store,
        connection,
        known_on,
        mixed: rows::mixed(store, connection)?,
        rows: Vec::new(),
        places: HashMap::new(),
        answers: HashMap::new(),
        walked: HashSet::new(),
    };
    let key = store.schema.at(Schema::PERSON).key[0];
    let start = Lookup { entity: Schema::PERSON, field: key, key: Cell::Person(subject) };
    // A subject of whom only others speak is asked about all the same: links start at the id.
    let started = walk.ask(start)?;
    match started.first() {
        Some(row) => walk.follow(Some(*row), subject, reads)?,
        None => walk.follow(None, subject, reads)?,
    }
    let coverage = walk.coverage(reads)?;
    let loaded = walk.answers.into_keys().collect::<BTreeSet<_>>();
    Ok(Circle { rows: walk.rows, coverage, loaded: Some(loaded) })
}

struct Walk<'s> {
    store: &'s Store,
    connection: &'s Connection,
    known_on: Option<Moment>,
    mixed: Vec<bool>,
    rows: Vec<Row>,
    /// Where in `rows` a row is, by its number.
    places: HashMap<u64, usize>,
    answers: HashMap<Lookup, Vec<usize>>,
    /// Steps walked from a row already.
    walked: HashSet<(*const Reach, Option<usize>)>,
}

impl Walk<'_> {
    /// Puts a question to the store, once.
    fn ask(&mut self, lookup: Lookup) -> Result<Vec<usize>, StoreError> {
        if let Some(answer) = self.answers.get(&lookup) {
            return Ok(answer.clone());
        }
        let mut found = Vec::new();
        rows::look_up(self.store, self.connection, &lookup, self.known_on, &self.mixed, &mut found)?;
        let mut answer = Vec::with_capacity(found.len());
        for row in found {
            let place = *self.places.entry(row.id).or_insert(self.rows.len());
            if place == self.rows.len() {
                self.rows.push(row);
            }
            answer.push(place);
        }
        self.answers.insert(lookup, answer.clone());
        Ok(answer)
    }

    /// Follows steps from a row, or from a subject without one.
    fn follow(&mut self, row: Option<usize>, subject: PersonId, steps: &[Reach]) -> Result<(), StoreError> {
        for step in steps {
            if !self.walked.insert((std::ptr::from_ref(step), row)) {
                continue;
            }
            let key = match (row, step.from) {
                (None, ReachFrom::Key) => Cell::Person(subject),
                (None, ReachFrom::Field(_)) => continue,
                (Some(row), ReachFrom::Field(field)) => self.rows[row].cell(field).clone(),
                (Some(row), ReachFrom::Key) => {
                    let row = &self.rows[row];
                    let [own] = self.store.schema.at(row.entity).key[..] else { continue };
                    row.cell(own).clone()
                }
            };
            if matches!(key, Cell::Unknown | Cell::Nothing) {
                continue;
            }
            for next in self.ask(Lookup { entity: step.entity, field: step.by, key })? {
                self.follow(Some(next), subject, &step.then)?;
            }
        }
        Ok(())
    }

    /// The coverage known then of every entity that the steps name, for the regions of the circle's
    /// persons. A registry that sent a row about one of them which is in quarantine covers none of
    /// them: what that row says is not here, and its absence means nothing.
    fn coverage(&self, reads: &[Reach]) -> Result<Vec<card::Coverage>, StoreError> {
        let mut entities = BTreeSet::from([Schema::PERSON]);
        entities_of(reads, &mut entities);
        let mut covered = Vec::new();
        for entity in entities {
            rows::coverage(self.connection, &self.store.words, entity, self.known_on, &mut covered)?;
        }
        let persons = || self.rows.iter().filter(|row| row.entity == Schema::PERSON);
        if let Some(region) = Landmarks::of(&self.store.schema).region {
            let regions: HashSet<&str> = persons()
                .filter_map(|row| match row.cell(region) {
                    Cell::Code(code) => Some(&**code),
                    _ => None,
                })
                .collect();
            covered.retain(|row| row.region.as_deref().is_none_or(|region| regions.contains(region)));
        }
        let key = self.store.schema.at(Schema::PERSON).key[0];
        for row in persons() {
            let Cell::Person(person) = row.cell(key) else { continue };
            for (entity, registry) in
                quarantine::held_of(self.store, self.connection, *person, self.known_on)?
            {
                covered.retain(|row| (row.entity, row.registry) != (entity, registry));
            }
        }
        Ok(covered)
    }
}

fn entities_of(reads: &[Reach], entities: &mut BTreeSet<EntityId>) {
    for step in reads {
        entities.insert(step.entity);
        entities_of(&step.then, entities);
    }
}

/// The same paths in the words of intake, which knows no law.
pub fn steps(reads: &[Reach]) -> Vec<Step> {
    reads
        .iter()
        .map(|reach| Step {
            from: match reach.from {
                ReachFrom::Key => None,
                ReachFrom::Field(field) => Some(field),
            },
            entity: reach.entity,
            by: reach.by,
            then: steps(&reach.then),
        })
        .collect()
}

impl Changes for Store {
    type Error = StoreError;

    fn concerned<M: Copy + Ord>(
        &self,
        entry: u64,
        reads: &[(M, Vec<Step>)],
    ) -> Result<BTreeSet<(M, PersonId)>, StoreError> {
        let changed = self.changed_by(entry)?;
        self.reading()?.concerned(&changed, reads, None)
    }

    fn journal_end(&self) -> Result<u64, StoreError> {
        Ok(self.reading()?.tip()?.entry)
    }

    fn concerned_since<M: Copy + Ord>(
        &self,
        entry: u64,
        reads: &[(M, Vec<Step>)],
    ) -> Result<BTreeSet<(M, PersonId)>, StoreError> {
        let reading = self.reading()?;
        let tip = reading.tip_of(entry)?;
        reading.concerned_since(tip, reads)
    }
}

impl Store {
    /// Whose circles hold somebody about whom a record waits in quarantine, as known at a moment
    /// (`None`: now): there silence means nothing, although the registry covers everybody else. They
    /// are asked over their own circles, never over the one of everybody.
    pub fn doubted<M: Copy + Ord>(
        &self,
        reads: &[(M, Vec<Step>)],
        known_on: Option<Moment>,
    ) -> Result<BTreeSet<(M, PersonId)>, StoreError> {
        self.reading()?.doubted(reads, known_on)
    }
}

impl LinkedRows for &Store {
    type Error = StoreError;

    fn rows(&mut self, lookup: &Lookup) -> Result<Vec<Box<[Cell]>>, StoreError> {
        self.read(|reader| {
            let (mut found, mixed) = (Vec::new(), rows::mixed(self, reader)?);
            rows::look_up(self, reader, lookup, None, &mixed, &mut found)?;
            Ok(found.into_iter().map(|row| row.cells).collect())
        })
    }
}
