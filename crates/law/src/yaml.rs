//! YAML with positions: every scalar knows where each of its characters stands in the file, so that
//! a fault inside an expression is shown under that expression.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::diagnostic::Diagnostic;

/// One text of a pack.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path inside the pack, such as `measures/birth_grant.yaml`.
    pub path: String,
    /// Its text, UTF-8.
    pub text: String,
}

/// A place: characters of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) chars: Range<usize>,
}

/// A fault at a place.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) mend: Option<String>,
}

impl Problem {
    pub(crate) fn at(place: &Place, message: impl Into<String>) -> Self {
        Self { place: place.clone(), message: message.into(), mend: None }
    }

    /// Something that cannot be read because of a fault that is told already.
    pub(crate) fn reported(place: &Place) -> Self {
        Self::at(place, "")
    }

    pub(crate) fn is_reported(&self) -> bool {
        self.message.is_empty()
    }

    pub(crate) fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }

    pub(crate) fn maybe_mend(mut self, mend: Option<String>) -> Self {
        self.mend = mend;
        self
    }
}

/// A node of a document.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(Scalar, Node)>),
}

/// A scalar as text; what it means is decided by who reads it.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    pub(crate) place: Place,
    /// Written without quotes and not as a block.
    pub(crate) plain: bool,
    /// Inside `{…}` or `[…]`.
    pub(crate) flow: bool,
    style: ScalarStyle,
}

impl Scalar {
    /// A scalar that is written without quotes and means nothing, such as `~` or an empty value.
    pub(crate) fn is_empty(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null")
    }

    /// Another text at the same place.
    pub(crate) fn renamed(&self, text: &str) -> Self {
        Self { text: text.into(), ..self.clone() }
    }

    /// Where bytes of the scalar's text stand in the source.
    pub(crate) fn locate(&self, sources: &[Source], bytes: &Range<usize>) -> Place {
        let source: Vec<char> = sources[self.place.file].text.chars().collect();
        let mut at = self.place.chars.start;
        let block = matches!(self.style, ScalarStyle::Literal | ScalarStyle::Folded);
        if block && matches!(source.get(at), Some('|' | '>')) {
            while source.get(at).is_some_and(|c| *c != '\n') {
                at += 1;
            }
        } else if !self.plain && !block {
            at += 1;
        }
        let limit = source.len();
        let mut start = None;
        for (byte, char) in self.text.char_indices() {
            while at < limit && source[at] != char && !(char == ' ' && source[at] == '\n') {
                at += 1;
            }
            if byte >= bytes.end {
                break;
            }
            if byte >= bytes.start && start.is_none() {
                start = Some(at);
            }
            at += 1;
        }
        let start = start.unwrap_or(at).min(limit);
        Place { file: self.place.file, chars: start..at.clamp(start, limit) }
    }
}

/// Reads the one document of a source.
pub(crate) fn read(sources: &[Source], file: usize) -> Result<Node, Problem> {
    let text = &sources[file].text;
    let mut reader = Reader { file, parser: Parser::new_from_str(text), text, flow: 0, depth: 0 };
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) => {}
            Event::StreamEnd => {
                let place = Place { file, chars: 0..0 };
                return Err(Problem::at(&place, "the file holds nothing")
                    .mend("write a document, or delete the file"));
            }
            event => return reader.node(event, span),
        }
    }
}

struct Reader<'a> {
    file: usize,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    text: &'a str,
    flow: usize,
    depth: usize,
}

/// How deep maps and lists may nest.
const DEEPEST: usize = 32;

impl<'a> Reader<'a> {
    fn place(&self, span: Span) -> Place {
        Place { file: self.file, chars: span.start.index()..span.end.index() }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Problem> {
        match self.parser.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let at = error.marker().index();
                let place = Place { file: self.file, chars: at..at + 1 };
                Err(Problem::at(&place, format!("this is no YAML: {}", error.info()))
                    .mend("put an expression with `: `, ` #`, `{`, `[` or a comma in single quotes"))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, Problem> {
        let place = self.place(span);
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Problem::at(&place, format!("maps and lists nest deeper than {DEEPEST}")));
        }
        let node = match event {
            Event::Scalar(text, style, anchor, tag) => {
                if anchor != 0 || tag.is_some() {
                    return Err(Problem::at(&place, "the pack uses no anchors and no tags")
                        .mend("write the value itself"));
                }
                Node {
                    place: place.clone(),
                    value: Value::Scalar(self.scalar(text.into_owned(), style, place)),
                }
            }
            Event::SequenceStart(..) => {
                let flow = self.enter(&place);
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => {
                            self.flow -= flow;
                            let place = Place { file: self.file, chars: place.chars.start..end.end.index() };
                            break Node { place, value: Value::List(items) };
                        }
                        (event, span) => items.push(self.node(event, span)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let flow = self.enter(&place);
                let mut entries: Vec<(Scalar, Node)> = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    if matches!(event, Event::MappingEnd) {
                        self.flow -= flow;
                        let place = Place { file: self.file, chars: place.chars.start..span.end.index() };
                        break Node { place, value: Value::Map(entries) };
                    }
                    let key = self.node(event, span)?;
                    let Value::Scalar(key) = key.value else {
                        return Err(Problem::at(&key.place, "a key is a word"));
                    };
                    if entries.iter().any(|(other, _)| other.text == key.text) {
                        return Err(Problem::at(&key.place, format!("`{}` is written twice", key.text))
                            .mend("join the two, or rename one"));
                    }
                    let (event, span) = self.next()?;
                    let value = self.node(event, span)?;
                    entries.push((key, value));
                }
            }
            _ => {
                return Err(Problem::at(&place, "the pack uses no aliases and one document a file")
                    .mend("write the value itself"));
            }
        };
        self.depth -= 1;
        Ok(node)
    }

