use std::collections::BTreeSet;

use card::{Cell, FieldId, FieldType, Lookup, PersonId, Sex};
use intake::{EventTaken, subjects_of};
use law::{Reach, ReachFrom, port::Circles};
use outside::sqlite::{StoreError, steps};

use crate::world::{
    AWARD, AWARD_CHILD, Delivery, PARENT_LINK, PERSON, POPULATION, RESIDENCE, World, at, day, family_paths,
    iin,
};

fn mother() -> String {
    iin("1990-02-03", Sex::Female, 1)
}

fn child(n: u16) -> String {
    iin("2020-05-10", Sex::Male, n)
}

/// A mother with two children, an award for one of them, and a stranger.
fn family() -> World {
    let world = World::new();
    let (mother, first, second) = (mother(), child(1), child(2));
    let stranger = iin("1970-01-01", Sex::Male, 7);
    let persons = format!(
        "id,birth_date,sex,death_date,region\n{mother},1990-02-03,female,,75\n{first},2020-05-10,male,,75\n\
         {second},2020-05-10,male,,75\n{stranger},1970-01-01,male,,10\n"
    );
    let ties = format!(
        "child,parent,kind,since,ended\n{first},{mother},birth,2020-05-10,\n{second},{mother},birth,2020-05-10,\n"
    );
    let homes = format!(
        "person,address,since,ended\n{mother},home,2015-01-01,\n{first},home,2020-05-10,\n{stranger},away,2000-01-01,\n"
    );
    let awards = format!(
        "number,recipient,since,ended,amount\nA1,{mother},2020-06-01,,100\nB1,{stranger},2020-06-01,,1\n"
    );
    let children = format!("award,child\nA1,{first}\n");
    let full = |entity, registry, text: &str| Delivery::full(entity, registry, "2026-06-15", text);
    for delivery in [
        full("person", "population", &persons),
        full("parent_link", "civil_acts", &ties),
        full("residence", "population", &homes).of("75"),
        full("running_award", "payments", &awards),
        full("running_award_child", "payments", &children),
    ] {
        world.deliver(&delivery, at("2026-06-16", 9));
    }
    world
}

fn shape(world: &World, subject: PersonId) -> Vec<(u16, usize)> {
    let circle = world.store.circle(subject, &family_paths(), None).unwrap();
    (0..world.schema.entities.len() as u16)
        .map(|at| (at, circle.rows.iter().filter(|row| row.entity.0 == at).count()))
        .filter(|(_, rows)| *rows > 0)
        .collect()
}

#[test]
fn a_circle_is_what_the_paths_reach_and_knows_what_it_asked() {
    let world = family();
    let first = world.person(&child(1));
    assert_eq!(
        shape(&world, first),
        [(PERSON.0, 3), (PARENT_LINK.0, 2), (RESIDENCE.0, 2), (AWARD.0, 1), (AWARD_CHILD.0, 1)]
    );
    let circle = world.store.circle(first, &family_paths(), None).unwrap();
    let loaded = circle.loaded.unwrap();
    let asked = |entity, field, key| loaded.contains(&Lookup { entity, field: FieldId(field), key });
    assert!(asked(PERSON, 0, Cell::Person(first)));
    assert!(asked(PARENT_LINK, 0, Cell::Person(first)));
    assert!(!asked(PARENT_LINK, 1, Cell::Person(first)), "nobody asked for children of the child");
    let ids: BTreeSet<u64> = circle.rows.iter().map(|row| row.id).collect();
    assert_eq!(ids.len(), circle.rows.len());
    // Coverage: of everybody, and of the region where the circle's persons are.
    let covered: Vec<_> = circle.coverage.iter().map(|c| (c.entity.0, c.region.as_deref())).collect();
    assert_eq!(covered, [(0, None), (1, None), (2, Some("75")), (3, None), (4, None)]);
    assert_eq!((circle.coverage[0].from, circle.coverage[0].through), (day("1900-01-01"), day("2026-06-15")));
    let stranger = world.person(&iin("1970-01-01", Sex::Male, 7));
    let circle = world.store.circle(stranger, &family_paths(), None).unwrap();
    assert!(circle.coverage.iter().all(|c| c.region.is_none()), "region 75 says nothing about region 10");
}

