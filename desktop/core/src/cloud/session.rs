//! Who is signed in: the cloud's address and the session's token, which is in the keychain or in the environment and
//! never in a file.

use maneiro_api::{
    RetryPolicy,
    account::{Login, LoginResponse, Register},
    client::{Client, ClientError},
};
use secrecy::SecretString;

use crate::{
    Error,
    keychain::{Keychain, KeychainError},
};

/// Why there is no session to act in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// It was not said which cloud to use.
    #[error("no cloud is named; set MANEIRO_CLOUD_URL or give --cloud")]
    NoCloud,
    /// Nobody is signed in.
    #[error("nobody is signed in; run `maneiro login`, or set MANEIRO_TOKEN")]
    NotSignedIn,
    /// There is no keychain to keep the token in.
    #[error(
        "there is no keychain here to keep the session in, and it is never written to a file; \
         run `export MANEIRO_TOKEN=$(maneiro login --print-token)` instead"
    )]
    NoPlaceForToken,
}

impl SessionError {
    /// What a program acts on.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoCloud => "no_cloud",
            Self::NotSignedIn => "not_signed_in",
            Self::NoPlaceForToken => "no_keychain",
        }
    }
}

/// Where a new session's token goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenGoes {
    /// Into the keychain, for the next command.
    IntoKeychain,
    /// To the caller only.
    ToCaller,
}

/// How to sign in: in an account that exists, or in a new clinic.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// With an account.
    Login(Login),
    /// With a new clinic and its first admin.
    Register(Register),
}

/// The keychain's name for the session with a cloud: one may be signed in to several.
fn name(client: &Client) -> String {
    format!("session {}", client.base_url())
}

/// The client of the cloud at `address`, as nobody.
///
/// # Errors
/// `NoCloud` without an address; `Address` if it is none that may be used.
pub fn anonymous(address: Option<&str>, retry: RetryPolicy) -> Result<Client, Error> {
    let address = address.filter(|address| !address.trim().is_empty()).ok_or(SessionError::NoCloud)?;
    Ok(Client::new(address, retry)?)
}

/// The client of the session: of `given` (from `MANEIRO_TOKEN`), else of the keychain.
///
/// # Errors
/// `NotSignedIn` if there is none. Whether it still holds is for the cloud to say, whose clock counts.
pub fn resume(client: Client, given: Option<SecretString>, keychain: &dyn Keychain) -> Result<Client, Error> {
    if let Some(token) = given {
        return Ok(client.with_token(token));
    }
    match keychain.get(&name(&client)) {
        Ok(Some(token)) => Ok(client.with_token(token)),
        Ok(None) | Err(KeychainError::Absent) => Err(SessionError::NotSignedIn.into()),
        Err(error @ (KeychainError::Locked | KeychainError::Refused)) => Err(error.into()),
    }
}

/// Makes sure that a token has a place to go, before a password is asked for or a clinic is made.
///
/// # Errors
/// `NoPlaceForToken` without a keychain.
pub fn check_place(client: &Client, goes: TokenGoes, keychain: &dyn Keychain) -> Result<(), Error> {
    match goes {
        TokenGoes::ToCaller => Ok(()),
        TokenGoes::IntoKeychain => match keychain.get(&name(client)) {
            Ok(_) => Ok(()),
            Err(KeychainError::Absent) => Err(SessionError::NoPlaceForToken.into()),
            Err(error @ (KeychainError::Locked | KeychainError::Refused)) => Err(error.into()),
        },
    }
}

/// Signs in and puts the token where it goes.
///
/// # Errors
/// As of the cloud's call. If the token cannot be kept after all, the session is ended again.
pub async fn sign_in(
    client: &Client,
    how: &SignIn,
    goes: TokenGoes,
    keychain: &dyn Keychain,
) -> Result<LoginResponse, Error> {
    check_place(client, goes, keychain)?;
    let signed_in = match how {
        SignIn::Login(login) => client.login(login).await?,
        SignIn::Register(register) => client.register(register).await?,
    };
    if goes == TokenGoes::IntoKeychain
        && let Err(error) = keychain.set(&name(client), &signed_in.token)
    {
        // A token that nobody has is better ended; if that fails too it ends by itself.
        let _ = client.clone().with_token(signed_in.token).logout().await;
        return Err(error.into());
    }
    Ok(signed_in)
}

/// Ends the session, in the cloud and in the keychain. A session that the cloud no longer knows is ended too.
///
/// # Errors
/// `NotSignedIn` without one; `Cloud` if the cloud could not be told: then the token is kept, to try again.
pub async fn sign_out(
    client: Client,
    given: Option<SecretString>,
    keychain: &dyn Keychain,
) -> Result<(), Error> {
    let name = name(&client);
    let from_keychain = given.is_none();
    let client = resume(client, given, keychain)?;
    match client.logout().await {
        Ok(()) => {}
        Err(ClientError::Api(body)) if body.code == maneiro_api::ErrorCode::Unauthenticated => {}
        Err(error) => return Err(error.into()),
    }
    if from_keychain {
        keychain.delete(&name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::keychain::{MemoryKeychain, NoKeychain};

    fn client() -> Client {
        anonymous(Some("https://cloud.example"), RetryPolicy::with_total_delay(Duration::ZERO)).unwrap()
    }

    #[test]
    fn a_session_is_found_under_its_own_cloud_only() {
        let keychain = MemoryKeychain::default();
        keychain.set(&name(&client()), &SecretString::from("t")).unwrap();
        assert!(resume(client(), None, &keychain).is_ok());
        let other =
            anonymous(Some("https://other.example"), RetryPolicy::with_total_delay(Duration::ZERO)).unwrap();
        assert_eq!(resume(other, None, &keychain).unwrap_err().code(), "not_signed_in");
    }

    #[test]
    fn without_a_keychain_a_token_comes_from_the_environment_or_not_at_all() {
        assert!(resume(client(), Some(SecretString::from("t")), &NoKeychain).is_ok());
        assert_eq!(resume(client(), None, &NoKeychain).unwrap_err().code(), "not_signed_in");
        let refused = check_place(&client(), TokenGoes::IntoKeychain, &NoKeychain).unwrap_err();
        assert_eq!(refused.code(), "no_keychain");
        assert!(refused.to_string().contains("MANEIRO_TOKEN"));
        assert!(check_place(&client(), TokenGoes::ToCaller, &NoKeychain).is_ok());
    }

    #[test]
    fn a_command_without_a_cloud_says_how_to_name_one() {
        for none in [None, Some(""), Some(" ")] {
            let refused = anonymous(none, RetryPolicy::with_total_delay(Duration::ZERO)).unwrap_err();
            assert_eq!(refused.code(), "no_cloud");
        }
    }
}
