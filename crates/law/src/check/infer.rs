use std::ops::Range;

use card::{Date, EntityId, Span};

use super::{Book, Checked, Fault, Scope, names::settle};
use crate::{
    diagnostic::did_you_mean,
    syntax::{Among, Ast, Interval, Operator, Syntax},
    tree::{Exact, Expr, Node, Slot, Type},
};

impl Book {
    /// Types an expression. `expect` decides what a bare text or a zero is; it is no demand.
    pub(super) fn infer(&mut self, scope: &Scope, ast: &Ast, expect: Option<&Type>) -> Checked<Expr> {
        let at = &ast.at;
        let make = |node, ty| Ok(Expr { node, ty, at: at.clone() });
        match &ast.node {
            Syntax::Bool(value) => make(Node::Bool(*value), Type::Bool),
            Syntax::Number(text) => {
                let number = exact(text).ok_or_else(|| Fault::new(at, "the number is too long"))?;
                let zero_money = expect == Some(&Type::Money) && number == Exact::from_integer(0);
                let ty = match (zero_money, text.contains('.')) {
                    (true, _) => Type::Money,
                    (false, true) => Type::Decimal,
                    (false, false) => Type::Integer,
                };
                make(Node::Number(number), ty)
            }
            Syntax::Text(text) => self.text(text, at, expect),
            Syntax::At(text) => {
                if let Ok(date) = text.parse::<Date>() {
                    return make(Node::Date(date), Type::Date);
                }
                let span = text.parse::<Span>().map_err(|_| {
                    Fault::new(at, format!("`{text}` is no date and no duration"))
                        .mend("write @\"2026-01-01\", @\"P18M\", @\"P3Y\" or @\"P30D\"")
                })?;
                make(Node::Duration(span), Type::Duration)
            }
            Syntax::Name(name) => self.name(scope, name, at),
            Syntax::Group(inner) => self.infer(scope, inner, expect),
            Syntax::Path(of, name) => {
                let of = self.infer(scope, of, None)?;
                self.path(scope, of, &name.text, &name.at)
            }
            Syntax::Filter(list, when) => {
                let list = self.infer(scope, list, None)?;
                self.filter(scope, list, when, at)
            }
            Syntax::Call(name, arguments) => self.call(scope, name, arguments, at, expect),
            Syntax::Neg(of) => {
                let of = self.value(scope, of, expect)?;
                self.negate(of, at)
            }
            Syntax::Binary(Operator::And, ..) => self.all(scope, ast, Operator::And),
            Syntax::Binary(Operator::Or, ..) => self.all(scope, ast, Operator::Or),
            Syntax::Binary(
                operator @ (Operator::Add | Operator::Sub | Operator::Mul | Operator::Div),
                a,
                b,
            ) => {
                let a = self.value(scope, a, None)?;
                let b = self.value(scope, b, None)?;
                self.arithmetic(*operator, a, b, at)
            }
            Syntax::Binary(operator, a, b) => self.compare(scope, *operator, a, b, at),
            Syntax::In(value, among) => self.membership(scope, value, among, at),
            Syntax::If(when, yes, no) => self.choice(scope, when, yes, no, at, expect),
            Syntax::Some(name, list, when) => {
                let (list, slot, when) = self.quantified(scope, name, list, when)?;
                make(Node::Some { list: Box::new(list), slot, when: Box::new(when) }, Type::Bool)
            }
            Syntax::Every(name, list, when) => {
                let (list, slot, when) = self.quantified(scope, name, list, when)?;
                make(Node::Every { list: Box::new(list), slot, when: Box::new(when) }, Type::Bool)
            }
        }
    }

    /// Types an expression whose value must be there.
    pub(super) fn value(&mut self, scope: &Scope, ast: &Ast, expect: Option<&Type>) -> Checked<Expr> {
        let expr = self.infer(scope, ast, expect)?;
        let Type::Optional(_) = expr.ty else { return Ok(expr) };
        let nothing = self.may_be_nothing(scope, ast);
        let path = crate::syntax::pretty(nothing);
        Err(Fault::new(&nothing.at, format!("`{path}` may be nothing and is read without a guard"))
            .mend(format!("write `exists({path}) and …`, or `if exists({path}) then … else …`")))
    }

