use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit};
use sha2::Sha256;

/// The keys of a store: they lie outside the database.
///
/// Written as two lines, `master` and `index`, each with 64 hexadecimal digits.
#[derive(Clone)]
pub struct Keys {
    /// Wraps the key of every person, phone and account.
    pub(super) master: [u8; 32],
    /// Makes the blind indexes.
    index: [u8; 32],
    /// The MAC of `index`, prepared once.
    pub(super) blinder: Hmac<Sha256>,
}

/// Why keys are not usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// Not the two lines.
    #[error("keys: the lines `master` and `index` are expected, each with 64 hexadecimal digits")]
    Shape,
    /// Of another store.
    #[error("keys: these are not the keys that this store was made with; find the right file")]
    Other,
}

impl Keys {
    /// New keys, by the operating system's randomness.
    pub fn generate() -> Result<Self, super::StoreError> {
        let (mut master, mut index) = ([0; 32], [0; 32]);
        getrandom::fill(&mut master).map_err(super::StoreError::Chance)?;
        getrandom::fill(&mut index).map_err(super::StoreError::Chance)?;
        Ok(Self::of(master, index))
    }

    fn of(master: [u8; 32], index: [u8; 32]) -> Self {
        let blinder = Hmac::new_from_slice(&index).expect("a MAC takes a key of any length");
        Self { master, index, blinder }
    }

    /// As they are written to their file, which only the service may read.
    pub fn expose(&self) -> String {
        format!("master {}\nindex {}\n", hex(&self.master), hex(&self.index))
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).expect("half a byte is one digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl FromStr for Keys {
    type Err = KeysError;

    fn from_str(text: &str) -> Result<Self, KeysError> {
        let key = |name: &str| {
            let hex = text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(' '))?.trim();
            if hex.len() != 64 || !hex.is_ascii() {
                return None;
            }
            let mut key = [0; 32];
            for (at, byte) in key.iter_mut().enumerate() {
                *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok()?;
            }
            Some(key)
        };
        match (key("master"), key("index")) {
            (Some(master), Some(index)) if master != index => Ok(Self::of(master, index)),
            _ => Err(KeysError::Shape),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written_and_never_shown() {
        let keys = Keys::generate().unwrap();
        let read: Keys = keys.expose().parse().unwrap();
        assert_eq!((read.master, read.index), (keys.master, keys.index));
        assert_eq!(format!("{keys:?}"), "Keys(hidden)");
        let same = format!("master {0}\nindex {0}", "ab".repeat(32));
        for wrong in ["", "master ab\nindex cd", &same] {
            assert_eq!(wrong.parse::<Keys>().unwrap_err(), KeysError::Shape);
        }
    }
}
