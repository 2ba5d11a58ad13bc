//! Phones and the operator between them and us: messages get lost, receipts are late or missing,
//! replies come twice, from the wrong hands, and without sense.

use std::collections::{BTreeMap, BTreeSet};

use card::{Moment, PhoneId};
use deliver::{
    AttemptId,
    message::{ACCOUNT_KEYS, NO_ACCOUNT_KEY, SmsText},
    outbox::Purpose,
    port::{ReceiptState, Submitted},
};
use fastrand::Rng;

/// What the service hears.
pub enum Arrives {
    Receipt { attempt: AttemptId, part: String, state: ReceiptState },
    Reply { id: String, phone: PhoneId, text: String, sent: Moment },
}

/// What a person meant by a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// The message that they read and answer.
    pub answers: AttemptId,
    /// Does that message ask something?
    pub asked: bool,
    /// When they had it before them.
    pub read: Moment,
    pub says: Says,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    Yes,
    No,
    Digit(u8),
    Other,
    Nonsense,
}

#[derive(Default)]
pub struct Network {
    coming: Vec<(Moment, u64, Arrives)>,
    sequence: u64,
    /// When questions came to each phone.
    questions: BTreeMap<PhoneId, Vec<Moment>>,
    /// How often each message was handed over.
    pub submitted: BTreeMap<AttemptId, u32>,
    /// What each reply was meant to say, by its id.
    pub meant: BTreeMap<String, Meant>,
    /// The ids of the replies that reached the service.
    pub arrived: BTreeSet<String>,
}

const MINUTE: i64 = 60_000;

impl Network {
    fn later(&mut self, at: Moment, what: Arrives) {
        self.sequence += 1;
        self.coming.push((at, self.sequence, what));
    }

    /// The operator's answer, and what comes of it.
    pub fn submit(
        &mut self,
        rng: &mut Rng,
        now: Moment,
        message: (AttemptId, PhoneId, Purpose),
        text: &SmsText,
    ) -> Submitted {
        let (attempt, phone, purpose) = message;
        match rng.u8(..40) {
            0 => return Submitted::Later { status: 88 },
            1 => return Submitted::Refused { status: 11 },
            _ => {}
        }
        *self.submitted.entry(attempt).or_default() += 1;
        let ids: Vec<String> = (0..text.parts()).map(|part| format!("{attempt}.{part}")).collect();
        let lost = rng.u8(..12) == 0;
        let slow = if rng.u8(..6) == 0 { rng.i64(0..72 * 60) } else { rng.i64(0..4) };
        let arrives = now.plus_ms(slow * MINUTE);
        for part in &ids {
            let state = if lost { ReceiptState::Failed } else { ReceiptState::Delivered };
            // Some receipts never come, some after the reply.
            let wait = if rng.u8(..8) == 0 { rng.i64(0..24 * 60) } else { 0 };
            if rng.u8(..12) > 0 {
                let part = part.clone();
                self.later(arrives.plus_ms(wait * MINUTE), Arrives::Receipt { attempt, part, state });
            }
        }
        if !lost {
            self.read(rng, arrives, (attempt, phone, purpose), text);
        }
        if rng.u8(..25) == 0 { Submitted::Uncertain } else { Submitted::Accepted { ids } }
    }

