//! Nobody is offered what is paid already, and where it is not known what is paid nobody is offered anything.

use std::collections::HashSet;

use app::failure::Failure;
use assess::Engine;
use card::{Bucket, Cell, EntityId, Outcome, Schema, Ternary};
use serde_json::json;

use crate::{
    answers::{self, Measure, Tally},
    contender::{Sweep, measures},
    report,
};

/// Counts the awards in payment, whom of them is offered the same, and what is offered without the extract.
pub fn check(sweep: &Sweep) -> Result<(), Failure> {
    let entity = sweep.pack.schema.entity("running_award").expect("an entity of the benchmark's pack");
    let (mut running, mut taken, mut with, mut without) = (0, 0, Tally::default(), Tally::default());
    let mut unknown = 0;
    for nth in 0..sweep.files.buckets() {
        let mut bucket = sweep.read(nth)?;
        let paid = paid(sweep, &bucket, entity);
        running += paid.len();
        for (measure, answer) in sweep.files.read_answers("engine", nth)? {
            let offered = answer.outcome == Outcome::Eligible && answer.free == Ternary::Yes;
            taken += usize::from(offered && paid.contains(&(measure.name(), answer.subject)));
            with.add(measure, &answer);
        }
        silence(&sweep.pack.schema, &mut bucket, entity);
        let swept = Engine::new().sweep_bucket(sweep.pack, &measures(sweep.pack), sweep.day, &bucket);
        for (measure, answer) in answers::each_of(&swept.map_err(Failure::of)?) {
            unknown += usize::from(answer.outcome == Outcome::Eligible && answer.free == Ternary::Unknown);
            without.add(measure, &answer);
        }
    }
    println!(
        "awards: {running} in payment, {taken} of them offered again, {} others offered; without their extract \
         {} offered, {unknown} not known to be free",
        with.offerable, without.offerable
    );
    report::line(&json!({
        "result": "awards",
        "running": running,
        "offered_again": taken,
        "offered": with.offerable,
        "offered_without_extract": without.offerable,
        "not_known_to_be_free": unknown,
    }));
    if taken > 0 || without.offerable > 0 {
        return Err(Failure("somebody is offered what is, or may be, paid already".to_owned()));
    }
    Ok(())
}

/// Who is paid what on the day, among the subjects of a bucket.
fn paid<'m>(sweep: &Sweep<'m>, bucket: &Bucket, entity: EntityId) -> HashSet<(&'m str, u64)> {
    let schema = &sweep.pack.schema;
    let declared = schema.at(entity);
    let field = |name: &str| declared.field(name).expect("a field of the benchmark's pack");
    let (measure, subject, recipient) = (field("measure"), field("subject"), field("recipient"));
    let table = &bucket.tables[entity.0 as usize];
    let mut paid = HashSet::new();
    for at in 0..table.len() {
        let row = bucket.row(schema, entity, at);
        let once = Measure::BirthGrant.name();
        let Cell::Code(code) = row.cell(measure) else { continue };
        let ((Cell::Person(about), _) | (_, Cell::Person(about))) = (row.cell(subject), row.cell(recipient))
        else {
            continue;
        };
        let name = Measure::ALL.iter().map(|measure| measure.name()).find(|name| **name == **code);
        let Some(name) = name else { continue };
        if (name == once || row.holds_on(sweep.day)) && bucket.subjects.binary_search(about).is_ok() {
            paid.insert((name, about.0));
        }
    }
    paid
}

/// As if the registry of payments had never sent an extract.
fn silence(schema: &Schema, bucket: &mut Bucket, entity: EntityId) {
    bucket.coverage.retain(|coverage| coverage.entity != entity);
    let nothing = Bucket::of(schema, Vec::new(), &[], Vec::new());
    bucket.tables[entity.0 as usize].clone_from(&nothing.tables[entity.0 as usize]);
}
