//! Rules, measures and choices: the expressions of the law, each in its place.

use card::{LONG_AGO, Schema};

use super::{
    Loading,
    facts::start_of,
    form::{Form, Read},
    fresh, fresh_name, shadow,
};
use crate::{
    check::{Bench, LetDraft, RuleDraft, Scope, State, Written},
    diagnostic::did_you_mean,
    pack::{
        Branch, BrokenMonth, Condition, Dated, Divided, Kind, Measure, Once, Period, Refusal, Role, Withhold,
    },
    tree::{Expr, Node as TreeNode, ParameterId, Type},
    yaml::{Node, Problem, Scalar, Value},
};

impl<'a> Loading<'a> {
    pub(super) fn rule_draft(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let scalar = form.need("rule")?.scalar()?;
        let name = scalar.name()?;
        let title = self.title(&form)?;
        let mut with = Vec::new();
        for (argument, ty) in form.need("with")?.entries()? {
            argument.name()?;
            with.push((argument.text.clone(), self.type_named(ty.scalar()?)?));
        }
        let is = form.need("is")?.written(&self.book.sources, &mut self.book.problems);
        let sources = self.sources_needed(&form)?;
        for (name, node) in form.entries("parameters")? {
            self.parameter(name, node, None)?;
        }
        self.close(&form)?;
        fresh_name(scalar, self.book.rule_drafts.iter().any(|r| r.name == name))?;
        self.book.rule_drafts.push(RuleDraft {
            name: name.into(),
            title,
            with,
            is,
            sources,
            state: State::Waiting,
        });
        Ok(())
    }

    /// The numbers of one page, which is named under `key`.
    pub(super) fn page_parameters(&mut self, node: &'a Node, key: &'a str) -> Read<()> {
        let form = Form::of(node)?;
        let name = form.need(key)?.scalar()?;
        let measure = name.name()?;
        fresh(name, self.measure_names.iter().any(|known| known == measure))?;
        self.measure_names.push(measure.to_owned());
        for (name, node) in form.entries("parameters")? {
            let read = self.parameter(name, node, Some(measure));
            self.note_named(&name.text, read);
        }
        Ok(())
    }

    /// The subject: a role, or an entity as a whole.
    pub(super) fn subject(&self, scalar: &Scalar) -> Read<Role> {
        if let Some(role) = self.book.roles.iter().find(|r| r.name == scalar.text) {
            return Ok(role.clone());
        }
        if let Some(of) = self.book.schema.entity(&scalar.text) {
            let when = Expr { node: TreeNode::Bool(true), ty: Type::Bool, at: 0..0 };
            return Ok(Role { name: scalar.text.clone(), of, when });
        }
        if self.book.broken.contains(&scalar.text) {
            return Err(Problem::reported(&scalar.place));
        }
        let known: Vec<&str> = self.book.roles.iter().map(|r| r.name.as_str()).chain(["person"]).collect();
        Err(Problem::at(&scalar.place, format!("there is no role or entity `{}`", scalar.text))
            .maybe_mend(did_you_mean(&scalar.text, known)))
    }

    /// Lays the bench for a measure: its subject, its lets, and what its role proves.
    pub(super) fn bench(&mut self, measure: &str, subject: &Role, lets: &'a [(Scalar, Node)]) {
        let entity = self.book.schema.at(subject.of).name.clone();
        let mut names = vec![subject.name.clone()];
        if entity != subject.name {
            names.push(entity);
        }
        self.book.bench =
            Bench { measure: measure.into(), subject: Some(subject.of), names, ..Bench::default() };
        let scope = self.book.measure_scope();
        let role = Dated(vec![(LONG_AGO, subject.when.clone())]);
        self.book.bench.guards = self.book.under(&scope, Some(&role)).into_guards();
        for (name, node) in lets {
            let read = self.let_draft(name, node);
            self.note(read);
        }
    }

    fn let_draft(&mut self, name: &'a Scalar, node: &'a Node) -> Read<()> {
        let text = name.name()?;
        let is = node.written(&self.book.sources, &mut self.book.problems);
        let checked = match self.field_with(text) {
            Some(owner) => Err(shadow(&name.place, text, &self.book.schema.at(owner).name)),
            None => fresh_name(name, self.book.parameter_named(text).is_some()),
        };
        // Who reads a name that is refused is not told that there is none.
        let state = if checked.is_ok() && !is.is_empty() { State::Waiting } else { State::Failed };
        self.book.bench.drafts.push(LetDraft { name: text.into(), is, state });
        checked
    }

