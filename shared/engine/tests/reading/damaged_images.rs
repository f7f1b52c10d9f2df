//! Images that are damaged or above the pixel limit: the rest of the page is read, and the page reports what was not.

use image::{GrayImage, imageops};
use lopdf::{Object, Stream};
use maneiro_engine::{Document, Limits, OcrEngine, PageError};
use maneiro_page::{BBox, Page, TextSource, UnreadReason, UnreadRegion};

use crate::{
    page_builder::{NOTE, PageBuilder, document, find, open, read_page, save},
    seed_files::{stored, stored_with_every_filter, with_stored, wrapped_in},
};

fn read(bytes: Vec<u8>) -> Result<Page, PageError> {
    read_page(&mut OcrEngine::english().unwrap(), &open(bytes), 1)
}

/// Images of a page's size of which nothing can be decoded.
fn undecodable_images() -> Vec<Stream> {
    let garbage = || b"~}|{zyx~}|{zyx".repeat(100);
    let mut empty = stored(1000, 714, "FlateDecode", Vec::new());
    empty.dict.remove(b"Filter");
    let mut pictures = vec![empty];
    for filter in ["FlateDecode", "DCTDecode", "JPXDecode", "JBIG2Decode"] {
        pictures.push(stored(1000, 714, filter, garbage()));
    }
    pictures
}

const DAMAGED: PageError = PageError::Damaged { reason: "its image cannot be decoded" };

fn damaged_at(x0: f32, y0: f32, x1: f32, y1: f32) -> UnreadRegion {
    UnreadRegion { bbox: BBox { x0, y0, x1, y1 }, reason: UnreadReason::DamagedImage }
}

