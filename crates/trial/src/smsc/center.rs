//! The middle of the simulator: parts become messages on phones, receipts and replies become
//! deliveries, and deliveries are tried until they are acknowledged.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use card::Moment;
use rusmpp::{
    Command, CommandStatus,
    pdus::{DeliverSm, SubmitSm},
    tlvs::{MessageDeliveryRequestTlvValue as Tlv, TlvTag, TlvValue},
    types::{COctetString, OctetString},
    values::{DataCoding, EsmClass, MessageState, Npi, Ton},
};
use tokio::{
    sync::{Notify, broadcast, mpsc},
    time::{Duration, Instant, sleep_until},
};

use super::{Config, Counts, Faults, Message, State, alphabet, phones::Phones};

/// News that nobody fetched in time are dropped: whoever lags reads the threads again.
const NEWS: usize = 4096;
/// Deliveries handed to sockets before others get a turn.
const AT_ONCE: usize = 500;

pub(super) struct Center {
    pub config: Config,
    pub news: broadcast::Sender<Message>,
    inner: Mutex<Inner>,
    wake: Notify,
}

pub(super) struct Inner {
    pub faults: Faults,
    pub phones: Phones,
    pub counts: Counts,
    chance: fastrand::Rng,
    next_id: u64,
    next_session: u64,
    next_due: u64,
    next_reference: u8,
    sessions: BTreeMap<u64, Session>,
    due: BTreeMap<(Instant, u64), Due>,
    parts: HashMap<(String, String, u8), Set>,
}

struct Session {
    system_id: String,
    receives: bool,
    sender: mpsc::UnboundedSender<Command>,
    next_number: u32,
    on_the_way: BTreeMap<u32, (Delivery, Instant)>,
}

/// What happens at a time.
enum Due {
    /// A message reaches its phone, or does not.
    Arrival(u64, State),
    Delivery(Delivery),
}

#[derive(Clone)]
struct Delivery {
    /// Whose submission it is about; replies go to anybody who is bound.
    system_id: Option<String>,
    pdu: Box<DeliverSm>,
    tries: u32,
    /// The message that has arrived when this is acknowledged.
    reply: Option<u64>,
}

/// The parts of a message that came so far.
struct Set {
    fails: bool,
    parts: Vec<Option<String>>,
}

/// What a submission is answered with.
pub(super) enum Answer {
    Taken { id: String, late: bool },
    Refused(CommandStatus),
    Cut,
}

impl Inner {
    /// Chance: so many of a thousand.
    fn happens(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.chance.u32(0..1000) < per_mille
    }

    fn at(&mut self, when: Instant, due: Due) {
        self.next_due += 1;
        self.due.insert((when, self.next_due), due);
    }
}

impl Center {
    pub(super) fn new(config: Config) -> Self {
        let mut chance = fastrand::Rng::with_seed(config.seed);
        let inner = Inner {
            faults: config.faults,
            phones: Phones::default(),
            counts: Counts::default(),
            next_id: u64::from(chance.u32(0x1000_0000..0x2000_0000)),
            chance,
            next_session: 0,
            next_due: 0,
            next_reference: 0,
            sessions: BTreeMap::new(),
            due: BTreeMap::new(),
            parts: HashMap::new(),
        };
        Self { config, news: broadcast::Sender::new(NEWS), inner: Mutex::new(inner), wake: Notify::new() }
    }

    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends every connection.
    pub(super) fn close(&self) {
        self.with(|inner| inner.sessions.clear());
    }

    pub(super) fn is_silent(&self) -> bool {
        self.with(|inner| inner.faults.silent)
    }

    pub(super) fn admits(&self, system_id: &str, password: &str) -> CommandStatus {
        match self.config.accounts.iter().find(|(name, _)| name == system_id) {
            None => CommandStatus::EsmeRinvsysid,
            Some((_, expected)) if expected != password => CommandStatus::EsmeRinvpaswd,
            Some(_) => CommandStatus::EsmeRok,
        }
    }

    pub(super) fn join(
        &self,
        system_id: &str,
        receives: bool,
        sender: mpsc::UnboundedSender<Command>,
    ) -> u64 {
        let session = self.with(|inner| {
            inner.counts.binds += 1;
            inner.next_session += 1;
            let session = Session {
                system_id: system_id.to_owned(),
                receives,
                sender,
                next_number: 0,
                on_the_way: BTreeMap::new(),
            };
            inner.sessions.insert(inner.next_session, session);
            inner.next_session
        });
        self.wake.notify_one();
        session
    }

