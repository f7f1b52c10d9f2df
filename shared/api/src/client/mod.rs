//! The typed client of the cloud's HTTP API: one method per operation. Keeps no state but its token, and knows no clock.

mod branding;
mod clinic;
mod error;
mod events;
mod identity;
mod members;
mod request;
mod second_factor;
mod sessions;
mod signatures;
mod subscription;

use std::{
    num::NonZeroU32,
    pin::pin,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use http::{Method, StatusCode, header};
use maneiro_page::Page;
use reqwest::{RequestBuilder, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

pub use self::error::ClientError;
use self::{
    error::response_error,
    events::read_events,
    request::{ApiResponse, Idempotency, send},
};
use crate::{
    AnalysisId, DocumentId, JobId, ObjectId, RecordId, RetryPolicy,
    account::{ConfirmRegistration, Login, LoginResponse, Me, Register},
    analysis::Analysis,
    edit::{AppendEdits, AppendedEdits, Edit},
    is_loopback,
    job::{CreateJob, Job},
    record::{
        AddDocument, CompleteOriginalUpload, CreateOriginalUpload, CreateRecord, Document, List, OriginalKey,
        OriginalUpload, PageBatch, Record, UpdateRecord,
    },
    report::{CreateReport, ReportFormat, ReportOptions, RequestedReport},
    signature::AnalysisEvent,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest pause within a response. Event streams carry a keep-alive comment every 15 s.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// How often a job is polled when its events do not come through.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// Event streams in a row that may end without an event before the job is polled instead.
const MAX_EMPTY_STREAMS: u32 = 2;
const ZSTD_LEVEL: i32 = 3;

/// Why a URL cannot be the cloud's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServerUrlError {
    /// It is not an absolute URL with a host.
    #[error("the cloud's URL must be of the form https://maneiro.example")]
    Invalid,
    /// It is neither https nor on this machine.
    #[error("the cloud's URL must begin with https:// unless it is on this machine")]
    NotEncrypted,
}

/// A client of one service, with or without a session.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: Url,
    /// Shared by all clones, so that work that goes on takes the token that replaced its own.
    token: Option<Arc<RwLock<SecretString>>>,
    retry: RetryPolicy,
}

impl Client {
    /// A client of the service at `base_url`: https, or http if the service is on this machine.
    ///
    /// # Errors
    /// [`ServerUrlError`] if it is not a URL, or data would travel without encryption.
    pub fn new(base_url: &str, retry: RetryPolicy) -> Result<Self, ServerUrlError> {
        let mut base_url = Url::parse(base_url.trim()).map_err(|_| ServerUrlError::Invalid)?;
        if !base_url.has_host() {
            return Err(ServerUrlError::Invalid);
        }
        let is_local = is_loopback(&base_url);
        match base_url.scheme() {
            "https" => {}
            "http" if is_local => {}
            "http" => return Err(ServerUrlError::NotEncrypted),
            _ => return Err(ServerUrlError::Invalid),
        }
        if !base_url.path().ends_with('/') {
            base_url.set_path(&format!("{}/", base_url.path()));
        }
        base_url.set_query(None);
        base_url.set_fragment(None);
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(format!("maneiro/{} ({})", env!("CARGO_PKG_VERSION"), std::env::consts::OS));
        if is_local {
            // A proxy would look for the service on its own machine.
            http = http.no_proxy();
        }
        let http = http.build().expect("the client's settings are constant and valid");
        Ok(Self { http, base_url, token: None, retry })
    }

    /// The same client with the session of this token.
    #[must_use]
    pub fn with_token(self, token: SecretString) -> Self {
        Self { token: Some(Arc::new(RwLock::new(token))), ..self }
    }

    /// Goes on with the token that replaced the session's, in all clones. Does nothing without a session.
    pub fn replace_token(&self, token: SecretString) {
        if let Some(shared) = &self.token {
            *shared.write().unwrap_or_else(PoisonError::into_inner) = token;
        }
    }

    /// The URL of the service, with a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// Has a code mailed, with which [`Client::confirm_registration`] creates a clinic.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if it is no e-mail address.
    pub async fn register(&self, register: &Register) -> Result<(), ClientError> {
        let body = Bytes::from(json(register));
        let request = || {
            self.request(Method::POST, "v1/auth/register")
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.clone())
        };
        self.call(Idempotency::NotIdempotent, request).await.map(drop)
    }

    /// Creates a clinic with its first admin by a mailed code, and signs in.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` names every refused field, `CodeWrong` or
    /// `CodeExpired` if the code is not the mailed one.
    pub async fn confirm_registration(
        &self,
        confirm: &ConfirmRegistration,
    ) -> Result<LoginResponse, ClientError> {
        self.post("v1/auth/register/confirm", confirm, Idempotency::NotIdempotent).await
    }

    /// The version of the service. Anything that answers otherwise is none.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidResponse` if this is another program.
    pub async fn server_version(&self) -> Result<String, ClientError> {
        #[derive(serde::Deserialize)]
        struct ServiceVersion {
            version: String,
        }
        Ok(self.get::<ServiceVersion>("healthz").await?.version)
    }

    /// Signs in.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidCredentials` for an unknown account and a wrong password alike.
    pub async fn login(&self, login: &Login) -> Result<LoginResponse, ClientError> {
        self.post("v1/auth/login", login, Idempotency::NotIdempotent).await
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`ClientError`]; `Unauthenticated` if the session had ended before.
    pub async fn logout(&self) -> Result<(), ClientError> {
        self.call(Idempotency::NotIdempotent, || self.request(Method::POST, "v1/auth/logout")).await.map(drop)
    }

    /// The session's user, their clinic, and what is left of the clinic's plan.
    ///
    /// # Errors
    /// [`ClientError`]; `Unauthenticated` without a valid session, as for every method below.
    pub async fn me(&self) -> Result<Me, ClientError> {
        self.get("v1/me").await
    }

    /// Creates an empty record.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` for a title that is empty or too long.
    pub async fn create_record(&self, record: &CreateRecord) -> Result<Record, ClientError> {
        self.post("v1/records", record, Idempotency::NotIdempotent).await
    }

    /// A record with its documents.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such record.
    pub async fn record(&self, record: RecordId) -> Result<Record, ClientError> {
        self.get(&format!("v1/records/{record}")).await
    }

    /// Records, newest first. `cursor` is the `next_cursor` of the previous list.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` for a cursor that no list returned or a limit above 200.
    pub async fn records(
        &self,
        cursor: Option<&str>,
        limit: NonZeroU32,
    ) -> Result<List<Record>, ClientError> {
        self.list("v1/records", cursor, limit).await
    }

    /// Changes a record's title or fields. Sent again after a lost answer it may find its own change: `RecordChanged` with
    /// what it wanted.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such record, `InvalidInput` with every refused field,
    /// `RecordChanged` with the record as it is now if it has been changed since.
    pub async fn update_record(
        &self,
        record: RecordId,
        update: &UpdateRecord,
    ) -> Result<Record, ClientError> {
        let body = Bytes::from(json(update));
        let path = format!("v1/records/{record}");
        let response = self
            .call(Idempotency::Idempotent, || {
                self.request(Method::PATCH, &path)
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(body.clone())
            })
            .await?;
        parse(&response)
    }

    /// Deletes a record with all that belongs to it.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such record, `PermissionDenied` for assistants.
    pub async fn delete_record(&self, record: RecordId) -> Result<(), ClientError> {
        let path = format!("v1/records/{record}");
        self.call(Idempotency::NotIdempotent, || self.request(Method::DELETE, &path)).await.map(drop)
    }

    /// Adds a document to a record. The same file added again is the same document.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such record, `InvalidInput` with every refused field,
    /// `DocumentConflict` if the record has this file with a different description.
    pub async fn add_document(
        &self,
        record: RecordId,
        document: &AddDocument,
    ) -> Result<Document, ClientError> {
        self.post(&format!("v1/records/{record}/documents"), document, Idempotency::Idempotent).await
    }

    /// A document with the pages that are missing.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such document.
    pub async fn document(&self, document: DocumentId) -> Result<Document, ClientError> {
        self.get(&format!("v1/documents/{document}")).await
    }

    /// Uploads pages, compressed. A page uploaded again replaces the earlier one.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such document, `InvalidInput` with the position of everything
    /// that is refused.
    pub async fn put_pages(&self, document: DocumentId, batch: &PageBatch) -> Result<Document, ClientError> {
        let body =
            zstd::bulk::compress(&json(batch), ZSTD_LEVEL).expect("compressing into memory cannot fail");
        let body = Bytes::from(body);
        let path = format!("v1/documents/{document}/pages");
        let response = self
            .call(Idempotency::Idempotent, || {
                self.request(Method::PUT, &path)
                    .header(header::CONTENT_TYPE, "application/json")
                    .header(header::CONTENT_ENCODING, "zstd")
                    .body(body.clone())
            })
            .await?;
        parse(&response)
    }

    /// One page of a document.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such document or the page was not uploaded.
    pub async fn page(&self, document: DocumentId, number: u32) -> Result<Page, ClientError> {
        self.get(&format!("v1/documents/{document}/pages/{number}")).await
    }

    /// The key to seal the original file with.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such document, `OriginalExists` if it has its original.
    pub async fn create_original_key(&self, document: DocumentId) -> Result<OriginalKey, ClientError> {
        let path = format!("v1/documents/{document}/original/key");
        self.post(&path, &serde_json::json!({}), Idempotency::Idempotent).await
    }

    /// The URL to upload the sealed original to.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such document, `OriginalExists` if it has its original.
    pub async fn create_original_upload(
        &self,
        document: DocumentId,
        announced: &CreateOriginalUpload,
    ) -> Result<OriginalUpload, ClientError> {
        let path = format!("v1/documents/{document}/original");
        self.post(&path, announced, Idempotency::Idempotent).await
    }

    /// Uploads sealed bytes to the URL of an [`OriginalUpload`], which is the object store's, not the service's:
    /// no token goes there. `sealed_len` is the length of all chunks together, in bytes.
    ///
    /// # Errors
    /// `Unreachable` also if a chunk cannot be read; `Unavailable` if the object store fails; `InvalidResponse` if it
    /// refuses.
    pub async fn put_original(
        &self,
        upload: &OriginalUpload,
        sealed_len: u64,
        chunks: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    ) -> Result<(), ClientError> {
        let url = Url::parse(&upload.url).map_err(|_| ClientError::InvalidResponse("the upload URL"))?;
        let mut request = self.http.put(url).header(header::CONTENT_LENGTH, sealed_len);
        for (name, value) in &upload.headers {
            if !name.eq_ignore_ascii_case(header::CONTENT_LENGTH.as_str()) {
                request = request.header(name, value);
            }
        }
        let request = request.body(reqwest::Body::wrap_stream(chunks));
        let response = request.send().await.map_err(unreachable)?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status if status.is_server_error() => Err(ClientError::Unavailable),
            _ => Err(ClientError::InvalidResponse("the object store refused the upload")),
        }
    }

    /// Completes the upload of an original. The service checks that the object store has it.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such document or nothing was uploaded, `OriginalMismatch` if something
    /// else was, `OriginalExists` if another upload was completed first.
    pub async fn complete_original_upload(
        &self,
        document: DocumentId,
        upload: ObjectId,
    ) -> Result<Document, ClientError> {
        let path = format!("v1/documents/{document}/original/complete");
        self.post(&path, &CompleteOriginalUpload { upload }, Idempotency::Idempotent).await
    }

    /// Requests an analysis. The same key with the same request is the same job.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such record, `InvalidInput` with every refused field,
    /// `RecordIncomplete` while pages are missing, `IdempotencyKeyReused` for a different request, `LimitReached` when
    /// the plan's analyses are used up.
    pub async fn create_job(&self, job: &CreateJob, idempotency_key: &str) -> Result<Job, ClientError> {
        let body = Bytes::from(json(job));
        let response = self
            .call(Idempotency::Idempotent, || {
                self.request(Method::POST, "v1/jobs")
                    .header("Idempotency-Key", idempotency_key)
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(body.clone())
            })
            .await?;
        parse(&response)
    }

    /// A job.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such job.
    pub async fn job(&self, job: JobId) -> Result<Job, ClientError> {
        self.get(&format!("v1/jobs/{job}")).await
    }

    /// Jobs, newest first. `cursor` is the `next_cursor` of the previous list.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` for a cursor that no list returned or a limit above 200.
    pub async fn jobs(&self, cursor: Option<&str>, limit: NonZeroU32) -> Result<List<Job>, ClientError> {
        self.list("v1/jobs", cursor, limit).await
    }

    /// Cancels a job that has no outcome yet.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such job, `NotCancellable` once it has an outcome.
    pub async fn cancel_job(&self, job: JobId) -> Result<Job, ClientError> {
        let path = format!("v1/jobs/{job}/cancel");
        parse(&self.call(Idempotency::NotIdempotent, || self.request(Method::POST, &path)).await?)
    }

    /// Retries a job that ended in error or was cancelled.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such job, `NotRetryable` in any other state, `LimitReached` when
    /// the plan's analyses are used up.
    pub async fn retry_job(&self, job: JobId) -> Result<Job, ClientError> {
        let path = format!("v1/jobs/{job}/retry");
        parse(&self.call(Idempotency::NotIdempotent, || self.request(Method::POST, &path)).await?)
    }

    /// Waits for a job's outcome and calls `on_change` for every change on the way. Follows the job's events, reconnects
    /// when the stream breaks, and polls every two seconds if events do not come through at all.
    ///
    /// # Errors
    /// As [`Client::job`]. A broken stream is not an error.
    pub async fn watch_job(&self, job: JobId, mut on_change: impl FnMut(&Job)) -> Result<Job, ClientError> {
        let mut empty_streams = 0;
        loop {
            if empty_streams < MAX_EMPTY_STREAMS {
                match self.stream_job(job, &mut on_change).await {
                    Ok(StreamEnd::Outcome(job)) => return Ok(*job),
                    Ok(StreamEnd::Disconnected { events: 0 }) => empty_streams += 1,
                    Ok(StreamEnd::Disconnected { events: _ }) => empty_streams = 0,
                    Err(error @ ClientError::Api(_)) => return Err(error),
                    Err(_) => empty_streams += 1,
                }
            } else {
                tokio::time::sleep(POLL_INTERVAL).await;
            }
            // This request is retried by the client's policy, and so finds out whether the service is there at all.
            let current = self.job(job).await?;
            on_change(&current);
            if current.state.is_final() {
                return Ok(current);
            }
        }
    }

    async fn stream_job(
        &self,
        job: JobId,
        on_change: &mut impl FnMut(&Job),
    ) -> Result<StreamEnd, ClientError> {
        let request = self
            .request(Method::GET, &format!("v1/jobs/{job}/events"))
            .header(header::ACCEPT, "text/event-stream");
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status != StatusCode::OK {
            return Err(response_error(status, &response.bytes().await.map_err(unreachable)?));
        }
        let mut events = pin!(read_events(response.bytes_stream().map_err(unreachable)));
        let mut count = 0;
        while let Some(event) = events.next().await {
            let event = match event {
                Ok(event) => event,
                Err(ClientError::Unreachable(_)) => break,
                Err(error) => return Err(error),
            };
            if event.event != "job" {
                continue;
            }
            let job: Job = serde_json::from_str(&event.data)
                .map_err(|_| ClientError::InvalidResponse("an event is not a job"))?;
            count += 1;
            on_change(&job);
            if job.state.is_final() {
                return Ok(StreamEnd::Outcome(Box::new(job)));
            }
        }
        Ok(StreamEnd::Disconnected { events: count })
    }

    /// An analysis.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such analysis.
    pub async fn analysis(&self, analysis: AnalysisId) -> Result<Analysis, ClientError> {
        self.get(&format!("v1/analyses/{analysis}")).await
    }

    /// The edits of an analysis after the number `after`, in their order.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such analysis.
    pub async fn edits(&self, analysis: AnalysisId, after: u32) -> Result<Vec<Edit>, ClientError> {
        let path = format!("v1/analyses/{analysis}/edits");
        let response = self
            .call(Idempotency::Idempotent, || self.request(Method::GET, &path).query(&[("after", after)]))
            .await?;
        parse::<List<Edit>>(&response).map(|list| list.items)
    }

    /// Appends edits to an analysis. Those that are known by their id are not stored again.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such analysis, `InvalidInput` with every refused field. A conflict is
    /// no error.
    pub async fn append_edits(
        &self,
        analysis: AnalysisId,
        edits: &AppendEdits,
    ) -> Result<AppendedEdits, ClientError> {
        self.post(&format!("v1/analyses/{analysis}/edits"), edits, Idempotency::Idempotent).await
    }

    /// Follows the edits of an analysis after the number `after`, and its signatures from now on, until the connection or the
    /// session ends.
    ///
    /// # Errors
    /// As [`Client::edits`]. That the stream ends is no error.
    pub async fn watch_edits(
        &self,
        analysis: AnalysisId,
        after: u32,
        mut on_event: impl FnMut(AnalysisEvent),
    ) -> Result<(), ClientError> {
        let path = format!("v1/analyses/{analysis}/edits/events");
        let request = self.request(Method::GET, &path).query(&[("after", after)]);
        let response =
            request.header(header::ACCEPT, "text/event-stream").send().await.map_err(unreachable)?;
        let status = response.status();
        if status != StatusCode::OK {
            return Err(response_error(status, &response.bytes().await.map_err(unreachable)?));
        }
        let mut events = pin!(read_events(response.bytes_stream().map_err(unreachable)));
        while let Some(event) = events.next().await {
            match event {
                Ok(event) if event.event == "edit" => on_event(AnalysisEvent::Edit(
                    serde_json::from_str(&event.data)
                        .map_err(|_| ClientError::InvalidResponse("an event is not an edit"))?,
                )),
                Ok(event) if event.event == "signature" => on_event(AnalysisEvent::Signature(
                    serde_json::from_str(&event.data)
                        .map_err(|_| ClientError::InvalidResponse("an event is not a signature"))?,
                )),
                Ok(_) => {}
                Err(ClientError::Unreachable(_)) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The report of an analysis as readers have left it, by default options, as the bytes of a file.
    ///
    /// # Errors
    /// As [`Self::report_with_options`].
    pub async fn report(&self, analysis: AnalysisId, format: ReportFormat) -> Result<Bytes, ClientError> {
        self.report_with_options(analysis, format, &ReportOptions::default()).await
    }

    /// The report of an analysis as readers have left it, as the bytes of a file.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such analysis, `PermissionDenied` for assistants.
    pub async fn report_with_options(
        &self,
        analysis: AnalysisId,
        format: ReportFormat,
        options: &ReportOptions,
    ) -> Result<Bytes, ClientError> {
        self.report_file(analysis, format, RequestedReport::Draft(options.clone())).await
    }

    /// A signed version of the report of an analysis, as the bytes of a file.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if no such version of this analysis was signed, `PermissionDenied` for assistants.
    pub async fn signed_report_file(
        &self,
        analysis: AnalysisId,
        version: u32,
        format: ReportFormat,
    ) -> Result<Bytes, ClientError> {
        self.report_file(analysis, format, RequestedReport::Signed(version)).await
    }

    async fn report_file(
        &self,
        analysis: AnalysisId,
        format: ReportFormat,
        report: RequestedReport,
    ) -> Result<Bytes, ClientError> {
        let (path, body) = (format!("v1/analyses/{analysis}/report"), CreateReport { format, report });
        let response =
            self.call(Idempotency::Idempotent, || self.request(Method::POST, &path).json(&body)).await?;
        Ok(response.body)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = self.base_url.join(path).expect("paths are built here and join any base URL");
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => {
                request.bearer_auth(token.read().unwrap_or_else(PoisonError::into_inner).expose_secret())
            }
            None => request,
        }
    }

    async fn call(
        &self,
        idempotency: Idempotency,
        build: impl Fn() -> RequestBuilder,
    ) -> Result<ApiResponse, ClientError> {
        send(self.retry, idempotency, build).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        parse(&self.call(Idempotency::Idempotent, || self.request(Method::GET, path)).await?)
    }

    async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        cursor: Option<&str>,
        limit: NonZeroU32,
    ) -> Result<List<T>, ClientError> {
        let response = self
            .call(Idempotency::Idempotent, || {
                let request = self.request(Method::GET, path).query(&[("limit", limit)]);
                match cursor {
                    Some(cursor) => request.query(&[("cursor", cursor)]),
                    None => request,
                }
            })
            .await?;
        parse(&response)
    }

    async fn delete(&self, path: &str) -> Result<(), ClientError> {
        self.call(Idempotency::NotIdempotent, || self.request(Method::DELETE, path)).await.map(drop)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        idempotency: Idempotency,
    ) -> Result<T, ClientError> {
        parse(&self.send_json(Method::POST, path, body, idempotency).await?)
    }

    async fn send_json(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        idempotency: Idempotency,
    ) -> Result<ApiResponse, ClientError> {
        let body = Bytes::from(json(body));
        let request = || {
            self.request(method.clone(), path)
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.clone())
        };
        self.call(idempotency, request).await
    }
}

