use std::ops::Range;

use super::{Book, Checked, Fault, Scope, infer::optional, names::settle, signs};
use crate::{
    diagnostic::did_you_mean,
    syntax::{Ast, Name, Syntax},
    tree::{Expr, Node, ParameterId, Type},
};

/// The functions of the language and how many arguments each takes.
const FUNCTIONS: [(&str, usize, usize); 19] = [
    ("count", 1, 1),
    ("sum", 1, 1),
    ("min", 2, usize::MAX),
    ("max", 2, usize::MAX),
    ("not", 1, 1),
    ("exists", 1, 1),
    ("floor", 1, 1),
    ("union", 1, usize::MAX),
    ("only", 1, 1),
    ("only_first", 1, 1),
    ("age_on", 2, 2),
    ("month_of", 1, 1),
    ("first_day", 1, 1),
    ("last_day", 1, 1),
    ("months_before", 2, 2),
    ("quarter_before", 1, 1),
    ("quarter_of", 1, 1),
    ("reached_on", 2, usize::MAX),
    ("as_of", 2, 2),
];

/// Is that a word of the language, which nothing else may be called?
pub(crate) fn reserved(name: &str) -> bool {
    FUNCTIONS.iter().any(|(function, ..)| *function == name)
        || matches!(name, "day" | "asked_on" | "valid_from" | "valid_until" | "any")
}

impl Book {
    pub(super) fn call(
        &mut self,
        scope: &Scope,
        name: &Name,
        arguments: &[Ast],
        at: &Range<usize>,
        expect: Option<&Type>,
    ) -> Checked<Expr> {
        let function = FUNCTIONS.iter().find(|(function, ..)| *function == name.text);
        if let Some((function, least, most)) = function {
            if !(*least..=*most).contains(&arguments.len()) {
                let wants = if most == least { format!("{least}") } else { format!("at least {least}") };
                return Err(Fault::new(
                    at,
                    format!("`{function}` takes {wants} arguments, not {}", arguments.len()),
                ));
            }
            return self.function(scope, function, arguments, at, expect);
        }
        if let Some(draft) = self.rule_drafts.iter().position(|r| r.name == name.text) {
            return self.rule_call(scope, draft, arguments, at);
        }
        if let Some(id) = self.parameter_named(&name.text) {
            return self.parameter_call(scope, id, &name.text, arguments, at);
        }
        if self.broken.contains(&name.text) {
            return Err(Fault::Reported);
        }
        let known = FUNCTIONS.iter().map(|(function, ..)| *function);
        let known = known
            .chain(self.rule_drafts.iter().map(|r| r.name.as_str()))
            .chain(self.visible_parameters().map(|p| p.name.as_str()));
        let mend = did_you_mean(&name.text, known.collect::<Vec<_>>());
        Err(Fault::new(&name.at, format!("there is no function, rule or parameter `{}`", name.text))
            .maybe_mend(mend))
    }

    fn function(
        &mut self,
        scope: &Scope,
        function: &str,
        arguments: &[Ast],
        at: &Range<usize>,
        expect: Option<&Type>,
    ) -> Checked<Expr> {
        let first = &arguments[0];
        let make = |node, ty| Ok(Expr { node, ty, at: at.clone() });
        match function {
            "count" => make(Node::Count(Box::new(self.list(scope, first)?.0)), Type::Integer),
            "sum" => self.sum(scope, first, at),
            "min" => self.extreme(scope, arguments, at, Node::Min, expect),
            "max" => self.extreme(scope, arguments, at, Node::Max, expect),
            "not" => make(Node::Not(Box::new(self.truth(scope, first)?)), Type::Bool),
            "exists" => self.exists(scope, first, at),
            "floor" => {
                let of = self.value(scope, first, None)?;
                make(Node::Floor(Box::new(self.fits(of, &Type::Decimal)?)), Type::Integer)
            }
            "union" => self.union(scope, arguments, at),
            "only" => {
                let (list, of) = self.list(scope, first)?;
                let Type::Row(_) = of else {
                    return Err(Fault::new(
                        at,
                        format!("`only` takes a list of rows, each is {}", self.shown(&of)),
                    ));
                };
                let expr = Expr { node: Node::Only(Box::new(list)), ty: optional(of), at: at.clone() };
                Ok(settle(scope, expr))
            }
            "only_first" => {
                let (list, of) = self.list(scope, first)?;
                make(Node::OnlyFirst(Box::new(list)), Type::List(Box::new(of)))
            }
            "age_on" => {
                let born = self.argument(scope, first, &Type::Date)?;
                let on = self.argument(scope, &arguments[1], &Type::Date)?;
                make(Node::AgeOn(Box::new(born), Box::new(on)), Type::Integer)
            }
            "month_of" => {
                make(Node::MonthOf(Box::new(self.argument(scope, first, &Type::Date)?)), Type::Month)
            }
            "first_day" => make(Node::FirstDay(Box::new(self.months(scope, first)?)), Type::Date),
            "last_day" => make(Node::LastDay(Box::new(self.months(scope, first)?)), Type::Date),
            "months_before" => {
                let date = self.argument(scope, first, &Type::Date)?;
                let number = self.argument(scope, &arguments[1], &Type::Integer)?;
                make(Node::MonthsBefore(Box::new(date), Box::new(number)), Type::Window)
            }
            "quarter_before" => {
                make(Node::QuarterBefore(Box::new(self.argument(scope, first, &Type::Date)?)), Type::Window)
            }
            "quarter_of" => {
                make(Node::QuarterOf(Box::new(self.argument(scope, first, &Type::Date)?)), Type::Window)
            }
            "reached_on" => self.reached_on(scope, arguments, at),
            "as_of" => {
                let on = self.argument(scope, first, &Type::Date)?;
                let mut inner = scope.clone();
                // What is there on one day may not be there on another.
                inner.guards.clear();
                let of = self.infer(&inner, &arguments[1], expect)?;
                let ty = of.ty.clone();
                let expr = Expr { node: Node::AsOf(Box::new(on), Box::new(of)), ty, at: at.clone() };
                Ok(settle(scope, expr))
            }
            _ => Err(Fault::new(at, format!("there is no function `{function}`"))),
        }
    }

