//! Sign-in in a browser, which ends in a code for the app.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use maneiro_api::account::Login;
use maud::html;

use super::{
    form::PostedForm,
    layout::{Fault, FormField, FormFieldKind, WebPage},
    pages::open_app,
    visitor::Visitor,
};
use crate::{app::auth, domain::rate_limit::SIGN_INS_PER_ADDRESS, state::App};

pub(super) async fn ask(visitor: Visitor) -> Response {
    form_page(&visitor, "", None)
}

fn form_page(visitor: &Visitor, email: &str, fault: Option<&Fault>) -> Response {
    let words = visitor.words();
    let field = |name, label, kind, value| FormField { name, label, hint: None, kind, value };
    let fields = [
        field("email", words.email, FormFieldKind::Email, email),
        field("password", words.password, FormFieldKind::Password, ""),
    ];
    WebPage::new(visitor, words.sign_in_title)
        .fault(fault)
        .paragraph(words.sign_in_text)
        .form(&fields, words.sign_in, fault)
        .content(html! { p.hint { a href="/account/reset" { (words.forgotten) } } })
        .into_response()
}

pub(super) async fn sign_in(State(app): State<App>, form: PostedForm) -> Response {
    let visitor = &form.visitor;
    let email = form.text("email");
    let input = Login { email: email.clone(), password: form.secret("password"), organization: None };
    let signed_in = match visitor.require_limit(&app, &SIGN_INS_PER_ADDRESS).await {
        Ok(()) => auth::login_on_page(&app, &input, &visitor.origin).await,
        Err(error) => Err(error),
    };
    let words = visitor.words();
    match signed_in {
        Ok(code) => open_app(WebPage::new(visitor, words.signed_in_title), words, Some(&code)),
        Err(error) => form_page(visitor, &email, Some(&Fault::new(error, words))),
    }
}
