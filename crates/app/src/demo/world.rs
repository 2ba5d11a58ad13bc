//! Everything that the demo consists of, and what moves it.

use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assess::Engine;
use card::{Actor, Date, Moment, PersonId, PhoneId, Role};
use deliver::{
    archive::Archive,
    book::{Book, Library},
    mode::{Mode, Proposal},
    outbox,
    port::FromNetwork,
};
use intake::Manifest;
use law::{Pack, tree::MeasureId};
use outside::{
    answers::Answer,
    extract,
    smpp::{Binds, Coding, IdForm, Limits, Link, LinkConfig, NotStored, Password, Profile, Sender},
    snapshot::Making,
    sqlite::Store,
};
use service::{Clock as _, Law, Service, Swept};
use trial::{
    bank::{Bank, BankConfig},
    population::{Extract, Options, Population, Registrar},
    smsc::{Clock, Config, Message, Smsc, State},
};

use super::{Demo, OFFICERS, clock::DemoClock};
use crate::{
    evaluator::Evaluator,
    failure::Failure,
    law_files, settings, store_files,
    sweep::{Difference, Sweep},
};

/// After so many days without an extract the registries deliver again: well before their word goes stale.
const RENEW_DAYS: i32 = 7;

/// Answers that became others, each before and after; `None` where there is no right.
pub type Changes = BTreeMap<(MeasureId, PersonId), (Option<Answer>, Option<Answer>)>;

/// The demo.
pub struct World {
    pub service: Arc<Service<Store>>,
    pub clock: Arc<DemoClock>,
    pub smsc: Smsc,
    pub link: Link,
    pub dir: PathBuf,
    bank: Mutex<Bank>,
    /// Files of the bank that were read.
    read: Mutex<HashSet<PathBuf>>,
    pub registrar: Mutex<Registrar>,
    renewed: Mutex<Date>,
    /// What sweeps changed since somebody last looked.
    pub changes: Mutex<Changes>,
    pub engine: Engine,
    /// Children born in the demo, whose birth date can be corrected.
    pub births: Mutex<Vec<(card::Iin, Date, String)>>,
}

/// The lock of something that no panic leaves half done.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An official of the demo, by role; the second of two where asked.
pub fn officer(role: Role, second: bool) -> Actor {
    let mut of_role = OFFICERS.iter().filter(|(_, known)| *known == role);
    let first = of_role.next();
    let chosen = if second { of_role.next() } else { first };
    let name = chosen.or(first).map_or("", |(name, _)| *name);
    Actor::Officer { name: name.to_owned(), role }
}

