//! The pages that are read. They are generated from a seed, always the same, and their text is ground_truth.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::Context as _;
use clap::ValueEnum;
use lopdf::{Document, Object};
use maneiro_report::typeset::{TemplateFile, typeset};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use time::{Date, Month};
use typst::foundations::Smart;
use typst_layout::PagedDocument;

use super::prose::GeneratedPage;
use crate::sample::{
    generate::{ScannedImage, Scanner, add_image_page, fax_page, scan_blank_page, scan_page},
    scan::ScanSettings,
};

/// Part of the folder name of a corpus. To be raised when the generator makes other pages or files.
const CORPUS_VERSION: u32 = 2;

/// The kind of a record's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CorpusKind {
    /// Office scans at 300 dpi: two of three grey, one of three black and white.
    Clean,
    /// Faxes in fine mode, with line noise.
    Fax,
    /// As in real records: born digital, scanned well and badly, faxed, with blank pages and duplicates.
    Mixed,
    /// Born digital.
    Digital,
    /// As scanners of offices make them by default: grey, askew, noisy and compressed, at 150, 200 and 300 dpi.
    Office150,
    Office200,
    Office300,
}

impl CorpusKind {
    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CorpusKind::Clean => "clean",
            CorpusKind::Fax => "fax",
            CorpusKind::Office150 => "office150",
            CorpusKind::Office200 => "office200",
            CorpusKind::Office300 => "office300",
            CorpusKind::Mixed => "mixed",
            CorpusKind::Digital => "digital",
        }
    }

    /// The resolution that other programs are told.
    #[must_use]
    pub fn dpi(self) -> u32 {
        match self {
            CorpusKind::Fax => 204,
            CorpusKind::Office150 => 150,
            CorpusKind::Office200 => 200,
            CorpusKind::Clean | CorpusKind::Office300 | CorpusKind::Mixed | CorpusKind::Digital => 300,
        }
    }

    /// Whether all pages are images, which programs that read no PDF are given.
    #[must_use]
    pub fn has_only_images(self) -> bool {
        !matches!(self, CorpusKind::Mixed | CorpusKind::Digital)
    }

    /// How page `number`, from 0, is made.
    fn page(self, number: usize) -> CorpusPage {
        match self {
            CorpusKind::Clean if number % 3 == 2 => CorpusPage::Scanned(Scanner::BlackAndWhite { dpi: 300 }),
            CorpusKind::Clean => CorpusPage::Scanned(Scanner::Grey { dpi: 300, quality: 70 }),
            CorpusKind::Fax => CorpusPage::Faxed,
            CorpusKind::Office150 => CorpusPage::BadlyScanned(Scanner::Grey { dpi: 150, quality: 80 }),
            CorpusKind::Office200 => CorpusPage::BadlyScanned(Scanner::Grey { dpi: 200, quality: 80 }),
            CorpusKind::Office300 => CorpusPage::BadlyScanned(Scanner::Grey { dpi: 300, quality: 80 }),
            CorpusKind::Digital => CorpusPage::Digital,
            CorpusKind::Mixed => match number % 20 {
                1 | 11 | 16 => CorpusPage::Scanned(Scanner::Grey { dpi: 300, quality: 70 }),
                2 | 9 | 12 => CorpusPage::Scanned(Scanner::BlackAndWhite { dpi: 300 }),
                4 | 14 | 19 => CorpusPage::Faxed,
                6 | 18 => CorpusPage::Scanned(Scanner::Grey { dpi: 200, quality: 50 }),
                7 => CorpusPage::Blank,
                17 => CorpusPage::DuplicateOf(number - 1),
                _ => CorpusPage::Digital,
            },
        }
    }
}

enum CorpusPage {
    Digital,
    Scanned(Scanner),
    /// Askew, and with the noise of a camera.
    BadlyScanned(Scanner),
    Faxed,
    Blank,
    /// The same page as the one with this number, from 0.
    DuplicateOf(usize),
}

