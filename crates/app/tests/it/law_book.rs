//! The pages of the law in `docs/law` are those of the pack.

use std::{fs, path::Path};

use app::{law_book, law_files};

#[test]
fn the_pages_of_the_law_are_those_of_the_pack() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pack = law_files::load(&root.join("law/kz")).expect("the pack loads");
    let pages = law_book::pages(&pack);
    assert_eq!(pages.len(), 3 * (pack.measures.len() + pack.scores.len() + 1));
    for (name, text) in &pages {
        let written = fs::read_to_string(root.join("docs/law").join(name)).unwrap_or_default();
        let differs = written.lines().zip(text.lines()).position(|(a, b)| a != b);
        assert!(
            written == *text,
            "docs/law/{name} differs from the pack at line {:?}; run `family-card law book`",
            differs.map(|line| line + 1)
        );
        // Every phrase has its language: nothing reads as a name of the pack.
        assert!(!text.contains("{}"), "{name}");
    }
    let kept = ["kk", "ru", "en"].map(|lang| fs::read_dir(root.join("docs/law").join(lang)).unwrap().count());
    assert_eq!(kept.iter().sum::<usize>(), pages.len(), "docs/law holds pages of measures that are no more");
}
