//! The graph of column operations that a pack becomes for one day.
//!
//! Equal operations are one node (hash-consing), so what two measures share is computed once. A
//! node's inputs always come before it: the order of creation is an order of execution.

use std::collections::HashMap;

use card::{EntityId, FieldId};
use law::{
    KeyTest,
    tree::{Comparison, LinkId},
};

use crate::types::{Bits, NO, UNKNOWN, YES};

/// A node of a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct N(pub u32);

/// What a node has one element for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dom {
    /// Nothing: one element for all.
    One,
    /// Every question of the batch.
    Questions,
    /// Every row of an entity.
    Rows(EntityId),
    /// Every edge of a list.
    Edges(N),
}

/// Of which rows something is read, and on which day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// These rows; every row of the entity if `None`.
    pub rows: Option<N>,
    /// A constant day for every row, or a day for each.
    pub day: N,
}

/// One operation over columns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    // Leaves.
    /// A truth value.
    Truth(Bits),
    /// A number, or an interval of numbers.
    Int(i128, i128),
    /// A day or month, or an interval of them.
    Day(i32, i32),
    /// Values of an enumeration.
    Set(u64),
    /// A code.
    Code(String),
    /// Any code.
    AnyCode,
    /// The subject's row of each question.
    Subject,
    /// The day of the request of each question.
    AskedOn,
    /// Every row of an entity, as itself.
    Own(EntityId),
    /// A field of every row on a day, or of given rows on their days.
    Field(EntityId, FieldId, Place),
    /// May a field be something, may it be nothing?
    FieldExists(EntityId, FieldId, Place),
    /// The person whom a field names.
    FieldRow(EntityId, FieldId, Place),
    /// The first day of every row.
    ValidFrom(EntityId),
    /// The first day on which every row is true no more.
    ValidUntil(EntityId),
    /// May the row have an end, may it have none?
    Ends(EntityId),
    /// The rows to which a relation leads; `true` if it may lead to nothing by its type.
    Follow(LinkId, bool, Place),

    // Structure.
    /// Elements picked by row number.
    Gather(N, N),
    /// The members of a list, as row numbers.
    Members(N),
    /// The owner of each edge.
    Owners(N),
    /// The edge that each edge of a gathered list repeats.
    Back(N),
    /// The membership that building a list found.
    Member(N),
    /// The openness that following a relation found.
    Open(N),
    /// May a relation to one lead to something, may it lead to nothing?
    Exists(N),
    /// A list seen from other rows.
    GatherEdges(N, N),
    /// The members of the members.
    Flatten {
        /// The outer list.
        outer: N,
        /// Its membership.
        member: N,
        /// From each outer edge to an owner of the inner list; the edge's own number if `None`.
        via: Option<N>,
        /// The inner list.
        inner: N,
        /// Its membership.
        inner_member: N,
        /// Is the outer list one row in doubt, so that certain is only what is certain of all it may be?
        either: Option<N>,
        /// Is the result a row in doubt, which may be any row?
        rows: bool,
    },
    /// Is the list of the members of the members open because of a member's own list?
    FlattenOpen {
        /// The outer list.
        outer: N,
        /// Its membership.
        member: N,
        /// Is each inner list open? On the outer edges.
        inner_open: N,
    },
    /// Lists of the same owners as one set: pairs of list and membership; of two of which one is
    /// taken, whether it is the first.
    Union(Vec<(N, N)>, Option<N>),
    /// Any row for each element of a domain.
    Anybody(Dom),
    /// An empty list for each element of a domain.
    Nobody(Dom),
    /// A list of one certain row for each.
    Single(N),
    /// What `only` leaves of a list: its possible rows, or any row if it is open.
    Only(N, N, N),
    /// The rows of a row in doubt as members of a list: certain if it is the only one and exists.
    Sure(N, Option<N>),
    /// May a row in doubt be any row?
    MayBeAny(N),
    /// `only_first`: the membership that is left, by list, membership, openness, rank of each row.
    First {
        /// The list.
        edges: N,
        /// Its membership.
        member: N,
        /// Is it open?
        open: N,
        /// The fields that order its rows.
        order: Vec<N>,
    },

    // Truth.
    /// Kleene's and.
    And(N, N),
    /// Kleene's or.
    Or(N, N),
    /// Kleene's not.
    Not(N),
    /// False where an operand is nothing: value, may it exist.
    Guard(N, N),
    /// Unknown where true, false where false.
    Doubt(N),
    /// True where it may be true.
    Doubtless(N),

    // Comparison.
    /// Of numbers of one denominator.
    CompareInts(Comparison, N, N),
    /// Of days or months.
    CompareDays(Comparison, N, N),
    /// Of truth values.
    EqualBits(N, N),
    /// Of values of an enumeration.
    EqualSets(N, N),
    /// Is a value of an enumeration among these?
    AmongSets(N, u64),
    /// Of codes.
    EqualCodes(N, N),
    /// Of rows, certain or in doubt.
    EqualRows(N, N),
    /// Is a certain row in a list? Row, list, membership, the list's owner of each element.
    Contains(N, N, N, Option<N>),

    // Numbers.
    /// `a + b`
    Add(N, N),
    /// `a − b`
    Sub(N, N),
    /// `a × b`
    Mul(N, N),
    /// `a × k`
    Scale(N, i128),
    /// The smaller.
    Min(N, N),
    /// The larger.
    Max(N, N),
    /// Division by a positive constant, towards minus infinity.
    FloorDiv(N, i128),
    /// Division rounded as `Rounding` says, to a multiple.
    Round(N, Rounding),
    // Exact ratios.
    /// A number over its denominator as a ratio.
    ToRatio(N, i128),
    /// An operation over ratios.
    Exact(Arithmetic, N, N),
    /// The floor of a ratio.
    RatioFloor(N),
    /// Tiyn of a ratio of tenge: after rounding to whole tenge, or to the nearest tiyn.
    RatioTiyn(N, Option<Way>),

    // Time.
    /// Completed years.
    AgeOn(N, N),
    /// The month of a day.
    MonthOf(N),
    /// The first day of a month.
    FirstDay(N),
    /// The last day of a month.
    LastDay(N),
    /// A day and so many months, or days where `false`.
    Shift(N, N, bool),
    /// A month and so many months; a number is subtracted where `false`.
    ShiftMonth(N, N, bool),
    /// The first day on which a day and a length of time have passed: lengths by first day, with
    /// whether the table has one; in months, or in days where `false`.
    Reached(N, Vec<(i32, N, N)>, bool),
    /// May such a day be reached, may it not?
    ReachedExists(N, Vec<(i32, N, N)>, bool),
    /// A day, or any day where it may be nothing.
    DayOrAny(N, N),
    /// The first month of a month's quarter.
    QuarterStart(N),

    // Choice.
    /// The hull of the values whose condition may be true.
    Join(Vec<(N, N)>),
    /// The hull over possible members: list, membership, values on the edges.
    Hull(N, N, N),
    /// The entries of a table that keys and days may mean: a place in [`Graph::tables`].
    Table(u32, Vec<N>, N),
    /// May a table have an entry, may it have none?
    TableExists(u32, Vec<N>, N),
    /// How sure the entries are.
    TableStanding(u32, Vec<N>, N),

    // Folds.
    /// How many members: list, membership, open.
    Count(N, N, N),
    /// The sum over members: list, membership, open, values on the edges.
    Sum(N, N, N, N),
    /// A sum that may take any value where the list is open and the value of any row may be negative.
    Unbounded(N, N, N),
    /// Does coverage of a relation hold every row of the months from (if any) to, for these owners?
    MonthsCovered(LinkId, N, Option<N>, N),
    /// Is any member what is looked for: list, membership, which are?
    AnyOf(N, N, N),
    /// May `only` be something, may it be nothing: list, membership, open.
    OnlyExists(N, N, N),
    /// The stretches of days into which the changes of facts and law cut days that are not certain.
    Stretches(N),
    /// Are there more stretches than are told apart, so that anything is possible?
    TooMany(N),
    /// Some day of each stretch.
    StretchDay(N),
    /// All days of each stretch.
    StretchDays(N),

    // Branches.
    /// May a branch's amount be the one that is paid, among all branches' conditions?
    Applies(Vec<N>, u16),

    // How sure the law's numbers are, as `card::Standing` by position.
    /// The least sure of two.
    Worse(N, N),
    /// Counted only where it takes part: outcome of an `and`, one part's outcome, its standing.
    Blame(N, N, N),
    /// Of a choice: condition, if true, if false.
    Either(N, N, N),
    /// The least sure over the edges of each owner.
    Worst(N, N),
}

