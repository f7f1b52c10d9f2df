//! Originals of documents: the workstation seals the file and uploads it straight to the object store. What it may upload is
//! announced first: the URL takes exactly these bytes, and an original that is there is never replaced.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maneiro_api::{
    DocumentId, ErrorCode, ObjectId,
    record::{CompleteOriginalUpload, CreateOriginalUpload, Document, OriginalKey, OriginalUpload},
    seal::{associated_data, stream::sealed_len},
};

use super::{
    clinic_keys,
    documents::{self, SHA256_FORM, parse_sha256},
};
use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        error::{Error, Resource},
    },
    ports::{ObjectStoreError, SealedContent},
    state::App,
    store::{
        self, OrgTx, audit,
        documents::StoredDocument,
        objects::{self, NewObject},
        policies,
    },
};

const UPLOAD_URL_LIFETIME: Duration = Duration::from_secs(300);

/// The document's own key, to seal its original with, which is audited.
///
/// # Errors
/// `NotFound` if the clinic has no such document; `PermissionDenied` if its policy allows no originals;
/// `Conflict(OriginalExists)` if it has its original.
pub async fn create_key(app: &App, who: &OrgActor, document: DocumentId) -> Result<OriginalKey, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    find_without_original(&mut tx, document).await?;
    let event = app.audit_event(AuditAction::OriginalKeyIssued, Some(document.uuid()));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    // This key opens this document's original and nothing else of the clinic.
    let current = key.current();
    let document_key = current.derive(&associated_data::original(document), &[]);
    Ok(OriginalKey { key_id: current.version(), key: STANDARD.encode(document_key).into() })
}

/// # Errors
/// `NotFound` if the clinic has no such document; `PermissionDenied` if its policy allows no originals;
/// `Conflict(OriginalExists)` if the document has its original.
async fn find_without_original(tx: &mut OrgTx, document: DocumentId) -> Result<StoredDocument, Error> {
    let found = store::documents::find(tx, document).await?;
    require_allowed(tx).await?;
    match found.original {
        None => Ok(found),
        Some(_) => Err(Error::Conflict(ErrorCode::OriginalExists)),
    }
}

/// Checks that the clinic's policy allows originals.
async fn require_allowed(tx: &mut OrgTx) -> Result<(), Error> {
    if policies::find(tx).await?.uploads_originals { Ok(()) } else { Err(Error::PermissionDenied) }
}

/// A URL that takes the announced original, which is audited.
///
/// # Errors
/// As [`create_key`]; `InvalidInput` if the digest is none.
pub async fn create_upload(
    app: &App,
    who: &OrgActor,
    document: DocumentId,
    input: &CreateOriginalUpload,
) -> Result<OriginalUpload, Error> {
    let sha256 = parse_sha256(&input.sealed_sha256)
        .ok_or_else(|| Error::invalid_field("sealed_sha256", SHA256_FORM))?;
    let id = ObjectId::from_uuid(app.new_uuid());
    let object_key = object_key(who, document, id);
    let mut tx = app.db.begin_org(who).await?;
    let found = find_without_original(&mut tx, document).await?;
    let content = SealedContent { bytes: sealed_len(found.bytes), sha256 };
    let object = NewObject { id, object_key: object_key.clone(), announced: Some((content.bytes, sha256)) };
    objects::reserve(&mut tx, &[object]).await?;
    let event = app.audit_event(AuditAction::OriginalUploadIssued, Some(document.uuid()));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    let expires_at = app.now() + UPLOAD_URL_LIFETIME;
    let presigned = app.objects.presign_put(&object_key, UPLOAD_URL_LIFETIME, content).await?;
    Ok(OriginalUpload { upload: id, url: presigned.url.into(), headers: presigned.headers, expires_at })
}

/// Records that the original was uploaded, after checking that the object store has exactly what was announced.
///
/// # Errors
/// `NotFound` if the clinic has no such document or upload, or nothing was uploaded; `PermissionDenied` if its policy allows no
/// originals; `Conflict(OriginalMismatch)` if something else was uploaded; `Conflict(OriginalExists)` if another upload was
/// completed first.
pub async fn complete_upload(
    app: &App,
    who: &OrgActor,
    document: DocumentId,
    input: CompleteOriginalUpload,
) -> Result<Document, Error> {
    let id = input.upload;
    let object_key = object_key(who, document, id);
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let found = store::documents::find(&mut tx, document).await?;
    if found.original == Some(id) {
        // The response to an earlier completion was lost.
        tx.commit().await?;
        return Ok(documents::open(&key, found));
    }
    require_allowed(&mut tx).await?;
    let announced = objects::find_announced(&mut tx, id, &object_key).await?;
    tx.commit().await?;
    let (bytes, sha256) = announced.ok_or(Error::NotFound(Resource::Original))?;

    match app.objects.content(&object_key).await {
        Ok(content) if content == (SealedContent { bytes, sha256 }) => {}
        Ok(_) => return Err(Error::Conflict(ErrorCode::OriginalMismatch)),
        Err(ObjectStoreError::NotFound) => return Err(Error::NotFound(Resource::Original)),
        Err(error @ ObjectStoreError::Unavailable(_)) => return Err(error.into()),
    }

    let mut tx = app.db.begin_org(who).await?;
    if !store::documents::set_original(&mut tx, document, id).await? {
        return Err(Error::Conflict(ErrorCode::OriginalExists));
    }
    objects::set_stored(&mut tx, &[(id, bytes)]).await?;
    let event = app.audit_event(AuditAction::OriginalStored, Some(document.uuid()));
    audit::append(&mut tx, &event).await?;
    let stored = store::documents::find(&mut tx, document).await?;
    tx.commit().await?;
    Ok(documents::open(&key, stored))
}

fn object_key(who: &OrgActor, document: DocumentId, id: ObjectId) -> String {
    let path = format!("{}/original/{}", document.uuid().simple(), id.uuid().simple());
    App::object_key(who.org(), &path)
}
