//! Generates synthetic records: typesets the pages, scans and faxes some of them, and writes all to one PDF. The output is
//! always the same: the seeds are fixed and no clock is read.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use image::GrayImage;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};
use maneiro_report::typeset::{TemplateFile, typeset};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use time::{Date, Month};
use typst::{
    foundations::Smart,
    layout::{Frame, FrameItem},
};
use typst_layout::{Page, PagedDocument};

use super::scan::{self, ScanSettings};

/// A record and how its pages are made.
#[derive(Debug)]
pub(super) struct RecordPlan {
    pub(super) title: &'static str,
    /// The identifier of the file.
    pub(super) id: &'static str,
    /// Changing it changes every scanned pixel.
    pub(super) seed: u64,
    /// The date on which the record was printed.
    pub(super) print_date: (i32, Month, u8),
    pub(super) pages: &'static [SamplePage],
}

const STYLE: &str = include_str!("pages/style.typ");

/// How one page of the file is made.
#[derive(Debug)]
pub(super) enum SamplePage {
    /// Typeset, with a text layer, on as many pages as it needs.
    Document(&'static str),
    /// Typeset, with a text layer.
    Digital(&'static str),
    /// Typeset, printed, and scanned.
    Scanned(&'static str, Scanner, ScanSettings),
    /// Typeset, printed, and sent by fax.
    Faxed(&'static str),
    /// An empty sheet, scanned.
    Blank,
    /// The same page as the one at this position, from 1.
    DuplicateOf(usize),
}

/// The mode of the office's scanner.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scanner {
    /// Grey, as JPEG.
    Grey { dpi: u32, quality: u8 },
    /// Grey, as JPEG, with the sheet rotated by 90°.
    GreySideways { dpi: u32, quality: u8 },
    /// Black and white, as CCITT group 4.
    BlackAndWhite { dpi: u32 },
}

const PAGES: &[SamplePage] = {
    use Scanner::{BlackAndWhite, Grey, GreySideways};
    const fn settings(skew_permille: i32, noise_level: u8, specks: u32, is_punched: bool) -> ScanSettings {
        ScanSettings { skew_permille, paper_level: 240, ink_level: 38, noise_level, specks, is_punched }
    }
    &[
        SamplePage::Digital(include_str!("pages/face-sheet.typ")),
        SamplePage::Scanned(
            include_str!("pages/annual-visit.typ"),
            Grey { dpi: 200, quality: 45 },
            settings(21, 5, 30, true),
        ),
        SamplePage::Scanned(
            include_str!("pages/labs-2023.typ"),
            BlackAndWhite { dpi: 300 },
            settings(-12, 14, 60, false),
        ),
        SamplePage::Faxed(include_str!("pages/ed-note.typ")),
        SamplePage::Scanned(
            include_str!("pages/xray.typ"),
            Grey { dpi: 200, quality: 40 },
            settings(-17, 6, 40, false),
        ),
        SamplePage::Scanned(
            include_str!("pages/progress-2024-05.typ"),
            BlackAndWhite { dpi: 300 },
            settings(19, 12, 50, true),
        ),
        SamplePage::Digital(include_str!("pages/mri.typ")),
        SamplePage::Scanned(
            include_str!("pages/referral.typ"),
            Grey { dpi: 200, quality: 45 },
            settings(-28, 5, 30, true),
        ),
        SamplePage::Scanned(
            include_str!("pages/orthopaedics.typ"),
            BlackAndWhite { dpi: 300 },
            settings(9, 16, 60, false),
        ),
        SamplePage::Blank,
        SamplePage::Scanned(
            include_str!("pages/labs-2024.typ"),
            Grey { dpi: 300, quality: 35 },
            settings(14, 5, 50, false),
        ),
        SamplePage::Scanned(
            include_str!("pages/operation.typ"),
            Grey { dpi: 300, quality: 35 },
            settings(-21, 4, 40, true),
        ),
        SamplePage::Digital(include_str!("pages/discharge.typ")),
        SamplePage::Scanned(
            include_str!("pages/medication-list.typ"),
            BlackAndWhite { dpi: 300 },
            settings(17, 14, 80, true),
        ),
        SamplePage::Scanned(
            include_str!("pages/therapy.typ"),
            GreySideways { dpi: 200, quality: 45 },
            settings(12, 5, 30, false),
        ),
        SamplePage::DuplicateOf(12),
        SamplePage::Scanned(
            include_str!("pages/progress-2024-10.typ"),
            Grey { dpi: 200, quality: 45 },
            settings(35, 5, 30, true),
        ),
        SamplePage::Digital(include_str!("pages/labs-2025.typ")),
        SamplePage::Digital(include_str!("pages/follow-up.typ")),
    ]
};

/// The sample record.
pub(super) const SAMPLE: RecordPlan = RecordPlan {
    title: "Sample record: a synthetic patient, no real person",
    id: "maneiro-sample-1",
    seed: 0x4d61_6e65_6972_6f00,
    print_date: (2025, Month::February, 10),
    pages: PAGES,
};

/// Generates the sample record.
///
/// # Errors
/// If a page cannot be typeset or written.
pub fn generate() -> anyhow::Result<Vec<u8>> {
    generate_record(&SAMPLE)
}

/// Generates a record.
///
/// # Errors
/// If a page cannot be typeset or written.
pub(super) fn generate_record(plan: &RecordPlan) -> anyhow::Result<Vec<u8>> {
    let mut scanned = scan_pages(plan)?;
    let mut file = Document::with_version("1.7");
    let tree = file.new_object_id();
    let mut pages: Vec<ObjectId> = Vec::new();
    let mut dictionaries: Vec<Dictionary> = Vec::new();
    for (index, page) in plan.pages.iter().enumerate() {
        let added = match page {
            SamplePage::Digital(source) => add_digital_pages(&mut file, &typeset_page(plan, source)?)?,
            SamplePage::Document(source) => add_digital_pages(&mut file, &typeset_document(plan, source)?)?,
            SamplePage::Scanned(..) | SamplePage::Faxed(_) | SamplePage::Blank => {
                let image = scanned[index].take().context("the page was not scanned")?;
                vec![add_image_page(&mut file, image)]
            }
            SamplePage::DuplicateOf(number) => vec![dictionaries[number - 1].clone()],
        };
        for mut page in added {
            page.set("Parent", tree);
            let id = file.add_object(page.clone());
            pages.push(id);
            dictionaries.push(page);
        }
    }
    let count = i64::try_from(pages.len())?;
    let kids: Vec<Object> = pages.into_iter().map(Object::Reference).collect();
    file.set_object(tree, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count });
    let catalog = file.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    let info = file.add_object(dictionary! {
        "Title" => Object::string_literal(plan.title),
        "Producer" => Object::string_literal("Maneiro sample-record"),
    });
    file.trailer.set("Root", catalog);
    file.trailer.set("Info", info);
    let id = Object::string_literal(plan.id);
    file.trailer.set("ID", vec![id.clone(), id]);
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).context("the record could not be written")?;
    Ok(bytes)
}

/// The text of each page of the sample record before it is scanned, with one space between words. Empty for the blank page.
///
/// # Errors
/// If a page cannot be typeset.
pub fn typeset_text() -> anyhow::Result<Vec<String>> {
    typeset_record_text(&SAMPLE)
}

/// The text of each page of a record before it is scanned.
///
/// # Errors
/// If a page cannot be typeset.
pub(super) fn typeset_record_text(plan: &RecordPlan) -> anyhow::Result<Vec<String>> {
    let mut texts: Vec<String> = Vec::new();
    for page in plan.pages {
        match page {
            SamplePage::Digital(source)
            | SamplePage::Document(source)
            | SamplePage::Scanned(source, ..)
            | SamplePage::Faxed(source) => {
                for page in typeset_document(plan, source)?.pages() {
                    let mut text = String::new();
                    collect_text(&page.frame, &mut text);
                    texts.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
                }
            }
            SamplePage::Blank => texts.push(String::new()),
            SamplePage::DuplicateOf(number) => texts.push(texts[number - 1].clone()),
        }
    }
    Ok(texts)
}

fn typeset_document(plan: &RecordPlan, source: &str) -> anyhow::Result<PagedDocument> {
    let (year, month, day) = plan.print_date;
    let today = Date::from_calendar_date(year, month, day)?;
    Ok(typeset(source, vec![TemplateFile::from_text("style.typ", STYLE)], today)?)
}

fn typeset_page(plan: &RecordPlan, source: &str) -> anyhow::Result<PagedDocument> {
    let document = typeset_document(plan, source)?;
    anyhow::ensure!(
        document.pages().len() == 1,
        "a source has one page: {}",
        &source[..60.min(source.len())]
    );
    Ok(document)
}

fn collect_text(frame: &Frame, text: &mut String) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => collect_text(&group.frame, text),
            FrameItem::Text(run) => {
                text.push_str(&run.text);
                text.push(' ');
            }
            FrameItem::Shape(..) | FrameItem::Image(..) | FrameItem::Link(..) | FrameItem::Tag(_) => {}
        }
    }
}

