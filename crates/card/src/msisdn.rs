use std::{fmt, str::FromStr};

/// A mobile number of Kazakhstan: `7`, then ten digits that begin with `7`.
///
/// Formatting shows the last two digits only; [`Msisdn::expose`] gives the whole number for the
/// operator's link.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Msisdn(u64);

/// Why a text is not a mobile number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MsisdnError {
    /// Not a mobile number of Kazakhstan.
    #[error("a mobile number of Kazakhstan is +7 7XX XXX XX XX")]
    Shape,
}

impl Msisdn {
    /// The whole number, eleven digits without a plus, as SMPP writes it. Never for a log.
    pub fn expose(&self) -> String {
        self.0.to_string()
    }
}

impl FromStr for Msisdn {
    type Err = MsisdnError;

    /// Accepts a leading plus, the domestic `8`, and blanks, dashes and brackets between digits.
    fn from_str(text: &str) -> Result<Self, MsisdnError> {
        let bare = text.strip_prefix('+').unwrap_or(text);
        let digits: String = bare.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
        let international = match digits.strip_prefix('8') {
            Some(rest) if !text.starts_with('+') => format!("7{rest}"),
            _ => digits,
        };
        let shaped = international.len() == 11
            && international.starts_with("77")
            && international.bytes().all(|b| b.is_ascii_digit());
        if !shaped {
            return Err(MsisdnError::Shape);
        }
        international.parse().map(Self).map_err(|_| MsisdnError::Shape)
    }
}

impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Msisdn(*{:02})", self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_ways_people_write_it() {
        let one: Msisdn = "77011234567".parse().unwrap();
        for way in ["+77011234567", "87011234567", "+7 (701) 123-45-67", "8 701 123 45 67"] {
            assert_eq!(way.parse(), Ok(one), "{way}");
        }
        for wrong in ["", "1414", "78011234567", "+87011234567", "7701123456", "770112345678", "7701123456x"]
        {
            assert_eq!(wrong.parse::<Msisdn>(), Err(MsisdnError::Shape), "{wrong}");
        }
        assert_eq!(format!("{one:?}"), "Msisdn(*67)");
    }

    proptest! {
        #[test]
        fn parses_what_it_exposes(rest in 0u64..1_000_000_000) {
            let number = Msisdn(77_000_000_000 + rest);
            prop_assert_eq!(number.expose().parse(), Ok(number));
        }
    }
}
