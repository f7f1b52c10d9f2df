//! Versions of a clinic's key. A new version seals only when every process has it: until then it opens and the one before
//! it seals, so that no process meets what it cannot open.

use time::{Duration, OffsetDateTime};

/// The number of a version, from 1.
pub type KeyVersion = u32;

/// How long a process keeps keys in memory. It is also told of changes, but that can be missed.
pub const CACHE_LIFETIME: Duration = Duration::minutes(5);

/// How long after its creation a version begins to seal. No process has keys from before then.
pub const SEALS_AFTER: Duration = Duration::minutes(10);

/// A version of a clinic's key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKeyVersion {
    pub version: KeyVersion,
    /// The key under the master key, which is named in it.
    pub wrapped: Vec<u8>,
    /// When it begins to seal.
    pub seals_from: OffsetDateTime,
}

/// The version that seals at `now`: the newest that has begun to.
#[must_use]
pub fn current_version(
    versions: impl IntoIterator<Item = (KeyVersion, OffsetDateTime)>,
    now: OffsetDateTime,
) -> Option<KeyVersion> {
    versions.into_iter().filter(|(_, seals_from)| *seals_from <= now).map(|(version, _)| version).max()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn newest_version_that_has_begun_seals() {
        let first = datetime!(2026-03-02 09:00 UTC);
        let rotated = datetime!(2026-03-09 09:00 UTC);
        let versions = [(1, first), (2, rotated + SEALS_AFTER)];
        assert_eq!(current_version(versions, rotated), Some(1));
        assert_eq!(current_version(versions, rotated + SEALS_AFTER), Some(2));
        assert_eq!(current_version(versions, first - Duration::SECOND), None);
    }

    #[test]
    fn no_process_lacks_a_version_that_seals() {
        assert!(CACHE_LIFETIME * 2 <= SEALS_AFTER);
    }
}
