//! The clinic's policy: who sets it, and that what is stricter holds at once.

use std::{sync::Arc, time::Instant};

use maneiro_api::{
    ErrorCode,
    account::{LoginResponse, Role},
    analysis::Generator,
    client::ClientError,
    member::{AcceptInvitation, CreateInvitation, Invitation, ViewInvitation},
    policy::ClinicPolicy,
};
use maneiro_tests::{
    PASSWORD, Person, TestApp,
    faults::{FakeModel, ModelBehaviour},
    fixtures,
};
use secrecy::SecretString;
use time::Duration;

const EMAIL: &str = "dora.doctor@clinic.example";

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

/// Changes something of the policy.
async fn change(admin: &Person, change: impl FnOnce(&mut ClinicPolicy)) -> ClinicPolicy {
    let mut policy = admin.policy().await.unwrap();
    change(&mut policy);
    let saved = admin.set_policy(&policy).await.unwrap();
    assert_eq!(saved, policy);
    saved
}

/// Waits until a session is refused with this code. A session is known for a second at most.
async fn wait_for_refusal(person: &Person, refusal: ErrorCode) {
    let began = Instant::now();
    while !matches!(person.me().await, Err(ClientError::Api(body)) if body.code == refusal) {
        assert!(began.elapsed().as_secs() < 30, "the session goes on");
        tokio::task::yield_now().await;
    }
}

async fn invite(admin: &Person, email: &str) -> Result<Invitation, ClientError> {
    let (email, language) = (email.to_owned(), Default::default());
    admin.create_invitation(&CreateInvitation { email, role: Role::Doctor, signs: false, language }).await
}

async fn accept(app: &TestApp, token: &SecretString) -> Result<LoginResponse, ClientError> {
    let (token, name) = (token.clone(), Some("Dora Doctor".to_owned()));
    app.anonymous().accept_invitation(&AcceptInvitation { token, name, password: PASSWORD.into() }).await
}

#[tokio::test]
async fn policy_is_read_by_all_and_set_by_admins_of_the_clinic() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (admin, doctor) = (clinic.admin(), clinic.doctor().await);
    let stranger = app.other_clinic().await.admin();
    let before = doctor.policy().await.unwrap();
    let wanted = ClinicPolicy {
        requires_second_factor: false,
        idle_minutes: 5,
        session_hours: 2,
        mail_domains: vec![" Clinic.Example ".to_owned()],
        retention_days: 30,
        recording_consent: Some("This is recorded.\nIs that all right?".to_owned()),
        uploads_originals: false,
        model_hosts: Some(Vec::new()),
    };
    assert_eq!(code(doctor.set_policy(&wanted).await), ErrorCode::PermissionDenied);
    let saved = admin.set_policy(&wanted).await.unwrap();
    assert_eq!(saved, ClinicPolicy { mail_domains: vec!["clinic.example".to_owned()], ..wanted });
    assert_eq!(doctor.policy().await.unwrap(), saved);
    assert_eq!(stranger.policy().await.unwrap(), before, "another clinic has its own");
    assert_eq!(doctor.me().await.unwrap().idle_minutes, 5);

    let refused = ClinicPolicy { idle_minutes: 721, retention_days: 0, ..saved.clone() };
    let Err(ClientError::Api(body)) = admin.set_policy(&refused).await else { panic!("it is out of bounds") };
    let fields: Vec<_> = body.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!((body.code, fields), (ErrorCode::InvalidInput, vec!["idle_minutes", "retention_days"]));
    assert_eq!(admin.policy().await.unwrap(), saved);
    app.finish().await;
}

