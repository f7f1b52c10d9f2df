//! Rate limits: who is counted with whom, exactly how often, and what happens without the limiter.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use http::{HeaderMap, StatusCode};
use maneiro_api::{
    ErrorBody, ErrorCode,
    job::{CreateJob, Job},
};
use maneiro_cloud::{
    adapters::{memory_rate_limiter::MemoryRateLimiter, redis_rate_limiter::RedisRateLimiter},
    ports::RateLimiter,
};
use maneiro_tests::{
    PASSWORD, Person, TestApp, faults::Breakable, fixtures, redis::RedisServer, time::TestClock,
};
use secrecy::ExposeSecret as _;
use serde_json::json;
use tokio::time::timeout;

/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

/// The guesses that an account bears in a quarter of an hour.
const MAX_GUESSES: usize = 10;

/// The sign-ins that an address has in a minute.
const MAX_SIGN_INS: usize = 60;

struct SignInAnswer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl SignInAnswer {
    fn code(&self) -> ErrorCode {
        serde_json::from_str::<ErrorBody>(&self.body).unwrap().code
    }
}

async fn sign_in(
    http: &reqwest::Client,
    app: &TestApp,
    email: &str,
    password: &str,
    from: &str,
) -> SignInAnswer {
    let response = http
        .post(app.url.join("v1/auth/login").unwrap())
        .header("x-forwarded-for", from)
        .json(&json!({ "email": email, "password": password }))
        .send()
        .await
        .unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    SignInAnswer { status, headers, body: response.text().await.unwrap() }
}

/// Sends 500 wrong passwords at once, each with another address in the forwarding header. Returns the statuses.
async fn send_500_guesses(app: &TestApp, email: &str) -> Vec<StatusCode> {
    let http = reqwest::Client::new();
    let guesses = (0..500).map(|n| {
        let http = &http;
        async move {
            sign_in(http, app, email, "a wrong password", &format!("198.51.{}.{}", n / 250, n % 250)).await
        }
    });
    join_all(guesses).await.into_iter().map(|answer| answer.status).collect()
}

fn count(statuses: &[StatusCode], status: StatusCode) -> usize {
    statuses.iter().filter(|each| **each == status).count()
}

/// The guesses that were verified: each left an event.
async fn verified_guesses(app: &TestApp) -> i64 {
    let failed = "select count(*) from maneiro.audit_events where action = 'login.failed'";
    sqlx::query_scalar(failed).fetch_one(&mut app.database.superuser().await).await.unwrap()
}

#[tokio::test]
async fn forged_forwarding_headers_do_not_multiply_guesses() {
    let app = TestApp::options().rate_limits().start().await;
    let person = app.clinic().await.admin();
    let statuses = send_500_guesses(&app, &person.me.email).await;
    assert_eq!(count(&statuses, StatusCode::UNAUTHORIZED), MAX_GUESSES);
    assert_eq!(count(&statuses, StatusCode::TOO_MANY_REQUESTS), 500 - MAX_GUESSES);
    assert_eq!(verified_guesses(&app).await, 10);

    // All came from one address, so another account can be guessed no more from there.
    let elsewhere =
        sign_in(&reqwest::Client::new(), &app, "other@clinic.example", PASSWORD, "203.0.113.5").await;
    assert_eq!(
        (elsewhere.status, elsewhere.code()),
        (StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequests)
    );
    assert!(person.me().await.is_ok(), "an open session goes on");
    app.finish().await;
}

#[tokio::test]
async fn five_hundred_addresses_share_the_guesses_of_an_account() {
    let redis = RedisServer::start();
    let limiter = Arc::new(RedisRateLimiter::new(&redis.url()).unwrap());
    let app = TestApp::options().rate_limiter(limiter).trusted_proxies("127.0.0.0/8").start().await;
    let person = app.clinic().await.admin();
    let statuses = send_500_guesses(&app, &person.me.email).await;
    assert_eq!(count(&statuses, StatusCode::UNAUTHORIZED), MAX_GUESSES);
    assert_eq!(verified_guesses(&app).await, 10);
    assert!(person.me().await.is_ok(), "an open session goes on");

    let http = reqwest::Client::new();
    let right = sign_in(&http, &app, &person.me.email, PASSWORD, "203.0.113.5").await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "not even the right password is verified");
    let wait: u64 = right.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((800..=900).contains(&wait), "{wait}");
    let unknown = send_500_guesses(&app, "nobody@clinic.example").await;
    assert_eq!(count(&unknown, StatusCode::UNAUTHORIZED), MAX_GUESSES, "an unknown account answers alike");
    app.finish().await;
}

