//! Searchable PDFs: the file's bytes come first, recognised words are in place, and signed files are not changed.

use std::io::Cursor;

use image::{GrayImage, ImageEncoder as _, codecs::jpeg::JpegEncoder, imageops};
use lopdf::{Dictionary, EncryptionState, EncryptionVersion, Object, Permissions, Stream, dictionary};
use maneiro_engine::{NotWritable, SearchablePdf, SearchablePdfWriter};
use maneiro_page::{BBox, Line, Page, TextSource, Word};

use crate::page_builder::{
    NOTE, PageBuilder, document, draw, find, jpeg, open, png, read_text_layer, recognise, save, tiff_at,
};

const OCR: TextSource = TextSource::Ocr { confidence: 90 };

/// The page as perfect OCR would read it.
fn recognised_page(sheet: PageBuilder) -> Page {
    as_recognised(read_text_layer(sheet.into_pdf()))
}

fn as_recognised(mut page: Page) -> Page {
    for word in page.lines.iter_mut().flat_map(|line| &mut line.words) {
        word.confidence = 90;
    }
    Page { text_source: OCR, ..page }
}

fn write(original: &[u8], pages: &[Page]) -> Result<SearchablePdf, NotWritable> {
    let document = open(original.to_vec());
    let mut writer = SearchablePdfWriter::new(&document)?;
    for page in pages {
        writer.add(page)?;
    }
    writer.finish()
}

/// The searchable PDF as a whole file.
fn searchable_pdf(original: &[u8], pages: &[Page]) -> Vec<u8> {
    match write(original, pages).unwrap() {
        SearchablePdf::IncrementalUpdate(update) => [original, &update].concat(),
        SearchablePdf::Whole(pdf) => pdf,
    }
}

/// Checks that the PDF's first page has these words, in this order and in place.
fn check(pdf: Vec<u8>, seen: &Page, what: &str) {
    let page = read_text_layer(pdf);
    assert_eq!(page.text_source, TextSource::TextLayer, "{what}");
    assert_eq!(
        (page.width.round(), page.height.round()),
        (seen.width.round(), seen.height.round()),
        "{what}"
    );
    assert_eq!(page.text(), seen.text(), "{what}");
    for (word, seen) in page.words().zip(seen.words()) {
        assert!(is_near(&word.bbox, &seen.bbox, &page), "{what}: {word:?} for {seen:?}");
    }
}

/// Boxes in a text layer follow from baseline and font size, not from ink. The note's page is 420 points wide, an image of
/// it without a resolution wider.
fn is_near(a: &BBox, b: &BBox, page: &Page) -> bool {
    let near = 3.5 * page.width.max(page.height) / 420.0;
    let sides = [(a.x0, b.x0), (a.y0, b.y0), (a.x1, b.x1), (a.y1, b.y1)];
    sides.into_iter().all(|(a, b)| (a - b).abs() < near)
}

fn scan() -> PageBuilder {
    PageBuilder::new().scan(&PageBuilder::with_note().draw(60.0))
}

/// The scan with changed page entries.
fn scan_with(alter: impl FnOnce(&mut lopdf::Document, &mut Dictionary)) -> lopdf::Document {
    let mut document = document(&[scan()]);
    let id = document.page_iter().next().unwrap();
    let mut page = document.get_object(id).unwrap().as_dict().unwrap().clone();
    alter(&mut document, &mut page);
    document.objects.insert(id, page.into());
    document
}

/// The file with a cross-reference table, as older programs write it.
fn with_xref_table(mut document: lopdf::Document) -> Vec<u8> {
    document.reference_table.cross_reference_type = lopdf::xref::XrefType::CrossReferenceTable;
    save(document)
}

#[test]
fn update_keeps_all_bytes_and_the_look_of_a_scan() {
    let original = scan().into_pdf();
    let pdf = searchable_pdf(&original, &[recognised_page(PageBuilder::with_note())]);
    assert!(pdf.len() > original.len() && pdf.starts_with(&original));
    assert!(draw(&original, 100.0) == draw(&pdf, 100.0), "the text layer is seen");
}

