//! From a token to an actor who may do what the route states. A handler that asks for a `Caller` runs for no one else,
//! and without one nothing opens a clinic's transaction.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use maneiro_api::RequestId;
use secrecy::SecretString;

use super::problem::Problem;
use crate::{
    app::auth,
    domain::{action::Action, actor::OrgActor, error::Error},
    state::App,
};

/// Who calls, allowed to do what the route states.
pub(super) struct Caller(pub(super) OrgActor);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let action = parts.extensions.get::<Action>().copied();
        let action =
            action.ok_or_else(|| Error::bug(anyhow::anyhow!("a route does not state who may call it")))?;
        let RequestOf(request) = RequestOf::from_request_parts(parts, app).await?;
        let token = bearer(&parts.headers).ok_or(Error::Unauthenticated)?;
        let who = auth::authenticate(app, &token, request).await?;
        who.may(action)?;
        Ok(Self(who))
    }
}

fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| SecretString::from(token.trim()))
}

/// The id that `envelope` gave the request.
pub(super) struct RequestOf(pub(super) RequestId);

impl FromRequestParts<App> for RequestOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let id = parts.extensions.get::<RequestId>().copied();
        Ok(Self(id.ok_or_else(|| Error::bug(anyhow::anyhow!("a request has no id")))?))
    }
}
