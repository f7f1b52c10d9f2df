//! `maneiro-cloud` as an operator runs it: how it starts, how it ends, and what it leaves behind.

use std::{fs, path::Path, time::Duration};

use maneiro_api::{
    account::{Login, MailLanguage, Register, Role},
    identity::{RequestPasswordReset, ResetPassword},
    job::JobState,
    record::CreateRecord,
};
use maneiro_cloud::{adapters::system::SystemClock, ports::Clock as _};
use maneiro_tests::{
    PASSWORD, confirm_registration,
    postgres::TestDatabase,
    server::{ServerProcess, run_cloud, stderr_text},
};
use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use secrecy::ExposeSecret as _;
use tempfile::{TempDir, tempdir};

const ADDRESS: &str = "ada@clinic.example";

fn folder() -> TempDir {
    tempdir().expect("a temporary folder")
}

fn login() -> Login {
    Login { email: ADDRESS.to_owned(), password: PASSWORD.into(), organization: None }
}

/// The process of the database server of an embedded service.
fn database_server(folder: &Path) -> Pid {
    let pid_file = fs::read_to_string(folder.join("postgres/postmaster.pid")).expect("the server runs");
    Pid::from_raw(
        pid_file.lines().next().and_then(|line| line.trim().parse().ok()).expect("a process number"),
    )
}

