use card::{Cell, EntityId, FieldType, RegistryId, Schema};
use sha2::{Digest as _, Sha256};

/// What a row says, as a hash. Stable when a field is added to the entity: cells that are not told
/// do not enter it.
pub type Digest = [u8; 32];

/// The digest of a row. `buffer` is scratch space.
pub fn row_digest(
    schema: &Schema,
    entity: EntityId,
    registry: RegistryId,
    cells: &[Cell],
    buffer: &mut Vec<u8>,
) -> Digest {
    let declared = schema.at(entity);
    buffer.clear();
    text(buffer, &declared.name);
    text(buffer, &schema.registries[registry.0 as usize].name);
    for (field, cell) in declared.fields.iter().zip(cells) {
        if *cell == Cell::Unknown {
            continue;
        }
        text(buffer, &field.name);
        match cell {
            Cell::Unknown => {}
            Cell::Nothing => buffer.push(b'-'),
            Cell::Bool(value) => number(buffer, b'b', i64::from(*value)),
            Cell::Integer(n) => number(buffer, b'i', *n),
            Cell::Decimal(n) => number(buffer, b'd', *n),
            Cell::Money(amount) => number(buffer, b'm', amount.tiyn()),
            Cell::Date(day) => number(buffer, b't', i64::from(day.days())),
            Cell::Year(year) => number(buffer, b'y', i64::from(*year)),
            Cell::Month(month) => number(buffer, b'o', i64::from(month.0)),
            Cell::Enum(value) => {
                buffer.push(b'e');
                // By name: the order of the values may change.
                if let FieldType::Enum(id) = field.ty {
                    text(buffer, &schema.enumeration(id).values[*value as usize]);
                }
            }
            Cell::Code(code) => {
                buffer.push(b'c');
                text(buffer, code);
            }
            Cell::Person(id) => number(buffer, b'p', id.0 as i64),
            Cell::Account(id) => number(buffer, b'a', id.0 as i64),
            Cell::Phone(id) => number(buffer, b'f', id.0 as i64),
        }
    }
    Sha256::digest(buffer.as_slice()).into()
}

/// The first eight bytes of a digest, by which the store tells whether a row changed.
pub fn mark(digest: &Digest) -> i64 {
    let (first, _) = digest.split_first_chunk().expect("a digest is longer than eight bytes");
    i64::from_be_bytes(*first)
}

fn text(buffer: &mut Vec<u8>, text: &str) {
    buffer.extend((text.len() as u32).to_be_bytes());
    buffer.extend(text.as_bytes());
}

fn number(buffer: &mut Vec<u8>, tag: u8, value: i64) {
    buffer.push(tag);
    buffer.extend(value.to_be_bytes());
}

/// The leaf of the root for a row that was added.
pub fn added_leaf(row: u64, digest: &Digest) -> [u8; 41] {
    let mut leaf = [1; 41];
    leaf[1..9].copy_from_slice(&row.to_be_bytes());
    leaf[9..].copy_from_slice(digest);
    leaf
}

/// The leaf of the root for a row that is known no more.
pub fn closed_leaf(row: u64) -> [u8; 9] {
    let mut leaf = [0; 9];
    leaf[1..].copy_from_slice(&row.to_be_bytes());
    leaf
}

/// The Merkle tree hash of RFC 6962 over leaves that arrive one by one, in memory that grows with
/// the logarithm of their number.
#[derive(Clone, Debug, Default)]
pub struct Root {
    /// Hashes of complete subtrees, by height, the largest first.
    subtrees: Vec<(u32, Digest)>,
}

impl Root {
    /// Adds a leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        let mut node = (0, hash(&[&[0], leaf]));
        while let Some((height, left)) = self.subtrees.pop_if(|(height, _)| *height == node.0) {
            node = (height + 1, hash(&[&[1], &left, &node.1]));
        }
        self.subtrees.push(node);
    }

    /// The root over all leaves; the hash of the empty text if there is none.
    pub fn finish(&self) -> Digest {
        self.subtrees
            .iter()
            .rev()
            .map(|(_, node)| *node)
            .reduce(|right, left| hash(&[&[1], &left, &right]))
            .unwrap_or_else(|| hash(&[]))
    }
}

fn hash(parts: &[&[u8]]) -> Digest {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update(part);
    }
    sha.finalize().into()
}

#[cfg(test)]
mod tests {
    use card::{Date, PersonId};
    use proptest::prelude::*;

    use super::*;
    use crate::landmarks::tests::schema;

    /// As RFC 6962 defines it, part 2.1.
    fn by_definition(leaves: &[Vec<u8>]) -> Digest {
        match leaves {
            [] => hash(&[]),
            [leaf] => hash(&[&[0], leaf]),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                hash(&[&[1], &by_definition(left), &by_definition(right)])
            }
        }
    }

    proptest! {
        #[test]
        fn the_root_is_that_of_the_rfc(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..40)) {
            let mut root = Root::default();
            for leaf in &leaves {
                root.push(leaf);
            }
            prop_assert_eq!(root.finish(), by_definition(&leaves));
        }
    }

    #[test]
    fn a_digest_tells_cells_apart_and_outlives_a_new_field() {
        let mut schema = schema();
        let mut buffer = Vec::new();
        let mut digest = |schema: &Schema, cells: &[Cell]| {
            row_digest(schema, EntityId(0), RegistryId(0), cells, &mut buffer)
        };
        let born = Cell::Date(Date::from_days(0));
        let row =
            [Cell::Person(PersonId(1)), born, Cell::Enum(0), Cell::Nothing, Cell::Unknown, Cell::Unknown];
        let before = digest(&schema, &row);
        let mut other = row.clone();
        other[3] = Cell::Unknown;
        assert_ne!(digest(&schema, &other), before);
        schema.entities[0].fields.pop();
        assert_eq!(digest(&schema, &row[..5]), before);
        schema.enums[0].values.reverse();
        assert_ne!(digest(&schema, &row[..5]), before);
    }
}