    /// The first part of a path that may be nothing.
    fn may_be_nothing<'t>(&mut self, scope: &Scope, ast: &'t Ast) -> &'t Ast {
        let before = match &ast.node {
            Syntax::Group(inner) => return self.may_be_nothing(scope, inner),
            Syntax::Path(of, _) | Syntax::Filter(of, _) => of,
            _ => return ast,
        };
        match self.infer(scope, before, None) {
            Ok(Expr { ty: Type::Optional(_), .. }) => self.may_be_nothing(scope, before),
            _ => ast,
        }
    }

    pub(super) fn truth(&mut self, scope: &Scope, ast: &Ast) -> Checked<Expr> {
        let expr = self.value(scope, ast, Some(&Type::Bool))?;
        self.fits(expr, &Type::Bool)
    }

    fn text(&self, text: &str, at: &Range<usize>, expect: Option<&Type>) -> Checked<Expr> {
        let expect = match expect {
            Some(Type::Optional(inner)) => Some(&**inner),
            other => other,
        };
        match expect {
            Some(Type::Enum(id)) => {
                let values = self.schema.enumeration(*id);
                let value = values.value(text).ok_or_else(|| {
                    Fault::new(at, format!("`{}` has no value \"{text}\"", values.name))
                        .maybe_mend(did_you_mean(text, values.values.iter().map(String::as_str)))
                })?;
                Ok(Expr { node: Node::Enum(*id, value), ty: Type::Enum(*id), at: at.clone() })
            }
            Some(Type::Code) | None => {
                Ok(Expr { node: Node::Code(text.into()), ty: Type::Code, at: at.clone() })
            }
            Some(other) => Err(Fault::new(at, format!("a text stands where {} is meant", self.shown(other)))),
        }
    }

    /// `of.name`
    fn path(&mut self, scope: &Scope, of: Expr, name: &str, at: &Range<usize>) -> Checked<Expr> {
        let span = of.at.start..at.end;
        match of.ty.clone() {
            Type::Row(entity) => self.member(scope, of, entity, name, at),
            Type::Optional(inner) => match *inner {
                Type::Row(entity) => {
                    let slot = Slot(scope.next);
                    let mut inner = scope.clone();
                    inner.next += 1;
                    let row = Expr { node: Node::Var(slot), ty: Type::Row(entity), at: of.at.clone() };
                    let body = self.member(&inner, row, entity, name, at)?;
                    let ty = optional(body.ty.clone());
                    let node = Node::Through { row: Box::new(of), slot, body: Box::new(body) };
                    Ok(settle(scope, Expr { node, ty, at: span }))
                }
                Type::List(elements) => {
                    let mut expr = self.each(scope, of, &elements, name, at)?;
                    expr.ty = optional(expr.ty);
                    Ok(expr)
                }
                other => Err(self.no_fields(&other, name, at)),
            },
            Type::List(elements) => self.each(scope, of, &elements, name, at),
            other => Err(self.no_fields(&other, name, at)),
        }
    }

    fn no_fields(&self, ty: &Type, name: &str, at: &Range<usize>) -> Fault {
        Fault::new(at, format!("{} has no fields, so no `{name}`", self.shown(ty)))
    }

    /// `list.name`: of every row.
    fn each(
        &mut self,
        scope: &Scope,
        list: Expr,
        elements: &Type,
        name: &str,
        at: &Range<usize>,
    ) -> Checked<Expr> {
        let Type::Row(entity) = *elements else { return Err(self.no_fields(elements, name, at)) };
        let slot = Slot(scope.next);
        let mut inner = scope.guarded(self.facts_of_rows(&list, slot));
        inner.next += 1;
        let row = Expr { node: Node::Var(slot), ty: Type::Row(entity), at: list.at.clone() };
        let body = self.member(&inner, row, entity, name, at)?;
        let of = match &body.ty {
            Type::List(of) => (**of).clone(),
            Type::Optional(of) if matches!(**of, Type::Row(_)) => (**of).clone(),
            Type::Optional(of) => {
                return Err(Fault::new(
                    at,
                    format!("`{name}` may be nothing for some rows: {}", self.shown(of)),
                )
                .mend(format!("keep the rows that have it: `list[exists({name})].{name}`")));
            }
            other => other.clone(),
        };
        let span = list.at.start..at.end;
        Ok(Expr {
            node: Node::Each { list: Box::new(list), slot, body: Box::new(body) },
            ty: Type::List(Box::new(of)),
            at: span,
        })
    }

    /// `list[when]`
    fn filter(&mut self, scope: &Scope, list: Expr, when: &Ast, at: &Range<usize>) -> Checked<Expr> {
        let (of, may_be_nothing) = self.rows(&list)?;
        let (mut inner, slot) = scope.inside(of);
        let facts = self.facts_of_rows(&list, slot);
        inner = inner.guarded(facts);
        let when = self.truth(&inner, when)?;
        let ty = Type::List(Box::new(Type::Row(of)));
        let node = Node::Filter { list: Box::new(list), slot, when: Box::new(when) };
        Ok(Expr { node, ty: if may_be_nothing { optional(ty) } else { ty }, at: at.clone() })
    }

    /// The entity of a list of rows, and whether it is reached through an optional row.
    pub(super) fn rows(&self, list: &Expr) -> Checked<(EntityId, bool)> {
        let (ty, nothing) = match &list.ty {
            Type::Optional(inner) => (&**inner, true),
            other => (other, false),
        };
        match ty {
            Type::List(of) if matches!(**of, Type::Row(_)) => {
                let Type::Row(entity) = **of else { unreachable!("just matched") };
                Ok((entity, nothing))
            }
            Type::Row(_) => {
                Err(Fault::new(&list.at, format!("a filter takes a list, this is {}", self.shown(&list.ty)))
                    .mend("test the row with `and`, or use `exists`"))
            }
            _ => Err(Fault::new(
                &list.at,
                format!("a list of rows is meant, this is {}", self.shown(&list.ty)),
            )),
        }
    }

    /// A list that is certainly there.
    pub(super) fn list(&mut self, scope: &Scope, ast: &Ast) -> Checked<(Expr, Type)> {
        let list = self.value(scope, ast, None)?;
        match &list.ty {
            Type::List(of) => {
                let of = (**of).clone();
                Ok((list, of))
            }
            other => Err(Fault::new(&ast.at, format!("a list is meant, this is {}", self.shown(other)))),
        }
    }

    /// `a and b and …`: a later part is read where the earlier ones are true; of `or`, false.
    fn all(&mut self, scope: &Scope, ast: &Ast, operator: Operator) -> Checked<Expr> {
        let mut written = Vec::new();
        flatten(ast, operator, &mut written);
        let mut inner = scope.clone();
        let mut parts = Vec::new();
        for part in written {
            let part = self.truth(&inner, part)?;
            let facts = if operator == Operator::And { self.truths(&part) } else { self.falsities(&part) };
            inner = inner.guarded(facts);
            parts.push(part);
        }
        let node = if operator == Operator::And { Node::And(parts) } else { Node::Or(parts) };
        Ok(Expr { node, ty: Type::Bool, at: ast.at.clone() })
    }

    fn choice(
        &mut self,
        scope: &Scope,
        when: &Ast,
        yes: &Ast,
        no: &Ast,
        at: &Range<usize>,
        expect: Option<&Type>,
    ) -> Checked<Expr> {
        let when = self.truth(scope, when)?;
        let where_true = scope.guarded(self.truths(&when));
        let where_false = scope.guarded(self.falsities(&when));
        let mut first = self.infer(&where_true, yes, expect)?;
        let second = self.infer(&where_false, no, expect.or(Some(&first.ty)))?;
        if first.ty != second.ty && expect.is_none() {
            first = self.infer(&where_true, yes, Some(&second.ty))?;
        }
        let (first, second, ty) = self.unify(first, second)?;
        let node = Node::If(Box::new(when), Box::new(first), Box::new(second));
        Ok(settle(scope, Expr { node, ty, at: at.clone() }))
    }

    fn quantified(
        &mut self,
        scope: &Scope,
        name: &crate::syntax::Name,
        list: &Ast,
        when: &Ast,
    ) -> Checked<(Expr, Slot, Expr)> {
        let (list, of) = self.list(scope, list)?;
        if scope.row.is_some_and(|(_, row)| self.has(row, &name.text))
            || self.parameter_named(&name.text).is_some()
            || super::reserved(&name.text)
        {
            return Err(Fault::new(&name.at, format!("`{}` has a meaning already", name.text))
                .mend("give the row another name"));
        }
        let slot = Slot(scope.next);
        let mut inner = scope.guarded(self.facts_of_rows(&list, slot));
        inner.next += 1;
        inner.vars.push((name.text.clone(), slot, of));
        let when = self.truth(&inner, when)?;
        Ok((list, slot, when))
    }

    fn membership(&mut self, scope: &Scope, value: &Ast, among: &Among, at: &Range<usize>) -> Checked<Expr> {
        let value = self.value(scope, value, None)?;
        let node = match among {
            Among::Values(values) => {
                let mut typed = Vec::new();
                for other in values {
                    let other = self.value(scope, other, Some(&value.ty))?;
                    typed.push(self.comparable(&value, other, false)?);
                }
                Node::InValues(Box::new(value), typed)
            }
            Among::Range(Interval { lo, lo_included, hi, hi_included }) => {
                let lo = self.value(scope, lo, Some(&value.ty))?;
                let hi = self.value(scope, hi, Some(&value.ty))?;
                let (lo, hi) = (self.comparable(&value, lo, true)?, self.comparable(&value, hi, true)?);
                Node::InRange {
                    value: Box::new(value),
                    lo: Box::new(lo),
                    lo_included: *lo_included,
                    hi: Box::new(hi),
                    hi_included: *hi_included,
                }
            }
            Among::Expression(list) => {
                let list = self.value(scope, list, None)?;
                match (&value.ty, &list.ty) {
                    (Type::Month, Type::Window) => Node::InWindow(Box::new(value), Box::new(list)),
                    (Type::Row(_), Type::List(of)) if **of == value.ty => {
                        Node::InRows(Box::new(value), Box::new(list))
                    }
                    (left, right) => {
                        let message = format!("{} cannot be in {}", self.shown(left), self.shown(right));
                        return Err(Fault::new(at, message)
                            .mend("`in` takes values in brackets, a range, a month in a window, or a row in a list of its kind"));
                    }
                }
            }
        };
        Ok(Expr { node, ty: Type::Bool, at: at.clone() })
    }
}

