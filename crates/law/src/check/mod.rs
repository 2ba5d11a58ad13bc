//! From names to positions, and from text to types.
//!
//! **Invariant:** an expression that leaves this module reads nothing that may not be there, unless
//! a guard around it proves that it is.

mod calls;
mod guards;
mod infer;
mod names;
mod operators;
mod signs;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use card::{Date, EntityId, FieldId, Schema, Text};

pub(crate) use calls::reserved;
pub(crate) use infer::exact;
pub(crate) use names::Member;

use crate::{
    pack::{Dated, Group, Let, Link, Parameter, Role, Rule, Word},
    syntax::Ast,
    tree::{Expr, LetId, ParameterId, RuleId, Slot, Type, WordId},
    walk,
    yaml::{Problem, Scalar, Source},
};

/// Why an expression does not mean anything.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Something at these bytes of its text.
    Here { at: Range<usize>, message: String, mend: Option<String> },
    /// It reads something that is already reported.
    Reported,
}

impl Fault {
    pub(crate) fn new(at: &Range<usize>, message: impl Into<String>) -> Self {
        Self::Here { at: at.clone(), message: message.into(), mend: None }
    }

    pub(crate) fn mend(self, text: impl Into<String>) -> Self {
        self.maybe_mend(Some(text.into()))
    }

    pub(crate) fn maybe_mend(self, text: Option<String>) -> Self {
        match self {
            Self::Here { at, message, .. } => Self::Here { at, message, mend: text },
            Self::Reported => Self::Reported,
        }
    }
}

/// A whole number as an exact one.
pub(crate) fn whole(number: i128) -> crate::tree::Exact {
    crate::tree::Exact::from_integer(number)
}

pub(crate) type Checked<T> = Result<T, Fault>;

/// An expression as written: from which date it applies, its scalar and its tree.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) from: Date,
    pub(crate) scalar: Scalar,
    pub(crate) ast: Ast,
}

/// How far the resolution of a name has come.
#[derive(Clone, Debug)]
pub(crate) enum State<Id> {
    Waiting,
    Resolving,
    Done(Id, Type),
    Failed,
}

/// What a `via` relation adds to its path.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Via {
    pub(crate) one: bool,
    pub(crate) except_self: bool,
}

/// A derived word before it is typed.
#[derive(Clone, Debug)]
pub(crate) struct WordDraft {
    pub(crate) name: String,
    pub(crate) title: Text,
    pub(crate) of: EntityId,
    pub(crate) is: Vec<Written>,
    pub(crate) via: Option<Via>,
    pub(crate) sources: Vec<String>,
    pub(crate) state: State<WordId>,
}

/// A rule before it is typed.
#[derive(Clone, Debug)]
pub(crate) struct RuleDraft {
    pub(crate) name: String,
    pub(crate) title: Text,
    pub(crate) with: Vec<(String, Type)>,
    pub(crate) is: Vec<Written>,
    pub(crate) sources: Vec<String>,
    pub(crate) state: State<RuleId>,
}

/// A `let` before it is typed.
#[derive(Clone, Debug)]
pub(crate) struct LetDraft {
    pub(crate) name: String,
    pub(crate) is: Vec<Written>,
    pub(crate) state: State<LetId>,
}

/// The measure whose expressions are being read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bench {
    pub(crate) measure: String,
    pub(crate) subject: Option<EntityId>,
    pub(crate) names: Vec<String>,
    pub(crate) drafts: Vec<LetDraft>,
    pub(crate) lets: Vec<Let>,
    /// What the subject's role and `among` prove.
    pub(crate) guards: Vec<Expr>,
}

/// Everything that expressions may name, growing as it is resolved.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) sources: Vec<Source>,
    pub(crate) schema: Schema,
    pub(crate) groups: Vec<Group>,
    pub(crate) links: Vec<Link>,
    /// By entity: its fields, relations and derived words.
    pub(crate) members: Vec<BTreeMap<String, Member>>,
    pub(crate) roles: Vec<Role>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) word_drafts: Vec<WordDraft>,
    pub(crate) words: Vec<Word>,
    pub(crate) rule_drafts: Vec<RuleDraft>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) bench: Bench,
    /// Names whose declaration has a fault: who reads them is not told that there is no such name.
    pub(crate) broken: Vec<String>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
    /// The texts of the expressions that were typed, and of the keys of tables.
    pub(crate) typed: Vec<String>,
    pub(crate) keys: RefCell<Vec<String>>,
}

