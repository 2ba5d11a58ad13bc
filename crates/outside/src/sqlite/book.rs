//! The book of delivery: every state beside the journal entries that made it, in one transaction.
//!
//! States and entries are sealed under the key of the person, or of the phone, that they are about:
//! when that key is destroyed, nobody can read them again. Columns beside them hold only what
//! queries need, and nothing that names anybody.

mod writing;

use card::{Moment, PersonId, PhoneId};
use deliver::{
    AttemptId, Machine, OfferId, RightId, RunId, TaskId, Totals,
    book::{Book, Entry, Funnel, Library, NoticeCount, Transaction},
    conversation::Conversation,
    elsewhere::Beside,
    mode::Switch,
    notice::Told,
    offer::Offer,
    outbox::Attempt,
    payrun::PayRun,
    right::Right,
    task::{Task, TaskKind},
    timing::Contact,
};
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Store, StoreError, crash, journal,
    seal::{self, Chance},
    vault::{self, Whose},
};
use writing::{Writing, named, side};

/// The name of a state in the database, and whose key seals it.
struct Place<'a> {
    table: &'static str,
    id: String,
    whose: Whose,
    store: &'a Store,
}

impl Place<'_> {
    fn name(&self) -> String {
        format!("{} {}", self.table, self.id)
    }

    fn seal(
        &self,
        connection: &Connection,
        plain: &[u8],
        chance: &mut Chance,
    ) -> Result<Vec<u8>, StoreError> {
        let key = vault::key_of(connection, &self.store.keys, self.whose)?;
        seal::seal(&key.unwrap_or_else(|| seal::records_key(&self.store.keys)), &self.name(), plain, chance)
    }

    /// The state; `None` if the key is destroyed.
    fn open<T: DeserializeOwned>(
        &self,
        connection: &Connection,
        sealed: &[u8],
    ) -> Result<Option<T>, StoreError> {
        let Some(key) = vault::key_of(connection, &self.store.keys, self.whose)? else { return Ok(None) };
        let broken = || StoreError::State { table: self.table, id: self.id.clone() };
        let plain = seal::open(&key, &self.name(), sealed).ok_or_else(broken)?;
        serde_json::from_slice(&plain).map(Some).map_err(|_| broken())
    }
}

fn json(state: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(state).expect("a state is plain data")
}

/// The states of the book, by how they are found.
trait Kept: Machine + DeserializeOwned + Serialize {
    const TABLE: &'static str;
    /// Whose key seals it: columns that are written beside every state.
    const LOAD: &'static str;
}

impl Kept for Right {
    const TABLE: &'static str = "right";
    const LOAD: &'static str = "SELECT state, recipient FROM right WHERE id = ?1";
}
impl Kept for Offer {
    const TABLE: &'static str = "offer";
    const LOAD: &'static str = "SELECT state, 0 FROM offer WHERE id = ?1";
}
impl Kept for Attempt {
    const TABLE: &'static str = "attempt";
    const LOAD: &'static str = "SELECT state, person FROM attempt WHERE id = ?1";
}
impl Kept for PayRun {
    const TABLE: &'static str = "run";
    const LOAD: &'static str = "SELECT state, 0 FROM run WHERE id = ?1";
}
impl Kept for Task {
    const TABLE: &'static str = "task";
    const LOAD: &'static str = "SELECT state, 0 FROM task WHERE id = ?1";
}

/// A person's key, or the records' where a state concerns nobody alone.
const fn whose(person: i64) -> Whose {
    if person == 0 { Whose::Records } else { Whose::Person(PersonId(person as u64)) }
}

