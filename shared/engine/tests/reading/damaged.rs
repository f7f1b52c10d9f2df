//! Pictures that are damaged or too large, on pages that are not: the rest is read, and it is told what was not.

use image::{GrayImage, imageops};
use lopdf::{Object, Stream};
use maneiro_engine::{Document, Limits, OcrEngine, PageError};
use maneiro_page::{BBox, Page, TextSource, UnreadReason, UnreadRegion};

use crate::{
    fixtures::{every_way, stored, with_stored, within},
    make::{NOTE, Sheet, document, find, open, read_page, save},
};

fn read(bytes: Vec<u8>) -> Result<Page, PageError> {
    read_page(&mut OcrEngine::english().unwrap(), &open(bytes), 1)
}

/// Pictures of a page's size of which nothing can be decoded.
fn beyond_repair() -> Vec<Stream> {
    let garbage = || b"~}|{zyx~}|{zyx".repeat(100);
    let mut empty = stored(1000, 714, "FlateDecode", Vec::new());
    empty.dict.remove(b"Filter");
    let mut pictures = vec![empty];
    for filter in ["FlateDecode", "DCTDecode", "JPXDecode", "JBIG2Decode"] {
        pictures.push(stored(1000, 714, filter, garbage()));
    }
    pictures
}

const DAMAGED: PageError = PageError::Damaged { reason: "its picture cannot be decoded" };

fn damaged_at(x0: f32, y0: f32, x1: f32, y1: f32) -> UnreadRegion {
    UnreadRegion { bbox: BBox { x0, y0, x1, y1 }, reason: UnreadReason::DamagedPicture }
}