/// What is done with two ratios.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Arithmetic {
    /// `a + b`
    Add,
    /// `a − b`
    Sub,
    /// `a × b`
    Mul,
    /// `a ÷ b`
    Div,
    /// The smaller.
    Min,
    /// The larger.
    Max,
}

/// How an amount becomes payable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rounding {
    /// The multiple, in units of the column.
    pub unit: i128,
    /// Which way.
    pub way: Way,
}

/// Which way a number is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Way {
    /// Halves upwards.
    Nearest,
    /// Upwards.
    Up,
}

/// A parameter's tables, with values as integers.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// Its steps: first day, entries, how sure they are.
    pub steps: Vec<(i32, Vec<Row>, Bits)>,
    /// The types of its keys.
    pub keys: Vec<KeyType>,
    /// What its values are.
    pub kind: Kind,
}

/// One entry of a [`Table`].
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The tests of the keys.
    pub tests: Vec<KeyTest>,
    /// The value: a truth, a scaled number, a day, the position of a value of an enumeration.
    pub value: i128,
}

/// What the values of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Truth values.
    Truth,
    /// Numbers, or lengths of time in one unit.
    Number,
    /// Days.
    Day,
    /// Values of an enumeration.
    Enum,
}

/// What a key of a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    /// A truth value.
    Truth,
    /// A number with a denominator; whole if `true`.
    Number(i128, bool),
    /// A number without a static denominator.
    Ratio,
    /// A value of an enumeration of so many.
    Enum(u32),
    /// A code.
    Code,
}

