//! The service's benchmark: `make bench-cloud`. `GET /v1/me` at 100 connections, in turns with a small Flask + SQLAlchemy +
//! gunicorn service on the same machine and the same PostgreSQL. It prints figures and asserts none.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use futures::future::{join_all, try_join_all};
use maneiro_tests::{PASSWORD, TestApp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};
use url::Url;

/// Sends the same requests to our service and to its peer, and compares requests a second.
#[derive(Parser)]
struct BenchArguments {
    /// The measured program
    #[arg(long)]
    program: PathBuf,
    /// A Python with Flask, SQLAlchemy, psycopg2 and gunicorn
    #[arg(long)]
    python: PathBuf,
    /// Open connections, each with a session of its own
    #[arg(long, default_value = "100")]
    connections: u8,
    /// Seconds of each run
    #[arg(long, default_value = "5")]
    seconds: u64,
    /// Number of runs of each, in turns; the median counts
    #[arg(long, default_value = "3")]
    rounds: usize,
    /// Worker processes of gunicorn [default: two per core and one]
    #[arg(long)]
    gunicorn_workers: Option<usize>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = BenchArguments::parse();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let app = TestApp::start().await;
    let email = app.clinic().await.admin().me.email;
    let (ours, _ours) = start_service(&app, &arguments.program).await?;
    let sign_ins = (0..arguments.connections).map(|number| sign_in(&ours, &email, number));
    let tokens = try_join_all(sign_ins).await?;
    let workers = arguments.gunicorn_workers.unwrap_or(2 * cores + 1);
    let (peer, _peer) = start_peer(&app, &arguments.python, &tokens, workers).await?;

    let time = Duration::from_secs(arguments.seconds);
    let (mut our_rates, mut peer_rates) = (Vec::new(), Vec::new());
    for _ in 0..arguments.rounds {
        our_rates.push(requests_per_second(&ours, &tokens, time).await?);
        peer_rates.push(requests_per_second(&peer, &tokens, time).await?);
    }
    let (our_rate, peer_rate) = (median(&mut our_rates), median(&mut peer_rates));
    println!(
        "GET /v1/me, {} connections, {cores} cores, {} runs of {} s, {workers} gunicorn workers",
        arguments.connections, arguments.rounds, arguments.seconds
    );
    println!("maneiro-cloud                  {our_rate:>8.0}/s   {}", arguments.program.display());
    println!("flask, sqlalchemy, gunicorn    {peer_rate:>8.0}/s");
    println!("ratio                          {:>8.1}", our_rate / peer_rate);
    Ok(())
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// The program as an operator runs it, behind a proxy of this machine, with the database and objects of `app`.
async fn start_service(app: &TestApp, program: &Path) -> anyhow::Result<(Url, Child)> {
    let storage = app.storage_config();
    let (id, secret) = storage.objects.credentials.context("the object store has credentials")?;
    let mut child = Command::new(program)
        .arg("serve")
        .env_clear()
        .env("MANEIRO_LISTEN", "127.0.0.1:0")
        .env("MANEIRO_TRUSTED_PROXIES", "127.0.0.1")
        .env("MANEIRO_LOG", "warn")
        .env("MANEIRO_DATABASE_URL", storage.database.url.expose_secret())
        .env("MANEIRO_S3_ENDPOINT", app.object_store().as_str())
        .env("MANEIRO_S3_REGION", storage.objects.region)
        .env("MANEIRO_S3_BUCKET", storage.objects.bucket)
        .env("MANEIRO_S3_ACCESS_KEY_ID", id)
        .env("MANEIRO_S3_SECRET_ACCESS_KEY", secret.expose_secret())
        .env("MANEIRO_MASTER_KEY_FILE", storage.master_keys.file)
        .env("MANEIRO_SMTP_URL", "smtp://127.0.0.1:9?tls=none")
        .env("MANEIRO_MAIL_FROM", "no-reply@clinics.example")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the program does not start")?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("its output is piped")?).read_line(&mut line).await?;
    let url = line.trim_end().strip_prefix("listening on ").context("the program does not listen")?;
    Ok((Url::parse(url)?, child))
}

async fn start_peer(
    app: &TestApp,
    python: &Path,
    tokens: &[SecretString],
    workers: usize,
) -> anyhow::Result<(Url, Child)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bench");
    let tokens: Vec<&str> = tokens.iter().map(ExposeSecret::expose_secret).collect();
    let database =
        app.database.superuser_url.expose_secret().replacen("postgres://", "postgresql+psycopg2://", 1);
    let command = || {
        let mut command = Command::new(python);
        command
            .env_clear()
            .env("PEER_DATABASE_URL", &database)
            .env("PEER_TOKENS", tokens.join(" "))
            .current_dir(&folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    };
    let created = command().arg("flask_peer.py").status().await?;
    ensure!(created.success(), "the peer's tables could not be created");
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let child = command()
        .args(["-m", "gunicorn", "--log-level", "error", "--worker-class", "gthread", "--threads", "4"])
        .args(["--keep-alive", "30", "--workers", &workers.to_string()])
        .args(["--bind", &format!("127.0.0.1:{port}"), "flask_peer:app"])
        .spawn()?;
    let url = Url::parse(&format!("http://127.0.0.1:{port}"))?;
    let deadline = Instant::now() + Duration::from_secs(30);
    while reqwest::get(url.clone()).await.is_err() {
        ensure!(Instant::now() < deadline, "the peer does not listen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok((url, child))
}

/// Each session comes from an address of its own, as those of a hundred clinics do.
fn address(number: usize) -> String {
    format!("203.0.113.{number}")
}

async fn sign_in(service: &Url, email: &str, number: u8) -> anyhow::Result<SecretString> {
    let response = reqwest::Client::new()
        .post(service.join("v1/auth/login")?)
        .header("x-forwarded-for", address(number.into()))
        .json(&json!({ "email": email, "password": PASSWORD }))
        .send()
        .await?
        .error_for_status()?;
    let body: serde_json::Value = response.json().await?;
    Ok(body["token"].as_str().context("a session has a token")?.into())
}

/// Sends requests one after another on each connection.
async fn requests_per_second(service: &Url, tokens: &[SecretString], time: Duration) -> anyhow::Result<f64> {
    let url = service.join("v1/me")?;
    let started = Instant::now();
    let connections = tokens.iter().enumerate().map(|(number, token)| {
        let (url, token) = (url.clone(), token.expose_secret().to_owned());
        tokio::spawn(async move {
            let http = reqwest::Client::builder().pool_max_idle_per_host(1).build()?;
            let mut requests = 0_u32;
            while started.elapsed() < time {
                let request = http.get(url.clone()).bearer_auth(&token);
                let response = request.header("x-forwarded-for", address(number)).send().await?;
                response.error_for_status()?.bytes().await?;
                requests += 1;
            }
            anyhow::Ok(requests)
        })
    });
    let mut total = 0;
    for requests in join_all(connections).await {
        total += requests??;
    }
    Ok(f64::from(total) / started.elapsed().as_secs_f64())
}