/// How a job's event stream ended.
enum StreamEnd {
    Outcome(Box<Job>),
    Disconnected { events: u32 },
}

fn unreachable(error: reqwest::Error) -> ClientError {
    ClientError::Unreachable(error.without_url())
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("wire types have string keys and finite numbers only")
}

fn parse<T: DeserializeOwned>(response: &ApiResponse) -> Result<T, ClientError> {
    serde_json::from_slice(&response.body).map_err(|_| {
        ClientError::InvalidResponse(match response.status {
            StatusCode::OK | StatusCode::CREATED | StatusCode::ACCEPTED => "unexpected content",
            _ => "unexpected status",
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base_url(url: &str) -> Result<String, ServerUrlError> {
        Client::new(url, RetryPolicy::with_total_delay(Duration::ZERO))
            .map(|client| client.base_url().to_string())
    }

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        assert_eq!(base_url("https://cloud.example").unwrap(), "https://cloud.example/");
        assert_eq!(base_url("https://cloud.example/maneiro?x#y").unwrap(), "https://cloud.example/maneiro/");
        assert_eq!(base_url("http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080/");
        assert_eq!(base_url("http://[::1]:8080").unwrap(), "http://[::1]:8080/");
        assert_eq!(base_url("http://localhost:8080").unwrap(), "http://localhost:8080/");
        assert_eq!(base_url("http://cloud.example"), Err(ServerUrlError::NotEncrypted));
        assert_eq!(base_url("http://127.0.0.1.example"), Err(ServerUrlError::NotEncrypted));
        assert_eq!(base_url("ftp://cloud.example"), Err(ServerUrlError::Invalid));
        assert_eq!(base_url("cloud.example"), Err(ServerUrlError::Invalid));
    }

    #[test]
    fn token_is_never_printed() {
        let client =
            Client::new("https://cloud.example", RetryPolicy::with_total_delay(Duration::ZERO)).unwrap();
        let printed = format!("{:?}", client.with_token("planted-secret".to_owned().into()));
        assert!(!printed.contains("planted-secret"), "{printed}");
    }
}
