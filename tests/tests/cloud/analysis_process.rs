//! The process that makes an analysis: what it has, what it may take, and that it ends with whoever wants it no more.

use std::{fs, num::NonZeroU32, sync::Arc, time::Duration};

use maneiro_analysis::{AnalysisRequest, SourcePage};
use maneiro_api::{
    DocumentId, RecordId,
    job::{JobErrorCode, JobState},
};
use maneiro_cloud::{
    analysis_process::{AnalysisProcess, AnalysisReply, AnalysisStep, ProcessExit, ProcessLimits},
    config::WorkerConfig,
};
use maneiro_tests::{
    Person, TestApp,
    app::WORKER_CONFIG,
    binaries::binary_path,
    faults::{FakeModel, ModelBehaviour},
    fixtures::{self, text_page},
    time::START_TIME,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{net::TcpListener, time::timeout};
use uuid::Uuid;

/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

fn limits(memory_mib: u32, cpu_time: Duration) -> ProcessLimits {
    let memory_mib = NonZeroU32::new(memory_mib).unwrap();
    ProcessLimits { program: binary_path("maneiro-cloud"), memory_mib, cpu_time }
}

fn begin() -> AnalysisStep {
    let request = AnalysisRequest { focus: None, window: None, today: START_TIME.date() };
    AnalysisStep::Begin { request, prompt_limits: None }
}

/// The text of a page of about 400 words.
fn page_text(number: u32) -> String {
    let (year, day) = (2000 + number % 25, 1 + number % 28);
    let note = format!(
        "PROGRESS NOTE\nDate of service: 03/{day:02}/{year}\nThe patient was seen for follow-up of hypertension and reports no \
         chest pain or shortness of breath.\nMEDICATIONS\nLisinopril {number} mg by mouth once daily\nLABORATORY\n\
         Potassium 4.{} mmol/L\nPLAN\nReturn in {} weeks.\n",
        number % 10,
        1 + number % 12,
    );
    note.repeat(9)
}

fn page(number: u32) -> AnalysisStep {
    let document = DocumentId::from_uuid(Uuid::from_u128(1));
    AnalysisStep::Page(SourcePage { document, page: text_page(number, &page_text(number)) })
}

/// Uploads a record of such pages.
async fn upload_record(doctor: &Person, pages: u32) -> RecordId {
    let texts: Vec<String> = (1..=pages).map(page_text).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    doctor.upload("A large record", &texts).await.0
}

async fn is_gone(pid: u32) -> bool {
    let gone = async {
        while fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, gone).await.is_ok()
}

/// The analysis processes whose parent is this process.
fn children_of(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| {
        let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let parent_of = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        command.split(|byte| *byte == 0).any(|argument| argument == b"analysis-child")
            && parent_of == Some(parent)
    })
    .collect()
}

