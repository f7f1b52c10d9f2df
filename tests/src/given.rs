//! What many tests begin with: a record with pages, a finished analysis.

use maneiro_api::{
    DocumentId, RecordId,
    job::{CreateJob, Job, JobState},
    record::AddDocument,
};

pub use crate::records::page;
use crate::{TestApp, personas::Person, records};

/// What the clinic calls the record.
pub const TITLE: &str = "Quillfeather, Jocasta";

/// What its first page says.
pub const PAGE_TEXT: &str =
    "ALLERGIES\nPenicillin (hives)\nMEDICATIONS\nMetformin 500 mg by mouth twice daily";

/// A record with one complete document.
#[derive(Debug, Clone, Copy)]
pub struct Given {
    /// The record.
    pub record: RecordId,
    /// Its document.
    pub document: DocumentId,
}

impl Given {
    /// A request to analyse it.
    #[must_use]
    pub fn request(&self) -> CreateJob {
        CreateJob { record: self.record, focus: None, window: None }
    }
}

/// A record of which every page has arrived.
pub async fn record(person: &Person) -> Given {
    let (record, document) = person.upload(TITLE, &[PAGE_TEXT, "FOLLOW-UP\nReturn in 6 weeks"]).await;
    Given { record, document }
}

/// A file of so many pages.
#[must_use]
pub fn file(pages: u32) -> AddDocument {
    records::file(b"a referral", pages)
}

/// An analysis of a record that is complete.
pub async fn finished_job(app: &TestApp, person: &Person, given: &Given) -> Job {
    let asked = person.create_job(&given.request(), &format!("for {}", given.record)).await;
    let job = asked.expect("an analysis can be asked for");
    let worker = app.worker();
    let done = person.outcome(job.id).await;
    worker.stop().await;
    assert_eq!(done.state, JobState::Complete);
    done
}
