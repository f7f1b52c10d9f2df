//! Records, documents, pages and originals.

use std::num::NonZeroU32;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::stream;
use maneiro_api::{
    ErrorCode,
    client::ClientError,
    error::PlanLimit,
    record::{AddDocument, CreateRecord, PageBatch, PageRange},
    report::ReportFormat,
};
use maneiro_page::Page;
use maneiro_tests::{Person, TestApp, fixtures};
use secrecy::ExposeSecret;
use sha2::{Digest as _, Sha256};

const THREE: NonZeroU32 = NonZeroU32::new(3).unwrap();

async fn empty_document(person: &Person, pages: u32) -> maneiro_api::record::Document {
    let record =
        person.create_record(&CreateRecord { title: "Quillfeather, Jocasta".to_owned() }).await.unwrap();
    person.add_document(record.id, &fixtures::add_document_request(pages)).await.unwrap()
}

fn page_batch(numbers: &[u32]) -> PageBatch {
    PageBatch {
        pages: numbers.iter().map(|number| fixtures::text_page(*number, "Metformin 500 mg")).collect(),
    }
}

#[tokio::test]
async fn a_record_lists_its_documents_in_the_order_of_adding() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let record =
        doctor.create_record(&CreateRecord { title: "  Quillfeather, Jocasta ".to_owned() }).await.unwrap();
    for (name, sha256) in [("b.pdf", "0b"), ("a.pdf", "0a")] {
        let file = AddDocument {
            name: name.to_owned(),
            sha256: sha256.repeat(32),
            ..fixtures::add_document_request(1)
        };
        doctor.add_document(record.id, &file).await.unwrap();
    }
    let shown = doctor.record(record.id).await.unwrap();
    assert_eq!(shown.title, "Quillfeather, Jocasta");
    let names: Vec<&str> = shown.documents.iter().map(|document| document.name.as_str()).collect();
    assert_eq!(names, ["b.pdf", "a.pdf"]);
    app.finish().await;
}

#[tokio::test]
async fn a_paginated_list_has_no_gaps_or_duplicates() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let mut made = Vec::new();
    for number in 0..7 {
        made.push(
            doctor.create_record(&CreateRecord { title: format!("Record {number}") }).await.unwrap().id,
        );
    }
    made.reverse();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let list = doctor.records(cursor.as_deref(), THREE).await.unwrap();
        seen.extend(list.items.into_iter().map(|record| record.id));
        match list.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, made);
    app.finish().await;
}

#[tokio::test]
async fn a_file_is_one_document_unless_its_description_differs() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let first = empty_document(&doctor, 3).await;
    let renamed = AddDocument { name: "again.pdf".to_owned(), ..fixtures::add_document_request(3) };
    assert_eq!(doctor.add_document(first.record, &renamed).await.unwrap(), first);
    let conflict = doctor.add_document(first.record, &fixtures::add_document_request(4)).await.unwrap_err();
    assert_eq!(conflict.api_code(), Some(ErrorCode::DocumentConflict));
    app.finish().await;
}

#[tokio::test]
async fn a_refused_document_names_every_invalid_field() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let record = doctor.create_record(&CreateRecord { title: "Q".to_owned() }).await.unwrap();
    let wrong = AddDocument {
        name: " ".to_owned(),
        media_type: "text/html".to_owned(),
        sha256: "5E".repeat(32),
        bytes: 0,
        pages: 10_001,
    };
    let Err(ClientError::Api(body)) = doctor.add_document(record.id, &wrong).await else {
        panic!("this must be refused")
    };
    let fields: Vec<&str> = body.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["name", "sha256", "media_type", "bytes", "pages"]);
    app.finish().await;
}

#[tokio::test]
async fn pages_may_be_stored_in_any_order_and_repeatedly() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = empty_document(&doctor, 5).await;
    assert_eq!(document.missing_pages, [PageRange { first: 1, last: 5 }]);
    let after = doctor.put_pages(document.id, &page_batch(&[4, 2])).await.unwrap();
    let missing: Vec<(u32, u32)> =
        after.missing_pages.iter().map(|range| (range.first, range.last)).collect();
    assert_eq!(missing, [(1, 1), (3, 3), (5, 5)]);
    let after = doctor.put_pages(document.id, &page_batch(&[1, 2, 3, 4, 5])).await.unwrap();
    assert!(after.missing_pages.is_empty());
    app.finish().await;
}

