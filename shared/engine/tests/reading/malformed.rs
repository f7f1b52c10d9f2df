//! Malformed and mutated files: the caller gets a page or an error.

use image::GrayImage;
use lopdf::{Object, dictionary};
use maneiro_engine::{
    Document, Finding, Limits, OcrEngine, PageError, SearchablePdf, SearchablePdfWriter, fuzz_preprocess,
};
use maneiro_page::{BBox, Line, Page, TextSource, Word};

use crate::{
    page_builder::{PageBuilder, document, open, png, read_page, save},
    seed_files::{self, jbig2, stored, with_stored, wrapped_in},
};

/// A PNG that claims to have 30,000 by 30,000 pixels.
fn huge_png() -> Vec<u8> {
    let mut bytes = png(&GrayImage::new(8, 8));
    bytes[16..20].copy_from_slice(&30_000u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&30_000u32.to_be_bytes());
    let checksum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

/// The checksum of a PNG chunk (PNG specification, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

#[test]
fn huge_image_is_refused_before_it_is_decoded() {
    let too_large =
        PageError::ImageTooLarge { width: 30_000, height: 30_000, max_pixels: Limits::default().max_pixels };
    assert_eq!(open(huge_png()).reader().inspect(1).unwrap_err(), too_large);

    let mut document = document(&[PageBuilder::new().scan(&GrayImage::new(8, 8))]);
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object
            && stream.dict.has(b"Width")
        {
            stream.dict.set("Width", 30_000);
            stream.dict.set("Height", 30_000);
        }
    }
    assert_eq!(open(save(document)).reader().inspect(1).unwrap_err(), too_large);
}

#[test]
fn image_with_a_larger_decoded_size_is_refused() {
    let mut jpeg_2000 = b"\xff\x4f\xff\x51\0\x29\0\0".to_vec();
    for side in [60_000_u32, 60_000, 0, 0, 60_000, 60_000, 0, 0] {
        jpeg_2000.extend(side.to_be_bytes());
    }
    jpeg_2000.extend(b"\0\x01\x07\x01\x01");
    let too_large =
        PageError::ImageTooLarge { width: 60_000, height: 60_000, max_pixels: Limits::default().max_pixels };
    for (filter, data) in [("JPXDecode", jpeg_2000), ("JBIG2Decode", jbig2(60_000, 60_000, &[0; 40]))] {
        let picture = || stored(100, 100, filter, data.clone());
        let sheet = || PageBuilder::new().scan(&GrayImage::new(8, 8));
        assert_eq!(
            open(with_stored(sheet(), vec![picture()])).reader().inspect(1).unwrap_err(),
            too_large,
            "{filter}"
        );

        for outer in ["FlateDecode", "ASCIIHexDecode"] {
            let file = with_stored(sheet(), vec![wrapped_in(outer, picture())]);
            assert_eq!(open(file).reader().inspect(1).unwrap_err(), too_large, "{filter} in {outer}");
        }

        let mut stencil = picture();
        stencil.dict.set("ImageMask", true);
        stencil.dict.remove(b"ColorSpace");
        assert_eq!(
            open(with_stored(sheet(), vec![stencil])).reader().inspect(1).unwrap_err(),
            too_large,
            "{filter}"
        );

        let mut document = document(&[sheet()]);
        let mask = document.add_object(picture());
        let masked = document
            .objects
            .values_mut()
            .find_map(|object| object.as_stream_mut().ok().filter(|stream| stream.dict.has(b"Width")));
        masked.unwrap().dict.set("SMask", mask);
        assert_eq!(open(save(document)).reader().inspect(1).unwrap_err(), too_large, "{filter}");
    }
}

#[test]
fn pages_of_no_size_and_of_huge_size_are_read() {
    let mut ocr_engine = OcrEngine::english().unwrap();
    for (width, height) in [(0.0, 0.0), (0.0, 500.0), (14_400.0, 14_400.0), (2_000_000.0, 3.0), (1.0, 1.0)] {
        let bytes = PageBuilder::with_size(width, height).operators("0 0 1 1 re f").into_pdf();
        let page = read_page(&mut ocr_engine, &open(bytes), 1).unwrap();
        assert!(page.width > 0.0 && page.height > 0.0, "{width} × {height}");
    }
}

