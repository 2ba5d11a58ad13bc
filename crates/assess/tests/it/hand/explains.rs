//! Explanations: the rows, the lists, the parts that are false, the facts that would decide.

use assess::{
    Engine,
    explain::{PartKind, reading, render},
};
use card::{Lang, PersonId, Ternary};
use law::tree::MeasureId;

use super::{GRANT, family, question};
use crate::small::{pack, schema::*};

#[test]
fn a_condition_names_the_rows_and_cells_that_it_rests_on() {
    let (pack, facts) = (pack(), family().all_covered());
    let told = Engine::new()
        .explain(&pack, GRANT, question(3, "2025-02-01"), &facts.0, false)
        .expect("an explanation");
    let part = told.parts.iter().find(|part| part.name == "parent_resident").expect("the condition");
    assert_eq!((part.kind, part.outcome), (PartKind::Condition, Ternary::Yes));
    let read: Vec<_> = part.evidence.rows.iter().map(|row| (row.entity, row.id, row.cells.len())).collect();
    // The mother's row with the cell `resident`, and the tie to her with the parent that it names.
    assert_eq!(read, [(PERSON, 1, 1), (TIE, 6, 1)]);
}

#[test]
fn of_a_list_it_tells_who_counts_who_may_and_what_is_false_of_others() {
    let mut facts = family();
    // The eldest studies no more, and of the second only the year of birth is told.
    facts.0.rows[7].until = "2024-06-01".parse().expect("a day");
    facts.0.rows[7].cells[3] = card::Cell::Date("2024-06-01".parse().expect("a day"));
    facts.0.rows[2].cells[1] = card::Cell::Year(2007);
    let facts = facts.all_covered();
    let pack = pack();
    let told = Engine::new()
        .explain(&pack, MeasureId(1), question(1, "2025-02-01"), &facts.0, true)
        .expect("an explanation");
    let part = told.parts.iter().find(|part| part.name == "some").expect("the condition");
    let list = &part.evidence.lists[0];
    let people = |items: &[assess::explain::Item]| items.iter().filter_map(|i| i.person).collect::<Vec<_>>();
    assert_eq!(people(&list.counted), [PersonId(4)]);
    assert_eq!(list.possible[0].0.person, Some(PersonId(3)));
    assert_eq!(list.possible[0].1[0].field.as_deref(), Some("birth_date"));
    let (item, wrong) = &list.left_out[0];
    assert_eq!(item.person, Some(PersonId(2)));
    assert_eq!(reading(&pack, &pack.measures[1].lets, &wrong[0], Lang::En), "minor or student");
}

#[test]
fn it_is_said_in_each_language_with_the_words_of_the_pack() {
    let (pack, facts) = (pack(), family().all_covered().hide(0, 4));
    let told = Engine::new()
        .explain(&pack, GRANT, question(3, "2025-02-01"), &facts.0, false)
        .expect("an explanation");
    let english = render(&pack, &told, Lang::En, &|_| None).to_string();
    assert!(english.starts_with("grant: unknown (2025-02-01)\n"), "{english}");
    assert!(
        english.contains(
            "? unknown [code, parent_resident]\n  ? deciding fact: person: resident, person 1 (state)"
        ),
        "{english}"
    );
    let russian = render(&pack, &told, Lang::Ru, &|_| None).to_string();
    assert!(russian.contains("решающий факт: person (ru): resident (ru), лицо 1 (state (ru))"), "{russian}");
    assert!(render(&pack, &told, Lang::Kk, &|_| None).to_string().contains("шешуші дерек"));
}

#[test]
fn what_was_told_is_not_told_again() {
    let (pack, facts) = (pack(), family().all_covered());
    let told = Engine::new()
        .explain(&pack, GRANT, question(3, "2025-02-01"), &facts.0, true)
        .expect("an explanation");
    let english = render(&pack, &told, Lang::En, &|_| None).to_string();
    let rows: Vec<&str> = english.lines().filter(|line| line.contains("rests on:")).collect();
    let once: std::collections::BTreeSet<&str> = rows.iter().copied().collect();
    assert_eq!(rows.len(), once.len(), "{english}");
    assert!(english.contains("rests on (told above): №"), "{english}");
}
