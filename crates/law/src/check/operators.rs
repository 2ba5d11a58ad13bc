use std::ops::Range;

use super::{Book, Checked, Fault, Scope, infer::optional};
use crate::{
    syntax::{Ast, Operator, Syntax},
    tree::{Comparison, Exact, Expr, Node, Type},
};

/// Are two types one type, numbers being one?
pub(super) fn agree(a: &Type, b: &Type) -> bool {
    use Type::{Decimal, Integer, List, Optional};
    match (a, b) {
        (Integer | Decimal, Integer | Decimal) => true,
        (Optional(a), Optional(b)) | (List(a), List(b)) => agree(a, b),
        (Optional(a), b) | (b, Optional(a)) => agree(a, b),
        (a, b) => a == b,
    }
}

/// The type that holds the values of both of two types that agree.
pub(super) fn common(a: &Type, b: &Type) -> Type {
    use Type::{Decimal, Integer, List, Optional};
    match (a, b) {
        (Integer, Integer) => Integer,
        (Integer | Decimal, Integer | Decimal) => Decimal,
        (Optional(a), Optional(b)) => optional(common(a, b)),
        (Optional(a), b) | (b, Optional(a)) => optional(common(a, b)),
        (List(a), List(b)) => List(Box::new(common(a, b))),
        (a, _) => a.clone(),
    }
}

fn numeric(ty: &Type) -> bool {
    matches!(ty, Type::Integer | Type::Decimal)
}

fn is_zero(expr: &Expr) -> bool {
    expr.node == Node::Number(Exact::from_integer(0))
}

impl Book {
    /// Demands a type: a whole number is also a number, a zero is also money.
    pub(crate) fn fits(&self, mut expr: Expr, want: &Type) -> Checked<Expr> {
        if *want == Type::Money && is_zero(&expr) {
            expr.ty = Type::Money;
            return Ok(expr);
        }
        if *want == Type::Integer && expr.ty == Type::Decimal || !agree(&expr.ty, want) {
            let fault = Fault::new(
                &expr.at,
                format!("{} is meant, this is {}", self.shown(want), self.shown(&expr.ty)),
            );
            return Err(match (want, self.unit(&expr)) {
                (Type::Money, Some(unit)) => {
                    fault.mend(format!("it counts in `{unit}`: multiply by `{unit}`"))
                }
                (Type::Bool, _) => fault.mend("compare it with something"),
                _ => fault,
            });
        }
        if *want == Type::Decimal
            && let Some(unit) = self.unit(&expr)
        {
            return Err(Fault::new(&expr.at, format!("a number is meant, this counts in `{unit}`"))
                .mend(format!("multiply by `{unit}` to get money")));
        }
        Ok(expr)
    }

    /// The money parameter that a number is a multiple of.
    pub(super) fn unit(&self, expr: &Expr) -> Option<String> {
        match &expr.node {
            Node::Parameter(id, ..) => {
                let unit = self.parameters[id.0 as usize].unit.clone()?;
                let counted = self.parameter_named(&unit)?;
                (self.parameters[counted.0 as usize].ty == Type::Money).then_some(unit)
            }
            Node::Guarded(a) | Node::Neg(a) | Node::Sum(a) | Node::Each { body: a, .. } => self.unit(a),
            Node::AsOf(_, a) | Node::Div(a, _) if numeric(&expr.ty) => self.unit(a),
            Node::Add(a, b) | Node::Sub(a, b) | Node::Mul(a, b) | Node::If(_, a, b) if numeric(&expr.ty) => {
                self.unit(a).or_else(|| self.unit(b))
            }
            Node::Min(parts) | Node::Max(parts) => parts.iter().find_map(|part| self.unit(part)),
            Node::Let(id) => self
                .bench
                .lets
                .get(id.0 as usize)
                .and_then(|l| l.is.0.first())
                .and_then(|(_, e)| self.unit(e)),
            Node::Word(_, id) => self.words[id.0 as usize].is.0.first().and_then(|(_, e)| self.unit(e)),
            Node::Rule(id, _) => self.rules[id.0 as usize].is.0.first().and_then(|(_, e)| self.unit(e)),
            _ => None,
        }
    }

