//! JSON in and out. The complete route table is in this file; handlers parse, call a use case, and shape the response.

mod analyses;
mod auth;
mod branding;
mod caller;
mod clinic;
mod documents;
mod edits;
mod error_response;
mod extract;
mod health;
mod identity;
mod jobs;
mod members;
mod middleware;
mod objects_only;
mod openapi;
mod operators;
mod rate_limits;
mod records;
mod registration;
mod route;
mod route_policy;
mod second_factor;
mod server;
mod sessions;
mod signatures;
mod stripe_webhook;
mod subscription;

use std::io;

use axum::Router;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

pub use self::server::ServerLimits;
use crate::{
    domain::{
        action::Action,
        rate_limit::{
            REGISTRATIONS_PER_ADDRESS, REPORTS_PER_SESSION, RESETS_PER_ADDRESS, SIGN_INS_PER_ADDRESS,
            STREAMS_PER_SESSION, analyses_per_clinic,
        },
    },
    state::App,
    web,
};
use route::{RouteAccess, RouteTable};

fn route_table(analyses_per_hour: u32) -> RouteTable {
    let analyses = analyses_per_clinic(analyses_per_hour);
    RouteTable::new()
        .route("/healthz", routes!(health::liveness).public().without_limit())
        .route("/readyz", routes!(health::readiness).public().without_limit())
        .route("/v1/auth/register", routes!(registration::request).public().limit(REGISTRATIONS_PER_ADDRESS))
        .route(
            "/v1/auth/register/confirm",
            routes!(registration::confirm).public().limit(SIGN_INS_PER_ADDRESS),
        )
        .route("/v1/auth/login", routes!(auth::login).public().limit(SIGN_INS_PER_ADDRESS))
        .route("/v1/auth/login/code", routes!(identity::login_with_code).public().limit(SIGN_INS_PER_ADDRESS))
        .route("/v1/auth/logout", routes!(auth::logout).allow(Action::EndSession))
        .route("/v1/auth/second-factor", routes!(second_factor::prove).allow(Action::ProveSecondFactor))
        .route("/v1/me/second-factor", routes!(second_factor::status).allow(Action::ProveSecondFactor))
        .route("/v1/me/second-factor", routes!(second_factor::enrol).allow(Action::ProveSecondFactor))
        .route(
            "/v1/me/second-factor/confirm",
            routes!(second_factor::confirm).allow(Action::ProveSecondFactor),
        )
        .route(
            "/v1/me/second-factor/recovery-codes",
            routes!(second_factor::replace_recovery_codes).allow(Action::ManageSecondFactor),
        )
        .route(
            "/v1/me/second-factor/remove",
            routes!(second_factor::remove).allow(Action::ManageSecondFactor),
        )
        .route("/v1/me", routes!(auth::me).allow(Action::ReadCurrentUser))
        .route(
            "/v1/auth/password/reset",
            routes!(identity::request_password_reset).public().limit(RESETS_PER_ADDRESS),
        )
        .route(
            "/v1/auth/password/reset/confirm",
            routes!(identity::reset_password).public().limit(SIGN_INS_PER_ADDRESS),
        )
        .route(
            "/v1/auth/email/confirm",
            routes!(identity::confirm_email_change).public().limit(SIGN_INS_PER_ADDRESS),
        )
        .route("/v1/me/email", routes!(identity::change_email).allow(Action::ChangeEmail))
        .route("/v1/me/close", routes!(identity::close_account).allow(Action::CloseAccount))
        .route("/v1/me/mails", routes!(identity::list_own_mails).allow(Action::ReadOwnMails))
        .route("/v1/me/password", routes!(sessions::change_password).allow(Action::ChangePassword))
        .route("/v1/me/clinics", routes!(members::list_own_clinics).allow(Action::ReadOwnClinics))
        .route("/v1/me/clinic", routes!(members::switch_clinic).allow(Action::SwitchClinic))
        .route("/v1/me/leave", routes!(members::leave).allow(Action::LeaveClinic))
        .route("/v1/policy", routes!(clinic::policy).allow(Action::ReadPolicy))
        .route("/v1/policy", routes!(clinic::set_policy).allow(Action::ManagePolicy))
        .route("/v1/members", routes!(members::list).allow(Action::ReadMembers))
        .route("/v1/members/{user}", routes!(members::update).allow(Action::ManageMembers))
        .route("/v1/members/{user}/remove", routes!(members::remove).allow(Action::ManageMembers))
        .route("/v1/invitations", routes!(members::invite).allow(Action::ManageInvitations))
        .route("/v1/invitations", routes!(members::list_invitations).allow(Action::ManageInvitations))
        .route(
            "/v1/invitations/{invitation}/resend",
            routes!(members::resend).allow(Action::ManageInvitations),
        )
        .route("/v1/invitations/{invitation}", routes!(members::revoke).allow(Action::ManageInvitations))
        .route(
            "/v1/auth/invitations/view",
            routes!(members::view_invitation).public().limit(SIGN_INS_PER_ADDRESS),
        )
        .route(
            "/v1/auth/invitations/accept",
            routes!(members::accept_invitation).public().limit(SIGN_INS_PER_ADDRESS),
        )
        .route("/v1/sessions", routes!(sessions::list).allow(Action::ReadSessions))
        .route("/v1/sessions", routes!(sessions::end_all).allow(Action::EndSessions))
        .route("/v1/sessions/{session}", routes!(sessions::end).allow(Action::EndSessions))
        .route("/v1/support-sessions", routes!(sessions::list_support).allow(Action::ManageSupportSessions))
        .route(
            "/v1/support-sessions/{session}",
            routes!(sessions::end_support).allow(Action::ManageSupportSessions),
        )
        .route("/v1/records", routes!(records::create).allow(Action::CreateRecord))
        .route("/v1/records", routes!(records::list).allow(Action::ReadRecord))
        .route("/v1/records/{record}", routes!(records::get).allow(Action::ReadRecord))
        .route("/v1/records/{record}", routes!(records::update).allow(Action::UpdateRecord))
        .route("/v1/records/{record}", routes!(records::delete).allow(Action::DeleteRecord))
        .route("/v1/records/{record}/documents", routes!(documents::add).allow(Action::AddDocument))
        .route("/v1/documents/{document}", routes!(documents::get).allow(Action::ReadRecord))
        .route(
            "/v1/documents/{document}/pages",
            routes!(documents::put_pages).allow(Action::AddDocument).upload(),
        )
        .route(
            "/v1/documents/{document}/pages/{number}",
            routes!(documents::get_page).allow(Action::ReadPage),
        )
        .route(
            "/v1/documents/{document}/original/key",
            routes!(documents::create_original_key).allow(Action::AddDocument),
        )
        .route(
            "/v1/documents/{document}/original",
            routes!(documents::create_original_upload).allow(Action::AddDocument),
        )
        .route(
            "/v1/documents/{document}/original/complete",
            routes!(documents::complete_original_upload).allow(Action::AddDocument),
        )
        .route("/v1/jobs", routes!(jobs::create).allow(Action::CreateJob).limit(analyses))
        .route("/v1/jobs", routes!(jobs::list).allow(Action::ReadJob))
        .route("/v1/jobs/{job}", routes!(jobs::get).allow(Action::ReadJob))
        .route("/v1/jobs/{job}/cancel", routes!(jobs::cancel).allow(Action::CancelJob))
        .route("/v1/jobs/{job}/retry", routes!(jobs::retry).allow(Action::CreateJob).limit(analyses))
        .route(
            "/v1/jobs/{job}/events",
            routes!(jobs::events).allow(Action::ReadJob).limit(STREAMS_PER_SESSION),
        )
        .route("/v1/analyses/{analysis}", routes!(analyses::get).allow(Action::ReadAnalysis))
        .route("/v1/analyses/{analysis}/edits", routes!(edits::list).allow(Action::ReadAnalysis))
        .route("/v1/analyses/{analysis}/edits", routes!(edits::append).allow(Action::EditAnalysis).upload())
        .route(
            "/v1/analyses/{analysis}/edits/events",
            routes!(edits::events).allow(Action::ReadAnalysis).limit(STREAMS_PER_SESSION),
        )
        .route(
            "/v1/analyses/{analysis}/report",
            routes!(analyses::report).allow(Action::CreateReport).limit(REPORTS_PER_SESSION),
        )
        .route(
            "/v1/analyses/{analysis}/signatures",
            routes!(signatures::sign).allow(Action::SignReport).upload(),
        )
        .route("/v1/records/{record}/signatures", routes!(signatures::list).allow(Action::ReadAnalysis))
        .route(
            "/v1/records/{record}/signatures/{version}",
            routes!(signatures::get).allow(Action::ReadAnalysis),
        )
        .route("/v1/clinic/letterhead", routes!(branding::letterhead).allow(Action::ReadLetterhead))
        .route(
            "/v1/clinic/letterhead",
            routes!(branding::set_letterhead).allow(Action::ManageLetterhead).upload(),
        )
        .route("/v1/me/signature-block", routes!(branding::own_signature).allow(Action::ManageOwnSignature))
        .route(
            "/v1/me/signature-block",
            routes!(branding::set_own_signature).allow(Action::ManageOwnSignature).upload(),
        )
        .route("/v1/plans", routes!(subscription::plans).allow(Action::ReadLimits))
        .route("/v1/subscription", routes!(subscription::get).allow(Action::ReadSubscription))
        .route("/v1/subscription/limits/check", routes!(subscription::check_limit).allow(Action::ReadLimits))
        .route("/v1/subscription/preview", routes!(subscription::preview).allow(Action::ManageSubscription))
        .route("/v1/subscription/change", routes!(subscription::change).allow(Action::ManageSubscription))
        .route(
            "/v1/subscription/add-ons",
            routes!(subscription::set_add_ons).allow(Action::ManageSubscription),
        )
        .route("/v1/subscription/cancel", routes!(subscription::cancel).allow(Action::ManageSubscription))
        .route("/v1/subscription/resume", routes!(subscription::resume).allow(Action::ManageSubscription))
        .route("/v1/subscription/portal", routes!(subscription::portal).allow(Action::ManageSubscription))
        .route("/v1/checkout", routes!(subscription::checkout).allow(Action::ManageSubscription))
        .route("/v1/invoices", routes!(subscription::invoices).allow(Action::ReadSubscription))
        .route("/v1/usage", routes!(subscription::usage).allow(Action::ReadSubscription))
        .route("/v1/me/mail-preferences", routes!(subscription::mail_preferences).allow(Action::ChooseMails))
        .route(
            "/v1/me/mail-preferences",
            routes!(subscription::set_mail_preferences).allow(Action::ChooseMails),
        )
        // Stripe sends as often as it likes; what it did not sign costs one hash.
        .route("/v1/webhooks/stripe", routes!(stripe_webhook::receive).public().without_limit())
        .route("/v1/admin/login", routes!(operators::login).public().limit(SIGN_INS_PER_ADDRESS))
        .route("/v1/admin/logout", routes!(operators::logout).allow(Action::EndOperatorSession))
        .route(
            "/v1/admin/second-factor",
            routes!(second_factor::prove_operator).allow(Action::ProveOperatorSecondFactor),
        )
        .route(
            "/v1/admin/second-factor/enrol",
            routes!(second_factor::enrol_operator).allow(Action::ProveOperatorSecondFactor),
        )
        .route(
            "/v1/admin/second-factor/confirm",
            routes!(second_factor::confirm_operator).allow(Action::ProveOperatorSecondFactor),
        )
        .route(
            "/v1/admin/support-sessions",
            routes!(operators::start_support_session).allow(Action::StartSupportSession),
        )
}

