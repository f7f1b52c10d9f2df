//! PDFs and images that tests read: pages of text, scans, and hostile pages.

use std::io::Cursor;

use image::{GrayImage, ImageFormat};
use lopdf::{
    Dictionary, Document, EncryptionState, EncryptionVersion, Object, ObjectId, Permissions, Stream,
    dictionary,
};
use maneiro_report::typeset;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::{
    hostile_pdfs::HostileContent,
    sample::{
        generate::{self, ScannedImage},
        scan::{self, ScanSettings},
    },
};

/// A page of a test file.
#[derive(Debug, Clone)]
pub enum TestPage {
    /// Lines of text, with a text layer.
    Text(Vec<String>),
    /// Ten form XObjects, each of which draws ten others, twelve levels deep. To draw it would take years.
    NestedForms,
    /// One image of 140 million pixels in a few hundred kilobytes.
    HugeImage,
    /// See [`hostile_pdfs`](crate::hostile_pdfs).
    Hostile(fn(&mut Document) -> HostileContent),
}

impl TestPage {
    /// A page of text with these words and its number, unlike any other.
    #[must_use]
    pub fn note(number: usize, words: &str) -> Self {
        Self::Text(vec![
            format!("Progress note number {number} of the family medicine office"),
            words.to_owned(),
            format!("The patient was seen on visit {number} and feels well today."),
        ])
    }
}

/// A PDF of different pages of text.
#[must_use]
pub fn notes_pdf(pages: usize, words: &str) -> Vec<u8> {
    build_pdf(&(1..=pages).map(|number| TestPage::note(number, words)).collect::<Vec<_>>())
}

/// A PDF of these pages.
#[must_use]
pub fn build_pdf(pages: &[TestPage]) -> Vec<u8> {
    save(build_document(pages))
}

/// A PDF of these pages that opens with a password only.
///
/// # Panics
/// If lopdf cannot encrypt.
#[must_use]
pub fn encrypted_pdf(pages: &[TestPage], password: &str) -> Vec<u8> {
    let mut document = build_document(pages);
    let version = EncryptionVersion::V2 {
        document: &document,
        owner_password: "the owner's",
        user_password: password,
        key_length: 128,
        permissions: Permissions::PRINTABLE,
    };
    let state = EncryptionState::try_from(version).expect("the version is valid");
    document.encrypt(&state).expect("a new document can be encrypted");
    save(document)
}

/// How a sheet is scanned.
#[derive(Debug, Clone, Copy)]
pub struct ScanConditions {
    /// The tangent of the skew angle in thousandths (17 is 1°).
    pub skew_permille: i32,
    /// The grey level of the paper, 0 to 255.
    pub paper_level: u8,
    /// The standard deviation of the sensor's noise in grey levels. Also the seed of the dust.
    pub noise_level: u8,
}

/// A PDF of sheets with these words, printed and scanned in grey at 200 dpi.
///
/// # Panics
/// If the typesetter refuses them.
#[must_use]
pub fn scanned_pdf(sheets: &[(&str, ScanConditions)]) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let kids: Vec<Object> = sheets
        .iter()
        .map(|(words, conditions)| {
            let settings = ScanSettings {
                skew_permille: conditions.skew_permille,
                paper_level: conditions.paper_level,
                ink_level: 40,
                noise_level: conditions.noise_level,
                specks: 40,
                is_punched: false,
            };
            let mut rng = ChaCha8Rng::seed_from_u64(conditions.noise_level.into());
            let scanned = scan::scan(&print_text(words), settings, &mut rng);
            let image = ScannedImage::jpeg(&scanned, 200, 80).expect("a scan can be encoded");
            let mut page = generate::add_image_page(&mut document, image);
            page.set("Parent", tree);
            document.add_object(page).into()
        })
        .collect();
    let count = i64::try_from(kids.len()).expect("few sheets");
    let pages = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
    document.objects.insert(tree, pages.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    save(document)
}

