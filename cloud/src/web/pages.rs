//! Pages that belong to several ways, and the confirmation of an e-mail address.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use maneiro_api::identity::ConfirmEmailChange;
use maud::html;

use super::{
    form::PostedForm,
    layout::{Fault, FormField, FormFieldKind, WebPage},
    visitor::Visitor,
    words::Words,
};
use crate::{
    app::{
        email_change,
        sign_in_codes::{SIGN_IN_CODE_LIFETIME, SignInCode},
    },
    domain::rate_limit::SIGN_INS_PER_ADDRESS,
    state::App,
};

pub(super) async fn index() -> Redirect {
    Redirect::to("/account/sign-in")
}

/// That a mail is on its way, whether or not it is: the page must not tell whose address has an account.
pub(super) fn check_mail(visitor: &Visitor, next: &str) -> Response {
    let words = visitor.words();
    WebPage::new(visitor, words.check_mail_title)
        .paragraph(words.check_mail)
        .content(html! { a.button href=(next) { (words.enter_code) } })
        .into_response()
}

/// Shows the code that the app is opened with, and a link for systems that know it. The code stands behind the hash of the
/// link, so that no log of the system's has it as part of a path.
pub(super) fn open_app(page: WebPage<'_>, words: &Words, code: Option<&SignInCode>) -> Response {
    let Some(code) = code else { return page.paragraph(words.no_clinic).into_response() };
    let minutes = SIGN_IN_CODE_LIFETIME.whole_minutes();
    page.paragraph(words.open_app)
        .content(html! {
            p.shown-code { (code) }
            p.hint { (words.code_lasts(minutes)) }
            a.button href={ "maneiro://sign-in#" (code) } { (words.open_app_button) }
        })
        .into_response()
}

pub(super) async fn ask_email_code(visitor: Visitor) -> Response {
    email_form(&visitor, None)
}

fn email_form(visitor: &Visitor, fault: Option<&Fault>) -> Response {
    let words = visitor.words();
    let code = FormField {
        name: "code",
        label: words.mailed_code,
        hint: None,
        kind: FormFieldKind::Code,
        value: "",
    };
    WebPage::new(visitor, words.email_title)
        .fault(fault)
        .paragraph(words.email_text)
        .form(&[code], words.confirm_email, fault)
        .into_response()
}

pub(super) async fn confirm_email(State(app): State<App>, form: PostedForm) -> Response {
    let visitor = &form.visitor;
    let input = ConfirmEmailChange { code: form.secret("code") };
    let confirmed = match visitor.require_limit(&app, &SIGN_INS_PER_ADDRESS).await {
        Ok(()) => email_change::confirm(&app, &input, &visitor.origin).await,
        Err(error) => Err(error),
    };
    let words = visitor.words();
    match confirmed {
        Ok(()) => {
            WebPage::new(visitor, words.email_changed_title).paragraph(words.email_changed).into_response()
        }
        Err(error) => email_form(visitor, Some(&Fault::new(error, words))),
    }
}

/// Where the payment provider sends whoever has paid.
pub(super) async fn paid(visitor: Visitor) -> Response {
    let words = visitor.words();
    WebPage::new(&visitor, words.paid_title).paragraph(words.paid).into_response()
}

/// Where the payment provider sends whoever leaves its pages otherwise.
pub(super) async fn billing_left(visitor: Visitor) -> Response {
    let words = visitor.words();
    WebPage::new(&visitor, words.billing_left_title).paragraph(words.billing_left).into_response()
}
