use std::fmt;

use crate::Ternary;

/// An explanation in one language, for eyes: sentences, each over those that it rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told(pub Vec<Sentence>);

/// One sentence of an explanation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence {
    /// Does what it says speak for the right? `None` where it only reports.
    pub holds: Option<Ternary>,
    /// What it says.
    pub text: String,
    /// What it rests on.
    pub under: Vec<Sentence>,
}

impl Sentence {
    /// A sentence that rests on nothing said here.
    pub fn new(text: impl Into<String>) -> Self {
        Self { holds: None, text: text.into(), under: Vec::new() }
    }

    /// What it rests on, line by line: how deep a sentence lies under this one, from 0, and it.
    pub fn below(&self) -> Vec<(usize, &Sentence)> {
        self.under
            .iter()
            .flat_map(|one| {
                let below = one.below().into_iter().map(|(depth, sentence)| (depth + 1, sentence));
                std::iter::once((0, one)).chain(below).collect::<Vec<_>>()
            })
            .collect()
    }

    /// In one word, for pages that show it by form or colour.
    pub const fn mark(&self) -> &'static str {
        match self.holds {
            None => "reports",
            Some(Ternary::Yes) => "holds",
            Some(Ternary::No) => "fails",
            Some(Ternary::Unknown) => "unknown",
        }
    }
}

/// As plain text, a line for each sentence: `+` speaks for the right, `-` against it, `?` is not known.
impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            let below = part.below().into_iter().map(|(depth, sentence)| (depth + 1, sentence));
            for (depth, sentence) in std::iter::once((0, part)).chain(below) {
                let mark = match sentence.holds {
                    None => "",
                    Some(Ternary::Yes) => "+ ",
                    Some(Ternary::No) => "- ",
                    Some(Ternary::Unknown) => "? ",
                };
                writeln!(f, "{:indent$}{mark}{}", "", sentence.text, indent = depth * 2)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sentence_rests_on_stands_under_it() {
        let born = Sentence::new("born 2026-05-10");
        let registered = Sentence {
            holds: Some(Ternary::Yes),
            text: "The birth is registered.".into(),
            under: vec![born],
        };
        let asked = Sentence { holds: Some(Ternary::No), ..Sentence::new("There is time to ask.") };
        let told = Told(vec![Sentence::new("birth grant"), registered, asked]);
        let text = "birth grant\n+ The birth is registered.\n  born 2026-05-10\n- There is time to ask.\n";
        assert_eq!(told.to_string(), text);
    }
}
