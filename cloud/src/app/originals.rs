//! Originals of documents: the workstation seals the file and uploads it straight to the object store.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maneiro_api::{
    DocumentId,
    record::{Document, OriginalUpload},
    seal::associated_data,
};

use super::{clinic_keys, documents};
use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        error::{Error, Resource},
    },
    ports::ObjectStoreError,
    state::App,
    store::{self, audit},
};

const UPLOAD_URL_LIFETIME: Duration = Duration::from_secs(300);

/// A URL that takes the sealed original, and the document's own key to seal it with.
///
/// # Errors
/// `NotFound` if the clinic has no such document.
pub async fn create_upload(app: &App, who: &OrgActor, document: DocumentId) -> Result<OriginalUpload, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    store::documents::find(&mut tx, document).await?;
    tx.commit().await?;
    let expires_at = app.now() + UPLOAD_URL_LIFETIME;
    let url = app.objects.presign_put(&object_key(who, document), UPLOAD_URL_LIFETIME).await?;
    // This key opens this document's original and nothing else of the clinic.
    let current = key.current();
    let document_key = current.derive(&associated_data::original(document), &[]);
    let key = STANDARD.encode(document_key).into();
    Ok(OriginalUpload { url: url.into(), expires_at, key_id: current.version(), key })
}

/// Records that the original was uploaded, after checking that the object store has it.
///
/// # Errors
/// `NotFound` if the clinic has no such document, or nothing was uploaded.
pub async fn complete_upload(app: &App, who: &OrgActor, document: DocumentId) -> Result<Document, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    store::documents::find(&mut tx, document).await?;
    tx.commit().await?;

    let object_key = object_key(who, document);
    match app.objects.size(&object_key).await {
        Ok(_) => {}
        Err(ObjectStoreError::NotFound) => return Err(Error::NotFound(Resource::Original)),
        Err(error @ ObjectStoreError::Unavailable(_)) => return Err(error.into()),
    }

    let mut tx = app.db.begin_org(who).await?;
    store::documents::set_original(&mut tx, document, &object_key).await?;
    let event = app.audit_event(AuditAction::OriginalStored, Some(document.uuid()));
    audit::append(&mut tx, &event).await?;
    let stored = store::documents::find(&mut tx, document).await?;
    tx.commit().await?;
    documents::open(&key, stored)
}

fn object_key(who: &OrgActor, document: DocumentId) -> String {
    App::object_key(who.org(), &format!("{}/original", document.uuid().simple()))
}
