//! What compiling a small pack gives.

use std::fmt::Write;

use card::{Cell, Date, FieldId, Lang, Outcome, Ternary};
use law::{
    Pack, Reach, ReachFrom, Source,
    tree::{Node, Type},
};

use crate::folder;

fn small() -> Pack {
    law::load(&folder::sources("small")).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

fn edited(path: &str, from: &str, to: &str) -> Pack {
    let mut sources = folder::sources("small");
    let source = sources.iter_mut().find(|s| s.path == path).unwrap();
    assert!(source.text.contains(from), "{from}");
    source.text = source.text.replace(from, to);
    law::load(&sources).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn persons_come_first_and_have_an_id() {
    let pack = small();
    assert_eq!(pack.schema.entities[0].name, "person");
    assert_eq!(pack.schema.entities[0].field("id"), Some(FieldId(0)));
    assert_eq!(pack.schema.entities.last().unwrap().name, "insured_month");
    assert_eq!(pack.groups[0].by.len(), 2);
}

#[test]
fn guards_leave_a_mark_where_they_prove_something() {
    let pack = small();
    let alive = pack.words.iter().find(|w| w.name == "alive").unwrap();
    let shown = format!("{:?}", alive.is.0[0].1.node);
    assert!(shown.contains("Guarded") && shown.contains("Exists"), "{shown}");
}

#[test]
fn except_self_is_a_filter() {
    let pack = small();
    let siblings = pack.words.iter().find(|w| w.name == "siblings").unwrap();
    assert!(matches!(&siblings.is.0[0].1.node, Node::Filter { .. }));
    assert_eq!(siblings.ty, Type::List(Box::new(Type::Row(card::Schema::PERSON))));
}

#[test]
fn the_paths_of_a_measure_are_one_tree() {
    let pack = small();
    let reads = pack.reads(pack.measure("grant").unwrap());
    let shown = show(&pack, &reads, 0);
    let expected = "\
key -> parent_link by child
  parent -> person by id
  parent -> parent_link by parent
    child -> person by id
  parent -> contribution by person
  parent -> loan by person
";
    assert_eq!(shown, expected);
}

fn show(pack: &Pack, reads: &[Reach], depth: usize) -> String {
    // Field names of a step belong to the entity that the step starts from.
    fn walk(pack: &Pack, from: card::EntityId, reads: &[Reach], depth: usize, out: &mut String) {
        for step in reads {
            let start = match step.from {
                ReachFrom::Key => "key",
                ReachFrom::Field(field) => &pack.schema.at(from).at(field).name,
            };
            let to = pack.schema.at(step.entity);
            writeln!(out, "{}{start} -> {} by {}", "  ".repeat(depth), to.name, to.at(step.by).name).unwrap();
            walk(pack, step.entity, &step.then, depth + 1, out);
        }
    }
    let mut out = String::new();
    walk(pack, card::Schema::PERSON, reads, depth, &mut out);
    out
}

#[test]
fn the_closure_changes_with_what_decides_and_with_nothing_else() {
    let closure = |pack: &Pack| pack.measures[0].closure.clone();
    let before = closure(&small());
    assert_eq!(before.len(), 64);
    for (path, from, to) in [
        ("parameters/shared.yaml", "2026-01-01: 4325", "2026-01-01: 4326"),
        ("measures/grant.yaml", "among: age < 2", "among: age <= 2"),
        ("entities/facts.yaml", "'age_on(birth_date, day)'", "'age_on(birth_date, asked_on)'"),
        ("entities/facts.yaml", "until_is: last_day", "until_is: first_day_after"),
        ("entities/facts.yaml", "stands_for: P30D", "stands_for: P31D"),
        ("rules/average.yaml", "/ number", "/ (number + 0)"),
        ("measures/grant.yaml", "once: true", "once: false"),
    ] {
        assert_ne!(closure(&edited(path, from, to)), before, "{to}");
    }
    for (path, from, to) in [
        ("measures/grant.yaml", "en: Too late.", "en: Too late!"),
        ("measures/grant.yaml", "a first child", "a first child of all"),
        ("parameters/shared.yaml", "values: {2025-01-01: P3D}", "values: {2025-01-01: P4D}"),
        ("entities/facts.yaml", "ru: АХАТ", "ru: АХАТ"),
        (
            "entities/facts.yaml",
            "- {role: child",
            "- {role: adult, of: person, where: 'age >= 18'}\n- {role: child",
        ),
    ] {
        if from != to {
            assert_eq!(closure(&edited(path, from, to)), before, "{to}");
        }
    }
}

#[test]
fn the_layout_changes_with_positions_though_the_closure_does_not() {
    let before = small();
    let field = "    birth_date: {type: date, may_be";
    let shoes = "    shoes: {type: integer, title: {kk: аяқ, ru: обувь, en: shoes}}\n";
    let moved = edited("entities/facts.yaml", field, &format!("{shoes}{field}"));
    assert_eq!(moved.measures[0].closure, before.measures[0].closure);
    assert_ne!(moved.layout, before.layout);
    assert_eq!(small().layout, before.layout);
}

#[test]
fn cases_are_circles_with_an_expectation() {
    let pack = small();
    let [first, second, ..] = &pack.measures[0].cases[..] else { panic!("two cases or more") };
    assert_eq!((first.day, first.asked_on, first.known_on), (day("2026-06-15"), day("2026-06-15"), None));
    assert_eq!(first.expect.outcome, Outcome::Eligible);
    assert_eq!(first.expect.free, Some(Ternary::Yes));
    assert_eq!(first.expect.amount.unwrap().tiyn(), 16_435_000);
    assert_eq!(first.persons.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["mother", "child"]);
    let person = &pack.schema.entities[0];
    let cell = |row: usize, field: &str| first.circle.rows[row].cell(person.field(field).unwrap()).clone();
    assert_eq!(cell(1, "sex"), Cell::Unknown);
    assert_eq!(cell(1, "death_date"), Cell::Nothing);
    let tie = &first.circle.rows[2];
    assert_eq!((tie.from, tie.until), (day("2026-05-10"), day("2027-01-01")));
    assert!(first.place.starts_with("measures/grant.yaml:"));

    let silent = &second.circle.rows[0];
    assert_eq!(silent.cell(person.field("death_date").unwrap()), &Cell::Unknown);
    assert_eq!(silent.cell(person.field("birth_date").unwrap()), &Cell::Year(2026));
    let civil_acts = pack.schema.registry("civil_acts").unwrap();
    assert!(second.circle.coverage.iter().all(|c| c.registry != civil_acts));
    assert!(first.circle.coverage.iter().any(|c| c.registry == civil_acts));
}

#[test]
fn cases_outside_the_pack_name_their_measure() {
    let pack = small();
    let text = "cases:\n  - case: x\n    measure: grant\n    day: 2026-01-01\n    facts: {person: [{id: a}]}\n    expect: {subject: a, verdict: unknown}\n    source: none\n";
    let one = |text: &str| law::load_cases(&pack, &[Source { path: "more.yaml".into(), text: text.into() }]);
    assert_eq!(one(text).unwrap()[0].place, "more.yaml:2");
    let error = one(&text.replace("grant", "grand")).unwrap_err();
    assert!(error[0].to_string().contains("there is no measure `grand`"), "{}", error[0]);
}

#[test]
fn conditions_are_read_aloud_in_three_languages() {
    let pack = small();
    let measure = &pack.measures[0];
    let read = |expr, lang| law::reading(&pack, pack.measure("grant"), expr, lang);
    let mother_known = &measure.conditions[0].holds.0[0].1;
    assert_eq!(read(mother_known, Lang::Ru), "есть мать и мать: в живых");
    assert_eq!(read(mother_known, Lang::En), "there is mother and mother: alive");
    assert_eq!(read(mother_known, Lang::Kk), "анасы бар және анасы: тірі");
    let rich = &measure.refusals[0].when.0[0].1;
    assert_eq!(
        read(rich, Lang::Ru),
        "есть мать и среднее (мать: месяцы; этот день; 12) больше 20 × прожиточный минимум"
    );
    let elder = &measure.lets[0].is.0[0].1;
    assert_eq!(read(elder, Lang::En), "siblings where date of birth is before this person: date of birth");
}

#[test]
fn a_later_edition_of_a_methodology_replaces_the_one_before_it() {
    let mut sources = folder::sources("small");
    let first = sources.iter().find(|s| s.path == "levels/need.yaml").unwrap().clone();
    let mut edition = |name: &str, from: &str| {
        let text = first.text.replace("edition: 2026-01-01", &format!("edition: {from}"));
        let text = text.replace("\"true\": -30", "\"true\": -20").split("cases:").next().unwrap().to_owned();
        sources.push(Source { path: format!("levels/{name}.yaml"), text });
        law::read(&sources, law::Strictness::Pack)
    };
    let pack = edition("later", "2026-07-01").pack.unwrap();
    let on = |text: &str| pack.score("need", day(text)).map(|id| pack.score_at(id).in_force);
    let (january, july) = (day("2026-01-01"), day("2026-07-01"));
    assert_eq!(on("2025-12-31"), None);
    assert_eq!(on("2026-01-01"), Some((january, Some(july))));
    assert_eq!(on("2026-06-30"), Some((january, Some(july))));
    assert_eq!(on("2026-07-01"), Some((july, None)));
    let twice = edition("again", "2026-07-01").errors;
    assert!(twice[0].to_string().contains("declared twice"), "{}", twice[0]);
}

#[test]
fn the_closure_of_a_methodology_changes_with_what_decides_and_with_nothing_else() {
    let closure = |pack: &Pack| pack.scores[0].closure.clone();
    let before = closure(&small());
    for (path, from, to) in [
        ("levels/need.yaml", "\"(0..1)\": 5", "\"(0..1)\": 6"),
        ("levels/need.yaml", "siblings[age >= 18]", "siblings[age >= 17]"),
        ("entities/facts.yaml", "'age_on(birth_date, day)'", "'age_on(birth_date, asked_on)'"),
    ] {
        let edited = edited(path, from, to);
        assert_ne!(closure(&edited), before, "{to}");
    }
    for (path, from, to) in [
        ("levels/need.yaml", "en: helpers", "en: who helps"),
        ("measures/grant.yaml", "among: age < 2", "among: age <= 2"),
    ] {
        assert_eq!(closure(&edited(path, from, to)), before, "{to}");
    }
}

#[test]
fn sums_between_two_ends_have_all_levels_that_they_may_have() {
    let pack = small();
    let levels = |lo, hi| pack.scores[0].levels(lo, hi).collect::<Vec<_>>();
    assert_eq!((levels(0, 5), levels(-1, 0), levels(-9, -1)), (vec![0], vec![0, 1], vec![1]));
}
