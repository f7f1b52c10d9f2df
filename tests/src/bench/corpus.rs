//! The pages that are read: made from a seed, with their text known. The same bytes come out every time.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::Context as _;
use clap::ValueEnum;
use lopdf::{Document, Object};
use maneiro_report::typeset::{File, typeset};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use time::{Date, Month};
use typst::foundations::Smart;
use typst_layout::PagedDocument;

use super::prose;
use crate::sample::{
    generate::{Image, Scanner, bind_image, fax_page, scan_nothing, scan_page},
    scan::Glass,
};

/// Part of the name under which a corpus is kept: to be raised when the generator makes other pages of a seed.
const VERSION: u32 = 1;

/// What kind of pages a record has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Office scans at 300 dpi: two in three grey, one in three black and white.
    Clean,
    /// Faxes in fine mode, with line noise.
    Fax,
    /// What records are like: born digital, scanned well and badly, faxed, with blanks and repeats.
    Mixed,
    /// Born digital.
    Digital,
}

impl Kind {
    /// Its name, as the command line takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Clean => "clean",
            Kind::Fax => "fax",
            Kind::Mixed => "mixed",
            Kind::Digital => "digital",
        }
    }

    /// How page `number`, from 0, comes into the record.
    fn sheet(self, number: usize) -> Sheet {
        match self {
            Kind::Clean if number % 3 == 2 => Sheet::Scanned(Scanner::BlackAndWhite { dpi: 300 }),
            Kind::Clean => Sheet::Scanned(Scanner::Grey { dpi: 300, quality: 70 }),
            Kind::Fax => Sheet::Faxed,
            Kind::Digital => Sheet::Digital,
            Kind::Mixed => match number % 20 {
                1 | 11 | 16 => Sheet::Scanned(Scanner::Grey { dpi: 300, quality: 70 }),
                2 | 9 | 12 => Sheet::Scanned(Scanner::BlackAndWhite { dpi: 300 }),
                4 | 14 | 19 => Sheet::Faxed,
                6 | 18 => Sheet::Scanned(Scanner::Grey { dpi: 200, quality: 50 }),
                7 => Sheet::Blank,
                17 => Sheet::Again(number - 1),
                _ => Sheet::Digital,
            },
        }
    }
}

enum Sheet {
    Digital,
    Scanned(Scanner),
    Faxed,
    Blank,
    /// The page with this number, from 0, once more.
    Again(usize),
}

/// A record on disk, and what it says.
#[derive(Debug)]
pub struct Corpus {
    /// What kind of pages it has.
    pub kind: Kind,
    /// The record.
    pub pdf: PathBuf,
    /// The images of its pages as the file holds them, in order; none of a kind that has pages without.
    pub images: Vec<PathBuf>,
    /// The words of each page, in reading order.
    pub known: Vec<String>,
}

impl Corpus {
    /// Finds the record under `folder`, or makes it there.
    ///
    /// # Errors
    /// If the disk refuses, poppler's `pdfimages` is missing, or a page does not typeset.
    pub fn prepare(kind: Kind, pages: usize, seed: u64, folder: &Path) -> anyhow::Result<Self> {
        let place = folder.join(format!("v{VERSION}-seed{seed}-{pages}-{}", kind.name()));
        if !place.exists() {
            eprintln!("making {pages} {} pages", kind.name());
            let unfinished = tempfile::Builder::new().prefix("unfinished").tempdir_in(folder)?;
            let (pdf, known) = make(kind, pages, seed)?;
            let record = unfinished.path().join("record.pdf");
            fs::write(&record, pdf)?;
            fs::write(unfinished.path().join("known.json"), serde_json::to_vec(&known)?)?;
            let images = unfinished.path().join("images");
            fs::create_dir(&images)?;
            if matches!(kind, Kind::Clean | Kind::Fax) {
                let status = Command::new("pdfimages")
                    .args(["-j", "-png"])
                    .arg(&record)
                    .arg(images.join("page"))
                    .status();
                anyhow::ensure!(status.context("pdfimages is missing")?.success(), "pdfimages failed");
            }
            fs::rename(unfinished.keep(), &place)?;
        }
        let mut images: Vec<PathBuf> = fs::read_dir(place.join("images"))?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<_>>()?;
        images.sort();
        let known = serde_json::from_slice(&fs::read(place.join("known.json"))?)?;
        Ok(Self { kind, pdf: place.join("record.pdf"), images, known })
    }
}

