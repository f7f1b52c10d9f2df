//! Files that tests hand in: PDFs of plain text, and pages that are made to be trouble.

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
    sample::{
        generate::{self, Image},
        scan::{self, Glass},
    },
    troubles::Drawing,
};

/// A page to make.
#[derive(Debug, Clone)]
pub enum Sheet {
    /// Lines of text, with a sound text layer.
    Text(Vec<String>),
    /// A page that would take years to draw: ten forms, each made of ten others, twelve times over.
    Endless,
    /// One picture of 140 million pixels in a few hundred kilobytes.
    Vast,
    /// Whatever this draws.
    Trouble(fn(&mut Document) -> Drawing),
}

impl Sheet {
    /// A page with these words and its number, unlike any other.
    #[must_use]
    pub fn note(number: usize, words: &str) -> Self {
        Self::Text(vec![
            format!("Progress note number {number} of the family medicine office"),
            words.to_owned(),
            format!("The patient was seen on visit {number} and feels well today."),
        ])
    }
}

/// So many different pages of text.
#[must_use]
pub fn notes(pages: usize, words: &str) -> Vec<u8> {
    pdf(&(1..=pages).map(|number| Sheet::note(number, words)).collect::<Vec<_>>())
}

/// A PDF of these pages.
#[must_use]
pub fn pdf(sheets: &[Sheet]) -> Vec<u8> {
    saved(document(sheets))
}

/// The same, to be opened with a password only.
///
/// # Panics
/// If lopdf cannot encrypt.
#[must_use]
pub fn protected_pdf(sheets: &[Sheet], password: &str) -> Vec<u8> {
    let mut document = document(sheets);
    let version = EncryptionVersion::V2 {
        document: &document,
        owner_password: "the owner's",
        user_password: password,
        key_length: 128,
        permissions: Permissions::PRINTABLE,
    };
    let state = EncryptionState::try_from(version).expect("the version is sound");
    document.encrypt(&state).expect("a new document can be encrypted");
    saved(document)
}

/// How a sheet lies on the scanner's glass, and what the scanner makes of it.
#[derive(Debug, Clone, Copy)]
pub struct Lies {
    /// How crooked: the tangent of its angle in thousandths (17 is 1°).
    pub tilt: i32,
    /// How bright the paper comes out, 0 to 255.
    pub paper: u8,
    /// Standard deviation of the sensor's noise, in grey levels; also the seed of its dust.
    pub noise: u8,
}

/// A PDF of sheets with these words, printed and scanned in grey at 200 pixels per inch.
///
/// # Panics
/// If the typesetter refuses them.
#[must_use]
pub fn scans(sheets: &[(&str, Lies)]) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let kids: Vec<Object> = sheets
        .iter()
        .map(|(words, Lies { tilt, paper, noise })| {
            let glass =
                Glass { tilt: *tilt, paper: *paper, ink: 40, noise: *noise, specks: 40, punched: false };
            let mut rng = ChaCha8Rng::seed_from_u64((*noise).into());
            let scanned = scan::scan(&printed(words), glass, &mut rng);
            let image = Image::jpeg(&scanned, 200, 80).expect("a scan can be encoded");
            let mut page = generate::bind_image(&mut document, image);
            page.set("Parent", tree);
            document.add_object(page).into()
        })
        .collect();
    let count = i64::try_from(kids.len()).expect("few sheets");
    let pages = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
    document.objects.insert(tree, pages.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    saved(document)
}

/// A page of these words, with any letters that they have, as a printer prints it at 200 pixels per inch.
///
/// # Panics
/// If the typesetter refuses them.
#[must_use]
pub fn printed(words: &str) -> GrayImage {
    let today = time::Date::from_ordinal_date(2025, 1).expect("a day");
    let page = "#set page(width: 6in, height: 4in, margin: 0.5in)\n\
                #set text(font: \"DejaVu Sans Mono\", size: 11pt)\n#read(\"words.txt\")";
    let words = typeset::File::text("words.txt", words);
    let document = typeset::typeset(page, vec![words], today).expect("plain words typeset");
    generate::print(&document.pages()[0], 200).expect("a page has pixels")
}

/// A picture as a PNG file, which says nothing of its resolution.
///
/// # Panics
/// If it has no pixels.
#[must_use]
pub fn png(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).expect("a picture can be written to memory");
    bytes.into_inner()
}

fn saved(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("writing to memory cannot fail");
    bytes
}

fn document(sheets: &[Sheet]) -> Document {
    let mut document = Document::with_version("1.5");
    let id = Object::string_literal("0123456789abcdef");
    document.trailer.set("ID", vec![id.clone(), id]);
    let pages = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let kids: Vec<Object> =
        sheets.iter().map(|sheet| page(&mut document, sheet, pages, font).into()).collect();
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

fn page(document: &mut Document, sheet: &Sheet, pages: ObjectId, font: ObjectId) -> ObjectId {
    let drawing = match sheet {
        Sheet::Text(lines) => {
            let lines: String = lines.iter().map(|line| format!("({line}) Tj T*\n")).collect();
            let content = format!("BT /F1 12 Tf 16 TL 72 720 Td\n{lines}ET");
            Drawing::new(&content, dictionary! { "Font" => dictionary! { "F1" => font } })
        }
        Sheet::Endless => {
            let form = endless(document);
            Drawing::new("/X Do", dictionary! { "XObject" => dictionary! { "X" => form } })
        }
        Sheet::Vast => {
            let picture = vast(document);
            Drawing::of_picture(picture)
        }
        Sheet::Trouble(draw) => draw(document),
    };
    let content = document.add_object(drawing.content);
    document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => drawing.resources,
    })
}

fn endless(document: &mut Document) -> ObjectId {
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

fn vast(document: &mut Document) -> ObjectId {
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
