use std::collections::HashMap;

use card::{EnumId, RegistryId, Schema};
use rusqlite::Connection;

use super::StoreError;

/// Numbers of registries, entities and enumerated values in the file, which stay when their order
/// in the schema changes.
#[derive(Debug)]
pub(super) struct Words {
    entities: Vec<i64>,
    registries: Vec<i64>,
    values: Vec<Vec<i64>>,
    registry_of: HashMap<i64, RegistryId>,
    value_of: Vec<HashMap<i64, u16>>,
}

impl Words {
    pub fn bring_up(tx: &Connection, schema: &Schema) -> Result<Self, StoreError> {
        let number = |text: String| -> Result<i64, StoreError> {
            tx.prepare_cached("INSERT INTO word (text) VALUES (?1) ON CONFLICT (text) DO NOTHING")?
                .execute([&text])?;
            Ok(tx
                .prepare_cached("SELECT id FROM word WHERE text = ?1")?
                .query_row([&text], |row| row.get(0))?)
        };
        let all = |texts: &mut dyn Iterator<Item = String>| texts.map(&number).collect::<Result<Vec<_>, _>>();
        let entities = all(&mut schema.entities.iter().map(|e| format!("entity {}", e.name)))?;
        let registries = all(&mut schema.registries.iter().map(|r| format!("registry {}", r.name)))?;
        let values: Vec<Vec<i64>> = schema
            .enums
            .iter()
            .map(|e| all(&mut e.values.iter().map(|value| format!("{} {value}", e.name))))
            .collect::<Result<_, _>>()?;
        let registry_of = registries.iter().zip(0..).map(|(word, at)| (*word, RegistryId(at))).collect();
        let value_of = values
            .iter()
            .map(|words| words.iter().zip(0..).map(|(word, at)| (*word, at)).collect())
            .collect();
        Ok(Self { entities, registries, values, registry_of, value_of })
    }

    pub fn entity(&self, id: card::EntityId) -> i64 {
        self.entities[id.0 as usize]
    }

    pub fn entity_of(&self, word: i64) -> Option<card::EntityId> {
        self.entities.iter().position(|w| *w == word).map(|at| card::EntityId(at as u16))
    }

    pub fn registry(&self, id: RegistryId) -> i64 {
        self.registries[id.0 as usize]
    }

    /// A registry by its number; `None` if the schema no longer knows it.
    pub fn registry_of(&self, word: i64) -> Option<RegistryId> {
        self.registry_of.get(&word).copied()
    }

    pub fn value(&self, id: EnumId, value: u16) -> i64 {
        self.values[id.0 as usize][value as usize]
    }

    pub fn value_of(&self, id: EnumId, word: i64) -> Option<u16> {
        self.value_of[id.0 as usize].get(&word).copied()
    }
}
