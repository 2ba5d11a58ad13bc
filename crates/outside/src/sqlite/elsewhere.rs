//! What today's systems tell of their awards, as delivery asks for it.

use std::collections::{BTreeMap, BTreeSet};

use card::{Cell, EntityId, FieldId, FieldType, Lookup, PersonId, Row, Schema};
use deliver::elsewhere::{Application, Registry, Told};
use intake::Landmarks;

use super::{Store, StoreError, rows};

/// Our own awards are facts too; whoever asks about others' does not mean them.
const OURS: &str = "card";

impl Registry for Store {
    type Error = StoreError;

    fn awards_changed(&self, entry: u64, after: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        let reading = self.reading()?;
        let tip = reading.tip_of(entry)?;
        let ours = self.schema.registry(OURS).map_or(-1, |registry| self.words.registry(registry));
        let mut numbers = BTreeSet::new();
        for (entity, field) in [("running_award", "number"), ("running_award_child", "award")] {
            let Some((entity, field)) = self.declared(entity, field) else { continue };
            let table = self.tables.at(entity);
            let number = &table.columns[field.0 as usize];
            // What changed is little: it is found by the numbers of its rows, and not in the order of awards.
            let sql = format!(
                "SELECT DISTINCT number FROM (
                    SELECT {number} AS number FROM {0} WHERE _row >= ?1 AND _registry <> ?3 UNION ALL
                    SELECT {number} FROM {0} WHERE _ended_by > ?2 AND _registry <> ?3)
                 WHERE +number > ?4 ORDER BY number LIMIT ?5",
                table.name
            );
            let mut changed = reading.prepare_cached(&sql)?;
            let bound = rusqlite::params![tip.row as i64, tip.entry as i64, ours, after, limit as i64];
            let found = changed.query_map(bound, |row| row.get::<_, String>(0))?;
            numbers.extend(found.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(numbers.into_iter().take(limit).collect())
    }

    fn award_told(&self, number: &str) -> Result<Option<Told>, StoreError> {
        let Some((entity, key)) = self.declared("running_award", "number") else { return Ok(None) };
        let number_of = |number: &str| Cell::Code(number.into());
        let Some(row) = self.found(&Lookup { entity, field: key, key: number_of(number) })?.pop() else {
            return Ok(None);
        };
        if Some(row.registry) == self.schema.registry(OURS) {
            return Ok(None);
        }
        let says = |field: &str| self.schema.at(entity).field(field).map(|field| row.cell(field).clone());
        let person = |field: &str| match says(field) {
            Some(Cell::Person(person)) => Some(person),
            _ => None,
        };
        let day = |field: &str| match says(field) {
            Some(Cell::Date(day)) => Some(day),
            _ => None,
        };
        let mut children = Vec::new();
        if let Some((named, award)) = self.declared("running_award_child", "award")
            && let Some(child) = self.schema.at(named).field("child")
        {
            for row in self.found(&Lookup { entity: named, field: award, key: number_of(number) })? {
                if let Cell::Person(person) = row.cell(child) {
                    children.push(*person);
                }
            }
        }
        children.sort();
        Ok(Some(Told {
            number: number.to_owned(),
            measure: match says("measure") {
                Some(Cell::Code(code)) => Some(code.into()),
                _ => None,
            },
            recipient: person("recipient"),
            subject: person("subject"),
            since: day("since"),
            ended: day("ended"),
            amount: match says("amount") {
                Some(Cell::Money(sum)) => Some(sum),
                _ => None,
            },
            paid_on: day("paid_on"),
            account: match says("account") {
                Some(Cell::Account(account)) => Some(account),
                _ => None,
            },
            children,
        }))
    }

    fn applications_of(&self, person: PersonId) -> Result<Vec<Application>, StoreError> {
        let mut found = BTreeMap::new();
        for by in ["applicant", "subject"] {
            let Some((entity, field)) = self.declared("earlier_application", by) else { return Ok(vec![]) };
            for row in self.found(&Lookup { entity, field, key: Cell::Person(person) })? {
                found.insert(row.id, row);
            }
        }
        let mut applications: Vec<Application> =
            found.into_values().filter_map(|row| self.application(&row)).collect();
        applications.sort_by_key(|application| std::cmp::Reverse(application.filed_on));
        Ok(applications)
    }

    fn region_of(&self, person: PersonId) -> Result<Option<String>, StoreError> {
        let Some(region) = Landmarks::of(&self.schema).region else { return Ok(None) };
        let key = self.schema.at(Schema::PERSON).key[0];
        let row =
            self.found(&Lookup { entity: Schema::PERSON, field: key, key: Cell::Person(person) })?.pop();
        Ok(row.and_then(|row| match row.cell(region) {
            Cell::Code(code) => Some(code.to_string()),
            _ => None,
        }))
    }
}

impl Store {
    fn application(&self, row: &Row) -> Option<Application> {
        let declared = self.schema.at(row.entity);
        let says = |field: &str| declared.field(field).map(|field| row.cell(field));
        let day = |field: &str| match says(field) {
            Some(Cell::Date(day)) => Some(*day),
            _ => None,
        };
        let Some(Cell::Code(measure)) = says("measure") else { return None };
        let outcome =
            declared.field("outcome").and_then(|field| match (declared.at(field).ty, row.cell(field)) {
                (FieldType::Enum(id), Cell::Enum(value)) => {
                    self.schema.enumeration(id).titles.get(*value as usize).cloned()
                }
                _ => None,
            });
        let (filed_on, decided_on) = (day("filed_on"), day("decided_on"));
        Some(Application { measure: measure.to_string(), filed_on, decided_on, outcome })
    }

    fn declared(&self, entity: &str, field: &str) -> Option<(EntityId, FieldId)> {
        let entity = self.schema.entity(entity)?;
        Some((entity, self.schema.at(entity).field(field)?))
    }

    fn found(&self, lookup: &Lookup) -> Result<Vec<Row>, StoreError> {
        self.read(|reader| {
            let mut found = Vec::new();
            rows::look_up(self, reader, lookup, None, &rows::mixed(self, reader)?, &mut found)?;
            Ok(found)
        })
    }
}
