//! How many requests are admitted in a time, and of whom. The count is exact over any window of that length, not only over
//! windows that begin at a full minute.

use std::{net::IpAddr, time::Duration};

use maneiro_api::{OrgId, SessionId};
use sha2::{Digest as _, Sha256};

use super::client_address::ClientAddress;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimitScope {
    /// Those from one client address.
    Address,
    /// Guesses of the password of one account, by its e-mail address.
    Account,
    Session,
    Clinic,
}

impl RateLimitScope {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Account => "account",
            Self::Session => "session",
            Self::Clinic => "clinic",
        }
    }
}

/// A limit of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Names it in the `RateLimit` headers. Limits of one name and scope are counted together.
    pub name: &'static str,
    pub scope: RateLimitScope,
    pub max_requests: u32,
    /// The length of the time in which so many are admitted.
    pub window: Duration,
}

/// Any request from one address, before it is known whose it is. A clinic of a hundred workstations may share one.
pub const REQUESTS_PER_ADDRESS: RateLimit =
    RateLimit { name: "address", scope: RateLimitScope::Address, max_requests: 6_000, window: MINUTE };

/// Sign-ins from one address: a clinic begins its day behind one.
pub const SIGN_INS_PER_ADDRESS: RateLimit =
    RateLimit { name: "sign-in", scope: RateLimitScope::Address, max_requests: 60, window: MINUTE };

/// Registrations from one address.
pub const REGISTRATIONS_PER_ADDRESS: RateLimit =
    RateLimit { name: "registration", scope: RateLimitScope::Address, max_requests: 60, window: HOUR };

/// Guesses of one account's password (NIST SP 800-63B, section 5.2.2, allows at most 100 in a row).
pub const GUESSES_PER_ACCOUNT: RateLimit = RateLimit {
    name: "account",
    scope: RateLimitScope::Account,
    max_requests: 10,
    window: Duration::from_secs(15 * 60),
};

/// Wrong passwords that a session gives for what asks for the password again. Counted apart from guesses at the sign-in, which
/// anyone can make, so that those keep nobody from their own account.
pub const PASSWORD_CHECKS_PER_SESSION: RateLimit = RateLimit {
    name: "password",
    scope: RateLimitScope::Session,
    max_requests: 10,
    window: Duration::from_secs(15 * 60),
};

/// Guesses of one account's second factor, from whichever sessions. Of a million codes three are right at a time.
pub const SECOND_FACTOR_GUESSES: RateLimit = RateLimit {
    name: "second-factor",
    scope: RateLimitScope::Account,
    max_requests: 10,
    window: Duration::from_secs(15 * 60),
};

/// Mails that an address has sent to people: resets of passwords.
pub const RESETS_PER_ADDRESS: RateLimit =
    RateLimit { name: "reset", scope: RateLimitScope::Address, max_requests: 60, window: HOUR };

/// Any request of a session. The workstation sends a few in a second while it uploads.
pub const REQUESTS_PER_SESSION: RateLimit =
    RateLimit { name: "session", scope: RateLimitScope::Session, max_requests: 1_200, window: MINUTE };

/// Event streams that a session opens.
pub const STREAMS_PER_SESSION: RateLimit =
    RateLimit { name: "stream", scope: RateLimitScope::Session, max_requests: 240, window: MINUTE };

/// Reports that a session has typeset.
pub const REPORTS_PER_SESSION: RateLimit =
    RateLimit { name: "report", scope: RateLimitScope::Session, max_requests: 60, window: MINUTE };

/// Analyses that a clinic starts in an hour, unless the operator sets another number.
pub const DEFAULT_ANALYSES_PER_HOUR: u32 = 100;

/// Analyses that a clinic starts, retries included.
#[must_use]
pub const fn analyses_per_clinic(max_per_hour: u32) -> RateLimit {
    RateLimit { name: "analysis", scope: RateLimitScope::Clinic, max_requests: max_per_hour, window: HOUR }
}

/// Whose requests they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RateLimitSubject {
    Address(IpAddr),
    /// The SHA-256 of the e-mail address: the limiter's server need not know it.
    Account([u8; 32]),
    Session(SessionId),
    Clinic(OrgId),
}

impl RateLimitSubject {
    #[must_use]
    pub fn address(client: ClientAddress) -> Self {
        Self::Address(client.subscriber())
    }

    /// The account of an e-mail address as it was typed, whether there is such an account or not.
    #[must_use]
    pub fn account(email: &str) -> Self {
        Self::Account(Sha256::digest(email.trim().to_lowercase()).into())
    }

    #[must_use]
    pub const fn scope(&self) -> RateLimitScope {
        match self {
            Self::Address(_) => RateLimitScope::Address,
            Self::Account(_) => RateLimitScope::Account,
            Self::Session(_) => RateLimitScope::Session,
            Self::Clinic(_) => RateLimitScope::Clinic,
        }
    }

    /// The key that its requests are counted under.
    #[must_use]
    pub fn key(&self, limit: &RateLimit) -> String {
        let (scope, name) = (self.scope().name(), limit.name);
        match self {
            Self::Address(address) => format!("{scope}:{name}:{address}"),
            Self::Account(digest) => format!("{scope}:{name}:{}", hex::encode(digest)),
            Self::Session(session) => format!("{scope}:{name}:{session}"),
            Self::Clinic(org) => format!("{scope}:{name}:{org}"),
        }
    }
}

/// What a limit says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateDecision {
    pub limit: RateLimit,
    pub is_admitted: bool,
    /// Requests that are still admitted now.
    pub remaining: u32,
    /// After which time another request is admitted again than those that remain.
    pub reset_after: Duration,
}