/// The graph.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// Tables of parameters.
    pub tables: Vec<Table>,
    /// The days on which a number or a form of the law changes.
    pub changes: Vec<i32>,
    nodes: Vec<(Op, Dom)>,
    known: HashMap<Op, N>,
}

impl Graph {
    /// The operation of a node.
    pub fn op(&self, node: N) -> &Op {
        &self.nodes[node.0 as usize].0
    }

    /// What a node has one element for.
    pub fn dom(&self, node: N) -> Dom {
        self.nodes[node.0 as usize].1
    }

    /// How many nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node of an operation, made if it is new.
    pub fn node(&mut self, op: Op, dom: Dom) -> N {
        if let Some(&node) = self.known.get(&op) {
            return node;
        }
        let node = N(self.nodes.len() as u32);
        self.nodes.push((op.clone(), dom));
        self.known.insert(op, node);
        node
    }

    /// A constant truth value.
    pub fn truth(&mut self, bits: Bits) -> N {
        self.node(Op::Truth(bits), Dom::One)
    }

    /// The truth value of a constant node.
    pub fn as_truth(&self, node: N) -> Option<Bits> {
        if let Op::Truth(bits) = self.op(node) { Some(*bits) } else { None }
    }

    /// Kleene's not.
    pub fn not(&mut self, a: N) -> N {
        match *self.op(a) {
            Op::Truth(bits) => self.truth((bits & YES) << 1 | (bits & NO) >> 1),
            Op::Not(inner) => inner,
            _ => self.node(Op::Not(a), self.dom(a)),
        }
    }

    /// Kleene's and, of nodes of one domain or constants.
    pub fn and(&mut self, a: N, b: N) -> N {
        match (self.as_truth(a), self.as_truth(b)) {
            (Some(YES), _) => return b,
            (_, Some(YES)) => return a,
            (Some(NO), _) | (_, Some(NO)) => return self.truth(NO),
            (Some(_), Some(_)) => return self.truth(UNKNOWN),
            _ if a == b => return a,
            _ => {}
        }
        let (a, b) = (a.min(b), a.max(b));
        let dom = self.wider(a, b);
        self.node(Op::And(a, b), dom)
    }

    /// Kleene's or, of nodes of one domain or constants.
    pub fn or(&mut self, a: N, b: N) -> N {
        match (self.as_truth(a), self.as_truth(b)) {
            (Some(NO), _) => return b,
            (_, Some(NO)) => return a,
            (Some(YES), _) | (_, Some(YES)) => return self.truth(YES),
            (Some(_), Some(_)) => return self.truth(UNKNOWN),
            _ if a == b => return a,
            _ => {}
        }
        let (a, b) = (a.min(b), a.max(b));
        let dom = self.wider(a, b);
        self.node(Op::Or(a, b), dom)
    }

    /// Unknown where true, false where false.
    pub fn doubt(&mut self, a: N) -> N {
        match self.as_truth(a) {
            Some(NO) => a,
            Some(_) => self.truth(UNKNOWN),
            None => self.node(Op::Doubt(a), self.dom(a)),
        }
    }

    /// The domain of two nodes of which one may be constant.
    pub fn wider(&self, a: N, b: N) -> Dom {
        let (a, b) = (self.dom(a), self.dom(b));
        if a == Dom::One { b } else { a }
    }

    /// An operation over two nodes of one domain or constants.
    pub fn pair(&mut self, op: impl FnOnce(N, N) -> Op, a: N, b: N) -> N {
        let dom = self.wider(a, b);
        self.node(op(a, b), dom)
    }

