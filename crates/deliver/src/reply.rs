//! Reads what people write to 1414.
//!
//! The grammar is closed: every word that means something is listed here, in the spellings that
//! people use. Anything else is unclear, and unclear is never a refusal. A question mark makes any
//! answer unclear: who asks has not answered.

use serde::{Deserialize, Serialize};

use card::Lang;

mod words;

use words::Word;

/// What a reply says, before it is known which question it answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Yes, in words.
    Yes,
    /// No, in words.
    No,
    /// One digit.
    Choice(u8),
    /// The older form `R 1 1 2`: the digits of the session, then the answer.
    Keyed {
        /// The digits of the session.
        key: String,
        /// The answer.
        choice: u8,
    },
    /// Another account, in words.
    OtherAccount,
    /// "Call me".
    CallMe,
    /// "You have the wrong person".
    WrongPerson,
    /// "Do not write to me".
    Stop,
    /// "The money did not come".
    NotReceived,
    /// A language, by its name.
    Language(Lang),
    /// An account or card number that nobody asked for. What it was is not kept here.
    AccountTyped,
    /// Nothing but blanks.
    Empty,
    /// Anything else.
    Unclear,
}

/// Reads a reply.
pub fn read(text: &str) -> Reading {
    if text.trim().is_empty() {
        return Reading::Empty;
    }
    if holds_account(text) {
        return Reading::AccountTyped;
    }
    if text.contains('?') || text.contains('¿') {
        return Reading::Unclear;
    }
    let plain = plain(text);
    if let Some(keyed) = keyed(&plain) {
        return keyed;
    }
    let mut said: Option<Reading> = None;
    let words: Vec<&str> = plain.split(' ').filter(|w| !w.is_empty()).collect();
    let mut rest = &words[..];
    while !rest.is_empty() {
        let Some((word, used)) = words::longest(rest) else { return Reading::Unclear };
        rest = &rest[used..];
        let Word::Says(reading) = word else { continue };
        said = match said {
            None => Some(reading),
            Some(known) => match join(known, reading) {
                Some(both) => Some(both),
                None => return Reading::Unclear,
            },
        };
    }
    said.unwrap_or(Reading::Unclear)
}

/// Two parts of one reply that mean the same: "да 1", "1 да", "да да".
fn join(first: Reading, second: Reading) -> Option<Reading> {
    match (first, second) {
        (a, b) if a == b => Some(a),
        (Reading::Yes, Reading::Choice(1)) | (Reading::Choice(1), Reading::Yes) => Some(Reading::Choice(1)),
        (Reading::No, Reading::Choice(2)) | (Reading::Choice(2), Reading::No) => Some(Reading::Choice(2)),
        (Reading::OtherAccount, Reading::Choice(3)) | (Reading::Choice(3), Reading::OtherAccount) => {
            Some(Reading::Choice(3))
        }
        (Reading::NotReceived, Reading::Choice(4)) | (Reading::Choice(4), Reading::NotReceived) => {
            Some(Reading::Choice(4))
        }
        // "Нет, другой счёт", "нет, перезвоните": the more exact part says what is meant.
        (Reading::No, exact @ (Reading::OtherAccount | Reading::CallMe | Reading::WrongPerson))
        | (exact @ (Reading::OtherAccount | Reading::CallMe | Reading::WrongPerson), Reading::No) => {
            Some(exact)
        }
        _ => None,
    }
}

/// `R`, the digits of the session, one digit of the answer; blanks may be lost. `R 1` has no answer.
fn keyed(plain: &str) -> Option<Reading> {
    let rest = plain.strip_prefix('r')?;
    if rest.is_empty() || !rest.chars().all(|c| c.is_ascii_digit() || c == ' ') {
        return None;
    }
    let digits: Vec<char> = rest.chars().filter(char::is_ascii_digit).collect();
    let [key @ .., last] = &digits[..] else { return Some(Reading::Unclear) };
    if key.is_empty() || key.len() > 6 {
        return Some(Reading::Unclear);
    }
    let choice = last.to_digit(10)? as u8;
    Some(Reading::Keyed { key: key.iter().collect(), choice })
}

/// Does it hold an IBAN, or a run of digits as long as a card's?
fn holds_account(text: &str) -> bool {
    let joined: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '\u{a0}'))
        .flat_map(char::to_uppercase)
        .map(|c| match c {
            'К' => 'K',
            'З' => 'Z',
            other => other,
        })
        .collect();
    let iban = joined.match_indices("KZ").any(|(at, _)| {
        let rest: Vec<char> = joined[at + 2..].chars().take(18).collect();
        rest.len() == 18
            && rest[..5].iter().all(char::is_ascii_digit)
            && rest.iter().all(char::is_ascii_alphanumeric)
    });
    let mut run = 0;
    let card = joined.chars().any(|c| {
        run = if c.is_ascii_digit() { run + 1 } else { 0 };
        run >= 16
    });
    iban || card
}

/// Lower case, without marks and pictures; look-alikes and lengthened letters are left to [`words`].
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let lower: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    for (at, &c) in lower.iter().enumerate() {
        let kept = match c {
            'ё' => 'е',
            '\'' | '’' | 'ʼ' | '`' | 'ъ' => continue,
            '+' => '+',
            // A keypad's fullwidth and keycap digits.
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            c if c.is_alphanumeric() => c,
            // A keycap is a digit and two marks.
            '\u{fe0f}' | '\u{20e3}' => continue,
            '👎' | '❌' | '🚫' | '👍' | '✅' | '🙏' | '🤝' => '�',
            _ => ' ',
        };
        let glue = kept == '+' && at > 0 && lower[at - 1].is_alphanumeric();
        if kept == '+' && !glue {
            plain.push_str(" + ");
        } else {
            plain.push(kept);
        }
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests;
