//! One attempt to send one message: written, then made, then confirmed.
//!
//! **Invariant:** a message is handed to the operator at most once, unless the operator said that it
//! did not take it. Where the answer was lost and no receipt tells, the attempt stays uncertain: it
//! is counted and shown, never sent again.

use std::collections::BTreeSet;

use card::{Lang, Moment, PersonId, PhoneId};
use serde::{Deserialize, Serialize};

use crate::{
    AttemptId, Machine, Refusal,
    message::SmsText,
    port::{ReceiptState, Submitted},
};

/// So long a message waits before it is asked again whether it may leave.
const HELD_MS: i64 = 15 * 60_000;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// An offer.
    Offer,
    /// The one reminder of an offer.
    Reminder,
    /// Which account?
    Account,
    /// Please answer more clearly.
    Clarify,
    /// Consent, refusal, decision: what became of an answer.
    Outcome,
    /// Money was sent.
    Paid,
    /// Something that a person is told once, and no answer is expected.
    Notice,
    /// A short answer, which says nothing about anybody.
    Short,
}

impl Purpose {
    /// Does such a message ask a question, so that it leaves only while that question is open?
    pub const fn asks(self) -> bool {
        matches!(self, Self::Offer | Self::Reminder | Self::Account | Self::Clarify)
    }

    /// Is it for the eyes of its person alone? Amounts, accounts and decisions are.
    pub const fn personal(self) -> bool {
        !matches!(self, Self::Short)
    }
}

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// In the outbox.
    Written,
    /// Taken out before it left, since its question had closed.
    Cancelled,
    /// Handed to the link; no answer yet.
    Made,
    /// The operator has every part.
    Confirmed,
    /// The operator refused for good.
    Refused,
    /// Nobody knows whether the operator took it.
    Uncertain,
    /// On the phone.
    Delivered,
    /// Will not arrive.
    Failed,
}

/// An attempt to send a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its number, which travels in the message.
    pub id: AttemptId,
    /// To which phone.
    pub phone: PhoneId,
    /// For whom.
    pub person: PersonId,
    /// What for.
    pub purpose: Purpose,
    /// The words.
    pub text: SmsText,
    /// In which language.
    pub lang: Lang,
    /// Not before this moment: awake, within the budget, after a pause.
    pub not_before: Moment,
    /// Where it stands.
    pub stage: Stage,
    /// When it was handed over last.
    pub made: Option<Moment>,
    /// How often the operator asked to come later.
    pub put_off: u32,
    /// The operator's ids of the parts.
    pub parts: Vec<String>,
    /// Parts whose receipt says that they arrived.
    pub arrived: BTreeSet<String>,
}

/// What may be asked of an attempt.
#[derive(Clone, Debug)]
pub enum Command {
    /// A message is to be sent.
    Write {
        /// Its number.
        id: AttemptId,
        /// To which phone.
        phone: PhoneId,
        /// For whom.
        person: PersonId,
        /// What for.
        purpose: Purpose,
        /// The words.
        text: SmsText,
        /// In which language.
        lang: Lang,
        /// Not before this moment.
        not_before: Moment,
    },
    /// It is handed to the link now. Written and committed before the link gets it.
    Make,
    /// What it speaks of stands still: it waits, and is looked at again in a while.
    Hold,
    /// What it says holds no more: its question closed before it left.
    Cancel,
    /// The link answered.
    Answer(Submitted),
    /// After a crash: it was made, and nobody knows more.
    Forget,
    /// A receipt of one part came.
    Receipt {
        /// The operator's id of the part.
        part: String,
        /// What happened to it.
        state: ReceiptState,
    },
}

/// What has happened to an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was written.
    Written {
        /// Its number.
        id: AttemptId,
        /// To which phone.
        phone: PhoneId,
        /// For whom.
        person: PersonId,
        /// What for.
        purpose: Purpose,
        /// The words.
        text: SmsText,
        /// In which language.
        lang: Lang,
        /// Not before this moment.
        not_before: Moment,
    },
    /// It was handed to the link.
    Made {
        /// When.
        at: Moment,
    },
    /// It was taken out before it left.
    Cancelled,
    /// The operator has it.
    Confirmed {
        /// The operator's ids of the parts.
        parts: Vec<String>,
    },
    /// It waits, since what it speaks of stands still.
    Held {
        /// Not before this moment.
        not_before: Moment,
    },
    /// The operator did not take it, for now.
    PutOff {
        /// Again not before this moment.
        not_before: Moment,
    },
    /// The operator refused it for good.
    Refused {
        /// The SMPP command status.
        status: u32,
    },
    /// Nobody knows whether the operator took it.
    Uncertain,
    /// A part is on the phone.
    PartArrived {
        /// Which.
        part: String,
    },
    /// All of it is on the phone.
    Delivered {
        /// When the last receipt came.
        at: Moment,
    },
    /// It will not arrive.
    Failed,
}

