//! One world from its first day to its last: the real service on the real store and law, and around
//! it everything that goes wrong.

mod judge;
mod money;

mod desk;
mod takeover;

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use card::{Actor, Date, Moment, Msisdn, PersonId, Role, Span, Tenge};
use deliver::{
    AttemptId, RunId,
    archive::Archive as _,
    book::{Book as _, Library as _},
    ledger::OrderState,
    mode::{Mode, Proposal},
    port::{FromNetwork, ReceiptState, Submitted},
    right::{Per, Stage},
    timing::Contact,
};
use fastrand::Rng;
use outside::{
    snapshot::Making,
    sqlite::{Keys, Store, crash},
};
use service::{CallerAnswer, Law, Service, ServiceError, Settings};

use super::{
    audit::Audit,
    bank::{Bank, Money},
    count::Counts,
    extract,
    network::{Arrives, Network},
    watched::{Watched, Witness},
    world::{EXTRACTS, STANDS, World},
};
use judge::Judge;

use app::{
    evaluator::Evaluator,
    failure::Failure,
    settings,
    sweep::{Difference, Sweep},
};

/// What all worlds share: the law and its evaluator.
pub struct Shared {
    pub law: Arc<Law>,
    pub evaluator: Evaluator,
    pub engine: assess::Engine,
}

#[derive(Default)]
struct Clock(AtomicI64);

impl service::Clock for Clock {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::Relaxed))
    }
}

fn official(name: &str, role: Role) -> Actor {
    Actor::Officer { name: name.to_owned(), role }
}

pub struct Life {
    shared: Arc<Shared>,
    dir: PathBuf,
    keys: Keys,
    settings: Settings,
    clock: Arc<Clock>,
    dumb: Arc<AtomicU64>,
    witness: Witness,
    service: Option<Service<Watched>>,
    network: Network,
    bank: Bank,
    rng: Rng,
    /// Runs whose file the bank has.
    sent: BTreeSet<RunId>,
    /// Messages that left, to the link or into the void.
    handed: BTreeSet<u64>,
    forged: u64,
}

/// Lives a world, and tells what it came to.
pub fn live(seed: u64, shared: &Arc<Shared>, dir: PathBuf) -> Counts {
    let mut rng = Rng::with_seed(seed);
    let begun = Date::from_ymd(2026, 8, 1).expect("a day").plus(Span::Days(rng.i32(0..150)));
    let world = World::new(&mut rng, begun);
    let mut settings = settings::trial().expect("the trial's settings");
    if !world.released {
        settings.released.clear();
    }
    settings.contact = Contact {
        gather_minutes: [0, 10][rng.usize(..2)],
        reminder_hours: [6, 30][rng.usize(..2)],
        ..Contact::default()
    };
    std::fs::create_dir_all(&dir).expect("a folder for the store");
    let mut life = Life {
        shared: Arc::clone(shared),
        dir,
        keys: Keys::generate().expect("keys"),
        settings,
        clock: Arc::default(),
        dumb: Arc::default(),
        witness: Witness::new(Audit::new(world)),
        service: None,
        network: Network::default(),
        bank: Bank::default(),
        rng,
        sent: BTreeSet::new(),
        handed: BTreeSet::new(),
        forged: 0,
    };
    life.to(Moment::local(begun, 10, 0));
    life.open();
    life.begin();
    for _ in 0..life.rng.usize(20..45) {
        life.step();
    }
    life.close();
    std::fs::remove_dir_all(&life.dir).expect("the folder goes");
    let mut audit = life.witness.look();
    std::mem::take(&mut audit.counts)
}

impl Life {
    fn now(&self) -> Moment {
        service::Clock::now(&*self.clock)
    }

    fn to(&self, moment: Moment) {
        self.clock.0.store(moment.0, Ordering::Relaxed);
    }

    fn count(&self, what: &'static str) {
        self.witness.look().counts.add(what);
    }

    fn service(&self) -> &Service<Watched> {
        self.service.as_ref().expect("it is open")
    }

    // ── Crashes ──────────────────────────────────────────────────────────────────────────────────

