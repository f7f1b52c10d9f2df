//! Makes the file: typesets the pages, scans and faxes some of them, and binds all into one PDF.
//! The same bytes come out every time: the seed is fixed and no clock is asked.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use image::GrayImage;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};
use maneiro_report::typeset::{File, typeset};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use time::{Date, Month};
use typst::{
    foundations::Smart,
    layout::{Frame, FrameItem},
};
use typst_layout::{Page, PagedDocument};

use super::scan::{self, Glass};

/// Changing it changes every scanned pixel.
const SEED: u64 = 0x4d61_6e65_6972_6f00;

/// The day the record was printed for its reader.
const PRINTED: (i32, Month, u8) = (2025, Month::February, 10);

const LOOK: &str = include_str!("pages/look.typ");

/// How one page of the file is made.
enum Sheet {
    /// Typeset, with its text.
    Digital(&'static str),
    /// Typeset, printed, and scanned.
    Scanned(&'static str, Scanner, Glass),
    /// Typeset, printed, and sent by fax.
    Faxed(&'static str),
    /// An empty sheet, scanned.
    Blank,
    /// The sheet at this position (from 1) once more.
    Again(usize),
}

/// What the office's scanner is set to.
#[derive(Clone, Copy)]
pub(crate) enum Scanner {
    /// Grey, as JPEG.
    Grey { dpi: u32, quality: u8 },
    /// Grey, as JPEG, the sheet lying on its side.
    GreySideways { dpi: u32, quality: u8 },
    /// Black and white, as CCITT group 4.
    BlackAndWhite { dpi: u32 },
}

const SHEETS: [Sheet; 19] = {
    use Scanner::{BlackAndWhite, Grey, GreySideways};
    const fn glass(tilt: i32, noise: u8, specks: u32, punched: bool) -> Glass {
        Glass { tilt, paper: 240, ink: 38, noise, specks, punched }
    }
    [
        Sheet::Digital(include_str!("pages/face-sheet.typ")),
        Sheet::Scanned(
            include_str!("pages/annual-visit.typ"),
            Grey { dpi: 200, quality: 45 },
            glass(21, 5, 30, true),
        ),
        Sheet::Scanned(
            include_str!("pages/labs-2023.typ"),
            BlackAndWhite { dpi: 300 },
            glass(-12, 14, 60, false),
        ),
        Sheet::Faxed(include_str!("pages/ed-note.typ")),
        Sheet::Scanned(
            include_str!("pages/xray.typ"),
            Grey { dpi: 200, quality: 40 },
            glass(-17, 6, 40, false),
        ),
        Sheet::Scanned(
            include_str!("pages/progress-2024-05.typ"),
            BlackAndWhite { dpi: 300 },
            glass(19, 12, 50, true),
        ),
        Sheet::Digital(include_str!("pages/mri.typ")),
        Sheet::Scanned(
            include_str!("pages/referral.typ"),
            Grey { dpi: 200, quality: 45 },
            glass(-28, 5, 30, true),
        ),
        Sheet::Scanned(
            include_str!("pages/orthopaedics.typ"),
            BlackAndWhite { dpi: 300 },
            glass(9, 16, 60, false),
        ),
        Sheet::Blank,
        Sheet::Scanned(
            include_str!("pages/labs-2024.typ"),
            Grey { dpi: 300, quality: 35 },
            glass(14, 5, 50, false),
        ),
        Sheet::Scanned(
            include_str!("pages/operation.typ"),
            Grey { dpi: 300, quality: 35 },
            glass(-21, 4, 40, true),
        ),
        Sheet::Digital(include_str!("pages/discharge.typ")),
        Sheet::Scanned(
            include_str!("pages/medication-list.typ"),
            BlackAndWhite { dpi: 300 },
            glass(17, 14, 80, true),
        ),
        Sheet::Scanned(
            include_str!("pages/therapy.typ"),
            GreySideways { dpi: 200, quality: 45 },
            glass(12, 5, 30, false),
        ),
        Sheet::Again(12),
        Sheet::Scanned(
            include_str!("pages/progress-2024-10.typ"),
            Grey { dpi: 200, quality: 45 },
            glass(35, 5, 30, true),
        ),
        Sheet::Digital(include_str!("pages/labs-2025.typ")),
        Sheet::Digital(include_str!("pages/follow-up.typ")),
    ]
};

/// Makes the sample record.
///
/// # Errors
/// If a page does not typeset or cannot be bound: a fault of the generator.
pub fn generate() -> anyhow::Result<Vec<u8>> {
    let mut scanned = scan_all()?;
    let mut file = Document::with_version("1.7");
    let tree = file.new_object_id();
    let mut pages: Vec<ObjectId> = Vec::new();
    let mut made: Vec<Dictionary> = Vec::new();
    for (index, sheet) in SHEETS.iter().enumerate() {
        let mut page = match sheet {
            Sheet::Digital(source) => bind_digital(&mut file, &typeset_page(source)?)?,
            Sheet::Scanned(..) | Sheet::Faxed(_) | Sheet::Blank => {
                bind_image(&mut file, scanned[index].take().context("the sheet was not scanned")?)
            }
            Sheet::Again(number) => made[number - 1].clone(),
        };
        page.set("Parent", tree);
        let id = file.add_object(page.clone());
        pages.push(id);
        made.push(page);
    }
    let count = i64::try_from(pages.len())?;
    let kids: Vec<Object> = pages.into_iter().map(Object::Reference).collect();
    file.set_object(tree, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count });
    let catalog = file.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    let info = file.add_object(dictionary! {
        "Title" => Object::string_literal("Sample record: a synthetic patient, no real person"),
        "Producer" => Object::string_literal("Maneiro sample-record"),
    });
    file.trailer.set("Root", catalog);
    file.trailer.set("Info", info);
    let id = Object::string_literal(&b"maneiro-sample-1"[..]);
    file.trailer.set("ID", vec![id.clone(), id]);
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).context("the record could not be written")?;
    Ok(bytes)
}

/// What each page says before it is scanned, one space between words; the blank page says nothing.
///
/// # Errors
/// If a page does not typeset: a fault of the generator.
pub fn typeset_text() -> anyhow::Result<Vec<String>> {
    let mut texts: Vec<String> = Vec::new();
    for sheet in &SHEETS {
        texts.push(match sheet {
            Sheet::Digital(source) | Sheet::Scanned(source, ..) | Sheet::Faxed(source) => {
                let mut text = String::new();
                for page in typeset_page(source)?.pages() {
                    collect_text(&page.frame, &mut text);
                }
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            }
            Sheet::Blank => String::new(),
            Sheet::Again(number) => texts[number - 1].clone(),
        });
    }
    Ok(texts)
}

fn typeset_page(source: &str) -> anyhow::Result<PagedDocument> {
    let (year, month, day) = PRINTED;
    let today = Date::from_calendar_date(year, month, day)?;
    let document = typeset(source, vec![File::text("look.typ", LOOK)], today)?;
    anyhow::ensure!(document.pages().len() == 1, "a sheet has one page: {}", &source[..60.min(source.len())]);
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

/// Scans every sheet that is to be scanned, on all cores.
fn scan_all() -> anyhow::Result<Vec<Option<Image>>> {
    let next = AtomicUsize::new(0);
    let scan_some = || {
        let mut done = Vec::new();
        while let index = next.fetch_add(1, Ordering::Relaxed)
            && let Some(sheet) = SHEETS.get(index)
        {
            done.push((index, scan_sheet(index, sheet)?));
        }
        anyhow::Ok(done)
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut images: Vec<Option<Image>> = SHEETS.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(scan_some)).collect();
        for worker in workers {
            let done = worker.join().map_err(|_| anyhow::anyhow!("a sheet could not be scanned"))??;
            for (index, image) in done {
                images[index] = image;
            }
        }
        Ok(images)
    })
}