/// A record on disk, and its ground truth.
#[derive(Debug)]
pub struct Corpus {
    pub kind: CorpusKind,
    pub pdf: PathBuf,
    /// The images of its pages as stored in the file, in order. Empty for kinds with pages that are not images.
    pub images: Vec<PathBuf>,
    /// The words of each page, in reading order.
    pub ground_truth: Vec<String>,
}

impl Corpus {
    /// Finds the record under `folder`, or generates it there.
    ///
    /// # Errors
    /// If a file cannot be written, Poppler's `pdfimages` is missing, or a page cannot be typeset.
    pub fn prepare(kind: CorpusKind, pages: usize, seed: u64, folder: &Path) -> anyhow::Result<Self> {
        let corpus_folder = folder.join(format!("v{CORPUS_VERSION}-seed{seed}-{pages}-{}", kind.name()));
        if !corpus_folder.exists() {
            eprintln!("generating {pages} {} pages", kind.name());
            let unfinished = tempfile::Builder::new().prefix("unfinished").tempdir_in(folder)?;
            let (pdf, ground_truth) = generate_record(kind, pages, seed)?;
            let record = unfinished.path().join("record.pdf");
            fs::write(&record, pdf)?;
            fs::write(unfinished.path().join("ground_truth.json"), serde_json::to_vec(&ground_truth)?)?;
            let images = unfinished.path().join("images");
            fs::create_dir(&images)?;
            if kind.has_only_images() {
                let status = Command::new("pdfimages")
                    .args(["-j", "-png"])
                    .arg(&record)
                    .arg(images.join("page"))
                    .status();
                anyhow::ensure!(status.context("pdfimages is missing")?.success(), "pdfimages failed");
            }
            fs::rename(unfinished.keep(), &corpus_folder)?;
        }
        let mut images: Vec<PathBuf> = fs::read_dir(corpus_folder.join("images"))?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<_>>()?;
        images.sort();
        let ground_truth = serde_json::from_slice(&fs::read(corpus_folder.join("ground_truth.json"))?)?;
        Ok(Self { kind, pdf: corpus_folder.join("record.pdf"), images, ground_truth })
    }
}

/// The record as a file, and the words of each page.
fn generate_record(kind: CorpusKind, pages: usize, seed: u64) -> anyhow::Result<(Vec<u8>, Vec<String>)> {
    // Each page of each kind has its own random numbers, so the result depends neither on the order nor on threads. One
    // stream is for its text, one for its scan.
    let random = |number: usize, stream: u64| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(((kind as u64) << 32) | (2 * number as u64 + stream));
        rng
    };
    let texts: Vec<GeneratedPage> =
        (0..pages).map(|number| GeneratedPage::generate(number, &mut random(number, 0))).collect();
    let document = typeset_pages(&texts)?;
    let next = AtomicUsize::new(0);
    let scan_next = || {
        let mut done = Vec::new();
        while let number = next.fetch_add(1, Ordering::Relaxed)
            && number < pages
        {
            let mut rng = random(number, 1);
            if let Some(image) = scan_corpus_page(&kind.page(number), number, &document, &mut rng)? {
                done.push((number, image));
            }
        }
        anyhow::Ok(done)
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let images = std::thread::scope(|scope| {
        let scanners: Vec<_> = (0..cores).map(|_| scope.spawn(scan_next)).collect();
        let mut images = Vec::new();
        for scanner in scanners {
            images.extend(scanner.join().map_err(|_| anyhow::anyhow!("a page could not be scanned"))??);
        }
        images.sort_by_key(|(number, _): &(usize, ScannedImage)| *number);
        anyhow::Ok(images)
    })?;
    let ground_truth = (0..pages).map(|number| match kind.page(number) {
        CorpusPage::Blank => String::new(),
        CorpusPage::DuplicateOf(earlier) => texts[earlier].text(),
        CorpusPage::Digital | CorpusPage::Scanned(_) | CorpusPage::BadlyScanned(_) | CorpusPage::Faxed => {
            texts[number].text()
        }
    });
    Ok((replace_scanned_pages(kind, &document, images)?, ground_truth.collect()))
}

