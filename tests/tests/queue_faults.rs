//! Mixed tasks while workers are killed and the database is stopped as by a power cut: nothing that was accepted is lost, and
//! nothing is done twice.

use std::time::Duration;

use futures::future::join;
use maneiro_api::{JobId, RecordId, job::CreateJob};
use maneiro_tests::{
    Person, TestApp,
    postgres::CrashableCluster,
    proxy::{Proxy, Traffic},
    smtp_sink::{SinkTls, SmtpSink},
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;

const SEED: u64 = 20_261_127;

const PAGES: &[&str] =
    &["Medications\nMetformin 500 mg by mouth twice daily", "Allergies\nPenicillin: hives"];

#[tokio::test]
async fn faults_lose_no_task_and_do_none_twice() {
    run_through_faults(4, 2).await;
}

/// The figures of the long run: `make test-long`.
#[tokio::test]
#[ignore = "takes minutes"]
async fn many_faults_lose_no_task_and_do_none_twice() {
    run_through_faults(20, 5).await;
}

/// What was accepted.
#[derive(Default)]
struct Accepted {
    jobs: Vec<JobId>,
    deleted: Vec<RecordId>,
}

async fn run_through_faults(kills: usize, stops: usize) {
    let (mut cluster, database) = CrashableCluster::start().await;
    let app = TestApp::options().database(database).start().await;
    let clinic = app.clinic().await;
    clinic.subscribe("enterprise").await;
    let doctor = clinic.doctor().await.retrying(&app);
    let (record, _) = doctor.upload("Jane Sample", PAGES).await;
    let objects = Proxy::start(app.object_store()).await;
    // Slow responses make it likely that a fault hits a task.
    objects.set_traffic(Traffic::Delayed(Duration::from_millis(40)));
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    let mut accepted = Accepted::default();

    let folder = tempfile::tempdir().expect("a folder for the test");
    let mails = SmtpSink::start(SinkTls::None, folder.path()).await;
    let mail_server = format!("smtp://127.0.0.1:{}?tls=none", mails.port);
    let settings = [("MANEIRO_SMTP_URL", mail_server.as_str())];
    let mut worker = app.worker_process(&objects.url(), &settings);
    for round in 0..kills {
        for number in 0..2 {
            accepted.jobs.push(doctor.request_analysis(record, &format!("{round} {number}")).await);
        }
        let (doomed, _) = doctor.upload("Jane Sample", PAGES).await;
        doctor.delete_record(doomed).await.expect("a record can be deleted");
        accepted.deleted.push(doomed);
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..300))).await;
        if round % (kills / stops) == 0 {
            let (_, job) =
                join(cluster.crash_and_restart(), request_amid_a_crash(&doctor, record, round)).await;
            accepted.jobs.extend(job);
        }
        worker.kill().await;
        worker = app.worker_process(&objects.url(), &settings);
        app.wait_for_tasks().await;
    }
    worker.stop().await;

    let mut superuser = app.database.superuser().await;
    let ids: Vec<uuid::Uuid> = accepted.jobs.iter().map(|job| job.uuid()).collect();
    let outcomes: Vec<(uuid::Uuid, String, i64, i64)> = sqlx::query_as(
        "select j.id, j.state, (select count(*) from maneiro.analyses a where a.job_id = j.id),
                (select count(*) from maneiro.audit_events e
                 where e.subject_id = j.id and e.action = 'job.completed')
         from maneiro.jobs j where j.id = any($1)",
    )
    .bind(&ids)
    .fetch_all(&mut superuser)
    .await
    .expect("the superuser sees the jobs");
    assert_eq!(outcomes.len(), ids.len(), "no accepted job is lost");
    for (id, state, analyses, events) in &outcomes {
        assert_eq!((state.as_str(), *analyses, *events), ("complete", 1, 1), "{id}");
    }
    let ids: Vec<uuid::Uuid> = accepted.deleted.iter().map(|record| record.uuid()).collect();
    let purged: Vec<(uuid::Uuid, bool, i64)> = sqlx::query_as(
        "select r.id, r.purged_at is not null, (select count(*) from maneiro.audit_events e
                                                where e.subject_id = r.id and e.action = 'record.purged')
         from maneiro.records r where r.id = any($1)",
    )
    .bind(&ids)
    .fetch_all(&mut superuser)
    .await
    .expect("the superuser sees the records");
    assert_eq!(purged.len(), ids.len());
    assert!(purged.iter().all(|(_, is_purged, events)| *is_purged && *events == 1), "{purged:?}");
    let attempts: i64 = sqlx::query_scalar("select count(*) from maneiro.jobs where attempt > 1")
        .fetch_one(&mut superuser)
        .await
        .expect("the superuser sees the jobs");
    println!(
        "seed {SEED}: {kills} kills of the worker, {stops} immediate stops of the database; {} analyses and {} purges accepted, \
         {attempts} analyses interrupted, 0 lost, 0 done twice",
        outcomes.len(),
        purged.len()
    );
    app.finish().await;
}

/// A request that meets a database that stops. It counts only if it was accepted.
async fn request_amid_a_crash(doctor: &Person, record: RecordId, round: usize) -> Option<JobId> {
    let create = CreateJob { record, focus: None, window: None };
    doctor.create_job(&create, &format!("amid crash {round}")).await.ok().map(|job| job.id)
}