/// What an expression sees around it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// Slot 0, if it is a row, and its names.
    subject: Option<EntityId>,
    names: Vec<String>,
    /// The innermost row, whose fields are bare.
    row: Option<(Slot, EntityId)>,
    vars: Vec<(String, Slot, Type)>,
    next: u16,
    guards: Vec<Expr>,
    /// The measure's lets are visible.
    lets: bool,
}

impl Scope {
    /// About one row of an entity, under these names.
    pub(crate) fn about(of: EntityId, names: Vec<String>) -> Self {
        Self { subject: Some(of), names, row: Some((Slot(0), of)), next: 1, ..Self::default() }
    }

    /// With the arguments of a rule.
    pub(crate) fn with(arguments: &[(String, Type)]) -> Self {
        let vars: Vec<_> = arguments
            .iter()
            .enumerate()
            .map(|(at, (name, ty))| (name.clone(), Slot(at as u16), ty.clone()))
            .collect();
        Self { next: vars.len() as u16, vars, ..Self::default() }
    }

    /// A row of `of` becomes the innermost one.
    pub(crate) fn inside(&self, of: EntityId) -> (Self, Slot) {
        let slot = Slot(self.next);
        let mut inner = self.clone();
        inner.row = Some((slot, of));
        inner.next += 1;
        (inner, slot)
    }

    /// What is known to be there.
    pub(crate) fn into_guards(self) -> Vec<Expr> {
        self.guards
    }

    fn guarded(&self, guards: impl IntoIterator<Item = Expr>) -> Self {
        let mut inner = self.clone();
        inner.guards.extend(guards);
        inner
    }
}

impl Book {
    /// Records a fault of an expression under its text.
    pub(crate) fn report(&mut self, scalar: &Scalar, fault: Fault) {
        if let Fault::Here { at, message, mend } = fault {
            let place = scalar.locate(&self.sources, &at);
            self.problems.push(Problem { place, message, mend });
        }
    }

    /// Types one written form; `None` if it has a fault, which is then recorded.
    pub(crate) fn one(&mut self, scope: &Scope, written: &Written, expect: Option<&Type>) -> Option<Expr> {
        self.typed.push(written.scalar.text.clone());
        match self.infer(scope, &written.ast, expect) {
            Ok(mut expr) => {
                self.warn_of_emptiness(scope, written, &expr);
                walk::settle_lists(&mut expr);
                Some(expr)
            }
            Err(fault) => {
                self.report(&written.scalar, fault);
                None
            }
        }
    }

    /// Types all forms of a dated expression and gives them one type.
    pub(crate) fn dated(
        &mut self,
        scope: &Scope,
        forms: &[Written],
        expect: Option<&Type>,
    ) -> Option<(Dated<Expr>, Type)> {
        let mut typed: Vec<(Date, Expr)> = Vec::new();
        for form in forms {
            let known = typed.first().map(|(_, first)| first.ty.clone());
            let mut expr = self.one(scope, form, expect.or(known.as_ref()))?;
            if let Some(ty) = &known
                && !operators::agree(ty, &expr.ty)
            {
                let fault = Fault::new(
                    &(0..form.scalar.text.len()),
                    format!("this form is {}, the first one {}", self.shown(&expr.ty), self.shown(ty)),
                );
                self.report(&form.scalar, fault);
                return None;
            }
            if let Some(ty) = known {
                expr.ty = operators::common(&ty, &expr.ty);
            }
            typed.push((form.from, expr));
        }
        let ty = typed.last().map(|(_, expr)| expr.ty.clone())?;
        for (_, expr) in &mut typed {
            expr.ty = operators::common(&ty, &expr.ty);
        }
        Some((Dated(typed), ty))
    }

    /// As [`Book::dated`], and every form must have the type that is wanted.
    pub(crate) fn wanted(&mut self, scope: &Scope, forms: &[Written], want: &Type) -> Option<Dated<Expr>> {
        let mut typed = Vec::new();
        for form in forms {
            self.typed.push(form.scalar.text.clone());
            match self.value(scope, &form.ast, Some(want)).and_then(|expr| self.fits(expr, want)) {
                Ok(mut expr) => {
                    self.warn_of_emptiness(scope, form, &expr);
                    walk::settle_lists(&mut expr);
                    typed.push((form.from, expr));
                }
                Err(fault) => {
                    self.report(&form.scalar, fault);
                    return None;
                }
            }
        }
        Some(Dated(typed))
    }

