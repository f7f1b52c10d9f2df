//! What many tests begin with: a record with all its pages, a complete analysis.

use bytes::Bytes;
use futures::stream;
use maneiro_api::{
    AnalysisId, DocumentId, InvitationId, JobId, ObjectId, RecordId,
    account::{MailLanguage, Role},
    analysis::{Analysis, DiscardedOutput, Findings, Generator},
    branding::{ClinicLetterhead, ReportPicture, SignerBlock},
    job::{CreateJob, Job, JobState},
    member::{CreateInvitation, UpdateMember},
    record::{AddDocument, CreateOriginalUpload},
    report::ReportOptions,
    seal::stream::sealed_len,
    signature::SignReport,
};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

pub use crate::page_fixtures::text_page;
use crate::{TestApp, page_fixtures, pdf_fixtures::encode_png, personas::Person};

/// The title of the record.
pub const RECORD_TITLE: &str = "Quillfeather, Jocasta";

/// The text of its first page.
pub const FIRST_PAGE_TEXT: &str =
    "ALLERGIES\nPenicillin (hives)\nMEDICATIONS\nMetformin 500 mg by mouth twice daily";

/// A record with one complete document.
#[derive(Debug, Clone, Copy)]
pub struct RecordFixture {
    pub record: RecordId,
    pub document: DocumentId,
}

impl RecordFixture {
    /// The request of an analysis.
    #[must_use]
    pub fn create_job_request(&self) -> CreateJob {
        CreateJob { record: self.record, focus: None, window: None }
    }
}

/// Uploads a record with all its pages.
pub async fn complete_record(person: &Person) -> RecordFixture {
    let pages = [FIRST_PAGE_TEXT, "FOLLOW-UP\nReturn in 6 weeks"];
    let (record, document) = person.upload(RECORD_TITLE, &pages).await;
    RecordFixture { record, document }
}

/// The request that adds a document with this count of pages.
#[must_use]
pub fn add_document_request(pages: u32) -> AddDocument {
    page_fixtures::add_document_request(b"a referral", pages)
}

/// Uploads the original of a document without completing the upload. Only its size is that of a sealed file.
pub async fn put_original(person: &Person, document: DocumentId) -> ObjectId {
    let bytes = person.document(document).await.expect("the document is there").bytes;
    let sealed = Bytes::from(vec![7; usize::try_from(sealed_len(bytes)).expect("a test's file is small")]);
    let announced = CreateOriginalUpload { sealed_sha256: hex::encode(Sha256::digest(&sealed)) };
    let upload = person.create_original_upload(document, &announced).await.expect("an upload is issued");
    let put = person.put_original(&upload, sealed.len() as u64, stream::iter([Ok(sealed)])).await;
    put.expect("the object store takes it");
    upload.upload
}

/// Analyses a record.
pub async fn complete_job(app: &TestApp, person: &Person, fixture: &RecordFixture) -> Job {
    let key = format!("for {}", fixture.record);
    let created = person.create_job(&fixture.create_job_request(), &key).await;
    let job = created.expect("an analysis can be requested");
    let worker = app.worker();
    let complete = person.wait_for_outcome(job.id).await;
    worker.stop().await;
    assert_eq!(complete.state, JobState::Complete);
    complete
}

/// An analysis that says nothing.
#[must_use]
pub fn empty_analysis(analysis: AnalysisId, record: RecordId) -> Analysis {
    Analysis {
        id: analysis,
        job: JobId::from_uuid(analysis.uuid()),
        record,
        generator: Generator::Extractive,
        generated_at: OffsetDateTime::UNIX_EPOCH,
        focus: None,
        window: None,
        sources: Vec::new(),
        discarded: DiscardedOutput::default(),
        model_failure: None,
        findings: Findings::default(),
    }
}

/// The request to sign the report of an analysis that nobody has edited.
#[must_use]
pub fn sign_report_request(analysis: &Analysis) -> SignReport {
    SignReport {
        revision: 0,
        options: ReportOptions::default(),
        title: RECORD_TITLE.to_owned(),
        analysis: analysis.clone(),
        password: None,
    }
}

/// A letterhead with a picture.
#[must_use]
pub fn letterhead() -> ClinicLetterhead {
    ClinicLetterhead {
        name: "Lakeside Family Practice".to_owned(),
        lines: vec!["12 Quay Street, Linden Falls".to_owned(), "Telephone 555 0100".to_owned()],
        picture: Some(picture(300, 150)),
    }
}

/// A signature block with a picture.
#[must_use]
pub fn signer_block() -> SignerBlock {
    SignerBlock {
        name: "Dora Doctor, MD".to_owned(),
        line: "Family medicine".to_owned(),
        licence: "TX 12345".to_owned(),
        phone: String::new(),
        picture: Some(picture(300, 80)),
    }
}

/// A picture of this size in pixels.
#[must_use]
pub fn picture(width: u32, height: u32) -> ReportPicture {
    let image = image::GrayImage::from_fn(width, height, |x, y| image::Luma([((x + y) % 256) as u8]));
    ReportPicture { file: encode_png(&image) }
}

/// Lets a member sign, with a block.
///
/// # Panics
/// If the service refuses it.
pub async fn let_sign(admin: &Person, signer: &Person) {
    let update = UpdateMember { role: None, signs: Some(true) };
    admin.update_member(signer.me.user, &update).await.expect("an admin may let members sign");
    signer.set_signature_block(&signer_block()).await.expect("a member may write their own block");
}

/// An invitation to the admin's clinic, of an address that nobody else is invited with.
///
/// # Panics
/// If the service refuses it.
pub async fn invitation(admin: &Person) -> InvitationId {
    let email = format!("invited-{}@clinic.example", admin.me.organization);
    let invite = CreateInvitation { email, role: Role::Assistant, signs: false, language: MailLanguage::En };
    admin.create_invitation(&invite).await.expect("an admin may invite").id
}
