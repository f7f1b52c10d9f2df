//! The fields of a form that one of our pages sent.

use std::collections::HashMap;

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts as _, Request},
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use maneiro_api::account::MailLanguage;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::{
    layout::WebPage,
    visitor::{TOKEN_FIELD, Visitor},
};
use crate::state::App;

/// A form and who sent it.
pub(super) struct PostedForm {
    pub(super) visitor: Visitor,
    fields: HashMap<String, SecretString>,
}

impl PostedForm {
    pub(super) fn secret(&self, name: &str) -> SecretString {
        self.fields.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.secret(name).expose_secret().to_owned()
    }

    /// The language that the form chose, or the browser's.
    pub(super) fn language(&self) -> MailLanguage {
        match self.text("language").as_str() {
            "es" => MailLanguage::Es,
            "en" => MailLanguage::En,
            _ => self.visitor.language,
        }
    }
}

impl FromRequest<App> for PostedForm {
    type Rejection = Response;

    /// Refuses what another site sent: by what the browser says of it, and because no other site knows the cookie.
    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(visitor) = Visitor::from_request_parts(&mut parts, app).await;
        let form =
            Form::<HashMap<String, SecretString>>::from_request(Request::from_parts(parts, body), app).await;
        let fields = match form {
            Ok(Form(fields)) => fields,
            Err(_) => return Err(refused_page(&visitor, StatusCode::BAD_REQUEST)),
        };
        let token = fields.get(TOKEN_FIELD).map_or("", |token| token.expose_secret());
        // Hashed, so that the time of the comparison says nothing.
        let is_own = visitor.has_cookie && Sha256::digest(token) == Sha256::digest(&visitor.form_token);
        if visitor.is_cross_site || !is_own {
            return Err(refused_page(&visitor, StatusCode::FORBIDDEN));
        }
        Ok(Self { visitor, fields })
    }
}

fn refused_page(visitor: &Visitor, status: StatusCode) -> Response {
    let words = visitor.words();
    WebPage::new(visitor, words.form_refused_title)
        .status(status)
        .paragraph(words.form_refused)
        .into_response()
}
