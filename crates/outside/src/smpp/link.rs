//! The link as its user sees it.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
};

use deliver::port::{FromNetwork, Submission, Submitted};
use futures_util::future::BoxFuture;
use rusmpp::{
    CommandStatus,
    pdus::SubmitSm,
    tlvs::{MessageSubmissionRequestTlvValue, TlvTag},
    types::{AnyOctetString, COctetString, OctetString},
    values::{
        DataCoding, EsmClass, IntermediateNotification, MCDeliveryReceipt, Npi, RegisteredDelivery,
        SmeOriginatedAcknowledgement, Ton, UserMessageReference,
    },
};
use rusmppc::{Client, error::Error};
use tokio::{
    sync::{Semaphore, oneshot, watch},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Answers, ConfigError, LinkConfig,
    again::Again,
    config::Wire,
    memory::Memory,
    parts::{self, Part},
    session,
};

/// The handler could not store what came; the operator will deliver it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotStored;

/// Takes what comes from the network and answers when it is stored.
pub(super) type Handler = dyn Fn(FromNetwork) -> BoxFuture<'static, Result<(), NotStored>> + Send + Sync;

/// Where the link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// No connection; the next attempt follows by itself.
    Down,
    /// The operator refused the bind with this command status: 0x0E is the password, 0x0F the name,
    /// 0x05 an old session. Somebody should look.
    Refused(u32),
    /// Bound.
    Up,
}

/// What the link did since it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Where it stands.
    pub state: LinkState,
    /// Binds that succeeded.
    pub binds: u64,
    /// Messages that the operator took.
    pub accepted: u64,
    /// Messages put off.
    pub later: u64,
    /// Messages refused for good.
    pub refused: u64,
    /// Messages whose answer was lost.
    pub uncertain: u64,
    /// Receipts stored.
    pub receipts: u64,
    /// Replies stored.
    pub replies: u64,
    /// What came and could not be read: a receipt without id, a sender that is no mobile number.
    pub unreadable: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub binds: AtomicU64,
    pub accepted: AtomicU64,
    pub later: AtomicU64,
    pub refused: AtomicU64,
    pub uncertain: AtomicU64,
    pub receipts: AtomicU64,
    pub replies: AtomicU64,
    pub unreadable: AtomicU64,
}

/// Adds one.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// What the link and its session share.
pub(super) struct Shared {
    pub config: LinkConfig,
    pub wire: Wire,
    pub handler: Box<Handler>,
    pub memory: Memory,
    pub again: Again,
    pub counters: Counters,
    pub client: watch::Sender<Option<Client>>,
    pub state: watch::Sender<LinkState>,
    pub stop: watch::Sender<bool>,
    window: Semaphore,
    reference: AtomicU8,
    not_before: Mutex<Instant>,
}

/// A link to one operator. It binds, and binds again, by itself, until it is closed or dropped.
pub struct Link {
    shared: Arc<Shared>,
    session: JoinHandle<()>,
}

/// What became of one part.
enum Outcome {
    Taken(String),
    Status(u32),
    Lost,
}