    /// The scope of the measure's expressions, with what its role and `among` prove.
    pub(crate) fn measure_scope(&self) -> Scope {
        let mut scope = Scope::about(self.bench.subject.unwrap_or(Schema::PERSON), self.bench.names.clone());
        scope.lets = true;
        scope.guards.clone_from(&self.bench.guards);
        scope
    }

    /// As `scope`, under what a true condition proves.
    pub(crate) fn under(&self, scope: &Scope, condition: Option<&Dated<Expr>>) -> Scope {
        match condition.map(|dated| dated.0.as_slice()) {
            Some([(_, only)]) => scope.guarded(self.truths(only)),
            _ => scope.clone(),
        }
    }

    /// Resolves a derived word, and what it reads before it.
    pub(crate) fn word(&mut self, draft: usize, at: &Range<usize>) -> Checked<(WordId, Type)> {
        match &self.word_drafts[draft].state {
            State::Done(id, ty) => return Ok((*id, ty.clone())),
            State::Failed => return Err(Fault::Reported),
            State::Resolving => {
                let trail: Vec<&str> = self
                    .word_drafts
                    .iter()
                    .filter(|d| matches!(d.state, State::Resolving))
                    .map(|d| d.name.as_str())
                    .collect();
                return Err(Fault::new(at, format!("`{}` reads itself", self.word_drafts[draft].name))
                    .mend(format!("break the circle between {}", trail.join(", "))));
            }
            State::Waiting => self.word_drafts[draft].state = State::Resolving,
        }
        let made = self.make_word(draft);
        let word = &mut self.word_drafts[draft];
        let Some((id, ty)) = made else {
            word.state = State::Failed;
            return Err(Fault::Reported);
        };
        word.state = State::Done(id, ty.clone());
        Ok((id, ty))
    }

    fn make_word(&mut self, draft: usize) -> Option<(WordId, Type)> {
        let WordDraft { name, title, of, is, via: how, sources, .. } = self.word_drafts[draft].clone();
        let scope = Scope::about(of, vec![self.schema.at(of).name.clone()]);
        let (mut is, mut ty) = self.named_after(&name, &scope, &is)?;
        if let Some(how) = how {
            for (_, expr) in &mut is.0 {
                *expr = via(of, how, expr.clone());
                ty = expr.ty.clone();
            }
        }
        let id = WordId(self.words.len() as u16);
        self.words.push(Word { name, title, of, is, ty: ty.clone(), sources });
        Some((id, ty))
    }

    /// Types an expression that has a name: texts alone are values of the enumeration that has the
    /// same name, or of the only one that has them all.
    pub(crate) fn named_after(
        &mut self,
        name: &str,
        scope: &Scope,
        forms: &[Written],
    ) -> Option<(Dated<Expr>, Type)> {
        let texts = forms.iter().flat_map(|form| infer::texts(&form.ast)).collect::<Vec<_>>();
        let expect = (!texts.is_empty() && forms.iter().all(|form| infer::only_texts(&form.ast)))
            .then(|| self.enumeration_of(name, &texts))
            .flatten()
            .map(Type::Enum);
        self.dated(scope, forms, expect.as_ref())
    }

    /// Resolves a rule.
    pub(crate) fn rule(&mut self, draft: usize, at: &Range<usize>) -> Checked<(RuleId, Type)> {
        match &self.rule_drafts[draft].state {
            State::Done(id, ty) => return Ok((*id, ty.clone())),
            State::Failed => return Err(Fault::Reported),
            State::Resolving => {
                return Err(Fault::new(at, format!("rule `{}` calls itself", self.rule_drafts[draft].name))
                    .mend("a rule has no recursion"));
            }
            State::Waiting => self.rule_drafts[draft].state = State::Resolving,
        }
        let RuleDraft { name, title, with, is, sources, .. } = self.rule_drafts[draft].clone();
        let Some((is, ty)) = self.named_after(&name, &Scope::with(&with), &is) else {
            self.rule_drafts[draft].state = State::Failed;
            return Err(Fault::Reported);
        };
        let id = RuleId(self.rules.len() as u16);
        self.rules.push(Rule { name, title, with, is, ty: ty.clone(), sources });
        self.rule_drafts[draft].state = State::Done(id, ty.clone());
        Ok((id, ty))
    }

