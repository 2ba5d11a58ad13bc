//! Bank files against the simulated bank: every tiyn that goes out is told of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::BufReader,
    ops::Deref,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use card::{Date, Iban, Iin, Moment, Sex, Tenge};
use deliver::port::{BankStatus, Movement, Payer, PaymentBatch, StatementEntry, StatusReport, Transfer};
use outside::bank::{statement, status_reports, write_batch};
use trial::bank::{Bank, BankConfig, StatementVersion};

/// A folder of its own for a test, gone with it.
pub struct Folder(PathBuf);

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn folder(name: &str) -> Folder {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{number}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    Folder(path)
}

pub fn account(number: u32) -> Iban {
    Iban::compose("601", &format!("{number:013}")).unwrap()
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A batch of so many orders, of 1.01, 2.02, … tenge.
pub fn batch(id: &str, orders: u32) -> PaymentBatch {
    let day = day("2026-12-10");
    let transfers = (1..=orders)
        .map(|n| Transfer {
            end_to_end: format!("{id}-O{n}"),
            instruction: format!("{id}-O{n}-1"),
            uetr: format!("{n:08x}-6d0f-4c3e-8d5a-0d6c0a4a7f11"),
            amount: Tenge::from_tiyn(i64::from(n) * 101),
            to: account(1000 + n),
            bic: "HSBKKZKX".to_owned(),
            name: format!("Әлиева Айгүл {n} & <Қожа>"),
            iin: iin(n),
            text: "Көпбалалы отбасы жәрдемақысы 12.2026".to_owned(),
        })
        .collect();
    PaymentBatch {
        id: id.to_owned(),
        created: Moment::local(day, 8, 30),
        execution: day,
        payer: Payer {
            name: "Мемлекеттік корпорация".to_owned(),
            bin: "160440007161".to_owned(),
            account: account(1),
            bic: "KKMFKZ2A".to_owned(),
        },
        transfers,
    }
}

fn iin(n: u32) -> Iin {
    let born = Date::from_ymd(1980 + (n % 20) as i32, 1 + n % 12, 1 + n % 28).unwrap();
    // One in many serial numbers has no control digit.
    (0..5).find_map(|step| Iin::compose(born, Sex::Female, (n % 990) as u16 + step)).unwrap()
}

pub fn send(batch: &PaymentBatch, inbox: &Path) -> PathBuf {
    let path = inbox.join(format!("{}.xml", batch.id));
    write_batch(batch, File::create(&path).unwrap()).unwrap();
    path
}

fn open(path: &Path) -> BufReader<File> {
    BufReader::new(File::open(path).unwrap())
}

pub fn reports(path: &Path) -> Vec<StatusReport> {
    status_reports(open(path), &path.display().to_string()).collect::<Result<_, _>>().unwrap()
}

pub fn entries(path: &Path) -> Vec<StatementEntry> {
    statement(open(path), &path.display().to_string()).collect::<Result<_, _>>().unwrap()
}

struct World {
    bank: Bank,
    inbox: PathBuf,
    root: Folder,
}

fn world(change: impl FnOnce(&mut BankConfig)) -> World {
    let root = folder("bank");
    let mut config = BankConfig::new(root.join("in"), root.join("out"));
    change(&mut config);
    World { bank: Bank::open(config.clone()).unwrap(), inbox: config.inbox, root }
}

impl World {
    fn on(&mut self, text: &str) -> Vec<PathBuf> {
        let done = self.bank.process(Moment::local(day(text), 9, 0)).unwrap();
        assert!(done.unreadable.is_empty(), "{:?}", done.unreadable);
        done.written
    }
}

#[test]
fn every_order_is_settled_refused_or_returned() {
    for version in [StatementVersion::V06, StatementVersion::V08] {
        let mut world = world(|config| {
            config.rejected = 20;
            config.returned = 30;
            config.version = version;
        });
        let batch = batch("RUN-1", 250);
        send(&batch, &world.inbox);
        let amounts: BTreeMap<_, _> =
            batch.transfers.iter().map(|t| (t.end_to_end.clone(), t.amount)).collect();

        let [answer] = &world.on("2026-12-09")[..] else { panic!("one answer") };
        let reports = reports(answer);
        let rejected: BTreeSet<_> = reports
            .iter()
            .filter(|report| matches!(report.status, BankStatus::Rejected { .. }))
            .map(|report| report.end_to_end.clone().unwrap())
            .collect();
        assert_eq!(rejected.len(), 5, "two in a hundred");
        let last = reports.last().unwrap();
        assert_eq!((&last.end_to_end, &last.status), (&None, &BankStatus::Accepted));
        assert!(reports.iter().all(|report| report.batch == "RUN-1"));

        let [booked] = &world.on("2026-12-10")[..] else { panic!("one statement") };
        let paid = entries(booked);
        let [back] = &world.on("2026-12-12")[..] else { panic!("one statement of returns") };
        let returned = entries(back);
        assert!(world.on("2026-12-20").is_empty());

        assert_eq!(returned.len(), 8, "three in a hundred, rounded up");
        for entry in &returned {
            assert!(matches!(&entry.movement, Movement::Returned { reason } if reason.len() == 4));
            assert!(paid.iter().any(|paid| paid.end_to_end == entry.end_to_end));
            assert_eq!(entry.booked, day("2026-12-12"));
        }
        for entry in &paid {
            assert_eq!(entry.movement, Movement::Paid);
            assert_eq!(entry.booked, day("2026-12-10"));
            assert_eq!(entry.amount, amounts[&entry.end_to_end]);
            assert!(!rejected.contains(&entry.end_to_end));
        }
        assert_eq!(paid.len() + rejected.len(), 250);
        let references: BTreeSet<_> = paid.iter().chain(&returned).map(|e| e.reference.clone()).collect();
        assert_eq!(references.len(), paid.len() + returned.len(), "each entry has its own reference");
    }
}

#[test]
fn the_same_file_is_answered_alike_and_paid_once() {
    let mut world = world(|config| config.rejected = 100);
    let first = send(&batch("RUN-1", 50), &world.inbox);
    let answer = reports(&world.on("2026-12-10")[0]);
    fs::copy(&first, world.inbox.join("again.xml")).unwrap();
    let again = world.on("2026-12-11");
    assert_eq!(again.len(), 1, "an answer and no second statement");
    assert_eq!(reports(&again[0]), answer);

    // The same id with other orders pays nothing.
    let mut other = batch("RUN-1", 50);
    other.transfers[7].amount = Tenge::whole(1_000_000);
    write_batch(&other, File::create(world.inbox.join("other.xml")).unwrap()).unwrap();
    let refused = world.on("2026-12-11");
    let [report] = &reports(&refused[0])[..] else { panic!("one report") };
    assert_eq!(report.status, BankStatus::Rejected { reason: "AM05".to_owned() });
    assert_eq!(refused.len(), 1);
}

#[test]
fn a_bank_that_starts_again_tells_the_same() {
    let mut world = world(|config| config.returned = 100);
    send(&batch("RUN-1", 30), &world.inbox);
    let before: Vec<_> = world.on("2026-12-12").iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!(before.len(), 3);
    let out = world.root.join("out");
    let mut config = BankConfig::new(&world.inbox, &out);
    config.returned = 100;
    assert!(
        Bank::open(config.clone())
            .unwrap()
            .process(Moment::local(day("2026-12-13"), 9, 0))
            .unwrap()
            .written
            .is_empty()
    );
    // Its answers are taken away, as the service does: it tells them again, with the same references.
    fs::remove_dir_all(&out).unwrap();
    let mut bank = Bank::open(config).unwrap();
    let again = bank.process(Moment::local(day("2026-12-13"), 9, 0)).unwrap().written;
    assert_eq!(again.len(), 3);
    let references = |octets: &[u8]| -> BTreeSet<String> {
        statement(octets, "x").map(|entry| entry.unwrap().reference).collect()
    };
    assert_eq!(references(&fs::read(&again[1]).unwrap()), references(&before[1]));
}

#[test]
fn a_file_with_a_wrong_sum_or_account_is_refused() {
    let mut world = world(|_| {});
    let path = send(&batch("RUN-1", 3), &world.inbox);
    let xml = fs::read_to_string(&path).unwrap();
    fs::write(&path, xml.replace("<CtrlSum>6.06</CtrlSum>", "<CtrlSum>6.07</CtrlSum>")).unwrap();
    let [report] = &reports(&world.on("2026-12-10")[0])[..] else { panic!("one report") };
    assert_eq!(report.status, BankStatus::Rejected { reason: "AM10".to_owned() });

    let path = send(&batch("RUN-2", 3), &world.inbox);
    let xml = fs::read_to_string(&path).unwrap();
    fs::write(&path, xml.replace(&account(1002).expose(), "KZ00")).unwrap();
    let written = world.on("2026-12-10");
    let rejected = &reports(&written[0])[0];
    assert_eq!(rejected.end_to_end.as_deref(), Some("RUN-2-O2"));
    assert_eq!(rejected.status, BankStatus::Rejected { reason: "AC01".to_owned() });
    assert_eq!(entries(&written[1]).len(), 2);

    fs::write(world.inbox.join("broken.xml"), "<Document>").unwrap();
    let done = world.bank.process(Moment::local(day("2026-12-10"), 9, 0)).unwrap();
    assert!(done.unreadable[0].to_string().contains("broken.xml"), "{:?}", done.unreadable);
}
