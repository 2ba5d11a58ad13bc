use std::ops::{BitAnd, BitOr, Not};

use serde::{Deserialize, Serialize};

/// A truth value of which not everything may be known, as Kleene defined it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ternary {
    /// Certainly false, in every completion of what is not known.
    No,
    /// Some completions make it true and some false.
    Unknown,
    /// Certainly true.
    Yes,
}

impl Ternary {
    /// From a known truth value.
    pub const fn known(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }

    /// May it be true?
    pub const fn may_be_true(self) -> bool {
        !matches!(self, Self::No)
    }

    /// May it be false?
    pub const fn may_be_false(self) -> bool {
        !matches!(self, Self::Yes)
    }
}

impl BitAnd for Ternary {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        self.min(other)
    }
}

impl BitOr for Ternary {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.max(other)
    }
}

impl Not for Ternary {
    type Output = Self;
    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ternary::{No, Unknown, Yes};

    #[test]
    fn a_certain_no_outweighs_an_unknown() {
        assert_eq!((No & Unknown, Unknown & Yes, Yes & Yes), (No, Unknown, Yes));
        assert_eq!((Yes | Unknown, Unknown | No, No | No), (Yes, Unknown, No));
        assert_eq!((!No, !Unknown, !Yes), (Yes, Unknown, No));
    }
}
