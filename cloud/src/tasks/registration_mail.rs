//! Mails the code of a registration, or that its address has an account.

use maneiro_api::RegistrationId;

use crate::{
    app::registration,
    domain::{error::Error, task::LeasedTask},
    state::App,
};

pub(super) async fn run(app: &App, task: &LeasedTask) -> Result<(), Error> {
    registration::send_mail(app, RegistrationId::from_uuid(task.lease.require_subject()?)).await
}