#[tokio::test]
async fn a_page_is_returned_as_last_stored() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = empty_document(&doctor, 2).await;
    let send = async |page: &Page| {
        doctor.put_pages(document.id, &PageBatch { pages: vec![page.clone()] }).await.unwrap();
    };
    send(&fixtures::text_page(2, "first reading")).await;
    let second = fixtures::text_page(2, "second reading");
    send(&second).await;
    assert_eq!(doctor.page(document.id, 2).await.unwrap(), second);
    let missing = doctor.page(document.id, 1).await.unwrap_err();
    assert_eq!(missing.api_code(), Some(ErrorCode::NotFound));
    app.finish().await;
}

#[tokio::test]
async fn a_refused_batch_names_the_field_and_stores_no_page() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = empty_document(&doctor, 5).await;
    let Err(ClientError::Api(body)) = doctor.put_pages(document.id, &page_batch(&[1, 6])).await else {
        panic!("this must be refused")
    };
    assert_eq!(body.fields[0].field, "pages[1].number");
    assert_eq!(doctor.document(document.id).await.unwrap(), document);
    app.finish().await;
}

#[tokio::test]
async fn pages_that_could_not_be_stored_can_be_sent_again() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = empty_document(&doctor, 2).await;
    app.files.break_down();
    let failed = doctor.put_pages(document.id, &page_batch(&[1, 2])).await;
    assert!(matches!(failed, Err(ClientError::Unavailable)));
    app.files.repair();
    assert_eq!(doctor.document(document.id).await.unwrap(), document);
    assert!(doctor.put_pages(document.id, &page_batch(&[1, 2])).await.unwrap().missing_pages.is_empty());
    app.finish().await;
}

#[tokio::test]
async fn an_original_is_uploaded_with_the_key_of_its_document() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = empty_document(&doctor, 1).await;
    let upload = doctor.create_original_upload(document.id).await.unwrap();
    let key = STANDARD.decode(upload.key.expose_secret()).unwrap();
    assert_eq!(key.len(), 32);
    let again = doctor.create_original_upload(document.id).await.unwrap();
    assert_eq!(again.key.expose_secret(), upload.key.expose_secret(), "the key belongs to the document");

    let early = doctor.complete_original_upload(document.id).await.unwrap_err();
    assert_eq!(early.api_code(), Some(ErrorCode::NotFound));
    let sealed = Bytes::from_static(b"as the workstation sealed it");
    let length = sealed.len() as u64;
    doctor.put_original(&upload, length, stream::iter([Ok(sealed)])).await.unwrap();
    assert!(doctor.complete_original_upload(document.id).await.unwrap().has_original);
    assert!(doctor.document(document.id).await.unwrap().has_original);
    app.finish().await;
}

#[tokio::test]
async fn documents_fit_into_the_storage_of_the_plan() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    clinic.subscribe("free").await;
    let admin = clinic.admin();
    let record = admin.create_record(&CreateRecord { title: "Large".to_owned() }).await.unwrap().id;
    let file = |content: &str, bytes| {
        let sha256 = hex::encode(Sha256::digest(content));
        AddDocument { bytes, sha256, ..fixtures::add_document_request(1) }
    };
    admin.add_document(record, &file("first", 600_000_000)).await.unwrap();
    // Sent at once, both fit alone and only one beside the first.
    let (second, third) = (file("second", 400_000_000), file("third", 400_000_000));
    let answers = tokio::join!(admin.add_document(record, &second), admin.add_document(record, &third));
    let refused = match answers {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
        other => panic!("one of the two fits: {other:?}"),
    };
    let ClientError::Api(body) = refused else { panic!("refused with {refused:?}") };
    let limit = body.limit.expect("the refusal says which limit");
    assert_eq!(
        (limit.limit, limit.used, limit.maximum, limit.resets_at),
        (PlanLimit::StorageBytes, 1_400_000_000, 1_000_000_000, None)
    );
    // The same file again is no other, also when the storage is full.
    admin.add_document(record, &file("first", 600_000_000)).await.unwrap();
    assert_eq!(admin.record(record).await.unwrap().documents.len(), 2);
    app.finish().await;
}

#[tokio::test]
async fn a_plain_report_names_no_clinic() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let admin = clinic.admin();
    let fixture = fixtures::complete_record(&admin).await;
    let analysis = fixtures::complete_job(&app, &admin, &fixture).await.analysis.unwrap();
    let report = async || {
        let bytes = admin.report(analysis, ReportFormat::Markdown).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    assert!(report().await.contains("Lakeside Family Practice"));
    clinic.subscribe("free").await;
    let plain = report().await;
    assert!(plain.contains("Record analysis") && !plain.contains("Lakeside"), "{plain}");
    app.finish().await;
}
