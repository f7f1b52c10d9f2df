//! Searchable copies: the file's own bytes first, the recognised words where they are seen, and nothing altered that
//! must not be.

use std::io::Cursor;

use image::{GrayImage, ImageEncoder as _, codecs::jpeg::JpegEncoder, imageops};
use lopdf::{Dictionary, EncryptionState, EncryptionVersion, Object, Permissions, Stream, dictionary};
use maneiro_engine::{NotWritable, SearchablePdf, SearchablePdfWriter};
use maneiro_page::{BBox, Line, Page, TextSource, Word};

use crate::make::{
    NOTE, Sheet, document, draw, find, jpeg, open, png, read_text_layer, recognise, save, tiff_at,
};

const OCR: TextSource = TextSource::Ocr { confidence: 90 };

/// What recognition would give of the sheet's note, if it were perfect.
fn seen(sheet: Sheet) -> Page {
    recognised(read_text_layer(sheet.into_pdf()))
}

fn recognised(mut page: Page) -> Page {
    for word in page.lines.iter_mut().flat_map(|line| &mut line.words) {
        word.confidence = 90;
    }
    Page { text_source: OCR, ..page }
}

fn copied(original: &[u8], pages: &[Page]) -> Result<SearchablePdf, NotWritable> {
    let document = open(original.to_vec());
    let mut writer = SearchablePdfWriter::new(&document)?;
    for page in pages {
        writer.add(page)?;
    }
    writer.finish()
}

/// The copy as a file.
fn copy(original: &[u8], pages: &[Page]) -> Vec<u8> {
    match copied(original, pages).unwrap() {
        SearchablePdf::IncrementalUpdate(update) => [original, &update].concat(),
        SearchablePdf::Whole(pdf) => pdf,
    }
}

