//! The job queue, end to end: whatever happens to workers and their dependencies, no accepted job is lost or recorded twice.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use maneiro_api::{
    AnalysisId, JobId, RecordId, TaskId,
    analysis::{Analysis, DiscardedOutput, Findings, Generator, ModelFailure},
    job::{CreateJob, Job, JobErrorCode, JobState},
    record::PageBatch,
};
use maneiro_cloud::{
    app::queue,
    config::WorkerConfig,
    domain::{
        error::Error,
        task::{LeasedTask, MAX_ATTEMPTS, NewTask, TaskErrorCode, TaskKind},
    },
    ports::ObjectStore as _,
    store::{SystemTask, tasks},
};
use maneiro_tests::{
    Person, TestApp,
    app::WORKER_CONFIG,
    faults::{FakeModel, ModelBehaviour},
    fixtures::{add_document_request, text_page},
    proxy::{Proxy, Traffic},
};
use nix::sys::signal::Signal;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;

const PAGES: &[&str] =
    &["Medications\nMetformin 500 mg by mouth twice daily", "Allergies\nPenicillin: hives"];

/// A doctor of a new clinic, and a record of theirs.
async fn doctor_with_record(app: &TestApp) -> (Person, RecordId) {
    let doctor = app.clinic().await.doctor().await;
    let (record, _) = doctor.upload("Jane Sample", PAGES).await;
    (doctor, record)
}

async fn request_with_focus(doctor: &Person, record: RecordId, focus: &str) -> JobId {
    let create = CreateJob { record, focus: Some(focus.to_owned()), window: None };
    doctor.create_job(&create, focus).await.expect("an analysis can be requested").id
}

async fn analyses_used(doctor: &Person) -> u32 {
    doctor.me().await.expect("a doctor can read their account").usage.analyses_used
}

/// How many rows a query past row-level security counts.
async fn count(app: &TestApp, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql)
        .fetch_one(&mut app.database.superuser().await)
        .await
        .expect("the superuser may count")
}

async fn expire_leases(app: &TestApp) {
    sqlx::query(
        "update maneiro.tasks set lease_expires_at = now() - interval '1 second' where state = 'running'",
    )
    .execute(&mut app.database.superuser().await)
    .await
    .expect("the superuser may change a lease");
}

/// Claims waiting analyses as a worker does.
async fn claim(app: &TestApp, limit: u32) -> Vec<LeasedTask> {
    queue::claim(&app.app, &[TaskKind::Analysis], Duration::from_secs(3600), limit)
        .await
        .expect("the queue can be read")
}

fn fake_model() -> Arc<FakeModel> {
    Arc::new(FakeModel::new(ModelBehaviour::Answers))
}

fn is_processing(job: &Job) -> bool {
    job.state == JobState::Processing
}

fn error_code(job: &Job) -> Option<JobErrorCode> {
    job.error.as_ref().map(|error| error.code)
}

#[tokio::test]
async fn a_worker_completes_a_requested_analysis() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let job = doctor.request_analysis(record, "first").await;
    let worker = app.worker();

    let job = doctor.wait_for_outcome(job).await;

    assert_eq!(job.state, JobState::Complete, "{job:?}");
    assert_eq!((job.progress.pages_done, job.attempts), (2, 1));
    let analysis = doctor
        .analysis(job.analysis.expect("a complete job has its analysis"))
        .await
        .expect("it can be read");
    assert_eq!((analysis.record, analysis.sources[0].pages), (record, 2));
    assert_eq!(analysis.generator, Generator::Extractive);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn an_analysis_names_its_model() {
    let app = TestApp::options().model(&fake_model()).start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let _worker = app.worker();

    let job = doctor.request_analysis(record, "first").await;
    let job = doctor.wait_for_outcome(job).await;

    let analysis = doctor.analysis(job.analysis.expect("it is complete")).await.expect("it can be read");
    assert_eq!(analysis.generator, Generator::Model { name: "fake-1".to_owned() });
    app.finish().await;
}

