use card::{Cell, Sex, Tenge};
use intake::Counts;

use crate::world::{AWARD, CIVIL_ACTS, Delivery, PERSON, POPULATION, World, at, day, iin, sha256};

fn mother() -> String {
    iin("1990-02-03", Sex::Female, 1)
}

fn child() -> String {
    iin("2020-05-10", Sex::Male, 1)
}

/// Persons of two regions, as the population register delivers them.
fn persons() -> Delivery {
    let text = format!(
        "iin,birth_date,sex,death_date,region,name\n{},1990-02-03,female,,75,Айгүл\n{},2020-05-10,male,,10,\n",
        mother(),
        child()
    );
    Delivery::full("person", "population", "2026-06-15", &text)
}

fn counts(read: u64, accepted: u64, unchanged: u64, quarantined: u64, ended: u64) -> Counts {
    Counts { read, accepted, unchanged, overtaken: 0, quarantined, ended }
}

#[test]
fn a_file_becomes_rows_and_coming_again_changes_nothing() {
    let world = World::new();
    let first = world.deliver(&persons(), at("2026-06-16", 9));
    assert_eq!(first.counts, counts(2, 2, 0, 0, 0));
    let rows = world.rows(PERSON, None);
    assert_eq!(rows.len(), 2);
    assert_eq!(
        *rows[0].cells,
        [
            Cell::Person(world.person(&mother())),
            Cell::Date(day("1990-02-03")),
            Cell::Enum(0),
            Cell::Nothing,
            Cell::Code("75".into()),
        ]
    );
    assert_eq!(world.store.reveal_name(world.person(&mother())).unwrap().as_deref(), Some("Айгүл"));
    assert_eq!(world.store.reveal_name(world.person(&child())).unwrap(), None);
    let (page, next) = world.store.rows_after(PERSON, None, 0, 1).unwrap();
    assert_eq!((page.as_slice(), next), (&rows[..1], Some(rows[0].id)));
    assert_eq!(world.store.rows_after(PERSON, None, rows[0].id, 1).unwrap().0, rows[1..]);
    assert_eq!(world.store.rows_after(PERSON, None, rows[1].id, 1).unwrap(), (vec![], None));
    let facts = world.facts(None);
    // The same bytes: known by their hash, and not even read.
    assert_eq!(world.deliver(&persons(), at("2026-06-17", 9)), first);
    // The same rows in another file: read, and unchanged.
    let again = Delivery { text: persons().text + "\n", made_on: "2026-06-16", ..persons() };
    let manifest = again.manifest().replace("\"rows\": 3", "\"rows\": 2");
    let second = world.try_deliver_as(&again, &manifest, at("2026-06-17", 9)).unwrap();
    assert_eq!(second.counts, counts(2, 0, 2, 0, 0));
    assert_eq!(world.facts(None), facts);
}

#[test]
fn a_correction_closes_what_was_known_and_adds_what_is() {
    let world = World::new();
    world.deliver(&persons(), at("2026-06-16", 9));
    let corrected = Delivery {
        text: persons().text.replace("2020-05-10,male", "2020-05-11,male"),
        made_on: "2026-06-20",
        ..persons()
    };
    assert_eq!(world.deliver(&corrected, at("2026-06-21", 9)).counts, counts(2, 1, 1, 0, 0));
    let born = |known_on| {
        let rows = world.rows(PERSON, known_on);
        rows.into_iter().find(|row| row.cells[2] == Cell::Enum(1)).map(|row| row.cells[1].clone())
    };
    assert_eq!(born(None), Some(Cell::Date(day("2020-05-11"))));
    assert_eq!(born(Some(at("2026-06-21", 8))), Some(Cell::Date(day("2020-05-10"))));
    assert_eq!(born(Some(at("2026-06-21", 9))), Some(Cell::Date(day("2020-05-11"))));
    assert_eq!(born(Some(at("2026-06-16", 8))), None);
}

