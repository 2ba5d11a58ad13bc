use card::{Date, EntityId, Moment, RegistryId, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::{
    digest::Digest,
    manifest::entity_named,
    record::{Header, HeaderError, Record},
};

/// The most bytes of an event.
const BODY_BYTES_MAX: usize = 1 << 20;
/// The most rows of an event.
const ROWS_MAX: usize = 1_000;

/// News of a registry: a `CloudEvent` (1.0, structured mode) whose `data` is `{entity, rows}`, or a
/// list of such where one thing that happened is told in several entities, as a birth is. Its rows
/// are taken together or not at all.
#[derive(Clone, Debug)]
pub struct Event {
    /// Which registry: the last segment of `source`.
    pub source: RegistryId,
    /// Unique in its source.
    pub id: String,
    /// What kind of thing happened.
    pub kind: String,
    /// When the registry said so.
    pub said_at: Moment,
    pub(crate) digest: Digest,
    pub(crate) body: String,
    pub(crate) parts: Vec<Part>,
}

/// One row with the header that its keys make.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub entity: EntityId,
    pub header: Header,
    pub record: Record,
}

/// Why an event is not readable. The sender mends it; nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Too large.
    #[error(
        "the event is larger than {BODY_BYTES_MAX} bytes or {ROWS_MAX} rows; split it, or deliver an extract"
    )]
    TooLarge,
    /// Not JSON of that shape.
    #[error(
        "line {line}, column {column}: not a CloudEvent with specversion, id, source, type, time and data {{entity, rows}}"
    )]
    Json {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// Another version of the specification.
    #[error("specversion: 1.0 is understood")]
    Version,
    /// No id.
    #[error("id: 1 to 128 characters are expected")]
    Id,
    /// No such registry.
    #[error("source: its last segment names no registry; law/kz/entities/ lists the registries")]
    Source,
    /// Not a moment.
    #[error("time: RFC 3339 with the offset is expected, such as 2026-06-15T09:30:00+05:00")]
    Time,
    /// No such entity.
    #[error("data: part {part} names no entity; law/kz/entities/ lists the entities")]
    Entity {
        /// Which part, from 1.
        part: usize,
    },
    /// No row.
    #[error("data: the event has no row")]
    Empty,
    /// Keys that fit no entity.
    #[error("row {row}: {}", .error.to_string().replace("line 1, column", "key").replace("line 1: ", ""))]
    Header {
        /// Which row of the event, from 1.
        row: u64,
        /// What is wrong.
        error: HeaderError,
    },
    /// A nested value or a binary fraction.
    #[error(
        "row {row}, {field}: a text, a whole number, true, false or null is expected; write amounts and decimals as text"
    )]
    Value {
        /// Which row of the event, from 1.
        row: u64,
        /// Which field.
        field: String,
    },
}

#[derive(Deserialize)]
struct Written {
    specversion: String,
    id: String,
    source: String,
    r#type: String,
    time: String,
    data: Value,
}

#[derive(Deserialize)]
struct WrittenPart {
    entity: String,
    rows: Vec<Map<String, Value>>,
}

impl Event {
    /// Reads an event.
    pub fn parse(body: &str, schema: &Schema) -> Result<Self, EventError> {
        if body.len() > BODY_BYTES_MAX {
            return Err(EventError::TooLarge);
        }
        let place =
            |error: &serde_json::Error| EventError::Json { line: error.line(), column: error.column() };
        let value: Value = serde_json::from_str(body).map_err(|error| place(&error))?;
        // Written again with sorted keys and no blanks: the same event is the same text.
        let canonical = value.to_string();
        let written: Written = serde_json::from_str(body).map_err(|error| place(&error))?;
        if written.specversion != "1.0" {
            return Err(EventError::Version);
        }
        if !(1..=128).contains(&written.id.chars().count()) {
            return Err(EventError::Id);
        }
        let source = written.source.rsplit(['/', ':']).next().and_then(|name| schema.registry(name));
        let parts = match written.data {
            one @ Value::Object(_) => vec![one],
            Value::Array(parts) => parts,
            _ => return Err(EventError::Empty),
        };
        Ok(Self {
            source: source.ok_or(EventError::Source)?,
            id: written.id,
            kind: written.r#type,
            said_at: moment(&written.time).ok_or(EventError::Time)?,
            digest: Sha256::digest(canonical.as_bytes()).into(),
            body: body.to_owned(),
            parts: read_parts(parts, schema)?,
        })
    }
}