/// Waits until a process that is not our child has gone.
async fn wait_until_gone(pid: Pid) {
    let waiting = async {
        while kill(pid, None) != Err(Errno::ESRCH) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .expect("the database server outlived its owner");
}

#[tokio::test]
async fn a_killed_service_stops_its_database_and_keeps_its_data() {
    let folder = folder();
    let server = ServerProcess::embedded(folder.path()).await;
    server.register(ADDRESS).await;
    let database = database_server(folder.path());

    server.signal(Signal::SIGKILL);
    server.stopping().wait().await.expect("it can be waited for");

    wait_until_gone(database).await;
    let again = ServerProcess::embedded(folder.path()).await;
    again.anonymous().login(&login()).await.expect("the account is still there");
}

#[tokio::test]
async fn a_service_starts_right_after_it_was_killed() {
    let folder = folder();
    let server = ServerProcess::embedded(folder.path()).await;
    let database = database_server(folder.path());
    server.signal(Signal::SIGKILL);
    server.stopping().wait().await.expect("it can be waited for");

    let again = ServerProcess::embedded(folder.path()).await;

    wait_until_gone(database).await;
    again.register(ADDRESS).await;
}

#[tokio::test]
async fn a_service_stops_in_order_on_a_signal() {
    let folder = folder();
    let server = ServerProcess::embedded(folder.path()).await;
    let database = database_server(folder.path());

    server.signal(Signal::SIGTERM);
    let (status, rest) = server.stopping().wait().await.expect("it can be waited for");

    assert!(status.success(), "{status}");
    assert_eq!(rest, "", "it says where it listens and nothing else");
    assert!(!folder.path().join("postgres/postmaster.pid").exists(), "its database server stopped before it");
    wait_until_gone(database).await;
}

#[tokio::test]
async fn a_service_stops_with_its_parent_process() {
    let folder = folder();
    let server = ServerProcess::embedded(folder.path()).await;

    let (status, _) = server.close_stdin().wait().await.expect("it can be waited for");

    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn a_folder_is_used_by_one_service_at_a_time() {
    let folder = folder();
    let first = ServerProcess::embedded(folder.path()).await;
    let path = folder.path().to_str().expect("a plain path");

    let second = run_cloud(&["serve", "--embedded", path], &[]).await;

    assert_eq!(second.status.code(), Some(1));
    assert!(
        stderr_text(&second).contains("is in use by another maneiro-cloud: stop that one first"),
        "{}",
        stderr_text(&second)
    );
    first.register(ADDRESS).await;
}

#[tokio::test]
async fn all_invalid_settings_are_reported_at_once() {
    let output = run_cloud(&["serve"], &[("MANEIRO_LISTEN", "everywhere")]).await;

    assert_eq!(output.status.code(), Some(78));
    let message = stderr_text(&output);
    let names: Vec<&str> = message.lines().filter_map(|line| line.split(' ').next()).collect();
    let wanted = [
        "MANEIRO_LISTEN",
        "MANEIRO_DATABASE_URL",
        "MANEIRO_S3_BUCKET",
        "MANEIRO_MASTER_KEY_FILE",
        "MANEIRO_SMTP_URL",
        "MANEIRO_MAIL_FROM",
    ];
    assert_eq!(names, wanted, "{message}");
}

#[tokio::test]
async fn a_database_host_of_the_environment_needs_tls_too() {
    let settings = [("MANEIRO_MIGRATE_DATABASE_URL", "postgres:///m"), ("PGHOST", "db.invalid")];
    let output = run_cloud(&["migrate"], &settings).await;
    assert_eq!(output.status.code(), Some(78), "{}", stderr_text(&output));
    assert!(
        stderr_text(&output).starts_with("MANEIRO_MIGRATE_DATABASE_URL must end in ?sslmode=verify-full")
    );
}

/// Runs a worker with complete settings and this database.
async fn start_worker_on(database: &str) -> std::process::Output {
    let folder = folder();
    let key = folder.path().join("master.key");
    maneiro_cloud::adapters::secret_file::create(&key, &[7; 32]).expect("a key can be written");
    let settings = [
        ("MANEIRO_DATABASE_URL", database),
        ("MANEIRO_S3_ENDPOINT", "http://127.0.0.1:9"),
        ("MANEIRO_S3_BUCKET", "none"),
        ("MANEIRO_S3_ACCESS_KEY_ID", "none"),
        ("MANEIRO_S3_SECRET_ACCESS_KEY", "none"),
        ("MANEIRO_MASTER_KEY_FILE", key.to_str().expect("a plain path")),
        ("MANEIRO_SMTP_URL", "smtp://127.0.0.1:9?tls=none"),
        ("MANEIRO_MAIL_FROM", "no-reply@clinics.example"),
    ];
    run_cloud(&["worker"], &settings).await
}

#[tokio::test]
async fn a_worker_refuses_a_superuser() {
    let database = TestDatabase::create().await;

    let output = start_worker_on(database.superuser_url.expose_secret()).await;

    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr_text(&output).contains("is a superuser or bypasses row-level security"),
        "{}",
        stderr_text(&output)
    );
}

#[tokio::test]
async fn a_worker_refuses_an_old_schema_until_it_is_migrated() {
    let database = TestDatabase::empty().await;
    let output = start_worker_on(database.url.expose_secret()).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr_text(&output).contains("run `maneiro-cloud migrate` first"), "{}", stderr_text(&output));

    let login = [("MANEIRO_MIGRATE_DATABASE_URL", database.superuser_url.expose_secret())];
    for time in ["first", "second"] {
        let migrated = run_cloud(&["migrate"], &login).await;
        assert!(migrated.status.success(), "the {time} time: {}", stderr_text(&migrated));
    }

    maneiro_cloud::store::Db::connect(&database.url, 2, maneiro_cloud::store::DatabaseTimeouts::default())
        .await
        .expect("the schema is current");
}

/// Kills a service and starts it again on its data.
async fn kill_and_restart(server: ServerProcess, folder: &Path) -> ServerProcess {
    server.signal(Signal::SIGKILL);
    server.stopping().wait().await.expect("it can be waited for");
    ServerProcess::embedded(folder).await
}

#[tokio::test]
async fn a_killed_registration_is_done_or_not_begun() {
    let folder = folder();
    let mut server = ServerProcess::embedded(folder.path()).await;
    for (number, delay_ms) in [0, 60, 150].into_iter().enumerate() {
        let email = format!("ada-{number}@clinic.example");
        let register = Register { email: email.clone(), language: MailLanguage::En };
        server.anonymous().register(&register).await.expect("a code can be requested");
        server = kill_and_restart(server, folder.path()).await;
        let outbox = server.outbox();
        let code = match outbox.wait_for_code(&email, None).await {
            // The killed process had claimed the mail: its lease must end first.
            None => outbox.wait_for_code(&email, None).await,
            sent => sent,
        };
        let code = code.expect("the mail outlives the process");

        let confirm = confirm_registration("Lakeside Family Practice", &email, &code);
        let (client, request) = (server.anonymous(), confirm.clone());
        let sent = tokio::spawn(async move { client.confirm_registration(&request).await });
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        server = kill_and_restart(server, folder.path()).await;
        let was_acknowledged = sent.await.expect("the request does not panic").is_ok();

        let login = Login { email: email.clone(), password: PASSWORD.into(), organization: None };
        let is_done = server.anonymous().login(&login).await.is_ok();
        assert!(is_done || !was_acknowledged, "{email}: what was acknowledged is lost");
        let again = server.anonymous().confirm_registration(&confirm).await;
        assert_eq!(again.is_ok(), !is_done, "{email}: {again:?}");
        let signed_in = server.anonymous().login(&login).await.expect("the account is there");
        assert_eq!((signed_in.me.clinic.as_str(), signed_in.me.email), ("Lakeside Family Practice", email));
    }
}

