//! Hourly: deletes objects that nobody wants any more.

use crate::{app::purge, domain::error::Error, state::App};

pub(super) async fn run(app: &App) -> Result<(), Error> {
    purge::delete_orphans(app).await
}