/// A page of these words, in any script, printed at 200 dpi.
///
/// # Panics
/// If the typesetter refuses them.
#[must_use]
pub fn print_text(words: &str) -> GrayImage {
    let today = time::Date::from_ordinal_date(2025, 1).expect("a day");
    let page = "#set page(width: 6in, height: 4in, margin: 0.5in)\n\
                #set text(font: \"DejaVu Sans Mono\", size: 11pt)\n#read(\"words.txt\")";
    let words = typeset::TemplateFile::from_text("words.txt", words);
    let document = typeset::typeset(page, vec![words], today).expect("plain text can be typeset");
    generate::print_page(&document.pages()[0], 200).expect("a page has pixels")
}

/// An image as a PNG file without a resolution.
///
/// # Panics
/// If it has no pixels.
#[must_use]
pub fn encode_png(image: &GrayImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).expect("an image can be written to memory");
    bytes.into_inner()
}

fn save(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("writing to memory cannot fail");
    bytes
}

fn build_document(test_pages: &[TestPage]) -> Document {
    let mut document = Document::with_version("1.5");
    let id = Object::string_literal("0123456789abcdef");
    document.trailer.set("ID", vec![id.clone(), id]);
    let pages = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let kids: Vec<Object> =
        test_pages.iter().map(|page| add_page(&mut document, page, pages, font).into()).collect();
    let count = i64::try_from(kids.len()).expect("few pages");
    let tree = dictionary! {
        "Type" => "Pages", "Kids" => kids, "Count" => count,
        "MediaBox" => vec![0.into(), 0.into(), 612.into(), 792.into()],
    };
    document.objects.insert(pages, tree.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    document
}

fn add_page(document: &mut Document, page: &TestPage, pages: ObjectId, font: ObjectId) -> ObjectId {
    let content = match page {
        TestPage::Text(lines) => {
            let lines: String = lines.iter().map(|line| format!("({line}) Tj T*\n")).collect();
            let content = format!("BT /F1 12 Tf 16 TL 72 720 Td\n{lines}ET");
            HostileContent::new(&content, dictionary! { "Font" => dictionary! { "F1" => font } })
        }
        TestPage::NestedForms => {
            let form = add_nested_forms(document);
            HostileContent::new("/X Do", dictionary! { "XObject" => dictionary! { "X" => form } })
        }
        TestPage::HugeImage => {
            let image = add_huge_image(document);
            HostileContent::from_image(image)
        }
        TestPage::Hostile(draw) => draw(document),
    };
    let stream = document.add_object(content.stream);
    document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => stream, "Resources" => content.resources,
    })
}

fn add_nested_forms(document: &mut Document) -> ObjectId {
    let mut form = None;
    for _ in 0..12 {
        let (content, resources) = match form {
            None => ("0 0 10 10 re f ".repeat(10), Dictionary::new()),
            Some(inner) => (
                "/X Do ".repeat(10),
                dictionary! { "XObject" => dictionary! { "X" => Object::Reference(inner) } },
            ),
        };
        let header = dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "Resources" => resources,
            "BBox" => vec![0.into(), 0.into(), 612.into(), 792.into()],
        };
        form = Some(document.add_object(Stream::new(header, content.into_bytes())));
    }
    form.expect("twelve is not zero")
}

fn add_huge_image(document: &mut Document) -> ObjectId {
    const WIDTH: usize = 11_600;
    const HEIGHT: usize = 12_000;
    // Stripes, so that the page is not blank.
    let row: Vec<u8> = (0..WIDTH).map(|at| if at / 100 % 2 == 0 { 0 } else { 255 }).collect();
    let header = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
        "Width" => WIDTH as i64, "Height" => HEIGHT as i64,
    };
    let mut stream = Stream::new(header, row.repeat(HEIGHT));
    stream.compress().expect("stripes compress");
    document.add_object(stream)
}
