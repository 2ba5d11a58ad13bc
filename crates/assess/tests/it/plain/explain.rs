//! Gathers an explanation: evaluates the parts of a measure with every read noted, and walks their
//! trees to the lists that they look through.

use std::collections::BTreeMap;

use assess::explain::{Evidence, Explanation, Item, ListName, ListRead, Part, PartKind, RowRead};
use card::{Circle, FieldId, Missing, Question, Ternary};
use law::{
    Dated, Measure, Pack,
    port::AssessError,
    tree::{Expr, MeasureId, Node, Slot, Type},
};

use super::{Eval, Facts, Is, Key, Open, Rows, Scope, Set, Stop, Thing, Value, Why};

pub fn explain(
    pack: &Pack,
    measure: MeasureId,
    question: Question,
    circle: &Circle,
    open_words: bool,
) -> Result<Explanation, AssessError> {
    let facts = Facts::of(pack, circle, true);
    let rules = &pack.measures[measure.0 as usize];
    let eval = Eval::new(pack, rules, question, &facts, None);
    let verdict = eval.work()?.verdict;
    let gathering = Gathering { eval: &eval, facts: &facts, open_words };
    let told = |stop: Stop| stop.told(pack, &rules.name, "the explanation");
    let parts = gathering.parts(rules).map_err(told)?;
    Ok(Explanation { measure, verdict, parts })
}

struct Gathering<'e> {
    eval: &'e Eval<'e>,
    facts: &'e Facts<'e>,
    open_words: bool,
}

