//! Notices over the real store and the real law: who is told, who is not and why, and that nobody is told twice.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use app::{evaluator::Evaluator, law_files, settings};
use card::{Actor, Date, Iin, Lang, Moment, Msisdn, PersonId, Role};
use deliver::{
    archive::Archive as _,
    book::{Book as _, Entry, Library as _, NoticeCount, Transaction},
    mode::{self, Mode, Proposal, Switch},
    notice::{Cause, Stage},
    port::{FromNetwork, Submission, Submitted},
};
use intake::Manifest;
use outside::{
    extract::Extract as Records,
    sqlite::{Keys, Store, crash},
};
use serde_json::{Value, json};
use service::{Law, Service};
use trial::population::{Options, Population, Registrar};

use crate::browser::folder;

const NOTICE: &str = "employment_measures";

#[derive(Default)]
struct Clock(AtomicI64);

impl service::Clock for Clock {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::Relaxed))
    }
}

/// A few hundred people in a store, their offices, and the service.
struct World {
    dir: PathBuf,
    keys: Keys,
    law: Arc<Law>,
    clock: Arc<Clock>,
    registrar: Registrar,
    service: Option<Service<Store>>,
    events: u32,
}

fn day() -> Date {
    "2026-11-24".parse().unwrap()
}

fn steward(name: &str) -> Actor {
    Actor::Officer { name: name.to_owned(), role: Role::Steward }
}

impl World {
    fn new(name: &str) -> Self {
        let dir = folder(name);
        fs::create_dir_all(&dir).unwrap();
        let pack = law_files::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz")).unwrap();
        let options = Options { people: 600, seed: 5, day: day() };
        let written = Population::generate(options).write(&dir.join("registries")).unwrap();
        let law = Arc::new(Law::new(pack));
        let (keys, clock) = (Keys::generate().unwrap(), Arc::new(Clock::default()));
        let registrar = written.registrar;
        let mut world = Self { dir, keys, law, clock, registrar, service: None, events: 0 };
        world.open();
        world.at("2026-11-24", 12);
        for extract in &written.extracts {
            let manifest = fs::read_to_string(&extract.manifest).unwrap();
            let manifest = Manifest::parse(&manifest, &world.law.pack.schema).unwrap();
            let mut records = Records::open(&extract.csv, &manifest, &world.law.pack.schema).unwrap();
            world.service().take_extract(&manifest, &mut records, &mut |_| {}).unwrap();
        }
        world
    }

    /// Opens the store, as after a start.
    fn open(&mut self) {
        self.service = None;
        let store = Store::open(self.dir.join("store.db"), &self.law.pack.schema, self.keys.clone()).unwrap();
        let clock = Arc::clone(&self.clock) as Arc<dyn service::Clock>;
        let judge = Box::new(Evaluator::default());
        let settings = settings::trial().unwrap();
        self.service = Some(Service::new(store, Arc::clone(&self.law), judge, clock, settings));
        self.service().recover_outbox().unwrap();
    }

    fn service(&self) -> &Service<Store> {
        self.service.as_ref().unwrap()
    }

    fn at(&self, day: &str, hour: u32) {
        self.clock.0.store(Moment::local(day.parse().unwrap(), hour, 0).0, Ordering::Relaxed);
    }

    /// Two stewards let the notice be told, or one halts it.
    fn switch(&self, mode: Mode) {
        let (now, name) = (self.service().now(), NOTICE.to_owned());
        let book = self.service().store().book();
        let mut state: Option<Switch> = book.switch(NOTICE, None).unwrap();
        let (measure, to) = (name.clone(), Proposal::Mode(mode));
        let install = mode::Command::Install { measure, region: None, mode: Mode::Shadow, taken_over: None };
        let install = state.is_none().then_some(install);
        let commands = match mode {
            Mode::Halted => vec![mode::Command::Halt { by: steward("A"), why: "a test".into() }],
            _ => vec![
                mode::Command::Propose { what: to, by: steward("A") },
                mode::Command::Confirm { by: steward("B") },
            ],
        };
        let mut transaction = Transaction::new(steward("A"), now);
        for command in install.into_iter().chain(commands) {
            let events = deliver::Machine::handle(state.as_ref(), command, now).unwrap();
            state = deliver::apply(state, &events);
            transaction.entries.push(Entry::Switch(name.clone(), None, events));
        }
        let contact = settings::trial().unwrap().contact;
        self.service().store().book().append(&transaction, &contact).unwrap();
    }

    fn event(&mut self, registry: &str, entity: &str, row: &Value) {
        self.events += 1;
        let event = json!({
            "specversion": "1.0", "id": format!("test-{}", self.events), "source": format!("/registries/{registry}"),
            "type": "kz.test.v1", "time": self.service().now().to_string(), "datacontenttype": "application/json",
            "data": [{"entity": entity, "rows": [row]}],
        });
        self.service().take_event(&event.to_string()).unwrap();
    }

