//! The conversation with one phone.
//!
//! **Invariant:** at most one question is open; a reply binds only to an open question that is on
//! the phone, of a person who is bonded to the number when the reply comes. Where two things could
//! be meant, the reply is unclear. Every reply is received exactly once and bound to one thing.

use std::collections::VecDeque;

use card::{AccountId, Lang, Moment, PersonId, PhoneId};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, Machine, OfferId, QuestionId, Refusal, RightId, reply::Reading, timing::Contact};

mod event;
mod hearing;

pub use event::{Bound, CallReason, Event};

/// How many replies are remembered by the network's id.
const REMEMBERED: usize = 64;

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
    /// The keys of its menu: one of the person's own accounts, or another or none.
    Account {
        /// The offer whose rights are agreed to by choosing; `None` after a payment came back.
        offer: Option<OfferId>,
        /// For which rights.
        rights: Vec<RightId>,
        /// The accounts, in the order of the message.
        accounts: Vec<AccountId>,
    },
}

impl About {
    /// The offer that it is about, if any.
    pub const fn offer(&self) -> Option<OfferId> {
        match self {
            Self::Offer { offer, .. } => Some(*offer),
            Self::Account { offer, .. } => *offer,
        }
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
    /// Names the account for rights that are paid already.
    Account {
        /// The rights.
        rights: Vec<RightId>,
        /// The account.
        account: AccountId,
    },
    /// None of the accounts.
    NoAccount {
        /// The offer, if it was about one.
        offer: Option<OfferId>,
        /// The rights.
        rights: Vec<RightId>,
    },
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
    /// Was the person asked to answer more clearly?
    pub clarified: bool,
}

impl Open {
    /// The first message that came to the phone, and when; a question without one binds no reply.
    pub fn delivered(&self) -> Option<(AttemptId, Moment)> {
        self.receipts.first().map(|receipt| (receipt.message, receipt.at))
    }

    /// By when its latest message came to the phone.
    fn latest(&self) -> Option<Moment> {
        self.receipts.iter().map(|receipt| receipt.at).max()
    }

    /// Was something on the phone by a moment surely there before the latest message of this question?
    fn surely_follows(&self, moment: Moment) -> bool {
        self.receipts.iter().any(|receipt| receipt.made >= moment)
    }

    /// Does the receipt of this message still come?
    fn awaits(&self, message: AttemptId) -> bool {
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
    /// Does a late answer reopen it? After silence and after a refusal it does. Otherwise it only
    /// makes a reply unclear that could answer it as well.
    pub reopens: bool,
}

/// A reply of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The network's id.
    pub reply: String,
    /// How it was read.
    pub reading: Reading,
    /// As written, where it fits the grammar and so holds nothing personal. Else only the vault
    /// has it, by the network's id.
    pub written: Option<String>,
    /// When it came.
    pub at: Moment,
}

/// A message about money sent, which may be answered by "not received".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidNotice {
    /// The right.
    pub right: RightId,
    /// To whom.
    pub person: PersonId,
    /// Until when an answer is about it.
    pub until: Moment,
}

/// Does the person want offers by SMS?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wants {
    /// Yes.
    #[default]
    Offers,
    /// No more offers; decisions and payments are still told.
    NoOffers,
}

/// Whose number it is, by the citizens' mobile database at the moment of the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bond {
    /// Bonded to this person.
    With(PersonId),
    /// Bonded to nobody, or nobody knows.
    None,
}

/// The conversation with a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The phone.
    pub phone: PhoneId,
    /// The open question.
    pub open: Option<Open>,
    /// Questions that wait for their turn.
    pub waiting: VecDeque<Question>,
    /// The last question that closed.
    pub closed: Option<Closed>,
    /// Messages of questions before that one that came to the phone after it or, without a receipt,
    /// may have, and when those questions closed: a late reply may be about them.
    #[serde(default)]
    pub adrift: Vec<(AttemptId, Moment)>,
    /// A reply that came while the open question had no receipt yet.
    pub held: Option<Heard>,
    /// The last reply that bound to something.
    pub last: Option<Heard>,
    /// The network's ids of the latest replies.
    pub seen: VecDeque<String>,
    /// The last message about money.
    pub paid: Option<PaidNotice>,
    /// Does the person want offers?
    pub wants: Wants,
    /// When the person first said stop, and was told what would stop.
    pub stop_asked: Option<Moment>,
    /// A language that the person asked for.
    pub lang: Option<Lang>,
    /// When offers and reminders left, within the budget's days.
    pub sent: Vec<Moment>,
}

