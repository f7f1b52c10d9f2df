//! The others: OCRmyPDF, Tesseract's own program, and poppler's `pdftotext`, each with the settings that suit it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context as _;

use super::{
    contest::{Reading, run},
    corpus::{Corpus, Kind},
};

pub(super) fn ocrmypdf(corpus: &Corpus, workers: usize, folder: &Path) -> anyhow::Result<Reading> {
    let out = folder.join("out.pdf");
    let mut command = Command::new("ocrmypdf");
    command
        .args(["--jobs", &workers.to_string(), "--output-type", "pdf", "--optimize", "0"])
        // Without it every Tesseract would start a thread for each core, which takes longer.
        .env("OMP_THREAD_LIMIT", "1")
        .args((corpus.kind == Kind::Mixed).then_some("--skip-text"))
        .arg("--quiet")
        .args([&corpus.pdf, &out]);
    let cost = run(vec![command])?;
    // Its product is a file; what that says is not part of its time.
    let said = Command::new("pdftotext").args([out.as_path(), Path::new("-")]).output()?;
    anyhow::ensure!(said.status.success(), "its file cannot be read");
    let pages = split_pages(&String::from_utf8_lossy(&said.stdout));
    Ok(Reading { cost, first_page_seconds: None, recognising_seconds: None, pages })
}

/// Every process loads the model once and reads its share of the images one after the other.
pub(super) fn tesseract(corpus: &Corpus, workers: usize, folder: &Path) -> anyhow::Result<Reading> {
    let dpi = if corpus.kind == Kind::Fax { "204" } else { "300" };
    let mut shares: Vec<Vec<(usize, &PathBuf)>> = vec![Vec::new(); workers];
    for (number, image) in corpus.images.iter().enumerate() {
        shares[number % workers].push((number, image));
    }
    let mut commands = Vec::new();
    for (worker, share) in shares.iter().enumerate() {
        let list: Vec<&str> = share
            .iter()
            .map(|(_, image)| image.to_str().context("its path is UTF-8"))
            .collect::<Result<_, _>>()?;
        let list_file = folder.join(format!("{worker}.list"));
        fs::write(&list_file, list.join("\n"))?;
        let mut command = Command::new("tesseract");
        command
            .args([&list_file, &folder.join(worker.to_string())])
            .args(["--dpi", dpi])
            .env("OMP_THREAD_LIMIT", "1")
            .stderr(Stdio::null());
        commands.push(command);
    }
    let cost = run(commands)?;
    let mut pages = vec![String::new(); corpus.images.len()];
    for (worker, share) in shares.iter().enumerate() {
        let said = split_pages(&fs::read_to_string(folder.join(format!("{worker}.txt")))?);
        for ((number, _), text) in share.iter().zip(said) {
            pages[*number] = text;
        }
    }
    Ok(Reading { cost, first_page_seconds: None, recognising_seconds: None, pages })
}

pub(super) fn pdftotext(corpus: &Corpus, folder: &Path) -> anyhow::Result<Reading> {
    let out = folder.join("out.html");
    let mut command = Command::new("pdftotext");
    command.arg("-bbox").args([&corpus.pdf, &out]);
    let cost = run(vec![command])?;
    let html = fs::read_to_string(&out)?;
    let pages = html.split("<page ").skip(1).map(words_of_html).collect();
    Ok(Reading { cost, first_page_seconds: None, recognising_seconds: None, pages })
}

/// A form feed ends each page.
fn split_pages(text: &str) -> Vec<String> {
    text.split('\u{c}').map(str::to_owned).collect()
}

/// The words of `<word xMin=".." ..>text</word>`, one a line.
fn words_of_html(page: &str) -> String {
    let words = page.lines().filter_map(|line| {
        let text = line.trim().strip_prefix("<word ")?.split_once('>')?.1.strip_suffix("</word>")?;
        Some(text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
    });
    words.collect::<Vec<_>>().join(" ")
}
