//! What a worker needs to make an analysis: the opened pages and the request.

use futures::{StreamExt, TryStreamExt, stream};
use maneiro_analysis::{AnalysisRequest, SourcePage};
use maneiro_api::{
    RecordId,
    analysis::{PartlyReadPage, SourceDocument, UnreadablePage},
    seal::associated_data,
};
use maneiro_page::{Page, TextSource};
use serde_json::json;

use super::{clinic_keys, pages, sealing};
use crate::{
    domain::{actor::OrgActor, audit::AuditAction, error::Error, job::JobFocus, task::JobLease},
    state::App,
    store::{audit, documents, jobs, tasks},
};

const MAX_CONCURRENT_FETCHES: usize = 8;

#[derive(Debug)]
pub struct JobInput {
    pub record: RecordId,
    pub request: AnalysisRequest,
    /// Every page of every document, in order.
    pub pages: Vec<SourcePage>,
    /// The documents, in order.
    pub sources: Vec<SourceDocument>,
}

/// Loads the input of a job.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease; `Unavailable` if the database, the object store or the key service is;
/// `Damaged` if an object is missing or something sealed does not open.
pub async fn load(app: &App, lease: &JobLease) -> Result<JobInput, Error> {
    let who = OrgActor::from_job_lease(lease);
    let key = clinic_keys::load(app, &who).await?;

    let mut tx = app.db.begin_org(&who).await?;
    tasks::lock_leased(&mut tx, lease.task()).await?;
    let job = jobs::find(&mut tx, lease.job()).await?;
    let stored = documents::list_by_records(&mut tx, &[job.record]).await?;
    let mut objects = Vec::new();
    for document in &stored {
        let keys = documents::page_object_keys(&mut tx, document.id).await?;
        objects.extend(keys.into_iter().map(|(number, object_key)| (document.id, number, object_key)));
    }
    let event = app.audit_event(AuditAction::RecordLoaded, Some(job.record.uuid())).with_details(
        json!({ "documents": stored.len(), "pages": objects.len(), "attempt": lease.attempt() }),
    );
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;

    let JobFocus { focus, window } = super::jobs::open_focus(&key, &job)?;
    let pages: Vec<SourcePage> = stream::iter(objects)
        .map(|(document, number, object_key)| {
            let key = &key;
            async move {
                let page = pages::fetch(app, key, document, number, &object_key).await?;
                Ok::<_, Error>(SourcePage { document, page })
            }
        })
        .buffered(MAX_CONCURRENT_FETCHES)
        .try_collect()
        .await?;
    let sources = stored
        .iter()
        .map(|document| {
            let associated_data = associated_data::document_name(document.id);
            let name = sealing::open_text(&key, &associated_data, &document.name_sealed)?;
            let unreadable = pages
                .iter()
                .filter(|page| page.document == document.id)
                .filter_map(unreadable_page)
                .collect();
            let partly_read = pages
                .iter()
                .filter(|page| page.document == document.id)
                .filter_map(partly_read_page)
                .collect();
            Ok(SourceDocument { document: document.id, name, pages: document.pages, unreadable, partly_read })
        })
        .collect::<Result<_, Error>>()?;
    Ok(JobInput {
        record: job.record,
        request: AnalysisRequest { focus, window, today: app.now().date() },
        pages,
        sources,
    })
}

fn partly_read_page(source: &SourcePage) -> Option<PartlyReadPage> {
    let reasons = source.page.unread_reasons();
    (!reasons.is_empty()).then_some(PartlyReadPage { page: source.page.number, reasons })
}

fn unreadable_page(source: &SourcePage) -> Option<UnreadablePage> {
    let Page { number, text_source, .. } = &source.page;
    match text_source {
        TextSource::Unreadable { reason } => Some(UnreadablePage { page: *number, reason: reason.clone() }),
        TextSource::TextLayer
        | TextSource::Ocr { .. }
        | TextSource::Mixed { .. }
        | TextSource::Blank
        | TextSource::Duplicate { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use maneiro_api::DocumentId;
    use maneiro_page::{BBox, UnreadReason, UnreadRegion};

    use super::*;

    #[test]
    fn partly_read_page_lists_each_reason_once() {
        let region = |reason| UnreadRegion { bbox: BBox { x0: 0.0, y0: 0.0, x1: 9.0, y1: 9.0 }, reason };
        let unread = vec![
            region(UnreadReason::Handwriting),
            region(UnreadReason::DamagedImage),
            region(UnreadReason::Handwriting),
        ];
        let partly_read = |unread| {
            let page =
                Page { unread, ..Page::new(4, 612.0, 792.0, TextSource::Ocr { confidence: 90 }, Vec::new()) };
            partly_read_page(&SourcePage { document: DocumentId::from_uuid(uuid::Uuid::from_u128(1)), page })
        };
        let reasons = vec![UnreadReason::Handwriting, UnreadReason::DamagedImage];
        assert_eq!(partly_read(unread), Some(PartlyReadPage { page: 4, reasons }));
        assert_eq!(partly_read(Vec::new()), None);
    }
}
