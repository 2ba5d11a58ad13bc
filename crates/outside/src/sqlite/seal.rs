use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Keys, StoreError};

const NONCE_BYTES: usize = 24;

/// Randomness of the operating system, fetched for many seals at once.
#[derive(Debug)]
pub(super) struct Chance {
    bytes: [u8; 4096],
    used: usize,
}

impl Chance {
    pub fn new() -> Self {
        Self { bytes: [0; 4096], used: 4096 }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        if self.used + N > self.bytes.len() {
            getrandom::fill(&mut self.bytes).map_err(StoreError::Chance)?;
            self.used = 0;
        }
        let taken = &mut self.bytes[self.used..self.used + N];
        let mut bytes = [0; N];
        bytes.copy_from_slice(taken);
        // What was handed out is not kept.
        taken.fill(0);
        self.used += N;
        Ok(bytes)
    }
}

/// Seals a text: nonce, then ciphertext and tag. `place` binds it to its table and row, so that it
/// does not open elsewhere.
pub(super) fn seal(
    key: &[u8; 32],
    place: &str,
    plain: &[u8],
    chance: &mut Chance,
) -> Result<Vec<u8>, StoreError> {
    let nonce: [u8; NONCE_BYTES] = chance.take()?;
    let payload = Payload { msg: plain, aad: place.as_bytes() };
    let sealed = XChaCha20Poly1305::new(&(*key).into())
        .encrypt(&XNonce::from(nonce), payload)
        .expect("a short text is never too long for the cipher");
    Ok([&nonce[..], &sealed].concat())
}

/// Opens what [`seal`] sealed; `None` if it was changed or moved.
pub(super) fn open(key: &[u8; 32], place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, cipher) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload { msg: cipher, aad: place.as_bytes() };
    XChaCha20Poly1305::new(&(*key).into()).decrypt(&XNonce::from(*nonce), payload).ok()
}

/// A new key of one person, phone or account, and that key sealed by the master key.
pub(super) fn new_key(
    keys: &Keys,
    place: &str,
    chance: &mut Chance,
) -> Result<([u8; 32], Vec<u8>), StoreError> {
    let key: [u8; 32] = chance.take()?;
    let wrapped = seal(&keys.master, place, &key, chance)?;
    Ok((key, wrapped))
}

/// Opens a wrapped key.
pub(super) fn unwrap(keys: &Keys, place: &str, wrapped: &[u8]) -> Option<[u8; 32]> {
    open(&keys.master, place, wrapped)?.try_into().ok()
}

/// The key of records that concern several persons: bodies of events and quarantine.
pub(super) fn records_key(keys: &Keys) -> [u8; 32] {
    let mac = Hmac::new_from_slice(&keys.master).expect("a MAC takes a key of any length");
    finish(mac, "records", b"")
}

/// The blind index of a value: equal values of one kind have equal indexes, and nobody without the
/// key can make one.
pub(super) fn blind(keys: &Keys, kind: &str, value: &str) -> [u8; 32] {
    finish(keys.blinder.clone(), kind, value.as_bytes())
}

fn finish(mut mac: Hmac<Sha256>, kind: &str, value: &[u8]) -> [u8; 32] {
    mac.update(kind.as_bytes());
    mac.update(&[0]);
    mac.update(value);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let keys = Keys::generate().unwrap();
        let mut chance = Chance::new();
        let (key, wrapped) = new_key(&keys, "person 1", &mut chance).unwrap();
        assert_eq!(unwrap(&keys, "person 1", &wrapped), Some(key));
        assert_eq!(unwrap(&keys, "person 2", &wrapped), None);
        assert_eq!(unwrap(&Keys::generate().unwrap(), "person 1", &wrapped), None);
        let mut sealed = seal(&key, "person 1", b"990101300018", &mut chance).unwrap();
        assert_eq!(open(&key, "person 1", &sealed).unwrap(), b"990101300018");
        assert!(!sealed.windows(12).any(|w| w == b"990101300018"));
        assert_ne!(sealed, seal(&key, "person 1", b"990101300018", &mut chance).unwrap());
        sealed[30] ^= 1;
        assert_eq!(open(&key, "person 1", &sealed), None);
        assert_eq!(open(&key, "person 1", b"short"), None);
    }

    #[test]
    fn blind_indexes_tell_kinds_apart() {
        let keys = Keys::generate().unwrap();
        assert_eq!(blind(&keys, "iin", "1"), blind(&keys, "iin", "1"));
        assert_ne!(blind(&keys, "iin", "1"), blind(&keys, "phone", "1"));
        assert_ne!(blind(&keys, "iin", "1"), blind(&Keys::generate().unwrap(), "iin", "1"));
    }
}