/// Scans all pages that are to be scanned, on all cores.
fn scan_pages(plan: &RecordPlan) -> anyhow::Result<Vec<Option<ScannedImage>>> {
    let next = AtomicUsize::new(0);
    let scan_next = || {
        let mut done = Vec::new();
        while let index = next.fetch_add(1, Ordering::Relaxed)
            && let Some(page) = plan.pages.get(index)
        {
            done.push((index, scan_sample_page(plan, index, page)?));
        }
        anyhow::Ok(done)
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut images: Vec<Option<ScannedImage>> = plan.pages.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(scan_next)).collect();
        for worker in workers {
            let done = worker.join().map_err(|_| anyhow::anyhow!("a page could not be scanned"))??;
            for (index, image) in done {
                images[index] = image;
            }
        }
        Ok(images)
    })
}

/// Each page has its own random numbers, so the result depends neither on the order nor on threads.
fn scan_sample_page(
    plan: &RecordPlan,
    index: usize,
    page: &SamplePage,
) -> anyhow::Result<Option<ScannedImage>> {
    let mut rng = ChaCha8Rng::seed_from_u64(plan.seed + index as u64);
    match page {
        SamplePage::Digital(_) | SamplePage::Document(_) | SamplePage::DuplicateOf(_) => Ok(None),
        SamplePage::Scanned(source, scanner, settings) => {
            scan_page(&typeset_page(plan, source)?.pages()[0], *scanner, *settings, &mut rng).map(Some)
        }
        SamplePage::Faxed(source) => fax_page(&typeset_page(plan, source)?.pages()[0], &mut rng).map(Some),
        SamplePage::Blank => scan_blank_page(&mut rng).map(Some),
    }
}

