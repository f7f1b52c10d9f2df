//! Hourly: enqueues the purge of records that were deleted or have expired.

use crate::{app::purge, domain::error::Error, state::App};

pub(super) async fn run(app: &App) -> Result<(), Error> {
    purge::enqueue_due(app).await
}