    fn seeker(&self, nth: usize) -> (Iin, PersonId) {
        let iin = self.registrar.seekers()[nth].iin;
        (iin, self.service().store().find_person(&iin).unwrap().unwrap())
    }

    /// Somebody registers as unemployed.
    fn register(&mut self, nth: usize) -> PersonId {
        let seeker = self.registrar.seekers()[nth].clone();
        let event = self.registrar.unemployed(&seeker, self.service().now()).unwrap();
        self.service().take_event(&event).unwrap();
        self.seeker(nth).1
    }

    fn causes(&self, person: PersonId) -> Vec<Cause> {
        let told = self.service().store().book().told(person, NOTICE).unwrap();
        told.map(|told| told.causes).unwrap_or_default()
    }

    fn stages(&self, person: PersonId) -> Vec<&'static str> {
        let word = |cause: &Cause| match cause.stage {
            Stage::Waiting => "waiting",
            Stage::Told(_) => "told",
            Stage::Passed => "passed",
        };
        self.causes(person).iter().map(word).collect()
    }

    /// What leaves now, of notices alone.
    fn leave(&self) -> Vec<Submission> {
        let mut left = self.service().to_send(100).unwrap();
        left.retain(|one| one.text.contains(".2026") || one.text.contains(".2027"));
        left
    }

    /// What the desk says about the telling.
    fn shown(&self, person: PersonId) -> Vec<String> {
        let operator = Actor::Officer { name: "O".to_owned(), role: Role::Operator };
        let card = self.service().card(&operator, person, "a test", Lang::En).unwrap();
        card.verdicts.into_iter().find(|line| line.measure == NOTICE).and_then(|line| line.told).unwrap()
    }

    /// The bonds of a person as the citizens' mobile database delivered them.
    fn bonds(&self, iin: &Iin) -> Vec<(String, String)> {
        let file = fs::read_to_string(self.dir.join("registries/full/phone.bmg.csv")).unwrap();
        let of_them = file.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let of_them = of_them.filter(|cells| cells[1] == iin.expose() && cells[3].is_empty());
        of_them.map(|cells| (cells[0].to_owned(), cells[2].to_owned())).collect()
    }

    fn bond(&mut self, iin: &Iin, number: &str, since: &str, ended: Option<&str>) {
        let row = json!({"phone": number, "person": iin.expose(), "since": since, "ended": ended});
        self.event("bmg", "phone", &row);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

#[test]
fn in_shadow_and_when_halted_nobody_is_told_and_nothing_is_lost() {
    let mut world = World::new("told-modes");
    let first = world.register(0);
    assert_eq!((world.stages(first), world.leave()), (vec!["waiting"], vec![]));
    assert_eq!(world.shown(first), ["2026-11-24: not told: the notice is not told to anybody yet"]);
    assert_eq!(world.service().tell_waiting().unwrap(), 0);

    world.switch(Mode::Offering);
    assert_eq!(world.service().tell_waiting().unwrap(), 1);
    let left = world.leave();
    assert_eq!((left.len(), world.stages(first)), (1, vec!["told"]));
    assert!(left[0].text.starts_with("1414: ") && left[0].text.contains("24.11.2026"), "{}", left[0].text);

    // At night it waits for the morning, and a halt before it leaves holds it there.
    world.at("2026-11-24", 23);
    let second = world.register(1);
    assert_eq!((world.stages(second), world.leave()), (vec!["told"], vec![]));
    world.switch(Mode::Halted);
    world.at("2026-11-25", 10);
    let third = world.register(2);
    assert_eq!((world.stages(third), world.leave()), (vec!["waiting"], vec![]));
    assert_eq!(world.shown(third), ["2026-11-25: not told: the notice is halted"]);
    world.switch(Mode::Offering);
    world.at("2026-11-25", 11);
    assert_eq!((world.service().tell_waiting().unwrap(), world.leave().len()), (1, 2));
    let count = NoticeCount { notice: NOTICE.to_owned(), told: 3, waiting: 0, passed: 0 };
    assert_eq!(world.service().store().book().notices().unwrap(), [count]);
}

#[test]
fn who_has_no_phone_is_told_once_a_phone_appears() {
    let mut world = World::new("told-phone");
    world.switch(Mode::Offering);
    let (iin, person) = world.seeker(0);
    for (number, since) in world.bonds(&iin) {
        world.bond(&iin, &number, &since, Some("2026-11-20"));
    }
    world.register(0);
    assert_eq!((world.stages(person), world.leave()), (vec!["waiting"], vec![]));
    assert_eq!(world.shown(person), ["2026-11-24: not told: no phone"]);
    assert_eq!(world.service().tell_waiting().unwrap(), 0);

    world.bond(&iin, "+77010000001", "2026-11-24", None);
    assert_eq!(world.service().tell_waiting().unwrap(), 1);
    let left = world.leave();
    assert_eq!(left.len(), 1);
    // It does not arrive: that phone is tried no more, another one is.
    world.service().submitted(left[0].attempt, Submitted::Refused { status: 11 }).unwrap();
    assert_eq!(world.service().tell_waiting().unwrap(), 0);
    assert_eq!(world.shown(person), ["2026-11-24: not told: no SMS arrives"]);
    world.at("2026-11-25", 12);
    world.bond(&iin, "+77010000002", "2026-11-25", None);
    assert_eq!((world.service().tell_waiting().unwrap(), world.leave().len()), (1, 1));
    // Where nobody knows whether it arrived, nothing is sent again.
    world.open();
    assert_eq!((world.service().tell_waiting().unwrap(), world.leave().len()), (0, 0));
    assert_eq!(world.shown(person), ["2026-11-24: uncertain"]);
}

#[test]
fn what_holds_no_more_does_not_leave_and_another_day_is_another_cause() {
    let mut world = World::new("told-causes");
    world.switch(Mode::Offering);
    world.at("2026-11-24", 23);
    let (iin, person) = world.seeker(0);
    world.register(0);
    assert_eq!(world.stages(person), ["told"]);
    // Before the morning there is a job.
    let job = |ended: Option<&str>| json!({"person": iin.expose(), "employer": "E-1", "since": "2026-11-24", "ended": ended});
    world.event("enbek", "job", &job(None));
    world.at("2026-11-25", 9);
    assert_eq!((world.leave(), world.stages(person)), (vec![], vec!["waiting"]));
    assert_eq!((world.service().tell_waiting().unwrap(), world.stages(person)), (0, vec!["passed"]));
    assert_eq!(world.shown(person), ["2026-11-24: never told, and not to be told any more"]);
    // The job was a mistake: the same day is found anew.
    world.event("enbek", "job", &job(Some("2026-11-24")));
    assert_eq!((world.leave().len(), world.stages(person)), (1, vec!["told"]));
    // The registration was of another day.
    let row = |day: &str, ended: Option<&str>| json!({"person": iin.expose(), "status": "unemployed", "registered_on": day, "ended": ended});
    world.event("enbek", "unemployment", &row("2026-11-24", Some("2026-11-25")));
    world.event("enbek", "unemployment", &row("2026-11-25", None));
    assert_eq!((world.leave().len(), world.stages(person)), (1, vec!["told", "told"]));
    world.event("enbek", "unemployment", &row("2026-11-25", None));
    assert_eq!((world.service().tell_waiting().unwrap(), world.leave().len()), (0, 0));
}

#[test]
fn a_crash_between_any_two_writes_tells_nobody_twice() {
    let mut world = World::new("told-crash");
    world.switch(Mode::Offering);
    let mut crashed = 0;
    for (nth, pass) in (0..24).zip((0..12).cycle()) {
        let seeker = world.registrar.seekers()[nth].clone();
        let event = world.registrar.unemployed(&seeker, world.service().now()).unwrap();
        crash::arm(None, pass);
        let mut texts: Vec<Submission> = Vec::new();
        // An office repeats what was not answered; the outbox is emptied by whoever comes to it.
        for _ in 0..3 {
            let taken = world.service().take_event(&event);
            let left = taken.is_ok().then(|| world.service().to_send(100));
            if let Some(Ok(left)) = left {
                texts.extend(left);
                break;
            }
            crashed += 1;
            crash::disarm();
            world.open();
        }
        crash::disarm();
        world.open();
        texts.extend(world.service().to_send(100).unwrap());
        let person = world.seeker(nth).1;
        let number = |one: &&Submission| {
            let phone = world.service().store().find_phone(&one.to).unwrap().unwrap();
            one.text.contains("24.11.2026")
                && world.service().store().bonds_of(phone, day()).unwrap().contains(&person)
        };
        // A message that was marked as handed over before the crash is uncertain, and stays so.
        assert!(texts.iter().filter(number).count() <= 1, "told twice, pass {pass}");
        assert_eq!(world.stages(person), ["told"], "pass {pass}");
    }
    assert!(crashed > 6, "only {crashed} crashes");
}

#[test]
fn a_reply_to_a_notice_is_answered_shortly_and_nine_says_it_in_russian() {
    let mut world = World::new("told-reply");
    world.switch(Mode::Offering);
    world.register(0);
    let left = world.leave();
    let from: Msisdn = left[0].to;
    let hear = |world: &World, id: &str, text: &str| {
        let reply = FromNetwork::Reply { id: id.to_owned(), from, text: text.to_owned() };
        world.service().from_network(&reply).unwrap();
        world.service().to_send(100).unwrap()
    };
    let answer = hear(&world, "r1", "1");
    assert_eq!(answer.len(), 1);
    assert!(!answer[0].text.contains("24.11.2026"), "{}", answer[0].text);
    assert_eq!(world.service().store().book().funnel().unwrap().consented, 0);
    let russian = hear(&world, "r2", "9");
    assert!(
        russian[0].text.starts_with("1414: 24.11.2026 вам присвоен статус безработного."),
        "{}",
        russian[0].text
    );
    assert_eq!(world.causes(world.seeker(0).1).len(), 1);
}