#[test]
fn a_scan_is_read_with_whatever_filter_it_is_stored() {
    let picture = Sheet::with_note().draw(200.0);
    for (name, way) in every_way(&picture) {
        let file = with_stored(Sheet::new().scan(&picture), vec![way]);
        let page = read(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(page.unread, [], "{name}");
        // The one of JPEG 2000 is always the same small picture.
        assert!(name == "jpx.pdf" || page.text().contains("Metoprolol 50 mg"), "{name}: {}", page.text());
    }
}

#[test]
fn a_scan_of_which_nothing_can_be_decoded_is_damaged_and_not_blank() {
    for picture in beyond_repair() {
        let file = with_stored(Sheet::new().scan(&GrayImage::new(1, 1)), vec![picture.clone()]);
        assert_eq!(read(file), Err(DAMAGED), "{picture:?}");
        // With a frame drawn over it, it is not taken as it is but drawn.
        let sheet = Sheet::new().scan(&GrayImage::new(1, 1)).operators("10 10 20 20 re S");
        assert_eq!(read(with_stored(sheet, vec![picture.clone()])), Err(DAMAGED), "{picture:?}");
    }
}

#[test]
fn a_page_is_read_around_a_picture_that_is_damaged() {
    for picture in beyond_repair() {
        let sheet = Sheet::of_size(420.0, 600.0).lines(&NOTE);
        let sheet = sheet.picture(&GrayImage::new(1, 1), [20.0, 50.0, 350.0, 250.0]);
        let page = read(with_stored(sheet, vec![picture.clone()])).unwrap();
        assert_eq!(page.text_source, TextSource::TextLayer);
        assert_eq!(page.text(), NOTE.join("\n"));
        assert_eq!(page.unread, [damaged_at(20.0, 300.0, 370.0, 550.0)], "{picture:?}");
    }
}

/// The first page, with pictures of so many pixels at most.
fn read_within(max_pixels: u64, sheet: Sheet) -> Result<Page, PageError> {
    let document =
        Document::open(sheet.into_pdf(), None, Limits { max_pixels, ..Limits::default() }).unwrap();
    read_page(&mut OcrEngine::english().unwrap(), &document, 1)
}

#[test]
fn a_page_is_read_around_a_picture_that_is_too_large() {
    let large = || GrayImage::new(1500, 1000);
    let small = Sheet::of_size(150.0, 80.0).text(10.0, 40.0, 12.0, "Aspirin 100 mg").draw(150.0);
    let sheet = || Sheet::of_size(420.0, 600.0).picture(&large(), [20.0, 50.0, 200.0, 250.0]);
    let unread = [damaged_at(20.0, 300.0, 220.0, 550.0)];

    let page = read_within(1_000_000, sheet().lines(&NOTE)).unwrap();
    assert_eq!(
        (&page.text_source, page.text(), &page.unread[..]),
        (&TextSource::TextLayer, NOTE.join("\n"), &unread[..])
    );

    let beside = [240.0, 100.0, 150.0, 80.0];
    let page = read_within(1_000_000, sheet().lines(&NOTE).picture(&small, beside)).unwrap();
    assert!(page.text().contains("palpitations") && page.text().contains("Aspirin 100"), "{}", page.text());
    assert_eq!(page.unread, unread);
    let page = read_within(1_000_000, sheet().picture(&small, beside)).unwrap();
    assert!(page.text().contains("Aspirin 100"), "{}", page.text());
    assert_eq!(page.unread, unread);

    // What lies on it could only be drawn with it.
    let page =
        read_within(1_000_000, sheet().lines(&NOTE).picture(&small, [180.0, 100.0, 150.0, 80.0])).unwrap();
    assert_eq!(page.text(), NOTE.join("\n"));
    assert_eq!(page.unread, [damaged_at(20.0, 300.0, 330.0, 550.0)]);

    let logo = Sheet::new().picture(&large(), [20.0, 20.0, 60.0, 40.0]);
    let too_large = PageError::ImageTooLarge { width: 1500, height: 1000, max_pixels: 1_000_000 };
    assert_eq!(read_within(1_000_000, logo.clone()), Err(too_large.clone()));
    assert_eq!(read_within(1_000_000, logo.clone().lines(&NOTE)).unwrap().unread, []);
    assert_eq!(read_within(1_000_000, sheet()), Err(too_large.clone()));
    assert_eq!(read_within(1_000_000, sheet().operators("0 0 m 400 600 l S")), Err(too_large));
}

#[test]
fn the_other_strips_of_a_scan_are_read_if_one_is_damaged() {
    let scan = Sheet::with_note().draw(200.0);
    let (width, height) = scan.dimensions();
    let strip = |n: u32| imageops::crop_imm(&scan, 0, height * n / 3, width, height / 3).to_image();
    let mut sheet = Sheet::new();
    let mut pictures = Vec::new();
    for n in 0..3 {
        sheet = sheet.picture(&strip(n), [0.0, 200.0 - 100.0 * n as f32, 420.0, 100.0]);
        pictures.push(every_way(&strip(n)).remove(0).1);
    }
    pictures[2] = stored(width, height / 3, "DCTDecode", b"nothing".to_vec());
    let page = read(with_stored(sheet, pictures)).unwrap();
    assert!(matches!(page.text_source, TextSource::Ocr { .. }), "{:?}", page.text_source);
    assert!(find(&page, "Metoprolol").bbox.y1 < 100.0);
    assert!(!page.text().contains("dizziness"));
    assert_eq!(page.unread, [damaged_at(0.0, 200.0, 420.0, 300.0)]);
}

#[test]
fn a_page_whose_content_or_picture_is_gone_is_damaged_and_one_without_any_is_blank() {
    let without = |is_lost: fn(&Stream) -> bool| {
        let mut document = document(&[Sheet::new().scan(&GrayImage::new(8, 8))]);
        document.objects.retain(|_, object| !object.as_stream().is_ok_and(is_lost));
        read(save(document))
    };
    let lost = Err(PageError::Damaged { reason: "its content is missing from the file" });
    assert_eq!(without(|stream| stream.dict.has(b"Width")), lost, "the picture");
    assert_eq!(without(|stream| stream.content.ends_with(b"Do Q\n")), lost, "the content");

    let mut bare = document(&[Sheet::new()]);
    let page = bare.page_iter().next().unwrap();
    bare.get_object_mut(page).unwrap().as_dict_mut().unwrap().remove(b"Contents");
    assert_eq!(read(save(bare)).unwrap().text_source, TextSource::Blank);
}

/// A PDF of this page whose pictures are not in it, or are nothing.
fn without_pictures(sheet: Sheet) -> [Vec<u8>; 2] {
    let is_picture = |object: &Object| object.as_stream().is_ok_and(|stream| stream.dict.has(b"Width"));
    let mut absent = document(&[sheet]);
    let mut null = absent.clone();
    absent.objects.retain(|_, object| !is_picture(object));
    null.objects.values_mut().filter(|object| is_picture(object)).for_each(|object| *object = Object::Null);
    [save(absent), save(null)]
}

#[test]
fn it_is_told_where_a_picture_is_that_is_not_in_the_file() {
    let picture = GrayImage::new(8, 8);
    let tall = || Sheet::of_size(420.0, 600.0).lines(&NOTE);
    let unread = [damaged_at(20.0, 300.0, 370.0, 550.0)];
    for file in without_pictures(tall().picture(&picture, [20.0, 50.0, 350.0, 250.0])) {
        let page = read(file).unwrap();
        assert_eq!((&page.text_source, page.text()), (&TextSource::TextLayer, NOTE.join("\n")));
        assert_eq!(page.unread, unread);
    }
    // On a turned page, among other changes of place, beside a logo that says nothing, and cut off by the page's edge.
    let turned = Sheet::new().lines(&NOTE).rotated(90).operators("q 2 0 0 2 -99 -99 cm");
    let turned = turned.picture(&picture, [0.0, 0.0, 9.0, 9.0]).operators("Q q 1 0 0 1 20 20 cm");
    for file in without_pictures(turned.picture(&picture, [-90.0, 0.0, 370.0, 110.0]).operators("Q")) {
        assert_eq!(read(file).unwrap().unread, [damaged_at(20.0, 0.0, 130.0, 300.0)]);
    }
    // A drawing that has its own size may have been anywhere.
    for file in without_pictures(Sheet::new().lines(&NOTE).picture(&picture, [0.0, 0.0, 1.0, 1.0])) {
        assert_eq!(read(file).unwrap().unread, [damaged_at(0.0, 0.0, 420.0, 300.0)]);
    }
}

#[test]
fn pages_that_have_lost_a_picture_repeat_no_other() {
    let sheet = Sheet::new().lines(&NOTE).picture(&GrayImage::new(8, 8), [20.0, 20.0, 350.0, 250.0]);
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
fn a_blank_scan_is_blank() {
    let page =
        read(Sheet::new().scan(&GrayImage::from_pixel(800, 600, image::Luma([255]))).into_pdf()).unwrap();
    assert_eq!((page.text_source, &page.unread[..]), (TextSource::Blank, &[][..]));
}

#[test]
fn a_scan_that_breaks_off_is_read_as_far_as_it_goes() {
    let picture = Sheet::with_note().draw(200.0);
    for (name, mut way) in every_way(&picture) {
        if !["flate.pdf", "lzw.pdf", "run_length.pdf", "hex.pdf"].contains(&name) {
            continue;
        }
        way.content.truncate(way.content.len() * 6 / 10);
        let whole = |stored| with_stored(Sheet::new().scan(&picture), vec![stored]);
        // With a stroke on it, it is not taken as it is but drawn.
        let drawn =
            |stored| with_stored(Sheet::new().scan(&picture).operators("0 0 m 5 5 l S"), vec![stored]);
        for file in [whole(way.clone()), drawn(way)] {
            let page = read(file).unwrap();
            assert!(page.text().contains("Metoprolol 50 mg"), "{name}: {}", page.text());
            let [unread] = &page.unread[..] else { panic!("{name}: {:?}", page.unread) };
            assert_eq!((unread.bbox.x1, unread.bbox.y1), (420.0, 300.0), "{name}");
            // Half of a line may be left of it.
            let lowest = page.words().map(|word| word.bbox.y1).fold(0.0, f32::max);
            assert!((100.0..unread.bbox.y0 + 12.0).contains(&lowest), "{name}: {lowest} {unread:?}");
        }
    }
}

#[test]
fn a_photograph_that_breaks_off_is_read_as_far_as_it_goes() {
    let picture = Sheet::with_note().draw(200.0);
    let whole = crate::make::jpeg(&picture);
    let cut =
        |length: usize| stored(picture.width(), picture.height(), "DCTDecode", whole[..length].to_vec());
    let broken = || cut(whole.len() * 2 / 3);
    let stroke = "0 0 m 5 5 l S";
    for file in [
        with_stored(Sheet::new().scan(&picture), vec![broken()]),
        with_stored(Sheet::new().scan(&picture), vec![within("FlateDecode", broken())]),
        with_stored(Sheet::new().scan(&picture).operators(stroke), vec![broken()]),
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
    // Without the mark of the end alone, nothing is missing.
    let page = read(with_stored(Sheet::new().scan(&picture), vec![cut(whole.len() - 2)])).unwrap();
    assert_eq!(page.unread, []);
}

#[test]
fn gray_at_the_foot_of_a_photograph_is_nothing_missing() {
    let note = Sheet::with_note().draw(200.0);
    let (width, height) = note.dimensions();
    let mut picture = GrayImage::from_pixel(width, height + 200, image::Luma([128]));
    imageops::replace(&mut picture, &note, 0, 0);
    let jpeg = stored(width, height + 200, "DCTDecode", crate::make::jpeg(&picture));
    assert_eq!(read(with_stored(Sheet::new().scan(&picture), vec![jpeg])).unwrap().unread, []);
}
