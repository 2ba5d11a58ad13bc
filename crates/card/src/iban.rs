use std::{fmt, str::FromStr};

/// A bank account of Kazakhstan: `KZ`, two check digits, a bank code of three digits and thirteen
/// letters or digits; ISO 7064 mod 97-10 holds.
///
/// Formatting shows the last four characters only. [`Iban::expose`] gives the whole number for the
/// payment file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Iban([u8; 20]);

/// Why a text is not an IBAN of Kazakhstan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IbanError {
    /// Wrong length, country or characters.
    #[error(
        "an IBAN of Kazakhstan is KZ, two digits, three digits of the bank and thirteen letters or digits"
    )]
    Shape,
    /// The check digits do not hold.
    #[error("the check digits of the IBAN are wrong: one of its characters was mistyped")]
    Control,
}

impl Iban {
    /// Composes an account number from the bank's code (three digits) and the account part
    /// (thirteen upper-case letters or digits); `None` if they are not that.
    pub fn compose(bank: &str, account: &str) -> Option<Self> {
        let rest = format!("{bank}{account}");
        let rearranged = format!("{rest}KZ00");
        if bank.len() != 3 || account.len() != 13 || !shaped(format!("KZ00{rest}").as_bytes()) {
            return None;
        }
        let check = 98 - mod97(rearranged.as_bytes());
        format!("KZ{check:02}{rest}").parse().ok()
    }

    /// The whole number, for the vault and the payment file. Never for a log.
    pub fn expose(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// The bank's code, three digits.
    pub fn bank(&self) -> String {
        String::from_utf8_lossy(&self.0[4..7]).into_owned()
    }

    /// The last four characters, which a person recognises their own account by.
    pub fn last_four(&self) -> String {
        String::from_utf8_lossy(&self.0[16..]).into_owned()
    }
}

fn shaped(bytes: &[u8]) -> bool {
    bytes.len() == 20
        && &bytes[..2] == b"KZ"
        && bytes[2..7].iter().all(u8::is_ascii_digit)
        && bytes[7..].iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn mod97(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    })
}

impl FromStr for Iban {
    type Err = IbanError;

    /// Accepts blanks between groups and lower case, as people write account numbers.
    fn from_str(text: &str) -> Result<Self, IbanError> {
        let plain: Vec<u8> = text.bytes().filter(|b| *b != b' ').map(|b| b.to_ascii_uppercase()).collect();
        if !shaped(&plain) {
            return Err(IbanError::Shape);
        }
        let rearranged = [&plain[4..], &plain[..4]].concat();
        if mod97(&rearranged) != 1 {
            return Err(IbanError::Control);
        }
        Ok(Self(plain.try_into().expect("shaped has checked the length")))
    }
}

impl fmt::Debug for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iban(*{})", self.last_four())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_the_registry_sample() {
        // The sample of the IBAN registry for Kazakhstan.
        let iban: Iban = "KZ86 125K ZT50 0410 0100".parse().unwrap();
        assert_eq!((iban.bank().as_str(), iban.last_four().as_str()), ("125", "0100"));
        assert_eq!(format!("{iban:?}"), "Iban(*0100)");
    }

    #[test]
    fn names_what_is_wrong() {
        assert_eq!("DE86125KZT5004100100".parse::<Iban>(), Err(IbanError::Shape));
        assert_eq!("KZ86125KZT500410010".parse::<Iban>(), Err(IbanError::Shape));
        assert_eq!("KZ87125KZT5004100100".parse::<Iban>(), Err(IbanError::Control));
    }

    proptest! {
        #[test]
        fn parses_what_it_composes(bank in "[0-9]{3}", account in "[0-9A-Z]{13}") {
            let iban = Iban::compose(&bank, &account).unwrap();
            prop_assert_eq!(iban.expose().parse::<Iban>(), Ok(iban));
        }

        #[test]
        fn one_mistyped_character_is_caught(account in "[0-9]{13}", at in 2usize..20, to in 0u8..10) {
            let mut text = Iban::compose("125", &account).unwrap().expose().into_bytes();
            prop_assume!(text[at] != b'0' + to);
            text[at] = b'0' + to;
            let text = String::from_utf8(text).unwrap();
            prop_assert_eq!(text.parse::<Iban>(), Err(IbanError::Control));
        }
    }
}