#[tokio::test]
async fn stricter_policy_ends_and_halves_open_sessions_at_once() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (admin, doctor) = (clinic.admin(), clinic.doctor().await);
    let (admin, ..) = admin.enrol(&app).await;
    doctor.me().await.unwrap();
    change(&admin, |policy| policy.requires_second_factor = true).await;
    wait_for_refusal(&doctor, ErrorCode::SecondFactorRequired).await;
    admin.me().await.unwrap();
    change(&admin, |policy| policy.requires_second_factor = false).await;
    let doctor = doctor.sign_in_again(&app).await;

    app.clock.advance(Duration::minutes(6));
    admin.me().await.unwrap();
    change(&admin, |policy| policy.idle_minutes = 5).await;
    wait_for_refusal(&doctor, ErrorCode::Unauthenticated).await;
    let doctor = doctor.sign_in_again(&app).await;
    change(&admin, |policy| policy.idle_minutes = 720).await;
    app.clock.advance(Duration::minutes(61));
    doctor.me().await.unwrap();
    change(&admin, |policy| policy.session_hours = 1).await;
    wait_for_refusal(&doctor, ErrorCode::Unauthenticated).await;
    app.finish().await;
}

#[tokio::test]
async fn only_addresses_of_allowed_domains_become_members() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let sent = invite(&admin, EMAIL).await.unwrap();
    let token = app.invitation_token(EMAIL).await.unwrap();
    let allow = async |domain: &str| {
        change(&admin, |policy| policy.mail_domains = vec![domain.to_owned()]).await;
    };
    allow("other.example").await;
    assert_eq!(code(accept(&app, &token).await), ErrorCode::CodeExpired);
    let view = ViewInvitation { token: token.clone() };
    assert_eq!(code(app.anonymous().view_invitation(&view).await), ErrorCode::CodeExpired);
    assert_eq!(code(admin.resend_invitation(sent.id).await), ErrorCode::InvalidInput);
    assert_eq!(code(invite(&admin, "x@clinic.example").await), ErrorCode::InvalidInput);
    admin.revoke_invitation(invite(&admin, "x@Other.Example").await.unwrap().id).await.unwrap();
    allow("clinic.example").await;
    assert_eq!(accept(&app, &token).await.unwrap().me.email, EMAIL);
    app.send_invitation_mails().await;
    app.finish().await;
}

#[tokio::test]
async fn no_original_is_uploaded_where_the_policy_forbids_it() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let fixture = fixtures::complete_record(&admin).await;
    let upload = fixtures::put_original(&admin, fixture.document).await;
    change(&admin, |policy| policy.uploads_originals = false).await;
    let denied = ErrorCode::PermissionDenied;
    assert_eq!(code(admin.create_original_key(fixture.document).await), denied);
    let announced = maneiro_api::record::CreateOriginalUpload { sealed_sha256: "0a".repeat(32) };
    assert_eq!(code(admin.create_original_upload(fixture.document, &announced).await), denied);
    assert_eq!(code(admin.complete_original_upload(fixture.document, upload).await), denied);
    change(&admin, |policy| policy.uploads_originals = true).await;
    assert!(admin.complete_original_upload(fixture.document, upload).await.unwrap().has_original);
    app.finish().await;
}

#[tokio::test]
async fn pages_go_only_to_hosts_that_the_policy_allows() {
    let model = Arc::new(FakeModel::new(ModelBehaviour::Answers));
    let app = TestApp::options().model(&model).start().await;
    let admin = app.clinic().await.admin();
    let fixture = fixtures::complete_record(&admin).await;
    change(&admin, |policy| policy.model_hosts = Some(vec!["other.example".to_owned()])).await;
    let job = fixtures::complete_job(&app, &admin, &fixture).await;
    let analysis = admin.analysis(job.analysis.unwrap()).await.unwrap();
    assert_eq!((analysis.generator, model.calls()), (Generator::Extractive, 0));
    change(&admin, |policy| policy.model_hosts = Some(vec!["model.example".to_owned()])).await;
    let again = admin.request_analysis(fixture.record, "again").await;
    let worker = app.worker();
    admin.wait_for_outcome(again).await;
    worker.stop().await;
    assert!(model.calls() > 0, "the host is allowed");
    app.finish().await;
}
