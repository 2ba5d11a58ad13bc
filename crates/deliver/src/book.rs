//! The store, as delivery needs it.
//!
//! One transaction holds the journal's entry and the states that it changes. A store keeps each
//! state as JSON beside the columns that its queries need, and can build every state again from the
//! journal.

use card::{Actor, Moment, PersonId, PhoneId};
use serde::{Deserialize, Serialize};

use crate::{
    AttemptId, OfferId, Refusal, RightId, RunId, TaskId, conversation, conversation::Conversation,
    elsewhere::Beside, mode, mode::Switch, notice, notice::Told, offer, offer::Offer, outbox,
    outbox::Attempt, payrun, payrun::PayRun, right, right::Right, task, task::Task, timing::Contact,
};

/// What one transaction writes about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A right and its ledger.
    Right(RightId, Vec<right::Event>),
    /// An offer.
    Offer(OfferId, Vec<offer::Event>),
    /// A conversation.
    Conversation(PhoneId, Vec<conversation::Event>),
    /// A message of the outbox.
    Attempt(AttemptId, Vec<outbox::Event>),
    /// A pay run.
    Run(RunId, Vec<payrun::Event>),
    /// What a person was told of a notice.
    Told(PersonId, String, Vec<notice::Event>),
    /// A task.
    Task(TaskId, Vec<task::Event>),
    /// The switch of a measure in a region.
    Switch(String, Option<String>, Vec<mode::Event>),
    /// What today's systems pay was looked at, up to this entry of the journal.
    AwardsTaken(u64),
    /// A person says that a fact about them is wrong, in their words.
    Disputed(PersonId, String),
    /// Something came that changes nothing and is kept: a bank status of an unknown order, a
    /// contradiction. `what` names it without personal data.
    Kept {
        /// What came.
        what: String,
        /// Why it changes nothing.
        refusal: Refusal,
    },
}

/// One transaction: all of it is written, or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Who acts.
    pub by: Actor,
    /// When.
    pub at: Moment,
    /// What happens.
    pub entries: Vec<Entry>,
}

impl Transaction {
    /// An empty one.
    pub const fn new(by: Actor, at: Moment) -> Self {
        Self { by, at, entries: vec![] }
    }
}

/// How many rights have come how far. Each counts every right that ever reached the stage. Nobody is
/// offered what was not found, nobody agrees without an answer, and nobody is paid without a grant; who
/// calls by themselves answers without a message, so that more may answer than were written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// The law says yes.
    pub found: u64,
    /// A message was written.
    pub offered: u64,
    /// It was on the phone.
    pub delivered: u64,
    /// Somebody answered.
    pub answered: u64,
    /// Agreed.
    pub consented: u64,
    /// An application was filed.
    pub filed: u64,
    /// Granted.
    pub granted: u64,
    /// Money arrived.
    pub paid: u64,
    /// Found, and nobody can be reached.
    pub unreachable: u64,
}

/// How many causes of a notice have come how far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeCount {
    /// The notice.
    pub notice: String,
    /// A message was written.
    pub told: u64,
    /// Nobody can be reached, or the notice is not told at all for now.
    pub waiting: u64,
    /// Never told, and not to be told any more.
    pub passed: u64,
}

/// The store. Synchronous, with one writer: what a caller reads stands until it appends.
pub trait Book {
    /// Why the store fails.
    type Error: std::error::Error;

    /// A number that no thing of this room has.
    fn next_number(&mut self) -> Result<u64, Self::Error>;

    /// Writes a transaction: journal and states. The store itself refuses a second right of a
    /// measure that would claim a child that a granted right claims.
    /// The rules of contact say when its offers fall due.
    fn append(&mut self, transaction: &Transaction, contact: &Contact) -> Result<(), Self::Error>;

    /// A right.
    fn right(&self, id: RightId) -> Result<Option<Right>, Self::Error>;
    /// An offer.
    fn offer(&self, id: OfferId) -> Result<Option<Offer>, Self::Error>;
    /// The conversation with a phone.
    fn conversation(&self, phone: PhoneId) -> Result<Option<Conversation>, Self::Error>;
    /// A message of the outbox.
    fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, Self::Error>;
    /// A pay run.
    fn run(&self, id: RunId) -> Result<Option<PayRun>, Self::Error>;
    /// What a person was told of a notice.
    fn told(&self, person: PersonId, notice: &str) -> Result<Option<Told>, Self::Error>;
    /// All that a person was told, or is to be told.
    fn told_of(&self, person: PersonId) -> Result<Vec<Told>, Self::Error>;
    /// What waits to be told, by person and notice, after the given ones. Column: `waiting`.
    fn told_waiting(&self, after: (PersonId, &str), limit: usize) -> Result<Vec<Told>, Self::Error>;
    /// How many causes of each notice have come how far. Columns: `told`, `waiting`, `passed`.
    fn notices(&self) -> Result<Vec<NoticeCount>, Self::Error>;
    /// A task.
    fn task(&self, id: TaskId) -> Result<Option<Task>, Self::Error>;
    /// The switch of a measure in a region; without its own, a region has the country's.
    fn switch(&self, measure: &str, region: Option<&str>) -> Result<Option<Switch>, Self::Error>;

