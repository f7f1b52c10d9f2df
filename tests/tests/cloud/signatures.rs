//! Signing: who may, what is fixed by it, and what is refused.

use std::time::Duration;

use maneiro_api::{
    AnalysisId, EditId, ErrorCode, RecordId,
    client::ClientError,
    edit::{AppendEdits, EditChange, NewEdit, StatementSection},
    edited_analysis::StatementIds,
    member::SwitchClinic,
    report::{PaperSize, ReportForm, ReportFormat, ReportLanguage, ReportOptions},
    signature::{AnalysisEvent, ReportFile, SignReport},
};
use maneiro_tests::{PASSWORD, Person, TestApp, fixtures};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

async fn analysed(app: &TestApp, person: &Person) -> (RecordId, AnalysisId) {
    let fixture = fixtures::complete_record(person).await;
    (fixture.record, fixtures::complete_job(app, person, &fixture).await.analysis.unwrap())
}

async fn edit(person: &Person, analysis: AnalysisId, id: u128, seen: u32) {
    let statement = format!("stm_{id:032x}");
    let change =
        EditChange::Edit { statement, text: format!("Edit {id}"), section: StatementSection::Problems };
    let edits = vec![NewEdit { id: EditId::from_uuid(Uuid::from_u128(id)), change }];
    person.append_edits(analysis, &AppendEdits { seen, edits }).await.unwrap();
}

#[tokio::test]
async fn a_signed_report_stays_and_a_correction_is_another() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    let letterhead = ada.set_letterhead(&fixtures::letterhead()).await.unwrap();
    fixtures::let_sign(&ada, &dora).await;
    let (record, id) = analysed(&app, &ada).await;
    let analysis = dora.analysis(id).await.unwrap();
    let request = fixtures::sign_report_request(&analysis);
    let first = dora.sign_report(id, &request).await.unwrap();
    assert_eq!((first.version, first.revision, first.signer), (1, 0, dora.me.user));
    assert_eq!(dora.sign_report(id, &request).await.unwrap(), first, "an answer that was lost signs once");

    edit(&ada, id, 1, 0).await;
    assert_eq!(code(dora.sign_report(id, &request).await), ErrorCode::AnalysisChanged);
    let corrected = SignReport { revision: 1, title: "Corrected".to_owned(), ..request };
    let second = dora.sign_report(id, &corrected).await.unwrap();
    assert_eq!((second.version, second.revision), (2, 1));
    // What is changed later changes nothing of what was signed.
    dora.set_signature_block(&maneiro_api::branding::SignerBlock {
        name: "D. Doctor".to_owned(),
        ..fixtures::signer_block()
    })
    .await
    .unwrap();

    assert_eq!(ada.signatures(record).await.unwrap(), [second.clone(), first.clone()]);
    let kept = ada.signed_report(record, 1).await.unwrap();
    assert_eq!((kept.signature, &*kept.content.title), (first.clone(), fixtures::RECORD_TITLE));
    assert_eq!(kept.content.letterhead, Some(letterhead));
    assert_eq!((&*kept.content.block.name, kept.content.analysis.clone()), ("Dora Doctor, MD", analysis));
    let json = serde_json::to_vec(&kept.content).unwrap();
    assert_eq!(hex::encode(Sha256::digest(json)), first.sha256);
    assert_eq!(ada.signed_report(record, 2).await.unwrap().content.title, "Corrected");
    assert_eq!(code(ada.signed_report(record, 3).await), ErrorCode::NotFound);
    let stranger = app.other_clinic().await.admin();
    assert_eq!(code(stranger.signatures(record).await), ErrorCode::NotFound);
    assert_eq!(code(stranger.signed_report(record, 1).await), ErrorCode::NotFound);
    app.finish().await;
}

