//! One connection after the other: bind, listen, bind again.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use futures_util::{Stream, StreamExt};
use rusmpp::{Command, CommandStatus, Pdu, pdus::DeliverSmResp};
use rusmppc::{Client, ConnectionBuilder, Event, error::Error};
use tokio::{
    net::TcpStream,
    sync::{Semaphore, mpsc},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{
    incoming::{self, Desk, Incoming, Reply},
    link::{LinkState, Shared, count},
};

/// Larger messages are refused with the connection; the longest of SMPP 3.4 with a payload TLV fits.
const MOST_OCTETS: usize = 70_000;
/// How long the connection may rest with work left.
const STIR: Duration = Duration::from_millis(5);

/// Binds until the link is stopped.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut stop = shared.stop.subscribe();
    let mut pause = shared.config.limits.back_off_first;
    let mut desk = Desk::new(&shared.config.limits);
    loop {
        match connect(&shared).await {
            Ok((client, events)) => {
                pause = shared.config.limits.back_off_first;
                count(&shared.counters.binds);
                shared.client.send_replace(Some(client.clone()));
                shared.state.send_replace(LinkState::Up);
                let stopped = tokio::select! {
                    () = listen(&shared, &mut desk, client.clone(), events) => false,
                    _ = stop.wait_for(|stop| *stop) => true,
                };
                if stopped {
                    part(&client, shared.config.limits.response).await;
                }
                shared.client.send_replace(None);
                shared.state.send_replace(LinkState::Down);
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

/// Takes leave of the operator.
async fn part(client: &Client, most: Duration) {
    let _ = timeout(most, client.unbind()).await;
    let _ = timeout(most, client.close_and_wait()).await;
}

async fn connect(
    shared: &Shared,
) -> Result<(Client, impl Stream<Item = Event> + Unpin + 'static), LinkState> {
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
    match timeout(limits.response, client.bind_transceiver(shared.wire.bind.clone())).await {
        Ok(Ok(_)) => Ok((client, events)),
        Ok(Err(Error::UnexpectedResponse { response })) => Err(LinkState::Refused(response.status().into())),
        _ => Err(LinkState::Down),
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
async fn listen(
    shared: &Arc<Shared>,
    desk: &mut Desk,
    client: Client,
    mut events: impl Stream<Item = Event> + Unpin,
) {
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