    /// Resolves a `let` of the measure, under the guards of the measure.
    pub(crate) fn let_of(&mut self, draft: usize, at: &Range<usize>) -> Checked<(LetId, Type)> {
        match &self.bench.drafts[draft].state {
            State::Done(id, ty) => return Ok((*id, ty.clone())),
            State::Failed => return Err(Fault::Reported),
            State::Resolving => {
                return Err(Fault::new(at, format!("`{}` reads itself", self.bench.drafts[draft].name))
                    .mend("break the circle of `let`"));
            }
            State::Waiting => self.bench.drafts[draft].state = State::Resolving,
        }
        let LetDraft { name, is, .. } = self.bench.drafts[draft].clone();
        let scope = self.measure_scope();
        let Some((is, ty)) = self.named_after(&name, &scope, &is) else {
            self.bench.drafts[draft].state = State::Failed;
            return Err(Fault::Reported);
        };
        let id = LetId(self.bench.lets.len() as u16);
        self.bench.lets.push(Let { name, is, ty: ty.clone() });
        self.bench.drafts[draft].state = State::Done(id, ty.clone());
        Ok((id, ty))
    }

    /// The parameter of that name: the measure's own, else a shared one.
    pub(crate) fn parameter_named(&self, name: &str) -> Option<ParameterId> {
        let own = |p: &Parameter| p.measure.as_deref() == Some(self.bench.measure.as_str());
        self.parameters
            .iter()
            .position(|p| p.name == name && own(p))
            .or_else(|| self.parameters.iter().position(|p| p.name == name && p.measure.is_none()))
            .map(|at| ParameterId(at as u16))
    }

    /// The parameters that have a name here: shared ones and those of the page that is being read.
    pub(crate) fn visible_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let own = |p: &&Parameter| p.measure.as_ref().is_none_or(|owner| *owner == self.bench.measure);
        self.parameters.iter().filter(own)
    }

    /// Is the value of an expression of the measure certainly not below zero?
    pub(crate) fn unsigned(&self, expr: &Expr) -> bool {
        signs::non_negative(self, expr, &[])
    }

    /// A type as people say it.
    pub(crate) fn shown(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "true or false".into(),
            Type::Integer => "a whole number".into(),
            Type::Decimal => "a number".into(),
            Type::Money => "money".into(),
            Type::Date => "a date".into(),
            Type::Month => "a month".into(),
            Type::Window => "a window of months".into(),
            Type::Duration => "a duration".into(),
            Type::Enum(id) => format!("a value of `{}`", self.schema.enumeration(*id).name),
            Type::Code => "a code".into(),
            Type::Row(of) => format!("a row of `{}`", self.schema.at(*of).name),
            Type::List(of) => match &**of {
                Type::Row(of) => format!("a list of `{}`", self.schema.at(*of).name),
                other => format!("a list, each {}", self.shown(other)),
            },
            Type::Optional(of) => format!("{} that may be nothing", self.shown(of)),
        }
    }

    /// The key field of an entity that other rows name it by.
    pub(crate) fn key_of(&self, entity: EntityId) -> FieldId {
        self.schema.at(entity).key.first().copied().unwrap_or(FieldId(0))
    }
}

/// A `via` path as one row, or without the row itself.
fn via(of: EntityId, via: Via, path: Expr) -> Expr {
    use crate::tree::{Comparison, Node};
    let at = path.at.clone();
    let ty = path.ty.clone();
    let mut expr = path;
    if via.except_self {
        let var = |slot| Expr { node: Node::Var(Slot(slot)), ty: Type::Row(of), at: at.clone() };
        let when = Node::Compare(Comparison::NotEqual, Box::new(var(1)), Box::new(var(0)));
        let when = Expr { node: when, ty: Type::Bool, at: at.clone() };
        let node = Node::Filter { list: Box::new(expr), slot: Slot(1), when: Box::new(when) };
        expr = Expr { node, ty: ty.clone(), at: at.clone() };
    }
    if via.one
        && let Type::List(row) = ty
    {
        expr = Expr { node: Node::Only(Box::new(expr)), ty: Type::Optional(row), at };
    }
    expr
}
