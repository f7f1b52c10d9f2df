//! Edits of an analysis: what merges, what conflicts, what others see of them.

use std::{sync::Arc, time::Duration};

use maneiro_api::{
    AnalysisId, EditId, ErrorCode,
    analysis::{Assertion, Citation},
    client::ClientError,
    edit::{AppendEdits, AppendedEdits, Edit, EditChange, NewEdit, StatementSection},
    signature::AnalysisEvent,
};
use maneiro_tests::{Person, TestApp, fixtures};
use uuid::Uuid;

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

fn statement(number: u32) -> String {
    format!("stm_{number:032x}")
}

fn words(of: u32, text: &str) -> EditChange {
    let section = StatementSection::Problems;
    EditChange::Edit { statement: statement(of), text: text.to_owned(), section }
}

fn edit(id: u128, change: EditChange) -> NewEdit {
    NewEdit { id: EditId::from_uuid(Uuid::from_u128(id)), change }
}

async fn append(person: &Person, analysis: AnalysisId, seen: u32, edits: &[NewEdit]) -> AppendedEdits {
    person.append_edits(analysis, &AppendEdits { seen, edits: edits.to_vec() }).await.unwrap()
}

fn edit_of(event: Option<AnalysisEvent>) -> Edit {
    match event {
        Some(AnalysisEvent::Edit(edit)) => edit,
        other => panic!("expected an edit, not {other:?}"),
    }
}

fn numbers(edits: &[Edit]) -> Vec<u32> {
    edits.iter().map(|edit| edit.number).collect()
}

#[tokio::test]
async fn two_people_edit_one_analysis_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    let fixture = fixtures::complete_record(&ada).await;
    let analysis = fixtures::complete_job(&app, &ada, &fixture).await.analysis.unwrap();

    let of_ada = [edit(1, words(1, "Asthma since 2019")), edit(2, words(2, "Gout"))];
    assert_eq!(numbers(&append(&ada, analysis, 0, &of_ada).await.edits), [1, 2]);
    // Of another statement: it merges, and its author gets what she had not seen.
    let of_dora = [edit(3, words(3, "Psoriasis"))];
    let merged = append(&dora, analysis, 0, &of_dora).await;
    assert_eq!((numbers(&merged.edits), merged.conflicts.len()), (vec![1, 2, 3], 0));
    // Of the same statement: a conflict with both, and nothing is overwritten.
    let other = [edit(4, words(1, "No asthma"))];
    let refused = append(&dora, analysis, 0, &other).await;
    let [conflict] = &refused.conflicts[..] else { panic!("one conflict: {refused:?}") };
    assert_eq!((conflict.edit, &conflict.others[..]), (other[0].id, &[1][..]));
    assert_eq!(refused.edits[0].change, of_ada[0].change);
    assert_eq!(refused.edits[0].author.name.as_deref(), Some("Ada Admin"));
    assert_eq!(numbers(&ada.edits(analysis, 0).await.unwrap()), [1, 2, 3]);
    // Who has seen the other one decides.
    let chosen = append(&dora, analysis, 3, &other).await;
    assert_eq!((numbers(&chosen.edits), chosen.conflicts.len()), (vec![4], 0));
    let all = ada.edits(analysis, 2).await.unwrap();
    assert_eq!(all[1].author.id, dora.me.user);
    app.finish().await;
}

#[tokio::test]
async fn an_edit_that_is_sent_again_is_stored_once() {
    let app = TestApp::start().await;
    let ada = app.clinic().await.admin();
    let fixture = fixtures::complete_record(&ada).await;
    let analysis = fixtures::complete_job(&app, &ada, &fixture).await.analysis.unwrap();
    let edits = [edit(1, words(1, "a")), edit(2, EditChange::Undo { edit: edit(1, words(1, "")).id })];
    let first = append(&ada, analysis, 0, &edits).await;
    assert_eq!(append(&ada, analysis, 0, &edits).await, first);
    // The answer was lost, and its author went on meanwhile.
    let more = [edits[0].clone(), edits[1].clone(), edit(3, words(1, "b"))];
    let all = append(&ada, analysis, 0, &more).await;
    assert_eq!((numbers(&all.edits), all.conflicts.len()), (vec![1, 2, 3], 0));
    app.finish().await;
}

