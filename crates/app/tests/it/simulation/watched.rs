//! The real store, with every transaction of the book shown to the audit before it is written.

use std::{
    collections::BTreeSet,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use card::{AccountId, Actor, Circle, Date, Iban, Iin, Lang, Moment, Msisdn, PersonId, PhoneId};
use deliver::{
    AttemptId, OfferId, RightId, RunId, TaskId, Totals,
    archive::{Archive, Held, Written},
    book::{Book, Funnel, Library, NoticeCount, Transaction},
    conversation::Conversation,
    elsewhere::{self, Beside, Registry},
    mode::Switch,
    notice::Told,
    offer::Offer,
    outbox::Attempt,
    payrun::PayRun,
    right::Right,
    task::{Task, TaskKind},
    timing::Contact,
};
use intake::{Changes, FactStore, Step};
use law::{Reach, port::Circles};
use outside::sqlite::{SqliteChunk, Store, StoreError};

use super::audit::Audit;

/// What the audit knows, shared by the store and the life of the world; it outlives crashes.
#[derive(Clone)]
pub struct Witness(Arc<Mutex<Audit>>);

impl Witness {
    pub fn new(audit: Audit) -> Self {
        Self(Arc::new(Mutex::new(audit)))
    }

    pub fn look(&self) -> MutexGuard<'_, Audit> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A store under watch.
pub struct Watched {
    pub store: Store,
    pub witness: Witness,
}

impl Circles for Watched {
    type Error = StoreError;

    fn circle(
        &self,
        subject: PersonId,
        reads: &[Reach],
        known_on: Option<Moment>,
    ) -> Result<Circle, StoreError> {
        self.store.circle(subject, reads, known_on)
    }
}

impl FactStore for Watched {
    type Error = StoreError;
    type Chunk<'s> = SqliteChunk<'s>;

    fn chunk_rows(&self) -> NonZeroU32 {
        self.store.chunk_rows()
    }

    fn begin(&self, now: Moment) -> Result<SqliteChunk<'_>, StoreError> {
        self.store.begin(now)
    }
}

impl Changes for Watched {
    type Error = StoreError;

    fn concerned<M: Copy + Ord>(
        &self,
        entry: u64,
        reads: &[(M, Vec<Step>)],
    ) -> Result<BTreeSet<(M, PersonId)>, StoreError> {
        self.store.concerned(entry, reads)
    }

    fn journal_end(&self) -> Result<u64, StoreError> {
        self.store.journal_end()
    }

    fn concerned_since<M: Copy + Ord>(
        &self,
        entry: u64,
        reads: &[(M, Vec<Step>)],
    ) -> Result<BTreeSet<(M, PersonId)>, StoreError> {
        self.store.concerned_since(entry, reads)
    }
}

impl Library for Watched {
    type Book<'s> = &'s Self;

    fn book(&self) -> &Self {
        self
    }
}

impl Book for &Watched {
    type Error = StoreError;

    fn append(&mut self, transaction: &Transaction, contact: &Contact) -> Result<(), StoreError> {
        let before = self.witness.look().check(transaction);
        let written = self.store.book().append(transaction, contact);
        // A crash after the commit lost nothing of it.
        if matches!(written, Ok(()) | Err(StoreError::Crash("book: after commit"))) {
            self.witness.look().keep(transaction, before);
        }
        written
    }

    fn next_number(&mut self) -> Result<u64, StoreError> {
        self.store.book().next_number()
    }

    fn right(&self, id: RightId) -> Result<Option<Right>, StoreError> {
        self.store.book().right(id)
    }

    fn offer(&self, id: OfferId) -> Result<Option<Offer>, StoreError> {
        self.store.book().offer(id)
    }

    fn conversation(&self, phone: PhoneId) -> Result<Option<Conversation>, StoreError> {
        self.store.book().conversation(phone)
    }

    fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        self.store.book().attempt(id)
    }

    fn run(&self, id: RunId) -> Result<Option<PayRun>, StoreError> {
        self.store.book().run(id)
    }

    fn told(&self, person: PersonId, notice: &str) -> Result<Option<Told>, StoreError> {
        self.store.book().told(person, notice)
    }

    fn told_of(&self, person: PersonId) -> Result<Vec<Told>, StoreError> {
        self.store.book().told_of(person)
    }

    fn told_waiting(&self, after: (PersonId, &str), limit: usize) -> Result<Vec<Told>, StoreError> {
        self.store.book().told_waiting(after, limit)
    }

    fn notices(&self) -> Result<Vec<NoticeCount>, StoreError> {
        self.store.book().notices()
    }

    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.store.book().task(id)
    }

    fn switch(&self, measure: &str, region: Option<&str>) -> Result<Option<Switch>, StoreError> {
        self.store.book().switch(measure, region)
    }

    fn rights_of(&self, person: PersonId) -> Result<Vec<Right>, StoreError> {
        self.store.book().rights_of(person)
    }

    fn right_to(&self, measure: &str, subject: PersonId) -> Result<Option<Right>, StoreError> {
        self.store.book().right_to(measure, subject)
    }

    fn switches(&self, measure: &str) -> Result<Vec<Switch>, StoreError> {
        self.store.book().switches(measure)
    }

    fn rights_under(&self, measure: &str, after: RightId, limit: usize) -> Result<Vec<Right>, StoreError> {
        self.store.book().rights_under(measure, after, limit)
    }

    fn right_of_award(&self, number: &str) -> Result<Option<RightId>, StoreError> {
        self.store.book().right_of_award(number)
    }

    fn rights_beside(
        &self,
        measure: &str,
        side: Beside,
        after: RightId,
        limit: usize,
    ) -> Result<Vec<Right>, StoreError> {
        self.store.book().rights_beside(measure, side, after, limit)
    }

    fn awards_taken(&self) -> Result<u64, StoreError> {
        self.store.book().awards_taken()
    }

    fn claimed_by(
        &self,
        measure: &str,
        children: &[PersonId],
        except: RightId,
    ) -> Result<Option<RightId>, StoreError> {
        self.store.book().claimed_by(measure, children, except)
    }

    fn gathering(&self, person: PersonId, cause: u64) -> Result<Option<Offer>, StoreError> {
        self.store.book().gathering(person, cause)
    }

    fn offers_due(&self, now: Moment, limit: usize) -> Result<Vec<Offer>, StoreError> {
        self.store.book().offers_due(now, limit)
    }

    fn offers_unreachable(&self, after: OfferId, limit: usize) -> Result<Vec<Offer>, StoreError> {
        self.store.book().offers_unreachable(after, limit)
    }

    fn conversations_due(&self, now: Moment, limit: usize) -> Result<Vec<PhoneId>, StoreError> {
        self.store.book().conversations_due(now, limit)
    }

    fn rights_unasked(
        &self,
        measure: &str,
        after: RightId,
        limit: usize,
    ) -> Result<Vec<(RightId, PersonId)>, StoreError> {
        self.store.book().rights_unasked(measure, after, limit)
    }

    fn attempts_due(&self, now: Moment, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        self.store.book().attempts_due(now, limit)
    }

    fn attempts_made(&self) -> Result<Vec<AttemptId>, StoreError> {
        self.store.book().attempts_made()
    }

    fn attempt_of_part(&self, part: &str) -> Result<Option<AttemptId>, StoreError> {
        self.store.book().attempt_of_part(part)
    }

    fn rights_to_pay(&self, payer: &str, after: RightId, limit: usize) -> Result<Vec<Right>, StoreError> {
        self.store.book().rights_to_pay(payer, after, limit)
    }

    fn rights_in_run(&self, run: RunId, after: RightId, limit: usize) -> Result<Vec<Right>, StoreError> {
        self.store.book().rights_in_run(run, after, limit)
    }

    fn tasks(&self, limit: usize) -> Result<Vec<Task>, StoreError> {
        self.store.book().tasks(limit)
    }

    fn tasks_of(&self, person: PersonId) -> Result<Vec<Task>, StoreError> {
        self.store.book().tasks_of(person)
    }

    fn task_like(&self, kind: &TaskKind, person: Option<PersonId>) -> Result<Option<TaskId>, StoreError> {
        self.store.book().task_like(kind, person)
    }

    fn disputes(&self, person: PersonId) -> Result<Vec<(Moment, String)>, StoreError> {
        self.store.book().disputes(person)
    }

    fn funnel(&self) -> Result<Funnel, StoreError> {
        self.store.book().funnel()
    }

    fn totals(&self) -> Result<Totals, StoreError> {
        self.store.book().totals()
    }
}