/// Kills the real worker while it has two jobs, twenty times, each at another moment.
#[tokio::test]
async fn a_killed_worker_loses_no_job_and_records_none_twice() {
    const KILLS: usize = 20;
    const SEED: u64 = 20_261_120;
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let objects = Proxy::start(app.object_store()).await;
    // Slow responses make it likely that a kill hits a job.
    objects.set_traffic(Traffic::Delayed(Duration::from_millis(60)));
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    let mut seconds = Vec::new();
    let mut interrupted = 0;

    let mut worker = app.worker_process(&objects.url(), &[]);
    for kill in 0..KILLS {
        let first = doctor.request_analysis(record, &format!("first of {kill}")).await;
        let second = doctor.request_analysis(record, &format!("second of {kill}")).await;
        doctor.wait_for_job(first, |job| is_processing(job) || job.state.is_final()).await;
        let moment = Duration::from_millis(rng.random_range(0..250));
        tokio::time::sleep(moment).await;
        worker.kill().await;
        let killed = Instant::now();

        worker = app.worker_process(&objects.url(), &[]);
        let ended = [doctor.wait_for_outcome(first).await, doctor.wait_for_outcome(second).await];

        seconds.push(killed.elapsed().as_secs_f64());
        interrupted += ended.iter().filter(|job| job.attempts > 1).count();
        for job in ended {
            assert_eq!(job.state, JobState::Complete, "after kill {kill}: {job:?}");
        }
    }

    // The last kill may have come after both jobs; one more shows that the worker is up before it is asked to stop.
    let last = doctor.request_analysis(record, "the last").await;
    assert_eq!(doctor.wait_for_outcome(last).await.state, JobState::Complete);
    worker.stop().await;
    let jobs = i64::try_from(2 * KILLS + 1).expect("a small number");
    assert_eq!(count(&app, "select count(*) from maneiro.analyses").await, jobs);
    assert_eq!(count(&app, "select count(distinct job_id) from maneiro.analyses").await, jobs);
    assert_eq!(
        count(&app, "select count(*) from maneiro.audit_events where action = 'job.completed'").await,
        jobs
    );
    assert_eq!(i64::from(analyses_used(&doctor).await), jobs);
    assert!(interrupted > 0, "no kill hit a job");
    seconds.sort_by(f64::total_cmp);
    println!(
        "seed {SEED}: {KILLS} kills, {interrupted} jobs interrupted, 0 of {jobs} lost, 0 recorded twice; seconds from the kill \
         until both jobs were complete (lease 0.9 s): median {:.1}, longest {:.1}",
        seconds[KILLS / 2],
        seconds[KILLS - 1]
    );
    app.finish().await;
}

#[tokio::test]
async fn a_worker_paused_past_its_lease_cannot_record() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let objects = Proxy::start(app.object_store()).await;
    objects.set_traffic(Traffic::Held);
    let paused = app.worker_process(&objects.url(), &[]);
    let job = doctor.request_analysis(record, "first").await;
    doctor.wait_for_job(job, is_processing).await;
    paused.signal(Signal::SIGSTOP);

    let other = app.worker();
    let complete = doctor.wait_for_outcome(job).await;
    assert_eq!((complete.state, complete.attempts), (JobState::Complete, 2));
    objects.set_traffic(Traffic::Delayed(Duration::ZERO));
    paused.signal(Signal::SIGCONT);
    let log = paused.stop().await;

    assert!(log.contains("lease lost: the task was cancelled or taken back"), "{log}");
    assert_eq!(doctor.job(job).await.expect("the job is there"), complete);
    assert_eq!(count(&app, "select count(*) from maneiro.analyses").await, 1);
    other.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn an_expired_lease_records_nothing() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let job = doctor.request_analysis(record, "first").await;
    let stale = claim(&app, 5).await.pop().expect("one waits").lease;
    let stale_job = stale.as_job_lease().expect("an analysis is of a job");
    expire_leases(&app).await;
    assert_eq!(queue::reap_expired_leases(&app.app, 5).await.expect("expired leases can be reaped"), 1);

    // What a worker would record that was paused after its last renewal.
    let late = Analysis {
        id: AnalysisId::from_uuid(app.app.new_uuid()),
        job,
        record,
        generator: Generator::Extractive,
        generated_at: app.app.now(),
        focus: None,
        window: None,
        sources: Vec::new(),
        discarded: DiscardedOutput::default(),
        model_failure: None,
        findings: Findings::default(),
    };
    let refused = queue::complete_analysis(&app.app, &stale_job, &late).await;
    assert!(matches!(refused, Err(Error::LeaseLost)), "completing while it waits: {refused:?}");
    let refused = queue::fail(&app.app, &stale, TaskErrorCode::Internal).await;
    assert!(matches!(refused, Err(Error::LeaseLost)), "while it waits: {refused:?}");
    let current = claim(&app, 5).await.pop().expect("one waits").lease;
    let refused = queue::complete_analysis(&app.app, &stale_job, &late).await;
    assert!(matches!(refused, Err(Error::LeaseLost)), "completing while another has it: {refused:?}");
    let refused = queue::fail(&app.app, &stale, TaskErrorCode::Internal).await;
    assert!(matches!(refused, Err(Error::LeaseLost)), "while another has it: {refused:?}");
    let refused = queue::renew(&app.app, &stale, Duration::from_secs(3600)).await;
    assert!(matches!(refused, Err(Error::LeaseLost)), "renewing: {refused:?}");
    let refused = queue::release(&app.app, &stale).await;
    assert!(matches!(refused, Err(Error::LeaseLost)), "releasing: {refused:?}");
    queue::store_progress(&app.app, &stale_job, 2).await.expect("progress of a stale attempt is ignored");
    assert_eq!(doctor.job(job).await.expect("the job is there").progress.pages_done, 0);

    let job = doctor.cancel_job(job).await.expect("a job in hand can be cancelled");
    assert_eq!((job.state, job.attempts, job.analysis), (JobState::Cancelled, 2, None));
    let current_job = current.as_job_lease().expect("an analysis is of a job");
    let refused = queue::complete_analysis(&app.app, &current_job, &late).await;
    assert!(matches!(refused, Err(Error::LeaseLost)), "completing once it is cancelled: {refused:?}");
    assert_eq!(count(&app, "select count(*) from maneiro.analyses").await, 0);
    app.finish().await;
}