impl Gathering<'_> {
    fn parts(&self, rules: &Measure) -> Result<Vec<Part>, Stop> {
        let scope = self.eval.about_subject();
        let mut parts = Vec::new();
        let role = &rules.subject;
        if !rules.in_force_on(self.eval.question.day) {
            let no = Value::truth(Ternary::No, Why::default());
            return Ok(vec![self.part(PartKind::Concerned, &role.name, &rules.sources, &no, &[], &scope)?]);
        }
        let mut concerned = vec![self.eval.eval(&role.when, &scope)?];
        let mut exprs = vec![&role.when];
        if let Some(among) = rules.among.as_ref().and_then(|among| Eval::form(among, &scope)) {
            if concerned[0].ternary() != Ternary::No {
                concerned.push(self.eval.eval(among, &scope)?);
            }
            exprs.push(among);
        }
        let concerned = super::conjoined(concerned);
        let refused = concerned.ternary() == Ternary::No;
        parts.push(self.part(PartKind::Concerned, &role.name, &rules.sources, &concerned, &exprs, &scope)?);
        if refused {
            return Ok(parts);
        }
        for one in &rules.conditions {
            let holds = self.truth(&one.holds, &scope)?;
            let exprs: Vec<&Expr> = Eval::form(&one.holds, &scope).into_iter().collect();
            parts.push(self.part(PartKind::Condition, &one.name, &one.sources, &holds, &exprs, &scope)?);
        }
        for one in &rules.refusals {
            let passes = self.eval.not_refused(one, &scope)?;
            let forms = std::iter::once(&one.when).chain(&one.unless);
            let exprs: Vec<&Expr> = forms.filter_map(|form| Eval::form(form, &scope)).collect();
            parts.push(self.part(PartKind::Refusal, &one.name, &one.sources, &passes, &exprs, &scope)?);
        }
        let branches = rules.branches.iter().map(|one| (PartKind::Branch, one));
        for (kind, one) in branches.chain(rules.additions.iter().map(|one| (PartKind::Addition, one))) {
            let when = self.truth(&one.when, &scope)?;
            let forms = [&one.when, &one.pays];
            let exprs: Vec<&Expr> = forms.iter().filter_map(|form| Eval::form(form, &scope)).collect();
            let exprs = if when.ternary() == Ternary::No { &exprs[..exprs.len().min(1)] } else { &exprs[..] };
            parts.push(self.part(kind, &one.name, &one.sources, &when, exprs, &scope)?);
        }
        for one in rules.kinds.iter().filter(|_| rules.says().is_some()) {
            let when = self.eval.eval(&one.when, &scope)?;
            parts.push(self.part(PartKind::Kind, &one.name, &one.sources, &when, &[&one.when], &scope)?);
        }
        Ok(parts)
    }

    /// A truth; where the law divides by zero behind another condition, nobody can say.
    fn truth(&self, dated: &Dated<Expr>, scope: &Scope) -> Result<Value, Stop> {
        match self.eval.dated(dated, &Type::Bool, scope) {
            Err(Stop::DividesByZero) => Ok(Value::truth(Ternary::Unknown, Why::default())),
            value => value,
        }
    }

    fn part(
        &self,
        kind: PartKind,
        name: &str,
        sources: &[String],
        value: &Value,
        exprs: &[&Expr],
        scope: &Scope,
    ) -> Result<Part, Stop> {
        let mut lists = Vec::new();
        for expr in exprs {
            self.lists(expr, scope, self.open_words, &mut lists)?;
        }
        Ok(Part {
            kind,
            name: name.to_owned(),
            outcome: value.ternary(),
            sources: sources.to_vec(),
            evidence: Evidence { rows: self.rows(&value.why), lists, missing: self.missing(&value.why) },
        })
    }

    fn missing(&self, why: &Why) -> Vec<Missing> {
        self.eval.missing(&why.missing)
    }

    /// The rows behind a value, in the order of the circle.
    fn rows(&self, why: &Why) -> Vec<RowRead> {
        let mut read: BTreeMap<usize, Vec<FieldId>> = BTreeMap::new();
        for (at, field) in &why.reads {
            read.entry(*at).or_default().extend(*field);
        }
        let row = |(at, fields): (usize, Vec<FieldId>)| {
            let row = &self.facts.circle.rows[at];
            RowRead {
                entity: row.entity,
                id: row.id,
                registry: row.registry,
                from: row.from,
                until: row.until,
                person: self.facts.person(&self.facts.thing(row)),
                cells: fields.into_iter().map(|field| (field, row.cell(field).clone())).collect(),
            }
        };
        read.into_iter().map(row).collect()
    }

    /// The lists that an expression looks through, outermost first. What stands under a filter or a
    /// quantifier is about one row of it and is told by the parts that are false of that row.
    fn lists(
        &self,
        expr: &Expr,
        scope: &Scope,
        open_words: bool,
        found: &mut Vec<ListRead>,
    ) -> Result<(), Stop> {
        match &expr.node {
            Node::Count(list) | Node::Sum(list) | Node::Only(list) | Node::OnlyFirst(list) => {
                let read = self.list(list, scope, open_words)?;
                add(found, read);
            }
            Node::Some { list, slot, when } | Node::Every { list, slot, when } => {
                let name = ListName::Expr(Box::new(list.as_ref().clone()));
                let read = self.sifted(list, *slot, when, scope, name)?;
                add(found, read);
            }
            Node::Let(id) => {
                if let Some(form) = Eval::form(&self.eval.measure.lets[id.0 as usize].is, scope) {
                    if matches!(expr.ty, Type::List(_)) {
                        let read = self.list(expr, scope, open_words)?;
                        add(found, read);
                    } else {
                        self.lists(form, scope, open_words, found)?;
                    }
                }
            }
            Node::Word(row, id) if open_words => {
                let row = self.eval.eval(row, scope)?;
                if let Some(Is::Row(set)) = &row.some
                    && set.single().is_some()
                    && let Some(form) = Eval::form(&self.eval.pack.word(*id).is, scope)
                {
                    self.lists(form, &Scope::new(scope.day, [row]), false, found)?;
                }
            }
            _ => {
                for part in direct(expr) {
                    self.lists(part, scope, open_words, found)?;
                }
            }
        }
        Ok(())
    }

    /// One list: who is in it, who may be, and who was left out of it by its filter.
    fn list(&self, list: &Expr, scope: &Scope, open_words: bool) -> Result<ListRead, Stop> {
        let name = match &list.node {
            Node::Let(id) => ListName::Let(*id),
            Node::Word(_, id) => ListName::Word(*id),
            _ => ListName::Expr(Box::new(list.clone())),
        };
        let (form, scope) = self.opened(list, scope, open_words)?;
        if let Node::Filter { list, slot, when } = &form.node {
            return self.sifted(list, *slot, when, &scope, name);
        }
        let value = self.eval.eval(form, &scope)?;
        let rows = rows_of(&value);
        let mut read = empty(name, &rows);
        for (thing, member) in &rows.members {
            self.place(&mut read, thing, member.certain, &member.why.clone().and(&value.why));
        }
        Ok(read)
    }

    /// The expression behind a name. Values of rows are told by their rows.
    fn opened<'x>(
        &'x self,
        list: &'x Expr,
        scope: &Scope,
        open_words: bool,
    ) -> Result<(&'x Expr, Scope), Stop> {
        match &list.node {
            Node::Let(id) => {
                let form = Eval::form(&self.eval.measure.lets[id.0 as usize].is, scope);
                form.map_or(Ok((list, scope.clone())), |form| self.opened(form, scope, open_words))
            }
            Node::Word(row, id) if open_words => {
                let row = self.eval.eval(row, scope)?;
                let one = matches!(&row.some, Some(Is::Row(set)) if set.single().is_some());
                match Eval::form(&self.eval.pack.word(*id).is, scope).filter(|_| one && !row.nothing) {
                    Some(form) => self.opened(form, &Scope::new(scope.day, [row]), false),
                    None => Ok((list, scope.clone())),
                }
            }
            Node::Each { list: rows, .. } if !matches!(&list.ty, Type::List(of) if matches!(**of, Type::Row(_))) => {
                self.opened(rows, scope, open_words)
            }
            _ => Ok((list, scope.clone())),
        }
    }

    /// A list and a condition on its rows.
    fn sifted(
        &self,
        list: &Expr,
        slot: Slot,
        when: &Expr,
        scope: &Scope,
        name: ListName,
    ) -> Result<ListRead, Stop> {
        let value = self.eval.eval(list, scope)?;
        let rows = rows_of(&value);
        let mut read = empty(name, &rows);
        let parts = match &when.node {
            Node::And(parts) => parts.as_slice(),
            _ => std::slice::from_ref(when),
        };
        for (thing, member) in &rows.members {
            let row = Value::of(Is::Row(Set::just(thing.clone())), Why::default());
            let scope = scope.with(slot, row);
            let whole = self.eval.eval(when, &scope)?;
            if whole.ternary() == Ternary::No {
                let mut wrong = Vec::new();
                for part in parts {
                    match self.eval.eval(part, &scope) {
                        Ok(value) if value.ternary() == Ternary::No => wrong.push(part.clone()),
                        Ok(_) | Err(Stop::DividesByZero) => {}
                        Err(stop) => return Err(stop),
                    }
                }
                read.left_out.push((self.item(thing), wrong));
            } else {
                let certain = member.certain && whole.ternary() == Ternary::Yes;
                self.place(&mut read, thing, certain, &member.why.clone().and(&whole.why));
            }
        }
        Ok(read)
    }

    fn place(&self, read: &mut ListRead, thing: &Thing, certain: bool, why: &Why) {
        if certain {
            read.counted.push(self.item(thing));
        } else {
            read.possible.push((self.item(thing), self.missing(why)));
        }
    }

    fn item(&self, thing: &Thing) -> Item {
        let row = match thing.key {
            Key::Stored(id) => Some(id),
            Key::Named(_) | Key::Group(_) => None,
        };
        Item { entity: thing.entity, person: self.facts.person(thing), row }
    }
}

fn rows_of(value: &Value) -> Rows {
    match &value.some {
        Some(Is::Rows(rows)) => rows.clone(),
        _ => Rows::none(),
    }
}

fn empty(name: ListName, rows: &Rows) -> ListRead {
    let open = rows.open != Open::Closed;
    ListRead { name, counted: Vec::new(), possible: Vec::new(), left_out: Vec::new(), open }
}

/// One list is told once.
fn add(found: &mut Vec<ListRead>, read: ListRead) {
    if !found.contains(&read) {
        found.push(read);
    }
}

/// The parts of an expression that are read in the same scope.
fn direct(expr: &Expr) -> Vec<&Expr> {
    let mut parts = expr.parts();
    if matches!(expr.node, Node::Each { .. } | Node::Filter { .. } | Node::Through { .. } | Node::AsOf(..)) {
        parts.truncate(1);
    }
    parts
}