impl World {
    /// Makes the world or goes on with it.
    pub async fn start(demo: &Demo, law: &Path, day: Date) -> Result<Arc<Self>, Failure> {
        let pack = law_files::load(law)?;
        let store = store_files::open(&demo.dir, &pack)?;
        let options = Options { people: demo.people, seed: demo.seed, day };
        let registries = demo.dir.join("registries");
        let begun = demo.dir.join("begun");
        let (registrar, extracts, day) = if let Ok(known) = std::fs::read_to_string(&begun) {
            let day = known.trim().parse().map_err(|error| Failure::file(&begun, &error))?;
            println!("going on with the demo of {day}");
            let population = Population::generate(Options { day, ..options });
            (population.reopen(&registries).map_err(Failure::of)?, vec![], day)
        } else {
            println!("making {} people …", demo.people);
            let written = Population::generate(options).write(&registries).map_err(Failure::of)?;
            println!("{} people in {} extracts of registries", written.living, written.extracts.len());
            (written.registrar, written.extracts, day)
        };
        let fresh = !extracts.is_empty();
        let start = if fresh { DemoClock::morning(day) } else { last_moment(&store, day) };
        let clock = Arc::new(DemoClock::at(start));
        let shown = Arc::clone(&clock);
        let smsc_config = Config {
            clock: Clock::new(move || shown.now()),
            // Where nobody watches, nobody waits for a phone to ring.
            receipt_after: Duration::from_millis(if demo.auto { 5 } else { 400 }),
            ..Config::default()
        };
        let smsc = Smsc::start("127.0.0.1:0", smsc_config).await.map_err(Failure::of)?;
        let service = Arc::new(Service::new(
            store,
            Arc::new(Law::new(pack)),
            Box::new(Evaluator::default()),
            Arc::clone(&clock) as Arc<dyn service::Clock>,
            settings::trial()?,
        ));
        let link = link(&smsc, &service)?;
        let (to_bank, from_bank) = (demo.dir.join("bank/to"), demo.dir.join("bank/from"));
        let mut bank = BankConfig::new(to_bank, from_bank);
        (bank.seed, bank.rejected, bank.returned) = (demo.seed, 12, 12);
        let world = Arc::new(Self {
            service,
            clock,
            smsc,
            link,
            dir: demo.dir.clone(),
            bank: Mutex::new(Bank::open(bank).map_err(Failure::of)?),
            read: Mutex::default(),
            registrar: Mutex::new(registrar),
            renewed: Mutex::new(day),
            changes: Mutex::default(),
            engine: Engine::new(),
            births: Mutex::default(),
        });
        let made = Arc::clone(&world);
        tokio::task::spawn_blocking(move || -> Result<(), Failure> {
            made.service.recover_outbox().map_err(Failure::of)?;
            made.service.recover_runs().map_err(Failure::of)?;
            made.take(&extracts)?;
            if !fresh {
                made.recall()?;
                made.go_on()?;
            }
            if fresh {
                made.begin_offering()?;
                std::fs::write(&begun, day.to_string()).map_err(|error| Failure::file(&begun, &error))?;
            }
            let swept = made.sweep()?;
            println!("swept: {} certain rights to offer, {} unknown", swept.offerable, swept.unknown);
            Ok(())
        })
        .await
        .map_err(Failure::of)??;
        world.link.up().await;
        tokio::spawn(pump(Arc::clone(&world)));
        Ok(world)
    }

    /// Takes extracts in, in their order, and shows how far it is.
    pub fn take(&self, extracts: &[Extract]) -> Result<(), Failure> {
        let law = self.service.law();
        for one in extracts {
            let text = std::fs::read_to_string(&one.manifest)
                .map_err(|error| Failure::file(&one.manifest, &error))?;
            let manifest = Manifest::parse(&text, &law.pack.schema)
                .map_err(|error| Failure::file(&one.manifest, &error))?;
            let mut records =
                extract::Extract::open(&one.csv, &manifest, &law.pack.schema).map_err(Failure::of)?;
            let name = one.csv.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let taken =
                self.service.take_extract(&manifest, &mut records, &mut |_| {}).map_err(Failure::of)?;
            let counts = taken.counts;
            println!(
                "  {name}: {} read = {} accepted + {} unchanged + {} quarantined",
                counts.read, counts.accepted, counts.unchanged, counts.quarantined
            );
        }
        Ok(())
    }

    /// Puts on the phones of the simulated operator what was on them when the demo stopped.
    fn recall(&self) -> Result<(), Failure> {
        let store = self.service.store();
        let mut messages = Vec::new();
        for phone in (1..).map(PhoneId) {
            // Phones are numbered in order: the first that is not there follows the last.
            let Ok(Some(number)) = store.msisdn(phone) else { break };
            let mut keep = |from_phone, text: String, parts, at| {
                messages.push(Message {
                    number: 0,
                    phone: number.expose(),
                    peer: "1414".to_owned(),
                    from_phone,
                    text,
                    parts,
                    at,
                    state: State::Arrived,
                });
            };
            for (id, at) in store.attempts_to(phone).map_err(Failure::of)? {
                let attempt = store.book().attempt(id).map_err(Failure::of)?;
                if let Some(attempt) = attempt.filter(|known| known.stage == outbox::Stage::Delivered) {
                    let parts = u8::try_from(attempt.text.parts()).unwrap_or(u8::MAX);
                    keep(false, attempt.text.as_str().to_owned(), parts, at);
                }
            }
            for written in store.written(phone).map_err(Failure::of)? {
                keep(true, written.text, 1, written.at);
            }
        }
        messages.sort_by_key(|message| message.at);
        self.smsc.recall(messages);
        Ok(())
    }

