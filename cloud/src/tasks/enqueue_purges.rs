//! Hourly: enqueues the purge of records that were deleted or have expired, and deletes registrations that expired.

use crate::{
    app::{purge, registration},
    domain::error::Error,
    state::App,
};

pub(super) async fn run(app: &App) -> Result<(), Error> {
    registration::delete_expired(app).await?;
    purge::enqueue_due(app).await
}
