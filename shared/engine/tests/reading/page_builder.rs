//! Builds test files: PDFs with text and images, renderings of their pages, and what scanners do to them.

use std::io::Cursor;

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf,
    vello_cpu::color::palette::css::WHITE,
};
use image::{GrayImage, ImageFormat, Luma, imageops};
use lopdf::{Dictionary, Object, Stream, StringFormat, dictionary};
use maneiro_engine::{Document, Finding, Limits, OcrEngine, PageError};
use maneiro_page::{BBox, Page, Word};

/// A short progress note.
pub(crate) const NOTE: [&str; 9] = [
    "Progress note of the cardiology clinic",
    "The patient is a 64 year old woman who comes for her yearly visit.",
    "She takes Metoprolol 50 mg twice daily and Lisinopril 10 mg in the morning.",
    "No known drug allergies. Blood pressure 128/76, pulse 68 and regular.",
    "Laboratory: potassium 4.1 mmol/L, creatinine 0.9 mg/dL, glucose 101 mg/dL.",
    "The echocardiogram showed a normal ejection fraction of 60 percent.",
    "There is no chest pain and no shortness of breath while walking.",
    "Plan: continue both medications, repeat the blood tests in six months,",
    "and call the office before then if palpitations or dizziness should occur.",
];

/// Builds a page, 420 by 300 points by default.
#[derive(Clone)]
pub(crate) struct PageBuilder {
    width: f32,
    height: f32,
    rotate: i64,
    content: String,
    images: Vec<GrayImage>,
    /// Whether the font maps its codes to private-use characters.
    has_unmapped_font: bool,
}

impl PageBuilder {
    pub(crate) fn new() -> PageBuilder {
        PageBuilder::with_size(420.0, 300.0)
    }

    pub(crate) fn with_size(width: f32, height: f32) -> PageBuilder {
        PageBuilder {
            width,
            height,
            rotate: 0,
            content: String::new(),
            images: Vec::new(),
            has_unmapped_font: false,
        }
    }

    /// A page with [`NOTE`] on it.
    pub(crate) fn with_note() -> PageBuilder {
        PageBuilder::new().lines(&NOTE)
    }

    /// Adds lines in eleven points from the top left corner downwards.
    pub(crate) fn lines(mut self, lines: &[&str]) -> PageBuilder {
        for (n, line) in lines.iter().enumerate() {
            self = self.text(24.0, 40.0 + 24.0 * n as f32, 11.0, line);
        }
        self
    }

    /// Adds text whose baseline begins at `x`, `y` from the top left corner.
    pub(crate) fn text(self, x: f32, y: f32, size: f32, text: &str) -> PageBuilder {
        let y = self.height - y;
        let text = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        self.operators(&format!("BT /F {size} Tf {x} {y} Td ({text}) Tj ET"))
    }

    pub(crate) fn operators(mut self, operators: &str) -> PageBuilder {
        self.content.push_str(operators);
        self.content.push('\n');
        self
    }

    /// Sets the page's rotation, in degrees clockwise.
    pub(crate) fn rotated(mut self, degrees: i64) -> PageBuilder {
        self.rotate = degrees;
        self
    }

    /// Adds an image that fills the area `x`, `y` (from the bottom left), `width`, `height`.
    pub(crate) fn image(mut self, image: &GrayImage, [x, y, width, height]: [f32; 4]) -> PageBuilder {
        let number = self.images.len();
        self.images.push(image.clone());
        self.operators(&format!("q {width} 0 0 {height} {x} {y} cm /P{number} Do Q"))
    }

    /// Adds an image over the whole page.
    pub(crate) fn scan(self, image: &GrayImage) -> PageBuilder {
        let area = [0.0, 0.0, self.width, self.height];
        self.image(image, area)
    }

    pub(crate) fn with_unmapped_font(mut self) -> PageBuilder {
        self.has_unmapped_font = true;
        self
    }

    pub(crate) fn into_pdf(self) -> Vec<u8> {
        pdf(&[self])
    }

    /// Renders the page.
    pub(crate) fn draw(self, dpi: f32) -> GrayImage {
        draw(&self.into_pdf(), dpi)
    }
}

/// A PDF of these pages.
pub(crate) fn pdf(sheets: &[PageBuilder]) -> Vec<u8> {
    save(document(sheets))
}

