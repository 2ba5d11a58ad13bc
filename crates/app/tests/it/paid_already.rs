//! Nobody who is already paid is offered anything, and without the word of today's payment system
//! nobody is known to be free.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use card::Date;
use trial::population::{Options, Population};

use crate::browser::{family_card, folder};

/// Takes extracts into a store and sweeps it: by measure, how many have a right and how many of them
/// are free. Of a notice, which pays nothing, nobody asks that.
fn swept(dir: &Path, store: &str, extracts: &[PathBuf]) -> Vec<(String, u64, u64)> {
    let store = dir.join(store).display().to_string();
    let taken = family_card(&["take", "--store", &store]).args(extracts).output().unwrap();
    assert!(taken.status.success(), "{}", String::from_utf8_lossy(&taken.stdout));
    let run = family_card(&["sweep", "--store", &store, "--day", "2026-11-24"]).output().unwrap();
    let told = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success(), "{told}");
    told.lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect::<Vec<&str>>())
        .filter(|words| words[2] != "-")
        .map(|words| (words[0].to_owned(), words[1].parse().unwrap(), words[2].parse().unwrap()))
        .collect()
}

#[test]
fn who_is_paid_is_not_free_and_without_that_extract_nobody_is() {
    let dir = folder("paid");
    let day: Date = "2026-11-24".parse().unwrap();
    let world = Population::generate(Options { people: 6_000, seed: 3, day });
    let written = world.write(&dir.join("registries")).unwrap();
    let all: Vec<PathBuf> = written.extracts.iter().map(|extract| extract.csv.clone()).collect();
    let payments = |path: &PathBuf| path.to_string_lossy().contains("running_award");
    let silent: Vec<PathBuf> = all.iter().filter(|path| !payments(path)).cloned().collect();
    assert_eq!(silent.len() + 2, all.len());

    let awards = all.iter().find(|path| path.ends_with("full/running_award.payments.csv")).unwrap();
    let awards = std::fs::read_to_string(awards).unwrap();
    let paid: BTreeSet<&str> = awards.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    assert!(paid.len() > 1, "{paid:?}");

    // Of what nobody is paid, everybody who has a right is free, if anybody has.
    let with = swept(&dir, "with", &all);
    for (measure, eligible, free) in &with {
        let some = paid.contains(&**measure);
        assert!(
            if some { 0 < *free && free < eligible } else { free == eligible },
            "{measure}: {free} of {eligible}"
        );
    }
    assert!(paid.iter().all(|paid| with.iter().any(|(measure, ..)| measure == paid)), "{paid:?}");
    for (measure, eligible, free) in swept(&dir, "without", &silent) {
        assert!(0 < eligible || !paid.contains(&*measure), "{measure}");
        assert_eq!(free, 0, "{measure}: of {eligible}");
    }
    std::fs::remove_dir_all(dir).unwrap();
}