/// The service as an axum router.
pub fn router(app: App) -> Router {
    let (routes, openapi) = route_table(app.analyses_per_hour).into_parts();
    Router::new()
        .merge(routes)
        .merge(SwaggerUi::new("/docs").url("/openapi.json", openapi))
        .merge(web::router())
        .fallback(error_response::path_not_found)
        .method_not_allowed_fallback(error_response::method_not_allowed)
        .layer(CatchPanicLayer::custom(error_response::panic_response))
        .layer(axum::middleware::from_fn_with_state(app.clone(), middleware::apply))
        .with_state(app)
}

/// Serves on `listener` until the app is stopping, then finishes the requests in flight.
///
/// # Errors
/// If the listener fails for good.
pub async fn serve(listener: TcpListener, app: App, limits: ServerLimits) -> io::Result<()> {
    let stopping = app.stopping.clone();
    server::serve(listener, router(app), stopping, limits).await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::domain::rate_limit::DEFAULT_ANALYSES_PER_HOUR;

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_of_the_openapi_document_has_its_schema() {
        let (_, openapi) = route_table(DEFAULT_ANALYSES_PER_HOUR).into_parts();
        let document = serde_json::to_value(openapi).unwrap();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.contains("#/components/schemas/Analysis"), "{found:?}");
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn roles_of_members_and_of_lines_are_two_schemas() {
        let (_, openapi) = route_table(DEFAULT_ANALYSES_PER_HOUR).into_parts();
        let schemas = &serde_json::to_value(openapi).unwrap()["components"]["schemas"];
        assert_eq!(schemas["Role"]["enum"], serde_json::json!(["admin", "doctor", "assistant"]));
        assert_eq!(schemas["Me"]["properties"]["role"]["$ref"], "#/components/schemas/Role");
        let line_role = &schemas["Line"]["properties"]["role"];
        assert!(line_role.to_string().contains("#/components/schemas/LineRole"), "{line_role}");
    }
}
