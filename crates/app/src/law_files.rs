//! Reads a law pack from its folder; the law itself opens no file.

use std::{fs, path::Path};

use law::{Pack, Source};

use crate::failure::Failure;

/// The texts of a pack, named by their paths below the folder's parent.
pub fn sources(dir: &Path) -> Result<Vec<Source>, Failure> {
    let mut found = Vec::new();
    walk(dir, &mut found)?;
    if found.is_empty() {
        return Err(Failure(format!("{}: no YAML file; name the folder of a law pack", dir.display())));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn walk(dir: &Path, found: &mut Vec<Source>) -> Result<(), Failure> {
    for entry in fs::read_dir(dir).map_err(|error| Failure::file(dir, &error))? {
        let path = entry.map_err(|error| Failure::file(dir, &error))?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "yaml") {
            let text = fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
            found.push(Source { path: path.display().to_string(), text });
        }
    }
    Ok(())
}

/// The compiled pack of a folder.
pub fn load(dir: &Path) -> Result<Pack, Failure> {
    law::load(&sources(dir)?).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure(format!("{}\nthe pack does not load: {} errors", told.join("\n"), told.len()))
    })
}
