//! From a token to an actor who may do what the route states. A handler that takes a `Caller` or an `OperatorCaller` runs for no one else, and
//! without an actor nothing begins a transaction of a clinic.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use maneiro_api::RequestId;
use secrecy::SecretString;

use super::{
    error_response::ErrorResponse,
    rate_limits::{RateDecisions, enforce},
    route_policy::RoutePolicy,
};
use crate::{
    app::{operators, rate_limits::LimiterFailure, sessions},
    domain::{
        actor::{OperatorActor, OrgActor, RequestOrigin},
        client_address::ClientAddress,
        error::Error,
        rate_limit::RateLimitSubject,
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
        let policy = extension::<Arc<RoutePolicy>>(parts)?;
        let action =
            policy.action.ok_or_else(|| Error::internal(anyhow::anyhow!("a public route has no caller")))?;
        let Origin(origin) = Origin::from_request_parts(parts, app).await?;
        let token = bearer_token(&parts.headers).ok_or(Error::Unauthenticated)?;
        if operators::is_operator_token(&token) {
            let who = operators::authenticate(app, &token, origin).await?;
            who.authorize(action)?;
            return Ok(Self::Operator(who));
        }
        let who = sessions::authenticate(app, &token, origin).await?;
        let decisions = extension::<RateDecisions>(parts)?;
        if let Some(session) = who.actor().session() {
            let subject = RateLimitSubject::Session(session);
            enforce(app, &policy, &decisions, &subject, LimiterFailure::Admit).await?;
        }
        who.actor().authorize(action)?;
        // What the role does not permit is not counted among what the clinic does.
        enforce(app, &policy, &decisions, &RateLimitSubject::Clinic(who.org()), LimiterFailure::Admit)
            .await?;
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
        let request = extension::<RequestId>(parts)?;
        let address = Some(extension::<ClientAddress>(parts)?.ip());
        let device = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let device = device.map(|device| device.chars().take(MAX_DEVICE_CHARS).collect());
        Ok(Self(RequestOrigin { request, address, device }))
    }
}

/// What the middleware or the route table gave the request.
fn extension<T: Clone + Send + Sync + 'static>(parts: &Parts) -> Result<T, Error> {
    let missing = || anyhow::anyhow!("a request has no {}", std::any::type_name::<T>());
    parts.extensions.get::<T>().cloned().ok_or_else(|| Error::internal(missing()))
}
