//! Hourly: enqueues the purge of records that were deleted or have expired, and deletes what waited for a code that expired,
//! and old mails.

use crate::{
    app::{email_change, mails, password_reset, purge, registration, sign_in_codes},
    domain::error::Error,
    state::App,
};

pub(super) async fn run(app: &App) -> Result<(), Error> {
    registration::delete_expired(app).await?;
    password_reset::delete_expired(app).await?;
    email_change::delete_expired(app).await?;
    sign_in_codes::delete_expired(app).await?;
    mails::delete_old(app).await?;
    purge::enqueue_due(app).await
}
