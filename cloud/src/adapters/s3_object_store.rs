//! The object store, by the S3 API. Every object is sealed before it gets here.

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
    config::ObjectStoreConfig,
    ports::{ObjectStore, ObjectStoreError},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// One attempt, of at most a few megabytes.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
/// All attempts of one call, delays included.
const CALL_TIMEOUT: Duration = Duration::from_secs(45);
const MAX_ATTEMPTS: u32 = 3;
/// The longest lifetime of a presigned URL.
const MAX_PRESIGN_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// One bucket.
pub struct S3ObjectStore {
    client: Client,
    bucket: String,
}

impl S3ObjectStore {
    /// Prepares the client; nothing is sent before the first call.
    pub async fn new(config: ObjectStoreConfig) -> Self {
        let region = Region::new(config.region);
        let mut builder = match config.credentials {
            Some((id, secret)) => aws_sdk_s3::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .credentials_provider(Credentials::new(id, secret.expose_secret(), None, None, "settings")),
            None => {
                let shared =
                    aws_config::defaults(BehaviorVersion::latest()).region(region.clone()).load().await;
                aws_sdk_s3::config::Builder::from(&shared)
            }
        };
        builder = builder
            .region(region)
            .force_path_style(true)
            // The seal authenticates every object from end to end; not every server knows the newer checksums.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .operation_timeout(CALL_TIMEOUT)
                    .build(),
            );
        if let Some(endpoint) = config.endpoint {
            builder = builder.endpoint_url(endpoint.as_str().trim_end_matches('/'));
        }
        Self { client: Client::from_conf(builder.build()), bucket: config.bucket }
    }
}

