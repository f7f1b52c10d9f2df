//! Daily: deletes objects of ours that the database does not know.

use crate::{app::purge, domain::error::Error, state::App};

pub(super) async fn run(app: &App) -> Result<(), Error> {
    purge::delete_unknown_objects(app).await
}
