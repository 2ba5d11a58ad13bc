//! The sweep: everybody, asked at once; alone whoever has a record in quarantine near them.

use assess::Engine;
use card::{Date, Moment, Verdict};
use law::{
    Pack,
    port::{Assessor, Circles},
    tree::MeasureId,
};
use outside::sqlite::{Store, steps};

use crate::failure::Failure;

/// Asks every measure about every person, as it stands on a day by what was known at a moment
/// (`None`: now).
pub fn nation(
    store: &Store,
    pack: &Pack,
    engine: &Engine,
    day: Date,
    known_on: Option<Moment>,
) -> Result<Vec<(MeasureId, Verdict)>, Failure> {
    let circle = store.everybody(known_on).map_err(Failure::of)?;
    let mut answers = engine.assess_everybody(pack, day, &circle).map_err(Failure::of)?;
    let measures = (0..pack.measures.len()).map(|at| MeasureId(at as u16));
    let reads: Vec<_> = measures.map(|id| (id, pack.reads(id))).collect();
    let walked: Vec<_> = reads.iter().map(|(id, reads)| (*id, steps(reads))).collect();
    let doubted = store.doubted(&walked, known_on).map_err(Failure::of)?;
    for (id, verdict) in &mut answers {
        if doubted.contains(&(*id, verdict.question.subject)) {
            let (_, reads) = &reads[id.0 as usize];
            let circle = store.circle(verdict.question.subject, reads, known_on).map_err(Failure::of)?;
            *verdict = engine.assess(pack, *id, verdict.question, &circle).map_err(Failure::of)?;
        }
    }
    Ok(answers)
}