#[tokio::test]
async fn a_clinics_key_is_rotated_by_a_command() {
    let app = maneiro_tests::TestApp::start().await;
    let admin = app.clinic().await.admin();
    let key_file = app.storage_config().master_keys.file;
    let settings = [
        ("MANEIRO_MIGRATE_DATABASE_URL", app.database.superuser_url.expose_secret()),
        ("MANEIRO_MASTER_KEY_FILE", key_file.to_str().expect("a plain path")),
    ];
    let org = admin.me.organization.to_string();
    let rotated = run_cloud(&["admin", "keys", "rotate", &org], &settings).await;
    assert!(rotated.status.success(), "{}", stderr_text(&rotated));
    assert_eq!(String::from_utf8_lossy(&rotated.stdout), "version 2 seals from ten minutes on\n");
    let nobody = "org_00000000000000000000000000000000";
    let refused = run_cloud(&["admin", "keys", "rotate", nobody], &settings).await;
    assert!(stderr_text(&refused).contains("no clinic has this id"), "{}", stderr_text(&refused));
    let rewrapped = run_cloud(&["admin", "keys", "rewrap"], &settings).await;
    assert!(String::from_utf8_lossy(&rewrapped.stdout).starts_with("2 keys"), "{}", stderr_text(&rewrapped));
    assert!(admin.me().await.is_ok());
}

#[tokio::test]
async fn operators_are_added_listed_and_removed() {
    let app = maneiro_tests::TestApp::start().await;
    let admin = app.clinic().await.admin();
    let login = [("MANEIRO_MIGRATE_DATABASE_URL", app.database.superuser_url.expose_secret())];
    let operators =
        async |arguments: &[&str]| run_cloud(&[&["admin", "operators"], arguments].concat(), &login).await;
    for command in ["add", "remove"] {
        let refused = operators(&[command, "nobody@clinic.example"]).await;
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr_text(&refused).contains("has this e-mail address"), "{}", stderr_text(&refused));
    }
    let added = operators(&["add", &admin.me.email.to_uppercase()]).await;
    assert!(added.status.success(), "{}", stderr_text(&added));
    let listed = operators(&["list"]).await;
    assert_eq!(String::from_utf8_lossy(&listed.stdout), format!("{}\n", admin.me.email));

    let signed_in = app.operator_login(&admin.me.email).await;
    assert!(signed_in.status().is_success());
    let removed = operators(&["remove", &admin.me.email]).await;
    assert!(removed.status.success(), "{}", stderr_text(&removed));
    assert!(operators(&["list"]).await.stdout.is_empty());
    assert!(admin.me().await.is_ok(), "the session of the clinic goes on");
    let count = "select (select count(*) from maneiro.audit_events
                         where action in ('operator.granted', 'operator.revoked') and subject_id = $1),
                        (select count(*) from maneiro.sessions where ended_at is not null)";
    let (events, ended): (i64, i64) = sqlx::query_as(count)
        .bind(admin.me.user.uuid())
        .fetch_one(&mut app.database.superuser().await)
        .await
        .expect("the superuser sees all rows");
    assert_eq!((events, ended), (2, 1));
}

