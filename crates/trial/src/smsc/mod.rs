//! An SMSC and the phones behind it: a simulator that speaks real SMPP 3.4 on a socket.
//!
//! The service binds to it as to an operator and cannot tell the difference. Behind the socket are
//! phones: every message that was submitted arrives on one, and what a phone writes is delivered to
//! whoever is bound. Faults of real operators can be switched on.

mod alphabet;
mod center;
mod config;
mod phones;
mod session;

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    net::{TcpListener, ToSocketAddrs},
    sync::broadcast,
    task::JoinHandle,
};

use center::Center;
pub use config::{Clock, Config, Faults, IdStyle};
pub use phones::{Counts, Message, Page, Phone, State};

/// A running simulator; dropped, it stops.
pub struct Smsc {
    center: Arc<Center>,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

impl Smsc {
    /// Listens on an address; port 0 takes a free one.
    pub async fn start(address: impl ToSocketAddrs, config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let center = Arc::new(Center::new(config));
        let tasks = vec![
            tokio::spawn(session::accept(listener, center.clone())),
            tokio::spawn(center::deliver(center.clone())),
        ];
        Ok(Self { center, address, tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Phones whose number contains `search`, the one with the newest message first; pages count
    /// from 0.
    pub fn phones(&self, search: &str, page: usize, size: usize) -> Page<Phone> {
        self.center.with(|inner| inner.phones.page(search, page, size))
    }

    /// All messages of one phone, oldest first.
    pub fn thread(&self, number: &str) -> Vec<Message> {
        self.center.with(|inner| inner.phones.thread(number))
    }

    /// Messages with a number above `after`, oldest first, at most `most`.
    pub fn messages(&self, after: u64, most: usize) -> Vec<Message> {
        self.center.with(|inner| inner.phones.after(after, most))
    }

    /// Puts messages back that were on phones before a restart; their order is kept, their numbers are
    /// given anew.
    pub fn recall(&self, messages: Vec<Message>) {
        self.center.with(|inner| {
            for message in messages {
                inner.phones.add(message);
            }
        });
    }

    /// A person writes from a phone to the short number. Returns the number of the message.
    pub fn reply(&self, from: &str, text: &str) -> u64 {
        self.center.reply(from, text)
    }

    /// News: each message when it is new and whenever its state changes.
    pub fn news(&self) -> broadcast::Receiver<Message> {
        self.center.news.subscribe()
    }

    /// Switches faults on and off.
    pub fn set_faults(&self, faults: Faults) {
        self.center.with(|inner| inner.faults = faults);
    }

    /// Messages to phones that have not arrived and not failed.
    pub fn underway(&self) -> usize {
        self.center.with(|inner| inner.phones.underway())
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.center.with(|inner| inner.counts)
    }
}

impl Drop for Smsc {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.center.close();
    }
}