impl Link {
    /// Starts the link. The handler gets every receipt and reply, and answers `Ok` only when it is
    /// durably stored. It may get the same one again, under the same id. `heard`: the replies that were
    /// stored in the last minute before a stop, whose acknowledgements may be lost. Needs a runtime of
    /// tokio.
    pub fn start<H, F>(
        config: LinkConfig,
        heard: impl IntoIterator<Item = FromNetwork>,
        handler: H,
    ) -> Result<Self, ConfigError>
    where
        H: Fn(FromNetwork) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), NotStored>> + Send + 'static,
    {
        let wire = Wire::of(&config)?;
        let again = Again::default();
        for news in heard {
            if let FromNetwork::Reply { id, from, text } = news {
                again.doubt(from, text, id, std::time::Instant::now());
            }
        }
        let shared = Arc::new(Shared {
            wire,
            handler: Box::new(move |what| Box::pin(handler(what))),
            memory: Memory::new(config.limits.remembered),
            again,
            counters: Counters::default(),
            client: watch::Sender::new(None),
            state: watch::Sender::new(LinkState::Down),
            stop: watch::Sender::new(false),
            window: Semaphore::new(config.limits.window),
            // Parts of the last run may still wait on a phone: another start makes a mix unlikely.
            reference: AtomicU8::new(getrandom::u32().unwrap_or_default() as u8),
            not_before: Mutex::new(Instant::now()),
            config,
        });
        let session = tokio::spawn(session::run(shared.clone()));
        Ok(Self { shared, session })
    }

    /// Submits one message and waits for the operator's answer to every part of it.
    ///
    /// Where no link is up within the time that the settings give, the answer is `Later` with 0x0D.
    /// The parts after the first are tried again by themselves when the operator asks to slow down.
    /// The future must be driven to its end: dropped half way, the outcome is uncertain.
    pub async fn submit(&self, submission: Submission) -> Submitted {
        let outcome = self.shared.submit(&submission).await;
        let counters = &self.shared.counters;
        count(match outcome {
            Submitted::Accepted { .. } => &counters.accepted,
            Submitted::Later { .. } => &counters.later,
            Submitted::Refused { .. } => &counters.refused,
            Submitted::Uncertain => &counters.uncertain,
        });
        outcome
    }

    /// What the link did, and where it stands.
    pub fn health(&self) -> Health {
        let counters = &self.shared.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Health {
            state: *self.shared.state.borrow(),
            binds: read(&counters.binds),
            accepted: read(&counters.accepted),
            later: read(&counters.later),
            refused: read(&counters.refused),
            uncertain: read(&counters.uncertain),
            receipts: read(&counters.receipts),
            replies: read(&counters.replies),
            unreadable: read(&counters.unreadable),
        }
    }

    /// Waits until the link is up.
    pub async fn up(&self) {
        let mut state = self.shared.state.subscribe();
        // The sender lives as long as the link.
        let _ = state.wait_for(|state| *state == LinkState::Up).await;
    }

    /// Unbinds and closes.
    pub async fn close(mut self) {
        self.shared.stop.send_replace(true);
        let _ = (&mut self.session).await;
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.stop.send_replace(true);
        self.session.abort();
    }
}

impl Shared {
    async fn submit(self: &Arc<Self>, submission: &Submission) -> Submitted {
        let reference = self.reference.fetch_add(1, Ordering::Relaxed);
        let Ok(parts) = parts::cut(&submission.text, self.config.coding, reference) else {
            return Submitted::Refused { status: CommandStatus::EsmeRinvmsglen.into() };
        };
        let Ok(_place) = self.window.acquire().await else { return Submitted::Uncertain };
        let not_before = *self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        sleep_until(not_before).await;
        let Some(client) = self.bound().await else {
            return Submitted::Later { status: CommandStatus::EsmeRbindfail.into() };
        };
        let mut ids = Vec::with_capacity(parts.len());
        let mut retries = 0;
        while let Some(part) = parts.get(ids.len()) {
            match self.submit_part(&client, submission, part).await {
                Outcome::Taken(id) => ids.push(id),
                Outcome::Lost => {
                    self.memory.doubt(submission.attempt, &submission.to.expose());
                    return Submitted::Uncertain;
                }
                Outcome::Status(status) if self.is_temporary(status) => {
                    let pause = self.slow_down();
                    if ids.is_empty() {
                        return Submitted::Later { status };
                    }
                    // The first parts are taken: only the rest may be tried again.
                    retries += 1;
                    if retries > self.config.limits.part_retries {
                        return Submitted::Uncertain;
                    }
                    sleep_until(pause).await;
                }
                Outcome::Status(status) => return Submitted::Refused { status },
            }
        }
        Submitted::Accepted { ids }
    }

