use std::collections::HashMap;

use card::{AccountId, Iban, Iin, Msisdn, PersonId, PhoneId};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Keys, KeysError, Store, StoreError,
    seal::{self, Chance},
};

/// A wrapped key and something sealed under it; neither once it is erased.
type Kept = (Option<Vec<u8>>, Option<Vec<u8>>);

/// What sealing needs within one transaction.
#[derive(Debug)]
pub(super) struct Sealing {
    pub chance: Chance,
    /// Keys made in it, by place, so that they need not be unwrapped at once.
    fresh: HashMap<String, [u8; 32]>,
}

impl Sealing {
    pub fn new() -> Self {
        Self { chance: Chance::new(), fresh: HashMap::new() }
    }
}

/// One table of the vault.
#[derive(Clone, Copy)]
pub(super) struct Table {
    name: &'static str,
    /// What its ids are ids of: a part of the place that seals are bound to.
    kind: &'static str,
    find: &'static str,
    add: &'static str,
    open: &'static str,
}

pub(super) const PERSON: Table = Table {
    name: "vault_person",
    kind: "person",
    find: "SELECT id FROM vault_person WHERE blind = ?1",
    add: "INSERT INTO vault_person (id, blind, key, number) VALUES (?1, ?2, ?3, ?4)",
    open: "SELECT key, number FROM vault_person WHERE id = ?1",
};
pub(super) const PHONE: Table = Table {
    name: "vault_phone",
    kind: "phone",
    find: "SELECT id FROM vault_phone WHERE blind = ?1",
    add: "INSERT INTO vault_phone (id, blind, key, number) VALUES (?1, ?2, ?3, ?4)",
    open: "SELECT key, number FROM vault_phone WHERE id = ?1",
};
pub(super) const ACCOUNT: Table = Table {
    name: "vault_account",
    kind: "account",
    find: "SELECT id FROM vault_account WHERE blind = ?1",
    add: "INSERT INTO vault_account (id, blind, key, number) VALUES (?1, ?2, ?3, ?4)",
    open: "SELECT key, number FROM vault_account WHERE id = ?1",
};

impl Table {
    fn place(self, id: u64) -> String {
        format!("{} {id}", self.kind)
    }

    /// The ids of numbers, new ones where a number was never seen.
    pub fn ids(
        self,
        tx: &Connection,
        keys: &Keys,
        sealing: &mut Sealing,
        numbers: impl Iterator<Item = String>,
    ) -> Result<Vec<u64>, StoreError> {
        let mut find = tx.prepare_cached(self.find)?;
        let mut add = tx.prepare_cached(self.add)?;
        let last: i64 = tx
            .prepare_cached(&format!("SELECT coalesce(max(id), 0) FROM {}", self.name))?
            .query_row([], |row| row.get(0))?;
        let mut next = last as u64 + 1;
        let mut ids = Vec::new();
        for number in numbers {
            let blind = seal::blind(keys, self.kind, &number);
            if let Some(id) = find.query_row([&blind[..]], |row| row.get::<_, i64>(0)).optional()? {
                ids.push(id as u64);
                continue;
            }
            let place = self.place(next);
            let (key, wrapped) = seal::new_key(keys, &place, &mut sealing.chance)?;
            let sealed = seal::seal(&key, &place, number.as_bytes(), &mut sealing.chance)?;
            add.execute(params![next as i64, &blind[..], wrapped, sealed])?;
            sealing.fresh.insert(place, key);
            ids.push(next);
            next += 1;
        }
        Ok(ids)
    }

    fn find(self, connection: &Connection, keys: &Keys, number: &str) -> Result<Option<u64>, StoreError> {
        let blind = seal::blind(keys, self.kind, number);
        let id: Option<i64> =
            connection.prepare_cached(self.find)?.query_row([&blind[..]], |row| row.get(0)).optional()?;
        Ok(id.map(|id| id as u64))
    }

