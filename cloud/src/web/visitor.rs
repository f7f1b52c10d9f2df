//! Who asks for a page: from where, in which language, and with which cookie.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, header, request::Parts};
use maneiro_api::{RequestId, account::MailLanguage};

use super::words::Words;
use crate::{
    app::rate_limits,
    domain::{
        actor::RequestOrigin,
        client_address::ClientAddress,
        error::Error,
        rate_limit::{RateLimit, RateLimitSubject},
    },
    state::App,
};

/// The longest description of a device that is kept.
const MAX_DEVICE_CHARS: usize = 200;

/// The cookie that a form must come back with. `__Host-` keeps other hosts of the domain from setting it; without TLS, on the
/// machine itself, browsers refuse such a name.
const SECURE_COOKIE: &str = "__Host-maneiro-form";
const COOKIE: &str = "maneiro-form";

/// The field of a form that repeats the cookie.
pub(super) const TOKEN_FIELD: &str = "form";

/// Whoever asks for a page.
pub(super) struct Visitor {
    pub(super) origin: RequestOrigin,
    client: Option<ClientAddress>,
    pub(super) language: MailLanguage,
    /// What a form repeats, so that it is one of our pages that sends it.
    pub(super) form_token: String,
    /// Whether the browser has the cookie already.
    pub(super) has_cookie: bool,
    /// Whether the browser says that another site sends the request.
    pub(super) is_cross_site: bool,
    pub(super) is_secure: bool,
}

impl Visitor {
    pub(super) const fn words(&self) -> &'static Words {
        Words::for_language(self.language)
    }

    /// Counts the request by the visitor's address.
    pub(super) async fn require_limit(&self, app: &App, limit: &RateLimit) -> Result<(), Error> {
        match self.client {
            Some(client) => rate_limits::require(app, &RateLimitSubject::address(client), limit).await,
            None => Err(Error::internal(anyhow::anyhow!("a request has no address"))),
        }
    }

    /// The cookie to set, unless the browser has it.
    pub(super) fn set_cookie(&self) -> Option<String> {
        let (token, name) = (&self.form_token, cookie_name(self.is_secure));
        let secure = if self.is_secure { "; Secure" } else { "" };
        (!self.has_cookie).then(|| format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}"))
    }
}

const fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { SECURE_COOKIE } else { COOKIE }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let client = parts.extensions.get::<ClientAddress>().copied();
        let request = parts.extensions.get::<RequestId>().copied();
        let request = request.unwrap_or_else(|| RequestId::from_uuid(app.new_uuid()));
        let device = text(&parts.headers, &header::USER_AGENT);
        let device = device.map(|device| device.chars().take(MAX_DEVICE_CHARS).collect());
        let is_secure = app.public_url.scheme() == "https";
        let cookie = find_cookie(&parts.headers, cookie_name(is_secure));
        let has_cookie = cookie.is_some();
        let new_token = || URL_SAFE_NO_PAD.encode(app.random_bytes::<32>());
        Ok(Self {
            origin: RequestOrigin { request, address: client.map(ClientAddress::ip), device },
            client,
            language: preferred_language(text(&parts.headers, &header::ACCEPT_LANGUAGE)),
            form_token: cookie.unwrap_or_else(new_token),
            has_cookie,
            is_cross_site: is_cross_site(&parts.headers),
            is_secure,
        })
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// A cookie of ours: 32 bytes in Base64.
fn find_cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    let is_token =
        value.len() == 43 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_token.then(|| value.to_owned())
}

/// What browsers say of where a request comes from (Fetch Metadata), or before they did, its origin.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (header("sec-fetch-site"), header("origin"), header("host")) {
        (Some(site), ..) => !["same-origin", "none"].contains(&site),
        (None, Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, own)| own != host),
        (None, Some(_), None) => true,
        (None, None, _) => false,
    }
}

/// The first language of ours that the browser names.
fn preferred_language(accepted: Option<&str>) -> MailLanguage {
    let tags = accepted.unwrap_or_default().split(',').map(|tag| tag.trim().to_ascii_lowercase());
    let mut known = tags.filter_map(|tag| match tag.split(['-', ';']).next() {
        Some("es") => Some(MailLanguage::Es),
        Some("en") => Some(MailLanguage::En),
        _ => None,
    });
    known.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_requests_of_the_own_site_are_not_cross_site() {
        for (pairs, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("origin", "https://cloud.example"), ("host", "cloud.example")], false),
            (&[("origin", "https://evil.example"), ("host", "cloud.example")], true),
            (&[("origin", "null"), ("host", "cloud.example")], true),
            (&[], false),
        ] {
            assert_eq!(is_cross_site(&headers(pairs)), expected, "{pairs:?}");
        }
    }

    #[test]
    fn first_known_language_is_preferred() {
        let preferred = |accepted| preferred_language(Some(accepted));
        assert_eq!(preferred("es-MX,es;q=0.9,en;q=0.8"), MailLanguage::Es);
        assert_eq!(preferred("de-DE,de;q=0.9,en;q=0.8,es;q=0.7"), MailLanguage::En);
        assert_eq!(preferred("de"), MailLanguage::En);
        assert_eq!(preferred_language(None), MailLanguage::En);
    }

    #[test]
    fn cookie_is_found_among_others_and_only_if_it_is_one_of_ours() {
        let token = "A".repeat(43);
        let line: &'static str = format!("a=b; maneiro-form={token}; c=d").leak();
        assert_eq!(find_cookie(&headers(&[("cookie", line)]), COOKIE), Some(token));
        assert_eq!(find_cookie(&headers(&[("cookie", "maneiro-form=<script>")]), COOKIE), None);
    }
}
