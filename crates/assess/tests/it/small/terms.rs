//! Expressions written by hand, typed as the checker would type them.

use card::{Date, EntityId, FieldType, Schema, Span};
use law::{
    Arity, Link, Parameter, Rule, Silence, Word,
    tree::{Comparison, Exact, Expr, LetId, LinkId, Node, ParameterId, RuleId, Slot, Type, WordId},
};

/// What names mean while a pack is being written.
#[derive(Default)]
pub struct Terms {
    pub schema: Schema,
    pub links: Vec<Link>,
    pub words: Vec<Word>,
    pub parameters: Vec<Parameter>,
    pub rules: Vec<Rule>,
}

pub fn expr(node: Node, ty: Type) -> Expr {
    Expr { node, ty, at: 0..0 }
}

fn boxed(e: Expr) -> Box<Expr> {
    Box::new(e)
}

pub fn list(entity: EntityId) -> Type {
    Type::List(Box::new(Type::Row(entity)))
}

fn plain(ty: &Type) -> Type {
    match ty {
        Type::Optional(of) => (**of).clone(),
        ty => ty.clone(),
    }
}

fn of_list(ty: &Type) -> Type {
    match ty {
        Type::List(of) => (**of).clone(),
        ty => panic!("{ty:?} is no list"),
    }
}

fn like(a: &Expr, b: &Expr, ty: Type) -> Type {
    if matches!(a.ty, Type::Optional(_)) || matches!(b.ty, Type::Optional(_)) {
        Type::Optional(Box::new(ty))
    } else {
        ty
    }
}

impl Terms {
    fn field_type(ty: FieldType) -> Type {
        match ty {
            FieldType::Bool => Type::Bool,
            FieldType::Integer => Type::Integer,
            FieldType::Decimal => Type::Decimal,
            FieldType::Money => Type::Money,
            FieldType::Date => Type::Date,
            FieldType::Month => Type::Month,
            FieldType::Enum(id) => Type::Enum(id),
            FieldType::Code | FieldType::Account | FieldType::Phone => Type::Code,
            FieldType::Person | FieldType::Row(_) => panic!("a field that names a row is read by its link"),
        }
    }

    fn entity(row: &Expr) -> EntityId {
        match plain(&row.ty) {
            Type::Row(entity) => entity,
            ty => panic!("{ty:?} is no row"),
        }
    }

    pub fn f(&self, row: Expr, name: &str) -> Expr {
        let entity = self.schema.at(Self::entity(&row));
        let id = entity.field(name).unwrap_or_else(|| panic!("{} has no {name}", entity.name));
        let field = entity.at(id);
        let ty = Self::field_type(field.ty);
        let ty = if field.optional { Type::Optional(Box::new(ty)) } else { ty };
        expr(Node::Field(boxed(row), id), ty)
    }

    pub fn l(&self, row: Expr, name: &str) -> Expr {
        let of = Self::entity(&row);
        let at = self.links.iter().position(|l| l.of == of && l.name == name);
        let at = at.unwrap_or_else(|| panic!("no relation {name}"));
        let link = &self.links[at];
        let ty = match (link.arity, link.silence) {
            (Arity::ManyAll | Arity::ManyOnDay, _) => list(link.to),
            (_, Silence::Unknown) => Type::Row(link.to),
            _ => Type::Optional(Box::new(Type::Row(link.to))),
        };
        expr(Node::Link(boxed(row), LinkId(at as u16)), ty)
    }

    pub fn w(&self, row: Expr, name: &str) -> Expr {
        let of = Self::entity(&row);
        let at = self.words.iter().position(|w| w.of == of && w.name == name);
        let at = at.unwrap_or_else(|| panic!("no word {name}"));
        let ty = self.words[at].ty.clone();
        expr(Node::Word(boxed(row), WordId(at as u16)), ty)
    }

    pub fn p(&self, name: &str, keys: Vec<Expr>, day: Option<Expr>) -> Expr {
        let at = self.parameters.iter().position(|p| p.name == name).expect("a parameter");
        let ty = self.parameters[at].ty.clone();
        let ty = if keys.is_empty() { ty } else { Type::Optional(Box::new(ty)) };
        expr(Node::Parameter(ParameterId(at as u16), keys, day.map(boxed)), ty)
    }

    pub fn parameter(&self, name: &str) -> ParameterId {
        ParameterId(self.parameters.iter().position(|p| p.name == name).expect("a parameter") as u16)
    }

    pub fn rule(&self, name: &str, with: Vec<Expr>) -> Expr {
        let at = self.rules.iter().position(|r| r.name == name).expect("a rule");
        expr(Node::Rule(RuleId(at as u16), with), self.rules[at].ty.clone())
    }

    pub fn index(&self, name: &str, from: Expr, to: Expr) -> Expr {
        expr(Node::Index(self.parameter(name), boxed(from), boxed(to)), Type::Decimal)
    }

