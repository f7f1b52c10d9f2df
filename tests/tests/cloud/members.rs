//! Members, invitations, and the clinics of one person.

use std::time::Instant;

use futures::future::join_all;
use maneiro_api::{
    ErrorCode,
    account::{LoginResponse, Role, SecondFactorStep},
    client::ClientError,
    member::{
        AcceptInvitation, CreateInvitation, HandOver, Invitation, InvitationState, Member, SwitchClinic,
        UpdateMember, ViewInvitation,
    },
    record::CreateRecord,
};
use maneiro_tests::{Clinic, PASSWORD, Person, TestApp};
use secrecy::SecretString;
use time::Duration;

const EMAIL: &str = "dora.doctor@clinic.example";

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

async fn invite(admin: &Person, email: &str, role: Role) -> Result<Invitation, ClientError> {
    let invite =
        CreateInvitation { email: email.to_owned(), role, signs: false, language: Default::default() };
    admin.create_invitation(&invite).await
}

async fn token(app: &TestApp, email: &str) -> SecretString {
    app.invitation_token(email).await.expect("an invitation was mailed")
}

async fn accept(app: &TestApp, token: &SecretString) -> Result<LoginResponse, ClientError> {
    let (token, name) = (token.clone(), Some("Dora Doctor".to_owned()));
    app.anonymous().accept_invitation(&AcceptInvitation { token, name, password: PASSWORD.into() }).await
}

/// A person who accepted an invitation of the clinic.
async fn join(app: &TestApp, clinic: &Clinic<'_>, email: &str, role: Role) -> Person {
    invite(&clinic.admin(), email, role).await.unwrap();
    let accepted = accept(app, &token(app, email).await).await.unwrap();
    let mut person = clinic.admin().with_session_token(app, accepted.token);
    person.me = accepted.me;
    person
}

async fn view(
    app: &TestApp,
    token: &SecretString,
) -> Result<maneiro_api::member::OfferedMembership, ClientError> {
    app.anonymous().view_invitation(&ViewInvitation { token: token.clone() }).await
}

fn names(members: &[Member]) -> Vec<(&str, Role)> {
    members.iter().map(|member| (member.name.as_str(), member.role)).collect()
}

async fn wait_for_end(person: &Person) {
    let began = Instant::now();
    while !matches!(person.me().await, Err(ClientError::Api(body)) if body.code == ErrorCode::Unauthenticated)
    {
        assert!(began.elapsed().as_secs() < 30, "the session goes on");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn whoever_accepts_an_invitation_is_a_member() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let admin = clinic.admin();
    let sent = invite(&admin, EMAIL, Role::Doctor).await.unwrap();
    assert_eq!(sent.expires_at, app.app.now() + Duration::days(7));
    assert_eq!(admin.invitations().await.unwrap(), std::slice::from_ref(&sent));
    let token = token(&app, EMAIL).await;
    let offered = view(&app, &token).await.unwrap();
    assert_eq!((offered.email.as_str(), offered.role, offered.has_account), (EMAIL, Role::Doctor, false));
    let accepted = accept(&app, &token).await.unwrap();
    assert_eq!((accepted.me.role, accepted.me.organization), (Role::Doctor, clinic.id()));
    assert_eq!(
        names(&admin.members().await.unwrap()),
        [("Ada Admin", Role::Admin), ("Dora Doctor", Role::Doctor)]
    );
    assert!(admin.invitations().await.unwrap().is_empty());
    assert_eq!(code(accept(&app, &token).await), ErrorCode::CodeExpired);
    assert_eq!(code(admin.revoke_invitation(sent.id).await), ErrorCode::NotFound);

    // A doctor sees who the others are, and no more.
    let doctor = admin.clone().with_session_token(&app, accepted.token);
    let seen = doctor.members().await.unwrap();
    assert!(seen.iter().all(|member| member.last_seen_at.is_none() && member.has_second_factor.is_none()));
    assert_eq!(code(invite(&doctor, "x@clinic.example", Role::Doctor).await), ErrorCode::PermissionDenied);
    app.finish().await;
}

#[tokio::test]
async fn invitation_ends_by_time_revocation_and_a_newer_mail() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let sent = invite(&admin, EMAIL, Role::Doctor).await.unwrap();
    let first = token(&app, EMAIL).await;
    app.clock.advance(Duration::days(7));
    assert_eq!(code(view(&app, &first).await), ErrorCode::CodeExpired);
    assert_eq!(code(accept(&app, &first).await), ErrorCode::CodeExpired);
    let admin = admin.sign_in_again(&app).await;
    assert_eq!(admin.invitations().await.unwrap()[0].state, InvitationState::Expired);

    let again = admin.resend_invitation(sent.id).await.unwrap();
    assert_eq!((again.id, again.state), (sent.id, InvitationState::Open));
    let second = token(&app, EMAIL).await;
    assert_eq!(code(view(&app, &first).await), ErrorCode::CodeWrong);
    assert!(view(&app, &second).await.is_ok());
    admin.revoke_invitation(sent.id).await.unwrap();
    assert_eq!(code(accept(&app, &second).await), ErrorCode::CodeExpired);
    assert_eq!(code(admin.resend_invitation(sent.id).await), ErrorCode::NotFound);
    for made_up in ["", "mni_", "mni_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(code(view(&app, &made_up.into()).await), ErrorCode::CodeWrong);
    }
    app.finish().await;
}

