//! The text of the law language: a strict profile of FEEL, read into a tree that still has names.
//!
//! Every node knows which bytes of its text it was written as, so that whoever finds a fault later
//! can point at it. Nothing here knows a name or a type.

mod lexer;
mod parser;
mod print;

use std::{fmt, ops::Range};

pub use parser::{parse, parse_test};
pub use print::{pretty, s_expression, test_s_expression};

/// An expression with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ast {
    /// What is written.
    pub node: Syntax,
    /// At which bytes.
    pub at: Range<usize>,
}

/// A name with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// At which bytes.
    pub at: Range<usize>,
}

/// What an expression is written as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// A number as written, such as `1.50`.
    Number(String),
    /// `"text"`, without its quotes.
    Text(String),
    /// `@"P18M"`, `@"2026-01-01"`, without its quotes.
    At(String),
    /// `true`, `false`.
    Bool(bool),
    /// A name.
    Name(String),
    /// `a.b`
    Path(Box<Ast>, Name),
    /// `list[condition]`
    Filter(Box<Ast>, Box<Ast>),
    /// `f(a, b)`
    Call(Name, Vec<Ast>),
    /// `-a`
    Neg(Box<Ast>),
    /// `a + b`, `a and b`, `a <= b`.
    Binary(Operator, Box<Ast>, Box<Ast>),
    /// `a in …`
    In(Box<Ast>, Box<Among>),
    /// `if a then b else c`
    If(Box<Ast>, Box<Ast>, Box<Ast>),
    /// `some x in list satisfies c`
    Some(Name, Box<Ast>, Box<Ast>),
    /// `every x in list satisfies c`
    Every(Name, Box<Ast>, Box<Ast>),
    /// `(a)`: kept, since people wrote it.
    Group(Box<Ast>),
}

/// What stands after `in`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Among {
    /// `(x, y, …)`
    Values(Vec<Ast>),
    /// `[a..b]`
    Range(Interval),
    /// A window or a list of rows.
    Expression(Ast),
}

/// `[a..b]`, `(a..b]`, `[a..b)`, `(a..b)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The lower end.
    pub lo: Ast,
    /// Does it belong?
    pub lo_included: bool,
    /// The upper end.
    pub hi: Ast,
    /// Does it belong?
    pub hi_included: bool,
}

/// A unary test of FEEL, as a table writes its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `4`, `"x"`, `true`, a bare name.
    Value(Ast),
    /// `[1..5]`
    Range(Interval),
    /// `>= 60`
    Compare(Operator, Ast),
}

/// An operator between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `or`
    Or,
    /// `and`
    And,
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
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}

impl Operator {
    /// As the text writes it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
        }
    }

    /// How strongly it binds; a comparison does not associate.
    pub(crate) const fn strength(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual | Self::Less | Self::AtMost | Self::Greater | Self::AtLeast => {
                COMPARISON
            }
            Self::Add | Self::Sub => 4,
            Self::Mul | Self::Div => 5,
        }
    }
}

/// How strongly comparisons and `in` bind.
pub(crate) const COMPARISON: u8 = 3;

/// How strongly a leading minus binds.
pub(crate) const NEGATION: u8 = 6;

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// At which bytes.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub mend: Option<String>,
}

impl ParseError {
    pub(crate) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), mend: None }
    }

    pub(crate) fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.mend.as_ref().map_or(Ok(()), |mend| write!(f, ": {mend}"))
    }
}

impl std::error::Error for ParseError {}
