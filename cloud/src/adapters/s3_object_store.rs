//! The object store, spoken to in the S3 protocol. Every object is sealed before it gets here.

use std::time::Duration;

use anyhow::anyhow;
use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
        retry::RetryConfig, timeout::TimeoutConfig,
    },
    error::{ProvideErrorMetadata, SdkError},
    operation::get_object::GetObjectError,
    presigning::PresigningConfig,
    primitives::{AggregatedBytes, ByteStream},
};
use bytes::Bytes;
use secrecy::ExposeSecret as _;
use url::Url;

use crate::{
    config::ObjectStore,
    ports::{Files, FilesError},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// One try, of at most a few megabytes.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
/// All tries of one call, pauses included.
const CALL_TIMEOUT: Duration = Duration::from_secs(45);
const ATTEMPTS: u32 = 3;
/// Object addresses live no longer than this, whoever asks.
const MAX_PRESIGN: Duration = Duration::from_secs(5 * 60);

/// The object store in one bucket.
pub struct S3Files {
    client: Client,
    bucket: String,
}

impl S3Files {
    /// Prepares the client; nothing is sent before the first call.
    pub async fn new(options: ObjectStore) -> Self {
        let region = Region::new(options.region);
        let mut config = match options.credentials {
            Some((id, secret)) => aws_sdk_s3::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .credentials_provider(Credentials::new(id, secret.expose_secret(), None, None, "settings")),
            None => {
                let shared =
                    aws_config::defaults(BehaviorVersion::latest()).region(region.clone()).load().await;
                aws_sdk_s3::config::Builder::from(&shared)
            }
        };
        config = config
            .region(region)
            .force_path_style(true)
            // The seal authenticates every object from end to end; not every server knows the newer checksums.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .operation_timeout(CALL_TIMEOUT)
                    .build(),
            );
        if let Some(endpoint) = options.endpoint {
            config = config.endpoint_url(endpoint.as_str().trim_end_matches('/'));
        }
        Self { client: Client::from_conf(config.build()), bucket: options.bucket }
    }
}

