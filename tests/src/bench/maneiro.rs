//! Our engine: its example program `words`, built for release. Several of its processes read scans, each the next page when
//! it is free; one process reads a born-digital record as a whole.

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
    corpus::{Corpus, CorpusKind},
    measurement::{BenchmarkRun, run_all, run_with},
};

pub(super) fn read(corpus: &Corpus, workers: usize, folder: &Path) -> anyhow::Result<BenchmarkRun> {
    if corpus.kind == CorpusKind::Digital {
        read_whole(corpus, folder)
    } else {
        read_by_page(corpus, workers)
    }
}

fn words_command() -> Command {
    let built = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    Command::new(PathBuf::from(built).join("release/examples/words"))
}

/// One process prints all pages, as `pdftotext` does.
fn read_whole(corpus: &Corpus, folder: &Path) -> anyhow::Result<BenchmarkRun> {
    let out = folder.join("words.txt");
    let mut command = words_command();
    command.arg(&corpus.pdf).stdout(File::create(&out)?);
    let usage = run_all(vec![command])?;
    let mut pages = Vec::new();
    let mut lines = BufReader::new(File::open(&out)?).lines();
    while let Some(page) = PageOutput::parse(&mut lines)? {
        pages.push(page.text);
    }
    Ok(BenchmarkRun { usage, first_page_seconds: None, recognition_seconds: None, pages })
}

/// Worker processes, as on the workstation. Each gets the next page when it has finished one.
fn read_by_page(corpus: &Corpus, workers: usize) -> anyhow::Result<BenchmarkRun> {
    let start = Instant::now();
    let next = AtomicU32::new(1);
    let outputs = Mutex::new(Vec::new());
    let commands = (0..workers).map(|_| {
        let mut command = words_command();
        command.arg(&corpus.pdf).arg("-").env("OMP_THREAD_LIMIT", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    });
    let work = |worker: &mut Child| -> anyhow::Result<()> {
        let mut requests = worker.stdin.take().context("the input is piped")?;
        let mut lines = BufReader::new(worker.stdout.take().context("the output is piped")?).lines();
        let pages: u32 = parse_field(&lines.next().context("the program ended early")??, 1)?;
        while let number = next.fetch_add(1, Ordering::Relaxed)
            && number <= pages
        {
            writeln!(requests, "{number}")?;
            let mut output = PageOutput::parse(&mut lines)?.context("the program ended early")?;
            output.after_seconds = start.elapsed().as_secs_f64();
            outputs.lock().map_err(|_| anyhow::anyhow!("a thread panicked"))?.push(output);
        }
        Ok(())
    };
    let usage = run_with(commands.collect(), |children| {
        std::thread::scope(|scope| {
            let threads: Vec<_> = children.iter_mut().map(|child| scope.spawn(|| work(child))).collect();
            threads.into_iter().try_for_each(|thread| {
                thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread panicked")))
            })
        })
    })?;
    let mut outputs = outputs.into_inner().map_err(|_| anyhow::anyhow!("a thread panicked"))?;
    outputs.sort_by_key(|output: &PageOutput| output.number);
    Ok(BenchmarkRun {
        usage,
        first_page_seconds: outputs.iter().map(|output| output.after_seconds).min_by(f64::total_cmp),
        recognition_seconds: Some(outputs.iter().map(|output| output.recognition_seconds).sum()),
        pages: outputs.into_iter().map(|output| output.text).collect(),
    })
}

/// One page as the program prints it.
struct PageOutput {
    number: u32,
    text: String,
    recognition_seconds: f64,
    /// The time since the workers were started.
    after_seconds: f64,
}

impl PageOutput {
    /// The next page; none at the end.
    fn parse(lines: &mut Lines<impl std::io::BufRead>) -> anyhow::Result<Option<PageOutput>> {
        let Some(head) = lines.next().transpose()? else { return Ok(None) };
        let number = parse_field(&head, 1)?;
        let mut text = String::new();
        loop {
            let line = lines.next().context("the program ended within a page")??;
            match line.split(' ').next() {
                Some("line") => text.push('\n'),
                Some("word") => {
                    text.push(' ');
                    text.push_str(line.splitn(7, ' ').nth(6).context("a word has seven fields")?);
                }
                Some("unread") => {}
                Some("end") => {
                    let recognition_seconds = parse_field(&line, 1)?;
                    return Ok(Some(PageOutput { number, text, recognition_seconds, after_seconds: 0.0 }));
                }
                Some(_) | None => bail!("an unexpected line: {line}"),
            }
        }
    }
}

fn parse_field<T: std::str::FromStr>(line: &str, index: usize) -> anyhow::Result<T> {
    let field = line.split(' ').nth(index).and_then(|field| field.parse().ok());
    field.with_context(|| format!("an unexpected line: {line}"))
}