impl Store {
    fn kept<T: Kept>(&self, connection: &Connection, id: u64) -> Result<Option<T>, StoreError> {
        let found: Option<(Vec<u8>, i64)> = connection
            .prepare_cached(T::LOAD)?
            .query_row([id as i64], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((sealed, person)) = found else { return Ok(None) };
        Place { table: T::TABLE, id: id.to_string(), whose: whose(person), store: self }
            .open(connection, &sealed)
    }

    fn kept_all<T: Kept>(&self, sql: &str, bound: &[&dyn ToSql]) -> Result<Vec<T>, StoreError> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(sql)?;
            let ids: Vec<i64> = statement.query_map(bound, |row| row.get(0))?.collect::<Result<_, _>>()?;
            let mut states = Vec::with_capacity(ids.len());
            for id in ids {
                states.extend(self.kept::<T>(reader, id as u64)?);
            }
            Ok(states)
        })
    }

    fn one<T: rusqlite::types::FromSql>(
        &self,
        sql: &str,
        bound: &[&dyn ToSql],
    ) -> Result<Option<T>, StoreError> {
        self.read(|reader| Ok(reader.prepare_cached(sql)?.query_row(bound, |row| row.get(0)).optional()?))
    }

    fn conversation_on(
        &self,
        connection: &Connection,
        phone: PhoneId,
    ) -> Result<Option<Conversation>, StoreError> {
        let sealed: Option<Vec<u8>> = connection
            .prepare_cached("SELECT state FROM conversation WHERE phone = ?1")?
            .query_row([phone.0 as i64], |row| row.get(0))
            .optional()?;
        let Some(sealed) = sealed else { return Ok(None) };
        let place =
            Place { table: "conversation", id: phone.to_string(), whose: Whose::Phone(phone), store: self };
        place.open(connection, &sealed)
    }
}

/// The aggregate of what a person disputes.
fn disputes(person: PersonId) -> String {
    format!("disputes {person}")
}

fn kind(kind: &TaskKind) -> String {
    serde_json::to_string(kind).expect("a kind is plain data")
}

impl Store {
    fn told_on(
        &self,
        connection: &Connection,
        person: PersonId,
        notice: &str,
    ) -> Result<Option<Told>, StoreError> {
        let sealed: Option<Vec<u8>> = connection
            .prepare_cached("SELECT state FROM told WHERE person = ?1 AND notice = ?2")?
            .query_row(params![person.0 as i64, notice], |row| row.get(0))
            .optional()?;
        let Some(sealed) = sealed else { return Ok(None) };
        let (whose, id) = (Whose::Person(person), format!("{person} {notice}"));
        Place { table: "told", id, whose, store: self }.open(connection, &sealed)
    }

    /// What a query of persons and notices finds.
    fn told_all(&self, sql: &str, bound: &[&dyn ToSql]) -> Result<Vec<Told>, StoreError> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(sql)?;
            let keys = statement.query_map(bound, |row| {
                Ok((PersonId(row.get::<_, i64>(0)? as u64), row.get::<_, String>(1)?))
            })?;
            let keys: Vec<(PersonId, String)> = keys.collect::<Result<_, _>>()?;
            let mut all = Vec::with_capacity(keys.len());
            for (person, notice) in keys {
                all.extend(self.told_on(reader, person, &notice)?);
            }
            Ok(all)
        })
    }

    fn switches_on(&self, connection: &Connection, measure: &str) -> Result<Vec<Switch>, StoreError> {
        let mut regions =
            connection.prepare_cached("SELECT region FROM switch WHERE measure = ?1 ORDER BY region")?;
        let regions: Vec<String> =
            regions.query_map([measure], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut switches = Vec::with_capacity(regions.len());
        for region in regions {
            switches.extend(self.switch_on(connection, measure, Some(&region))?);
        }
        Ok(switches)
    }

    fn switch_on(
        &self,
        connection: &Connection,
        measure: &str,
        region: Option<&str>,
    ) -> Result<Option<Switch>, StoreError> {
        let region = region.unwrap_or_default();
        let sealed: Option<Vec<u8>> = connection
            .prepare_cached("SELECT state FROM switch WHERE measure = ?1 AND region = ?2")?
            .query_row([measure, region], |row| row.get(0))
            .optional()?;
        let Some(sealed) = sealed else { return Ok(None) };
        let id = format!("{measure} {region}");
        Place { table: "switch", id, whose: Whose::Records, store: self }.open(connection, &sealed)
    }
}

impl Library for Store {
    type Book<'s> = &'s Self;

    fn book(&self) -> &Self {
        self
    }
}

impl Book for &Store {
    type Error = StoreError;

    fn next_number(&mut self) -> Result<u64, StoreError> {
        let mut numbers = self.numbers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if numbers.0 == numbers.1 {
            // A thousand at a time: those that are never used leave a gap.
            let end = self.write(|tx| {
                Ok(tx
                    .prepare_cached(
                        "UPDATE counter SET value = value + 1000 WHERE name = 'number' RETURNING value",
                    )?
                    .query_row([], |row| row.get::<_, i64>(0))? as u64)
            })?;
            *numbers = (end - 1000, end);
        }
        numbers.0 += 1;
        Ok(numbers.0 - 1)
    }

