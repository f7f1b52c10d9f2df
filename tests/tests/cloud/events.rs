//! Following a job: server-sent events.

use std::{sync::Arc, time::Duration};

use maneiro_api::{
    account::ChangePassword,
    job::{Job, JobState},
};
use maneiro_cloud::app::job_watch;
use maneiro_tests::{
    PASSWORD, Person, TestApp,
    faults::{FakeModel, ModelBehaviour},
    fixtures,
};
use secrecy::ExposeSecret;
use tokio::time::timeout;

/// Long enough for a busy machine, and short beside an hour.
const DEADLINE: Duration = Duration::from_secs(20);

/// An open stream of server-sent events.
struct EventStream(reqwest::Response, String);

impl EventStream {
    async fn open(app: &TestApp, person: &Person, job: &Job) -> Self {
        let url = app.url.join(&format!("v1/jobs/{}/events", job.id)).unwrap();
        let request = reqwest::Client::new().get(url).bearer_auth(person.token.expose_secret());
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response, String::new())
    }

    /// As `next`, for a stream that would stay open for ever without the protection under test.
    async fn next_or_deadline(&mut self) -> Option<Job> {
        timeout(DEADLINE, self.next()).await.expect("the stream sends or ends")
    }

    /// The next job; none when the stream has ended.
    async fn next(&mut self) -> Option<Job> {
        loop {
            if let Some(end) = self.1.find("\n\n") {
                let event: String = self.1.drain(..end + 2).collect();
                let lines = || event.lines();
                if lines().any(|line| line == "event: job") {
                    let data =
                        lines().find_map(|line| line.strip_prefix("data: ")).expect("an event has data");
                    return Some(serde_json::from_str(data).unwrap());
                }
            } else {
                self.1.push_str(std::str::from_utf8(&self.0.chunk().await.unwrap()?).unwrap());
            }
        }
    }
}

#[tokio::test]
async fn a_job_is_sent_at_once_and_on_every_change() {
    let model = Arc::new(FakeModel::new(ModelBehaviour::Hangs));
    let app = TestApp::options().model(&model).start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    let job = doctor.create_job(&request, "key").await.unwrap();
    let mut events = EventStream::open(&app, &doctor, &job).await;
    assert_eq!(events.next().await.unwrap(), job);

    let worker = app.worker();
    model.wait_for_calls(1).await;
    assert_eq!(events.next().await.unwrap().state, JobState::Processing);
    model.set_default(ModelBehaviour::Answers);
    let mut last = None;
    while let Some(job) = events.next().await {
        last = Some(job);
    }
    let last = last.expect("the outcome is sent");
    assert_eq!(last.state, JobState::Complete);
    assert_eq!(last, doctor.job(job.id).await.unwrap());

    let mut late = EventStream::open(&app, &doctor, &job).await;
    assert_eq!(late.next().await, Some(last));
    assert_eq!(late.next().await, None);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (doctor, colleague) = (clinic.doctor().await, clinic.doctor().await);
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    let job = doctor.create_job(&request, "key").await.unwrap();
    let mut own = EventStream::open(&app, &doctor, &job).await;
    let mut others = EventStream::open(&app, &colleague, &job).await;
    own.next().await.unwrap();
    others.next().await.unwrap();
    doctor.logout().await.unwrap();
    assert_eq!(own.next().await, None);

    colleague.cancel_job(job.id).await.unwrap();
    assert_eq!(others.next().await.unwrap().state, JobState::Cancelled, "nobody else's stream ends");
    app.finish().await;
}

#[tokio::test]
async fn a_stream_ends_when_its_session_expires() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    let job = doctor.create_job(&request, "key").await.unwrap();
    let mut events = EventStream::open(&app, &doctor, &job).await;
    events.next().await.unwrap();
    app.clock.advance(time::Duration::hours(12));
    assert_eq!(events.next().await, None);
    app.delete_waiting_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_stream_ends_when_the_service_stops() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    let job = doctor.create_job(&request, "key").await.unwrap();
    let mut events = EventStream::open(&app, &doctor, &job).await;
    events.next().await.unwrap();
    app.app.stopping.cancel();
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_dropped_test_app_serves_no_longer() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    let job = doctor.create_job(&request, "key").await.unwrap();
    let mut events = EventStream::open(&app, &doctor, &job).await;
    events.next().await.unwrap();
    drop(app);
    assert_eq!(events.next_or_deadline().await, None);
}

/// Waits until the service receives notifications of the database.
async fn wait_for_notifications(app: &TestApp) {
    let mut received = app.app.notifications.subscribe();
    let mut superuser = app.database.superuser().await;
    while received.is_empty() {
        sqlx::query("notify maneiro_queue").execute(&mut superuser).await.unwrap();
        tokio::task::yield_now().await;
    }
    received.recv().await.unwrap();
}

/// Changes the database past the service.
async fn change(app: &TestApp, statement: String) {
    let mut superuser = app.database.superuser().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut superuser).await.unwrap();
}

#[tokio::test]
async fn a_notification_alone_ends_a_stream_with_its_session() {
    // Polling would end it much later than this test ends.
    let app = TestApp::options().watch_poll_interval(Duration::from_secs(3600)).start().await;
    wait_for_notifications(&app).await;
    for cause in
        ["logout", "new password", "disabled user", "ended membership", "deleted clinic", "new policy"]
    {
        let doctor = app.clinic().await.doctor().await;
        let request = fixtures::complete_record(&doctor).await.create_job_request();
        let job = doctor.create_job(&request, "key").await.unwrap();
        let mut events = EventStream::open(&app, &doctor, &job).await;
        events.next().await.unwrap();
        let (user, org) = (doctor.me.user.uuid(), doctor.me.organization.uuid());
        match cause {
            "logout" => doctor.logout().await.unwrap(),
            "new password" => {
                let (current_password, new_password) = (PASSWORD.into(), "a new password of a doctor".into());
                let elsewhere = doctor.sign_in_again(&app).await;
                elsewhere.change_password(&ChangePassword { current_password, new_password }).await.unwrap();
            }
            "disabled user" => {
                change(
                    &app,
                    format!("update maneiro.users set disabled_at = created_at where id = '{user}'"),
                )
                .await;
            }
            "ended membership" => {
                let by = format!("ended_by_kind = 'member', ended_by_id = '{user}'");
                let end = format!(
                    "update maneiro.memberships set ended_at = created_at, {by} where user_id = '{user}'"
                );
                change(&app, end).await;
            }
            "deleted clinic" => {
                let delete =
                    format!("update maneiro.organizations set deleted_at = created_at where id = '{org}'");
                change(&app, delete).await;
            }
            _ => {
                app.clock.advance(time::Duration::minutes(2));
                change(
                    &app,
                    format!("update maneiro.org_policies set idle_minutes = 1 where org_id = '{org}'"),
                )
                .await;
            }
        }
        assert_eq!(events.next_or_deadline().await, None, "{cause}");
    }
    app.delete_waiting_jobs().await;
    app.finish().await;
}

#[test]
fn a_lost_notification_delays_the_end_by_less_than_a_second() {
    assert!(job_watch::POLL_INTERVAL < Duration::from_secs(1));
}
