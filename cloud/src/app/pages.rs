//! Pages of documents: sealed into the object store, noted in the database, opened for who may read them.

use futures::{StreamExt, TryStreamExt, stream};
use maneiro_api::{
    DocumentId,
    record::{Document, PageBatch},
    seal::{Key, associated_data},
};
use maneiro_page::Page;
use serde_json::json;

use super::{clinic_keys, documents, sealing};
use crate::{
    domain::{actor::OrgActor, audit::Deed, error::Error, pages},
    ports::FilesError,
    state::App,
    store::{self, audit, documents::StoredPage},
};

/// Objects stored at the same time.
const STORED_AT_ONCE: usize = 8;

/// Stores some pages of a document; a page sent again replaces the earlier one.
///
/// # Errors
/// `NotFound` if the clinic has no such document; `Invalid` with the place of everything that is refused, in which case
/// no page of the batch is stored.
pub async fn put(
    app: &App,
    who: &OrgActor,
    document: DocumentId,
    batch: PageBatch,
) -> Result<Document, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let found = store::documents::find(&mut tx, document).await?;
    tx.commit().await?;
    pages::check(&batch.pages, found.pages)?;

    let stored: Vec<StoredPage> = stream::iter(batch.pages)
        .map(|page| keep(app, who, &key, document, page))
        .buffered(STORED_AT_ONCE)
        .try_collect()
        .await?;

    let mut tx = app.db.begin_org(who).await?;
    store::documents::put_pages(&mut tx, document, &stored, app.now()).await?;
    let event = app.event(Deed::PagesStored, Some(document.uuid()));
    audit::add(&mut tx, &event.with(json!({ "pages": stored.len() }))).await?;
    let found = store::documents::find(&mut tx, document).await?;
    tx.commit().await?;
    documents::open(&key, found)
}

async fn keep(
    app: &App,
    who: &OrgActor,
    key: &Key,
    document: DocumentId,
    page: Page,
) -> Result<StoredPage, Error> {
    let number = page.number;
    let (key, nonce) = (key.clone(), app.bytes());
    let seal = move || sealing::json(&key, nonce, &associated_data::page(document, number), &page);
    let sealed = tokio::task::spawn_blocking(seal).await.map_err(Error::bug)?;
    let sealed_bytes = sealed.len();
    let object_key = App::object_key(who.org(), &format!("{}/pages/{number}", document.uuid().simple()));
    app.files.put(&object_key, sealed.into()).await?;
    Ok(StoredPage { number, object_key, sealed_bytes })
}

/// The content of a page that has arrived. Reading it is noted.
///
/// # Errors
/// `NotFound` if the page has not arrived, or the document is not the clinic's.
pub async fn read(app: &App, who: &OrgActor, document: DocumentId, number: u32) -> Result<Page, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    store::documents::find(&mut tx, document).await?;
    let object_key = store::documents::page_key(&mut tx, document, number).await?;
    let event = app.event(Deed::PageRead, Some(document.uuid()));
    audit::add(&mut tx, &event.with(json!({ "page": number }))).await?;
    tx.commit().await?;
    fetch(app, &key, document, number, &object_key).await
}

/// Fetches and opens a page.
///
/// # Errors
/// `Unavailable` if the object store is; `Bug` if the object is gone or does not open.
pub(super) async fn fetch(
    app: &App,
    key: &Key,
    document: DocumentId,
    number: u32,
    object_key: &str,
) -> Result<Page, Error> {
    let sealed = app.files.get(object_key).await?;
    let key = key.clone();
    tokio::task::spawn_blocking(move || {
        sealing::open_json(&key, &associated_data::page(document, number), &sealed)
    })
    .await
    .map_err(Error::bug)?
}

impl From<FilesError> for Error {
    fn from(error: FilesError) -> Self {
        match error {
            // The database says that the object is there.
            FilesError::NotFound => Self::bug(error),
            FilesError::Unavailable(_) => Self::unavailable(error),
        }
    }
}
