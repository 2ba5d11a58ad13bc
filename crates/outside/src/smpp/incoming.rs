//! What the operator delivers: receipts, replies, and parts of replies.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use card::Msisdn;
use deliver::port::{FromNetwork, ReceiptState};
use rusmpp::{
    CommandStatus,
    pdus::DeliverSm,
    tlvs::{TlvTag, TlvValue},
};
use tokio::{sync::watch, time::timeout};

use super::{
    LinkConfig,
    again::Again,
    alphabet,
    config::Limits,
    link::{Shared, count},
    parts::{self, Joined, Key, Place, Waiting},
    receipt,
};

/// The bits of `esm_class` that say what a message is.
const KIND: u8 = 0b0011_1100;
const RECEIPT: u8 = 0x04;
const INTERMEDIATE: u8 = 0x20;
const HEADER: u8 = 0x40;

/// A message of the operator, read.
pub(super) enum Incoming {
    Receipt(Receipt),
    Reply(Reply),
    /// One part; the others are missing.
    Part(Held),
    /// A part of a reply that is stored.
    Known,
    /// Nothing that we can use; what to answer.
    Unreadable(CommandStatus),
}

pub(super) struct Receipt {
    id: String,
    state: ReceiptState,
    attempt: Option<u64>,
    reference: Option<u16>,
    phone: String,
}

pub(super) struct Reply {
    pub sequence_number: u32,
    pub from: Msisdn,
    id: String,
    text: String,
    again: Again,
    joined: Option<(Parts, Key)>,
}

/// Reads the messages of one session after the other, and keeps the parts.
pub(super) struct Desk {
    session: u64,
    join_wait: Duration,
    parts: Parts,
    again: Again,
}

/// The parts that wait, and the news that a message was stored.
#[derive(Clone)]
struct Parts {
    waiting: Arc<Mutex<Waiting>>,
    stored: Arc<watch::Sender<u64>>,
}

/// A part whose acknowledgement waits for its message.
pub(super) struct Held {
    parts: Parts,
    key: Key,
    most: Duration,
    news: watch::Receiver<u64>,
}

