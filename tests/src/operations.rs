//! Every operation that the service's own description names, ready to be called: what walks over all of them cannot forget
//! one that is added later.

use http::Method;
use maneiro_api::{AnalysisId, DocumentId, JobId, RecordId};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::{TestApp, given};

/// What the addresses and bodies of requests name.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    /// A record.
    pub record: RecordId,
    /// A document of it.
    pub document: DocumentId,
    /// A job of it.
    pub job: JobId,
    /// The job's analysis.
    pub analysis: AnalysisId,
}

/// One operation of the description.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// How it is called.
    pub method: Method,
    /// Where, with `{names}`.
    pub path: String,
    /// The action that a member's role must allow; none if everyone may call it.
    pub action: Option<String>,
    /// Whether the description says who may call it.
    pub states_access: bool,
}

impl Operation {
    /// All of them. Those that end a session come last.
    pub async fn all(app: &TestApp) -> Vec<Self> {
        let document = reqwest::get(app.url.join("openapi.json").expect("a path")).await.expect("an answer");
        let document: Value = document.json().await.expect("the description is JSON");
        let mut all = Vec::new();
        for (path, item) in document["paths"].as_object().expect("there are paths") {
            for (method, operation) in item.as_object().expect("a path has operations") {
                let action = operation["x-action"].as_str().map(str::to_owned);
                let is_open = operation["security"].as_array().is_some_and(Vec::is_empty);
                all.push(Self {
                    name: operation["operationId"].as_str().expect("an operation has a name").to_owned(),
                    method: method.to_uppercase().parse().expect("a method"),
                    path: path.clone(),
                    states_access: action.is_some() != is_open,
                    action,
                });
            }
        }
        all.sort_by_key(|operation| operation.name == "logout");
        all
    }

    /// A sound request that names these ids.
    pub fn request(&self, app: &TestApp, ids: Ids, token: Option<&SecretString>) -> reqwest::RequestBuilder {
        let path = self
            .path
            .replace("{record}", &ids.record.to_string())
            .replace("{document}", &ids.document.to_string())
            .replace("{number}", "1")
            .replace("{job}", &ids.job.to_string())
            .replace("{analysis}", &ids.analysis.to_string());
        assert!(!path.contains('{'), "say here what stands for the names in {path}");
        let query = if self.name == "get_report" { "?format=json" } else { "" };
        let url = app.url.join(&format!("{}{query}", &path[1..])).expect("a path");
        let mut request = reqwest::Client::new().request(self.method.clone(), url);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        if self.name == "create_job" {
            request = request.header("Idempotency-Key", "of the walk over all operations");
        }
        match self.body(ids) {
            Some(body) => request.json(&body),
            None => request,
        }
    }

    fn body(&self, ids: Ids) -> Option<Value> {
        Some(match self.name.as_str() {
            "register" | "login" => json!({}),
            "create_record" => json!({ "title": "Another" }),
            "add_document" => serde_json::to_value(given::file(2)).expect("a wire type"),
            "put_pages" => json!({ "pages": [given::page(1, "Another reading")] }),
            "create_job" => json!({ "record": ids.record }),
            _ if self.method == Method::GET => return None,
            "logout" | "create_original_upload" | "complete_original_upload" | "cancel_job" | "retry_job" => {
                return None;
            }
            unknown => panic!("say here what to send to {unknown}"),
        })
    }
}
