use std::collections::BTreeSet;

use card::{Cell, EntityId, FieldId, Lookup, PersonId, Schema};

/// A row before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRow {
    /// Of which entity.
    pub entity: EntityId,
    /// What it said; `None` if it is new.
    pub before: Option<Box<[Cell]>>,
    /// What it says; `None` if it ended.
    pub after: Option<Box<[Cell]>>,
}

/// One step of the paths that a measure reads, from a row outward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// At which field of the row it starts; `None`: at the row's own key.
    pub from: Option<FieldId>,
    /// It loads rows of this entity,
    pub entity: EntityId,
    /// by this field,
    pub by: FieldId,
    /// and goes on from each of them.
    pub then: Vec<Step>,
}

/// Somebody who finds rows by a field, as they are known now.
pub trait LinkedRows {
    /// The failure of the store.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The cells of all rows, of any time, that a lookup finds.
    fn rows(&mut self, lookup: &Lookup) -> Result<Vec<Box<[Cell]>>, Self::Error>;
}

/// Whom changes concern: for each measure, the persons whose circle held a changed row before, or
/// holds it after. Paths are walked backwards from the changed row, over what is known now; a link
/// that changed too is a changed row of its own, so that the way that was is found as well.
pub fn subjects_of<M: Copy + Ord, L: LinkedRows>(
    schema: &Schema,
    changed: &[ChangedRow],
    reads: &[(M, Vec<Step>)],
    links: &mut L,
) -> Result<BTreeSet<(M, PersonId)>, L::Error> {
    let mut concerned = BTreeSet::new();
    for (measure, steps) in reads {
        let mut walk = Walk { schema, links, subjects: BTreeSet::new(), asked: BTreeSet::new() };
        for cells in changed
            .iter()
            .flat_map(|row| row.before.iter().chain(&row.after).map(|cells| (row.entity, cells)))
        {
            if cells.0 == Schema::PERSON {
                walk.subject(cells.1);
            }
            walk.find(cells.0, cells.1, steps, &mut Vec::new())?;
        }
        concerned.extend(walk.subjects.into_iter().map(|person| (*measure, person)));
    }
    Ok(concerned)
}

struct Walk<'a, L> {
    schema: &'a Schema,
    links: &'a mut L,
    subjects: BTreeSet<PersonId>,
    /// Steps and keys walked already.
    asked: BTreeSet<(*const Step, Cell)>,
}

impl<L: LinkedRows> Walk<'_, L> {
    fn subject(&mut self, person: &[Cell]) {
        let key = self.schema.at(Schema::PERSON).key[0];
        if let Cell::Person(id) = person[key.0 as usize] {
            self.subjects.insert(id);
        }
    }

    /// Looks for the steps that load rows of an entity, and walks back from each.
    fn find<'s>(
        &mut self,
        entity: EntityId,
        cells: &[Cell],
        steps: &'s [Step],
        above: &mut Vec<&'s Step>,
    ) -> Result<(), L::Error> {
        for step in steps {
            if step.entity == entity {
                self.back(step, cells, above)?;
            }
            above.push(step);
            self.find(entity, cells, &step.then, above)?;
            above.pop();
        }
        Ok(())
    }

    /// From a row that `step` loads to the rows from which it is loaded, and on to the subjects.
    fn back(&mut self, step: &Step, cells: &[Cell], above: &[&Step]) -> Result<(), L::Error> {
        let key = &cells[step.by.0 as usize];
        if matches!(key, Cell::Unknown | Cell::Nothing) {
            return Ok(());
        }
        if !self.asked.insert((std::ptr::from_ref(step), key.clone())) {
            return Ok(());
        }
        let entity = above.last().map_or(Schema::PERSON, |step| step.entity);
        let field = match step.from {
            Some(field) => field,
            None => match self.schema.at(entity).key[..] {
                [own] => own,
                _ => return Ok(()),
            },
        };
        if let (None, None, Cell::Person(person)) = (step.from, above.last(), key) {
            self.subjects.insert(*person);
            return Ok(());
        }
        for row in self.links.rows(&Lookup { entity, field, key: key.clone() })? {
            match above.split_last() {
                Some((step, above)) => self.back(step, &row, above)?,
                None => self.subject(&row),
            }
        }
        Ok(())
    }
}
