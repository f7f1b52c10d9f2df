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
    operation::{get_object::GetObjectError, list_object_versions::ListObjectVersionsOutput},
    presigning::PresigningConfig,
    primitives::{AggregatedBytes, ByteStream},
    types::ChecksumMode,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use url::Url;

use crate::{
    config::ObjectStoreConfig,
    ports::{ListedObject, ObjectStore, ObjectStoreError, PresignedPut, SealedContent},
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

impl S3ObjectStore {
    async fn read_content(&self, key: &str) -> Result<SealedContent, ObjectStoreError> {
        let request = self.client.get_object().bucket(&self.bucket).key(key);
        let mut body = request.send().await.map_err(|error| unavailable("reading an object", &error))?.body;
        let (mut digest, mut bytes) = (Sha256::new(), 0);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| {
                ObjectStoreError::Unavailable(anyhow!("reading an object: {}", root_cause(&error)))
            })?;
            bytes += chunk.len() as u64;
            digest.update(&chunk);
        }
        Ok(SealedContent { bytes, sha256: digest.finalize().into() })
    }

    async fn delete(&self, key: &str, version: Option<String>) -> Result<(), ObjectStoreError> {
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(key)
            .set_version_id(version)
            .send()
            .await
            .map(drop)
            .map_err(|error| unavailable("deleting an object", &error))
    }
}