    /// Two stewards let every measure be offered.
    fn begin_offering(&self) -> Result<(), Failure> {
        let (first, second) = (officer(Role::Steward, false), officer(Role::Steward, true));
        for measure in &self.service.law().pack.measures {
            let offering = Proposal::Mode(Mode::Offering);
            self.service.propose(&first, &measure.name, None, offering).map_err(Failure::of)?;
            self.service.confirm(&second, &measure.name, None).map_err(Failure::of)?;
        }
        Ok(())
    }

    /// Asks the law about everybody, and finds what it gives them; what differs from the last time
    /// is a cause.
    pub fn sweep(&self) -> Result<Swept, Failure> {
        let law = self.service.law();
        let now = self.clock.now();
        let sweep = Sweep {
            store: self.service.store(),
            pack: &law.pack,
            engine: &self.engine,
            day: now.day(),
            known_on: None,
            making: Making::default(),
        };
        let take = |differences: Vec<Difference>| {
            let concerned = differences.iter().map(Difference::now);
            let cause = now.0 as u64;
            let mut swept =
                self.service.find_changed(&Actor::System, concerned, cause).map_err(Failure::of)?;
            swept.changed = differences.len() as u64;
            let mut changes = lock(&self.changes);
            for one in differences {
                let change = changes.entry((one.measure, one.subject)).or_insert((one.before, None));
                change.1 = one.after;
            }
            Ok(swept)
        };
        let (snapshot, _) = sweep.bring_up(&self.dir.join("snapshot"), &|_, _| {})?;
        sweep.differences(&snapshot, &|_, _| {}, &|_| Ok(()), take)
    }

    /// Moves the clock on to a moment, day by day, and lets everything happen that falls due.
    pub fn move_to(&self, moment: Moment) -> Result<(), Failure> {
        while self.clock.now().day() < moment.day() {
            let next = Date::from_days(self.clock.now().day().days() + 1);
            self.clock.move_to(DemoClock::morning(next).min(moment.max(Moment::local(next, 0, 0))));
            self.new_day(next)?;
        }
        self.clock.move_to(moment);
        self.settle()
    }

    /// What a new day brings: extracts of the registries from time to time, and the sweep.
    fn new_day(&self, day: Date) -> Result<(), Failure> {
        let due = day.days() - lock(&self.renewed).days() >= RENEW_DAYS;
        if due {
            let extracts = lock(&self.registrar).renew(day).map_err(Failure::of)?;
            self.take(&extracts)?;
            *lock(&self.renewed) = day;
        }
        self.sweep()?;
        let cause = self.clock.now().0 as u64;
        self.service.offer_unasked(&Actor::System, cause).map_err(Failure::of)?;
        self.service.reach_again().map_err(Failure::of)?;
        self.service.tell_waiting().map_err(Failure::of)?;
        self.settle()
    }

    /// Lets everything happen that is due by now, money included.
    pub fn settle(&self) -> Result<(), Failure> {
        while self.service.tick().map_err(Failure::of)? {}
        self.money().map_err(Failure::of)
    }

    /// Files to the bank, and its answers.
    pub fn money(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        // Held throughout: the clock and a page may both ask for the files at once.
        let mut bank = lock(&self.bank);
        super::money::write_files(&self.service, &self.dir.join("bank/to"))?;
        bank.process(now).map_err(Failure::of)?;
        for path in super::money::answers(&self.dir.join("bank/from"))? {
            if lock(&self.read).contains(&path) {
                continue;
            }
            let file = File::open(&path).map_err(|error| Failure::file(&path, &error))?;
            if super::money::read_answer(&self.service, &path, BufReader::new(file))? {
                lock(&self.read).insert(path);
            }
        }
        Ok(())
    }

    /// The pay run of the day: prepared by one official, approved by another.
    pub fn pay(&self) -> Result<(), Failure> {
        let preparer = officer(Role::Officer, false);
        let payers: Vec<String> = settings::trial()?.payers.0.into_keys().collect();
        for payer in payers {
            let run = self.service.prepare_run(&preparer, &payer).map_err(Failure::of)?;
            let approver = officer(Role::Approver, false);
            let lines = self.service.runs(&approver, card::Lang::En).map_err(Failure::of)?;
            let Some(seen) = lines.iter().find(|line| line.run == run.0) else { continue };
            self.service.approve_run(&approver, run.0, (seen.sum, seen.orders)).map_err(Failure::of)?;
        }
        self.settle()
    }

