//! A bank that answers files with files: it takes pain.001 from a folder, and puts pain.002 and
//! camt.054 into another.
//!
//! Everything follows from the seed and the orders' own ids, so that a restart, or the same file a
//! second time, leads to the same answers and the same references.

mod answers;
mod chance;
mod orders;

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use card::{Moment, Span, Tenge};

use chance::Chance;
pub use orders::OrderFileError;
use orders::{Batch, Order};

/// How the simulated bank behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankConfig {
    /// The folder that it takes orders from. Files stay there.
    pub inbox: PathBuf,
    /// The folder that it puts answers into.
    pub outbox: PathBuf,
    /// The seed of every chance.
    pub seed: u64,
    /// So many of a thousand orders are refused at once. In a file large enough for one, at least
    /// that share is.
    pub rejected: u32,
    /// So many of a thousand orders come back after they were booked, likewise.
    pub returned: u32,
    /// After how many days they come back.
    pub return_after: i32,
    /// The version of its statements.
    pub version: StatementVersion,
}

/// The version of camt.054 that the bank writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatementVersion {
    /// camt.054.001.06.
    V06,
    /// camt.054.001.08.
    #[default]
    V08,
}

impl BankConfig {
    /// A bank that refuses and returns nothing.
    pub fn new(inbox: impl Into<PathBuf>, outbox: impl Into<PathBuf>) -> Self {
        Self {
            inbox: inbox.into(),
            outbox: outbox.into(),
            seed: 1,
            rejected: 0,
            returned: 0,
            return_after: 2,
            version: StatementVersion::default(),
        }
    }
}

/// What one look at the inbox led to.
#[derive(Debug, Default)]
pub struct Processed {
    /// The files that were written.
    pub written: Vec<PathBuf>,
    /// Files of the inbox that are no payment orders, each told once.
    pub unreadable: Vec<OrderFileError>,
}

/// The bank.
#[derive(Debug)]
pub struct Bank {
    config: BankConfig,
    seen: HashMap<PathBuf, (u64, Option<SystemTime>)>,
    accounts: BTreeMap<String, Account>,
}

/// What the bank keeps of a batch, by its message id.
#[derive(Debug)]
struct Account {
    batch: Batch,
    /// Why the whole file is refused.
    refusal: Option<&'static str>,
    /// By order: why it is refused or comes back.
    rejected: HashMap<usize, &'static str>,
    returned: HashMap<usize, &'static str>,
    settled: bool,
    ended: bool,
}

/// Why an order is refused, or comes back: wrong, closed and blocked account, wrong name.
const REASONS: [&str; 4] = ["AC01", "AC04", "AC06", "BE01"];

impl Bank {
    /// Opens the bank; its folders are made where they are missing.
    pub fn open(config: BankConfig) -> io::Result<Self> {
        fs::create_dir_all(&config.inbox)?;
        fs::create_dir_all(&config.outbox)?;
        Ok(Self { config, seen: HashMap::new(), accounts: BTreeMap::new() })
    }

    /// Answers what is new in the inbox, and books what is due on the day of `now`.
    pub fn process(&mut self, now: Moment) -> io::Result<Processed> {
        let mut done = Processed::default();
        for path in self.new_files()? {
            match orders::read(BufReader::new(File::open(&path)?), &path) {
                Ok(batch) => done.written.extend(self.receive(batch, now)?),
                Err(error) => done.unreadable.push(error),
            }
        }
        let ids: Vec<String> = self.accounts.keys().cloned().collect();
        for id in ids {
            done.written.extend(self.book(&id, now)?);
        }
        Ok(done)
    }

