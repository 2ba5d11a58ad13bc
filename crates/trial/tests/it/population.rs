//! What is on disk is what registries may deliver: valid, whole, and the same for the same seed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use card::{Date, Iban, Iin, Moment, Msisdn, Sex};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use trial::population::{Options, Population, TieKind, Written};

/// A folder of its own for a test, emptied first.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn options(people: u32, seed: u64) -> Options {
    Options { people, seed, day: "2026-06-15".parse().unwrap() }
}

fn written(name: &str, people: u32, seed: u64) -> (PathBuf, Written) {
    let dir = folder(name);
    let written = Population::generate(options(people, seed)).write(&dir).unwrap();
    (dir, written)
}

/// The rows of a file, by the names of its columns.
fn rows(csv: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(csv).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for part in ["full", "late"] {
        for entry in fs::read_dir(dir.join(part)).unwrap().map(Result::unwrap) {
            let name = format!("{part}/{}", entry.file_name().into_string().unwrap());
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    found
}

#[test]
fn the_same_seed_gives_the_same_files() {
    let (one, _) = written("seed-a", 3_000, 11);
    let (two, _) = written("seed-b", 3_000, 11);
    let (other, _) = written("seed-c", 3_000, 12);
    assert!(files(&one) == files(&two));
    assert!(files(&one) != files(&other));
    assert!(files(&one).len() > 30, "{}", files(&one).len());
}

#[test]
fn a_manifest_fits_its_file() {
    let (_, written) = written("manifests", 2_000, 3);
    for extract in &written.extracts {
        let bytes = fs::read(&extract.csv).unwrap();
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs::read(&extract.manifest).unwrap()).unwrap();
        let hex = manifest["sha256"].as_str().unwrap();
        let told: Vec<u8> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        assert_eq!(told, Sha256::digest(&bytes).to_vec());
        assert_eq!(manifest["rows"].as_u64(), Some(rows(&extract.csv).len() as u64));
        assert_eq!(manifest["rows"].as_u64(), Some(extract.rows));
        let name = format!(
            "{}.{}.csv",
            manifest["entity"].as_str().unwrap(),
            manifest["registry"].as_str().unwrap()
        );
        assert_eq!(extract.csv.file_name().unwrap().to_str(), Some(name.as_str()));
        let late = extract.csv.parent().unwrap().ends_with("late");
        assert_eq!(manifest["extent"], if late { "partial" } else { "full" });
        assert_eq!(manifest["made_on"], if late { "2026-06-15" } else { "2026-06-14" });
    }
    let by_name =
        |name: &str| written.extracts.iter().position(|e| e.csv.to_str().unwrap().ends_with(name)).unwrap();
    assert!(by_name("full/person.gbd_fl.csv") < by_name("full/parent_link.civil_acts.csv"));
    assert!(by_name("full/study.nobd.csv") < by_name("late/study.nobd.csv"));
}

#[test]
fn no_registry_delivers_families_and_each_column_is_declared() {
    let (dir, written) = written("columns", 2_000, 3);
    let entities = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz/entities");
    let declared: String = fs::read_dir(entities)
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap().replace("entity: ", "\u{1}entity: "))
        .collect();
    for extract in &written.extracts {
        let entity = extract.scope.entity;
        let block = declared.split('\u{1}').find(|block| {
            block.strip_prefix("entity: ").is_some_and(|rest| rest.split_whitespace().next() == Some(entity))
        });
        let block = block.unwrap_or_else(|| panic!("{entity} is not declared"));
        let header = csv::Reader::from_path(&extract.csv).unwrap().headers().unwrap().clone();
        for column in header.iter().filter(|column| entity != "person" || !["iin", "name"].contains(column)) {
            let field = block.lines().any(|line| line.trim_start().starts_with(&format!("{column}:")));
            assert!(field, "{entity} has no field {column}");
        }
        assert!(declared.contains(&format!("registry: {}", extract.scope.registry)));
    }
    assert!(files(&dir).keys().all(|name| !name.contains("family")));
}

