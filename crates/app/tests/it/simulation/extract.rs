//! The extracts that registries make of a world.

use card::{Date, Span};
use intake::{Extent, Header, Manifest};
use law::Pack;

use super::world::{EXTRACTS, World};
use crate::rows::Rows;

/// The full extract that a registry makes on a day, with its manifest.
pub fn full(pack: &Pack, world: &World, at: usize, made_on: Date) -> (Manifest, Rows) {
    let (entity, registry, columns) = EXTRACTS[at];
    let schema = &pack.schema;
    let rows = world.rows(entity, registry);
    let id = schema.entity(entity).expect("a declared entity");
    let header = Header::bind(schema, id, columns.iter().copied()).expect("columns of the entity");
    let mut sha256 = [at as u8; 32];
    sha256[..4].copy_from_slice(&made_on.days().to_be_bytes());
    let manifest = Manifest {
        entity: id,
        registry: schema.registry(registry).expect("a declared registry"),
        regions: vec![],
        extent: Extent::Full,
        from: Date::from_ymd(1970, 1, 1).expect("a day"),
        through: world.covered.get(registry).copied().unwrap_or(made_on.plus(Span::Days(400))),
        made_on,
        rows: rows.len() as u64,
        sha256,
    };
    (manifest, Rows::new(format!("{entity}-{registry}.csv"), header, rows))
}