#[test]
fn full_extracts_end_what_they_leave_out_partial_and_late_ones_do_not() {
    let world = World::new();
    world.deliver(&persons(), at("2026-06-16", 9));
    let awards = |made_on, text: &str| {
        Delivery::full(
            "running_award",
            "payments",
            made_on,
            &format!("number,recipient,since,ended,amount\n{text}"),
        )
    };
    let (a, b) =
        (format!("A1,{},2024-01-01,,100.50\n", mother()), format!("B1,{},2024-01-01,,200\n", child()));
    let both = a.clone() + &b;
    assert_eq!(world.deliver(&awards("2026-06-15", &both), at("2026-06-16", 9)).counts.accepted, 2);
    let numbers =
        || -> Vec<Cell> { world.rows(AWARD, None).iter().map(|row| row.cells[0].clone()).collect() };
    let (a1, b1) = (Cell::Code("A1".into()), Cell::Code("B1".into()));

    // Partial: silence means nothing.
    let partial = awards("2026-06-17", &a).partial();
    assert_eq!(world.deliver(&partial, at("2026-06-17", 9)).counts, counts(1, 0, 1, 0, 0));
    assert_eq!(numbers(), [a1.clone(), b1.clone()]);
    // Full, of the region of the other one: the child's award is not its business.
    let of_75 = awards("2026-06-18", "").of("75");
    assert_eq!(world.deliver(&of_75, at("2026-06-18", 9)).counts, counts(0, 0, 0, 0, 1));
    assert_eq!(numbers(), std::slice::from_ref(&b1));
    // Late: made before the last full one. It neither ends nor revives nor changes.
    let late = awards("2026-06-16", &a);
    let taken = world.deliver(&late, at("2026-06-19", 9)).counts;
    assert_eq!((taken.unchanged, taken.overtaken, taken.ended), (1, 1, 0));
    assert_eq!(numbers(), [b1]);
    // Full, of everybody.
    let nobody = awards("2026-06-19", "");
    assert_eq!(world.deliver(&nobody, at("2026-06-20", 9)).counts.ended, 1);
    assert_eq!(numbers(), []);
    assert_eq!(
        world.rows(AWARD, Some(at("2026-06-17", 9)))[0].cells[4],
        Cell::Money(Tenge::from_tiyn(10_050))
    );
}

#[test]
fn an_extract_is_late_only_behind_a_newer_one_of_its_own_regions_and_days() {
    let world = World::new();
    world.deliver(&persons(), at("2026-06-16", 9));
    let award = |made_on, amount: u8| {
        let text = format!("number,recipient,since,ended,amount\nB1,{},2024-01-01,,{amount}\n", child());
        Delivery::full("running_award", "payments", made_on, &text)
    };
    let nobody = |made_on| {
        Delivery::full("running_award", "payments", made_on, "number,recipient,since,ended,amount\n")
    };
    world.deliver(&award("2026-06-15", 1), at("2026-06-16", 9));
    world.deliver(&nobody("2026-06-20").of("75"), at("2026-06-21", 9));
    // Older than the extract of region 75, of which the child is not.
    let taken = world.deliver(&award("2026-06-19", 2).of("10"), at("2026-06-21", 10));
    assert_eq!(taken.counts, counts(1, 1, 0, 0, 0));
    // Older than its own region's newest, and then than everybody's.
    let taken = world.deliver(&award("2026-06-18", 3).of("10"), at("2026-06-21", 11));
    assert_eq!((taken.counts.accepted, taken.counts.overtaken), (0, 1));
    let taken = world.deliver(&award("2026-06-18", 4), at("2026-06-21", 12));
    assert_eq!((taken.counts.accepted, taken.counts.overtaken), (0, 1));
    // Months: an older extract of June is not behind a newer one of July.
    let incomes = |month: &str, made_on, amount: u8| {
        let text = format!("person,month,amount\n{},{month},{amount}\n", child());
        let delivery = Delivery::full("income", "payments", made_on, &text);
        let manifest = delivery
            .manifest()
            .replace("\"from\": \"1900-01-01\"", &format!("\"from\": \"{month}-01\""))
            .replace(&format!("\"through\": \"{made_on}\""), &format!("\"through\": \"{month}-30\""));
        world.try_deliver_as(&delivery, &manifest, at("2026-09-01", 9)).unwrap().counts
    };
    assert_eq!(incomes("2026-06", "2026-07-05", 1).accepted, 1);
    assert_eq!(incomes("2026-07", "2026-08-05", 1), counts(1, 1, 0, 0, 0));
    assert_eq!(incomes("2026-06", "2026-08-01", 2).accepted, 1);
}

