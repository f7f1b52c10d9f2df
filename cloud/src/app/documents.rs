//! Documents of records.

use maneiro_api::{
    DocumentId, ErrorCode, RecordId,
    limits::{MAX_ORIGINAL_BYTES, MAX_PAGES_PER_DOCUMENT},
    record::{AddDocument, Document},
    seal::{Key, associated_data},
};

use super::{clinic_keys, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::Deed,
        error::Error,
        fields::{Fields, Title},
        pages,
    },
    state::App,
    store::{self, audit, documents::StoredDocument, records},
};

const MEDIA_TYPES: [&str; 4] = ["application/pdf", "image/png", "image/jpeg", "image/tiff"];

/// Adds a document to a record. The same file again is the same document; answers whether it is new.
///
/// # Errors
/// `NotFound` if the clinic has no such record; `Invalid` with every field that is refused; `Conflict(DocumentConflict)`
/// if the record has this file with another size, kind or number of pages.
pub async fn add(
    app: &App,
    who: &OrgActor,
    record: RecordId,
    input: AddDocument,
) -> Result<(Document, bool), Error> {
    let mut fields = Fields::default();
    let name = fields.take("name", Title::parse(&input.name));
    let sha256 = fields.take("sha256", parse_sha256(&input.sha256));
    if !MEDIA_TYPES.contains(&input.media_type.as_str()) {
        fields.refuse("media_type", format!("must be one of {}", MEDIA_TYPES.join(", ")));
    }
    if !(1..=MAX_ORIGINAL_BYTES).contains(&input.bytes) {
        fields.refuse("bytes", format!("must be between 1 and {MAX_ORIGINAL_BYTES}"));
    }
    if !(1..=MAX_PAGES_PER_DOCUMENT).contains(&input.pages) {
        fields.refuse("pages", format!("must be between 1 and {MAX_PAGES_PER_DOCUMENT}"));
    }
    let (Some(name), Some(sha256)) = (name, sha256) else { return Err(fields.refusal()) };
    fields.done()?;

    let key = clinic_keys::of(app, who).await?;
    let id = DocumentId::from_uuid(app.uuid());
    let new = StoredDocument {
        id,
        record,
        name_sealed: sealing::text(app, &key, &associated_data::document_name(id), name.as_str()),
        media_type: input.media_type,
        sha256,
        bytes: input.bytes,
        pages: input.pages,
        arrived: Vec::new(),
        original_key: None,
        created_at: app.now(),
    };

    let mut tx = app.db.begin_org(who).await?;
    records::find(&mut tx, record).await?;
    if store::documents::add(&mut tx, &new).await? {
        audit::add(&mut tx, &app.event(Deed::DocumentAdded, Some(id.uuid()))).await?;
        tx.commit().await?;
        return Ok((open(&key, new)?, true));
    }
    let there = store::documents::find_file(&mut tx, record, &new.sha256).await?;
    tx.commit().await?;
    let same = (&there.media_type, there.bytes, there.pages) == (&new.media_type, new.bytes, new.pages);
    if same { Ok((open(&key, there)?, false)) } else { Err(Error::Conflict(ErrorCode::DocumentConflict)) }
}

/// A document of the clinic.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn get(app: &App, who: &OrgActor, id: DocumentId) -> Result<Document, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let found = store::documents::find(&mut tx, id).await?;
    tx.commit().await?;
    open(&key, found)
}

/// A stored document as its clinic sees it.
///
/// # Errors
/// `Bug` if its name does not open.
pub(super) fn open(key: &Key, stored: StoredDocument) -> Result<Document, Error> {
    Ok(Document {
        id: stored.id,
        record: stored.record,
        name: sealing::open_text(key, &associated_data::document_name(stored.id), &stored.name_sealed)?,
        media_type: stored.media_type,
        sha256: stored.sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes: stored.bytes,
        pages: stored.pages,
        missing_pages: pages::missing(stored.pages, &stored.arrived),
        has_original: stored.original_key.is_some(),
        created_at: stored.created_at,
    })
}

fn parse_sha256(text: &str) -> Result<Vec<u8>, String> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect();
    bytes
        .filter(|bytes| bytes.len() == 32)
        .ok_or_else(|| "must be 64 lower-case hexadecimal digits".to_owned())
}
