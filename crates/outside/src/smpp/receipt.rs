//! Delivery receipts: the text of SMPP 3.4, Appendix B, and the TLVs that say the same, in the ways
//! that operators really write them.

use deliver::port::ReceiptState;

/// How an operator writes its message ids in one place.
///
/// Many write the id in hexadecimal in the answer to a submission and in decimal in the receipt, or
/// drop zeros and change case on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdForm {
    /// As text. Case and leading zeros are set aside.
    Text,
    /// A decimal number.
    Decimal,
    /// A hexadecimal number.
    Hex,
}

impl IdForm {
    /// The one form in which ids are compared: a number as decimal, else the text in small letters
    /// without leading zeros.
    pub(super) fn normalise(self, id: &str) -> String {
        let id = id.trim();
        let number = match self {
            Self::Text => None,
            Self::Decimal if id.starts_with('+') => None,
            Self::Decimal => id.parse::<u128>().ok(),
            Self::Hex => {
                let digits = id.strip_prefix("0x").unwrap_or(id);
                (!digits.starts_with('+')).then(|| u128::from_str_radix(digits, 16).ok()).flatten()
            }
        };
        number.map_or_else(
            || {
                let bare = id.trim_start_matches('0');
                (if bare.is_empty() && !id.is_empty() { "0" } else { bare }).to_lowercase()
            },
            |number| number.to_string(),
        )
    }
}

/// What a receipt says, before its id is brought into the common form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Receipt {
    pub id: String,
    pub state: ReceiptState,
}

/// Reads a receipt. What the TLVs say has precedence; the text serves for the rest.
pub(super) fn read(id: Option<&str>, message_state: Option<u8>, text: &str) -> Option<Receipt> {
    let id = match id.map(str::trim).filter(|id| !id.is_empty()) {
        Some(id) => id.to_owned(),
        None => field(text, "id").or_else(|| listed(text).map(|(id, _)| id))?.to_owned(),
    };
    let state = match message_state {
        Some(state) => of_number(state),
        None => of_word(field(text, "stat").or_else(|| listed(text).map(|(_, word)| word))?),
    };
    Some(Receipt { id, state })
}

/// The value after a key. Keys are found by name, since operators reorder, double and drop them;
/// what follows `text:` is the citizen's message and is never searched.
fn field<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let lower = text.to_ascii_lowercase();
    let end = lower.find("text:").unwrap_or(lower.len());
    let mut from = 0;
    while let Some(at) = lower[from..end].find(key).map(|at| from + at) {
        let after = at + key.len();
        let starts_word = at == 0 || !lower.as_bytes()[at - 1].is_ascii_alphanumeric();
        if starts_word && lower[after..end].starts_with(':') {
            let value = text[after + 1..end].trim_start().split_ascii_whitespace().next();
            return value.filter(|value| !value.contains(':'));
        }
        from = after;
    }
    None
}

/// Vendors that send a bare list: id, sub, dlvrd, submitted, done, state, error.
fn listed(text: &str) -> Option<(&str, &str)> {
    let values: Vec<&str> = text.split(',').map(str::trim).collect();
    let word =
        values.iter().skip(1).find(|value| WORDS.iter().any(|(w, _)| value.eq_ignore_ascii_case(w)))?;
    values.first().filter(|id| !id.is_empty()).map(|id| (*id, *word))
}

const WORDS: [(&str, ReceiptState); 10] = [
    ("DELIVRD", ReceiptState::Delivered),
    ("EXPIRED", ReceiptState::Failed),
    ("DELETED", ReceiptState::Failed),
    ("UNDELIV", ReceiptState::Failed),
    ("REJECTD", ReceiptState::Failed),
    ("ACCEPTD", ReceiptState::Underway),
    ("ENROUTE", ReceiptState::Underway),
    ("SCHEDULED", ReceiptState::Underway),
    // The operator does not know: it claims neither delivery nor failure, and neither do we.
    ("UNKNOWN", ReceiptState::Underway),
    ("SKIPPED", ReceiptState::Failed),
];

fn of_word(word: &str) -> ReceiptState {
    // Some cut the word at seven characters, some write it out: the first five tell them apart.
    let same = |known: &str| {
        let cut = |w: &str| w.chars().take(5).collect::<String>().to_ascii_uppercase();
        cut(word) == cut(known)
    };
    WORDS.iter().find(|(known, _)| same(known)).map_or(ReceiptState::Underway, |(_, state)| *state)
}

