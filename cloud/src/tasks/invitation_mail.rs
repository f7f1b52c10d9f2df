//! Mails an invitation to a clinic.

use maneiro_api::InvitationId;

use crate::{
    app::invitations,
    domain::{error::Error, task::LeasedTask},
    state::App,
};

pub(super) async fn run(app: &App, task: &LeasedTask) -> Result<(), Error> {
    invitations::send_mail(app, InvitationId::from_uuid(task.lease.require_subject()?)).await
}
