//! One connection after the other: bind, listen, bind again.

use std::{
    future::pending,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use futures_util::{StreamExt, stream::BoxStream};
use rusmpp::{
    Command, CommandStatus, Pdu,
    pdus::{BindReceiver, BindTransmitter, DeliverSmResp},
};
use rusmppc::{Client, ConnectionBuilder, Event, error::Error};
use tokio::{
    net::TcpStream,
    sync::{Semaphore, mpsc},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{
    Binds,
    incoming::{self, Desk, Incoming, Reply},
    link::{LinkState, Shared, count},
};

/// Larger messages are refused with the connection; the longest of SMPP 3.4 with a payload TLV fits.
const MOST_OCTETS: usize = 70_000;
/// How long the connection may rest with work left.
const STIR: Duration = Duration::from_millis(5);

/// What comes over one connection.
type Events = BoxStream<'static, Event>;

/// The connections of a bind: submissions go over the first, deliveries come over the second, which
/// is the same for a transceiver.
struct Bound {
    submit: Client,
    submit_events: Option<Events>,
    deliver: Client,
    deliver_events: Events,
}

/// Binds until the link is stopped.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut stop = shared.stop.subscribe();
    let mut pause = shared.config.limits.back_off_first;
    let mut desk = Desk::new(&shared.config.limits, shared.again.clone());
    loop {
        match connect(&shared).await {
            Ok(bound) => {
                pause = shared.config.limits.back_off_first;
                count(&shared.counters.binds);
                shared.client.send_replace(Some(bound.submit.clone()));
                shared.state.send_replace(LinkState::Up);
                let stopped = tokio::select! {
                    () = listen(&shared, &mut desk, bound.deliver.clone(), bound.deliver_events) => false,
                    () = attend(bound.submit.clone(), bound.submit_events) => false,
                    _ = stop.wait_for(|stop| *stop) => true,
                };
                shared.client.send_replace(None);
                shared.state.send_replace(LinkState::Down);
                let most = if stopped { shared.config.limits.response } else { Duration::ZERO };
                part(&bound.submit, most).await;
                part(&bound.deliver, most).await;
            }
            Err(state) => {
                shared.state.send_replace(state);
            }
        }
        tokio::select! {
            () = sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        pause = (pause * 2).min(shared.config.limits.back_off_most);
    }
}

/// Takes leave of the operator; without time for it, hangs up.
async fn part(client: &Client, most: Duration) {
    if client.is_closed() {
        return;
    }
    let _ = timeout(most, client.unbind()).await;
    let _ = client.close().await;
    let _ = timeout(most, client.closed()).await;
}

async fn connect(shared: &Shared) -> Result<Bound, LinkState> {
    let bind = &shared.wire.bind;
    let (submit, events) = open(shared).await?;
    match shared.config.binds {
        Binds::Transceiver => {
            bound(shared, submit.bind_transceiver(bind.clone())).await?;
            Ok(Bound { submit: submit.clone(), submit_events: None, deliver: submit, deliver_events: events })
        }
        Binds::Pair => {
            let transmitter = BindTransmitter::builder()
                .system_id(bind.system_id.clone())
                .password(bind.password.clone())
                .system_type(bind.system_type.clone())
                .interface_version(bind.interface_version);
            bound(shared, submit.bind_transmitter(transmitter.build())).await?;
            let (deliver, deliver_events) = open(shared).await?;
            let receiver = BindReceiver::builder()
                .system_id(bind.system_id.clone())
                .password(bind.password.clone())
                .system_type(bind.system_type.clone())
                .interface_version(bind.interface_version);
            bound(shared, deliver.bind_receiver(receiver.build())).await?;
            Ok(Bound { submit, submit_events: Some(events), deliver, deliver_events })
        }
    }
}

/// Opens a connection, without a bind.
async fn open(shared: &Shared) -> Result<(Client, Events), LinkState> {
    let limits = &shared.config.limits;
    let stream = timeout(limits.response, TcpStream::connect(&shared.config.address))
        .await
        .ok()
        .and_then(Result::ok)
        .ok_or(LinkState::Down)?;
    stream.set_nodelay(true).map_err(|_| LinkState::Down)?;
    let (client, events, connection) = ConnectionBuilder::new()
        .max_command_length(MOST_OCTETS)
        .disable_interface_version_check()
        .enquire_link_interval(limits.enquire_every)
        .enquire_link_response_timeout(limits.response)
        .response_timeout(limits.late_response)
        .no_spawn()
        .connected(stream);
    tokio::spawn(drive(connection));
    Ok((client, events.boxed()))
}

/// Waits for the answer to a bind.
async fn bound<T>(shared: &Shared, bind: impl Future<Output = Result<T, Error>>) -> Result<(), LinkState> {
    match timeout(shared.config.limits.response, bind).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(Error::UnexpectedResponse { response })) => Err(LinkState::Refused(response.status().into())),
        _ => Err(LinkState::Down),
    }
}

