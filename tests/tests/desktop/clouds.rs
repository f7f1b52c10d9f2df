//! The workstation and a cloud that is there, is not, or dies half-way.

use std::{net::TcpListener, path::Path};

use maneiro_api::{
    DocumentId, RecordId, RetryPolicy,
    client::{Client, ClientError},
    job::CreateJob,
};
use maneiro_tests::{
    PASSWORD, TestApp,
    papers::notes,
    relay::Relay,
    workstation::{Ran, Workstation},
};
use serde_json::Value;
use time::macros::datetime;

const NOTE: &str = "Metoprolol 50 mg by mouth twice daily for hypertension.";

/// 120 pages: three uploads.
const THREE_UPLOADS: usize = 120;

async fn analyze(workstation: &Workstation, options: &[&str]) -> Ran {
    let file = workstation.path("record.pdf");
    let options = ["--json"].iter().chain(options).map(Path::new);
    workstation.run_beside([Path::new("analyze"), &file].into_iter().chain(options)).await
}

fn code(ran: &Ran) -> (i32, String) {
    let error: Value = serde_json::from_str(&ran.stderr).unwrap_or_else(|_| panic!("{}", ran.stderr));
    (ran.exit, error["error"]["code"].as_str().unwrap().to_owned())
}

fn read_now(document: &Value) -> u64 {
    document["files"][0]["pages_read_now"].as_u64().unwrap()
}

#[tokio::test]
async fn a_cloud_that_is_not_there_is_said_so_before_anything_is_read() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let workstation = Workstation::new().signed_in(&format!("http://{gone}"), &"token".to_owned().into());
    let file = workstation.file("record.pdf", notes(1, NOTE));
    let ran = workstation.run([Path::new("analyze"), &file, "--retry-for=0".as_ref()]);
    let said = ran.refused(5, "cloud_unreachable");
    assert_eq!(said, "the cloud cannot be reached");
    assert!(!workstation.path("data").exists());
}

#[test]
fn an_address_that_would_send_data_in_clear_is_refused() {
    let workstation = Workstation::new().signed_in("http://cloud.example", &"token".to_owned().into());
    workstation.run(["whoami"]).refused(2, "cloud_address_not_encrypted");
}

#[tokio::test]
async fn a_cloud_that_dies_half_way_and_comes_back_in_time_gets_the_rest() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let relay = Relay::to(&app).await;
    let workstation = Workstation::new().signed_in(relay.url.as_str(), &doctor.token);
    let _file = workstation.file("record.pdf", notes(THREE_UPLOADS, NOTE));
    relay.break_at(2, 3);
    let document = analyze(&workstation, &[]).await.json();
    assert_eq!(document["job"]["state"], "complete");
    assert_eq!(relay.uploads(), 4, "only the upload whose answer was lost is sent again");
    assert_eq!(doctor.me().await.unwrap().usage.analyses_used, 1);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_cloud_that_dies_half_way_gets_the_rest_from_a_second_run() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let relay = Relay::to(&app).await;
    let workstation = Workstation::new().signed_in(relay.url.as_str(), &doctor.token);
    let _file = workstation.file("record.pdf", notes(THREE_UPLOADS, NOTE));
    relay.break_at(1, usize::MAX);
    let ran = analyze(&workstation, &["--retry-for=1"]).await;
    assert_eq!(code(&ran), (5, "cloud_unavailable".to_owned()));
    relay.repair();
    let document = analyze(&workstation, &[]).await.json();
    assert_eq!((read_now(&document), relay.uploads()), (0, 3), "nothing is read or sent twice");
    assert_eq!(doctor.me().await.unwrap().usage.analyses_used, 1);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn the_same_command_again_sends_nothing_and_costs_nothing_unless_asked_anew() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let relay = Relay::to(&app).await;
    let workstation = Workstation::new().signed_in(relay.url.as_str(), &doctor.token);
    let _file = workstation.file("record.pdf", notes(3, NOTE));
    let first = analyze(&workstation, &[]).await.json();
    let second = analyze(&workstation, &[]).await.json();
    assert_eq!(first["job"]["id"], second["job"]["id"]);
    assert_eq!((read_now(&second), relay.uploads()), (0, 1));
    assert_eq!(doctor.me().await.unwrap().usage.analyses_used, 1);

    let anew = analyze(&workstation, &["--again"]).await.json();
    let focused = analyze(&workstation, &["--focus", "blood pressure", "--from", "2024-01-01"]).await.json();
    assert_ne!(anew["job"]["id"], first["job"]["id"]);
    assert_ne!(focused["job"]["id"], anew["job"]["id"]);
    assert_eq!(focused["job"]["focus"], "blood pressure");
    assert_eq!(relay.uploads(), 1);
    assert_eq!(doctor.me().await.unwrap().usage.analyses_used, 3);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn the_same_file_from_another_machine_is_a_record_of_its_own_and_no_conflict() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let mut records = Vec::new();
    for _ in 0..2 {
        let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
        let _file = workstation.file("record.pdf", notes(2, NOTE));
        records.push(analyze(&workstation, &[]).await.json()["job"]["record"].clone());
    }
    assert_ne!(records[0], records[1]);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_workstation_whose_clock_is_years_off_works_as_any_other() {
    for cloud_time in [datetime!(2001-09-09 01:46 UTC), datetime!(2061-07-28 12:00 UTC)] {
        let app = TestApp::start().await;
        app.clock.set(cloud_time);
        let worker = app.worker();
        let doctor = app.clinic().await.doctor().await;
        let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
        let _file = workstation.file("record.pdf", notes(2, NOTE));
        let document =
            analyze(&workstation, &["--out", workstation.path("out").to_str().unwrap()]).await.json();
        assert_eq!(document["job"]["state"], "complete", "{cloud_time}");
        assert!(workstation.path("out/report.pdf").is_file());
        worker.stop().await;
        app.finish().await;
    }
}

