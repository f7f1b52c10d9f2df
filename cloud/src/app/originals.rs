//! Originals of documents: the workstation seals the file and puts it straight into the object store.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maneiro_api::{
    DocumentId,
    record::{Document, OriginalUpload},
    seal::associated_data,
};

use super::{clinic_keys, documents, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::Deed,
        error::{Error, Noun},
    },
    ports::FilesError,
    state::App,
    store::{self, audit},
};

/// How long an upload address works.
const ADDRESS_LASTS: Duration = Duration::from_secs(300);

/// An address that takes the sealed original, and the document's own key to seal it with.
///
/// # Errors
/// `NotFound` if the clinic has no such document.
pub async fn upload(app: &App, who: &OrgActor, document: DocumentId) -> Result<OriginalUpload, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    store::documents::find(&mut tx, document).await?;
    tx.commit().await?;
    let expires_at = app.now() + ADDRESS_LASTS;
    let url = app.files.presign_put(&object_key(who, document), ADDRESS_LASTS).await?;
    // Whoever has this key opens this document's original and nothing else of the clinic.
    let own = sealing::derive(&key, &associated_data::original(document), &[]);
    Ok(OriginalUpload { url: url.into(), expires_at, key: STANDARD.encode(own).into() })
}

/// Notes that the original has arrived, once it is seen in the object store.
///
/// # Errors
/// `NotFound` if the clinic has no such document, or nothing has arrived.
pub async fn done(app: &App, who: &OrgActor, document: DocumentId) -> Result<Document, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    store::documents::find(&mut tx, document).await?;
    tx.commit().await?;

    let object_key = object_key(who, document);
    match app.files.size(&object_key).await {
        Ok(_) => {}
        Err(FilesError::NotFound) => return Err(Error::NotFound(Noun::Original)),
        Err(error @ FilesError::Unavailable(_)) => return Err(error.into()),
    }

    let mut tx = app.db.begin_org(who).await?;
    store::documents::set_original(&mut tx, document, &object_key).await?;
    audit::add(&mut tx, &app.event(Deed::OriginalStored, Some(document.uuid()))).await?;
    let found = store::documents::find(&mut tx, document).await?;
    tx.commit().await?;
    documents::open(&key, found)
}

fn object_key(who: &OrgActor, document: DocumentId) -> String {
    App::object_key(who.org(), &format!("{}/original", document.uuid().simple()))
}