#[tokio::test]
async fn a_clinic_is_made_by_a_command_and_its_admin_sets_a_password() {
    let app = maneiro_tests::TestApp::start().await;
    // The command goes by the clock of the system.
    app.clock.advance(SystemClock.now() - app.app.now() + time::Duration::MINUTE);
    let config = app.storage_config();
    let settings = [
        ("MANEIRO_MIGRATE_DATABASE_URL", app.database.superuser_url.expose_secret()),
        ("MANEIRO_MASTER_KEY_FILE", config.master_keys.file.to_str().unwrap()),
    ];
    let email = "first@new.example";
    let add = async |name: &str, email: &str| {
        let arguments = ["admin", "clinics", "add", name, "--admin", email, "--admin-name", "Fay First"];
        run_cloud(&arguments, &settings).await
    };
    for (name, email, expected) in
        [("", email, "name"), ("Hill Clinic", "nobody", "must be an e-mail address")]
    {
        let refused = add(name, email).await;
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr_text(&refused).contains(expected), "{}", stderr_text(&refused));
    }
    let added = add("Hill Clinic", email).await;
    assert!(added.status.success(), "{}", stderr_text(&added));
    let org = String::from_utf8_lossy(&added.stdout).trim().to_owned();

    let reset = RequestPasswordReset { email: email.to_owned() };
    app.anonymous().request_password_reset(&reset).await.unwrap();
    app.send_mails().await;
    let code = app.newest_long_code(email).unwrap();
    let new_password = "un caballo verde en la ventana".into();
    let reset = ResetPassword { code: code.into(), new_password, organization: None };
    let signed_in = app.anonymous().reset_password(&reset).await.unwrap();
    let signed_in = signed_in.session.expect("its user has a clinic");
    assert_eq!((signed_in.me.organization.to_string(), signed_in.me.role), (org, Role::Admin));
    assert_eq!(signed_in.me.clinic, "Hill Clinic");
    let record = CreateRecord { title: "Sealed with its own key".to_owned() };
    app.anonymous().with_token(signed_in.token).create_record(&record).await.unwrap();
}

#[tokio::test]
async fn a_second_factor_is_reset_by_a_command_and_its_owner_told() {
    let app = maneiro_tests::TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let email = doctor.me.email.clone();
    let login = [("MANEIRO_MIGRATE_DATABASE_URL", app.database.superuser_url.expose_secret())];
    let reset = async |email: &str, reason: &str| {
        run_cloud(&["admin", "reset-second-factor", email, "--reason", reason], &login).await
    };
    let (doctor, ..) = doctor.enrol(&app).await;
    for (email, reason, expected) in [
        ("nobody@clinic.example", "lost phone", "no account has this e-mail address"),
        (email.as_str(), "", "reason"),
    ] {
        let refused = reset(email, reason).await;
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr_text(&refused).contains(expected), "{}", stderr_text(&refused));
    }
    assert!(doctor.me().await.is_ok());
    let done = reset(&email.to_uppercase(), "lost phone; seen with a passport").await;
    assert!(done.status.success(), "{}", stderr_text(&done));
    app.clock.advance(time::Duration::seconds(1));
    assert!(doctor.me().await.is_err(), "every session has ended");
    let login_again = Login { email: email.clone(), password: PASSWORD.into(), organization: None };
    let session = app.anonymous().login(&login_again).await.unwrap();
    assert_eq!(session.second_factor, None, "the password is enough");
    app.send_mails().await;
    assert!(app.mail_subjects(&email).iter().any(|subject| subject.contains("second factor")));
    let again = reset(&email, "lost phone").await;
    assert!(stderr_text(&again).contains("the account has no second factor"), "{}", stderr_text(&again));
    let reason: String = sqlx::query_scalar(
        "select details ->> 'reason' from maneiro.audit_events where action = 'second_factor.reset'",
    )
    .fetch_one(&mut app.database.superuser().await)
    .await
    .unwrap();
    assert!(reason.starts_with("lost phone"));
}

#[tokio::test]
async fn an_altered_audit_event_is_named() {
    let app = maneiro_tests::TestApp::start().await;
    let admin = app.clinic().await.admin();
    maneiro_tests::fixtures::complete_record(&admin).await;
    let login = [("MANEIRO_MIGRATE_DATABASE_URL", app.database.superuser_url.expose_secret())];
    let verify = async || run_cloud(&["admin", "audit", "verify"], &login).await;
    let intact = verify().await;
    assert!(intact.status.success(), "{}", stderr_text(&intact));
    assert!(String::from_utf8_lossy(&intact.stdout).contains("events, all as they were recorded"));

    let alter = "update maneiro.audit_events set details = '{\"pages\": 7}' where action = 'pages.stored' returning id";
    let altered: uuid::Uuid = sqlx::query_scalar(alter)
        .fetch_one(&mut app.database.superuser().await)
        .await
        .expect("the superuser may change the log");
    let found = verify().await;
    assert_eq!(found.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&found.stdout).into_owned();
    assert_eq!(printed, format!("altered: {}\n", maneiro_api::AuditEventId::from_uuid(altered)));
    assert!(stderr_text(&found).contains("1 of "), "{}", stderr_text(&found));
}

