//! Sends a mail to a user.

use crate::{
    app::mails,
    domain::{error::Error, task::LeasedTask},
    state::App,
};

pub(super) async fn run(app: &App, task: &LeasedTask) -> Result<(), Error> {
    mails::send(app, task.lease.require_subject()?).await
}
