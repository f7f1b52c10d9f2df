//! Records, documents, pages and originals.

use std::num::NonZeroU32;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::stream;
use maneiro_api::{
    ErrorCode,
    client::ClientError,
    error::PlanLimit,
    record::{
        AddDocument, CaseFields, CreateOriginalUpload, CreateRecord, PageBatch, PageRange, UpdateRecord,
    },
    report::ReportFormat,
    seal::stream::sealed_len,
};
use maneiro_cloud::{
    app::{
        purge,
        storage_comparison::{self, StorageComparison, StorageDifference},
    },
    ports::ObjectStore as _,
};
use maneiro_page::{Page, TextSource};
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
    assert_eq!(shown.title.as_deref(), Some("Quillfeather, Jocasta"));
    let names: Vec<&str> = shown.documents.iter().filter_map(|document| document.name.as_deref()).collect();
    assert_eq!(names, ["b.pdf", "a.pdf"]);
    app.finish().await;
}

#[tokio::test]
async fn a_record_is_renamed_and_described_by_revisions() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    let record = ada.create_record(&CreateRecord { title: "Quillfeather".to_owned() }).await.unwrap();
    assert_eq!((record.revision, &record.fields), (1, &CaseFields::default()));
    let fields = CaseFields {
        number: Some(" 4711 ".to_owned()),
        birth_date: Some(time::macros::date!(1971 - 03 - 14)),
        examiner: Some("  ".to_owned()),
        ..CaseFields::default()
    };
    let update = UpdateRecord { revision: 1, title: None, fields: Some(fields) };
    let second = ada.update_record(record.id, &update).await.unwrap();
    assert_eq!((second.revision, second.title.as_deref()), (2, Some("Quillfeather")));
    assert_eq!(second.fields.number.as_deref(), Some("4711"));
    assert_eq!(second.fields.examiner, None, "an empty field is none");

    // Made of the first revision, or of none that there was: nothing is overwritten, and the answer has what is there now.
    let late = UpdateRecord { revision: 1, title: Some("Jocasta".to_owned()), fields: None };
    for revision in [1, u32::MAX] {
        let refused = dora.update_record(record.id, &UpdateRecord { revision, ..late.clone() }).await;
        let Err(ClientError::Api(refused)) = refused else { panic!("refused") };
        assert_eq!(refused.code, ErrorCode::RecordChanged);
        assert_eq!(refused.record.as_deref(), Some(&second));
        assert!(
            !format!("{refused:?}").contains("Quillfeather"),
            "an error that is printed names no patient"
        );
    }
    let third = dora.update_record(record.id, &UpdateRecord { revision: 2, ..late }).await.unwrap();
    assert_eq!((third.revision, third.title.as_deref()), (3, Some("Jocasta")));
    assert_eq!(third.fields, second.fields);
    assert_eq!(ada.records(None, THREE).await.unwrap().items, [third]);

    let long = CaseFields { kind: Some("x".repeat(201)), ..CaseFields::default() };
    let invalid = UpdateRecord { revision: 3, title: Some(" ".to_owned()), fields: Some(long) };
    let Err(ClientError::Api(refused)) = ada.update_record(record.id, &invalid).await else {
        panic!("refused")
    };
    let names: Vec<&str> = refused.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(names, ["title", "fields.kind"]);
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
async fn an_original_is_uploaded_once_as_announced() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = empty_document(&doctor, 1).await;
    let key = doctor.create_original_key(document.id).await.unwrap().key;
    assert_eq!(STANDARD.decode(key.expose_secret()).unwrap().len(), 32);
    let again = doctor.create_original_key(document.id).await.unwrap().key;
    assert_eq!(again.expose_secret(), key.expose_secret(), "the key belongs to the document");

    let sealed = Bytes::from(vec![1; usize::try_from(sealed_len(document.bytes)).unwrap()]);
    let announced = CreateOriginalUpload { sealed_sha256: hex::encode(Sha256::digest(&sealed)) };
    let upload = doctor.create_original_upload(document.id, &announced).await.unwrap();
    let early = doctor.complete_original_upload(document.id, upload.upload).await.unwrap_err();
    assert_eq!(early.api_code(), Some(ErrorCode::NotFound));
    for wrong in [Bytes::from(vec![2; sealed.len()]), Bytes::from(vec![1; sealed.len() + 1])] {
        let length = wrong.len() as u64;
        let put = doctor.put_original(&upload, length, stream::iter([Ok(wrong)])).await;
        assert!(put.is_err(), "the object store takes what was announced only");
    }
    let length = sealed.len() as u64;
    doctor.put_original(&upload, length, stream::iter([Ok(sealed)])).await.unwrap();
    for _ in 0..2 {
        assert!(doctor.complete_original_upload(document.id, upload.upload).await.unwrap().has_original);
    }
    for refused in [
        doctor.create_original_key(document.id).await.err(),
        doctor.create_original_upload(document.id, &announced).await.err(),
    ] {
        assert_eq!(refused.unwrap().api_code(), Some(ErrorCode::OriginalExists));
    }
    app.finish().await;
}