#[tokio::test]
async fn three_processes_verify_ten_of_five_hundred_guesses() {
    let redis = RedisServer::start();
    let redis_url = redis.url();
    let limiter = Arc::new(RedisRateLimiter::new(&redis_url).unwrap());
    let app = TestApp::options().rate_limiter(limiter).start().await;
    let person = app.clinic().await.admin();
    let (one, two, three) = tokio::join!(
        app.server_instance(&redis_url),
        app.server_instance(&redis_url),
        app.server_instance(&redis_url),
    );
    let instances = [one, two, three];
    let http = reqwest::Client::new();
    let guesses = (0..500).map(|n| {
        let request = http
            .post(instances[n % instances.len()].url.join("v1/auth/login").unwrap())
            .header("x-forwarded-for", format!("198.51.{}.{}", n / 250, n % 250))
            .json(&json!({ "email": person.me.email, "password": "a wrong password" }));
        async move { request.send().await.unwrap().status() }
    });
    let statuses: Vec<StatusCode> = join_all(guesses).await;
    assert_eq!(count(&statuses, StatusCode::UNAUTHORIZED), MAX_GUESSES, "{statuses:?}");
    assert_eq!(count(&statuses, StatusCode::TOO_MANY_REQUESTS), 500 - MAX_GUESSES);
    assert_eq!(verified_guesses(&app).await, 10);
    assert!(person.me().await.is_ok(), "an open session goes on");
    app.finish().await;
}

#[tokio::test]
async fn guesses_are_forgotten_after_a_quarter_of_an_hour() {
    let app = TestApp::options().rate_limits().start().await;
    let email = app.clinic().await.admin().me.email;
    let http = reqwest::Client::new();
    let guess = async |password| sign_in(&http, &app, &email, password, "").await.status;
    for _ in 0..MAX_GUESSES {
        assert_eq!(guess("a wrong password").await, StatusCode::UNAUTHORIZED);
        app.clock.advance(time::Duration::SECOND);
    }
    assert_eq!(guess(PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
    app.clock.advance(time::Duration::minutes(15) - time::Duration::seconds(10));
    assert_eq!(guess(PASSWORD).await, StatusCode::OK, "the first guess is a quarter of an hour old");
    assert_eq!(guess("a wrong password").await, StatusCode::UNAUTHORIZED);
    assert_eq!(guess("a wrong password").await, StatusCode::TOO_MANY_REQUESTS);
    app.finish().await;
}

#[tokio::test]
async fn right_passwords_are_no_guesses() {
    let app = TestApp::options().rate_limits().start().await;
    let email = app.clinic().await.admin().me.email;
    let http = reqwest::Client::new();
    for _ in 0..3 * MAX_GUESSES / 2 {
        assert_eq!(sign_in(&http, &app, &email, PASSWORD, "").await.status, StatusCode::OK);
    }
    app.finish().await;
}

#[tokio::test]
async fn every_response_says_what_is_left() {
    let app = TestApp::options().rate_limits().start().await;
    let http = reqwest::Client::new();
    for left in (0..MAX_SIGN_INS).rev() {
        let answer = sign_in(&http, &app, &format!("{left}@clinic.example"), PASSWORD, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers["ratelimit-policy"], "\"sign-in\";q=60;w=60");
        assert_eq!(answer.headers["ratelimit"], format!("\"sign-in\";r={left};t=60"));
    }
    let refused = sign_in(&http, &app, "one@clinic.example", PASSWORD, "").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequests));
    assert_eq!(refused.headers["ratelimit"], "\"sign-in\";r=0;t=60");
    assert_eq!(refused.headers["retry-after"], "60");
    app.finish().await;
}

#[tokio::test]
async fn a_clinic_starts_as_many_analyses_as_are_set() {
    let app = TestApp::options().rate_limits().analyses_per_hour(2).start().await;
    let (clinic, other) = (app.clinic().await, app.other_clinic().await);
    let start = async |person: &Person, key: &str| {
        let record = fixtures::complete_record(person).await.record;
        let url = app.url.join("v1/jobs").unwrap();
        let request = reqwest::Client::new().post(url).bearer_auth(person.token.expose_secret());
        let body = CreateJob { record, focus: None, window: None };
        let response = request.header("idempotency-key", key).json(&body).send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        if status == StatusCode::ACCEPTED {
            person.cancel_job(response.json::<Job>().await.unwrap().id).await.unwrap();
        }
        (status, headers)
    };
    let doctor = clinic.doctor().await;
    assert_eq!(start(&doctor, "1").await.0, StatusCode::ACCEPTED);
    assert_eq!(start(&clinic.admin(), "2").await.0, StatusCode::ACCEPTED);
    let (status, headers) = start(&doctor, "3").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(headers["ratelimit-policy"].to_str().unwrap().contains("\"analysis\";q=2;w=3600"));
    assert_eq!(start(&other.admin(), "4").await.0, StatusCode::ACCEPTED, "another clinic is not held up");
    app.clock.advance(time::Duration::HOUR);
    assert_eq!(start(&clinic.doctor().await, "5").await.0, StatusCode::ACCEPTED);
    app.finish().await;
}

