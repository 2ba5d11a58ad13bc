//! The same answers from the store by both roads: one person's circle, and the sweep over a snapshot.
//! For now and for what was known before corrections, for today and for a past day.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use assess::{Engine, Swept};
use card::{Cell, Date, Moment, Outcome, PersonId, Schema, Span};
use intake::{Event, Manifest, take_event, take_extract};
use law::{Pack, Source, port::Circles, tree::MeasureId};
use outside::{
    extract::Extract as Records,
    snapshot::Making,
    sqlite::{Keys, Store},
};
use trial::population::{Extract, Options, Population, Registrar};

use app::sweep::{Asked, Sweep};

const DAY: &str = "2026-11-24";

fn day() -> Date {
    DAY.parse().unwrap()
}

/// A population in a store, taken in as registries deliver it.
struct World {
    dir: PathBuf,
    pack: Pack,
    store: Store,
    registrar: Registrar,
    /// Before the late extracts and the corrections came.
    before: Moment,
}

impl World {
    fn new(seed: u64) -> Self {
        let dir = std::env::temp_dir().join(format!("family-card-identity-{}-{seed}", std::process::id()));
        // Of an earlier run, if any.
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let law = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz");
        let pack = law::load(&texts(&law)).unwrap();
        let store = Store::open(dir.join("store.db"), &pack.schema, Keys::generate().unwrap()).unwrap();
        let options = Options { people: 400, seed, day: day() };
        let written = Population::generate(options).write(&dir.join("registries")).unwrap();
        let before = Moment::local(day(), 12, 0);
        let mut world = Self { dir, pack, store, registrar: written.registrar, before };
        let (full, late): (Vec<_>, Vec<_>) = written.extracts.iter().partition(|extract| extract.scope.full);
        assert!(!full.is_empty() && !late.is_empty());
        for extract in full {
            world.take(extract, Moment::local(day(), 9, 0));
        }
        for extract in late {
            world.take(extract, Moment::local(day(), 18, 0));
        }
        world.correct();
        world
    }

    fn take(&self, extract: &Extract, now: Moment) {
        let schema = &self.pack.schema;
        let manifest = Manifest::parse(&fs::read_to_string(&extract.manifest).unwrap(), schema).unwrap();
        let mut records = Records::open(&extract.csv, &manifest, schema).unwrap();
        take_extract(schema, &self.store, &manifest, &mut records, now, &mut |_| {}).unwrap();
    }

    fn tell(&self, event: &str, now: Moment) {
        let schema = &self.pack.schema;
        let event = Event::parse(event, schema).unwrap();
        take_event(schema, &self.store, &event, now).unwrap();
    }

