//! Errors of the session with the cloud.

/// Why there is no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    #[error("no cloud address; set MANEIRO_CLOUD_URL or use --cloud")]
    NoCloudAddress,
    #[error("not signed in; run `maneiro login` or set MANEIRO_TOKEN")]
    NotSignedIn,
    /// The token cannot be kept.
    #[error(
        "no keychain to keep the session in, and its token is never written to a file; \
         run `export MANEIRO_TOKEN=$(maneiro login --print-token)` instead"
    )]
    NoKeychain,
}

impl SessionError {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoCloudAddress => "no_cloud_address",
            Self::NotSignedIn => "not_signed_in",
            Self::NoKeychain => "no_keychain",
        }
    }
}
