//! Expressions over what may still be: one rule per construct, as part 3 of the law language says.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use card::{Date, Question, Ternary};
use law::{
    Dated, Measure, Pack,
    tree::{Comparison, Expr, LetId, Node, Slot, Type, WordId},
};

use super::{
    Fault, Stop,
    facts::Facts,
    interval::Interval,
    judge::{compare, conjoined, disjoined, extreme, lift},
    lists, time,
    value::{Is, Open, Rows, Set, Thing, Value, Why},
};

/// Where an expression is read: on which day, and what its slots hold.
#[derive(Clone)]
pub(crate) struct Scope {
    /// `day`. More than one day only where no row, number or coverage changes inside.
    pub(crate) day: Interval<Date>,
    slots: Vec<Option<Rc<Value>>>,
}

impl Scope {
    /// On a day, with slot 0 and what follows bound.
    pub(crate) fn new(day: Interval<Date>, bound: impl IntoIterator<Item = Value>) -> Self {
        Self { day, slots: bound.into_iter().map(|value| Some(Rc::new(value))).collect() }
    }

    /// With one more slot bound.
    pub(crate) fn with(&self, slot: Slot, value: Value) -> Self {
        let mut scope = self.clone();
        let at = slot.0 as usize;
        if scope.slots.len() <= at {
            scope.slots.resize(at + 1, None);
        }
        scope.slots[at] = Some(Rc::new(value));
        scope
    }

    /// On another day.
    pub(crate) fn on(&self, day: Interval<Date>) -> Self {
        Self { day, slots: self.slots.clone() }
    }

    fn slot(&self, slot: Slot) -> Result<Value, Stop> {
        let bound = self.slots.get(slot.0 as usize).cloned().flatten();
        bound.map(Rc::unwrap_or_clone).ok_or(Stop::Wrong("a slot is read before it is bound"))
    }

    /// A day on which all rows, numbers and coverage are as on every day of the scope.
    pub(crate) fn some_day(&self) -> Date {
        self.day.lo.or(self.day.hi).unwrap_or(Date::from_days(0))
    }
}

type Remembered<K> = RefCell<HashMap<(K, Interval<Date>), Value>>;

/// One measure, one question, one circle.
pub(crate) struct Eval<'a> {
    pub(crate) pack: &'a Pack,
    pub(crate) measure: &'a Measure,
    pub(crate) question: Question,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) fault: Option<Fault>,
    words: Remembered<(WordId, Option<Thing>)>,
    lets: Remembered<LetId>,
}

impl<'a> Eval<'a> {
    pub(crate) fn new(
        pack: &'a Pack,
        measure: &'a Measure,
        question: Question,
        facts: &'a Facts<'a>,
        fault: Option<Fault>,
    ) -> Self {
        let (words, lets) = (RefCell::default(), RefCell::default());
        Self { pack, measure, question, facts, fault, words, lets }
    }

    /// The scope of the measure's own expressions: the subject on the day.
    pub(crate) fn about_subject(&self) -> Scope {
        Scope::new(Interval::point(self.question.day), [self.subject()])
    }

    fn subject(&self) -> Value {
        Value::of(Is::Row(Set::just(Thing::person(self.question.subject))), Why::default())
    }