/// The record as a file, and the known words of each page.
fn make(kind: Kind, pages: usize, seed: u64) -> anyhow::Result<(Vec<u8>, Vec<String>)> {
    // Each page of each kind has its own random numbers, so that neither order nor threads matter: one stream for
    // what it says, one for how it is scanned.
    let random = |number: usize, stream: u64| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(((kind as u64) << 32) | (2 * number as u64 + stream));
        rng
    };
    let sheets: Vec<prose::Page> =
        (0..pages).map(|number| prose::Page::invent(number, &mut random(number, 0))).collect();
    let document = typeset_sheets(&sheets)?;
    let next = AtomicUsize::new(0);
    let scan_some = || {
        let mut done = Vec::new();
        while let number = next.fetch_add(1, Ordering::Relaxed)
            && number < pages
        {
            let mut rng = random(number, 1);
            if let Some(image) = scan_sheet(&kind.sheet(number), number, &document, &mut rng)? {
                done.push((number, image));
            }
        }
        anyhow::Ok(done)
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let images = std::thread::scope(|scope| {
        let scanners: Vec<_> = (0..cores).map(|_| scope.spawn(scan_some)).collect();
        let mut images = Vec::new();
        for scanner in scanners {
            images.extend(scanner.join().map_err(|_| anyhow::anyhow!("a sheet could not be scanned"))??);
        }
        images.sort_by_key(|(number, _): &(usize, Image)| *number);
        anyhow::Ok(images)
    })?;
    let known = (0..pages).map(|number| match kind.sheet(number) {
        Sheet::Blank => String::new(),
        Sheet::Again(earlier) => sheets[earlier].text(),
        Sheet::Digital | Sheet::Scanned(_) | Sheet::Faxed => sheets[number].text(),
    });
    Ok((bind(kind, &document, images)?, known.collect()))
}

fn typeset_sheets(sheets: &[prose::Page]) -> anyhow::Result<PagedDocument> {
    let today = Date::from_calendar_date(2025, Month::February, 10)?;
    let data = File::text("pages.json", &serde_json::to_string(sheets)?);
    let document = typeset(include_str!("page.typ"), vec![data], today)?;
    anyhow::ensure!(document.pages().len() == sheets.len(), "a sheet runs over its page");
    Ok(document)
}

fn scan_sheet(
    sheet: &Sheet,
    number: usize,
    document: &PagedDocument,
    rng: &mut ChaCha8Rng,
) -> anyhow::Result<Option<Image>> {
    let page = &document.pages()[number];
    match sheet {
        Sheet::Digital | Sheet::Again(_) => Ok(None),
        Sheet::Scanned(scanner) => {
            let glass = Glass {
                // Up to half a degree.
                tilt: rng.random_range(-9..=9),
                paper: 242,
                ink: 36,
                noise: 4,
                specks: 20,
                punched: rng.random_range(0..4) == 0,
            };
            scan_page(page, *scanner, glass, rng).map(Some)
        }
        Sheet::Faxed => fax_page(page, rng).map(Some),
        Sheet::Blank => scan_nothing(rng).map(Some),
    }
}

/// The typesetter's own file, with the scanned pages in the place of those that were printed.
fn bind(kind: Kind, document: &PagedDocument, images: Vec<(usize, Image)>) -> anyhow::Result<Vec<u8>> {
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
        let mut scanned = bind_image(&mut file, image);
        scanned.set("Parent", parent);
        file.set_object(pages[number], Object::Dictionary(scanned));
    }
    for (number, page) in pages.iter().enumerate() {
        if let Sheet::Again(earlier) = kind.sheet(number) {
            let again = file.get_dictionary(pages[earlier])?.clone();
            file.set_object(*page, Object::Dictionary(again));
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
    use crate::bench::score::Score;

    #[test]
    fn a_seed_makes_the_same_record_every_time_and_another_seed_another() {
        let (first, known) = make(Kind::Mixed, 3, 7).unwrap();
        assert!(make(Kind::Mixed, 3, 7).unwrap() == (first, known.clone()));
        assert_ne!(make(Kind::Digital, 3, 8).unwrap().1, known);
    }

    #[test]
    fn a_born_digital_page_says_what_is_known_of_it() {
        let (pdf, known) = make(Kind::Digital, 5, 7).unwrap();
        let document = Document::open(pdf, None, Limits::default()).unwrap();
        for (known, number) in known.iter().zip(1..) {
            let Finding::Page(page) = document.reader().inspect(number).unwrap().finding else {
                panic!("page {number} has no text layer")
            };
            assert_eq!(page.text_source, TextSource::TextLayer);
            assert_eq!(Score::of(known, &page.text()).bag_errors, 0, "{known}\n---\n{}", page.text());
        }
    }
}
