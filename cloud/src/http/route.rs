//! A route states who may call it and how often, by its type: only such a route fits into the table. The statements guard the
//! handler and are part of the OpenAPI document.

use std::{convert::Infallible, sync::Arc};

use axum::{Extension, Router, extract::DefaultBodyLimit};
use http::StatusCode;
use maneiro_api::{
    AnalysisId, DocumentId, ErrorBody, InvitationId, JobId, RecordId, UserId, limits::MAX_PAGES_PER_DOCUMENT,
};
use serde_json::json;
use utoipa::{
    PartialSchema,
    openapi::{
        Content, ObjectBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder, Schema, Type,
        extensions::ExtensionsBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        security::SecurityRequirement,
    },
};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::{
    openapi::document,
    rate_limits::enforce_by_address,
    route_policy::{BodyLimit, RoutePolicy},
};
use crate::{
    domain::{
        action::Action,
        rate_limit::{REQUESTS_PER_ADDRESS, REQUESTS_PER_SESSION, RateLimit},
    },
    state::App,
};

/// A handler that everyone may call, but does not state how often.
pub(super) struct UnlimitedRoute(Route);

/// A handler that states who may call it and how often.
pub(super) struct Route {
    handler: UtoipaMethodRouter<App>,
    policy: RoutePolicy,
}

/// Makes a route from a handler.
pub(super) trait RouteAccess {
    /// For members whose role and session permit `action`, or operators if it is theirs, as often as a session and an address
    /// may send any request.
    fn allow(self, action: Action) -> Route;

    /// For everyone, signed in or not.
    fn public(self) -> UnlimitedRoute;
}

impl UnlimitedRoute {
    /// So often.
    pub(super) fn limit(self, limit: RateLimit) -> Route {
        self.0.limit(limit)
    }

    /// As often as anyone likes: for checks that load balancers make.
    pub(super) fn without_limit(self) -> Route {
        self.0
    }
}

impl Route {
    /// So often, besides the other limits.
    pub(super) fn limit(mut self, limit: RateLimit) -> Self {
        self.policy.limits.push(limit);
        self
    }

    /// Takes the bodies of uploads.
    pub(super) fn upload(mut self) -> Self {
        self.policy.body = BodyLimit::Upload;
        self
    }
}

impl RouteAccess for UtoipaMethodRouter<App> {
    fn allow(self, action: Action) -> Route {
        let (schemas, mut paths, handler) = self;
        for operation in paths.paths.values_mut().flat_map(operations) {
            operation.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
            let level = json!(action.permission().level);
            let extensions =
                ExtensionsBuilder::new().add("x-action", json!(action)).add("x-session-level", level).build();
            operation.extensions.get_or_insert_default().merge(extensions);
        }
        let limits = vec![REQUESTS_PER_ADDRESS, REQUESTS_PER_SESSION];
        let policy = RoutePolicy { action: Some(action), body: BodyLimit::Ordinary, limits };
        Route { handler: (schemas, paths, handler), policy }
    }

    fn public(self) -> UnlimitedRoute {
        let (schemas, mut paths, handler) = self;
        for operation in paths.paths.values_mut().flat_map(operations) {
            // An empty list means that nothing is required; without a list that would be unknown.
            operation.security = Some(Vec::new());
        }
        let policy = RoutePolicy { action: None, body: BodyLimit::Ordinary, limits: Vec::new() };
        UnlimitedRoute(Route { handler: (schemas, paths, handler), policy })
    }
}

/// The routes and their OpenAPI document.
pub(super) struct RouteTable(OpenApiRouter<App>);

impl RouteTable {
    pub(super) fn new() -> Self {
        Self(OpenApiRouter::with_openapi(document()))
    }

