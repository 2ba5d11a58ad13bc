//! A walk through an XML file: elements open, end with their text, and close, each named by its path.

use std::io::{self, BufRead, Read};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::BankFileError;

/// The longest text of one element; the schemas allow far less.
const MOST_TEXT: usize = 10_000;
/// The deepest nesting; the schemas need about fifteen.
const MOST_DEPTH: usize = 60;
const FILE_AGAIN: &str = "ask the bank for the file again";

/// One step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<'w> {
    /// An element opens.
    Open(&'w str),
    /// An element without elements inside closes, with its text and its currency attribute.
    Leaf { path: &'w str, text: &'w str, currency: Option<&'w str> },
    /// An element with elements inside closes.
    Close(&'w str),
}

/// The walk. Namespace prefixes are set aside; the namespace itself is checked at the root.
pub(super) struct Walk<R> {
    reader: Reader<Lines<R>>,
    file: String,
    buffer: Vec<u8>,
    path: String,
    text: String,
    currency: Option<String>,
    is_leaf: bool,
    owed: Owed,
    stage: Stage,
    namespace: &'static str,
}

/// How far the walk is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Before,
    Within,
    Over,
}

/// What an earlier step left to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owed {
    Nothing,
    /// The element that opened is empty and closes.
    Leaf,
    /// The path still names the element that closed.
    Leave,
}

impl<R: BufRead> Walk<R> {
    /// Over a file whose namespace begins so.
    pub(super) fn new(source: R, file: &str, namespace: &'static str) -> Self {
        Self {
            reader: Reader::from_reader(Lines { source, line: 1 }),
            file: file.to_owned(),
            buffer: Vec::new(),
            path: String::new(),
            text: String::new(),
            currency: None,
            is_leaf: false,
            owed: Owed::Nothing,
            stage: Stage::Before,
            namespace,
        }
    }

    /// An error at this place.
    pub(super) fn problem(&self, what: impl Into<String>, mend: &'static str) -> BankFileError {
        BankFileError {
            file: self.file.clone(),
            line: self.reader.get_ref().line,
            element: if self.path.is_empty() { "the file".to_owned() } else { self.path.clone() },
            what: what.into(),
            mend,
            fatal: false,
        }
    }

    fn fatal(&mut self, what: impl Into<String>, mend: &'static str) -> BankFileError {
        self.stage = Stage::Over;
        BankFileError { fatal: true, ..self.problem(what, mend) }
    }

    /// The next step; after an error of the file itself, nothing.
    pub(super) fn next(&mut self) -> Result<Option<Step<'_>>, BankFileError> {
        if self.stage == Stage::Over {
            return Ok(None);
        }
        match std::mem::replace(&mut self.owed, Owed::Nothing) {
            Owed::Nothing => {}
            Owed::Leaf => {
                self.owed = Owed::Leave;
                let currency = self.currency.as_deref();
                return Ok(Some(Step::Leaf { path: &self.path, text: "", currency }));
            }
            Owed::Leave => {
                self.path.truncate(self.path.rfind('/').unwrap_or(0));
                self.is_leaf = false;
            }
        }
        loop {
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.clear();
            let event = match self.reader.read_event_into(&mut buffer) {
                Ok(event) => event,
                Err(error) => return Err(self.fatal(format!("not well-formed XML: {error}"), FILE_AGAIN)),
            };
            let done = match event {
                Event::Start(element) => {
                    self.open(&element)?;
                    true
                }
                Event::Empty(element) => {
                    self.open(&element)?;
                    self.owed = Owed::Leaf;
                    true
                }
                Event::Text(text) => {
                    self.add(&text.xml10_content())?;
                    false
                }
                Event::CData(text) => {
                    self.add(&text.xml10_content())?;
                    false
                }
                Event::GeneralRef(reference) => {
                    let character = match (&*reference.xml10_content(), reference.resolve_char_ref()) {
                        ("amp", _) => '&',
                        ("lt", _) => '<',
                        ("gt", _) => '>',
                        ("quot", _) => '"',
                        ("apos", _) => '\'',
                        (_, Ok(Some(character))) => character,
                        _ => return Err(self.fatal("an entity that XML does not know", FILE_AGAIN)),
                    };
                    self.add(character.encode_utf8(&mut [0; 4]))?;
                    false
                }
                Event::End(_) => {
                    self.owed = Owed::Leave;
                    self.buffer = buffer;
                    let (path, text) = (self.path.as_str(), self.text.trim());
                    let currency = self.currency.as_deref();
                    return Ok(Some(if self.is_leaf {
                        Step::Leaf { path, text, currency }
                    } else {
                        Step::Close(path)
                    }));
                }
                Event::DocType(_) => {
                    return Err(
                        self.fatal("a document type", "ISO 20022 files have none: do not trust this one")
                    );
                }
                Event::Eof if self.path.is_empty() && self.stage == Stage::Within => {
                    self.stage = Stage::Over;
                    return Ok(None);
                }
                Event::Eof => return Err(self.fatal("the file ends too early", FILE_AGAIN)),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => false,
            };
            self.buffer = buffer;
            if done {
                return Ok(Some(Step::Open(&self.path)));
            }
        }
    }

    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), BankFileError> {
        if self.stage == Stage::Before {
            let fits = element
                .attributes()
                .flatten()
                .any(|a| a.key.as_ref().starts_with("xmlns") && a.value.starts_with(self.namespace));
            if !fits {
                let what = format!("not a file of {}", self.namespace);
                return Err(self.fatal(what, "put the file where its kind is read"));
            }
            self.stage = Stage::Within;
        }
        self.path.push('/');
        self.path.push_str(element.local_name().as_ref());
        if self.path.matches('/').count() > MOST_DEPTH {
            return Err(self.fatal("nested too deep", FILE_AGAIN));
        }
        self.text.clear();
        self.is_leaf = true;
        self.currency =
            element.attributes().flatten().find(|a| a.key.as_ref() == "Ccy").map(|a| a.value.into_owned());
        Ok(())
    }

    fn add(&mut self, text: &str) -> Result<(), BankFileError> {
        self.text.push_str(text);
        if self.text.len() > MOST_TEXT {
            return Err(self.fatal("a text longer than 10,000 characters", FILE_AGAIN));
        }
        Ok(())
    }
}

