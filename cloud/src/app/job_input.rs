//! What a worker needs to make an analysis: the request, and the pages one after another. The record never lies in the
//! worker's memory as a whole.

use std::sync::Arc;

use futures::{Stream, StreamExt, stream};
use maneiro_analysis::{AnalysisRequest, SourcePage};
use maneiro_api::{
    DocumentId, RecordId,
    analysis::{PartlyReadPage, SourceDocument, UnreadablePage},
    seal::associated_data,
};
use maneiro_page::{Page, TextSource};
use serde_json::json;

use super::{clinic_keys, pages, sealing};
use crate::{
    domain::{actor::OrgActor, audit::AuditAction, error::Error, job::JobFocus, task::JobLease},
    state::{App, clinic_keys::ClinicKeys},
    store::{audit, documents, jobs, tasks},
};

/// Pages that are fetched ahead, and so in memory.
const MAX_CONCURRENT_FETCHES: usize = 8;

pub struct JobInput {
    pub record: RecordId,
    pub request: AnalysisRequest,
    /// The documents in order, without what of them could not be read: that shows when their pages are fetched.
    documents: Vec<SourceDocument>,
    /// The pages of all documents in order, with the keys of their objects.
    objects: Vec<(DocumentId, u32, String)>,
    keys: Arc<ClinicKeys>,
}

/// Loads the input of a job, apart from the pages themselves.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease; `Unavailable` if the database or the key service is; `Damaged` if
/// something sealed does not open.
pub async fn load(app: &App, lease: &JobLease) -> Result<JobInput, Error> {
    let who = OrgActor::from_job_lease(lease);
    let keys = clinic_keys::load(app, &who).await?;

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

    let JobFocus { focus, window } = super::jobs::open_focus(&keys, &job)?;
    let documents = stored
        .iter()
        .map(|document| {
            let associated_data = associated_data::document_name(document.id);
            let name = sealing::open_text(&keys, &associated_data, &document.name_sealed)?;
            Ok(SourceDocument {
                document: document.id,
                name,
                pages: document.pages,
                unreadable: Vec::new(),
                partly_read: Vec::new(),
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok(JobInput {
        record: job.record,
        request: AnalysisRequest { focus, window, today: app.now().date() },
        documents,
        objects,
        keys,
    })
}

impl JobInput {
    /// The pages of every document, in order. A page is `Unavailable` if the object store is, `Damaged` if its object is missing
    /// or does not open.
    pub fn pages<'a>(&'a self, app: &'a App) -> impl Stream<Item = Result<SourcePage, Error>> + 'a {
        stream::iter(&self.objects)
            .map(move |(document, number, object_key)| async move {
                let page = pages::fetch(app, &self.keys, *document, *number, object_key).await?;
                Ok(SourcePage { document: *document, page })
            })
            .buffered(MAX_CONCURRENT_FETCHES)
    }

    /// The documents as sources of an analysis that read no page yet.
    #[must_use]
    pub fn sources(&self) -> SourceDocuments {
        SourceDocuments(self.documents.clone())
    }
}

/// The documents of an analysis, with what of them could not be read.
#[derive(Debug)]
pub struct SourceDocuments(Vec<SourceDocument>);

impl SourceDocuments {
    /// Adds what could not be read of a page.
    pub fn add_page(&mut self, source: &SourcePage) {
        if let Some(document) = self.0.iter_mut().find(|document| document.document == source.document) {
            document.unreadable.extend(unreadable_page(&source.page));
            document.partly_read.extend(partly_read_page(&source.page));
        }
    }

    #[must_use]
    pub fn into_vec(self) -> Vec<SourceDocument> {
        self.0
    }
}

fn partly_read_page(page: &Page) -> Option<PartlyReadPage> {
    let reasons = page.unread_reasons();
    (!reasons.is_empty()).then_some(PartlyReadPage { page: page.number, reasons })
}

fn unreadable_page(page: &Page) -> Option<UnreadablePage> {
    match &page.text_source {
        TextSource::Unreadable { reason } => {
            Some(UnreadablePage { page: page.number, reason: reason.clone() })
        }
        TextSource::TextLayer
        | TextSource::Ocr { .. }
        | TextSource::Mixed { .. }
        | TextSource::Blank
        | TextSource::Duplicate { .. } => None,
    }
}

#[cfg(test)]
mod tests {
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
            partly_read_page(&page)
        };
        let reasons = vec![UnreadReason::Handwriting, UnreadReason::DamagedImage];
        assert_eq!(partly_read(unread), Some(PartlyReadPage { page: 4, reasons }));
        assert_eq!(partly_read(Vec::new()), None);
    }
}
