//! A value is the set of what it may still be, with the reasons why it is not yet one.

use std::collections::{BTreeMap, BTreeSet};

use card::{Cell, Date, EntityId, FieldId, Month, PersonId, RegistryId, Span, Standing, Ternary};

use super::interval::{Exact, Interval};

/// A row of an entity, named so that it is the same in every circle that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Thing {
    /// Of which entity.
    pub entity: EntityId,
    /// Which one.
    pub key: Key,
}

/// What tells one row of an entity from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// The key that other rows name it by: a person, the number of an award.
    Named(Cell),
    /// The store's number of the row.
    Stored(u64),
    /// The common keys of a group.
    Group(Box<[Cell]>),
}

impl Thing {
    /// The person of that number.
    pub fn person(id: PersonId) -> Self {
        Self { entity: card::Schema::PERSON, key: Key::Named(Cell::Person(id)) }
    }

    /// The row of an entity that a cell names.
    pub fn named(entity: EntityId, cell: &Cell) -> Self {
        Self { entity, key: Key::Named(cell.clone()) }
    }

    /// Who it is, if it is a person.
    pub fn as_person(&self) -> Option<PersonId> {
        match self.key {
            Key::Named(Cell::Person(id)) if self.entity == card::Schema::PERSON => Some(id),
            _ => None,
        }
    }
}

/// A fact that is not known: who owes which field, or which rows, about whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf {
    /// Of which entity.
    pub entity: EntityId,
    /// Which field; `None` where it is not known which rows there are.
    pub field: Option<FieldId>,
    /// Who owes it.
    pub registry: RegistryId,
    /// About whom.
    pub person: Option<PersonId>,
}

/// What a value rests on, and what keeps it open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The unknown facts that keep it open; none where it is decided.
    pub missing: BTreeSet<Leaf>,
    /// Entities whose rows contradict each other and keep it open.
    pub conflicts: BTreeSet<EntityId>,
    /// The worst standing of any number of the law that it may rest on.
    pub standing: Standing,
    /// The cells that it was read from: the row's place in the circle, and the field (`None`: that
    /// the row is there). Gathered for explanations only.
    pub reads: BTreeSet<(usize, Option<FieldId>)>,
}

impl Default for Why {
    fn default() -> Self {
        Self {
            missing: BTreeSet::new(),
            conflicts: BTreeSet::new(),
            standing: Standing::Confirmed,
            reads: BTreeSet::new(),
        }
    }
}

impl Why {
    /// Because this is not known.
    pub fn leaf(leaf: Leaf) -> Self {
        Self { missing: BTreeSet::from([leaf]), ..Self::default() }
    }

    /// Both reasons.
    pub fn and(mut self, other: &Self) -> Self {
        self.add(other);
        self
    }

    /// Takes the other's reasons too.
    pub fn add(&mut self, other: &Self) {
        self.missing.extend(other.missing.iter().cloned());
        self.conflicts.extend(other.conflicts.iter().copied());
        self.standing = self.standing.max(other.standing);
        self.reads.extend(other.reads.iter().copied());
    }

    /// What remains of it once the value is decided.
    pub fn settled(mut self) -> Self {
        self.missing.clear();
        self.conflicts.clear();
        self
    }
}

/// A set of possibilities of something that is only compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Set<T> {
    /// Any value.
    Any,
    /// One of these.
    Of(BTreeSet<T>),
}

impl<T: Ord + Clone> Set<T> {
    /// Exactly this.
    pub fn just(value: T) -> Self {
        Self::Of(BTreeSet::from([value]))
    }

    /// The value, if only one is possible.
    pub fn single(&self) -> Option<&T> {
        match self {
            Self::Of(set) if set.len() == 1 => set.first(),
            _ => None,
        }
    }

    /// What either may be.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Of(mut a), Self::Of(b)) => {
                a.extend(b);
                Self::Of(a)
            }
            _ => Self::Any,
        }
    }

    /// `self = other`.
    pub fn equal(&self, other: &Self) -> Ternary {
        match (self, other) {
            (Self::Of(a), Self::Of(b)) if a.is_disjoint(b) => Ternary::No,
            (Self::Of(a), Self::Of(b)) if a.len() == 1 && b.len() == 1 => Ternary::Yes,
            _ => Ternary::Unknown,
        }
    }

    fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Of(a), Self::Of(b)) => b.is_subset(a),
            (Self::Of(_), Self::Any) => false,
        }
    }
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Certainly in the list, or possibly.
    pub certain: bool,
    /// On what that rests.
    pub why: Why,
}

/// Whether rows may be missing from a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// Every row is here, certain or possible.
    Closed,
    /// There may be others.
    Everywhere,
    /// There may be others, but not of a month whose days all lie in one of these periods.
    Outside {
        /// The field that holds the month.
        field: FieldId,
        /// First and last days, in order and apart.
        covered: Vec<(Date, Date)>,
    },
}

