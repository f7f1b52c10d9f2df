//! The session with the cloud: its address and its token, which is in the keychain or in the environment and never in a
//! file.

use maneiro_api::{
    RetryPolicy,
    account::{ConfirmRegistration, Login, LoginResponse, Register},
    client::{Client, ClientError},
};
use secrecy::SecretString;

use super::error::SessionError;
use crate::{
    Error,
    keychain::{Keychain, KeychainError},
};

/// Where a new session's token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStorage {
    Keychain,
    /// Nowhere: the caller keeps it.
    Caller,
}

#[derive(Debug, Clone)]
pub enum SignIn {
    Login(Login),
    /// Creates a clinic by the code that [`request_registration`] had mailed, and signs in as its first admin.
    ConfirmRegistration(ConfirmRegistration),
}

/// The name of a session in the keychain. A user may be signed in to several clouds.
fn keychain_entry(client: &Client) -> String {
    format!("session {}", client.base_url())
}

/// A client without a session for the cloud at `address`.
///
/// # Errors
/// `NoCloudAddress` without an address; `CloudAddress` if it is invalid.
pub fn anonymous_client(address: Option<&str>, retry: RetryPolicy) -> Result<Client, Error> {
    let address = address.filter(|address| !address.trim().is_empty()).ok_or(SessionError::NoCloudAddress)?;
    Ok(Client::new(address, retry)?)
}

/// Adds a session to a client: that of `token` (from `MANEIRO_TOKEN`), else that in the keychain.
///
/// # Errors
/// `NotSignedIn` without a token. Whether the session has expired is decided by the cloud, by its own clock.
pub fn resume(client: Client, token: Option<SecretString>, keychain: &dyn Keychain) -> Result<Client, Error> {
    if let Some(token) = token {
        return Ok(client.with_token(token));
    }
    match keychain.get(&keychain_entry(&client)) {
        Ok(Some(token)) => Ok(client.with_token(token)),
        Ok(None) | Err(KeychainError::Unavailable) => Err(SessionError::NotSignedIn.into()),
        Err(error @ (KeychainError::Locked | KeychainError::Refused)) => Err(error.into()),
    }
}

/// Checks that a token can be kept, before a password is asked for or a clinic is registered.
///
/// # Errors
/// `NoKeychain`; `Keychain` if it is locked or refuses.
pub fn check_token_storage(
    client: &Client,
    storage: TokenStorage,
    keychain: &dyn Keychain,
) -> Result<(), Error> {
    match storage {
        TokenStorage::Caller => Ok(()),
        TokenStorage::Keychain => match keychain.get(&keychain_entry(client)) {
            Ok(_) => Ok(()),
            Err(KeychainError::Unavailable) => Err(SessionError::NoKeychain.into()),
            Err(error @ (KeychainError::Locked | KeychainError::Refused)) => Err(error.into()),
        },
    }
}

/// Has a code mailed with which a clinic can be registered. The answer is the same for an address with an account.
///
/// # Errors
/// `Cloud` if the call fails.
pub async fn request_registration(client: &Client, register: &Register) -> Result<(), Error> {
    Ok(client.register(register).await?)
}

/// Signs in and keeps the token.
///
/// # Errors
/// `Cloud` if the call fails; `Keychain` if the token cannot be kept: the session is then ended again.
pub async fn sign_in(
    client: &Client,
    sign_in: &SignIn,
    storage: TokenStorage,
    keychain: &dyn Keychain,
) -> Result<LoginResponse, Error> {
    check_token_storage(client, storage, keychain)?;
    let response = match sign_in {
        SignIn::Login(login) => client.login(login).await?,
        SignIn::ConfirmRegistration(confirm) => client.confirm_registration(confirm).await?,
    };
    if storage == TokenStorage::Keychain
        && let Err(error) = keychain.set(&keychain_entry(client), &response.token)
    {
        // If this fails too, the session expires by itself.
        let _ = client.clone().with_token(response.token).logout().await;
        return Err(error.into());
    }
    Ok(response)
}

/// Ends the session in the cloud and removes its token from the keychain. Not an error if the session has expired.
///
/// # Errors
/// `NotSignedIn`; `Cloud` if the call fails: the token is then kept, so that it can be tried again.
pub async fn sign_out(
    client: Client,
    token: Option<SecretString>,
    keychain: &dyn Keychain,
) -> Result<(), Error> {
    let entry = keychain_entry(&client);
    let is_from_keychain = token.is_none();
    let client = resume(client, token, keychain)?;
    match client.logout().await {
        Ok(()) => {}
        Err(ClientError::Api(body)) if body.code == maneiro_api::ErrorCode::Unauthenticated => {}
        Err(error) => return Err(error.into()),
    }
    if is_from_keychain {
        keychain.delete(&entry)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::keychain::{MemoryKeychain, NoKeychain};

    fn client() -> Client {
        anonymous_client(Some("https://cloud.example"), RetryPolicy::with_total_delay(Duration::ZERO))
            .unwrap()
    }

    #[test]
    fn a_session_belongs_to_one_cloud() {
        let keychain = MemoryKeychain::default();
        keychain.set(&keychain_entry(&client()), &SecretString::from("t")).unwrap();
        assert!(resume(client(), None, &keychain).is_ok());
        let other =
            anonymous_client(Some("https://other.example"), RetryPolicy::with_total_delay(Duration::ZERO))
                .unwrap();
        assert_eq!(resume(other, None, &keychain).unwrap_err().code(), "not_signed_in");
    }

    #[test]
    fn without_a_keychain_the_token_must_be_in_the_environment() {
        assert!(resume(client(), Some(SecretString::from("t")), &NoKeychain).is_ok());
        assert_eq!(resume(client(), None, &NoKeychain).unwrap_err().code(), "not_signed_in");
        let refused = check_token_storage(&client(), TokenStorage::Keychain, &NoKeychain).unwrap_err();
        assert_eq!(refused.code(), "no_keychain");
        assert!(refused.to_string().contains("MANEIRO_TOKEN"));
        assert!(check_token_storage(&client(), TokenStorage::Caller, &NoKeychain).is_ok());
    }

    #[test]
    fn a_missing_cloud_address_is_refused() {
        for none in [None, Some(""), Some(" ")] {
            let refused = anonymous_client(none, RetryPolicy::with_total_delay(Duration::ZERO)).unwrap_err();
            assert_eq!(refused.code(), "no_cloud_address");
        }
    }
}