#[tokio::test]
async fn an_original_that_is_not_as_announced_is_refused() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = empty_document(&doctor, 1).await;
    let upload = fixtures::put_original(&doctor, document.id).await;
    // As whoever can write to the bucket may do.
    let keys = object_keys(&app, "reserved").await;
    app.files.put(&keys[0], "something else".into()).await.unwrap();
    let refused = doctor.complete_original_upload(document.id, upload).await.unwrap_err();
    assert_eq!(refused.api_code(), Some(ErrorCode::OriginalMismatch));
    assert!(!doctor.document(document.id).await.unwrap().has_original);
    app.finish().await;
}

async fn object_keys(app: &TestApp, state: &str) -> Vec<String> {
    sqlx::query_scalar("select object_key from maneiro.objects where state = $1 order by id")
        .bind(state)
        .fetch_all(&mut app.database.superuser().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_unreadable_page_of_no_size_is_stored() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = empty_document(&doctor, 2).await;
    let flat = Page { width: 0.0, height: 0.0, ..fixtures::text_page(1, "Metformin 500 mg") };
    let batch = PageBatch { pages: vec![flat, fixtures::text_page(2, "Metformin 500 mg")] };
    assert!(doctor.put_pages(document.id, &batch).await.unwrap().missing_pages.is_empty());
    let stored = doctor.page(document.id, 1).await.unwrap();
    assert!(matches!(stored.text_source, TextSource::Unreadable { .. }), "{stored:?}");
    app.finish().await;
}

#[tokio::test]
async fn a_damaged_title_or_name_withholds_no_other() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let damaged = empty_document(&doctor, 1).await.record;
    let whole = empty_document(&doctor, 1).await.record;
    let mut superuser = app.database.superuser().await;
    for table in [
        "update maneiro.records set title_sealed = 'x' where id = $1",
        "update maneiro.documents set name_sealed = 'x' where record_id = $1",
    ] {
        sqlx::query(table).bind(damaged.uuid()).execute(&mut superuser).await.unwrap();
    }
    let listed = doctor.records(None, THREE).await.unwrap().items;
    let shown: Vec<_> =
        listed.iter().map(|record| (record.id, record.is_damaged, record.documents[0].is_damaged)).collect();
    assert_eq!(shown, [(whole, false, false), (damaged, true, true)]);
    assert_eq!((&listed[1].title, &listed[1].documents[0].name), (&None, &None));
    app.finish().await;
}

/// Everything of the object store, as files of its bucket.
fn stored_objects(app: &TestApp) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
    }
    count(&app.bucket_folder())
}

#[tokio::test]
async fn a_deleted_record_is_gone_at_once_and_then_purged() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let fixture = fixtures::complete_record(&doctor).await;
    let upload = fixtures::put_original(&doctor, fixture.document).await;
    doctor.complete_original_upload(fixture.document, upload).await.unwrap();
    let job = fixtures::complete_job(&app, &doctor, &fixture).await;
    let waiting = doctor.create_job(&fixture.create_job_request(), "waiting").await.unwrap();
    let kept = fixtures::complete_record(&doctor).await;
    assert_eq!(stored_objects(&app), 5);

    doctor.delete_record(fixture.record).await.unwrap();

    let missing = [
        doctor.record(fixture.record).await.err(),
        doctor.document(fixture.document).await.err(),
        doctor.page(fixture.document, 1).await.err(),
        doctor.job(job.id).await.err(),
        doctor.job(waiting.id).await.err(),
        doctor.analysis(job.analysis.unwrap()).await.err(),
        doctor.delete_record(fixture.record).await.err(),
    ];
    for error in missing {
        assert_eq!(error.unwrap().api_code(), Some(ErrorCode::NotFound));
    }
    let listed = doctor.records(None, THREE).await.unwrap().items;
    assert_eq!(listed.iter().map(|record| record.id).collect::<Vec<_>>(), [kept.record]);
    let worker = app.worker();
    app.wait_for_tasks().await;
    worker.stop().await;
    assert_eq!(stored_objects(&app), 2);
    let mut superuser = app.database.superuser().await;
    let left: Vec<i64> = sqlx::query_scalar(
        "select count(*) from maneiro.jobs union all select count(*) from maneiro.analyses
         union all select count(*) from maneiro.job_documents
         union all select count(*) from maneiro.documents union all select count(*) from maneiro.pages
         union all select count(*) from maneiro.objects
         union all select count(*) from maneiro.records where title_sealed is null and purged_at is not null
         union all select count(*) from maneiro.audit_events where action in ('record.deleted', 'record.purged')",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert_eq!(left, [0, 0, 0, 1, 2, 2, 1, 2], "one document of two pages, the tombstone and its events");
    assert_eq!(doctor.page(kept.document, 1).await.unwrap().number, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_record_is_purged_when_its_retention_ends() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let old = fixtures::complete_record(&doctor).await;
    let used = fixtures::complete_record(&doctor).await;
    app.clock.advance(time::Duration::days(80));
    let mut superuser = app.database.superuser().await;
    sqlx::query("update maneiro.records set active_at = $2 where id = $1")
        .bind(used.record.uuid())
        .bind(app.app.now())
        .execute(&mut superuser)
        .await
        .unwrap();
    app.clock.advance(time::Duration::days(11));
    purge::enqueue_due(&app.app).await.unwrap();
    purge::enqueue_due(&app.app).await.unwrap();
    let worker = app.worker();
    app.wait_for_tasks().await;
    worker.stop().await;

    let purged: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from maneiro.records where purged_at is not null")
            .fetch_all(&mut superuser)
            .await
            .unwrap();
    assert_eq!(purged, [old.record.uuid()]);
    assert_eq!(stored_objects(&app), 2);
    app.finish().await;
}

#[tokio::test]
async fn objects_of_failed_uploads_and_old_versions_are_deleted() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = empty_document(&doctor, 2).await;
    app.files.break_down();
    assert!(doctor.put_pages(document.id, &page_batch(&[1, 2])).await.is_err());
    app.files.repair();
    assert_eq!(object_keys(&app, "reserved").await.len(), 2, "the rows are there before the objects");
    // The process ended after it stored an object and before it said so.
    app.files.put(&object_keys(&app, "reserved").await[0], "sealed".into()).await.unwrap();
    doctor.put_pages(document.id, &page_batch(&[1, 2])).await.unwrap();
    doctor.put_pages(document.id, &page_batch(&[2])).await.unwrap();
    assert_eq!(stored_objects(&app), 4);

    purge::delete_orphans(&app.app).await.unwrap();
    assert_eq!(object_keys(&app, "reserved").await.len(), 2, "their uploads may be under way");
    assert_eq!(stored_objects(&app), 3, "the superseded page is gone");
    let yesterday = "update maneiro.objects set changed_at = now() - interval '25 hours'";
    sqlx::query(yesterday).execute(&mut app.database.superuser().await).await.unwrap();
    purge::delete_orphans(&app.app).await.unwrap();
    assert!(object_keys(&app, "reserved").await.is_empty());
    assert_eq!((stored_objects(&app), object_keys(&app, "stored").await.len()), (2, 2));
    app.finish().await;
}

