//! The key of the local store: 256 random bits, in the keychain or in the environment. Never in a file.

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::error::StoreError;
use crate::{
    keychain::{Keychain, KeychainError},
    system::Random,
};

const KEYCHAIN_ENTRY: &str = "store-key";

const KEY_BYTES: usize = 32;

/// The key of the local store, in hexadecimal digits.
#[derive(Debug, Clone)]
pub struct StoreKey(SecretString);

/// Why there is no key, so that no store can be kept on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUnavailable(pub KeychainError);

impl StoreKey {
    /// Parses 64 hexadecimal digits.
    ///
    /// # Errors
    /// `InvalidKey`.
    pub fn parse(digits: &SecretString) -> Result<Self, StoreError> {
        let digits = digits.expose_secret().trim();
        if digits.len() == 2 * KEY_BYTES && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(digits.to_ascii_lowercase().into()))
        } else {
            Err(StoreError::InvalidKey)
        }
    }

    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        random.fill(&mut *bytes);
        Self(hex::encode(bytes.as_slice()).into())
    }

    /// Its hexadecimal digits, to seal them.
    #[must_use]
    pub(crate) fn digits(&self) -> SecretString {
        self.0.clone()
    }

    /// SQLCipher's syntax of a raw key: without a passphrase, no key is derived.
    pub(super) fn pragma_value(&self) -> SecretString {
        format!("\"x'{}'\"", self.0.expose_secret()).into()
    }
}

/// The configured key (from `MANEIRO_STORE_KEY`), else the keychain's, which is generated on first use.
///
/// # Errors
/// `InvalidKey`. A missing keychain is not an error but [`KeyUnavailable`]: the store is then in memory.
pub fn find_key(
    configured: Option<&SecretString>,
    keychain: &dyn Keychain,
    random: &dyn Random,
) -> Result<Result<StoreKey, KeyUnavailable>, StoreError> {
    if let Some(configured) = configured {
        return Ok(Ok(StoreKey::parse(configured)?));
    }
    let generated = match keychain.get(KEYCHAIN_ENTRY) {
        Ok(Some(stored)) => return Ok(Ok(StoreKey::parse(&stored)?)),
        Ok(None) => StoreKey::generate(random),
        Err(error) => return Ok(Err(KeyUnavailable(error))),
    };
    match keychain.set(KEYCHAIN_ENTRY, &generated.0) {
        Ok(()) => Ok(Ok(generated)),
        Err(error) => Ok(Err(KeyUnavailable(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keychain::{MemoryKeychain, NoKeychain},
        system::SystemRandom,
    };

    fn key_pragma(configured: Option<&SecretString>, keychain: &dyn Keychain) -> Option<String> {
        let key = find_key(configured, keychain, &SystemRandom).unwrap().ok()?;
        Some(key.pragma_value().expose_secret().to_owned())
    }

    #[test]
    fn the_keychain_returns_the_same_key_every_time() {
        let keychain = MemoryKeychain::default();
        let first = key_pragma(None, &keychain).unwrap();
        assert_eq!(key_pragma(None, &keychain), Some(first.clone()));
        assert_ne!(key_pragma(None, &MemoryKeychain::default()), Some(first));
    }

    #[test]
    fn a_configured_key_takes_precedence_and_must_be_valid() {
        let configured = SecretString::from("AB".repeat(32));
        let expected = Some(format!("\"x'{}'\"", "ab".repeat(32)));
        assert_eq!(key_pragma(Some(&configured), &NoKeychain), expected);
        assert_eq!(key_pragma(Some(&configured), &MemoryKeychain::default()), expected);
        for wrong in ["", "ab", &"zz".repeat(32), &"ab".repeat(33)] {
            assert!(
                find_key(Some(&SecretString::from(wrong)), &NoKeychain, &SystemRandom).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn without_a_keychain_no_key_is_available() {
        assert_eq!(key_pragma(None, &NoKeychain), None);
    }

    #[test]
    fn a_key_is_never_printed() {
        let key = StoreKey::parse(&SecretString::from("ab".repeat(32))).unwrap();
        assert!(!format!("{key:?}").contains("abab"));
    }
}
