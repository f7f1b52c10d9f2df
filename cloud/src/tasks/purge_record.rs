//! Purges a record that was deleted or has expired.

use crate::{
    app::purge,
    domain::{error::Error, task::LeasedTask},
    state::App,
};

pub(super) async fn run(app: &App, task: &LeasedTask) -> Result<(), Error> {
    purge::purge_record(app, &task.lease).await
}
