//! Folders of law in `tests/`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use law::Source;

pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The sources of a folder, by path inside it.
pub fn sources(name: &str) -> Vec<Source> {
    let root = path(name);
    let mut found = Vec::new();
    let mut waiting = vec![root.clone()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let inside = path.strip_prefix(&root).unwrap().display().to_string();
                found.push(Source { path: inside, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
