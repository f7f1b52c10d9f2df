//! Keyset pagination, newest first. The cursor is the id of the last row in base64: clients send it back and read nothing
//! from it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use maneiro_api::limits::MAX_LIST_ITEMS;
use uuid::Uuid;

use super::error::Error;

const DEFAULT_LIST_ITEMS: u32 = 50;

/// Which part of a list a client requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListRequest {
    before: Option<Uuid>,
    limit: u32,
}

impl ListRequest {
    /// # Errors
    /// `InvalidInput` if no list returned this cursor, or the limit is not between 1 and 200.
    pub fn parse(cursor: Option<&str>, limit: Option<u32>) -> Result<Self, Error> {
        let limit = limit.unwrap_or(DEFAULT_LIST_ITEMS);
        if !(1..=MAX_LIST_ITEMS).contains(&limit) {
            return Err(Error::invalid_field("limit", format!("must be between 1 and {MAX_LIST_ITEMS}")));
        }
        let before = cursor
            .map(|cursor| {
                let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
                let uuid = bytes.and_then(|bytes| Uuid::from_slice(&bytes).ok());
                uuid.ok_or_else(|| Error::invalid_field("cursor", "must be the next_cursor of a list"))
            })
            .transpose()?;
        Ok(Self { before, limit })
    }

    /// The rows begin after the one of this id.
    #[must_use]
    pub const fn before(self) -> Option<Uuid> {
        self.before
    }

    /// One more row than is returned, to see whether there are more.
    #[must_use]
    pub const fn rows_to_fetch(self) -> u32 {
        self.limit + 1
    }
}

/// Consecutive rows of a list, and the cursor of the following ones.
#[derive(Debug)]
pub struct Slice<T> {
    pub rows: Vec<T>,
    pub next_cursor: Option<String>,
}

impl<T> Slice<T> {
    /// Cuts the fetched rows down to the requested ones.
    pub fn from_fetched(mut rows: Vec<T>, request: ListRequest, id: impl Fn(&T) -> Uuid) -> Self {
        let limit = request.limit as usize;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| has_more);
        let next_cursor = last.map(|row| URL_SAFE_NO_PAD.encode(id(row).as_bytes()));
        Self { rows, next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(from: u128, to: u128) -> Vec<Uuid> {
        (to..=from).rev().map(Uuid::from_u128).collect()
    }

    #[test]
    fn cursor_continues_after_the_last_returned_row() {
        let request = ListRequest::parse(None, Some(3)).unwrap();
        let slice = Slice::from_fetched(ids(9, 6), request, |id| *id);
        assert_eq!(slice.rows, ids(9, 7));
        let next = ListRequest::parse(slice.next_cursor.as_deref(), Some(3)).unwrap();
        assert_eq!(next.before(), Some(Uuid::from_u128(7)));
    }

    #[test]
    fn last_slice_has_no_cursor() {
        let request = ListRequest::parse(None, Some(3)).unwrap();
        assert_eq!(Slice::from_fetched(ids(9, 7), request, |id| *id).next_cursor, None);
        assert_eq!(Slice::from_fetched(Vec::<Uuid>::new(), request, |id| *id).next_cursor, None);
    }

    #[test]
    fn foreign_cursor_or_limit_is_refused() {
        for cursor in ["", "x", "AAAA", "not base64!"] {
            assert!(ListRequest::parse(Some(cursor), None).is_err(), "{cursor}");
        }
        for limit in [0, 201] {
            assert!(ListRequest::parse(None, Some(limit)).is_err());
        }
    }
}