    /// A connection ended: what it did not acknowledge is delivered again.
    pub(super) fn leave(&self, session: u64) {
        let again = Instant::now();
        self.with(|inner| {
            let Some(session) = inner.sessions.remove(&session) else { return };
            for (delivery, _) in session.on_the_way.into_values() {
                inner.at(again, Due::Delivery(delivery));
            }
        });
        self.wake.notify_one();
    }

    pub(super) fn next_number(&self, session: u64) -> Option<u32> {
        self.with(|inner| inner.sessions.get_mut(&session).map(Session::next))
    }

    pub(super) fn submit(&self, session: u64, message: &SubmitSm) -> Answer {
        let now = Instant::now();
        let at = self.config.clock.now();
        let (answer, news) = self.with(|inner| {
            inner.counts.submits += 1;
            let faults = inner.faults;
            if inner.happens(faults.throttled) {
                return (Answer::Refused(CommandStatus::EsmeRthrottled), None);
            }
            if inner.happens(faults.refused) {
                return (Answer::Refused(CommandStatus::EsmeRsubmitfail), None);
            }
            let cut = inner.happens(faults.cut);
            if cut && !inner.happens(faults.cut_but_taken) {
                return (Answer::Cut, None);
            }
            let system_id = inner.sessions.get(&session).map(|session| session.system_id.clone());
            inner.next_id += 1;
            let id = inner.next_id;
            let arrives = now + self.config.receipt_after;
            let (fails, whole) = inner.take_part(message, at);
            let state = if fails { State::Failed } else { State::Arrived };
            if let Some(message) = &whole {
                inner.at(arrives, Due::Arrival(message.number, state));
            }
            let wanted = u8::from(message.registered_delivery) & 0x01 != 0;
            if wanted && !inner.happens(faults.receipt_lost) {
                let when = if faults.receipt_first { now } else { arrives };
                let pdu = Box::new(receipt(&self.config, message, id, at, state));
                inner.at(when, Due::Delivery(Delivery { system_id, pdu, tries: 0, reply: None }));
            }
            let id = self.config.response_id.write(id);
            (if cut { Answer::Cut } else { Answer::Taken { id, late: faults.receipt_first } }, whole)
        });
        self.tell(news);
        self.wake.notify_one();
        answer
    }

    pub(super) fn reply(&self, from: &str, text: &str) -> u64 {
        let now = Instant::now();
        let at = self.config.clock.now();
        let message = self.with(|inner| {
            inner.next_reference = inner.next_reference.wrapping_add(1);
            let parts = alphabet::write(text, inner.next_reference);
            let last = parts.len() - 1;
            let message = inner.phones.add(Message {
                number: 0,
                phone: from.to_owned(),
                peer: self.config.number.clone(),
                from_phone: true,
                text: text.to_owned(),
                parts: parts.len() as u8,
                at,
                state: State::Underway,
            });
            for (place, part) in parts.into_iter().enumerate() {
                let pdu = DeliverSm::builder()
                    .source_addr_ton(Ton::International)
                    .source_addr_npi(Npi::Isdn)
                    .source_addr(address(from))
                    .dest_addr_ton(Ton::NetworkSpecific)
                    .destination_addr(address(&self.config.number))
                    .esm_class(EsmClass::from(if part.header { 0x40 } else { 0 }))
                    .data_coding(DataCoding::from(part.data_coding))
                    .short_message(OctetString::from_slice(&part.octets).unwrap_or_default())
                    .build();
                let pdu = Box::new(pdu);
                let reply = (place == last).then_some(message.number);
                inner.at(now, Due::Delivery(Delivery { system_id: None, pdu, tries: 0, reply }));
            }
            message
        });
        let number = message.number;
        self.tell(Some(message));
        self.wake.notify_one();
        number
    }

