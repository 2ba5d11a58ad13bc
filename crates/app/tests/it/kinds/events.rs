//! The facts of a case of the pack, as the events by which registries would tell them.

use std::collections::{BTreeMap, BTreeSet};

use card::{Cell, Date, Iban, Iin, Msisdn, PersonId, RegistryId, Row, Schema, Validity};
use law::cases::Case;
use serde_json::{Map, Value, json};

use crate::case::{numbers, text};

/// Persons of a case with numbers of their own.
pub struct Family {
    numbers: BTreeMap<PersonId, Iin>,
}

impl Family {
    /// Gives everybody an IIN that fits what the case says of them.
    pub fn of(case: &Case, schema: &Schema) -> Self {
        Self { numbers: numbers(case, schema) }
    }

    /// Phones of its persons, in the order of their accounts.
    pub fn phones(&self) -> Vec<Msisdn> {
        (0..self.numbers.len()).map(|at| format!("+7701000{at:04}").parse().unwrap()).collect()
    }

    /// Everything that the case tells, and how each person is reached and paid: one event of each registry.
    pub fn events(&self, case: &Case, schema: &Schema) -> Vec<String> {
        let mut told: BTreeMap<RegistryId, Vec<(String, Value)>> = BTreeMap::new();
        let mut rows: Vec<&Row> = case.circle.rows.iter().collect();
        rows.sort_by_key(|row| (row.entity, row.id));
        for row in rows {
            for registry in Self::owners(row, schema) {
                let entity = schema.at(row.entity).name.clone();
                told.entry(registry).or_default().push((entity, self.row(row, registry, schema)));
            }
        }
        let since = case.day.to_string().replacen("20", "19", 1);
        for (at, (iin, phone)) in self.numbers.values().zip(self.phones()).enumerate() {
            let account = Iban::compose("722", &format!("C{at:012}")).unwrap();
            let reach = [
                (
                    "account",
                    json!({"account": account.expose(), "holder": iin.expose(), "holder_checked": true, "since": since, "ended": null}),
                ),
                (
                    "phone",
                    json!({"phone": phone.expose(), "person": iin.expose(), "since": since, "ended": null}),
                ),
            ];
            for (entity, row) in reach {
                let registry = schema.at(schema.entity(entity).unwrap()).registry;
                told.entry(registry).or_default().push((entity.to_owned(), row));
            }
        }
        // Whom others speak of has to be known first, then how they are reached.
        let of = |entity: &str| schema.at(schema.entity(entity).unwrap()).registry;
        let first = [of("person"), of("phone"), of("account")];
        let place =
            |registry: &RegistryId| first.iter().position(|one| one == registry).unwrap_or(first.len());
        let mut order: Vec<_> = told.into_iter().collect();
        order.sort_by_key(|(registry, _)| (place(registry), *registry));
        order.into_iter().map(|(registry, rows)| event(registry, rows, case.day, schema)).collect()
    }

    /// The registries that tell something of a row.
    fn owners(row: &Row, schema: &Schema) -> BTreeSet<RegistryId> {
        let entity = schema.at(row.entity);
        let told = entity.fields.iter().zip(&row.cells).filter(|(_, cell)| **cell != Cell::Unknown);
        let owners = told.map(|(field, _)| field.registry.unwrap_or(row.registry));
        owners.chain([row.registry]).collect()
    }

    /// What one registry tells of a row: its own fields, and those that say which row and when.
    fn row(&self, row: &Row, registry: RegistryId, schema: &Schema) -> Value {
        let entity = schema.at(row.entity);
        let mut told = Map::new();
        let period = match entity.validity {
            Validity::Always => vec![],
            Validity::Period { from, until, .. } => [Some(from), until].into_iter().flatten().collect(),
            Validity::Month(month) => vec![month],
        };
        for (at, field) in entity.fields.iter().enumerate() {
            let id = card::FieldId(at as u16);
            let mine = field.registry.unwrap_or(row.registry) == registry;
            let names_it = entity.key.contains(&id) || period.contains(&id);
            let told_as = match &row.cells[at] {
                // Cases leave out who paid, extracts never do; cases shorten the codes of regions.
                Cell::Unknown if entity.key.contains(&id) => Some(json!("1")),
                Cell::Code(code) if field.name == "region" => Some(json!(format!("{code:0<9}"))),
                Cell::Unknown => None,
                cell => Some(text(cell, field.ty, schema, &self.numbers).map_or(Value::Null, Value::from)),
            };
            if let Some(value) = told_as.filter(|_| mine || names_it) {
                let name = if row.entity == Schema::PERSON && entity.key.contains(&id) {
                    "iin"
                } else {
                    &field.name
                };
                told.insert(name.to_owned(), value);
            }
        }
        if row.entity == Schema::PERSON {
            let iin = self.numbers[&PersonId(row.id)].expose();
            told.insert("iin".to_owned(), json!(iin));
            if registry == entity.registry {
                told.entry("region").or_insert(json!("750000000"));
                told.insert("name".to_owned(), json!(format!("Отбасы {}", row.id)));
            }
        }
        Value::Object(told)
    }
}

/// A `CloudEvent` with the rows that a registry tells together.
fn event(registry: RegistryId, rows: Vec<(String, Value)>, day: Date, schema: &Schema) -> String {
    let mut parts: Vec<(String, Vec<Value>)> = Vec::new();
    for (entity, row) in rows {
        match parts.last_mut().filter(|(last, _)| *last == entity) {
            Some((_, rows)) => rows.push(row),
            None => parts.push((entity, vec![row])),
        }
    }
    let data: Vec<Value> =
        parts.into_iter().map(|(entity, rows)| json!({"entity": entity, "rows": rows})).collect();
    let name = &schema.registries[usize::from(registry.0)].name;
    json!({
        "specversion": "1.0", "id": format!("case-{name}"), "source": format!("/{name}"), "type": "told",
        "time": format!("{day}T09:30:00+05:00"), "data": data,
    })
    .to_string()
}