    pub(super) fn argument(&mut self, scope: &Scope, ast: &Ast, want: &Type) -> Checked<Expr> {
        let value = self.value(scope, ast, Some(want))?;
        self.fits(value, want)
    }

    fn months(&mut self, scope: &Scope, ast: &Ast) -> Checked<Expr> {
        let of = self.value(scope, ast, None)?;
        if matches!(of.ty, Type::Month | Type::Window) {
            return Ok(of);
        }
        Err(Fault::new(&ast.at, format!("a month or a window is meant, this is {}", self.shown(&of.ty)))
            .mend("take the month of a date: `month_of(date)`"))
    }

    fn exists(&mut self, scope: &Scope, ast: &Ast, at: &Range<usize>) -> Checked<Expr> {
        // What a guard proves is asked again as it stands.
        let mut bare = self.infer(scope, ast, None)?;
        if let Node::Guarded(inner) = bare.node {
            bare = *inner;
        }
        let may_be_absent = match (&bare.ty, &bare.node) {
            (Type::Optional(inner), _) => !matches!(**inner, Type::List(_)),
            (Type::Row(_), Node::Link(..)) => true,
            _ => false,
        };
        if !may_be_absent {
            let fault = Fault::new(&ast.at, format!("{} always exists", self.shown(&bare.ty)));
            return Err(match bare.ty {
                Type::List(_) | Type::Optional(_) => fault.mend("write `count(list) > 0`"),
                _ => fault.mend("leave `exists` out, or declare the field `optional: true`"),
            });
        }
        Ok(Expr { node: Node::Exists(Box::new(bare)), ty: Type::Bool, at: at.clone() })
    }

    fn sum(&mut self, scope: &Scope, ast: &Ast, at: &Range<usize>) -> Checked<Expr> {
        let (list, of) = self.list(scope, ast)?;
        if !matches!(of, Type::Integer | Type::Decimal | Type::Money) {
            return Err(Fault::new(
                &ast.at,
                format!("`sum` adds numbers or money, each is {}", self.shown(&of)),
            )
            .mend("take a field of the rows: `list.amount`"));
        }
        if signs::may_be_open(self, &list) && !signs::non_negative(self, &list, &[]) {
            return Err(Fault::new(
                &ast.at,
                "the list may be open and its values may be negative, so the sum has no bounds",
            )
            .mend("take a field without `signed`, or `max(0, …)` in a derived word"));
        }
        Ok(Expr { node: Node::Sum(Box::new(list)), ty: of, at: at.clone() })
    }

    fn extreme(
        &mut self,
        scope: &Scope,
        arguments: &[Ast],
        at: &Range<usize>,
        make: fn(Vec<Expr>) -> Node,
        expect: Option<&Type>,
    ) -> Checked<Expr> {
        let mut parts: Vec<Expr> = Vec::new();
        let mut ty: Option<Type> = None;
        for argument in arguments {
            let part = self.value(scope, argument, expect.or(ty.as_ref()))?;
            let (first, part) = match parts.pop() {
                None => (None, part),
                Some(last) => {
                    let (last, part, both) = self.unify(last, part)?;
                    ty = Some(both);
                    (Some(last), part)
                }
            };
            let found = ty.get_or_insert_with(|| part.ty.clone()).clone();
            if !matches!(found, Type::Integer | Type::Decimal | Type::Money | Type::Date | Type::Month) {
                return Err(Fault::new(&part.at, format!("{} has no order", self.shown(&found))));
            }
            parts.extend(first);
            parts.push(part);
        }
        let ty = ty.unwrap_or(Type::Integer);
        Ok(Expr { node: make(parts), ty, at: at.clone() })
    }

