//! The change of an e-mail address, and what becomes of mails.

use maneiro_api::{
    ErrorCode,
    account::Login,
    client::ClientError,
    identity::{ChangeEmail, ConfirmEmailChange, MailState, RequestPasswordReset, ResetPassword},
};
use maneiro_tests::{PASSWORD, Person, TestApp, WORKER_CONFIG};
use time::Duration;

const NEW_ADDRESS: &str = "ada@new.example";

fn code_of<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

fn change(new_email: &str, password: &str) -> ChangeEmail {
    ChangeEmail { new_email: new_email.to_owned(), password: password.into() }
}

async fn confirm(app: &TestApp, code: &str) -> Result<(), ClientError> {
    app.anonymous().confirm_email_change(&ConfirmEmailChange { code: code.into() }).await
}

async fn sign_in(app: &TestApp, email: &str) -> bool {
    let login = Login { email: email.to_owned(), password: PASSWORD.into(), organization: None };
    app.anonymous().login(&login).await.is_ok()
}

async fn request_change(app: &TestApp, person: &Person) -> String {
    person.change_email(&change(NEW_ADDRESS, PASSWORD)).await.unwrap();
    app.send_mails().await;
    app.newest_long_code(NEW_ADDRESS).unwrap()
}

#[tokio::test]
async fn a_code_from_the_new_address_changes_it_and_both_are_told() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let code = request_change(&app, &doctor).await;
    assert_eq!(doctor.me().await.unwrap().email, doctor.me.email, "nothing changes before the code");
    assert!(app.newest_long_code(&doctor.me.email).is_none(), "the present address gets no code");
    confirm(&app, &code).await.unwrap();
    assert_eq!(doctor.me().await.unwrap().email, NEW_ADDRESS, "the session goes on");
    assert!(sign_in(&app, NEW_ADDRESS).await && !sign_in(&app, &doctor.me.email).await);
    assert_eq!(code_of(confirm(&app, &code).await), ErrorCode::CodeWrong, "it is used up");
    app.send_mails().await;
    let (requested, changed) =
        ("Your e-mail address for Maneiro is to change", "Your e-mail address for Maneiro was changed");
    assert_eq!(app.mail_subjects(&doctor.me.email), [requested, changed]);
    assert_eq!(app.mail_subjects(NEW_ADDRESS), ["Confirm your new e-mail address", changed]);
    app.finish().await;
}

#[tokio::test]
async fn an_address_changes_only_with_the_password_and_in_time() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    for wrong in [change("nobody", PASSWORD), change(NEW_ADDRESS, "a wrong password")] {
        assert_eq!(code_of(doctor.change_email(&wrong).await), ErrorCode::InvalidInput);
    }
    let code = request_change(&app, &doctor).await;
    let again = doctor.change_email(&change("other@new.example", PASSWORD)).await;
    assert_eq!(code_of(again), ErrorCode::TooManyRequests, "once a minute");
    app.clock.advance(Duration::hours(1));
    assert_eq!(code_of(confirm(&app, &code).await), ErrorCode::CodeExpired);
    assert!(sign_in(&app, &doctor.me.email).await);
    app.finish().await;
}

#[tokio::test]
async fn the_address_of_an_account_goes_to_no_other() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (doctor, admin) = (clinic.doctor().await, clinic.admin());
    let taken = admin.me.email.to_uppercase();
    doctor.change_email(&change(&taken, PASSWORD)).await.expect("the answer does not tell");
    app.send_mails().await;
    assert!(app.newest_long_code(&taken).is_none());
    assert_eq!(app.mail_subjects(&taken), ["This address already has a Maneiro account"]);
    let shown = doctor.mails().await.unwrap();
    assert!(shown.iter().all(|mail| mail.recipient != taken), "nor does the list of mails: {shown:?}");

    // The address is registered between the request and the code.
    app.clock.advance(Duration::minutes(1));
    let code = request_change(&app, &doctor).await;
    app.register("Another Clinic", NEW_ADDRESS).await;
    assert_eq!(code_of(confirm(&app, &code).await), ErrorCode::CodeExpired);
    assert!(sign_in(&app, &doctor.me.email).await);
    app.finish().await;
}

#[tokio::test]
async fn codes_that_the_old_address_got_are_void_after_the_change() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = RequestPasswordReset { email: doctor.me.email.clone() };
    app.anonymous().request_password_reset(&request).await.unwrap();
    app.send_mails().await;
    let reset = app.newest_long_code(&doctor.me.email).unwrap();
    confirm(&app, &request_change(&app, &doctor).await).await.unwrap();
    let reset = ResetPassword {
        code: reset.into(),
        new_password: "el perro verde baila a medianoche".into(),
        organization: None,
    };
    assert_eq!(code_of(app.anonymous().reset_password(&reset).await), ErrorCode::CodeWrong);
    assert!(sign_in(&app, NEW_ADDRESS).await);
    app.finish().await;
}

#[tokio::test]
async fn a_refusal_of_the_mail_server_is_noted_and_shown() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    // It has the form of an address, but no mail can be written to it.
    doctor.change_email(&change("ada@new..example", PASSWORD)).await.unwrap();
    let worker = app.worker_with(WORKER_CONFIG);
    let shown = async {
        loop {
            let mails = doctor.mails().await.unwrap();
            assert_eq!(mails.len(), 2, "one to each address");
            if mails.iter().all(|mail| mail.state != MailState::Waiting) {
                return mails;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let mails = tokio::time::timeout(std::time::Duration::from_secs(30), shown).await.unwrap();
    for mail in mails {
        let refusal = "the recipient's address cannot be used";
        match mail.kind.as_str() {
            "email_change" => {
                assert_eq!((mail.state, mail.server_answer.as_deref()), (MailState::Rejected, Some(refusal)));
            }
            "email_change_requested" => assert_eq!((mail.state, mail.server_answer), (MailState::Sent, None)),
            other => panic!("{other}"),
        }
    }
    worker.stop().await;
}

#[tokio::test]
async fn a_sign_in_with_another_device_is_mailed_once() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let sign_in = async |device: &str| {
        let url = app.url.join("v1/auth/login").unwrap();
        let body = serde_json::json!({ "email": doctor.me.email, "password": PASSWORD });
        let request = reqwest::Client::new().post(url).header("user-agent", device).json(&body);
        assert!(request.send().await.unwrap().status().is_success());
        app.send_mails().await;
        app.mail_subjects(&doctor.me.email).len()
    };
    assert!(doctor.sign_in_again(&app).await.me().await.is_ok());
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    assert_eq!(sign_in(firefox).await, 1, "the app was familiar, the browser is not");
    assert_eq!(sign_in(firefox).await, 1);
    assert_eq!(sign_in("visit https://evil.example").await, 2);
    // Long lines are folded on their way.
    let mails: Vec<String> = app.mails().iter().map(|mail| mail.replace("=\r\n", "")).collect();
    assert!(mails.iter().any(|mail| mail.contains("Firefox on Linux") && mail.contains("127.0.0.1")));
    assert!(!mails.iter().any(|mail| mail.contains("evil")), "the device's own words are not mailed");
    app.clock.advance(Duration::days(91));
    assert_eq!(sign_in(firefox).await, 3, "it is not familiar any more");
    app.finish().await;
}
