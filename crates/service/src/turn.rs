//! One use case's transaction: the machines that it moves, and what they say.

use std::collections::BTreeMap;

use card::{Actor, Moment, PersonId, PhoneId, Span};
use deliver::{
    AttemptId, Machine, OfferId, Refusal, RightId, RunId, TaskId,
    book::{Book, Entry, Transaction},
    conversation::{self, Conversation},
    notice::{self, Told},
    offer::{self, Offer},
    outbox::{self, Attempt},
    payrun::{self, PayRun},
    right::{self, Right},
    task::{self, TaskKind},
};

use crate::{Law, Service, ServiceError, Store};

/// A transaction under way. Dropped without [`Turn::commit`], nothing has happened.
pub(crate) struct Turn<'s, S> {
    pub service: &'s Service<S>,
    pub law: std::sync::Arc<Law>,
    pub now: Moment,
    /// The phone from which somebody has just written: they are awake.
    pub writer: Option<PhoneId>,
    transaction: Transaction,
    rights: BTreeMap<RightId, Right>,
    offers: BTreeMap<OfferId, Offer>,
    conversations: BTreeMap<PhoneId, Conversation>,
    attempts: BTreeMap<AttemptId, Attempt>,
    runs: BTreeMap<RunId, PayRun>,
    told: BTreeMap<(PersonId, String), Told>,
}

macro_rules! moves {
    ($look:ident, $do:ident, $cache:ident, $id:ty, $machine:ty, $events:ty, $command:ty, $entry:path, $load:ident) => {
        pub fn $look(&mut self, id: $id) -> Result<Option<$machine>, ServiceError> {
            match self.$cache.get(&id) {
                Some(known) => Ok(Some(known.clone())),
                None => self.service.store.book().$load(id).map_err(ServiceError::store),
            }
        }

        /// Lets a machine answer a command, and keeps what happened.
        pub fn $do(&mut self, id: $id, command: $command) -> Result<Vec<$events>, ServiceError> {
            let state = self.$look(id)?;
            let events = <$machine>::handle(state.as_ref(), command, self.now)?;
            if let Some(state) = deliver::apply(state, &events) {
                self.$cache.insert(id, state);
            }
            if !events.is_empty() {
                self.transaction.entries.push($entry(id, events.clone()));
            }
            Ok(events)
        }
    };
}

impl<'s, S: Store> Turn<'s, S> {
    pub fn begin(service: &'s Service<S>, by: Actor) -> Self {
        let now = service.now();
        Self {
            service,
            law: service.law(),
            now,
            writer: None,
            transaction: Transaction::new(by, now),
            rights: BTreeMap::new(),
            offers: BTreeMap::new(),
            conversations: BTreeMap::new(),
            attempts: BTreeMap::new(),
            runs: BTreeMap::new(),
            told: BTreeMap::new(),
        }
    }

    moves!(right, move_right, rights, RightId, Right, right::Event, right::Command, Entry::Right, right);
    moves!(offer, offer_moves, offers, OfferId, Offer, offer::Event, offer::Command, Entry::Offer, offer);
    moves!(
        conversation,
        move_conversation,
        conversations,
        PhoneId,
        Conversation,
        conversation::Event,
        conversation::Command,
        Entry::Conversation,
        conversation
    );
    moves!(
        attempt,
        move_attempt,
        attempts,
        AttemptId,
        Attempt,
        outbox::Event,
        outbox::Command,
        Entry::Attempt,
        attempt
    );
    moves!(run, move_run, runs, RunId, PayRun, payrun::Event, payrun::Command, Entry::Run, run);

    /// What a person was told of a notice, and is to be told.
    pub fn told(&mut self, person: PersonId, notice: &str) -> Result<Option<Told>, ServiceError> {
        match self.told.get(&(person, notice.to_owned())) {
            Some(known) => Ok(Some(known.clone())),
            None => self.service.store.book().told(person, notice).map_err(ServiceError::store),
        }
    }

    /// Lets what a person is told answer a command, and keeps what happened.
    pub fn move_told(
        &mut self,
        person: PersonId,
        notice: &str,
        command: notice::Command,
    ) -> Result<Vec<notice::Event>, ServiceError> {
        let state = self.told(person, notice)?;
        let events = Told::handle(state.as_ref(), command, self.now)?;
        if let Some(state) = deliver::apply(state, &events) {
            self.told.insert((person, notice.to_owned()), state);
        }
        if !events.is_empty() {
            self.transaction.entries.push(Entry::Told(person, notice.to_owned(), events.clone()));
        }
        Ok(events)
    }