#[test]
fn a_circle_of_nobody_is_empty_and_still_knows_what_it_asked() {
    let world = family();
    let circle = world.store.circle(PersonId(999), &family_paths(), None).unwrap();
    assert_eq!(circle.rows, []);
    assert_eq!(circle.loaded.unwrap().len(), 4);
}

#[test]
fn a_field_without_an_index_is_refused_and_not_scanned() {
    let world = family();
    let by_address = [Reach { from: ReachFrom::Key, entity: RESIDENCE, by: FieldId(1), then: vec![] }];
    assert_eq!(world.schema.at(RESIDENCE).at(FieldId(1)).ty, FieldType::Code);
    let refused = world.store.circle(world.person(&mother()), &by_address, None).unwrap_err();
    assert!(matches!(refused, StoreError::NoLink { .. }));
    assert_eq!(
        refused.to_string(),
        "residence: rows are not looked up by address; links are fields of persons, phones, accounts and rows, the first \
         of a key and the region of a person"
    );
}

#[test]
fn a_record_in_quarantine_takes_coverage_from_whom_it_is_about() {
    let world = family();
    let (first, second) = (child(1), child(2));
    let covers = |person: &str| {
        let circle = world.store.circle(world.person(person), &family_paths(), None).unwrap();
        circle.coverage.iter().any(|c| (c.entity, c.registry) == (RESIDENCE, POPULATION))
    };
    assert!(covers(&first));
    let wrong = format!("person,address,since,ended\n{second},home,2020-05-10,2020-05-09\n");
    let wrong = Delivery::full("residence", "population", "2026-06-16", &wrong).partial();
    assert_eq!(world.deliver(&wrong, at("2026-06-17", 9)).counts.quarantined, 1);
    assert!(!covers(&first), "the sibling's home is not known, so that no list of homes is closed");
    let before =
        world.store.circle(world.person(&first), &family_paths(), Some(at("2026-06-17", 8))).unwrap();
    assert!(before.coverage.iter().any(|c| c.entity == RESIDENCE));
    let held = world.store.quarantine(0, 10).unwrap();
    world.store.settle_quarantined(held[0].id, at("2026-06-18", 9)).unwrap();
    assert!(covers(&first));
    // The registry itself mends another one by sending the same key soundly.
    let again = Delivery { made_on: "2026-06-18", ..wrong.clone() };
    assert_eq!(world.deliver(&again, at("2026-06-19", 9)).counts.quarantined, 1);
    assert!(!covers(&first));
    let right = Delivery { made_on: "2026-06-19", text: wrong.text.replace(",2020-05-09", ","), ..wrong };
    assert_eq!(world.deliver(&right, at("2026-06-20", 9)).counts.accepted, 1);
    assert!(covers(&first));
    assert_eq!(world.held(), [] as [&str; 0]);
}

#[test]
fn an_older_word_settles_no_later_fault() {
    let world = family();
    let second = child(2);
    let homes = |made_on, until: &str| {
        let text = format!("person,address,since,ended\n{second},home,2020-05-10,{until}\n");
        Delivery::full("residence", "population", made_on, &text)
    };
    assert_eq!(world.deliver(&homes("2026-06-20", "2020-05-09"), at("2026-06-21", 9)).counts.quarantined, 1);
    for (late, now) in [(homes("2026-06-18", ""), 10), (homes("2026-06-18", "").partial(), 11)] {
        world.deliver(&late, at("2026-06-21", now));
        assert_eq!(world.held().len(), 1, "what is said on the 20th is not mended by the word of the 18th");
    }
    // Not late, and older than the event that is at fault.
    let event = format!(
        r#"{{"specversion": "1.0", "id": "r-1", "source": "population", "type": "moved.v1",
 "time": "2026-06-22T09:30:00+05:00", "data": {{"entity": "residence", "rows": [
   {{"person": "{second}", "address": "away", "since": "2026-06-22", "ended": "2026-06-01"}}]}}}}"#
    );
    world.event(&event, at("2026-06-22", 10)).unwrap();
    assert_eq!(world.held().len(), 2);
    world.deliver(&homes("2026-06-22", ""), at("2026-06-22", 11));
    assert_eq!(world.held().len(), 1, "made before the event, on the same day");
    world.deliver(&homes("2026-06-23", ""), at("2026-06-24", 9));
    assert_eq!(world.held(), [] as [&str; 0]);
}