    fn append(&mut self, transaction: &Transaction, contact: &Contact) -> Result<(), StoreError> {
        use intake::FactStore;
        let mut chunk = self.begin(transaction.at)?;
        {
            let mut writing = Writing { store: self, chunk: &mut chunk, contact, at: transaction.at };
            for entry in &transaction.entries {
                let (whose, aggregate) = writing.write(entry)?;
                let payload = writing.seal("entry", aggregate.clone(), whose, &json(entry))?;
                journal::append_about(
                    writing.tx(),
                    transaction.at,
                    &transaction.by,
                    named(entry),
                    &aggregate,
                    &payload,
                )?;
            }
        }
        crash::point("book: before commit")?;
        chunk.close_transaction()?;
        crash::point("book: after commit")
    }

    fn right(&self, id: RightId) -> Result<Option<Right>, StoreError> {
        self.read(|reader| self.kept(reader, id.0))
    }

    fn offer(&self, id: OfferId) -> Result<Option<Offer>, StoreError> {
        self.read(|reader| self.kept(reader, id.0))
    }

    fn conversation(&self, phone: PhoneId) -> Result<Option<Conversation>, StoreError> {
        self.read(|reader| self.conversation_on(reader, phone))
    }

    fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        self.read(|reader| self.kept(reader, id.0))
    }

    fn run(&self, id: RunId) -> Result<Option<PayRun>, StoreError> {
        self.read(|reader| self.kept(reader, id.0))
    }

    fn told(&self, person: PersonId, notice: &str) -> Result<Option<Told>, StoreError> {
        self.read(|reader| self.told_on(reader, person, notice))
    }

    fn told_of(&self, person: PersonId) -> Result<Vec<Told>, StoreError> {
        let sql = "SELECT person, notice FROM told WHERE person = ?1 ORDER BY notice";
        self.told_all(sql, params![person.0 as i64])
    }

    fn told_waiting(
        &self,
        (person, notice): (PersonId, &str),
        limit: usize,
    ) -> Result<Vec<Told>, StoreError> {
        let sql = "SELECT person, notice FROM told WHERE waiting > 0 AND (person, notice) > (?1, ?2)
                   ORDER BY person, notice LIMIT ?3";
        self.told_all(sql, params![person.0 as i64, notice, limit as i64])
    }

    fn notices(&self) -> Result<Vec<NoticeCount>, StoreError> {
        self.read(|reader| {
            let mut counts = reader.prepare_cached(
                "SELECT notice, sum(told), sum(waiting), sum(passed) FROM told GROUP BY notice ORDER BY notice",
            )?;
            let count =
                |at: usize, row: &rusqlite::Row<'_>| row.get::<_, i64>(at).map(|count| count as u64);
            let found = counts.query_map([], |row| {
                let [told, waiting, passed] = [count(1, row)?, count(2, row)?, count(3, row)?];
                Ok(NoticeCount { notice: row.get(0)?, told, waiting, passed })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.read(|reader| self.kept(reader, id.0))
    }

    fn switch(&self, measure: &str, region: Option<&str>) -> Result<Option<Switch>, StoreError> {
        self.read(|reader| self.switch_on(reader, measure, region))
    }

    fn switches(&self, measure: &str) -> Result<Vec<Switch>, StoreError> {
        self.read(|reader| self.switches_on(reader, measure))
    }

    fn rights_of(&self, person: PersonId) -> Result<Vec<Right>, StoreError> {
        let person = person.0 as i64;
        self.kept_all(
            "SELECT id FROM right WHERE recipient = ?1 UNION SELECT id FROM right WHERE subject = ?1
             UNION SELECT right FROM right_claim WHERE child = ?1 ORDER BY 1",
            &[&person],
        )
    }

    fn right_to(&self, measure: &str, subject: PersonId) -> Result<Option<Right>, StoreError> {
        let sql = "SELECT id FROM right WHERE measure = ?1 AND subject = ?2 AND ended = 0";
        Ok(self.kept_all(sql, &[&measure, &(subject.0 as i64)])?.pop())
    }

    fn rights_under(&self, measure: &str, after: RightId, limit: usize) -> Result<Vec<Right>, StoreError> {
        let sql = "SELECT id FROM right WHERE measure = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        self.kept_all(sql, &[&measure, &(after.0 as i64), &(limit as i64)])
    }

    fn right_of_award(&self, number: &str) -> Result<Option<RightId>, StoreError> {
        let id: Option<i64> = self.one("SELECT right FROM award_right WHERE number = ?1", &[&number])?;
        Ok(id.map(|id| RightId(id as u64)))
    }

    fn rights_beside(
        &self,
        measure: &str,
        of: Beside,
        after: RightId,
        limit: usize,
    ) -> Result<Vec<Right>, StoreError> {
        let sql = "SELECT id FROM right WHERE beside = ?1 AND beside > 0 AND measure = ?2 AND id > ?3
                   ORDER BY id LIMIT ?4";
        self.kept_all(sql, &[&side(Some(of)), &measure, &(after.0 as i64), &(limit as i64)])
    }

    fn awards_taken(&self) -> Result<u64, StoreError> {
        let entry: Option<i64> = self.one("SELECT value FROM counter WHERE name = 'awards'", &[])?;
        Ok(entry.unwrap_or_default() as u64)
    }

    fn claimed_by(
        &self,
        measure: &str,
        children: &[PersonId],
        except: RightId,
    ) -> Result<Option<RightId>, StoreError> {
        let sql = "SELECT right FROM granted_claim WHERE measure = ?1 AND child = ?2 AND right <> ?3";
        for child in children {
            let by: Option<i64> = self.one(sql, &[&measure, &(child.0 as i64), &(except.0 as i64)])?;
            if let Some(by) = by {
                return Ok(Some(RightId(by as u64)));
            }
        }
        Ok(None)
    }

    fn gathering(&self, person: PersonId, cause: u64) -> Result<Option<Offer>, StoreError> {
        let sql = "SELECT id FROM offer WHERE person = ?1 AND cause = ?2 AND gathering = 1 LIMIT 1";
        Ok(self.kept_all(sql, &[&(person.0 as i64), &(cause as i64)])?.pop())
    }

    fn offers_due(&self, now: Moment, limit: usize) -> Result<Vec<Offer>, StoreError> {
        let sql = "SELECT id FROM offer WHERE due <= ?1 ORDER BY due, id LIMIT ?2";
        self.kept_all(sql, &[&now.0, &(limit as i64)])
    }

    fn offers_unreachable(&self, after: OfferId, limit: usize) -> Result<Vec<Offer>, StoreError> {
        let sql = "SELECT id FROM offer WHERE unreachable = 1 AND id > ?1 ORDER BY id LIMIT ?2";
        self.kept_all(sql, &[&(after.0 as i64), &(limit as i64)])
    }

    fn conversations_due(&self, now: Moment, limit: usize) -> Result<Vec<PhoneId>, StoreError> {
        self.read(|reader| {
            let mut due = reader.prepare_cached(
                "SELECT phone FROM conversation WHERE due <= ?1 ORDER BY due, phone LIMIT ?2",
            )?;
            let phones =
                due.query_map([now.0, limit as i64], |row| Ok(PhoneId(row.get::<_, i64>(0)? as u64)))?;
            Ok(phones.collect::<Result<_, _>>()?)
        })
    }

    fn rights_unasked(
        &self,
        measure: &str,
        after: RightId,
        limit: usize,
    ) -> Result<Vec<(RightId, PersonId)>, StoreError> {
        self.read(|reader| {
            let mut unasked = reader.prepare_cached(
                "SELECT id, subject FROM right WHERE measure = ?1 AND unasked = 1 AND id > ?2
                 ORDER BY id LIMIT ?3",
            )?;
            let found = unasked.query_map(params![measure, after.0 as i64, limit as i64], |row| {
                Ok((RightId(row.get::<_, i64>(0)? as u64), PersonId(row.get::<_, i64>(1)? as u64)))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn attempts_due(&self, now: Moment, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        let sql = "SELECT id FROM attempt WHERE stage = 'written' AND not_before <= ?1
                   ORDER BY not_before, id LIMIT ?2";
        self.kept_all(sql, &[&now.0, &(limit as i64)])
    }

    fn attempts_made(&self) -> Result<Vec<AttemptId>, StoreError> {
        self.read(|reader| {
            let mut made = reader.prepare_cached("SELECT id FROM attempt WHERE stage = 'made'")?;
            let ids = made.query_map([], |row| Ok(AttemptId(row.get::<_, i64>(0)? as u64)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    fn attempt_of_part(&self, part: &str) -> Result<Option<AttemptId>, StoreError> {
        let id: Option<i64> = self.one("SELECT attempt FROM attempt_part WHERE part = ?1", &[&part])?;
        Ok(id.map(|id| AttemptId(id as u64)))
    }

    fn rights_to_pay(&self, payer: &str, after: RightId, limit: usize) -> Result<Vec<Right>, StoreError> {
        let sql = "SELECT id FROM right WHERE payer = ?1 AND payable = 1 AND id > ?2 ORDER BY id LIMIT ?3";
        self.kept_all(sql, &[&payer, &(after.0 as i64), &(limit as i64)])
    }

    fn rights_in_run(&self, run: RunId, after: RightId, limit: usize) -> Result<Vec<Right>, StoreError> {
        let sql = "SELECT right FROM run_right WHERE run = ?1 AND right > ?2 ORDER BY right LIMIT ?3";
        self.kept_all(sql, &[&(run.0 as i64), &(after.0 as i64), &(limit as i64)])
    }

    fn tasks(&self, limit: usize) -> Result<Vec<Task>, StoreError> {
        self.kept_all("SELECT id FROM task WHERE done = 0 ORDER BY due, id LIMIT ?1", &[&(limit as i64)])
    }

    fn tasks_of(&self, person: PersonId) -> Result<Vec<Task>, StoreError> {
        let sql = "SELECT id FROM task WHERE person = ?1 AND done = 0 ORDER BY due, id";
        self.kept_all(sql, &[&(person.0 as i64)])
    }

    fn task_like(&self, like: &TaskKind, person: Option<PersonId>) -> Result<Option<TaskId>, StoreError> {
        let sql = "SELECT id FROM task WHERE kind = ?1 AND person IS ?2 AND done = 0 LIMIT 1";
        let id: Option<i64> = self.one(sql, &[&kind(like), &person.map(|p| p.0 as i64)])?;
        Ok(id.map(|id| TaskId(id as u64)))
    }

    fn disputes(&self, person: PersonId) -> Result<Vec<(Moment, String)>, StoreError> {
        self.read(|reader| {
            // The index holds entries about something: the second condition lets it be used.
            let mut found = reader.prepare_cached(
                "SELECT at, payload FROM entry WHERE aggregate = ?1 AND aggregate <> '' ORDER BY id DESC",
            )?;
            let id = disputes(person);
            let mut rows = found.query([&id])?;
            let place = Place { table: "entry", id: id.clone(), whose: Whose::Person(person), store: self };
            let mut said = Vec::new();
            while let Some(row) = rows.next()? {
                let payload: Vec<u8> = row.get(1)?;
                if let Some(Entry::Disputed(_, what)) = place.open(reader, &payload)? {
                    said.push((Moment(row.get(0)?), what));
                }
            }
            Ok(said)
        })
    }

    fn funnel(&self) -> Result<Funnel, StoreError> {
        self.read(|reader| {
            // What was taken over is paid too, and has come another way.
            let mut counts = reader.prepare_cached(
                "SELECT stage, count(*) FROM reached WHERE stage <> 'paid'
                    OR right IN (SELECT right FROM reached WHERE stage = 'granted') GROUP BY stage",
            )?;
            let mut rows = counts.query([])?;
            let mut funnel = Funnel::default();
            while let Some(row) = rows.next()? {
                let (stage, count): (String, i64) = (row.get(0)?, row.get(1)?);
                let place = match stage.as_str() {
                    "found" => &mut funnel.found,
                    "offered" => &mut funnel.offered,
                    "delivered" => &mut funnel.delivered,
                    "answered" => &mut funnel.answered,
                    "consented" => &mut funnel.consented,
                    "filed" => &mut funnel.filed,
                    "granted" => &mut funnel.granted,
                    "paid" => &mut funnel.paid,
                    "unreachable" => &mut funnel.unreachable,
                    _ => continue,
                };
                *place = count as u64;
            }
            Ok(funnel)
        })
    }

    fn totals(&self) -> Result<Totals, StoreError> {
        let mut after = 0_i64;
        let mut totals = Totals::default();
        loop {
            let sql = "SELECT id FROM right WHERE id > ?1 ORDER BY id LIMIT 1000";
            let rights: Vec<Right> = self.kept_all(sql, &[&after])?;
            let Some(last) = rights.last() else { return Ok(totals) };
            after = last.id.0 as i64;
            totals = rights.iter().map(Right::totals).fold(totals, |sum, one| sum + one);
        }
    }
}