#[test]
fn looping_page_tree_ends() {
    let mut document = document(&[PageBuilder::with_note()]);
    let pages = document.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap();
    let tree = document.get_object_mut(pages).unwrap().as_dict_mut().unwrap();
    tree.get_mut(b"Kids").unwrap().as_array_mut().unwrap().push(Object::Reference(pages));
    assert_eq!(open(save(document)).page_count(), 1);
}

#[test]
fn self_drawing_form_ends() {
    let mut document = document(&[PageBuilder::with_note().operators("/X Do")]);
    let form = document.new_object_id();
    let resources = dictionary! { "XObject" => dictionary! { "X" => form } };
    let entries = dictionary! { "Type" => "XObject", "Subtype" => "Form", "Resources" => resources.clone(),
    "BBox" => vec![0.into(), 0.into(), 400.into(), 300.into()] };
    document.objects.insert(form, lopdf::Stream::new(entries, b"/X Do /X Do".to_vec()).into());
    let page = document.page_iter().next().unwrap();
    let page = document.get_object_mut(page).unwrap().as_dict_mut().unwrap();
    page.get_mut(b"Resources").unwrap().as_dict_mut().unwrap().set("XObject", dictionary! { "X" => form });
    let _ = open(save(document)).reader().inspect(1);
}

#[test]
fn garbage_content_is_a_blank_page() {
    let page = open(PageBuilder::new().operators("\u{1}\u{2} ((( <<<< q q q Q BT /Nofont 12 Tf").into_pdf());
    let Finding::Page(page) = page.reader().inspect(1).unwrap().finding else {
        panic!("something was found")
    };
    assert_eq!(page.text_source, TextSource::Blank);
}

/// A random number generator with a seed: the same numbers on every machine.
struct SeededRandom(u64);

impl SeededRandom {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    /// Flips, overwrites, truncates and repeats a few bytes.
    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(8) {
            let at = self.below(bytes.len());
            match self.below(16) {
                0 => bytes.truncate(at.max(1)),
                1..6 => bytes[at] ^= 1 << self.below(8),
                6..11 => bytes[at] = self.below(256) as u8,
                _ => {
                    let piece: Vec<u8> = bytes[at..(at + self.below(40)).min(bytes.len())].to_vec();
                    let to = self.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
    }
}

#[test]
fn mutated_files_give_pages_or_errors() {
    let mut random = SeededRandom(20_261_120);
    let mut ocr_engine = OcrEngine::english().unwrap();
    let limits = Limits { max_pixels: 4_000_000, ..Limits::default() };
    let files = seed_files::all();
    let mut scans = 0;
    for round in 0..3000 {
        let mut bytes = files[round % files.len()].1.clone();
        random.mutate(&mut bytes);
        // A panic would end the test; an error is an answer.
        let Ok(document) = Document::open(bytes.clone(), None, limits) else { continue };
        for page in 1..=document.page_count().min(3) {
            let Ok(inspection) = document.reader().inspect(page) else { continue };
            let Finding::Scan(scan) = inspection.finding else { continue };
            scans += 1;
            // OCR is slow; preprocessing is not.
            if scans % 40 == 0 {
                let _ = ocr_engine.recognise(scan);
            } else {
                let _ = fuzz_preprocess(scan);
            }
        }
        check_searchable_pdf(&document, &bytes);
    }
    assert!(scans > 500, "only {scans} got so far");
}

/// Checks that a searchable PDF of the file, if there is one, opens and has the file's pages.
fn check_searchable_pdf(document: &Document, bytes: &[u8]) {
    let bbox = BBox { x0: 20.0, y0: 40.0, x1: 60.0, y1: 52.0 };
    let word = Word { text: "word".to_owned(), bbox, confidence: 90 };
    let page = Page::new(1, 200.0, 120.0, TextSource::Ocr { confidence: 90 }, vec![Line::body(vec![word])]);
    let written = SearchablePdfWriter::new(document)
        .and_then(|mut writer| writer.add(&page).and_then(|()| writer.finish()));
    let pdf = match written {
        Ok(SearchablePdf::IncrementalUpdate(update)) => [bytes, &update].concat(),
        Ok(SearchablePdf::Whole(pdf)) => pdf,
        Err(_) => return,
    };
    assert_eq!(open(pdf).page_count(), document.page_count());
}