    fn new_files(&mut self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.config.inbox)? {
            let entry = entry?;
            let (path, about) = (entry.path(), entry.metadata()?);
            if !about.is_file() || path.extension().is_none_or(|e| e != "xml") {
                continue;
            }
            let stamp = (about.len(), about.modified().ok());
            if self.seen.insert(path.clone(), stamp) != Some(stamp) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Takes a file and answers it.
    fn receive(&mut self, batch: Batch, now: Moment) -> io::Result<Option<PathBuf>> {
        let id = batch.id.clone();
        let name = file_name(&id);
        if let Some(known) = self.accounts.get(&id)
            && known.batch.fingerprint != batch.fingerprint
        {
            let path =
                self.config.outbox.join(format!("{name}.{:08x}.pain.002.xml", batch.fingerprint as u32));
            // The same id with other content pays nothing, whatever it says.
            let refused = Account::refused(batch, "AM05");
            return save(&path, |out| answers::status(out, &refused, now)).map(Some);
        }
        let restarted = !self.accounts.contains_key(&id);
        let account = match self.accounts.remove(&id) {
            Some(account) => account,
            None => self.decide(batch),
        };
        let path = self.config.outbox.join(format!("{name}.pain.002.xml"));
        // After a restart the answer is there already; the same file again is answered again.
        let written = if restarted && path.exists() {
            None
        } else {
            Some(save(&path, |out| answers::status(out, &account, now))?)
        };
        self.accounts.insert(id, account);
        Ok(written)
    }

    fn decide(&self, batch: Batch) -> Account {
        if let Some(refusal) = batch.refusal() {
            return Account::refused(batch, refusal);
        }
        let chance = Chance::new(self.config.seed);
        let reasons = |chosen: Vec<usize>| -> HashMap<usize, &'static str> {
            chosen.into_iter().map(|at| (at, chance.one_of(&REASONS, &batch.orders[at].end_to_end))).collect()
        };
        let mut rejected = reasons(chance.share("rejected", self.config.rejected, &batch.orders, |_| true));
        for (at, order) in batch.orders.iter().enumerate() {
            if let Some(fault) = order.fault {
                rejected.insert(at, fault);
            }
        }
        let taken = |at: usize| !rejected.contains_key(&at);
        let returned = reasons(chance.share("returned", self.config.returned, &batch.orders, taken));
        Account { batch, refusal: None, rejected, returned, settled: false, ended: false }
    }

    /// Books a batch on its day, and its returns some days later.
    fn book(&mut self, id: &str, now: Moment) -> io::Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        let Some(account) = self.accounts.get_mut(id) else { return Ok(written) };
        let name = file_name(id);
        let day = account.batch.day;
        if !account.settled && now.day() >= day {
            account.settled = true;
            let path = self.config.outbox.join(format!("{name}.camt.054.xml"));
            if account.refusal.is_none() && account.paid().next().is_some() && !path.exists() {
                let version = self.config.version;
                written.push(save(&path, |out| answers::booked(out, account, day, now, version))?);
            }
        }
        let back = day.plus(Span::Days(self.config.return_after));
        if account.settled && !account.ended && now.day() >= back {
            account.ended = true;
            let path = self.config.outbox.join(format!("{name}.returns.camt.054.xml"));
            if !account.returned.is_empty() && !path.exists() {
                let version = self.config.version;
                written.push(save(&path, |out| answers::returned(out, account, back, now, version))?);
            }
        }
        Ok(written)
    }
}

impl Account {
    fn refused(batch: Batch, reason: &'static str) -> Self {
        let nothing = HashMap::new;
        Self {
            batch,
            refusal: Some(reason),
            rejected: nothing(),
            returned: nothing(),
            settled: false,
            ended: false,
        }
    }

    /// The orders that are paid.
    fn paid(&self) -> impl Iterator<Item = (usize, &Order)> + Clone {
        self.batch.orders.iter().enumerate().filter(|(at, _)| !self.rejected.contains_key(at))
    }
}

/// Writes a file that is there whole or not at all.
fn save(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<PathBuf> {
    let unfinished = path.with_extension("unfinished");
    let mut out = BufWriter::new(File::create(&unfinished)?);
    write(&mut out)?;
    out.flush()?;
    out.get_ref().sync_all()?;
    fs::rename(&unfinished, path)?;
    Ok(path.to_owned())
}

/// A message id as a file name.
fn file_name(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

/// The sum of some orders.
fn sum<'o>(orders: impl Iterator<Item = &'o Order>) -> Tenge {
    Tenge::from_tiyn(orders.map(|order| order.amount.tiyn()).sum())
}
