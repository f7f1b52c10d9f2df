//! Hourly: deletes tasks that were done long ago.

use crate::{app::queue, domain::error::Error, state::App};

pub(super) async fn run(app: &App) -> Result<(), Error> {
    queue::delete_done_tasks(app).await
}