#[test]
fn scan_is_read_with_every_filter() {
    let picture = PageBuilder::with_note().draw(200.0);
    for (name, way) in stored_with_every_filter(&picture) {
        let file = with_stored(PageBuilder::new().scan(&picture), vec![way]);
        let page = read(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(page.unread, [], "{name}");
        // The JPEG 2000 is always the same small image.
        assert!(name == "jpx.pdf" || page.text().contains("Metoprolol 50 mg"), "{name}: {}", page.text());
    }
}

#[test]
fn undecodable_scan_is_damaged_and_not_blank() {
    for picture in undecodable_images() {
        let file = with_stored(PageBuilder::new().scan(&GrayImage::new(1, 1)), vec![picture.clone()]);
        assert_eq!(read(file), Err(DAMAGED), "{picture:?}");
        // With a frame drawn over it, the image is rendered instead of extracted.
        let sheet = PageBuilder::new().scan(&GrayImage::new(1, 1)).operators("10 10 20 20 re S");
        assert_eq!(read(with_stored(sheet, vec![picture.clone()])), Err(DAMAGED), "{picture:?}");
    }
}

#[test]
fn page_is_read_around_a_damaged_image() {
    for picture in undecodable_images() {
        let sheet = PageBuilder::with_size(420.0, 600.0).lines(&NOTE);
        let sheet = sheet.image(&GrayImage::new(1, 1), [20.0, 50.0, 350.0, 250.0]);
        let page = read(with_stored(sheet, vec![picture.clone()])).unwrap();
        assert_eq!(page.text_source, TextSource::TextLayer);
        assert_eq!(page.text(), NOTE.join("\n"));
        assert_eq!(page.unread, [damaged_at(20.0, 300.0, 370.0, 550.0)], "{picture:?}");
    }
}

/// The first page, read with this pixel limit.
fn read_with_pixel_limit(max_pixels: u64, sheet: PageBuilder) -> Result<Page, PageError> {
    let document =
        Document::open(sheet.into_pdf(), None, Limits { max_pixels, ..Limits::default() }).unwrap();
    read_page(&mut OcrEngine::english().unwrap(), &document, 1)
}

#[test]
fn page_is_read_around_an_image_above_the_pixel_limit() {
    let large = || GrayImage::new(1500, 1000);
    let small = PageBuilder::with_size(150.0, 80.0).text(10.0, 40.0, 12.0, "Aspirin 100 mg").draw(150.0);
    let sheet = || PageBuilder::with_size(420.0, 600.0).image(&large(), [20.0, 50.0, 200.0, 250.0]);
    let unread = [damaged_at(20.0, 300.0, 220.0, 550.0)];

    let page = read_with_pixel_limit(1_000_000, sheet().lines(&NOTE)).unwrap();
    assert_eq!(
        (&page.text_source, page.text(), &page.unread[..]),
        (&TextSource::TextLayer, NOTE.join("\n"), &unread[..])
    );

    let beside = [240.0, 100.0, 150.0, 80.0];
    let page = read_with_pixel_limit(1_000_000, sheet().lines(&NOTE).image(&small, beside)).unwrap();
    assert!(page.text().contains("palpitations") && page.text().contains("Aspirin 100"), "{}", page.text());
    assert_eq!(page.unread, unread);
    let page = read_with_pixel_limit(1_000_000, sheet().image(&small, beside)).unwrap();
    assert!(page.text().contains("Aspirin 100"), "{}", page.text());
    assert_eq!(page.unread, unread);

    // An image that overlaps the large one could only be rendered with it.
    let page =
        read_with_pixel_limit(1_000_000, sheet().lines(&NOTE).image(&small, [180.0, 100.0, 150.0, 80.0]))
            .unwrap();
    assert_eq!(page.text(), NOTE.join("\n"));
    assert_eq!(page.unread, [damaged_at(20.0, 300.0, 330.0, 550.0)]);

    let logo = PageBuilder::new().image(&large(), [20.0, 20.0, 60.0, 40.0]);
    let too_large = PageError::ImageTooLarge { width: 1500, height: 1000, max_pixels: 1_000_000 };
    assert_eq!(read_with_pixel_limit(1_000_000, logo.clone()), Err(too_large.clone()));
    assert_eq!(read_with_pixel_limit(1_000_000, logo.clone().lines(&NOTE)).unwrap().unread, []);
    assert_eq!(read_with_pixel_limit(1_000_000, sheet()), Err(too_large.clone()));
    assert_eq!(read_with_pixel_limit(1_000_000, sheet().operators("0 0 m 400 600 l S")), Err(too_large));
}

#[test]
fn other_strips_are_read_if_one_is_damaged() {
    let scan = PageBuilder::with_note().draw(200.0);
    let (width, height) = scan.dimensions();
    let strip = |n: u32| imageops::crop_imm(&scan, 0, height * n / 3, width, height / 3).to_image();
    let mut sheet = PageBuilder::new();
    let mut pictures = Vec::new();
    for n in 0..3 {
        sheet = sheet.image(&strip(n), [0.0, 200.0 - 100.0 * n as f32, 420.0, 100.0]);
        pictures.push(stored_with_every_filter(&strip(n)).remove(0).1);
    }
    pictures[2] = stored(width, height / 3, "DCTDecode", b"nothing".to_vec());
    let page = read(with_stored(sheet, pictures)).unwrap();
    assert!(matches!(page.text_source, TextSource::Ocr { .. }), "{:?}", page.text_source);
    assert!(find(&page, "Metoprolol").bbox.y1 < 100.0);
    assert!(!page.text().contains("dizziness"));
    assert_eq!(page.unread, [damaged_at(0.0, 200.0, 420.0, 300.0)]);
}

#[test]
fn page_with_missing_objects_is_damaged_and_not_blank() {
    let without = |is_lost: fn(&Stream) -> bool| {
        let mut document = document(&[PageBuilder::new().scan(&GrayImage::new(8, 8))]);
        document.objects.retain(|_, object| !object.as_stream().is_ok_and(is_lost));
        read(save(document))
    };
    let lost = Err(PageError::Damaged { reason: "its content is missing from the file" });
    assert_eq!(without(|stream| stream.dict.has(b"Width")), lost, "the picture");
    assert_eq!(without(|stream| stream.content.ends_with(b"Do Q\n")), lost, "the content");

    let mut bare = document(&[PageBuilder::new()]);
    let page = bare.page_iter().next().unwrap();
    bare.get_object_mut(page).unwrap().as_dict_mut().unwrap().remove(b"Contents");
    assert_eq!(read(save(bare)).unwrap().text_source, TextSource::Blank);
}

/// Two PDFs of this page, one without the objects of its images, one with null objects in their place.
fn without_images(sheet: PageBuilder) -> [Vec<u8>; 2] {
    let is_image = |object: &Object| object.as_stream().is_ok_and(|stream| stream.dict.has(b"Width"));
    let mut absent = document(&[sheet]);
    let mut null = absent.clone();
    absent.objects.retain(|_, object| !is_image(object));
    null.objects.values_mut().filter(|object| is_image(object)).for_each(|object| *object = Object::Null);
    [save(absent), save(null)]
}

#[test]
fn area_of_a_missing_image_is_reported() {
    let picture = GrayImage::new(8, 8);
    let tall = || PageBuilder::with_size(420.0, 600.0).lines(&NOTE);
    let unread = [damaged_at(20.0, 300.0, 370.0, 550.0)];
    for file in without_images(tall().image(&picture, [20.0, 50.0, 350.0, 250.0])) {
        let page = read(file).unwrap();
        assert_eq!((&page.text_source, page.text()), (&TextSource::TextLayer, NOTE.join("\n")));
        assert_eq!(page.unread, unread);
    }
    // On a rotated page, within nested transforms, beside a small logo, and clipped by the page's edge.
    let turned = PageBuilder::new().lines(&NOTE).rotated(90).operators("q 2 0 0 2 -99 -99 cm");
    let turned = turned.image(&picture, [0.0, 0.0, 9.0, 9.0]).operators("Q q 1 0 0 1 20 20 cm");
    for file in without_images(turned.image(&picture, [-90.0, 0.0, 370.0, 110.0]).operators("Q")) {
        assert_eq!(read(file).unwrap().unread, [damaged_at(20.0, 0.0, 130.0, 300.0)]);
    }
    // A form XObject has its own size and may have drawn anywhere.
    for file in without_images(PageBuilder::new().lines(&NOTE).image(&picture, [0.0, 0.0, 1.0, 1.0])) {
        assert_eq!(read(file).unwrap().unread, [damaged_at(0.0, 0.0, 420.0, 300.0)]);
    }
}

#[test]
fn pages_with_missing_images_are_not_duplicates() {
    let sheet = PageBuilder::new().lines(&NOTE).image(&GrayImage::new(8, 8), [20.0, 20.0, 350.0, 250.0]);
    let mut file = document(&[sheet.clone(), sheet]);
    let prints = |file: lopdf::Document| {
        let document = open(save(file));
        [1, 2].map(|page| document.reader().inspect(page).unwrap().fingerprint)
    };
    let [first, second] = prints(file.clone());
    assert_eq!(first, second);
    file.objects.retain(|_, object| !object.as_stream().is_ok_and(|stream| stream.dict.has(b"Width")));
    let [first, second] = prints(file);
    assert_ne!(first, second);
}

#[test]
fn blank_scan_is_blank() {
    let page = read(PageBuilder::new().scan(&GrayImage::from_pixel(800, 600, image::Luma([255]))).into_pdf())
        .unwrap();
    assert_eq!((page.text_source, &page.unread[..]), (TextSource::Blank, &[][..]));
}

#[test]
fn truncated_scan_is_read_to_where_it_ends() {
    let picture = PageBuilder::with_note().draw(200.0);
    for (name, mut way) in stored_with_every_filter(&picture) {
        if !["flate.pdf", "lzw.pdf", "run_length.pdf", "hex.pdf"].contains(&name) {
            continue;
        }
        way.content.truncate(way.content.len() * 6 / 10);
        let whole = |stored| with_stored(PageBuilder::new().scan(&picture), vec![stored]);
        // With a stroke over it, the image is rendered instead of extracted.
        let drawn =
            |stored| with_stored(PageBuilder::new().scan(&picture).operators("0 0 m 5 5 l S"), vec![stored]);
        for file in [whole(way.clone()), drawn(way)] {
            let page = read(file).unwrap();
            assert!(page.text().contains("Metoprolol 50 mg"), "{name}: {}", page.text());
            let [unread] = &page.unread[..] else { panic!("{name}: {:?}", page.unread) };
            assert_eq!((unread.bbox.x1, unread.bbox.y1), (420.0, 300.0), "{name}");
            // Half of a line may be left.
            let lowest = page.words().map(|word| word.bbox.y1).fold(0.0, f32::max);
            assert!((100.0..unread.bbox.y0 + 12.0).contains(&lowest), "{name}: {lowest} {unread:?}");
        }
    }
}

#[test]
fn truncated_jpeg_is_read_to_where_it_ends() {
    let picture = PageBuilder::with_note().draw(200.0);
    let whole = crate::page_builder::jpeg(&picture);
    let cut =
        |length: usize| stored(picture.width(), picture.height(), "DCTDecode", whole[..length].to_vec());
    let broken = || cut(whole.len() * 2 / 3);
    let stroke = "0 0 m 5 5 l S";
    for file in [
        with_stored(PageBuilder::new().scan(&picture), vec![broken()]),
        with_stored(PageBuilder::new().scan(&picture), vec![wrapped_in("FlateDecode", broken())]),
        with_stored(PageBuilder::new().scan(&picture).operators(stroke), vec![broken()]),
    ] {
        let page = read(file).unwrap();
        assert!(page.text().contains("Metoprolol 50 mg"), "{}", page.text());
        let [unread] = &page.unread[..] else { panic!("{:?}", page.unread) };
        assert_eq!((unread.bbox.x0, unread.bbox.x1, unread.bbox.y1), (0.0, 420.0, 300.0));
        // About two thirds of the lines, of which the last ends 240 points from the top.
        assert!((140.0..190.0).contains(&unread.bbox.y0), "{unread:?}");
        let lowest = page.words().map(|word| word.bbox.y1).fold(0.0, f32::max);
        assert!((100.0..unread.bbox.y0 + 12.0).contains(&lowest), "{lowest} {unread:?}");
    }
    // If only the end-of-image marker is missing, all rows are there.
    let page = read(with_stored(PageBuilder::new().scan(&picture), vec![cut(whole.len() - 2)])).unwrap();
    assert_eq!(page.unread, []);
}

#[test]
fn gray_at_the_bottom_of_a_jpeg_is_not_taken_as_missing() {
    let note = PageBuilder::with_note().draw(200.0);
    let (width, height) = note.dimensions();
    let mut picture = GrayImage::from_pixel(width, height + 200, image::Luma([128]));
    imageops::replace(&mut picture, &note, 0, 0);
    let jpeg = stored(width, height + 200, "DCTDecode", crate::page_builder::jpeg(&picture));
    assert_eq!(read(with_stored(PageBuilder::new().scan(&picture), vec![jpeg])).unwrap().unread, []);
}
