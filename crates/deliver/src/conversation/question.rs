//! What is asked on a phone, from the first message to the last possible answer.

use card::{AccountId, Moment, PersonId};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, OfferId, QuestionId, RightId, timing::Contact};

/// A question for a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its number.
    pub id: QuestionId,
    /// Whom it asks.
    pub person: PersonId,
    /// What it asks.
    pub about: About,
    /// The digits of the session, where the gateway uses the older form `R 1 1 2`.
    pub key: Option<String>,
}

/// What a question asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// 1 yes to all, 2 no, 3 another account; with several rights 4, 5, … only that one.
    Offer {
        /// The offer.
        offer: OfferId,
        /// Its rights, in the order of the message.
        rights: Vec<RightId>,
        /// The account that the message names.
        account: Option<AccountId>,
    },
    /// The keys of its menu: one of the person's own accounts, by which they agree, or another or none.
    Choose {
        /// The offer.
        offer: OfferId,
        /// Its rights.
        rights: Vec<RightId>,
        /// The accounts, in the order of the message.
        accounts: Vec<AccountId>,
    },
    /// The same keys, after money came back: an account for every right that was paid to the lost one.
    CameBack {
        /// The account that took no money.
        lost: AccountId,
        /// The accounts, in the order of the message.
        accounts: Vec<AccountId>,
    },
}

impl About {
    /// The offer that it is about, if any.
    pub const fn offer(&self) -> Option<OfferId> {
        match self {
            Self::Offer { offer, .. } | Self::Choose { offer, .. } => Some(*offer),
            Self::CameBack { .. } => None,
        }
    }

    /// Is it an offer, of which a person may have said that they want none by SMS?
    pub(super) const fn offers(&self) -> bool {
        matches!(self, Self::Offer { .. })
    }
}

/// What an answer to a question says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Agreed to these rights of the offer, money to this account.
    Agreed {
        /// The offer.
        offer: OfferId,
        /// The rights.
        rights: Vec<RightId>,
        /// The account; `None` where the message named none.
        account: Option<AccountId>,
    },
    /// Refused the offer.
    Refused {
        /// The offer.
        offer: OfferId,
    },
    /// Wants another account.
    OtherAccount {
        /// The offer.
        offer: OfferId,
    },
    /// Names the account for what was paid to one that took no money.
    Instead {
        /// The account that took no money.
        lost: AccountId,
        /// The account.
        account: AccountId,
    },
    /// None of the accounts of a menu.
    NoAccount {
        /// What the menu was about.
        about: About,
    },
}

impl Answer {
    /// The offer that it answers.
    pub const fn offer(&self) -> Option<OfferId> {
        match self {
            Self::Agreed { offer, .. } | Self::Refused { offer } | Self::OtherAccount { offer } => {
                Some(*offer)
            }
            Self::Instead { .. } | Self::NoAccount { .. } => None,
        }
    }
}

/// An open question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The question.
    pub question: Question,
    /// The messages that ask it: the first, the reminder, the clarification.
    pub messages: Vec<AttemptId>,
    /// Which of them are on the phone, in the order of their receipts.
    pub receipts: Vec<Receipt>,
    /// When the first of them was to leave.
    pub since: Option<Moment>,
    /// Was the person asked to answer more clearly?
    pub clarified: bool,
    /// Was the person reminded of a menu?
    pub reminded: bool,
}

impl Open {
    /// The first message that came to the phone, and when; a question without one binds no reply.
    pub fn delivered(&self) -> Option<(AttemptId, Moment)> {
        self.receipts.first().map(|receipt| (receipt.message, receipt.at))
    }

    /// By when its latest message came to the phone.
    pub(super) fn latest(&self) -> Option<Moment> {
        self.receipts.iter().map(|receipt| receipt.at).max()
    }

    /// Was something on the phone by a moment surely there before the latest message of this question?
    pub(super) fn surely_follows(&self, moment: Moment) -> bool {
        self.receipts.iter().any(|receipt| receipt.made >= moment)
    }

    /// When the person is reminded of a menu, or it ends. A question about an offer ends with the offer.
    pub(super) fn due(&self, contact: &Contact) -> Option<Moment> {
        if self.question.about.offers() {
            return None;
        }
        let end = self.since?.plus_days(i64::from(contact.menu_days));
        Some(if self.reminded { end } else { end.plus_hours(-i64::from(contact.reminder_hours)) })
    }

    /// Does the receipt of this message still come?
    pub(super) fn awaits(&self, message: AttemptId) -> bool {
        self.messages.contains(&message) && !self.receipts.iter().any(|receipt| receipt.message == message)
    }
}

/// A message that came to the phone after it was made, and before its receipt came. When it came is not
/// known: a receipt may be late by hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The message.
    pub message: AttemptId,
    /// When it was handed to the operator.
    pub made: Moment,
    /// When the receipt came.
    pub at: Moment,
}

/// The last question that closed: a late reply may be about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The question as it was.
    pub open: Open,
    /// When it closed.
    pub at: Moment,
    /// What a late answer does.
    pub late: Late,
}

/// What a late answer to a closed question does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// Nothing but to make a reply unclear that could answer it as well.
    Settled,
    /// It reopens the question: nobody had answered.
    Silence,
    /// The person refused, and the message after it promised that a yes counts until then. It keeps that
    /// promise while other questions come: a yes to one of them could be about this one.
    Promised {
        /// The moment before which a yes counts.
        until: Moment,
    },
}
