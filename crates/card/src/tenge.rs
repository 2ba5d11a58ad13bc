use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Neg, Sub, SubAssign},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// Money in tenge, exact to the tiyn (a hundredth). Never a binary float.
///
/// Adding beyond about 92 quadrillion tenge panics rather than wraps: it is ten thousand times the
/// country's yearly budget, so it is a fault of the program and not of its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tenge(i64);

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TengeError {
    /// Not a decimal number with at most two places.
    #[error("an amount is a decimal number with a point and at most two places, such as 104017 or 24912.50")]
    Shape,
    /// Larger than the type holds.
    #[error("the amount is too large")]
    TooLarge,
}

impl Tenge {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// From whole tiyn.
    pub const fn from_tiyn(tiyn: i64) -> Self {
        Self(tiyn)
    }

    /// From whole tenge.
    pub const fn whole(tenge: i64) -> Self {
        Self(tenge * 100)
    }

    /// In tiyn.
    pub const fn tiyn(self) -> i64 {
        self.0
    }

    /// For a person: grouped by thousands with no-break spaces, tiyn only where there are any
    /// (`104 017`, `24 912,50`). An SMS wants plain spaces: [`Tenge::grouped_plain`].
    pub fn grouped(self) -> String {
        self.grouped_plain().replace(' ', "\u{a0}")
    }

    /// As [`Tenge::grouped`] with plain spaces.
    pub fn grouped_plain(self) -> String {
        let whole = (self.0 / 100).unsigned_abs().to_string();
        let mut text = String::from(if self.0 < 0 { "-" } else { "" });
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push(' ');
            }
            text.push(digit);
        }
        match (self.0 % 100).unsigned_abs() {
            0 => text,
            tiyn => format!("{text},{tiyn:02}"),
        }
    }
}

/// The machine's form, as ISO 20022 writes amounts: `104017.00`.
impl fmt::Display for Tenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }
}

impl FromStr for Tenge {
    type Err = TengeError;

    fn from_str(text: &str) -> Result<Self, TengeError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, places) = digits.split_once('.').unwrap_or((digits, "00"));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !(1..=2).contains(&places.len()) || !all_digits(whole) || !all_digits(places) {
            return Err(TengeError::Shape);
        }
        let tiyn: i64 = format!("{whole}{places:0<2}").parse().map_err(|_| TengeError::TooLarge)?;
        Ok(Self(if negative { -tiyn } else { tiyn }))
    }
}

impl Add for Tenge {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.checked_add(other.0).expect("a sum of money beyond any budget"))
    }
}

impl Sub for Tenge {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("a difference of money beyond any budget"))
    }
}

impl Neg for Tenge {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Tenge {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Tenge {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Tenge {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_and_writes() {
        assert_eq!("104017".parse(), Ok(Tenge::whole(104_017)));
        assert_eq!("24912.5".parse(), Ok(Tenge::from_tiyn(2_491_250)));
        assert_eq!(Tenge::whole(104_017).to_string(), "104017.00");
        assert_eq!(Tenge::from_tiyn(-5).to_string(), "-0.05");
        assert_eq!(Tenge::whole(1_104_017).grouped(), "1\u{a0}104\u{a0}017");
        assert_eq!(Tenge::from_tiyn(2_491_250).grouped_plain(), "24 912,50");
        for wrong in ["", "1,5", "1.234", "1.", ".5", "1e3", "+1", "- 1"] {
            assert_eq!(wrong.parse::<Tenge>(), Err(TengeError::Shape), "{wrong}");
        }
        assert_eq!("99999999999999999999".parse::<Tenge>(), Err(TengeError::TooLarge));
    }

    proptest! {
        #[test]
        fn display_parses_back(tiyn in -1_000_000_000_000i64..1_000_000_000_000) {
            let amount = Tenge::from_tiyn(tiyn);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }

        #[test]
        fn grouping_keeps_every_digit(tenge in 0i64..1_000_000_000_000) {
            let plain: String = Tenge::whole(tenge).grouped_plain().chars().filter(|c| *c != ' ').collect();
            prop_assert_eq!(plain, tenge.to_string());
        }
    }
}
