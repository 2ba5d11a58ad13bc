//! A snapshot that is brought up is the one that would be made anew.

use std::{collections::BTreeSet, fs};

use card::{Bucket, Moment, PersonId};
use law::{Reach, ReachFrom};
use outside::{
    snapshot::{Brought, Making, Snapshot},
    sqlite::steps,
};
use proptest::prelude::*;

use crate::{
    history::{Word, said, tell, word},
    world::{PERSON, Scratch, World, family_paths},
};

const SMALL: Making = Making { threads: 2, subjects: 2 };

fn paths() -> Vec<(String, Vec<Reach>)> {
    let home = family_paths().into_iter().filter(|reach| reach.from == ReachFrom::Key).take(1);
    vec![("family".to_owned(), family_paths()), ("home".to_owned(), home.collect())]
}

fn brought_up(folder: &Scratch, world: &World, known_on: Option<Moment>) -> (Snapshot, Brought) {
    brought_up_for(&paths(), folder, world, known_on)
}

fn brought_up_for(
    paths: &[(String, Vec<Reach>)],
    folder: &Scratch,
    world: &World,
    known_on: Option<Moment>,
) -> (Snapshot, Brought) {
    Snapshot::bring_up(folder, &world.store, paths, known_on, SMALL, &|_, _| {}).unwrap()
}

fn persons(world: &World, known_on: Option<Moment>) -> BTreeSet<PersonId> {
    let rows = world.rows(PERSON, known_on);
    rows.iter()
        .map(|row| match row.cells[0] {
            card::Cell::Person(person) => person,
            _ => panic!("a person without a number"),
        })
        .collect()
}

/// Every bucket holds its subjects' circles and nothing else, and every person is in one bucket.
fn is_whole(snapshot: &Snapshot, world: &World, known_on: Option<Moment>) -> Result<(), TestCaseError> {
    use law::port::Circles;
    snapshot.verify().unwrap();
    let mut seen = BTreeSet::new();
    for at in 0..snapshot.buckets() {
        let found = snapshot.bucket(at, None).unwrap();
        let mut rows: Vec<card::Row> = Vec::new();
        for subject in &found.subjects {
            prop_assert!(seen.insert(*subject), "{subject:?} lies in two buckets");
            for (_, reads) in &paths() {
                let circle = world.store.circle(*subject, reads, known_on).unwrap();
                rows.extend(circle.rows);
            }
        }
        rows.sort_by_key(|row| row.id);
        rows.dedup();
        let coverage = world.store.coverage(known_on).unwrap();
        let expected = Bucket::of(&world.schema, found.subjects.clone(), &rows, coverage);
        // Codes are numbered as they come: rows are compared, not positions.
        prop_assert_eq!(rows_of(&found, world), rows_of(&expected, world));
        prop_assert_eq!(found.coverage, expected.coverage);
    }
    prop_assert_eq!(&seen, &persons(world, known_on));
    for (name, reads) in paths() {
        let doubted = world.store.doubted(&[((), steps(&reads))], known_on).unwrap();
        let doubted: BTreeSet<PersonId> = doubted.into_iter().map(|((), person)| person).collect();
        prop_assert_eq!(snapshot.doubted(&name), doubted, "{}", name);
    }
    Ok(())
}

fn rows_of(bucket: &Bucket, world: &World) -> Vec<card::Row> {
    let entities = (0..bucket.tables.len() as u16).map(card::EntityId);
    entities
        .flat_map(|entity| {
            let rows = 0..bucket.tables[entity.0 as usize].len();
            rows.map(move |at| bucket.row(&world.schema, entity, at))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_brought_up_is_what_would_be_made_anew(
        days in prop::collection::vec(prop::collection::vec(word(), 0..4), 1..7)
    ) {
        let (world, folder) = (World::new(), Scratch::new());
        let mut n = 0;
        for words in days {
            for word in words {
                tell(&world, n, &word);
                n += 1;
            }
            let (snapshot, _) = brought_up(&folder, &world, None);
            is_whole(&snapshot, &world, None)?;
        }
        // Another law reads other paths: all is written again, and everybody stays where they were.
        drop(brought_up_for(&paths()[1..], &folder, &world, None));
        let (again, brought) = brought_up(&folder, &world, None);
        prop_assert_eq!(brought.written, brought.buckets);
        is_whole(&again, &world, None)?;
        let past = Scratch::new();
        let then = said(n / 2);
        is_whole(&brought_up(&past, &world, Some(then)).0, &world, Some(then))?;
    }
}

#[test]
fn only_the_buckets_of_those_concerned_are_written_again() {
    let (world, folder) = (World::new(), Scratch::new());
    for person in 0..6 {
        tell(&world, usize::from(person), &Word::Person { person, region: 0 });
        tell(&world, usize::from(person), &Word::Home { person, address: person as u8 / 2, full: false });
    }
    let (first, brought) = brought_up(&folder, &world, None);
    assert_eq!(brought, Brought { written: 3, buckets: 3 });
    drop(first);
    let (same, brought) = brought_up(&folder, &world, None);
    assert_eq!(brought, Brought { written: 0, buckets: 3 });
    drop(same);
    tell(&world, 7, &Word::Award { number: 1, recipient: 3, amount: 4 });
    tell(&world, 8, &Word::Home { person: 3, address: 9, full: false });
    let (moved, brought) = brought_up(&folder, &world, None);
    assert_eq!(brought, Brought { written: 1, buckets: 3 });
    assert_eq!(moved.subjects(), 6);
    let folders = fs::read_dir(&*folder).unwrap().flatten().filter(|entry| entry.path().is_dir()).count();
    assert_eq!(folders, 3, "what is not in the snapshot any more is gone");
    drop(moved);
    // Written beside a crash: the manifest does not know it, and it goes.
    fs::create_dir(folder.join("bucket-00001-9")).unwrap();
    drop(brought_up(&folder, &world, None));
    assert!(!folder.join("bucket-00001-9").exists());
}

#[test]
fn a_bucket_that_was_changed_is_found_out() {
    let (world, folder) = (World::new(), Scratch::new());
    tell(&world, 0, &Word::Person { person: 1, region: 1 });
    let (snapshot, _) = brought_up(&folder, &world, None);
    snapshot.verify().unwrap();
    let bucket = fs::read_dir(&*folder).unwrap().flatten().find(|entry| entry.path().is_dir()).unwrap();
    let file = bucket.path().join("person.parquet");
    let mut content = fs::read(&file).unwrap();
    content[5] ^= 1;
    fs::write(&file, content).unwrap();
    let error = snapshot.verify().unwrap_err().to_string();
    assert_eq!(
        error,
        "bucket-00000-1: changed since it was written; delete the snapshot, it is made again from the store"
    );
}