impl Parts {
    fn with<T>(&self, act: impl FnOnce(&mut Waiting) -> T) -> T {
        act(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Held {
    /// Good once the message is stored; else the operator is asked to deliver the part again.
    pub(super) async fn outcome(mut self) -> CommandStatus {
        let (parts, key) = (&self.parts, &self.key);
        let stored = self.news.wait_for(|_| parts.with(|waiting| waiting.is_stored(key)));
        match timeout(self.most, stored).await {
            Ok(Ok(_)) => CommandStatus::EsmeRok,
            _ => CommandStatus::EsmeRxTAppn,
        }
    }
}

impl Desk {
    pub(super) fn new(limits: &Limits, again: Again) -> Self {
        Self {
            session: 0,
            again,
            join_wait: limits.join_wait,
            parts: Parts {
                waiting: Arc::new(Mutex::new(Waiting::new(limits.joins, limits.join_keep))),
                stored: Arc::new(watch::Sender::new(0)),
            },
        }
    }

    /// A new session. Sessions count their messages from one; a random number tells them apart.
    pub(super) fn begin(&mut self) {
        self.session = getrandom::u64().unwrap_or_else(|_| self.session.wrapping_add(1));
        self.again.ended(Instant::now());
    }

    pub(super) fn read(&mut self, message: &DeliverSm, number: u32, config: &LinkConfig) -> Incoming {
        let extras = Extras::of(message, config.attempt_tag);
        let esm_class = u8::from(message.esm_class);
        let octets = extras.payload.unwrap_or(message.short_message());
        // By class or TLV only, never by text: anybody can write "stat:DELIVRD" to us.
        let marked = matches!(esm_class & KIND, RECEIPT | INTERMEDIATE);
        if marked || (extras.receipted_id.is_some() && extras.message_state.is_some()) {
            return receipt_of(message, &extras, octets, config);
        }
        let data_coding = u8::from(message.data_coding);
        let (place, octets) = if esm_class & HEADER == 0 { (None, octets) } else { parts::behead(octets) };
        let from = message.source_addr.as_str().parse::<Msisdn>();
        let (Ok(from), Some(text)) = (from, alphabet::read(data_coding, octets)) else {
            return Incoming::Unreadable(CommandStatus::EsmeRxPAppn);
        };
        let named = extras.receipted_id.map(|id| format!("mo-{id}"));
        let id = named.clone().unwrap_or_else(|| format!("{:016x}-{number}", self.session));
        let again = self.again.clone();
        let mut reply = Reply { sequence_number: number, from, id, text, again, joined: None };
        if let Some(place) = place.or(extras.place()).filter(|place| place.total > 1) {
            match self.join(reply, place) {
                Incoming::Reply(whole) => reply = whole,
                other => return other,
            }
        }
        if named.is_none() {
            reply.id = self.again.id(reply.from, &reply.text, reply.id, Instant::now());
        }
        Incoming::Reply(reply)
    }

    fn join(&mut self, part: Reply, place: Place) -> Incoming {
        let key = (part.from.expose(), place.reference, place.total);
        let news = self.parts.stored.subscribe();
        let text = part.text.clone();
        match self.parts.with(|waiting| waiting.add(&key, place, text, Instant::now())) {
            Joined::Whole(text) => {
                Incoming::Reply(Reply { text, joined: Some((self.parts.clone(), key)), ..part })
            }
            Joined::Known => Incoming::Known,
            Joined::Waiting => {
                Incoming::Part(Held { parts: self.parts.clone(), key, most: self.join_wait, news })
            }
        }
    }
}

fn receipt_of(message: &DeliverSm, extras: &Extras<'_>, octets: &[u8], config: &LinkConfig) -> Incoming {
    let text = match u8::from(message.data_coding) {
        alphabet::UCS2 => alphabet::read(alphabet::UCS2, octets).unwrap_or_default(),
        // Receipts are ASCII whatever the alphabet is called.
        _ => String::from_utf8_lossy(octets).into_owned(),
    };
    match receipt::read(extras.receipted_id, extras.message_state, &text) {
        Some(read) => Incoming::Receipt(Receipt {
            id: config.profile.receipt_id.normalise(&read.id),
            state: read.state,
            attempt: extras.attempt,
            reference: extras.reference,
            phone: message.source_addr.as_str().trim_start_matches('+').to_owned(),
        }),
        // Refused, it would come again and again.
        None => Incoming::Unreadable(CommandStatus::EsmeRok),
    }
}

/// Gives a receipt to the handler; the answer for the operator.
pub(super) async fn store_receipt(shared: &Shared, receipt: Receipt) -> CommandStatus {
    let attempt = match receipt.attempt {
        Some(attempt) => Some(attempt),
        None => shared.memory.attempt(&receipt.id, receipt.reference, &receipt.phone).await,
    };
    let what = FromNetwork::Receipt { id: receipt.id, attempt, state: receipt.state };
    match (shared.handler)(what).await {
        Ok(()) => {
            count(&shared.counters.receipts);
            CommandStatus::EsmeRok
        }
        Err(_) => CommandStatus::EsmeRxTAppn,
    }
}

/// Gives a reply to the handler; the answer for the operator.
pub(super) async fn store_reply(shared: &Shared, reply: Reply) -> CommandStatus {
    let what = FromNetwork::Reply { id: reply.id, from: reply.from, text: reply.text.clone() };
    match (shared.handler)(what).await {
        Ok(()) => {
            count(&shared.counters.replies);
            reply.again.answered(reply.from, reply.text, Instant::now());
            if let Some((parts, key)) = reply.joined {
                parts.with(|waiting| waiting.stored(&key));
                parts.stored.send_modify(|stored| *stored += 1);
            }
            CommandStatus::EsmeRok
        }
        Err(_) => CommandStatus::EsmeRxTAppn,
    }
}

/// The TLVs that matter here.
#[derive(Default)]
struct Extras<'m> {
    receipted_id: Option<&'m str>,
    message_state: Option<u8>,
    reference: Option<u16>,
    attempt: Option<u64>,
    payload: Option<&'m [u8]>,
    sar: (Option<u16>, Option<u8>, Option<u8>),
}

impl<'m> Extras<'m> {
    fn of(message: &'m DeliverSm, attempt_tag: Option<u16>) -> Self {
        let mut extras = Self::default();
        for value in message.tlvs().iter().filter_map(|tlv| tlv.value()) {
            match value {
                TlvValue::ReceiptedMessageId(id) => extras.receipted_id = Some(id.as_str()),
                TlvValue::MessageState(state) => extras.message_state = Some(u8::from(*state)),
                TlvValue::UserMessageReference(reference) => extras.reference = Some(reference.value),
                TlvValue::MessagePayload(payload) => extras.payload = Some(payload.value.as_ref()),
                TlvValue::SarMsgRefNum(reference) => extras.sar.0 = Some(*reference),
                TlvValue::SarTotalSegments(total) => extras.sar.1 = Some(*total),
                TlvValue::SarSegmentSeqnum(number) => extras.sar.2 = Some(*number),
                TlvValue::Other { tag: TlvTag::Other(tag), value } if Some(*tag) == attempt_tag => {
                    extras.attempt = value.as_ref().try_into().ok().map(u64::from_be_bytes);
                }
                _ => {}
            }
        }
        extras
    }

    fn place(&self) -> Option<Place> {
        let (Some(reference), Some(total), Some(number)) = self.sar else { return None };
        Place { reference, total, number }.checked()
    }
}