/// That the copy's first page has these words, in this order, where they were seen.
fn check(copy: Vec<u8>, seen: &Page, what: &str) {
    let page = read_text_layer(copy);
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

/// Words of a layer that draws nothing are known by their baseline and size, not by their ink. The note's page is 420
/// points long, an image of it without a resolution more.
fn is_near(a: &BBox, b: &BBox, page: &Page) -> bool {
    let near = 3.5 * page.width.max(page.height) / 420.0;
    let sides = [(a.x0, b.x0), (a.y0, b.y0), (a.x1, b.x1), (a.y1, b.y1)];
    sides.into_iter().all(|(a, b)| (a - b).abs() < near)
}

fn scan() -> Sheet {
    Sheet::new().scan(&Sheet::with_note().draw(60.0))
}

/// The scan with its page's entries changed.
fn altered(alter: impl FnOnce(&mut lopdf::Document, &mut Dictionary)) -> lopdf::Document {
    let mut document = document(&[scan()]);
    let id = document.page_iter().next().unwrap();
    let mut page = document.get_object(id).unwrap().as_dict().unwrap().clone();
    alter(&mut document, &mut page);
    document.objects.insert(id, page.into());
    document
}

/// The file with the list of its objects as a plain table, as older programs write it.
fn with_table(mut document: lopdf::Document) -> Vec<u8> {
    document.reference_table.cross_reference_type = lopdf::xref::XrefType::CrossReferenceTable;
    save(document)
}

#[test]
fn a_scans_copy_begins_with_all_its_bytes_and_looks_the_same() {
    let original = scan().into_pdf();
    let copy = copy(&original, &[seen(Sheet::with_note())]);
    assert!(copy.len() > original.len() && copy.starts_with(&original));
    assert!(draw(&original, 100.0) == draw(&copy, 100.0), "the text layer is seen");
}

#[test]
fn what_was_recognised_is_found_again_in_the_copy() {
    let original = Sheet::new().scan(&Sheet::with_note().draw(300.0)).into_pdf();
    let page = recognise(original.clone());
    assert!(page.words().count() > 80);
    check(copy(&original, std::slice::from_ref(&page)), &page, "a scan");
}

#[test]
fn words_stand_where_they_are_seen_however_the_file_turns_and_cuts_the_page() {
    for degrees in [0, 90, 180, 270] {
        let turned = |sheet: Sheet| {
            let mut document = document(&[sheet.rotated(degrees)]);
            let id = document.page_iter().next().unwrap();
            let page = document.get_object_mut(id).unwrap().as_dict_mut().unwrap();
            page.set("MediaBox", vec![(-50).into(), (-30).into(), 500.into(), 400.into()]);
            page.set("CropBox", vec![5.into(), 10.into(), 415.into(), 290.into()]);
            page.set("UserUnit", 2);
            save(document)
        };
        let page = recognised(read_text_layer(turned(Sheet::with_note())));
        check(copy(&turned(scan()), std::slice::from_ref(&page)), &page, &format!("turned by {degrees}"));
    }
}

#[test]
fn what_was_scanned_sideways_is_found_where_it_lies() {
    for quarters in [1, 2, 3] {
        let upright = Sheet::with_note().draw(200.0);
        let (lying, size) = match quarters {
            1 => (imageops::rotate90(&upright), (300.0, 420.0)),
            2 => (imageops::rotate180(&upright), (420.0, 300.0)),
            _ => (imageops::rotate270(&upright), (300.0, 420.0)),
        };
        let original = Sheet::of_size(size.0, size.1).scan(&lying).into_pdf();
        let page = recognise(original.clone());
        let copy = read_text_layer(copy(&original, std::slice::from_ref(&page)));
        assert_eq!(copy.text(), page.text());
        for (word, seen) in copy.words().zip(page.words()) {
            assert!(is_near(&word.bbox, &seen.bbox, &copy), "{quarters}: {word:?} for {seen:?}");
        }
    }
}

#[test]
fn lines_that_slant_stay_lines() {
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
    let copy = copy(&scan().into_pdf(), std::slice::from_ref(&page));
    check(copy, &page, "slanting");
}

#[test]
fn the_layer_is_found_however_the_page_keeps_its_content_and_resources() {
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
    let page = seen(Sheet::with_note());
    for (what, alter) in cases {
        let mut document = altered(alter);
        let plain = with_table(document.clone());
        let listed = save(document.clone());
        let mut packed = Vec::new();
        document.save_modern(&mut packed).unwrap();
        for original in [plain, listed, packed] {
            let copy = copy(&original, std::slice::from_ref(&page));
            assert!(draw(&original, 50.0) == draw(&copy, 50.0), "{what}: it looks different");
            check(copy, &page, what);
        }
    }
}

#[test]
fn pages_that_share_their_resources_each_get_their_layer() {
    let mut document = document(&[scan(), scan(), Sheet::with_note()]);
    let ids: Vec<_> = document.page_iter().collect();
    let resources =
        document.get_object(ids[0]).unwrap().as_dict().unwrap().get(b"Resources").unwrap().clone();
    let resources = document.add_object(resources);
    for id in &ids[..2] {
        document.get_object_mut(*id).unwrap().as_dict_mut().unwrap().set("Resources", resources);
    }
    let original = save(document);
    let first = seen(Sheet::with_note());
    let second = Page {
        number: 2,
        ..seen(Sheet::new().lines(&[
            "Another page with words of its own,",
            "of which there are just enough to be",
            "taken for a text layer and not for some remnant of one.",
        ]))
    };
    let third = Page { number: 3, text_source: TextSource::TextLayer, ..first.clone() };
    let copy = open(copy(&original, &[second.clone(), third.clone(), first.clone()]));
    for page in [first, second, third] {
        let maneiro_engine::Finding::Page(found) = copy.reader().inspect(page.number).unwrap().finding else {
            panic!("page {} has no text layer", page.number)
        };
        assert_eq!(found.text(), page.text());
    }
}

/// Where the end of the file says that the list of its objects is.
fn list_at(bytes: &[u8]) -> usize {
    let at = bytes.windows(9).rposition(|window| window == b"startxref").unwrap();
    std::str::from_utf8(&bytes[at + 9..]).unwrap().split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn a_file_with_junk_before_its_header_or_after_its_end_is_continued_rightly() {
    let page = seen(Sheet::with_note());
    // White space before the list of objects could hide that places are counted from the header.
    let original = with_table(document(&[scan()]));
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
        let copy = copy(&original, std::slice::from_ref(&page));
        assert!(copy.starts_with(&original));
        let header = copy.windows(5).position(|window| window == b"%PDF-").unwrap();
        assert!(copy[header + list_at(&copy)..].starts_with(b"xref"), "places are counted from the header");
        check(copy, &page, "junk");
    }
}

#[test]
fn a_copy_can_be_copied() {
    let note = seen(Sheet::with_note());
    let once = copy(&scan().into_pdf(), &[Page { lines: note.lines[..2].to_vec(), ..note.clone() }]);
    let twice = copy(&once, &[Page { lines: note.lines[2..].to_vec(), ..note.clone() }]);
    check(twice, &note, "a copy of a copy");
}

#[test]
fn words_of_every_script_and_with_ligatures_are_kept() {
    let mut page = seen(Sheet::with_note());
    let others = ["Пациентка", "φάρμακο", "患者さん", "ﬁbrillation", "naïve", "𝄞", "(a\\b)", "<7.5>"];
    for (line, other) in page.lines.iter_mut().zip(others) {
        line.words.last_mut().unwrap().text = other.to_owned();
    }
    let copy = copy(&scan().into_pdf(), std::slice::from_ref(&page));
    let found = lopdf::Document::load_mem(&copy).unwrap().extract_text(&[1]).unwrap();
    assert!(others.iter().all(|other| found.contains(other)), "{found}");
    // Our own reading takes ligatures apart.
    page.lines[3].words.last_mut().unwrap().text = "fibrillation".to_owned();
    check(copy, &page, "scripts");
}

#[test]
fn of_a_mixed_page_only_what_was_recognised_is_laid() {
    let mut page = Page { text_source: TextSource::Mixed { confidence: 80 }, ..seen(Sheet::with_note()) };
    let own = Sheet::new().lines(&[NOTE[0]]).operators("0 0 1 1 re f").into_pdf();
    for word in &mut page.lines[0].words {
        word.confidence = 100;
    }
    let copy = read_text_layer(copy(&own, std::slice::from_ref(&page)));
    assert_eq!(copy.text(), page.text(), "each word once");
}

#[test]
fn words_of_a_layer_that_a_mixed_page_has_already_are_not_laid_again() {
    // A note that another program has recognised, and a picture of a letter that nobody has.
    let letter = Sheet::of_size(420.0, 60.0)
        .text(24.0, 30.0, 11.0, "Dear colleague, thank you for your letter")
        .draw(200.0);
    let note = Sheet::with_note();
    let sheet = Sheet::of_size(420.0, 400.0)
        .picture(&note.draw(200.0), [0.0, 100.0, 420.0, 300.0])
        .operators("3 Tr")
        .lines(&NOTE)
        .picture(&letter, [0.0, 20.0, 420.0, 60.0]);
    let original = sheet.into_pdf();
    let page = recognise(original.clone());
    assert!(matches!(page.text_source, TextSource::Mixed { .. }), "{:?}", page.text_source);
    let hidden = find(&page, "echocardiogram").confidence;
    assert!((1..100).contains(&hidden), "{hidden}");
    let copy = read_text_layer(copy(&original, std::slice::from_ref(&page)));
    assert_eq!(copy.text(), page.text(), "each word once");
    let program = lopdf::Document::load_mem(&self::copy(&original, std::slice::from_ref(&page))).unwrap();
    let text = program.extract_text(&[1]).unwrap();
    assert_eq!((text.matches("echocardiogram").count(), text.matches("colleague").count()), (1, 1), "{text}");
}

#[test]
fn a_signed_file_is_left_as_it_is() {
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
    let page = seen(Sheet::with_note());
    let refused = |document: lopdf::Document| copied(&save(document), std::slice::from_ref(&page));

    let mut by_range = altered(|_, _| {});
    by_range.add_object(signature());
    assert_eq!(refused(by_range), Err(NotWritable::Signed));
    let mut by_field = altered(|_, _| {});
    form(&mut by_field, dictionary! { "Type" => "Sig" });
    assert_eq!(refused(by_field), Err(NotWritable::Signed));
    let mut certified = altered(|_, _| {});
    certified.catalog_mut().unwrap().set("Perms", dictionary! { "DocMDP" => dictionary! {} });
    assert_eq!(refused(certified), Err(NotWritable::Signed));

    // A place for a signature is none yet.
    let mut unsigned = altered(|_, _| {});
    let field = dictionary! { "FT" => "Sig", "T" => Object::string_literal("sign here") };
    unsigned.catalog_mut().unwrap().set("AcroForm", dictionary! { "Fields" => vec![field.into()] });
    assert!(refused(unsigned).is_ok());
}

#[test]
fn a_protected_file_is_left_as_it_is_also_if_it_opens_without_a_password() {
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
    assert_eq!(copied(&save(document), &[seen(Sheet::with_note())]), Err(NotWritable::Protected));
}

#[test]
fn a_file_of_which_nothing_was_recognised_needs_no_copy() {
    let bytes = Sheet::with_note().into_pdf();
    let page = read_text_layer(bytes.clone());
    assert_eq!(copied(&bytes, &[page]), Err(NotWritable::NothingRecognised));
    let blank = Page::new(1, 420.0, 300.0, OCR, Vec::new());
    assert_eq!(copied(&bytes, std::slice::from_ref(&blank)), Err(NotWritable::NothingRecognised));
    assert_eq!(copied(&png(&GrayImage::new(30, 30)), &[blank]), Err(NotWritable::NothingRecognised));
}

#[test]
fn a_file_whose_list_of_objects_is_lost_is_not_guessed_at() {
    let original = scan().into_pdf();
    let table = original.windows(4).rposition(|window| window == b"xref").unwrap();
    let without = original[..table].to_vec();
    let refused = copied(&without, &[seen(Sheet::with_note())]).unwrap_err();
    let sentence = "the file is damaged: the list of its objects is broken, \
                    so that nothing can be added to it without altering the rest";
    assert_eq!(refused.to_string(), sentence);
}

/// The note at 200 dpi.
fn photo() -> GrayImage {
    Sheet::with_note().draw(200.0)
}

#[test]
fn a_jpeg_is_in_its_copy_byte_for_byte() {
    let original = jpeg(&photo());
    let page = recognise(original.clone());
    let copy = copy(&original, std::slice::from_ref(&page));
    assert!(copy.windows(original.len()).any(|window| window == original));
    check(copy, &page, "a JPEG");
}

#[test]
fn other_images_are_in_their_copies_without_loss() {
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
            let page = Page { lines: seen(Sheet::with_note()).lines, ..blank_page_of(&original) };
            let copy = copy(&original, std::slice::from_ref(&page));
            let dpi = image.width() as f32 * 72.0 / page.width;
            assert!(draw(&copy, dpi) == image, "it looks different");
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
fn an_image_that_says_it_lies_on_its_side_is_upright_in_its_copy() {
    // The values of the tag Orientation in EXIF 2.32, 4.6.4, and what undoes them.
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
        let copy = copy(&original, std::slice::from_ref(&page));
        let shown = draw(&copy, 200.0 * photo().width() as f32 / (page.width * 200.0 / 72.0));
        let differing =
            shown.pixels().zip(photo().pixels()).filter(|(a, b)| a.0[0].abs_diff(b.0[0]) > 60).count();
        assert!(shown.dimensions() == photo().dimensions() && differing < 500, "{value}: {differing}");
        check(copy, &page, "on its side");
    }
}

#[test]
fn each_image_of_a_tiff_is_a_page_of_its_copy_at_its_true_shape() {
    let first = photo();
    let second = imageops::resize(&first, first.width(), first.height() / 2, imageops::FilterType::Triangle);
    let original = tiff_at(&[&first, &second], (204, 102));
    let document = open(original.clone());
    let pages: Vec<Page> = (1..=2)
        .map(|number| {
            let inspection = document.reader().inspect(number).unwrap();
            Page { number, width: inspection.width, height: inspection.height, ..seen(Sheet::with_note()) }
        })
        .collect();
    let copy = open(copy(&original, &pages));
    assert_eq!(copy.page_count(), 2);
    for page in pages {
        let inspection = copy.reader().inspect(page.number).unwrap();
        assert!((inspection.width - page.width).abs() < 1.0 && (inspection.height - page.height).abs() < 1.0);
    }
}
