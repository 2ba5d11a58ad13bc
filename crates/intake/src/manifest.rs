use card::{Date, EntityId, LONG_AGO, Moment, RegistryId, Schema};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::digest::Digest;

/// Does an extract hold every row, or only some?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    /// All rows of its regions and days: what is missing is not there.
    Full,
    /// Some rows: silence means nothing.
    Partial,
}

/// What a registry says about an extract that it delivers; it becomes coverage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Rows of which entity.
    pub entity: EntityId,
    /// Whose word they are.
    pub registry: RegistryId,
    /// Of persons in these regions, by code; of everybody if empty.
    pub regions: Vec<String>,
    /// All rows or some.
    pub extent: Extent,
    /// The first day covered; [`LONG_AGO`] where it holds all that the registry ever knew.
    pub from: Date,
    /// The last day covered.
    pub through: Date,
    /// The day on which the registry made it.
    pub made_on: Date,
    /// How many rows the file holds.
    pub rows: u64,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
}

/// Why a manifest is none, or does not fit. The message says what to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON of that shape.
    #[error("the manifest is not readable at line {line}, column {column}: {what}")]
    Json {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// What the JSON reader says; manifests hold no personal data.
        what: String,
    },
    /// No such entity.
    #[error("entity: {name} is not declared; law/kz/entities/ lists the entities")]
    Entity {
        /// The name.
        name: String,
    },
    /// No such registry.
    #[error("registry: {name} is not declared; law/kz/entities/ lists the registries")]
    Registry {
        /// The name.
        name: String,
    },
    /// A day is no day.
    #[error("{field}: a date is written YYYY-MM-DD and exists in the calendar")]
    Date {
        /// Which field.
        field: &'static str,
    },
    /// The period runs backwards.
    #[error("from {from} lies after through {through}; exchange them")]
    Period {
        /// The first day.
        from: Date,
        /// The last day.
        through: Date,
    },
    /// The hash is no hash.
    #[error("sha256: 64 hexadecimal digits are expected, as sha256sum prints them")]
    Sha256,
    /// The extract claims to come from the future.
    #[error("made_on {made_on} lies after today, {today}; correct the manifest or the clock")]
    Future {
        /// The day in the manifest.
        made_on: Date,
        /// The day now.
        today: Date,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    entity: String,
    registry: String,
    #[serde(default)]
    regions: Vec<String>,
    extent: Extent,
    from: Option<String>,
    through: String,
    made_on: String,
    rows: u64,
    sha256: String,
}

impl Manifest {
    /// Reads the JSON beside an extract: `entity`, `registry`, `regions`, `extent` (`full` or
    /// `partial`), `from`, `through`, `made_on`, `rows`, `sha256`. Without `from` nothing lies before
    /// it: only so is a count of all months or years certain.
    pub fn parse(text: &str, schema: &Schema) -> Result<Self, ManifestError> {
        let written: Written = serde_json::from_str(text).map_err(|error| ManifestError::Json {
            line: error.line(),
            column: error.column(),
            what: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        })?;
        let day = |field: &'static str, text: &str| text.parse().map_err(|_| ManifestError::Date { field });
        let manifest = Self {
            entity: entity_named(schema, &written.entity)
                .ok_or(ManifestError::Entity { name: written.entity })?,
            registry: schema
                .registry(&written.registry)
                .ok_or(ManifestError::Registry { name: written.registry })?,
            regions: written.regions,
            extent: written.extent,
            from: written.from.map_or(Ok(LONG_AGO), |from| day("from", &from))?,
            through: day("through", &written.through)?,
            made_on: day("made_on", &written.made_on)?,
            rows: written.rows,
            sha256: unhex(&written.sha256).ok_or(ManifestError::Sha256)?,
        };
        if manifest.from > manifest.through {
            return Err(ManifestError::Period { from: manifest.from, through: manifest.through });
        }
        Ok(manifest)
    }

    /// What tells this delivery from every other: all that the manifest says, the file's hash
    /// included. The same bytes under a later manifest are a later word.
    pub fn identity(&self, schema: &Schema) -> Digest {
        let told = (
            (&schema.at(self.entity).name, &schema.registries[self.registry.0 as usize].name),
            (&self.regions, self.extent == Extent::Full, self.from, self.through, self.made_on),
            (self.rows, self.sha256),
        );
        let told = serde_json::to_vec(&told).expect("texts and numbers are JSON");
        Sha256::digest(told).into()
    }

    /// From when the registry's word is: the first moment of the day on which it made the extract,
    /// so that an event of that day outranks it.
    pub fn said_at(&self) -> Moment {
        Moment::local(self.made_on, 0, 0)
    }
}

/// The entity of a name or a former name.
pub(crate) fn entity_named(schema: &Schema, name: &str) -> Option<EntityId> {
    schema.entity(name).or_else(|| {
        let at = schema.entities.iter().position(|e| e.aliases.iter().any(|alias| alias == name))?;
        Some(EntityId(at as u16))
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landmarks::tests::schema;

    fn text(change: &str, to: &str) -> String {
        format!(
            r#"{{"entity": "person", "registry": "population", "regions": ["75"], "extent": "full",
 "from": "2000-01-01", "through": "2026-06-14", "made_on": "2026-06-15", "rows": 2,
 "sha256": "{}"}}"#,
            "ab".repeat(32)
        )
        .replace(change, to)
    }

    #[test]
    fn reads_what_registries_write() {
        let manifest = Manifest::parse(&text("", ""), &schema()).unwrap();
        assert_eq!(manifest.entity, Schema::PERSON);
        assert_eq!((manifest.extent, manifest.rows, manifest.sha256), (Extent::Full, 2, [0xab; 32]));
        assert_eq!(manifest.said_at().to_string(), "2026-06-15T00:00:00+05:00");
        let whole = Manifest::parse(&text("\"from\": \"2000-01-01\",", ""), &schema()).unwrap();
        assert_eq!((whole.from, whole.through), (LONG_AGO, manifest.through));
    }

    #[test]
    fn says_what_is_wrong_and_what_to_mend() {
        let says =
            |change: &str, to: &str| Manifest::parse(&text(change, to), &schema()).unwrap_err().to_string();
        assert_eq!(
            says("\"person\"", "\"persn\""),
            "entity: persn is not declared; law/kz/entities/ lists the entities"
        );
        assert_eq!(
            says("\"population\"", "\"nobody\""),
            "registry: nobody is not declared; law/kz/entities/ lists the registries"
        );
        assert_eq!(
            says("2026-06-14", "2026-02-30"),
            "through: a date is written YYYY-MM-DD and exists in the calendar"
        );
        assert_eq!(
            says("2000-01-01", "2027-01-01"),
            "from 2027-01-01 lies after through 2026-06-14; exchange them"
        );
        assert_eq!(
            says("abab", "ab"),
            "sha256: 64 hexadecimal digits are expected, as sha256sum prints them"
        );
        assert_eq!(
            says("\"rows\": 2,", "\"rows\": two,"),
            "the manifest is not readable at line 2, column 83: expected ident"
        );
        assert_eq!(
            says("\"rows\": 2,", "\"rows\": 2, \"colour\": 1,"),
            "the manifest is not readable at line 2, column 92: unknown field `colour`, expected one of \
             `entity`, `registry`, `regions`, `extent`, `from`, `through`, `made_on`, `rows`, `sha256`"
        );
        assert_eq!(
            says("\"rows\": 2,", ""),
            "the manifest is not readable at line 3, column 78: missing field `rows`"
        );
    }
}
