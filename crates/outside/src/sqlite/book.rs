//! The book of delivery: every state beside the journal entries that made it, in one transaction.
//!
//! States and entries are sealed under the key of the person, or of the phone, that they are about:
//! when that key is destroyed, nobody can read them again. Columns beside them hold only what
//! queries need, and nothing that names anybody.

use card::{Moment, PersonId, PhoneId};
use deliver::{
    AttemptId, Machine, OfferId, RightId, RunId, TaskId, Totals,
    book::{Book, Entry, Funnel, Library, Transaction},
    conversation::Conversation,
    mode::Switch,
    notice::Told,
    offer::{self, Offer},
    outbox::{self, Attempt},
    payrun::PayRun,
    right::{self, Right},
    task::{Task, TaskKind},
    timing::Contact,
};
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Store, StoreError, award,
    chunk::SqliteChunk,
    crash, journal,
    seal::{self, Chance},
    vault::{self, Whose},
};

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

/// One transaction of the book under way.
struct Writing<'a, 's> {
    store: &'s Store,
    chunk: &'a mut SqliteChunk<'s>,
    contact: &'a Contact,
    at: Moment,
}

impl Writing<'_, '_> {
    fn seal(
        &mut self,
        table: &'static str,
        id: String,
        whose: Whose,
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let (tx, chance) = self.chunk.parts();
        Place { table, id, whose, store: self.store }.seal(tx, plain, chance)
    }

    fn tx(&self) -> &Connection {
        self.chunk.connection()
    }

