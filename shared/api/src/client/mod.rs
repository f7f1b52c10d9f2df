//! The typed client of the cloud's HTTP interface: one function per call. Keeps nothing and knows no clock.

mod events;
mod transport;

use std::{num::NonZeroU32, time::Duration};

use bytes::Bytes;
use futures::Stream;
use http::{Method, StatusCode, header};
use reqwest::{RequestBuilder, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use url::{Host, Url};

pub use self::transport::{ClientError, Patience};
use self::{
    events::EventReader,
    transport::{Answer, Repeat, refusal, send},
};
use maneiro_page::Page;

use crate::{
    AnalysisId, DocumentId, JobId, RecordId,
    account::{Login, Me, Register, SignedIn},
    analysis::Analysis,
    job::{CreateJob, Job},
    record::{AddDocument, CreateRecord, Document, List, OriginalUpload, PageBatch, Record},
};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the service may be silent within an answer. Event streams carry a sign of life every 15 s.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(60);
/// How often a job is asked for when its events do not come through.
const POLL_PAUSE: Duration = Duration::from_secs(2);
/// Event streams that may end without an event before asking is the better way.
const FRUITLESS_STREAMS: u32 = 2;
const ZSTD_LEVEL: i32 = 3;

/// Why an address cannot be the cloud's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no absolute URL with a host.
    #[error("the cloud's address must be a URL such as https://maneiro.example")]
    NotAnAddress,
    /// It is not https, and not on this machine.
    #[error("the cloud's address must begin with https:// unless it is on this machine")]
    NotEncrypted,
}

/// Which form of a report is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// Typeset, for people.
    Pdf,
    /// Plain text with marks.
    Markdown,
    /// The analysis as data.
    Json,
}

impl ReportFormat {
    const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Markdown => "markdown",
            Self::Json => "json",
        }
    }
}

/// Talks to one service, as one session or as nobody.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<SecretString>,
    patience: Patience,
}

impl Client {
    /// A client of the service at `base`: https, or http if the service is on this machine.
    ///
    /// # Errors
    /// [`AddressError`] if data could travel in clear, or nowhere.
    pub fn new(base: &str, patience: Patience) -> Result<Self, AddressError> {
        let mut base = Url::parse(base.trim()).map_err(|_| AddressError::NotAnAddress)?;
        let local = match base.host().ok_or(AddressError::NotAnAddress)? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        match base.scheme() {
            "https" => {}
            "http" if local => {}
            "http" => return Err(AddressError::NotEncrypted),
            _ => return Err(AddressError::NotAnAddress),
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        base.set_query(None);
        base.set_fragment(None);
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SILENCE_TIMEOUT)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(concat!("maneiro/", env!("CARGO_PKG_VERSION")));
        if local {
            // A proxy would be asked for its own loopback address.
            http = http.no_proxy();
        }
        let http = http.build().expect("the client's settings are constant and sound");
        Ok(Self { http, base, token: None, patience })
    }

    /// The same client, speaking for the session of this token.
    #[must_use]
    pub fn with_token(self, token: SecretString) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Where the service is.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Makes a clinic with its first admin, and signs in.
    pub async fn register(&self, register: &Register) -> Result<SignedIn, ClientError> {
        self.post("v1/auth/register", register, Repeat::OnlyIfNotSent).await
    }

    /// Signs in.
    pub async fn login(&self, login: &Login) -> Result<SignedIn, ClientError> {
        self.post("v1/auth/login", login, Repeat::OnlyIfNotSent).await
    }

    /// Ends the session.
    pub async fn logout(&self) -> Result<(), ClientError> {
        self.call(Repeat::OnlyIfNotSent, || self.request(Method::POST, "v1/auth/logout")).await.map(drop)
    }

    /// Who the session belongs to.
    pub async fn me(&self) -> Result<Me, ClientError> {
        self.get("v1/me").await
    }

    /// Makes an empty record.
    pub async fn create_record(&self, record: &CreateRecord) -> Result<Record, ClientError> {
        self.post("v1/records", record, Repeat::OnlyIfNotSent).await
    }

    /// A record with its documents.
    pub async fn record(&self, record: RecordId) -> Result<Record, ClientError> {
        self.get(&format!("v1/records/{record}")).await
    }

    /// Records, newest first; `cursor` is the `next` of the list before.
    pub async fn records(
        &self,
        cursor: Option<&str>,
        limit: NonZeroU32,
    ) -> Result<List<Record>, ClientError> {
        self.list("v1/records", cursor, limit).await
    }

    /// Adds a document to a record; the same file added again is the same document.
    pub async fn add_document(
        &self,
        record: RecordId,
        document: &AddDocument,
    ) -> Result<Document, ClientError> {
        self.post(&format!("v1/records/{record}/documents"), document, Repeat::Harmless).await
    }