    /// The other side answered a delivery.
    pub(super) fn delivered(&self, session: u64, number: u32, status: CommandStatus) {
        let again = Instant::now() + self.config.retry_after;
        let news = self.with(|inner| {
            let (delivery, _) = inner.sessions.get_mut(&session)?.on_the_way.remove(&number)?;
            if status == CommandStatus::EsmeRok {
                if delivery.system_id.is_some() {
                    inner.counts.receipts += 1;
                } else {
                    inner.counts.replies += 1;
                }
                return inner.phones.set_state(delivery.reply?, State::Arrived);
            }
            if status == CommandStatus::EsmeRxTAppn && delivery.tries < self.config.tries {
                inner.at(again, Due::Delivery(delivery));
                return None;
            }
            inner.counts.given_up += 1;
            inner.phones.set_state(delivery.reply?, State::Failed)
        });
        self.tell(news);
        self.wake.notify_one();
    }

    fn tell(&self, news: Option<Message>) {
        if let Some(message) = news {
            // Nobody may be listening.
            let _ = self.news.send(message);
        }
    }

    /// Does what is due; when to look again.
    fn dispatch(&self) -> Option<Instant> {
        let now = Instant::now();
        let (news, next) = self.with(|inner| {
            inner.overdue(now, self.config.response);
            let mut news = Vec::new();
            let mut held = Vec::new();
            for _ in 0..AT_ONCE {
                let Some(entry) = inner.due.first_entry().filter(|entry| entry.key().0 <= now) else { break };
                let (key, due) = entry.remove_entry();
                match due {
                    Due::Arrival(number, state) => news.extend(inner.phones.set_state(number, state)),
                    Due::Delivery(delivery) => {
                        if let Some(delivery) = inner.hand_out(delivery, self.config.window, now) {
                            held.push((key, Due::Delivery(delivery)));
                        }
                    }
                }
            }
            let nobody_free = !held.is_empty();
            inner.due.extend(held);
            let next = if nobody_free {
                Some(now + Duration::from_millis(200))
            } else {
                inner.due.first_key_value().map(|(key, _)| key.0)
            };
            (news, next)
        });
        for message in news {
            self.tell(Some(message));
        }
        next
    }
}

/// Delivers what is due until the simulator stops.
pub(super) async fn deliver(center: std::sync::Arc<Center>) {
    loop {
        let next = center.dispatch().unwrap_or_else(|| Instant::now() + Duration::from_secs(1));
        tokio::select! {
            () = sleep_until(next) => {}
            () = center.wake.notified() => {}
        }
    }
}

impl Session {
    fn next(&mut self) -> u32 {
        self.next_number = self.next_number % 0x7FFF_FFFF + 1;
        self.next_number
    }
}

impl Inner {
    /// Sends a delivery over the bind with the most room; gives it back where none has any.
    fn hand_out(&mut self, mut delivery: Delivery, window: usize, now: Instant) -> Option<Delivery> {
        let suits = |session: &&mut Session| {
            session.receives
                && session.on_the_way.len() < window
                && delivery.system_id.as_ref().is_none_or(|name| *name == session.system_id)
        };
        let Some(session) =
            self.sessions.values_mut().filter(suits).min_by_key(|session| session.on_the_way.len())
        else {
            return Some(delivery);
        };
        let number = session.next();
        delivery.tries += 1;
        let command = Command::builder()
            .status(CommandStatus::EsmeRok)
            .sequence_number(number)
            .pdu(DeliverSm::clone(&delivery.pdu));
        session.on_the_way.insert(number, (delivery, now));
        // A broken connection gives back what is on the way when its reader ends.
        let _ = session.sender.send(command);
        None
    }

    /// Takes back what was not answered in time.
    fn overdue(&mut self, now: Instant, most: Duration) {
        let mut late = Vec::new();
        for session in self.sessions.values_mut() {
            while let Some(entry) = session.on_the_way.first_entry()
                && now.duration_since(entry.get().1) > most
            {
                late.push(entry.remove().0);
            }
        }
        for delivery in late {
            self.at(now, Due::Delivery(delivery));
        }
    }