/// Spends all attempts but the last of the tasks that are running, and expires their leases.
async fn expire_last_attempts(app: &TestApp) {
    let expire = "update maneiro.tasks set attempt = 5, lease_expires_at = now() - interval '1 second'
                  where state = 'running'";
    sqlx::query(expire)
        .execute(&mut app.database.superuser().await)
        .await
        .expect("the superuser may change tasks");
}

#[tokio::test]
async fn a_task_that_cannot_be_ended_becomes_a_dead_letter() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let broken = doctor.request_analysis(record, "broken").await;
    let healthy = doctor.request_analysis(record, "healthy").await;
    assert_eq!(claim(&app, 5).await.len(), 2);
    expire_last_attempts(&app).await;
    let mut superuser = app.database.superuser().await;
    // The broken job is the first to be ended.
    let breaking = "update maneiro.tasks set lease_expires_at = lease_expires_at - interval '1 hour' where subject_id = $1";
    sqlx::query(breaking).bind(broken.uuid()).execute(&mut superuser).await.expect("the superuser may");
    sqlx::query("update maneiro.jobs set pages_total = -1 where id = $1")
        .bind(broken.uuid())
        .execute(&mut superuser)
        .await
        .expect("the superuser may damage a job");

    assert_eq!(queue::reap_expired_leases(&app.app, 5).await.expect("the queue can be read"), 2);

    assert_eq!(doctor.job(healthy).await.expect("the job is there").state, JobState::Error);
    assert_eq!(count(&app, "select count(*) from maneiro.tasks where state = 'dead'").await, 2);
    assert_eq!(count(&app, "select count(*) from maneiro.jobs where state = 'error'").await, 2);
    assert_eq!(queue::reap_expired_leases(&app.app, 5).await.expect("the queue can be read"), 0);
    app.finish().await;
}

#[tokio::test]
async fn an_analysis_that_cannot_be_asked_for_is_no_dead_letter() {
    let model = Arc::new(FakeModel::new(ModelBehaviour::CannotBeAsked));
    let app = TestApp::options().model(&model).start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let job = doctor.request_analysis(record, "key").await;
    let worker = app.worker();
    assert_eq!(doctor.wait_for_outcome(job).await.state, JobState::Error);
    assert_eq!(count(&app, "select count(*) from maneiro.tasks where kind = 'analysis'").await, 0);

    model.set_default(ModelBehaviour::Answers);
    doctor.retry_job(job).await.expect("it can be retried");
    assert_eq!(doctor.wait_for_outcome(job).await.state, JobState::Complete);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_failed_job_without_its_usage_row_still_ends() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let job = doctor.request_analysis(record, "first").await;
    assert_eq!(claim(&app, 5).await.len(), 1);
    expire_last_attempts(&app).await;
    sqlx::query("delete from maneiro.usage")
        .execute(&mut app.database.superuser().await)
        .await
        .expect("the superuser may delete usage");

    queue::reap_expired_leases(&app.app, 5).await.expect("the queue can be read");

    let job = doctor.job(job).await.expect("the job is there");
    assert_eq!((job.state, error_code(&job)), (JobState::Error, Some(JobErrorCode::WorkerLost)));
    app.finish().await;
}

