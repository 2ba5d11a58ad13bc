//! One world from its first day to its last.

use card::Date;
use deliver::{RunId, book::Book, timing::Contact};
use fastrand::Rng;

use crate::{
    audit::Audit,
    bank::Bank,
    driver::Driver,
    memory::Memory,
    network::Network,
    world::{World, morning},
};

/// What a world came to, for the proof that the worlds are not empty.
#[derive(Default)]
pub struct Came {
    pub offered: u64,
    pub consented: u64,
    pub granted: u64,
    pub paid: u64,
    pub bounced: u64,
    pub carried: u64,
    pub suspended: u64,
    pub recoveries: u64,
    pub late: u64,
    pub held: u64,
    pub doubled: u64,
    pub foreign: u64,
    pub passed: u64,
    pub lapsed: u64,
    pub declined: u64,
    pub reissued: u64,
}

pub fn world(seed: u64) -> Came {
    let mut rng = Rng::with_seed(seed);
    let now = morning();
    let world = World::new(&mut rng, now.day());
    let contact = Contact { reminder_hours: [6, 30][rng.usize(..2)], ..Contact::default() };
    let book = Memory::with(contact);
    let mut driver = Driver {
        book,
        world,
        network: Network::default(),
        bank: Bank::default(),
        audit: Audit::default(),
        contact,
        now,
        rng,
    };
    let mut prepared: Option<RunId> = None;
    let mut swept: Option<Date> = None;
    let mut paid = now.day().month();
    for _ in 0..driver.rng.usize(60..240) {
        // The clock jumps: minutes mostly, sometimes days, now and then not at all.
        let minutes = match driver.rng.u8(..12) {
            0 => 0,
            1..=6 => driver.rng.i64(1..120),
            7..=10 => driver.rng.i64(60..24 * 60),
            _ => driver.rng.i64(24 * 60..8 * 24 * 60),
        };
        let before = driver.now;
        driver.now = driver.now.plus_ms(minutes * 60_000);
        let today = driver.now.day();
        if driver.rng.u8(..8) == 0 {
            driver.world.happens(&mut driver.rng, today);
        }
        let until = driver.now;
        for (at, what) in driver.network.come(until) {
            driver.now = at.max(before);
            driver.arrives(what);
        }
        driver.now = until;
        if swept != Some(today) {
            driver.sweep();
            swept = Some(today);
        }
        driver.tick();
        driver.hear_bank();
        if driver.rng.u8(..6) == 0 {
            driver.officer();
        }
        match prepared {
            Some(run) if driver.rng.u8(..4) > 0 => {
                if driver.rng.u8(..6) == 0 {
                    driver.discard(run);
                } else {
                    driver.release(run);
                }
                prepared = None;
            }
            None if today.month() > paid || driver.rng.u8(..30) == 0 => {
                paid = today.month();
                prepared = Some(driver.prepare(paid));
            }
            _ => {}
        }
    }
    driver.audit.close(&driver.book, &driver.book.journal, &driver.network, &driver.bank);
    for talk in driver.book.conversations.values() {
        for offer in talk.questions().filter_map(|question| question.about.offer()) {
            let offer = &driver.book.offers[&offer];
            assert!(offer.stage.asks() && offer.phones.contains(&talk.phone), "asked for ever: {offer:?}");
        }
    }
    let again = driver.book.replayed();
    assert_eq!(again.rights, driver.book.rights, "the journal tells other rights");
    assert_eq!(again.offers, driver.book.offers, "the journal tells other offers");
    assert_eq!(again.conversations, driver.book.conversations, "the journal tells other conversations");
    assert_eq!(again.attempts, driver.book.attempts, "the journal tells other messages");
    assert_eq!(again.runs, driver.book.runs, "the journal tells other runs");
    came(&driver)
}

fn came(driver: &Driver<Memory>) -> Came {
    use deliver::{book::Entry, conversation, ledger, offer, right};
    let funnel = driver.book.funnel().unwrap();
    let mut came = Came {
        offered: funnel.offered,
        consented: funnel.consented,
        granted: funnel.granted,
        paid: funnel.paid,
        ..Came::default()
    };
    for entry in driver.book.journal.iter().flat_map(|t| &t.entries) {
        match entry {
            Entry::Right(_, events) => {
                for event in events {
                    match event {
                        right::Event::AccountLost { .. } => came.bounced += 1,
                        right::Event::OwedSet { owed, .. } if owed.basis != ledger::Basis::Assessed => {
                            came.carried += 1;
                        }
                        right::Event::Suspended { .. } => came.suspended += 1,
                        right::Event::RecoveryOpened { .. } => came.recoveries += 1,
                        right::Event::Declined { .. } => came.declined += 1,
                        right::Event::Ordered { order }
                            if matches!(order.cause, ledger::Cause::Reissue { .. }) =>
                        {
                            came.reissued += 1;
                        }
                        _ => {}
                    }
                }
            }
            Entry::Offer(_, events) => {
                for event in events {
                    match event {
                        offer::Event::PassedOn { .. } => came.passed += 1,
                        offer::Event::Lapsed { .. } => came.lapsed += 1,
                        _ => {}
                    }
                }
            }
            Entry::Conversation(_, events) => {
                for event in events {
                    match event {
                        conversation::Event::Answered { late: true, .. } => came.late += 1,
                        conversation::Event::Heard { bound, .. } => match bound {
                            conversation::Bound::Held => came.held += 1,
                            conversation::Bound::Doubled => came.doubled += 1,
                            conversation::Bound::Foreign => came.foreign += 1,
                            _ => {}
                        },
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    came
}

fn sum(total: &mut Came, one: &Came) {
    total.offered += one.offered;
    total.consented += one.consented;
    total.granted += one.granted;
    total.paid += one.paid;
    total.bounced += one.bounced;
    total.carried += one.carried;
    total.suspended += one.suspended;
    total.recoveries += one.recoveries;
    total.late += one.late;
    total.held += one.held;
    total.doubled += one.doubled;
    total.foreign += one.foreign;
    total.passed += one.passed;
    total.lapsed += one.lapsed;
    total.declined += one.declined;
    total.reissued += one.reissued;
}

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn many_worlds_hold() {
    let seeds = match from_env("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..from_env("SEEDS").unwrap_or(1000),
    };
    let mut total = Came::default();
    let all = seeds.end - seeds.start > 100;
    for seed in seeds {
        let came = std::panic::catch_unwind(|| world(seed));
        let Ok(came) = came else {
            panic!("seed {seed} fails; again alone: SEED={seed} cargo test -p deliver --test it")
        };
        sum(&mut total, &came);
    }
    let counts = [
        ("offered", total.offered),
        ("consented", total.consented),
        ("granted", total.granted),
        ("paid", total.paid),
        ("bounced", total.bounced),
        ("reissued", total.reissued),
        ("carried", total.carried),
        ("suspended", total.suspended),
        ("recoveries", total.recoveries),
        ("late answers", total.late),
        ("held replies", total.held),
        ("doubled replies", total.doubled),
        ("foreign replies", total.foreign),
        ("passed to the next", total.passed),
        ("lapsed", total.lapsed),
        ("declined", total.declined),
    ];
    println!("{counts:?}");
    for (what, count) in counts {
        assert!(!all || count > 0, "no world ever came to: {what}");
    }
}
