//! The operating system's keychain, the only place where a key or a token is kept. Never a file.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError, mpsc},
    time::Duration,
};

use keyring::Entry;
use secrecy::{ExposeSecret, SecretString};

const SERVICE: &str = "maneiro";

/// A locked keychain on a machine without a screen never answers.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why a secret could not be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// The machine, or this session on it, has no keychain.
    #[error("no keychain is available")]
    Unavailable,
    /// It is locked, or did not answer in time.
    #[error("the keychain is locked or does not answer")]
    Locked,
    #[error("the keychain refused access")]
    Refused,
}

/// Stores secrets by name.
pub trait Keychain: Send + Sync {
    /// The secret of this name, if there is one.
    ///
    /// # Errors
    /// [`KeychainError`].
    fn get(&self, name: &str) -> Result<Option<SecretString>, KeychainError>;

    /// Stores a secret, replacing one of the same name.
    ///
    /// # Errors
    /// [`KeychainError`].
    fn set(&self, name: &str, secret: &SecretString) -> Result<(), KeychainError>;

    /// Deletes a secret. Not an error if there is none.
    ///
    /// # Errors
    /// [`KeychainError`] if the secret may still be there.
    fn delete(&self, name: &str) -> Result<(), KeychainError>;
}

/// The keychain of the operating system: Keychain Services, Credential Manager or the Secret Service.
/// Each call answers within ten seconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemKeychain;

impl SystemKeychain {
    /// Runs `work` on another thread, which is abandoned if it hangs.
    fn with_timeout<T: Send + 'static>(
        name: &str,
        work: impl FnOnce(Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let (done, outcome) = mpsc::channel();
        let name = name.to_owned();
        std::thread::spawn(move || {
            let result = match Entry::store_status() {
                Ok(()) => Entry::new(SERVICE, &name).and_then(work).map_err(|error| (&error).into()),
                Err(_) => Err(KeychainError::Unavailable),
            };
            // After the timeout, nobody receives the result.
            let _ = done.send(result);
        });
        outcome.recv_timeout(TIMEOUT).unwrap_or(Err(KeychainError::Locked))
    }
}

impl From<&keyring::Error> for KeychainError {
    fn from(error: &keyring::Error) -> Self {
        match error {
            keyring::Error::NoDefaultStore => Self::Unavailable,
            keyring::Error::NoStorageAccess(_) => Self::Locked,
            _ => Self::Refused,
        }
    }
}

impl Keychain for SystemKeychain {
    fn get(&self, name: &str) -> Result<Option<SecretString>, KeychainError> {
        Self::with_timeout(name, |entry| match entry.get_password() {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn set(&self, name: &str, secret: &SecretString) -> Result<(), KeychainError> {
        let secret = secret.clone();
        Self::with_timeout(name, move |entry| entry.set_password(secret.expose_secret()))
    }

    fn delete(&self, name: &str) -> Result<(), KeychainError> {
        Self::with_timeout(name, |entry| match entry.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }
}

/// A keychain in memory, for tests.
#[derive(Debug, Default)]
pub struct MemoryKeychain(Mutex<HashMap<String, SecretString>>);

impl MemoryKeychain {
    fn secrets(&self) -> std::sync::MutexGuard<'_, HashMap<String, SecretString>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keychain for MemoryKeychain {
    fn get(&self, name: &str) -> Result<Option<SecretString>, KeychainError> {
        Ok(self.secrets().get(name).cloned())
    }

    fn set(&self, name: &str, secret: &SecretString) -> Result<(), KeychainError> {
        self.secrets().insert(name.to_owned(), secret.clone());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), KeychainError> {
        self.secrets().remove(name);
        Ok(())
    }
}

/// A machine without a keychain.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeychain;

impl Keychain for NoKeychain {
    fn get(&self, _: &str) -> Result<Option<SecretString>, KeychainError> {
        Err(KeychainError::Unavailable)
    }

    fn set(&self, _: &str, _: &SecretString) -> Result<(), KeychainError> {
        Err(KeychainError::Unavailable)
    }

    fn delete(&self, _: &str) -> Result<(), KeychainError> {
        Err(KeychainError::Unavailable)
    }
}