/// Waits until the connection for submissions ends, where there is one of its own.
async fn attend(client: Client, events: Option<Events>) {
    let Some(mut events) = events else { return pending().await };
    while let Some(Event::Incoming(command)) = events.next().await {
        if matches!(command.pdu(), Some(Pdu::Unbind)) {
            let _ = client.unbind_resp(command.sequence_number()).await;
            let _ = client.close().await;
        }
    }
}

/// Runs the connection, and stirs it.
///
/// `rusmppc` 0.4 does five steps of writing in one poll and then waits for the socket, though more is
/// queued or written and not flushed; when the answers of all that is on the way come in that same
/// poll, nothing wakes it again before its next `enquire_link`.
async fn drive(connection: impl Future<Output = ()>) {
    tokio::pin!(connection);
    let mut stir = interval(STIR);
    stir.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = &mut connection => return,
            _ = stir.tick() => {}
        }
    }
}

/// Hands on what comes until the connection ends.
async fn listen(shared: &Arc<Shared>, desk: &mut Desk, client: Client, mut events: Events) {
    desk.begin();
    let slots = Arc::new(Semaphore::new(shared.config.limits.handling));
    let queues: Vec<_> =
        (0..shared.config.limits.handling).map(|_| queue(shared.clone(), client.clone())).collect();
    while let Some(Event::Incoming(command)) = events.next().await {
        let number = command.sequence_number();
        match command.pdu() {
            Some(Pdu::DeliverSm(message)) => match desk.read(message, number, &shared.config) {
                Incoming::Receipt(receipt) => {
                    let Ok(slot) = slots.clone().acquire_owned().await else { return };
                    let (shared, client) = (shared.clone(), client.clone());
                    tokio::spawn(async move {
                        let status = incoming::store_receipt(&shared, receipt).await;
                        answer(&client, number, status).await;
                        drop(slot);
                    });
                }
                Incoming::Reply(reply) => {
                    let queue = &queues[shard(&reply, queues.len())];
                    if queue.send(reply).await.is_err() {
                        return;
                    }
                }
                Incoming::Part(waiting) => {
                    let client = client.clone();
                    tokio::spawn(async move { answer(&client, number, waiting.outcome().await).await });
                }
                Incoming::Known => answer(&client, number, CommandStatus::EsmeRok).await,
                Incoming::Unreadable(status) => {
                    count(&shared.counters.unreadable);
                    answer(&client, number, status).await;
                }
            },
            Some(Pdu::Unbind) => {
                let _ = client.unbind_resp(number).await;
                let _ = client.close().await;
            }
            _ if is_request(&command) => {
                let _ = client.status(CommandStatus::EsmeRinvcmdid).generic_nack(number).await;
            }
            // An answer that came after its time.
            _ => {}
        }
    }
}

fn is_request(command: &Command) -> bool {
    u32::from(command.id()) & 0x8000_0000 == 0
}

async fn answer(client: &Client, number: u32, status: CommandStatus) {
    let _ = client.status(status).deliver_sm_resp(number, DeliverSmResp::default()).await;
}

/// One queue of replies: those of one phone are all in one, and so keep their order.
fn queue(shared: Arc<Shared>, client: Client) -> mpsc::Sender<Reply> {
    let (sender, mut replies) = mpsc::channel::<Reply>(shared.config.limits.handling);
    tokio::spawn(async move {
        while let Some(reply) = replies.recv().await {
            // Without a connection the answer could not be given, and the reply comes again.
            if client.is_closed() {
                return;
            }
            let number = reply.sequence_number;
            let status = incoming::store_reply(&shared, reply).await;
            answer(&client, number, status).await;
        }
    });
    sender
}

fn shard(reply: &Reply, queues: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    reply.from.hash(&mut hasher);
    (hasher.finish() % queues as u64) as usize
}