/// The cause as the log needs it. The SDK's own chain of errors would repeat whole responses.
fn unavailable<E>(what: &str, error: &SdkError<E>) -> ObjectStoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let cause = match error {
        SdkError::ConstructionFailure(_) => "the request could not be built".to_owned(),
        SdkError::TimeoutError(_) => "timed out".to_owned(),
        SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
            Some(connector) => format!("no connection: {}", root_cause(connector)),
            None => "no connection".to_owned(),
        },
        SdkError::ResponseError(_) => "the response could not be read".to_owned(),
        SdkError::ServiceError(response) => format!(
            "refused with status {} ({}), request {}",
            response.raw().status(),
            response.err().code().unwrap_or("no code"),
            response.raw().headers().get("x-amz-request-id").unwrap_or("unknown"),
        ),
        other => format!("failed: {}", root_cause(other)),
    };
    ObjectStoreError::Unavailable(anyhow!("{what}: {cause}"))
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[async_trait]
impl ObjectStore for S3ObjectStore {
    async fn put(&self, key: &str, sealed: Bytes) -> Result<(), ObjectStoreError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(ByteStream::from(sealed))
            .send()
            .await
            .map(drop)
            .map_err(|error| unavailable("storing an object", &error))
    }

    async fn get(&self, key: &str) -> Result<Bytes, ObjectStoreError> {
        let response =
            self.client.get_object().bucket(&self.bucket).key(key).send().await.map_err(|error| {
                if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) {
                    ObjectStoreError::NotFound
                } else {
                    unavailable("getting an object", &error)
                }
            })?;
        let body = response.body.collect().await;
        body.map(AggregatedBytes::into_bytes).map_err(|error| {
            ObjectStoreError::Unavailable(anyhow!(
                "getting an object: the connection broke: {}",
                root_cause(&error)
            ))
        })
    }

    async fn size(&self, key: &str) -> Result<u64, ObjectStoreError> {
        let response =
            self.client.head_object().bucket(&self.bucket).key(key).send().await.map_err(|error| {
                // A response to HEAD has no body and so no code; there is only the status.
                if error.raw_response().is_some_and(|response| response.status().as_u16() == 404) {
                    ObjectStoreError::NotFound
                } else {
                    unavailable("reading the size of an object", &error)
                }
            })?;
        response.content_length().and_then(|bytes| u64::try_from(bytes).ok()).ok_or_else(|| {
            ObjectStoreError::Unavailable(anyhow!("reading the size of an object: the response has none"))
        })
    }

    async fn delete(&self, key: &str) -> Result<(), ObjectStoreError> {
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await
            .map(drop)
            .map_err(|error| unavailable("deleting an object", &error))
    }

    async fn presign_put(&self, key: &str, ttl: Duration) -> Result<Url, ObjectStoreError> {
        let limits = PresigningConfig::expires_in(ttl.min(MAX_PRESIGN_LIFETIME))
            .map_err(|error| ObjectStoreError::Unavailable(anyhow!("presigning a URL: {error}")))?;
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .presigned(limits)
            .await
            .map_err(|error| unavailable("presigning a URL", &error))?;
        Url::parse(request.uri())
            .map_err(|error| ObjectStoreError::Unavailable(anyhow!("presigning a URL: {error}")))
    }

    async fn check(&self) -> Result<(), ObjectStoreError> {
        self.client
            .head_bucket()
            .bucket(&self.bucket)
            .send()
            .await
            .map(drop)
            .map_err(|error| unavailable("checking the bucket", &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::{embedded::object_server::ObjectServer, system::SystemRandom};

    async fn store(folder: &tempfile::TempDir) -> (ObjectServer, S3ObjectStore) {
        let server = ObjectServer::start(folder.path(), &SystemRandom).await.unwrap();
        let objects = S3ObjectStore::new(server.client_config()).await;
        (server, objects)
    }

    #[tokio::test]
    async fn object_is_stored_replaced_measured_and_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let (_server, objects) = store(&folder).await;
        objects.check().await.unwrap();
        objects.put("org/a/page-1", Bytes::from_static(b"first")).await.unwrap();
        objects.put("org/a/page-1", Bytes::from_static(b"second")).await.unwrap();
        assert_eq!(objects.get("org/a/page-1").await.unwrap().as_ref(), b"second");
        assert_eq!(objects.size("org/a/page-1").await.unwrap(), 6);
        objects.delete("org/a/page-1").await.unwrap();
        objects.delete("org/a/page-1").await.unwrap();
        assert!(matches!(objects.get("org/a/page-1").await, Err(ObjectStoreError::NotFound)));
        assert!(matches!(objects.size("org/a/page-1").await, Err(ObjectStoreError::NotFound)));
    }

    #[tokio::test]
    async fn presigned_url_takes_one_key_for_five_minutes_at_most() {
        let folder = tempfile::tempdir().unwrap();
        let (_server, objects) = store(&folder).await;
        let url = objects.presign_put("originals/1", Duration::from_secs(3600)).await.unwrap();
        assert!(url.query_pairs().any(|(name, value)| name == "X-Amz-Expires" && value == "300"), "{url}");
        let client = reqwest::Client::new();
        assert_eq!(client.put(url.clone()).body("sealed").send().await.unwrap().status(), 200);
        assert_eq!(objects.get("originals/1").await.unwrap().as_ref(), b"sealed");
        let mut elsewhere = url;
        elsewhere.set_path("/maneiro/originals/2");
        assert_eq!(client.put(elsewhere).body("sealed").send().await.unwrap().status(), 403);
        assert!(matches!(objects.size("originals/2").await, Err(ObjectStoreError::NotFound)));
    }

    #[tokio::test]
    async fn wrong_credentials_get_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (server, objects) = store(&folder).await;
        objects.put("page", Bytes::from_static(b"sealed")).await.unwrap();
        let url = server.endpoint().join("/maneiro/page").unwrap();
        assert_eq!(reqwest::get(url).await.unwrap().status(), 403);
        let wrong = Some(("stranger".to_owned(), "wrong".into()));
        let stranger =
            S3ObjectStore::new(ObjectStoreConfig { credentials: wrong, ..server.client_config() }).await;
        assert!(matches!(stranger.get("page").await, Err(ObjectStoreError::Unavailable(_))));
    }

    #[tokio::test]
    async fn missing_bucket_or_server_is_not_a_missing_object() {
        let folder = tempfile::tempdir().unwrap();
        let (server, objects) = store(&folder).await;
        let elsewhere = S3ObjectStore::new(ObjectStoreConfig {
            bucket: "elsewhere".to_owned(),
            ..server.client_config()
        })
        .await;
        let Err(ObjectStoreError::Unavailable(cause)) = elsewhere.check().await else {
            panic!("there is no such bucket")
        };
        assert!(cause.to_string().contains("404"), "{cause}");
        drop(server);
        let Err(ObjectStoreError::Unavailable(cause)) = objects.get("page").await else {
            panic!("there is no server")
        };
        assert!(cause.to_string().starts_with("getting an object: "), "{cause}");
    }
}
