//! An expression in the words of the pack: what a jurist reads beside the article.

use card::{EntityId, Lang, Schema, Text};
use law::{
    Let, Pack, Rule,
    tree::{Comparison, Expr, LetId, Node, Slot, Type},
};

use super::{
    figures::{length, number},
    phrases as say,
};

/// What a local name stands for, read out.
pub(super) fn reading_of_let(pack: &Pack, lets: &[Let], id: LetId, lang: Lang) -> String {
    Reader { pack, lets, lang, arguments: &[], rows: Vec::new() }.local(id)
}

/// An expression, read out in a language with the titles of the pack; `lets`: the local names of its page.
pub fn reading(pack: &Pack, lets: &[Let], expr: &Expr, lang: Lang) -> String {
    Reader { pack, lets, lang, arguments: &[], rows: Vec::new() }.read(expr)
}

/// The expression of a rule, read out with the names of its arguments.
pub(super) fn reading_of_rule(pack: &Pack, lets: &[Let], rule: &Rule, expr: &Expr, lang: Lang) -> String {
    Reader { pack, lets, lang, arguments: &rule.with, rows: Vec::new() }.read(expr)
}

/// The name of a rule's argument, which has no title of its own.
pub(super) fn argument(name: &str) -> String {
    format!("‹{}›", name.replace('_', " "))
}

struct Reader<'p> {
    pack: &'p Pack,
    lets: &'p [Let],
    lang: Lang,
    /// Of a rule, by slot.
    arguments: &'p [(String, Type)],
    /// The rows that surround the expression at hand, by slot.
    rows: Vec<Slot>,
}

