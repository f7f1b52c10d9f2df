//! Uploads a document to the cloud: its pages in batches, only those that are missing there, and the original file on
//! request.

use std::{io, pin::pin};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use maneiro_api::{
    RecordId,
    client::{Client, ClientError},
    limits::{MAX_ORIGINAL_BYTES, MAX_PAGES_PER_BATCH, MAX_TITLE_CHARS},
    record::{AddDocument, CreateOriginalUpload, Document, PageBatch},
    seal::{
        SealingKey, associated_data,
        stream::{CHUNK_BYTES, NONCE_PREFIX_BYTES, StreamSealer, sealed_len},
    },
};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use tokio::{fs::File, io::AsyncReadExt as _};
use zeroize::Zeroizing;

use crate::{
    Error,
    files::FileProblem,
    reading::ReadFile,
    store::{Store, StoreError},
    system::Random,
};

/// The size at which a batch is sent, before compression. Far enough below the limit of a request for one more page.
const MIN_BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Adds a file to a record and uploads the pages that are missing there. `progress` receives the count of uploaded pages.
///
/// # Errors
/// `Cloud` if a call fails in spite of retries. What was uploaded stays; another call continues.
pub(super) async fn upload_pages(
    client: &Client,
    store: &Store,
    record: RecordId,
    file: &ReadFile,
    mut progress: impl FnMut(u32),
) -> Result<Document, Error> {
    let mut document = client.add_document(record, &add_document_request(file)).await?;
    let mut batch = Vec::new();
    let mut batch_bytes = 0;
    progress(uploaded_pages(&document));
    for number in document.missing_pages.clone().iter().flat_map(|range| range.first..=range.last) {
        let page = store.page(file.id, number).await?.ok_or(StoreError::Damaged)?;
        batch_bytes += serde_json::to_vec(&page).map_or(0, |json| json.len());
        batch.push(page);
        if batch.len() == MAX_PAGES_PER_BATCH || batch_bytes >= MIN_BATCH_BYTES {
            let pages = std::mem::take(&mut batch);
            document = client.put_pages(document.id, &PageBatch { pages }).await?;
            batch_bytes = 0;
            progress(uploaded_pages(&document));
        }
    }
    if !batch.is_empty() {
        document = client.put_pages(document.id, &PageBatch { pages: batch }).await?;
        progress(uploaded_pages(&document));
    }
    if document.missing_pages.is_empty() {
        Ok(document)
    } else {
        Err(ClientError::InvalidResponse("pages are missing after their upload").into())
    }
}

fn add_document_request(file: &ReadFile) -> AddDocument {
    AddDocument {
        name: file.source.name().chars().take(MAX_TITLE_CHARS).collect(),
        media_type: file.media_type.clone(),
        sha256: file.source.sha256.clone(),
        bytes: file.source.bytes,
        pages: file.pages,
    }
}

fn uploaded_pages(document: &Document) -> u32 {
    let missing: u32 = document.missing_pages.iter().map(|range| range.last - range.first + 1).sum();
    document.pages.saturating_sub(missing)
}

/// Seals the original file and uploads it to the object store, unless it is there.
///
/// # Errors
/// `File` if it changed since it was read; `Cloud` if the upload fails: nothing of it is then stored.
pub(super) async fn upload_original(
    client: &Client,
    random: &dyn Random,
    document: &Document,
    file: &ReadFile,
) -> Result<(), Error> {
    if document.has_original {
        return Ok(());
    }
    let issued = client.create_original_key(document.id).await?;
    let key = Zeroizing::new(
        STANDARD
            .decode(issued.key.expose_secret())
            .map_err(|_| ClientError::InvalidResponse("the key is not Base64"))?,
    );
    let key: [u8; 32] = key
        .as_slice()
        .try_into()
        .map_err(|_| ClientError::InvalidResponse("the key does not have 32 bytes"))?;
    let mut nonce_prefix = [0; NONCE_PREFIX_BYTES];
    random.fill(&mut nonce_prefix);
    let associated_data = associated_data::original(document.id);
    let key = SealingKey::new(issued.key_id, key);
    // It is sealed twice, to the same bytes: the cloud issues a URL for exactly the bytes that are announced, and a file may be
    // larger than memory.
    let open_sealed = async || {
        let original =
            File::open(&file.source.path).await.map_err(|error| file.source.error(error.into()))?;
        if original.metadata().await.map_or(0, |metadata| metadata.len()) != file.source.bytes {
            return Err(Error::from(file.source.error(FileProblem::Changed)));
        }
        Ok(seal_file(original, file.source.bytes, &key, nonce_prefix, associated_data.as_bytes()))
    };
    let mut digest = Sha256::new();
    let mut chunks = pin!(open_sealed().await?);
    while let Some(chunk) = chunks.next().await {
        digest.update(chunk.map_err(|_| file.source.error(FileProblem::Changed))?);
    }
    let announced = CreateOriginalUpload { sealed_sha256: hex::encode(digest.finalize()) };
    let upload = client.create_original_upload(document.id, &announced).await?;
    client.put_original(&upload, sealed_len(file.source.bytes), open_sealed().await?).await?;
    client.complete_original_upload(document.id, upload.upload).await?;
    Ok(())
}

/// The sealed chunks of a file of `length` bytes. A shorter file is an error within the stream.
fn seal_file(
    file: File,
    length: u64,
    key: &SealingKey,
    nonce_prefix: [u8; NONCE_PREFIX_BYTES],
    associated_data: &[u8],
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    debug_assert!(length <= MAX_ORIGINAL_BYTES);
    let (sealer, header) = StreamSealer::new(key, nonce_prefix, associated_data);
    let header = stream::once(async move { Ok(Bytes::from(header)) });
    let chunks = stream::try_unfold((file, length, Some(sealer)), async |(mut file, remaining, sealer)| {
        let Some(mut sealer) = sealer else { return Ok(None) };
        let chunk_length = usize::try_from(remaining).unwrap_or(usize::MAX).min(CHUNK_BYTES);
        let mut content = vec![0; chunk_length];
        file.read_exact(&mut content).await?;
        let remaining = remaining - chunk_length as u64;
        let (chunk, sealer) = if remaining == 0 {
            (sealer.seal_last_chunk(&content), None)
        } else {
            (sealer.seal_chunk(&content), Some(sealer))
        };
        Ok(Some((Bytes::from(chunk), (file, remaining, sealer))))
    });
    header.chain(chunks)
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt as _;
    use maneiro_api::seal::stream::open;

    use super::*;

    #[tokio::test]
    async fn a_file_sealed_in_chunks_opens_again() {
        let folder = tempfile::tempdir().unwrap();
        for length in [1, CHUNK_BYTES, 2 * CHUNK_BYTES + 17] {
            let content: Vec<u8> = (0..length).map(|at| (at % 253) as u8).collect();
            let path = folder.path().join("record.pdf");
            std::fs::write(&path, &content).unwrap();
            let key = SealingKey::new(1, [8; 32]);
            let file = File::open(&path).await.unwrap();
            let chunks = seal_file(file, length as u64, &key, [2; NONCE_PREFIX_BYTES], b"original/1");
            let sealed: Vec<Bytes> = chunks.try_collect().await.unwrap();
            let sealed = sealed.concat();
            assert_eq!(sealed.len() as u64, sealed_len(length as u64));
            assert_eq!(open(&key, b"original/1", &sealed).unwrap(), content);
        }
    }
}