    /// The pack with another value of a number from a day on.
    pub fn reformed(
        &self,
        number: &str,
        value: num_rational::Ratio<i128>,
        from: Date,
    ) -> Result<Pack, Failure> {
        let mut pack = self.service.law().pack.clone();
        let parameter = pack
            .parameters
            .iter_mut()
            .find(|parameter| parameter.name == number)
            .ok_or_else(|| Failure(format!("there is no number {number}")))?;
        let step = parameter
            .steps
            .iter()
            .rev()
            .find(|step| step.from <= from)
            .cloned()
            .ok_or_else(|| Failure(format!("{number} has no value on {from}")))?;
        let entries = step
            .entries
            .iter()
            .map(|entry| law::Entry { value: law::Constant::Number(value), ..entry.clone() })
            .collect();
        parameter.steps.retain(|known| known.from != from);
        parameter.steps.push(law::Step { from, entries, standing: card::Standing::Preliminary, ..step });
        parameter.steps.sort_by_key(|step| step.from);
        for measure in &mut pack.measures {
            measure.closure = format!("{}+{number}={value}@{from}", measure.closure);
        }
        Ok(pack)
    }
}

/// The morning after the last thing that was done in a store.
fn last_moment(store: &Store, begun: Date) -> Moment {
    let last = store.last_entry().ok().flatten().unwrap_or(DemoClock::morning(begun));
    last.plus_ms(1)
}

/// The link to the simulated operator, as to a real one.
fn link(smsc: &Smsc, service: &Arc<Service<Store>>) -> Result<Link, Failure> {
    let config = LinkConfig {
        address: smsc.address().to_string(),
        system_id: "family-card".to_owned(),
        password: Password("secret".to_owned()),
        system_type: String::new(),
        binds: Binds::Transceiver,
        sender: Sender { number: "1414".to_owned(), ton: 3, npi: 0 },
        coding: Coding::Ucs2,
        validity: Some(Duration::from_hours(48)),
        attempt_tag: None,
        profile: Profile { response_id: IdForm::Hex, receipt_id: IdForm::Decimal, ..Profile::default() },
        limits: Limits::default(),
    };
    let heard = service.replies_before_stop().map_err(Failure::of)?;
    let service = Arc::clone(service);
    Link::start(config, heard, move |news: FromNetwork| {
        let service = Arc::clone(&service);
        async move {
            let taken = tokio::task::spawn_blocking(move || service.from_network(&news)).await;
            match taken {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => {
                    eprintln!("from the network: {error}");
                    Err(NotStored)
                }
                Err(_) => Err(NotStored),
            }
        }
    })
    .map_err(Failure::of)
}

/// Lets what is due happen, and carries messages to the link, for as long as the demo runs.
async fn pump(world: Arc<World>) {
    loop {
        let at_work = Arc::clone(&world);
        let batch = tokio::task::spawn_blocking(move || {
            at_work.service.tick()?;
            at_work.service.to_send(200)
        })
        .await;
        let batch = match batch {
            Ok(Ok(batch)) => batch,
            Ok(Err(error)) => {
                eprintln!("{error}");
                vec![]
            }
            Err(_) => vec![],
        };
        let idle = batch.is_empty();
        // What one phone is told keeps its order; phones do not wait for each other.
        let mut by_phone: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for submission in batch {
            by_phone.entry(submission.to).or_default().push(submission);
        }
        let sending = by_phone.into_values().map(|submissions| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                for submission in submissions {
                    let attempt = submission.attempt;
                    let answer = world.link.submit(submission).await;
                    let world = Arc::clone(&world);
                    let stored =
                        tokio::task::spawn_blocking(move || world.service.submitted(attempt, answer)).await;
                    if let Ok(Err(error)) = stored {
                        eprintln!("the answer of the operator: {error}");
                    }
                }
            })
        });
        for sent in sending.collect::<Vec<_>>() {
            // A submission that panicked leaves its attempt made: the next start calls it uncertain.
            let _ = sent.await;
        }
        if idle {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
