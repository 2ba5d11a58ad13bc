use card::{Cell, Sex};
use intake::{Counts, EventTaken, Refused, TakeError};

use crate::world::{CIVIL_ACTS, PARENT_LINK, PERSON, World, at, iin};

fn mother() -> String {
    iin("1990-02-03", Sex::Female, 1)
}

fn child() -> String {
    iin("2026-06-10", Sex::Female, 1)
}

fn birth(id: &str) -> String {
    format!(
        r#"{{"specversion": "1.0", "id": "{id}", "source": "civil_acts", "type": "birth.registered.v1",
 "time": "2026-06-15T09:30:00+05:00", "data": [
  {{"entity": "person", "rows": [
    {{"id": "{child}", "birth_date": "2026-06-10", "sex": "female", "death_date": null, "region": "75"}},
    {{"id": "{mother}", "birth_date": "1990-02-03"}}]}},
  {{"entity": "parent_link", "rows": [
    {{"child": "{child}", "parent": "{mother}", "kind": "birth", "since": "2026-06-10", "ended": null}}]}}]}}"#,
        child = child(),
        mother = mother()
    )
}

#[test]
fn a_birth_brings_persons_that_nobody_knew() {
    let world = World::new();
    let taken = world.event(&birth("b-1"), at("2026-06-15", 10)).unwrap();
    let EventTaken::Taken { entry, counts } = taken else { panic!("{taken:?}") };
    assert_eq!(counts, Counts { read: 3, accepted: 3, ..Counts::default() });
    let (mother, child) = (world.person(&mother()), world.person(&child()));
    assert_ne!(mother, child);
    let ties = world.rows(PARENT_LINK, None);
    assert_eq!(ties[0].cells[..2], [Cell::Person(child), Cell::Person(mother)]);
    assert_eq!(world.store.changed_by(entry).unwrap().len(), 3);
    assert_eq!(world.event(&birth("b-1"), at("2026-06-15", 11)).unwrap(), EventTaken::Repeated { entry });
    assert_eq!(world.rows(PERSON, None).len(), 2);
}

#[test]
fn what_an_event_does_not_mention_it_does_not_change() {
    let world = World::new();
    world.event(&birth("b-1"), at("2026-06-15", 10)).unwrap();
    let death = format!(
        r#"{{"specversion": "1.0", "id": "d-1", "source": "civil_acts", "type": "death.registered.v1",
 "time": "2026-07-01T09:30:00+05:00", "data":
  {{"entity": "person", "rows": [{{"id": "{}", "death_date": "2026-06-30"}}]}}}}"#,
        mother()
    );
    let taken = world.event(&death, at("2026-07-01", 10)).unwrap();
    let EventTaken::Taken { entry, .. } = taken else { panic!("{taken:?}") };
    let mother = world.person(&mother());
    let rows = world.rows(PERSON, None);
    let row = rows.iter().find(|row| row.cells[0] == Cell::Person(mother)).unwrap();
    assert!(matches!(row.cells[1], Cell::Date(_)));
    assert!(matches!(row.cells[3], Cell::Date(_)));
    let changed = &world.store.changed_by(entry).unwrap()[0];
    assert_eq!(changed.before.as_ref().unwrap()[3], Cell::Unknown);
    assert_eq!(changed.after.as_ref().unwrap()[3], row.cells[3]);
}

#[test]
fn one_row_at_fault_holds_the_whole_event() {
    let world = World::new();
    let wrong = birth("b-1").replace("\"birth_date\": \"1990-02-03\"", "\"birth_date\": \"2026-06-10\"");
    let taken = world.event(&wrong, at("2026-06-15", 10)).unwrap();
    let EventTaken::Quarantined { counts, faults, .. } = taken else { panic!("{taken:?}") };
    assert_eq!(counts, Counts { read: 3, quarantined: 3, ..Counts::default() });
    let together = "row 3 of the same event is in quarantine, and an event is taken whole or not at all";
    let reasons: Vec<_> = faults.iter().map(|fault| (fault.row, fault.reason.as_str())).collect();
    assert_eq!(reasons, [(1, together), (2, together), (3, "the child is not younger than the parent")]);
    assert_eq!(faults[0].mend, "mend row 3 and send the event again with a new id");
    assert_eq!(world.facts(None), []);
    assert!(matches!(world.event(&birth("b-2"), at("2026-06-15", 11)).unwrap(), EventTaken::Taken { .. }));
}

#[test]
fn the_same_id_with_another_body_is_refused_and_both_bodies_are_kept() {
    let world = World::new();
    world.event(&birth("b-1"), at("2026-06-15", 10)).unwrap();
    let facts = world.facts(None);
    let other = birth("b-1").replace("\"region\": \"75\"", "\"region\": \"10\"");
    let contradicted = || {
        let taken = world.event(&other, at("2026-06-15", 11)).unwrap();
        let EventTaken::Contradicted { reason, mend, .. } = taken else { panic!("{taken:?}") };
        (reason, mend)
    };
    let (reason, mend) = contradicted();
    assert_eq!(reason, "an event of this source and id came before with another body");
    assert_eq!(mend, "send what is right as a new event with a new id");
    assert_eq!(world.facts(None), facts);
    assert_eq!(world.store.reveal_event(CIVIL_ACTS, "b-1").unwrap(), [birth("b-1"), other.clone()]);
    assert_eq!(world.held().len(), 3);
    contradicted();
    assert_eq!(world.held().len(), 3, "the same contradiction is held once");
}

#[test]
fn a_newer_word_is_not_undone_by_an_older_one() {
    let world = World::new();
    world.event(&birth("b-1"), at("2026-06-15", 10)).unwrap();
    let facts = world.facts(None);
    let older = birth("b-0").replace("09:30:00", "09:00:00").replace("\"75\"", "\"10\"");
    let taken = world.event(&older, at("2026-06-15", 11)).unwrap();
    let EventTaken::Taken { counts, .. } = taken else { panic!("{taken:?}") };
    assert_eq!(counts, Counts { read: 3, unchanged: 3, overtaken: 1, ..Counts::default() });
    assert_eq!(world.facts(None), facts);
}

#[test]
fn an_event_of_the_future_is_refused() {
    let world = World::new();
    let event = intake::Event::parse(&birth("b-1"), &world.schema).unwrap();
    let refused = intake::take_event(&world.schema, &world.store, &event, at("2026-06-15", 9));
    let error = refused.unwrap_err();
    assert!(matches!(error, TakeError::Refused(Refused::Ahead)));
    assert_eq!(
        error.to_string(),
        "time: the event lies more than five minutes ahead of our clock; correct the sender's clock"
    );
}
