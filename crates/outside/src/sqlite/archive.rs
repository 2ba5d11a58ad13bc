//! The vault and the addresses of persons, as delivery asks for them.

use card::{
    AccountId, Actor, Cell, Date, EntityId, Iban, Iin, Lang, Lookup, Moment, Msisdn, PersonId, PhoneId, Row,
    Schema,
};
use deliver::{
    AttemptId, RightId, RunId,
    archive::{Archive, Held, Written},
};
use rusqlite::params;

use super::{
    Store, StoreError, journal, rows,
    seal::{self, Chance},
    vault::{self, Whose},
};

impl Store {
    /// The rows of an entity whose field names somebody, as they are known now.
    fn rows_naming(&self, entity: &str, field: &str, key: Cell) -> Result<(EntityId, Vec<Row>), StoreError> {
        let missing = || StoreError::Missing { what: "declared entity or field", id: 0 };
        let entity = self.schema.entity(entity).ok_or_else(missing)?;
        let field = self.schema.at(entity).field(field).ok_or_else(missing)?;
        let found = self.read(|reader| {
            let mut found = Vec::new();
            let lookup = Lookup { entity, field, key };
            rows::look_up(self, reader, &lookup, None, &rows::mixed(self, reader)?, &mut found)?;
            Ok(found)
        })?;
        Ok((entity, found))
    }

    fn cell<'r>(&self, entity: EntityId, row: &'r Row, field: &str) -> &'r Cell {
        self.schema.at(entity).field(field).map_or(&Cell::Unknown, |field| row.cell(field))
    }

    fn person_row(&self, person: PersonId) -> Result<Option<Row>, StoreError> {
        let key = self.schema.at(Schema::PERSON).key[0];
        let name = self.schema.at(Schema::PERSON).at(key).name.clone();
        Ok(self.rows_naming("person", &name, Cell::Person(person))?.1.pop())
    }
}

impl Store {
    /// The moment of the last journal entry.
    pub fn last_entry(&self) -> Result<Option<Moment>, StoreError> {
        self.read(|reader| {
            let at: Option<i64> = reader.query_row("SELECT max(at) FROM entry", [], |row| row.get(0))?;
            Ok(at.map(Moment))
        })
    }
}

/// Rows true on a day, the newest first.
fn newest_first(mut rows: Vec<Row>, day: Date) -> Vec<Row> {
    rows.retain(|row| row.holds_on(day));
    rows.sort_by_key(|row| std::cmp::Reverse((row.from, row.id)));
    rows
}

impl Archive for Store {
    type Error = StoreError;

    fn find_person(&self, number: &Iin) -> Result<Option<PersonId>, StoreError> {
        self.person(number)
    }

    fn find_phone(&self, number: &Msisdn) -> Result<Option<PhoneId>, StoreError> {
        self.phone(number)
    }

    fn phone_for(&self, number: &Msisdn) -> Result<PhoneId, StoreError> {
        match self.phone(number)? {
            Some(phone) => Ok(phone),
            None => self.new_phone(*number),
        }
    }

    fn iin(&self, person: PersonId) -> Result<Option<Iin>, StoreError> {
        self.reveal_person(person)
    }

    fn name(&self, person: PersonId) -> Result<Option<String>, StoreError> {
        self.reveal_name(person)
    }

    fn msisdn(&self, phone: PhoneId) -> Result<Option<Msisdn>, StoreError> {
        self.reveal_phone(phone)
    }

    fn iban(&self, account: AccountId) -> Result<Option<Iban>, StoreError> {
        self.reveal_account(account)
    }

    fn phones_of(&self, person: PersonId, day: Date) -> Result<Vec<PhoneId>, StoreError> {
        let (entity, rows) = self.rows_naming("phone", "person", Cell::Person(person))?;
        let mut phones = Vec::new();
        for row in newest_first(rows, day) {
            let Cell::Phone(phone) = self.cell(entity, &row, "phone") else { continue };
            // A number that was since bonded with somebody else is not theirs any more.
            if self.bonds_of(*phone, day)?.first() == Some(&person) {
                phones.push(*phone);
            }
        }
        Ok(phones)
    }

    fn bonds_of(&self, phone: PhoneId, day: Date) -> Result<Vec<PersonId>, StoreError> {
        let (entity, rows) = self.rows_naming("phone", "phone", Cell::Phone(phone))?;
        let persons = newest_first(rows, day);
        Ok(persons
            .iter()
            .filter_map(|row| match self.cell(entity, row, "person") {
                Cell::Person(person) => Some(*person),
                _ => None,
            })
            .collect())
    }

    fn accounts_of(&self, person: PersonId, day: Date) -> Result<Vec<AccountId>, StoreError> {
        let (entity, rows) = self.rows_naming("account", "holder", Cell::Person(person))?;
        let mut open = newest_first(rows, day);
        open.reverse();
        Ok(open
            .iter()
            .filter(|row| *self.cell(entity, row, "holder_checked") == Cell::Bool(true))
            .filter_map(|row| match self.cell(entity, row, "account") {
                Cell::Account(account) => Some(*account),
                _ => None,
            })
            .collect())
    }

    fn language_of(&self, person: PersonId) -> Result<Option<Lang>, StoreError> {
        let Some(row) = self.person_row(person)? else { return Ok(None) };
        let person = self.schema.at(Schema::PERSON);
        let Some(field) = person.field("language") else { return Ok(None) };
        let card::FieldType::Enum(languages) = person.at(field).ty else { return Ok(None) };
        Ok(match row.cell(field) {
            Cell::Enum(value) => self.schema.enumeration(languages).values[*value as usize].parse().ok(),
            _ => None,
        })
    }

