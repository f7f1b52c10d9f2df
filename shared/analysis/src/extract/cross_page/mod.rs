//! What only a comparison of all pages shows.

pub(crate) mod also_in_record;
pub(crate) mod conflicts;
pub(crate) mod critical_values;
pub(crate) mod deduplicate;
pub(crate) mod follow_up_status;
pub(crate) mod pending_orders;
pub(crate) mod summary;