fn read_parts(written: Vec<Value>, schema: &Schema) -> Result<Vec<Part>, EventError> {
    let mut parts = Vec::new();
    for (at, part) in written.into_iter().enumerate() {
        let part: WrittenPart =
            serde_json::from_value(part).map_err(|_| EventError::Entity { part: at + 1 })?;
        let entity = entity_named(schema, &part.entity).ok_or(EventError::Entity { part: at + 1 })?;
        for row in part.rows {
            if parts.len() == ROWS_MAX {
                return Err(EventError::TooLarge);
            }
            parts.push(read_row(entity, parts.len() as u64 + 1, &row, schema)?);
        }
    }
    if parts.is_empty() {
        return Err(EventError::Empty);
    }
    // Persons come before their ties, whatever the order of the sender.
    parts.sort_by_key(|part| part.entity);
    Ok(parts)
}

fn read_row(
    entity: EntityId,
    row: u64,
    values: &Map<String, Value>,
    schema: &Schema,
) -> Result<Part, EventError> {
    let header = Header::bind(schema, entity, values.keys().map(String::as_str))
        .map_err(|error| EventError::Header { row, error })?;
    let mut record = Record::default();
    record.begin(row);
    for (field, value) in values {
        match value {
            Value::Null => record.push(""),
            Value::Bool(value) => record.push(if *value { "true" } else { "false" }),
            Value::Number(number) if number.is_i64() => record.push(&number.to_string()),
            Value::String(text) => record.push(text),
            _ => return Err(EventError::Value { row, field: field.clone() }),
        }
    }
    Ok(Part { entity, header, record })
}