impl Open {
    /// Of a list made of two lists.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Closed, open) | (open, Self::Closed) => open,
            (Self::Outside { field: a, covered: x }, Self::Outside { field: b, covered: y }) if a == b => {
                let both = x.iter().flat_map(|(from, through)| {
                    y.iter().map(move |(start, end)| (*from.max(start), *through.min(end)))
                });
                Self::Outside { field: a, covered: both.filter(|(from, through)| from <= through).collect() }
            }
            _ => Self::Everywhere,
        }
    }
}

/// A set of rows by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The rows that are or may be in it.
    pub members: BTreeMap<Thing, Member>,
    /// Whether there may be others.
    pub open: Open,
    /// The fields that order them, where their relation declares that.
    pub order: Vec<FieldId>,
}

impl Rows {
    /// No row, for certain.
    pub fn none() -> Self {
        Self { members: BTreeMap::new(), open: Open::Closed, order: Vec::new() }
    }

    /// Adds a row, which is certain if it was or is.
    pub fn insert(&mut self, thing: Thing, certain: bool, why: Why) {
        let why = if certain { why.settled() } else { why };
        match self.members.get_mut(&thing) {
            None => {
                self.members.insert(thing, Member { certain, why });
            }
            Some(member) if member.certain == certain => member.why.add(&why),
            Some(member) if certain => *member = Member { certain, why },
            Some(_) => {}
        }
    }

    /// How many rows are certain.
    pub fn certain(&self) -> usize {
        self.members.values().filter(|m| m.certain).count()
    }

    fn decided(&self) -> bool {
        self.open == Open::Closed && self.members.values().all(|m| m.certain)
    }
}

/// Values taken of the rows of a list, one per row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// The value of each row, and whether that row is certain.
    pub items: Vec<(Value, bool)>,
    /// If there may be further rows, what each one's value may be.
    pub unseen: Option<Box<Value>>,
}

/// What there is where there is something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Is {
    /// True or false.
    Bool(Ternary),
    /// A number, or tenge.
    Number(Interval<Exact>),
    /// A day.
    Date(Interval<Date>),
    /// A month.
    Month(Interval<Month>),
    /// Consecutive months: when they begin, and when they end.
    Window(Interval<Month>, Interval<Month>),
    /// One of these lengths of time.
    Duration(Vec<Span>),
    /// A value of an enumeration.
    Enum(Set<u16>),
    /// A code.
    Code(Set<Box<str>>),
    /// A row.
    Row(Set<Thing>),
    /// Rows.
    Rows(Rows),
    /// Values.
    Values(Values),
}

/// What an expression may still be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// What it may be if it is something; `None`: it is certainly nothing.
    pub some: Option<Is>,
    /// May it be nothing?
    pub nothing: bool,
    /// On what that rests.
    pub why: Why,
}

impl Value {
    /// Something. Reasons for doubt are dropped where there is none.
    pub fn of(is: Is, why: Why) -> Self {
        Self { some: Some(is), nothing: false, why }.settle()
    }

    /// Certainly nothing.
    pub fn nothing(why: Why) -> Self {
        Self { some: None, nothing: true, why: why.settled() }
    }

    /// A truth value.
    pub fn truth(value: Ternary, why: Why) -> Self {
        Self::of(Is::Bool(value), why)
    }

    /// The same, or nothing.
    pub fn or_nothing(mut self) -> Self {
        self.nothing = true;
        self
    }

    /// The same, resting on these reasons too.
    pub fn because(mut self, why: &Why) -> Self {
        self.why.add(why);
        self.settle()
    }

    /// Drops the reasons for doubt if there is no doubt.
    pub fn settle(mut self) -> Self {
        if self.decided() {
            self.why = self.why.settled();
        }
        self
    }

    /// Is only one value possible?
    pub fn decided(&self) -> bool {
        match &self.some {
            None => true,
            Some(_) if self.nothing => false,
            Some(is) => is.decided(),
        }
    }

    /// As a truth: *nothing* is not true.
    pub fn ternary(&self) -> Ternary {
        match &self.some {
            Some(Is::Bool(value)) if self.nothing => *value & Ternary::Unknown,
            Some(Is::Bool(value)) => *value,
            None => Ternary::No,
            Some(_) => Ternary::Unknown,
        }
    }