    /// Opens the store as after a start, whatever state it was left in.
    fn open(&mut self) {
        self.service = None;
        let pack = &self.shared.law.pack;
        let mut schema = pack.schema.clone();
        let stored = pack.groups.iter().map(|group| group.entity.0 as usize).min();
        schema.entities.truncate(stored.unwrap_or(schema.entities.len()));
        let store =
            Store::open(self.dir.join("card.sqlite"), &schema, self.keys.clone()).expect("it opens again");
        let watched = Watched { store, witness: self.witness.clone() };
        let judge = Box::new(Judge { shared: Arc::clone(&self.shared), dumb: Arc::clone(&self.dumb) });
        let clock = Arc::clone(&self.clock) as Arc<dyn service::Clock>;
        let law = Arc::clone(&self.shared.law);
        let service = Service::new(watched, law, judge, clock, self.settings.clone());
        service.recover_outbox().expect("the outbox is recovered");
        service.recover_runs().expect("the runs are recovered");
        self.service = Some(service);
    }

    /// Does something with the service, in which it may crash; `None` if it did. What the state of
    /// things refuses is an answer; everything else that fails is a fault.
    fn may_crash<T>(
        &mut self,
        mut what: impl FnMut(&Service<Watched>) -> Result<T, ServiceError>,
    ) -> Option<Result<T, ServiceError>> {
        let armed = self.rng.u8(..12) == 0;
        if armed {
            let point = *self.rng.choice(&crash::POINTS).expect("not empty");
            let (point, passes) = if self.rng.bool() { (Some(point), 4) } else { (None, 16) };
            crash::arm(point, self.rng.u64(..passes));
        }
        let done = what(self.service());
        let fired = armed && !crash::disarm();
        if fired {
            assert!(done.is_err(), "a crash was swallowed");
            self.count("crashes");
            self.open();
            if self.rng.u8(..4) == 0 {
                let audit = self.witness.look();
                audit.compare(&self.service().store().store);
            }
            return None;
        }
        Some(done)
    }