#[test]
fn recognised_words_are_in_the_text_layer() {
    let original = PageBuilder::new().scan(&PageBuilder::with_note().draw(300.0)).into_pdf();
    let page = recognise(original.clone());
    assert!(page.words().count() > 80);
    check(searchable_pdf(&original, std::slice::from_ref(&page)), &page, "a scan");
}

#[test]
fn words_are_in_place_on_rotated_and_cropped_pages() {
    for degrees in [0, 90, 180, 270] {
        let turned = |sheet: PageBuilder| {
            let mut document = document(&[sheet.rotated(degrees)]);
            let id = document.page_iter().next().unwrap();
            let page = document.get_object_mut(id).unwrap().as_dict_mut().unwrap();
            page.set("MediaBox", vec![(-50).into(), (-30).into(), 500.into(), 400.into()]);
            page.set("CropBox", vec![5.into(), 10.into(), 415.into(), 290.into()]);
            page.set("UserUnit", 2);
            save(document)
        };
        let page = as_recognised(read_text_layer(turned(PageBuilder::with_note())));
        check(
            searchable_pdf(&turned(scan()), std::slice::from_ref(&page)),
            &page,
            &format!("turned by {degrees}"),
        );
    }
}

#[test]
fn words_of_a_sideways_scan_are_in_place() {
    for quarters in [1, 2, 3] {
        let upright = PageBuilder::with_note().draw(200.0);
        let (lying, size) = match quarters {
            1 => (imageops::rotate90(&upright), (300.0, 420.0)),
            2 => (imageops::rotate180(&upright), (420.0, 300.0)),
            _ => (imageops::rotate270(&upright), (300.0, 420.0)),
        };
        let original = PageBuilder::with_size(size.0, size.1).scan(&lying).into_pdf();
        let page = recognise(original.clone());
        let pdf = read_text_layer(searchable_pdf(&original, std::slice::from_ref(&page)));
        assert_eq!(pdf.text(), page.text());
        for (word, seen) in pdf.words().zip(page.words()) {
            assert!(is_near(&word.bbox, &seen.bbox, &pdf), "{quarters}: {word:?} for {seen:?}");
        }
    }
}

#[test]
fn slanted_lines_stay_lines() {
    let slope = 0.04_f32;
    let line = |n: usize| {
        let word = |k: usize| {
            let x = 30.0 + 60.0 * k as f32;
            let y = 40.0 + 24.0 * n as f32 + slope * x;
            let bbox = BBox { x0: x, y0: y - 7.5, x1: x + 48.0, y1: y + 48.0 * slope };
            Word { text: format!("patient{k}of{n}"), bbox, confidence: 90 }
        };
        Line::body((0..6).map(word).collect())
    };
    let page = Page::new(1, 420.0, 300.0, OCR, (0..8).map(line).collect());
    let pdf = searchable_pdf(&scan().into_pdf(), std::slice::from_ref(&page));
    check(pdf, &page, "slanting");
}