#[tokio::test]
async fn a_report_says_what_readers_left_or_what_was_signed() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    fixtures::let_sign(&ada, &dora).await;
    let (_, id) = analysed(&app, &ada).await;
    let analysis = dora.analysis(id).await.unwrap();
    let allergy = &analysis.findings.allergies[0].statement;
    let statement = StatementIds::default().next(StatementSection::Allergies, allergy);
    let append = async |number: u128, change| {
        let edits = vec![NewEdit { id: EditId::from_uuid(Uuid::from_u128(number)), change }];
        let seen = u32::try_from(number).unwrap() - 1;
        ada.append_edits(id, &AppendEdits { seen, edits }).await.unwrap();
    };
    let (text, section) = ("Penicillin: hives in 1998".to_owned(), StatementSection::Allergies);
    append(1, EditChange::Edit { statement: statement.clone(), text, section }).await;
    let options = ReportOptions {
        form: ReportForm::ShortLetter,
        language: ReportLanguage::Es,
        recipient: "Dr. Ana Pérez\n4 Mill Road".to_owned(),
        paper: PaperSize::A4,
        ..ReportOptions::default()
    };
    let file = async |format| dora.report_with_options(id, format, &options).await.unwrap();
    let draft = String::from_utf8(file(ReportFormat::Markdown).await.to_vec()).unwrap();
    for wanted in
        ["Penicillin: hives in 1998", "Dr. Ana Pérez", "Asunto:", "Dora Doctor, MD", "Borrador, sin firmar"]
    {
        assert!(draft.contains(wanted), "«{wanted}» is not in {draft}");
    }
    let ReportFile::Draft(draft) = serde_json::from_slice(&file(ReportFormat::Json).await).unwrap() else {
        panic!("nothing was signed")
    };
    assert_eq!(draft.options, options);
    assert_eq!(draft.analysis.findings.allergies[0].statement.text, "Penicillin: hives in 1998");

    let request = SignReport {
        revision: 1,
        options: options.clone(),
        ..fixtures::sign_report_request(&draft.analysis)
    };
    let long = ReportOptions { recipient: "a\nb\nc\nd\ne".to_owned(), ..options.clone() };
    let refused = SignReport { options: long.clone(), ..request.clone() };
    assert_eq!(code(dora.sign_report(id, &refused).await), ErrorCode::InvalidInput);
    assert_eq!(code(dora.report_with_options(id, ReportFormat::Pdf, &long).await), ErrorCode::InvalidInput);
    let signed = dora.sign_report(id, &request).await.unwrap();
    append(2, EditChange::Reject { statement }).await;
    assert!(dora.sign_report(id, &request).await.is_err());
    let draft = file(ReportFormat::Markdown).await;
    assert!(!String::from_utf8_lossy(&draft).contains("Penicillin"), "what was rejected is not reported");
    let kept = dora.signed_report_file(id, 1, ReportFormat::Markdown).await.unwrap();
    let kept = String::from_utf8(kept.to_vec()).unwrap();
    for wanted in
        ["Penicillin: hives in 1998", "Dr. Ana Pérez", "Firmado por Dora Doctor, MD", &signed.sha256]
    {
        assert!(kept.contains(wanted), "«{wanted}» is not in {kept}");
    }
    assert!(dora.signed_report_file(id, 1, ReportFormat::Pdf).await.unwrap().starts_with(b"%PDF"));
    let json = dora.signed_report_file(id, 1, ReportFormat::Json).await.unwrap();
    let ReportFile::Signed(report) = serde_json::from_slice(&json).unwrap() else { panic!("it was signed") };
    assert_eq!((&report.signature, &report.content.options), (&signed, &options));
    let digest = Sha256::digest(serde_json::to_vec(&report.content).unwrap());
    assert_eq!(hex::encode(digest), signed.sha256, "the options are part of what was signed");
    assert_eq!(code(dora.signed_report_file(id, 2, ReportFormat::Pdf).await), ErrorCode::NotFound);
    let (_, other) = analysed(&app, &ada).await;
    assert_eq!(code(dora.signed_report_file(other, 1, ReportFormat::Pdf).await), ErrorCode::NotFound);
    app.finish().await;
}

#[tokio::test]
async fn whoever_may_not_sign_signs_nothing() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora, alan) = (clinic.admin(), clinic.doctor().await, clinic.assistant().await);
    let (record, id) = analysed(&app, &ada).await;
    let request = fixtures::sign_report_request(&ada.analysis(id).await.unwrap());
    assert_eq!(code(dora.sign_report(id, &request).await), ErrorCode::NotASigner);
    fixtures::let_sign(&ada, &alan).await;
    assert_eq!(code(alan.sign_report(id, &request).await), ErrorCode::PermissionDenied, "an assistant");
    let signs = maneiro_api::member::UpdateMember { role: None, signs: Some(true) };
    ada.update_member(dora.me.user, &signs).await.unwrap();
    assert_eq!(code(dora.sign_report(id, &request).await), ErrorCode::NoSignatureBlock);
    dora.set_signature_block(&fixtures::signer_block()).await.unwrap();

    let other = fixtures::empty_analysis(AnalysisId::from_uuid(Uuid::from_u128(1)), record);
    let swapped = fixtures::sign_report_request(&other);
    assert_eq!(code(dora.sign_report(id, &swapped).await), ErrorCode::InvalidInput, "another analysis");
    let subscription = async |plan: &str, change: &'static str| {
        sqlx::query(change)
            .bind(clinic.id().uuid())
            .bind(plan)
            .execute(&mut app.database.superuser().await)
            .await
            .unwrap();
    };
    let suspend = "update maneiro.subscriptions set plan = $2, state = 'suspended', suspended_by = 'payment'
                   where org_id = $1";
    subscription("starter", suspend).await;
    assert_eq!(code(dora.sign_report(id, &request).await), ErrorCode::SubscriptionConflict);
    assert!(ada.signatures(record).await.unwrap().is_empty());
    let release =
        "update maneiro.subscriptions set plan = $2, state = 'free', suspended_by = null where org_id = $1";
    subscription("free", release).await;
    assert_eq!(dora.sign_report(id, &request).await.unwrap().version, 1);
    assert_eq!(
        ada.signed_report(record, 1).await.unwrap().content.letterhead,
        None,
        "a free plan's is plain"
    );
    app.finish().await;
}