/// An exact number from its digits.
pub(crate) fn exact(text: &str) -> Option<Exact> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{places}");
    if whole.is_empty() || all.len() > 24 || !all.bytes().all(|b| b.is_ascii_digit()) || digits.ends_with('.')
    {
        return None;
    }
    let number = Exact::new(all.parse().ok()?, 10i128.pow(places.len() as u32));
    Some(if negative { -number } else { number })
}

/// The texts that an expression may be: those of its branches.
pub(super) fn texts(ast: &Ast) -> Vec<&str> {
    match &ast.node {
        Syntax::Text(text) => vec![text],
        Syntax::Group(inner) => texts(inner),
        Syntax::If(_, yes, no) => [texts(yes), texts(no)].concat(),
        _ => Vec::new(),
    }
}

/// Is it nothing but texts?
pub(super) fn only_texts(ast: &Ast) -> bool {
    match &ast.node {
        Syntax::Text(_) => true,
        Syntax::Group(inner) => only_texts(inner),
        Syntax::If(_, yes, no) => only_texts(yes) && only_texts(no),
        _ => false,
    }
}

pub(super) fn optional(ty: Type) -> Type {
    if matches!(ty, Type::Optional(_)) { ty } else { Type::Optional(Box::new(ty)) }
}

fn flatten<'a>(ast: &'a Ast, operator: Operator, parts: &mut Vec<&'a Ast>) {
    match &ast.node {
        Syntax::Binary(o, a, b) if *o == operator => {
            flatten(a, operator, parts);
            flatten(b, operator, parts);
        }
        _ => parts.push(ast),
    }
}
