//! What commands stand on: the keychain, the local store, and the client of the session.

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use maneiro_api::{RetryPolicy, client::Client};
use maneiro_core::{
    Error,
    cloud::session,
    files::DataFolder,
    keychain::{KeychainError, SystemKeychain},
    store::{Store, StoreError, WithoutKey, find_key},
    system::SystemRandom,
};

use crate::{failure::Failure, passwords::variable, ui::Ui};

/// What was said for every command.
pub(crate) struct Context<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) keychain: SystemKeychain,
    pub(crate) cloud: Option<String>,
    pub(crate) patience: Duration,
    pub(crate) opened: OpenStore,
}

/// The store that a command opened, to be closed whatever becomes of the command.
#[derive(Debug, Default)]
pub(crate) struct OpenStore(OnceLock<Store>);

impl OpenStore {
    /// Takes note of a store.
    pub(crate) fn note(&self, store: Store) -> Store {
        self.0.get_or_init(|| store).clone()
    }

    /// Closes it, if there is one.
    pub(crate) async fn close(&self) {
        if let Some(store) = self.0.get() {
            store.close().await;
        }
    }
}

impl Context<'_> {
    /// The cloud's client as nobody.
    pub(crate) fn anonymous(&self) -> Result<Client, Failure> {
        Ok(session::anonymous(self.cloud.as_deref(), RetryPolicy::with_total_delay(self.patience))?)
    }

    /// The cloud's client as the session of `MANEIRO_TOKEN`, else of the keychain.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Ok(session::resume(self.anonymous()?, variable("MANEIRO_TOKEN"), &self.keychain)?)
    }

    /// The local store; in memory, and said so, if there is no key to encrypt one on disk with.
    pub(crate) async fn store(&self) -> Result<Store, Failure> {
        let key = find_key(variable("MANEIRO_STORE_KEY").as_ref(), &self.keychain, &SystemRandom)?;
        let store = match key {
            Ok(key) => {
                let folder = DataFolder::of_user().ok_or(Error::Store(StoreError::NotWritable))?;
                Store::open(&folder, &key).await
            }
            Err(WithoutKey(why)) => {
                let why = match why {
                    KeychainError::Absent => "there is no keychain here",
                    KeychainError::Locked => "the keychain is locked",
                    KeychainError::Refused => "the keychain refused",
                };
                self.ui.announce(format!(
                    "{why}, so nothing is kept after this command; set MANEIRO_STORE_KEY to keep what was read, encrypted"
                ));
                Store::in_memory().await
            }
        };
        Ok(self.opened.note(store.map_err(Error::from)?))
    }
}

/// This binary, which page workers are too.
pub(crate) fn this_binary() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|_| Failure::fault("internal", "this program cannot tell where it is"))
}
