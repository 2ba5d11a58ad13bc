use std::ops::Range;

use super::ParseError;

/// One word or sign of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Number(String),
    Text(String),
    At(String),
    Name(String),
    /// A reserved word.
    Word(&'static str),
    /// An operator or bracket.
    Sign(&'static str),
    End,
}

impl Token {
    /// For messages.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Number(text) | Self::Name(text) => format!("`{text}`"),
            Self::Text(text) => format!("`\"{text}\"`"),
            Self::At(text) => format!("`@\"{text}\"`"),
            Self::Word(text) | Self::Sign(text) => format!("`{text}`"),
            Self::End => "the end".into(),
        }
    }
}

const WORDS: [&str; 11] =
    ["true", "false", "and", "or", "in", "if", "then", "else", "some", "every", "satisfies"];

/// Longer signs first.
const SIGNS: [&str; 18] =
    ["..", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", ".", "@"];

/// Words of FEEL that the law language leaves out, with what to write instead.
const LEFT_OUT: [(&str, &str); 8] = [
    ("null", "there is no null: ask `exists(x)`"),
    ("for", "there are no loops: a path over a list takes a field of every row"),
    ("return", "there are no loops: a path over a list takes a field of every row"),
    ("between", "write `x in [a..b]`"),
    ("instance", "types are checked when the pack loads"),
    ("function", "a named expression with arguments is a rule in rules/"),
    ("item", "the fields of a filtered row are written bare"),
    ("now", "the day asked about is `day`, the day of the request `asked_on`"),
];

/// Splits a text into tokens with their bytes; the last one is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, ParseError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = token(&text[at..], at)?;
        found.push((token, at..at + length));
        at += length;
    }
    found.push((Token::End, text.len()..text.len()));
    Ok(found)
}

fn token(rest: &str, at: usize) -> Result<(Token, usize), ParseError> {
    let first = rest.chars().next().expect("the caller saw a character");
    if first.is_ascii_digit() {
        return Ok(number(rest));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = &rest[..length];
        if let Some((_, instead)) = LEFT_OUT.iter().find(|(word, _)| *word == name) {
            return Err(
                ParseError::new(at..at + length, format!("the law language has no `{name}`")).mend(*instead)
            );
        }
        let word = WORDS.iter().find(|word| **word == name);
        return Ok((word.map_or_else(|| Token::Name(name.into()), |w| Token::Word(w)), length));
    }
    if first == '"' {
        let (text, length) = quoted(rest, at)?;
        return Ok((Token::Text(text), length));
    }
    if let Some(after) = rest.strip_prefix("@\"") {
        let (text, length) = quoted(&rest[rest.len() - after.len() - 1..], at + 1)?;
        return Ok((Token::At(text), length + 1));
    }
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((Token::Sign(sign), sign.len()));
    }
    let error = ParseError::new(at..at + first.len_utf8(), format!("`{first}` has no meaning here"));
    Err(match first {
        '\'' => error.mend("texts are written in double quotes"),
        '{' | '}' => error.mend("there are no contexts: name a rule or a field instead"),
        _ if first.is_alphabetic() => error.mend("names are written in Latin letters, digits and `_`"),
        _ => error,
    })
}

/// Digits with at most one decimal point, which digits must follow: `1..5` is a range.
fn number(rest: &str) -> (Token, usize) {
    let digits = |from: usize| {
        rest[from..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |length| from + length)
    };
    let whole = digits(0);
    let end = match rest.as_bytes().get(whole..whole + 2) {
        Some([b'.', next]) if next.is_ascii_digit() => digits(whole + 1),
        _ => whole,
    };
    (Token::Number(rest[..end].into()), end)
}

/// A text in double quotes at the start of `rest`; texts of the law need no escapes.
fn quoted(rest: &str, at: usize) -> Result<(String, usize), ParseError> {
    let Some(length) = rest[1..].find('"') else {
        return Err(ParseError::new(at..at + rest.len(), "the text is not closed").mend("add `\"`"));
    };
    let text = &rest[1..=length];
    if text.contains('\\') {
        return Err(ParseError::new(at..at + length + 2, "a text has no escapes"));
    }
    Ok((text.into(), length + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_not_a_decimal() {
        let kinds: Vec<Token> = tokens("[1..5] 1.50").unwrap().into_iter().map(|(t, _)| t).collect();
        assert_eq!(
            kinds,
            [
                Token::Sign("["),
                Token::Number("1".into()),
                Token::Sign(".."),
                Token::Number("5".into()),
                Token::Sign("]"),
                Token::Number("1.50".into()),
                Token::End
            ]
        );
    }

    #[test]
    fn spans_are_bytes() {
        let found = tokens("a  @\"P1D\"").unwrap();
        assert_eq!(found[1], (Token::At("P1D".into()), 3..9));
    }
}