#[tokio::test]
async fn objects_that_the_database_does_not_know_are_deleted() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    fixtures::complete_record(&doctor).await;
    let id = "0197a6b2c3d47e8f9a0b1c2d3e4f5a6b";
    app.files.put(&format!("{id}/{id}/original/{id}"), "sealed".into()).await.unwrap();
    app.files.put("another-program/object", "its own".into()).await.unwrap();
    purge::delete_unknown_objects(&app.app).await.unwrap();
    assert_eq!(stored_objects(&app), 4, "they may be of an upload");
    app.clock.set(time::macros::datetime!(2101-01-01 00:00 UTC));
    purge::delete_unknown_objects(&app.app).await.unwrap();
    assert_eq!(stored_objects(&app), 3);
    app.finish().await;
}

#[tokio::test]
async fn lost_and_changed_objects_are_found_by_the_comparison() {
    let app = TestApp::start().await;
    let (doctor, other) = (app.clinic().await.doctor().await, app.clinic().await.doctor().await);
    fixtures::complete_record(&doctor).await;
    fixtures::complete_record(&other).await;
    app.files.put("another-program/object", "its own".into()).await.unwrap();
    let found = storage_comparison::compare(&app.app).await.unwrap();
    assert_eq!(found, StorageComparison::default(), "what is new may not be seen on both sides yet");
    let yesterday = "update maneiro.objects set changed_at = now() - interval '25 hours'";
    sqlx::query(yesterday).execute(&mut app.database.superuser().await).await.unwrap();
    let before = storage_comparison::compare(&app.app).await.unwrap();
    let keys = object_keys(&app, "stored").await;
    assert_eq!((before.objects, before.differences.len()), (keys.len() as u64, 0));
    assert!(before.counted_bytes > 0);

    let mut own =
        keys.iter().filter(|key| key.starts_with(&doctor.me.organization.uuid().simple().to_string()));
    let (lost, changed) = (own.next().unwrap(), own.next().unwrap());
    let lost_bytes = app.files.content(lost).await.unwrap().bytes;
    let changed_bytes = app.files.content(changed).await.unwrap().bytes;
    app.files.delete_all_versions(lost).await.unwrap();
    app.files.put(changed, "sealed".into()).await.unwrap();
    let after = storage_comparison::compare(&app.app).await.unwrap();
    let difference =
        StorageDifference { lost: 1, resized: 1, bytes: 6 - (lost_bytes + changed_bytes).cast_signed() };
    assert_eq!(after.differences, [(doctor.me.organization, difference)].into());
    assert_eq!((after.objects, after.counted_bytes), (before.objects, before.counted_bytes));
    // An emptied bucket ends the list at once.
    for key in &keys {
        app.files.delete_all_versions(key).await.unwrap();
    }
    let emptied = storage_comparison::compare(&app.app).await.unwrap();
    assert_eq!(emptied.differences.values().map(|it| it.lost).sum::<u64>(), keys.len() as u64);
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
