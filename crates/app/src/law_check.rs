//! `law check`: the rules of the language, and every case.

use std::{fs, path::Path, process::ExitCode};

use assess::case::{CaseResult, run_case, run_score_case};
use law::{Source, Strictness};

use crate::{evaluator::Evaluator, failure::Failure, law_files};

/// Loads the pack and runs its cases, and those of `outside` if given; prints a report.
pub fn check(dir: &Path, outside: Option<&Path>) -> Result<ExitCode, Failure> {
    let loaded = law::read(&law_files::sources(dir)?, Strictness::Pack);
    for warning in &loaded.warnings {
        println!("warning: {warning}\n");
    }
    for error in &loaded.errors {
        println!("error: {error}\n");
    }
    let Some(pack) = loaded.pack else {
        println!("{}: {} errors; the pack does not load", dir.display(), loaded.errors.len());
        return Ok(ExitCode::FAILURE);
    };
    let evaluator = Evaluator::default();
    let (mut passed, mut failed) = (0_usize, 0_usize);
    let mut told = |result: CaseResult| {
        if result.holds() {
            passed += 1;
            return;
        }
        failed += 1;
        println!("{}: {}: {}", result.place, result.measure, result.name);
        for difference in &result.differences {
            println!("    {difference}");
        }
    };
    for measure in &pack.measures {
        for case in &measure.cases {
            told(run_case(&pack, &evaluator, case));
        }
        println!("{:24} {:4} cases  closure {}", measure.name, measure.cases.len(), &measure.closure[..12]);
    }
    for score in &pack.scores {
        for case in &score.cases {
            told(run_score_case(&pack, &evaluator, case));
        }
        let name = format!("{} {}", score.name, score.in_force.0);
        println!("{name:24} {:4} cases  closure {}", score.cases.len(), &score.closure[..12]);
    }
    if let Some(folder) = outside {
        for entry in fs::read_dir(folder).map_err(|error| Failure::file(folder, &error))? {
            let path = entry.map_err(|error| Failure::file(folder, &error))?.path();
            if path.extension().is_none_or(|end| end != "yaml") {
                continue;
            }
            let text = fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
            let source = Source { path: path.display().to_string(), text };
            match law::load_cases(&pack, std::slice::from_ref(&source)) {
                Ok(cases) => cases.iter().for_each(|case| told(run_case(&pack, &evaluator, case))),
                Err(problems) => {
                    for problem in problems {
                        println!("error: {problem}\n");
                    }
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