#[tokio::test]
async fn one_of_fifty_parallel_acceptances_counts() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    invite(&clinic.admin(), EMAIL, Role::Assistant).await.unwrap();
    let token = token(&app, EMAIL).await;
    let answers = join_all((0..50).map(|_| accept(&app, &token))).await;
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(accepted.len(), 1);
    for refusal in refused {
        // Those that waited for the hash of the password may have been too many.
        let code = code(refusal);
        assert!(
            [ErrorCode::CodeExpired, ErrorCode::InvalidCredentials, ErrorCode::Unavailable].contains(&code),
            "{code:?}"
        );
    }
    assert_eq!(clinic.admin().members().await.unwrap().len(), 2);
    app.finish().await;
}

#[tokio::test]
async fn parallel_acceptances_take_no_more_seats_than_there_are() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    clinic.subscribe("starter").await;
    let admin = clinic.admin();
    let mut tokens = Vec::new();
    for number in 0..4 {
        let email = format!("seat-{number}@clinic.example");
        invite(&admin, &email, Role::Assistant).await.unwrap();
        tokens.push(token(&app, &email).await);
    }
    let refused = invite(&admin, "one-too-many@clinic.example", Role::Assistant).await;
    assert_eq!(code(refused), ErrorCode::LimitReached);
    // The plan shrinks to three seats before they are accepted.
    clinic.subscribe("trial").await;
    let answers = join_all(tokens.iter().map(|token| accept(&app, token))).await;
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(accepted.len(), 2);
    assert!(refused.into_iter().all(|refusal| code(refusal) == ErrorCode::LimitReached));
    assert_eq!(admin.members().await.unwrap().len(), 3);
    assert_eq!(admin.invitations().await.unwrap().len(), 2, "they can still be accepted");
    app.finish().await;
}

#[tokio::test]
async fn address_with_an_account_accepts_with_its_password() {
    let app = TestApp::start().await;
    let (clinic, other) = (app.clinic().await, app.other_clinic().await);
    let known = other.doctor().await;
    invite(&clinic.admin(), &known.me.email, Role::Admin).await.unwrap();
    let token = token(&app, &known.me.email).await;
    assert!(view(&app, &token).await.unwrap().has_account);
    let wrong = AcceptInvitation { token: token.clone(), name: None, password: "not the password".into() };
    assert_eq!(code(app.anonymous().accept_invitation(&wrong).await), ErrorCode::InvalidCredentials);
    let (known, ..) = known.enrol(&app).await;
    let accepted = accept(&app, &token).await.unwrap();
    assert_eq!(accepted.me.user, known.me.user);
    assert_eq!(accepted.second_factor, Some(SecondFactorStep::Prove), "no way around the second factor");

    let clinics = known.own_clinics().await.unwrap();
    let listed: Vec<_> = clinics.iter().map(|clinic| (clinic.name.as_str(), clinic.is_current)).collect();
    assert_eq!(listed, [("Hillview Orthopaedics", true), ("Lakeside Family Practice", false)]);
    let there = known.switch_clinic(&SwitchClinic { organization: clinic.id() }).await.unwrap();
    assert_eq!((there.me.organization, there.me.role), (clinic.id(), Role::Admin));
    wait_for_end(&known).await;
    app.finish().await;
}

#[tokio::test]
async fn clinic_that_asks_more_asks_it_at_the_switch() {
    let app = TestApp::start().await;
    let (lax, strict) = (app.clinic().await, app.other_clinic().await);
    let doctor = join(&app, &lax, EMAIL, Role::Doctor).await;
    invite(&strict.admin(), EMAIL, Role::Doctor).await.unwrap();
    accept(&app, &token(&app, EMAIL).await).await.unwrap();
    sqlx::query("update maneiro.org_policies set requires_second_factor = true where org_id = $1")
        .bind(strict.id().uuid())
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    let there = doctor.switch_clinic(&SwitchClinic { organization: strict.id() }).await.unwrap();
    assert_eq!(there.second_factor, Some(SecondFactorStep::Enrol));
    let half = doctor.clone().with_session_token(&app, there.token);
    assert_eq!(code(half.me().await), ErrorCode::SecondFactorRequired);
    let foreign = app.clinic().await.id();
    let doctor = doctor.sign_in_again(&app).await;
    let refused = doctor.switch_clinic(&SwitchClinic { organization: foreign }).await;
    assert_eq!(code(refused), ErrorCode::NotFound);
    app.finish().await;
}

