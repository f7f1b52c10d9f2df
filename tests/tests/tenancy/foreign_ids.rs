//! Every operation with the ids of another clinic responds that they are not found.

use std::num::NonZeroU32;

use http::StatusCode;
use maneiro_api::{ErrorBody, ErrorCode, ObjectId, RecordId};
use maneiro_tests::{
    TestApp, fixtures,
    operations::{Operation, OperationIds},
};
use uuid::Uuid;

const ALL: NonZeroU32 = NonZeroU32::new(200).unwrap();

#[tokio::test]
async fn ids_of_another_clinic_are_not_found() {
    let app = TestApp::start().await;
    let owner = app.clinic().await.admin();
    let fixture = fixtures::complete_record(&owner).await;
    let job = fixtures::complete_job(&app, &owner, &fixture).await;
    let analysis = job.analysis.unwrap();
    let upload = ObjectId::from_uuid(app.app.new_uuid());
    let session = owner.sessions().await.unwrap()[0].id;
    let (organization, user) = (owner.me.organization, owner.me.user);
    let (record, document, job) = (fixture.record, fixture.document, job.id);
    let invitation = fixtures::invitation(&owner).await;
    let foreign =
        OperationIds { record, document, job, analysis, session, organization, user, upload, invitation };
    let stranger = app.other_clinic().await.admin();

    let mut tried = 0;
    for operation in Operation::from_openapi(&app).await {
        let names_an_id = operation.path.contains('{')
            || ["create_job", "switch_clinic"].contains(&operation.name.as_str());
        if operation.action.is_none() || !names_an_id {
            continue;
        }
        let response = operation.request(&app, foreign, Some(&stranger.token)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{operation:?}");
        let body: ErrorBody = response.json().await.unwrap();
        assert_eq!(body.code, ErrorCode::NotFound);
        tried += 1;

        // An id that does not exist gets the same response.
        let unknown_ids = OperationIds { record: RecordId::from_uuid(Uuid::from_u128(1)), ..unknown_ids() };
        let response = operation.request(&app, unknown_ids, Some(&stranger.token)).send().await.unwrap();
        let unknown: ErrorBody = response.json().await.unwrap();
        assert_eq!((unknown.code, unknown.message), (body.code, body.message), "{operation:?}");
    }
    assert_eq!(tried, 30, "every operation that names an id was tried");

    assert!(stranger.records(None, ALL).await.unwrap().items.is_empty());
    assert!(stranger.jobs(None, ALL).await.unwrap().items.is_empty());
    assert_eq!(
        owner.record(fixture.record).await.unwrap().documents.len(),
        1,
        "nothing was done to it either"
    );
    app.send_invitation_mails().await;
    app.finish().await;
}

fn unknown_ids() -> OperationIds {
    let one = Uuid::from_u128(1);
    OperationIds {
        record: RecordId::from_uuid(one),
        document: maneiro_api::DocumentId::from_uuid(one),
        job: maneiro_api::JobId::from_uuid(one),
        analysis: maneiro_api::AnalysisId::from_uuid(one),
        session: maneiro_api::SessionId::from_uuid(one),
        organization: maneiro_api::OrgId::from_uuid(one),
        user: maneiro_api::UserId::from_uuid(one),
        upload: ObjectId::from_uuid(one),
        invitation: maneiro_api::InvitationId::from_uuid(one),
    }
}

#[tokio::test]
async fn a_cursor_of_another_clinic_lists_own_records_only() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.clinic().await.admin(), app.other_clinic().await.admin());
    for person in [&owner, &stranger, &owner, &stranger] {
        fixtures::complete_record(person).await;
    }
    let cursor = owner.records(None, NonZeroU32::MIN).await.unwrap().next_cursor.expect("there is more");
    let own: Vec<_> =
        stranger.records(None, ALL).await.unwrap().items.into_iter().map(|record| record.id).collect();
    let reached = stranger.records(Some(&cursor), ALL).await.unwrap().items;
    assert!(reached.iter().all(|record| own.contains(&record.id)));
    app.finish().await;
}
