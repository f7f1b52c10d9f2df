//! Every operation in the OpenAPI document of the service, ready to be called. A test that calls all of them includes
//! operations that are added later.

use http::Method;
use maneiro_api::{
    AnalysisId, DocumentId, InvitationId, JobId, ObjectId, OrgId, RecordId, SessionId, UserId,
    report::ReportOptions,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::{PASSWORD, TestApp, fixtures};

/// The edit of every walk: sent again, it is the same.
const EDIT: &str = "edt_0197a6b2c3d47e8f9a0b1c2d3e4f5a6b";

/// The resources that requests refer to.
#[derive(Debug, Clone, Copy)]
pub struct OperationIds {
    pub record: RecordId,
    pub document: DocumentId,
    pub job: JobId,
    pub analysis: AnalysisId,
    pub session: SessionId,
    /// For an operator to act in and as.
    pub organization: OrgId,
    pub user: UserId,
    /// The upload of an original.
    pub upload: ObjectId,
    pub invitation: InvitationId,
}

/// An operation of the OpenAPI document.
#[derive(Debug, Clone)]
pub struct Operation {
    pub name: String,
    pub method: Method,
    /// With `{placeholders}`.
    pub path: String,
    /// The action that a role must permit; none if everyone may call it.
    pub action: Option<String>,
    /// Whether the document states who may call it.
    pub has_stated_access: bool,
}

impl Operation {
    /// All operations. Those that end what the others need come last.
    pub async fn from_openapi(app: &TestApp) -> Vec<Self> {
        let document = reqwest::get(app.url.join("openapi.json").expect("a path")).await.expect("a response");
        let document: Value = document.json().await.expect("the document is JSON");
        let mut all = Vec::new();
        for (path, item) in document["paths"].as_object().expect("there are paths") {
            for (method, operation) in item.as_object().expect("a path has operations") {
                let action = operation["x-action"].as_str().map(str::to_owned);
                let is_open = operation["security"].as_array().is_some_and(Vec::is_empty);
                all.push(Self {
                    name: operation["operationId"].as_str().expect("an operation has a name").to_owned(),
                    method: method.to_uppercase().parse().expect("a method"),
                    path: path.clone(),
                    has_stated_access: action.is_some() != is_open,
                    action,
                });
            }
        }
        let last = [
            "enrol_second_factor",
            "enrol_operator_second_factor",
            "delete_record",
            "revoke_invitation",
            "switch_clinic",
            "remove_member",
            "leave_clinic",
            "end_all_sessions",
            "logout",
            "operator_logout",
            "close_account",
        ];
        all.sort_by_key(|operation| last.iter().position(|name| *name == operation.name));
        all
    }

    /// A valid request for these resources.
    pub fn request(
        &self,
        app: &TestApp,
        ids: OperationIds,
        token: Option<&SecretString>,
    ) -> reqwest::RequestBuilder {
        let path = self
            .path
            .replace("{record}", &ids.record.to_string())
            .replace("{document}", &ids.document.to_string())
            .replace("{number}", "1")
            .replace("{version}", "1")
            .replace("{job}", &ids.job.to_string())
            .replace("{analysis}", &ids.analysis.to_string())
            .replace("{user}", &ids.user.to_string())
            .replace("{invitation}", &ids.invitation.to_string())
            .replace("{session}", &ids.session.to_string());
        assert!(!path.contains('{'), "{path} has an unknown placeholder");
        let query = if self.name == "check_limit" { "?limit=analyses" } else { "" };
        let url = app.url.join(&format!("{}{query}", &path[1..])).expect("a path");
        let mut request = reqwest::Client::new().request(self.method.clone(), url);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        if self.name == "create_job" {
            request = request.header("Idempotency-Key", "all operations");
        }
        match self.request_body(ids) {
            Some(body) => request.json(&body),
            None => request,
        }
    }

    fn request_body(&self, ids: OperationIds) -> Option<Value> {
        Some(match self.name.as_str() {
            "register"
            | "confirm_registration"
            | "login"
            | "operator_login"
            | "request_password_reset"
            | "reset_password"
            | "confirm_email_change"
            | "login_with_code"
            | "view_invitation"
            | "accept_invitation" => json!({}),
            "change_email" => json!({ "new_email": "moved@clinic.example", "password": PASSWORD }),
            "close_account" => json!({ "password": PASSWORD }),
            "update_member" => json!({ "signs": true }),
            // Nobody hands over to whoever leaves: an admin is refused for it, and stays.
            "remove_member" | "leave_clinic" => json!({ "records_to": ids.user }),
            "switch_clinic" => json!({ "organization": ids.organization }),
            "create_invitation" => json!({ "email": "nobody@clinic.example", "role": "assistant" }),
            "change_password" => json!({ "current_password": PASSWORD, "new_password": PASSWORD }),
            // No code of six digits is right but by chance.
            "prove_second_factor"
            | "confirm_second_factor"
            | "prove_operator_second_factor"
            | "confirm_operator_second_factor" => json!({ "code": "000000x" }),
            "enrol_second_factor"
            | "enrol_operator_second_factor"
            | "replace_recovery_codes"
            | "remove_second_factor" => json!({ "password": PASSWORD }),
            "start_support_session" => json!({
                "organization": ids.organization, "user": ids.user, "minutes": 5, "reason": "a walk over all operations",
            }),
            "create_checkout" | "preview_change" | "change_subscription" => {
                json!({ "plan": "starter", "interval": "month" })
            }
            "set_add_ons" => json!({ "extra_seats": 1, "extra_storage": 0 }),
            "cancel_subscription" | "stripe_webhook" => json!({}),
            "set_policy" => json!({
                "requires_second_factor": false, "idle_minutes": 15, "session_hours": 12, "mail_domains": [],
                "retention_days": 90, "recording_consent": null, "uploads_originals": true, "model_hosts": null,
            }),
            "set_mail_preferences" => json!({ "usage_alerts": true, "trial_reminders": true }),
            "create_record" => json!({ "title": "Another" }),
            "update_record" => json!({ "revision": 1, "title": "Renamed" }),
            "add_document" => serde_json::to_value(fixtures::add_document_request(2)).expect("a wire type"),
            "put_pages" => json!({ "pages": [fixtures::text_page(1, "Another page")] }),
            "append_edits" => json!({ "seen": 0, "edits": [
                { "id": EDIT, "change": "accept", "statement": "stm_0197a6b2c3d47e8f9a0b1c2d3e4f5a6b" },
            ] }),
            "sign_report" => serde_json::to_value(fixtures::sign_report_request(&fixtures::empty_analysis(
                ids.analysis,
                ids.record,
            )))
            .expect("a wire type"),
            "create_report" => json!({ "format": "json", "report": { "draft": ReportOptions::default() } }),
            "set_letterhead" => serde_json::to_value(fixtures::letterhead()).expect("a wire type"),
            "set_signature_block" => serde_json::to_value(fixtures::signer_block()).expect("a wire type"),
            "create_job" => json!({ "record": ids.record }),
            "create_original_upload" => json!({ "sealed_sha256": "0a".repeat(32) }),
            "complete_original_upload" => json!({ "upload": ids.upload }),
            _ if self.method == Method::GET || self.method == Method::DELETE => return None,
            "create_portal" | "resume_subscription" => return None,
            "logout"
            | "operator_logout"
            | "create_original_key"
            | "cancel_job"
            | "retry_job"
            | "resend_invitation" => {
                return None;
            }
            unknown => panic!("{unknown} has no body here"),
        })
    }
}
