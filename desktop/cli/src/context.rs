//! What commands share: the terminal, the keychain, the local store, and the cloud's client.

use std::{path::PathBuf, sync::OnceLock};

use maneiro_api::{RetryPolicy, client::Client};
use maneiro_core::{
    Error,
    cloud::session,
    files::DataFolder,
    keychain::{KeychainError, SystemKeychain},
    store::{KeyUnavailable, Store, StoreError, find_key},
    system::SystemRandom,
};

use crate::{failure::Failure, passwords::secret_variable, ui::Ui};

pub(crate) struct Context<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) keychain: SystemKeychain,
    pub(crate) cloud: Option<String>,
    pub(crate) retry: RetryPolicy,
    pub(crate) open_store: OpenStore,
}

/// The store that a command opened. It is closed however the command ends.
#[derive(Debug, Default)]
pub(crate) struct OpenStore(OnceLock<Store>);

impl OpenStore {
    /// Remembers a store, to close it.
    pub(crate) fn register(&self, store: Store) -> Store {
        self.0.get_or_init(|| store).clone()
    }

    pub(crate) async fn close(&self) {
        if let Some(store) = self.0.get() {
            store.close().await;
        }
    }
}

impl Context<'_> {
    /// The cloud's client without a session.
    pub(crate) fn anonymous_client(&self) -> Result<Client, Failure> {
        Ok(session::anonymous_client(self.cloud.as_deref(), self.retry)?)
    }

    /// The cloud's client with the session of `MANEIRO_TOKEN`, else of the keychain.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Ok(session::resume(self.anonymous_client()?, secret_variable("MANEIRO_TOKEN"), &self.keychain)?)
    }

    /// Opens the local store. Without a key to encrypt it with, it is in memory, and the user is told.
    pub(crate) async fn store(&self) -> Result<Store, Failure> {
        let configured = secret_variable("MANEIRO_STORE_KEY");
        let key = find_key(configured.as_ref(), &self.keychain, &SystemRandom).map_err(Error::from)?;
        let store = match key {
            Ok(key) => {
                let folder = DataFolder::for_user().ok_or(Error::Store(StoreError::NotWritable))?;
                Store::open(&folder, &key).await
            }
            Err(KeyUnavailable(error)) => {
                let reason = match error {
                    KeychainError::Unavailable => "no keychain is available",
                    KeychainError::Locked => "the keychain is locked",
                    KeychainError::Refused => "the keychain refused access",
                };
                self.ui.note_later(format!(
                    "{reason}, so pages are not stored after this command; set MANEIRO_STORE_KEY to store them encrypted"
                ));
                Store::in_memory().await
            }
        };
        Ok(self.open_store.register(store.map_err(Error::from)?))
    }
}

/// The path of this program, which also runs the page workers.
pub(crate) fn current_binary() -> Result<PathBuf, Failure> {
    std::env::current_exe()
        .map_err(|_| Failure::internal("internal", "the path of this program could not be determined"))
}