    /// Two values of one kind must count in one unit; zero counts in all.
    fn same_unit(&self, a: &Expr, b: &Expr) -> Checked<()> {
        let (left, right) = (self.unit(a), self.unit(b));
        if left == right || is_zero(a) || is_zero(b) {
            return Ok(());
        }
        let say = |unit: &Option<String>| unit.as_ref().map_or("in no unit".into(), |u| format!("in `{u}`"));
        Err(Fault::new(&b.at, format!("the left counts {}, the right {}", say(&left), say(&right)))
            .mend("multiply by the unit to get money on both sides"))
    }

    pub(super) fn negate(&self, of: Expr, at: &Range<usize>) -> Checked<Expr> {
        if !numeric(&of.ty) && of.ty != Type::Money {
            return Err(Fault::new(
                at,
                format!("minus takes a number or money, this is {}", self.shown(&of.ty)),
            ));
        }
        let ty = of.ty.clone();
        if let Node::Number(number) = of.node {
            return Ok(Expr { node: Node::Number(-number), ty, at: at.clone() });
        }
        Ok(Expr { node: Node::Neg(Box::new(of)), ty, at: at.clone() })
    }

    pub(super) fn arithmetic(
        &self,
        operator: Operator,
        mut a: Expr,
        mut b: Expr,
        at: &Range<usize>,
    ) -> Checked<Expr> {
        use Operator::{Add, Div, Mul, Sub};
        use Type::{Date, Decimal, Duration, Integer, Money};
        let additive = matches!(operator, Add | Sub);
        if additive && a.ty == Money && is_zero(&b) {
            b.ty = Money;
        }
        if additive && b.ty == Money && is_zero(&a) {
            a.ty = Money;
        }
        let ty = match (operator, &a.ty, &b.ty) {
            (Add | Sub, Money, Money) | (Div, Money, Integer | Decimal) => Money,
            (Add | Sub, Date, Duration) => Date,
            (Add | Sub, Integer | Decimal, Integer | Decimal) => {
                self.same_unit(&a, &b)?;
                common(&a.ty, &b.ty)
            }
            (Mul, Integer | Decimal, Integer | Decimal) => {
                if let (Some(left), Some(_)) = (self.unit(&a), self.unit(&b)) {
                    return Err(Fault::new(at, format!("two numbers that count in `{left}` are multiplied"))
                        .mend(format!("multiply one number by `{left}`")));
                }
                common(&a.ty, &b.ty)
            }
            (Mul, Integer | Decimal, Money) | (Mul, Money, Integer | Decimal) => {
                let (number, money) = if a.ty == Money { (&b, &a) } else { (&a, &b) };
                self.unit_times(number, money)?;
                Money
            }
            (Div, Integer | Decimal, Integer | Decimal) => {
                if self.unit(&b).is_some() {
                    self.same_unit(&a, &b)?;
                }
                Decimal
            }
            (Div, Money, Money) => Decimal,
            (_, left, right) => {
                let fault = Fault::new(
                    at,
                    format!(
                        "`{}` does not join {} and {}",
                        operator.sign(),
                        self.shown(left),
                        self.shown(right)
                    ),
                );
                return Err(match (left, right) {
                    (Date, Date) => fault.mend("use age_on(born, day), or compare the dates"),
                    (Money, Integer | Decimal) | (Integer | Decimal, Money) if additive => {
                        fault.mend("money is added to money; only 0 is both")
                    }
                    (Date, Integer | Decimal) => {
                        fault.mend("write a duration, such as @\"P18M\" or @\"P30D\"")
                    }
                    _ => fault,
                });
            }
        };
        let (a, b) = (Box::new(a), Box::new(b));
        let node = match operator {
            Add => Node::Add(a, b),
            Sub => Node::Sub(a, b),
            Mul => Node::Mul(a, b),
            _ => Node::Div(a, b),
        };
        Ok(Expr { node, ty, at: at.clone() })
    }

    /// A number that counts in a unit becomes money by its unit alone.
    fn unit_times(&self, number: &Expr, money: &Expr) -> Checked<()> {
        let Some(unit) = self.unit(number) else { return Ok(()) };
        let is_unit =
            matches!(&money.node, Node::Parameter(id, ..) if self.parameters[id.0 as usize].name == unit);
        if is_unit {
            return Ok(());
        }
        Err(Fault::new(&money.at, format!("the number counts in `{unit}`, this is other money"))
            .mend(format!("multiply by `{unit}`")))
    }