    /// A document, and which of its pages are missing.
    pub async fn document(&self, document: DocumentId) -> Result<Document, ClientError> {
        self.get(&format!("v1/documents/{document}")).await
    }

    /// Sends pages, compressed; a page sent again replaces the earlier one.
    pub async fn put_pages(&self, document: DocumentId, batch: &PageBatch) -> Result<Document, ClientError> {
        let body =
            zstd::bulk::compress(&json(batch), ZSTD_LEVEL).expect("compressing into memory cannot fail");
        let body = Bytes::from(body);
        let path = format!("v1/documents/{document}/pages");
        let answer = self
            .call(Repeat::Harmless, || {
                self.request(Method::PUT, &path)
                    .header(header::CONTENT_TYPE, "application/json")
                    .header(header::CONTENT_ENCODING, "zstd")
                    .body(body.clone())
            })
            .await?;
        parse(&answer)
    }

    /// One page of a document.
    pub async fn page(&self, document: DocumentId, number: u32) -> Result<Page, ClientError> {
        self.get(&format!("v1/documents/{document}/pages/{number}")).await
    }

    /// Asks where to put the original file, and with which key to seal it first.
    pub async fn original_upload(&self, document: DocumentId) -> Result<OriginalUpload, ClientError> {
        self.post(&format!("v1/documents/{document}/original"), &serde_json::json!({}), Repeat::Harmless)
            .await
    }

    /// Puts sealed bytes to the address of an [`OriginalUpload`], which is the object store's, not the service's:
    /// no token goes there. `sealed_bytes` is the length of all chunks together.
    pub async fn put_original(
        &self,
        upload: &OriginalUpload,
        sealed_bytes: u64,
        chunks: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    ) -> Result<(), ClientError> {
        let url =
            Url::parse(&upload.url).map_err(|_| ClientError::Broken("it names no address to upload to"))?;
        let request = self
            .http
            .put(url)
            .header(header::CONTENT_LENGTH, sealed_bytes)
            .body(reqwest::Body::wrap_stream(chunks));
        let response = request.send().await.map_err(|error| ClientError::Unreachable(error.without_url()))?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status if status.is_server_error() => Err(ClientError::Unavailable),
            _ => Err(ClientError::Broken("the object store refused the upload")),
        }
    }

    /// Says that the original has been put; the service looks whether it is there.
    pub async fn original_done(&self, document: DocumentId) -> Result<Document, ClientError> {
        self.post(&format!("v1/documents/{document}/original/done"), &serde_json::json!({}), Repeat::Harmless)
            .await
    }

    /// Asks for an analysis. The same key with the same request is the same job.
    pub async fn create_job(&self, job: &CreateJob, idempotency_key: &str) -> Result<Job, ClientError> {
        let body = Bytes::from(json(job));
        let answer = self
            .call(Repeat::Harmless, || {
                self.request(Method::POST, "v1/jobs")
                    .header("Idempotency-Key", idempotency_key)
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(body.clone())
            })
            .await?;
        parse(&answer)
    }

    /// A job.
    pub async fn job(&self, job: JobId) -> Result<Job, ClientError> {
        self.get(&format!("v1/jobs/{job}")).await
    }

    /// Jobs, newest first; `cursor` is the `next` of the list before.
    pub async fn jobs(&self, cursor: Option<&str>, limit: NonZeroU32) -> Result<List<Job>, ClientError> {
        self.list("v1/jobs", cursor, limit).await
    }

    /// Ends a job that has no outcome yet.
    pub async fn cancel_job(&self, job: JobId) -> Result<Job, ClientError> {
        let path = format!("v1/jobs/{job}/cancel");
        parse(&self.call(Repeat::OnlyIfNotSent, || self.request(Method::POST, &path)).await?)
    }

    /// Tries a job again that ended in error or was cancelled.
    pub async fn retry_job(&self, job: JobId) -> Result<Job, ClientError> {
        let path = format!("v1/jobs/{job}/retry");
        parse(&self.call(Repeat::OnlyIfNotSent, || self.request(Method::POST, &path)).await?)
    }

    /// Waits for a job's outcome and tells of every change on the way. Follows the job's events, takes the stream up
    /// again when it breaks, and asks every two seconds if events do not come through at all.
    ///
    /// # Errors
    /// As of [`Client::job`]; a broken stream alone is none.
    pub async fn watch_job(&self, job: JobId, mut changed: impl FnMut(&Job)) -> Result<Job, ClientError> {
        let mut fruitless = 0;
        loop {
            if fruitless < FRUITLESS_STREAMS {
                match self.follow_job(job, &mut changed).await {
                    Ok(Followed::Outcome(job)) => return Ok(*job),
                    Ok(Followed::Broke { events }) => fruitless = if events == 0 { fruitless + 1 } else { 0 },
                    Err(error @ ClientError::Refused(_)) => return Err(error),
                    Err(_) => fruitless += 1,
                }
            } else {
                tokio::time::sleep(POLL_PAUSE).await;
            }
            // A plain question tells whether the service is there at all, for as long as patience lasts.
            let now = self.job(job).await?;
            changed(&now);
            if now.state.is_final() {
                return Ok(now);
            }
        }
    }

    async fn follow_job(&self, job: JobId, changed: &mut impl FnMut(&Job)) -> Result<Followed, ClientError> {
        let request = self
            .request(Method::GET, &format!("v1/jobs/{job}/events"))
            .header(header::ACCEPT, "text/event-stream");
        let unreachable = |error: reqwest::Error| ClientError::Unreachable(error.without_url());
        let mut response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status != StatusCode::OK {
            return Err(refusal(status, &response.bytes().await.map_err(unreachable)?));
        }
        let (mut reader, mut events) = (EventReader::default(), 0);
        while let Ok(Some(chunk)) = response.chunk().await {
            for event in reader.feed(&chunk)? {
                if event.name != "job" {
                    continue;
                }
                let job: Job = serde_json::from_str(&event.data)
                    .map_err(|_| ClientError::Broken("an event is no job"))?;
                events += 1;
                changed(&job);
                if job.state.is_final() {
                    return Ok(Followed::Outcome(Box::new(job)));
                }
            }
        }
        Ok(Followed::Broke { events })
    }

    /// An analysis.
    pub async fn analysis(&self, analysis: AnalysisId) -> Result<Analysis, ClientError> {
        self.get(&format!("v1/analyses/{analysis}")).await
    }

    /// The report of an analysis, as a file's bytes.
    pub async fn report(&self, analysis: AnalysisId, format: ReportFormat) -> Result<Bytes, ClientError> {
        let path = format!("v1/analyses/{analysis}/report");
        let answer = self
            .call(Repeat::Harmless, || self.request(Method::GET, &path).query(&[("format", format.name())]))
            .await?;
        Ok(answer.body)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = self.base.join(path).expect("paths are made here and join any base");
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        }
    }

    async fn call(&self, repeat: Repeat, build: impl Fn() -> RequestBuilder) -> Result<Answer, ClientError> {
        send(self.patience, repeat, build).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        parse(&self.call(Repeat::Harmless, || self.request(Method::GET, path)).await?)
    }

    async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        cursor: Option<&str>,
        limit: NonZeroU32,
    ) -> Result<List<T>, ClientError> {
        let answer = self
            .call(Repeat::Harmless, || {
                let request = self.request(Method::GET, path).query(&[("limit", limit)]);
                match cursor {
                    Some(cursor) => request.query(&[("cursor", cursor)]),
                    None => request,
                }
            })
            .await?;
        parse(&answer)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        repeat: Repeat,
    ) -> Result<T, ClientError> {
        let body = Bytes::from(json(body));
        let answer = self
            .call(repeat, || {
                self.request(Method::POST, path)
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(body.clone())
            })
            .await?;
        parse(&answer)
    }
}

