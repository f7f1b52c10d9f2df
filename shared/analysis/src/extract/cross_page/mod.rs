//! What only a look at all pages at once can tell.

pub(crate) mod conflicts;
pub(crate) mod deduplicate;
pub(crate) mod pending_orders;
pub(crate) mod summary;