#[tokio::test]
async fn an_unknown_kind_is_left_for_a_newer_worker() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let insert = "insert into maneiro.tasks (id, org_id, kind, priority, state, run_after, attempt, lease_id, lease_expires_at)
                  values ($1, $2, 'of_a_newer_release', 1, $3, now() - interval '1 hour', $4, $5, now() - $6 * interval '1 hour')";
    let mut superuser = app.database.superuser().await;
    for (state, attempt) in [("waiting", 0), ("running", 1), ("running", 5)] {
        let lease = (state == "running").then(|| app.app.new_uuid());
        sqlx::query(insert)
            .bind(app.app.new_uuid())
            .bind(doctor.me.organization.uuid())
            .bind(state)
            .bind(attempt)
            .bind(lease)
            .bind(lease.map(|_| 1))
            .execute(&mut superuser)
            .await
            .expect("the superuser may enqueue anything");
    }
    let newer = "select string_agg(id || state || attempt, ',' order by id) from maneiro.tasks
                 where kind = 'of_a_newer_release'";
    let before: String = sqlx::query_scalar(newer).fetch_one(&mut superuser).await.expect("they are there");
    let worker = app.worker();

    let job = doctor.request_analysis(record, "first").await;

    assert_eq!(doctor.wait_for_outcome(job).await.state, JobState::Complete);
    let after: String = sqlx::query_scalar(newer).fetch_one(&mut superuser).await.expect("they are there");
    assert_eq!(after, before);
    worker.stop().await;
    sqlx::query("delete from maneiro.tasks where kind = 'of_a_newer_release'")
        .execute(&mut superuser)
        .await
        .expect("the superuser may delete them");
    app.finish().await;
}

