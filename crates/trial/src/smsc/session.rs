//! One connection: who binds, what is submitted, and the answers.

use std::{io, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use rusmpp::{
    Command, CommandStatus, Pdu,
    pdus::{BindReceiverResp, BindTransceiverResp, BindTransmitterResp, SubmitSmResp},
    tokio_codec::CommandCodec,
    types::COctetString,
    values::InterfaceVersion,
};
use tokio::{
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::{interval, sleep, timeout},
};
use tokio_util::codec::{FramedRead, FramedWrite};

use super::center::{Answer, Center};

/// How long a connection may stay without a bind.
const UNBOUND: Duration = Duration::from_secs(10);
/// How long the answer waits when the receipt comes first.
const OVERTAKEN: Duration = Duration::from_millis(200);

/// Serves every connection until the simulator stops.
pub(super) async fn accept(listener: TcpListener, center: Arc<Center>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, center.clone()));
            }
            // Such as too many open files: connections end, and the next one can be taken.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn serve(stream: TcpStream, center: Arc<Center>) {
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let mut reader = FramedRead::new(reader, CommandCodec::new());
    let (sender, commands) = mpsc::unbounded_channel();
    let writing = tokio::spawn(write(writer, commands));
    if let Ok(Some(session)) = timeout(UNBOUND, bind(&mut reader, &center, &sender)).await {
        listen(&mut reader, &center, session, &sender).await;
        center.leave(session);
    }
    drop(sender);
    let _ = writing.await;
}

/// Writes what is due in as few packets as possible.
async fn write(writer: OwnedWriteHalf, mut commands: mpsc::UnboundedReceiver<Command>) -> io::Result<()> {
    let mut writer = FramedWrite::new(writer, CommandCodec::new());
    while let Some(command) = commands.recv().await {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        writer.feed(&command).await.map_err(gone)?;
        while let Ok(command) = commands.try_recv() {
            writer.feed(&command).await.map_err(gone)?;
        }
        <FramedWrite<_, _> as SinkExt<&Command>>::flush(&mut writer).await.map_err(gone)?;
    }
    Ok(())
}

async fn bind(
    reader: &mut FramedRead<OwnedReadHalf, CommandCodec>,
    center: &Center,
    sender: &mpsc::UnboundedSender<Command>,
) -> Option<u64> {
    loop {
        let command = reader.next().await?.ok()?;
        let (system_id, password, receives) = match command.pdu() {
            Some(Pdu::BindTransceiver(bind)) => (&bind.system_id, &bind.password, true),
            Some(Pdu::BindReceiver(bind)) => (&bind.system_id, &bind.password, true),
            Some(Pdu::BindTransmitter(bind)) => (&bind.system_id, &bind.password, false),
            _ => {
                send(sender, CommandStatus::EsmeRinvbndsts, command.sequence_number(), Pdu::GenericNack);
                continue;
            }
        };
        let status = center.admits(system_id.as_str(), password.as_str());
        let name = "trial-smsc".parse().unwrap_or_else(|_| COctetString::empty());
        let version = Some(InterfaceVersion::Smpp3_4);
        let answer = match command.pdu() {
            Some(Pdu::BindTransmitter(_)) => Pdu::from(BindTransmitterResp::new(name, version)),
            Some(Pdu::BindReceiver(_)) => Pdu::from(BindReceiverResp::new(name, version)),
            _ => Pdu::from(BindTransceiverResp::new(name, version)),
        };
        send(sender, status, command.sequence_number(), answer);
        if status == CommandStatus::EsmeRok {
            return Some(center.join(system_id.as_str(), receives, sender.clone()));
        }
    }
}

async fn listen(
    reader: &mut FramedRead<OwnedReadHalf, CommandCodec>,
    center: &Center,
    session: u64,
    sender: &mpsc::UnboundedSender<Command>,
) {
    let mut enquire = interval(center.config.enquire_every);
    enquire.tick().await;
    loop {
        let command = tokio::select! {
            next = reader.next() => match next {
                Some(Ok(command)) => command,
                _ => return,
            },
            _ = enquire.tick() => {
                let Some(number) = center.next_number(session) else { return };
                send(sender, CommandStatus::EsmeRok, number, Pdu::EnquireLink);
                continue;
            }
        };
        if center.is_silent() {
            continue;
        }
        let number = command.sequence_number();
        match command.pdu() {
            Some(Pdu::SubmitSm(message)) => {
                let (status, id, late) = match center.submit(session, message) {
                    Answer::Taken { id, late } => (CommandStatus::EsmeRok, id, late),
                    Answer::Refused(status) => (status, String::new(), false),
                    Answer::Cut => return,
                };
                let answer = SubmitSmResp::builder().message_id(id.parse().unwrap_or_default()).build();
                if late {
                    let sender = sender.clone();
                    tokio::spawn(async move {
                        sleep(OVERTAKEN).await;
                        send(&sender, status, number, answer);
                    });
                } else {
                    send(sender, status, number, answer);
                }
            }
            Some(Pdu::EnquireLink) => send(sender, CommandStatus::EsmeRok, number, Pdu::EnquireLinkResp),
            Some(Pdu::Unbind) => {
                send(sender, CommandStatus::EsmeRok, number, Pdu::UnbindResp);
                return;
            }
            Some(Pdu::DeliverSmResp(_)) => center.delivered(session, number, command.status()),
            Some(Pdu::EnquireLinkResp | Pdu::UnbindResp) => {}
            // An answer whose body is left out, as SMPP has it for errors, or a refusal.
            _ if u32::from(command.id()) & 0x8000_0000 != 0 => {
                center.delivered(session, number, command.status());
            }
            _ => send(sender, CommandStatus::EsmeRinvcmdid, number, Pdu::GenericNack),
        }
    }
}

fn send(
    sender: &mpsc::UnboundedSender<Command>,
    status: CommandStatus,
    sequence_number: u32,
    pdu: impl Into<Pdu>,
) {
    let command = Command::builder().status(status).sequence_number(sequence_number).pdu(pdu);
    // The writer is gone when the connection is; the reader will notice.
    let _ = sender.send(command);
}
