//! The pages that mails lead to, without scripts: as a browser sends them, and as nobody else may.

use http::{StatusCode, header};
use maneiro_api::{
    account::{Login, MailLanguage, Role},
    client::ClientError,
    identity::{ChangeEmail, LoginWithCode},
    member::CreateInvitation,
};
use maneiro_tests::{PASSWORD, TestApp};
use reqwest::Response;
use secrecy::ExposeSecret as _;

const NEW_PASSWORD: &str = "el perro verde baila a medianoche";

/// A browser with its cookie.
struct Browser<'a> {
    app: &'a TestApp,
    http: reqwest::Client,
    cookie: String,
    form: String,
}

impl<'a> Browser<'a> {
    /// Opens a page, which sets the cookie and has the field that repeats it.
    async fn open(app: &'a TestApp, path: &str) -> Self {
        let http = reqwest::Client::new();
        let response = http.get(app.url.join(path).unwrap()).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let set = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
        let cookie = set.split(';').next().unwrap().to_owned();
        let page = response.text().await.unwrap();
        let form = value_of(&page, "form").expect("the page has a form");
        assert!(cookie.ends_with(&form));
        Self { app, http, cookie, form }
    }

    fn request(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let fields = fields.iter().copied().chain([("form", self.form.as_str())]).collect::<Vec<_>>();
        self.http
            .post(self.app.url.join(path).unwrap())
            .header(header::COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .form(&fields)
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let response = self.request(path, fields).send().await.unwrap();
        assert_strict(&response);
        (response.status(), response.text().await.unwrap())
    }
}

/// The value of an input.
fn value_of(page: &str, name: &str) -> Option<String> {
    let input = page.split("<input").find(|input| input.contains(&format!("name=\"{name}\"")))?;
    Some(input.split("value=\"").nth(1)?.split('"').next()?.to_owned())
}

/// The code that a page shows for the app.
fn shown_code(page: &str) -> String {
    let shown = page.split("class=\"shown-code\">").nth(1).unwrap_or_else(|| panic!("no code in {page}"));
    shown.split('<').next().unwrap().to_owned()
}

/// A page runs only its own scripts, sends forms only home, and tells no other where it was.
fn assert_strict(response: &Response) {
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    let policy = header("content-security-policy");
    for part in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("cache-control"), "no-store");
}

async fn sign_in_with(app: &TestApp, code: &str) -> Result<String, ClientError> {
    let login = LoginWithCode { code: code.into() };
    let session = app.anonymous().login_with_code(&login).await?;
    Ok(app.anonymous().with_token(session.token).me().await?.email)
}

#[tokio::test]
async fn a_clinic_is_registered_on_pages_and_the_app_opened() {
    let app = TestApp::start().await;
    let email = "ada@clinic.example";
    let browser = Browser::open(&app, "account/register").await;
    let (status, page) = browser.post("account/register", &[("email", "nobody")]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(page.contains("must be an e-mail address") && page.contains("value=\"nobody\""), "{page}");
    assert_eq!(browser.post("account/register", &[("email", email)]).await.0, StatusCode::OK);
    app.send_registration_mails().await;
    let code = app.outbox().newest_code(email).unwrap();
    let fields = [("email", email), ("code", &*code), ("clinic", "A <b>clinic</b>"), ("name", "Ada")];
    let weak = fields.iter().copied().chain([("password", "passwordpassword")]).collect::<Vec<_>>();
    let (status, page) = browser.post("account/register/confirm", &weak).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(page.contains("easy to guess") && page.contains("A &lt;b&gt;clinic"), "{page}");
    assert!(!page.contains("passwordpassword"), "a password is not given back");
    let strong = fields.iter().copied().chain([("password", NEW_PASSWORD)]).collect::<Vec<_>>();
    let (status, page) = browser.post("account/register/confirm", &strong).await;
    assert_eq!(status, StatusCode::CREATED, "{page}");
    let code = shown_code(&page);
    assert_eq!(sign_in_with(&app, &code.to_lowercase()).await.unwrap(), email);
    assert!(sign_in_with(&app, &code).await.is_err(), "it is used up");
    app.finish().await;
}

#[tokio::test]
async fn a_password_is_reset_on_pages() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let email = doctor.me.email.as_str();
    let browser = Browser::open(&app, "account/reset").await;
    let known = browser.post("account/reset", &[("email", email)]).await;
    let unknown = browser.post("account/reset", &[("email", "nobody@clinic.example")]).await;
    assert_eq!(known, unknown, "the page does not tell who has an account");
    app.send_mails().await;
    let code = app.newest_long_code(email).unwrap();
    let path = "account/reset/confirm";
    let wrong = [("code", "0000-0000-0000-0000-0000"), ("new_password", NEW_PASSWORD)];
    assert_eq!(browser.post(path, &wrong).await.0, StatusCode::UNAUTHORIZED);
    let weak = [("code", code.as_str()), ("new_password", "too short")];
    let (status, page) = browser.post(path, &weak).await;
    assert_eq!((status, value_of(&page, "code")), (StatusCode::BAD_REQUEST, Some(code.clone())));
    let right = [("code", code.as_str()), ("new_password", NEW_PASSWORD)];
    let (status, page) = browser.post(path, &right).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert_eq!(sign_in_with(&app, &shown_code(&page)).await.unwrap(), email);
    app.finish().await;
}

