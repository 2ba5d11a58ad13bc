//! `law book`: the law as pages for people, made from the pack.

use std::{fs, path::Path, process::ExitCode};

use assess::explain::{contents, page, page_of_score};
use card::Lang;
use law::{
    Pack,
    tree::{MeasureId, ScoreId},
};

use crate::{failure::Failure, law_files};

/// Writes a page of every measure and of every edition of a methodology in every language into a folder:
/// `LANG/NAME.md`, and their list in `LANG/README.md`.
pub fn write(dir: &Path, out: &Path) -> Result<ExitCode, Failure> {
    let pack = law_files::load(dir)?;
    let pages = pages(&pack);
    for (name, text) in &pages {
        let path = out.join(name);
        let folder = path.parent().unwrap_or(out);
        fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
        fs::write(&path, text).map_err(|error| Failure::file(&path, &error))?;
    }
    println!("{} pages in {}", pages.len(), out.display());
    Ok(ExitCode::SUCCESS)
}

/// All pages, by their names.
pub fn pages(pack: &Pack) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    for lang in Lang::ALL {
        let folder = lang.code();
        pages.push((format!("{folder}/README.md"), contents(pack, lang)));
        for (at, measure) in (0..).zip(&pack.measures) {
            pages.push((format!("{folder}/{}.md", measure.name), page(pack, MeasureId(at), lang)));
        }
        for at in 0..pack.scores.len() {
            let (name, text) = page_of_score(pack, ScoreId(at as u16), lang);
            pages.push((format!("{folder}/{name}"), text));
        }
    }
    pages
}