#[test]
fn every_number_is_valid_and_every_reference_holds() {
    let (_, written) = written("numbers", 6_000, 5);
    let persons: BTreeSet<String> = (written.extracts.iter())
        .filter(|extract| extract.scope.entity == "person" && extract.scope.registry == "gbd_fl")
        .flat_map(|extract| rows(&extract.csv))
        .map(|row| row["iin"].clone())
        .collect();
    let named = [
        "iin",
        "child",
        "parent",
        "counted_in",
        "first",
        "second",
        "person",
        "deceased",
        "registered_by",
        "holder",
        "recipient",
        "subject",
        "carer",
        "cared",
        "buried_by",
        "dependant",
        "breadwinner",
    ];
    for extract in &written.extracts {
        let full = extract.csv.parent().unwrap().ends_with("full");
        let mut keys = BTreeSet::new();
        for row in rows(&extract.csv) {
            for (column, cell) in row.iter().filter(|(_, cell)| !cell.is_empty()) {
                if named.contains(&column.as_str()) {
                    assert!(cell.parse::<Iin>().is_ok() && persons.contains(cell), "{column}");
                }
                match column.as_str() {
                    "account" => assert!(cell.parse::<Iban>().is_ok()),
                    "phone" => assert!(cell.starts_with('+') && cell.parse::<Msisdn>().is_ok()),
                    // A term is told with its end.
                    "ended" if ["disability", "capacity_loss"].contains(&extract.scope.entity) => {
                        assert!(cell.parse::<Date>().is_ok());
                    }
                    "since" | "ended" | "death_date" | "paid_on" | "registered_on" | "given_on"
                    | "withdrawn_on" | "broken_on" | "refused_on" | "false_data_on" | "established_on" => {
                        let date: Date = cell.parse().unwrap();
                        assert!(date <= extract.scope.made_on.plus(card::Span::Days(1)), "{column} {cell}");
                    }
                    _ => {}
                }
            }
            if let (Some(since), Some(ended)) = (row.get("since"), row.get("ended")) {
                assert!(ended.is_empty() || since < ended, "{}: {since} {ended}", extract.scope.entity);
            }
            let key: Vec<String> =
                key_of(extract.scope.entity).iter().map(|column| row[*column].clone()).collect();
            assert!(keys.insert(key) || !full, "a key twice in {}", extract.scope.entity);
        }
    }
}

fn key_of(entity: &str) -> &'static [&'static str] {
    match entity {
        "person" => &["iin"],
        "parent_link" => &["child", "parent", "kind", "since"],
        "marriage" => &["first", "second", "since"],
        "residence" | "disability" | "capacity_loss" | "social_contract" | "health_record" => {
            &["person", "since"]
        }
        "lives_with" => &["child", "since"],
        "study" => &["person", "level", "since"],
        "stay" | "pension" | "social_benefit_paid" | "livestock" => &["person", "kind", "since"],
        "loan" => &["person", "contract"],
        "business" => &["person", "number"],
        "death_registration" | "service_death" => &["deceased"],
        "account" => &["account"],
        "phone" => &["phone", "person", "since"],
        "running_award" => &["number"],
        "running_award_child" => &["award", "child"],
        "contribution" => &["person", "month", "payer"],
        "job" => &["person", "employer", "since"],
        "unemployment" => &["person", "registered_on"],
        "honour" => &["person", "kind", "given_on"],
        "ownership" => &["person", "object"],
        "income" => &["person", "month", "kind"],
        "poverty_figure" => &["region", "since"],
        "care" => &["carer", "cared", "since"],
        "burial" => &["deceased", "since"],
        "dependency" => &["dependant", "breadwinner"],
        other => panic!("{other} has no key"),
    }
}

