//! Our side: the engine's own example `words`, built for release. Scans are read by several of its processes, one page
//! after the other to whoever is free; a born-digital record by one, from its start to its end.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Lines, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use anyhow::{Context as _, bail};

use super::{
    contest::{Reading, measured, run},
    corpus::{Corpus, Kind},
};

pub(super) fn read(corpus: &Corpus, workers: usize, folder: &Path) -> anyhow::Result<Reading> {
    if corpus.kind == Kind::Digital { whole(corpus, folder) } else { page_by_page(corpus, workers) }
}

fn program() -> Command {
    let built = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    Command::new(PathBuf::from(built).join("release/examples/words"))
}

/// One process prints every page, as `pdftotext` does.
fn whole(corpus: &Corpus, folder: &Path) -> anyhow::Result<Reading> {
    let out = folder.join("words.txt");
    let mut command = program();
    command.arg(&corpus.pdf).stdout(File::create(&out)?);
    let cost = run(vec![command])?;
    let mut pages = Vec::new();
    let mut lines = BufReader::new(File::open(&out)?).lines();
    while let Some(page) = Answer::of(&mut lines)? {
        pages.push(page.text);
    }
    Ok(Reading { cost, first_page_seconds: None, recognising_seconds: None, pages })
}

/// Worker processes, as the workstation has them, each asked for the next page as soon as it is done with one.
fn page_by_page(corpus: &Corpus, workers: usize) -> anyhow::Result<Reading> {
    let start = Instant::now();
    let next = AtomicU32::new(1);
    let answers = Mutex::new(Vec::new());
    let commands = (0..workers).map(|_| {
        let mut command = program();
        command.arg(&corpus.pdf).arg("-").env("OMP_THREAD_LIMIT", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    });
    let work = |worker: &mut Child| -> anyhow::Result<()> {
        let mut asked = worker.stdin.take().context("its input is piped")?;
        let mut lines = BufReader::new(worker.stdout.take().context("its output is piped")?).lines();
        let pages: u32 = field(&lines.next().context("it ended early")??, 1)?;
        while let number = next.fetch_add(1, Ordering::Relaxed)
            && number <= pages
        {
            writeln!(asked, "{number}")?;
            let mut answer = Answer::of(&mut lines)?.context("it ended early")?;
            answer.after_seconds = start.elapsed().as_secs_f64();
            answers.lock().map_err(|_| anyhow::anyhow!("a thread panicked"))?.push(answer);
        }
        Ok(())
    };
    let cost = measured(commands.collect(), |children| {
        std::thread::scope(|scope| {
            let threads: Vec<_> = children.iter_mut().map(|child| scope.spawn(|| work(child))).collect();
            threads.into_iter().try_for_each(|thread| {
                thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread panicked")))
            })
        })
    })?;
    let mut answers = answers.into_inner().map_err(|_| anyhow::anyhow!("a thread panicked"))?;
    answers.sort_by_key(|answer: &Answer| answer.number);
    Ok(Reading {
        cost,
        first_page_seconds: answers.iter().map(|answer| answer.after_seconds).min_by(f64::total_cmp),
        recognising_seconds: Some(answers.iter().map(|answer| answer.recognising_seconds).sum()),
        pages: answers.into_iter().map(|answer| answer.text).collect(),
    })
}

/// One page as the program prints it.
struct Answer {
    number: u32,
    text: String,
    recognising_seconds: f64,
    /// Since the workers were started.
    after_seconds: f64,
}

impl Answer {
    /// The next page; none at the end.
    fn of(lines: &mut Lines<impl std::io::BufRead>) -> anyhow::Result<Option<Answer>> {
        let Some(head) = lines.next().transpose()? else { return Ok(None) };
        let number = field(&head, 1)?;
        let mut text = String::new();
        loop {
            let line = lines.next().context("it ended within a page")??;
            match line.split(' ').next() {
                Some("line") => text.push('\n'),
                Some("word") => {
                    text.push(' ');
                    text.push_str(line.splitn(7, ' ').nth(6).context("a word has seven fields")?);
                }
                Some("unread") => {}
                Some("end") => {
                    let recognising_seconds = field(&line, 1)?;
                    return Ok(Some(Answer { number, text, recognising_seconds, after_seconds: 0.0 }));
                }
                Some(_) | None => bail!("a line of another program: {line}"),
            }
        }
    }
}

fn field<T: std::str::FromStr>(line: &str, index: usize) -> anyhow::Result<T> {
    let field = line.split(' ').nth(index).and_then(|field| field.parse().ok());
    field.with_context(|| format!("a line of another program: {line}"))
}
