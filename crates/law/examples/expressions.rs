//! Prints every expression and every unary test of a folder of law, one a line, for parsers of FEEL
//! to read: `cargo run -p law --example expressions FOLDER`.

use std::{fs, io, path::Path};

use law::{Source, Strictness};

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    let mut sources = Vec::new();
    gather(Path::new(&folder), &mut sources)?;
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    let loaded = law::read(&sources, Strictness::Expressions);
    for error in &loaded.errors {
        eprintln!("{error}");
    }
    let expressions = loaded.expressions.iter().map(|text| format!("expression\t{text}"));
    let mut lines: Vec<String> =
        expressions.chain(loaded.tests.iter().map(|text| format!("test\t{text}"))).collect();
    lines.sort();
    lines.dedup();
    for line in lines {
        println!("{line}");
    }
    Ok(())
}

fn gather(folder: &Path, sources: &mut Vec<Source>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            sources.push(Source { path: path.display().to_string(), text: fs::read_to_string(&path)? });
        }
    }
    Ok(())
}
