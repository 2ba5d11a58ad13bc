//! The law of Kazakhstan: its own cases hold.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assess::case::run_case;
use law::{Pack, Source};

use crate::plain::Plain;

/// The folder of the pack beside the crates.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz")
}

/// The texts of the pack.
pub fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    gather(&folder(), &folder(), &mut sources);
    sources.sort_by(|a: &Source, b| a.path.cmp(&b.path));
    sources
}

/// The pack beside the crates.
pub fn pack() -> Pack {
    match law::load(&sources()) {
        Ok(pack) => pack,
        Err(errors) => {
            let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("{}", told.join("\n"))
        }
    }
}

fn gather(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("the pack is there") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            gather(root, &path, sources);
        } else if path.extension().is_some_and(|ext| ext == "yaml") {
            let text = fs::read_to_string(&path).expect("a readable file");
            let path = path.strip_prefix(root).expect("a file of the pack").display().to_string();
            sources.push(Source { path, text });
        }
    }
}

#[test]
fn every_case_of_the_pack_holds() {
    let pack = pack();
    let results: Vec<_> = pack
        .measures
        .iter()
        .flat_map(|measure| &measure.cases)
        .map(|case| run_case(&pack, &Plain::new(), case))
        .collect();
    assert!(!results.is_empty(), "the pack has no cases");
    let told: Vec<String> = results
        .iter()
        .filter(|result| !result.holds())
        .map(|result| format!("{}: {}\n  {}", result.place, result.name, result.differences.join("\n  ")))
        .collect();
    assert!(told.is_empty(), "{} of {} cases fail\n{}", told.len(), results.len(), told.join("\n"));
}
