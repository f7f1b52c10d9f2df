//! A route states who may call it, by its type: only one that does fits into the table. The statement guards the handler
//! and stands in the OpenAPI document.

use axum::{Extension, Router};
use maneiro_api::ErrorBody;
use serde_json::json;
use utoipa::{
    PartialSchema,
    openapi::{
        Content, OpenApi, Ref, RefOr, Required, ResponseBuilder,
        extensions::ExtensionsBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        security::SecurityRequirement,
    },
};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::openapi::document;
use crate::{domain::action::Action, state::App};

/// A handler of which it is known who may call it.
pub(super) struct Route(UtoipaMethodRouter<App>);

/// How a handler becomes a route.
pub(super) trait Access {
    /// For members whose role may do `action`.
    fn allow(self, action: Action) -> Route;

    /// For everyone, signed in or not.
    fn open(self) -> Route;
}

impl Access for UtoipaMethodRouter<App> {
    fn allow(self, action: Action) -> Route {
        let (schemas, mut paths, handler) = self;
        for operation in paths.paths.values_mut().flat_map(operations) {
            operation.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
            let stated = ExtensionsBuilder::new().add("x-action", json!(action)).build();
            operation.extensions.get_or_insert_default().merge(stated);
        }
        Route((schemas, paths, handler.layer(Extension(action))))
    }

    fn open(self) -> Route {
        let (schemas, mut paths, handler) = self;
        for operation in paths.paths.values_mut().flat_map(operations) {
            // An empty list says that nothing is needed, as against none, which says nothing.
            operation.security = Some(Vec::new());
        }
        Route((schemas, paths, handler))
    }
}

/// The routes and their description.
pub(super) struct Table(OpenApiRouter<App>);

impl Table {
    /// Without routes.
    pub(super) fn new() -> Self {
        Self(OpenApiRouter::with_openapi(document()))
    }

    /// Adds a route at an address, whose `{names}` become parameters of the description.
    pub(super) fn at(self, address: &str, Route((schemas, mut paths, handler)): Route) -> Self {
        let mut items = std::mem::take(&mut paths.paths);
        for operation in items.values_mut().flat_map(operations) {
            let named = names(address).map(|name| RefOr::T(parameter(name)));
            let parameters = operation.parameters.take().unwrap_or_default();
            operation.parameters =
                Some(named.chain(parameters).collect()).filter(|all: &Vec<_>| !all.is_empty());
            operation.responses.responses.insert("default".to_owned(), RefOr::T(refusal()));
        }
        paths.paths.extend(items.into_values().map(|item| (address.to_owned(), item)));
        Self(self.0.routes((schemas, paths, handler)))
    }

    /// The router and the description.
    pub(super) fn into_parts(self) -> (Router<App>, OpenApi) {
        self.0.split_for_parts()
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

fn names(address: &str) -> impl Iterator<Item = &str> {
    address.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn parameter(name: &str) -> Parameter {
    let schema = match name {
        "number" => u32::schema(),
        _ => String::schema(),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(schema))
        .build()
}

fn refusal() -> utoipa::openapi::Response {
    ResponseBuilder::new()
        .description("Refused or failed; `code` says why.")
        .content("application/json", Content::new(Some(Ref::from_schema_name(error_body_name()))))
        .build()
}

fn error_body_name() -> String {
    <ErrorBody as utoipa::ToSchema>::name().into_owned()
}