#[test]
fn a_birth_is_told_by_four_registries_and_no_number_comes_twice() {
    let (dir, mut written) = written("births", 2_000, 5);
    let at = Moment::local("2026-06-15".parse().unwrap(), 9, 30);
    let mother = written.registrar.mothers().iter().find(|mother| mother.children == 3).unwrap().clone();
    let known: BTreeSet<String> =
        rows(&written.extracts[0].csv).into_iter().map(|row| row["iin"].clone()).collect();
    let (mut children, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..50 {
        let birth = written.registrar.birth(&mother, at).unwrap();
        assert_eq!(birth.child.born(), at.day());
        assert!(!known.contains(&birth.child.expose()) && children.insert(birth.child));
        let events: Vec<serde_json::Value> =
            birth.events.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
        let sources: Vec<&str> = events.iter().map(|event| event["source"].as_str().unwrap()).collect();
        let four = ["gbd_fl", "migration", "residence_register", "civil_acts"];
        assert_eq!(sources, four.map(|registry| format!("/registries/{registry}")));
        assert!(events.iter().all(|event| ids.insert(event["id"].to_string())));
        let ties = events[3]["data"][1]["rows"].as_array().unwrap();
        assert_eq!(ties[0]["parent"], mother.iin.expose().as_str());
        assert!(ties.iter().all(|tie| tie["child"] == birth.child.expose().as_str()));
    }
    let mut again = Population::generate(options(2_000, 5)).reopen(&dir).unwrap();
    assert_eq!(again.mothers().len(), written.registrar.mothers().len());
    let birth = again.birth(&mother, at).unwrap();
    assert!(children.insert(birth.child), "a number given out before the restart came again");
}

#[test]
fn later_extracts_hold_what_was_told_since() {
    let (dir, mut written) = written("renewal", 4_000, 5);
    let at = Moment::local("2026-06-20".parse().unwrap(), 9, 30);
    let mother = written.registrar.mothers()[0].clone();
    let student = written.registrar.students()[0].clone();
    let child = written.registrar.birth(&mother, at).unwrap().child.expose();
    written.registrar.studies_end(&student, at).unwrap();
    written.registrar.birth_date_corrected(mother.iin, "1999-09-09".parse().unwrap(), at).unwrap();
    written.registrar.silence("bmg", true);
    let renewed = written.registrar.renew("2026-06-21".parse().unwrap()).unwrap();

    let file = |name: &str| rows(&dir.join("2026-06-21").join(name));
    let persons = file("person.gbd_fl.csv");
    let first = rows(&dir.join("full/person.gbd_fl.csv"));
    let late = rows(&dir.join("late/person.gbd_fl.csv"));
    let all: BTreeSet<&String> = first.iter().chain(&late).map(|row| &row["iin"]).collect();
    assert_eq!(persons.len(), all.len() + 1);
    let person = |iin: &str| persons.iter().find(|row| row["iin"] == iin).unwrap();
    assert_eq!(person(&child)["birth_date"], "2026-06-20");
    let corrected = person(&mother.iin.expose());
    assert_eq!((corrected["birth_date"].as_str(), corrected["name"].is_empty()), ("1999-09-09", false));
    for row in &late {
        assert_eq!(person(&row["iin"])["birth_date"], row["birth_date"], "the correction is kept");
    }
    assert!(file("parent_link.civil_acts.csv").iter().any(|tie| tie["child"] == child));
    let study = file("study.nobd.csv").into_iter().find(|row| row["person"] == student.iin.expose()).unwrap();
    assert_eq!(study["ended"], "2026-06-19");

    assert!(renewed.iter().all(|extract| extract.scope.registry != "bmg"));
    assert_eq!(renewed.len(), 37);
    for extract in &renewed {
        assert_eq!(extract.rows, rows(&extract.csv).len() as u64);
        assert_eq!(extract.scope.days.1.to_string(), "2026-06-21");
        assert!(extract.scope.full);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_child_is_older_than_its_parents(seed: u64) {
        for kin in Population::generate(options(400, seed)) {
            let homes: BTreeSet<_> = kin.residences.iter().map(|residence| (residence.who, residence.since)).collect();
            prop_assert_eq!(homes.len(), kin.residences.len());
            for tie in kin.ties.iter().filter(|tie| tie.kind == TieKind::Birth) {
                let (child, parent) = (kin.at(tie.child), kin.at(tie.parent));
                prop_assert!(parent.age_on(child.born) >= 16, "{} {}", parent.born, child.born);
                prop_assert!(parent.sex == Sex::Male || parent.age_on(child.born) < 50);
                prop_assert!(parent.died.is_none_or(|died| child.born.days() < died.days() + 270));
            }
            for tie in &kin.ties {
                prop_assert!(kin.at(tie.parent).born < kin.at(tie.child).born);
            }
            for marriage in &kin.marriages {
                for spouse in [marriage.first, marriage.second] {
                    prop_assert!(kin.at(spouse).age_on(marriage.since) >= 16);
                }
            }
        }
    }
}