    /// A person reads a message and perhaps answers.
    fn read(&mut self, rng: &mut Rng, at: Moment, message: (AttemptId, PhoneId, Purpose), text: &SmsText) {
        let (attempt, phone, purpose) = message;
        let asked = !matches!(purpose, Purpose::Paid | Purpose::Outcome | Purpose::Notice | Purpose::Short);
        if asked {
            self.questions.entry(phone).or_default().push(at);
        }
        let (reply, says) = match purpose {
            Purpose::Offer | Purpose::Reminder => match rng.u8(..16) {
                0..=6 => (*rng.choice(&["1", "иә", "да", "ДА!", "ok", "ie"]).unwrap(), Says::Yes),
                7 => (*rng.choice(&["2", "жоқ", "нет"]).unwrap(), Says::No),
                8 => ("3", Says::Other),
                9 => (*rng.choice(&["кто это?", "R 1", "1 2", "қалай", "👍"]).unwrap(), Says::Nonsense),
                10 => (
                    *rng.choice(&["стоп", "перезвоните", "KZ86125KZT5004100100", "не тот номер", "9"])
                        .unwrap(),
                    Says::Other,
                ),
                _ => return,
            },
            Purpose::Account => match rng.u8(..6) {
                0..=3 => {
                    // A key of the menu; some still answer as if to the offer.
                    let shown = |key: &&u8| text.as_str().contains(&format!(" {key} - "));
                    let keys = [&ACCOUNT_KEYS[..], &[NO_ACCOUNT_KEY]].concat();
                    let keys: Vec<u8> = keys.iter().filter(shown).copied().chain([1]).collect();
                    let key = *rng.choice(&keys).unwrap();
                    (["0", "1", "2", "3", "4", "5", "6", "7", "8"][usize::from(key)], Says::Digit(key))
                }
                4 => ("Kaspi", Says::Nonsense),
                _ => return,
            },
            Purpose::Clarify => match rng.u8(..4) {
                0 => ("2", Says::No),
                1 => ("???", Says::Nonsense),
                _ => ("1", Says::Yes),
            },
            Purpose::Paid => match rng.u8(..10) {
                0 => ("4", Says::Digit(4)),
                1 => ("рахмет", Says::Nonsense),
                _ => return,
            },
            Purpose::Outcome | Purpose::Notice | Purpose::Short => match rng.u8(..12) {
                0 => ("1", Says::Yes),
                1 => ("стоп", Says::Other),
                _ => return,
            },
        };
        let delay = if rng.u8(..5) == 0 { rng.i64(0..20 * 24 * 60) } else { rng.i64(1..300) };
        let meant = Meant { answers: attempt, asked, read: at, says };
        let sent = at.plus_ms(delay * MINUTE);
        // A reply takes a moment, sometimes many.
        let at = sent.plus_ms(if rng.u8(..10) == 0 { rng.i64(0..120) * 1000 } else { 2000 });
        self.reply(sent, at, phone, reply, meant.clone());
        match rng.u8(..12) {
            // The network repeats: the same reply, at once or when a link is back after hours, or a new one.
            0 => {
                let id = format!("m{}", self.sequence);
                let text = reply.to_owned();
                let away = if rng.bool() { rng.i64(0..10) * 1000 } else { rng.i64(0..72 * 60) * MINUTE };
                self.later(at.plus_ms(away), Arrives::Reply { id, phone, text, sent });
            }
            1 => self.reply(sent, at.plus_ms(rng.i64(0..60) * 1000), phone, reply, meant),
            _ => {}
        }
    }

    fn reply(&mut self, sent: Moment, at: Moment, phone: PhoneId, text: &str, meant: Meant) {
        let id = format!("m{}", self.sequence + 1);
        self.meant.insert(id.clone(), meant);
        self.later(at, Arrives::Reply { id, phone, text: text.to_owned(), sent });
    }

    /// What has come until now, in an order that the network likes.
    pub fn come(&mut self, now: Moment) -> Vec<(Moment, Arrives)> {
        let (mut come, wait): (Vec<_>, Vec<_>) = self.coming.drain(..).partition(|(at, ..)| *at <= now);
        self.coming = wait;
        come.sort_by_key(|(at, sequence, _)| (*at, *sequence));
        // Who has a newer question before them answers that one.
        come.retain(|(.., what)| match what {
            Arrives::Reply { id, phone, sent, .. } => {
                let read = self.meant[id].read;
                let newer = |at: &Moment| *at > read && at <= sent;
                !self.questions.get(phone).is_some_and(|asked| asked.iter().any(newer))
            }
            Arrives::Receipt { .. } => true,
        });
        for (.., what) in &come {
            if let Arrives::Reply { id, .. } = what {
                self.arrived.insert(id.clone());
            }
        }
        come.into_iter().map(|(at, _, what)| (at, what)).collect()
    }
}
