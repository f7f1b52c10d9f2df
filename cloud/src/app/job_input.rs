//! What a worker needs to make an analysis: the request, and the pages one after another. The record never lies in the
//! worker's memory as a whole.

use std::{
    collections::HashMap,
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::{Stream, StreamExt, stream};
use maneiro_analysis::{AnalysisRequest, SourcePage};
use maneiro_api::{
    DocumentId, RecordId,
    analysis::{PartlyReadPage, SourceDocument, UnreadablePage},
    seal::associated_data,
};
use maneiro_page::{Page, TextSource};
use serde_json::json;
use tracing::error;

use super::{clinic_keys, pages, sealing};
use crate::{
    domain::{
        actor::OrgActor, audit::AuditAction, clinic_policy::allows_host, error::Error, job::JobFocus,
        task::JobLease,
    },
    log::error_chain,
    state::{App, clinic_keys::ClinicKeys},
    store::{
        audit,
        documents::{self, PageVersion},
        jobs, policies, tasks,
    },
};

/// Pages that are fetched ahead, and so in memory.
const MAX_CONCURRENT_FETCHES: usize = 8;

pub struct JobInput {
    pub record: RecordId,
    pub request: AnalysisRequest,
    /// The documents in order, without what of them could not be read: that shows when their pages are fetched.
    documents: Vec<SourceDocument>,
    /// The pages of all documents in order, with the versions that were uploaded.
    pages: Vec<(DocumentId, u32, Option<PageVersion>)>,
    /// The hosts that the clinic's policy allows pages to be sent to.
    model_hosts: Option<Vec<String>>,
    keys: Arc<ClinicKeys>,
}

/// Loads the input of a job, apart from the pages themselves: exactly the documents and pages that it was created for.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease; `Unavailable` if the database or the key service is; `Damaged` if
/// the request does not open.
pub async fn load(app: &App, lease: &JobLease) -> Result<JobInput, Error> {
    let who = OrgActor::from_job_lease(lease);
    let keys = clinic_keys::load(app, &who).await?;

    let mut tx = app.db.begin_org(&who).await?;
    tasks::lock_leased(&mut tx, lease.task()).await?;
    let job = jobs::find(&mut tx, lease.job()).await?;
    let documents = documents::list_of_job(&mut tx, job.id).await?;
    let versions = documents::pages_of_job(&mut tx, job.id).await?;
    let model_hosts = policies::find(&mut tx).await?.model_hosts;
    let event = app.audit_event(AuditAction::RecordLoaded, Some(job.record.uuid())).with_details(
        json!({ "documents": documents.len(), "pages": versions.len(), "attempt": lease.attempt() }),
    );
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;

    let JobFocus { focus, window } = super::jobs::open_focus(&keys, &job)?;
    let mut versions: HashMap<(DocumentId, u32), PageVersion> =
        versions.into_iter().map(|version| ((version.document, version.number), version)).collect();
    let pages = documents
        .iter()
        .flat_map(|document| (1..=document.pages).map(|number| (document.id, number)))
        .map(|(document, number)| (document, number, versions.remove(&(document, number))))
        .collect();
    let documents = documents
        .iter()
        .map(|document| {
            let associated_data = associated_data::document_name(document.id);
            let name = sealing::open_text(&keys, &associated_data, &document.name_sealed).unwrap_or_else(|error| {
                error!(document.id = %document.id, error = %error_chain(&error), "the name of a document does not open");
                DAMAGED_NAME.to_owned()
            });
            SourceDocument {
                document: document.id,
                name,
                pages: document.pages,
                unreadable: Vec::new(),
                partly_read: Vec::new(),
            }
        })
        .collect();
    Ok(JobInput {
        record: job.record,
        request: AnalysisRequest { focus, window, today: app.now().date() },
        documents,
        pages,
        model_hosts,
        keys,
    })
}

impl JobInput {
    /// Whether the clinic's policy allows pages to be sent to a host.
    pub fn allows_host(&self, host: &str) -> bool {
        allows_host(self.model_hosts.as_deref(), host)
    }

    /// The pages of every document, in order. One that is missing, or does not open, is a page that could not be read. At
    /// the end `Damaged` if that holds for all of them. A page is `Unavailable` if the object store is.
    pub fn pages<'a>(&'a self, app: &'a App) -> impl Stream<Item = Result<SourcePage, Error>> + 'a {
        let damaged = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&damaged);
        let total = self.pages.len();
        let at_end = stream::once(async move {
            (counted.load(Ordering::Relaxed) == total)
                .then(|| Err(Error::damaged(anyhow::anyhow!("no page of the job opens"))))
        });
        stream::iter(&self.pages)
            .map(move |(document, number, version)| {
                let damaged = Arc::clone(&damaged);
                async move {
                    let (page, is_damaged) = fetch(app, &self.keys, *number, version.as_ref()).await?;
                    damaged.fetch_add(usize::from(is_damaged), Ordering::Relaxed);
                    Ok(SourcePage { document: *document, page })
                }
            })
            .buffered(MAX_CONCURRENT_FETCHES)
            .map(Some)
            .chain(at_end)
            .filter_map(ready)
    }

    /// Records that pages of the job are about to be sent to the host of a language model. To be called before each attempt's
    /// first request.
    ///
    /// # Errors
    /// `LeaseLost` if the job no longer has this lease; `Unavailable` if the database is.
    pub async fn record_disclosure(&self, app: &App, lease: &JobLease, host: &str) -> Result<(), Error> {
        let mut tx = app.db.begin_org(&OrgActor::from_job_lease(lease)).await?;
        tasks::lock_leased(&mut tx, lease.task()).await?;
        let event = app
            .audit_event(AuditAction::RecordDisclosed, Some(self.record.uuid()))
            .with_details(json!({ "host": host, "pages": self.pages.len(), "attempt": lease.attempt() }));
        audit::append(&mut tx, &event).await?;
        tx.commit().await
    }

    /// The documents as sources of an analysis that read no page yet.
    #[must_use]
    pub fn sources(&self) -> SourceDocuments {
        SourceDocuments(self.documents.clone())
    }
}

/// What a result calls a document whose name does not open.
const DAMAGED_NAME: &str = "a document whose name is damaged";

/// A page, and whether it is missing or does not open.
async fn fetch(
    app: &App,
    key: &Arc<ClinicKeys>,
    number: u32,
    version: Option<&PageVersion>,
) -> Result<(Page, bool), Error> {
    let Some(version) = version else { return Ok((unread(number, "the page was not uploaded"), true)) };
    match pages::fetch(app, key, version).await {
        Ok(page) => Ok((page, false)),
        Err(error @ Error::Damaged(_)) => {
            error!(
                document.id = %version.document,
                page = number,
                error = %error_chain(&error),
                "a page does not open, which no retry will change"
            );
            Ok((unread(number, "what is stored of the page is missing or was altered"), true))
        }
        Err(error) => Err(error),
    }
}

/// A page that could not be read.
fn unread(number: u32, reason: &str) -> Page {
    Page::new(number, 0.0, 0.0, TextSource::Unreadable { reason: reason.to_owned() }, Vec::new())
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