    fn write(&mut self, entry: &Entry) -> Result<(Whose, String), StoreError> {
        match entry {
            Entry::Right(id, events) => self.right(*id, events),
            Entry::Offer(id, events) => {
                let before: Option<Offer> = self.store.kept(self.tx(), id.0)?;
                let Some(offer) = deliver::apply(before, events) else { return no_state("offer", id.0) };
                let sealed = self.seal("offer", id.to_string(), Whose::Records, &json(&offer))?;
                self.tx()
                    .prepare_cached("INSERT OR REPLACE INTO offer VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                    .execute(params![
                        id.0 as i64,
                        offer.candidates.first().map_or(0, |p| p.0 as i64),
                        offer.cause as i64,
                        matches!(offer.stage, offer::Stage::Gathering { .. }),
                        offer.due(self.contact).map(|due| due.0),
                        sealed,
                    ])?;
                for event in events {
                    let stage = match event {
                        offer::Event::Asked { .. } => "offered",
                        offer::Event::Delivered { .. } => "delivered",
                        offer::Event::Answered { .. } => "answered",
                        offer::Event::Unreachable { .. } => "unreachable",
                        _ => continue,
                    };
                    for line in &offer.lines {
                        self.reached(line.right, stage)?;
                    }
                }
                Ok((Whose::Records, format!("offer {id}")))
            }
            Entry::Conversation(phone, events) => {
                let before = self.store.conversation_on(self.tx(), *phone)?;
                let Some(state) = deliver::apply(before, events) else {
                    return no_state("conversation", phone.0);
                };
                let whose = Whose::Phone(*phone);
                let sealed = self.seal("conversation", phone.to_string(), whose, &json(&state))?;
                self.tx()
                    .prepare_cached("INSERT OR REPLACE INTO conversation VALUES (?1, ?2)")?
                    .execute(params![phone.0 as i64, sealed])?;
                Ok((whose, format!("conversation {phone}")))
            }
            Entry::Attempt(id, events) => self.attempt(*id, events),
            Entry::Run(id, events) => {
                let before: Option<PayRun> = self.store.kept(self.tx(), id.0)?;
                let Some(run) = deliver::apply(before, events) else { return no_state("run", id.0) };
                let sealed = self.seal("run", id.to_string(), Whose::Records, &json(&run))?;
                self.tx()
                    .prepare_cached(
                        "INSERT INTO run VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET state = excluded.state",
                    )?
                    .execute(params![id.0 as i64, self.at.0, sealed])?;
                Ok((Whose::Records, format!("run {id}")))
            }
            Entry::Told(person, notice, events) => {
                let before = self.store.told_on(self.tx(), *person, notice)?;
                let Some(told) = deliver::apply(before, events) else {
                    return no_state("told", person.0);
                };
                let (whose, name) = (Whose::Person(*person), format!("{person} {notice}"));
                let sealed = self.seal("told", name, whose, &json(&told))?;
                self.tx()
                    .prepare_cached("INSERT OR REPLACE INTO told VALUES (?1, ?2, ?3)")?
                    .execute(params![person.0 as i64, notice, sealed])?;
                Ok((whose, format!("told {person} {notice}")))
            }
            Entry::Task(id, events) => {
                let before: Option<Task> = self.store.kept(self.tx(), id.0)?;
                let Some(task) = deliver::apply(before, events) else { return no_state("task", id.0) };
                let sealed = self.seal("task", id.to_string(), Whose::Records, &json(&task))?;
                self.tx()
                    .prepare_cached("INSERT OR REPLACE INTO task VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                    .execute(params![
                        id.0 as i64,
                        kind(&task.kind),
                        task.person.map(|p| p.0 as i64),
                        task.due.days(),
                        task.done.is_some(),
                        sealed,
                    ])?;
                Ok((Whose::Records, format!("task {id}")))
            }
            Entry::Switch(measure, region, events) => {
                let before = self.store.switch_on(self.tx(), measure, region.as_deref())?;
                let Some(switch) = deliver::apply(before, events) else { return no_state("switch", 0) };
                let region = region.as_deref().unwrap_or_default();
                let sealed =
                    self.seal("switch", format!("{measure} {region}"), Whose::Records, &json(&switch))?;
                self.tx()
                    .prepare_cached("INSERT OR REPLACE INTO switch VALUES (?1, ?2, ?3)")?
                    .execute(params![measure, region, sealed])?;
                Ok((Whose::Records, format!("switch {measure} {region}")))
            }
            Entry::Disputed(person, _) => Ok((Whose::Person(*person), disputes(*person))),
            Entry::Kept { .. } => Ok((Whose::Records, String::new())),
        }
    }

    fn right(&mut self, id: RightId, events: &[right::Event]) -> Result<(Whose, String), StoreError> {
        let before: Option<Right> = self.store.kept(self.tx(), id.0)?;
        let Some(right) = deliver::apply(before.clone(), events) else { return no_state("right", id.0) };
        let whose = Whose::Person(right.recipient);
        let ended = matches!(right.stage, right::Stage::Ended { .. });
        let sealed = self.seal("right", id.to_string(), whose, &json(&right))?;
        self.tx()
            .prepare_cached(
                "INSERT INTO right VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET
                    recipient = excluded.recipient, payable = excluded.payable, ended = excluded.ended,
                    state = excluded.state",
            )?
            .execute(params![
                id.0 as i64,
                right.measure,
                right.subject.0 as i64,
                right.recipient.0 as i64,
                right.payer,
                right.in_runs(),
                ended,
                sealed,
            ])?;
        self.claims(before.as_ref(), &right)?;
        for event in events {
            let stage = match event {
                right::Event::Found { .. } => "found",
                right::Event::Consented { .. } => "consented",
                right::Event::Filed { .. } => "filed",
                right::Event::Decided { decision } => match decision.outcome {
                    deliver::decision::Decided::Granted(_) => "granted",
                    deliver::decision::Decided::Refused { .. } => "refused",
                },
                right::Event::Released { .. } => "ordered",
                right::Event::Settled { .. } => "paid",
                right::Event::Ordered { order } => {
                    self.tx()
                        .prepare_cached("INSERT OR IGNORE INTO run_right VALUES (?1, ?2)")?
                        .execute([order.run.0 as i64, id.0 as i64])?;
                    continue;
                }
                _ => continue,
            };
            self.reached(id, stage)?;
        }
        award::follow(self.store, self.chunk, before.as_ref(), &right)?;
        Ok((whose, format!("right {id}")))
    }

    /// A child counts in one granted right of a measure: the store itself refuses a second one.
    fn claims(&mut self, before: Option<&Right>, right: &Right) -> Result<(), StoreError> {
        let id = right.id.0 as i64;
        if before.is_none_or(|known| known.claims != right.claims) {
            self.tx().prepare_cached("DELETE FROM right_claim WHERE right = ?1")?.execute([id])?;
            for child in &right.claims {
                self.tx()
                    .prepare_cached("INSERT OR IGNORE INTO right_claim VALUES (?1, ?2)")?
                    .execute([id, child.0 as i64])?;
            }
        }
        self.tx().prepare_cached("DELETE FROM granted_claim WHERE right = ?1")?.execute([id]).map(drop)?;
        if !right.granted() {
            return Ok(());
        }
        for child in &right.claims {
            let taken = self
                .tx()
                .prepare_cached("INSERT OR IGNORE INTO granted_claim VALUES (?1, ?2, ?3)")?
                .execute(params![right.measure, child.0 as i64, id])?;
            if taken == 0 {
                return Err(StoreError::Claimed);
            }
        }
        Ok(())
    }

    fn reached(&self, right: RightId, stage: &str) -> Result<(), StoreError> {
        self.tx().prepare_cached("INSERT OR IGNORE INTO reached VALUES (?1, ?2, ?3)")?.execute(params![
            right.0 as i64,
            stage,
            self.at.0
        ])?;
        Ok(())
    }

    fn attempt(&mut self, id: AttemptId, events: &[outbox::Event]) -> Result<(Whose, String), StoreError> {
        let before: Option<Attempt> = self.store.kept(self.tx(), id.0)?;
        let Some(attempt) = deliver::apply(before, events) else { return no_state("attempt", id.0) };
        let whose = Whose::Person(attempt.person);
        let sealed = self.seal("attempt", id.to_string(), whose, &json(&attempt))?;
        let stage = match attempt.stage {
            outbox::Stage::Written => "written",
            outbox::Stage::Made => "made",
            _ => "answered",
        };
        self.tx()
            .prepare_cached(
                "INSERT INTO attempt VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET
                    stage = excluded.stage, not_before = excluded.not_before, state = excluded.state",
            )?
            .execute(params![
                id.0 as i64,
                attempt.phone.0 as i64,
                attempt.person.0 as i64,
                stage,
                attempt.not_before.0,
                self.at.0,
                sealed,
            ])?;
        for event in events {
            if let outbox::Event::Confirmed { parts } = event {
                for part in parts {
                    self.tx()
                        .prepare_cached("INSERT OR IGNORE INTO attempt_part VALUES (?1, ?2)")?
                        .execute(params![part, id.0 as i64])?;
                }
            }
        }
        Ok((whose, format!("attempt {id}")))
    }
}

/// Events that do not begin a life and find no state: the key of its person was destroyed.
fn no_state<T>(table: &'static str, id: u64) -> Result<T, StoreError> {
    Err(StoreError::State { table, id: id.to_string() })
}

/// The name of an entry in the journal.
const fn named(entry: &Entry) -> &'static str {
    match entry {
        Entry::Right(..) => "right",
        Entry::Offer(..) => "offer",
        Entry::Conversation(..) => "conversation",
        Entry::Attempt(..) => "attempt",
        Entry::Run(..) => "run",
        Entry::Told(..) => "told",
        Entry::Task(..) => "task",
        Entry::Switch(..) => "switch",
        Entry::Disputed(..) => "disputed",
        Entry::Kept { .. } => "kept",
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

    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.read(|reader| self.kept(reader, id.0))
    }

    fn switch(&self, measure: &str, region: Option<&str>) -> Result<Option<Switch>, StoreError> {
        self.read(|reader| self.switch_on(reader, measure, region))
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
            let mut counts = reader.prepare_cached("SELECT stage, count(*) FROM reached GROUP BY stage")?;
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
