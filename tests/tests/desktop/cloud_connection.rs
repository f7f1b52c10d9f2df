//! The workstation with a cloud that works, is unreachable, or fails half-way.

use std::{net::TcpListener, path::Path};

use maneiro_api::{
    DocumentId, RecordId, RetryPolicy,
    client::{Client, ClientError},
    job::CreateJob,
};
use maneiro_tests::{
    PASSWORD, TestApp,
    flaky_http::FlakyHttpProxy,
    pdf_fixtures::notes_pdf,
    workstation::{CommandOutput, Workstation},
};
use serde_json::Value;
use time::macros::datetime;

const NOTE: &str = "Metoprolol 50 mg by mouth twice daily for hypertension.";

/// 120 pages: three uploads.
const THREE_UPLOADS: usize = 120;

async fn analyze(workstation: &Workstation, options: &[&str]) -> CommandOutput {
    let file = workstation.path("record.pdf");
    let options = ["--json"].iter().chain(options).map(Path::new);
    workstation.run_async([Path::new("analyze"), &file].into_iter().chain(options)).await
}

fn exit_and_code(ran: &CommandOutput) -> (i32, String) {
    let error: Value = serde_json::from_str(&ran.stderr).unwrap_or_else(|_| panic!("{}", ran.stderr));
    (ran.exit_code, error["error"]["code"].as_str().unwrap().to_owned())
}

fn newly_read(document: &Value) -> u64 {
    document["files"][0]["pages_newly_read"].as_u64().unwrap()
}

#[tokio::test]
async fn an_unreachable_cloud_is_reported_before_reading() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let workstation = Workstation::new().signed_in(&format!("http://{gone}"), &"token".to_owned().into());
    let file = workstation.write_file("record.pdf", notes_pdf(1, NOTE));
    let ran = workstation.run([Path::new("analyze"), &file, "--retry-for=0".as_ref()]);
    let message = ran.assert_error(5, "cloud_unreachable");
    assert_eq!(message, "the cloud cannot be reached");
    assert!(!workstation.path("data").exists());
}

#[test]
fn an_unencrypted_address_is_refused() {
    let workstation = Workstation::new().signed_in("http://cloud.example", &"token".to_owned().into());
    workstation.run(["whoami"]).assert_error(2, "cloud_address_not_encrypted");
}

#[tokio::test]
async fn a_cloud_that_recovers_in_time_gets_the_rest() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let proxy = FlakyHttpProxy::start(&app).await;
    let workstation = Workstation::new().signed_in(proxy.url.as_str(), &doctor.token);
    let _file = workstation.write_file("record.pdf", notes_pdf(THREE_UPLOADS, NOTE));
    proxy.fail_at_upload(2, 3);
    let document = analyze(&workstation, &[]).await.json();
    assert_eq!(document["job"]["state"], "complete");
    assert_eq!(proxy.upload_count(), 4, "only the upload whose response was lost is repeated");
    assert_eq!(doctor.me().await.unwrap().usage.analyses_used, 1);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_second_run_uploads_the_rest_after_a_failure() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let proxy = FlakyHttpProxy::start(&app).await;
    let workstation = Workstation::new().signed_in(proxy.url.as_str(), &doctor.token);
    let _file = workstation.write_file("record.pdf", notes_pdf(THREE_UPLOADS, NOTE));
    proxy.fail_at_upload(1, usize::MAX);
    let ran = analyze(&workstation, &["--retry-for=1"]).await;
    assert_eq!(exit_and_code(&ran), (5, "cloud_unavailable".to_owned()));
    proxy.repair();
    let document = analyze(&workstation, &[]).await.json();
    assert_eq!((newly_read(&document), proxy.upload_count()), (0, 3), "nothing is read or uploaded twice");
    assert_eq!(doctor.me().await.unwrap().usage.analyses_used, 1);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_repeated_command_costs_nothing_unless_rerun_is_given() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let proxy = FlakyHttpProxy::start(&app).await;
    let workstation = Workstation::new().signed_in(proxy.url.as_str(), &doctor.token);
    let _file = workstation.write_file("record.pdf", notes_pdf(3, NOTE));
    let first = analyze(&workstation, &[]).await.json();
    let second = analyze(&workstation, &[]).await.json();
    assert_eq!(first["job"]["id"], second["job"]["id"]);
    assert_eq!((newly_read(&second), proxy.upload_count()), (0, 1));
    assert_eq!(doctor.me().await.unwrap().usage.analyses_used, 1);

    let rerun = analyze(&workstation, &["--rerun"]).await.json();
    let focused = analyze(&workstation, &["--focus", "blood pressure", "--from", "2024-01-01"]).await.json();
    assert_ne!(rerun["job"]["id"], first["job"]["id"]);
    assert_ne!(focused["job"]["id"], rerun["job"]["id"]);
    assert_eq!(focused["job"]["focus"], "blood pressure");
    assert_eq!(proxy.upload_count(), 1);
    assert_eq!(doctor.me().await.unwrap().usage.analyses_used, 3);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn the_same_file_from_another_machine_is_another_record() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let mut records = Vec::new();
    for _ in 0..2 {
        let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
        let _file = workstation.write_file("record.pdf", notes_pdf(2, NOTE));
        records.push(analyze(&workstation, &[]).await.json()["job"]["record"].clone());
    }
    assert_ne!(records[0], records[1]);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_wrong_clock_of_the_workstation_has_no_effect() {
    for cloud_time in [datetime!(2001-09-09 01:46 UTC), datetime!(2061-07-28 12:00 UTC)] {
        let app = TestApp::start().await;
        app.clock.set(cloud_time);
        let worker = app.worker();
        let doctor = app.clinic().await.doctor().await;
        let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
        let _file = workstation.write_file("record.pdf", notes_pdf(2, NOTE));
        let document =
            analyze(&workstation, &["--out", workstation.path("out").to_str().unwrap()]).await.json();
        assert_eq!(document["job"]["state"], "complete", "{cloud_time}");
        assert!(workstation.path("out/report.pdf").is_file());
        worker.stop().await;
        app.finish().await;
    }
}

