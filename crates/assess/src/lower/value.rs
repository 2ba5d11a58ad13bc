//! What an expression has become: nodes of the graph, by the kind of its value.

use card::{EntityId, FieldId};
use law::tree::LinkId;

use crate::plan::N;

/// What an expression may be, for each element of some level.
#[derive(Clone, Debug)]
pub(crate) struct Val {
    /// What it is where it is something.
    pub is: Is,
    /// May it be something, may it be nothing? Certainly something if absent.
    pub exists: Option<N>,
    /// How sure the numbers of the law are that it rests on.
    pub standing: N,
}

impl Val {
    /// A truth.
    pub fn truth(n: N, standing: N) -> Self {
        Self { is: Is::Truth(n), exists: None, standing }
    }
}

/// The kinds of values.
#[derive(Clone, Debug)]
pub(crate) enum Is {
    /// True or false.
    Truth(N),
    /// A number or money.
    Number(Number),
    /// A number without a static denominator.
    Ratio(N),
    /// A day.
    Day(N),
    /// A month.
    Month(N),
    /// Consecutive months: the first and the last.
    Window(N, N),
    /// Months, or days where `false`.
    Length(N, bool),
    /// A value of an enumeration.
    Enum(N),
    /// A code.
    Code(N),
    /// A row.
    Row(Row),
    /// A list of rows.
    Rows(List),
    /// One value for each row of a list.
    Values(List, Box<Val>, Unseen),
}

/// A number: an integer over a static denominator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    /// The integer.
    pub n: N,
    /// The denominator, positive.
    pub den: i128,
    /// The integer is no larger than this, unless it is endless.
    pub most: i128,
    /// Is it certainly not negative?
    pub unsigned: bool,
}

/// What the value of a row that is not here may be.
#[derive(Clone, Debug)]
pub(crate) enum Unseen {
    /// As that of any row.
    Any(Box<Val>),
    /// Lowering does not know.
    Unknown,
}

/// A row of an entity.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Of which entity.
    pub entity: EntityId,
    /// Which one.
    pub which: Which,
}

/// Which row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which {
    /// Exactly this: a column of row numbers.
    Exact(N),
    /// One of those of a list; the list's owner for each element, if it is seen from elsewhere.
    Doubt(N, Option<N>),
}

/// A list of rows.
#[derive(Clone, Debug)]
pub(crate) struct List {
    /// Of which entity.
    pub entity: EntityId,
    /// The rows.
    pub edges: N,
    /// Is each in it?
    pub member: N,
    /// May there be rows that are not here?
    pub open: N,
    /// The list's owner for each element, if it is seen from elsewhere.
    pub via: Option<N>,
    /// The fields that order it.
    pub order: Vec<FieldId>,
    /// A relation that is closed through months, of which this may be a part.
    pub months: Option<LinkId>,
}
