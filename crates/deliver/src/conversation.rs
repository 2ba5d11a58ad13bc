//! The conversation with one phone.
//!
//! **Invariant:** at most one question is open; a reply binds only to an open question that is on
//! the phone, of a person who is bonded to the number when the reply comes. Where two things could
//! be meant, the reply is unclear. Every reply is received exactly once and bound to one thing.
//!
//! **Invariant:** every question ends: one about an offer with its offer, a menu of accounts by itself.

use std::collections::VecDeque;

use card::{Lang, Moment, PersonId, PhoneId};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, Machine, QuestionId, Refusal, RightId, reply::Reading, timing::Contact};

mod event;
mod hearing;
mod question;

pub use event::{Bound, CallReason, Event};
pub use question::{About, Answer, Closed, Late, Open, Question, Receipt};

/// How many replies are remembered by the network's id.
const REMEMBERED: usize = 64;

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

/// A reply by the network's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The network's id.
    pub reply: String,
    /// When it came first.
    pub at: Moment,
}

/// A message about money sent, which may be answered by "not received".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidNotice {
    /// The right.
    pub right: RightId,
    /// The number of its order.
    pub order: u32,
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
    /// The latest replies.
    pub seen: VecDeque<Seen>,
    /// The last messages about money.
    pub paid: VecDeque<PaidNotice>,
    /// Before when a yes takes back a refusal, as the message after it promised: that promise stands, whatever
    /// is asked meanwhile.
    pub promised: Option<Moment>,
    /// When a notice was last handed over: what is written after it may be about it, which asks nothing.
    #[serde(default)]
    pub noticed: Option<Moment>,
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
    /// A message was taken back before it left: nobody answers it.
    TakeBack {
        /// The message.
        message: AttemptId,
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
    /// Time has passed.
    Tick {
        /// The rules of contact.
        contact: Contact,
    },
    /// Whose number it is now: what is asked of anybody else is given up.
    Rebond {
        /// Whose.
        bond: Bond,
    },
    /// The message after a refusal promises that a yes still counts.
    Promise {
        /// The question that was refused.
        question: QuestionId,
        /// The moment before which a yes counts.
        until: Moment,
    },
    /// Money was sent; the person may say that it did not come.
    Paid {
        /// The phone.
        phone: PhoneId,
        /// The notice.
        notice: PaidNotice,
    },
    /// A notice, which asks nothing, is handed over.
    Notice {
        /// The phone.
        phone: PhoneId,
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
            paid: VecDeque::new(),
            promised: None,
            noticed: None,
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

    /// The next moment at which [`Command::Tick`] changes something.
    pub fn due(&self, contact: &Contact) -> Option<Moment> {
        self.open.as_ref()?.due(contact)
    }

    /// Does a promise run that a yes takes back a refusal?
    pub fn promises(&self, now: Moment) -> bool {
        self.promised.is_some_and(|until| now < until)
    }

    /// The questions that are open or wait for their turn.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.open.iter().map(|open| &open.question).chain(&self.waiting)
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
                Command::Ask { phone, .. }
                | Command::Hear { phone, .. }
                | Command::Paid { phone, .. }
                | Command::Notice { phone },
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
            Command::TakeBack { message } => {
                let closed = self.closed.as_ref().map(|closed| &closed.open);
                let asks = self.open.iter().chain(closed).any(|open| open.awaits(message));
                Ok(if asks { vec![Event::TakenBack { message }] } else { vec![] })
            }
            Command::Deliver { message, made, contact, bond } => {
                Ok(self.delivered((message, made), &contact, bond, now))
            }
            Command::Tick { contact } => Ok(self.tick(&contact, now)),
            Command::Rebond { bond } => {
                let foreign = |question: &Question| bond != Bond::With(question.person);
                Ok(self.give_up(foreign, now))
            }
            Command::Promise { question, until } => {
                let closed = self.closed.as_ref().filter(|closed| closed.open.question.id == question);
                Ok(closed.map(|_| Event::Promised { question, until }).into_iter().collect())
            }
            Command::Paid { notice, .. } => {
                let told = |known: &PaidNotice| (known.right, known.order) == (notice.right, notice.order);
                let again = self.paid.iter().any(told);
                Ok(if again { vec![] } else { vec![Event::PaidTold { notice }] })
            }
            Command::Notice { .. } => Ok(vec![Event::Noticed { at: now }]),
            Command::Hear { reply, text, bond, contact, .. } => {
                match self.seen.iter().find(|seen| seen.reply == reply) {
                    Some(seen) => Ok(hearing::hear_again(self, seen, &text, bond)),
                    None => Ok(hearing::hear(self, reply, &text, bond, &contact, now)),
                }
            }
            Command::Close { question, reopens } => Ok(self.close_question(question, reopens, now)),
            Command::Want(wants) if wants == self.wants => Ok(vec![]),
            Command::Want(wants) => Ok(self.want(wants, now)),
        }
    }

    fn tick(&self, contact: &Contact, now: Moment) -> Vec<Event> {
        let Some(open) = self.open.as_ref().filter(|open| open.due(contact).is_some_and(|due| due <= now))
        else {
            return vec![];
        };
        let question = open.question.id;
        if !open.reminded {
            return vec![Event::MenuReminderDue { question }];
        }
        let unanswered = Event::Unanswered { question: open.question.clone() };
        std::iter::once(unanswered).chain(self.close_question(question, true, now)).collect()
    }

    /// A question closes, and the next one has its turn.
    fn close_question(&self, question: QuestionId, reopens: bool, now: Moment) -> Vec<Event> {
        let open = self.open.as_ref().is_some_and(|open| open.question.id == question);
        if !open && !self.waiting.iter().any(|q| q.id == question) {
            return vec![];
        }
        let closed = Event::Closed { question, at: now, reopens };
        let next = self.waiting.front().filter(|_| open).cloned();
        let unheard = self.unheard().filter(|_| open);
        unheard.into_iter().chain([closed]).chain(next.map(|question| Event::Opened { question })).collect()
    }

    /// Somebody answered a message whose receipt never came: a person reads the answer.
    fn unheard(&self) -> Option<Event> {
        let person = self.open.as_ref().map(|open| open.question.person);
        let reply = self.held.as_ref()?.reply.clone();
        Some(Event::CallNeeded { why: CallReason::Unclear, person, reply })
    }

    /// Questions that can no longer be asked here, and the one whose turn comes without them.
    fn give_up(&self, which: impl Fn(&Question) -> bool, now: Moment) -> Vec<Event> {
        let open = self.open.as_ref().filter(|open| which(&open.question));
        let unheard = open.and_then(|_| self.unheard());
        let given_up = self.questions().filter(|question| which(question));
        let given_up = given_up.map(|question| Event::GivenUp { question: question.clone(), at: now });
        let next = open.and_then(|_| self.waiting.iter().find(|question| !which(question)).cloned());
        unheard.into_iter().chain(given_up).chain(next.map(|question| Event::Opened { question })).collect()
    }

    /// Who wants no more offers gets none that waits; the one that is on the phone may still be answered.
    fn want(&self, wants: Wants, now: Moment) -> Vec<Event> {
        let waits = self.waiting.iter().filter(|q| wants == Wants::NoOffers && q.about.offers());
        let given_up = waits.map(|question| Event::GivenUp { question: question.clone(), at: now });
        std::iter::once(Event::Wanted { wants }).chain(given_up).collect()
    }

    fn ask(&self, question: Question) -> Result<Vec<Event>, Refusal> {
        let known = |q: &Question| q.id == question.id;
        if self.open.as_ref().is_some_and(|o| known(&o.question)) || self.waiting.iter().any(known) {
            return Ok(vec![]);
        }
        if self.wants == Wants::NoOffers && question.about.offers() {
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
                self.open = Some(Open {
                    question,
                    messages: vec![],
                    receipts: vec![],
                    since: None,
                    clarified: false,
                    reminded: false,
                });
            }
            Event::Sent { message, leaves, counts, .. } => {
                if let Some(open) = &mut self.open {
                    open.messages.push(*message);
                    open.since.get_or_insert(*leaves);
                }
                if *counts {
                    self.sent.retain(|at| at.plus_days(31) > *leaves);
                    self.sent.push(*leaves);
                }
            }
            Event::TakenBack { message } => {
                let closed = self.closed.as_mut().map(|closed| &mut closed.open);
                for open in self.open.iter_mut().chain(closed) {
                    open.messages.retain(|known| known != message);
                }
                self.closed.take_if(|closed| closed.open.messages.is_empty());
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
            Event::PaidTold { notice } => {
                self.paid.push_back(notice.clone());
                if self.paid.len() > REMEMBERED {
                    self.paid.pop_front();
                }
            }
            Event::Noticed { at } => self.noticed = Some(*at),
            Event::Heard { heard, bound } => {
                if !self.seen.iter().any(|seen| seen.reply == heard.reply) {
                    self.seen.push_back(Seen { reply: heard.reply.clone(), at: heard.at });
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
            Event::Answered { question, heard, late, .. } => {
                self.held = None;
                if *late {
                    self.promised = None;
                }
                self.last = Some(heard.clone());
                let open = match self.open.take() {
                    Some(open) if open.question.id == *question => Some(open),
                    other => {
                        self.open = other;
                        self.closed.take().map(|closed| closed.open)
                    }
                };
                if let Some(open) = open {
                    self.close(Closed { open, at: heard.at, late: Late::Settled });
                }
            }
            Event::Promised { question, until } => {
                self.promised = Some(*until);
                let closed = self.closed.as_mut().filter(|closed| closed.open.question.id == *question);
                if let Some(closed) = closed {
                    closed.late = Late::Promised { until: *until };
                }
            }
            Event::MenuReminderDue { .. } => {
                if let Some(open) = &mut self.open {
                    open.reminded = true;
                }
            }
            Event::Clarify { .. } => {
                self.held = None;
                if let Some(open) = &mut self.open {
                    open.clarified = true;
                }
            }
            Event::CallNeeded { .. } => self.held = None,
            Event::NotReceived { right, .. } => self.paid.retain(|told| told.right != *right),
            Event::LangAsked { lang } => self.lang = Some(*lang),
            Event::StopAsked { at } => self.stop_asked = Some(*at),
            Event::Wanted { wants } => {
                self.wants = *wants;
                self.stop_asked = None;
            }
            Event::Closed { question, at, reopens } => {
                self.end(*question, *at, if *reopens { Late::Silence } else { Late::Settled });
            }
            Event::GivenUp { question, at } => self.end(question.id, *at, Late::Settled),
            Event::Begun { .. } | Event::ShortAnswer | Event::WrongNumber | Event::Unanswered { .. } => {}
        }
    }

    fn end(&mut self, question: QuestionId, at: Moment, late: Late) {
        self.waiting.retain(|q| q.id != question);
        if self.open.as_ref().is_some_and(|open| open.question.id == question) {
            self.held = None;
            let sent = self.open.take().filter(|open| !open.messages.is_empty());
            if let Some(open) = sent {
                self.close(Closed { open, at, late });
            }
        }
    }
}

#[cfg(test)]
mod tests;
