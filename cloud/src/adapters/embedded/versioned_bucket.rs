//! A bucket that keeps versions, in memory, for tests: a deletion that names no version only adds a marker, as Amazon's does.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use s3s::{
    S3, S3Request, S3Response, S3Result,
    dto::{
        DeleteMarkerEntry, DeleteObjectInput, DeleteObjectOutput, ListObjectVersionsInput,
        ListObjectVersionsOutput, ObjectVersion, PutObjectInput, PutObjectOutput,
    },
};

#[derive(Debug, Clone)]
struct Version {
    key: String,
    id: String,
    is_marker: bool,
}

/// Its versions; their content does not matter.
#[derive(Debug, Clone, Default)]
pub(crate) struct VersionedBucket(Arc<Mutex<(u32, Vec<Version>)>>);

impl VersionedBucket {
    fn add(&self, key: String, is_marker: bool) {
        let (count, versions) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        versions.push(Version { key, id: format!("v{count}"), is_marker });
    }

    fn versions(&self) -> Vec<Version> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// The keys of all versions and markers, in the order they were made.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.versions().into_iter().map(|version| version.key).collect()
    }
}

#[async_trait]
impl S3 for VersionedBucket {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        self.add(request.input.key, false);
        Ok(S3Response::new(PutObjectOutput::default()))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        match request.input.version_id {
            None => self.add(request.input.key, true),
            Some(id) => {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).1.retain(|version| version.id != id);
            }
        }
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        let prefix = request.input.prefix.unwrap_or_default();
        let (markers, versions): (Vec<_>, Vec<_>) = self
            .versions()
            .into_iter()
            .filter(|version| version.key.starts_with(&prefix))
            .partition(|version| version.is_marker);
        let versions = versions.into_iter().map(|version| ObjectVersion {
            key: Some(version.key),
            version_id: Some(version.id),
            ..ObjectVersion::default()
        });
        let markers = markers.into_iter().map(|marker| DeleteMarkerEntry {
            key: Some(marker.key),
            version_id: Some(marker.id),
            ..DeleteMarkerEntry::default()
        });
        Ok(S3Response::new(ListObjectVersionsOutput {
            versions: Some(versions.collect()),
            delete_markers: Some(markers.collect()),
            ..ListObjectVersionsOutput::default()
        }))
    }
}
