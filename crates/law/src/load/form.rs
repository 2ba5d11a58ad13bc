//! Reading a YAML map as a form: which keys it has, which it should have, and which it should not.

use std::cell::RefCell;

use card::{Date, Span, Text};

use crate::{
    check::Written,
    diagnostic::did_you_mean,
    yaml::{Node, Place, Problem, Scalar, Source, Value},
};

pub(super) type Read<T> = Result<T, Problem>;

/// A map of which it is remembered what was asked for.
pub(super) struct Form<'a> {
    pub(super) place: &'a Place,
    entries: &'a [(Scalar, Node)],
    asked: RefCell<Vec<&'a str>>,
}

impl<'a> Form<'a> {
    pub(super) fn of(node: &'a Node) -> Read<Self> {
        match &node.value {
            Value::Map(entries) => Ok(Self { place: &node.place, entries, asked: RefCell::default() }),
            _ => {
                Err(Problem::at(&node.place, "a map of keys and values is meant").mend("write `key: value`"))
            }
        }
    }

    pub(super) fn get(&self, key: &'a str) -> Option<&'a Node> {
        self.asked.borrow_mut().push(key);
        let (_, node) = self.entries.iter().find(|(scalar, _)| scalar.text == key)?;
        (!node.is_empty()).then_some(node)
    }

    pub(super) fn need(&self, key: &'a str) -> Read<&'a Node> {
        self.get(key).ok_or_else(|| {
            let start = self.place.chars.start;
            let place = Place { file: self.place.file, chars: start..start + 1 };
            let near =
                did_you_mean(key, self.unasked().map(|(scalar, _)| scalar.text.as_str()).collect::<Vec<_>>());
            let near = near.filter(|mend| mend.starts_with("did"));
            Problem::at(&place, format!("`{key}` is missing"))
                .maybe_mend(near.or_else(|| Some(format!("add `{key}: …`"))))
        })
    }

    pub(super) fn text(&self, key: &'a str) -> Read<&'a str> {
        Ok(&self.need(key)?.scalar()?.text)
    }

    pub(super) fn text_or_nothing(&self, key: &'a str) -> Read<Option<&'a str>> {
        self.get(key).map(|node| node.scalar().map(|s| s.text.as_str())).transpose()
    }

    pub(super) fn flag(&self, key: &'a str) -> Read<bool> {
        self.get(key).map_or(Ok(false), Node::flag)
    }

    pub(super) fn words(&self, key: &'a str) -> Read<Vec<&'a Scalar>> {
        self.get(key).map_or(Ok(Vec::new()), Node::words)
    }

    pub(super) fn entries(&self, key: &'a str) -> Read<&'a [(Scalar, Node)]> {
        self.get(key).map_or(Ok(&[]), Node::entries)
    }

    fn unasked(&self) -> impl Iterator<Item = &'a (Scalar, Node)> {
        let asked = self.asked.borrow().clone();
        self.entries.iter().filter(move |(key, _)| !asked.contains(&key.text.as_str()))
    }

    /// Complains of the first key that nobody asked for.
    pub(super) fn finish(&self) -> Read<()> {
        let Some((key, _)) = self.unasked().next() else { return Ok(()) };
        let asked = self.asked.borrow().clone();
        Err(Problem::at(&key.place, format!("`{}` is no key here", key.text))
            .maybe_mend(did_you_mean(&key.text, asked)))
    }
}

impl Node {
    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.is_empty())
    }

    pub(super) fn scalar(&self) -> Read<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Ok(scalar),
            _ => Err(Problem::at(&self.place, "a single value is meant")),
        }
    }

    pub(super) fn list(&self) -> Read<&[Node]> {
        match &self.value {
            Value::List(items) => Ok(items),
            _ => Err(Problem::at(&self.place, "a list is meant").mend("write `[a, b]`")),
        }
    }

    pub(super) fn entries(&self) -> Read<&[(Scalar, Node)]> {
        match &self.value {
            Value::Map(entries) => Ok(entries),
            _ => {
                Err(Problem::at(&self.place, "a map of keys and values is meant").mend("write `key: value`"))
            }
        }
    }

    /// One word or a list of words.
    pub(super) fn words(&self) -> Read<Vec<&Scalar>> {
        match &self.value {
            Value::Scalar(scalar) => Ok(vec![scalar]),
            Value::List(items) => items.iter().map(Node::scalar).collect(),
            Value::Map(_) => Err(Problem::at(&self.place, "a word or a list of words is meant")),
        }
    }

    /// `true` or `false`; never `yes`, which half of the readers of YAML take for a truth value.
    pub(super) fn flag(&self) -> Read<bool> {
        let scalar = self.scalar()?;
        match (scalar.plain, scalar.text.as_str()) {
            (true, "true") => Ok(true),
            (true, "false") => Ok(false),
            _ => Err(Problem::at(&self.place, "`true` or `false` is meant")),
        }
    }

    /// A text in kk, ru and en.
    pub(super) fn texts(&self) -> Read<Text> {
        let form = Form::of(self)?;
        let one = |lang| form.text(lang).map(|text| text.trim().to_owned());
        let text = Text { kk: one("kk")?, ru: one("ru")?, en: one("en")? };
        form.finish()?;
        Ok(text)
    }

    /// An expression, or a map of dates to the forms that it had.
    pub(super) fn written(&self, sources: &[Source], problems: &mut Vec<Problem>) -> Vec<Written> {
        let forms: Vec<(Read<Date>, &Node)> = match &self.value {
            Value::Map(entries) => entries.iter().map(|(date, node)| (date.date(), node)).collect(),
            _ => vec![(Ok(card::LONG_AGO), self)],
        };
        let mut written: Vec<Written> = Vec::new();
        for (from, node) in forms {
            match from.and_then(|from| one_form(from, node, sources)) {
                Ok(form) => {
                    if written.last().is_some_and(|last| last.from >= form.from) {
                        problems.push(
                            Problem::at(&node.place, "the dates of the forms do not rise")
                                .mend("write the earliest form first"),
                        );
                    }
                    written.push(form);
                }
                Err(problem) => problems.push(problem),
            }
        }
        written
    }
}

fn one_form(from: Date, node: &Node, sources: &[Source]) -> Read<Written> {
    let scalar = node.scalar()?;
    if scalar.plain && scalar.flow && needs_quotes(sources, scalar) {
        return Err(Problem::at(&scalar.place, "a comma or bracket ends this expression inside `{…}`")
            .mend("write the expression in single quotes"));
    }
    let ast = crate::syntax::parse(&scalar.text).map_err(|error| {
        let place = scalar.locate(sources, &error.at);
        Problem::at(&place, error.message).maybe_mend(error.mend)
    })?;
    Ok(Written { from, scalar: scalar.clone(), ast })
}

/// Inside a flow map a comma cuts an expression silently: what is left has an open bracket, or is
/// followed by what was cut off.
fn needs_quotes(sources: &[Source], scalar: &Scalar) -> bool {
    let open = |a: char, b: char| scalar.text.matches(a).count() != scalar.text.matches(b).count();
    if open('(', ')') || open('[', ']') {
        return true;
    }
    // More than a name or a number is quoted, so that a comma added later cannot cut it.
    let simple = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let _ = sources;
    !scalar.text.chars().all(simple)
}

impl Scalar {
    pub(super) fn date(&self) -> Read<Date> {
        self.text.parse().map_err(|error: card::DateError| Problem::at(&self.place, error.to_string()))
    }

    pub(super) fn span(&self) -> Read<Span> {
        self.text.parse().map_err(|error: card::DateError| Problem::at(&self.place, error.to_string()))
    }

    /// A name of the language: lower-case Latin letters, digits and `_`.
    pub(super) fn name(&self) -> Read<&str> {
        let shaped = self.text.starts_with(|c: char| c.is_ascii_lowercase())
            && self.text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !shaped {
            return Err(Problem::at(&self.place, format!("`{}` is no name", self.text))
                .mend("a name has lower-case Latin letters, digits and `_`"));
        }
        if matches!(self.text.as_str(), "yes" | "no" | "on" | "off") {
            return Err(Problem::at(
                &self.place,
                format!("`{}` is read as a truth value by some readers of YAML", self.text),
            )
            .mend("choose another name"));
        }
        Ok(&self.text)
    }
}
