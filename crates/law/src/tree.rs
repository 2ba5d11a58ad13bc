//! The typed tree: what an expression means once every name is resolved and every type is known.
//!
//! The parser's tree ([`crate::syntax`]) has text; this one has positions. An evaluator never looks
//! up a name. Rows and arguments live in numbered *slots*: slot 0 is the row that the expression is
//! about (a word's row, a measure's subject) or the first argument of a rule; every filter and
//! quantifier binds the next free slot.

use std::ops::Range;

use card::{Date, EntityId, EnumId, FieldId, Span};
use num_rational::Ratio;

/// An exact number of an expression.
pub type Exact = Ratio<i128>;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number.
    Integer,
    /// An exact rational.
    Decimal,
    /// Money; computed as an exact rational of tenge until the rounding step.
    Money,
    /// A day.
    Date,
    /// A month.
    Month,
    /// Consecutive months.
    Window,
    /// Months or days.
    Duration,
    /// A value of an enumeration.
    Enum(EnumId),
    /// An opaque code, only compared.
    Code,
    /// A row of an entity.
    Row(EntityId),
    /// A list: rows as a set by key, values as one per row.
    List(Box<Type>),
    /// The registry may say *nothing*.
    Optional(Box<Type>),
}

/// A variable of an expression, by position; see the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u16);

macro_rules! position {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u16);
    };
}

position! {
    /// A relation, in [`crate::Pack::links`].
    LinkId
}
position! {
    /// A derived word of an entity, in [`crate::Pack::words`].
    WordId
}
position! {
    /// A parameter, in [`crate::Pack::parameters`].
    ParameterId
}
position! {
    /// A rule with arguments, in [`crate::Pack::rules`].
    RuleId
}
position! {
    /// A `let` of the measure or methodology that is being read, by its place among these.
    LetId
}
position! {
    /// A measure, in [`crate::Pack::measures`].
    MeasureId
}
position! {
    /// An edition of a methodology, in [`crate::Pack::scores`].
    ScoreId
}

/// An expression whose names are resolved and whose type is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expr {
    /// What it computes.
    pub node: Node,
    /// Its type.
    pub ty: Type,
    /// Which bytes of its text it was written as.
    pub at: Range<usize>,
}

