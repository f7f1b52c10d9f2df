//! Whether the time of a refused sign-in tells who has an account: sign-ins with a wrong password to known and to unknown
//! addresses in random turns, compared by the Mann-Whitney U test. With `--bcrypt` a third of the known accounts was imported
//! and has not signed in yet. It prints figures and asserts none.

use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Parser;
use http::StatusCode;
use maneiro_tests::{PASSWORD, TestApp};
use rand::{SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use serde_json::json;

/// Sends wrong passwords and compares how long the answers take.
#[derive(Parser)]
struct SignInBenchArguments {
    /// Sign-ins of each kind
    #[arg(long, default_value = "1000")]
    sign_ins: usize,
    /// One of three accounts has a bcrypt hash of this cost
    #[arg(long)]
    bcrypt: Option<u32>,
    /// Of the order
    #[arg(long, default_value = "1")]
    seed: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = SignInBenchArguments::parse();
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (mut current, mut imported) = (vec![clinic.admin().me.email], Vec::new());
    current.push(clinic.doctor().await.me.email);
    if let Some(cost) = arguments.bcrypt {
        let person = clinic.doctor().await;
        sqlx::query("update maneiro.credentials set hash = $2 where user_id = $1")
            .bind(person.me.user.uuid())
            .bind(bcrypt::hash(PASSWORD, cost)?)
            .execute(&mut app.database.superuser().await)
            .await?;
        imported.push(person.me.email);
    }
    let addresses = |kind: usize, number: usize| match kind {
        0 => format!("nobody-{number}@clinic.example"),
        1 => current[number % current.len()].clone(),
        _ => imported[number % imported.len()].clone(),
    };
    let kinds = if imported.is_empty() { 2 } else { 3 };
    let mut turns: Vec<usize> = (0..kinds * arguments.sign_ins).map(|turn| turn % kinds).collect();
    turns.shuffle(&mut StdRng::seed_from_u64(arguments.seed));

    let http = reqwest::Client::new();
    let url = app.url.join("v1/auth/login")?;
    let mut times = vec![Vec::new(); kinds];
    let warm_up = 20;
    for (number, kind) in std::iter::repeat_n(0, warm_up).chain(turns).enumerate() {
        let body = json!({ "email": addresses(kind, number), "password": "a wrong password" });
        let started = Instant::now();
        let response = http.post(url.clone()).json(&body).send().await?;
        let took = started.elapsed();
        ensure!(response.status() == StatusCode::UNAUTHORIZED, "{}", response.status());
        response.bytes().await?;
        if number >= warm_up {
            times[kind].push(took);
        }
    }
    let names = ["unknown address", "known address", "known address, bcrypt"];
    for (name, times) in names.iter().zip(&times) {
        let mut sorted = times.clone();
        sorted.sort_unstable();
        let percentile = |of: usize| sorted[(sorted.len() - 1) * of / 100].as_secs_f64() * 1e3;
        let (p5, median, p95) = (percentile(5), percentile(50), percentile(95));
        println!("{name:22} n {:5}  5% {p5:7.2} ms  median {median:7.2} ms  95% {p95:7.2} ms", sorted.len());
    }
    for kind in 1..kinds {
        let MannWhitney { area, z, p } = mann_whitney(&times[0], &times[kind]);
        println!("{} against {}: AUC {area:.4}, z {z:+.2}, two-sided p {p:.3}", names[0], names[kind]);
    }
    Ok(())
}

/// How well the times of two kinds are told apart.
struct MannWhitney {
    /// How often one of the second kind takes longer than one of the first: a half if they cannot be told apart.
    area: f64,
    z: f64,
    p: f64,
}

/// The Mann-Whitney U test with the normal approximation, which holds from about 20 of each; times to the nanosecond have no
/// ties to speak of.
fn mann_whitney(first: &[Duration], second: &[Duration]) -> MannWhitney {
    let mut all: Vec<(Duration, bool)> = first.iter().map(|time| (*time, false)).collect();
    all.extend(second.iter().map(|time| (*time, true)));
    all.sort_unstable();
    let ranks: f64 =
        (1..=all.len()).zip(&all).filter(|(_, (_, is_second))| *is_second).map(|(rank, _)| rank as f64).sum();
    let (n1, n2) = (first.len() as f64, second.len() as f64);
    let u = ranks - n2 * (n2 + 1.0) / 2.0;
    let z = (u - n1 * n2 / 2.0) / (n1 * n2 * (n1 + n2 + 1.0) / 12.0).sqrt();
    MannWhitney { area: u / (n1 * n2), z, p: two_sided_p(z) }
}

/// Abramowitz and Stegun, 26.2.17: to 7.5e-8.
fn two_sided_p(z: f64) -> f64 {
    let z = z.abs();
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let series = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let tail: f64 = series.iter().rev().fold(0.0, |sum, factor| (sum + factor) * t);
    2.0 * (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * tail
}
