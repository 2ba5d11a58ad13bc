//! What a transaction of the book writes: each state beside its entry, the columns that queries need, and
//! what follows from it in other tables.

use card::Moment;
use deliver::{
    AttemptId, RightId,
    book::Entry,
    elsewhere::Beside,
    offer::{self, Offer},
    outbox::{self, Attempt},
    payrun::PayRun,
    right::{self, Right},
    task::Task,
    timing::Contact,
};
use rusqlite::{Connection, params};

use super::{Place, disputes, json, kind};
use crate::sqlite::{Store, StoreError, award, chunk::SqliteChunk, vault::Whose};

/// One transaction of the book under way.
pub(super) struct Writing<'a, 's> {
    pub store: &'s Store,
    pub chunk: &'a mut SqliteChunk<'s>,
    pub contact: &'a Contact,
    pub at: Moment,
}

impl Writing<'_, '_> {
    pub(super) fn seal(
        &mut self,
        table: &'static str,
        id: String,
        whose: Whose,
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let (tx, chance) = self.chunk.parts();
        Place { table, id, whose, store: self.store }.seal(tx, plain, chance)
    }

    pub(super) fn tx(&self) -> &Connection {
        self.chunk.connection()
    }

    pub(super) fn write(&mut self, entry: &Entry) -> Result<(Whose, String), StoreError> {
        match entry {
            Entry::Right(id, events) => self.right(*id, events),
            Entry::Offer(id, events) => {
                let before: Option<Offer> = self.store.kept(self.tx(), id.0)?;
                let Some(offer) = deliver::apply(before, events) else { return no_state("offer", id.0) };
                let sealed = self.seal("offer", id.to_string(), Whose::Records, &json(&offer))?;
                self.tx()
                    .prepare_cached("INSERT OR REPLACE INTO offer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
                    .execute(params![
                        id.0 as i64,
                        offer.candidates.first().map_or(0, |p| p.0 as i64),
                        offer.cause as i64,
                        matches!(offer.stage, offer::Stage::Gathering { .. }),
                        offer.stage == offer::Stage::Unreachable,
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
                    .prepare_cached("INSERT OR REPLACE INTO conversation VALUES (?1, ?2, ?3)")?
                    .execute(params![phone.0 as i64, state.due(self.contact).map(|due| due.0), sealed])?;
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
                let [messages, waiting, passed] = told.counts().map(|count| count as i64);
                let (whose, name) = (Whose::Person(*person), format!("{person} {notice}"));
                let sealed = self.seal("told", name, whose, &json(&told))?;
                self.tx()
                    .prepare_cached(
                        "INSERT OR REPLACE INTO told (person, notice, state, told, waiting, passed)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute(params![person.0 as i64, notice, sealed, messages, waiting, passed])?;
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
            Entry::AwardsTaken(until) => {
                self.tx()
                    .prepare_cached("UPDATE counter SET value = max(value, ?1) WHERE name = 'awards'")?
                    .execute([*until as i64])?;
                Ok((Whose::Records, String::new()))
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
                "INSERT INTO right VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO UPDATE SET
                    recipient = excluded.recipient, payable = excluded.payable, ended = excluded.ended,
                    unasked = excluded.unasked, state = excluded.state, beside = excluded.beside",
            )?
            .execute(params![
                id.0 as i64,
                right.measure,
                right.subject.0 as i64,
                right.recipient.0 as i64,
                right.payer,
                right.in_runs(),
                ended,
                right.unasked(),
                sealed,
                side(right.beside()),
            ])?;
        self.claims(before.as_ref(), &right)?;
        for event in events {
            let stage = match event {
                right::Event::Found { .. } | right::Event::FoundAgain { .. } => "found",
                right::Event::Consented { .. } => "consented",
                right::Event::Filed { .. } => "filed",
                right::Event::Decided { decision } => match decision.outcome {
                    deliver::decision::Decided::Granted(_) => "granted",
                    deliver::decision::Decided::Refused { .. } => "refused",
                },
                right::Event::Released { .. } => "ordered",
                right::Event::Settled { .. } => "paid",
                right::Event::Imported { .. } => "imported",
                right::Event::TakenOver { .. } => "taken over",
                right::Event::Told { number, award: Some(_) } => {
                    self.tx()
                        .prepare_cached("INSERT OR REPLACE INTO award_right VALUES (?1, ?2)")?
                        .execute(params![number, id.0 as i64])?;
                    continue;
                }
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

/// How a column holds on which side of a take-over a right stands.
pub(super) const fn side(beside: Option<Beside>) -> i64 {
    match beside {
        None => 0,
        Some(Beside::Theirs) => 1,
        Some(Beside::TakenOver) => 2,
    }
}

/// Events that do not begin a life and find no state: the key of its person was destroyed.
fn no_state<T>(table: &'static str, id: u64) -> Result<T, StoreError> {
    Err(StoreError::State { table, id: id.to_string() })
}

/// The name of an entry in the journal.
pub(super) const fn named(entry: &Entry) -> &'static str {
    match entry {
        Entry::Right(..) => "right",
        Entry::Offer(..) => "offer",
        Entry::Conversation(..) => "conversation",
        Entry::Attempt(..) => "attempt",
        Entry::Run(..) => "run",
        Entry::Told(..) => "told",
        Entry::Task(..) => "task",
        Entry::Switch(..) => "switch",
        Entry::AwardsTaken(_) => "awards taken",
        Entry::Disputed(..) => "disputed",
        Entry::Kept { .. } => "kept",
    }
}