/// What an expression computes. Complete: there is no other construct.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// `true`, `false`.
    Bool(bool),
    /// A number; also money where the checker gave it that type (only 0).
    Number(Exact),
    /// `@"2026-01-01"`.
    Date(Date),
    /// `@"P18M"`.
    Duration(Span),
    /// `"female"`, checked against its enumeration.
    Enum(EnumId, u16),
    /// A text compared with a code.
    Code(String),
    /// `day`: the day asked about, or the one that [`Node::AsOf`] put in its place.
    Day,
    /// `asked_on`.
    AskedOn,
    /// A row or an argument.
    Var(Slot),
    /// A `let` of the measure, about its subject.
    Let(LetId),
    /// A field of a row. Never of a row's type: a field that names a row (a person, a family) is
    /// read through the link of its name, [`crate::Arity::OneByKey`] from that field.
    Field(Box<Expr>, FieldId),
    /// `valid_from` of a row.
    ValidFrom(Box<Expr>),
    /// `valid_until` of a row (the first day on which it is true no more): optional, nothing if open.
    ValidUntil(Box<Expr>),
    /// A relation of a row: a row, an optional row or a list, as [`crate::Link`] says. Rows compare
    /// by key. A row that a key names and that is not there is, where its absence is
    /// [`crate::Silence::Unknown`], that row with every field unknown.
    Link(Box<Expr>, LinkId),
    /// A derived word of a row.
    Word(Box<Expr>, WordId),
    /// A path over a list: `body` of every row in `slot`. Rows come out as one flat set, values as
    /// one per row. `body` may itself be a list.
    Each {
        /// Over which rows.
        list: Box<Expr>,
        /// Bound to each row.
        slot: Slot,
        /// What is taken of it.
        body: Box<Expr>,
    },
    /// A path through an optional row: nothing stays nothing, a list of nothing is empty.
    Through {
        /// The optional row.
        row: Box<Expr>,
        /// Bound to the row where there is one.
        slot: Slot,
        /// What is taken of it.
        body: Box<Expr>,
    },
    /// `list[when]`.
    Filter {
        /// The list.
        list: Box<Expr>,
        /// Bound to each row.
        slot: Slot,
        /// Which rows stay.
        when: Box<Expr>,
    },
    /// `some x in list satisfies when`.
    Some {
        /// The list.
        list: Box<Expr>,
        /// Bound to each row.
        slot: Slot,
        /// The condition.
        when: Box<Expr>,
    },
    /// `every x in list satisfies when`.
    Every {
        /// The list.
        list: Box<Expr>,
        /// Bound to each row.
        slot: Slot,
        /// The condition.
        when: Box<Expr>,
    },
    /// `-a`.
    Neg(Box<Expr>),
    /// `a + b`: numbers, money, a date and a duration.
    Add(Box<Expr>, Box<Expr>),
    /// `a - b`.
    Sub(Box<Expr>, Box<Expr>),
    /// `a * b`.
    Mul(Box<Expr>, Box<Expr>),
    /// `a / b`.
    Div(Box<Expr>, Box<Expr>),
    /// A comparison.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `a and b and …`. Later parts may read an optional value that an earlier one guards.
    And(Vec<Expr>),
    /// `a or b or …`.
    Or(Vec<Expr>),
    /// `not(a)`.
    Not(Box<Expr>),
    /// `a in (x, y, …)`.
    InValues(Box<Expr>, Vec<Expr>),
    /// `a in [lo..hi]`, each end included or not.
    InRange {
        /// The value.
        value: Box<Expr>,
        /// The lower end.
        lo: Box<Expr>,
        /// Does the lower end belong?
        lo_included: bool,
        /// The upper end.
        hi: Box<Expr>,
        /// Does the upper end belong?
        hi_included: bool,
    },
    /// `month in window`.
    InWindow(Box<Expr>, Box<Expr>),
    /// `row in list`.
    InRows(Box<Expr>, Box<Expr>),
    /// `if a then b else c`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `count(list)`.
    Count(Box<Expr>),
    /// `sum(list of values)`.
    Sum(Box<Expr>),
    /// `min(a, b, …)`.
    Min(Vec<Expr>),
    /// `max(a, b, …)`.
    Max(Vec<Expr>),
    /// `exists(optional)`.
    Exists(Box<Expr>),
    /// An optional value that a guard around it proves to exist: reads as the value.
    Guarded(Box<Expr>),
    /// `floor(a)`.
    Floor(Box<Expr>),
    /// `union(lists and rows)`: a set by key.
    Union(Vec<Expr>),
    /// `only(list)`.
    Only(Box<Expr>),
    /// `only_first(list)`.
    OnlyFirst(Box<Expr>),
    /// `age_on(born, day)`.
    AgeOn(Box<Expr>, Box<Expr>),
    /// `month_of(date)`.
    MonthOf(Box<Expr>),
    /// `first_day(month or window)`.
    FirstDay(Box<Expr>),
    /// `last_day(month or window)`.
    LastDay(Box<Expr>),
    /// `months_before(date, n)`: the n months before the date's month.
    MonthsBefore(Box<Expr>, Box<Expr>),
    /// `quarter_before(date)`.
    QuarterBefore(Box<Expr>),
    /// `quarter_of(date)`.
    QuarterOf(Box<Expr>),
    /// `reached_on(p, keys…, d)`: the first day on which `d + p(keys, that day)` has passed.
    ReachedOn(ParameterId, Vec<Expr>, Box<Expr>),
    /// `as_of(d, e)`: `e` with `day` being d, facts and parameters and words included.
    AsOf(Box<Expr>, Box<Expr>),
    /// A parameter's value by keys, on a date (`None`: on `day`).
    Parameter(ParameterId, Vec<Expr>, Option<Box<Expr>>),
    /// The product of an index's factors in (from..to].
    Index(ParameterId, Box<Expr>, Box<Expr>),
    /// A rule with its arguments.
    Rule(RuleId, Vec<Expr>),
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}