impl Registry for Watched {
    type Error = StoreError;

    fn awards_changed(&self, entry: u64, after: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        self.store.awards_changed(entry, after, limit)
    }

    fn award_told(&self, number: &str) -> Result<Option<elsewhere::Told>, StoreError> {
        self.store.award_told(number)
    }

    fn applications_of(&self, person: PersonId) -> Result<Vec<elsewhere::Application>, StoreError> {
        self.store.applications_of(person)
    }

    fn region_of(&self, person: PersonId) -> Result<Option<String>, StoreError> {
        self.store.region_of(person)
    }
}

impl Archive for Watched {
    type Error = StoreError;

    fn find_person(&self, number: &Iin) -> Result<Option<PersonId>, StoreError> {
        self.store.find_person(number)
    }

    fn find_phone(&self, number: &Msisdn) -> Result<Option<PhoneId>, StoreError> {
        self.store.find_phone(number)
    }

    fn phone_for(&self, number: &Msisdn) -> Result<PhoneId, StoreError> {
        self.store.phone_for(number)
    }

    fn iin(&self, person: PersonId) -> Result<Option<Iin>, StoreError> {
        self.store.iin(person)
    }

    fn name(&self, person: PersonId) -> Result<Option<String>, StoreError> {
        self.store.name(person)
    }