/// A scanned page, encoded.
pub(crate) struct ScannedImage {
    stream: Stream,
    /// Size as printed, in points.
    width: f32,
    height: f32,
}

impl ScannedImage {
    pub(crate) fn jpeg(image: &GrayImage, dpi: u32, quality: u8) -> anyhow::Result<Self> {
        let mut entries = image_entries(image, 8);
        entries.set("Filter", "DCTDecode");
        Ok(Self::new(image, dpi, dpi, entries, scan::encode_jpeg(image, quality)?))
    }

    fn group4(image: &GrayImage, dpi: u32, lines_per_inch: u32) -> anyhow::Result<Self> {
        let mut entries = image_entries(image, 1);
        entries.set("Filter", "CCITTFaxDecode");
        entries.set(
            "DecodeParms",
            dictionary! { "K" => -1, "Columns" => i64::from(image.width()), "Rows" => i64::from(image.height()) },
        );
        Ok(Self::new(image, dpi, lines_per_inch, entries, scan::encode_group4(image)?))
    }

    fn new(image: &GrayImage, dpi: u32, lines_per_inch: u32, entries: Dictionary, bytes: Vec<u8>) -> Self {
        Self {
            stream: Stream::new(entries, bytes).with_compression(false),
            width: image.width() as f32 * 72.0 / dpi as f32,
            height: image.height() as f32 * 72.0 / lines_per_inch as f32,
        }
    }
}

fn image_entries(image: &GrayImage, bits: i64) -> Dictionary {
    dictionary! {
        "Type" => "XObject",
        "Subtype" => "Image",
        "Width" => i64::from(image.width()),
        "Height" => i64::from(image.height()),
        "ColorSpace" => "DeviceGray",
        "BitsPerComponent" => bits,
    }
}