    fn born(&self, person: PersonId) -> Result<Option<Date>, StoreError> {
        let row = self.person_row(person)?;
        Ok(row.and_then(|row| match self.cell(Schema::PERSON, &row, "birth_date") {
            Cell::Date(day) => Some(*day),
            _ => None,
        }))
    }

    fn keep_written(&self, phone: PhoneId, written: &Written) -> Result<(), StoreError> {
        self.write(|tx| {
            let key = vault::key_of(tx, &self.keys, Whose::Phone(phone))?;
            let Some(key) = key else { return Ok(()) };
            let place = format!("written {phone} {}", written.id);
            let sealed = seal::seal(&key, &place, written.text.as_bytes(), &mut Chance::new())?;
            tx.prepare_cached("INSERT OR IGNORE INTO written VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                phone.0 as i64,
                written.id,
                written.at.0,
                sealed
            ])?;
            Ok(())
        })
    }

    fn written(&self, phone: PhoneId) -> Result<Vec<Written>, StoreError> {
        self.read(|reader| {
            let Some(key) = vault::key_of(reader, &self.keys, Whose::Phone(phone))? else {
                return Ok(vec![]);
            };
            let mut found =
                reader.prepare_cached("SELECT id, at, text FROM written WHERE phone = ?1 ORDER BY at, id")?;
            let mut rows = found.query([phone.0 as i64])?;
            let mut written = Vec::new();
            while let Some(row) = rows.next()? {
                let (id, at, sealed): (String, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let text = seal::open(&key, &format!("written {phone} {id}"), &sealed)
                    .and_then(|plain| String::from_utf8(plain).ok())
                    .ok_or_else(|| StoreError::State { table: "written", id: id.clone() })?;
                written.push(Written { id, at: Moment(at), text });
            }
            Ok(written)
        })
    }

    fn written_last(&self, within_ms: i64) -> Result<Vec<(PhoneId, Written)>, StoreError> {
        let (since, phones) = self.read(|reader| {
            let since = reader
                .prepare_cached("SELECT coalesce(max(at), 0) - ?1 FROM written")?
                .query_row([within_ms], |row| row.get::<_, i64>(0))?;
            let mut found = reader.prepare_cached("SELECT DISTINCT phone FROM written WHERE at >= ?1")?;
            let phones: Vec<i64> = found.query_map([since], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok((Moment(since), phones))
        })?;
        let mut last = Vec::new();
        for phone in phones.into_iter().map(|phone| PhoneId(phone as u64)) {
            let written = self.written(phone)?.into_iter().filter(|written| written.at >= since);
            last.extend(written.map(|written| (phone, written)));
        }
        Ok(last)
    }

    fn attempts_to(&self, phone: PhoneId) -> Result<Vec<(AttemptId, Moment)>, StoreError> {
        self.read(|reader| {
            let mut found =
                reader.prepare_cached("SELECT id, at FROM attempt WHERE phone = ?1 ORDER BY id")?;
            let ids = found.query_map([phone.0 as i64], |row| {
                Ok((AttemptId(row.get::<_, i64>(0)? as u64), Moment(row.get(1)?)))
            })?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    fn reached(&self, right: RightId) -> Result<Vec<(String, Moment)>, StoreError> {
        self.read(|reader| {
            let mut found =
                reader.prepare_cached("SELECT stage, at FROM reached WHERE right = ?1 ORDER BY at")?;
            let stages = found.query_map([right.0 as i64], |row| Ok((row.get(0)?, Moment(row.get(1)?))))?;
            Ok(stages.collect::<Result<_, _>>()?)
        })
    }

    fn runs(&self, limit: usize) -> Result<Vec<(RunId, Moment)>, StoreError> {
        self.read(|reader| {
            let mut found = reader.prepare_cached("SELECT id, at FROM run ORDER BY id DESC LIMIT ?1")?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let runs = found
                .query_map([limit], |row| Ok((RunId(row.get::<_, i64>(0)? as u64), Moment(row.get(1)?))))?;
            Ok(runs.collect::<Result<_, _>>()?)
        })
    }

    fn held(&self, limit: usize) -> Result<Vec<Held>, StoreError> {
        let rows = self.quarantine(0, limit)?;
        Ok(rows
            .into_iter()
            .rev()
            .map(|row| {
                let field = row.field.map(|field| format!(", {field}")).unwrap_or_default();
                Held {
                    place: format!("{}: {}{field}", row.file, row.line),
                    why: format!("{}; {}", row.reason, row.mend),
                }
            })
            .collect())
    }

    fn looked(&self, at: Moment, by: &Actor, person: PersonId, reason: &str) -> Result<(), StoreError> {
        self.looked_at(at, by, (format!("person {person}"), Whose::Person(person)), reason)
    }

    fn looked_at_phone(
        &self,
        at: Moment,
        by: &Actor,
        phone: PhoneId,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.looked_at(at, by, (format!("phone {phone}"), Whose::Phone(phone)), reason)
    }
}

impl Store {
    fn looked_at(
        &self,
        at: Moment,
        by: &Actor,
        (about, whose): (String, Whose),
        reason: &str,
    ) -> Result<(), StoreError> {
        self.write(|tx| {
            // What a caller said may name anybody: it is sealed like everything else about the person.
            let key = vault::key_of(tx, &self.keys, whose)?;
            let key = key.unwrap_or_else(|| seal::records_key(&self.keys));
            let reason = seal::seal(&key, &about, reason.as_bytes(), &mut Chance::new())?;
            journal::append_about(tx, at, by, "looked", &about, &reason).map(drop)
        })
    }
}