#[test]
fn a_row_at_fault_is_not_missing_from_its_file() {
    let world = World::new();
    let awards = |made_on, text: &str| {
        Delivery::full(
            "running_award",
            "payments",
            made_on,
            &format!("number,recipient,since,ended,amount\n{text}"),
        )
    };
    let row = format!("A1,{},2024-01-01,,100\n", mother());
    world.deliver(&awards("2026-06-15", &row), at("2026-06-16", 9));
    let wrong = awards("2026-06-16", &row.replace(",100", ",-100"));
    assert_eq!(world.deliver(&wrong, at("2026-06-17", 9)).counts, counts(1, 0, 0, 1, 0));
    assert_eq!(world.rows(AWARD, None).len(), 1);
}

#[test]
fn each_field_is_told_by_its_owner_and_contradictions_are_shown() {
    let world = World::new();
    world.deliver(&persons(), at("2026-06-16", 9));
    let text = format!("id,birth_date,death_date\n{},1990-02-04,2026-06-01\n", mother());
    world.deliver(
        &Delivery::full("person", "civil_acts", "2026-06-16", &text).partial(),
        at("2026-06-16", 10),
    );
    let rows = world.rows(PERSON, None);
    assert_eq!(rows.len(), 2);
    // The birth date stays the population register's; the death is the civil registry's to tell.
    let mother = rows.iter().find(|row| row.cells[2] == Cell::Enum(0)).unwrap();
    assert_eq!(mother.cells[1], Cell::Date(day("1990-02-03")));
    assert_eq!(mother.cells[3], Cell::Date(day("2026-06-01")));
    assert_eq!(mother.registry, POPULATION);
    let conflicts = world.store.conflicts(PERSON).unwrap();
    let shown: Vec<_> = conflicts.iter().map(|c| (c.field.0, c.counts.0, c.set_aside.0)).collect();
    assert_eq!(shown, [(1, POPULATION, CIVIL_ACTS), (3, CIVIL_ACTS, POPULATION)]);
}

#[test]
fn what_is_wrong_with_a_row_is_said_with_place_and_mend() {
    let world = World::new();
    world.deliver(&persons(), at("2026-06-16", 9));
    let (mother, child) = (mother(), child());
    let mistyped =
        if mother.ends_with('0') { mother[..11].to_owned() + "1" } else { mother[..11].to_owned() + "0" };
    let text = format!(
        "id,birth_date,sex,death_date,region\n\
         {mistyped},1990-02-03,female,,75\n\
         {},2026-06-16,male,,75\n\
         {},1980-01-01,male,1979-12-31,75\n\
         {},1980-01-01,unknown,,75\n\
         {mother},1990-02-03,female,,75\n\
         {mother},1990-02-03,male,,75\n\
         ,1990-02-03,male,,75\n\
         {mother},2021-01-01,female,,75\n",
        iin("2026-06-16", Sex::Male, 1),
        iin("1980-01-01", Sex::Male, 1),
        iin("1980-01-01", Sex::Male, 2),
    );
    let faulty = Delivery::full("person", "population", "2026-06-15", &text).partial();
    let taken = world.deliver(&faulty, at("2026-06-16", 9));
    assert_eq!(taken.counts, counts(8, 0, 1, 7, 0));
    assert_eq!(
        world.held(),
        [
            "line 2, id: the control digit of the IIN is wrong: one of its digits was mistyped; compare the IIN with \
         the document and send the row again",
            "line 3, birth_date: born after the day on which the registry said so; correct the date, or the day on \
         which the extract was made",
            "line 4, death_date: the death lies before the birth; correct one of the two dates",
            "line 5, sex: not a value of sex; write one of female, male",
            "line 7: the same id stands in line 6 already, with other values; send one row with the values that are \
         right",
            "line 8, id: empty, though rows are told apart by it; fill the field and send the row again",
            "line 9: the same id stands in line 6 already, with other values; send one row with the values that are \
         right",
        ]
    );
    // What came stands in quarantine, sealed.
    let held = world.store.quarantine(0, 1).unwrap();
    let raw = world.store.reveal_quarantined(held[0].id).unwrap();
    assert!(raw.contains(&mistyped));

    let ties = format!(
        "child,parent,kind,since,ended\n\
         {mother},{child},birth,2020-05-10,\n\
         {child},{child},birth,2020-05-10,\n\
         {child},{mother},birth,2020-05-10,2020-05-09\n\
         {child},{mother},birth,2020-05-10,\n"
    );
    let taken =
        world.deliver(&Delivery::full("parent_link", "civil_acts", "2026-06-15", &ties), at("2026-06-16", 9));
    assert_eq!(taken.counts, counts(4, 1, 0, 3, 0));
    assert_eq!(
        world.held()[7..],
        [
            "line 2, child: the child is not younger than the parent; correct a birth date, or exchange child and parent",
            "line 3, parent: both persons of the tie are the same; name the other person",
            "line 4, ended: the period ends before it begins; correct the first or the last day",
        ]
    );
    // A correction that makes the child older than the mother.
    let text = format!("id,birth_date\n{mother},2021-01-01\n");
    world
        .deliver(&Delivery::full("person", "population", "2026-06-16", &text).partial(), at("2026-06-16", 9));
    assert_eq!(
        world.held()[10..],
        [
            "line 2, birth_date: the child is not younger than the parent; correct a birth date, or exchange child \
          and parent"
        ]
    );
    let text = format!("award,child\nA1,{child}\n");
    world.deliver(
        &Delivery::full("running_award_child", "payments", "2026-06-15", &text),
        at("2026-06-16", 9),
    );
    assert_eq!(
        world.held()[11..],
        [
            "line 2, award: no running_award of that key was delivered; deliver the running_award first, then this \
          row again"
        ]
    );
}

