//! Pages of documents: sealed in the object store, listed in the database, opened for actors who may read them.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use maneiro_api::{
    DocumentId,
    record::{Document, PageBatch},
    seal::associated_data,
};
use maneiro_page::Page;
use serde_json::json;

use super::{clinic_keys, documents, sealing};
use crate::{
    domain::{actor::OrgActor, audit::AuditAction, error::Error, pages},
    ports::ObjectStoreError,
    state::{App, clinic_keys::ClinicKeys},
    store::{self, audit, documents::StoredPage},
};

const MAX_CONCURRENT_UPLOADS: usize = 8;

/// Stores pages of a document. A page uploaded again replaces the earlier one.
///
/// # Errors
/// `NotFound` if the clinic has no such document; `InvalidInput` with the position of everything that is invalid, in which
/// case no page of the batch is stored.
pub async fn put(
    app: &App,
    who: &OrgActor,
    document: DocumentId,
    batch: PageBatch,
) -> Result<Document, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let found = store::documents::find(&mut tx, document).await?;
    tx.commit().await?;
    pages::validate_batch(&batch.pages, found.pages)?;

    let stored: Vec<StoredPage> = stream::iter(batch.pages)
        .map(|page| store_page(app, who, &key, document, page))
        .buffered(MAX_CONCURRENT_UPLOADS)
        .try_collect()
        .await?;

    let mut tx = app.db.begin_org(who).await?;
    store::documents::upsert_pages(&mut tx, document, &stored, app.now()).await?;
    let event = app
        .audit_event(AuditAction::PagesStored, Some(document.uuid()))
        .with_details(json!({ "pages": stored.len() }));
    audit::append(&mut tx, &event).await?;
    let found = store::documents::find(&mut tx, document).await?;
    tx.commit().await?;
    documents::open(&key, found)
}

async fn store_page(
    app: &App,
    who: &OrgActor,
    key: &Arc<ClinicKeys>,
    document: DocumentId,
    page: Page,
) -> Result<StoredPage, Error> {
    let number = page.number;
    let (key, nonce) = (Arc::clone(key), app.random_bytes());
    let seal = move || sealing::seal_json(&key, nonce, &associated_data::page(document, number), &page);
    let sealed = tokio::task::spawn_blocking(seal).await.map_err(Error::internal)?;
    let sealed_bytes = sealed.len();
    let object_key = App::object_key(who.org(), &format!("{}/pages/{number}", document.uuid().simple()));
    app.objects.put(&object_key, sealed.into()).await?;
    Ok(StoredPage { number, object_key, sealed_bytes })
}

/// Reads the content of an uploaded page, which is audited.
///
/// # Errors
/// `NotFound` if the clinic has no such document, or the page was not uploaded.
pub async fn read(app: &App, who: &OrgActor, document: DocumentId, number: u32) -> Result<Page, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    store::documents::find(&mut tx, document).await?;
    let object_key = store::documents::page_object_key(&mut tx, document, number).await?;
    let event =
        app.audit_event(AuditAction::PageRead, Some(document.uuid())).with_details(json!({ "page": number }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    fetch(app, &key, document, number, &object_key).await
}

/// Fetches and opens a page.
///
/// # Errors
/// `Unavailable` if the object store is; `Damaged` if the object is missing or does not open.
pub(super) async fn fetch(
    app: &App,
    key: &Arc<ClinicKeys>,
    document: DocumentId,
    number: u32,
    object_key: &str,
) -> Result<Page, Error> {
    let sealed = app.objects.get(object_key).await?;
    let key = Arc::clone(key);
    tokio::task::spawn_blocking(move || {
        sealing::open_json(&key, &associated_data::page(document, number), &sealed)
    })
    .await
    .map_err(Error::internal)?
}

impl From<ObjectStoreError> for Error {
    fn from(error: ObjectStoreError) -> Self {
        match error {
            // According to the database, the object exists.
            ObjectStoreError::NotFound => Self::damaged(error),
            ObjectStoreError::Unavailable(_) => Self::unavailable(error),
        }
    }
}
