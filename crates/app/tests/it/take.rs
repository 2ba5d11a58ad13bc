//! Bad input through the real binary: a clear word about the place and the mend, and nothing lost.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::browser::{family_card, folder};

/// Writes an extract and its manifest; the path of the extract.
fn extract(dir: &Path, name: &str, entity: &str, registry: &str, csv: &str, rows: usize) -> PathBuf {
    let path = dir.join(format!("{name}.csv"));
    fs::write(&path, csv).unwrap();
    let sum = Command::new("sha256sum").arg(&path).output().unwrap();
    let sha256 = String::from_utf8(sum.stdout).unwrap()[..64].to_owned();
    let manifest = format!(
        r#"{{"entity": "{entity}", "registry": "{registry}", "regions": [], "extent": "full", "from": "2020-01-01",
            "through": "2026-11-01", "made_on": "2026-11-01", "rows": {rows}, "sha256": "{sha256}"}}"#
    );
    fs::write(path.with_extension("json"), manifest).unwrap();
    path
}

/// Takes files into the store of a folder; what was said, and whether all was sound.
fn take(dir: &Path, files: &[PathBuf]) -> (String, bool) {
    let mut command = family_card(&["take", "--store", &dir.join("store").display().to_string()]);
    let run = command.args(files).output().unwrap();
    let told = [run.stdout, run.stderr].concat();
    (String::from_utf8(told).unwrap(), run.status.success())
}

#[test]
fn bad_extracts_are_told_with_place_and_mend_and_the_sound_rows_are_kept() {
    let dir = folder("extracts");
    fs::create_dir_all(&dir).unwrap();
    // The second number has a wrong last digit.
    let persons = "iin,birth_date,sex\n900203400018,1990-02-03,female\n900203400019,1990-02-03,female\n";
    let good = extract(&dir, "persons", "person", "gbd_fl", persons, 2);
    let (told, sound) = take(&dir, std::slice::from_ref(&good));
    assert!(!sound && told.contains("2 read = 1 accepted + 0 unchanged + 1 quarantined"), "{told}");
    assert!(told.contains("persons.csv:3, id") && told.contains("control digit"), "{told}");
    assert!(!told.contains("900203400019"), "a number is never told: {told}");

    let (told, _) = take(&dir, &[good]);
    assert!(told.contains("2 read"), "the same file again changes nothing: {told}");

    let header = extract(&dir, "header", "person", "gbd_fl", "iin,birth_day\n900203400018,1990-02-03\n", 1);
    let (told, sound) = take(&dir, &[header]);
    assert!(!sound && told.contains("line 1, column 2") && told.contains("birth_date"), "{told}");

    let no_csv = extract(&dir, "no_csv", "person", "gbd_fl", "\u{0}\u{1}\u{2}", 1);
    assert!(!take(&dir, &[no_csv]).1);

    let short = extract(&dir, "short", "person", "gbd_fl", "iin,sex\n900203400018,female\n", 7);
    let (told, sound) = take(&dir, &[short]);
    assert!(!sound && told.contains('7') && told.contains('1'), "{told}");
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn an_event_id_with_another_body_is_refused_and_both_are_kept() {
    let dir = folder("events");
    fs::create_dir_all(&dir).unwrap();
    let event = |name: &str, born: &str| {
        let path = dir.join(format!("{name}.event.json"));
        let body = format!(
            r#"{{"specversion": "1.0", "id": "e-1", "source": "/gbd_fl", "type": "person.registered",
                "time": "2026-06-15T09:30:00+05:00",
                "data": {{"entity": "person", "rows": [{{"iin": "900203400018", "birth_date": "{born}", "sex": "female"}}]}}}}"#
        );
        fs::write(&path, body).unwrap();
        path
    };
    let (first, other) = (event("first", "1990-02-03"), event("other", "1990-02-04"));
    let (told, sound) = take(&dir, &[first.clone(), first]);
    assert!(sound && told.contains("came before"), "{told}");
    let (told, sound) = take(&dir, &[other]);
    assert!(!sound && told.contains("other body"), "{told}");
    let future = event("future", "2199-01-01");
    let text = fs::read_to_string(&future).unwrap().replace("e-1", "e-2");
    fs::write(&future, text).unwrap();
    let (told, sound) = take(&dir, &[future]);
    assert!(!sound && told.contains("birth_date"), "{told}");
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_pack_with_a_misspelt_name_does_not_load_and_names_the_place() {
    let dir = folder("typo");
    let copy =
        Command::new("cp").args(["-r", "law/kz"]).arg(&dir).current_dir(crate::browser::root()).status();
    assert!(copy.unwrap().success());
    let path = dir.join("measures/multi_child.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let wrong = text.replacen("holds: how_many >= least", "holds: how_many >= lesat", 1);
    assert_ne!(text, wrong);
    fs::write(&path, wrong).unwrap();
    let run = family_card(&["--law", &dir.display().to_string(), "law", "check"]).output().unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(!run.status.success(), "{told}");
    for part in ["multi_child.yaml", "lesat", "least", "^"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    fs::remove_dir_all(dir).unwrap();
}