    /// `among`, which then guards everything else of the measure; after it all lets.
    pub(super) fn concerned(&mut self, form: &Form<'a>) -> Option<Dated<Expr>> {
        let scope = self.book.measure_scope();
        let among = self.dated(form.get("among"), &scope, &Type::Bool);
        self.book.bench.guards = self.book.under(&scope, among.as_ref()).into_guards();
        for draft in 0..self.book.bench.drafts.len() {
            let scalar = self.book.bench.drafts[draft].is.first().map(|form| form.scalar.clone());
            if let (Err(fault), Some(scalar)) = (self.book.let_of(draft, &(0..0)), scalar) {
                self.book.report(&scalar, fault);
            }
        }
        among
    }

    pub(super) fn measure(&mut self, node: &'a Node) -> Read<Measure> {
        let form = Form::of(node)?;
        let (page, scope) = self.page(&form, "measure")?;
        let mut refusals = Vec::new();
        for (name, node) in form.entries("refusals")? {
            let read = self.refusal(name, node, &scope);
            refusals.extend(self.note_value(read).flatten());
        }
        let amount = form.get("amount").map(Form::of).transpose()?;
        let branches = self.branches(amount.as_ref(), "branches", &scope)?;
        let additions = self.branches(amount.as_ref(), "additions", &scope)?;
        let money = |key: &'a str| amount.as_ref().and_then(|amount| amount.get(key));
        let at_least = self.single(money("at_least"), &scope, &Type::Money);
        let at_most = self.single(money("at_most"), &scope, &Type::Money);
        let indexed = self.single(money("indexed"), &scope, &Type::Decimal);
        let rounding = money("rounding").map(|node| self.rounding_parameter(node)).transpose()?.flatten();
        let withholds = self.withholds(money("withholds"), &scope)?;
        let divided = match money("divided").or_else(|| form.get("divided")) {
            Some(node) => self.divided(node, &scope)?,
            None => None,
        };
        money("question");
        if let Some(amount) = &amount {
            self.close(amount)?;
        }
        let (until_known, period) = self.period(&form, &scope)?;
        let pays_to = self.receivers(form.get("pays_to"), &scope);
        let claims =
            form.get("claims").and_then(|node| self.receivers(Some(node), &scope).into_iter().next());
        let once = match form.get("once").map(Node::scalar).transpose()? {
            None => None,
            Some(once) if once.text == "false" => None,
            Some(once) if once.text == "true" => Some(Once::Ever),
            Some(once) if once.text == "right" => Some(Once::Right),
            Some(once) => {
                return Err(Problem::at(&once.place, "for what is it paid once?")
                    .mend("write `once: true`, or `once: right` where another right is paid for again"));
            }
        };
        let (told, gives) = self.money(&form)?;
        form.get("status");
        if !self.lenient() {
            form.need("pays_to")?;
            if until_known && !period_says_broken(&form) {
                return Err(Problem::at(
                    &start_of(form.need("period")?),
                    "what is paid for the month in which it ends?",
                )
                .mend("write `broken_month: whole`, `by_days` or `unpaid`"));
            }
        }
        let page = Measure {
            refusals,
            branches,
            additions,
            at_least,
            at_most,
            indexed,
            rounding,
            withholds,
            divided,
            period,
            pays_to,
            claims,
            once,
            gives,
            told,
            ..page
        };
        self.whole(page, &form)
    }

    fn written(&mut self, node: &'a Node) -> Vec<Written> {
        node.written(&self.book.sources, &mut self.book.problems)
    }

    /// An expression that may have had several forms.
    pub(super) fn dated(
        &mut self,
        node: Option<&'a Node>,
        scope: &Scope,
        want: &Type,
    ) -> Option<Dated<Expr>> {
        let written = self.written(node?);
        if written.is_empty() {
            return None;
        }
        self.book.wanted(scope, &written, want)
    }

    /// An expression with one form.
    pub(super) fn single(&mut self, node: Option<&'a Node>, scope: &Scope, want: &Type) -> Option<Expr> {
        let node = node?;
        let written = self.one_form(node)?;
        self.book
            .wanted(scope, &[written], want)
            .and_then(|dated| dated.0.into_iter().next())
            .map(|(_, expr)| expr)
    }

    fn one_form(&mut self, node: &'a Node) -> Option<Written> {
        let mut written = self.written(node);
        if written.len() > 1 {
            self.book.problems.push(
                Problem::at(&node.place, "this expression has one form")
                    .mend("put the forms into a `let`, which may have several"),
            );
            return None;
        }
        written.pop()
    }

    pub(super) fn condition(
        &mut self,
        name: &'a Scalar,
        node: &'a Node,
        scope: &Scope,
    ) -> Read<Option<Condition>> {
        let form = Form::of(node)?;
        let key = name.name()?.to_owned();
        let holds = self.dated(Some(form.need("holds")?), scope, &Type::Bool);
        let sources = self.sources_needed(&form)?;
        let told = self.condition_told(&form)?;
        form.get("question");
        self.close(&form)?;
        let Some(holds) = holds else { return Ok(None) };
        Ok(Some(Condition { name: key, holds, sources, told }))
    }

