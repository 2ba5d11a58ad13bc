//! The columns against the cases of the pack and against the plain evaluator.

use assess::{Engine, case::run_case};

use crate::kz::pack;

#[test]
fn every_case_of_the_pack_holds_in_columns() {
    let pack = pack();
    let engine = Engine::new();
    let results: Vec<_> =
        pack.measures.iter().flat_map(|measure| &measure.cases).map(|case| run_case(&pack, &engine, case)).collect();
    assert!(!results.is_empty(), "the pack has no cases");
    let told: Vec<String> = results
        .iter()
        .filter(|result| !result.holds())
        .map(|result| format!("{}: {}\n  {}", result.place, result.name, result.differences.join("\n  ")))
        .collect();
    assert!(told.is_empty(), "{} of {} cases fail\n{}", told.len(), results.len(), told.join("\n"));
}