/// How following a job's events ended.
enum Followed {
    Outcome(Box<Job>),
    Broke { events: u32 },
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("wire types have string keys and finite numbers only")
}

fn parse<T: DeserializeOwned>(answer: &Answer) -> Result<T, ClientError> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        ClientError::Broken(match answer.status {
            StatusCode::OK | StatusCode::CREATED | StatusCode::ACCEPTED => {
                "its content is not what was asked for"
            }
            _ => "its status is not what was asked for",
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(base: &str) -> Result<String, AddressError> {
        Client::new(base, Patience::lasting(Duration::ZERO)).map(|client| client.base().to_string())
    }

    #[test]
    fn data_never_travels_in_clear_to_another_machine() {
        assert_eq!(address("https://cloud.example").unwrap(), "https://cloud.example/");
        assert_eq!(address("https://cloud.example/maneiro?x#y").unwrap(), "https://cloud.example/maneiro/");
        assert_eq!(address("http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080/");
        assert_eq!(address("http://[::1]:8080").unwrap(), "http://[::1]:8080/");
        assert_eq!(address("http://localhost:8080").unwrap(), "http://localhost:8080/");
        assert_eq!(address("http://cloud.example"), Err(AddressError::NotEncrypted));
        assert_eq!(address("http://127.0.0.1.example"), Err(AddressError::NotEncrypted));
        assert_eq!(address("ftp://cloud.example"), Err(AddressError::NotAnAddress));
        assert_eq!(address("cloud.example"), Err(AddressError::NotAnAddress));
    }

    #[test]
    fn a_token_is_never_printed() {
        let client = Client::new("https://cloud.example", Patience::lasting(Duration::ZERO)).unwrap();
        let printed = format!("{:?}", client.with_token("planted-secret".to_owned().into()));
        assert!(!printed.contains("planted-secret"), "{printed}");
    }
}
