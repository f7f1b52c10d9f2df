//! The OpenAPI document apart from its operations.

use maneiro_api::{
    ErrorBody,
    edit::StatementSection,
    report::{PaperSize, ReportForm, ReportFormat, ReportLanguage},
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Maneiro",
        description = "Turns a patient's record into an analysis in which every statement can be followed to the page, \
                       the line and the words it came from. Errors are `ErrorBody`; an id of another clinic is not found. \
                       Each operation names the action that the member's role must permit in `x-action`, and how the \
                       session must have begun in `x-session-level`."
    ),
    components(schemas(ErrorBody, PaperSize, ReportForm, ReportFormat, ReportLanguage, StatementSection)),
    modifiers(&BearerToken)
)]
struct ApiDocument;

struct BearerToken;

impl Modify for BearerToken {
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
    ApiDocument::openapi()
}