#[test]
fn coverage_that_touches_becomes_one_and_is_known_from_its_day() {
    let world = family();
    let covered = |known_on| {
        let all = world.store.coverage(known_on).unwrap();
        all.into_iter().filter(|c| c.entity == PARENT_LINK).map(|c| (c.from, c.through)).collect::<Vec<_>>()
    };
    let text = "child,parent,kind,since,ended\n";
    let mut next = Delivery::full("parent_link", "civil_acts", "2026-06-20", text);
    next.from = "2026-06-16";
    world.deliver(&next, at("2026-06-21", 9));
    assert_eq!(covered(None), [(day("1900-01-01"), day("2026-06-20"))]);
    assert_eq!(covered(Some(at("2026-06-21", 8))), [(day("1900-01-01"), day("2026-06-15"))]);
    assert_eq!(covered(Some(at("2026-06-15", 8))), []);
}

#[test]
fn a_change_concerns_those_whose_circle_held_the_row_before_or_holds_it_after() {
    let world = family();
    let person = |text: &str| world.person(text);
    let concerned = |body: &str, now| {
        let taken = world.event(body, now).unwrap();
        let EventTaken::Taken { entry, .. } = taken else { panic!("{taken:?}") };
        let changed = world.store.changed_by(entry).unwrap();
        let reads = [("family", steps(&family_paths()))];
        let subjects = subjects_of(&world.schema, &changed, &reads, &mut &world.store).unwrap();
        subjects.into_iter().map(|(_, person)| person).collect::<BTreeSet<_>>()
    };
    let event = |id: u8, source: &str, entity: &str, row: &str| {
        format!(
            r#"{{"specversion": "1.0", "id": "{id}", "source": "{source}", "type": "t.v1",
                "time": "2026-06-17T09:00:00+05:00", "data": {{"entity": "{entity}", "rows": [{row}]}}}}"#
        )
    };
    // The mother moves: she, and the children whose circles hold her and her other child.
    let row = format!(r#"{{"person": "{}", "since": "2015-01-01", "address": "new"}}"#, mother());
    let moved = event(1, "population", "residence", &row);
    assert_eq!(
        concerned(&moved, at("2026-06-17", 10)),
        BTreeSet::from([person(&mother()), person(&child(1)), person(&child(2))])
    );
    // The award is corrected: only the child that it names.
    let row = r#"{"number": "A1", "amount": "200"}"#;
    assert_eq!(
        concerned(&event(2, "payments", "running_award", row), at("2026-06-17", 10)),
        BTreeSet::from([person(&child(1))])
    );
    // An award that names no child concerns nobody by these paths.
    let row = r#"{"number": "B1", "amount": "2"}"#;
    assert_eq!(concerned(&event(3, "payments", "running_award", row), at("2026-06-17", 10)), BTreeSet::new());
    // A tie to a new parent, where the parent's other children see the newcomer.
    let stranger = iin("1970-01-01", Sex::Male, 7);
    let row = format!(
        r#"{{"child": "{}", "parent": "{stranger}", "kind": "guardianship", "since": "2026-06-01"}}"#,
        child(1)
    );
    assert_eq!(
        concerned(&event(4, "civil_acts", "parent_link", &row), at("2026-06-17", 10)),
        BTreeSet::from([person(&child(1))])
    );
    let row = format!(r#"{{"id": "{}", "sex": "female"}}"#, child(2));
    assert_eq!(
        concerned(&event(5, "population", "person", &row), at("2026-06-17", 10)),
        BTreeSet::from([person(&child(1)), person(&child(2))])
    );
}