    /// Adds a route at a path, whose `{names}` become parameters in the document.
    pub(super) fn route(self, path: &str, Route { handler, policy }: Route) -> Self {
        let (schemas, mut paths, handler) = handler;
        let rate_limits: Vec<_> = policy.limits.iter().map(describe_limit).collect();
        let mut items = std::mem::take(&mut paths.paths);
        for operation in items.values_mut().flat_map(operations) {
            let path_parameters = parameter_names(path).map(|name| RefOr::T(path_parameter(name)));
            let parameters = operation.parameters.take().unwrap_or_default();
            operation.parameters =
                Some(path_parameters.chain(parameters).collect()).filter(|all: &Vec<_>| !all.is_empty());
            let extensions = ExtensionsBuilder::new().add("x-rate-limits", json!(rate_limits)).build();
            operation.extensions.get_or_insert_default().merge(extensions);
            for status in error_statuses(operation) {
                operation
                    .responses
                    .responses
                    .entry(status.as_u16().to_string())
                    .or_insert_with(|| RefOr::T(error_response(status)));
            }
        }
        paths.paths.extend(items.into_values().map(|item| (path.to_owned(), item)));
        let handler = handler
            .layer::<_, Infallible>(axum::middleware::from_fn(enforce_by_address))
            .layer::<_, Infallible>(DefaultBodyLimit::max(policy.body.max_bytes()))
            .layer::<_, Infallible>(Extension(Arc::new(policy)));
        Self(self.0.routes((schemas, paths, handler)))
    }

    /// The router and the OpenAPI document.
    pub(super) fn into_parts(self) -> (Router<App>, OpenApi) {
        self.0.split_for_parts()
    }
}

fn describe_limit(limit: &RateLimit) -> serde_json::Value {
    json!({
        "name": limit.name,
        "scope": limit.scope.name(),
        "max_requests": limit.max_requests,
        "window_s": limit.window.as_secs(),
    })
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

fn parameter_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Parameter {
    let schema = match name {
        "record" => RecordId::schema(),
        "document" => DocumentId::schema(),
        "job" => JobId::schema(),
        "user" => UserId::schema(),
        "invitation" => InvitationId::schema(),
        "analysis" => AnalysisId::schema(),
        "number" => page_number(),
        "version" => version_number(),
        _ => String::schema(),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(schema))
        .build()
}

fn page_number() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(MAX_PAGES_PER_DOCUMENT))
        .into()
}

fn version_number() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(i32::MAX)).into()
}

/// The errors that an operation can answer with, by what it takes and who may call it.
fn error_statuses(operation: &Operation) -> impl Iterator<Item = StatusCode> + use<> {
    let has_body = operation.request_body.is_some();
    let has_parameters = operation.parameters.is_some();
    let needs_session = operation.security.as_ref().is_some_and(|required| !required.is_empty());
    [
        (StatusCode::BAD_REQUEST, has_body || has_parameters),
        // Sign-in and registration answer 401 to what does not match.
        (StatusCode::UNAUTHORIZED, needs_session || has_body),
        (StatusCode::FORBIDDEN, needs_session),
        (StatusCode::NOT_FOUND, needs_session),
        // Events of payments too, where nothing is sold.
        (StatusCode::CONFLICT, needs_session || has_body),
        (StatusCode::PAYLOAD_TOO_LARGE, has_body),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, has_body),
        (StatusCode::TOO_MANY_REQUESTS, true),
        (StatusCode::INTERNAL_SERVER_ERROR, true),
        (StatusCode::SERVICE_UNAVAILABLE, true),
    ]
    .into_iter()
    .filter_map(|(status, can_occur)| can_occur.then_some(status))
}

fn error_response(status: StatusCode) -> utoipa::openapi::Response {
    ResponseBuilder::new()
        .description(status.canonical_reason().unwrap_or("An error; `code` says why."))
        .content("application/json", Content::new(Some(Ref::from_schema_name(error_body_name()))))
        .build()
}

fn error_body_name() -> String {
    <ErrorBody as utoipa::ToSchema>::name().into_owned()
}