    /// Puts a part to its others. Whether the message fails on its way, and itself once it is whole.
    fn take_part(&mut self, message: &SubmitSm, at: Moment) -> (bool, Option<Message>) {
        let octets = payload(message);
        let data_coding = u8::from(message.data_coding);
        let headed = u8::from(message.esm_class) & 0x40 != 0;
        let (place, octets) = match octets {
            [5, 0, 3, reference, total, number, text @ ..] if headed && (1..=*total).contains(number) => {
                ((*reference, *total, *number), text)
            }
            _ => sar(message).map_or(((0, 1, 1), octets), |place| (place, octets)),
        };
        let text = alphabet::read(data_coding, octets);
        let (reference, total, number) = place;
        let (source, phone) = (message.source_addr.to_string(), message.destination_addr.to_string());
        let undelivered = self.faults.undelivered;
        let fails_now = self.happens(undelivered);
        let key = (source.clone(), phone.clone(), reference);
        let fresh = || Set { fails: fails_now, parts: vec![None; total as usize] };
        let (fails, text) = if total == 1 {
            (fails_now, text)
        } else {
            let set = self.parts.entry(key.clone()).or_insert_with(fresh);
            if set.parts.len() != total as usize {
                *set = fresh();
            }
            set.parts[number as usize - 1] = Some(text);
            let fails = set.fails;
            let Some(texts) = set.parts.iter().cloned().collect::<Option<Vec<_>>>() else {
                return (fails, None);
            };
            self.parts.remove(&key);
            (fails, texts.concat())
        };
        self.counts.messages += 1;
        let message = Message {
            number: 0,
            phone,
            peer: source,
            from_phone: false,
            text,
            parts: total,
            at,
            state: State::Underway,
        };
        (fails, Some(self.phones.add(message)))
    }
}

fn payload(message: &SubmitSm) -> &[u8] {
    let payload = message.tlvs().iter().find_map(|tlv| match tlv.value() {
        Some(TlvValue::MessagePayload(payload)) => Some(payload.value.as_ref()),
        _ => None,
    });
    payload.unwrap_or(message.short_message())
}

/// The place of a part, where it is told by TLVs.
fn sar(message: &SubmitSm) -> Option<(u8, u8, u8)> {
    let mut place = (None, None, None);
    for tlv in message.tlvs() {
        match tlv.value() {
            Some(TlvValue::SarMsgRefNum(reference)) => place.0 = Some(*reference as u8),
            Some(TlvValue::SarTotalSegments(total)) => place.1 = Some(*total),
            Some(TlvValue::SarSegmentSeqnum(number)) => place.2 = Some(*number),
            _ => {}
        }
    }
    let (reference, total, number) = (place.0?, place.1?, place.2?);
    (1..=total).contains(&number).then_some((reference, total, number))
}

fn address(text: &str) -> COctetString<1, 21> {
    text.parse().unwrap_or_default()
}

fn receipt(config: &Config, message: &SubmitSm, id: u64, at: Moment, state: State) -> DeliverSm {
    let (word, number, error) = match state {
        State::Failed => ("UNDELIV", MessageState::Undeliverable, 11),
        State::Arrived | State::Underway => ("DELIVRD", MessageState::Delivered, 0),
    };
    let id = config.receipt_id.write(id);
    let delivered = u8::from(error == 0);
    let (year, month, day) = at.day().ymd();
    let (hour, minute) = at.time_of_day();
    let date = format!("{:02}{month:02}{day:02}{hour:02}{minute:02}", year % 100);
    let text = format!(
        "id:{id} sub:001 dlvrd:00{delivered} submit date:{date} done date:{date} stat:{word} err:{error:03} text:"
    );
    let mut pdu = DeliverSm::builder()
        .source_addr_ton(message.dest_addr_ton)
        .source_addr_npi(message.dest_addr_npi)
        .source_addr(message.destination_addr.clone())
        .dest_addr_ton(message.source_addr_ton)
        .dest_addr_npi(message.source_addr_npi)
        .destination_addr(message.source_addr.clone())
        .esm_class(EsmClass::from(0x04))
        .short_message(OctetString::from_slice(text.as_bytes()).unwrap_or_default())
        .build();
    if config.receipt_tlvs {
        pdu.push_tlv(Tlv::ReceiptedMessageId(id.parse().unwrap_or_default()));
        pdu.push_tlv(Tlv::MessageState(number));
        for tlv in message.tlvs() {
            match tlv.value() {
                Some(TlvValue::UserMessageReference(reference)) => {
                    pdu.push_tlv(Tlv::UserMessageReference(*reference));
                }
                Some(TlvValue::Other { tag: TlvTag::Other(tag), value }) => {
                    pdu.push_tlv(Tlv::Other { tag: TlvTag::Other(*tag), value: value.clone() });
                }
                _ => {}
            }
        }
    }
    pdu
}
