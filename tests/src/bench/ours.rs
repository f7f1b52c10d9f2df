//! Our side: the engine in worker processes, one page after the other to whoever is free.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use anyhow::Context as _;
use maneiro_engine::{Document, Limits, Recogniser};
use serde::{Deserialize, Serialize};

use super::{
    contest::{Reading, run},
    corpus::Corpus,
};

/// One page as the workers give it, with its words' boxes, as a peer gives them too.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    number: u32,
    /// Since the program started.
    after_seconds: f64,
    text: String,
    words: Vec<(String, [f32; 4], u8)>,
}

/// Runs this program again as [`pool`] and collects what it wrote.
pub(super) fn read(corpus: &Corpus, workers: usize, folder: &Path) -> anyhow::Result<Reading> {
    let out = folder.join("pages.jsonl");
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("pool").arg(&corpus.pdf).arg(workers.to_string()).stdout(File::create(&out)?);
    let cost = run(vec![command])?;
    let mut answers: Vec<Answer> =
        fs::read_to_string(&out)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    answers.sort_by_key(|answer| answer.number);
    let first_page = answers.iter().map(|answer| answer.after_seconds).min_by(f64::total_cmp);
    let pages = answers.into_iter().map(|answer| answer.text).collect();
    Ok(Reading { cost, first_page_seconds: first_page, pages })
}

/// Reads a record with this many worker processes and writes a line of JSON for each page.
///
/// # Errors
/// If a worker cannot be started or ends early.
pub fn pool(record: &Path, workers: usize) -> anyhow::Result<()> {
    let start = Instant::now();
    let pages = Document::open(fs::read(record)?, None, Limits::default())?.page_count();
    let next = AtomicU32::new(1);
    let out = Mutex::new(std::io::stdout());
    let work = || -> anyhow::Result<()> {
        let mut worker = Command::new(std::env::current_exe()?)
            .arg("worker")
            .arg(record)
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut asked = worker.stdin.take().context("its input is piped")?;
        let mut answers = BufReader::new(worker.stdout.take().context("its output is piped")?).lines();
        while let number = next.fetch_add(1, Ordering::Relaxed)
            && number <= pages
        {
            writeln!(asked, "{number}")?;
            let mut answer: Answer = serde_json::from_str(&answers.next().context("a worker ended early")??)?;
            answer.after_seconds = start.elapsed().as_secs_f64();
            let line = serde_json::to_string(&answer)?;
            writeln!(out.lock().map_err(|_| anyhow::anyhow!("a thread panicked"))?, "{line}")?;
        }
        drop(asked);
        anyhow::ensure!(worker.wait()?.success(), "a worker failed");
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread panicked")))
        })
    })
}

/// Answers each page number on stdin with the page, as a line of JSON.
///
/// # Errors
/// If the record cannot be opened or a page cannot be read: the benchmark's records have none such.
pub fn worker(record: &Path) -> anyhow::Result<()> {
    let document = Document::open(fs::read(record)?, None, Limits::default())?;
    let mut reader = document.reader();
    let mut recogniser = None;
    for line in std::io::stdin().lines() {
        let number: u32 = line?.parse()?;
        let looked = reader.look(number)?;
        let page = match looked.finding {
            maneiro_engine::Finding::Page(page) => page,
            maneiro_engine::Finding::Scan(scan) => {
                if recogniser.is_none() {
                    recogniser = Some(Recogniser::english()?);
                }
                recogniser.as_mut().context("it was just made")?.recognise(scan)?
            }
        };
        let words = page.words().map(|word| {
            let place = [word.bbox.x0, word.bbox.y0, word.bbox.x1, word.bbox.y1];
            (word.text.clone(), place, word.confidence)
        });
        let answer = Answer { number, after_seconds: 0.0, text: page.text(), words: words.collect() };
        println!("{}", serde_json::to_string(&answer)?);
    }
    Ok(())
}
