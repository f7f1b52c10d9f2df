//! Small records for tests that are about something else: a few pages of plain sentences.

use maneiro_api::{
    DocumentId, JobId, RecordId,
    job::{CreateJob, Job},
    record::{AddDocument, CreateRecord, PageBatch},
};
use maneiro_page::{BBox, Line, Page, TextSource, Word};
use sha2::{Digest as _, Sha256};

use crate::personas::Person;

/// A page as a sound text layer gives it: one line for each line of `text`, words in a monospaced grid.
#[must_use]
pub fn page(number: u32, text: &str) -> Page {
    let lines = (0_u8..).zip(text.lines()).map(|(row, line)| {
        let top = 72.0 + 14.0 * f32::from(row);
        let words = (0_u8..).zip(line.split_whitespace()).map(|(column, word)| {
            let left = 72.0 + 60.0 * f32::from(column);
            let bbox = BBox { x0: left, y0: top, x1: left + 50.0, y1: top + 12.0 };
            Word { text: word.to_owned(), bbox, confidence: 100 }
        });
        Line::body(words.collect())
    });
    Page::new(number, 612.0, 792.0, TextSource::TextLayer, lines.collect())
}

/// A file of this content, as the workstation announces it.
#[must_use]
pub fn file(content: &[u8], pages: u32) -> AddDocument {
    let sha256 = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    AddDocument {
        name: "record.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        sha256,
        bytes: content.len().max(1) as u64,
        pages,
    }
}

impl Person {
    /// A record with one document of these pages, all arrived.
    ///
    /// # Panics
    /// If the service refuses anything of it.
    pub async fn upload(&self, title: &str, pages: &[&str]) -> (RecordId, DocumentId) {
        let record = self
            .create_record(&CreateRecord { title: title.to_owned() })
            .await
            .expect("a record can be made");
        let count = u32::try_from(pages.len()).expect("a test's record is small");
        let document = self
            .add_document(record.id, &file(pages.concat().as_bytes(), count))
            .await
            .expect("a document can be added");
        let pages: Vec<Page> = (1..).zip(pages).map(|(number, text)| page(number, text)).collect();
        for batch in pages.chunks(maneiro_api::limits::MAX_PAGES_PER_BATCH) {
            let batch = PageBatch { pages: batch.to_vec() };
            self.put_pages(document.id, &batch).await.expect("pages can be stored");
        }
        (record.id, document.id)
    }

    /// Asks for an analysis of a record.
    ///
    /// # Panics
    /// If the service refuses it.
    pub async fn ask(&self, record: RecordId, idempotency_key: &str) -> JobId {
        let create = CreateJob { record, focus: None, window: None };
        self.create_job(&create, idempotency_key).await.expect("an analysis can be asked for").id
    }

    /// Waits for a job to end.
    ///
    /// # Panics
    /// If the service stops telling about it.
    pub async fn outcome(&self, job: JobId) -> Job {
        self.until(job, |job| job.state.is_final()).await
    }

    /// Waits until a job is as wanted, or has ended.
    ///
    /// # Panics
    /// If it ends otherwise, or the service stops telling about it.
    pub async fn until(&self, job: JobId, wanted: impl Fn(&Job) -> bool) -> Job {
        let (sender, mut receiver) = tokio::sync::oneshot::channel();
        let mut sender = Some(sender);
        let watched = self.watch_job(job, |job| {
            if wanted(job)
                && let Some(sender) = sender.take()
            {
                let _ = sender.send(job.clone());
            }
        });
        tokio::select! {
            biased;
            seen = &mut receiver => seen.expect("the watch outlives what it sees"),
            // The last state may be the wanted one.
            ended = watched => receiver.try_recv().unwrap_or_else(|_| panic!("the job ended otherwise: {ended:?}")),
        }
    }
}
