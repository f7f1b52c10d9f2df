//! Pages of documents: sealed in the object store, listed in the database, opened for actors who may read them. A stored page
//! never changes: a page that is uploaded again is another version.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use maneiro_api::{
    DocumentId, ObjectId,
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
    store::{
        self, audit,
        documents::{PageVersion, StoredPage},
        objects::{self, NewObject},
    },
};

const MAX_CONCURRENT_UPLOADS: usize = 8;

/// Stores pages of a document. A page uploaded again takes the place of the earlier one, except for jobs that were created
/// before.
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
    pages::validate_batch(&batch.pages, found.pages)?;
    let pages: Vec<(Page, NewObject)> = batch
        .pages
        .into_iter()
        .map(|page| {
            let object = new_object(app, who, document, page.number);
            (pages::mark_without_extent(page), object)
        })
        .collect();
    let reserved: Vec<NewObject> = pages.iter().map(|(_, object)| object.clone()).collect();
    objects::reserve(&mut tx, &reserved).await?;
    tx.commit().await?;

    let stored: Vec<StoredPage> = stream::iter(pages)
        .map(|(page, object)| upload(app, &key, document, page, object))
        .buffered(MAX_CONCURRENT_UPLOADS)
        .try_collect()
        .await?;

    let mut tx = app.db.begin_org(who).await?;
    let new = store::documents::store_pages(&mut tx, document, &stored).await?;
    store::usage_reports::count_pages(&mut tx, new, app.now()).await?;
    let event = app
        .audit_event(AuditAction::PagesStored, Some(document.uuid()))
        .with_details(json!({ "pages": stored.len() }));
    audit::append(&mut tx, &event).await?;
    let found = store::documents::find(&mut tx, document).await?;
    tx.commit().await?;
    Ok(documents::open(&key, found))
}

fn new_object(app: &App, who: &OrgActor, document: DocumentId, number: u32) -> NewObject {
    let id = ObjectId::from_uuid(app.new_uuid());
    let path = format!("{}/pages/{number}/{}", document.uuid().simple(), id.uuid().simple());
    NewObject { id, object_key: App::object_key(who.org(), &path), announced: None }
}

async fn upload(
    app: &App,
    key: &Arc<ClinicKeys>,
    document: DocumentId,
    page: Page,
    object: NewObject,
) -> Result<StoredPage, Error> {
    let (number, version) = (page.number, object.id);
    let (key, nonce) = (Arc::clone(key), app.random_bytes());
    let associated_data = associated_data::page(document, number, version);
    let seal = move || sealing::seal_json(&key, nonce, &associated_data, &page);
    let sealed = tokio::task::spawn_blocking(seal).await.map_err(Error::internal)?;
    let sealed_bytes = sealed.len() as u64;
    app.objects.put(&object.object_key, sealed.into()).await?;
    Ok(StoredPage { number, version, sealed_bytes })
}

/// Reads the content of an uploaded page, which is audited.
///
/// # Errors
/// `NotFound` if the clinic has no such document, or the page was not uploaded.
pub async fn read(app: &App, who: &OrgActor, document: DocumentId, number: u32) -> Result<Page, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    store::documents::find(&mut tx, document).await?;
    let version = store::documents::current_page(&mut tx, document, number).await?;
    let event =
        app.audit_event(AuditAction::PageRead, Some(document.uuid())).with_details(json!({ "page": number }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    fetch(app, &key, &version).await
}

/// Fetches and opens a version of a page.
///
/// # Errors
/// `Unavailable` if the object store is; `Damaged` if the object is missing or does not open.
pub(super) async fn fetch(app: &App, key: &Arc<ClinicKeys>, version: &PageVersion) -> Result<Page, Error> {
    let sealed = app.objects.get(&version.object_key).await?;
    let key = Arc::clone(key);
    let associated_data = associated_data::page(version.document, version.number, version.version);
    tokio::task::spawn_blocking(move || sealing::open_json(&key, &associated_data, &sealed))
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
