//! Registration of clinics.

use maneiro_api::{
    OrgId, UserId,
    account::{LoginResponse, Register},
    seal::SealingKey,
};

use super::sessions;
use crate::{
    domain::{
        actor::RequestOrigin,
        audit::{AuditAction, AuditActor},
        error::Error,
        validation::{Email, FieldErrors, NewPassword, Title},
    },
    state::App,
    store::{
        SystemTask,
        accounts::{self, NewClinic},
        audit,
    },
};

/// Creates a clinic with its first admin on a trial, and signs the admin in.
///
/// # Errors
/// `InvalidInput` with every invalid field; `Conflict(EmailTaken)` if the e-mail address has an account.
pub async fn register(app: &App, input: Register, origin: RequestOrigin) -> Result<LoginResponse, Error> {
    let mut errors = FieldErrors::default();
    let clinic = errors.check("clinic", Title::parse(&input.clinic));
    let name = errors.check("name", Title::parse(&input.name));
    let email = errors.check("email", Email::parse(&input.email));
    let password = errors.check("password", NewPassword::parse(input.password));
    let (Some(clinic), Some(name), Some(email), Some(password)) = (clinic, name, email, password) else {
        return Err(errors.into_error());
    };

    let org = OrgId::from_uuid(app.new_uuid());
    let user = UserId::from_uuid(app.new_uuid());
    let password_hash = app.passwords.hash(&password, &*app.random).await?;
    let wrapped_key = app.key_service.wrap(org, &SealingKey::new(app.random_bytes())).await?;
    let created_at = app.now();
    let new = NewClinic {
        org,
        clinic: &clinic,
        subscription: &app.plans.new_clinic_subscription(created_at),
        wrapped_key: &wrapped_key,
        user,
        name: &name,
        email: &email,
        password_hash: &password_hash,
        created_at,
    };

    let mut tx = app.db.begin_system(SystemTask::Register).await?;
    accounts::insert_clinic(&mut tx, &new).await?;
    let started = sessions::start(app, &mut tx, org, user, &password_hash, &origin).await?;
    let event = app.audit_event(AuditAction::ClinicRegistered, Some(org.uuid()));
    let actor = AuditActor::member(org, user, started.session.session, &origin);
    audit::append_as(&mut tx, &event, actor).await?;
    tx.commit().await?;
    started.into_login_response(app, origin).await
}