/// The versions of an object and the markers of its deletion. Keys that only begin with its key are others.
fn object_versions(key: &str, response: &ListObjectVersionsOutput) -> Vec<String> {
    let versions = response.versions().iter().map(|version| (version.key(), version.version_id()));
    let markers = response.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
    versions
        .chain(markers)
        .filter(|(found, _)| *found == Some(key))
        .filter_map(|(_, version)| version.map(str::to_owned))
        .collect()
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

    async fn content(&self, key: &str) -> Result<SealedContent, ObjectStoreError> {
        let request =
            self.client.head_object().bucket(&self.bucket).key(key).checksum_mode(ChecksumMode::Enabled);
        let response = request.send().await.map_err(|error| {
            // A response to HEAD has no body and so no code; there is only the status.
            if error.raw_response().is_some_and(|response| response.status().as_u16() == 404) {
                ObjectStoreError::NotFound
            } else {
                unavailable("reading the size of an object", &error)
            }
        })?;
        let bytes =
            response.content_length().and_then(|bytes| u64::try_from(bytes).ok()).ok_or_else(|| {
                ObjectStoreError::Unavailable(anyhow!("reading the size of an object: the response has none"))
            })?;
        let stated = response.checksum_sha256().and_then(|text| STANDARD.decode(text).ok()?.try_into().ok());
        match stated {
            Some(sha256) => Ok(SealedContent { bytes, sha256 }),
            // The store keeps no checksums, so the object itself is read.
            None => self.read_content(key).await,
        }
    }

    async fn list(&self, after: &str) -> Result<Vec<ListedObject>, ObjectStoreError> {
        let request = self.client.list_objects_v2().bucket(&self.bucket);
        let request = if after.is_empty() { request } else { request.start_after(after) };
        let response = request.send().await.map_err(|error| unavailable("listing objects", &error))?;
        let listed = response.contents().iter().filter_map(|object| {
            let last_modified = object.last_modified()?.as_nanos();
            let last_modified = OffsetDateTime::from_unix_timestamp_nanos(last_modified).ok()?;
            let bytes = u64::try_from(object.size()?).ok()?;
            Some(ListedObject { key: object.key()?.to_owned(), bytes, last_modified })
        });
        Ok(listed.collect())
    }

    async fn delete_all_versions(&self, key: &str) -> Result<(), ObjectStoreError> {
        loop {
            let listed = self
                .client
                .list_object_versions()
                .bucket(&self.bucket)
                .prefix(key)
                .max_keys(1000)
                .send()
                .await;
            let versions = match listed {
                Ok(response) => object_versions(key, &response),
                // A store without versions has one of each object.
                Err(error) if error.code() == Some("NotImplemented") => {
                    return self.delete(key, None).await;
                }
                Err(error) => return Err(unavailable("listing the versions of an object", &error)),
            };
            if versions.is_empty() {
                return Ok(());
            }
            for version in versions {
                self.delete(key, Some(version)).await?;
            }
        }
    }

    async fn presign_put(
        &self,
        key: &str,
        ttl: Duration,
        content: SealedContent,
    ) -> Result<PresignedPut, ObjectStoreError> {
        let limits = PresigningConfig::expires_in(ttl.min(MAX_PRESIGN_LIFETIME))
            .map_err(|error| ObjectStoreError::Unavailable(anyhow!("presigning a URL: {error}")))?;
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_length(i64::try_from(content.bytes).unwrap_or(i64::MAX))
            .checksum_sha256(STANDARD.encode(content.sha256))
            .presigned(limits)
            .await
            .map_err(|error| unavailable("presigning a URL", &error))?;
        let url = Url::parse(request.uri())
            .map_err(|error| ObjectStoreError::Unavailable(anyhow!("presigning a URL: {error}")))?;
        let headers = request.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(PresignedPut { url, headers })
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
    use crate::adapters::{
        embedded::{object_server::ObjectServer, versioned_bucket::VersionedBucket},
        system::SystemRandom,
    };

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
        assert_eq!(objects.content("org/a/page-1").await.unwrap(), content(b"second"));
        objects.put("org/b", Bytes::from_static(b"other")).await.unwrap();
        let keys = async |after| {
            let listed = objects.list(after).await.unwrap();
            listed.into_iter().map(|object| object.key).collect::<Vec<_>>()
        };
        assert_eq!(keys("").await, ["org/a/page-1", "org/b"]);
        assert_eq!(keys("org/a/page-1").await, ["org/b"]);
        assert!(keys("org/b").await.is_empty());
        objects.delete_all_versions("org/a/page-1").await.unwrap();
        objects.delete_all_versions("org/a/page-1").await.unwrap();
        assert!(matches!(objects.get("org/a/page-1").await, Err(ObjectStoreError::NotFound)));
        assert!(matches!(objects.content("org/a/page-1").await, Err(ObjectStoreError::NotFound)));
        assert_eq!(keys("").await, ["org/b"]);
    }

    fn content(bytes: &[u8]) -> SealedContent {
        SealedContent { bytes: bytes.len() as u64, sha256: Sha256::digest(bytes).into() }
    }

    /// How many files of a folder and its subfolders hold these bytes.
    fn files_below(folder: &std::path::Path, content: &[u8]) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| {
                if path.is_dir() {
                    files_below(&path, content)
                } else {
                    usize::from(std::fs::read(path).unwrap() == content)
                }
            })
            .sum()
    }

    #[tokio::test]
    async fn presigned_url_takes_one_content_for_five_minutes() {
        let folder = tempfile::tempdir().unwrap();
        let (_server, objects) = store(&folder).await;
        let hour = Duration::from_secs(3600);
        let presigned = objects.presign_put("originals/1", hour, content(b"sealed")).await.unwrap();
        let url = presigned.url;
        assert!(url.query_pairs().any(|(name, value)| name == "X-Amz-Expires" && value == "300"), "{url}");
        let client = reqwest::Client::new();
        let put = async |url: &Url, body: &'static str, has_headers: bool| {
            let mut request = client.put(url.clone()).body(body);
            for (name, value) in
                presigned.headers.iter().filter(|(name, _)| has_headers && *name != "content-length")
            {
                request = request.header(name, value);
            }
            request.send().await.unwrap().status().as_u16()
        };
        assert_eq!(put(&url, "sealed and more", true).await, 403, "another length");
        assert_eq!(put(&url, "forged", true).await, 400, "another content of this length");
        assert_eq!(put(&url, "sealed", false).await, 403, "without the digest");
        let mut elsewhere = url.clone();
        elsewhere.set_path("/maneiro/originals/2");
        assert_eq!(put(&elsewhere, "sealed", true).await, 403);
        for key in ["originals/1", "originals/2"] {
            assert!(matches!(objects.content(key).await, Err(ObjectStoreError::NotFound)), "{key}");
        }
        assert_eq!(put(&url, "sealed", true).await, 200);
        assert_eq!(put(&url, "forged", true).await, 400, "in the place of the content");
        assert_eq!(put(&url, "sealed", true).await, 200, "the content once more");
        assert_eq!(objects.content("originals/1").await.unwrap(), content(b"sealed"));
        assert_eq!(files_below(folder.path(), b"forged"), 0, "nothing refused is left");
    }

    #[tokio::test]
    async fn deletion_reaches_all_versions_and_markers() {
        let bucket = VersionedBucket::default();
        let server = ObjectServer::serve(bucket.clone(), None, &SystemRandom).await.unwrap();
        let objects = S3ObjectStore::new(server.client_config()).await;
        for key in ["page", "page", "page-2", "page"] {
            objects.put(key, Bytes::from_static(b"sealed")).await.unwrap();
        }
        objects.delete("page", None).await.unwrap();
        assert_eq!(bucket.keys(), ["page", "page", "page-2", "page", "page"]);
        objects.delete_all_versions("page").await.unwrap();
        assert_eq!(bucket.keys(), ["page-2"]);
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