#[tokio::test]
async fn a_session_that_is_over_is_said_so_before_anything_is_read() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
    let _file = workstation.file("record.pdf", notes(1, NOTE));
    doctor.logout().await.unwrap();
    assert_eq!(code(&analyze(&workstation, &[]).await), (4, "unauthenticated".to_owned()));
    assert!(!workstation.path("data").exists());
    app.finish().await;
}

#[tokio::test]
async fn when_the_plan_is_used_up_it_says_when_the_count_starts_again() {
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
    let file = workstation.file("record.pdf", notes(1, NOTE));
    let ran = workstation.run_beside([Path::new("analyze"), &file]).await;
    assert_eq!(ran.exit, 6, "{}", ran.stderr);
    let said = ran.stderr.lines().last().unwrap();
    assert!(said.starts_with("error[limit_reached]: all 5 analyses of this month are used"), "{said}");
    assert!(said.contains("1 April 2026"), "{said}");
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn an_original_arrives_sealed() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
    let _file = workstation.file("record.pdf", notes(40, NOTE));
    let document = analyze(&workstation, &["--originals"]).await.json();
    let record: RecordId = document["job"]["record"].as_str().unwrap().parse().unwrap();
    let documents = doctor.record(record).await.unwrap().documents;
    assert!(documents[0].has_original);
    let _: DocumentId = documents[0].id;
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn without_a_keychain_a_token_is_printed_on_request_and_never_written() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let workstation = Workstation::new();
    let login = |option: &'static str| {
        let email = admin.me.email.clone();
        let mut command = workstation.command(["login", "--email", &email, "--password-stdin"]);
        command.args((!option.is_empty()).then_some(option)).env("MANEIRO_CLOUD_URL", app.url.as_str());
        command.stdin(std::fs::File::open(workstation.file("password", format!("{PASSWORD}\n"))).unwrap());
        tokio::process::Command::from(command)
    };
    let refused = Ran::from(login("").output().await.unwrap());
    assert!(refused.refused(4, "no_keychain").contains("MANEIRO_TOKEN"));
    let token = Ran::from(login("--print-token").output().await.unwrap()).stdout.trim().to_owned();
    std::fs::remove_file(workstation.path("password")).unwrap();
    let kept = workstation.bytes_of("");
    assert!(!kept.windows(token.len()).any(|window| window == token.as_bytes()));

    let workstation = workstation.signed_in(app.url.as_str(), &token.clone().into());
    let me = workstation.run_beside(["whoami", "--json"]).await.json();
    assert_eq!(me["me"]["email"], admin.me.email.as_str());
    assert_eq!(workstation.run_beside(["logout"]).await.exit, 0);
    workstation.run_beside(["whoami"]).await.refused(4, "unauthenticated");
    app.finish().await;
}

#[tokio::test]
async fn a_job_is_listed_and_its_report_can_be_had_again() {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
    let _file = workstation.file("record.pdf", notes(2, NOTE));
    let analysis = analyze(&workstation, &[]).await.json();
    let job = analysis["job"]["id"].as_str().unwrap();
    let listed = workstation.run_beside(["jobs", "--json"]).await.json();
    assert_eq!(listed["items"][0]["id"], job);
    let out = workstation.path("out");
    let report =
        workstation.run_beside(["report", job, "--json", "--out", out.to_str().unwrap()]).await.json();
    assert_eq!(report["analysis"], analysis["analysis"]);
    let pdf = std::fs::read(out.join("report.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(out.join("analysis.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "patient data is for this user only");
    }
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_call_that_the_service_may_not_have_heard_is_not_repeated_if_that_could_do_it_twice() {
    let app = TestApp::start().await;
    let relay = Relay::to(&app).await;
    relay.break_at(0, 1);
    let retry = RetryPolicy::with_total_delay(std::time::Duration::from_secs(5));
    let client = Client::new(relay.url.as_str(), retry).unwrap();
    let create = maneiro_api::record::CreateRecord { title: "once".to_owned() };
    assert!(matches!(client.create_record(&create).await, Err(ClientError::Unavailable)));
    // What is harmless is: the network is back, and says that nobody is signed in.
    relay.break_at(0, 1);
    assert!(matches!(client.me().await, Err(ClientError::Api(_))));
    app.finish().await;
}
