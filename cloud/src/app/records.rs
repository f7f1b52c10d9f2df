//! Patients' records.

use std::collections::HashMap;

use maneiro_api::{
    RecordId,
    record::{CreateRecord, Document, List, Record},
    seal::{Key, associated_data},
};

use super::{clinic_keys, documents, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::Deed,
        error::Error,
        fields::{Fields, Title},
        list::{Page, Window},
    },
    state::App,
    store::{self, audit, records::StoredRecord},
};

/// Makes a record.
///
/// # Errors
/// `Invalid` if the title is refused.
pub async fn create(app: &App, who: &OrgActor, input: &CreateRecord) -> Result<Record, Error> {
    let mut fields = Fields::default();
    let Some(title) = fields.take("title", Title::parse(&input.title)) else { return Err(fields.refusal()) };
    let (user, _) = who.user()?;
    let key = clinic_keys::of(app, who).await?;
    let id = RecordId::from_uuid(app.uuid());
    let title_sealed = sealing::text(app, &key, &associated_data::record_title(id), title.as_str());
    let record = StoredRecord { id, title_sealed, created_at: app.now() };

    let mut tx = app.db.begin_org(who).await?;
    store::records::add(&mut tx, &record, user).await?;
    audit::add(&mut tx, &app.event(Deed::RecordCreated, Some(id.uuid()))).await?;
    tx.commit().await?;
    open(&key, record, Vec::new())
}

/// A record of the clinic with its documents.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn get(app: &App, who: &OrgActor, id: RecordId) -> Result<Record, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let record = store::records::find(&mut tx, id).await?;
    let stored = store::documents::of_records(&mut tx, &[id]).await?;
    tx.commit().await?;
    let documents =
        stored.into_iter().map(|stored| documents::open(&key, stored)).collect::<Result<_, _>>()?;
    open(&key, record, documents)
}

/// Records of the clinic with their documents, newest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(app: &App, who: &OrgActor, window: Window) -> Result<List<Record>, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let rows = store::records::list(&mut tx, window.before(), window.rows_to_fetch()).await?;
    let page = Page::of(rows, window, |record| record.id.uuid());
    let ids: Vec<RecordId> = page.rows.iter().map(|record| record.id).collect();
    let stored = store::documents::of_records(&mut tx, &ids).await?;
    tx.commit().await?;

    let mut documents: HashMap<RecordId, Vec<Document>> = HashMap::new();
    for document in stored {
        documents.entry(document.record).or_default().push(documents::open(&key, document)?);
    }
    let opened = page.rows.into_iter().map(|record| {
        let own = documents.remove(&record.id).unwrap_or_default();
        open(&key, record, own)
    });
    Ok(List { items: opened.collect::<Result<_, _>>()?, next_cursor: page.next })
}

fn open(key: &Key, record: StoredRecord, documents: Vec<Document>) -> Result<Record, Error> {
    let title = sealing::open_text(key, &associated_data::record_title(record.id), &record.title_sealed)?;
    Ok(Record { id: record.id, title, created_at: record.created_at, documents })
}