impl Reader<'_> {
    fn title(&self, title: &Text, name: &str) -> String {
        let text = title.get(self.lang);
        if text.is_empty() { name.to_owned() } else { text.to_owned() }
    }

    fn entity(&self, id: EntityId) -> String {
        let entity = self.pack.schema.at(id);
        self.title(&entity.title, &entity.name)
    }

    /// A local name, by what it stands for: it has no title of its own.
    fn local(&mut self, id: LetId) -> String {
        let lets = self.lets;
        let local = &lets[id.0 as usize];
        match local.is.0.last() {
            Some((_, form)) => {
                let outer = std::mem::take(&mut self.rows);
                let read = self.read(form);
                self.rows = outer;
                read
            }
            None => local.name.replace('_', " "),
        }
    }

    fn list(&mut self, parts: &[Expr], between: &str) -> String {
        let read: Vec<String> = parts.iter().map(|part| self.nested(part)).collect();
        read.join(between)
    }

    /// In brackets where it would not be clear what belongs together.
    fn nested(&mut self, expr: &Expr) -> String {
        let compound = matches!(
            expr.node,
            Node::And(_) | Node::Or(_) | Node::If(..) | Node::Add(..) | Node::Sub(..) | Node::Compare(..)
        );
        let read = self.read(expr);
        if compound { format!("({read})") } else { read }
    }

    /// What is taken of a row: of the row at hand, only its name.
    fn of(&mut self, row: &Expr, name: String) -> String {
        match &row.node {
            Node::Var(slot) if self.rows.last().is_none_or(|at| at == slot) => name,
            Node::Guarded(inner) => self.of(inner, name),
            _ => format!("{} → {name}", self.read(row)),
        }
    }

    fn under(&mut self, slot: Slot, body: &Expr) -> String {
        self.rows.push(slot);
        let read = self.read(body);
        self.rows.pop();
        read
    }

    fn two(&mut self, a: &Expr, sign: &str, b: &Expr) -> String {
        format!("{} {sign} {}", self.nested(a), self.nested(b))
    }

    fn named(&mut self, what: &str, a: &Expr) -> String {
        format!("{what} ({})", self.read(a))
    }

    fn read(&mut self, expr: &Expr) -> String {
        let lang = self.lang;
        let pack = self.pack;
        match &expr.node {
            Node::Bool(value) => (if *value { say::yes(lang) } else { say::no(lang) }).to_owned(),
            Node::Number(value) => number(*value),
            Node::Date(day) => day.to_string(),
            Node::Duration(span) => length(*span, lang),
            Node::Enum(id, value) => {
                let values = pack.schema.enumeration(*id);
                let at = *value as usize;
                self.title(&values.titles[at], &values.values[at])
            }
            Node::Code(text) => format!("«{text}»"),
            Node::Day => say::the_day(lang).to_owned(),
            Node::AskedOn => say::asked_on(lang).to_owned(),
            Node::Var(slot) => match (&expr.ty, self.arguments.get(slot.0 as usize)) {
                (Type::Row(entity), _) => self.entity(*entity),
                (_, Some((name, _))) => argument(name),
                _ => "…".to_owned(),
            },
            Node::Let(id) => self.local(*id),
            Node::Field(row, field) => {
                let of = if let Type::Optional(of) = &row.ty { of } else { &row.ty };
                let entity = if let Type::Row(entity) = of { *entity } else { Schema::PERSON };
                let field = pack.schema.at(entity).at(*field);
                let name = self.title(&field.title, &field.name);
                self.of(row, name)
            }
            Node::ValidFrom(row) => self.of(row, say::valid_from(lang).to_owned()),
            Node::ValidUntil(row) => self.of(row, say::valid_until(lang).to_owned()),
            Node::Link(row, id) => {
                let link = pack.link(*id);
                let name = self.title(&link.title, &link.name);
                self.of(row, name)
            }
            Node::Word(row, id) => {
                let word = pack.word(*id);
                let name = self.title(&word.title, &word.name);
                self.of(row, name)
            }
            Node::Each { list, slot, body } => {
                format!("{} → {}", self.nested(list), self.under(*slot, body))
            }
            Node::Through { row, slot, body } => {
                format!("{} → {}", self.nested(row), self.under(*slot, body))
            }
            Node::Filter { list, slot, when } => {
                format!("{}, {} {}", self.nested(list), say::such_that(lang), self.under(*slot, when))
            }
            Node::Some { list, slot, when } => {
                format!("{} ({}): {}", say::some(lang), self.read(list), self.under(*slot, when))
            }
            Node::Every { list, slot, when } => {
                format!("{} ({}): {}", say::every(lang), self.read(list), self.under(*slot, when))
            }
            Node::Neg(a) => format!("−{}", self.nested(a)),
            Node::Add(a, b) => self.two(a, "+", b),
            Node::Sub(a, b) => self.two(a, "−", b),
            Node::Mul(a, b) => self.two(a, "×", b),
            Node::Div(a, b) => self.two(a, "÷", b),
            Node::Compare(how, a, b) => {
                let sign = match how {
                    Comparison::Equal => "=",
                    Comparison::NotEqual => "≠",
                    Comparison::Less => "<",
                    Comparison::AtMost => "≤",
                    Comparison::Greater => ">",
                    Comparison::AtLeast => "≥",
                };
                self.two(a, sign, b)
            }
            Node::And(parts) => self.list(parts, &format!(" {} ", say::and(lang))),
            Node::Or(parts) => self.list(parts, &format!(" {} ", say::or(lang))),
            Node::Not(a) => self.named(say::not(lang), a),
            Node::InValues(a, parts) => {
                let parts = self.list(parts, ", ");
                format!("{} — {}: {parts}", self.nested(a), say::one_of(lang))
            }
            Node::InRange { value, lo, lo_included, hi, hi_included } => {
                let left = if *lo_included { "[" } else { "(" };
                let right = if *hi_included { "]" } else { ")" };
                let (lo, hi) = (self.nested(lo), self.nested(hi));
                format!("{} {} {left}{lo} … {hi}{right}", self.nested(value), say::within(lang))
            }
            Node::InWindow(a, b) | Node::InRows(a, b) => self.two(a, say::within(lang), b),
            Node::If(a, b, c) => {
                let (a, b, c) = (self.read(a), self.nested(b), self.nested(c));
                format!("{} {a}, {} {b}, {} {c}", say::if_(lang), say::then(lang), say::otherwise(lang))
            }
            Node::Count(a) => self.named(say::number_of(lang), a),
            Node::Sum(a) => self.named(say::sum_of(lang), a),
            Node::Min(parts) => format!("{} ({})", say::least_of(lang), self.list(parts, ", ")),
            Node::Max(parts) => format!("{} ({})", say::most_of(lang), self.list(parts, ", ")),
            Node::Exists(a) => self.named(say::exists(lang), a),
            Node::Guarded(a) => self.read(a),
            Node::Floor(a) => self.named(say::whole_part(lang), a),
            Node::Union(parts) => format!("{} ({})", say::together(lang), self.list(parts, ", ")),
            Node::Only(a) => self.named(say::the_only(lang), a),
            Node::OnlyFirst(a) => self.named(say::the_first(lang), a),
            Node::AgeOn(born, day) => {
                format!("{} ({}; {})", say::age(lang), self.read(born), self.read(day))
            }
            Node::MonthOf(a) => self.named(say::month_of(lang), a),
            Node::FirstDay(a) => self.named(say::first_day(lang), a),
            Node::LastDay(a) => self.named(say::last_day(lang), a),
            Node::MonthsBefore(day, n) => {
                format!("{} ({}; {})", say::months_before(lang), self.read(day), self.read(n))
            }
            Node::QuarterBefore(a) => self.named(say::quarter_before(lang), a),
            Node::QuarterOf(a) => self.named(say::quarter_of(lang), a),
            Node::ReachedOn(id, _, day) => {
                let parameter = pack.parameter(*id);
                let name = self.title(&parameter.title, &parameter.name);
                format!("{} ({name}; {})", say::reached(lang), self.read(day))
            }
            Node::AsOf(day, body) => {
                format!("{} ({} {})", self.read(body), say::on(lang), self.read(day))
            }
            Node::Parameter(id, keys, day) => {
                let parameter = pack.parameter(*id);
                let mut name = self.title(&parameter.title, &parameter.name);
                if !keys.is_empty() {
                    name = format!("{name} ({})", self.list(keys, ", "));
                }
                match day {
                    Some(day) => format!("{name} ({} {})", say::on(lang), self.read(day)),
                    None => name,
                }
            }
            Node::Index(id, from, to) => {
                let parameter = pack.parameter(*id);
                let name = self.title(&parameter.title, &parameter.name);
                format!("{name} ({} … {})", self.read(from), self.read(to))
            }
            Node::Rule(id, with) => {
                let rule = pack.rule(*id);
                let name = self.title(&rule.title, &rule.name);
                format!("{name} ({})", self.list(with, "; "))
            }
        }
    }
}
