//! What all pages have: head, mark, footer and headers; and the parts of forms.

use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use maneiro_api::{FieldError, account::MailLanguage};
use maud::{DOCTYPE, Markup, html};

use super::{
    visitor::{TOKEN_FIELD, Visitor},
    words::Words,
};
use crate::{domain::error::Error, log::error_chain};

/// A page as it is composed.
pub(super) struct WebPage<'v> {
    visitor: &'v Visitor,
    title: &'v str,
    status: StatusCode,
    has_code_script: bool,
    content: Vec<Markup>,
}

/// A field of a form.
pub(super) struct FormField<'a> {
    pub(super) name: &'static str,
    pub(super) label: &'a str,
    pub(super) hint: Option<&'a str>,
    pub(super) kind: FormFieldKind,
    /// What was typed before; never of a secret.
    pub(super) value: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FormFieldKind {
    Text,
    Name,
    Email,
    Code,
    /// A code too long to type, of small and capital letters.
    Token,
    /// What an earlier form of the same way asked for.
    Hidden,
    Password,
    NewPassword,
}

impl FormFieldKind {
    const fn input_type(self) -> &'static str {
        match self {
            Self::Text | Self::Name | Self::Code | Self::Token => "text",
            Self::Hidden => "hidden",
            Self::Email => "email",
            Self::Password | Self::NewPassword => "password",
        }
    }

    const fn autocomplete(self) -> &'static str {
        match self {
            Self::Text => "organization",
            Self::Name => "name",
            Self::Email => "username",
            Self::Code | Self::Token => "one-time-code",
            Self::Hidden => "off",
            Self::Password => "current-password",
            Self::NewPassword => "new-password",
        }
    }
}

impl<'v> WebPage<'v> {
    pub(super) const fn new(visitor: &'v Visitor, title: &'v str) -> Self {
        Self { visitor, title, status: StatusCode::OK, has_code_script: false, content: Vec::new() }
    }

    pub(super) const fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(super) fn content(mut self, content: Markup) -> Self {
        self.content.push(content);
        self
    }

    pub(super) fn paragraph(self, words: &str) -> Self {
        self.content(html! { p { (words) } })
    }

    /// Why the last try failed.
    pub(super) fn fault(self, fault: Option<&Fault>) -> Self {
        match fault {
            Some(Fault { status, banner: Some(banner), .. }) => {
                self.status(*status).content(html! { p.banner role="alert" { (banner) } })
            }
            Some(Fault { status, .. }) => self.status(*status),
            None => self,
        }
    }

    /// A form that posts to its own page.
    pub(super) fn form(mut self, fields: &[FormField<'_>], button: &str, fault: Option<&Fault>) -> Self {
        let token = &self.visitor.form_token;
        self.has_code_script |=
            fields.iter().any(|field| matches!(field.kind, FormFieldKind::Code | FormFieldKind::Token));
        let (hidden, shown): (Vec<_>, Vec<_>) =
            fields.iter().partition(|field| field.kind == FormFieldKind::Hidden);
        let form = html! {
            form method="post" {
                input type="hidden" name=(TOKEN_FIELD) value=(token);
                @for field in hidden { input type="hidden" name=(field.name) value=(field.value); }
                @for field in shown {
                    @let wrong = fault.and_then(|fault| fault.field_message(field.name));
                    label {
                        (field.label)
                        input.code[field.kind == FormFieldKind::Code] .token[field.kind == FormFieldKind::Token] name=(field.name) type=(field.kind.input_type())
                            autocomplete=(field.kind.autocomplete()) value=(field.value) required maxlength="256"
                            spellcheck="false" autocapitalize="off" aria-invalid=(wrong.is_some());
                        @if let Some(hint) = field.hint { small { (hint) } }
                        @if let Some(wrong) = wrong { span.fault { (wrong) } }
                    }
                }
                button type="submit" { (button) }
            }
        };
        self.content(form)
    }

    fn render(&self) -> Markup {
        let words = self.visitor.words();
        let language = match self.visitor.language {
            MailLanguage::En => "en",
            MailLanguage::Es => "es",
        };
        html! {
            (DOCTYPE)
            html lang=(language) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (self.title) " · Maneiro" }
                    link rel="stylesheet" href="/account/style.css";
                    @if self.has_code_script { script src="/account/code.js" defer {} }
                }
                body {
                    main {
                        a.mark href="/account" { (mark()) "Maneiro" }
                        h1 { (self.title) }
                        @for part in &self.content { (part) }
                        footer { (words.footer) }
                    }
                }
            }
        }
    }
}

/// Three lines of a page, one of them lit.
fn mark() -> Markup {
    html! {
        svg viewBox="0 0 28 28" aria-hidden="true" {
            rect width="28" height="28" rx="6" fill="#17495b" {}
            rect x="7" y="8" width="14" height="3" rx="1.5" fill="#b5cfd8" {}
            rect x="7" y="13" width="9" height="3" rx="1.5" fill="#ffdc5e" {}
            rect x="7" y="18" width="14" height="3" rx="1.5" fill="#b5cfd8" {}
        }
    }
}

impl IntoResponse for WebPage<'_> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Html(self.render().into_string())).into_response();
        let cookie = self.visitor.set_cookie().and_then(|cookie| HeaderValue::try_from(cookie).ok());
        response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
        response
    }
}

/// Why a form did not succeed, in the visitor's words.
pub(super) struct Fault {
    status: StatusCode,
    banner: Option<String>,
    fields: Vec<(String, String)>,
}

impl Fault {
    pub(super) fn new(error: Error, words: &Words) -> Self {
        let banner =
            |status, banner: &str| Self { status, banner: Some(banner.to_owned()), fields: Vec::new() };
        match error {
            Error::InvalidInput(fields) => Self {
                status: StatusCode::BAD_REQUEST,
                banner: None,
                fields: fields
                    .into_iter()
                    .map(|FieldError { field, message }| {
                        let message = words.field_message(&field, &message);
                        (field, message)
                    })
                    .collect(),
            },
            Error::CodeWrong => banner(StatusCode::UNAUTHORIZED, words.code_wrong),
            Error::CodeExpired => banner(StatusCode::UNAUTHORIZED, words.code_expired),
            Error::InvalidCredentials | Error::Unauthenticated => {
                banner(StatusCode::UNAUTHORIZED, words.credentials_wrong)
            }
            Error::LimitReached(_) => banner(StatusCode::TOO_MANY_REQUESTS, words.no_seat),
            Error::TooManyRequests { .. } => banner(StatusCode::TOO_MANY_REQUESTS, words.too_many),
            Error::Unavailable { .. } => banner(StatusCode::SERVICE_UNAVAILABLE, words.unavailable),
            other => {
                tracing::error!(error = %error_chain(&other), "a page failed");
                banner(StatusCode::INTERNAL_SERVER_ERROR, words.internal)
            }
        }
    }

    fn field_message(&self, name: &str) -> Option<&str> {
        let mut own = self.fields.iter().filter(|(field, _)| field == name);
        own.next().map(|(_, message)| message.as_str())
    }
}
