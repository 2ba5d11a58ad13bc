//! What delivery says to the world and hears from it, in plain words; `outside` speaks the protocols.
//!
//! These are the only types of this room that carry a phone number, an account number or a name in
//! clear: the service opens the vault for them at the last moment, and none of them is ever stored
//! or logged.

use card::{Date, Iban, Iin, Moment, Msisdn, Tenge};

/// One SMS for the operator's link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Our number of the attempt; travels in the message, so that a receipt can name it.
    pub attempt: u64,
    /// To whom.
    pub to: Msisdn,
    /// The text, at most three parts of UCS-2.
    pub text: String,
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// The operator took every part and numbered it.
    Accepted {
        /// The operator's id of each part.
        ids: Vec<String>,
    },
    /// The operator refused for now; the same message may be submitted again after a pause.
    Later {
        /// The SMPP command status.
        status: u32,
    },
    /// The operator refused for good.
    Refused {
        /// The SMPP command status.
        status: u32,
    },
    /// The link broke before an answer: the message may or may not have been taken. Never again.
    Uncertain,
}

/// What comes from the phone network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromNetwork {
    /// A delivery receipt of one part.
    Receipt {
        /// The operator's id, normalised.
        id: String,
        /// Our attempt, where the operator returns it.
        attempt: Option<u64>,
        /// What happened to it.
        state: ReceiptState,
    },
    /// A message that a person wrote to 1414.
    Reply {
        /// The operator's or our own id of it, by which a repetition is known.
        id: String,
        /// From which number.
        from: Msisdn,
        /// The text as written.
        text: String,
    },
}

/// What a receipt says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptState {
    /// On the way; not final.
    Underway,
    /// On the phone.
    Delivered,
    /// Will not arrive.
    Failed,
}

/// A payment file: the orders of one payer in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentBatch {
    /// Our id of the file, at most 35 characters.
    pub id: String,
    /// When it was made.
    pub created: Moment,
    /// The day on which the bank is to execute it.
    pub execution: Date,
    /// Who pays.
    pub payer: Payer,
    /// The orders.
    pub transfers: Vec<Transfer>,
}

/// Who pays, as the bank knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// The name in the file.
    pub name: String,
    /// The business number (БИН), twelve digits.
    pub bin: String,
    /// The account that is debited.
    pub account: Iban,
    /// The BIC of its bank.
    pub bic: String,
}

/// One order of a payment file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Our id of the order, the same in every attempt, at most 35 characters.
    pub end_to_end: String,
    /// Our id of this attempt, at most 35 characters.
    pub instruction: String,
    /// A UUID of version 4.
    pub uetr: String,
    /// How much.
    pub amount: Tenge,
    /// To which account.
    pub to: Iban,
    /// The BIC of the account's bank.
    pub bic: String,
    /// The recipient's name.
    pub name: String,
    /// The recipient's number.
    pub iin: Iin,
    /// What for, at most 140 characters.
    pub text: String,
}

/// What a bank says about one order (pain.002), or about all orders of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReport {
    /// The file that it is about.
    pub batch: String,
    /// The order, or `None` for all orders of the file that the report does not name.
    pub end_to_end: Option<String>,
    /// What became of it.
    pub status: BankStatus,
}

/// A place in a file of the bank that cannot be used: where it is, what is wrong and what to do. An
/// order is named by its own id, a person never.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub String);

/// What became of an order at the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BankStatus {
    /// Received, accepted, in process: no money has moved for certain.
    Accepted,
    /// Settled on the recipient's account.
    Settled,
    /// Refused, with the reason of the ISO external code list.
    Rejected {
        /// Such as `AC04`, account closed.
        reason: String,
    },
}

/// One entry of a statement (camt.054).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementEntry {
    /// The bank's id of the entry, by which a repetition is known.
    pub reference: String,
    /// Our id of the order.
    pub end_to_end: String,
    /// How much.
    pub amount: Tenge,
    /// On which day it was booked.
    pub booked: Date,
    /// Which way the money went.
    pub movement: Movement,
}

/// Which way money went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Movement {
    /// Paid to the recipient.
    Paid,
    /// Came back, with the reason of the ISO external code list.
    Returned {
        /// Such as `AC04`, account closed.
        reason: String,
    },
}