impl Machine for Attempt {
    type Command = Command;
    type Event = Event;

    fn handle(state: Option<&Self>, command: Command, now: Moment) -> Result<Vec<Event>, Refusal> {
        let attempt = match (state, command) {
            (None, Command::Write { id, phone, person, purpose, text, lang, not_before }) => {
                return Ok(vec![Event::Written { id, phone, person, purpose, text, lang, not_before }]);
            }
            (None, _) => return Err(Refusal::absent("message")),
            (Some(attempt), command) => (attempt, command),
        };
        let (attempt, command) = attempt;
        let refuse = |action: &str| Err(Refusal::stage(action, attempt.stage));
        match command {
            Command::Write { id, text, .. } if id == attempt.id && text == attempt.text => Ok(vec![]),
            Command::Write { .. } => Err(Refusal::Exists("message".into())),
            Command::Make => match attempt.stage {
                Stage::Written if now >= attempt.not_before => Ok(vec![Event::Made { at: now }]),
                _ => refuse("hand it to the link"),
            },
            Command::Hold => match attempt.stage {
                Stage::Written => Ok(vec![Event::Held { not_before: now.plus_ms(HELD_MS) }]),
                _ => refuse("hold it"),
            },
            Command::Cancel => match attempt.stage {
                Stage::Written => Ok(vec![Event::Cancelled]),
                Stage::Cancelled => Ok(vec![]),
                _ => refuse("cancel it"),
            },
            Command::Answer(answer) => match attempt.stage {
                Stage::Made => Ok(vec![match answer {
                    Submitted::Accepted { ids } => Event::Confirmed { parts: ids },
                    Submitted::Later { .. } => {
                        Event::PutOff { not_before: now.plus_ms(pause(attempt.put_off)) }
                    }
                    Submitted::Refused { status } => Event::Refused { status },
                    Submitted::Uncertain => Event::Uncertain,
                }]),
                // A receipt was faster than the operator's answer.
                Stage::Delivered | Stage::Failed | Stage::Uncertain => Ok(vec![]),
                _ => refuse("take the link's answer"),
            },
            Command::Forget => match attempt.stage {
                Stage::Made => Ok(vec![Event::Uncertain]),
                _ => Ok(vec![]),
            },
            Command::Receipt { part, state } => match (attempt.stage, state) {
                (Stage::Written | Stage::Cancelled | Stage::Refused, _) => refuse("take a receipt"),
                (Stage::Delivered | Stage::Failed, _) | (_, ReceiptState::Underway) => Ok(vec![]),
                (_, ReceiptState::Failed) => Ok(vec![Event::Failed]),
                (_, ReceiptState::Delivered) => Ok(attempt.arrived(part, now)),
            },
        }
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        let Some(mut attempt) = state else {
            let Event::Written { id, phone, person, purpose, text, lang, not_before } = event else {
                return None;
            };
            return Some(Self {
                id: *id,
                phone: *phone,
                person: *person,
                purpose: *purpose,
                text: text.clone(),
                lang: *lang,
                not_before: *not_before,
                stage: Stage::Written,
                made: None,
                put_off: 0,
                parts: vec![],
                arrived: BTreeSet::new(),
            });
        };
        match event {
            Event::Written { .. } => {}
            Event::Made { at } => {
                attempt.made = Some(*at);
                attempt.stage = Stage::Made;
            }
            Event::Confirmed { parts } => {
                attempt.parts.clone_from(parts);
                attempt.stage = Stage::Confirmed;
            }
            Event::PutOff { not_before } => {
                attempt.put_off += 1;
                attempt.not_before = *not_before;
                attempt.stage = Stage::Written;
            }
            Event::Held { not_before } => attempt.not_before = *not_before,
            Event::Cancelled => attempt.stage = Stage::Cancelled,
            Event::Refused { .. } => attempt.stage = Stage::Refused,
            Event::Uncertain => attempt.stage = Stage::Uncertain,
            Event::PartArrived { part } => {
                attempt.arrived.insert(part.clone());
            }
            Event::Delivered { .. } => attempt.stage = Stage::Delivered,
            Event::Failed => attempt.stage = Stage::Failed,
        }
        Some(attempt)
    }
}

