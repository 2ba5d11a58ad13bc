//! What a measure may read: the questions to put to a store, from a subject outward.

use card::{EntityId, FieldId};

use crate::pack::LinkFrom;

/// One step from a row: load the rows of `entity` whose `by` equals the row's own key or field, and
/// go on from each of them. Links are followed over rows of any time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reach {
    /// Where the step starts at the row.
    pub from: ReachFrom,
    /// Rows of this entity are loaded,
    pub entity: EntityId,
    /// by this field.
    pub by: FieldId,
    /// And from each of them, these.
    pub then: Vec<Reach>,
}

/// Where a step starts; as [`LinkFrom`], with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReachFrom {
    /// At the row's own key.
    Key,
    /// At one of its fields.
    Field(FieldId),
}

impl From<LinkFrom> for ReachFrom {
    fn from(from: LinkFrom) -> Self {
        match from {
            LinkFrom::Key => Self::Key,
            LinkFrom::Field(field) => Self::Field(field),
        }
    }
}
