//! From a token to an actor who may do what the route states. A handler that takes a `Caller` runs for no one else, and
//! without an actor nothing begins a transaction of a clinic.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use maneiro_api::RequestId;
use secrecy::SecretString;

use super::error_response::ErrorResponse;
use crate::{
    app::auth,
    domain::{action::Action, actor::OrgActor, error::Error},
    state::App,
};

/// The authenticated actor, who may do what the route states.
pub(super) struct Caller(pub(super) OrgActor);

impl FromRequestParts<App> for Caller {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorResponse> {
        let action = parts.extensions.get::<Action>().copied();
        let action = action
            .ok_or_else(|| Error::internal(anyhow::anyhow!("a route does not state who may call it")))?;
        let ExtractRequestId(request) = ExtractRequestId::from_request_parts(parts, app).await?;
        let token = bearer_token(&parts.headers).ok_or(Error::Unauthenticated)?;
        let who = auth::authenticate(app, &token, request).await?;
        who.authorize(action)?;
        Ok(Self(who))
    }
}

fn bearer_token(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| SecretString::from(token.trim()))
}

/// The id that `middleware` gave the request.
pub(super) struct ExtractRequestId(pub(super) RequestId);

impl FromRequestParts<App> for ExtractRequestId {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ErrorResponse> {
        let id = parts.extensions.get::<RequestId>().copied();
        Ok(Self(id.ok_or_else(|| Error::internal(anyhow::anyhow!("a request has no id")))?))
    }
}
