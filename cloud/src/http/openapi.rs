//! What the OpenAPI document says beyond its operations.

use maneiro_api::ErrorBody;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Maneiro",
        description = "Turns a patient's record into an analysis in which every statement can be followed to the page, \
                       the line and the words it came from. Errors are `ErrorBody`; another clinic's id is not found. \
                       Each operation names the action that a member's role must allow in `x-action`."
    ),
    components(schemas(ErrorBody)),
    modifiers(&Token)
)]
struct Document;

struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("From `/v1/auth/login`."))
            .build();
        openapi.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The document without operations.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