    fn refusal(&mut self, name: &'a Scalar, node: &'a Node, scope: &Scope) -> Read<Option<Refusal>> {
        let form = Form::of(node)?;
        let key = name.name()?.to_owned();
        let when = self.dated(Some(form.need("when")?), scope, &Type::Bool);
        let inner = self.book.under(scope, when.as_ref());
        let unless = self.dated(form.get("unless"), &inner, &Type::Bool);
        let sources = self.sources_needed(&form)?;
        let told = self.condition_told(&form)?;
        self.close(&form)?;
        let Some(when) = when else { return Ok(None) };
        Ok(Some(Refusal { name: key, when, unless, sources, told }))
    }

    /// A classification of a page that is named under `page`; on a notice it says something.
    pub(super) fn kind(
        &mut self,
        name: &'a Scalar,
        node: &'a Node,
        scope: &Scope,
        page: &str,
    ) -> Read<Option<Kind>> {
        let form = Form::of(node)?;
        let key = name.name()?.to_owned();
        let when = self.single(Some(form.need("when")?), scope, &Type::Bool);
        let duties = form.words("duties")?.into_iter().map(|s| s.text.clone()).collect();
        if page == "notice" {
            form.need("says")?;
        }
        let sources = self.sources_needed(&form)?;
        self.close(&form)?;
        let Some(when) = when else { return Ok(None) };
        Ok(Some(Kind { name: key, when, duties, sources }))
    }

    fn branches(&mut self, amount: Option<&Form<'a>>, key: &'a str, scope: &Scope) -> Read<Vec<Branch>> {
        let Some(amount) = amount else { return Ok(Vec::new()) };
        let mut branches = Vec::new();
        for (name, node) in amount.entries(key)? {
            let read = self.branch(name, node, scope);
            branches.extend(self.note_value(read).flatten());
        }
        Ok(branches)
    }

    fn branch(&mut self, name: &'a Scalar, node: &'a Node, scope: &Scope) -> Read<Option<Branch>> {
        let form = Form::of(node)?;
        let key = name.name()?.to_owned();
        let title = self.title(&form)?;
        let when = self.dated(Some(form.need("when")?), scope, &Type::Bool);
        let inner = self.book.under(scope, when.as_ref());
        let pays = self.dated(Some(form.need("pays")?), &inner, &Type::Money);
        let sources = self.sources_needed(&form)?;
        form.get("question");
        self.close(&form)?;
        let (Some(when), Some(pays)) = (when, pays) else { return Ok(None) };
        Ok(Some(Branch { name: key, when, pays, sources, title }))
    }

    fn rounding_parameter(&self, node: &'a Node) -> Read<Option<ParameterId>> {
        let scalar = node.scalar()?;
        let Some(id) = self.book.parameter_named(&scalar.text) else {
            if self.lenient() {
                return Ok(None);
            }
            return Err(self.no_parameter(scalar));
        };
        let is_rounding = matches!(&self.book.parameters[id.0 as usize].ty,
            Type::Enum(of) if self.book.schema.enumeration(*of).name == "rounding");
        if !is_rounding {
            return Err(Problem::at(&scalar.place, format!("`{}` does not say how to round", scalar.text))
                .mend("name a parameter of `type: rounding`"));
        }
        Ok(Some(id))
    }

    fn no_parameter(&self, scalar: &Scalar) -> Problem {
        if self.book.broken.contains(&scalar.text) {
            return Problem::reported(&scalar.place);
        }
        let known: Vec<&str> = self.book.visible_parameters().map(|p| p.name.as_str()).collect();
        Problem::at(&scalar.place, format!("there is no parameter `{}`", scalar.text))
            .maybe_mend(did_you_mean(&scalar.text, known))
    }

    pub(super) fn parameter_at(&self, scalar: &Scalar, want: &Type) -> Read<ParameterId> {
        let id = self.book.parameter_named(&scalar.text).ok_or_else(|| self.no_parameter(scalar))?;
        let ty = &self.book.parameters[id.0 as usize].ty;
        if ty != want {
            return Err(Problem::at(
                &scalar.place,
                format!("{} is meant, `{}` is {}", self.book.shown(want), scalar.text, self.book.shown(ty)),
            ));
        }
        Ok(id)
    }

    fn withholds(&mut self, node: Option<&'a Node>, scope: &Scope) -> Read<Vec<Withhold>> {
        let Some(node) = node else { return Ok(Vec::new()) };
        let mut withholds = Vec::new();
        for (name, node) in node.entries()? {
            let form = Form::of(node)?;
            let key = name.name()?.to_owned();
            let when = self.single(form.get("when"), scope, &Type::Bool);
            let share = self.single(Some(form.need("share")?), scope, &Type::Decimal);
            let sources = self.sources_needed(&form)?;
            self.close(&form)?;
            withholds.extend(share.map(|share| Withhold { name: key, when, share, sources }));
        }
        Ok(withholds)
    }