#[tokio::test]
async fn the_password_is_asked_for_after_a_quarter_hour() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    fixtures::let_sign(&ada, &dora).await;
    let (_, id) = analysed(&app, &dora).await;
    let request = fixtures::sign_report_request(&dora.analysis(id).await.unwrap());
    let titled = |title: &str| SignReport { title: title.to_owned(), ..request.clone() };
    for _ in 0..2 {
        app.clock.advance(time::Duration::minutes(8));
        dora.me().await.unwrap();
    }
    assert_eq!(code(dora.sign_report(id, &request).await), ErrorCode::PasswordRequired);
    let wrong = SignReport { password: Some("another password".into()), ..request.clone() };
    assert_eq!(code(dora.sign_report(id, &wrong).await), ErrorCode::InvalidInput);
    // A session that takes the place of another was given nothing.
    let switched = dora.switch_clinic(&SwitchClinic { organization: clinic.id() }).await.unwrap();
    let dora = dora.with_session_token(&app, switched.token);
    assert_eq!(code(dora.sign_report(id, &request).await), ErrorCode::PasswordRequired);
    let right = SignReport { password: Some(PASSWORD.into()), ..request.clone() };
    assert_eq!(dora.sign_report(id, &right).await.unwrap().version, 1);
    app.clock.advance(time::Duration::minutes(14));
    assert_eq!(dora.sign_report(id, &titled("Second")).await.unwrap().version, 2, "it was just given");
    app.clock.advance(time::Duration::minutes(2));
    assert_eq!(code(dora.sign_report(id, &titled("Third")).await), ErrorCode::PasswordRequired);
    app.finish().await;
}

#[tokio::test]
async fn others_hear_of_a_signature() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    fixtures::let_sign(&ada, &dora).await;
    let (_, id) = analysed(&app, &ada).await;
    edit(&ada, id, 1, 0).await;
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let watcher = ada.clone();
    let watch =
        tokio::spawn(async move { watcher.watch_edits(id, 0, |event| sender.send(event).unwrap()).await });
    assert!(matches!(heard.recv().await, Some(AnalysisEvent::Edit(_))));
    let analysis = dora.analysis(id).await.unwrap();
    let request = SignReport { revision: 1, ..fixtures::sign_report_request(&analysis) };
    let signature = dora.sign_report(id, &request).await.unwrap();
    let event = tokio::time::timeout(Duration::from_secs(20), heard.recv()).await.unwrap();
    assert_eq!(event, Some(AnalysisEvent::Signature(signature)));
    ada.logout().await.unwrap();
    watch.await.unwrap().unwrap();
    app.finish().await;
}

#[tokio::test]
async fn what_was_signed_cannot_be_exchanged() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    fixtures::let_sign(&ada, &dora).await;
    let (record, id) = analysed(&app, &ada).await;
    let request = fixtures::sign_report_request(&dora.analysis(id).await.unwrap());
    dora.sign_report(id, &request).await.unwrap();
    let corrected = SignReport { title: "Corrected".to_owned(), ..request };
    dora.sign_report(id, &corrected).await.unwrap();
    let swap = "update maneiro.signed_reports set content_sealed =
                    (select content_sealed from maneiro.signed_reports where version = 2) where version = 1";
    sqlx::raw_sql(swap).execute(&mut app.database.superuser().await).await.unwrap();
    assert_eq!(code(ada.signed_report(record, 1).await), ErrorCode::Internal, "another version's content");
    let digest =
        "update maneiro.signed_reports set sha256 = decode(repeat('00', 32), 'hex') where version = 2";
    sqlx::raw_sql(digest).execute(&mut app.database.superuser().await).await.unwrap();
    assert_eq!(code(ada.signed_report(record, 2).await), ErrorCode::Internal, "not what the digest says");
    app.finish().await;
}

#[tokio::test]
async fn signatures_at_once_get_their_versions_one_by_one() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    fixtures::let_sign(&ada, &dora).await;
    let (record, id) = analysed(&app, &ada).await;
    let request = fixtures::sign_report_request(&dora.analysis(id).await.unwrap());
    let signed: Vec<_> = (0..8)
        .map(|number| {
            let (dora, title) = (dora.clone(), format!("Report {number}"));
            let request = SignReport { title, ..request.clone() };
            tokio::spawn(async move { dora.sign_report(id, &request).await.unwrap().version })
        })
        .collect();
    let mut versions = Vec::new();
    for signed in signed {
        versions.push(signed.await.unwrap());
    }
    versions.sort_unstable();
    assert_eq!(versions, (1..=8).collect::<Vec<_>>());
    ada.delete_record(record).await.unwrap();
    assert_eq!(code(ada.signatures(record).await), ErrorCode::NotFound);
    app.delete_waiting_jobs().await;
    app.finish().await;
}