#[test]
fn a_file_that_is_wrong_as_a_whole_is_refused_and_nothing_of_it_is_kept() {
    let world = World::new();
    let says = |text: &str| {
        let delivery = Delivery { file: "persons.csv".into(), text: text.to_owned(), ..persons() };
        world.try_deliver(&delivery, at("2026-06-16", 9)).unwrap_err()
    };
    assert_eq!(
        says(""),
        "persons.csv: line 1: the file is empty; a header with the names of the fields is expected"
    );
    assert_eq!(
        says(&format!("{},1990-02-03\n", mother())),
        "persons.csv: line 1, column 1: this names no field of person; its fields are id, birth_date, sex, \
         death_date, region"
    );
    assert_eq!(
        says("birth_date,sex\n1990-02-03,female\n"),
        "persons.csv: line 1: id is missing; the rows of person are told apart by id"
    );
    assert_eq!(
        says(&format!("id,sex\n{},female\n{},male,75\n", mother(), child())),
        "persons.csv: line 3, column 3: not CSV: 3 cells where the header has 2; put cells that hold a comma or a \
         line break into quotes"
    );
    let delivery = Delivery { file: "persons.csv".into(), ..persons() };
    let refused =
        |manifest: &str| world.try_deliver_as(&delivery, manifest, at("2026-06-16", 9)).unwrap_err();
    let manifest = delivery.manifest();
    assert_eq!(
        refused(&manifest.replace("\"rows\": 2", "\"rows\": 3")),
        "persons.csv: the manifest says 3 rows and the file holds 2; deliver both again"
    );
    let (head, sha) = manifest.split_at(manifest.find("\"sha256\": \"").unwrap() + 11);
    let other = if sha.starts_with('0') { "1" } else { "0" };
    assert_eq!(
        refused(&format!("{head}{other}{}", &sha[1..])),
        "persons.csv: its SHA-256 is not the one in the manifest; deliver file and manifest of one extract"
    );
    assert_eq!(
        refused(&manifest.replace("\"made_on\": \"2026-06-15\"", "\"made_on\": \"2026-06-17\"")),
        "persons.csv: made_on 2026-06-17 lies after today, 2026-06-16; correct the manifest or the clock"
    );
    assert_eq!(world.facts(None), []);
    assert_eq!(world.held(), [] as [&str; 0]);
    let latin = [b"id,name\n".as_slice(), mother().as_bytes(), b",\xe9\n"].concat();
    std::fs::write(world.dir.join("latin.csv"), &latin).unwrap();
    let sha = sha256(&latin);
    let manifest = format!("{head}{sha}\"}}").replace("\"rows\": 2", "\"rows\": 1");
    let manifest = intake::Manifest::parse(&manifest, &world.schema).unwrap();
    let error = outside::extract::Extract::open(world.dir.join("latin.csv"), &manifest, &world.schema);
    assert_eq!(
        error.err().unwrap().to_string(),
        "latin.csv: line 2, column 2: not CSV in UTF-8; save the file in UTF-8"
    );
}