/// RFC 3339, to the millisecond.
fn moment(text: &str) -> Option<Moment> {
    let (day, clock) = text.split_once(['T', 't'])?;
    let day: Date = day.parse().ok()?;
    let zone = clock.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = clock.split_at(zone);
    let two = |text: &str, max: i64| -> Option<i64> {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().filter(|n| *n <= max)
    };
    let offset_ms = match zone.split_at(1) {
        ("Z" | "z", "") => 0,
        (sign, zone) => {
            let (hours, minutes) = zone.split_once(':')?;
            let ms = (two(hours, 23)? * 60 + two(minutes, 59)?) * 60_000;
            if sign == "-" { -ms } else { ms }
        }
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut parts = clock.split(':');
    let (hour, minute, second) = (two(parts.next()?, 23)?, two(parts.next()?, 59)?, two(parts.next()?, 60)?);
    let ms: i64 = format!("{fraction:0<3}")[..3].parse().ok()?;
    let of_day = ((hour * 60 + minute) * 60 + second) * 1000 + ms;
    parts.next().is_none().then_some(Moment(i64::from(day.days()) * 86_400_000 + of_day - offset_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landmarks::tests::schema;

    fn event(change: &str, to: &str) -> String {
        r#"{"specversion": "1.0", "id": "b-1", "source": "/registries/civil_acts",
 "type": "kz.civil_acts.birth.registered.v1", "time": "2026-06-15T09:30:00+05:00",
 "data": [{"entity": "parent_link", "rows": [{"child": "x", "parent": "y", "since": "2026-06-10", "ended": null}]},
          {"entity": "person", "rows": [{"id": "x", "children_told": 0}]}]}"#
            .replace(change, to)
    }

    #[test]
    fn reads_a_birth_with_persons_before_ties() {
        let event = Event::parse(&event("", ""), &schema()).unwrap();
        assert_eq!((event.source, event.id.as_str()), (RegistryId(1), "b-1"));
        assert_eq!(event.said_at.to_string(), "2026-06-15T09:30:00+05:00");
        let entities: Vec<_> = event.parts.iter().map(|p| (p.entity.0, p.record.line)).collect();
        assert_eq!(entities, [(0, 2), (1, 1)]);
    }

    #[test]
    fn the_same_event_written_otherwise_has_the_same_digest() {
        let one = Event::parse(&event("", ""), &schema()).unwrap();
        let spaced = Event::parse(&event("\"id\": \"b-1\", ", "  \"id\":\n\"b-1\","), &schema()).unwrap();
        assert_eq!(one.digest, spaced.digest);
        let other = Event::parse(&event("2026-06-10", "2026-06-11"), &schema()).unwrap();
        assert_ne!(one.digest, other.digest);
    }

    #[test]
    fn says_what_is_wrong_and_what_to_mend() {
        let says =
            |change: &str, to: &str| Event::parse(&event(change, to), &schema()).unwrap_err().to_string();
        let shape = "not a CloudEvent with specversion, id, source, type, time and data {entity, rows}";
        assert_eq!(says("\"id\"", "id"), format!("line 1, column 24: {shape}"));
        assert_eq!(says("\"b-1\"", "1"), format!("line 1, column 30: {shape}"));
        assert_eq!(says("\"1.0\"", "\"0.3\""), "specversion: 1.0 is understood");
        assert_eq!(says("\"b-1\"", "\"\""), "id: 1 to 128 characters are expected");
        assert_eq!(
            says("civil_acts\"", "nobody\""),
            "source: its last segment names no registry; law/kz/entities/ lists the registries"
        );
        assert_eq!(
            says("+05:00", ""),
            "time: RFC 3339 with the offset is expected, such as 2026-06-15T09:30:00+05:00"
        );
        assert_eq!(
            says("\"person\"", "\"persn\""),
            "data: part 2 names no entity; law/kz/entities/ lists the entities"
        );
        assert_eq!(
            says("\"child\"", "\"kid\""),
            "row 1: key 2: this names no field of parent_link; its fields are child, parent, since, ended"
        );
        assert_eq!(
            says("\"since\": \"2026-06-10\", ", ""),
            "row 1: since is missing; the rows of parent_link are told apart by child, parent, since"
        );
        assert_eq!(
            says("\"children_told\": 0", "\"children_told\": 0.5"),
            "row 2, children_told: a text, a whole number, true, false or null is expected; write amounts and \
             decimals as text"
        );
        assert_eq!(
            Event::parse("{\"a\": 1}", &schema()).unwrap_err().to_string(),
            format!("line 1, column 8: {shape}")
        );
        let many = format!("[{}]", vec!["{\"id\": \"x\"}"; 1001].join(","));
        assert_eq!(
            says("[{\"id\": \"x\", \"children_told\": 0}]", &many),
            "the event is larger than 1048576 bytes or 1000 rows; split it, or deliver an extract"
        );
    }

    #[test]
    fn moments_are_read_with_their_offset() {
        for (text, expected) in [
            ("2026-06-15T04:30:00Z", Some("2026-06-15T09:30:00+05:00")),
            ("2026-06-15T09:30:00.250+05:00", Some("2026-06-15T09:30:00+05:00")),
            ("2026-06-14T23:30:00-05:00", Some("2026-06-15T09:30:00+05:00")),
            ("2026-06-15T09:30+05:00", None),
            ("2026-06-15T25:30:00Z", None),
            ("2026-06-15 09:30:00Z", None),
            ("2026-06-15T09:30:00.Z", None),
        ] {
            assert_eq!(moment(text).map(|m| m.to_string()).as_deref(), expected, "{text}");
        }
    }
}
