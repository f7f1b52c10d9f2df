//! Lists in pages, newest first. The cursor is the last row's id in base64: clients hand it back, and read nothing from it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use maneiro_api::limits::MAX_LIST_ITEMS;
use uuid::Uuid;

use super::error::Error;

const ROWS_UNLESS_ASKED: u32 = 50;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    before: Option<Uuid>,
    limit: u32,
}

impl Window {
    /// Takes what a client asks for.
    ///
    /// # Errors
    /// `Invalid` if the cursor is none of ours, or the limit is not between 1 and 200.
    pub fn parse(cursor: Option<&str>, limit: Option<u32>) -> Result<Self, Error> {
        let limit = limit.unwrap_or(ROWS_UNLESS_ASKED);
        if !(1..=MAX_LIST_ITEMS).contains(&limit) {
            return Err(Error::invalid("limit", format!("must be between 1 and {MAX_LIST_ITEMS}")));
        }
        let before = cursor
            .map(|cursor| {
                let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
                let uuid = bytes.and_then(|bytes| Uuid::from_slice(&bytes).ok());
                uuid.ok_or_else(|| Error::invalid("cursor", "is not one that a list gave"))
            })
            .transpose()?;
        Ok(Self { before, limit })
    }

    /// The row after which it begins.
    #[must_use]
    pub const fn before(self) -> Option<Uuid> {
        self.before
    }

    /// One more row than is shown, to see whether there are more.
    #[must_use]
    pub const fn rows_to_fetch(self) -> u32 {
        self.limit + 1
    }
}

/// Rows to show, and the way to the next.
#[derive(Debug)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The cursor of the following ones.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts what was fetched down to what was asked for.
    pub fn of(mut rows: Vec<T>, window: Window, id: impl Fn(&T) -> Uuid) -> Self {
        let limit = window.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more);
        let next = last.map(|row| URL_SAFE_NO_PAD.encode(id(row).as_bytes()));
        Self { rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(from: u128, to: u128) -> Vec<Uuid> {
        (to..=from).rev().map(Uuid::from_u128).collect()
    }

    #[test]
    fn a_cursor_leads_to_the_row_after_the_last_one_shown() {
        let window = Window::parse(None, Some(3)).unwrap();
        let page = Page::of(ids(9, 6), window, |id| *id);
        assert_eq!(page.rows, ids(9, 7));
        let next = Window::parse(page.next.as_deref(), Some(3)).unwrap();
        assert_eq!(next.before(), Some(Uuid::from_u128(7)));
    }

    #[test]
    fn the_last_page_leads_nowhere() {
        let window = Window::parse(None, Some(3)).unwrap();
        assert_eq!(Page::of(ids(9, 7), window, |id| *id).next, None);
        assert_eq!(Page::of(Vec::<Uuid>::new(), window, |id| *id).next, None);
    }

    #[test]
    fn what_no_list_gave_is_refused() {
        for cursor in ["", "x", "AAAA", "not base64!"] {
            assert!(Window::parse(Some(cursor), None).is_err(), "{cursor}");
        }
        for limit in [0, 201] {
            assert!(Window::parse(None, Some(limit)).is_err());
        }
    }
}