impl Attempt {
    /// All parts have to arrive. Where the operator never told their ids, as many as the text has.
    fn arrived(&self, part: String, now: Moment) -> Vec<Event> {
        if self.arrived.contains(&part) {
            return vec![];
        }
        let needed = if self.parts.is_empty() { self.text.parts() } else { self.parts.len() };
        let whole = self.arrived.len() + 1 >= needed;
        let arrived = Event::PartArrived { part };
        std::iter::once(arrived).chain(whole.then_some(Event::Delivered { at: now })).collect()
    }
}

/// The pause after the operator asked to come later: a second, doubled each time, an hour at most.
fn pause(put_off: u32) -> i64 {
    (1000_i64 << put_off.min(12)).min(3_600_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply;

    const NOW: Moment = Moment(1_000_000);

    fn written() -> Option<Attempt> {
        let text = SmsText::new("1414: сәлем").unwrap();
        let (id, phone, person) = (AttemptId(1), PhoneId(2), PersonId(3));
        let write = Command::Write {
            id,
            phone,
            person,
            purpose: Purpose::Offer,
            text,
            lang: Lang::Ru,
            not_before: NOW,
        };
        apply(None, &Attempt::handle(None, write, NOW).unwrap())
    }

    fn then(state: Option<Attempt>, command: Command) -> Option<Attempt> {
        let events = Attempt::handle(state.as_ref(), command, NOW).unwrap();
        apply(state, &events)
    }

    fn make() -> Command {
        Command::Make
    }

    #[test]
    fn it_is_handed_over_at_most_once() {
        let made = then(written(), make());
        assert!(Attempt::handle(made.as_ref(), make(), NOW).is_err());
        for answer in
            [Submitted::Uncertain, Submitted::Refused { status: 11 }, Submitted::Accepted { ids: vec![] }]
        {
            let answered = then(made.clone(), Command::Answer(answer.clone()));
            assert!(Attempt::handle(answered.as_ref(), make(), NOW).is_err(), "{answer:?}");
        }
        let forgotten = then(made.clone(), Command::Forget);
        assert_eq!(forgotten.as_ref().unwrap().stage, Stage::Uncertain);
        assert!(Attempt::handle(forgotten.as_ref(), make(), NOW).is_err());
        let put_off = then(made, Command::Answer(Submitted::Later { status: 88 }));
        assert!(Attempt::handle(put_off.as_ref(), make(), NOW).is_err(), "after a pause only");
        assert!(Attempt::handle(put_off.as_ref(), make(), NOW.plus_ms(1000)).is_ok());
    }

    #[test]
    fn halted_loses_nothing() {
        let held = then(written(), Command::Hold);
        assert!(Attempt::handle(held.as_ref(), make(), NOW).is_err(), "it makes way for the others");
        assert!(Attempt::handle(held.as_ref(), make(), NOW.plus_ms(HELD_MS)).is_ok());
    }

    #[test]
    fn a_receipt_resolves_what_was_uncertain() {
        let uncertain = then(then(written(), make()), Command::Answer(Submitted::Uncertain));
        let receipt = |state| Command::Receipt { part: "a".into(), state };
        let delivered = then(uncertain.clone(), receipt(ReceiptState::Delivered));
        assert_eq!(delivered.as_ref().unwrap().stage, Stage::Delivered);
        assert_eq!(then(delivered.clone(), receipt(ReceiptState::Failed)), delivered);
        let failed = then(uncertain, receipt(ReceiptState::Failed));
        assert_eq!(failed.unwrap().stage, Stage::Failed);
    }

    #[test]
    fn every_part_has_to_arrive() {
        let parts = Submitted::Accepted { ids: vec!["a".into(), "b".into()] };
        let confirmed = then(then(written(), make()), Command::Answer(parts));
        let receipt = |part: &str| Command::Receipt { part: part.into(), state: ReceiptState::Delivered };
        let half = then(then(confirmed, receipt("a")), receipt("a"));
        assert_eq!(half.as_ref().unwrap().stage, Stage::Confirmed);
        assert_eq!(then(half, receipt("b")).unwrap().stage, Stage::Delivered);
    }
}
