//! Every operation with another clinic's ids: not found, and not a word of it.

use std::num::NonZeroU32;

use http::StatusCode;
use maneiro_api::{ErrorBody, ErrorCode, RecordId};
use maneiro_tests::{
    TestApp, given,
    operations::{Ids, Operation},
};
use uuid::Uuid;

const ALL: NonZeroU32 = NonZeroU32::new(200).unwrap();

#[tokio::test]
async fn anothers_ids_are_not_found_by_any_operation() {
    let app = TestApp::start().await;
    let owner = app.clinic().await.admin();
    let given = given::record(&owner).await;
    let job = given::finished_job(&app, &owner, &given).await;
    let analysis = job.analysis.unwrap();
    let foreign = Ids { record: given.record, document: given.document, job: job.id, analysis };
    let stranger = app.other_clinic().await.admin();

    let mut tried = 0;
    for operation in Operation::all(&app).await {
        let names_an_id = operation.path.contains('{') || operation.name == "create_job";
        if operation.action.is_none() || !names_an_id {
            continue;
        }
        let response = operation.request(&app, foreign, Some(&stranger.token)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{operation:?}");
        let body: ErrorBody = response.json().await.unwrap();
        assert_eq!(body.code, ErrorCode::NotFound);
        tried += 1;

        // An id that nobody has gets the very same answer.
        let nobodys = Ids { record: RecordId::from_uuid(Uuid::from_u128(1)), ..nobody() };
        let response = operation.request(&app, nobodys, Some(&stranger.token)).send().await.unwrap();
        let unknown: ErrorBody = response.json().await.unwrap();
        assert_eq!((unknown.code, unknown.message), (body.code, body.message), "{operation:?}");
    }
    assert_eq!(tried, 14, "every operation that names an id was tried");

    assert!(stranger.records(None, ALL).await.unwrap().items.is_empty());
    assert!(stranger.jobs(None, ALL).await.unwrap().items.is_empty());
    assert_eq!(owner.record(given.record).await.unwrap().documents.len(), 1, "nothing was done to it either");
    app.finish().await;
}

fn nobody() -> Ids {
    let one = Uuid::from_u128(1);
    Ids {
        record: RecordId::from_uuid(one),
        document: maneiro_api::DocumentId::from_uuid(one),
        job: maneiro_api::JobId::from_uuid(one),
        analysis: maneiro_api::AnalysisId::from_uuid(one),
    }
}

#[tokio::test]
async fn a_cursor_of_another_clinic_leads_into_ones_own_list_only() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.clinic().await.admin(), app.other_clinic().await.admin());
    for person in [&owner, &stranger, &owner, &stranger] {
        given::record(person).await;
    }
    let cursor = owner.records(None, NonZeroU32::MIN).await.unwrap().next_cursor.expect("there is more");
    let own: Vec<_> =
        stranger.records(None, ALL).await.unwrap().items.into_iter().map(|record| record.id).collect();
    let reached = stranger.records(Some(&cursor), ALL).await.unwrap().items;
    assert!(reached.iter().all(|record| own.contains(&record.id)));
    app.finish().await;
}