#[tokio::test]
async fn analysis_process_has_no_secrets_files_or_network() {
    let mut process = AnalysisProcess::start(&limits(512, DEADLINE)).unwrap();
    process.send(&begin()).await.unwrap();
    let pid = process.id().unwrap();
    let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap();
    // The first reply of the kernel that shows the filter: the child has confined itself by then.
    let confined = async {
        while !read("status").contains("Seccomp:\t2") {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, confined).await.expect("the child permits itself few system calls");
    assert!(read("status").contains("NoNewPrivs:\t1"));
    assert_eq!(read("environ"), "");
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let mut descriptors: Vec<_> = descriptors.map(|entry| entry.unwrap().file_name()).collect();
    descriptors.sort();
    assert_eq!(descriptors, ["0", "1", "2"]);
    let limits = read("limits");
    for limit in ["Max core file size", "Max file size", "Max open files"] {
        let line = limits.lines().find(|line| line.starts_with(limit)).unwrap();
        assert_eq!(line[limit.len()..].split_whitespace().next(), Some("0"), "{line}");
    }
    drop(process);
    assert!(is_gone(pid).await, "a process that is dropped is killed");
}

#[tokio::test]
async fn analysis_that_exhausts_its_limits_ends_with_that_reason() {
    let mut process = AnalysisProcess::start(&limits(16, DEADLINE)).unwrap();
    process.send(&begin()).await.unwrap();
    let exit = async {
        for number in 1.. {
            if let Err(exit) = process.send(&page(number)).await {
                return exit;
            }
        }
        unreachable!("there are more pages than memory")
    };
    assert_eq!(timeout(DEADLINE, exit).await.unwrap(), ProcessExit::OutOfMemory);

    let mut process = AnalysisProcess::start(&limits(4096, Duration::from_secs(1))).unwrap();
    process.send(&begin()).await.unwrap();
    let exit = async {
        for number in 1.. {
            if let Err(exit) = process.send(&page(number)).await {
                return exit;
            }
        }
        unreachable!("there are more pages than time")
    };
    assert_eq!(timeout(DEADLINE, exit).await.unwrap(), ProcessExit::OutOfTime);

    let mut process = AnalysisProcess::start(&limits(512, DEADLINE)).unwrap();
    kill(Pid::from_raw(process.id().unwrap().try_into().unwrap()), Signal::SIGKILL).unwrap();
    assert_eq!(process.ask(&AnalysisStep::Analyse).await.unwrap_err(), ProcessExit::Crashed);
}

#[tokio::test]
async fn record_that_needs_too_much_memory_ends_at_once() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let record = upload_record(&doctor, 400).await;
    let job = doctor.request_analysis(record, "key").await;
    let config = WorkerConfig { analysis_memory_mib: NonZeroU32::new(8).unwrap(), ..WORKER_CONFIG };
    let worker = app.worker_with(config);
    let job = doctor.wait_for_outcome(job).await;
    assert_eq!((job.state, job.attempts), (JobState::Error, 1), "no attempt is made again");
    let error = job.error.unwrap();
    assert_eq!(error.code, JobErrorCode::RecordTooLarge);
    assert!(error.message.contains("smaller records"), "{}", error.message);

    // The worker goes on.
    let fixture = fixtures::complete_record(&doctor).await;
    let small = doctor.create_job(&fixture.create_job_request(), "small").await.unwrap();
    worker.stop().await;
    let worker = app.worker();
    assert_eq!(doctor.wait_for_outcome(small.id).await.state, JobState::Complete);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn clinic_that_cancels_and_retries_leaves_no_processes() {
    let model = Arc::new(FakeModel::new(ModelBehaviour::Hangs));
    let app = TestApp::options().model(&model).start().await;
    let doctor = app.clinic().await.doctor().await;
    let fixture = fixtures::complete_record(&doctor).await;
    let job = doctor.create_job(&fixture.create_job_request(), "key").await.unwrap();
    let worker = app.worker();
    for attempt in 1..=10 {
        // Each attempt has its process, which waits for the model.
        model.wait_for_calls(attempt).await;
        doctor.cancel_job(job.id).await.unwrap();
        doctor.retry_job(job.id).await.unwrap();
    }
    model.wait_for_calls(11).await;
    let max = WORKER_CONFIG.max_concurrent_jobs as usize;
    let few = async {
        while children_of(std::process::id()).len() > max {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, few).await.expect("a cancelled analysis ends its process");
    model.set_default(ModelBehaviour::Answers);
    assert_eq!(doctor.wait_for_outcome(job.id).await.state, JobState::Complete);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn analysis_process_ends_with_its_worker() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let fixture = fixtures::complete_record(&doctor).await;
    // A model's server that accepts and never answers.
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", server.local_addr().unwrap());
    let settings = [
        ("MANEIRO_MODEL_URL", url.as_str()),
        ("MANEIRO_MODEL_NAME", "m"),
        ("MANEIRO_EGRESS_ALLOWLIST", "127.0.0.1"),
    ];
    let worker = app.worker_process(app.object_store(), &settings);
    let job = doctor.create_job(&fixture.create_job_request(), "key").await.unwrap();
    let (_asked, _) = timeout(DEADLINE, server.accept()).await.expect("the model is asked").unwrap();
    let children = children_of(worker.id());
    assert_eq!(children.len(), 1, "{children:?}");
    worker.kill().await;
    assert!(is_gone(children[0]).await, "the child outlives its parent");
    doctor.cancel_job(job.id).await.unwrap();
    app.finish().await;
}

#[tokio::test]
async fn lost_worker_does_not_pay_for_an_answer_twice() {
    let model = Arc::new(FakeModel::new(ModelBehaviour::Answers));
    let app = TestApp::options().model(&model).start().await;
    let doctor = app.clinic().await.doctor().await;
    let record = upload_record(&doctor, 60).await;

    let whole = doctor.request_analysis(record, "to know the count").await;
    let worker = app.worker();
    assert_eq!(doctor.wait_for_outcome(whole).await.state, JobState::Complete);
    let requests = model.calls();
    assert!(requests >= 3, "the record takes {requests} requests");
    let kept = "select count(*) from maneiro.model_answers";
    let kept: i64 = sqlx::query_scalar(kept).fetch_one(&mut app.database.superuser().await).await.unwrap();
    assert_eq!(kept, 0, "answers are removed with the recorded analysis");

    // The last request hangs, and the worker is lost.
    model.set_default(ModelBehaviour::HangsAfter(2 * requests - 1));
    let job = doctor.request_analysis(record, "lost").await;
    model.wait_for_calls(2 * requests).await;
    drop(worker);
    model.set_default(ModelBehaviour::Answers);
    let worker = app.worker();
    assert_eq!(doctor.wait_for_outcome(job).await.state, JobState::Complete);
    assert_eq!(model.calls(), 2 * requests + 1, "only the lost question was asked again");
    worker.stop().await;
    app.finish().await;
}

/// `MANEIRO_TEST_LONG=1` makes the record one of 10,000 pages.
#[tokio::test]
async fn large_record_fits_into_300_mib() {
    let pages = if std::env::var_os("MANEIRO_TEST_LONG").is_some() { 10_000 } else { 300 };
    let started = tokio::time::Instant::now();
    let mut process = AnalysisProcess::start(&limits(300, Duration::from_secs(3600))).unwrap();
    let pid = process.id().unwrap();
    process.send(&begin()).await.unwrap();
    for number in 1..=pages {
        process.send(&page(number)).await.unwrap();
    }
    let (done, mut is_done) = tokio::sync::oneshot::channel::<()>();
    let peak = tokio::spawn(async move {
        let mut peak = String::new();
        while is_done.try_recv().is_err() {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM:")) {
                peak = line.to_owned();
            }
            tokio::task::yield_now().await;
        }
        peak
    });
    let reply = process.ask(&AnalysisStep::Analyse).await.unwrap();
    let seconds = started.elapsed().as_secs();
    assert!(matches!(reply, AnalysisReply::Finished(_)));
    done.send(()).unwrap();
    println!("{pages} pages in {seconds} s; the child's {}", peak.await.unwrap());
}
