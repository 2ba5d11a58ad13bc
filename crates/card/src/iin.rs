use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Date;

/// Sex as the civil registry records it and as the seventh digit of an [`Iin`] tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// Individual identification number of Kazakhstan (ЖСН, ИИН): twelve digits whose two rounds of
/// control digits hold.
///
/// Formatting hides the number, since an IIN never goes into a log: [`Iin::expose`] is the one way
/// to read it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Iin([u8; 12]);

/// Why a text is not an IIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IinError {
    /// Not twelve ASCII digits.
    #[error("an IIN has exactly twelve digits")]
    Shape,
    /// The seventh digit names no century.
    #[error("the seventh digit of an IIN is 1 to 6 (century and sex)")]
    Century,
    /// The first six digits are no date.
    #[error("the first six digits of an IIN are a birth date, YYMMDD")]
    BirthDate,
    /// The control digit does not hold.
    #[error("the control digit of the IIN is wrong: one of its digits was mistyped")]
    Control,
}

impl Iin {
    /// Composes the number of a person from birth date, sex and serial (0 to 9999), as the registry
    /// does; `None` where both control rounds give ten and the serial is skipped, or where the
    /// century has no code (1800 to 2099 have one).
    pub fn compose(born: Date, sex: Sex, serial: u16) -> Option<Self> {
        let (year, month, day) = born.ymd();
        let century = match year {
            1800..=1899 => 1,
            1900..=1999 => 3,
            2000..=2099 => 5,
            _ => return None,
        } + u16::from(sex == Sex::Female);
        if serial > 9999 {
            return None;
        }
        let head = format!("{:02}{month:02}{day:02}{century}{serial:04}", year.rem_euclid(100));
        let mut digits = [0u8; 12];
        for (slot, byte) in digits.iter_mut().zip(head.bytes()) {
            *slot = byte - b'0';
        }
        digits[11] = control(&digits)?;
        Some(Self(digits))
    }

    /// The number in clear, for the vault and for an official form. Never for a log.
    pub fn expose(&self) -> String {
        self.0.iter().map(|d| char::from(b'0' + d)).collect()
    }

    /// The birth date that the number carries. A registry's own birth date outranks it: foreigners
    /// may have been numbered before their date was known.
    pub fn born(&self) -> Date {
        let two = |i: usize| u32::from(self.0[i] * 10 + self.0[i + 1]);
        let century = 1800 + 100 * i32::from((self.0[6] - 1) / 2);
        Date::from_ymd(century + two(0) as i32, two(2), two(4)).expect("checked when parsed")
    }

    /// The sex that the seventh digit tells: odd is male, even is female.
    pub fn sex(&self) -> Sex {
        if self.0[6] % 2 == 1 { Sex::Male } else { Sex::Female }
    }
}

/// Round one weighs by 1 to 11, round two by 3 to 11, 1, 2; ten in both means "no such number".
fn control(digits: &[u8; 12]) -> Option<u8> {
    let round = |first: u32| {
        (0..11).map(|i| u32::from(digits[i as usize]) * ((i + first - 1) % 11 + 1)).sum::<u32>() % 11
    };
    [round(1), round(3)].into_iter().find(|sum| *sum < 10).map(|sum| sum as u8)
}

impl FromStr for Iin {
    type Err = IinError;

    fn from_str(text: &str) -> Result<Self, IinError> {
        let bytes: [u8; 12] = text.as_bytes().try_into().map_err(|_| IinError::Shape)?;
        if !bytes.iter().all(u8::is_ascii_digit) {
            return Err(IinError::Shape);
        }
        let digits = bytes.map(|b| b - b'0');
        if !(1..=6).contains(&digits[6]) {
            return Err(IinError::Century);
        }
        let two = |i: usize| u32::from(digits[i] * 10 + digits[i + 1]);
        let century = 1800 + 100 * i32::from((digits[6] - 1) / 2);
        Date::from_ymd(century + two(0) as i32, two(2), two(4)).ok_or(IinError::BirthDate)?;
        if control(&digits) != Some(digits[11]) {
            return Err(IinError::Control);
        }
        Ok(Self(digits))
    }
}

impl fmt::Debug for Iin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iin(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tells_birth_date_and_sex() {
        let iin = Iin::compose(Date::from_ymd(2001, 2, 3).unwrap(), Sex::Female, 41).unwrap();
        assert_eq!(iin.born(), Date::from_ymd(2001, 2, 3).unwrap());
        assert_eq!(iin.sex(), Sex::Female);
        assert_eq!(format!("{iin:?}"), "Iin(hidden)");
    }

    #[test]
    fn names_what_is_wrong() {
        assert_eq!("12345".parse::<Iin>(), Err(IinError::Shape));
        assert_eq!("99010190001x".parse::<Iin>(), Err(IinError::Shape));
        assert_eq!("990101900010".parse::<Iin>(), Err(IinError::Century));
        assert_eq!("991301300010".parse::<Iin>(), Err(IinError::BirthDate));
    }

    #[test]
    fn second_round_decides_when_the_first_gives_ten() {
        // Found by search: the first round of these digits gives ten.
        let mut seen = 0;
        for serial in 0..2000 {
            let born = Date::from_ymd(1990, 1, 1).unwrap();
            let head: Vec<u32> = format!("9001013{serial:04}").bytes().map(|b| u32::from(b - b'0')).collect();
            let first: u32 = head.iter().zip(1..).map(|(d, w)| d * w).sum::<u32>() % 11;
            let weights = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];
            let second: u32 = head.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>() % 11;
            let made = Iin::compose(born, Sex::Male, serial);
            match (first, second) {
                (10, 10) => assert_eq!(made, None),
                (10, s) => {
                    seen += 1;
                    assert_eq!(u32::from(made.unwrap().0[11]), s);
                }
                (s, _) => assert_eq!(u32::from(made.unwrap().0[11]), s),
            }
        }
        assert!(seen > 50);
    }

    proptest! {
        #[test]
        fn parses_what_it_composes(days in -20_000i32..40_000, male: bool, serial in 0u16..10_000) {
            let sex = if male { Sex::Male } else { Sex::Female };
            if let Some(iin) = Iin::compose(Date::from_days(days), sex, serial) {
                prop_assert_eq!(iin.expose().parse::<Iin>(), Ok(iin));
                prop_assert_eq!((iin.born(), iin.sex()), (Date::from_days(days), sex));
            }
        }

        #[test]
        fn one_mistyped_digit_never_passes_unseen_in_the_control_round(
            days in 0i32..20_000, serial in 0u16..10_000, at in 7usize..11, to in 0u8..10,
        ) {
            if let Some(iin) = Iin::compose(Date::from_days(days), Sex::Male, serial) {
                let mut text = iin.expose().into_bytes();
                prop_assume!(text[at] != b'0' + to);
                text[at] = b'0' + to;
                let text = String::from_utf8(text).unwrap();
                // The second round can collide with the first; all others are caught.
                if let Ok(other) = text.parse::<Iin>() {
                    prop_assert_ne!(other, iin);
                    prop_assert_eq!(control(&other.0), Some(other.0[11]));
                }
            }
        }
    }
}
