//! The engine's benchmark: `make bench-engine`. See `maneiro_tests::bench`.

use std::{num::NonZeroUsize, path::PathBuf, process::Command};

use anyhow::Context as _;
use clap::{Parser, ValueEnum as _};
use maneiro_tests::bench::{
    comparison::OcrProgram,
    corpus::{Corpus, CorpusKind},
    measurement::BenchmarkRun,
    score::{WordErrors, words_only_in_other},
};

/// Reads the same pages with Maneiro's engine and its competitors, and compares their speed and accuracy.
#[derive(Parser)]
struct Arguments {
    /// Pages of each record
    #[arg(long, default_value = "100")]
    pages: NonZeroUsize,
    /// Kinds of records [default: all]
    #[arg(long, value_delimiter = ',')]
    kinds: Vec<CorpusKind>,
    /// Seed of the generated pages
    #[arg(long, default_value = "1")]
    seed: u64,
    /// Number of runs of each program, in turns; the median counts
    #[arg(long, default_value = "1")]
    rounds: NonZeroUsize,
    /// Worker processes [default: one per core]
    #[arg(long)]
    workers: Option<NonZeroUsize>,
    /// Leave the competitors out
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
        "WER: insertions, deletions and substitutions in 100 words, in reading order; bag: the same in any order. \
         Memory: peak of the sum of the processes' PSS, sampled ten times a second. ratio: cost of the others relative \
         to ours. \"in Tesseract\": share of the time of all our workers that is spent in Tesseract."
    );
    for kind in if arguments.kinds.is_empty() { CorpusKind::value_variants() } else { &*arguments.kinds } {
        let corpus = Corpus::prepare(*kind, arguments.pages.into(), arguments.seed, &folder)?;
        compare(&corpus, workers, &arguments)?;
    }
    Ok(())
}

/// The programs that read a kind of record, and their count of workers. `pdftotext` uses one core only.
fn programs(kind: CorpusKind, workers: usize) -> (usize, &'static [OcrProgram]) {
    use OcrProgram::{Maneiro, OcrMyPdf, PdfToText, Tesseract};
    match kind {
        CorpusKind::Mixed => (workers, &[Maneiro, OcrMyPdf]),
        CorpusKind::Digital => (1, &[Maneiro, PdfToText]),
        _ => (workers, &[Maneiro, Tesseract, OcrMyPdf]),
    }
}

fn compare(corpus: &Corpus, workers: usize, arguments: &Arguments) -> anyhow::Result<()> {
    let (workers, programs) = programs(corpus.kind, workers);
    let programs = if arguments.alone { &programs[..1] } else { programs };
    let mut runs: Vec<Vec<BenchmarkRun>> = programs.iter().map(|_| Vec::new()).collect();
    // In turns, so that other load on the machine affects all alike.
    for _ in 0..usize::from(arguments.rounds) {
        for (program, runs) in programs.iter().zip(&mut runs) {
            runs.push(program.read(corpus, workers)?);
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
    for (program, theirs) in programs.iter().zip(&runs) {
        let ratio = |measure: fn(&BenchmarkRun) -> f64| {
            median(runs[0].iter().zip(theirs).map(|(ours, theirs)| measure(theirs) / measure(ours)))
        };
        let pages = corpus.ground_truth.len() as f64;
        let errors: WordErrors = theirs[0].word_errors(&corpus.ground_truth);
        println!(
            "{:<16} {:>8.2} {:>7.2} {:>10.4} {:>7.2} {:>7.2} {:>7.2} {:>8.0} {:>11} {:>13}",
            program.name(),
            pages / median(theirs.iter().map(|run| run.usage.seconds)),
            ratio(|run| run.usage.seconds),
            median(theirs.iter().map(|run| run.usage.cpu_seconds)) / pages,
            ratio(|run| run.usage.cpu_seconds),
            100.0 * errors.error_rate(),
            100.0 * errors.bag_error_rate(),
            theirs.iter().map(|run| run.usage.peak_bytes).max().unwrap_or(0) as f64 / 1e6,
            theirs[0].first_page_seconds.map_or(String::new(), |seconds| format!("{seconds:.2}")),
            theirs[0].recognition_seconds.map_or(String::new(), |seconds| {
                format!("{:.0} %", 100.0 * seconds / (theirs[0].usage.seconds * workers as f64))
            }),
        );
    }
    if let Some(tesseract) = programs.iter().position(|program| *program == OcrProgram::Tesseract) {
        print_words_only_in_other(corpus, &runs[0][0], &runs[tesseract][0]);
    }
    Ok(())
}

/// Prints each word that Tesseract alone reads right and we do not.
fn print_words_only_in_other(corpus: &Corpus, ours: &BenchmarkRun, theirs: &BenchmarkRun) {
    println!("only Tesseract reads:");
    for (number, truth) in corpus.ground_truth.iter().enumerate() {
        let [ours, theirs] = [ours, theirs].map(|run| run.pages.get(number).map_or("", String::as_str));
        let words = words_only_in_other(truth, ours, theirs);
        if !words.is_empty() {
            println!("  page {}: {}", number + 1, words.join(" "));
        }
    }
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