/// What may be asked of a conversation.
#[derive(Clone, Debug)]
pub enum Command {
    /// A question is to be put to the phone: at once, or when its turn comes.
    Ask {
        /// The phone.
        phone: PhoneId,
        /// The question.
        question: Question,
    },
    /// A message that asks the open question was written to the outbox.
    Sent {
        /// The question.
        question: QuestionId,
        /// The message.
        message: AttemptId,
        /// When it leaves.
        leaves: Moment,
        /// Does it count in the budget of contact?
        counts: bool,
    },
    /// A message is on the phone.
    Deliver {
        /// The message.
        message: AttemptId,
        /// When it was handed to the operator: what came before cannot answer it.
        made: Moment,
        /// The rules of contact.
        contact: Contact,
        /// Whose number it is now, for a reply that waited for this receipt.
        bond: Bond,
    },
    /// Money was sent; the person may say that it did not come.
    Paid {
        /// The phone.
        phone: PhoneId,
        /// The notice.
        notice: PaidNotice,
    },
    /// A reply came.
    Hear {
        /// The phone.
        phone: PhoneId,
        /// The network's id.
        reply: String,
        /// The text as written; leaves this room only if it fits the grammar.
        text: String,
        /// Whose number it is now.
        bond: Bond,
        /// The rules of contact.
        contact: Contact,
    },
    /// A question closes without an answer from this phone.
    Close {
        /// The question.
        question: QuestionId,
        /// May a late answer reopen it? Yes after silence; no after a withdrawal or a call.
        reopens: bool,
    },
    /// An operator records that the caller wants offers again, or no more.
    Want(Wants),
}

impl Conversation {
    fn new(phone: PhoneId) -> Self {
        Self {
            phone,
            open: None,
            waiting: VecDeque::new(),
            closed: None,
            adrift: vec![],
            held: None,
            last: None,
            seen: VecDeque::new(),
            paid: None,
            wants: Wants::Offers,
            stop_asked: None,
            lang: None,
            sent: vec![],
        }
    }

    /// When the next offer or reminder to this phone may leave.
    pub fn next_contact(&self, contact: &Contact, now: Moment) -> Moment {
        contact.next(now, &self.sent)
    }
}

impl Machine for Conversation {
    type Command = Command;
    type Event = Event;

    fn handle(state: Option<&Self>, command: Command, now: Moment) -> Result<Vec<Event>, Refusal> {
        let mut events = Vec::new();
        let fresh;
        let conversation = match (state, &command) {
            (Some(known), _) => known,
            (
                None,
                Command::Ask { phone, .. } | Command::Hear { phone, .. } | Command::Paid { phone, .. },
            ) => {
                events.push(Event::Begun { phone: *phone });
                fresh = Self::new(*phone);
                &fresh
            }
            (None, _) => return Err(Refusal::absent("conversation")),
        };
        events.extend(conversation.answer_command(command, now)?);
        Ok(events)
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        let Some(mut conversation) = state else {
            let Event::Begun { phone } = event else { return None };
            return Some(Self::new(*phone));
        };
        conversation.fold(event);
        Some(conversation)
    }
}

