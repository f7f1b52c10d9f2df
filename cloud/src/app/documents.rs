//! Documents of records.

use maneiro_api::{
    DocumentId, ErrorCode, RecordId,
    limits::{MAX_ORIGINAL_BYTES, MAX_PAGES_PER_DOCUMENT},
    record::{AddDocument, Document, PageRange},
    seal::associated_data,
};
use tracing::error;

use super::{clinic_keys, plan_limits, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        error::Error,
        validation::{FieldErrors, Title},
    },
    log::error_chain,
    state::{
        App,
        clinic_keys::{ClinicKey, ClinicKeys},
    },
    store::{self, audit, documents::StoredDocument, records},
};

const MEDIA_TYPES: [&str; 4] = ["application/pdf", "image/png", "image/jpeg", "image/tiff"];

const SHA256_BYTES: usize = 32;

/// Adds a document to a record. The same file again is the same document. Returns whether it is new.
///
/// # Errors
/// `NotFound` if the clinic has no such record; `InvalidInput` with every invalid field; `Conflict(DocumentConflict)` if
/// the record has this file with another size, media type or number of pages; `LimitReached` if the plan's storage is full.
pub async fn add(
    app: &App,
    who: &OrgActor,
    record: RecordId,
    input: AddDocument,
) -> Result<(Document, bool), Error> {
    let mut errors = FieldErrors::default();
    let name = errors.check("name", Title::parse(&input.name));
    let sha256 = errors.check("sha256", parse_sha256(&input.sha256).ok_or_else(|| SHA256_FORM.to_owned()));
    if !MEDIA_TYPES.contains(&input.media_type.as_str()) {
        errors.add("media_type", format!("must be one of {}", MEDIA_TYPES.join(", ")));
    }
    if !(1..=MAX_ORIGINAL_BYTES).contains(&input.bytes) {
        errors.add("bytes", format!("must be between 1 and {MAX_ORIGINAL_BYTES}"));
    }
    if !(1..=MAX_PAGES_PER_DOCUMENT).contains(&input.pages) {
        errors.add("pages", format!("must be between 1 and {MAX_PAGES_PER_DOCUMENT}"));
    }
    let (Some(name), Some(sha256)) = (name, sha256) else { return Err(errors.into_error()) };
    errors.finish()?;

    let key = clinic_keys::load(app, who).await?;
    let mac = |key: &ClinicKey| key.derive("document-sha256/", &sha256).to_vec();
    let (current_mac, macs) = (mac(key.current()), key.versions().map(mac).collect::<Vec<_>>());
    let id = DocumentId::from_uuid(app.new_uuid());
    let new = StoredDocument {
        id,
        record,
        name_sealed: sealing::seal_text(app, &key, &associated_data::document_name(id), name.as_str()),
        media_type: input.media_type,
        sha256_mac: current_mac,
        bytes: input.bytes,
        pages: input.pages,
        missing_pages: vec![PageRange { first: 1, last: input.pages }],
        original: None,
        created_at: app.now(),
    };

    let mut tx = app.db.begin_org(who).await?;
    records::touch(&mut tx, record, app.now()).await?;
    // A file that was added before the key was rotated has the code of an earlier version.
    let existing = match store::documents::find_by_sha256_macs(&mut tx, record, &macs).await {
        Err(Error::NotFound(_)) => {
            if store::documents::insert(&mut tx, &new).await? {
                plan_limits::check_storage(app, &mut tx).await?;
                let event = app.audit_event(AuditAction::DocumentAdded, Some(id.uuid()));
                audit::append(&mut tx, &event).await?;
                tx.commit().await?;
                return Ok((open(&key, new), true));
            }
            // The same file, sent at the same time, was first.
            store::documents::find_by_sha256_macs(&mut tx, record, &macs).await?
        }
        found => found?,
    };
    let event = app.audit_event(AuditAction::DocumentRead, Some(existing.id.uuid()));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    let is_same =
        (&existing.media_type, existing.bytes, existing.pages) == (&new.media_type, new.bytes, new.pages);
    if is_same {
        Ok((open(&key, existing), false))
    } else {
        Err(Error::Conflict(ErrorCode::DocumentConflict))
    }
}

/// A document with its name, which is audited.
///
/// # Errors
/// `NotFound` if the clinic has no such document.
pub async fn get(app: &App, who: &OrgActor, id: DocumentId) -> Result<Document, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let stored = store::documents::find(&mut tx, id).await?;
    audit::append(&mut tx, &app.audit_event(AuditAction::DocumentRead, Some(id.uuid()))).await?;
    tx.commit().await?;
    Ok(open(&key, stored))
}

/// A document whose name does not open is shown as damaged: the others of its record are not to be withheld with it.
pub(super) fn open(key: &ClinicKeys, stored: StoredDocument) -> Document {
    let name = sealing::open_text(key, &associated_data::document_name(stored.id), &stored.name_sealed)
        .inspect_err(|error| {
            error!(document.id = %stored.id, error = %error_chain(error), "the name of a document does not open");
        })
        .ok();
    Document {
        id: stored.id,
        record: stored.record,
        is_damaged: name.is_none(),
        name,
        media_type: stored.media_type,
        bytes: stored.bytes,
        pages: stored.pages,
        missing_pages: stored.missing_pages,
        has_original: stored.original.is_some(),
        created_at: stored.created_at,
    }
}

pub(super) const SHA256_FORM: &str = "must be 64 lower-case hexadecimal digits";

pub(super) fn parse_sha256(text: &str) -> Option<[u8; SHA256_BYTES]> {
    let is_lower_case = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    hex::decode(text).ok().filter(|_| is_lower_case)?.try_into().ok()
}