#[tokio::test]
async fn edits_at_once_get_their_numbers_one_by_one() {
    let app = TestApp::start().await;
    let ada = app.clinic().await.admin();
    let fixture = fixtures::complete_record(&ada).await;
    let analysis = fixtures::complete_job(&app, &ada, &fixture).await.analysis.unwrap();
    let ada = Arc::new(ada);
    let sent: Vec<_> = (1..=12)
        .map(|number: u32| {
            let ada = Arc::clone(&ada);
            tokio::spawn(async move {
                let edits = [
                    edit(number.into(), words(number, "a")),
                    edit((number + 100).into(), words(number, "b")),
                ];
                append(&ada, analysis, 0, &edits).await.conflicts.len()
            })
        })
        .collect();
    for sent in sent {
        assert_eq!(sent.await.unwrap(), 0);
    }
    let all = ada.edits(analysis, 0).await.unwrap();
    assert_eq!(numbers(&all), (1..=24).collect::<Vec<_>>());
    app.finish().await;
}

#[tokio::test]
async fn edits_of_others_arrive_as_events() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    let fixture = fixtures::complete_record(&ada).await;
    let analysis = fixtures::complete_job(&app, &ada, &fixture).await.analysis.unwrap();
    append(&ada, analysis, 0, &[edit(1, words(1, "a"))]).await;

    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let watcher = dora.clone();
    let watch =
        tokio::spawn(
            async move { watcher.watch_edits(analysis, 0, |event| sender.send(event).unwrap()).await },
        );
    assert_eq!(edit_of(seen.recv().await).number, 1, "first those that are there");
    append(&ada, analysis, 1, &[edit(2, words(2, "b")), edit(3, words(3, "c"))]).await;
    let next = edit_of(tokio::time::timeout(Duration::from_secs(20), seen.recv()).await.unwrap());
    assert_eq!((next.number, next.author.id, next.change), (2, ada.me.user, words(2, "b")));
    assert_eq!(edit_of(seen.recv().await).number, 3);
    dora.logout().await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), watch).await.expect("it ends with its session");
    ended.unwrap().unwrap();
    app.finish().await;
}

#[tokio::test]
async fn invalid_and_foreign_edits_are_refused() {
    let app = TestApp::start().await;
    let (clinic, other) = (app.clinic().await, app.other_clinic().await);
    let (ada, stranger) = (clinic.admin(), other.admin());
    let fixture = fixtures::complete_record(&ada).await;
    let analysis = fixtures::complete_job(&app, &ada, &fixture).await.analysis.unwrap();
    let foreign = fixtures::complete_record(&stranger).await;
    let citation = |document| Citation {
        document,
        page: 1,
        quote: "Metformin 500 mg".to_owned(),
        boxes: Vec::new(),
        confidence: Some(99),
    };
    let add = |document| EditChange::Add {
        statement: statement(7),
        section: StatementSection::Medications,
        text: "Metformin".to_owned(),
        assertion: Assertion::Present,
        citations: vec![citation(document)],
    };
    for change in [
        words(1, " "),
        EditChange::Accept { statement: "stm_1".to_owned() },
        EditChange::Undo { edit: EditId::from_uuid(Uuid::from_u128(99)) },
        EditChange::AddQuote { statement: statement(1), citations: Vec::new() },
        add(foreign.document),
    ] {
        let edits = AppendEdits { seen: 0, edits: vec![edit(1, change.clone())] };
        assert_eq!(code(ada.append_edits(analysis, &edits).await), ErrorCode::InvalidInput, "{change:?}");
    }
    assert!(ada.edits(analysis, 0).await.unwrap().is_empty());
    let own = AppendEdits { seen: 0, edits: vec![edit(1, add(fixture.document))] };
    assert_eq!(code(stranger.append_edits(analysis, &own).await), ErrorCode::NotFound);
    assert_eq!(code(stranger.edits(analysis, 0).await), ErrorCode::NotFound);
    assert_eq!(code(stranger.watch_edits(analysis, 0, |_| {}).await), ErrorCode::NotFound);
    ada.append_edits(analysis, &own).await.unwrap();
    ada.delete_record(fixture.record).await.unwrap();
    assert_eq!(code(ada.edits(analysis, 0).await), ErrorCode::NotFound);
    app.delete_waiting_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn an_edit_in_the_place_of_another_does_not_open() {
    let app = TestApp::start().await;
    let ada = app.clinic().await.admin();
    let fixture = fixtures::complete_record(&ada).await;
    let analysis = fixtures::complete_job(&app, &ada, &fixture).await.analysis.unwrap();
    append(&ada, analysis, 0, &[edit(1, words(1, "a")), edit(2, words(1, "b"))]).await;
    let swap = "update maneiro.analysis_edits set number = 3 where number = 1";
    sqlx::raw_sql(swap).execute(&mut app.database.superuser().await).await.unwrap();
    assert_eq!(code(ada.edits(analysis, 0).await), ErrorCode::Internal);
    app.finish().await;
}
