//! The sweep: everybody, asked at once.

use assess::Engine;
use card::{Date, Moment, Verdict};
use law::{Pack, tree::MeasureId};
use outside::sqlite::Store;

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
    engine.assess_everybody(pack, day, &circle).map_err(Failure::of)
}