pub(crate) fn save(mut document: lopdf::Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

pub(crate) fn document(sheets: &[PageBuilder]) -> lopdf::Document {
    let mut document = lopdf::Document::with_version("1.7");
    let pages_id = document.new_object_id();
    let mut kids = Vec::new();
    for sheet in sheets {
        // Private-use characters, whose meaning is unknown.
        let private =
            b"1 begincodespacerange <00> <ff> endcodespacerange\n1 beginbfrange <20> <7e> <e020> endbfrange";
        let private = document.add_object(Stream::new(dictionary! {}, private.to_vec()));
        let mute = document
            .add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
            "Encoding" => "WinAnsiEncoding", "ToUnicode" => private });
        let font = if sheet.has_unmapped_font {
            mute
        } else {
            document
                .add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
                "Encoding" => "WinAnsiEncoding" })
        };
        let mut images = Dictionary::new();
        for (number, image) in sheet.images.iter().enumerate() {
            let entries = dictionary! { "Type" => "XObject", "Subtype" => "Image", "Width" => i64::from(image.width()),
            "Height" => i64::from(image.height()), "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8 };
            let mut stream = Stream::new(entries, image.as_raw().clone());
            stream.compress().unwrap();
            images.set(format!("P{number}"), document.add_object(stream));
        }
        let content = document.add_object(Stream::new(dictionary! {}, sheet.content.clone().into_bytes()));
        let page = document.add_object(dictionary! {
            "Type" => "Page", "Parent" => pages_id, "Contents" => content, "Rotate" => sheet.rotate,
            "MediaBox" => vec![0.into(), 0.into(), sheet.width.into(), sheet.height.into()],
            "Resources" => dictionary! { "Font" => dictionary! { "F" => font, "Mute" => mute }, "XObject" => images },
        });
        kids.push(Object::Reference(page));
    }
    let count = kids.len() as i64;
    document
        .objects
        .insert(pages_id, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages_id });
    document.trailer.set("Root", catalog);
    let id = Object::String(b"0123456789abcdef".to_vec(), StringFormat::Literal);
    document.trailer.set("ID", vec![id.clone(), id]);
    document
}

/// Adds an annotation to the first page, in the area `x0`, `y0`, `x1`, `y1` (from the bottom left).
pub(crate) fn annotate(
    document: &mut lopdf::Document,
    subtype: &str,
    area: [i64; 4],
    entries: Dictionary,
) -> lopdf::ObjectId {
    let mut annotation = dictionary! { "Type" => "Annot", "Subtype" => subtype,
    "Rect" => area.map(Object::from).to_vec() };
    annotation.extend(&entries);
    let annotation = document.add_object(annotation);
    let page = document.page_iter().next().unwrap();
    let page = document.get_object_mut(page).unwrap().as_dict_mut().unwrap();
    if !page.has(b"Annots") {
        page.set("Annots", Vec::new());
    }
    page.get_mut(b"Annots").unwrap().as_array_mut().unwrap().push(annotation.into());
    annotation
}

/// An appearance stream of this size with these operators. `F` is Helvetica, `Z` ZapfDingbats.
pub(crate) fn appearance(document: &mut lopdf::Document, size: [i64; 2], operators: &str) -> Object {
    let font = |name: &str| dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => name };
    let fonts = dictionary! { "F" => font("Helvetica"), "Z" => font("ZapfDingbats") };
    let entries = dictionary! { "Type" => "XObject", "Subtype" => "Form",
    "BBox" => vec![0.into(), 0.into(), size[0].into(), size[1].into()],
    "Resources" => dictionary! { "Font" => fonts } };
    document.add_object(Stream::new(entries, operators.as_bytes().to_vec())).into()
}

/// Renders the first page of a PDF.
pub(crate) fn draw(pdf: &[u8], dpi: f32) -> GrayImage {
    let pdf = Pdf::new(pdf.to_vec()).unwrap();
    let scale = dpi / 72.0;
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let page = &pdf.pages()[0];
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &settings,
    );
    let gray = pixmap.data_as_u8_slice().chunks_exact(4).map(|rgba| rgba[1]).collect();
    GrayImage::from_raw(pixmap.width().into(), pixmap.height().into(), gray).unwrap()
}

/// Adds pixel noise as a scanner does; the same for the same seed.
pub(crate) fn with_noise(mut image: GrayImage, seed: u32) -> GrayImage {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    for Luma([pixel]) in image.pixels_mut() {
        let noise = (next() % 17) as i16 - 8;
        *pixel = (i16::from(*pixel) * 15 / 16 + 8 + noise).clamp(0, 255) as u8;
        if next() % 4000 == 0 {
            *pixel = 30;
        }
    }
    image
}

