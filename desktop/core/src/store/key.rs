//! The key of the local store: random, 256 bit, in the keychain or given by the user. Never in a file.

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::{
    Error,
    files::hex,
    keychain::{Keychain, KeychainError},
    store::StoreError,
    system::Random,
};

/// The keychain's name for the key.
const NAME: &str = "store-key";

/// A key of the local store.
#[derive(Debug, Clone)]
pub struct StoreKey(SecretString);

/// Why there is no key, so that nothing can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithoutKey(pub KeychainError);

impl StoreKey {
    /// Takes 64 hexadecimal digits.
    ///
    /// # Errors
    /// `BadKey` if it is anything else.
    pub fn parse(digits: &SecretString) -> Result<Self, StoreError> {
        let digits = digits.expose_secret().trim();
        if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(digits.to_ascii_lowercase().into()))
        } else {
            Err(StoreError::BadKey)
        }
    }

    /// Makes a new one.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(&mut *bytes);
        Self(hex(&*bytes).into())
    }

    /// As SQLCipher takes a raw key: not a passphrase, so nothing is derived from it.
    pub(super) fn pragma(&self) -> SecretString {
        format!("\"x'{}'\"", self.0.expose_secret()).into()
    }
}

/// The key to use: `given` (from `MANEIRO_STORE_KEY`), else the keychain's, which is made when first needed.
///
/// # Errors
/// `BadKey` if the one given is none. Without a keychain it is not an error but [`WithoutKey`]: the store is then
/// kept in memory, and the user is told.
pub fn find_key(
    given: Option<&SecretString>,
    keychain: &dyn Keychain,
    random: &dyn Random,
) -> Result<Result<StoreKey, WithoutKey>, Error> {
    if let Some(given) = given {
        return Ok(Ok(StoreKey::parse(given)?));
    }
    let kept = match keychain.get(NAME) {
        Ok(Some(kept)) => return Ok(Ok(StoreKey::parse(&kept)?)),
        Ok(None) => StoreKey::generate(random),
        Err(error) => return Ok(Err(WithoutKey(error))),
    };
    match keychain.set(NAME, &kept.0) {
        Ok(()) => Ok(Ok(kept)),
        Err(error) => Ok(Err(WithoutKey(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keychain::{MemoryKeychain, NoKeychain},
        system::SystemRandom,
    };

    fn found(given: Option<&SecretString>, keychain: &dyn Keychain) -> Option<String> {
        let key = find_key(given, keychain, &SystemRandom).unwrap().ok()?;
        Some(key.pragma().expose_secret().to_owned())
    }

    #[test]
    fn the_keychain_gives_the_same_key_every_time() {
        let keychain = MemoryKeychain::default();
        let first = found(None, &keychain).unwrap();
        assert_eq!(found(None, &keychain), Some(first.clone()));
        assert_ne!(found(None, &MemoryKeychain::default()), Some(first));
    }

    #[test]
    fn a_key_that_the_user_gives_comes_first_and_must_be_one() {
        let given = SecretString::from("AB".repeat(32));
        let expected = Some(format!("\"x'{}'\"", "ab".repeat(32)));
        assert_eq!(found(Some(&given), &NoKeychain), expected);
        assert_eq!(found(Some(&given), &MemoryKeychain::default()), expected);
        for wrong in ["", "ab", &"zz".repeat(32), &"ab".repeat(33)] {
            assert!(
                find_key(Some(&SecretString::from(wrong)), &NoKeychain, &SystemRandom).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn without_a_keychain_there_is_no_key() {
        assert_eq!(found(None, &NoKeychain), None);
    }

    #[test]
    fn a_key_is_never_printed() {
        let key = StoreKey::parse(&SecretString::from("ab".repeat(32))).unwrap();
        assert!(!format!("{key:?}").contains("abab"));
    }
}