#[test]
fn text_layer_works_with_any_form_of_content_and_resources() {
    type Alter = fn(&mut lopdf::Document, &mut Dictionary);
    let cases: [(&str, Alter); 8] = [
        ("content in pieces", |document, page| {
            let tail = document.add_object(Stream::new(dictionary! {}, b"0 0 m".to_vec()));
            let own = page.get(b"Contents").unwrap().clone();
            page.set("Contents", vec![own, tail.into()]);
        }),
        ("a list of pieces that is an object", |document, page| {
            let own = page.get(b"Contents").unwrap().clone();
            let list = document.add_object(Object::Array(vec![own]));
            page.set("Contents", list);
        }),
        ("a state that is left changed", |document, page| {
            let own = page.get(b"Contents").unwrap().clone();
            let head = document.add_object(Stream::new(dictionary! {}, b"Q Q 1 0 0 1 0 0 cm q q".to_vec()));
            let tail =
                document.add_object(Stream::new(dictionary! {}, b"3 0 0 3 50 50 cm 0 0 5 5 re W n".to_vec()));
            page.set("Contents", vec![head.into(), own, tail.into()]);
        }),
        ("resources that are an object", |document, page| {
            let own = page.get(b"Resources").unwrap().clone();
            let own = document.add_object(own);
            page.set("Resources", own);
        }),
        ("fonts that are an object", |document, page| {
            let resources = page.get_mut(b"Resources").unwrap().as_dict_mut().unwrap();
            let fonts = document.add_object(resources.get(b"Font").unwrap().clone());
            resources.set("Font", fonts);
        }),
        ("resources without fonts", |_, page| {
            page.get_mut(b"Resources").unwrap().as_dict_mut().unwrap().remove(b"Font");
        }),
        ("resources of the page tree", |document, page| {
            let own = page.remove(b"Resources").unwrap();
            let tree = page.get(b"Parent").unwrap().as_reference().unwrap();
            document.get_object_mut(tree).unwrap().as_dict_mut().unwrap().set("Resources", own);
        }),
        ("names and texts of every kind", |_, page| {
            page.set("PieceInfo", dictionary! { "A B#(" => Object::string_literal("a (b\\\u{1}") });
            page.set("Odd/Name", Object::Real(-0.000_000_1));
        }),
    ];
    let page = recognised_page(PageBuilder::with_note());
    for (what, alter) in cases {
        let mut document = scan_with(alter);
        let plain = with_xref_table(document.clone());
        let listed = save(document.clone());
        let mut packed = Vec::new();
        document.save_modern(&mut packed).unwrap();
        for original in [plain, listed, packed] {
            let pdf = searchable_pdf(&original, std::slice::from_ref(&page));
            assert!(draw(&original, 50.0) == draw(&pdf, 50.0), "{what}: it looks different");
            check(pdf, &page, what);
        }
    }
}

#[test]
fn pages_with_shared_resources_each_get_a_text_layer() {
    let mut document = document(&[scan(), scan(), PageBuilder::with_note()]);
    let ids: Vec<_> = document.page_iter().collect();
    let resources =
        document.get_object(ids[0]).unwrap().as_dict().unwrap().get(b"Resources").unwrap().clone();
    let resources = document.add_object(resources);
    for id in &ids[..2] {
        document.get_object_mut(*id).unwrap().as_dict_mut().unwrap().set("Resources", resources);
    }
    let original = save(document);
    let first = recognised_page(PageBuilder::with_note());
    let second = Page {
        number: 2,
        ..recognised_page(PageBuilder::new().lines(&[
            "Another page with words of its own,",
            "of which there are just enough to be",
            "taken for a text layer and not for some remnant of one.",
        ]))
    };
    let third = Page { number: 3, text_source: TextSource::TextLayer, ..first.clone() };
    let pdf = open(searchable_pdf(&original, &[second.clone(), third.clone(), first.clone()]));
    for page in [first, second, third] {
        let maneiro_engine::Finding::Page(found) = pdf.reader().inspect(page.number).unwrap().finding else {
            panic!("page {} has no text layer", page.number)
        };
        assert_eq!(found.text(), page.text());
    }
}