    fn divided(&mut self, node: &'a Node, scope: &Scope) -> Read<Option<Divided>> {
        let form = Form::of(node)?;
        let among = self.receivers(Some(form.need("among")?), scope).into_iter().next();
        let (inner, _) = scope.inside(Schema::PERSON);
        let each = form.need("each")?;
        let weight = self.one_form(each).and_then(|written| self.book.one(&inner, &written, None));
        let only_if_asked = form.flag("only_if_asked")?;
        self.close(&form)?;
        let (Some(among), Some(weight)) = (among, weight) else { return Ok(None) };
        if !matches!(weight.ty, Type::Integer | Type::Decimal | Type::Money) {
            return Err(Problem::at(
                &each.place,
                format!("a weight is a number or money, this is {}", self.book.shown(&weight.ty)),
            ));
        }
        Ok(Some(Divided { among, each: weight, only_if_asked }))
    }

    /// Expressions that name persons: a row, a row that may be nothing, or a list.
    pub(super) fn receivers(&mut self, node: Option<&'a Node>, scope: &Scope) -> Vec<Expr> {
        let Some(node) = node else { return Vec::new() };
        let nodes = match &node.value {
            Value::List(items) => items.iter().collect(),
            _ => vec![node],
        };
        let mut receivers = Vec::new();
        for node in nodes {
            let Some(expr) = self.one_form(node).and_then(|written| self.book.one(scope, &written, None))
            else {
                continue;
            };
            let inner = match &expr.ty {
                Type::Optional(inner) | Type::List(inner) => (**inner).clone(),
                other => other.clone(),
            };
            if inner == Type::Row(Schema::PERSON) {
                receivers.push(expr);
            } else {
                self.book.problems.push(Problem::at(
                    &node.place,
                    format!("persons are meant, this is {}", self.book.shown(&expr.ty)),
                ));
            }
        }
        receivers
    }

    /// The period, and whether it has an end.
    fn period(&mut self, form: &Form<'a>, scope: &Scope) -> Read<(bool, Period)> {
        let node = if self.lenient() { form.get("period") } else { Some(form.need("period")?) };
        let Some(node) = node else { return Ok((false, Period::default())) };
        let form = Form::of(node)?;
        let right = self.single(form.get("right"), scope, &Type::Date);
        let from = self.single(form.get("from"), scope, &Type::Date);
        let until = self.until(form.get("until"), scope);
        let months = self.single(form.get("for"), scope, &Type::Integer);
        let back_to = self.single(form.get("back_to"), scope, &Type::Date);
        let monthly = match form.text_or_nothing("per")? {
            Some("month") => true,
            Some("once") => false,
            _ => {
                return Err(Problem::at(&start_of(node), "how often is it paid?")
                    .mend("write `per: month` or `per: once`"));
            }
        };
        let broken_month = match form.text_or_nothing("broken_month")? {
            None | Some("whole") => BrokenMonth::Whole,
            Some("by_days") => BrokenMonth::ByDays,
            Some("unpaid") => BrokenMonth::Unpaid,
            Some(_) => {
                return Err(Problem::at(
                    &form.need("broken_month")?.place,
                    "`whole`, `by_days` or `unpaid` is meant",
                ));
            }
        };
        let carry = form
            .get("carry")
            .map(|node| node.scalar().and_then(|s| self.parameter_at(s, &Type::Integer)))
            .transpose()?;
        let next_month = form.flag("next_month")?;
        if months.is_some() && until.is_some() {
            return Err(Problem::at(&start_of(node), "`for` and `until` both end the period")
                .mend("leave one of them out"));
        }
        if !self.lenient() {
            form.need("right")?;
        }
        self.close(&form)?;
        let ends = form.get("until").is_some();
        Ok((ends, Period { right, from, until, months, next_month, back_to, monthly, broken_month, carry }))
    }

    /// The first day not paid for; nothing is no end.
    fn until(&mut self, node: Option<&'a Node>, scope: &Scope) -> Option<Expr> {
        let node = node?;
        let written = self.one_form(node)?;
        let expr = self.book.one(scope, &written, Some(&Type::Date))?;
        let fits = match &expr.ty {
            Type::Optional(inner) => **inner == Type::Date,
            other => *other == Type::Date,
        };
        if !fits {
            self.book.problems.push(Problem::at(
                &node.place,
                format!("a date is meant, this is {}", self.book.shown(&expr.ty)),
            ));
            return None;
        }
        Some(expr)
    }
}

fn period_says_broken(form: &Form<'_>) -> bool {
    form.get("period")
        .and_then(|node| Form::of(node).ok().map(|period| period.get("broken_month").is_some()))
        .unwrap_or(false)
}
