//! Registration of a clinic in a browser.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use maneiro_api::account::{ConfirmRegistration, Register};

use super::{
    form::PostedForm,
    layout::{Fault, FormField, FormFieldKind, WebPage},
    pages::{check_mail, open_app},
    visitor::Visitor,
};
use crate::{
    app::registration,
    domain::rate_limit::{REGISTRATIONS_PER_ADDRESS, SIGN_INS_PER_ADDRESS},
    state::App,
};

pub(super) async fn ask(visitor: Visitor) -> Response {
    address_form(&visitor, "", None)
}

fn address_form(visitor: &Visitor, email: &str, fault: Option<&Fault>) -> Response {
    let words = visitor.words();
    let email =
        FormField { name: "email", label: words.email, hint: None, kind: FormFieldKind::Email, value: email };
    WebPage::new(visitor, words.register_title)
        .fault(fault)
        .paragraph(words.register_text)
        .form(&[email], words.send_code, fault)
        .into_response()
}

pub(super) async fn request(State(app): State<App>, form: PostedForm) -> Response {
    let visitor = &form.visitor;
    let email = form.text("email");
    let input = Register { email: email.clone(), language: form.language() };
    let requested = match visitor.require_limit(&app, &REGISTRATIONS_PER_ADDRESS).await {
        Ok(()) => registration::request(&app, &input).await,
        Err(error) => Err(error),
    };
    match requested {
        Ok(()) => check_mail(visitor, "/account/register/confirm"),
        Err(error) => address_form(visitor, &email, Some(&Fault::new(error, visitor.words()))),
    }
}

pub(super) async fn ask_code(visitor: Visitor) -> Response {
    confirm_form(&visitor, ["", "", ""], None)
}

fn confirm_form(visitor: &Visitor, [email, clinic, name]: [&str; 3], fault: Option<&Fault>) -> Response {
    let words = visitor.words();
    let field = |name, label, hint, kind, value| FormField { name, label, hint, kind, value };
    let fields = [
        field("email", words.email, None, FormFieldKind::Email, email),
        field("code", words.mailed_code, None, FormFieldKind::Code, ""),
        field("clinic", words.clinic, None, FormFieldKind::Text, clinic),
        field("name", words.name, None, FormFieldKind::Name, name),
        field("password", words.password, Some(words.password_hint), FormFieldKind::NewPassword, ""),
    ];
    WebPage::new(visitor, words.register_title)
        .fault(fault)
        .form(&fields, words.create_clinic, fault)
        .into_response()
}

pub(super) async fn confirm(State(app): State<App>, form: PostedForm) -> Response {
    let visitor = &form.visitor;
    let (email, clinic, name) = (form.text("email"), form.text("clinic"), form.text("name"));
    let input = ConfirmRegistration {
        email: email.clone(),
        code: form.secret("code"),
        clinic: clinic.clone(),
        name: name.clone(),
        password: form.secret("password"),
    };
    let confirmed = match visitor.require_limit(&app, &SIGN_INS_PER_ADDRESS).await {
        Ok(()) => registration::confirm_on_page(&app, input, &visitor.origin).await,
        Err(error) => Err(error),
    };
    let words = visitor.words();
    match confirmed {
        Ok(code) => {
            let page = WebPage::new(visitor, words.registered_title).status(StatusCode::CREATED);
            open_app(page.paragraph(words.registered), words, Some(&code))
        }
        Err(error) => confirm_form(visitor, [&email, &clinic, &name], Some(&Fault::new(error, words))),
    }
}
