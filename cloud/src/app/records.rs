//! Patients' records.

use std::collections::HashMap;

use maneiro_api::{
    RecordId,
    record::{CaseFields, CreateRecord, Document, List, Record, UpdateRecord},
    seal::associated_data,
};
use serde_json::json;
use tracing::error;

use super::{clinic_keys, documents, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        error::Error,
        pagination::{ListRequest, Slice},
        validation::{FieldErrors, RecordField, Title},
    },
    log::error_chain,
    state::{App, clinic_keys::ClinicKeys},
    store::{self, audit, records::StoredRecord},
};

/// # Errors
/// `InvalidInput` if the title is invalid.
pub async fn create(app: &App, who: &OrgActor, input: &CreateRecord) -> Result<Record, Error> {
    let mut errors = FieldErrors::default();
    let Some(title) = errors.check("title", Title::parse(&input.title)) else {
        return Err(errors.into_error());
    };
    let key = clinic_keys::load(app, who).await?;
    let id = RecordId::from_uuid(app.new_uuid());
    let title_sealed = sealing::seal_text(app, &key, &associated_data::record_title(id), title.as_str());
    let record = StoredRecord { id, title_sealed, fields_sealed: None, revision: 1, created_at: app.now() };

    let mut tx = app.db.begin_org(who).await?;
    store::records::insert(&mut tx, &record).await?;
    audit::append(&mut tx, &app.audit_event(AuditAction::RecordCreated, Some(id.uuid()))).await?;
    tx.commit().await?;
    Ok(open(&key, record, Vec::new()))
}

/// Changes a record's title or fields. Who has not seen the latest revision changes nothing and gets it, which is audited.
///
/// # Errors
/// `InvalidInput` with every invalid field; `NotFound` if the clinic has no such record; `RecordChanged` if it has another
/// revision.
pub async fn update(app: &App, who: &OrgActor, id: RecordId, input: &UpdateRecord) -> Result<Record, Error> {
    let mut errors = FieldErrors::default();
    let title = errors.check("title", input.title.as_deref().map(Title::parse).transpose());
    let fields = input.fields.as_ref().map(|fields| parse_fields(&mut errors, fields));
    let Some(title) = title else { return Err(errors.into_error()) };
    errors.finish()?;

    let key = clinic_keys::load(app, who).await?;
    let title_sealed = title
        .as_ref()
        .map(|title| sealing::seal_text(app, &key, &associated_data::record_title(id), title.as_str()));
    let fields_sealed = fields.as_ref().map(|fields| {
        sealing::seal_json(&key, app.random_bytes(), &associated_data::record_fields(id), fields)
    });

    let mut tx = app.db.begin_org(who).await?;
    let before = store::records::find(&mut tx, id).await?;
    let documents = store::documents::list_by_records(&mut tx, &[id]).await?;
    let documents: Vec<Document> =
        documents.into_iter().map(|stored| documents::open(&key, stored)).collect();
    let mut record = StoredRecord { revision: input.revision, ..before.clone() };
    if let Some(sealed) = title_sealed {
        record.title_sealed = sealed;
    }
    if let Some(sealed) = fields_sealed {
        record.fields_sealed = Some(sealed);
    }
    if !store::records::update(&mut tx, &record).await? {
        // What it is now may be newer than what was found first.
        let current = store::records::find(&mut tx, id).await?;
        audit::append(&mut tx, &app.audit_event(AuditAction::RecordRead, Some(id.uuid()))).await?;
        tx.commit().await?;
        return Err(Error::RecordChanged(Box::new(open(&key, current, documents))));
    }
    record.revision += 1;
    let event = app.audit_event(AuditAction::RecordUpdated, Some(id.uuid())).with_details(
        json!({ "revision": record.revision, "title": title.is_some(), "fields": fields.is_some() }),
    );
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    Ok(open(&key, record, documents))
}

/// Fields without the white space around them; one that is empty is none.
fn parse_fields(errors: &mut FieldErrors, fields: &CaseFields) -> CaseFields {
    let mut text = |field: &str, text: &Option<String>| {
        let text = text.as_deref().filter(|text| !text.trim().is_empty())?;
        errors.check(field, RecordField::parse(text)).map(|text| text.as_str().to_owned())
    };
    CaseFields {
        number: text("fields.number", &fields.number),
        examiner: text("fields.examiner", &fields.examiner),
        kind: text("fields.kind", &fields.kind),
        birth_date: fields.birth_date,
        injury_date: fields.injury_date,
    }
}

/// A record with its documents, which is audited.
///
/// # Errors
/// `NotFound` if the clinic has no such record.
pub async fn get(app: &App, who: &OrgActor, id: RecordId) -> Result<Record, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let record = store::records::find(&mut tx, id).await?;
    let stored = store::documents::list_by_records(&mut tx, &[id]).await?;
    audit::append(&mut tx, &app.audit_event(AuditAction::RecordRead, Some(id.uuid()))).await?;
    tx.commit().await?;
    let documents = stored.into_iter().map(|stored| documents::open(&key, stored)).collect();
    Ok(open(&key, record, documents))
}

/// Records of the clinic with their documents, newest first, which is audited.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(app: &App, who: &OrgActor, request: ListRequest) -> Result<List<Record>, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let rows = store::records::list(&mut tx, request.before(), request.rows_to_fetch()).await?;
    let slice = Slice::from_fetched(rows, request, |record| record.id.uuid());
    let ids: Vec<RecordId> = slice.rows.iter().map(|record| record.id).collect();
    let stored = store::documents::list_by_records(&mut tx, &ids).await?;
    let event = app.audit_event(AuditAction::RecordsListed, None).with_list(&ids);
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;

    let mut documents: HashMap<RecordId, Vec<Document>> = HashMap::new();
    for document in stored {
        documents.entry(document.record).or_default().push(documents::open(&key, document));
    }
    let opened = slice.rows.into_iter().map(|record| {
        let documents = documents.remove(&record.id).unwrap_or_default();
        open(&key, record, documents)
    });
    Ok(List { items: opened.collect(), next_cursor: slice.next_cursor })
}

/// A record whose title or fields do not open is shown as damaged: the others are not to be withheld with it.
fn open(key: &ClinicKeys, record: StoredRecord, documents: Vec<Document>) -> Record {
    let title = sealing::open_text(key, &associated_data::record_title(record.id), &record.title_sealed)
        .inspect_err(|error| {
            error!(record.id = %record.id, error = %error_chain(error), "the title of a record does not open");
        })
        .ok();
    let fields = record.fields_sealed.as_ref().map_or(Ok(CaseFields::default()), |sealed| {
        sealing::open_json(key, &associated_data::record_fields(record.id), sealed)
    });
    let fields = fields
        .inspect_err(|error| {
            error!(record.id = %record.id, error = %error_chain(error), "the fields of a record do not open");
        })
        .ok();
    Record {
        id: record.id,
        is_damaged: title.is_none() || fields.is_none(),
        title,
        fields: fields.unwrap_or_default(),
        revision: record.revision,
        created_at: record.created_at,
        documents,
    }
}
