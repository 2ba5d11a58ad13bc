//! Small faults in a small pack, and the very words in which they are told. Each file in `tests/bad`
//! edits the pack of `tests/small` and ends with what is said of it. `UPDATE=1` writes that again.

use std::{fmt::Write, fs};

use law::Strictness;

use crate::folder;

#[test]
fn every_fault_is_told_with_its_place_and_mend() {
    let mut files: Vec<_> = fs::read_dir(folder::path("bad")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 30);
    let mut wrong = String::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let (edits, expected) = text.split_once("===\n").unwrap();
        let said = told(edits);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, format!("{edits}===\n{said}")).unwrap();
        } else if said != expected {
            write!(wrong, "{}\nsaid:\n{said}\nexpected:\n{expected}\n", file.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_small_pack_itself_has_no_fault() {
    assert_eq!(told(""), "");
}

/// What is said of the small pack after some edits: `@ file`, `- old line`, `+ new line`.
fn told(edits: &str) -> String {
    let mut sources = folder::sources("small");
    let mut file = 0;
    let mut old = String::new();
    for line in edits.lines() {
        if let Some(path) = line.strip_prefix("@ ") {
            file = sources.iter().position(|s| s.path == path).unwrap_or_else(|| panic!("no {path}"));
        } else if let Some(text) = line.strip_prefix("- ") {
            text.clone_into(&mut old);
            assert_eq!(sources[file].text.matches(text).count(), 1, "{text}");
        } else if let Some(new) = line.strip_prefix("+ ") {
            sources[file].text = sources[file].text.replacen(&old, &new.replace("\\n", "\n"), 1);
        }
    }
    let loaded = law::read(&sources, Strictness::Pack);
    assert_eq!(loaded.pack.is_some(), loaded.errors.is_empty());
    let mut said = String::new();
    for error in &loaded.errors {
        writeln!(said, "{error}").unwrap();
    }
    for warning in &loaded.warnings {
        writeln!(said, "warning: {warning}").unwrap();
    }
    said
}
