//! Keys of clinics: rotated, held in memory for minutes, and wrapped under a master key that can be replaced.

use std::sync::Arc;

use maneiro_api::{
    ErrorCode, OrgId,
    job::CreateJob,
    record::{AddDocument, CreateRecord},
    seal,
};
use maneiro_cloud::{
    adapters::{master_key_file::MasterKeyFile, system::SystemRandom},
    app::clinic_keys::KeyAdministration,
    ports::KeyService,
};
use maneiro_tests::{TestApp, fixtures};
use time::Duration;

fn administration<'a>(app: &'a TestApp, key_service: &'a dyn KeyService) -> KeyAdministration<'a> {
    KeyAdministration {
        login: &app.database.superuser_url,
        key_service,
        clock: &*app.clock,
        random: &SystemRandom,
    }
}

/// The versions of the key that the titles of records were sealed with, in the order they were made.
async fn title_versions(app: &TestApp) -> Vec<u32> {
    let titles: Vec<Vec<u8>> = sqlx::query_scalar("select title_sealed from maneiro.records order by id")
        .fetch_all(&mut app.database.superuser().await)
        .await
        .unwrap();
    titles.iter().map(|title| seal::key_id(title).unwrap()).collect()
}

#[tokio::test]
async fn a_rotated_key_seals_later_and_the_old_one_still_opens() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let create = |title: &str| {
        let title = title.to_owned();
        async { admin.create_record(&CreateRecord { title }).await.unwrap().id }
    };
    let first = create("First").await;
    let file = fixtures::add_document_request(1);
    let document = admin.add_document(first, &file).await.unwrap();

    let rotated = administration(&app, &*app.keys).rotate(admin.me.organization).await.unwrap();
    assert_eq!(rotated, Some(2));
    create("Second").await;
    app.clock.advance(Duration::minutes(10));
    let third = create("Third").await;
    assert_eq!(title_versions(&app).await, [1, 1, 2]);
    assert_eq!(admin.record(first).await.unwrap().title.as_deref(), Some("First"));
    assert_eq!(admin.record(third).await.unwrap().title.as_deref(), Some("Third"));

    // What was sent before the rotation is recognised after it.
    assert_eq!(admin.add_document(first, &file).await.unwrap().id, document.id);
    let audited: Vec<(Option<uuid::Uuid>,)> =
        sqlx::query_as("select org_id from maneiro.audit_events where action = 'clinic_key.rotated'")
            .fetch_all(&mut app.database.superuser().await)
            .await
            .unwrap();
    assert_eq!(audited, [(Some(admin.me.organization.uuid()),)]);
    app.finish().await;
}

#[tokio::test]
async fn a_repeated_request_is_one_job_across_a_rotation() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let request = fixtures::complete_record(&admin).await.create_job_request();
    let job = admin.create_job(&request, "key").await.unwrap();
    administration(&app, &*app.keys).rotate(admin.me.organization).await.unwrap();
    app.clock.advance(Duration::minutes(10));
    assert_eq!(admin.create_job(&request, "key").await.unwrap().id, job.id);
    let other = CreateJob { focus: Some("knee".to_owned()), ..request };
    let refused = admin.create_job(&other, "key").await.unwrap_err();
    assert_eq!(refused.api_code(), Some(ErrorCode::IdempotencyKeyReused));
    admin.cancel_job(job.id).await.unwrap();
    app.finish().await;
}

#[tokio::test]
async fn the_first_version_of_a_document_key_differs_from_the_next() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let record = admin.create_record(&CreateRecord { title: "Keys".to_owned() }).await.unwrap().id;
    let file = AddDocument { ..fixtures::add_document_request(1) };
    let document = admin.add_document(record, &file).await.unwrap().id;
    let first = admin.create_original_key(document).await.unwrap();
    administration(&app, &*app.keys).rotate(admin.me.organization).await.unwrap();
    app.clock.advance(Duration::minutes(10));
    let second = admin.create_original_key(document).await.unwrap();
    assert_eq!((first.key_id, second.key_id), (1, 2));
    use secrecy::ExposeSecret as _;
    assert_ne!(first.key.expose_secret(), second.key.expose_secret());
    app.finish().await;
}

#[tokio::test]
async fn a_destroyed_key_opens_nothing_within_moments() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let record = admin.create_record(&CreateRecord { title: "Gone".to_owned() }).await.unwrap().id;
    assert!(admin.record(record).await.is_ok());
    sqlx::query("delete from maneiro.clinic_keys")
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    // The process is told, long before what it holds expires: the clock of this test stands still.
    while admin.record(record).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    app.finish().await;
}

#[tokio::test]
async fn keys_in_memory_expire_without_a_notification() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let record = admin.create_record(&CreateRecord { title: "Gone".to_owned() }).await.unwrap().id;
    let mut superuser = app.database.superuser().await;
    sqlx::raw_sql(
        "alter table maneiro.clinic_keys disable trigger clinic_keys_notify; delete from maneiro.clinic_keys",
    )
    .execute(&mut superuser)
    .await
    .unwrap();
    app.clock.advance(Duration::minutes(5) - Duration::SECOND);
    assert!(admin.record(record).await.is_ok());
    app.clock.advance(Duration::SECOND);
    assert!(admin.record(record).await.is_err());
    app.finish().await;
}

#[tokio::test]
async fn keys_move_to_another_master_key() {
    let app = TestApp::start().await;
    let clinics = [app.clinic().await.admin(), app.other_clinic().await.admin()];
    let old = app.storage_config().master_keys.file;
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new.key");
    MasterKeyFile::create(&new, Arc::new(SystemRandom)).unwrap();
    let both = MasterKeyFile::open(&new, &[old], Arc::new(SystemRandom)).unwrap();
    assert_eq!(administration(&app, &both).rewrap().await.unwrap(), 2);
    assert_eq!(administration(&app, &both).rewrap().await.unwrap(), 2, "again, after an interruption");

    let only_new = MasterKeyFile::open(&new, &[], Arc::new(SystemRandom)).unwrap();
    let wrapped: Vec<(uuid::Uuid, Vec<u8>)> =
        sqlx::query_as("select org_id, wrapped from maneiro.clinic_keys order by org_id")
            .fetch_all(&mut app.database.superuser().await)
            .await
            .unwrap();
    assert_eq!(wrapped.len(), clinics.len());
    for (org, wrapped) in wrapped {
        let org = OrgId::from_uuid(org);
        assert!(only_new.unwrap(org, 1, &wrapped).await.is_ok());
        assert!(app.keys.unwrap(org, 1, &wrapped).await.is_err(), "the retired key is no longer needed");
    }
    app.finish().await;
}

#[tokio::test]
async fn an_unknown_clinic_gets_no_key() {
    let app = TestApp::start().await;
    let nobody = OrgId::from_uuid(uuid::Uuid::nil());
    assert_eq!(administration(&app, &*app.keys).rotate(nobody).await.unwrap(), None);
    app.finish().await;
}