    /// Does something until it is done, as somebody does who repeats what was not confirmed.
    fn until_done<T>(
        &mut self,
        mut what: impl FnMut(&Service<Watched>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        loop {
            if let Some(done) = self.may_crash(&mut what) {
                return done;
            }
        }
    }

    // ── The beginning ────────────────────────────────────────────────────────────────────────────

    fn begin(&mut self) {
        let today = self.now().day();
        for at in 0..EXTRACTS.len() {
            self.take(at, today);
        }
        self.learn();
        {
            let mut audit = self.witness.look();
            for _ in 0..audit.world.families.len() {
                audit.counts.add("families");
            }
            if audit.world.families.len() == 50 {
                audit.counts.add("worlds of fifty families");
            }
            for (registry, _) in STANDS {
                if audit.world.covered[registry] == today {
                    audit.counts.add("registries silent");
                }
            }
        }
        self.begin_offering();
        self.sweep();
    }

    fn take(&mut self, at: usize, made_on: Date) {
        let shared = Arc::clone(&self.shared);
        let witness = self.witness.clone();
        let taken = self.until_done(|service| {
            let (manifest, mut rows) = extract::full(&shared.law.pack, &witness.look().world, at, made_on);
            service.take_extract(&manifest, &mut rows, &mut |_| {})
        });
        let taken = taken.expect("an extract is taken");
        assert!(taken.finished && taken.counts.close(), "the counts do not close: {taken:?}");
        assert_eq!(
            taken.counts.quarantined,
            0,
            "{:?}",
            self.service().quarantine(&official("А", Role::Officer))
        );
        self.count("extracts");
    }

    /// Learns the store's numbers of persons and phones.
    fn learn(&self) {
        let store = &self.service().store().store;
        let mut audit = self.witness.look();
        let world = &mut audit.world;
        for at in world.ids.len()..world.people.len() {
            // Who is about to be told of is learned then.
            let Some(id) = store.find_person(&world.people[at].iin).unwrap() else { break };
            world.ids.insert(id, super::world::Who(at));
        }
        let numbers: BTreeSet<String> = world.bonds.iter().map(|bond| bond.number.clone()).collect();
        for number in numbers {
            let msisdn: Msisdn = number.parse().expect("a number");
            let id = store.find_phone(&msisdn).unwrap().expect("every number was told");
            world.phones.insert(id, number);
        }
    }

    fn begin_offering(&mut self) {
        let names: Vec<String> =
            self.shared.law.pack.measures.iter().map(|measure| measure.name.clone()).collect();
        for measure in names {
            self.switch(&measure, Proposal::Mode(Mode::Offering));
        }
    }

    // ── What happens ─────────────────────────────────────────────────────────────────────────────

    fn step(&mut self) {
        let minutes = match self.rng.u8(..12) {
            0 => 0,
            1..=5 => self.rng.i64(1..120),
            6..=10 => self.rng.i64(60..24 * 60),
            _ => {
                self.count("clock jumps");
                self.rng.i64(24 * 60..9 * 24 * 60)
            }
        };
        let before = self.now();
        let until = before.plus_ms(minutes * 60_000);
        self.arrive(before, until);
        if self.rng.u8(..5) == 0 {
            self.news();
        }
        // Some nights nobody sweeps: what changed is noticed when it is used.
        if until.day() != before.day() && self.rng.u8(..3) > 0 {
            self.sweep();
        }
        self.tick();
        self.send();
        self.hear_bank();
        match self.rng.u8(..24) {
            0..=2 => {
                self.call();
                self.call_about_account();
            }
            3..=5 => self.pay(),
            6 => self.strangers(),
            7 => self.silence(),
            8 => {
                self.count("crashes between");
                self.open();
            }
            9 => self.compare(),
            10 if self.rng.u8(..3) == 0 => self.halt(false),
            11 => self.halt(true),
            12 => self.news_of_an_award(),
            13 => self.take_over(),
            14..=15 => self.let_go(),
            _ => {}
        }
        if until.day().month() != before.day().month() {
            self.pay();
        }
    }

    fn news(&mut self) {
        let now = self.now();
        let (people, awards) = {
            let audit = self.witness.look();
            (audit.world.people.len(), audit.world.awards.len())
        };
        let events = {
            let mut audit = self.witness.look();
            audit.world.happens(&mut self.rng, now)
        };
        let born = self.witness.look().world.people.len() > people;
        self.count(if born { "births" } else { "corrections" });
        if self.witness.look().world.awards.len() > awards {
            self.count("awards elsewhere");
        }
        let last = events.len().saturating_sub(1);
        for (at, event) in events.iter().enumerate() {
            if at == last {
                // The last event of a birth ties the child to its parents.
                self.witness.look().world.untied = None;
            }
            self.tell(event);
            if self.rng.u8(..4) == 0 {
                self.tick();
            }
        }
        self.learn();
    }

    /// What changes an award after it was granted: its recipient dies, or what ended it was a mistake.
    fn news_of_an_award(&mut self) {
        let now = self.now();
        let events: Vec<String> = {
            let mut audit = self.witness.look();
            let rights: Vec<_> = audit.states.rights.values().cloned().collect();
            let world = &mut audit.world;
            let told = rights.iter().find_map(|right| {
                let open = right.per == Per::Once && right.granted() && right.ledger.orders.is_empty();
                let events = match right.ended_by_law() {
                    Some(_) => world.children_live(right.subject, now),
                    None if open => world.recipient_dies(right.recipient, now),
                    None => vec![],
                };
                (!events.is_empty()).then_some(events)
            });
            told.unwrap_or_default()
        };
        for event in events {
            self.tell(&event);
        }
    }

    fn tell(&mut self, event: &str) {
        self.learn();
        // A crash after the facts were taken leaves the question to the sweep.
        if let Some(taken) = self.may_crash(|service| service.take_event(event)) {
            taken.unwrap_or_else(|error| panic!("{error}: {event}"));
        } else {
            let again = self.until_done(|service| service.take_event(event));
            again.unwrap_or_else(|error| panic!("{error}: {event}"));
        }
        match self.rng.u8(..12) {
            0 => {
                self.count("events twice");
                let again =
                    self.until_done(|service| service.take_event(event)).expect("a repetition is no fault");
                assert_eq!(again.counts, intake::Counts::default(), "an event was taken twice");
            }
            1 => {
                self.count("forged events");
                let other =
                    event.replace("Тест", "Тес").replace("true", "false").replace("null", "\"2026-01-02\"");
                if other != *event {
                    self.witness.look().world.doubt(event);
                    let forged = self.until_done(|service| service.take_event(&other));
                    assert!(forged.is_err(), "an event of a known id with another body was taken");
                }
            }
            2 => {
                self.count("events refused");
                let refused =
                    self.until_done(|service| service.take_event(&event.replace("source", "sauce")));
                assert!(refused.is_err());
            }
            _ => {}
        }
    }

    /// A silent registry speaks again.
    fn silence(&mut self) {
        let today = self.now().day();
        for (registry, _) in STANDS {
            if self.witness.look().world.silent(registry, today) {
                self.witness.look().world.covered.insert(registry, today.plus(Span::Days(400)));
                for at in (0..EXTRACTS.len()).filter(|at| EXTRACTS[*at].1 == registry) {
                    self.take(at, today);
                }
            }
        }
    }

    fn sweep(&mut self) {
        let day = self.now().day();
        let shared = Arc::clone(&self.shared);
        let cause = self.now().0 as u64;
        let folder = self.dir.join("snapshot");
        let swept = self.may_crash(|service| {
            let making = Making { threads: 1, subjects: 1_000 };
            let store = &service.store().store;
            let sweep =
                Sweep { store, pack: &shared.law.pack, engine: &shared.engine, day, known_on: None, making };
            let (snapshot, _) = sweep.bring_up(&folder, &|_, _| {}).expect("the store gives its facts");
            let mut refused = None;
            let found = sweep.differences(&snapshot, &|_, _| {}, &|_| Ok(()), |differences| {
                let concerned = differences.iter().map(Difference::now);
                service.find_changed(&Actor::System, concerned, cause).map_err(|error| {
                    let failure = Failure::of(&error);
                    refused = Some(error);
                    failure
                })
            });
            refused.map_or_else(|| Ok(found.expect("the law answers")), Err)
        });
        // A sweep that was interrupted is done again the next night.
        if let Some(swept) = swept {
            swept.expect("the sweep's answers are taken");
        }
        let again = self.may_crash(|service| {
            service.offer_unasked(&Actor::System, cause)?;
            service.reach_again()?;
            service.tell_waiting()
        });
        if let Some(reached) = again {
            reached.expect("what is left over is asked about");
        }
    }

    fn tick(&mut self) {
        for _ in 0..50 {
            match self.may_crash(Service::tick) {
                Some(Ok(false)) => return,
                Some(Err(error)) => panic!("what is due stops everything: {error}"),
                Some(Ok(true)) | None => {}
            }
        }
        let now = self.now();
        let due = self.service().store().book().offers_due(now, 3).unwrap();
        panic!("what is due never ends: {due:?} {:?}", self.witness.look().kept_last);
    }

    /// Hands messages to the operator. What was handed over and not answered before a crash is
    /// never handed over again.
    fn send(&mut self) {
        let limit = self.rng.usize(1..40);
        let Some(batch) = self.may_crash(|service| service.to_send(limit)) else { return };
        for submission in batch.expect("messages leave") {
            let id = AttemptId(submission.attempt);
            let (phone, purpose, text, number) = {
                let audit = self.witness.look();
                let attempt = &audit.states.attempts[&id];
                (
                    attempt.phone,
                    attempt.purpose,
                    attempt.text.clone(),
                    audit.world.phones[&attempt.phone].clone(),
                )
            };
            assert_eq!(Ok(submission.to), number.parse::<Msisdn>(), "sent to another number");
            let now = self.now();
            {
                let audit = self.witness.look();
                let (bond, to) = (audit.world.bond(phone, now.day()), audit.states.attempts[&id].person);
                let whose = audit.world.ids.get(&to).copied();
                let theirs = bond == whose || (bond.is_none() && !purpose.personal());
                assert!(theirs, "sent to a number that is not theirs: {id}");
            }
            let answer = self.network.submit(&mut self.rng, now, (id, phone, purpose), &text);
            self.learn_meaning();
            let later = matches!(answer, Submitted::Later { .. });
            // What the operator put off was not taken: it may come again after a pause.
            assert!(later || self.handed.insert(submission.attempt), "handed over twice: {id}");
            if self.rng.u8(..8) == 0 {
                // A receipt may be faster than the operator's answer.
                self.arrive(now, now);
            }
            let done = self.may_crash(|service| service.submitted(submission.attempt, answer.clone()));
            if let Some(done) = done {
                done.expect("the operator's answer is taken");
            }
        }
    }

    /// The audit knows what every reply under way is meant to say.
    fn learn_meaning(&self) {
        let mut audit = self.witness.look();
        for (id, meant) in &self.network.meant {
            if !audit.meant.contains_key(id) {
                audit.meant.insert(id.clone(), meant.clone());
            }
        }
    }

    /// What comes from the network until a moment, each at its time.
    fn arrive(&mut self, from: Moment, until: Moment) {
        for (at, what) in self.network.come(until) {
            self.to(at.max(from));
            let news = match what {
                Arrives::Receipt { attempt, part, state } => {
                    self.count("receipts");
                    let named = self.rng.bool().then_some(attempt.0);
                    FromNetwork::Receipt { id: part, attempt: named, state }
                }
                Arrives::Reply { id, phone, text, .. } => {
                    let known = self.witness.look().heard().contains(&id);
                    self.count(if known { "replies redelivered" } else { "replies" });
                    let number = self.witness.look().world.phones[&phone].clone();
                    FromNetwork::Reply { id, from: number.parse().expect("a number"), text }
                }
            };
            self.hear(&news);
            if self.rng.u8(..10) == 0 {
                self.count("replies repeated");
                self.hear(&news);
            }
        }
        self.to(until);
    }

    /// The network repeats until it is told that the news is stored.
    fn hear(&mut self, news: &FromNetwork) {
        let heard = self.until_done(|service| service.from_network(news));
        heard.unwrap_or_else(|error| panic!("{error}: {news:?} comes for ever"));
    }

    fn strangers(&mut self) {
        self.count("replies of unknown numbers");
        self.forged += 1;
        let from: Msisdn = format!("+7702{:07}", self.forged).parse().expect("a number");
        let id = format!("stranger-{}", self.forged);
        self.hear(&FromNetwork::Reply { id: id.clone(), from, text: "1".to_owned() });
        let phone = self.service().store().store.find_phone(&from).unwrap().expect("it wrote");
        self.witness.look().world.phones.insert(phone, from.expose());
        self.network.arrived.insert(id);
        let receipt = FromNetwork::Receipt {
            id: "nobody's".to_owned(),
            attempt: self.rng.bool().then_some(4_000_000),
            state: ReceiptState::Delivered,
        };
        self.hear(&receipt);
    }

    // ── Checks ───────────────────────────────────────────────────────────────────────────────────

    fn compare(&self) {
        let audit = self.witness.look();
        let store = &self.service().store().store;
        audit.compare(store);
        // Our awards are facts, and they say what was granted.
        let schema = store.schema();
        let entity = schema.entity("running_award").expect("declared");
        let card = schema.registry("card").expect("declared");
        let (rows, next) = store.rows_after(entity, None, 0, 100_000).unwrap();
        assert!(next.is_none() || rows.len() < 100_000);
        let field = |name: &str| schema.at(entity).field(name).expect("declared");
        let told: BTreeSet<(String, PersonId, Tenge)> = rows
            .iter()
            .filter(|row| row.registry == card)
            .map(|row| {
                match (row.cell(field("number")), row.cell(field("recipient")), row.cell(field("amount"))) {
                    (card::Cell::Code(number), card::Cell::Person(person), card::Cell::Money(amount)) => {
                        (number.to_string(), *person, *amount)
                    }
                    other => panic!("an award of ours says {other:?}"),
                }
            })
            .collect();
        assert_eq!(told, audit.awards(), "our awards are not the granted rights");
    }

    /// The end of a world.
    fn close(&mut self) {
        self.open();
        self.hand_to_bank();
        self.compare();
        let audit = self.witness.look();
        let totals = self.service().store().book().totals().unwrap();
        assert_eq!(totals.in_bank_files(), self.bank.control_sums, "orders and bank files differ");
        let ours = (totals.settled, totals.rejected, totals.returned, totals.in_flight);
        let theirs = (
            self.bank.sum(Money::Paid),
            self.bank.sum(Money::Rejected),
            self.bank.sum(Money::Returned),
            self.bank.sum(Money::Waits),
        );
        assert_eq!(ours, theirs, "our ledger and the bank's books differ");
        let settled = audit.orders(|state| matches!(state, OrderState::Settled { .. }));
        assert_eq!(settled, totals.settled);
        for (attempt, times) in &self.network.submitted {
            assert_eq!(*times, 1, "message {attempt} was handed over {times} times");
        }
        // Every reply is kept, once.
        let mut kept = BTreeSet::new();
        for phone in audit.world.phones.keys() {
            for written in self.service().store().store.written(*phone).unwrap() {
                assert!(kept.insert(written.id), "a reply is kept twice");
            }
        }
        assert_eq!(kept, self.network.arrived, "a reply is lost");
        assert_eq!(audit.heard(), &self.network.arrived, "a reply was not heard");
    }
}