    /// The form of an expression that applies on the scope's day.
    pub(crate) fn form<'e>(dated: &'e Dated<Expr>, scope: &Scope) -> Option<&'e Expr> {
        dated.on(scope.some_day())
    }

    /// What a dated expression may be; before its first form, nothing.
    pub(crate) fn dated(&self, dated: &Dated<Expr>, ty: &Type, scope: &Scope) -> Result<Value, Stop> {
        match Self::form(dated, scope) {
            Some(form) => self.eval(form, scope),
            None if matches!(ty, Type::List(_)) => Ok(empty(ty)),
            None => Ok(Value::nothing(Why::default())),
        }
    }

    /// What an expression may be. One method for each family of constructs, so that the stack holds
    /// only what the construct at hand needs: words read words that read words.
    pub(crate) fn eval(&self, expr: &Expr, scope: &Scope) -> Result<Value, Stop> {
        use Node as N;
        match &expr.node {
            N::Bool(_) | N::Number(_) | N::Date(_) | N::Duration(_) | N::Enum(..) | N::Code(_) => {
                Ok(constant(&expr.node))
            }
            N::Day => Ok(Value::of(Is::Date(scope.day), Why::default())),
            N::AskedOn => Ok(Value::of(Is::Date(Interval::point(self.question.asked_on)), Why::default())),
            N::Var(slot) => scope.slot(*slot),
            N::Let(id) => self.local(*id, scope),
            N::Field(..)
            | N::ValidFrom(_)
            | N::ValidUntil(_)
            | N::Link(..)
            | N::Word(..)
            | N::Through { .. } => self.path(expr, scope),
            N::Each { .. }
            | N::Filter { .. }
            | N::Some { .. }
            | N::Every { .. }
            | N::Count(_)
            | N::Sum(_)
            | N::Union(_)
            | N::Only(_)
            | N::OnlyFirst(_) => self.listed(expr, scope),
            N::Neg(_)
            | N::Add(..)
            | N::Sub(..)
            | N::Mul(..)
            | N::Div(..)
            | N::Min(_)
            | N::Max(_)
            | N::Floor(_) => self.computed(expr, scope),
            N::And(parts) => self.all(parts, scope),
            N::Or(parts) => self.any(parts, scope),
            N::If(condition, yes, no) => {
                let condition = self.eval(condition, scope)?;
                self.choose(&condition, yes, no, scope)
            }
            N::Compare(..)
            | N::Not(_)
            | N::InValues(..)
            | N::InRange { .. }
            | N::InWindow(..)
            | N::InRows(..)
            | N::Exists(_)
            | N::Guarded(_) => self.judged(expr, scope),
            N::AgeOn(..)
            | N::MonthOf(_)
            | N::FirstDay(_)
            | N::LastDay(_)
            | N::MonthsBefore(..)
            | N::QuarterBefore(_)
            | N::QuarterOf(_) => self.dated_word(expr, scope),
            N::ReachedOn(id, keys, day) => {
                let day = self.eval(day, scope)?;
                self.reached_on(*id, keys, &day, scope)
            }
            N::AsOf(day, body) => {
                let day = self.eval(day, scope)?;
                self.as_of(&day, body, scope)
            }
            N::Parameter(id, keys, day) => {
                let day = day.as_deref().map(|day| self.eval(day, scope)).transpose()?;
                self.parameter(*id, keys, day, scope)
            }
            N::Index(id, from, to) => {
                let (from, to) = (self.eval(from, scope)?, self.eval(to, scope)?);
                self.index(*id, &from, &to)
            }
            N::Rule(id, with) => {
                let rule = self.pack.rule(*id);
                let with: Result<Vec<Value>, Stop> = with.iter().map(|arg| self.eval(arg, scope)).collect();
                self.dated(&rule.is, &rule.ty, &Scope::new(scope.day, with?))
            }
        }
    }

    /// What is taken of a row.
    fn path(&self, expr: &Expr, scope: &Scope) -> Result<Value, Stop> {
        let (Node::Field(row, _)
        | Node::ValidFrom(row)
        | Node::ValidUntil(row)
        | Node::Link(row, _)
        | Node::Word(row, _)
        | Node::Through { row, .. }) = &expr.node
        else {
            return Err(Stop::Wrong("a path is expected"));
        };
        let from = self.eval(row, scope)?;
        match &expr.node {
            Node::Field(_, field) => {
                let Type::Row(entity) = row_type(row) else { return Err(Stop::Wrong("a field of no row")) };
                Self::of_row(&from, expr, |thing| match thing {
                    Some(thing) => self.facts.read(thing, *field, scope.some_day()),
                    None => Ok(self.facts.anything(*entity, *field)),
                })
            }
            Node::Link(_, id) => {
                let link = self.pack.link(*id);
                let optional = matches!(expr.ty, Type::Optional(_));
                Self::of_row(&from, expr, |thing| match thing {
                    Some(thing) => self.facts.follow(link, thing, scope.some_day(), optional),
                    None => Ok(anything(&expr.ty)),
                })
            }
            Node::Word(_, id) => Self::of_row(&from, expr, |thing| self.word(*id, thing, scope)),
            Node::Through { slot, body, .. } => Self::of_row(&from, expr, |thing| {
                let bound = thing.map_or(Set::Any, |thing| Set::just(thing.clone()));
                self.eval(body, &scope.with(*slot, Value::of(Is::Row(bound), Why::default())))
            }),
            node => {
                let first = matches!(node, Node::ValidFrom(_));
                Self::of_row(&from, expr, |thing| Ok(self.validity(thing, first)))
            }
        }
    }

    /// What is made of lists.
    fn listed(&self, expr: &Expr, scope: &Scope) -> Result<Value, Stop> {
        match &expr.node {
            Node::Each { list, slot, body } => {
                let list = self.eval(list, scope)?;
                self.each(&list, *slot, body, &expr.ty, scope)
            }
            Node::Filter { list, slot, when } => {
                let list = self.eval(list, scope)?;
                self.filter(&list, *slot, when, scope)
            }
            Node::Some { list, slot, when } => {
                let list = self.eval(list, scope)?;
                self.some(&list, *slot, when, scope)
            }
            Node::Every { list, slot, when } => {
                let list = self.eval(list, scope)?;
                self.every(&list, *slot, when, scope)
            }
            Node::Count(list) => Ok(lists::count(&self.eval(list, scope)?, self.fault)),
            Node::Sum(list) => lists::sum(&self.eval(list, scope)?, self.fault),
            Node::Only(list) => Ok(lists::only(&self.eval(list, scope)?, &expr.ty)),
            Node::OnlyFirst(list) => {
                let list = self.eval(list, scope)?;
                self.only_first(&list, scope)
            }
            Node::Union(parts) => {
                let parts: Result<Vec<Value>, Stop> =
                    parts.iter().map(|part| self.eval(part, scope)).collect();
                Ok(lists::union(parts?))
            }
            _ => Err(Stop::Wrong("a list is expected")),
        }
    }

    /// What is computed of numbers, money, days and durations.
    fn computed(&self, expr: &Expr, scope: &Scope) -> Result<Value, Stop> {
        let both = |a: &Expr, b: &Expr| Ok([self.eval(a, scope)?, self.eval(b, scope)?]);
        match &expr.node {
            Node::Neg(a) => lift([self.eval(a, scope)?], |[a]| time::negated(a)),
            Node::Add(a, b) => lift(both(a, b)?, |[a, b]| time::plus(a, b)),
            Node::Sub(a, b) => lift(both(a, b)?, |[a, b]| time::minus(a, b)),
            Node::Mul(a, b) => lift(both(a, b)?, |[a, b]| match (a, b) {
                (Is::Number(a), Is::Number(b)) => a.times(b).map(Is::Number),
                _ => Err(Stop::Wrong("a product of what is no number")),
            }),
            Node::Div(a, b) => lift(both(a, b)?, |[a, b]| match (a, b) {
                (Is::Number(a), Is::Number(b)) => a.over(b).map(Is::Number),
                _ => Err(Stop::Wrong("a ratio of what is no number")),
            }),
            Node::Min(parts) => self.extreme(parts, scope, true),
            Node::Max(parts) => self.extreme(parts, scope, false),
            Node::Floor(a) => lift([self.eval(a, scope)?], |[a]| match a {
                Is::Number(a) => Ok(Is::Number(a.floor())),
                _ => Err(Stop::Wrong("floor of what is no number")),
            }),
            _ => Err(Stop::Wrong("a computation is expected")),
        }
    }

    /// What is judged true, false or unknown; and what a guard has proved to exist.
    fn judged(&self, expr: &Expr, scope: &Scope) -> Result<Value, Stop> {
        let one = |e: &Expr| self.eval(e, scope);
        Ok(match &expr.node {
            Node::Compare(how, a, b) => compare(*how, &one(a)?, &one(b)?),
            Node::Not(a) => {
                let a = one(a)?;
                Value::truth(!a.ternary(), a.why)
            }
            Node::InValues(value, options) => {
                let value = one(value)?;
                let hits: Result<Vec<Value>, Stop> =
                    options.iter().map(|o| Ok(compare(Comparison::Equal, &value, &one(o)?))).collect();
                disjoined(hits?)
            }
            Node::InRange { value, lo, lo_included, hi, hi_included } => {
                let (value, lo, hi) = (one(value)?, one(lo)?, one(hi)?);
                let above = if *lo_included { Comparison::AtLeast } else { Comparison::Greater };
                let below = if *hi_included { Comparison::AtMost } else { Comparison::Less };
                conjoined(vec![compare(above, &value, &lo), compare(below, &value, &hi)])
            }
            Node::InWindow(month, window) => time::in_window(&one(month)?, &one(window)?),
            Node::InRows(row, list) => lists::in_rows(&one(row)?, &one(list)?),
            Node::Exists(a) => {
                let a = one(a)?;
                let exists = match (&a.some, a.nothing) {
                    (None, _) => Ternary::No,
                    (Some(_), true) => Ternary::Unknown,
                    (Some(_), false) => Ternary::Yes,
                };
                Value::truth(exists, a.why)
            }
            Node::Guarded(a) => {
                let value = one(a)?;
                match value.some {
                    Some(_) => Value { nothing: false, ..value }.settle(),
                    // Only reached where the guard is certainly false: any value will do.
                    None => Value { why: value.why, ..anything(&expr.ty) },
                }
            }
            _ => return Err(Stop::Wrong("a judgement is expected")),
        })
    }

    /// The words about days, months and windows.
    fn dated_word(&self, expr: &Expr, scope: &Scope) -> Result<Value, Stop> {
        let both = |a: &Expr, b: &Expr| Ok([self.eval(a, scope)?, self.eval(b, scope)?]);
        match &expr.node {
            Node::AgeOn(born, day) => lift(both(born, day)?, |[born, day]| time::age(&born, &day)),
            Node::MonthOf(day) => lift([self.eval(day, scope)?], |[day]| time::month_of(&day).map(Is::Month)),
            Node::FirstDay(a) => lift([self.eval(a, scope)?], |[a]| time::edge_day(&a, true)),
            Node::LastDay(a) => lift([self.eval(a, scope)?], |[a]| time::edge_day(&a, false)),
            Node::MonthsBefore(day, n) => lift(both(day, n)?, |[day, n]| time::months_before(&day, &n)),
            Node::QuarterBefore(day) => lift([self.eval(day, scope)?], |[day]| time::quarter(&day, -1)),
            Node::QuarterOf(day) => lift([self.eval(day, scope)?], |[day]| time::quarter(&day, 0)),
            _ => Err(Stop::Wrong("a word about days is expected")),
        }
    }

    /// Takes something of a row: of each that it may be, joined; of nothing, nothing or an empty list.
    fn of_row(
        row: &Value,
        expr: &Expr,
        take: impl Fn(Option<&Thing>) -> Result<Value, Stop>,
    ) -> Result<Value, Stop> {
        let mut result = match &row.some {
            None => None,
            Some(Is::Row(Set::Any)) => Some(take(None)?),
            Some(Is::Row(Set::Of(things))) => {
                let mut joined: Option<Value> = None;
                for thing in things {
                    let next = take(Some(thing))?;
                    joined = Some(match joined {
                        None => next,
                        Some(joined) => joined.or(next),
                    });
                }
                joined
            }
            Some(_) => return Err(Stop::Wrong("a path from what is no row")),
        };
        if row.nothing || result.is_none() {
            let none = if is_list(&expr.ty) { empty(&expr.ty) } else { Value::nothing(Why::default()) };
            result = Some(match result {
                None => none,
                Some(result) => result.or(none),
            });
        }
        Ok(result.expect("set just before").because(&row.why))
    }

    /// A derived word of a row, or of any row.
    pub(crate) fn word(&self, id: WordId, thing: Option<&Thing>, scope: &Scope) -> Result<Value, Stop> {
        let key = ((id, thing.cloned()), scope.day);
        if let Some(value) = self.words.borrow().get(&key) {
            return Ok(value.clone());
        }
        let word = self.pack.word(id);
        let row = Value::of(Is::Row(thing.map_or(Set::Any, |t| Set::just(t.clone()))), Why::default());
        let value = self.dated(&word.is, &word.ty, &Scope::new(scope.day, [row]))?;
        self.words.borrow_mut().insert(key, value.clone());
        Ok(value)
    }

    fn local(&self, id: LetId, scope: &Scope) -> Result<Value, Stop> {
        let key = (id, scope.day);
        if let Some(value) = self.lets.borrow().get(&key) {
            return Ok(value.clone());
        }
        let local =
            self.measure.lets.get(id.0 as usize).ok_or(Stop::Wrong("a let that the measure has not"))?;
        let value = self.dated(&local.is, &local.ty, &Scope::new(scope.day, [self.subject()]))?;
        self.lets.borrow_mut().insert(key, value.clone());
        Ok(value)
    }

    fn validity(&self, thing: Option<&Thing>, first: bool) -> Value {
        let mut value: Option<Value> = None;
        let rows = thing.map_or(&[][..], |thing| self.facts.stored(thing));
        for at in rows {
            let row = &self.facts.circle.rows[*at];
            let (from, until) = self.facts.valid(row);
            let mut why = Why::leaf(self.facts.leaf(&self.facts.thing(row), None));
            if self.facts.noting {
                why.reads.insert((*at, None));
            }
            let next = if first {
                Value::of(Is::Date(from), why)
            } else if until == Interval::point(card::FOREVER) {
                Value::nothing(why)
            } else {
                let may_be_open = until.single().is_none();
                let value = Value::of(Is::Date(until), why);
                if may_be_open { value.or_nothing() } else { value }
            };
            value = Some(match value {
                None => next,
                Some(value) => value.or(next),
            });
        }
        value.unwrap_or_else(|| {
            let any = Value::of(Is::Date(Interval::ANY), Why::default());
            if first { any } else { any.or_nothing() }
        })
    }

    /// Kleene's `and`. A certain no decides, whatever a later part may fail at.
    fn all(&self, parts: &[Expr], scope: &Scope) -> Result<Value, Stop> {
        let mut values = Vec::new();
        let mut refused = false;
        for part in parts {
            match self.eval(part, scope) {
                Err(Stop::DividesByZero) if refused => {}
                value => {
                    let value = value?;
                    refused |= value.ternary() == Ternary::No;
                    values.push(value);
                }
            }
        }
        Ok(conjoined(values))
    }

    /// Kleene's `or`. A certain yes decides, whatever a later part may fail at.
    fn any(&self, parts: &[Expr], scope: &Scope) -> Result<Value, Stop> {
        let mut values = Vec::new();
        let mut accepted = false;
        for part in parts {
            match self.eval(part, scope) {
                Err(Stop::DividesByZero) if accepted => {}
                value => {
                    let value = value?;
                    accepted |= value.ternary() == Ternary::Yes;
                    values.push(value);
                }
            }
        }
        Ok(disjoined(values))
    }

    fn choose(&self, condition: &Value, yes: &Expr, no: &Expr, scope: &Scope) -> Result<Value, Stop> {
        let taken = match (condition.ternary(), self.fault) {
            (Ternary::Yes, _) => yes,
            (Ternary::No, _) | (Ternary::Unknown, Some(Fault::IfTakesElse)) => no,
            (Ternary::Unknown, _) => {
                let either = |e| match self.eval(e, scope) {
                    Err(Stop::DividesByZero) => Ok(anything_or_nothing(&e.ty)),
                    value => value,
                };
                return Ok(either(yes)?.or(either(no)?).because(&condition.why));
            }
        };
        Ok(self.eval(taken, scope)?.because(&condition.why.clone().settled()))
    }

    fn extreme(&self, parts: &[Expr], scope: &Scope, least: bool) -> Result<Value, Stop> {
        let mut result: Option<Value> = None;
        for part in parts {
            let next = self.eval(part, scope)?;
            result = Some(match result {
                None => next,
                Some(result) => lift([result, next], |[a, b]| extreme(a, b, least))?,
            });
        }
        result.ok_or(Stop::Wrong("the least of nothing"))
    }
}

