//! An invitation in a browser: what it offers, and how to accept it.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use maneiro_api::member::{AcceptInvitation, OfferedMembership, ViewInvitation};
use secrecy::ExposeSecret as _;

use super::{
    form::PostedForm,
    layout::{Fault, FormField, FormFieldKind, WebPage},
    pages::open_app,
    visitor::Visitor,
};
use crate::{
    app::invitations,
    domain::{error::Error, rate_limit::SIGN_INS_PER_ADDRESS},
    state::App,
};

pub(super) async fn ask(visitor: Visitor) -> Response {
    code_form(&visitor, "", None)
}

fn code_form(visitor: &Visitor, code: &str, fault: Option<&Fault>) -> Response {
    let words = visitor.words();
    let kind = FormFieldKind::Token;
    let code = FormField { name: "code", label: words.mailed_code, hint: None, kind, value: code };
    WebPage::new(visitor, words.invitation_title)
        .fault(fault)
        .paragraph(words.invitation_text)
        .form(&[code], words.see_invitation, fault)
        .into_response()
}

/// Whoever has the code sees what it offers, and with a password accepts it.
pub(super) async fn answer(State(app): State<App>, form: PostedForm) -> Response {
    let visitor = &form.visitor;
    let words = visitor.words();
    let (code, password) = (form.text("code"), form.secret("password"));
    let view = ViewInvitation { token: form.secret("code") };
    let offered = match visitor.require_limit(&app, &SIGN_INS_PER_ADDRESS).await {
        Ok(()) => invitations::view(&app, &view).await,
        Err(error) => Err(error),
    };
    let offered = match offered {
        Ok(offered) => offered,
        Err(error) => return code_form(visitor, &code, Some(&Fault::new(error, words))),
    };
    let name = form.text("name");
    if password.expose_secret().is_empty() {
        return offer_form(visitor, &offered, &code, &name, None);
    }
    let input = AcceptInvitation { token: view.token, name: Some(name.clone()), password };
    match invitations::accept_on_page(&app, input, &visitor.origin).await {
        Ok(code) => {
            let page = WebPage::new(visitor, words.joined_title).status(StatusCode::CREATED);
            open_app(page.paragraph(&words.joined(&offered.clinic)), words, Some(&code))
        }
        // It ended while the form was open.
        Err(error @ (Error::CodeWrong | Error::CodeExpired)) => {
            code_form(visitor, &code, Some(&Fault::new(error, words)))
        }
        Err(error) => offer_form(visitor, &offered, &code, &name, Some(&Fault::new(error, words))),
    }
}

fn offer_form(
    visitor: &Visitor,
    offered: &OfferedMembership,
    code: &str,
    name: &str,
    fault: Option<&Fault>,
) -> Response {
    let words = visitor.words();
    let field = |name, label, hint, kind, value| FormField { name, label, hint, kind, value };
    let code = field("code", "", None, FormFieldKind::Hidden, code);
    let fields = if offered.has_account {
        vec![code, field("password", words.password, None, FormFieldKind::Password, "")]
    } else {
        let hint = Some(words.password_hint);
        vec![
            code,
            field("name", words.name, None, FormFieldKind::Name, name),
            field("password", words.password, hint, FormFieldKind::NewPassword, ""),
        ]
    };
    let text = if offered.has_account { words.join_with_account } else { words.join_anew };
    WebPage::new(visitor, &offered.clinic)
        .fault(fault)
        .paragraph(&words.offer(offered.role, &offered.email))
        .paragraph(text)
        .form(&fields, words.accept_invitation, fault)
        .into_response()
}
