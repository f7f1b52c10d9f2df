//! What a worker needs to make an analysis: the pages, opened, and the request.

use futures::{StreamExt, TryStreamExt, stream};
use maneiro_analysis::{Request, SourcePage};
use maneiro_api::{
    RecordId,
    analysis::{PartlyReadPage, SourceDocument, UnreadablePage},
    seal::associated_data,
};
use maneiro_page::{Page, TextSource};

use super::{clinic_keys, pages, sealing};
use crate::{
    domain::{actor::OrgActor, error::Error, job::Claim},
    state::App,
    store::{documents, jobs},
};

/// Objects fetched at the same time.
const FETCHED_AT_ONCE: usize = 8;

/// Everything a job is about.
#[derive(Debug)]
pub struct Work {
    /// The record.
    pub record: RecordId,
    /// What is asked.
    pub request: Request,
    /// Every page of every document, in order.
    pub pages: Vec<SourcePage>,
    /// The documents, in order.
    pub sources: Vec<SourceDocument>,
}

/// Loads what a job is about.
///
/// # Errors
/// `LeaseLost` if the claim no longer holds the job; `Unavailable` if the database, the object store or the key service
/// is; `Bug` if something sealed does not open.
pub async fn load(app: &App, claim: &Claim) -> Result<Work, Error> {
    let who = OrgActor::job(claim);
    let key = clinic_keys::of(app, &who).await?;

    let mut tx = app.db.begin_org(&who).await?;
    let job = jobs::held(&mut tx, claim).await?;
    let stored = documents::of_records(&mut tx, &[job.record]).await?;
    let mut wanted = Vec::new();
    for document in &stored {
        let keys = documents::page_keys(&mut tx, document.id).await?;
        wanted.extend(keys.into_iter().map(|(number, object)| (document.id, number, object)));
    }
    tx.commit().await?;

    let focus = job.focus_sealed.as_deref();
    let focus = focus
        .map(|sealed| sealing::open_text(&key, &associated_data::job_focus(job.id), sealed))
        .transpose()?;
    let pages: Vec<SourcePage> = stream::iter(wanted)
        .map(|(document, number, object)| {
            let key = &key;
            async move {
                let page = pages::fetch(app, key, document, number, &object).await?;
                Ok::<_, Error>(SourcePage { document, page })
            }
        })
        .buffered(FETCHED_AT_ONCE)
        .try_collect()
        .await?;
    let sources = stored
        .iter()
        .map(|document| {
            let name = sealing::open_text(
                &key,
                &associated_data::document_name(document.id),
                &document.name_sealed,
            )?;
            let unreadable =
                pages.iter().filter(|page| page.document == document.id).filter_map(unreadable).collect();
            let partly_read =
                pages.iter().filter(|page| page.document == document.id).filter_map(partly_read).collect();
            Ok(SourceDocument { document: document.id, name, pages: document.pages, unreadable, partly_read })
        })
        .collect::<Result<_, Error>>()?;
    Ok(Work { record: job.record, request: Request { focus, window: job.window }, pages, sources })
}

fn partly_read(source: &SourcePage) -> Option<PartlyReadPage> {
    let reasons = source.page.unread_reasons();
    (!reasons.is_empty()).then_some(PartlyReadPage { page: source.page.number, reasons })
}

fn unreadable(source: &SourcePage) -> Option<UnreadablePage> {
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
    fn a_page_with_parts_that_were_not_read_is_told_with_each_reason_once() {
        let part = |reason| UnreadRegion { bbox: BBox { x0: 0.0, y0: 0.0, x1: 9.0, y1: 9.0 }, reason };
        let unread = vec![
            part(UnreadReason::Handwriting),
            part(UnreadReason::DamagedPicture),
            part(UnreadReason::Handwriting),
        ];
        let told = |unread| {
            let page =
                Page { unread, ..Page::new(4, 612.0, 792.0, TextSource::Ocr { confidence: 90 }, Vec::new()) };
            partly_read(&SourcePage { document: DocumentId::from_uuid(uuid::Uuid::from_u128(1)), page })
        };
        let reasons = vec![UnreadReason::Handwriting, UnreadReason::DamagedPicture];
        assert_eq!(told(unread), Some(PartlyReadPage { page: 4, reasons }));
        assert_eq!(told(Vec::new()), None);
    }
}