#[tokio::test]
async fn dead_letters_are_listed_retried_and_dropped() {
    let app = maneiro_tests::TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let fixture = maneiro_tests::fixtures::complete_record(&doctor).await;
    let login = [("MANEIRO_MIGRATE_DATABASE_URL", app.database.superuser_url.expose_secret())];
    let admin =
        async |arguments: &[&str]| run_cloud(&[&["admin", "tasks"], arguments].concat(), &login).await;
    // Its pages do not open, so that the job fails for good.
    app.files.break_down();
    let job = doctor.request_analysis(fixture.record, "key").await;
    let worker = app.worker();
    for attempt in 1..=maneiro_cloud::domain::task::MAX_ATTEMPTS {
        doctor.wait_for_job(job, |job| job.attempts == attempt && job.error.is_some()).await;
        app.skip_back_off(job).await;
    }
    assert_eq!(doctor.wait_for_outcome(job).await.state, JobState::Error);

    let listed = admin(&["list"]).await;
    let text = String::from_utf8(listed.stdout).expect("text");
    let fields: Vec<&str> = text.lines().next().expect("one is listed").split('\t').collect();
    let clinic = doctor.me.organization.to_string();
    assert_eq!(
        fields[1..6],
        ["analysis", &clinic, &job.uuid().simple().to_string(), "5", "storage_unavailable"]
    );

    app.files.repair();
    let retried = admin(&["retry", fields[0]]).await;
    assert!(retried.status.success(), "{}", stderr_text(&retried));
    assert_eq!(doctor.wait_for_outcome(job).await.state, JobState::Complete);
    let gone = admin(&["drop", fields[0]]).await;
    assert_eq!(gone.status.code(), Some(1));
    assert!(stderr_text(&gone).contains("no task that failed for good has the id"), "{}", stderr_text(&gone));
    worker.stop().await;
    let audited: Vec<String> = sqlx::query_scalar(
        "select action from maneiro.audit_events where action like 'task.%' and org_id = $1 order by id",
    )
    .bind(doctor.me.organization.uuid())
    .fetch_all(&mut app.database.superuser().await)
    .await
    .expect("the superuser sees the log");
    assert_eq!(audited, ["task.retried"]);
    app.finish().await;
}

#[tokio::test]
async fn a_dropped_dead_letter_is_gone_and_audited() {
    let app = maneiro_tests::TestApp::start().await;
    let id = maneiro_api::TaskId::from_uuid(app.app.new_uuid());
    let dead = "insert into maneiro.tasks (id, kind, priority, state, run_after, attempt, finished_at)
                values ($1, 'of_a_newer_release', 0, 'dead', now(), 5, now())";
    let mut superuser = app.database.superuser().await;
    sqlx::query(dead).bind(id.uuid()).execute(&mut superuser).await.expect("the superuser may");
    let login = [("MANEIRO_MIGRATE_DATABASE_URL", app.database.superuser_url.expose_secret())];

    let dropped = run_cloud(&["admin", "tasks", "drop", &id.to_string()], &login).await;

    assert!(dropped.status.success(), "{}", stderr_text(&dropped));
    let left: i64 = sqlx::query_scalar("select count(*) from maneiro.tasks")
        .fetch_one(&mut superuser)
        .await
        .expect("the superuser sees tasks");
    let audited: i64 = sqlx::query_scalar(
        "select count(*) from maneiro.audit_events where action = 'task.dropped' and subject_id = $1",
    )
    .bind(id.uuid())
    .fetch_one(&mut superuser)
    .await
    .expect("the superuser sees the log");
    assert_eq!((left, audited), (0, 1));
    app.finish().await;
}