fn constant(node: &Node) -> Value {
    let is = match node {
        Node::Bool(value) => Is::Bool(Ternary::known(*value)),
        Node::Number(number) => Is::Number(Interval::point(*number)),
        Node::Date(day) => Is::Date(Interval::point(*day)),
        Node::Duration(span) => Is::Duration(vec![*span]),
        Node::Enum(_, value) => Is::Enum(Set::just(*value)),
        Node::Code(text) => Is::Code(Set::just(text.clone().into_boxed_str())),
        _ => unreachable!("the caller has matched a constant"),
    };
    Value::of(is, Why::default())
}

fn is_list(ty: &Type) -> bool {
    matches!(ty, Type::List(_))
}

/// The type of the row that a path starts at, whether or not it may be nothing.
pub(crate) fn row_type(row: &Expr) -> &Type {
    match &row.ty {
        Type::Optional(inner) => inner,
        ty => ty,
    }
}

/// An empty list of a type.
pub(crate) fn empty(ty: &Type) -> Value {
    match ty {
        Type::List(of) if !matches!(**of, Type::Row(_)) => {
            let values = super::value::Values { items: Vec::new(), unseen: None };
            Value::of(Is::Values(values), Why::default())
        }
        _ => Value::of(Is::Rows(Rows::none()), Why::default()),
    }
}