#[tokio::test]
async fn a_code_of_a_page_is_void_after_ten_minutes_or_a_new_password() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let browser = Browser::open(&app, "account/sign-in").await;
    let fields = [("email", doctor.me.email.as_str()), ("password", PASSWORD)];
    let late = shown_code(&browser.post("account/sign-in", &fields).await.1);
    app.clock.advance(time::Duration::minutes(10));
    assert!(sign_in_with(&app, &late).await.is_err());
    let doctor = doctor.sign_in_again(&app).await;
    let outdated = shown_code(&browser.post("account/sign-in", &fields).await.1);
    let change = maneiro_api::account::ChangePassword {
        current_password: PASSWORD.into(),
        new_password: NEW_PASSWORD.into(),
    };
    doctor.change_password(&change).await.unwrap();
    assert!(sign_in_with(&app, &outdated).await.is_err());
    let wrong = browser.post("account/sign-in", &fields).await;
    assert_eq!(wrong.0, StatusCode::UNAUTHORIZED);
    assert!(wrong.1.contains("E-mail and password do not match"));
    app.finish().await;
}

#[tokio::test]
async fn an_invitation_is_accepted_on_the_page_of_its_mail() {
    const PAGE: &str = "account/invitation";
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let doctor = app.other_clinic().await.doctor().await;
    let invite = async |email: &str| {
        let new = CreateInvitation {
            email: email.to_owned(),
            role: Role::Doctor,
            signs: false,
            language: MailLanguage::En,
        };
        clinic.admin().create_invitation(&new).await.unwrap();
        let code = app.invitation_token(email).await.expect("an invitation was mailed");
        let mail = app.mails().pop().unwrap();
        assert!(mail.contains("/account/invitation#mni_"), "{mail}");
        (Browser::open(&app, PAGE).await, code.expose_secret().to_owned())
    };
    // Somebody new.
    let email = "new@clinic.example";
    let (browser, code) = invite(email).await;
    let (status, page) = browser.post(PAGE, &[("code", "mni_0000")]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{page}");
    let (status, page) = browser.post(PAGE, &[("code", &code)]).await;
    assert_eq!((status, value_of(&page, "code")), (StatusCode::OK, Some(code.clone())));
    assert!(page.contains("as a doctor") && page.contains(email) && page.contains("name=\"name\""), "{page}");
    let fields = |password| [("code", code.as_str()), ("name", "Nora New"), ("password", password)];
    let (status, page) = browser.post(PAGE, &fields("passwordpassword")).await;
    assert_eq!((status, value_of(&page, "name")), (StatusCode::BAD_REQUEST, Some("Nora New".to_owned())));
    assert!(!page.contains("passwordpassword"), "a password is not given back");
    let (status, page) = browser.post(PAGE, &fields(NEW_PASSWORD)).await;
    assert_eq!(status, StatusCode::CREATED, "{page}");
    assert_eq!(sign_in_with(&app, &shown_code(&page)).await.unwrap(), email);
    let (status, page) = browser.post(PAGE, &fields(NEW_PASSWORD)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "it is used up: {page}");
    // Somebody with an account, by its own password only.
    let (browser, code) = invite(&doctor.me.email).await;
    let (_, page) = browser.post(PAGE, &[("code", &code)]).await;
    assert!(!page.contains("name=\"name\"") && page.contains("has an account"), "{page}");
    let (status, _) = browser.post(PAGE, &[("code", &code), ("password", NEW_PASSWORD)]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (status, page) = browser.post(PAGE, &[("code", &code), ("password", PASSWORD)]).await;
    assert_eq!(status, StatusCode::CREATED, "{page}");
    assert_eq!(doctor.own_clinics().await.unwrap().len(), 2);
    app.finish().await;
}

#[tokio::test]
async fn an_address_is_confirmed_on_a_page() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let change = ChangeEmail { new_email: "new@clinic.example".to_owned(), password: PASSWORD.into() };
    doctor.change_email(&change).await.unwrap();
    app.send_mails().await;
    let code = app.newest_long_code("new@clinic.example").unwrap();
    let browser = Browser::open(&app, "account/email/confirm").await;
    assert_eq!(browser.post("account/email/confirm", &[("code", &code)]).await.0, StatusCode::OK);
    assert_eq!(doctor.me().await.unwrap().email, "new@clinic.example");
    app.finish().await;
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let fields = [("email", doctor.me.email.as_str()), ("password", PASSWORD)];
    let browser = Browser::open(&app, "account/sign-in").await;
    let other = Browser::open(&app, "account/sign-in").await;
    let url = app.url.join("account/sign-in").unwrap();
    let plain = || reqwest::Client::new().post(url.clone());
    let with_token = [fields[0], fields[1], ("form", other.form.as_str())];
    for forged in [
        plain().header("sec-fetch-site", "cross-site").header("cookie", &browser.cookie).form(&[
            fields[0],
            fields[1],
            ("form", browser.form.as_str()),
        ]),
        plain().header("origin", "https://evil.example").header("cookie", &browser.cookie).form(&[
            fields[0],
            fields[1],
            ("form", browser.form.as_str()),
        ]),
        plain().header("cookie", &browser.cookie).form(&fields),
        plain().header("cookie", &browser.cookie).form(&with_token),
        plain().form(&with_token),
    ] {
        let response = forged.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_strict(&response);
    }
    let codes: i64 = sqlx::query_scalar("select count(*) from maneiro.sign_in_codes")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(codes, 0);
    let login = Login { email: doctor.me.email.clone(), password: PASSWORD.into(), organization: None };
    assert!(app.anonymous().login(&login).await.is_ok());
    app.finish().await;
}

#[tokio::test]
async fn pages_speak_the_language_of_the_browser() {
    let app = TestApp::start().await;
    let page = async |accepted: &str, path: &str| {
        let request = reqwest::Client::new().get(app.url.join(path).unwrap());
        let response = request.header("accept-language", accepted).send().await.unwrap();
        assert_strict(&response);
        response.text().await.unwrap()
    };
    for path in [
        "account/sign-in",
        "account/reset",
        "account/reset/confirm",
        "account/register",
        "account/invitation",
        "account/billing",
    ] {
        let (english, spanish) = (page("en", path).await, page("es-MX,es;q=0.9", path).await);
        assert!(english.contains("<html lang=\"en\">") && spanish.contains("<html lang=\"es\">"));
        for page in [english, spanish] {
            assert!(
                !page.contains("style=") && !page.contains("onclick"),
                "the policy forbids what is inline"
            );
            assert!(
                !page.contains("http://") && !page.contains("https://"),
                "nothing is fetched from elsewhere"
            );
        }
    }
    for asset in ["account/style.css", "account/code.js"] {
        let response = reqwest::get(app.url.join(asset).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    }
    app.finish().await;
}
