//! Every level of well-being finds families among the people of the trial, every number of points is given
//! to somebody, and the sweep counts as one question over the store does.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    sync::Mutex,
};

use app::{levels::Counted, sweep::Sweep};
use assess::Engine;
use card::{Lang, PersonId, Points, Question, Ternary};
use law::{
    Constant,
    port::{Circles as _, Scorer as _},
};
use outside::{levels::LevelsWriter, snapshot::Making};

use crate::people::{Country, day};

/// What the sweep says of a family.
struct Swept {
    leads: bool,
    levels: (String, String),
    points: Points,
}

#[test]
fn every_level_finds_families_and_every_number_of_points_is_given() {
    let country = Country::new("levels");
    let (pack, engine) = (&country.pack, Engine::new());
    let id = pack.score("well_being", day()).expect("an edition in force");
    let score = pack.score_at(id);
    let making = Making { threads: 2, subjects: 600 };
    let sweep = Sweep { store: &country.store, pack, engine: &engine, day: day(), known_on: None, making };
    let (snapshot, _) = sweep.bring_up(&country.dir.join("snapshot"), &|_, _| {}).unwrap();
    let table = country.dir.join("levels.parquet");
    let writer =
        LevelsWriter::new(File::create(&table).unwrap(), &score.name, score.in_force.0, day()).unwrap();
    let kept = Mutex::new((Counted::of(score), writer, BTreeMap::new()));
    sweep
        .levels(&snapshot, id, &|_, _| {}, &|families| {
            let (counted, table, swept) = &mut *kept.lock().unwrap();
            counted.add(&families);
            table.write(&families).unwrap();
            for one in families {
                let levels = (one.best.to_owned(), one.worst.to_owned());
                swept.insert(one.subject, Swept { leads: one.leads, levels, points: one.points });
            }
            Ok(())
        })
        .unwrap();
    let (counted, writer, swept) = kept.into_inner().unwrap();
    writer.close().unwrap();
    assert!(std::fs::metadata(&table).unwrap().len() > 1_000);
    let told = counted.in_words();
    assert!(counted.everywhere().iter().all(|families| *families > 0), "{told}");
    assert_eq!(counted.families(), swept.values().filter(|one| one.leads).count() as u64);
    // About three persons in a family, as the card counts.
    assert!((1_100..1_700).contains(&counted.families()), "{told}");

    // Alone, over the store.
    let reads = pack.reads_of_score(id);
    let mut given: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for (subject, swept) in &swept {
        let circle = country.store.circle(*subject, &reads, None).unwrap();
        let question = Question { subject: *subject, day: day(), asked_on: day() };
        let one = engine.score(pack, id, question, &circle).unwrap();
        assert_eq!(one.sum(), swept.points, "{subject:?}");
        assert_eq!(one.concerned == Ternary::Yes, swept.leads);
        assert_eq!(one.levels.first(), Some(&swept.levels.0));
        assert_eq!(one.levels.last(), Some(&swept.levels.1));
        for (indicator, points) in score.indicators().zip(one.points.iter().flatten()) {
            given.entry(&indicator.name).or_default().extend(points.point().filter(|_| swept.leads));
        }
    }
    let mut never = Vec::new();
    for indicator in score.indicators() {
        for entry in pack.parameter(indicator.points).steps.iter().flat_map(|step| &step.entries) {
            let Constant::Number(points) = &entry.value else { panic!("points are numbers") };
            let points = i64::try_from(points.to_integer()).unwrap();
            if !given[&*indicator.name].contains(&points) {
                never.push(format!("{} {points}", indicator.name));
            }
        }
    }
    assert!(never.is_empty(), "nobody has {}\n{told}", never.join(", "));

    // A family whose level is in doubt names who owes the facts, in words too.
    let in_doubt = swept.iter().find(|(_, one)| one.leads && one.levels.0 != one.levels.1);
    let subject: PersonId = *in_doubt.expect("a family in doubt").0;
    let circle = country.store.circle(subject, &reads, None).unwrap();
    let question = Question { subject, day: day(), asked_on: day() };
    let found = engine.explain_score(pack, id, question, &circle, true).unwrap();
    assert!(!found.scored.missing.is_empty());
    let said = assess::explain::render_score(pack, &found, Lang::Ru, &|_| None).to_string();
    assert!(said.contains("возможные уровни") && said.contains("решающий факт"), "{said}");
}