/// Everything that a value of a type may be.
pub(crate) fn anything(ty: &Type) -> Value {
    let is = match ty {
        Type::Bool => Is::Bool(Ternary::Unknown),
        Type::Integer | Type::Decimal | Type::Money => Is::Number(Interval::ANY),
        Type::Date => Is::Date(Interval::ANY),
        Type::Month => Is::Month(Interval::ANY),
        Type::Window => Is::Window(Interval::ANY, Interval::ANY),
        Type::Duration => Is::Duration(Vec::new()),
        Type::Enum(_) => Is::Enum(Set::Any),
        Type::Code => Is::Code(Set::Any),
        Type::Row(_) => Is::Row(Set::Any),
        Type::List(of) if matches!(**of, Type::Row(_)) => {
            Is::Rows(Rows { open: Open::Everywhere, ..Rows::none() })
        }
        Type::List(of) => {
            Is::Values(super::value::Values { items: Vec::new(), unseen: Some(Box::new(anything(of))) })
        }
        Type::Optional(of) => return anything(of).or_nothing(),
    };
    Value { some: Some(is), nothing: false, why: Why::default() }
}

/// Everything that an expression of a type may give: a table without an entry makes nothing of any.
pub(crate) fn anything_or_nothing(ty: &Type) -> Value {
    if is_list(ty) { anything(ty) } else { anything(ty).or_nothing() }
}