fn typeset_pages(pages: &[GeneratedPage]) -> anyhow::Result<PagedDocument> {
    let today = Date::from_calendar_date(2025, Month::February, 10)?;
    let data = TemplateFile::from_text("pages.json", &serde_json::to_string(pages)?);
    let document = typeset(include_str!("page.typ"), vec![data], today)?;
    anyhow::ensure!(document.pages().len() == pages.len(), "the text of a page is too long");
    Ok(document)
}

fn scan_corpus_page(
    corpus_page: &CorpusPage,
    number: usize,
    document: &PagedDocument,
    rng: &mut ChaCha8Rng,
) -> anyhow::Result<Option<ScannedImage>> {
    let page = &document.pages()[number];
    match corpus_page {
        CorpusPage::Digital | CorpusPage::DuplicateOf(_) => Ok(None),
        CorpusPage::Scanned(scanner) => {
            let settings = ScanSettings {
                // Up to half a degree.
                skew_permille: rng.random_range(-9..=9),
                paper_level: 242,
                ink_level: 36,
                noise_level: 4,
                specks: 20,
                is_punched: rng.random_range(0..4) == 0,
            };
            scan_page(page, *scanner, settings, rng).map(Some)
        }
        CorpusPage::BadlyScanned(scanner) => {
            let settings = ScanSettings {
                // Up to 1.2 degrees.
                skew_permille: rng.random_range(-21..=21),
                paper_level: 235,
                ink_level: 30,
                noise_level: 9,
                specks: 20,
                is_punched: false,
            };
            scan_page(page, *scanner, settings, rng).map(Some)
        }
        CorpusPage::Faxed => fax_page(page, rng).map(Some),
        CorpusPage::Blank => scan_blank_page(rng).map(Some),
    }
}

/// The typesetter's own file with scanned pages in place of those that were printed.
fn replace_scanned_pages(
    kind: CorpusKind,
    document: &PagedDocument,
    images: Vec<(usize, ScannedImage)>,
) -> anyhow::Result<Vec<u8>> {
    let options = typst_pdf::PdfOptions {
        ident: Smart::Custom("maneiro benchmark".to_owned()),
        tagged: false,
        ..typst_pdf::PdfOptions::default()
    };
    let typeset = typst_pdf::pdf(document, &options).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let mut file = Document::load_mem(&typeset).context("the typeset file could not be read back")?;
    let pages: Vec<_> = file.page_iter().collect();
    for (number, image) in images {
        let parent = file.get_dictionary(pages[number])?.get(b"Parent")?.clone();
        let mut scanned = add_image_page(&mut file, image);
        scanned.set("Parent", parent);
        file.set_object(pages[number], Object::Dictionary(scanned));
    }
    for (number, page) in pages.iter().enumerate() {
        if let CorpusPage::DuplicateOf(earlier) = kind.page(number) {
            let duplicate = file.get_dictionary(pages[earlier])?.clone();
            file.set_object(*page, Object::Dictionary(duplicate));
        }
    }
    file.prune_objects();
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).context("the record could not be written")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use maneiro_engine::{Document, Finding, Limits};
    use maneiro_page::TextSource;

    use super::*;
    use crate::bench::score::WordErrors;

    #[test]
    fn a_seed_determines_the_record() {
        let (first, ground_truth) = generate_record(CorpusKind::Mixed, 3, 7).unwrap();
        assert!(generate_record(CorpusKind::Mixed, 3, 7).unwrap() == (first, ground_truth.clone()));
        assert_ne!(generate_record(CorpusKind::Digital, 3, 8).unwrap().1, ground_truth);
    }

    #[test]
    fn a_born_digital_page_contains_its_ground_truth() {
        let (pdf, ground_truth) = generate_record(CorpusKind::Digital, 5, 7).unwrap();
        let document = Document::open(pdf, None, Limits::default()).unwrap();
        for (ground_truth, number) in ground_truth.iter().zip(1..) {
            let Finding::Page(page) = document.reader().inspect(number).unwrap().finding else {
                panic!("page {number} has no text layer")
            };
            assert_eq!(page.text_source, TextSource::TextLayer);
            assert_eq!(
                WordErrors::compare(ground_truth, &page.text()).bag_errors,
                0,
                "{ground_truth}\n---\n{}",
                page.text()
            );
        }
    }
}
