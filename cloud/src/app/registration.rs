//! Registration of a clinic: a code is mailed to an address, and who sends it back has a clinic, an account and a session.
//! Nothing else exists before, and no answer tells whether an address has an account.

use maneiro_api::{
    OrgId, RegistrationId, TaskId, UserId,
    account::{ConfirmRegistration, LoginResponse, Register},
};
use secrecy::ExposeSecret as _;

use super::{
    clinic_keys, mails,
    sign_in_codes::{FirstSignIn, SignInCode},
};
use crate::{
    domain::{
        actor::RequestOrigin,
        audit::AuditAction,
        error::Error,
        notice::{NewMail, UserNotice},
        registration::{CODE_LIFETIME, MailedCode, NewRegistration},
        task::{NewTask, TaskKind},
        validation::{Email, FieldErrors, NewPassword, Title},
    },
    mail::{ComposedMail, Mail},
    ports::OutgoingMail,
    state::App,
    store::{
        SystemTask,
        accounts::{self, NewClinic},
        registrations, tasks,
    },
};

/// Has a code mailed to an address, or, if it has an account, a mail that says so. Both take the same steps here: what the
/// mail says is found when it is sent.
///
/// # Errors
/// `InvalidInput` if it is no e-mail address.
pub async fn request(app: &App, input: &Register) -> Result<(), Error> {
    let mut errors = FieldErrors::default();
    let Some(email) = errors.check("email", Email::parse(&input.email)) else {
        return Err(errors.into_error());
    };
    let requested_at = app.now();
    let id = RegistrationId::from_uuid(app.new_uuid());
    let new = NewRegistration { id, email, language: input.language, requested_at };
    let mut tx = app.db.begin_system(SystemTask::Register).await?;
    if registrations::upsert(&mut tx, &new).await? {
        let task = NewTask::new(TaskId::from_uuid(app.new_uuid()), TaskKind::RegistrationMail)
            .with_subject(id.uuid())
            .with_dedupe_key(format!("registration_mail/{}", id.uuid().simple()));
        tasks::enqueue(&mut tx, &task).await?;
    }
    tx.commit().await
}

/// Deletes the registrations that expired a while ago; until then a code that comes late is told from a wrong one.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_expired(app: &App) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Register).await?;
    registrations::delete_expired(&mut tx, app.now() - CODE_LIFETIME).await?;
    tx.commit().await
}

/// Sends the mail of a registration, unless it was confirmed or replaced meanwhile.
///
/// # Errors
/// `Unavailable` if it can be sent later; `Rejected` if it never can.
pub async fn send_mail(app: &App, id: RegistrationId) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Register).await?;
    let found = registrations::find(&mut tx, id).await?;
    tx.commit().await?;
    let Some(pending) = found else { return Ok(()) };
    let code = mailed_code(app, id).await?;
    let mail =
        if pending.has_account { Mail::AddressHasAccount } else { Mail::RegistrationCode { code: &code } };
    let ComposedMail { subject, text, html } = mail.compose(pending.language);
    let to = pending.email.as_str().to_owned();
    app.mailer.send(&OutgoingMail { id: id.uuid(), to, subject, text, html, sent_at: app.now() }).await?;
    Ok(())
}

/// The code of a registration, which is stored nowhere.
async fn mailed_code(app: &App, id: RegistrationId) -> Result<MailedCode, Error> {
    let mac = app.key_service.mac("registration-code", id.uuid().as_bytes()).await?;
    Ok(MailedCode::from_mac(&mac))
}

/// Creates a clinic with its first admin on a trial, and signs the admin in.
///
/// # Errors
/// `InvalidInput` with every invalid field; `CodeWrong` or `CodeExpired` if the code is not the one that was mailed.
pub async fn confirm(
    app: &App,
    input: ConfirmRegistration,
    origin: RequestOrigin,
) -> Result<LoginResponse, Error> {
    create_clinic(app, input).await?.with_session(app, origin).await
}

/// As [`confirm`], on a web page: instead of a session there is a code, with which the app signs in.
///
/// # Errors
/// As [`confirm`].
pub async fn confirm_on_page(
    app: &App,
    input: ConfirmRegistration,
    origin: &RequestOrigin,
) -> Result<SignInCode, Error> {
    create_clinic(app, input).await?.with_code(app, origin).await
}

async fn create_clinic(app: &App, input: ConfirmRegistration) -> Result<FirstSignIn, Error> {
    let mut errors = FieldErrors::default();
    let email = errors.check("email", Email::parse(&input.email));
    let clinic = errors.check("clinic", Title::parse(&input.clinic));
    let name = errors.check("name", Title::parse(&input.name));
    let password = errors
        .check("password", NewPassword::parse(input.password, &[&input.name, &input.clinic, &input.email]));
    let (Some(email), Some(clinic), Some(name), Some(password)) = (email, clinic, name, password) else {
        return Err(errors.into_error());
    };
    let tried = MailedCode::parse(input.code.expose_secret()).ok_or(Error::CodeWrong)?;

    // The try is counted before the code is looked at, so that no number of parallel requests has more tries.
    let mut tx = app.db.begin_system(SystemTask::Register).await?;
    let pending = registrations::count_try(&mut tx, &email).await?.ok_or(Error::CodeWrong)?;
    tx.commit().await?;
    pending.check_code(&tried, &mailed_code(app, pending.id).await?, app.now())?;

    let org = OrgId::from_uuid(app.new_uuid());
    let user = UserId::from_uuid(app.new_uuid());
    let password_hash = app.passwords.hash(&password, &*app.random).await?;
    let key = clinic_keys::first_version(app, org).await?;
    let created_at = app.now();
    let subscription = app.plans.new_clinic_subscription(created_at);
    let trial_days = subscription.trial_ends_at.map(|ends_at| (ends_at - created_at).whole_days());
    let new = NewClinic {
        org,
        clinic: &clinic,
        subscription: &subscription,
        key: &key,
        user,
        name: &name,
        email: &pending.email,
        language: pending.language,
        password_hash: &password_hash,
        created_at,
    };

    let mut tx = app.db.begin_system(SystemTask::Register).await?;
    registrations::delete(&mut tx, pending.id).await?;
    accounts::insert_clinic(&mut tx, &new).await?;
    let event = app.audit_event(AuditAction::ClinicRegistered, Some(org.uuid()));
    let mail = NewMail {
        id: app.new_uuid(),
        user: Some(user),
        recipient: pending.email,
        language: pending.language,
        notice: UserNotice::Welcome { clinic: clinic.as_str().to_owned(), trial_days },
        created_at,
    };
    mails::enqueue(app, &mut tx, &mail).await?;
    Ok(FirstSignIn { tx, org, user, password_hash, event })
}