    pub fn reached_on(&self, name: &str, keys: Vec<Expr>, day: Expr) -> Expr {
        expr(Node::ReachedOn(self.parameter(name), keys, boxed(day)), Type::Date)
    }
}

pub fn row(slot: u16, entity: EntityId) -> Expr {
    expr(Node::Var(Slot(slot)), Type::Row(entity))
}

pub fn arg(slot: u16, ty: Type) -> Expr {
    expr(Node::Var(Slot(slot)), ty)
}

pub fn local(at: u16, ty: Type) -> Expr {
    expr(Node::Let(LetId(at)), ty)
}

pub fn yes() -> Expr {
    expr(Node::Bool(true), Type::Bool)
}

pub fn num(n: i128) -> Expr {
    expr(Node::Number(Exact::from_integer(n)), Type::Integer)
}

pub fn money(n: i128) -> Expr {
    expr(Node::Number(Exact::from_integer(n)), Type::Money)
}

pub fn date(text: &str) -> Expr {
    expr(Node::Date(text.parse::<Date>().expect("a day")), Type::Date)
}

pub fn span(text: &str) -> Expr {
    expr(Node::Duration(text.parse::<Span>().expect("a span")), Type::Duration)
}

pub fn value(of: card::EnumId, at: u16) -> Expr {
    expr(Node::Enum(of, at), Type::Enum(of))
}

pub fn code(text: &str) -> Expr {
    expr(Node::Code(text.into()), Type::Code)
}

pub fn day() -> Expr {
    expr(Node::Day, Type::Date)
}

pub fn asked_on() -> Expr {
    expr(Node::AskedOn, Type::Date)
}

pub fn cmp(a: Expr, how: &str, b: Expr) -> Expr {
    let how = match how {
        "=" => Comparison::Equal,
        "!=" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::AtMost,
        ">" => Comparison::Greater,
        ">=" => Comparison::AtLeast,
        other => panic!("{other} does not compare"),
    };
    expr(Node::Compare(how, boxed(a), boxed(b)), Type::Bool)
}

pub fn and(parts: Vec<Expr>) -> Expr {
    expr(Node::And(parts), Type::Bool)
}

pub fn or(parts: Vec<Expr>) -> Expr {
    expr(Node::Or(parts), Type::Bool)
}

pub fn not(a: Expr) -> Expr {
    expr(Node::Not(boxed(a)), Type::Bool)
}

pub fn exists(a: Expr) -> Expr {
    expr(Node::Exists(boxed(a)), Type::Bool)
}

pub fn guarded(a: Expr) -> Expr {
    let ty = plain(&a.ty);
    expr(Node::Guarded(boxed(a)), ty)
}

pub fn when(c: Expr, a: Expr, b: Expr) -> Expr {
    let ty = like(&a, &b, plain(&a.ty));
    expr(Node::If(boxed(c), boxed(a), boxed(b)), ty)
}

pub fn add(a: Expr, b: Expr) -> Expr {
    let ty = like(&a, &b, plain(&a.ty));
    expr(Node::Add(boxed(a), boxed(b)), ty)
}

pub fn sub(a: Expr, b: Expr) -> Expr {
    let ty = like(&a, &b, plain(&a.ty));
    expr(Node::Sub(boxed(a), boxed(b)), ty)
}

pub fn mul(a: Expr, b: Expr) -> Expr {
    let money = plain(&a.ty) == Type::Money || plain(&b.ty) == Type::Money;
    let ty = like(&a, &b, if money { Type::Money } else { Type::Decimal });
    expr(Node::Mul(boxed(a), boxed(b)), ty)
}

pub fn div(a: Expr, b: Expr) -> Expr {
    let money = plain(&a.ty) == Type::Money && plain(&b.ty) != Type::Money;
    let ty = like(&a, &b, if money { Type::Money } else { Type::Decimal });
    expr(Node::Div(boxed(a), boxed(b)), ty)
}

pub fn neg(a: Expr) -> Expr {
    let ty = a.ty.clone();
    expr(Node::Neg(boxed(a)), ty)
}

pub fn floor(a: Expr) -> Expr {
    expr(Node::Floor(boxed(a)), Type::Integer)
}

pub fn least(parts: Vec<Expr>) -> Expr {
    let ty = parts[0].ty.clone();
    expr(Node::Min(parts), ty)
}

pub fn most(parts: Vec<Expr>) -> Expr {
    let ty = parts[0].ty.clone();
    expr(Node::Max(parts), ty)
}

pub fn count(l: Expr) -> Expr {
    expr(Node::Count(boxed(l)), Type::Integer)
}

pub fn sum(l: Expr) -> Expr {
    let ty = plain(&of_list(&l.ty));
    expr(Node::Sum(boxed(l)), ty)
}