#[tokio::test]
async fn removed_member_loses_their_sessions_and_may_return() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (admin, doctor) = (clinic.admin(), join(&app, &clinic, EMAIL, Role::Doctor).await);
    let record = doctor.create_record(&CreateRecord { title: "Smith, J.".to_owned() }).await.unwrap();
    let listed = admin.members().await.unwrap();
    assert_eq!(listed[1].records, Some(1));
    let to_nobody = HandOver { records_to: Some(doctor.me.user) };
    assert_eq!(code(admin.remove_member(doctor.me.user, &to_nobody).await), ErrorCode::InvalidInput);
    let hand_over = HandOver { records_to: Some(admin.me.user) };
    admin.remove_member(doctor.me.user, &hand_over).await.unwrap();
    wait_for_end(&doctor).await;
    assert_eq!(code(admin.remove_member(doctor.me.user, &hand_over).await), ErrorCode::NotFound);
    assert_eq!(admin.members().await.unwrap()[0].records, Some(1));
    assert!(admin.record(record.id).await.is_ok());

    invite(&admin, EMAIL, Role::Assistant).await.unwrap();
    let returned = accept(&app, &token(&app, EMAIL).await).await.unwrap();
    assert_eq!((returned.me.user, returned.me.role), (doctor.me.user, Role::Assistant));
    wait_for_end(&doctor).await;
    app.finish().await;
}

#[tokio::test]
async fn last_admin_neither_leaves_nor_steps_down() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let admin = clinic.admin();
    let step_down = UpdateMember { role: Some(Role::Doctor), signs: None };
    assert_eq!(code(admin.update_member(admin.me.user, &step_down).await), ErrorCode::InvalidInput);
    assert_eq!(code(admin.leave_clinic(&HandOver::default()).await), ErrorCode::InvalidInput);
    assert_eq!(code(admin.remove_member(admin.me.user, &HandOver::default()).await), ErrorCode::InvalidInput);
    let signs = UpdateMember { role: None, signs: Some(true) };
    assert!(admin.update_member(admin.me.user, &signs).await.unwrap().signs);
    let other = join(&app, &clinic, EMAIL, Role::Admin).await;
    admin.leave_clinic(&HandOver::default()).await.unwrap();
    wait_for_end(&admin).await;
    assert_eq!(names(&other.members().await.unwrap()), [("Dora Doctor", Role::Admin)]);
    app.finish().await;
}

#[tokio::test]
async fn two_admins_who_demote_each_other_leave_one() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let first = clinic.admin();
    let second = join(&app, &clinic, EMAIL, Role::Admin).await;
    let admin_again = UpdateMember { role: Some(Role::Admin), signs: None };
    let step_down = UpdateMember { role: Some(Role::Doctor), signs: None };
    for _ in 0..10 {
        let (one, two) = tokio::join!(
            first.update_member(second.me.user, &step_down),
            second.update_member(first.me.user, &step_down),
        );
        assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1, "{one:?} {two:?}");
        let (winner, loser) = if one.is_ok() { (&first, &second) } else { (&second, &first) };
        winner.update_member(loser.me.user, &admin_again).await.unwrap();
        let began = Instant::now();
        while loser.me().await.unwrap().role != Role::Admin {
            assert!(began.elapsed().as_secs() < 30);
            tokio::task::yield_now().await;
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn refused_mail_is_shown_and_can_be_sent_again() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let sent = invite(&admin, EMAIL, Role::Doctor).await.unwrap();
    let again = invite(&admin, EMAIL, Role::Doctor).await;
    assert_eq!(code(again), ErrorCode::InvalidInput, "it is invited already");
    assert_eq!(code(invite(&admin, &admin.me.email, Role::Doctor).await), ErrorCode::InvalidInput);
    sqlx::query("update maneiro.invitations set mail_refused_at = sent_at where id = $1")
        .bind(sent.id.uuid())
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(admin.invitations().await.unwrap()[0].state, InvitationState::Undeliverable);
    assert_eq!(admin.resend_invitation(sent.id).await.unwrap().state, InvitationState::Open);
    app.send_invitation_mails().await;
    app.finish().await;
}