#[tokio::test]
async fn without_the_limiter_sign_in_refuses_and_reading_goes_on() {
    let mut redis = RedisServer::start();
    let limiter = Arc::new(RedisRateLimiter::new(&redis.url()).unwrap());
    let app = TestApp::options().rate_limiter(limiter).start().await;
    let person = app.clinic().await.admin();
    redis.kill();
    let http = reqwest::Client::new();
    for _ in 0..2 {
        let refused = sign_in(&http, &app, &person.me.email, PASSWORD, "").await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable)
        );
        assert!(refused.headers.contains_key("retry-after"));
    }
    assert_eq!(verified_guesses(&app).await, 0);
    assert!(person.me().await.is_ok(), "reading goes on");
    fixtures::complete_record(&person).await;

    redis.restart();
    // The server is asked again after a moment.
    let admitted = async {
        while sign_in(&http, &app, &person.me.email, PASSWORD, "").await.status != StatusCode::OK {}
    };
    timeout(DEADLINE, admitted).await.expect("the limiter comes back");
    app.finish().await;
}

#[tokio::test]
async fn broken_limiter_verifies_no_password() {
    let limiter: Arc<dyn RateLimiter> = Arc::new(MemoryRateLimiter::new(Arc::new(TestClock::default())));
    let limiter: Arc<Breakable<dyn RateLimiter>> = Arc::new(Breakable::new(limiter));
    let app = TestApp::options().rate_limiter(limiter.clone()).start().await;
    let person = app.clinic().await.admin();
    limiter.break_down();
    let answer = sign_in(&reqwest::Client::new(), &app, &person.me.email, "a wrong password", "").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(verified_guesses(&app).await, 0);
    assert!(person.me().await.is_ok());
    app.finish().await;
}

/// The same expectations of both adapters. `pass` lets a time pass for the limiter.
async fn assert_limits_exactly(limiter: Arc<dyn RateLimiter>, pass: impl AsyncFn(Duration)) {
    let window = Duration::from_millis(400);
    let key = |name: &str| format!("test:{name}");
    let take = async |name: &str, max| limiter.count(&key(name), max, window).await.unwrap();

    let parallel = (0..500).map(|_| take("parallel", 7));
    let admitted = join_all(parallel).await.iter().filter(|count| count.is_admitted).count();
    assert_eq!(admitted, 7);
    assert!(!take("parallel", 7).await.is_admitted);
    assert!(take("another", 7).await.is_admitted, "keys are counted apart");
    limiter.discount(&key("parallel")).await.unwrap();
    assert!(take("parallel", 7).await.is_admitted && !take("parallel", 7).await.is_admitted);

    let first = take("remaining", 2).await;
    assert_eq!((first.remaining, take("remaining", 2).await.remaining), (1, 0));
    let refused = take("remaining", 2).await;
    assert!(!refused.is_admitted && refused.remaining == 0);
    assert!(refused.reset_after <= window && !refused.reset_after.is_zero());
    while !take("remaining", 2).await.is_admitted {
        pass(window).await;
    }
}

#[tokio::test]
async fn memory_admits_exactly_as_many_as_the_limit() {
    let clock = Arc::new(TestClock::default());
    let limiter = Arc::new(MemoryRateLimiter::new(clock.clone()));
    assert_limits_exactly(limiter, async |by| clock.advance(by.try_into().unwrap())).await;
}

#[tokio::test]
async fn redis_admits_exactly_as_many_as_the_limit() {
    let redis = RedisServer::start();
    let limiter = Arc::new(RedisRateLimiter::new(&redis.url()).unwrap());
    // Its clock is the server's, which cannot be set.
    assert_limits_exactly(limiter, async |_| tokio::task::yield_now().await).await;
    // Another process with the same server counts on.
    let again = RedisRateLimiter::new(&redis.url()).unwrap();
    let hour = Duration::from_secs(3600);
    for (limiter, is_admitted) in [(&again, true), (&RedisRateLimiter::new(&redis.url()).unwrap(), false)] {
        assert_eq!(limiter.count("test:shared", 1, hour).await.unwrap().is_admitted, is_admitted);
    }
    let expired = async {
        while redis.command("DBSIZE") != ":1" {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, expired).await.expect("what has passed is not kept");
}