    /// The key of an id; `None` once it is destroyed.
    fn key(self, keys: &Keys, id: u64, wrapped: Option<Vec<u8>>) -> Result<Option<[u8; 32]>, StoreError> {
        let Some(wrapped) = wrapped else { return Ok(None) };
        let key = seal::unwrap(keys, &self.place(id), &wrapped);
        key.map(Some).ok_or(StoreError::Seal { table: self.name, id })
    }

    fn open(self, connection: &Connection, keys: &Keys, id: u64) -> Result<Option<String>, StoreError> {
        let found: Option<Kept> = connection
            .prepare_cached(self.open)?
            .query_row([id as i64], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (wrapped, sealed) = found.ok_or(StoreError::Missing { what: self.kind, id })?;
        let (Some(key), Some(sealed)) = (self.key(keys, id, wrapped)?, sealed) else { return Ok(None) };
        self.plain(&key, id, &sealed).map(Some)
    }

    fn plain(self, key: &[u8; 32], id: u64, sealed: &[u8]) -> Result<String, StoreError> {
        seal::open(key, &self.place(id), sealed)
            .and_then(|plain| String::from_utf8(plain).ok())
            .ok_or(StoreError::Seal { table: self.name, id })
    }
}

/// Whose key seals something.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose {
    /// One person's.
    Person(PersonId),
    /// One phone's.
    Phone(PhoneId),
    /// Nobody's alone.
    Records,
}

