//! From a token to an actor who may do what the route states. A handler that takes a `Caller` or an `OperatorCaller` runs for no one else, and
//! without an actor nothing begins a transaction of a clinic.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use maneiro_api::RequestId;
use secrecy::SecretString;

use super::error_response::ErrorResponse;
use crate::{
    app::{operators, sessions},
    domain::{
        action::Action,
        actor::{OperatorActor, OrgActor, RequestOrigin},
        error::Error,
    },
    state::App,
};

/// The authenticated actor of a clinic, who may do what the route states.
pub(super) struct Caller(pub(super) OrgActor);

impl FromRequestParts<App> for Caller {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorResponse> {
        match Authenticated::from_request_parts(parts, app).await? {
            Authenticated::Member(who) => Ok(Self(who)),
            Authenticated::Operator(_) => Err(Error::PermissionDenied.into()),
        }
    }
}

/// The authenticated operator, who may do what the route states.
pub(super) struct OperatorCaller(pub(super) OperatorActor);

impl FromRequestParts<App> for OperatorCaller {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorResponse> {
        match Authenticated::from_request_parts(parts, app).await? {
            Authenticated::Operator(who) => Ok(Self(who)),
            Authenticated::Member(_) => Err(Error::PermissionDenied.into()),
        }
    }
}

enum Authenticated {
    Member(OrgActor),
    Operator(OperatorActor),
}

impl Authenticated {
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorResponse> {
        let action = parts.extensions.get::<Action>().copied();
        let action = action
            .ok_or_else(|| Error::internal(anyhow::anyhow!("a route does not state who may call it")))?;
        let Origin(origin) = Origin::from_request_parts(parts, app).await?;
        let token = bearer_token(&parts.headers).ok_or(Error::Unauthenticated)?;
        if operators::is_operator_token(&token) {
            let who = operators::authenticate(app, &token, origin).await?;
            who.authorize(action)?;
            return Ok(Self::Operator(who));
        }
        let who = sessions::authenticate(app, &token, origin).await?;
        who.actor().authorize(action)?;
        Ok(Self::Member(who))
    }
}

fn bearer_token(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| SecretString::from(token.trim()))
}

/// The longest text of a client about itself that is stored.
const MAX_DEVICE_CHARS: usize = 200;

/// Where the request comes from.
pub(super) struct Origin(pub(super) RequestOrigin);

impl FromRequestParts<App> for Origin {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ErrorResponse> {
        let request = parts.extensions.get::<RequestId>().copied();
        let request = request.ok_or_else(|| Error::internal(anyhow::anyhow!("a request has no id")))?;
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = peer.map(|ConnectInfo(peer)| peer.ip().to_canonical());
        let device = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let device = device.map(|device| device.chars().take(MAX_DEVICE_CHARS).collect());
        Ok(Self(RequestOrigin { request, address, device }))
    }
}