    /// Every switch of a measure: the country's, and those of regions.
    fn switches(&self, measure: &str) -> Result<Vec<Switch>, Self::Error>;

    /// Rights whose recipient or subject a person is, or who claim them as a child.
    /// Columns: `recipient`, `subject`, and a table of claims.
    fn rights_of(&self, person: PersonId) -> Result<Vec<Right>, Self::Error>;
    /// The right that a measure and subject have, here or elsewhere, if any is not ended.
    /// Columns: `measure`, `subject`, `ended`.
    fn right_to(&self, measure: &str, subject: PersonId) -> Result<Option<Right>, Self::Error>;
    /// All rights of a measure, by number, after the given one. Column: `measure`.
    fn rights_under(&self, measure: &str, after: RightId, limit: usize) -> Result<Vec<Right>, Self::Error>;
    /// The right that an award of today's systems told of last, by its number there.
    /// A table of awards.
    fn right_of_award(&self, number: &str) -> Result<Option<RightId>, Self::Error>;
    /// Rights of a measure on one side of a take-over, by number, after the given one.
    /// Columns: `measure`, `beside`.
    fn rights_beside(
        &self,
        measure: &str,
        side: Beside,
        after: RightId,
        limit: usize,
    ) -> Result<Vec<Right>, Self::Error>;
    /// Up to which entry of the journal it was looked at what today's systems pay.
    fn awards_taken(&self) -> Result<u64, Self::Error>;
    /// A granted right of the measure, other than `except`, that claims one of these children.
    fn claimed_by(
        &self,
        measure: &str,
        children: &[PersonId],
        except: RightId,
    ) -> Result<Option<RightId>, Self::Error>;
    /// The gathering offer to a person for a cause. Columns: `person`, `cause`, `stage`.
    fn gathering(&self, person: PersonId, cause: u64) -> Result<Option<Offer>, Self::Error>;
    /// Offers whose [`Offer::due`] has come, the longest due first. Column: `due`.
    fn offers_due(&self, now: Moment, limit: usize) -> Result<Vec<Offer>, Self::Error>;
    /// Offers whose person nobody could reach, by number, after the given one. Column: `unreachable`.
    fn offers_unreachable(&self, after: OfferId, limit: usize) -> Result<Vec<Offer>, Self::Error>;
    /// Phones whose [`Conversation::due`] has come, the longest due first. Column: `due`.
    fn conversations_due(&self, now: Moment, limit: usize) -> Result<Vec<PhoneId>, Self::Error>;
    /// Rights of a measure that were found and are in no offer, with their subjects, by number, after
    /// the given one. Columns: `measure`, `unasked`.
    fn rights_unasked(
        &self,
        measure: &str,
        after: RightId,
        limit: usize,
    ) -> Result<Vec<(RightId, PersonId)>, Self::Error>;
    /// Written messages whose `not_before` has come. Columns: `stage`, `not_before`.
    fn attempts_due(&self, now: Moment, limit: usize) -> Result<Vec<Attempt>, Self::Error>;
    /// Messages that were made when the service stopped: each becomes uncertain.
    fn attempts_made(&self) -> Result<Vec<AttemptId>, Self::Error>;
    /// The message that has a part of this operator's id. A table of parts.
    fn attempt_of_part(&self, part: &str) -> Result<Option<AttemptId>, Self::Error>;
    /// Rights of a payer that a run of the month asks about: granted, or ended with money open; by
    /// number, after the given one. Columns: `payer`, `live`.
    fn rights_to_pay(&self, payer: &str, after: RightId, limit: usize) -> Result<Vec<Right>, Self::Error>;
    /// Rights that have an order in a run, by number, after the given one. A table of orders.
    fn rights_in_run(&self, run: RunId, after: RightId, limit: usize) -> Result<Vec<Right>, Self::Error>;
    /// Open tasks, the most urgent first. Columns: `due`, `done`.
    fn tasks(&self, limit: usize) -> Result<Vec<Task>, Self::Error>;
    /// Open tasks about a person, the most urgent first. Columns: `person`, `due`, `done`.
    fn tasks_of(&self, person: PersonId) -> Result<Vec<Task>, Self::Error>;
    /// The open task that a new one would repeat. Columns: `kind`, `person`, `done`.
    fn task_like(
        &self,
        kind: &task::TaskKind,
        person: Option<PersonId>,
    ) -> Result<Option<TaskId>, Self::Error>;
    /// What a person disputed, and when; the newest first.
    fn disputes(&self, person: PersonId) -> Result<Vec<(Moment, String)>, Self::Error>;
    /// How many rights have come how far. Columns that say which stages each ever reached.
    fn funnel(&self) -> Result<Funnel, Self::Error>;
    /// The money of all rights, by adding up their ledgers.
    fn totals(&self) -> Result<crate::Totals, Self::Error>;
}

/// Somebody who keeps a book and lends it.
pub trait Library {
    /// The book, as it is lent.
    type Book<'s>: Book
    where
        Self: 's;

    /// The book.
    fn book(&self) -> Self::Book<'_>;
}