/// The offset of the cross-reference section that the end of the file states.
fn xref_offset(bytes: &[u8]) -> usize {
    let at = bytes.windows(9).rposition(|window| window == b"startxref").unwrap();
    std::str::from_utf8(&bytes[at + 9..]).unwrap().split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn file_with_junk_around_it_gets_a_valid_update() {
    let page = recognised_page(PageBuilder::with_note());
    // White space before the section could hide that offsets are counted from the header.
    let original = with_xref_table(document(&[scan()]));
    let mut spaced = original.clone();
    let list = spaced.windows(5).rposition(|window| window == b"\nxref").unwrap();
    spaced.splice(list..list, [b' '; 40]);
    let number = format!("startxref\n{}", list + 41);
    let end = spaced.windows(9).rposition(|window| window == b"startxref").unwrap();
    spaced.splice(end.., number.into_bytes());
    for original in [
        [b"\r\n\r\nHTTP junk\n", &spaced[..]].concat(),
        [b"\r\n\r\nHTTP junk\n", &original[..]].concat(),
        [&original[..], b"\n\n<html>junk</html>"].concat(),
        original[..original.len() - 6].to_vec(),
    ] {
        let pdf = searchable_pdf(&original, std::slice::from_ref(&page));
        assert!(pdf.starts_with(&original));
        let header = pdf.windows(5).position(|window| window == b"%PDF-").unwrap();
        assert!(
            pdf[header + xref_offset(&pdf)..].starts_with(b"xref"),
            "offsets are counted from the header"
        );
        check(pdf, &page, "junk");
    }
}

#[test]
fn searchable_pdf_can_be_updated_again() {
    let note = recognised_page(PageBuilder::with_note());
    let once =
        searchable_pdf(&scan().into_pdf(), &[Page { lines: note.lines[..2].to_vec(), ..note.clone() }]);
    let twice = searchable_pdf(&once, &[Page { lines: note.lines[2..].to_vec(), ..note.clone() }]);
    check(twice, &note, "updated twice");
}

#[test]
fn words_of_every_script_and_ligatures_are_kept() {
    let mut page = recognised_page(PageBuilder::with_note());
    let others = ["Пациентка", "φάρμακο", "患者さん", "ﬁbrillation", "naïve", "𝄞", "(a\\b)", "<7.5>"];
    for (line, other) in page.lines.iter_mut().zip(others) {
        line.words.last_mut().unwrap().text = other.to_owned();
    }
    let pdf = searchable_pdf(&scan().into_pdf(), std::slice::from_ref(&page));
    let found = lopdf::Document::load_mem(&pdf).unwrap().extract_text(&[1]).unwrap();
    assert!(others.iter().all(|other| found.contains(other)), "{found}");
    // The engine expands ligatures.
    page.lines[3].words.last_mut().unwrap().text = "fibrillation".to_owned();
    check(pdf, &page, "scripts");
}

#[test]
fn only_recognised_words_of_a_mixed_page_are_added() {
    let mut page = Page {
        text_source: TextSource::Mixed { confidence: 80 },
        ..recognised_page(PageBuilder::with_note())
    };
    let own = PageBuilder::new().lines(&[NOTE[0]]).operators("0 0 1 1 re f").into_pdf();
    for word in &mut page.lines[0].words {
        word.confidence = 100;
    }
    let pdf = read_text_layer(searchable_pdf(&own, std::slice::from_ref(&page)));
    assert_eq!(pdf.text(), page.text(), "each word once");
}

#[test]
fn words_of_an_existing_hidden_layer_are_not_added_again() {
    // A note with another program's text layer, and an image of a letter without one.
    let letter = PageBuilder::with_size(420.0, 60.0)
        .text(24.0, 30.0, 11.0, "Dear colleague, thank you for your letter")
        .draw(200.0);
    let note = PageBuilder::with_note();
    let sheet = PageBuilder::with_size(420.0, 400.0)
        .image(&note.draw(200.0), [0.0, 100.0, 420.0, 300.0])
        .operators("3 Tr")
        .lines(&NOTE)
        .image(&letter, [0.0, 20.0, 420.0, 60.0]);
    let original = sheet.into_pdf();
    let page = recognise(original.clone());
    assert!(matches!(page.text_source, TextSource::Mixed { .. }), "{:?}", page.text_source);
    let hidden = find(&page, "echocardiogram").confidence;
    assert!((1..100).contains(&hidden), "{hidden}");
    let pdf = read_text_layer(searchable_pdf(&original, std::slice::from_ref(&page)));
    assert_eq!(pdf.text(), page.text(), "each word once");
    let program = lopdf::Document::load_mem(&searchable_pdf(&original, std::slice::from_ref(&page))).unwrap();
    let text = program.extract_text(&[1]).unwrap();
    assert_eq!((text.matches("echocardiogram").count(), text.matches("colleague").count()), (1, 1), "{text}");
}

#[test]
fn signed_file_is_refused() {
    let signature = || {
        dictionary! { "Type" => "Sig", "Filter" => "Adobe.PPKLite",
        "ByteRange" => vec![0.into(), 10.into(), 20.into(), 30.into()], "Contents" => Object::string_literal("x") }
    };
    let form = |document: &mut lopdf::Document, value: Dictionary| {
        let value = document.add_object(value);
        let kid = document.add_object(dictionary! { "V" => value });
        let field = document.add_object(
            dictionary! { "FT" => "Sig", "T" => Object::string_literal("s"), "Kids" => vec![kid.into()] },
        );
        document.catalog_mut().unwrap().set("AcroForm", dictionary! { "Fields" => vec![field.into()] });
    };
    let page = recognised_page(PageBuilder::with_note());
    let refused = |document: lopdf::Document| write(&save(document), std::slice::from_ref(&page));

    let mut by_range = scan_with(|_, _| {});
    by_range.add_object(signature());
    assert_eq!(refused(by_range), Err(NotWritable::Signed));
    let mut by_field = scan_with(|_, _| {});
    form(&mut by_field, dictionary! { "Type" => "Sig" });
    assert_eq!(refused(by_field), Err(NotWritable::Signed));
    let mut certified = scan_with(|_, _| {});
    certified.catalog_mut().unwrap().set("Perms", dictionary! { "DocMDP" => dictionary! {} });
    assert_eq!(refused(certified), Err(NotWritable::Signed));

    // An empty signature field is not a signature.
    let mut unsigned = scan_with(|_, _| {});
    let field = dictionary! { "FT" => "Sig", "T" => Object::string_literal("sign here") };
    unsigned.catalog_mut().unwrap().set("AcroForm", dictionary! { "Fields" => vec![field.into()] });
    assert!(refused(unsigned).is_ok());
}

#[test]
fn encrypted_file_with_an_empty_password_is_refused() {
    let mut document = document(&[scan()]);
    let version = EncryptionVersion::V2 {
        document: &document,
        owner_password: "the owner's",
        user_password: "",
        key_length: 128,
        permissions: Permissions::PRINTABLE,
    };
    let state = EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    assert_eq!(
        write(&save(document), &[recognised_page(PageBuilder::with_note())]),
        Err(NotWritable::Protected)
    );
}

#[test]
fn file_without_recognised_words_is_refused() {
    let bytes = PageBuilder::with_note().into_pdf();
    let page = read_text_layer(bytes.clone());
    assert_eq!(write(&bytes, &[page]), Err(NotWritable::NothingRecognised));
    let blank = Page::new(1, 420.0, 300.0, OCR, Vec::new());
    assert_eq!(write(&bytes, std::slice::from_ref(&blank)), Err(NotWritable::NothingRecognised));
    assert_eq!(write(&png(&GrayImage::new(30, 30)), &[blank]), Err(NotWritable::NothingRecognised));
}

#[test]
fn file_without_a_cross_reference_section_is_refused() {
    let original = scan().into_pdf();
    let table = original.windows(4).rposition(|window| window == b"xref").unwrap();
    let without = original[..table].to_vec();
    let refused = write(&without, &[recognised_page(PageBuilder::with_note())]).unwrap_err();
    let sentence = "the file is damaged: the list of its objects is broken, \
                    so that nothing can be added to it without altering the rest";
    assert_eq!(refused.to_string(), sentence);
}

/// The note at 200 dpi.
fn photo() -> GrayImage {
    PageBuilder::with_note().draw(200.0)
}

#[test]
fn jpeg_is_embedded_byte_for_byte() {
    let original = jpeg(&photo());
    let page = recognise(original.clone());
    let pdf = searchable_pdf(&original, std::slice::from_ref(&page));
    assert!(pdf.windows(original.len()).any(|window| window == original));
    check(pdf, &page, "a JPEG");
}

#[test]
fn other_images_are_embedded_without_loss() {
    let note = photo();
    let bilevel = GrayImage::from_fn(note.width(), note.height(), |x, y| {
        image::Luma([if note.get_pixel(x, y).0[0] < 128 { 0 } else { 255 }])
    });
    for image in [note, bilevel] {
        let mut original = Vec::new();
        let color = image::RgbaImage::from_fn(image.width(), image.height(), |x, y| {
            let [gray] = image.get_pixel(x, y).0;
            image::Rgba([gray, gray, gray, 255])
        });
        color.write_to(&mut Cursor::new(&mut original), image::ImageFormat::Png).unwrap();
        for original in [original, png(&image), tiff_at(&[&image], (200, 200))] {
            let page =
                Page { lines: recognised_page(PageBuilder::with_note()).lines, ..blank_page_of(&original) };
            let pdf = searchable_pdf(&original, std::slice::from_ref(&page));
            let dpi = image.width() as f32 * 72.0 / page.width;
            assert!(draw(&pdf, dpi) == image, "it looks different");
        }
    }
}

/// A recognised page of an image's size without words.
fn blank_page_of(image: &[u8]) -> Page {
    let inspection = open(image.to_vec());
    let inspection = inspection.reader().inspect(1).unwrap();
    Page::new(1, inspection.width, inspection.height, OCR, Vec::new())
}

#[test]
fn exif_orientation_is_applied() {
    // Values of the tag Orientation (EXIF 2.32, 4.6.4), and the inverse transforms.
    for (value, turn) in [
        (3_u8, imageops::rotate180 as fn(&GrayImage) -> GrayImage),
        (6, imageops::rotate270),
        (8, imageops::rotate90),
        (2, imageops::flip_horizontal),
    ] {
        let mut original = Vec::new();
        let mut exif = b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        exif[18] = value;
        let mut encoder = JpegEncoder::new_with_quality(&mut original, 95);
        encoder.set_exif_metadata(exif).unwrap();
        encoder.encode_image(&turn(&photo())).unwrap();
        let page = recognise(original.clone());
        find(&page, "Metoprolol");
        let pdf = searchable_pdf(&original, std::slice::from_ref(&page));
        let shown = draw(&pdf, 200.0 * photo().width() as f32 / (page.width * 200.0 / 72.0));
        let differing =
            shown.pixels().zip(photo().pixels()).filter(|(a, b)| a.0[0].abs_diff(b.0[0]) > 60).count();
        assert!(shown.dimensions() == photo().dimensions() && differing < 500, "{value}: {differing}");
        check(pdf, &page, "on its side");
    }
}

#[test]
fn each_tiff_image_is_a_page_of_the_right_shape() {
    let first = photo();
    let second = imageops::resize(&first, first.width(), first.height() / 2, imageops::FilterType::Triangle);
    let original = tiff_at(&[&first, &second], (204, 102));
    let document = open(original.clone());
    let pages: Vec<Page> = (1..=2)
        .map(|number| {
            let inspection = document.reader().inspect(number).unwrap();
            Page {
                number,
                width: inspection.width,
                height: inspection.height,
                ..recognised_page(PageBuilder::with_note())
            }
        })
        .collect();
    let pdf = open(searchable_pdf(&original, &pages));
    assert_eq!(pdf.page_count(), 2);
    for page in pages {
        let inspection = pdf.reader().inspect(page.number).unwrap();
        assert!((inspection.width - page.width).abs() < 1.0 && (inspection.height - page.height).abs() < 1.0);
    }
}
