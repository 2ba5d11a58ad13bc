//! The pack of Kazakhstan, as far as the language goes; its cases run elsewhere.

use std::path::Path;

use law::{Strictness, syntax};

use crate::folder;

#[test]
fn the_pack_loads_without_faults_and_warnings() {
    let loaded = law::read(
        &folder::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz")),
        Strictness::Pack,
    );
    let said: Vec<String> = loaded.errors.iter().chain(&loaded.warnings).map(ToString::to_string).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    let pack = loaded.pack.unwrap();
    assert!(!pack.measures.is_empty());
    for measure in &pack.measures {
        let id = pack.measure(&measure.name).unwrap();
        // What a notice asks, the person's own row may say.
        assert!(measure.says().is_some() || !pack.reads(id).is_empty(), "{}", measure.name);
        assert_eq!(measure.closure.len(), 64, "{}", measure.name);
    }
    // What is written is what is printed, but for blanks.
    for text in &loaded.expressions {
        let ast = syntax::parse(text).unwrap();
        let again = syntax::parse(&syntax::pretty(&ast)).unwrap();
        assert_eq!(syntax::s_expression(&again), syntax::s_expression(&ast), "{text}");
    }
}