pub fn each(l: Expr, slot: u16, body: impl FnOnce(Expr) -> Expr) -> Expr {
    let body = body(expr(Node::Var(Slot(slot)), of_list(&l.ty)));
    let ty = match &body.ty {
        ty @ Type::List(_) => ty.clone(),
        Type::Optional(of) if matches!(**of, Type::Row(_)) => Type::List(of.clone()),
        ty => Type::List(Box::new(ty.clone())),
    };
    expr(Node::Each { list: boxed(l), slot: Slot(slot), body: boxed(body) }, ty)
}

pub fn filter(l: Expr, slot: u16, keep: impl FnOnce(Expr) -> Expr) -> Expr {
    let ty = l.ty.clone();
    let keep = keep(expr(Node::Var(Slot(slot)), of_list(&ty)));
    expr(Node::Filter { list: boxed(l), slot: Slot(slot), when: boxed(keep) }, ty)
}

pub fn some(l: Expr, slot: u16, holds: impl FnOnce(Expr) -> Expr) -> Expr {
    let holds = holds(expr(Node::Var(Slot(slot)), of_list(&l.ty)));
    expr(Node::Some { list: boxed(l), slot: Slot(slot), when: boxed(holds) }, Type::Bool)
}

pub fn every(l: Expr, slot: u16, holds: impl FnOnce(Expr) -> Expr) -> Expr {
    let holds = holds(expr(Node::Var(Slot(slot)), of_list(&l.ty)));
    expr(Node::Every { list: boxed(l), slot: Slot(slot), when: boxed(holds) }, Type::Bool)
}

pub fn through(row: Expr, slot: u16, body: impl FnOnce(Expr) -> Expr) -> Expr {
    let body = body(expr(Node::Var(Slot(slot)), plain(&row.ty)));
    let ty = match &body.ty {
        ty @ (Type::List(_) | Type::Optional(_)) => ty.clone(),
        ty => Type::Optional(Box::new(ty.clone())),
    };
    expr(Node::Through { row: boxed(row), slot: Slot(slot), body: boxed(body) }, ty)
}

pub fn union(parts: Vec<Expr>) -> Expr {
    let ty = match plain(&parts[0].ty) {
        ty @ Type::List(_) => ty,
        ty => Type::List(Box::new(ty)),
    };
    expr(Node::Union(parts), ty)
}

pub fn only(l: Expr) -> Expr {
    let ty = Type::Optional(Box::new(of_list(&l.ty)));
    expr(Node::Only(boxed(l)), ty)
}

pub fn only_first(l: Expr) -> Expr {
    let ty = l.ty.clone();
    expr(Node::OnlyFirst(boxed(l)), ty)
}

pub fn in_values(a: Expr, options: Vec<Expr>) -> Expr {
    expr(Node::InValues(boxed(a), options), Type::Bool)
}

pub fn in_range(value: Expr, lo: Expr, lo_included: bool, hi: Expr, hi_included: bool) -> Expr {
    let (value, lo, hi) = (boxed(value), boxed(lo), boxed(hi));
    expr(Node::InRange { value, lo, lo_included, hi, hi_included }, Type::Bool)
}

pub fn in_window(month: Expr, window: Expr) -> Expr {
    expr(Node::InWindow(boxed(month), boxed(window)), Type::Bool)
}

pub fn in_rows(a: Expr, l: Expr) -> Expr {
    expr(Node::InRows(boxed(a), boxed(l)), Type::Bool)
}

pub fn age_on(born: Expr, day: Expr) -> Expr {
    expr(Node::AgeOn(boxed(born), boxed(day)), Type::Integer)
}

pub fn month_of(day: Expr) -> Expr {
    expr(Node::MonthOf(boxed(day)), Type::Month)
}

pub fn first_day(of: Expr) -> Expr {
    expr(Node::FirstDay(boxed(of)), Type::Date)
}

pub fn last_day(of: Expr) -> Expr {
    expr(Node::LastDay(boxed(of)), Type::Date)
}

pub fn months_before(day: Expr, n: i128) -> Expr {
    expr(Node::MonthsBefore(boxed(day), boxed(num(n))), Type::Window)
}

pub fn quarter_before(day: Expr) -> Expr {
    expr(Node::QuarterBefore(boxed(day)), Type::Window)
}

pub fn quarter_of(day: Expr) -> Expr {
    expr(Node::QuarterOf(boxed(day)), Type::Window)
}

pub fn as_of(day: Expr, body: Expr) -> Expr {
    let ty = match (&day.ty, &body.ty) {
        (Type::Optional(_), ty) if !matches!(ty, Type::Optional(_) | Type::List(_)) => {
            Type::Optional(Box::new(ty.clone()))
        }
        (_, ty) => ty.clone(),
    };
    expr(Node::AsOf(boxed(day), boxed(body)), ty)
}

pub fn valid_from(row: Expr) -> Expr {
    expr(Node::ValidFrom(boxed(row)), Type::Date)
}

pub fn valid_until(row: Expr) -> Expr {
    expr(Node::ValidUntil(boxed(row)), Type::Optional(Box::new(Type::Date)))
}
