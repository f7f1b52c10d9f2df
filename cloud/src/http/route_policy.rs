//! What a route states of itself: who may call it, how often, and which bodies it takes.

use std::time::Duration;

use maneiro_api::limits::{MAX_BODY_BYTES, MAX_UPLOAD_BYTES};

use super::server::ServerLimits;
use crate::{
    app::rate_limits::LimiterFailure,
    domain::{action::Action, rate_limit::RateLimit},
};

/// What a route states.
#[derive(Debug, Clone)]
pub(super) struct RoutePolicy {
    /// What the role of a caller must permit; none if everyone may call it.
    pub(super) action: Option<Action>,
    pub(super) body: BodyLimit,
    pub(super) limits: Vec<RateLimit>,
}

impl RoutePolicy {
    /// What becomes of a request that cannot be counted.
    pub(super) const fn on_limiter_failure(&self) -> LimiterFailure {
        match self.action {
            Some(_) => LimiterFailure::Admit,
            None => LimiterFailure::Refuse,
        }
    }
}

/// The bodies that a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyLimit {
    /// At most 64 KiB, not compressed. The only one that a route takes before sign-in.
    Ordinary,
    /// At most 16 MiB after decompression, and possibly compressed with zstd.
    Upload,
}

impl BodyLimit {
    pub(super) const fn max_bytes(self) -> usize {
        match self {
            Self::Ordinary => MAX_BODY_BYTES,
            Self::Upload => MAX_UPLOAD_BYTES,
        }
    }

    pub(super) const fn timeout(self, limits: &ServerLimits) -> Duration {
        match self {
            Self::Ordinary => limits.body_timeout,
            Self::Upload => limits.upload_timeout,
        }
    }
}