/// Each sheet has its own random numbers, so that neither order nor threads matter.
fn scan_sheet(index: usize, sheet: &Sheet) -> anyhow::Result<Option<Image>> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED + index as u64);
    match sheet {
        Sheet::Digital(_) | Sheet::Again(_) => Ok(None),
        Sheet::Scanned(source, scanner, glass) => {
            scan_page(&typeset_page(source)?.pages()[0], *scanner, *glass, &mut rng).map(Some)
        }
        Sheet::Faxed(source) => fax_page(&typeset_page(source)?.pages()[0], &mut rng).map(Some),
        Sheet::Blank => scan_nothing(&mut rng).map(Some),
    }
}

/// A scanned page, encoded.
pub(crate) struct Image {
    stream: Stream,
    /// Size as printed, in points.
    width: f32,
    height: f32,
}

impl Image {
    pub(crate) fn jpeg(image: &GrayImage, dpi: u32, quality: u8) -> anyhow::Result<Self> {
        let mut entries = image_entries(image, 8);
        entries.set("Filter", "DCTDecode");
        Ok(Self::new(image, dpi, dpi, entries, scan::jpeg(image, quality)?))
    }

    fn group4(image: &GrayImage, dpi: u32, lines_per_inch: u32) -> anyhow::Result<Self> {
        let mut entries = image_entries(image, 1);
        entries.set("Filter", "CCITTFaxDecode");
        entries.set(
            "DecodeParms",
            dictionary! { "K" => -1, "Columns" => i64::from(image.width()), "Rows" => i64::from(image.height()) },
        );
        Ok(Self::new(image, dpi, lines_per_inch, entries, scan::group4(image)?))
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

/// The page as a printer puts it on paper.
pub(crate) fn print(page: &Page, dpi: u32) -> anyhow::Result<GrayImage> {
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
    glass: Glass,
    rng: &mut ChaCha8Rng,
) -> anyhow::Result<Image> {
    match scanner {
        Scanner::Grey { dpi, quality } => {
            Image::jpeg(&scan::scan(&print(page, dpi)?, glass, rng), dpi, quality)
        }
        Scanner::GreySideways { dpi, quality } => {
            let scanned = scan::scan(&print(page, dpi)?, glass, rng);
            Image::jpeg(&scan::sideways(&scanned), dpi, quality)
        }
        Scanner::BlackAndWhite { dpi } => {
            let mut scanned = scan::scan(&print(page, dpi)?, glass, rng);
            scan::to_bilevel(&mut scanned, 172);
            Image::group4(&scanned, dpi, dpi)
        }
    }
}

/// Sends the page by fax in fine mode: 204 dots per inch across, 196 lines per inch down.
pub(crate) fn fax_page(page: &Page, rng: &mut ChaCha8Rng) -> anyhow::Result<Image> {
    let sent = scan::fax(&print(page, 204)?, 204, rng);
    Image::group4(&sent, 204, 196)
}

/// The empty back of a sheet.
pub(crate) fn scan_nothing(rng: &mut ChaCha8Rng) -> anyhow::Result<Image> {
    let glass = Glass { tilt: 0, paper: 247, ink: 38, noise: 2, specks: 0, punched: false };
    Image::jpeg(&scan::scan(&scan::empty(1275, 1650), glass, rng), 150, 60)
}

/// A page that shows one image and nothing else.
pub(crate) fn bind_image(file: &mut Document, image: Image) -> Dictionary {
    let Image { stream, width, height } = image;
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

/// A page with its text and fonts, taken over from the typesetter's own PDF.
fn bind_digital(file: &mut Document, document: &PagedDocument) -> anyhow::Result<Dictionary> {
    let options = typst_pdf::PdfOptions {
        ident: Smart::Custom("maneiro sample record".to_owned()),
        tagged: false,
        ..typst_pdf::PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(document, &options).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let mut part = Document::load_mem(&bytes).context("the typeset page could not be read back")?;
    part.renumber_objects_with(file.max_id + 1);
    let id = part.page_iter().next().context("the typeset page is missing")?;
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
    file.max_id = part.max_id;
    file.objects.extend(part.objects);
    Ok(page)
}
