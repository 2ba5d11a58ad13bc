//! The arrows between the rooms, and what a room must never hold.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Who may depend on whom among our rooms. Everything may depend on `card`.
const ARROWS: &[(&str, &[&str])] = &[
    ("card", &[]),
    ("law", &["card"]),
    ("assess", &["card", "law"]),
    ("intake", &["card"]),
    ("deliver", &["card"]),
    ("service", &["card", "law", "intake", "deliver"]),
    ("outside", &["card", "law", "intake", "deliver"]),
    ("web", &["card", "service"]),
    ("trial", &["card", "law"]),
    ("app", &["card", "law", "assess", "intake", "deliver", "service", "outside", "web", "trial"]),
];

/// Words that must not occur in the product code of a room, and why.
const ABSENT: &[(&[&str], &[&str], &str)] = &[
    (
        &["card", "law", "assess", "intake", "deliver"],
        &["SystemTime", "Instant::now", "getrandom", "fastrand", "rusqlite", "std::fs", "std::net", "tokio"],
        "a pure room holds no clock, chance, database, file or socket",
    ),
    (
        &["service"],
        &["SystemTime", "Instant::now", "rusqlite", "std::fs", "std::net", "tokio"],
        "the use cases meet the world through ports",
    ),
    (
        &["card", "law", "assess", "intake", "deliver", "service", "outside", "app"],
        &["axum::"],
        "pages are the business of web and trial",
    ),
    (
        &["card", "law", "assess", "intake", "deliver", "service", "web"],
        &["rusqlite", "rusmpp", "quick_xml", "TcpStream"],
        "drivers and sockets are the business of outside and trial",
    ),
    (
        &["card", "law", "assess", "intake", "deliver", "service", "outside", "web", "app"],
        &["f64", "f32"],
        "a binary float is never near money",
    ),
    (
        &["card", "law", "assess", "intake", "deliver", "service", "outside", "trial", "web", "app"],
        &["todo!(", "unimplemented!(", "TODO", "FIXME", "dbg!("],
        "nothing half done lands",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file of Rust below a folder.
fn sources(below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(below).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// The product code of a file: without its comments and without the tests that close it.
fn product(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_arrow_is_declared() {
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let mut rooms = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap().map(Result::unwrap) {
        let room = entry.file_name().into_string().unwrap();
        let manifest = fs::read_to_string(entry.path().join("Cargo.toml")).unwrap();
        let product = manifest
            .split_once("[dependencies]")
            .map_or("", |(_, rest)| rest.split("\n[").next().unwrap_or_default());
        for line in product.lines() {
            let Some(name) = line.split(['.', ' ', '=']).next().filter(|n| !n.is_empty()) else { continue };
            if allowed.contains_key(name) {
                assert!(
                    allowed[room.as_str()].contains(&name),
                    "{room} depends on {name}: no such arrow in the house"
                );
            }
        }
        rooms.push(room);
    }
    rooms.sort();
    let mut declared: Vec<_> = allowed.keys().map(ToString::to_string).collect();
    declared.sort();
    assert_eq!(rooms, declared, "the rooms and the list of arrows differ");
}

#[test]
fn rooms_hold_nothing_that_belongs_elsewhere() {
    let mut found = Vec::new();
    for (rooms, words, why) in ABSENT {
        for room in *rooms {
            for path in sources(&root().join("crates").join(room).join("src")) {
                let code = product(&path);
                for word in words.iter().filter(|word| code.contains(**word)) {
                    found.push(format!("{}: {word}: {why}", path.display()));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_stay_small_enough_to_read() {
    let long: Vec<_> = sources(&root().join("crates"))
        .into_iter()
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            (lines > 700).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "one idea per file, at most 700 lines:\n{}", long.join("\n"));
}

#[test]
fn every_path_that_a_page_of_documentation_names_exists() {
    let root = root();
    let mut missing = Vec::new();
    for page in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs/roadmap.md"] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        for word in text.split('`').skip(1).step_by(2) {
            let looks_like_path =
                ["crates/", "law/kz/", "docs/", "tools/"].iter().any(|p| word.starts_with(p))
                    && !word.contains([' ', '*', '<', '{']);
            if looks_like_path && !root.join(word).exists() {
                missing.push(format!("{page}: {word}"));
            }
        }
    }
    assert!(missing.is_empty(), "documentation names what is not there:\n{}", missing.join("\n"));
}