/// Counts the lines that were read.
struct Lines<R> {
    source: R,
    line: u64,
}

fn line_ends(octets: &[u8]) -> u64 {
    octets.iter().map(|&octet| u64::from(octet == b'\n')).sum()
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.line += line_ends(&into[..read]);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.source.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What was filled is still there: a buffered reader gives the same octets again.
        if let Ok(filled) = self.source.fill_buf() {
            self.line += line_ends(&filled[..amount.min(filled.len())]);
        }
        self.source.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(xml: &str) -> Result<Vec<String>, BankFileError> {
        let mut walk = Walk::new(xml.as_bytes(), "a.xml", "urn:x");
        let mut steps = Vec::new();
        while let Some(step) = walk.next()? {
            steps.push(match step {
                Step::Open(path) => format!("<{path}"),
                Step::Leaf { path, text, currency } => {
                    format!("{path}={text}{}", currency.map(|c| format!(" {c}")).unwrap_or_default())
                }
                Step::Close(path) => format!(">{path}"),
            });
        }
        Ok(steps)
    }

    #[test]
    fn walks_elements_by_path() {
        let xml = "<?xml version=\"1.0\"?>\n<n:D xmlns:n=\"urn:x:1\"><n:A Ccy=\"KZT\"> 1 &amp; &#x41;<!-- c --></n:A><n:B/>\n<n:C><n:E>e</n:E></n:C></n:D>\n";
        let expected = [
            "</D",
            "</D/A",
            "/D/A=1 & A KZT",
            "</D/B",
            "/D/B=",
            "</D/C",
            "</D/C/E",
            "/D/C/E=e",
            ">/D/C",
            ">/D",
        ];
        assert_eq!(steps(xml).unwrap(), expected);
    }

    #[test]
    fn a_broken_file_is_named_with_its_line() {
        let broken = |xml: &str| steps(xml).unwrap_err().to_string();
        assert!(
            broken("<D xmlns=\"urn:x\">\n\n<A>").contains("a.xml, line 3, /D/A: the file ends too early")
        );
        assert!(broken("<D xmlns=\"urn:x\">\n<A></B></D>").contains("line 2"));
        assert!(broken("<D xmlns=\"urn:y\"/>").contains("not a file of urn:x"));
        assert!(broken("<!DOCTYPE D [<!ENTITY a \"b\">]><D xmlns=\"urn:x\"/>").contains("document type"));
        assert!(broken("<D xmlns=\"urn:x\">&a;</D>").contains("entity"));
        assert!(broken("hello").contains("ends too early"));
        assert!(broken("").contains("ends too early"));
        let deep = format!("<D xmlns=\"urn:x\">{}", "<a>".repeat(100));
        assert!(broken(&deep).contains("too deep"));
        let long = format!("<D xmlns=\"urn:x\">{}</D>", "a".repeat(20_000));
        assert!(broken(&long).contains("10,000"));
    }
}
