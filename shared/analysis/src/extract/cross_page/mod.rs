//! What only a comparison of all pages shows.

pub(crate) mod conflicts;
pub(crate) mod deduplicate;
pub(crate) mod pending_orders;
pub(crate) mod summary;