/// Renders a page in grey, as a printer prints it.
pub(crate) fn print_page(page: &Page, dpi: u32) -> anyhow::Result<GrayImage> {
    let options = typst_render::RenderOptions {
        pixel_per_pt: (f64::from(dpi) / 72.0).into(),
        ..typst_render::RenderOptions::default()
    };
    let pixels = typst_render::render(page, &options);
    let grey = pixels.pixels().iter().map(|pixel| {
        let [red, green, blue] = [pixel.red(), pixel.green(), pixel.blue()].map(u32::from);
        ((red * 299 + green * 587 + blue * 114) / 1000) as u8
    });
    GrayImage::from_raw(pixels.width(), pixels.height(), grey.collect()).context("the page has no pixels")
}

/// Prints and scans a page.
pub(crate) fn scan_page(
    page: &Page,
    scanner: Scanner,
    settings: ScanSettings,
    rng: &mut ChaCha8Rng,
) -> anyhow::Result<ScannedImage> {
    match scanner {
        Scanner::Grey { dpi, quality } => {
            ScannedImage::jpeg(&scan::scan(&print_page(page, dpi)?, settings, rng), dpi, quality)
        }
        Scanner::GreySideways { dpi, quality } => {
            let scanned = scan::scan(&print_page(page, dpi)?, settings, rng);
            ScannedImage::jpeg(&scan::rotate_sideways(&scanned), dpi, quality)
        }
        Scanner::BlackAndWhite { dpi } => {
            let mut scanned = scan::scan(&print_page(page, dpi)?, settings, rng);
            scan::binarize(&mut scanned, 172);
            ScannedImage::group4(&scanned, dpi, dpi)
        }
    }
}

/// Sends a page by fax in fine mode: 204 dots per inch across, 196 lines per inch down.
pub(crate) fn fax_page(page: &Page, rng: &mut ChaCha8Rng) -> anyhow::Result<ScannedImage> {
    let sent = scan::fax(&print_page(page, 204)?, 204, rng);
    ScannedImage::group4(&sent, 204, 196)
}

/// Scans the blank back of a sheet.
pub(crate) fn scan_blank_page(rng: &mut ChaCha8Rng) -> anyhow::Result<ScannedImage> {
    let settings = ScanSettings {
        skew_permille: 0,
        paper_level: 247,
        ink_level: 38,
        noise_level: 2,
        specks: 0,
        is_punched: false,
    };
    ScannedImage::jpeg(&scan::scan(&scan::blank_sheet(1275, 1650), settings, rng), 150, 60)
}

/// Adds a page that shows one image and nothing else.
pub(crate) fn add_image_page(file: &mut Document, image: ScannedImage) -> Dictionary {
    let ScannedImage { stream, width, height } = image;
    let image = file.add_object(stream);
    let content = format!("q {width} 0 0 {height} 0 0 cm /Scan Do Q");
    let content = file.add_object(Stream::new(Dictionary::new(), content.into_bytes()));
    dictionary! {
        "Type" => "Page",
        "MediaBox" => vec![0.into(), 0.into(), width.into(), height.into()],
        "Resources" => dictionary! { "XObject" => dictionary! { "Scan" => image } },
        "Contents" => content,
    }
}

/// Adds the pages with their text and fonts from the typesetter's own PDF.
fn add_digital_pages(file: &mut Document, document: &PagedDocument) -> anyhow::Result<Vec<Dictionary>> {
    let options = typst_pdf::PdfOptions {
        ident: Smart::Custom("maneiro sample record".to_owned()),
        tagged: false,
        ..typst_pdf::PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(document, &options).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let mut part = Document::load_mem(&bytes).context("the typeset page could not be read back")?;
    part.renumber_objects_with(file.max_id + 1);
    let ids: Vec<ObjectId> = part.page_iter().collect();
    let mut pages = Vec::new();
    for id in ids {
        let mut page = part.get_dictionary(id)?.clone();
        for key in [&b"MediaBox"[..], b"Resources"] {
            if !page.has(key) {
                let tree = part.get_dictionary(page.get(b"Parent")?.as_reference()?)?;
                page.set(key, tree.get(key)?.clone());
            }
        }
        // Document-wide things of the part have no place in the whole.
        page.remove(b"Annots");
        page.remove(b"StructParents");
        part.objects.remove(&id);
        pages.push(page);
    }
    file.max_id = part.max_id;
    file.objects.extend(part.objects);
    Ok(pages)
}
