//! Every measure and every notice of the pack meets the people of the trial: each of its conditions holds for
//! some and fails for some, it says yes, no and unknown, exactly one branch pays where it pays, and whoever is
//! told something is told of a certain day.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use app::{
    law_files,
    sweep::{Asked, Sweep},
};
use assess::{Engine, Swept};
use card::{Date, Moment, Outcome, PersonId, Question};
use intake::{Manifest, take_extract};
use law::{
    Pack,
    port::{Assessor as _, Circles as _},
    tree::MeasureId,
};
use outside::{
    extract::Extract as Records,
    snapshot::Making,
    sqlite::{Keys, Store},
};
use trial::population::{Options, Population};

use crate::browser::folder;

/// So many people make every condition meet somebody.
const PEOPLE: u32 = 4_000;

/// Of so many with a right, the branch is looked at.
const LOOKED_AT: usize = 12;

pub fn day() -> Date {
    "2026-11-24".parse().unwrap()
}

/// A population in a store, as its registries deliver it.
pub struct Country {
    pub dir: PathBuf,
    pub pack: Pack,
    pub store: Store,
}

impl Country {
    pub fn new(name: &str) -> Self {
        let dir = folder(name);
        fs::create_dir_all(&dir).unwrap();
        let pack = law_files::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz")).unwrap();
        let store = Store::open(dir.join("store.db"), &pack.schema, Keys::generate().unwrap()).unwrap();
        let world = Population::generate(Options { people: PEOPLE, seed: 1, day: day() });
        let written = world.write(&dir.join("registries")).unwrap();
        for extract in &written.extracts {
            let text = fs::read_to_string(&extract.manifest).unwrap();
            let manifest = Manifest::parse(&text, &pack.schema).unwrap();
            let mut records = Records::open(&extract.csv, &manifest, &pack.schema).unwrap();
            let at = Moment::local(day(), 9, 0);
            let taken = take_extract(&pack.schema, &store, &manifest, &mut records, at, &mut |_| {}).unwrap();
            assert_eq!(taken.counts.quarantined, 0, "{}", extract.csv.display());
        }
        Self { dir, pack, store }
    }

    /// What the sweep says, by measure.
    fn swept(&self) -> Vec<Tally> {
        let engine = Engine::new();
        let making = Making { threads: 2, subjects: 600 };
        let sweep = Sweep {
            store: &self.store,
            pack: &self.pack,
            engine: &engine,
            day: day(),
            known_on: None,
            making,
        };
        let (snapshot, _) = sweep.bring_up(&self.dir.join("snapshot"), &|_, _| {}).unwrap();
        let tallies = Mutex::new(vec![Tally::default(); self.pack.measures.len()]);
        let take = |asked: Asked| {
            let mut tallies = tallies.lock().unwrap();
            asked.answers.iter().zip(tallies.iter_mut()).for_each(|(swept, tally)| tally.count(swept));
            Ok(())
        };
        sweep.ask(&snapshot, &|_, _| {}, &take).unwrap();
        tallies.into_inner().unwrap()
    }

    /// The branch that pays somebody, or the day of which they are told.
    fn given(&self, engine: &Engine, measure: MeasureId, subject: PersonId) -> Option<String> {
        let circle = self.store.circle(subject, &self.pack.reads(measure), None).unwrap();
        let question = Question { subject, day: day(), asked_on: day() };
        let verdict = engine.assess(&self.pack, measure, question, &circle).unwrap();
        assert_eq!(verdict.outcome, Outcome::Eligible);
        let told = self.pack.measures[measure.0 as usize].says().and(verdict.tellable(true));
        verdict.branch.or(told.map(|_| "a certain day".to_owned()))
    }
}

impl Drop for Country {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// The answers of one measure.
#[derive(Clone, Default)]
struct Tally {
    eligible: Vec<PersonId>,
    not: u64,
    unknown: u64,
    /// How many are certain to meet a condition, and how many not to, by its place.
    conditions: BTreeMap<usize, (u64, u64)>,
}

impl Tally {
    fn count(&mut self, swept: &Swept) {
        // No branch, or two, is a fault.
        assert_eq!(swept.faults, []);
        for (at, outcome) in swept.outcomes.iter().enumerate() {
            match outcome {
                Outcome::Eligible => self.eligible.push(swept.subjects[at]),
                Outcome::NotEligible => self.not += 1,
                Outcome::Unknown => self.unknown += 1,
                Outcome::NotConcerned => continue,
            }
            for place in 0..32 {
                let (holds, fails) = self.conditions.entry(place).or_default();
                match swept.conditions[at] >> (2 * place) & 3 {
                    1 => *holds += 1,
                    2 => *fails += 1,
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn every_condition_of_every_measure_meets_people_whom_it_lets_pass_and_others() {
    let country = Country::new("people");
    let tallies = country.swept();
    let engine = Engine::new();
    let (mut told, mut wrong) = (String::new(), Vec::new());
    for (at, (measure, tally)) in country.pack.measures.iter().zip(&tallies).enumerate() {
        let (name, Tally { eligible, not, unknown, conditions }) = (&measure.name, tally);
        writeln!(told, "{name}: {} eligible, {unknown} unknown, {not} not", eligible.len()).unwrap();
        if eligible.is_empty() || *not == 0 || *unknown == 0 {
            wrong.push(format!("{name} gives one answer to everybody"));
        }
        let conditions_named = measure.conditions.iter().map(|one| &one.name);
        let named = conditions_named.chain(measure.refusals.iter().map(|one| &one.name));
        for (place, condition) in named.enumerate() {
            let (holds, fails) = conditions.get(&place).copied().unwrap_or_default();
            writeln!(told, "  {condition}: holds for {holds}, fails for {fails}").unwrap();
            if holds == 0 || fails == 0 {
                wrong.push(format!("{name}.{condition} is always the same"));
            }
        }
        let mut branches: BTreeMap<String, u64> = BTreeMap::new();
        for subject in eligible.iter().step_by((eligible.len() / LOOKED_AT).max(1)) {
            match country.given(&engine, MeasureId(at as u16), *subject) {
                Some(branch) => *branches.entry(branch).or_default() += 1,
                None => wrong.push(format!("{name}: nothing is given to {subject:?}")),
            }
        }
        writeln!(told, "  given {branches:?}").unwrap();
    }
    assert!(wrong.is_empty(), "{}\n{told}", wrong.join("\n"));
}
