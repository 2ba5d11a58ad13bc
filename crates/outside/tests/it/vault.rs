use card::Sex;
use deliver::archive::{Archive as _, Written};
use outside::sqlite::{Keys, KeysError, Store, StoreError};

use crate::world::{Delivery, PHONE, World, at, iin};

const NAME: &str = "Айгүл Серікқызы";
const NUMBER: &str = "+77011234567";

fn mother() -> String {
    iin("1990-02-03", Sex::Female, 1)
}

fn world() -> World {
    let world = World::new();
    let persons = format!("iin,birth_date,sex,region,name\n{},1990-02-03,female,75,{NAME}\n", mother());
    let phones = format!("phone,person,since,ended\n{NUMBER},{},2020-01-01,\n", mother());
    world.deliver(&Delivery::full("person", "population", "2026-06-15", &persons), at("2026-06-16", 9));
    world.deliver(&Delivery::full("phone", "population", "2026-06-15", &phones), at("2026-06-16", 9));
    world
}

/// Every byte of the store: the file and its log.
fn bytes(world: &World) -> Vec<u8> {
    let read = |name: &str| std::fs::read(world.dir.join(name)).unwrap_or_default();
    [read("store.db"), read("store.db-wal")].concat()
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn numbers_are_found_and_revealed_and_lie_nowhere_in_clear() {
    let world = world();
    let person = world.person(&mother());
    let number = NUMBER.parse().unwrap();
    let phone = world.store.phone(&number).unwrap().unwrap();
    assert_eq!(world.store.reveal_person(person).unwrap().unwrap().expose(), mother());
    assert_eq!(world.store.reveal_phone(phone).unwrap().unwrap(), number);
    assert_eq!(world.store.reveal_name(person).unwrap().as_deref(), Some(NAME));
    assert_eq!(world.rows(PHONE, None)[0].cells[0], card::Cell::Phone(phone));
    assert_eq!(world.store.phone(&"87019999999".parse().unwrap()).unwrap(), None);
    let bytes = bytes(&world);
    assert!(holds(&bytes, "vault_person"), "the bytes are those of the store");
    for secret in [&mother()[..], "77011234567", NAME] {
        assert!(!holds(&bytes, secret));
    }
}

#[test]
fn quarantine_and_events_lie_sealed_too() {
    let world = world();
    let child = iin("2020-05-10", Sex::Male, 1);
    let ties = format!("child,parent,kind,since,ended\n{},{child},birth,2020-05-10,2020-05-09\n", mother());
    world.deliver(&Delivery::full("parent_link", "civil_acts", "2026-06-15", &ties), at("2026-06-16", 9));
    let body = format!(
        r#"{{"specversion": "1.0", "id": "1", "source": "population", "type": "t.v1",
 "time": "2026-06-15T09:30:00+05:00", "data": {{"entity": "person", "rows": [{{"id": "{child}", "name": "{NAME}"}}]}}}}"#
    );
    world.event(&body, at("2026-06-16", 9)).unwrap();
    assert_eq!(world.held().len(), 1);
    let bytes = bytes(&world);
    for secret in [&mother()[..], &child, NAME] {
        assert!(!holds(&bytes, secret));
    }
}

#[test]
fn who_is_erased_is_never_read_again_and_would_come_as_somebody_new() {
    let world = world();
    let person = world.person(&mother());
    world.store.erase_person(person).unwrap();
    assert_eq!(world.store.person(&mother().parse().unwrap()).unwrap(), None);
    assert_eq!(world.store.reveal_person(person).unwrap(), None);
    assert_eq!(world.store.reveal_name(person).unwrap(), None);
    let persons = format!("iin,birth_date,sex,region\n{},1990-02-03,female,75\n", mother());
    world.deliver(
        &Delivery::full("person", "population", "2026-06-16", &persons).partial(),
        at("2026-06-17", 9),
    );
    assert_ne!(world.person(&mother()), person);
}

#[test]
fn a_number_that_nobody_told_of_gets_a_phone_when_it_writes() {
    let world = world();
    let known = world.store.phone(&NUMBER.parse().unwrap()).unwrap();
    let number = "+77019999999".parse().unwrap();
    let phone = world.store.phone_for(&number).unwrap();
    assert_eq!(world.store.phone_for(&number).unwrap(), phone, "the same one whenever it writes");
    assert_ne!(Some(phone), known);
    assert_eq!(world.store.reveal_phone(phone).unwrap(), Some(number));
    let written =
        Written { id: "m1".into(), at: at("2026-06-16", 10), text: "это не моё имя".into() };
    world.store.keep_written(phone, &written).unwrap();
    assert_eq!(world.store.written(phone).unwrap(), [written]);
    let bytes = bytes(&world);
    for secret in ["77019999999", "это не моё имя"] {
        assert!(!holds(&bytes, secret));
    }
}

#[test]
fn other_keys_do_not_open_the_store() {
    let world = world();
    let other = Store::open(world.dir.join("store.db"), &world.schema, Keys::generate().unwrap());
    assert!(matches!(other, Err(StoreError::Keys(KeysError::Other))));
    assert!(Store::open(world.dir.join("store.db"), &world.schema, world.keys.clone()).is_ok());
}

#[test]
fn a_schema_that_grows_keeps_its_rows() {
    let mut world = world();
    let facts = world.rows(PHONE, None);
    let field =
        card::Field { name: "operator".into(), optional: true, ..world.schema.entities[6].fields[0].clone() };
    world.schema.entities[6].fields.push(card::Field { ty: card::FieldType::Code, ..field });
    world.schema.entities[6].fields[1].aliases.push("person".into());
    world.schema.entities[6].fields[1].name = "bearer".into();
    world.schema.enums[0].values.reverse();
    world.reopen();
    let rows = world.rows(PHONE, None);
    assert_eq!(rows[0].cells[..4], facts[0].cells[..]);
    assert_eq!(rows[0].cells[4], card::Cell::Unknown);
    // The enumeration was turned round, and she is still female.
    assert_eq!(world.rows(crate::world::PERSON, None)[0].cells[2], card::Cell::Enum(1));
}
