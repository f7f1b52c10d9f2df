//! The competitors: OCRmyPDF, Tesseract's own program and Poppler's `pdftotext`, each with suitable settings.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context as _;

use super::{
    corpus::{Corpus, CorpusKind},
    measurement::{BenchmarkRun, run_all},
};

pub(super) fn ocrmypdf(corpus: &Corpus, workers: usize, folder: &Path) -> anyhow::Result<BenchmarkRun> {
    let out = folder.join("out.pdf");
    let mut command = Command::new("ocrmypdf");
    command
        .args(["--jobs", &workers.to_string(), "--output-type", "pdf", "--optimize", "0"])
        // Without it, every Tesseract process starts a thread for each core, which is slower.
        .env("OMP_THREAD_LIMIT", "1")
        .args((corpus.kind == CorpusKind::Mixed).then_some("--skip-text"))
        .arg("--quiet")
        .args([&corpus.pdf, &out]);
    let usage = run_all(vec![command])?;
    // Its output is a file. Extracting the text of that is not part of its time.
    let extracted = Command::new("pdftotext").args([out.as_path(), Path::new("-")]).output()?;
    anyhow::ensure!(extracted.status.success(), "the output cannot be read");
    let pages = split_pages(&String::from_utf8_lossy(&extracted.stdout));
    Ok(BenchmarkRun { usage, first_page_seconds: None, recognition_seconds: None, pages })
}

/// Each process loads the model once and reads its share of the images in turn.
pub(super) fn tesseract(corpus: &Corpus, workers: usize, folder: &Path) -> anyhow::Result<BenchmarkRun> {
    let dpi = corpus.kind.dpi().to_string();
    let mut shares: Vec<Vec<(usize, &PathBuf)>> = vec![Vec::new(); workers];
    for (number, image) in corpus.images.iter().enumerate() {
        shares[number % workers].push((number, image));
    }
    let mut commands = Vec::new();
    for (worker, share) in shares.iter().enumerate() {
        let list: Vec<&str> = share
            .iter()
            .map(|(_, image)| image.to_str().context("the path is UTF-8"))
            .collect::<Result<_, _>>()?;
        let list_file = folder.join(format!("{worker}.list"));
        fs::write(&list_file, list.join("\n"))?;
        let mut command = Command::new("tesseract");
        command
            .args([&list_file, &folder.join(worker.to_string())])
            .args(["--dpi", &dpi])
            .env("OMP_THREAD_LIMIT", "1")
            .stderr(Stdio::null());
        commands.push(command);
    }
    let usage = run_all(commands)?;
    let mut pages = vec![String::new(); corpus.images.len()];
    for (worker, share) in shares.iter().enumerate() {
        let texts = split_pages(&fs::read_to_string(folder.join(format!("{worker}.txt")))?);
        for ((number, _), text) in share.iter().zip(texts) {
            pages[*number] = text;
        }
    }
    Ok(BenchmarkRun { usage, first_page_seconds: None, recognition_seconds: None, pages })
}

pub(super) fn pdftotext(corpus: &Corpus, folder: &Path) -> anyhow::Result<BenchmarkRun> {
    let out = folder.join("out.html");
    let mut command = Command::new("pdftotext");
    command.arg("-bbox").args([&corpus.pdf, &out]);
    let usage = run_all(vec![command])?;
    let html = fs::read_to_string(&out)?;
    let pages = html.split("<page ").skip(1).map(html_words).collect();
    Ok(BenchmarkRun { usage, first_page_seconds: None, recognition_seconds: None, pages })
}

/// A form feed ends each page.
fn split_pages(text: &str) -> Vec<String> {
    text.split('\u{c}').map(str::to_owned).collect()
}

/// The words of `<word xMin=".." ..>text</word>`, one a line.
fn html_words(page: &str) -> String {
    let words = page.lines().filter_map(|line| {
        let text = line.trim().strip_prefix("<word ")?.split_once('>')?.1.strip_suffix("</word>")?;
        Some(text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
    });
    words.collect::<Vec<_>>().join(" ")
}
