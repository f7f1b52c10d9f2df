//! Valid sessions by the hash of their token, for a second at most. A notification of the database removes what it is about,
//! and nothing stays when notifications may have been missed.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use maneiro_api::UserId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    domain::actor::ValidSession,
    store::{notifications::DbNotification, sessions::TokenHash},
};

/// The end of a session takes effect within a second, even if no notification of it arrives.
const MAX_AGE: Duration = Duration::from_secs(1);

/// A full cache is emptied; filling it again costs one query for each session.
const MAX_CACHED_SESSIONS: usize = 10_000;

struct CachedSession {
    session: ValidSession,
    checked_at: CheckTime,
}

/// When a session was looked up: by the clock, and by one that nobody sets.
#[derive(Debug, Clone, Copy)]
pub struct CheckTime {
    pub clock: OffsetDateTime,
    pub instant: Instant,
}

/// Sessions that were found valid.
#[derive(Default)]
pub struct SessionCache(Mutex<CachedSessions>);

#[derive(Default)]
struct CachedSessions {
    by_token: HashMap<TokenHash, CachedSession>,
    /// When some were last removed because something changed.
    evicted_at: Option<Instant>,
}

impl SessionCache {
    /// The session of a token, if it was found valid within the last second and has not expired since.
    #[must_use]
    pub fn get(&self, token_hash: &TokenHash, now: CheckTime) -> Option<ValidSession> {
        let sessions = self.lock();
        let CachedSession { session, checked_at } = sessions.by_token.get(token_hash)?;
        let is_recent = now.instant.saturating_duration_since(checked_at.instant) < MAX_AGE
            && now.clock - checked_at.clock < MAX_AGE;
        (is_recent && now.clock < session.valid_until).then(|| session.clone())
    }

    /// Stores a session. `checked_at` is the time before it was looked up. One that was looked up while something changed is
    /// not stored, since it may be what was before.
    pub fn insert(&self, token_hash: TokenHash, session: ValidSession, checked_at: CheckTime) {
        let mut sessions = self.lock();
        if sessions.evicted_at.is_some_and(|evicted_at| evicted_at >= checked_at.instant) {
            return;
        }
        if sessions.by_token.len() >= MAX_CACHED_SESSIONS {
            sessions.by_token.clear();
        }
        sessions.by_token.insert(token_hash, CachedSession { session, checked_at });
    }

    /// Removes the sessions that a notification may be about.
    pub fn evict(&self, notification: DbNotification) {
        match notification {
            DbNotification::AccessChanged(id) => self.evict_of(id),
            DbNotification::ConnectionLost => self.retain(|_| false),
            DbNotification::JobChanged(_)
            | DbNotification::ClinicKeysChanged(_)
            | DbNotification::TaskDue => {}
        }
    }

    /// Removes the sessions of a clinic or user, or the session, with this id. Who changes what a session may do calls this after
    /// the commit, so that the next request to the same instance does not depend on how soon the notification arrives.
    pub fn evict_of(&self, id: Uuid) {
        self.retain(|session| {
            let own = [session.session.uuid(), session.user.uuid(), session.org.uuid()];
            !own.contains(&id) && session.operator.map(UserId::uuid) != Some(id)
        });
    }

    fn retain(&self, is_kept: impl Fn(&ValidSession) -> bool) {
        let mut sessions = self.lock();
        sessions.by_token.retain(|_, CachedSession { session, .. }| is_kept(session));
        sessions.evicted_at = Some(Instant::now());
    }

    fn lock(&self) -> MutexGuard<'_, CachedSessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use maneiro_api::{
        OrgId, SessionId,
        account::{Role, SessionLevel},
    };
    use time::macros::datetime;

    use super::*;
    use crate::domain::actor::SessionProof;

    const NOW: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);
    const TOKEN: TokenHash = [7; 32];

    fn session() -> ValidSession {
        let id = Uuid::from_u128;
        ValidSession {
            session: SessionId::from_uuid(id(1)),
            org: OrgId::from_uuid(id(2)),
            user: UserId::from_uuid(id(3)),
            operator: Some(UserId::from_uuid(id(4))),
            role: Role::Doctor,
            proof: SessionProof {
                level: SessionLevel::Password,
                requires_second_factor: false,
                has_second_factor: false,
            },
            expires_at: NOW + time::Duration::HOUR,
            valid_until: NOW + time::Duration::MILLISECOND * 500,
        }
    }

    fn cache(checked_at: CheckTime) -> SessionCache {
        let cache = SessionCache::default();
        cache.insert(TOKEN, session(), checked_at);
        cache
    }

    #[test]
    fn session_is_cached_for_less_than_a_second() {
        let start = CheckTime { clock: NOW, instant: Instant::now() };
        let cache = cache(start);
        let after = |age| CheckTime { instant: start.instant + age, ..start };
        assert!(cache.get(&TOKEN, after(Duration::from_millis(999))).is_some());
        assert!(cache.get(&TOKEN, after(Duration::from_secs(1))).is_none());
        let by_clock = CheckTime { clock: NOW + Duration::from_secs(1), ..start };
        assert!(cache.get(&TOKEN, by_clock).is_none());
    }

    #[test]
    fn cached_session_expires_by_the_clock() {
        let start = CheckTime { clock: NOW, instant: Instant::now() };
        let expired = CheckTime { clock: NOW + time::Duration::MILLISECOND * 500, ..start };
        assert!(cache(start).get(&TOKEN, expired).is_none());
    }

    #[test]
    fn every_id_that_a_session_depends_on_removes_it() {
        let start = CheckTime { clock: NOW, instant: Instant::now() };
        for id in 1..=4 {
            let cache = cache(start);
            cache.evict(DbNotification::AccessChanged(Uuid::from_u128(9)));
            assert!(cache.get(&TOKEN, start).is_some());
            cache.evict(DbNotification::AccessChanged(Uuid::from_u128(id)));
            assert!(cache.get(&TOKEN, start).is_none(), "{id}");
        }
    }

    #[test]
    fn lost_notifications_remove_every_session() {
        let start = CheckTime { clock: NOW, instant: Instant::now() };
        let cache = cache(start);
        cache.evict(DbNotification::TaskDue);
        assert!(cache.get(&TOKEN, start).is_some());
        cache.evict(DbNotification::ConnectionLost);
        assert!(cache.get(&TOKEN, start).is_none());
    }

    #[test]
    fn session_looked_up_before_a_change_is_not_stored_after_it() {
        let before = CheckTime { clock: NOW, instant: Instant::now() };
        let cache = SessionCache::default();
        cache.evict_of(Uuid::from_u128(2));
        cache.insert(TOKEN, session(), before);
        assert!(cache.get(&TOKEN, before).is_none());
        let after = CheckTime { clock: NOW, instant: Instant::now() + Duration::from_millis(1) };
        cache.insert(TOKEN, session(), after);
        assert!(cache.get(&TOKEN, after).is_some());
    }
}