    /// The client of the bound session, once there is one.
    async fn bound(&self) -> Option<Client> {
        let mut client = self.client.subscribe();
        let bound = |client: &Option<Client>| client.as_ref().is_some_and(|client| !client.is_closed());
        let found = timeout(self.config.limits.link_wait, client.wait_for(bound)).await;
        found.ok()?.ok()?.clone()
    }

    fn is_temporary(&self, status: u32) -> bool {
        match CommandStatus::from(status) {
            CommandStatus::EsmeRthrottled
            | CommandStatus::EsmeRmsgqful
            | CommandStatus::EsmeRsyserr
            | CommandStatus::EsmeRinvbndsts => true,
            CommandStatus::EsmeRsubmitfail => self.config.profile.submit_fail == Answers::Later,
            _ => false,
        }
    }

    fn slow_down(&self) -> Instant {
        let until = Instant::now() + self.config.limits.throttle_pause;
        *self.not_before.lock().unwrap_or_else(PoisonError::into_inner) = until;
        until
    }

    async fn submit_part(self: &Arc<Self>, client: &Client, submission: &Submission, part: &Part) -> Outcome {
        let Some(pdu) = self.pdu(submission, part) else {
            return Outcome::Status(CommandStatus::EsmeRinvmsglen.into());
        };
        let _on_the_way = self.memory.start();
        let (tell, told) = oneshot::channel();
        let (shared, client, attempt) = (self.clone(), client.clone(), submission.attempt);
        // The request outlives our timer, so that a late answer still tells the operator's id.
        tokio::spawn(async move {
            let outcome = match client.submit_sm(pdu).await {
                Ok(response) => {
                    let form = shared.config.profile.response_id;
                    Outcome::Taken(form.normalise(response.message_id().as_str()))
                }
                Err(Error::UnexpectedResponse { response })
                    if response.status() != CommandStatus::EsmeRok =>
                {
                    Outcome::Status(response.status().into())
                }
                Err(_) => Outcome::Lost,
            };
            if let Outcome::Taken(id) = &outcome {
                shared.memory.learn(id, attempt);
            }
            let _ = tell.send(outcome);
        });
        match timeout(self.config.limits.response, told).await {
            Ok(Ok(outcome)) => outcome,
            _ => Outcome::Lost,
        }
    }

    fn pdu(&self, submission: &Submission, part: &Part) -> Option<SubmitSm> {
        let destination: COctetString<1, 21> = submission.to.expose().parse().ok()?;
        let mut pdu = SubmitSm::builder()
            .source_addr_ton(self.wire.sender_ton)
            .source_addr_npi(self.wire.sender_npi)
            .source_addr(self.wire.sender.clone())
            .dest_addr_ton(Ton::International)
            .dest_addr_npi(Npi::Isdn)
            .destination_addr(destination)
            // Not `EsmClass::default()`: in rusmpp 0.4 that is 0x08, an acknowledgement.
            .esm_class(EsmClass::from(if part.header { 0x40 } else { 0 }))
            .validity_period(self.wire.validity.clone())
            .registered_delivery(RegisteredDelivery::new(
                MCDeliveryReceipt::McDeliveryReceiptRequestedWhereFinalDeliveryOutcomeIsSuccessOrFailure,
                SmeOriginatedAcknowledgement::NoReceiptSmeAcknowledgementRequested,
                IntermediateNotification::NoIntermediaryNotificationRequested,
                0,
            ))
            .data_coding(DataCoding::from(part.data_coding))
            .short_message(OctetString::from_slice(&part.octets).ok()?)
            .build();
        pdu.push_tlv(MessageSubmissionRequestTlvValue::UserMessageReference(UserMessageReference::new(
            submission.attempt as u16,
        )));
        if let Some(tag) = self.config.attempt_tag {
            pdu.push_tlv(MessageSubmissionRequestTlvValue::Other {
                tag: TlvTag::Other(tag),
                value: AnyOctetString::from_vec(submission.attempt.to_be_bytes().to_vec()),
            });
        }
        Some(pdu)
    }
}
