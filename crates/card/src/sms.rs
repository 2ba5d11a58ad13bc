use std::fmt;

use serde::{Deserialize, Serialize};

/// The most parts of one message.
pub const MOST_PARTS: usize = 3;

/// Why a text is no SMS of 1414.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmsError {
    /// It does not say who writes.
    #[error("an SMS begins with 1414:")]
    Sender,
    /// It is too long.
    #[error("an SMS has at most three parts: 201 characters, or 459 of the GSM alphabet")]
    TooLong,
    /// It holds a link.
    #[error("an SMS holds no link")]
    Link,
    /// It holds six digits in a row, as a one-time code does.
    #[error("an SMS holds no six digits in a row")]
    SixDigits,
    /// It holds another number to call than 1414.
    #[error("an SMS names no number but 1414")]
    Phone,
    /// The short title of a measure is empty or too long.
    #[error("a short title has 1 to 28 characters in Kazakh, 27 in Russian, 40 in English")]
    Title,
    /// A reason is empty or too long.
    #[error("a reason has 1 to 70 characters in every language")]
    Reason,
    /// An account is a short bank name and four characters.
    #[error("an account is named by its bank (Latin letters, at most 8) and its last four characters")]
    Account,
}

/// A text that 1414 may send: it says who writes, fits three parts, and holds no link, no run of
/// six digits and no number but 1414. Fraudsters use all of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SmsText(String);

impl SmsText {
    /// Ends a Kazakh message to somebody whose language nobody knows: 9 asks for Russian.
    pub const RUSSIAN_ON_9: &str = " Орысша-9";

    /// Checks a text.
    pub fn new(text: &str) -> Result<Self, SmsError> {
        if !text.starts_with("1414: ") {
            return Err(SmsError::Sender);
        }
        if parts(text) > MOST_PARTS {
            return Err(SmsError::TooLong);
        }
        if holds_link(text) {
            return Err(SmsError::Link);
        }
        let mut run = 0;
        if text.chars().any(|c| {
            run = if c.is_numeric() { run + 1 } else { 0 };
            run >= 6
        }) {
            return Err(SmsError::SixDigits);
        }
        if holds_phone(text) {
            return Err(SmsError::Phone);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many parts it is sent in.
    pub fn parts(&self) -> usize {
        parts(&self.0)
    }
}

impl fmt::Display for SmsText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for SmsText {
    type Error = SmsError;

    fn try_from(text: String) -> Result<Self, SmsError> {
        Self::new(&text)
    }
}

impl From<SmsText> for String {
    fn from(text: SmsText) -> Self {
        text.0
    }
}

fn parts(text: &str) -> usize {
    match gsm_length(text) {
        Some(length) if length <= 160 => 1,
        Some(length) => length.div_ceil(153),
        None => match text.encode_utf16().count() {
            length if length <= 70 => 1,
            length => length.div_ceil(67),
        },
    }
}

/// The length in GSM 7-bit septets (3GPP TS 23.038), if every character is in its alphabet.
fn gsm_length(text: &str) -> Option<usize> {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ÄÖÑÜ§¿äöñüà";
    const EXTENDED: &str = "^{}\\[~]|€";
    text.chars().try_fold(0, |length, c| {
        if c.is_ascii_alphabetic() || BASIC.contains(c) {
            Some(length + 1)
        } else if EXTENDED.contains(c) {
            Some(length + 2)
        } else {
            None
        }
    })
}

/// A scheme, `www`, or a dot between letters: phones make a link of each.
fn holds_link(text: &str) -> bool {
    let lower = text.to_lowercase();
    let chars: Vec<char> = lower.chars().collect();
    let domain = chars.windows(3).any(|w| w[0].is_alphanumeric() && w[1] == '.' && w[2].is_alphabetic());
    lower.contains("://") || lower.contains("www") || domain
}

/// Digits that phones dial: a plus before a digit, or ten digits with nothing but blanks, dashes
/// and brackets between them. Amounts have fewer.
fn holds_phone(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let plus = chars.windows(2).any(|w| w[0] == '+' && w[1].is_ascii_digit());
    let mut run = 0;
    let dialled = text.chars().any(|c| {
        run = match c {
            '0'..='9' => run + 1,
            ' ' | '-' | '(' | ')' => run,
            _ => 0,
        };
        run >= 10
    });
    plus || dialled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_fraud_looks_like() {
        let refused = |text: &str| SmsText::new(text).unwrap_err();
        assert_eq!(refused("Сәлем"), SmsError::Sender);
        assert_eq!(refused("14141: сәлем"), SmsError::Sender);
        assert_eq!(refused("1414: https://egov"), SmsError::Link);
        assert_eq!(refused("1414: egov.kz"), SmsError::Link);
        assert_eq!(refused("1414: www"), SmsError::Link);
        assert_eq!(refused("1414: код 123456"), SmsError::SixDigits);
        assert_eq!(refused("1414: +7 701"), SmsError::Phone);
        assert_eq!(refused("1414: 8 701 123 45 67"), SmsError::Phone);
        assert_eq!(refused("1414: 8 (701) 123-45-67"), SmsError::Phone);
        assert!(SmsText::new("1414: 12 345 678,50 тг, Halyk *4410. 12.12").is_ok());
    }

    #[test]
    fn counts_parts_as_phones_do() {
        let cyrillic = |count: usize| SmsText::new(&format!("1414: {}", "ж".repeat(count - 6)));
        assert_eq!(cyrillic(70).unwrap().parts(), 1);
        assert_eq!(cyrillic(71).unwrap().parts(), 2);
        assert_eq!(cyrillic(201).unwrap().parts(), 3);
        assert_eq!(cyrillic(202), Err(SmsError::TooLong));
        let latin = |count: usize| SmsText::new(&format!("1414: {}", "a".repeat(count - 6)));
        assert_eq!(latin(160).unwrap().parts(), 1);
        assert_eq!(latin(161).unwrap().parts(), 2);
        assert_eq!(latin(459).unwrap().parts(), 3);
        assert_eq!(latin(460), Err(SmsError::TooLong));
        // A picture takes two of the 70.
        assert_eq!(SmsText::new(&format!("1414: {}🙂", "ж".repeat(62))).unwrap().parts(), 1);
        assert_eq!(SmsText::new(&format!("1414: {}🙂", "ж".repeat(63))).unwrap().parts(), 2);
    }
}