/// The key under which something of somebody is sealed; `None` once it is destroyed.
pub(super) fn key_of(
    connection: &Connection,
    keys: &Keys,
    whose: Whose,
) -> Result<Option<[u8; 32]>, StoreError> {
    let (table, id) = match whose {
        Whose::Person(person) => (PERSON, person.0),
        Whose::Phone(phone) => (PHONE, phone.0),
        Whose::Records => return Ok(Some(seal::records_key(keys))),
    };
    let found: Option<Kept> = connection
        .prepare_cached(table.open)?
        .query_row([id as i64], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (wrapped, _) = found.ok_or(StoreError::Missing { what: table.kind, id })?;
    table.key(keys, id, wrapped)
}

/// Keeps names; one that is kept already is left as it is.
pub(super) fn keep_names(
    tx: &Connection,
    keys: &Keys,
    sealing: &mut Sealing,
    names: &[(PersonId, &str)],
) -> Result<(), StoreError> {
    let mut kept = tx.prepare_cached("SELECT blind FROM vault_name WHERE person = ?1")?;
    let mut wrapped = tx.prepare_cached("SELECT key FROM vault_person WHERE id = ?1")?;
    let mut keep = tx.prepare_cached("INSERT OR REPLACE INTO vault_name VALUES (?1, ?2, ?3)")?;
    for (person, name) in names {
        let id = person.0 as i64;
        let blind = seal::blind(keys, "name", name);
        let fresh = sealing.fresh.get(&PERSON.place(person.0)).copied();
        let key = match fresh {
            Some(key) => Some(key),
            None if kept.query_row([id], |row| row.get(0)).optional()? == Some(blind) => continue,
            None => PERSON.key(keys, person.0, wrapped.query_row([id], |row| row.get(0))?)?,
        };
        if let Some(key) = key {
            let sealed = seal::seal(&key, &name_place(*person), name.as_bytes(), &mut sealing.chance)?;
            keep.execute(params![id, sealed, &blind[..]])?;
        }
    }
    Ok(())
}

fn name_place(person: PersonId) -> String {
    format!("name {person}")
}

/// Are these the keys that the store was made with?
pub(super) fn check_keys(tx: &Connection, keys: &Keys) -> Result<(), StoreError> {
    let kept: Option<(Vec<u8>, Vec<u8>)> = tx
        .query_row("SELECT sealed, blind FROM vault_check", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let blind = seal::blind(keys, "check", "keys");
    if let Some((sealed, kept)) = kept {
        let opens = seal::open(&keys.master, "check", &sealed).is_some();
        return if opens && kept == blind { Ok(()) } else { Err(KeysError::Other.into()) };
    }
    let sealed = seal::seal(&keys.master, "check", b"keys", &mut Chance::new())?;
    tx.execute("INSERT INTO vault_check VALUES (1, ?1, ?2)", params![sealed, &blind[..]])?;
    Ok(())
}

/// Finding by number, and opening the vault: the service does that at the last moment, and writes
/// down who asked and why.
impl Store {
    /// The person of a number, if it was ever seen.
    pub fn person(&self, number: &Iin) -> Result<Option<PersonId>, StoreError> {
        self.read(|reader| Ok(PERSON.find(reader, &self.keys, &number.expose())?.map(PersonId)))
    }

    /// The phone of a number, if it was ever seen.
    pub fn phone(&self, number: &Msisdn) -> Result<Option<PhoneId>, StoreError> {
        self.read(|reader| Ok(PHONE.find(reader, &self.keys, &number.expose())?.map(PhoneId)))
    }

    /// The phone of a number that was not seen before.
    pub(super) fn new_phone(&self, number: Msisdn) -> Result<PhoneId, StoreError> {
        self.write(|tx| {
            let ids = PHONE.ids(tx, &self.keys, &mut Sealing::new(), std::iter::once(number.expose()))?;
            Ok(PhoneId(ids[0]))
        })
    }

    /// The account of a number, if it was ever seen.
    pub fn account(&self, number: &Iban) -> Result<Option<AccountId>, StoreError> {
        self.read(|reader| Ok(ACCOUNT.find(reader, &self.keys, &number.expose())?.map(AccountId)))
    }

    /// The number of a person; `None` once it is erased.
    pub fn reveal_person(&self, person: PersonId) -> Result<Option<Iin>, StoreError> {
        self.reveal(PERSON, person.0)
    }

    /// The number of a phone; `None` once it is erased.
    pub fn reveal_phone(&self, phone: PhoneId) -> Result<Option<Msisdn>, StoreError> {
        self.reveal(PHONE, phone.0)
    }

    /// The number of an account; `None` once it is erased.
    pub fn reveal_account(&self, account: AccountId) -> Result<Option<Iban>, StoreError> {
        self.reveal(ACCOUNT, account.0)
    }

    /// The name of a person; `None` if it was never told, or is erased.
    pub fn reveal_name(&self, person: PersonId) -> Result<Option<String>, StoreError> {
        self.read(|reader| {
            let found: Option<Kept> = reader
                .prepare_cached(
                    "SELECT p.key, n.name FROM vault_person p LEFT JOIN vault_name n ON n.person = p.id
                     WHERE p.id = ?1",
                )?
                .query_row([person.0 as i64], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let (wrapped, sealed) = found.ok_or(StoreError::Missing { what: "person", id: person.0 })?;
            let (Some(key), Some(sealed)) = (PERSON.key(&self.keys, person.0, wrapped)?, sealed) else {
                return Ok(None);
            };
            seal::open(&key, &name_place(person), &sealed)
                .and_then(|plain| String::from_utf8(plain).ok())
                .map(Some)
                .ok_or(StoreError::Seal { table: "vault_person", id: person.0 })
        })
    }
}

impl Store {
    /// Destroys the key of a person: number and name cannot be read from this store any more. Free
    /// pages, the write-ahead log and older copies of the file may still hold the wrapped key until
    /// they are overwritten.
    pub fn erase_person(&self, person: PersonId) -> Result<(), StoreError> {
        self.write(|tx| {
            let id = person.0 as i64;
            tx.execute(
                "UPDATE vault_person SET blind = NULL, key = NULL, number = NULL WHERE id = ?1",
                [id],
            )?;
            tx.execute("DELETE FROM vault_name WHERE person = ?1", [id])?;
            Ok(())
        })
    }

    fn reveal<T: std::str::FromStr>(&self, table: Table, id: u64) -> Result<Option<T>, StoreError> {
        let plain = self.read(|reader| table.open(reader, &self.keys, id))?;
        plain.map(|plain| plain.parse().map_err(|_| StoreError::Seal { table: table.name, id })).transpose()
    }
}
