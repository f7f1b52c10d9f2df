//! The pages that mails lead to, and the way from a browser to the app. They work without scripts; a script only takes a code
//! from behind the `#` of a mailed link, which no server, log or referrer sees.

mod form;
mod invitation;
mod layout;
mod pages;
mod passwords;
mod registration;
mod sign_in;
mod visitor;
mod words;

use axum::{Router, extract::DefaultBodyLimit, response::IntoResponse, routing::get};
use http::header;

use crate::state::App;

/// Where the pages are.
pub(crate) const PREFIX: &str = "/account";

/// What the pages may load: their own style and scripts, and nothing of anyone else.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                                           form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Of a form: the longest has five fields.
const MAX_FORM_BYTES: usize = 16 * 1024;

/// The pages.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/account", get(pages::index))
        .route("/account/register", get(registration::ask).post(registration::request))
        .route("/account/register/confirm", get(registration::ask_code).post(registration::confirm))
        .route("/account/reset", get(passwords::ask).post(passwords::request))
        .route("/account/reset/confirm", get(passwords::ask_code).post(passwords::confirm))
        .route("/account/invitation", get(invitation::ask).post(invitation::answer))
        .route("/account/email/confirm", get(pages::ask_email_code).post(pages::confirm_email))
        .route("/account/sign-in", get(sign_in::ask).post(sign_in::sign_in))
        .route("/account/billing", get(pages::billing_left))
        .route("/account/billing/paid", get(pages::paid))
        .route("/account/style.css", get(style))
        .route("/account/code.js", get(code_script))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("assets/style.css"))
}

async fn code_script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("assets/code.js"))
}