/// Rotates the image clockwise by a few degrees about its centre, on white.
pub(crate) fn skew(image: &GrayImage, degrees: f64) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (cx, cy) = (f64::from(image.width()) / 2.0, f64::from(image.height()) / 2.0);
    GrayImage::from_fn(image.width(), image.height(), |x, y| {
        let (dx, dy) = (f64::from(x) - cx, f64::from(y) - cy);
        let (sx, sy) = (cx + dx * cos + dy * sin, cy - dx * sin + dy * cos);
        imageops::interpolate_bilinear(image, sx as f32, sy as f32).unwrap_or(Luma([255]))
    })
}

pub(crate) fn png(image: &GrayImage) -> Vec<u8> {
    encode(image, ImageFormat::Png)
}

pub(crate) fn jpeg(image: &GrayImage) -> Vec<u8> {
    encode(image, ImageFormat::Jpeg)
}

fn encode(image: &GrayImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A TIFF of these images at 300 dpi.
pub(crate) fn tiff(images: &[&GrayImage]) -> Vec<u8> {
    tiff_at(images, (300, 300))
}

/// An uncompressed little-endian TIFF of these images at this resolution, horizontal and vertical.
pub(crate) fn tiff_at(images: &[&GrayImage], (x_dpi, y_dpi): (u32, u32)) -> Vec<u8> {
    let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
    for (n, image) in images.iter().enumerate() {
        const ENTRIES: u32 = 10;
        let directory = bytes.len() as u32;
        let after = directory + 2 + ENTRIES * 12 + 4;
        let pixels = after + 16;
        let next = pixels + image.as_raw().len() as u32;
        bytes.extend((ENTRIES as u16).to_le_bytes());
        let mut entry = |tag: u16, kind: u16, value: u32| {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(1u32.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        };
        entry(256, 4, image.width());
        entry(257, 4, image.height());
        entry(258, 3, 8);
        entry(259, 3, 1);
        entry(262, 3, 1);
        entry(273, 4, pixels);
        entry(278, 4, image.height());
        entry(279, 4, image.as_raw().len() as u32);
        entry(282, 5, after);
        entry(283, 5, after + 8);
        bytes.extend(if n + 1 < images.len() { next } else { 0 }.to_le_bytes());
        for number in [x_dpi, 1, y_dpi, 1] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(image.as_raw());
    }
    bytes
}

pub(crate) fn open(bytes: Vec<u8>) -> Document {
    Document::open(bytes, None, Limits::default()).unwrap()
}

/// The first page, which must not need OCR.
pub(crate) fn read_text_layer(bytes: Vec<u8>) -> Page {
    match open(bytes).reader().inspect(1).unwrap().finding {
        Finding::Page(page) => page,
        Finding::Scan(_) => panic!("the page has no usable text layer"),
    }
}

/// The page with this number, with OCR if it needs it.
pub(crate) fn read_page(
    ocr_engine: &mut OcrEngine,
    document: &Document,
    number: u32,
) -> Result<Page, PageError> {
    match document.reader().inspect(number)?.finding {
        Finding::Page(page) => Ok(page),
        Finding::Scan(scan) => ocr_engine.recognise(scan),
    }
}

/// The first page, which must need OCR.
pub(crate) fn recognise(bytes: Vec<u8>) -> Page {
    match open(bytes).reader().inspect(1).unwrap().finding {
        Finding::Page(page) => panic!("the page was read as {:?}", page.text_source),
        Finding::Scan(scan) => OcrEngine::english().unwrap().recognise(scan).unwrap(),
    }
}

/// The word with this text.
pub(crate) fn find<'p>(page: &'p Page, text: &str) -> &'p Word {
    page.words().find(|word| word.text == text).unwrap_or_else(|| panic!("no {text:?} in {:?}", page.text()))
}

/// Intersection over union of two boxes.
pub(crate) fn overlap(a: &BBox, b: &BBox) -> f32 {
    let width = (a.x1.min(b.x1) - a.x0.max(b.x0)).max(0.0);
    let height = (a.y1.min(b.y1) - a.y0.max(b.y0)).max(0.0);
    let intersection = width * height;
    intersection / (a.width() * a.height() + b.width() * b.height() - intersection)
}