    /// Births come by event and are corrected; somebody's death becomes known; a tie goes to quarantine.
    fn correct(&mut self) {
        let mothers = self.registrar.mothers().to_vec();
        assert!(mothers.len() > 5);
        for (n, mother) in mothers.iter().take(5).enumerate() {
            let at = Moment::local(day(), 19, n as u32);
            let birth = self.registrar.birth(mother, at).unwrap();
            for event in &birth.events {
                self.tell(event, at.plus_ms(1));
            }
            let born = day().minus(Span::Days(14));
            let at = at.plus_ms(60_000);
            let event = self.registrar.birth_date_corrected(birth.child, born, at).unwrap();
            self.tell(&event, at.plus_ms(1));
        }
        let at = Moment::local(day(), 20, 0);
        let event = self.registrar.death(mothers[5].iin, day().minus(Span::Days(40)), at).unwrap();
        self.tell(&event, at.plus_ms(1));
        let at = Moment::local(day(), 21, 0);
        for event in &self.registrar.birth(&mothers[6], at).unwrap().events {
            self.tell(&event.replace(r#""kind":"birth""#, r#""kind":"berth""#), at.plus_ms(1));
        }
        assert!(!self.store.quarantine(0, 10).unwrap().is_empty());
    }

    fn persons(&self, known_on: Option<Moment>) -> BTreeSet<PersonId> {
        let key = self.pack.schema.at(Schema::PERSON).key[0];
        let (mut persons, mut after) = (BTreeSet::new(), Some(0));
        while let Some(from) = after {
            let (rows, next) = self.store.rows_after(Schema::PERSON, known_on, from, 1_000).unwrap();
            persons.extend(rows.iter().map(|row| match row.cell(key) {
                Cell::Person(person) => *person,
                other => panic!("a person without a number: {other:?}"),
            }));
            after = next;
        }
        persons
    }

    /// The answers of the sweep over the snapshot in a folder.
    fn swept(&self, folder: &str, day: Date, known_on: Option<Moment>) -> Answers {
        let making = Making { threads: 2, subjects: 60 };
        let engine = Engine::new();
        let sweep = Sweep { store: &self.store, pack: &self.pack, engine: &engine, day, known_on, making };
        let (snapshot, _) = sweep.bring_up(&self.dir.join(folder), &|_, _| {}).unwrap();
        assert!(snapshot.buckets() > 4, "{}", snapshot.buckets());
        snapshot.verify().unwrap();
        let answers = Mutex::new(Answers::new());
        let keep = |asked: Asked| {
            keep(&asked.answers, &mut answers.lock().unwrap());
            Ok(())
        };
        sweep.ask(&snapshot, &|_, _| {}, &keep).unwrap();
        answers.into_inner().unwrap()
    }

    /// The same questions, each over its own circle.
    fn one_by_one(&self, day: Date, known_on: Option<Moment>) -> Answers {
        let engine = Engine::new();
        let mut answers = Answers::new();
        let persons = self.persons(known_on);
        for at in 0..self.pack.measures.len() as u16 {
            let measure = MeasureId(at);
            let reads = self.pack.reads(measure);
            for subject in &persons {
                let circle = self.store.circle(*subject, &reads, known_on).unwrap();
                let alone = engine.sweep(&self.pack, &[measure], day, &[*subject], &[&circle]).unwrap();
                assert_eq!(alone[0].faults, []);
                if let [hash] = alone[0].hashes[..] {
                    answers.insert((at, *subject), (hash, alone[0].outcomes[0]));
                }
            }
        }
        answers
    }
}

/// What a sweep said, by measure and subject.
fn keep(swept: &[Swept], answers: &mut Answers) {
    for (at, of_measure) in swept.iter().enumerate() {
        assert_eq!(of_measure.faults, []);
        for (place, subject) in of_measure.subjects.iter().enumerate() {
            let answer = (of_measure.hashes[place], of_measure.outcomes[place]);
            assert_eq!(answers.insert((at as u16, *subject), answer), None, "{subject:?} is asked twice");
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// The hash of every answer, and its outcome.
type Answers = BTreeMap<(u16, PersonId), (u64, Outcome)>;

fn texts(folder: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(texts(&path));
        } else if path.extension().is_some_and(|end| end == "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            found.push(Source { path: path.display().to_string(), text });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn assert_same(alone: &Answers, swept: &Answers, what: &str) {
    assert_eq!(alone.len(), swept.len(), "{what}");
    let differ: Vec<_> = alone.iter().filter(|(key, answer)| swept.get(key) != Some(answer)).collect();
    if let Some((key, answer)) = differ.first() {
        panic!(
            "{what}: {} of {} differ; {key:?}\n  alone {answer:?}\n  swept {:?}",
            differ.len(),
            alone.len(),
            swept.get(key)
        );
    }
}

#[test]
fn a_person_alone_and_the_sweep_give_the_same_answers() {
    let mut world = World::new(1);
    // The sweep goes by fewer fields than the circles hold.
    let declared: usize = world.pack.schema.entities.iter().map(|entity| entity.fields.len()).sum();
    assert!(world.pack.fields().len() < declared);
    let mut heard = Vec::new();
    for (at, day) in [day(), "2026-03-15".parse().unwrap()].into_iter().enumerate() {
        for known_on in [None, Some(world.before)] {
            let folder = if known_on.is_some() { format!("then-{at}") } else { "now".to_owned() };
            let alone = world.one_by_one(day, known_on);
            assert_same(
                &alone,
                &world.swept(&folder, day, known_on),
                &format!("on {day}, known {known_on:?}"),
            );
            heard.push(alone);
        }
    }
    // Days and moments matter, or nothing was compared.
    let [now, before, past, past_before] = &heard[..] else { panic!("four questions") };
    assert!(now.len() > 150, "{}", now.len());
    assert_ne!(now, before);
    assert_ne!(past, past_before);
    assert_ne!(now, past);
    // The snapshot of now follows what comes after it.
    world.correct();
    let alone = world.one_by_one(day(), None);
    assert_ne!(&alone, now);
    assert_same(&alone, &world.swept("now", day(), None), "after more corrections");
}
