//! A forgotten password in a browser.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use maneiro_api::identity::{RequestPasswordReset, ResetPassword};

use super::{
    form::PostedForm,
    layout::{Fault, FormField, FormFieldKind, WebPage},
    pages::{check_mail, open_app},
    visitor::Visitor,
};
use crate::{
    app::password_reset,
    domain::rate_limit::{RESETS_PER_ADDRESS, SIGN_INS_PER_ADDRESS},
    state::App,
};

pub(super) async fn ask(visitor: Visitor) -> Response {
    address_form(&visitor, "", None)
}

fn address_form(visitor: &Visitor, email: &str, fault: Option<&Fault>) -> Response {
    let words = visitor.words();
    let email =
        FormField { name: "email", label: words.email, hint: None, kind: FormFieldKind::Email, value: email };
    WebPage::new(visitor, words.reset_title)
        .fault(fault)
        .paragraph(words.reset_text)
        .form(&[email], words.send_code, fault)
        .into_response()
}

pub(super) async fn request(State(app): State<App>, form: PostedForm) -> Response {
    let visitor = &form.visitor;
    let email = form.text("email");
    let requested = match visitor.require_limit(&app, &RESETS_PER_ADDRESS).await {
        Ok(()) => password_reset::request(&app, &RequestPasswordReset { email: email.clone() }).await,
        Err(error) => Err(error),
    };
    match requested {
        Ok(()) => check_mail(visitor, "/account/reset/confirm"),
        Err(error) => address_form(visitor, &email, Some(&Fault::new(error, visitor.words()))),
    }
}

pub(super) async fn ask_code(visitor: Visitor) -> Response {
    confirm_form(&visitor, "", None)
}

/// A code that was given with a refused password is given back, so that it need not be typed again.
fn confirm_form(visitor: &Visitor, code: &str, fault: Option<&Fault>) -> Response {
    let words = visitor.words();
    let field = |name, label, hint, kind, value| FormField { name, label, hint, kind, value };
    let fields = [
        field("code", words.mailed_code, None, FormFieldKind::Code, code),
        field("new_password", words.new_password, Some(words.password_hint), FormFieldKind::NewPassword, ""),
    ];
    WebPage::new(visitor, words.reset_title)
        .fault(fault)
        .form(&fields, words.set_password, fault)
        .into_response()
}

pub(super) async fn confirm(State(app): State<App>, form: PostedForm) -> Response {
    let visitor = &form.visitor;
    let input = ResetPassword {
        code: form.secret("code"),
        new_password: form.secret("new_password"),
        organization: None,
    };
    let confirmed = match visitor.require_limit(&app, &SIGN_INS_PER_ADDRESS).await {
        Ok(()) => password_reset::confirm_on_page(&app, input, &visitor.origin).await,
        Err(error) => Err(error),
    };
    let words = visitor.words();
    match confirmed {
        Ok(code) => {
            let page = WebPage::new(visitor, words.password_set_title).paragraph(words.password_set);
            open_app(page, words, code.as_ref())
        }
        Err(error) => confirm_form(visitor, &form.text("code"), Some(&Fault::new(error, words))),
    }
}