impl Conversation {
    fn answer_command(&self, command: Command, now: Moment) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Ask { question, .. } => self.ask(question),
            Command::Sent { question, message, leaves, counts } => match &self.open {
                Some(open) if open.messages.contains(&message) => Ok(vec![]),
                Some(open) if open.question.id == question => {
                    Ok(vec![Event::Sent { question, message, leaves, counts }])
                }
                _ => Err(Refusal::stage("send a question", "not open")),
            },
            Command::Deliver { message, made, contact, bond } => {
                Ok(self.delivered((message, made), &contact, bond, now))
            }
            Command::Paid { notice, .. } => Ok(vec![Event::PaidTold { notice }]),
            Command::Hear { reply, text, bond, contact, .. } => {
                if self.seen.contains(&reply) {
                    return Ok(vec![]);
                }
                Ok(hearing::hear(self, reply, &text, bond, &contact, now))
            }
            Command::Close { question, reopens } => {
                let open = self.open.as_ref().is_some_and(|open| open.question.id == question);
                let waits = self.waiting.iter().any(|q| q.id == question);
                let closed = Event::Closed { question, at: now, reopens };
                let next = self.waiting.front().filter(|_| open).cloned();
                // Somebody answered a message whose receipt never came: a person reads the answer.
                let unheard = self.held.as_ref().filter(|_| open).map(|held| Event::CallNeeded {
                    why: CallReason::Unclear,
                    person: self.open.as_ref().map(|open| open.question.person),
                    reply: held.reply.clone(),
                });
                match (open, waits) {
                    (false, false) => Ok(vec![]),
                    _ => Ok(unheard
                        .into_iter()
                        .chain([closed])
                        .chain(next.map(|question| Event::Opened { question }))
                        .collect()),
                }
            }
            Command::Want(wants) if wants == self.wants => Ok(vec![]),
            Command::Want(wants) => Ok(vec![Event::Wanted { wants }]),
        }
    }

    fn ask(&self, question: Question) -> Result<Vec<Event>, Refusal> {
        let known = |q: &Question| q.id == question.id;
        if self.open.as_ref().is_some_and(|o| known(&o.question)) || self.waiting.iter().any(known) {
            return Ok(vec![]);
        }
        if self.wants == Wants::NoOffers && matches!(question.about, About::Offer { .. }) {
            return Err(Refusal::stage("ask by SMS", "stopped by the person"));
        }
        Ok(vec![match self.open {
            Some(_) => Event::Queued { question },
            None => Event::Opened { question },
        }])
    }

    fn delivered(
        &self,
        message: (AttemptId, Moment),
        contact: &Contact,
        bond: Bond,
        now: Moment,
    ) -> Vec<Event> {
        let (message, made) = message;
        if let Some(Closed { open, .. }) = &self.closed
            && open.awaits(message)
        {
            return vec![Event::Delivered { question: open.question.id, message, made, at: now }];
        }
        let Some(open) = self.open.as_ref().filter(|o| o.awaits(message)) else { return vec![] };
        let question = open.question.id;
        let mut events = vec![Event::Delivered { question, message, made, at: now }];
        if let Some(held) = self.held.clone() {
            let mut after = self.clone();
            after.fold(&events[0]);
            if held.at < made {
                events.push(Event::ShortAnswer);
            } else {
                events.extend(hearing::release(&after, held, bond, contact));
            }
        }
        events
    }

    /// Puts a closed question in the place of the one before it.
    fn close(&mut self, closed: Closed) {
        let open = closed.open.clone();
        if let Some(earlier) = self.closed.replace(closed) {
            let overtaken = earlier.open.receipts.iter().filter(|receipt| !open.surely_follows(receipt.at));
            let overtaken = overtaken.map(|receipt| &receipt.message);
            let lost = earlier.open.messages.iter().filter(|message| earlier.open.awaits(**message));
            self.adrift.extend(lost.chain(overtaken).map(|message| (*message, earlier.at)));
            self.adrift.drain(..self.adrift.len().saturating_sub(REMEMBERED));
        }
    }

    fn fold(&mut self, event: &Event) {
        match event {
            Event::Queued { question } => self.waiting.push_back(question.clone()),
            Event::Opened { question } => {
                self.waiting.retain(|q| q.id != question.id);
                let question = question.clone();
                self.open = Some(Open { question, messages: vec![], receipts: vec![], clarified: false });
            }
            Event::Sent { message, leaves, counts, .. } => {
                if let Some(open) = &mut self.open {
                    open.messages.push(*message);
                }
                if *counts {
                    self.sent.retain(|at| at.plus_days(31) > *leaves);
                    self.sent.push(*leaves);
                }
            }
            Event::Delivered { question, message, made, at } => {
                let receipt = Receipt { message: *message, made: *made, at: *at };
                if let Some(open) = self.open.as_mut().filter(|o| o.question.id == *question) {
                    open.receipts.push(receipt);
                    self.held = None;
                } else if let Some(closed) = &mut self.closed {
                    // A message that came to the phone after its question had closed.
                    closed.open.receipts.push(receipt);
                }
            }
            Event::PaidTold { notice } => self.paid = Some(notice.clone()),
            Event::Heard { heard, bound } => {
                if !self.seen.contains(&heard.reply) {
                    self.seen.push_back(heard.reply.clone());
                }
                if self.seen.len() > REMEMBERED {
                    self.seen.pop_front();
                }
                match bound {
                    Bound::Held => self.held = Some(heard.clone()),
                    Bound::Question(_) | Bound::Wish => self.last = Some(heard.clone()),
                    _ => {}
                }
            }
            Event::Answered { question, heard, answer, .. } => {
                self.held = None;
                self.last = Some(heard.clone());
                let reopens = matches!(answer, Answer::Refused { .. });
                let open = match self.open.take() {
                    Some(open) if open.question.id == *question => Some(open),
                    other => {
                        self.open = other;
                        self.closed.take().map(|closed| closed.open)
                    }
                };
                if let Some(open) = open {
                    self.close(Closed { open, at: heard.at, reopens });
                }
            }
            Event::Clarify { .. } => {
                self.held = None;
                if let Some(open) = &mut self.open {
                    open.clarified = true;
                }
            }
            Event::CallNeeded { .. } => self.held = None,
            Event::NotReceived { .. } => self.paid = None,
            Event::LangAsked { lang } => self.lang = Some(*lang),
            Event::StopAsked { at } => self.stop_asked = Some(*at),
            Event::Wanted { wants } => {
                self.wants = *wants;
                self.stop_asked = None;
            }
            Event::Closed { question, at, reopens } => {
                self.waiting.retain(|q| q.id != *question);
                if self.open.as_ref().is_some_and(|o| o.question.id == *question) {
                    self.held = None;
                    let open = self.open.take();
                    let sent = open.filter(|o| !o.messages.is_empty());
                    if let Some(open) = sent {
                        self.close(Closed { open, at: *at, reopens: *reopens });
                    }
                }
            }
            Event::Begun { .. } | Event::ShortAnswer | Event::WrongNumber => {}
        }
    }
}

#[cfg(test)]
mod tests;