fn of_number(state: u8) -> ReceiptState {
    match state {
        2 => ReceiptState::Delivered,
        3 | 4 | 5 | 8 | 9 => ReceiptState::Failed,
        _ => ReceiptState::Underway,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_ways_operators_write_it() {
        use ReceiptState::{Delivered, Failed, Underway};
        let whole = "id:0A3F sub:001 dlvrd:001 submit date:2611240900 done date:2611240901 stat:DELIVRD err:000 text:id:9 stat:UNDELIV";
        let cases = [
            (None, None, whole, "0A3F", Delivered),
            (Some("17"), None, whole, "17", Delivered),
            (Some("17"), Some(5), whole, "17", Failed),
            (None, Some(6), "id:5 stat:DELIVRD", "5", Underway),
            (None, None, "ID: 77 Stat: EXPIRED Text:", "77", Failed),
            (None, None, "id:77 done date:20261124090100 stat:ACCEPTD", "77", Underway),
            (None, None, "id:77 stat:DELIVERED", "77", Delivered),
            (None, None, "id:77 stat:REJECTED", "77", Failed),
            (None, None, "id:7f0c-11 stat:UNKNOWN", "7f0c-11", Underway),
            (None, None, "id:7 stat:ZZZ", "7", Underway),
            (None, None, "12345,001,001,2611240900,2611240901,DELIVRD,000", "12345", Delivered),
            (Some("8"), Some(2), "", "8", Delivered),
        ];
        for (id, state, text, expected, state_expected) in cases {
            let receipt = read(id, state, text).expect(text);
            assert_eq!((receipt.id.as_str(), receipt.state), (expected, state_expected), "{text}");
        }
        for nothing in ["", "hello", "id: stat:DELIVRD", "stat:DELIVRD", "id:7", "paid:7 stat:DELIVRD"] {
            assert_eq!(read(None, None, nothing), None, "{nothing}");
        }
    }

    #[test]
    fn ids_meet_whatever_their_form() {
        let meet = |response: (IdForm, &str), receipt: (IdForm, &str)| {
            assert_eq!(response.0.normalise(response.1), receipt.0.normalise(receipt.1));
        };
        meet((IdForm::Hex, "0A3F"), (IdForm::Decimal, "2623"));
        meet((IdForm::Hex, "0a3f"), (IdForm::Hex, "A3F"));
        meet((IdForm::Decimal, "0000002623"), (IdForm::Decimal, "2623"));
        meet((IdForm::Text, "00AB-17"), (IdForm::Text, "ab-17"));
        meet((IdForm::Text, "9F1C0A52-77D1"), (IdForm::Text, "9f1c0a52-77d1"));
        meet((IdForm::Hex, "0x0A3F"), (IdForm::Decimal, "02623"));
        meet((IdForm::Text, "000"), (IdForm::Text, "0"));
        assert_eq!(IdForm::Hex.normalise("not-a-number"), "not-a-number");
    }

    proptest! {
        #[test]
        fn a_receipt_written_is_a_receipt_read(
            id in "[0-9A-Za-z-]{1,36}",
            which in 0usize..10,
            message in "\\PC{0,20}",
            seconds in any::<bool>(),
        ) {
            let (word, state) = WORDS[which];
            let date = if seconds { "261124090000" } else { "2611240900" };
            let text = format!(
                "id:{id} sub:001 dlvrd:001 submit date:{date} done date:{date} stat:{word} err:000 text:{message}"
            );
            prop_assert_eq!(read(None, None, &text), Some(Receipt { id, state }));
        }

        #[test]
        fn a_number_meets_itself_in_every_form(number in any::<u64>(), zeros in 0usize..5) {
            let hex = format!("{}{number:X}", "0".repeat(zeros));
            let decimal = format!("{}{number}", "0".repeat(zeros));
            prop_assert_eq!(IdForm::Hex.normalise(&hex), IdForm::Decimal.normalise(&decimal));
        }

        #[test]
        fn no_text_breaks_the_reader(text in any::<String>()) {
            let _ = read(None, None, &text);
        }
    }
}