    /// An operation over one node.
    pub fn over(&mut self, op: impl FnOnce(N) -> Op, a: N) -> N {
        let dom = self.dom(a);
        self.node(op(a), dom)
    }
}

/// The inputs of an operation.
pub(crate) fn inputs(op: &Op) -> Vec<N> {
    match op {
        Op::Truth(_)
        | Op::Int(..)
        | Op::Day(..)
        | Op::Set(_)
        | Op::Code(_)
        | Op::AnyCode
        | Op::Subject
        | Op::AskedOn
        | Op::Own(_)
        | Op::Nobody(_)
        | Op::Anybody(_)
        | Op::ValidFrom(_)
        | Op::ValidUntil(_)
        | Op::Ends(_) => vec![],
        Op::Field(_, _, at) | Op::FieldExists(_, _, at) | Op::FieldRow(_, _, at) | Op::Follow(_, _, at) => {
            at.rows.into_iter().chain([at.day]).collect()
        }
        Op::Members(a)
        | Op::Owners(a)
        | Op::Back(a)
        | Op::Member(a)
        | Op::Open(a)
        | Op::Exists(a)
        | Op::Single(a)
        | Op::MayBeAny(a)
        | Op::Not(a)
        | Op::Doubt(a)
        | Op::Doubtless(a)
        | Op::AmongSets(a, _)
        | Op::Scale(a, _)
        | Op::FloorDiv(a, _)
        | Op::Round(a, _)
        | Op::ToRatio(a, _)
        | Op::RatioFloor(a)
        | Op::RatioTiyn(a, _)
        | Op::MonthOf(a)
        | Op::FirstDay(a)
        | Op::LastDay(a)
        | Op::QuarterStart(a)
        | Op::Stretches(a)
        | Op::StretchDay(a)
        | Op::TooMany(a)
        | Op::StretchDays(a) => vec![*a],
        Op::Gather(a, b)
        | Op::GatherEdges(a, b)
        | Op::And(a, b)
        | Op::Or(a, b)
        | Op::Guard(a, b)
        | Op::CompareInts(_, a, b)
        | Op::CompareDays(_, a, b)
        | Op::EqualBits(a, b)
        | Op::EqualSets(a, b)
        | Op::EqualCodes(a, b)
        | Op::EqualRows(a, b)
        | Op::Add(a, b)
        | Op::Sub(a, b)
        | Op::Mul(a, b)
        | Op::Min(a, b)
        | Op::Max(a, b)
        | Op::Exact(_, a, b)
        | Op::AgeOn(a, b)
        | Op::Shift(a, b, _)
        | Op::ShiftMonth(a, b, _)
        | Op::DayOrAny(a, b)
        | Op::Worse(a, b)
        | Op::Worst(a, b) => vec![*a, *b],
        Op::Sure(a, exists) => [*a].into_iter().chain(*exists).collect(),
        Op::Contains(a, b, c, via) => [*a, *b, *c].into_iter().chain(*via).collect(),
        Op::Flatten { outer, member, via, inner, inner_member, either, .. } => {
            [*outer, *member, *inner, *inner_member].into_iter().chain(*via).chain(*either).collect()
        }
        Op::FlattenOpen { outer, member, inner_open } => vec![*outer, *member, *inner_open],
        Op::Union(parts, when) => parts.iter().flat_map(|(a, b)| [*a, *b]).chain(*when).collect(),
        Op::Join(parts) => parts.iter().flat_map(|(a, b)| [*a, *b]).collect(),
        Op::First { edges, member, open, order } => {
            [*edges, *member, *open].into_iter().chain(order.iter().copied()).collect()
        }
        Op::MonthsCovered(_, a, lo, hi) => [*a, *hi].into_iter().chain(*lo).collect(),
        Op::Reached(day, steps, _) | Op::ReachedExists(day, steps, _) => {
            steps.iter().flat_map(|(_, length, exists)| [*length, *exists]).chain([*day]).collect()
        }
        Op::Applies(whens, _) => whens.clone(),
        Op::Table(_, keys, day) | Op::TableExists(_, keys, day) | Op::TableStanding(_, keys, day) => {
            keys.iter().copied().chain([*day]).collect()
        }
        Op::Only(a, b, c)
        | Op::Hull(a, b, c)
        | Op::AnyOf(a, b, c)
        | Op::Count(a, b, c)
        | Op::OnlyExists(a, b, c)
        | Op::Blame(a, b, c)
        | Op::Unbounded(a, b, c)
        | Op::Either(a, b, c) => vec![*a, *b, *c],
        Op::Sum(a, b, c, d) => vec![*a, *b, *c, *d],
    }
}