    /// Demands that `other` can be compared with `value`: for order, that it can be ordered.
    pub(super) fn comparable(&self, value: &Expr, mut other: Expr, order: bool) -> Checked<Expr> {
        if value.ty == Type::Money && is_zero(&other) {
            other.ty = Type::Money;
        }
        let ordered = |ty: &Type| numeric(ty) || matches!(ty, Type::Money | Type::Date | Type::Month);
        let single = |ty: &Type| matches!(ty, Type::Bool | Type::Enum(_) | Type::Code | Type::Row(_));
        if agree(&value.ty, &other.ty) {
            if ordered(&value.ty) {
                self.same_unit(value, &other)?;
                return Ok(other);
            }
            if single(&value.ty) && !order {
                return Ok(other);
            }
        }
        let message = if order && agree(&value.ty, &other.ty) {
            format!("{} has no order", self.shown(&value.ty))
        } else {
            format!("{} is not compared with {}", self.shown(&value.ty), self.shown(&other.ty))
        };
        let fault = Fault::new(&other.at, message);
        Err(match (&value.ty, &other.ty) {
            (Type::Money, t) | (t, Type::Money) if numeric(t) => {
                fault.mend("multiply the number by its unit, such as `mrp`")
            }
            (Type::Month, Type::Date) | (Type::Date, Type::Month) => {
                fault.mend("take the month: `month_of(date)`")
            }
            (Type::Code, Type::Enum(_)) | (Type::Enum(_), Type::Code) => {
                fault.mend("declare the field as that enumeration")
            }
            _ => fault,
        })
    }

    pub(super) fn compare(
        &mut self,
        scope: &Scope,
        operator: Operator,
        a: &Ast,
        b: &Ast,
        at: &Range<usize>,
    ) -> Checked<Expr> {
        let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
        let (mut left, mut right) = if text(a) && !text(b) {
            let right = self.side(scope, b, None, operator)?;
            (self.value(scope, a, Some(&right.ty))?, right)
        } else {
            let left = self.side(scope, a, None, operator)?;
            let right = self.side(scope, b, Some(&left.ty), operator)?;
            (left, right)
        };
        if right.ty == Type::Money && is_zero(&left) {
            left.ty = Type::Money;
        }
        let strip = |ty: &Type| match ty {
            Type::Optional(inner) => (**inner).clone(),
            other => other.clone(),
        };
        let probe = Expr { ty: strip(&left.ty), ..left.clone() };
        let kept = right.ty.clone();
        right.ty = strip(&right.ty);
        right = self.comparable(&probe, right, !equality)?;
        if matches!(kept, Type::Optional(_)) {
            right.ty = kept;
        }
        let comparison = match operator {
            Operator::Equal => Comparison::Equal,
            Operator::NotEqual => Comparison::NotEqual,
            Operator::Less => Comparison::Less,
            Operator::AtMost => Comparison::AtMost,
            Operator::Greater => Comparison::Greater,
            _ => Comparison::AtLeast,
        };
        Ok(Expr {
            node: Node::Compare(comparison, Box::new(left), Box::new(right)),
            ty: Type::Bool,
            at: at.clone(),
        })
    }

    /// One side of a comparison. An optional row may be asked whether it is another row: nothing is
    /// no row.
    fn side(&mut self, scope: &Scope, ast: &Ast, expect: Option<&Type>, operator: Operator) -> Checked<Expr> {
        if operator == Operator::Equal {
            let expr = self.infer(scope, ast, expect)?;
            if matches!(&expr.ty, Type::Optional(inner) if matches!(**inner, Type::Row(_))) {
                return Ok(expr);
            }
        }
        self.value(scope, ast, expect)
    }

    /// Gives two alternatives one type.
    pub(super) fn unify(&self, mut a: Expr, mut b: Expr) -> Checked<(Expr, Expr, Type)> {
        if a.ty == Type::Money && is_zero(&b) {
            b.ty = Type::Money;
        }
        if b.ty == Type::Money && is_zero(&a) {
            a.ty = Type::Money;
        }
        if !agree(&a.ty, &b.ty) {
            return Err(Fault::new(
                &b.at,
                format!("one alternative is {}, this is {}", self.shown(&a.ty), self.shown(&b.ty)),
            ));
        }
        if numeric(&a.ty) {
            self.same_unit(&a, &b)?;
        }
        let ty = common(&a.ty, &b.ty);
        Ok((a, b, ty))
    }
}

fn text(ast: &Ast) -> bool {
    matches!(ast.node, Syntax::Text(_))
}