    /// One if the collection that begins here is written in brackets.
    fn enter(&mut self, place: &Place) -> usize {
        let flow = usize::from(matches!(self.text.chars().nth(place.chars.start), Some('{' | '[')));
        self.flow += flow;
        flow
    }

    fn scalar(&self, text: String, style: ScalarStyle, place: Place) -> Scalar {
        Scalar { text, place, plain: style == ScalarStyle::Plain, flow: self.flow > 0, style }
    }
}

/// The diagnostic of a problem: line, column, keys and carets.
pub(crate) fn diagnose(sources: &[Source], documents: &[Option<Node>], problem: &Problem) -> Diagnostic {
    let source = &sources[problem.place.file];
    let chars: Vec<char> = source.text.chars().collect();
    let start = problem.place.chars.start.min(chars.len());
    let begins = chars[..start].iter().rposition(|c| *c == '\n').map_or(0, |at| at + 1);
    let ends = chars[start..].iter().position(|c| *c == '\n').map_or(chars.len(), |at| start + at);
    let line = chars[..start].iter().filter(|c| **c == '\n').count() + 1;
    let width = problem.place.chars.end.clamp(start, ends).saturating_sub(start).max(1);
    let text: String = chars[begins..ends].iter().collect();
    let blanks = " ".repeat(start - begins);
    let excerpt = format!("{line:>5} | {}\n      | {blanks}{}", text.trim_end(), "^".repeat(width));
    let document = documents.get(problem.place.file).and_then(Option::as_ref);
    Diagnostic {
        file: source.path.clone(),
        line,
        column: start - begins + 1,
        key: document.map(|node| keys(node, start).join(".")).unwrap_or_default(),
        message: problem.message.clone(),
        mend: problem.mend.clone(),
        excerpt,
    }
}

/// The keys that lead to the node at a character.
fn keys(node: &Node, at: usize) -> Vec<String> {
    let holds = |place: &Place| place.chars.start <= at && at <= place.chars.end;
    match &node.value {
        Value::Scalar(_) => Vec::new(),
        Value::List(items) => {
            // A list of named things is better known by their names than by position.
            let Some(item) = items.iter().find(|item| holds(&item.place)) else { return Vec::new() };
            let mut path: Vec<String> = named(item).into_iter().collect();
            path.extend(keys(item, at));
            path
        }
        Value::Map(entries) => entries
            .iter()
            .rev()
            .find(|(key, value)| {
                key.place.chars.start <= at && at <= value.place.chars.end.max(key.place.chars.end)
            })
            .map(|(key, value)| {
                let mut path = vec![key.text.clone()];
                path.extend(keys(value, at));
                path
            })
            .unwrap_or_default(),
    }
}

/// The name of a named thing of a list: the value of its first key.
fn named(item: &Node) -> Option<String> {
    match &item.value {
        Value::Map(entries) => match &entries.first()?.1.value {
            Value::Scalar(scalar) if entries.len() > 1 => Some(scalar.text.clone()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(yaml: &str, part: &str) -> String {
        let sources = [Source { path: "x".into(), text: yaml.into() }];
        let node = read(&sources, 0).unwrap();
        let Value::Map(entries) = node.value else { panic!("a map") };
        let Value::Scalar(scalar) = &entries[0].1.value else { panic!("a scalar") };
        let start = scalar.text.find(part).unwrap();
        let place = scalar.locate(&sources, &(start..start + part.len()));
        yaml.chars().skip(place.chars.start).take(place.chars.len()).collect()
    }

    #[test]
    fn every_style_of_scalar_is_located() {
        for yaml in [
            "holds: а1 < second_one",
            "holds: 'а1 = \"x\" and second_one'",
            "holds: 'it''s second_one'",
            "holds: \"a = \\\"x\\\" and second_one\"",
            "holds: |\n  first and\n  second_one\n",
            "holds: >\n  first and\n  second_one or\n  third\n",
            "holds: first and\n  second_one",
            "{holds: second_one}",
        ] {
            assert_eq!(located(yaml, "second_one"), "second_one", "{yaml}");
        }
    }

    #[test]
    fn refuses_what_hides_meaning() {
        for (yaml, message) in [
            ("a: 1\na: 2", "`a` is written twice"),
            ("a: &x 1\nb: *x", "the pack uses no anchors and no tags"),
            ("", "the file holds nothing"),
            ("a: [1", "this is no YAML"),
        ] {
            let sources = [Source { path: "x".into(), text: yaml.into() }];
            let problem = read(&sources, 0).unwrap_err();
            assert!(problem.message.starts_with(message), "{yaml}: {}", problem.message);
        }
    }
}
