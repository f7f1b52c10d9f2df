//! The operating system's keychain: the only place where a key or a token is kept. Never a file.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError, mpsc},
    time::Duration,
};

use keyring::Entry;
use secrecy::{ExposeSecret, SecretString};

const SERVICE: &str = "maneiro";

/// How long the keychain may take. A locked one on a machine without a screen never answers.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Why a secret could not be had or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// This machine, or this session of it, has none.
    #[error("there is no keychain here")]
    Absent,
    /// It is locked, or did not answer in time.
    #[error("the keychain is locked or does not answer")]
    Locked,
    /// It refused.
    #[error("the keychain refused")]
    Refused,
}

/// Keeps secrets by name.
pub trait Keychain: Send + Sync {
    /// The secret of this name, if there is one.
    ///
    /// # Errors
    /// [`KeychainError`] if that cannot be known.
    fn get(&self, name: &str) -> Result<Option<SecretString>, KeychainError>;

    /// Keeps a secret, replacing one of the same name.
    ///
    /// # Errors
    /// [`KeychainError`] if it is not kept.
    fn set(&self, name: &str, secret: &SecretString) -> Result<(), KeychainError>;

    /// Forgets a secret; not an error if there is none.
    ///
    /// # Errors
    /// [`KeychainError`] if it may still be there.
    fn delete(&self, name: &str) -> Result<(), KeychainError>;
}

/// The keychain of the operating system: Keychain Services, Credential Manager or the Secret Service.
/// Each call answers within ten seconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemKeychain;

impl SystemKeychain {
    /// Runs `work` on a thread that is left behind if it hangs.
    fn within_time<T: Send + 'static>(
        name: &str,
        work: impl FnOnce(Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let (done, outcome) = mpsc::channel();
        let name = name.to_owned();
        std::thread::spawn(move || {
            let result = match Entry::store_status() {
                Ok(()) => Entry::new(SERVICE, &name).and_then(work).map_err(|error| translated(&error)),
                Err(_) => Err(KeychainError::Absent),
            };
            // Nobody listens any more if the time was over.
            let _ = done.send(result);
        });
        outcome.recv_timeout(TIME_LIMIT).unwrap_or(Err(KeychainError::Locked))
    }
}

fn translated(error: &keyring::Error) -> KeychainError {
    match error {
        keyring::Error::NoDefaultStore => KeychainError::Absent,
        keyring::Error::NoStorageAccess(_) => KeychainError::Locked,
        _ => KeychainError::Refused,
    }
}

impl Keychain for SystemKeychain {
    fn get(&self, name: &str) -> Result<Option<SecretString>, KeychainError> {
        Self::within_time(name, |entry| match entry.get_password() {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn set(&self, name: &str, secret: &SecretString) -> Result<(), KeychainError> {
        let secret = secret.clone();
        Self::within_time(name, move |entry| entry.set_password(secret.expose_secret()))
    }

    fn delete(&self, name: &str) -> Result<(), KeychainError> {
        Self::within_time(name, |entry| match entry.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }
}

/// A keychain that lasts as long as the process: for demonstrations and tests.
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

/// No keychain at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeychain;

impl Keychain for NoKeychain {
    fn get(&self, _: &str) -> Result<Option<SecretString>, KeychainError> {
        Err(KeychainError::Absent)
    }

    fn set(&self, _: &str, _: &SecretString) -> Result<(), KeychainError> {
        Err(KeychainError::Absent)
    }

    fn delete(&self, _: &str) -> Result<(), KeychainError> {
        Err(KeychainError::Absent)
    }
}