    /// Rows of one kind from lists, rows and rows that may be nothing.
    fn union(&mut self, scope: &Scope, arguments: &[Ast], at: &Range<usize>) -> Checked<Expr> {
        let mut parts: Vec<Expr> = Vec::new();
        let mut kind: Option<Type> = None;
        for argument in arguments {
            let part = self.infer(scope, argument, None)?;
            let inner = match &part.ty {
                Type::Optional(inner) => &**inner,
                other => other,
            };
            let of = match inner {
                Type::List(of) => (**of).clone(),
                other => other.clone(),
            };
            if !matches!(of, Type::Row(_)) {
                return Err(Fault::new(
                    &argument.at,
                    format!("`union` joins rows, this is {}", self.shown(&part.ty)),
                ));
            }
            if let Some(kind) = kind.as_ref().filter(|kind| **kind != of) {
                return Err(Fault::new(
                    &argument.at,
                    format!("`union` joins rows of one kind: {} and {}", self.shown(kind), self.shown(&of)),
                ));
            }
            kind = Some(of);
            parts.push(part);
        }
        let kind = kind.expect("a union has at least one argument");
        Ok(Expr { node: Node::Union(parts), ty: Type::List(Box::new(kind)), at: at.clone() })
    }

    fn rule_call(
        &mut self,
        scope: &Scope,
        draft: usize,
        arguments: &[Ast],
        at: &Range<usize>,
    ) -> Checked<Expr> {
        let (id, ty) = self.rule(draft, at)?;
        let with = self.rules[id.0 as usize].with.clone();
        if with.len() != arguments.len() {
            let names: Vec<&str> = with.iter().map(|(name, _)| name.as_str()).collect();
            return Err(Fault::new(
                at,
                format!(
                    "`{}` takes {} arguments, not {}",
                    self.rules[id.0 as usize].name,
                    with.len(),
                    arguments.len()
                ),
            )
            .mend(format!("write ({})", names.join(", "))));
        }
        let mut typed = Vec::new();
        for (argument, (_, want)) in arguments.iter().zip(&with) {
            typed.push(self.argument(scope, argument, want)?);
        }
        Ok(settle(scope, Expr { node: Node::Rule(id, typed), ty, at: at.clone() }))
    }

    /// `p`, `p(date)`, `p(keys…)`, `p(keys…, date)`; of an index `p(from, to)`.
    pub(super) fn parameter_call(
        &mut self,
        scope: &Scope,
        id: ParameterId,
        name: &str,
        arguments: &[Ast],
        at: &Range<usize>,
    ) -> Checked<Expr> {
        let parameter = &self.parameters[id.0 as usize];
        let (keys, ty, index) = (parameter.keys.clone(), parameter.ty.clone(), parameter.index);
        if index {
            let [from, to] = arguments else {
                return Err(Fault::new(at, format!("`{name}` is an index and takes two dates"))
                    .mend(format!("write `{name}(from, to)`")));
            };
            let from = self.argument(scope, from, &Type::Date)?;
            let to = self.argument(scope, to, &Type::Date)?;
            return Ok(Expr { node: Node::Index(id, Box::new(from), Box::new(to)), ty, at: at.clone() });
        }
        if arguments.len() != keys.len() && arguments.len() != keys.len() + 1 {
            return Err(Fault::new(
                at,
                format!("`{name}` has {} keys, {} are written", keys.len(), arguments.len()),
            )
            .mend("write its keys, and after them a date if another day than `day` is meant"));
        }
        let (typed, on) = self.keys(scope, arguments, &keys)?;
        Ok(Expr { node: Node::Parameter(id, typed, on.map(Box::new)), ty, at: at.clone() })
    }

    fn keys(
        &mut self,
        scope: &Scope,
        arguments: &[Ast],
        keys: &[Type],
    ) -> Checked<(Vec<Expr>, Option<Expr>)> {
        let mut typed = Vec::new();
        for (argument, key) in arguments.iter().zip(keys) {
            typed.push(self.argument(scope, argument, key)?);
        }
        let on = match arguments.get(keys.len()) {
            Some(date) => Some(self.argument(scope, date, &Type::Date)?),
            None => None,
        };
        Ok((typed, on))
    }

    fn reached_on(&mut self, scope: &Scope, arguments: &[Ast], at: &Range<usize>) -> Checked<Expr> {
        let first = &arguments[0];
        let parameter = match &first.node {
            Syntax::Name(name) => self.parameter_named(name),
            _ => None,
        };
        let Some(id) = parameter.filter(|id| self.parameters[id.0 as usize].ty == Type::Duration) else {
            return Err(Fault::new(&first.at, "`reached_on` begins with a parameter of type duration"));
        };
        let keys = self.parameters[id.0 as usize].keys.clone();
        if arguments.len() != keys.len() + 2 {
            return Err(Fault::new(
                at,
                format!("`reached_on` takes the parameter, its {} keys and a date", keys.len()),
            ));
        }
        let (typed, on) = self.keys(scope, &arguments[1..], &keys)?;
        let on = on.expect("the number of arguments was checked");
        Ok(Expr { node: Node::ReachedOn(id, typed, Box::new(on)), ty: Type::Date, at: at.clone() })
    }
}