#[tokio::test]
async fn an_expired_session_is_reported_before_reading() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
    let _file = workstation.write_file("record.pdf", notes_pdf(1, NOTE));
    doctor.logout().await.unwrap();
    assert_eq!(exit_and_code(&analyze(&workstation, &[]).await), (4, "unauthenticated".to_owned()));
    assert!(!workstation.path("data").exists());
    app.finish().await;
}

#[tokio::test]
async fn a_reached_limit_is_reported_with_its_reset_date() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    clinic.subscribe("free").await;
    let doctor = clinic.doctor().await;
    let (record, _) = doctor.upload("used up", &["Metoprolol 50 mg"]).await;
    let worker = app.worker();
    for number in 0..5 {
        let create = CreateJob { record, focus: None, window: None };
        let job = doctor.create_job(&create, &format!("used-up-{number}")).await.unwrap();
        doctor.watch_job(job.id, |_| ()).await.unwrap();
    }
    let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
    let file = workstation.write_file("record.pdf", notes_pdf(1, NOTE));
    let ran = workstation.run_async([Path::new("analyze"), &file]).await;
    assert_eq!(ran.exit_code, 6, "{}", ran.stderr);
    let message = ran.stderr.lines().last().unwrap();
    assert!(message.starts_with("error[limit_reached]: all 5 analyses of the plan are used"), "{message}");
    assert!(message.contains("1 April 2026"), "{message}");
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn an_original_is_uploaded_sealed() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
    let _file = workstation.write_file("record.pdf", notes_pdf(40, NOTE));
    let document = analyze(&workstation, &["--include-originals"]).await.json();
    let record: RecordId = document["job"]["record"].as_str().unwrap().parse().unwrap();
    let documents = doctor.record(record).await.unwrap().documents;
    assert!(documents[0].has_original);
    let _: DocumentId = documents[0].id;
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_token_without_a_keychain_is_printed_and_not_stored() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let workstation = Workstation::new();
    let login = |option: &'static str| {
        let email = admin.me.email.clone();
        let mut command = workstation.command(["login", "--email", &email, "--password-stdin"]);
        command.args((!option.is_empty()).then_some(option)).env("MANEIRO_CLOUD_URL", app.url.as_str());
        command
            .stdin(std::fs::File::open(workstation.write_file("password", format!("{PASSWORD}\n"))).unwrap());
        tokio::process::Command::from(command)
    };
    let refused = CommandOutput::from(login("").output().await.unwrap());
    assert!(refused.assert_error(4, "no_keychain").contains("MANEIRO_TOKEN"));
    let token = CommandOutput::from(login("--print-token").output().await.unwrap()).stdout.trim().to_owned();
    std::fs::remove_file(workstation.path("password")).unwrap();
    let stored = workstation.folder_bytes("");
    assert!(!stored.windows(token.len()).any(|window| window == token.as_bytes()));

    let workstation = workstation.signed_in(app.url.as_str(), &token.clone().into());
    let me = workstation.run_async(["whoami", "--json"]).await.json();
    assert_eq!(me["me"]["email"], admin.me.email.as_str());
    assert_eq!(workstation.run_async(["logout"]).await.exit_code, 0);
    workstation.run_async(["whoami"]).await.assert_error(4, "unauthenticated");
    app.finish().await;
}

#[tokio::test]
async fn a_job_is_listed_and_its_report_can_be_written_again() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
    let _file = workstation.write_file("record.pdf", notes_pdf(2, NOTE));
    let analysis = analyze(&workstation, &[]).await.json();
    let job = analysis["job"]["id"].as_str().unwrap();
    let listed = workstation.run_async(["jobs", "--json"]).await.json();
    assert_eq!(listed["items"][0]["id"], job);
    let out = workstation.path("out");
    let report =
        workstation.run_async(["report", job, "--json", "--out", out.to_str().unwrap()]).await.json();
    assert_eq!(report["analysis"], analysis["analysis"]);
    let pdf = std::fs::read(out.join("report.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(out.join("report.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "patient data is for this user only");
    }
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_call_that_is_not_idempotent_is_not_retried() {
    let app = TestApp::start().await;
    let proxy = FlakyHttpProxy::start(&app).await;
    proxy.fail_at_upload(0, 1);
    let retry = RetryPolicy::with_total_delay(std::time::Duration::from_secs(5));
    let client = Client::new(proxy.url.as_str(), retry).unwrap();
    let create = maneiro_api::record::CreateRecord { title: "once".to_owned() };
    assert!(matches!(client.create_record(&create).await, Err(ClientError::Unavailable)));
    // A call that is safe to repeat is retried, and the service refuses it for lack of a session.
    proxy.fail_at_upload(0, 1);
    assert!(matches!(client.me().await, Err(ClientError::Api(_))));
    app.finish().await;
}