    /// As a number, where it is one.
    pub fn number(&self) -> Option<Interval<Exact>> {
        match self.some {
            Some(Is::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// As a day, where it is one.
    pub fn date(&self) -> Option<Interval<Date>> {
        match self.some {
            Some(Is::Date(date)) => Some(date),
            _ => None,
        }
    }

    /// What either may be.
    pub fn or(self, other: Self) -> Self {
        let why = self.why.and(&other.why);
        let nothing = self.nothing || other.nothing;
        let some = match (self.some, other.some) {
            (Some(a), Some(b)) => Some(a.or(b)),
            (a, b) => a.or(b),
        };
        Self { some, nothing, why }.settle()
    }

    /// Is everything that `other` may be something that this may be? `other` is the same question
    /// with more known.
    pub fn includes(&self, other: &Self) -> bool {
        (self.nothing || !other.nothing)
            && match (&self.some, &other.some) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(a), Some(b)) => a.includes(b),
            }
    }
}

impl Is {
    fn decided(&self) -> bool {
        match self {
            Self::Bool(value) => *value != Ternary::Unknown,
            Self::Number(x) => x.single().is_some(),
            Self::Date(x) => x.single().is_some(),
            Self::Month(x) => x.single().is_some(),
            Self::Window(from, to) => from.single().is_some() && to.single().is_some(),
            Self::Duration(spans) => spans.len() == 1,
            Self::Enum(set) => set.single().is_some(),
            Self::Code(set) => set.single().is_some(),
            Self::Row(set) => set.single().is_some(),
            Self::Rows(rows) => rows.decided(),
            Self::Values(values) => {
                values.unseen.is_none() && values.items.iter().all(|(v, certain)| *certain && v.decided())
            }
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Self::Bool(if a == b { a } else { Ternary::Unknown }),
            (Self::Number(a), Self::Number(b)) => Self::Number(a.hull(b)),
            (Self::Date(a), Self::Date(b)) => Self::Date(a.hull(b)),
            (Self::Month(a), Self::Month(b)) => Self::Month(a.hull(b)),
            (Self::Window(a, b), Self::Window(c, d)) => Self::Window(a.hull(c), b.hull(d)),
            (Self::Duration(mut a), Self::Duration(b)) => {
                for span in b {
                    if !a.contains(&span) {
                        a.push(span);
                    }
                }
                Self::Duration(a)
            }
            (Self::Enum(a), Self::Enum(b)) => Self::Enum(a.or(b)),
            (Self::Code(a), Self::Code(b)) => Self::Code(a.or(b)),
            (Self::Row(a), Self::Row(b)) => Self::Row(a.or(b)),
            (Self::Rows(a), Self::Rows(b)) => Self::Rows(either(&a, &b)),
            (Self::Values(a), Self::Values(b)) => {
                let same = a == b;
                if same {
                    return Self::Values(a);
                }
                let items = a.items.into_iter().chain(b.items).map(|(value, _)| (value, false)).collect();
                let unseen = match (a.unseen, b.unseen) {
                    (Some(x), Some(y)) => Some(Box::new(x.or(*y))),
                    (x, y) => x.or(y),
                };
                Self::Values(Values { items, unseen })
            }
            _ => unreachable!("the checker joins values of one type only"),
        }
    }

    fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => *a == Ternary::Unknown || a == b,
            (Self::Number(a), Self::Number(b)) => a.includes(b),
            (Self::Date(a), Self::Date(b)) => a.includes(b),
            (Self::Month(a), Self::Month(b)) => a.includes(b),
            (Self::Window(a, b), Self::Window(c, d)) => a.includes(c) && b.includes(d),
            (Self::Duration(a), Self::Duration(b)) => b.iter().all(|span| a.contains(span)),
            (Self::Enum(a), Self::Enum(b)) => a.includes(b),
            (Self::Code(a), Self::Code(b)) => a.includes(b),
            (Self::Row(a), Self::Row(b)) => a.includes(b),
            (Self::Rows(a), Self::Rows(b)) => {
                let kept = |thing: &Thing| b.members.get(thing).is_some_and(|m| m.certain);
                a.members.iter().all(|(thing, member)| !member.certain || kept(thing))
                    && (a.open != Open::Closed
                        || (b.open == Open::Closed && b.members.keys().all(|t| a.members.contains_key(t))))
            }
            (Self::Values(a), Self::Values(b)) => {
                let certain = |v: &Values| v.items.iter().filter(|(_, certain)| *certain).count();
                certain(a) <= certain(b)
                    && (a.unseen.is_some() || (b.unseen.is_none() && b.items.len() <= a.items.len()))
            }
            _ => false,
        }
    }
}

/// One of two sets of rows: certain is what is certain in both.
fn either(a: &Rows, b: &Rows) -> Rows {
    let mut rows = Rows {
        members: BTreeMap::new(),
        open: a.open.clone().or(b.open.clone()),
        order: if a.order.is_empty() { b.order.clone() } else { a.order.clone() },
    };
    for (mine, theirs) in [(a, b), (b, a)] {
        for (thing, member) in &mine.members {
            let certain = member.certain && theirs.members.get(thing).is_some_and(|m| m.certain);
            rows.insert(thing.clone(), certain, member.why.clone());
        }
    }
    rows
}
