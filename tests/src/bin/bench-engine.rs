//! The engine's benchmark: `make bench-engine`. See `maneiro_tests::bench`.

use std::{num::NonZeroUsize, path::PathBuf, process::Command};

use anyhow::Context as _;
use clap::Parser;
use maneiro_tests::bench::{
    contest::{Contestant, Reading},
    corpus::{Corpus, Kind},
    score::Score,
};

/// Reads the same pages with Maneiro's engine and with its peers, and prints how fast and how well.
#[derive(Parser)]
struct Arguments {
    /// Pages of each record.
    #[arg(long, default_value = "100")]
    pages: NonZeroUsize,
    /// What kinds of records; all if none is named.
    #[arg(long, value_delimiter = ',')]
    kinds: Vec<Kind>,
    /// Makes other pages.
    #[arg(long, default_value = "1")]
    seed: u64,
    /// How often everyone reads everything, in turns; the median counts.
    #[arg(long, default_value = "1")]
    rounds: NonZeroUsize,
    /// Worker processes; as many as there are cores if not given.
    #[arg(long)]
    workers: Option<NonZeroUsize>,
    /// Leaves the peers out.
    #[arg(long)]
    alone: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = arguments.workers.map_or(cores, usize::from);
    let folder = PathBuf::from(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
        .join("bench-corpus");
    std::fs::create_dir_all(&folder)?;
    println!(
        "commit {} · {cores} cores · {workers} workers · seed {} · {} pages of each · {} rounds · {}",
        first_line("git", &["describe", "--always", "--dirty"])?,
        arguments.seed,
        arguments.pages,
        arguments.rounds,
        first_line("tesseract", &["--version"])?,
    );
    println!(
        "WER: words inserted, missed or misread, in reading order, in 100 words; bag: the same in any order. \
         Memory: the sum of the processes' PSS, sampled ten times a second. Ratios say how many times more the others \
         take. \"in Tesseract\": of the time of all our workers, the share that is bare recognition."
    );
    let all = [Kind::Clean, Kind::Fax, Kind::Mixed, Kind::Digital];
    for kind in if arguments.kinds.is_empty() { &all } else { &*arguments.kinds } {
        let corpus = Corpus::prepare(*kind, arguments.pages.into(), arguments.seed, &folder)?;
        compare(&corpus, workers, &arguments)?;
    }
    Ok(())
}

/// Who reads a kind of record, on how many workers. Born digital, the peer knows one core only.
fn contestants(kind: Kind, workers: usize) -> (usize, &'static [Contestant]) {
    use Contestant::{OcrMyPdf, Ours, PdfToText, Tesseract};
    match kind {
        Kind::Clean | Kind::Fax => (workers, &[Ours, Tesseract, OcrMyPdf]),
        Kind::Mixed => (workers, &[Ours, OcrMyPdf]),
        Kind::Digital => (1, &[Ours, PdfToText]),
    }
}

fn compare(corpus: &Corpus, workers: usize, arguments: &Arguments) -> anyhow::Result<()> {
    let (workers, everyone) = contestants(corpus.kind, workers);
    let everyone = if arguments.alone { &everyone[..1] } else { everyone };
    let mut readings: Vec<Vec<Reading>> = everyone.iter().map(|_| Vec::new()).collect();
    // In turns, so that whatever else the machine does disturbs all alike.
    for _ in 0..usize::from(arguments.rounds) {
        for (contestant, readings) in everyone.iter().zip(&mut readings) {
            readings.push(contestant.read(corpus, workers)?);
        }
    }
    println!("\n{} ({workers} workers)", corpus.kind.name());
    println!(
        "{:<16} {:>8} {:>7} {:>10} {:>7} {:>7} {:>7} {:>8} {:>11} {:>13}",
        "",
        "pages/s",
        "ratio",
        "CPU s/page",
        "ratio",
        "WER %",
        "bag %",
        "peak MB",
        "1st page s",
        "in Tesseract"
    );
    for (contestant, theirs) in everyone.iter().zip(&readings) {
        let ratio = |of: fn(&Reading) -> f64| {
            median(readings[0].iter().zip(theirs).map(|(ours, theirs)| of(theirs) / of(ours)))
        };
        let pages = corpus.known.len() as f64;
        let score: Score = theirs[0].score(&corpus.known);
        println!(
            "{:<16} {:>8.2} {:>7.2} {:>10.4} {:>7.2} {:>7.2} {:>7.2} {:>8.0} {:>11} {:>13}",
            contestant.name(),
            pages / median(theirs.iter().map(|reading| reading.cost.seconds)),
            ratio(|reading| reading.cost.seconds),
            median(theirs.iter().map(|reading| reading.cost.cpu_seconds)) / pages,
            ratio(|reading| reading.cost.cpu_seconds),
            100.0 * score.rate(),
            100.0 * score.bag_rate(),
            theirs.iter().map(|reading| reading.cost.peak_bytes).max().unwrap_or(0) as f64 / 1e6,
            theirs[0].first_page_seconds.map_or(String::new(), |seconds| format!("{seconds:.2}")),
            theirs[0].recognising_seconds.map_or(String::new(), |seconds| {
                format!("{:.0} %", 100.0 * seconds / (theirs[0].cost.seconds * workers as f64))
            }),
        );
    }
    Ok(())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn first_line(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output =
        Command::new(program).args(arguments).output().with_context(|| format!("{program} is missing"))?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or("unknown").to_owned())
}
