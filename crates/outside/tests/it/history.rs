use std::{collections::BTreeMap, fmt::Write};

use card::{Circle, Moment, Sex};
use intake::EventTaken;
use law::port::Circles;
use proptest::prelude::*;

use crate::world::{Delivery, World, day, family_paths, iin};

const PERSONS: u16 = 6;

fn number(person: u16) -> String {
    iin(&format!("{}-02-03", 1960 + 10 * person), Sex::Female, 1)
}

/// One thing that registries say.
#[derive(Clone, Debug)]
pub enum Word {
    Person { person: u16, region: u8 },
    Tie { child: u16, parent: u16, ended: bool },
    Home { person: u16, address: u8, full: bool },
    Award { number: u8, recipient: u16, amount: i32 },
    HomesOf { persons: Vec<u16>, address: u8, made: u8 },
}

pub fn word() -> impl Strategy<Value = Word> {
    let person = 0..PERSONS;
    prop_oneof![
        (person.clone(), 0u8..2).prop_map(|(person, region)| Word::Person { person, region }),
        (person.clone(), person.clone(), any::<bool>()).prop_map(|(child, parent, ended)| Word::Tie {
            child,
            parent,
            ended
        }),
        (person.clone(), 0u8..3, any::<bool>()).prop_map(|(person, address, full)| Word::Home {
            person,
            address,
            full
        }),
        (0u8..3, person.clone(), -2i32..5).prop_map(|(number, recipient, amount)| Word::Award {
            number,
            recipient,
            amount
        }),
        (prop::collection::btree_set(person, 0..4), 0u8..3, 0u8..4).prop_map(|(persons, address, made)| {
            Word::HomesOf { persons: persons.into_iter().collect(), address, made }
        }),
    ]
}

/// Days pass: word `n` is said on day `n` at nine and taken in at ten.
pub fn said(n: usize) -> Moment {
    Moment::local(day("2026-06-01").plus(card::Span::Days(n as i32)), 9, 0)
}

pub fn tell(world: &World, n: usize, word: &Word) {
    let (source, entity, row) = match word {
        Word::Person { person, region } => {
            ("population", "person", format!(r#""id": "{}", "region": "{region}""#, number(*person)))
        }
        Word::Tie { child, parent, ended } => {
            let ended = if *ended { "\"2020-01-01\"" } else { "null" };
            let (child, parent) = (number(*child), number(*parent));
            let row = format!(
                r#""child": "{child}", "parent": "{parent}", "kind": "birth", "since": "2010-01-01", "ended": {ended}"#
            );
            ("civil_acts", "parent_link", row)
        }
        Word::Home { person, address, full } => {
            // Two registries may speak of the same home.
            let source = if *full { "population" } else { "civil_acts" };
            let row =
                format!(r#""person": "{}", "since": "2010-01-01", "address": "a{address}""#, number(*person));
            (source, "residence", row)
        }
        Word::Award { number: award, recipient, amount } => {
            let row = format!(
                r#""number": "{award}", "recipient": "{}", "since": "2020-01-01", "amount": "{amount}""#,
                number(*recipient)
            );
            ("payments", "running_award", row)
        }
        Word::HomesOf { persons, address, made } => {
            let mut text = "person,address,since,ended\n".to_owned();
            for person in persons {
                writeln!(text, "{},a{address},2010-01-01,", number(*person)).unwrap();
            }
            let made_on = day("2026-06-01").plus(card::Span::Days(n as i32 - i32::from(*made))).to_string();
            let delivery =
                Delivery::full("residence", "population", Box::leak(made_on.into_boxed_str()), &text);
            let taken = world.deliver(&delivery, said(n).plus_hours(1));
            assert_eq!(taken.counts.read, persons.len() as u64);
            return;
        }
    };
    let time = said(n).to_string();
    let body = format!(
        r#"{{"specversion": "1.0", "id": "{n}", "source": "{source}", "type": "t.v1", "time": "{time}",
            "data": {{"entity": "{entity}", "rows": [{{{row}}}]}}}}"#
    );
    match world.event(&body, said(n).plus_hours(1)).unwrap() {
        EventTaken::Taken { counts, .. } | EventTaken::Quarantined { counts, .. } => assert!(counts.close()),
        other => panic!("{other:?}"),
    }
    assert!(matches!(world.event(&body, said(n).plus_hours(1)).unwrap(), EventTaken::Repeated { .. }));
}

fn circles(world: &World, known_on: Option<Moment>) -> BTreeMap<u16, Circle> {
    let mut circles = BTreeMap::new();
    for person in 0..PERSONS {
        if let Some(id) = world.store.person(&number(person).parse().unwrap()).unwrap() {
            let mut circle = world.store.circle(id, &family_paths(), known_on).unwrap();
            circle.rows.sort_by_key(|row| row.id);
            circle.coverage.sort_by_key(|c| (c.entity, c.registry, c.from, c.through));
            circles.insert(person, circle);
        }
    }
    circles
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn circles_of_the_past_are_what_they_were(words in prop::collection::vec(word(), 1..14)) {
        let world = World::new();
        let mut then = Vec::new();
        for (n, word) in words.iter().enumerate() {
            tell(&world, n, word);
            then.push((said(n).plus_hours(2), circles(&world, None), world.facts(None)));
        }
        for (moment, circles_then, facts_then) in then {
            prop_assert_eq!(&world.facts(Some(moment)), &facts_then);
            for (person, circle) in circles(&world, Some(moment)) {
                if let Some(before) = circles_then.get(&person) {
                    prop_assert_eq!(&circle, before);
                } else {
                    // Whom nobody had named then, nobody knows anything about.
                    prop_assert_eq!(circle.rows.len(), 0);
                }
            }
        }
    }

    #[test]
    fn counts_close_and_the_same_file_again_changes_nothing(
        rows in prop::collection::vec((0..PERSONS, 0usize..4, 0usize..4, any::<bool>()), 0..30),
        full in any::<bool>(),
        chunk_rows in 1u32..12,
    ) {
        let births = ["1990-02-03", "1991", "2030-01-01", "03.02.1990"];
        let sexes = ["female", "male", "", "other"];
        let mut text = "iin,birth_date,sex,region\n".to_owned();
        for (person, birth, sex, mistyped) in rows {
            let mut number = number(person);
            if mistyped && person == 0 {
                number.replace_range(3..4, "9");
            }
            writeln!(text, "{number},{},{},75", births[birth], sexes[sex]).unwrap();
        }
        let world = World::new().with_chunks_of(chunk_rows);
        let file = Delivery::full("person", "population", "2026-06-15", &text);
        let file = if full { file } else { file.partial() };
        let first = world.deliver(&file, said(20));
        let facts = world.facts(None);
        prop_assert_eq!(first.counts.accepted, facts.len() as u64);
        prop_assert_eq!(world.held().len() as u64, first.counts.quarantined);
        prop_assert_eq!(world.deliver(&file, said(21)), first);
        let again = Delivery { made_on: "2026-06-16", ..file };
        let second = world.deliver(&again, said(22));
        prop_assert_eq!(second.counts.accepted + second.counts.ended, 0);
        prop_assert_eq!(second.counts.quarantined, first.counts.quarantined);
        prop_assert_eq!(world.facts(None), facts);
    }
}
