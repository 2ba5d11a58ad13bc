//! The sketch of all measures: our trees are those of another parser, and every expression types.

use std::{collections::BTreeSet, fs};

use law::{Strictness, syntax};

use crate::folder;

#[test]
fn every_expression_has_the_tree_that_lezer_feel_gives() {
    let trees = fs::read_to_string(folder::path("sketch/trees.txt")).unwrap();
    let mut witnessed = BTreeSet::new();
    for line in trees.lines() {
        let [kind, text, tree] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let ours = match kind {
            "expression" => syntax::s_expression(&syntax::parse(text).unwrap()),
            _ => syntax::test_s_expression(&syntax::parse_test(text).unwrap()),
        };
        assert_eq!(ours, tree, "{text}");
        witnessed.insert((kind.to_owned(), text.to_owned()));
    }
    let loaded = law::read(&folder::sources("sketch/law"), Strictness::Expressions);
    let expressions = loaded.expressions.into_iter().map(|text| ("expression".to_owned(), text));
    let all: BTreeSet<_> =
        expressions.chain(loaded.tests.into_iter().map(|text| ("test".to_owned(), text))).collect();
    assert_eq!(witnessed, all, "run tests/sketch/regenerate");
}

#[test]
fn every_expression_resolves_and_types() {
    let loaded = law::read(&folder::sources("sketch/law"), Strictness::Expressions);
    let errors: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert!(loaded.expressions.len() > 250);
    assert_eq!(loaded.pack.unwrap().measures.len(), 13);
}