    /// The rights that this transaction moved, as they are by now.
    pub fn moved_rights(&self) -> impl Iterator<Item = &Right> {
        self.rights.values()
    }

    /// Does something whole or not at all: where the state, the law or the words do not allow it, the
    /// turn is as it was before, and the reason is given back. Whatever came from outside has to be
    /// taken all the same, else it comes for ever.
    pub fn unless_refused<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, ServiceError>,
    ) -> Result<Result<T, Refusal>, ServiceError> {
        let before = self.copy();
        let refusal = match work(self) {
            Ok(done) => return Ok(Ok(done)),
            Err(ServiceError::Refused(refusal)) => refusal,
            Err(error @ (ServiceError::Law(_) | ServiceError::Message(_) | ServiceError::Absent(_))) => {
                Refusal::Missing(error.to_string())
            }
            Err(error) => return Err(error),
        };
        *self = before;
        Ok(Err(refusal))
    }

    fn copy(&self) -> Self {
        Self {
            service: self.service,
            law: std::sync::Arc::clone(&self.law),
            now: self.now,
            writer: self.writer,
            transaction: self.transaction.clone(),
            rights: self.rights.clone(),
            offers: self.offers.clone(),
            conversations: self.conversations.clone(),
            attempts: self.attempts.clone(),
            runs: self.runs.clone(),
            told: self.told.clone(),
        }
    }

    /// A number that nothing has yet.
    pub fn number(&self) -> Result<u64, ServiceError> {
        self.service.store.book().next_number().map_err(ServiceError::store)
    }

    /// Opens a task, unless the same one is open; was it opened?
    pub fn task(&mut self, kind: TaskKind, person: Option<PersonId>) -> Result<bool, ServiceError> {
        if self.service.store.book().task_like(&kind, person).map_err(ServiceError::store)?.is_some() {
            return Ok(false);
        }
        let opened_here = self.transaction.entries.iter().any(|entry| {
            match entry {
            Entry::Task(_, events) => events.iter().any(|event| {
                matches!(event, task::Event::Opened { kind: k, person: p, .. } if *k == kind && *p == person)
            }),
            _ => false,
        }
        });
        if opened_here {
            return Ok(false);
        }
        let id = TaskId(self.number()?);
        let due = self.now.day().plus(Span::Days(self.service.settings.task_days));
        let events = task::Task::handle(None, task::Command::Open { id, kind, person, due }, self.now)?;
        self.transaction.entries.push(Entry::Task(id, events));
        Ok(true)
    }

    /// An official has done a task.
    pub fn finish(&mut self, id: TaskId, by: &Actor) -> Result<(), ServiceError> {
        let state = self.service.store.book().task(id).map_err(ServiceError::store)?;
        let events = task::Task::handle(state.as_ref(), task::Command::Finish(by.clone()), self.now)?;
        if !events.is_empty() {
            self.transaction.entries.push(Entry::Task(id, events));
        }
        Ok(())
    }

    /// The phones over which a person may be told something, the newest first: none while an official
    /// still looks whose number it is, since somebody else would read it.
    pub fn phones(&self, person: PersonId) -> Result<Vec<PhoneId>, ServiceError> {
        let store = &self.service.store;
        let doubted =
            store.book().task_like(&TaskKind::WrongNumber, Some(person)).map_err(ServiceError::store)?;
        if doubted.is_some() {
            return Ok(vec![]);
        }
        store.phones_of(person, self.now.day()).map_err(ServiceError::store)
    }

    /// Records what a person says is wrong.
    pub fn dispute(&mut self, person: PersonId, what: &str) {
        self.transaction.entries.push(Entry::Disputed(person, what.to_owned()));
    }

    /// Writes an entry that changes no machine.
    pub fn note(&mut self, entry: Entry) {
        self.transaction.entries.push(entry);
    }

    /// Keeps what came and changes nothing.
    pub fn keep(&mut self, what: &str, refusal: Refusal) {
        self.transaction.entries.push(Entry::Kept { what: what.to_owned(), refusal });
    }

    /// Writes everything.
    pub fn commit(self) -> Result<(), ServiceError> {
        if self.transaction.entries.is_empty() {
            return Ok(());
        }
        self.service
            .store
            .book()
            .append(&self.transaction, &self.service.settings.contact)
            .map_err(ServiceError::store)
    }
}