    fn msisdn(&self, phone: PhoneId) -> Result<Option<Msisdn>, StoreError> {
        self.store.msisdn(phone)
    }

    fn iban(&self, account: AccountId) -> Result<Option<Iban>, StoreError> {
        self.store.iban(account)
    }

    fn phones_of(&self, person: PersonId, day: Date) -> Result<Vec<PhoneId>, StoreError> {
        self.store.phones_of(person, day)
    }

    fn bonds_of(&self, phone: PhoneId, day: Date) -> Result<Vec<PersonId>, StoreError> {
        self.store.bonds_of(phone, day)
    }

    fn accounts_of(&self, person: PersonId, day: Date) -> Result<Vec<AccountId>, StoreError> {
        self.store.accounts_of(person, day)
    }

    fn language_of(&self, person: PersonId) -> Result<Option<Lang>, StoreError> {
        self.store.language_of(person)
    }

    fn born(&self, person: PersonId) -> Result<Option<Date>, StoreError> {
        self.store.born(person)
    }

    fn keep_written(&self, phone: PhoneId, written: &Written) -> Result<(), StoreError> {
        self.store.keep_written(phone, written)
    }

    fn written(&self, phone: PhoneId) -> Result<Vec<Written>, StoreError> {
        self.store.written(phone)
    }

    fn written_last(&self, within_ms: i64) -> Result<Vec<(PhoneId, Written)>, StoreError> {
        self.store.written_last(within_ms)
    }

    fn attempts_to(&self, phone: PhoneId) -> Result<Vec<(AttemptId, Moment)>, StoreError> {
        self.store.attempts_to(phone)
    }

    fn reached(&self, right: RightId) -> Result<Vec<(String, Moment)>, StoreError> {
        self.store.reached(right)
    }

    fn runs(&self, limit: usize) -> Result<Vec<(RunId, Moment)>, StoreError> {
        self.store.runs(limit)
    }

    fn held(&self, limit: usize) -> Result<Vec<Held>, StoreError> {
        self.store.held(limit)
    }

    fn looked_at_phone(
        &self,
        at: Moment,
        by: &Actor,
        phone: PhoneId,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.store.looked_at_phone(at, by, phone, reason)
    }

    fn looked(&self, at: Moment, by: &Actor, person: PersonId, reason: &str) -> Result<(), StoreError> {
        self.store.looked(at, by, person, reason)
    }
}
