//! What may be opened, and how persons are reached: the vault and the few facts that delivery reads
//! itself. Everything here is opened at the last moment, and never stored or logged in clear.

use card::{AccountId, Actor, Date, Iban, Iin, Lang, Moment, Msisdn, PersonId, PhoneId};

/// One message that a person wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The network's id.
    pub id: String,
    /// When it came.
    pub at: Moment,
    /// As written.
    pub text: String,
}

/// A record that was not taken in, for the eyes of whoever mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// File and line.
    pub place: String,
    /// What is wrong, and what to do.
    pub why: String,
}

/// The vault and the addresses of persons.
pub trait Archive {
    /// Why the store fails.
    type Error: std::error::Error;

    /// The person of a number, if it was ever seen.
    fn find_person(&self, number: &Iin) -> Result<Option<PersonId>, Self::Error>;
    /// The phone of a number, if it was ever seen.
    fn find_phone(&self, number: &Msisdn) -> Result<Option<PhoneId>, Self::Error>;
    /// The phone of a number; a number that was never seen gets one, so that what it wrote can be sealed.
    fn phone_for(&self, number: &Msisdn) -> Result<PhoneId, Self::Error>;
    /// The number of a person; `None` once it is erased.
    fn iin(&self, person: PersonId) -> Result<Option<Iin>, Self::Error>;
    /// The name of a person; `None` if it was never told or is erased.
    fn name(&self, person: PersonId) -> Result<Option<String>, Self::Error>;
    /// The number of a phone; `None` once it is erased.
    fn msisdn(&self, phone: PhoneId) -> Result<Option<Msisdn>, Self::Error>;
    /// The number of an account; `None` once it is erased.
    fn iban(&self, account: AccountId) -> Result<Option<Iban>, Self::Error>;

    /// The phones that are bonded with a person on a day, the newest bond first.
    fn phones_of(&self, person: PersonId, day: Date) -> Result<Vec<PhoneId>, Self::Error>;
    /// The persons that a phone is bonded with on a day, the newest bond first.
    fn bonds_of(&self, phone: PhoneId, day: Date) -> Result<Vec<PersonId>, Self::Error>;
    /// The open accounts of a person on a day whose holder was checked, the oldest first.
    fn accounts_of(&self, person: PersonId, day: Date) -> Result<Vec<AccountId>, Self::Error>;
    /// The language of a person, if anybody knows it.
    fn language_of(&self, person: PersonId) -> Result<Option<Lang>, Self::Error>;
    /// The birth date of a person, where it is known to the day.
    fn born(&self, person: PersonId) -> Result<Option<Date>, Self::Error>;

    /// Keeps what a person wrote, once per id of the network.
    fn keep_written(&self, phone: PhoneId, written: &Written) -> Result<(), Self::Error>;
    /// What was written from a phone, oldest first.
    fn written(&self, phone: PhoneId) -> Result<Vec<Written>, Self::Error>;
    /// The phones from which something was written within so many milliseconds before the last reply of
    /// all, and what it was.
    fn written_last(&self, within_ms: i64) -> Result<Vec<(PhoneId, Written)>, Self::Error>;
    /// Messages of the outbox to a phone, oldest first: number and the moment of writing.
    fn attempts_to(&self, phone: PhoneId) -> Result<Vec<(crate::AttemptId, Moment)>, Self::Error>;
    /// When a right reached its stages, as the funnel counts them, by name.
    fn reached(&self, right: crate::RightId) -> Result<Vec<(String, Moment)>, Self::Error>;
    /// Pay runs, the newest first, with the moment of their beginning.
    fn runs(&self, limit: usize) -> Result<Vec<(crate::RunId, Moment)>, Self::Error>;
    /// Records in quarantine, the newest first.
    fn held(&self, limit: usize) -> Result<Vec<Held>, Self::Error>;
    /// Enters into the journal that somebody read what a phone wrote, and why.
    fn looked_at_phone(
        &self,
        at: Moment,
        by: &Actor,
        phone: PhoneId,
        reason: &str,
    ) -> Result<(), Self::Error>;
    /// Enters into the journal that somebody looked at a person, and why.
    fn looked(&self, at: Moment, by: &Actor, person: PersonId, reason: &str) -> Result<(), Self::Error>;
}