#[tokio::test]
async fn a_job_of_a_newer_release_does_not_fail_the_list() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let old = doctor.request_analysis(record, "old").await;
    let job = doctor.request_analysis(record, "new").await;
    let mut superuser = app.database.superuser().await;
    for change in [
        "alter table maneiro.jobs drop constraint jobs_state_known",
        "update maneiro.jobs set error_code = 'of_a_newer_release'",
    ] {
        sqlx::query(change).execute(&mut superuser).await.expect("the superuser may change jobs");
    }
    sqlx::query("update maneiro.jobs set state = 'of_a_newer_release' where id = $1")
        .bind(job.uuid())
        .execute(&mut superuser)
        .await
        .expect("the superuser may change jobs");

    let listed =
        doctor.jobs(None, NonZeroU32::new(50).expect("not 0")).await.expect("jobs can be listed").items;

    let listed: Vec<_> = listed.iter().map(|job| (job.id, error_code(job))).collect();
    assert_eq!(listed, [(old, Some(JobErrorCode::Internal))]);
    sqlx::query("update maneiro.jobs set state = 'waiting'").execute(&mut superuser).await.expect("it may");
    app.delete_waiting_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_bulk_run_of_one_clinic_delays_no_other_clinic() {
    let app = TestApp::start().await;
    let (bulk, record) = doctor_with_record(&app).await;
    let first = bulk.request_analysis(record, "first of many").await;
    // The rest as rows: a trial has no thousand analyses.
    let copies = "insert into maneiro.tasks (id, org_id, kind, subject_id, priority, state, run_after)
                  select gen_random_uuid(), org_id, kind, gen_random_uuid(), priority, state, run_after
                  from maneiro.tasks, generate_series(1, 999) where subject_id = $1";
    let mut superuser = app.database.superuser().await;
    sqlx::query(copies).bind(first.uuid()).execute(&mut superuser).await.expect("the superuser may enqueue");
    assert_eq!(claim(&app, 1).await.len(), 1);
    let other = app.other_clinic().await.doctor().await;
    let (record, _) = other.upload("Jane Sample", PAGES).await;
    let wanted = [other.request_analysis(record, "one").await, other.request_analysis(record, "two").await];

    let claimed = [claim(&app, 1).await, claim(&app, 1).await, claim(&app, 2).await].concat();

    let subjects: Vec<_> =
        claimed.iter().map(|task| task.lease.require_subject().expect("it has one")).collect();
    assert_eq!(subjects[0], wanted[0].uuid(), "the clinic with nothing running is next");
    let place = subjects.iter().position(|subject| *subject == wanted[1].uuid());
    assert!(place.is_some_and(|place| place <= 2), "its second waits for one of the other's: {subjects:?}");
    for sql in ["delete from maneiro.tasks", "delete from maneiro.job_documents", "delete from maneiro.jobs"]
    {
        sqlx::query(sql).execute(&mut superuser).await.expect("the superuser may delete");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_higher_priority_is_claimed_first() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let normal = doctor.request_analysis(record, "normal").await;
    let high = doctor.request_analysis(record, "high").await;
    let mut superuser = app.database.superuser().await;
    sqlx::query("update maneiro.tasks set priority = 1 where subject_id = $1")
        .bind(high.uuid())
        .execute(&mut superuser)
        .await
        .expect("the superuser may change a task");

    let claimed = [claim(&app, 1).await, claim(&app, 1).await].concat();

    let subjects: Vec<_> =
        claimed.iter().map(|task| task.lease.require_subject().expect("it has one")).collect();
    assert_eq!(subjects, [high.uuid(), normal.uuid()]);
    for job in [normal, high] {
        doctor.cancel_job(job).await.expect("it can be cancelled");
    }
    app.finish().await;
}

/// Makes the periodic tasks due.
async fn make_periodic_due(app: &TestApp) {
    sqlx::query("update maneiro.tasks set run_after = now() where dedupe_key like 'periodic/%'")
        .execute(&mut app.database.superuser().await)
        .await
        .expect("the superuser may change tasks");
}

#[tokio::test]
async fn one_of_many_workers_runs_a_periodic_task() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        queue::enqueue_periodic(&app.app).await.expect("it can be enqueued");
    }
    let kinds = "select count(*) from maneiro.tasks where kind = 'delete_done_tasks'";
    assert_eq!(count(&app, kinds).await, 1);
    make_periodic_due(&app).await;
    let hour = Duration::from_secs(3600);
    let claims = (0..8).map(|_| queue::claim(&app.app, &[TaskKind::DeleteDoneTasks], hour, 1));
    let claimed: Vec<LeasedTask> = futures::future::try_join_all(claims).await.expect("claims").concat();
    assert_eq!(claimed.len(), 1);

    queue::complete(&app.app, &claimed[0].lease).await.expect("it is done");

    let next = "select count(*) from maneiro.tasks
                where kind = 'delete_done_tasks' and state = 'waiting' and attempt = 0
                  and run_after between now() + interval '59 minutes' and now() + interval '61 minutes'";
    assert_eq!(count(&app, next).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_cause_makes_one_task_even_after_it_is_done() {
    let app = TestApp::start().await;
    let enqueue = async || {
        let mut tx = app.app.db.begin_system(SystemTask::Queue).await.expect("a transaction");
        let task = NewTask::new(TaskId::from_uuid(app.app.new_uuid()), TaskKind::Analysis)
            .with_dedupe_key("cause/1".to_owned())
            .with_payload(b"sealed".to_vec());
        let is_new = tasks::enqueue(&mut tx, &task).await.expect("it can be enqueued");
        tx.commit().await.expect("it commits");
        is_new
    };
    assert!(enqueue().await);
    assert!(!enqueue().await);
    let claimed = claim(&app, 5).await;
    assert_eq!((claimed.len(), claimed[0].payload_sealed.as_deref()), (1, Some(b"sealed".as_slice())));
    queue::complete(&app.app, &claimed[0].lease).await.expect("it is done");
    assert!(!enqueue().await);
    let done = "select count(*) from maneiro.tasks where state = 'done' and payload_sealed is null";
    assert_eq!(count(&app, done).await, 1);

    sqlx::query("update maneiro.tasks set finished_at = now() - interval '31 days'")
        .execute(&mut app.database.superuser().await)
        .await
        .expect("the superuser may change tasks");
    queue::delete_done_tasks(&app.app).await.expect("old ones can be deleted");
    assert_eq!(count(&app, "select count(*) from maneiro.tasks").await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_stopping_worker_releases_its_jobs() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let objects = Proxy::start(app.object_store()).await;
    objects.set_traffic(Traffic::Held);
    // With this lease, only a released job is claimed again before the test ends.
    let long = [("MANEIRO_JOB_LEASE_MS", "3600000")];
    let stopped = app.worker_process(&objects.url(), &long);
    let job = doctor.request_analysis(record, "first").await;
    doctor.wait_for_job(job, is_processing).await;

    let log = stopped.stop().await;

    assert!(log.contains(r#""outcome":"released""#), "{log}");
    let waiting = doctor.job(job).await.expect("the job is there");
    assert_eq!((waiting.state, waiting.attempts), (JobState::Waiting, 0));
    let _worker = app.worker();
    assert_eq!(doctor.wait_for_outcome(job).await.attempts, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_poison_job_ends_in_error_and_blocks_no_other() {
    let model = fake_model();
    model.set_for_focus("poison", ModelBehaviour::Panics);
    let app = TestApp::options().model(&model).start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let worker = app.worker_with(WorkerConfig { max_concurrent_jobs: 1, ..WORKER_CONFIG });
    let poison = request_with_focus(&doctor, record, "poison").await;
    doctor.wait_for_job(poison, |job| job.state == JobState::Waiting && job.attempts == 1).await;

    let healthy = request_with_focus(&doctor, record, "left shoulder").await;
    assert_eq!(doctor.wait_for_outcome(healthy).await.state, JobState::Complete);
    for attempt in 1..MAX_ATTEMPTS {
        let waits = |job: &Job| job.state == JobState::Waiting && job.attempts == attempt;
        doctor.wait_for_job(poison, waits).await;
        app.skip_back_off(poison).await;
    }

    let poison = doctor.wait_for_outcome(poison).await;
    assert_eq!((poison.state, poison.attempts), (JobState::Error, MAX_ATTEMPTS));
    assert_eq!(error_code(&poison), Some(JobErrorCode::Internal));
    assert_eq!(analyses_used(&doctor).await, 1, "only the healthy one counts");
    worker.stop().await;
    app.finish().await;
}

/// As a record does that exhausts the memory of each process that loads it.
#[tokio::test]
async fn a_job_that_kills_each_worker_ends_in_error() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let objects = Proxy::start(app.object_store()).await;
    // No page comes, so that each kill hits the attempt.
    objects.set_traffic(Traffic::Held);
    let poison = doctor.request_analysis(record, "poison").await;
    for attempt in 1..=MAX_ATTEMPTS {
        let worker = app.worker_process(&objects.url(), &[]);
        doctor.wait_for_job(poison, |job| is_processing(job) && job.attempts == attempt).await;
        worker.kill().await;
        expire_leases(&app).await;
        // The process may have been at a task that runs by itself as well.
        queue::reap_expired_leases(&app.app, 10).await.expect("expired leases can be reaped");
        let reaped = doctor.job(poison).await.expect("the job is there");
        assert!(!is_processing(&reaped), "attempt {attempt}");
        app.skip_back_off(poison).await;
    }

    let poison = doctor.job(poison).await.expect("the job is there");
    assert_eq!((poison.state, poison.attempts), (JobState::Error, MAX_ATTEMPTS));
    assert_eq!(error_code(&poison), Some(JobErrorCode::WorkerLost));
    assert_eq!(analyses_used(&doctor).await, 0);

    objects.set_traffic(Traffic::Delayed(Duration::ZERO));
    let worker = app.worker_process(&objects.url(), &[]);
    let healthy = doctor.request_analysis(record, "healthy").await;
    assert_eq!(doctor.wait_for_outcome(healthy).await.state, JobState::Complete);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn an_attempt_over_the_time_limit_frees_its_worker() {
    let model = fake_model();
    model.set_for_focus("endless", ModelBehaviour::Hangs);
    let app = TestApp::options().model(&model).start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    // Longer than a healthy analysis takes to start its process.
    let limit = Duration::from_secs(5);
    let _worker =
        app.worker_with(WorkerConfig { max_concurrent_jobs: 1, attempt_timeout: limit, ..WORKER_CONFIG });

    let endless = request_with_focus(&doctor, record, "endless").await;
    let healthy = request_with_focus(&doctor, record, "left shoulder").await;

    assert_eq!(doctor.wait_for_outcome(healthy).await.state, JobState::Complete);
    let waiting = doctor.job(endless).await.expect("the job is there");
    assert_eq!(error_code(&waiting), Some(JobErrorCode::Internal));
    doctor.cancel_job(endless).await.expect("a waiting job can be cancelled");
    app.finish().await;
}

#[tokio::test]
async fn a_cancelled_job_stays_cancelled_and_frees_its_worker() {
    let model = fake_model();
    model.set_for_focus("cancelled", ModelBehaviour::Hangs);
    let app = TestApp::options().model(&model).start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let worker = app.worker_with(WorkerConfig { max_concurrent_jobs: 1, ..WORKER_CONFIG });
    let cancelled = request_with_focus(&doctor, record, "cancelled").await;
    model.wait_for_calls(1).await;

    let job = doctor.cancel_job(cancelled).await.expect("a job in hand can be cancelled");
    assert_eq!(job.state, JobState::Cancelled);
    // The only slot is free once the worker has noticed.
    let next = request_with_focus(&doctor, record, "next").await;
    assert_eq!(doctor.wait_for_outcome(next).await.state, JobState::Complete);
    model.set_for_focus("cancelled", ModelBehaviour::Answers);
    worker.stop().await;

    let job = doctor.job(cancelled).await.expect("the job is there");
    assert_eq!((job.state, job.analysis), (JobState::Cancelled, None));
    app.finish().await;
}

#[tokio::test]
async fn a_job_without_an_object_store_is_retried_then_refunded() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    app.files.break_down();
    let _worker = app.worker();
    let job = doctor.request_analysis(record, "first").await;
    for attempt in 1..MAX_ATTEMPTS {
        let waits = |job: &Job| job.state == JobState::Waiting && job.attempts == attempt;
        let waiting = doctor.wait_for_job(job, waits).await;
        assert_eq!(error_code(&waiting), Some(JobErrorCode::StorageUnavailable));
        assert_eq!(analyses_used(&doctor).await, 1, "it counts as long as it may succeed");
        app.skip_back_off(job).await;
    }
    let failed = doctor.wait_for_outcome(job).await;
    assert_eq!(
        (failed.state, error_code(&failed)),
        (JobState::Error, Some(JobErrorCode::StorageUnavailable))
    );
    assert_eq!(analyses_used(&doctor).await, 0);

    app.files.repair();
    doctor.retry_job(job).await.expect("a failed job can be retried");

    assert_eq!(doctor.wait_for_outcome(job).await.state, JobState::Complete);
    assert_eq!(analyses_used(&doctor).await, 1);
    app.finish().await;
}

/// The objects of the stored pages, by number.
async fn page_objects(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar(
        "select o.object_key from maneiro.pages p join maneiro.objects o on o.id = p.version order by p.number",
    )
    .fetch_all(&mut app.database.superuser().await)
    .await
    .expect("the superuser sees the pages")
}

#[tokio::test]
async fn a_damaged_page_among_good_ones_is_listed_as_unreadable() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let keys = page_objects(&app).await;
    let _worker = app.worker();
    app.files.put(&keys[1], "altered".into()).await.expect("the object store takes an object");
    let altered = doctor.request_analysis(record, "altered").await;
    let altered = doctor.wait_for_outcome(altered).await;
    app.files.delete_all_versions(&keys[1]).await.expect("the object store deletes an object");
    let missing = doctor.request_analysis(record, "missing").await;
    let missing = doctor.wait_for_outcome(missing).await;

    for job in [altered, missing] {
        assert_eq!((job.state, job.attempts), (JobState::Complete, 1), "{job:?}");
        let analysis = doctor.analysis(job.analysis.expect("it is complete")).await.expect("it can be read");
        assert_eq!(analysis.sources[0].pages, 2);
        let unreadable: Vec<u32> = analysis.sources[0].unreadable.iter().map(|page| page.page).collect();
        assert_eq!(unreadable, [2]);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_job_of_which_no_page_opens_is_not_retried() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    for key in page_objects(&app).await {
        app.files.delete_all_versions(&key).await.expect("the object store deletes an object");
    }
    let _worker = app.worker();
    let job = doctor.request_analysis(record, "missing").await;
    let job = doctor.wait_for_outcome(job).await;
    assert_eq!((job.state, job.attempts), (JobState::Error, 1), "{job:?}");
    assert_eq!(error_code(&job), Some(JobErrorCode::RecordDamaged));
    assert_eq!(analyses_used(&doctor).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn an_older_version_of_a_page_does_not_open_as_a_newer() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let document = doctor.record(record).await.expect("it is there").documents[0].id;
    let old = app.files.get(&page_objects(&app).await[0]).await.expect("it is there");
    let batch = PageBatch { pages: vec![text_page(1, "Medications\nMetformin 850 mg by mouth daily")] };
    doctor.put_pages(document, &batch).await.expect("a page can be stored again");
    assert!(doctor.page(document, 1).await.is_ok());
    let [_, new, _] = &page_objects(&app).await[..] else { panic!("two versions of page 1") };
    app.files.put(new, old).await.expect("whoever can write to the bucket puts it back");
    assert!(doctor.page(document, 1).await.is_err());
    app.finish().await;
}

#[tokio::test]
async fn a_job_reads_what_its_record_held_when_it_was_created() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let document = doctor.record(record).await.expect("it is there").documents[0].id;
    let first = doctor.request_analysis(record, "first").await;
    // Another version of a page, and a document without pages.
    let batch = PageBatch { pages: vec![text_page(2, "Allergies\nSulfonamides: rash")] };
    doctor.put_pages(document, &batch).await.expect("a page can be stored again");
    let second = doctor.request_analysis(record, "second").await;
    let late = add_document_request(10);
    doctor.add_document(record, &late).await.expect("a document can be added");
    let worker = app.worker();

    let mut texts = Vec::new();
    for job in [first, second] {
        let job = doctor.wait_for_outcome(job).await;
        let analysis = doctor.analysis(job.analysis.expect("it is complete")).await.expect("it can be read");
        let sources: Vec<(u32, usize)> =
            analysis.sources.iter().map(|source| (source.pages, source.unreadable.len())).collect();
        assert_eq!(sources, [(2, 0)], "the later document is in neither");
        texts.push(serde_json::to_string(&analysis.findings.allergies).expect("it has JSON"));
    }

    assert!(texts[0].contains("Penicillin") && !texts[0].contains("Sulfonamides"), "{}", texts[0]);
    assert!(texts[1].contains("Sulfonamides") && !texts[1].contains("Penicillin"), "{}", texts[1]);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_job_survives_an_outage_of_the_object_store() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let objects = Proxy::start(app.object_store()).await;
    objects.set_traffic(Traffic::Cut);
    let worker = app.worker_process(&objects.url(), &[]);
    let job = doctor.request_analysis(record, "first").await;
    let waiting = doctor.wait_for_job(job, |job| job.error.is_some()).await;
    assert_eq!(error_code(&waiting), Some(JobErrorCode::StorageUnavailable));

    objects.set_traffic(Traffic::Delayed(Duration::ZERO));
    app.skip_back_off(job).await;

    let job = doctor.wait_for_outcome(job).await;
    assert_eq!((job.state, job.error), (JobState::Complete, None));
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_refusing_model_leaves_the_built_in_analysis() {
    let model = fake_model();
    model.set_for_focus("anything", ModelBehaviour::Refuses(400));
    let app = TestApp::options().model(&model).start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let _worker = app.worker();

    let job = request_with_focus(&doctor, record, "anything").await;
    let job = doctor.wait_for_outcome(job).await;

    assert_eq!((job.state, job.attempts, job.error), (JobState::Complete, 1, None));
    let analysis = doctor.analysis(job.analysis.expect("a complete job has one")).await.expect("it is there");
    assert_eq!(analysis.model_failure, Some(ModelFailure::RequestRejected));
    assert_eq!(analysis.generator, Generator::Extractive);
    assert!(!analysis.findings.medications.is_empty(), "what the record says is found without the model");
    assert_eq!(analyses_used(&doctor).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_job_outlasts_a_withdrawn_key_of_the_model() {
    for status in [401, 403] {
        let model = fake_model();
        model.set_default(ModelBehaviour::Refuses(status));
        let app = TestApp::options().model(&model).start().await;
        let (doctor, record) = doctor_with_record(&app).await;
        let _worker = app.worker();
        let job = doctor.request_analysis(record, "first").await;
        let waiting = doctor.wait_for_job(job, |job| job.error.is_some()).await;
        assert_eq!(waiting.state, JobState::Waiting);
        assert_eq!(error_code(&waiting), Some(JobErrorCode::ModelUnavailable));

        model.set_default(ModelBehaviour::Answers);
        app.skip_back_off(job).await;
        assert_eq!(doctor.wait_for_outcome(job).await.state, JobState::Complete);
        app.finish().await;
    }
}

#[tokio::test]
async fn an_unavailable_model_is_shown_while_the_job_waits() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    // Nobody listens on port 9, the discard service of RFC 863.
    let model = [
        ("MANEIRO_MODEL_URL", "http://127.0.0.1:9/v1"),
        ("MANEIRO_MODEL_NAME", "absent-1"),
        ("MANEIRO_EGRESS_ALLOWLIST", "127.0.0.1"),
    ];
    let worker = app.worker_process(app.object_store(), &model);

    let job = doctor.request_analysis(record, "first").await;
    let waiting = doctor.wait_for_job(job, |job| job.error.is_some()).await;

    assert_eq!(waiting.state, JobState::Waiting);
    assert_eq!(error_code(&waiting), Some(JobErrorCode::ModelUnavailable));
    worker.stop().await;
    doctor.cancel_job(job).await.expect("a waiting job can be cancelled");
    app.finish().await;
}

#[tokio::test]
async fn a_workers_log_contains_nothing_of_the_record() {
    let app = TestApp::start().await;
    let (doctor, record) = doctor_with_record(&app).await;
    let verbose = [("MANEIRO_LOG", "trace")];
    let worker = app.worker_process(app.object_store(), &verbose);

    let job = request_with_focus(&doctor, record, "Zanzibar").await;
    doctor.wait_for_outcome(job).await;

    let log = worker.stop().await;
    assert!(log.contains("attempt ended"), "{log}");
    for word in ["Metformin", "Penicillin", "Jane", "Zanzibar", "record.pdf"] {
        assert!(!log.contains(word), "the log names {word}");
    }
    app.finish().await;
}