/// What the log needs to find the cause. The SDK's own chain would repeat whole responses.
fn unavailable<E>(what: &str, error: &SdkError<E>) -> FilesError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let cause = match error {
        SdkError::ConstructionFailure(_) => "the request could not be built".to_owned(),
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
            Some(connector) => format!("no connection: {}", root_cause(connector)),
            None => "no connection".to_owned(),
        },
        SdkError::ResponseError(_) => "the answer could not be read".to_owned(),
        SdkError::ServiceError(answer) => format!(
            "refused with status {} ({}), request {}",
            answer.raw().status(),
            answer.err().code().unwrap_or("no code"),
            answer.raw().headers().get("x-amz-request-id").unwrap_or("unknown"),
        ),
        other => format!("failed: {}", root_cause(other)),
    };
    FilesError::Unavailable(anyhow!("{what}: {cause}"))
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[async_trait]
impl Files for S3Files {
    async fn put(&self, key: &str, sealed: Bytes) -> Result<(), FilesError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(ByteStream::from(sealed))
            .send()
            .await
            .map(drop)
            .map_err(|error| unavailable("keeping an object", &error))
    }

    async fn get(&self, key: &str) -> Result<Bytes, FilesError> {
        let answer =
            self.client.get_object().bucket(&self.bucket).key(key).send().await.map_err(|error| {
                if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) {
                    FilesError::NotFound
                } else {
                    unavailable("getting an object", &error)
                }
            })?;
        let body = answer.body.collect().await;
        body.map(AggregatedBytes::into_bytes).map_err(|error| {
            FilesError::Unavailable(anyhow!("getting an object broke off: {}", root_cause(&error)))
        })
    }

    async fn size(&self, key: &str) -> Result<u64, FilesError> {
        let answer =
            self.client.head_object().bucket(&self.bucket).key(key).send().await.map_err(|error| {
                // An answer to HEAD has no body and so no code; the status is all there is.
                if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404) {
                    FilesError::NotFound
                } else {
                    unavailable("looking for an object", &error)
                }
            })?;
        answer.content_length().and_then(|bytes| u64::try_from(bytes).ok()).ok_or_else(|| {
            FilesError::Unavailable(anyhow!("looking for an object: the answer names no size"))
        })
    }

    async fn delete(&self, key: &str) -> Result<(), FilesError> {
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await
            .map(drop)
            .map_err(|error| unavailable("removing an object", &error))
    }

    async fn presign_put(&self, key: &str, ttl: Duration) -> Result<Url, FilesError> {
        let limits = PresigningConfig::expires_in(ttl.min(MAX_PRESIGN))
            .map_err(|error| FilesError::Unavailable(anyhow!("signing an address: {error}")))?;
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .presigned(limits)
            .await
            .map_err(|error| unavailable("signing an address", &error))?;
        Url::parse(request.uri())
            .map_err(|error| FilesError::Unavailable(anyhow!("signing an address: {error}")))
    }

    async fn check(&self) -> Result<(), FilesError> {
        self.client
            .head_bucket()
            .bucket(&self.bucket)
            .send()
            .await
            .map(drop)
            .map_err(|error| unavailable("looking for the bucket", &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::{embedded::objects::ObjectServer, system::SystemRandom};

    async fn store(folder: &tempfile::TempDir) -> (ObjectServer, S3Files) {
        let server = ObjectServer::start(folder.path(), &SystemRandom).await.unwrap();
        let files = S3Files::new(server.settings()).await;
        (server, files)
    }

    #[tokio::test]
    async fn an_object_is_kept_replaced_measured_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (_server, files) = store(&folder).await;
        files.check().await.unwrap();
        files.put("org/a/page-1", Bytes::from_static(b"first")).await.unwrap();
        files.put("org/a/page-1", Bytes::from_static(b"second")).await.unwrap();
        assert_eq!(files.get("org/a/page-1").await.unwrap().as_ref(), b"second");
        assert_eq!(files.size("org/a/page-1").await.unwrap(), 6);
        files.delete("org/a/page-1").await.unwrap();
        files.delete("org/a/page-1").await.unwrap();
        assert!(matches!(files.get("org/a/page-1").await, Err(FilesError::NotFound)));
        assert!(matches!(files.size("org/a/page-1").await, Err(FilesError::NotFound)));
    }

    #[tokio::test]
    async fn a_presigned_address_takes_one_object_and_lives_five_minutes_at_most() {
        let folder = tempfile::tempdir().unwrap();
        let (_server, files) = store(&folder).await;
        let url = files.presign_put("originals/1", Duration::from_secs(3600)).await.unwrap();
        assert!(url.query_pairs().any(|(name, value)| name == "X-Amz-Expires" && value == "300"), "{url}");
        let client = reqwest::Client::new();
        assert_eq!(client.put(url.clone()).body("sealed").send().await.unwrap().status(), 200);
        assert_eq!(files.get("originals/1").await.unwrap().as_ref(), b"sealed");
        let mut elsewhere = url;
        elsewhere.set_path("/maneiro/originals/2");
        assert_eq!(client.put(elsewhere).body("sealed").send().await.unwrap().status(), 403);
        assert!(matches!(files.size("originals/2").await, Err(FilesError::NotFound)));
    }

    #[tokio::test]
    async fn a_stranger_gets_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (server, files) = store(&folder).await;
        files.put("page", Bytes::from_static(b"sealed")).await.unwrap();
        let address = server.endpoint().join("/maneiro/page").unwrap();
        assert_eq!(reqwest::get(address).await.unwrap().status(), 403);
        let wrong = Some(("stranger".to_owned(), "wrong".into()));
        let stranger = S3Files::new(ObjectStore { credentials: wrong, ..server.settings() }).await;
        assert!(matches!(stranger.get("page").await, Err(FilesError::Unavailable(_))));
    }

    #[tokio::test]
    async fn a_missing_bucket_and_a_missing_server_are_told_apart_from_a_missing_object() {
        let folder = tempfile::tempdir().unwrap();
        let (server, files) = store(&folder).await;
        let elsewhere =
            S3Files::new(ObjectStore { bucket: "elsewhere".to_owned(), ..server.settings() }).await;
        let Err(FilesError::Unavailable(cause)) = elsewhere.check().await else {
            panic!("there is no such bucket")
        };
        assert!(cause.to_string().contains("404"), "{cause}");
        drop(server);
        let Err(FilesError::Unavailable(cause)) = files.get("page").await else {
            panic!("there is no server")
        };
        assert!(cause.to_string().starts_with("getting an object: "), "{cause}");
    }
}
