//! Our own awards are facts too: what we pay is a `running_award` of registry `card`, written in the
//! transaction that grants it or takes it over, so that nobody is offered what we pay already.

use card::{Cell, Date, EntityId, FieldId, RegistryId, Schema, Tenge};
use deliver::right::{Per, Right, Stage};
use intake::{Change, Chunk, NewFacts, mark, row_digest, validity_of};

use super::{Store, StoreError, chunk::SqliteChunk};

const REGISTRY: &str = "card";

/// Writes, corrects or ends the award of a right, as its state asks for it.
pub(super) fn follow(
    store: &Store,
    chunk: &mut SqliteChunk<'_>,
    before: Option<&Right>,
    right: &Right,
) -> Result<(), StoreError> {
    if !stands(right) {
        return Ok(());
    }
    if before.is_some_and(|before| stands(before) && same(before, right)) {
        return Ok(());
    }
    let Some(registry) = store.schema.registry(REGISTRY) else { return Ok(()) };
    let number = Cell::Code(format!("FC{}", right.id).into());
    let Some(terms) = right.terms() else { return Ok(()) };
    let once = right.per == Per::Once;
    let told = [
        ("number", number.clone()),
        ("measure", Cell::Code(right.measure.clone().into())),
        ("recipient", Cell::Person(right.recipient)),
        ("subject", Cell::Person(right.subject)),
        ("since", Cell::Date(terms.from)),
        ("ended", ended(right).map_or(Cell::Nothing, Cell::Date)),
        ("amount", Cell::Money(terms.gross)),
        ("monthly", Cell::Bool(!once)),
        ("paid_on", paid_on(right).map_or(Cell::Nothing, Cell::Date)),
    ];
    let mut changes = Vec::new();
    changes.extend(change(store, chunk, registry, "running_award", &told)?);
    for child in &right.claims {
        let told = [("award", number.clone()), ("child", Cell::Person(*child))];
        changes.extend(change(store, chunk, registry, "running_award_child", &told)?);
    }
    let gone = before.map_or(&[][..], |before| &before.claims);
    for child in gone.iter().filter(|child| !right.claims.contains(child)) {
        let told = [("award", number.clone()), ("child", Cell::Person(*child))];
        end(store, chunk, registry, "running_award_child", &told)?;
    }
    if changes.is_empty() {
        return Ok(());
    }
    let first = chunk.reserve(changes.len() as u64)?;
    for (change, row) in changes.iter_mut().zip(first..) {
        change.row = row;
    }
    let said_at = chunk.moment();
    let facts = NewFacts {
        registry,
        said_at,
        extract: None,
        file: "right",
        changes: &changes,
        met: &[],
        quarantined: &[],
        settled: &[],
    };
    chunk.write(facts)
}

/// Did we ever come to pay it?
fn stands(right: &Right) -> bool {
    let over = matches!(right.stage, Stage::Ended { .. } | Stage::Elsewhere);
    right.granted() || (over && (right.granted_here() || right.taken_over.is_some()))
}

fn same(before: &Right, right: &Right) -> bool {
    before.recipient == right.recipient
        && before.claims == right.claims
        && before.terms() == right.terms()
        && ended(before) == ended(right)
        && paid_on(before) == paid_on(right)
}

/// The first day not paid for, of a monthly award that is over or was given back.
fn ended(right: &Right) -> Option<Date> {
    let given_back = right.taken_over.and_then(|taken| taken.until);
    match &right.stage {
        Stage::Ended { from, .. } if right.per == Per::Month => Some(from.first_day()),
        Stage::Elsewhere => given_back.map(card::Month::first_day),
        _ => None,
    }
}

/// The day of the decision that gave a single payment.
fn paid_on(right: &Right) -> Option<Date> {
    let decided = right.decision.as_ref().map(|decision| decision.at.day());
    decided.filter(|_| right.per == Per::Once && right.terms().is_some_and(|t| t.gross > Tenge::ZERO))
}

/// A row that no longer holds is said no more.
fn end(
    store: &Store,
    chunk: &mut SqliteChunk<'_>,
    registry: RegistryId,
    entity: &str,
    told: &[(&str, Cell)],
) -> Result<(), StoreError> {
    let Some((entity, cells)) = cells(store, entity, told) else { return Ok(()) };
    let declared = store.schema.at(entity);
    let key: Box<[Cell]> = declared.key.iter().map(|field| cells[field.0 as usize].clone()).collect();
    match chunk.heads(entity, registry, &[key])?.pop().flatten() {
        Some(head) => chunk.close(entity, head.row),
        None => Ok(()),
    }
}

/// The cells of a row that says so; `None` where the schema has no such entity.
fn cells(store: &Store, entity: &str, told: &[(&str, Cell)]) -> Option<(EntityId, Vec<Cell>)> {
    let entity = store.schema.entity(entity)?;
    let declared = store.schema.at(entity);
    let mut cells = vec![Cell::Unknown; declared.fields.len()];
    for (name, cell) in told {
        if let Some(FieldId(at)) = declared.field(name) {
            cells[at as usize] = cell.clone();
        }
    }
    Some((entity, cells))
}

/// The change that makes a row say so; `None` where it says so already or the schema has no such entity.
fn change(
    store: &Store,
    chunk: &mut SqliteChunk<'_>,
    registry: RegistryId,
    entity: &str,
    told: &[(&str, Cell)],
) -> Result<Option<Change>, StoreError> {
    let schema: &Schema = &store.schema;
    let Some((entity, cells)) = cells(store, entity, told) else { return Ok(None) };
    let declared = schema.at(entity);
    let key: Box<[Cell]> = declared.key.iter().map(|field| cells[field.0 as usize].clone()).collect();
    let digest = row_digest(schema, entity, registry, &cells, &mut Vec::new());
    let head = chunk.heads(entity, registry, std::slice::from_ref(&key))?.pop().flatten();
    if head.is_some_and(|head| head.mark == mark(&digest)) {
        return Ok(None);
    }
    let (from, until) = validity_of(schema, entity, &cells);
    Ok(Some(Change {
        entity,
        closes: head.map(|head| head.row),
        row: 0,
        cells: cells.into(),
        from,
        until,
        digest,
    }))
}
